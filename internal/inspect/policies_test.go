package inspect

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/source"
)

type diagnosticsAnswer struct{ Diagnostics []diagnostic }

func TestCheck(t *testing.T) {
	s := newServer(t, nil)
	for _, c := range []struct {
		name     string
		body     map[string]any
		want     []diagnostic
		contains string
	}{
		{"a good one", map[string]any{"scope": "api", "text": "<policies><inbound><base /></inbound></policies>"}, nil, ""},
		{"the scope by the id", map[string]any{"id": serviceID + "/policies/policy", "text": "<policies>\n<inbound>\n  <base /></inbound></policies>"},
			[]diagnostic{{3, 4, 3, 8, policy.CodeWrongScope, "error", ""}}, "global scope"},
		{"C# has its place", map[string]any{"scope": "api", "format": "rawxml", "text": "<policies><inbound><choose>\n<when condition=\"@(context.Reqest == null)\"><base /></when></choose></inbound></policies>"},
			[]diagnostic{{2, 28, 2, 34, "CS1061", "error", ""}}, "Reqest"},
		{"columns count characters", map[string]any{"scope": "api", "text": "<policies><inbound><!-- ä€😀 --><nonsense /></inbound></policies>"},
			[]diagnostic{{1, 33, 1, 41, policy.CodeUnknownElement, "error", ""}}, "nonsense"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got diagnosticsAnswer
			if status := call(t, s, "POST", "/postern/v1/policies/check", c.body, &got); status != 200 || len(got.Diagnostics) != len(c.want) {
				t.Fatalf("%d %v, want %v", status, got, c.want)
			}
			for i, d := range got.Diagnostics {
				if !strings.Contains(d.Message, c.contains) {
					t.Errorf("message %q", d.Message)
				}
				if d.Message = ""; d != c.want[i] {
					t.Errorf("got %v, want %v", d, c.want[i])
				}
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	s := newServer(t, nil)
	for _, c := range []struct {
		name   string
		body   map[string]any
		target string
	}{
		{"no scope", map[string]any{"text": ""}, "scope"},
		{"an unknown one", map[string]any{"text": "", "scope": "galaxy"}, "scope"},
		{"the id of something else", map[string]any{"text": "", "id": serviceID + "/apis/a"}, "id"},
		{"a format", map[string]any{"text": "", "scope": "api", "format": "auto"}, "format"},
	} {
		var got wrong
		if status := call(t, s, "POST", "/postern/v1/policies/check", c.body, &got); status != 400 || got.Error.Target != c.target || got.Error.Message == "" {
			t.Errorf("%s: %d %v", c.name, status, got)
		}
	}
}

func TestElements(t *testing.T) {
	var got struct{ Elements []elementView }
	if status := call(t, newServer(t, nil), "GET", "/postern/v1/policies/elements", nil, &got); status != 200 {
		t.Fatal(status)
	}
	for _, e := range got.Elements {
		if e.Doc == "" || len(e.Sections) == 0 || len(e.Scopes) == 0 {
			t.Errorf("%v says too little", e)
		}
		if e.Name == "validate-client-certificate" {
			identities := e.Children[0]
			if !slices.Equal(e.Sections, []string{"inbound"}) || identities.Name != "identities" || identities.Children[0].Max != 10 {
				t.Errorf("%s: %v", e.Name, e)
			}
		}
	}
	if len(got.Elements) != len(compiler.Elements())+1 {
		t.Errorf("%d elements", len(got.Elements))
	}
}

// TestSnippets compiles every snippet, and finds the documented ones in the documents of the vectors.
func TestSnippets(t *testing.T) {
	seeds, err := filepath.Glob("../../testdata/conformance/seed/*.xml")
	if err != nil || len(seeds) != 6 {
		t.Fatalf("%d documents: %v", len(seeds), err)
	}
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, x := range snippets {
		doc := "<policies><inbound><base />" + x.Text + "</inbound></policies>"
		if _, ds := compiler.Compile(x.Name, doc, policy.API, policy.CheckOptions{}); source.Errors(ds) {
			t.Errorf("%s: %v", x.Name, source.NewText(x.Name, doc).Snippet(ds[0]))
		}
	}
	for _, file := range seeds {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(snippets, func(x snippet) bool { return strings.Contains(words(string(data)), words(x.Text)) }) {
			t.Errorf("no snippet is %s", file)
		}
	}
}

// bar is where the writer stands in the texts of TestComplete.
const bar = "‸"

func labelsAt(s *Server, text string) (labels []string, items []item, replaced string) {
	at := strings.Index(text, bar)
	text = strings.Replace(text, bar, "", 1)
	items, from := s.completions(text, at)
	for _, i := range items {
		labels = append(labels, i.Label)
	}
	return labels, items, text[from:at]
}

func TestComplete(t *testing.T) {
	s := newServer(t, func(_ *Options, svc *apim.Service) {
		svc.NamedValues = []apim.NamedValue{{ID: "a", DisplayName: "partner-thumbprint", Value: "AB"}}
	})
	const head = "<policies>\n  <inbound>\n    <base />\n    "
	for _, c := range []struct {
		name, text string
		want, not  []string
		replaced   string
	}{
		{"the root", "‸", []string{"policies", "fragment"}, []string{"inbound"}, ""},
		{"the root's name", "<pol‸", []string{"policies"}, []string{"fragment"}, "pol"},
		{"sections", "<policies><‸", []string{"inbound", "backend", "outbound", "on-error"}, []string{"choose"}, ""},
		{"policies of inbound", head + "<‸", []string{"base", "choose", "validate-client-certificate"}, []string{"forward-request", "inbound"}, ""},
		{"policies of backend", "<policies><inbound /><backend><‸", []string{"forward-request", "base"}, []string{"validate-client-certificate"}, ""},
		{"with a beginning", head + "<set-‸", []string{"set-header", "set-body"}, []string{"choose"}, "set-"},
		{"snippets between tags", head + "‸\n  </inbound>", []string{"check-thumbprint", "choose"}, nil, ""},
		{"no certificate snippets in outbound", "<policies><outbound>‸</outbound></policies>", []string{"choose"}, []string{"check-thumbprint"}, ""},
		{"inside choose", head + "<choose><‸", []string{"when", "otherwise"}, []string{"base"}, ""},
		{"inside when", head + `<choose><when condition="@(a > "b")"><‸`, []string{"return-response", "choose"}, []string{"when"}, ""},
		{"inside return-response", head + `<return-response><‸`, []string{"set-status", "set-header"}, []string{"choose"}, ""},
		{"in a fragment", "<fragment><‸", []string{"choose", "forward-request"}, []string{"base"}, ""},
		{"identities", head + "<validate-client-certificate><identities><identity ‸", []string{"thumbprint", "issuer-certificate-id"}, []string{"id"}, ""},
		{"attributes", head + "<set-header ‸", []string{"name", "exists-action", "id"}, nil, ""},
		{"attributes left", head + `<set-header name="a" e‸`, []string{"exists-action"}, []string{"name"}, "e"},
		{"attributes after an expression", head + `<set-header name="@("a" + ">")" ‸>`, []string{"exists-action"}, []string{"name"}, ""},
		{"values", head + `<set-header name="a" exists-action="o‸"`, []string{"override"}, []string{"skip"}, "o"},
		{"booleans", head + `<validate-client-certificate validate-trust="‸`, []string{"true", "false"}, nil, ""},
		{"named values", head + `<validate-client-certificate><identities><identity thumbprint="{{par‸`, []string{"partner-thumbprint"}, nil, "par"},
		{"an expression begins", head + `<choose><when condition="‸"`, []string{"@()", "@{}"}, nil, ""},
		{"C# in an attribute", head + `<choose><when condition="@(context.Request.Cert‸ == null)">`, []string{"Certificate"}, nil, "Cert"},
		{"unfinished C#", head + "<choose><when condition=\"@(context.Request.Certificate.‸\">\n<return-response><set-status code=\"403\" /></return-response>", []string{"Thumbprint", "Verify"}, nil, ""},
		{"C# with quotes before", head + `<choose><when condition="@(context.Request.Method == "GET" && context.Req‸)">`, []string{"Request"}, nil, "Req"},
		{"C# with entities", head + `<choose><when condition="@(context.Request.Method == &quot;GET&quot; &amp;&amp; context.Request.H‸ != null)">`, []string{"Headers"}, nil, "H"},
		{"C# in text", head + `<set-body>@{ var b = context.Request.Body.As<string>(); return b.Sub‸ }</set-body>`, []string{"Substring"}, nil, "Sub"},
		{"the end tag", head + "<choose></‸", []string{"choose"}, nil, ""},
		{"no end of what is closed", head + "<choose></choose></‸", []string{"inbound"}, nil, ""},
		{"nothing in comments", head + "<!-- <‸ -->", nil, []string{"choose"}, ""},
		{"nothing of the unknown", head + "<foreign ‸", nil, []string{"id"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			labels, _, replaced := labelsAt(s, c.text)
			for _, w := range c.want {
				if !slices.Contains(labels, w) {
					t.Errorf("no %s among %v", w, labels)
				}
			}
			for _, w := range c.not {
				if slices.Contains(labels, w) {
					t.Errorf("%s is among %v", w, labels)
				}
			}
			if len(c.want) > 0 && replaced != c.replaced {
				t.Errorf("%q would be replaced, want %q", replaced, c.replaced)
			}
		})
	}
}

func TestInserts(t *testing.T) {
	s := newServer(t, nil)
	for _, c := range []struct{ name, text, label, want string }{
		{"an element with what it needs", "<policies><inbound><set-h‸", "set-header", `set-header name=""></set-header>`},
		{"without children", "<policies><inbound><ba‸", "base", `base />`},
		{"between tags", "<policies><inbound>‸", "base", `<base />`},
		{"the name alone where the tag is there", `<policies><inbound><set-h‸ name="a">`, "set-header", `set-header`},
		{"an attribute", "<policies><inbound><set-header na‸", "name", `name=""`},
		{"its name alone", `<policies><inbound><set-header na‸me="a">`, "name", `name`},
		{"an end tag", "<policies></‸", "policies", "policies>"},
		{"an end tag that has its end", "<policies></‸>", "policies", "policies"},
	} {
		_, items, _ := labelsAt(s, c.text)
		i := slices.IndexFunc(items, func(i item) bool { return i.Label == c.label })
		if i < 0 || items[i].Insert != c.want {
			t.Errorf("%s: %v, want %s", c.name, items, c.want)
		}
	}
}

func TestCursors(t *testing.T) {
	s := newServer(t, nil)
	for _, c := range []struct{ text, label, before string }{
		{"<policies><inbound><set-h‸", "set-header", `set-header name="`},
		{"<policies><inbound><choo‸", "choose", `choose>`},
		{"<policies><inbound><base‸", "base", ""},
		{"<poli‸", "policies", `policies>`},
		{"<policies><inbound><set-header na‸", "name", `name="`},
		{`<policies><inbound><choose><when condition="‸"`, "@()", "@("},
		{`<policies><inbound><choose><when condition="‸"`, "@{}", "@{ return "},
		{"<policies><inbound>‸", "check-thumbprint", ""},
	} {
		_, items, _ := labelsAt(s, c.text)
		i := slices.IndexFunc(items, func(i item) bool { return i.Label == c.label })
		before := ""
		if items[i].Cursor != nil {
			before = items[i].Insert[:*items[i].Cursor]
		}
		if before != c.before {
			t.Errorf("%s: %q goes on behind %q, want %q", c.text, items[i].Insert, before, c.before)
		}
	}
}

func TestCompleteOnTheWire(t *testing.T) {
	var got struct {
		Items []item
		From  struct{ Line, Column int }
	}
	body := map[string]any{"text": "<policies>\n  <inbound>\n    <!-- ä --><cho", "line": 3, "column": 19}
	if status := call(t, newServer(t, nil), "POST", "/postern/v1/policies/complete", body, &got); status != 200 || len(got.Items) != 1 {
		t.Fatalf("%d %v", status, got)
	}
	if got.From.Line != 3 || got.From.Column != 16 || got.Items[0].Kind != "element" || got.Items[0].Doc == "" {
		t.Errorf("%v", got)
	}
}

// FuzzCompletions holds that no document at no place brings it down.
func FuzzCompletions(f *testing.F) {
	s := newServer(f, nil)
	f.Add(`<policies><inbound><choose><when condition="@(context.Request.Certificate.`, 60)
	f.Add("<a b='@{ c", 5)
	f.Add("<!--<![CDATA[<?", 9)
	f.Fuzz(func(t *testing.T, text string, at int) {
		at = max(0, min(at, len(text)))
		if _, from := s.completions(text, at); from < 0 || from > at {
			t.Errorf("completions(%q, %d) begin at %d", text, at, from)
		}
	})
}
