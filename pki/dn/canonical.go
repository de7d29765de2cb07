package dn

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// Canonical is a key by which two encoded names are equal exactly if OpenSSL's X509_NAME_cmp
// says so (the caseIgnore match of RFC 5280 section 7.1, for ASCII): strings are compared
// without their type, in lower case, blanks at the ends dropped and runs of blanks as one;
// other values octet by octet. Attributes within one relative name have no order, relative
// names have. Names read from text have no such key; compare them with Equal.
func (n Name) Canonical() string { return n.canonical }

func canonicalName(rdns []RDN) string {
	var b strings.Builder
	for _, rdn := range rdns {
		parts := make([]string, len(rdn))
		for i, a := range rdn {
			parts[i] = canonicalAttribute(a)
		}
		slices.Sort(parts)
		b.WriteByte('{')
		for _, p := range parts {
			b.WriteString(p)
		}
		b.WriteByte('}')
	}
	return b.String()
}

func canonicalAttribute(a Attribute) string {
	value := "\x00" + string(a.Raw)
	switch a.Tag {
	case der.UTF8String, der.BMPString, der.UniversalString, der.PrintableString, der.T61String, der.IA5String:
		if text, err := a.text(); err == nil {
			value = foldBlanks(lowerASCII(text))
		}
	}
	var b strings.Builder
	b.WriteString(a.Type)
	b.WriteByte('=')
	for i := range len(value) {
		if strings.IndexByte(`{}()\`, value[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	return "(" + b.String() + ")"
}

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// foldBlanks drops ASCII blanks at the ends of s and makes each run of them one space.
func foldBlanks(s string) string {
	var b strings.Builder
	pending := false
	for i := range len(s) {
		if space(s[i]) {
			pending = b.Len() > 0
			continue
		}
		if pending {
			b.WriteByte(' ')
			pending = false
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
