package chain

import (
	"bytes"
	"crypto/dsa" //nolint:staticcheck // certificates of the past carry DSA keys, and .NET judges them
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// keyKind is the algorithm of a public key, as far as it decides which signatures may be its.
type keyKind uint8

const (
	// keyNone is a key that OpenSSL cannot read.
	keyNone keyKind = iota
	keyRSA
	keyRSAPSS
	keyEC
	keyDSA
	keyEd25519
	keyEd448
	// keyExchange is a key that signs nothing (X25519, X448, Diffie-Hellman).
	keyExchange
)

// Object identifiers of public key algorithms (RFC 3279, RFC 4055, RFC 5480, RFC 8410).
var keyKinds = map[string]keyKind{
	"1.2.840.113549.1.1.1":  keyRSA,
	"1.2.840.113549.1.1.10": keyRSAPSS,
	"1.2.840.10045.2.1":     keyEC,
	"1.2.840.10040.4.1":     keyDSA,
	"1.3.101.112":           keyEd25519,
	"1.3.101.113":           keyEd448,
	"1.3.101.110":           keyExchange,
	"1.3.101.111":           keyExchange,
	"1.2.840.113549.1.3.1":  keyExchange,
	"1.2.840.10046.2.1":     keyExchange,
}

// Smallest sizes that are not refused as broken, in bits.
const (
	minRSABits = 1024
	minDSABits = 1024
	minECBits  = 160
)

// publicKey is a certificate's key in the form that verifies signatures.
type publicKey struct {
	kind keyKind
	// explicit says that the curve was written out instead of named.
	explicit bool
	// weak says why the key is broken; empty for one that is not.
	weak string

	rsa  *rsa.PublicKey
	ec   *ecdsa.PublicKey
	rare *curvePoint
	// dsa is nil where the parameters are inherited from the issuer (RFC 3279 section 2.3.2); y is then the key.
	dsa *dsa.PublicKey
	ed  []byte
	// limits are the parameters that an RSASSA-PSS key insists on; the zero value if it does not.
	limits pssParams
}

// readKey reads the key of c; kind is keyNone if OpenSSL could not.
func readKey(c *cert.Certificate) publicKey {
	k := publicKey{kind: keyKinds[c.KeyAlgorithm.String()]}
	switch k.kind {
	case keyEC:
		readECKey(&k, c)
		return k
	case keyEd448:
		k.ed = c.KeyBits
		if len(k.ed) != ed448KeySize || len(c.KeyParams) != 0 {
			k.kind = keyNone
		}
		return k
	case keyEd25519:
		if len(c.KeyParams) != 0 {
			k.kind = keyNone
		}
	case keyRSA, keyRSAPSS:
		readRSAKey(&k, c)
		return k
	case keyExchange:
		if !soundExchangeKey(c) {
			k.kind = keyNone
		}
		return k
	case keyNone:
		return k
	}
	key, err := c.PublicKey()
	if err != nil {
		if k.kind != keyDSA || !inheritsDSA(c) {
			k.kind = keyNone
		}
		return k
	}
	switch key := key.(type) {
	case *dsa.PublicKey:
		k.dsa = key
		if bits := key.P.BitLen(); bits < minDSABits {
			k.weak = fmt.Sprintf("DSA of %d bits", bits)
		}
	case ed25519.PublicKey:
		k.ed = key
	default:
		k.kind = keyNone
	}
	return k
}

// readRSAKey reads an RSAPublicKey (RFC 8017 appendix A.1.1) as OpenSSL does: its numbers as they stand, without a sign,
// and of plain RSA no parameters. A number out of crypto/rsa's range is a key all the same, that verifies nothing here.
func readRSAKey(k *publicKey, c *cert.Certificate) {
	seq, err := der.NewReader(c.KeyBits).Read(der.Sequence, "key") // octets behind it are left unread
	if err != nil {
		k.kind = keyNone
		return
	}
	parts, err := seq.Children()
	if err != nil || len(parts) != 2 || parts[0].ID != der.Integer || parts[1].ID != der.Integer || len(parts[0].Content) == 0 || len(parts[1].Content) == 0 {
		k.kind = keyNone
		return
	}
	if k.kind == keyRSAPSS && len(c.KeyParams) != 0 {
		if _, err := der.One(c.KeyParams, der.Sequence, "parameters"); err != nil {
			k.kind = keyNone
			return
		}
		// Limits that cannot be read allow no signature.
		k.limits = readPSS(der.NewReader(c.KeyParams))
	}
	n, e := new(big.Int).SetBytes(parts[0].Content), new(big.Int).SetBytes(parts[1].Content)
	switch {
	case n.BitLen() < minRSABits:
		k.weak = fmt.Sprintf("RSA of %d bits", n.BitLen())
	case e.BitLen() < 2 || e.Bit(0) == 0:
		k.weak = "RSA with an exponent that is 1 or even"
	}
	if e.BitLen() < 32 && n.Sign() > 0 {
		k.rsa = &rsa.PublicKey{N: n, E: int(e.Int64())}
	}
}

// soundExchangeKey reports whether OpenSSL can read a key that signs nothing: X25519 and X448 by their size (RFC 8410),
// Diffie-Hellman by its numbers (RFC 3279 section 2.3.3, PKCS #3).
func soundExchangeKey(c *cert.Certificate) bool {
	switch c.KeyAlgorithm.String() {
	case "1.3.101.110":
		return len(c.KeyBits) == x25519KeySize && len(c.KeyParams) == 0
	case "1.3.101.111":
		return len(c.KeyBits) == x448KeySize && len(c.KeyParams) == 0
	}
	seq, err := der.One(c.KeyParams, der.Sequence, "parameters")
	if err != nil {
		return false
	}
	parts, err := seq.Children()
	if err != nil || len(parts) < 2 || parts[0].ID != der.Integer || parts[1].ID != der.Integer {
		return false
	}
	y, err := der.One(c.KeyBits, der.Integer, "key")
	return err == nil && len(y.Content) > 0
}

// Sizes of keys for key exchange, in octets.
const (
	x25519KeySize = 32
	x448KeySize   = 56
)

func readECKey(k *publicKey, c *cert.Certificate) {
	id, err := der.One(c.KeyParams, der.OID, "curve")
	if err != nil {
		if _, err := der.One(c.KeyParams, der.Sequence, "curve"); err != nil {
			k.kind = keyNone
		}
		k.explicit = true
		return
	}
	oid, err := der.OIDText(id.Content)
	if err != nil {
		k.kind = keyNone
		return
	}
	if name, ok := opaqueCurves[oid]; ok {
		k.weak = "the curve " + name + ", which is not supported"
		return
	}
	if bytes.Equal(c.KeyBits, []byte{0}) && (rareCurves[oid] != nil || namedCurves[oid] != nil) {
		k.weak = "the point at infinity" // OpenSSL reads it, and everybody has its private key
		return
	}
	if rare := rareCurves[oid]; rare != nil {
		if k.rare, err = rare.point(c.KeyBits); err != nil {
			k.kind = keyNone
		}
		if bits := rare.n.BitLen(); bits < minECBits {
			k.weak = fmt.Sprintf("a curve of %d bits", bits)
		}
		return
	}
	key, err := c.PublicKey()
	if std, ok := key.(*ecdsa.PublicKey); ok && err == nil {
		k.ec = std
		return
	}
	if k.ec = hybridPoint(oid, c.KeyBits); k.ec == nil {
		k.kind = keyNone
	}
}

// hybridPoint reads a point in the hybrid form of X9.62: both coordinates, and the parity of the second in the first octet.
// It is nil for anything else.
func hybridPoint(oid string, bits []byte) *ecdsa.PublicKey {
	curve := namedCurves[oid]
	if curve == nil || len(bits) < 2 || bits[0]&^1 != 6 || bits[0]&1 != bits[len(bits)-1]&1 {
		return nil
	}
	plain := bytes.Clone(bits)
	plain[0] = 4
	key, err := ecdsa.ParseUncompressedPublicKey(curve, plain)
	if err != nil {
		return nil
	}
	return key
}

// namedCurves are the curves of crypto/elliptic by their object identifiers.
var namedCurves = map[string]elliptic.Curve{
	"1.3.132.0.33": elliptic.P224(), "1.2.840.10045.3.1.7": elliptic.P256(), "1.3.132.0.34": elliptic.P384(), "1.3.132.0.35": elliptic.P521(),
}

// inheritsDSA reports whether c leaves out the parameters of its DSA key.
func inheritsDSA(c *cert.Certificate) bool {
	if len(c.KeyParams) != 0 && c.KeyParams[0] != der.Null {
		return false
	}
	e, err := der.One(c.KeyBits, der.Integer, "key")
	return err == nil && len(e.Content) > 0
}

// dsaWith is the key with the parameters of an issuer.
func (k *publicKey) dsaWith(c *cert.Certificate, parameters dsa.Parameters) *dsa.PublicKey {
	e, err := der.One(c.KeyBits, der.Integer, "key")
	if err != nil {
		return nil
	}
	y, err := der.Int(e.Content)
	if err != nil || y.Sign() <= 0 {
		return nil
	}
	return &dsa.PublicKey{Parameters: parameters, Y: y}
}

// work is about how long a signature by the key takes to verify, in units of one by P-256.
func (k *publicKey) work() int {
	switch {
	case k.rsa != nil:
		size := k.rsa.N.BitLen() / 4096
		return 1 + size*size
	case k.ec != nil && k.ec.Curve.Params().BitSize > 256:
		return 16
	case k.rare != nil && k.rare.curve.n.BitLen() > 256:
		return 60
	case k.rare != nil:
		return 15
	case k.kind == keyEd448:
		return 80
	case k.kind == keyDSA:
		return 10
	}
	return 1
}
