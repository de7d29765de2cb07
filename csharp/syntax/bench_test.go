package syntax

import (
	"strings"
	"testing"
	"time"
)

func BenchmarkParse(b *testing.B) {
	all := vectors(b)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		size = 0
		for _, v := range all {
			Parse(v.Expr)
			size += len(v.Expr)
		}
	}
	b.SetBytes(int64(size))
	b.ReportMetric(float64(len(all)*b.N)/b.Elapsed().Seconds(), "expressions/s")
}

// hostile are texts that are deep or long, and that must be read or refused in time.
var hostile = map[string]string{
	"parentheses":         "@(" + strings.Repeat("(", 100000) + "1" + strings.Repeat(")", 100000) + ")",
	"open parentheses":    "@(" + strings.Repeat("(", 100000) + ")",
	"casts":               "@(" + strings.Repeat("(a)", 50000) + "b)",
	"unary":               "@(" + strings.Repeat("- ", 100000) + "1)",
	"sum":                 "@(1" + strings.Repeat(" + 1", 100000) + ")",
	"members":             "@(a" + strings.Repeat(".b", 100000) + ")",
	"conditional access":  "@(a" + strings.Repeat("?.b", 100000) + ")",
	"conditionals":        "@(" + strings.Repeat("a ? b : ", 50000) + "c)",
	"type arguments":      "@(" + strings.Repeat("a<", 100000) + "b)",
	"comparisons in list": "@(f(" + strings.Repeat("a<b,", 100000) + "c))",
	"tuples":              "@(" + strings.Repeat("(a, ", 50000) + "b" + strings.Repeat(")", 50000) + ")",
	"lambdas":             "@(" + strings.Repeat("a => ", 100000) + "b)",
	"typed lambdas":       "@(" + strings.Repeat("(int a) => ", 50000) + "b)",
	"blocks":              "@{" + strings.Repeat("{", 100000) + strings.Repeat("}", 100000) + "}",
	"ifs":                 "@{" + strings.Repeat("if (a) ", 50000) + ";}",
	"else ifs":            "@{" + strings.Repeat("if (a) ; else ", 50000) + ";}",
	"labels":              "@{" + strings.Repeat("a: ", 100000) + ";}",
	"statements":          "@{" + strings.Repeat("f(x);\n", 100000) + "}",
	"array type":          "@(new int" + strings.Repeat("[]", 100000) + " { })",
	"nullable":            "@(default(int" + strings.Repeat("?", 100000) + "))",
	"array initialisers":  "@(new int[] " + strings.Repeat("{", 100000) + strings.Repeat("}", 100000) + ")",
	"interpolations":      "@(" + strings.Repeat(`$"{`, 50000) + "1" + strings.Repeat(`}"`, 50000) + ")",
	"holes":               `@($"` + strings.Repeat("{a}", 50000) + `")`,
	"dollars":             "@(" + strings.Repeat("$", 100000) + ")",
	"quotes":              "@(" + strings.Repeat("'", 100000) + ")",
	"strings":             "@(" + strings.Repeat(`"`, 100001) + ")",
	"hashes":              "@(" + strings.Repeat("#", 100000) + ")",
	"is":                  "@(a" + strings.Repeat(" is b", 50000) + ")",
	"is nullable":         "@(a" + strings.Repeat(" is b ?", 50000) + ")",
	"closing":             "@(" + strings.Repeat(")", 100000) + ")",
	"garbage after":       "@(" + strings.Repeat("(a b ", 50000) + ")",
	"unexpected lambdas":  "@(" + strings.Repeat("(1 () => { ", 20000) + ")",
	"unexpected strings":  "@{" + strings.Repeat(`(1 "a" + f(b, b, b, b) `, 20000) + "}",
	"unexpected calls":    "@{" + strings.Repeat("(1 f(a, ", 20000) + "}",
	"unexpected in calls": "@{" + strings.Repeat("f((1 g(a), ", 20000) + "}",
	"queries":             "@(" + strings.Repeat("from a in ", 50000) + "b)",
	"commas":              "@(f(" + strings.Repeat(",", 100000) + "))",
	"switches":            "@{" + strings.Repeat("switch (a) { case 1: ", 50000) + "}",
	"for headers":         "@{" + strings.Repeat("for (int a ) ", 30000) + "}",
	"generic names":       "@{" + strings.Repeat("A<B,", 50000) + "}",
	"new tuples":          "@(" + strings.Repeat("new (a, ", 50000) + ")",
	"local functions":     "@{" + strings.Repeat("int f() { ", 50000) + "}",
	"patterns":            "@(a is " + strings.Repeat("b and ", 50000) + "c)",
	"big number":          "@(" + strings.Repeat("9", 100000) + ")",
	"big decimal":         "@(" + strings.Repeat("9", 100000) + "m)",
	"small decimal":       "@(0." + strings.Repeat("9", 100000) + "e999m)",
	"long double":         "@(" + strings.Repeat("9", 100000) + ".5)",
}

// hostileTime is what one hostile text may take; the slowest of them takes a tenth of it.
const hostileTime = 3 * time.Second

func TestHostileTextsEndInTime(t *testing.T) {
	for name, src := range hostile {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			u, diags := Parse(src)
			if len(diags) == 0 {
				u.Print()
			}
			Match(src, 0)
			if took := time.Since(start); took > hostileTime {
				t.Errorf("Parse and Match of %d bytes took %v, want less than %v", len(src), took, hostileTime)
			}
			if took := time.Since(start); took > hostileTime/20 {
				t.Logf("took %v for %d bytes, %d diagnostics", took, len(src), len(diags))
			}
		})
	}
}
