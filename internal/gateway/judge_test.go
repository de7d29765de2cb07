package gateway

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// TestJudge runs the whole machinery of trust: chains, revocation lists fetched at the handshake, verdicts.
func TestJudge(t *testing.T) {
	host := testkit.NewCRLHost(t)
	root := testkit.NewRoot(t, "root")
	good := root.NewClient(t, "good", testkit.CRL(host.URL+"/crl"))
	revoked := root.NewClient(t, "revoked", testkit.CRL(host.URL+"/crl"))
	stranger := testkit.NewRoot(t, "stranger").NewClient(t, "unknown")
	expired := root.NewClient(t, "expired", testkit.CRL(host.URL+"/crl"), testkit.Expired)
	host.Put("/crl", root.SignCRL(t, revoked))

	checker := revocation.NewChecker(revocation.Options{Fetcher: revocation.NewFetcher(revocation.FetchOptions{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})})
	trust := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool([]*certificate{root.Cert(t)}), Intermediates: chain.NewPool(nil), Revocation: checker})
	judge := NewJudge(trust, chain.NewCache(0))

	p := &message.Peer{Leaf: good.Cert(t)}
	judge.Begin(p)
	if p.Verifier == nil {
		t.Error("Begin has not set the peer's verifier")
	}
	for deadline := time.Now().Add(5 * time.Second); host.Fetches.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("Begin has not begun the fetch of the revocation list")
		}
	}
	for _, c := range []struct {
		name          string
		cert          *testkit.Cert
		bare, revoked bool // verdicts without and with revocation
		status        string
	}{
		{"good", good, true, true, ""},
		{"revoked", revoked, true, false, "Revoked"},
		{"stranger", stranger, false, false, "PartialChain"},
		{"expired", expired, false, false, "NotTimeValid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, peer := context.Background(), &message.Peer{Leaf: c.cert.Cert(t)}
			bare, full := judge.VerifyPeer(ctx, peer, false), judge.VerifyPeer(ctx, peer, true)
			if bare.OK != c.bare || full.OK != c.revoked {
				t.Errorf("verdicts %+v and %+v", bare, full)
			}
			if other := judge.VerifyCertificate(ctx, c.cert.Cert(t), true); other.OK != full.OK {
				t.Errorf("from a header the verdict is %+v", other)
			}
			if c.status != "" && (!slices.Contains(full.Status, c.status) || full.Explanation == "") {
				t.Errorf("status %q, explanation %q, want %s", full.Status, full.Explanation, c.status)
			}
			if full.OK && (full.Issuer == nil || full.Issuer.SHA1 != root.Cert(t).SHA1) {
				t.Errorf("issuer %v", full.Issuer)
			}
		})
	}
	if n := host.Fetches.Load(); n != 1 {
		t.Errorf("the list was fetched %d times", n)
	}
	for _, p := range []*message.Peer{nil, {}} {
		if v := judge.VerifyPeer(context.Background(), p, false); v.OK {
			t.Error("nothing is trusted")
		}
	}
	if v := (noJudge{}).VerifyPeer(context.Background(), p, false); v.OK || v.Explanation == "" {
		t.Errorf("without a judge: %+v", v)
	}
}
