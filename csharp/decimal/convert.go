package decimal

import "math"

// Int64 is d truncated; false where a long cannot hold it.
func (d Decimal) Int64() (int64, bool) {
	d = d.Truncate()
	if d.Hi != 0 {
		return 0, false
	}
	if d.Neg {
		return -int64(d.Lo), d.Lo <= 1<<63
	}
	return int64(d.Lo), d.Lo < 1<<63
}

// Uint64 is d truncated; false where a ulong cannot hold it.
func (d Decimal) Uint64() (uint64, bool) {
	d = d.Truncate()
	return d.Lo, d.Hi == 0 && (!d.Neg || d.Lo == 0)
}

// Float64 is d as a double, computed as .NET does it.
func (d Decimal) Float64() float64 {
	f := (float64(d.Lo) + float64(d.Hi)*(1<<64)) / floatPow10[d.Scale]
	if d.Neg {
		return -f
	}
	return f
}

// Float32 is d as a float.
func (d Decimal) Float32() float32 { return float32(d.Float64()) }

// floatPow10 are the powers of ten from 0 to 28 as doubles.
var floatPow10 = func() (p [maxScale + 1]float64) {
	for i := range p {
		p[i] = math.Pow10(i)
	}
	return p
}()

// FromFloat64 is f rounded to 15 significant digits, as the conversion from double does it; false for what a decimal
// cannot hold, NaN and the infinities included.
func FromFloat64(f float64) (Decimal, bool) {
	return fromFloat(f, 15, int(math.Float64bits(f)>>52&0x7FF)-1022)
}

// FromFloat32 is f rounded to 7 significant digits, as the conversion from float does it.
func FromFloat32(f float32) (Decimal, bool) {
	return fromFloat(float64(f), 7, int(math.Float32bits(f)>>23&0xFF)-126)
}

// fromFloat follows VarDecFromR8 and VarDecFromR4 of .NET's System.Decimal: scale by a power of ten guessed from the
// binary exponent exp to an integer of so many digits, round half to even, and factor the zeros out again.
func fromFloat(f float64, digits, exp int) (Decimal, bool) {
	if exp < -94 {
		return Decimal{}, true
	}
	if exp > 96 {
		return Decimal{}, false
	}
	neg := f < 0
	f = math.Abs(f)
	power := digits - 1 - (exp*19728)>>16 // log10(2) · 2^16 = 19728.3
	switch upper := floatPow10[digits]; {
	case power >= 0:
		power = min(power, maxScale)
		f *= floatPow10[power]
	case power != -1 || f >= upper:
		f /= floatPow10[-power]
	default:
		power = 0
	}
	if f < floatPow10[digits-1] && power < maxScale {
		f *= 10
		power++
	}
	mant := uint64(math.RoundToEven(f))
	if mant == 0 {
		return Decimal{}, true
	}
	if power < 0 {
		v, ok := u128{0, mant}.mul64(pow10[-power])
		return fromU128(v, 0, neg), ok && v.fits()
	}
	return stripFloat(mant, power, digits-1, neg), true
}

// stripFloat factors out at most limit tens.
func stripFloat(mant uint64, scale, limit int, neg bool) Decimal {
	for limit = min(limit, scale); limit > 0 && mant%10 == 0; limit-- {
		mant /= 10
		scale--
	}
	return Decimal{Lo: mant, Scale: uint8(scale), Neg: neg}
}
