package clr

import "github.com/postern-gateway/postern/csharp/types"

// onDOM makes an Impl of a member of XmlNode.
func onDOM(fn func(t *types.Thread, d domNode, x []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		d, ok := receiverObject(this).(domNode)
		if !ok {
			types.ThrowInvalidCast(types.TypeOf(this.Ref), domNodeType())
		}
		return fn(t, d, x)
	})
}

// domText makes an Impl of a property that is a text.
func domText(fn func(t *types.Thread, d domNode) string) types.Impl {
	return onDOM(func(t *types.Thread, d domNode, _ []types.Value) types.Value {
		return types.Ref(newString(t, fn(t, d)))
	})
}

// domStep makes an Impl of a property that is another node.
func domStep(fn func(n *xmlNode) *xmlNode) types.Impl {
	return onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value {
		if d.n == nil {
			return types.Null
		}
		return domOf(fn(d.n))
	})
}

func domSetText(t *types.Thread, this types.Value, x []types.Value) {
	if d, ok := receiverObject(this).(domNode); ok {
		s := x[0].Str()
		if s == nil {
			s = types.EmptyString
		}
		d.setText(t, s)
	}
}

func domNodeMembers() []types.MemberDecl {
	find := onDOM(func(t *types.Thread, d domNode, x []types.Value) types.Value {
		if found := xpathSelect(t, d, x); len(found) > 0 {
			return types.Ref(found[0])
		}
		return types.Null
	})
	findAll := onDOM(func(t *types.Thread, d domNode, x []types.Value) types.Value {
		return types.Ref(&domList{items: xpathSelect(t, d, x)})
	})
	return []types.MemberDecl{
		xm("string Name { get; }", domText(func(_ *types.Thread, d domNode) string { return d.fullName() })),
		xm("string LocalName { get; }", domText(func(_ *types.Thread, d domNode) string { return d.localName() })),
		xm("string Prefix { get; }", domText(func(_ *types.Thread, d domNode) string { return d.prefix() })),
		xm("string NamespaceURI { get; }", domText(func(_ *types.Thread, d domNode) string { return d.uri() })),
		xm("string InnerText { get; set; }", domText(func(t *types.Thread, d domNode) string { return d.text(t) }).WithSet(domSetText)),
		xm("string InnerXml { get; }", domText(func(t *types.Thread, d domNode) string { return d.inner(t) })),
		xm("string OuterXml { get; }", domText(func(t *types.Thread, d domNode) string { return d.outer(t) })),
		xm("string Value { get; set; }", onDOM(func(t *types.Thread, d domNode, _ []types.Value) types.Value {
			if d.n != nil && (d.n.container() || d.n.kind == xmlDocType) {
				return types.Null
			}
			return types.Ref(newString(t, d.text(t)))
		}).WithSet(domSetText)),
		xm("XmlNodeType NodeType { get; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value {
			if d.a != nil {
				return types.Int(2)
			}
			return types.Int(int64(xmlNodeTypes[d.n.kind]))
		})),
		xm("XmlNode ParentNode { get; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value {
			if d.a != nil {
				return types.Null
			}
			return domOf(d.n.parent)
		})),
		xm("XmlDocument OwnerDocument { get; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value {
			if top := d.top(); top.n != nil && top.n.kind == xmlDocument && top != d {
				return types.Ref(top)
			}
			return types.Null
		})),
		xm("XmlNode FirstChild { get; }", domStep(func(n *xmlNode) *xmlNode { return n.first })),
		xm("XmlNode LastChild { get; }", domStep(func(n *xmlNode) *xmlNode { return n.last })),
		xm("XmlNode NextSibling { get; }", domStep(func(n *xmlNode) *xmlNode { return n.next })),
		xm("XmlNode PreviousSibling { get; }", domStep(func(n *xmlNode) *xmlNode { return n.prev })),
		xm("bool HasChildNodes { get; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value {
			return types.Bool(d.n != nil && d.n.first != nil)
		})),
		xm("XmlNodeList ChildNodes { get; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value {
			if d.n == nil {
				return types.Ref(&domList{})
			}
			return types.Ref(childList(d.n))
		})),
		xm("XmlAttributeCollection Attributes { get; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value {
			if d.n == nil || d.n.kind != xmlElement {
				return types.Null
			}
			return types.Ref(attributeList(d.n))
		})),
		xm("XmlElement this[string name] { get; }", onDOM(func(_ *types.Thread, d domNode, x []types.Value) types.Value {
			if d.n != nil {
				for c := d.n.first; c != nil; c = c.next {
					if c.kind == xmlElement && (domNode{n: c}).fullName() == goString(x[0].Str()) {
						return domOf(c)
					}
				}
			}
			return types.Null
		})),
		xm("XmlNode SelectSingleNode(string xpath)", find), xm("XmlNode SelectSingleNode(string xpath, XmlNamespaceManager nsmgr)", find),
		xm("XmlNodeList SelectNodes(string xpath)", findAll), xm("XmlNodeList SelectNodes(string xpath, XmlNamespaceManager nsmgr)", findAll),
	}
}

func domListMembers() []types.MemberDecl {
	at := types.I1(func(l *domList, i int32) types.Value { return l.at(i) })
	return []types.MemberDecl{
		xm("int Count { get; }", types.I0(func(l *domList) int32 { return int32(len(l.items)) })),
		xm("XmlNode Item(int index)", at),
	}
}

func domDocumentMembers() []types.MemberDecl {
	load := func(text func(t *types.Thread, v types.Value) *types.String) types.Impl {
		return onDOM(func(t *types.Thread, d domNode, x []types.Value) types.Value {
			options, preserve := int32(0), d.n.extra().preserve
			if preserve {
				options = loadPreserve
			}
			*d.n = *parseXMLDocument(t, text(t, x[0]), options)
			d.n.more.preserve = preserve
			for c := d.n.first; c != nil; c = c.next {
				c.parent = d.n
			}
			return types.Value{}
		})
	}
	elements := onDOM(func(t *types.Thread, d domNode, x []types.Value) types.Value {
		return types.Ref(elementList(t, d.n, goString(x[0].Str())))
	})
	return []types.MemberDecl{
		xm("new()", types.S0(func() types.Value { return types.Ref(domNode{n: &xmlNode{kind: xmlDocument, more: &xmlMore{}}}) })),
		xm("void LoadXml(string xml)", load(func(_ *types.Thread, v types.Value) *types.String {
			need(v, "xml")
			return v.Str()
		})),
		xm("void Load(System.IO.TextReader txtReader)", load(readerText)),
		xm("void Load(XmlReader reader)", load(func(t *types.Thread, v types.Value) *types.String {
			need(v, "reader")
			r, _ := v.Ref.(*xmlReader)
			if r.doc == nil {
				return r.text
			}
			return types.NewString(domNode{n: r.rest(t, loadPreserve)}.outer(t))
		})),
		xm("XmlElement DocumentElement { get; }", domStep((*xmlNode).root)),
		xm("XmlNodeList GetElementsByTagName(string name)", elements),
		xm("XmlNameTable NameTable { get; }", onDOM(func(*types.Thread, domNode, []types.Value) types.Value { return types.Ref(&nameTable{}) })),
		xm("bool PreserveWhitespace { get; set; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value { return types.Bool(d.n.extra().preserve) }).WithSet(
			func(_ *types.Thread, this types.Value, x []types.Value) {
				if d, ok := receiverObject(this).(domNode); ok {
					d.n.extra().preserve = x[0].Bool()
				}
			})),
	}
}

func domElementMembers() []types.MemberDecl {
	attribute := func(d domNode, name types.Value) *xmlAttr {
		v, _ := attributeList(d.n).named(goString(name.Str())).Ref.(domNode)
		return v.a
	}
	return []types.MemberDecl{
		xm("string GetAttribute(string name)", onDOM(func(_ *types.Thread, d domNode, x []types.Value) types.Value {
			if a := attribute(d, x[0]); a != nil {
				return types.Ref(a.value)
			}
			return types.Ref(types.EmptyString)
		})),
		xm("bool HasAttribute(string name)", onDOM(func(_ *types.Thread, d domNode, x []types.Value) types.Value {
			return types.Bool(attribute(d, x[0]) != nil)
		})),
		xm("bool HasAttributes { get; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value { return types.Bool(len(d.n.attrs) > 0) })),
		xm("bool IsEmpty { get; }", onDOM(func(_ *types.Thread, d domNode, _ []types.Value) types.Value {
			return types.Bool(d.n.first == nil && !d.n.open)
		})),
		xm("void SetAttribute(string name, string value)", onDOM(func(t *types.Thread, d domNode, x []types.Value) types.Value {
			need(x[0], "name")
			value := x[1].Str()
			if value == nil {
				value = types.EmptyString
			}
			if a := attribute(d, x[0]); a != nil {
				a.value = value
				return types.Value{}
			}
			t.Alloc(64)
			d.n.appendAttr(newXMLAttr(t, newXMLName(noNamespace, x[0].Str()), value))
			return types.Value{}
		})),
		xm("XmlNodeList GetElementsByTagName(string name)", onDOM(func(t *types.Thread, d domNode, x []types.Value) types.Value {
			return types.Ref(elementList(t, d.n, goString(x[0].Str())))
		})),
	}
}

func xmlDOMDecls() []*types.Decl {
	class := func(head string, members ...types.MemberDecl) *types.Decl {
		return types.T(xmlTypes.ReplaceAllString(head, "System.Xml.$0"), members...)
	}
	return []*types.Decl{
		class("class System.Xml.XPath.XPathException : System.SystemException", exceptionConstructors("System.Xml.XPath.XPathException", "")...),
		class("abstract class XmlReader : System.IDisposable", xmlReaderMembers()...),
		class("abstract class XmlNameTable"), class("class System.Xml.NameTable : XmlNameTable", xm("new()", types.S0(func() *nameTable { return &nameTable{} }))),
		class("class XmlNamespaceManager",
			xm("new(XmlNameTable nameTable)", types.S1(func(any) *domNamespaces {
				return &domNamespaces{map[string]string{xmlPrefix: xmlURI, xmlnsName: xmlnsURI}}
			})),
			xm("void AddNamespace(string prefix, string uri)", types.I2(func(m *domNamespaces, prefix, uri *types.String) struct{} {
				if prefix == nil {
					types.ThrowNull("prefix")
				}
				if uri == nil {
					types.ThrowNull("uri")
				}
				m.uris[prefix.Go()] = uri.Go()
				return struct{}{}
			}))),
		class("abstract class XmlNode", domNodeMembers()...),
		class("abstract class XmlNodeList : System.Collections.IEnumerable", append(domListMembers(),
			xm("XmlNode this[int i] { get; }", types.I1(func(l *domList, i int32) types.Value { return l.at(i) })))...),
		class("class XmlAttributeCollection : System.Collections.IEnumerable", append(domListMembers(),
			xm("XmlAttribute this[int i] { get; }", types.I1(func(l *domList, i int32) types.Value { return l.at(i) })),
			xm("XmlAttribute this[string name] { get; }", types.I1(func(l *domList, name *types.String) types.Value { return l.named(goString(name)) })))...),
		class("class XmlDocument : XmlNode", domDocumentMembers()...), class("class XmlElement : XmlNode", domElementMembers()...),
		class("class XmlAttribute : XmlNode"), class("class XmlText : XmlNode"), class("class XmlCDataSection : XmlNode"), class("class XmlComment : XmlNode"),
		class("class XmlProcessingInstruction : XmlNode"), class("class XmlDocumentType : XmlNode"),
	}
}
