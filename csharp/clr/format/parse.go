package format

import (
	"math"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/decimal"
)

// Styles is System.Globalization.NumberStyles.
type Styles uint32

// The styles of numbers.
const (
	LeadingWhite Styles = 1 << iota
	TrailingWhite
	LeadingSign
	TrailingSign
	Parentheses
	DecimalPoint
	Thousands
	Exponent
	CurrencySymbol
	HexSpecifier
	BinarySpecifier

	IntegerStyle = LeadingWhite | TrailingWhite | LeadingSign
	NumberStyle  = IntegerStyle | TrailingSign | DecimalPoint | Thousands
	FloatStyle   = IntegerStyle | DecimalPoint | Exponent
)

// Status is what came of reading a number.
type Status uint8

// The outcomes of reading.
const (
	OK Status = iota
	Bad
	Overflow
	Malformed
)

// ParseInt reads an integer of size bytes. For an unsigned one the result is to be read as uint64.
func ParseInt(s string, styles Styles, size int, signed bool) (int64, Status) {
	if styles&(HexSpecifier|BinarySpecifier) != 0 {
		return parseBits(s, styles, size, signed)
	}
	var n Number
	if !n.read(s, styles) {
		return 0, Bad
	}
	limit := mask(size)
	if signed {
		limit >>= 1
		if n.Neg {
			limit++
		}
	}
	u, ok := n.integer()
	if !ok || u > limit || n.Neg && !signed && u != 0 {
		return 0, Overflow
	}
	if n.Neg {
		return -int64(u), OK
	}
	return int64(u), OK
}

// integer is the magnitude; false where it has a fraction or does not fit.
func (n *Number) integer() (uint64, bool) {
	if len(n.Digits) == 0 {
		return 0, true
	}
	if n.Scale > 20 || n.Scale < 0 {
		return 0, false
	}
	digits := string(n.Digits)
	if len(digits) > n.Scale {
		if strings.Trim(digits[n.Scale:], "0") != "" {
			return 0, false
		}
		digits = digits[:n.Scale]
	}
	digits += strings.Repeat("0", n.Scale-len(digits))
	if digits == "" {
		return 0, true
	}
	u, err := strconv.ParseUint(digits, 10, 64)
	return u, err == nil
}

func parseBits(s string, styles Styles, size int, signed bool) (int64, Status) {
	if styles&LeadingWhite != 0 {
		s = strings.TrimLeft(s, white)
	}
	if styles&TrailingWhite != 0 {
		s = strings.TrimRight(s, white)
	}
	base, width := 16, 4
	if styles&BinarySpecifier != 0 {
		base, width = 2, 1
	}
	s = strings.TrimRight(s, "\x00")
	if s == "" || strings.ContainsAny(s, "+-_") {
		return 0, Bad
	}
	u, err := strconv.ParseUint(s, base, 64)
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrSyntax {
		return 0, Bad
	}
	if err != nil || len(strings.TrimLeft(s, "0"))*width > size*8+width-1 || u > mask(size) {
		return 0, Overflow
	}
	if signed {
		shift := 64 - 8*size
		return int64(u<<shift) >> shift, OK
	}
	return int64(u), OK
}

// ParseDec reads a decimal.
func ParseDec(s string, styles Styles) (decimal.Decimal, Status) {
	n := Number{Kind: Decimal}
	if !n.read(s, styles) {
		return decimal.Decimal{}, Bad
	}
	d, ok := decimal.FromDigits(n.Neg, string(n.Digits), n.Scale-len(n.Digits))
	if !ok {
		return decimal.Decimal{}, Overflow
	}
	return d, OK
}

// ParseFloat reads a double, or a float where size is 32; what is too large is infinite.
func ParseFloat(s string, styles Styles, size int) (float64, Status) {
	n := Number{Kind: Float}
	if !n.read(s, styles) {
		return floatSymbol(strings.Trim(s, unicodeWhite))
	}
	f := 0.0
	if len(n.Digits) > 0 {
		f, _ = strconv.ParseFloat("0."+string(n.Digits)+"e"+strconv.Itoa(n.Scale), size)
	}
	if n.Neg {
		f = math.Copysign(f, -1)
	}
	return f, OK
}

func floatSymbol(s string) (float64, Status) {
	switch {
	case s == "∞" || s == "+∞":
		return math.Inf(1), OK
	case s == "-∞":
		return math.Inf(-1), OK
	case strings.EqualFold(s, "NaN"), strings.EqualFold(s, "+NaN"), strings.EqualFold(s, "-NaN"):
		return math.NaN(), OK
	}
	return 0, Bad
}

const (
	white        = " \t\n\v\f\r"
	unicodeWhite = white + "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)

// reader reads a number's text.
type reader struct {
	s      string
	i      int
	styles Styles
	n      *Number

	signed, parens, currency, digits, point, nonZero bool
}

// read reads s into n; false where it is no number of these styles.
func (n *Number) read(s string, styles Styles) bool {
	r := reader{s: s, styles: styles, n: n}
	r.prefix()
	r.number()
	if !r.digits {
		return false
	}
	r.exponent()
	r.suffix()
	if r.parens || strings.Trim(r.s[r.i:], "\x00") != "" {
		return false
	}
	if !r.nonZero {
		if n.Kind != Decimal {
			n.Scale = 0
		}
		if n.Kind == Integer && !r.point {
			n.Neg = false
		}
	}
	return true
}

func (r *reader) peek() byte {
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

func isWhite(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (r *reader) prefix() {
	for ; r.i < len(r.s); r.i++ {
		c := r.peek()
		if isWhite(c) && r.styles&LeadingWhite != 0 && (!r.signed || r.currency) {
			continue
		}
		switch {
		case r.sign(c, LeadingSign):
		case c == '(' && r.styles&Parentheses != 0 && !r.signed:
			r.signed, r.parens, r.n.Neg = true, true, true
		case r.money(c):
		default:
			return
		}
	}
}

func (r *reader) sign(c byte, style Styles) bool {
	if r.styles&style == 0 || r.signed || c != '+' && c != '-' {
		return false
	}
	r.signed = true
	r.n.Neg = c == '-'
	return true
}

func (r *reader) money(c byte) bool {
	if c != '$' || r.styles&CurrencySymbol == 0 || r.currency {
		return false
	}
	r.currency = true
	return true
}

func (r *reader) number() {
	for ; r.i < len(r.s); r.i++ {
		switch c := r.peek(); {
		case c >= '0' && c <= '9':
			r.digit(c)
		case c == '.' && r.styles&DecimalPoint != 0 && !r.point:
			r.point = true
		case c == ',' && r.styles&Thousands != 0 && !r.point:
		default:
			return
		}
	}
}

func (r *reader) digit(c byte) {
	r.digits = true
	switch {
	case c != '0' || r.nonZero:
		r.nonZero = true
		r.n.Digits = append(r.n.Digits, c)
		if !r.point {
			r.n.Scale++
		}
	case r.point:
		r.n.Scale--
	}
}

func (r *reader) exponent() {
	if r.styles&Exponent == 0 || r.peek()|0x20 != 'e' {
		return
	}
	i, neg := r.i+1, false
	if i < len(r.s) && (r.s[i] == '+' || r.s[i] == '-') {
		neg = r.s[i] == '-'
		i++
	}
	start, e := i, 0
	for ; i < len(r.s) && r.s[i] >= '0' && r.s[i] <= '9'; i++ {
		e = min(e*10+int(r.s[i]-'0'), 100_000)
	}
	if i == start {
		return
	}
	if neg {
		e = -e
	}
	r.n.Scale += e
	r.i = i
}

func (r *reader) suffix() {
	for ; r.i < len(r.s); r.i++ {
		c := r.peek()
		if isWhite(c) && r.styles&TrailingWhite != 0 {
			continue
		}
		switch {
		case r.sign(c, TrailingSign):
		case c == ')' && r.parens:
			r.parens = false
		case r.money(c):
		default:
			return
		}
	}
}
