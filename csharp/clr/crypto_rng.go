package clr

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/postern-gateway/postern/csharp/types"
)

// cryptoRNG is a RandomNumberGenerator.
type cryptoRNG struct{ _ byte }

var rngType = lateType(cryptoNS + "RNGCryptoServiceProvider")

// ClrType is RNGCryptoServiceProvider.
func (*cryptoRNG) ClrType() *types.Type { return rngType() }

// randomBelow is a number of [from, to), each as likely.
func randomBelow(from, to int32) int32 {
	width := uint64(int64(to) - int64(from))
	limit := (uint64(1)<<32)/width*width - 1
	for {
		var b [4]byte
		rand.Read(b[:]) // never fails
		if n := uint64(binary.LittleEndian.Uint32(b[:])); n <= limit {
			return int32(int64(from) + int64(n%width))
		}
	}
}

func rngMembers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("void GetBytes(byte[] data)", types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
			receiverObject(this)
			data := bytesArg(x[0], "data")
			t.Step(int64(len(data)/64) + 1)
			rand.Read(data) // never fails
			return types.Value{}
		})),
		types.M("void GetBytes(byte[] data, int offset, int count)", types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
			receiverObject(this)
			data, offset, count := bytesArg(x[0], "data"), x[1].Int32(), x[2].Int32()
			throwNegative(offset, "offset")
			throwNegative(count, "count")
			if int(count) > len(data)-int(offset) {
				types.Throw(types.ArgumentException, msgOffsetLength)
			}
			t.Step(int64(count)/64 + 1)
			rand.Read(data[offset : offset+count]) // never fails
			return types.Value{}
		})),
		types.M("void GetNonZeroBytes(byte[] data)", types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
			receiverObject(this)
			data := bytesArg(x[0], "data")
			t.Step(int64(len(data)/64) + 1)
			rand.Read(data) // never fails
			for i := range data {
				for data[i] == 0 {
					rand.Read(data[i : i+1]) // never fails
				}
			}
			return types.Value{}
		})),
	}
}

// rngDecls are the random number generators.
func rngDecls() []*types.Decl {
	const class = cryptoNS + "RandomNumberGenerator"
	create := func() *cryptoRNG { return &cryptoRNG{} }
	return []*types.Decl{
		types.T("abstract class "+class+" : System.IDisposable", append(rngMembers(),
			types.M("void Dispose()", types.I0(func(*cryptoRNG) struct{} { return struct{}{} })),
			types.M("static "+class+" Create()", types.S0(create)),
			types.M("static byte[] GetBytes(int count)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
				throwNegative(x[0].Int32(), "count")
				t.Alloc(int64(x[0].Int32()))
				return types.Ref(&types.Bytes{B: randomBytes(int(x[0].Int32()))})
			})),
			types.M("static int GetInt32(int toExclusive)", types.S1(func(to int32) int32 {
				if to <= 0 {
					throwRange("'toExclusive' must be greater than zero.", "toExclusive")
				}
				return randomBelow(0, to)
			})),
			types.M("static int GetInt32(int fromInclusive, int toExclusive)", types.S2(func(from, to int32) int32 {
				if from >= to {
					types.Throw(types.ArgumentException, "Range of random number does not contain at least one possibility.")
				}
				return randomBelow(from, to)
			})))...),
		types.T("sealed class System.Security.Cryptography.RNGCryptoServiceProvider : "+class,
			types.M("new()", types.S0(create)),
			types.M("new(string str)", types.S1(func(*types.String) *cryptoRNG { return create() })),
			types.M("new(byte[] rgb)", types.S1(func(*types.Bytes) *cryptoRNG { return create() }))),
	}
}
