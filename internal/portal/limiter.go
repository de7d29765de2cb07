package portal

import (
	"strconv"
	"sync"
	"time"
)

// After maxFailures failures at once, an address may try again each failureInterval.
const (
	maxFailures     = 10
	failureInterval = 6 * time.Second
	maxAddresses    = 10000
)

// limiter slows the guessing of codes and tokens down, address by address.
type limiter struct {
	mu sync.Mutex
	// until is, for each address, when its failures so far are forgiven.
	until map[string]time.Time
}

func newLimiter() limiter { return limiter{until: map[string]time.Time{}} }

// blocked is how long the address has to wait; zero: not at all.
func (l *limiter) blocked(address string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.until[address].Sub(now.Add((maxFailures - 1) * failureInterval))
}

// failed counts a failure.
func (l *limiter) failed(address string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.until) >= maxAddresses {
		for a, t := range l.until {
			if !t.After(now) {
				delete(l.until, a)
			}
		}
		if len(l.until) >= maxAddresses {
			clear(l.until)
		}
	}
	from := l.until[address]
	if from.Before(now) {
		from = now
	}
	l.until[address] = from.Add(failureInterval)
}

// seconds is a wait in whole seconds, at least one.
func seconds(d time.Duration) string {
	return strconv.Itoa(max(1, int((d+time.Second-1)/time.Second)))
}
