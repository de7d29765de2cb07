package element

import (
	"bytes"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/dn"
)

var identitySpec = policy.Spec{
	Name: "identity",
	Doc:  "What a certificate must have; all attributes must match.",
	Attributes: append([]policy.Attribute{
		{Name: "thumbprint", Doc: "The SHA-1 thumbprint."},
		{Name: "serial-number", Doc: "The serial number in hexadecimal."},
		{Name: "common-name", Doc: "The common name of the subject."},
		{Name: "subject", Doc: "The whole subject, in either order."},
		{Name: "dns-name", Doc: "A DNS name among the subject's alternative names."},
		{Name: "issuer-subject", Doc: "The whole subject of the issuer, in either order."},
		{Name: "issuer-thumbprint", Doc: "The SHA-1 thumbprint of the issuer."},
		{Name: "issuer-certificate-id", Doc: "A certificate entity that holds the issuer's public key; excludes the other issuer attributes."},
	}, extraAttributes...),
}

// identity is a compiled identity; what is empty was not given.
type identity struct {
	thumbprint, serial, commonName, dnsName string
	// subject and issuerSubject are the readings of a distinguished name; nil: not given.
	subject, issuerSubject     []dn.Name
	issuerThumbprint, issuerID string
	extra                      extra
	// never tells that nothing matches: no attribute was given, or one that is no name.
	never bool
}

func compileIdentity(n *policy.Node) identity {
	id := identity{
		thumbprint: hexDigits(n.Literal("thumbprint")), serial: serialDigits(n.Literal("serial-number")),
		commonName: n.Literal("common-name"), dnsName: n.Literal("dns-name"),
		issuerThumbprint: hexDigits(n.Literal("issuer-thumbprint")), issuerID: n.Literal("issuer-certificate-id"),
	}
	id.subject = id.name(n, "subject")
	id.issuerSubject = id.name(n, "issuer-subject")
	given := false
	for _, a := range n.Attributes() {
		given = given || n.Literal(a) != ""
	}
	extra, ok := compileExtra(n)
	id.extra = extra
	id.never = id.never || !given || !ok
	id.check(n, given)
	return id
}

// name reads a distinguished name; text that is none matches nothing.
func (id *identity) name(n *policy.Node, attribute string) []dn.Name {
	text := n.Literal(attribute)
	if text == "" {
		return nil
	}
	names, err := dn.Readings(text)
	if err != nil {
		id.never = true
		if !n.Open(attribute) {
			n.AttrWarnf(attribute, policy.CodeAttrValue, "The value of the attribute '%s' is not a distinguished name: %s. It matches no certificate.", attribute, err)
		}
		return nil
	}
	return names
}

func (id *identity) check(n *policy.Node, given bool) {
	if !given {
		n.Warnf(policy.CodeConflict, "This identity has no attribute to compare, so that it matches no certificate.")
	}
	for attribute, digits := range map[string]string{"thumbprint": id.thumbprint, "issuer-thumbprint": id.issuerThumbprint} {
		if n.Literal(attribute) != "" && !n.Open(attribute) && !isThumbprint(digits) {
			n.AttrWarnf(attribute, policy.CodeAttrValue, "The value of the attribute '%s' is not a SHA-1 thumbprint of 40 hexadecimal digits. It matches no certificate.", attribute)
		}
	}
	if id.issuerID == "" {
		return
	}
	if n.Literal("issuer-subject") != "" || n.Literal("issuer-thumbprint") != "" {
		n.AttrErrorf("issuer-certificate-id", policy.CodeConflict, "The attribute 'issuer-certificate-id' excludes 'issuer-subject' and 'issuer-thumbprint'.")
	}
	if !n.HasCertificate(id.issuerID) && !n.Open("issuer-certificate-id") {
		n.AttrErrorf("issuer-certificate-id", policy.CodeReference, "There is no certificate '%s'.", id.issuerID)
	}
}

// hexDigits is a thumbprint as people write it, in upper case without blanks, colons and the invisible mark that
// Windows' certificate dialog puts before it.
func hexDigits(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\n', '\r', ':', '-', '\u200e', '\u200b', '\ufeff', '\u00a0':
			return -1
		}
		return r
	}, s))
}

// serialDigits is a serial number without the zeros before it, of which some tools write one and others none.
func serialDigits(s string) string {
	if s = hexDigits(s); s == "" {
		return ""
	}
	if trimmed := strings.TrimLeft(s, "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}

func isThumbprint(s string) bool {
	return len(s) == 40 && strings.Trim(s, "0123456789ABCDEF") == ""
}

// matches reports whether all that was given is found in the certificate. issuer is the certificate that issued it, nil if
// none is known.
func (id *identity) matches(x *policy.Run, leaf, issuer *cert.Certificate) bool {
	switch {
	case id.never,
		id.thumbprint != "" && id.thumbprint != leaf.Thumbprint(),
		id.serial != "" && id.serial != serialDigits(leaf.SerialNumber()),
		id.commonName != "" && id.commonName != commonName(leaf),
		id.subject != nil && !slices.ContainsFunc(id.subject, leaf.Subject.Equal),
		id.dnsName != "" && !hasDNSName(leaf, id.dnsName),
		id.issuerSubject != nil && !slices.ContainsFunc(id.issuerSubject, leaf.Issuer.Equal),
		id.issuerThumbprint != "" && (issuer == nil || id.issuerThumbprint != issuer.Thumbprint()),
		id.issuerID != "" && !issuedByEntity(x, leaf, id.issuerID),
		!id.extra.matches(leaf):
		return false
	}
	return true
}

// commonName is the most specific common name of the subject; a certificate cannot bring another one along.
func commonName(c *cert.Certificate) string {
	if names := c.Subject.CommonNames(); len(names) > 0 {
		return names[0]
	}
	return ""
}

func hasDNSName(c *cert.Certificate, name string) bool {
	names, _, err := c.SubjectAltNames()
	if err != nil {
		return false
	}
	for _, n := range names {
		if n.Kind == cert.DNSName && foldASCII(n.Text()) == foldASCII(name) {
			return true
		}
	}
	return false
}

// issuedByEntity reports whether the certificate entity of that id issued the certificate: its name is the issuer's and its
// key verifies the signature.
func issuedByEntity(x *policy.Run, leaf *cert.Certificate, id string) bool {
	for i := range x.Deployment.Certificates {
		e := &x.Deployment.Certificates[i]
		if !strings.EqualFold(e.ID, id) || e.Identity == nil || e.Identity.Certificate == nil {
			continue
		}
		ca := e.Identity.Certificate
		sameName := bytes.Equal(leaf.RawIssuer, ca.RawSubject) || leaf.Issuer.Equal(ca.Subject)
		return sameName && chain.NewInfo(leaf).Signed(chain.NewInfo(ca))
	}
	return false
}
