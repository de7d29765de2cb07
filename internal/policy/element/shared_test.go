package element_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/jwt"
	"github.com/postern-gateway/postern/internal/policy/memory"
)

var _ policy.Keeper = fakeGateway{}

// requestPart names the part of a file's nth request.
func requestPart(n int) string {
	if n == 1 {
		return "request"
	}
	return fmt.Sprintf("request-%d", n)
}

// Shared is what the requests of a file share; none with "forgetful" in its setup.
func (g fakeGateway) Shared() *policy.Shared {
	if _, forgetful := g.p.setup["forgetful"]; forgetful {
		return nil
	}
	if g.p.shared == nil {
		at, _ := time.Parse(time.RFC3339, g.p.one("now"))
		g.p.shared = &policy.Shared{Cache: memory.NewCache(1 << 20), Limits: memory.NewLimits(),
			OpenID: jwt.NewSource(g, func() time.Time { return at })}
		g.t.Cleanup(g.p.shared.Cache.Close)
	}
	return g.p.shared
}

// RoundTrip answers for OpenID providers with the parts named by the address.
func (g fakeGateway) RoundTrip(r *http.Request) (*http.Response, error) {
	text, ok := g.p.parts[r.URL.String()]
	fmt.Fprintf(&g.p.out, "  (fetched %s)\n", r.URL)
	if !ok {
		return nil, errors.New("the test has no such document")
	}
	return &http.Response{StatusCode: 200, Status: "200 OK", Request: r, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// TestForgetful shows that a gateway without a memory keeps and counts nothing: rehearsals have no effect.
func TestForgetful(t *testing.T) {
	for _, e := range []string{
		`<cache-store-value key="k" value="v" duration="60" /><cache-lookup-value key="k" variable-name="v" />`,
		`<rate-limit-by-key calls="0" renewal-period="60" counter-key="k" />`,
		`<quota-by-key calls="0" renewal-period="300" counter-key="k" />`,
	} {
		p := &pipeline{setup: map[string][]string{"forgetful": {""}}, parts: map[string]string{
			"request":       "GET https://api.test/\n",
			"operation.xml": `<policies><inbound>` + e + `<return-response><set-status code="@(context.Variables.ContainsKey("v") ? 500 : 204)" reason="fine" /></return-response></inbound></policies>`,
		}}
		if got := p.run(t); !strings.Contains(got, "204 fine") {
			t.Errorf("%s gives\n%s", e, got)
		}
	}
}
