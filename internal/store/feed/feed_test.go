package feed

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/postern-gateway/postern/internal/store"
)

func batch(rev int64, size int) store.Batch {
	return store.Batch{Revision: rev, Events: []store.Event{{Entry: store.Entry{Value: make([]byte, size)}}}}
}

func read(f *Feed) (revisions []int64, reset bool) {
	for b := range f.C() {
		if b.Reset {
			reset = true
			continue
		}
		revisions = append(revisions, b.Revision)
	}
	return revisions, reset
}

func TestOrderThenReset(t *testing.T) {
	f := New(t.Context(), Limits{}, nil)
	for rev := int64(1); rev <= 100; rev++ {
		if !f.Send(batch(rev, 1)) {
			t.Fatalf("Send(%d) = false, want true", rev)
		}
	}
	f.Reset()
	if f.Send(batch(101, 1)) {
		t.Error("Send after Reset = true, want false")
	}
	got, reset := read(f)
	if len(got) != 100 || got[0] != 1 || got[99] != 100 || !reset {
		t.Errorf("read %d batches, reset %v; want 100 in order and a reset", len(got), reset)
	}
}

func TestSlowReaderIsReset(t *testing.T) {
	for _, tc := range []struct {
		name   string
		limits Limits
		size   int
	}{
		{"too many batches", Limits{Batches: 3}, 1},
		{"too many bytes", Limits{Bytes: 300}, 100},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := New(t.Context(), tc.limits, nil)
				accepted := 0
				for rev := int64(1); rev <= 10; rev++ {
					if f.Send(batch(rev, tc.size)) {
						accepted++
					}
					synctest.Wait()
				}
				if accepted != 4 { // one in the pump's hand, three waiting
					t.Errorf("%d batches accepted, want 4", accepted)
				}
				if got, reset := read(f); len(got) != 1 || !reset {
					t.Errorf("read %v, reset %v; want the one under way and a reset", got, reset)
				}
			})
		})
	}
}

func TestOneBigBatchPasses(t *testing.T) {
	f := New(t.Context(), Limits{Bytes: 10}, nil)
	if !f.Send(batch(1, 1000)) {
		t.Error("Send of a batch over the bound into an empty queue = false, want true")
	}
	f.Reset()
	if got, reset := read(f); len(got) != 1 || !reset {
		t.Errorf("read %v, reset %v; want [1], true", got, reset)
	}
}

func TestStopAndContextEndTheFeed(t *testing.T) {
	for _, tc := range []struct {
		name string
		end  func(*Feed, context.CancelFunc)
	}{
		{"stop", func(f *Feed, _ context.CancelFunc) { f.Stop() }},
		{"context", func(_ *Feed, cancel context.CancelFunc) { cancel() }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				done := false
				f := New(ctx, Limits{}, func() { done = true })
				f.Send(batch(1, 1)) // nobody reads: the pump waits with it in hand
				synctest.Wait()
				tc.end(f, cancel)
				synctest.Wait()
				if _, open := <-f.C(); open || !done {
					t.Errorf("channel open %v, done called %v; want false, true", open, done)
				}
				if f.Send(batch(2, 1)) {
					t.Error("Send after the end = true, want false")
				}
			})
		})
	}
}
