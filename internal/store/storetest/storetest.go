// Package storetest is the contract of package store as tests, run on every
// implementation.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// patience is how long a test waits for what must happen soon.
const patience = 20 * time.Second

// Run runs the suite. open makes a new, empty store and sees to its closing.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, tc := range []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"entries", testEntries},
		{"list", testList},
		{"list of many pages", testListPages},
		{"conditions", testConditions},
		{"compare and swap", testCompareAndSwap},
		{"transactions are atomic", testAtomic},
		{"deletions", testDeletions},
		{"wrong transactions", testWrong},
		{"big values", testBigValues},
		{"big transactions", testBigTransactions},
		{"many conditions", testManyConditions},
		{"many conditions among many writers", testManyConditionsBusy},
		{"values are copies", testCopies},
		{"watch", testWatch},
		{"watch from a later revision", testWatchFuture},
		{"watch groups revisions", testWatchGroups},
		{"watch has no gaps", testWatchNoGaps},
		{"watch is reset", testWatchReset},
		{"watch ends", testWatchEnds},
		{"follow", testFollow},
		{"concurrent writers", testConcurrentWriters},
		{"list is one picture", testListConsistent},
		{"contexts", testContexts},
		{"close", testClose},
	} {
		t.Run(tc.name, func(t *testing.T) { tc.run(t, open(t)) })
	}
}

// RunReopen runs the tests of durability: reopen closes the store it is given
// and opens what it left behind.
func RunReopen(t *testing.T, open func(t *testing.T) store.Store, reopen func(t *testing.T, s store.Store) store.Store) {
	s := open(t)
	big := pattern(5<<20, 7)
	first := put(t, s, "/a", []byte("one"))
	second := commit(t, s, store.Put("/big", big), store.Put("/b", nil), store.Delete("/none"))
	s = reopen(t, s)
	if got := get(t, s, "/a"); string(got.Value) != "one" || got.ModRevision != first {
		t.Errorf("after reopening, /a = %q at %d; want \"one\" at %d", got.Value, got.ModRevision, first)
	}
	if got := get(t, s, "/big"); !bytes.Equal(got.Value, big) || got.ModRevision != second {
		t.Errorf("after reopening, /big has %d bytes at %d; want %d at %d", len(got.Value), got.ModRevision, len(big), second)
	}
	if third := put(t, s, "/a", []byte("two")); third <= second {
		t.Errorf("after reopening, a commit took revision %d, not above %d", third, second)
	}
	batches := s.Watch(t.Context(), "/a", first)
	if got := next(t, batches); got.Revision != first {
		t.Errorf("after reopening, a watch from %d began with %+v", first, got)
	}
}

// compactor is a store whose history can be dropped.
type compactor interface {
	Compact(ctx context.Context, revision int64) error
}

func commit(t testing.TB, s store.Store, ops ...store.Op) int64 {
	t.Helper()
	revision, err := s.Commit(t.Context(), store.Txn{Then: ops})
	if err != nil {
		t.Fatalf("Commit of %d operations: %v", len(ops), err)
	}
	return revision
}

func put(t testing.TB, s store.Store, key string, value []byte) int64 {
	t.Helper()
	return commit(t, s, store.Put(key, value))
}

func get(t testing.TB, s store.Store, key string) store.Entry {
	t.Helper()
	e, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("Get(%q): %v", key, err)
	}
	return e
}

func list(t testing.TB, s store.Store, prefix string) ([]store.Entry, int64) {
	t.Helper()
	entries, revision, err := s.List(t.Context(), prefix)
	if err != nil {
		t.Fatalf("List(%q): %v", prefix, err)
	}
	return entries, revision
}

func keys(entries []store.Entry) []string {
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Key)
	}
	return names
}

func next(t testing.TB, batches <-chan store.Batch) store.Batch {
	t.Helper()
	select {
	case b, ok := <-batches:
		if !ok {
			t.Fatal("the watch ended")
		}
		return b
	case <-time.After(patience):
		t.Fatal("no batch came")
	}
	return store.Batch{}
}

func wantKind(t testing.TB, what string, err error, want fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != want {
		t.Errorf("%s: error %v, want one of kind %v", what, err, want)
	}
}

// pattern makes n bytes that repeat nowhere near a chunk's size.
func pattern(n int, seed uint32) []byte {
	out := make([]byte, n)
	for i := range out {
		seed = seed*1664525 + 1013904223
		out[i] = byte(seed >> 24)
	}
	return out
}

func testEntries(t *testing.T, s store.Store) {
	_, err := s.Get(t.Context(), "/a")
	wantKind(t, "Get of nothing", err, fault.NotFound)
	_, err = s.Get(t.Context(), "")
	wantKind(t, "Get without a key", err, fault.Invalid)

	first := put(t, s, "/a", []byte("one"))
	second := put(t, s, "/a", []byte("two"))
	if first <= 0 || second <= first {
		t.Errorf("revisions %d, %d; want them positive and rising", first, second)
	}
	want := store.Entry{Key: "/a", Value: []byte("two"), CreateRevision: first, ModRevision: second}
	if got := get(t, s, "/a"); !same(got, want) {
		t.Errorf("Get = %+v, want %+v", got, want)
	}
	commit(t, s, store.Delete("/a"))
	third := put(t, s, "/a", nil)
	if got := get(t, s, "/a"); got.CreateRevision != third || got.ModRevision != third || len(got.Value) != 0 {
		t.Errorf("Get after making anew = %+v, want revision %d and no value", got, third)
	}
	for _, key := range []string{"/ä/Ω", "no slash", "/a b%2F", "/" + string(bytes.Repeat([]byte("k"), store.MaxKeyBytes-1))} {
		put(t, s, key, []byte(key))
		if got := get(t, s, key); string(got.Value) != key {
			t.Errorf("Get(%q) = %q", key, got.Value)
		}
	}
}

func same(a, b store.Entry) bool {
	return a.Key == b.Key && bytes.Equal(a.Value, b.Value) && a.CreateRevision == b.CreateRevision && a.ModRevision == b.ModRevision
}

func testList(t *testing.T, s store.Store) {
	if got, revision := list(t, s, "/"); len(got) != 0 || revision < 0 {
		t.Errorf("List of an empty store = %v, %d", got, revision)
	}
	var last int64
	for _, key := range []string{"/b", "/a/2", "/a", "/a/1", "/a/10", "/ab", "/a/é"} {
		last = put(t, s, key, []byte(key))
	}
	for _, tc := range []struct {
		prefix string
		want   []string
	}{
		{"/a/", []string{"/a/1", "/a/10", "/a/2", "/a/é"}},
		{"/a", []string{"/a", "/a/1", "/a/10", "/a/2", "/a/é", "/ab"}},
		{"/a/1", []string{"/a/1", "/a/10"}},
		{"/c", []string{}},
		{"", []string{"/a", "/a/1", "/a/10", "/a/2", "/a/é", "/ab", "/b"}},
	} {
		got, revision := list(t, s, tc.prefix)
		if !slices.Equal(keys(got), tc.want) || revision != last {
			t.Errorf("List(%q) = %v at %d, want %v at %d", tc.prefix, keys(got), revision, tc.want, last)
		}
		for _, e := range got {
			if string(e.Value) != e.Key || e.ModRevision == 0 || e.CreateRevision != e.ModRevision {
				t.Errorf("List(%q) has %+v", tc.prefix, e)
			}
		}
	}
}

func testListPages(t *testing.T, s store.Store) {
	const n = 1234
	var ops []store.Op
	for i := range n {
		ops = append(ops, store.Put(fmt.Sprintf("/p/%05d", i), []byte{byte(i)}))
	}
	commit(t, s, ops...)
	got, _ := list(t, s, "/p/")
	if len(got) != n {
		t.Fatalf("List has %d entries, want %d", len(got), n)
	}
	for i, e := range got {
		if e.Key != fmt.Sprintf("/p/%05d", i) || e.Value[0] != byte(i) {
			t.Fatalf("entry %d is %q = %v", i, e.Key, e.Value)
		}
	}
}

func testCopies(t *testing.T, s store.Store) {
	put(t, s, "/a", []byte("abc"))
	get(t, s, "/a").Value[0] = 'X'
	entries, _ := list(t, s, "/a")
	entries[0].Value[1] = 'X'
	if got := get(t, s, "/a"); string(got.Value) != "abc" {
		t.Errorf("after a reader wrote into its copy the store has %q", got.Value)
	}
}

func testBigValues(t *testing.T, s store.Store) {
	sizes := []int{0, 1, 64 << 10, 128 << 10, 128<<10 + 1, 512 << 10, 512<<10 + 1, 1 << 20, 1536 << 10, 5 << 20}
	batches := s.Watch(t.Context(), "/big/", 0)
	for i, size := range sizes {
		key := fmt.Sprintf("/big/%d", i)
		value := pattern(size, uint32(i))
		put(t, s, key, value)
		if got := get(t, s, key); !bytes.Equal(got.Value, value) {
			t.Errorf("a value of %d bytes came back as %d other ones", size, len(got.Value))
		}
		if b := next(t, batches); len(b.Events) != 1 || !bytes.Equal(b.Events[0].Entry.Value, value) {
			t.Errorf("a watch did not give the value of %d bytes", size)
		}
	}
	entries, _ := list(t, s, "/big/")
	for i, e := range entries {
		if !bytes.Equal(e.Value, pattern(sizes[i], uint32(i))) {
			t.Errorf("List gives other bytes for the value of %d bytes", sizes[i])
		}
	}
	_, err := s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put("/huge", make([]byte, store.MaxValueBytes+1))}})
	wantKind(t, "a value over the limit", err, fault.TooLarge)
}

func testContexts(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Get(ctx, "/a")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Get with an ended context: %v", err)
	}
	_, _, err = s.List(ctx, "/a")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("List with an ended context: %v", err)
	}
	_, err = s.Commit(ctx, store.Txn{Then: []store.Op{store.Put("/a", nil)}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Commit with an ended context: %v", err)
	}
}

func testClose(t *testing.T, s store.Store) {
	put(t, s, "/a", nil)
	batches := s.Watch(t.Context(), "/", 0)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	select {
	case b, open := <-batches:
		if open && !b.Reset {
			t.Errorf("a watch gave %+v after Close", b)
		}
	case <-time.After(patience):
		t.Error("a watch is open after Close")
	}
	_, err := s.Get(t.Context(), "/a")
	wantKind(t, "Get after Close", err, fault.Unavailable)
	_, _, err = s.List(t.Context(), "/a")
	wantKind(t, "List after Close", err, fault.Unavailable)
	_, err = s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put("/a", nil)}})
	wantKind(t, "Commit after Close", err, fault.Unavailable)
	if _, open := <-s.Watch(t.Context(), "/", 0); open {
		t.Error("a watch after Close is open")
	}
}
