package bind

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/source"
)

// FuzzBind sees that no text makes the binder panic or run for long, and that a text is either bound or refused with a mistake.
func FuzzBind(f *testing.F) {
	for i, v := range vectors(f) {
		if i%40 == 0 && len(v.Expr) < 2000 {
			f.Add(v.Expr)
		}
	}
	f.Add("@{ T F<T>(T t) => F(new List<T> { t }).First(); return F(1); }")
	f.Add("@{ Func<int, Func<int, Func<int, int>>> f = a => b => c => a + b + c; return f(1)(2)(3); }")
	env := recordedEnv(f)
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 20000 {
			t.Skip("long texts are tested by TestLongTexts")
		}
		start := time.Now()
		unit, ds := syntax.Parse(src)
		env := env
		env.Parse = ds
		p, more := Bind(unit, env)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
		if p == nil && !source.Errors(ds) && !source.Errors(more) {
			t.Errorf("neither a program nor a mistake: %q", src)
		}
		for _, d := range more {
			if d.Code == "PST2999" {
				t.Errorf("%s: %q", d.Message, src)
			}
		}
	})
}

// Texts whose binding could take more than linear time or stack, if it were done carelessly.
func TestLongTexts(t *testing.T) {
	env := recordedEnv(t)
	nest := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	for name, src := range map[string]string{
		"a sum of thousands":     "@(1" + strings.Repeat(" + 1", 7000) + ")",
		"a text of thousands":    "@(\"a\"" + strings.Repeat(" + context.Request.Method", 7000) + ")",
		"nested calls":           "@(" + nest("Math.Max(1, ", "2", ")", 200) + ")",
		"nested lambdas":         "@(" + nest("new[] { 1 }.Select(x%d => ", "1", ").Sum()", 30) + ")",
		"nested overloads":       "@(" + nest("new[] { 1 }.Sum(x%d => ", "1", ")", 25) + ")",
		"chained queries":        "@(new[] { 1 }" + strings.Repeat(".Select(x => x + 1).Where(x => x > 0)", 300) + ".Sum())",
		"nested blocks":          "@{" + nest("{ if (context.Tracing) ", "return 1;", "}", 100) + " return 2; }",
		"polymorphic recursion":  "@{ int F<T>(T t, int n) => n == 0 ? 0 : F(new List<T> { t }, n - 1); return F(1, 5); }",
		"many locals":            "@{" + strings.Repeat("{ int a = 1; a++; }", 2000) + " return 1; }",
		"many branches":          "@{ int x; " + strings.Repeat("if (context.Tracing) x = 1; else x = 2; ", 2000) + " return x; }",
		"nested conditionals":    "@(" + nest("context.Tracing ? ", "1", " : 2", 200) + ")",
		"nested null-conditions": "@(\"a\"" + strings.Repeat("?.Trim()", 200) + ")",
	} {
		for strings.Contains(src, "%d") {
			src = strings.Replace(src, "%d", strings.Repeat("y", strings.Count(src, "%d")), 1)
		}
		start := time.Now()
		p, d := compile(src, env)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
		if p == nil && d == nil {
			t.Errorf("%s: neither a program nor a mistake", name)
		}
		if d != nil && name != "polymorphic recursion" && !strings.HasPrefix(d.Code, "CS8078") {
			t.Errorf("%s: %s %s", name, d.Code, d.Message)
		}
	}
}

func BenchmarkTypicalExpressions(b *testing.B) {
	env := recordedEnv(b)
	srcs := []string{
		`@(context.Request.Headers.GetValueOrDefault("X-Id", "none").Split(',').First().Trim())`,
		`@(context.Request.Certificate != null && context.Request.Certificate.Thumbprint == "ABC" && context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))`,
		`@{ var body = context.Request.Body.As<JObject>(preserveContent: true); var id = (string)body["id"]; if (string.IsNullOrEmpty(id)) { return "none"; } return new JObject(new JProperty("id", id), new JProperty("at", DateTime.UtcNow.ToString("o"))).ToString(); }`,
		`@(((IResponse)context.Variables["r"]).Body.As<JObject>()["value"].ToString())`,
	}
	for i := 0; b.Loop(); i++ {
		if p, d := compile(srcs[i%len(srcs)], env); p == nil {
			b.Fatal(d)
		}
	}
}

// One universe serves many goroutines; its member tables are made by whoever asks first.
func TestConcurrentBinding(t *testing.T) {
	env := recordedEnv(t)
	all := vectors(t)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := g; i < len(all); i += 40 {
				compile(all[i].Expr, env)
			}
		})
	}
	wg.Wait()
}
