package exprctx_test

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/gateway"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// judged is a gateway that judges certificates as the product's does.
type judged struct {
	gateway.Judge
	lenient
}

func (g judged) VerifyPeer(ctx context.Context, p *message.Peer, r bool) policy.Verdict {
	return g.Judge.VerifyPeer(ctx, p, r)
}
func (g judged) VerifyCertificate(ctx context.Context, c *cert.Certificate, r bool) policy.Verdict {
	return g.Judge.VerifyCertificate(ctx, c, r)
}

// verifiedRun is a request of a client whose certificate a root signed that the gateway trusts, with a revocation list that
// was fetched and both verdicts given already; and n certificates uploaded, the client's the last of them.
func verifiedRun(tb testing.TB, n int) *policy.Run {
	tb.Helper()
	host, root := testkit.NewCRLHost(tb), testkit.NewRoot(tb, "root")
	client := root.NewClient(tb, "client", testkit.CRL(host.URL+"/crl"))
	host.Put("/crl", root.SignCRL(tb))
	checker := revocation.NewChecker(revocation.Options{Fetcher: revocation.NewFetcher(revocation.FetchOptions{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})})
	trust := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool([]*cert.Certificate{root.Cert(tb)}), Intermediates: chain.NewPool(nil), Revocation: checker})
	leaf := client.Cert(tb)
	uploaded := make([]apim.Certificate, 0, n)
	for i := range n - 1 {
		uploaded = append(uploaded, apim.Certificate{ID: fmt.Sprint("c", i), Identity: &cert.Identity{Certificate: otherThan(leaf, i)}})
	}
	uploaded = append(uploaded, apim.Certificate{ID: "client", Identity: &cert.Identity{Certificate: leaf}})
	in := request(tb, leaf, judged{Judge: gateway.NewJudge(trust, chain.NewCache(0))}, uploaded...)
	in.Gateway.(judged).Begin(in.Exchange.Conn.TLS.Peer)
	x := policy.NewRun(in)
	if full, bare := x.VerifyPeer(true), x.VerifyPeer(false); !full.OK || !bare.OK {
		tb.Fatalf("verdicts %+v and %+v; want both good", full, bare)
	}
	return x
}

// otherThan is a certificate that has another thumbprint than c, and than those of other numbers.
func otherThan(c *cert.Certificate, number int) *cert.Certificate {
	other, err := cert.Parse(c.Raw)
	if err != nil {
		panic(err)
	}
	other.SHA1[0], other.SHA1[1], other.SHA1[2] = ^c.SHA1[0], byte(number>>8), byte(number)
	return other
}

// condition is the code of the condition in a documented policy, with what the client in verifiedRun has for the
// placeholders, so that each comparison is made.
func condition(tb testing.TB, file string, c *cert.Certificate) string {
	tb.Helper()
	_, rest, _ := strings.Cut(readFile(tb, filepath.Join("seed", file)), `condition="`)
	code, _, ok := strings.Cut(rest, `" >`)
	if !ok {
		tb.Fatalf("%s has no condition", file)
	}
	return strings.NewReplacer("trusted-issuer", c.Issuer.String(), "expected-subject-name", c.Subject.String(),
		"DESIRED-THUMBPRINT-IN-UPPER-CASE", c.Thumbprint()).Replace(code)
}

// compiled is the expression, and a check that it gives want.
func compiled(tb testing.TB, x *policy.Run, code string, want bool) policy.Expression {
	tb.Helper()
	e, ds := exprctx.NewLanguage(types.Budget{}).Compile(code, policy.WantBool, nil)
	if e == nil {
		tb.Fatal(ds)
	}
	if got, err := e.Bool(x); err != nil || got != want {
		tb.Fatalf("%s = %v, %v; want %v, nil", code, got, err, want)
	}
	return e
}

func benchmarkBool(b *testing.B, x *policy.Run, code string, want bool) {
	e := compiled(b, x, code, want)
	b.ReportAllocs()
	for b.Loop() {
		if got, err := e.Bool(x); err != nil || got != want {
			b.Fatal(got, err)
		}
	}
}

// dotnet are figures of real .NET, compiled, on another machine, without Verify(), which takes 250,000 ns a call there:
// nanoseconds, and bytes if they are known.
var dotnet = map[string][2]float64{"thumbprint": {22, 0}, "issuer-subject": {9, 24}, "uploaded": {164, 349}}

// BenchmarkDocumented runs the conditions of the documented policies on a request whose certificate was verified before and
// lets it in. The figure of .NET stands beside it.
func BenchmarkDocumented(b *testing.B) {
	for _, name := range []string{"thumbprint", "issuer-subject", "uploaded"} {
		for _, suffix := range []string{"", "-no-revocation"} {
			b.Run(name+suffix, func(b *testing.B) {
				x := verifiedRun(b, 3)
				benchmarkBool(b, x, condition(b, name+suffix+".xml", x.Peer().Leaf), false)
				if figure := dotnet[name]; figure[0] > 0 {
					b.ReportMetric(figure[0], "dotnet-ns/op")
				}
			})
		}
	}
}

// BenchmarkDocumentedByHand is the second of the conditions, in Go.
func BenchmarkDocumentedByHand(b *testing.B) {
	x := verifiedRun(b, 3)
	want := x.Peer().Leaf.Thumbprint()
	b.ReportAllocs()
	for b.Loop() {
		if p := x.Peer(); p == nil || !x.VerifyPeer(true).OK || p.Leaf.Thumbprint() != want {
			b.Fatal("refused")
		}
	}
}

const lookup = "context.Deployment.Certificates."

// lookups are ways to find the client's certificate among those uploaded.
var lookups = []struct{ name, code string }{
	{"Any", `@(` + lookup + `Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))`},
	{"Any of two conditions", `@(` + lookup + `Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint && c.Value.HasPrivateKey == false))`},
	{"First", `@(` + lookup + `First(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint).Key != "")`},
	{"FirstOrDefault", `@(` + lookup + `FirstOrDefault(c => context.Request.Certificate.Thumbprint == c.Value.Thumbprint).Value != null)`},
	{"Where", `@(` + lookup + `Where(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint).Any())`},
	{"Count", `@(` + lookup + `Count(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint) == 1)`},
	{"by variable", `@{ var t = context.Request.Certificate.Thumbprint; return ` + lookup + `Any(c => c.Value.Thumbprint == t); }`},
	{"Values", `@(` + lookup + `Values.Any(c => c.Thumbprint == context.Request.Certificate.Thumbprint))`},
	{"ContainsKey", `@(` + lookup + `ContainsKey(context.Request.Certificate.Thumbprint))`},
}

// BenchmarkLookup finds the client's certificate among 10,000.
func BenchmarkLookup(b *testing.B) {
	x := verifiedRun(b, 10_000)
	for _, bb := range lookups {
		b.Run(bb.name, func(b *testing.B) { benchmarkBool(b, x, bb.code, true) })
	}
}

// BenchmarkContext reads what policies read most.
func BenchmarkContext(b *testing.B) {
	x := verifiedRun(b, 1)
	x.Variables.Set("v", types.NewString("x"))
	for _, bb := range []struct {
		name, code string
		want       bool
	}{
		{"header", `@(context.Request.Headers.GetValueOrDefault("Accept", "") == "text/plain")`, true},
		{"variable", `@((string)context.Variables["v"] == "x")`, true},
		{"path and query", `@(context.Request.Url.Path == "/orders/42" && context.Request.Url.Query.GetValueOrDefault("page") == "2")`, true},
		{"method", `@(context.Request.Method == "GET")`, true},
	} {
		b.Run(bb.name, func(b *testing.B) { benchmarkBool(b, x, bb.code, bb.want) })
	}
}
