package exprctx

import (
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
)

// URL is an IUrl: a view of a URL, which a policy may change.
type URL struct {
	of                        *message.URL
	host, path, query, scheme lazyText
	parameters                multi
	parametersOf              string
	parsed                    bool
}

// ClrType is IUrl.
func (u *URL) ClrType() *types.Type { return known.url }

// ToStr is the absolute URL.
func (u *URL) ToStr(*types.Thread) *types.String { return types.NewString(u.of.String()) }

// queryString begins with "?" or is empty.
func (u *URL) queryString() *types.String {
	if u.of.Query == "" {
		return types.EmptyString
	}
	if u.query.made == nil || u.query.from != u.of.Query {
		u.query = lazyText{u.of.Query, types.NewString("?" + u.of.Query)}
	}
	return u.query.made
}

// maxParameters bounds the parameters of a query that are looked at.
const maxParameters = 2000

// dictionary is the query, decoded: names without case, in the order of their first place.
func (u *URL) dictionary() *multi {
	if u.parsed && u.parametersOf == u.of.Query {
		return &u.parameters
	}
	u.parameters, u.parametersOf, u.parsed = multi{}, u.of.Query, true
	n := 0
	for part := range strings.SplitSeq(u.of.Query, "&") {
		if part == "" {
			continue
		}
		if n++; n > maxParameters {
			break
		}
		name, value, _ := strings.Cut(part, "=")
		u.parameters.put(unescape(name), unescape(value))
	}
	return &u.parameters
}

// unescape decodes a name or value of a query; an escape that is none stays.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

func (u *URL) toURI(t *types.Thread) types.Value {
	uri := Universe().Type("System.Uri")
	if uri == nil {
		types.Throw(types.NotSupportedException, "System.Uri is not supported.")
	}
	return call(t, constructor(uri, types.StringType), "System.Uri", types.Null, types.Ref(types.NewString(u.of.String())))
}

func urlDecl() *types.Decl {
	return types.T("interface IUrl",
		types.M("string Host { get; }", get(func(u *URL) *types.String { return u.host.of(u.of.Host) })),
		types.M("string Path { get; }", get(func(u *URL) *types.String { return u.path.of(u.of.Path) })),
		types.M("int Port { get; }", get(func(u *URL) int32 { return int32(u.of.Port) })),
		types.M("IMultiValueDictionary Query { get; }", get((*URL).dictionary)),
		types.M("string QueryString { get; }", get((*URL).queryString)),
		types.M("string Scheme { get; }", get(func(u *URL) *types.String { return u.scheme.of(u.of.Scheme) })),
		types.M("string ToString()", get(func(u *URL) *types.String { return u.ToStr(nil) })),
		types.M("System.Uri ToUri()", types.Impl{F0: func(t *types.Thread, this types.Value) types.Value {
			if this.Ref == nil {
				types.ThrowNullReference()
			}
			return this.Ref.(*URL).toURI(t)
		}}),
	)
}
