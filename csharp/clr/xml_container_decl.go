package clr

import "github.com/postern-gateway/postern/csharp/types"

func xmlContainerDecls() []*types.Decl {
	return []*types.Decl{
		xmlClass("abstract class XContainer : XNode", xmlContainerMembers()...),
		xmlClass("class XDocument : XContainer", append(xmlDocumentMembers(), xmlSaveMembers()...)...),
		xmlClass("class XElement : XContainer", append(append(xmlElementMembers(), xmlElementEdits()...), append(xmlSaveMembers(),
			xmlCasts("XElement", "element", func(t *types.Thread, o any) *types.String { return o.(*xmlNode).textValue(t) })...)...)...),
	}
}

func xmlContainerMembers() []types.MemberDecl {
	out := []types.MemberDecl{
		xm("XNode FirstNode { get; }", types.I0(func(n *xmlNode) *xmlNode { return n.first })),
		xm("XNode LastNode { get; }", types.I0(func(n *xmlNode) *xmlNode { return n.last })),
		xm("XElement Element(XName name)", types.I1(func(n *xmlNode, name *xmlName) *xmlNode {
			for c := n.first; c != nil; c = c.next {
				if c.kind == xmlElement && c.name.same(name) {
					return c
				}
			}
			return nil
		})),
		xm("void RemoveNodes()", doNode(func(t *types.Thread, n *xmlNode, _ []types.Value) { n.removeNodes(t) })),
		nodeAxis("Nodes", func(n *xmlNode) xmlWalk { return siblingWalk(n.first, n, nil, false) }),
		nodeAxis("DescendantNodes", func(n *xmlNode) xmlWalk { return descendantsOf(n, nil, false, false) }),
	}
	out = append(out, axis("Elements", elementsOf)...)
	out = append(out, axis("Descendants", func(n *xmlNode, name *xmlName) xmlWalk { return descendantsOf(n, name, true, false) })...)
	out = append(out, contentImpls("Add", func(t *types.Thread, n *xmlNode, content any) { n.add(t, content) })...)
	out = append(out, contentImpls("AddFirst", func(t *types.Thread, n *xmlNode, content any) { n.insert(t, nil, content) })...)
	return append(out, contentImpls("ReplaceNodes", func(t *types.Thread, n *xmlNode, content any) {
		content = xmlSnapshot(t, content)
		n.removeNodes(t)
		n.add(t, content)
	})...)
}

// parseArgs reads the text that Parse is given.
func parseArgs(t *types.Thread, x []types.Value) *xmlNode {
	need(x[0], "text")
	return parseWith(t, x[0].Str(), x)
}

func parseWith(t *types.Thread, text *types.String, x []types.Value) *xmlNode {
	return parseXMLDocument(t, text, loadOptions(x))
}

// loadOptions are the LoadOptions behind the first argument, none by default.
func loadOptions(x []types.Value) int32 {
	if len(x) > 1 {
		return x[1].Int32()
	}
	return 0
}

// readerText is all that is left in a TextReader.
func readerText(t *types.Thread, v types.Value) *types.String {
	need(v, "input")
	if r, ok := v.Ref.(*stringReader); ok {
		return r.open().rest()
	}
	return callMember(t, v.Ref, "ReadToEnd", nil).Str()
}

// xmlReaders declares Parse and Load of a class; take makes the object of the document read.
func xmlReaders(class string, take func(doc *xmlNode) *xmlNode) []types.MemberDecl {
	parse := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
		return types.Ref(take(parseArgs(t, x)))
	})
	load := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
		return types.Ref(take(parseWith(t, readerText(t, x[0]), x)))
	})
	fromReader := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
		need(x[0], "reader")
		r, _ := x[0].Ref.(*xmlReader)
		return types.Ref(take(r.rest(t, loadOptions(x))))
	})
	return []types.MemberDecl{
		xm("static "+class+" Parse(string text)", parse), xm("static "+class+" Parse(string text, LoadOptions options)", parse),
		xm("static "+class+" Load(System.IO.TextReader textReader)", load), xm("static "+class+" Load(System.IO.TextReader textReader, LoadOptions options)", load),
		xm("static "+class+" Load(XmlReader reader)", fromReader), xm("static "+class+" Load(XmlReader reader, LoadOptions options)", fromReader),
	}
}

// xmlSaveMembers are Save to a TextWriter.
func xmlSaveMembers() []types.MemberDecl {
	save := doNode(func(t *types.Thread, n *xmlNode, x []types.Value) {
		need(x[0], "output")
		options := int32(0)
		if len(x) > 1 {
			options = x[1].Int32()
		}
		s := types.NewString(savedXML(t, n, options, "utf-16"))
		if w, ok := x[0].Ref.(*stringWriter); ok {
			w.write(t, s)
			return
		}
		callMember(t, x[0].Ref, "Write", []*types.Type{types.StringType}, types.Ref(s))
	})
	return []types.MemberDecl{xm("void Save(System.IO.TextWriter textWriter)", save), xm("void Save(System.IO.TextWriter textWriter, SaveOptions options)", save)}
}

func xmlDocumentMembers() []types.MemberDecl {
	create := func(declared int) types.Impl {
		return types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			d := &xmlNode{kind: xmlDocument}
			if declared == 1 {
				d.extra().declaration, _ = x[0].Ref.(*xmlDeclaration)
			}
			if len(x) > declared {
				d.add(t, x[declared].Ref)
			}
			return types.Ref(d)
		})
	}
	return append(xmlReaders("XDocument", func(doc *xmlNode) *xmlNode { return doc }),
		xm("new()", create(0)), xm("new(params object[] content)", create(0)),
		xm("new(XDeclaration declaration, params object[] content)", create(1)), xm("new(XDocument other)", copyNode),
		xm("XElement Root { get; }", types.I0((*xmlNode).root)),
		xm("XDocumentType DocumentType { get; }", types.I0(func(n *xmlNode) *xmlNode {
			for c := n.first; c != nil; c = c.next {
				if c.kind == xmlDocType {
					return c
				}
			}
			return nil
		})),
		xm("XDeclaration Declaration { get; set; }", types.I0(func(n *xmlNode) *xmlDeclaration { return n.extra().declaration }).WithSet(
			nodeSet(func(_ *types.Thread, n *xmlNode, v types.Value) { n.extra().declaration, _ = v.Ref.(*xmlDeclaration) }))))
}

func xmlElementMembers() []types.MemberDecl {
	create := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
		need(x[0], "name")
		t.Alloc(160)
		e := &xmlNode{kind: xmlElement, name: xnameArg(x[0])}
		if len(x) > 1 {
			e.add(t, x[1].Ref)
		}
		return types.Ref(e)
	})
	attributes := onNode(func(_ *types.Thread, n *xmlNode, x []types.Value) types.Value {
		if len(x) == 0 {
			return types.Ref(xmlAttributes(n, nil))
		}
		if name := xnameArg(x[0]); name != nil {
			return types.Ref(xmlAttributes(n, name))
		}
		return types.Ref(sequenceOf(xattributeType(), nil))
	})
	out := append(xmlReaders("XElement", func(doc *xmlNode) *xmlNode {
		root := doc.root()
		root.unlink()
		return root
	}),
		xm("new(XName name)", create), xm("new(XName name, object content)", create), xm("new(XName name, params object[] content)", create),
		xm("new(XElement other)", copyNode),
		xm("XName Name { get; set; }", types.I0(func(n *xmlNode) *xmlName { return n.name }).WithSet(nodeSet(func(_ *types.Thread, n *xmlNode, v types.Value) {
			need(v, "value")
			n.name = xnameArg(v)
		}))),
		xm("string Value { get; set; }", onNode(func(t *types.Thread, n *xmlNode, _ []types.Value) types.Value { return types.Ref(n.textValue(t)) }).WithSet(
			nodeSet(func(t *types.Thread, n *xmlNode, v types.Value) { n.setValue(t, v.Ref) }))),
		xm("bool IsEmpty { get; }", types.I0(func(n *xmlNode) bool { return n.first == nil && !n.open })),
		xm("bool HasAttributes { get; }", types.I0(func(n *xmlNode) bool { return len(n.attrs) > 0 })),
		xm("bool HasElements { get; }", types.I0(func(n *xmlNode) bool { return n.root() != nil })),
		xm("XAttribute FirstAttribute { get; }", types.I0(func(n *xmlNode) *xmlAttr { return n.attributeAt(0) })),
		xm("XAttribute LastAttribute { get; }", types.I0(func(n *xmlNode) *xmlAttr { return n.attributeAt(len(n.attrs) - 1) })),
		xm("XAttribute Attribute(XName name)", types.I1(func(n *xmlNode, name *xmlName) *xmlAttr { return n.attribute(name) })),
		xm("IEnumerable<XAttribute> Attributes()", attributes), xm("IEnumerable<XAttribute> Attributes(XName name)", attributes),
		nodeAxis("DescendantNodesAndSelf", func(n *xmlNode) xmlWalk { return descendantsOf(n, nil, false, true) }),
		xm("static IEnumerable<XElement> EmptySequence { get; }", types.S0(noElements)),
		xm("XNamespace GetDefaultNamespace()", types.I0(func(n *xmlNode) *xmlNamespace {
			if ns := n.namespaceOf(""); ns != nil {
				return ns
			}
			return noNamespace
		})),
		xm("XNamespace GetNamespaceOfPrefix(string prefix)", types.I1(namespaceOfPrefix)),
		xm("string GetPrefixOfNamespace(XNamespace ns)", types.I1(func(n *xmlNode, ns *xmlNamespace) *types.String {
			if ns == nil {
				types.ThrowNull("ns")
			}
			if prefix, ok := xmlPrefixOf(n, ns.text(), true); ok {
				return types.NewString(prefix)
			}
			return nil
		})))
	out = append(out, axis("AncestorsAndSelf", func(n *xmlNode, name *xmlName) xmlWalk { return ancestorsOf(n, name, true) })...)
	return append(out, axis("DescendantsAndSelf", func(n *xmlNode, name *xmlName) xmlWalk { return descendantsOf(n, name, true, true) })...)
}

func (n *xmlNode) attributeAt(i int) *xmlAttr {
	if i < 0 || i >= len(n.attrs) {
		return nil
	}
	return n.attrs[i]
}

// setValue is the setter of Value and SetValue: a text in place of all nodes.
func (n *xmlNode) setValue(t *types.Thread, o any) {
	if o == nil {
		types.ThrowNull("value")
	}
	s := xmlStringOf(t, o)
	n.removeNodes(t)
	n.addString(t, s)
}

// namespaceOf is the namespace that a prefix ("" for the default one) is declared for here; nil where it is not.
func (n *xmlNode) namespaceOf(prefix string) *xmlNamespace {
	for ; n != nil; n = n.parent {
		for _, a := range n.attrs {
			if a.declares() && a.prefix() == prefix {
				return newNamespace(a.value)
			}
		}
	}
	return nil
}

func namespaceOfPrefix(n *xmlNode, prefix *types.String) *xmlNamespace {
	switch {
	case prefix == nil:
		types.ThrowNull("prefix")
	case prefix.Len() == 0:
		types.Throw(types.ArgumentException, "'' is an invalid prefix.")
	case prefix.Go() == xmlnsName:
		return theXmlnsSpace
	}
	if ns := n.namespaceOf(prefix.Go()); ns != nil {
		return ns
	}
	if prefix.Go() == xmlPrefix {
		return theXMLSpace
	}
	return nil
}

func xmlElementEdits() []types.MemberDecl {
	out := []types.MemberDecl{
		xm("void SetValue(object value)", doNode(func(t *types.Thread, n *xmlNode, x []types.Value) { n.setValue(t, x[0].Ref) })),
		xm("void SetAttributeValue(XName name, object value)", doNode(func(t *types.Thread, n *xmlNode, x []types.Value) {
			a := n.attribute(xnameArg(x[0]))
			switch {
			case x[1].Ref == nil && a != nil:
				a.remove()
			case x[1].Ref == nil:
			case a != nil:
				s := xmlStringOf(t, x[1].Ref)
				validateXMLAttr(a.name, s)
				a.value = s
			default:
				t.Alloc(64)
				n.appendAttr(newXMLAttr(t, xnameArg(x[0]), x[1].Ref))
			}
		})),
		xm("void SetElementValue(XName name, object value)", doNode(func(t *types.Thread, n *xmlNode, x []types.Value) {
			var e *xmlNode
			if name := xnameArg(x[0]); name != nil {
				e = elementsOf(n, name)(t)
			}
			switch {
			case x[1].Ref == nil && e != nil:
				e.unlink()
			case x[1].Ref == nil:
			case e != nil:
				e.setValue(t, x[1].Ref)
			default:
				t.Alloc(160)
				c := &xmlNode{kind: xmlElement, name: needName(x[0])}
				c.addString(t, xmlStringOf(t, x[1].Ref))
				n.addNode(t, c)
			}
		})),
		xm("void RemoveAttributes()", doNode(func(_ *types.Thread, n *xmlNode, _ []types.Value) { n.removeAttributes() })),
		xm("void RemoveAll()", doNode(func(t *types.Thread, n *xmlNode, _ []types.Value) {
			n.removeAttributes()
			n.removeNodes(t)
		})),
	}
	out = append(out, contentImpls("ReplaceAll", func(t *types.Thread, n *xmlNode, content any) {
		content = xmlSnapshot(t, content)
		n.removeAttributes()
		n.removeNodes(t)
		n.add(t, content)
	})...)
	return append(out, contentImpls("ReplaceAttributes", func(t *types.Thread, n *xmlNode, content any) {
		content = xmlSnapshot(t, content)
		n.removeAttributes()
		n.add(t, content)
	})...)
}
