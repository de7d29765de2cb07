package etcdstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/internal/store"
)

// later is when every blob is old.
func later() time.Time { return time.Now().Add(time.Hour) }

// bigValue makes a value of some chunks that n alone decides.
func bigValue(n int) []byte {
	value := bytes.Repeat(binary.BigEndian.AppendUint64(nil, uint64(n)), 100_000)
	return append(value, fmt.Sprint(n)...)
}

// blobKeys counts what is stored of blobs.
func blobKeys(t *testing.T, s *Store) int64 {
	t.Helper()
	got, err := s.client.Get(t.Context(), s.blobs, clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil {
		t.Fatal(err)
	}
	return got.Count
}

func sweep(t *testing.T, s *Store, before time.Time) {
	t.Helper()
	if err := s.sweep(t.Context(), before); err != nil {
		t.Fatalf("sweep: %v", err)
	}
}

func TestSweep(t *testing.T) {
	s := openIn(t, Config{Dir: t.TempDir()})
	want := func(what string, n int64) {
		t.Helper()
		if got := blobKeys(t, s); got != n {
			t.Errorf("%s: %d keys of blobs, want %d", what, got, n)
		}
	}
	const each = 1 + 2 // a manifest and two chunks
	commit(t, s, store.Put("/a", bigValue(1)))
	commit(t, s, store.Put("/b", bigValue(1)))
	want("one content", each)
	commit(t, s, store.Put("/c", bigValue(2)))
	sweep(t, s, later())
	want("all are referred to", 2*each)
	commit(t, s, store.Delete("/a"), store.Put("/c", nil))
	sweep(t, s, time.Now().Add(-time.Hour))
	want("the orphan is young", 2*each)
	sweep(t, s, later())
	want("the orphan is old", each)
	if e, err := s.Get(t.Context(), "/b"); err != nil || !bytes.Equal(e.Value, bigValue(1)) {
		t.Errorf("after the sweep /b has %d bytes, %v", len(e.Value), err)
	}
	commit(t, s, store.DeletePrefix("/"))
	if _, err := s.client.Put(t.Context(), s.chunkKey("lost", 0), "chunk"); err != nil {
		t.Fatal(err)
	}
	sweep(t, s, later())
	want("nothing is referred to, and one chunk has no manifest", 0)
	commit(t, s, store.Put("/a", bigValue(1)))
	if e, err := s.Get(t.Context(), "/a"); err != nil || !bytes.Equal(e.Value, bigValue(1)) {
		t.Errorf("put again after the sweep, /a has %d bytes, %v", len(e.Value), err)
	}
}

// TestSweptBlobIsUploadedAgain sweeps between upload and commit.
func TestSweptBlobIsUploadedAgain(t *testing.T) {
	s := openIn(t, Config{Dir: t.TempDir()})
	txn := store.Txn{Then: []store.Op{store.Put("/a", bigValue(1))}}
	c := change{store: s, txn: txn, framed: frame(txn.Then)}
	var err error
	if c.created, err = s.upload(t.Context(), c.name, c.blob); err != nil {
		t.Fatalf("upload: %v", err)
	}
	sweep(t, s, later())
	if revision, done, err := c.try(t.Context()); done || err != nil {
		t.Errorf("try with a swept blob = %d, %v, %v; want neither done nor an error", revision, done, err)
	}
	commit(t, s, txn.Then...)
	if e, err := s.Get(t.Context(), "/a"); err != nil || !bytes.Equal(e.Value, bigValue(1)) {
		t.Errorf("/a has %d bytes, %v", len(e.Value), err)
	}
}

// TestOldEventsKeepTheirValues watches from before a blob was swept.
func TestOldEventsKeepTheirValues(t *testing.T) {
	s := openIn(t, Config{Dir: t.TempDir()})
	from := commit(t, s, store.Put("/a", bigValue(1)))
	last := commit(t, s, store.Put("/a", bigValue(2)))
	sweep(t, s, later())
	batches := s.Watch(t.Context(), "/", from)
	for n := range 2 {
		if b := <-batches; len(b.Events) != 1 || !bytes.Equal(b.Events[0].Entry.Value, bigValue(n+1)) {
			t.Errorf("event %d has another value", n)
		}
	}
	if err := s.Compact(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if b := <-s.Watch(t.Context(), "/", from); !b.Reset {
		t.Errorf("a watch from a compacted revision begins with %+v", b)
	}
}

// TestSweepingWhileWriting has a sweeper that finds everything old, writers of
// few contents, so that blobs come and go, and a reader.
func TestSweepingWhileWriting(t *testing.T) {
	s := openIn(t, Config{Dir: t.TempDir()})
	ctx, stop := context.WithCancel(t.Context())
	var writers, others sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := range 25 {
				key := fmt.Sprintf("/%d", w)
				value := bigValue((n + w) % 3)
				if _, err := s.Commit(ctx, store.Txn{Then: []store.Op{store.Put(key, value)}}); err != nil {
					t.Errorf("Commit: %v", err)
				}
				if e, err := s.Get(ctx, key); err != nil || !bytes.Equal(e.Value, value) {
					t.Errorf("Get: %d bytes, %v", len(e.Value), err)
				}
			}
		})
	}
	others.Go(func() {
		for ctx.Err() == nil {
			if err := s.sweep(ctx, later()); err != nil && ctx.Err() == nil {
				t.Errorf("sweep: %v", err)
			}
		}
	})
	others.Go(func() {
		for ctx.Err() == nil {
			if _, _, err := s.List(ctx, "/"); err != nil && ctx.Err() == nil {
				t.Errorf("List: %v", err)
			}
		}
	})
	writers.Wait()
	stop()
	others.Wait()
}

func TestUnframe(t *testing.T) {
	for _, tc := range []struct {
		name, stored string
		fails        bool
	}{
		{"inline", "\x00value", false},
		{"inline and empty", "\x00", false},
		{"reference", string(reference{"b", 1, 2, 3}.frame()), false},
		{"nothing", "", true},
		{"unknown frame", "\x02", true},
		{"no JSON", "\x01{", true},
		{"negative offset", string(reference{"b", -1, 2, 3}.frame()), true},
		{"offset over the limit", string(reference{"b", store.MaxTxnBytes + 1, 2, 3}.frame()), true},
		{"negative length", string(reference{"b", 1, -2, 3}.frame()), true},
		{"length over the limit", string(reference{"b", 1, store.MaxValueBytes + 1, 3}.frame()), true},
		{"chunks of nothing", string(reference{"b", 1, 2, 0}.frame()), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, _, err := unframe([]byte(tc.stored)); (err != nil) != tc.fails {
				t.Errorf("unframe(%q): error %v, want one: %v", tc.stored, err, tc.fails)
			}
		})
	}
}

// FuzzUnframe: what is read is a value that frames as it was, or a reference within the limits.
func FuzzUnframe(f *testing.F) {
	f.Add(inline([]byte("value")))
	f.Add(reference{"b", 1, 2, 3}.frame())
	f.Fuzz(func(t *testing.T, stored []byte) {
		value, ref, err := unframe(stored)
		switch {
		case err != nil:
		case ref == nil && !bytes.Equal(inline(value), stored):
			t.Errorf("%q reads as %q, which is stored as %q", stored, value, inline(value))
		case ref != nil && (ref.Offset < 0 || ref.Length < 0 || ref.Chunk <= 0 || ref.Offset+ref.Length > store.MaxTxnBytes+store.MaxValueBytes):
			t.Errorf("%q reads as %+v", stored, ref)
		}
	})
}

func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := openIn(b, Config{Dir: b.TempDir()})
			value := bytes.Repeat([]byte("v"), 2000)
			next := make(chan int)
			var all sync.WaitGroup
			for w := range writers {
				all.Go(func() {
					for range next {
						if _, err := s.Commit(context.Background(), store.Txn{Then: []store.Op{store.Put(fmt.Sprintf("/%d", w), value)}}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			b.ReportAllocs()
			for b.Loop() {
				next <- 0
			}
			close(next)
			all.Wait()
		})
	}
}
