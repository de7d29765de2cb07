package csharp_test

import (
	"testing"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// A stand-in for the host's context, as far as the documented conditions on client certificates look into it.
type (
	benchContext struct{ request *benchRequest }
	benchRequest struct{ certificate *benchCert }
	benchCert    struct {
		thumbprint *types.String
		ok         bool
	}
)

var benchDecls = []*types.Decl{
	types.T("class Bench.Certificate",
		types.M("bool Verify()", types.I0(func(c *benchCert) bool { return c.ok })),
		types.M("string Thumbprint { get; }", types.I0(func(c *benchCert) *types.String { return c.thumbprint }))),
	types.T("class Bench.Request",
		types.M("Bench.Certificate Certificate { get; }", types.I0(func(r *benchRequest) *benchCert { return r.certificate }))),
	types.T("class Bench.Context",
		types.M("Bench.Request Request { get; }", types.I0(func(c *benchContext) *benchRequest { return c.request }))),
}

// benchPrograms are run by BenchmarkRun; those of the first group must not allocate.
var benchPrograms = []struct {
	name, src string
	allocates bool
}{
	{"certificate", `@(context.Request.Certificate == null || !context.Request.Certificate.Verify() || context.Request.Certificate.Thumbprint != "AB")`, false},
	{"null test", `@(context.Request.Certificate == null)`, false},
	{"predicate", `@{ System.Func<Bench.Certificate, bool> f = c => c.Thumbprint == context.Request.Certificate.Thumbprint; return f(context.Request.Certificate); }`, true},
	{"loop of 1000", `@{ int s = 0; for (int i = 0; i < 1000; i++) { s += i * 3; } return s == 1498500; }`, false},
	{"long loop of 1000", `@{ long s = 0; for (long i = 0; i < 1000; i++) { if (i % 2 == 0) s += i; else s -= 1; } return s > 0; }`, false},
	{"double loop of 1000", `@{ double s = 0; for (int i = 0; i < 1000; i++) { s += i * 0.5; } return s > 0; }`, false},
	{"fib 15", `@{ int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2); return Fib(15) == 610; }`, false},
	{"concatenation", `@{ string s = ""; for (int i = 0; i < 100; i++) { s += "ab"; } return s == "x"; }`, true},
	{"exception", `@{ try { throw new System.Exception("x"); } catch (System.Exception e) { return e.Message == "x"; } }`, true},
}

func benchProgram(b testing.TB, src string) (*csharp.Program, *types.Thread) {
	b.Helper()
	u := clr.Universe().With(benchDecls...)
	env := csharp.Env{Universe: u, Want: types.BoolType, Globals: []csharp.Global{{Name: "context", Type: u.Type("Bench.Context")}}}
	p, diags := csharp.Compile(src, env)
	if p == nil {
		b.Fatal(diags)
	}
	ctx := &benchContext{&benchRequest{&benchCert{types.NewString("AB"), true}}}
	t := &types.Thread{U: u, Globals: []types.Value{types.Ref(ctx)}}
	return p, t
}

func BenchmarkRun(b *testing.B) {
	for _, bb := range benchPrograms {
		b.Run(bb.name, func(b *testing.B) {
			p, t := benchProgram(b, bb.src)
			b.ReportAllocs()
			for b.Loop() {
				t.Start(types.Budget{Steps: 1 << 30})
				if _, err := p.Run(t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	u := clr.Universe().With(benchDecls...)
	env := csharp.Env{Universe: u, Globals: []csharp.Global{{Name: "context", Type: u.Type("Bench.Context")}}}
	b.ReportAllocs()
	for b.Loop() {
		csharp.Compile(benchPrograms[0].src, env)
	}
}

// TestAllocations holds the usual conditions to none.
func TestAllocations(t *testing.T) {
	for _, tt := range benchPrograms {
		if tt.allocates {
			continue
		}
		p, thread := benchProgram(t, tt.src)
		if n := testing.AllocsPerRun(20, func() { p.Run(thread) }); n != 0 {
			t.Errorf("%s allocates %v times", tt.name, n)
		}
	}
}

// documented are the conditions that the documentation of client certificates shows.
var documented = []struct{ name, src string }{
	{"thumbprint", `@(context.Request.Certificate == null || !context.Request.Certificate.Verify() || context.Request.Certificate.Thumbprint != "DESIRED-THUMBPRINT-IN-UPPER-CASE")`},
	{"issuer and subject", `@(context.Request.Certificate == null || !context.Request.Certificate.VerifyNoRevocation() || context.Request.Certificate.Issuer != "trusted-issuer" || context.Request.Certificate.SubjectName.Name != "expected-subject-name")`},
	{"uploaded", `@(context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))`},
	{"header", `@(context.Request.Headers.GetValueOrDefault("X-Number", "") == "1234")`},
	{"variable", `@((string)context.Variables["str"] == "hello")`},
}

// BenchmarkDocumented runs them in the context of package exprctx.
func BenchmarkDocumented(b *testing.B) {
	for _, bb := range documented {
		b.Run(bb.name, func(b *testing.B) {
			env, t, err := contextOf(vector{})
			if err != nil {
				b.Skip(err)
			}
			env.Want = types.BoolType
			p, diags := csharp.Compile(bb.src, env)
			if p == nil {
				b.Fatal(diags)
			}
			b.ReportAllocs()
			for b.Loop() {
				t.Start(evalBudget)
				if _, err := p.Run(t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
