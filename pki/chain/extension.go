package chain

import (
	"bytes"
	"errors"
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// prefix reads the first element of an extension's value; OpenSSL leaves what follows it unread.
func prefix(value []byte, id byte) (der.Element, error) {
	return der.NewReader(value).Read(id, "value")
}

// prefixList is prefix for a SEQUENCE OF, for which OpenSSL does not mind the constructed bit.
func prefixList(value []byte) (der.Element, error) {
	if len(value) > 0 && value[0] == der.Sequence&^0x20 {
		return prefix(value, der.Sequence&^0x20)
	}
	return prefix(value, der.Sequence)
}

// optionalList reads a tagged SEQUENCE OF in the same way.
func optionalList(r *der.Reader, number byte, what string) (der.Element, bool, error) {
	if r.Is(der.Context + number) {
		return r.Optional(der.Context+number, what)
	}
	return r.Optional(der.ContextConstructed+number, what)
}

// readBasic reads BasicConstraints (RFC 5280 section 4.2.1.9).
func (i *Info) readBasic(value []byte) error {
	seq, err := prefix(value, der.Sequence)
	if err != nil {
		return err
	}
	r := der.NewReader(seq.Content)
	ca, ok, err := r.Optional(der.Boolean, "cA")
	if err != nil || (ok && len(ca.Content) != 1) {
		return errors.New("malformed cA")
	}
	length, hasLength, err := r.Optional(der.Integer, "path length")
	if err != nil {
		return err
	}
	if err := r.End("value"); err != nil {
		return err
	}
	i.hasBasic, i.CA = true, ok && ca.Content[0] != 0
	if !hasLength {
		return nil
	}
	if err := strictInteger(length.Content); err != nil {
		return err
	}
	if length.Content[0]&0x80 != 0 {
		return errors.New("negative path length")
	}
	if n := readSmall(length.Full); n >= 0 {
		i.pathLen = n
	}
	return nil
}

// strictInteger refuses an INTEGER's content that is empty or padded, as OpenSSL does.
func strictInteger(content []byte) error {
	if len(content) == 0 {
		return errors.New("empty integer")
	}
	if len(content) > 1 && ((content[0] == 0 && content[1]&0x80 == 0) || (content[0] == 0xff && content[1]&0x80 != 0)) {
		return errors.New("padded integer")
	}
	return nil
}

func (i *Info) readProxy(value []byte) error {
	seq, err := prefix(value, der.Sequence)
	if err != nil {
		return err
	}
	if err := readProxyInfo(seq.Content); err != nil {
		return err
	}
	i.proxy = true
	if i.CA || len(i.extensions[oidSAN]) > 0 || len(i.extensions[oidIAN]) > 0 {
		return errors.New("a proxy certificate may be no CA and have no alternative names")
	}
	return nil
}

// readProxyInfo checks the form of a ProxyCertInfo (RFC 3820 section 3.8): a path length, and a policy.
func readProxyInfo(content []byte) error {
	r := der.NewReader(content)
	length, ok, err := r.Optional(der.Integer, "path length")
	if err != nil || ok && strictInteger(length.Content) != nil {
		return errors.New("malformed path length")
	}
	policy, err := r.Read(der.Sequence, "proxy policy")
	if err != nil {
		return err
	}
	if err := r.End("proxy certificate"); err != nil {
		return err
	}
	r = der.NewReader(policy.Content)
	language, err := r.Read(der.OID, "policy language")
	if err != nil {
		return err
	}
	if _, err := der.OIDText(language.Content); err != nil {
		return err
	}
	if _, _, err := r.Optional(der.OctetString, "policy"); err != nil {
		return err
	}
	return r.End("proxy policy")
}

func (i *Info) readKeyUsage(value []byte) error {
	e, err := prefix(value, der.BitString)
	if err != nil {
		return err
	}
	bits, _, err := der.Bits(e.Content)
	if err != nil {
		return err
	}
	i.HasKeyUsage = true
	if len(bits) > 0 {
		i.keyUsage = uint16(bits[0])
	}
	if len(bits) > 1 {
		i.keyUsage |= uint16(bits[1]) << 8
	}
	i.CertSign, i.CRLSign = i.keyUsage&usageCertSign != 0, i.keyUsage&usageCRLSign != 0
	if i.keyUsage == 0 {
		return errors.New("empty key usage")
	}
	return nil
}

func (i *Info) readEKU(value []byte) error {
	seq, err := prefixList(value)
	if err != nil {
		return err
	}
	for r := der.NewReader(seq.Content); !r.Empty(); {
		id, err := r.Read(der.OID, "usage")
		if err != nil {
			return err
		}
		oid, err := der.OIDText(id.Content)
		if err != nil {
			return err
		}
		i.OCSPSigning = i.OCSPSigning || oid == oidOCSPSigning
	}
	return nil
}

func (i *Info) readNSType(value []byte) error {
	e, err := prefix(value, der.BitString)
	if err != nil {
		return err
	}
	bits, _, err := der.Bits(e.Content)
	if err != nil {
		return err
	}
	i.hasNSType = true
	if len(bits) > 0 {
		i.nsType = bits[0]
	}
	return nil
}

func (i *Info) readSKID(value []byte) error {
	e, err := prefix(value, der.OctetString)
	if err == nil {
		i.skid, i.hasSKID = e.Content, true
	}
	return err
}

func (i *Info) readAKID(value []byte) (err error) {
	i.akid, err = ReadAuthorityKey(value)
	return err
}

func (i *Info) readSAN(value []byte) error {
	seq, err := prefixList(value)
	if err != nil {
		return err
	}
	i.names, err = ReadGeneralNames(seq.Content)
	return err
}

func (i *Info) readConstraints(value []byte) (err error) {
	i.nc, err = readConstraints(value)
	return err
}

func (i *Info) readPoints(value []byte) (err error) {
	i.Points, err = ReadPoints(value, i.Cert.RawIssuer)
	return err
}

func (i *Info) readResources(value []byte) error {
	i.resources = true
	_, err := prefix(value, der.Sequence)
	return err
}

// AuthorityKey is an authorityKeyIdentifier (RFC 5280 section 4.2.1.1).
type AuthorityKey struct {
	keyID, serial       []byte
	hasKeyID, hasSerial bool
	issuer              string
	hasIssuer           bool
}

// ReadAuthorityKey reads the value of an authorityKeyIdentifier extension.
func ReadAuthorityKey(value []byte) (*AuthorityKey, error) {
	seq, err := prefix(value, der.Sequence)
	if err != nil {
		return nil, err
	}
	a := &AuthorityKey{}
	r := der.NewReader(seq.Content)
	id, ok, err := r.Optional(der.Context, "key identifier")
	if err != nil {
		return nil, err
	}
	a.keyID, a.hasKeyID = id.Content, ok
	names, ok, err := optionalList(r, 1, "issuer")
	if err != nil {
		return nil, err
	}
	if ok {
		list, err := ReadGeneralNames(names.Content)
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			if n.Kind == NameDirectory && !a.hasIssuer {
				a.issuer, a.hasIssuer = n.Directory, true
			}
		}
	}
	serial, ok, err := r.Optional(der.Context+2, "serial number")
	if err != nil {
		return nil, err
	}
	if ok {
		if err := strictInteger(serial.Content); err != nil {
			return nil, err
		}
		a.serial, a.hasSerial = serial.Content, true
	}
	return a, r.End("value")
}

// Matches reports whether the identifier may mean issuer. A nil identifier may mean anybody.
func (a *AuthorityKey) Matches(issuer *Info) bool {
	switch {
	case a == nil:
		return true
	case a.hasKeyID && issuer.hasSKID && !bytes.Equal(a.keyID, issuer.skid):
		return false
	case a.hasSerial && !bytes.Equal(a.serial, issuer.Cert.Serial):
		return false
	}
	return !a.hasIssuer || a.issuer == issuer.Issuer
}

// Point is one CRL distribution point (RFC 5280 section 4.2.1.13).
type Point struct {
	// HasName says that there is a distributionPoint; it is then Full, or Relative.
	HasName bool
	// Full are the names of a fullName.
	Full []GeneralName
	// Relative is the canonical form of a nameRelativeToCRLIssuer joined to the issuer's name.
	Relative string
	// Reasons are the reasons that the list covers; AllReasons if nothing is said.
	Reasons uint16
	// HasCRLIssuer says that the list's issuer is named; CRLIssuer are the names.
	HasCRLIssuer bool
	CRLIssuer    []GeneralName
}

// AllReasons is the set of the reasons of revocation as a distribution point or a list gives it.
const AllReasons = 0x807f

// ReadPoints reads the value of a cRLDistributionPoints or freshestCRL extension; issuer is
// the DER of the name that relative names are relative to.
func ReadPoints(value, issuer []byte) ([]Point, error) {
	seq, err := prefixList(value)
	if err != nil {
		return nil, err
	}
	var points []Point
	for r := der.NewReader(seq.Content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "distribution point")
		if err != nil {
			return nil, err
		}
		p, err := readPoint(e.Content, issuer)
		if err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	return points, nil
}

func readPoint(content, issuer []byte) (p Point, err error) {
	p.Reasons = AllReasons
	r := der.NewReader(content)
	name, ok, err := r.Optional(der.ContextConstructed, "name")
	if err != nil {
		return p, err
	}
	var relative []byte
	if ok {
		if relative, err = p.readName(name.Content); err != nil {
			return p, err
		}
	}
	reasons, ok, err := r.Optional(der.Context+1, "reasons")
	if err != nil {
		return p, err
	}
	if ok {
		if p.Reasons, err = ReadReasons(reasons.Content); err != nil {
			return p, err
		}
	}
	issuers, ok, err := optionalList(r, 2, "CRL issuer")
	if err != nil {
		return p, err
	}
	if ok {
		p.HasCRLIssuer = true
		if p.CRLIssuer, err = ReadGeneralNames(issuers.Content); err != nil {
			return p, err
		}
	}
	if !p.HasName && len(p.CRLIssuer) == 0 {
		return p, errors.New("a distribution point needs a name or an issuer")
	}
	if relative != nil {
		p.Relative = relativeName(p.CRLIssuer, issuer, relative)
	}
	return p, r.End("distribution point")
}

// readName reads a DistributionPointName; relative is the content of a nameRelativeToCRLIssuer.
func (p *Point) readName(content []byte) (relative []byte, err error) {
	e, err := der.NewReader(content).Next()
	if err != nil {
		return nil, err
	}
	p.HasName = true
	switch e.ID {
	case der.ContextConstructed:
		p.Full, err = ReadGeneralNames(e.Content)
		return nil, err
	case der.ContextConstructed + 1:
		_, err = dn.Parse(appendElement(nil, der.Sequence, appendElement(nil, der.Set, e.Content)))
		return e.Content, err
	}
	return nil, errors.New("malformed distribution point name")
}

// ReadPointName reads the content of the distributionPoint of an issuingDistributionPoint.
func ReadPointName(content, issuer []byte) (p Point, err error) {
	relative, err := p.readName(content)
	if err == nil && relative != nil {
		p.Relative = relativeName(nil, issuer, relative)
	}
	return p, err
}

// relativeName is the canonical form of a name that goes on from the issuer's.
func relativeName(issuers []GeneralName, issuer, relative []byte) string {
	base := CanonicalName(issuer)
	for _, n := range issuers {
		if n.Kind == NameDirectory {
			base = n.Directory
			break
		}
	}
	attributes, err := canonicalRDN(relative)
	if err != nil {
		return ""
	}
	return base + string(appendElement(nil, der.Set, bytes.Join(attributes, nil)))
}

// ReadReasons reads the content of a ReasonFlags.
func ReadReasons(content []byte) (uint16, error) {
	bits, _, err := der.Bits(content)
	if err != nil {
		return 0, err
	}
	var set uint16
	if len(bits) > 0 {
		set = uint16(bits[0])
	}
	if len(bits) > 1 {
		set |= uint16(bits[1]) << 8
	}
	return set & AllReasons, nil
}

// FirstURL is the one address that .NET fetches a list from.
func FirstURL(points []Point) string {
	for _, p := range points {
		for _, n := range p.Full {
			if n.Kind == NameURI && isHTTP(n.Value) {
				return string(n.Value)
			}
		}
	}
	return ""
}

// URLs are the http addresses of a distribution point.
func (p Point) URLs() []string {
	var list []string
	for _, n := range p.Full {
		if n.Kind == NameURI && isHTTP(n.Value) {
			list = append(list, string(n.Value))
		}
	}
	return list
}

// accessURLs are the http addresses with the access method oid in an authorityInfoAccess
// (RFC 5280 section 4.2.2.1), up to where the extension is malformed.
func accessURLs(value []byte, oid string) (list []string) {
	seq, err := der.One(value, der.Sequence, "value")
	if err != nil {
		return nil
	}
	for r := der.NewReader(seq.Content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "access description")
		if err != nil {
			return list
		}
		parts, err := e.Children()
		if err != nil || len(parts) != 2 || parts[0].ID != der.OID {
			return list
		}
		if id, err := der.OIDText(parts[0].Content); err != nil || id != oid {
			continue
		}
		if parts[1].ID == der.Context+byte(NameURI) && isHTTP(parts[1].Content) {
			list = append(list, string(parts[1].Content))
		}
	}
	return list
}

// firstOf is the first of a list; empty if there is none.
func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// isHTTP reports whether text is an absolute address of scheme http.
func isHTTP(text []byte) bool {
	u, err := url.Parse(string(text))
	return err == nil && strings.EqualFold(u.Scheme, "http") && u.Host != ""
}
