package clr

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

const (
	removeEmptyEntries = 1
	trimEntries        = 2
	noCount            = 1<<31 - 1
)

func stringSplits() []types.MemberDecl {
	type V = types.Value
	// Each overload has its count and its options at some place of the arguments, or not at all.
	splitAt := func(separator func(V) separator, count, options int) types.Impl {
		return types.Raw(func(t *types.Thread, this V, x []V) V {
			n, opts := int32(noCount), int32(0)
			if count > 0 {
				n = x[count].Int32()
			}
			if options > 0 {
				opts = x[options].Int32()
			}
			s := stringOf(this)
			if n == noCount && opts == 0 && s.ASCII() {
				if b, ok := asciiSeparator(x[0]); ok {
					return types.Ref(splitASCII(t, s, b))
				}
			}
			return types.Ref(splitString(t, s, separator(x[0]), n, opts))
		})
	}
	split := func(count, options int) types.Impl { return splitAt(separatorOf, count, options) }
	char := func(count, options int) types.Impl { return splitAt(charSeparator, count, options) }
	const options = "System.StringSplitOptions options"
	return []types.MemberDecl{
		types.M("string[] Split(params char[] separator)", split(0, 0)),
		types.M("string[] Split(char[] separator, int count)", split(1, 0)),
		types.M("string[] Split(char[] separator, "+options+")", split(0, 1)),
		types.M("string[] Split(char[] separator, int count, "+options+")", split(1, 2)),
		types.M("string[] Split(char separator, "+options+" = None)", char(0, 1)),
		types.M("string[] Split(char separator, int count, "+options+" = None)", char(1, 2)),
		types.M("string[] Split(string separator, "+options+" = None)", split(0, 1)),
		types.M("string[] Split(string separator, int count, "+options+" = None)", split(1, 2)),
		types.M("string[] Split(string[] separator, "+options+")", split(0, 1)),
		types.M("string[] Split(string[] separator, int count, "+options+")", split(1, 2)),
	}
}

// asciiSeparator is a separator of one ASCII character, by a char or a string.
func asciiSeparator(v types.Value) (byte, bool) {
	switch x := v.Ref.(type) {
	case nil:
		return byte(v.Num), v.Num > 0 && v.Num < 128
	case *types.String:
		if text := x.Go(); len(text) == 1 {
			return text[0], true
		}
	case *types.Array:
		if x.T.Elem == types.CharType && len(x.Items) == 1 && x.Items[0].Num < 128 {
			return byte(x.Items[0].Num), true
		}
	}
	return 0, false
}

// splitASCII splits ASCII text at each of a character.
func splitASCII(t *types.Thread, s *types.String, sep byte) *types.Array {
	searched(t, s)
	n := strings.Count(s.Go(), string(rune(sep)))
	if n == 0 {
		return newStrings([]*types.String{s})
	}
	t.Step(int64(n + s.Len()/256))
	t.Alloc(int64(s.Len() + 48*(n+1)))
	return &types.Array{T: types.StringArray, Items: s.SplitASCII(sep, n)}
}

// separator finds the next place to split at: where it begins and how long it is; −1 where there is none.
type separator func(s *types.String, from int) (at, length int)

// charSeparator is a char that stands in Num.
func charSeparator(v types.Value) separator {
	return func(s *types.String, from int) (int, int) { return findUnit(s, uint16(v.Num), from, s.Len()), 1 }
}

// separatorOf reads a separator argument: a string, an array of chars or strings. None at all means white space.
func separatorOf(v types.Value) separator {
	switch x := v.Ref.(type) {
	case *types.String:
		if x.Len() == 0 {
			return func(*types.String, int) (int, int) { return -1, 0 }
		}
		return func(s *types.String, from int) (int, int) {
			return find(s, x, from, s.Len(), ordinal, "separator"), x.Len()
		}
	case *types.Array:
		if len(x.Items) > 0 && x.T.Elem == types.CharType {
			set := charsOf(x)
			return unitSeparator(func(u uint16) bool { return slices.Contains(set, u) })
		}
		if len(x.Items) > 0 {
			return stringsSeparator(x)
		}
	}
	return unitSeparator(isWhiteUnit)
}

func unitSeparator(is func(uint16) bool) separator {
	return func(s *types.String, from int) (int, int) {
		for n := s.Len(); from < n; from++ {
			if is(s.Unit(from)) {
				return from, 1
			}
		}
		return -1, 0
	}
}

// stringsSeparator finds the first of several strings, of those at one place the first in the array.
func stringsSeparator(a *types.Array) separator {
	return func(s *types.String, from int) (int, int) {
		best, length := -1, 0
		for _, v := range a.Items {
			sep := v.Str()
			if sep == nil || sep.Len() == 0 {
				continue
			}
			if i := find(s, sep, from, s.Len(), ordinal, "separator"); i >= 0 && (best < 0 || i < best) {
				best, length = i, sep.Len()
			}
		}
		return best, length
	}
}

// splitString splits into at most count parts.
func splitString(t *types.Thread, s *types.String, sep separator, count, options int32) *types.Array {
	throwNegative(count, "count")
	if options < 0 || options > removeEmptyEntries|trimEntries {
		types.ThrowArgument(types.ArgumentException, "Illegal enum value: "+itoa(options)+".", "options")
	}
	clean := func(p *types.String) *types.String {
		if options&trimEntries != 0 {
			return trimWhite(t, p, true, true)
		}
		return p
	}
	if count <= 1 || s.Len() == 0 {
		p := clean(s)
		if count == 0 || p.Len() == 0 && options&removeEmptyEntries != 0 {
			return newStrings(nil)
		}
		return newStrings([]*types.String{p})
	}
	var few [16]*types.String
	parts, from := few[:0], 0
	for len(parts) < int(count)-1 {
		at, length := sep(s, from)
		if at < 0 {
			break
		}
		t.Step(1)
		t.Alloc(int64(at-from) + 48)
		if p := clean(sliceOf(t, s, from, at)); p.Len() > 0 || options&removeEmptyEntries == 0 {
			parts = append(parts, p)
		}
		from = at + length
	}
	if options&removeEmptyEntries != 0 && len(parts) == int(count)-1 {
		from = skipEmpty(s, sep, from, clean)
	}
	if p := clean(sliceOf(t, s, from, s.Len())); p.Len() > 0 || options&removeEmptyEntries == 0 {
		parts = append(parts, p)
	}
	return newStrings(parts)
}

// skipEmpty passes over the empty parts at the beginning of the rest.
func skipEmpty(s *types.String, sep separator, from int, clean func(*types.String) *types.String) int {
	for {
		at, length := sep(s, from)
		if at < 0 || clean(s.Slice(from, at)).Len() > 0 {
			return from
		}
		from = at + length
	}
}
