package devca

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
)

func open(t *testing.T) *CA {
	t.Helper()
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ca, err := Open(t.Context(), memstore.New(), sealer, []string{"localhost", "local.gateway.localhost"})
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func request(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return csr
}

func TestServerCertificateIsGoodForLocalhostOnly(t *testing.T) {
	ca := open(t)
	roots := x509.NewCertPool()
	roots.AddCert(ca.serverRoot.x509)
	for _, name := range []string{"localhost", "local.gateway.localhost", "127.0.0.1", "::1"} {
		if _, err := ca.server.x509.Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
			t.Errorf("for %s: %v", name, err)
		}
	}
	stranger, err := sign(&x509.Certificate{DNSNames: []string{"example.com"}, NotAfter: time.Now().Add(time.Hour)}, &ca.serverRoot)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.x509.Verify(x509.VerifyOptions{Roots: roots, DNSName: "example.com"}); err == nil {
		t.Error("the root's name constraints let example.com pass")
	}
}

func TestReopenKeepsTheRoots(t *testing.T) {
	ca := open(t)
	again, err := Open(t.Context(), ca.store, ca.sealer, []string{"localhost"})
	if err != nil {
		t.Fatal(err)
	}
	if again.ClientRoot().SHA256 != ca.ClientRoot().SHA256 || again.server.cert.SHA256 != ca.server.cert.SHA256 {
		t.Error("a second start made new certificates")
	}
}

func TestRevokedCertificateIsOnTheCRL(t *testing.T) {
	ca := open(t)
	der, err := ca.IssueClient(request(t), "client-01", time.Hour, "http://127.0.0.1:9090"+CRLPath)
	if err != nil {
		t.Fatal(err)
	}
	listed := func() bool {
		list, err := x509.ParseRevocationList(ca.CRLOf(ca.ClientRoot()))
		if err != nil {
			t.Fatal(err)
		}
		if err := list.CheckSignatureFrom(ca.clientRoot.x509); err != nil {
			t.Fatal(err)
		}
		return len(list.RevokedCertificateEntries) == 1
	}
	if listed() {
		t.Fatal("listed before it was revoked")
	}
	for range 2 {
		if err := ca.Revoke(t.Context(), der); err != nil {
			t.Fatal(err)
		}
	}
	if !listed() {
		t.Error("not listed after it was revoked")
	}
}

func TestRefusals(t *testing.T) {
	ca := open(t)
	if err := ca.Revoke(t.Context(), ca.server.x509.Raw); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Revoke(server certificate) = %v, want Invalid", err)
	}
	for name, issue := range map[string]func() error{
		"broken request": func() error { _, err := ca.IssueClient([]byte("x"), "a", time.Hour, ""); return err },
		"no name":        func() error { _, err := ca.IssueClient(request(t), "", time.Hour, ""); return err },
		"too long":       func() error { _, err := ca.IssueClient(request(t), "a", rootLife+time.Hour, ""); return err },
	} {
		if err := issue(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
}

func TestKeepSignsAfterRevocationElsewhere(t *testing.T) {
	ca := open(t)
	other, err := Open(t.Context(), ca.store, ca.sealer, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	changed := make(chan struct{}, 8)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ca.Keep(ctx, func() { changed <- struct{}{} }, func(err error) { t.Error(err) })
	}()
	time.Sleep(50 * time.Millisecond) // the watch begins with the next change
	der, err := other.IssueClient(request(t), "x", time.Hour, "http://localhost/crl")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Revoke(t.Context(), der); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
	case <-time.After(5 * time.Second):
		t.Fatal("the other node's revocation was not seen")
	}
	cancel()
	<-done
}
