package clr

import "github.com/postern-gateway/postern/csharp/types"

// onReader makes an Impl of a member of XmlReader, whose arguments are names.
func onReader(fn func(t *types.Thread, r *xmlReader, x []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		r, ok := receiverObject(this).(*xmlReader)
		if !ok {
			types.ThrowInvalidCast(types.TypeOf(this.Ref), xmlReaderType())
		}
		for _, name := range x {
			need(name, "name")
		}
		return fn(t, r, x)
	})
}

func readerName(part func(domNode) string) types.Impl {
	return onReader(func(t *types.Thread, r *xmlReader, _ []types.Value) types.Value {
		return types.Ref(newString(t, r.name(part)))
	})
}

func readerTest(fn func(t *types.Thread, r *xmlReader, x []types.Value) bool) types.Impl {
	return onReader(func(t *types.Thread, r *xmlReader, x []types.Value) types.Value { return types.Bool(fn(t, r, x)) })
}

func readerInt(fn func(t *types.Thread, r *xmlReader) int32) types.Impl {
	return onReader(func(t *types.Thread, r *xmlReader, _ []types.Value) types.Value { return types.Int(int64(fn(t, r))) })
}

func readerDo(fn func(t *types.Thread, r *xmlReader, x []types.Value)) types.Impl {
	return onReader(func(t *types.Thread, r *xmlReader, x []types.Value) types.Value {
		fn(t, r, x)
		return types.Null
	})
}

// xmlReaderMembers declares what samples and documentation use of XmlReader: reading a text that is there, node by node.
func xmlReaderMembers() []types.MemberDecl {
	end := readerDo(func(_ *types.Thread, r *xmlReader, _ []types.Value) { r.closed = true })
	members := []types.MemberDecl{
		xm("static XmlReader Create(System.IO.TextReader input)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
			return types.Ref(&xmlReader{text: readerText(t, x[0])})
		})),
		xm("void Dispose()", end), xm("void Close()", end),
		xm("bool Read()", readerTest(func(t *types.Thread, r *xmlReader, _ []types.Value) bool { return r.read(t) })),
		xm("void Skip()", readerDo(func(t *types.Thread, r *xmlReader, _ []types.Value) { r.skip(t) })),
		xm("bool EOF { get; }", readerTest(func(_ *types.Thread, r *xmlReader, _ []types.Value) bool { return r.eof && !r.closed })),
		xm("XmlNodeType NodeType { get; }", readerInt(func(_ *types.Thread, r *xmlReader) int32 { return r.nodeType() })),
		xm("XmlNodeType MoveToContent()", readerInt(func(t *types.Thread, r *xmlReader) int32 { return r.content(t) })),
		xm("int Depth { get; }", readerInt(func(_ *types.Thread, r *xmlReader) int32 { return r.depth() })),
		xm("bool IsEmptyElement { get; }", readerTest(func(_ *types.Thread, r *xmlReader, _ []types.Value) bool { return r.empty() })),
		xm("string Name { get; }", readerName(domNode.fullName)), xm("string LocalName { get; }", readerName(domNode.localName)),
		xm("string Prefix { get; }", readerName(domNode.prefix)), xm("string NamespaceURI { get; }", readerName(domNode.uri)),
		xm("string Value { get; }", onReader(func(t *types.Thread, r *xmlReader, _ []types.Value) types.Value { return types.Ref(r.value(t)) })),
		xm("bool HasValue { get; }", readerTest(func(_ *types.Thread, r *xmlReader, _ []types.Value) bool {
			kind := r.nodeType()
			return kind != nodeNone && kind != xmlNodeTypes[xmlElement] && kind != nodeEndElement
		})),
	}
	members = append(members, readerAttributes()...)
	return append(append(members, readerMoves()...), readerContents()...)
}

func readerAttributes() []types.MemberDecl {
	get := onReader(func(_ *types.Thread, r *xmlReader, x []types.Value) types.Value {
		if i := r.attribute(x); i > 0 {
			return types.Ref(r.at.attrs[i-1].value)
		}
		return types.Null
	})
	move := func(to func(r *xmlReader, x []types.Value) int) types.Impl {
		return readerTest(func(_ *types.Thread, r *xmlReader, x []types.Value) bool {
			i := to(r, x)
			if i > 0 {
				r.attr = i
			}
			return i > 0
		})
	}
	count := func(r *xmlReader) int {
		if r.nothing() || r.declared || r.ended {
			return 0
		}
		return len(r.at.attrs)
	}
	next := func(r *xmlReader, from int) int {
		if from >= count(r) {
			return 0
		}
		return from + 1
	}
	return []types.MemberDecl{
		xm("bool HasAttributes { get; }", readerTest(func(_ *types.Thread, r *xmlReader, _ []types.Value) bool { return count(r) > 0 })),
		xm("int AttributeCount { get; }", readerInt(func(_ *types.Thread, r *xmlReader) int32 { return int32(count(r)) })),
		xm("string GetAttribute(string name)", get), xm("string GetAttribute(string name, string namespaceURI)", get),
		xm("string this[string name] { get; }", get), xm("string this[string name, string namespaceURI] { get; }", get),
		xm("bool MoveToAttribute(string name)", move((*xmlReader).attribute)),
		xm("bool MoveToAttribute(string name, string ns)", move((*xmlReader).attribute)),
		xm("bool MoveToFirstAttribute()", move(func(r *xmlReader, _ []types.Value) int { return next(r, 0) })),
		xm("bool MoveToNextAttribute()", move(func(r *xmlReader, _ []types.Value) int { return next(r, r.attr) })),
		xm("bool MoveToElement()", readerTest(func(_ *types.Thread, r *xmlReader, _ []types.Value) bool {
			moved := r.attr > 0
			r.attr = 0
			return moved
		})),
	}
}

// readerMoves are the members that go to an element.
func readerMoves() []types.MemberDecl {
	following := readerTest((func(t *types.Thread, r *xmlReader, x []types.Value) bool { return r.following(t, x) }))
	descendant := readerTest(func(t *types.Thread, r *xmlReader, x []types.Value) bool { return r.descendant(t, x) })
	sibling := readerTest(func(t *types.Thread, r *xmlReader, x []types.Value) bool { return r.sibling(t, x) })
	start := readerTest(func(t *types.Thread, r *xmlReader, x []types.Value) bool {
		r.content(t)
		return r.onElement() && (len(x) == 0 || r.named(x))
	})
	return []types.MemberDecl{
		xm("bool IsStartElement()", start), xm("bool IsStartElement(string name)", start), xm("bool IsStartElement(string localname, string ns)", start),
		xm("bool ReadToFollowing(string name)", following), xm("bool ReadToFollowing(string localName, string namespaceURI)", following),
		xm("bool ReadToDescendant(string name)", descendant), xm("bool ReadToDescendant(string localName, string namespaceURI)", descendant),
		xm("bool ReadToNextSibling(string name)", sibling), xm("bool ReadToNextSibling(string localName, string namespaceURI)", sibling),
	}
}

// readerContents are the members that read what an element holds.
func readerContents() []types.MemberDecl {
	start := readerDo(func(t *types.Thread, r *xmlReader, x []types.Value) { r.startElement(t, x) })
	text := onReader(func(t *types.Thread, r *xmlReader, _ []types.Value) types.Value { return types.Ref(r.elementText(t)) })
	element := onReader(func(t *types.Thread, r *xmlReader, x []types.Value) types.Value {
		if r.content(t); len(x) > 0 && !r.named(x) {
			throwXML("Element '" + goString(x[0].Str()) + "' was not found.")
		}
		return types.Ref(r.elementText(t))
	})
	source := func(write func(d domNode, t *types.Thread) string) types.Impl {
		return onReader(func(t *types.Thread, r *xmlReader, _ []types.Value) types.Value {
			d, ok := r.node()
			if !ok || r.ended {
				return types.Ref(types.EmptyString)
			}
			s := newString(t, write(d, t))
			if d.a == nil {
				r.leave()
			}
			return types.Ref(s)
		})
	}
	return []types.MemberDecl{
		xm("void ReadStartElement()", start), xm("void ReadStartElement(string name)", start), xm("void ReadStartElement(string localname, string ns)", start),
		xm("void ReadEndElement()", readerDo(func(t *types.Thread, r *xmlReader, _ []types.Value) { r.endElement(t) })),
		xm("string ReadElementContentAsString()", text),
		xm("string ReadElementString()", element), xm("string ReadElementString(string name)", element),
		xm("string ReadInnerXml()", source(domNode.inner)),
		xm("string ReadOuterXml()", source(domNode.outer)),
	}
}
