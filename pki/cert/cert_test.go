package cert

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/internal/der"
)

// tlv encodes one element.
func tlv(id byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	return append(der.AppendLength([]byte{id}, len(content)), content...)
}

func oidDER(t testing.TB, id asn1.ObjectIdentifier) []byte {
	t.Helper()
	b, err := asn1.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var ecdsaSHA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}

// parts are the pieces of a certificate; a test replaces those it is about.
type parts struct {
	version, serial, notBefore, notAfter, spki []byte
	extensions                                 [][]byte
	trailing                                   []byte
}

func sound(t testing.TB) parts {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return parts{
		version: tlv(0xa0, tlv(2, []byte{2})), serial: tlv(2, []byte{5}),
		notBefore: tlv(der.UTCTime, []byte("200101000000Z")), notAfter: tlv(der.UTCTime, []byte("490101000000Z")), spki: spki,
	}
}

func (p parts) encode(t testing.TB) []byte {
	t.Helper()
	algorithm := tlv(der.Sequence, oidDER(t, ecdsaSHA256))
	name := tlv(der.Sequence, tlv(der.Set, tlv(der.Sequence, oidDER(t, asn1.ObjectIdentifier{2, 5, 4, 3}), tlv(der.UTF8String, []byte("x")))))
	tbs := [][]byte{p.version, p.serial, algorithm, name, tlv(der.Sequence, p.notBefore, p.notAfter), name, p.spki}
	if p.extensions != nil {
		tbs = append(tbs, tlv(0xa3, tlv(der.Sequence, p.extensions...)))
	}
	tbs = append(tbs, p.trailing)
	return tlv(der.Sequence, tlv(der.Sequence, tbs...), algorithm, tlv(der.BitString, []byte{0, 1, 2, 3}))
}

func extension(t testing.TB, id asn1.ObjectIdentifier, value []byte) []byte {
	t.Helper()
	return tlv(der.Sequence, oidDER(t, id), tlv(der.OctetString, value))
}

func TestParseTolerates(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*parts)
		check  func(*Certificate) bool
	}{
		{"a sound certificate", func(*parts) {}, func(c *Certificate) bool { return c.Version == 3 && c.TimesValid() }},
		{"no version", func(p *parts) { p.version = nil }, func(c *Certificate) bool { return c.Version == 1 }},
		{"a negative serial number", func(p *parts) { p.serial = tlv(2, []byte{0xff, 0x7f}) }, func(c *Certificate) bool { return c.SerialNumber() == "FF7F" }},
		{"serial number zero", func(p *parts) { p.serial = tlv(2, []byte{0}) }, func(c *Certificate) bool { return c.SerialNumber() == "00" }},
		{"a length with a leading zero", func(p *parts) { p.serial = []byte{2, 0x82, 0, 1, 5} }, func(c *Certificate) bool { return c.SerialNumber() == "05" }},
		{"a key that cannot be used", func(p *parts) {
			p.spki = tlv(der.Sequence, tlv(der.Sequence, oidDER(t, asn1.ObjectIdentifier{1, 2, 3})), tlv(der.BitString, []byte{0, 1}))
		}, func(c *Certificate) bool { key, err := c.PublicKey(); return key == nil && err != nil }},
		{"UTCTime of 1950", func(p *parts) { p.notBefore = tlv(der.UTCTime, []byte("500101000000Z")) }, func(c *Certificate) bool { return c.NotBefore.Year() == 1950 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := sound(t)
			c.change(&p)
			parsed, err := Parse(p.encode(t))
			if err != nil || !c.check(parsed) {
				t.Errorf("Parse = %+v, %v", parsed, err)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*parts)
		want   string
	}{
		{"a serial number with needless octets", func(p *parts) { p.serial = tlv(2, []byte{0, 5}) }, "serial number: integer has needless leading octets"},
		{"no serial number", func(p *parts) { p.serial = nil }, "serial number: unexpected tag 0x30, want 0x02"},
		{"a date of another type", func(p *parts) { p.notBefore = tlv(der.Integer, []byte{1}) }, "notBefore: unexpected tag 0x02"},
		{"something after the extensions", func(p *parts) { p.trailing = tlv(der.Null) }, "certificate body: 2 trailing bytes"},
		{"a broken extension", func(p *parts) { p.extensions = [][]byte{tlv(der.Sequence, tlv(der.Null))} }, "extension type: unexpected tag 0x05, want 0x06"},
		{"an indefinite length", func(p *parts) { p.serial = []byte{0x30, 0x80, 0, 0} }, "serial number: indefinite length"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := sound(t)
			c.change(&p)
			if _, err := Parse(p.encode(t)); err == nil || err.Error() != c.want {
				t.Errorf("Parse: %v, want %s", err, c.want)
			}
		})
	}
}

func TestEveryCutIsRefused(t *testing.T) {
	p := sound(t)
	p.extensions = [][]byte{extension(t, asn1.ObjectIdentifier{2, 5, 29, 19}, []byte{0x30, 0})}
	whole := p.encode(t)
	for n := range whole {
		if _, err := Parse(whole[:n]); err == nil {
			t.Errorf("Parse of the first %d of %d bytes succeeds", n, len(whole))
		}
	}
}

func TestMalformedDatesThrowAndAreNeverValid(t *testing.T) {
	for _, text := range []string{"2001010000Z", "200101000000+0000", "200230000000Z", "20010100000Z1", ""} {
		p := sound(t)
		p.notAfter = tlv(der.UTCTime, []byte(text))
		c, err := Parse(p.encode(t))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if c.TimesValid() || !c.NotAfter.Before(c.NotBefore) {
			t.Errorf("%q: valid from %s to %s", text, c.NotBefore, c.NotAfter)
		}
		if _, err := c.NotBeforeUTC(); err != nil {
			t.Errorf("%q: NotBefore throws %v", text, err)
		}
		_, errDate := c.NotAfterUTC()
		_, errText := c.Text(false)
		for _, err := range []error{errDate, errText} {
			if e, ok := errors.AsType[*Exception](err); !ok || e.Type != CryptographicException {
				t.Errorf("%q: error %v, want a CryptographicException", text, err)
			}
		}
		view, err := json.Marshal(NewView(c, false))
		if want := `"notAfter":{"error":"System.Security.Cryptography.CryptographicException"}`; err != nil || !strings.Contains(string(view), want) {
			t.Errorf("%q: view %s, %v", text, view, err)
		}
	}
}

func TestAccessorsFailClosed(t *testing.T) {
	basic := asn1.ObjectIdentifier{2, 5, 29, 19}
	for _, c := range []struct {
		name       string
		extensions [][]byte
		present    bool
		want       error
	}{
		{"absent", nil, false, nil},
		{"sound", [][]byte{extension(t, basic, []byte{0x30, 3, 1, 1, 0xff})}, true, nil},
		{"twice", [][]byte{extension(t, basic, []byte{0x30, 0}), extension(t, basic, []byte{0x30, 0})}, true, ErrDuplicateExtension},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := sound(t)
			p.extensions = c.extensions
			parsed, err := Parse(p.encode(t))
			if err != nil {
				t.Fatal(err)
			}
			_, present, err := parsed.BasicConstraints()
			if present != c.present || !errors.Is(err, c.want) {
				t.Errorf("BasicConstraints: present %t, error %v; want %t, %v", present, err, c.present, c.want)
			}
		})
	}
	for _, value := range [][]byte{nil, {0x30, 1}, {0x30, 0, 0}, {0x30, 3, 2, 1, 0xff}, {0x30, 2, 1, 0}} {
		p := sound(t)
		p.extensions = [][]byte{extension(t, basic, value)}
		parsed, err := Parse(p.encode(t))
		if err != nil {
			t.Fatal(err)
		}
		if got, present, err := parsed.BasicConstraints(); !present || err == nil {
			t.Errorf("BasicConstraints of %x = %+v, %t, %v; want an error", value, got, present, err)
		}
	}
}

// TestAccessorsAgreeWithTheStandardLibrary reads a certificate that crypto/x509 made.
func TestAccessorsAgreeWithTheStandardLibrary(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "ca"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, MaxPathLen: 2, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, SubjectKeyId: []byte{1, 2}, DNSNames: []string{"a.test"},
		OCSPServer: []string{"http://o.test"}, IssuingCertificateURL: []string{"http://i.test"}, CRLDistributionPoints: []string{"http://c.test"},
		PermittedDNSDomains: []string{"test"}, Policies: []x509.OID{mustOID(t, "1.2.3")},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	basic, _, _ := c.BasicConstraints()
	usage, _, _ := c.KeyUsage()
	purposes, _, _ := c.ExtKeyUsage()
	keyID, _, _ := c.SubjectKeyID()
	names, _, _ := c.SubjectAltNames()
	points, _, _ := c.CRLDistributionPoints()
	constraints, _, _ := c.NameConstraints()
	policies, _, _ := c.CertificatePolicies()
	public, err := c.PublicKey()
	for what, ok := range map[string]bool{
		"basic constraints": basic == BasicConstraints{CA: true, PathLen: 2},
		"key usage":         usage == CertSign|CRLSign,
		"purposes":          len(purposes) == 1 && purposes[0] == OIDClientAuth,
		"key identifier":    bytes.Equal(keyID, []byte{1, 2}),
		"names":             len(names) == 1 && names[0].Kind == DNSName && names[0].Text() == "a.test",
		"CRL":               len(points) == 1 && len(points[0].URLs()) == 1 && points[0].URLs()[0] == "http://c.test",
		"OCSP":              len(c.OCSPURLs()) == 1 && c.OCSPURLs()[0] == "http://o.test",
		"issuers":           len(c.CAIssuerURLs()) == 1 && c.CAIssuerURLs()[0] == "http://i.test",
		"constraints":       len(constraints.Permitted) == 1 && constraints.Permitted[0].Base.Text() == "test",
		"policies":          len(policies) == 1 && policies[0].Policy == "1.2.3",
		"public key":        err == nil && key.PublicKey.Equal(public),
	} {
		if !ok {
			t.Errorf("%s differ", what)
		}
	}
	if id := (&Identity{Certificate: c, Key: key}); !id.KeyMatches() || (&Identity{Certificate: c}).KeyMatches() {
		t.Error("KeyMatches is wrong")
	}
}

func mustOID(t *testing.T, text string) x509.OID {
	t.Helper()
	id, err := x509.ParseOID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestLossyUTF8AsDotNet(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "\xe9": "\ufffd", "a\xc3\xa9": "aé", "\xe2\x82": "\ufffd", "\xe2\x82a": "\ufffda", "\xf0\x9f\x98": "\ufffd",
		"\xc0\x80": "\ufffd\ufffd", "\xed\xa0\x80": "\ufffd\ufffd\ufffd", "\xf4\x90\x80\x80": "\ufffd\ufffd\ufffd\ufffd", "\xff\xfe": "\ufffd\ufffd",
	} {
		if got := lossyUTF8([]byte(in)); got != want {
			t.Errorf("lossyUTF8(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLogsHoldNoKeyAndNoPEM(t *testing.T) {
	c, err := Parse(sound(t).encode(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("loaded", slog.Any("certificate", c))
	if text := out.String(); !strings.Contains(text, c.Thumbprint()) || strings.Contains(text, "Raw") || len(text) > 300 {
		t.Errorf("logged %s", text)
	}
}

func TestThumbprintAllocatesNothing(t *testing.T) {
	c, err := Parse(sound(t).encode(t))
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Thumbprint(), c.HashCode() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzParse: whatever parses has its raw parts inside, parses again to the same thing, and none
// of its members panics.
func FuzzParse(f *testing.F) {
	for i, v := range vectors(f) {
		if i%8 == 0 {
			c, err := ParsePEM([]byte(v.PEM))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(c.Raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := Parse(raw)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(raw, c.Raw) {
			t.Fatal("Raw is not where the input begins")
		}
		again, err := ParsePEM(c.PEM())
		if err != nil || again.Thumbprint() != c.Thumbprint() {
			t.Fatalf("does not parse again: %v", err)
		}
		if _, err := json.Marshal(NewView(c, false)); err != nil {
			t.Fatal(err)
		}
		_, _, _ = c.KeyUsage()
		_, _, _ = c.AuthorityKeyID()
		_, _, _ = c.FreshestCRL()
		_, _, _ = c.PolicyConstraints()
		_, _, _ = c.InhibitAnyPolicy()
		_, _, _ = c.ApplicationPolicies()
		_, _, _ = c.SubjectInfoAccess()
		_, _, _ = c.PolicyMappings()
	})
}

func BenchmarkParse(b *testing.B) {
	c, err := Parse(sound(b).encode(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(c.Raw); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleCertificate_NameInfo() {
	c, err := ParsePEM([]byte(examplePEM))
	if err != nil {
		panic(err)
	}
	fmt.Println(c.SubjectName(), "|", c.NameInfo(SimpleName, true))
	// Output: CN=client, O=Contoso, C=US | Names Issuer
}

const examplePEM = `-----BEGIN CERTIFICATE-----
MIICfzCCAWegAwIBAgIGEOEAAAAAMA0GCSqGSIb3DQEBCwUAMEQxCzAJBgNVBAYT
AlVTMR4wHAYDVQQKDBVDb250b3NvLCAiVHJ1c3QiIEluYy4xFTATBgNVBAMTDE5h
bWVzIElzc3VlcjAeFw0yMDAxMDEwMDAwMDBaFw00OTAxMDEwMDAwMDBaMDAxCzAJ
BgNVBAYTAlVTMRAwDgYDVQQKDAdDb250b3NvMQ8wDQYDVQQDDAZjbGllbnQwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAASOrcuKyue0XHrah9+W1tw2P9cFAaTQOZpm
5mlJhUxt82B5EWWI8l7i7KqdfeHmAPcyqdQ5Mthlo7Ghp66kvRFNo1YwVDAOBgNV
HQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwIwDAYDVR0TAQH/BAIwADAf
BgNVHSMEGDAWgBRuupqfdFX2h90LeM+b2FEjxBd2KjANBgkqhkiG9w0BAQsFAAOC
AQEAeQ8HuRYkRCUUdFghcXAljVwkDMKecdMWTv6WmL58dDdfOW7uVZqi0A+Y4r0s
ZaU+kBpCO2kD6nD91h6LWh7wLoOWFwmQkQH/Q4gAhWL25WiqQ7WwzjaVjJY11wix
vAh7Z8Zl3yMqrAAoS/fRXlt1hM74mYNTLckfcayd8VTUuejKO/W187zNB8j8F/st
W2baCCwBnHqYsyKI1T9fhcVPtPBjJYpWGOwhYOplE8j9uxOKSi0g5f+3blZGUpJx
t8s8UON4mKuNaFwUP26TImu/YP8ogJiE9gpTgxtwz+39JLrHmMfB0j8xaVNTmKE+
/1GUn7o4XIDKtMDHDLnsWBiG3Q==
-----END CERTIFICATE-----
`
