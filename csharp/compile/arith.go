package compile

import (
	"math"
	"math/bits"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// Words hold numbers as types.Value.Num does: signed integers sign-extended, the others zero-extended, floats as bits.

func i32(n uint64) int32    { return int32(n) }
func w32(i int32) uint64    { return uint64(int64(i)) }
func f64(n uint64) float64  { return math.Float64frombits(n) }
func wf64(f float64) uint64 { return math.Float64bits(f) }
func f32(n uint64) float32  { return math.Float32frombits(uint32(n)) }
func wf32(f float32) uint64 { return uint64(math.Float32bits(f)) }

// binaryOp is a binary operator on words.
type binaryOp func(a, b uint64) uint64

// throwingOp tells the operators that can throw.
func throwingOp(e *bind.Binary) bool {
	integer := e.Of <= bind.UInt64
	return e.Of == bind.Decimal || integer && (e.Checked || e.Op == bind.Div || e.Op == bind.Rem)
}

// numOp is the operator on words: arithmetic on numbers and bool.
func numOp(of bind.Operands, op bind.Op, checked bool) binaryOp {
	switch of {
	case bind.Int32:
		if f := checkedInt32[op]; checked && f != nil {
			return f
		}
		return int32Ops[op]
	case bind.UInt32:
		if f := checkedUint32[op]; checked && f != nil {
			return f
		}
		return uint32Ops[op]
	case bind.Int64:
		if f := checkedInt64[op]; checked && f != nil {
			return f
		}
		return int64Ops[op]
	case bind.UInt64:
		if f := checkedUint64[op]; checked && f != nil {
			return f
		}
		return uint64Ops[op]
	case bind.Float32:
		return float32Ops[op]
	case bind.Float64:
		return float64Ops[op]
	}
	return bitOps[op]
}

var int32Ops = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 { return w32(i32(a) + i32(b)) },
	bind.Sub: func(a, b uint64) uint64 { return w32(i32(a) - i32(b)) },
	bind.Mul: func(a, b uint64) uint64 { return w32(i32(a) * i32(b)) },
	bind.Div: func(a, b uint64) uint64 {
		checkDivision(int64(a), int64(b), math.MinInt32)
		return w32(i32(a) / i32(b))
	},
	bind.Rem: func(a, b uint64) uint64 {
		checkDivision(int64(a), int64(b), math.MinInt32)
		return w32(i32(a) % i32(b))
	},
	bind.And: func(a, b uint64) uint64 { return w32(i32(a & b)) },
	bind.Or:  func(a, b uint64) uint64 { return w32(i32(a | b)) },
	bind.Xor: func(a, b uint64) uint64 { return w32(i32(a ^ b)) },
	bind.Shl: func(a, b uint64) uint64 { return w32(i32(a) << (b & 31)) },
	bind.Shr: func(a, b uint64) uint64 { return w32(i32(a) >> (b & 31)) },
}

var uint32Ops = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 { return uint64(uint32(a) + uint32(b)) },
	bind.Sub: func(a, b uint64) uint64 { return uint64(uint32(a) - uint32(b)) },
	bind.Mul: func(a, b uint64) uint64 { return uint64(uint32(a) * uint32(b)) },
	bind.Div: func(a, b uint64) uint64 { return uint64(uint32(a)) / uint64(divisor(uint64(uint32(b)))) },
	bind.Rem: func(a, b uint64) uint64 { return uint64(uint32(a)) % uint64(divisor(uint64(uint32(b)))) },
	bind.And: func(a, b uint64) uint64 { return uint64(uint32(a & b)) },
	bind.Or:  func(a, b uint64) uint64 { return uint64(uint32(a | b)) },
	bind.Xor: func(a, b uint64) uint64 { return uint64(uint32(a ^ b)) },
	bind.Shl: func(a, b uint64) uint64 { return uint64(uint32(a) << (b & 31)) },
	bind.Shr: func(a, b uint64) uint64 { return uint64(uint32(a) >> (b & 31)) },
}

var int64Ops = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 { return a + b },
	bind.Sub: func(a, b uint64) uint64 { return a - b },
	bind.Mul: func(a, b uint64) uint64 { return a * b },
	bind.Div: func(a, b uint64) uint64 {
		checkDivision(int64(a), int64(b), math.MinInt64)
		return uint64(int64(a) / int64(b))
	},
	bind.Rem: func(a, b uint64) uint64 {
		checkDivision(int64(a), int64(b), math.MinInt64)
		return uint64(int64(a) % int64(b))
	},
	bind.And: func(a, b uint64) uint64 { return a & b },
	bind.Or:  func(a, b uint64) uint64 { return a | b },
	bind.Xor: func(a, b uint64) uint64 { return a ^ b },
	bind.Shl: func(a, b uint64) uint64 { return a << (b & 63) },
	bind.Shr: func(a, b uint64) uint64 { return uint64(int64(a) >> (b & 63)) },
}

var uint64Ops = map[bind.Op]binaryOp{
	bind.Add: int64Ops[bind.Add],
	bind.Sub: int64Ops[bind.Sub],
	bind.Mul: int64Ops[bind.Mul],
	bind.Div: func(a, b uint64) uint64 { return a / divisor(b) },
	bind.Rem: func(a, b uint64) uint64 { return a % divisor(b) },
	bind.And: int64Ops[bind.And],
	bind.Or:  int64Ops[bind.Or],
	bind.Xor: int64Ops[bind.Xor],
	bind.Shl: int64Ops[bind.Shl],
	bind.Shr: func(a, b uint64) uint64 { return a >> (b & 63) },
}

// The conversions of products and sums to float32 and float64 keep the compiler from fusing operations.

var float32Ops = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 { return wf32(f32(a) + f32(b)) },
	bind.Sub: func(a, b uint64) uint64 { return wf32(f32(a) - f32(b)) },
	bind.Mul: func(a, b uint64) uint64 { return wf32(float32(f32(a) * f32(b))) },
	bind.Div: func(a, b uint64) uint64 { return wf32(f32(a) / f32(b)) },
	bind.Rem: func(a, b uint64) uint64 { return wf32(float32(math.Mod(float64(f32(a)), float64(f32(b))))) },
}

var float64Ops = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 { return wf64(f64(a) + f64(b)) },
	bind.Sub: func(a, b uint64) uint64 { return wf64(f64(a) - f64(b)) },
	bind.Mul: func(a, b uint64) uint64 { return wf64(float64(f64(a) * f64(b))) },
	bind.Div: func(a, b uint64) uint64 { return wf64(f64(a) / f64(b)) },
	bind.Rem: func(a, b uint64) uint64 { return wf64(math.Mod(f64(a), f64(b))) },
}

// bitOps serve bool, and enums of any size.
var bitOps = map[bind.Op]binaryOp{
	bind.And: int64Ops[bind.And],
	bind.Or:  int64Ops[bind.Or],
	bind.Xor: int64Ops[bind.Xor],
}

var checkedInt32 = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 { return narrow32(int64(a) + int64(b)) },
	bind.Sub: func(a, b uint64) uint64 { return narrow32(int64(a) - int64(b)) },
	bind.Mul: func(a, b uint64) uint64 { return narrow32(int64(a) * int64(b)) },
}

var checkedUint32 = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 { return narrowU32(a + b) },
	bind.Sub: func(a, b uint64) uint64 { return narrowU32(a - b) },
	bind.Mul: func(a, b uint64) uint64 { return narrowU32(a * b) },
}

var checkedInt64 = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 {
		s := a + b
		if (a^s)&(b^s)>>63 != 0 {
			throwOverflow()
		}
		return s
	},
	bind.Sub: func(a, b uint64) uint64 {
		d := a - b
		if (a^b)&(a^d)>>63 != 0 {
			throwOverflow()
		}
		return d
	},
	bind.Mul: func(a, b uint64) uint64 {
		x, y := int64(a), int64(b)
		p := x * y
		if x != 0 && (p/x != y || x == -1 && y == math.MinInt64) {
			throwOverflow()
		}
		return uint64(p)
	},
}

var checkedUint64 = map[bind.Op]binaryOp{
	bind.Add: func(a, b uint64) uint64 {
		s, carry := bits.Add64(a, b, 0)
		if carry != 0 {
			throwOverflow()
		}
		return s
	},
	bind.Sub: func(a, b uint64) uint64 {
		if b > a {
			throwOverflow()
		}
		return a - b
	},
	bind.Mul: func(a, b uint64) uint64 {
		hi, lo := bits.Mul64(a, b)
		if hi != 0 {
			throwOverflow()
		}
		return lo
	},
}

// checkDivision throws what a / b and a % b throw for signed integers whose least value is least.
func checkDivision(a, b, least int64) {
	if b == 0 {
		throwDivideByZero()
	}
	if b == -1 && a == least {
		throwOverflow()
	}
}

func divisor(b uint64) uint64 {
	if b == 0 {
		throwDivideByZero()
	}
	return b
}

func narrow32(i int64) uint64 {
	if int64(int32(i)) != i {
		throwOverflow()
	}
	return uint64(i)
}

func narrowU32(u uint64) uint64 {
	if u>>32 != 0 {
		throwOverflow()
	}
	return u
}

// binaryNum compiles arithmetic.
func (c *funCompiler) binaryNum(e *bind.Binary) numFn {
	x, y, op := c.num(e.X), c.num(e.Y), numOp(e.Of, e.Op, e.Checked)
	if fast := c.fastNum(e, x, y); fast != nil {
		return fast
	}
	if op == nil {
		panic(internal(e))
	}
	if cut := cutTo(e.T); cut != nil {
		full := op
		op = func(a, b uint64) uint64 { return cut(full(a, b)) }
	}
	if !throwingOp(e) {
		return func(f *frame) uint64 { return op(x(f), y(f)) }
	}
	at := pack(e.Span())
	return func(f *frame) uint64 {
		a, b := x(f), y(f)
		f.m.at = at
		return op(a, b)
	}
}

// cutTo cuts a word to a type of less than 32 bits, or an enum over one; nil for others.
func cutTo(t *types.Type) func(uint64) uint64 {
	switch numeric(t) {
	case types.SByteType:
		return func(n uint64) uint64 { return uint64(int64(int8(n))) }
	case types.ByteType:
		return func(n uint64) uint64 { return uint64(uint8(n)) }
	case types.Int16Type:
		return func(n uint64) uint64 { return uint64(int64(int16(n))) }
	case types.UInt16Type, types.CharType:
		return func(n uint64) uint64 { return uint64(uint16(n)) }
	}
	return nil
}

// numeric is the type that a value of t is computed as: an enum's underlying type, else t.
func numeric(t *types.Type) *types.Type {
	if t.Kind == types.EnumKind && t.Def.Underlying != nil {
		return t.Def.Underlying
	}
	return t
}
