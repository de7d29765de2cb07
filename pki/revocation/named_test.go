package revocation_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// write puts a file in the place of another at once, as tools that fetch lists do.
func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestAListOfTheOperatorsIsUsedAndFollowed(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t, "Root"), newAuthority(t, "Root")
	file := filepath.Join(t.TempDir(), "a.crl")
	write(t, file, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: a.list(t, 7)}))
	named, err := revocation.NewNamed([]string{file}, revocation.FetchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t)
	var told atomic.Int32
	var logs logBuffer
	c := running(t, revocation.Options{Fetcher: h.fetcher(t), Named: named, OnChange: func() { told.Add(1) }, Log: logs.logger()})
	good, bad := pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert), pathOf(a.client(t, 7, "http://pki.test/a.crl"), a.cert)
	answer := c.Check(good, time.Now())[0]
	want(t, "good", answer, chain.StatusGood)
	if e := answer.Evidence; len(e) != 1 || e[0].Address != file || e[0].Origin != "file" {
		t.Errorf("evidence = %+v, want the file", e)
	}
	want(t, "revoked", c.Check(bad, time.Now())[0], chain.StatusRevoked)
	if h.hits.Load() != 0 {
		t.Error("a list was fetched though the operator named one")
	}
	want(t, "another issuer of the name", c.Check(pathOf(other.client(t, 1, "http://pki.test/a.crl"), other.cert), time.Now())[0], chain.StatusUnknown)

	write(t, file, a.listOf(t, func(l *x509.RevocationList) { l.Number = big.NewInt(22) }, 1, 7))
	eventually(t, "the new file is read", func() bool { return told.Load() > 0 })
	want(t, "after the change", c.Check(good, time.Now())[0], chain.StatusRevoked)
	write(t, file, []byte("garbage"))
	eventually(t, "the log tells of garbage", func() bool { return strings.Contains(logs.String(), file) })
	want(t, "after garbage", c.Check(good, time.Now())[0], chain.StatusRevoked)
}

func TestAnExpiredListOfTheOperatorsDoesNotKeepFromFetching(t *testing.T) {
	a := newAuthority(t, "Root")
	file := filepath.Join(t.TempDir(), "a.crl")
	write(t, file, a.listOf(t, func(l *x509.RevocationList) {
		l.ThisUpdate, l.NextUpdate = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	}, 8))
	named, err := revocation.NewNamed([]string{file}, revocation.FetchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t)
	h.serve("/a.crl", a.list(t, 7))
	c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Named: named})
	for serial, status := range map[int64]chain.Status{1: chain.StatusGood, 7: chain.StatusRevoked} {
		want(t, "by the fetched list", c.Check(pathOf(a.client(t, serial, "http://pki.test/a.crl"), a.cert), time.Now())[0], status)
	}
}

// TestAListOfTheOperatorsForOthers names a list for CAs only, which says nothing of a client.
func TestAListOfTheOperatorsForOthers(t *testing.T) {
	a := newAuthority(t, "Root")
	file := filepath.Join(t.TempDir(), "a.crl")
	scope := extension(t, idScope, true, struct {
		OnlyCA bool `asn1:"tag:2"`
	}{true})
	write(t, file, a.listOf(t, func(l *x509.RevocationList) { l.ExtraExtensions = []pkix.Extension{scope} }))
	named, err := revocation.NewNamed([]string{file}, revocation.FetchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t)
	h.serve("/a.crl", a.list(t, 7))
	c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Named: named})
	for serial, status := range map[int64]chain.Status{1: chain.StatusGood, 7: chain.StatusRevoked} {
		want(t, "by the fetched list", c.Check(pathOf(a.client(t, serial, "http://pki.test/a.crl"), a.cert), time.Now())[0], status)
	}
}

// TestAnAddressOfTheOperatorsIsReached names a list on loopback, which nothing else allows.
func TestAnAddressOfTheOperatorsIsReached(t *testing.T) {
	a := newAuthority(t, "Root")
	h, inside := newHost(t), newHost(t)
	h.serve("/a.crl", a.list(t, 7))
	inside.serve("/b.crl", a.list(t))
	h.on("/redirect.crl", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.server.URL+"/b.crl", http.StatusFound)
	})
	named, err := revocation.NewNamed([]string{h.server.URL + "/a.crl"}, revocation.FetchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c := revocation.NewChecker(revocation.Options{Named: named})
	answer := c.Check(pathOf(a.client(t, 7, "http://pki.test/a.crl"), a.cert), time.Now())[0]
	want(t, "revoked", answer, chain.StatusRevoked)
	if e := answer.Evidence; len(e) != 1 || e[0].Origin != "named" {
		t.Errorf("evidence = %+v, want the operator's address", e)
	}
	if named, err = revocation.NewNamed([]string{h.server.URL + "/redirect.crl"}, revocation.FetchOptions{}); err != nil {
		t.Fatal(err)
	}
	c = revocation.NewChecker(revocation.Options{Named: named})
	want(t, "a redirect to the inside", c.Check(pathOf(a.client(t, 1, "http://pki.test/a.crl"), a.cert), time.Now())[0], chain.StatusUnknown)
	if inside.hits.Load() != 0 {
		t.Error("a redirect reached the inside")
	}
}

func TestNewNamedRefusesWhatIsNoList(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "garbage")
	write(t, garbage, []byte("garbage"))
	for _, value := range []string{garbage, filepath.Join(t.TempDir(), "none"), t.TempDir(), "http:///x"} {
		if _, err := revocation.NewNamed([]string{value}, revocation.FetchOptions{}); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), value) {
			t.Errorf("NewNamed(%q) = %v, want fault.Invalid that names it", value, err)
		}
	}
}

func TestBlockList(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t))
	client := func(serial int64) *cert.Certificate { return a.client(t, serial, "http://pki.test/a.crl") }
	one, two, three, four := client(1), client(2), client(0xff03), client(4)
	file := filepath.Join(t.TempDir(), "blocked")
	write(t, file, []byte("# stolen\n\n"+strings.ToLower(one.Thumbprint())+"  # laptop lost\n"+"00FF03 @ CN=Root # by serial\n04 @ CN=Other Root\n"))
	var blocked revocation.BlockList
	if err := blocked.Watch(file); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int32
	var logs logBuffer
	c := running(t, revocation.Options{Fetcher: h.fetcher(t), Blocked: &blocked, OnChange: func() { told.Add(1) }, Log: logs.logger()})
	check := func(what string, x *cert.Certificate, status chain.Status, detail string) {
		t.Helper()
		answer := c.Check(pathOf(x, a.cert), time.Now())[0]
		want(t, what, answer, status)
		if !strings.Contains(answer.Detail, detail) {
			t.Errorf("%s: detail = %q, want %q in it", what, answer.Detail, detail)
		}
	}
	check("by thumbprint", one, chain.StatusRevoked, "block list: laptop lost")
	check("by serial number", three, chain.StatusRevoked, "block list: by serial")
	check("not on it", two, chain.StatusGood, "")
	check("another issuer's serial number", four, chain.StatusGood, "")

	sha256 := ""
	for _, b := range two.SHA256 {
		sha256 += string("0123456789ABCDEF"[b>>4]) + string("0123456789ABCDEF"[b&15]) + ":"
	}
	if err := blocked.Set([]revocation.Blocked{{Thumbprint: strings.TrimSuffix(sha256, ":")}}); err != nil {
		t.Fatal(err)
	}
	check("by SHA-256, at once", two, chain.StatusRevoked, "block list")
	check("by the file still", one, chain.StatusRevoked, "laptop lost")
	eventually(t, "the change is told", func() bool { return told.Load() > 0 })

	before := told.Load()
	write(t, file, []byte(four.Thumbprint()+"\n"))
	eventually(t, "the file is read again", func() bool { return told.Load() > before })
	check("by the new file", four, chain.StatusRevoked, "block list")
	check("no longer in the file", one, chain.StatusGood, "")
	write(t, file, []byte("nonsense\n"))
	eventually(t, "the log tells of nonsense", func() bool { return strings.Contains(logs.String(), "nonsense") })
	check("after nonsense", four, chain.StatusRevoked, "block list")
	if blocked.Len() != 2 {
		t.Errorf("Len = %d, want 2", blocked.Len())
	}
}

// TestBlockedRoots has roots and self-signed certificates on the block list, of which no list speaks.
func TestBlockedRoots(t *testing.T) {
	a := newAuthority(t, "Root")
	h := newHost(t)
	h.serve("/a.crl", a.list(t))
	var blocked revocation.BlockList
	c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Blocked: &blocked})
	leaf := a.client(t, 1, "http://pki.test/a.crl")
	judge := func(x *cert.Certificate) *chain.Result {
		return chain.Build(x, chain.Options{Roots: chain.NewPool([]*cert.Certificate{a.cert}), Revocation: c.With(revocation.Mode{Failure: revocation.FailOpen})})
	}
	for _, x := range []*cert.Certificate{leaf, a.cert} {
		if r := judge(x); !r.Verdict {
			t.Errorf("before: %s", r.Explanation)
		}
	}
	if err := blocked.Set([]revocation.Blocked{{Thumbprint: a.cert.Thumbprint(), Reason: "retired"}}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []*cert.Certificate{leaf, a.cert} {
		if r := judge(x); r.Verdict || !strings.Contains(r.Explanation.String(), "block list: retired") {
			t.Errorf("blocked: Verdict = %v\n%s", r.Verdict, r.Explanation)
		}
	}
}

func TestParseBlockListRefuses(t *testing.T) {
	for _, line := range []string{"nonsense", "0A", strings.Repeat("0", 38), "@ CN=A", "0A @", "0A @ nonsense", "zz @ CN=A"} {
		_, err := revocation.ParseBlockList([]byte("# first\n" + line + "\n"))
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("ParseBlockList(%q) = %v, want fault.Invalid that names line 2", line, err)
		}
	}
}
