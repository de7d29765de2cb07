// Package cert reads X.509 certificates as .NET on Linux does: tolerant where
// .NET is tolerant (crypto/x509 refuses negative serial numbers, trailing
// bytes and much else), and names every property as .NET names it.
//
// A Certificate is immutable after Parse and safe for concurrent use. It holds
// no private key; a key travels beside it, in an Identity.
package cert

import (
	"crypto"
	"encoding/asn1"
	"time"

	"github.com/postern-gateway/postern/pki/dn"
)

// Certificate is one parsed X.509 certificate (RFC 5280 section 4.1).
type Certificate struct {
	// Raw is the certificate's DER without any trailing bytes; the other Raw fields are slices of it.
	Raw []byte
	// RawTBS is the TBSCertificate, which the signature covers.
	RawTBS []byte
	// RawSubject and RawIssuer are the DER of the two names.
	RawSubject, RawIssuer []byte
	// RawSPKI is the DER of SubjectPublicKeyInfo.
	RawSPKI []byte

	// Version is 1, 2 or 3 in a sound certificate; it may be anything, and is 0 if it is no number that .NET reads.
	Version int
	// Serial is the content octets of the serial number INTEGER, big-endian two's complement, as encoded.
	Serial []byte
	// Subject and Issuer are the two names.
	Subject, Issuer dn.Name
	// NotBefore and NotAfter bound the validity, both inclusive, in UTC. If either is malformed
	// (TimesValid tells), NotBefore is in the year 9999 and NotAfter the zero time, so that the
	// certificate is valid at no time.
	NotBefore, NotAfter time.Time

	// SignatureAlgorithm is the OID in signatureAlgorithm, SignatureParams its parameters' DER (nil if absent).
	SignatureAlgorithm asn1.ObjectIdentifier
	SignatureParams    []byte
	// TBSSignature is the OID in TBSCertificate.signature, which should be the same.
	TBSSignature asn1.ObjectIdentifier
	// Signature is the signature's bits.
	Signature []byte

	// KeyAlgorithm is the OID of the public key's algorithm, KeyParams its parameters' DER (nil if absent),
	// KeyBits the content of subjectPublicKey.
	KeyAlgorithm asn1.ObjectIdentifier
	KeyParams    []byte
	KeyBits      []byte

	// Extensions in the order of the certificate.
	Extensions []Extension

	// SHA1 is the digest of Raw: .NET's thumbprint.
	SHA1 [20]byte
	// SHA256 is the digest of Raw.
	SHA256 [32]byte

	publicKey    crypto.PublicKey
	publicKeyErr error
	// thumbprint is SHA1 in upper-case hex; the others are the dotted forms of the OIDs above,
	// which also hold where an arc is larger than an int.
	thumbprint                                                 string
	signatureAlgorithmText, tbsSignatureText, keyAlgorithmText string
	tbsSignatureParams                                         []byte
	// notBefore and notAfter are the dates as .NET shows them, each unless it is bad.
	notBefore, notAfter       time.Time
	badNotBefore, badNotAfter bool
	lazy                      lazy
}

// Extension is one certificate extension.
type Extension struct {
	ID       asn1.ObjectIdentifier
	Critical bool
	// Value is the content of extnValue.
	Value []byte

	// oid is ID in dotted form, which also holds where an arc is larger than an int.
	oid string
}

// Identity is a certificate with what came along in its file.
type Identity struct {
	// Certificate is the leaf.
	Certificate *Certificate
	// Key is the private key (*rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey …); nil if there is none.
	Key crypto.Signer
	// Chain are the other certificates of the file, in its order.
	Chain []*Certificate
}

// Extension returns the first extension with the given OID.
func (c *Certificate) Extension(id asn1.ObjectIdentifier) (Extension, bool) {
	for _, e := range c.Extensions {
		if e.ID.Equal(id) {
			return e, true
		}
	}
	return Extension{}, false
}

// PublicKey is the subject's key (*rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey, *dsa.PublicKey),
// or the reason why it cannot be used. The certificate itself may still be read.
func (c *Certificate) PublicKey() (crypto.PublicKey, error) { return c.publicKey, c.publicKeyErr }
