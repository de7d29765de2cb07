package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// shape writes how an expression is put together: operators and casts in
// brackets, everything else as it prints.
func shape(x Expr) string {
	switch x := x.(type) {
	case *BinaryExpr:
		return fmt.Sprintf("[%s %s %s]", shape(x.X), x.Op, shape(x.Y))
	case *AssignExpr:
		return fmt.Sprintf("[%s %s= %s]", shape(x.X), strings.TrimSuffix(x.Op.String(), "="), shape(x.Y))
	case *UnaryExpr:
		return fmt.Sprintf("[%s%s]", x.Op, shape(x.X))
	case *PostfixExpr:
		return fmt.Sprintf("[%s%s]", shape(x.X), x.Op)
	case *CastExpr:
		return fmt.Sprintf("[cast %s %s]", Print(x.Type), shape(x.X))
	case *ConditionalExpr:
		return fmt.Sprintf("[%s ? %s : %s]", shape(x.Cond), shape(x.Then), shape(x.Else))
	case *IsExpr:
		return fmt.Sprintf("[%s istype %s]", shape(x.X), Print(x.Type))
	case *IsPatternExpr:
		return fmt.Sprintf("[%s ispattern %s]", shape(x.X), Print(x.Pattern))
	case *AsExpr:
		return fmt.Sprintf("[%s as %s]", shape(x.X), Print(x.Type))
	case *ParenExpr:
		return "(" + shape(x.X) + ")"
	case *LambdaExpr:
		if x.Body != nil {
			return fmt.Sprintf("[%d => %s]", len(x.Params), shape(x.Body))
		}
	case *ConditionalAccessExpr:
		return fmt.Sprintf("[%s ?then %s]", shape(x.X), shape(x.Rest))
	case *MemberExpr:
		return fmt.Sprintf("%s.%s", shape(x.X), Print(x.Name))
	case *CallExpr:
		var args []string
		for _, a := range x.Args {
			args = append(args, shape(a.Value))
		}
		return fmt.Sprintf("%s(%s)", shape(x.Fun), strings.Join(args, ", "))
	case *Receiver:
		return "it"
	case *ThrowExpr:
		return fmt.Sprintf("[throw %s]", shape(x.X))
	}
	return Print(x)
}

func TestExpressionShapes(t *testing.T) {
	for src, want := range map[string]string{
		// precedence and associativity
		"a + b * c - d":           "[[a + [b * c]] - d]",
		"a || b && c | d ^ e & f": "[a || [b && [c | [d ^ [e & f]]]]]",
		"a == b < c << d + e":     "[a == [b < [c << [d + e]]]]",
		"a ?? b ?? c":             "[a ?? [b ?? c]]",
		"a = b += c":              "[a = [b += c]]",
		"a ? b : c ? d : e":       "[a ? b : [c ? d : e]]",
		"a ?? b ? c : d":          "[[a ?? b] ? c : d]",
		"-a * -b":                 "[[-a] * [-b]]",
		"!a.b":                    "[!a.b]",
		"a >> b >> c":             "[[a >> b] >> c]",
		"a >>= b":                 "[a >>= b]",
		"a > b":                   "[a > b]",
		"- -a++":                  "[-[-[a++]]]",
		"a is b && c as d == e":   "[[a istype b] && [[c as d] == e]]",
		"a is b == c":             "[[a istype b] == c]",
		"a - -1":                  "[a - [-1]]",
		// casts
		"(a)b":              "[cast a b]",
		"(a)-b":             "[(a) - b]",
		"(int)-b":           "[cast int [-b]]",
		"(a)(b)":            "[cast a (b)]",
		"(a)!b":             "[cast a [!b]]",
		"(a)~b":             "[cast a [~b]]",
		"(a.b<c>)d":         "[cast a.b<c> d]",
		"(a[])b":            "[cast a[] b]",
		"(a?)b":             "[cast a? b]",
		"(int?)null":        "[cast int? null]",
		"(a)\"s\"":          "[cast a \"s\"]",
		"(a)new b()":        "[cast a new b()]",
		"(a) is b":          "[(a) istype b]",
		"(a)++":             "[(a)++]",
		"(a).b":             "(a).b",
		"(a)[b]":            "(a)[b]",
		"(a)x => x":         "[cast a [1 => x]]",
		"(x) => x":          "[1 => x]",
		"((a, b))c":         "[cast (a, b) c]",
		"((int, string))c ": "[cast (int, string) c]",
		"(a)(b)c":           "[cast a [cast b c]]",
		"(a)b.c":            "[cast a b.c]",
		"(a)b + c":          "[[cast a b] + c]",
		"(a)from":           "[cast a from]",
		// generics
		"a<b>(c)":        "a<b>(c)",
		"f(a<b, c>(d))":  "f(a<b, c>(d))",
		"f(a<b, c>d)":    "f([a < b], [c > d])",
		"a < b > c":      "[[a < b] > c]",
		"a<b>.c":         "a<b>.c",
		"a < b || c > d": "[[a < b] || [c > d]]",
		"a<b<c>>(d)":     "a<b<c>>(d)",
		"a.b<int>(c)":    "a.b<int>(c)",
		"a<b>c":          "[[a < b] > c]",
		"(a < b)":        "([a < b])",
		"a<b[]>(c)":      "a<b[]>(c)",
		// conditional access and conditional
		"a?.b":         "[a ?then it.b]",
		"a?.b.c(d)":    "[a ?then it.b.c(d)]",
		"a?.b?.c":      "[a ?then [it.b ?then it.c]]",
		"a?[b].c":      "[a ?then [b].c]",
		"a ?.5:b":      "[a ? .5 : b]",
		"a?.b ?? c":    "[[a ?then it.b] ?? c]",
		"a ? (b) : c":  "[a ? (b) : c]",
		"a ? b?.c : d": "[a ? [b ?then it.c] : d]",
		// is and patterns
		"a is int b":        "[a ispattern int b]",
		"a is var b":        "[a ispattern var b]",
		"a is null":         "[a ispattern null]",
		"a is 1 + 2":        "[a ispattern 1 + 2]",
		"a is -1":           "[a ispattern -1]",
		"a is b.c":          "[a istype b.c]",
		"a is b<c> d":       "[a ispattern b<c> d]",
		"a is b ? c : d":    "[[a istype b] ? c : d]",
		"a is b? ? c : d":   "[[a istype b?] ? c : d]",
		"a is int? ? c : d": "[[a istype int?] ? c : d]",
		"a is b c && d":     "[[a ispattern b c] && d]",
		"a is b _":          "[a ispattern b _]",
		"a is b[] c":        "[a ispattern b[] c]",
		"a is (b, c) d":     "[a ispattern (b, c) d]",
		"a as b ? c : d":    "[[a as b] ? c : d]",
		"a as b?":           "[a as b?]",
		"a as int? ?? b":    "[[a as int?] ?? b]",
		"(a as b)?.c":       "[([a as b]) ?then it.c]",
		// throw
		"a ?? throw b":    "[a ?? [throw b]]",
		"a ? throw b : c": "[a ? [throw b] : c]",
		"a ? b : throw c": "[a ? b : [throw c]]",
		"() => throw a":   "[0 => [throw a]]",
		// contextual keywords that are names
		"var + dynamic":    "[var + dynamic]",
		"from + select":    "[from + select]",
		"await":            "await",
		"when.where(into)": "when.where(into)",
		"nameof(a.b)":      "nameof(a.b)",
		"async":            "async",
		"a.from":           "a.from",
		"not + and - or":   "[[not + and] - or]",
		// lambdas
		"x => y => x + y":            "[1 => [1 => [x + y]]]",
		"(x, y) => x":                "[2 => x]",
		"(int x, ref a.b<c> y) => x": "[2 => x]",
		"() => a":                    "[0 => a]",
		"x => a = b":                 "[1 => [a = b]]",
		"a = x => b":                 "[a = [1 => b]]",
		"a ? x => b : c":             "[a ? [1 => b] : c]",
	} {
		x, diags := ParseExpression(src)
		if len(diags) > 0 {
			t.Errorf("%s: reports %s %s at %v", src, diags[0].Code, diags[0].Message, diags[0].Span)
			continue
		}
		if got := shape(x); got != want {
			t.Errorf("%s has the shape %s, want %s", src, got, want)
		}
	}
}

func TestTreesKeepWhatTheBinderNeeds(t *testing.T) {
	parse := func(src string) Expr {
		x, diags := ParseExpression(src)
		if len(diags) > 0 {
			t.Fatalf("%s: reports %v", src, diags[0])
		}
		return x
	}
	a := parse("new int[2][,]").(*NewArrayExpr)
	if inner := a.Type.Elem.(*ArrayType); a.Type.Rank != 1 || inner.Rank != 2 || len(a.Sizes) != 1 {
		t.Errorf("new int[2][,] has type %s with ranks %d, %d", Print(a.Type), a.Type.Rank, inner.Rank)
	}
	if n := parse("new a { b = { c = 1 }, [d] = e }").(*NewExpr); n.HasArgs || n.Init.Kind != ObjectInit || len(n.Init.Elems) != 2 {
		t.Errorf("object initialiser is %+v", n.Init)
	}
	if n := parse("new a { { b, c }, d }").(*NewExpr); n.Init.Kind != CollectionInit || n.Init.Elems[0].(*InitExpr).Kind != ElementsInit {
		t.Errorf("collection initialiser is %+v", n.Init)
	}
	if n := parse("new a { }").(*NewExpr); n.Init.Kind != ObjectInit {
		t.Errorf("empty initialiser is %+v", n.Init)
	}
	if args := parse("f(a: b, ref c, out var d, out int _, in e)").(*CallExpr).Args; args[0].Name.Name != "a" || args[1].Ref != ByRef ||
		args[2].Value.(*DeclarationExpr).Vars.(*SingleVar).Name != "d" || args[4].Ref != ByIn {
		t.Errorf("arguments are %+v", args)
	}
	if x := parse("a, b").(*TupleExpr); len(x.Elems) != 2 {
		t.Errorf("a, b is %+v", x)
	}
	if x := parse("global::System.Math.Max(1, 2)").(*CallExpr).Fun.(*MemberExpr).X.(*MemberExpr).X.(*AliasExpr); x.Alias.Name != "global" {
		t.Errorf("alias is %+v", x)
	}
	if d := parse("delegate { }").(*AnonymousMethodExpr); d.HasParams {
		t.Errorf("delegate { } has parameters")
	}
	if x, ok := ExprOf(parse("a is b.c<d>").(*IsExpr).Type); !ok || Print(x) != "b.c<d>" {
		t.Errorf("ExprOf(b.c<d>) = %v, %v", x, ok)
	}
	b, _ := ParseBlock("IEnumerable<int> F() { yield return 1; } int G() { F(() => { yield return 2; }); return 1; }")
	if f, g := b.Stmts[0].(*LocalFunc), b.Stmts[1].(*LocalFunc); !f.Yields || g.Yields {
		t.Errorf("F yields: %v, G yields: %v, want true, false", f.Yields, g.Yields)
	}
}

func TestStatementsParseTo(t *testing.T) {
	for src, want := range map[string]string{
		"a b;":                              "*syntax.LocalDecl",
		"a.b<c>[] d = e;":                   "*syntax.LocalDecl",
		"a? b = c;":                         "*syntax.LocalDecl",
		"(int, string) a = b;":              "*syntax.LocalDecl",
		"int[] a = { 1, 2 };":               "*syntax.LocalDecl",
		"const int a = 1;":                  "*syntax.LocalDecl",
		"ref int a = ref b;":                "*syntax.LocalDecl",
		"var a = 1, b = 2;":                 "*syntax.LocalDecl",
		"var (a, b) = c;":                   "*syntax.ExprStmt",
		"(a, b) = c;":                       "*syntax.ExprStmt",
		"(int a, var b) = c;":               "*syntax.ExprStmt",
		"var(a);":                           "*syntax.ExprStmt",
		"int.Parse(a);":                     "*syntax.ExprStmt",
		"a<b>.c();":                         "*syntax.ExprStmt",
		"a.b[c] = d;":                       "*syntax.ExprStmt",
		"yield = 1;":                        "*syntax.ExprStmt",
		"yield return 1;":                   "*syntax.YieldStmt",
		"yield break;":                      "*syntax.YieldStmt",
		"yield: ;":                          "*syntax.LabeledStmt",
		"await = 1;":                        "*syntax.ExprStmt",
		"checked { }":                       "*syntax.CheckedStmt",
		"checked(a).b();":                   "*syntax.ExprStmt",
		"default(a).b();":                   "*syntax.ExprStmt",
		"int F() => 1;":                     "*syntax.LocalFunc",
		"void F<T>(T a) where T : b { }":    "*syntax.LocalFunc",
		"(int, int) F() { return (1, 2); }": "*syntax.LocalFunc",
		"from a;":                           "*syntax.LocalDecl",
		"dynamic a = b;":                    "*syntax.LocalDecl",
		"global::a.b c = d;":                "*syntax.LocalDecl",
		"throw;":                            "*syntax.ThrowStmt",
		"goto case 1;":                      "*syntax.GotoStmt",
		"foreach (var (a, b) in c) ;":       "*syntax.ForeachStmt",
		"foreach (a b in c) ;":              "*syntax.ForeachStmt",
		"for (;;) { }":                      "*syntax.ForStmt",
		"for (a = 1, b(); c; d++) ;":        "*syntax.ForStmt",
		"using (a) { }":                     "*syntax.UsingStmt",
		"using (var a = b, c = d) { }":      "*syntax.UsingStmt",
		"switch (a) { }":                    "*syntax.SwitchStmt",
		"new a();":                          "*syntax.ExprStmt",
		"delegate { };":                     "*syntax.ExprStmt",
		"a ? b : c;":                        "*syntax.ExprStmt",
	} {
		b, diags := ParseBlock(src)
		if len(diags) > 0 {
			t.Errorf("%s: reports %s %s at %v", src, diags[0].Code, diags[0].Message, diags[0].Span)
			continue
		}
		if got := fmt.Sprintf("%T", b.Stmts[0]); len(b.Stmts) != 1 || got != want {
			t.Errorf("%s is %s and %d more, want %s", src, got, len(b.Stmts)-1, want)
		}
	}
}
