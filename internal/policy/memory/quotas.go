package memory

import (
	"math"
	"time"
)

// Span says which periods a quota counts in: they follow each other from Start, Length each; Length 0: one without an end.
type Span struct {
	Start  time.Time
	Length time.Duration
}

// at is the number of the period that now is in, and when it ends; zero if it does not.
func (s Span) at(now time.Time) (number int64, end time.Time) {
	if s.Length <= 0 {
		return 0, time.Time{}
	}
	seconds, length := now.Unix()-s.Start.Unix(), int64(s.Length/time.Second)
	number = seconds / length
	if seconds < 0 && seconds%length != 0 {
		number--
	}
	return number, time.Unix(s.Start.Unix()+(number+1)*length, 0)
}

// quotaKey is a counter: one key with two spans has two.
type quotaKey struct {
	key           string
	start, length int64
}

// period is what was used in one period.
type period struct {
	number, calls, bytes int64
	end                  time.Time
}

// Amount is calls and bytes; as a limit, negative ones are none.
type Amount struct{ Calls, Bytes int64 }

// Quota is what a quota says of a call.
type Quota struct {
	// OK tells that there was room; otherwise Bandwidth tells whether it was bytes that had none.
	OK, Bandwidth bool
	// Renews is how long it takes until the next period, zero if there is none.
	Renews time.Duration
}

// Spend asks for room for more under a limit, and counts it if there is room and count is set. A limit of bytes is
// reached by what went before: nobody knows how long an answer will be.
func (l *Limits) Spend(key string, span Span, limit, more Amount, count bool, now time.Time) Quota {
	s := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.period(key, span, now)
	var q Quota
	if span.Length > 0 {
		q.Renews = p.end.Sub(now)
	}
	need := max(more.Calls, b2i(!count))
	switch {
	case limit.Calls >= 0 && p.calls+need > limit.Calls:
	case limit.Bytes >= 0 && p.bytes >= limit.Bytes:
		q.Bandwidth = true
	default:
		q.OK = true
		if count {
			p.spend(more)
		}
	}
	return q
}

// Charge counts whether there is room or not.
func (l *Limits) Charge(key string, span Span, more Amount, now time.Time) {
	s := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.period(key, span, now).spend(more)
}

func (p *period) spend(a Amount) {
	p.calls = plus(p.calls, a.Calls)
	p.bytes = plus(p.bytes, a.Bytes)
}

// plus adds without overflow; less than nothing counts as nothing.
func plus(a, b int64) int64 {
	if b <= 0 {
		return a
	}
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func (s *shard) period(key string, span Span, now time.Time) *period {
	number, end := span.at(now)
	k := quotaKey{key, span.Start.Unix(), int64(span.Length / time.Second)}
	p := s.quotas[k]
	if p == nil {
		if s.quotas == nil {
			s.quotas = map[quotaKey]*period{}
		}
		s.dropQuotas(now)
		p = &period{number: number, end: end}
		s.quotas[k] = p
	}
	if p.number != number {
		*p = period{number: number, end: end}
	}
	return p
}

// dropQuotas is dropRates for quotas.
func (s *shard) dropQuotas(now time.Time) {
	full := len(s.quotas) >= maxShardKeys
	looks, least := 2, quotaKey{}
	if full {
		looks = sampled
	}
	fewest := int64(-1)
	for key, p := range s.quotas {
		if looks--; looks < 0 {
			break
		}
		if !p.end.IsZero() && !now.Before(p.end) || p.calls == 0 && p.bytes == 0 {
			delete(s.quotas, key)
			full = false
		} else if used := plus(p.calls, p.bytes>>10); fewest < 0 || used < fewest {
			least, fewest = key, used
		}
	}
	if full {
		delete(s.quotas, least)
	}
}
