package vault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/dn"
)

// backdate is how long before its making a certificate begins, for clocks that are slow; Key Vault's is the same.
const backdate = 10 * time.Minute

// newKey makes a key pair.
func newKey(k KeyProperties) (crypto.Signer, error) {
	if !k.elliptic() {
		key, err := rsa.GenerateKey(rand.Reader, k.Size)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "no RSA key could be made")
		}
		return key, nil
	}
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	c, ok := curves[k.Curve]
	if !ok {
		return nil, badParameter("Keys on the curve %s are not supported here; P-256, P-384 and P-521 are.", k.Curve)
	}
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "no EC key could be made")
	}
	return key, nil
}

// Object identifiers of what is written by hand.
var (
	oidKeyUsage    = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSAN         = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidEKU         = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidUPN         = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3}
)

func parseOID(text string) (asn1.ObjectIdentifier, error) {
	var id asn1.ObjectIdentifier
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, err
		}
		id = append(id, int(n))
	}
	if _, err := asn1.Marshal(id); err != nil {
		return nil, err
	}
	return id, nil
}

// encodeName is the DER of a name in text. Text names the most specific part first, the encoding last.
func encodeName(text string) ([]byte, error) {
	name := dn.Name{}
	if text != "" {
		var err error
		if name, err = dn.ParseText(text); err != nil {
			return nil, badParameter("The subject %q is not an X.500 name: %v.", text, err)
		}
	}
	sequence := []asn1.RawValue{}
	for _, rdn := range slices.Backward(name.RDNs) {
		set, err := encodeRDN(rdn)
		if err != nil {
			return nil, badParameter("The subject %q cannot be encoded: %v.", text, err)
		}
		sequence = append(sequence, asn1.RawValue{FullBytes: set})
	}
	return asn1.Marshal(sequence)
}

func encodeRDN(rdn dn.RDN) ([]byte, error) {
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	var list []attribute
	for _, a := range rdn {
		id, err := parseOID(a.Type)
		if err != nil {
			return nil, err
		}
		value := asn1.RawValue{Tag: stringTag(a), Bytes: a.Value}
		if a.Raw != nil {
			value = asn1.RawValue{FullBytes: a.Raw}
		}
		list = append(list, attribute{id, value})
	}
	return asn1.MarshalWithParams(list, "set")
}

// stringTag is the string type of an attribute: PrintableString for countries and serial numbers, IA5String for mail
// addresses and domain components (RFC 5280 appendix A), where the value allows it; UTF8String for all else.
func stringTag(a dn.Attribute) int {
	ascii := func(r rune) bool { return r < 0x80 }
	printable := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(" '()+,-./:=?", r)
	}
	all := func(is func(rune) bool) bool {
		return !strings.ContainsFunc(string(a.Value), func(r rune) bool { return !is(r) })
	}
	switch a.Type {
	case "2.5.4.6", "2.5.4.5":
		if all(printable) {
			return asn1.TagPrintableString
		}
	case "1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25":
		if all(ascii) {
			return asn1.TagIA5String
		}
	}
	return asn1.TagUTF8String
}

// template is the certificate that the policy describes, from now on, without serial number and issuer.
func (p Policy) template(now time.Time) (*x509.Certificate, error) {
	subject, err := encodeName(p.X509.Subject)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		RawSubject: subject, NotBefore: now.Add(-backdate), NotAfter: now.AddDate(0, p.X509.ValidityMonths, 0),
		KeyUsage: p.keyUsage(), BasicConstraintsValid: true,
	}
	for _, text := range p.X509.EKUs {
		id, err := parseOID(text)
		if err != nil {
			return nil, badParameter("The extended key usage %q is not an object identifier.", text)
		}
		t.UnknownExtKeyUsage = append(t.UnknownExtKeyUsage, id)
	}
	if s := p.X509.SANs; s != nil {
		t.DNSNames, t.EmailAddresses = s.DNSNames, s.Emails
		if len(s.UPNs) > 0 {
			san, err := encodeSAN(s, len(p.X509.Subject) == 0)
			if err != nil {
				return nil, err
			}
			t.ExtraExtensions = append(t.ExtraExtensions, san)
		}
	}
	return t, nil
}

func (p Policy) keyUsage() x509.KeyUsage {
	var usage x509.KeyUsage
	for _, word := range p.X509.KeyUsage {
		usage |= 1 << slices.Index(keyUsages, word) // crypto/x509 numbers the bits in the same order
	}
	return usage
}

// encodeSAN is the extension subjectAltName with user principal names in it (otherName, RFC 5280 section 4.2.1.6).
func encodeSAN(s *AlternativeNames, critical bool) (pkix.Extension, error) {
	var names []asn1.RawValue
	for _, n := range s.Emails {
		names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 1, Bytes: []byte(n)})
	}
	for _, n := range s.DNSNames {
		names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte(n)})
	}
	for _, n := range s.UPNs {
		id, err := asn1.Marshal(oidUPN)
		if err != nil {
			return pkix.Extension{}, err
		}
		value, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(n)})
		if err != nil {
			return pkix.Extension{}, err
		}
		explicit, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: value})
		if err != nil {
			return pkix.Extension{}, err
		}
		names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: append(id, explicit...)})
	}
	value, err := asn1.Marshal(names)
	return pkix.Extension{Id: oidSAN, Critical: critical, Value: value}, err
}

// keyID is the identifier of a public key: the SHA-1 of its bits (RFC 5280 section 4.2.1.2, method 1).
func keyID(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "a public key cannot be written")
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "a public key cannot be read")
	}
	id := sha1.Sum(info.Key.Bytes)
	return id[:], nil
}

// newSerial is a positive serial number of 127 random bits.
func newSerial() (*big.Int, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 126))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "no randomness")
	}
	return n.SetBit(n, 126, 1), nil
}

// selfSign is the DER of the template signed by its own key.
func selfSign(t *x509.Certificate, key crypto.Signer) ([]byte, error) {
	var err error
	if t.SerialNumber, err = newSerial(); err != nil {
		return nil, err
	}
	t.AuthorityKeyId = t.SubjectKeyId
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The certificate could not be made of its policy")
	}
	return der, nil
}

// request is the CSR (PKCS#10 DER) of the template, with its extensions.
func request(t *x509.Certificate, key crypto.Signer) ([]byte, error) {
	usage, err := encodeKeyUsage(t.KeyUsage)
	if err != nil {
		return nil, err
	}
	extensions := []pkix.Extension{usage}
	if len(t.UnknownExtKeyUsage) > 0 {
		value, err := asn1.Marshal(t.UnknownExtKeyUsage)
		if err != nil {
			return nil, err
		}
		extensions = append(extensions, pkix.Extension{Id: oidEKU, Value: value})
	}
	constraints, err := asn1.Marshal(struct{}{})
	if err != nil {
		return nil, err
	}
	extensions = append(append(extensions, pkix.Extension{Id: oidConstraints, Value: constraints}), t.ExtraExtensions...)
	r := &x509.CertificateRequest{RawSubject: t.RawSubject, DNSNames: t.DNSNames, EmailAddresses: t.EmailAddresses, ExtraExtensions: extensions}
	der, err := x509.CreateCertificateRequest(rand.Reader, r, key)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The certificate request could not be made of its policy")
	}
	return der, nil
}

// encodeKeyUsage is the extension keyUsage: a BIT STRING without trailing zero bits.
func encodeKeyUsage(u x509.KeyUsage) (pkix.Extension, error) {
	bits := asn1.BitString{Bytes: make([]byte, 2)}
	for i := range len(keyUsages) {
		if u&(1<<i) != 0 {
			bits.Bytes[i/8] |= 0x80 >> (i % 8)
			bits.BitLength = i + 1
		}
	}
	bits.Bytes = bits.Bytes[:(bits.BitLength+7)/8]
	value, err := asn1.Marshal(bits)
	return pkix.Extension{Id: oidKeyUsage, Critical: true, Value: value}, err
}
