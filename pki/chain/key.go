package chain

import (
	"crypto/dsa" //nolint:staticcheck // certificates of the past carry DSA keys, and .NET judges them
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"

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
	// weak says that the key is broken by its size.
	weak bool

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
	case keyRSAPSS:
		if len(c.KeyParams) != 0 {
			if k.limits = readPSS(der.NewReader(c.KeyParams)); k.limits.err != nil {
				k.kind = keyNone
			}
		}
	case keyNone, keyExchange:
		return k
	}
	key, err := c.PublicKey()
	if err != nil {
		readUnusableKey(&k, c)
		return k
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		k.rsa, k.weak = key, key.N.BitLen() < minRSABits
	case *dsa.PublicKey:
		k.dsa, k.weak = key, key.P.BitLen() < minDSABits
	case ed25519.PublicKey:
		k.ed = key
	default:
		k.kind = keyNone
	}
	return k
}

// readUnusableKey decides about a key that Go cannot use: whether OpenSSL can read it.
func readUnusableKey(k *publicKey, c *cert.Certificate) {
	switch k.kind {
	case keyRSA, keyRSAPSS:
		seq, err := der.NewReader(c.KeyBits).Read(der.Sequence, "key")
		if err != nil {
			break
		}
		parts, err := seq.Children()
		if err != nil || len(parts) != 2 || parts[0].ID != der.Integer || parts[1].ID != der.Integer {
			break
		}
		// An exponent or modulus out of crypto/rsa's range: a key all the same, that verifies nothing here.
		n, err1 := der.Int(parts[0].Content)
		e, err2 := der.Int(parts[1].Content)
		if err1 != nil || err2 != nil || n.Sign() <= 0 || e.Sign() <= 0 {
			break
		}
		k.weak = n.BitLen() < minRSABits || e.BitLen() < 2 || e.Bit(0) == 0
		return
	case keyDSA:
		if inheritsDSA(c) {
			return
		}
	}
	k.kind = keyNone
}

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
	if _, ok := opaqueCurves[oid]; ok {
		k.weak = true
		return
	}
	if rare := rareCurves[oid]; rare != nil {
		if k.rare, err = rare.point(c.KeyBits); err != nil {
			k.kind = keyNone
		}
		k.weak = rare.n.BitLen() < minECBits
		return
	}
	key, err := c.PublicKey()
	if std, ok := key.(*ecdsa.PublicKey); ok && err == nil {
		k.ec = std
		return
	}
	k.kind = keyNone
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
