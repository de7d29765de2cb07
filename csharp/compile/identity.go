package compile

import (
	"unsafe"

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
	switch t {
	case types.BoolType:
		return boxerOf(func(v types.Value) bool { return v.Num != 0 })
	case types.CharType:
		return boxerOf(func(v types.Value) types.Char { return types.Char(v.Num) })
	case types.Int32Type:
		return boxerOf(types.Value.Int32)
	case types.Int64Type:
		return boxerOf(types.Value.Int64)
	case types.DoubleType:
		return boxerOf(types.Value.Float64)
	}
	return func(v types.Value) any { return freshBox(types.Box(t, v)) }
}

func boxerOf[T any](of func(types.Value) T) func(types.Value) any {
	var zero T
	form := any(zero)
	return func(v types.Value) any { return fresh(form, of(v)) }
}

// fresh puts a pointer to a new copy of x, which is in o, into o.
func fresh[T any](o any, x T) any {
	p := new(T)
	*p = x
	(*[2]unsafe.Pointer)(unsafe.Pointer(&o))[1] = unsafe.Pointer(p)
	return o
}
