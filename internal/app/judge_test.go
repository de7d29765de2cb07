package app

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/revocation"
)

// TestSystemRootsCountOnlyWhereSwitchedOn judges a client whose root is the system's.
func TestSystemRootsCountOnlyWhereSwitchedOn(t *testing.T) {
	root := testkit.NewRoot(t, "Public Root")
	peer := &message.Peer{Leaf: root.NewClient(t, "client").Cert(t)}
	good := func() ([]*cert.Certificate, error) { return []*cert.Certificate{root.Cert(t)}, nil }
	bad := func() ([]*cert.Certificate, error) { return nil, errors.New("unreadable") }
	for _, c := range []struct {
		name, value string
		system      func() ([]*cert.Certificate, error)
		want        bool
	}{
		{"left out", "", good, false}, {"off", "False", good, false}, {"on", "True", good, true}, {"lower case", "true", good, true},
		{"unreadable", "True", bad, false},
	} {
		courts := newCourts(&devca.CA{}, revocation.FetchOptions{}, slog.New(slog.DiscardHandler))
		courts.systemRoots = c.system
		svc := &apim.Service{CustomProperties: map[string]string{trustSystemRoots: c.value}}
		if got := courts.judge(svc).VerifyPeer(t.Context(), peer, false).OK; got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}

// TestTrustIsKeptUntilItChanges keeps remembered verdicts from snapshot to snapshot.
func TestTrustIsKeptUntilItChanges(t *testing.T) {
	courts := newCourts(&devca.CA{}, revocation.FetchOptions{}, slog.New(slog.DiscardHandler))
	svc := &apim.Service{Roots: []*cert.Certificate{testkit.NewRoot(t, "A").Cert(t)}}
	courts.judge(svc)
	first := courts.trust
	courts.judge(svc)
	if courts.trust != first {
		t.Error("the same trust was made anew")
	}
	courts.revoked()
	courts.judge(svc)
	if courts.trust == first {
		t.Error("a revocation left the trust as it was")
	}
	second := courts.trust
	svc.Roots = nil
	courts.judge(svc)
	if courts.trust == second {
		t.Error("another trust was not made")
	}
}
