package clr

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

const (
	xlinqNS   = "System.Xml.Linq."
	xmlURI    = "http://www.w3.org/XML/1998/namespace"
	xmlnsURI  = "http://www.w3.org/2000/xmlns/"
	xmlPrefix = "xml"
	xmlnsName = "xmlns"
)

// xmlNamespace is an XNamespace. Two of the same name are equal.
type xmlNamespace struct{ uri *types.String }

// xmlName is an XName. Two of the same namespace and local name are equal.
type xmlName struct {
	ns    *xmlNamespace
	local *types.String
}

var (
	xnameType      = lateType(xlinqNS + "XName")
	xnamespaceType = lateType(xlinqNS + "XNamespace")
	noNamespace    = &xmlNamespace{types.EmptyString}
	theXMLSpace    = &xmlNamespace{types.NewString(xmlURI)}
	theXmlnsSpace  = &xmlNamespace{types.NewString(xmlnsURI)}
)

func (*xmlName) ClrType() *types.Type      { return xnameType() }
func (*xmlNamespace) ClrType() *types.Type { return xnamespaceType() }

// newNamespace is XNamespace.Get of Go text.
func newNamespace(uri *types.String) *xmlNamespace {
	switch uri.Go() {
	case "":
		return noNamespace
	case xmlURI:
		return theXMLSpace
	case xmlnsURI:
		return theXmlnsSpace
	}
	return &xmlNamespace{uri}
}

func (n *xmlNamespace) text() string { return n.uri.Go() }

func (n *xmlNamespace) same(o *xmlNamespace) bool {
	return n == o || n != nil && o != nil && n.text() == o.text()
}

func (n *xmlName) same(o *xmlName) bool {
	return n == o || n != nil && o != nil && n.local.Go() == o.local.Go() && n.ns.same(o.ns)
}

// is reports whether the name is that of a namespace and local name.
func (n *xmlName) is(uri, local string) bool { return n.local.Go() == local && n.ns.text() == uri }

// ToStr is the namespace's name.
func (n *xmlNamespace) ToStr(*types.Thread) *types.String { return n.uri }

// EqualTo compares names.
func (n *xmlNamespace) EqualTo(_ *types.Thread, o any) bool {
	m, ok := o.(*xmlNamespace)
	return ok && n.same(m)
}

// HashCode goes with EqualTo.
func (n *xmlNamespace) HashCode(*types.Thread) int32 { return stringHash(n.text()) }

// ToStr is "{namespace}local".
func (n *xmlName) ToStr(*types.Thread) *types.String {
	if n.ns.uri.Len() == 0 {
		return n.local
	}
	return types.NewString("{" + n.ns.text() + "}" + n.local.Go())
}

// EqualTo compares namespaces and local names.
func (n *xmlName) EqualTo(_ *types.Thread, o any) bool {
	m, ok := o.(*xmlName)
	return ok && n.same(m)
}

// HashCode goes with EqualTo.
func (n *xmlName) HashCode(*types.Thread) int32 {
	return stringHash(n.ns.text()) ^ stringHash(n.local.Go())
}

// newXMLName is ns + local: the local name must be a name without colon.
func newXMLName(ns *xmlNamespace, local *types.String) *xmlName {
	verifyNCName(local.Go())
	return &xmlName{ns, local}
}

// expandedName is XName.Get("{namespace}local").
func expandedName(s *types.String) *xmlName {
	if s == nil {
		types.ThrowNull("expandedName")
	}
	text := s.Go()
	if text == "" {
		types.Throw(types.ArgumentException, "'' is an invalid expanded name.")
	}
	if text[0] != '{' {
		return newXMLName(noNamespace, s)
	}
	i := strings.LastIndexByte(text, '}')
	if i <= 1 || i == len(text)-1 {
		types.Throw(types.ArgumentException, "'"+text+"' is an invalid expanded name.")
	}
	return newXMLName(newNamespace(types.NewString(text[1:i])), types.NewString(text[i+1:]))
}

var xmlExceptionType = lateType("System.Xml.XmlException")

// xmlPlace is the payload of an XmlException: where it happened, zero where that is not told.
type xmlPlace struct{ line, column int32 }

// throwXML raises an XmlException without a place.
func throwXML(message string) { types.Throw(xmlExceptionType(), message) }

// throwXMLAt raises an XmlException with its place, which .NET adds to the message.
func throwXMLAt(message string, line, column int) {
	panic(&types.Exception{T: xmlExceptionType(), Payload: &xmlPlace{int32(line), int32(column)},
		Text: types.NewString(fmt.Sprintf("%s Line %d, position %d.", message, line, column))})
}

// xmlChar describes a character in messages: itself and its number.
func xmlChar(r rune) (text, number string) {
	if r == 0 {
		return ".", "0x00"
	}
	return string(r), fmt.Sprintf("0x%02X", r)
}

func badStartChar(r rune) string {
	text, number := xmlChar(r)
	return "Name cannot begin with the '" + text + "' character, hexadecimal value " + number + "."
}

func badNameChar(r rune) string {
	text, number := xmlChar(r)
	return "The '" + text + "' character, hexadecimal value " + number + ", cannot be included in a name."
}

func invalidChar(r rune) string {
	text, number := xmlChar(r)
	return "'" + text + "', hexadecimal value " + number + ", is an invalid character."
}

// verifyNCName throws unless s is a name without colon.
func verifyNCName(s string) {
	if s == "" {
		types.ThrowArgument(types.ArgumentNullException, "The empty string '' is not a valid local name.", "name")
	}
	for i, r := range s {
		switch {
		case i == 0 && !isNCStart(r):
			throwXML(badStartChar(r))
		case i > 0 && !isNCChar(r):
			throwXML(badNameChar(r))
		}
	}
}

// verifyXMLName throws unless s is a name, which may have colons.
func verifyXMLName(s string) {
	if s == "" {
		types.ThrowArgument(types.ArgumentNullException, "The empty string '' is not a valid name.", "name")
	}
	for i, r := range s {
		switch {
		case r == ':':
		case i == 0 && !isNCStart(r):
			throwXML(badStartChar(r))
		case i > 0 && !isNCChar(r):
			throwXML(badNameChar(r))
		}
	}
}

// isNCStart reports a character that may begin a name (XML 1.0, fourth edition, with the letters of the fifth below U+10000).
func isNCStart(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
	case r > 0xFFFD:
		return false
	}
	return r >= 0xC0 && r <= 0xD6 || r >= 0xD8 && r <= 0xF6 || r >= 0xF8 && r <= 0x2FF || r >= 0x370 && r <= 0x37D || r >= 0x37F && r <= 0x1FFF && r != 0x387 ||
		r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF || r >= 0x3001 && r <= 0xD7FF ||
		r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFC
}

// isNCChar reports a character that may stand in a name.
func isNCChar(r rune) bool {
	return isNCStart(r) || r >= '0' && r <= '9' || r == '-' || r == '.' || r == 0xB7 || r == 0x387 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}

// isXMLChar reports a character that may stand in a document.
func isXMLChar(r rune) bool {
	return r >= ' ' && r <= 0xD7FF || r == '\t' || r == '\n' || r == '\r' || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

func isXMLSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
