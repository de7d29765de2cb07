package clr

import (
	"crypto/cipher"
	"crypto/subtle"

	"github.com/postern-gateway/postern/csharp/types"
)

// transform is an ICryptoTransform of a block cipher. It keeps what does not fill a unit yet, and, when it decrypts with padding, the last unit.
type transform struct {
	block         cipher.Block
	encrypt       bool
	mode, padding int
	// unit is how many bytes go through at once: a block, or the feedback size of CFB.
	unit     int
	iv       []byte
	reg      []byte
	held     []byte
	disposed bool
}

var transformType = lateType(cryptoNS + "UniversalCryptoTransform")

// ClrType is a class without a public name.
func (*transform) ClrType() *types.Type { return transformType() }

// Dispose ends the object's life.
func (x *transform) Dispose(*types.Thread) { x.disposed = true }

func (x *transform) reset() {
	x.reg = append([]byte(nil), x.iv...)
	x.held = nil
}

// final is TransformFinalBlock: all that has been held back and data, padded or with the padding taken off; the transform starts anew.
func (x *transform) final(t *types.Thread, data []byte) []byte {
	t.Step(int64(len(data)/16) + 1)
	t.Alloc(int64(len(data)) + 32)
	all := append(append([]byte{}, x.held...), data...)
	defer x.reset()
	if x.encrypt {
		all = x.pad(all)
		x.crypt(all)
		return all
	}
	if len(all)%x.unit != 0 {
		types.Throw(types.CryptographicException, msgPartialBlock)
	}
	x.crypt(all)
	return x.unpad(all)
}

// crypt runs whole units through the cipher in place.
func (x *transform) crypt(b []byte) {
	tmp := make([]byte, x.block.BlockSize())
	for len(b) > 0 {
		u := b[:x.unit]
		switch {
		case x.mode == modeECB:
			x.cryptBlock(u)
		case x.mode == modeCFB:
			x.block.Encrypt(tmp, x.reg)
			in := append([]byte(nil), u...)
			subtle.XORBytes(u, u, tmp[:x.unit])
			if x.encrypt {
				in = u
			}
			x.reg = append(append([]byte(nil), x.reg[x.unit:]...), in...)
		case x.encrypt:
			subtle.XORBytes(u, u, x.reg)
			x.cryptBlock(u)
			copy(x.reg, u)
		default:
			copy(tmp, u)
			x.cryptBlock(u)
			subtle.XORBytes(u, u, x.reg)
			copy(x.reg, tmp)
		}
		b = b[x.unit:]
	}
}

func (x *transform) cryptBlock(b []byte) {
	if x.encrypt {
		x.block.Encrypt(b, b)
	} else {
		x.block.Decrypt(b, b)
	}
}

// pad fills up the last unit.
func (x *transform) pad(b []byte) []byte {
	rest := len(b) % x.unit
	n := x.unit - rest
	switch x.padding {
	case padNone:
		if rest != 0 {
			types.Throw(types.CryptographicException, msgPartialBlock)
		}
		return b
	case padZeros:
		if rest == 0 {
			return b
		}
		return append(b, make([]byte, n)...)
	case padX923:
		b = append(b, make([]byte, n)...)
	case padISO:
		b = append(b, randomBytes(n)...)
	default:
		for range n {
			b = append(b, byte(n))
		}
	}
	b[len(b)-1] = byte(n)
	return b
}

// unpad takes the padding off.
func (x *transform) unpad(b []byte) []byte {
	if x.padding == padNone || x.padding == padZeros {
		return b
	}
	if len(b) == 0 {
		types.Throw(types.CryptographicException, msgBadPadding)
	}
	n := int(b[len(b)-1])
	good := n >= 1 && n <= x.unit
	for i := len(b) - n; good && i < len(b)-1; i++ {
		good = x.padding == padISO || x.padding == padPKCS7 && b[i] == byte(n) || x.padding == padX923 && b[i] == 0
	}
	if !good {
		types.Throw(types.CryptographicException, msgBadPadding)
	}
	return b[:len(b)-n]
}

// part is TransformBlock: whole units go through at once, but for the last when padding may have to be taken off it.
func (x *transform) part(t *types.Thread, in []byte) []byte {
	if len(in) == 0 || len(in)%x.unit != 0 {
		types.Throw(types.ArgumentOutOfRangeException, "TransformBlock may only process bytes in block sized increments.")
	}
	t.Step(int64(len(in)/16) + 1)
	t.Alloc(int64(len(in)))
	all := append(append([]byte{}, x.held...), in...)
	x.held = nil
	if !x.encrypt && x.padding != padNone && x.padding != padZeros {
		keep := len(all) - x.unit
		x.held = append([]byte(nil), all[keep:]...)
		all = all[:keep]
	}
	x.crypt(all)
	return all
}

// onTransform makes an Impl of a member of ICryptoTransform, which hash algorithms implement too.
func onTransform(name string, cipherDoes func(t *types.Thread, x *transform, a []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
		if x, ok := receiverObject(this).(*transform); ok {
			if x.disposed {
				panic(disposedError(nil, types.NewString("Cannot access a disposed object.")))
			}
			return cipherDoes(t, x, a)
		}
		for _, m := range t.U.Members(types.TypeOf(this.Ref), name) {
			if !m.Static && !libraryInterface(m.Declaring) && m.Declaring.Kind != types.Interface && len(m.Params) == len(a) {
				return m.Get(t, this, a)
			}
		}
		types.Throw(types.NotSupportedException, "Specified method is not supported.")
		return types.Null
	})
}

func transformMembers() []types.MemberDecl {
	constant := func(v types.Value) func(*types.Thread, *transform, []types.Value) types.Value {
		return func(*types.Thread, *transform, []types.Value) types.Value { return v }
	}
	size := func(_ *types.Thread, x *transform, _ []types.Value) types.Value { return types.Int(int64(x.unit)) }
	return []types.MemberDecl{
		types.M("int InputBlockSize { get; }", onTransform("InputBlockSize", size)),
		types.M("int OutputBlockSize { get; }", onTransform("OutputBlockSize", size)),
		types.M("bool CanReuseTransform { get; }", onTransform("CanReuseTransform", constant(types.Bool(true)))),
		types.M("bool CanTransformMultipleBlocks { get; }", onTransform("CanTransformMultipleBlocks", constant(types.Bool(true)))),
		types.M("int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)", onTransform("TransformBlock",
			func(t *types.Thread, x *transform, a []types.Value) types.Value {
				in := cryptoRange(bytesArg(a[0], "inputBuffer"), a[1].Int32(), a[2].Int32(), "inputOffset")
				out, at := bytesArg(a[3], "outputBuffer"), a[4].Int32()
				if at < 0 || int(at) > len(out) {
					types.ThrowArgument(types.ArgumentOutOfRangeException, msgOutOfRange, "outputOffset")
				}
				if len(out)-int(at) < len(in) {
					types.Throw(types.ArgumentException, msgOffsetLength)
				}
				return types.Int(int64(copy(out[at:], x.part(t, in))))
			})),
		types.M("byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)", onTransform("TransformFinalBlock",
			func(t *types.Thread, x *transform, a []types.Value) types.Value {
				in := cryptoRange(bytesArg(a[0], "inputBuffer"), a[1].Int32(), a[2].Int32(), "inputOffset")
				return types.Ref(&types.Bytes{B: x.final(t, in)})
			})),
	}
}
