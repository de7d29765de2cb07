package types

import (
	"github.com/postern-gateway/postern/csharp/decimal"
)

// The types that the language itself knows, or that values of Go types stand for. Their members are declared
// by the class library, which finds them by name.
var (
	ErrorType   = newType(&Type{Kind: Error})
	VoidType    = newType(&Type{Kind: Void})
	NullType    = newType(&Type{Kind: NullKind})
	DynamicType = newType(&Type{Kind: Dynamic})

	Object_     = wellKnown("System", "Object", Class, "object")
	ValueType   = wellKnown("System", "ValueType", Class, "")
	EnumBase    = wellKnown("System", "Enum", Class, "")
	ArrayBase   = wellKnown("System", "Array", Class, "")
	StringType  = wellKnown("System", "String", Class, "string")
	BoolType    = wellKnown("System", "Boolean", Struct, "bool")
	CharType    = wellKnown("System", "Char", Struct, "char")
	SByteType   = wellKnown("System", "SByte", Struct, "sbyte")
	ByteType    = wellKnown("System", "Byte", Struct, "byte")
	Int16Type   = wellKnown("System", "Int16", Struct, "short")
	UInt16Type  = wellKnown("System", "UInt16", Struct, "ushort")
	Int32Type   = wellKnown("System", "Int32", Struct, "int")
	UInt32Type  = wellKnown("System", "UInt32", Struct, "uint")
	Int64Type   = wellKnown("System", "Int64", Struct, "long")
	UInt64Type  = wellKnown("System", "UInt64", Struct, "ulong")
	SingleType  = wellKnown("System", "Single", Struct, "float")
	DoubleType  = wellKnown("System", "Double", Struct, "double")
	DecimalType = wellKnown("System", "Decimal", Struct, "decimal")

	DateTimeType = wellKnown("System", "DateTime", Struct, "")
	TimeSpanType = wellKnown("System", "TimeSpan", Struct, "")
	GuidType     = wellKnown("System", "Guid", Struct, "")
	TypeType     = wellKnown("System", "Type", Class, "")

	NullableDef            = generic("System", "Nullable", Struct, "T")
	IEnumerableDef         = generic("System.Collections.Generic", "IEnumerable", Interface, "T")
	IEnumeratorDef         = generic("System.Collections.Generic", "IEnumerator", Interface, "T")
	IListDef               = generic("System.Collections.Generic", "IList", Interface, "T")
	ICollectionDef         = generic("System.Collections.Generic", "ICollection", Interface, "T")
	IReadOnlyListDef       = generic("System.Collections.Generic", "IReadOnlyList", Interface, "T")
	IReadOnlyCollectionDef = generic("System.Collections.Generic", "IReadOnlyCollection", Interface, "T")
	KeyValuePairDef        = generic("System.Collections.Generic", "KeyValuePair", Struct, "TKey", "TValue")

	IEnumerableType = wellKnown("System.Collections", "IEnumerable", Interface, "")
	IEnumeratorType = wellKnown("System.Collections", "IEnumerator", Interface, "")
	IDisposableType = wellKnown("System", "IDisposable", Interface, "")
	DelegateBase    = wellKnown("System", "Delegate", Class, "")
	// MulticastDelegateBase is the base of every delegate type.
	MulticastDelegateBase = wellKnown("System", "MulticastDelegate", Class, "")

	ByteArray   = ArrayOf(ByteType, 1)
	ObjectArray = ArrayOf(Object_, 1)
	StringArray = ArrayOf(StringType, 1)

	ExceptionType               = wellKnown("System", "Exception", Class, "")
	SystemException             = wellKnown("System", "SystemException", Class, "")
	ArgumentException           = wellKnown("System", "ArgumentException", Class, "")
	ArgumentNullException       = wellKnown("System", "ArgumentNullException", Class, "")
	ArgumentOutOfRangeException = wellKnown("System", "ArgumentOutOfRangeException", Class, "")
	ArithmeticException         = wellKnown("System", "ArithmeticException", Class, "")
	DivideByZeroException       = wellKnown("System", "DivideByZeroException", Class, "")
	OverflowException           = wellKnown("System", "OverflowException", Class, "")
	FormatException             = wellKnown("System", "FormatException", Class, "")
	IndexOutOfRangeException    = wellKnown("System", "IndexOutOfRangeException", Class, "")
	InvalidCastException        = wellKnown("System", "InvalidCastException", Class, "")
	InvalidOperationException   = wellKnown("System", "InvalidOperationException", Class, "")
	NotSupportedException       = wellKnown("System", "NotSupportedException", Class, "")
	NotImplementedException     = wellKnown("System", "NotImplementedException", Class, "")
	NullReferenceException      = wellKnown("System", "NullReferenceException", Class, "")
	ObjectDisposedException     = wellKnown("System", "ObjectDisposedException", Class, "")
	ArrayTypeMismatchException  = wellKnown("System", "ArrayTypeMismatchException", Class, "")
	RankException               = wellKnown("System", "RankException", Class, "")
	UriFormatException          = wellKnown("System", "UriFormatException", Class, "")
	TimeZoneNotFoundException   = wellKnown("System", "TimeZoneNotFoundException", Class, "")
	KeyNotFoundException        = wellKnown("System.Collections.Generic", "KeyNotFoundException", Class, "")
	CryptographicException      = wellKnown("System.Security.Cryptography", "CryptographicException", Class, "")
	RuntimeBinderException      = wellKnown("Microsoft.CSharp.RuntimeBinder", "RuntimeBinderException", Class, "")
)

var (
	wellKnownDefs map[string]*Def
	numDefs       map[*Def]bool
)

func wellKnown(ns, name string, k Kind, keyword string) *Type {
	d := generic(ns, name, k)
	d.Keyword = keyword
	return d.self
}

func generic(ns, name string, k Kind, params ...string) *Def {
	d := newDef(ns, name, k, params...)
	if wellKnownDefs == nil {
		wellKnownDefs = map[string]*Def{}
	}
	wellKnownDefs[d.FullName()] = d
	return d
}

func init() {
	numDefs = map[*Def]bool{}
	for _, t := range []*Type{BoolType, CharType, SByteType, ByteType, Int16Type, UInt16Type, Int32Type, UInt32Type,
		Int64Type, UInt64Type, SingleType, DoubleType, DateTimeType, TimeSpanType} {
		numDefs[t.Def] = true
	}
}

// TypeOf is the run-time type of an object that is not null. A Go string counts as a System.String.
func TypeOf(o any) *Type {
	switch x := o.(type) {
	case *String:
		return StringType
	case Object:
		return x.ClrType()
	case bool:
		return BoolType
	case Char:
		return CharType
	case int8:
		return SByteType
	case uint8:
		return ByteType
	case int16:
		return Int16Type
	case uint16:
		return UInt16Type
	case int32:
		return Int32Type
	case uint32:
		return UInt32Type
	case int64:
		return Int64Type
	case uint64:
		return UInt64Type
	case float32:
		return SingleType
	case float64:
		return DoubleType
	case decimal.Decimal:
		return DecimalType
	case DateTime:
		return DateTimeType
	case TimeSpan:
		return TimeSpanType
	case Guid:
		return GuidType
	}
	return Object_
}

// Box makes an object of a Value of type t: for Nullable<T> null or a boxed T; for references the reference itself.
func Box(t *Type, v Value) any {
	if !t.IsValue() {
		return v.Ref
	}
	if u, ok := t.IsNullable(); ok {
		if v.Ref == nil {
			return nil
		}
		return Box(u, v)
	}
	if t.Kind == EnumKind {
		return &Enum{t, v.Num}
	}
	switch t {
	case BoolType:
		return v.Bool()
	case CharType:
		return Char(v.Num)
	case SByteType:
		return int8(v.Num)
	case ByteType:
		return uint8(v.Num)
	case Int16Type:
		return int16(v.Num)
	case UInt16Type:
		return uint16(v.Num)
	case Int32Type:
		return int32(v.Num)
	case UInt32Type:
		return uint32(v.Num)
	case Int64Type:
		return int64(v.Num)
	case UInt64Type:
		return v.Num
	case SingleType:
		return v.Float32()
	case DoubleType:
		return v.Float64()
	case DateTimeType:
		return DateTime(v.Num)
	case TimeSpanType:
		return TimeSpan(v.Num)
	}
	if v.Ref == nil {
		return Payload(t)
	}
	return v.Ref
}

// Unbox makes a Value of the object's own type: the inverse of Box for an object whose run-time type is known.
func Unbox(o any) Value {
	switch x := o.(type) {
	case bool:
		return Bool(x)
	case Char:
		return Uint(uint64(x))
	case int8:
		return Int(int64(x))
	case uint8:
		return Uint(uint64(x))
	case int16:
		return Int(int64(x))
	case uint16:
		return Uint(uint64(x))
	case int32:
		return Int(int64(x))
	case uint32:
		return Uint(uint64(x))
	case int64:
		return Int(x)
	case uint64:
		return Uint(x)
	case float32:
		return Float32(x)
	case float64:
		return Float64(x)
	case DateTime:
		return Uint(uint64(x))
	case TimeSpan:
		return Int(int64(x))
	case *Enum:
		return Value{Num: x.Num}
	}
	return Value{Ref: o}
}
