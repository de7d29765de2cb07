package clr

import (
	"math"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

const (
	ticksPerMillisecond = format.TicksPerMillisecond
	ticksPerMinute      = format.TicksPerMinute
	ticksPerSecond      = format.TicksPerSecond
	ticksPerHour        = format.TicksPerHour
	ticksPerDay         = format.TicksPerDay
	ticksMask           = 1<<62 - 1
)

// ticksOf are the ticks of a date without its kind.
func ticksOf(d types.DateTime) int64 { return int64(d & ticksMask) }

// kindOf is a date's DateTimeKind.
func kindOf(d types.DateTime) uint64 { return uint64(d) >> 62 }

// formatDateTime is d.ToString(format).
func formatDateTime(d types.DateTime, spec string) string {
	text, message := format.Date(format.Moment{Ticks: ticksOf(d), Kind: int(kindOf(d))}, spec)
	if message != "" {
		types.Throw(types.FormatException, message)
	}
	return text
}

const badDateMessage = "The added or subtracted value results in an un-representable DateTime."

// addTicks is a date that many ticks later; param is what the exception is about.
func addTicks(d types.DateTime, n int64, param string) types.DateTime {
	ticks := ticksOf(d) + n
	if ticks < 0 || ticks > maxDateTicks || n > maxDateTicks || n < -maxDateTicks {
		throwRange(badDateMessage, param)
	}
	return dateOf(ticks, kindOf(d))
}

// addUnits adds a number of units of so many ticks each, the fraction cut to a tick.
func addUnits(d types.DateTime, n float64, unit int64) types.DateTime {
	limit := float64(maxDateTicks) / float64(unit)
	if math.IsNaN(n) || n > limit+1 || n < -limit-1 {
		throwRange("Value to add was out of range.", "value")
	}
	whole := math.Trunc(n)
	return addTicks(d, int64(whole)*unit+int64((n-whole)*float64(unit)), "value")
}

func addMonths(d types.DateTime, months int32, param string) types.DateTime {
	if months < -120000 || months > 120000 {
		throwRange("Months value must be between +/-120000.", "months")
	}
	year, month, day, _ := format.Civil(ticksOf(d))
	m := month - 1 + int(months)
	year += floorDiv(m, 12)
	month = m - floorDiv(m, 12)*12 + 1
	if year < 1 || year > 9999 {
		throwRange(badDateMessage, param)
	}
	date, _ := format.DateTicks(year, month, min(day, format.DaysIn(year, month)))
	return dateOf(date+ticksOf(d)%ticksPerDay, kindOf(d))
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func addYears(d types.DateTime, years int32) types.DateTime {
	if years < -10000 || years > 10000 {
		throwRange("Years value must be between +/-10000.", "value")
	}
	return addMonths(d, years*12, "value")
}

// makeDate is a date of its parts.
func makeDate(year, month, day, hour, minute, second, milli, micro int32, kind uint64) types.DateTime {
	date, ok := format.DateTicks(int(year), int(month), int(day))
	if !ok {
		types.Throw(types.ArgumentOutOfRangeException, "Year, Month, and Day parameters describe an un-representable DateTime.")
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		types.Throw(types.ArgumentOutOfRangeException, "Hour, Minute, and Second parameters describe an un-representable DateTime.")
	}
	checkUnder1000(milli, "millisecond")
	checkUnder1000(micro, "microsecond")
	ticks := date + int64(hour)*ticksPerHour + int64(minute)*ticksPerMinute + int64(second)*ticksPerSecond + int64(milli)*ticksPerMillisecond + int64(micro)*10
	return dateOf(ticks, checkKind(kind))
}

func checkUnder1000(n int32, param string) {
	if n < 0 || n > 999 {
		throwRange("Valid values are between 0 and 999, inclusive.", param)
	}
}

func checkKind(kind uint64) uint64 {
	if kind > 2 {
		types.ThrowArgument(types.ArgumentException, "Invalid DateTimeKind value.", "kind")
	}
	return kind
}

func dateOfTicks(ticks int64, kind uint64) types.DateTime {
	if ticks < 0 || ticks > maxDateTicks {
		throwRange("Ticks must be between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.", "ticks")
	}
	return dateOf(ticks, checkKind(kind))
}

func dateTimeDecls() []*types.Decl {
	members := namedValueMembers("System.DateTime", types.DateTimeType, valueNames{"value", "value", "value", "provider"})
	return []*types.Decl{
		types.T("struct System.DateTime"+strings.ReplaceAll(integerBases, "%", "System.DateTime"),
			slices.Concat(members, dateMakers(), dateParts(), dateArithmetic(), dateOperators(), dateParsing(), dateConversions(), dateTexts())...),
		types.T("enum System.DateTimeKind", constants("System.DateTimeKind", "Unspecified", 0, "Utc", 1, "Local", 2)...),
		types.T("enum System.DayOfWeek", constants("System.DayOfWeek", "Sunday", 0, "Monday", 1, "Tuesday", 2, "Wednesday", 3, "Thursday", 4, "Friday", 5, "Saturday", 6)...),
	}
}

func dateMakers() []types.MemberDecl {
	type V = types.Value
	make := func(parts int, kind bool) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			var n [8]int32
			for i := 0; i < parts; i++ {
				n[i] = x[i].Int32()
			}
			k := uint64(0)
			if kind {
				k = x[parts].Num
			}
			return types.Uint(uint64(makeDate(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], k)))
		})
	}
	const ymd = "new(int year, int month, int day"
	const hms = ymd + ", int hour, int minute, int second"
	const kind = ", System.DateTimeKind kind)"
	clock := func(kind uint64, date bool) types.Impl {
		return both0(func(t *types.Thread, _ V) V {
			d := clockDate(t, kind)
			if date {
				d = dateOf(ticksOf(d)/ticksPerDay*ticksPerDay, kind)
			}
			return types.Uint(uint64(d))
		})
	}
	constant := func(name string, d types.DateTime) types.MemberDecl {
		return types.M("static readonly System.DateTime "+name, types.S0(func() types.DateTime { return d }))
	}
	return []types.MemberDecl{
		types.M("new(long ticks)", types.S1(func(n int64) types.DateTime { return dateOfTicks(n, 0) })),
		types.M("new(long ticks"+kind, types.S2(func(n int64, k int32) types.DateTime { return dateOfTicks(n, uint64(uint32(k))) })),
		types.M(ymd+")", make(3, false)),
		types.M(hms+")", make(6, false)), types.M(hms+kind, make(6, true)),
		types.M(hms+", int millisecond)", make(7, false)), types.M(hms+", int millisecond"+kind, make(7, true)),
		types.M(hms+", int millisecond, int microsecond)", make(8, false)), types.M(hms+", int millisecond, int microsecond"+kind, make(8, true)),
		constant("MinValue", 0), constant("MaxValue", maxDateTicks), constant("UnixEpoch", dateOf(unixEpochTicks, 1)),
		types.M("static System.DateTime UtcNow { get; }", clock(1, false)),
		types.M("static System.DateTime Now { get; }", clock(2, false)),
		types.M("static System.DateTime Today { get; }", clock(2, true)),
	}
}

// clockDate is the present instant as a date of the kind; local time is UTC.
func clockDate(t *types.Thread, kind uint64) types.DateTime {
	now := t.Clock()
	return dateOf(now.Unix()*ticksPerSecond+int64(now.Nanosecond())/100+unixEpochTicks, kind)
}

func dateParts() []types.MemberDecl {
	type D = types.DateTime
	part := func(name string, f func(ticks int64) int64) types.MemberDecl {
		return types.M("int "+name+" { get; }", types.I0(func(d D) int32 { return int32(f(ticksOf(d))) }))
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
		types.M("System.DayOfWeek DayOfWeek { get; }", types.I0(func(d D) int32 { return int32(format.Weekday(ticksOf(d))) })),
		types.M("long Ticks { get; }", types.I0(ticksOf)),
		types.M("System.DateTimeKind Kind { get; }", types.I0(func(d D) int32 { return int32(kindOf(d)) })),
		types.M("System.DateTime Date { get; }", types.I0(func(d D) D { return dateOf(ticksOf(d)/ticksPerDay*ticksPerDay, kindOf(d)) })),
		types.M("System.TimeSpan TimeOfDay { get; }", types.I0(func(d D) types.TimeSpan { return types.TimeSpan(ticksOf(d) % ticksPerDay) })),
		types.M("bool IsDaylightSavingTime()", types.I0(func(D) bool { return false })),
		types.M("static bool IsLeapYear(int year)", types.S1(func(y int32) bool {
			checkYear(y)
			return format.IsLeap(int(y))
		})),
		types.M("static int DaysInMonth(int year, int month)", types.S2(func(y, m int32) int32 {
			if m < 1 || m > 12 {
				throwRange("Month must be between one and twelve.", "month")
			}
			checkYear(y)
			return int32(format.DaysIn(int(y), int(m)))
		})),
		types.M("void Deconstruct(out int year, out int month, out int day)", types.Raw(func(_ *types.Thread, this types.Value, x []types.Value) types.Value {
			y, m, d, _ := format.Civil(ticksOf(types.DateTime(this.Num)))
			setOut(x[0], types.Int(int64(y)))
			setOut(x[1], types.Int(int64(m)))
			setOut(x[2], types.Int(int64(d)))
			return types.Value{}
		})),
	}
}

func checkYear(y int32) {
	if y < 1 || y > 9999 {
		throwRange("Year must be between 1 and 9999.", "year")
	}
}

func dateArithmetic() []types.MemberDecl {
	type D = types.DateTime
	add := func(name string, unit int64) types.MemberDecl {
		return types.M("System.DateTime "+name+"(double value)", types.I1(func(d D, n float64) D { return addUnits(d, n, unit) }))
	}
	return []types.MemberDecl{
		add("AddDays", ticksPerDay), add("AddHours", ticksPerHour), add("AddMinutes", ticksPerMinute), add("AddSeconds", ticksPerSecond),
		add("AddMilliseconds", ticksPerMillisecond), add("AddMicroseconds", 10),
		types.M("System.DateTime AddTicks(long value)", types.I1(func(d D, n int64) D { return addTicks(d, n, "value") })),
		types.M("System.DateTime AddMonths(int months)", types.I1(func(d D, n int32) D { return addMonths(d, n, "months") })),
		types.M("System.DateTime AddYears(int value)", types.I1(addYears)),
		types.M("System.DateTime Add(System.TimeSpan value)", types.I1(func(d D, s types.TimeSpan) D { return addTicks(d, int64(s), "value") })),
		types.M("System.DateTime Subtract(System.TimeSpan value)", types.I1(func(d D, s types.TimeSpan) D { return subtractSpan(d, s, "value") })),
		types.M("System.TimeSpan Subtract(System.DateTime value)", types.I1(func(a, b D) types.TimeSpan { return types.TimeSpan(ticksOf(a) - ticksOf(b)) })),
	}
}

func subtractSpan(d types.DateTime, s types.TimeSpan, param string) types.DateTime {
	if s == math.MinInt64 {
		throwRange(badDateMessage, param)
	}
	return addTicks(d, -int64(s), param)
}

func dateOperators() []types.MemberDecl {
	type D = types.DateTime
	compare := func(symbol, a, b string, f func(x, y int64) bool) types.MemberDecl {
		return types.M("static bool operator "+symbol+"(System.DateTime "+a+", System.DateTime "+b+")", types.S2(func(x, y D) bool { return f(ticksOf(x), ticksOf(y)) }))
	}
	return []types.MemberDecl{
		types.M("static System.DateTime operator +(System.DateTime d, System.TimeSpan t)", types.S2(func(d D, s types.TimeSpan) D { return addTicks(d, int64(s), "t") })),
		types.M("static System.DateTime operator -(System.DateTime d, System.TimeSpan t)", types.S2(func(d D, s types.TimeSpan) D { return subtractSpan(d, s, "t") })),
		types.M("static System.TimeSpan operator -(System.DateTime d1, System.DateTime d2)", types.S2(func(a, b D) types.TimeSpan { return types.TimeSpan(ticksOf(a) - ticksOf(b)) })),
		compare("==", "d1", "d2", func(x, y int64) bool { return x == y }), compare("!=", "d1", "d2", func(x, y int64) bool { return x != y }),
		compare("<", "t1", "t2", func(x, y int64) bool { return x < y }), compare("<=", "t1", "t2", func(x, y int64) bool { return x <= y }),
		compare(">", "t1", "t2", func(x, y int64) bool { return x > y }), compare(">=", "t1", "t2", func(x, y int64) bool { return x >= y }),
		types.M("static int Compare(System.DateTime t1, System.DateTime t2)", types.S2(func(a, b D) int32 { return int32(order(ticksOf(a), ticksOf(b))) })),
		types.M("static bool Equals(System.DateTime t1, System.DateTime t2)", types.S2(func(a, b D) bool { return ticksOf(a) == ticksOf(b) })),
	}
}
