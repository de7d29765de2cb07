package revocation

import (
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Large lists are read some at a time, small ones at once.
func TestLargeListsWaitForOneAnother(t *testing.T) {
	slots := make(chan struct{}, 2)
	var large, most atomic.Int64
	var paused atomic.Int64
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			g := &gatedReader{src: strings.NewReader(strings.Repeat("x", 1+i*50)), slots: slots, limit: 500, pause: func() { paused.Add(1) }}
			defer g.release()
			buf := make([]byte, 10)
			for {
				n, err := g.Read(buf)
				if err == io.EOF {
					break
				}
				if g.held && g.read-int64(n) == g.limit { // the first piece beyond
					now := large.Add(1)
					for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
					}
				}
			}
			if g.held {
				large.Add(-1)
			}
		})
	}
	wg.Wait()
	if m := most.Load(); m < 1 || m > 2 {
		t.Errorf("%d large lists were read at once, want at most 2", m)
	}
	if paused.Load() == 0 || len(slots) != 0 {
		t.Errorf("paused %d times, %d slots are held", paused.Load(), len(slots))
	}
}
