package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// domNode is an XmlNode: a node or an attribute of the same trees that LINQ to XML has. Two of the same are equal.
type domNode struct {
	n *xmlNode
	a *xmlAttr
}

var (
	domTypes = [...]func() *types.Type{lateType("System.Xml.XmlElement"), lateType("System.Xml.XmlText"), lateType("System.Xml.XmlCDataSection"),
		lateType("System.Xml.XmlComment"), lateType("System.Xml.XmlProcessingInstruction"), lateType("System.Xml.XmlDocument"), lateType("System.Xml.XmlDocumentType")}
	domAttributeType = lateType("System.Xml.XmlAttribute")
)

// ClrType is the node's class.
func (d domNode) ClrType() *types.Type {
	if d.a != nil {
		return domAttributeType()
	}
	return domTypes[d.n.kind]()
}

func (d domNode) parent() *xmlNode {
	if d.a != nil {
		return d.a.parent
	}
	return d.n.parent
}

func (d domNode) top() domNode {
	if d.a != nil {
		if d.a.parent == nil {
			return d
		}
		return domNode{n: d.a.parent.top()}
	}
	return domNode{n: d.n.top()}
}

// name is the name of an element or attribute, nil for other nodes.
func (d domNode) name() *xmlName {
	if d.a != nil {
		return d.a.name
	}
	return d.n.name
}

// text is InnerText.
func (d domNode) text(t *types.Thread) string {
	switch {
	case d.a != nil:
		return d.a.value.Go()
	case d.n.container():
		return d.n.textValue(t).Go()
	}
	return goString(d.n.text)
}

func (d domNode) localName() string {
	if n := d.name(); n != nil {
		return n.local.Go()
	}
	switch d.n.kind {
	case xmlPI, xmlDocType:
		return goString(d.n.extra().target)
	}
	return [...]string{"", "#text", "#cdata-section", "#comment", "", "#document", ""}[d.n.kind]
}

func (d domNode) uri() string {
	if n := d.name(); n != nil {
		return n.ns.text()
	}
	return ""
}

func (d domNode) prefix() string {
	uri := d.uri()
	if uri == "" {
		return ""
	}
	if d.a != nil {
		p, _ := xmlPrefixOf(d.a.parent, uri, true)
		return p
	}
	p, _ := xmlPrefixOf(d.n, uri, false)
	return p
}

func (d domNode) fullName() string {
	if p := d.prefix(); p != "" {
		return p + ":" + d.localName()
	}
	return d.localName()
}

// setText is the setter of InnerText and Value.
func (d domNode) setText(t *types.Thread, s *types.String) {
	switch {
	case d.a != nil:
		d.a.value = s
	case d.n.kind == xmlElement:
		d.n.setValue(t, s)
	case d.n.kind == xmlDocument:
		types.Throw(types.InvalidOperationException, "The 'InnerText' of a 'Document' node is read-only and cannot be set.")
	default:
		d.n.text = s
	}
}

// outer is OuterXml, inner InnerXml.
func (d domNode) outer(t *types.Thread) string {
	if d.a != nil {
		return d.a.ToStr(t).Go()
	}
	w := newXMLWriter(t, false, false)
	if d.n.kind == xmlDocument && d.n.more != nil && d.n.more.declaration != nil {
		w.b.WriteString(d.n.more.declaration.ToStr(t).Go())
	}
	w.node(d.n)
	return w.result()
}

func (d domNode) inner(t *types.Thread) string {
	if d.a != nil {
		return d.a.value.Go()
	}
	if d.n.kind == xmlDocument {
		return d.outer(t)
	}
	var b strings.Builder
	for c := d.n.first; c != nil; c = c.next {
		b.WriteString(domNode{n: c}.outer(t))
	}
	return b.String()
}

// domOf is an XmlNode of a node, null for nil.
func domOf(n *xmlNode) types.Value {
	if n == nil {
		return types.Null
	}
	return types.Ref(domNode{n: n})
}

// domList is an XmlNodeList or XmlAttributeCollection.
type domList struct {
	items      []domNode
	attributes bool
}

var (
	domListType       = lateType("System.Xml.XmlNodeList")
	domAttributesType = lateType("System.Xml.XmlAttributeCollection")
	domNodeType       = lateType("System.Xml.XmlNode")
)

// ClrType is the list's class.
func (l *domList) ClrType() *types.Type {
	if l.attributes {
		return domAttributesType()
	}
	return domListType()
}

// ElementType is XmlNode: the list itself is untyped.
func (*domList) ElementType() *types.Type { return domNodeType() }

// Enumerate goes through the list.
func (l *domList) Enumerate(*types.Thread) types.Enumerator {
	list := make([]types.Value, len(l.items))
	for i, d := range l.items {
		list[i] = types.Ref(d)
	}
	return newItems(list)
}

func (l *domList) at(i int32) types.Value {
	if i < 0 || int(i) >= len(l.items) {
		return types.Null
	}
	return types.Ref(l.items[i])
}

// named is the list's first item of a name as written.
func (l *domList) named(name string) types.Value {
	for _, d := range l.items {
		if d.fullName() == name {
			return types.Ref(d)
		}
	}
	return types.Null
}

func childList(n *xmlNode) *domList {
	l := &domList{}
	for c := n.first; c != nil; c = c.next {
		l.items = append(l.items, domNode{n: c})
	}
	return l
}

func attributeList(n *xmlNode) *domList {
	l := &domList{attributes: true}
	for _, a := range n.attrs {
		l.items = append(l.items, domNode{a: a})
	}
	return l
}

// elementList are the elements below n of a name as written, * for all.
func elementList(t *types.Thread, n *xmlNode, name string) *domList {
	l := &domList{}
	for c := n.after(n, false); c != nil; c = c.after(n, false) {
		t.Step(1)
		if d := (domNode{n: c}); c.kind == xmlElement && (name == "*" || d.fullName() == name) {
			l.items = append(l.items, d)
		}
	}
	return l
}

// domNamespaces is an XmlNamespaceManager.
type domNamespaces struct{ uris map[string]string }

var domNamespacesType = lateType("System.Xml.XmlNamespaceManager")

// ClrType is XmlNamespaceManager.
func (*domNamespaces) ClrType() *types.Type { return domNamespacesType() }

// nameTable stands for an XmlNameTable, which nothing here needs.
type nameTable struct{ _ byte }

var nameTableType = lateType("System.Xml.NameTable")

// ClrType is NameTable.
func (*nameTable) ClrType() *types.Type { return nameTableType() }

// xpathSelect evaluates an expression that gives nodes.
func xpathSelect(t *types.Thread, d domNode, x []types.Value) []domNode {
	need(x[0], "xpath")
	var uris map[string]string
	if len(x) > 1 {
		if m, _ := x[1].Ref.(*domNamespaces); m != nil {
			uris = m.uris
		}
	}
	return xpathNodes(compileXPath(t, x[0].Str().Go(), uris)(xpathContext{t, d, 1, 1}))
}
