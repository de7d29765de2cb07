package inspect

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/internal/reply"
	"github.com/postern-gateway/postern/source"
)

// item is the wire form of a completion. Insert takes the place of the text between the answer's from and the place.
type item struct {
	Label  string `json:"label"`
	Kind   string `json:"kind"`
	Detail string `json:"detail"`
	Doc    string `json:"doc"`
	Insert string `json:"insert"`
	// Cursor is where in Insert one goes on writing, in bytes, which are characters there; absent: behind it.
	Cursor *int `json:"cursor,omitempty"`
}

// holes are what one fills in first: an empty attribute, an empty expression or element.
var holes = []string{`=""`, "@()", "return ;", "></", ">\n</"}

// withCursor puts the cursor of an item where there is something to fill in.
func (i item) withCursor() item {
	at, hole := len(i.Insert), ""
	for _, h := range holes {
		if n := strings.Index(i.Insert, h); n >= 0 && n < at {
			at, hole = n, h
		}
	}
	if hole == "" || i.Kind == kindSnippet && len(i.Insert) > maxShortSnippet {
		return i
	}
	switch hole {
	case `=""`, "@()":
		at += 2
	case "return ;":
		at += len("return ")
	default:
		at++
	}
	i.Cursor = &at
	return i
}

// maxShortSnippet is the length of a snippet that has one place to fill in.
const maxShortSnippet = 20

// The kinds of items.
const (
	kindElement   = "element"
	kindAttribute = "attribute"
	kindValue     = "value"
	kindSnippet   = "snippet"
)

// completionLimit bounds the items of one answer.
const completionLimit = 500

// complete answers POST /postern/v1/policies/complete.
func (s *Server) complete(w http.ResponseWriter, r *http.Request) (any, error) {
	var q struct {
		Text         string
		Line, Column int
	}
	if err := reply.Read(w, r, maxBody, &q); err != nil {
		return nil, err
	}
	text := source.NewText("policy", q.Text)
	items, from := s.completions(q.Text, offsetOf(text, q.Line, q.Column))
	at := text.Position(from)
	return map[string]any{"items": items[:min(len(items), completionLimit)], "from": map[string]int{"line": at.Line, "column": at.Column}}, nil
}

// offsetOf is the byte at a line and column, which are brought inside of the text.
func offsetOf(t *source.Text, line, column int) int {
	line = max(1, min(line, strings.Count(t.Content, "\n")+1))
	start := 0
	for range line - 1 {
		start += strings.IndexByte(t.Content[start:], '\n') + 1
	}
	rest := t.Line(line)
	for column > 1 && rest != "" {
		_, size := utf8.DecodeRuneInString(rest)
		rest, start, column = rest[size:], start+size, column-1
	}
	return start
}

// completions are the items for a place, and where the word begins that they complete.
func (s *Server) completions(text string, offset int) ([]item, int) {
	p := placeAt(text, offset)
	c := &completer{s: s, place: p, text: text, offset: offset, items: []item{}}
	switch p.kind {
	case inText:
		c.start = offset
		c.children("<")
	case inName:
		c.start = p.start
		c.children("")
	case inEnd:
		c.start = p.start
		if n := len(p.path); n > 0 {
			c.add(item{Label: p.path[n-1], Kind: kindElement, Detail: "end tag", Insert: p.path[n-1] + c.unless(">")})
		}
	case inAttributes:
		c.start = p.start
		c.attributes()
	case inValue:
		c.start = p.start
		c.values()
	case inCode:
		c.code()
	default:
		c.start = offset
	}
	return c.items, c.start
}

// completer gathers the items of one place.
type completer struct {
	s      *Server
	place  place
	text   string
	offset int
	// start is where the word begins that is being completed.
	start int
	items []item
}

// add takes an item whose label begins as what is written already.
func (c *completer) add(i item) {
	written := strings.TrimPrefix(c.text[c.start:c.offset], "<")
	if strings.HasPrefix(strings.ToLower(i.Label), strings.ToLower(written)) {
		c.items = append(c.items, i.withCursor())
	}
}

// unless is s, or nothing where the text after the place begins with it already.
func (c *completer) unless(s string) string {
	rest := c.text[c.offset:]
	rest = strings.TrimLeftFunc(rest, func(r rune) bool { return r < 0x80 && nameByte(byte(r)) })
	if strings.HasPrefix(rest, s) {
		return ""
	}
	return s
}

// sectionNames are the four parts of a document.
var sectionNames = []policy.Section{policy.Inbound, policy.Backend, policy.Outbound, policy.OnError}

// children are the elements that may begin at the place; open is "<" where none is written yet.
func (c *completer) children(open string) {
	path := c.place.path
	switch {
	case len(path) == 0:
		c.plain(open, "policies", "The policy document of a scope.")
		c.plain(open, "fragment", "A policy fragment.")
	case len(path) == 1 && path[0] == "policies":
		for _, section := range sectionNames {
			c.plain(open, section.String(), "The policies of the section "+section.String()+".")
		}
	default:
		spec, section, policies := c.s.specOf(path)
		if policies {
			c.policies(open, section)
		}
		if spec != nil {
			for _, child := range spec.Children {
				c.element(open, child.Spec)
			}
			if spec.Text >= policy.ExpressionText && open != "" {
				c.expressions()
			}
		}
		if policies && open != "" {
			for _, x := range snippets {
				if section == nil || *section == policy.Inbound {
					c.add(item{Label: x.Name, Kind: kindSnippet, Detail: x.Title, Doc: x.Doc, Insert: x.Text})
				}
			}
		}
	}
}

// plain is an element that holds others and has no attributes.
func (c *completer) plain(open, name, doc string) {
	insert := open + name
	if c.fresh() {
		insert += ">\n</" + name + ">"
	}
	c.add(item{Label: name, Kind: kindElement, Doc: doc, Insert: insert})
}

// fresh reports whether the tag at the place is yet to be written: nothing but its name is there.
func (c *completer) fresh() bool {
	rest := strings.TrimLeft(c.text[c.offset:], " \t")
	return rest == "" || rest[0] == '<' || rest[0] == '\r' || rest[0] == '\n'
}

func (c *completer) policies(open string, section *policy.Section) {
	if section != nil || len(c.place.path) > 0 && c.place.path[0] == "policies" {
		c.element(open, &baseSpec)
	}
	for _, e := range c.s.Elements {
		if section == nil || e.Sections.Has(*section) {
			c.element(open, &e.Spec)
		}
	}
}

// element is one element with the attributes that it must have.
func (c *completer) element(open string, spec *policy.Spec) {
	var b strings.Builder
	b.WriteString(open + spec.Name)
	if c.fresh() {
		for i := range spec.Attributes {
			if a := &spec.Attributes[i]; a.Required {
				b.WriteString(" " + a.Name + `="` + a.Default + `"`)
			}
		}
		if spec.Policies || spec.Text != policy.NoText || len(spec.Children) > 0 {
			b.WriteString("></" + spec.Name + ">")
		} else {
			b.WriteString(" />")
		}
	}
	c.add(item{Label: spec.Name, Kind: kindElement, Doc: spec.Doc, Insert: b.String()})
}

// specOf finds the declaration of the innermost element of a path: its spec, nil for a section; the section that it stands
// in, nil in a fragment; and whether policies may stand in it.
func (s *Server) specOf(path []string) (spec *policy.Spec, section *policy.Section, policies bool) {
	policies = path[0] == "fragment"
	rest := path[1:]
	if path[0] == "policies" && len(rest) > 0 {
		i := slices.IndexFunc(sectionNames, func(x policy.Section) bool { return x.String() == rest[0] })
		if i < 0 {
			return nil, nil, false
		}
		section, rest, policies = &sectionNames[i], rest[1:], true
	}
	for _, name := range rest {
		next := s.inside(spec, policies, name)
		if next == nil {
			return nil, section, false
		}
		spec, policies = next, next.Policies
	}
	return spec, section, policies
}

// inside is the declaration of an element of that name inside another, or of a policy element.
func (s *Server) inside(spec *policy.Spec, policies bool, name string) *policy.Spec {
	if spec != nil {
		for _, c := range spec.Children {
			if c.Spec.Name == name {
				return c.Spec
			}
		}
	}
	if !policies {
		return nil
	}
	for _, e := range s.Elements {
		if e.Name == name {
			return &e.Spec
		}
	}
	return nil
}

// tagSpec is the declaration of the start tag at the place; policyElement tells that it is a policy.
func (c *completer) tagSpec() (spec *policy.Spec, policyElement bool) {
	path := append(slices.Clone(c.place.path), c.place.tag)
	if len(path) < 2 {
		return nil, false
	}
	spec, _, _ = c.s.specOf(path)
	return spec, spec != nil && slices.ContainsFunc(c.s.Elements, func(e *policy.Element) bool { return &e.Spec == spec })
}

func (c *completer) attributes() {
	spec, policyElement := c.tagSpec()
	if spec == nil {
		return
	}
	add := func(name, doc, detail, value string) {
		if !slices.Contains(c.place.attributes, name) {
			insert := name
			if c.unless("=") != "" {
				insert += `="` + value + `"`
			}
			c.add(item{Label: name, Kind: kindAttribute, Doc: doc, Detail: detail, Insert: insert})
		}
	}
	for i := range spec.Attributes {
		a := &spec.Attributes[i]
		add(a.Name, a.Doc, attributeDetail(a), "")
	}
	if policyElement {
		add("id", "Names the policy, as context.LastError.PolicyId shows it.", "string", "")
	}
}

func attributeDetail(a *policy.Attribute) string {
	detail := typeWords[a.Type]
	if a.Enum != nil {
		detail = strings.Join(a.Enum, " | ")
	}
	if a.Required {
		detail += ", required"
	}
	if a.Default != "" {
		detail += ", default " + a.Default
	}
	if a.Expression {
		detail += ", expression allowed"
	}
	return detail
}

func (c *completer) values() {
	spec, _ := c.tagSpec()
	written := c.text[c.start:c.offset]
	if i := strings.LastIndex(written, "{{"); i >= 0 && !strings.Contains(written[i:], "}}") {
		c.start += i + 2
		c.namedValues()
		return
	}
	if spec == nil {
		return
	}
	for i := range spec.Attributes {
		a := &spec.Attributes[i]
		if a.Name != c.place.attribute {
			continue
		}
		for _, v := range valuesOf(a) {
			detail := ""
			if v == a.Default {
				detail = "default"
			}
			c.add(item{Label: v, Kind: kindValue, Detail: detail, Insert: v})
		}
		c.references(a.Name)
		if a.Expression {
			c.expressions()
		}
	}
}

// expressions are the two beginnings of an expression.
func (c *completer) expressions() {
	c.add(item{Label: "@()", Kind: kindSnippet, Detail: "expression", Doc: "One C# expression.", Insert: "@()"})
	c.add(item{Label: "@{}", Kind: kindSnippet, Detail: "statements", Doc: "C# statements that return a value.", Insert: "@{ return ; }"})
}

// references are the entities of the service that an attribute of that name refers to.
func (c *completer) references(attribute string) {
	svc := c.s.Service()
	if svc == nil || attribute != "certificate-id" && attribute != "issuer-certificate-id" && attribute != "thumbprint" {
		return
	}
	for _, x := range svc.Certificates {
		if x.Identity == nil || x.Identity.Certificate == nil {
			continue
		}
		label := x.ID
		if attribute == "thumbprint" {
			label = x.Identity.Certificate.Thumbprint()
		}
		c.add(item{Label: label, Kind: kindValue, Detail: x.Identity.Certificate.SubjectName(), Insert: label})
	}
}

// namedValues are the names between {{ and }}.
func (c *completer) namedValues() {
	svc := c.s.Service()
	if svc == nil {
		return
	}
	for _, v := range svc.NamedValues {
		detail := "named value"
		if v.Secret {
			detail = "secret named value"
		}
		c.add(item{Label: v.DisplayName, Kind: kindValue, Detail: detail, Insert: v.DisplayName + c.unless("}}")})
	}
}

// wordKinds are how the completions of C# are told to an editor.
var wordKinds = map[csharp.CompletionKind]string{
	csharp.CompleteProperty: "property", csharp.CompleteMethod: "method", csharp.CompleteType: "type",
	csharp.CompleteNamespace: "type", csharp.CompleteKeyword: "keyword", csharp.CompleteVariable: "property",
}

// code are the words of C#. In a document with entities the code is what they stand for.
func (c *completer) code() {
	before := c.text[c.place.start:c.offset]
	code, at := c.place.code, len(before)
	if strings.Contains(code, "&") {
		before = unescape.Replace(before)
		code, at = before+unescape.Replace(code[at:]), len(before)
	}
	words, from := exprctx.Complete(code, at)
	c.start = c.offset - (at - from) // a word has no entities
	for _, w := range words {
		detail := w.Detail
		if w.Extension {
			detail += " (not in API Management)"
		}
		c.items = append(c.items, item{Label: w.Label, Kind: wordKinds[w.Kind], Detail: detail, Doc: w.Doc, Insert: w.Label})
	}
}

// unescape decodes the entities that XML itself has.
var unescape = strings.NewReplacer("&quot;", `"`, "&lt;", "<", "&gt;", ">", "&apos;", "'", "&#39;", "'", "&#34;", `"`, "&amp;", "&")
