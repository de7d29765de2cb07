package revocation

import (
	"sync"
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
	// maxFlights is how many downloads of one store run at a time.
	maxFlights = 64
)

// flight is a download, running or done. value, err, until and renew may be read once done is closed.
type flight[T any] struct {
	done  chan struct{}
	value T
	err   error
	until time.Time
	// begun is when the download was begun.
	begun time.Time
	// renew is when a new download is begun ahead of time; renewing, under the store's lock, that it was.
	renew    time.Time
	renewing bool
}

// store runs downloads, each key once at a time, and keeps the results until they have to be renewed.
type store[T any] struct {
	mu      sync.Mutex
	flights map[string]*flight[T]
	running int
}

// start returns the flight of key: the one that runs or is kept, or a new one that calls load.
// load returns when the value has to be renewed; a failure is kept for negativeTTL. Towards the end
// of its life a value is renewed ahead of time, so that nobody waits for a download but the first.
func (s *store[T]) start(key string, load func() (T, time.Time, error)) *flight[T] {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flights == nil {
		s.flights = make(map[string]*flight[T])
	}
	old := s.flights[key]
	if old != nil && !old.stale(now) {
		if old.dueForRenewal(now) && s.running < maxFlights {
			old.renewing = true
			s.launch(&flight[T]{done: make(chan struct{}), begun: now}, load, func(f *flight[T]) {
				if f.err == nil {
					s.flights[key] = f
				}
			})
		}
		return old
	}
	f := &flight[T]{done: make(chan struct{}), begun: now}
	if s.running >= maxFlights {
		f.err, f.until = errBusy, now.Add(time.Second)
		close(f.done)
		return f
	}
	s.makeRoom(now)
	s.flights[key] = f
	s.launch(f, load, func(*flight[T]) {})
	return f
}

// launch runs load and fills f; then is called under the lock, at the end.
func (s *store[T]) launch(f *flight[T], load func() (T, time.Time, error), then func(*flight[T])) {
	s.running++
	go func() {
		f.value, f.until, f.err = load()
		now := time.Now()
		switch {
		case f.err != nil:
			f.until = now.Add(negativeTTL)
		case f.until.After(now.Add(maxAge)):
			f.until = now.Add(maxAge)
		}
		f.renew = now.Add(f.until.Sub(now) * 3 / 4)
		close(f.done)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running--
		then(f)
	}()
}

// dueForRenewal reports whether a good value comes to its end and nobody renews it yet.
func (f *flight[T]) dueForRenewal(now time.Time) bool {
	return f.landed() && f.err == nil && !f.renewing && now.After(f.renew)
}

// stale reports whether the flight is done and its result too old.
func (f *flight[T]) stale(now time.Time) bool {
	select {
	case <-f.done:
		return !now.Before(f.until)
	default:
		return false
	}
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

// makeRoom drops what is stale, and something else if that does not suffice.
func (s *store[T]) makeRoom(now time.Time) {
	if len(s.flights) < maxKept {
		return
	}
	for key, f := range s.flights {
		if f.stale(now) {
			delete(s.flights, key)
		}
	}
	for key, f := range s.flights {
		if len(s.flights) < maxKept {
			return
		}
		if f.landed() {
			delete(s.flights, key)
		}
	}
}
