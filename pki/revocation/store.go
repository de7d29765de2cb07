package revocation

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of what is kept.
const (
	// negativeTTL is how long a failure is kept.
	negativeTTL = 30 * time.Second
	// maxKept is how many results one store keeps.
	maxKept = 4096
	// maxAge is the longest that a result is kept, whatever it says of itself.
	maxAge = 24 * time.Hour
	// maxFlights is how many downloads of one store are under way, maxRunning how many of them run; the others wait for
	// their turn, and who asked waits with them as long as for any other.
	maxFlights = 1024
	maxRunning = 64
	// maxTended is how many of them are renewals that nobody waits for.
	maxTended = 8
	// soon is how long a value from before is used before it is renewed.
	soon = 2 * time.Second
	// DefaultRefresh is how long a result is used before it is asked whether there is a newer one.
	DefaultRefresh = time.Hour
	// idleAfter is when a result that nobody used is forgotten.
	idleAfter = 48 * time.Hour
)

// flight is a download, running or done. The fields below done may be read once it is closed, those above always.
type flight[T comparable] struct {
	// begun is when the download was begun; old is what was known before it while it runs, nil at first.
	begun time.Time
	old   atomic.Pointer[flight[T]]

	done chan struct{}
	// value is what there is, if err is nil: the download's result or, where it failed (late says why), the one before it.
	value T
	err   error
	late  error
	// until is when the value has to be renewed, renew when that is tried first.
	until, renew time.Time
	// before is the value before this one, where the store's owner wants it kept for comparison.
	before atomic.Pointer[T]
}

// landed reports whether the result is there.
func (f *flight[T]) landed() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// known reports whether there is a value, be it an old one.
func (f *flight[T]) known() bool { return f.landed() && f.err == nil }

// stale reports whether the flight is done and its result too old.
func (f *flight[T]) stale(now time.Time) bool { return f.landed() && !now.Before(f.until) }

// best is the flight itself if it is done, or what was known before it.
func (f *flight[T]) best() *flight[T] {
	if old := f.old.Load(); old != nil && !f.landed() && old.known() {
		return old
	}
	return f
}

// loader fetches a value; old is the flight that it is to replace, nil or one without a value where nothing is known.
// It returns when the value has to be renewed.
type loader[T comparable] func(old *flight[T]) (T, time.Time, error)

// slot is all about one key.
type slot[T comparable] struct {
	current *flight[T]
	renewal *flight[T]
	load    loader[T]
	used    time.Time
}

// store runs downloads, each key once at a time, and keeps the results. Values in use are renewed ahead of time, and a
// failed renewal leaves the value that was there: nobody waits for a download but who comes first.
type store[T comparable] struct {
	// refresh is how often a value is renewed at least; 0 means DefaultRefresh. Set before use.
	refresh time.Duration
	// replaced is called, without a lock, when a value comes in the place of another; it gives what is to be kept beside
	// the new one, if anything. May be nil.
	replaced func(old, new *flight[T]) (keep *T)
	// recovered is called, without a lock, when a value comes where there was none before for a while. May be nil.
	recovered func()
	// early says of a new value that it is to be renewed at once, because it is from before. May be nil.
	early func(T) bool

	mu      sync.Mutex
	slots   map[string]*slot[T]
	running int
	// turns is full while maxRunning downloads run.
	turns chan struct{}
}

// start returns the flight of key: the one that runs or is kept, or a new one that calls load. A failure is kept for
// negativeTTL.
func (s *store[T]) start(key string, load loader[T]) *flight[T] {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.slots[key]
	if e == nil {
		if s.running >= maxFlights {
			return refused[T](now)
		}
		s.makeRoom(now)
		e = &slot[T]{load: load}
		e.current = s.launch(e, nil, now)
		s.slots[key] = e
	}
	e.used = now
	current := e.current
	if !current.stale(now) {
		if current.known() && e.renewal == nil && now.After(current.renew) && s.running < maxFlights {
			e.renewal = s.launch(e, current, now)
		}
		return current
	}
	if e.renewal == nil && s.running < maxFlights {
		e.renewal = s.launch(e, current, now)
	}
	switch {
	case current.known() && current.late != nil:
		return current // nobody waits for a host that failed last time
	case e.renewal == nil:
		return refused[T](now)
	}
	return e.renewal
}

// refused is a download that was not begun.
func refused[T comparable](now time.Time) *flight[T] {
	f := &flight[T]{begun: now, done: make(chan struct{}), err: errBusy, until: now.Add(time.Second)}
	close(f.done)
	return f
}

// again begins another download of a key whose value is no good, unless one runs, and returns it.
func (s *store[T]) again(key string, bad *flight[T], load loader[T]) *flight[T] {
	s.mu.Lock()
	e := s.slots[key]
	if e != nil && e.current == bad && e.renewal == nil && s.running < maxFlights {
		e.renewal = s.launch(e, &flight[T]{done: over, err: errForgotten}, time.Now())
	}
	if e != nil && e.current == bad && e.renewal != nil {
		defer s.mu.Unlock()
		return e.renewal
	}
	s.mu.Unlock()
	return s.start(key, load)
}

// peek is the flight of key, without beginning one; nil if there is none.
func (s *store[T]) peek(key string) *flight[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.slots[key]; e != nil {
		e.used = time.Now()
		return e.current
	}
	return nil
}

// over is the done of flights that never ran.
var over = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// launch begins a download that will replace old, under the lock.
func (s *store[T]) launch(e *slot[T], old *flight[T], now time.Time) *flight[T] {
	f := &flight[T]{begun: now, done: make(chan struct{})}
	f.old.Store(old)
	s.running++
	if s.turns == nil {
		s.turns = make(chan struct{}, maxRunning)
	}
	turns := s.turns
	go func() {
		turns <- struct{}{}
		f.value, f.until, f.err = e.load(old)
		<-turns
		s.settle(f, old)
		close(f.done)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running--
		e.current, e.renewal = f, nil
		f.old.Store(nil)
	}()
	return f
}

// settle decides what a finished download comes to, before anybody sees it.
func (s *store[T]) settle(f, old *flight[T]) {
	now := time.Now()
	had := old != nil && old.err == nil
	switch {
	case f.err != nil && had:
		f.value, f.late, f.err = old.value, f.err, nil
		f.before.Store(old.before.Load())
		f.until, f.renew = old.until, now.Add(spread(s.retry()))
		if f.until.Before(f.renew) {
			f.until = f.renew
		}
		return
	case f.err != nil:
		f.until = now.Add(spread(s.retry()))
		return
	case f.until.After(now.Add(maxAge)):
		f.until = now.Add(maxAge)
	}
	f.renew = now.Add(spread(min(f.until.Sub(now)*3/4, s.often())))
	if s.early != nil && !(had && old.value == f.value) && s.early(f.value) {
		f.renew = now.Add(spread(min(soon, s.often())))
	}
	switch {
	case had && s.replaced != nil:
		f.before.Store(s.replaced(old, f))
	case !had && old != nil && s.recovered != nil:
		s.recovered()
	}
}

// often is how often a value is renewed at least, retry how soon a failure is tried again.
func (s *store[T]) often() time.Duration {
	if s.refresh <= 0 {
		return DefaultRefresh
	}
	return s.refresh
}

func (s *store[T]) retry() time.Duration { return min(negativeTTL, s.often()) }

// spread shortens a wait by up to a quarter, so that gateways that started together do not fetch together.
func spread(d time.Duration) time.Duration {
	if d < 4 {
		return d
	}
	return d - rand.N(d/4) //nolint:gosec // no secret
}

// tend renews the values in use whose time has come, and forgets those that nobody uses.
func (s *store[T]) tend(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tended := 0
	for key, e := range s.slots {
		switch {
		case e.renewal != nil || !e.current.landed():
			tended++
		case now.Sub(e.used) > idleAfter, e.current.err != nil && now.Sub(e.used) > negativeTTL && e.current.stale(now):
			delete(s.slots, key)
		case e.current.err == nil && now.After(e.current.renew) && tended < maxTended && s.running < maxFlights:
			e.renewal = s.launch(e, e.current, now)
			tended++
		}
	}
}

// makeRoom drops failures and what is stale, and something else if that does not suffice.
func (s *store[T]) makeRoom(now time.Time) {
	if s.slots == nil {
		s.slots = make(map[string]*slot[T])
	}
	if len(s.slots) < maxKept {
		return
	}
	for key, e := range s.slots {
		if e.renewal == nil && e.current.stale(now) {
			delete(s.slots, key)
		}
	}
	for key, e := range s.slots {
		if len(s.slots) < maxKept {
			return
		}
		if e.renewal == nil && e.current.landed() {
			delete(s.slots, key)
		}
	}
}
