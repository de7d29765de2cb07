package exprctx_test

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/pki/cert"
)

// A query that becomes a look-up has the result of the walk, which another spelling of the same predicate forces.
func TestLookupsGiveWhatWalksGive(t *testing.T) {
	client, other := certificate(t, "client-01"), certificate(t, "dev-root")
	entity := func(id string, c *cert.Certificate) apim.Certificate {
		return apim.Certificate{ID: id, Identity: &cert.Identity{Certificate: c}}
	}
	tests := []struct{ name, fast, walk string }{
		{"any", `.Any(c => c.Value.Thumbprint == K)`, `.Any(c => !(c.Value.Thumbprint != K))`},
		{"first", `.First(c => c.Value.Thumbprint == K).Key`, `.First(c => !(c.Value.Thumbprint != K)).Key`},
		{"first or default", `.FirstOrDefault(c => K == c.Value.Thumbprint).Key`, `.FirstOrDefault(c => !(c.Value.Thumbprint != K)).Key`},
		{"last", `.Last(c => c.Key == K).Key`, `.Last(c => !(c.Key != K)).Key`},
		{"single of values", `.Values.Single(c => c.Thumbprint == K).Subject`, `.Values.Single(c => !(c.Thumbprint != K)).Subject`},
		{"where", `.Where(c => c.Value.Thumbprint == K).Select(c => c.Key).FirstOrDefault()`, `.Where(c => !(c.Value.Thumbprint != K)).Select(c => c.Key).FirstOrDefault()`},
		{"count", `.Count(c => c.Value.Thumbprint == K && c.Value.Subject != "x")`, `.Count(c => !(c.Value.Thumbprint != K) && c.Value.Subject != "x")`},
		{"the rest decides", `.Any(c => c.Key == K && c.Value.Subject == "x")`, `.Any(c => !(c.Key != K) && c.Value.Subject == "x")`},
		{"name of the query", `.Where(c => c.Key == K).GetType().Name`, `.Where(c => !(c.Key != K)).GetType().Name`},
	}
	keys := map[string]string{"client's": "context.Request.Certificate.Thumbprint", "constant": `"x"`, "null": "(string)null", "failing": `context.Request.Headers["none"][0]`,
		"other's": `"` + other.Thumbprint() + `"`}
	language := exprctx.NewLanguage(types.Budget{})
	for size, list := range [][]apim.Certificate{nil, {entity("a", other)}, {entity("a", other), entity("b", client), entity("c", client)}} {
		x := policy.NewRun(request(t, client, lenient{}, list...))
		for _, tt := range tests {
			for name, key := range keys {
				var out [2]string
				for i, body := range []string{tt.fast, tt.walk} {
					code := "@(context.Deployment.Certificates" + strings.ReplaceAll(strings.ReplaceAll(body, "== K", "== "+key), "K ==", key+" ==")
					code = strings.ReplaceAll(code, "!= K", "!= "+key) + ")"
					e, ds := language.Compile(code, policy.WantAny, nil)
					if e == nil {
						t.Fatal(code, ds)
					}
					text, _, err := e.Text(x)
					out[i] = text
					if err != nil {
						out[i] = err.Error()
					}
				}
				if out[0] != out[1] {
					t.Errorf("%s by %s key among %d: %q; a walk gives %q", tt.name, name, size, out[0], out[1])
				}
			}
		}
	}
}
