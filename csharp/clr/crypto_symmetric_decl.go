package clr

import "github.com/postern-gateway/postern/csharp/types"

// onSymmetric makes an Impl of a member of SymmetricAlgorithm.
func onSymmetric(fn func(t *types.Thread, s *symmetric, x []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		return fn(t, symmetricOf(this), x)
	})
}

func symmetricOf(this types.Value) *symmetric {
	s, ok := receiverObject(this).(*symmetric)
	if !ok {
		types.Throw(types.NotSupportedException, "Specified method is not supported.")
	}
	return s
}

// onSymmetricSet makes a setter.
func onSymmetricSet(fn func(s *symmetric, v types.Value)) func(*types.Thread, types.Value, []types.Value) {
	return func(_ *types.Thread, this types.Value, x []types.Value) { fn(symmetricOf(this), x[0]) }
}

func throwCrypto(message string) { types.Throw(types.CryptographicException, message) }

// keySizes is KeySizes: the least, the greatest and the step between.
type keySizes struct{ min, max, skip int32 }

var keySizesType = lateType(cryptoNS + "KeySizes")

func (*keySizes) ClrType() *types.Type { return keySizesType() }

// newKeySizes is a KeySizes[] of one.
func newKeySizes(least, most, step int) types.Value {
	a := &types.Array{T: types.ArrayOf(keySizesType(), 1)}
	a.Items = []types.Value{types.Ref(&keySizes{int32(least), int32(most), int32(step)})}
	return types.Ref(a)
}

func symmetricProperties() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("byte[] Key { get; set; }", types.I0(func(s *symmetric) *types.Bytes { return cryptoCopy(s.keyNow()) }).WithSet(
			onSymmetricSet(func(s *symmetric, v types.Value) {
				key := bytesArg(v, "value")
				if !s.validKeySize(len(key) * 8) {
					throwCrypto(msgKeySize)
				}
				if s.kind.weak(key) {
					throwCrypto("Specified key is a known weak key for '" + s.kind.name + "' and cannot be used.")
				}
				s.key, s.keySize = append([]byte(nil), key...), len(key)*8
			}))),
		types.M("byte[] IV { get; set; }", types.I0(func(s *symmetric) *types.Bytes { return cryptoCopy(s.ivNow()) }).WithSet(
			onSymmetricSet(func(s *symmetric, v types.Value) {
				iv := bytesArg(v, "value")
				if len(iv)*8 != s.kind.block {
					throwCrypto(msgIVSize)
				}
				s.iv = append([]byte(nil), iv...)
			}))),
		types.M("int KeySize { get; set; }", types.I0(func(s *symmetric) int32 { return int32(s.keySize) }).WithSet(
			onSymmetricSet(func(s *symmetric, v types.Value) {
				if !s.validKeySize(int(v.Int32())) {
					throwCrypto(msgKeySize)
				}
				s.keySize, s.key = int(v.Int32()), nil
			}))),
		types.M("int BlockSize { get; set; }", types.I0(func(s *symmetric) int32 { return int32(s.kind.block) }).WithSet(
			onSymmetricSet(func(s *symmetric, v types.Value) {
				if int(v.Int32()) != s.kind.block {
					throwCrypto("Specified block size is not valid for this algorithm.")
				}
			}))),
		types.M("int FeedbackSize { get; set; }", types.I0(func(s *symmetric) int32 { return int32(s.feedback) }).WithSet(
			onSymmetricSet(func(s *symmetric, v types.Value) {
				if n := int(v.Int32()); n <= 0 || n > s.kind.block || n%8 != 0 {
					throwCrypto("Specified feedback size is not valid for this algorithm.")
				}
				s.feedback = int(v.Int32())
			}))),
		types.M("System.Security.Cryptography.CipherMode Mode { get; set; }", types.I0(func(s *symmetric) int32 { return int32(s.mode) }).WithSet(
			onSymmetricSet(func(s *symmetric, v types.Value) {
				if m := v.Int32(); m != modeCBC && m != modeECB && m != modeCFB {
					throwCrypto(msgBadCipherMode)
				}
				s.mode = int(v.Int32())
			}))),
		types.M("System.Security.Cryptography.PaddingMode Padding { get; set; }", types.I0(func(s *symmetric) int32 { return int32(s.padding) }).WithSet(
			onSymmetricSet(func(s *symmetric, v types.Value) {
				if p := v.Int32(); p < padNone || p > padISO {
					throwCrypto("Specified padding mode is not valid for this algorithm.")
				}
				s.padding = int(v.Int32())
			}))),
		types.M("System.Security.Cryptography.KeySizes[] LegalKeySizes { get; }", onSymmetric(func(_ *types.Thread, s *symmetric, _ []types.Value) types.Value {
			k := s.kind.keys
			step := 0
			if len(k) > 1 {
				step = k[1] - k[0]
			}
			return newKeySizes(k[0], k[len(k)-1], step)
		})),
		types.M("System.Security.Cryptography.KeySizes[] LegalBlockSizes { get; }", onSymmetric(func(_ *types.Thread, s *symmetric, _ []types.Value) types.Value {
			return newKeySizes(s.kind.block, s.kind.block, 0)
		})),
	}
}

func symmetricMethods() []types.MemberDecl {
	start := func(encrypt bool) types.Impl {
		return onSymmetric(func(_ *types.Thread, s *symmetric, x []types.Value) types.Value {
			if len(x) == 0 {
				return types.Ref(s.transform(s.keyNow(), s.ivNow(), encrypt))
			}
			var iv []byte
			if x[1].Ref != nil {
				iv = bytesArg(x[1], "rgbIV")
			}
			return types.Ref(s.transform(bytesArg(x[0], "rgbKey"), iv, encrypt))
		})
	}
	dispose := onSymmetric(func(t *types.Thread, s *symmetric, _ []types.Value) types.Value {
		s.Dispose(t)
		return types.Value{}
	})
	return []types.MemberDecl{
		types.M("System.Security.Cryptography.ICryptoTransform CreateEncryptor()", start(true)),
		types.M("System.Security.Cryptography.ICryptoTransform CreateEncryptor(byte[] rgbKey, byte[] rgbIV)", start(true)),
		types.M("System.Security.Cryptography.ICryptoTransform CreateDecryptor()", start(false)),
		types.M("System.Security.Cryptography.ICryptoTransform CreateDecryptor(byte[] rgbKey, byte[] rgbIV)", start(false)),
		types.M("bool ValidKeySize(int bitLength)", types.I1(func(s *symmetric, n int32) bool { return s.validKeySize(int(n)) })),
		types.M("void GenerateKey()", onSymmetric(func(_ *types.Thread, s *symmetric, _ []types.Value) types.Value {
			s.key = nil
			s.keyNow()
			return types.Value{}
		})),
		types.M("void GenerateIV()", onSymmetric(func(_ *types.Thread, s *symmetric, _ []types.Value) types.Value {
			s.iv = nil
			s.ivNow()
			return types.Value{}
		})),
		types.M("void Clear()", dispose),
		types.M("void Dispose()", dispose),
		types.M("static System.Security.Cryptography.SymmetricAlgorithm Create()", noDefaultAlgorithm),
		types.M("static System.Security.Cryptography.SymmetricAlgorithm Create(string algName)", createByName("SymmetricAlgorithm")),
	}
}

// symmetricOneShots are EncryptCbc and its like.
func symmetricOneShots() []types.MemberDecl {
	const padding = "System.Security.Cryptography.PaddingMode paddingMode"
	ecb := func(param string, encrypt bool) types.Impl {
		return onSymmetric(func(t *types.Thread, s *symmetric, x []types.Value) types.Value {
			return s.oneShot(t, bytesArg(x[0], param), nil, modeECB, int(x[1].Int32()), s.feedback, encrypt)
		})
	}
	cbc := func(param string, encrypt bool) types.Impl {
		return onSymmetric(func(t *types.Thread, s *symmetric, x []types.Value) types.Value {
			data := bytesArg(x[0], param)
			return s.oneShot(t, data, bytesArg(x[1], "iv"), modeCBC, int(x[2].Int32()), s.feedback, encrypt)
		})
	}
	cfb := func(param string, encrypt bool) types.Impl {
		return onSymmetric(func(t *types.Thread, s *symmetric, x []types.Value) types.Value {
			data := bytesArg(x[0], param)
			return s.oneShot(t, data, bytesArg(x[1], "iv"), modeCFB, int(x[2].Int32()), int(x[3].Int32()), encrypt)
		})
	}
	const (
		dfltCbc = padding + " = System.Security.Cryptography.PaddingMode.PKCS7"
		dfltCfb = padding + " = System.Security.Cryptography.PaddingMode.None, int feedbackSizeInBits = 8"
	)
	return []types.MemberDecl{
		types.M("byte[] EncryptEcb(byte[] plaintext, "+padding+")", ecb("plaintext", true)),
		types.M("byte[] DecryptEcb(byte[] ciphertext, "+padding+")", ecb("ciphertext", false)),
		types.M("byte[] EncryptCbc(byte[] plaintext, byte[] iv, "+dfltCbc+")", cbc("plaintext", true)),
		types.M("byte[] DecryptCbc(byte[] ciphertext, byte[] iv, "+dfltCbc+")", cbc("ciphertext", false)),
		types.M("byte[] EncryptCfb(byte[] plaintext, byte[] iv, "+dfltCfb+")", cfb("plaintext", true)),
		types.M("byte[] DecryptCfb(byte[] ciphertext, byte[] iv, "+dfltCfb+")", cfb("ciphertext", false)),
		types.M("int GetCiphertextLengthEcb(int plaintextLength, "+padding+")", cipherLength(false)),
		types.M("int GetCiphertextLengthCbc(int plaintextLength, "+dfltCbc+")", cipherLength(false)),
		types.M("int GetCiphertextLengthCfb(int plaintextLength, "+dfltCfb+")", cipherLength(true)),
	}
}

// cipherLength is GetCiphertextLengthCbc and its like; cfb: the third argument is the unit in bits.
func cipherLength(cfb bool) types.Impl {
	return onSymmetric(func(_ *types.Thread, s *symmetric, x []types.Value) types.Value {
		n, unit := int64(x[0].Int32()), int64(s.kind.block/8)
		if n < 0 {
			types.ThrowArgument(types.ArgumentOutOfRangeException, msgNonNegative, "plaintextLength")
		}
		message := "The specified plaintext size is not valid for the padding and block size."
		if cfb {
			bits := x[2].Int32()
			if bits <= 0 {
				types.ThrowArgument(types.ArgumentOutOfRangeException, "Positive number required.", "feedbackSizeInBits")
			}
			if bits%8 != 0 {
				types.ThrowArgument(types.ArgumentException, "The value must be a multiple of 8.", "feedbackSizeInBits")
			}
			unit = int64(bits / 8)
			message = "The specified plaintext size is not valid for the padding and feedback size."
		}
		switch p := x[1].Int32(); {
		case p < padNone || p > padISO:
			types.ThrowArgument(types.ArgumentOutOfRangeException, "Specified padding mode is not valid for this algorithm.", "paddingMode")
		case p == padNone && n%unit != 0:
			types.ThrowArgument(types.ArgumentException, message, "plaintextLength")
		case p == padNone || p == padZeros && n%unit == 0:
			return types.Int(n)
		}
		return types.Int(n/unit*unit + unit)
	})
}

func symmetricDecls() []*types.Decl {
	members := append(append(symmetricProperties(), symmetricMethods()...), symmetricOneShots()...)
	const base = " : System.Security.Cryptography."
	concrete := func(k *symmetricKind, class, parent string) *types.Decl {
		return hidden("sealed class "+cryptoNS+class+base+parent, types.M("new()", types.S0(func() *symmetric { return newSymmetric(k, class) })))
	}
	abstract := func(k *symmetricKind, implementation string) *types.Decl {
		class := cryptoNS + k.name
		d := types.T("abstract class "+class+base+"SymmetricAlgorithm",
			types.M("static "+class+" Create()", types.S0(func() *symmetric { return newSymmetric(k, implementation) })),
			types.M("static "+class+" Create(string algorithmName)", createByName(k.name)))
		d.Hidden = k != aesKind
		return d
	}
	return []*types.Decl{
		types.T("enum System.Security.Cryptography.CipherMode", constants(cryptoNS+"CipherMode", "CBC", 1, "ECB", 2, "OFB", 3, "CFB", 4, "CTS", 5)...),
		types.T("enum System.Security.Cryptography.PaddingMode", constants(cryptoNS+"PaddingMode", "None", 1, "PKCS7", 2, "Zeros", 3, "ANSIX923", 4, "ISO10126", 5)...),
		hidden("sealed class System.Security.Cryptography.KeySizes",
			types.M("int MinSize { get; }", types.I0(func(k *keySizes) int32 { return k.min })),
			types.M("int MaxSize { get; }", types.I0(func(k *keySizes) int32 { return k.max })),
			types.M("int SkipSize { get; }", types.I0(func(k *keySizes) int32 { return k.skip }))),
		hidden("sealed class System.Security.Cryptography.UniversalCryptoTransform : System.Security.Cryptography.ICryptoTransform"),
		types.T("abstract class System.Security.Cryptography.SymmetricAlgorithm : System.IDisposable", members...),
		abstract(aesKind, "AesImplementation"), abstract(tripleX, "TripleDesImplementation"), abstract(desKind, "DesImplementation"),
		hidden("abstract class System.Security.Cryptography.Rijndael : System.Security.Cryptography.SymmetricAlgorithm"),
		concrete(aesKind, "AesImplementation", "Aes"), concrete(aesKind, "AesCryptoServiceProvider", "Aes"), concrete(aesKind, "AesManaged", "Aes"),
		concrete(aesKind, "RijndaelManaged", "Rijndael"),
		concrete(tripleX, "TripleDesImplementation", "TripleDES"), concrete(tripleX, "TripleDESCryptoServiceProvider", "TripleDES"),
		concrete(desKind, "DesImplementation", "DES"), concrete(desKind, "DESCryptoServiceProvider", "DES"),
	}
}
