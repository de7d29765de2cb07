package e2e

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// live is a backend that echoes WebSockets, streams at /stream until its client goes, and answers else.
func live(w http.ResponseWriter, r *http.Request) {
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
		_, _ = io.WriteString(w, "in")
	}
}

// liveAPI puts an API in front of live, with a documented policy.
func (p *process) liveAPI(t *testing.T, document string) {
	backend := testkit.NewBackend(t, live)
	p.put("/apis/live", properties(object{"displayName": "live", "path": "live", "protocols": []string{"https", "wss"}, "subscriptionRequired": false, "serviceUrl": backend.URL}))
	p.put("/apis/live/operations/get", properties(object{"displayName": "get", "method": "GET", "urlTemplate": "/*"}))
	p.policy("live", document)
}

// webSocket opens a WebSocket (the switch alone, whose bytes the backend echoes) and returns what waits for its end.
func (p *process) webSocket(t *testing.T, cfg *tls.Config) (alive, ended func() bool) {
	t.Helper()
	cfg = cfg.Clone()
	cfg.NextProtos = []string{"http/1.1"}
	cfg.ServerName = "localhost"
	c, err := tls.Dial("tcp", "127.0.0.1:"+port(t, p.admin.GatewayURL), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, "GET /live/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	r := bufio.NewReader(c)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != 101 {
		t.Fatalf("websocket: %v %v", resp, err)
	}
	alive = func() bool {
		_, _ = io.WriteString(c, "y")
		b, err := r.ReadByte()
		return err == nil && b == 'y'
	}
	return alive, func() bool {
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, err := io.Copy(io.Discard, r)
		return !errors.Is(err, os.ErrDeadlineExceeded)
	}
}

// stream opens a response without an end, and returns what waits for it to be broken off.
func (c *caller) stream(t *testing.T) (ended func() bool) {
	t.Helper()
	resp, err := c.client.Get(c.base + "/live/stream")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("stream: %v %v", resp, err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	broken := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, resp.Body)
		broken <- err
	}()
	return func() bool {
		select {
		case err := <-broken:
			return err != nil // a clean end would be taken for the whole
		case <-time.After(5 * time.Second):
			return false
		}
	}
}

// TestTrustEndsWhatIsOpen revokes a certificate while a WebSocket, an HTTP/1.1 and an HTTP/2 stream and a kept connection
// are open under it: all are over within a second, and those of another client are not.
func TestTrustEndsWhatIsOpen(t *testing.T) {
	for _, c := range []struct {
		name, policy string
		setUp        func(p *process, file string)
		shrink       func(p *process, file string)
	}{
		{"revoked", `@(context.Request.Certificate == null || !context.Request.Certificate.Verify())`, nil,
			func(p *process, file string) { run(p.t, 0, "", "dev", "revoke", "--data-dir", p.dir, file) }},
		{"CA removed", `@(context.Request.Certificate == null || !context.Request.Certificate.VerifyNoRevocation())`, nil,
			func(p *process, file string) { p.patch("", properties(object{"certificates": []object{}})) }},
		{"entity deleted", `@(context.Request.Certificate == null || !context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))`,
			func(p *process, file string) {
				p.put("/certificates/mine", properties(object{"data": derOf(p.t, file)}))
			},
			func(p *process, file string) {
				if status, text := p.arm("DELETE", "/certificates/mine", nil); status != 200 {
					p.t.Fatalf("DELETE = %d %s", status, text)
				}
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, "--apply", filepath.Join(root, "examples", "quickstart"))
			dir := t.TempDir()
			files := map[string]string{}
			for _, name := range []string{"mine", "other"} {
				run(t, 0, "", "dev", "issue", "--data-dir", p.dir, "--name", name, "--out", dir)
				files[name] = filepath.Join(dir, name+".pem")
			}
			if c.setUp != nil {
				c.setUp(p, files["mine"])
				p.put("/certificates/other", properties(object{"data": derOf(t, files["other"])}))
			}
			p.liveAPI(t, `<policies><inbound><base/><choose><when condition="`+c.policy+`"><return-response><set-status code="403" reason="no"/></return-response></when></choose></inbound><backend><base/></backend></policies>`)
			as := func(name string, http2 bool) *caller {
				pair, err := tls.LoadX509KeyPair(files[name], strings.TrimSuffix(files[name], ".pem")+".key")
				if err != nil {
					t.Fatal(err)
				}
				c := p.caller(callerOptions{http2: http2})
				c.client.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{pair}
				c.client.Timeout = 0
				return c
			}
			kept := as("mine", false)
			if r := kept.get(t, "/live/x"); r.status != 200 {
				t.Fatalf("before: %d %s", r.status, r.body)
			}
			socketConfig := func(name string) *tls.Config {
				return as(name, false).client.Transport.(*http.Transport).TLSClientConfig
			}
			_, socket := p.webSocket(t, socketConfig("mine"))
			ends := map[string]func() bool{"websocket": socket, "stream": as("mine", false).stream(t), "HTTP/2 stream": as("mine", true).stream(t)}
			other, _ := p.webSocket(t, socketConfig("other"))
			c.shrink(p, files["mine"])
			begin := time.Now()
			for name, ended := range ends {
				if !ended() {
					t.Errorf("the %s is still open, or ended as if it were whole", name)
				}
			}
			if d := time.Since(begin); d > time.Second {
				t.Errorf("it took %v", d)
			}
			if r := kept.get(t, "/live/x"); r.status != 403 {
				t.Errorf("over the kept connection: %d", r.status)
			}
			if c.name != "CA removed" && !other() {
				t.Error("the websocket of another client has ended")
			}
		})
	}
}

// derOf is the certificate of a PEM file in base64 DER.
func derOf(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatalf("%s has no PEM", file)
	}
	return base64.StdEncoding.EncodeToString(block.Bytes)
}
