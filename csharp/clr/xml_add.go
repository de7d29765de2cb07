package clr

import "github.com/postern-gateway/postern/csharp/types"

const (
	msgAddAttribute = "An attribute cannot be added to content."
	msgAddText      = "Non-whitespace characters cannot be added to content."
	msgStructure    = "This operation would create an incorrectly structured document."
)

// add is XContainer.Add: content is null, a node, an attribute, a text, a sequence of such, or anything that has a text.
func (p *xmlNode) add(t *types.Thread, content any) {
	switch x := content.(type) {
	case nil:
	case *xmlNode:
		p.addNode(t, x)
	case *xmlAttr:
		p.addAttribute(x)
	case *types.String:
		p.addString(t, x)
	default:
		if !xmlIsSequence(x) {
			p.addString(t, xmlStringOf(t, x))
			return
		}
		xmlEach(t, x, func(o any) { p.add(t, o) })
	}
}

// xmlIsSequence reports content whose elements are the content.
func xmlIsSequence(o any) bool {
	switch o.(type) {
	case *types.String:
		return false
	case *types.Array, *types.Bytes, types.Enumerable:
		return true
	}
	return false
}

// xmlEach calls f with each element of a sequence, boxed.
func xmlEach(t *types.Thread, seq any, f func(o any)) {
	t.Enter()
	defer t.Leave()
	e := types.Iterate(t, seq, types.Object_)
	defer e.Dispose(t)
	for e.MoveNext(t) {
		t.Step(1)
		f(e.Current().Ref)
	}
}

// owned is n itself if it can be put into p, or a copy if it stands somewhere already.
func (p *xmlNode) owned(t *types.Thread, n *xmlNode) *xmlNode {
	if n.parent != nil || n == p.top() {
		return n.clone(t)
	}
	return n
}

func (p *xmlNode) addNode(t *types.Thread, n *xmlNode) {
	p.validate(n, p)
	t.Step(1)
	n = p.owned(t, n)
	p.link(n, p.last)
}

// addString appends text, to a text that stands last if there is one.
func (p *xmlNode) addString(t *types.Thread, s *types.String) {
	p.validateString(s)
	switch {
	case s.Len() == 0:
		if p.first == nil {
			p.open = true
		}
	case p.last != nil && p.last.kind == xmlText:
		t.Alloc(int64(p.last.text.Len() + s.Len()))
		p.last.text = types.ConcatStrings(p.last.text, s)
	default:
		t.Alloc(128)
		p.link(newXMLText(s), p.last)
	}
}

func (p *xmlNode) addAttribute(a *xmlAttr) {
	if p.kind == xmlDocument {
		types.Throw(types.ArgumentException, msgAddAttribute)
	}
	if p.attribute(a.name) != nil {
		types.Throw(types.InvalidOperationException, "Duplicate attribute.")
	}
	if a.parent != nil {
		a = &xmlAttr{name: a.name, value: a.value}
	}
	p.appendAttr(a)
}

// validate throws unless n may stand in p after previous; p itself as previous means at the end.
func (p *xmlNode) validate(n, previous *xmlNode) {
	refuse := func() {
		types.Throw(types.ArgumentException, "A node of type "+xmlNodeTypeNames[n.kind]+" cannot be added to content.")
	}
	if p.kind == xmlElement {
		if n.kind == xmlDocument || n.kind == xmlDocType {
			refuse()
		}
		return
	}
	switch n.kind {
	case xmlText:
		p.validateString(n.text)
	case xmlCData, xmlDocument:
		refuse()
	case xmlElement:
		p.validateOrder(previous, xmlDocType, 255)
	case xmlDocType:
		p.validateOrder(previous, 255, xmlElement)
	}
}

// validateOrder checks that a document has but one node of the kind before previous, and but one after it; 255 stands for none.
func (p *xmlNode) validateOrder(previous *xmlNode, before, after xmlKind) {
	if previous == nil {
		before = after
	}
	for n := p.first; n != nil; n = n.next {
		if n.kind == xmlElement || n.kind == xmlDocType {
			if n.kind != before {
				types.Throw(types.InvalidOperationException, msgStructure)
			}
			before = 255
		}
		if n == previous {
			before = after
		}
	}
}

// validateString throws for text that a document may not have at its top.
func (p *xmlNode) validateString(s *types.String) {
	if p.kind != xmlDocument {
		return
	}
	for i := 0; i < len(s.Go()); i++ {
		if !isXMLSpace(s.Go()[i]) {
			types.Throw(types.ArgumentException, msgAddText)
		}
	}
}

// xmlInserter puts content at a place among the nodes of a parent.
type xmlInserter struct {
	parent, previous *xmlNode
	text             *types.String
}

// insert puts content after previous, or first where that is nil.
func (p *xmlNode) insert(t *types.Thread, previous *xmlNode, content any) {
	in := &xmlInserter{parent: p, previous: previous}
	in.add(t, content)
	in.flush(t)
}

func (in *xmlInserter) add(t *types.Thread, content any) {
	switch x := content.(type) {
	case nil:
	case *xmlNode:
		in.parent.validate(x, in.previous)
		x = in.parent.owned(t, x)
		in.flush(t)
		in.link(x)
	case *types.String:
		in.addString(x)
	default:
		if xmlIsSequence(x) {
			xmlEach(t, x, func(o any) { in.add(t, o) })
			return
		}
		if _, ok := x.(*xmlAttr); ok {
			types.Throw(types.ArgumentException, msgAddAttribute)
		}
		in.addString(xmlStringOf(t, x))
	}
}

func (in *xmlInserter) addString(s *types.String) {
	in.parent.validateString(s)
	in.text = types.ConcatStrings(in.text, s)
}

func (in *xmlInserter) link(n *xmlNode) {
	in.parent.link(n, in.previous)
	in.previous = n
}

// flush writes the text that has been gathered.
func (in *xmlInserter) flush(t *types.Thread) {
	s := in.text
	in.text = nil
	switch {
	case s == nil:
	case s.Len() == 0:
		if in.parent.first == nil {
			in.parent.open = true
		}
	case in.previous != nil && in.previous.kind == xmlText:
		t.Alloc(int64(in.previous.text.Len() + s.Len()))
		in.previous.text = types.ConcatStrings(in.previous.text, s)
	default:
		in.link(newXMLText(s))
	}
}

// xmlSnapshot is content with its sequences flattened, so that what is then removed can no longer change them.
func xmlSnapshot(t *types.Thread, content any) any {
	if content == nil || !xmlIsSequence(content) {
		return content
	}
	a := &types.Array{T: types.ObjectArray}
	var gather func(o any)
	gather = func(o any) {
		if o == nil {
			return
		}
		if xmlIsSequence(o) {
			xmlEach(t, o, gather)
			return
		}
		t.Alloc(24)
		a.Items = append(a.Items, types.Ref(o))
	}
	gather(content)
	return a
}

// newXMLAttr is new XAttribute(name, value).
func newXMLAttr(t *types.Thread, name *xmlName, value any) *xmlAttr {
	if name == nil {
		types.ThrowNull("name")
	}
	if value == nil {
		types.ThrowNull("value")
	}
	s := xmlStringOf(t, value)
	validateXMLAttr(name, s)
	return &xmlAttr{name: name, value: s}
}

// validateXMLAttr throws for a namespace declaration that XML does not allow.
func validateXMLAttr(name *xmlName, value *types.String) {
	xmlns := name.ns.text() == xmlnsURI
	if !xmlns && !(name.ns.text() == "" && name.local.Go() == xmlnsName) {
		return
	}
	local := name.local.Go()
	switch v := value.Go(); {
	case xmlns && v == "":
		types.Throw(types.ArgumentException, "The prefix '"+local+"' cannot be bound to the empty namespace name.")
	case v == xmlURI:
		if !xmlns || local != xmlPrefix {
			throwXMLReserved()
		}
	case v == xmlnsURI, xmlns && local == xmlnsName:
		types.Throw(types.ArgumentException, "The prefix 'xmlns' is bound to the namespace name 'http://www.w3.org/2000/xmlns/'. It must not be declared. "+
			"Other prefixes must not be bound to this namespace name, and it must not be declared as the default namespace.")
	case xmlns && local == xmlPrefix:
		throwXMLReserved()
	}
}

func throwXMLReserved() {
	types.Throw(types.ArgumentException, "The prefix 'xml' is bound to the namespace name 'http://www.w3.org/XML/1998/namespace'. "+
		"Other prefixes must not be bound to this namespace name, and it must not be declared as the default namespace.")
}
