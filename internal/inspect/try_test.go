package inspect

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/testkit"
)

// gate is a TLS server in the gateway's place, that asks for certificates and echoes.
func gate(t testing.TB, s *Server, server *testkit.Cert, asks bool) {
	t.Helper()
	h := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			who = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		remote := netip.MustParseAddrPort(r.RemoteAddr)
		if s.Recorder.Awaits(remote) {
			s.Recorder.Add(&Decision{RequestID: "the-id", Remote: remote, Status: 200})
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Who", who)
		fmt.Fprintf(w, "%s %s %s %s %s", r.Method, r.Host, r.URL, r.Header.Get("X-Test"), body)
		if r.URL.Path == "/big" {
			fmt.Fprint(w, strings.Repeat("x", 2*maxTryBody))
		}
	}))
	h.TLS = &tls.Config{Certificates: []tls.Certificate{server.TLS()}}
	if asks {
		h.TLS.ClientAuth = tls.RequestClientCert
	}
	h.EnableHTTP2 = true
	h.StartTLS()
	t.Cleanup(h.Close)
	s.GatewayAddress = func() string { return h.Listener.Addr().String() }
	s.BuiltIn = func() []byte { return server.X509.Raw }
}

func trier(t testing.TB) (*Server, *testkit.Cert) {
	root := testkit.NewRoot(t, "Root")
	s := newServer(t, func(o *Options, svc *apim.Service) {
		o.Recorder = NewRecorder()
		svc.Hostnames = []apim.Hostname{{Name: "localhost", BuiltIn: true}, {Name: "*.example.com", NegotiateClientCertificate: true}}
	})
	gate(t, s, root.NewServer(t, "localhost", "a.example.com"), true)
	return s, root
}

func TestHandshake(t *testing.T) {
	s, root := trier(t)
	for _, c := range []struct {
		name, host string
		asks, sni  bool
	}{{"asking", "localhost", true, true}, {"an address has no SNI", "127.0.0.1", true, false}, {"not asking", "localhost", false, true}} {
		if !c.asks {
			gate(t, s, root.NewServer(t, "localhost"), false)
		}
		var got handshakeView
		if status := call(t, s, "POST", "/postern/v1/handshake", map[string]any{"hostName": c.host}, &got); status != 200 {
			t.Fatalf("%s: %d", c.name, status)
		}
		if !got.OK || got.AsksForClientCertificate != c.asks || got.SNI != c.sni || got.Version != "TLS 1.3" || got.ALPN != "h2" || got.Cipher == "" {
			t.Errorf("%s: %+v", c.name, got)
		}
		if x := got.ServerCertificates[0]; x.Issuer != "CN=Root" || x.DNSNames[0] != "localhost" {
			t.Errorf("%s: server %+v", c.name, x)
		}
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close() //nolint:errcheck // nobody has used it
	s.GatewayAddress = closed.Addr().String
	var got handshakeView
	if status := call(t, s, "POST", "/postern/v1/handshake", map[string]any{"hostName": "localhost"}, &got); status != 200 || got.OK || got.Error == "" {
		t.Errorf("nobody there: %d %+v", status, got)
	}
	if status := call(t, s, "POST", "/postern/v1/handshake", map[string]any{"hostName": "a b"}, nil); status != 400 {
		t.Errorf("no host name: %d", status)
	}
}

func TestTry(t *testing.T) {
	s, root := trier(t)
	client := root.NewClient(t, "client-01")
	pfx := map[string]any{"pfx": encoded(client.PFX(t, "secret")), "password": "secret"}
	var got tryAnswer
	status := call(t, s, "POST", "/postern/v1/try", map[string]any{"method": "post", "path": "/a?b=c", "headers": [][]string{{"X-Test", "y"}}, "body": "hello", "certificate": pfx}, &got)
	_, port, _ := net.SplitHostPort(s.GatewayAddress())
	if status != 200 || got.Status != 200 || got.Reason != "OK" || got.Body != "POST localhost:"+port+" /a?b=c y hello" || got.RequestID != "the-id" || got.Decision == nil || got.Proto != "HTTP/2.0" {
		t.Fatalf("%d %+v", status, got)
	}
	if !strings.Contains(fmt.Sprint(got.Headers), "[X-Who client-01]") {
		t.Errorf("headers %v", got.Headers)
	}
	status = call(t, s, "POST", "/postern/v1/try", map[string]any{"path": "/big", "host": "a.example.com"}, &got)
	if status != 200 || !got.BodyTruncated || len(got.Body) != maxTryBody || !strings.Contains(fmt.Sprint(got.Headers), "[X-Who nobody]") {
		t.Errorf("%d, %d bytes, %v", status, len(got.Body), got.Headers)
	}
}

func TestTryRefuses(t *testing.T) {
	s, root := trier(t)
	client := root.NewClient(t, "client-01")
	for _, c := range []struct {
		name   string
		body   map[string]any
		target string
	}{
		{"another host", map[string]any{"path": "/", "host": "evil.example"}, "host"},
		{"no method", map[string]any{"path": "/", "method": "G T"}, "method"},
		{"no tunnel", map[string]any{"path": "/", "method": "CONNECT"}, "method"},
		{"a split header", map[string]any{"path": "/", "headers": [][]string{{"X", "a\r\nY: b"}}}, "headers"},
		{"framing", map[string]any{"path": "/", "headers": [][]string{{"Transfer-Encoding", "chunked"}}}, "headers"},
		{"a wrong password", map[string]any{"path": "/", "certificate": map[string]any{"pfx": encoded(client.PFX(t, "secret")), "password": "x"}}, "certificate.password"},
		{"no key", map[string]any{"path": "/", "certificate": map[string]any{"pfx": string(client.PEM())}}, "certificate.pfx"},
	} {
		var got wrong
		if status := call(t, s, "POST", "/postern/v1/try", c.body, &got); status != 400 || got.Error.Target != c.target {
			t.Errorf("%s: %d %+v", c.name, status, got)
		}
	}
	s.BuiltIn = func() []byte { return []byte("another certificate") }
	if status := call(t, s, "POST", "/postern/v1/try", map[string]any{"path": "/"}, nil); status != 503 {
		t.Errorf("another server: %d", status)
	}
}
