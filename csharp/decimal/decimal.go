// Package decimal is System.Decimal: a 96-bit integer scaled by a power of
// ten from 0 to 28, with .NET's rounding, scale and overflow rules
// (ECMA-334 section 8.3.8).
package decimal

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
