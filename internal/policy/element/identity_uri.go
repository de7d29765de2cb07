package element

import (
	"errors"
	"strings"

	"github.com/postern-gateway/postern/pki/cert"
)

// identityURI is a URI that a certificate must have, in normal form.
type identityURI struct {
	normal string
	spiffe bool
}

// parseIdentityURI reads an absolute URI, or a SPIFFE ID by the rules of its own standard.
func parseIdentityURI(text string) (*identityURI, error) {
	normal, err := normalURI(text)
	if err != nil {
		return nil, err
	}
	u := &identityURI{normal: normal, spiffe: strings.HasPrefix(normal, "spiffe:")}
	if u.spiffe {
		if u.normal, err = spiffeID(text); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// matches reports whether one of the names is the URI. A SPIFFE ID counts only if it is the certificate's one URI
// (X509-SVID section 2), so that no second one can be carried along.
func (u *identityURI) matches(leaf *cert.Certificate, names []cert.GeneralName) bool {
	count, found := 0, false
	for _, n := range names {
		if n.Kind != cert.URI {
			continue
		}
		count++
		normal, err := normalURI(n.Text())
		if u.spiffe && err == nil {
			normal, err = spiffeID(n.Text())
		}
		found = found || err == nil && normal == u.normal
	}
	if !found || !u.spiffe {
		return found
	}
	return count == 1 && mayBeWorkload(leaf)
}

const spiffeScheme = "spiffe://"

// maxSPIFFE is the longest SPIFFE ID, and maxTrustDomain the longest trust domain, in octets (SPIFFE-ID section 2.3).
const (
	maxSPIFFE      = 2048
	maxTrustDomain = 255
)

// spiffeID is the normal form of a SPIFFE ID (SPIFFE-ID section 2): scheme and trust domain in lower case, the path as it
// is; no port, user, query, fragment, percent-encoding, empty or dot segment, or "/" at the end.
func spiffeID(text string) (string, error) {
	if len(text) > maxSPIFFE {
		return "", errors.New("a SPIFFE ID has at most 2048 octets")
	}
	if len(text) < len(spiffeScheme) || foldASCII(text[:len(spiffeScheme)]) != spiffeScheme {
		return "", errors.New("a SPIFFE ID begins with spiffe://")
	}
	domain, path := text[len(spiffeScheme):], ""
	if at := strings.IndexByte(domain, '/'); at >= 0 {
		domain, path = domain[:at], domain[at:]
	}
	domain = foldASCII(domain)
	if domain == "" || len(domain) > maxTrustDomain || strings.Trim(domain, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return "", errors.New("the trust domain of a SPIFFE ID has letters, digits, dots, dashes and underscores only, at most 255 octets")
	}
	if path == "" {
		return spiffeScheme + domain, nil
	}
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return "", errors.New("the path of a SPIFFE ID has no empty, '.' or '..' segment and no '/' at its end")
		}
		if strings.Trim(segment, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
			return "", errors.New("the path of a SPIFFE ID has letters, digits, dots, dashes and underscores only")
		}
	}
	return spiffeScheme + domain + path, nil
}

// normalURI is the syntax-based normal form of an absolute URI (RFC 3986 section 6.2.2): scheme and host in lower case,
// percent-encodings in upper case and undone where they encode an unreserved character, dot segments resolved.
func normalURI(text string) (string, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || !isScheme(scheme) {
		return "", errors.New("a URI begins with a scheme, as in spiffe://example.org/service or urn:uuid:…")
	}
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return "", errors.New("a URI has printable ASCII characters only, others percent-encoded")
		}
	}
	rest, err := normalPercent(rest)
	if err != nil {
		return "", err
	}
	tail := ""
	if at := strings.IndexAny(rest, "?#"); at >= 0 {
		rest, tail = rest[:at], rest[at:]
	}
	authority := ""
	if strings.HasPrefix(rest, "//") {
		end := strings.IndexByte(rest[2:], '/')
		if end < 0 {
			end = len(rest) - 2
		}
		authority, rest = rest[:2+end], rest[2+end:]
		if host := strings.LastIndexByte(authority, '@') + 1; host > 0 {
			authority = authority[:host] + lowerHost(authority[host:])
		} else {
			authority = lowerHost(authority)
		}
	}
	if strings.HasPrefix(rest, "/") {
		rest = withoutDots(rest)
	}
	return foldASCII(scheme) + ":" + authority + rest + tail, nil
}

// lowerHost is a host in lower case, the hexadecimal digits of its percent-encodings in upper case.
func lowerHost(host string) string {
	b := []byte(foldASCII(host))
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToUpper(string(b[i+1:i+3])))
			i += 2
		}
	}
	return string(b)
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z' && s[i] >= 'A'
		if !letter && (i == 0 || strings.IndexByte("0123456789+-.", s[i]) < 0) {
			return false
		}
	}
	return s != ""
}

// normalPercent undoes the percent-encodings of unreserved characters, and writes the others in upper case.
func normalPercent(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			return "", errors.New("'%' is not followed by two hexadecimal digits")
		}
		c := hexValue(s[i+1])<<4 | hexValue(s[i+2])
		if l := c | 0x20; l >= 'a' && l <= 'z' && c >= 'A' || strings.IndexByte("0123456789-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}
	return b.String(), nil
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// withoutDots resolves the dot segments of an absolute path (RFC 3986 section 5.2.4).
func withoutDots(path string) string {
	segments := strings.Split(path[1:], "/")
	var kept []string
	for i, s := range segments {
		last := i == len(segments)-1
		switch s {
		case ".", "..":
			if s == ".." && len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
			if last {
				kept = append(kept, "")
			}
		default:
			kept = append(kept, s)
		}
	}
	return "/" + strings.Join(kept, "/")
}
