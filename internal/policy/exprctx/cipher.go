package exprctx

import "github.com/postern-gateway/postern/csharp/types"

const (
	symmetricAlgorithm = "System.Security.Cryptography.SymmetricAlgorithm"
	cryptoTransform    = "System.Security.Cryptography.ICryptoTransform"
)

// cipherMembers are Encrypt and Decrypt on byte[]: with an algorithm's name, or an algorithm that has its mode, padding
// and perhaps its key set.
func cipherMembers() []types.MemberDecl {
	var out []types.MemberDecl
	for _, direction := range [][2]string{{"Encrypt", "CreateEncryptor"}, {"Decrypt", "CreateDecryptor"}} {
		name, maker := direction[0], direction[1]
		head := "static byte[] " + name + "(this byte[] input, "
		out = append(out,
			types.M(head+"string alg, byte[] key, byte[] iv)", types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
				create := method(symmetricAlgorithm, "Create", types.StringType)
				alg := call(t, create, "SymmetricAlgorithm.Create", types.Null, a[1])
				if alg.Ref == nil {
					types.ThrowArgument(types.ArgumentException, "The algorithm is not known.", "alg")
				}
				return transform(t, maker, a[0], alg, a[2], a[3])
			})),
			types.M(head+symmetricAlgorithm+" alg)", types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
				return transform(t, maker, a[0], a[1])
			})),
			types.M(head+symmetricAlgorithm+" alg, byte[] key, byte[] iv)", types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
				return transform(t, maker, a[0], a[1], a[2], a[3])
			})),
		)
	}
	return out
}

// transform runs the whole input through an encryptor or decryptor of the algorithm; keyAndIV are its key and its
// initialization vector, or nothing where the algorithm brings them.
func transform(t *types.Thread, maker string, input, alg types.Value, keyAndIV ...types.Value) types.Value {
	data, ok := input.Ref.(*types.Bytes)
	switch {
	case !ok:
		types.ThrowNull("input")
	case alg.Ref == nil:
		types.ThrowNull("alg")
	}
	params := []*types.Type{types.ByteArray, types.ByteArray}[:len(keyAndIV)]
	made := call(t, method(symmetricAlgorithm, maker, params...), "SymmetricAlgorithm."+maker, alg, keyAndIV...)
	run := method(cryptoTransform, "TransformFinalBlock", types.ByteArray, types.Int32Type, types.Int32Type)
	t.Alloc(int64(len(data.B)))
	return call(t, run, "ICryptoTransform.TransformFinalBlock", made, input, types.Int(0), types.Int(int64(len(data.B))))
}
