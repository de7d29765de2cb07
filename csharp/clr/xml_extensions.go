package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// xmlOrderComparer is an XNodeDocumentOrderComparer, xmlEqualityComparer an XNodeEqualityComparer.
type (
	xmlOrderComparer    struct{ _ byte }
	xmlEqualityComparer struct{ _ byte }
)

var (
	xmlOrderType    = lateType(xlinqNS + "XNodeDocumentOrderComparer")
	xmlEqualityType = lateType(xlinqNS + "XNodeEqualityComparer")
	theXMLOrder     = &xmlOrderComparer{}
	theXMLEquality  = &xmlEqualityComparer{}
)

func (*xmlOrderComparer) ClrType() *types.Type    { return xmlOrderType() }
func (*xmlEqualityComparer) ClrType() *types.Type { return xmlEqualityType() }

func xmlComparerDecls() []*types.Decl {
	return []*types.Decl{
		xmlClass("sealed class XNodeDocumentOrderComparer : IComparer<XNode>",
			xm("new()", types.S0(func() *xmlOrderComparer { return &xmlOrderComparer{} })),
			xm("int Compare(XNode x, XNode y)", types.I2(func(_ *xmlOrderComparer, a, b *xmlNode) int32 { return int32(xmlOrder(a, b)) }))),
		xmlClass("sealed class XNodeEqualityComparer : IEqualityComparer<XNode>",
			xm("new()", types.S0(func() *xmlEqualityComparer { return &xmlEqualityComparer{} })),
			xm("bool Equals(XNode x, XNode y)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
				return types.Bool(xmlEqual(t, nodeArg(x[0]), nodeArg(x[1])))
			})),
			xm("int GetHashCode(XNode obj)", types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
				if x[0].Ref == nil {
					return types.Int(0)
				}
				return types.Int(int64(xmlDeepHash(t, nodeArg(x[0]))))
			}))),
	}
}

// xmlSpread declares an extension on a sequence of nodes that gives what each leads to, for all elements and for those of a name.
func xmlSpread(method, of, where string, walk func(n *xmlNode, name *xmlName) xmlWalk) []types.MemberDecl {
	impl := types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
		need(x[0], "source")
		var name *xmlName
		if len(x) > 1 {
			if name = xnameArg(x[1]); name == nil {
				return types.Ref(noElements())
			}
		}
		return types.Ref(xmlFlatten(xelementType(), x[0].Ref, xnodeType(), func(n *xmlNode) types.Enumerator { return xmlPull(walk(n, name)) }))
	})
	return []types.MemberDecl{
		xm("static IEnumerable<XElement> "+method+"(this IEnumerable<"+of+"> source)"+where, impl),
		xm("static IEnumerable<XElement> "+method+"(this IEnumerable<"+of+"> source, XName name)"+where, impl),
	}
}

// xmlSpreadNodes is xmlSpread for nodes of every kind.
func xmlSpreadNodes(method, of, where string, walk func(n *xmlNode) xmlWalk) types.MemberDecl {
	return xm("static IEnumerable<XNode> "+method+"(this IEnumerable<"+of+"> source)"+where, types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
		return types.Ref(xmlFlatten(xnodeType(), x[0].Ref, xnodeType(), func(n *xmlNode) types.Enumerator { return xmlPull(walk(n)) }))
	}))
}

func xmlExtensionDecls() []*types.Decl {
	const container, node = " where T : XContainer", " where T : XNode"
	out := xmlSpread("Elements<T>", "T", container, elementsOf)
	out = append(out, xmlSpread("Descendants<T>", "T", container, func(n *xmlNode, name *xmlName) xmlWalk { return descendantsOf(n, name, true, false) })...)
	out = append(out, xmlSpread("Ancestors<T>", "T", node, func(n *xmlNode, name *xmlName) xmlWalk { return ancestorsOf(n, name, false) })...)
	out = append(out, xmlSpread("AncestorsAndSelf", "XElement", "", func(n *xmlNode, name *xmlName) xmlWalk { return ancestorsOf(n, name, true) })...)
	out = append(out, xmlSpread("DescendantsAndSelf", "XElement", "", func(n *xmlNode, name *xmlName) xmlWalk { return descendantsOf(n, name, true, true) })...)
	attributes := types.Raw(func(_ *types.Thread, _ types.Value, x []types.Value) types.Value {
		need(x[0], "source")
		var name *xmlName
		if len(x) > 1 {
			if name = xnameArg(x[1]); name == nil {
				return types.Ref(sequenceOf(xattributeType(), nil))
			}
		}
		return types.Ref(xmlFlatten(xattributeType(), x[0].Ref, xelementType(), func(n *xmlNode) types.Enumerator { return attributePull(n, name) }))
	})
	return []*types.Decl{types.T("static class System.Xml.Linq.Extensions", append(out,
		xmlSpreadNodes("Nodes<T>", "T", container, func(n *xmlNode) xmlWalk { return siblingWalk(n.first, n, nil, false) }),
		xmlSpreadNodes("DescendantNodes<T>", "T", container, func(n *xmlNode) xmlWalk { return descendantsOf(n, nil, false, false) }),
		xmlSpreadNodes("DescendantNodesAndSelf", "XElement", "", func(n *xmlNode) xmlWalk { return descendantsOf(n, nil, false, true) }),
		xm("static IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source)", attributes),
		xm("static IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source, XName name)", attributes),
		xm("static IEnumerable<T> InDocumentOrder<T>(this IEnumerable<T> source) where T : XNode", types.Generic(inDocumentOrder)),
		xm("static void Remove(this IEnumerable<XAttribute> source)", types.Raw(removeEach)),
		xm("static void Remove<T>(this IEnumerable<T> source) where T : XNode", types.Raw(removeEach)))...)}
}

// inDocumentOrder sorts nodes by their places, at the first enumeration.
func inDocumentOrder(_ *types.Thread, targs []*types.Type, _ types.Value, x []types.Value) types.Value {
	need(x[0], "source")
	return types.Ref(newSequence(targs[0], func(t *types.Thread) types.Enumerator {
		list := drain(t, x[0].Ref, xnodeType())
		slices.SortStableFunc(list, func(a, b types.Value) int {
			t.Step(8)
			return xmlOrder(nodeArg(a), nodeArg(b))
		})
		return newItems(list)
	}))
}

// removeEach takes each node or attribute of a sequence out of its parent; all are gathered first.
func removeEach(t *types.Thread, _ types.Value, x []types.Value) types.Value {
	need(x[0], "source")
	for _, v := range drain(t, x[0].Ref, types.Object_) {
		switch o := v.Ref.(type) {
		case *xmlNode:
			o.remove()
		case *xmlAttr:
			o.remove()
		}
	}
	return types.Value{}
}
