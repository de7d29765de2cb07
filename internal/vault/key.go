package vault

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
)

// Key is the public half of a certificate's key.
type Key struct {
	Item
	// Public is *rsa.PublicKey or *ecdsa.PublicKey.
	Public crypto.PublicKey
	// Operations are what may be done with it, in Key Vault's words.
	Operations []string
	// Exportable says that the secret holds the private key.
	Exportable bool
}

// The operations of keys.
const (
	OpSign      = "sign"
	OpVerify    = "verify"
	OpEncrypt   = "encrypt"
	OpDecrypt   = "decrypt"
	OpWrapKey   = "wrapKey"
	OpUnwrapKey = "unwrapKey"
)

// GetKey is a version of a certificate's key, the current one for an empty version.
func (v *Vault) GetKey(ctx context.Context, name, version string) (Key, error) {
	if err := v.allow(ctx, getKey, name); err != nil {
		return Key{}, err
	}
	k, _, err := v.key(ctx, name, version)
	return k, err
}

// key is a version of a key, and the record that holds it.
func (v *Vault) key(ctx context.Context, name, id string) (Key, *version, error) {
	o, err := v.find(ctx, Keys, name)
	if err != nil {
		return Key{}, nil, err
	}
	x, err := v.loadVersion(ctx, Keys, o, id)
	if err != nil {
		return Key{}, nil, err
	}
	k, err := v.describeKey(o, x)
	return k, x, err
}

func (v *Vault) describeKey(o *object, x *version) (Key, error) {
	c, err := cert.Parse(x.Certificate)
	if err != nil {
		return Key{}, fault.Wrap(fault.Internal, err, "the certificate of stored %q is unreadable", o.Name)
	}
	k := Key{Item: v.item(o, &x.meta), Exportable: x.Exportable}
	if k.Public, err = c.PublicKey(); err != nil {
		return Key{}, fault.Wrap(fault.Internal, err, "the key of stored %q is unreadable", o.Name)
	}
	k.Operations = operationsOf(k.Public)
	return k, nil
}

func operationsOf(public crypto.PublicKey) []string {
	if _, ok := public.(*rsa.PublicKey); ok {
		return []string{OpEncrypt, OpDecrypt, OpSign, OpVerify, OpWrapKey, OpUnwrapKey}
	}
	return []string{OpSign, OpVerify}
}

// DescribeKey is what answers about a deleted key show: the caller had permission for that.
func (v *Vault) DescribeKey(ctx context.Context, item Item) (Key, error) {
	o, _, err := v.load(ctx, item.Name)
	if err != nil {
		return Key{}, err
	}
	if o == nil || o.Kind != certificateKind || o.Current == nil {
		return Key{Item: item}, nil
	}
	x, err := v.loadVersion(ctx, Keys, o, "")
	if err != nil {
		return Key{}, err
	}
	return v.describeKey(o, x)
}

// permissionOf is what an operation with a key needs.
var permissionOf = map[string]permission{
	OpSign: signKey, OpVerify: verifyKey, OpEncrypt: encryptKey, OpDecrypt: decryptKey, OpWrapKey: wrapKey, OpUnwrapKey: unwrapKey,
}

// Use is a use of a key.
type Use struct {
	// Operation is one of the operations, Algorithm its algorithm in Key Vault's (JOSE's) words.
	Operation, Algorithm string
	// Value is what is signed (a digest), encrypted or decrypted.
	Value []byte
	// Signature is what is verified.
	Signature []byte
}

// UseKey does an operation with a version of a certificate's key, the current one for an empty version. The result is
// empty for OpVerify, whose answer is valid. A disabled key, one out of its dates where it signs or encrypts, an
// algorithm that does not fit: faults. The key's id comes with the answer.
func (v *Vault) UseKey(ctx context.Context, name, id string, u Use) (item Item, result []byte, valid bool, err error) {
	p, ok := permissionOf[u.Operation]
	if !ok {
		return Item{}, nil, false, badParameter("%q is no operation of a key.", u.Operation)
	}
	if err := v.allow(ctx, p, name); err != nil {
		return Item{}, nil, false, err
	}
	k, x, err := v.key(ctx, name, id)
	if err != nil {
		return Item{}, nil, false, err
	}
	if err := v.checkUse(k, u); err != nil {
		return Item{}, nil, false, err
	}
	var private crypto.Signer
	if slices.Contains([]string{OpSign, OpDecrypt, OpUnwrapKey}, u.Operation) {
		if private, err = v.unsealKey(v.versionKey(name, x.Version), fieldKey, x.Key); err != nil {
			return Item{}, nil, false, err
		}
	}
	switch u.Operation {
	case OpSign:
		result, err = sign(private, u)
	case OpVerify:
		valid, err = verify(k.Public, u)
	case OpDecrypt, OpUnwrapKey:
		result, err = decrypt(private, u)
	default:
		result, err = encrypt(k.Public, u)
	}
	return k.Item, result, valid, err
}

// checkUse refuses what Key Vault refuses whatever the algorithm: disabled keys, and keys out of their dates but for
// verifying and decrypting what is older (learn.microsoft.com/azure/key-vault/keys/about-keys-details, date-time controlled operations).
func (v *Vault) checkUse(k Key, u Use) error {
	if !k.Attributes.Enabled {
		return forbidden(ReasonKeyDisabled, "Operation %s is not allowed on a disabled key.", u.Operation)
	}
	if !slices.Contains(k.Operations, u.Operation) {
		return forbidden(ReasonPolicy, "Operation is not allowed.\r\nOperation: \"%s\"\r\nCaller: %s\r\nVault: %s", u.Operation, v.caller, v.where())
	}
	a, now := k.Attributes, v.e.now()
	outside := a.NotBefore != nil && now.Before(*a.NotBefore) || a.Expires != nil && !now.Before(*a.Expires)
	if outside && slices.Contains([]string{OpSign, OpEncrypt, OpWrapKey}, u.Operation) {
		return forbidden("", "Operation %s is not allowed on an expired or not yet valid key.", u.Operation)
	}
	return nil
}

// signatures are the algorithms of signing (RFC 7518 section 3.1) with their hashes; bits is the curve of ECDSA.
var signatures = map[string]struct {
	hash crypto.Hash
	bits int
}{
	"RS256": {hash: crypto.SHA256}, "RS384": {hash: crypto.SHA384}, "RS512": {hash: crypto.SHA512},
	"PS256": {hash: crypto.SHA256}, "PS384": {hash: crypto.SHA384}, "PS512": {hash: crypto.SHA512},
	"ES256": {crypto.SHA256, 256}, "ES384": {crypto.SHA384, 384}, "ES512": {crypto.SHA512, 521},
}

// signing is the hash of a signature's algorithm, if it fits the key and the digest.
func signing(public crypto.PublicKey, u Use) (crypto.Hash, error) {
	a, ok := signatures[u.Algorithm]
	if !ok {
		return 0, badParameter("The algorithm %q is not supported for signatures here.", u.Algorithm)
	}
	elliptic, isEC := public.(*ecdsa.PublicKey)
	if isEC != (a.bits != 0) || isEC && elliptic.Curve.Params().BitSize != a.bits {
		return 0, badParameter("Key and signing algorithm are incompatible. Key does not support %s.", u.Algorithm)
	}
	if len(u.Value) != a.hash.Size() {
		return 0, badParameter("Invalid length of value: %d bytes. Signature algorithm %s requires a digest of %d bytes.", len(u.Value), u.Algorithm, a.hash.Size())
	}
	return a.hash, nil
}

// sign signs a digest. ECDSA signatures are r and s, each as long as the curve's order (RFC 7518 section 3.4).
func sign(private crypto.Signer, u Use) ([]byte, error) {
	hash, err := signing(private.Public(), u)
	if err != nil {
		return nil, err
	}
	var result []byte
	switch k := private.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, k, u.Value)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "the key cannot sign")
		}
		size := (k.Curve.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), nil
	case *rsa.PrivateKey:
		if strings.HasPrefix(u.Algorithm, "PS") {
			result, err = rsa.SignPSS(rand.Reader, k, hash, u.Value, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		} else {
			result, err = rsa.SignPKCS1v15(rand.Reader, k, hash, u.Value)
		}
	default:
		return nil, fault.New(fault.Internal, "a key of type %T cannot sign here", private)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the key cannot sign")
	}
	return result, nil
}

func verify(public crypto.PublicKey, u Use) (bool, error) {
	hash, err := signing(public, u)
	if err != nil {
		return false, err
	}
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		size := (k.Curve.Params().BitSize + 7) / 8
		if len(u.Signature) != 2*size {
			return false, nil
		}
		r, s := new(big.Int).SetBytes(u.Signature[:size]), new(big.Int).SetBytes(u.Signature[size:])
		return ecdsa.Verify(k, u.Value, r, s), nil
	case *rsa.PublicKey:
		if strings.HasPrefix(u.Algorithm, "PS") {
			return rsa.VerifyPSS(k, hash, u.Value, u.Signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil, nil
		}
		return rsa.VerifyPKCS1v15(k, hash, u.Value, u.Signature) == nil, nil
	}
	return false, fault.New(fault.Internal, "a key of type %T cannot verify here", public)
}

// encrypt encrypts, or wraps a key, with RSA (RFC 7518 section 4.1).
func encrypt(public crypto.PublicKey, u Use) ([]byte, error) {
	k, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil, badParameter("Key and encryption algorithm are incompatible.")
	}
	var result []byte
	var err error
	switch u.Algorithm {
	case "RSA-OAEP-256":
		result, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, k, u.Value, nil)
	case "RSA-OAEP":
		result, err = rsa.EncryptOAEP(sha1.New(), rand.Reader, k, u.Value, nil)
	case "RSA1_5":
		result, err = rsa.EncryptPKCS1v15(rand.Reader, k, u.Value)
	default:
		return nil, badParameter("The algorithm %q is not supported for encryption here; RSA-OAEP-256, RSA-OAEP and RSA1_5 are.", u.Algorithm)
	}
	if err != nil {
		return nil, badParameter("The value cannot be encrypted with this key: %v.", err)
	}
	return result, nil
}

func decrypt(private crypto.Signer, u Use) ([]byte, error) {
	k, ok := private.(*rsa.PrivateKey)
	if !ok {
		return nil, badParameter("Key and encryption algorithm are incompatible.")
	}
	var result []byte
	var err error
	switch u.Algorithm {
	case "RSA-OAEP-256":
		result, err = rsa.DecryptOAEP(sha256.New(), nil, k, u.Value, nil)
	case "RSA-OAEP":
		result, err = rsa.DecryptOAEP(sha1.New(), nil, k, u.Value, nil)
	case "RSA1_5":
		result, err = rsa.DecryptPKCS1v15(nil, k, u.Value)
	default:
		return nil, badParameter("The algorithm %q is not supported for encryption here; RSA-OAEP-256, RSA-OAEP and RSA1_5 are.", u.Algorithm)
	}
	if err != nil {
		return nil, badParameter("The value cannot be decrypted with this key.")
	}
	return result, nil
}

// NoOwnKeys is the refusal of an operation on keys that are not certificates'.
func NoOwnKeys(operation string) error {
	return fault.New(fault.Unsupported, "%s", fmt.Sprintf("Operation %s is not supported here: the vault has the keys of its certificates, and no others yet. Create or import a certificate.", operation))
}
