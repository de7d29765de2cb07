package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/store"
)

func testWatch(t *testing.T, s store.Store) {
	zero := put(t, s, "/a/0", []byte("before"))
	batches := s.Watch(t.Context(), "/a/", 0)
	late := s.Watch(t.Context(), "/a/", zero)
	put(t, s, "/b", []byte("elsewhere"))
	one := put(t, s, "/a/1", []byte("one"))
	two := put(t, s, "/a/1", []byte("two"))
	gone := commit(t, s, store.Delete("/a/1"))
	commit(t, s, store.Delete("/a/1")) // nothing to delete: no event
	three := put(t, s, "/a/1", []byte("three"))
	want := []store.Event{
		{Entry: store.Entry{Key: "/a/1", Value: []byte("one"), CreateRevision: one, ModRevision: one}},
		{Entry: store.Entry{Key: "/a/1", Value: []byte("two"), CreateRevision: one, ModRevision: two}},
		{Entry: store.Entry{Key: "/a/1", ModRevision: gone}, Deleted: true},
		{Entry: store.Entry{Key: "/a/1", Value: []byte("three"), CreateRevision: three, ModRevision: three}},
	}
	if got := next(t, late); got.Revision != zero {
		t.Errorf("a watch from %d begins with %+v", zero, got)
	}
	for _, watch := range []<-chan store.Batch{batches, late} {
		for _, e := range want {
			got := next(t, watch)
			if got.Revision != e.Entry.ModRevision || len(got.Events) != 1 || got.Events[0].Deleted != e.Deleted || !same(got.Events[0].Entry, e.Entry) {
				t.Errorf("the watch gives %+v, want %+v", got, e)
			}
		}
	}
	select {
	case b := <-batches:
		t.Errorf("the watch gives %+v, which nobody did", b)
	case <-time.After(20 * time.Millisecond):
	}
}

func testWatchFuture(t *testing.T, s store.Store) {
	last := put(t, s, "/a", nil)
	batches := s.Watch(t.Context(), "/", last+3)
	for revision := last; revision < last+3; {
		revision = put(t, s, "/a", nil)
	}
	if got := next(t, batches); got.Revision < last+3 {
		t.Errorf("a watch from %d begins with %+v", last+3, got)
	}
}

func testWatchGroups(t *testing.T, s store.Store) {
	put(t, s, "/a/old", nil)
	batches := s.Watch(t.Context(), "/a/", 0)
	revision := commit(t, s, store.Put("/a/2", nil), store.Put("/b/1", nil), store.Put("/a/1", nil), store.DeletePrefix("/a/o"))
	got := next(t, batches)
	var names []string
	for _, e := range got.Events {
		names = append(names, fmt.Sprint(e.Entry.Key, " ", e.Deleted, " ", e.Entry.ModRevision == revision))
	}
	if want := []string{"/a/1 false true", "/a/2 false true", "/a/old true true"}; !slices.Equal(names, want) || got.Revision != revision {
		t.Errorf("the watch gives %v at %d, want %v at %d", names, got.Revision, want, revision)
	}
}

// testWatchNoGaps follows concurrent writers from many revisions.
func testWatchNoGaps(t *testing.T, s store.Store) {
	const writers, each = 10, 20
	_, start := list(t, s, "")
	var all sync.WaitGroup
	committed := make(chan int64, writers*each)
	for w := range writers {
		all.Go(func() {
			for i := range each {
				revision, err := s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put(fmt.Sprintf("/g/%d", w), []byte{byte(i)})}})
				if err != nil {
					t.Errorf("Commit: %v", err)
					return
				}
				committed <- revision
			}
		})
	}
	early := s.Watch(t.Context(), "/g/", start+1)
	all.Wait()
	close(committed)
	want := slices.Sorted(func(yield func(int64) bool) {
		for r := range committed {
			if !yield(r) {
				return
			}
		}
	})
	for _, from := range []int{0, len(want) / 2, len(want) - 1} {
		watch := early
		if from > 0 {
			watch = s.Watch(t.Context(), "/g/", want[from])
		}
		for _, revision := range want[from:] {
			if got := next(t, watch); got.Revision != revision || len(got.Events) != 1 {
				t.Fatalf("the watch gives %+v, want revision %d", got, revision)
			}
		}
	}
}

func testWatchReset(t *testing.T, s store.Store) {
	c, ok := s.(compactor)
	if !ok {
		t.Skip("the store cannot be compacted")
	}
	first := put(t, s, "/a", []byte("1"))
	put(t, s, "/a", []byte("2"))
	last := put(t, s, "/a", []byte("3"))
	if err := c.Compact(t.Context(), last); err != nil {
		t.Fatalf("Compact(%d): %v", last, err)
	}
	batches := s.Watch(t.Context(), "/a", first)
	if got := next(t, batches); !got.Reset || len(got.Events) != 0 {
		t.Errorf("a watch from a compacted revision begins with %+v, want a reset", got)
	}
	select {
	case b, open := <-batches:
		if open {
			t.Errorf("after the reset comes %+v", b)
		}
	case <-time.After(patience):
		t.Error("the watch stays open after a reset")
	}
	entries, revision := list(t, s, "/a")
	if len(entries) != 1 || string(entries[0].Value) != "3" {
		t.Errorf("after compaction List = %+v", entries)
	}
	again := s.Watch(t.Context(), "/a", revision+1)
	four := put(t, s, "/a", []byte("4"))
	if got := next(t, again); got.Reset || got.Revision != four {
		t.Errorf("the new watch begins with %+v, want revision %d", got, four)
	}
}

func testWatchEnds(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	batches := s.Watch(ctx, "/", 0)
	for i := range 100 {
		put(t, s, "/a", []byte{byte(i)}) // nobody reads
	}
	cancel()
	deadline := time.After(patience)
	for {
		select {
		case b, open := <-batches:
			if !open {
				return
			}
			if b.Reset {
				t.Error("a watch whose context ends is reset")
			}
		case <-deadline:
			t.Fatal("a watch is open after its context ended")
		}
	}
}

// mirror is a Follower that keeps what it is told.
type mirror struct {
	mu       sync.Mutex
	state    map[string]string
	revision int64
	replaced int
}

func (m *mirror) Replace(entries []store.Entry, revision int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state, m.revision = map[string]string{}, revision
	m.replaced++
	for _, e := range entries {
		m.state[e.Key] = string(e.Value)
	}
	return nil
}

func (m *mirror) Apply(b store.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b.Revision <= m.revision {
		return fmt.Errorf("batch %d after %d", b.Revision, m.revision)
	}
	m.revision = b.Revision
	for _, e := range b.Events {
		if e.Deleted {
			delete(m.state, e.Entry.Key)
		} else {
			m.state[e.Entry.Key] = string(e.Entry.Value)
		}
		if e.Entry.Key == "/f/stop" {
			return errStop
		}
	}
	return nil
}

var errStop = errors.New("stop")

func testFollow(t *testing.T, s store.Store) {
	put(t, s, "/f/a", []byte("1"))
	put(t, s, "/f/b", []byte("1"))
	m := &mirror{}
	ended := make(chan error, 1)
	go func() { ended <- store.Follow(t.Context(), s, "/f/", m) }()
	put(t, s, "/f/a", []byte("2"))
	commit(t, s, store.Delete("/f/b"), store.Put("/f/c", []byte(strings.Repeat("c", 600<<10))))
	put(t, s, "/f/stop", nil)
	select {
	case err := <-ended:
		// The last put may be in the first List already; then it never stops.
		if !errors.Is(err, errStop) {
			t.Errorf("Follow = %v, want its follower's error", err)
		}
	case <-time.After(time.Second):
		put(t, s, "/f/stop", nil)
		<-ended
	}
	entries, _ := list(t, s, "/f/")
	want := map[string]string{}
	for _, e := range entries {
		want[e.Key] = string(e.Value)
	}
	if !maps.Equal(m.state, want) || m.replaced != 1 {
		t.Errorf("the follower has %d keys after %d lists, want %d after 1", len(m.state), m.replaced, len(want))
	}
}
