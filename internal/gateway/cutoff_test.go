package gateway

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// listJudge trusts everybody but those on its lists.
type listJudge struct {
	revoked, unknown map[string]bool // by thumbprint
}

func (listJudge) Begin(*message.Peer) {}

func (j listJudge) VerifyPeer(_ context.Context, p *message.Peer, revocation bool) policy.Verdict {
	switch thumb := p.Leaf.Thumbprint(); {
	case j.unknown[thumb]:
		return policy.Verdict{Status: []string{"PartialChain"}, Explanation: "unknown issuer"}
	case revocation && j.revoked[thumb]:
		return policy.Verdict{Status: []string{string(chain.Revoked)}, Explanation: "revoked"}
	}
	return policy.Verdict{OK: true}
}

func (j listJudge) VerifyCertificate(ctx context.Context, c *cert.Certificate, revocation bool) policy.Verdict {
	return j.VerifyPeer(ctx, &message.Peer{Leaf: c}, revocation)
}

// asking is a pipeline that asks for the verdicts that its query names (bare, full) and then forwards.
func asking(in policy.Invocation) *message.Response {
	query := in.Exchange.Request.URL.Query
	for word, revocation := range map[string]bool{"bare": false, "full": true} {
		if strings.Contains(query, word) && !in.Gateway.VerifyPeer(in.Exchange.Context, in.Exchange.Peer(), revocation).OK {
			return message.ErrorResponse(403, "no")
		}
	}
	return forward(in)
}

// streams is a backend that echoes WebSockets, streams at /echo/stream until its client goes, and answers else.
func streams(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Upgrade") != "":
		c, _, _ := w.(http.Hijacker).Hijack()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, _ = io.Copy(c, c)
	case strings.HasSuffix(r.URL.Path, "/stream"):
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	default:
		_, _ = io.WriteString(w, "ok")
	}
}

// openings are the ways a connection may be open: an idle one, one with a response under way, a switched one.
var openings = []string{"keep-alive", "http2", "stream", "http2 stream", "websocket"}

// opened is one of them. alive tells whether it goes on, at once; ended waits for its end.
type opened struct {
	kind  string
	alive func() bool
	ended func() bool
}

// open opens a connection to host with a query and perhaps more fields.
func (f *fixture) open(kind, host, query string, client *testkit.Cert, edits ...func(*http.Request)) *opened {
	f.t.Helper()
	cfg := f.tls(host, client)
	path := "https://" + host + "/echo/" + query
	switch kind {
	case "websocket":
		return f.openWebSocket(cfg, host, query, edits)
	case "stream", "http2 stream":
		path = "https://" + host + "/echo/stream" + query
	}
	c := f.client(cfg, strings.HasPrefix(kind, "http2"))
	c.Timeout = 0
	over := make(chan struct{})
	transport := c.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		return &tracked{Conn: conn, ended: over}, err
	}
	r, err := http.NewRequest("GET", path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range edits {
		e(r)
	}
	resp, err := c.Do(r)
	if err != nil || resp.StatusCode != 200 {
		f.t.Fatalf("%s: %v %v", kind, resp, err)
	}
	f.t.Cleanup(func() { _ = resp.Body.Close() })
	if strings.HasSuffix(kind, "stream") {
		over = make(chan struct{})
		go func() {
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				close(over)
			}
		}()
	} else {
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	wait := func(d time.Duration) bool {
		select {
		case <-over:
			return true
		case <-time.After(d):
			return false
		}
	}
	return &opened{kind: kind, alive: func() bool { return !wait(time.Millisecond) }, ended: func() bool { return wait(3 * time.Second) }}
}

func (f *fixture) openWebSocket(cfg *tls.Config, host, query string, edits []func(*http.Request)) *opened {
	f.t.Helper()
	c, err := tls.Dial("tcp", f.addr, cfg)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = c.Close() })
	r, _ := http.NewRequest("GET", "https://"+host+"/echo/"+query, nil)
	r.Header.Set("Connection", "upgrade")
	r.Header.Set("Upgrade", "websocket")
	for _, e := range edits {
		e(r)
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if err := r.Write(c); err != nil {
		f.t.Fatal(err)
	}
	br := bufio.NewReader(c)
	resp, err := http.ReadResponse(br, nil)
	if err != nil || resp.StatusCode != 101 {
		f.t.Fatalf("websocket: %v %v", resp, err)
	}
	alive := func() bool {
		_, _ = io.WriteString(c, "y")
		b, err := br.ReadByte()
		return err == nil && b == 'y'
	}
	if !alive() {
		f.t.Fatal("the websocket does not echo")
	}
	return &opened{kind: "websocket", alive: alive, ended: func() bool {
		_ = c.SetReadDeadline(time.Now().Add(3 * time.Second))
		_, err := io.Copy(io.Discard, br)
		return !errors.Is(err, os.ErrDeadlineExceeded)
	}}
}

// TestCutOff opens a connection of every kind and takes the trust away in every way; what lives by that trust ends, what
// does not goes on.
func TestCutOff(t *testing.T) {
	for _, c := range []struct {
		name, query string
		shrink      func(t testing.TB, f *fixture, c *testkit.Cert)
		ends        bool
	}{
		{"CA removed, Verify asked", "?full", func(t testing.TB, f *fixture, c *testkit.Cert) { f.lists = listJudge{unknown: set(t, c)} }, true},
		{"CA removed, VerifyNoRevocation asked", "?bare", func(t testing.TB, f *fixture, c *testkit.Cert) { f.lists = listJudge{unknown: set(t, c)} }, true},
		{"CA removed, nothing asked", "", func(t testing.TB, f *fixture, c *testkit.Cert) { f.lists = listJudge{unknown: set(t, c)} }, true},
		{"revoked, Verify asked", "?full", func(t testing.TB, f *fixture, c *testkit.Cert) { f.lists = listJudge{revoked: set(t, c)} }, true},
		{"revoked, nothing asked", "", func(t testing.TB, f *fixture, c *testkit.Cert) { f.lists = listJudge{revoked: set(t, c)} }, true},
		{"revoked, VerifyNoRevocation asked", "?bare", func(t testing.TB, f *fixture, c *testkit.Cert) { f.lists = listJudge{revoked: set(t, c)} }, false},
		{"entity deleted", "", func(t testing.TB, f *fixture, c *testkit.Cert) { f.service.Certificates = f.service.Certificates[1:] }, true},
		{"another's entity deleted", "", func(t testing.TB, f *fixture, c *testkit.Cert) { f.service.Certificates = f.service.Certificates[:1] }, false},
		{"nothing", "?full", func(t testing.TB, f *fixture, c *testkit.Cert) {}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			backend := testkit.NewBackend(t, streams)
			client := testkit.NewSelfSigned(t, "client")
			f := newFixture(t, asking, func(f *fixture) {
				f.lists = listJudge{unknown: map[string]bool{"": true}}
				f.service.APIs[0].ServiceURL, f.service.APIs[0].Protocols = backend.URL, []string{"https", "wss"}
				f.service.APIs[0].Operations = []apim.Operation{{ID: "get", Method: "GET", URLTemplate: "/*"}}
				f.service.Certificates = []apim.Certificate{{ID: "client", Identity: client.Identity(t)}, {ID: "other", Identity: testkit.NewSelfSigned(t, "x").Identity(t)}}
			})
			var all []*opened
			for _, kind := range openings {
				all = append(all, f.open(kind, "mtls.example.com", c.query, client))
			}
			stranger := f.open("websocket", "localhost", "", nil)
			start := time.Now()
			c.shrink(t, f, client)
			f.swap()
			if !c.ends {
				time.Sleep(50 * time.Millisecond) // for what should not happen
			}
			for _, o := range all {
				if c.ends && !o.ended() {
					t.Errorf("%s is still open", o.kind)
				} else if !c.ends && !o.alive() {
					t.Errorf("%s has ended", o.kind)
				}
			}
			if d := time.Since(start); c.ends && d > 2*time.Second { // half a second, and time for a busy machine
				t.Errorf("it took %v", d)
			}
			if !stranger.alive() {
				t.Error("the connection without a certificate has ended")
			}
		})
	}
}

func set(t testing.TB, c *testkit.Cert) map[string]bool {
	return map[string]bool{c.Cert(t).Thumbprint(): true}
}

// tracked is a client's connection that tells when the server has ended it.
type tracked struct {
	net.Conn
	once  sync.Once
	ended chan struct{}
}

func (c *tracked) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.once.Do(func() { close(c.ended) })
	}
	return n, err
}

// Close is called by the client once it has read the server's farewell.
func (c *tracked) Close() error {
	c.once.Do(func() { close(c.ended) })
	return c.Conn.Close()
}

// TestForwardedCutOff: an exchange of a client behind a proxy ends when the trust in its certificate has ended, or when
// the proxy may not speak for clients any more; the proxy's other exchanges go on.
func TestForwardedCutOff(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	for _, c := range []struct {
		name   string
		shrink func(f *fixture, c *testkit.Cert)
		all    bool
	}{
		{"revoked", func(f *fixture, c *testkit.Cert) { f.lists = listJudge{revoked: set(f.t, c)} }, false},
		{"entity deleted", func(f *fixture, c *testkit.Cert) { f.service.Certificates = nil }, false},
		{"the proxy is not listed any more", func(f *fixture, c *testkit.Cert) {
			f.service.Hostnames[2].Forwarded = &apim.ForwardedCertificate{Format: apim.URLEncodedPEM, Header: "X-Client-Certificate",
				Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			backend := testkit.NewBackend(t, streams)
			client, other := testkit.NewSelfSigned(t, "client"), testkit.NewSelfSigned(t, "other")
			f := newFixture(t, asking, func(f *fixture) {
				f.lists = listJudge{unknown: map[string]bool{"": true}}
				f.service.APIs[0].ServiceURL, f.service.APIs[0].Protocols = backend.URL, []string{"https", "wss"}
				f.service.APIs[0].Operations = []apim.Operation{{ID: "get", Method: "GET", URLTemplate: "/*"}}
				f.service.Certificates = []apim.Certificate{{ID: "client", Identity: client.Identity(t)}}
				f.service.Hostnames[2].Forwarded = &apim.ForwardedCertificate{Format: apim.URLEncodedPEM, Header: "X-Client-Certificate", Addresses: loopback}
			})
			var mine, others []*opened
			for _, kind := range []string{"stream", "http2 stream", "websocket"} {
				mine = append(mine, f.open(kind, "mtls.example.com", "?full", nil, field("X-Client-Certificate", escapedPEM(t, client))))
				others = append(others, f.open(kind, "mtls.example.com", "?full", nil, field("X-Client-Certificate", escapedPEM(t, other))))
			}
			c.shrink(f, client)
			f.swap()
			for i := range mine {
				if !mine[i].ended() {
					t.Errorf("%s is still open", mine[i].kind)
				}
				if c.all && !others[i].ended() {
					t.Errorf("%s of another is still open", others[i].kind)
				} else if !c.all && !others[i].alive() {
					t.Errorf("%s of another has ended", others[i].kind)
				}
			}
			for deadline := time.Now().Add(5 * time.Second); c.all && len(f.server.held.list()) != 0; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%d exchanges are still noted", len(f.server.held.list()))
				}
			}
		})
	}
}

// TestLateVerdict: a request that began before a swap is judged by the trust after it, so that no good verdict escapes
// the swap's recheck.
func TestLateVerdict(t *testing.T) {
	started, swapped := make(chan struct{}), make(chan struct{})
	client := testkit.NewSelfSigned(t, "client")
	f := newFixture(t, func(in policy.Invocation) *message.Response {
		close(started)
		<-swapped
		v := in.Gateway.VerifyPeer(in.Exchange.Context, in.Exchange.Peer(), true)
		return &message.Response{Status: 200, Body: message.NewStringBody(v.Explanation)}
	}, nil)
	answered := make(chan answer, 1)
	c := f.client(f.tls("mtls.example.com", client), true)
	go func() { answered <- f.get(c, "https://mtls.example.com/echo/") }()
	<-started
	f.lists = listJudge{revoked: set(t, client)}
	f.swap()
	close(swapped)
	if got := <-answered; strings.Contains(got.body, "200") || got.status == 200 && got.body != "revoked" {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

// TestRecheck judges what is open again without a new snapshot.
func TestRecheck(t *testing.T) {
	backend := testkit.NewBackend(t, streams)
	client := testkit.NewSelfSigned(t, "client")
	revoked := map[string]bool{}
	f := newFixture(t, asking, func(f *fixture) {
		f.lists = listJudge{revoked: revoked}
		f.service.APIs[0].ServiceURL, f.service.APIs[0].Protocols = backend.URL, []string{"wss"}
	})
	o := f.open("websocket", "mtls.example.com", "?full", client)
	f.server.Recheck()
	if !o.alive() {
		t.Fatal("it has ended without a reason")
	}
	revoked[client.Cert(t).Thumbprint()] = true
	f.server.Recheck()
	if !o.ended() {
		t.Error("it is still open")
	}
}

// openJudge is a listJudge where unknown counts as good in the modes that policies ask for.
type openJudge struct{ listJudge }

func (j openJudge) VerifyPeerMode(ctx context.Context, p *message.Peer, _ revocation.Mode) policy.Verdict {
	return listJudge{revoked: j.revoked}.VerifyPeer(ctx, p, true)
}

// TestRecheckByMode: who was let in by a policy's own revocation mode is judged again in that mode.
func TestRecheckByMode(t *testing.T) {
	client := testkit.NewSelfSigned(t, "client")
	for _, c := range []struct {
		name string
		now  openJudge
		ends bool
	}{
		{"unknown in the service's mode", openJudge{listJudge{unknown: set(t, client)}}, false},
		{"revoked", openJudge{listJudge{revoked: set(t, client)}}, true},
	} {
		f := &forwarder{snapshot: &Snapshot{judge: openJudge{}}}
		p := &message.Peer{Leaf: client.Cert(t)}
		if v := f.VerifyPeerMode(t.Context(), p, revocation.Mode{Failure: revocation.FailOpen}); !v.OK {
			t.Fatalf("%+v", v)
		}
		r := &recheck{old: f.snapshot, now: &Snapshot{judge: c.now}, distrusts: true}
		if why := r.judge(p); (why != "") != c.ends {
			t.Errorf("%s: %q", c.name, why)
		}
	}
	trust := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(nil), Intermediates: chain.NewPool(nil)})
	other := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(nil), Intermediates: chain.NewPool(nil)})
	cache := chain.NewCache(0)
	if !sameTrust(NewJudge(trust, cache), NewModeJudge(trust, cache, nil)) || sameTrust(NewJudge(trust, cache), NewJudge(other, cache)) || sameTrust(noJudge{}, noJudge{}) {
		t.Error("judges are taken for others than they are")
	}
}
