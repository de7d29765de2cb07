package policy

import (
	"fmt"
	"sort"
	"strings"

	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/source"
)

// Compiler knows the policy elements and the language of expressions. It is immutable and safe for concurrent use.
type Compiler struct {
	elements map[string]*Element
	names    []string
	language Language
}

// NewCompiler makes a compiler of the elements declared; base needs no declaration.
func NewCompiler(elements []*Element, language Language) *Compiler {
	c := &Compiler{elements: map[string]*Element{}, language: language}
	for _, e := range elements {
		c.elements[e.Name] = e
		c.names = append(c.names, e.Name)
	}
	for _, n := range known {
		if c.elements[n] == nil {
			c.names = append(c.names, n)
		}
	}
	sort.Strings(c.names)
	return c
}

// Elements are the declared elements by name.
func (c *Compiler) Elements() []*Element {
	var all []*Element
	for _, n := range c.names {
		if e := c.elements[n]; e != nil {
			all = append(all, e)
		}
	}
	return all
}

// Fragment is the text of a policy fragment.
type Fragment struct {
	Text   string
	Format policyxml.Format
}

// CheckOptions say in what surroundings a document is checked or compiled.
type CheckOptions struct {
	// Format is the document's; zero: policyxml.Auto.
	Format policyxml.Format
	// Scope is where the document stands; nil: any scope that allows an element will do.
	Scope *Scope
	// Offline takes names that are not known for things that are elsewhere: a named value gives a warning, and
	// fragments, backends and certificates are not looked for where their finder is nil. Otherwise an unknown name is an
	// error.
	Offline bool
	// NamedValues finds what stands for {{name}}; nil: none is known.
	NamedValues func(name string) (policyxml.NamedValue, bool)
	// Fragments finds a policy fragment by id; nil: none is known.
	Fragments func(id string) (Fragment, bool)
	// HasCertificate tells whether there is a certificate entity of that id; nil: none is known.
	HasCertificate func(id string) bool
	// APIM adds warnings for what runs here and API Management would refuse.
	APIM bool
}

// Document is a compiled policy document of one scope. It is immutable.
type Document struct {
	// Scope is where it stands.
	Scope Scope
	// Sections are the steps; <base/> is still to be linked.
	Sections [4]Block
}

// Check checks a policy document or fragment. Spans are offsets in text. See source.Errors.
func (c *Compiler) Check(name, text string, o CheckOptions) []source.Diagnostic {
	_, ds := c.compile(name, text, o)
	return ds
}

// Compile compiles the policy document of a scope. The Document is nil exactly if a diagnostic is an error.
func (c *Compiler) Compile(name, text string, scope Scope, o CheckOptions) (*Document, []source.Diagnostic) {
	o.Scope = &scope
	d, ds := c.compile(name, text, o)
	if source.Errors(ds) {
		return nil, ds
	}
	return d, ds
}

func (c *Compiler) compile(name, text string, o CheckOptions) (*Document, []source.Diagnostic) {
	d, ds := c.compileAs(name, text, o)
	if o.Format == policyxml.Auto && source.Errors(ds) && strings.Contains(text, "&") {
		// Code with entities may have been read literally and still be balanced: try the other reading of the whole.
		o.Format = policyxml.XML
		if again, others := c.compileAs(name, text, o); !source.Errors(others) {
			return again, others
		}
	}
	return d, ds
}

func (c *Compiler) compileAs(name, text string, o CheckOptions) (*Document, []source.Diagnostic) {
	doc, ds := policyxml.Parse(name, text, policyxml.Options{
		Format: o.Format, NamedValues: o.NamedValues, MaxBytes: policyxml.MaxFragmentBytes,
	})
	if doc == nil {
		return nil, ds
	}
	u := &unit{compiler: c, options: o, doc: doc, name: name, diagnostics: ds}
	d := u.document()
	u.references()
	u.bareQuotes()
	sort.SliceStable(u.diagnostics, func(i, j int) bool { return u.diagnostics[i].Span.Start < u.diagnostics[j].Span.Start })
	return d, u.diagnostics
}

// unit is the compilation of one text.
type unit struct {
	compiler *Compiler
	options  CheckOptions
	doc      *policyxml.Document
	name     string
	// fragment tells that the text is a fragment.
	fragment    bool
	diagnostics []source.Diagnostic
	// bases counts <base/>.
	bases int
	// liquid are places whose {{ }} are not named values.
	liquid []source.Span
	// seen are the values that were read: a reference elsewhere (in a comment) is none.
	seen []source.Span
}

// maxBases bounds <base/> in one document, since each stands for what the documents of the scopes above do: four in
// each section are more than anybody writes.
const maxBases = 16

func (u *unit) report(severity source.Severity, code string, span source.Span, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if name, secret := u.doc.Source.Secret(span); secret && severity == source.Error {
		message = fmt.Sprintf("What the secret named value %q puts in here is not valid.", name)
	}
	u.diagnostics = append(u.diagnostics, source.Diagnostic{Code: code, Severity: severity, Message: message, Span: span})
}

func (u *unit) errorf(code string, span source.Span, format string, args ...any) {
	u.report(source.Error, code, span, format, args...)
}

// document compiles the root.
func (u *unit) document() *Document {
	root := u.doc.Root
	d := &Document{}
	if u.options.Scope != nil {
		d.Scope = *u.options.Scope
	}
	switch root.Name {
	case "policies":
		if size := len(u.doc.Source.User.Content); size > policyxml.DefaultMaxBytes {
			u.errorf(policyxml.CodeTooLarge, root.NameSpan, "The document has %d bytes; at most %d are taken.", size, policyxml.DefaultMaxBytes)
			return d
		}
		u.sections(d, root)
	case "fragment":
		u.fragment = true
		u.noAttributes(root)
		u.noText(root)
		u.policies(root, standing{scope: d.Scope, anySection: true})
	default:
		u.errorf(CodeRoot, root.NameSpan, "The root element is 'policies' or 'fragment', not '%s'.", root.Name)
	}
	return d
}

func (u *unit) sections(d *Document, root *policyxml.Element) {
	u.noAttributes(root)
	u.noText(root)
	var seen Sections
	for _, e := range root.Children {
		section, ok := sectionByName(e.Name)
		if !ok {
			u.errorf(CodeSection, e.NameSpan, "'%s' is no section of a policy document%s", e.Name, dot(hint(e.Name, sectionNames[:])))
			continue
		}
		if seen.Has(section) {
			u.errorf(CodeSection, e.NameSpan, "The section '%s' stands twice.", e.Name)
		}
		seen |= 1 << section
		u.noAttributes(e)
		u.noText(e)
		if section == Backend && len(e.Children) > 1 {
			u.errorf(CodeBackendOne, e.Children[1].NameSpan, "The section 'backend' holds one policy; '%s' is a second one.", e.Children[1].Name)
		}
		d.Sections[section] = u.policies(e, standing{scope: d.Scope, section: section})
	}
}

func sectionByName(name string) (Section, bool) {
	for i, n := range sectionNames {
		if n == name {
			return Section(i), true
		}
	}
	return Inbound, false
}

// dot ends a sentence that a hint may already have ended.
func dot(s string) string {
	if s == "" {
		return "."
	}
	return s
}

func (u *unit) noAttributes(e *policyxml.Element) {
	for _, a := range e.Attrs {
		if !strings.HasPrefix(a.Name, "xmlns") {
			u.errorf(CodeUnknownAttr, a.NameSpan, "The element '%s' has no attribute '%s'.", e.Name, a.Name)
		}
	}
}

func (u *unit) noText(e *policyxml.Element) {
	switch {
	case e.Text.Blank():
	case u.options.Offline && strings.TrimSpace(directives.ReplaceAllString(e.Text.Text, "")) == "":
		u.report(source.Warning, CodeTemplate, textSpan(e), "In the element '%s' stand directives of a template: what they leave out or add is not checked here.", e.Name)
	default:
		u.errorf(CodeText, textSpan(e), "The element '%s' holds no text.", e.Name)
	}
}

// textSpan is where the text of an element begins, white space left out.
func textSpan(e *policyxml.Element) source.Span {
	trimmed := strings.TrimLeft(e.Text.Text, " \t\r\n")
	at := e.Text.Original(len(e.Text.Text) - len(trimmed))
	return source.Span{Start: at, End: max(at, e.Text.Span.End)}
}

// standing is where policies stand.
type standing struct {
	scope   Scope
	section Section
	// anySection is set in a fragment that is checked by itself.
	anySection bool
	// path is LastError.Path of what stands around, with a slash at its end.
	path string
}

// policies compiles the policy elements inside e.
func (u *unit) policies(e *policyxml.Element, at standing) Block {
	var block Block
	counts := map[string]int{}
	for _, child := range e.Children {
		counts[child.Name]++
		here := at
		here.path = fmt.Sprintf("%s%s[%d]", at.path, child.Name, counts[child.Name])
		op, ok := u.policy(child, here, counts[child.Name])
		if ok {
			block = append(block, op)
		}
	}
	return block
}

func (u *unit) place(e *policyxml.Element, at standing) *Place {
	where := u.doc.Source.User.Position(e.Span.Start)
	p := &Place{Element: e.Name, Scope: at.scope, Section: at.section, Path: at.path, Document: u.name, Line: where.Line, Column: where.Column}
	if id := e.Attr("id"); id != nil {
		p.ID = id.Value.Text
	}
	return p
}

// policy compiles one policy element. ok is false if it has no step.
func (u *unit) policy(e *policyxml.Element, at standing, count int) (op Op, ok bool) {
	if e.Name == "base" {
		return u.base(e, at)
	}
	decl := u.compiler.elements[e.Name]
	if decl == nil {
		u.unknown(e)
		return Op{}, false
	}
	if at.anySection && !decl.Sections.Has(at.section) {
		at.section = first(decl.Sections)
	}
	u.allowed(e, decl, at, count)
	before := len(u.diagnostics)
	n := u.node(e, &decl.Spec, at, true)
	if source.Errors(u.diagnostics[before:]) {
		return Op{}, false
	}
	step := decl.Compile(n)
	if step == nil {
		return Op{}, false
	}
	return Op{Step: step, At: u.place(e, at)}, true
}

func first(set Sections) Section {
	for s := Inbound; s < OnError; s++ {
		if set.Has(s) {
			return s
		}
	}
	return OnError
}

func (u *unit) unknown(e *policyxml.Element) {
	if Known(e.Name) {
		why := waiting[e.Name]
		if why != "" {
			why = ": " + why
		}
		u.errorf(CodeUnsupported, e.NameSpan, "The policy '%s' is not supported yet%s.", e.Name, why)
		return
	}
	u.errorf(CodeUnknownElement, e.NameSpan, "There is no policy '%s'%s", e.Name, dot(hint(e.Name, u.compiler.names)))
}

// allowed checks section, scope and number.
func (u *unit) allowed(e *policyxml.Element, decl *Element, at standing, count int) {
	if !at.anySection && !decl.Sections.Has(at.section) {
		u.errorf(CodeWrongSection, e.NameSpan, "The policy '%s' may not stand in '%s'; it may in %s.", e.Name, at.section, decl.Sections)
	}
	if u.options.Scope != nil && !decl.Scopes.Has(at.scope) {
		u.errorf(CodeWrongScope, e.NameSpan, "The policy '%s' may not stand at %s scope; it may at %s.", e.Name, at.scope, decl.Scopes)
	}
	if decl.Once && count > 1 {
		u.errorf(CodeOnce, e.NameSpan, "The policy '%s' may stand once in a section.", e.Name)
	}
}

// base compiles <base/>.
func (u *unit) base(e *policyxml.Element, at standing) (Op, bool) {
	u.bases++
	switch {
	case u.fragment:
		u.errorf(CodeFragment, e.NameSpan, "'base' may not stand in a fragment.")
		return Op{}, false
	case u.options.Scope != nil && at.scope == Global:
		u.errorf(CodeWrongScope, e.NameSpan, "The policy 'base' may not stand at global scope: there is no scope above it.")
	case u.bases > maxBases:
		u.errorf(CodeTooMany, e.NameSpan, "A document may hold 'base' %d times.", maxBases)
		return Op{}, false
	}
	u.node(e, &Spec{Name: "base"}, at, true)
	place := u.place(e, at)
	scope, section := at.scope, at.section
	step := func(x *Run) error { return x.inherit(scope, section) }
	return Op{Step: step, At: place, base: true}, true
}

// references reports the named values that are not known.
func (u *unit) references() {
	for _, r := range u.doc.Source.Refs {
		if r.Known || u.inside(r.Span, u.liquid) || !u.inside(r.Span, u.seen) {
			continue
		}
		if u.options.Offline {
			u.report(source.Warning, CodeNamedValue, r.Span, "The named value '%s' is not known here.", r.Name)
			continue
		}
		u.errorf(CodeNamedValue, r.Span, "There is no named value '%s'.", r.Name)
	}
}

// bareQuotes remarks on quotes inside quoted attributes, which the documentation has and the service refuses.
func (u *unit) bareQuotes() {
	if !u.options.APIM {
		return
	}
	for _, span := range u.doc.BareQuotes() {
		u.report(source.Warning, CodeNotRunnableAPIM, span, "API Management wants this quote written as &quot;.")
	}
}

func (u *unit) inside(s source.Span, spans []source.Span) bool {
	for _, o := range spans {
		if s.Start >= o.Start && s.End <= o.End {
			return true
		}
	}
	return false
}
