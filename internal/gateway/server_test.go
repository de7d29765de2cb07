package gateway

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
)

type certificate = cert.Certificate

// TestAnswersBeforePolicy has APIM's exact bodies.
func TestAnswersBeforePolicy(t *testing.T) {
	f := newFixture(t, tell, nil)
	c := f.client(f.tls("", nil), true)
	const notFound = `{ "statusCode": 404, "message": "Resource not found" }`
	const missing = `{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API." }`
	const invalid = `{ "statusCode": 401, "message": "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription." }`
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, x := range []struct {
		name, url string
		edit      func(*http.Request)
		status    int
		body      string
	}{
		{"no API", "/nothing", nil, 404, notFound},
		{"root", "/", nil, 404, notFound},
		{"no operation", "/echo/nothing", nil, 404, notFound},
		{"wrong method", "/echo/items/1", func(r *http.Request) { r.Method = "DELETE" }, 404, notFound},
		{"matched", "/Echo/items/a%2Fb%20c?x=1", nil, 200, "api=echo op=get suffix=/items/a%2Fb%20c parameters=map[id:a%2Fb c] peer=none resumed=false hostname=localhost"},
		{"dots", "/closed/../echo/./items/1", nil, 200, "api=echo op=get suffix=/items/1 parameters=map[id:1] peer=none resumed=false hostname=localhost"},
		{"dots out of an open API", "/echo/%2e%2e/closed", nil, 401, missing},
		{"no key", "/closed", nil, 401, missing},
		{"key in header", "/closed", header("ocp-apim-subscription-key", "x"), 401, invalid},
		{"key in query", "/closed?subscription-key=x", nil, 401, invalid},
		{"empty key in header wins", "/closed?subscription-key=x", header("Ocp-Apim-Subscription-Key", ""), 401, missing},
		{"unknown key at an open API", "/echo/", header("Ocp-Apim-Subscription-Key", "x"), 401, invalid},
		{"status", "/status-0123456789abcdef", nil, 200, ""},
		{"status of any host", "/status-0123456789abcdef", func(r *http.Request) { r.Host = "10.0.0.1" }, 200, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			edits := []func(*http.Request){}
			if x.edit != nil {
				edits = append(edits, x.edit)
			}
			got := f.get(c, "https://localhost"+x.url, edits...)
			if got.status != x.status || got.body != x.body {
				t.Errorf("got %d %s\nwant %d %s", got.status, got.body, x.status, x.body)
			}
			if x.status >= 400 && got.header.Get("Content-Type") != "application/json" {
				t.Errorf("Content-Type %q", got.header.Get("Content-Type"))
			}
			if want := `AzureApiManagementKey realm="https://localhost/`; x.status == 401 && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), want) {
				t.Errorf("WWW-Authenticate %q", got.header.Get("WWW-Authenticate"))
			}
		})
	}
}

// TestFailuresReachThePipeline shows what on-error sees.
func TestFailuresReachThePipeline(t *testing.T) {
	f := newFixture(t, func(in policy.Invocation) *message.Response {
		api := "none"
		if in.Route.API != nil {
			api = in.Route.API.ID
		}
		return &message.Response{Status: 299, Body: message.NewStringBody(fmt.Sprintf("%s %s %s %d %s", api, in.Failed.Source, in.Failed.Reason, in.Failed.Status, in.Failed.Message))}
	}, nil)
	c := f.client(f.tls("", nil), false)
	for url, want := range map[string]string{
		"/nothing":                   "none configuration OperationNotFound 404 Unable to match incoming request to an operation.",
		"/echo/x":                    "echo configuration OperationNotFound 404 Unable to match incoming request to an operation.",
		"/closed":                    "closed authorization SubscriptionKeyNotFound 401 Access denied due to missing subscription key. Make sure to include subscription key when making requests to this API.",
		"/closed?Subscription-Key=1": "closed authorization SubscriptionKeyInvalid 401 Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.",
	} {
		if got := f.get(c, "https://localhost"+url); got.body != want {
			t.Errorf("%s: %s, want %s", url, got.body, want)
		}
		if reason := strings.Fields(want)[2]; f.log.wait("INFO request", "status=299", "reason="+reason) == "" {
			t.Errorf("%s is not in the access log", reason)
		}
	}
}

// TestConsumption asks every caller for a certificate, before any policy.
func TestConsumption(t *testing.T) {
	f := newFixture(t, tell, func(f *fixture) { f.service.SKU, f.service.EnableClientCertificate = "Consumption", true })
	got := f.get(f.client(f.tls("", nil), true), "https://localhost/echo/")
	if got.status != 401 || got.body != `{ "statusCode": 401, "message": "Client certificate missing" }` {
		t.Errorf("without: %d %s", got.status, got.body)
	}
	if got := f.get(f.client(f.tls("", f.root.NewClient(t, "c")), true), "https://localhost/echo/"); got.status != 200 {
		t.Errorf("with: %d %s", got.status, got.body)
	}
}

// TestV2 asks on all hostnames, and a certificate stays optional.
func TestV2(t *testing.T) {
	f := newFixture(t, tell, func(f *fixture) { f.service.SKU, f.service.EnableClientCertificate = "StandardV2", true })
	client := f.root.NewClient(t, "c")
	if got := f.get(f.client(f.tls("", nil), true), "https://localhost/echo/"); got.status != 200 || !strings.Contains(got.body, "peer=none") {
		t.Errorf("without: %d %s", got.status, got.body)
	}
	if got := f.get(f.client(f.tls("", client), true), "https://localhost/echo/"); !strings.Contains(got.body, "peer="+client.Cert(t).Thumbprint()) {
		t.Errorf("with: %d %s", got.status, got.body)
	}
}

// TestPanic answers 500 with the activity's id, logs the stack, and the process lives on.
func TestPanic(t *testing.T) {
	f := newFixture(t, func(in policy.Invocation) *message.Response {
		if in.Suffix == "/" {
			panic("a defect")
		}
		return &message.Response{Status: 200, Body: message.NewBody(io.NopCloser(panicReader{}), -1)}
	}, nil)
	for _, http2 := range []bool{false, true} {
		c := f.client(f.tls("", nil), http2)
		got := f.get(c, "https://localhost/echo/")
		id := regexp.MustCompile(`^\{ "statusCode": 500, "message": "Internal server error", "activityId": "([0-9a-f-]{36})" \}$`).FindStringSubmatch(got.body)
		if got.status != 500 || id == nil {
			t.Fatalf("got %d %s", got.status, got.body)
		}
		if f.log.wait("ERROR panic while answering a request", id[1], "a defect", "server_test.go") == "" {
			t.Error("the panic is not in the log")
		}
		// A response that panics half way is broken off.
		if got := f.get(c, "https://localhost/echo/items/1"); got.status == 200 && got.body == "" {
			t.Errorf("h2=%v: looks whole: %+v", http2, got)
		}
	}
	if f.log.wait("INFO request", "status=500", "api=echo", "operation=root") == "" {
		t.Errorf("not in the access log: %q", f.log.lines)
	}
}

type panicReader struct{}

func (panicReader) Read([]byte) (int, error) { panic("in the body") }

// TestForward shows what reaches a backend.
func TestForward(t *testing.T) {
	seen := make(chan *http.Request, 1)
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "1")
		w.Header().Set("X-End", "1")
	})
	f := newFixture(t, forward, func(f *fixture) { f.service.APIs[0].ServiceURL = backend.URL + "/base" })
	for _, http2 := range []bool{false, true} {
		got := f.get(f.client(f.tls("", nil), http2), "https://localhost/echo/items/a%2Fb?x=%20", func(r *http.Request) {
			r.Header.Set("X-Forwarded-For", "1.2.3.4")
			r.Header.Set("User-Agent", "")
			r.Header.Set("X-Custom", "c")
		})
		r := <-seen
		if got.status != 200 || r.RequestURI != "/base/items/a%2Fb?x=%20" || "http://"+r.Host != backend.URL {
			t.Errorf("%d %s, backend saw %s at %s", got.status, got.body, r.RequestURI, r.Host)
		}
		if r.Header.Get("X-Forwarded-For") != "1.2.3.4, 127.0.0.1" || r.Header.Get("X-Custom") != "c" || r.Header.Get("User-Agent") != "" || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("backend saw %v", r.Header)
		}
		if got.header.Get("X-End") != "1" || got.header.Get("X-Hop") != "" {
			t.Errorf("client saw %v", got.header)
		}
	}
	if n := backend.Connections.Load(); n != 1 {
		t.Errorf("%d connections for two requests", n)
	}
}

// TestForwardTLS trusts backends by the service's roots, and nobody else.
func TestForwardTLS(t *testing.T) {
	private := testkit.NewRoot(t, "private")
	backend := testkit.NewTLSBackend(t, private.NewServer(t, "127.0.0.1"), func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) })
	errs := make(chan error, 1)
	version := "1"
	f := newFixture(t, func(in policy.Invocation) *message.Response {
		r := in.Exchange.Request
		r.URL = in.Base.Join(in.Suffix, "")
		resp, err := in.Gateway.Forward(in.Exchange.Context, r, policy.ForwardOptions{HTTPVersion: version})
		if err != nil {
			errs <- err
			return message.InternalErrorResponse(in.ID)
		}
		return resp
	}, func(f *fixture) { f.service.APIs[0].ServiceURL = backend.URL })
	c := f.client(f.tls("", nil), true)
	if got := f.get(c, "https://localhost/echo/"); got.status != 500 || reasonOf(<-errs) != "BackendConnectionFailure" {
		t.Errorf("without the root: %d %s", got.status, got.body)
	}
	f.service.Roots = []*certificate{private.Cert(t)}
	f.swap()
	for v, want := range map[string]string{"1": "HTTP/1.1", "2": "HTTP/2.0", "2or1": "HTTP/2.0"} {
		version = v
		if got := f.get(c, "https://localhost/echo/"); got.status != 200 || got.body != want {
			t.Errorf("version %s: %d %s, want %s", v, got.status, got.body, want)
		}
	}
}

// TestForwardTLSIntermediates completes the path of a backend that sends its leaf alone, and checks names all the same.
func TestForwardTLSIntermediates(t *testing.T) {
	root := testkit.NewRoot(t, "private")
	middle := root.NewIntermediate(t, "middle")
	alone := func(name string) *testkit.Backend {
		leaf := *middle.NewServer(t, name)
		leaf.Issuer = nil // the backend does not send it
		return testkit.NewTLSBackend(t, &leaf, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "ok") })
	}
	right, wrong := alone("127.0.0.1"), alone("elsewhere.example.com")
	f := newFixture(t, forward, func(f *fixture) {
		f.service.Roots = []*certificate{root.Cert(t)}
		f.service.APIs[0].ServiceURL = right.URL
		f.service.APIs[1].ServiceURL, f.service.APIs[1].SubscriptionRequired = wrong.URL, false
	})
	c := f.client(f.tls("", nil), true)
	if got := f.get(c, "https://localhost/echo/"); got.status != 500 {
		t.Errorf("without the intermediate: %d %s", got.status, got.body)
	}
	f.service.Intermediates = []*certificate{middle.Cert(t)}
	f.swap()
	c.CloseIdleConnections()
	if got := f.get(c, "https://localhost/echo/"); got.status != 200 || got.body != "ok" {
		t.Errorf("with the intermediate: %d %s", got.status, got.body)
	}
	if got := f.get(c, "https://localhost/closed"); got.status != 500 {
		t.Errorf("another's certificate: %d %s", got.status, got.body)
	}
	f.service.Roots = nil
	f.swap()
	if got := f.get(c, "https://localhost/echo/"); got.status != 500 {
		t.Errorf("without the root: %d %s", got.status, got.body)
	}
}

func reasonOf(err error) string {
	if e, ok := errors.AsType[*message.TransportError](err); ok {
		return e.Reason
	}
	return fmt.Sprint(err)
}

// TestForwardFaults maps what goes wrong to APIM's reasons.
func TestForwardFaults(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/items/slow" {
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}
		panic(http.ErrAbortHandler)
	})
	errs := make(chan error, 1)
	f := newFixture(t, func(in policy.Invocation) *message.Response {
		r := in.Exchange.Request
		if in.Base.Scheme != "" {
			r.URL = in.Base.Join(in.Suffix, "")
		}
		_, err := in.Gateway.Forward(in.Exchange.Context, r, policy.ForwardOptions{Timeout: 100 * time.Millisecond})
		errs <- err
		return message.InternalErrorResponse(in.ID)
	}, func(f *fixture) {
		f.service.APIs[0].ServiceURL = backend.URL
		f.service.APIs = append(f.service.APIs, apim.API{ID: "none", Path: "none", Current: true, Operations: []apim.Operation{{ID: "get", Method: "GET", URLTemplate: "/"}}},
			apim.API{ID: "dead", Path: "dead", Current: true, ServiceURL: "http://127.0.0.1:1", Operations: []apim.Operation{{ID: "get", Method: "GET", URLTemplate: "/"}}})
	})
	c := f.client(f.tls("", nil), false)
	for path, want := range map[string]string{"/echo/items/slow": "Timeout", "/echo/items/abort": "BackendConnectionFailure", "/none": "BackendConnectionFailure", "/dead": "BackendConnectionFailure"} {
		got := f.get(c, "https://localhost"+path)
		if reason := reasonOf(<-errs); reason != want || got.status != 500 {
			t.Errorf("%s: %s, want %s", path, reason, want)
		}
	}
	if f.log.wait("WARN no answer from the backend", "reason=Timeout") == "" {
		t.Error("the log does not tell of the time-out")
	}
}

// TestRedirects follows as .NET's HttpClient does, where that is asked for.
func TestRedirects(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/302":
			http.Redirect(w, r, "/end?x=1", 302)
		case "/303":
			http.Redirect(w, r, "end", 303)
		case "/307":
			w.Header().Set("Location", "/end")
			w.WriteHeader(307)
		case "/loop":
			http.Redirect(w, r, "/loop", 302)
		default:
			fmt.Fprintf(w, "%s %s %s", r.Method, r.RequestURI, body)
		}
	})
	follow, buffer := true, true
	f := newFixture(t, func(in policy.Invocation) *message.Response {
		r := in.Exchange.Request
		if buffer {
			_, _ = r.Body.Buffer(0)
		}
		r.URL = in.Base.Join(in.Suffix, "")
		resp, err := in.Gateway.Forward(in.Exchange.Context, r, policy.ForwardOptions{FollowRedirects: follow})
		if err != nil {
			return message.ErrorResponse(500, err.Error())
		}
		return resp
	}, func(f *fixture) { f.service.APIs[0].ServiceURL = backend.URL })
	c := f.client(f.tls("", nil), true)
	post := func(r *http.Request) {
		r.Method, r.Body, r.ContentLength = "POST", io.NopCloser(strings.NewReader("hi")), 2
	}
	for path, want := range map[string]string{"/302": "GET /end?x=1 ", "/303": "GET /end ", "/307": "POST /end hi", "/x": "POST /x hi"} {
		if got := f.get(c, "https://localhost/echo"+path, post); got.body != want {
			t.Errorf("%s: %d %q, want %q", path, got.status, got.body, want)
		}
	}
	if got := f.get(c, "https://localhost/echo/loop", post); got.status != 302 || backend.Requests.Load() < maxRedirects {
		t.Errorf("a loop ends with %d after %d requests", got.status, backend.Requests.Load())
	}
	buffer = false
	if got := f.get(c, "https://localhost/echo/307", post); got.status != 307 {
		t.Errorf("307 with a streamed body: %d", got.status)
	}
	follow = false
	if got := f.get(c, "https://localhost/echo/302", post); got.status != 302 || got.header.Get("Location") != "/end?x=1" {
		t.Errorf("not followed: %d %v", got.status, got.header)
	}
}

// TestProtocols keeps calls to what an API lists.
func TestProtocols(t *testing.T) {
	f := newFixture(t, tell, func(f *fixture) {
		f.service.APIs[1].SubscriptionRequired = false
		f.service.APIs[1].Protocols = []string{"http"}
	})
	c := f.client(f.tls("", nil), false)
	for url, want := range map[string]int{"https://localhost/echo/": 200, "http://localhost/echo/": 404, "http://localhost/closed": 200, "https://localhost/closed": 404, "http://elsewhere/closed": 404} {
		if got := f.get(c, url); got.status != want {
			t.Errorf("%s: %d %s, want %d", url, got.status, got.body, want)
		}
	}
}

// TestWebSocket tunnels through an API that speaks wss, and only there.
func TestWebSocket(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			_, _ = io.WriteString(w, "plain")
			return
		}
		c, buf, _ := w.(http.Hijacker).Hijack()
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		line, _ := buf.ReadString('\n')
		_, _ = io.WriteString(c, "got "+line)
	})
	f := newFixture(t, forward, func(f *fixture) {
		f.service.APIs[0].ServiceURL, f.service.APIs[0].Protocols = backend.URL, []string{"wss"}
		f.service.APIs[1].ServiceURL, f.service.APIs[1].SubscriptionRequired = backend.URL, false
	})
	for path, want := range map[string]string{"/echo": "101", "/closed": "200"} {
		c, err := tls.Dial("tcp", f.addr, f.tls("localhost", nil))
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(time.Second))
		_, _ = io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello\n")
		// Where there is no switch, nothing that follows is read as a request.
		data, _ := io.ReadAll(c)
		c.Close()
		if !strings.HasPrefix(string(data), "HTTP/1.1 "+want) || want == "101" && !strings.HasSuffix(string(data), "got hello\n") ||
			want == "200" && (!strings.Contains(string(data), "Connection: close\r\n") || strings.Count(string(data), "HTTP/1.1") != 1) {
			t.Errorf("%s: read %q", path, data)
		}
	}
	if got := f.get(f.client(f.tls("", nil), false), "https://localhost/echo/"); got.status != 404 {
		t.Errorf("an ordinary request to a wss API: %d", got.status)
	}
}

// TestSwapDrains ends the connections of the hostname that changed, and no others.
func TestSwapDrains(t *testing.T) {
	conns := make(chan *message.Conn, 1)
	f := newFixture(t, func(in policy.Invocation) *message.Response {
		conns <- in.Exchange.Conn
		return tell(in)
	}, nil)
	for _, http2 := range []bool{false, true} {
		open := map[string]*message.Conn{}
		for _, host := range []string{"localhost", "mtls.example.com"} {
			if got := f.get(f.client(f.tls("", nil), http2), "https://"+host+"/echo/"); got.status != 200 {
				t.Fatalf("%s: %d %s", host, got.status, got.body)
			}
			open[host] = <-conns
		}
		f.service.Hostnames[2].NegotiateClientCertificate = !f.service.Hostnames[2].NegotiateClientCertificate
		f.swap()
		select {
		case <-open["mtls.example.com"].Closed:
		case <-time.After(5 * time.Second):
			t.Errorf("h2=%v: the connection of the changed hostname is still open", http2)
		}
		select {
		case <-open["localhost"].Closed:
			t.Errorf("h2=%v: the connection of an unchanged hostname was closed", http2)
		default:
		}
	}
}

// TestNewCertificateKeepsConnections rotates a server certificate: what is open goes on, new handshakes have the new one, and
// a change of the terms ends the connections of every certificate.
func TestNewCertificateKeepsConnections(t *testing.T) {
	conns := make(chan *message.Conn, 1)
	f := newFixture(t, func(in policy.Invocation) *message.Response {
		conns <- in.Exchange.Conn
		return tell(in)
	}, nil)
	const url = "https://mtls.example.com/echo/"
	kept := map[bool]*http.Client{false: f.client(f.tls("", nil), false), true: f.client(f.tls("", nil), true)}
	first := map[bool]*message.Conn{}
	ask := func(c *http.Client) *message.Conn {
		t.Helper()
		if got := f.get(c, url); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		return <-conns
	}
	for http2, c := range kept {
		first[http2] = ask(c)
	}
	for i := range maxBefore {
		f.service.Hostnames[2].Identity = f.root.NewServer(t, "mtls.example.com", fmt.Sprintf("number-%d.example.com", i)).Identity(t)
		f.swap()
		for http2, c := range kept {
			if conn := ask(c); conn != first[http2] {
				t.Errorf("h2=%v: certificate %d ended the connection", http2, i)
			}
		}
		served := ""
		fresh := f.tls("", nil)
		fresh.VerifyConnection = func(s tls.ConnectionState) error { served = s.PeerCertificates[0].DNSNames[1]; return nil }
		ask(f.client(fresh, false))
		if want := fmt.Sprintf("number-%d.example.com", i); served != want {
			t.Errorf("a new handshake has the certificate of %s, want %s", served, want)
		}
	}
	f.service.Hostnames[2].NegotiateClientCertificate = !f.service.Hostnames[2].NegotiateClientCertificate
	f.swap()
	for http2, conn := range first {
		select {
		case <-conn.Closed:
		case <-time.After(5 * time.Second):
			t.Errorf("h2=%v: the connection outlives the terms that it was made under", http2)
		}
	}
}

// TestNoSnapshot shows a server before its first configuration.
func TestNoSnapshot(t *testing.T) {
	f := newFixture(t, tell, nil)
	empty := NewServer(ServerConfig{})
	f.server = empty
	f.addr, f.plain = f.listen(empty.ServeTLS), f.listen(empty.Serve)
	c := f.client(f.tls("", nil), false)
	if got := f.get(c, "https://localhost/echo/"); got.status != 0 {
		t.Errorf("shook hands without a configuration: %d", got.status)
	}
	if got := f.get(c, "http://localhost/echo/"); got.status != 503 {
		t.Errorf("answered %d without a configuration", got.status)
	}
	if got := f.get(c, "http://localhost"+statusPath); got.status != 200 {
		t.Errorf("status %d", got.status)
	}
}

func benchmarkPath(b *testing.B, http2 bool) {
	backend := testkit.NewBackend(b, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(make([]byte, 100)) })
	f := newFixture(b, forward, func(f *fixture) { f.service.APIs[0].ServiceURL = backend.URL })
	f.server.accessLog = NewServer(ServerConfig{}).accessLog
	c := f.client(f.tls("", f.root.NewClient(b, "c")), http2)
	b.ReportAllocs()
	for b.Loop() {
		if got := f.get(c, "https://mtls.example.com/echo/items/1"); got.status != 200 {
			b.Fatal(got)
		}
	}
}

// The whole path on loopback, client and backend included, both of them net/http.
func BenchmarkProxyHTTP1(b *testing.B) { benchmarkPath(b, false) }
func BenchmarkProxyHTTP2(b *testing.B) { benchmarkPath(b, true) }

// TestBodyFaults answers for the client where its body is at fault and the pipeline knows no better than 500.
func TestBodyFaults(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	f := newFixture(t, forward, func(f *fixture) {
		f.service.APIs[0].ServiceURL = backend.URL
		f.limits = engine.Limits{BodyBytes: 1000, ReadBody: 100 * time.Millisecond}
	})
	const head = "POST /echo/x HTTP/1.1\r\nHost: localhost\r\n"
	for _, c := range []struct {
		name, request string
		status        int
	}{
		{"announced too large", head + "Content-Length: 1001\r\n\r\n", 413},
		{"too large", head + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + strings.Repeat("a", 1001) + "\r\n0\r\n\r\n", 413},
		{"too slow", head + "Content-Length: 10\r\n\r\nabc", 408},
		{"malformed", head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
	} {
		if got := f.raw(f.tls("localhost", nil), c.request); got.status != c.status || !strings.HasPrefix(got.body, fmt.Sprintf(`{ "statusCode": %d, `, c.status)) {
			t.Errorf("%s: %d %s, want %d", c.name, got.status, got.body, c.status)
		}
	}
}

// TestOldTLS speaks TLS 1.0 and 1.1 only where the service's switches say so.
func TestOldTLS(t *testing.T) {
	for _, on := range []bool{false, true} {
		f := newFixture(t, tell, func(f *fixture) {
			if on {
				f.service.CustomProperties = map[string]string{propertyTLS10: "True"}
			}
		})
		for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
			cfg := f.tls("", nil)
			cfg.MinVersion, cfg.MaxVersion = version, version
			if got := f.get(f.client(cfg, false), "https://localhost/echo/"); (got.status == 200) != on {
				t.Errorf("%s, switched on %v: %d %s", tls.VersionName(version), on, got.status, got.body)
			}
		}
	}
}

// TestTunnelsAreRechecked ends a WebSocket when its client is not trusted any more, and only then.
func TestTunnelsAreRechecked(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		c, _, _ := w.(http.Hijacker).Hijack()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, _ = io.Copy(c, c)
	})
	f := newFixture(t, forward, func(f *fixture) {
		f.service.APIs[0].ServiceURL, f.service.APIs[0].Protocols = backend.URL, []string{"wss"}
	})
	open := func(host string) *tls.Conn {
		c, err := tls.Dial("tcp", f.addr, f.tls(host, f.root.NewClient(t, "client")))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = io.WriteString(c, "GET /echo HTTP/1.1\r\nHost: "+host+"\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nx")
		r := bufio.NewReader(c)
		resp, err := http.ReadResponse(r, nil)
		if err != nil || resp.StatusCode != 101 {
			t.Fatalf("%v, %v", resp, err)
		}
		if b, err := r.ReadByte(); b != 'x' {
			t.Fatalf("read %q, %v", b, err)
		}
		return c
	}
	ping := func(c *tls.Conn) error {
		var b [1]byte
		_, _ = io.WriteString(c, "y")
		_, err := io.ReadFull(c, b[:])
		return err
	}
	known, anonymous := open("mtls.example.com"), open("localhost")
	f.swap()
	if err := ping(known); err != nil {
		t.Fatalf("after a swap without a change: %v", err)
	}
	f.judge = &fakeJudge{distrust: true}
	f.swap()
	if _, err := io.ReadAll(known); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the tunnel of the client that is not trusted any more is still open")
	}
	if err := ping(anonymous); err != nil {
		t.Errorf("the tunnel of a client without certificate: %v", err)
	}
}

// TestInformationalResponses passes 103 on, and never to HTTP/1.0.
func TestInformationalResponses(t *testing.T) {
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(103)
		w.Header().Del("Link")
		_, _ = io.WriteString(w, "end")
	})
	f := newFixture(t, forward, func(f *fixture) { f.service.APIs[0].ServiceURL = backend.URL })
	for _, http2 := range []bool{false, true} {
		seen := ""
		trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			seen = fmt.Sprint(code, " ", h.Get("Link"))
			return nil
		}}
		got := f.get(f.client(f.tls("", nil), http2), "https://localhost/echo/", func(r *http.Request) {
			*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
		})
		if seen != "103 </a.css>; rel=preload" || got.body != "end" || got.header.Get("Link") != "" {
			t.Errorf("h2=%v: %q, then %+v", http2, seen, got)
		}
	}
	if got := f.raw(f.tls("localhost", nil), "GET /echo/ HTTP/1.0\r\nHost: localhost\r\n\r\n"); got.status != 200 || got.body != "end" {
		t.Errorf("HTTP/1.0: %+v", got)
	}
}
