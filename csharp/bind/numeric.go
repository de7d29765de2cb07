package bind

import (
	"math"

	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// num is a numeric type.
type num uint8

const (
	notNum num = iota
	nSByte
	nByte
	nShort
	nUShort
	nChar
	nInt
	nUInt
	nLong
	nULong
	nFloat
	nDouble
	nDecimal
)

var nums = map[*types.Type]num{
	types.SByteType: nSByte, types.ByteType: nByte, types.Int16Type: nShort, types.UInt16Type: nUShort, types.CharType: nChar,
	types.Int32Type: nInt, types.UInt32Type: nUInt, types.Int64Type: nLong, types.UInt64Type: nULong,
	types.SingleType: nFloat, types.DoubleType: nDouble, types.DecimalType: nDecimal,
}

// numOf is the numeric type of t; notNum for others, enums too.
func numOf(t *types.Type) num {
	if t == nil || t.Kind != types.Struct {
		return notNum
	}
	return nums[t]
}

func (n num) integral() bool { return n >= nSByte && n <= nULong }

// signed and bits of an integral type.
func (n num) signed() bool { return n == nSByte || n == nShort || n == nInt || n == nLong }

func (n num) bits() uint {
	switch n {
	case nSByte, nByte:
		return 8
	case nShort, nUShort, nChar:
		return 16
	case nInt, nUInt:
		return 32
	}
	return 64
}

// implicitNumeric are the implicit numeric conversions of C# (spec 10.2.3), as a set of targets by source.
var implicitNumeric = [...]uint32{
	nSByte:  1<<nShort | 1<<nInt | 1<<nLong | 1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nByte:   1<<nShort | 1<<nUShort | 1<<nInt | 1<<nUInt | 1<<nLong | 1<<nULong | 1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nShort:  1<<nInt | 1<<nLong | 1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nUShort: 1<<nInt | 1<<nUInt | 1<<nLong | 1<<nULong | 1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nChar:   1<<nUShort | 1<<nInt | 1<<nUInt | 1<<nLong | 1<<nULong | 1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nInt:    1<<nLong | 1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nUInt:   1<<nLong | 1<<nULong | 1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nLong:   1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nULong:  1<<nFloat | 1<<nDouble | 1<<nDecimal,
	nFloat:  1 << nDouble,
	nDouble: 0, nDecimal: 0,
}

func implicitlyNumeric(from, to num) bool {
	return from != notNum && to != notNum && implicitNumeric[from]>>to&1 != 0
}

// underlyingOf is the underlying type of an enum, t itself otherwise.
func underlyingOf(t *types.Type) *types.Type {
	if t.Kind == types.EnumKind {
		return t.Def.Underlying
	}
	return t
}

// cut brings an integer to the bits of n, sign- or zero-extended, as its Num stands.
func (n num) cut(v uint64) uint64 {
	shift := 64 - n.bits()
	if n.signed() {
		return uint64(int64(v<<shift) >> shift)
	}
	return v << shift >> shift
}

// convertConst converts a constant between numeric types (enums as their underlying type). fits is false where the value is out of range: then
// the value is that of an unchecked conversion, and hard tells that there is none.
func convertConst(v types.Value, from, to *types.Type) (out types.Value, fits, hard bool) {
	f, t := numOf(underlyingOf(from)), numOf(underlyingOf(to))
	if f == t {
		return v, true, false
	}
	switch {
	case f == nDecimal:
		return decimalTo(v.Decimal(), t)
	case f == nFloat || f == nDouble:
		x := v.Float64()
		if f == nFloat {
			x = float64(v.Float32())
		}
		return floatTo(x, f, t)
	}
	return intTo(v.Num, f, t)
}

func intTo(v uint64, f, t num) (types.Value, bool, bool) {
	switch t {
	case nFloat:
		if f.signed() {
			return types.Float32(float32(int64(v))), true, false
		}
		return types.Float32(float32(v)), true, false
	case nDouble:
		if f.signed() {
			return types.Float64(float64(int64(v))), true, false
		}
		return types.Float64(float64(v)), true, false
	case nDecimal:
		if f.signed() {
			return types.Dec(decimal.FromInt64(int64(v))), true, false
		}
		return types.Dec(decimal.FromUint64(v)), true, false
	}
	c := t.cut(v)
	negative := f.signed() && int64(v) < 0
	fits := c == v && negative == (t.signed() && int64(c) < 0)
	return types.Uint(c), fits, false
}

func decimalTo(d decimal.Decimal, t num) (types.Value, bool, bool) {
	switch t {
	case nFloat:
		return types.Float32(d.Float32()), true, false
	case nDouble:
		return types.Float64(d.Float64()), true, false
	}
	if t == nULong {
		u, ok := d.Uint64()
		return types.Uint(u), ok, !ok
	}
	i, ok := d.Int64()
	ok = ok && t.cut(uint64(i)) == uint64(i) && (t.signed() || i >= 0)
	return types.Int(i), ok, !ok
}

func floatTo(x float64, f, t num) (types.Value, bool, bool) {
	switch t {
	case nFloat:
		return types.Float32(float32(x)), true, false
	case nDouble:
		return types.Float64(x), true, false
	case nDecimal:
		var d decimal.Decimal
		var ok bool
		if f == nFloat {
			d, ok = decimal.FromFloat32(float32(x))
		} else {
			d, ok = decimal.FromFloat64(x)
		}
		return types.Dec(d), ok, !ok
	}
	return floatToInt(math.Trunc(x), t)
}

// floatToInt converts a whole number. Out of range, Roslyn makes 0 of an unchecked constant, so that it is the same on every machine.
func floatToInt(whole float64, t num) (types.Value, bool, bool) {
	lo, beyond := 0.0, math.Exp2(float64(t.bits()))
	if t.signed() {
		beyond = math.Exp2(float64(t.bits() - 1))
		lo = -beyond
	}
	switch {
	case !(whole >= lo && whole < beyond):
		return types.Value{}, false, false
	case t.signed():
		return types.Int(int64(whole)), true, false
	}
	return types.Uint(uint64(whole)), true, false
}
