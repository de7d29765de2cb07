package e2e

import (
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

var (
	scaleIssuers = flag.Int("scale-issuers", 10, "CAs of TestScale")
	scaleEntries = flag.Int("scale-entries", 100_000, "entries of the list of each CA of TestScale")
)

// scaleCA is one of many CAs with a big list.
type scaleCA struct {
	list          *streamedList
	good, revoked *testkit.Cert
}

// newScaleCAs makes n CAs and the host that streams their lists.
func newScaleCAs(t *testing.T, n, entries int) ([]scaleCA, []*testkit.Cert, *httptest.Server) {
	var all []scaleCA
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, err := strconv.Atoi(r.URL.Path[1:])
		if err != nil || i >= len(all) {
			http.NotFound(w, r)
			return
		}
		_, _, size := all[i].list.sizes()
		w.Header().Set("Content-Length", strconv.Itoa(size))
		w.Header().Set("Content-Type", "application/pkix-crl")
		_ = all[i].list.write(w) // the gateway has given up
	}))
	t.Cleanup(host.Close)
	roots := make([]*testkit.Cert, n)
	made := make([]scaleCA, n)
	for i := range n {
		roots[i] = testkit.NewRoot(t, fmt.Sprintf("Scale Root %d", i))
		list := testkit.CRL(fmt.Sprintf("%s/%d", host.URL, i))
		good, revoked := roots[i].NewClient(t, "good", list), roots[i].NewClient(t, "revoked", list)
		made[i] = scaleCA{newStreamedList(roots[i], entries, revoked), good, revoked}
	}
	all = made
	return all, roots, host
}

// callAll calls once for each CA over a new connection, as two clients, until the status comes, and tells how long each took.
func (p *process) callAll(t *testing.T, cas []scaleCA, who func(scaleCA) *testkit.Cert, want int) []time.Duration {
	took := make([]time.Duration, len(cas))
	next := make(chan int)
	var clients sync.WaitGroup
	for range 2 {
		clients.Go(func() {
			for i := range next {
				begun := time.Now()
				c := p.caller(callerOptions{certificate: who(cas[i])})
				for {
					r := c.get(t, "/verified")
					took[i] = time.Since(begun)
					if r.status == want {
						break
					}
					if took[i] > time.Minute {
						t.Errorf("CA %d: %d after %v, want %d", i, r.status, took[i], want)
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				c.client.CloseIdleConnections()
			}
		})
	}
	for i := range cas {
		next <- i
	}
	close(next)
	clients.Wait()
	slices.Sort(took)
	return took
}

// TestScale has one gateway judge by the lists of many CAs: each is fetched and indexed once, both answers are right, a
// restart does without the host, and the memory of the process does not grow with the lists. `make scale` runs it with a
// hundred lists of a million entries (bench/revocation.md).
func TestScale(t *testing.T) {
	cas, roots, host := newScaleCAs(t, *scaleIssuers, *scaleEntries)
	_, _, size := cas[0].list.sizes()
	args := []string{"--fetch-allow", "127.0.0.0/8"}
	p := start(t, args...)
	p.trust(true, roots, nil)
	p.api("verified", "verified", "", "GET /")
	p.policy("verified", verified)
	good := func(c scaleCA) *testkit.Cert { return c.good }
	revoked := func(c scaleCA) *testkit.Cert { return c.revoked }
	before := residentKiB(t, p.cmd.Process.Pid)
	report := func(what string, took []time.Duration) {
		pid := p.cmd.Process.Pid
		t.Logf("%-34s median %8v, worst %8v; resident %4d MiB, of it its own %4d MiB, at most %4d MiB so far", what,
			took[len(took)/2].Round(10*time.Microsecond), took[len(took)-1].Round(10*time.Microsecond), processKiB(t, pid, "VmRSS:")>>10, processKiB(t, pid, "RssAnon:")>>10, processKiB(t, pid, "VmHWM:")>>10)
	}
	t.Logf("%d CAs, lists of %d entries, %d MB each", len(cas), *scaleEntries, size/1_000_000)
	begun := time.Now()
	first := p.callAll(t, cas, good, http.StatusOK)
	t.Logf("all lists fetched, verified and indexed in %v", time.Since(begun).Round(time.Millisecond))
	report("first answer, with the fetch:", first)
	report("the revoked, new connection:", p.callAll(t, cas, revoked, http.StatusForbidden))
	report("the good again, new connection:", p.callAll(t, cas, good, http.StatusOK))
	const limit = 40 << 10 // for each million entries
	allowed := limit*max(1, len(cas)**scaleEntries/1_000_000) + 64<<10
	if grown := processKiB(t, p.cmd.Process.Pid, "RssAnon:") - before; grown > allowed {
		t.Errorf("%d KiB of memory more, want at most %d", grown, allowed)
	}
	p.kill()
	host.Close()
	t.Logf("kept on disk: %d MB", diskBytes(t, filepath.Join(p.dir, "revocation"))/1_000_000)

	p = startIn(t, p.dir, args...)
	begun = time.Now()
	again := p.callAll(t, cas, revoked, http.StatusForbidden)
	t.Logf("after a restart, without the host: all in %v", time.Since(begun).Round(time.Millisecond))
	report("the revoked after a restart:", again)
	report("the good after a restart:", p.callAll(t, cas, good, http.StatusOK))
}

// diskBytes is the size of the files in a directory.
func diskBytes(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
