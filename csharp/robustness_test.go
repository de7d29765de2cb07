package csharp_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
)

var damageRounds = flag.Int("damage.rounds", 1, "how often each recorded expression is damaged")

// tryAll compiles a text, runs it within a small budget, and renders the result; it tells of a panic.
func tryAll(u *types.Universe, src string) (failure string) {
	defer func() {
		if p := recover(); p != nil {
			failure = fmt.Sprint(p)
		}
	}()
	p, diags := csharp.Compile(src, csharp.Env{Universe: u})
	if p == nil {
		if len(diags) == 0 {
			return "refused without a reason"
		}
		return ""
	}
	for _, use := range csharp.Uses(src, csharp.Env{Universe: u}) {
		if use.Span.Start < 0 || use.Span.End > len(src) || use.Span.Start > use.Span.End || use.Type == nil {
			return fmt.Sprintf("uses %+v", use)
		}
	}
	t := &types.Thread{U: u}
	t.Start(types.Budget{Steps: 20_000, Bytes: 1 << 22, Depth: 100})
	if v, err := p.Run(t); err == nil {
		csharp.Canonical(t, v, p.Result())
	}
	return ""
}

var tokens = regexp.MustCompile(`[A-Za-z_]\w*|\d+|"[^"]*"|\s+|.`)

// damage deletes, doubles or swaps some tokens of an expression.
func damage(r *rand.Rand, src string) string {
	open, body, end := src[:2], src[2:len(src)-1], src[len(src)-1:]
	list := tokens.FindAllString(body, -1)
	for range 1 + r.IntN(2) {
		if len(list) == 0 {
			break
		}
		i, j := r.IntN(len(list)), r.IntN(len(list))
		switch r.IntN(4) {
		case 0:
			list = append(list[:i:i], list[i+1:]...)
		case 1:
			list = append(list[:i:i], append([]string{list[j]}, list[i:]...)...)
		case 2:
			list[i], list[j] = list[j], list[i]
		default:
			list[i] = list[j]
		}
	}
	return open + strings.Join(list, "") + end
}

// TestDamagedPrograms checks that no text makes the compiler or the program panic.
func TestDamagedPrograms(t *testing.T) {
	u, r := clr.Universe(), rand.New(rand.NewPCG(7, 11))
	failures := 0
	for _, v := range slices.Concat(readVectors(t, "expressions.jsonl"), readVectors(t, "generated.jsonl")) {
		for range *damageRounds {
			src := damage(r, strings.ReplaceAll(v.Expr, "context.", `"text".`))
			if failure := tryAll(u, src); failure != "" {
				if failures++; failures <= 5 {
					t.Errorf("%s\n%s", src, failure)
				}
			}
		}
	}
	if failures > 5 {
		t.Errorf("%d programs in all", failures)
	}
}

func FuzzCompile(f *testing.F) {
	for i, v := range readVectors(f, "expressions.jsonl") {
		if i%10 == 0 {
			f.Add(v.Expr)
		}
	}
	u := clr.Universe()
	f.Fuzz(func(t *testing.T, src string) {
		if failure := tryAll(u, src); failure != "" {
			t.Errorf("%q: %s", src, failure)
		}
	})
}

// TestDeepPrograms checks that nesting and length are bounded rather than fatal.
func TestDeepPrograms(t *testing.T) {
	const n = 20_000
	u := clr.Universe()
	for name, src := range map[string]string{
		"sum":           "@{ int x = 1; return x" + strings.Repeat("+x", n) + "; }",
		"concatenation": `@{ string x = "a"; return x` + strings.Repeat("+x", n) + "; }",
		"calls":         `@{ string x = "a"; return x` + strings.Repeat(".Trim()", n) + "; }",
		"conditional":   "@{ bool x = true; return " + strings.Repeat("x?1:", n) + "2; }",
		"null access":   "@{ string x = null; return x" + strings.Repeat("?.Trim()", n) + "; }",
		"else if":       "@{ int x = 1; if (x==2) {} " + strings.Repeat("else if (x==3) {}", n) + " return 1; }",
		"brackets":      "@(" + strings.Repeat("(", n) + "1" + strings.Repeat(")", n) + ")",
		"blocks":        "@{ " + strings.Repeat("{", n) + strings.Repeat("}", n) + "return 1; }",
		"array":         "@(new[]{" + strings.Repeat("1,", n) + "}.Length)",
		"queries":       "@{ IEnumerable<int> e = new[] { 1 }; for (int i = 0; i < 100000; i++) { var p = e; e = p.Select(x => x); } return e.Count(); }",
		"delegates":     "@{ Func<int, int> f = null; f = x => f(x + 1) + 1; return f(0); }",
		"iterators":     "@{ IEnumerable<int> F(int n) { foreach (var x in F(n + 1)) yield return x; } return F(0).Count(); }",
	} {
		if failure := tryAll(u, src); failure != "" {
			t.Errorf("%s: %s", name, failure)
		}
	}
}

// TestConcurrentRuns runs programs on several threads at once; it is for the race detector.
func TestConcurrentRuns(t *testing.T) {
	u := clr.Universe()
	for _, src := range []string{
		`@{ dynamic d = 1; object o = 2L; d = d + (dynamic)o; return d + 0.5; }`,
		`@(new[] { 3, 1, 2 }.Where(x => x > 1).Select(x => x * 2).Sum())`,
		`@{ IEnumerable<int> F() { for (int i = 0; i < 5; i++) yield return i; } int n = 0; foreach (var x in F()) { Func<int> f = () => x; n += f(); } return n; }`,
		`@{ try { return int.Parse("x"); } catch (FormatException e) when (e.Message != null) { return 10; } }`,
	} {
		p, diags := csharp.Compile(src, csharp.Env{Universe: u})
		if p == nil {
			t.Fatal(diags)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				thread := &types.Thread{U: u}
				for range 100 {
					thread.Start(types.Budget{Steps: 100_000, Depth: 100})
					if _, err := p.Run(thread); err != nil {
						t.Errorf("%s: %v", src, err)
						return
					}
				}
			})
		}
		all.Wait()
	}
}
