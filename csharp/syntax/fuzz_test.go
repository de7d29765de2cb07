package syntax

import (
	"testing"
	"time"
)

// seeds are texts that the vectors have none of.
var seeds = []string{
	"@(x", "@{", "@()", "@{}", "@(a < b > (c))", "@(f(a < b, c > (d)))", `@($"{a,5:N2}{{}}{$"{b}"}")`, `@($@"{""a""}")`,
	"@{ if (a) b(); else if (c) d(); else { } }", "@((((a))))", "@(x => y => z)", "@((int)-x + (y)-z)", "@(- -x - --y)",
	"@{ int @if = 1; var v\\u0061r = @if; return v\\u0061r; }", `@('\'' + "\ud800\"" + '\x41')`, "@(a ? b ? c : d : e)",
	"@{ switch (x) { case int i when i > 0: case null: break; default: goto case 1; } }", "@(new int[2][,] { })",
	"@(from int a in b join c in d on e equals f into g let h = i orderby j descending, k group l by m into n select o)",
	"@{ T F<T>(ref T a, params int[] b) where T : class, new() { yield return a; } }", "@(a?.b?[c]?.d())",
	"@{ (int a, var b) = c; var (d, (_, e)) = f; foreach (var (g, h) in i) lock (j) ; }", "@(delegate { } ?? throw a)",
	"@{ L: for (int i = 0, j = 1; ; i++, j--) { do ; while (true); checked { } unchecked { } } }", "@(typeof(A<,>.B))",
	"@{ try { } catch (E e) when (f) { } catch { } finally { } using (var a = b) using (c) ; const int d = 0x1F; }",
	"@(x is A.B<C>[] y && x is null && x is T? ? a : b)", "@(new { A = 1, b, c.d }.e[f: ref g, out var h])",
}

// fuzzTime is how long the parser may take over what the fuzzer makes up, which is short.
const fuzzTime = time.Second

// FuzzParse asserts that the parser is quick, and that what is printed of a text parses again, to what prints the same.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	for i, v := range vectors(f) {
		if i%7 == 0 {
			f.Add(v.Expr)
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		start := time.Now()
		u, diags := Parse(src)
		if took := time.Since(start); took > fuzzTime {
			t.Fatalf("Parse(%q) took %v", src, took)
		}
		if len(diags) > 0 {
			return
		}
		if u.Block != nil { // whose } may stand behind a comment for Parse, which knows where it is
			src := src[:len(src)-1] + "\n}"
			if end, ok := Match(src, 0); !ok || end != len(src) {
				t.Fatalf("Parse(%q) has no mistakes, but Match ends at %d, %v", src, end, ok)
			}
		}
		text := u.Print()
		again, diags := Parse(text)
		if len(diags) > 0 {
			t.Fatalf("Parse(%q) prints as %q, which reports %v", src, text, diags[0])
		}
		if second := again.Print(); second != text {
			t.Fatalf("Parse(%q) prints as %q, and that as %q", src, text, second)
		}
	})
}

// FuzzMatch asserts that Match ends, stays inside the text and ends where a bracket closes.
func FuzzMatch(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, 0)
	}
	f.Fuzz(func(t *testing.T, src string, start int) {
		end, ok := Match(src, start)
		if end < 0 || end > len(src) {
			t.Fatalf("Match(%q, %d) = %d, outside the text", src, start, end)
		}
		if ok && src[end-1] != ')' && src[end-1] != '}' {
			t.Fatalf("Match(%q, %d) = %d, not after a bracket", src, start, end)
		}
	})
}

func TestVectorsPrintStable(t *testing.T) {
	for _, v := range vectors(t) {
		u, diags := Parse(v.Expr)
		if len(diags) > 0 {
			continue
		}
		text := u.Print()
		again, diags := Parse(text)
		if len(diags) > 0 {
			t.Errorf("%s: %s prints as %s, which reports %v", v.ID, v.Expr, text, diags[0])
			continue
		}
		if second := again.Print(); second != text {
			t.Errorf("%s: %s prints as %s, and that as %s", v.ID, v.Expr, text, second)
		}
	}
}

func TestVectorsMatchTheirEnd(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Want.CompileError != "" || v.ID == "" {
			continue
		}
		if end, ok := Match("x "+v.Expr+" )}", 2); !ok || end != 2+len(v.Expr) {
			t.Errorf("%s: Match(%s) = %d, %v, want %d", v.ID, v.Expr, end-2, ok, len(v.Expr))
		}
	}
}
