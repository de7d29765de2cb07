package types

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/postern-gateway/postern/csharp/decimal"
)

// Decode is the function that takes a Go value of type A out of a Value. It is chosen once, when a member is
// declared. A pointer type without a case of its own is a reference type: null becomes nil, and an object of another
// type is an InvalidCastException.
func Decode[A any]() func(Value) A {
	var zero A
	var f any
	switch any(&zero).(type) {
	case *Value:
		f = func(v Value) Value { return v }
	case *any:
		f = func(v Value) any { return v.Ref }
	case *bool:
		f = Value.Bool
	case *int8:
		f = func(v Value) int8 { return int8(v.Num) }
	case *int16:
		f = func(v Value) int16 { return int16(v.Num) }
	case *int32:
		f = Value.Int32
	case *int64:
		f = Value.Int64
	case *uint8:
		f = func(v Value) uint8 { return uint8(v.Num) }
	case *uint16:
		f = func(v Value) uint16 { return uint16(v.Num) }
	case *uint32:
		f = func(v Value) uint32 { return uint32(v.Num) }
	case *uint64:
		f = func(v Value) uint64 { return v.Num }
	case *Char:
		f = func(v Value) Char { return Char(v.Num) }
	case *float32:
		f = Value.Float32
	case *float64:
		f = Value.Float64
	case *decimal.Decimal:
		f = Value.Decimal
	case *DateTime:
		f = func(v Value) DateTime { return DateTime(v.Num) }
	case *TimeSpan:
		f = func(v Value) TimeSpan { return TimeSpan(v.Num) }
	case *Guid:
		f = Value.Guid
	default:
		return decodeRef[A]
	}
	return f.(func(Value) A)
}

func decodeRef[A any](v Value) A {
	if v.Ref == nil {
		var zero A
		return zero
	}
	a, ok := v.Ref.(A)
	if !ok {
		var want A
		Throw(InvalidCastException, fmt.Sprintf("Unable to cast object of type '%s' to type '%T'.", TypeOf(v.Ref).FullName(), want))
	}
	return a
}

// receiver is Decode for the receiver of an instance member: null throws.
func receiver[A any]() func(Value) A {
	var zero A
	switch any(&zero).(type) {
	case *Value, *bool, *int8, *int16, *int32, *int64, *uint8, *uint16, *uint32, *uint64, *Char,
		*float32, *float64, *decimal.Decimal, *DateTime, *TimeSpan, *Guid:
		return Decode[A]()
	}
	return func(v Value) A {
		if a, ok := v.Ref.(A); ok {
			return a
		}
		if v.Ref == nil {
			ThrowNullReference()
		}
		return decodeRef[A](v)
	}
}

// Encode is the function that makes a Value of a Go value of type R; the inverse of Decode. A nil pointer or
// interface becomes null. The type struct{} stands for void.
func Encode[R any]() func(R) Value {
	var zero R
	var f any
	switch any(&zero).(type) {
	case *Value:
		f = func(v Value) Value { return v }
	case *struct{}:
		f = func(struct{}) Value { return Value{} }
	case *any:
		f = func(r any) Value { return Value{Ref: r} }
	case *bool:
		f = Bool
	case *int8:
		f = func(i int8) Value { return Int(int64(i)) }
	case *int16:
		f = func(i int16) Value { return Int(int64(i)) }
	case *int32:
		f = func(i int32) Value { return Int(int64(i)) }
	case *int64:
		f = Int
	case *uint8:
		f = func(u uint8) Value { return Uint(uint64(u)) }
	case *uint16:
		f = func(u uint16) Value { return Uint(uint64(u)) }
	case *uint32:
		f = func(u uint32) Value { return Uint(uint64(u)) }
	case *uint64:
		f = Uint
	case *Char:
		f = func(c Char) Value { return Uint(uint64(c)) }
	case *float32:
		f = Float32
	case *float64:
		f = Float64
	case *decimal.Decimal:
		f = Dec
	case *DateTime:
		f = func(d DateTime) Value { return Uint(uint64(d)) }
	case *TimeSpan:
		f = func(s TimeSpan) Value { return Int(int64(s)) }
	case *Guid:
		f = func(g Guid) Value { return Value{Ref: g} }
	case **String:
		f = func(s *String) Value {
			if s == nil {
				return Null
			}
			return Value{Ref: s}
		}
	default:
		if reflect.TypeFor[R]().Kind() == reflect.Pointer {
			return encodePointer[R]
		}
		return encodeRef[R]
	}
	return f.(func(R) Value)
}

// encodePointer is encodeRef for a pointer type, without the comparison of interfaces.
func encodePointer[R any](r R) Value {
	if *(*unsafe.Pointer)(unsafe.Pointer(&r)) == nil {
		return Null
	}
	return Value{Ref: r}
}

// encodeRef makes a reference of an interface value, or null of nil.
func encodeRef[R any](r R) Value {
	var zero R
	if any(r) == any(zero) {
		return Null
	}
	return Value{Ref: r}
}
