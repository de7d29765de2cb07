package clr

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/postern-gateway/postern/csharp/types"
)

// Kinds of UriKind.
const (
	uriEither   = 0
	uriAbsolute = 1
	uriRelative = 2
)

// uriSchemes are the schemes that .NET knows with their default ports.
var uriSchemes = map[string]int{"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21, "file": -1, "gopher": 70, "nntp": 119, "news": -1,
	"mailto": 25, "telnet": 23, "ldap": 389, "net.tcp": 808, "net.pipe": -1, "uuid": -1}

// strictHost are the schemes that must have an authority of a name or address.
var strictHost = map[string]bool{"http": true, "https": true, "ws": true, "wss": true, "ftp": true, "gopher": true, "telnet": true,
	"nntp": true, "net.tcp": true, "net.pipe": true}

const (
	uriBadFormat    = "Invalid URI: The format of the URI could not be determined."
	uriBadScheme    = "Invalid URI: The URI scheme is not valid."
	uriBadHost      = "Invalid URI: The hostname could not be parsed."
	uriBadAuthority = "Invalid URI: The Authority/Host could not be parsed."
	uriBadPort      = "Invalid URI: Invalid port specified."
	uriEmpty        = "Invalid URI: The URI is empty."
	uriTooLong      = "Invalid URI: The Uri string is too long."
)

// newUri is a constructor of Uri.
func newUri(s *types.String, kind int32) *Uri {
	if s == nil {
		types.ThrowNull("uriString")
	}
	if kind < 0 || kind > 2 {
		types.ThrowArgument(types.ArgumentException, "The value '"+itoa(kind)+"' passed for the UriKind parameter is invalid.", "uriKind")
	}
	u, problem := parseUri(s, kind)
	if problem != "" {
		types.Throw(types.UriFormatException, problem)
	}
	return u
}

// parseUri reads a URI; problem is not empty where .NET refuses it.
func parseUri(s *types.String, kind int32) (u *Uri, problem string) {
	text := strings.Trim(s.Go(), " \t\r\n")
	switch {
	case s.Len() > 0xFFF0:
		return nil, uriTooLong
	case text == "" && kind == uriAbsolute:
		return nil, uriEmpty
	case text == "":
		return &Uri{original: s, relative: true}, ""
	}
	u = &Uri{original: s, port: -1}
	scheme, rest, found := cutScheme(text)
	switch {
	case strings.HasPrefix(text, "/") && kind != uriRelative && !strings.HasPrefix(text, "//"):
		if kind == uriEither {
			return &Uri{original: s, relative: true}, ""
		}
		u.scheme, u.path, u.local = "file", canonicalPath(text), true
		return u, ""
	case !found:
		if kind == uriAbsolute {
			return nil, uriBadFormat
		}
		return &Uri{original: s, relative: true}, ""
	case scheme == "":
		if kind == uriAbsolute {
			return nil, uriBadScheme
		}
		return &Uri{original: s, relative: true}, ""
	}
	u.scheme = strings.ToLower(scheme)
	if p, ok := uriSchemes[u.scheme]; ok {
		u.port = p
	}
	problem = u.parseRest(rest)
	switch {
	case problem == "" && kind == uriRelative:
		return nil, "A relative URI cannot be created because the 'uriString' parameter represents an absolute URI."
	case problem != "" && kind == uriRelative:
		return &Uri{original: s, relative: true}, ""
	case problem != "":
		return nil, problem
	}
	return u, ""
}

// cutScheme splits at the colon; scheme is empty where what stands before it is none, found false where there is no colon before a slash.
func cutScheme(s string) (scheme, rest string, found bool) {
	i := strings.IndexAny(s, ":/?#\\")
	if i < 0 || s[i] != ':' || i == 0 {
		return "", "", false
	}
	if !validScheme(s[:i]) {
		return "", "", true
	}
	return s[:i], s[i+1:], true
}

func validScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return s != ""
}

// parseRest reads what follows the scheme's colon.
func (u *Uri) parseRest(s string) (problem string) {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s, u.fragment = s[:i], "#"+canonicalPart(s[i+1:])
	}
	if i := strings.IndexByte(s, '?'); i >= 0 && u.scheme != "urn" {
		s, u.query = s[:i], "?"+canonicalPart(s[i+1:])
	}
	if u.scheme == "mailto" {
		return u.parseMail(s)
	}
	if u.scheme == "file" {
		s = strings.ReplaceAll(s, "\\", "/")
	}
	authority, ok := strings.CutPrefix(s, "//")
	if !ok {
		if strictHost[u.scheme] {
			return uriBadAuthority
		}
		if u.scheme == "file" {
			u.local, u.path = true, canonicalPath("/"+strings.TrimLeft(s, "/"))
			return ""
		}
		u.path = canonicalPart(s)
		return ""
	}
	end := strings.IndexByte(authority, '/')
	path := ""
	if end >= 0 {
		authority, path = authority[:end], authority[end:]
	}
	u.authority = true
	if u.scheme == "file" && authority == "" {
		u.local = true
	} else if problem := u.parseAuthority(authority); problem != "" {
		return problem
	}
	u.path = canonicalPath(path)
	if u.path == "" {
		u.path = "/"
	}
	return ""
}

func (u *Uri) parseMail(s string) string {
	u.mail = true
	user, host, ok := strings.Cut(s, "@")
	if !ok {
		u.path = canonicalPart(s)
		return ""
	}
	u.userInfo = canonicalPart(user)
	return u.parseHost(host)
}

// canonicalPath turns backslashes, escapes, and takes dots out.
func canonicalPath(s string) string {
	return removeDots(canonicalPart(strings.ReplaceAll(s, "\\", "/")))
}

// removeDots takes "." and ".." out of a path.
func removeDots(path string) string {
	if !strings.Contains(path, "/.") && !strings.HasPrefix(path, ".") {
		return path
	}
	var out []string
	parts := strings.Split(path, "/")
	for i, p := range parts {
		last := i == len(parts)-1
		switch p {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			if len(out) > 1 {
				out = out[:len(out)-1]
			}
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, p)
		}
	}
	return strings.Join(out, "/")
}

func (u *Uri) parseAuthority(s string) (problem string) {
	if i := strings.IndexByte(s, '@'); i >= 0 {
		u.userInfo = canonicalPart(s[:i])
		s = s[i+1:]
	}
	host, port := s, ""
	hasPort := false
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return uriBadHost
		}
		host = s[:end+1]
		if rest := s[end+1:]; rest != "" {
			if rest[0] != ':' {
				return uriBadHost
			}
			port, hasPort = rest[1:], true
		}
	} else if i := strings.IndexByte(s, ':'); i >= 0 {
		host, port, hasPort = s[:i], s[i+1:], true
	}
	if problem := u.parseHost(host); problem != "" {
		return problem
	}
	if hasPort && port != "" {
		n, err := strconv.ParseUint(port, 10, 32)
		if err != nil || n > 65535 {
			return uriBadPort
		}
		u.port = int(n)
	}
	return ""
}

// Kinds of UriHostNameType.
const (
	hostUnknown = 0
	hostBasic   = 1
	hostDNS     = 2
	hostIPv4    = 3
	hostIPv6    = 4
)

func (u *Uri) parseHost(host string) (problem string) {
	kind, name := classifyHost(host)
	switch {
	case kind != hostUnknown:
		u.hostKind, u.host = kind, name
	case host == "" && !strictHost[u.scheme] && u.scheme != "mailto":
	case strictHost[u.scheme] || u.scheme == "mailto" || u.scheme == "file" || strings.HasPrefix(host, "["):
		return uriBadHost
	default:
		u.hostKind, u.host = hostBasic, strings.ToLower(host)
	}
	return ""
}

// classifyHost tells what a host is, and its canonical form.
func classifyHost(host string) (kind int32, canonical string) {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if a, err := netip.ParseAddr(inner); ok && err == nil && a.Is6() {
			return hostIPv6, "[" + ipText(a.WithZone("")) + "]"
		}
		return hostUnknown, ""
	}
	if a, ok := looseIPv4(host); ok {
		return hostIPv4, a.String()
	}
	if validDNS(host) {
		return hostDNS, strings.ToLower(host)
	}
	return hostUnknown, ""
}

func validDNS(host string) bool {
	if host == "" || len(host) > 255 {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 {
			return false
		}
		for i, r := range l {
			switch {
			case r == '-' || r == '_':
				if i == 0 && r == '-' {
					return false
				}
			case r < 0x80 && !isUnreserved(byte(r)), r == '~', r >= 0x80 && !isLetterOrDigitRune(r):
				return false
			}
		}
	}
	return true
}

// looseIPv4 reads an IPv4 address as .NET's Uri does: up to four numbers, decimal, octal or hexadecimal.
func looseIPv4(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > 4 || s == "" {
		return netip.Addr{}, false
	}
	var value uint64
	for i, p := range parts {
		if p == "" || p[0] < '0' || p[0] > '9' || strings.Contains(p, "_") {
			return netip.Addr{}, false
		}
		digits, base := p, 10
		switch {
		case len(p) > 1 && p[1]|0x20 == 'x':
			digits, base = p[2:], 16
		case len(p) > 1 && p[0] == '0':
			base = 8
		}
		n, err := strconv.ParseUint(digits, base, 32)
		if err != nil {
			return netip.Addr{}, false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return netip.Addr{}, false
			}
			value = value<<8 | n
			continue
		}
		bits := 8 * (5 - len(parts))
		if n >= 1<<bits {
			return netip.Addr{}, false
		}
		value = value<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

// idnHost is the host in ASCII.
func (u *Uri) idnHost() string {
	host := strings.TrimSuffix(strings.TrimPrefix(u.host, "["), "]")
	if a, err := idna.Punycode.ToASCII(host); err == nil && u.hostKind == hostDNS {
		return a
	}
	return host
}
