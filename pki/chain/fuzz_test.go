package chain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// FuzzBuild: whatever certificate comes, it is judged within the budget, and a good verdict has
// a chain that ends in a root and no flag.
func FuzzBuild(f *testing.F) {
	var sent, roots []*cert.Certificate
	for _, file := range []string{"chains.jsonl", "pkits.jsonl"} {
		for n, v := range vectors(f, file) {
			for _, c := range parseAll(f, []string{v.Leaf}) {
				f.Add(c.Raw)
			}
			if n%10 == 0 {
				sent = append(sent, parseAll(f, v.Sent)...)
				roots = append(roots, parseAll(f, v.Roots)...)
			}
		}
	}
	pool, intermediates := chain.NewPool(roots), chain.NewPool(sent)
	f.Fuzz(func(t *testing.T, raw []byte) {
		leaf, err := cert.Parse(raw)
		if err != nil {
			return
		}
		r := chain.Build(leaf, chain.Options{Sent: []*cert.Certificate{leaf}, Roots: pool, Intermediates: intermediates, Now: time.Unix(1700000000, 0)})
		switch {
		case r.Verdict && (len(r.Status) != 0 || r.Threw || r.Reason != chain.ReasonNone):
			t.Fatalf("a good verdict with status %v, reason %q", r.Status, r.Reason)
		case r.Verdict && !slices.ContainsFunc(roots, func(c *cert.Certificate) bool { return c.SHA256 == r.Chain[len(r.Chain)-1].SHA256 }):
			t.Fatal("a good verdict whose chain does not end in a root")
		case !r.Verdict && len(r.Status) == 0 && !r.Threw:
			t.Fatal("refused without a status")
		}
	})
}
