package gateway

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
)

// fixture is a gateway on loopback with a PKI of its own.
type fixture struct {
	t       testing.TB
	server  *Server
	addr    string
	plain   string
	root    *testkit.Cert
	builtIn *testkit.Cert
	service *apim.Service
	judge   *fakeJudge
	// lists, if not nil, judges in the place of judge.
	lists  Judge
	log    *recorder
	run    pipelineFunc
	limits engine.Limits
	// config is what the server is made of beside log and limits.
	config ServerConfig
}

// pipelineFunc is a Pipeline that is a function.
type pipelineFunc func(in policy.Invocation) *message.Response

func (f pipelineFunc) Execute(in policy.Invocation) *message.Response { return f(in) }

// forward is a pipeline that forwards.
func forward(in policy.Invocation) *message.Response {
	if in.Failed != nil {
		return withoutPipeline(in.Exchange, in.Failed)
	}
	r := in.Exchange.Request
	r.URL = in.Base.Join(in.Suffix, r.URL.Query)
	resp, err := in.Gateway.Forward(in.Exchange.Context, r, policy.ForwardOptions{BufferResponse: true})
	if err != nil {
		return message.InternalErrorResponse(in.ID)
	}
	return resp
}

// tell is a pipeline that answers with what it was called with.
func tell(in policy.Invocation) *message.Response {
	if in.Failed != nil {
		return withoutPipeline(in.Exchange, in.Failed)
	}
	peer := "none"
	t := in.Exchange.Conn.TLS
	if p := in.Exchange.Peer(); p != nil {
		peer = p.Leaf.Thumbprint()
	}
	text := fmt.Sprintf("api=%s op=%s suffix=%s parameters=%v peer=%s", in.Route.API.ID, in.Route.Operation.ID, in.Suffix, in.Route.Parameters, peer)
	if t != nil {
		text += fmt.Sprintf(" resumed=%v hostname=%s", t.Resumed, t.Hostname)
	}
	return &message.Response{Status: 200, Body: message.NewStringBody(text)}
}

// fakeJudge notes what it is asked.
type fakeJudge struct {
	mu       sync.Mutex
	begun    []string
	distrust bool
}

func (j *fakeJudge) Begin(p *message.Peer) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.begun = append(j.begun, p.Leaf.Thumbprint())
}

func (j *fakeJudge) VerifyPeer(context.Context, *message.Peer, bool) policy.Verdict {
	return policy.Verdict{OK: !j.distrust}
}

func (j *fakeJudge) VerifyCertificate(context.Context, *cert.Certificate, bool) policy.Verdict {
	return policy.Verdict{}
}

// recorder is a slog.Handler that keeps its records as text.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

func (r *recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r *recorder) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *recorder) WithGroup(string) slog.Handler            { return r }
func (r *recorder) Handle(_ context.Context, rec slog.Record) error {
	line := rec.Level.String() + " " + rec.Message
	rec.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
	return nil
}

// wait is find for records that are written after the client has its answer.
func (r *recorder) wait(parts ...string) string {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if l := r.find(parts...); l != "" || time.Now().After(deadline) {
			return l
		}
	}
}

func (r *recorder) find(parts ...string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lines {
		if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(l, p) }) {
			return l
		}
	}
	return ""
}

// newFixture starts a gateway for a service of three hosts and two APIs; change edits it first.
func newFixture(t testing.TB, run pipelineFunc, change func(*fixture)) *fixture {
	t.Helper()
	f := &fixture{t: t, root: testkit.NewRoot(t, "root"), judge: &fakeJudge{}, log: &recorder{}, run: run}
	f.builtIn = f.root.NewServer(t, "localhost", "local.gateway.localhost")
	f.service = &apim.Service{
		Name: "local", SKU: "Developer",
		Hostnames: []apim.Hostname{
			{Name: "localhost", BuiltIn: true},
			{Name: "local.gateway.localhost", BuiltIn: true},
			{Name: "mtls.example.com", Identity: f.root.NewServer(t, "mtls.example.com").Identity(t), NegotiateClientCertificate: true},
			{Name: "*.wild.example.com", Identity: f.root.NewServer(t, "*.wild.example.com").Identity(t)},
		},
		APIs: []apim.API{
			{ID: "echo", Path: "echo", Current: true, Revision: "1", Protocols: []string{"https"}, Operations: []apim.Operation{
				{ID: "get", Method: "GET", URLTemplate: "/items/{id}"}, {ID: "root", Method: "GET", URLTemplate: "/"},
				{ID: "post", Method: "POST", URLTemplate: "/*"}}},
			{ID: "closed", Path: "closed", Current: true, Revision: "1", SubscriptionRequired: true, Operations: []apim.Operation{{ID: "get", Method: "GET", URLTemplate: "/"}}},
		},
	}
	if change != nil {
		change(f)
	}
	f.config.Logger, f.config.AccessLog, f.config.Limits = slog.New(f.log), slog.New(f.log), f.limits
	f.server = NewServer(f.config)
	f.swap()
	f.addr = f.listen(f.server.ServeTLS)
	f.plain = f.listen(f.server.Serve)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_ = f.server.Shutdown(ctx)
	})
	return f
}

func (f *fixture) listen(serve func(net.Listener) error) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	go func() { _ = serve(ln) }()
	return ln.Addr().String()
}

// swap makes a snapshot of the fixture's service and serves it.
func (f *fixture) swap() {
	f.t.Helper()
	copied := *f.service
	copied.Hostnames = slices.Clone(f.service.Hostnames)
	var judge Judge = f.judge
	if f.lists != nil {
		judge = f.lists
	}
	snap, err := NewSnapshot(&copied, Options{
		Judge: judge, BuiltIn: f.builtIn.Identity(f.t), Logger: slog.New(f.log),
		Pipelines: func(*apim.API, *apim.Operation) (Pipeline, error) { return f.run, nil },
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.server.Swap(snap)
}

// tls is a client's configuration for a host name.
func (f *fixture) tls(host string, client *testkit.Cert) *tls.Config {
	c := testkit.ClientTLS(f.root, client)
	c.ServerName = host
	return c
}

// client calls the gateway whatever host its URLs name.
func (f *fixture) client(cfg *tls.Config, http2 bool) *http.Client {
	f.t.Helper()
	tr := &http.Transport{TLSClientConfig: cfg, DisableCompression: true, Protocols: new(http.Protocols)}
	tr.Protocols.SetHTTP1(!http2)
	tr.Protocols.SetHTTP2(http2)
	tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		to := f.addr
		if strings.HasSuffix(addr, ":80") {
			to = f.plain
		}
		return new(net.Dialer).DialContext(ctx, network, to)
	}
	f.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// answer is one response, read.
type answer struct {
	status int
	body   string
	header http.Header
	proto  string
}

func (f *fixture) get(c *http.Client, url string, edit ...func(*http.Request)) answer {
	f.t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range edit {
		e(r)
	}
	resp, err := c.Do(r)
	if err != nil {
		return answer{body: err.Error()}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{status: resp.StatusCode, body: err.Error()}
	}
	return answer{resp.StatusCode, string(data), resp.Header, resp.Proto}
}

// raw sends bytes over TLS and reads one response.
func (f *fixture) raw(cfg *tls.Config, request string) answer {
	f.t.Helper()
	return f.rawAfter(cfg, "", request)
}

// rawAfter is raw with bytes before the handshake.
func (f *fixture) rawAfter(cfg *tls.Config, before, request string) answer {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, before); err != nil {
		f.t.Fatal(err)
	}
	c := tls.Client(conn, cfg)
	if err := c.Handshake(); err != nil {
		return answer{body: err.Error()}
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		f.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return answer{body: err.Error()}
	}
	data, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, string(data), resp.Header, resp.Proto}
}
