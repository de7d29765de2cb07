// Package types is the model of .NET types that the C# compiler works with,
// and the form that values have while a program runs.
//
// # Types
//
// A [Def] is a declared type (System.String, List<T>); a [Type] is a use of
// one (string, List<int>), an array, a type parameter or one of C#'s special
// types. Types are interned: two Types are the same type exactly if their
// pointers are equal. The members of a Def are declared in C#'s own words
// beside the Go function that does the work, see [M]:
//
//	M("string Substring(int startIndex, int length)", I2(substring))
//
// A [Universe] is a set of Defs that a program may name.
//
// # Values
//
// The binder knows the static type of each expression, so a [Value] does not
// carry it. How a value of a type stands in Value{Num, Ref}:
//
//	bool                       Num 0 or 1
//	sbyte … long               Num, sign-extended to 64 bits
//	byte … ulong, char         Num, zero-extended
//	enum                       Num, as its underlying type
//	float, double              Num, math.Float32bits and math.Float64bits
//	DateTime, TimeSpan         Num: DateTime, TimeSpan below
//	other structs              Ref: the Go payload (decimal.Decimal, Guid, *KeyValuePair …); nil is default(T)
//	Nullable<T>                null: the zero Value. Otherwise T's Value with a Ref that is not nil:
//	                           Ref = Present where T stands in Num; see Some
//	reference types, dynamic   Ref, nil for null
//
// An object reference (a Value of a reference type, static type object
// included) is a Go value from which the run-time type can be told: see
// [TypeOf]. Strings are *String, arrays *Array or *Bytes, delegates *Delegate,
// boxed value types are bool, int8 … uint64, Char, float32, float64,
// decimal.Decimal, DateTime, TimeSpan, Guid, *Enum, or an Object of their own.
// Everything else implements [Object].
//
// # Exceptions
//
// A .NET exception travels as a Go panic with an *Exception and is caught by
// try statements and at the boundary of a run; see [Throw].
package types
