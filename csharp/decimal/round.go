package decimal

// Mode is System.MidpointRounding, with its numbers.
type Mode int32

// The modes of rounding.
const (
	ToEven Mode = iota
	AwayFromZero
	ToZero
	ToNegativeInfinity
	ToPositiveInfinity
)

// Round is d with at most digits (0–28) digits behind the point.
func (d Decimal) Round(digits int, mode Mode) Decimal {
	drop := int(d.Scale) - digits
	if drop <= 0 {
		return d
	}
	v := d.u128()
	var (
		sticky   bool
		rem, div uint64 = 0, 1
	)
	for n := 0; drop > 0; drop -= n {
		n = min(drop, 19)
		sticky = sticky || rem != 0
		div = pow10[n]
		v, rem = v.div64(div)
	}
	if roundsUp(mode, rem, div, sticky, v.lo&1 != 0, d.Neg) {
		v = v.add64(1)
	}
	return fromU128(v, digits, d.Neg)
}

// roundsUp tells whether the magnitude grows by one: rem of div was cut off, and more below it if sticky.
func roundsUp(mode Mode, rem, div uint64, sticky, odd, neg bool) bool {
	half := div / 2
	switch mode {
	case ToEven:
		return rem > half || rem == half && (sticky || odd)
	case AwayFromZero:
		return rem >= half
	case ToNegativeInfinity:
		return neg && (rem != 0 || sticky)
	case ToPositiveInfinity:
		return !neg && (rem != 0 || sticky)
	}
	return false
}

// Truncate is the integer part of d.
func (d Decimal) Truncate() Decimal { return d.Round(0, ToZero) }

// Floor is the largest integer that is not above d.
func (d Decimal) Floor() Decimal { return d.Round(0, ToNegativeInfinity) }

// Ceiling is the least integer that is not below d.
func (d Decimal) Ceiling() Decimal { return d.Round(0, ToPositiveInfinity) }
