package compile

import (
	"math"
	"testing"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// throws runs f and tells the exception that it throws, "" for none.
func throws(f func()) (name string) {
	defer func() {
		if e, ok := recover().(*types.Exception); ok {
			name = e.T.Name()
		}
	}()
	f()
	return ""
}

func TestNumOps(t *testing.T) {
	const least, most = math.MinInt32, math.MaxInt32
	i := func(n int64) uint64 { return uint64(n) }
	tests := []struct {
		name    string
		of      bind.Operands
		op      bind.Op
		checked bool
		a, b    uint64
		want    uint64
		throws  string
	}{
		{"int wraps", bind.Int32, bind.Add, false, most, 1, i(least), ""},
		{"int overflows", bind.Int32, bind.Add, true, most, 1, 0, "OverflowException"},
		{"int subtraction overflows", bind.Int32, bind.Sub, true, i(least), 1, 0, "OverflowException"},
		{"int product overflows", bind.Int32, bind.Mul, true, 1 << 16, 1 << 15, 0, "OverflowException"},
		{"int division by zero", bind.Int32, bind.Div, false, 1, 0, 0, "DivideByZeroException"},
		{"least int by -1", bind.Int32, bind.Div, false, i(least), i(-1), 0, "OverflowException"},
		{"least int mod -1", bind.Int32, bind.Rem, false, i(least), i(-1), 0, "OverflowException"},
		{"division truncates", bind.Int32, bind.Div, false, i(-7), 2, i(-3), ""},
		{"remainder has the dividend's sign", bind.Int32, bind.Rem, false, i(-7), 2, i(-1), ""},
		{"shift counts are masked", bind.Int32, bind.Shl, false, 1, 33, 2, ""},
		{"negative shift counts are masked", bind.Int32, bind.Shr, false, i(-8), i(-31), i(-4), ""},
		{"shift into the sign", bind.Int32, bind.Shl, false, 1, 31, i(least), ""},
		{"uint wraps", bind.UInt32, bind.Sub, false, 0, 1, math.MaxUint32, ""},
		{"uint overflows", bind.UInt32, bind.Sub, true, 0, 1, 0, "OverflowException"},
		{"uint product overflows", bind.UInt32, bind.Mul, true, 1 << 16, 1 << 16, 0, "OverflowException"},
		{"uint shifts in zeros", bind.UInt32, bind.Shr, false, math.MaxUint32, 31, 1, ""},
		{"long sum overflows", bind.Int64, bind.Add, true, math.MaxInt64, 1, 0, "OverflowException"},
		{"long difference overflows", bind.Int64, bind.Sub, true, i(math.MinInt64), 1, 0, "OverflowException"},
		{"long product overflows", bind.Int64, bind.Mul, true, i(math.MinInt64), i(-1), 0, "OverflowException"},
		{"long product", bind.Int64, bind.Mul, true, i(-3), i(1 << 40), i(-3 << 40), ""},
		{"ulong product overflows", bind.UInt64, bind.Mul, true, 1 << 63, 2, 0, "OverflowException"},
		{"ulong division", bind.UInt64, bind.Div, false, math.MaxUint64, 2, math.MaxInt64, ""},
		{"float rounds to float", bind.Float32, bind.Add, false, wf32(16777216), wf32(1), wf32(16777216), ""},
		{"double by zero", bind.Float64, bind.Div, false, wf64(1), wf64(0), wf64(math.Inf(1)), ""},
		{"double remainder", bind.Float64, bind.Rem, false, wf64(-5.5), wf64(2), wf64(-1.5), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got uint64
			if name := throws(func() { got = numOp(tt.of, tt.op, tt.checked)(tt.a, tt.b) }); name != tt.throws || got != tt.want {
				t.Errorf("got %#x, throws %q; want %#x, %q", got, name, tt.want, tt.throws)
			}
		})
	}
}

func TestWordConversions(t *testing.T) {
	nan, inf := wf64(math.NaN()), wf64(math.Inf(1))
	i := func(n int64) uint64 { return uint64(n) }
	tests := []struct {
		name     string
		from, to *types.Type
		checked  bool
		in, want uint64
		throws   string
	}{
		{"int to byte keeps the low bits", types.Int32Type, types.ByteType, false, 300, 44, ""},
		{"int to byte overflows", types.Int32Type, types.ByteType, true, 300, 0, "OverflowException"},
		{"-1 to uint", types.Int32Type, types.UInt32Type, false, i(-1), math.MaxUint32, ""},
		{"-1 to ulong", types.Int32Type, types.UInt64Type, false, i(-1), math.MaxUint64, ""},
		{"-1 to ulong overflows", types.Int32Type, types.UInt64Type, true, i(-1), 0, "OverflowException"},
		{"large ulong to long overflows", types.UInt64Type, types.Int64Type, true, 1 << 63, 0, "OverflowException"},
		{"uint to int", types.UInt32Type, types.Int32Type, false, math.MaxUint32, i(-1), ""},
		{"ulong to double", types.UInt64Type, types.DoubleType, false, math.MaxUint64, wf64(1 << 64), ""},
		{"long to float", types.Int64Type, types.SingleType, false, 16777217, wf32(16777216), ""},
		{"double truncates", types.DoubleType, types.Int32Type, false, wf64(-2.9), i(-2), ""},
		{"double to int saturates", types.DoubleType, types.Int32Type, false, wf64(1e10), math.MaxInt32, ""},
		{"NaN is 0", types.DoubleType, types.Int32Type, false, nan, 0, ""},
		{"NaN overflows", types.DoubleType, types.Int32Type, true, nan, 0, "OverflowException"},
		{"infinity to long saturates", types.DoubleType, types.Int64Type, false, inf, math.MaxInt64, ""},
		{"-1.5 to uint saturates", types.DoubleType, types.UInt32Type, false, wf64(-1.5), 0, ""},
		{"-0.5 to checked uint is 0", types.DoubleType, types.UInt32Type, true, wf64(-0.5), 0, ""},
		{"300.7 to byte goes by way of int", types.DoubleType, types.ByteType, false, wf64(300.7), 44, ""},
		{"2^63 to checked long overflows", types.DoubleType, types.Int64Type, true, wf64(1 << 63), 0, "OverflowException"},
		{"2^63 to ulong", types.DoubleType, types.UInt64Type, false, wf64(1 << 63), 1 << 63, ""},
		{"double to float overflows to infinity", types.DoubleType, types.SingleType, true, wf64(1e300), wf32(float32(math.Inf(1))), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			op, _ := wordConversion(tt.from, tt.to, tt.checked)
			got := tt.in
			if name := throws(func() {
				if op != nil {
					got = 0
					got = op(tt.in)
				}
			}); name != tt.throws || got != tt.want {
				t.Errorf("got %#x, throws %q; want %#x, %q", got, name, tt.want, tt.throws)
			}
		})
	}
}

func TestDecimalToInteger(t *testing.T) {
	for in, want := range map[float64]string{255.9: "", 256: "OverflowException", -0.9: "", -1: "OverflowException"} {
		d := toDecimal(types.DoubleType)(wf64(in))
		if got := throws(func() { fromDecimal(types.ByteType)(d) }); got != want {
			t.Errorf("(byte)%vm throws %q, want %q", in, got, want)
		}
	}
}
