package compile

import (
	"math"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// unaryOp is the operator on words; throws tells whether it may throw.
func unaryOp(e *bind.Unary) (op func(uint64) uint64, throws bool) {
	switch e.Op {
	case bind.Plus:
		return func(n uint64) uint64 { return n }, false
	case bind.Not:
		return func(n uint64) uint64 { return n ^ 1 }, false
	case bind.Compl:
		op = complement(e.Of)
		t := e.T
		if u, ok := t.IsNullable(); ok {
			t = u
		}
		if cut := cutTo(t); cut != nil {
			full := op
			op = func(n uint64) uint64 { return cut(full(n)) }
		}
		return op, false
	}
	return negation(e.Of, e.Checked), e.Checked
}

func complement(of bind.Operands) func(uint64) uint64 {
	if of == bind.UInt32 {
		return func(n uint64) uint64 { return uint64(^uint32(n)) }
	}
	return func(n uint64) uint64 { return ^n }
}

func negation(of bind.Operands, checked bool) func(uint64) uint64 {
	switch of {
	case bind.Float32:
		return func(n uint64) uint64 { return wf32(-f32(n)) }
	case bind.Float64:
		return func(n uint64) uint64 { return wf64(-f64(n)) }
	}
	least := int64(math.MinInt64)
	if of == bind.Int32 {
		least = math.MinInt32
	}
	if checked {
		return func(n uint64) uint64 {
			if int64(n) == least {
				throwOverflow()
			}
			return -n
		}
	}
	if of == bind.Int32 {
		return func(n uint64) uint64 { return w32(-i32(n)) }
	}
	return func(n uint64) uint64 { return -n }
}

func (c *funCompiler) unaryNum(e *bind.Unary) numFn {
	x := c.num(e.X)
	op, throws := unaryOp(e)
	if !throws {
		return func(f *frame) uint64 { return op(x(f)) }
	}
	at := pack(e.Span())
	return func(f *frame) uint64 {
		n := x(f)
		f.m.at = at
		return op(n)
	}
}

// unary compiles the operators on decimals, and lifted ones.
func (c *funCompiler) unary(e *bind.Unary) valFn {
	x := c.value(e.X)
	if e.Of == bind.Decimal {
		neg := e.Op == bind.Neg
		return func(f *frame) types.Value {
			v := x(f)
			if !neg || e.Lifted && v.Ref == nil {
				return v
			}
			return types.Dec(v.Decimal().Negate())
		}
	}
	op, _ := unaryOp(e)
	at := pack(e.Span())
	return func(f *frame) types.Value {
		v := x(f)
		if v.Ref == nil {
			return types.Null
		}
		f.m.at = at
		return types.Value{Num: op(v.Num), Ref: types.Present}
	}
}
