package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// xmlKind says which class of node it is.
type xmlKind uint8

const (
	xmlElement xmlKind = iota
	xmlText
	xmlCData
	xmlComment
	xmlPI
	xmlDocument
	xmlDocType
)

var xmlKindTypes = [...]func() *types.Type{
	lateType(xlinqNS + "XElement"), lateType(xlinqNS + "XText"), lateType(xlinqNS + "XCData"), lateType(xlinqNS + "XComment"),
	lateType(xlinqNS + "XProcessingInstruction"), lateType(xlinqNS + "XDocument"), lateType(xlinqNS + "XDocumentType"),
}

// xmlNodeTypes are the numbers and names of XmlNodeType by kind.
var (
	xmlNodeTypes     = [...]int32{1, 3, 4, 8, 7, 9, 10}
	xmlNodeTypeNames = [...]string{"Element", "Text", "CDATA", "Comment", "ProcessingInstruction", "Document", "DocumentType"}
)

// xmlNode is an XNode of any kind.
type xmlNode struct {
	kind xmlKind
	// open: an element or document without nodes whose content is the empty string, so that it is written with an end tag.
	open                            bool
	parent, prev, next, first, last *xmlNode
	// name is an element's name, attrs are its attributes.
	name  *xmlName
	attrs []*xmlAttr
	// text is what texts, CDATA sections and comments say, and a processing instruction's data.
	text *types.String
	more *xmlMore
}

// xmlMore is what few nodes have.
type xmlMore struct {
	// target is a processing instruction's target or a document type's name.
	target *types.String
	// public, system and subset are a document type's.
	public, system, subset *types.String
	declaration            *xmlDeclaration
	// preserve is XmlDocument.PreserveWhitespace.
	preserve bool
	notes    []any
}

// ClrType is the node's class.
func (n *xmlNode) ClrType() *types.Type { return xmlKindTypes[n.kind]() }

// xmlAttr is an XAttribute.
type xmlAttr struct {
	parent *xmlNode
	name   *xmlName
	value  *types.String
	notes  []any
}

var xattributeType = lateType(xlinqNS + "XAttribute")

// ClrType is XAttribute.
func (*xmlAttr) ClrType() *types.Type { return xattributeType() }

// declares reports a namespace declaration.
func (a *xmlAttr) declares() bool {
	if a.name.ns.uri.Len() == 0 {
		return a.name.local.Go() == xmlnsName
	}
	return a.name.ns.text() == xmlnsURI
}

// prefix is the prefix that a namespace declaration declares.
func (a *xmlAttr) prefix() string {
	if a.name.ns.uri.Len() == 0 {
		return ""
	}
	return a.name.local.Go()
}

func newXMLText(s *types.String) *xmlNode { return &xmlNode{kind: xmlText, text: s} }

func (n *xmlNode) container() bool { return n.kind == xmlElement || n.kind == xmlDocument }

// top is the root of the tree that n belongs to.
func (n *xmlNode) top() *xmlNode {
	for n.parent != nil {
		n = n.parent
	}
	return n
}

// root is a document's element.
func (n *xmlNode) root() *xmlNode {
	for c := n.first; c != nil; c = c.next {
		if c.kind == xmlElement {
			return c
		}
	}
	return nil
}

// after is the node that follows n in document order within the tree of root, past n's own nodes where skip; nil at the end.
func (n *xmlNode) after(root *xmlNode, skip bool) *xmlNode {
	if !skip && n.first != nil {
		return n.first
	}
	for n != root {
		if n.next != nil {
			return n.next
		}
		if n.parent == nil {
			types.ThrowNullReference() // it was taken out of the tree while the tree was walked
		}
		n = n.parent
	}
	return nil
}

// link puts n, which has no parent, into p after previous, or first where that is nil.
func (p *xmlNode) link(n, previous *xmlNode) {
	n.parent, n.prev = p, previous
	if previous == nil {
		n.next, p.first = p.first, n
	} else {
		n.next, previous.next = previous.next, n
	}
	if n.next == nil {
		p.last = n
	} else {
		n.next.prev = n
	}
	p.open = false
}

// unlink takes n out of its parent.
func (n *xmlNode) unlink() {
	p := n.parent
	if n.prev == nil {
		p.first = n.next
	} else {
		n.prev.next = n.next
	}
	if n.next == nil {
		p.last = n.prev
	} else {
		n.next.prev = n.prev
	}
	n.parent, n.prev, n.next = nil, nil, nil
}

// remove is XNode.Remove.
func (n *xmlNode) remove() {
	if n.parent == nil {
		types.Throw(types.InvalidOperationException, "The parent is missing.")
	}
	n.unlink()
}

func (p *xmlNode) removeNodes(t *types.Thread) {
	for p.first != nil {
		t.Step(1)
		p.first.unlink()
	}
	p.open = false
}

func (p *xmlNode) removeAttributes() {
	for _, a := range p.attrs {
		a.parent = nil
	}
	p.attrs = nil
}

// attribute finds an attribute; nil if there is none.
func (p *xmlNode) attribute(name *xmlName) *xmlAttr {
	for _, a := range p.attrs {
		if a.name.same(name) {
			return a
		}
	}
	return nil
}

// index is the place of an attribute in its element, -1 if it is in none.
func (a *xmlAttr) index() int {
	if a.parent != nil {
		for i, b := range a.parent.attrs {
			if a == b {
				return i
			}
		}
	}
	return -1
}

func (a *xmlAttr) remove() {
	i := a.index()
	if i < 0 {
		types.Throw(types.InvalidOperationException, "The parent is missing.")
	}
	p := a.parent
	p.attrs = append(append(make([]*xmlAttr, 0, len(p.attrs)), p.attrs[:i]...), p.attrs[i+1:]...)
	a.parent = nil
}

func (p *xmlNode) appendAttr(a *xmlAttr) {
	a.parent = p
	p.attrs = append(p.attrs, a)
}

// copyShallow copies a node without its parent and nodes.
func (n *xmlNode) copyShallow() *xmlNode {
	c := &xmlNode{kind: n.kind, open: n.open, name: n.name, text: n.text}
	if n.more != nil {
		m := *n.more
		m.notes = nil
		if m.declaration != nil {
			d := *m.declaration
			m.declaration = &d
		}
		c.more = &m
	}
	for _, a := range n.attrs {
		c.appendAttr(&xmlAttr{name: a.name, value: a.value})
	}
	return c
}

// clone copies a node with all it holds.
func (n *xmlNode) clone(t *types.Thread) *xmlNode {
	top := n.copyShallow()
	at := top
	from := n
	for {
		t.Step(1)
		t.Alloc(128)
		if from.first != nil {
			from = from.first
			c := from.copyShallow()
			at.link(c, at.last)
			at = c
			continue
		}
		for from != n && from.next == nil {
			from, at = from.parent, at.parent
		}
		if from == n {
			return top
		}
		from, at = from.next, at.parent
		c := from.copyShallow()
		at.link(c, at.last)
		at = c
	}
}

// textValue is XElement.Value: all text below n.
func (n *xmlNode) textValue(t *types.Thread) *types.String {
	if n.first == nil {
		return types.EmptyString
	}
	if n.first == n.last && n.first.kind == xmlText {
		return n.first.text
	}
	var parts []*types.String
	var b strings.Builder
	for c := n.first; c != nil; c = c.after(n, false) {
		t.Step(1)
		if c.kind == xmlText || c.kind == xmlCData {
			parts = append(parts, c.text)
			t.Alloc(int64(c.text.Len()))
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	for _, p := range parts {
		b.WriteString(p.Go())
	}
	if strings.Contains(b.String(), "\xED") {
		return types.ConcatStrings(parts...) // there may be surrogates to join
	}
	return types.NewString(b.String())
}

// extra is n.more, made if need be.
func (n *xmlNode) extra() *xmlMore {
	if n.more == nil {
		n.more = &xmlMore{}
	}
	return n.more
}
