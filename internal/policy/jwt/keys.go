package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is a SHA-1 thumbprint (RFC 7515 section 4.1.7)
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
)

// minRSABits is the shortest RSA key that verifies.
const minRSABits = 1024

// maxRSABits bounds the work for one signature.
const maxRSABits = 16384

// Key verifies signatures. One of Secret, RSA and EC is set.
type Key struct {
	// ID is what a token's kid may name; empty: nothing. Fold compares it without case, as that of a certificate.
	ID   string
	Fold bool
	// X5T is the certificate's thumbprint as a token's x5t has it; empty: no certificate.
	X5T string
	// Algorithm is the one algorithm that the key is for; empty: each of its kind.
	Algorithm string

	Secret []byte
	RSA    *rsa.PublicKey
	EC     *ecdsa.PublicKey
}

// named reports whether a token names the key.
func (k *Key) named(t *Token) bool {
	if t.KeyID != "" && (k.ID == t.KeyID || k.Fold && strings.EqualFold(k.ID, t.KeyID)) {
		return true
	}
	return t.X5T != "" && k.X5T == t.X5T
}

// algorithm is a signature algorithm of RFC 7518 section 3.1.
type algorithm struct {
	kind byte // of "HRPE"
	hash crypto.Hash
	// curve and size are of ECDSA: the curve, and the bytes of each half of a signature.
	curve elliptic.Curve
	size  int
}

var algorithms = map[string]algorithm{
	"HS256": {kind: 'H', hash: crypto.SHA256}, "HS384": {kind: 'H', hash: crypto.SHA384}, "HS512": {kind: 'H', hash: crypto.SHA512},
	"RS256": {kind: 'R', hash: crypto.SHA256}, "RS384": {kind: 'R', hash: crypto.SHA384}, "RS512": {kind: 'R', hash: crypto.SHA512},
	"PS256": {kind: 'P', hash: crypto.SHA256}, "PS384": {kind: 'P', hash: crypto.SHA384}, "PS512": {kind: 'P', hash: crypto.SHA512},
	"ES256": {kind: 'E', hash: crypto.SHA256, curve: elliptic.P256(), size: 32},
	"ES384": {kind: 'E', hash: crypto.SHA384, curve: elliptic.P384(), size: 48},
	"ES512": {kind: 'E', hash: crypto.SHA512, curve: elliptic.P521(), size: 66},
}

// verifies reports whether the key made the token's signature. An algorithm that is not the key's kind is a no.
func (k *Key) verifies(t *Token) bool {
	a, ok := algorithms[t.Algorithm]
	signature, fine := decode(t.signature)
	if !ok || !fine || k.Algorithm != "" && k.Algorithm != t.Algorithm {
		return false
	}
	switch {
	case a.kind == 'H' && k.Secret != nil:
		// A secret shorter than the hash is refused (RFC 7518 section 3.2).
		mac := hmac.New(a.hash.New, k.Secret)
		mac.Write([]byte(t.signed))
		return len(k.Secret) >= a.hash.Size() && subtle.ConstantTimeCompare(mac.Sum(nil), signature) == 1
	case (a.kind == 'R' || a.kind == 'P') && k.RSA != nil:
		if bits := k.RSA.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return false
		}
		if a.kind == 'R' {
			return rsa.VerifyPKCS1v15(k.RSA, a.hash, a.digest(t.signed), signature) == nil
		}
		return rsa.VerifyPSS(k.RSA, a.hash, a.digest(t.signed), signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	case a.kind == 'E' && k.EC != nil:
		if k.EC.Curve != a.curve || len(signature) != 2*a.size {
			return false
		}
		r, s := new(big.Int).SetBytes(signature[:a.size]), new(big.Int).SetBytes(signature[a.size:])
		return ecdsa.Verify(k.EC, a.digest(t.signed), r, s)
	}
	return false
}

func (a algorithm) digest(text string) []byte {
	h := a.hash.New()
	h.Write([]byte(text))
	return h.Sum(nil)
}

// PublicKey makes a key of a public key; ok is false for kinds that verify nothing here.
func PublicKey(id string, pub any) (k Key, ok bool) {
	k.ID = id
	switch p := pub.(type) {
	case *rsa.PublicKey:
		k.RSA = p
	case *ecdsa.PublicKey:
		k.EC = p
	default:
		return k, false
	}
	return k, true
}

// CertificateKey makes the key of a certificate in DER, which tokens name by its thumbprint.
func CertificateKey(der []byte) (Key, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return Key{}, err
	}
	sum := sha1.Sum(der) //nolint:gosec // a name
	k, ok := PublicKey(strings.ToUpper(hex.EncodeToString(sum[:])), c.PublicKey)
	if !ok {
		return k, errors.New("its key is neither RSA nor ECDSA")
	}
	k.Fold, k.X5T = true, base64.RawURLEncoding.EncodeToString(sum[:])
	return k, nil
}

// RSAKey makes a key of a modulus and an exponent in base64url, as policies and key sets have them.
func RSAKey(id, n, e string) (Key, error) {
	modulus, ok1 := decode(strings.TrimRight(n, "="))
	exponent, ok2 := decode(strings.TrimRight(e, "="))
	if !ok1 || !ok2 || len(modulus) == 0 || len(exponent) == 0 || len(exponent) > 4 || len(modulus) > maxRSABits/8 {
		return Key{}, errors.New("modulus and exponent are not those of an RSA key in base64url")
	}
	pub := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}
	if pub.E < 3 || pub.E&1 == 0 || pub.E > 1<<31-1 || pub.N.BitLen() < minRSABits {
		return Key{}, errors.New("the RSA key is too short, or its exponent is none")
	}
	return Key{ID: id, RSA: pub}, nil
}

// jwk is a public key in a key set (RFC 7517 section 4).
type jwk struct {
	Kty string   `json:"kty"`
	Use string   `json:"use"`
	Kid string   `json:"kid"`
	Alg string   `json:"alg"`
	X5t string   `json:"x5t"`
	X5c []string `json:"x5c"`
	N   string   `json:"n"`
	E   string   `json:"e"`
	Crv string   `json:"crv"`
	X   string   `json:"x"`
	Y   string   `json:"y"`
}

// maxKeys bounds a key set.
const maxKeys = 100

// ParseKeySet reads the keys of a JWK set that are for signatures. Others, and those that cannot be read, are left out;
// so are secrets, which have no place in what everybody can read.
func ParseKeySet(data []byte) ([]Key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, err
	}
	if len(set.Keys) > maxKeys {
		return nil, errors.New("the key set has too many keys")
	}
	var keys []Key
	for _, raw := range set.Keys {
		var j jwk
		if json.Unmarshal(raw, &j) != nil || j.Use != "" && j.Use != "sig" {
			continue
		}
		if k, err := j.key(); err == nil {
			k.ID, k.X5T = j.Kid, j.X5t
			if _, known := algorithms[j.Alg]; known {
				k.Algorithm = j.Alg
			}
			keys = append(keys, k)
		}
	}
	return keys, nil
}

func (j *jwk) key() (Key, error) {
	switch {
	case j.Kty == "RSA" && j.N != "":
		return RSAKey(j.Kid, j.N, j.E)
	case j.Kty == "EC":
		return ECKey(j.Kid, j.Crv, j.X, j.Y)
	case j.Kty == "RSA" && len(j.X5c) > 0:
		der, err := base64.StdEncoding.DecodeString(j.X5c[0])
		if err != nil {
			return Key{}, err
		}
		return CertificateKey(der)
	}
	return Key{}, errors.New("no public key")
}

// ECKey makes a key of a point on a curve ("P-256") in base64url.
func ECKey(id, crv, x, y string) (Key, error) {
	for _, a := range algorithms {
		if a.kind != 'E' || a.curve.Params().Name != crv {
			continue
		}
		bx, ok1 := decode(x)
		by, ok2 := decode(y)
		if !ok1 || !ok2 || len(bx) != a.size || len(by) != a.size {
			return Key{}, errors.New("the point is none of the curve's")
		}
		pub, err := ecdsa.ParseUncompressedPublicKey(a.curve, append(append([]byte{4}, bx...), by...))
		if err != nil {
			return Key{}, err
		}
		return Key{ID: id, EC: pub}, nil
	}
	return Key{}, errors.New("the curve is not known")
}
