package element

import (
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
)

var rewriteURI = &policy.Element{
	Spec: policy.Spec{
		Name: "rewrite-uri",
		Doc:  "Changes the path, and the query, that the backend is asked for.",
		Attributes: []policy.Attribute{
			{Name: "template", Doc: "The new path, with {parameters} of the operation's template in a literal.", Required: true, NonEmpty: true, Expression: true},
			{Name: "copy-unmatched-params", Doc: "Whether query parameters that the operation's template does not name are kept.", Type: policy.Boolean, Expression: true, Default: "true"},
		},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Source:   page("rewrite-uri"),
	Compile:  compileRewriteURI,
}

func compileRewriteURI(n *policy.Node) policy.Step {
	template, copied := n.Text("template"), n.Bool("copy-unmatched-params")
	return func(x *policy.Run) error {
		target, err := template.Eval(x)
		if err != nil {
			return err
		}
		keep, err := copied.Eval(x)
		if err != nil {
			return err
		}
		target = strings.TrimSpace(target)
		if template.Expr == nil {
			target = fill(target, x.Route.Parameters)
		}
		rewrite(x, target, keep)
		return nil
	}
}

// rewrite sets path and query. The target may be a whole URL's path and query only; a fragment is cut off.
func rewrite(x *policy.Run, target string, keep bool) {
	target, _, _ = strings.Cut(target, "#")
	path, query, _ := strings.Cut(target, "?")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	parts := []string{}
	if query != "" {
		parts = append(parts, escapeURL(query))
	}
	if keep {
		parts = append(parts, unmatched(x, query)...)
	}
	x.Suffix = escapeURL(path)
	x.Request.URL.Query = strings.Join(parts, "&")
	if x.Base.Scheme == "" {
		x.Request.URL.Path = x.Suffix
	}
	x.Rebase()
}

// unmatched are the parameters of the present query that neither the operation's template names nor the new query sets.
func unmatched(x *policy.Run, query string) []string {
	taken := map[string]bool{}
	if o := x.Route.Operation; o != nil {
		if _, template, ok := strings.Cut(o.URLTemplate, "?"); ok {
			for part := range strings.SplitSeq(template, "&") {
				name, _, _ := strings.Cut(part, "=")
				taken[strings.ToLower(unescapeQuery(name))] = true
			}
		}
	}
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		taken[strings.ToLower(unescapeQuery(name))] = true
	}
	var kept []string
	for part := range strings.SplitSeq(x.Request.URL.Query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if part != "" && !taken[strings.ToLower(unescapeQuery(name))] {
			kept = append(kept, part)
		}
	}
	return kept
}

// fill puts the operation's parameters into a template: "{name}" as one segment, "{*name}" with its slashes. A name that
// the operation does not have stays as it is.
func fill(template string, parameters map[string]string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(template, '{')
		j := -1
		if i >= 0 {
			j = strings.IndexByte(template[i:], '}')
		}
		if j < 0 {
			b.WriteString(template)
			return b.String()
		}
		name := template[i+1 : i+j]
		bare := strings.TrimPrefix(name, "*")
		value, ok := parameters[bare]
		switch {
		case !ok:
			value = template[i : i+j+1]
		case bare != name:
			value = strings.ReplaceAll(url.PathEscape(value), "%2F", "/")
		default:
			value = url.PathEscape(value)
		}
		b.WriteString(template[:i])
		b.WriteString(value)
		template = template[i+j+1:]
	}
}

// escapeURL encodes the bytes that cannot stand in a URL; escapes that are there stay.
func escapeURL(s string) string {
	clean := true
	for i := range len(s) {
		clean = clean && urlByte(s[i])
	}
	if clean {
		return s
	}
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; urlByte(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

func urlByte(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte("\"<>\\^`{|}#", c) < 0
}
