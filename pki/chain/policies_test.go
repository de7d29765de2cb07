package chain_test

import (
	"slices"
	"testing"

	"github.com/postern-gateway/postern/pki/chain"
)

// policyIDs are the policies that are drawn; anyPolicy is the last.
var policyIDs = [][]int{{1, 2, 3, 1}, {1, 2, 3, 2}, {1, 2, 3, 3}, {2, 5, 29, 32, 0}}

// policyExtensions draws certificate policies, mappings and constraints (RFC 5280 sections 4.2.1.4, .5, .11 and .14).
func (g *generator) policyExtensions(ca bool) [][]byte {
	var list [][]byte
	if g.rng.IntN(8) > 0 {
		var policies [][]byte
		for _, n := range g.rng.Perm(len(policyIDs))[:1+g.rng.IntN(2)] {
			policies = append(policies, tlv(0x30, oidDER(policyIDs[n]...)))
		}
		if g.rng.IntN(60) < g.odd {
			policies = append(policies, policies[0])
		}
		list = append(list, extension(false, tlv(0x30, policies...), 2, 5, 29, 32))
	}
	if ca && g.rng.IntN(3) == 0 {
		var mappings [][]byte
		for range 1 + g.rng.IntN(2) {
			most := len(policyIDs) - 1
			if g.rng.IntN(60) < g.odd {
				most++
			}
			mappings = append(mappings, tlv(0x30, oidDER(policyIDs[g.rng.IntN(most)]...), oidDER(policyIDs[g.rng.IntN(most)]...)))
		}
		list = append(list, extension(true, tlv(0x30, mappings...), 2, 5, 29, 33))
	}
	if g.rng.IntN(3) == 0 {
		var parts [][]byte
		if g.rng.IntN(3) > 0 {
			parts = append(parts, []byte{0x80, 1, byte(g.rng.IntN(3))})
		}
		if g.rng.IntN(3) == 0 {
			parts = append(parts, []byte{0x81, 1, byte(g.rng.IntN(3))})
		}
		if len(parts) > 0 {
			list = append(list, extension(true, tlv(0x30, parts...), 2, 5, 29, 36))
		}
	}
	if ca && g.rng.IntN(5) == 0 {
		list = append(list, extension(true, []byte{2, 1, byte(g.rng.IntN(3))}, 2, 5, 29, 54))
	}
	return list
}

// TestPoliciesAsOpenSSL draws chains whose certificate policies differ and compares strict mode's judgement of them with
// openssl verify -policy_check. RFC 5280 section 6.1 refuses a few that OpenSSL lets pass, and so does strict mode: a
// mapping to anyPolicy without policies, a policy mapped out of anyPolicy where that is inhibited, and a leaf that is
// self-issued where a policy is required of it.
func TestPoliciesAsOpenSSL(t *testing.T) {
	openssl := openSSL30(t)
	g, dir := newGenerator(t, uint64(fromEnvironment("POSTERN_SEED", 1))), t.TempDir()
	good, stricter, cases := 0, 0, fromEnvironment("POSTERN_CASES", 80)
	g.policies = true
	for n := range cases {
		d, ok := g.draw()
		if !ok {
			t.Fatal("a certificate cannot be read")
		}
		want, found, text := verdictOfOpenSSL(t, openssl, dir, d, "-policy_check", "-policy", "2.5.29.32.0")
		r := chain.Build(d.leaf, chain.Options{Sent: d.sent, Roots: chain.NewPool(d.roots), Strict: true, MaxPaths: 1})
		first := r.Explanation.Paths[0]
		has := func(r chain.Reason) bool {
			return slices.ContainsFunc(first.Failures, func(f chain.Failure) bool { return f.Reason == r })
		}
		// What OpenSSL calls an invalid policy extension may be one that is there twice, which strict mode forbids of any.
		refused := has(chain.ReasonPolicy) || !want && has(chain.ReasonForm)
		if others := slices.ContainsFunc(found, func(e lookupError) bool { return e.code != 42 && e.code != 43 }); others {
			continue // names and lengths are drawn too, and judged by TestAgreesWithOpenSSL
		}
		if want && refused {
			stricter++
			continue
		}
		if !want && !refused {
			t.Errorf("case %d: OpenSSL says %t, policies refused %t\n%s\n%s\n%s%s", n, want, refused, text, r.Explanation, d.leaf.PEM(), pems(d.sent))
		}
		if want {
			good++
		}
	}
	if stricter > cases/25+1 {
		t.Errorf("%d of %d chains are refused that OpenSSL accepts", stricter, cases)
	}
	t.Logf("%d of %d chains have their policies fulfilled", good, cases)
}
