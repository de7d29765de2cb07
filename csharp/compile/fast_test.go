package compile

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestReciprocal holds division by multiplication to division.
func TestReciprocal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	divisors := []int64{3, 5, 6, 7, 9, 10, 11, 100, 641, 1000, 46341, 65535, 65537, 1<<30 - 1, 1<<30 + 1, math.MaxInt32 - 1, math.MaxInt32}
	for range 300 {
		if k := int64(r.Int32() >> r.IntN(30)); k > 2 && k&(k-1) != 0 {
			divisors = append(divisors, k)
		}
	}
	for _, k := range divisors {
		rec := reciprocalOf(k)
		dividends := []int64{0, 1, -1, k, -k, k - 1, 1 - k, k + 1, math.MaxInt32, math.MinInt32, math.MinInt32 + 1, math.MaxInt32 / k * k, math.MinInt32 / k * k}
		for range 300 {
			dividends = append(dividends, int64(int32(r.Uint32())>>r.IntN(31)))
		}
		for _, a := range dividends {
			for _, a := range []int64{a, a - 1, a + 1} {
				if a != int64(int32(a)) {
					continue
				}
				if got := rec.quotient(a); got != a/k {
					t.Fatalf("%d / %d = %d, want %d", a, k, got, a/k)
				}
			}
		}
	}
}
