package clr

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// stringBuilder is a System.Text.StringBuilder. Its text is bytes while it is all ASCII, UTF-16 units from then on.
type stringBuilder struct {
	ascii []byte
	wide  []uint16
	// isWide tells that wide has the text.
	isWide      bool
	capacity    int
	maxCapacity int
}

var stringBuilderType = lateType("System.Text.StringBuilder")

// ClrType is System.Text.StringBuilder.
func (*stringBuilder) ClrType() *types.Type { return stringBuilderType() }

// ToStr is the text.
func (b *stringBuilder) ToStr(t *types.Thread) *types.String {
	t.Alloc(int64(b.length()) + 16)
	return b.slice(0, b.length())
}

func (b *stringBuilder) length() int {
	if b.isWide {
		return len(b.wide)
	}
	return len(b.ascii)
}

func (b *stringBuilder) at(i int) uint16 {
	if b.isWide {
		return b.wide[i]
	}
	return uint16(b.ascii[i])
}

func (b *stringBuilder) slice(i, j int) *types.String {
	if b.isWide {
		return types.StringFromUnits(b.wide[i:j])
	}
	return types.NewString(string(b.ascii[i:j]))
}

func (b *stringBuilder) widen() {
	if b.isWide {
		return
	}
	b.wide = make([]uint16, len(b.ascii), max(2*len(b.ascii), 16))
	for i, c := range b.ascii {
		b.wide[i] = uint16(c)
	}
	b.ascii, b.isWide = nil, true
}

// grow accounts for n more units: memory, and .NET's idea of capacity.
func (b *stringBuilder) grow(t *types.Thread, n int) {
	t.Alloc(int64(n))
	size := b.length() + n
	if size > b.maxCapacity {
		throwRange("The length cannot be greater than the capacity.", "valueCount")
	}
	if size > b.capacity {
		b.capacity += max(size-b.capacity, min(b.capacity, 8000))
	}
}

// add appends s; nil adds nothing.
func (b *stringBuilder) add(t *types.Thread, s *types.String) {
	if s == nil {
		return
	}
	b.grow(t, s.Len())
	if !b.isWide && s.ASCII() {
		b.ascii = append(b.ascii, s.Go()...)
		return
	}
	b.widen()
	if s.ASCII() {
		for i := 0; i < s.Len(); i++ {
			b.wide = append(b.wide, s.Unit(i))
		}
		return
	}
	b.wide = append(b.wide, s.Units()...)
}

func (b *stringBuilder) addUnit(t *types.Thread, c uint16) {
	b.grow(t, 1)
	if !b.isWide && c < 128 {
		b.ascii = append(b.ascii, byte(c))
		return
	}
	b.widen()
	b.wide = append(b.wide, c)
}

// splice replaces the units [i, j) by s.
func (b *stringBuilder) splice(t *types.Thread, i, j int, s *types.String) {
	if n := s.Len() - (j - i); n > 0 {
		b.grow(t, n)
	}
	t.Step(int64((b.length()-i)/64) + 1)
	if !b.isWide && s.ASCII() {
		b.ascii = slices.Replace(b.ascii, i, j, []byte(s.Go())...)
		return
	}
	b.widen()
	b.wide = slices.Replace(b.wide, i, j, s.Units()...)
}

func (b *stringBuilder) setLength(t *types.Thread, n int32) {
	throwNegative(n, "value")
	if int(n) > b.maxCapacity {
		throwRange("capacity was less than the current size.", "value")
	}
	if have := b.length(); int(n) > have {
		b.add(t, repeat(t, 0, n-int32(have)))
		return
	}
	if b.isWide {
		b.wide = b.wide[:n]
	} else {
		b.ascii = b.ascii[:n]
	}
}

// builderOf is the receiver of a StringBuilder's member.
func builderOf(this types.Value) *stringBuilder {
	b, ok := receiverObject(this).(*stringBuilder)
	if !ok {
		types.ThrowInvalidCast(types.TypeOf(this.Ref), stringBuilderType())
	}
	return b
}

// newStringBuilder is a builder of text with at least so much capacity.
func newStringBuilder(t *types.Thread, text *types.String, capacity int) *stringBuilder {
	b := &stringBuilder{capacity: max(capacity, 16), maxCapacity: 1<<31 - 1}
	if capacity > 0 {
		b.capacity = capacity
	}
	if text != nil {
		b.capacity = max(b.capacity, text.Len())
	}
	b.add(t, text)
	return b
}

func stringBuilderDecls() []*types.Decl {
	return []*types.Decl{types.T("sealed class System.Text.StringBuilder",
		slices.Concat(builderMakers(), builderProperties(), builderAppends(), builderJoins(), builderInserts(), builderEdits())...)}
}

func builderMakers() []types.MemberDecl {
	type V = types.Value
	checkCapacity := func(n int32) int {
		throwNegative(n, "capacity")
		return int(n)
	}
	return []types.MemberDecl{
		types.M("new()", types.Raw(func(t *types.Thread, _ V, _ []V) V { return types.Ref(newStringBuilder(t, nil, 0)) })),
		types.M("new(int capacity)", types.Raw(func(t *types.Thread, _ V, x []V) V {
			return types.Ref(newStringBuilder(t, nil, checkCapacity(x[0].Int32())))
		})),
		types.M("new(int capacity, int maxCapacity)", types.Raw(func(t *types.Thread, _ V, x []V) V {
			n, limit := x[0].Int32(), x[1].Int32()
			if n > limit {
				throwRange("Capacity exceeds maximum capacity.", "capacity")
			}
			if limit < 1 {
				throwActual("maxCapacity ('"+itoa(limit)+"') must be a non-negative and non-zero value.", "maxCapacity", itoa(limit))
			}
			b := newStringBuilder(t, nil, checkCapacity(n))
			b.maxCapacity = int(limit)
			return types.Ref(b)
		})),
		types.M("new(string value)", types.Raw(func(t *types.Thread, _ V, x []V) V { return types.Ref(newStringBuilder(t, x[0].Str(), 0)) })),
		types.M("new(string value, int capacity)", types.Raw(func(t *types.Thread, _ V, x []V) V {
			return types.Ref(newStringBuilder(t, x[0].Str(), checkCapacity(x[1].Int32())))
		})),
		types.M("new(string value, int startIndex, int length, int capacity)", types.Raw(func(t *types.Thread, _ V, x []V) V {
			s, start, n := x[0].Str(), x[1].Int32(), x[2].Int32()
			capacity := checkCapacity(x[3].Int32())
			throwNegative(n, "length")
			throwNegative(start, "startIndex")
			if s == nil {
				s = types.EmptyString
			}
			if int(start) > s.Len()-int(n) {
				throwRange("Index and length must refer to a location within the string.", "length")
			}
			return types.Ref(newStringBuilder(t, s.Slice(int(start), int(start+n)), capacity))
		})),
	}
}

func builderProperties() []types.MemberDecl {
	type V = types.Value
	return []types.MemberDecl{
		types.M("int Length { get; set; }", types.I0(func(b *stringBuilder) int32 { return int32(b.length()) }).WithSet(
			func(t *types.Thread, this V, x []V) { builderOf(this).setLength(t, x[0].Int32()) })),
		types.M("int Capacity { get; set; }", types.I0(func(b *stringBuilder) int32 { return int32(b.capacity) }).WithSet(
			func(_ *types.Thread, this V, x []V) {
				b, n := builderOf(this), x[0].Int32()
				throwNegative(n, "value")
				if int(n) < b.length() {
					throwRange("capacity was less than the current size.", "value")
				}
				b.capacity = int(n)
			})),
		types.M("int MaxCapacity { get; }", types.I0(func(b *stringBuilder) int32 { return int32(b.maxCapacity) })),
		types.M("int EnsureCapacity(int capacity)", types.I1(func(b *stringBuilder, n int32) int32 {
			throwNegative(n, "capacity")
			b.capacity = max(b.capacity, int(n))
			return int32(b.capacity)
		})),
		types.M("char this[int index] { get; set; }", types.I1(func(b *stringBuilder, i int32) types.Char {
			if uint(i) >= uint(b.length()) {
				types.Throw(types.IndexOutOfRangeException, "Index was outside the bounds of the array.")
			}
			return types.Char(b.at(int(i)))
		}).WithSet(func(_ *types.Thread, this V, x []V) { builderOf(this).set(x[0].Int32(), uint16(x[1].Num)) })),
		types.M("string ToString()", types.Raw(func(t *types.Thread, this V, _ []V) V { return types.Ref(builderOf(this).ToStr(t)) })),
		types.M("string ToString(int startIndex, int length)", types.Raw(func(t *types.Thread, this V, x []V) V {
			b, start, n := builderOf(this), x[0].Int32(), x[1].Int32()
			if start < 0 {
				throwRange("StartIndex cannot be less than zero.", "startIndex")
			}
			if int(start) > b.length() {
				throwRange("startIndex cannot be larger than length of string.", "startIndex")
			}
			throwNegative(n, "length")
			if int(start) > b.length()-int(n) {
				throwRange("Index and length must refer to a location within the string.", "length")
			}
			t.Alloc(int64(n))
			return types.Ref(b.slice(int(start), int(start+n)))
		})),
		types.M("bool Equals(System.Text.StringBuilder sb)", types.Raw(func(t *types.Thread, this V, x []V) V {
			b := builderOf(this)
			o, _ := x[0].Ref.(*stringBuilder)
			if o == nil || b.length() != o.length() {
				return types.Bool(false)
			}
			charge(t, b.length())
			return types.Bool(b.slice(0, b.length()).Go() == o.slice(0, o.length()).Go())
		})),
		types.M("void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)", types.Raw(func(t *types.Thread, this V, x []V) V {
			b := builderOf(this)
			charge(t, b.length())
			copyChars(b.slice(0, b.length()), x)
			return V{}
		})),
	}
}

func (b *stringBuilder) set(i int32, c uint16) {
	if uint(i) >= uint(b.length()) {
		throwRange("Index was out of range. Must be non-negative and less than the size of the collection.", "index")
	}
	if c >= 128 {
		b.widen()
	}
	if b.isWide {
		b.wide[i] = c
	} else {
		b.ascii[i] = byte(c)
	}
}

// printed are the words of the types whose values Append and Insert print by ToString().
var printed = []string{"bool", "byte", "decimal", "double", "float", "int", "long", "object", "sbyte", "short", "uint", "ulong", "ushort"}

// printedText is the string of an argument of such a type.
func printedText(word string) func(t *types.Thread, v types.Value) *types.String {
	typ := types.Keyword(word)
	return func(t *types.Thread, v types.Value) *types.String {
		if o := types.Box(typ, v); o != nil {
			return objectToString(t, o)
		}
		return nil
	}
}

func builderAppends() []types.MemberDecl {
	type V = types.Value
	const self = "System.Text.StringBuilder "
	out := []types.MemberDecl{
		types.M(self+"Append(string value)", both1(func(t *types.Thread, this, s V) V {
			builderOf(this).add(t, s.Str())
			return this
		})),
		types.M(self+"Append(char value)", both1(func(t *types.Thread, this, c V) V {
			builderOf(this).addUnit(t, uint16(c.Num))
			return this
		})),
		types.M(self+"Append(char value, int repeatCount)", types.Raw(func(t *types.Thread, this V, x []V) V {
			throwNegative(x[1].Int32(), "repeatCount")
			builderOf(this).add(t, repeat(t, types.Char(x[0].Num), x[1].Int32()))
			return this
		})),
		types.M(self+"Append(char[] value)", types.Raw(func(t *types.Thread, this V, x []V) V {
			a, _ := x[0].Ref.(*types.Array)
			builderOf(this).add(t, types.StringFromUnits(charsOf(a)))
			return this
		})),
		types.M(self+"Append(char[] value, int startIndex, int charCount)", types.Raw(func(t *types.Thread, this V, x []V) V {
			a, _ := x[0].Ref.(*types.Array)
			b, start, n := builderOf(this), x[1].Int32(), x[2].Int32()
			if a == nil && start == 0 && n == 0 {
				return this
			}
			b.add(t, types.StringFromUnits(charRange(a, start, n, "value", "startIndex", "charCount")))
			return this
		})),
		types.M(self+"Append(string value, int startIndex, int count)", types.Raw(func(t *types.Thread, this V, x []V) V {
			return builderAppendPart(t, this, x[0].Str(), x[1].Int32(), x[2].Int32())
		})),
		types.M(self+"Append(System.Text.StringBuilder value)", types.Raw(func(t *types.Thread, this V, x []V) V {
			if x[0].Ref != nil {
				builderOf(this).add(t, builderOf(x[0]).ToStr(t))
			}
			return this
		})),
		types.M(self+"Append(System.Text.StringBuilder value, int startIndex, int count)", types.Raw(func(t *types.Thread, this V, x []V) V {
			var s *types.String
			if x[0].Ref != nil {
				s = builderOf(x[0]).ToStr(t)
			}
			return builderAppendPart(t, this, s, x[1].Int32(), x[2].Int32())
		})),
		types.M(self+"AppendLine()", both0(func(t *types.Thread, this V) V {
			builderOf(this).addUnit(t, '\n')
			return this
		})),
		types.M(self+"AppendLine(string value)", both1(func(t *types.Thread, this, s V) V {
			b := builderOf(this)
			b.add(t, s.Str())
			b.addUnit(t, '\n')
			return this
		})),
	}
	for _, word := range printed {
		text := printedText(word)
		out = append(out, types.M(self+"Append("+word+" value)", both1(func(t *types.Thread, this, v V) V {
			b := builderOf(this)
			b.add(t, text(t, v))
			return this
		})))
	}
	return out
}

func builderAppendPart(t *types.Thread, this types.Value, s *types.String, start, n int32) types.Value {
	b := builderOf(this)
	if s == nil {
		if start == 0 && n == 0 {
			return this
		}
		types.ThrowNull("value")
	}
	throwNegative(n, "count")
	throwNegative(start, "startIndex")
	if int(start) > s.Len()-int(n) {
		throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", "startIndex")
	}
	b.add(t, s.Slice(int(start), int(start+n)))
	return this
}

func builderJoins() []types.MemberDecl {
	type V = types.Value
	const self = "System.Text.StringBuilder "
	var out []types.MemberDecl
	for skip, provider := range []string{"", "System.IFormatProvider provider, "} {
		each := types.Raw(func(t *types.Thread, this V, x []V) V {
			builderOf(this).add(t, compositeFormat(t, x[skip].Str(), x[skip+1:]))
			return this
		})
		out = append(out,
			types.M(self+"AppendFormat("+provider+"string format, object arg0)", each),
			types.M(self+"AppendFormat("+provider+"string format, object arg0, object arg1)", each),
			types.M(self+"AppendFormat("+provider+"string format, object arg0, object arg1, object arg2)", each),
			types.M(self+"AppendFormat("+provider+"string format, params object[] args)", types.Raw(func(t *types.Thread, this V, x []V) V {
				b := builderOf(this)
				if x[skip].Ref == nil {
					types.ThrowNull("format")
				}
				b.add(t, compositeFormat(t, x[skip].Str(), arrayArgs(x[skip+1], "args")))
				return this
			})))
	}
	for _, k := range []struct {
		param string
		sep   func(v V) *types.String
	}{
		{"string separator", V.Str},
		{"char separator", func(v V) *types.String { return charString(types.Char(v.Num)) }},
	} {
		join := types.Raw(func(t *types.Thread, this V, x []V) V {
			builderOf(this).add(t, joinArray(t, k.sep(x[0]), x[1], "values").Str())
			return this
		})
		out = append(out,
			types.M(self+"AppendJoin("+k.param+", params object[] values)", join),
			types.M(self+"AppendJoin("+k.param+", params string[] values)", join),
			types.M(self+"AppendJoin<T>("+k.param+", System.Collections.Generic.IEnumerable<T> values)", types.Generic(func(t *types.Thread, targs []*types.Type, this V, x []V) V {
				builderOf(this).add(t, joinSeq(t, k.sep(x[0]), x[1].Ref, targs[0]).Str())
				return this
			})))
	}
	return out
}

// insert puts text, which may be nil, at an index n times.
func (b *stringBuilder) insert(t *types.Thread, index int32, s *types.String, n int32) {
	if uint(index) > uint(b.length()) {
		throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", "index")
	}
	throwNegative(n, "count")
	if s == nil || s.Len() == 0 || n == 0 {
		return
	}
	if n > 1 {
		t.Alloc(int64(len(s.Go())) * int64(n))
		s = types.NewString(strings.Repeat(s.Go(), int(n)))
	}
	b.splice(t, int(index), int(index), s)
}

func builderInserts() []types.MemberDecl {
	type V = types.Value
	const self = "System.Text.StringBuilder Insert(int index, "
	insert := func(params string, text func(t *types.Thread, x []V) *types.String) types.MemberDecl {
		return types.M(self+params, types.Raw(func(t *types.Thread, this V, x []V) V {
			builderOf(this).insert(t, x[0].Int32(), text(t, x), 1)
			return this
		}))
	}
	out := []types.MemberDecl{
		insert("string value)", func(_ *types.Thread, x []V) *types.String { return x[1].Str() }),
		insert("char value)", func(_ *types.Thread, x []V) *types.String { return charString(types.Char(x[1].Num)) }),
		insert("char[] value)", func(_ *types.Thread, x []V) *types.String {
			a, _ := x[1].Ref.(*types.Array)
			return types.StringFromUnits(charsOf(a))
		}),
		insert("char[] value, int startIndex, int charCount)", func(_ *types.Thread, x []V) *types.String {
			a, _ := x[1].Ref.(*types.Array)
			return types.StringFromUnits(charRange(a, x[2].Int32(), x[3].Int32(), "value", "startIndex", "charCount"))
		}),
		types.M(self+"string value, int count)", types.Raw(func(t *types.Thread, this V, x []V) V {
			builderOf(this).insert(t, x[0].Int32(), x[1].Str(), x[2].Int32())
			return this
		})),
	}
	for _, word := range printed {
		text := printedText(word)
		out = append(out, insert(word+" value)", func(t *types.Thread, x []V) *types.String { return text(t, x[1]) }))
	}
	return out
}

func builderEdits() []types.MemberDecl {
	type V = types.Value
	const self = "System.Text.StringBuilder "
	return []types.MemberDecl{
		types.M(self+"Clear()", types.Raw(func(t *types.Thread, this V, _ []V) V {
			builderOf(this).setLength(t, 0)
			return this
		})),
		types.M(self+"Remove(int startIndex, int length)", types.Raw(func(t *types.Thread, this V, x []V) V {
			b, start, n := builderOf(this), x[0].Int32(), x[1].Int32()
			throwNegative(n, "length")
			throwNegative(start, "startIndex")
			if int(n) > b.length()-int(start) {
				throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", "length")
			}
			b.splice(t, int(start), int(start+n), types.EmptyString)
			return this
		})),
		types.M(self+"Replace(string oldValue, string newValue)", types.Raw(func(t *types.Thread, this V, x []V) V {
			b := builderOf(this)
			b.replace(t, x[0].Str(), x[1].Str(), 0, int32(b.length()))
			return this
		})),
		types.M(self+"Replace(string oldValue, string newValue, int startIndex, int count)", types.Raw(func(t *types.Thread, this V, x []V) V {
			builderOf(this).replace(t, x[0].Str(), x[1].Str(), x[2].Int32(), x[3].Int32())
			return this
		})),
		types.M(self+"Replace(char oldChar, char newChar)", types.Raw(func(t *types.Thread, this V, x []V) V {
			b := builderOf(this)
			b.replaceChar(t, x, 0, int32(b.length()))
			return this
		})),
		types.M(self+"Replace(char oldChar, char newChar, int startIndex, int count)", types.Raw(func(t *types.Thread, this V, x []V) V {
			builderOf(this).replaceChar(t, x, x[2].Int32(), x[3].Int32())
			return this
		})),
	}
}

// checkPart throws unless start and n name a part of the text.
func (b *stringBuilder) checkPart(start, n int32) {
	if uint(start) > uint(b.length()) {
		throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", "startIndex")
	}
	if n < 0 || int(n) > b.length()-int(start) {
		throwRange("Index was out of range. Must be non-negative and less than or equal to the size of the collection.", "count")
	}
}

func (b *stringBuilder) replace(t *types.Thread, old, by *types.String, start, n int32) {
	b.checkPart(start, n)
	if old == nil {
		types.ThrowNull("oldValue")
	}
	if old.Len() == 0 {
		types.ThrowArgument(types.ArgumentException, "The value cannot be an empty string.", "oldValue")
	}
	t.Step(int64(n/64) + 1)
	t.Alloc(int64(n))
	part := b.slice(int(start), int(start+n))
	if changed := replaceString(t, part, old, by, ordinal); changed != part {
		b.splice(t, int(start), int(start+n), changed)
	}
}

func (b *stringBuilder) replaceChar(t *types.Thread, x []types.Value, start, n int32) {
	b.checkPart(start, n)
	t.Step(int64(n/64) + 1)
	old, by := uint16(x[0].Num), uint16(x[1].Num)
	for i := start; i < start+n; i++ {
		if b.at(int(i)) == old {
			b.set(i, by)
		}
	}
}
