package clr

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

func bitConverterDecls() []*types.Decl {
	type V = types.Value
	out := []types.MemberDecl{
		types.M("static readonly bool IsLittleEndian", types.S0(func() bool { return true })),
		types.M("static double Int64BitsToDouble(long value)", types.S1(func(n int64) float64 { return math.Float64frombits(uint64(n)) })),
		types.M("static double UInt64BitsToDouble(ulong value)", types.S1(math.Float64frombits)),
		types.M("static float Int32BitsToSingle(int value)", types.S1(func(n int32) float32 { return math.Float32frombits(uint32(n)) })),
		types.M("static float UInt32BitsToSingle(uint value)", types.S1(math.Float32frombits)),
		types.M("static int SingleToInt32Bits(float value)", types.S1(func(f float32) int32 { return int32(math.Float32bits(f)) })),
		types.M("static uint SingleToUInt32Bits(float value)", types.S1(math.Float32bits)),
		types.M("static long DoubleToInt64Bits(double value)", types.S1(func(f float64) int64 { return int64(math.Float64bits(f)) })),
		types.M("static ulong DoubleToUInt64Bits(double value)", types.S1(math.Float64bits)),
		types.M("static string ToString(byte[] value)", types.S1(func(b *types.Bytes) *types.String { return dashedHex(b, 0, -1) })),
		types.M("static string ToString(byte[] value, int startIndex)", types.S2(func(b *types.Bytes, start int32) *types.String { return dashedHex(b, start, -1) })),
		types.M("static string ToString(byte[] value, int startIndex, int length)", types.S3(func(b *types.Bytes, start, n int32) *types.String {
			throwNegativeLength(n)
			return dashedHex(b, start, n)
		})),
	}
	for _, k := range []struct {
		word, name string
		size       int
	}{{"bool", "Boolean", 1}, {"char", "Char", 2}, {"short", "Int16", 2}, {"ushort", "UInt16", 2}, {"int", "Int32", 4}, {"uint", "UInt32", 4},
		{"long", "Int64", 8}, {"ulong", "UInt64", 8}, {"float", "Single", 4}, {"double", "Double", 8}} {
		signed := k.word == "short" || k.word == "int"
		out = append(out,
			types.M("static byte[] GetBytes("+k.word+" value)", types.Raw(func(_ *types.Thread, _ V, x []V) V {
				var b [8]byte
				binary.LittleEndian.PutUint64(b[:], x[0].Num)
				return types.Ref(&types.Bytes{B: append([]byte(nil), b[:k.size]...)})
			})),
			types.M("static "+k.word+" To"+k.name+"(byte[] value, int startIndex)", types.Raw(func(_ *types.Thread, _ V, x []V) V {
				b, _ := x[0].Ref.(*types.Bytes)
				var whole [8]byte
				copy(whole[:], bytesAt(b, x[1].Int32(), k.size))
				n := binary.LittleEndian.Uint64(whole[:])
				switch {
				case k.word == "bool":
					return types.Bool(n != 0)
				case signed:
					return types.Int(int64(n<<(64-8*k.size)) >> (64 - 8*k.size))
				}
				return types.Uint(n)
			})))
	}
	return []*types.Decl{types.T("static class System.BitConverter", out...)}
}

// bytesAt are size bytes from an index on.
func bytesAt(b *types.Bytes, start int32, size int) []byte {
	if b == nil {
		types.ThrowNull("value")
	}
	if start < 0 || int(start) >= len(b.B) {
		throwRange("Index was out of range. Must be non-negative and less than the size of the collection.", "startIndex")
	}
	if int(start) > len(b.B)-size {
		types.ThrowArgument(types.ArgumentException, "The array starting from the specified index is not long enough to read a value of the specified type.", "value")
	}
	return b.B[start : int(start)+size]
}

func throwNegativeLength(n int32) {
	if n < 0 {
		throwRange("Value must be positive.", "length")
	}
}

// dashedHex is "0A-FF" of n bytes; −1 means the rest.
func dashedHex(b *types.Bytes, start, n int32) *types.String {
	if b == nil {
		types.ThrowNull("value")
	}
	if start < 0 || int(start) >= len(b.B) && start > 0 {
		throwRange("StartIndex cannot be less than zero.", "startIndex")
	}
	if n < 0 {
		n = int32(len(b.B)) - start
	}
	if int(start) > len(b.B)-int(n) {
		types.ThrowArgument(types.ArgumentException, "Destination array is not long enough to copy all the items in the collection. Check array index and length.", "value")
	}
	const hexDigits = "0123456789ABCDEF"
	var s strings.Builder
	for i, c := range b.B[start : start+n] {
		if i > 0 {
			s.WriteByte('-')
		}
		s.WriteByte(hexDigits[c>>4])
		s.WriteByte(hexDigits[c&15])
	}
	return types.NewString(s.String())
}
