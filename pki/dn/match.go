package dn

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// Match reports whether text names n, however it is spelled: see ParseText for the spellings
// and Equal for what counts as the same. Text that is not a name matches nothing.
func (n Name) Match(text string) bool {
	readings, _ := Readings(text)
	return slices.ContainsFunc(readings, n.Equal)
}

// Readings are the names that text may spell: what ParseText reads, and, where that has taken backslashes for themselves,
// the name in which they escape (`CN=\C5\BDiva`, as OpenSSL prints letters beyond ASCII). The second counts only if it
// has the same attributes in the same places, so that it differs in characters of values and in nothing else. The error is
// ParseText's.
func Readings(text string) ([]Name, error) {
	first, err := ParseText(text)
	if err != nil {
		return nil, err
	}
	second, err := parse(text, rfc4514)
	if !strings.Contains(text, `\`) || err != nil || !first.sameTypes(second) {
		return []Name{first}, nil
	}
	return []Name{first, second}, nil
}

// sameTypes reports whether two names have attributes of the same types in the same places.
func (n Name) sameTypes(o Name) bool {
	return slices.EqualFunc(n.RDNs, o.RDNs, func(a, b RDN) bool {
		return slices.EqualFunc(a, b, func(x, y Attribute) bool { return x.Type == y.Type })
	})
}

// Equal reports whether two names have the same relative names in the same or in exactly the
// opposite order. Attributes joined by "+" have no order. Values are the same if they are the
// same text but for upper and lower case and for the number of blanks; a letter beyond ASCII
// never equals one of ASCII. A value that is no text equals only the same octets.
// No attribute may be missing or more: this is no search.
func (n Name) Equal(o Name) bool {
	if len(n.RDNs) != len(o.RDNs) {
		return false
	}
	forward, backward := true, true
	for i, rdn := range n.RDNs {
		forward = forward && rdn.equal(o.RDNs[i])
		backward = backward && rdn.equal(o.RDNs[len(o.RDNs)-1-i])
	}
	return forward || backward
}

func (r RDN) equal(o RDN) bool {
	if len(r) != len(o) || len(r) > maxAttributes {
		return false
	}
	used := make([]bool, len(o))
next:
	for _, a := range r {
		for i, b := range o {
			if !used[i] && a.equal(b) {
				used[i] = true
				continue next
			}
		}
		return false
	}
	return true
}

// maxAttributes bounds the attributes of one relative name that are compared pair by pair.
const maxAttributes = 64

func (a Attribute) equal(b Attribute) bool {
	if a.Type != b.Type {
		return false
	}
	if !a.isText() || !b.isText() {
		return a.Raw != nil && bytes.Equal(a.Raw, b.Raw)
	}
	x, errX := a.text()
	y, errY := b.text()
	return errX == nil && errY == nil && fold(x) == fold(y)
}

// isText reports whether the value is a character string.
func (a Attribute) isText() bool {
	switch a.Tag {
	case 0, der.UTF8String, der.PrintableString, der.IA5String, der.T61String, der.BMPString, der.NumericString, der.UniversalString:
		return true
	}
	return false
}

// fold maps the texts that count as the same to one: see Equal.
func fold(s string) string {
	return foldBlanks(strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); r < 0x80 || l >= 0x80 {
			return l
		}
		return r
	}, strings.TrimRight(s, "\x00")))
}

// Values are the texts of the attributes of the given type (a dotted OID), the most specific
// first; values that are no text are left out.
func (n Name) Values(id string) []string {
	var list []string
	for i := len(n.RDNs) - 1; i >= 0; i-- {
		for _, a := range n.RDNs[i] {
			if a.Type != id || !a.isText() {
				continue
			}
			if text, err := a.text(); err == nil {
				list = append(list, text)
			}
		}
	}
	return list
}

// Dotted OIDs of common attribute types (RFC 4519, RFC 2985).
const (
	CommonName         = "2.5.4.3"
	SerialNumber       = "2.5.4.5"
	Country            = "2.5.4.6"
	Locality           = "2.5.4.7"
	State              = "2.5.4.8"
	Organization       = "2.5.4.10"
	OrganizationalUnit = "2.5.4.11"
	EmailAddress       = "1.2.840.113549.1.9.1"
)

// CommonNames are the common names, the most specific first.
func (n Name) CommonNames() []string { return n.Values(CommonName) }
