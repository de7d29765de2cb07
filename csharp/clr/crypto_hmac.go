package clr

import "github.com/postern-gateway/postern/csharp/types"

// hmacDecls are KeyedHashAlgorithm, HMAC and the keyed functions.
func hmacDecls() []*types.Decl {
	key := types.M("byte[] Key { get; set; }", hmacKey)
	out := []*types.Decl{
		types.T("abstract class System.Security.Cryptography.KeyedHashAlgorithm : System.Security.Cryptography.HashAlgorithm", key,
			types.M("static System.Security.Cryptography.KeyedHashAlgorithm Create()", noDefaultAlgorithm),
			types.M("static System.Security.Cryptography.KeyedHashAlgorithm Create(string algName)", createByName("KeyedHashAlgorithm"))),
		types.T("abstract class System.Security.Cryptography.HMAC : System.Security.Cryptography.KeyedHashAlgorithm",
			types.M("string HashName { get; set; }", types.I0(func(c *cryptoHash) *types.String { return types.NewString(c.kind.name) }).WithSet(setHmacName)),
			types.M("static System.Security.Cryptography.HMAC Create()", noDefaultAlgorithm),
			types.M("static System.Security.Cryptography.HMAC Create(string algorithmName)", createByName("HMAC"))),
	}
	for _, k := range hashKinds {
		out = append(out, hmacDecl(k))
	}
	return out
}

// hmacKey is the property Key.
var hmacKey = types.I0(func(c *cryptoHash) *types.Bytes { return cryptoCopy(c.key) }).WithSet(
	func(_ *types.Thread, this types.Value, x []types.Value) {
		c, ok := receiverObject(this).(*cryptoHash)
		if !ok {
			types.Throw(types.NotSupportedException, "Specified method is not supported.")
		}
		key := bytesArg(x[0], "value")
		if c.begun {
			types.Throw(types.CryptographicException, "Hash key cannot be changed after the first write to the stream.")
		}
		c.setKey(key)
	})

// setHmacName is the setter of HashName, which .NET lets change nothing.
func setHmacName(_ *types.Thread, this types.Value, x []types.Value) {
	if x[0].Str() == nil {
		types.ThrowNull("value")
	}
	if c, ok := receiverObject(this).(*cryptoHash); !ok || c.kind.name != x[0].Str().Go() {
		types.Throw(platformNotSupported(), "Setting the hash algorithm name multiple times is not supported on this platform.")
	}
}

// hmacDecl declares the keyed class of a hash function.
func hmacDecl(k *hashKind) *types.Decl {
	class := cryptoNS + "HMAC" + k.name
	typ := lateType(class)
	withKey := types.S1(func(key *types.Bytes) *cryptoHash {
		if key == nil {
			types.ThrowNull("key")
		}
		return newHmac(k, typ, key.B)
	})
	members := []types.MemberDecl{
		types.M("const int HashSizeInBits = " + itoa(k.bits)),
		types.M("const int HashSizeInBytes = " + itoa(k.bits/8)),
		types.M("new()", types.S0(func() *cryptoHash { return newHmac(k, typ, randomBytes(k.make().BlockSize())) })),
		types.M("new(byte[] key)", withKey),
		types.M("static byte[] HashData(byte[] key, byte[] source)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			key := bytesArg(x[0], "key")
			source := bytesArg(x[1], "source")
			c := newHmac(k, typ, key)
			c.write(t, source)
			return types.Ref(c.finish(t))
		})),
	}
	switch k.name {
	case "SHA1":
		members = append(members, types.M("new(byte[] key, bool useManagedSha1)", types.S2(func(key *types.Bytes, _ bool) *cryptoHash {
			if key == nil {
				types.ThrowNull("key")
			}
			return newHmac(k, typ, key.B)
		})))
	case "SHA384", "SHA512":
		members = append(members, types.M("bool ProduceLegacyHmacValues { get; set; }", types.I0(func(*cryptoHash) bool { return false }).WithSet(
			func(_ *types.Thread, _ types.Value, x []types.Value) {
				if x[0].Bool() {
					types.Throw(platformNotSupported(), "Producing legacy HMAC values is not supported.")
				}
			})))
	}
	return types.T("class "+class+" : System.Security.Cryptography.HMAC", members...)
}
