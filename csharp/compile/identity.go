package compile

import (
	"unsafe"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

// sameObject is reference equality. Boxed values are objects: two boxes of one value are different, while copies of one
// reference are the same, which in Go shows in the word that an interface keeps for its data.
func sameObject(a, b any) bool {
	if !boxed(a) {
		return !boxed(b) && a == b
	}
	return boxed(b) && words(a) == words(b)
}

// boxed reports whether o is a boxed value that Go keeps by value; enums and other structs are pointers of their own.
func boxed(o any) bool {
	switch o.(type) {
	case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, types.Char, float32, float64,
		decimal.Decimal, types.DateTime, types.TimeSpan, types.Guid:
		return true
	}
	return false
}

// words are the type and the data of an interface.
func words(o any) [2]unsafe.Pointer {
	return *(*[2]unsafe.Pointer)(unsafe.Pointer(&o))
}

// freshBox is o as a box of its own: Go keeps one copy of small numbers for all, and the compiler may of constants.
func freshBox(o any) any {
	switch x := o.(type) {
	case bool:
		return fresh(o, x)
	case int8:
		return fresh(o, x)
	case uint8:
		return fresh(o, x)
	case int16:
		return fresh(o, x)
	case uint16:
		return fresh(o, x)
	case int32:
		return fresh(o, x)
	case uint32:
		return fresh(o, x)
	case int64:
		return fresh(o, x)
	case uint64:
		return fresh(o, x)
	case types.Char:
		return fresh(o, x)
	case float32:
		return fresh(o, x)
	case float64:
		return fresh(o, x)
	}
	return o
}

// boxer is the boxing conversion from a value type: a box of its own each time. The commonest types need no other box first.
func boxer(t *types.Type) func(types.Value) any {
	return func(v types.Value) any { return freshBox(types.Box(t, v)) }
}

// box compiles a boxing conversion. The result of the whole program has no identity, since nobody in it sees it any more.
func (c *funCompiler) box(e *bind.Convert) valFn {
	x := e.X
	if f := c.boxNum(x, c.out == c.main && c.soleExpr() == bind.Expr(e)); f != nil {
		return f
	}
	v, box := c.value(x), boxer(x.Type())
	return func(f *frame) types.Value { return types.Value{Ref: box(v(f))} }
}

// boxNum is box for the commonest numbers; nil for other types.
func (c *funCompiler) boxNum(x bind.Expr, shared bool) valFn {
	switch x.Type() {
	case types.BoolType:
		yes, no, cond := any(true), any(false), c.cond(x)
		return func(f *frame) types.Value {
			switch b := cond(f); {
			case !shared:
				return types.Value{Ref: fresh(no, b)}
			case b:
				return types.Value{Ref: yes}
			}
			return types.Value{Ref: no}
		}
	case types.CharType:
		return boxWord(c.num(x), func(n uint64) types.Char { return types.Char(n) })
	case types.Int32Type:
		n, form := c.num(x), any(int32(0))
		return func(f *frame) types.Value { return types.Value{Ref: fresh(form, i32(n(f)))} }
	case types.Int64Type:
		return boxWord(c.num(x), func(n uint64) int64 { return int64(n) })
	case types.DoubleType:
		return boxWord(c.num(x), f64)
	}
	return nil
}

func boxWord[T any](x numFn, of func(uint64) T) valFn {
	var zero T
	form := any(zero)
	return func(f *frame) types.Value { return types.Value{Ref: fresh(form, of(x(f)))} }
}

// fresh puts a pointer to a new copy of x, which is in o, into o.
func fresh[T any](o any, x T) any {
	p := new(T)
	*p = x
	(*[2]unsafe.Pointer)(unsafe.Pointer(&o))[1] = unsafe.Pointer(p)
	return o
}
