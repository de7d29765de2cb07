package clr

import "github.com/postern-gateway/postern/csharp/types"

// onRSA makes an Impl of a member of RSA.
func onRSA(fn func(t *types.Thread, r *rsaObject, x []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		r, ok := receiverObject(this).(*rsaObject)
		if !ok {
			types.Throw(types.NotSupportedException, "Specified method is not supported.")
		}
		return fn(t, r, x)
	})
}

// dataPart is the part of a buffer that SignData and VerifyData name.
func dataPart(x []types.Value) []byte {
	data, offset, count := bytesArg(x[0], "data"), x[1].Int32(), x[2].Int32()
	if offset < 0 || int(offset) > len(data) {
		types.ThrowArgument(types.ArgumentOutOfRangeException, msgOutOfRange, "offset")
	}
	if count < 0 || int(count) > len(data)-int(offset) {
		types.ThrowArgument(types.ArgumentOutOfRangeException, msgOutOfRange, "count")
	}
	return data[offset : offset+count]
}

const (
	hashNameParam = "System.Security.Cryptography.HashAlgorithmName hashAlgorithm, System.Security.Cryptography.RSASignaturePadding padding"
	cryptParam    = "System.Security.Cryptography.RSAEncryptionPadding padding"
)

func rsaSignMembers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("byte[] SignData(byte[] data, "+hashNameParam+")", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			data := bytesArg(x[0], "data")
			n, p := needHashName(x[1]), signPaddingArg(x[2])
			d := digestOf(n)
			return r.sign(t, d, d.hashOf(t, data), p)
		})),
		types.M("byte[] SignData(byte[] data, int offset, int count, "+hashNameParam+")", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			data := dataPart(x)
			n, p := needHashName(x[3]), signPaddingArg(x[4])
			d := digestOf(n)
			return r.sign(t, d, d.hashOf(t, data), p)
		})),
		types.M("byte[] SignHash(byte[] hash, "+hashNameParam+")", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			digest := bytesArg(x[0], "hash")
			n, p := needHashName(x[1]), signPaddingArg(x[2])
			return r.sign(t, digestOf(n), digest, p)
		})),
		types.M("bool VerifyData(byte[] data, byte[] signature, "+hashNameParam+")", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			data, sig := bytesArg(x[0], "data"), bytesArg(x[1], "signature")
			n, p := needHashName(x[2]), signPaddingArg(x[3])
			d := digestOf(n)
			return r.verify(t, d, d.hashOf(t, data), sig, p)
		})),
		types.M("bool VerifyData(byte[] data, int offset, int count, byte[] signature, "+hashNameParam+")", onRSA(
			func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
				data, sig := dataPart(x), bytesArg(x[3], "signature")
				n, p := needHashName(x[4]), signPaddingArg(x[5])
				d := digestOf(n)
				return r.verify(t, d, d.hashOf(t, data), sig, p)
			})),
		types.M("bool VerifyHash(byte[] hash, byte[] signature, "+hashNameParam+")", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			digest, sig := bytesArg(x[0], "hash"), bytesArg(x[1], "signature")
			n, p := needHashName(x[2]), signPaddingArg(x[3])
			return r.verify(t, digestOf(n), digest, sig, p)
		})),
	}
}

func cryptPaddingArg(v types.Value) *rsaCryptPadding {
	p, _ := v.Ref.(*rsaCryptPadding)
	if p == nil {
		types.ThrowNull("padding")
	}
	return p
}

// valueRefused is EncryptValue and DecryptValue, which .NET no longer has.
var valueRefused = onRSA(func(_ *types.Thread, _ *rsaObject, _ []types.Value) types.Value {
	types.Throw(types.NotSupportedException, "Method is not supported.")
	return types.Null
})

func rsaCryptMembers() []types.MemberDecl {
	bytesOf := func(fn func(t *types.Thread, r *rsaObject) []byte) types.Impl {
		return onRSA(func(t *types.Thread, r *rsaObject, _ []types.Value) types.Value {
			return types.Ref(&types.Bytes{B: fn(t, r)})
		})
	}
	return []types.MemberDecl{
		types.M("byte[] Encrypt(byte[] data, "+cryptParam+")", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			data := bytesArg(x[0], "data")
			return r.encrypt(t, data, cryptPaddingArg(x[1]))
		})),
		types.M("byte[] Decrypt(byte[] data, "+cryptParam+")", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			data := bytesArg(x[0], "data")
			return r.decrypt(t, data, cryptPaddingArg(x[1]))
		})),
		types.M("byte[] EncryptValue(byte[] rgb)", valueRefused),
		types.M("byte[] DecryptValue(byte[] rgb)", valueRefused),
		types.M("byte[] ExportRSAPublicKey()", bytesOf(func(t *types.Thread, r *rsaObject) []byte { return r.publicDER(t, false) })),
		types.M("byte[] ExportRSAPrivateKey()", bytesOf(func(t *types.Thread, r *rsaObject) []byte { return r.privateDER(t, false) })),
		types.M("string ExportRSAPublicKeyPem()", pemImpl("RSA PUBLIC KEY", func(t *types.Thread, r *rsaObject) []byte { return r.publicDER(t, false) })),
		types.M("string ExportRSAPrivateKeyPem()", pemImpl("RSA PRIVATE KEY", func(t *types.Thread, r *rsaObject) []byte { return r.privateDER(t, false) })),
		types.M("int GetMaxOutputSize()", onRSA(func(t *types.Thread, r *rsaObject, _ []types.Value) types.Value {
			return types.Int(int64(r.publicKey(t).Size()))
		})),
		types.M("System.Security.Cryptography.RSAParameters ExportParameters(bool includePrivateParameters)", onRSA(
			func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
				return types.Ref(r.parameters(t, x[0].Bool()))
			})),
		types.M("void ImportParameters(System.Security.Cryptography.RSAParameters parameters)", onRSA(
			func(_ *types.Thread, r *rsaObject, x []types.Value) types.Value {
				r.load(rsaParametersOf(x[0]))
				return types.Value{}
			})),
	}
}

func pemImpl(label string, der func(t *types.Thread, r *rsaObject) []byte) types.Impl {
	return onRSA(func(t *types.Thread, r *rsaObject, _ []types.Value) types.Value {
		return types.Ref(newString(t, pemOf(label, der(t, r))))
	})
}

func asymmetricMembers() []types.MemberDecl {
	name := types.Raw(func(_ *types.Thread, this types.Value, _ []types.Value) types.Value {
		receiverObject(this)
		return types.Ref(types.NewString("RSA"))
	})
	dispose := types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
		if d, ok := receiverObject(this).(disposable); ok {
			d.Dispose(t)
		}
		return types.Value{}
	})
	size := onRSA(func(_ *types.Thread, r *rsaObject, _ []types.Value) types.Value {
		if r.pub != nil {
			return types.Int(int64(r.pub.N.BitLen()))
		}
		return types.Int(int64(r.size))
	}).WithSet(func(_ *types.Thread, this types.Value, x []types.Value) {
		r, ok := receiverObject(this).(*rsaObject)
		if !ok {
			types.Throw(types.NotSupportedException, "Specified method is not supported.")
		}
		if n := keySizeArg(x[0].Int32()); r.pub == nil || r.pub.N.BitLen() != n {
			r.pub, r.priv, r.size = nil, nil, n
		}
	})
	return []types.MemberDecl{
		types.M("int KeySize { get; set; }", size),
		types.M("System.Security.Cryptography.KeySizes[] LegalKeySizes { get; }", onRSA(func(*types.Thread, *rsaObject, []types.Value) types.Value {
			return newKeySizes(512, 16384, 8)
		})),
		types.M("string KeyExchangeAlgorithm { get; }", name), types.M("string SignatureAlgorithm { get; }", name),
		types.M("string ToXmlString(bool includePrivateParameters)", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			return types.Ref(newString(t, r.xml(t, x[0].Bool())))
		})),
		types.M("void FromXmlString(string xmlString)", onRSA(func(t *types.Thread, r *rsaObject, x []types.Value) types.Value {
			need(x[0], "xmlString")
			r.loadXML(t, x[0].Str())
			return types.Value{}
		})),
		types.M("byte[] ExportSubjectPublicKeyInfo()", onRSA(func(t *types.Thread, r *rsaObject, _ []types.Value) types.Value {
			return types.Ref(&types.Bytes{B: r.publicDER(t, true)})
		})),
		types.M("byte[] ExportPkcs8PrivateKey()", onRSA(func(t *types.Thread, r *rsaObject, _ []types.Value) types.Value {
			return types.Ref(&types.Bytes{B: r.privateDER(t, true)})
		})),
		types.M("string ExportSubjectPublicKeyInfoPem()", pemImpl("PUBLIC KEY", func(t *types.Thread, r *rsaObject) []byte { return r.publicDER(t, true) })),
		types.M("string ExportPkcs8PrivateKeyPem()", pemImpl("PRIVATE KEY", func(t *types.Thread, r *rsaObject) []byte { return r.privateDER(t, true) })),
		types.M("void Clear()", dispose), types.M("void Dispose()", dispose),
		types.M("static System.Security.Cryptography.AsymmetricAlgorithm Create()", noDefaultAlgorithm),
		types.M("static System.Security.Cryptography.AsymmetricAlgorithm Create(string algName)", createByName("AsymmetricAlgorithm")),
	}
}

// keySizeArg is a key size that RSA can have here; more than 4096 bits would take too long to make.
func keySizeArg(n int32) int {
	if n < 1024 || n > 4096 || n%8 != 0 {
		throwCrypto(msgKeySize)
	}
	return int(n)
}

func rsaDecls() []*types.Decl {
	created := []types.MemberDecl{
		types.M("static System.Security.Cryptography.RSA Create()", types.S0(func() *rsaObject { return newRSA(nil, nil) })),
		types.M("static System.Security.Cryptography.RSA Create(int keySizeInBits)", types.S1(func(n int32) *rsaObject {
			r := newRSA(nil, nil)
			r.size = keySizeArg(n)
			return r
		})),
		types.M("static System.Security.Cryptography.RSA Create(System.Security.Cryptography.RSAParameters parameters)", types.S1(func(v types.Value) *rsaObject {
			r := newRSA(nil, nil)
			r.load(rsaParametersOf(v))
			return r
		})),
		types.M("static System.Security.Cryptography.RSA Create(string algName)", createByName("RSA")),
	}
	members := append(append(rsaSignMembers(), rsaCryptMembers()...), created...)
	return []*types.Decl{
		hidden("abstract class Interop"), hidden("abstract class Interop.Crypto"),
		hidden("sealed class Interop.Crypto.OpenSslCryptographicException : System.Security.Cryptography.CryptographicException"),
		rsaParametersDecl(),
		types.T("abstract class System.Security.Cryptography.AsymmetricAlgorithm : System.IDisposable", asymmetricMembers()...),
		types.T("abstract class System.Security.Cryptography.RSA : System.Security.Cryptography.AsymmetricAlgorithm", members...),
		types.T("sealed class System.Security.Cryptography.RSACng : System.Security.Cryptography.RSA",
			types.M("new()", types.S0(func() *rsaObject { return newRSA(nil, nil) })),
			types.M("new(int keySize)", types.S1(func(n int32) *rsaObject {
				r := newRSA(nil, nil)
				r.size = keySizeArg(n)
				return r
			}))),
	}
}
