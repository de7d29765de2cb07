package pfx

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// Object identifiers of private keys.
const (
	oidRSA    = "1.2.840.113549.1.1.1"
	oidRSAPSS = "1.2.840.113549.1.1.10"
	oidEC     = "1.2.840.10045.2.1"
	oidDSA    = "1.2.840.10040.4.1"
)

// UnusableKey is a private key that .NET loads and Postern cannot use: DSA, an RSA key that is
// too small, an elliptic curve that is not supported. Sign always fails.
type UnusableKey struct {
	reason error
}

// Public is nil: nothing is known of the key but that it is there.
func (k *UnusableKey) Public() crypto.PublicKey { return nil }

// Sign fails with the reason why the key cannot be used.
func (k *UnusableKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, fmt.Errorf("private key cannot be used: %w", k.reason)
}

// parsePKCS8 reads PrivateKeyInfo (RFC 5958 section 2).
func parsePKCS8(raw []byte) (crypto.Signer, error) {
	raw, err := der.FromBER(raw)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(raw)
	if err == nil {
		return signer(key)
	}
	algorithm, params, octets, ok := privateKeyInfo(raw)
	if !ok {
		return nil, errors.New("private key: malformed")
	}
	if algorithm == oidRSAPSS {
		if pss, err := x509.ParsePKCS1PrivateKey(octets); err == nil {
			return pss, nil
		}
	}
	if soundKey(algorithm, params, octets) {
		return &UnusableKey{err}, nil
	}
	return nil, errors.New("private key: malformed or of an unknown kind")
}

// parsePEMKey reads what stands between PEM markers of the given type.
func parsePEMKey(kind string, raw []byte) (crypto.Signer, error) {
	switch kind {
	case "RSA PRIVATE KEY":
		key, err := x509.ParsePKCS1PrivateKey(raw)
		if err != nil {
			return nil, errors.New("malformed RSA private key")
		}
		return key, nil
	case "EC PRIVATE KEY":
		key, err := x509.ParseECPrivateKey(raw)
		if err != nil {
			return nil, errors.New("malformed or unsupported EC private key")
		}
		return key, nil
	}
	return parsePKCS8(raw)
}

func signer(key any) (crypto.Signer, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return k, nil
	case *ecdsa.PrivateKey:
		return k, nil
	case ed25519.PrivateKey:
		return k, nil
	}
	return nil, fmt.Errorf("private key: a %T cannot sign", key)
}

// privateKeyInfo takes a PrivateKeyInfo apart.
func privateKeyInfo(raw []byte) (algorithm string, params, key []byte, ok bool) {
	seq, err := der.NewReader(raw).Read(der.Sequence, "private key")
	if err != nil {
		return "", nil, nil, false
	}
	r := der.NewReader(seq.Content)
	if _, err := readInt(r, "version"); err != nil {
		return "", nil, nil, false
	}
	if algorithm, params, err = readAlgorithm(r, "key algorithm"); err != nil {
		return "", nil, nil, false
	}
	octets, err := r.Read(der.OctetString, "private key")
	return algorithm, params, octets.Content, err == nil
}

// soundKey tells a key of a known kind that only cannot be used from one that is malformed.
func soundKey(algorithm string, params, key []byte) bool {
	switch algorithm {
	case oidRSA, oidRSAPSS:
		n := sequenceInts(key)
		return len(n) >= 9 && new(big.Int).Mul(n[4], n[5]).Cmp(n[1]) == 0
	case oidDSA:
		x, err := der.One(key, der.Integer, "private key")
		return err == nil && len(x.Content) > 0 && len(sequenceInts(params)) == 3
	case oidEC:
		_, named := der.One(params, der.OID, "curve")
		_, explicit := der.One(params, der.Sequence, "curve")
		e, err := der.One(key, der.Sequence, "private key")
		return err == nil && len(e.Content) > 0 && (named == nil || explicit == nil)
	}
	return false
}

// sequenceInts are the INTEGERs that a SEQUENCE begins with.
func sequenceInts(data []byte) []*big.Int {
	seq, err := der.One(data, der.Sequence, "sequence")
	if err != nil {
		return nil
	}
	var list []*big.Int
	for r := der.NewReader(seq.Content); r.Is(der.Integer) && len(list) < 16; {
		n, err := readInt(r, "integer")
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}
