package format

import (
	"testing"
	"unicode/utf8"
)

// FuzzTexts reads and formats anything by any format: nothing may panic, and what is read as a date is one.
func FuzzTexts(f *testing.F) {
	for _, seed := range [][2]string{{"2024-02-29T13:14:15.123+02:00", "yyyy-MM-dd'T'HH:mm:ss.fffzzz"}, {"Thu, 29 Feb 2024 13:14:15 GMT", "r"}, {"1.02:03:04.5", `d\.hh\:mm\:ss\.f`},
		{"-1,234.5e-3", "#,##0.00;(0.0#);'zero'"}, {"5:06 PM", "h:mm tt"}, {"", ""}, {"٣", "%"}, {"99999999999999999999", "0.###E+00"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, s, format string) {
		if len(format) > 64 || !utf8.ValidString(format) {
			return
		}
		if _, precision, _ := specifier(format); precision > 1000 {
			return
		}
		for _, today := range []int64{0, MaxDate / TicksPerDay * TicksPerDay} {
			if p, why := ParseDate(s, today); why == NoFailure && (p.Ticks < 0 || p.Ticks > MaxDate) {
				t.Errorf("%q: %v", s, p)
			}
			if p, why := ParseDateExact(s, format, 7, today); why == NoFailure && (p.Ticks < 0 || p.Ticks > MaxDate) {
				t.Errorf("%q by %q: %v", s, format, p)
			}
			Date(Moment{Ticks: today, Kind: 2}, format)
			Date(Moment{Ticks: today, HasOffset: true, Offset: -TicksPerHour}, format)
		}
		UnknownWord(s)
		ParseSpan(s)
		ParseSpanExact(s, format)
		Span(-1<<63, format)
		if x, status := ParseFloat(s, FloatStyle|Thousands|Parentheses|CurrencySymbol, 64); status == OK {
			Float64(x, format)
			Float32(float32(x), format)
		}
		if d, status := ParseDec(s, NumberStyle|Exponent); status == OK {
			Dec(d, format)
		}
		if n, status := ParseInt(s, NumberStyle|Exponent, 8, true); status == OK {
			Int(n, 8, format)
			Uint(uint64(n), format)
		}
		ParseInt(s, HexSpecifier|LeadingWhite, 4, true)
	})
}
