package cert

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
	"github.com/postern-gateway/postern/pki/internal/oid"
)

func namesValues(content []byte) ([]pair, bool) {
	names, err := parseGeneralNames(content)
	if err != nil {
		return nil, false
	}
	pairs := []pair{}
	for _, g := range names {
		p, ok := nameValue(g)
		if !ok {
			return nil, false
		}
		pairs = append(pairs, p...)
	}
	return pairs, true
}

func accessValues(content []byte) ([]pair, bool) {
	list, err := parseAccess(content)
	if err != nil {
		return nil, false
	}
	pairs := []pair{}
	for _, a := range list {
		p, ok := nameValue(a.Location)
		if !ok {
			return nil, false
		}
		p[0].name = shortOID(a.Method) + " - " + p[0].name
		pairs = append(pairs, p...)
	}
	return pairs, true
}

// Types of OtherName that OpenSSL 3.0 prints.
var otherNames = map[string]struct {
	label string
	tag   byte
}{
	"1.3.6.1.5.5.7.8.9": {"SmtpUTF8Mailbox", der.UTF8String},
	"1.3.6.1.5.5.7.8.5": {"XmppAddr", der.UTF8String},
	"1.3.6.1.5.5.7.8.7": {"SRVName", der.IA5String},
	oidUPN:              {"UPN", der.UTF8String},
	"1.3.6.1.5.5.7.8.8": {"NAIRealm", der.UTF8String},
}

// nameValue is OpenSSL's i2v_GENERAL_NAME: a text with a NUL inside cannot be shown.
func nameValue(g GeneralName) ([]pair, bool) {
	switch g.Kind {
	case OtherName:
		return otherValue(g)
	case X400Address:
		return []pair{{"X400Name", "<unsupported>"}}, true
	case EDIPartyName:
		return []pair{{"EdiPartyName", "<unsupported>"}}, true
	case RFC822Name:
		return textValue("email", g.Value)
	case DNSName:
		return textValue("DNS", g.Value)
	case URI:
		return textValue("URI", g.Value)
	case DirectoryName:
		return []pair{{"DirName", oneLine(g.Name)}}, true
	case IPAddress:
		return []pair{{"IP Address", addressText(g.Value)}}, true
	}
	return []pair{{"Registered ID", cut(oid.Long(g.OID), 255)}}, true
}

func textValue(name string, value []byte) ([]pair, bool) {
	return []pair{{name, string(value)}}, bytes.IndexByte(value, 0) < 0
}

func otherValue(g GeneralName) ([]pair, bool) {
	e, err := der.NewReader(g.Other).Next()
	if err != nil {
		return nil, false
	}
	known, ok := otherNames[g.OID]
	if ok {
		if e.ID != known.tag {
			return nil, false
		}
		return textValue("othername: "+known.label+":", e.Content)
	}
	label := "othername: " + cut(oid.Long(g.OID), 255) + ":"
	if e.ID == der.UTF8String || e.ID == der.IA5String {
		if p, ok := textValue(label, e.Content); ok {
			return p, true
		}
	}
	return []pair{{label, "<unsupported>"}}, true
}

// addressText is an IP address as OpenSSL shows it: IPv6 in upper case, nothing shortened.
func addressText(b []byte) string {
	switch len(b) {
	case 4:
		return fmt.Sprintf("%d.%d.%d.%d", b[0], b[1], b[2], b[3])
	case 16:
		parts := make([]string, 8)
		for i := range parts {
			parts[i] = fmt.Sprintf("%X", int(b[2*i])<<8|int(b[2*i+1]))
		}
		return strings.Join(parts, ":")
	}
	return fmt.Sprintf("<invalid length=%d>", len(b))
}

// printName is OpenSSL's GENERAL_NAME_print.
func printName(g GeneralName) string {
	switch g.Kind {
	case OtherName:
		known, ok := otherNames[g.OID]
		e, err := der.NewReader(g.Other).Next()
		if err != nil || !ok || e.ID != known.tag {
			return "othername:<unsupported>"
		}
		return "othername:" + known.label + ":" + string(untilNUL(e.Content))
	case X400Address:
		return "X400Name:<unsupported>"
	case EDIPartyName:
		return "EdiPartyName:<unsupported>"
	case RFC822Name:
		return "email:" + printable(g.Value)
	case DNSName:
		return "DNS:" + printable(g.Value)
	case URI:
		return "URI:" + printable(g.Value)
	case DirectoryName:
		return "DirName:" + spacedName(g.Name.RDNs)
	case IPAddress:
		return "IP Address:" + addressText(g.Value)
	}
	return "Registered ID:" + oid.Long(g.OID)
}

// printable is OpenSSL's ASN1_STRING_print: what is not printable ASCII is a dot.
func printable(b []byte) string {
	out := bytes.Clone(b)
	for i, c := range out {
		if c > '~' || c < ' ' && c != '\n' && c != '\r' {
			out[i] = '.'
		}
	}
	return string(out)
}

// oneLine is OpenSSL's X509_NAME_oneline in its buffer of 256 bytes: "/C=SI/CN=x", octets
// beyond printable ASCII as \xXX, the attributes that no longer fit left out.
func oneLine(n dn.Name) string {
	var b strings.Builder
	for _, rdn := range n.RDNs {
		for i, a := range rdn {
			var part strings.Builder
			part.WriteByte("/+"[min(i, 1)])
			part.WriteString(cut(oid.Short(a.Type), 79))
			part.WriteByte('=')
			writeOneLineValue(&part, a)
			if b.Len()+part.Len() >= 256 {
				return b.String()
			}
			b.WriteString(part.String())
		}
	}
	return b.String()
}

func writeOneLineValue(b *strings.Builder, a dn.Attribute) {
	for _, c := range stringData(a) {
		switch {
		case c < ' ' || c > '~':
			fmt.Fprintf(b, `\x%02X`, c)
		case c == '/' || c == '+':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
}

// spacedName is OpenSSL's X509_NAME_print_ex with XN_FLAG_ONELINE: "C = SI, CN = x", values
// escaped as RFC 2253 says, or quoted.
func spacedName(rdns []dn.RDN) string {
	var b strings.Builder
	first := true
	for _, rdn := range rdns {
		for i, a := range rdn {
			switch {
			case first:
			case i > 0:
				b.WriteString(" + ")
			default:
				b.WriteString(", ")
			}
			first = false
			b.WriteString(oid.Short(a.Type))
			b.WriteString(" = ")
			b.WriteString(spacedValue(a))
		}
	}
	return b.String()
}

// spacedValue is ASN1_STRING_print_ex with ASN1_STRFLGS_RFC2253 (which converts to UTF-8 and so
// escapes each of its octets) and ASN1_STRFLGS_ESC_QUOTE.
func spacedValue(a dn.Attribute) string {
	data, utf := stringData(a), []byte(nil)
	switch a.Tag {
	case der.UTF8String:
		utf = data
	case der.BMPString, der.UniversalString, der.PrintableString, der.T61String, der.IA5String, der.NumericString, der.VisibleString:
		runes, _ := stringRunes(a.Tag, data)
		utf = []byte(string(runes))
	case der.BitString:
		raw := append([]byte(nil), a.Raw[:len(a.Raw)-len(data)]...)
		return "#" + upperHex(append(raw, data...))
	default:
		return "#" + upperHex(a.Raw)
	}
	var b strings.Builder
	quoted := false
	for i, c := range utf {
		edge := i == 0 || i == len(utf)-1
		switch {
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%02X`, c)
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case strings.IndexByte(`,+<>;`, c) >= 0 || edge && c == ' ' || i == 0 && c == '#' && len(utf) > 1:
			quoted = true
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	if quoted {
		return `"` + b.String() + `"`
	}
	return b.String()
}

// openSSLTime is OpenSSL's ASN1_GENERALIZEDTIME_print: "Jan  2 03:04:05 2025 GMT". Seconds may be
// missing, a fraction is kept as written, an offset is applied.
func openSSLTime(text string) string {
	end := strings.IndexAny(text, ".Z+-")
	if end < 0 {
		return "Bad time value"
	}
	fraction := ""
	if text[end] == '.' {
		rest := text[end+1:]
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == 0 || end != len("20060102150405") {
			return "Bad time value"
		}
		fraction = text[end : end+1+digits]
	}
	plain := text[:end] + text[end+len(fraction):]
	for _, layout := range []string{"20060102150405Z", "200601021504Z", "20060102150405-0700", "200601021504-0700"} {
		if t, err := time.Parse(layout, plain); err == nil {
			return openSSLDate(t.UTC(), fraction)
		}
	}
	return "Bad time value"
}

func openSSLDate(t time.Time, fraction string) string {
	return fmt.Sprintf("%s %2d %s%s %d GMT", t.Format("Jan"), t.Day(), t.Format("15:04:05"), fraction, t.Year())
}
