package chain_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// TestAlgorithms verifies self-signed certificates that OpenSSL 3.0.19 made (`openssl req -x509`),
// one for each curve and signature algorithm, and refuses each of them when a bit is changed.
func TestAlgorithms(t *testing.T) {
	text, err := os.ReadFile("testdata/algorithms.pem")
	if err != nil {
		t.Fatal(err)
	}
	certs, err := cert.ParseAllPEM(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(certs) < 45 {
		t.Fatalf("%d certificates, want at least 45", len(certs))
	}
	for _, c := range certs {
		i := chain.NewInfo(c)
		t.Run(i.Name(), func(t *testing.T) {
			if !i.SelfSigned || i.Malformed != "" {
				t.Errorf("SelfSigned = %v, Malformed = %q", i.SelfSigned, i.Malformed)
			}
			if !i.Signed(i) {
				t.Error("the signature is refused")
			}
			raw := bytes.Clone(c.Raw)
			raw[len(raw)-1] ^= 1
			if broken, err := cert.Parse(raw); err == nil && chain.NewInfo(broken).Signed(i) {
				t.Error("a changed signature is taken")
			}
			raw = bytes.Clone(c.Raw)
			at := bytes.Index(raw, c.Serial)
			raw[at+len(c.Serial)-1] ^= 1
			if broken, err := cert.Parse(raw); err == nil && chain.NewInfo(broken).Signed(i) {
				t.Error("a changed certificate is taken")
			}
		})
	}
}
