package element_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/element"
	"github.com/postern-gateway/postern/internal/policy/policyxml"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/pfx"
	"github.com/postern-gateway/postern/pki/revocation"
	"github.com/postern-gateway/postern/source"
)

var update = flag.Bool("update", false, "write what the pipelines give into their files")

// TestPipelines runs testdata/<element>/*.txtar. A file has these parts:
//
//	global.xml, product.xml, api.xml, operation.xml   the documents of the scopes, those that there are
//	fragment-<id>.xml                                 policy fragments
//	setup                                             "name value" lines: see setup
//	request                                           the request: a line of method and URL, fields, an empty line, a body
//	request-2, request-3 …                            those that follow it, each setup's "step" later
//	backend                                           what the backend answers: a status, fields, an empty line, a body
//	server                                            what is answered to the requests of policies, in the same form
//	want                                              what comes of it; -update writes it
func TestPipelines(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob = %v, %v", files, err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := newPipeline(t, a)
			got := p.run(t)
			if *update {
				writeWant(t, file, a, got)
				return
			}
			if want := p.parts["want"]; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func writeWant(t *testing.T, file string, a *txtar.Archive, got string) {
	t.Helper()
	for i := range a.Files {
		if a.Files[i].Name == "want" {
			a.Files = append(a.Files[:i], a.Files[i+1:]...)
			break
		}
	}
	a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

// pipeline is one file: its parts, and the gateway that its policies act through.
type pipeline struct {
	parts map[string]string
	// setup: certificate NAME (the client's), verdict OK or flags, issuer NAME, entity ID NAME, base URL, suffix PATH,
	// parameter NAME VALUE, template URL, explained TEXT (of the verdict), remote IP, now TIME, value NAME TEXT, fail REASON (of the backend).
	setup map[string][]string
	out   strings.Builder
	// shared is what the policies of its requests share.
	shared *policy.Shared
}

func newPipeline(t *testing.T, a *txtar.Archive) *pipeline {
	p := &pipeline{parts: map[string]string{}, setup: map[string][]string{}}
	for _, f := range a.Files {
		p.parts[f.Name] = string(f.Data)
	}
	for line := range strings.SplitSeq(p.parts["setup"], "\n") {
		if word, rest, _ := strings.Cut(strings.TrimSpace(line), " "); word != "" {
			p.setup[word] = append(p.setup[word], strings.TrimSpace(rest))
		}
	}
	return p
}

func (p *pipeline) one(name string) string {
	if v := p.setup[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (p *pipeline) run(t *testing.T) string {
	t.Helper()
	program, ok := p.compile(t)
	if !ok {
		return p.out.String()
	}
	for n := 1; p.parts[requestPart(n)] != ""; n++ {
		p.ask(t, program, n)
	}
	return p.out.String()
}

// ask runs the program for the file's nth request.
func (p *pipeline) ask(t *testing.T, program *policy.Program, n int) {
	if n > 1 {
		fmt.Fprintf(&p.out, "\n%s\n", requestPart(n))
	}
	in := p.invocation(t, n)
	in.Tracer = p
	r := program.Execute(in)
	fmt.Fprintf(&p.out, "%d", r.Status)
	if r.Reason != "" {
		fmt.Fprintf(&p.out, " %s", r.Reason)
	}
	p.out.WriteString("\n")
	p.message(r.Header, r.Body)
	_ = r.Body.Close()
}

func (p *pipeline) message(h message.Header, body *message.Body) {
	for name, value := range h.All() {
		fmt.Fprintf(&p.out, "%s: %s\n", name, value)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		fmt.Fprintf(&p.out, "body fails: %v\n", err)
	}
	if len(b) > 0 {
		fmt.Fprintf(&p.out, "\n%s\n", strings.ReplaceAll(string(b), "\r", ""))
	}
}

// Step writes the trace.
func (p *pipeline) Step(at *policy.Place, _ time.Duration, err error) {
	fmt.Fprintf(&p.out, "%s %s %s", at.Section, at.Scope, at.Path)
	switch f := (*policy.Failure)(nil); {
	case err == nil:
	case errors.Is(err, policy.Done):
		p.out.WriteString(" done")
	case errors.As(err, &f):
		fmt.Fprintf(&p.out, " fails: %s: %s", f.Reason, f.Message)
	default:
		fmt.Fprintf(&p.out, " fails: %v", err)
	}
	p.out.WriteString("\n")
}

// Message writes the trace.
func (p *pipeline) Message(_ *policy.Place, source, severity, text string) {
	fmt.Fprintf(&p.out, "  %s %s: %s\n", severity, source, strings.ReplaceAll(strings.TrimSpace(text), "\n", " | "))
}

func (p *pipeline) compile(t *testing.T) (*policy.Program, bool) {
	c := pipelineCompiler()
	fine := true
	document := func(name string, scope policy.Scope) *policy.Document {
		text, ok := p.parts[name]
		if !ok {
			return nil
		}
		d, ds := c.Compile(name, text, scope, p.options(t))
		for _, one := range ds {
			at := source.NewText(name, text).Position(one.Span.Start)
			fmt.Fprintf(&p.out, "%s:%s: %s %s: %s\n", name, at, one.Severity, one.Code, one.Message)
		}
		fine = fine && d != nil
		return d
	}
	chain := policy.Chain{Global: document("global.xml", policy.Global), Product: document("product.xml", policy.Product),
		API: document("api.xml", policy.API), Operation: document("operation.xml", policy.Operation)}
	if !fine {
		return nil, false
	}
	return policy.Link(chain, element.Forward()), true
}

func (p *pipeline) options(t *testing.T) policy.CheckOptions {
	return policy.CheckOptions{
		Format: policyxml.RawXML,
		NamedValues: func(name string) (policyxml.NamedValue, bool) {
			for _, v := range p.setup["value"] {
				if n, text, _ := strings.Cut(v, " "); n == name {
					return policyxml.NamedValue{Text: text}, true
				}
			}
			return policyxml.NamedValue{}, false
		},
		Fragments: func(id string) (policy.Fragment, bool) {
			text, ok := p.parts["fragment-"+id+".xml"]
			return policy.Fragment{Text: text, Format: policyxml.RawXML}, ok
		},
		HasCertificate: func(id string) bool {
			for _, e := range p.entities(t) {
				if strings.EqualFold(e.ID, id) {
					return true
				}
			}
			return false
		},
	}
}

func (p *pipeline) entities(t *testing.T) []apim.Certificate {
	var list []apim.Certificate
	for _, e := range p.setup["entity"] {
		id, name, _ := strings.Cut(e, " ")
		list = append(list, apim.Certificate{ID: id, Identity: entity(t, name)})
	}
	return list
}

// entity is a certificate of those with its private key, unless "without" stands before its name.
func entity(t *testing.T, name string) *cert.Identity {
	t.Helper()
	bare, without := strings.CutPrefix(name, "without ")
	if without {
		return &cert.Identity{Certificate: certificate(t, bare)}
	}
	file := certificateFile(t, name)
	if file.PrivateKey == "" {
		return &cert.Identity{Certificate: certificate(t, name)}
	}
	id, err := pfx.LoadPEM([]byte(file.Certificate+"\n"+file.PrivateKey), nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// pemFile is a certificate as the recorded contexts have it.
type pemFile struct{ Certificate, PrivateKey string }

func certificateFile(t *testing.T, name string) pemFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(conformance, "certificates.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files map[string]pemFile
	if err := json.Unmarshal(data, &files); err != nil {
		t.Fatal(err)
	}
	return files[name]
}

// certificate is one of the certificates that the recorded contexts use.
func certificate(t *testing.T, name string) *cert.Certificate {
	t.Helper()
	c, err := cert.ParsePEM([]byte(certificateFile(t, name).Certificate))
	if err != nil {
		t.Fatalf("certificate %q: %v", name, err)
	}
	return c
}

func (p *pipeline) invocation(t *testing.T, n int) policy.Invocation {
	first, header, body := parts(t, p.parts[requestPart(n)])
	method, target, _ := strings.Cut(first, " ")
	u, err := message.ParseURL(target)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, gone := p.setup["gone"]; gone {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		ctx = ended
	}
	ex := &message.Exchange{
		Context: ctx, Received: time.Now(), Conn: &message.Conn{},
		Request: &message.Request{Method: method, URL: u, Host: u.Authority(), Proto: "HTTP/1.1", Header: header, Body: body},
	}
	if remote := p.one("remote"); remote != "" {
		addr, err := netip.ParseAddr(remote)
		if err != nil {
			t.Fatal(err)
		}
		ex.Conn.Remote = netip.AddrPortFrom(addr, 50000)
	}
	if name := p.one("certificate"); name != "" {
		ex.Conn.TLS = &message.TLS{Peer: &message.Peer{Leaf: certificate(t, name)}}
	}
	in := policy.Invocation{Exchange: ex, Gateway: fakeGateway{t, p}, Suffix: p.one("suffix"),
		Deployment: &policy.Deployment{ServiceName: "test", Certificates: p.entities(t)}}
	if _, asks := p.setup["preflight"]; asks && first[:7] == "OPTIONS" {
		in.Preflight = policy.PreflightAsked
		in.Failed = &policy.Failure{Source: "configuration", Reason: "OperationNotFound", Message: "No operation.", Status: 404, Public: "Resource not found"}
	}
	if base := p.one("base"); base != "" {
		if in.Base, err = message.ParseURL(base); err != nil {
			t.Fatal(err)
		}
	}
	if now := p.one("now"); now != "" {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		step, _ := time.ParseDuration(p.one("step"))
		at = at.Add(time.Duration(n-1) * step)
		in.Clock = func() time.Time { return at }
	}
	in.Route.Parameters = map[string]string{}
	for _, v := range p.setup["parameter"] {
		name, value, _ := strings.Cut(v, " ")
		in.Route.Parameters[name] = value
	}
	if template := p.one("template"); template != "" {
		in.Route.Operation = &apim.Operation{ID: "op", Method: method, URLTemplate: template}
	}
	if in.Route.Operation == nil && len(p.setup["example"]) > 0 {
		in.Route.Operation = &apim.Operation{ID: "op", Method: method, URLTemplate: "/"}
	}
	for _, v := range p.setup["example"] {
		word := strings.SplitN(v, " ", 3)
		status, _ := strconv.Atoi(word[0])
		in.Route.Operation.Responses = append(in.Route.Operation.Responses, apim.OperationResponse{Status: status,
			Representations: []apim.Representation{{ContentType: word[1], Example: word[2]}}})
	}
	return in
}

// parts reads a message in the form of HTTP/1.1.
func parts(t *testing.T, text string) (first string, h message.Header, body *message.Body) {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(text))
	line := func() string {
		s, _ := r.ReadString('\n')
		return strings.TrimRight(s, "\r\n")
	}
	first = line()
	for l := line(); l != ""; l = line() {
		name, value, ok := strings.Cut(l, ": ")
		if !ok {
			t.Fatalf("%q is no field", l)
		}
		h.Add(name, value)
	}
	rest, _ := io.ReadAll(r)
	content := strings.TrimSuffix(string(rest), "\n")
	return first, h, message.NewBody(io.NopCloser(strings.NewReader(content)), int64(len(content)))
}

// fakeGateway forwards to the file's backend, and gives the file's verdict.
type fakeGateway struct {
	t *testing.T
	p *pipeline
}

func (g fakeGateway) VerifyPeer(_ context.Context, peer *message.Peer, revocation bool) policy.Verdict {
	return g.VerifyCertificate(context.Background(), peer.Leaf, revocation)
}

func (g fakeGateway) VerifyCertificate(_ context.Context, _ *cert.Certificate, revocation bool) policy.Verdict {
	v := policy.Verdict{OK: true, Explanation: "as the test says"}
	if flags := g.p.one("verdict"); flags != "" && flags != "OK" {
		for flag := range strings.SplitSeq(flags, ",") {
			if revocation || flag != "Revoked" && flag != "RevocationStatusUnknown" && flag != "OfflineRevocation" {
				v.OK, v.Status = false, append(v.Status, flag)
			}
		}
	}
	if text := g.p.one("explained"); text != "" {
		v.Judged = &chain.Result{Explanation: chain.Explanation{Summary: text, Paths: []chain.PathReport{{Certificates: []string{"leaf", "root"}}}}}
	}
	if name := g.p.one("issuer"); name != "" {
		v.Issuer = certificate(g.t, name)
	}
	return v
}

// VerifyPeerMode tells the mode; FailOpen makes unknown good.
func (g fakeGateway) VerifyPeerMode(_ context.Context, peer *message.Peer, mode revocation.Mode) policy.Verdict {
	fmt.Fprintf(&g.p.out, "  (revocation mode %s)\n", mode)
	return g.VerifyCertificate(context.Background(), peer.Leaf, mode.Failure != revocation.FailOpen)
}

func (g fakeGateway) Forward(_ context.Context, r *message.Request, o policy.ForwardOptions) (*message.Response, error) {
	fmt.Fprintf(&g.p.out, "> %s %s\n", r.Method, r.URL.String())
	if o.Host != "" {
		fmt.Fprintf(&g.p.out, "> Host: %s\n", o.Host)
	}
	for name, value := range r.Header.All() {
		fmt.Fprintf(&g.p.out, "> %s: %s\n", name, value)
	}
	if b, err := io.ReadAll(r.Body); err == nil && len(b) > 0 {
		fmt.Fprintf(&g.p.out, ">\n> %s\n", b)
	}
	if reason := g.p.one("fail"); reason != "" {
		return nil, &message.TransportError{Reason: reason, Err: errors.New("the test says so")}
	}
	if o.Certificate != nil {
		fmt.Fprintf(&g.p.out, "> (certificate %s)\n", o.Certificate.Certificate.Thumbprint())
	}
	fmt.Fprintf(&g.p.out, "> (timeout %s, HTTP %s, redirects %v, buffered %v)\n", o.Timeout, o.HTTPVersion, o.FollowRedirects, o.BufferResponse)
	first, h, body := parts(g.t, g.p.parts["backend"])
	status, err := strconv.Atoi(first)
	if err != nil {
		status = 200
	}
	return &message.Response{Status: status, Header: h, Body: body}, nil
}
