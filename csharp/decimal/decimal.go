// Package decimal is System.Decimal: a 96-bit integer scaled by a power of
// ten from 0 to 28, with .NET's rounding, scale and overflow rules
// (ECMA-334 section 8.3.8).
//
// Operations that can overflow report it by a false second result; what
// exception that is, is for the caller to say.
package decimal

import "math/bits"

// Decimal is (−1)^Neg · (Hi·2^64 + Lo) / 10^Scale. The zero value is 0.
type Decimal struct {
	// Lo and Hi are the low 64 and the high 32 bits of the integer.
	Lo uint64
	Hi uint32
	// Scale is the number of digits behind the point, 0–28.
	Scale uint8
	// Neg is the sign; a negative zero exists, as in .NET.
	Neg bool
}

// The constants of System.Decimal.
var (
	Zero     = Decimal{}
	One      = Decimal{Lo: 1}
	MinusOne = Decimal{Lo: 1, Neg: true}
	MaxValue = Decimal{Lo: 1<<64 - 1, Hi: 1<<32 - 1}
	MinValue = Decimal{Lo: 1<<64 - 1, Hi: 1<<32 - 1, Neg: true}
)

// FromInt64 is the integer as a Decimal.
func FromInt64(i int64) Decimal {
	if i < 0 {
		return Decimal{Lo: -uint64(i), Neg: true}
	}
	return Decimal{Lo: uint64(i)}
}

// FromUint64 is the integer as a Decimal.
func FromUint64(u uint64) Decimal { return Decimal{Lo: u} }

// FromBits makes a Decimal of the four integers of the constructor decimal(int[]): low, middle, high, and flags (sign
// in bit 31, scale in bits 16 to 23). ok is false where the flags are not those of a decimal.
func FromBits(lo, mid, hi, flags uint32) (d Decimal, ok bool) {
	scale := flags >> 16 & 0xFF
	if flags&0x7F00FFFF != 0 || scale > maxScale {
		return Decimal{}, false
	}
	return Decimal{Lo: uint64(mid)<<32 | uint64(lo), Hi: hi, Scale: uint8(scale), Neg: flags>>31 != 0}, true
}

// Bits are the four integers of decimal.GetBits.
func (d Decimal) Bits() (lo, mid, hi, flags uint32) {
	flags = uint32(d.Scale) << 16
	if d.Neg {
		flags |= 1 << 31
	}
	return uint32(d.Lo), uint32(d.Lo >> 32), d.Hi, flags
}

// Hash is Decimal.GetHashCode: equal values have equal hashes, whatever their scales.
func (d Decimal) Hash() int32 {
	if d.IsZero() {
		return 0
	}
	if d.Scale > 0 {
		d = d.stripZeros()
	}
	lo, mid, hi, flags := d.Bits()
	return int32(flags ^ hi ^ mid ^ lo)
}

// IsZero reports whether d is 0 of any scale and sign.
func (d Decimal) IsZero() bool { return d.Lo|uint64(d.Hi) == 0 }

// Sign is −1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.IsZero():
		return 0
	case d.Neg:
		return -1
	}
	return 1
}

// Negate is −d.
func (d Decimal) Negate() Decimal {
	d.Neg = !d.Neg
	return d
}

// Abs is |d|.
func (d Decimal) Abs() Decimal {
	d.Neg = false
	return d
}

func (d Decimal) u128() u128 { return u128{uint64(d.Hi), d.Lo} }
func (d Decimal) wide() wide { return wide{d.Lo, uint64(d.Hi)} }

// fromU128 makes a Decimal of an integer that fits 96 bits.
func fromU128(v u128, scale int, neg bool) Decimal {
	return Decimal{Lo: v.lo, Hi: uint32(v.hi), Scale: uint8(scale), Neg: neg}
}

// fromWide rounds an integer of any size, scaled so, to a Decimal.
func fromWide(w *wide, scale int, neg bool) (Decimal, bool) {
	scale, ok := w.round(scale)
	if !ok {
		return Decimal{}, false
	}
	return Decimal{Lo: w[0], Hi: uint32(w[1]), Scale: uint8(scale), Neg: neg}, true
}

// stripZeros takes off the zeros at the end behind the point.
func (d Decimal) stripZeros() Decimal {
	v, scale := d.u128(), int(d.Scale)
	for _, n := range [...]int{16, 8, 4, 2, 1} {
		for scale >= n {
			q, r := v.div64(pow10[n])
			if r != 0 {
				break
			}
			v, scale = q, scale-n
		}
	}
	return fromU128(v, scale, d.Neg)
}

// Compare is −1, 0 or 1 as a is less than, equal to or greater than b.
func Compare(a, b Decimal) int {
	if a.IsZero() || b.IsZero() || a.Neg != b.Neg {
		return cmpInt(a.Sign(), b.Sign())
	}
	c := compareAbs(a, b)
	if a.Neg {
		return -c
	}
	return c
}

func cmpInt(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func compareAbs(a, b Decimal) int {
	if a.Scale == b.Scale {
		return a.u128().cmp(b.u128())
	}
	x, y := a.wide(), b.wide()
	x.mulPow10(max(0, int(b.Scale)-int(a.Scale)))
	y.mulPow10(max(0, int(a.Scale)-int(b.Scale)))
	for i := len(x) - 1; i >= 0; i-- {
		if x[i] != y[i] {
			if x[i] < y[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// Add is a + b, exact and then rounded half to even to what 96 bits hold; the scale is the larger of the two
// unless digits had to go.
func Add(a, b Decimal) (Decimal, bool) {
	if a.Scale == b.Scale && a.Neg == b.Neg {
		lo, carry := bits.Add64(a.Lo, b.Lo, 0)
		hi := uint64(a.Hi) + uint64(b.Hi) + carry
		if hi>>32 == 0 {
			return Decimal{Lo: lo, Hi: uint32(hi), Scale: a.Scale, Neg: a.Neg}, true
		}
	}
	return addWide(a, b)
}

func addWide(a, b Decimal) (Decimal, bool) {
	// The operand of the smaller scale is brought to the larger. As in .NET, its sign is that of a zero result.
	if a.Scale > b.Scale {
		a, b = b, a
	}
	x, y := a.wide(), b.wide()
	x.mulPow10(int(b.Scale) - int(a.Scale))
	neg := a.Neg
	if a.Neg == b.Neg {
		x.add(&y)
	} else if x.sub(&y) {
		neg = !neg
	}
	return fromWide(&x, int(b.Scale), neg)
}

// Sub is a − b.
func Sub(a, b Decimal) (Decimal, bool) { return Add(a, b.Negate()) }

// Mul is a · b; the scale is the sum of the scales unless digits had to go.
func Mul(a, b Decimal) (Decimal, bool) {
	scale, neg := int(a.Scale)+int(b.Scale), a.Neg != b.Neg
	hi, lo := bits.Mul64(a.Lo, b.Lo)
	if a.Hi|b.Hi == 0 && hi>>32 == 0 && hi|lo != 0 && scale <= maxScale {
		return Decimal{Lo: lo, Hi: uint32(hi), Scale: uint8(scale), Neg: neg}, true
	}
	narrow := a.u128().fits32() && b.u128().fits32()
	if (a.IsZero() || b.IsZero()) && !narrow || narrow && scale > maxScale+19 {
		return Decimal{}, true // .NET forgets scale and sign here (VarDecMul, ReturnZero)
	}
	w := a.wide()
	w.mul(b.Lo)
	h := a.wide()
	h.mul(uint64(b.Hi))
	w.add(&wide{0, h[0], h[1], h[2]})
	return fromWide(&w, scale, neg)
}

// Div is a / b for a b that is not zero: exact with the difference of the scales as its scale where that has an
// integer; else as many digits as fit, rounded half to even, less the zeros at the end.
func Div(a, b Decimal) (Decimal, bool) {
	neg, scale, den := a.Neg != b.Neg, int(a.Scale)-int(b.Scale), b.u128()
	q, r := a.u128().divmod(den)
	exact := r.isZero()
	for !r.isZero() && scale < maxScale {
		nq, nr, n := moreDigits(q, r, den, min(9, maxScale-scale))
		if n == 0 {
			break
		}
		q, r, scale = nq, nr, scale+n
	}
	for scale < 0 {
		n := min(19, -scale)
		next, ok := q.mul64(pow10[n])
		if !ok || !next.fits() || !r.isZero() {
			return Decimal{}, false
		}
		q, scale = next, scale+n
	}
	if exact {
		return fromU128(q, scale, neg), true
	}
	if twice := (u128{r.hi<<1 | r.lo>>63, r.lo << 1}).cmp(den); twice > 0 || twice == 0 && q.lo&1 != 0 {
		q = q.add64(1)
	}
	if !q.fits() {
		return fromWide(&wide{q.lo, q.hi}, scale, neg)
	}
	return fromU128(q, scale, neg).stripZeros(), true
}

// moreDigits appends to the quotient q as many of the next digits, limit at most, as 96 bits hold; n tells how many.
// The limit is 9, so that the remainder times 10^n stays within 128 bits.
func moreDigits(q, r, den u128, limit int) (nq, nr u128, n int) {
	n = limit
	if free := 96 - (&wide{q.lo, q.hi}).bitLen(); free < 30 {
		n = min(limit, free*1233>>12+1)
	}
	for ; n > 0; n-- {
		rn, _ := r.mul64(pow10[n])
		digits, rest := rn.divmod(den)
		next, ok := q.mul64(pow10[n])
		if next = next.add64(digits.lo); ok && next.fits() {
			return next, rest, n
		}
	}
	return q, r, 0
}

// Rem is the remainder of a / b truncated, for a b that is not zero. Its sign is a's and its scale the larger of the
// two; an a that is smaller than b comes back as it is.
func Rem(a, b Decimal) Decimal {
	switch c := compareAbs(a, b); {
	case c < 0:
		return a
	case c == 0:
		return Decimal{Scale: max(a.Scale, b.Scale), Neg: a.Neg}
	}
	den := b.u128()
	if up := int(a.Scale) - int(b.Scale); up > 0 {
		for ; up > 0; up -= 19 { // b ≤ a, so b has room for a's scale
			den, _ = den.mul64(pow10[min(up, 19)])
		}
		_, r := a.u128().divmod(den)
		return fromU128(r, int(a.Scale), a.Neg)
	}
	_, r := a.u128().divmod(den)
	for up := int(b.Scale) - int(a.Scale); up > 0; up -= 9 {
		rn, _ := r.mul64(pow10[min(up, 9)])
		_, r = rn.divmod(den)
	}
	return fromU128(r, int(b.Scale), a.Neg)
}
