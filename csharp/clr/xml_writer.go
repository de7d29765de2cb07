package clr

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// xmlBinding is a prefix bound to a namespace.
type xmlBinding struct {
	prefix, uri string
	// state is what the writer has done about it: nothing to do, still to write, written.
	state byte
}

const (
	bindingImplied byte = iota
	bindingToWrite
	bindingWritten
)

// xmlScope is an element that is open in the writer.
type xmlScope struct {
	name          string
	bindings      int
	declared      int
	mixed         bool
	startTagOpen  bool
	contentLength int
}

// xmlWriter writes nodes as .NET's XmlWriter does. It writes no XML declaration by itself.
type xmlWriter struct {
	t      *types.Thread
	b      strings.Builder
	indent bool
	// omitDuplicates leaves out declarations of what is declared already.
	omitDuplicates bool
	// bound are the prefixes as the writer knows them, declared those that elements being written declare.
	bound    []xmlBinding
	declared []xmlBinding
	scopes   []xmlScope
	// mixed: text has been written in the element that is open, so that nothing is indented. textEnd is the length at which text ended last.
	mixed   bool
	textEnd int
	charged int
}

func newXMLWriter(t *types.Thread, indent, omitDuplicates bool) *xmlWriter {
	return &xmlWriter{t: t, indent: indent, omitDuplicates: omitDuplicates,
		bound: []xmlBinding{{prefix: xmlnsName, uri: xmlnsURI}, {prefix: xmlPrefix, uri: xmlURI}, {}}}
}

// result is what has been written.
func (w *xmlWriter) result() string {
	w.charge()
	return w.b.String()
}

// charge counts what has been written since the last call.
func (w *xmlWriter) charge() {
	w.t.Alloc(int64(w.b.Len() - w.charged))
	w.charged = w.b.Len()
}

// node writes a node with all it holds; of a document, its nodes.
func (w *xmlWriter) node(n *xmlNode) {
	if n.kind == xmlDocument {
		for c := n.first; c != nil; c = c.next {
			w.node(c)
		}
		return
	}
	if n.kind != xmlElement {
		w.leaf(n)
		return
	}
	w.ancestors(n)
	for c := n; ; {
		w.t.Step(1)
		w.charge()
		switch {
		case c.kind != xmlElement:
			w.leaf(c)
		case c.first != nil:
			w.startElement(c)
			c = c.first
			continue
		default:
			w.startElement(c)
			w.endElement(c.open)
		}
		for c != n && c.next == nil {
			c = c.parent
			w.endElement(true)
		}
		if c == n {
			return
		}
		c = c.next
	}
}

// ancestors takes over what the elements around n declare, the nearest last.
func (w *xmlWriter) ancestors(n *xmlNode) {
	w.declared = w.declared[:0]
	for p := n.parent; p != nil; p = p.parent {
		for _, a := range p.attrs {
			if a.declares() {
				w.declared = append(w.declared, xmlBinding{prefix: a.prefix(), uri: a.value.Go()})
			}
		}
	}
	for i, j := 0, len(w.declared)-1; i < j; i, j = i+1, j-1 {
		w.declared[i], w.declared[j] = w.declared[j], w.declared[i]
	}
}

// declaredPrefix finds the prefix that is declared for a namespace, the latest that no later one hides; an attribute cannot use the empty prefix.
func (w *xmlWriter) declaredPrefix(uri string, attribute bool) (string, bool) {
	if uri == "" {
		return "", true
	}
next:
	for i := len(w.declared) - 1; i >= 0; i-- {
		d := w.declared[i]
		if d.uri != uri || attribute && d.prefix == "" {
			continue
		}
		for _, later := range w.declared[i+1:] {
			if later.prefix == d.prefix {
				continue next
			}
		}
		return d.prefix, true
	}
	switch uri {
	case xmlURI:
		return xmlPrefix, true
	case xmlnsURI:
		return xmlnsName, true
	}
	return "", false
}

// lookup is the index of the latest binding of a prefix, −1 if there is none.
func (w *xmlWriter) lookup(prefix string) int {
	for i := len(w.bound) - 1; i >= 0; i-- {
		if w.bound[i].prefix == prefix {
			return i
		}
	}
	return -1
}

// boundPrefix is the writer's own prefix of a namespace.
func (w *xmlWriter) boundPrefix(uri string) (string, bool) {
	for i := len(w.bound) - 1; i >= 0; i-- {
		if b := w.bound[i]; b.uri == uri && w.lookup(b.prefix) == i {
			return b.prefix, true
		}
	}
	return "", false
}

func (w *xmlWriter) scope() *xmlScope { return &w.scopes[len(w.scopes)-1] }

// bindImplicit makes sure that a prefix which a name uses is bound.
func (w *xmlWriter) bindImplicit(prefix, uri string) {
	state := bindingToWrite
	if i := w.lookup(prefix); i >= 0 {
		if i >= w.scope().bindings {
			if w.bound[i].uri != uri {
				throwRedefined(prefix, w.bound[i].uri, uri)
			}
			return
		}
		if w.bound[i].uri == uri {
			state = bindingImplied
		}
	}
	w.bound = append(w.bound, xmlBinding{prefix, uri, state})
}

// bindExplicit notes a declaration that stands among the attributes and reports whether it is to be written.
func (w *xmlWriter) bindExplicit(prefix, uri string) bool {
	write := true
	if i := w.lookup(prefix); i >= 0 {
		if i >= w.scope().bindings {
			if w.bound[i].uri != uri {
				throwRedefined(prefix, w.bound[i].uri, uri)
			}
			if w.bound[i].state == bindingWritten {
				name := xmlnsName
				if prefix != "" {
					name += ":" + prefix
				}
				throwXML("'" + name + "' is a duplicate attribute name.")
			}
			write = !w.omitDuplicates || w.bound[i].state == bindingToWrite
			w.bound[i].state = bindingWritten
			return write
		}
		write = !(w.omitDuplicates && w.bound[i].uri == uri)
	}
	w.bound = append(w.bound, xmlBinding{prefix, uri, bindingWritten})
	return write
}

func throwRedefined(prefix, from, to string) {
	throwXML("The prefix '" + prefix + "' cannot be redefined from '" + from + "' to '" + to + "' within the same start element tag.")
}

// generated is a prefix that nothing is bound to.
func (w *xmlWriter) generated() string {
	base := "p" + strconv.Itoa(len(w.bound)-3)
	name := base
	for i := 0; w.lookup(name) >= 0; i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

func (w *xmlWriter) startElement(n *xmlNode) {
	declared := len(w.declared)
	for _, a := range n.attrs {
		if a.declares() {
			w.declared = append(w.declared, xmlBinding{prefix: a.prefix(), uri: a.value.Go()})
		}
	}
	uri := n.name.ns.text()
	prefix, ok := w.declaredPrefix(uri, false)
	if !ok {
		prefix, _ = w.boundPrefix(uri)
	}
	name := n.name.local.Go()
	if prefix != "" {
		name = prefix + ":" + name
	}
	w.openTag(name, declared)
	w.bindImplicit(prefix, uri)
	for _, a := range n.attrs {
		w.attribute(a)
	}
}

// openTag begins a start tag.
func (w *xmlWriter) openTag(name string, declared int) {
	w.closeStartTag()
	w.newLine(true)
	w.scopes = append(w.scopes, xmlScope{name: name, bindings: len(w.bound), declared: declared, mixed: w.mixed, startTagOpen: true})
	w.b.WriteByte('<')
	w.b.WriteString(name)
}

// newLine starts an indented line before markup, unless text stands around it or nothing before it.
func (w *xmlWriter) newLine(markup bool) {
	if !w.indent || w.mixed || markup && w.textEnd == w.b.Len() {
		return
	}
	w.b.WriteByte('\n')
	for range w.scopes {
		w.b.WriteString("  ")
	}
}

func (w *xmlWriter) attribute(a *xmlAttr) {
	uri, local := a.name.ns.text(), a.name.local.Go()
	prefix, ok := w.declaredPrefix(uri, true)
	if uri == "" && local == xmlnsName || prefix == xmlnsName {
		w.declaration(a, local)
		return
	}
	if !ok {
		prefix, _ = w.boundPrefix(uri)
	}
	if uri != "" && prefix == "" {
		prefix = w.generated()
	}
	if prefix != "" && prefix != xmlPrefix {
		if i := w.lookup(prefix); i >= w.scope().bindings && w.bound[i].uri != uri {
			prefix = w.generated()
		}
		w.bindImplicit(prefix, uri)
	}
	if prefix != "" {
		local = prefix + ":" + local
	}
	w.writeAttribute(local, a.value.Go())
}

// declaration writes a namespace declaration.
func (w *xmlWriter) declaration(a *xmlAttr, local string) {
	prefix, name := "", xmlnsName
	if a.name.ns.uri.Len() > 0 {
		prefix, name = local, xmlnsName+":"+local
	}
	if w.bindExplicit(prefix, a.value.Go()) {
		w.writeAttribute(name, a.value.Go())
	}
}

func (w *xmlWriter) writeAttribute(name, value string) {
	w.b.WriteByte(' ')
	w.b.WriteString(name)
	w.b.WriteString(`="`)
	w.escape(value, true)
	w.b.WriteByte('"')
}

// closeStartTag ends the start tag that is open, if one is: what has been bound implicitly is declared first.
func (w *xmlWriter) closeStartTag() {
	if w.declareRest() {
		w.b.WriteByte('>')
		w.scope().contentLength = w.b.Len()
	}
}

// declareRest writes the declarations that the open start tag still needs; false if none is open.
func (w *xmlWriter) declareRest() bool {
	if len(w.scopes) == 0 || !w.scope().startTagOpen {
		return false
	}
	s := w.scope()
	s.startTagOpen = false
	for i := len(w.bound) - 1; i >= s.bindings; i-- {
		if b := w.bound[i]; b.state == bindingToWrite {
			name := xmlnsName
			if b.prefix != "" {
				name += ":" + b.prefix
			}
			w.writeAttribute(name, b.uri)
		}
	}
	if len(w.scopes) == 1 {
		w.mixed = false
	} else {
		w.mixed = s.mixed
	}
	return true
}

// endElement closes the element that is open, with an end tag if full or if it has content.
func (w *xmlWriter) endElement(full bool) {
	s := *w.scope()
	if s.startTagOpen && !full {
		w.declareRest()
		w.b.WriteString(" />")
	} else {
		w.closeStartTag()
		s = *w.scope()
	}
	w.scopes = w.scopes[:len(w.scopes)-1]
	if !s.startTagOpen {
		if w.b.Len() != s.contentLength {
			w.newLine(true)
		}
		w.b.WriteString("</")
		w.b.WriteString(s.name)
		w.b.WriteByte('>')
	}
	w.mixed = s.mixed
	w.bound, w.declared = w.bound[:s.bindings], w.declared[:s.declared]
}
