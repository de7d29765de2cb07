package compile

import (
	"math"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// convert compiles the conversions that are not between words.
func (c *funCompiler) convert(e *bind.Convert) valFn {
	from, to, at := e.X.Type(), e.T, pack(e.Span())
	if e.Kind == bind.Box {
		return c.box(e)
	}
	x := c.value(e.X)
	switch e.Kind {
	case bind.Identity, bind.Upcast:
		return x
	case bind.Numeric:
		return decimalConversion(x, from, to, at)
	case bind.Downcast:
		return downcast(x, to.Erased(), at)
	case bind.Unbox, bind.UnboxNullable:
		t := to.Erased()
		return func(f *frame) types.Value {
			v := x(f)
			f.m.at = at
			return types.UnboxTo(v.Ref, t)
		}
	case bind.Wrap:
		u := unlifted(to)
		if u.UnderlyingNum() {
			return func(f *frame) types.Value {
				v := x(f)
				v.Ref = types.Present
				return v
			}
		}
		return func(f *frame) types.Value { return types.Some(u, x(f)) }
	case bind.Unwrap:
		return func(f *frame) types.Value {
			v := x(f)
			f.m.at = at
			return v.Unwrap()
		}
	}
	return c.fromDynamic(e, x)
}

func downcast(x valFn, to *types.Type, at uint64) valFn {
	return func(f *frame) types.Value {
		v := x(f)
		if v.Ref != nil && !types.IsInstance(v.Ref, to) {
			f.m.at = at
			types.ThrowInvalidCast(types.TypeOf(v.Ref), to)
		}
		return v
	}
}

// decimalConversion is a numeric conversion from or to decimal.
func decimalConversion(x valFn, from, to *types.Type, at uint64) valFn {
	from, to = numeric(from), numeric(to)
	switch {
	case from == to:
		return x
	case from == types.DecimalType:
		narrow := fromDecimal(to)
		return func(f *frame) types.Value {
			v := x(f)
			f.m.at = at
			return types.Value{Num: narrow(v.Decimal())}
		}
	}
	widen := toDecimal(from)
	return func(f *frame) types.Value {
		v := x(f)
		f.m.at = at
		return types.Dec(widen(v.Num))
	}
}

//go:noinline
func toDecimal(from *types.Type) func(uint64) decimal.Decimal {
	switch from {
	case types.SingleType:
		return func(n uint64) decimal.Decimal { return fits(decimal.FromFloat32(f32(n))) }
	case types.DoubleType:
		return func(n uint64) decimal.Decimal { return fits(decimal.FromFloat64(f64(n))) }
	case types.SByteType, types.Int16Type, types.Int32Type, types.Int64Type:
		return func(n uint64) decimal.Decimal { return decimal.FromInt64(int64(n)) }
	}
	return decimal.FromUint64
}

func fits(d decimal.Decimal, ok bool) decimal.Decimal {
	if !ok {
		throwDecimalOverflow()
	}
	return d
}

// rangeOf are the bounds of an integer type and what .NET calls it in the messages of conversions.
type rangeOf struct {
	min  int64
	max  uint64
	name string
}

var ranges = map[*types.Type]rangeOf{
	types.SByteType:  {math.MinInt8, math.MaxInt8, "a signed byte"},
	types.ByteType:   {0, math.MaxUint8, "an unsigned byte"},
	types.Int16Type:  {math.MinInt16, math.MaxInt16, "an Int16"},
	types.UInt16Type: {0, math.MaxUint16, "a UInt16"},
	types.CharType:   {0, math.MaxUint16, "a character"},
	types.Int32Type:  {math.MinInt32, math.MaxInt32, "an Int32"},
	types.UInt32Type: {0, math.MaxUint32, "a UInt32"},
	types.Int64Type:  {math.MinInt64, math.MaxInt64, "an Int64"},
	types.UInt64Type: {0, math.MaxUint64, "a UInt64"},
}

// fromDecimal truncates; what does not fit is an OverflowException, checked or not.
//
//go:noinline
func fromDecimal(to *types.Type) func(decimal.Decimal) uint64 {
	switch to {
	case types.SingleType:
		return func(d decimal.Decimal) uint64 { return wf32(d.Float32()) }
	case types.DoubleType:
		return func(d decimal.Decimal) uint64 { return wf64(d.Float64()) }
	}
	r := ranges[to]
	return func(d decimal.Decimal) uint64 {
		if u, ok := d.Uint64(); ok && u <= r.max {
			return u
		}
		if i, ok := d.Int64(); ok && i < 0 && i >= r.min {
			return uint64(i)
		}
		types.Throw(types.OverflowException, "Value was either too large or too small for "+r.name+".")
		return 0
	}
}

// convertNum compiles a numeric conversion between words.
func (c *funCompiler) convertNum(e *bind.Convert) numFn {
	x, from, to := c.num(e.X), numeric(e.X.Type()), numeric(e.T)
	op, throws := wordConversion(from, to, e.Checked)
	switch {
	case op == nil:
		return x
	case to == types.DoubleType && !isFloat(from) && !unsigned(from):
		if i, ok := c.register(e.X); ok {
			return func(f *frame) uint64 { return wf64(float64(int64(*f.reg(i)))) }
		}
		return func(f *frame) uint64 { return wf64(float64(int64(x(f)))) }
	case !throws:
		return func(f *frame) uint64 { return op(x(f)) }
	}
	at := pack(e.Span())
	return func(f *frame) uint64 {
		n := x(f)
		f.m.at = at
		return op(n)
	}
}

// wordConversion is the conversion of words from one type to another; nil where nothing changes.
func wordConversion(from, to *types.Type, checked bool) (op func(uint64) uint64, throws bool) {
	fromFloat, toFloat := isFloat(from), isFloat(to)
	switch {
	case from == to:
		return nil, false
	case fromFloat && toFloat:
		if to == types.SingleType {
			return func(n uint64) uint64 { return wf32(float32(f64(n))) }, false
		}
		return func(n uint64) uint64 { return wf64(float64(f32(n))) }, false
	case toFloat:
		return intToFloat(from, to), false
	case fromFloat:
		return floatToInt(from, to, checked), checked
	case checked && !contains(from, to):
		return checkedNarrow(from, to), true
	}
	return cutInt(to), false
}

func isFloat(t *types.Type) bool { return t == types.SingleType || t == types.DoubleType }

// contains reports whether every value of the integer type from is one of to.
func contains(from, to *types.Type) bool {
	f, t := ranges[from], ranges[to]
	return t.min <= f.min && f.max <= t.max
}

func unsigned(t *types.Type) bool { return ranges[t].min == 0 }

func intToFloat(from, to *types.Type) func(uint64) uint64 {
	switch {
	case unsigned(from) && to == types.SingleType:
		return func(n uint64) uint64 { return wf32(float32(n)) }
	case unsigned(from):
		return func(n uint64) uint64 { return wf64(float64(n)) }
	case to == types.SingleType:
		return func(n uint64) uint64 { return wf32(float32(int64(n))) }
	}
	return func(n uint64) uint64 { return wf64(float64(int64(n))) }
}

// cutInt cuts a word to an integer type, keeping the low bits; nil for the types of 64 bits.
func cutInt(to *types.Type) func(uint64) uint64 {
	switch to {
	case types.Int32Type:
		return func(n uint64) uint64 { return w32(i32(n)) }
	case types.UInt32Type:
		return func(n uint64) uint64 { return uint64(uint32(n)) }
	}
	return cutTo(to)
}

func checkedNarrow(from, to *types.Type) func(uint64) uint64 {
	r, fromUnsigned := ranges[to], unsigned(from)
	return func(n uint64) uint64 {
		if i := int64(n); !fromUnsigned && i < 0 {
			if i < r.min {
				throwOverflow()
			}
		} else if n > r.max {
			throwOverflow()
		}
		return n
	}
}

// floatToInt truncates. Unchecked, what is out of range saturates and NaN is 0 (.NET 9 and later); a type of less than 32
// bits gets the low bits of what int gives.
func floatToInt(from, to *types.Type, checked bool) func(uint64) uint64 {
	read := f64
	if from == types.SingleType {
		read = func(n uint64) float64 { return float64(f32(n)) }
	}
	r := ranges[to]
	if checked {
		return func(n uint64) uint64 { return checkedTruncate(read(n), r) }
	}
	if cut := cutTo(to); cut != nil {
		r = ranges[types.Int32Type]
		return func(n uint64) uint64 { return cut(saturate(read(n), r)) }
	}
	return func(n uint64) uint64 { return saturate(read(n), r) }
}

func checkedTruncate(x float64, r rangeOf) uint64 {
	x = math.Trunc(x)
	// The bounds as doubles: the upper one of 64-bit types rounds up to 2^63 and 2^64, which are out of range.
	if upper := float64(r.max); math.IsNaN(x) || x < float64(r.min) || x > upper || x == upper && r.max > 1<<53 {
		throwOverflow()
	}
	return truncated(x)
}

func saturate(x float64, r rangeOf) uint64 {
	switch {
	case math.IsNaN(x):
		return 0
	case x <= float64(r.min):
		return uint64(r.min)
	case x >= float64(r.max):
		return r.max
	}
	return truncated(x)
}

// truncated is the integer part of an x that fits long or ulong.
func truncated(x float64) uint64 {
	if x < 0 {
		return uint64(int64(x))
	}
	if x >= 1<<63 {
		return uint64(x-(1<<63)) | 1<<63
	}
	return uint64(int64(x))
}
