package revocation_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// TestKnown has one list of a file and one that was fetched; a host that does not answer gives none.
func TestKnown(t *testing.T) {
	a, b := newAuthority(t, "Filed"), newAuthority(t, "Fetched")
	file := filepath.Join(t.TempDir(), "a.crl")
	write(t, file, a.list(t))
	named, err := revocation.NewNamed([]string{file}, revocation.FetchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t)
	h.serve("/b.crl", b.list(t))
	h.on("/away.crl", http.NotFound)
	c := revocation.NewChecker(revocation.Options{Fetcher: h.fetcher(t), Named: named})
	if got := c.Known(); len(got) != 1 || got[0].Source != file {
		t.Errorf("before anything was fetched: %+v", got)
	}
	want(t, "fetched", c.Check(pathOf(b.client(t, 1, "http://pki.test/b.crl"), b.cert), time.Now())[0], chain.StatusGood)
	want(t, "away", c.Check(pathOf(b.client(t, 2, "http://pki.test/away.crl"), b.cert), time.Now())[0], chain.StatusUnknown)
	got := c.Known()
	if len(got) != 2 || got[0].Source != file || got[0].Issuer != "CN=Filed" || got[1].Source != "http://pki.test/b.crl" || got[1].Issuer != "CN=Fetched" {
		t.Fatalf("Known = %+v", got)
	}
	if k := got[1]; k.ThisUpdate.IsZero() || !k.NextUpdate.After(time.Now()) {
		t.Errorf("the times are %v and %v", k.ThisUpdate, k.NextUpdate)
	}
}
