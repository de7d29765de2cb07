package clr

import (
	"math"
	"strings"

	"github.com/postern-gateway/postern/csharp/clr/format"
	"github.com/postern-gateway/postern/csharp/types"
)

// DateTimeStyles.
const (
	adjustToUniversal = 16
	assumeLocal       = 32
	assumeUniversal   = 64
	roundtripKind     = 128
)

// today are the ticks of the present day.
func today(t *types.Thread) int64 { return ticksOf(clockDate(t, 1)) / ticksPerDay * ticksPerDay }

// throwBadDate raises the FormatException of a text that is no date.
func throwBadDate(s string, why format.Failure) {
	switch why {
	case format.NotInCalendar:
		types.Throw(types.FormatException, "The DateTime represented by the string '"+s+"' is not supported in calendar 'System.Globalization.GregorianCalendar'.")
	case format.BadWeekday:
		types.Throw(types.FormatException, "String '"+s+"' was not recognized as a valid DateTime because the day of week was incorrect.")
	case format.BadOffset:
		types.Throw(types.FormatException, "The time zone offset of string '"+s+"' must be within plus or minus 14 hours.")
	case format.NotADate:
		types.Throw(types.FormatException, "String '"+s+"' was not recognized as a valid DateTime.")
	}
}

// throwUnparsed raises the FormatException of a text that Parse cannot read; a word that no date has is told with its place.
func throwUnparsed(s string, why format.Failure) {
	if why == format.NotADate {
		if i, ok := format.UnknownWord(s); ok {
			types.Throw(types.FormatException, "The string '"+s+"' was not recognized as a valid DateTime. There is an unknown word starting at index '"+itoa(i)+"'.")
		}
	}
	throwBadDate(s, why)
}

// parsedDate is the DateTime of what was read: with a zone it is local time, which is UTC, unless the styles say otherwise.
func parsedDate(p format.Parsed, styles int) types.DateTime {
	if p.Zone == 0 {
		switch {
		case styles&assumeUniversal != 0 && styles&adjustToUniversal != 0:
			return dateOf(p.Ticks, 1)
		case styles&assumeLocal != 0 && styles&adjustToUniversal != 0:
			return dateOf(p.Ticks, 1)
		case styles&(assumeLocal|assumeUniversal) != 0:
			return dateOf(p.Ticks, 2)
		}
		return dateOf(p.Ticks, 0)
	}
	ticks := p.Ticks - p.Offset
	if styles&adjustToUniversal != 0 || styles&roundtripKind != 0 && p.Zone == 1 {
		return dateOf(ticks, 1)
	}
	return dateOf(ticks, 2)
}

func tryParseDate(t *types.Thread, s string, styles int) (types.DateTime, format.Failure) {
	p, why := format.ParseDate(s, today(t))
	if why != format.NoFailure {
		return 0, why
	}
	return parsedDate(p, styles), why
}

// parseDateAt is DateTime.Parse; texts without a date get the day of the thread's clock.
func parseDateAt(t *types.Thread, s *types.String, styles int) types.DateTime {
	if s == nil {
		types.ThrowNull("s")
	}
	d, why := tryParseDate(t, s.Go(), styles)
	throwUnparsed(s.Go(), why)
	return d
}

// exactFormats are the formats of an argument that is a string or a string[].
func exactFormats(v types.Value, param string) []string {
	switch x := v.Ref.(type) {
	case *types.String:
		return []string{x.Go()}
	case *types.Array:
		var out []string
		for _, i := range x.Items {
			out = append(out, goString(i.Str()))
		}
		if len(out) == 0 {
			types.Throw(types.FormatException, "The collection of formats is empty.")
		}
		return out
	}
	types.ThrowNull(param)
	return nil
}

// parseExact reads s by the first format that fits.
func parseExact(t *types.Thread, s string, formats []string, styles int) (p format.Parsed, why format.Failure) {
	why = format.NotADate
	for _, f := range formats {
		t.Step(1)
		if f == "" {
			continue
		}
		if p, why = format.ParseDateExact(s, f, styles, today(t)); why == format.NoFailure {
			return p, why
		}
	}
	return p, why
}

func dateParsing() []types.MemberDecl {
	type V = types.Value
	parse := func(styles int) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V {
			return types.Uint(uint64(parseDateAt(t, x[0].Str(), styleAt(x, styles))))
		})
	}
	try := func(styles, out int) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V {
			var d types.DateTime
			ok := false
			if s := x[0].Str(); s != nil {
				var why format.Failure
				d, why = tryParseDate(t, s.Go(), styleAt(x, styles))
				ok = why == format.NoFailure
			}
			setOut(x[out], types.Uint(uint64(d)))
			return types.Bool(ok)
		})
	}
	exact := func(styles int) types.Impl {
		return types.Raw(func(t *types.Thread, _ V, x []V) V {
			s := notNull("s")(x[0].Str())
			formats := exactFormats(x[1], "format")
			if formats[0] == "" {
				throwBadSpecifier()
			}
			p, why := parseExact(t, s.Go(), formats, styleAt(x, styles))
			throwBadDate(s.Go(), why)
			return types.Uint(uint64(exactDate(p, formats, styleAt(x, styles))))
		})
	}
	tryExact := types.Raw(func(t *types.Thread, _ V, x []V) V {
		setOut(x[4], types.Uint(0))
		s := x[0].Str()
		if s == nil || x[1].Ref == nil {
			return types.Bool(false)
		}
		formats := exactFormats(x[1], "format")
		p, why := parseExact(t, s.Go(), formats, styleAt(x, 3))
		if why != format.NoFailure {
			return types.Bool(false)
		}
		setOut(x[4], types.Uint(uint64(exactDate(p, formats, styleAt(x, 3)))))
		return types.Bool(true)
	})
	const result, provider, styles = "System.DateTime ", ", System.IFormatProvider provider", ", System.Globalization.DateTimeStyles style"
	return []types.MemberDecl{
		types.M("static "+result+"Parse(string s)", parse(0)),
		types.M("static "+result+"Parse(string s"+provider+")", parse(0)),
		types.M("static "+result+"Parse(string s"+provider+styles+"s)", parse(2)),
		types.M("static bool TryParse(string s, out System.DateTime result)", try(0, 1)),
		types.M("static bool TryParse(string s"+provider+", out System.DateTime result)", try(0, 2)),
		types.M("static bool TryParse(string s"+provider+styles+"s, out System.DateTime result)", try(2, 3)),
		types.M("static "+result+"ParseExact(string s, string format"+provider+")", exact(0)),
		types.M("static "+result+"ParseExact(string s, string format"+provider+styles+")", exact(3)),
		types.M("static "+result+"ParseExact(string s, string[] formats"+provider+styles+")", exact(3)),
		types.M("static bool TryParseExact(string s, string format"+provider+styles+", out System.DateTime result)", tryExact),
		types.M("static bool TryParseExact(string s, string[] formats"+provider+styles+", out System.DateTime result)", tryExact),
	}
}

// styleAt is the styles argument at an index; 0 means that there is none.
func styleAt(x []types.Value, i int) int {
	if i == 0 {
		return 0
	}
	return int(x[i].Int32())
}

// exactDate is the date that ParseExact gives: the 'Z' or 'GMT' of the formats r and u says nothing of the kind.
func exactDate(p format.Parsed, formats []string, styles int) types.DateTime {
	if len(formats) == 1 && (strings.EqualFold(formats[0], "r") || formats[0] == "u") {
		p.Zone = 0
	}
	return parsedDate(p, styles)
}

func dateConversions() []types.MemberDecl {
	type D = types.DateTime
	local := func(kind uint64) types.Impl {
		return types.I0(func(d D) D { return dateOf(ticksOf(d), kind) })
	}
	const fileEpoch = 504911232000000000
	toFile := types.I0(func(d D) int64 {
		if ticksOf(d) < fileEpoch {
			types.Throw(types.ArgumentOutOfRangeException, "Not a valid Win32 FileTime.")
		}
		return ticksOf(d) - fileEpoch
	})
	fromFile := func(kind uint64) types.Impl {
		return types.S1(func(n int64) D {
			if n < 0 || n > maxDateTicks-fileEpoch {
				throwRange("Not a valid Win32 FileTime.", "fileTime")
			}
			return dateOf(n+fileEpoch, kind)
		})
	}
	return []types.MemberDecl{
		types.M("System.DateTime ToLocalTime()", local(2)),
		types.M("System.DateTime ToUniversalTime()", local(1)),
		types.M("static System.DateTime SpecifyKind(System.DateTime value, System.DateTimeKind kind)", types.S2(func(d D, k int32) D { return dateOf(ticksOf(d), checkKind(uint64(uint32(k)))) })),
		types.M("long ToFileTime()", toFile), types.M("long ToFileTimeUtc()", toFile),
		types.M("static System.DateTime FromFileTime(long fileTime)", fromFile(2)),
		types.M("static System.DateTime FromFileTimeUtc(long fileTime)", fromFile(1)),
		types.M("long ToBinary()", types.I0(func(d D) int64 { return int64(d) })),
		types.M("static System.DateTime FromBinary(long dateData)", types.S1(func(n int64) D {
			kind := uint64(n) >> 62
			if kind == 3 {
				kind = 2
			}
			if n&ticksMask > maxDateTicks {
				types.ThrowArgument(types.ArgumentException, "The binary data must result in a DateTime with ticks between DateTime.MinValue.Ticks and DateTime.MaxValue.Ticks.", "dateData")
			}
			return dateOf(n&ticksMask, kind)
		})),
		types.M("double ToOADate()", types.I0(toOADate)),
		types.M("static System.DateTime FromOADate(double d)", types.S1(fromOADate)),
	}
}

const oaEpoch = 599264352000000000 // 1899-12-30

func toOADate(d types.DateTime) float64 {
	ticks := ticksOf(d)
	if ticks == 0 {
		return 0
	}
	if ticks < ticksPerDay {
		ticks += oaEpoch
	}
	if ticks < 31241376000000000 {
		types.Throw(types.OverflowException, "Not a legal OleAut date.")
	}
	millis := (ticks - oaEpoch) / ticksPerMillisecond
	if millis < 0 {
		if frac := millis % 86400000; frac != 0 {
			millis -= (86400000 + frac) * 2
		}
	}
	return float64(millis) / 86400000
}

func fromOADate(f float64) types.DateTime {
	if !(f < 2958466 && f > -657435) {
		types.Throw(types.ArgumentException, "Not a legal OleAut date.")
	}
	millis := int64(f*86400000 + math.Copysign(0.5, f))
	if millis < 0 {
		millis -= millis % 86400000 * 2
	}
	return dateOf(millis*ticksPerMillisecond+oaEpoch, 0)
}

func dateTexts() []types.MemberDecl {
	type D = types.DateTime
	text := func(name, spec string) types.MemberDecl {
		return types.M("string "+name+"()", types.I0(func(d D) *types.String { return types.NewString(formatDateTime(d, spec)) }))
	}
	forms := func(spec string, d D) *types.Array {
		var out []*types.String
		for _, f := range dateFormats {
			if spec == "" || f[:1] == spec {
				out = append(out, types.NewString(formatDateTime(d, f[1:])))
			}
		}
		if out == nil {
			types.Throw(types.FormatException, format.BadFormat)
		}
		return newStrings(out)
	}
	return []types.MemberDecl{
		text("ToShortDateString", "d"), text("ToLongDateString", "D"), text("ToShortTimeString", "t"), text("ToLongTimeString", "T"),
		types.M("string[] GetDateTimeFormats()", types.I0(func(d D) *types.Array { return forms("", d) })),
		types.M("string[] GetDateTimeFormats(System.IFormatProvider provider)", types.I1(func(d D, _ any) *types.Array { return forms("", d) })),
		types.M("string[] GetDateTimeFormats(char format)", types.I1(func(d D, c types.Char) *types.Array { return forms(charString(c).Go(), d) })),
		types.M("string[] GetDateTimeFormats(char format, System.IFormatProvider provider)", types.I2(func(d D, c types.Char, _ any) *types.Array { return forms(charString(c).Go(), d) })),
	}
}

// dateFormats are the letters that GetDateTimeFormats goes through, each followed by the format.
var dateFormats = []string{"dd", "DD", "ff", "FF", "gg", "GG", "mm", "MM", "oo", "OO", "rr", "RR", "ss", "tt", "TT", "uu", "UU", "yy", "YY"}
