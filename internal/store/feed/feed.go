// Package feed carries batches of a store's changes to a reader that may be
// slower than the changes are: a queue with a bound, which ends in a reset
// rather than holding up the writer or filling the memory.
package feed

import (
	"context"
	"sync"

	"github.com/postern-gateway/postern/internal/store"
)

// Bounds of what waits for one reader.
const (
	// DefaultBatches is far more than a reader that is alive leaves waiting.
	DefaultBatches = 10_000
	// DefaultBytes of keys and values; a single batch may be bigger.
	DefaultBytes = 64 << 20
)

// Feed is the queue between one watch and its reader. Send, Reset and Stop
// never block and may be called from any goroutine; Send's callers keep the order.
type Feed struct {
	out    chan store.Batch
	wake   chan struct{} // of capacity 1: the queue or ended changed
	cancel context.CancelFunc
	limits Limits

	mu    sync.Mutex
	queue []store.Batch
	bytes int
	ended bool // nothing more is accepted
}

// Limits bound a queue; zero fields mean the defaults.
type Limits struct {
	Batches, Bytes int
}

// New makes a feed that lives until ctx ends, Stop is called, or a reset was
// read. done is called once, when the channel is closed; it may be nil.
func New(ctx context.Context, limits Limits, done func()) *Feed {
	if limits.Batches == 0 {
		limits.Batches = DefaultBatches
	}
	if limits.Bytes == 0 {
		limits.Bytes = DefaultBytes
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &Feed{out: make(chan store.Batch), wake: make(chan struct{}, 1), cancel: cancel, limits: limits}
	go func() {
		f.pump(ctx)
		f.end()
		cancel()
		close(f.out)
		if done != nil {
			done()
		}
	}()
	return f
}

// C is the channel to read.
func (f *Feed) C() <-chan store.Batch { return f.out }

// Send queues a batch. It answers false when the feed takes nothing more:
// it ended, or this batch was too much and a reset took the place of all that waited.
func (f *Feed) Send(b store.Batch) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.signal()
	if f.ended {
		return false
	}
	size := sizeOf(b)
	if len(f.queue) > 0 && (len(f.queue) >= f.limits.Batches || f.bytes+size > f.limits.Bytes) {
		f.queue, f.ended = []store.Batch{{Reset: true}}, true
		return false
	}
	f.queue, f.bytes = append(f.queue, b), f.bytes+size
	return true
}

// Reset queues a reset behind what waits, and ends the feed.
func (f *Feed) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.signal()
	if !f.ended {
		f.queue, f.ended = append(f.queue, store.Batch{Reset: true}), true
	}
}

// Stop ends the feed at once: what waits is not delivered.
func (f *Feed) Stop() { f.cancel() }

func (f *Feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue, f.ended = nil, true
}

func (f *Feed) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// pump moves batches to the reader until the queue has ended or ctx has.
func (f *Feed) pump(ctx context.Context) {
	for {
		b, ok, ended := f.next()
		switch {
		case ok:
			select {
			case f.out <- b:
			case <-ctx.Done():
				return
			}
		case ended:
			return
		default:
			select {
			case <-f.wake:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (f *Feed) next() (b store.Batch, ok, ended bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return store.Batch{}, false, f.ended
	}
	b = f.queue[0]
	f.queue[0] = store.Batch{}
	f.queue = f.queue[1:]
	f.bytes -= sizeOf(b)
	return b, true, false
}

func sizeOf(b store.Batch) int {
	n := 0
	for _, e := range b.Events {
		n += len(e.Entry.Key) + len(e.Entry.Value)
	}
	return n
}
