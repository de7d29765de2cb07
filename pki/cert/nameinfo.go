package cert

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// NameType is .NET's X509NameType.
type NameType int

// The kinds of name that NameInfo looks for, with .NET's values.
const (
	SimpleName NameType = iota
	EmailName
	UPNName
	DNSNameType
	DNSFromAlternativeName
	URLName
)

// oidUPN is the type of an OtherName that is a user principal name of Windows.
const oidUPN = "1.3.6.1.4.1.311.20.2.3"

// altKinds are the kinds of alternative name that each NameType looks for.
var altKinds = map[NameType]NameKind{
	SimpleName: RFC822Name, EmailName: RFC822Name, UPNName: OtherName,
	DNSNameType: DNSName, DNSFromAlternativeName: DNSName, URLName: URI,
}

// NameInfo is X509Certificate2.GetNameInfo on Linux: the first name of the kind in the subject
// (or the issuer) and its alternative names, empty if there is none.
func (c *Certificate) NameInfo(kind NameType, forIssuer bool) string {
	name := c.Subject
	if forIssuer {
		name = c.Issuer
	}
	if kind == SimpleName {
		if a, ok := simpleAttribute(name); ok {
			return printString(a.Tag, stringData(a), true)
		}
	}
	if g, ok := c.firstAltName(kind, forIssuer); ok {
		return g
	}
	fallback := ""
	switch kind {
	case EmailName:
		fallback = dn.EmailAddress
	case DNSNameType:
		fallback = dn.CommonName
	}
	if a, ok := lastAttribute(name, fallback); ok {
		return printString(a.Tag, stringData(a), false)
	}
	return ""
}

// simpleAttribute is the attribute that names the holder: the last common name. Where there is
// none, but an attribute beyond CN, OU, O and E, it is the first OU, O or E, or the last of the others.
func simpleAttribute(name dn.Name) (dn.Attribute, bool) {
	if a, ok := lastAttribute(name, dn.CommonName); ok {
		return a, true
	}
	first := map[string]dn.Attribute{}
	var other *dn.Attribute
	for _, rdn := range name.RDNs {
		for _, a := range rdn {
			switch a.Type {
			case dn.OrganizationalUnit, dn.Organization, dn.EmailAddress:
				if _, seen := first[a.Type]; !seen {
					first[a.Type] = a
				}
			default:
				other = &a
			}
		}
	}
	if other == nil {
		return dn.Attribute{}, false
	}
	for _, id := range []string{dn.OrganizationalUnit, dn.Organization, dn.EmailAddress} {
		if a, ok := first[id]; ok {
			return a, true
		}
	}
	return *other, true
}

func lastAttribute(name dn.Name, id string) (last dn.Attribute, ok bool) {
	for _, rdn := range name.RDNs {
		for _, a := range rdn {
			if a.Type == id {
				last, ok = a, true
			}
		}
	}
	return last, ok
}

// firstAltName is the text of the first alternative name of the kind. An extension that is
// there twice or malformed counts as absent.
func (c *Certificate) firstAltName(kind NameType, forIssuer bool) (string, bool) {
	id := OIDSubjectAltName
	if forIssuer {
		id = OIDIssuerAltName
	}
	wanted, known := altKinds[kind]
	x, present, err := c.only(id)
	if !known || !present || err != nil {
		return "", false
	}
	seq, err := der.NewReader(x.Value).Read(der.Sequence, "general names")
	if err != nil {
		return "", false
	}
	names, err := parseGeneralNames(seq.Content)
	if err != nil {
		return "", false
	}
	for _, g := range names {
		switch {
		case g.Kind != wanted:
		case g.Kind != OtherName:
			return printString(der.IA5String, g.Value, true), true
		case g.OID == oidUPN && g.Other[0] == der.UTF8String:
			e, err := der.One(g.Other, der.UTF8String, "user principal name")
			if err == nil {
				return printString(der.UTF8String, e.Content, true), true
			}
		}
	}
	return "", false
}

// stringData is the data of the attribute's ASN1_STRING in OpenSSL: the whole DER of a SEQUENCE,
// the bits of a BIT STRING, else the content.
func stringData(a dn.Attribute) []byte {
	switch a.Tag {
	case der.Sequence:
		return a.Raw
	case der.BitString:
		bits, _, _ := der.Bits(a.Value)
		return bits
	}
	return a.Value
}

// printString prints as OpenSSL's ASN1_STRING_print_ex and reads the result as .NET does.
// With convert (ASN1_STRFLGS_UTF8_CONVERT) the result is UTF-8; without, a character beyond
// Latin-1 is \Uxxxx or \Wxxxxxxxx, and a Latin-1 one is its octet, which is no UTF-8.
func printString(tag byte, data []byte, convert bool) string {
	runes, ok := stringRunes(tag, data)
	if !ok {
		return ""
	}
	if convert && tag == der.UTF8String {
		return lossyUTF8(data)
	}
	var out []byte
	for _, r := range runes {
		switch {
		case convert:
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			out = fmt.Appendf(out, `\W%08X`, r)
		case r > 0xff:
			out = fmt.Appendf(out, `\U%04X`, r)
		default:
			out = append(out, byte(r))
		}
	}
	return lossyUTF8(out)
}

// stringRunes are the characters of a string; types that are not known have one in each octet.
func stringRunes(tag byte, data []byte) ([]rune, bool) {
	width := 1
	switch tag {
	case der.UTF8String:
		return []rune(string(data)), true
	case der.BMPString:
		width = 2
	case der.UniversalString:
		width = 4
	}
	if len(data)%width != 0 {
		return nil, false
	}
	runes := make([]rune, 0, len(data)/width)
	for i := 0; i < len(data); i += width {
		r := rune(0)
		for _, b := range data[i : i+width] {
			r = r<<8 | rune(b)
		}
		runes = append(runes, r)
	}
	return runes, true
}

// lossyUTF8 decodes as .NET's Encoding.UTF8: each longest piece that could have begun a
// character but did not is one U+FFFD.
func lossyUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			size = brokenLength(b)
		}
		out.WriteRune(r)
		b = b[size:]
	}
	return out.String()
}

// brokenLength is the length of the malformed piece that b begins with (Unicode 15, section 3.9, table 3-8).
func brokenLength(b []byte) int {
	low, high, follow := byte(0x80), byte(0xbf), 0
	switch c := b[0]; {
	case c >= 0xc2 && c <= 0xdf:
		follow = 1
	case c == 0xe0:
		low, follow = 0xa0, 2
	case c == 0xed:
		high, follow = 0x9f, 2
	case c >= 0xe1 && c <= 0xef:
		follow = 2
	case c == 0xf0:
		low, follow = 0x90, 3
	case c == 0xf4:
		high, follow = 0x8f, 3
	case c >= 0xf1 && c <= 0xf3:
		follow = 3
	}
	n := 1
	for ; n <= follow && n < len(b) && b[n] >= low && b[n] <= high; n++ {
		low, high = 0x80, 0xbf
	}
	return n
}
