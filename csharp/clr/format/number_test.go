package format

import (
	"math"
	"testing"

	"github.com/postern-gateway/postern/csharp/decimal"
)

func TestNumbers(t *testing.T) {
	dec := func(s string) decimal.Decimal {
		d, _, _ := decimal.Parse(s)
		return d
	}
	cases := []struct {
		name   string
		value  any
		format string
		want   string
	}{
		{"general", 1234.5, "", "1234.5"},
		{"general large", 1e17, "", "1E+17"},
		{"general as long as a double is exact", 1e16, "", "10000000000000000"},
		{"general small", 0.0001, "", "0.0001"},
		{"general smaller", 0.00001, "", "1E-05"},
		{"negative zero", math.Copysign(0, -1), "", "-0"},
		{"round trip", 0.30000000000000004, "R", "0.30000000000000004"},
		{"three digits", 1.0 / 3, "G3", "0.333"},
		{"integer to three digits", int64(32767), "G3", "3.28E+04"},
		{"half to even by exact value", 2.5, "F0", "2"},
		{"half up of a decimal", dec("2.5"), "F0", "3"},
		{"grouped", 1234567.891, "N2", "1,234,567.89"},
		{"exponent", 12345.6789, "E2", "1.23E+004"},
		{"percent", 0.12345, "P1", "12.3%"},
		{"currency", int64(-13), "C0", "($13)"},
		{"hexadecimal", int64(-1), "x", "ffffffff"},
		{"binary", int64(10), "B8", "00001010"},
		{"padded", int64(-42), "D5", "-00042"},
		{"decimal keeps its scale", dec("0.10"), "", "0.10"},
		{"sections", -1234.567, "#,##0.00;(#,##0.00);zero", "(1,234.57)"},
		{"section of zero after rounding", 0.001, "#,##0.00;(#,##0.00);zero", "zero"},
		{"custom rounding", 2.5, "0", "3"},
		{"custom negative zero", -0.4, "0", "-0"},
		{"scaling commas", int64(1234567890), "#,##0,,.00M", "1,234.57M"},
		{"per mille", 0.086, "0.0‰", "86.0‰"},
		{"quoted", 12.5, "'<'0.00'>'", "<12.50>"},
		{"escaped", int64(5), `\#0`, "#5"},
		{"scientific", 123.45, "0.###E+00", "1.235E+02"},
		{"not scientific", 0.1, "0.00e-0", "1.00e-1"},
		{"infinity", math.Inf(1), "#", "∞"},
		{"float", float32(0.1), "R", "0.1"},
		{"float by seven digits", float32(1e20), "0,,", "100000000000000"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got string
			var ok bool
			switch v := c.value.(type) {
			case float64:
				got, ok = Float64(v, c.format)
			case float32:
				got, ok = Float32(v, c.format)
			case int64:
				got, ok = Int(v, 4, c.format)
				if v > math.MaxInt32 {
					got, ok = Int(v, 8, c.format)
				}
			case decimal.Decimal:
				got, ok = Dec(v, c.format)
			}
			if !ok || got != c.want {
				t.Errorf("%v as %q: got %q, %v; want %q", c.value, c.format, got, ok, c.want)
			}
		})
	}
}

func TestBadNumberFormats(t *testing.T) {
	if s, ok := Float64(2.5, "D"); ok {
		t.Errorf("D of a double: %q", s)
	}
	if s, ok := Int(1, 4, "F9999999999"); ok {
		t.Errorf("a precision of ten digits: %q", s)
	}
}

func TestParseNumbers(t *testing.T) {
	for s, want := range map[string]float64{"1,234.5": 1234.5, " -.5 ": -0.5, "5.": 5, "1E-2": 0.01, "1,2,3": 123, "∞": math.Inf(1), "4.9e-324": 5e-324} {
		if f, status := ParseFloat(s, FloatStyle|Thousands, 64); status != OK || f != want {
			t.Errorf("%q: got %v, %v; want %v", s, f, status, want)
		}
	}
	for _, s := range []string{"", " ", "1,000", "1.0", "1e3", "(5)", "0x1F", "- 5", "5-", "+-5", "٣", "−5", "5 5", "1_000", "--5"} {
		if n, status := ParseInt(s, IntegerStyle, 4, true); status != Bad {
			t.Errorf("%q: got %v, %v", s, n, status)
		}
	}
	for s, want := range map[string]Status{"2147483647": OK, "2147483648": Overflow, "-2147483648": OK, "-2147483649": Overflow, "99999999999999999999999": Overflow} {
		if _, status := ParseInt(s, IntegerStyle, 4, true); status != want {
			t.Errorf("%q: got %v, want %v", s, status, want)
		}
	}
}

func TestTimes(t *testing.T) {
	ticks, _ := DateTicks(2024, 2, 9)
	m := Moment{Ticks: ticks + 15*TicksPerHour + 4*TicksPerMinute + 5*TicksPerSecond, Kind: 1}
	for format, want := range map[string]string{"": "2/9/2024 3:04:05 PM", "o": "2024-02-09T15:04:05.0000000Z", "r": "Fri, 09 Feb 2024 15:04:05 GMT", "%h": "3",
		"D": "Friday, February 9, 2024", "ss.FFF": "05", "tt t": "PM P", "dddd 'of' MMMM": "Friday of February", `\y yyy`: "y 2024"} {
		if got, message := Date(m, format); got != want || message != "" {
			t.Errorf("%q: got %q %s, want %q", format, got, message, want)
		}
	}
	for _, format := range []string{"%", "yyyy'", `d\`, "ffffffff", "%%d", "h%", "K", "q"} {
		if got, message := Date(m, format); message == "" {
			t.Errorf("%q: got %q", format, got)
		}
	}
}

func TestParseDates(t *testing.T) {
	day, _ := DateTicks(2026, 11, 25)
	for s, want := range map[string]string{"2024-02-29T13:14:15.123456789": "2024-02-29T13:14:15.1234568", "Thu, 29 Feb 2024 13:14:15 GMT": "2024-02-29T13:14:15.0000000",
		"2024-02": "2024-02-01T00:00:00.0000000", "March 5, 2021": "2021-03-05T00:00:00.0000000", "10:20": "2026-11-25T10:20:00.0000000", "1/2/50": "1950-01-02T00:00:00.0000000",
		"2024-2-9 1:2:3 PM": "2024-02-09T13:02:03.0000000", "2024.02.29": "2024-02-29T00:00:00.0000000", "2024-02-29 1:14 PM -08:00": "2024-02-29T13:14:00.0000000"} {
		p, why := ParseDate(s, day)
		got, _ := Date(Moment{Ticks: p.Ticks}, "o")
		if why != NoFailure || got != want {
			t.Errorf("%q: got %v %v, want %v", s, got, why, want)
		}
	}
	for s, want := range map[string]Failure{"": NotADate, "20240229": NotADate, "2024-02-30": NotADate, "2024-02-30T00:00:00Z": NotInCalendar, "25:00": NotADate,
		"2024-01-01T10:00:00+15:00": BadOffset, "yesterday": NotADate, "Fri, 29 Feb 2024": BadWeekday, "2024-02-29T24:00:00": NotADate, "99999-01-01": NotADate} {
		if p, why := ParseDate(s, day); why != want {
			t.Errorf("%q: got %v (%v), want %v", s, why, p, want)
		}
	}
}

func TestSpans(t *testing.T) {
	for s, want := range map[string]int64{"1.02:03:04": ((26*60+3)*60 + 4) * TicksPerSecond, "24:00:00": 24 * TicksPerDay, "-0:0:0.5": -TicksPerSecond / 2, "7": 7 * TicksPerDay, "1:2:3:4.5": ((26*60+3)*60+4)*TicksPerSecond + 5_000_000} {
		if n, status := ParseSpan(s); status != OK || n != want {
			t.Errorf("%q: got %v %v, want %v", s, n, status, want)
		}
	}
	for s, want := range map[string]Status{"": Bad, "x": Bad, "24:00": Overflow, "1:60": Overflow, "1.5": Bad, "1:2:": Bad} {
		if n, status := ParseSpan(s); status != want {
			t.Errorf("%q: got %v %v, want %v", s, n, status, want)
		}
	}
}
