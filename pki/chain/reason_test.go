package chain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// throwing are the reasons for which .NET throws.
var throwing = map[Reason]bool{
	ReasonExplicitCurve: true, ReasonUnknownKey: true, ReasonProxy: true, ReasonTooLong: true,
	ReasonTooManyNames: true, ReasonNameHost: true, ReasonResources: true,
}

// TestEveryReasonHasAFlagOrThrows walks over the constants of reason.go.
func TestEveryReasonHasAFlagOrThrows(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	words, count := make(map[string]bool), 0
	listed := make(map[Reason]bool)
	for _, info := range Reasons() {
		if listed[info.Reason] || info.Meaning == "" {
			t.Errorf("Reasons has %q twice or without a meaning", info.Reason)
		}
		listed[info.Reason] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Reason") || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		word := strings.Trim(literal.Value, `"`)
		if words[word] {
			t.Errorf("the word %q is there twice", word)
		}
		words[word] = true
		count++
		if r := Reason(word); r != ReasonNone && !listed[r] {
			t.Errorf("Reasons lacks %q", r)
		}
		if r := Reason(word); r != ReasonNone && (r.Flag() == "") != throwing[r] {
			t.Errorf("reason %q has flag %q, throws %v", r, r.Flag(), throwing[r])
		}
		return true
	})
	if count < 25 {
		t.Errorf("%d reasons found, want at least 25", count)
	}
}

func TestUnknownRevocationIsAlsoOffline(t *testing.T) {
	got := appendFlags(nil, []Reason{ReasonRevocationUnknown, ReasonExpired, ReasonNotYetValid, ReasonProxy})
	want := []Flag{RevocationStatusUnknown, OfflineRevocation, NotTimeValid}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("flags = %v, want %v", got, want)
	}
}
