package clr

import (
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the zones, whatever the machine has

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// timeZone is a TimeZoneInfo: a zone of the IANA database, or one of rules that a program made.
type timeZone struct {
	id, display, standard, daylight string
	// base is the offset of standard time in ticks.
	base int64
	// loc is the zone's history; nil for one of rules.
	loc   *time.Location
	rules []*adjustmentRule
}

var (
	timeZoneType = lateType("System.TimeZoneInfo")
	utcZone      = newUTC()
	// localZone is the service's own, which is UTC; dates in it are of another kind.
	localZone = newUTC()
)

// systemZones are the zones that have a Windows id, UTC among them, by offset and then by id.
var systemZones = sync.OnceValue(func() []types.Value {
	zones := []*timeZone{utcZone}
	for iana := range windowsIDs {
		if loc, err := time.LoadLocation(ianaNames[iana]); err == nil && ianaNames[iana] != "Etc/UTC" {
			zones = append(zones, newZone(ianaNames[iana], loc))
		}
	}
	slices.SortFunc(zones, func(a, b *timeZone) int {
		if c := order(a.base, b.base); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	out := make([]types.Value, len(zones))
	for i, z := range zones {
		out[i] = types.Ref(z)
	}
	return out
})

func newUTC() *timeZone {
	const name = "Coordinated Universal Time"
	return &timeZone{id: "UTC", display: "(UTC) " + name, standard: name, daylight: name}
}

// kind is the DateTimeKind of dates on the zone's clock.
func (z *timeZone) kind() uint64 {
	switch z {
	case utcZone:
		return 1
	case localZone:
		return 2
	}
	return 0
}

// ClrType is System.TimeZoneInfo.
func (*timeZone) ClrType() *types.Type { return timeZoneType() }

// ToStr is the display name.
func (z *timeZone) ToStr(*types.Thread) *types.String { return types.NewString(z.display) }

// EqualTo compares ids, whatever their case, and rules.
func (z *timeZone) EqualTo(_ *types.Thread, o any) bool {
	other, ok := o.(*timeZone)
	return ok && strings.EqualFold(z.id, other.id) && z.sameRules(other)
}

// HashCode is the id's.
func (z *timeZone) HashCode(*types.Thread) int32 { return stringHash(strings.ToUpper(z.id)) }

func (z *timeZone) sameRules(o *timeZone) bool {
	if z == o {
		return true
	}
	if (z.loc == nil) != (o.loc == nil) || z.base != o.base {
		return false
	}
	if z.loc != nil {
		return z.loc.String() == o.loc.String()
	}
	return slices.EqualFunc(z.rules, o.rules, func(a, b *adjustmentRule) bool { return *a == *b })
}

// goTime is the instant of UTC ticks.
func goTime(ticks int64) time.Time {
	return time.Unix((ticks-unixEpochTicks)/ticksPerSecond, (ticks-unixEpochTicks)%ticksPerSecond*100)
}

// at is the offset at an instant, and whether that is daylight saving time.
func (z *timeZone) at(utc int64) (offset int64, daylight bool) {
	if z.loc == nil {
		return z.ruleOffset(utc)
	}
	t := goTime(utc).In(z.loc)
	_, seconds := t.Zone()
	daylight = t.IsDST()
	if z.backwards() {
		daylight = int64(seconds)*ticksPerSecond > z.base
	}
	return int64(seconds) / 60 * ticksPerMinute, daylight
}

// backwards tells the zones whose winter time is called the saving one in the database.
func (z *timeZone) backwards() bool {
	switch z.loc.String() {
	case "Europe/Dublin", "Eire", "Africa/Casablanca", "Africa/El_Aaiun":
		return true
	}
	return false
}

// candidates are the offsets that a clock time may have: none where it was skipped, two where it came twice, standard time first.
func (z *timeZone) candidates(clock int64) []int64 {
	var out []int64
	for _, near := range [2]int64{-ticksPerDay, ticksPerDay} {
		offset, _ := z.at(min(max(clock-z.base+near, 0), maxDateTicks))
		if again, _ := z.at(min(max(clock-offset, 0), maxDateTicks)); again == offset && !slices.Contains(out, offset) {
			out = append(out, offset)
		}
	}
	slices.Sort(out)
	return out
}

// offsetAt is the offset of a clock time: standard time where it is ambiguous or was skipped.
func (z *timeZone) offsetAt(clock int64) int64 {
	if c := z.candidates(clock); len(c) > 0 {
		return c[0]
	}
	before, _ := z.at(min(max(clock-z.base-ticksPerDay, 0), maxDateTicks))
	after, _ := z.at(min(max(clock-z.base+ticksPerDay, 0), maxDateTicks))
	return min(before, after)
}

// utcOf is the instant of a clock time.
func (z *timeZone) utcOf(clock int64) int64 {
	return min(max(clock-z.offsetAt(clock), 0), maxDateTicks)
}

// clockOf is the clock time of an instant.
func (z *timeZone) clockOf(utc int64) int64 {
	offset, _ := z.at(utc)
	return min(max(utc+offset, 0), maxDateTicks)
}

// utcTicks is the instant of a DateTime seen from the zone: unspecified ones are the zone's own clock.
func (z *timeZone) utcTicks(d types.DateTime) int64 {
	if kindOf(d) != 0 {
		return ticksOf(d)
	}
	return z.utcOf(ticksOf(d))
}

// offsetOfDate is GetUtcOffset(DateTime).
func (z *timeZone) offsetOfDate(d types.DateTime) int64 {
	if kindOf(d) != 0 {
		offset, _ := z.at(ticksOf(d))
		return offset
	}
	return z.offsetAt(ticksOf(d))
}

// clockOfDate is a DateTime as the zone's clock shows it.
func (z *timeZone) clockOfDate(d types.DateTime) int64 {
	if kindOf(d) != 0 {
		return z.clockOf(ticksOf(d))
	}
	return ticksOf(d)
}

func (z *timeZone) isDaylight(d types.DateTime) bool {
	if kindOf(d) == 0 {
		c := z.candidates(ticksOf(d))
		if len(c) != 1 {
			return false
		}
	}
	_, daylight := z.at(z.utcTicks(d))
	return daylight
}

func (z *timeZone) isAmbiguous(d types.DateTime) bool {
	return len(z.candidates(z.clockOfDate(d))) > 1
}

func (z *timeZone) isInvalid(d types.DateTime) bool {
	return kindOf(d) == 0 && len(z.candidates(ticksOf(d))) == 0
}

// findZone finds a zone by its IANA or Windows id.
func findZone(id string) (*timeZone, bool) {
	if strings.EqualFold(id, "UTC") || strings.EqualFold(id, "Etc/UTC") {
		return utcZone, true
	}
	name := id
	if iana, ok := windowsZones[strings.ToLower(id)]; ok {
		name = iana.iana
		id = iana.windows
	}
	if name == "" || name == "Local" || strings.Contains(name, "..") || strings.HasPrefix(name, "/") || strings.Contains(name, "\\") {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	return newZone(id, loc), true
}

func newZone(id string, loc *time.Location) *timeZone {
	z := &timeZone{id: id, loc: loc}
	year := time.Now().Year()
	low := int64(0)
	for month := time.January; month <= time.December; month++ {
		_, seconds := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).In(loc).Zone()
		if offset := int64(seconds) / 60 * ticksPerMinute; month == time.January || offset < low {
			low = offset
		}
	}
	z.base = low
	z.standard = windowsNameOf(id, loc.String())
	z.daylight = strings.Replace(z.standard, "Standard", "Daylight", 1)
	z.display = "(UTC" + signedOffset(low) + ") " + z.standard
	return z
}

func signedOffset(ticks int64) string {
	if ticks == 0 {
		return ""
	}
	sign := "+"
	if ticks < 0 {
		sign = "-"
	}
	return sign + formatTimeSpan(types.TimeSpan(ticks), `hh\:mm`)
}

// supportsDaylight tells whether any year has daylight saving time.
func (z *timeZone) supportsDaylight() bool {
	if z.loc == nil {
		return slices.ContainsFunc(z.rules, func(r *adjustmentRule) bool { return r.delta != 0 })
	}
	for year := 1970; year <= time.Now().Year(); year++ {
		for month := time.January; month <= time.December; month++ {
			if time.Date(year, month, 15, 0, 0, 0, 0, time.UTC).In(z.loc).IsDST() {
				return true
			}
		}
	}
	return false
}

func zoneArg(v types.Value, param string) *timeZone {
	z, _ := v.Ref.(*timeZone)
	if z == nil {
		types.ThrowNull(param)
	}
	return z
}

func zoneByID(s *types.String, param string) *timeZone {
	if s == nil {
		types.ThrowNull(param)
	}
	z, ok := findZone(s.Go())
	if !ok {
		types.Throw(types.TimeZoneNotFoundException, "The time zone ID '"+s.Go()+"' was not found on the local computer.")
	}
	return z
}

func timeZoneDecls() []*types.Decl {
	return slices.Concat(zoneRuleDecls(), []*types.Decl{
		types.T("sealed class System.TimeZoneInfo : System.IEquatable<System.TimeZoneInfo>",
			slices.Concat(zoneProperties(), zoneQuestions(), zoneFinders(), zoneConversions())...),
		types.T("abstract class System.TimeZone",
			types.M("static System.TimeZone CurrentTimeZone { get; }", types.S0(func() *currentZone { return theCurrentZone })),
			types.M("string StandardName { get; }", types.I0(func(*currentZone) *types.String { return types.NewString(utcZone.standard) })),
			types.M("string DaylightName { get; }", types.I0(func(*currentZone) *types.String { return types.NewString(utcZone.daylight) })),
			types.M("System.TimeSpan GetUtcOffset(System.DateTime time)", types.I1(func(*currentZone, types.DateTime) types.TimeSpan { return 0 })),
			types.M("bool IsDaylightSavingTime(System.DateTime time)", types.I1(func(*currentZone, types.DateTime) bool { return false })),
			types.M("System.DateTime ToLocalTime(System.DateTime time)", types.I1(func(_ *currentZone, d types.DateTime) types.DateTime { return dateOf(ticksOf(d), 2) })),
			types.M("System.DateTime ToUniversalTime(System.DateTime time)", types.I1(func(_ *currentZone, d types.DateTime) types.DateTime { return dateOf(ticksOf(d), 1) })),
		),
	})
}

// currentZone is the TimeZone of the service, which is UTC.
type currentZone struct{ _ byte }

var (
	theCurrentZone  = &currentZone{}
	currentZoneType = lateType("System.TimeZone")
)

// ClrType is System.TimeZone.
func (*currentZone) ClrType() *types.Type { return currentZoneType() }

func zoneProperties() []types.MemberDecl {
	text := func(name string, f func(z *timeZone) string) types.MemberDecl {
		return types.M("string "+name+" { get; }", types.I0(func(z *timeZone) *types.String { return types.NewString(f(z)) }))
	}
	return []types.MemberDecl{
		text("Id", func(z *timeZone) string { return z.id }), text("DisplayName", func(z *timeZone) string { return z.display }),
		text("StandardName", func(z *timeZone) string { return z.standard }), text("DaylightName", func(z *timeZone) string { return z.daylight }),
		types.M("System.TimeSpan BaseUtcOffset { get; }", types.I0(func(z *timeZone) types.TimeSpan { return types.TimeSpan(z.base) })),
		types.M("bool SupportsDaylightSavingTime { get; }", types.I0((*timeZone).supportsDaylight)),
		types.M("bool HasIanaId { get; }", types.I0(func(z *timeZone) bool { return z.kind() != 0 || z.loc != nil && z.loc.String() == z.id })),
		types.M("System.TimeZoneInfo.AdjustmentRule[] GetAdjustmentRules()", types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
			z := zoneArg(types.Ref(receiverObject(this)), "this")
			items := make([]types.Value, len(z.rules))
			for i, r := range z.rules {
				items[i] = types.Ref(r)
			}
			return arrayOf(adjustmentRuleType(), items)
		})),
		types.M("string ToString()", types.I0(func(z *timeZone) *types.String { return types.NewString(z.display) })),
		types.M("bool Equals(System.TimeZoneInfo other)", types.I1(func(z, o *timeZone) bool { return o != nil && z.EqualTo(nil, o) })),
		types.M("bool Equals(object obj)", types.I1(func(z *timeZone, o any) bool { return z.EqualTo(nil, o) })),
		types.M("bool HasSameRules(System.TimeZoneInfo other)", types.I1(func(z, o *timeZone) bool {
			if o == nil {
				types.ThrowNull("other")
			}
			return z.sameRules(o)
		})),
		types.M("int GetHashCode()", types.I0(func(z *timeZone) int32 { return z.HashCode(nil) })),
	}
}

func zoneQuestions() []types.MemberDecl {
	type D = types.DateTime
	utc := func(d DateTimeOffset) D { return dateOf(d.UTC, 1) }
	ambiguous := func(z *timeZone, d D) *types.Array {
		c := z.candidates(z.clockOfDate(d))
		if len(c) < 2 {
			types.ThrowArgument(types.ArgumentException, "The supplied DateTime is not in an ambiguous time range.", "dateTime")
		}
		a := &types.Array{T: types.ArrayOf(types.TimeSpanType, 1)}
		for _, offset := range c {
			a.Items = append(a.Items, types.Int(offset))
		}
		return a
	}
	const date, offset = "(System.DateTime dateTime)", "(System.DateTimeOffset dateTimeOffset)"
	return []types.MemberDecl{
		types.M("System.TimeSpan GetUtcOffset"+date, types.I1(func(z *timeZone, d D) types.TimeSpan { return types.TimeSpan(z.offsetOfDate(d)) })),
		types.M("System.TimeSpan GetUtcOffset"+offset, types.I1(func(z *timeZone, d DateTimeOffset) types.TimeSpan { return types.TimeSpan(z.offsetOfDate(utc(d))) })),
		types.M("bool IsDaylightSavingTime"+date, types.I1((*timeZone).isDaylight)),
		types.M("bool IsDaylightSavingTime"+offset, types.I1(func(z *timeZone, d DateTimeOffset) bool { return z.isDaylight(utc(d)) })),
		types.M("bool IsAmbiguousTime"+date, types.I1((*timeZone).isAmbiguous)),
		types.M("bool IsAmbiguousTime"+offset, types.I1(func(z *timeZone, d DateTimeOffset) bool { return z.isAmbiguous(utc(d)) })),
		types.M("bool IsInvalidTime"+date, types.I1((*timeZone).isInvalid)),
		types.M("System.TimeSpan[] GetAmbiguousTimeOffsets"+date, types.I1(ambiguous)),
		types.M("System.TimeSpan[] GetAmbiguousTimeOffsets"+offset, types.I1(func(z *timeZone, d DateTimeOffset) *types.Array { return ambiguous(z, utc(d)) })),
	}
}

func zoneFinders() []types.MemberDecl {
	type V = types.Value
	type S = *types.String
	windowsToIana := func(out int) types.Impl {
		return types.Raw(func(_ *types.Thread, _ V, x []V) V {
			entry, ok := windowsZones[strings.ToLower(goString(x[0].Str()))]
			setOut(x[out], types.Null)
			if ok {
				setOut(x[out], types.Ref(types.NewString(entry.iana)))
			}
			return types.Bool(ok)
		})
	}
	all := types.Raw(func(t *types.Thread, _ V, _ []V) V {
		zones := systemZones()
		t.Alloc(int64(len(zones)) * 24)
		return types.Ref(newReadOnly(timeZoneType(), arrayOf(timeZoneType(), zones).Ref))
	})
	const zones = "static System.Collections.ObjectModel.ReadOnlyCollection<System.TimeZoneInfo> GetSystemTimeZones"
	fixed := func(z *timeZone) types.Impl { return types.S0(func() *timeZone { return z }) }
	return []types.MemberDecl{
		types.M("static System.TimeZoneInfo Utc { get; }", fixed(utcZone)), types.M("static System.TimeZoneInfo Local { get; }", fixed(localZone)),
		types.M("static System.TimeZoneInfo FindSystemTimeZoneById(string id)", types.S1(func(id S) *timeZone { return zoneByID(id, "id") })),
		types.M("static bool TryFindSystemTimeZoneById(string id, out System.TimeZoneInfo timeZoneInfo)", types.Raw(func(_ *types.Thread, _ V, x []V) V {
			z, ok := findZone(goString(x[0].Str()))
			setOut(x[1], types.Null)
			if ok {
				setOut(x[1], types.Ref(z))
			}
			return types.Bool(ok)
		})),
		types.M("static bool TryConvertWindowsIdToIanaId(string windowsId, out string ianaId)", windowsToIana(1)),
		types.M("static bool TryConvertWindowsIdToIanaId(string windowsId, string region, out string ianaId)", windowsToIana(2)),
		types.M("static bool TryConvertIanaIdToWindowsId(string ianaId, out string windowsId)", types.Raw(func(_ *types.Thread, _ V, x []V) V {
			name, ok := windowsOf(goString(x[0].Str()))
			setOut(x[1], types.Null)
			if ok {
				setOut(x[1], types.Ref(types.NewString(name)))
			}
			return types.Bool(ok)
		})),
		types.M(zones+"()", all), types.M(zones+"(bool skipSorting)", all),
		types.M("static void ClearCachedData()", types.S0(func() struct{} { return struct{}{} })),
		types.M("static System.TimeZoneInfo CreateCustomTimeZone(string id, System.TimeSpan baseUtcOffset, string displayName, string standardDisplayName)", types.S4(
			func(id S, base types.TimeSpan, display, standard S) *timeZone {
				return customZone(id, base, display, standard, standard, nil)
			})),
		types.M("static System.TimeZoneInfo CreateCustomTimeZone(string id, System.TimeSpan baseUtcOffset, string displayName, string standardDisplayName, string daylightDisplayName, System.TimeZoneInfo.AdjustmentRule[] adjustmentRules)",
			types.Raw(func(_ *types.Thread, _ V, x []V) V {
				a, _ := x[5].Ref.(*types.Array)
				return types.Ref(customZone(x[0].Str(), types.TimeSpan(x[1].Num), x[2].Str(), x[3].Str(), x[4].Str(), a))
			})),
		types.M("static System.TimeZoneInfo CreateCustomTimeZone(string id, System.TimeSpan baseUtcOffset, string displayName, string standardDisplayName, string daylightDisplayName, System.TimeZoneInfo.AdjustmentRule[] adjustmentRules, bool disableDaylightSavingTime)",
			types.Raw(func(_ *types.Thread, _ V, x []V) V {
				a, _ := x[5].Ref.(*types.Array)
				if x[6].Bool() {
					a = nil
				}
				return types.Ref(customZone(x[0].Str(), types.TimeSpan(x[1].Num), x[2].Str(), x[3].Str(), x[4].Str(), a))
			})),
	}
}

func customZone(id *types.String, base types.TimeSpan, display, standard, daylight *types.String, rules *types.Array) *timeZone {
	if id == nil {
		types.ThrowNull("id")
	}
	if id.Len() == 0 {
		types.ThrowArgument(types.ArgumentException, "The specified ID parameter '' is not supported.", "id")
	}
	if base < -14*ticksPerHour || base > 14*ticksPerHour {
		throwRange("The TimeSpan parameter must be within plus or minus 14.0 hours.", "baseUtcOffset")
	}
	if int64(base)%ticksPerMinute != 0 {
		types.ThrowArgument(types.ArgumentException, "The TimeSpan parameter cannot be specified more precisely than whole minutes.", "baseUtcOffset")
	}
	z := &timeZone{id: id.Go(), display: goString(display), standard: goString(standard), daylight: goString(daylight), base: int64(base)}
	if rules != nil {
		for _, v := range rules.Items {
			r, _ := v.Ref.(*adjustmentRule)
			if r == nil {
				types.Throw(types.InvalidOperationException, "The AdjustmentRule array cannot contain null elements.")
			}
			z.rules = append(z.rules, r)
		}
	}
	return z
}

const kindMessage = "The conversion could not be completed because the supplied DateTime did not have the Kind property set correctly.  " +
	"For example, when the Kind property is DateTimeKind.Local, the source time zone must be TimeZoneInfo.Local."

// sourceTicks is the instant of d on the clock of its source zone, whose kind must agree.
func sourceTicks(d types.DateTime, source *timeZone) int64 {
	if kindOf(d) != 0 && kindOf(d) != source.kind() {
		types.ThrowArgument(types.ArgumentException, kindMessage, "sourceTimeZone")
	}
	if source.isInvalid(d) {
		types.ThrowArgument(types.ArgumentException, "The supplied DateTime represents an invalid time.  For example, when the clock is adjusted forward, any time in the period that is skipped is invalid.", "dateTime")
	}
	return source.utcTicks(d)
}

// inZone is an instant as a DateTime of the zone's clock.
func inZone(utc int64, z *timeZone) types.DateTime { return dateOf(z.clockOf(utc), z.kind()) }

// ownZone is the zone that a DateTime is taken to be of.
func ownZone(d types.DateTime) *timeZone {
	if kindOf(d) == 1 {
		return utcZone
	}
	return localZone
}

func zoneConversions() []types.MemberDecl {
	type D = types.DateTime
	between := func(d D, source, destination *timeZone) D {
		if source == nil {
			types.ThrowNull("sourceTimeZone")
		}
		if destination == nil {
			types.ThrowNull("destinationTimeZone")
		}
		return inZone(sourceTicks(d, source), destination)
	}
	offset := func(d DateTimeOffset, z *timeZone) DateTimeOffset {
		if z == nil {
			types.ThrowNull("destinationTimeZone")
		}
		o, _ := z.at(d.UTC)
		return DateTimeOffset{d.UTC, int16(o / ticksPerMinute)}
	}
	const date = "static System.DateTime "
	return []types.MemberDecl{
		types.M(date+"ConvertTime(System.DateTime dateTime, System.TimeZoneInfo destinationTimeZone)", types.S2(func(d D, z *timeZone) D { return between(d, ownZone(d), z) })),
		types.M(date+"ConvertTime(System.DateTime dateTime, System.TimeZoneInfo sourceTimeZone, System.TimeZoneInfo destinationTimeZone)", types.S3(between)),
		types.M("static System.DateTimeOffset ConvertTime(System.DateTimeOffset dateTimeOffset, System.TimeZoneInfo destinationTimeZone)", types.S2(offset)),
		types.M(date+"ConvertTimeBySystemTimeZoneId(System.DateTime dateTime, string destinationTimeZoneId)", types.S2(func(d D, id *types.String) D {
			return between(d, ownZone(d), zoneByID(id, "id"))
		})),
		types.M(date+"ConvertTimeBySystemTimeZoneId(System.DateTime dateTime, string sourceTimeZoneId, string destinationTimeZoneId)", types.S3(func(d D, from, to *types.String) D {
			return between(d, zoneByID(from, "id"), zoneByID(to, "id"))
		})),
		types.M("static System.DateTimeOffset ConvertTimeBySystemTimeZoneId(System.DateTimeOffset dateTimeOffset, string destinationTimeZoneId)", types.S2(func(d DateTimeOffset, id *types.String) DateTimeOffset {
			return offset(d, zoneByID(id, "id"))
		})),
		types.M(date+"ConvertTimeFromUtc(System.DateTime dateTime, System.TimeZoneInfo destinationTimeZone)", types.S2(func(d D, z *timeZone) D {
			return between(d, utcZone, z)
		})),
		types.M(date+"ConvertTimeToUtc(System.DateTime dateTime)", types.S1(func(d D) D { return dateOf(ticksOf(d), 1) })),
		types.M(date+"ConvertTimeToUtc(System.DateTime dateTime, System.TimeZoneInfo sourceTimeZone)", types.S2(func(d D, z *timeZone) D {
			return between(d, z, utcZone)
		})),
	}
}

// zoneYear is the year of ticks.
func zoneYear(ticks int64) int {
	y, _, _, _ := format.Civil(min(max(ticks, 0), maxDateTicks))
	return y
}
