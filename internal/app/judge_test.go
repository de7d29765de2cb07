package app

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
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
		svc := &apim.Service{CustomProperties: map[string]string{apim.SettingSystemRoots: c.value}}
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

// offlineCourts have no lists at all.
func offlineCourts() *courts {
	courts := newCourts(&devca.CA{}, revocation.FetchOptions{}, slog.New(slog.DiscardHandler))
	courts.checker = revocation.NewChecker(revocation.Options{})
	return courts
}

// TestSettingsReachTheJudge sets each of the service's settings and looks at what it changes.
func TestSettingsReachTheJudge(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	peer := &message.Peer{Leaf: root.NewClient(t, "client").Cert(t)} // it names no list
	set := func(key, value string) *apim.Service {
		return &apim.Service{Roots: []*cert.Certificate{root.Cert(t)}, CustomProperties: map[string]string{key: value}}
	}
	open := func(svc *apim.Service) bool {
		return offlineCourts().judge(svc).VerifyPeer(t.Context(), peer, true).OK
	}
	for value, want := range map[string]bool{"FailClosed": false, "FailOpen": true, "FailOpenUntil=PT24H": false, "fail open": false} {
		if got := open(set(apim.SettingRevocationMode, value)); got != want {
			t.Errorf("revocation mode %s: Verify %t, want %t", value, got, want)
		}
	}
	courts := offlineCourts()
	for key, value := range map[string]string{apim.SettingStrict: "True", apim.SettingAIA: "True", apim.SettingRevocationCompat: "DotNet"} {
		courts.judge(set(apim.SettingLimits, "None"))
		before := courts.trust
		courts.judge(set(key, value))
		if courts.trust == before {
			t.Errorf("%s=%s left the trust as it was", key, value)
		}
	}
	if mode := serviceMode(apim.Settings{}); !mode.Wide {
		t.Error("revocation is judged as .NET does where the service does not say so")
	}
	if mode := serviceMode(apim.Settings{DotNet: true}); mode.Wide {
		t.Error("revocation is judged beyond .NET where the service wants .NET's way")
	}
}

// TestIssuersAreFetchedOnlyWhereSwitchedOn judges a client who left out its issuer, which names where it can be had.
func TestIssuersAreFetchedOnlyWhereSwitchedOn(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	middle := root.NewIntermediate(t, "Middle")
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(middle.X509.Raw) }))
	defer host.Close()
	client := middle.NewClient(t, "client", func(c *x509.Certificate) { c.IssuingCertificateURL = []string{host.URL + "/middle.cer"} })
	for value, want := range map[string]bool{"True": true, "False": false, "": false} {
		courts := newCourts(&devca.CA{}, revocation.FetchOptions{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, slog.New(slog.DiscardHandler))
		svc := &apim.Service{Roots: []*cert.Certificate{root.Cert(t)}, CustomProperties: map[string]string{}}
		if value != "" {
			svc.CustomProperties[apim.SettingAIA] = value
		}
		if v := courts.judge(svc).VerifyPeer(t.Context(), &message.Peer{Leaf: client.Cert(t)}, false); v.OK != want {
			t.Errorf("%s=%s: %t %s, want %t", apim.SettingAIA, value, v.OK, v.Explanation, want)
		}
	}
}

// TestPolicyModeOverridesTheService asks in another mode than the service's.
func TestPolicyModeOverridesTheService(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	peer := &message.Peer{Leaf: root.NewClient(t, "client").Cert(t)}
	courts := offlineCourts()
	judge := courts.judge(&apim.Service{Roots: []*cert.Certificate{root.Cert(t)}})
	modes, ok := judge.(policy.RevocationJudge)
	if !ok {
		t.Fatal("the judge knows no modes")
	}
	for range 2 { // the second time from memory
		if judge.VerifyPeer(t.Context(), peer, true).OK {
			t.Error("the service's mode is not closed")
		}
		if v := modes.VerifyPeerMode(t.Context(), peer, revocation.Mode{Failure: revocation.FailOpen}); !v.OK {
			t.Errorf("FailOpen: %v", v.Explanation)
		}
		if modes.VerifyPeerMode(t.Context(), peer, revocation.ClosedMode).OK {
			t.Error("FailClosed lets it in")
		}
	}
	for seconds := range 3 * maxModes {
		modes.VerifyPeerMode(t.Context(), peer, revocation.Mode{Failure: revocation.FailOpenUntil, Grace: time.Duration(seconds+1) * time.Second})
	}
	if n := len(courts.trust.modes); n > maxModes {
		t.Errorf("%d modes are kept, want at most %d", n, maxModes)
	}
}
