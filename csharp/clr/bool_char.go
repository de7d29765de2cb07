package clr

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/postern-gateway/postern/csharp/types"
)

func boolDecls() []*types.Decl {
	plain := both0(func(_ *types.Thread, this types.Value) types.Value { return types.Ref(boolString(this.Bool())) })
	members := namedValueMembers("bool", types.BoolType, valueNames{"obj", "obj", "obj", "provider"})
	members = slices.DeleteFunc(members, func(m types.MemberDecl) bool { return strings.HasPrefix(m.Signature, "string ToString") })
	return []*types.Decl{types.T("struct bool : System.IComparable, System.IConvertible, System.IComparable<bool>, System.IEquatable<bool>", append(members,
		types.M("string ToString()", plain),
		types.M("string ToString(System.IFormatProvider provider)", plain),
		types.M("static readonly string TrueString", types.S0(func() *types.String { return trueString })),
		types.M("static readonly string FalseString", types.S0(func() *types.String { return falseString })),
		types.M("static bool Parse(string value)", types.S1(parseBool)),
		types.M("static bool TryParse(string value, out bool result)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			b, ok := boolFrom(x[0].Str())
			setOut(x[1], types.Bool(b))
			return types.Bool(ok)
		})),
	)...)}
}

var trueString, falseString = types.NewString("True"), types.NewString("False")

func boolString(b bool) *types.String {
	if b {
		return trueString
	}
	return falseString
}

// boolFrom reads True or False in any case, with white space and NULs around it.
func boolFrom(s *types.String) (value, ok bool) {
	if s == nil {
		return false, false
	}
	text := strings.TrimFunc(s.Go(), func(r rune) bool { return r == 0 || isSpaceRune(r) })
	switch {
	case strings.EqualFold(text, "True"):
		return true, true
	case strings.EqualFold(text, "False"):
		return false, true
	}
	return false, false
}

func parseBool(s *types.String) bool {
	if s == nil {
		types.ThrowNull("value")
	}
	b, ok := boolFrom(s)
	if !ok {
		types.Throw(types.FormatException, "String '"+s.Go()+"' was not recognized as a valid Boolean.")
	}
	return b
}

// oneChars are the strings of one ASCII character.
var oneChars = func() (out [128]*types.String) {
	for i := range out {
		out[i] = types.NewString(string(rune(i)))
	}
	return out
}()

func charString(c types.Char) *types.String {
	if c < 128 {
		return oneChars[c]
	}
	return types.StringFromUnits([]uint16{uint16(c)})
}

func isSpaceRune(r rune) bool { return unicode.IsSpace(r) }

func isWhiteUnit(u uint16) bool {
	if u < 128 {
		return u == ' ' || u >= '\t' && u <= '\r'
	}
	return unicode.IsSpace(rune(u))
}

func charDecls() []*types.Decl {
	plain := both0(func(_ *types.Thread, this types.Value) types.Value {
		return types.Ref(charString(types.Char(this.Num)))
	})
	members := valueMembers("char", types.CharType)
	members = slices.DeleteFunc(members, func(m types.MemberDecl) bool { return strings.HasPrefix(m.Signature, "string ToString") })
	members = append(members,
		types.M("string ToString()", plain),
		types.M("string ToString(System.IFormatProvider provider)", plain),
		types.M("static string ToString(char c)", types.S1(charString)),
		types.M(`const char MaxValue = '\uffff'`),
		types.M(`const char MinValue = '\0'`),
	)
	return []*types.Decl{types.T("struct char : System.IComparable, System.IComparable<char>, System.IEquatable<char>, System.IConvertible, System.IFormattable",
		slices.Concat(members, charTests(), charASCII(), charCase(), charParsing(), charUTF32())...)}
}

// charAt is the unit at index of a string argument, with the exceptions of the overloads that take a string.
func charAt(s *types.String, index int32) uint16 {
	if s == nil {
		types.ThrowNull("s")
	}
	if uint(index) >= uint(s.Len()) {
		throwRange("Index was out of range. Must be non-negative and less than the size of the collection.", "index")
	}
	return s.Unit(int(index))
}

func charTests() []types.MemberDecl {
	var out []types.MemberDecl
	add := func(name string, f func(c uint16) bool) {
		out = append(out, types.M("static bool "+name+"(char c)", types.S1(func(c types.Char) bool { return f(uint16(c)) })),
			types.M("static bool "+name+"(string s, int index)", types.S2(func(s *types.String, i int32) bool { return f(charAt(s, i)) })))
	}
	in := func(tables ...*unicode.RangeTable) func(uint16) bool {
		return func(c uint16) bool { return unicode.In(rune(c), tables...) }
	}
	add("IsControl", in(unicode.Cc))
	add("IsDigit", in(unicode.Nd))
	add("IsLetter", in(unicode.L))
	add("IsLetterOrDigit", in(unicode.L, unicode.Nd))
	add("IsLower", in(unicode.Ll))
	add("IsUpper", in(unicode.Lu))
	add("IsNumber", in(unicode.N))
	add("IsPunctuation", in(unicode.P))
	add("IsSeparator", in(unicode.Z))
	add("IsSymbol", in(unicode.S))
	add("IsWhiteSpace", isWhiteUnit)
	add("IsSurrogate", func(c uint16) bool { return c>>11 == 0x1B })
	add("IsHighSurrogate", func(c uint16) bool { return c>>10 == 0x36 })
	add("IsLowSurrogate", func(c uint16) bool { return c>>10 == 0x37 })
	return append(out,
		types.M("static bool IsSurrogatePair(char highSurrogate, char lowSurrogate)", types.S2(func(h, l types.Char) bool { return h>>10 == 0x36 && l>>10 == 0x37 })),
		types.M("static bool IsSurrogatePair(string s, int index)", types.S2(func(s *types.String, i int32) bool {
			h := charAt(s, i)
			return h>>10 == 0x36 && int(i)+1 < s.Len() && s.Unit(int(i)+1)>>10 == 0x37
		})),
		types.M("static System.Globalization.UnicodeCategory GetUnicodeCategory(char c)", types.S1(func(c types.Char) int32 { return unicodeCategory(rune(c)) })),
		types.M("static System.Globalization.UnicodeCategory GetUnicodeCategory(string s, int index)", types.S2(func(s *types.String, i int32) int32 {
			return unicodeCategory(rune(charAt(s, i)))
		})),
		types.M("static double GetNumericValue(char c)", types.S1(func(c types.Char) float64 { return numericValue(rune(c)) })),
		types.M("static double GetNumericValue(string s, int index)", types.S2(func(s *types.String, i int32) float64 {
			c := rune(charAt(s, i))
			if int(i)+1 < s.Len() {
				if r := utf16.DecodeRune(c, rune(s.Unit(int(i)+1))); r != unicode.ReplacementChar {
					c = r
				}
			}
			return numericValue(c)
		})),
	)
}

// categories are Unicode's general categories in the order of System.Globalization.UnicodeCategory.
var categories = []*unicode.RangeTable{unicode.Lu, unicode.Ll, unicode.Lt, unicode.Lm, unicode.Lo, unicode.Mn, unicode.Mc, unicode.Me, unicode.Nd, unicode.Nl,
	unicode.No, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co, unicode.Pc, unicode.Pd, unicode.Ps, unicode.Pe, unicode.Pi,
	unicode.Pf, unicode.Po, unicode.Sm, unicode.Sc, unicode.Sk, unicode.So}

func unicodeCategory(r rune) int32 {
	for i, table := range categories {
		if unicode.Is(table, r) {
			return int32(i)
		}
	}
	return 29
}

// numericValue is the number that a character stands for, −1 for none.
func numericValue(r rune) float64 {
	if unicode.Is(unicode.Nd, r) {
		zero := r
		for unicode.Is(unicode.Nd, zero-1) && r-zero < 9 {
			zero--
		}
		return float64((r - zero) % 10)
	}
	for _, run := range numericRuns {
		if r >= run.from && r <= run.to {
			return run.value + float64(r-run.from)*run.step
		}
	}
	if v, ok := fractions[r]; ok {
		return v
	}
	return -1
}

// numericRuns are characters in a row whose values go up by one step.
var numericRuns = []struct {
	from, to    rune
	value, step float64
}{
	{0xB2, 0xB3, 2, 1}, {0xB9, 0xB9, 1, 1}, {0x2070, 0x2070, 0, 1}, {0x2074, 0x2079, 4, 1}, {0x2080, 0x2089, 0, 1},
	{0x2160, 0x216B, 1, 1}, {0x216C, 0x216C, 50, 1}, {0x216D, 0x216D, 100, 1}, {0x216E, 0x216E, 500, 1}, {0x216F, 0x216F, 1000, 1},
	{0x2170, 0x217B, 1, 1}, {0x217C, 0x217C, 50, 1}, {0x217D, 0x217D, 100, 1}, {0x217E, 0x217E, 500, 1}, {0x217F, 0x217F, 1000, 1},
	{0x2460, 0x2473, 1, 1}, {0x2474, 0x2487, 1, 1}, {0x2488, 0x249B, 1, 1}, {0x24EA, 0x24EA, 0, 1}, {0x24EB, 0x24F4, 11, 1}, {0x24F5, 0x24FE, 1, 1},
	{0x24FF, 0x24FF, 0, 1}, {0x2776, 0x277F, 1, 1}, {0x2780, 0x2789, 1, 1}, {0x278A, 0x2793, 1, 1}, {0x3007, 0x3007, 0, 1}, {0x3021, 0x3029, 1, 1},
	{0x3038, 0x303A, 10, 10}, {0x3220, 0x3229, 1, 1}, {0x3280, 0x3289, 1, 1},
}

var fractions = map[rune]float64{'¼': 0.25, '½': 0.5, '¾': 0.75, '⅐': 1.0 / 7, '⅑': 1.0 / 9, '⅒': 0.1, '⅓': 1.0 / 3, '⅔': 2.0 / 3, '⅕': 0.2, '⅖': 0.4,
	'⅗': 0.6, '⅘': 0.8, '⅙': 1.0 / 6, '⅚': 5.0 / 6, '⅛': 0.125, '⅜': 0.375, '⅝': 0.625, '⅞': 0.875, '⅟': 1, '↉': 0}

func charASCII() []types.MemberDecl {
	test := func(name string, f func(c types.Char) bool) types.MemberDecl {
		return types.M("static bool "+name+"(char c)", types.S1(f))
	}
	between := func(c, a, b types.Char) bool { return c >= a && c <= b }
	digit := func(c types.Char) bool { return between(c, '0', '9') }
	lower := func(c types.Char) bool { return between(c, 'a', 'z') }
	upper := func(c types.Char) bool { return between(c, 'A', 'Z') }
	return []types.MemberDecl{
		test("IsAscii", func(c types.Char) bool { return c < 128 }),
		test("IsAsciiDigit", digit), test("IsAsciiLetterLower", lower), test("IsAsciiLetterUpper", upper),
		test("IsAsciiLetter", func(c types.Char) bool { return lower(c) || upper(c) }),
		test("IsAsciiLetterOrDigit", func(c types.Char) bool { return lower(c) || upper(c) || digit(c) }),
		test("IsAsciiHexDigit", func(c types.Char) bool { return digit(c) || between(c, 'a', 'f') || between(c, 'A', 'F') }),
		test("IsAsciiHexDigitLower", func(c types.Char) bool { return digit(c) || between(c, 'a', 'f') }),
		test("IsAsciiHexDigitUpper", func(c types.Char) bool { return digit(c) || between(c, 'A', 'F') }),
		types.M("static bool IsBetween(char c, char minInclusive, char maxInclusive)", types.S3(func(c, a, b types.Char) bool { return c-a <= b-a })),
	}
}

// upperRune is ToUpperInvariant of one character: the simple mapping, in the cases that .NET maps.
func upperRune(r rune) rune {
	switch r {
	case 'ı', 'ſ':
		return r
	}
	u := unicode.ToUpper(r)
	if r <= 0xFFFF != (u <= 0xFFFF) {
		return r
	}
	return u
}

// lowerRune is ToLowerInvariant of one character.
func lowerRune(r rune) rune {
	if r == 'İ' {
		return r
	}
	l := unicode.ToLower(r)
	if r <= 0xFFFF != (l <= 0xFFFF) {
		return r
	}
	return l
}

// upperCulture and lowerCulture are the mappings of US English, which also have those that the invariant ones leave out.
func upperCulture(r rune) rune {
	if r == 'ı' {
		return 'I'
	}
	return upperRune(r)
}

func lowerCulture(r rune) rune {
	if r == 'İ' {
		return 'i'
	}
	return lowerRune(r)
}

func charCase() []types.MemberDecl {
	mapped := func(f func(rune) rune) types.Impl {
		return types.S1(func(c types.Char) types.Char { return types.Char(f(rune(c))) })
	}
	return []types.MemberDecl{
		types.M("static char ToLower(char c)", mapped(lowerCulture)), types.M("static char ToLowerInvariant(char c)", mapped(lowerRune)),
		types.M("static char ToUpper(char c)", mapped(upperCulture)), types.M("static char ToUpperInvariant(char c)", mapped(upperRune)),
	}
}

func charParsing() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("static char Parse(string s)", types.S1(func(s *types.String) types.Char {
			if s == nil {
				types.ThrowNull("s")
			}
			if s.Len() != 1 {
				types.Throw(types.FormatException, "String must be exactly one character long.")
			}
			return types.Char(s.Unit(0))
		})),
		types.M("static bool TryParse(string s, out char result)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			s := x[0].Str()
			if s == nil || s.Len() != 1 {
				setOut(x[1], types.Uint(0))
				return types.Bool(false)
			}
			setOut(x[1], types.Uint(uint64(s.Unit(0))))
			return types.Bool(true)
		})),
	}
}

func charUTF32() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("static string ConvertFromUtf32(int utf32)", types.S1(func(n int32) *types.String {
			if n < 0 || n > 0x10FFFF || n>>11 == 0x1B {
				throwRange("A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate codepoint values (0x00d800 ~ 0x00dfff).", "utf32")
			}
			return types.NewString(string(n))
		})),
		types.M("static int ConvertToUtf32(char highSurrogate, char lowSurrogate)", types.S2(func(h, l types.Char) int32 {
			if h>>10 != 0x36 {
				throwRange("A valid high surrogate character is between 0xd800 and 0xdbff, inclusive.", "highSurrogate")
			}
			if l>>10 != 0x37 {
				throwRange("A valid low surrogate character is between 0xdc00 and 0xdfff, inclusive.", "lowSurrogate")
			}
			return utf16.DecodeRune(rune(h), rune(l))
		})),
		types.M("static int ConvertToUtf32(string s, int index)", types.S2(func(s *types.String, i int32) int32 {
			c := rune(charAt(s, i))
			if c>>11 != 0x1B {
				return c
			}
			if c>>10 == 0x36 && int(i)+1 < s.Len() {
				if r := utf16.DecodeRune(c, rune(s.Unit(int(i)+1))); r != unicode.ReplacementChar {
					return r
				}
			}
			which := "high"
			if c>>10 == 0x37 {
				which = "low"
			}
			types.ThrowArgument(types.ArgumentException, "Found a "+which+" surrogate char without a following low surrogate at index: "+itoa(i)+". The input may not be in this encoding, or may not contain valid Unicode (UTF-16) characters.", "s")
			return 0
		})),
	}
}
