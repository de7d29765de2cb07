package clr

import (
	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// adjustmentRule is a TimeZoneInfo.AdjustmentRule.
type adjustmentRule struct {
	// start and end are the first and last day, in ticks.
	start, end int64
	delta      int64
	baseDelta  int64
	from, to   transitionTime
}

// transitionTime is a TimeZoneInfo.TransitionTime; its zero value is the default one.
type transitionTime struct {
	fixed                     bool
	timeOfDay                 int64
	month, week, day, weekday int32
}

var (
	adjustmentRuleType = lateType("System.TimeZoneInfo.AdjustmentRule")
	transitionTimeType = lateType("System.TimeZoneInfo.TransitionTime")
)

func init() {
	registerStruct("System.TimeZoneInfo+TransitionTime", func(*types.Type) any { return transitionTime{} })
}

// ClrType is System.TimeZoneInfo.AdjustmentRule.
func (*adjustmentRule) ClrType() *types.Type { return adjustmentRuleType() }

// EqualTo compares all parts.
func (r *adjustmentRule) EqualTo(_ *types.Thread, o any) bool {
	other, ok := o.(*adjustmentRule)
	return ok && *r == *other
}

// HashCode is that of the first day.
func (r *adjustmentRule) HashCode(*types.Thread) int32 { return longHash(r.start) }

// ClrType is System.TimeZoneInfo.TransitionTime.
func (transitionTime) ClrType() *types.Type { return transitionTimeType() }

// in is the clock time of the transition in a year.
func (x transitionTime) in(year int) int64 {
	year = min(max(year, 1), 9999)
	day := int(x.day)
	if x.fixed {
		day = min(day, format.DaysIn(year, int(x.month)))
	} else {
		first, _ := format.DateTicks(year, int(x.month), 1)
		day = 1 + (int(x.weekday)-format.Weekday(first)+7)%7 + 7*(int(x.week)-1)
		for day > format.DaysIn(year, int(x.month)) {
			day -= 7
		}
	}
	date, _ := format.DateTicks(year, int(x.month), day)
	return date + x.timeOfDay
}

// ruleOffset is the offset at an instant in a zone of rules.
func (z *timeZone) ruleOffset(utc int64) (offset int64, daylight bool) {
	standard := utc + z.base
	day := standard / ticksPerDay * ticksPerDay
	for _, r := range z.rules {
		if day < r.start || day > r.end {
			continue
		}
		base := z.base + r.baseDelta
		year := zoneYear(utc + base)
		begin := r.from.in(year) - base
		end := r.to.in(year) - base - r.delta
		inside := utc >= begin && utc < end
		if begin > end {
			inside = utc >= begin || utc < end
		}
		if inside {
			return base + r.delta, true
		}
		return base, false
	}
	return z.base, false
}

func zoneRuleDecls() []*types.Decl {
	return []*types.Decl{
		types.T("sealed class System.TimeZoneInfo.AdjustmentRule : System.IEquatable<System.TimeZoneInfo.AdjustmentRule>", ruleMembers()...),
		types.T("struct System.TimeZoneInfo.TransitionTime : System.IEquatable<System.TimeZoneInfo.TransitionTime>", transitionMembers()...),
	}
}

func ruleMembers() []types.MemberDecl {
	type R = *adjustmentRule
	type V = types.Value
	create := types.Raw(func(_ *types.Thread, _ V, x []V) V {
		r := &adjustmentRule{start: ticksOf(types.DateTime(x[0].Num)), end: ticksOf(types.DateTime(x[1].Num)), delta: x[2].Int64(),
			from: transitionOf(x[3]), to: transitionOf(x[4])}
		if len(x) > 5 {
			r.baseDelta = x[5].Int64()
		}
		checkRule(r)
		return types.Ref(r)
	})
	const make = "static System.TimeZoneInfo.AdjustmentRule CreateAdjustmentRule(System.DateTime dateStart, System.DateTime dateEnd, System.TimeSpan daylightDelta, System.TimeZoneInfo.TransitionTime daylightTransitionStart, System.TimeZoneInfo.TransitionTime daylightTransitionEnd"
	return []types.MemberDecl{
		types.M(make+")", create), types.M(make+", System.TimeSpan baseUtcOffsetDelta)", create),
		types.M("System.DateTime DateStart { get; }", types.I0(func(r R) types.DateTime { return dateOf(r.start, 0) })),
		types.M("System.DateTime DateEnd { get; }", types.I0(func(r R) types.DateTime { return dateOf(r.end, 0) })),
		types.M("System.TimeSpan DaylightDelta { get; }", types.I0(func(r R) types.TimeSpan { return types.TimeSpan(r.delta) })),
		types.M("System.TimeSpan BaseUtcOffsetDelta { get; }", types.I0(func(r R) types.TimeSpan { return types.TimeSpan(r.baseDelta) })),
		types.M("System.TimeZoneInfo.TransitionTime DaylightTransitionStart { get; }", types.I0(func(r R) transitionTime { return r.from })),
		types.M("System.TimeZoneInfo.TransitionTime DaylightTransitionEnd { get; }", types.I0(func(r R) transitionTime { return r.to })),
		types.M("bool Equals(System.TimeZoneInfo.AdjustmentRule other)", types.I1(func(r, o R) bool { return o != nil && *r == *o })),
		types.M("bool Equals(object obj)", types.I1(func(r R, o any) bool { return r.EqualTo(nil, o) })),
		types.M("int GetHashCode()", types.I0(func(r R) int32 { return r.HashCode(nil) })),
	}
}

func checkRule(r *adjustmentRule) {
	switch {
	case r.start > r.end:
		types.ThrowArgument(types.ArgumentException, "The DateStart property must come before the DateEnd property.", "dateStart")
	case r.delta < -14*ticksPerHour || r.delta > 14*ticksPerHour:
		throwRange("The TimeSpan parameter must be within plus or minus 14.0 hours.", "daylightDelta")
	case r.delta%ticksPerMinute != 0:
		types.ThrowArgument(types.ArgumentException, "The TimeSpan parameter cannot be specified more precisely than whole minutes.", "daylightDelta")
	case r.from == r.to && r.from != transitionTime{}:
		types.ThrowArgument(types.ArgumentException, "The DaylightTransitionStart property must not equal the DaylightTransitionEnd property.", "daylightTransitionEnd")
	case r.start%ticksPerDay != 0:
		types.ThrowArgument(types.ArgumentException, "The supplied DateTime includes a TimeOfDay setting.   This is not supported.", "dateStart")
	case r.end%ticksPerDay != 0 && r.end != maxDateTicks:
		types.ThrowArgument(types.ArgumentException, "The supplied DateTime includes a TimeOfDay setting.   This is not supported.", "dateEnd")
	}
}

// transitionOf reads a Value of type TransitionTime.
func transitionOf(v types.Value) transitionTime {
	x, _ := v.Ref.(transitionTime)
	return x
}

func transitionMembers() []types.MemberDecl {
	type X = transitionTime
	type V = types.Value
	get := func(f func(x X) int32) types.Impl {
		return both0(func(_ *types.Thread, this V) V { return types.Int(int64(f(transitionOf(this)))) })
	}
	equal := func(a, b X) bool { return a == b }
	return []types.MemberDecl{
		types.M("static System.TimeZoneInfo.TransitionTime CreateFixedDateRule(System.DateTime timeOfDay, int month, int day)", types.S3(func(d types.DateTime, month, day int32) X {
			return checkTransition(X{fixed: true, month: month, week: 1, day: day}, d)
		})),
		types.M("static System.TimeZoneInfo.TransitionTime CreateFloatingDateRule(System.DateTime timeOfDay, int month, int week, System.DayOfWeek dayOfWeek)", types.S4(
			func(d types.DateTime, month, week, weekday int32) X {
				return checkTransition(X{month: month, week: week, day: 1, weekday: weekday}, d)
			})),
		types.M("System.DateTime TimeOfDay { get; }", both0(func(_ *types.Thread, this V) V { return types.Int(transitionOf(this).timeOfDay) })),
		types.M("int Month { get; }", get(func(x X) int32 { return x.month })), types.M("int Week { get; }", get(func(x X) int32 { return x.week })),
		types.M("int Day { get; }", get(func(x X) int32 { return x.day })), types.M("System.DayOfWeek DayOfWeek { get; }", get(func(x X) int32 { return x.weekday })),
		types.M("bool IsFixedDateRule { get; }", both0(func(_ *types.Thread, this V) V { return types.Bool(transitionOf(this).fixed) })),
		types.M("bool Equals(System.TimeZoneInfo.TransitionTime other)", both1(func(_ *types.Thread, this, o V) V { return types.Bool(equal(transitionOf(this), transitionOf(o))) })),
		types.M("bool Equals(object obj)", both1(func(_ *types.Thread, this, o V) V {
			x, ok := o.Ref.(X)
			return types.Bool(ok && x == transitionOf(this))
		})),
		types.M("int GetHashCode()", get(func(x X) int32 { return x.month ^ x.week<<8 })),
		types.M("static bool operator ==(System.TimeZoneInfo.TransitionTime t1, System.TimeZoneInfo.TransitionTime t2)", types.S2(equal)),
		types.M("static bool operator !=(System.TimeZoneInfo.TransitionTime t1, System.TimeZoneInfo.TransitionTime t2)", types.S2(func(a, b X) bool { return a != b })),
	}
}

func checkTransition(x transitionTime, d types.DateTime) transitionTime {
	x.timeOfDay = ticksOf(d)
	switch {
	case kindOf(d) != 0:
		types.ThrowArgument(types.ArgumentException, "The supplied DateTime must have the Kind property set to DateTimeKind.Unspecified.", "timeOfDay")
	case x.month < 1 || x.month > 12:
		throwRange("The Month parameter must be in the range 1 through 12.", "month")
	case x.day < 1 || x.day > 31:
		throwRange("The Day parameter must be in the range 1 through 31.", "day")
	case x.week < 1 || x.week > 5:
		throwRange("The Week parameter must be in the range 1 through 5.", "week")
	case x.weekday < 0 || x.weekday > 6:
		throwRange("The DayOfWeek enumeration must be in the range 0 through 6.", "dayOfWeek")
	case x.timeOfDay >= ticksPerDay || x.timeOfDay%ticksPerMillisecond != 0:
		types.ThrowArgument(types.ArgumentException, "The supplied DateTime must have the Year, Month, and Day properties set to 1.  The time cannot be specified more precisely than whole milliseconds.", "timeOfDay")
	}
	return x
}
