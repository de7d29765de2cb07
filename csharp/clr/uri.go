package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// Uri is a System.Uri. It is immutable.
type Uri struct {
	original *types.String
	// relative tells that nothing but original counts.
	relative bool
	scheme   string
	// userInfo, path, query and fragment are escaped; query and fragment begin with their marks.
	userInfo, host        string
	path, query, fragment string
	hostKind              int32
	port                  int
	// authority tells that "//" follows the scheme; local, a file of this machine; mail, a mailto URI.
	authority, local, mail bool
}

var uriType = lateType("System.Uri")

// ClrType is System.Uri.
func (u *Uri) ClrType() *types.Type { return uriType() }

// need throws InvalidOperationException for a relative URI.
func (u *Uri) need() *Uri {
	if u.relative {
		types.Throw(types.InvalidOperationException, "This operation is not supported for a relative URI.")
	}
	return u
}

func (u *Uri) defaultPort() int {
	if p, ok := uriSchemes[u.scheme]; ok {
		return p
	}
	return -1
}

// authorityText is host and port, the port where it is not the scheme's.
func (u *Uri) authorityText() string {
	if u.port != u.defaultPort() {
		return u.host + ":" + itoa(u.port)
	}
	return u.host
}

func (u *Uri) prefix() string {
	if u.authority || u.local {
		return u.scheme + "://"
	}
	return u.scheme + ":"
}

func (u *Uri) left(authority bool) string {
	s := u.prefix()
	if !authority {
		return s
	}
	if u.userInfo != "" {
		s += u.userInfo + "@"
	}
	return s + u.authorityText()
}

// absolute is AbsoluteUri.
func (u *Uri) absolute() string { return u.left(true) + u.path + u.query + u.fragment }

// text is ToString(): escapes decoded where that is safe.
func (u *Uri) text() string {
	if u.relative {
		return u.original.Go()
	}
	return u.left(true) + unescapeWhere(u.path+u.query+u.fragment, safeToShow)
}

// ToStr is ToString().
func (u *Uri) ToStr(*types.Thread) *types.String { return types.NewString(u.text()) }

// Format is ToString(): there are no formats.
func (u *Uri) Format(t *types.Thread, _ string) *types.String { return u.ToStr(t) }

// key is what two equal URIs share: all but user and fragment.
func (u *Uri) key() string {
	if u.relative {
		return u.original.Go()
	}
	return u.prefix() + u.authorityText() + u.path + u.query
}

// EqualTo compares with another Uri, or with a text that is one.
func (u *Uri) EqualTo(_ *types.Thread, o any) bool {
	if s, ok := o.(*types.String); ok {
		v, problem := parseUri(s, uriEither)
		return problem == "" && u.equal(v)
	}
	v, ok := o.(*Uri)
	return ok && u.equal(v)
}

func (u *Uri) equal(v *Uri) bool {
	return u == v || u != nil && v != nil && u.relative == v.relative && u.key() == v.key()
}

// HashCode goes with EqualTo.
func (u *Uri) HashCode(*types.Thread) int32 { return stringHash(u.key()) }

func (u *Uri) segments() []*types.String {
	if u.path == "" {
		return nil
	}
	var out []*types.String
	rest := u.path
	for rest != "" {
		i := strings.IndexByte(rest, '/') + 1
		if i == 0 {
			i = len(rest)
		}
		out = append(out, types.NewString(rest[:i]))
		rest = rest[i:]
	}
	return out
}

// localPath is the path with all escapes decoded.
func (u *Uri) localPath() string { return unescapeWhere(u.path, always) }

func (u *Uri) loopback() bool {
	return u.local || u.host == "localhost" || u.host == "loopback" || u.host == "[::1]" || u.hostKind == hostIPv4 && strings.HasPrefix(u.host, "127.")
}

// leftPart is GetLeftPart.
func (u *Uri) leftPart(part int32) string {
	u.need()
	switch part {
	case 0:
		return u.left(false)
	case 1:
		if !u.authority && !u.mail {
			return ""
		}
		return u.left(true)
	case 2:
		return u.left(true) + u.path
	case 3:
		return u.left(true) + u.path + u.query
	}
	types.ThrowArgument(types.ArgumentException, "The value '"+itoa(part)+"' is not valid for this usage of the type UriPartial.", "part")
	return ""
}

// resolve is new Uri(u, relative).
func (u *Uri) resolve(ref *types.String) (*Uri, string) {
	text := strings.Trim(ref.Go(), " \t\r\n")
	if scheme, rest, ok := cutScheme(text); ok && scheme != "" {
		if !strings.EqualFold(scheme, u.scheme) || !strictHost[u.scheme] || strings.HasPrefix(rest, "/") {
			return parseUri(ref, uriAbsolute)
		}
		text = rest // "http:x" is relative to a base of that scheme
	}
	text = strings.ReplaceAll(text, "\\", "/")
	if strings.HasPrefix(text, "//") && u.authority {
		return parseUri(types.NewString(u.scheme+":"+text), uriAbsolute)
	}
	rest, fragment, _ := strings.Cut(text, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	base := u.left(true)
	var out string
	switch {
	case text == "":
		return u, ""
	case path == "" && !hasQuery:
		out = base + u.path + u.query
	case path == "":
		out = base + u.path + "?" + query
	case strings.HasPrefix(path, "/"):
		out = base + rest
	default:
		out = base + u.path[:strings.LastIndexByte(u.path, '/')+1] + rest
	}
	if fragment != "" {
		out += "#" + fragment
	}
	return parseUri(types.NewString(out), uriAbsolute)
}

// relativeTo is u.MakeRelativeUri(target).
func (u *Uri) relativeTo(target *Uri) *Uri {
	if u.prefix() != target.prefix() || u.authorityText() != target.authorityText() {
		return target
	}
	rel := relativePathOf(u.path, target.path)
	if i := strings.IndexByte(rel, ':'); i >= 0 && !strings.Contains(rel[:i], "/") {
		rel = "./" + rel
	}
	return &Uri{original: types.NewString(rel + target.query + target.fragment), relative: true}
}

func relativePathOf(from, to string) string {
	i, slash := 0, -1
	for i < len(from) && i < len(to) && from[i] == to[i] {
		if from[i] == '/' {
			slash = i
		}
		i++
	}
	switch {
	case i == len(from) && i == len(to):
		return ""
	case slash < 0:
		return to
	}
	return strings.Repeat("../", strings.Count(from[slash+1:], "/")) + to[slash+1:]
}

func (u *Uri) isBaseOf(v *Uri) bool {
	return u.prefix() == v.prefix() && u.authorityText() == v.authorityText() &&
		strings.HasPrefix(v.path, u.path[:strings.LastIndexByte(u.path, '/')+1])
}

// wellFormed reports whether a text is a URI that needs no escaping.
func wellFormed(s *types.String, kind int32) bool {
	if s == nil {
		return false
	}
	u, problem := parseUri(s, kind)
	if problem != "" {
		return false
	}
	text := s.Go()
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '%' && escapedByte(text, i) < 0, c == '\\', c == '[' && !strings.Contains(u.host, "["), c == ']' && !strings.Contains(u.host, "["):
			return false
		case c < 0x80 && c != '%' && !isUnreserved(c) && strings.IndexByte(uriReserved, c) < 0:
			return false
		}
	}
	return u.relative || !strings.HasPrefix(text, "/")
}
