package types

// Impl is the Go side of a member. Exactly one of the fields is set, but for F0 and F1, which may stand beside
// Fn as short cuts for no and one argument.
//
// this is the receiver (the zero Value for static members and constructors); args are the arguments in the order of
// the parameters, params arrays built, defaults filled in. args is scratch space: a member must not keep it after it has
// returned, unless its result is an interface type, as with the lazy sequences of LINQ.
type Impl struct {
	// Fn is the general form.
	Fn func(t *Thread, this Value, args []Value) Value
	// GFn is for members of generic types and generic methods that need their type arguments at run time:
	// those of the declaring type, then those of the method.
	GFn func(t *Thread, targs []*Type, this Value, args []Value) Value
	// F0 takes no argument, F1 one.
	F0 func(t *Thread, this Value) Value
	F1 func(t *Thread, this, a Value) Value
	// Set is a property's or indexer's setter; args are the indexer's arguments and then the value.
	Set func(t *Thread, this Value, args []Value)
}

// Decl declares a type and its members.
type Decl struct {
	// Head is the type in C#'s words, as in
	// "sealed class System.Text.StringBuilder : System.Collections.IEnumerable" or
	// "enum System.DayOfWeek". Keywords and full names may be used for types; short names are not resolved. A nested type is
	// called Outer.Inner, its parameters those of both: "struct System.Collections.Generic.List.Enumerator<T>". Interfaces and
	// delegates may have variance ("interface My.I<out T>"); a delegate has its whole signature: "delegate bool My.Test<in T>(T x)".
	// Bases and interfaces that are not declared are left out.
	Head string
	// Members of the type.
	Members []MemberDecl
	// Hidden marks a type that expressions may hold and use, but not name (context's own interfaces may be named; X509Chain may not).
	Hidden bool
}

// MemberDecl is a member's C# signature and its Go function.
type MemberDecl struct {
	Signature string
	Impl      Impl
}

// T declares a type.
func T(head string, members ...MemberDecl) *Decl { return &Decl{Head: head, Members: members} }

// M declares a member by its C# signature. The signature tells what it is:
//
//	"string Substring(int startIndex, int length)"            a method
//	"static bool IsNullOrEmpty(string value)"                 a static method
//	"static T First<T>(this System.Collections.Generic.IEnumerable<T> source)"  an extension method
//	"int Length { get; }"                                     a property
//	"char this[int index] { get; }"                           an indexer
//	"new(char c, int count)"                                  a constructor
//	"static bool operator ==(string a, string b)"             an operator
//	"static implicit operator decimal(int value)"             a conversion
//	"const int MaxValue = 2147483647"                         a constant (without a value, Impl.F0 gives it, called with nils)
//	"static readonly string Empty"                            a static field (F0 gives its value)
//
// Parameters may have "= default", "ref", "out", "params"; methods may have type parameters and
// "where T : …" clauses.
func M(signature string, impl ...Impl) MemberDecl {
	d := MemberDecl{Signature: signature}
	if len(impl) > 0 {
		d.Impl = impl[0]
	}
	return d
}

// WithSet adds a setter to a getter.
func (i Impl) WithSet(set func(t *Thread, this Value, args []Value)) Impl {
	i.Set = set
	return i
}

// Raw is an Impl of the general form.
func Raw(fn func(t *Thread, this Value, args []Value) Value) Impl { return Impl{Fn: fn} }

// Generic is an Impl that takes type arguments.
func Generic(fn func(t *Thread, targs []*Type, this Value, args []Value) Value) Impl {
	return Impl{GFn: fn}
}

// I0 to I4 make Impls of instance members, S0 to S5 of static ones, of Go functions over the Go types that Codec
// knows: bool, the integer types, Char, float32, float64, decimal.Decimal, DateTime, TimeSpan, Guid, *String,
// *Array, *Bytes, *Delegate, *Exception, Value (as it is), any (a reference, nil for null), and pointer types of
// objects (nil for null). A null receiver throws NullReferenceException before the function is called.
func I0[A, R any](fn func(A) R) Impl {
	a, r := receiver[A](), Encode[R]()
	f0 := func(_ *Thread, this Value) Value { return r(fn(a(this))) }
	return Impl{F0: f0, Fn: func(t *Thread, this Value, _ []Value) Value { return f0(t, this) }}
}

// I1 is an instance member of one parameter.
func I1[A, B, R any](fn func(A, B) R) Impl {
	a, b, r := receiver[A](), Decode[B](), Encode[R]()
	f1 := func(_ *Thread, this, x Value) Value { return r(fn(a(this), b(x))) }
	return Impl{F1: f1, Fn: func(t *Thread, this Value, args []Value) Value { return f1(t, this, args[0]) }}
}

// I2 is an instance member of two parameters.
func I2[A, B, C, R any](fn func(A, B, C) R) Impl {
	a, b, c, r := receiver[A](), Decode[B](), Decode[C](), Encode[R]()
	return Raw(func(_ *Thread, this Value, x []Value) Value { return r(fn(a(this), b(x[0]), c(x[1]))) })
}

// I3 is an instance member of three parameters.
func I3[A, B, C, D, R any](fn func(A, B, C, D) R) Impl {
	a, b, c, d, r := receiver[A](), Decode[B](), Decode[C](), Decode[D](), Encode[R]()
	return Raw(func(_ *Thread, this Value, x []Value) Value { return r(fn(a(this), b(x[0]), c(x[1]), d(x[2]))) })
}

// I4 is an instance member of four parameters.
func I4[A, B, C, D, E, R any](fn func(A, B, C, D, E) R) Impl {
	a, b, c, d, e, r := receiver[A](), Decode[B](), Decode[C](), Decode[D](), Decode[E](), Encode[R]()
	return Raw(func(_ *Thread, this Value, x []Value) Value {
		return r(fn(a(this), b(x[0]), c(x[1]), d(x[2]), e(x[3])))
	})
}

// S0 is a static member without parameters.
func S0[R any](fn func() R) Impl {
	r := Encode[R]()
	f0 := func(*Thread, Value) Value { return r(fn()) }
	return Impl{F0: f0, Fn: func(t *Thread, this Value, _ []Value) Value { return f0(t, this) }}
}

// S1 is a static member of one parameter.
func S1[A, R any](fn func(A) R) Impl {
	a, r := Decode[A](), Encode[R]()
	f1 := func(_ *Thread, _, x Value) Value { return r(fn(a(x))) }
	return Impl{F1: f1, Fn: func(t *Thread, this Value, args []Value) Value { return f1(t, this, args[0]) }}
}

// S2 is a static member of two parameters.
func S2[A, B, R any](fn func(A, B) R) Impl {
	a, b, r := Decode[A](), Decode[B](), Encode[R]()
	return Raw(func(_ *Thread, _ Value, x []Value) Value { return r(fn(a(x[0]), b(x[1]))) })
}

// S3 is a static member of three parameters.
func S3[A, B, C, R any](fn func(A, B, C) R) Impl {
	a, b, c, r := Decode[A](), Decode[B](), Decode[C](), Encode[R]()
	return Raw(func(_ *Thread, _ Value, x []Value) Value { return r(fn(a(x[0]), b(x[1]), c(x[2]))) })
}

// S4 is a static member of four parameters.
func S4[A, B, C, D, R any](fn func(A, B, C, D) R) Impl {
	a, b, c, d, r := Decode[A](), Decode[B](), Decode[C](), Decode[D](), Encode[R]()
	return Raw(func(_ *Thread, _ Value, x []Value) Value { return r(fn(a(x[0]), b(x[1]), c(x[2]), d(x[3]))) })
}

// S5 is a static member of five parameters.
func S5[A, B, C, D, E, R any](fn func(A, B, C, D, E) R) Impl {
	a, b, c, d, e, r := Decode[A](), Decode[B](), Decode[C](), Decode[D](), Decode[E](), Encode[R]()
	return Raw(func(_ *Thread, _ Value, x []Value) Value {
		return r(fn(a(x[0]), b(x[1]), c(x[2]), d(x[3]), e(x[4])))
	})
}
