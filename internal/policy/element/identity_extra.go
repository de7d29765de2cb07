package element

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// extraAttributes are what an identity may be told by here and not in API Management.
var extraAttributes = []policy.Attribute{
	{Name: "thumbprint-sha256", Extension: true, NonEmpty: true, Doc: "The SHA-256 digest of the certificate, in hexadecimal or base64."},
	{Name: "spki-sha256", Extension: true, NonEmpty: true, Doc: "The SHA-256 digest of the subject's public key (SubjectPublicKeyInfo), in hexadecimal or base64; it outlives a renewal with the same key."},
	{Name: "uri", Extension: true, NonEmpty: true, Doc: "A URI among the subject's alternative names, compared in the normal form of RFC 3986 section 6.2.2. A SPIFFE ID must be the only URI of a certificate that is no CA's, as its standard demands."},
	{Name: "email", Extension: true, NonEmpty: true, Doc: "A mail address among the subject's alternative names, or in the subject where these have none; the host in upper or lower case."},
	{Name: "ip-address", Extension: true, NonEmpty: true, Doc: "An IP address among the subject's alternative names."},
	{Name: "upn", Extension: true, NonEmpty: true, Doc: "The user principal name of Windows among the subject's alternative names, in upper or lower case."},
}

// extra is the compiled form of extraAttributes; what is empty or not valid was not given.
type extra struct {
	certificate, key *[sha256.Size]byte
	uri              *identityURI
	email, upn       string
	address          netip.Addr
}

// compileExtra reads the attributes. What cannot be read is an error: API Management has no say in them.
func compileExtra(n *policy.Node) (e extra, ok bool) {
	ok = true
	read := func(name string, parse func(text string) error) {
		if !n.Has(name) {
			return
		}
		if err := parse(n.Literal(name)); err != nil {
			ok = false
			if !n.Open(name) {
				n.AttrErrorf(name, policy.CodeAttrValue, "The value of the attribute '%s' is not right: %s.", name, err)
			}
		}
	}
	read("thumbprint-sha256", func(text string) (err error) { e.certificate, err = parseDigest(text); return })
	read("spki-sha256", func(text string) (err error) { e.key, err = parseDigest(text); return })
	read("uri", func(text string) (err error) { e.uri, err = parseIdentityURI(text); return })
	read("email", func(text string) (err error) { e.email, err = parseMail(text); return })
	read("ip-address", func(text string) (err error) { e.address, err = parseAddress(text); return })
	read("upn", func(text string) error { e.upn = text; return nil })
	return e, ok
}

// parseDigest reads a SHA-256 digest in hexadecimal, with colons or blanks as tools write it, or in base64.
func parseDigest(text string) (*[sha256.Size]byte, error) {
	for _, decode := range []func() ([]byte, error){
		func() ([]byte, error) { return hex.DecodeString(hexDigits(text)) },
		func() ([]byte, error) { return base64.StdEncoding.Strict().DecodeString(text) },
		func() ([]byte, error) { return base64.URLEncoding.Strict().DecodeString(text) },
		func() ([]byte, error) { return base64.RawStdEncoding.Strict().DecodeString(text) },
		func() ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(text) },
	} {
		if raw, err := decode(); err == nil && len(raw) == sha256.Size {
			return (*[sha256.Size]byte)(raw), nil
		}
	}
	return nil, errors.New("a SHA-256 digest is 64 hexadecimal digits, or 32 octets in base64")
}

func parseMail(text string) (string, error) {
	at := strings.LastIndexByte(text, '@')
	if at <= 0 || at == len(text)-1 {
		return "", errors.New("a mail address has the form name@host")
	}
	return text, nil
}

func parseAddress(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, errors.New("an IP address has the form 192.0.2.1 or 2001:db8::1")
	}
	return a.Unmap(), nil
}

// matches reports whether all that was given is found in the certificate.
func (e *extra) matches(leaf *cert.Certificate) bool {
	if e.certificate != nil && *e.certificate != leaf.SHA256 {
		return false
	}
	if e.key != nil && *e.key != sha256.Sum256(leaf.RawSPKI) {
		return false
	}
	if e.uri == nil && e.email == "" && e.upn == "" && !e.address.IsValid() {
		return true
	}
	names, _, err := leaf.SubjectAltNames()
	if err != nil {
		return false
	}
	return (e.uri == nil || e.uri.matches(leaf, names)) &&
		(e.email == "" || hasMail(leaf, names, e.email)) &&
		(e.upn == "" || hasUPN(names, e.upn)) &&
		(!e.address.IsValid() || hasAddress(names, e.address))
}

func hasAddress(names []cert.GeneralName, want netip.Addr) bool {
	for _, n := range names {
		if n.Kind != cert.IPAddress {
			continue
		}
		if a, ok := netip.AddrFromSlice(n.Value); ok && a.Unmap() == want {
			return true
		}
	}
	return false
}

// Types of otherName: the user principal name of Windows, and the mail address with letters beyond ASCII (RFC 9598).
const (
	oidUPN      = "1.3.6.1.4.1.311.20.2.3"
	oidMailUTF8 = "1.3.6.1.5.5.7.8.9"
)

func hasUPN(names []cert.GeneralName, want string) bool {
	for _, n := range names {
		if n.Kind != cert.OtherName || n.OID != oidUPN {
			continue
		}
		if text, ok := utf8String(n.Other); ok && foldASCII(text) == foldASCII(want) {
			return true
		}
	}
	return false
}

// hasMail looks among the alternative names, and in the subject only where they have no mail address (RFC 5280 section
// 4.1.2.6 calls that place deprecated).
func hasMail(leaf *cert.Certificate, names []cert.GeneralName, want string) bool {
	found := false
	for _, n := range names {
		text := ""
		switch {
		case n.Kind == cert.RFC822Name:
			text = n.Text()
		case n.Kind == cert.OtherName && n.OID == oidMailUTF8:
			text, _ = utf8String(n.Other)
		default:
			continue
		}
		found = true
		if sameMail(text, want) {
			return true
		}
	}
	if found {
		return false
	}
	for _, text := range leaf.Subject.Values("1.2.840.113549.1.9.1") {
		if sameMail(text, want) {
			return true
		}
	}
	return false
}

// sameMail compares two addresses: the local part exactly, the host without regard to ASCII case (RFC 5280 section 7.5).
func sameMail(a, b string) bool {
	i, j := strings.LastIndexByte(a, '@'), strings.LastIndexByte(b, '@')
	return i > 0 && i == j && a[:i] == b[:j] && foldASCII(a[i:]) == foldASCII(b[j:])
}

// utf8String reads the DER of a UTF8String (tag 12) of up to 64 KiB.
func utf8String(der []byte) (string, bool) {
	if len(der) < 2 || der[0] != 0x0c {
		return "", false
	}
	length, rest := int(der[1]), der[2:]
	switch {
	case length < 0x80:
	case length == 0x81 && len(rest) > 0 && rest[0] >= 0x80:
		length, rest = int(rest[0]), rest[1:]
	case length == 0x82 && len(rest) > 1 && rest[0] != 0:
		length, rest = int(rest[0])<<8|int(rest[1]), rest[2:]
	default:
		return "", false
	}
	return string(rest), length == len(rest) && utf8.Valid(rest)
}

// foldASCII is s with its ASCII letters in lower case: no letter beyond ASCII ever equals one of ASCII.
func foldASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// mayBeWorkload reports whether the certificate is one that SPIFFE allows to stand for a workload: no CA's, and not
// allowed to sign certificates or lists (X509-SVID section 5.2).
func mayBeWorkload(leaf *cert.Certificate) bool {
	i := chain.NewInfo(leaf)
	return i.Malformed == "" && !i.CA && !i.CertSign && !i.CRLSign
}
