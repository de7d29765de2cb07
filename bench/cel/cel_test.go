package cel

import (
	"testing"
	"time"

	"cel.dev/cel-go/cel"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

// pairs are the expressions. byHand is the same in Go.
var pairs = []struct {
	name, csharp, cel string
	byHand            func(in *input) any
	want              any
}{
	{"equality", `@(method == "GET")`, `method == "GET"`,
		func(in *input) any { return in.method == "GET" }, true},
	{"logic", `@(method == "POST" || n > 100 && path != "/admin")`, `method == "POST" || n > 100 && path != "/admin"`,
		func(in *input) any { return in.method == "POST" || in.n > 100 && in.path != "/admin" }, true},
	{"arithmetic", `@((n * 3 + m) % 7 == 2)`, `(n * 3 + m) % 7 == 2`,
		func(in *input) any { return (in.n*3+in.m)%7 == 2 }, true},
	{"prefix", `@(path.StartsWith("/api/", StringComparison.Ordinal) && path.EndsWith("/items", StringComparison.Ordinal))`,
		`path.startsWith("/api/") && path.endsWith("/items")`,
		func(in *input) any { return hasPrefix(in.path, "/api/") && hasSuffix(in.path, "/items") }, true},
	{"substring", `@(path.Contains("orders"))`, `path.contains("orders")`,
		func(in *input) any { return contains(in.path, "orders") }, true},
	{"concatenation", `@(method + " " + path + "?" + role)`, `method + " " + path + "?" + role`,
		func(in *input) any { return in.method + " " + in.path + "?" + in.role }, "GET /api/orders/42/items?admin"},
	{"membership", `@(roles.Contains("admin"))`, `"admin" in roles`,
		func(in *input) any { return slicesContains(in.roles, "admin") }, true},
	{"exists", `@(roles.Any(r => r == role))`, `roles.exists(r, r == role)`,
		func(in *input) any { return slicesContains(in.roles, in.role) }, true},
	{"all", `@(numbers.All(x => x > 0 && x < 1000))`, `numbers.all(x, x > 0 && x < 1000)`,
		func(in *input) any { return allWithin(in.numbers, 0, 1000) }, true},
	{"map", `@(headers["x-id"] == "42")`, `headers["x-id"] == "42"`,
		func(in *input) any { return in.headers["x-id"] == "42" }, true},
}

// compileCSharp compiles an expression of Postern and makes a thread with the input.
// A condition is one of a policy, of which a bool is wanted.
func compileCSharp(tb testing.TB, src string, condition bool, in *input) (*csharp.Program, *types.Thread) {
	tb.Helper()
	u := clr.Universe()
	globals := []csharp.Global{
		{Name: "method", Type: types.StringType}, {Name: "path", Type: types.StringType}, {Name: "role", Type: types.StringType},
		{Name: "n", Type: types.Int64Type}, {Name: "m", Type: types.Int64Type},
		{Name: "roles", Type: types.StringArray}, {Name: "numbers", Type: types.ArrayOf(types.Int64Type, 1)},
		{Name: "headers", Type: u.Lookup("System.Collections.Generic.Dictionary", 2).Of(types.StringType, types.StringType)},
	}
	env := csharp.Env{Universe: u, Globals: globals}
	if condition {
		env.Want = types.BoolType
	}
	p, ds := csharp.Compile(src, env)
	if p == nil {
		tb.Fatal(src, ds)
	}
	roles := &types.Array{T: types.StringArray}
	for _, r := range in.roles {
		roles.Items = append(roles.Items, text(r))
	}
	numbers := &types.Array{T: types.ArrayOf(types.Int64Type, 1)}
	for _, n := range in.numbers {
		numbers.Items = append(numbers.Items, types.Int(n))
	}
	t := &types.Thread{U: u, Globals: []types.Value{text(in.method), text(in.path), text(in.role), types.Int(in.n), types.Int(in.m),
		types.Ref(roles), types.Ref(numbers), dictionary(tb, u, in.headers)}}
	return p, t
}

func text(s string) types.Value { return types.Ref(types.NewString(s)) }

// dictionary makes a Dictionary<string, string> as an expression does.
func dictionary(tb testing.TB, u *types.Universe, of map[string]string) types.Value {
	src := "@{ var d = new Dictionary<string, string>();"
	for k, v := range of {
		src += "d[\"" + k + "\"] = \"" + v + "\";"
	}
	p, ds := csharp.Compile(src+" return d; }", csharp.Env{Universe: u})
	if p == nil {
		tb.Fatal(ds)
	}
	t := &types.Thread{U: u}
	t.Start(budget)
	v, err := p.Run(t)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// budget is the gateway's own.
var budget = types.Budget{Steps: 200_000_000, Bytes: 256 << 20, Depth: 400, Time: 5 * time.Second}

func runCSharp(p *csharp.Program, t *types.Thread) (types.Value, error) {
	t.Start(budget)
	return p.Run(t)
}

// compileCEL compiles an expression of CEL and makes its activation.
func compileCEL(tb testing.TB, src string, in *input) (cel.Program, cel.Activation) {
	tb.Helper()
	env, err := cel.NewEnv(
		cel.Variable("method", cel.StringType), cel.Variable("path", cel.StringType), cel.Variable("role", cel.StringType),
		cel.Variable("n", cel.IntType), cel.Variable("m", cel.IntType),
		cel.Variable("roles", cel.ListType(cel.StringType)), cel.Variable("numbers", cel.ListType(cel.IntType)),
		cel.Variable("headers", cel.MapType(cel.StringType, cel.StringType)))
	if err != nil {
		tb.Fatal(err)
	}
	ast, issues := env.Compile(src)
	if issues.Err() != nil {
		tb.Fatal(issues.Err())
	}
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		tb.Fatal(err)
	}
	vars, err := cel.NewActivation(map[string]any{"method": in.method, "path": in.path, "role": in.role, "n": in.n, "m": in.m,
		"roles": in.roles, "numbers": in.numbers, "headers": in.headers})
	if err != nil {
		tb.Fatal(err)
	}
	return p, vars
}

// TestSameResults holds the three to one result.
func TestSameResults(t *testing.T) {
	for _, tt := range pairs {
		t.Run(tt.name, func(t *testing.T) {
			in := newInput()
			p, thread := compileCSharp(t, tt.csharp, tt.want == true, in)
			v, err := runCSharp(p, thread)
			if err != nil {
				t.Fatal(err)
			}
			ours := types.Box(p.Result(), v)
			if s, ok := ours.(*types.String); ok {
				ours = s.Go()
			}
			q, vars := compileCEL(t, tt.cel, in)
			theirs, _, err := q.Eval(vars)
			if err != nil {
				t.Fatal(err)
			}
			if byHand := tt.byHand(in); ours != tt.want || theirs.Value() != tt.want || byHand != tt.want {
				t.Errorf("C# %v, CEL %v, Go %v; want %v", ours, theirs.Value(), byHand, tt.want)
			}
		})
	}
}

// BenchmarkExpressions runs each in C#, in CEL and in Go.
func BenchmarkExpressions(b *testing.B) {
	for _, bb := range pairs {
		in := newInput()
		b.Run(bb.name+"/csharp", func(b *testing.B) {
			p, t := compileCSharp(b, bb.csharp, bb.want == true, in)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := runCSharp(p, t); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bb.name+"/cel", func(b *testing.B) {
			p, vars := compileCEL(b, bb.cel, in)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := p.Eval(vars); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bb.name+"/go", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if bb.byHand(in) != bb.want {
					b.Fatal("another result")
				}
			}
		})
	}
}
