package cert

import (
	"errors"
	"fmt"
	"math"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// The parsers below take the content of an extension's outer element.

func parseBasicConstraints(content []byte) (b BasicConstraints, err error) {
	b.PathLen = -1
	r := der.NewReader(content)
	ca, ok, err := r.Optional(der.Boolean, "CA flag")
	if err != nil {
		return b, err
	}
	if ok {
		if len(ca.Content) != 1 {
			return b, errors.New("CA flag: malformed boolean")
		}
		b.CA = ca.Content[0] != 0
	}
	n, ok, err := r.Optional(der.Integer, "path length")
	if err != nil {
		return b, err
	}
	if ok {
		if b.PathLen, err = skipCount(n.Content); err != nil {
			return b, fmt.Errorf("path length: %w", err)
		}
	}
	return b, r.End("basic constraints")
}

// skipCount reads a number of certificates: not negative, and all that is larger than any path is the same.
func skipCount(content []byte) (int, error) {
	n, err := der.Int(content)
	if err != nil {
		return 0, err
	}
	if n.Sign() < 0 {
		return 0, errors.New("negative number")
	}
	if !n.IsInt64() || n.Int64() > math.MaxInt32 {
		return math.MaxInt32, nil
	}
	return int(n.Int64()), nil
}

func parseKeyUsage(content []byte) (KeyUsage, error) {
	bits, err := reasonBits(content)
	return KeyUsage(bits), err
}

// reasonBits reads a BIT STRING of named bits; bit n becomes 1<<n, those beyond 15 are left out.
func reasonBits(content []byte) (set uint16, err error) {
	bits, _, err := der.Bits(content)
	if err != nil {
		return 0, err
	}
	for n := 0; n < 16 && n < 8*len(bits); n++ {
		if bits[n/8]&(0x80>>(n%8)) != 0 {
			set |= 1 << n
		}
	}
	return set, nil
}

func parseOIDs(content []byte) ([]string, error) {
	list := []string{}
	for r := der.NewReader(content); !r.Empty(); {
		id, err := readOID(r, "identifier")
		if err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, nil
}

func readOID(r *der.Reader, what string) (string, error) {
	e, err := r.Read(der.OID, what)
	if err != nil {
		return "", err
	}
	id, err := der.OIDText(e.Content)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	return id, nil
}

func parseAuthorityKeyID(content []byte) (a AuthorityKeyID, err error) {
	r := der.NewReader(content)
	keyID, ok, err := r.Optional(der.Context, "key identifier")
	if err != nil {
		return a, err
	}
	if ok {
		a.KeyID = keyID.Content
	}
	issuer, ok, err := r.Optional(der.ContextConstructed+1, "issuer")
	if err != nil {
		return a, err
	}
	if ok {
		if a.Issuer, err = parseGeneralNames(issuer.Content); err != nil {
			return a, fmt.Errorf("issuer: %w", err)
		}
	}
	serial, ok, err := r.Optional(der.Context+2, "serial number")
	if err != nil {
		return a, err
	}
	if ok {
		if _, err := der.Int(serial.Content); err != nil {
			return a, fmt.Errorf("serial number: %w", err)
		}
		a.Serial = serial.Content
	}
	return a, r.End("authority key identifier")
}

func parseDistributionPoints(content []byte) ([]DistributionPoint, error) {
	list := []DistributionPoint{}
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "distribution point")
		if err != nil {
			return nil, err
		}
		d, err := parseDistributionPoint(e.Content)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

func parseDistributionPoint(content []byte) (d DistributionPoint, err error) {
	r := der.NewReader(content)
	name, ok, err := r.Optional(der.ContextConstructed, "distribution point name")
	if err != nil {
		return d, err
	}
	if ok {
		if d.FullName, d.RelativeName, err = parseDistPointName(name.Content); err != nil {
			return d, err
		}
	}
	reasons, ok, err := r.Optional(der.Context+1, "reasons")
	if err != nil {
		return d, err
	}
	if ok {
		d.HasReasons = true
		if d.Reasons, err = reasonBits(reasons.Content); err != nil {
			return d, fmt.Errorf("reasons: %w", err)
		}
	}
	issuer, ok, err := r.Optional(der.ContextConstructed+2, "CRL issuer")
	if err != nil {
		return d, err
	}
	if ok {
		if d.CRLIssuer, err = parseGeneralNames(issuer.Content); err != nil {
			return d, fmt.Errorf("CRL issuer: %w", err)
		}
	}
	return d, r.End("distribution point")
}

func parseDistPointName(content []byte) (full []GeneralName, relative dn.RDN, err error) {
	r := der.NewReader(content)
	e, err := r.Next()
	if err != nil {
		return nil, nil, fmt.Errorf("distribution point name: %w", err)
	}
	switch e.ID {
	case der.ContextConstructed:
		full, err = parseGeneralNames(e.Content)
	case der.ContextConstructed + 1:
		relative, err = dn.ParseRDN(e.Content)
	default:
		err = fmt.Errorf("unexpected tag 0x%02x", e.ID)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("distribution point name: %w", err)
	}
	return full, relative, r.End("distribution point name")
}

// IssuingDistributionPoint tells what a CRL covers (RFC 5280 section 5.2.5).
type IssuingDistributionPoint struct {
	FullName       []GeneralName
	RelativeName   dn.RDN
	OnlyUserCerts  bool
	OnlyCACerts    bool
	OnlyAttribute  bool
	Indirect       bool
	HasSomeReasons bool
	// SomeReasons are the only reasons that the list covers, if HasSomeReasons (bit n is 1<<n).
	SomeReasons uint16
}

// ParseIssuingDistributionPoint reads the value of the extension of that name, all of it.
func ParseIssuingDistributionPoint(value []byte) (IssuingDistributionPoint, error) {
	return whole(parseIssuingDistPoint)(value)
}

func parseIssuingDistPoint(content []byte) (p IssuingDistributionPoint, err error) {
	r := der.NewReader(content)
	name, ok, err := r.Optional(der.ContextConstructed, "distribution point name")
	if err != nil {
		return p, err
	}
	if ok {
		if p.FullName, p.RelativeName, err = parseDistPointName(name.Content); err != nil {
			return p, err
		}
	}
	for _, flag := range []struct {
		tag    byte
		target *bool
	}{{1, &p.OnlyUserCerts}, {2, &p.OnlyCACerts}, {3, nil}, {4, &p.Indirect}, {5, &p.OnlyAttribute}} {
		e, ok, err := r.Optional(der.Context+flag.tag, "flag")
		if err != nil {
			return p, err
		}
		switch {
		case !ok:
		case flag.target == nil:
			p.HasSomeReasons = true
			if p.SomeReasons, err = reasonBits(e.Content); err != nil {
				return p, fmt.Errorf("reasons: %w", err)
			}
		case len(e.Content) != 1:
			return p, errors.New("malformed boolean")
		default:
			*flag.target = e.Content[0] != 0
		}
	}
	return p, r.End("issuing distribution point")
}

func parseAccess(content []byte) ([]AccessDescription, error) {
	list := []AccessDescription{}
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "access description")
		if err != nil {
			return nil, err
		}
		a := der.NewReader(e.Content)
		method, err := readOID(a, "access method")
		if err != nil {
			return nil, err
		}
		place, err := a.Next()
		if err != nil {
			return nil, fmt.Errorf("access location: %w", err)
		}
		g, err := parseGeneralName(place)
		if err != nil {
			return nil, err
		}
		if err := a.End("access description"); err != nil {
			return nil, err
		}
		list = append(list, AccessDescription{method, g})
	}
	return list, nil
}

func parseNameConstraints(content []byte) (n NameConstraints, err error) {
	r := der.NewReader(content)
	for i, target := range []*[]Subtree{&n.Permitted, &n.Excluded} {
		e, ok, err := r.Optional(der.ContextConstructed+byte(i), "subtrees")
		if err != nil {
			return n, err
		}
		if ok {
			if *target, err = parseSubtrees(e.Content); err != nil {
				return n, err
			}
		}
	}
	return n, r.End("name constraints")
}

func parseSubtrees(content []byte) ([]Subtree, error) {
	list := []Subtree{}
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "subtree")
		if err != nil {
			return nil, err
		}
		s, err := parseSubtree(e.Content)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func parseSubtree(content []byte) (s Subtree, err error) {
	r := der.NewReader(content)
	base, err := r.Next()
	if err != nil {
		return s, fmt.Errorf("subtree: %w", err)
	}
	if s.Base, err = parseGeneralName(base); err != nil {
		return s, err
	}
	minimum, ok, err := r.Optional(der.Context, "minimum")
	if err != nil {
		return s, err
	}
	if ok {
		n, err := der.Int(minimum.Content)
		if err != nil {
			return s, fmt.Errorf("minimum: %w", err)
		}
		s.HasMinimum = n.Sign() != 0
	}
	maximum, ok, err := r.Optional(der.Context+1, "maximum")
	if err != nil {
		return s, err
	}
	if ok {
		if _, err := der.Int(maximum.Content); err != nil {
			return s, fmt.Errorf("maximum: %w", err)
		}
		s.HasMaximum = true
	}
	return s, r.End("subtree")
}

func parsePolicies(content []byte) ([]PolicyInformation, error) {
	list := []PolicyInformation{}
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "policy")
		if err != nil {
			return nil, err
		}
		p, err := parsePolicy(e.Content)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

func parsePolicy(content []byte) (p PolicyInformation, err error) {
	r := der.NewReader(content)
	if p.Policy, err = readOID(r, "policy"); err != nil {
		return p, err
	}
	qualifiers, ok, err := r.Optional(der.Sequence, "policy qualifiers")
	if err != nil {
		return p, err
	}
	if ok {
		p.Qualifiers = []PolicyQualifier{}
		for q := der.NewReader(qualifiers.Content); !q.Empty(); {
			e, err := q.Read(der.Sequence, "policy qualifier")
			if err != nil {
				return p, err
			}
			item, err := parseQualifier(e.Content)
			if err != nil {
				return p, err
			}
			p.Qualifiers = append(p.Qualifiers, item)
		}
	}
	return p, r.End("policy")
}

func parseQualifier(content []byte) (q PolicyQualifier, err error) {
	r := der.NewReader(content)
	if q.ID, err = readOID(r, "policy qualifier"); err != nil {
		return q, err
	}
	e, err := r.Next()
	if err != nil {
		return q, fmt.Errorf("policy qualifier: %w", err)
	}
	q.Value = e.Full
	return q, r.End("policy qualifier")
}

func parsePolicyMappings(content []byte) ([]PolicyMapping, error) {
	list := []PolicyMapping{}
	for r := der.NewReader(content); !r.Empty(); {
		e, err := r.Read(der.Sequence, "policy mapping")
		if err != nil {
			return nil, err
		}
		var m PolicyMapping
		s := der.NewReader(e.Content)
		if m.IssuerDomain, err = readOID(s, "issuer domain policy"); err != nil {
			return nil, err
		}
		if m.SubjectDomain, err = readOID(s, "subject domain policy"); err != nil {
			return nil, err
		}
		if err := s.End("policy mapping"); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

func parsePolicyConstraints(content []byte) (p PolicyConstraints, err error) {
	p = PolicyConstraints{-1, -1}
	r := der.NewReader(content)
	for i, target := range []*int{&p.RequireExplicitPolicy, &p.InhibitPolicyMapping} {
		e, ok, err := r.Optional(der.Context+byte(i), "skip count")
		if err != nil {
			return p, err
		}
		if ok {
			if *target, err = skipCount(e.Content); err != nil {
				return p, err
			}
		}
	}
	return p, r.End("policy constraints")
}
