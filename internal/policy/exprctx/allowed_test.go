package exprctx_test

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/source"
)

// What runs here and is outside of API Management's list, with the text that is underlined.
func TestRemarks(t *testing.T) {
	language := exprctx.NewLanguage(exprctx.DefaultBudget)
	for _, c := range []struct{ src, at, says string }{
		{`@(DateTime.ParseExact("2024", "yyyy", null))`, "ParseExact", "Usage of member 'ParseExact' of type 'System.DateTime'"},
		{`@(DateTime.UtcNow.AddDays(1).Kind)`, "Kind", "Usage of member 'Kind' of type 'System.DateTime'"},
		{`@(Regex.Escape("a.b"))`, "Escape", "Usage of member 'Escape' of type 'System.Text.RegularExpressions.Regex'"},
		{`@(new Regex("a").Match("a").Index)`, "", ""},
		{`@(new Regex("a").GroupNumberFromName("a"))`, "GroupNumberFromName", "Usage of member 'GroupNumberFromName' of type 'System.Text.RegularExpressions.Regex'"},
		{`@(new XmlDocument().OuterXml)`, "new XmlDocument()", "Usage of type 'System.Xml.XmlDocument'"},
		{`@{ try { return 1; } catch (FormatException) { return 2; } }`, "{ return 2; }", "Usage of type 'System.FormatException'"},
		{`@((object)context is IFormattable)`, "(object)context is IFormattable", "Usage of type 'System.IFormattable'"},
		{`@(JsonConvert.SerializeObject(new { a = 1 }))`, "", ""},
		{`@(new[] { "b", "a" }.Select(x => x.Length).OrderBy(x => x).First())`, "", ""},
		{`@(context.Request.Headers.GetValueOrDefault("a", "b").Split(',').Length)`, "", ""},
		{`@(context.Variables.Count + context.Request.Headers.Keys.Count())`, "", ""},
		{`@((context.Timestamp - DateTime.UtcNow).TotalSeconds > 1 || context.Timestamp > DateTime.MinValue)`, "", ""},
		{`@{ foreach (var c in context.Deployment.Certificates) { if (c.Value.Verify()) { return c.Key; } } return null; }`, "", ""},
		{`@{ using (RSA rsa = context.Deployment.Certificates["a"].GetRSAPrivateKey()) {
			return Convert.ToBase64String(rsa.SignData(Encoding.UTF8.GetBytes("a"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)); } }`, "", ""},
		{`@{ var sb = new StringBuilder(); sb.Append('a').AppendLine("b"); return new JObject(new JProperty("a", sb.ToString())).ToString(); }`, "", ""},
		{`@(context.Subscription.EndDate.Value.AddDays(1).ToString() + context.Product?.SubscriptionsLimit.HasValue)`, "", ""},
		{`@{ object o = 1; return o is int[] || o is int? ? 1 : (o as string).Length; }`, "", ""},
		{`@(Guid.NewGuid().ToString() + new Random().Next() + (string)context.Variables["a"] + Math.PI + new Tuple<int, int>(1, 2).Item1)`, "", ""},
		{`@(Regex.Match("ab", "(?<n>a)", RegexOptions.IgnoreCase).Groups["n"].Value)`, "", ""},
		{`@{ XDocument d = context.Request.Body.As<XDocument>(); return d.Descendants("a").Attributes("b").First().Value; }`, "", ""},
		{`@(XDocument.Load(new StringReader("<a/>")))`, "Load", "Usage of member 'Load' of type 'System.Xml.Linq.XDocument'"},
		{`@(new DateTime(1, DateTimeKind.Local).Ticks)`, "DateTimeKind.Local", "Usage of member 'Local' of type 'System.DateTimeKind'"},
		{`@(new DateTime(1, System.DateTimeKind.Utc).Ticks + (int)RegexOptions.Multiline)`, "", ""},
		{`@((1, 2).Item1)`, "(1, 2)", "Usage of type 'System.ValueTuple'"},
	} {
		if _, ds := language.Compile(c.src, policy.WantAny, nil); len(ds) > 0 {
			t.Errorf("%s: %s", c.src, ds[0].Message)
			continue
		}
		ds := language.Remarks(c.src, policy.WantAny, nil)
		if c.says == "" {
			for _, d := range ds {
				t.Errorf("%s: %s; want no remark", c.src, d.Message)
			}
			continue
		}
		if len(ds) == 0 {
			t.Errorf("%s: no remark; want %s", c.src, c.says)
			continue
		}
		d := ds[0]
		if at := c.src[d.Span.Start:d.Span.End]; !strings.Contains(d.Message, c.says+" is not supported within expressions") || at != c.at ||
			d.Severity != source.Warning {
			t.Errorf("%s: %s at %q; want %s at %q", c.src, d.Message, at, c.says, c.at)
		}
	}
}

// The remarks are made where they are asked for, at their place in the document.
func TestRemarksInDocuments(t *testing.T) {
	doc := "<policies><inbound><base />\n<set-variable name=\"a\" value=\"@(Regex.Escape(&quot;.&quot;) + {{b}})\" /></inbound></policies>"
	compiler := policy.NewCompiler(element.All(), exprctx.NewLanguage(exprctx.DefaultBudget))
	for _, apim := range []bool{false, true} {
		found := ""
		for _, d := range compiler.Check("p.xml", doc, policy.CheckOptions{Offline: true, APIM: apim, Format: policyxml.XML}) {
			if d.Code == policy.CodeNotRunnableAPIM {
				found += doc[d.Span.Start:d.Span.End]
			}
		}
		if want := map[bool]string{true: "Escape"}[apim]; found != want {
			t.Errorf("with APIM %v: remarks at %q; want %q", apim, found, want)
		}
	}
}
