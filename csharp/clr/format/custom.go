package format

import (
	"strings"
	"unicode/utf8"
)

// layout is what a section of a custom format asks for.
type layout struct {
	digits       int // places in all
	point        int // places before the point, −1 until it is seen
	firstZero    int // place of the first '0'
	lastZero     int // place after the last '0'
	scale        int // powers of ten from % and ‰ and commas before the point
	thousandAt   int // place of the last comma
	thousandRun  int // commas there in a row
	groups       bool
	scientific   bool
	sectionStart int
}

const noZero = 0x7FFFFFFF

// custom writes the number by a custom format.
func (n *Number) custom(format string) string {
	which := 0
	switch {
	case len(n.Digits) == 0:
		which = 2
	case n.Neg:
		which = 1
	}
	section := findSection(format, which)
	var l layout
	for {
		l = readLayout(format, section)
		if len(n.Digits) == 0 {
			n.zero()
			break
		}
		n.Scale += l.scale
		pos := n.Scale + l.digits - l.point
		if l.scientific {
			pos = l.digits
		}
		n.round(pos, false)
		if len(n.Digits) > 0 {
			break
		}
		again := findSection(format, 2)
		if again == section {
			break
		}
		section = again
	}
	w := customWriter{n: n, l: l, b: make([]byte, 0, len(format)+24)}
	w.firstZero, w.lastZero = 0, 0
	if l.firstZero < l.point {
		w.firstZero = l.point - l.firstZero
	}
	if l.lastZero > l.point {
		w.lastZero = l.point - l.lastZero
	}
	w.pos = l.point
	if !l.scientific {
		w.pos = max(n.Scale, l.point)
		w.adjust = n.Scale - l.point
	}
	w.countGroups()
	if n.Neg && section == 0 && n.Scale != 0 {
		w.b = append(w.b, '-')
	}
	w.write(format[section:])
	if n.Neg && section == 0 && n.Scale == 0 && len(w.b) > 0 {
		return "-" + string(w.b)
	}
	return string(w.b)
}

// findSection is where the section (0 positive, 1 negative, 2 zero) begins: 0 where there is none or an empty one.
func findSection(format string, section int) int {
	if section == 0 {
		return 0
	}
	for i := 0; i < len(format); {
		c := format[i]
		i++
		switch c {
		case '\'', '"':
			i = skipQuoted(format, i, c)
		case '\\':
			i = skipRune(format, i)
		case 0:
			return 0
		case ';':
			section--
			if section != 0 {
				continue
			}
			if i < len(format) && format[i] != 0 && format[i] != ';' {
				return i
			}
			return 0
		}
	}
	return 0
}

// skipQuoted is the index behind the closing quote.
func skipQuoted(s string, i int, quote byte) int {
	if n := strings.IndexByte(s[i:], quote); n >= 0 {
		return i + n + 1
	}
	return len(s)
}

func skipRune(s string, i int) int {
	_, size := utf8.DecodeRuneInString(s[i:])
	return i + size
}

func readLayout(format string, start int) layout {
	l := layout{point: -1, firstZero: noZero, thousandAt: -1, sectionStart: start}
	for i := start; i < len(format); {
		c := format[i]
		i++
		switch c {
		case 0, ';':
			i = len(format)
		case '\'', '"':
			i = skipQuoted(format, i, c)
		case '\\':
			i = skipRune(format, i)
		case 'E', 'e':
			if n := exponentRun(format[i:]); n > 0 {
				i += n
				l.scientific = true
			}
		default:
			l.take(format, i-1)
		}
	}
	if l.point < 0 {
		l.point = l.digits
	}
	if l.thousandAt >= 0 {
		if l.thousandAt == l.point {
			l.scale -= l.thousandRun * 3
		} else {
			l.groups = true
		}
	}
	return l
}

// take counts one character of the format.
func (l *layout) take(format string, i int) {
	switch c := format[i]; {
	case c == '#':
		l.digits++
	case c == '0':
		if l.firstZero == noZero {
			l.firstZero = l.digits
		}
		l.digits++
		l.lastZero = l.digits
	case c == '.':
		if l.point < 0 {
			l.point = l.digits
		}
	case c == ',':
		if l.digits > 0 && l.point < 0 {
			if l.thousandAt >= 0 {
				if l.thousandAt == l.digits {
					l.thousandRun++
					return
				}
				l.groups = true
			}
			l.thousandAt, l.thousandRun = l.digits, 1
		}
	case c == '%':
		l.scale += 2
	case strings.HasPrefix(format[i:], "‰"):
		l.scale += 3
	}
}

// exponentRun is the length of an exponent's sign and zeros; 0 if s does not begin with one.
func exponentRun(s string) int {
	n := 0
	if s != "" && (s[0] == '+' || s[0] == '-') {
		n = 1
	}
	zeros := n
	for zeros < len(s) && s[zeros] == '0' {
		zeros++
	}
	if zeros == n {
		return 0
	}
	return zeros
}

// customWriter writes a section.
type customWriter struct {
	n                   *Number
	l                   layout
	b                   []byte
	firstZero, lastZero int
	pos, adjust         int
	next                int
	groupsLeft          int // separators still to write
	pointDone           bool
}

func (w *customWriter) countGroups() {
	if !w.l.groups {
		return
	}
	digits := max(w.firstZero, w.pos+min(w.adjust, 0))
	w.groupsLeft = max(0, (digits-1)/3)
}

func (w *customWriter) separator() {
	if w.groupsLeft > 0 && w.pos > 1 && w.pos == w.groupsLeft*3+1 {
		w.b = append(w.b, ',')
		w.groupsLeft--
	}
}

// spill writes the digits for which the format has no place.
func (w *customWriter) spill() {
	for ; w.adjust > 0; w.adjust-- {
		w.b, w.next = w.n.digit(w.b, w.next)
		w.separator()
		w.pos--
	}
}

func (w *customWriter) place() {
	var c byte
	switch {
	case w.adjust < 0:
		w.adjust++
		if w.pos <= w.firstZero {
			c = '0'
		}
	case w.next < len(w.n.Digits):
		c = w.n.Digits[w.next]
		w.next++
	case w.pos > w.lastZero:
		c = '0'
	}
	if c != 0 {
		w.b = append(w.b, c)
		w.separator()
	}
	w.pos--
}

func (w *customWriter) write(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		i++
		if w.adjust > 0 && (c == '#' || c == '0' || c == '.') {
			w.spill()
		}
		switch c {
		case 0, ';':
			return
		case '#', '0':
			w.place()
		case '.':
			if w.pos == 0 && !w.pointDone && (w.lastZero < 0 || w.l.point < w.l.digits && w.next < len(w.n.Digits)) {
				w.b = append(w.b, '.')
				w.pointDone = true
			}
		case ',':
		case '\'', '"':
			end := skipQuoted(s, i, c)
			w.b = append(w.b, strings.TrimSuffix(s[i:end], string(c))...)
			i = end
		case '\\':
			end := skipRune(s, i)
			w.b = append(w.b, s[i:end]...)
			i = end
		case 'E', 'e':
			i += w.exponent(s[i:], c)
		default:
			w.b = append(w.b, c)
		}
	}
}

// exponent writes the exponent at 'E', or the characters as they stand, and tells how many it used.
func (w *customWriter) exponent(s string, letter byte) int {
	run := exponentRun(s)
	if w.l.scientific {
		if run == 0 {
			w.b = append(w.b, letter)
			return 0
		}
		zeros := run
		if s[0] != '0' {
			zeros--
		}
		exp := 0
		if len(w.n.Digits) > 0 {
			exp = w.n.Scale - w.l.point
		}
		w.b = exponent(w.b, exp, letter, min(zeros, 10), s[0] == '+')
		w.l.scientific = false
		return run
	}
	w.b = append(w.b, letter)
	if run == 0 && s != "" && (s[0] == '+' || s[0] == '-') {
		run = 1
	}
	w.b = append(w.b, s[:run]...)
	return run
}
