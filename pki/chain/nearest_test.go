package chain_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
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

// TestWhyAnIssuerIsNotTaken: an issuer that is there and does not fit is not said to be missing.
func TestWhyAnIssuerIsNotTaken(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	ca := root.NewIntermediate(t, "Issuing")
	other := root.NewIntermediate(t, "Issuing")
	malformed := func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 16, 840, 1, 113730, 1, 1}, Value: []byte{4, 0}})
	}
	spoilt := root.NewIntermediate(t, "Spoilt", malformed)
	rsa := root.NewClientWithKey(t, "Issuing", testkit.RSAKey(t, 0), func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage, c.SubjectKeyId = true, true, x509.KeyUsageCertSign, nil, ca.X509.SubjectKeyId
	})
	for _, c := range []struct {
		name       string
		leaf, sent *testkit.Cert
		want       string
	}{
		{"not there", ca.NewClient(t, "leaf"), root, "its issuer \"Issuing\" is neither sent nor installed"},
		{"malformed itself", ca.NewClient(t, "leaf", malformed), ca, "it is malformed, so that nobody is its issuer"},
		{"malformed issuer", spoilt.NewClient(t, "leaf"), spoilt, "a certificate \"Spoilt\" is there, but it is malformed"},
		{"other key identifier", ca.NewClient(t, "leaf"), other, "it is not the one that authorityKeyIdentifier names"},
		{"other kind of key", ca.NewClient(t, "leaf"), rsa, "its key is not of the kind that signed"},
	} {
		r := chain.Build(c.leaf.Cert(t), chain.Options{Roots: chain.NewPool([]*cert.Certificate{root.Cert(t)}), Sent: []*cert.Certificate{c.sent.Cert(t)}, Now: time.Now()})
		if r.Verdict || r.Reason != chain.ReasonIssuerNotFound || !strings.Contains(r.Explanation.Summary, c.want) {
			t.Errorf("%s: verdict %v, %s; want %q", c.name, r.Verdict, r.Explanation.Summary, c.want)
		}
	}
}

// TestWhyAKeyIsBroken names size and kind.
func TestWhyAKeyIsBroken(t *testing.T) {
	v := findVector(t, "alg-leaf-rsa512")
	leaf, err := cert.ParsePEM([]byte(v.Leaf))
	if err != nil {
		t.Fatal(err)
	}
	opts := v.options(t)
	opts.Revocation = nil
	if r := chain.Build(leaf, opts); r.Verdict || r.Reason != chain.ReasonWeakKey || !strings.Contains(r.Explanation.Summary, "(RSA of 512 bits)") {
		t.Errorf("verdict %v: %s", r.Verdict, r.Explanation.Summary)
	}
}
