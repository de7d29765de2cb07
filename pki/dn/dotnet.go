package dn

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/pki/internal/der"
	"github.com/postern-gateway/postern/pki/internal/oid"
)

// Flags are .NET's X500DistinguishedNameFlags.
type Flags int

// The flags that matter when a name is printed, with .NET's values.
const (
	None             Flags = 0
	Reversed         Flags = 0x1
	UseSemicolons    Flags = 0x10
	DoNotUsePlusSign Flags = 0x20
	DoNotUseQuotes   Flags = 0x40
	UseCommas        Flags = 0x80
	UseNewLines      Flags = 0x100
	UseUTF8Encoding  Flags = 0x1000
	UseT61Encoding   Flags = 0x2000
	ForceUTF8        Flags = 0x4000
)

// String is X500DistinguishedName.Name, and so X509Certificate2.Subject, of .NET on Linux:
// the most specific attribute first, "CN=client, O=Contoso, C=US".
func (n Name) String() string { return n.Decode(Reversed) }

// Decode is X500DistinguishedName.Decode of .NET on Linux. As there, a name that is not
// strict DER, or has a string with characters that its type does not allow, is empty text.
func (n Name) Decode(flags Flags) string {
	if !n.strict() {
		return ""
	}
	separator, plus := n.separators(flags)
	rdns := n.RDNs
	if flags&Reversed != 0 {
		rdns = slices.Clone(rdns)
		slices.Reverse(rdns)
	}
	var b strings.Builder
	for i, rdn := range rdns {
		if i > 0 {
			b.WriteString(separator)
		}
		for j, a := range rdn {
			if j > 0 {
				b.WriteString(plus)
			}
			value, encoded, err := a.dotNetValue()
			if err != nil {
				return ""
			}
			if !encoded && flags&DoNotUseQuotes == 0 {
				value = quote(value)
			}
			b.WriteString(label(a.Type))
			b.WriteByte('=')
			b.WriteString(value)
		}
	}
	return b.String()
}

func (n Name) separators(flags Flags) (separator, plus string) {
	separator, plus = ", ", " + "
	switch {
	case flags&UseSemicolons != 0:
		separator = "; "
	case flags&(UseNewLines|UseCommas) == UseNewLines:
		separator = "\n"
	}
	if flags&DoNotUsePlusSign != 0 {
		plus = " "
	}
	return separator, plus
}

// label is the name that .NET prints for an attribute type.
func label(id string) string {
	if name := oid.Friendly(id); name != "" {
		return name
	}
	return "OID." + id
}

// needQuotes are the characters for which .NET quotes a value; '\r' is not one.
const needQuotes = ",+=\"\n<>#;"

func quote(value string) string {
	if value != "" && !space(value[0]) && !space(value[len(value)-1]) && !strings.ContainsAny(value, needQuotes) {
		return value
	}
	return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
}

// space reports whether c is one of the blanks that .NET sees at the ends of a value.
func space(c byte) bool { return c == ' ' || c >= 0x09 && c <= 0x0d }

var errCharacters = errors.New("characters that the string type does not allow")

// dotNetValue is the value as .NET's AsnReader decodes it: strictly by type, without NULs at
// the end. A type that it does not decode is encoded: "#" and the DER in hex, never quoted.
func (a Attribute) dotNetValue() (text string, encoded bool, err error) {
	switch a.Tag {
	case 0:
		text = string(a.Value)
	case der.UTF8String, der.BMPString:
		if text, err = a.text(); err != nil {
			return "", false, err
		}
	case der.T61String:
		text = string(a.Value)
		if !utf8.Valid(a.Value) {
			text = latin1(a.Value)
		}
	case der.IA5String, der.PrintableString, der.NumericString:
		if !allowed(a.Tag, a.Value) {
			return "", false, errCharacters
		}
		text = string(a.Value)
	default:
		return "#" + strings.ToUpper(hex.EncodeToString(a.Raw)), true, nil
	}
	return strings.TrimRight(text, "\x00"), false, nil
}

// allowed reports whether value has only characters of its type (X.680 section 41).
func allowed(tag byte, value []byte) bool {
	for _, c := range value {
		ok := c < 0x80
		switch tag {
		case der.NumericString:
			ok = c == ' ' || c >= '0' && c <= '9'
		case der.PrintableString:
			ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(" '()+,-./:=?", c) >= 0
		}
		if !ok {
			return false
		}
	}
	return true
}

// strict reports whether the name's DER has only lengths in their shortest form.
func (n Name) strict() bool {
	if n.Raw == nil {
		return true
	}
	seq, err := der.One(n.Raw, der.Sequence, "name")
	return err == nil && strictElement(seq, 4)
}

// strictElement descends depth levels: SEQUENCE, SET, SEQUENCE, and the type and value.
func strictElement(e der.Element, depth int) bool {
	if !e.Minimal() {
		return false
	}
	if depth == 1 {
		return true
	}
	children, err := e.Children()
	if err != nil {
		return false
	}
	for _, c := range children {
		if !strictElement(c, depth-1) {
			return false
		}
	}
	return true
}
