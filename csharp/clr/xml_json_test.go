package clr_test

import "testing"

func TestXMLToJSON(t *testing.T) {
	for _, e := range []expression{
		{"attributes and texts", `@(JsonConvert.SerializeXNode(XElement.Parse("<a k='1'>t<b>2</b><c/><d></d></a>")))`, `{"a":{"@k":"1","#text":"t","b":"2","c":null,"d":""}}`},
		{"array of one name", `@(JsonConvert.SerializeXNode(XElement.Parse("<a><b>1</b><c/><b>2</b></a>")))`, `{"a":{"b":["1","2"],"c":null}}`},
		{"root left out", `@(JsonConvert.SerializeXNode(XElement.Parse("<a><b>1</b></a>"), Newtonsoft.Json.Formatting.None, true))`, `{"b":"1"}`},
		{"prefixes", `@(JsonConvert.SerializeXNode(XElement.Parse("<p:a xmlns:p='u' p:k='1'><p:b/></p:a>")))`, `{"p:a":{"@xmlns:p":"u","@p:k":"1","p:b":null}}`},
		{"default namespace", `@(JsonConvert.SerializeXNode(XElement.Parse("<a xmlns='u'><b>1</b></a>")))`, `{"a":{"@xmlns":"u","b":"1"}}`},
		{"declaration", `@(JsonConvert.SerializeXNode(XDocument.Parse("<?xml version='1.0' standalone='no'?><a/>")))`, `{"?xml":{"@version":"1.0","@standalone":"no"},"a":null}`},
		{"CDATA and comment", `@(JsonConvert.SerializeXNode(XElement.Parse("<a><![CDATA[x]]><!--c--></a>")))`, `{"a":{"#cdata-section":"x"/*c*/}}`},
		{"marked array", `@(JsonConvert.SerializeXNode(XElement.Parse("<a xmlns:json='http://james.newtonking.com/projects/json'><b json:Array='true'>1</b></a>")))`, `{"a":{"b":["1"]}}`},
		{"indented", `@(JsonConvert.SerializeXNode(XElement.Parse("<a><b>1</b></a>"), Newtonsoft.Json.Formatting.Indented))`, "{\n  \"a\": {\n    \"b\": \"1\"\n  }\n}"},
		{"null", `@(JsonConvert.SerializeXNode(null))`, "null"},
		{"XmlDocument", `@{ var d = new XmlDocument(); d.LoadXml("<a><b>1</b></a>"); return JsonConvert.SerializeXmlNode(d) + JsonConvert.SerializeXmlNode(d.DocumentElement.FirstChild); }`, `{"a":{"b":"1"}}{"b":"1"}`},
	} {
		e.test(t)
	}
}

func TestJSONToXML(t *testing.T) {
	for _, e := range []expression{
		{"all kinds", `@(JsonConvert.DeserializeXNode("{\"a\":{\"@k\":1,\"b\":[1,true,null,\"x\"],\"c\":{\"d\":1.5}}}").ToString(SaveOptions.DisableFormatting))`, `<a k="1"><b>1</b><b>true</b><b /><b>x</b><c><d>1.5</d></c></a>`},
		{"named root", `@(JsonConvert.DeserializeXNode("{\"a\":1,\"b\":2}", "r").ToString(SaveOptions.DisableFormatting))`, `<r><a>1</a><b>2</b></r>`},
		{"two roots", `@(JsonConvert.DeserializeXNode("{\"a\":1,\"b\":2}") == null)`, "Newtonsoft.Json.JsonSerializationException: JSON root object has multiple properties. The root object must have a single property in order to create a valid XML document. Consider specifying a DeserializeRootElementName."},
		{"no object", `@(JsonConvert.DeserializeXNode("[1]") == null)`, "Newtonsoft.Json.JsonSerializationException: XmlNodeConverter can only convert JSON that begins with an object."},
		{"namespace", `@(JsonConvert.DeserializeXNode("{\"p:a\":{\"@xmlns:p\":\"u\",\"p:b\":1}}").Root.Elements().First().Name)`, "{u}b"},
		{"name that XML has not", `@(JsonConvert.DeserializeXNode("{\"a b\":1}").ToString())`, "<a_x0020_b>1</a_x0020_b>"},
		{"marked array", `@(JsonConvert.DeserializeXNode("{\"a\":{\"b\":[1]}}", "r", true).Descendants("b").First().Attributes().Count())`, "2"},
		{"XmlDocument", `@(JsonConvert.DeserializeXmlNode("{\"a\":{\"b\":1}}").OuterXml)`, "<a><b>1</b></a>"},
		{"there and back", `@(JsonConvert.SerializeXNode(JsonConvert.DeserializeXNode("{\"a\":{\"@k\":\"1\",\"b\":[\"x\",\"y\"]}}")))`, `{"a":{"@k":"1","b":["x","y"]}}`},
	} {
		e.test(t)
	}
}
