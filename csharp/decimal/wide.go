package decimal

import "math/bits"

// pow10 are the powers of ten that fit 64 bits.
var pow10 = [20]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// maxScale is the largest number of digits behind the point.
const maxScale = 28

// u128 is an unsigned integer of 128 bits.
type u128 struct{ hi, lo uint64 }

func (a u128) isZero() bool { return a.hi|a.lo == 0 }

// fits reports whether a is an integer of 96 bits.
func (a u128) fits() bool { return a.hi>>32 == 0 }

// fits32 reports whether a is an integer of 32 bits.
func (a u128) fits32() bool { return a.hi == 0 && a.lo>>32 == 0 }

func (a u128) cmp(b u128) int {
	switch {
	case a.hi != b.hi:
		if a.hi < b.hi {
			return -1
		}
		return 1
	case a.lo < b.lo:
		return -1
	case a.lo > b.lo:
		return 1
	}
	return 0
}

func (a u128) sub(b u128) u128 {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return u128{hi, lo}
}

// add64 adds a word; the sum must fit.
func (a u128) add64(b uint64) u128 {
	lo, carry := bits.Add64(a.lo, b, 0)
	return u128{a.hi + carry, lo}
}

// mul64 multiplies by a word and reports whether the product fits 128 bits.
func (a u128) mul64(b uint64) (u128, bool) {
	hi, lo := bits.Mul64(a.lo, b)
	over, mid := bits.Mul64(a.hi, b)
	hi, carry := bits.Add64(hi, mid, 0)
	return u128{hi, lo}, over == 0 && carry == 0
}

// div64 divides by a word that is not zero.
func (a u128) div64(d uint64) (q u128, r uint64) {
	q.hi, r = a.hi/d, a.hi%d
	q.lo, r = bits.Div64(r, a.lo, d)
	return q, r
}

// divmod divides by an integer that is not zero.
func (a u128) divmod(d u128) (q, r u128) {
	if d.hi == 0 {
		q, lo := a.div64(d.lo)
		return q, u128{0, lo}
	}
	// The divisor has more than 64 bits, so the quotient has fewer than 64:
	// estimate it with the divisor's top word, at most one too large (Hacker's Delight, section 9-5).
	n := uint(bits.LeadingZeros64(d.hi))
	top := d.hi<<n | d.lo>>1>>(63-n)
	est, _ := bits.Div64(a.hi>>1, a.hi<<63|a.lo>>1, top)
	est >>= 63 - n
	if est > 0 {
		est--
	}
	p, _ := d.mul64(est)
	r = a.sub(p)
	if r.cmp(d) >= 0 {
		est++
		r = r.sub(d)
	}
	return u128{0, est}, r
}

// wide is an unsigned integer of 256 bits, the lowest word first.
type wide [4]uint64

func (w *wide) bitLen() int {
	for i := len(w) - 1; i >= 0; i-- {
		if w[i] != 0 {
			return 64*i + bits.Len64(w[i])
		}
	}
	return 0
}

// mul multiplies by a word; the product must fit.
func (w *wide) mul(b uint64) {
	var carry uint64
	for i, x := range w {
		hi, lo := bits.Mul64(x, b)
		var c uint64
		w[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
}

// mulPow10 multiplies by 10^n; the product must fit.
func (w *wide) mulPow10(n int) {
	for ; n > 19; n -= 19 {
		w.mul(pow10[19])
	}
	w.mul(pow10[n])
}

// div divides by a word and returns the remainder.
func (w *wide) div(d uint64) (r uint64) {
	for i := len(w) - 1; i >= 0; i-- {
		w[i], r = bits.Div64(r, w[i], d)
	}
	return r
}

func (w *wide) add(v *wide) {
	var c uint64
	for i := range w {
		w[i], c = bits.Add64(w[i], v[i], c)
	}
}

// sub subtracts and reports whether the difference is negative; then w is its magnitude.
func (w *wide) sub(v *wide) (negative bool) {
	var b uint64
	for i := range w {
		w[i], b = bits.Sub64(w[i], v[i], b)
	}
	if b == 0 {
		return false
	}
	c := uint64(1)
	for i := range w {
		w[i], c = bits.Add64(^w[i], 0, c)
	}
	return true
}

// round divides w by the least power of ten that leaves at most maxScale digits behind the point and an integer of
// 96 bits, rounding half to even, and reports whether there is one. scale is the scale of w; the new one is returned.
func (w *wide) round(scale int) (int, bool) {
	var (
		sticky   bool   // something was lost before the last division
		rem, div uint64 = 0, 1
	)
	drop := max(scale-maxScale, excessDigits(w.bitLen()))
	for {
		for drop > 0 {
			n := min(drop, 19)
			sticky = sticky || rem != 0
			div = pow10[n]
			rem = w.div(div)
			drop, scale = drop-n, scale-n
		}
		if scale < 0 {
			return 0, false
		}
		if w.bitLen() > 96 {
			drop = 1
			continue
		}
		half := div / 2
		if rem != 0 && (rem > half || rem == half && (sticky || w[0]&1 != 0)) {
			w.add(&wide{1})
			sticky, rem = false, 0
			if w.bitLen() > 96 {
				drop = 1
				continue
			}
		}
		return scale, true
	}
}

// excessDigits is the least number of decimal digits that an integer of so many bits must lose to have 96 bits.
func excessDigits(bitLen int) int {
	if bitLen <= 96 {
		return 0
	}
	return (bitLen-97)*77>>8 + 1
}
