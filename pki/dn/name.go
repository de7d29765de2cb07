// Package dn has distinguished names (X.501, RFC 5280 section 4.1.2.4): it reads
// their DER, spells them as .NET and as RFC 4514 do, reads both spellings back,
// and compares names by what they say.
//
// A Name is immutable and safe for concurrent use.
package dn

import (
	"fmt"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// Name is a distinguished name: relative names from the most general (C, O) to
// the most specific (CN), in the order of the encoding. The zero value is the empty name.
type Name struct {
	// Raw is the DER of the whole name; nil if the name was read from text.
	Raw []byte
	// RDNs are the relative distinguished names in the order of the encoding.
	RDNs []RDN

	canonical string
}

// RDN is a relative distinguished name: one attribute, or several joined by "+".
type RDN []Attribute

// Attribute is one type and value.
type Attribute struct {
	// Type is the attribute type's object identifier in dotted form ("2.5.4.3").
	Type string
	// Tag is the leading octet of the value's DER (0x0c is UTF8String); 0 if the attribute was read from text.
	Tag byte
	// Value is the content of the value's DER, or UTF-8 if the attribute was read from text.
	Value []byte
	// Raw is the value's whole DER; nil if the attribute was read from text as a string.
	Raw []byte
}

// Parse reads the DER of a Name. It takes what OpenSSL takes: SETs need not be sorted,
// values may have any string type, BIT STRING or SEQUENCE; a name that OpenSSL
// refuses (an INTEGER for a value, malformed UTF-8) is an error.
func Parse(raw []byte) (Name, error) {
	seq, err := der.One(raw, der.Sequence, "name")
	if err != nil {
		return Name{}, err
	}
	n := Name{Raw: raw}
	for r := der.NewReader(seq.Content); !r.Empty(); {
		set, err := r.Read(der.Set, "relative name")
		if err != nil {
			return Name{}, err
		}
		rdn, err := ParseRDN(set.Content)
		if err != nil {
			return Name{}, err
		}
		n.RDNs = append(n.RDNs, rdn)
	}
	n.canonical = canonicalName(n.RDNs)
	return n, nil
}

// ParseRDN reads the content of a RelativeDistinguishedName's SET.
func ParseRDN(content []byte) (RDN, error) {
	rdn := RDN{}
	for r := der.NewReader(content); !r.Empty(); {
		seq, err := r.Read(der.Sequence, "attribute")
		if err != nil {
			return nil, err
		}
		a, err := parseAttribute(seq.Content)
		if err != nil {
			return nil, err
		}
		rdn = append(rdn, a)
	}
	return rdn, nil
}

func parseAttribute(content []byte) (Attribute, error) {
	r := der.NewReader(content)
	id, err := r.Read(der.OID, "attribute type")
	if err != nil {
		return Attribute{}, err
	}
	oid, err := der.OIDText(id.Content)
	if err != nil {
		return Attribute{}, fmt.Errorf("attribute type: %w", err)
	}
	v, err := r.Next()
	if err != nil {
		return Attribute{}, fmt.Errorf("attribute value: %w", err)
	}
	if err := r.End("attribute"); err != nil {
		return Attribute{}, err
	}
	a := Attribute{Type: oid, Tag: v.ID, Value: v.Content, Raw: v.Full}
	return a, a.check()
}

// check refuses the values that OpenSSL refuses when it reads a name: types outside
// its "printable" choice, and strings that it cannot bring to UTF-8.
func (a Attribute) check() error {
	switch a.Tag {
	case der.UTF8String, der.BMPString, der.UniversalString:
		if _, err := a.text(); err != nil {
			return fmt.Errorf("attribute %s: %w", a.Type, err)
		}
	case der.PrintableString, der.T61String, der.IA5String, der.NumericString, der.Sequence:
	case der.BitString:
		if _, _, err := der.Bits(a.Value); err != nil {
			return fmt.Errorf("attribute %s: %w", a.Type, err)
		}
	case 0x07, 0x08, 0x28, 0x09, 0x0b, 0x2b, 0x0d, 0x0e, 0x0f, 0x1d, 0x3d:
	default:
		return fmt.Errorf("attribute %s: value has tag 0x%02x", a.Type, a.Tag)
	}
	return nil
}

// Empty reports whether the name has no attribute.
func (n Name) Empty() bool {
	for _, rdn := range n.RDNs {
		if len(rdn) > 0 {
			return false
		}
	}
	return true
}
