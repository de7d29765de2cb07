package clr

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// formatTimeSpan is s.ToString(format).
func formatTimeSpan(s types.TimeSpan, spec string) string {
	text, ok := format.Span(int64(s), spec)
	if !ok {
		types.Throw(types.FormatException, format.BadFormat)
	}
	return text
}

func throwSpanOverflow() {
	types.Throw(types.OverflowException, "TimeSpan overflowed because the duration is too long.")
}

func addSpans(a, b types.TimeSpan) types.TimeSpan {
	c := a + b
	if (a^b) >= 0 && (a^c) < 0 {
		throwSpanOverflow()
	}
	return c
}

func subtractSpans(a, b types.TimeSpan) types.TimeSpan {
	c := a - b
	if (a^b) < 0 && (a^c) < 0 {
		throwSpanOverflow()
	}
	return c
}

func negateSpan(s types.TimeSpan) types.TimeSpan {
	if s == math.MinInt64 {
		types.Throw(types.OverflowException, "Negating the minimum value of a twos complement number is invalid.")
	}
	return -s
}

// spanOfDouble is a number of ticks as a double.
func spanOfDouble(ticks float64) types.TimeSpan {
	if ticks > math.MaxInt64 || ticks < math.MinInt64 || ticks != ticks {
		throwSpanOverflow()
	}
	if ticks == math.MaxInt64 {
		return math.MaxInt64
	}
	return types.TimeSpan(ticks)
}

// fromUnits is TimeSpan.FromX(value) with a unit of so many ticks.
func fromUnits(v float64, unit float64) types.TimeSpan {
	if math.IsNaN(v) {
		types.Throw(types.ArgumentException, "TimeSpan does not accept floating point Not-a-Number values.")
	}
	return spanOfDouble(v * unit)
}

// spanSum is a span of parts in days, hours, minutes, seconds, milliseconds and microseconds.
func spanSum(parts [6]int64) types.TimeSpan {
	units := [6]float64{86400e6, 3600e6, 60e6, 1e6, 1e3, 1}
	whole := [6]int64{86400e6, 3600e6, 60e6, 1e6, 1e3, 1}
	sum, approx := int64(0), 0.0
	for i, p := range parts {
		approx += float64(p) * units[i]
		sum += p * whole[i]
	}
	if math.Abs(approx) > math.MaxInt64/10+1000 || sum > math.MaxInt64/10 || sum < math.MinInt64/10 {
		types.Throw(types.ArgumentOutOfRangeException, "TimeSpan overflowed because the duration is too long.")
	}
	return types.TimeSpan(sum * 10)
}

func timeSpanDecls() []*types.Decl {
	members := slices.DeleteFunc(namedValueMembers("System.TimeSpan", types.TimeSpanType, valueNames{"obj", "value", "value", "formatProvider"}), func(m types.MemberDecl) bool {
		return strings.Contains(m.Signature, "TypeCode") || m.Signature == "string ToString(System.IFormatProvider formatProvider)"
	})
	return []*types.Decl{types.T("struct System.TimeSpan : System.IComparable, System.IComparable<System.TimeSpan>, System.IEquatable<System.TimeSpan>, System.IFormattable",
		slices.Concat(members, spanConstants(), spanMakers(), spanFrom(), spanParts(), spanArithmetic(), spanOperators(), spanParsing())...)}
}

func spanConstants() []types.MemberDecl {
	constant := func(typ, name string, n int64) types.MemberDecl {
		return types.M("const " + typ + " " + name + " = " + strconv.FormatInt(n, 10))
	}
	value := func(name string, s types.TimeSpan) types.MemberDecl {
		return types.M("static readonly System.TimeSpan "+name, types.S0(func() types.TimeSpan { return s }))
	}
	out := []types.MemberDecl{value("Zero", 0), value("MaxValue", math.MaxInt64), value("MinValue", math.MinInt64),
		constant("int", "HoursPerDay", 24), constant("long", "NanosecondsPerTick", 100),
		constant("long", "MinutesPerDay", 1440), constant("long", "MinutesPerHour", 60)}
	for _, u := range []struct {
		name  string
		ticks int64
	}{{"Day", ticksPerDay}, {"Hour", ticksPerHour}, {"Minute", ticksPerMinute}, {"Second", ticksPerSecond}, {"Millisecond", ticksPerMillisecond}, {"Microsecond", 10}} {
		out = append(out, constant("long", "TicksPer"+u.name, u.ticks))
		for _, v := range []struct {
			name  string
			ticks int64
		}{{"Microseconds", 10}, {"Milliseconds", ticksPerMillisecond}, {"Seconds", ticksPerSecond}} {
			if v.ticks < u.ticks {
				out = append(out, constant("long", v.name+"Per"+u.name, u.ticks/v.ticks))
			}
		}
	}
	return out
}

func spanMakers() []types.MemberDecl {
	type S = types.TimeSpan
	make := func(first, n int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			var parts [6]int64
			for i := 0; i < n; i++ {
				parts[first+i] = int64(x[i].Int32())
			}
			return types.Int(int64(spanSum(parts)))
		})
	}
	return []types.MemberDecl{
		types.M("new(long ticks)", types.S1(func(n int64) S { return S(n) })),
		types.M("new(int hours, int minutes, int seconds)", make(1, 3)),
		types.M("new(int days, int hours, int minutes, int seconds)", make(0, 4)),
		types.M("new(int days, int hours, int minutes, int seconds, int milliseconds)", make(0, 5)),
		types.M("new(int days, int hours, int minutes, int seconds, int milliseconds, int microseconds)", make(0, 6)),
	}
}

func spanFrom() []types.MemberDecl {
	type S = types.TimeSpan
	double := func(name string, unit float64) types.MemberDecl {
		return types.M("static System.TimeSpan "+name+"(double value)", types.S1(func(v float64) S { return fromUnits(v, unit) }))
	}
	whole := func(first int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
			var parts [6]int64
			for i, v := range x {
				parts[first+i] = v.Int64()
			}
			return types.Int(int64(spanSum(parts)))
		})
	}
	const self = "static System.TimeSpan "
	const rest = "long milliseconds = 0, long microseconds = 0)"
	return []types.MemberDecl{
		double("FromDays", ticksPerDay), double("FromHours", ticksPerHour), double("FromMinutes", ticksPerMinute), double("FromSeconds", ticksPerSecond),
		double("FromMilliseconds", ticksPerMillisecond), double("FromMicroseconds", 10),
		types.M(self+"FromTicks(long value)", types.S1(func(n int64) S { return S(n) })),
		types.M(self+"FromDays(int days)", whole(0)), types.M(self+"FromHours(int hours)", whole(1)), types.M(self+"FromMinutes(long minutes)", whole(2)),
		types.M(self+"FromSeconds(long seconds)", whole(3)), types.M(self+"FromMilliseconds(long milliseconds)", whole(4)), types.M(self+"FromMicroseconds(long microseconds)", whole(5)),
		types.M(self+"FromDays(int days, int hours = 0, long minutes = 0, long seconds = 0, "+rest, whole(0)),
		types.M(self+"FromHours(int hours, long minutes = 0, long seconds = 0, "+rest, whole(1)),
		types.M(self+"FromMinutes(long minutes, long seconds = 0, "+rest, whole(2)),
		types.M(self+"FromSeconds(long seconds, "+rest, whole(3)),
		types.M(self+"FromMilliseconds(long milliseconds, long microseconds)", whole(4)),
	}
}

func spanParts() []types.MemberDecl {
	type S = types.TimeSpan
	part := func(name string, unit, limit int64) types.MemberDecl {
		return types.M("int "+name+" { get; }", types.I0(func(s S) int32 { return int32(int64(s) / unit % limit) }))
	}
	total := func(name string, unit float64) types.MemberDecl {
		return types.M("double Total"+name+" { get; }", types.I0(func(s S) float64 { return float64(s) / unit }))
	}
	return []types.MemberDecl{
		part("Days", ticksPerDay, math.MaxInt64), part("Hours", ticksPerHour, 24), part("Minutes", ticksPerMinute, 60), part("Seconds", ticksPerSecond, 60),
		part("Milliseconds", ticksPerMillisecond, 1000), part("Microseconds", 10, 1000),
		types.M("int Nanoseconds { get; }", types.I0(func(s S) int32 { return int32(int64(s) % 10 * 100) })),
		types.M("long Ticks { get; }", types.I0(func(s S) int64 { return int64(s) })),
		total("Days", ticksPerDay), total("Hours", ticksPerHour), total("Minutes", ticksPerMinute), total("Seconds", ticksPerSecond), total("Microseconds", 10),
		types.M("double TotalMilliseconds { get; }", types.I0(func(s S) float64 {
			return max(math.MinInt64/ticksPerMillisecond, min(math.MaxInt64/ticksPerMillisecond, float64(s)/ticksPerMillisecond))
		})),
		types.M("double TotalNanoseconds { get; }", types.I0(func(s S) float64 { return float64(s) * 100 })),
	}
}

func spanArithmetic() []types.MemberDecl {
	type S = types.TimeSpan
	return []types.MemberDecl{
		types.M("System.TimeSpan Add(System.TimeSpan ts)", types.I1(addSpans)),
		types.M("System.TimeSpan Subtract(System.TimeSpan ts)", types.I1(subtractSpans)),
		types.M("System.TimeSpan Negate()", types.I0(negateSpan)),
		types.M("System.TimeSpan Duration()", types.I0(func(s S) S {
			if s == math.MinInt64 {
				types.Throw(types.OverflowException, "The duration cannot be returned for TimeSpan.MinValue because the absolute value of TimeSpan.MinValue exceeds the value of TimeSpan.MaxValue.")
			}
			return max(s, -s)
		})),
		types.M("System.TimeSpan Multiply(double factor)", types.I1(multiplySpan)),
		types.M("System.TimeSpan Divide(double divisor)", types.I1(divideSpan)),
		types.M("double Divide(System.TimeSpan ts)", types.I1(func(a, b S) float64 { return float64(a) / float64(b) })),
		types.M("static int Compare(System.TimeSpan t1, System.TimeSpan t2)", types.S2(func(a, b S) int32 { return int32(order(a, b)) })),
		types.M("static bool Equals(System.TimeSpan t1, System.TimeSpan t2)", types.S2(func(a, b S) bool { return a == b })),
	}
}

func multiplySpan(s types.TimeSpan, factor float64) types.TimeSpan {
	if math.IsNaN(factor) {
		types.ThrowArgument(types.ArgumentException, "TimeSpan does not accept floating point Not-a-Number values.", "factor")
	}
	return spanOfDouble(math.RoundToEven(float64(s) * factor))
}

func divideSpan(s types.TimeSpan, divisor float64) types.TimeSpan {
	if math.IsNaN(divisor) {
		types.ThrowArgument(types.ArgumentException, "TimeSpan does not accept floating point Not-a-Number values.", "divisor")
	}
	return spanOfDouble(math.RoundToEven(float64(s) / divisor))
}

func spanOperators() []types.MemberDecl {
	type S = types.TimeSpan
	compare := func(symbol string, f func(a, b S) bool) types.MemberDecl {
		return types.M("static bool operator "+symbol+"(System.TimeSpan t1, System.TimeSpan t2)", types.S2(f))
	}
	return []types.MemberDecl{
		types.M("static System.TimeSpan operator +(System.TimeSpan t1, System.TimeSpan t2)", types.S2(addSpans)),
		types.M("static System.TimeSpan operator -(System.TimeSpan t1, System.TimeSpan t2)", types.S2(subtractSpans)),
		types.M("static System.TimeSpan operator -(System.TimeSpan t)", types.S1(negateSpan)),
		types.M("static System.TimeSpan operator +(System.TimeSpan t)", types.S1(func(s S) S { return s })),
		types.M("static System.TimeSpan operator *(System.TimeSpan timeSpan, double factor)", types.S2(multiplySpan)),
		types.M("static System.TimeSpan operator *(double factor, System.TimeSpan timeSpan)", types.S2(func(f float64, s S) S { return multiplySpan(s, f) })),
		types.M("static System.TimeSpan operator /(System.TimeSpan timeSpan, double divisor)", types.S2(divideSpan)),
		types.M("static double operator /(System.TimeSpan t1, System.TimeSpan t2)", types.S2(func(a, b S) float64 { return float64(a) / float64(b) })),
		compare("==", func(a, b S) bool { return a == b }), compare("!=", func(a, b S) bool { return a != b }),
		compare("<", func(a, b S) bool { return a < b }), compare("<=", func(a, b S) bool { return a <= b }),
		compare(">", func(a, b S) bool { return a > b }), compare(">=", func(a, b S) bool { return a >= b }),
	}
}

func throwBadSpan(s string, status format.Status) {
	switch status {
	case format.Malformed:
		types.Throw(types.FormatException, format.BadFormat)
	case format.Bad:
		types.Throw(types.FormatException, "String '"+s+"' was not recognized as a valid TimeSpan.")
	case format.Overflow:
		types.Throw(types.OverflowException, "The TimeSpan string '"+s+"' could not be parsed because at least one of the numeric components is out of range or contains too many digits.")
	}
}

func spanParsing() []types.MemberDecl {
	type V = types.Value
	parse := func(param string) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			s := notNull(param)(x[0].Str())
			n, status := format.ParseSpan(s.Go())
			throwBadSpan(s.Go(), status)
			return types.Int(n)
		})
	}
	try := func(out int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			n, status := int64(0), format.Bad
			if s := x[0].Str(); s != nil {
				n, status = format.ParseSpan(s.Go())
			}
			setOut(x[out], types.Int(n))
			return types.Bool(status == format.OK)
		})
	}
	read := func(s *types.String, x []V, styles int) (int64, format.Status) {
		formats := exactFormats(x[1], "format")
		status := format.Bad
		for _, f := range formats {
			var n int64
			if n, status = format.ParseSpanExact(s.Go(), f); status == format.OK {
				if styles > 0 && x[styles].Num == 1 {
					n = -n
				}
				return n, status
			}
		}
		if _, several := x[1].Ref.(*types.Array); several {
			status = format.Bad
		}
		return 0, status
	}
	exact := func(styles int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			s := notNull("input")(x[0].Str())
			n, status := read(s, x, styles)
			throwBadSpan(s.Go(), status)
			return types.Int(n)
		})
	}
	tryExact := func(styles, out int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			n, status := int64(0), format.Bad
			if s := x[0].Str(); s != nil && x[1].Ref != nil {
				n, status = read(s, x, styles)
			}
			setOut(x[out], types.Int(n))
			return types.Bool(status == format.OK)
		})
	}
	const self, provider, styles = "static System.TimeSpan ", ", System.IFormatProvider formatProvider", ", System.Globalization.TimeSpanStyles styles"
	const result = ", out System.TimeSpan result)"
	out := []types.MemberDecl{
		types.M(self+"Parse(string s)", parse("input")),
		types.M(self+"Parse(string input"+provider+")", parse("input")),
		types.M("static bool TryParse(string s"+result, try(1)),
		types.M("static bool TryParse(string input"+provider+result, try(2)),
	}
	for _, f := range []string{"string format", "string[] formats"} {
		out = append(out,
			types.M(self+"ParseExact(string input, "+f+provider+")", exact(0)),
			types.M(self+"ParseExact(string input, "+f+provider+styles+")", exact(3)),
			types.M("static bool TryParseExact(string input, "+f+provider+result, tryExact(0, 3)),
			types.M("static bool TryParseExact(string input, "+f+provider+styles+result, tryExact(3, 4)))
	}
	return out
}
