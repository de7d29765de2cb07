package element

import (
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
)

var setQueryParameter = &policy.Element{
	Spec: policy.Spec{
		Name: "set-query-parameter",
		Doc:  "Sets, adds or removes a query parameter of the request.",
		Attributes: []policy.Attribute{
			{Name: "name", Doc: "The parameter's name.", Required: true, NonEmpty: true, Expression: true},
			existsAction,
		},
		Children: []policy.Child{{Spec: &policy.Spec{Name: "value", Doc: "A value.", Text: policy.ExpressionText}}},
	},
	Sections: policy.InInbound | policy.InBackend,
	Scopes:   policy.AllScopes,
	Source:   page("set-query-parameter"),
	Compile:  compileSetQueryParameter,
}

func compileSetQueryParameter(n *policy.Node) policy.Step {
	edit := compileFieldEdit(n)
	return func(x *policy.Run) error {
		c, err := edit.eval(x)
		if err != nil {
			return err
		}
		x.Request.URL.Query = c.query(x.Request.URL.Query)
		return nil
	}
}

// query edits an escaped query; what it does not touch stays byte for byte.
func (c change) query(query string) string {
	var kept []string
	found := false
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		if name, _, _ := strings.Cut(part, "="); strings.EqualFold(unescapeQuery(name), c.name) {
			found = true
			if c.action == "override" || c.action == "delete" {
				continue
			}
		}
		kept = append(kept, part)
	}
	if c.action != "delete" && !(found && c.action == "skip") {
		for _, v := range c.values {
			kept = append(kept, escapeQuery(c.name)+"="+escapeQuery(v))
		}
	}
	return strings.Join(kept, "&")
}

// unescapeQuery decodes a name or value of a query; what is not well-formed stays as it is.
func unescapeQuery(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// escapeQuery encodes a name or value for a query, a blank as %20.
func escapeQuery(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
