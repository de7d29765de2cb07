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

// The tokens of a reader, as XmlReader gives them.
func TestXMLReader(t *testing.T) {
	const open = `@{ var r = XmlReader.Create(new StringReader("<?xml version=\"1.0\"?><!--c--><r a='1' p:b='2' xmlns:p='u'>\n<e/><f></f>x<![CDATA[y]]><p:g k='v'>z</p:g></r>")); `
	for _, e := range []expression{
		{"tokens", open + `var s = ""; while (r.Read()) { s += r.NodeType + ":" + r.Name + ":" + r.Depth + ";"; } return s + r.EOF; }`,
			"XmlDeclaration:xml:0;Comment::0;Element:r:0;Whitespace::1;Element:e:1;Element:f:1;EndElement:f:1;Text::1;CDATA::1;Element:p:g:1;Text::2;EndElement:p:g:1;EndElement:r:0;True"},
		{"before the first", open + `return r.NodeType + r.Name + r.Value + r.Depth + r.EOF; }`, "None0False"},
		{"content", open + `return r.MoveToContent() + r.Name + r.AttributeCount + r.HasAttributes + r["a"] + r.GetAttribute("b", "u") + (r.GetAttribute("c") == null); }`, "Elementr3True12True"},
		{"attributes", open + `r.MoveToContent(); var s = ""; while (r.MoveToNextAttribute()) s += r.Prefix + "|" + r.LocalName + "=" + r.Value + ";"; return s + r.MoveToElement() + r.Name; }`, "|a=1;p|b=2;xmlns|p=u;Truer"},
		{"empty elements", open + `r.ReadToFollowing("e"); var e = r.IsEmptyElement; r.ReadToNextSibling("f"); return e + "," + r.IsEmptyElement; }`, "True,False"},
		{"a name in a namespace", open + `return r.ReadToFollowing("g", "u") ? r.ReadElementContentAsString() + r.NodeType + r.Name : "none"; }`, "zEndElementr"},
		{"descendant", open + `r.MoveToContent(); return r.ReadToDescendant("p:g") + r.GetAttribute("k") + r.ReadToDescendant("none") + r.NodeType; }`, "TruevFalseEndElement"},
		{"inner and outer", open + `r.ReadToFollowing("p:g"); return r.ReadInnerXml() + r.NodeType; }`, "zEndElement"},
		{"skip", open + `r.MoveToContent(); r.Skip(); return r.EOF.ToString() + r.Read(); }`, "TrueFalse"},
		{"start and end", open + `r.ReadStartElement("r"); var s = r.NodeType.ToString(); while (r.NodeType != XmlNodeType.EndElement || r.Name != "r") r.Read(); r.ReadEndElement(); return s + r.EOF; }`, "WhitespaceTrue"},
		{"wrong start", open + `r.ReadStartElement("q"); return 1; }`, xmlException + "Element 'q' was not found."},
		{"nodes read", open + `r.ReadToFollowing("p:g"); var e = XNode.ReadFrom(r) as XElement; return e.Value + e.Name + r.Name; }`, "z{u}gr"},
		{"nothing to read", open + `XNode.ReadFrom(r); return 1; }`, "System.InvalidOperationException: The XmlReader state should be Interactive."},
		{"load what is left", open + `r.MoveToContent(); return XElement.Load(r).Elements().Count(); }`, "3"},
		{"load in the middle", open + `r.ReadToFollowing("e"); return XElement.Load(r).Name; }`, "System.InvalidOperationException: The XmlReader state should be EndOfFile after this operation."},
		{"of a node", `@{ var r = XElement.Parse("<a><b>1</b></a>").CreateReader(); r.ReadToFollowing("b"); return r.ReadElementContentAsString(); }`, "1"},
		{"disposed", open + `using (r) { r.Read(); } return r.Read().ToString() + r.NodeType; }`, "FalseNone"},
		{"malformed", `@{ var r = XmlReader.Create(new StringReader("<a></b>")); while (r.Read()) { } return 1; }`, xmlException + "The 'a' start tag on line 1 position 2 does not match the end tag of 'b'. Line 1, position 6."},
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
