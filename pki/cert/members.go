package cert

import (
	"encoding/binary"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/postern-gateway/postern/pki/internal/oid"
)

// The methods in this file are members of .NET's X509Certificate2 as it behaves on Linux.

// text is a string that was made on first use.
type text struct {
	once  sync.Once
	value string
}

func (t *text) get(make func() string) string {
	t.once.Do(func() { t.value = make() })
	return t.value
}

// SubjectName is X509Certificate2.Subject and SubjectName.Name: "CN=client, O=Contoso, C=US".
func (c *Certificate) SubjectName() string { return c.lazy.subject.get(c.Subject.String) }

// IssuerName is X509Certificate2.Issuer and IssuerName.Name.
func (c *Certificate) IssuerName() string { return c.lazy.issuer.get(c.Issuer.String) }

// Thumbprint is the SHA-1 digest of the certificate in upper-case hex. It allocates nothing.
func (c *Certificate) Thumbprint() string { return c.thumbprint }

// SerialNumber is the serial number's octets in upper-case hex, as encoded: "00FF" is 255.
func (c *Certificate) SerialNumber() string { return upperHex(c.Serial) }

// NotBeforeUTC is X509Certificate2.NotBefore, in UTC. A malformed date is a CryptographicException.
func (c *Certificate) NotBeforeUTC() (time.Time, error) { return date(c.notBefore, c.badNotBefore) }

// NotAfterUTC is X509Certificate2.NotAfter, in UTC. A malformed date is a CryptographicException.
func (c *Certificate) NotAfterUTC() (time.Time, error) { return date(c.notAfter, c.badNotAfter) }

func date(t time.Time, bad bool) (time.Time, error) {
	if bad {
		return time.Time{}, errCryptographic
	}
	return t, nil
}

// EffectiveDateString is GetEffectiveDateString(): NotBefore as US English writes it, in UTC.
func (c *Certificate) EffectiveDateString() (string, error) { return dateText(c.NotBeforeUTC()) }

// ExpirationDateString is GetExpirationDateString(): NotAfter as US English writes it, in UTC.
func (c *Certificate) ExpirationDateString() (string, error) { return dateText(c.NotAfterUTC()) }

func dateText(t time.Time, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return longDate(t), nil
}

// SerialNumberBytes is GetSerialNumber(): the serial number's octets, the least significant first.
func (c *Certificate) SerialNumberBytes() []byte {
	b := slices.Clone(c.Serial)
	slices.Reverse(b)
	return b
}

// VersionNumber is X509Certificate2.Version. A version that is negative or no small number is a CryptographicException.
func (c *Certificate) VersionNumber() (int, error) {
	if c.Version < 1 {
		return 0, errCryptographic
	}
	return c.Version, nil
}

// OID is .NET's Oid: the identifier in dotted form, and its name, which may be empty.
type OID struct {
	Value, FriendlyName string
}

// NewOID looks up the name that .NET gives a dotted identifier.
func NewOID(value string) OID { return OID{value, oid.Friendly(value)} }

// SignatureOID is X509Certificate2.SignatureAlgorithm, which .NET takes from inside the signed part.
func (c *Certificate) SignatureOID() OID { return NewOID(c.tbsSignatureText) }

// PublicKeyOID is X509Certificate2.PublicKey.Oid; its Value is GetKeyAlgorithm().
func (c *Certificate) PublicKeyOID() OID { return NewOID(c.keyAlgorithmText) }

// SignatureAlgorithms are the identifiers and parameters (DER, nil if absent) outside and inside
// the signed part, which RFC 5280 section 4.1.1.2 demands to be equal.
func (c *Certificate) SignatureAlgorithms() (outer string, outerParams []byte, inner string, innerParams []byte) {
	return c.signatureAlgorithmText, c.SignatureParams, c.tbsSignatureText, c.tbsSignatureParams
}

// PublicKeyString is GetPublicKeyString(): the public key's bits in upper-case hex.
func (c *Certificate) PublicKeyString() string { return upperHex(c.KeyBits) }

// HashCode is GetHashCode(): the first four octets of the thumbprint.
func (c *Certificate) HashCode() int32 { return int32(binary.BigEndian.Uint32(c.SHA1[:4])) }

// LogValue gives logs the thumbprint, the subject and the dates, and nothing else.
func (c *Certificate) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("thumbprint", c.thumbprint), slog.String("subject", c.SubjectName()),
		slog.Time("notBefore", c.NotBefore), slog.Time("notAfter", c.NotAfter))
}
