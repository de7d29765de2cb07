package decimal

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, syntax, fits := Parse(s)
	if !syntax || !fits {
		t.Fatalf("Parse(%q): syntax %v, fits %v", s, syntax, fits)
	}
	return d
}

func TestArithmetic(t *testing.T) {
	const maxText = "79228162514264337593543950335"
	rem := func(a, b Decimal) (Decimal, bool) { return Rem(a, b), true }
	tests := []struct {
		name string
		op   func(a, b Decimal) (Decimal, bool)
		a, b string
		want string // "" for overflow
	}{
		{"the larger scale is kept", Add, "1.10", "2.9", "4.00"},
		{"signs differ", Add, "1.5", "-2.25", "-0.75"},
		{"max and a half rounds to even past the end", Add, maxText, "0.5", ""},
		{"max and less than a half", Add, maxText, "0.4", maxText},
		{"digits go when the sum does not fit", Add, "7922816251426433759354395033.5", "7922816251426433759354395033.5", "15845632502852867518708790067"},
		{"sum overflows", Add, maxText, "1", ""},
		{"difference", Sub, "1.0", "1", "0.0"},
		{"scales add up", Mul, "2.50", "1.10", "2.7500"},
		{"product is rounded half to even", Mul, "0.00000000000005", "0.00000000000005", "0.0000000000000000000000000025"},
		{"product below the last digit", Mul, "0.0000000000000000000000000001", "0.5", "0.0000000000000000000000000000"},
		{"product far below the last digit", Mul, "0.0000000000000000000000000001", "0.0000000000000000000000000001", "0"},
		{"zero times something wide forgets its scale", Mul, "0.00", "12345678901.5", "0"},
		{"zero times something narrow keeps it", Mul, "0.00", "1.5", "0.000"},
		{"product overflows", Mul, maxText, "1.1", ""},
		{"exact quotient keeps the difference of scales", Div, "4.00", "8", "0.50"},
		{"inexact quotient loses zeros", Div, "1.00", "8", "0.125"},
		{"a third", Div, "1", "3", "0.3333333333333333333333333333"},
		{"two thirds", Div, "2", "3", "0.6666666666666666666666666667"},
		{"negative scale", Div, "10", "0.5", "20"},
		{"quotient overflows", Div, maxText, "0.1", ""},
		{"quotient by a wide divisor", Div, maxText, "79228162514264337593543950334", "1"},
		{"remainder takes the larger scale", rem, "10.5", "3.00", "1.50"},
		{"remainder of the smaller dividend", rem, "1.5", "3.0000", "1.5"},
		{"remainder keeps the sign of the dividend", rem, "-7", "3", "-1"},
		{"remainder of equals", rem, "3.0", "3.00", "0.00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := tt.op(dec(t, tt.a), dec(t, tt.b))
			switch {
			case !ok && tt.want != "":
				t.Errorf("op(%s, %s) overflows, want %s", tt.a, tt.b, tt.want)
			case ok && got.String() != tt.want:
				t.Errorf("op(%s, %s) = %s, want %q", tt.a, tt.b, got, tt.want)
			}
		})
	}
}

func TestRound(t *testing.T) {
	tests := []struct {
		in     string
		digits int
		mode   Mode
		want   string
	}{
		{"2.5", 0, ToEven, "2"},
		{"3.5", 0, ToEven, "4"},
		{"2.51", 0, ToEven, "3"},
		{"2.5", 0, AwayFromZero, "3"},
		{"-2.5", 0, AwayFromZero, "-3"},
		{"-2.9", 0, ToZero, "-2"},
		{"-2.1", 0, ToNegativeInfinity, "-3"},
		{"2.1", 0, ToPositiveInfinity, "3"},
		{"2.345", 2, ToEven, "2.34"},
		{"2.30", 4, ToEven, "2.30"},
		{"0.5000000000000000000000000001", 0, ToEven, "1"},
		{"0.4999999999999999999999999999", 0, AwayFromZero, "0"},
	}
	for _, tt := range tests {
		if got := dec(t, tt.in).Round(tt.digits, tt.mode).String(); got != tt.want {
			t.Errorf("%s.Round(%d, %d) = %s, want %s", tt.in, tt.digits, tt.mode, got, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	tests := []struct{ in, want string }{
		{"1.50", "1.50"},
		{"-0.00", "0.00"},
		{"007", "7"},
		{"1e3", "1000"},
		{"1.5E-3", "0.0015"},
		{"79228162514264337593543950335.4", "79228162514264337593543950335"},
		{"0.00000000000000000000000000005", "0.0000000000000000000000000000"},
		{"0.00000000000000000000000000015", "0.0000000000000000000000000002"},
		{"0.000000000000000000000000000050000000000000000000000000000000000000000000000000000000000001", "0.0000000000000000000000000001"},
		{"1e-40", "0.0000000000000000000000000000"},
	}
	for _, tt := range tests {
		if got := dec(t, tt.in).String(); got != tt.want {
			t.Errorf("Parse(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
	for _, in := range []string{"79228162514264337593543950335.5", "79228162514264337593543950336", "1e29", "1e999999999999"} {
		if _, syntax, fits := Parse(in); !syntax || fits {
			t.Errorf("Parse(%q): syntax %v, fits %v; want true, false", in, syntax, fits)
		}
	}
	for _, in := range []string{"", "-", ".", "1e", "1x", "1..2", "--1"} {
		if _, syntax, _ := Parse(in); syntax {
			t.Errorf("Parse(%q) takes it", in)
		}
	}
}

func TestFloats(t *testing.T) {
	tests := []struct {
		in   float64
		want string // "" for overflow
	}{
		{0.1, "0.1"},
		{1.0 / 3, "0.333333333333333"},
		{123456789012345678, "123456789012346000"},
		{-3.25, "-3.25"},
		{1e-29, "0"},
		{7.92281625142643e28, "79228162514264300000000000000"},
		{8e28, ""},
		{math.NaN(), ""},
		{math.Inf(-1), ""},
		{5e-324, "0"},
	}
	for _, tt := range tests {
		got, ok := FromFloat64(tt.in)
		if ok != (tt.want != "") || ok && got.String() != tt.want {
			t.Errorf("FromFloat64(%v) = %s, %v; want %q", tt.in, got, ok, tt.want)
		}
	}
	if got, _ := FromFloat32(0.1); got.String() != "0.1" {
		t.Errorf("FromFloat32(0.1) = %s", got)
	}
	if got, _ := FromFloat32(16777216); got.String() != "16777220" {
		t.Errorf("FromFloat32(16777216) = %s", got)
	}
	if got := dec(t, "79228162514264337593543950335").Float64(); got != 7.922816251426434e28 {
		t.Errorf("Float64 of the largest = %v", got)
	}
}

func TestIntegers(t *testing.T) {
	if i, ok := dec(t, "-9223372036854775808.9").Int64(); i != math.MinInt64 || !ok {
		t.Errorf("Int64 = %d, %v", i, ok)
	}
	if _, ok := dec(t, "9223372036854775808").Int64(); ok {
		t.Error("Int64 takes 2^63")
	}
	if u, ok := dec(t, "-0.9").Uint64(); u != 0 || !ok {
		t.Errorf("Uint64(-0.9) = %d, %v", u, ok)
	}
	if _, ok := dec(t, "-1").Uint64(); ok {
		t.Error("Uint64 takes -1")
	}
}

func TestHash(t *testing.T) {
	a, b := dec(t, "1.50"), dec(t, "1.5000")
	if a.Hash() != b.Hash() || Compare(a, b) != 0 {
		t.Errorf("%s and %s are not alike: %d, %d", a, b, a.Hash(), b.Hash())
	}
}

// rat is the exact value.
func rat(d Decimal) *big.Rat {
	n := new(big.Int).SetUint64(uint64(d.Hi))
	n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(d.Lo))
	if d.Neg {
		n.Neg(n)
	}
	return new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil))
}

func random(r *rand.Rand) Decimal {
	d := Decimal{Lo: r.Uint64() >> r.UintN(64), Scale: uint8(r.UintN(29)), Neg: r.UintN(2) == 0}
	if r.UintN(2) == 0 {
		d.Hi = r.Uint32() >> r.UintN(32)
	}
	return d
}

// TestAgainstExactArithmetic holds every operation to: the result is within half a unit of its last digit of the
// exact value, and the last digit stands for as little as 96 bits and 28 digits allow.
func TestAgainstExactArithmetic(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	ops := []struct {
		name  string
		do    func(a, b Decimal) (Decimal, bool)
		exact func(z, a, b *big.Rat) *big.Rat
	}{{"+", Add, (*big.Rat).Add}, {"-", Sub, (*big.Rat).Sub}, {"*", Mul, (*big.Rat).Mul}, {"/", Div, (*big.Rat).Quo}}
	limit := rat(MaxValue)
	for range 40_000 {
		a, b := random(r), random(r)
		if got, want := Compare(a, b), rat(a).Cmp(rat(b)); got != want {
			t.Fatalf("Compare(%s, %s) = %d, want %d", a, b, got, want)
		}
		for _, op := range ops {
			if op.name == "/" && b.IsZero() {
				continue
			}
			got, ok := op.do(a, b)
			exact := op.exact(new(big.Rat), rat(a), rat(b))
			if !ok {
				if exact.Abs(exact).Cmp(limit) <= 0 {
					t.Fatalf("%s %s %s overflows", a, op.name, b)
				}
				continue
			}
			off := new(big.Rat).Sub(rat(got), exact)
			unit := rat(Decimal{Lo: 1, Scale: got.Scale})
			if off.Sign() != 0 && (off.Abs(off).Cmp(unit.Quo(unit, big.NewRat(2, 1))) > 0 || coarse(got, op.name)) {
				t.Fatalf("%s %s %s = %s, off by %s", a, op.name, b, got, off.FloatString(40))
			}
		}
		checkRem(t, a, b)
	}
}

// coarse reports an inexact result that could have had another digit. A quotient's zeros at the end are cut off.
func coarse(d Decimal, op string) bool {
	if d.Scale == maxScale || op == "/" && d.stripZeros() == d {
		return false
	}
	v, ok := d.u128().mul64(10)
	return ok && v.fits() && v.add64(5).fits() && v != (u128{}) && op != "/"
}

func checkRem(t *testing.T, a, b Decimal) {
	t.Helper()
	if b.IsZero() {
		return
	}
	q := new(big.Rat).Quo(rat(a), rat(b))
	whole := new(big.Rat).SetInt(new(big.Int).Quo(q.Num(), q.Denom()))
	want := whole.Sub(rat(a), whole.Mul(whole, rat(b)))
	if got := Rem(a, b); rat(got).Cmp(want) != 0 {
		t.Fatalf("Rem(%s, %s) = %s, want %s", a, b, got, want.FloatString(28))
	}
}

func BenchmarkArithmetic(b *testing.B) {
	x, y := dec(b, "1234.5678"), dec(b, "0.075")
	for _, op := range []struct {
		name string
		do   func(a, b Decimal) (Decimal, bool)
	}{{"add", Add}, {"mul", Mul}, {"div", Div}} {
		b.Run(op.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				op.do(x, y)
			}
		})
	}
}
