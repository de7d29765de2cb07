package clr

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"hash"

	"github.com/postern-gateway/postern/csharp/types"
)

// rsaObject is an RSA: a public key and perhaps the private one. Without either it is a fresh object, which makes itself a key when first used.
type rsaObject struct {
	pub  *rsa.PublicKey
	priv *rsa.PrivateKey
	size int
	// own: the private key came from the expression itself, so it may have it back; those of certificates are never given out.
	own      bool
	disposed bool
}

var rsaType = lateType(cryptoNS + "RSACng")

// ClrType is RSACng, which expressions cast to.
func (*rsaObject) ClrType() *types.Type { return rsaType() }

// newRSA is an RSA object of a certificate's keys; priv may be nil.
func newRSA(pub *rsa.PublicKey, priv *rsa.PrivateKey) *rsaObject {
	if priv != nil {
		pub = &priv.PublicKey
	}
	return &rsaObject{pub: pub, priv: priv, size: 2048}
}

// Dispose ends the object's life.
func (r *rsaObject) Dispose(*types.Thread) { r.disposed = true }

// publicKey is the public key, made if there is none yet.
func (r *rsaObject) publicKey(t *types.Thread) *rsa.PublicKey {
	if r.disposed {
		panic(disposedError(types.NewString("RSA"), types.NewString("Cannot access a disposed object.")))
	}
	if r.pub == nil {
		t.Step(int64(r.size) * int64(r.size) / 4) // twice the bits take many times as long
		key, err := rsa.GenerateKey(rand.Reader, r.size)
		if err != nil {
			throwCrypto("The key could not be made: " + err.Error() + ".")
		}
		r.priv, r.pub, r.own = key, &key.PublicKey, true
	}
	return r.pub
}

// privateKey is the private key; an object without one throws as OpenSSL has it.
func (r *rsaObject) privateKey(t *types.Thread) *rsa.PrivateKey {
	r.publicKey(t)
	if r.priv == nil {
		types.Throw(opensslError(), "error:02000093:rsa routines::value missing")
	}
	t.Step(2000)
	return r.priv
}

// opensslError is what .NET on Linux throws for what OpenSSL refuses.
var opensslError = lateType("Interop+Crypto+OpenSslCryptographicException")

// rsaDigest is a hash function as signatures and OAEP use it.
type rsaDigest struct {
	id   crypto.Hash
	make func() hash.Hash
}

var rsaDigests = map[string]rsaDigest{
	"MD5": {crypto.MD5, hashKinds[0].make}, "SHA1": {crypto.SHA1, sha1.New}, "SHA256": {crypto.SHA256, sha256.New},
	"SHA384": {crypto.SHA384, sha512.New384}, "SHA512": {crypto.SHA512, sha512.New},
}

// needHashName is a HashAlgorithmName argument that has a name.
func needHashName(v types.Value) hashName {
	n := hashNameOf(v)
	if n.name == nil {
		types.ThrowNull("hashAlgorithm")
	}
	if n.name.Len() == 0 {
		types.ThrowArgument(types.ArgumentException, "The value cannot be an empty string.", "hashAlgorithm")
	}
	return n
}

// digestOf is the hash function of a name; an unknown one throws.
func digestOf(n hashName) rsaDigest {
	d, ok := rsaDigests[goString(n.name)]
	if !ok {
		throwCrypto("'" + goString(n.name) + "' is not a known hash algorithm.")
	}
	return d
}

func signPaddingArg(v types.Value) *rsaSignPadding {
	p, _ := v.Ref.(*rsaSignPadding)
	if p == nil {
		types.ThrowNull("padding")
	}
	return p
}

// sign signs a hash.
func (r *rsaObject) sign(t *types.Thread, d rsaDigest, digest []byte, p *rsaSignPadding) types.Value {
	if len(digest) != d.id.Size() {
		throwCrypto("The provided hash value is not the expected size for the specified hash algorithm.")
	}
	key := r.privateKey(t)
	var sig []byte
	var err error
	if p.pss {
		sig, err = rsa.SignPSS(rand.Reader, key, d.id, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	} else {
		sig, err = rsa.SignPKCS1v15(nil, key, d.id, digest)
	}
	if err != nil {
		throwCrypto("The signature could not be made: " + err.Error() + ".")
	}
	t.Alloc(int64(len(sig)))
	return types.Ref(&types.Bytes{B: sig})
}

// verify judges a signature of a hash.
func (r *rsaObject) verify(t *types.Thread, d rsaDigest, digest, sig []byte, p *rsaSignPadding) types.Value {
	t.Step(200)
	key := r.publicKey(t)
	if len(digest) != d.id.Size() {
		return types.Bool(false)
	}
	if p.pss {
		return types.Bool(rsa.VerifyPSS(key, d.id, digest, sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil)
	}
	return types.Bool(rsa.VerifyPKCS1v15(key, d.id, digest, sig) == nil)
}

// hashOf hashes data, charged.
func (d rsaDigest) hashOf(t *types.Thread, data []byte) []byte {
	t.Step(int64(len(data)/64) + 1)
	h := d.make()
	h.Write(data)
	return h.Sum(nil)
}

// oaep encrypts or decrypts by OAEP or PKCS #1 v1.5.
func (r *rsaObject) encrypt(t *types.Thread, data []byte, p *rsaCryptPadding) types.Value {
	t.Step(200)
	key := r.publicKey(t)
	var out []byte
	var err error
	if p.oaep {
		out, err = rsa.EncryptOAEP(digestOf(p.hash).make(), rand.Reader, key, data, nil)
	} else {
		out, err = rsa.EncryptPKCS1v15(rand.Reader, key, data) //nolint:staticcheck // programs ask for it by name
	}
	if err != nil {
		types.Throw(opensslError(), "error:0200006E:rsa routines::data too large for key size")
	}
	return types.Ref(&types.Bytes{B: out})
}

func (r *rsaObject) decrypt(t *types.Thread, data []byte, p *rsaCryptPadding) types.Value {
	key := r.privateKey(t)
	if len(data) != key.Size() {
		throwCrypto("The length of the data to decrypt is not valid for the size of this key.")
	}
	var out []byte
	var err error
	if p.oaep {
		out, err = rsa.DecryptOAEP(digestOf(p.hash).make(), nil, key, data, nil)
	} else {
		out, err = rsa.DecryptPKCS1v15(nil, key, data) //nolint:staticcheck // programs ask for it by name
	}
	if err != nil {
		types.Throw(opensslError(), "error:02000079:rsa routines::oaep decoding error")
	}
	return types.Ref(&types.Bytes{B: out})
}

// exportable is the private key if it may be given out.
func (r *rsaObject) exportable(t *types.Thread) *rsa.PrivateKey {
	key := r.privateKey(t)
	if !r.own {
		throwCrypto("The requested operation is not supported: the private key of a certificate cannot be exported.")
	}
	return key
}

// xml is ToXmlString.
func (r *rsaObject) xml(t *types.Thread, private bool) string {
	p := r.parameters(t, private)
	s := "<RSAKeyValue>" + xmlKeyPart("Modulus", p.parts[0]) + xmlKeyPart("Exponent", p.parts[1])
	if private {
		for i, name := range []string{"P", "Q", "DP", "DQ", "InverseQ", "D"} {
			s += xmlKeyPart(name, p.parts[rsaXMLOrder[i]])
		}
	}
	return s + "</RSAKeyValue>"
}

func xmlKeyPart(name string, b *types.Bytes) string {
	return "<" + name + ">" + base64.StdEncoding.EncodeToString(b.B) + "</" + name + ">"
}

// pemOf wraps DER in PEM as .NET writes it: without a line break at the end.
func pemOf(label string, der []byte) string {
	s := string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
	return s[:len(s)-1]
}

func (r *rsaObject) publicDER(t *types.Thread, spki bool) []byte {
	if !spki {
		return x509.MarshalPKCS1PublicKey(r.publicKey(t))
	}
	der, err := x509.MarshalPKIXPublicKey(r.publicKey(t))
	if err != nil {
		throwCrypto("The key could not be exported.")
	}
	return der
}

func (r *rsaObject) privateDER(t *types.Thread, pkcs8 bool) []byte {
	key := r.exportable(t)
	if !pkcs8 {
		return x509.MarshalPKCS1PrivateKey(key)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		throwCrypto("The key could not be exported.")
	}
	return der
}
