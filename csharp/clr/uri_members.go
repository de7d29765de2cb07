package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// uriText is a property that is a text of an absolute URI.
func uriText(f func(u *Uri) string) types.Impl {
	return types.I0(func(u *Uri) *types.String { return types.NewString(f(u.need())) })
}

func tryUri(out types.Value, u *Uri, problem string) types.Value {
	if problem != "" || u == nil {
		setOut(out, types.Null)
		return types.Bool(false)
	}
	setOut(out, types.Ref(u))
	return types.Bool(true)
}

// relativeArg is the text of the reference that is resolved: a string, or a Uri.
func relativeArg(v types.Value) *types.String {
	if u, ok := v.Ref.(*Uri); ok {
		if u.relative {
			return u.original
		}
		return types.NewString(u.absolute())
	}
	if s := v.Str(); s != nil {
		return s
	}
	return types.EmptyString
}

func baseArg(v types.Value) *Uri {
	u, _ := v.Ref.(*Uri)
	if u == nil {
		types.ThrowNull("baseUri")
	}
	if u.relative {
		throwRange(msgOutOfRange, "baseUri")
	}
	return u
}

var resolveUri = types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
	base := baseArg(a[0])
	if a[1].Ref == nil {
		return types.Ref(base)
	}
	u, problem := base.resolve(relativeArg(a[1]))
	if problem != "" {
		types.Throw(types.UriFormatException, problem)
	}
	return types.Ref(u)
})

var tryResolveUri = types.Raw(func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
	base, ok := a[0].Ref.(*Uri)
	if !ok || base.relative || a[1].Ref == nil {
		return tryUri(a[2], nil, uriBadFormat)
	}
	u, problem := base.resolve(relativeArg(a[1]))
	return tryUri(a[2], u, problem)
})

func uriConstant(s string) types.Impl { return constantString(s) }

func uriDecls() []*types.Decl {
	members := []types.MemberDecl{
		types.M("new(string uriString)", types.S1(func(s *types.String) *Uri { return newUri(s, uriAbsolute) })),
		types.M("new(string uriString, System.UriKind uriKind)", types.S2(newUri)),
		types.M("new(System.Uri baseUri, string relativeUri)", resolveUri),
		types.M("new(System.Uri baseUri, System.Uri relativeUri)", resolveUri),
		types.M("static bool TryCreate(string uriString, System.UriKind uriKind, out System.Uri result)", types.Raw(
			func(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
				if a[0].Ref == nil {
					return tryUri(a[2], nil, uriEmpty)
				}
				u, problem := parseUri(a[0].Str(), a[1].Int32())
				return tryUri(a[2], u, problem)
			})),
		types.M("static bool TryCreate(System.Uri baseUri, string relativeUri, out System.Uri result)", tryResolveUri),
		types.M("static bool TryCreate(System.Uri baseUri, System.Uri relativeUri, out System.Uri result)", tryResolveUri),
		types.M("static bool operator ==(System.Uri uri1, System.Uri uri2)", types.S2(func(a, b *Uri) bool { return a == b || a != nil && b != nil && a.equal(b) })),
		types.M("static bool operator !=(System.Uri uri1, System.Uri uri2)", types.S2(func(a, b *Uri) bool { return a != b && (a == nil || b == nil || !a.equal(b)) })),
		types.M("static bool IsWellFormedUriString(string uriString, System.UriKind uriKind)", types.S2(wellFormed)),
		types.M("bool IsWellFormedOriginalString()", types.I0(func(u *Uri) bool { return wellFormed(u.original, uriEither) })),
		types.M("System.Uri MakeRelativeUri(System.Uri uri)", types.I1(func(u, v *Uri) *Uri {
			if v == nil {
				types.ThrowNull("uri")
			}
			return u.need().relativeTo(v.need())
		})),
		types.M("bool IsBaseOf(System.Uri uri)", types.I1(func(u, v *Uri) bool {
			if v == nil {
				types.ThrowNull("uri")
			}
			return !u.relative && !v.relative && u.isBaseOf(v)
		})),
		types.M("bool Equals(System.Uri other)", types.I1(func(u, v *Uri) bool { return v != nil && u.equal(v) })),
		types.M("bool Equals(object comparand)", types.I1(func(u *Uri, o any) bool { return u.EqualTo(nil, o) })),
		types.M("int GetHashCode()", types.I0(func(u *Uri) int32 { return u.HashCode(nil) })),
		types.M("string ToString()", types.I0(func(u *Uri) *types.String { return types.NewString(u.text()) })),
		types.M("string GetLeftPart(System.UriPartial part)", types.I1(func(u *Uri, part int32) *types.String { return types.NewString(u.leftPart(part)) })),
	}
	return []*types.Decl{
		types.T("enum System.UriPartial", constants("System.UriPartial", "Scheme", 0, "Authority", 1, "Path", 2, "Query", 3)...),
		types.T("enum System.UriKind", constants("System.UriKind", "RelativeOrAbsolute", 0, "Absolute", 1, "Relative", 2)...),
		hidden("enum System.UriHostNameType", constants("System.UriHostNameType", "Unknown", 0, "Basic", 1, "Dns", 2, "IPv4", 3, "IPv6", 4)...),
		types.T("class System.Uri : System.IFormattable, System.IEquatable<System.Uri>", append(append(members, uriProperties()...), uriStatics()...)...),
	}
}

func uriProperties() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("string OriginalString { get; }", types.I0(func(u *Uri) *types.String { return u.original })),
		types.M("bool IsAbsoluteUri { get; }", types.I0(func(u *Uri) bool { return !u.relative })),
		types.M("bool UserEscaped { get; }", types.I0(func(*Uri) bool { return false })),
		types.M("bool IsDefaultPort { get; }", types.I0(func(u *Uri) bool { return u.need().port == u.defaultPort() })),
		types.M("bool IsFile { get; }", types.I0(func(u *Uri) bool { return u.need().scheme == "file" })),
		types.M("bool IsUnc { get; }", types.I0(func(u *Uri) bool { return u.need().scheme == "file" && u.host != "" })),
		types.M("bool IsLoopback { get; }", types.I0(func(u *Uri) bool { return u.need().loopback() })),
		types.M("System.UriHostNameType HostNameType { get; }", types.I0(func(u *Uri) int32 {
			if u.need(); u.host == "" && (u.authority || u.local) {
				return hostBasic
			}
			return u.hostKind
		})),
		types.M("int Port { get; }", types.I0(func(u *Uri) int32 { return int32(u.need().port) })),
		types.M("string Scheme { get; }", uriText(func(u *Uri) string { return u.scheme })),
		types.M("string Host { get; }", uriText(func(u *Uri) string { return u.host })),
		types.M("string DnsSafeHost { get; }", uriText(func(u *Uri) string { return strings.Trim(u.host, "[]") })),
		types.M("string IdnHost { get; }", uriText((*Uri).idnHost)),
		types.M("string Authority { get; }", uriText((*Uri).authorityText)),
		types.M("string UserInfo { get; }", uriText(func(u *Uri) string { return u.userInfo })),
		types.M("string AbsolutePath { get; }", uriText(func(u *Uri) string { return u.path })),
		types.M("string AbsoluteUri { get; }", uriText((*Uri).absolute)),
		types.M("string LocalPath { get; }", uriText((*Uri).localPath)),
		types.M("string PathAndQuery { get; }", uriText(func(u *Uri) string { return u.path + u.query })),
		types.M("string Query { get; }", uriText(func(u *Uri) string { return u.query })),
		types.M("string Fragment { get; }", uriText(func(u *Uri) string { return u.fragment })),
		types.M("string[] Segments { get; }", types.I0(func(u *Uri) *types.Array { return newStrings(u.need().segments()) })),
	}
}

func uriStatics() []types.MemberDecl {
	out := []types.MemberDecl{
		types.M("static string EscapeDataString(string stringToEscape)", types.S1(func(s *types.String) *types.String {
			return types.NewString(escapeString(stringArg(s, "stringToEscape"), ""))
		})),
		types.M("static string EscapeUriString(string stringToEscape)", types.S1(func(s *types.String) *types.String {
			return types.NewString(escapeString(stringArg(s, "stringToEscape"), uriReserved))
		})),
		types.M("static string UnescapeDataString(string stringToUnescape)", types.S1(func(s *types.String) *types.String {
			return types.NewString(unescapeWhere(stringArg(s, "stringToUnescape"), always))
		})),
		types.M("static System.UriHostNameType CheckHostName(string name)", types.S1(checkHostName)),
		types.M("static bool CheckSchemeName(string schemeName)", types.S1(func(s *types.String) bool { return s != nil && validScheme(s.Go()) })),
		types.M("static bool IsHexDigit(char character)", types.S1(func(c types.Char) bool { return c < 0x80 && hexValue(byte(c)) >= 0 })),
		types.M("static bool IsHexEncoding(string pattern, int index)", types.S2(func(s *types.String, i int32) bool {
			if s == nil {
				types.ThrowNullReference()
			}
			return i >= 0 && s.Len()-int(i) >= 3 && escapedByte(s.Slice(int(i), int(i)+3).Go(), 0) >= 0
		})),
		types.M("static int FromHex(char digit)", types.S1(func(c types.Char) int32 {
			if c >= 0x80 || hexValue(byte(c)) < 0 {
				types.ThrowArgument(types.ArgumentException, "Digit must be a valid hexadecimal digit.", "digit")
			}
			return int32(hexValue(byte(c)))
		})),
		types.M("static string HexEscape(char character)", types.S1(hexEscape)),
		types.M("static char HexUnescape(string pattern, ref int index)", types.Raw(hexUnescape)),
	}
	for _, s := range [][2]string{{"SchemeDelimiter", "://"}, {"UriSchemeFile", "file"}, {"UriSchemeFtp", "ftp"}, {"UriSchemeFtps", "ftps"},
		{"UriSchemeGopher", "gopher"}, {"UriSchemeHttp", "http"}, {"UriSchemeHttps", "https"}, {"UriSchemeMailto", "mailto"},
		{"UriSchemeNetPipe", "net.pipe"}, {"UriSchemeNetTcp", "net.tcp"}, {"UriSchemeNews", "news"}, {"UriSchemeNntp", "nntp"},
		{"UriSchemeSftp", "sftp"}, {"UriSchemeSsh", "ssh"}, {"UriSchemeTelnet", "telnet"}, {"UriSchemeWs", "ws"}, {"UriSchemeWss", "wss"}} {
		out = append(out, types.M("static readonly string "+s[0], uriConstant(s[1])))
	}
	return out
}

func checkHostName(s *types.String) int32 {
	if s == nil {
		return hostUnknown
	}
	name := s.Go()
	if strings.Contains(name, ":") && !strings.HasPrefix(name, "[") {
		name = "[" + name + "]"
	}
	kind, _ := classifyHost(name)
	return kind
}

func hexEscape(c types.Char) *types.String {
	if c > 0xFF {
		s := charString(c).Go()
		throwActual("character ('"+s+"') must be less than or equal to '\u00ff'.", "character", s)
	}
	return types.NewString("%" + string([]byte{uriHex[c>>4], uriHex[c&15]}))
}

func hexUnescape(_ *types.Thread, _ types.Value, a []types.Value) types.Value {
	s, cell := a[0].Str(), a[1].Ref.(*types.Cell)
	i := int(cell.V.Int32())
	if s == nil {
		types.ThrowNullReference()
	}
	if i < 0 || i >= s.Len() {
		throwRange(msgOutOfRange, "index")
	}
	if s.Len()-i >= 3 {
		if v := escapedByte(s.Slice(i, i+3).Go(), 0); v >= 0 {
			cell.V = types.Int(int64(i + 3))
			return types.Uint(uint64(v))
		}
	}
	cell.V = types.Int(int64(i + 1))
	return types.Uint(uint64(s.Unit(i)))
}
