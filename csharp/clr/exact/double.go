// Package exact has the elementary functions as .NET on Linux gives them, which
// are those of the GNU C library, to the bit. Go's package math may differ in
// the last one.
//
// Where that library rounds to the nearest double in all but the rarest cases
// (exponential, logarithm, power, cube root, trigonometric functions), they are computed
// in pairs of doubles (Dekker, 1971) that hold about 106 bits, and rounded. The
// others (hyperbolic functions, logarithm to the base 10) take the
// same steps as the library's published algorithms, rounding for rounding.
package exact

import "math"

// pair is h + l, |l| at most half a unit in the last place of h.
type pair struct{ h, l float64 }

func one(f float64) pair { return pair{f, 0} }

// quickSum is a + b for |a| ≥ |b|.
func quickSum(a, b float64) pair {
	s := a + b
	return pair{s, b - (s - a)}
}

// sum is a + b exactly.
func sum(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

// product is a · b exactly.
func product(a, b float64) pair {
	p := a * b
	return pair{p, math.FMA(a, b, -p)}
}

func (a pair) add(b pair) pair {
	s, t := sum(a.h, b.h), sum(a.l, b.l)
	s = quickSum(s.h, s.l+t.h)
	return quickSum(s.h, s.l+t.l)
}

func (a pair) neg() pair       { return pair{-a.h, -a.l} }
func (a pair) sub(b pair) pair { return a.add(b.neg()) }

func (a pair) mul(b pair) pair {
	p := product(a.h, b.h)
	return quickSum(p.h, p.l+(a.h*b.l+a.l*b.h))
}

func (a pair) div(b pair) pair {
	q1 := a.h / b.h
	r := a.sub(b.mul(one(q1)))
	q2 := r.h / b.h
	r = r.sub(b.mul(one(q2)))
	q3 := r.h / b.h
	return quickSum(q1, q2).add(one(q3))
}

// scale is a · f for a power of two f.
func (a pair) scale(f float64) pair { return pair{a.h * f, a.l * f} }

func (a pair) sqrt() pair {
	if a.h <= 0 {
		return pair{}
	}
	x := 1 / math.Sqrt(a.h)
	y := a.h * x
	rest := a.sub(product(y, y))
	return quickSum(y, rest.h*(x*0.5))
}

// ln 2 as a pair, and π/2 in three doubles.
var ln2 = pair{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}

const (
	halfPi1 = 0x1.921fb54442d18p+0
	halfPi2 = 0x1.1a62633145c07p-54
	halfPi3 = -0x1.f1976b7ed8fbcp-110
)

// expm1Small is e^r − 1 for |r| up to 0.35.
func expm1Small(r pair) pair {
	const halvings = 10
	r = r.scale(1.0 / (1 << halvings))
	term, total := r, r
	for n := 2; n <= 9; n++ {
		term = term.mul(r).div(one(float64(n)))
		total = total.add(term)
	}
	for i := 0; i < halvings; i++ {
		total = total.mul(total.add(one(2)))
	}
	return total
}

// expParts are m and k for e^x = m · 2^k.
func expParts(x pair) (m pair, k int) {
	n := math.RoundToEven(x.h / ln2.h)
	return expm1Small(x.sub(ln2.mul(one(n)))).add(one(1)), int(n)
}

// logPair is ln x of a positive finite number.
func logPair(x float64) pair {
	m, k := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		k--
	}
	y := math.Log(m)
	d := one(m - 1).add(one(m).mul(expm1Small(one(-y))))
	log := one(y).add(d.sub(d.mul(d).scale(0.5)))
	if k == 0 {
		return log
	}
	return ln2.mul(one(float64(k))).add(log)
}

// finish rounds m · 2^k.
func finish(m pair, k int) float64 {
	if k > -1000 {
		return math.Ldexp(m.h+m.l, k)
	}
	return math.Ldexp(math.Ldexp(m.h, k+200)+math.Ldexp(m.l, k+200), -200)
}
