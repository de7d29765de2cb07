package cert

import (
	"encoding/asn1"
	"errors"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/pki/dn"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// subject encodes a name of UTF-8 attributes, given as type and value in turn.
func subject(t *testing.T, pairs ...string) dn.Name {
	t.Helper()
	types := map[string]asn1.ObjectIdentifier{
		"CN": {2, 5, 4, 3}, "O": {2, 5, 4, 10}, "OU": {2, 5, 4, 11}, "L": {2, 5, 4, 7}, "E": {1, 2, 840, 113549, 1, 9, 1},
	}
	var sets [][]byte
	for i := 0; i < len(pairs); i += 2 {
		sets = append(sets, tlv(der.Set, tlv(der.Sequence, oidDER(t, types[pairs[i]]), tlv(der.UTF8String, []byte(pairs[i+1])))))
	}
	n, err := dn.Parse(tlv(der.Sequence, sets...))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNameInfoFallsBack has the order of .NET's native GetX509NameInfo.
func TestNameInfoFallsBack(t *testing.T) {
	for _, c := range []struct {
		name    string
		subject dn.Name
		kind    NameType
		want    string
	}{
		{"the last common name", subject(t, "CN", "a", "O", "o", "CN", "b"), SimpleName, "b"},
		{"no common name and nothing beyond OU, O and E", subject(t, "O", "o", "OU", "u"), SimpleName, ""},
		{"the first unit, given another attribute", subject(t, "OU", "u1", "O", "o", "OU", "u2", "L", "l"), SimpleName, "u1"},
		{"the organization", subject(t, "E", "e", "O", "o", "L", "l"), SimpleName, "o"},
		{"the mail address", subject(t, "E", "e", "L", "l"), SimpleName, "e"},
		{"the last of the others", subject(t, "L", "l1", "L", "l2"), SimpleName, "l2"},
		{"mail in the subject", subject(t, "E", "e1", "E", "e2"), EmailName, "e2"},
		{"octets that happen to be UTF-8", subject(t, "CN", "\u00c3\u00a9"), DNSNameType, "\u00e9"},
		{"no URL", subject(t, "CN", "a"), URLName, ""},
		{"an unknown kind", subject(t, "CN", "a"), NameType(9), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (&Certificate{Subject: c.subject}).NameInfo(c.kind, false); got != c.want {
				t.Errorf("NameInfo = %q, want %q", got, c.want)
			}
		})
	}
}

func TestAlternativeNamesThatAreThereTwiceCountAsAbsent(t *testing.T) {
	names := tlv(der.Sequence, tlv(der.Context+2, []byte("a.test")))
	x := Extension{ID: asn1.ObjectIdentifier{2, 5, 29, 17}, oid: OIDSubjectAltName, Value: names}
	c := &Certificate{Subject: subject(t, "CN", "cn"), Extensions: []Extension{x}}
	if got := c.NameInfo(DNSNameType, false); got != "a.test" {
		t.Errorf("NameInfo = %q, want a.test", got)
	}
	c = &Certificate{Subject: subject(t, "CN", "cn"), Extensions: []Extension{x, x}}
	if got := c.NameInfo(DNSNameType, false); got != "cn" {
		t.Errorf("NameInfo of two = %q, want cn", got)
	}
	if got, ok := c.Extension(asn1.ObjectIdentifier{2, 5, 29, 17}); !ok || got.OID() != OIDSubjectAltName {
		t.Errorf("Extension = %v, %t", got, ok)
	}
}

func TestVersionsThatAreNoNumber(t *testing.T) {
	for version, want := range map[string]int{"\x02": 3, "\xff": 0, "\x7f\xff\xff\xff": 0x80000000, "\x01\x00\x00\x00\x02": 3, "\x7f\xff\xff\xff\xff\xff\xff\xff\xff": 0} {
		p := sound(t)
		p.version = tlv(0xa0, tlv(2, []byte(version)))
		c, err := Parse(p.encode(t))
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.VersionNumber()
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("version %x: %d, %v; want %d", version, got, err, want)
		}
		if _, errText := c.Text(true); (errText == nil) != (want > 0) {
			t.Errorf("version %x: ToString: %v", version, errText)
		}
	}
}

func TestDatesAndSerialNumber(t *testing.T) {
	p := sound(t)
	p.serial = tlv(2, []byte{1, 2})
	c, err := Parse(p.encode(t))
	if err != nil {
		t.Fatal(err)
	}
	from, errFrom := c.EffectiveDateString()
	until, errUntil := c.ExpirationDateString()
	if errFrom != nil || errUntil != nil || from != "1/1/2020 12:00:00 AM" || until != "1/1/2049 12:00:00 AM" {
		t.Errorf("from %q, %v until %q, %v", from, errFrom, until, errUntil)
	}
	if b := c.SerialNumberBytes(); string(b) != "\x02\x01" {
		t.Errorf("SerialNumberBytes = %x", b)
	}
	outer, outerParams, inner, innerParams := c.SignatureAlgorithms()
	if outer != inner || outer != ecdsaSHA256.String() || outerParams != nil || innerParams != nil {
		t.Errorf("SignatureAlgorithms = %s %x %s %x", outer, outerParams, inner, innerParams)
	}
}

func TestException(t *testing.T) {
	cause := errors.New("cause")
	e := &Exception{Type: ArgumentException, Message: "text", Err: cause}
	if e.Error() != "text: cause" || !errors.Is(e, cause) || (&Exception{Message: "text"}).Error() != "text" {
		t.Errorf("Error() = %q", e.Error())
	}
}

func TestPolicyAccessors(t *testing.T) {
	p := sound(t)
	policies := tlv(der.Sequence, tlv(der.Sequence, oidDER(t, asn1.ObjectIdentifier{1, 2, 3})))
	p.extensions = [][]byte{
		extension(t, asn1.ObjectIdentifier{2, 5, 29, 36}, tlv(der.Sequence, tlv(0x80, []byte{0}), tlv(0x81, []byte{0x7f, 0xff, 0xff, 0xff, 0xff}))),
		extension(t, asn1.ObjectIdentifier{2, 5, 29, 54}, tlv(2, []byte{4})),
		extension(t, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 21, 10}, policies),
		extension(t, asn1.ObjectIdentifier{2, 5, 29, 18}, tlv(der.Sequence, tlv(0x86, []byte("http://x")))),
	}
	c, err := Parse(p.encode(t))
	if err != nil {
		t.Fatal(err)
	}
	constraints, _, errConstraints := c.PolicyConstraints()
	inhibit, _, errInhibit := c.InhibitAnyPolicy()
	application, _, errApplication := c.ApplicationPolicies()
	issuer, _, errIssuer := c.IssuerAltNames()
	if err := errors.Join(errConstraints, errInhibit, errApplication, errIssuer); err != nil {
		t.Fatal(err)
	}
	if constraints.RequireExplicitPolicy != 0 || constraints.InhibitPolicyMapping != 1<<31-1 || inhibit != 4 || len(application) != 1 || application[0] != "1.2.3" || len(issuer) != 1 {
		t.Errorf("%+v, %d, %v, %v", constraints, inhibit, application, issuer)
	}
}

func TestParseAllPEM(t *testing.T) {
	list, err := ParseAllPEM([]byte("text\n" + examplePEM + "between\n" + examplePEM))
	if err != nil || len(list) != 2 {
		t.Errorf("ParseAllPEM = %d certificates, %v", len(list), err)
	}
	if _, err := ParsePEM([]byte("no certificate")); !errors.Is(err, ErrNoPEM) {
		t.Errorf("ParsePEM: %v, want ErrNoPEM", err)
	}
	if _, err := ParsePEM([]byte(strings.Replace(examplePEM, "MII", "AAA", 1))); err == nil || errors.Is(err, ErrNoPEM) {
		t.Errorf("ParsePEM of a malformed certificate: %v", err)
	}
}

func TestIssuingDistributionPoint(t *testing.T) {
	value := tlv(der.Sequence, tlv(0xa0, tlv(0xa0, tlv(0x86, []byte("http://x")))), tlv(0x81, []byte{0xff}), tlv(0x83, []byte{6, 0x40}), tlv(0x84, []byte{0xff}))
	p, err := ParseIssuingDistributionPoint(value)
	if err != nil || len(p.FullName) != 1 || !p.OnlyUserCerts || p.OnlyCACerts || !p.Indirect || !p.HasSomeReasons || p.SomeReasons != 2 {
		t.Errorf("ParseIssuingDistributionPoint = %+v, %v", p, err)
	}
	for _, bad := range [][]byte{append(value, 0), tlv(der.Sequence, tlv(0x81, nil)), tlv(der.Sequence, tlv(0x86, nil)), nil} {
		if p, err := ParseIssuingDistributionPoint(bad); err == nil {
			t.Errorf("ParseIssuingDistributionPoint(%x) = %+v", bad, p)
		}
	}
}
