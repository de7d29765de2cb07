// XML LINQ (System.Xml.Linq) and what little of System.Xml goes with it live here, in the xml_*.go files.

package clr

import (
	"regexp"
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// xmlDecls are System.Xml.Linq and System.Xml.
func xmlDecls() []*types.Decl {
	return slices.Concat(xmlEnumDecls(), xmlNameDecls(), []*types.Decl{xmlDeclarationDecl()}, xmlObjectDecls(), xmlLeafDecls(), xmlContainerDecls(),
		xmlExtensionDecls(), xmlComparerDecls(), xmlDOMDecls())
}

var (
	xlinqName = regexp.MustCompile(`\b(X[A-Z]\w*|SaveOptions|LoadOptions)\b`)
	xmlTypes  = regexp.MustCompile(`\bXml[A-Z]\w*`)
)

// xm declares a member whose signature has the types of System.Xml.Linq, System.Xml and the generic ones in short.
func xm(signature string, impl types.Impl) types.MemberDecl {
	s := xmlTypes.ReplaceAllString(signature, "System.Xml.$0")
	return mx(xlinqName.ReplaceAllString(s, "System.Xml.Linq.$0"), impl)
}

// xmlClass declares a type of System.Xml.Linq whose head has those types in short.
func xmlClass(head string, members ...types.MemberDecl) *types.Decl {
	return types.T(longNames(xlinqName.ReplaceAllString(head, "System.Xml.Linq.$0")), members...)
}

// onNode makes an Impl of a member of a node.
func onNode(fn func(t *types.Thread, n *xmlNode, x []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, x []types.Value) types.Value {
		return fn(t, receiverNode(this), x)
	})
}

// doNode is onNode for a method without a result.
func doNode(fn func(t *types.Thread, n *xmlNode, x []types.Value)) types.Impl {
	return onNode(func(t *types.Thread, n *xmlNode, x []types.Value) types.Value {
		fn(t, n, x)
		return types.Value{}
	})
}

func receiverNode(this types.Value) *xmlNode {
	n, ok := receiverObject(this).(*xmlNode)
	if !ok {
		types.ThrowInvalidCast(types.TypeOf(this.Ref), xnodeType())
	}
	return n
}

// nodeSet makes a setter.
func nodeSet(fn func(t *types.Thread, n *xmlNode, v types.Value)) func(*types.Thread, types.Value, []types.Value) {
	return func(t *types.Thread, this types.Value, x []types.Value) { fn(t, receiverNode(this), x[0]) }
}

// nodeOrNull is a reference to n, null for nil.
func nodeOrNull(n *xmlNode) types.Value {
	if n == nil {
		return types.Null
	}
	return types.Ref(n)
}

func xnameArg(v types.Value) *xmlName {
	n, _ := v.Ref.(*xmlName)
	return n
}

// needName is an XName argument; null throws ArgumentNullException about name.
func needName(v types.Value) *xmlName {
	need(v, "name")
	return xnameArg(v)
}

func xmlEnumDecls() []*types.Decl {
	return []*types.Decl{
		types.T("class System.Xml.XmlException : System.SystemException", append(exceptionConstructors("System.Xml.XmlException", "An XML error has occurred."),
			types.M("int LineNumber { get; }", types.I0(func(e *types.Exception) int32 { return placeOf(e).line })),
			types.M("int LinePosition { get; }", types.I0(func(e *types.Exception) int32 { return placeOf(e).column })))...),
		types.T("enum System.Xml.XmlNodeType", constants("System.Xml.XmlNodeType", "None", 0, "Element", 1, "Attribute", 2, "Text", 3, "CDATA", 4,
			"EntityReference", 5, "Entity", 6, "ProcessingInstruction", 7, "Comment", 8, "Document", 9, "DocumentType", 10, "DocumentFragment", 11,
			"Notation", 12, "Whitespace", 13, "SignificantWhitespace", 14, "EndElement", 15, "EndEntity", 16, "XmlDeclaration", 17)...),
		types.T("enum System.Xml.Linq.SaveOptions", constants("System.Xml.Linq.SaveOptions", "None", 0, "DisableFormatting", 1, "OmitDuplicateNamespaces", 2)...),
		types.T("enum System.Xml.Linq.LoadOptions", constants("System.Xml.Linq.LoadOptions", "None", 0, "PreserveWhitespace", 1, "SetBaseUri", 2, "SetLineInfo", 4)...),
	}
}

func placeOf(e *types.Exception) xmlPlace {
	if p, ok := e.Payload.(*xmlPlace); ok {
		return *p
	}
	return xmlPlace{}
}
