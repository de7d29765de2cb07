package clr

import (
	"math/big"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

func decimalDecls() []*types.Decl {
	return []*types.Decl{types.T("struct decimal"+strings.ReplaceAll(integerBases, "%", "decimal"), slices.Concat(namedValueMembers("decimal", types.DecimalType, valueNames{"value", "value", "value", "provider"}),
		parseMembers("decimal", format.NumberStyle, true, parseDecimal, tryParseDecimal), decimalMakers(), decimalArithmetic(), decimalConversions(),
		decimalOperators(), decimalStatics())...)}
}

func parseDecimal(s *types.String, styles format.Styles) decimal.Decimal {
	if s == nil {
		types.ThrowNull("s")
	}
	d, status := format.ParseDec(s.Go(), styles)
	switch status {
	case format.Bad:
		throwBadNumber(s)
	case format.Overflow:
		throwOverflow("Decimal")
	}
	return d
}

func tryParseDecimal(s *types.String, styles format.Styles) (decimal.Decimal, bool) {
	if s == nil {
		return decimal.Decimal{}, false
	}
	d, status := format.ParseDec(s.Go(), styles)
	if status != format.OK {
		return decimal.Decimal{}, false
	}
	return d, true
}

// fitDecimal throws OverflowException where a computation did not fit.
func fitDecimal(d decimal.Decimal, ok bool) decimal.Decimal {
	if !ok {
		throwOverflow("Decimal")
	}
	return d
}

func decimalMakers() []types.MemberDecl {
	type D = decimal.Decimal
	constant := func(name string, d D) types.MemberDecl {
		return types.M("static readonly decimal "+name, types.S0(func() D { return d }))
	}
	return []types.MemberDecl{
		constant("MaxValue", decimal.MaxValue), constant("MinValue", decimal.MinValue),
		constant("Zero", decimal.Zero), constant("One", decimal.One), constant("MinusOne", decimal.MinusOne),
		types.M("new(int value)", types.S1(func(n int32) D { return decimal.FromInt64(int64(n)) })),
		types.M("new(uint value)", types.S1(func(n uint32) D { return decimal.FromUint64(uint64(n)) })),
		types.M("new(long value)", types.S1(decimal.FromInt64)),
		types.M("new(ulong value)", types.S1(decimal.FromUint64)),
		types.M("new(float value)", types.S1(func(f float32) D { return fitDecimal(decimal.FromFloat32(f)) })),
		types.M("new(double value)", types.S1(func(f float64) D { return fitDecimal(decimal.FromFloat64(f)) })),
		types.M("new(int lo, int mid, int hi, bool isNegative, byte scale)", types.S5(func(lo, mid, hi int32, neg bool, scale uint8) D {
			if scale > 28 {
				throwRange("Decimal's scale value must be between 0 and 28, inclusive.", "scale")
			}
			return D{Lo: uint64(uint32(mid))<<32 | uint64(uint32(lo)), Hi: uint32(hi), Scale: scale, Neg: neg}
		})),
		types.M("new(int[] bits)", types.S1(func(a *types.Array) D {
			if a == nil {
				types.ThrowNull("bits")
			}
			if len(a.Items) == 4 {
				if d, ok := decimal.FromBits(uint32(a.Items[0].Num), uint32(a.Items[1].Num), uint32(a.Items[2].Num), uint32(a.Items[3].Num)); ok {
					return d
				}
			}
			types.Throw(types.ArgumentException, "Decimal constructor requires an array or span of four valid decimal bytes.")
			return D{}
		})),
		types.M("static int[] GetBits(decimal d)", types.S1(func(d D) *types.Array {
			lo, mid, hi, flags := d.Bits()
			a := &types.Array{T: types.ArrayOf(types.Int32Type, 1)}
			for _, n := range []uint32{lo, mid, hi, flags} {
				a.Items = append(a.Items, types.Int(int64(int32(n))))
			}
			return a
		})),
		types.M("byte Scale { get; }", types.I0(func(d D) uint8 { return d.Scale })),
	}
}

func decimalRem(a, b decimal.Decimal) decimal.Decimal {
	if b.IsZero() {
		throwDivideByZero()
	}
	return decimal.Rem(a, b)
}

func decimalDiv(a, b decimal.Decimal) decimal.Decimal {
	if b.IsZero() {
		throwDivideByZero()
	}
	return fitDecimal(decimal.Div(a, b))
}

func decimalAdd(a, b decimal.Decimal) decimal.Decimal { return fitDecimal(decimal.Add(a, b)) }
func decimalSub(a, b decimal.Decimal) decimal.Decimal { return fitDecimal(decimal.Sub(a, b)) }
func decimalMul(a, b decimal.Decimal) decimal.Decimal { return fitDecimal(decimal.Mul(a, b)) }

func decimalArithmetic() []types.MemberDecl {
	type D = decimal.Decimal
	two := func(name string, f func(a, b D) D) types.MemberDecl {
		return types.M("static decimal "+name+"(decimal d1, decimal d2)", types.S2(f))
	}
	one := func(name string, f func(D) D) types.MemberDecl {
		return types.M("static decimal "+name+"(decimal d)", types.S1(f))
	}
	return []types.MemberDecl{
		two("Add", decimalAdd), two("Subtract", decimalSub), two("Multiply", decimalMul), two("Divide", decimalDiv), two("Remainder", decimalRem),
		one("Negate", D.Negate), one("Floor", D.Floor), one("Ceiling", D.Ceiling), one("Truncate", D.Truncate),
		one("Round", func(d D) D { return d.Round(0, decimal.ToEven) }),
		types.M("static decimal Round(decimal d, int decimals)", types.S2(func(d D, n int32) D { return roundDecimal(d, n, 0) })),
		types.M("static decimal Round(decimal d, System.MidpointRounding mode)", types.S2(func(d D, mode int32) D { return roundDecimal(d, 0, mode) })),
		types.M("static decimal Round(decimal d, int decimals, System.MidpointRounding mode)", types.S3(roundDecimal)),
		types.M("static int Compare(decimal d1, decimal d2)", types.S2(func(a, b D) int32 { return int32(decimal.Compare(a, b)) })),
		types.M("static bool Equals(decimal d1, decimal d2)", types.S2(func(a, b D) bool { return decimal.Compare(a, b) == 0 })),
	}
}

// decimalTo is the conversion to an integer type by its limits.
func decimalTo[T anyInteger](name string, low int64, high uint64) func(d decimal.Decimal) T {
	return func(d decimal.Decimal) T {
		if u, ok := d.Uint64(); ok && u <= high {
			return T(u)
		}
		if i, ok := d.Int64(); ok && i < 0 && i >= low {
			return T(i)
		}
		throwOverflow(name)
		return 0
	}
}

var (
	decimalToSByte  = decimalTo[int8]("SByte", -1<<7, 1<<7-1)
	decimalToByte   = decimalTo[uint8]("Byte", 0, 1<<8-1)
	decimalToInt16  = decimalTo[int16]("Int16", -1<<15, 1<<15-1)
	decimalToUInt16 = decimalTo[uint16]("UInt16", 0, 1<<16-1)
	decimalToInt32  = decimalTo[int32]("Int32", -1<<31, 1<<31-1)
	decimalToUInt32 = decimalTo[uint32]("UInt32", 0, 1<<32-1)
	decimalToInt64  = decimalTo[int64]("Int64", -1<<63, 1<<63-1)
	decimalToUInt64 = decimalTo[uint64]("UInt64", 0, 1<<64-1)
)

func decimalConversions() []types.MemberDecl {
	type D = decimal.Decimal
	return []types.MemberDecl{
		types.M("static sbyte ToSByte(decimal value)", types.S1(decimalToSByte)),
		types.M("static byte ToByte(decimal value)", types.S1(decimalToByte)),
		types.M("static short ToInt16(decimal value)", types.S1(decimalToInt16)),
		types.M("static ushort ToUInt16(decimal value)", types.S1(decimalToUInt16)),
		types.M("static int ToInt32(decimal d)", types.S1(decimalToInt32)),
		types.M("static uint ToUInt32(decimal d)", types.S1(decimalToUInt32)),
		types.M("static long ToInt64(decimal d)", types.S1(decimalToInt64)),
		types.M("static ulong ToUInt64(decimal d)", types.S1(decimalToUInt64)),
		types.M("static double ToDouble(decimal d)", types.S1(D.Float64)),
		types.M("static float ToSingle(decimal d)", types.S1(D.Float32)),
		types.M("static decimal FromOACurrency(long cy)", types.S1(fromCurrency)),
		types.M("static long ToOACurrency(decimal value)", types.S1(func(d D) int64 {
			scaled, ok := decimal.Mul(d, decimal.FromInt64(10000))
			n, fits := scaled.Round(0, decimal.ToEven).Int64()
			if !ok || !fits {
				types.Throw(types.OverflowException, "Value was either too large or too small for a Currency.")
			}
			return n
		})),
	}
}

// fromCurrency is a number of ten-thousandths, without zeros at the end.
func fromCurrency(n int64) decimal.Decimal {
	d := decimal.FromInt64(n)
	d.Scale = 4
	for d.Scale > 0 && d.Lo%10 == 0 {
		d.Lo /= 10
		d.Scale--
	}
	return d
}

// decimalOperators are the operators as methods that reflection shows; the language has its own.
func decimalOperators() []types.MemberDecl {
	type D = decimal.Decimal
	compare := func(symbol string, f func(c int) bool) types.MemberDecl {
		return types.M("static bool operator "+symbol+"(decimal d1, decimal d2)", types.S2(func(a, b D) bool { return f(decimal.Compare(a, b)) }))
	}
	two := func(symbol string, f func(a, b D) D) types.MemberDecl {
		return types.M("static decimal operator "+symbol+"(decimal d1, decimal d2)", types.S2(f))
	}
	return []types.MemberDecl{
		two("+", decimalAdd), two("-", decimalSub), two("*", decimalMul), two("/", decimalDiv), two("%", decimalRem),
		types.M("static decimal operator -(decimal d)", types.S1(D.Negate)),
		types.M("static decimal operator +(decimal d)", types.S1(func(d D) D { return d })),
		types.M("static decimal operator ++(decimal d)", types.S1(func(d D) D { return decimalAdd(d, decimal.One) })),
		types.M("static decimal operator --(decimal d)", types.S1(func(d D) D { return decimalSub(d, decimal.One) })),
		compare("==", func(c int) bool { return c == 0 }), compare("!=", func(c int) bool { return c != 0 }),
		compare("<", func(c int) bool { return c < 0 }), compare("<=", func(c int) bool { return c <= 0 }),
		compare(">", func(c int) bool { return c > 0 }), compare(">=", func(c int) bool { return c >= 0 }),
	}
}

func decimalStatics() []types.MemberDecl {
	type D = decimal.Decimal
	whole := func(d D) bool { return decimal.Compare(d, d.Truncate()) == 0 }
	odd := func(d D) bool {
		n, _ := new(big.Int).SetString(d.Truncate().Digits(), 10)
		return whole(d) && n.Bit(0) == 1
	}
	magnitude := func(a, b D) int { return decimal.Compare(a.Abs(), b.Abs()) }
	return []types.MemberDecl{
		types.M("static decimal Abs(decimal value)", types.S1(D.Abs)),
		types.M("static int Sign(decimal d)", types.S1(func(d D) int32 { return int32(d.Sign()) })),
		types.M("static decimal Max(decimal x, decimal y)", types.S2(maxDecimal)),
		types.M("static decimal Min(decimal x, decimal y)", types.S2(minDecimal)),
		types.M("static decimal Clamp(decimal value, decimal min, decimal max)", types.S3(clampDecimal)),
		types.M("static decimal CopySign(decimal value, decimal sign)", types.S2(func(v, s D) D { v.Neg = s.Neg; return v })),
		types.M("static bool IsCanonical(decimal value)", types.S1(func(d D) bool { return d.Scale == 0 || !strings.HasSuffix(d.Digits(), "0") })),
		types.M("static bool IsInteger(decimal value)", types.S1(whole)),
		types.M("static bool IsEvenInteger(decimal value)", types.S1(func(d D) bool { return whole(d) && !odd(d) })),
		types.M("static bool IsOddInteger(decimal value)", types.S1(odd)),
		types.M("static bool IsNegative(decimal value)", types.S1(func(d D) bool { return d.Neg })),
		types.M("static bool IsPositive(decimal value)", types.S1(func(d D) bool { return !d.Neg })),
		types.M("static decimal MaxMagnitude(decimal x, decimal y)", types.S2(func(a, b D) D {
			if c := magnitude(a, b); c > 0 || c == 0 && !a.Neg {
				return a
			}
			return b
		})),
		types.M("static decimal MinMagnitude(decimal x, decimal y)", types.S2(func(a, b D) D {
			if c := magnitude(a, b); c < 0 || c == 0 && a.Neg {
				return a
			}
			return b
		})),
	}
}
