package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// valueClass declares a node whose content is a text: XText, XCData, XComment.
func valueClass(class, base string, kind xmlKind) *types.Decl {
	members := []types.MemberDecl{
		xm("new(string value)", types.S1(func(s *types.String) *xmlNode {
			if s == nil {
				types.ThrowNull("value")
			}
			return &xmlNode{kind: kind, text: s}
		})),
		xm("new("+class+" other)", copyNode),
	}
	if kind != xmlCData {
		members = append(members, xm("string Value { get; set; }", types.I0(func(n *xmlNode) *types.String { return n.text }).WithSet(
			nodeSet(func(_ *types.Thread, n *xmlNode, v types.Value) {
				need(v, "value")
				n.text = v.Str()
			}))))
	}
	return xmlClass("class "+class+" : "+base, members...)
}

// copyNode is the constructor that copies a node.
var copyNode = types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
	need(x[0], "other")
	return types.Ref(nodeArg(x[0]).clone(t))
})

func validTarget(target *types.String) *types.String {
	if target == nil {
		types.ThrowNull("name")
	}
	verifyNCName(target.Go())
	if strings.EqualFold(target.Go(), "xml") {
		types.Throw(types.ArgumentException, "'"+target.Go()+"' is an invalid name for a processing instruction.")
	}
	return target
}

func validDocTypeName(name *types.String) *types.String {
	if name == nil {
		types.ThrowNull("name")
	}
	verifyXMLName(name.Go())
	return name
}

func xmlLeafDecls() []*types.Decl {
	more := func(at func(m *xmlMore) **types.String) types.Impl {
		return types.I0(func(n *xmlNode) *types.String { return *at(n.extra()) }).WithSet(
			nodeSet(func(_ *types.Thread, n *xmlNode, v types.Value) { *at(n.extra()) = v.Str() }))
	}
	checked := func(at func(m *xmlMore) **types.String, check func(*types.String) *types.String) types.Impl {
		return more(at).WithSet(nodeSet(func(_ *types.Thread, n *xmlNode, v types.Value) { *at(n.extra()) = check(v.Str()) }))
	}
	target := func(m *xmlMore) **types.String { return &m.target }
	return []*types.Decl{
		valueClass("XText", "XNode", xmlText), valueClass("XCData", "XText", xmlCData), valueClass("XComment", "XNode", xmlComment),
		xmlClass("class XProcessingInstruction : XNode",
			xm("new(string target, string data)", types.S2(func(target, data *types.String) *xmlNode {
				if data == nil {
					types.ThrowNull("data")
				}
				return &xmlNode{kind: xmlPI, text: data, more: &xmlMore{target: validTarget(target)}}
			})),
			xm("new(XProcessingInstruction other)", copyNode),
			xm("string Target { get; set; }", checked(target, validTarget)),
			xm("string Data { get; set; }", types.I0(func(n *xmlNode) *types.String { return n.text }).WithSet(
				nodeSet(func(_ *types.Thread, n *xmlNode, v types.Value) {
					need(v, "value")
					n.text = v.Str()
				})))),
		xmlClass("class XDocumentType : XNode",
			xm("new(string name, string publicId, string systemId, string internalSubset)", types.S4(func(name, public, system, subset *types.String) *xmlNode {
				return &xmlNode{kind: xmlDocType, more: &xmlMore{target: validDocTypeName(name), public: public, system: system, subset: subset}}
			})),
			xm("new(XDocumentType other)", copyNode),
			xm("string Name { get; set; }", checked(target, validDocTypeName)),
			xm("string PublicId { get; set; }", more(func(m *xmlMore) **types.String { return &m.public })),
			xm("string SystemId { get; set; }", more(func(m *xmlMore) **types.String { return &m.system })),
			xm("string InternalSubset { get; set; }", more(func(m *xmlMore) **types.String { return &m.subset }))),
	}
}
