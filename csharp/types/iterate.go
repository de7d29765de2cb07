package types

// Iterate starts an enumeration of the object o, which is not null: a string, an array, a byte[] or an Enumerable. The elements come as
// Values of type elem: that of the enumerated IEnumerable<elem>, or object for IEnumerable. An object of another kind throws NotSupportedException.
func Iterate(t *Thread, o any, elem *Type) Enumerator {
	switch x := o.(type) {
	case *String:
		return convertItems(&stringItems{s: x, i: -1}, CharType, elem)
	case *Array:
		return convertItems(&arrayItems{a: x, i: -1}, x.T.Elem, elem)
	case *Bytes:
		return convertItems(&byteItems{b: x, i: -1}, ByteType, elem)
	case EnumerableAs:
		if e := x.EnumerateAs(t, elem); e != nil {
			return e
		}
	}
	switch x := o.(type) {
	case Enumerable:
		return convertItems(x.Enumerate(t), x.ElementType(), elem)
	}
	Throw(NotSupportedException, "An object of type '"+TypeOf(o).FullName()+"' cannot be enumerated.")
	return nil
}

// EnumerableAs is an object that implements IEnumerable<T> for more than one T.
type EnumerableAs interface {
	// EnumerateAs starts an enumeration of Values of type elem; nil leaves it to Enumerable.
	EnumerateAs(t *Thread, elem *Type) Enumerator
}

type stringItems struct {
	s *String
	i int
}

func (e *stringItems) MoveNext(*Thread) bool {
	if e.i < e.s.Len() {
		e.i++
	}
	return e.i < e.s.Len()
}
func (e *stringItems) Current() Value  { return Uint(uint64(e.s.Unit(e.i))) }
func (e *stringItems) Dispose(*Thread) {}

type arrayItems struct {
	a *Array
	i int
}

func (e *arrayItems) MoveNext(*Thread) bool {
	if e.i < len(e.a.Items) {
		e.i++
	}
	return e.i < len(e.a.Items)
}
func (e *arrayItems) Current() Value  { return e.a.Items[e.i] }
func (e *arrayItems) Dispose(*Thread) {}

type byteItems struct {
	b *Bytes
	i int
}

func (e *byteItems) MoveNext(*Thread) bool {
	if e.i < len(e.b.B) {
		e.i++
	}
	return e.i < len(e.b.B)
}
func (e *byteItems) Current() Value  { return Uint(uint64(e.b.B[e.i])) }
func (e *byteItems) Dispose(*Thread) {}

// convertItems makes Values of type to of an enumeration of from: it boxes where from is a value type and to is none, and unboxes the other way.
func convertItems(e Enumerator, from, to *Type) Enumerator {
	switch {
	case from == to || from.IsValue() == to.IsValue():
		return e
	case from.IsValue():
		return &mappedItems{e, func(v Value) Value { return Ref(Box(from, v)) }}
	}
	return &mappedItems{e, func(v Value) Value { return UnboxTo(v.Ref, to) }}
}

type mappedItems struct {
	Enumerator
	f func(Value) Value
}

func (m *mappedItems) Current() Value { return m.f(m.Enumerator.Current()) }

// UnboxTo is the unboxing conversion (T)o for a value type T, Nullable<U> included: InvalidCastException if o is an object of another type,
// NullReferenceException if it is null and T is not nullable. An enum and its underlying type pass for each other.
func UnboxTo(o any, t *Type) Value {
	if u, ok := t.IsNullable(); ok {
		if o == nil {
			return Null
		}
		return Some(u, UnboxTo(o, u))
	}
	if o == nil {
		ThrowNullReference()
	}
	if from := TypeOf(o); from != t && underlying(from) != underlying(t) {
		ThrowInvalidCast(from, t)
	}
	return Unbox(o)
}

func underlying(t *Type) *Type {
	if t.Kind == EnumKind {
		return t.Def.Underlying
	}
	return t
}

// ThrowInvalidCast raises the InvalidCastException of a cast that failed.
func ThrowInvalidCast(from, to *Type) {
	Throw(InvalidCastException, "Unable to cast object of type '"+from.FullName()+"' to type '"+to.Erased().FullName()+"'.")
}
