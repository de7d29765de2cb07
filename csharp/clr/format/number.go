// Package format writes and reads numbers, dates and time spans as .NET does
// in US English: standard and custom format strings, and the texts that Parse
// takes. It knows nothing of C# objects; package clr throws what it reports.
package format

import (
	"math"
	"strconv"

	"github.com/postern-gateway/postern/csharp/decimal"
)

// Kind is the sort of a Number, on which signs of zero and rounding depend.
type Kind uint8

// The kinds of number.
const (
	Integer Kind = iota
	Decimal
	Float
)

// Number is a number as digits: 0.d1d2d3… · 10^Scale.
type Number struct {
	Kind Kind
	Neg  bool
	// Digits are ASCII digits; none stand for zero. For a decimal they may end in zeros.
	Digits []byte
	Scale  int
}

// Most digits behind the point, or places of any kind, that a standard format string may ask for.
const maxPrecision = 999_999_999

// Int formats an integer of size bytes; signed tells how the bits of n are to be read. ok is false for a bad format string.
func Int(n int64, size int, format string) (s string, ok bool) {
	spec, precision, ok := specifier(format)
	if !ok {
		return "", false
	}
	switch spec {
	case 'G', 'g', 'R', 'r':
		if precision <= 0 || spec|0x20 == 'r' {
			return strconv.FormatInt(n, 10), true
		}
	case 'D', 'd':
		return padDigits(strconv.FormatUint(magnitude(n), 10), precision, n < 0), true
	case 'X', 'x', 'B', 'b':
		return bitsText(uint64(n)&mask(size), spec, precision), true
	}
	num := Number{Kind: Integer, Neg: n < 0}
	num.setUint(magnitude(n))
	return num.format(spec, precision, format)
}

// Uint formats an unsigned integer.
func Uint(n uint64, format string) (s string, ok bool) {
	spec, precision, ok := specifier(format)
	if !ok {
		return "", false
	}
	switch spec {
	case 'G', 'g', 'R', 'r':
		if precision <= 0 || spec|0x20 == 'r' {
			return strconv.FormatUint(n, 10), true
		}
	case 'D', 'd':
		return padDigits(strconv.FormatUint(n, 10), precision, false), true
	case 'X', 'x', 'B', 'b':
		return bitsText(n, spec, precision), true
	}
	num := Number{Kind: Integer}
	num.setUint(n)
	return num.format(spec, precision, format)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func mask(size int) uint64 { return math.MaxUint64 >> (64 - 8*size) }

func padDigits(digits string, precision int, neg bool) string {
	b := make([]byte, 0, max(precision, len(digits))+1)
	if neg {
		b = append(b, '-')
	}
	for n := precision - len(digits); n > 0; n-- {
		b = append(b, '0')
	}
	return string(append(b, digits...))
}

func bitsText(n uint64, spec byte, precision int) string {
	base := 16
	if spec|0x20 == 'b' {
		base = 2
	}
	s := strconv.FormatUint(n, base)
	if spec == 'X' {
		b := []byte(s)
		for i, c := range b {
			if c >= 'a' {
				b[i] = c - 'a' + 'A'
			}
		}
		s = string(b)
	}
	return padDigits(s, precision, false)
}

func (n *Number) setUint(u uint64) {
	if u != 0 {
		n.Digits = strconv.AppendUint(nil, u, 10)
		n.Scale = len(n.Digits)
	}
}

// Dec formats a decimal.
func Dec(d decimal.Decimal, format string) (s string, ok bool) {
	spec, precision, ok := specifier(format)
	if !ok {
		return "", false
	}
	if spec|0x20 == 'g' && precision <= 0 || spec|0x20 == 'r' {
		return d.String(), true
	}
	num := Number{Kind: Decimal, Neg: d.Neg, Scale: -int(d.Scale)}
	if !d.IsZero() {
		num.Digits = []byte(d.Digits())
		num.Scale += len(num.Digits)
	}
	return num.format(spec, precision, format)
}

// Float64 formats a double; the empty format, "G" and "R" are the shortest text that reads back as f.
func Float64(f float64, format string) (s string, ok bool) { return floatText(f, 64, format) }

// Float32 formats a float.
func Float32(f float32, format string) (s string, ok bool) { return floatText(float64(f), 32, format) }

func floatText(f float64, size int, format string) (string, bool) {
	spec, precision, ok := specifier(format)
	if !ok {
		return "", false
	}
	switch {
	case math.IsNaN(f):
		return "NaN", true
	case math.IsInf(f, 1):
		return "∞", true
	case math.IsInf(f, -1):
		return "-∞", true
	}
	num := Number{Kind: Float, Neg: math.Signbit(f)}
	custom, roundTrip := 15, 17
	if size == 32 {
		custom, roundTrip = 7, 9
	}
	places := precision
	switch spec | 0x20 {
	case 0 | 0x20:
		num.setFloat(f, 'e', custom-1, 64)
	case 'c', 'f', 'n':
		num.setFloat(f, 'f', defaultTo(precision, 2), 64)
	case 'p':
		num.setFloat(f, 'f', defaultTo(precision, 2)+2, 64)
	case 'e':
		num.setFloat(f, 'e', defaultTo(precision, 6), 64)
	case 'g', 'r':
		if precision <= 0 || spec|0x20 == 'r' {
			num.setFloat(f, 'e', -1, size)
			places = max(len(num.Digits), roundTrip)
		} else {
			num.setFloat(f, 'e', precision-1, 64)
		}
		spec = spec&0x20 | 'G'
	default:
		return "", false
	}
	return num.format(spec, places, format)
}

func defaultTo(precision, standard int) int {
	if precision < 0 {
		return standard
	}
	return precision
}

// setFloat takes the digits from Go's correctly rounded text of |f|, prec being as strconv has it.
func (n *Number) setFloat(f float64, verb byte, prec, size int) {
	f = math.Abs(f)
	if f == 0 {
		return
	}
	const enough = 1100 // no double has more digits than that before or behind the point
	text := strconv.FormatFloat(f, verb, min(prec, enough), size)
	digits, exp, point := make([]byte, 0, len(text)), 0, -1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '.':
			point = len(digits)
		case 'e':
			exp, _ = strconv.Atoi(text[i+1:])
			i = len(text)
		default:
			digits = append(digits, c)
		}
	}
	if point < 0 {
		point = len(digits)
	}
	n.Scale = point + exp
	lead := 0
	for lead < len(digits) && digits[lead] == '0' {
		lead++
	}
	n.Digits, n.Scale = digits[lead:], n.Scale-lead
	for len(n.Digits) > 0 && n.Digits[len(n.Digits)-1] == '0' {
		n.Digits = n.Digits[:len(n.Digits)-1]
	}
	if len(n.Digits) == 0 {
		n.Scale = 0
	}
}

// specifier splits a standard format string into letter and precision (−1 where there is none). The letter is 'G' for the
// empty string and 0 for a custom one; ok is false where the precision is too large.
func specifier(format string) (spec byte, precision int, ok bool) {
	if format == "" {
		return 'G', -1, true
	}
	if c := format[0] | 0x20; c < 'a' || c > 'z' {
		return 0, -1, true
	}
	if len(format) == 1 {
		return format[0], -1, true
	}
	n := 0
	for i := 1; i < len(format); i++ {
		c := format[i]
		if c == 0 {
			break
		}
		if c < '0' || c > '9' {
			return 0, -1, true
		}
		if n >= 100_000_000 {
			return 0, 0, false
		}
		n = n*10 + int(c-'0')
	}
	return format[0], n, n <= maxPrecision
}

// Size is about how many characters a format string makes of a number, for a caller who bounds memory before formatting.
func Size(format string) int64 {
	spec, precision, ok := specifier(format)
	if !ok || spec == 0 {
		return int64(len(format)) + 400
	}
	return int64(max(precision, 0)) + 400
}
