package revocation_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// host is a server of lists whose behaviour can be changed while it runs.
type host struct {
	server *httptest.Server
	hits   atomic.Int32

	mu      sync.Mutex
	answers map[string]http.HandlerFunc
}

func newHost(t testing.TB) *host {
	t.Helper()
	h := &host{answers: map[string]http.HandlerFunc{}}
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.hits.Add(1)
		h.mu.Lock()
		answer := h.answers[r.URL.Path]
		h.mu.Unlock()
		if answer == nil {
			http.NotFound(w, r)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(func() { h.server.CloseClientConnections(); h.server.Close() })
	return h
}

// on has path answered so from now on; nil answers 404.
func (h *host) on(path string, answer http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[path] = answer
}

// serve has path answered with a body.
func (h *host) serve(path string, body []byte) {
	h.on(path, func(w http.ResponseWriter, _ *http.Request) { w.Write(body) }) //nolint:errcheck // the client says so
}

func (h *host) fetcher(t testing.TB, more ...string) *revocation.Fetcher {
	t.Helper()
	to := h.server.Listener.Addr().String()
	resolve := map[string]string{"pki.test:80": to}
	for _, m := range more {
		resolve[m] = to
	}
	f := revocation.NewFetcher(revocation.FetchOptions{Resolve: resolve, Timeout: 5 * time.Second})
	t.Cleanup(f.Close)
	return f
}

// hang answers when the client has gone, which a server learns once it has read the request.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the client may have gone already
	<-r.Context().Done()
}

// listOf signs a list of a's; change may change it before.
func (a *authority) listOf(t testing.TB, change func(*x509.RevocationList), serials ...int64) []byte {
	t.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour)}
	for _, s := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: big.NewInt(s), RevocationTime: time.Now().Add(-time.Minute), ReasonCode: 1,
		})
	}
	change(template)
	raw, err := x509.CreateRevocationList(rand.Reader, template, a.std, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// issue issues a certificate; change may change it before.
func (a *authority) issue(t testing.TB, serial int64, change func(*x509.Certificate)) *cert.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "client"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	change(template)
	return a.sign(t, template, a.std, &a.key.PublicKey)
}

// under issues an authority below a, for change to change before.
func (a *authority) under(t testing.TB, name string, change func(*x509.Certificate)) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	change(template)
	n := &authority{key: key, cert: a.sign(t, template, a.std, &key.PublicKey)}
	if n.std, err = x509.ParseCertificate(n.cert.Raw); err != nil {
		t.Fatal(err)
	}
	return n
}

// running runs a checker until the test ends.
func running(t testing.TB, o revocation.Options) *revocation.Checker {
	t.Helper()
	c := revocation.NewChecker(o)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { c.Run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return c
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *logBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// eventually waits until ok holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within ten seconds: %s", what)
}

func want(t testing.TB, what string, got chain.Answer, status chain.Status) {
	t.Helper()
	if got.Status != status {
		t.Errorf("%s: %v (%s) by %v, want %v", what, got.Status, got.Detail, got.Evidence, status)
	}
}

// DER of extensions that crypto/x509 does not make.
type (
	rawPoint struct {
		Name    pointName       `asn1:"optional,tag:0"`
		Reasons asn1.BitString  `asn1:"optional,tag:1"`
		Issuer  []asn1.RawValue `asn1:"optional,omitempty,tag:2"`
	}
	pointName struct {
		Full []asn1.RawValue `asn1:"optional,omitempty,tag:0"`
	}
	rawScope struct {
		Name     pointName      `asn1:"optional,tag:0"`
		Some     asn1.BitString `asn1:"optional,tag:3"`
		Indirect bool           `asn1:"optional,tag:4"`
	}
)

func uriName(text string) asn1.RawValue { return asn1.RawValue{Class: 2, Tag: 6, Bytes: []byte(text)} }

func directoryName(a *authority) asn1.RawValue {
	return asn1.RawValue{Class: 2, Tag: 4, IsCompound: true, Bytes: a.std.RawSubject}
}

func extension(t testing.TB, id asn1.ObjectIdentifier, critical bool, value any) pkix.Extension {
	t.Helper()
	raw, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: id, Critical: critical, Value: raw}
}

var (
	idPoints     = asn1.ObjectIdentifier{2, 5, 29, 31}
	idScope      = asn1.ObjectIdentifier{2, 5, 29, 28}
	idCertIssuer = asn1.ObjectIdentifier{2, 5, 29, 29}
)
