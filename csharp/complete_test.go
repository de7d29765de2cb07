package csharp_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
)

// complete asks at the bar in src.
func complete(t testing.TB, src string) (items []csharp.Completion, labels []string, from int) {
	t.Helper()
	at := strings.IndexByte(src, '|')
	if at < 0 {
		t.Fatalf("%q has no bar", src)
	}
	items, from = csharp.Complete(src[:at]+src[at+1:], exprctx.Env(), at)
	for _, x := range items {
		labels = append(labels, x.Label)
	}
	return items, labels, from
}

func TestComplete(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want, not []string
	}{
		{"the context", `@(con|`, []string{"context", "Convert", "const"}, []string{"Math"}},
		{"its members", `@(context.|)`, []string{"Request", "Response", "Variables", "Deployment", "LastError", "ToString"}, []string{"Certificate", "context"}},
		{"with a beginning", `@(context.re|)`, []string{"Request", "RequestId", "Response"}, []string{"Variables"}},
		{"in the middle of a word", `@(context.Re|quest.Method)`, []string{"Request", "Response"}, []string{"Method"}},
		{"deeper", `@(context.Request.Certificate.|`, []string{"Thumbprint", "Verify", "VerifyNoRevocation", "SubjectName", "NotAfter"}, []string{"Certificate"}},
		{"in a condition that goes on", `@(context.Request.Certificate.| == null && true)`, []string{"Thumbprint"}, nil},
		{"before another operand", `@(context.Request.Certificate == null && context.Request.| && !context.Request.Certificate.Verify())`, []string{"Certificate", "Headers"}, nil},
		{"a lambda's parameter", `@(context.Deployment.Certificates.Any(c => c.|))`, []string{"Key", "Value"}, nil},
		{"its members", `@(context.Deployment.Certificates.Any(c => c.Value.Thumb|`, []string{"Thumbprint"}, []string{"Verify"}},
		{"its name", `@(context.Deployment.Certificates.Any(cert => ce|))`, []string{"cert"}, nil},
		{"extension methods", `@(context.Request.Headers.|)`, []string{"GetValueOrDefault", "Any", "Count", "Where", "ContainsKey"}, nil},
		{"a variable", `@{ var name = "a"; return nam|; }`, []string{"name"}, nil},
		{"a variable's members", `@{ var name = "a"; return name.Sub|; }`, []string{"Substring"}, nil},
		{"no variable of later", `@{ var a = zz| ; var zzz = 1; return zzz; }`, nil, []string{"zzz"}},
		{"in an unfinished block", `@{ var body = context.Request.Body.As<JObject>(); return body.|`, []string{"Property", "SelectToken"}, nil},
		{"static members", `@(Math.|)`, []string{"PI", "Max", "Abs"}, []string{"GetHashCode"}},
		{"an enumeration's", `@("a".Equals("A", StringComparison.|))`, []string{"Ordinal", "OrdinalIgnoreCase"}, nil},
		{"types after new", `@(new Dict|`, []string{"Dictionary"}, nil},
		{"a namespace", `@(System.Text.|)`, []string{"Encoding", "StringBuilder", "RegularExpressions"}, []string{"Math"}},
		{"after ?.", `@(context.Request.Certificate?.Thu|)`, []string{"Thumbprint"}, nil},
		{"in a hole of an interpolated string", `@($"a {con|} b")`, []string{"context"}, nil},
		{"its members", `@($"{context.Req|}")`, []string{"Request"}, nil},
		{"after another hole", `@($"{1:X} {{no}} {context.Request.|:x}")`, []string{"Method"}, nil},
		{"not in its text", `@($"a con| {context}")`, nil, []string{"context"}},
		{"not in doubled braces", `@($"{{con|}}")`, nil, []string{"context"}},
		{"not in its format", `@($"{context:con|}")`, nil, []string{"context"}},
		{"not in a string in it", `@($"{"con|"}")`, nil, []string{"context"}},
		{"in a string", `@("con|")`, nil, []string{"context"}},
		{"in an unfinished string", `@("con|`, nil, []string{"context"}},
		{"in a comment", `@{ // con|`, nil, []string{"context"}},
		{"of a number", `@(12|)`, nil, []string{"context"}},
		{"before the expression", `|@(1)`, nil, []string{"context"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, labels, _ := complete(t, c.src)
			for _, w := range c.want {
				if !slices.Contains(labels, w) {
					t.Errorf("%s: no %s among %v", c.src, w, labels)
				}
			}
			for _, w := range c.not {
				if slices.Contains(labels, w) {
					t.Errorf("%s: %s is among them", c.src, w)
				}
			}
		})
	}
}

func TestCompletionsTellTheirTypes(t *testing.T) {
	items, _, from := complete(t, `@(context.Request.Certificate.Ver|)`)
	if len(items) != 3 || from != len(`@(context.Request.Certificate.`) {
		t.Fatalf("%d completions from %d: %v", len(items), from, items)
	}
	for _, x := range items {
		if x.Label == "Verify" && (x.Kind != csharp.CompleteMethod || x.Detail != "bool Verify()") {
			t.Errorf("Verify is %s, %q", x.Kind, x.Detail)
		}
	}
}

// FuzzComplete holds that no text at no place brings it down.
func FuzzComplete(f *testing.F) {
	for _, s := range []string{`@(context.Request.Certificate.`, `@{ var a = new { b = 1 }; return a. ; }`, `@(`, `@{ foreach (var x in context.Variables) { x.`} {
		f.Add(s, len(s))
	}
	f.Fuzz(func(t *testing.T, src string, at int) {
		_, from := csharp.Complete(src, exprctx.Env(), at)
		if from < 0 || from > len(src) {
			t.Errorf("Complete(%q, %d) begins at %d", src, at, from)
		}
	})
}
