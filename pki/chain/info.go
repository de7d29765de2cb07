package chain

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// Info is what path building and revocation need to know of a certificate, read once.
type Info struct {
	// Cert is the certificate.
	Cert *cert.Certificate
	// Subject and Issuer are the canonical forms of the two names (CanonicalName).
	Subject, Issuer string
	// SelfIssued says that the two names are equal.
	SelfIssued bool
	// SelfSigned says that, by its names, key identifiers and algorithms, the certificate is
	// signed with its own key; the signature itself is not looked at.
	SelfSigned bool
	// Malformed says why OpenSSL treats the certificate as invalid, so that it has no issuer and
	// is none: an extension that is malformed or there twice. Empty if it is sound.
	Malformed string
	// CA is what basicConstraints says, false without it.
	CA bool
	// HasKeyUsage says that there is a keyUsage; CertSign and CRLSign what it says of certificates and lists.
	HasKeyUsage, CertSign, CRLSign bool
	// OCSPSigning says that extendedKeyUsage names OCSP signing.
	OCSPSigning bool
	// OCSPNoCheck says that a responder's certificate need not be checked for revocation (RFC 6960 section 4.2.2.2.1).
	OCSPNoCheck bool
	// CriticalUnknown is the object identifier of the first critical extension that is not understood.
	CriticalUnknown string
	// Points are the CRL distribution points.
	Points []Point
	// CRLURL, DeltaURL, OCSPURL and IssuerURL are the first http addresses of the list, the delta
	// list, the responder and the issuer's certificate; empty where there is none.
	CRLURL, DeltaURL, OCSPURL, IssuerURL string
	// OCSPURLs are all http addresses of responders.
	OCSPURLs []string

	hasBasic  bool
	pathLen   int // -1 if there is none
	keyUsage  uint16
	hasNSType bool
	nsType    byte
	proxy     bool
	resources bool
	skid      []byte
	hasSKID   bool
	akid      *AuthorityKey
	names     []GeneralName
	nc        *constraints
	key       publicKey
	algorithm Algorithm
	// sameAlgs says that the two algorithm identifiers are equal, oddBits that the signature is no whole number of octets.
	sameAlgs, oddBits bool
	badTime           bool
	notBefore         int64
	notAfter          int64
	extensions        map[string][]cert.Extension
}

// Object identifiers of extensions (RFC 5280 section 4.2).
const (
	oidSKID        = "2.5.29.14"
	oidKeyUsage    = "2.5.29.15"
	oidSAN         = "2.5.29.17"
	oidIAN         = "2.5.29.18"
	oidBasic       = "2.5.29.19"
	oidNames       = "2.5.29.30"
	oidPoints      = "2.5.29.31"
	oidPolicies    = "2.5.29.32"
	oidMappings    = "2.5.29.33"
	oidAKID        = "2.5.29.35"
	oidPolicyLimit = "2.5.29.36"
	oidEKU         = "2.5.29.37"
	oidFreshest    = "2.5.29.46"
	oidInhibitAny  = "2.5.29.54"
	oidAIA         = "1.3.6.1.5.5.7.1.1"
	oidIPBlocks    = "1.3.6.1.5.5.7.1.7"
	oidASNumbers   = "1.3.6.1.5.5.7.1.8"
	oidProxy       = "1.3.6.1.5.5.7.1.14"
	oidNoCheck     = "1.3.6.1.5.5.7.48.1.5"
	oidNSType      = "2.16.840.1.113730.1.1"
	oidOCSPSigning = "1.3.6.1.5.5.7.3.9"
	oidOCSP        = "1.3.6.1.5.5.7.48.1"
	oidCAIssuers   = "1.3.6.1.5.5.7.48.2"
)

// understood are the extensions that may be critical (OpenSSL 3.0's X509_supported_extension).
var understood = map[string]bool{
	oidNSType: true, oidKeyUsage: true, oidSAN: true, oidBasic: true, oidPolicies: true, oidPoints: true, oidEKU: true,
	oidIPBlocks: true, oidASNumbers: true, oidNoCheck: true, oidPolicyLimit: true, oidProxy: true, oidNames: true,
	oidMappings: true, oidInhibitAny: true,
}

// Bits of keyUsage, the first octet in the low byte.
const (
	usageSignature = 0x80
	usageCertSign  = 0x04
	usageCRLSign   = 0x02
)

// NewInfo reads c. It never fails: what is wrong is in Malformed and comes up in the verdict.
func NewInfo(c *cert.Certificate) *Info {
	i := &Info{Cert: c, Subject: CanonicalName(c.RawSubject), Issuer: CanonicalName(c.RawIssuer), pathLen: -1}
	i.key = readKey(c)
	i.readAlgorithms()
	i.readExtensions()
	i.readUsages()
	i.SelfIssued = i.Subject == i.Issuer
	i.SelfSigned = i.SelfIssued && i.Malformed == "" && i.akid.Matches(i) && i.algorithm.mayBeBy(&i.key)
	return i
}

// infos reads a list of certificates.
func infos(certs []*cert.Certificate) []*Info {
	list := make([]*Info, len(certs))
	for n, c := range certs {
		list[n] = NewInfo(c)
	}
	return list
}

// Same reports whether the two are the same certificate, octet by octet.
func (i *Info) Same(other *Info) bool { return i == other || i.Cert.SHA256 == other.Cert.SHA256 }

// SameKey reports whether the two have the same public key.
func (i *Info) SameKey(other *Info) bool { return bytes.Equal(i.Cert.RawSPKI, other.Cert.RawSPKI) }

// ValidAt reports whether at lies within the validity, to the second: notBefore is within, notAfter is not.
func (i *Info) ValidAt(at time.Time) bool { return i.timeReason(at.Unix()) == ReasonNone }

func (i *Info) timeReason(now int64) Reason {
	switch {
	case i.badTime:
		return ReasonBadTime
	case now < i.notBefore:
		return ReasonNotYetValid
	case now >= i.notAfter:
		return ReasonExpired
	}
	return ReasonNone
}

// Broken reports whether the key or the signature's digest is broken for anybody (RSA below 1024 bits, MD5).
func (i *Info) Broken() bool { return i.key.weak != "" || i.algorithm.Weak() }

// Extension returns the value of the first extension with the object identifier oid in dotted form.
func (i *Info) Extension(oid string) ([]byte, bool) {
	list := i.extensions[oid]
	if len(list) == 0 {
		return nil, false
	}
	return list[0].Value, true
}

// Signed reports whether issuer's key verifies the signature of the certificate.
func (i *Info) Signed(issuer *Info) bool {
	return i.sameAlgs && !i.oddBits && i.algorithm.verify(&issuer.key, i.Cert.RawTBS, i.Cert.Signature)
}

// readAlgorithms compares the two algorithm identifiers and reads the times in their raw form.
func (i *Info) readAlgorithms() {
	i.badTime, i.notBefore, i.notAfter = true, i.Cert.NotBefore.Unix(), i.Cert.NotAfter.Unix()
	outer, inner, validity, unused, ok := rawParts(i.Cert)
	if !ok {
		return
	}
	i.sameAlgs, i.oddBits = bytes.Equal(outer, inner), unused != 0
	i.algorithm = ReadAlgorithm(inner)
	r := der.NewReader(validity)
	before, err1 := r.Next()
	after, err2 := r.Next()
	i.badTime = err1 != nil || err2 != nil || !strictTime(before) || !strictTime(after)
}

// rawParts are the two AlgorithmIdentifiers, the content of the validity, and the number of unused bits of the signature.
func rawParts(c *cert.Certificate) (outer, inner, validity []byte, unused int, ok bool) {
	whole, err := der.One(c.Raw, der.Sequence, "certificate")
	if err != nil {
		return
	}
	parts, err := whole.Children()
	if err != nil || len(parts) < 3 {
		return
	}
	fields, err := parts[0].Children()
	if err != nil {
		return
	}
	if len(fields) > 0 && fields[0].ID == der.ContextConstructed {
		fields = fields[1:]
	}
	if len(fields) < 4 {
		return
	}
	_, unused, err = der.Bits(parts[2].Content)
	return parts[1].Full, fields[1].Full, fields[3].Content, unused, err == nil
}

// strictTime reports whether e is in the one form that RFC 5280 section 4.1.2.5 allows.
func strictTime(e der.Element) bool {
	want := len("YYMMDDhhmmssZ")
	if e.ID == der.GeneralizedTime {
		want = len("YYYYMMDDhhmmssZ")
	} else if e.ID != der.UTCTime {
		return false
	}
	if len(e.Content) != want || e.Content[want-1] != 'Z' {
		return false
	}
	return !slices.ContainsFunc(e.Content[:want-1], func(c byte) bool { return c < '0' || c > '9' })
}

// malformed notes the first thing that makes the certificate invalid.
func (i *Info) malformed(format string, args ...any) {
	if i.Malformed == "" {
		i.Malformed = fmt.Sprintf(format, args...)
	}
}

// extensionReaders are the extensions that OpenSSL reads beforehand: each of them at most once, and well formed.
var extensionReaders = []struct {
	oid  string
	read func(*Info, []byte) error
}{
	{oidBasic, (*Info).readBasic},
	{oidProxy, (*Info).readProxy},
	{oidKeyUsage, (*Info).readKeyUsage},
	{oidEKU, (*Info).readEKU},
	{oidNSType, (*Info).readNSType},
	{oidSKID, (*Info).readSKID},
	{oidAKID, (*Info).readAKID},
	{oidSAN, (*Info).readSAN},
	{oidNames, (*Info).readConstraints},
	{oidPoints, (*Info).readPoints},
	{oidIPBlocks, (*Info).readResources},
	{oidASNumbers, (*Info).readResources},
}

func (i *Info) readExtensions() {
	i.extensions = make(map[string][]cert.Extension, len(i.Cert.Extensions))
	for _, x := range i.Cert.Extensions {
		oid := x.ID.String()
		i.extensions[oid] = append(i.extensions[oid], x)
		if x.Critical && !understood[oid] && i.CriticalUnknown == "" {
			i.CriticalUnknown = oid
		}
	}
	for _, reader := range extensionReaders {
		list := i.extensions[reader.oid]
		if len(list) > 1 {
			i.malformed("extension %s is there %d times", reader.oid, len(list))
			continue
		}
		if len(list) == 0 {
			continue
		}
		if err := reader.read(i, list[0].Value); err != nil {
			i.malformed("extension %s: %v", reader.oid, err)
		}
	}
}

// readUsages reads the addresses and marks that cannot make a certificate invalid.
func (i *Info) readUsages() {
	i.CRLURL = FirstURL(i.Points)
	if raw, ok := i.Extension(oidFreshest); ok {
		if points, err := ReadPoints(raw, i.Cert.RawIssuer); err == nil {
			i.DeltaURL = FirstURL(points)
		}
	}
	if raw, ok := i.Extension(oidAIA); ok {
		i.OCSPURLs = accessURLs(raw, oidOCSP)
		i.OCSPURL, i.IssuerURL = firstOf(i.OCSPURLs), firstOf(accessURLs(raw, oidCAIssuers))
	}
	_, i.OCSPNoCheck = i.Extension(oidNoCheck)
}

// caKind is OpenSSL's judgement whether the certificate is a CA's: 0 no, 1 by basicConstraints, more for lesser signs.
func (i *Info) caKind() int {
	switch {
	case i.Malformed != "":
		return 0
	case i.HasKeyUsage && i.keyUsage&usageCertSign == 0:
		return 0
	case i.hasBasic:
		if i.CA {
			return 1
		}
		return 0
	case i.Cert.Version == 1 && i.SelfSigned:
		return 3
	case i.HasKeyUsage:
		return 4
	case i.hasNSType && i.nsType&0x07 != 0:
		return 5
	}
	return 0
}

// signsCertificates reports whether keyUsage allows the certificate to issue another.
func (i *Info) signsCertificates(subject *Info) bool {
	if !i.HasKeyUsage {
		return true
	}
	if subject.proxy {
		return i.keyUsage&usageSignature != 0
	}
	return i.keyUsage&usageCertSign != 0
}

// Name is how explanations call the certificate: its common name, or its serial number.
func (i *Info) Name() string {
	if name := commonName(i.Cert.Subject); name != "" {
		return name
	}
	return fmt.Sprintf("serial %x", i.Cert.Serial)
}

// commonName is the first common name of a distinguished name; empty if there is none.
func commonName(name dn.Name) string {
	for _, rdn := range name.RDNs {
		for _, a := range rdn {
			if a.Type != "2.5.4.3" {
				continue
			}
			if text, ok := stringText(a.Tag, a.Value); ok {
				return printable(string(text))
			}
		}
	}
	return ""
}

// maxNameRunes is how much of a name an explanation shows.
const maxNameRunes = 120

// printable makes a name that somebody else chose safe for logs and terminals.
func printable(text string) string {
	count := 0
	return strings.Map(func(r rune) rune {
		count++
		switch {
		case count > maxNameRunes:
			return -1
		case !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
}
