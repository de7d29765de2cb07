package clr

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// jsonURI is the namespace of the attributes that steer Json.NET's conversion of XML.
const jsonURI = "http://james.newtonking.com/projects/json"

// xmlToJSON writes nodes as Json.NET's XmlNodeConverter does.
type xmlToJSON struct {
	t     *types.Thread
	w     *jsonWriter
	bound []xmlBinding
}

// serializeXNode is JsonConvert.SerializeXNode of o: null, a node or an attribute.
func serializeXNode(t *types.Thread, o any, indent, omitRoot bool) *types.String {
	c := &xmlToJSON{t: t, w: newJSONWriter(t, indent), bound: []xmlBinding{{prefix: xmlnsName, uri: xmlnsURI}, {prefix: xmlPrefix, uri: xmlURI}, {}}}
	switch x := o.(type) {
	case *xmlNode:
		for _, n := range xmlPath(x) {
			if n != x {
				c.bind(n)
			}
		}
		c.whole(omitRoot, func() { c.node(x, !omitRoot) })
	case *xmlAttr:
		c.whole(omitRoot, func() { c.attribute(x, !omitRoot) })
	default:
		c.w.raw("null")
	}
	return newString(t, c.w.b.String())
}

func (c *xmlToJSON) whole(omitRoot bool, write func()) {
	if omitRoot {
		write()
		return
	}
	c.w.open('{')
	write()
	c.w.close('}')
}

func (c *xmlToJSON) bind(n *xmlNode) {
	for _, a := range n.attrs {
		if a.declares() {
			c.bound = append(c.bound, xmlBinding{prefix: a.prefix(), uri: a.value.Go()})
		}
	}
}

// fullName is a name with the prefix that its namespace has here.
func (c *xmlToJSON) fullName(n *xmlName) string {
	local := decodeXMLName(n.local.Go())
	uri := n.ns.text()
	for i := len(c.bound) - 1; i >= 0; i-- {
		if b := c.bound[i]; b.uri == uri {
			if b.prefix == "" {
				break
			}
			return b.prefix + ":" + local
		}
	}
	return local
}

// property is the name that a node has in its parent's object.
func (c *xmlToJSON) property(n *xmlNode) string {
	switch n.kind {
	case xmlElement:
		if n.name.ns.text() == jsonURI {
			return "$" + n.name.local.Go()
		}
		return c.fullName(n.name)
	case xmlText:
		return "#text"
	case xmlCData:
		return "#cdata-section"
	case xmlComment:
		return "#comment"
	case xmlPI:
		return "?" + goString(n.more.target)
	}
	return "!DOCTYPE"
}

func (c *xmlToJSON) node(n *xmlNode, named bool) {
	c.t.Enter()
	defer c.t.Leave()
	switch n.kind {
	case xmlDocument:
		if n.more != nil && n.more.declaration != nil {
			d := n.more.declaration
			c.parts("?xml", "@version", d.version, "@encoding", d.encoding, "@standalone", d.standalone)
		}
		c.children(n, named)
	case xmlElement:
		c.element(n, named)
	case xmlDocType:
		m := n.more
		c.parts("!DOCTYPE", "@name", m.target, "@public", m.public, "@system", m.system, "@internalSubset", m.subset)
	case xmlComment:
		if named {
			c.w.comment(n.text.Go())
		}
	default:
		if named {
			c.w.name(c.property(n))
		}
		c.w.text(n.text.Go())
	}
}

// parts writes an object of the texts that are there: names and texts in turn.
func (c *xmlToJSON) parts(name string, pairs ...any) {
	c.w.name(name)
	c.w.open('{')
	for i := 0; i < len(pairs); i += 2 {
		if s, _ := pairs[i+1].(*types.String); s != nil && s.Len() > 0 {
			c.w.name(pairs[i].(string))
			c.w.text(s.Go())
		}
	}
	c.w.close('}')
}

func (c *xmlToJSON) element(n *xmlNode, named bool) {
	if isJSONArray(n) && n.first != nil && allNamed(n) {
		c.children(n, false)
		return
	}
	mark := len(c.bound)
	c.bind(n)
	if named {
		c.w.name(c.property(n))
	}
	switch {
	case n.first != nil && n.first == n.last && n.first.kind == xmlText && !hasValueAttributes(n):
		c.w.text(n.first.text.Go())
	case n.first == nil && len(n.attrs) == 0 && n.open:
		c.w.text("")
	case n.first == nil && len(n.attrs) == 0:
		c.w.raw("null")
	default:
		c.w.open('{')
		for _, a := range n.attrs {
			c.attribute(a, true)
		}
		c.children(n, true)
		c.w.close('}')
	}
	c.bound = c.bound[:mark]
}

func (c *xmlToJSON) attribute(a *xmlAttr, named bool) {
	uri := a.name.ns.text()
	if uri == xmlnsURI && a.value.Go() == jsonURI || uri == jsonURI && a.name.local.Go() == "Array" {
		return
	}
	if named {
		if uri == jsonURI {
			c.w.name("$" + a.name.local.Go())
		} else {
			c.w.name("@" + c.fullName(a.name))
		}
	}
	c.w.text(a.value.Go())
}

// children writes the nodes below n, those of one name together as an array.
func (c *xmlToJSON) children(n *xmlNode, named bool) {
	var order []string
	groups := map[string][]*xmlNode{}
	for ch := n.first; ch != nil; ch = ch.next {
		c.t.Step(1)
		name := c.property(ch)
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], ch)
	}
	for _, name := range order {
		group := groups[name]
		if len(group) == 1 && !isJSONArray(group[0]) {
			c.node(group[0], named)
			continue
		}
		if named {
			c.w.name(name)
		}
		c.w.open('[')
		for _, ch := range group {
			c.node(ch, false)
		}
		c.w.close(']')
	}
}

// isJSONArray reports an element marked to be an array.
func isJSONArray(n *xmlNode) bool {
	for _, a := range n.attrs {
		if a.name.is(jsonURI, "Array") {
			return parseXMLBool(a.value)
		}
	}
	return false
}

func allNamed(n *xmlNode) bool {
	for c := n.first; c != nil; c = c.next {
		if c.kind != xmlElement || c.name.local.Go() != n.name.local.Go() {
			return false
		}
	}
	return true
}

func hasValueAttributes(n *xmlNode) bool {
	for _, a := range n.attrs {
		if uri := a.name.ns.text(); uri != jsonURI && !(uri == xmlnsURI && a.value.Go() == jsonURI) {
			return true
		}
	}
	return false
}

// decodeXMLName undoes encodeXMLName: _x0020_ is a space.
func decodeXMLName(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		var n rune
		if strings.HasPrefix(s[i:], "_x") && len(s) >= i+7 && s[i+6] == '_' {
			if k, err := fmt.Sscanf(s[i+2:i+6], "%04X", &n); k == 1 && err == nil {
				b.WriteRune(n)
				i += 7
				continue
			}
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// encodeXMLName writes what may not stand in a name as _xHHHH_.
func encodeXMLName(s string, colons bool) string {
	var b strings.Builder
	start := true
	for _, r := range s {
		switch {
		case r == ':' && colons:
			b.WriteRune(r)
		case start && isNCStart(r), !start && isNCChar(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, "_x%08X_", r)
		default:
			fmt.Fprintf(&b, "_x%04X_", r)
		}
		start = false
	}
	return b.String()
}

// xmlJSONMembers are the members of JsonConvert that convert XML.
func xmlJSONMembers() []types.MemberDecl {
	serialize := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value {
		node := x[0].Ref
		if d, ok := node.(domNode); ok {
			if node = any(d.n); d.a != nil {
				node = d.a
			}
		}
		return types.Ref(serializeXNode(t, node, len(x) > 1 && x[1].Int32() == 1, len(x) > 2 && x[2].Bool()))
	})
	read := func(t *types.Thread, x []types.Value) *xmlNode {
		need(x[0], "value")
		c := &jsonToXML{t: t, arrays: len(x) > 2 && x[2].Bool(), encode: len(x) > 3 && x[3].Bool()}
		root := ""
		if len(x) > 1 {
			root = goString(x[1].Str())
		}
		return c.document(parseJSON(t, x[0].Str(), jNone, defaultLoad), root)
	}
	toLinq := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value { return nodeOrNull(read(t, x)) })
	toDOM := types.Raw(func(t *types.Thread, _ types.Value, x []types.Value) types.Value { return domOf(read(t, x)) })
	out := []types.MemberDecl{}
	params := ""
	for _, param := range []string{"", ", string deserializeRootElementName", ", bool writeArrayAttribute", ", bool encodeSpecialCharacters"} {
		params += param
		out = append(out, xm("static XDocument DeserializeXNode(string value"+params+")", toLinq),
			xm("static XmlDocument DeserializeXmlNode(string value"+params+")", toDOM))
	}
	params = ""
	for _, param := range []string{"", ", Newtonsoft.Json.Formatting formatting", ", bool omitRootObject"} {
		params += param
		out = append(out, xm("static string SerializeXNode(XObject node"+params+")", serialize),
			xm("static string SerializeXmlNode(XmlNode node"+params+")", serialize))
	}
	return out
}
