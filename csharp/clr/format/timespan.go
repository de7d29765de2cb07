package format

import (
	"math"
	"strconv"
	"strings"
)

// Span writes a time span of ticks by a format; ok is false for a bad format.
func Span(ticks int64, format string) (text string, ok bool) {
	neg, u := ticks < 0, uint64(ticks)
	if neg {
		u = -u
	}
	p := spanParts{days: u / TicksPerDay, hours: int(u / TicksPerHour % 24), minutes: int(u / TicksPerMinute % 60),
		seconds: int(u / TicksPerSecond % 60), fraction: int64(u % TicksPerSecond)}
	switch format {
	case "", "c", "t", "T":
		return p.constant(neg), true
	case "g", "G":
		return p.general(neg, format == "G"), true
	}
	if len(format) == 1 {
		return "", false
	}
	return p.custom(format)
}

type spanParts struct {
	days                    uint64
	hours, minutes, seconds int
	fraction                int64
}

func sign(neg bool) []byte {
	if neg {
		return []byte{'-'}
	}
	return nil
}

func (p spanParts) constant(neg bool) string {
	b := sign(neg)
	if p.days > 0 {
		b = append(strconv.AppendUint(b, p.days, 10), '.')
	}
	b = appendDigits(b, p.hours, 2)
	b = appendDigits(append(b, ':'), p.minutes, 2)
	b = appendDigits(append(b, ':'), p.seconds, 2)
	if p.fraction != 0 {
		b = appendDigits(append(b, '.'), int(p.fraction), 7)
	}
	return string(b)
}

func (p spanParts) general(neg, long bool) string {
	b := sign(neg)
	if p.days > 0 || long {
		b = append(strconv.AppendUint(b, p.days, 10), ':')
	}
	width := 1
	if long {
		width = 2
	}
	b = appendDigits(b, p.hours, width)
	b = appendDigits(append(b, ':'), p.minutes, 2)
	b = appendDigits(append(b, ':'), p.seconds, 2)
	if long || p.fraction != 0 {
		b = appendFraction(append(b, '.'), p.fraction, 7, !long)
	}
	return string(b)
}

func (p spanParts) custom(format string) (string, bool) {
	var b []byte
	for i := 0; i < len(format); {
		c, n := format[i], run(format, i)
		limit := 2
		switch c {
		case 'd':
			limit = 8
			s := strconv.FormatUint(p.days, 10)
			b = append(append(b, strings.Repeat("0", max(0, min(n, 8)-len(s)))...), s...)
		case 'h':
			b = appendDigits(b, p.hours, n)
		case 'm':
			b = appendDigits(b, p.minutes, n)
		case 's':
			b = appendDigits(b, p.seconds, n)
		case 'f', 'F':
			if limit = 7; n <= 7 {
				b = appendFraction(b, p.fraction, n, c == 'F')
			}
		case '\'', '"':
			var ok bool
			if b, n, ok = unquote(b, format, i); !ok {
				return "", false
			}
			limit = n
		case '%':
			if i+1 >= len(format) || format[i+1] == '%' {
				return "", false
			}
			s, ok := p.custom(format[i+1 : i+2])
			if !ok {
				return "", false
			}
			b, n = append(b, s...), 2
		case '\\':
			if i+1 >= len(format) {
				return "", false
			}
			b, n = append(b, format[i+1]), 2
		default:
			return "", false
		}
		if n > limit {
			return "", false
		}
		i += n
	}
	return string(b), true
}

// ParseSpan reads a time span: [-]d, [-][d.]h:m[:s[.f]] or [-]d:h:m:s[.f].
func ParseSpan(s string) (ticks int64, status Status) {
	s = strings.Trim(s, unicodeWhite)
	s, neg := strings.CutPrefix(s, "-")
	var nums []int64
	var seps []byte
	fraction, digits := int64(0), -1
	for i := 0; ; {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if i == start {
			return 0, Bad
		}
		n, err := strconv.ParseInt(s[start:i], 10, 64)
		if err != nil {
			n = math.MaxInt32
		}
		nums = append(nums, n)
		if len(nums) > 1 && seps[len(seps)-1] == '.' && i == len(s) && len(nums) > 2 {
			digits, fraction = i-start, n
			nums, seps = nums[:len(nums)-1], seps[:len(seps)-1]
		}
		if i == len(s) {
			break
		}
		if s[i] != ':' && s[i] != '.' {
			return 0, Bad
		}
		seps = append(seps, s[i])
		i++
	}
	if digits > 7 {
		return 0, Overflow
	}
	for ; digits >= 0 && digits < 7; digits++ {
		fraction *= 10
	}
	return spanOf(nums, string(seps), fraction, neg, digits >= 0)
}

func spanOf(nums []int64, seps string, fraction int64, neg, hasFraction bool) (int64, Status) {
	fits := func(h, m, s int64) bool { return h < 24 && m < 60 && s < 60 }
	var d, h, m, s int64
	switch {
	case seps == "" && !hasFraction:
		d = nums[0]
	case seps == ":" && !hasFraction:
		h, m = nums[0], nums[1]
	case seps == "::":
		h, m, s = nums[0], nums[1], nums[2]
		if !fits(h, m, s) && !hasFraction && fits(nums[1], nums[2], 0) {
			d, h, m, s = nums[0], nums[1], nums[2], 0
		}
	case seps == ".:" && !hasFraction:
		d, h, m = nums[0], nums[1], nums[2]
	case seps == ".::" || seps == ":::":
		d, h, m, s = nums[0], nums[1], nums[2], nums[3]
	default:
		return 0, Bad
	}
	if !fits(h, m, s) || d > 10675199 {
		return 0, Overflow
	}
	seconds := ((d*24+h)*60+m)*60 + s
	total := uint64(seconds)*TicksPerSecond + uint64(fraction)
	switch {
	case neg && total <= 1<<63:
		return -int64(total), OK
	case !neg && total < 1<<63:
		return int64(total), OK
	}
	return 0, Overflow
}

// ParseSpanExact reads a time span by a format; Malformed means that the text does not have the format's parts, or the format is none.
func ParseSpanExact(s, format string) (ticks int64, status Status) {
	switch format {
	case "c", "t", "T", "g", "G":
		ticks, status := ParseSpan(s)
		colons := strings.Count(s, ":")
		if format == "G" && colons != 3 || format != "g" && format != "G" && colons != 2 {
			return 0, Bad
		}
		return ticks, status
	}
	if len(format) == 1 {
		return 0, Malformed
	}
	e := spanReader{s: s}
	for i := 0; i < len(format); {
		n, ok := e.token(format, i)
		if !ok {
			return 0, Malformed
		}
		i += n
	}
	switch {
	case e.s != "":
		return 0, Bad
	case e.days > 10675199 || e.hours > 23 || e.minutes > 59 || e.seconds > 59:
		return 0, Overflow
	}
	seconds := ((e.days*24+e.hours)*60+e.minutes)*60 + e.seconds
	return seconds*TicksPerSecond + e.fraction, OK
}

// spanReader reads a time span by a custom format.
type spanReader struct {
	s                                       string
	days, hours, minutes, seconds, fraction int64
}

// token reads what the format has at i and tells its length.
func (e *spanReader) token(format string, i int) (int, bool) {
	n := run(format, i)
	switch format[i] {
	case 'd':
		return n, e.number(&e.days, n, 8)
	case 'h':
		return n, e.number(&e.hours, n, 2)
	case 'm':
		return n, e.number(&e.minutes, n, 2)
	case 's':
		return n, e.number(&e.seconds, n, 2)
	case 'f', 'F':
		return n, e.digits(n, format[i] == 'F')
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
		return 2, i+1 < len(format) && e.literal(format[i+1:i+2])
	}
	return 0, false
}

func (e *spanReader) literal(text string) bool {
	rest, ok := strings.CutPrefix(e.s, text)
	e.s = rest
	return ok
}

// number reads n digits, or up to limit where the format has one letter.
func (e *spanReader) number(field *int64, n, limit int) bool {
	most := n
	if n == 1 {
		most = limit
	}
	end := 0
	for end < len(e.s) && end < most && e.s[end] >= '0' && e.s[end] <= '9' {
		end++
	}
	if n > limit || end < n {
		return false
	}
	*field, _ = strconv.ParseInt(e.s[:end], 10, 64)
	e.s = e.s[end:]
	return true
}

func (e *spanReader) digits(n int, optional bool) bool {
	end := 0
	for end < len(e.s) && end < n && e.s[end] >= '0' && e.s[end] <= '9' {
		end++
	}
	if n > 7 || end < n && !optional {
		return false
	}
	e.fraction = fractionTicks(e.s[:end])
	e.s = e.s[end:]
	return true
}
