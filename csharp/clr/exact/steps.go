package exact

import "math"

// Expm1 is e^x − 1; Go has the same algorithm as the C library.
func Expm1(x float64) float64 { return math.Expm1(x) }

// Log10 is the logarithm to the base 10.
func Log10(x float64) float64 {
	const (
		inverseLn10 = 4.34294481903251816668e-01
		log2High    = 3.01029995663611771306e-01
		log2Low     = 3.69423907715893078616e-13
	)
	if special(x) || x <= 0 {
		return math.Log10(x)
	}
	m, e := math.Frexp(x)
	m, e = 2*m, e-1
	y := float64(e)
	if e < 0 {
		m /= 2
		y++
	}
	z := y*log2Low + inverseLn10*Log(m)
	return z + y*log2High
}

// Sinh is the hyperbolic sine.
func Sinh(x float64) float64 {
	a, half := math.Abs(x), math.Copysign(0.5, x)
	switch {
	case special(x) || a > 709 || a < 0x1p-28:
		return math.Sinh(x)
	case a >= 22:
		return half * Exp(a)
	}
	t := math.Expm1(a)
	if a < 1 {
		return half * (2*t - t*t/(t+1))
	}
	return half * (t + t/(t+1))
}

// Cosh is the hyperbolic cosine.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case special(x) || a > 709:
		return math.Cosh(x)
	case a < 0.34657359027997264:
		t := math.Expm1(a)
		w := 1 + t
		return 1 + (t*t)/(w+w)
	case a < 22:
		t := Exp(a)
		return 0.5*t + 0.5/t
	}
	return 0.5 * Exp(a)
}

// Tanh is the hyperbolic tangent.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	var z float64
	switch {
	case math.IsNaN(x) || a < 0x1p-55:
		return x
	case a >= 22:
		z = 1
	case a >= 1:
		z = 1 - 2/(math.Expm1(2*a)+2)
	default:
		t := math.Expm1(-2 * a)
		z = -t / (t + 2)
	}
	return math.Copysign(z, x)
}

// Asinh is the inverse of Sinh.
func Asinh(x float64) float64 {
	a := math.Abs(x)
	var w float64
	switch {
	case special(x) || a < 0x1p-28:
		return x
	case a > 0x1p28:
		w = Log(a) + math.Ln2
	case a > 2:
		w = Log(2*a + 1/(math.Sqrt(x*x+1)+a))
	default:
		t := x * x
		w = math.Log1p(a + t/(1+math.Sqrt(1+t)))
	}
	return math.Copysign(w, x)
}

// Acosh is the inverse of Cosh.
func Acosh(x float64) float64 {
	switch {
	case special(x) || x <= 1:
		return math.Acosh(x)
	case x > 0x1p28:
		return Log(x) + math.Ln2
	case x > 2:
		return Log(2*x - 1/(x+math.Sqrt(x*x-1)))
	}
	t := x - 1
	return math.Log1p(t + math.Sqrt(2*t+t*t))
}
