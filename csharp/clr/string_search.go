package clr

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// find is the first index of v in the units [from, to) of s, −1 where it is not; a null v is an ArgumentNullException about param.
func find(s, v *types.String, from, to int, how stringComparison, param string) int {
	if v == nil {
		types.ThrowNull(param)
	}
	if how.cultural() {
		if v = weighted(v); v.Len() == 0 {
			return from
		}
		if light := weighted(s); light != s {
			return findWeighted(s, light, v, from, to, how)
		}
	}
	if how.ignoresCase() {
		s, v = foldString(s), foldString(v)
	}
	n := v.Len()
	switch {
	case n == 0:
		return from
	case n > to-from:
		return -1
	case s.ASCII():
		if !v.ASCII() {
			return -1
		}
		if i := strings.Index(s.Go()[from:to], v.Go()); i >= 0 {
			return from + i
		}
		return -1
	}
	i := findUnits(s.Units(), v.Units(), from, to)
	for i >= 0 && how.cultural() && combines(s, i+n) {
		i = findUnits(s.Units(), v.Units(), i+1, to)
	}
	return i
}

// findWeighted searches light, which is s without the characters that a culture ignores, and gives the index in s.
func findWeighted(s, light, v *types.String, from, to int, how stringComparison) int {
	var places []int // of the units of light in s
	at := 0
	for i := 0; i < s.Len() && at < light.Len(); i++ {
		if s.Unit(i) == light.Unit(at) {
			places = append(places, i)
			at++
		}
	}
	low, _ := slices.BinarySearch(places, from)
	high, _ := slices.BinarySearch(places, to)
	if i := find(light, v, low, high, how, "value"); i >= 0 && i < len(places) {
		return places[i]
	}
	return -1
}

func findUnits(s, v []uint16, from, to int) int {
	for i := from; i+len(v) <= to; i++ {
		if s[i] == v[0] && slices.Equal(s[i:i+len(v)], v) {
			return i
		}
	}
	return -1
}

// findLast is the last index of v in the units [from, to) of s.
func findLast(s, v *types.String, from, to int, how stringComparison) int {
	if how.cultural() {
		if v = weighted(v); v.Len() == 0 {
			return to
		}
	}
	if how.ignoresCase() {
		s, v = foldString(s), foldString(v)
	}
	if s.ASCII() && v.ASCII() {
		if i := strings.LastIndex(s.Go()[from:to], v.Go()); i >= 0 {
			return from + i
		}
		return -1
	}
	units, want := s.Units(), v.Units()
	for i := to - len(want); i >= from; i-- {
		if slices.Equal(units[i:i+len(want)], want) && !(how.cultural() && combines(s, i+len(want))) {
			return i
		}
	}
	return -1
}

// searched charges a search through s.
func searched(t *types.Thread, s *types.String) { t.Step(int64(s.Len()/256) + 1) }

func stringSearches() []types.MemberDecl {
	type S = *types.String
	type V = types.Value
	// Each overload has its start, its count and its comparison at some place of the arguments, or not at all.
	text := func(start, count, how int) types.Impl {
		return types.Raw(func(t *types.Thread, this V, x []V) V {
			s := stringOf(this)
			searched(t, s)
			if x[0].Ref == nil {
				types.ThrowNull("value")
			}
			cmp := currentCulture
			if how > 0 {
				cmp = comparisonOf(x[how].Int32())
			}
			from, to := searchRange(s, x, start, count)
			return types.Int(int64(find(s, x[0].Str(), from, to, cmp, "value")))
		})
	}
	char := func(start, count int) types.Impl {
		return types.Raw(func(t *types.Thread, this V, x []V) V {
			s := stringOf(this)
			searched(t, s)
			from, to := searchRange(s, x, start, count)
			return types.Int(int64(findUnit(s, uint16(x[0].Num), from, to)))
		})
	}
	set := func(start, count int) types.Impl {
		return types.Raw(func(t *types.Thread, this V, x []V) V {
			s := stringOf(this)
			searched(t, s)
			a, _ := x[0].Ref.(*types.Array)
			if a == nil {
				types.ThrowNull("anyOf")
			}
			from, to := searchRange(s, x, start, count)
			chars := charsOf(a)
			for i := from; i < to; i++ {
				if slices.Contains(chars, s.Unit(i)) {
					return types.Int(int64(i))
				}
			}
			return types.Int(-1)
		})
	}
	const comparisonParam = "System.StringComparison comparisonType"
	return []types.MemberDecl{
		types.M("int IndexOf(string value)", text(0, 0, 0)),
		types.M("int IndexOf(string value, int startIndex)", text(1, 0, 0)),
		types.M("int IndexOf(string value, int startIndex, int count)", text(1, 2, 0)),
		types.M("int IndexOf(string value, "+comparisonParam+")", text(0, 0, 1)),
		types.M("int IndexOf(string value, int startIndex, "+comparisonParam+")", text(1, 0, 2)),
		types.M("int IndexOf(string value, int startIndex, int count, "+comparisonParam+")", text(1, 2, 3)),
		types.M("int IndexOf(char value)", both1(func(t *types.Thread, this, c V) V {
			s := stringOf(this)
			i := findUnit(s, uint16(c.Num), 0, s.Len())
			charge(t, s.Len()/4)
			return types.Int(int64(i))
		})),
		types.M("int IndexOf(char value, int startIndex)", char(1, 0)),
		types.M("int IndexOf(char value, int startIndex, int count)", char(1, 2)),
		types.M("int IndexOf(char value, "+comparisonParam+")", types.I2(func(s S, c types.Char, how int32) int32 {
			return int32(find(s, charString(c), 0, s.Len(), comparisonOf(how), "value"))
		})),
		types.M("int IndexOfAny(char[] anyOf)", set(0, 0)),
		types.M("int IndexOfAny(char[] anyOf, int startIndex)", set(1, 0)),
		types.M("int IndexOfAny(char[] anyOf, int startIndex, int count)", set(1, 2)),
	}
}

// searchRange is the range of units that a search from a start goes over.
func searchRange(s *types.String, x []types.Value, start, count int) (from, to int) {
	from, to = 0, s.Len()
	if start == 0 {
		return from, to
	}
	n := int32(s.Len()) - x[start].Int32()
	if count > 0 {
		n = x[count].Int32()
	}
	checkIndexAndCount(s, x[start].Int32(), n, "startIndex", "count")
	from = int(x[start].Int32())
	return from, from + int(n)
}

func stringLastSearches() []types.MemberDecl {
	type V = types.Value
	text := func(start, count, how int) types.Impl {
		return types.Raw(func(t *types.Thread, this V, x []V) V {
			s, v := stringOf(this), x[0].Str()
			searched(t, s)
			if v == nil {
				types.ThrowNull("value")
			}
			cmp := currentCulture
			if how > 0 {
				cmp = comparisonOf(x[how].Int32())
			}
			return types.Int(int64(lastIndexOf(s, v, x, start, count, cmp)))
		})
	}
	units := func(start, count int, param string) types.Impl {
		return types.Raw(func(t *types.Thread, this V, x []V) V {
			s := stringOf(this)
			searched(t, s)
			want := []uint16{uint16(x[0].Num)}
			if param == "anyOf" {
				a, _ := x[0].Ref.(*types.Array)
				if a == nil {
					types.ThrowNull(param)
				}
				want = charsOf(a)
			}
			return types.Int(int64(lastUnit(s, want, x, start, count)))
		})
	}
	const comparisonParam = "System.StringComparison comparisonType"
	return []types.MemberDecl{
		types.M("int LastIndexOf(string value)", text(0, 0, 0)),
		types.M("int LastIndexOf(string value, int startIndex)", text(1, 0, 0)),
		types.M("int LastIndexOf(string value, int startIndex, int count)", text(1, 2, 0)),
		types.M("int LastIndexOf(string value, "+comparisonParam+")", text(0, 0, 1)),
		types.M("int LastIndexOf(string value, int startIndex, "+comparisonParam+")", text(1, 0, 2)),
		types.M("int LastIndexOf(string value, int startIndex, int count, "+comparisonParam+")", text(1, 2, 3)),
		types.M("int LastIndexOf(char value)", units(0, 0, "value")),
		types.M("int LastIndexOf(char value, int startIndex)", units(1, 0, "value")),
		types.M("int LastIndexOf(char value, int startIndex, int count)", units(1, 2, "value")),
		types.M("int LastIndexOfAny(char[] anyOf)", units(0, 0, "anyOf")),
		types.M("int LastIndexOfAny(char[] anyOf, int startIndex)", units(1, 0, "anyOf")),
		types.M("int LastIndexOfAny(char[] anyOf, int startIndex, int count)", units(1, 2, "anyOf")),
	}
}

const (
	indexLessMessage = "Index was out of range. Must be non-negative and less than the size of the collection."
	countMessage     = "Count must be positive and count must refer to a location within the string/array/collection."
)

func lastIndexOf(s, v *types.String, x []types.Value, start, count int, how stringComparison) int {
	n := int32(s.Len())
	at, c := n-1, n
	if start > 0 {
		at = x[start].Int32()
		c = at + 1
	}
	if count > 0 {
		c = x[count].Int32()
	}
	if n == 0 && (at == -1 || at == 0) {
		if v.Len() == 0 {
			return 0
		}
		return -1
	}
	if at < 0 || at > n {
		throwRange(indexLessMessage, "startIndex")
	}
	if at == n {
		at--
		c = max(c-1, min(c, 0))
	}
	if c < 0 || at-c+1 < 0 {
		throwRange(countMessage, "count")
	}
	if v.Len() == 0 {
		return int(at + 1)
	}
	return findLast(s, v, int(at-c+1), int(at+1), how)
}

// lastUnit is the last index of any of the units.
func lastUnit(s *types.String, want []uint16, x []types.Value, start, count int) int {
	n := int32(s.Len())
	if n == 0 {
		return -1
	}
	at, c := n-1, n
	if start > 0 {
		at = x[start].Int32()
		c = at + 1
	}
	if count > 0 {
		c = x[count].Int32()
	}
	if at < 0 || at >= n {
		throwRange(indexLessMessage, "startIndex")
	}
	if c < 0 || at-c+1 < 0 {
		throwRange(countMessage, "count")
	}
	for i := int(at); i > int(at-c); i-- {
		if slices.Contains(want, s.Unit(i)) {
			return i
		}
	}
	return -1
}

func stringReplaces() []types.MemberDecl {
	type V = types.Value
	return []types.MemberDecl{
		types.M("string Replace(char oldChar, char newChar)", types.Raw(func(t *types.Thread, this V, x []V) V {
			s := stringOf(this)
			t.Alloc(int64(s.Len()))
			return types.Ref(replaceUnit(s, uint16(x[0].Num), uint16(x[1].Num)))
		})),
		types.M("string Replace(string oldValue, string newValue)", types.Raw(func(t *types.Thread, this V, x []V) V {
			return types.Ref(replaceString(t, stringOf(this), x[0].Str(), x[1].Str(), ordinal))
		})),
		types.M("string Replace(string oldValue, string newValue, System.StringComparison comparisonType)", types.Raw(func(t *types.Thread, this V, x []V) V {
			return types.Ref(replaceString(t, stringOf(this), x[0].Str(), x[1].Str(), comparisonOf(x[2].Int32())))
		})),
	}
}

func replaceUnit(s *types.String, old, by uint16) *types.String {
	if findUnit(s, old, 0, s.Len()) < 0 {
		return s
	}
	if s.ASCII() && by < 128 {
		return types.NewString(strings.ReplaceAll(s.Go(), string(rune(old)), string(rune(by))))
	}
	units := slices.Clone(s.Units())
	for i, u := range units {
		if u == old {
			units[i] = by
		}
	}
	return types.StringFromUnits(units)
}

// replaceString replaces all of old, which must not be empty, by another text; nil is the empty one.
func replaceString(t *types.Thread, s, old, by *types.String, how stringComparison) *types.String {
	if old == nil {
		types.ThrowNull("oldValue")
	}
	if old.Len() == 0 {
		types.ThrowArgument(types.ArgumentException, "String cannot be of zero length.", "oldValue")
	}
	var parts []*types.String
	at := 0
	for {
		i := find(s, old, at, s.Len(), how, "oldValue")
		if i < 0 || how.cultural() && weighted(old).Len() == 0 {
			break
		}
		parts = append(parts, s.Slice(at, i), by)
		at = i + old.Len()
		t.Step(1)
		t.Alloc(int64(i-at+old.Len()) + 32)
		if by != nil {
			t.Alloc(int64(by.Len()))
		}
	}
	if parts == nil {
		return s
	}
	return types.ConcatStrings(append(parts, s.Slice(at, s.Len()))...)
}
