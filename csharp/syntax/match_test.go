package syntax

import (
	"strings"
	"testing"
)

func TestMatchFindsTheClosingBracket(t *testing.T) {
	for name, src := range map[string]string{
		"plain":                       `@(a)`,
		"nested":                      `@(a(b)(c))`,
		"bracket in string":           `@(")" + "\")")`,
		"bracket in verbatim string":  `@(@")""\")`,
		"bracket in character":        `@(')' + '\'' + '(')`,
		"bracket in comments":         "@(a // )\n /* ) */)",
		"bracket in interpolation":    `@($")(" + $"{f(")")}" + $"{a:)}")`,
		"nested interpolation":        `@($"{$"{$")"}"}")`,
		"verbatim interpolation":      `@($@"){x}""\")`,
		"doubled braces":              `@{ return $"{{{a}}}}}"; }`,
		"braces in a block":           `@{ if (a) { } return "}"; }`,
		"other brackets do not count": `@(a]}[{)`,
		"apostrophe":                  `@(it's)`,
		"unterminated string":         "@(\"a\n)",
		"block in a lambda":           `@(a.Any(b => { return b == ')'; }))`,
		"comment marks in a string":   `@("http://a/*")`,
	} {
		for _, after := range []string{"", `" />`, ")}"} {
			text := "x='" + src + after
			if end, ok := Match(text, 3); !ok || end != 3+len(src) {
				t.Errorf("%s: Match(%q, 3) = %d, %v, want %d", name, text, end, ok, 3+len(src))
			}
		}
	}
}

func TestMatchRefuses(t *testing.T) {
	for _, src := range []string{"", "@", "@[a]", "(a)", "@(a", "@{a)", `@("a)`, "@(/* )", "@(a // )", "@(" + strings.Repeat("(", 9) + ")"} {
		if end, ok := Match(src, 0); ok || end != len(src) {
			t.Errorf("Match(%q) = %d, %v, want %d, false", src, end, ok, len(src))
		}
	}
	for _, start := range []int{-1, 4, 5} {
		if _, ok := Match("@(a)", start); ok {
			t.Errorf("Match(%q, %d) is true", "@(a)", start)
		}
	}
}
