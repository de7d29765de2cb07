package chain_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// answering is a Revocation that counts and gives one answer for everything.
type answering struct {
	calls, begun atomic.Int32
	answer       atomic.Pointer[chain.Answer]
}

func (a *answering) Check(path []*chain.Info, _ time.Time) []chain.Answer {
	a.calls.Add(1)
	answers := make([]chain.Answer, len(path)-1)
	for n := range answers {
		answers[n] = *a.answer.Load()
	}
	return answers
}

func (a *answering) Begin([]*chain.Info) { a.begun.Add(1) }

func findVector(t testing.TB, id string) vector {
	t.Helper()
	for _, v := range vectors(t, "chains.jsonl") {
		if v.ID == id {
			return v
		}
	}
	t.Fatalf("no vector %q", id)
	return vector{}
}

func rawCerts(t testing.TB, v vector) [][]byte {
	t.Helper()
	var raw [][]byte
	for _, c := range parseAll(t, append([]string{v.Leaf}, v.Sent...)) {
		raw = append(raw, c.Raw)
	}
	return raw
}

func TestTrustRemembersWhileAnswersAreFresh(t *testing.T) {
	v := findVector(t, "crl-good")
	clock := time.Now()
	revocation := &answering{}
	revocation.answer.Store(&chain.Answer{Status: chain.StatusGood, FreshUntil: clock.Add(time.Minute)})
	trust := chain.NewTrust(chain.TrustOptions{
		Roots: chain.NewPool(parseAll(t, v.Roots)), Revocation: revocation, Now: func() time.Time { return clock },
	})
	peer, err := chain.NewCache(0).Peer(rawCerts(t, v))
	if err != nil {
		t.Fatal(err)
	}
	trust.Begin(peer)
	if revocation.begun.Load() != 1 {
		t.Error("Begin did not start the downloads of a trusted path")
	}
	for range 3 {
		if !trust.Verify(peer) {
			t.Fatalf("Verify = false: %s", trust.Result(peer).Explanation)
		}
	}
	if n := revocation.calls.Load(); n != 1 {
		t.Errorf("revocation was asked %d times, want once", n)
	}
	revocation.answer.Store(&chain.Answer{Status: chain.StatusRevoked, FreshUntil: clock.Add(time.Hour)})
	clock = clock.Add(2 * time.Minute)
	if trust.Verify(peer) {
		t.Error("Verify = true after the answer went stale and the certificate was revoked")
	}
	if !trust.VerifyNoRevocation(peer) {
		t.Error("VerifyNoRevocation = false for a revoked certificate")
	}
}

func TestTrustOfAnotherEpochJudgesAnew(t *testing.T) {
	v := findVector(t, "crl-good")
	cache := chain.NewCache(0)
	peer, err := cache.Peer(rawCerts(t, v))
	if err != nil {
		t.Fatal(err)
	}
	with := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(parseAll(t, v.Roots))})
	without := chain.NewTrust(chain.TrustOptions{})
	if !with.VerifyNoRevocation(peer) || without.VerifyNoRevocation(peer) || !with.VerifyNoRevocation(peer) {
		t.Error("a verdict of one Trust was given for another")
	}
}

func TestVerdictFlipsWhenACertificateExpires(t *testing.T) {
	v := findVector(t, "crl-good")
	leaf := parseAll(t, []string{v.Leaf})[0]
	clock := leaf.NotAfter.Add(-10 * time.Second)
	trust := chain.NewTrust(chain.TrustOptions{
		Roots: chain.NewPool(parseAll(t, v.Roots)), Now: func() time.Time { return clock },
	})
	peer := chain.NewPeer(leaf, parseAll(t, v.Sent))
	if !trust.VerifyNoRevocation(peer) {
		t.Fatalf("before: %s", trust.ResultNoRevocation(peer).Explanation)
	}
	clock = leaf.NotAfter
	if trust.VerifyNoRevocation(peer) {
		t.Error("the certificate is good at its notAfter")
	}
}

func TestCacheSharesAndIsBounded(t *testing.T) {
	cache := chain.NewCache(16)
	first, err := cache.Peer(rawCerts(t, findVector(t, "crl-good")))
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := cache.Peer(rawCerts(t, findVector(t, "crl-good"))); again != first {
		t.Error("the same certificates gave another peer")
	}
	for _, v := range vectors(t, "pkits.jsonl") {
		if _, err := cache.Peer(rawCerts(t, v)); err != nil {
			t.Fatal(err)
		}
	}
	if n := cache.Len(); n > 16 {
		t.Errorf("the cache has %d peers, want at most 16", n)
	}
	if _, err := cache.Peer([][]byte{[]byte("not a certificate")}); err == nil {
		t.Error("a certificate that cannot be read made a peer")
	}
	if _, err := cache.Peer(nil); err == nil {
		t.Error("no certificate made a peer")
	}
}

func TestHitsAllocateNothing(t *testing.T) {
	v := findVector(t, "crl-good")
	raw := rawCerts(t, v)
	cache := chain.NewCache(0)
	trust := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(parseAll(t, v.Roots))})
	peer, err := cache.Peer(raw)
	if err != nil {
		t.Fatal(err)
	}
	trust.VerifyNoRevocation(peer)
	if n := testing.AllocsPerRun(100, func() { trust.VerifyNoRevocation(peer) }); n != 0 {
		t.Errorf("Verify on a hit allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() { cache.Peer(raw) }); n != 0 { //nolint:errcheck // hit
		t.Errorf("Peer on a hit allocates %v times", n)
	}
}

func BenchmarkVerifyHit(b *testing.B) {
	v := findVector(b, "crl-good")
	trust := chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(parseAll(b, v.Roots))})
	peer, err := chain.NewCache(0).Peer(rawCerts(b, v))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		trust.VerifyNoRevocation(peer)
	}
}

func BenchmarkBuild(b *testing.B) {
	v := findVector(b, "crl-good")
	opts := v.options(b)
	leaf, err := cert.ParsePEM([]byte(v.Leaf))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		chain.Build(leaf, opts)
	}
}
