package exact

import (
	"math"
	"math/big"
	"sync"
)

func special(f float64) bool { return math.IsNaN(f) || math.IsInf(f, 0) }

// Exp is e^x.
func Exp(x float64) float64 {
	if special(x) || x > 709.8 || x < -745.2 || x == 0 {
		return math.Exp(x)
	}
	return finish(expParts(one(x)))
}

// Log is the natural logarithm.
func Log(x float64) float64 {
	if special(x) || x <= 0 || x == 1 {
		return math.Log(x)
	}
	p := logPair(x)
	return p.h + p.l
}

// Log2 is the logarithm to the base 2.
func Log2(x float64) float64 {
	if special(x) || x <= 0 || x == 1 {
		return math.Log2(x)
	}
	p := logPair(x).div(ln2)
	return p.h + p.l
}

// Pow is x^y.
func Pow(x, y float64) float64 {
	switch {
	case special(x), special(y), x == 0, y == 0, x == 1, x == -1:
		return math.Pow(x, y)
	case x < 0 && math.Trunc(y) != y:
		return math.NaN()
	case y == 1:
		return x
	case y == 2:
		return x * x
	}
	p := logPair(math.Abs(x)).mul(one(y))
	if math.IsNaN(p.h) || p.h > 709.7 || p.h < -745 {
		return math.Pow(x, y)
	}
	f := finish(expParts(p))
	if x < 0 && math.Mod(y, 2) != 0 {
		return -f
	}
	return f
}

// reduce is x − n·π/2 for the nearest n, and n modulo 4.
func reduce(x float64) (pair, int) {
	if math.Abs(x) > 1e6 {
		return reduceLarge(x)
	}
	n := math.RoundToEven(x / halfPi1)
	r := one(x).sub(product(n, halfPi1)).sub(product(n, halfPi2)).sub(product(n, halfPi3))
	return r, int(int64(n) & 3)
}

// halfPi is π/2 to 1300 bits, enough for the largest double: by Machin's formula, π/4 = 4·arctan(1/5) − arctan(1/239).
var halfPi = sync.OnceValue(func() *big.Float {
	const bits = 1300
	arctan := func(n int64) *big.Int {
		power := new(big.Int).Div(new(big.Int).Lsh(big.NewInt(1), bits+64), big.NewInt(n))
		total, square := new(big.Int).Set(power), big.NewInt(n*n)
		for k := int64(1); power.Sign() != 0; k++ {
			power.Div(power, square)
			term := new(big.Int).Div(power, big.NewInt(2*k+1))
			if k%2 == 1 {
				term.Neg(term)
			}
			total.Add(total, term)
		}
		return total
	}
	quarter := new(big.Int).Sub(new(big.Int).Lsh(arctan(5), 2), arctan(239))
	f := new(big.Float).SetPrec(bits).SetInt(quarter)
	return f.SetMantExp(f, 1-bits-64)
})

func reduceLarge(x float64) (pair, int) {
	f := new(big.Float).SetPrec(1200).SetFloat64(x)
	q := new(big.Float).SetPrec(1200).Quo(f, halfPi())
	n, _ := q.Int(nil)
	rest := new(big.Float).SetPrec(1200).Sub(f, new(big.Float).SetPrec(2200).Mul(new(big.Float).SetInt(n), halfPi()))
	r := new(big.Float).SetPrec(1200).Quo(rest, halfPi())
	if q, _ := r.Float64(); math.Abs(q) > 0.5 {
		step := int64(math.Copysign(1, q))
		n.Add(n, big.NewInt(step))
		rest.Sub(rest, new(big.Float).SetPrec(1200).Mul(big.NewFloat(float64(step)), halfPi()))
	}
	h, _ := rest.Float64()
	l, _ := rest.Sub(rest, big.NewFloat(h)).Float64()
	return pair{h, l}, int(new(big.Int).And(n, big.NewInt(3)).Int64())
}

// sinCosPair are the sine and cosine of x.
func sinCosPair(x float64) (sin, cos pair) {
	r, quadrant := reduce(x)
	s, c := taylor(r)
	switch quadrant {
	case 1:
		return c, s.neg()
	case 2:
		return s.neg(), c.neg()
	case 3:
		return c.neg(), s
	}
	return s, c
}

// taylor are sine and cosine for |r| up to π/4.
func taylor(r pair) (sin, cos pair) {
	square := r.mul(r)
	sin, cos = r, one(1)
	s, c := r, one(1)
	for n := 1.0; n < 32; n += 2 {
		c = c.mul(square).div(one(-n * (n + 1)))
		s = s.mul(square).div(one(-(n + 1) * (n + 2)))
		cos, sin = cos.add(c), sin.add(s)
		if math.Abs(c.h) < 1e-34 {
			break
		}
	}
	return sin, cos
}

// Sin is the sine.
func Sin(x float64) float64 {
	if special(x) || math.Abs(x) < 1e-100 {
		return math.Sin(x)
	}
	s, _ := sinCosPair(x)
	return s.h + s.l
}

// Cos is the cosine.
func Cos(x float64) float64 {
	if special(x) {
		return math.Cos(x)
	}
	_, c := sinCosPair(x)
	return c.h + c.l
}

// Tan is the tangent.
func Tan(x float64) float64 {
	if special(x) || math.Abs(x) < 1e-100 {
		return math.Tan(x)
	}
	s, c := sinCosPair(x)
	t := s.div(c)
	return t.h + t.l
}

// atan2Pair improves an angle of the point (x, y).
func atan2Pair(y, x pair, guess float64) float64 {
	s, c := sinCosPair(guess)
	delta := y.mul(c).sub(x.mul(s)).div(x.mul(c).add(y.mul(s)))
	a := one(guess).add(delta)
	return a.h + a.l
}

// Atan is the arc tangent.
func Atan(x float64) float64 {
	if special(x) || math.Abs(x) < 1e-100 || math.Abs(x) > 1e100 {
		return math.Atan(x)
	}
	return atan2Pair(one(x), one(1), math.Atan(x))
}

// Atan2 is the angle of the point (x, y).
func Atan2(y, x float64) float64 {
	small := func(f float64) bool { return special(f) || math.Abs(f) < 1e-100 || math.Abs(f) > 1e100 }
	if small(y) || small(x) {
		return math.Atan2(y, x)
	}
	return atan2Pair(one(y), one(x), math.Atan2(y, x))
}

// root is √(1 − x²).
func root(x float64) pair { return sum(1, -x).mul(sum(1, x)).sqrt() }

// Asin is the arc sine.
func Asin(x float64) float64 {
	if !(math.Abs(x) < 1) || math.Abs(x) < 1e-100 {
		return math.Asin(x)
	}
	return atan2Pair(one(x), root(x), math.Asin(x))
}

// Acos is the arc cosine.
func Acos(x float64) float64 {
	if !(math.Abs(x) < 1) {
		return math.Acos(x)
	}
	return atan2Pair(root(x), one(x), math.Acos(x))
}

// Cbrt is the cube root.
func Cbrt(x float64) float64 {
	y := math.Cbrt(x)
	if special(x) || x == 0 || math.Abs(x) > 1e200 || math.Abs(x) < 1e-200 {
		return y
	}
	square := product(y, y)
	delta := one(x).sub(square.mul(one(y))).div(square.mul(one(3)))
	r := one(y).add(delta)
	return r.h + r.l
}
