package compile

import (
	"math/bits"

	"github.com/postern-gateway/postern/csharp/bind"
)

// This file has the closures for the commonest arithmetic, which do without the function that numOp gives. In them,
// operands that are evaluated stand in variables first: Go does not order a read of a register and a call. Their names
// tell the operands: R is a register, K a constant, X anything else.

// integer are the types that operations on integers compute with; uint64(T) extends as a Value.Num is extended.
type integer interface {
	int32 | int64 | uint32 | uint64
}

// fastNum is the fast form of unchecked arithmetic on x and y; nil if there is none.
func (c *funCompiler) fastNum(e *bind.Binary, x, y numFn) numFn {
	if e.Checked || cutTo(e.T) != nil {
		return nil
	}
	switch e.Of {
	case bind.Int32:
		if f := c.dividedFast(e, x); f != nil {
			return f
		}
		return integerFast[int32](c, e, x, y)
	case bind.Int64:
		if f := c.dividedFast(e, x); f != nil {
			return f
		}
		return integerFast[int64](c, e, x, y)
	case bind.UInt32:
		return integerFast[uint32](c, e, x, y)
	case bind.UInt64:
		return integerFast[uint64](c, e, x, y)
	case bind.Float64:
		if v, ok := constOf(e.Y); ok {
			return float64Const(e.Op, x, f64(v.Num))
		}
		return float64Fast(e.Op, x, y)
	}
	return nil
}

// commuted is e with a constant on its left moved to the right, where that is the same.
func commuted(e *bind.Binary) *bind.Binary {
	if e.Of > bind.UInt64 {
		return e
	}
	switch e.Op {
	case bind.Add, bind.Mul, bind.And, bind.Or, bind.Xor:
		_, left := constOf(e.X)
		if _, right := constOf(e.Y); left && !right {
			swapped := *e
			swapped.X, swapped.Y = e.Y, e.X
			return &swapped
		}
	}
	return e
}

func integerFast[T integer](c *funCompiler, e *bind.Binary, x, y numFn) numFn {
	if swapped := commuted(e); swapped != e {
		e, x = swapped, y
	}
	i, inRegister := c.register(e.X)
	if v, ok := constOf(e.Y); ok {
		k := T(v.Num)
		if inRegister {
			return fastRK(e.Op, i, k)
		}
		if f := affine(c, e, k); f != nil {
			return f
		}
		return fastXK(e.Op, x, k)
	}
	j, ok := c.register(e.Y)
	switch {
	case ok && inRegister:
		return fastRR[T](e.Op, i, j)
	case ok:
		return fastXR[T](e.Op, x, j)
	}
	return fastXX[T](e.Op, x, y)
}

// affine is something times a constant plus k; nil if e is something else.
func affine[T integer](c *funCompiler, e *bind.Binary, k T) numFn {
	product, ok := e.X.(*bind.Binary)
	if !ok || e.Op != bind.Add && e.Op != bind.Sub || product.Op != bind.Mul || product.Of != e.Of || product.Checked || product.Lifted || cutTo(product.T) != nil {
		return nil
	}
	product = commuted(product)
	v, isConst := constOf(product.Y)
	if !isConst {
		return nil
	}
	if e.Op == bind.Sub {
		k = -k
	}
	m := T(v.Num)
	i, inRegister := c.register(product.X)
	if !inRegister {
		x := c.num(product.X)
		return func(f *frame) uint64 { return uint64(T(x(f))*m + k) }
	}
	return func(f *frame) uint64 { return uint64(T(*f.reg(i))*m + k) }
}

//go:noinline
func fastRK[T integer](op bind.Op, i int, k T) numFn {
	switch op {
	case bind.Add:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) + k) }
	case bind.Sub:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) - k) }
	case bind.Mul:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) * k) }
	case bind.And:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) & k) }
	case bind.Shl:
		n := shift(k)
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) << (n & 63)) }
	case bind.Shr:
		n := shift(k)
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) >> (n & 63)) }
	}
	return nil
}

// shift is how far a shift by k goes: the low five bits of k for a type of 32 bits, six for one of 64.
func shift[T integer](k T) uint64 {
	width := uint64(64)
	if top := T(1) << 31; top<<1 == 0 {
		width = 32
	}
	return uint64(k) & (width - 1)
}

//go:noinline
func fastXK[T integer](op bind.Op, x numFn, k T) numFn {
	switch op {
	case bind.Add:
		return func(f *frame) uint64 { return uint64(T(x(f)) + k) }
	case bind.Sub:
		return func(f *frame) uint64 { return uint64(T(x(f)) - k) }
	case bind.Mul:
		return func(f *frame) uint64 { return uint64(T(x(f)) * k) }
	case bind.And:
		return func(f *frame) uint64 { return uint64(T(x(f)) & k) }
	}
	return nil
}

//go:noinline
func fastRR[T integer](op bind.Op, i, j int) numFn {
	switch op {
	case bind.Add:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) + T(*f.reg(j))) }
	case bind.Sub:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) - T(*f.reg(j))) }
	case bind.Mul:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) * T(*f.reg(j))) }
	case bind.And:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) & T(*f.reg(j))) }
	case bind.Xor:
		return func(f *frame) uint64 { return uint64(T(*f.reg(i)) ^ T(*f.reg(j))) }
	}
	return nil
}

//go:noinline
func fastXR[T integer](op bind.Op, x numFn, j int) numFn {
	switch op {
	case bind.Add:
		return func(f *frame) uint64 {
			a := x(f)
			return uint64(T(a) + T(*f.reg(j)))
		}
	case bind.Sub:
		return func(f *frame) uint64 {
			a := x(f)
			return uint64(T(a) - T(*f.reg(j)))
		}
	case bind.Mul:
		return func(f *frame) uint64 {
			a := x(f)
			return uint64(T(a) * T(*f.reg(j)))
		}
	}
	return nil
}

//go:noinline
func fastXX[T integer](op bind.Op, x, y numFn) numFn {
	switch op {
	case bind.Add:
		return func(f *frame) uint64 {
			a := x(f)
			return uint64(T(a) + T(y(f)))
		}
	case bind.Sub:
		return func(f *frame) uint64 {
			a := x(f)
			return uint64(T(a) - T(y(f)))
		}
	case bind.Mul:
		return func(f *frame) uint64 {
			a := x(f)
			return uint64(T(a) * T(y(f)))
		}
	}
	return nil
}

//go:noinline
func float64Const(op bind.Op, x numFn, k float64) numFn {
	switch op {
	case bind.Add:
		return func(f *frame) uint64 { return wf64(f64(x(f)) + k) }
	case bind.Sub:
		return func(f *frame) uint64 { return wf64(f64(x(f)) - k) }
	case bind.Mul:
		return func(f *frame) uint64 { return wf64(float64(f64(x(f)) * k)) }
	case bind.Div:
		return func(f *frame) uint64 { return wf64(f64(x(f)) / k) }
	}
	return nil
}

//go:noinline
func float64Fast(op bind.Op, x, y numFn) numFn {
	switch op {
	case bind.Add:
		return func(f *frame) uint64 {
			a := x(f)
			return wf64(f64(a) + f64(y(f)))
		}
	case bind.Sub:
		return func(f *frame) uint64 {
			a := x(f)
			return wf64(f64(a) - f64(y(f)))
		}
	case bind.Mul:
		return func(f *frame) uint64 {
			a := x(f)
			return wf64(float64(f64(a) * f64(y(f))))
		}
	case bind.Div:
		return func(f *frame) uint64 {
			a := x(f)
			return wf64(f64(a) / f64(y(f)))
		}
	}
	return nil
}

// dividedFast is int or long divided by a positive constant, or the remainder; nil for others.
func (c *funCompiler) dividedFast(e *bind.Binary, x numFn) numFn {
	v, isConst := constOf(e.Y)
	k := int64(v.Num)
	if !isConst || k <= 0 || e.Op != bind.Div && e.Op != bind.Rem {
		return nil
	}
	if n, mask, ok := powerOfTwo(k); ok {
		return c.shifted(e, x, n, mask)
	}
	if e.Of == bind.Int32 {
		return c.multiplied(e, x, k)
	}
	if e.Op == bind.Div {
		return func(f *frame) uint64 { return uint64(int64(x(f)) / k) }
	}
	return func(f *frame) uint64 { return uint64(int64(x(f)) % k) }
}

// powerOfTwo is the n of a k that is 2^n, and the mask of the bits below.
func powerOfTwo(k int64) (n uint, mask int64, ok bool) {
	return uint(bits.TrailingZeros64(uint64(k))), k - 1, k > 0 && k&(k-1) == 0
}

// shifted divides by a power of two: a negative dividend is raised first, so that the shift rounds towards zero.
func (c *funCompiler) shifted(e *bind.Binary, x numFn, n uint, mask int64) numFn {
	i, inRegister := c.register(e.X)
	switch {
	case e.Op == bind.Div && inRegister:
		return func(f *frame) uint64 {
			a := int64(*f.reg(i))
			return uint64((a + a>>63&mask) >> (n & 63))
		}
	case e.Op == bind.Div:
		return func(f *frame) uint64 {
			a := int64(x(f))
			return uint64((a + a>>63&mask) >> (n & 63))
		}
	case inRegister:
		return func(f *frame) uint64 {
			a := int64(*f.reg(i))
			up := a >> 63 & mask
			return uint64((a+up)&mask - up)
		}
	}
	return func(f *frame) uint64 {
		a := int64(x(f))
		up := a >> 63 & mask
		return uint64((a+up)&mask - up)
	}
}

// reciprocal divides ints by multiplying (Granlund and Montgomery 1994, signed case): a/k is a·mul >> shift, and one more for
// negative a.
type reciprocal struct {
	mul   int64
	shift uint
}

// reciprocalOf is for a k from 3 up that is no power of two. With l bits in k, mul is between 2^31 and 2^32, so that the
// product fits.
func reciprocalOf(k int64) reciprocal {
	n := 31 + uint(bits.Len64(uint64(k)))
	return reciprocal{(1<<n)/k + 1, n}
}

func (r reciprocal) quotient(a int64) int64 { return a*r.mul>>(r.shift&63) - a>>63 }

// multiplied divides ints by a constant that is no power of two.
func (c *funCompiler) multiplied(e *bind.Binary, x numFn, k int64) numFn {
	r := reciprocalOf(k)
	if e.Op == bind.Div {
		return func(f *frame) uint64 { return uint64(r.quotient(int64(x(f)))) }
	}
	return func(f *frame) uint64 {
		a := int64(x(f))
		return uint64(a - r.quotient(a)*k)
	}
}
