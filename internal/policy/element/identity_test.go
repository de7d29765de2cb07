package element

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
)

func TestNormalURI(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"scheme and host in lower case", "HTTPS://Example.ORG/Path", "https://example.org/Path"},
		{"user part is kept", "https://User@Example.org/", "https://User@example.org/"},
		{"unreserved characters are decoded", "https://e.org/%7Ea%2Db%5f", "https://e.org/~a-b_"},
		{"reserved ones are not", "https://e.org/a%2fb%3F", "https://e.org/a%2Fb%3F"},
		{"percent-encoded host", "https://%65x%2fA.org/", "https://ex%2Fa.org/"},
		{"dot segments", "https://e.org/a/./b/../../c/..", "https://e.org/"},
		{"dot segments above the root", "https://e.org/../a", "https://e.org/a"},
		{"encoded dot segments", "https://e.org/a/%2e%2E/b", "https://e.org/b"},
		{"dots in the query stay", "https://e.org/a?x=/../b#/./", "https://e.org/a?x=/../b#/./"},
		{"no authority", "urn:UUID:AbC", "urn:UUID:AbC"},
		{"an empty path stays empty", "https://e.org", "https://e.org"},
		{"the port stays", "https://e.org:443/", "https://e.org:443/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := normalURI(c.text)
			if err != nil || got != c.want {
				t.Errorf("normalURI(%q) = %q, %v; want %q", c.text, got, err, c.want)
			}
			if again, err := normalURI(got); err != nil || again != got {
				t.Errorf("normalURI(%q) = %q, %v; want it unchanged", got, again, err)
			}
		})
	}
	for _, bad := range []string{"", "path", "/path", ":x", "1a:x", "a b:c", "https://e.org/ü", "https://e.org/a b", "https://e.org/%2", "https://e.org/%zz", "a:\x00", "a:{x}"} {
		if got, err := normalURI(bad); err == nil {
			t.Errorf("normalURI(%q) = %q; want an error", bad, got)
		}
	}
}

func TestSPIFFEID(t *testing.T) {
	for text, want := range map[string]string{
		"spiffe://example.org/ns/Prod/sa/a.b_c-1": "spiffe://example.org/ns/Prod/sa/a.b_c-1",
		"SPIFFE://Example.ORG/Path":               "spiffe://example.org/Path",
		"spiffe://example.org":                    "spiffe://example.org",
		"spiffe://a_b/...":                        "spiffe://a_b/...",
	} {
		if got, err := spiffeID(text); err != nil || got != want {
			t.Errorf("spiffeID(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, bad := range []string{
		"spiffe:", "spiffe:/a/b", "spiffe:///path", "spiffe://example.org/", "spiffe://example.org//a", "spiffe://example.org/a/", "spiffe://example.org/./a",
		"spiffe://example.org/../a", "spiffe://example.org:8443/a", "spiffe://user@example.org/a", "spiffe://example.org/a?b", "spiffe://example.org/a#b",
		"spiffe://example.org/%61", "spiffe://ex%61mple.org/a", "https://example.org/a", "spiffe://" + strings.Repeat("a", 256) + "/b",
		"spiffe://a/" + strings.Repeat("b", 2048), "spiffe://exämple.org/a",
	} {
		if got, err := parseIdentityURI(bad); err == nil && got.spiffe {
			t.Errorf("parseIdentityURI(%q) = %q; want an error", bad, got.normal)
		}
	}
}

// subject makes a certificate of a template.
func subject(t *testing.T, template x509.Certificate) *cert.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotAfter = big.NewInt(1), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cert.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// altNames is a subjectAltName extension of otherNames (type, UTF8String) and other raw names.
func altNames(t *testing.T, others [][2]string, raw ...asn1.RawValue) pkix.Extension {
	t.Helper()
	for _, o := range others {
		var id asn1.ObjectIdentifier
		for part := range strings.SplitSeq(o[0], ".") {
			n, _ := new(big.Int).SetString(part, 10)
			id = append(id, int(n.Int64()))
		}
		typ, _ := asn1.Marshal(id)
		text, _ := asn1.MarshalWithParams(o[1], "utf8")
		wrapped, _ := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: text})
		raw = append(raw, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: append(typ, wrapped...)})
	}
	value, err := asn1.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: value}
}

func uri(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestExtraAttributes(t *testing.T) {
	workload := subject(t, x509.Certificate{URIs: []*url.URL{uri(t, "spiffe://example.org/web")}, KeyUsage: x509.KeyUsageDigitalSignature})
	two := subject(t, x509.Certificate{URIs: []*url.URL{uri(t, "spiffe://example.org/web"), uri(t, "https://Example.org/%7Ea")}})
	authority := subject(t, x509.Certificate{URIs: []*url.URL{uri(t, "spiffe://example.org/web")}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	signer := subject(t, x509.Certificate{URIs: []*url.URL{uri(t, "spiffe://example.org/web")}, KeyUsage: x509.KeyUsageCRLSign})
	mail := subject(t, x509.Certificate{EmailAddresses: []string{"Anna@Example.org"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 7), net.ParseIP("2001:db8::1")}})
	mailInSubject := subject(t, x509.Certificate{Subject: pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: "anna@example.org"}}}})
	both := subject(t, x509.Certificate{EmailAddresses: []string{"bert@example.org"},
		Subject: pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}, Value: "anna@example.org"}}}})
	upn := subject(t, x509.Certificate{ExtraExtensions: []pkix.Extension{altNames(t, [][2]string{{oidUPN, "Anna@Corp.Example"}, {oidMailUTF8, "änna@example.org"}})}})
	foreign := subject(t, x509.Certificate{ExtraExtensions: []pkix.Extension{altNames(t, [][2]string{{"1.2.3", "anna@corp.example"}})}})
	kelvin := subject(t, x509.Certificate{ExtraExtensions: []pkix.Extension{altNames(t, [][2]string{{oidUPN, "\u212aurt@corp"}})}})
	nothing := subject(t, x509.Certificate{})
	sum, key := sha256.Sum256(workload.Raw), sha256.Sum256(workload.RawSPKI)
	web := func() extra { u, _ := parseIdentityURI("SPIFFE://EXAMPLE.org/web"); return extra{uri: u} }
	plain := func(text string) extra { u, _ := parseIdentityURI(text); return extra{uri: u} }
	address := func(text string) extra { a, _ := parseAddress(text); return extra{address: a} }
	for _, c := range []struct {
		name string
		e    extra
		leaf *cert.Certificate
		want bool
	}{
		{"nothing given", extra{}, nothing, true},
		{"digest", extra{certificate: &sum}, workload, true},
		{"digest of another", extra{certificate: &sum}, two, false},
		{"key", extra{key: &key}, workload, true},
		{"key of another", extra{key: &key}, two, false},
		{"digest of the key is none of the certificate", extra{certificate: &key}, workload, false},
		{"SPIFFE ID", web(), workload, true},
		{"SPIFFE ID beside another URI", web(), two, false},
		{"SPIFFE ID of a CA", web(), authority, false},
		{"SPIFFE ID of who may sign lists", web(), signer, false},
		{"SPIFFE ID with another path", plain("spiffe://example.org/web/x"), workload, false},
		{"SPIFFE path in another case", plain("spiffe://example.org/Web"), workload, false},
		{"URI among others", plain("https://example.org/~a"), two, true},
		{"URI in no certificate", plain("https://example.org/~b"), two, false},
		{"mail, host in another case", extra{email: "Anna@EXAMPLE.ORG"}, mail, true},
		{"mail, local part in another case", extra{email: "anna@example.org"}, mail, false},
		{"mail in the subject", extra{email: "anna@EXAMPLE.org"}, mailInSubject, true},
		{"mail in the subject beside another name", extra{email: "anna@example.org"}, both, false},
		{"internationalized mail", extra{email: "änna@Example.org"}, upn, true},
		{"address", address("192.0.2.7"), mail, true},
		{"address as mapped", address("::ffff:192.0.2.7"), mail, true},
		{"address of version 6", address("2001:DB8:0::1"), mail, true},
		{"another address", address("192.0.2.8"), mail, false},
		{"UPN in another case", extra{upn: "anna@corp.example"}, upn, true},
		{"UPN in another type of name", extra{upn: "anna@corp.example"}, foreign, false},
		{"a letter beyond ASCII is none of ASCII", extra{upn: "kurt@corp"}, kelvin, false},
		{"one of two fails", extra{upn: "anna@corp.example", email: "x@y"}, upn, false},
		{"no names at all", extra{upn: "anna@corp.example"}, nothing, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.e.matches(c.leaf); got != c.want {
				t.Errorf("matches = %v, want %v", got, c.want)
			}
		})
	}
}

func TestParseDigest(t *testing.T) {
	sum := sha256.Sum256([]byte("x"))
	colons := strings.ToUpper(hex.EncodeToString(sum[:1]))
	for _, b := range sum[1:] {
		colons += ":" + hex.EncodeToString([]byte{b})
	}
	for _, text := range []string{hex.EncodeToString(sum[:]), colons, base64.StdEncoding.EncodeToString(sum[:]), base64.RawURLEncoding.EncodeToString(sum[:])} {
		if got, err := parseDigest(text); err != nil || *got != sum {
			t.Errorf("parseDigest(%q) = %v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "00", strings.Repeat("0", 40), strings.Repeat("g", 64), base64.StdEncoding.EncodeToString(sum[:31])} {
		if got, err := parseDigest(bad); err == nil {
			t.Errorf("parseDigest(%q) = %x; want an error", bad, *got)
		}
	}
}

func TestUTF8StringHasOneLength(t *testing.T) {
	for raw, want := range map[string]bool{
		"\x0c\x01a": true, "\x0c\x02a": false, "\x0c\x81\x01a": false, "\x0c\x00": true, "\x0c": false, "": false, "\x16\x01a": false, "\x0c\x01\xff": false,
		"\x0c\x81\x80" + strings.Repeat("a", 128): true, "\x0c\x82\x01\x00" + strings.Repeat("a", 256): true, "\x0c\x82\x00\x80" + strings.Repeat("a", 128): false,
	} {
		if _, ok := utf8String([]byte(raw)); ok != want {
			t.Errorf("utf8String(%q) ok = %v, want %v", raw, ok, want)
		}
	}
}

func TestDNSNamesFoldASCIIOnly(t *testing.T) {
	c := subject(t, x509.Certificate{DNSNames: []string{"Client.Example.org"}})
	for name, want := range map[string]bool{"client.EXAMPLE.org": true, "client.example.org.": false, "lient.example.org": false, "*.example.org": false, "C\u013aient.example.org": false} {
		if got := hasDNSName(c, name); got != want {
			t.Errorf("hasDNSName(%q) = %v, want %v", name, got, want)
		}
	}
	kelvin := subject(t, x509.Certificate{ExtraExtensions: []pkix.Extension{altNames(t, nil, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte("\u212aurt.example.org")})}})
	if hasDNSName(kelvin, "kurt.example.org") {
		t.Error("a letter beyond ASCII passes for one of ASCII")
	}
}
