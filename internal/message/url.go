package message

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

// ParseURL reads an absolute http, https, ws or wss URL. User information and fragments are refused. The path
// and the query stay as written, an empty path becomes "/". Errors are fault.Invalid.
func ParseURL(s string) (URL, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	if !ok || DefaultPort(scheme) == 0 {
		return URL{}, fault.New(fault.Invalid, "%q is not an absolute http or https URL", s)
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }); i >= 0 {
		return URL{}, fault.New(fault.Invalid, "%q has a character that a URL cannot have, at offset %d", s, i)
	}
	authority, path := rest, "/"
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, path = rest[:i], rest[i:]
		if path[0] == '?' {
			path = "/" + path
		}
	}
	host, port, err := SplitAuthority(authority)
	if err != nil {
		return URL{}, err
	}
	u := URL{Scheme: scheme, Host: host, Port: port, Path: path}
	if port == 0 {
		u.Port = DefaultPort(scheme)
	}
	if before, query, ok := strings.Cut(path, "?"); ok {
		u.Path, u.Query = before, query
	}
	return u, nil
}

// DefaultPort is 80 for http and ws, 443 for https and wss, 0 for every other scheme.
func DefaultPort(scheme string) int {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	}
	return 0
}

// SplitAuthority splits "host", "host:port" or "[v6]:port" (RFC 3986 section 3.2). The host comes back in lower
// case, without brackets and without a trailing dot; a port that is not there is 0. User information, and a port
// that is not 1–65535, are fault.Invalid.
func SplitAuthority(authority string) (host string, port int, err error) {
	host = authority
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end < 0 {
			return "", 0, badAuthority(authority)
		}
		addr, err := netip.ParseAddr(authority[1:end])
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", 0, badAuthority(authority)
		}
		host = authority[1:end]
		if rest := authority[end+1:]; rest != "" {
			if port, err = parsePort(rest); err != nil {
				return "", 0, badAuthority(authority)
			}
		}
		return strings.ToLower(host), port, nil
	}
	if i := strings.IndexByte(authority, ':'); i >= 0 {
		host = authority[:i]
		if port, err = parsePort(authority[i:]); err != nil {
			return "", 0, badAuthority(authority)
		}
	}
	for i := range len(host) {
		if c := host[i]; !isHostByte(c) {
			return "", 0, badAuthority(authority)
		}
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" {
		return "", 0, badAuthority(authority)
	}
	return strings.ToLower(host), port, nil
}

// isHostByte admits what host names in use are made of; "_" is no letter of RFC 1123 but seen in practice.
func isHostByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
}

// parsePort reads ":8443"; ":" alone is no port (RFC 3986 section 3.2.3 allows it).
func parsePort(s string) (int, error) {
	if s == ":" {
		return 0, nil
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, ":"), 10, 16)
	if err != nil || n == 0 || s[0] != ':' || s[1] == '+' {
		return 0, badAuthority(s)
	}
	return int(n), nil
}

func badAuthority(s string) error { return fault.New(fault.Invalid, "%q is not a host", s) }

// Authority is host:port with the port left out where it is the scheme's own.
func (u *URL) Authority() string {
	if u.Port == 0 || u.Port == DefaultPort(u.Scheme) {
		if strings.Contains(u.Host, ":") {
			return "[" + u.Host + "]"
		}
		return u.Host
	}
	return net.JoinHostPort(u.Host, strconv.Itoa(u.Port))
}

// RequestURI is path and query, as an HTTP/1.1 request line has them.
func (u *URL) RequestURI() string {
	if u.Query == "" {
		return u.Path
	}
	return u.Path + "?" + u.Query
}

// String is the whole URL, without a default port.
func (u *URL) String() string { return u.Scheme + "://" + u.Authority() + u.RequestURI() }

// Join is the URL of suffix (an escaped path such as "/items/1", or empty) below base, with the given query: how an
// API's service URL and the part of a request's path after the API's own make the backend's URL. A query that base
// has of its own comes first.
func (u *URL) Join(suffix, query string) URL {
	joined := *u
	switch {
	case suffix == "" || suffix == "/" && u.Path != "/":
		if suffix == "/" && !strings.HasSuffix(u.Path, "/") {
			joined.Path = u.Path + "/"
		}
	case strings.HasSuffix(u.Path, "/") && strings.HasPrefix(suffix, "/"):
		joined.Path = u.Path + suffix[1:]
	case !strings.HasSuffix(u.Path, "/") && !strings.HasPrefix(suffix, "/"):
		joined.Path = u.Path + "/" + suffix
	default:
		joined.Path = u.Path + suffix
	}
	switch {
	case u.Query == "":
		joined.Query = query
	case query != "":
		joined.Query = u.Query + "&" + query
	}
	return joined
}
