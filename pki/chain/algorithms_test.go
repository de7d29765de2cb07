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
//
// RSA with SHA-512/224 and SHA-512/256 OpenSSL makes and then does not know when it verifies.
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
	unknown := map[string]bool{"1.2.840.113549.1.1.15": true, "1.2.840.113549.1.1.16": true}
	for _, c := range certs {
		i := chain.NewInfo(c)
		t.Run(i.Name(), func(t *testing.T) {
			if unknown[c.SignatureAlgorithm.String()] {
				if i.SelfSigned || i.Signed(i) {
					t.Error("an algorithm that OpenSSL does not know for signatures is taken")
				}
				return
			}
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
