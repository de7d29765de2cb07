package exact

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestKnownValues has values that are known to the last digit.
func TestKnownValues(t *testing.T) {
	cases := []struct {
		name      string
		got, want float64
	}{
		{"e", Exp(1), math.E}, {"exp 0", Exp(0), 1}, {"ln 2", Log(2), math.Ln2}, {"ln 10", Log(10), math.Ln10}, {"log10 1000", Log10(1000), 3},
		{"log10 0.001", Log10(0.001), -3}, {"log2 8", Log2(8), 3}, {"10^3", Pow(10, 3), 1000}, {"2^0.5", Pow(2, 0.5), math.Sqrt2}, {"10^-5", Pow(10, -5), 1e-5},
		{"(-2)^3", Pow(-2, 3), -8}, {"pi/4", Atan(1), math.Pi / 4}, {"pi", Acos(-1), math.Pi}, {"angle", Atan2(1, -1), 3 * math.Pi / 4},
		{"cube root", Cbrt(27), 3}, {"sine of a large number", Sin(1e22), -0.8522008497671888}, {"sine of the largest number", Sin(math.MaxFloat64), 0.004961954789184062}, {"large exponent", Exp(700), 1.0142320547350045e304}, {"ln 1.1", Log(1.1), 0.09531017980432493},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestNearMath compares with package math, which is right to a few units in the last place.
func TestNearMath(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range []struct {
		name        string
		exact, near func(float64) float64
		low, high   float64
	}{
		{"Exp", Exp, math.Exp, -700, 700}, {"Log", Log, math.Log, 1e-10, 1e10}, {"Log2", Log2, math.Log2, 1e-10, 1e10}, {"Log10", Log10, math.Log10, 1e-10, 1e10},
		{"Sin", Sin, math.Sin, -10, 10}, {"Cos", Cos, math.Cos, -10, 10}, {"Tan", Tan, math.Tan, -10, 10}, {"Asin", Asin, math.Asin, -1, 1}, {"Acos", Acos, math.Acos, -1, 1},
		{"Atan", Atan, math.Atan, -100, 100}, {"Sinh", Sinh, math.Sinh, -20, 20}, {"Cosh", Cosh, math.Cosh, -20, 20}, {"Tanh", Tanh, math.Tanh, -5, 5},
		{"Cbrt", Cbrt, math.Cbrt, -1e6, 1e6}, {"Expm1", Expm1, math.Expm1, -5, 5},
		{"large Sin", Sin, math.Sin, 1e8, 1e15},
	} {
		for range 500 {
			x := f.low + r.Float64()*(f.high-f.low)
			a, b := f.exact(x), f.near(x)
			if math.Abs(a-b) > 2e-15*math.Abs(b)+1e-15 {
				t.Fatalf("%s(%v): got %v, math has %v", f.name, x, a, b)
			}
		}
	}
}

// TestPowOfIntegers compares with exact arithmetic.
func TestPowOfIntegers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		x, n := 1+r.Float64(), 2+r.IntN(60)
		want := new(big.Float).SetPrec(4000).SetFloat64(1)
		for range n {
			want.Mul(want, big.NewFloat(x))
		}
		w, _ := want.Float64()
		if got := Pow(x, float64(n)); got != w {
			t.Errorf("%v^%d: got %v, want %v", x, n, got, w)
		}
	}
}

func BenchmarkPow(b *testing.B) {
	for b.Loop() {
		Pow(1.2345, 6.789)
	}
}
