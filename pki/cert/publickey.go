package cert

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // certificates with DSA keys are still read
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// Object identifiers of public key algorithms (RFC 3279 section 2.3, RFC 4055, RFC 5480, RFC 8410).
const (
	oidRSA     = "1.2.840.113549.1.1.1"
	oidRSAPSS  = "1.2.840.113549.1.1.10"
	oidEC      = "1.2.840.10045.2.1"
	oidDSA     = "1.2.840.10040.4.1"
	oidEd25519 = "1.3.101.112"
)

var curvesByOID = map[string]elliptic.Curve{
	"1.3.132.0.33":        elliptic.P224(),
	"1.2.840.10045.3.1.7": elliptic.P256(),
	"1.3.132.0.34":        elliptic.P384(),
	"1.3.132.0.35":        elliptic.P521(),
}

// maxRSABits is the largest modulus that is used (OpenSSL's OPENSSL_RSA_MAX_MODULUS_BITS).
const maxRSABits = 16384

// maxRSAExponent is the largest public exponent that crypto/rsa takes.
const maxRSAExponent = 1<<31 - 1

func parsePublicKey(algorithm string, params, bits []byte) (key crypto.PublicKey, err error) {
	switch algorithm {
	case oidRSA, oidRSAPSS:
		key, err = parseRSAKey(bits)
	case oidEC:
		key, err = parseECKey(params, bits)
	case oidEd25519:
		key = ed25519.PublicKey(bits)
		if len(bits) != ed25519.PublicKeySize {
			err = errors.New("public key: malformed Ed25519 key")
		}
	case oidDSA:
		key, err = parseDSAKey(params, bits)
	default:
		err = fmt.Errorf("public key: algorithm %s is not supported", algorithm)
	}
	if err != nil {
		return nil, err
	}
	return key, nil
}

// parseRSAKey reads RSAPublicKey (RFC 8017 appendix A.1.1).
func parseRSAKey(bits []byte) (*rsa.PublicKey, error) {
	ints, err := integers(bits, 2)
	if err != nil {
		return nil, fmt.Errorf("public key: malformed RSA key: %w", err)
	}
	n, e := ints[0], ints[1]
	if n.Sign() <= 0 || n.BitLen() > maxRSABits {
		return nil, errors.New("public key: RSA modulus is out of range")
	}
	if !e.IsInt64() || e.Int64() < 2 || e.Int64() > maxRSAExponent {
		return nil, errors.New("public key: RSA exponent is out of range")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

// integers reads a SEQUENCE of exactly count INTEGERs.
func integers(data []byte, count int) ([]*big.Int, error) {
	r := der.NewReader(data)
	seq, err := r.Read(der.Sequence, "sequence")
	if err != nil {
		return nil, err
	}
	s, list := der.NewReader(seq.Content), make([]*big.Int, count)
	for i := range list {
		e, err := s.Read(der.Integer, "integer")
		if err != nil {
			return nil, err
		}
		if list[i], err = der.Int(e.Content); err != nil {
			return nil, err
		}
	}
	return list, s.End("sequence")
}

// parseECKey reads a point on a named curve (RFC 5480). Parameters that are written out are
// refused: nothing says that they are those of a sound curve.
func parseECKey(params, bits []byte) (*ecdsa.PublicKey, error) {
	id, err := der.One(params, der.OID, "curve")
	if err != nil {
		return nil, errors.New("public key: the elliptic curve is not a named one")
	}
	name, err := der.OIDText(id.Content)
	if err != nil {
		return nil, fmt.Errorf("public key: curve: %w", err)
	}
	curve := curvesByOID[name]
	if curve == nil {
		return nil, fmt.Errorf("public key: elliptic curve %s is not supported", name)
	}
	if len(bits) > 0 && (bits[0] == 2 || bits[0] == 3) {
		x, y := elliptic.UnmarshalCompressed(curve, bits)
		if x == nil {
			return nil, errors.New("public key: not a point of its curve")
		}
		return &ecdsa.PublicKey{Curve: curve, X: x, Y: y}, nil
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, bits)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	return key, nil
}

// parseDSAKey reads Dss-Parms and DSAPublicKey (RFC 3279 section 2.3.2).
func parseDSAKey(params, bits []byte) (*dsa.PublicKey, error) {
	pqg, err := integers(params, 3)
	if err != nil {
		return nil, fmt.Errorf("public key: malformed DSA parameters: %w", err)
	}
	e, err := der.One(bits, der.Integer, "key")
	if err != nil {
		return nil, fmt.Errorf("public key: malformed DSA key: %w", err)
	}
	y, err := der.Int(e.Content)
	if err != nil {
		return nil, fmt.Errorf("public key: malformed DSA key: %w", err)
	}
	for _, n := range append(pqg, y) {
		if n.Sign() <= 0 || n.BitLen() > maxRSABits {
			return nil, errors.New("public key: DSA number is out of range")
		}
	}
	return &dsa.PublicKey{Parameters: dsa.Parameters{P: pqg[0], Q: pqg[1], G: pqg[2]}, Y: y}, nil
}
