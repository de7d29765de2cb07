package exprctx_test

import (
	"testing"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/source"
)

// Mistakes in C# are told where the author of the document sees them, however the code got there.
func TestPlacesOfMistakes(t *testing.T) {
	known := func(name string) (policyxml.NamedValue, bool) {
		return policyxml.NamedValue{Text: "1234567890 +", Secret: name == "secret"}, name != "unknown"
	}
	const head, tail = "<policies>\n <inbound>\n", "\n </inbound>\n</policies>"
	tests := []struct {
		name, body   string
		format       policyxml.Format
		code         string
		line, column int
	}{
		{"attribute", `<set-variable name="x" value="@(1 + nope)" />`, policyxml.RawXML, "CS0103", 3, 37},
		{"after quotes", `<set-variable name="x" value="@("a<b" + nope)" />`, policyxml.RawXML, "CS0103", 3, 41},
		{"second line", "<set-variable name=\"x\" value=\"@{\n  return nope;\n}\" />", policyxml.RawXML, "CS0103", 4, 10},
		{"second line after a carriage return", "<set-variable name=\"x\" value=\"@{\r\n  return nope;\r\n}\" />", policyxml.RawXML, "CS0103", 4, 10},
		{"text", "<set-method>\n  @(nope)\n</set-method>", policyxml.RawXML, "CS0103", 4, 5},
		{"entities", `<set-variable name="x" value="@(&quot;a&quot; + nope)" />`, policyxml.XML, "CS0103", 3, 49},
		{"entities that auto finds", `<set-variable name="x" value="@(&quot;a&quot; + nope)" />`, policyxml.Auto, "CS0103", 3, 49},
		{"after a named value", `<set-variable name="x" value="@({{value}} nope)" />`, policyxml.RawXML, "CS0103", 3, 43},
		{"after an unknown named value", `<set-variable name="x" value="@({{unknown}} + nope)" />`, policyxml.RawXML, "CS0103", 3, 47},
		{"a character beyond ASCII", `<set-variable name="x" value="@("é😀" + nope)" />`, policyxml.RawXML, "CS0103", 3, 40},
		{"syntax", `<set-variable name="x" value="@(1 +)" />`, policyxml.RawXML, "CS1525", 3, 36},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := head + tt.body + tail
			ds := compiler().Check("p", text, policy.CheckOptions{Format: tt.format, NamedValues: known, Offline: true})
			for _, d := range ds {
				if d.Severity != source.Error {
					continue
				}
				if at := source.NewText("", text).Position(d.Span.Start); d.Code != tt.code || at.Line != tt.line || at.Column != tt.column {
					t.Errorf("%s at %s: %s; want %s at %d:%d", d.Code, at, d.Message, tt.code, tt.line, tt.column)
				}
				return
			}
			t.Errorf("Check = %v; want an error", ds)
		})
	}
}
