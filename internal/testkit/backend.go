package testkit

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// Backend is a fake backend that answers with the handler given and counts connections and requests.
type Backend struct {
	// URL is http://127.0.0.1:port or https://127.0.0.1:port.
	URL string
	// Server is the server behind it.
	Server *httptest.Server
	// Requests and Connections count what arrived.
	Requests, Connections atomic.Int64
}

// NewBackend starts a plain HTTP backend (HTTP/1.1, and HTTP/2 with prior knowledge); the test's end stops it.
func NewBackend(t testing.TB, h http.HandlerFunc) *Backend {
	t.Helper()
	b := newBackend(h)
	b.Server.Config.Protocols = new(http.Protocols)
	b.Server.Config.Protocols.SetHTTP1(true)
	b.Server.Config.Protocols.SetUnencryptedHTTP2(true)
	b.Server.Start()
	b.URL = b.Server.URL
	t.Cleanup(b.close)
	return b
}

// NewTLSBackend starts an HTTPS backend with that server certificate, HTTP/1.1 and HTTP/2.
func NewTLSBackend(t testing.TB, server *Cert, h http.HandlerFunc) *Backend {
	t.Helper()
	b := newBackend(h)
	b.Server.EnableHTTP2 = true
	b.Server.TLS = ServerTLS(server)
	b.Server.StartTLS()
	b.URL = b.Server.URL
	t.Cleanup(b.close)
	return b
}

// NewMutualTLSBackend is NewTLSBackend for clients that have a certificate below clients, and for nobody else.
func NewMutualTLSBackend(t testing.TB, server, clients *Cert, h http.HandlerFunc) *Backend {
	t.Helper()
	b := newBackend(h)
	b.Server.TLS = ServerTLS(server)
	b.Server.TLS.ClientAuth, b.Server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, clients.Pool()
	b.Server.StartTLS()
	b.URL = b.Server.URL
	t.Cleanup(b.close)
	return b
}

func newBackend(h http.HandlerFunc) *Backend {
	b := new(Backend)
	b.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.Requests.Add(1)
		h(w, r)
	}))
	b.Server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			b.Connections.Add(1)
		}
	}
	return b
}

func (b *Backend) close() {
	b.Server.CloseClientConnections()
	b.Server.Close()
}

// CRLHost serves revocation lists that tests can exchange and take away.
type CRLHost struct {
	// URL is where the list of path "name" is: URL + "/name".
	URL string
	// Fetches counts the requests.
	Fetches atomic.Int64

	mu    sync.Mutex
	lists map[string][]byte
}

// NewCRLHost starts one; the test's end stops it.
func NewCRLHost(t testing.TB) *CRLHost {
	t.Helper()
	h := &CRLHost{lists: map[string][]byte{}}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	h.URL = s.URL
	return h
}

// Put makes der the list under that path ("/name"); nil takes it away, so that 404 is answered.
func (h *CRLHost) Put(path string, der []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lists[path] = der
}

// ServeHTTP answers with the list of the path.
func (h *CRLHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.Fetches.Add(1)
	h.mu.Lock()
	der := h.lists[r.URL.Path]
	h.mu.Unlock()
	if der == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/pkix-crl")
	_, _ = w.Write(der)
}
