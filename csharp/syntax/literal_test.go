package syntax

import (
	"slices"
	"testing"
)

// literalOf parses text as an expression that is one literal.
func literalOf(t *testing.T, text string) *Literal {
	t.Helper()
	x, diags := ParseExpression(text)
	if len(diags) > 0 {
		t.Fatalf("ParseExpression(%s) reports %s %s", text, diags[0].Code, diags[0].Message)
	}
	lit, ok := x.(*Literal)
	if !ok {
		t.Fatalf("ParseExpression(%s) = %T, want a literal", text, x)
	}
	return lit
}

func TestIntegerLiterals(t *testing.T) {
	for text, want := range map[string]Literal{
		"0":                    {Int: 0},
		"1_000":                {Int: 1000},
		"0x_FF":                {Int: 255, Hex: true},
		"0XdeadBEEF":           {Int: 0xDEADBEEF, Hex: true},
		"0b1010_1010":          {Int: 0xAA, Hex: true},
		"1u":                   {Int: 1, Suffix: SuffixU},
		"1l":                   {Int: 1, Suffix: SuffixL},
		"1Lu":                  {Int: 1, Suffix: SuffixUL},
		"1uL":                  {Int: 1, Suffix: SuffixUL},
		"18446744073709551615": {Int: 1<<64 - 1},
		"010":                  {Int: 10},
	} {
		got := literalOf(t, text)
		if got.Kind != IntLit || got.Int != want.Int || got.Suffix != want.Suffix || got.Hex != want.Hex {
			t.Errorf("%s = %+v, want %+v", text, *got, want)
		}
	}
}

func TestRealLiterals(t *testing.T) {
	for text, want := range map[string]Literal{
		"1.5":                            {Text: "1.5"},
		".5":                             {Text: ".5"},
		"1e3":                            {Text: "1e3"},
		"1E-3":                           {Text: "1E-3"},
		"1_0.0_1":                        {Text: "10.01"},
		"1f":                             {Text: "1", Suffix: SuffixF},
		"1D":                             {Text: "1", Suffix: SuffixD},
		"1.50m":                          {Text: "1.50", Suffix: SuffixM},
		"1e2M":                           {Text: "1e2", Suffix: SuffixM},
		"79228162514264337593543950335m": {Text: "79228162514264337593543950335", Suffix: SuffixM},
	} {
		got := literalOf(t, text)
		if got.Kind != RealLit || got.Text != want.Text || got.Suffix != want.Suffix {
			t.Errorf("%s = %+v, want %+v", text, *got, want)
		}
	}
}

func TestStringLiterals(t *testing.T) {
	for text, want := range map[string]string{
		`""`:                 "",
		`"a\tb\\\"\0"`:       "a\tb\\\"\x00",
		`"\x41g\x414141"`:    "Ag\u4141" + "41",
		`"\u00e9\U0001F600"`: "é😀",
		`"\uD83D\uDE00"`:     "😀",
		`@"a\b""c"`:          `a\b"c`,
		"@\"a\nb\"":          "a\nb",
		`"\a\b\f\n\r\v\'"`:   "\a\b\f\n\r\v'",
		`"// no /* comment"`: "// no /* comment",
	} {
		if got := literalOf(t, text); got.Kind != StringLit || got.Text != want {
			t.Errorf("%s = %q, want %q", text, got.Text, want)
		}
	}
}

func TestUnpairedSurrogatesSurvive(t *testing.T) {
	for text, want := range map[string][]uint16{
		`"a\uD800b"`:     {'a', 0xD800, 'b'},
		`"\uDC00\uD800"`: {0xDC00, 0xD800},
		`"\uD83D\uDE00"`: {0xD83D, 0xDE00},
		`"\xD83D\xDE00"`: {0xD83D, 0xDE00},
	} {
		if got := UTF16(literalOf(t, text).Text); !slices.Equal(got, want) {
			t.Errorf("UTF16(%s) = %x, want %x", text, got, want)
		}
	}
}

func TestCharLiterals(t *testing.T) {
	for text, want := range map[string]uint64{
		`'a'`: 'a', `'\''`: '\'', `'"'`: '"', `'\x41'`: 'A', `'\uD800'`: 0xD800, `'é'`: 'é', `'\0'`: 0, `'\\'`: '\\', `'{'`: '{',
	} {
		if got := literalOf(t, text); got.Kind != CharLit || got.Int != want {
			t.Errorf("%s = %#x, want %#x", text, got.Int, want)
		}
	}
}

func TestInterpolatedParts(t *testing.T) {
	x, diags := ParseExpression(`$"a{{{b,-5:0.0}c{$"{d}"}"`)
	if len(diags) > 0 {
		t.Fatalf("reports %v", diags[0])
	}
	parts := x.(*InterpolatedExpr).Parts
	if len(parts) != 4 || parts[0].Text != "a{" || Print(parts[1].X) != "b" || Print(parts[1].Align) != "-5" || parts[1].Format != "0.0" ||
		parts[2].Text != "c" || Print(parts[3].X) != `$"{d}"` {
		t.Errorf("parts are %+v", parts)
	}
	x, _ = ParseExpression(`$@"""{a:""}}""}\"`)
	parts = x.(*InterpolatedExpr).Parts
	if len(parts) != 3 || parts[0].Text != `"` || parts[1].Format != `"}"` || parts[2].Text != `\` {
		t.Errorf("verbatim parts are %+v", parts)
	}
}

func TestIdentifiersResolveEscapes(t *testing.T) {
	for text, want := range map[string]Ident{
		"a":        {Name: "a"},
		"@class":   {Name: "class", Verbatim: true},
		`\u0061b`:  {Name: "ab", Verbatim: true},
		"čaj_1":    {Name: "čaj_1"},
		"a\u200db": {Name: "ab"},
		"var":      {Name: "var"},
		"nameof":   {Name: "nameof"},
		"_":        {Name: "_"},
	} {
		x, diags := ParseExpression(text)
		n, ok := x.(*NameExpr)
		if len(diags) > 0 || !ok || n.Name != want.Name || n.Verbatim != want.Verbatim {
			t.Errorf("ParseExpression(%s) = %+v, %v, want %+v", text, x, diags, want)
		}
	}
}
