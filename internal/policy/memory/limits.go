package memory

import (
	"hash/maphash"
	"sync"
	"time"
)

// The bounds of counters: shards of a table, and keys in each.
const (
	shardCount   = 64
	maxShardKeys = 2048
	// sampled are the keys that are looked at for one to forget.
	sampled = 16
)

// Limits count what keys have used. It is safe for concurrent use, holds at most shardCount × maxShardKeys keys, and
// forgets the one of a sample that used the least where it needs the room: whoever is near a limit is remembered.
type Limits struct {
	seed   maphash.Seed
	shards [shardCount]shard
}

type shard struct {
	mu     sync.Mutex
	rates  map[rateKey]*window
	quotas map[quotaKey]*period
}

// NewLimits makes an empty table.
func NewLimits() *Limits { return &Limits{seed: maphash.MakeSeed()} }

func (l *Limits) shard(key string) *shard { return &l.shards[maphash.String(l.seed, key)%shardCount] }

// rateKey is a counter: one key with two lengths of time has two.
type rateKey struct {
	key    string
	length time.Duration
}

// The calls of a sliding window are told apart as long as they are no more than exact, and then by parts of its length.
const (
	exact = 16
	parts = 32
)

// window has the calls of the last length of time.
type window struct {
	// slots are calls close together, the oldest first.
	slots []slot
	total int64
	// length is the window's.
	length time.Duration
}

// slot is calls that came between first and last, in nanoseconds; all count until last is over.
type slot struct {
	first, last int64
	calls       int64
}

// forget drops what the window has left behind.
func (w *window) forget(now int64) {
	gone := 0
	for gone < len(w.slots) && w.slots[gone].last+int64(w.length) <= now {
		w.total -= w.slots[gone].calls
		gone++
	}
	if gone > 0 {
		w.slots = w.slots[:copy(w.slots, w.slots[gone:])]
	}
}

// add counts calls at now.
func (w *window) add(now, calls int64) {
	w.total += calls
	if n := len(w.slots); n >= exact {
		if s := &w.slots[n-1]; now-s.first < int64(w.length)/parts {
			s.last, s.calls = max(s.last, now), s.calls+calls
			return
		}
	}
	w.slots = append(w.slots, slot{now, now, calls})
}

// wait is how long it takes until calls more have room under limit.
func (w *window) wait(now, calls, limit int64) time.Duration {
	over := w.total + calls - limit
	for i := range w.slots {
		if over -= w.slots[i].calls; over <= 0 {
			return time.Duration(w.slots[i].last + int64(w.length) - now)
		}
	}
	return w.length
}

// Rate is what a sliding window says of a call.
type Rate struct {
	// OK tells that there was room for it.
	OK bool
	// Remaining is how many calls have room after this one.
	Remaining int64
	// Retry is how long it takes until there is room again, if there is none.
	Retry time.Duration
}

// Take asks for room for calls under a limit of calls in the length of time that ends now, and counts them if there is
// room and count is set. What is refused is not counted.
func (l *Limits) Take(key string, length time.Duration, limit, calls int64, count bool, now time.Time) Rate {
	s := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now.UnixNano()
	w := s.window(rateKey{key, length}, at)
	// A call that is only asked about, and counted at its end, needs room for one.
	if need := max(calls, b2i(!count)); w.total+need > limit {
		return Rate{Retry: w.wait(at, need, limit)}
	}
	if count && calls > 0 {
		w.add(at, calls)
	}
	return Rate{OK: true, Remaining: limit - w.total}
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Add counts calls whether there is room or not.
func (l *Limits) Add(key string, length time.Duration, calls int64, now time.Time) {
	if calls <= 0 {
		return
	}
	s := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.window(rateKey{key, length}, now.UnixNano()).add(now.UnixNano(), calls)
}

func (s *shard) window(key rateKey, now int64) *window {
	if w := s.rates[key]; w != nil {
		w.forget(now)
		return w
	}
	if s.rates == nil {
		s.rates = map[rateKey]*window{}
	}
	s.dropRates(now)
	w := &window{length: key.length}
	s.rates[key] = w
	return w
}

// dropRates looks at some windows: those that are over go, and if there is no room the least used does.
func (s *shard) dropRates(now int64) {
	full := len(s.rates) >= maxShardKeys
	looks, least := 2, rateKey{}
	if full {
		looks = sampled
	}
	fewest := int64(-1)
	for key, w := range s.rates {
		if looks--; looks < 0 {
			break
		}
		if w.forget(now); w.total == 0 {
			delete(s.rates, key)
			full = false
		} else if fewest < 0 || w.total < fewest {
			least, fewest = key, w.total
		}
	}
	if full {
		delete(s.rates, least)
	}
}

// Keys is the number of counters.
func (l *Limits) Keys() int {
	n := 0
	for i := range l.shards {
		s := &l.shards[i]
		s.mu.Lock()
		n += len(s.rates) + len(s.quotas)
		s.mu.Unlock()
	}
	return n
}
