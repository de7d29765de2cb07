package chain

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// CanonicalName is the form in which OpenSSL compares names (X509_NAME_cmp): two names are
// equal if and only if their canonical forms are, and one lies inside another's tree if and
// only if the tree's form is a prefix of it. In it, strings are UTF-8, ASCII letters are lower
// case, blanks at the ends are dropped and blanks inside are one space.
//
// raw is the DER of a Name; what cannot be read as one is returned as it is, so that it
// equals only itself.
func CanonicalName(raw []byte) string {
	seq, err := der.One(raw, der.Sequence, "name")
	if err != nil {
		return string(raw)
	}
	var out []byte
	for r := der.NewReader(seq.Content); !r.Empty(); {
		set, err := r.Read(der.Set, "relative name")
		if err != nil {
			return string(raw)
		}
		attributes, err := canonicalRDN(set.Content)
		if err != nil {
			return string(raw)
		}
		if len(attributes) > 0 {
			out = appendElement(out, der.Set, bytes.Join(attributes, nil))
		}
	}
	return string(out)
}

// canonicalRDN gives the attributes of a SET in canonical form and in DER's order.
func canonicalRDN(content []byte) ([][]byte, error) {
	var attributes [][]byte
	for r := der.NewReader(content); !r.Empty(); {
		seq, err := r.Read(der.Sequence, "attribute")
		if err != nil {
			return nil, err
		}
		a := der.NewReader(seq.Content)
		id, err := a.Read(der.OID, "attribute type")
		if err != nil {
			return nil, err
		}
		value, err := a.Next()
		if err != nil {
			return nil, err
		}
		attribute := appendElement(nil, der.OID, id.Content)
		if text, ok := stringText(value.ID, value.Content); ok {
			attribute = appendElement(attribute, der.UTF8String, canonicalText(text))
		} else {
			attribute = append(attribute, value.Full...)
		}
		attributes = append(attributes, appendElement(nil, der.Sequence, attribute))
	}
	slices.SortFunc(attributes, bytes.Compare)
	return attributes, nil
}

// stringText is the UTF-8 of a string of the types that OpenSSL folds; the others are compared octet by octet.
func stringText(tag byte, content []byte) ([]byte, bool) {
	switch tag {
	case der.UTF8String:
		return content, true
	case der.PrintableString, der.IA5String, der.VisibleString, der.T61String:
		return latin1(content), true
	case der.BMPString:
		if len(content)%2 != 0 {
			return nil, false
		}
		units := make([]uint16, len(content)/2)
		for i := range units {
			units[i] = uint16(content[2*i])<<8 | uint16(content[2*i+1])
		}
		return []byte(string(utf16.Decode(units))), true
	case der.UniversalString:
		if len(content)%4 != 0 {
			return nil, false
		}
		var b strings.Builder
		for i := 0; i < len(content); i += 4 {
			b.WriteRune(rune(uint32(content[i])<<24 | uint32(content[i+1])<<16 | uint32(content[i+2])<<8 | uint32(content[i+3])))
		}
		return []byte(b.String()), true
	}
	return nil, false
}

func latin1(content []byte) []byte {
	ascii := true
	for _, c := range content {
		ascii = ascii && c < 0x80
	}
	if ascii {
		return content
	}
	out := make([]byte, 0, len(content)+8)
	for _, c := range content {
		out = append(out, string(rune(c))...)
	}
	return out
}

func canonicalText(text []byte) []byte {
	out := make([]byte, 0, len(text))
	blank := false
	for _, c := range text {
		switch {
		case c == ' ' || (c >= '\t' && c <= '\r'):
			blank = len(out) > 0
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if blank {
			out, blank = append(out, ' '), false
		}
		out = append(out, c)
	}
	return out
}

// appendElement appends one DER element.
func appendElement(out []byte, tag byte, content []byte) []byte {
	out = append(out, tag)
	switch n := len(content); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	case n < 0x10000:
		out = append(out, 0x82, byte(n>>8), byte(n))
	default:
		out = append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, content...)
}
