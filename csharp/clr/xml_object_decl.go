package clr

import "github.com/postern-gateway/postern/csharp/types"

// xmlParent is XObject.Parent: the element that holds o, nil where there is none.
func xmlParent(o any) *xmlNode {
	var p *xmlNode
	switch x := o.(type) {
	case *xmlNode:
		p = x.parent
	case *xmlAttr:
		p = x.parent
	}
	if p != nil && p.kind != xmlElement {
		return nil
	}
	return p
}

// xmlDocumentOf is XObject.Document.
func xmlDocumentOf(o any) *xmlNode {
	n, ok := o.(*xmlNode)
	if a, isAttr := o.(*xmlAttr); isAttr {
		n, ok = a.parent, a.parent != nil
	}
	if !ok {
		return nil
	}
	if n = n.top(); n.kind != xmlDocument {
		return nil
	}
	return n
}

func xmlNodeTypeOf(o any) int32 {
	if n, ok := o.(*xmlNode); ok {
		return xmlNodeTypes[n.kind]
	}
	return 2
}

// xmlNotes are an object's annotations.
func xmlNotes(o any) *[]any {
	if n, ok := o.(*xmlNode); ok {
		return &n.extra().notes
	}
	if a, ok := o.(*xmlAttr); ok {
		return &a.notes
	}
	types.Throw(types.NotSupportedException, "Specified method is not supported.")
	return nil
}

func xmlAnnotationMembers() []types.MemberDecl {
	typeArg := func(v types.Value) *types.Type {
		r, _ := v.Ref.(*types.RuntimeType)
		if r == nil {
			types.ThrowNull("type")
		}
		return r.T
	}
	find := func(o any, typ *types.Type) []types.Value {
		var out []types.Value
		for _, x := range *xmlNotes(o) {
			if types.IsInstance(x, typ) {
				out = append(out, types.Ref(x))
			}
		}
		return out
	}
	first := func(o any, typ *types.Type) types.Value {
		if all := find(o, typ); len(all) > 0 {
			return all[0]
		}
		return types.Null
	}
	remove := func(o any, typ *types.Type) types.Value {
		notes := xmlNotes(o)
		var kept []any
		for _, x := range *notes {
			if !types.IsInstance(x, typ) {
				kept = append(kept, x)
			}
		}
		*notes = kept
		return types.Value{}
	}
	generic := func(fn func(o any, typ *types.Type) types.Value) types.Impl {
		return types.Generic(func(_ *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
			return fn(receiverObject(this), targs[0])
		})
	}
	return []types.MemberDecl{
		types.M("void AddAnnotation(object annotation)", instance(func(t *types.Thread, o any, x []types.Value) types.Value {
			need(x[0], "annotation")
			t.Alloc(32)
			notes := xmlNotes(o)
			*notes = append(*notes, x[0].Ref)
			return types.Value{}
		})),
		types.M("object Annotation(System.Type type)", instance(func(_ *types.Thread, o any, x []types.Value) types.Value { return first(o, typeArg(x[0])) })),
		types.M("T Annotation<T>() where T : class", generic(first)),
		mx("IEnumerable<object> Annotations(System.Type type)", instance(func(_ *types.Thread, o any, x []types.Value) types.Value {
			return types.Ref(sequenceOf(types.Object_, find(o, typeArg(x[0]))))
		})),
		mx("IEnumerable<T> Annotations<T>() where T : class", generic(func(o any, typ *types.Type) types.Value {
			return types.Ref(sequenceOf(typ, find(o, typ)))
		})),
		types.M("void RemoveAnnotations(System.Type type)", instance(func(_ *types.Thread, o any, x []types.Value) types.Value { return remove(o, typeArg(x[0])) })),
		types.M("void RemoveAnnotations<T>() where T : class", generic(remove)),
	}
}

func xmlObjectDecls() []*types.Decl {
	return []*types.Decl{
		xmlClass("abstract class XObject", append(xmlAnnotationMembers(),
			xm("XElement Parent { get; }", instance(func(_ *types.Thread, o any, _ []types.Value) types.Value { return nodeOrNull(xmlParent(o)) })),
			xm("XDocument Document { get; }", instance(func(_ *types.Thread, o any, _ []types.Value) types.Value { return nodeOrNull(xmlDocumentOf(o)) })),
			xm("XmlNodeType NodeType { get; }", instance(func(_ *types.Thread, o any, _ []types.Value) types.Value { return types.Int(int64(xmlNodeTypeOf(o))) })),
			xm("string BaseUri { get; }", instance(func(*types.Thread, any, []types.Value) types.Value { return types.Ref(types.EmptyString) })))...),
		xmlClass("abstract class XNode : XObject", append(xmlNodeMembers(), xmlNodeAxes()...)...),
		xmlClass("class XAttribute : XObject", xmlAttributeMembers()...),
	}
}

// contentImpls declares a method that takes content: one object, or any number of them.
func contentImpls(signature string, do func(t *types.Thread, n *xmlNode, content any)) []types.MemberDecl {
	impl := doNode(func(t *types.Thread, n *xmlNode, x []types.Value) { do(t, n, x[0].Ref) })
	return []types.MemberDecl{xm("void "+signature+"(object content)", impl), xm("void "+signature+"(params object[] content)", impl)}
}

// needParent throws where a node stands nowhere.
func needParent(n *xmlNode) *xmlNode {
	if n.parent == nil {
		types.Throw(types.InvalidOperationException, "The parent is missing.")
	}
	return n.parent
}

func xmlNodeMembers() []types.MemberDecl {
	out := []types.MemberDecl{
		xm("XNode NextNode { get; }", types.I0(func(n *xmlNode) *xmlNode { return n.next })),
		xm("XNode PreviousNode { get; }", types.I0(func(n *xmlNode) *xmlNode { return n.prev })),
		xm("void Remove()", doNode(func(_ *types.Thread, n *xmlNode, _ []types.Value) { n.remove() })),
		xm("string ToString()", toStringImpl),
		xm("string ToString(SaveOptions options)", onNode(func(t *types.Thread, n *xmlNode, x []types.Value) types.Value {
			return types.Ref(n.written(t, x[0].Int32()))
		})),
		xm("bool IsAfter(XNode node)", types.I1(func(n, o *xmlNode) bool { return xmlOrder(n, o) > 0 })),
		xm("bool IsBefore(XNode node)", types.I1(func(n, o *xmlNode) bool { return xmlOrder(n, o) < 0 })),
		xm("static int CompareDocumentOrder(XNode n1, XNode n2)", types.S2(func(a, b *xmlNode) int32 { return int32(xmlOrder(a, b)) })),
		xm("XmlReader CreateReader()", onNode(func(t *types.Thread, n *xmlNode, _ []types.Value) types.Value {
			doc := n.clone(t)
			if n.kind != xmlDocument {
				top := doc
				doc = &xmlNode{kind: xmlDocument, more: &xmlMore{}}
				doc.link(top, nil)
			}
			return types.Ref(&xmlReader{doc: doc, at: doc})
		})),
		xm("static XNode ReadFrom(XmlReader reader)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			need(x[0], "reader")
			r, _ := x[0].Ref.(*xmlReader)
			return types.Ref(r.take(t))
		})),
		xm("static bool DeepEquals(XNode n1, XNode n2)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			return types.Bool(xmlEqual(t, nodeArg(x[0]), nodeArg(x[1])))
		})),
		xm("static XNodeDocumentOrderComparer DocumentOrderComparer { get; }", types.S0(func() *xmlOrderComparer { return theXMLOrder })),
		xm("static XNodeEqualityComparer EqualityComparer { get; }", types.S0(func() *xmlEqualityComparer { return theXMLEquality })),
	}
	out = append(out, contentImpls("AddAfterSelf", func(t *types.Thread, n *xmlNode, content any) { needParent(n).insert(t, n, content) })...)
	out = append(out, contentImpls("AddBeforeSelf", func(t *types.Thread, n *xmlNode, content any) { needParent(n).insert(t, n.prev, content) })...)
	return append(out, contentImpls("ReplaceWith", func(t *types.Thread, n *xmlNode, content any) {
		p, previous := needParent(n), n.prev
		n.unlink()
		p.insert(t, previous, content)
	})...)
}

// axis declares a method that gives the nodes of a walk, in a form for all elements and one for those of a name, which gives none for null.
func axis(method string, walk func(n *xmlNode, name *xmlName) xmlWalk) []types.MemberDecl {
	impl := onNode(func(_ *types.Thread, n *xmlNode, x []types.Value) types.Value {
		var name *xmlName
		if len(x) > 0 {
			if name = xnameArg(x[0]); name == nil {
				return types.Ref(noElements())
			}
		}
		return types.Ref(xmlNodes(true, func() xmlWalk { return walk(n, name) }))
	})
	return []types.MemberDecl{xm("IEnumerable<XElement> "+method+"()", impl), xm("IEnumerable<XElement> "+method+"(XName name)", impl)}
}

// nodeAxis declares a method that gives nodes of every kind.
func nodeAxis(method string, walk func(n *xmlNode) xmlWalk) types.MemberDecl {
	return xm("IEnumerable<XNode> "+method+"()", onNode(func(_ *types.Thread, n *xmlNode, _ []types.Value) types.Value {
		return types.Ref(xmlNodes(false, func() xmlWalk { return walk(n) }))
	}))
}

func xmlNodeAxes() []types.MemberDecl {
	out := axis("Ancestors", func(n *xmlNode, name *xmlName) xmlWalk { return ancestorsOf(n, name, false) })
	out = append(out, axis("ElementsAfterSelf", func(n *xmlNode, name *xmlName) xmlWalk { return afterWalk(n, name, true) })...)
	out = append(out, axis("ElementsBeforeSelf", func(n *xmlNode, name *xmlName) xmlWalk { return beforeWalk(n, name, true) })...)
	return append(out,
		nodeAxis("NodesAfterSelf", func(n *xmlNode) xmlWalk { return afterWalk(n, nil, false) }),
		nodeAxis("NodesBeforeSelf", func(n *xmlNode) xmlWalk { return beforeWalk(n, nil, false) }))
}

func xmlAttributeMembers() []types.MemberDecl {
	neighbour := func(step int) func(a *xmlAttr) *xmlAttr {
		return func(a *xmlAttr) *xmlAttr {
			if i := a.index(); i >= 0 && i+step >= 0 && i+step < len(a.parent.attrs) {
				return a.parent.attrs[i+step]
			}
			return nil
		}
	}
	setValue := func(t *types.Thread, this types.Value, x []types.Value) {
		a, _ := receiverObject(this).(*xmlAttr)
		need(x[0], "value")
		s := xmlStringOf(t, x[0].Ref)
		validateXMLAttr(a.name, s)
		a.value = s
	}
	out := []types.MemberDecl{
		xm("new(XName name, object value)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			t.Alloc(64)
			return types.Ref(newXMLAttr(t, xnameArg(x[0]), x[1].Ref))
		})),
		xm("new(XAttribute other)", types.S1(func(o *xmlAttr) *xmlAttr {
			if o == nil {
				types.ThrowNull("other")
			}
			return &xmlAttr{name: o.name, value: o.value}
		})),
		xm("XName Name { get; }", types.I0(func(a *xmlAttr) *xmlName { return a.name })),
		xm("string Value { get; set; }", types.I0(func(a *xmlAttr) *types.String { return a.value }).WithSet(setValue)),
		xm("XmlNodeType NodeType { get; }", types.I0(func(*xmlAttr) int32 { return 2 })),
		xm("bool IsNamespaceDeclaration { get; }", types.I0((*xmlAttr).declares)),
		xm("XAttribute NextAttribute { get; }", types.I0(neighbour(1))),
		xm("XAttribute PreviousAttribute { get; }", types.I0(neighbour(-1))),
		xm("void Remove()", types.I0(func(a *xmlAttr) struct{} { a.remove(); return struct{}{} })),
		xm("void SetValue(object value)", types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
			setValue(t, this, x)
			return types.Value{}
		})),
		xm("static IEnumerable<XAttribute> EmptySequence { get; }", types.S0(func() *sequence { return sequenceOf(xattributeType(), nil) })),
		xm("string ToString()", toStringImpl),
	}
	return append(out, xmlCasts("XAttribute", "attribute", func(_ *types.Thread, o any) *types.String { return o.(*xmlAttr).value })...)
}
