package clr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

// stringComparison is the enum StringComparison.
type stringComparison int32

const (
	currentCulture stringComparison = iota
	currentCultureIgnoreCase
	invariantCulture
	invariantCultureIgnoreCase
	ordinal
	ordinalIgnoreCase
)

// comparisonOf checks a StringComparison argument.
func comparisonOf(n int32) stringComparison {
	if n < 0 || n > 5 {
		types.ThrowArgument(types.ArgumentException, "The string comparison type passed in is currently not supported.", "comparisonType")
	}
	return stringComparison(n)
}

func (c stringComparison) ignoresCase() bool { return c&1 != 0 }
func (c stringComparison) cultural() bool    { return c < ordinal }

// compareWith compares by a StringComparison; either may be nil.
func compareWith(a, b *types.String, how stringComparison) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	case how.cultural():
		return compareCulture(a, b, how.ignoresCase())
	case how.ignoresCase():
		return compareOrdinal(foldString(a), foldString(b))
	}
	return compareWhole(a, b)
}

// compareWhole is string.CompareOrdinal of two strings that are not null: it compares the first two units even where a string has none,
// and so stops at its end.
func compareWhole(a, b *types.String) int {
	for i := 0; i < 2; i++ {
		if x, y := unitOrZero(a, i), unitOrZero(b, i); x != y {
			return int(x) - int(y)
		}
	}
	return compareOrdinal(a, b)
}

func unitOrZero(s *types.String, i int) uint16 {
	if i < s.Len() {
		return s.Unit(i)
	}
	return 0
}

// compareOrdinal is the difference of the first units that differ, or of the lengths.
func compareOrdinal(a, b *types.String) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	n := min(a.Len(), b.Len())
	for i := 0; i < n; i++ {
		if x, y := a.Unit(i), b.Unit(i); x != y {
			return int(x) - int(y)
		}
	}
	return a.Len() - b.Len()
}

// equalWith reports equality by a StringComparison; either may be nil.
func equalWith(a, b *types.String, how stringComparison) bool {
	switch {
	case a == b:
		return true
	case a == nil || b == nil:
		return false
	case how == ordinal:
		return a.Go() == b.Go()
	case how == ordinalIgnoreCase:
		return a.Len() == b.Len() && foldString(a).Go() == foldString(b).Go()
	}
	return compareCulture(a, b, how.ignoresCase()) == 0
}

// foldString is s in upper case, by which OrdinalIgnoreCase compares.
func foldString(s *types.String) *types.String { return upperString(s, upperRune) }

// hashKey is a text that strings equal by a StringComparison share.
func hashKey(s *types.String, how stringComparison) string {
	text := s.Go()
	if how.cultural() {
		text = collatable(text)
	}
	if how.ignoresCase() {
		return foldString(types.NewString(text)).Go()
	}
	return text
}

func stringComparisons() []types.MemberDecl {
	type S = *types.String
	type V = types.Value
	compare := func(how stringComparison) func(a, b S) int32 {
		return func(a, b S) int32 { return int32(compareWith(a, b, how)) }
	}
	caseOf := func(ignore bool) stringComparison {
		if ignore {
			return currentCultureIgnoreCase
		}
		return currentCulture
	}
	parts := func(f func(a, b S, x []V) int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			a, b, equal := comparedParts(x)
			if equal {
				return types.Int(0)
			}
			return types.Int(int64(f(a, b, x)))
		})
	}
	return []types.MemberDecl{
		types.M("static int Compare(string strA, string strB)", types.S2(compare(currentCulture))),
		types.M("static int Compare(string strA, string strB, bool ignoreCase)", types.S3(func(a, b S, ignore bool) int32 { return compare(caseOf(ignore))(a, b) })),
		types.M("static int Compare(string strA, string strB, System.StringComparison comparisonType)", types.S3(func(a, b S, how int32) int32 {
			return compare(comparisonOf(how))(a, b)
		})),
		types.M("static int Compare(string strA, int indexA, string strB, int indexB, int length)", parts(func(a, b S, _ []V) int { return compareWith(a, b, currentCulture) })),
		types.M("static int Compare(string strA, int indexA, string strB, int indexB, int length, bool ignoreCase)", parts(func(a, b S, x []V) int {
			return compareWith(a, b, caseOf(x[5].Bool()))
		})),
		types.M("static int Compare(string strA, int indexA, string strB, int indexB, int length, System.StringComparison comparisonType)", parts(func(a, b S, x []V) int {
			return compareWith(a, b, comparisonOf(x[5].Int32()))
		})),
		types.M("static int CompareOrdinal(string strA, string strB)", types.S2(compare(ordinal))),
		types.M("static int CompareOrdinal(string strA, int indexA, string strB, int indexB, int length)", parts(func(a, b S, _ []V) int { return compareOrdinal(a, b) })),
		types.M("int CompareTo(string strB)", types.I1(compare(currentCulture))),
		types.M("int CompareTo(object value)", compareAny),
		types.M("bool Equals(string value)", types.I1(func(a, b S) bool { return equalWith(a, b, ordinal) })),
		types.M("bool Equals(object obj)", equalsImpl),
		types.M("bool Equals(string value, System.StringComparison comparisonType)", types.I2(func(a, b S, how int32) bool { return equalWith(a, b, comparisonOf(how)) })),
		types.M("static bool Equals(string a, string b)", types.S2(func(a, b S) bool { return equalWith(a, b, ordinal) })),
		types.M("static bool Equals(string a, string b, System.StringComparison comparisonType)", types.S3(func(a, b S, how int32) bool { return equalWith(a, b, comparisonOf(how)) })),
		types.M("static bool operator ==(string a, string b)", types.S2(func(a, b S) bool { return equalWith(a, b, ordinal) })),
		types.M("static bool operator !=(string a, string b)", types.S2(func(a, b S) bool { return !equalWith(a, b, ordinal) })),
	}
}

// comparedParts are the substrings that Compare(strA, indexA, strB, indexB, length, …) compares; equal tells that it is clear already.
func comparedParts(x []types.Value) (a, b *types.String, equal bool) {
	a, b = x[0].Str(), x[2].Str()
	if a == nil || b == nil {
		return a, b, a == b
	}
	i, j, n := x[1].Int32(), x[3].Int32(), x[4].Int32()
	if n < 0 {
		throwRange("Length cannot be less than zero.", "length")
	}
	if i < 0 || int(i) > a.Len() {
		throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", "indexA")
	}
	if j < 0 || int(j) > b.Len() {
		throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", "indexB")
	}
	cut := func(s *types.String, i int32) *types.String {
		return s.Slice(int(i), min(s.Len(), int(i)+int(n)))
	}
	return cut(a, i), cut(b, j), n == 0
}

func stringTests() []types.MemberDecl {
	type S = *types.String
	blank := func(s S) bool { return s == nil || isBlank(s) }
	affix := func(how stringComparison, end bool) func(s, v S) bool {
		return func(s, v S) bool { return hasAffix(s, v, how, end) }
	}
	return []types.MemberDecl{
		types.M("static bool IsNullOrEmpty(string value)", types.S1(func(s S) bool { return s == nil || s.Len() == 0 })),
		types.M("static bool IsNullOrWhiteSpace(string value)", types.S1(blank)),
		types.M("bool StartsWith(string value)", types.I1(affix(currentCulture, false))),
		types.M("bool EndsWith(string value)", types.I1(affix(currentCulture, true))),
		types.M("bool StartsWith(char value)", types.I1(func(s S, c types.Char) bool { return s.Len() > 0 && s.Unit(0) == uint16(c) })),
		types.M("bool EndsWith(char value)", types.I1(func(s S, c types.Char) bool { return s.Len() > 0 && s.Unit(s.Len()-1) == uint16(c) })),
		types.M("bool StartsWith(string value, System.StringComparison comparisonType)", types.I2(func(s, v S, how int32) bool {
			return affixWith(s, v, how, false)
		})),
		types.M("bool EndsWith(string value, System.StringComparison comparisonType)", types.I2(func(s, v S, how int32) bool {
			return affixWith(s, v, how, true)
		})),
		types.M("bool Contains(string value)", types.I1(func(s, v S) bool { return find(s, v, 0, s.Len(), ordinal, "value") >= 0 })),
		types.M("bool Contains(char value)", types.I1(func(s S, c types.Char) bool { return findUnit(s, uint16(c), 0, s.Len()) >= 0 })),
		types.M("bool Contains(string value, System.StringComparison comparisonType)", types.I2(func(s, v S, how int32) bool {
			return find(s, v, 0, s.Len(), comparisonOf(how), "value") >= 0
		})),
		types.M("bool Contains(char value, System.StringComparison comparisonType)", types.I2(func(s S, c types.Char, how int32) bool {
			return find(s, charString(c), 0, s.Len(), comparisonOf(how), "value") >= 0
		})),
	}
}

func affixWith(s, v *types.String, how int32, end bool) bool {
	if v == nil {
		types.ThrowNull("value")
	}
	return hasAffix(s, v, comparisonOf(how), end)
}

// hasAffix is StartsWith or EndsWith.
func hasAffix(s, v *types.String, how stringComparison, end bool) bool {
	if v == nil {
		types.ThrowNull("value")
	}
	if how.cultural() {
		s, v = weighted(s), weighted(v)
	}
	n := s.Len() - v.Len()
	if n < 0 {
		return false
	}
	if s.ASCII() && v.ASCII() {
		part := s.Go()[:v.Len()]
		if end {
			part = s.Go()[n:]
		}
		return part == v.Go() || how.ignoresCase() && strings.EqualFold(part, v.Go())
	}
	part := s.Slice(0, v.Len())
	if end {
		part = s.Slice(n, s.Len())
	}
	if how.cultural() && v.Len() > 0 && (!end && combines(s, v.Len()) || end && combines(s, n)) {
		return false
	}
	if how.ignoresCase() {
		return foldString(part).Go() == foldString(v).Go()
	}
	return part.Go() == v.Go()
}

// weighted is s without the characters that a culture ignores; s itself where there are none.
func weighted(s *types.String) *types.String {
	if text := collatable(s.Go()); len(text) != len(s.Go()) && utf8.ValidString(s.Go()) {
		return types.NewString(text)
	}
	return s
}

// combines reports whether the unit at i is a combining mark, which a culture does not part from the character before it.
func combines(s *types.String, i int) bool {
	return i < s.Len() && s.Unit(i) >= 0x300 && unicode.Is(unicode.Mn, rune(s.Unit(i)))
}

// findUnit is the first index of a unit in [from, to), −1 where there is none.
func findUnit(s *types.String, c uint16, from, to int) int {
	if s.ASCII() {
		if c >= 128 {
			return -1
		}
		if i := strings.IndexByte(s.Go()[from:to], byte(c)); i >= 0 {
			return from + i
		}
		return -1
	}
	units := s.Units()
	for i := from; i < to; i++ {
		if units[i] == c {
			return i
		}
	}
	return -1
}
