package dn

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// tlv encodes one element.
func tlv(id byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	return append(der.AppendLength([]byte{id}, len(content)), content...)
}

var typeDER = map[string][]byte{
	"CN": {0x55, 4, 3}, "C": {0x55, 4, 6}, "ST": {0x55, 4, 8}, "O": {0x55, 4, 10}, "OU": {0x55, 4, 11},
	"E": {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1}, "X": {0x2a, 3, 4},
}

func attribute(kind string, id byte, value string) []byte {
	return tlv(der.Sequence, tlv(der.OID, typeDER[kind]), tlv(id, []byte(value)))
}

// name encodes relative names, each of one attribute or several joined already.
func name(t testing.TB, rdns ...[]byte) Name {
	t.Helper()
	var sets [][]byte
	for _, r := range rdns {
		sets = append(sets, tlv(der.Set, r))
	}
	n, err := Parse(tlv(der.Sequence, sets...))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func utf(kind, value string) []byte { return attribute(kind, der.UTF8String, value) }

func TestStringTypesAsDotNet(t *testing.T) {
	for _, c := range []struct {
		name string
		rdn  []byte
		want string
	}{
		{"plain", utf("CN", "client"), "CN=client"},
		{"quotes are doubled", utf("CN", `a"b`), `CN="a""b"`},
		{"blank at the end", utf("CN", "a "), `CN="a "`},
		{"NUL at the end is dropped", utf("CN", "a\x00"), "CN=a"},
		{"only a NUL", utf("CN", "\x00"), `CN=""`},
		{"carriage return needs no quotes", utf("CN", "a\rb"), "CN=a\rb"},
		{"printable string", attribute("CN", der.PrintableString, "a-b"), "CN=a-b"},
		{"printable string with a forbidden character", attribute("CN", der.PrintableString, "a*b"), ""},
		{"numeric string with a letter", attribute("CN", der.NumericString, "1a"), ""},
		{"teletex string that is UTF-8", attribute("CN", der.T61String, "ž"), "CN=ž"},
		{"teletex string that is Latin-1", attribute("CN", der.T61String, "\xe9"), "CN=é"},
		{"BMP string", attribute("CN", der.BMPString, "\x01\x7d"), "CN=Ž"},
		{"universal string is not decoded", attribute("CN", der.UniversalString, "\x00\x00\x00a"), "CN=#1C0400000061"},
		{"unknown type", utf("X", "v"), "OID.1.2.3.4=v"},
		{"several attributes", append(utf("CN", "a"), utf("O", "b")...), "CN=a + O=b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := name(t, c.rdn).String(); got != c.want {
				t.Errorf("String() = %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseRefusesWhatOpenSSLRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		rdn  []byte
	}{
		{"malformed UTF-8", utf("CN", "\xff")},
		{"odd BMP string", attribute("CN", der.BMPString, "abc")},
		{"surrogate in a BMP string", attribute("CN", der.BMPString, "\xd8\x00\xdc\x00")},
		{"universal string of three octets", attribute("CN", der.UniversalString, "abc")},
		{"octet string", attribute("CN", der.OctetString, "a")},
		{"integer", attribute("CN", der.Integer, "a")},
		{"no value", tlv(der.Sequence, tlv(der.OID, typeDER["CN"]))},
		{"malformed type", tlv(der.Sequence, tlv(der.OID, []byte{0x80}), tlv(der.UTF8String))},
		{"trailing element", tlv(der.Sequence, tlv(der.OID, typeDER["CN"]), tlv(der.UTF8String), tlv(der.UTF8String))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if n, err := Parse(tlv(der.Sequence, tlv(der.Set, c.rdn))); err == nil {
				t.Errorf("Parse = %v, want an error", n)
			}
		})
	}
}

func TestLengthsThatAreNotMinimalPrintAsNothing(t *testing.T) {
	n, err := Parse([]byte{0x30, 0x81, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 3, 0x55, 4, 3, 0x0c, 1, 'a'})
	if err != nil {
		t.Fatal(err)
	}
	if got := n.String(); got != "" {
		t.Errorf("String() = %q, want none", got)
	}
}

func TestMatch(t *testing.T) {
	contoso := name(t, attribute("C", der.PrintableString, "US"), utf("ST", "Illinois"), utf("O", "Contoso, Inc."), utf("CN", "*.contoso.com"))
	mail := name(t, utf("O", "Contoso"), attribute("E", der.IA5String, "a@b.com"), utf("CN", "mail"))
	several := name(t, utf("O", "x"), append(utf("CN", "a+b"), utf("OU", "u")...))
	backslash := name(t, utf("CN", `a\`), utf("O", "b"))
	spaced := name(t, utf("CN", "  Client   01 "))
	encoded := name(t, attribute("CN", der.BitString, "\x00\xa5"))
	for _, c := range []struct {
		name  string
		n     Name
		text  string
		match bool
	}{
		{"as .NET prints it", contoso, contoso.String(), true},
		{"encoding order, documented form", contoso, `C=US, ST=Illinois, O="Contoso, Inc.", CN=*.contoso.com`, true},
		{"S is ST, case and blanks are free", contoso, `cn = *.CONTOSO.com,o="contoso,  inc.",s=illinois,c=us`, true},
		{"semicolons", contoso, contoso.Decode(UseSemicolons), true},
		{"lines", contoso, contoso.Decode(UseNewLines), true},
		{"RFC 4514 spelling", contoso, contoso.RFC4514(), true},
		{"OpenSSL's spelling", contoso, `C = US, ST = Illinois, O = "Contoso, Inc.", CN = *.contoso.com`, true},
		{"object identifiers", contoso, `OID.2.5.4.3=*.contoso.com, 2.5.4.10="Contoso, Inc.", S=Illinois, C=US`, true},
		{"another order", contoso, `C=US, O="Contoso, Inc.", ST=Illinois, CN=*.contoso.com`, false},
		{"one attribute less", contoso, `C=US, ST=Illinois, O="Contoso, Inc."`, false},
		{"one attribute more", contoso, contoso.String() + ", CN=x", false},
		{"the same value in another type", contoso, `C=US, L=Illinois, O="Contoso, Inc.", CN=*.contoso.com`, false},
		{"a star is no pattern", contoso, `C=US, ST=Illinois, O="Contoso, Inc.", CN=www.contoso.com`, false},
		{"E is emailAddress", mail, "CN=mail, emailAddress=A@B.com, O=Contoso", true},
		{"joined attributes have no order", several, `OU=u + CN="a+b", O=x`, true},
		{"joined is not side by side", several, `OU=u, CN="a+b", O=x`, false},
		{"a backslash is a backslash", backslash, `O=b, CN=a\`, true},
		{"an escaped one too", backslash, `CN=a\\,O=b`, true},
		{"letters in hex, as OpenSSL prints them", name(t, utf("O", "Ž"), utf("CN", "Živa")), `CN = \C5\BDiva, O=\c5\bd`, true},
		{"what only looks like hex stays as it is", name(t, utf("CN", `CORP\adam`)), `CN=CORP\adam`, true},
		{"an escape may not join two names", name(t, utf("O", "a,CN=b")), `O=a\,CN=b`, false},
		{"runs of blanks are one", spaced, "CN=client 01", true},
		{"no blank is not one", spaced, "CN=Client01", false},
		{"value in hex", encoded, "CN=#030200A5", true},
		{"the same octets as text", encoded, `CN="#030200A5"`, false},
		{"empty text", contoso, "", false},
		{"no name", contoso, "contoso", false},
		{"unknown type", contoso, "FOO=bar", false},
		{"a letter beyond ASCII is none of ASCII", name(t, utf("CN", "k")), "CN=\u212a", false},
		{"letters beyond ASCII fold", name(t, utf("CN", "Žiga")), "CN=žIGA", true},
		{"a NUL inside is not ignored", name(t, utf("CN", "a\x00b")), "CN=a", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.n.Match(c.text); got != c.match {
				t.Errorf("%q.Match(%q) = %t, want %t", c.n, c.text, got, c.match)
			}
		})
	}
}

func TestParseTextErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no equals sign", "CN", "name: at byte 0: no '=' after the attribute type"},
		{"unknown type", "CN=a, FOO=b", `name: at byte 6: unknown attribute type "FOO"`},
		{"open quote", `CN="a`, "name: at byte 5: closing quote missing"},
		{"text after a quote", `CN="a" b`, "name: at byte 7: separator expected"},
		{"hex that is none", "CN=#0g", "name: at byte 3: '#' is not followed by hex"},
		{"hex that is no value", "CN=#0c05", "name: at byte 3: '#' is not followed by the DER of one value"},
		{"separator at the end", "CN=a,", "name: at byte 5: no '=' after the attribute type"},
		{"not UTF-8", "CN=\xff", "name: text is not UTF-8"},
		{"too long", strings.Repeat("x", MaxText+1), "name: text of more than 65536 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if n, err := ParseText(c.text); err == nil || err.Error() != c.want {
				t.Errorf("ParseText(%q) = %v, %v; want %s", c.text, n, err, c.want)
			}
		})
	}
}

func TestParseRFC4514(t *testing.T) {
	for _, c := range []struct{ name, text, value string }{
		{"special characters", `CN=\"\+\,\;\<\>\\`, `"+,;<>\`},
		{"octets in hex", `CN=\c5\bD\20`, "Ž "},
		{"blanks at the ends", `CN=\ a\ `, " a "},
		{"in quotes", `CN="a\"b\20"`, `a"b `},
		{"nothing", "CN=", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := ParseRFC4514(c.text)
			if err != nil || len(n.CommonNames()) != 1 || n.CommonNames()[0] != c.value {
				t.Errorf("ParseRFC4514(%s) = %q, %v; want %q", c.text, n.CommonNames(), err, c.value)
			}
		})
	}
	for _, bad := range []string{`CN=\`, `CN=\x`, `CN=\c`, `CN=\ff`, `CN="a`} {
		if n, err := ParseRFC4514(bad); err == nil {
			t.Errorf("ParseRFC4514(%s) = %v", bad, n)
		}
	}
	if n, err := ParseRFC4514(" "); err != nil || !n.Empty() {
		t.Errorf("ParseRFC4514 of nothing = %v, %v", n, err)
	}
}

func TestValuesComeMostSpecificFirst(t *testing.T) {
	n := name(t, utf("CN", "a"), utf("O", "o"), attribute("CN", der.BitString, "\x00\xa5"), utf("CN", "b"))
	if got := strings.Join(n.CommonNames(), ","); got != "b,a" {
		t.Errorf("CommonNames = %s, want b,a", got)
	}
	if n.Empty() || !name(t).Empty() {
		t.Error("Empty is wrong")
	}
}

func TestCanonicalIsOpenSSLsComparison(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b Name
		same bool
	}{
		{"string types do not matter", name(t, utf("CN", "a")), name(t, attribute("CN", der.BMPString, "\x00a")), true},
		{"case and blanks do not matter", name(t, utf("CN", " A  b")), name(t, utf("CN", "a B ")), true},
		{"case beyond ASCII matters", name(t, utf("CN", "Ž")), name(t, utf("CN", "ž")), false},
		{"numeric strings are compared by octets", name(t, attribute("CN", der.NumericString, "1")), name(t, utf("CN", "1")), false},
		{"joined attributes have no order", name(t, append(utf("CN", "a"), utf("O", "b")...)), name(t, append(utf("O", "b"), utf("CN", "a")...)), true},
		{"relative names have", name(t, utf("CN", "a"), utf("O", "b")), name(t, utf("O", "b"), utf("CN", "a")), false},
		{"nothing can be faked by a value", name(t, utf("CN", "a)(2.5.4.10=b")), name(t, append(utf("CN", "a"), utf("O", "b")...)), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.a.Canonical() == c.b.Canonical(); got != c.same {
				t.Errorf("%q and %q: same = %t, want %t", c.a.Canonical(), c.b.Canonical(), got, c.same)
			}
		})
	}
}

// FuzzDN: a name that is read is spelled so that reading the spelling gives the same name.
func FuzzDN(f *testing.F) {
	f.Add(name(f, utf("C", "US"), utf("O", "Contoso, Inc."), append(utf("CN", ` a\"#+`), utf("X", "v")...)).Raw)
	f.Add(name(f, attribute("CN", der.BitString, "\x00\xa5"), attribute("O", der.BMPString, "\x01\x7d")).Raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := Parse(raw)
		if err != nil {
			return
		}
		for _, rdn := range n.RDNs {
			if len(rdn) == 0 || len(rdn) > maxAttributes {
				return
			}
		}
		if again, err := ParseRFC4514(n.RFC4514()); len(n.RFC4514()) <= MaxText && (err != nil || !n.Equal(again)) {
			t.Errorf("RFC 4514 spelling %q reads as %v, %v", n.RFC4514(), again, err)
		}
		text := n.String()
		if text == "" || len(text) > MaxText || hasUniversal(n) {
			return
		}
		again, err := ParseText(text)
		if err != nil || !n.Equal(again) {
			t.Errorf("%q reads as %v, %v", text, again, err)
		}
		if again.String() != reversedString(n) {
			t.Errorf("%q prints again as %q, want %q", text, again.String(), reversedString(n))
		}
	})
}

// reversedString is what a name read from n.String() prints: it has the order of the text.
func reversedString(n Name) string { return n.Decode(None) }

// hasUniversal: .NET prints some values as hex, by which text compares unequal on purpose, and
// drops NULs at the end of others.
func hasUniversal(n Name) bool {
	for _, rdn := range n.RDNs {
		for _, a := range rdn {
			if !a.isText() || a.Tag == der.UniversalString || a.Tag == der.T61String {
				return true
			}
		}
	}
	return false
}

func ExampleName_Match() {
	n, err := ParseText("CN=client, O=Contoso, C=US")
	if err != nil {
		panic(err)
	}
	fmt.Println(n.Match("c=us,o=contoso,cn=CLIENT"))
	// Output: true
}
