package inspect

import (
	"net/http"
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
)

// elementView is the wire form of a policy element, or of an element inside one.
type elementView struct {
	Name string `json:"name"`
	// Sections and Scopes are those of a policy element; nil for what stands inside one.
	Sections   []string      `json:"sections,omitempty"`
	Scopes     []string      `json:"scopes,omitempty"`
	Doc        string        `json:"doc"`
	Source     string        `json:"source,omitempty"`
	Once       bool          `json:"once,omitempty"`
	Attributes []attribute   `json:"attributes"`
	Children   []elementView `json:"children"`
	// Policies tells that it holds policy elements; Text is "none", "literal", "expression" or "any".
	Policies bool   `json:"policies"`
	Text     string `json:"text"`
	// Min and Max bound how often it may stand inside its parent; Max 0: any number.
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
}

// attribute is the wire form of an attribute.
type attribute struct {
	Name       string   `json:"name"`
	Doc        string   `json:"doc"`
	Type       string   `json:"type"`
	Required   bool     `json:"required"`
	Expression bool     `json:"expression"`
	Values     []string `json:"values"`
	Default    string   `json:"default"`
	// Extension tells that Postern has it and API Management does not.
	Extension bool `json:"extension,omitempty"`
}

var typeWords = map[policy.Type]string{policy.String: "string", policy.Boolean: "boolean", policy.Integer: "integer", policy.Number: "number"}

var textWords = map[policy.TextRule]string{
	policy.NoText: "none", policy.LiteralText: "literal", policy.ExpressionText: "expression", policy.AnyText: "any",
}

var booleans = []string{"true", "false"}

// baseSpec is <base/>, which has no declaration.
var baseSpec = policy.Spec{Name: "base", Doc: "Runs the policies that the scope above has in this section."}

var aboveGlobal = policy.ScopesOf(policy.Workspace, policy.Product, policy.API, policy.Operation)

// elements answers GET /postern/v1/policies/elements.
func (s *Server) elements(http.ResponseWriter, *http.Request) (any, error) {
	all := []elementView{withPlaces(newElement(&baseSpec), policy.AllSections, aboveGlobal)}
	for _, e := range s.Elements {
		x := withPlaces(newElement(&e.Spec), e.Sections, e.Scopes)
		x.Source, x.Once = e.Source, e.Once
		all = append(all, x)
	}
	return map[string]any{"elements": all}, nil
}

func withPlaces(e elementView, sections policy.Sections, scopes policy.Scopes) elementView {
	e.Sections, e.Scopes = strings.Split(sections.String(), ", "), strings.Split(scopes.String(), ", ")
	return e
}

func newElement(spec *policy.Spec) elementView {
	e := elementView{Name: spec.Name, Doc: spec.Doc, Attributes: []attribute{}, Children: []elementView{}, Policies: spec.Policies, Text: textWords[spec.Text]}
	for i := range spec.Attributes {
		a := &spec.Attributes[i]
		e.Attributes = append(e.Attributes, attribute{Name: a.Name, Doc: a.Doc, Type: typeWords[a.Type], Required: a.Required,
			Expression: a.Expression, Values: valuesOf(a), Default: a.Default, Extension: a.Extension})
	}
	for _, c := range spec.Children {
		child := newElement(c.Spec)
		child.Min, child.Max = c.Min, c.Max
		e.Children = append(e.Children, child)
	}
	return e
}

// valuesOf are the values that a literal may have, empty for any.
func valuesOf(a *policy.Attribute) []string {
	switch {
	case a.Enum != nil:
		return a.Enum
	case a.Type == policy.Boolean:
		return booleans
	}
	return []string{}
}
