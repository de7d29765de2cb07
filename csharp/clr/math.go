package clr

import (
	"math"
	"math/bits"
	"slices"

	"github.com/postern-gateway/postern/csharp/clr/exact"
	"github.com/postern-gateway/postern/csharp/decimal"
	"github.com/postern-gateway/postern/csharp/types"
)

func mathDecls() []*types.Decl {
	return []*types.Decl{
		types.T("static class System.Math", slices.Concat(mathConstants(), mathFunctions(), mathRounding(), mathIntegers(),
			mathOf[int8]("sbyte", true), mathOf[int16]("short", true), mathOf[int32]("int", true), mathOf[int64]("long", true),
			mathOf[uint8]("byte", false), mathOf[uint16]("ushort", false), mathOf[uint32]("uint", false), mathOf[uint64]("ulong", false),
			mathFloats[float32]("float"), mathFloats[float64]("double"), mathDecimals())...),
		types.T("enum System.MidpointRounding", constants("System.MidpointRounding",
			"ToEven", 0, "AwayFromZero", 1, "ToZero", 2, "ToNegativeInfinity", 3, "ToPositiveInfinity", 4)...),
	}
}

func mathConstants() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("const double E = 2.7182818284590451"),
		types.M("const double PI = 3.1415926535897931"),
		types.M("const double Tau = 6.2831853071795862"),
	}
}

func mathFunctions() []types.MemberDecl {
	one := func(name, param string, f func(float64) float64) types.MemberDecl {
		return types.M("static double "+name+"(double "+param+")", types.S1(f))
	}
	return []types.MemberDecl{
		one("Acos", "d", exact.Acos), one("Acosh", "d", exact.Acosh), one("Asin", "d", exact.Asin), one("Asinh", "d", exact.Asinh),
		one("Atan", "d", exact.Atan), one("Atanh", "d", math.Atanh), one("Cbrt", "d", exact.Cbrt), one("Ceiling", "a", math.Ceil),
		one("Cos", "d", exact.Cos), one("Cosh", "value", exact.Cosh), one("Exp", "d", exact.Exp), one("Floor", "d", math.Floor),
		one("Log", "d", exact.Log), one("Log10", "d", exact.Log10), one("Log2", "x", exact.Log2), one("Sin", "a", exact.Sin), one("Sinh", "value", exact.Sinh),
		one("Sqrt", "d", math.Sqrt), one("Tan", "a", exact.Tan), one("Tanh", "value", exact.Tanh), one("Truncate", "d", math.Trunc),
		one("BitIncrement", "x", func(f float64) float64 { return math.Nextafter(f, math.Inf(1)) }),
		one("BitDecrement", "x", func(f float64) float64 { return math.Nextafter(f, math.Inf(-1)) }),
		one("ReciprocalEstimate", "d", func(f float64) float64 { return 1 / f }),
		one("ReciprocalSqrtEstimate", "d", func(f float64) float64 { return 1 / math.Sqrt(f) }),
		types.M("static double Atan2(double y, double x)", types.S2(exact.Atan2)),
		types.M("static double CopySign(double x, double y)", types.S2(math.Copysign)),
		types.M("static double IEEERemainder(double x, double y)", types.S2(math.Remainder)),
		types.M("static double Log(double a, double newBase)", types.S2(logBase)),
		types.M("static double Pow(double x, double y)", types.S2(exact.Pow)),
		types.M("static double MaxMagnitude(double x, double y)", types.S2(maxMagnitude)),
		types.M("static double MinMagnitude(double x, double y)", types.S2(minMagnitude)),
		types.M("static double FusedMultiplyAdd(double x, double y, double z)", types.S3(math.FMA)),
		types.M("static double ScaleB(double x, int n)", types.S2(func(x float64, n int32) float64 { return math.Ldexp(x, int(n)) })),
		types.M("static int ILogB(double x)", types.S1(ilogb)),
		types.M("static System.ValueTuple<double, double> SinCos(double x)", types.S1(func(x float64) *types.TupleValue {
			return &types.TupleValue{T: types.TupleType([]*types.Type{types.DoubleType, types.DoubleType}, nil),
				Items: []types.Value{types.Float64(exact.Sin(x)), types.Float64(exact.Cos(x))}}
		})),
	}
}

// logBase is Math.Log(a, newBase).
func logBase(a, base float64) float64 {
	switch {
	case math.IsNaN(a):
		return a
	case math.IsNaN(base):
		return base
	case base == 1:
		return math.NaN()
	case a != 1 && (base == 0 || math.IsInf(base, 1)):
		return math.NaN()
	}
	return exact.Log(a) / exact.Log(base)
}

func maxFloat(a, b float64) float64 { return math.Max(a, b) }
func minFloat(a, b float64) float64 { return math.Min(a, b) }

// numberOr prefers a number to NaN.
func numberOr(f func(a, b float64) float64) func(a, b float64) float64 {
	return func(a, b float64) float64 {
		switch {
		case math.IsNaN(a):
			return b
		case math.IsNaN(b):
			return a
		}
		return f(a, b)
	}
}

func maxMagnitude(a, b float64) float64 {
	switch x, y := math.Abs(a), math.Abs(b); {
	case x > y || math.IsNaN(x):
		return a
	case x == y:
		return maxFloat(a, b)
	}
	return b
}

func minMagnitude(a, b float64) float64 {
	switch x, y := math.Abs(a), math.Abs(b); {
	case x < y || math.IsNaN(x):
		return a
	case x == y:
		return minFloat(a, b)
	}
	return b
}

func signFloat(f float64) int32 {
	switch {
	case f < 0:
		return -1
	case f > 0:
		return 1
	case f == 0:
		return 0
	}
	types.Throw(types.ArithmeticException, "Function does not accept floating point Not-a-Number values.")
	return 0
}

func ilogb(f float64) int32 {
	switch {
	case f == 0:
		return math.MinInt32
	case math.IsNaN(f), math.IsInf(f, 0):
		return math.MaxInt32
	}
	return int32(math.Ilogb(f))
}

func clampFloat[T anyFloat](v, low, high T) T {
	switch {
	case low > high:
		throwMinMaxText(goString(objectToString(nil, any(low))), goString(objectToString(nil, any(high))))
	case v < low:
		return low
	case v > high:
		return high
	}
	return v
}

func mathRounding() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("static double Round(double a)", types.S1(math.RoundToEven)),
		types.M("static double Round(double value, int digits)", types.S2(func(f float64, d int32) float64 { return roundDigits(f, d, 0) })),
		types.M("static double Round(double value, System.MidpointRounding mode)", types.S2(roundMode)),
		types.M("static double Round(double value, int digits, System.MidpointRounding mode)", types.S3(roundDigits)),
	}
}

// roundMode rounds to an integer by a MidpointRounding.
func roundMode(f float64, mode int32) float64 {
	switch mode {
	case 0:
		return math.RoundToEven(f)
	case 1:
		return math.Round(f)
	case 2:
		return math.Trunc(f)
	case 3:
		return math.Floor(f)
	case 4:
		return math.Ceil(f)
	}
	throwRoundingMode(mode)
	return 0
}

func throwRoundingMode(mode int32) {
	types.ThrowArgument(types.ArgumentException, "The value '"+itoa(mode)+"' is not valid for this usage of the type MidpointRounding.", "mode")
}

// roundDigits is Math.Round(value, digits, mode): by scaling, as .NET does it.
func roundDigits(f float64, digits, mode int32) float64 {
	if digits < 0 || digits > 15 {
		throwRange("Rounding digits must be between 0 and 15, inclusive.", "digits")
	}
	if math.Abs(f) >= 1e16 || f != f {
		roundMode(0, mode)
		return f
	}
	scale := math.Pow10(int(digits))
	return roundMode(f*scale, mode) / scale
}

// roundDigits32 is MathF.Round.
func roundDigits32(f float32, digits, mode int32) float32 {
	if digits < 0 || digits > 6 {
		throwRange("Rounding digits must be between 0 and 6, inclusive.", "digits")
	}
	if math.Abs(float64(f)) >= 1e8 || f != f {
		roundMode(0, mode)
		return f
	}
	scale := float32(math.Pow10(int(digits)))
	return float32(roundMode(float64(f*scale), mode)) / scale
}

// mathIntegers are the members that are there for some integer types only.
func mathIntegers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("static int DivRem(int a, int b, out int result)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			q, r := divide(x[0].Int32(), x[1].Int32())
			setOut(x[2], types.Int(int64(r)))
			return types.Int(int64(q))
		})),
		types.M("static long DivRem(long a, long b, out long result)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			q, r := divide(x[0].Int64(), x[1].Int64())
			setOut(x[2], types.Int(r))
			return types.Int(q)
		})),
		types.M("static long BigMul(int a, int b)", types.S2(func(a, b int32) int64 { return int64(a) * int64(b) })),
		types.M("static ulong BigMul(uint a, uint b)", types.S2(func(a, b uint32) uint64 { return uint64(a) * uint64(b) })),
		types.M("static ulong BigMul(ulong a, ulong b, out ulong low)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			hi, lo := bits.Mul64(x[0].Num, x[1].Num)
			setOut(x[2], types.Uint(lo))
			return types.Uint(hi)
		})),
		types.M("static long BigMul(long a, long b, out long low)", types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			hi, lo := bits.Mul64(x[0].Num, x[1].Num)
			if x[0].Int64() < 0 {
				hi -= x[1].Num
			}
			if x[1].Int64() < 0 {
				hi -= x[0].Num
			}
			setOut(x[2], types.Int(int64(lo)))
			return types.Int(int64(hi))
		})),
	}
}

// mathOf are Max, Min, Clamp, DivRem, and for signed types Abs and Sign.
func mathOf[T anyInteger](w string, signed bool) []types.MemberDecl {
	out := []types.MemberDecl{
		types.M("static "+w+" Max("+w+" val1, "+w+" val2)", types.S2(func(a, b T) T { return max(a, b) })),
		types.M("static "+w+" Min("+w+" val1, "+w+" val2)", types.S2(func(a, b T) T { return min(a, b) })),
		types.M("static "+w+" Clamp("+w+" value, "+w+" min, "+w+" max)", types.S3(clamp[T])),
		types.M("static System.ValueTuple<"+w+", "+w+"> DivRem("+w+" left, "+w+" right)", divRemPair[T](w)),
	}
	if signed {
		out = append(out,
			types.M("static "+w+" Abs("+w+" value)", types.S1(absOf[T])),
			types.M("static int Sign("+w+" value)", types.S1(signOf[T])))
	}
	return out
}

func mathFloats[T anyFloat](w string) []types.MemberDecl {
	return []types.MemberDecl{
		types.M("static "+w+" Max("+w+" val1, "+w+" val2)", types.S2(func(a, b T) T { return T(maxFloat(float64(a), float64(b))) })),
		types.M("static "+w+" Min("+w+" val1, "+w+" val2)", types.S2(func(a, b T) T { return T(minFloat(float64(a), float64(b))) })),
		types.M("static "+w+" Clamp("+w+" value, "+w+" min, "+w+" max)", types.S3(clampFloat[T])),
		types.M("static "+w+" Abs("+w+" value)", types.S1(func(a T) T { return T(math.Abs(float64(a))) })),
		types.M("static int Sign("+w+" value)", types.S1(func(a T) int32 { return signFloat(float64(a)) })),
	}
}

func mathDecimals() []types.MemberDecl {
	type D = decimal.Decimal
	return []types.MemberDecl{
		types.M("static decimal Max(decimal val1, decimal val2)", types.S2(maxDecimal)),
		types.M("static decimal Min(decimal val1, decimal val2)", types.S2(minDecimal)),
		types.M("static decimal Clamp(decimal value, decimal min, decimal max)", types.S3(clampDecimal)),
		types.M("static decimal Abs(decimal value)", types.S1(D.Abs)),
		types.M("static int Sign(decimal value)", types.S1(func(d D) int32 { return int32(d.Sign()) })),
		types.M("static decimal Ceiling(decimal d)", types.S1(D.Ceiling)),
		types.M("static decimal Floor(decimal d)", types.S1(D.Floor)),
		types.M("static decimal Truncate(decimal d)", types.S1(D.Truncate)),
		types.M("static decimal Round(decimal d)", types.S1(func(d D) D { return d.Round(0, decimal.ToEven) })),
		types.M("static decimal Round(decimal d, int decimals)", types.S2(func(d D, n int32) D { return roundDecimal(d, n, 0) })),
		types.M("static decimal Round(decimal d, System.MidpointRounding mode)", types.S2(func(d D, mode int32) D { return roundDecimal(d, 0, mode) })),
		types.M("static decimal Round(decimal d, int decimals, System.MidpointRounding mode)", types.S3(roundDecimal)),
	}
}

func maxDecimal(a, b decimal.Decimal) decimal.Decimal {
	if decimal.Compare(a, b) >= 0 {
		return a
	}
	return b
}

func minDecimal(a, b decimal.Decimal) decimal.Decimal {
	if decimal.Compare(a, b) < 0 {
		return a
	}
	return b
}

func clampDecimal(v, low, high decimal.Decimal) decimal.Decimal {
	switch {
	case decimal.Compare(low, high) > 0:
		throwMinMaxText(low.String(), high.String())
	case decimal.Compare(v, low) < 0:
		return low
	case decimal.Compare(v, high) > 0:
		return high
	}
	return v
}

func roundDecimal(d decimal.Decimal, digits, mode int32) decimal.Decimal {
	if digits < 0 || digits > 28 {
		throwRange("Decimal can only round to between 0 and 28 digits of precision.", "decimals")
	}
	if mode < 0 || mode > 4 {
		throwRoundingMode(mode)
	}
	return d.Round(int(digits), decimal.Mode(mode))
}
