package clr

import (
	"hash/maphash"
	"math"
	"reflect"
	"strconv"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// ops are the operations that the language asks of the library.
func ops() types.Ops {
	return types.Ops{ToString: objectToString, Equals: objectEquals, Hash: objectHash, Compare: objectCompare, Format: objectFormat, Payload: structDefault}
}

func itoa[I int | int32 | int64](n I) string { return strconv.FormatInt(int64(n), 10) }

// objectToString is o.ToString().
func objectToString(t *types.Thread, o any) *types.String {
	switch x := o.(type) {
	case *types.String:
		return x
	case int32:
		return types.NewString(strconv.FormatInt(int64(x), 10))
	case types.Char:
		return charString(x)
	case types.ToStringer:
		return x.ClrToString(t)
	case stringer:
		return x.ToStr(t)
	case *types.Exception:
		return newString(t, exceptionText(x))
	case *types.RuntimeType:
		return types.NewString(x.T.FullName())
	}
	if s, ok := formatValue(t, o, ""); ok {
		return types.NewString(s)
	}
	return types.NewString(types.TypeOf(o).FullName())
}

// objectFormat is o.ToString(format) of an IFormattable, o.ToString() of others.
func objectFormat(t *types.Thread, o any, spec string) *types.String {
	if spec == "" {
		return objectToString(t, o)
	}
	if f, ok := o.(formatter); ok {
		return f.Format(t, spec)
	}
	if s, ok := formatValue(t, o, spec); ok {
		return newString(t, s)
	}
	return objectToString(t, o)
}

// formatValue writes a boxed value type by a format; ok is false for other objects.
func formatValue(t *types.Thread, o any, spec string) (s string, ok bool) {
	switch x := o.(type) {
	case bool:
		return boolText(x), true
	case types.Char:
		return charString(x).Go(), true
	case types.DateTime:
		return formatDateTime(x, spec), true
	case types.TimeSpan:
		return formatTimeSpan(x, spec), true
	case types.Guid:
		return formatGuid(x, spec), true
	case *types.Enum:
		return formatEnum(t, x, spec), true
	}
	return formatNumber(t, o, spec)
}

// formatNumber writes a boxed number by a format; ok is false for other objects.
func formatNumber(t *types.Thread, o any, spec string) (s string, ok bool) {
	if len(spec) > 1 {
		t.Alloc(format.Size(spec))
	}
	good := true
	switch x := o.(type) {
	case int32:
		s, good = format.Int(int64(x), 4, spec)
	case int64:
		s, good = format.Int(x, 8, spec)
	case int16:
		s, good = format.Int(int64(x), 2, spec)
	case int8:
		s, good = format.Int(int64(x), 1, spec)
	case uint8:
		s, good = format.Uint(uint64(x), spec)
	case uint16:
		s, good = format.Uint(uint64(x), spec)
	case uint32:
		s, good = format.Uint(uint64(x), spec)
	case uint64:
		s, good = format.Uint(x, spec)
	case float64:
		s, good = format.Float64(x, spec)
	case float32:
		s, good = format.Float32(x, spec)
	case decimal.Decimal:
		s, good = format.Dec(x, spec)
	default:
		return "", false
	}
	if !good {
		throwBadSpecifier()
	}
	return s, true
}

func throwBadSpecifier() { types.Throw(types.FormatException, "Format specifier was invalid.") }

// objectEquals is object.Equals(a, b).
func objectEquals(t *types.Thread, a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	switch x := a.(type) {
	case *types.String:
		y, ok := b.(*types.String)
		if !ok || x.Len() != y.Len() {
			return false
		}
		charge(t, x.Len()/16)
		return x.Go() == y.Go()
	case types.Equaler:
		return x.ClrEquals(t, b)
	case equaler:
		return x.EqualTo(t, b)
	case float64:
		y, ok := b.(float64)
		return ok && (x == y || x != x && y != y)
	case float32:
		y, ok := b.(float32)
		return ok && (x == y || x != x && y != y)
	case decimal.Decimal:
		y, ok := b.(decimal.Decimal)
		return ok && decimal.Compare(x, y) == 0
	case types.DateTime:
		y, ok := b.(types.DateTime)
		return ok && ticksOf(x) == ticksOf(y)
	case *types.Enum:
		y, ok := b.(*types.Enum)
		return ok && *x == *y
	case *types.Delegate:
		y, ok := b.(*types.Delegate)
		return ok && x.Same(y)
	}
	return sameReference(a, b)
}

// sameReference compares by identity, or by value what Go keeps by value.
func sameReference(a, b any) bool {
	ta := reflect.TypeOf(a)
	return ta == reflect.TypeOf(b) && ta.Comparable() && a == b
}

var hashSeed = maphash.MakeSeed()

// stringHash is String.GetHashCode(), which like .NET's differs from process to process.
func stringHash(s string) int32 { return int32(maphash.String(hashSeed, s)) }

// objectHash is o.GetHashCode().
func objectHash(t *types.Thread, o any) int32 {
	switch x := o.(type) {
	case *types.String:
		return stringHash(x.Go())
	case types.Equaler:
		return x.ClrHash(t)
	case hasher:
		return x.HashCode(t)
	case int32:
		return x
	case decimal.Decimal:
		return x.Hash()
	case float64:
		return doubleHash(x)
	case float32:
		return floatHash(x)
	case types.DateTime:
		return longHash(ticksOf(x))
	case types.TimeSpan:
		return longHash(int64(x))
	case types.Guid:
		return guidHash(x)
	case *types.Enum:
		return objectHash(t, enumNumber(x))
	}
	return plainHash(o)
}

func plainHash(o any) int32 {
	switch x := o.(type) {
	case bool:
		if x {
			return 1
		}
		return 0
	case types.Char:
		return int32(x) | int32(x)<<16
	case int8:
		return int32(x)
	case uint8:
		return int32(x)
	case int16:
		return int32(x)
	case uint16:
		return int32(x)
	case uint32:
		return int32(x)
	case int64:
		return longHash(x)
	case uint64:
		return longHash(int64(x))
	}
	if !reflect.TypeOf(o).Comparable() {
		return 1
	}
	return int32(maphash.Comparable(hashSeed, o))
}

func longHash(n int64) int32 { return int32(n) ^ int32(n>>32) }

func doubleHash(f float64) int32 {
	bits := math.Float64bits(f)
	if f == 0 || f != f {
		bits &= 0x7FF0000000000000
	}
	return longHash(int64(bits))
}

func floatHash(f float32) int32 {
	bits := math.Float32bits(f)
	if f == 0 || f != f {
		bits &= 0x7F800000
	}
	return int32(bits)
}

// objectCompare is Comparer<object>.Default.Compare.
func objectCompare(t *types.Thread, a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	if isComparable(a) {
		return compareTo(t, a, b)
	}
	if isComparable(b) {
		return -compareTo(t, b, a)
	}
	types.Throw(types.ArgumentException, "At least one object must implement IComparable.")
	return 0
}

// isComparable reports whether o implements IComparable.
func isComparable(o any) bool {
	switch o.(type) {
	case *types.String, bool, types.Char, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64,
		decimal.Decimal, types.DateTime, types.TimeSpan, types.Guid, *types.Enum, comparer, *types.TupleValue:
		return true
	}
	return false
}

// compareTo is a.CompareTo(b) of an a that is comparable; b is not null.
func compareTo(t *types.Thread, a, b any) int {
	switch x := a.(type) {
	case comparer:
		return x.CompareTo(t, b)
	case *types.TupleValue:
		return compareTuples(t, x, b)
	case *types.Enum:
		return compareEnums(x, b)
	case *types.String:
		if y, ok := b.(*types.String); ok {
			return compareCulture(x, y, false)
		}
	default:
		if reflect.TypeOf(a) == reflect.TypeOf(b) {
			return compareValues(a, b)
		}
	}
	types.Throw(types.ArgumentException, "Object must be of type "+types.TypeOf(a).Name()+".")
	return 0
}

// compareValues compares two boxed values of one Go type.
func compareValues(a, b any) int {
	switch x := a.(type) {
	case bool:
		return compareBools(x, b.(bool))
	case types.Char:
		return int(x) - int(b.(types.Char))
	case int8:
		return int(x) - int(b.(int8))
	case uint8:
		return int(x) - int(b.(uint8))
	case int16:
		return int(x) - int(b.(int16))
	case uint16:
		return int(x) - int(b.(uint16))
	case int32:
		return order(x, b.(int32))
	case uint32:
		return order(x, b.(uint32))
	case int64:
		return order(x, b.(int64))
	case uint64:
		return order(x, b.(uint64))
	case float32:
		return orderFloats(float64(x), float64(b.(float32)))
	case float64:
		return orderFloats(x, b.(float64))
	case decimal.Decimal:
		return decimal.Compare(x, b.(decimal.Decimal))
	case types.DateTime:
		return order(ticksOf(x), ticksOf(b.(types.DateTime)))
	case types.TimeSpan:
		return order(x, b.(types.TimeSpan))
	}
	return compareGuids(a.(types.Guid), b.(types.Guid))
}

func order[T ~int32 | ~uint32 | ~int64 | ~uint64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// orderFloats puts NaN before everything.
func orderFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	case a != a && b != b:
		return 0
	case a != a:
		return -1
	}
	return 1
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func boolText(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// compareTuples compares element by element.
func compareTuples(t *types.Thread, a *types.TupleValue, o any) int {
	b, ok := o.(*types.TupleValue)
	if !ok || a.T != b.T {
		types.ThrowArgument(types.ArgumentException, "Argument must be of type "+a.T.FullName()+".", "other")
	}
	for i, et := range a.T.Args {
		if c := objectCompare(t, types.Box(et, a.Items[i]), types.Box(et, b.Items[i])); c != 0 {
			return c
		}
	}
	return 0
}

// structDefaults makes the default value, boxed, of structs that stand in Ref, by full name with the number of type
// parameters; each file of such a struct adds its own in its declarations through registerStruct.
var structDefaults = map[string]func(t *types.Type) any{}

// registerStruct tells how to make default(T) of a struct; call it from init.
func registerStruct(fullName string, zero func(t *types.Type) any) { structDefaults[fullName] = zero }

func structDefault(t *types.Type) any {
	if t.Def == nil {
		return nil
	}
	if f := structDefaults[t.Def.FullName()]; f != nil {
		return f(t)
	}
	return nil
}
