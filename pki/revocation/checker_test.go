package revocation_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
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

// authority is a root that issues client certificates and lists.
type authority struct {
	key  *ecdsa.PrivateKey
	std  *x509.Certificate
	cert *cert.Certificate
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	a.cert = a.sign(t, template, template, &key.PublicKey)
	if a.std, err = x509.ParseCertificate(a.cert.Raw); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) sign(t testing.TB, template, parent *x509.Certificate, key *ecdsa.PublicKey) *cert.Certificate {
	t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key, a.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cert.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// client issues a client certificate whose list is at address.
func (a *authority) client(t testing.TB, serial int64, address string, responders ...string) *cert.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "client"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), CRLDistributionPoints: []string{address},
		OCSPServer: responders,
	}
	return a.sign(t, template, a.std, &a.key.PublicKey)
}

func (a *authority) list(t testing.TB, serials ...int64) []byte {
	t.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour)}
	for _, s := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: big.NewInt(s), RevocationTime: time.Now().Add(-time.Minute), ReasonCode: 1,
		})
	}
	raw, err := x509.CreateRevocationList(rand.Reader, template, a.std, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func pathOf(leaf, root *cert.Certificate) []*chain.Info {
	return []*chain.Info{chain.NewInfo(leaf), chain.NewInfo(root)}
}

// localLists is a Local whose list may change.
type localLists struct {
	issuer *cert.Certificate
	der    atomic.Pointer[[]byte]
}

func (l *localLists) CRL(issuer *cert.Certificate) ([]byte, bool) {
	if issuer.SHA256 != l.issuer.SHA256 {
		return nil, false
	}
	return *l.der.Load(), true
}

func TestLocalListsNeedNoFetchAndAreLive(t *testing.T) {
	a := newAuthority(t, "Development")
	local := &localLists{issuer: a.cert}
	good, revoked := a.list(t), a.list(t, 7)
	local.der.Store(&good)
	c := revocation.NewChecker(revocation.Options{Local: local})
	path := pathOf(a.client(t, 7, "http://127.0.0.1:1/dev.crl"), a.cert)
	answer := c.Check(path, time.Now())[0]
	if answer.Status != chain.StatusGood {
		t.Fatalf("status = %v (%s), want good", answer.Status, answer.Detail)
	}
	if left := time.Until(answer.FreshUntil); left > time.Second {
		t.Errorf("the answer may be kept for %v: a revocation would not be live within a second", left)
	}
	local.der.Store(&revoked)
	if answer = c.Check(path, time.Now())[0]; answer.Status != chain.StatusRevoked || !strings.Contains(answer.Detail, "keyCompromise") {
		t.Errorf("status = %v (%s), want revoked for keyCompromise", answer.Status, answer.Detail)
	}
	garbage := []byte("garbage")
	local.der.Store(&garbage)
	if answer = c.Check(path, time.Now())[0]; answer.Status != chain.StatusUnknown {
		t.Errorf("status with an unreadable list = %v, want unknown", answer.Status)
	}
}

// listServer serves lists and counts; a path that is not there hangs until the test ends.
func listServer(t *testing.T, lists map[string][]byte) (*revocation.Fetcher, *atomic.Int32) {
	t.Helper()
	var hits atomic.Int32
	end := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		body, ok := lists[r.URL.Path]
		if !ok {
			<-end
			return
		}
		time.Sleep(20 * time.Millisecond)
		w.Write(body) //nolint:errcheck // the client says so
	}))
	t.Cleanup(func() { close(end); s.Close() })
	f := revocation.NewFetcher(revocation.FetchOptions{Resolve: map[string]string{"pki.test:80": s.Listener.Addr().String()}})
	t.Cleanup(f.Close)
	return f, &hits
}

func TestCheckersShareOneDownload(t *testing.T) {
	a := newAuthority(t, "Root")
	f, hits := listServer(t, map[string][]byte{"/a.crl": a.list(t, 9)})
	c := revocation.NewChecker(revocation.Options{Fetcher: f})
	var wg sync.WaitGroup
	for n := range 20 {
		path := pathOf(a.client(t, int64(n), "http://pki.test/a.crl"), a.cert)
		wg.Go(func() {
			want := chain.StatusGood
			if n == 9 {
				want = chain.StatusRevoked
			}
			if got := c.Check(path, time.Now())[0]; got.Status != want {
				t.Errorf("certificate %d: %v (%s), want %v", n, got.Status, got.Detail, want)
			}
		})
	}
	wg.Wait()
	if n := hits.Load(); n != 1 {
		t.Errorf("the list was downloaded %d times, want once", n)
	}
}

func TestCheckWaitsABoundedTime(t *testing.T) {
	a := newAuthority(t, "Root")
	f, hits := listServer(t, nil)
	c := revocation.NewChecker(revocation.Options{Fetcher: f, MaxWait: 50 * time.Millisecond})
	path := pathOf(a.client(t, 1, "http://pki.test/hangs.crl"), a.cert)
	begun := time.Now()
	answer := c.Check(path, time.Now())[0]
	if answer.Status != chain.StatusUnknown || time.Since(begun) > 2*time.Second {
		t.Errorf("status = %v after %v, want unknown after about 50ms", answer.Status, time.Since(begun))
	}
	if time.Until(answer.FreshUntil) > 2*time.Second {
		t.Error("an answer without its list may be kept for long")
	}
	begun = time.Now()
	for range 100 {
		c.Check(path, time.Now())
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("a hundred checks while the download hangs took %v: each waited anew", took)
	}
	if n := hits.Load(); n != 1 {
		t.Errorf("%d downloads were begun, want one", n)
	}
}

func TestBeginStartsDownloads(t *testing.T) {
	a := newAuthority(t, "Root")
	f, hits := listServer(t, map[string][]byte{"/a.crl": a.list(t)})
	c := revocation.NewChecker(revocation.Options{Fetcher: f})
	path := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert)
	c.Begin(path)
	for hits.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if got := c.Check(path, time.Now())[0]; got.Status != chain.StatusGood || hits.Load() != 1 {
		t.Errorf("status = %v (%s) after %d downloads", got.Status, got.Detail, hits.Load())
	}
}

func TestNothingIsFetchedForAnUntrustedPath(t *testing.T) {
	a, stranger := newAuthority(t, "Root"), newAuthority(t, "Root")
	f, hits := listServer(t, map[string][]byte{"/a.crl": a.list(t)})
	c := revocation.NewChecker(revocation.Options{Fetcher: f})
	leaf := a.client(t, 1, "http://pki.test/a.crl")
	for name, roots := range map[string][]*cert.Certificate{"no root": nil, "another key": {stranger.cert}} {
		trust := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(roots), Revocation: c})
		peer := chain.NewPeer(leaf, []*cert.Certificate{a.cert})
		trust.Begin(peer)
		if trust.Verify(peer) {
			t.Errorf("%s: Verify = true", name)
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d downloads for paths that are not trusted", n)
	}
	trust := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool([]*cert.Certificate{a.cert}), Revocation: c})
	if peer := chain.NewPeer(leaf, nil); !trust.Verify(peer) {
		t.Errorf("Verify = false with the root: %s", trust.Result(peer).Explanation)
	}
}

func TestARefusedAddressIsNamed(t *testing.T) {
	a := newAuthority(t, "Root")
	c := revocation.NewChecker(revocation.Options{Fetcher: revocation.NewFetcher(revocation.FetchOptions{})})
	answer := c.Check(pathOf(a.client(t, 1, "http://169.254.169.254/x.crl"), a.cert), time.Now())[0]
	if answer.Status != chain.StatusUnknown || !strings.Contains(answer.Detail, "metadata") || !strings.Contains(answer.Detail, "--fetch-allow") {
		t.Errorf("answer = %v (%s), want unknown with the refusal by name", answer.Status, answer.Detail)
	}
}

func TestRegistry(t *testing.T) {
	a, other := newAuthority(t, "Development"), newAuthority(t, "Development")
	var r revocation.Registry
	if err := r.Set(a.cert, a.list(t, 7)); err != nil {
		t.Fatal(err)
	}
	if err := r.Set(a.cert, []byte("garbage")); err == nil {
		t.Error("garbage was taken for a list")
	}
	if _, ok := r.CRL(other.cert); ok {
		t.Error("another issuer of the same name has the list")
	}
	c := revocation.NewChecker(revocation.Options{Local: &r})
	for serial, want := range map[int64]chain.Status{7: chain.StatusRevoked, 8: chain.StatusGood} {
		if got := c.Check(pathOf(a.client(t, serial, "http://127.0.0.1:1/"), a.cert), time.Now())[0]; got.Status != want {
			t.Errorf("certificate %d: %v (%s), want %v", serial, got.Status, got.Detail, want)
		}
	}
	r.Remove(a.cert)
	if got := c.Check(pathOf(a.client(t, 8, "http://127.0.0.1:1/"), a.cert), time.Now())[0]; got.Status != chain.StatusUnknown {
		t.Errorf("without a list: %v, want unknown", got.Status)
	}
}

func TestAHangingResponderDoesNotHoldUpAGoodList(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "Root")
	f, _ := listServer(t, map[string][]byte{"/a.crl": a.list(t)})
	c := revocation.NewChecker(revocation.Options{Fetcher: f})
	path := pathOf(a.client(t, 1, "http://pki.test/a.crl", "http://pki.test/ocsp"), a.cert)
	begun := time.Now()
	for range 20 {
		if got := c.Check(path, time.Now())[0]; got.Status != chain.StatusGood || time.Until(got.FreshUntil) > 2*time.Second {
			t.Fatalf("status = %v (%s), fresh for %v; want good, and another look soon", got.Status, got.Detail, time.Until(got.FreshUntil))
		}
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("twenty checks took %v", took)
	}
}
