package types

import (
	"math"

	"github.com/postern-gateway/postern/csharp/decimal"
)

// Value is a C# value whose static type is known from elsewhere. The package comment says how each type stands in it.
type Value struct {
	Num uint64
	Ref any
}

// Null is the null reference, and the null of every Nullable<T>.
var Null = Value{}

type present struct{}

// Present is the Ref of a Nullable<T> that has a value standing in Num.
var Present any = present{}

// Char is a UTF-16 code unit as a boxed System.Char.
type Char uint16

// DateTime is System.DateTime as .NET keeps it: ticks of 100 ns since 0001-01-01 in the low 62 bits,
// the kind in the two above: 0 unspecified, 1 UTC, 2 local.
type DateTime uint64

// TimeSpan is System.TimeSpan: ticks of 100 ns.
type TimeSpan int64

// Guid is System.Guid in the order of its text: the bytes of "00112233-4455-…" are 00 11 22 33 44 55 ….
type Guid [16]byte

// Enum is a boxed enum value.
type Enum struct {
	T   *Type
	Num uint64
}

// ClrType is the enum's type.
func (e *Enum) ClrType() *Type { return e.T }

// Object is an object that knows its run-time type.
type Object interface {
	ClrType() *Type
}

// Ref makes a Value of a reference. A nil pointer of a concrete type must not be passed: use Null.
func Ref(o any) Value { return Value{Ref: o} }

// Bool makes a bool Value.
func Bool(b bool) Value {
	if b {
		return Value{Num: 1}
	}
	return Value{}
}

// Int makes a Value of any signed integer type.
func Int(i int64) Value { return Value{Num: uint64(i)} }

// Uint makes a Value of any unsigned integer type or char.
func Uint(u uint64) Value { return Value{Num: u} }

// Float64 makes a double Value.
func Float64(f float64) Value { return Value{Num: math.Float64bits(f)} }

// Float32 makes a float Value.
func Float32(f float32) Value { return Value{Num: uint64(math.Float32bits(f))} }

// Dec makes a decimal Value.
func Dec(d decimal.Decimal) Value { return Value{Ref: d} }

// Bool is the bool in v.
func (v Value) Bool() bool { return v.Num != 0 }

// Int32 is the int in v.
func (v Value) Int32() int32 { return int32(v.Num) }

// Int64 is the long in v.
func (v Value) Int64() int64 { return int64(v.Num) }

// Float64 is the double in v.
func (v Value) Float64() float64 { return math.Float64frombits(v.Num) }

// Float32 is the float in v.
func (v Value) Float32() float32 { return math.Float32frombits(uint32(v.Num)) }

// Decimal is the decimal in v.
func (v Value) Decimal() decimal.Decimal {
	d, _ := v.Ref.(decimal.Decimal)
	return d
}

// Str is the string in v, nil for null.
func (v Value) Str() *String {
	s, _ := v.Ref.(*String)
	return s
}

// Guid is the Guid in v.
func (v Value) Guid() Guid {
	g, _ := v.Ref.(Guid)
	return g
}

// Cell is a variable that a lambda captures, or that a ref or out argument names. A ref or out
// argument is passed as Value{Ref: *Cell}.
type Cell struct{ V Value }

// Array is an array of one or more dimensions, but for byte[], which is *Bytes.
type Array struct {
	// T is the array type.
	T *Type
	// Items are the elements, the last dimension running fastest.
	Items []Value
	// Dims are the lengths of the dimensions where there are several, nil otherwise.
	Dims []int
}

// ClrType is the array's type.
func (a *Array) ClrType() *Type { return a.T }

// Bytes is a byte[].
type Bytes struct{ B []byte }

// ClrType is byte[].
func (b *Bytes) ClrType() *Type { return ByteArray }

// Delegate is a delegate object. F1 and F2, where set, do what Fn does without a slice of arguments.
type Delegate struct {
	T  *Type
	Fn func(t *Thread, args []Value) Value
	F1 func(t *Thread, a Value) Value
	F2 func(t *Thread, a, b Value) Value
	// List are the delegates that a combined one calls, in order; nil for a single one.
	List []*Delegate
	// Key, if not nil, is comparable and tells target and method: delegates of one type with equal keys are equal.
	Key any
	// Match, if not nil, tells which elements of a sequence the delegate, a predicate, can hold for.
	Match *Match
}

// Same reports whether two delegates are equal as .NET has it: the same targets and methods in the same order. Either may be nil.
func (d *Delegate) Same(o *Delegate) bool {
	switch {
	case d == o:
		return true
	case d == nil || o == nil || d.T != o.T || len(d.List) != len(o.List):
		return false
	case d.List == nil:
		return d.Key != nil && d.Key == o.Key
	}
	for i, x := range d.List {
		if !x.Same(o.List[i]) {
			return false
		}
	}
	return true
}

// ClrType is the delegate's type.
func (d *Delegate) ClrType() *Type { return d.T }

// Call0 invokes a delegate of no parameters.
func (d *Delegate) Call0(t *Thread) Value { return d.Fn(t, nil) }

// Call1 invokes a delegate of one parameter.
func (d *Delegate) Call1(t *Thread, a Value) Value {
	if d.F1 != nil {
		return d.F1(t, a)
	}
	return d.Fn(t, []Value{a})
}

// Call2 invokes a delegate of two parameters.
func (d *Delegate) Call2(t *Thread, a, b Value) Value {
	if d.F2 != nil {
		return d.F2(t, a, b)
	}
	return d.Fn(t, []Value{a, b})
}

// Enumerable is an object that implements IEnumerable<T>; the members of that interface go through it.
type Enumerable interface {
	// Enumerate starts an enumeration.
	Enumerate(t *Thread) Enumerator
	// ElementType is T: how the Values of an enumeration stand.
	ElementType() *Type
}

// Enumerator is a running enumeration.
type Enumerator interface {
	// MoveNext goes on to the next element and reports whether there is one.
	MoveNext(t *Thread) bool
	// Current is the element reached.
	Current() Value
	// Dispose ends the enumeration, running finally blocks of iterators.
	Dispose(t *Thread)
}
