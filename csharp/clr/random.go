package clr

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// randomObject is a System.Random: with a seed Knuth's subtractive generator as .NET has kept it, without one a better one.
type randomObject struct {
	seeds       [56]int32
	next, nextP int
	free        *rand.Rand
}

var randomType = lateType("System.Random")

// ClrType is System.Random.
func (*randomObject) ClrType() *types.Type { return randomType() }

func newRandom() *randomObject {
	return &randomObject{free: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
}

// seededRandom is new Random(seed).
func seededRandom(seed int32) *randomObject {
	r := &randomObject{nextP: 21}
	subtraction := int32(math.MaxInt32)
	if seed != math.MinInt32 {
		subtraction = max(seed, -seed)
	}
	mj := 161803398 - subtraction
	r.seeds[55] = mj
	mk := int32(1)
	ii := 0
	for i := 1; i < 55; i++ {
		if ii += 21; ii >= 55 {
			ii -= 55
		}
		r.seeds[ii] = mk
		mk = mj - mk
		if mk < 0 {
			mk += math.MaxInt32
		}
		mj = r.seeds[ii]
	}
	for k := 1; k < 5; k++ {
		for i := 1; i < 56; i++ {
			n := i + 30
			if n >= 55 {
				n -= 55
			}
			r.seeds[i] -= r.seeds[1+n]
			if r.seeds[i] < 0 {
				r.seeds[i] += math.MaxInt32
			}
		}
	}
	return r
}

// internal is a number in [0, int.MaxValue).
func (r *randomObject) internal() int32 {
	if r.free != nil {
		return r.free.Int32N(math.MaxInt32)
	}
	if r.next++; r.next >= 56 {
		r.next = 1
	}
	if r.nextP++; r.nextP >= 56 {
		r.nextP = 1
	}
	n := r.seeds[r.next] - r.seeds[r.nextP]
	if n == math.MaxInt32 {
		n--
	}
	if n < 0 {
		n += math.MaxInt32
	}
	r.seeds[r.next] = n
	return n
}

func (r *randomObject) sample() float64 { return float64(r.internal()) * (1.0 / math.MaxInt32) }

// largeSample is in [0, 1) with more bits, for ranges wider than an int.
func (r *randomObject) largeSample() float64 {
	n := r.internal()
	if r.internal()%2 == 0 {
		n = -n
	}
	return (float64(n) + (math.MaxInt32 - 1)) / (2*math.MaxInt32 - 1)
}

func (r *randomObject) between(low, high int32) int32 {
	if low > high {
		throwRange("'minValue' cannot be greater than maxValue.", "minValue")
	}
	span := int64(high) - int64(low)
	if span <= math.MaxInt32 {
		return int32(r.sample()*float64(span)) + low
	}
	return int32(int64(r.largeSample()*float64(span)) + int64(low))
}

// uint64 is 64 random bits, drawn as .NET's compatible generator does.
func (r *randomObject) uint64() uint64 {
	low := uint64(r.between(0, 1<<22))
	middle := uint64(r.between(0, 1<<22))
	return low | middle<<22 | uint64(r.between(0, 1<<20))<<44
}

// long is in [0, span).
func (r *randomObject) long(span uint64) uint64 {
	if span <= 1 {
		return 0
	}
	bits := 64
	for bits > 1 && (span-1)>>(bits-1) == 0 {
		bits--
	}
	for {
		if n := r.uint64() >> (64 - bits); n < span {
			return n
		}
	}
}

// longBetween is NextInt64(low, high).
func (r *randomObject) longBetween(low, high int64) int64 {
	return low + int64(r.long(uint64(high-low)))
}

func (r *randomObject) fill(b []byte) {
	for i := range b {
		b[i] = byte(r.internal())
	}
}

// choices are count indexes of n things: drawn as bytes where n is a power of two, which a byte holds.
func (r *randomObject) choices(n, count int) []int {
	out := make([]int, count)
	if n > 256 || n&(n-1) != 0 {
		for i := range out {
			out[i] = int(r.between(0, int32(n)))
		}
		return out
	}
	b := make([]byte, count)
	r.fill(b)
	for i := range out {
		out[i] = int(b[i]) & (n - 1)
	}
	return out
}

func randomDecls() []*types.Decl {
	return []*types.Decl{types.T("class System.Random", slices.Concat(randomNumbers(), randomItems())...)}
}

func randomNumbers() []types.MemberDecl {
	type R = *randomObject
	return []types.MemberDecl{
		types.M("new()", types.S0(newRandom)),
		types.M("new(int Seed)", types.S1(seededRandom)),
		types.M("static System.Random Shared { get; }", types.S0(newRandom)),
		types.M("int Next()", types.I0(R.internal)),
		types.M("int Next(int maxValue)", types.I1(func(r R, high int32) int32 {
			throwNegative(high, "maxValue")
			return int32(r.sample() * float64(high))
		})),
		types.M("int Next(int minValue, int maxValue)", types.I2(R.between)),
		types.M("long NextInt64()", types.I0(func(r R) int64 {
			for {
				if n := r.uint64() >> 1; n != math.MaxInt64 {
					return int64(n)
				}
			}
		})),
		types.M("long NextInt64(long maxValue)", types.I1(func(r R, high int64) int64 {
			if high < 0 {
				text := itoa(high)
				throwActual("maxValue ('"+text+"') must be a non-negative value.", "maxValue", text)
			}
			return r.longBetween(0, high)
		})),
		types.M("long NextInt64(long minValue, long maxValue)", types.I2(func(r R, low, high int64) int64 {
			if low > high {
				throwRange("'minValue' cannot be greater than maxValue.", "minValue")
			}
			return r.longBetween(low, high)
		})),
		types.M("double NextDouble()", types.I0(R.sample)),
		types.M("float NextSingle()", types.I0(func(r R) float32 {
			for {
				if f := float32(r.sample()); f < 1 {
					return f
				}
			}
		})),
		types.M("void NextBytes(byte[] buffer)", types.I1(func(r R, b *types.Bytes) struct{} {
			if b == nil {
				types.ThrowNull("buffer")
			}
			r.fill(b.B)
			return struct{}{}
		})),
	}
}

func randomItems() []types.MemberDecl {
	type V = types.Value
	type R = *randomObject
	return []types.MemberDecl{
		types.M("string GetHexString(int stringLength, bool lowercase = false)", types.Raw(func(t *types.Thread, this V, x []V) V {
			r, _ := receiverObject(this).(R)
			throwNegative(x[0].Int32(), "stringLength")
			t.Alloc(int64(x[0].Int32()))
			digits, out := "0123456789ABCDEF", make([]byte, x[0].Int32())
			if x[1].Bool() {
				digits = "0123456789abcdef"
			}
			for i, n := range r.choices(16, len(out)) {
				out[i] = digits[n]
			}
			return types.Ref(types.NewString(string(out)))
		})),
		types.M("T[] GetItems<T>(T[] choices, int length)", types.Generic(func(t *types.Thread, targs []*types.Type, this V, x []V) V {
			r, _ := receiverObject(this).(R)
			if x[0].Ref == nil {
				types.ThrowNull("choices")
			}
			from := drain(t, x[0].Ref, targs[0])
			if len(from) == 0 {
				types.ThrowArgument(types.ArgumentException, "Span may not be empty.", "choices")
			}
			throwNegative(x[1].Int32(), "length")
			t.Alloc(int64(x[1].Int32()) * 24)
			items := make([]V, x[1].Int32())
			for i, n := range r.choices(len(from), len(items)) {
				items[i] = from[n]
			}
			return arrayOf(targs[0], items)
		})),
		types.M("void Shuffle<T>(T[] values)", types.Generic(func(_ *types.Thread, _ []*types.Type, this V, x []V) V {
			r, _ := receiverObject(this).(R)
			switch a := x[0].Ref.(type) {
			case *types.Array:
				shuffle(r, len(a.Items), func(i, j int) { a.Items[i], a.Items[j] = a.Items[j], a.Items[i] })
			case *types.Bytes:
				shuffle(r, len(a.B), func(i, j int) { a.B[i], a.B[j] = a.B[j], a.B[i] })
			default:
				types.ThrowNull("values")
			}
			return V{}
		})),
	}
}

func shuffle(r *randomObject, n int, swap func(i, j int)) {
	for i := 0; i < n-1; i++ {
		if j := int(r.between(int32(i), int32(n))); j != i {
			swap(i, j)
		}
	}
}

// arrayOf is an array of the items, a byte[] being one of its own kind.
func arrayOf(elem *types.Type, items []types.Value) types.Value {
	if elem == types.ByteType {
		b := make([]byte, len(items))
		for i, v := range items {
			b[i] = byte(v.Num)
		}
		return types.Ref(&types.Bytes{B: b})
	}
	return types.Ref(&types.Array{T: types.ArrayOf(elem, 1), Items: items})
}
