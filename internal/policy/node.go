package policy

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/source"
)

// Node is an element that has been checked against its Spec, for Element.Compile to take what it needs. The accessors
// give the zero value for what is absent, and for what was reported as wrong.
type Node struct {
	// Name is the element's name.
	Name string
	// Span is its start tag.
	Span source.Span
	// Section is where it stands.
	Section Section
	// Scope is the document's scope.
	Scope Scope

	unit     *unit
	xml      *policyxml.Element
	spec     *Spec
	at       standing
	values   map[string]*value
	text     *value
	children []*Node
	block    Block
}

// value is a checked attribute or text.
type value struct {
	xml  *policyxml.Value
	expr Expression
}

// node checks e against its spec and gathers what Compile will ask for. policy tells that it is a policy element.
func (u *unit) node(e *policyxml.Element, spec *Spec, at standing, policy bool) *Node {
	n := &Node{Name: e.Name, Span: e.Span, Section: at.section, Scope: at.scope,
		unit: u, xml: e, spec: spec, at: at, values: map[string]*value{}}
	n.attributes(policy)
	n.readText()
	switch {
	case spec.Policies:
		inner := at
		inner.path += "/"
		n.block = u.policies(e, inner)
	case spec.Text != AnyText:
		n.readChildren()
	}
	return n
}

func (n *Node) attributes(policy bool) {
	names := make([]string, 0, len(n.spec.Attributes))
	for i := range n.spec.Attributes {
		a := &n.spec.Attributes[i]
		names = append(names, a.Name)
		x := n.xml.Attr(a.Name)
		switch {
		case x != nil:
			n.attribute(a, x)
		case a.Required:
			n.unit.errorf(CodeMissingAttr, n.xml.NameSpan, "The element '%s' needs the attribute '%s'.", n.Name, a.Name)
		}
	}
	if policy {
		names = append(names, "id")
	}
	for i := range n.xml.Attrs {
		x := &n.xml.Attrs[i]
		switch {
		case n.values[x.Name] != nil || n.declared(x.Name):
		case x.Name == "id" && policy:
			n.id(x)
		case strings.HasPrefix(x.Name, "xmlns"):
		default:
			n.unit.errorf(CodeUnknownAttr, x.NameSpan, "The element '%s' has no attribute '%s'%s", n.Name, x.Name, dot(hint(x.Name, names)))
		}
	}
}

func (n *Node) declared(name string) bool {
	for i := range n.spec.Attributes {
		if n.spec.Attributes[i].Name == name {
			return true
		}
	}
	return false
}

func (n *Node) id(x *policyxml.Attr) {
	n.unit.seen = append(n.unit.seen, x.Value.Span)
	if x.Value.Kind == policyxml.Expression {
		n.unit.errorf(CodeNoExpression, x.Value.Span, "No expression may stand in the attribute 'id'.")
	}
}

func (n *Node) attribute(a *Attribute, x *policyxml.Attr) {
	v := &x.Value
	where := fmt.Sprintf("the attribute '%s' of '%s'", a.Name, n.Name)
	want := WantAny
	if a.Typed && a.Type == Boolean {
		want = WantBool
	}
	n.values[a.Name] = n.value(v, where, a.Expression, want)
	if a.Extension && n.APIM() {
		n.unit.report(source.Warning, CodeNotRunnableAPIM, x.NameSpan, "API Management has no attribute '%s' in '%s'; it would refuse the document.", a.Name, n.Name)
	}
	if v.Kind == policyxml.Expression || n.unit.open(v) {
		return
	}
	if problem := a.problem(v.Text); problem != "" {
		n.unit.errorf(CodeAttrValue, v.Span, "The value of %s %s.", where, problem)
	}
}

// open reports whether a literal holds a named value that is not known here, or a placeholder of a template, so that
// nothing can be said of it.
func (u *unit) open(v *policyxml.Value) bool {
	if u.templated(v) {
		return true
	}
	for _, r := range u.doc.Source.Refs {
		if !r.Known && r.Span.Start >= v.Span.Start && r.Span.End <= v.Span.End {
			return true
		}
	}
	return false
}

// problem says what is wrong with a literal value, empty if nothing is.
func (a *Attribute) problem(s string) string {
	trimmed := strings.TrimSpace(s)
	if trimmed == "" && (a.NonEmpty || a.Type != String || a.Enum != nil) {
		return "is empty"
	}
	if a.Enum != nil {
		for _, e := range a.Enum {
			if strings.EqualFold(e, trimmed) {
				return ""
			}
		}
		return "is one of " + strings.Join(a.Enum, ", ") + ", not " + quote(s)
	}
	switch a.Type {
	case Boolean:
		if _, ok := parseBool(s); !ok {
			return "is " + a.Type.String() + ", not " + quote(s)
		}
	case Integer, Number:
		f, ok := parseNumber(s, a.Type == Integer)
		switch {
		case !ok:
			return "is " + a.Type.String() + ", not " + quote(s)
		case (a.Min != 0 || a.Max != 0) && (f < a.Min || a.Max != 0 && f > a.Max):
			return fmt.Sprintf("is between %.0f and %.0f, not %s", a.Min, a.Max, quote(s))
		}
	}
	return ""
}

// quote is a text in quotes, cut where it is long.
func quote(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return "'" + s + "'"
}

// value compiles a value that is an expression and reports one that may not be.
func (n *Node) value(v *policyxml.Value, where string, expression bool, want Want) *value {
	u := n.unit
	u.seen = append(u.seen, v.Span)
	out := &value{xml: v}
	if u.templated(v) {
		u.report(source.Warning, CodeTemplate, v.Span, "In %s stands a placeholder of a template, which is not checked here.", where)
	}
	switch {
	case v.Kind == policyxml.Expression && !expression:
		u.errorf(CodeNoExpression, v.Span, "No expression may stand in %s.", where)
	case v.Kind == policyxml.Expression:
		out.expr = u.expression(v, want)
	case v.Kind == policyxml.Mixed && expression:
		u.report(source.Warning, CodeMixed, v.Span,
			"In %s text and an expression are mixed, which is not evaluated: write one expression that joins them.", where)
	}
	return out
}

// expression compiles the C# of a value.
func (u *unit) expression(v *policyxml.Value, want Want) Expression {
	expr, ds := u.compileCode(v, want)
	chosen := v
	if source.Errors(ds) && v.Decoded != nil {
		if again, others := u.compileCode(v.Decoded, want); !source.Errors(others) || strings.Contains(v.Text, "&quot;") {
			expr, ds, chosen = again, others, v.Decoded
		}
	}
	for _, d := range ds {
		d.Span = chosen.OriginalSpan(d.Span)
		if name, secret := u.doc.Source.Secret(d.Span); secret {
			d.Message = fmt.Sprintf("What the secret named value %q puts in here is no valid C#.", name)
		}
		u.diagnostics = append(u.diagnostics, d)
	}
	if expr != nil {
		u.remarks(chosen, want)
	}
	return expr
}

// remarks adds what API Management would refuse of an expression, where that is wanted. What a secret puts in is not told.
func (u *unit) remarks(v *policyxml.Value, want Want) {
	remarker, ok := u.compiler.language.(Remarker)
	if !ok || !u.options.APIM {
		return
	}
	code, names := u.code(v)
	for _, d := range remarker.Remarks(code, want, names) {
		d.Span = v.OriginalSpan(d.Span)
		if _, secret := u.doc.Source.Secret(d.Span); !secret {
			u.diagnostics = append(u.diagnostics, d)
		}
	}
}

func (u *unit) compileCode(v *policyxml.Value, want Want) (Expression, []source.Diagnostic) {
	code, names := u.code(v)
	return u.compiler.language.Compile(code, want, names)
}

// code is the C# of a value, with the names of the placeholders in it.
func (u *unit) code(v *policyxml.Value) (string, []string) {
	if u.open(v) {
		return placeholders(v.Text)
	}
	return v.Text, nil
}

// placeholders replaces each {{name}} outside of strings and comments by an identifier as long, which the language
// declares as dynamic. Inside of strings a named value is text whatever it is.
func placeholders(code string) (string, []string) {
	var names []string
	out := []byte(code)
	for at := 0; at < len(code); {
		length := referenceLength(code[at:])
		if length == 0 {
			at = syntax.Skip(code, at)
			continue
		}
		name := strings.Repeat("_", length)
		copy(out[at:], name)
		names = append(names, name)
		at += length
	}
	return string(out), names
}

// referenceLength is the length of the {{name}}, or of the template's ${name}, that s begins with, 0 if it begins with neither.
func referenceLength(s string) int {
	if at := interpolation.FindStringIndex(s); at != nil && at[0] == 0 {
		return at[1]
	}
	if !strings.HasPrefix(s, "{{") {
		return 0
	}
	end := strings.Index(s, "}}")
	if end < 3 || strings.ContainsFunc(s[2:end], func(r rune) bool {
		return !(r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_')
	}) {
		return 0
	}
	return end + 2
}

func (n *Node) readText() {
	e, rule := n.xml, n.spec.Text
	if rule == NoText {
		if !n.spec.Policies || !e.Text.Blank() {
			n.unit.noText(e)
		}
		return
	}
	if rule == AnyText && n.isLiquid() { // "@{" is no expression in it
		n.text = &value{xml: &e.Text}
		n.unit.seen = append(n.unit.seen, e.Text.Span)
	} else {
		n.text = n.value(&e.Text, "the text of '"+n.Name+"'", rule != LiteralText, WantAny)
	}
	if rule == AnyText && len(e.Children) > 0 {
		n.text = &value{xml: &policyxml.Value{Text: e.Inner, Span: e.InnerSpan}}
		n.unit.seen = append(n.unit.seen, e.InnerSpan)
	}
}

func (n *Node) readChildren() {
	counts := map[string]int{}
	for _, child := range n.xml.Children {
		spec := n.child(child.Name)
		if spec == nil {
			n.unknownChild(child)
			continue
		}
		counts[child.Name]++
		if spec.Max > 0 && counts[child.Name] > spec.Max {
			n.unit.errorf(CodeTooMany, child.NameSpan, "The element '%s' may hold '%s' %s.", n.Name, child.Name, times(spec.Max))
			continue
		}
		at := n.at
		at.path = fmt.Sprintf("%s/%s[%d]", n.at.path, child.Name, counts[child.Name])
		n.children = append(n.children, n.unit.node(child, spec.Spec, at, false))
	}
	for _, c := range n.spec.Children {
		if counts[c.Spec.Name] < c.Min {
			n.unit.errorf(CodeMissingChild, n.xml.NameSpan, "The element '%s' needs an element '%s'.", n.Name, c.Spec.Name)
		}
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times at most", n)
}

func (n *Node) child(name string) *Child {
	for i := range n.spec.Children {
		if n.spec.Children[i].Spec.Name == name {
			return &n.spec.Children[i]
		}
	}
	return nil
}

func (n *Node) unknownChild(child *policyxml.Element) {
	var names []string
	for _, c := range n.spec.Children {
		names = append(names, c.Spec.Name)
	}
	n.unit.errorf(CodeUnknownChild, child.NameSpan, "The element '%s' holds no '%s'%s", n.Name, child.Name, dot(hint(child.Name, names)))
}

// Has reports whether an attribute is there.
func (n *Node) Has(name string) bool { return n.values[name] != nil }

// Attributes are the names of the declared attributes that are there, in the order of the declaration.
func (n *Node) Attributes() []string {
	var names []string
	for i := range n.spec.Attributes {
		if n.Has(n.spec.Attributes[i].Name) {
			names = append(names, n.spec.Attributes[i].Name)
		}
	}
	return names
}

// Literal is an attribute's literal value without white space at its ends, its default if it is absent.
func (n *Node) Literal(name string) string {
	v := n.values[name]
	if v == nil {
		for i := range n.spec.Attributes {
			if n.spec.Attributes[i].Name == name {
				return n.spec.Attributes[i].Default
			}
		}
		return ""
	}
	return strings.TrimSpace(v.xml.Text)
}

// Text is an attribute that is text.
func (n *Node) Text(name string) Text {
	v := n.values[name]
	if v == nil {
		return Text{Const: n.Literal(name)}
	}
	return Text{Const: v.xml.Text, Expr: v.expr, Set: true}
}

// Bool is a boolean attribute.
func (n *Node) Bool(name string) Bool {
	b := Bool{Set: n.Has(name)}
	if b.Set {
		b.Expr = n.values[name].expr
	}
	if b.Expr == nil {
		b.Const, _ = parseBool(n.Literal(name))
	}
	return b
}

// Float is a numeric attribute.
func (n *Node) Float(name string) Float {
	f := Float{Set: n.Has(name)}
	if f.Set {
		f.Expr = n.values[name].expr
	}
	if f.Expr == nil {
		f.Const, _ = parseNumber(n.Literal(name), false)
	}
	return f
}

// Body is the element's text.
func (n *Node) Body() Text {
	if n.text == nil {
		return Text{}
	}
	return Text{Const: n.text.xml.Text, Expr: n.text.expr, Set: n.text.expr != nil || n.text.xml.Text != ""}
}

// TrimmedBody is Body with the white space around a literal left out.
func (n *Node) TrimmedBody() Text {
	t := n.Body()
	t.Const = strings.TrimSpace(t.Const)
	return t
}

// Children are the child elements, of all names or of one.
func (n *Node) Children(name ...string) []*Node {
	if len(name) == 0 {
		return n.children
	}
	var some []*Node
	for _, c := range n.children {
		if c.Name == name[0] {
			some = append(some, c)
		}
	}
	return some
}

// Child is the first child element of that name, nil if there is none.
func (n *Node) Child(name string) *Node {
	for _, c := range n.children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Block is what the policies inside the element do.
func (n *Node) Block() Block { return n.block }

// APIM reports whether remarks are wanted on what runs here and API Management would refuse.
func (n *Node) APIM() bool { return n.unit.options.APIM }

// Errorf reports that the element is wrong.
func (n *Node) Errorf(code, format string, args ...any) {
	n.unit.errorf(code, n.xml.NameSpan, format, args...)
}

// AttrErrorf reports that an attribute's value is wrong.
func (n *Node) AttrErrorf(name, code, format string, args ...any) {
	span := n.xml.NameSpan
	if a := n.xml.Attr(name); a != nil {
		span = a.Value.Span
	}
	n.unit.errorf(code, span, format, args...)
}

// Warnf remarks on the element without refusing it.
func (n *Node) Warnf(code, format string, args ...any) {
	n.unit.report(source.Warning, code, n.xml.NameSpan, format, args...)
}

// AttrWarnf remarks on an attribute's value without refusing it.
func (n *Node) AttrWarnf(name, code, format string, args ...any) {
	span := n.xml.NameSpan
	if a := n.xml.Attr(name); a != nil {
		span = a.Value.Span
	}
	n.unit.report(source.Warning, code, span, format, args...)
}

// Open reports whether an attribute holds a named value that is not known here, so that its text is not the real one.
func (n *Node) Open(name string) bool {
	a := n.xml.Attr(name)
	return a != nil && n.unit.open(&a.Value)
}

// OpenText is Open for the element's text.
func (n *Node) OpenText() bool { return n.unit.open(&n.xml.Text) }

// Liquid tells that the text is a Liquid template, whose {{ }} are not named values.
func (n *Node) Liquid() { n.unit.liquid = append(n.unit.liquid, n.xml.InnerSpan) }

// Offline reports whether things that the document names may be elsewhere.
func (n *Node) Offline() bool { return n.unit.options.Offline }

// HasCertificate reports whether a certificate entity is there, as far as is known.
func (n *Node) HasCertificate(id string) bool {
	o := &n.unit.options
	if o.HasCertificate == nil {
		return o.Offline
	}
	return o.HasCertificate(id)
}
