package revocation_test

import (
	"bytes"
	"crypto/x509"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

func TestModesSayWhatUnknownMeans(t *testing.T) {
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t, 7))
	c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t)})
	client := func(serial int64, path string) []*chain.Info {
		return pathOf(a.client(t, serial, "http://pki.test"+path), a.cert)
	}
	const until = "FailOpenUntil=PT2H"
	tests := []struct {
		name, mode string
		path       []*chain.Info
		later      time.Duration
		want       chain.Status
	}{
		{"good, closed", "FailClosed", client(1, "/a.crl"), 0, chain.StatusGood},
		{"revoked, open", "FailOpen", client(7, "/a.crl"), 0, chain.StatusRevoked},
		{"no list, closed", "FailClosed", client(1, "/none.crl"), 0, chain.StatusUnknown},
		{"no list, open", "FailOpen", client(1, "/none.crl"), 0, chain.StatusGood},
		{"never a list, open for a time", until, client(1, "/none.crl"), 0, chain.StatusUnknown},
		{"expired, closed", "FailClosed", client(1, "/a.crl"), 2 * time.Hour, chain.StatusUnknown},
		{"expired, open", "FailOpen", client(1, "/a.crl"), 2 * time.Hour, chain.StatusGood},
		{"expired within the time", until, client(1, "/a.crl"), 2 * time.Hour, chain.StatusGood},
		{"expired beyond the time", until, client(1, "/a.crl"), 4 * time.Hour, chain.StatusUnknown},
		{"on an expired list, open", "FailOpen", client(7, "/a.crl"), 9 * time.Hour, chain.StatusRevoked},
		{"on an expired list, open for a time", until, client(7, "/a.crl"), 9 * time.Hour, chain.StatusRevoked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mode, err := revocation.ParseMode(tt.mode)
			if err != nil {
				t.Fatal(err)
			}
			answer := c.With(mode).Check(tt.path, time.Now().Add(tt.later))[0]
			want(t, tt.mode, answer, tt.want)
			if forgiven := strings.Contains(answer.Detail, "FailOpen"); forgiven != (tt.want == chain.StatusGood && tt.name != "good, closed") {
				t.Errorf("detail = %q: an answer by the mode says so, and no other does", answer.Detail)
			}
		})
	}
}

// TestARestartNeedsNoNetwork starts a second checker on the directory of the first, with the host gone.
func TestARestartNeedsNoNetwork(t *testing.T) {
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t, 7))
	dir := t.TempDir()
	good, bad := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert), pathOf(a.client(t, 7, "http://pki.test/a.crl"), a.cert)
	first := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Dir: dir})
	answer := first.Check(good, time.Now())[0]
	want(t, "fetched", answer, chain.StatusGood)
	if e := answer.Evidence; len(e) != 1 || e[0].Origin != "fetched" || e[0].Address != "http://pki.test/a.crl" || e[0].Number != "1" {
		t.Errorf("evidence = %+v", e)
	}
	h.on("/a.crl", nil)

	second := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Dir: dir})
	answer = second.Check(good, time.Now())[0]
	want(t, "kept, good", answer, chain.StatusGood)
	if e := answer.Evidence; len(e) != 1 || e[0].Origin != "kept" {
		t.Errorf("evidence = %+v, want one that says it was kept", e)
	}
	want(t, "kept, revoked", second.Check(bad, time.Now())[0], chain.StatusRevoked)

	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files = %v, %v; want the list alone", files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"the revoked serial number changed": func(b []byte) []byte { return bytes.Replace(b, []byte{2, 1, 7, 0x17}, []byte{2, 1, 8, 0x17}, 1) },
		"the signature changed":             func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut":                               func(b []byte) []byte { return b[:len(b)-9] },
		"garbage":                           func([]byte) []byte { return []byte("{\ngarbage") },
		"empty":                             func([]byte) []byte { return nil },
		"of another address":                func(b []byte) []byte { return bytes.Replace(b, []byte("/a.crl"), []byte("/b.crl"), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			h.on("/a.crl", nil)
			if err := os.WriteFile(files[0], spoil(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Dir: dir})
			want(t, "without the host", c.Check(bad, time.Now())[0], chain.StatusUnknown)
			if err := os.WriteFile(files[0], spoil(bytes.Clone(whole)), 0o600); err != nil {
				t.Fatal(err)
			}
			h.serve("/a.crl", a.list(t, 7))
			c = revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Dir: dir})
			want(t, "with the host", c.Check(bad, time.Now())[0], chain.StatusRevoked)
			want(t, "with the host", c.Check(good, time.Now())[0], chain.StatusGood)
		})
	}
}

// TestAfterARestartListsAreRenewedAtOnce revokes while the checker is down.
func TestAfterARestartListsAreRenewedAtOnce(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t))
	dir := t.TempDir()
	path := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert)
	want(t, "before", revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Dir: dir}).Check(path, time.Now())[0], chain.StatusGood)
	h.serve("/a.crl", a.list(t, 1))
	var told atomic.Int32
	c := running(t, revocation.Options{Fetcher: h.fetcher(t), Dir: dir, OnChange: func() { told.Add(1) }})
	want(t, "by the kept list", c.Check(path, time.Now())[0], chain.StatusGood)
	eventually(t, "the renewed list revokes", func() bool { return c.Check(path, time.Now())[0].Status == chain.StatusRevoked })
	eventually(t, "told", func() bool { return told.Load() > 0 })
}

// TestAnExpiredListOnDiskStillRevokes is a restart long after, without a network.
func TestAnExpiredListOnDiskStillRevokes(t *testing.T) {
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.listOf(t, func(l *x509.RevocationList) {
		l.ThisUpdate, l.NextUpdate = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	}, 7))
	dir := t.TempDir()
	good, bad := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert), pathOf(a.client(t, 7, "http://pki.test/a.crl"), a.cert)
	revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Dir: dir}).Check(good, time.Now())
	h.on("/a.crl", nil)
	c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Dir: dir})
	want(t, "revoked", c.Check(bad, time.Now())[0], chain.StatusRevoked)
	want(t, "closed", c.Check(good, time.Now())[0], chain.StatusUnknown)
	mode := revocation.Mode{Failure: revocation.FailOpenUntil, Grace: 3 * time.Hour}
	want(t, "open for a time", c.With(mode).Check(good, time.Now())[0], chain.StatusGood)
}

// TestAHostThatLiesChangesNothing has a host serve all kinds of wrong lists after a good one.
func TestAHostThatLiesChangesNothing(t *testing.T) {
	t.Parallel()
	a, stranger := newAuthority(t, "Root"), newAuthority(t, "Root")
	h := newHost(t)
	number := func(n int64, age time.Duration) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) { l.Number, l.ThisUpdate = big.NewInt(n), time.Now().Add(-age) }
	}
	honest := a.listOf(t, number(5, time.Minute), 7)
	h.serve("/a.crl", honest)
	c := running(t, revocation.Options{Fetcher: h.fetcher(t), Refresh: 10 * time.Millisecond, Dir: t.TempDir()})
	good, bad := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert), pathOf(a.client(t, 7, "http://pki.test/a.crl"), a.cert)
	check := func(what string) {
		t.Helper()
		want(t, what+": good", c.Check(good, time.Now())[0], chain.StatusGood)
		want(t, what+": revoked", c.Check(bad, time.Now())[0], chain.StatusRevoked)
	}
	check("at first")
	for what, body := range map[string][]byte{
		"a stranger's list":     stranger.listOf(t, number(9, 0), 1),
		"a stranger's, empty":   stranger.listOf(t, number(9, 0)),
		"an older list":         a.listOf(t, number(4, time.Hour)),
		"a list cut short":      honest[:len(honest)-5],
		"a signature that lies": append(bytes.Clone(honest[:len(honest)-1]), honest[len(honest)-1]^1),
	} {
		before := h.hits.Load()
		h.serve("/a.crl", body)
		eventually(t, what+" is fetched", func() bool { check(what); return h.hits.Load() > before })
		for range 20 {
			check(what)
			time.Sleep(time.Millisecond)
		}
		c = running(t, revocation.Options{Fetcher: h.fetcher(t), Refresh: 10 * time.Millisecond, Dir: t.TempDir()})
		h.serve("/a.crl", honest)
		check("anew")
	}
}

func TestANewRevocationIsTold(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t, 7))
	var told atomic.Int32
	c := running(t, revocation.Options{Fetcher: h.fetcher(t), Refresh: 10 * time.Millisecond, OnChange: func() { told.Add(1) }})
	path := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert)
	want(t, "at first", c.Check(path, time.Now())[0], chain.StatusGood)
	before := h.hits.Load()
	eventually(t, "another download", func() bool { return h.hits.Load() > before+1 })
	if told.Load() != 0 {
		t.Error("a list that adds nothing was told of")
	}
	h.serve("/a.crl", a.list(t, 1, 7))
	eventually(t, "told of a revocation", func() bool { return told.Load() > 0 })
	want(t, "afterwards", c.Check(path, time.Now())[0], chain.StatusRevoked)
}

func TestAnUnchangedListIsNotSentAgain(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "Root")
	h := newHost(t)
	var bodies, unchanged atomic.Int32
	raw := a.list(t, 7)
	h.on("/a.crl", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"one"`)
		if r.Header.Get("If-None-Match") == `"one"` {
			unchanged.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		bodies.Add(1)
		w.Write(raw) //nolint:errcheck // the client says so
	})
	c := running(t, revocation.Options{Fetcher: h.fetcher(t), Refresh: 10 * time.Millisecond})
	path := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert)
	want(t, "at first", c.Check(path, time.Now())[0], chain.StatusGood)
	eventually(t, "two renewals", func() bool { return unchanged.Load() > 1 })
	if n := bodies.Load(); n != 1 {
		t.Errorf("the list was sent %d times", n)
	}
	want(t, "afterwards", c.Check(path, time.Now())[0], chain.StatusGood)
}

// TestNobodyWaitsForAListThatWasKnown has a host hang after it gave a list that is then renewed all the time.
func TestNobodyWaitsForAListThatWasKnown(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t, 7))
	c := running(t, revocation.Options{Fetcher: h.fetcher(t), Refresh: 10 * time.Millisecond})
	path := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert)
	want(t, "at first", c.Check(path, time.Now())[0], chain.StatusGood)
	h.on("/a.crl", hang)
	before := h.hits.Load()
	eventually(t, "a renewal that hangs", func() bool { return h.hits.Load() > before })
	begun := time.Now()
	for range 1000 {
		want(t, "while it hangs", c.Check(path, time.Now())[0], chain.StatusGood)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("a thousand checks took %v: they waited", took)
	}
}

// TestAnswersOfRespondersLast restarts without the responder, and with a file that somebody changed.
func TestAnswersOfRespondersLast(t *testing.T) {
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.on("/ocsp", a.responder(t, nil, 7))
	dir := t.TempDir()
	client := func(serial int64) []*chain.Info {
		return pathOf(a.issue(t, serial, func(c *x509.Certificate) { c.OCSPServer = []string{"http://pki.test/ocsp"} }), a.cert)
	}
	good, bad := client(1), client(7)
	anew := func() *revocation.Checker {
		return revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Dir: dir})
	}
	c := anew()
	answer := c.Check(good, time.Now())[0]
	want(t, "asked, good", answer, chain.StatusGood)
	if e := answer.Evidence; len(e) != 1 || e[0].Kind != chain.EvidenceOCSP || e[0].Address != "http://pki.test/ocsp" || e[0].ThisUpdate.IsZero() {
		t.Errorf("evidence = %+v", e)
	}
	want(t, "asked, revoked", c.Check(bad, time.Now())[0], chain.StatusRevoked)
	late := time.Now().Add(2 * time.Hour)
	want(t, "past its nextUpdate", c.Check(good, late)[0], chain.StatusUnknown)
	want(t, "past its nextUpdate, open for a time", c.With(revocation.Mode{Failure: revocation.FailOpenUntil, Grace: 2 * time.Hour}).Check(good, late)[0], chain.StatusGood)
	want(t, "past its nextUpdate, open for less", c.With(revocation.Mode{Failure: revocation.FailOpenUntil, Grace: time.Minute}).Check(good, late)[0], chain.StatusUnknown)

	h.on("/ocsp", nil)
	want(t, "kept, good", anew().Check(good, time.Now())[0], chain.StatusGood)
	want(t, "kept, revoked", anew().Check(bad, time.Now())[0], chain.StatusRevoked)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files = %v, %v; want two answers", files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)-1] ^= 1 // the signature
		if err := os.WriteFile(f, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "changed on disk, without the responder", anew().Check(good, time.Now())[0], chain.StatusUnknown)
	h.on("/ocsp", a.responder(t, nil, 7))
	want(t, "changed on disk, good", anew().Check(good, time.Now())[0], chain.StatusGood)
	want(t, "changed on disk, revoked", anew().Check(bad, time.Now())[0], chain.StatusRevoked)
}
