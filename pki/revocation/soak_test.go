package revocation_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"flag"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

var (
	soak     = flag.Duration("soak", 2*time.Second, "how long TestSoak runs")
	soakSeed = flag.Uint64("soak-seed", 0, "seed of TestSoak's host; 0 takes one from the clock")
)

// Serial numbers of the soak: revoked from the first list on, never revoked, and revoked by one list after another.
const (
	soakRevoked  = 1
	soakGood     = 2
	soakTurning  = 1000
	soakMaxWait  = 250 * time.Millisecond
	soakPatience = soakMaxWait + 3*time.Second // two busy cores
	soakMaxHeap  = 96 << 20
)

// soaked is an authority with a host that flaps, hangs, lies and floods.
type soaked struct {
	*authority
	stranger *authority
	random   *rand.Rand

	mu      sync.Mutex
	version int64
	honest  []byte
	older   []byte
}

// next signs the next list, which revokes one certificate more.
func (s *soaked) next(t testing.TB) {
	s.version++
	serials := []int64{soakRevoked}
	for n := range s.version {
		serials = append(serials, soakTurning+n)
	}
	list := s.listOf(t, func(l *x509.RevocationList) { l.Number = big.NewInt(s.version) }, serials...)
	s.older, s.honest = s.honest, list
}

// answer misbehaves in one of many ways, and behaves now and then.
func (s *soaked) answer(t testing.TB) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.random.IntN(8) == 0 && s.version < 500 {
			s.next(t)
		}
		dice, honest, older := s.random.IntN(12), s.honest, s.older
		s.mu.Unlock()
		switch dice {
		case 0:
			http.Error(w, "no", http.StatusInternalServerError)
		case 1:
			hang(w, r)
		case 2:
			dribble(w, r, honest)
		case 3:
			flood(w, r)
		case 4:
			w.Write(honest[:len(honest)/2]) //nolint:errcheck // the client may have gone
		case 5:
			w.Write(append(bytes.Clone(honest[:len(honest)-1]), honest[len(honest)-1]^1)) //nolint:errcheck // as above
		case 6:
			w.Write(s.stranger.list(t)) //nolint:errcheck // as above
		case 7:
			w.Write(older) //nolint:errcheck // as above
		case 8:
			http.Redirect(w, r, r.URL.Path+"?again", http.StatusFound)
		default:
			w.Write(honest) //nolint:errcheck // as above
		}
	}
}

// respond is answer for a responder: honest only now and then, and revoking only what is revoked from the first list on.
func (s *soaked) respond(t testing.TB) http.HandlerFunc {
	honest, lying := s.responder(t, nil, soakRevoked), s.stranger.responder(t, nil, soakGood)
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		dice := s.random.IntN(8)
		s.mu.Unlock()
		switch dice {
		case 0:
			http.Error(w, "no", http.StatusServiceUnavailable)
		case 1:
			hang(w, r)
		case 2:
			flood(w, r)
		case 3:
			w.Write([]byte{0x30, 3, 10, 1, 6}) //nolint:errcheck // unauthorized; the client may have gone
		case 4:
			lying(w, r)
		default:
			honest(w, r)
		}
	}
}

// dribble sends an octet at a time.
func dribble(w http.ResponseWriter, r *http.Request, body []byte) {
	for _, b := range body {
		if _, err := w.Write([]byte{b}); err != nil || r.Context().Err() != nil {
			return
		}
		w.(http.Flusher).Flush()
		time.Sleep(5 * time.Millisecond)
	}
}

// flood begins a list that announces more entries than there is room for, and sends them without end.
func flood(w http.ResponseWriter, r *http.Request) {
	entry := []byte{0x30, 18, 2, 1, 9, 0x17, 13}
	entry = append(entry, "260101000000Z"...)
	head := []byte{0x30, 0x84, 0x3f, 0xff, 0xff, 0xff, 0x30, 0x84, 0x3f, 0xff, 0xff, 0xf0, 0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2, 0x30, 0, 0x17, 13}
	head = append(append(head, "260101000000Z"...), 0x30, 0x84, 0x3f, 0xff, 0xff, 0x00)
	block := bytes.Repeat(entry, 3000)
	if _, err := w.Write(head); err != nil {
		return
	}
	for r.Context().Err() == nil {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// soakRun is one soak.
type soakRun struct {
	seed    uint64
	host    *host
	dir     string
	worlds  []*soaked
	checker atomic.Pointer[revocation.Checker]

	asked, good, revoked atomic.Int64
}

const (
	soakAuthorities = 3
	soakAddresses   = 4
)

func newSoak(t *testing.T, seed uint64) *soakRun {
	r := &soakRun{seed: seed, host: newHost(t), dir: t.TempDir()}
	for n := range soakAuthorities {
		name := fmt.Sprintf("Root %d", n)
		s := &soaked{authority: newAuthority(t, name), stranger: newAuthority(t, name), random: rand.New(rand.NewPCG(seed, uint64(n)))} //nolint:gosec // no secret
		s.next(t)
		s.next(t)
		r.worlds = append(r.worlds, s)
		r.host.on(fmt.Sprintf("/%d/ocsp", n), s.respond(t))
		for a := range soakAddresses {
			r.host.on(fmt.Sprintf("/%d/%d.crl", n, a), s.answer(t))
		}
	}
	return r
}

// restart puts a new checker on the directory in the place of the one before, and runs it until its stop is called.
func (r *soakRun) restart(ctx context.Context, wg *sync.WaitGroup) (stop context.CancelFunc) {
	fetcher := revocation.NewFetcher(revocation.FetchOptions{Resolve: map[string]string{"pki.test:80": r.host.server.Listener.Addr().String()}, Timeout: 300 * time.Millisecond, MaxBytes: 4 << 20})
	c := revocation.NewChecker(revocation.Options{Fetcher: fetcher, MaxWait: soakMaxWait, Refresh: 50 * time.Millisecond, Dir: r.dir})
	life, stop := context.WithCancel(ctx)
	wg.Go(func() { c.Run(life) })
	r.checker.Store(c)
	return stop
}

// ask asks about certificates that are revoked from the first list on, or never.
func (r *soakRun) ask(ctx context.Context, t *testing.T, worker int) {
	random := rand.New(rand.NewPCG(r.seed, uint64(100+worker))) //nolint:gosec // no secret
	paths := map[string][]*chain.Info{}
	for ctx.Err() == nil && !t.Failed() {
		w := random.IntN(soakAuthorities)
		serial := []int64{soakRevoked, soakGood}[random.IntN(2)]
		address := fmt.Sprintf("http://pki.test/%d/%d.crl", w, random.IntN(soakAddresses))
		key := fmt.Sprint(serial, address)
		path := paths[key]
		if path == nil {
			var responders []string
			if random.IntN(2) == 0 {
				responders = []string{fmt.Sprintf("http://pki.test/%d/ocsp", w)}
			}
			path = pathOf(r.worlds[w].client(t, serial, address, responders...), r.worlds[w].cert)
			paths[key] = path
		}
		begun := time.Now()
		answer := r.checker.Load().With(revocation.Mode{Wide: random.IntN(2) == 0}).Check(path, time.Now())[0]
		if took := time.Since(begun); took > soakPatience {
			t.Errorf("an answer took %v", took)
		}
		r.asked.Add(1)
		switch answer.Status {
		case chain.StatusGood:
			r.good.Add(1)
			if serial == soakRevoked {
				t.Errorf("a revoked certificate is good: %s by %v", answer.Detail, answer.Evidence)
			}
		case chain.StatusRevoked:
			r.revoked.Add(1)
			if serial == soakGood {
				t.Errorf("a good certificate is revoked: %s by %v", answer.Detail, answer.Evidence)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// TestSoak asks about certificates while the host does its worst: no answer is late, none is wrong, memory is bounded. A
// certificate that was once revoked is never good again as long as the checker lives. `-soak 10m` runs it for long.
func TestSoak(t *testing.T) {
	t.Parallel()
	seed := *soakSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	r := newSoak(t, seed)
	ctx, cancel := context.WithTimeout(context.Background(), *soak)
	defer cancel()
	var wg sync.WaitGroup
	stop := r.restart(ctx, &wg)
	for n := range 4 {
		wg.Go(func() { r.ask(ctx, t, n) })
	}
	wg.Go(func() { soakTurns(ctx, t, r.worlds[0], &r.checker) })
	goroutines := 0
	for n := 0; ctx.Err() == nil; n++ {
		time.Sleep(100 * time.Millisecond)
		goroutines = max(goroutines, runtime.NumGoroutine())
		if n%15 == 14 {
			stop()
			stop = r.restart(ctx, &wg)
		}
		if n%10 == 9 {
			runtime.GC()
			var m runtime.MemStats
			if runtime.ReadMemStats(&m); m.HeapAlloc > soakMaxHeap {
				t.Errorf("%d MiB on the heap", m.HeapAlloc>>20)
			}
		}
	}
	stop()
	wg.Wait()
	t.Logf("%d answers (%d good, %d revoked), %d requests at the host, %d goroutines at most", r.asked.Load(), r.good.Load(), r.revoked.Load(), r.host.hits.Load(), goroutines)
	if r.good.Load() == 0 || r.revoked.Load() == 0 {
		t.Error("nothing was ever proved: the soak shows nothing")
	}
	if goroutines > 600 {
		t.Errorf("%d goroutines", goroutines)
	}
}

// soakTurns asks about certificates that become revoked one after another: once revoked, always revoked, as long as the
// same checker lives.
func soakTurns(ctx context.Context, t *testing.T, s *soaked, checker *atomic.Pointer[revocation.Checker]) {
	paths := make([][]*chain.Info, 40)
	for n := range paths {
		paths[n] = pathOf(s.client(t, soakTurning+int64(n), "http://pki.test/0/0.crl"), s.cert)
	}
	seen := map[int]*revocation.Checker{}
	for ctx.Err() == nil {
		for n, path := range paths {
			c := checker.Load()
			answer := c.Check(path, time.Now())[0]
			switch {
			case answer.Status == chain.StatusRevoked:
				seen[n] = c
			case answer.Status == chain.StatusGood && seen[n] == c:
				t.Errorf("certificate %d was revoked and is good now: %s", n, strings.TrimSpace(fmt.Sprint(answer.Detail, answer.Evidence)))
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
}
