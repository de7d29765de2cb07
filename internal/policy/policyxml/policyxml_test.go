package policyxml

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/source"
)

const conformance = "../../../testdata/conformance"

func parse(t *testing.T, text string, o Options) *Document {
	t.Helper()
	doc, ds := Parse("p.xml", text, o)
	if doc == nil {
		t.Fatalf("Parse(%q) = %v", text, ds)
	}
	return doc
}

func TestDocumentsOfTheReference(t *testing.T) {
	var files []string
	for _, dir := range []string{"seed", "policies/good"} {
		found, err := filepath.Glob(filepath.Join(conformance, dir, "*.xml"))
		if err != nil || len(found) == 0 {
			t.Fatalf("Glob(%s) = %v, %v", dir, found, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc := parse(t, string(text), Options{})
			if doc.Root.Name != "policies" || len(doc.Root.Children) != 4 {
				t.Errorf("root %s with %d children; want policies with 4", doc.Root.Name, len(doc.Root.Children))
			}
		})
	}
}

func TestExpressions(t *testing.T) {
	tests := []struct {
		name   string
		text   string
		format Format
		kind   Kind
		want   string
	}{
		{"quotes in an attribute", `<a v="@(x != "y" && z < 3)"/>`, RawXML, Expression, `@(x != "y" && z < 3)`},
		{"generics and lambdas", `<a v="@(f<JArray>("r").Where(r => r > 0))" />`, RawXML, Expression, `@(f<JArray>("r").Where(r => r > 0))`},
		{"bracket in a string", `<a v="@(")" + '"')"/>`, RawXML, Expression, `@(")" + '"')`},
		{"statements", "<a v=\"@{\n return \"}\"; // }\n}\"/>", RawXML, Expression, "@{\n return \"}\"; // }\n}"},
		{"single quotes outside", `<a v='@(x == 'c' || y == "s")'/>`, RawXML, Expression, `@(x == 'c' || y == "s")`},
		{"space around", `<a v=" @(1) "/>`, RawXML, Expression, `@(1)`},
		{"entities", `<a v="@(x != &quot;)&quot; &amp;&amp; z &lt; &#51;)"/>`, XML, Expression, `@(x != ")" && z < 3)`},
		{"entities found by auto", `<a v="@(x != &quot;)&quot; &amp;&amp; y)"/>`, Auto, Expression, `@(x != ")" && y)`},
		{"entities kept in rawxml", `<a v="@(x == "&quot;")"/>`, RawXML, Expression, `@(x == "&quot;")`},
		{"prefix is no template", `<a v="a-@(1)"/>`, RawXML, Mixed, `a-@(1)`},
		{"suffix is no template", `<a v="@(x("1")) b"/>`, RawXML, Mixed, `@(x("1")) b`},
		{"an at sign", `<a v="a@b.c"/>`, RawXML, Literal, `a@b.c`},
		{"literal entities", `<a v="&lt;&amp;&#x41;"/>`, RawXML, Literal, `<&A`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := parse(t, tt.text, Options{Format: tt.format}).Root.Attrs[0].Value
			if v.Kind != tt.kind || v.Text != tt.want {
				t.Errorf("value = %d %q; want %d %q", v.Kind, v.Text, tt.kind, tt.want)
			}
		})
	}
}

func TestTextExpressions(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", `<a>@(x < 3 && y["k"])</a>`, `@(x < 3 && y["k"])`},
		{"space around", "<a>\n  @{ return \"<b>\"; }\n</a>", `@{ return "<b>"; }`},
		{"in CDATA", `<a><![CDATA[ @(a < b) ]]></a>`, `@(a < b)`},
		{"beside a comment", `<a><!-- @( --> @(1) </a>`, `@(1)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := parse(t, tt.text, Options{Format: RawXML}).Root.Text
			if v.Kind != Expression || v.Text != tt.want {
				t.Errorf("text = %d %q; want %q", v.Kind, v.Text, tt.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name, text string
		format     Format
		code, want string
		line, col  int
	}{
		{"unescaped quotes in xml", "<a>\n<b v=\"@(x != \"y\")\"/></a>", XML, CodeXML,
			"'y' is an unexpected token. Expecting white space. Line 2, position 15.", 2, 15},
		{"end tag of another", "<a>\n <b>\n</c></a>", RawXML, CodeXML,
			"The 'b' start tag on line 2 position 3 does not match the end tag of 'c'. Line 3, position 3.", 3, 3},
		{"end of file", "<a><b>", RawXML, CodeXML,
			"Unexpected end of file has occurred. The following elements are not closed: b, a. Line 1, position 7.", 1, 7},
		{"two roots", "<a/>\n<b/>", RawXML, CodeXML, "There are multiple root elements. Line 2, position 2.", 2, 2},
		{"nothing", "  ", RawXML, CodeXML, "Root element is missing. Line 1, position 3.", 1, 3},
		{"text at the root", "x<a/>", RawXML, CodeXML, "Data at the root level is invalid. Line 1, position 1.", 1, 1},
		{"twice the same attribute", `<a b="1" b="2"/>`, RawXML, CodeXML, "'b' is a duplicate attribute name. Line 1, position 10.", 1, 10},
		{"no such entity", "<a>&nbsp;</a>", RawXML, CodeXML, "Reference to undeclared entity 'nbsp'. Line 1, position 5.", 1, 5},
		{"bare ampersand", "<a>x & y</a>", RawXML, CodeXML, "An error occurred while parsing EntityName. Line 1, position 7.", 1, 7},
		{"document type", "<!DOCTYPE a [<!ENTITY x \"y\">]><a/>", RawXML, CodeDocumentType, "", 1, 1},
		{"unclosed expression", "<a\n v=\"@(f(1)\"/>", RawXML, CodeUnclosed, "The expression that begins here is not closed: ) expected.", 2, 5},
		{"unclosed statements in text", "<a>\n@{ if (x) { }\n</a>", RawXML, CodeUnclosed, "", 2, 1},
		{"less than in a literal", `<a b="1 < 2"/>`, RawXML, CodeXML, "'<', hexadecimal value 0x3C, is an invalid attribute character. Line 1, position 9.", 1, 9},
		{"control character", "<a>\x01</a>", RawXML, CodeEncoding, "'.', hexadecimal value 0x01, is an invalid character.", 1, 4},
		{"not UTF-8", "<a>\xff</a>", RawXML, CodeEncoding, "", 1, 4},
		{"too deep", strings.Repeat("<a>", 10000), RawXML, CodeTooDeep, "Elements nest deeper than 256 levels.", 1, 769},
		{"quotes that do not pair", `<identity subject="O="A" x" />`, RawXML, CodeXML, "", 1, 24},
		{"bare quotes in another attribute", `<identity thumbprint="A"B" />`, RawXML, CodeXML,
			"'B' is an unexpected token. Expecting white space. Line 1, position 25.", 1, 25},
		{"bare quotes in xml", `<identity subject="O="A", C=x" />`, XML, CodeXML,
			"'A' is an unexpected token. Expecting white space. Line 1, position 23.", 1, 23},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, ds := Parse("p.xml", tt.text, Options{Format: tt.format})
			if doc != nil || len(ds) != 1 {
				t.Fatalf("Parse = %v, %v; want one error", doc, ds)
			}
			at := source.NewText("", tt.text).Position(ds[0].Span.Start)
			if ds[0].Code != tt.code || at.Line != tt.line || at.Column != tt.col || tt.want != "" && ds[0].Message != tt.want {
				t.Errorf("got %s at %s: %q; want %s at %d:%d: %q", ds[0].Code, at, ds[0].Message, tt.code, tt.line, tt.col, tt.want)
			}
		})
	}
}

func TestSizeIsBounded(t *testing.T) {
	big := "<a>" + strings.Repeat(" ", DefaultMaxBytes) + "</a>"
	if doc, ds := Parse("p", big, Options{}); doc != nil || ds[0].Code != CodeTooLarge {
		t.Errorf("Parse(%d bytes) = %v, %v; want %s", len(big), doc, ds, CodeTooLarge)
	}
	if doc, ds := Parse("p", big, Options{MaxBytes: MaxFragmentBytes}); doc == nil {
		t.Errorf("Parse with a larger limit = %v", ds)
	}
}

// A text of nothing but beginnings must be refused in linear time.
func TestManyBeginnings(t *testing.T) {
	text := "<a>x " + strings.Repeat("@(", 100<<10) + "</a>"
	v := parse(t, text, Options{}).Root.Text
	if v.Kind != Mixed {
		t.Errorf("kind = %d; want Mixed", v.Kind)
	}
}

func TestDistinguishedNameWithBareQuotes(t *testing.T) {
	text := `<identity subject="C=US, ST=Illinois, L=Chicago, O="Contoso, Inc.", CN=*.contoso.com" common-name="x"/>`
	e := parse(t, text, Options{}).Root
	want := `C=US, ST=Illinois, L=Chicago, O="Contoso, Inc.", CN=*.contoso.com`
	if len(e.Attrs) != 2 || e.Attrs[0].Value.Text != want || e.Attrs[1].Value.Text != "x" {
		t.Errorf("attributes = %+v; want %q and x", e.Attrs, want)
	}
	last := `<identity issuer-subject="CN=a, O="x""/>`
	if got := parse(t, last, Options{}).Root.Attrs[0].Value.Text; got != `CN=a, O="x"` {
		t.Errorf("value = %q; want the quote at its end kept", got)
	}
}

func TestPlaces(t *testing.T) {
	lookup := func(name string) (NamedValue, bool) {
		return NamedValue{Text: "a very long value"}, name == "known"
	}
	text := "<p a=\"{{known}}\" b=\"&lt;x\">\n  <q v=\"@({{known}} + {{unknown}} + zz)\"/></p>"
	doc := parse(t, text, Options{Format: RawXML, NamedValues: lookup})
	v := doc.Root.Children[0].Attrs[0].Value
	at := v.Original(strings.Index(v.Text, "zz"))
	if got := text[at : at+2]; got != "zz" {
		t.Errorf("zz is found at %q", got)
	}
	at = v.Original(strings.Index(v.Text, "long"))
	if got := text[at : at+9]; got != "{{known}}" {
		t.Errorf("what was put in is found at %q", got)
	}
	b := doc.Root.Attr("b").Value
	if at := b.Original(1); text[at] != 'x' {
		t.Errorf("x is found at %q", text[at:])
	}
	a := doc.Root.Attr("a").Value
	if got := text[a.Span.Start:a.Span.End]; a.Text != "a very long value" || got != "{{known}}" {
		t.Errorf("a = %q at %q", a.Text, got)
	}
	if refs := doc.Source.Refs; len(refs) != 3 || !refs[0].Known || refs[2].Known || refs[2].Name != "unknown" {
		t.Errorf("refs = %+v", refs)
	}
}

func TestSecretsAreKeptOutOfMessages(t *testing.T) {
	lookup := func(string) (NamedValue, bool) { return NamedValue{Text: `hush"hush`, Secret: true}, true }
	_, ds := Parse("p", `<a b="{{key}}"/>`, Options{NamedValues: lookup})
	if len(ds) != 1 || strings.Contains(ds[0].Message, "hush") || !strings.Contains(ds[0].Message, "key") {
		t.Errorf("diagnostics = %v; want one that names key and not its value", ds)
	}
}

func TestDecodedAlternative(t *testing.T) {
	text := `<a v="@(x &lt; yy)"/>`
	v := parse(t, text, Options{}).Root.Attrs[0].Value
	if v.Text != "@(x &lt; yy)" || v.Decoded == nil || v.Decoded.Text != "@(x < yy)" {
		t.Fatalf("value = %q, decoded %+v", v.Text, v.Decoded)
	}
	at := v.Decoded.Original(strings.Index(v.Decoded.Text, "yy"))
	if text[at:at+2] != "yy" {
		t.Errorf("yy is found at %q", text[at:])
	}
}

func TestConvert(t *testing.T) {
	tests := []struct{ name, raw, xml string }{
		{"attribute", `<a v="@(x != "y" && z)" w="&lt;"/>`, `<a v="@(x != &quot;y&quot; &amp;&amp; z)" w="&lt;"/>`},
		{"text", "<a><!-- \"@(\" -->\n @(f<int>(\"x\") => {{n}})\n</a>", "<a><!-- \"@(\" -->\n @(f&lt;int&gt;(\"x\") =&gt; {{n}})\n</a>"},
		{"CDATA stays", `<a><![CDATA[@(a < b)]]></a>`, `<a><![CDATA[@(a < b)]]></a>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := Convert(tt.raw, RawXML, XML); err != nil || got != tt.xml {
				t.Errorf("to xml: %q, %v; want %q", got, err, tt.xml)
			}
			if got, err := Convert(tt.xml, XML, RawXML); err != nil || got != tt.raw {
				t.Errorf("to rawxml: %q, %v; want %q", got, err, tt.raw)
			}
		})
	}
	names, err := Convert(`<identity subject="O="A, B", C=x" />`, RawXML, XML)
	if want := `<identity subject="O=&quot;A, B&quot;, C=x" />`; err != nil || names != want {
		t.Errorf("name: %q, %v; want %q", names, err, want)
	}
}

// FuzzConvert: what is read as rawxml, spelled as xml and read again, says the same.
func FuzzConvert(f *testing.F) {
	for _, dir := range []string{"seed", "policies/good", "policies/bad"} {
		files, _ := filepath.Glob(filepath.Join(conformance, dir, "*.xml"))
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil {
				f.Add(string(text))
			}
		}
	}
	f.Add(`<a b='@("x")'>@{ return "<"; } &#65;<![CDATA[x]]></a>`)
	f.Fuzz(func(t *testing.T, text string) {
		before, _ := Parse("a", text, Options{Format: RawXML})
		if before == nil {
			return
		}
		xml, err := Convert(text, RawXML, XML)
		if err != nil {
			t.Fatalf("Convert(%q): %v", text, err)
		}
		after, ds := Parse("b", xml, Options{Format: XML, MaxBytes: 8 * DefaultMaxBytes})
		if after == nil {
			t.Fatalf("%q becomes %q: %v", text, xml, ds)
		}
		same(t, before.Root, after.Root)
	})
}

func same(t *testing.T, a, b *Element) {
	if a.Name != b.Name || len(a.Attrs) != len(b.Attrs) || len(a.Children) != len(b.Children) {
		t.Fatalf("%s became %s", a.Name, b.Name)
	}
	for i := range a.Attrs {
		if x, y := a.Attrs[i].Value, b.Attrs[i].Value; x.Text != y.Text || x.Kind != y.Kind {
			t.Fatalf("attribute %s: %d %q became %d %q", a.Attrs[i].Name, x.Kind, x.Text, y.Kind, y.Text)
		}
	}
	if a.Text.Kind == Expression && a.Text.Text != b.Text.Text {
		t.Fatalf("text %q became %q", a.Text.Text, b.Text.Text)
	}
	for i := range a.Children {
		same(t, a.Children[i], b.Children[i])
	}
}
