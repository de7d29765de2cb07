package clr

import (
	"math"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/exact"
	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// anyFloat are the Go types of float and double.
type anyFloat interface{ float32 | float64 }

func floatDecls() []*types.Decl {
	return []*types.Decl{
		floatDecl[float32]("float", types.SingleType, 32, []types.MemberDecl{
			types.M("const float MaxValue = 3.40282347E+38"), types.M("const float MinValue = -3.40282347E+38"), types.M("const float Epsilon = 1.401298E-45"),
			types.M("const float E = 2.7182817"), types.M("const float Pi = 3.1415927"), types.M("const float Tau = 6.2831855"),
			floatConst("float", "NaN", types.Float32(float32(math.NaN()))),
			floatConst("float", "PositiveInfinity", types.Float32(float32(math.Inf(1)))),
			floatConst("float", "NegativeInfinity", types.Float32(float32(math.Inf(-1)))),
			floatConst("float", "NegativeZero", types.Float32(float32(math.Copysign(0, -1)))),
		}),
		floatDecl[float64]("double", types.DoubleType, 64, []types.MemberDecl{
			types.M("const double MaxValue = 1.7976931348623157E+308"), types.M("const double MinValue = -1.7976931348623157E+308"), types.M("const double Epsilon = 4.9406564584124654E-324"),
			types.M("const double E = 2.7182818284590451"), types.M("const double Pi = 3.1415926535897931"), types.M("const double Tau = 6.2831853071795862"),
			floatConst("double", "NaN", types.Float64(math.NaN())),
			floatConst("double", "PositiveInfinity", types.Float64(math.Inf(1))),
			floatConst("double", "NegativeInfinity", types.Float64(math.Inf(-1))),
			floatConst("double", "NegativeZero", types.Float64(math.Copysign(0, -1))),
		}),
	}
}

// floatConst is a constant that has no literal.
func floatConst(word, name string, v types.Value) types.MemberDecl {
	return types.M("const "+word+" "+name+" = 0", types.Impl{F0: func(*types.Thread, types.Value) types.Value { return v }})
}

func floatDecl[T anyFloat](word string, typ *types.Type, size int, constants []types.MemberDecl) *types.Decl {
	parse := func(s *types.String, styles format.Styles) T {
		if s == nil {
			types.ThrowNull("s")
		}
		f, status := format.ParseFloat(s.Go(), styles, size)
		if status != format.OK {
			throwBadNumber(s)
		}
		return T(f)
	}
	try := func(s *types.String, styles format.Styles) (T, bool) {
		if s == nil {
			return 0, false
		}
		f, status := format.ParseFloat(s.Go(), styles, size)
		return T(f), status == format.OK
	}
	return types.T("struct "+word+strings.ReplaceAll(integerBases, "%", word), slices.Concat(valueMembers(word, typ), constants,
		parseMembers(word, format.FloatStyle|format.Thousands, true, parse, try), floatTests[T](word), floatFunctions[T](word), floatSeldom[T](word, typ), floatRounding[T](word, size))...)
}

func floatTests[T anyFloat](w string) []types.MemberDecl {
	test := func(name, param string, f func(float64) bool) types.MemberDecl {
		if param == "d" && w == "float" {
			param = "f"
		}
		return types.M("static bool "+name+"("+w+" "+param+")", types.S1(func(x T) bool { return f(float64(x)) }))
	}
	smallest := float64(0x1p-1022)
	if w == "float" {
		smallest = 0x1p-126
	}
	finite := func(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
	whole := func(f float64) bool { return finite(f) && math.Trunc(f) == f }
	return []types.MemberDecl{
		test("IsNaN", "d", math.IsNaN),
		test("IsInfinity", "d", func(f float64) bool { return math.IsInf(f, 0) }),
		test("IsPositiveInfinity", "d", func(f float64) bool { return math.IsInf(f, 1) }),
		test("IsNegativeInfinity", "d", func(f float64) bool { return math.IsInf(f, -1) }),
		test("IsFinite", "d", finite),
		test("IsNegative", "d", math.Signbit),
		test("IsPositive", "value", func(f float64) bool { return !math.Signbit(f) }),
		test("IsNormal", "d", func(f float64) bool { return finite(f) && math.Abs(f) >= smallest }),
		test("IsSubnormal", "d", func(f float64) bool { return f != 0 && math.Abs(f) < smallest }),
		test("IsInteger", "value", whole),
		test("IsEvenInteger", "value", func(f float64) bool { return whole(f) && math.Mod(f, 2) == 0 }),
		test("IsOddInteger", "value", func(f float64) bool { return whole(f) && math.Mod(f, 2) != 0 }),
		test("IsRealNumber", "value", func(f float64) bool { return !math.IsNaN(f) }),
		test("IsPow2", "value", func(f float64) bool {
			m, _ := math.Frexp(f)
			return m == 0.5
		}),
	}
}

// floatFunctions are the mathematical functions as static members of float and double. A float's are computed as a double's and rounded.
func floatFunctions[T anyFloat](w string) []types.MemberDecl {
	one := func(name, param string, f func(float64) float64) types.MemberDecl {
		return types.M("static "+w+" "+name+"("+w+" "+param+")", types.S1(func(x T) T { return T(f(float64(x))) }))
	}
	two := func(name, params string, f func(a, b float64) float64) types.MemberDecl {
		a, b, _ := strings.Cut(params, " ")
		return types.M("static "+w+" "+name+"("+w+" "+a+", "+w+" "+b+")", types.S2(func(x, y T) T { return T(f(float64(x), float64(y))) }))
	}
	out := []types.MemberDecl{
		one("Abs", "value", math.Abs), one("Sqrt", "x", math.Sqrt), one("Cbrt", "x", exact.Cbrt), one("Exp", "x", exact.Exp), one("Exp2", "x", math.Exp2),
		one("ExpM1", "x", exact.Expm1), one("Exp10", "x", func(f float64) float64 { return exact.Pow(10, f) }),
		one("Log", "x", exact.Log), one("Log2", "value", exact.Log2), one("Log10", "x", exact.Log10), one("LogP1", "x", math.Log1p),
		one("Sin", "x", exact.Sin), one("Cos", "x", exact.Cos), one("Tan", "x", exact.Tan), one("Asin", "x", exact.Asin), one("Acos", "x", exact.Acos), one("Atan", "x", exact.Atan),
		one("Sinh", "x", exact.Sinh), one("Cosh", "x", exact.Cosh), one("Tanh", "x", exact.Tanh), one("Asinh", "x", exact.Asinh), one("Acosh", "x", exact.Acosh), one("Atanh", "x", math.Atanh),
		one("DegreesToRadians", "degrees", func(f float64) float64 { return f * math.Pi / 180 }), one("RadiansToDegrees", "radians", func(f float64) float64 { return f * 180 / math.Pi }),
		two("Atan2", "y x", exact.Atan2), two("Pow", "x y", exact.Pow), two("Hypot", "x y", math.Hypot), two("Ieee754Remainder", "left right", math.Remainder),
		two("CopySign", "value sign", math.Copysign), two("Log", "x newBase", logBase),
		two("Max", "x y", maxFloat), two("Min", "x y", minFloat), two("MaxNumber", "x y", numberOr(maxFloat)), two("MinNumber", "x y", numberOr(minFloat)),
		two("MaxMagnitude", "x y", maxMagnitude), two("MinMagnitude", "x y", minMagnitude),
		types.M("static int Sign("+w+" value)", types.S1(func(x T) int32 { return signFloat(float64(x)) })),
		types.M("static "+w+" Clamp("+w+" value, "+w+" min, "+w+" max)", types.S3(clampFloat[T])),
		types.M("static "+w+" FusedMultiplyAdd("+w+" left, "+w+" right, "+w+" addend)", types.S3(func(x, y, z T) T { return T(math.FMA(float64(x), float64(y), float64(z))) })),
		types.M("static "+w+" Lerp("+w+" value1, "+w+" value2, "+w+" amount)", types.S3(func(x, y, z T) T { return x*(1-z) + y*z })),
		types.M("static "+w+" ScaleB("+w+" x, int n)", types.S2(func(x T, n int32) T { return T(math.Ldexp(float64(x), int(n))) })),
		types.M("static int ILogB("+w+" x)", types.S1(func(x T) int32 { return ilogb(float64(x)) })),
	}
	return out
}

// floatSeldom are the functions that came with generic mathematics.
func floatSeldom[T anyFloat](w string, typ *types.Type) []types.MemberDecl {
	one := func(name string, f func(float64) float64) types.MemberDecl {
		return types.M("static "+w+" "+name+"("+w+" x)", types.S1(func(x T) T { return T(f(float64(x))) }))
	}
	two := func(name, a, b string, f func(a, b float64) float64) types.MemberDecl {
		return types.M("static "+w+" "+name+"("+w+" "+a+", "+w+" "+b+")", types.S2(func(x, y T) T { return T(f(float64(x), float64(y))) }))
	}
	pi := func(f func(float64) float64) func(float64) float64 {
		return func(x float64) float64 { return f(math.Mod(x, 2) * math.Pi) }
	}
	overPi := func(f func(float64) float64) func(float64) float64 {
		return func(x float64) float64 { return f(x) / math.Pi }
	}
	next := func(toward float64) types.Impl {
		return types.S1(func(x T) T {
			if w == "float" {
				return T(math.Nextafter32(float32(x), float32(toward)))
			}
			return T(math.Nextafter(float64(x), toward))
		})
	}
	pair := func(sin, cos func(float64) float64) types.Impl {
		encode := types.Encode[T]()
		return types.S1(func(x T) *types.TupleValue {
			return &types.TupleValue{T: types.TupleType([]*types.Type{typ, typ}, nil), Items: []types.Value{encode(T(sin(float64(x)))), encode(T(cos(float64(x))))}}
		})
	}
	return []types.MemberDecl{
		one("SinPi", pi(exact.Sin)), one("CosPi", pi(exact.Cos)), one("TanPi", pi(exact.Tan)),
		one("AsinPi", overPi(exact.Asin)), one("AcosPi", overPi(exact.Acos)), one("AtanPi", overPi(exact.Atan)),
		two("Atan2Pi", "y", "x", func(y, x float64) float64 { return exact.Atan2(y, x) / math.Pi }),
		one("Exp2M1", func(x float64) float64 { return exact.Pow(2, x) - 1 }), one("Exp10M1", func(x float64) float64 { return exact.Pow(10, x) - 1 }),
		one("Log2P1", func(x float64) float64 { return exact.Log2(x + 1) }), one("Log10P1", func(x float64) float64 { return exact.Log10(x + 1) }),
		one("ReciprocalEstimate", func(x float64) float64 { return 1 / x }), one("ReciprocalSqrtEstimate", func(x float64) float64 { return 1 / math.Sqrt(x) }),
		two("MaxNative", "x", "y", maxFloat), two("MinNative", "x", "y", minFloat),
		two("MaxMagnitudeNumber", "x", "y", numberOr(maxMagnitude)), two("MinMagnitudeNumber", "x", "y", numberOr(minMagnitude)),
		types.M("static "+w+" ClampNative("+w+" value, "+w+" min, "+w+" max)", types.S3(clampFloat[T])),
		types.M("static "+w+" MultiplyAddEstimate("+w+" left, "+w+" right, "+w+" addend)", types.S3(func(x, y, z T) T { return T(math.FMA(float64(x), float64(y), float64(z))) })),
		types.M("static "+w+" RootN("+w+" x, int n)", types.S2(func(x T, n int32) T { return T(rootN(float64(x), int(n))) })),
		types.M("static "+w+" BitIncrement("+w+" x)", next(math.Inf(1))), types.M("static "+w+" BitDecrement("+w+" x)", next(math.Inf(-1))),
		types.M("static System.ValueTuple<"+w+", "+w+"> SinCos("+w+" x)", pair(exact.Sin, exact.Cos)),
		types.M("static System.ValueTuple<"+w+", "+w+"> SinCosPi("+w+" x)", pair(pi(exact.Sin), pi(exact.Cos))),
	}
}

// rootN is the n-th root of x.
func rootN(x float64, n int) float64 {
	switch {
	case n == 0:
		return math.NaN()
	case n == 2 && x != 0:
		return math.Sqrt(x)
	case n == 3:
		return exact.Cbrt(x)
	case x < 0 && n%2 != 0:
		return -exact.Pow(-x, 1/float64(n))
	}
	return exact.Pow(x, 1/float64(n))
}

func floatRounding[T anyFloat](w string, size int) []types.MemberDecl {
	round := func(x T, digits int32, mode int32) T {
		if size == 32 {
			return T(roundDigits32(float32(x), digits, mode))
		}
		return T(roundDigits(float64(x), digits, mode))
	}
	return []types.MemberDecl{
		types.M("static "+w+" Floor("+w+" x)", types.S1(func(x T) T { return T(math.Floor(float64(x))) })),
		types.M("static "+w+" Ceiling("+w+" x)", types.S1(func(x T) T { return T(math.Ceil(float64(x))) })),
		types.M("static "+w+" Truncate("+w+" x)", types.S1(func(x T) T { return T(math.Trunc(float64(x))) })),
		types.M("static "+w+" Round("+w+" x)", types.S1(func(x T) T { return T(math.RoundToEven(float64(x))) })),
		types.M("static "+w+" Round("+w+" x, int digits)", types.S2(func(x T, d int32) T { return round(x, d, 0) })),
		types.M("static "+w+" Round("+w+" x, System.MidpointRounding mode)", types.S2(func(x T, m int32) T { return T(roundMode(float64(x), m)) })),
		types.M("static "+w+" Round("+w+" x, int digits, System.MidpointRounding mode)", types.S3(round)),
	}
}
