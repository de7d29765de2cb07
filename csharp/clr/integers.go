package clr

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// anyInteger are the Go types of C#'s integers.
type anyInteger interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// rangeNames are how .NET's overflow messages call the integer types.
var rangeNames = map[string]string{"SByte": "a signed byte", "Byte": "an unsigned byte", "Int16": "an Int16", "UInt16": "a UInt16",
	"Int32": "an Int32", "UInt32": "a UInt32", "Int64": "an Int64", "UInt64": "a UInt64", "Char": "a character",
	"Decimal": "a Decimal", "Single": "a Single", "Double": "a Double"}

// throwOverflow raises the OverflowException of a value that a type cannot hold.
func throwOverflow(typeName string) {
	types.Throw(types.OverflowException, "Value was either too large or too small for "+rangeNames[typeName]+".")
}

// throwBadNumber raises the FormatException of a text that is no number.
func throwBadNumber(s *types.String) {
	types.Throw(types.FormatException, "The input string '"+s.Go()+"' was not in a correct format.")
}

// integer describes one of C#'s integer types.
type integer[T anyInteger] struct {
	word, name string
	size       int
	signed     bool
}

func (k integer[T]) parse(s *types.String, styles format.Styles) T {
	if s == nil {
		types.ThrowNull("s")
	}
	n, status := format.ParseInt(s.Go(), styles, k.size, k.signed)
	switch status {
	case format.Bad:
		throwBadNumber(s)
	case format.Overflow:
		throwOverflow(k.name)
	}
	return T(n)
}

func (k integer[T]) tryParse(s *types.String, styles format.Styles) (T, bool) {
	if s == nil {
		return 0, false
	}
	n, status := format.ParseInt(s.Go(), styles, k.size, k.signed)
	return T(n), status == format.OK
}

// checkStyles throws for a NumberStyles that integers cannot have.
func checkStyles(styles format.Styles, floating bool) format.Styles {
	hex := styles & (format.HexSpecifier | format.BinarySpecifier)
	switch {
	case styles >= 1<<11:
		types.ThrowArgument(types.ArgumentException, "An undefined NumberStyles value is being used.", "style")
	case hex != 0 && floating:
		types.ThrowArgument(types.ArgumentException, "The number styles AllowHexSpecifier and AllowBinarySpecifier are not supported on floating point data types.", "style")
	case hex != 0 && styles&^(hex|format.LeadingWhite|format.TrailingWhite) != 0:
		types.ThrowArgument(types.ArgumentException, "With the AllowHexSpecifier or AllowBinarySpecifier bit set in the enum bit field, the only other valid bits that can be combined into the enum value must be a subset of those in HexNumber or BinaryNumber.", "style")
	}
	return styles
}

// parseMembers are Parse and TryParse of a number type.
func parseMembers[T any](word string, standard format.Styles, floating bool, parse func(*types.String, format.Styles) T,
	try func(*types.String, format.Styles) (T, bool)) []types.MemberDecl {
	encode := types.Encode[T]()
	parseImpl := func(style int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			styles := standard
			if style > 0 {
				styles = checkStyles(format.Styles(x[style].Num), floating)
			}
			return encode(parse(x[0].Str(), styles))
		})
	}
	tryImpl := func(style, out int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			styles := standard
			if style > 0 {
				styles = checkStyles(format.Styles(x[style].Num), floating)
			}
			n, ok := try(x[0].Str(), styles)
			setOut(x[out], encode(n))
			return types.Bool(ok)
		})
	}
	const provider, style = "System.IFormatProvider provider", "System.Globalization.NumberStyles style"
	return []types.MemberDecl{
		types.M("static "+word+" Parse(string s)", parseImpl(0)),
		types.M("static "+word+" Parse(string s, "+style+")", parseImpl(1)),
		types.M("static "+word+" Parse(string s, "+style+", "+provider+")", parseImpl(1)),
		types.M("static "+word+" Parse(string s, "+provider+")", parseImpl(0)),
		types.M("static bool TryParse(string s, out "+word+" result)", tryImpl(0, 1)),
		types.M("static bool TryParse(string s, "+style+", "+provider+", out "+word+" result)", tryImpl(1, 3)),
		types.M("static bool TryParse(string s, "+provider+", out "+word+" result)", tryImpl(0, 2)),
	}
}

// valueMembers are the members that every number type has: ToString, Equals, GetHashCode, CompareTo, GetTypeCode. typ is the type itself.
func valueMembers(word string, typ *types.Type) []types.MemberDecl {
	return namedValueMembers(word, typ, valueNames{"obj", "obj", "value", "provider"})
}

// valueNames are the names of the parameters of Equals(T), Equals(object), CompareTo(object) and of format providers.
type valueNames struct{ same, equal, compare, provider string }

func namedValueMembers(word string, typ *types.Type, n valueNames) []types.MemberDecl {
	box := func(v types.Value) any { return types.Box(typ, v) }
	plain := both0(func(t *types.Thread, this types.Value) types.Value { return refOrNull(objectToString(t, box(this))) })
	formatted := types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		return refOrNull(objectFormat(t, box(this), goString(x[0].Str())))
	})
	return []types.MemberDecl{
		types.M("string ToString()", plain),
		types.M("string ToString(string format)", formatted),
		types.M("string ToString(System.IFormatProvider "+n.provider+")", plain),
		types.M("string ToString(string format, System.IFormatProvider "+n.provider+")", formatted),
		types.M("bool Equals("+word+" "+n.same+")", both1(func(t *types.Thread, this, o types.Value) types.Value {
			return types.Bool(objectEquals(t, box(this), box(o)))
		})),
		types.M("bool Equals(object "+n.equal+")", both1(func(t *types.Thread, this, o types.Value) types.Value {
			return types.Bool(objectEquals(t, box(this), o.Ref))
		})),
		types.M("int GetHashCode()", both0(func(t *types.Thread, this types.Value) types.Value { return types.Int(int64(objectHash(t, box(this)))) })),
		types.M("int CompareTo("+word+" value)", both1(func(t *types.Thread, this, o types.Value) types.Value {
			return compareBoxed(t, box(this), box(o))
		})),
		types.M("int CompareTo(object "+n.compare+")", both1(func(t *types.Thread, this, o types.Value) types.Value {
			return compareBoxed(t, box(this), o.Ref)
		})),
		types.M("System.TypeCode GetTypeCode()", both0(func(*types.Thread, types.Value) types.Value { return types.Int(int64(typeCode(typ))) })),
	}
}

const integerBases = " : System.IComparable, System.IConvertible, System.IFormattable, System.IComparable<%>, System.IEquatable<%>"

func integerDecls() []*types.Decl {
	return []*types.Decl{
		integer[int8]{"sbyte", "SByte", 1, true}.decl(types.SByteType),
		integer[uint8]{"byte", "Byte", 1, false}.decl(types.ByteType),
		integer[int16]{"short", "Int16", 2, true}.decl(types.Int16Type),
		integer[uint16]{"ushort", "UInt16", 2, false}.decl(types.UInt16Type),
		integer[int32]{"int", "Int32", 4, true}.decl(types.Int32Type),
		integer[uint32]{"uint", "UInt32", 4, false}.decl(types.UInt32Type),
		integer[int64]{"long", "Int64", 8, true}.decl(types.Int64Type),
		integer[uint64]{"ulong", "UInt64", 8, false}.decl(types.UInt64Type),
	}
}

func (k integer[T]) decl(typ *types.Type) *types.Decl {
	names := valueNames{"obj", "obj", "value", "provider"}
	if k.word == "sbyte" {
		names.compare = "obj"
	}
	return types.T("struct "+k.word+strings.ReplaceAll(integerBases, "%", k.word), slices.Concat(namedValueMembers(k.word, typ, names),
		parseMembers(k.word, format.IntegerStyle, false, k.parse, k.tryParse), k.limits(), k.statics(), k.bitStatics(), k.signStatics(), k.products())...)
}

func (k integer[T]) limits() []types.MemberDecl {
	low, high := "0", strconv.FormatUint(1<<(8*k.size-1)<<1-1, 10)
	if k.signed {
		low, high = strconv.FormatInt(-1<<(8*k.size-1), 10), strconv.FormatInt(1<<(8*k.size-1)-1, 10)
	}
	return []types.MemberDecl{
		types.M("const " + k.word + " MaxValue = " + high),
		types.M("const " + k.word + " MinValue = " + low),
	}
}

func (k integer[T]) statics() []types.MemberDecl {
	w := k.word
	return []types.MemberDecl{
		types.M("static "+w+" Max("+w+" x, "+w+" y)", types.S2(func(a, b T) T { return max(a, b) })),
		types.M("static "+w+" Min("+w+" x, "+w+" y)", types.S2(func(a, b T) T { return min(a, b) })),
		types.M("static "+w+" Clamp("+w+" value, "+w+" min, "+w+" max)", types.S3(clamp[T])),
		types.M("static int Sign("+w+" value)", types.S1(signOf[T])),
		types.M("static System.ValueTuple<"+w+", "+w+"> DivRem("+w+" left, "+w+" right)", divRemPair[T](w)),
		types.M("static bool IsEvenInteger("+w+" value)", types.S1(func(a T) bool { return a&1 == 0 })),
		types.M("static bool IsOddInteger("+w+" value)", types.S1(func(a T) bool { return a&1 != 0 })),
		types.M("static bool IsPow2("+w+" value)", types.S1(func(a T) bool { return a > 0 && a&(a-1) == 0 })),
	}
}

// products are BigMul, which int and uint have.
func (k integer[T]) products() []types.MemberDecl {
	switch k.word {
	case "int":
		return []types.MemberDecl{types.M("static long BigMul(int left, int right)", types.S2(func(a, b int32) int64 { return int64(a) * int64(b) }))}
	case "uint":
		return []types.MemberDecl{types.M("static ulong BigMul(uint left, uint right)", types.S2(func(a, b uint32) uint64 { return uint64(a) * uint64(b) }))}
	}
	return nil
}

// wide is the value's bits, zero-extended.
func (k integer[T]) wide(a T) uint64 { return uint64(a) & (1<<(8*k.size-1)<<1 - 1) }

func (k integer[T]) bitStatics() []types.MemberDecl {
	w, size := k.word, 8*k.size
	rotate := func(a T, n int32) T {
		s, x := uint(n)&uint(size-1), k.wide(a)
		if s == 0 {
			return a
		}
		return T(x<<s | x>>(uint(size)-s))
	}
	log2 := func(a T) T {
		if a < 0 {
			throwRange("value ('"+strconv.FormatInt(int64(a), 10)+"') must be a non-negative value.", "value")
		}
		return T(max(bits.Len64(k.wide(a)), 1) - 1)
	}
	return []types.MemberDecl{
		types.M("static "+w+" LeadingZeroCount("+w+" value)", types.S1(func(a T) T { return T(size - bits.Len64(k.wide(a))) })),
		types.M("static "+w+" TrailingZeroCount("+w+" value)", types.S1(func(a T) T { return T(min(bits.TrailingZeros64(k.wide(a)), size)) })),
		types.M("static "+w+" PopCount("+w+" value)", types.S1(func(a T) T { return T(bits.OnesCount64(k.wide(a))) })),
		types.M("static "+w+" Log2("+w+" value)", types.S1(log2)),
		types.M("static "+w+" RotateLeft("+w+" value, int rotateAmount)", types.S2(rotate)),
		types.M("static "+w+" RotateRight("+w+" value, int rotateAmount)", types.S2(func(a T, n int32) T { return rotate(a, -n) })),
	}
}

func (k integer[T]) signStatics() []types.MemberDecl {
	if !k.signed {
		return nil
	}
	w := k.word
	magnitude := func(a T) uint64 {
		if a < 0 {
			return -uint64(int64(a))
		}
		return uint64(a)
	}
	return []types.MemberDecl{
		types.M("static "+w+" Abs("+w+" value)", types.S1(absOf[T])),
		types.M("static "+w+" CopySign("+w+" value, "+w+" sign)", types.S2(func(a, s T) T {
			switch m := absOf(a); {
			case s < 0:
				return 0 - m
			default:
				return m
			}
		})),
		types.M("static bool IsNegative("+w+" value)", types.S1(func(a T) bool { return a < 0 })),
		types.M("static bool IsPositive("+w+" value)", types.S1(func(a T) bool { return a >= 0 })),
		types.M("static "+w+" MaxMagnitude("+w+" x, "+w+" y)", types.S2(func(a, b T) T {
			if ma, mb := magnitude(a), magnitude(b); ma > mb || ma == mb && a >= 0 {
				return a
			}
			return b
		})),
		types.M("static "+w+" MinMagnitude("+w+" x, "+w+" y)", types.S2(func(a, b T) T {
			if ma, mb := magnitude(a), magnitude(b); ma < mb || ma == mb && a < 0 {
				return a
			}
			return b
		})),
	}
}

func clamp[T anyInteger](v, low, high T) T {
	if low > high {
		throwMinMax(types.Encode[T]()(low), types.Encode[T]()(high), low < 0)
	}
	return min(max(v, low), high)
}

// throwMinMax raises the ArgumentException of bounds in the wrong order.
func throwMinMax(low, high types.Value, signed bool) {
	text := func(v types.Value) string {
		if signed {
			return strconv.FormatInt(int64(v.Num), 10)
		}
		return strconv.FormatInt(int64(v.Num), 10)
	}
	throwMinMaxText(text(low), text(high))
}

func throwMinMaxText(low, high string) {
	types.Throw(types.ArgumentException, "'"+low+"' cannot be greater than "+high+".")
}

func signOf[T anyInteger](a T) int32 {
	switch {
	case a < 0:
		return -1
	case a > 0:
		return 1
	}
	return 0
}

func absOf[T anyInteger](a T) T {
	if a < 0 {
		if a = -a; a < 0 {
			types.Throw(types.OverflowException, "Negating the minimum value of a twos complement number is invalid.")
		}
	}
	return a
}

func throwDivideByZero() { types.Throw(types.DivideByZeroException, "Attempted to divide by zero.") }

// divide is quotient and remainder, with .NET's exceptions.
func divide[T anyInteger](a, b T) (q, r T) {
	if b == 0 {
		throwDivideByZero()
	}
	if minusOne := ^T(0); minusOne < 0 && b == minusOne && a < 0 && a == -a {
		types.Throw(types.OverflowException, "Arithmetic operation resulted in an overflow.")
	}
	return a / b, a % b
}

// divRemPair is a DivRem that gives a tuple.
func divRemPair[T anyInteger](word string) types.Impl {
	elem := types.Keyword(word)
	encode := types.Encode[T]()
	return types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
		q, r := divide(types.Decode[T]()(x[0]), types.Decode[T]()(x[1]))
		return types.Ref(&types.TupleValue{T: types.TupleType([]*types.Type{elem, elem}, nil), Items: []types.Value{encode(q), encode(r)}})
	})
}
