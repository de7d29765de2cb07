package memory

import (
	"fmt"
	"math"
	"time"

	"github.com/maypok86/otter/v2"
)

// DefaultCacheBytes bounds a cache where nobody says otherwise.
const DefaultCacheBytes = 64 << 20

// entryBytes is about what an entry takes beside its key and value.
const entryBytes = 160

// Cache keeps values for a time each, and at most so many bytes of them: the least useful goes first. It is safe for
// concurrent use. What is put in must not be changed any more.
type Cache struct {
	entries *otter.Cache[string, entry]
	max     int64
}

type entry struct {
	value  any
	weight uint32
	// until is when it ends by the clock of those who ask, ttl how long that was when it was put in.
	until time.Time
	ttl   time.Duration
}

// NewCache makes a cache of so many bytes; zero: DefaultCacheBytes.
func NewCache(maxBytes int64) *Cache {
	if maxBytes <= 0 {
		maxBytes = DefaultCacheBytes
	}
	c, err := otter.New(&otter.Options[string, entry]{
		MaximumWeight:    uint64(maxBytes),
		Weigher:          func(_ string, e entry) uint32 { return e.weight },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, entry]) time.Duration { return e.Value.ttl }),
	})
	if err != nil {
		panic(fmt.Sprintf("memory: the cache's options contradict each other: %v", err))
	}
	return &Cache{c, maxBytes}
}

// Get is the value of a key, if it is there and its time has not passed at now.
func (c *Cache) Get(key string, now time.Time) (value any, ok bool) {
	e, ok := c.entries.GetIfPresent(key)
	if !ok || !now.Before(e.until) {
		return nil, false
	}
	return e.value, true
}

// Put keeps a value of about weight bytes for ttl, in the place of one that is there. No time at all, or a value larger than
// the cache, removes that.
func (c *Cache) Put(key string, value any, weight int64, now time.Time, ttl time.Duration) {
	weight = max(weight, 0) + int64(len(key)) + entryBytes
	if ttl <= 0 || weight > min(c.max, math.MaxUint32) {
		c.Remove(key)
		return
	}
	c.entries.Set(key, entry{value, uint32(weight), now.Add(ttl), ttl})
}

// Remove forgets a key.
func (c *Cache) Remove(key string) { c.entries.Invalidate(key) }

// Bytes is about how many bytes are kept.
func (c *Cache) Bytes() uint64 { return c.entries.WeightedSize() }

// Close ends what runs in the background.
func (c *Cache) Close() { c.entries.StopAllGoroutines() }
