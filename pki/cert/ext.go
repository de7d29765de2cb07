package cert

import (
	"errors"
	"fmt"
	"sync"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// Object identifiers of extensions (RFC 5280 sections 4.2 and 5.2, RFC 6960, RFC 7633).
const (
	OIDSubjectKeyID         = "2.5.29.14"
	OIDKeyUsage             = "2.5.29.15"
	OIDSubjectAltName       = "2.5.29.17"
	OIDIssuerAltName        = "2.5.29.18"
	OIDBasicConstraints     = "2.5.29.19"
	OIDIssuingDistPoint     = "2.5.29.28"
	OIDNameConstraints      = "2.5.29.30"
	OIDCRLDistPoints        = "2.5.29.31"
	OIDCertificatePolicies  = "2.5.29.32"
	OIDPolicyMappings       = "2.5.29.33"
	OIDAuthorityKeyID       = "2.5.29.35"
	OIDPolicyConstraints    = "2.5.29.36"
	OIDExtKeyUsage          = "2.5.29.37"
	OIDFreshestCRL          = "2.5.29.46"
	OIDInhibitAnyPolicy     = "2.5.29.54"
	OIDAuthorityInfoAccess  = "1.3.6.1.5.5.7.1.1"
	OIDSubjectInfoAccess    = "1.3.6.1.5.5.7.1.11"
	OIDAccessOCSP           = "1.3.6.1.5.5.7.48.1"
	OIDAccessCAIssuers      = "1.3.6.1.5.5.7.48.2"
	OIDAnyPolicy            = "2.5.29.32.0"
	OIDAnyExtKeyUsage       = "2.5.29.37.0"
	OIDClientAuth           = "1.3.6.1.5.5.7.3.2"
	OIDServerAuth           = "1.3.6.1.5.5.7.3.1"
	OIDOCSPSigning          = "1.3.6.1.5.5.7.3.9"
	OIDOCSPNoCheck          = "1.3.6.1.5.5.7.48.1.5"
	OIDMicrosoftAppPolicies = "1.3.6.1.4.1.311.21.10"
)

// ErrDuplicateExtension is a certificate that has the asked extension more than once,
// which RFC 5280 section 4.2 forbids.
var ErrDuplicateExtension = errors.New("extension appears more than once")

// OID is the extension's type in dotted form, whatever the size of its arcs.
func (x Extension) OID() string { return x.oid }

// memo is an extension that was parsed on first use.
type memo[T any] struct {
	once    sync.Once
	value   T
	present bool
	err     error
}

func (m *memo[T]) get(c *Certificate, oid string, parse func(value []byte) (T, error)) (T, bool, error) {
	m.once.Do(func() {
		x, present, err := c.only(oid)
		m.present = present
		if err == nil && present {
			m.value, err = parse(x.Value)
		}
		if err != nil {
			m.err = fmt.Errorf("extension %s: %w", oid, err)
		}
	})
	return m.value, m.present, m.err
}

// only returns the extension with the given dotted OID, and fails if there are several.
func (c *Certificate) only(oid string) (x Extension, present bool, err error) {
	for _, e := range c.Extensions {
		if e.oid != oid {
			continue
		}
		if present {
			return x, true, ErrDuplicateExtension
		}
		x, present = e, true
	}
	return x, present, nil
}

// lazy holds what is computed on first use.
type lazy struct {
	basicConstraints  memo[BasicConstraints]
	keyUsage          memo[KeyUsage]
	extKeyUsage       memo[[]string]
	appPolicies       memo[[]string]
	subjectKeyID      memo[[]byte]
	authorityKeyID    memo[AuthorityKeyID]
	subjectAltNames   memo[[]GeneralName]
	issuerAltNames    memo[[]GeneralName]
	crlDistPoints     memo[[]DistributionPoint]
	freshestCRL       memo[[]DistributionPoint]
	authorityInfo     memo[[]AccessDescription]
	subjectInfo       memo[[]AccessDescription]
	nameConstraints   memo[NameConstraints]
	policies          memo[[]PolicyInformation]
	policyMappings    memo[[]PolicyMapping]
	policyConstraints memo[PolicyConstraints]
	inhibitAnyPolicy  memo[int]
	subject, issuer   text
}

// The accessors below read one extension each. Present is false if the certificate has none;
// err tells that it is malformed or there twice, and then its value must not be relied on.

// BasicConstraints is RFC 5280 section 4.2.1.9.
type BasicConstraints struct {
	// CA reports whether the subject may sign certificates.
	CA bool
	// PathLen is the number of intermediate certificates that may follow, -1 if there is no limit.
	PathLen int
}

// BasicConstraints reads the extension of that name.
func (c *Certificate) BasicConstraints() (value BasicConstraints, present bool, err error) {
	return c.lazy.basicConstraints.get(c, OIDBasicConstraints, whole(parseBasicConstraints))
}

// KeyUsage is RFC 5280 section 4.2.1.3: bit n of the extension is 1<<n.
type KeyUsage uint16

// The usages of a key.
const (
	DigitalSignature KeyUsage = 1 << iota
	NonRepudiation
	KeyEncipherment
	DataEncipherment
	KeyAgreement
	CertSign
	CRLSign
	EncipherOnly
	DecipherOnly
)

// KeyUsage reads the extension of that name.
func (c *Certificate) KeyUsage() (value KeyUsage, present bool, err error) {
	return c.lazy.keyUsage.get(c, OIDKeyUsage, func(v []byte) (KeyUsage, error) {
		e, err := der.One(v, der.BitString, "key usage")
		if err != nil {
			return 0, err
		}
		return parseKeyUsage(e.Content)
	})
}

// ExtKeyUsage reads the extended key usages (RFC 5280 section 4.2.1.12) as dotted OIDs.
func (c *Certificate) ExtKeyUsage() (value []string, present bool, err error) {
	return c.lazy.extKeyUsage.get(c, OIDExtKeyUsage, whole(parseOIDs))
}

// ApplicationPolicies reads Microsoft's application policies (1.3.6.1.4.1.311.21.10) as dotted OIDs.
func (c *Certificate) ApplicationPolicies() (value []string, present bool, err error) {
	return c.lazy.appPolicies.get(c, OIDMicrosoftAppPolicies, whole(func(content []byte) ([]string, error) {
		policies, err := parsePolicies(content)
		list := make([]string, len(policies))
		for i, p := range policies {
			list[i] = p.Policy
		}
		return list, err
	}))
}

// SubjectKeyID reads the subject key identifier (RFC 5280 section 4.2.1.2).
func (c *Certificate) SubjectKeyID() (value []byte, present bool, err error) {
	return c.lazy.subjectKeyID.get(c, OIDSubjectKeyID, func(v []byte) ([]byte, error) {
		e, err := der.One(v, der.OctetString, "key identifier")
		return e.Content, err
	})
}

// AuthorityKeyID is RFC 5280 section 4.2.1.1; parts that are absent are nil.
type AuthorityKeyID struct {
	KeyID  []byte
	Issuer []GeneralName
	// Serial is the content of the serial number INTEGER, as in Certificate.Serial.
	Serial []byte
}

// AuthorityKeyID reads the extension of that name.
func (c *Certificate) AuthorityKeyID() (value AuthorityKeyID, present bool, err error) {
	return c.lazy.authorityKeyID.get(c, OIDAuthorityKeyID, whole(parseAuthorityKeyID))
}

// SubjectAltNames reads the subject's alternative names (RFC 5280 section 4.2.1.6).
func (c *Certificate) SubjectAltNames() (value []GeneralName, present bool, err error) {
	return c.lazy.subjectAltNames.get(c, OIDSubjectAltName, ParseGeneralNames)
}

// IssuerAltNames reads the issuer's alternative names (RFC 5280 section 4.2.1.7).
func (c *Certificate) IssuerAltNames() (value []GeneralName, present bool, err error) {
	return c.lazy.issuerAltNames.get(c, OIDIssuerAltName, ParseGeneralNames)
}

// DistributionPoint is one place of a CRL (RFC 5280 section 4.2.1.13).
type DistributionPoint struct {
	// FullName are the names of the place; RelativeName is its name relative to the CRL issuer.
	FullName     []GeneralName
	RelativeName dn.RDN
	// HasReasons reports whether the list covers only the reasons in Reasons (bit n is 1<<n).
	HasReasons bool
	Reasons    uint16
	// CRLIssuer names the issuer of the list; empty if it is the certificate's.
	CRLIssuer []GeneralName
}

// URLs are the URIs among the full names.
func (d DistributionPoint) URLs() []string { return uris(d.FullName) }

// CRLDistributionPoints reads the extension of that name.
func (c *Certificate) CRLDistributionPoints() (value []DistributionPoint, present bool, err error) {
	return c.lazy.crlDistPoints.get(c, OIDCRLDistPoints, whole(parseDistributionPoints))
}

// FreshestCRL reads the places of delta CRLs (RFC 5280 section 4.2.1.15).
func (c *Certificate) FreshestCRL() (value []DistributionPoint, present bool, err error) {
	return c.lazy.freshestCRL.get(c, OIDFreshestCRL, whole(parseDistributionPoints))
}

// AccessDescription is a service and its place (RFC 5280 section 4.2.2.1).
type AccessDescription struct {
	// Method is the dotted OID of the service: OIDAccessOCSP, OIDAccessCAIssuers …
	Method   string
	Location GeneralName
}

// AuthorityInfoAccess reads the services of the issuer.
func (c *Certificate) AuthorityInfoAccess() (value []AccessDescription, present bool, err error) {
	return c.lazy.authorityInfo.get(c, OIDAuthorityInfoAccess, whole(parseAccess))
}

// SubjectInfoAccess reads the services of the subject.
func (c *Certificate) SubjectInfoAccess() (value []AccessDescription, present bool, err error) {
	return c.lazy.subjectInfo.get(c, OIDSubjectInfoAccess, whole(parseAccess))
}

// OCSPURLs are the addresses of OCSP responders in the authority information access; empty if malformed.
func (c *Certificate) OCSPURLs() []string { return c.accessURLs(OIDAccessOCSP) }

// CAIssuerURLs are the addresses of issuer certificates in the authority information access; empty if malformed.
func (c *Certificate) CAIssuerURLs() []string { return c.accessURLs(OIDAccessCAIssuers) }

func (c *Certificate) accessURLs(method string) []string {
	list, _, err := c.AuthorityInfoAccess()
	if err != nil {
		return nil
	}
	var urls []string
	for _, a := range list {
		if a.Method == method {
			urls = append(urls, uris([]GeneralName{a.Location})...)
		}
	}
	return urls
}

func uris(names []GeneralName) []string {
	var list []string
	for _, g := range names {
		if g.Kind == URI {
			list = append(list, g.Text())
		}
	}
	return list
}

// NameConstraints is RFC 5280 section 4.2.1.10.
type NameConstraints struct {
	Permitted, Excluded []Subtree
}

// Subtree is one name space; HasMinimum and HasMaximum tell of bounds, which RFC 5280 does not allow
// (a minimum of 0 is the default and counts as none).
type Subtree struct {
	Base                   GeneralName
	HasMinimum, HasMaximum bool
}

// NameConstraints reads the extension of that name.
func (c *Certificate) NameConstraints() (value NameConstraints, present bool, err error) {
	return c.lazy.nameConstraints.get(c, OIDNameConstraints, whole(parseNameConstraints))
}

// PolicyInformation is one certificate policy (RFC 5280 section 4.2.1.4).
type PolicyInformation struct {
	// Policy is the dotted OID.
	Policy string
	// Qualifiers are there for display only.
	Qualifiers []PolicyQualifier
}

// PolicyQualifier is a text about a policy.
type PolicyQualifier struct {
	// ID is the dotted OID of the kind, Value the DER of the text.
	ID    string
	Value []byte
}

// CertificatePolicies reads the extension of that name.
func (c *Certificate) CertificatePolicies() (value []PolicyInformation, present bool, err error) {
	return c.lazy.policies.get(c, OIDCertificatePolicies, whole(parsePolicies))
}

// PolicyMapping declares a policy of the issuer to be equal to one of the subject (RFC 5280 section 4.2.1.5).
type PolicyMapping struct {
	IssuerDomain, SubjectDomain string
}

// PolicyMappings reads the extension of that name.
func (c *Certificate) PolicyMappings() (value []PolicyMapping, present bool, err error) {
	return c.lazy.policyMappings.get(c, OIDPolicyMappings, whole(parsePolicyMappings))
}

// PolicyConstraints is RFC 5280 section 4.2.1.11; -1 is a limit that is not set.
type PolicyConstraints struct {
	RequireExplicitPolicy, InhibitPolicyMapping int
}

// PolicyConstraints reads the extension of that name.
func (c *Certificate) PolicyConstraints() (value PolicyConstraints, present bool, err error) {
	return c.lazy.policyConstraints.get(c, OIDPolicyConstraints, whole(parsePolicyConstraints))
}

// InhibitAnyPolicy reads the extension of that name (RFC 5280 section 4.2.1.14): the number of
// certificates after which anyPolicy does not match.
func (c *Certificate) InhibitAnyPolicy() (value int, present bool, err error) {
	return c.lazy.inhibitAnyPolicy.get(c, OIDInhibitAnyPolicy, func(v []byte) (int, error) {
		e, err := der.One(v, der.Integer, "skip count")
		if err != nil {
			return 0, err
		}
		return skipCount(e.Content)
	})
}

// whole makes a parser of a SEQUENCE's content one of a whole extension value without trailing bytes.
func whole[T any](parse func(content []byte) (T, error)) func([]byte) (T, error) {
	return func(value []byte) (T, error) {
		seq, err := der.One(value, der.Sequence, "value")
		if err != nil {
			var zero T
			return zero, err
		}
		return parse(seq.Content)
	}
}
