package exprctx

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
)

// TestDocsAreOfMembers holds that each sentence is about a member that there is, and that the types that policies see
// first have one for each.
func TestDocsAreOfMembers(t *testing.T) {
	left := map[string]bool{}
	for key := range docs {
		left[key] = true
	}
	complete := map[string]bool{}
	for _, name := range strings.Fields("IExpressionContext IRequest IResponse IUrl IMessageBody ILastError IDeployment IApi IOperation Jwt") {
		complete[name] = true
	}
	Universe().Defs(func(d *types.Def) {
		for _, m := range Universe().Table(d.Self()).All {
			name := d.Name[strings.LastIndexByte(d.Name, '.')+1:] + "." + m.Name
			switch {
			case docs[name] != "":
				delete(left, name)
			case complete[d.Name] && m.Kind != types.Constructor && m.Kind != types.Indexer:
				t.Errorf("%s has no sentence", name)
			}
		}
	})
	for name := range left {
		t.Errorf("there is no %s", name)
	}
}

func TestCompletionsKnowAPIM(t *testing.T) {
	find := func(code, label string) *Completion {
		items, _ := Complete(code, len(code))
		for i := range items {
			if items[i].Label == label {
				return &items[i]
			}
		}
		return nil
	}
	for _, c := range []struct {
		code, label string
		extension   bool
	}{
		{`@(context.`, "Request", false},
		{`@(context.Request.Certificate.`, "Thumbprint", false},
		{`@(context.Request.Certificate.`, "VerifyNoRevocation", false},
		{`@("a".`, "Substring", false},
		{`@(context.Request.Headers.`, "GetValueOrDefault", false},
		{`@(context.Request.Headers.`, "Any", false},
		{`@(DateTime.UtcNow.`, "AddDays", false},
		{`@(DateTime.UtcNow.`, "ToFileTimeUtc", true},
	} {
		x := find(c.code, c.label)
		if x == nil || x.Extension != c.extension {
			t.Errorf("%s%s: %+v, want extension %v", c.code, c.label, x, c.extension)
		}
	}
	if x := find(`@(context.Request.Certificate.`, "Verify"); x == nil || !strings.Contains(x.Doc, "trusted CA") {
		t.Errorf("Verify: %+v", x)
	}
}
