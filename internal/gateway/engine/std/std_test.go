package std

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
)

// harness is a server with a handler of the test's.
type harness struct {
	server *Server
	addr   string
	root   *testkit.Cert
}

// fixedTLS serves every handshake with one configuration.
type fixedTLS struct {
	cfg     *tls.Config
	binding any
}

func (f *fixedTLS) Configure(*tls.ClientHelloInfo) (*tls.Config, any, error) {
	return f.cfg, f.binding, nil
}

func (f *fixedTLS) Accept(state *tls.ConnectionState, _ any) (*message.TLS, error) {
	facts := &message.TLS{Version: state.Version, Protocol: state.NegotiatedProtocol, ServerName: state.ServerName, Resumed: state.DidResume}
	if len(state.PeerCertificates) > 0 {
		facts.Peer = &message.Peer{}
	}
	return facts, nil
}

func serve(t testing.TB, secure bool, limits engine.Limits, h message.Handler) *harness {
	t.Helper()
	return serveConfig(t, secure, Config{Handler: h, Limits: limits})
}

// serveConfig is serve with all that a Config has; TLS and Logger are set here.
func serveConfig(t testing.TB, secure bool, cfg Config) *harness {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	hs := &harness{}
	if secure {
		hs.root = testkit.NewRoot(t, "root")
		c := testkit.ServerTLS(hs.root.NewServer(t, "localhost", "127.0.0.1"))
		c.NextProtos = []string{"h2", "http/1.1"}
		c.ClientAuth = tls.RequestClientCert
		cfg.TLS = &fixedTLS{cfg: c, binding: "only"}
	}
	hs.server = NewServer(cfg)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hs.addr = ln.Addr().String()
	done := make(chan error, 1)
	go func() { done <- hs.server.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = hs.server.Shutdown(ctx)
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return hs
}

// client is an HTTP client of the harness's server; client may be nil.
func (h *harness) client(t testing.TB, http2 bool, cert *testkit.Cert) *http.Client {
	t.Helper()
	tr := &http.Transport{DisableCompression: true, Protocols: new(http.Protocols), ExpectContinueTimeout: 5 * time.Second, MaxIdleConnsPerHost: 100}
	tr.Protocols.SetHTTP1(!http2)
	tr.Protocols.SetHTTP2(http2)
	if h.root != nil {
		tr.TLSClientConfig = testkit.ClientTLS(h.root, cert)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (h *harness) url(path string) string {
	if h.root != nil {
		return "https://" + strings.Replace(h.addr, "127.0.0.1", "localhost", 1) + path
	}
	return "http://" + h.addr + path
}

// proxy is a handler that forwards to base through tr.
func proxy(tr message.Transport, base string) message.Handler {
	to, err := message.ParseURL(base)
	if err != nil {
		panic(err)
	}
	return func(x *message.Exchange) {
		x.Request.URL = to.Join(x.Request.URL.Path, x.Request.URL.Query)
		resp, err := tr.RoundTrip(x.Context, x.Request)
		if err != nil {
			status := 502
			if bodyErr := x.Request.Body.Err(); errors.Is(bodyErr, message.ErrBodyTimeout) {
				status = 408
			}
			resp = message.ErrorResponse(status, err.Error())
		}
		_ = x.Responder.Respond(resp)
	}
}

// echo answers with what arrived.
func echo(x *message.Exchange) {
	body, err := x.Request.Body.Buffer(0)
	if err != nil {
		_ = x.Responder.Respond(message.ErrorResponse(400, err.Error()))
		return
	}
	var text strings.Builder
	text.WriteString(x.Request.Method + " " + x.Request.URL.RequestURI() + " " + x.Request.Host + "\n")
	for n, v := range x.Request.Header.All() {
		text.WriteString(n + ": " + v + "\n")
	}
	text.WriteString("\n")
	text.Write(body)
	_ = x.Responder.Respond(&message.Response{Status: 200, Body: message.NewStringBody(text.String())})
}

// raw sends raw bytes on a new connection and reads the responses until the server closes.
func (h *harness) raw(t testing.TB, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", h.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
	if !strings.Contains(request, "Connection: close") {
		// net/http takes a half-closed connection for a client that has gone.
		_ = c.(*net.TCPConn).CloseWrite()
	}
	data, err := io.ReadAll(c)
	if err != nil {
		t.Errorf("the connection did not end: %v after %q", err, data)
	}
	return string(data)
}

// responses splits what raw read.
func responses(t testing.TB, data string) (list []string) {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(data))
	for {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return list
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return append(list, resp.Status+" "+err.Error())
		}
		list = append(list, resp.Status+"\n"+string(body))
	}
}
