package chain_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// TestTheTrustedPathIsNamed: where the first path ends nowhere, as with a cross certificate whose issuer is not installed, and
// another ends in a trusted root but fails too, the summary says what is to be repaired.
func TestTheTrustedPathIsNamed(t *testing.T) {
	trusted, foreign := testkit.NewRoot(t, "Trusted"), testkit.NewRoot(t, "Foreign")
	ours := trusted.NewIntermediate(t, "Issuing")
	theirs := foreign.NewClientWithKey(t, "Issuing", ours.Key, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage = true, true, x509.KeyUsageCertSign, nil
	})
	leaf := ours.NewClient(t, "leaf")
	silent := &answering{}
	silent.answer.Store(&chain.Answer{Detail: "nobody answers"})
	r := chain.Build(leaf.Cert(t), chain.Options{
		Roots: chain.NewPool([]*cert.Certificate{trusted.Cert(t)}), Sent: []*cert.Certificate{theirs.Cert(t), ours.Cert(t)}, Revocation: silent, Now: time.Now(),
	})
	for _, part := range []string{"issuer-not-found at \"Issuing\"", "the path to the trusted root \"Trusted\" fails by revocation-unknown at \"Issuing\" (nobody answers)"} {
		if r.Verdict || !strings.Contains(r.Explanation.Summary, part) {
			t.Errorf("verdict %v, %s; want %q", r.Verdict, r.Explanation.Summary, part)
		}
	}
}
