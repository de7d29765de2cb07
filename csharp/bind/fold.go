package bind

import (
	"math"
	"math/bits"

	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// foldResult tells how folding an operation ended.
type foldResult uint8

const (
	folded foldResult = iota
	overflowed
	divByZero
	decimalFailed
	notFoldable
)

// foldBinary computes an operation on constants of the operands' type. On overflow the value is that of unchecked arithmetic.
func foldBinary(op Op, of Operands, x, y types.Value) (types.Value, foldResult) {
	switch of {
	case Int32, UInt32, Int64, UInt64:
		return foldInts(op, of, x.Num, y.Num)
	case Float64:
		return foldFloats(op, x.Float64(), y.Float64(), types.Float64)
	case Float32:
		return foldFloats(op, float64(x.Float32()), float64(y.Float32()), func(f float64) types.Value { return types.Float32(float32(f)) })
	case Decimal:
		return foldDecimals(op, x.Decimal(), y.Decimal())
	case Bool:
		return foldBools(op, x.Bool(), y.Bool())
	case String:
		same := x.IsNull() == y.IsNull() && (x.IsNull() || x.Str().Go() == y.Str().Go())
		return types.Bool(same == (op == Eq)), folded
	}
	return types.Value{}, notFoldable
}

func compareBy(op Op, c int) types.Value {
	switch op {
	case Eq:
		return types.Bool(c == 0)
	case Ne:
		return types.Bool(c != 0)
	case Lt:
		return types.Bool(c < 0)
	case Gt:
		return types.Bool(c > 0)
	case Le:
		return types.Bool(c <= 0)
	}
	return types.Bool(c >= 0)
}

func (o Op) comparison() bool { return o >= Eq && o <= Ge }

func foldInts(op Op, of Operands, x, y uint64) (types.Value, foldResult) {
	n := map[Operands]num{Int32: nInt, UInt32: nUInt, Int64: nLong, UInt64: nULong}[of]
	signed := n.signed()
	switch {
	case op.comparison() && signed:
		return compareBy(op, cmp(int64(x), int64(y))), folded
	case op.comparison():
		return compareBy(op, cmp(x, y)), folded
	}
	switch op {
	case And:
		return types.Uint(x & y), folded
	case Or:
		return types.Uint(x | y), folded
	case Xor:
		return types.Uint(x ^ y), folded
	case Shl:
		return types.Uint(n.cut(x << (y & uint64(n.bits()-1)))), folded
	case Shr:
		if signed {
			return types.Int(int64(x) >> (y & uint64(n.bits()-1))), folded
		}
		return types.Uint(x >> (y & uint64(n.bits()-1))), folded
	case Div, Rem:
		return foldDivision(op, n, x, y)
	}
	v, over := foldArithmetic(op, n, x, y)
	if over {
		return types.Uint(v), overflowed
	}
	return types.Uint(v), folded
}

func foldDivision(op Op, n num, x, y uint64) (types.Value, foldResult) {
	switch {
	case y == 0:
		return types.Value{}, divByZero
	case !n.signed() && op == Div:
		return types.Uint(x / y), folded
	case !n.signed():
		return types.Uint(x % y), folded
	case int64(y) == -1 && op == Rem:
		return types.Value{}, folded
	case int64(y) == -1:
		v := n.cut(-x)
		if v == x && x != 0 {
			return types.Uint(v), overflowed
		}
		return types.Uint(v), folded
	case op == Div:
		return types.Int(int64(x) / int64(y)), folded
	}
	return types.Int(int64(x) % int64(y)), folded
}

// foldArithmetic is + - * of integers, cut to their size, and whether it overflows.
func foldArithmetic(op Op, n num, x, y uint64) (v uint64, over bool) {
	if n.signed() {
		a, b := int64(x), int64(y)
		var r int64
		switch op {
		case Add:
			r = a + b
			over = (r > a) != (b > 0) && b != 0
		case Sub:
			r = a - b
			over = (r < a) != (b > 0) && b != 0
		default:
			r = a * b
			hi, lo := bits.Mul64(abs64(a), abs64(b))
			neg := (a < 0) != (b < 0)
			over = hi != 0 || !neg && lo > math.MaxInt64 || neg && lo > 1<<63
		}
		v = n.cut(uint64(r))
		return v, over || v != uint64(r)
	}
	var carry uint64
	switch op {
	case Add:
		v, carry = bits.Add64(x, y, 0)
	case Sub:
		v, carry = bits.Sub64(x, y, 0)
	default:
		carry, v = bits.Mul64(x, y)
	}
	return n.cut(v), carry != 0 || n.cut(v) != v
}

func abs64(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

func cmp[T int64 | uint64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func foldFloats(op Op, x, y float64, make func(float64) types.Value) (types.Value, foldResult) {
	switch op {
	case Add:
		return make(x + y), folded
	case Sub:
		return make(x - y), folded
	case Mul:
		return make(x * y), folded
	case Div:
		return make(x / y), folded
	case Rem:
		return make(math.Mod(x, y)), folded
	case Eq:
		return types.Bool(x == y), folded
	case Ne:
		return types.Bool(x != y), folded
	case Lt:
		return types.Bool(x < y), folded
	case Gt:
		return types.Bool(x > y), folded
	case Le:
		return types.Bool(x <= y), folded
	case Ge:
		return types.Bool(x >= y), folded
	}
	return types.Value{}, notFoldable
}

func foldDecimals(op Op, x, y decimal.Decimal) (types.Value, foldResult) {
	if op.comparison() {
		return compareBy(op, decimal.Compare(x, y)), folded
	}
	var d decimal.Decimal
	ok := true
	switch op {
	case Add:
		d, ok = decimal.Add(x, y)
	case Sub:
		d, ok = decimal.Sub(x, y)
	case Mul:
		d, ok = decimal.Mul(x, y)
	case Div, Rem:
		if y.IsZero() {
			return types.Value{}, divByZero
		}
		if op == Rem {
			d = decimal.Rem(x, y)
		} else {
			d, ok = decimal.Div(x, y)
		}
	default:
		return types.Value{}, notFoldable
	}
	if !ok {
		return types.Value{}, decimalFailed
	}
	return types.Dec(d), folded
}

func foldBools(op Op, x, y bool) (types.Value, foldResult) {
	switch op {
	case And:
		return types.Bool(x && y), folded
	case Or:
		return types.Bool(x || y), folded
	case Xor, Ne:
		return types.Bool(x != y), folded
	case Eq:
		return types.Bool(x == y), folded
	}
	return types.Value{}, notFoldable
}

// foldUnary computes a unary operation on a constant.
func foldUnary(op Op, of Operands, x types.Value) (types.Value, foldResult) {
	switch {
	case op == Plus:
		return x, folded
	case op == Not:
		return types.Bool(!x.Bool()), folded
	case op == Neg && of == Decimal:
		return types.Dec(x.Decimal().Negate()), folded
	case op == Neg && of == Float64:
		return types.Float64(-x.Float64()), folded
	case op == Neg && of == Float32:
		return types.Float32(-x.Float32()), folded
	case op == Neg:
		return foldInts(Sub, of, 0, x.Num)
	case op == Compl:
		n := map[Operands]num{Int32: nInt, UInt32: nUInt, Int64: nLong, UInt64: nULong}[of]
		return types.Uint(n.cut(^x.Num)), folded
	}
	return types.Value{}, notFoldable
}
