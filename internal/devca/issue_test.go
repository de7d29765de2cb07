package devca

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
)

// TestIssueByTemplate: the root is the one that fits, and strangers' server names are nobody's.
func TestIssueByTemplate(t *testing.T) {
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := memstore.New()
	defer s.Close()
	ca, err := Open(context.Background(), s, sealer, []string{"localhost"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	server, client := x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth
	for _, c := range []struct {
		name  string
		names []string
		ekus  []x509.ExtKeyUsage
		life  time.Duration
		root  string // empty: refused
	}{
		{"a client", nil, []x509.ExtKeyUsage{client}, time.Hour, ClientRootName},
		{"a client with a name", []string{"device.example.org"}, []x509.ExtKeyUsage{client}, time.Hour, ClientRootName},
		{"both, local", []string{"api.localhost"}, []x509.ExtKeyUsage{server, client}, time.Hour, ServerRootName},
		{"both, without names", nil, []x509.ExtKeyUsage{server, client}, time.Hour, ClientRootName},
		{"a local server", []string{"localhost", "*.API.Localhost"}, []x509.ExtKeyUsage{server}, time.Hour, ServerRootName},
		{"a server of others", []string{"api.example.org"}, []x509.ExtKeyUsage{server}, time.Hour, ""},
		{"one name of others", []string{"localhost", "api.example.org"}, []x509.ExtKeyUsage{server}, time.Hour, ""},
		{"a name that ends alike", []string{"evil-localhost"}, []x509.ExtKeyUsage{server}, time.Hour, ""},
		{"mail", nil, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, time.Hour, ""},
		{"longer than the root", nil, []x509.ExtKeyUsage{client}, 20 * 365 * 24 * time.Hour, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := time.Now()
			chain, err := ca.Issue(&x509.Certificate{Subject: pkix.Name{CommonName: "x"}, DNSNames: c.names, ExtKeyUsage: c.ekus, NotBefore: now, NotAfter: now.Add(c.life), IsCA: true}, csr, "http://localhost/crl")
			if c.root == "" {
				if fault.KindOf(err) != fault.Invalid {
					t.Fatalf("Issue = %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			leaf, err1 := x509.ParseCertificate(chain[0])
			root, err2 := x509.ParseCertificate(chain[1])
			if err1 != nil || err2 != nil || len(chain) != 2 {
				t.Fatal(err1, err2, len(chain))
			}
			if root.Subject.CommonName != c.root || leaf.CheckSignatureFrom(root) != nil || leaf.IsCA || !leaf.PublicKey.(*ecdsa.PublicKey).Equal(key.Public()) {
				t.Errorf("signed by %s", root.Subject)
			}
			if hasCRL := len(leaf.CRLDistributionPoints) > 0; hasCRL != (c.root == ClientRootName) {
				t.Errorf("a CRL address: %v", hasCRL)
			}
		})
	}
	broken := append([]byte(nil), csr...)
	broken[len(broken)-1] ^= 1
	if _, err := ca.Issue(&x509.Certificate{}, broken, ""); fault.KindOf(err) != fault.Invalid || err == nil {
		t.Errorf("a request with a broken signature: %v", err)
	}
}
