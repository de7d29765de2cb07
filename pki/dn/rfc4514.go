package dn

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// rfcTypes are the attribute types that RFC 4514 section 3 gives names.
var rfcTypes = map[string]string{
	CommonName: "CN", Locality: "L", State: "ST", Organization: "O", OrganizationalUnit: "OU", Country: "C",
	"2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}

// RFC4514 is the name in the spelling of RFC 4514: "CN=client,O=Contoso,C=US". Types that
// the RFC does not name are object identifiers with their value's DER in hex.
func (n Name) RFC4514() string {
	var b strings.Builder
	for i := len(n.RDNs) - 1; i >= 0; i-- {
		if i < len(n.RDNs)-1 {
			b.WriteByte(',')
		}
		for j, a := range n.RDNs[i] {
			if j > 0 {
				b.WriteByte('+')
			}
			a.writeRFC4514(&b)
		}
	}
	return b.String()
}

func (a Attribute) writeRFC4514(b *strings.Builder) {
	name, named := rfcTypes[a.Type]
	text, err := a.text()
	plain := a.isText() && err == nil
	if !named {
		name = a.Type
		if a.Raw != nil {
			plain = false
		}
	}
	b.WriteString(name)
	b.WriteByte('=')
	if !plain {
		b.WriteByte('#')
		b.WriteString(hex.EncodeToString(a.Raw))
		return
	}
	for i, r := range text {
		switch {
		case strings.ContainsRune(`"+,;<>\=`, r), r == '#' && i == 0, r == ' ' && (i == 0 || i == len(text)-1):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			b.WriteByte('\\')
			b.WriteString(hex.EncodeToString([]byte{byte(r)}))
		case r == utf8.RuneError:
			b.WriteString(`\ef\bf\bd`)
		default:
			b.WriteRune(r)
		}
	}
}
