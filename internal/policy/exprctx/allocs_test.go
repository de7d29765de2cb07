package exprctx_test

import (
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/pki/cert"
)

// What policies ask of each request must not cost memory each time.
func TestReadingMembersAllocatesNothing(t *testing.T) {
	client := certificate(t, "client-01")
	in := request(t, client, lenient{true, true}, apim.Certificate{ID: "c", Identity: &cert.Identity{Certificate: client}})
	in.Route = policy.Route{API: &apim.API{ID: "api", Name: "n"}, Operation: &apim.Operation{ID: "op", Method: "GET"}}
	x := policy.NewRun(in)
	x.Variables.Set("v", types.NewString("x"))
	language := exprctx.NewLanguage(types.Budget{})
	for _, code := range []string{
		`@(context.Request.Method == "GET")`,
		`@(context.Request.Url.Path == "/x" || context.Request.Url.QueryString == "?x")`,
		`@(context.Request.Headers.GetValueOrDefault("Accept", "") == "x")`,
		`@(context.Request.Certificate == null)`,
		`@(context.Request.Certificate.Thumbprint == "X")`,
		`@(context.Request.Certificate.Issuer == "X" || context.Request.Certificate.Subject == "X")`,
		`@(context.Request.Certificate.SubjectName.Name == "X")`,
		`@(context.Request.Certificate.SerialNumber == "X")`,
		`@(context.Request.Certificate.NotAfter < context.Timestamp)`,
		`@(context.Request.Certificate.Verify())`,
		`@(context.Request.Certificate.VerifyNoRevocation())`,
		`@(context.Deployment.Certificates.ContainsKey("X"))`,
		`@(context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))`,
		`@(context.Deployment.Region == "X" || context.Api.Id == "X" || context.Operation.Id == "X")`,
		`@(context.Variables.ContainsKey("v") && (string)context.Variables["v"] == "y")`,
		`@(context.Response == null || context.LastError == null || context.User == null)`,
		`@(context.RequestId == context.RequestId)`,
	} {
		t.Run(code, func(t *testing.T) {
			e, ds := language.Compile(code, policy.WantBool, nil)
			if e == nil {
				t.Fatal(ds)
			}
			n := testing.AllocsPerRun(100, func() {
				if _, err := e.Bool(x); err != nil {
					t.Fatal(err)
				}
			})
			if n != 0 {
				t.Errorf("%v allocations; want none", n)
			}
		})
	}
}
