package clr_test

import "testing"

func TestXMLDocument(t *testing.T) {
	const load = `var d = new XmlDocument(); d.LoadXml("<?xml version='1.0'?><r xmlns:p='u'><a k='1'>x<b>y</b></a><a k='2'/><p:c>z</p:c></r>"); `
	for _, e := range []expression{
		{"inner text", `@{ ` + load + `return d.InnerText; }`, "xyz"},
		{"outer", `@{ ` + load + `return d.OuterXml; }`, `<?xml version="1.0"?><r xmlns:p="u"><a k="1">x<b>y</b></a><a k="2" /><p:c>z</p:c></r>`},
		{"inner", `@{ ` + load + `return d.DocumentElement.FirstChild.InnerXml; }`, "x<b>y</b>"},
		{"attribute", `@{ ` + load + `return d.DocumentElement["a"].Attributes["k"].Value + d.DocumentElement["a"].GetAttribute("none"); }`, "1"},
		{"for each", `@{ ` + load + `var s = ""; foreach (XmlNode n in d.DocumentElement.ChildNodes) { s += n.Name + ";"; } return s; }`, "a;a;p:c;"},
		{"by tag name", `@{ ` + load + `return d.GetElementsByTagName("a").Count; }`, "2"},
		{"change", `@{ ` + load + `d.SelectSingleNode("/r/a[2]").InnerText = "<"; return d.SelectNodes("//a")[1].OuterXml; }`, `<a k="2">&lt;</a>`},
		{"not found", `@{ ` + load + `return d.SelectSingleNode("/r/none") == null; }`, "True"},
		{"reader", `@{ using (var r = XmlReader.Create(new StringReader("<a>1</a>"))) { return XElement.Load(r).Value; } }`, "1"},
		{"malformed", `@{ new XmlDocument().LoadXml("<a>"); return 1; }`, xmlException + "Data at the root level is invalid. Line 1, position 1."},
		{"same node", `@{ ` + load + `return object.ReferenceEquals(d.SelectSingleNode("//b"), d.SelectSingleNode("/r/a/b")); }`, "True"},
	} {
		e.test(t)
	}
}

func TestXPath(t *testing.T) {
	const doc = `@{ var d = new XmlDocument(); d.LoadXml("<r><a n='1'>x</a><b/><a n='2'><c>5</c><c>7</c></a><!--k--></r>"); return `
	const names = `.Cast<XmlNode>().Select(n => n.NodeType == XmlNodeType.Attribute ? n.Value : n.InnerText)); }`
	for _, c := range []struct{ path, want string }{
		{"/r/a", "x,57"}, {"//c", "5,7"}, {"/r/a/@n", "1,2"}, {"//@n", "1,2"}, {"/r/a[@n='2']/c[1]", "5"}, {"/r/a[last()]/c[last()]", "7"},
		{"//c[. > 5]", "7"}, {"//c[position()=2]", "7"}, {"//c/..", "57"}, {"//a[c]", "57"}, {"//a[not(c)]", "x"}, {"/r/*[2]", ""},
		{"//c | /r/a[1]", "x,5,7"}, {"//*[local-name()='c' and text()='5']", "5"}, {"//a[contains(., 'x') or @n = 2]", "x,57"},
		{"//c[2]/preceding-sibling::c", "5"}, {"//comment()", "k"}, {"//a[count(c) = 2]/c[starts-with(text(), '7')]", "7"}, {"//c[sum(../c) - 12 = 0]", "5,7"},
		{"/r/a[string-length(normalize-space(text())) = 1]", "x"}, {"descendant::c[1]", "5"}, {"//a[@*]", "x,57"},
	} {
		expression{c.path, doc + `string.Join(",", d.SelectNodes("` + c.path + `")` + names, c.want}.test(t)
	}
	const xpath = "System.Xml.XPath.XPathException: "
	for _, e := range []expression{
		{"bad token", doc + `d.SelectNodes("//a[").Count; }`, xpath + "'//a[' has an invalid token."},
		{"unknown prefix", doc + `d.SelectNodes("//p:a").Count; }`, xpath + "Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function."},
		{"no nodes", doc + `d.SelectNodes("count(//a)").Count; }`, xpath + "Expression must evaluate to a node-set."},
		{"with a prefix", `@{ var d = new XmlDocument(); d.LoadXml("<a xmlns='u'><b>1</b></a>"); var m = new XmlNamespaceManager(d.NameTable); m.AddNamespace("x", "u"); return d.SelectSingleNode("/x:a/x:b", m).InnerText; }`, "1"},
	} {
		e.test(t)
	}
}
