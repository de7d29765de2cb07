package clr_test

import (
	"strings"
	"testing"
)

const xmlException = "System.Xml.XmlException: "

func TestXMLParse(t *testing.T) {
	for _, e := range []expression{
		{"short text is no document", `@(XElement.Parse("<a>"))`, xmlException + "Data at the root level is invalid. Line 1, position 1."},
		{"text at the top", `@(XElement.Parse("hello"))`, xmlException + "Data at the root level is invalid. Line 1, position 1."},
		{"text after the root", "@(XElement.Parse(\"<a/>\\n x\"))", xmlException + "Data at the root level is invalid. Line 2, position 2."},
		{"no end of the root", `@(XElement.Parse("<abc>"))`, xmlException + "Unexpected end of file has occurred. The following elements are not closed: abc. Line 1, position 6."},
		{"open elements, innermost first", `@(XElement.Parse("<a><b><c>x"))`, xmlException + "Unexpected end of file has occurred. The following elements are not closed: c, b, a. Line 1, position 11."},
		{"end tag cut short", `@(XElement.Parse("<a></"))`, xmlException + "Unexpected end of file while parsing Name has occurred. Line 1, position 6."},
		{"end tag alone", `@(XElement.Parse("</a>"))`, xmlException + "Unexpected end tag. Line 1, position 3."},
		{"bad name", `@(XElement.Parse("<1a/>"))`, xmlException + "Name cannot begin with the '1' character, hexadecimal value 0x31. Line 1, position 2."},
		{"bad character in a name", `@(XElement.Parse("<a$b/>"))`, xmlException + "The '$' character, hexadecimal value 0x24, cannot be included in a name. Line 1, position 3."},
		{"space after <", `@(XElement.Parse("< a/>"))`, xmlException + "Name cannot begin with the ' ' character, hexadecimal value 0x20. Line 1, position 2."},
		{"two colons", `@(XElement.Parse("<a:b:c/>"))`, xmlException + "The ':' character, hexadecimal value 0x3A, cannot be included in a name. Line 1, position 5."},
		{"attribute without quotes", `@(XElement.Parse("<a b=c/>"))`, xmlException + "'c' is an unexpected token. The expected token is '\"' or '''. Line 1, position 6."},
		{"attribute without value", `@(XElement.Parse("<a b />"))`, xmlException + "'/' is an unexpected token. The expected token is '='. Line 1, position 6."},
		{"attributes without space", `@(XElement.Parse("<a b='1'c='2'/>"))`, xmlException + "'c' is an unexpected token. Expecting whitespace. Line 1, position 9."},
		{"< in an attribute", `@(XElement.Parse("<a b='<'/>"))`, xmlException + "'<', hexadecimal value 0x3C, is an invalid attribute character. Line 1, position 7."},
		{"unclosed quote", `@(XElement.Parse("<a b='x/>"))`, xmlException + "There is an unclosed literal string. Line 1, position 10."},
		{"undeclared entity", `@(XElement.Parse("<a>&nbsp;</a>"))`, xmlException + "Reference to undeclared entity 'nbsp'. Line 1, position 5."},
		{"bare ampersand", `@(XElement.Parse("<a>x & y</a>"))`, xmlException + "An error occurred while parsing EntityName. Line 1, position 7."},
		{"reference without semicolon", `@(XElement.Parse("<a>&amp</a>"))`, xmlException + "'<' is an unexpected token. The expected token is ';'. Line 1, position 8."},
		{"bad character reference", `@(XElement.Parse("<a>&#x0;</a>"))`, xmlException + "'.', hexadecimal value 0x00, is an invalid character. Line 1, position 7."},
		{"undeclared prefix", `@(XElement.Parse("<p:a/>"))`, xmlException + "'p' is an undeclared prefix. Line 1, position 2."},
		{"undeclared attribute prefix", `@(XElement.Parse("<a p:b='1'/>"))`, xmlException + "'p' is an undeclared prefix. Line 1, position 4."},
		{"prefix bound to nothing", `@(XElement.Parse("<a xmlns:p=''/>"))`, xmlException + "Invalid namespace declaration. Line 1, position 12."},
		{"]]> in text", `@(XElement.Parse("<a>]]></a>"))`, xmlException + "']]>' is not allowed in character data. Line 1, position 4."},
		{"dashes in a comment", `@(XElement.Parse("<a><!-- a -- b --></a>"))`, xmlException + "An XML comment cannot contain '--', and '-' cannot be the last character. Line 1, position 11."},
		{"late declaration", `@(XElement.Parse(" <?xml version='1.0'?><a/>"))`, xmlException + "Unexpected XML declaration. The XML declaration must be the first node in the document, and no whitespace characters are allowed to appear before it. Line 1, position 4."},
		{"version", `@(XElement.Parse("<?xml version='1.1'?><a/>"))`, xmlException + "Version number '1.1' is invalid. Line 1, position 16."},
		{"control character", "@(XElement.Parse(\"<a>\\u0001</a>\"))", xmlException + "'\x01', hexadecimal value 0x01, is an invalid character. Line 1, position 4."},
		{"same attribute by two prefixes", `@(XElement.Parse("<a xmlns:p='u' xmlns:q='u' p:k='1' q:k='2'/>"))`, xmlException + "'q:k' is a duplicate attribute name. Line 1, position 36."},
		{"line of the exception", `@{ try { XElement.Parse("<a>\n<b></a>"); } catch (XmlException e) { return e.LineNumber + ":" + e.LinePosition; } return ""; }`, "2:6"},
		{"null", `@(XElement.Parse(null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'text')"},
		{"self-reference", `@(XElement.Parse("<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]><a>&e;</a>"))`, xmlException + "General entity 'e' references itself. Line 1, position 4."},
		{"entity with elements", `@(XElement.Parse("<!DOCTYPE a [<!ENTITY e '<b>x</b>y'>]><a>1&e;2</a>").ToString(SaveOptions.DisableFormatting))`, "<a>1<b>x</b>y2</a>"},
		{"entity in an attribute", `@(XElement.Parse("<!DOCTYPE a [<!ENTITY e 'x&#38;y'>]><a k='&lt;&e;'/>").Attribute("k").Value)`, "System.Xml.XmlException: An error occurred while parsing EntityName. Line 1, position 3."},
		{"external entity", `@(XElement.Parse("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>x&e;</a>").Value)`, "x"},
		{"white space", `@(XElement.Parse("<a> <b> x </b> <!--c--> </a>").ToString(SaveOptions.DisableFormatting))`, "<a><b> x </b><!--c--></a>"},
		{"xml:space", `@(XElement.Parse("<a xml:space='preserve'> <b/> </a>").Nodes().Count())`, "3"},
		{"line ends", `@(XElement.Parse("<a k='x\r\ny\tz'>1\r\n2\r3</a>").Value.Replace("\n", "N") + XElement.Parse("<a k='x\r\ny\tz'/>").Attribute("k").Value)`, "1N2N3x y z"},
		{"attribute normalised by its type", `@(XElement.Parse("<!DOCTYPE a [<!ATTLIST a k NMTOKENS #IMPLIED>]><a k='  x  y '/>").Attribute("k").Value)`, "x y"},
		{"comments around the root are left", `@(XElement.Parse("<!--x--><a/><!--y--><?p q?>").ToString())`, "<a />"},
		{"byte order mark", `@(XElement.Parse("\uFEFF<a/>").Name)`, "a"},
	} {
		e.test(t)
	}
}

func TestXMLBounds(t *testing.T) {
	for name, src := range map[string]string{
		"expansion": `@(XElement.Parse("<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaaaaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>` +
			`<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>` +
			`<!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'>]><a>&g;</a>").Value.Length)`,
		"depth":        `@(XElement.Parse(string.Concat(Enumerable.Repeat("<a>", 20000))))`,
		"built depth":  `@{ var e = new XElement("a"); for (var i = 0; i < 100000; i++) { e = new XElement("b", e); } return e.ToString(SaveOptions.DisableFormatting).Length; }`,
		"copied depth": `@{ var e = new XElement("a"); for (var i = 0; i < 20000; i++) { e = new XElement("b", e); } return XNode.DeepEquals(e, new XElement(e)); }`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := resultOf(src); strings.Contains(got, "panic") {
				t.Error(got)
			}
		})
	}
}

func TestXMLWrite(t *testing.T) {
	for _, e := range []expression{
		{"prefix made for an attribute", `@(new XElement("a", new XAttribute("{urn:x}k", 1)).ToString())`, `<a p1:k="1" xmlns:p1="urn:x" />`},
		{"prefix declared", `@(new XElement("{urn:x}a", new XAttribute(XNamespace.Xmlns + "p", "urn:x"), new XElement("{urn:x}b")).ToString(SaveOptions.DisableFormatting))`,
			`<p:a xmlns:p="urn:x"><p:b /></p:a>`},
		{"child without namespace", `@(new XElement("{urn:x}a", new XElement("b")).ToString(SaveOptions.DisableFormatting))`, `<a xmlns="urn:x"><b xmlns="" /></a>`},
		{"nested default namespace", `@(new XElement("{urn:x}a", new XElement("{urn:y}b", new XElement("{urn:x}c"))).ToString(SaveOptions.DisableFormatting))`,
			`<a xmlns="urn:x"><b xmlns="urn:y"><c xmlns="urn:x" /></b></a>`},
		{"prefix hidden", `@(XElement.Parse("<p:a xmlns:p='1'><p:b xmlns:p='2'/></p:a>").ToString(SaveOptions.DisableFormatting))`, `<p:a xmlns:p="1"><p:b xmlns:p="2" /></p:a>`},
		{"default and prefix for one namespace", `@(XElement.Parse("<a xmlns='u' xmlns:p='u' p:k='1'/>").ToString())`, `<p:a xmlns="u" xmlns:p="u" p:k="1" />`},
		{"duplicates kept", `@(XElement.Parse("<a xmlns:p='u'><b xmlns:p='u'/></a>").ToString(SaveOptions.DisableFormatting))`, `<a xmlns:p="u"><b xmlns:p="u" /></a>`},
		{"duplicates left out", `@(XElement.Parse("<a xmlns:p='u'><b xmlns:p='u'/></a>").ToString(SaveOptions.DisableFormatting | SaveOptions.OmitDuplicateNamespaces))`, `<a xmlns:p="u"><b /></a>`},
		{"indented", `@(XElement.Parse("<a><b><c>1</c><d/></b><!--x--><?p q?></a>").ToString())`, "<a>\n  <b>\n    <c>1</c>\n    <d />\n  </b>\n  <!--x-->\n  <?p q?>\n</a>"},
		{"mixed content", `@(XElement.Parse("<a>t<b><c/></b></a>").ToString())`, "<a>t<b><c /></b></a>"},
		{"CDATA stops the indenting", `@(new XElement("a", new XCData("x"), new XElement("b")).ToString())`, "<a><![CDATA[x]]><b /></a>"},
		{"empty text is an end tag", `@(new XElement("a", new XElement("b", "")).ToString())`, "<a>\n  <b></b>\n</a>"},
		{"text node", `@(new XText("a<b>&\"c\"").ToString())`, `a&lt;b&gt;&amp;"c"`},
		{"comment", `@(new XComment("a--b-").ToString())`, "<!--a- -b- -->"},
		{"instruction", `@(new XProcessingInstruction("t", "a?>b").ToString())`, "<?t a? >b?>"},
		{"document type", `@(new XDocumentType("html", "-//W3C//DTD", "http://x", null).ToString())`, `<!DOCTYPE html PUBLIC "-//W3C//DTD" "http://x">`},
		{"document type read", `@(XDocument.Parse("<!DOCTYPE html><html/>").ToString())`, "<!DOCTYPE html []>\n<html />"},
		{"attribute", `@(XElement.Parse("<a xmlns:p='u' p:k='&lt;\"'/>").Attribute("{u}k").ToString())`, `p:k="&lt;&quot;"`},
		{"line ends in text", `@(new XElement("a", "x\r\ny\rz").ToString())`, "<a>x\ny\nz</a>"},
		{"character that XML has not", "@(new XElement(\"a\", \"\\u0001\").ToString())", "System.ArgumentException: '\x01', hexadecimal value 0x01, is an invalid character."},
		{"saved with standalone", `@{ var w = new StringWriter(); new XDocument(new XDeclaration("1.0", "utf-8", "yes"), new XElement("a")).Save(w, SaveOptions.DisableFormatting); return w.ToString(); }`,
			`<?xml version="1.0" encoding="utf-16" standalone="yes"?><a />`},
		{"declaration is not in the text", `@(XDocument.Parse("<?xml version='1.0'?><a/>").ToString())`, "<a />"},
	} {
		e.test(t)
	}
}

func TestXMLEdit(t *testing.T) {
	for _, e := range []expression{
		{"texts join", `@(new XElement("a", "x", 1, true, "y").Nodes().Count())`, "1"},
		{"text not joined to CDATA", `@(new XElement("a", new XCData("x"), "y").Nodes().Count())`, "2"},
		{"dictionary of content", `@(new XElement("a", new object[] { new XAttribute("k", 1), null, new[] { new XElement("b"), null }, "t" }).ToString(SaveOptions.DisableFormatting))`, `<a k="1"><b />t</a>`},
		{"second root", `@(new XDocument(new XElement("a"), new XElement("b")))`, "System.InvalidOperationException: This operation would create an incorrectly structured document."},
		{"text in a document", `@(new XDocument("x"))`, "System.ArgumentException: Non-whitespace characters cannot be added to content."},
		{"attribute in a document", `@(new XDocument(new XAttribute("a", 1)))`, "System.ArgumentException: An attribute cannot be added to content."},
		{"document in an element", `@(new XElement("a", new XDocument()))`, "System.ArgumentException: A node of type Document cannot be added to content."},
		{"null value of an attribute", `@(new XAttribute("a", null))`, "System.ArgumentNullException: Value cannot be null. (Parameter 'value')"},
		{"remove from nothing", `@{ new XElement("a").Remove(); return 1; }`, "System.InvalidOperationException: The parent is missing."},
		{"adding to oneself copies", `@{ var a = new XElement("a"); a.Add(a); return a.ToString(SaveOptions.DisableFormatting); }`, "<a><a /></a>"},
		{"removal ends an enumeration", `@{ var a = XElement.Parse("<a><b/><c/></a>"); foreach (var x in a.Elements()) { x.Remove(); } return a.Elements().Count(); }`, "1"},
		{"namespace declaration as value", `@(new XElement("a", new XAttribute("xmlns", "u")).ToString())`, xmlException + "The prefix '' cannot be redefined from '' to 'u' within the same start element tag."},
		{"document of an element", `@(XDocument.Parse("<a><b/></a>").Root.Element("b").Document.Root.Name)`, "a"},
		{"parent of the root is no element", `@(XDocument.Parse("<a/>").Root.Parent == null)`, "True"},
		{"before self", `@(XElement.Parse("<a>x<b/><c/><d/></a>").Element("d").ElementsBeforeSelf().Select(x => x.Name.LocalName))`, `["b","c"]`},
		{"after self by name", `@(XElement.Parse("<a><b/><c/><d/><c/></a>").Element("b").ElementsAfterSelf("c").Count())`, "2"},
		{"document order", `@(string.Concat(XElement.Parse("<a><b/><c/></a>").Elements().Reverse().InDocumentOrder().Select(x => x.Name)))`, "bc"},
		{"order comparer sorts", `@(string.Concat(XElement.Parse("<a><b/><c/></a>").Elements().Reverse().OrderBy(x => x, new XNodeDocumentOrderComparer()).Select(x => x.Name)))`, "bc"},
		{"equality comparer tells apart", `@(XElement.Parse("<a><b>1</b><b>1</b><b/></a>").Elements().Distinct(XNode.EqualityComparer).Count())`, "2"},
		{"equality comparer in a set", `@(new HashSet<XNode>(XNode.EqualityComparer) { new XElement("a"), new XElement("a") }.Count)`, "1"},
		{"group by name", `@(string.Join(";", XElement.Parse("<a><b>1</b><c>2</c><b>3</b></a>").Elements().GroupBy(x => x.Name).Select(g => g.Key + "=" + string.Join(",", g.Select(x => x.Value)))))`, "b=1,3;c=2"},
		{"names as keys", `@(XElement.Parse("<a><b>1</b><c>2</c></a>").Elements().ToDictionary(x => x.Name, x => (int)x)["c"])`, "2"},
		{"name compared with a string", `@(XElement.Parse("<a><b/><c/></a>").Elements().Count(x => x.Name == "b"))`, "1"},
		{"dynamic element", `@{ dynamic e = XElement.Parse("<a><b>1</b></a>"); return e.Element("b").Value; }`, "1"},
		{"conditional access", `@(XElement.Parse("<a/>").Element("b")?.Element("c")?.Value ?? "none")`, "none"},
		{"equality comparer", `@(XNode.EqualityComparer.Equals(new XElement("a", 1), XElement.Parse("<a>1</a>")))`, "True"},
		{"annotations", `@{ var e = new XElement("a"); e.AddAnnotation("n"); return e.Annotation<string>() + (e.Annotation<XName>() == null); }`, "nTrue"},
		{"names are equal by value", `@(XName.Get("{u}a") == XNamespace.Get("u") + "a")`, "True"},
		{"names hash by value", `@(new HashSet<XName> { "a", "a", "{u}a" }.Count)`, "2"},
	} {
		e.test(t)
	}
}

func TestXMLCasts(t *testing.T) {
	for _, e := range []expression{
		{"bool", `@((bool)new XElement("a", " TRUE "))`, "True"},
		{"bad bool", `@((bool)new XElement("a", "yes"))`, "System.FormatException: The string 'yes' is not a valid Boolean value."},
		{"int with space", "@((int)new XElement(\"a\", \" 5\\n\"))", "5"},
		{"int overflow", `@((int)new XElement("a", "99999999999"))`, "System.OverflowException: Value was either too large or too small for an Int32."},
		{"int with a point", `@((int)new XElement("a", "1.0"))`, "System.FormatException: The input string '1.0' was not in a correct format."},
		{"long", `@((long)new XAttribute("a", "-9223372036854775808"))`, "-9223372036854775808"},
		{"time span", `@((TimeSpan)new XElement("a", "P1DT2H3M4.5S"))`, "1.02:03:04.5000000"},
		{"bad time span", `@((TimeSpan)new XElement("a", "1h"))`, "System.FormatException: The string '1h' is not a valid TimeSpan value."},
		{"guid", `@((Guid)new XElement("a", "{00112233-4455-6677-8899-AABBCCDDEEFF}"))`, "00112233-4455-6677-8899-aabbccddeeff"},
		{"date", `@((DateTime)new XElement("a", "2026-01-02T03:04:05Z"))`, "2026-01-02T03:04:05.0000000Z"},
		{"nullable of null", `@((DateTime?)(XElement)null == null)`, "True"},
		{"string of null", `@((string)(XAttribute)null == null)`, "True"},
		{"null attribute", `@((int)(XAttribute)null)`, "System.ArgumentNullException: Value cannot be null. (Parameter 'attribute')"},
		{"values written", `@(new XElement("a", new XAttribute("n", double.NaN), new XAttribute("f", 1.5f), new XAttribute("t", TimeSpan.Zero), new XAttribute("c", 'x'), new XAttribute("e", DayOfWeek.Friday)).ToString())`,
			`<a n="NaN" f="1.5" t="PT0S" c="x" e="Friday" />`},
		{"durations", `@(string.Join(" ", new[] { new TimeSpan(1, 0, 0, 0), -TimeSpan.FromMilliseconds(1500), TimeSpan.FromMinutes(61) }.Select(x => new XElement("a", x).Value)))`, "P1D -PT1.5S PT1H1M"},
	} {
		e.test(t)
	}
}
