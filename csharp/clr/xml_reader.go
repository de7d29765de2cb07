package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// xmlReader is an XmlReader over a text, as XmlReader.Create makes it: white space, comments and instructions are read.
// The text is parsed as a whole when the reader is first moved, so that a text that is malformed anywhere fails there.
type xmlReader struct {
	text *types.String
	doc  *xmlNode
	// at is the node that the reader stands on: the document before the first one and behind the last one. ended tells
	// that it stands on an element's end tag, declared on the XML declaration, eof that nothing is left; attr is the
	// attribute of at that it stands on, from 1.
	at                           *xmlNode
	ended, declared, eof, closed bool
	attr                         int
}

var xmlReaderType = lateType("System.Xml.XmlReader")

// ClrType is XmlReader.
func (*xmlReader) ClrType() *types.Type { return xmlReaderType() }

// The members of XmlNodeType that only a reader has.
const (
	nodeNone        = 0
	nodeAttribute   = 2
	nodeWhitespace  = 13
	nodeEndElement  = 15
	nodeDeclaration = 17
)

// read is Read: to the next node, or false at the end.
func (r *xmlReader) read(t *types.Thread) bool {
	t.Step(1)
	if r.closed || r.eof {
		return false
	}
	r.attr = 0
	if r.doc == nil {
		r.doc = parseXMLDocument(t, r.text, loadPreserve)
		r.at = r.doc
		if r.doc.more.declaration != nil {
			r.declared = true
			return true
		}
	}
	switch descend := r.at.container() && !r.ended; {
	case descend && r.at.first != nil:
		r.at, r.declared = r.at.first, false
		return true
	case descend && r.at.kind == xmlElement && r.at.open:
		r.ended = true // <a></a>
		return true
	}
	return r.leave()
}

// leave goes past the node, whose own nodes have been read or are left out.
func (r *xmlReader) leave() bool {
	r.attr, r.declared = 0, false
	switch {
	case r.at == r.doc:
		r.eof = true
	case r.at.next != nil:
		r.at, r.ended = r.at.next, false
	case r.at.parent == r.doc:
		r.at, r.ended, r.eof = r.doc, false, true
	default:
		r.at, r.ended = r.at.parent, true
	}
	return !r.eof
}

// skip is Skip: past the element and all that is in it.
func (r *xmlReader) skip(t *types.Thread) {
	if r.doc == nil || r.at == r.doc {
		r.read(t)
		return
	}
	r.leave()
}

func (r *xmlReader) onAttribute() *xmlAttr {
	if r.attr == 0 {
		return nil
	}
	return r.at.attrs[r.attr-1]
}

// nothing tells that the reader stands on no node.
func (r *xmlReader) nothing() bool {
	return r.closed || r.eof || r.doc == nil || r.at == r.doc && !r.declared
}

func (r *xmlReader) nodeType() int32 {
	switch {
	case r.nothing():
		return nodeNone
	case r.declared:
		return nodeDeclaration
	case r.attr > 0:
		return nodeAttribute
	case r.ended:
		return nodeEndElement
	case r.at.kind == xmlText && isXMLWhite(r.at.text):
		return nodeWhitespace
	}
	return xmlNodeTypes[r.at.kind]
}

func isXMLWhite(s *types.String) bool { return strings.Trim(s.Go(), " \t\r\n") == "" }

// node is what the reader stands on, for the names that XmlNode has too.
func (r *xmlReader) node() (domNode, bool) {
	if r.nothing() || r.declared {
		return domNode{}, false
	}
	if a := r.onAttribute(); a != nil {
		return domNode{a: a}, true
	}
	return domNode{n: r.at}, true
}

// name is Name, LocalName, Prefix or NamespaceURI; only elements, attributes, instructions and document types have one.
func (r *xmlReader) name(part func(domNode) string) string {
	d, ok := r.node()
	switch {
	case r.declared && !r.nothing():
		return xmlPrefix
	case !ok || d.n != nil && d.n.kind != xmlElement && d.n.kind != xmlPI && d.n.kind != xmlDocType:
		return ""
	}
	return part(d)
}

func (r *xmlReader) value(t *types.Thread) *types.String {
	d, ok := r.node()
	switch {
	case r.declared && !r.nothing():
		return types.NewString(strings.TrimSuffix(strings.TrimPrefix(r.doc.more.declaration.ToStr(t).Go(), "<?xml "), "?>"))
	case !ok || d.n != nil && d.n.kind == xmlElement:
		return types.EmptyString
	case d.a != nil:
		return d.a.value
	case d.n.kind == xmlDocType:
		return orEmpty(d.n.more.subset)
	}
	return orEmpty(d.n.text)
}

func orEmpty(s *types.String) *types.String {
	if s == nil {
		return types.EmptyString
	}
	return s
}

func (r *xmlReader) depth() int32 {
	if r.nothing() || r.declared {
		return 0
	}
	depth := int32(-1)
	for n := r.at; n != r.doc; n = n.parent {
		depth++
	}
	if r.attr > 0 {
		depth++
	}
	return depth
}

func (r *xmlReader) empty() bool { return r.onElement() && r.at.first == nil && !r.at.open }

// onElement tells that the reader stands on a start tag.
func (r *xmlReader) onElement() bool {
	return !r.nothing() && !r.declared && r.attr == 0 && !r.ended && r.at.kind == xmlElement
}

// content is MoveToContent: past comments, instructions and white space, and from an attribute to its element.
func (r *xmlReader) content(t *types.Thread) int32 {
	r.attr = 0
	for {
		switch kind := r.nodeType(); kind {
		case xmlNodeTypes[xmlElement], nodeEndElement, xmlNodeTypes[xmlText], xmlNodeTypes[xmlCData]:
			return kind
		}
		if !r.read(t) {
			return nodeNone
		}
	}
}

// named tells whether the reader stands on the start tag of a name: qualified, or local in a namespace.
func (r *xmlReader) named(x []types.Value) bool {
	return r.onElement() && matchesName(domNode{n: r.at}, x)
}

func matchesName(d domNode, x []types.Value) bool {
	if len(x) == 1 {
		return d.fullName() == goString(x[0].Str())
	}
	return d.localName() == goString(x[0].Str()) && d.uri() == goString(x[1].Str())
}

// following is ReadToFollowing.
func (r *xmlReader) following(t *types.Thread, x []types.Value) bool {
	for r.read(t) {
		if r.named(x) {
			return true
		}
	}
	return false
}

// descendant is ReadToDescendant: to an element of the name below; where there is none, to the end tag.
func (r *xmlReader) descendant(t *types.Thread, x []types.Value) bool {
	switch {
	case r.doc == nil || r.at == r.doc:
		return r.following(t, x)
	case !r.onElement() || r.empty():
		return false
	}
	top := r.at
	for r.read(t) && (r.at != top || !r.ended) {
		if r.named(x) {
			return true
		}
	}
	return false
}

// sibling is ReadToNextSibling: where there is none, to the parent's end tag.
func (r *xmlReader) sibling(t *types.Thread, x []types.Value) bool {
	for !r.nothing() {
		last := r.at.next == nil
		if r.skip(t); r.named(x) {
			return true
		}
		if last || r.eof {
			return false
		}
	}
	return false
}

// attribute finds an attribute by its qualified name, or by local name and namespace; 0 if there is none.
func (r *xmlReader) attribute(x []types.Value) int {
	if r.nothing() || r.declared || r.ended || r.at.kind != xmlElement {
		return 0
	}
	for i, a := range r.at.attrs {
		if matchesName(domNode{a: a}, x) {
			return i + 1
		}
	}
	return 0
}

// elementText is ReadElementContentAsString: what the element says; the reader goes past its end tag.
func (r *xmlReader) elementText(t *types.Thread) *types.String {
	if !r.onElement() {
		r.refuse("The ReadElementContentAsString method is not supported on node type " + readerNodeName(r.nodeType()) + ".")
	}
	for c := r.at.first; c != nil; c = c.next {
		if c.kind == xmlElement {
			throwXML("ReadElementContentAs() methods cannot be called on an element that has child elements.")
		}
	}
	s := r.at.textValue(t)
	r.leave()
	return s
}

// refuse raises an InvalidOperationException.
func (r *xmlReader) refuse(message string) { types.Throw(types.InvalidOperationException, message) }

// readerNodeName is the name of a member of XmlNodeType.
func readerNodeName(kind int32) string {
	switch kind {
	case nodeAttribute:
		return "Attribute"
	case nodeWhitespace:
		return "Whitespace"
	case nodeEndElement:
		return "EndElement"
	case nodeDeclaration:
		return "XmlDeclaration"
	}
	for i, k := range xmlNodeTypes {
		if k == kind {
			return xmlNodeTypeNames[i]
		}
	}
	return "None"
}

// startElement is ReadStartElement, endElement ReadEndElement.
func (r *xmlReader) startElement(t *types.Thread, x []types.Value) {
	switch kind := r.content(t); {
	case kind != xmlNodeTypes[xmlElement]:
		throwXML("'" + readerNodeName(kind) + "' is an invalid XmlNodeType.")
	case len(x) > 0 && !r.named(x):
		throwXML("Element '" + goString(x[0].Str()) + "' was not found.")
	}
	r.read(t)
}

func (r *xmlReader) endElement(t *types.Thread) {
	if kind := r.content(t); kind != nodeEndElement {
		throwXML("'" + readerNodeName(kind) + "' is an invalid XmlNodeType.")
	}
	r.leave()
}

// take is the node that XNode.ReadFrom gives: a copy of what the reader stands on, which it goes past.
func (r *xmlReader) take(t *types.Thread) *xmlNode {
	switch kind := r.nodeType(); kind {
	case nodeNone:
		r.refuse("The XmlReader state should be Interactive.")
	case nodeEndElement, nodeDeclaration, nodeAttribute:
		r.refuse("The XmlReader should not be on a node of type " + readerNodeName(kind) + ".")
	}
	n := r.at.clone(t)
	r.leave()
	return n
}

// rest is the document that Load reads: all of it, or the element that the reader stands on, which must be the last.
func (r *xmlReader) rest(t *types.Thread, options int32) *xmlNode {
	if r.doc == nil {
		r.doc = parseXMLDocument(t, r.text, options)
		r.at, r.eof = r.doc, true
		return r.doc
	}
	if kind := r.content(t); kind != xmlNodeTypes[xmlElement] {
		r.refuse("The XmlReader must be on a node of type Element instead of a node of type " + readerNodeName(kind) + ".")
	}
	root := r.take(t)
	if r.content(t) != nodeNone {
		r.refuse("The XmlReader state should be EndOfFile after this operation.")
	}
	if options&loadPreserve == 0 {
		dropWhite(t, root)
	}
	doc := &xmlNode{kind: xmlDocument, more: &xmlMore{}}
	doc.link(root, nil)
	return doc
}

// dropWhite removes the texts of white space alone that stand below n.
func dropWhite(t *types.Thread, n *xmlNode) {
	for c := n.first; c != nil; {
		t.Step(1)
		next := c.next
		switch {
		case c.kind == xmlText && isXMLWhite(c.text):
			c.remove()
		case c.kind == xmlElement:
			dropWhite(t, c)
		}
		c = next
	}
}
