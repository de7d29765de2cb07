package chain_test

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

func TestAnotherPathIsAcceptedWithinTheBudget(t *testing.T) {
	v := findVector(t, "build-twenty-keys-no-ids")
	leaf, err := cert.ParsePEM([]byte(v.Leaf))
	if err != nil {
		t.Fatal(err)
	}
	opts := v.options(t)
	r := chain.Build(leaf, opts)
	if !r.Verdict || len(r.Chain) != 3 || len(r.Explanation.Paths) < 2 {
		t.Errorf("verdict %v, chain of %d, %d paths: %s", r.Verdict, len(r.Chain), len(r.Explanation.Paths), r.Explanation)
	}
	if first := r.Explanation.Paths[0]; first.Reason != chain.ReasonSignature || first.At != 0 {
		t.Errorf("first path: %s at %d, want %s at 0", first.Reason, first.At, chain.ReasonSignature)
	}
	opts.MaxWork = 5
	if r = chain.Build(leaf, opts); r.Verdict || !strings.Contains(r.Explanation.String(), "given up") {
		t.Errorf("with a budget of 5: verdict %v: %s", r.Verdict, r.Explanation)
	}
}

// TestManyWrongCandidatesEnd is a client that sends as many certificates of one name as it may.
func TestManyWrongCandidatesEnd(t *testing.T) {
	v := findVector(t, "build-twenty-keys-no-ids")
	leaf, err := cert.ParsePEM([]byte(v.Leaf))
	if err != nil {
		t.Fatal(err)
	}
	opts := v.options(t)
	wrong := opts.Sent[:10]
	opts.Sent = nil
	for range 100 {
		opts.Sent = append(opts.Sent, wrong...)
	}
	if r := chain.Build(leaf, opts); r.Verdict || r.Reason != chain.ReasonSignature {
		t.Errorf("verdict %v, reason %q", r.Verdict, r.Reason)
	}
}

func TestZeroOptionsTrustNobody(t *testing.T) {
	v := findVector(t, "self-ca-in-root-store")
	leaf, err := cert.ParsePEM([]byte(v.Leaf))
	if err != nil {
		t.Fatal(err)
	}
	r := chain.Build(leaf, chain.Options{})
	if r.Verdict || len(r.Status) != 1 || r.Status[0] != chain.UntrustedRoot {
		t.Errorf("verdict %v, status %v", r.Verdict, r.Status)
	}
}
