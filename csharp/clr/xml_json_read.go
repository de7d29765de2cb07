package clr

import (
	"encoding/base64"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// jsonToXML makes a document of JSON as Json.NET's XmlNodeConverter does.
type jsonToXML struct {
	t *types.Thread
	// arrays marks the elements that come from arrays; encode takes no property name for an attribute or instruction.
	arrays, encode bool
	bound          []xmlBinding
}

var jsonSerializationError = lateType("Newtonsoft.Json.JsonSerializationException")

func failJSONToXML(message string) { types.Throw(jsonSerializationError(), message) }

// document converts a whole value; root, if not empty, names an element around it. JSON's null is no document.
func (c *jsonToXML) document(j *JToken, root string) *xmlNode {
	if j.kind == jNull {
		return nil
	}
	if j.kind != jObject {
		failJSONToXML("XmlNodeConverter can only convert JSON that begins with an object.")
	}
	d := &xmlNode{kind: xmlDocument}
	if root != "" {
		c.element(d, root, j)
		return d
	}
	for _, p := range j.items {
		c.property(d, p)
	}
	return d
}

// property converts a property of an object into nodes of p.
func (c *jsonToXML) property(p *xmlNode, j *JToken) {
	c.t.Step(1)
	if p.kind == xmlDocument && p.root() != nil {
		failJSONToXML("JSON root object has multiple properties. The root object must have a single property in order to create a valid XML document. " +
			"Consider specifying a DeserializeRootElementName.")
	}
	name, v := j.name.Go(), j.propertyValue()
	if v == nil {
		return
	}
	if v.kind != jArray {
		c.value(p, name, v)
		return
	}
	for _, item := range v.items {
		c.value(p, name, item)
	}
	if c.arrays && len(v.items) == 1 && p.last != nil && p.last.kind == xmlElement {
		c.markArray(p.last)
	}
}

// markArray marks an element as coming from an array.
func (c *jsonToXML) markArray(e *xmlNode) {
	e.addAttribute(&xmlAttr{name: &xmlName{newNamespace(types.NewString(jsonURI)), types.NewString("Array")}, value: types.NewString("true")})
	if _, ok := xmlPrefixOf(e, jsonURI, true); !ok {
		e.addAttribute(&xmlAttr{name: &xmlName{theXmlnsSpace, types.NewString("json")}, value: types.NewString(jsonURI)})
	}
}

// value converts a value under a name.
func (c *jsonToXML) value(p *xmlNode, name string, v *JToken) {
	c.t.Enter()
	defer c.t.Leave()
	if v.kind == jComment {
		return
	}
	if !c.encode && c.special(p, name, v) {
		return
	}
	if v.kind == jArray {
		e := c.newElement(name)
		p.addNode(c.t, e)
		for _, item := range v.items {
			c.value(e, name, item)
		}
		if c.arrays {
			c.markArray(e)
		}
		return
	}
	c.element(p, name, v)
}

// special converts the names that stand for something else than an element; false for any other.
func (c *jsonToXML) special(p *xmlNode, name string, v *JToken) bool {
	switch {
	case name == "#text", name == "#whitespace", name == "#significant-whitespace":
		p.addNode(c.t, newXMLText(c.text(v)))
	case name == "#cdata-section":
		p.addNode(c.t, &xmlNode{kind: xmlCData, text: c.text(v)})
	case name == "?xml":
		c.declaration(p, v)
	case strings.HasPrefix(name, "?"):
		p.addNode(c.t, &xmlNode{kind: xmlPI, text: c.text(v), more: &xmlMore{target: validTarget(types.NewString(name[1:]))}})
	case strings.EqualFold(name, "!DOCTYPE"):
		m := &xmlMore{}
		for part, at := range map[string]**types.String{"@name": &m.target, "@public": &m.public, "@system": &m.system, "@internalSubset": &m.subset} {
			if x := v.get(part); v.kind == jObject && x != nil {
				*at = c.text(x)
			}
		}
		m.target = validDocTypeName(m.target)
		p.addNode(c.t, &xmlNode{kind: xmlDocType, more: m})
	case strings.HasPrefix(name, "@"):
		if p.kind == xmlDocument {
			failJSONToXML("JSON root object has property '" + name + "' that will be converted to an attribute. A root object cannot have any attribute " +
				"properties. Consider specifying a DeserializeRootElementName.")
		}
		c.attribute(p, name[1:], v)
	default:
		return false
	}
	return true
}

func (c *jsonToXML) declaration(p *xmlNode, v *JToken) {
	d := &xmlDeclaration{}
	if v.kind == jObject {
		for part, at := range map[string]**types.String{"@version": &d.version, "@encoding": &d.encoding, "@standalone": &d.standalone} {
			if x := v.get(part); x != nil {
				*at = c.text(x)
			}
		}
	}
	if p.kind == xmlDocument {
		p.extra().declaration = d
	}
}

// attribute gives an element an attribute, or sets it if the element has it.
func (c *jsonToXML) attribute(e *xmlNode, name string, v *JToken) {
	value := c.text(v)
	encoded := encodeXMLName(name, true)
	prefix, local, qualified := strings.Cut(encoded, ":")
	n := &xmlName{noNamespace, types.NewString(encoded)}
	if qualified {
		n = &xmlName{newNamespace(types.NewString(c.uri(prefix))), types.NewString(local)}
	}
	validateXMLAttr(n, value)
	if a := e.attribute(n); a != nil {
		a.value = value
		return
	}
	e.appendAttr(&xmlAttr{name: n, value: value})
}

// uri is the namespace that a prefix stands for here, "" if none.
func (c *jsonToXML) uri(prefix string) string {
	for i := len(c.bound) - 1; i >= 0; i-- {
		if c.bound[i].prefix == prefix {
			return c.bound[i].uri
		}
	}
	switch prefix {
	case xmlPrefix:
		return xmlURI
	case xmlnsName:
		return xmlnsURI
	}
	return ""
}

func (c *jsonToXML) newElement(name string) *xmlNode {
	c.t.Alloc(160)
	if name == "" {
		failJSONToXML("XmlNodeConverter cannot convert JSON with an empty property name to XML.")
	}
	encoded := encodeXMLName(name, !c.encode)
	prefix, local, qualified := strings.Cut(encoded, ":")
	if !qualified {
		prefix, local = "", encoded
	}
	return &xmlNode{kind: xmlElement, name: newXMLName(newNamespace(types.NewString(c.uri(prefix))), types.NewString(local))}
}

// element converts a value into an element; what an object declares of namespaces counts for the element itself.
func (c *jsonToXML) element(p *xmlNode, name string, v *JToken) {
	mark := len(c.bound)
	if v.kind == jObject && !c.encode {
		for _, x := range v.items {
			attr, ok := strings.CutPrefix(x.name.Go(), "@xmlns")
			if prefix, isPrefix := strings.CutPrefix(attr, ":"); ok && (attr == "" || isPrefix) {
				c.bound = append(c.bound, xmlBinding{prefix: prefix, uri: c.text(x.propertyValue()).Go()})
			}
		}
	}
	e := c.newElement(name)
	p.addNode(c.t, e)
	switch v.kind {
	case jObject:
		for _, x := range v.items {
			c.property(e, x)
		}
	case jNull, jUndefined:
	default:
		e.addNode(c.t, newXMLText(c.text(v)))
	}
	c.bound = c.bound[:mark]
}

// text is a scalar as XML has it, "" for null.
func (c *jsonToXML) text(v *JToken) *types.String {
	switch {
	case v == nil || v.kind == jNull || v.value == nil && v.kind != jObject && v.kind != jArray:
		return types.EmptyString
	case v.kind == jObject || v.kind == jArray:
		failJSONToXML("Cannot get an XML string value from token type 'Start" + v.kind.String() + "'.")
	}
	if b, ok := v.value.(*types.Bytes); ok {
		return types.NewString(base64.StdEncoding.EncodeToString(b.B))
	}
	return xmlStringOf(c.t, v.value)
}
