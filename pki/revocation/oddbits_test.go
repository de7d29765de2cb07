package revocation

import (
	"bytes"
	"testing"

	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/chain"
)

// TestSignaturesAreWholeOctets changes a list's signature into one of an odd number of bits with the same octets.
func TestSignaturesAreWholeOctets(t *testing.T) {
	ca := testkit.NewRoot(t, "Root")
	issuer := chain.NewInfo(ca.Cert(t))
	for range 64 {
		raw := ca.SignCRL(t)
		if raw[len(raw)-1]&1 != 0 {
			continue
		}
		list, err := ParseCRL(raw)
		if err != nil || !list.signedBy(issuer) {
			t.Fatalf("a sound list: %v", err)
		}
		odd := bytes.Clone(raw)
		odd[len(odd)-len(list.signature)-1] = 1
		if list, err = ParseCRL(odd); err == nil && list.signedBy(issuer) {
			t.Error("a signature of an odd number of bits is taken")
		}
		return
	}
	t.Fatal("no signature ended in an even octet")
}
