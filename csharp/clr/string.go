package clr

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/postern-gateway/postern/csharp/types"
)

func stringDecls() []*types.Decl {
	return []*types.Decl{
		types.T("sealed class string : System.IComparable, System.Collections.IEnumerable, System.IConvertible, System.Collections.Generic.IEnumerable<char>, System.IComparable<string>, System.IEquatable<string>, System.ICloneable",
			slices.Concat(stringMakers(), stringBasics(), stringParts(), stringTrims(), stringCases(), stringTests(), stringSearches(), stringLastSearches(),
				stringReplaces(), stringSplits(), stringComparisons(), stringJoins(), stringFormats())...),
		types.T("enum System.StringComparison", constants("System.StringComparison", "CurrentCulture", 0, "CurrentCultureIgnoreCase", 1,
			"InvariantCulture", 2, "InvariantCultureIgnoreCase", 3, "Ordinal", 4, "OrdinalIgnoreCase", 5)...),
		types.T("enum System.StringSplitOptions", constants("System.StringSplitOptions", "None", 0, "RemoveEmptyEntries", 1, "TrimEntries", 2)...),
	}
}

// charsOf are the units of a char[].
func charsOf(a *types.Array) []uint16 {
	if a == nil {
		return nil
	}
	out := make([]uint16, len(a.Items))
	for i, v := range a.Items {
		out[i] = uint16(v.Num)
	}
	return out
}

var charArrayType = types.ArrayOf(types.CharType, 1)

// newChars is a char[].
func newChars(t *types.Thread, units []uint16) *types.Array {
	t.Alloc(int64(len(units)) * 24)
	a := &types.Array{T: charArrayType, Items: make([]types.Value, len(units))}
	for i, u := range units {
		a.Items[i].Num = uint64(u)
	}
	return a
}

// charRange is the part of a char[] argument that start and length name.
func charRange(a *types.Array, start, length int32, array, startName, lengthName string) []uint16 {
	if a == nil {
		types.ThrowNull(array)
	}
	throwNegative(start, startName)
	throwNegative(length, lengthName)
	if int(start) > len(a.Items)-int(length) {
		throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", startName)
	}
	return charsOf(a)[start : start+length]
}

// repeat is a string of one unit n times.
func repeat(t *types.Thread, c types.Char, n int32) *types.String {
	t.Alloc(int64(n) * 3)
	if c < 128 {
		return types.NewString(strings.Repeat(string(rune(c)), int(n)))
	}
	units := make([]uint16, n)
	for i := range units {
		units[i] = uint16(c)
	}
	return types.StringFromUnits(units)
}

func stringMakers() []types.MemberDecl {
	type V = types.Value
	return []types.MemberDecl{
		types.M("static readonly string Empty", types.S0(func() *types.String { return types.EmptyString })),
		types.M("new(char c, int count)", types.Raw(func(t *types.Thread, _ V, x []V) V {
			throwNegative(x[1].Int32(), "count")
			return types.Ref(repeat(t, types.Char(x[0].Num), x[1].Int32()))
		})),
		types.M("new(char[] value)", types.Raw(func(t *types.Thread, _ V, x []V) V {
			a, _ := x[0].Ref.(*types.Array)
			if a != nil {
				t.Alloc(int64(len(a.Items)) * 3)
			}
			return types.Ref(types.StringFromUnits(charsOf(a)))
		})),
		types.M("new(char[] value, int startIndex, int length)", types.S3(func(a *types.Array, start, n int32) *types.String {
			return types.StringFromUnits(charRange(a, start, n, "value", "startIndex", "length"))
		})),
		types.M("static string Copy(string str)", types.S1(notNull("str"))),
		types.M("static string Intern(string str)", types.S1(notNull("str"))),
		types.M("static string IsInterned(string str)", types.S1(notNull("str"))),
	}
}

// notNull gives a string back, or throws ArgumentNullException about the parameter.
func notNull(param string) func(*types.String) *types.String {
	return func(s *types.String) *types.String {
		if s == nil {
			types.ThrowNull(param)
		}
		return s
	}
}

func stringBasics() []types.MemberDecl {
	type V = types.Value
	same := func(s *types.String) *types.String { return s }
	return []types.MemberDecl{
		types.M("int Length { get; }", types.I0(func(s *types.String) int32 { return int32(s.Len()) })),
		types.M("char this[int index] { get; }", types.I1(func(s *types.String, i int32) types.Char {
			if uint(i) >= uint(s.Len()) {
				types.Throw(types.IndexOutOfRangeException, "Index was outside the bounds of the array.")
			}
			return types.Char(s.Unit(int(i)))
		})),
		types.M("string ToString()", types.I0(same)),
		types.M("string ToString(System.IFormatProvider provider)", types.I1(func(s *types.String, _ any) *types.String { return s })),
		types.M("object Clone()", types.I0(same)),
		types.M("System.Collections.Generic.IEnumerator<char> GetEnumerator()", types.Raw(func(t *types.Thread, this V, _ []V) V {
			return newEnumeratorObject(t, stringOf(this), types.CharType)
		})),
		types.M("System.TypeCode GetTypeCode()", types.I0(func(*types.String) int32 { return 18 })),
		types.M("int GetHashCode()", types.I0(func(s *types.String) int32 { return stringHash(s.Go()) })),
		types.M("int GetHashCode(System.StringComparison comparisonType)", types.I1(func(s *types.String, how int32) int32 {
			return stringHash(hashKey(s, comparisonOf(how)))
		})),
		types.M("char[] ToCharArray()", types.Raw(func(t *types.Thread, this V, _ []V) V { return types.Ref(newChars(t, stringOf(this).Units())) })),
		types.M("char[] ToCharArray(int startIndex, int length)", types.Raw(func(t *types.Thread, this V, x []V) V {
			s, start, n := stringOf(this), x[0].Int32(), x[1].Int32()
			checkIndexAndCount(s, start, n, "startIndex", "length")
			return types.Ref(newChars(t, s.Slice(int(start), int(start+n)).Units()))
		})),
		types.M("void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)", types.Raw(func(_ *types.Thread, this V, x []V) V {
			copyChars(stringOf(this), x)
			return V{}
		})),
		types.M("bool IsNormalized()", types.I0(func(s *types.String) bool { return norm.NFC.IsNormalString(s.Go()) })),
		types.M("bool IsNormalized(System.Text.NormalizationForm normalizationForm)", types.I1(func(s *types.String, f int32) bool {
			return normForm(f).IsNormalString(s.Go())
		})),
		types.M("string Normalize()", both0(func(t *types.Thread, this V) V { return types.Ref(normalized(t, stringOf(this), norm.NFC)) })),
		types.M("string Normalize(System.Text.NormalizationForm normalizationForm)", both1(func(t *types.Thread, this, f V) V {
			return types.Ref(normalized(t, stringOf(this), normForm(f.Int32())))
		})),
	}
}

// normalized is s in a normal form of Unicode, which takes its time.
func normalized(t *types.Thread, s *types.String, f norm.Form) *types.String {
	if s.ASCII() {
		return s
	}
	t.Step(int64(s.Len()) / 8)
	t.Alloc(int64(len(s.Go())))
	return types.NewString(f.String(s.Go()))
}

func normForm(f int32) norm.Form {
	switch f {
	case 1:
		return norm.NFC
	case 2:
		return norm.NFD
	case 5:
		return norm.NFKC
	case 6:
		return norm.NFKD
	}
	types.ThrowArgument(types.ArgumentException, "Invalid normalization form.", "normalizationForm")
	return 0
}

// stringOf is the receiver of a string's member.
func stringOf(this types.Value) *types.String {
	s, ok := this.Ref.(*types.String)
	if !ok {
		types.ThrowNullReference()
	}
	return s
}

// checkIndexAndCount throws unless start and n name a part of s.
func checkIndexAndCount(s *types.String, start, n int32, startName, countName string) {
	if uint(start) > uint(s.Len()) {
		throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", startName)
	}
	if n < 0 || int(n) > s.Len()-int(start) {
		throwRange("Count must be positive and count must refer to a location within the string/array/collection.", countName)
	}
}

func copyChars(s *types.String, x []types.Value) {
	from, to, n := x[0].Int32(), x[2].Int32(), x[3].Int32()
	a, _ := x[1].Ref.(*types.Array)
	if a == nil {
		types.ThrowNull("destination")
	}
	throwNegative(n, "count")
	throwNegative(from, "sourceIndex")
	if int(n) > s.Len()-int(from) {
		throwRange("Index and count must refer to a location within the string.", "sourceIndex")
	}
	if to < 0 || int(to) > len(a.Items)-int(n) {
		throwRange("Index and count must refer to a location within the string.", "destinationIndex")
	}
	for i := 0; i < int(n); i++ {
		a.Items[int(to)+i].Num = uint64(s.Unit(int(from) + i))
	}
}

func stringParts() []types.MemberDecl {
	type V = types.Value
	type S = *types.String
	pad := func(left bool) types.Impl {
		return types.Raw(func(t *types.Thread, this V, x []V) V {
			c := types.Char(' ')
			if len(x) > 1 {
				c = types.Char(x[1].Num)
			}
			return types.Ref(padString(t, stringOf(this), x[0].Int32(), c, left))
		})
	}
	return []types.MemberDecl{
		types.M("string Substring(int startIndex)", both1(func(t *types.Thread, this, start V) V {
			s := stringOf(this)
			if i := start.Num; s.ASCII() && i > 0 && i < uint64(s.Len()) {
				return types.Ref(types.ASCIIString(s.Go()[i:]))
			}
			return types.Ref(substring(t, s, start.Int32(), int32(s.Len())-start.Int32()))
		})),
		types.M("string Substring(int startIndex, int length)", types.Raw(func(t *types.Thread, this V, x []V) V {
			return types.Ref(substring(t, stringOf(this), x[0].Int32(), x[1].Int32()))
		})),
		types.M("string Remove(int startIndex)", both1(func(t *types.Thread, this, x V) V {
			s, start := stringOf(this), x.Int32()
			if start < 0 {
				throwRange("StartIndex cannot be less than zero.", "startIndex")
			}
			if int(start) > s.Len() {
				throwRange("startIndex cannot be larger than length of string.", "startIndex")
			}
			return types.Ref(sliceOf(t, s, 0, int(start)))
		})),
		types.M("string Remove(int startIndex, int count)", types.Raw(func(t *types.Thread, this V, x []V) V {
			s, start, n := stringOf(this), x[0].Int32(), x[1].Int32()
			throwNegative(start, "startIndex")
			throwNegative(n, "count")
			if int(n) > s.Len()-int(start) {
				throwRange("Index and count must refer to a location within the string.", "count")
			}
			t.Alloc(int64(s.Len()))
			return types.Ref(types.ConcatStrings(s.Slice(0, int(start)), s.Slice(int(start+n), s.Len())))
		})),
		types.M("string Insert(int startIndex, string value)", types.Raw(func(t *types.Thread, this V, x []V) V {
			s, at, v := stringOf(this), x[0].Int32(), x[1].Str()
			if v == nil {
				types.ThrowNull("value")
			}
			throwNegative(at, "startIndex")
			throwGreater(at, int32(s.Len()), "startIndex")
			t.Alloc(int64(s.Len() + v.Len()))
			return types.Ref(types.ConcatStrings(s.Slice(0, int(at)), v, s.Slice(int(at), s.Len())))
		})),
		types.M("string PadLeft(int totalWidth)", pad(true)), types.M("string PadLeft(int totalWidth, char paddingChar)", pad(true)),
		types.M("string PadRight(int totalWidth)", pad(false)), types.M("string PadRight(int totalWidth, char paddingChar)", pad(false)),
	}
}

// sliceOf is the substring of the units [i, j). A piece of ASCII text shares its memory; others are copied.
func sliceOf(t *types.Thread, s *types.String, i, j int) *types.String {
	if !s.ASCII() {
		t.Step(int64(j-i)/64 + 1)
		t.Alloc(int64(j-i) * 3)
	}
	return s.Slice(i, j)
}

func substring(t *types.Thread, s *types.String, start, length int32) *types.String {
	n := int32(s.Len())
	switch {
	case start < 0:
		throwRange("StartIndex cannot be less than zero.", "startIndex")
	case start > n:
		throwRange("startIndex cannot be larger than length of string.", "startIndex")
	case length < 0:
		throwRange("Length cannot be less than zero.", "length")
	case length > n-start:
		throwRange("Index and length must refer to a location within the string.", "length")
	}
	return sliceOf(t, s, int(start), int(start+length))
}

// padString fills s up to a width on its left or right.
func padString(t *types.Thread, s *types.String, width int32, c types.Char, left bool) *types.String {
	throwNegative(width, "totalWidth")
	n := width - int32(s.Len())
	if n <= 0 {
		return s
	}
	t.Alloc(int64(width))
	if left {
		return types.ConcatStrings(repeat(t, c, n), s)
	}
	return types.ConcatStrings(s, repeat(t, c, n))
}

func stringTrims() []types.MemberDecl {
	type V = types.Value
	var out []types.MemberDecl
	for _, k := range []struct {
		name       string
		start, end bool
	}{{"Trim", true, true}, {"TrimStart", true, false}, {"TrimEnd", false, true}} {
		out = append(out,
			types.M("string "+k.name+"()", both0(func(t *types.Thread, this V) V { return types.Ref(trimWhite(t, stringOf(this), k.start, k.end)) })),
			types.M("string "+k.name+"(char trimChar)", both1(func(t *types.Thread, this, c V) V {
				return types.Ref(trimUnits(t, stringOf(this), func(u uint16) bool { return u == uint16(c.Num) }, k.start, k.end))
			})),
			types.M("string "+k.name+"(params char[] trimChars)", both1(func(t *types.Thread, this, x V) V {
				s := stringOf(this)
				a, _ := x.Ref.(*types.Array)
				if a == nil || len(a.Items) == 0 {
					return types.Ref(trimWhite(t, s, k.start, k.end))
				}
				set := charsOf(a)
				return types.Ref(trimUnits(t, s, func(u uint16) bool { return slices.Contains(set, u) }, k.start, k.end))
			})))
	}
	return out
}

// trimWhite takes white space off.
func trimWhite(t *types.Thread, s *types.String, start, end bool) *types.String {
	if !s.ASCII() {
		return trimUnits(t, s, isWhiteUnit, start, end)
	}
	text := s.Go()
	i, j := 0, len(text)
	for start && i < j && isWhiteByte(text[i]) {
		i++
	}
	for end && j > i && isWhiteByte(text[j-1]) {
		j--
	}
	charge(t, len(text)-j+i)
	if i == 0 && j == len(text) {
		return s
	}
	return types.ASCIIString(text[i:j])
}

// isBlank reports whether s has white space only.
func isBlank(s *types.String) bool {
	for i, n := 0, s.Len(); i < n; i++ {
		if !isWhiteUnit(s.Unit(i)) {
			return false
		}
	}
	return true
}

func isWhiteByte(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// charge counts units that a member of a string has gone over.
func charge(t *types.Thread, units int) {
	if units >= 64 {
		t.Step(int64(units) / 64)
	}
}

func trimUnits(t *types.Thread, s *types.String, drop func(uint16) bool, start, end bool) *types.String {
	i, j := 0, s.Len()
	for start && i < j && drop(s.Unit(i)) {
		i++
	}
	for end && j > i && drop(s.Unit(j-1)) {
		j--
	}
	charge(t, s.Len()-j+i)
	return sliceOf(t, s, i, j)
}

func stringCases() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("string ToLower()", stringMapper(lowerString, lowerCulture)), types.M("string ToLowerInvariant()", stringMapper(lowerString, lowerRune)),
		types.M("string ToUpper()", stringMapper(upperString, upperCulture)), types.M("string ToUpperInvariant()", stringMapper(upperString, upperRune)),
		types.M("string ReplaceLineEndings()", types.I0(func(s *types.String) *types.String { return replaceLineEndings(s, "\n") })),
		types.M("string ReplaceLineEndings(string replacementText)", types.I1(func(s, r *types.String) *types.String {
			if r == nil {
				types.ThrowNull("replacementText")
			}
			return replaceLineEndings(s, r.Go())
		})),
	}
}

func stringMapper(f func(*types.String, func(rune) rune) *types.String, one func(rune) rune) types.Impl {
	return both0(func(t *types.Thread, this types.Value) types.Value {
		s := stringOf(this)
		t.Alloc(int64(s.Len()))
		return types.Ref(f(s, one))
	})
}

// lowerString is s in lower case, characters beyond ASCII by the mapping.
func lowerString(s *types.String, one func(rune) rune) *types.String {
	if s.ASCII() {
		return asciiMapped(s, strings.ToLower(s.Go()))
	}
	return types.NewString(mapRunes(s.Go(), one))
}

// upperString is s in upper case.
func upperString(s *types.String, one func(rune) rune) *types.String {
	if s.ASCII() {
		return asciiMapped(s, strings.ToUpper(s.Go()))
	}
	return types.NewString(mapRunes(s.Go(), one))
}

// asciiMapped is s itself where the mapping changed nothing.
func asciiMapped(s *types.String, mapped string) *types.String {
	if mapped == s.Go() {
		return s
	}
	return types.NewString(mapped)
}

// mapRunes maps characters and leaves lone surrogates, which are not UTF-8, as they are.
func mapRunes(s string, f func(rune) rune) string {
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		if r == '\uFFFD' && !strings.HasPrefix(s[i:], "\uFFFD") {
			b.WriteByte(s[i])
			continue
		}
		b.WriteRune(f(r))
	}
	return b.String()
}

// replaceLineEndings writes all of Unicode's line endings as one text.
func replaceLineEndings(s *types.String, by string) *types.String {
	return types.NewString(strings.NewReplacer("\r\n", by, "\r", by, "\n", by, "\f", by, "\u0085", by, "\u2028", by, "\u2029", by).Replace(s.Go()))
}
