package clr

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/pki/cert"
)

// publicKey is the PublicKey of a certificate.
type publicKey struct{ of *cert.Certificate }

var publicKeyType = lateType(x509NS + "PublicKey")

func (k *publicKey) ClrType() *types.Type { return publicKeyType() }

// algorithm is the key as an RSA object; null where it is of another kind.
func (k *publicKey) algorithm() any {
	if r := rsaPublicKey(k.of); r != nil {
		return newRSA(r, nil)
	}
	return nil
}

func publicKeyDecls() []*types.Decl {
	return []*types.Decl{types.T("sealed class "+x509NS+"PublicKey",
		types.M(cryptoNS+"Oid Oid { get; }", types.I0(func(k *publicKey) *oid { return newOID(k.of.PublicKeyOID()) })),
		types.M(cryptoNS+"AsnEncodedData EncodedKeyValue { get; }", types.I0(func(k *publicKey) *asnData {
			return &asnData{newOID(k.of.PublicKeyOID()), k.of.KeyBits}
		})),
		types.M(cryptoNS+"AsnEncodedData EncodedParameters { get; }", types.I0(func(k *publicKey) *asnData {
			return &asnData{newOID(k.of.PublicKeyOID()), k.of.KeyParams}
		})),
		types.M(cryptoNS+"AsymmetricAlgorithm Key { get; }", types.I0(func(k *publicKey) any {
			a := k.algorithm()
			if a == nil {
				types.Throw(types.NotSupportedException, "The certificate key algorithm is not supported.")
			}
			return a
		})),
		types.M(cryptoNS+"RSA GetRSAPublicKey()", types.I0((*publicKey).algorithm)),
		types.M("byte[] ExportSubjectPublicKeyInfo()", types.I0(func(k *publicKey) *types.Bytes { return &types.Bytes{B: append([]byte{}, k.of.RawSPKI...)} })))}
}
