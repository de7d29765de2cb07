package element_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
)

const docs = "../../../docs/policies"

// TestDocumentation keeps docs/policies what the declarations say; -update writes it. The example of each page is the
// document of one of the element's pipeline tests.
func TestDocumentation(t *testing.T) {
	for _, e := range element.All() {
		t.Run(e.Name, func(t *testing.T) {
			want, file := page(t, e), filepath.Join(docs, e.Name+".md")
			if *update {
				if err := os.MkdirAll(docs, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			got, err := os.ReadFile(file)
			if err != nil || string(got) != want {
				t.Errorf("%s is not what the declaration says (%v); run the tests of this package with -update", file, err)
			}
		})
	}
}

// TestIndex keeps docs/policies/README.md.
func TestIndex(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Policies\n\nThe policy elements that Postern has, besides `base`. Others of API Management are refused when a document is saved.\n\n")
	for _, e := range element.All() {
		fmt.Fprintf(&b, "- [%s](%s.md): %s\n", e.Name, e.Name, e.Doc)
	}
	b.WriteString("\n## Diagnostics\n\nMistakes in C# have C#'s own codes (`CS0103`). The others:\n\n| Code | Meaning |\n|---|---|\n")
	for _, c := range policy.Codes() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", c.Code, c.Meaning)
	}
	file := filepath.Join(docs, "README.md")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != b.String() {
		t.Errorf("%s is not what the declarations say (%v); run the tests of this package with -update", file, err)
	}
}

func page(t *testing.T, e *policy.Element) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", e.Name, e.Doc)
	fmt.Fprintf(&b, "- Sections: %s\n- Scopes: %s\n", e.Sections, e.Scopes)
	if e.Once {
		b.WriteString("- Once in a section\n")
	}
	fmt.Fprintf(&b, "- Documented at <https://%s>\n\n", e.Source)
	describe(&b, &e.Spec, "")
	b.WriteString("Every policy element may have an `id`, which `context.LastError.PolicyId` shows.\n")
	if text := example(t, e.Name); text != "" {
		fmt.Fprintf(&b, "\n## Example\n\n```xml\n%s```\n", text)
	}
	return b.String()
}

// describe writes the tables of an element and of those inside it.
func describe(b *strings.Builder, s *policy.Spec, parent string) {
	if parent != "" {
		fmt.Fprintf(b, "### %s in %s\n\n%s\n\n", s.Name, parent, s.Doc)
	}
	if len(s.Attributes) > 0 {
		b.WriteString("| Attribute | Meaning | Type | Required | Default | Expression |\n|---|---|---|---|---|---|\n")
		for _, a := range s.Attributes {
			kind := a.Type.String()
			if a.Enum != nil {
				kind = "one of " + strings.Join(a.Enum, ", ")
			}
			doc := a.Doc
			if a.Extension {
				doc += " Postern's own: API Management refuses it."
			}
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", a.Name, doc, kind, yes(a.Required), a.Default, yes(a.Expression))
		}
		b.WriteString("\n")
	}
	switch {
	case s.Policies:
		b.WriteString("It holds policies of the section that it stands in.\n\n")
	case s.Text == policy.LiteralText:
		b.WriteString("Its text is literal.\n\n")
	case s.Text == policy.ExpressionText:
		b.WriteString("Its text is literal or an expression.\n\n")
	case s.Text == policy.AnyText:
		b.WriteString("Its text is literal, an expression, or XML, which is taken as text.\n\n")
	}
	for _, c := range s.Children {
		describe(b, c.Spec, s.Name)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// example is the document of the element's first pipeline test.
func example(t *testing.T, name string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", name, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no pipeline test: %v", name, err)
	}
	a, err := txtar.ParseFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == "operation.xml" {
			return string(f.Data)
		}
	}
	return ""
}
