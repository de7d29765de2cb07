package compile

import (
	"math"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// This file has the closures for the commonest arithmetic, which do without the function that numOp gives. In them,
// operands that are evaluated stand in variables first: Go does not order a read of a slot and a call.

// fastNum is the fast form of unchecked arithmetic on x and y; nil if there is none.
func (c *funCompiler) fastNum(e *bind.Binary, x, y numFn) numFn {
	if e.Checked || cutTo(e.T) != nil {
		return nil
	}
	switch e.Of {
	case bind.Int32:
		return c.int32Fast(e, x, y)
	case bind.Int64:
		return int64Fast(e, x, y)
	case bind.Float64:
		return float64Fast(e.Op, x, y)
	}
	return nil
}

// int32Fast are the commonest forms: int with a variable, a constant, or both.
func (c *funCompiler) int32Fast(e *bind.Binary, x, y numFn) numFn {
	i, xPlain := c.plain(e.X)
	if k, ok := constOf(e.Y); ok {
		return int32Const(e.Op, x, i, xPlain, i32(k.Num))
	}
	if j, ok := c.plain(e.Y); ok && e.Op == bind.Add {
		if xPlain {
			return func(f *frame) uint64 { return w32(i32(f.slots[i].Num) + i32(f.slots[j].Num)) }
		}
		return func(f *frame) uint64 {
			a := x(f)
			return w32(i32(a) + i32(f.slots[j].Num))
		}
	}
	switch e.Op {
	case bind.Add:
		if xPlain {
			return func(f *frame) uint64 {
				a := f.slots[i].Num
				return w32(i32(a) + i32(y(f)))
			}
		}
		return func(f *frame) uint64 { return w32(i32(x(f)) + i32(y(f))) }
	case bind.Sub:
		return func(f *frame) uint64 { return w32(i32(x(f)) - i32(y(f))) }
	case bind.Mul:
		return func(f *frame) uint64 { return w32(i32(x(f)) * i32(y(f))) }
	}
	return nil
}

func int32Const(op bind.Op, x numFn, slot int, plain bool, k int32) numFn {
	switch {
	case op == bind.Sub && k != math.MinInt32:
		return int32Const(bind.Add, x, slot, plain, -k)
	case op == bind.Add && plain:
		return func(f *frame) uint64 { return w32(i32(f.slots[slot].Num) + k) }
	case op == bind.Add:
		return func(f *frame) uint64 { return w32(i32(x(f)) + k) }
	case op == bind.Mul && plain:
		return func(f *frame) uint64 { return w32(i32(f.slots[slot].Num) * k) }
	case op == bind.Mul:
		return func(f *frame) uint64 { return w32(i32(x(f)) * k) }
	case op == bind.Rem && k > 0 && plain:
		return func(f *frame) uint64 { return w32(i32(f.slots[slot].Num) % k) }
	case op == bind.And:
		return func(f *frame) uint64 { return w32(i32(x(f)) & k) }
	case op == bind.Rem && k > 0:
		return func(f *frame) uint64 { return w32(i32(x(f)) % k) }
	case op == bind.Div && k > 0:
		return func(f *frame) uint64 { return w32(i32(x(f)) / k) }
	}
	return nil
}

func int64Fast(e *bind.Binary, x, y numFn) numFn {
	if v, ok := constOf(e.Y); ok {
		switch k := int64(v.Num); {
		case e.Op == bind.Add:
			return func(f *frame) uint64 { return x(f) + uint64(k) }
		case e.Op == bind.Sub:
			return func(f *frame) uint64 { return x(f) - uint64(k) }
		case e.Op == bind.Rem && k > 0:
			return func(f *frame) uint64 { return uint64(int64(x(f)) % k) }
		case e.Op == bind.Div && k > 0:
			return func(f *frame) uint64 { return uint64(int64(x(f)) / k) }
		}
	}
	switch e.Op {
	case bind.Add:
		return func(f *frame) uint64 { return x(f) + y(f) }
	case bind.Sub:
		return func(f *frame) uint64 { return x(f) - y(f) }
	case bind.Mul:
		return func(f *frame) uint64 { return x(f) * y(f) }
	}
	return nil
}

func float64Fast(op bind.Op, x, y numFn) numFn {
	switch op {
	case bind.Add:
		return func(f *frame) uint64 { return wf64(f64(x(f)) + f64(y(f))) }
	case bind.Sub:
		return func(f *frame) uint64 { return wf64(f64(x(f)) - f64(y(f))) }
	case bind.Mul:
		return func(f *frame) uint64 { return wf64(f64(x(f)) * f64(y(f))) }
	case bind.Div:
		return func(f *frame) uint64 { return wf64(f64(x(f)) / f64(y(f))) }
	}
	return nil
}

// fastSum is local = local + value in a slot of int, long or double; nil for others. The old value is read first.
func (c *funCompiler) fastSum(slot int, b *bind.Binary) effectFn {
	if b.Op != bind.Add {
		return nil
	}
	y := c.num(b.Y)
	j, plain := c.plain(b.Y)
	switch b.Of {
	case bind.Int32:
		if plain {
			return func(f *frame) {
				p := &f.slots[slot]
				p.Num = w32(i32(p.Num) + i32(f.slots[j].Num))
			}
		}
		return func(f *frame) {
			old := f.slots[slot].Num
			n := y(f)
			f.slots[slot].Num = w32(i32(old) + i32(n))
		}
	case bind.Int64, bind.UInt64:
		return func(f *frame) {
			old := f.slots[slot].Num
			n := y(f)
			f.slots[slot].Num = old + n
		}
	case bind.Float64:
		return func(f *frame) {
			old := f.slots[slot].Num
			n := y(f)
			f.slots[slot].Num = wf64(f64(old) + f64(n))
		}
	}
	return nil
}

// fastStore is local = local ± value in such a slot; nil if e is something else.
func (c *funCompiler) fastStore(slot int, e bind.Expr) effectFn {
	b, ok := e.(*bind.Binary)
	if !ok || b.Lifted || b.Checked || b.Op != bind.Add && b.Op != bind.Sub || cutTo(b.T) != nil {
		return nil
	}
	if from, plain := c.plain(b.X); !plain || from != slot {
		return nil
	}
	v, isConst := constOf(b.Y)
	if !isConst {
		return c.fastSum(slot, b)
	}
	k := v.Num
	if b.Op == bind.Sub {
		k = -k
	}
	switch b.Of {
	case bind.Int32:
		return func(f *frame) {
			p := &f.slots[slot]
			p.Num = w32(i32(p.Num) + i32(k))
		}
	case bind.Int64, bind.UInt64:
		return func(f *frame) { f.slots[slot].Num += k }
	}
	return nil
}

// withoutTemp simplifies what the binder makes of local++ where the old value is not wanted:
// temp = local, local = temp + 1, temp. Nil if e is something else.
func (c *funCompiler) withoutTemp(e *bind.Seq) *bind.Assign {
	if len(e.Effects) != 2 {
		return nil
	}
	first, ok1 := e.Effects[0].(*bind.Assign)
	second, ok2 := e.Effects[1].(*bind.Assign)
	result, ok3 := e.Value.(*bind.LocalRef)
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	temp, ok := first.X.(*bind.LocalRef)
	local, ok4 := first.Y.(*bind.LocalRef)
	target, ok5 := second.X.(*bind.LocalRef)
	sum, ok6 := second.Y.(*bind.Binary)
	if !ok || !ok4 || !ok5 || !ok6 || temp.Local != result.Local || temp.Local.Name != "" || local.Local != target.Local {
		return nil
	}
	if x, ok := sum.X.(*bind.LocalRef); !ok || x.Local != temp.Local {
		return nil
	}
	if _, isConst := constOf(sum.Y); !isConst || !local.Type().UnderlyingNum() && local.Type() != types.DecimalType {
		return nil
	}
	direct := *sum
	direct.X = local
	return &bind.Assign{E: second.E, X: target, Y: &direct}
}
