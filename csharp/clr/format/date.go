package format

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Ticks of 100 ns.
const (
	TicksPerMillisecond = 10_000
	TicksPerSecond      = 10_000_000
	TicksPerMinute      = 60 * TicksPerSecond
	TicksPerHour        = 60 * TicksPerMinute
	TicksPerDay         = 24 * TicksPerHour
	// MaxDate is DateTime.MaxValue.Ticks.
	MaxDate = 3155378975999999999
)

// Moment is a DateTime or DateTimeOffset as it is to be written: the clock's ticks since 0001-01-01.
type Moment struct {
	Ticks int64
	// Kind is that of a DateTime: 0 unspecified, 1 UTC, 2 local.
	Kind int
	// HasOffset tells a DateTimeOffset, whose offset is Offset ticks.
	HasOffset bool
	Offset    int64
}

// Month and day names of US English.
var (
	Months = [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	Days   = [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

var daysBefore = [13]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

// IsLeap reports whether a year has 366 days.
func IsLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysIn is the number of days of a month (1–12).
func DaysIn(year, month int) int {
	n := daysBefore[month] - daysBefore[month-1]
	if month == 2 && IsLeap(year) {
		n++
	}
	return n
}

// DateTicks are the ticks at the beginning of a day; ok is false where there is no such day in the years 1 to 9999.
func DateTicks(year, month, day int) (ticks int64, ok bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > DaysIn(year, month) {
		return 0, false
	}
	y := year - 1
	days := y*365 + y/4 - y/100 + y/400 + daysBefore[month-1] + day - 1
	if month > 2 && IsLeap(year) {
		days++
	}
	return int64(days) * TicksPerDay, true
}

// Civil is the date that ticks stand for, and the day of the year from 1.
func Civil(ticks int64) (year, month, day, yearDay int) {
	t := time.Unix(ticks/TicksPerSecond-62135596800, 0).UTC()
	y, m, d := t.Date()
	return y, int(m), d, t.YearDay()
}

// Weekday is 0 for Sunday.
func Weekday(ticks int64) int { return int((ticks/TicksPerDay + 1) % 7) }

// BadFormat is the message of a format string that is no good.
const BadFormat = "Input string was not in a correct format."

// expand is the custom format that a standard letter stands for.
func expand(letter byte, m *Moment) (string, bool) {
	switch letter {
	case 'd':
		return "M/d/yyyy", true
	case 'D':
		return "dddd, MMMM d, yyyy", true
	case 'f':
		return "dddd, MMMM d, yyyy h:mm tt", true
	case 'F':
		return "dddd, MMMM d, yyyy h:mm:ss tt", true
	case 'g':
		return "M/d/yyyy h:mm tt", true
	case 'G':
		return "M/d/yyyy h:mm:ss tt", true
	case 'm', 'M':
		return "MMMM d", true
	case 'o', 'O':
		return "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK", true
	case 'r', 'R':
		m.toUniversal()
		return "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'", true
	case 's':
		return "yyyy'-'MM'-'dd'T'HH':'mm':'ss", true
	case 't':
		return "h:mm tt", true
	case 'T':
		return "h:mm:ss tt", true
	case 'u':
		m.toUniversal()
		return "yyyy'-'MM'-'dd HH':'mm':'ss'Z'", true
	case 'U':
		if m.HasOffset {
			return "", false
		}
		return "dddd, MMMM d, yyyy h:mm:ss tt", true
	case 'y', 'Y':
		return "MMMM yyyy", true
	}
	return "", false
}

// toUniversal turns the clock of a DateTimeOffset to UTC; local time of a DateTime is UTC.
func (m *Moment) toUniversal() {
	if m.HasOffset {
		m.Ticks, m.Offset = m.Ticks-m.Offset, 0
	}
}

// Date writes a moment by a standard or custom format, the empty one meaning the general one. message tells what is wrong with the format.
func Date(m Moment, format string) (text, message string) {
	if format == "" {
		format = "G"
		if m.HasOffset {
			format = "M/d/yyyy h:mm:ss tt zzz"
		}
	}
	if len(format) == 1 {
		var ok bool
		if format, ok = expand(format[0], &m); !ok {
			return "", BadFormat
		}
	}
	w := dateWriter{m: m}
	w.year, w.month, w.day, _ = Civil(m.Ticks)
	return w.write(format)
}

type dateWriter struct {
	m                Moment
	year, month, day int
	b                []byte
}

// run is the number of times that the byte at i stands there.
func run(s string, i int) int {
	n := 1
	for i+n < len(s) && s[i+n] == s[i] {
		n++
	}
	return n
}

func (w *dateWriter) write(format string) (text, message string) {
	for i := 0; i < len(format); {
		n, message := w.token(format, i)
		if message != "" {
			return "", message
		}
		i += n
	}
	return string(w.b), ""
}

// token writes what the format has at i and tells its length.
func (w *dateWriter) token(format string, i int) (n int, message string) {
	c := format[i]
	n = run(format, i)
	switch c {
	case 'd', 'M', 'y', 'h', 'H', 'm', 's':
		w.field(c, n)
	case 'f', 'F':
		if n > 7 {
			return 0, BadFormat
		}
		w.fraction(n, c == 'F')
	case 't':
		half := "AM"
		if w.m.Ticks%TicksPerDay >= 12*TicksPerHour {
			half = "PM"
		}
		w.b = append(w.b, half[:min(n, 2)]...)
	case 'g':
		w.b = append(w.b, "A.D."...)
	case 'z':
		w.offset(n)
	case 'K':
		w.zone()
		n = 1
	case '\'', '"':
		return w.quoted(format, i)
	case '%':
		if i+1 >= len(format) || format[i+1] == '%' {
			return 0, BadFormat
		}
		m, message := w.token(format[i+1:min(len(format), i+2)], 0)
		if format[i+1] == '\'' || format[i+1] == '"' || format[i+1] == '\\' {
			m, message = w.token(format, i+1)
		}
		return m + 1, message
	case '\\':
		if i+1 >= len(format) {
			return 0, BadFormat
		}
		_, size := utf8.DecodeRuneInString(format[i+1:])
		w.b = append(w.b, format[i+1:i+1+size]...)
		n = size + 1
	default:
		w.b = append(w.b, c)
		n = 1
	}
	return n, ""
}

func (w *dateWriter) field(c byte, n int) {
	clock := w.m.Ticks % TicksPerDay
	switch c {
	case 'd':
		switch {
		case n == 3:
			w.b = append(w.b, Days[Weekday(w.m.Ticks)][:3]...)
		case n > 3:
			w.b = append(w.b, Days[Weekday(w.m.Ticks)]...)
		default:
			w.digits(w.day, n)
		}
	case 'M':
		switch {
		case n == 3:
			w.b = append(w.b, Months[w.month-1][:3]...)
		case n > 3:
			w.b = append(w.b, Months[w.month-1]...)
		default:
			w.digits(w.month, n)
		}
	case 'y':
		if n <= 2 {
			w.digits(w.year%100, n)
		} else {
			w.digits(w.year, n)
		}
	case 'H':
		w.digits(int(clock/TicksPerHour), min(n, 2))
	case 'h':
		h := int(clock/TicksPerHour) % 12
		if h == 0 {
			h = 12
		}
		w.digits(h, min(n, 2))
	case 'm':
		w.digits(int(clock/TicksPerMinute%60), min(n, 2))
	case 's':
		w.digits(int(clock/TicksPerSecond%60), min(n, 2))
	}
}

func (w *dateWriter) digits(v, width int) { w.b = appendDigits(w.b, v, width) }

func appendDigits(b []byte, v, width int) []byte {
	s := strconv.Itoa(v)
	for n := width - len(s); n > 0; n-- {
		b = append(b, '0')
	}
	return append(b, s...)
}

// fraction writes n digits of a second; trim leaves zeros at the end away, and a point before them too.
func (w *dateWriter) fraction(n int, trim bool) {
	w.b = appendFraction(w.b, w.m.Ticks%TicksPerSecond, n, trim)
}

func appendFraction(b []byte, ticks int64, n int, trim bool) []byte {
	s := string(appendDigits(nil, int(ticks), 7))[:n]
	if !trim {
		return append(b, s...)
	}
	s = strings.TrimRight(s, "0")
	if s == "" && len(b) > 0 && b[len(b)-1] == '.' {
		return b[:len(b)-1]
	}
	return append(b, s...)
}

func (w *dateWriter) offset(n int) {
	minutes := int(w.m.Offset / TicksPerMinute)
	sign := byte('+')
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	w.b = append(w.b, sign)
	w.digits(minutes/60, min(n, 2))
	if n > 2 {
		w.b = append(w.b, ':')
		w.digits(minutes%60, 2)
	}
}

func (w *dateWriter) zone() {
	switch {
	case w.m.HasOffset, w.m.Kind == 2:
		w.offset(3)
	case w.m.Kind == 1:
		w.b = append(w.b, 'Z')
	}
}

// quoted copies a quoted text, in which a backslash escapes.
func (w *dateWriter) quoted(format string, i int) (n int, message string) {
	b, n, ok := unquote(w.b, format, i)
	if !ok {
		return 0, "Cannot find a matching quote character for the character '" + format[i:i+1] + "'."
	}
	w.b = b
	return n, ""
}

// unquote appends the quoted text at i to b and tells how long it is with its quotes.
func unquote(b []byte, format string, i int) (out []byte, n int, ok bool) {
	quote := format[i]
	for j := i + 1; j < len(format); j++ {
		switch c := format[j]; {
		case c == quote:
			return b, j + 1 - i, true
		case c == '\\':
			if j++; j >= len(format) {
				return b, 0, false
			}
			b = append(b, format[j])
		default:
			b = append(b, c)
		}
	}
	return b, 0, false
}
