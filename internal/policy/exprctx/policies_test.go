package exprctx_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/policy/exprctx"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/source"
)

func compiler() *policy.Compiler {
	return policy.NewCompiler(element.All(), exprctx.NewLanguage(types.Budget{}))
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(conformance, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestGoodDocumentsAreTaken(t *testing.T) {
	for _, pattern := range []string{"seed/*.xml", "policies/good/*.xml"} {
		files, err := filepath.Glob(filepath.Join(conformance, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("Glob(%s) = %v, %v", pattern, files, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if ds := compiler().Check(filepath.Base(file), string(text), policy.CheckOptions{Offline: true}); source.Errors(ds) {
					t.Errorf("Check = %v; want no error", ds)
				}
			})
		}
	}
}

func TestBadDocumentsAreRefused(t *testing.T) {
	for lines := bufio.NewScanner(strings.NewReader(readFile(t, "policies/bad/expect.jsonl"))); lines.Scan(); {
		var want struct {
			File, About string
			Line        int
		}
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		t.Run(want.File, func(t *testing.T) {
			text := readFile(t, "policies/bad/"+want.File)
			ds := compiler().Check(want.File, text, policy.CheckOptions{Offline: true})
			if !source.Errors(ds) {
				t.Fatalf("Check = %v; want an error: %s", ds, want.About)
			}
			if line := source.NewText("", text).Position(ds[0].Span.Start).Line; line != want.Line {
				t.Errorf("first diagnostic %v in line %d; want line %d: %s", ds[0], line, want.Line, want.About)
			}
		})
	}
}

// lenient judges as told and answers every request itself.
type lenient struct{ verdict, noRevocation bool }

func (g lenient) VerifyPeer(_ context.Context, _ *message.Peer, revocation bool) policy.Verdict {
	return policy.Verdict{OK: revocation && g.verdict || !revocation && g.noRevocation}
}
func (g lenient) VerifyCertificate(_ context.Context, _ *cert.Certificate, revocation bool) policy.Verdict {
	return g.VerifyPeer(nil, nil, revocation)
}
func (lenient) Forward(context.Context, *message.Request, policy.ForwardOptions) (*message.Response, error) {
	return &message.Response{Status: 204, Body: message.NoBody()}, nil
}

func certificate(t testing.TB, name string) *cert.Certificate {
	t.Helper()
	var files map[string]struct{ Certificate string }
	if err := json.Unmarshal([]byte(readFile(t, "certificates.json")), &files); err != nil {
		t.Fatal(err)
	}
	c, err := cert.ParsePEM([]byte(files[name].Certificate))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// program compiles a document of operation scope beneath the default global one.
func program(t testing.TB, text string) *policy.Program {
	t.Helper()
	d, ds := compiler().Compile("p.xml", text, policy.Operation, policy.CheckOptions{Format: policyxml.RawXML})
	if d == nil {
		t.Fatalf("Compile = %v", ds)
	}
	return policy.Link(policy.Chain{Operation: d}, element.Forward())
}

func request(t testing.TB, client *cert.Certificate, g policy.Gateway, entities ...apim.Certificate) policy.Invocation {
	t.Helper()
	u, err := message.ParseURL("https://gw.test/orders/42?page=2")
	if err != nil {
		t.Fatal(err)
	}
	conn := &message.Conn{TLS: &message.TLS{}}
	if client != nil {
		conn.TLS.Peer = &message.Peer{Leaf: client}
	}
	return policy.Invocation{
		Exchange: &message.Exchange{Context: context.Background(), Conn: conn, Request: &message.Request{
			Method: "GET", URL: u, Host: "gw.test", Body: message.NoBody(), Header: message.Header{{Name: "Accept", Value: "text/plain"}},
		}},
		Gateway: g, Deployment: &policy.Deployment{ServiceName: "test", Certificates: entities},
	}
}

func TestSeedPolicies(t *testing.T) {
	client, root := certificate(t, "client-01"), certificate(t, "dev-root")
	quoted := strings.NewReplacer(`"`, `\"`)
	replace := strings.NewReplacer("trusted-issuer", quoted.Replace(client.Issuer.String()), "expected-subject-name", quoted.Replace(client.Subject.String()),
		"DESIRED-THUMBPRINT-IN-UPPER-CASE", client.Thumbprint())
	entity := func(c *cert.Certificate) apim.Certificate {
		return apim.Certificate{ID: "e", Identity: &cert.Identity{Certificate: c}}
	}
	good := lenient{true, true}
	unrevoked := lenient{false, true}
	tests := []struct {
		name     string
		client   *cert.Certificate
		gateway  lenient
		entities []apim.Certificate
		// with and without are the statuses of the policies that check revocation, and of those that do not.
		with, without int
	}{
		{"no certificate", nil, good, []apim.Certificate{entity(client)}, 403, 403},
		{"the right one", client, good, []apim.Certificate{entity(root), entity(client)}, 204, 204},
		{"another one", root, good, []apim.Certificate{entity(client)}, 403, 403},
		{"not verified", client, lenient{}, []apim.Certificate{entity(client)}, 403, 403},
		{"revoked", client, unrevoked, []apim.Certificate{entity(client)}, 403, 204},
	}
	for _, name := range []string{"issuer-subject", "thumbprint", "uploaded"} {
		for _, suffix := range []string{"", "-no-revocation"} {
			text := readFile(t, "seed/"+name+suffix+".xml")
			for _, tt := range tests {
				t.Run(name+suffix+"/"+tt.name, func(t *testing.T) {
					want := tt.with
					if suffix != "" {
						want = tt.without
					}
					r := program(t, replace.Replace(text)).Execute(request(t, tt.client, tt.gateway, tt.entities...))
					if r.Status != want || want == 403 && r.Reason != "Invalid client certificate" {
						t.Errorf("answer = %d %q; want %d", r.Status, r.Reason, want)
					}
				})
			}
			if name == "uploaded" {
				continue
			}
			t.Run(name+suffix+"/untouched", func(t *testing.T) {
				r := program(t, text).Execute(request(t, client, good, entity(client)))
				if r.Status != 403 || r.Reason != "Invalid client certificate" {
					t.Errorf("answer = %d %q; want 403 Invalid client certificate", r.Status, r.Reason)
				}
			})
		}
	}
}

func TestExpressionsInPolicies(t *testing.T) {
	tests := []struct{ name, inbound, want string }{
		{"text", `<set-body>@("a" + 1)</set-body>`, "a1"},
		{"null", `<set-body>@((string)null)</set-body>`, ""},
		{"number", `<set-body>@(1 + 2)</set-body>`, "3"},
		{"bytes", `<set-body>@(new byte[] { 104, 105 })</set-body>`, "hi"},
		{"statements", "<set-body>@{ // a comment\n var x = context.Request.Url.Path; return x + \"<\"; }</set-body>", "/orders/42<"},
		{"request", `<set-body>@(context.Request.Method + " " + context.Request.OriginalUrl + " " + context.Request.Headers.GetValueOrDefault("accept", "-"))</set-body>`,
			"GET https://gw.test/orders/42?page=2 text/plain"},
		{"the host is a header", `<set-body>@(context.Request.Headers.GetValueOrDefault("Host", "-"))</set-body>`, "gw.test"},
		{"query", `<set-body>@(context.Request.Url.Query.GetValueOrDefault("page", "-") + context.Request.Url.QueryString)</set-body>`, "2?page=2"},
		{"no body", `<set-body>@(context.Request.Body == null ? "null" : "there")</set-body>`, "null"},
		{"no response", `<set-body>@(context.Response == null ? "null" : "there")</set-body>`, "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := "<policies><inbound><return-response>" + tt.inbound + "</return-response></inbound></policies>"
			r := program(t, text).Execute(request(t, nil, lenient{}))
			if b, err := io.ReadAll(r.Body); err != nil || string(b) != tt.want || r.Status != 200 {
				t.Errorf("answer = %d %q, %v; want %q", r.Status, b, err, tt.want)
			}
		})
	}
}

func TestVariablesKeepTheirTypes(t *testing.T) {
	text := `<policies><inbound><set-variable name="n" value="@(5)" /><set-variable name="s" value="5" />
		<return-response><set-body>@((int)context.Variables["n"] + 1 + "," + context.Variables.GetValueOrDefault<string>("s") + "," + context.Variables.GetValueOrDefault("none", "d"))</set-body></return-response></inbound></policies>`
	r := program(t, text).Execute(request(t, nil, lenient{}))
	if b, _ := io.ReadAll(r.Body); string(b) != "6,5,d" {
		t.Errorf("body = %q; want 6,5,d", b)
	}
}

func TestExceptionsReachOnError(t *testing.T) {
	text := `<policies><inbound><set-variable name="x" value="@(int.Parse("x"))" /></inbound>
		<on-error><set-header name="X-Error" exists-action="override"><value>@(context.LastError.Source + "|" + context.LastError.Reason + "|" + context.LastError.Message + "|" + context.LastError.Path + "|" + context.Response.StatusCode)</value></set-header></on-error></policies>`
	r := program(t, text).Execute(request(t, nil, lenient{}))
	want := "set-variable|ExpressionValueEvaluationFailure|Expression evaluation failed. The input string 'x' was not in a correct format.|set-variable[1]|500"
	if got := r.Header.Get("X-Error"); got != want || r.Status != 500 {
		t.Errorf("answer = %d, X-Error %q; want %q", r.Status, got, want)
	}
}

func TestBudgetEndsTheRequestOnly(t *testing.T) {
	language := exprctx.NewLanguage(types.Budget{Steps: 10_000})
	c := policy.NewCompiler(element.All(), language)
	d, ds := c.Compile("p", `<policies><inbound><set-variable name="x" value="@{ while (true) { } }" /></inbound></policies>`, policy.Operation, policy.CheckOptions{})
	if d == nil {
		t.Fatal(ds)
	}
	r := policy.Link(policy.Chain{Operation: d}, element.Forward()).Execute(request(t, nil, lenient{}))
	if r.Status != 500 {
		t.Errorf("status = %d; want 500", r.Status)
	}
}

func BenchmarkSeedPolicy(b *testing.B) {
	client := certificate(b, "client-01")
	text := readFile(b, "seed/uploaded.xml")
	var entities []apim.Certificate
	for _, name := range []string{"dev-root", "signing", "client-01"} {
		entities = append(entities, apim.Certificate{ID: name, Identity: &cert.Identity{Certificate: certificate(b, name)}})
	}
	p, in := program(b, text), request(b, client, lenient{true, true}, entities...)
	b.ReportAllocs()
	for b.Loop() {
		if r := p.Execute(in); r.Status != 204 {
			b.Fatal(r.Status)
		}
	}
}
