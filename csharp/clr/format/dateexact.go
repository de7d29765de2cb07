package format

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Styles of dates, as System.Globalization.DateTimeStyles.
const (
	DateLeadingWhite  = 1
	DateTrailingWhite = 2
	DateInnerWhite    = 4
)

// exact reads a date by a format.
type exact struct {
	s      string
	inner  bool
	p      Parsed
	year   int
	month  int
	day    int
	hour   int
	minute int
	second int
	ticks  int64
	half   string
	twelve bool
	week   int
	seen   map[byte]int
}

// ParseDateExact reads s as the format has it. styles are those of DateTimeStyles; where the format has no date, the date is today's.
func ParseDateExact(s, format string, styles int, today int64) (p Parsed, why Failure) {
	if styles&DateLeadingWhite != 0 {
		s = strings.TrimLeft(s, unicodeWhite)
	}
	if styles&DateTrailingWhite != 0 {
		s = strings.TrimRight(s, unicodeWhite)
	}
	if len(format) == 1 {
		letter := format[0]
		var ok bool
		if format, ok = expand(letter, &Moment{}); !ok {
			return p, NotADate
		}
		if letter == 'r' || letter == 'R' || letter == 'u' || letter == 'U' {
			p.Zone = 1
		}
	}
	e := exact{s: s, inner: styles&DateInnerWhite != 0, p: p, year: -1, month: -1, day: -1, week: -1, seen: map[byte]int{}}
	for i := 0; i < len(format); {
		n, ok := e.token(format, i)
		if !ok {
			return p, NotADate
		}
		i += n
	}
	if e.s != "" {
		return p, NotADate
	}
	return e.finish(today, styles&8 != 0)
}

func (e *exact) token(format string, i int) (int, bool) {
	c, n := format[i], run(format, i)
	if e.inner {
		e.s = strings.TrimLeft(e.s, unicodeWhite)
	}
	switch c {
	case 'd', 'M':
		return n, e.dateField(c, n)
	case 'y':
		return n, e.yearField(n)
	case 'h', 'H', 'm', 's':
		return n, e.clockField(c, n)
	case 'f', 'F':
		return n, n <= 7 && e.fraction(n, c == 'F')
	case 't':
		return n, e.halfDay(n)
	case 'z':
		return n, e.offset(n)
	case 'K':
		if e.s == "" {
			return 1, true
		}
		if strings.HasPrefix(e.s, "Z") {
			e.s, e.p.Zone = e.s[1:], 1
			return 1, true
		}
		if e.s[0] == '+' || e.s[0] == '-' {
			return 1, e.offset(3)
		}
		return 1, true
	case '\'', '"':
		literal, m, ok := unquote(nil, format, i)
		return m, ok && e.literal(string(literal))
	case '%':
		if i+1 >= len(format) || format[i+1] == '%' {
			return 0, false
		}
		m, ok := e.token(format[:i+2], i+1)
		return m + 1, ok
	case '\\':
		if i+1 >= len(format) {
			return 0, false
		}
		_, size := utf8.DecodeRuneInString(format[i+1:])
		return size + 1, e.literal(format[i+1 : i+1+size])
	}
	_, size := utf8.DecodeRuneInString(format[i:])
	if e.inner && strings.Trim(format[i:i+size], unicodeWhite) == "" {
		return size, true
	}
	return size, e.literal(format[i : i+size])
}

func (e *exact) literal(text string) bool {
	rest, ok := strings.CutPrefix(e.s, text)
	e.s = rest
	return ok
}

// number reads least to most digits.
func (e *exact) number(least, most int) (int, bool) {
	n := 0
	for n < len(e.s) && n < most && e.s[n] >= '0' && e.s[n] <= '9' {
		n++
	}
	if n < least {
		return 0, false
	}
	v, _ := strconv.Atoi(e.s[:n])
	e.s = e.s[n:]
	return v, true
}

// set stores a value, which must be the same if it was given before.
func (e *exact) set(field *int, key byte, v int) bool {
	if old, ok := e.seen[key]; ok && old != v {
		return false
	}
	e.seen[key] = v
	*field = v
	return true
}

func widths(n int) (least, most int) {
	if n == 1 {
		return 1, 2
	}
	return 2, 2
}

func (e *exact) dateField(c byte, n int) bool {
	if n <= 2 {
		v, ok := e.number(widths(n))
		if c == 'd' {
			return ok && e.set(&e.day, 'd', v)
		}
		return ok && e.set(&e.month, 'M', v)
	}
	names := Months[:]
	if c == 'd' {
		names = Days[:]
	}
	for i, name := range names {
		if n == 3 {
			name = name[:3]
		}
		if len(e.s) >= len(name) && strings.EqualFold(e.s[:len(name)], name) {
			e.s = e.s[len(name):]
			if c == 'd' {
				return e.set(&e.week, 'w', i)
			}
			return e.set(&e.month, 'M', i+1)
		}
	}
	return false
}

func (e *exact) yearField(n int) bool {
	if n > 2 {
		v, ok := e.number(n, n)
		return ok && e.set(&e.year, 'y', v)
	}
	v, ok := e.number(widths(n))
	return ok && e.set(&e.year, 'y', windowYear(v, "00"))
}

func (e *exact) clockField(c byte, n int) bool {
	v, ok := e.number(widths(min(n, 2)))
	switch c {
	case 'h':
		e.twelve = true
		return ok && v >= 1 && v <= 12 && e.set(&e.hour, 'h', v)
	case 'H':
		return ok && v < 24 && e.set(&e.hour, 'h', v)
	case 'm':
		return ok && v < 60 && e.set(&e.minute, 'm', v)
	}
	return ok && v < 60 && e.set(&e.second, 's', v)
}

func (e *exact) fraction(n int, optional bool) bool {
	digits := 0
	for digits < len(e.s) && digits < n && e.s[digits] >= '0' && e.s[digits] <= '9' {
		digits++
	}
	if digits < n && !optional {
		return false
	}
	e.ticks = fractionTicks(e.s[:digits])
	e.s = e.s[digits:]
	return true
}

func (e *exact) halfDay(n int) bool {
	n = min(n, 2)
	if len(e.s) < n {
		return false
	}
	e.half = strings.ToUpper(e.s[:1]) + "M"
	ok := strings.EqualFold(e.s[:n], e.half[:n]) && (e.half == "AM" || e.half == "PM")
	e.s = e.s[n:]
	return ok
}

func (e *exact) offset(n int) bool {
	if n >= 3 && strings.HasPrefix(e.s, "Z") {
		e.s, e.p.Zone, e.p.Offset = e.s[1:], 2, 0
		return true
	}
	if e.s == "" || e.s[0] != '+' && e.s[0] != '-' {
		return false
	}
	neg := e.s[0] == '-'
	e.s = e.s[1:]
	h, ok := e.number(widths(min(n, 2)))
	minutes := 0
	if ok && n > 2 {
		e.literal(":")
		minutes, ok = e.number(2, 2)
	}
	if !ok || minutes > 59 || h*60+minutes > 14*60 {
		return false
	}
	e.p.Zone, e.p.Offset = 2, int64(h*60+minutes)*TicksPerMinute
	if neg {
		e.p.Offset = -e.p.Offset
	}
	return true
}

func (e *exact) finish(today int64, noDefault bool) (Parsed, Failure) {
	hour := e.hour
	if e.twelve || e.half != "" {
		half := e.half
		if half == "" {
			half = "AM"
		}
		var ok bool
		if hour, ok = twentyFour(hour, half); !ok {
			if hour = e.hour; e.twelve {
				return e.p, NotADate
			}
		}
	}
	date := today
	if e.year >= 0 || e.month >= 0 || e.day >= 0 {
		year, _, _, _ := Civil(today)
		if e.year >= 0 {
			year = e.year
		}
		var ok bool
		if date, ok = DateTicks(year, max(e.month, 1)*sel(e.month != 0), max(e.day, 1)*sel(e.day != 0)); !ok {
			return e.p, NotADate
		}
	} else if noDefault {
		date = 0
	}
	if e.week >= 0 && Weekday(date) != e.week {
		return e.p, BadWeekday
	}
	p := e.p
	p.Ticks = date + int64(hour)*TicksPerHour + int64(e.minute)*TicksPerMinute + int64(e.second)*TicksPerSecond + e.ticks
	if u := p.Ticks - p.Offset; p.Ticks > MaxDate || u < 0 || u > MaxDate {
		return p, NotADate
	}
	return p, NoFailure
}

// sel is 1 for true, 0 for false: a zero that was written is no month or day.
func sel(b bool) int {
	if b {
		return 1
	}
	return 0
}
