package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// storeRegister compiles register = e.
func (c *funCompiler) storeRegister(i int, e bind.Expr) effectFn {
	if fast := c.updateRegister(i, e); fast != nil {
		return fast
	}
	if v, ok := constOf(e); ok {
		return func(f *frame) { *f.reg(i) = v.Num }
	}
	y := c.num(e)
	return func(f *frame) {
		n := y(f)
		*f.reg(i) = n
	}
}

// updateRegister is register = register + something, and the like, in one closure; nil if e is something else.
func (c *funCompiler) updateRegister(i int, e bind.Expr) effectFn {
	b, ok := e.(*bind.Binary)
	if !ok || b.Lifted || b.Checked || cutTo(b.T) != nil || isComparison(b.Op) {
		return nil
	}
	b = commuted(b)
	if from, ok := c.register(b.X); !ok || from != i {
		return nil
	}
	switch b.Of {
	case bind.Int32:
		if f := c.divideRegister(i, b); f != nil {
			return f
		}
		return updateInteger[int32](c, i, b)
	case bind.Int64:
		if f := c.divideRegister(i, b); f != nil {
			return f
		}
		return updateInteger[int64](c, i, b)
	case bind.UInt32:
		return updateInteger[uint32](c, i, b)
	case bind.UInt64:
		return updateInteger[uint64](c, i, b)
	case bind.Float64:
		return c.updateDouble(i, b)
	}
	return nil
}

func updateInteger[T integer](c *funCompiler, i int, b *bind.Binary) effectFn {
	v, isConst := constOf(b.Y)
	k := T(v.Num)
	j, inRegister := c.register(b.Y)
	switch {
	case isConst && b.Op == bind.Sub:
		k = -k
		fallthrough
	case isConst && b.Op == bind.Add:
		return func(f *frame) {
			p := f.reg(i)
			*p = uint64(T(*p) + k)
		}
	case isConst && b.Op == bind.Mul:
		return func(f *frame) {
			p := f.reg(i)
			*p = uint64(T(*p) * k)
		}
	case isConst:
		return nil
	case inRegister:
		return updateByRegister[T](i, j, b.Op)
	}
	return updateByValue[T](i, c.num(b.Y), b.Op)
}

//go:noinline
func updateByRegister[T integer](i, j int, op bind.Op) effectFn {
	switch op {
	case bind.Add:
		return func(f *frame) {
			p := f.reg(i)
			*p = uint64(T(*p) + T(*f.reg(j)))
		}
	case bind.Sub:
		return func(f *frame) {
			p := f.reg(i)
			*p = uint64(T(*p) - T(*f.reg(j)))
		}
	case bind.Mul:
		return func(f *frame) {
			p := f.reg(i)
			*p = uint64(T(*p) * T(*f.reg(j)))
		}
	}
	return nil
}

// updateByValue reads the old value first, as C# does.
//
//go:noinline
func updateByValue[T integer](i int, y numFn, op bind.Op) effectFn {
	switch op {
	case bind.Add:
		return func(f *frame) {
			old := *f.reg(i)
			n := y(f)
			*f.reg(i) = uint64(T(old) + T(n))
		}
	case bind.Sub:
		return func(f *frame) {
			old := *f.reg(i)
			n := y(f)
			*f.reg(i) = uint64(T(old) - T(n))
		}
	case bind.Mul:
		return func(f *frame) {
			old := *f.reg(i)
			n := y(f)
			*f.reg(i) = uint64(T(old) * T(n))
		}
	}
	return nil
}

func (c *funCompiler) updateDouble(i int, b *bind.Binary) effectFn {
	if b.Op != bind.Add && b.Op != bind.Mul {
		return nil
	}
	y := c.num(b.Y)
	if b.Op == bind.Add {
		return func(f *frame) {
			old := *f.reg(i)
			n := y(f)
			*f.reg(i) = wf64(f64(old) + f64(n))
		}
	}
	return func(f *frame) {
		old := *f.reg(i)
		n := y(f)
		*f.reg(i) = wf64(float64(f64(old) * f64(n)))
	}
}

// divideRegister is register = register / a power of two; nil for others.
func (c *funCompiler) divideRegister(i int, b *bind.Binary) effectFn {
	v, isConst := constOf(b.Y)
	n, mask, ok := powerOfTwo(int64(v.Num))
	if !isConst || !ok || b.Op != bind.Div {
		return nil
	}
	return func(f *frame) {
		p := f.reg(i)
		a := int64(*p)
		*p = uint64((a + a>>63&mask) >> (n & 63))
	}
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
