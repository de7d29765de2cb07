package element_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/source"
)

const conformance = "../../../testdata/conformance"

// words is a language for tests of what is not C#: an expression is a quoted text or a word, and evaluates to that.
type words struct{}

func (words) Compile(code string, _ policy.Want, _ []string) (policy.Expression, []source.Diagnostic) {
	return word(strings.Trim(code[2:len(code)-1], `" `)), nil
}

type word string

func (w word) Text(*policy.Run) (string, bool, error) {
	if w == "throw" {
		return "", false, &types.Exception{T: types.FormatException, Text: types.NewString("Input string was not in a correct format.")}
	}
	return string(w), w == "null", nil
}
func (w word) Bool(x *policy.Run) (bool, error) {
	s, _, err := w.Text(x)
	return s == "true", err
}
func (w word) Number(x *policy.Run) (float64, error) {
	s, _, err := w.Text(x)
	return float64(len(s)), err
}
func (w word) Bytes(x *policy.Run) ([]byte, error) {
	s, _, err := w.Text(x)
	return []byte(s), err
}
func (w word) Object(x *policy.Run) (any, error) {
	s, _, err := w.Text(x)
	return types.NewString(s), err
}

// pipelineCompiler is the compiler of the pipeline tests, whose expressions are C#.
func pipelineCompiler() *policy.Compiler {
	return policy.NewCompiler(element.All(), exprctx.NewLanguage(types.Budget{}))
}

func compiler() *policy.Compiler { return policy.NewCompiler(element.All(), words{}) }

func TestGoodDocumentsAreTaken(t *testing.T) {
	for _, dir := range []string{"seed", "policies/good"} {
		files, err := filepath.Glob(filepath.Join(conformance, dir, "*.xml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("Glob(%s) = %v, %v", dir, files, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				ds := compiler().Check(filepath.Base(file), string(text), policy.CheckOptions{Offline: true})
				if source.Errors(ds) {
					t.Errorf("Check = %v; want no error", ds)
				}
			})
		}
	}
}

// needsCSharp are the documents whose mistake is one of C#.
var needsCSharp = []string{"unknown-member.xml", "not-bool.xml", "no-return.xml", "undefined-name.xml", "forbidden-type.xml", "csharp-8.xml"}

func TestBadDocumentsAreRefused(t *testing.T) {
	f, err := os.Open(filepath.Join(conformance, "policies/bad/expect.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var want struct {
			File, About string
			Line        int
		}
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(needsCSharp, want.File) {
			continue
		}
		t.Run(want.File, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(conformance, "policies/bad", want.File))
			if err != nil {
				t.Fatal(err)
			}
			ds := compiler().Check(want.File, string(text), policy.CheckOptions{Offline: true})
			if !source.Errors(ds) {
				t.Fatalf("Check = %v; want an error: %s", ds, want.About)
			}
			if line := source.NewText("", string(text)).Position(ds[0].Span.Start).Line; line != want.Line {
				t.Errorf("first diagnostic %v in line %d; want line %d: %s", ds[0], line, want.Line, want.About)
			}
		})
	}
}

func document(inbound, backend, outbound string) string {
	return "<policies>\n<inbound>" + inbound + "</inbound><backend>" + backend + "</backend><outbound>" + outbound + "</outbound><on-error/></policies>"
}

func TestChecks(t *testing.T) {
	tests := []struct{ name, text, code, want string }{
		{"unknown element with a hint", document("<set-headr/>", "", ""), policy.CodeUnknownElement, "There is no policy 'set-headr'; did you mean 'set-header'?"},
		{"known and not supported", document("<rate-limit/>", "", ""), policy.CodeUnsupported, "The policy 'rate-limit' is not supported yet: it counts by subscription, and there are no subscriptions yet; rate-limit-by-key counts by any key."},
		{"wrong section", document("", "", "<rewrite-uri template='/'/>"), policy.CodeWrongSection, "The policy 'rewrite-uri' may not stand in 'outbound'; it may in inbound."},
		{"two policies in backend", document("", "<base/><forward-request/>", ""), policy.CodeBackendOne, "The section 'backend' holds one policy; 'forward-request' is a second one."},
		{"attribute with a hint", document("<set-variable nam='x' value=''/>", "", ""), policy.CodeMissingAttr, "The element 'set-variable' needs the attribute 'name'."},
		{"enumeration", document("<set-header name='a' exists-action='add'/>", "", ""), policy.CodeAttrValue, "The value of the attribute 'exists-action' of 'set-header' is one of override, skip, append, delete, not 'add'."},
		{"number", document("<return-response><set-status code='x'/></return-response>", "", ""), policy.CodeAttrValue, "The value of the attribute 'code' of 'set-status' is a whole number, not 'x'."},
		{"number out of range", document("<return-response><set-status code='700'/></return-response>", "", ""), policy.CodeAttrValue, "The value of the attribute 'code' of 'set-status' is between 200 and 599, not '700'."},
		{"trace with two messages", document("<trace source='a'>b<message>c</message></trace>", "", ""), policy.CodeText, "The element 'trace' has its message in an element; it holds no other text."},
		{"trace without a message", document("<trace source='a'> </trace>", "", ""), policy.CodeMissingChild, "The element 'trace' needs an element 'message'."},
		{"choose without when", document("<choose/>", "", ""), policy.CodeMissingChild, "The element 'choose' needs an element 'when'."},
		{"text where none may be", document("x", "", ""), policy.CodeText, "The element 'inbound' holds no text."},
		{"liquid", document("<set-body template='liquid'>{{body.x}}{% if %}</set-body>", "", ""), policy.CodeText, "The Liquid template: Syntax Error in 'if' tag - Valid syntax: if [expression]."},
		{"backend entity", document("<set-backend-service backend-id='x'/>", "", ""), policy.CodeUnsupported, "The attribute 'backend-id' of 'set-backend-service' is not supported yet."},
		{"two backends", document("<set-backend-service backend-id='x' base-url='https://x'/>", "", ""), policy.CodeUnsupported, "The attribute 'backend-id' of 'set-backend-service' is not supported yet."},
		{"expression in id", document("<set-method id='@(1)'>GET</set-method>", "", ""), policy.CodeNoExpression, "No expression may stand in the attribute 'id'."},
		{"section twice", "<policies><inbound/><inbound/></policies>", policy.CodeSection, "The section 'inbound' stands twice."},
		{"another root", "<policy/>", policy.CodeRoot, "The root element is 'policies' or 'fragment', not 'policy'."},
		{"base in a fragment", "<fragment><base/></fragment>", policy.CodeFragment, "'base' may not stand in a fragment."},
		{"fragment in a fragment", "<fragment><include-fragment fragment-id='a'/></fragment>", policy.CodeFragment, "A fragment may not include another."},
		{"named value", document("<set-method>{{m}}</set-method>", "", ""), policy.CodeNamedValue, "There is no named value 'm'."},
		{"fragment", document("<include-fragment fragment-id='f'/>", "", ""), policy.CodeFragment, "There is no policy fragment 'f'."},
		{"certificate", document("<validate-client-certificate><identities><identity issuer-certificate-id='ca'/></identities></validate-client-certificate>", "", ""), policy.CodeReference, "There is no certificate 'ca'."},
		{"mixed text", document("<set-variable name='a' value='x-@(1)'/>", "", ""), policy.CodeMixed, "In the attribute 'value' of 'set-variable' text and an expression are mixed, which is not evaluated: write one expression that joins them."},
		{"identity of nothing", document("<validate-client-certificate><identities><identity thumbprint=''/></identities></validate-client-certificate>", "", ""), policy.CodeConflict, "This identity has no attribute to compare, so that it matches no certificate."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ds := compiler().Check("p", tt.text, policy.CheckOptions{})
			if len(ds) == 0 || ds[0].Code != tt.code || ds[0].Message != tt.want {
				t.Errorf("Check = %v; want %s %q", ds, tt.code, tt.want)
			}
		})
	}
}

func TestScopes(t *testing.T) {
	text := document("<base/>", "", "")
	global := policy.Global
	if ds := compiler().Check("p", text, policy.CheckOptions{Scope: &global}); len(ds) != 1 || ds[0].Code != policy.CodeWrongScope {
		t.Errorf("base at global scope: %v; want %s", ds, policy.CodeWrongScope)
	}
	if ds := compiler().Check("p", text, policy.CheckOptions{}); len(ds) != 0 {
		t.Errorf("base at any scope: %v; want nothing", ds)
	}
}

func TestOfflineNames(t *testing.T) {
	text := document("<set-method>{{m}}</set-method><set-status code='{{c}}' reason='x'/><!-- {{commented}} --><include-fragment fragment-id='f'/>", "", "")
	ds := compiler().Check("p", text, policy.CheckOptions{Offline: true})
	if len(ds) != 2 || source.Errors(ds) {
		t.Errorf("Check = %v; want two warnings", ds)
	}
}

// Terraform's placeholders are not checked offline, and are what they are to the server.
func TestTemplatesOffline(t *testing.T) {
	for text, codes := range map[string]string{
		`<set-backend-service base-url="https://${host-name}/a"/>`:                                                policy.CodeTemplate,
		`<retry count="${var.retries}" interval="1" condition="@(${retry})"><set-method>GET</set-method></retry>`: policy.CodeTemplate + policy.CodeTemplate,
		`<set-variable name="a" value='@($"a${context.RequestId}b")'/>`:                                           "",
		`<choose>%{ if cors ~}<when condition="@(true)"/>%{ endif ~}</choose>`:                                    policy.CodeTemplate,
		`<choose>text<when condition="@(true)"/></choose>`:                                                        policy.CodeText,
		`<set-header name="x" exists-action="${a} and ${b}"/>`:                                                    policy.CodeTemplate,
		`<set-header name="x" exists-action="{a}"/>`:                                                              policy.CodeAttrValue,
	} {
		got := ""
		ds := compiler().Check("p", document(text, "", ""), policy.CheckOptions{Offline: true})
		for _, d := range ds {
			got += d.Code
			if (d.Code == policy.CodeTemplate) != (d.Severity == source.Warning) {
				t.Errorf("%s: %v", text, d)
			}
		}
		if got != codes {
			t.Errorf("%s: %v; want %s", text, ds, codes)
		}
		if ds := compiler().Check("p", document(text, "", ""), policy.CheckOptions{}); strings.Contains(codes, policy.CodeTemplate) && !source.Errors(ds) {
			t.Errorf("%s on the server: %v; want an error", text, ds)
		}
	}
}

func TestBackendsAreElsewhereOffline(t *testing.T) {
	for text, fine := range map[string]bool{"backend-id='x'": true, `backend-id="@("x")"`: true, "backend-id=''": false, "backend-id='x' base-url='https://x'": false, "backend-id='x' sf-replica-type='y'": false} {
		ds := compiler().Check("p", document("<set-backend-service "+text+"/>", "", ""), policy.CheckOptions{Offline: true})
		if source.Errors(ds) == fine {
			t.Errorf("%s: %v", text, ds)
		}
	}
}

func TestRemarksForAPIM(t *testing.T) {
	text := document("<set-status code='200'/><validate-client-certificate><identities><identity subject=\"O=\"A, B\", C=x\"/></identities></validate-client-certificate>", "", "")
	for apim, want := range map[bool]int{false: 0, true: 3} {
		ds := compiler().Check("p", text, policy.CheckOptions{APIM: apim})
		if len(ds) != want || source.Errors(ds) {
			t.Errorf("Check with APIM %v = %v; want %d warnings", apim, ds, want)
		}
	}
}

func TestExtensionsAreRemarkedOn(t *testing.T) {
	identity := func(attributes string) string {
		return document("<validate-client-certificate><identities><identity "+attributes+"/></identities></validate-client-certificate>", "", "")
	}
	for _, attribute := range []string{`spki-sha256="` + strings.Repeat("ab", 32) + `"`, `thumbprint-sha256="` + strings.Repeat("ab", 32) + `"`,
		`uri="spiffe://example.org/a"`, `email="a@example.org"`, `ip-address="192.0.2.1"`, `upn="a@example.org"`} {
		ds := compiler().Check("p", identity(attribute), policy.CheckOptions{APIM: true})
		if len(ds) != 1 || source.Errors(ds) || ds[0].Code != policy.CodeNotRunnableAPIM {
			t.Errorf("%s with APIM: %v; want one remark", attribute, ds)
		}
		if ds := compiler().Check("p", identity(attribute), policy.CheckOptions{}); len(ds) != 0 {
			t.Errorf("%s: %v; want nothing", attribute, ds)
		}
	}
	for _, attribute := range []string{`spki-sha256="ab"`, `thumbprint-sha256=""`, `uri="path"`, `uri="spiffe://a/b/"`, `email="a"`, `ip-address="192.0.2.0/24"`, `upn="@(1)"`, `uri=" "`} {
		if ds := compiler().Check("p", identity(attribute), policy.CheckOptions{}); !source.Errors(ds) {
			t.Errorf("%s: %v; want an error", attribute, ds)
		}
	}
	if ds := compiler().Check("p", identity(`uri="{{uri}}"`), policy.CheckOptions{Offline: true}); source.Errors(ds) {
		t.Errorf("a named value that is elsewhere: %v; want no error", ds)
	}
}

// Everything that can be written down about an element must be there, since documents and the editor are made of it.
func TestDeclarations(t *testing.T) {
	var walk func(t *testing.T, s *policy.Spec)
	walk = func(t *testing.T, s *policy.Spec) {
		if s.Name == "" || s.Doc == "" {
			t.Errorf("%q has no name or no documentation", s.Name)
		}
		for _, a := range s.Attributes {
			if a.Name == "" || a.Doc == "" {
				t.Errorf("%s: the attribute %q has no name or no documentation", s.Name, a.Name)
			}
		}
		for _, c := range s.Children {
			walk(t, c.Spec)
		}
	}
	for _, e := range element.All() {
		t.Run(e.Name, func(t *testing.T) {
			walk(t, &e.Spec)
			if e.Sections == 0 || e.Scopes == 0 || e.Source == "" || e.Compile == nil || !policy.Known(e.Name) {
				t.Errorf("%s is not declared whole", e.Name)
			}
		})
	}
}

func TestRevocationModeIsRead(t *testing.T) {
	element := func(mode string) string {
		return document(`<validate-client-certificate revocation-mode="`+mode+`"/>`, "", "")
	}
	for _, mode := range []string{"FailClosed", "FailOpen", "FailOpenUntil=PT24H", " failopenuntil=P1D "} {
		if ds := compiler().Check("p", element(mode), policy.CheckOptions{}); len(ds) != 0 {
			t.Errorf("%q: %v; want nothing", mode, ds)
		}
		if ds := compiler().Check("p", element(mode), policy.CheckOptions{APIM: true}); len(ds) != 1 || ds[0].Code != policy.CodeNotRunnableAPIM {
			t.Errorf("%q with APIM: %v; want one remark", mode, ds)
		}
	}
	for _, mode := range []string{"", "open", "FailOpenUntil", "FailOpenUntil=24h", "@(1)"} {
		if ds := compiler().Check("p", element(mode), policy.CheckOptions{}); !source.Errors(ds) {
			t.Errorf("%q: %v; want an error", mode, ds)
		}
	}
}
