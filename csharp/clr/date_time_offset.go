package clr

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// DateTimeOffset is System.DateTimeOffset; its zero value is DateTimeOffset.MinValue.
type DateTimeOffset struct {
	// UTC are the ticks of the instant, Offset the minutes that its clock is ahead.
	UTC    int64
	Offset int16
}

var dateOffsetType = lateType("System.DateTimeOffset")

func init() {
	registerStruct("System.DateTimeOffset", func(*types.Type) any { return DateTimeOffset{} })
}

// ClrType is System.DateTimeOffset.
func (DateTimeOffset) ClrType() *types.Type { return dateOffsetType() }

// clock are the ticks that its clock shows.
func (d DateTimeOffset) clock() int64 { return d.UTC + int64(d.Offset)*ticksPerMinute }

// ToStr is ToString().
func (d DateTimeOffset) ToStr(t *types.Thread) *types.String { return d.Format(t, "") }

// Format is ToString(format).
func (d DateTimeOffset) Format(t *types.Thread, spec string) *types.String {
	text, message := format.Date(format.Moment{Ticks: d.clock(), HasOffset: true, Offset: int64(d.Offset) * ticksPerMinute}, spec)
	if message != "" {
		types.Throw(types.FormatException, message)
	}
	return newString(t, text)
}

// EqualTo compares instants.
func (d DateTimeOffset) EqualTo(_ *types.Thread, o any) bool {
	e, ok := o.(DateTimeOffset)
	return ok && d.UTC == e.UTC
}

// HashCode is the instant's.
func (d DateTimeOffset) HashCode(*types.Thread) int32 { return longHash(d.UTC) }

// CompareTo compares instants.
func (d DateTimeOffset) CompareTo(_ *types.Thread, o any) int {
	e, ok := o.(DateTimeOffset)
	if !ok {
		types.Throw(types.ArgumentException, "Object must be of type DateTimeOffset.")
	}
	return order(d.UTC, e.UTC)
}

// offsetDate is the instant at which a clock that is offset ticks ahead shows so many ticks.
func offsetDate(clock, offset int64) DateTimeOffset {
	checkOffset(offset)
	utc := clock - offset
	if utc < 0 || utc > maxDateTicks {
		throwRange("The UTC time represented when the offset is applied must be between year 0 and 10,000.", "offset")
	}
	return DateTimeOffset{utc, int16(offset / ticksPerMinute)}
}

func checkOffset(offset int64) {
	if offset%ticksPerMinute != 0 {
		types.ThrowArgument(types.ArgumentException, "Offset must be specified in whole minutes.", "offset")
	}
	if offset < -14*ticksPerHour || offset > 14*ticksPerHour {
		throwRange("Offset must be within plus or minus 14 hours.", "offset")
	}
}

// offsetOf reads a Value of type DateTimeOffset.
func offsetOf(v types.Value) DateTimeOffset {
	d, _ := v.Ref.(DateTimeOffset)
	return d
}

// shift is d with its clock moved by f, its offset kept.
func (d DateTimeOffset) shift(f func(types.DateTime) types.DateTime) DateTimeOffset {
	return offsetDate(ticksOf(f(dateOf(d.clock(), 0))), int64(d.Offset)*ticksPerMinute)
}

func dateTimeOffsetDecls() []*types.Decl {
	return []*types.Decl{types.T("struct System.DateTimeOffset : System.IComparable, System.IFormattable, System.IComparable<System.DateTimeOffset>, System.IEquatable<System.DateTimeOffset>",
		slices.Concat(offsetBasics(), offsetMakers(), offsetParts(), offsetArithmetic(), offsetOperators(), offsetParsing(), offsetConversions())...)}
}

// on0 and on1 are members over the receiver as a DateTimeOffset, whose zero value may stand as null.
func on0[R any](f func(d DateTimeOffset) R) types.Impl {
	r := types.Encode[R]()
	return both0(func(_ *types.Thread, this types.Value) types.Value { return r(f(offsetOf(this))) })
}

func on1[A, R any](f func(d DateTimeOffset, a A) R) types.Impl {
	a, r := types.Decode[A](), types.Encode[R]()
	return both1(func(_ *types.Thread, this, x types.Value) types.Value { return r(f(offsetOf(this), a(x))) })
}

func offsetBasics() []types.MemberDecl {
	type D = DateTimeOffset
	formatted := types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		return types.Ref(offsetOf(this).Format(t, goString(x[0].Str())))
	})
	plain := both0(func(t *types.Thread, this types.Value) types.Value { return types.Ref(offsetOf(this).ToStr(t)) })
	return []types.MemberDecl{
		types.M("string ToString()", plain), types.M("string ToString(System.IFormatProvider formatProvider)", plain),
		types.M("string ToString(string format)", formatted), types.M("string ToString(string format, System.IFormatProvider formatProvider)", formatted),
		types.M("bool Equals(System.DateTimeOffset other)", on1(func(d, e D) bool { return d.UTC == e.UTC })),
		types.M("bool Equals(object obj)", on1(func(d D, o any) bool { return d.EqualTo(nil, o) })),
		types.M("bool EqualsExact(System.DateTimeOffset other)", on1(func(d, e D) bool { return d == e })),
		types.M("int GetHashCode()", on0(func(d D) int32 { return d.HashCode(nil) })),
		types.M("int CompareTo(System.DateTimeOffset other)", on1(func(d, e D) int32 { return int32(order(d.UTC, e.UTC)) })),
	}
}

func offsetMakers() []types.MemberDecl {
	type V = types.Value
	type D = DateTimeOffset
	make := func(parts int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			var n [8]int32
			for i := 0; i < parts; i++ {
				n[i] = x[i].Int32()
			}
			checkOffset(x[parts].Int64())
			return types.Ref(offsetDate(ticksOf(makeDate(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], 0)), x[parts].Int64()))
		})
	}
	now := both0(func(t *types.Thread, _ V) V { return types.Ref(D{UTC: ticksOf(clockDate(t, 1))}) })
	constant := func(name string, ticks int64) types.MemberDecl {
		return types.M("static readonly System.DateTimeOffset "+name, types.S0(func() D { return D{UTC: ticks} }))
	}
	unix := func(name, param string, unit, low, high int64) types.MemberDecl {
		return types.M("static System.DateTimeOffset "+name+"(long "+param+")", types.S1(func(n int64) D {
			if n < low || n > high {
				throwActual("Valid values are between "+itoa(low)+" and "+itoa(high)+", inclusive.", param, itoa(n))
			}
			return D{UTC: n*unit + unixEpochTicks}
		}))
	}
	const hms = "new(int year, int month, int day, int hour, int minute, int second, "
	return []types.MemberDecl{
		types.M("new(System.DateTime dateTime)", types.S1(func(d types.DateTime) D { return D{UTC: ticksOf(d)} })),
		types.M("new(System.DateTime dateTime, System.TimeSpan offset)", types.S2(func(d types.DateTime, offset types.TimeSpan) D {
			checkOffset(int64(offset))
			if kindOf(d) == 1 && offset != 0 {
				types.ThrowArgument(types.ArgumentException, "The UTC Offset for Utc DateTime instances must be 0.", "offset")
			}
			if kindOf(d) == 2 && offset != 0 {
				types.ThrowArgument(types.ArgumentException, "The UTC Offset of the local dateTime parameter does not match the offset argument.", "offset")
			}
			return offsetDate(ticksOf(d), int64(offset))
		})),
		types.M("new(long ticks, System.TimeSpan offset)", types.S2(func(n int64, offset types.TimeSpan) D {
			checkOffset(int64(offset))
			return offsetDate(ticksOf(dateOfTicks(n, 0)), int64(offset))
		})),
		types.M(hms+"System.TimeSpan offset)", make(6)),
		types.M(hms+"int millisecond, System.TimeSpan offset)", make(7)),
		types.M(hms+"int millisecond, int microsecond, System.TimeSpan offset)", make(8)),
		constant("MinValue", 0), constant("MaxValue", maxDateTicks), constant("UnixEpoch", unixEpochTicks),
		types.M("static System.DateTimeOffset Now { get; }", now), types.M("static System.DateTimeOffset UtcNow { get; }", now),
		unix("FromUnixTimeSeconds", "seconds", ticksPerSecond, -62135596800, 253402300799),
		unix("FromUnixTimeMilliseconds", "milliseconds", ticksPerMillisecond, -62135596800000, 253402300799999),
		types.M("static System.DateTimeOffset FromFileTime(long fileTime)", types.S1(func(n int64) D { return D{UTC: n + 504911232000000000} })),
		types.M("static implicit operator System.DateTimeOffset(System.DateTime dateTime)", types.S1(func(d types.DateTime) D { return D{UTC: ticksOf(d)} })),
	}
}

func offsetParts() []types.MemberDecl {
	type D = DateTimeOffset
	part := func(name string, f func(clock int64) int64) types.MemberDecl {
		return types.M("int "+name+" { get; }", on0(func(d D) int32 { return int32(f(d.clock())) }))
	}
	civil := func(which int) func(int64) int64 {
		return func(ticks int64) int64 {
			y, m, d, n := format.Civil(ticks)
			return int64([4]int{y, m, d, n}[which])
		}
	}
	return []types.MemberDecl{
		part("Year", civil(0)), part("Month", civil(1)), part("Day", civil(2)), part("DayOfYear", civil(3)),
		part("Hour", func(n int64) int64 { return n / ticksPerHour % 24 }),
		part("Minute", func(n int64) int64 { return n / ticksPerMinute % 60 }),
		part("Second", func(n int64) int64 { return n / ticksPerSecond % 60 }),
		part("Millisecond", func(n int64) int64 { return n / ticksPerMillisecond % 1000 }),
		part("Microsecond", func(n int64) int64 { return n / 10 % 1000 }),
		part("Nanosecond", func(n int64) int64 { return n % 10 * 100 }),
		types.M("System.DayOfWeek DayOfWeek { get; }", on0(func(d D) int32 { return int32(format.Weekday(d.clock())) })),
		types.M("long Ticks { get; }", on0(D.clock)),
		types.M("long UtcTicks { get; }", on0(func(d D) int64 { return d.UTC })),
		types.M("System.TimeSpan Offset { get; }", on0(func(d D) types.TimeSpan { return types.TimeSpan(int64(d.Offset) * ticksPerMinute) })),
		types.M("int TotalOffsetMinutes { get; }", on0(func(d D) int32 { return int32(d.Offset) })),
		types.M("System.TimeSpan TimeOfDay { get; }", on0(func(d D) types.TimeSpan { return types.TimeSpan(d.clock() % ticksPerDay) })),
		types.M("System.DateTime Date { get; }", on0(func(d D) types.DateTime { return dateOf(d.clock()/ticksPerDay*ticksPerDay, 0) })),
		types.M("System.DateTime DateTime { get; }", on0(func(d D) types.DateTime { return dateOf(d.clock(), 0) })),
		types.M("System.DateTime UtcDateTime { get; }", on0(func(d D) types.DateTime { return dateOf(d.UTC, 1) })),
		types.M("System.DateTime LocalDateTime { get; }", on0(func(d D) types.DateTime { return dateOf(d.UTC, 2) })),
	}
}

func offsetArithmetic() []types.MemberDecl {
	type D = DateTimeOffset
	add := func(name, param string, unit int64) types.MemberDecl {
		return types.M("System.DateTimeOffset "+name+"(double "+param+")", on1(func(d D, n float64) D {
			return d.shift(func(c types.DateTime) types.DateTime { return addUnits(c, n, unit) })
		}))
	}
	return []types.MemberDecl{
		add("AddDays", "days", ticksPerDay), add("AddHours", "hours", ticksPerHour), add("AddMinutes", "minutes", ticksPerMinute), add("AddSeconds", "seconds", ticksPerSecond),
		add("AddMilliseconds", "milliseconds", ticksPerMillisecond), add("AddMicroseconds", "microseconds", 10),
		types.M("System.DateTimeOffset AddTicks(long ticks)", on1(func(d D, n int64) D {
			return d.shift(func(c types.DateTime) types.DateTime { return addTicks(c, n, "value") })
		})),
		types.M("System.DateTimeOffset AddMonths(int months)", on1(func(d D, n int32) D {
			return d.shift(func(c types.DateTime) types.DateTime { return addMonths(c, n, "months") })
		})),
		types.M("System.DateTimeOffset AddYears(int years)", on1(func(d D, n int32) D {
			return d.shift(func(c types.DateTime) types.DateTime { return addYears(c, n) })
		})),
		types.M("System.DateTimeOffset Add(System.TimeSpan timeSpan)", on1(func(d D, s types.TimeSpan) D { return d.addSpan(s, "value") })),
		types.M("System.DateTimeOffset Subtract(System.TimeSpan value)", on1(func(d D, s types.TimeSpan) D { return d.minusSpan(s, "value") })),
		types.M("System.TimeSpan Subtract(System.DateTimeOffset value)", on1(func(a, b D) types.TimeSpan { return types.TimeSpan(a.UTC - b.UTC) })),
	}
}

func (d DateTimeOffset) addSpan(s types.TimeSpan, param string) DateTimeOffset {
	return d.shift(func(c types.DateTime) types.DateTime { return addTicks(c, int64(s), param) })
}

func (d DateTimeOffset) minusSpan(s types.TimeSpan, param string) DateTimeOffset {
	return d.shift(func(c types.DateTime) types.DateTime { return subtractSpan(c, s, param) })
}

func offsetOperators() []types.MemberDecl {
	type D = DateTimeOffset
	compare := func(symbol string, f func(a, b int64) bool) types.MemberDecl {
		return types.M("static bool operator "+symbol+"(System.DateTimeOffset left, System.DateTimeOffset right)", types.S2(func(a, b D) bool { return f(a.UTC, b.UTC) }))
	}
	return []types.MemberDecl{
		types.M("static System.DateTimeOffset operator +(System.DateTimeOffset dateTimeOffset, System.TimeSpan timeSpan)", types.S2(func(d D, s types.TimeSpan) D { return d.addSpan(s, "t") })),
		types.M("static System.DateTimeOffset operator -(System.DateTimeOffset dateTimeOffset, System.TimeSpan timeSpan)", types.S2(func(d D, s types.TimeSpan) D { return d.minusSpan(s, "t") })),
		types.M("static System.TimeSpan operator -(System.DateTimeOffset left, System.DateTimeOffset right)", types.S2(func(a, b D) types.TimeSpan { return types.TimeSpan(a.UTC - b.UTC) })),
		compare("==", func(a, b int64) bool { return a == b }), compare("!=", func(a, b int64) bool { return a != b }),
		compare("<", func(a, b int64) bool { return a < b }), compare("<=", func(a, b int64) bool { return a <= b }),
		compare(">", func(a, b int64) bool { return a > b }), compare(">=", func(a, b int64) bool { return a >= b }),
		types.M("static int Compare(System.DateTimeOffset first, System.DateTimeOffset second)", types.S2(func(a, b D) int32 { return int32(order(a.UTC, b.UTC)) })),
		types.M("static bool Equals(System.DateTimeOffset first, System.DateTimeOffset second)", types.S2(func(a, b D) bool { return a.UTC == b.UTC })),
	}
}

// parsedOffset is the DateTimeOffset of what was read: without a zone it is local time, which is UTC.
func parsedOffset(p format.Parsed, styles int) DateTimeOffset {
	d := DateTimeOffset{p.Ticks - p.Offset, int16(p.Offset / ticksPerMinute)}
	if styles&adjustToUniversal != 0 {
		d.Offset = 0
	}
	return d
}

func offsetParsing() []types.MemberDecl {
	type V = types.Value
	parse := func(styles int) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V {
			s := notNull("input")(x[0].Str())
			p, why := format.ParseDate(s.Go(), today(t))
			throwUnparsed(s.Go(), why)
			return types.Ref(parsedOffset(p, styleAt(x, styles)))
		})
	}
	try := func(styles, out int) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V {
			d, why := DateTimeOffset{}, format.NotADate
			if s := x[0].Str(); s != nil {
				var p format.Parsed
				if p, why = format.ParseDate(s.Go(), today(t)); why == format.NoFailure {
					d = parsedOffset(p, styleAt(x, styles))
				}
			}
			setOut(x[out], types.Ref(d))
			return types.Bool(why == format.NoFailure)
		})
	}
	exact := func(styles int) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V {
			s := notNull("input")(x[0].Str())
			p, why := parseExact(t, s.Go(), exactFormats(x[1], "format"), styleAt(x, styles))
			throwBadDate(s.Go(), why)
			return types.Ref(parsedOffset(p, styleAt(x, styles)))
		})
	}
	tryExact := types.Raw(func(t *types.Thread, _ V, x []V) V {
		d, why := DateTimeOffset{}, format.NotADate
		if s := x[0].Str(); s != nil && x[1].Ref != nil {
			var p format.Parsed
			if p, why = parseExact(t, s.Go(), exactFormats(x[1], "format"), styleAt(x, 3)); why == format.NoFailure {
				d = parsedOffset(p, styleAt(x, 3))
			}
		}
		setOut(x[4], types.Ref(d))
		return types.Bool(why == format.NoFailure)
	})
	sig := strings.NewReplacer("@P", "System.IFormatProvider formatProvider", "@S", "System.Globalization.DateTimeStyles styles", "@R", "out System.DateTimeOffset result", "@D", "static System.DateTimeOffset")
	m := func(signature string, impl types.Impl) types.MemberDecl { return types.M(sig.Replace(signature), impl) }
	return []types.MemberDecl{
		m("@D Parse(string input)", parse(0)), m("@D Parse(string input, @P)", parse(0)), m("@D Parse(string input, @P, @S)", parse(2)),
		m("static bool TryParse(string input, @R)", try(0, 1)), m("static bool TryParse(string s, System.IFormatProvider provider, @R)", try(0, 2)),
		m("static bool TryParse(string input, @P, @S, @R)", try(2, 3)),
		m("@D ParseExact(string input, string format, @P)", exact(0)), m("@D ParseExact(string input, string format, @P, @S)", exact(3)),
		m("@D ParseExact(string input, string[] formats, @P, @S)", exact(3)),
		m("static bool TryParseExact(string input, string format, @P, @S, @R)", tryExact), m("static bool TryParseExact(string input, string[] formats, @P, @S, @R)", tryExact),
	}
}

func offsetConversions() []types.MemberDecl {
	type D = DateTimeOffset
	floor := func(n, unit int64) int64 {
		q := n / unit
		if n%unit < 0 {
			q--
		}
		return q
	}
	utc := on0(func(d D) D { return D{UTC: d.UTC} })
	return []types.MemberDecl{
		types.M("long ToUnixTimeSeconds()", on0(func(d D) int64 { return floor(d.UTC-unixEpochTicks, ticksPerSecond) })),
		types.M("long ToUnixTimeMilliseconds()", on0(func(d D) int64 { return floor(d.UTC-unixEpochTicks, ticksPerMillisecond) })),
		types.M("long ToFileTime()", on0(func(d D) int64 { return d.UTC - 504911232000000000 })),
		types.M("System.DateTimeOffset ToUniversalTime()", utc), types.M("System.DateTimeOffset ToLocalTime()", utc),
		types.M("System.DateTimeOffset ToOffset(System.TimeSpan offset)", on1(func(d D, offset types.TimeSpan) D {
			checkOffset(int64(offset))
			return offsetDate(d.UTC+int64(offset), int64(offset))
		})),
	}
}
