package decimal

import "strings"

// FromDigits is ±digits · 10^exp, rounded half to even to what fits; false where it is too large. digits are ASCII
// digits only, none meaning 0. The scale is −exp where that is possible, as in .NET's parser: "1.50" keeps its zero.
func FromDigits(neg bool, digits string, exp int) (Decimal, bool) {
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return Decimal{Scale: uint8(min(max(-exp, 0), maxScale)), Neg: neg}, true
	}
	w := wide{}
	sticky := false
	const keep = 60 // more digits than can matter, and less than 256 bits
	if len(digits) > keep {
		for _, c := range digits[keep:] {
			sticky = sticky || c != '0'
		}
		exp += len(digits) - keep
		digits = digits[:keep]
	}
	for i := 0; i < len(digits); i++ {
		w.mul(10)
		w.add(&wide{uint64(digits[i] - '0')})
	}
	if sticky {
		w.mul(10)
		w.add(&wide{1})
		exp--
	}
	return scaleTo(&w, len(digits)+1, exp, neg)
}

// scaleTo finishes FromDigits for an integer of so many digits at most.
func scaleTo(w *wide, digits, exp int, neg bool) (Decimal, bool) {
	switch {
	case exp > maxScale:
		return Decimal{}, false
	case exp > 0:
		if exp+digits > 75 {
			return Decimal{}, false
		}
		w.mulPow10(exp)
		return fromWide(w, 0, neg)
	case -exp > maxScale+digits+1:
		return Decimal{Scale: maxScale, Neg: neg}, true
	}
	return fromWide(w, -exp, neg)
}

// Parse reads a number as C# writes decimal literals, with a sign perhaps: digits, a point and digits, an exponent.
// syntax is false where s is no number, fits where it is too large.
func Parse(s string) (d Decimal, syntax, fits bool) {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	exp, ok := 0, true
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if exp, ok = parseExponent(s[i+1:]); !ok {
			return Decimal{}, false, false
		}
		s = s[:i]
	}
	whole, frac, _ := strings.Cut(s, ".")
	digits := whole + frac
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return Decimal{}, false, false
	}
	d, fits = FromDigits(neg, digits, exp-len(frac))
	return d, true, fits
}

// parseExponent reads a signed integer; huge ones are cut to a size that is as good.
func parseExponent(s string) (int, bool) {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	if s == "" {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int(s[i]-'0'), 1_000_000_000)
	}
	if neg {
		n = -n
	}
	return n, true
}

// Digits are the decimal digits of the integer, without its scale and sign; "0" for zero.
func (d Decimal) Digits() string {
	var buf [30]byte
	i := len(buf)
	for v := d.u128(); ; {
		var r uint64
		v, r = v.div64(pow10[9])
		for n := 0; n < 9 && (r != 0 || !v.isZero()); n++ {
			i--
			buf[i] = byte('0' + r%10)
			r /= 10
		}
		if v.isZero() {
			break
		}
	}
	if i == len(buf) {
		return "0"
	}
	return string(buf[i:])
}

// String is ToString in the invariant culture: every digit of the scale is shown, a negative zero without its sign.
func (d Decimal) String() string {
	digits := d.Digits()
	if n := int(d.Scale) + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	if point := len(digits) - int(d.Scale); d.Scale > 0 {
		digits = digits[:point] + "." + digits[point:]
	}
	if d.Neg && !d.IsZero() {
		return "-" + digits
	}
	return digits
}
