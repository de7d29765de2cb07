// Package memstore is a store in memory, for tests: the contract of package
// store without durability.
package memstore

import (
	"context"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/feed"
)

// historyLimit is how many revisions a watch can look back, at least.
const historyLimit = 10_000

// Store is a store in memory. Make one with New.
type Store struct {
	mu       sync.Mutex
	closed   bool
	revision int64
	entries  map[string]store.Entry
	// history is what happened after revision compacted, in order.
	history   []store.Batch
	compacted int64
	watches   map[*watch]struct{}
	running   sync.WaitGroup // feeds
}

type watch struct {
	prefix string
	from   int64 // the first revision wanted
	feed   *feed.Feed
}

var _ store.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store {
	return &Store{revision: 1, compacted: 1, entries: map[string]store.Entry{}, watches: map[*watch]struct{}{}}
}

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, key string) (store.Entry, error) {
	if err := store.CheckKey(key); err != nil {
		return store.Entry{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return store.Entry{}, err
	}
	e, ok := s.entries[key]
	if !ok {
		return store.Entry{}, fault.New(fault.NotFound, "%q not found", key)
	}
	return copied(e), nil
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, prefix string) ([]store.Entry, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return nil, 0, err
	}
	var found []store.Entry
	for key, e := range s.entries {
		if strings.HasPrefix(key, prefix) {
			found = append(found, copied(e))
		}
	}
	slices.SortFunc(found, func(a, b store.Entry) int { return strings.Compare(a.Key, b.Key) })
	return found, s.revision, nil
}

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, txn store.Txn) (int64, error) {
	if err := txn.Validate(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return 0, err
	}
	for _, c := range txn.If {
		if at := s.modRevision(c); !c.HoldsAt(at) {
			return 0, store.Failed(c, at)
		}
	}
	if len(txn.Then) == 0 {
		return s.revision, nil
	}
	s.revision++
	batch := store.Batch{Revision: s.revision}
	for _, op := range txn.Then {
		batch.Events = append(batch.Events, s.apply(op)...)
	}
	s.publish(batch)
	return s.revision, nil
}

// modRevision is the revision that a condition is judged by.
func (s *Store) modRevision(c store.Condition) int64 {
	if !c.IsPrefix() {
		return s.entries[c.Key()].ModRevision
	}
	for key, e := range s.entries {
		if strings.HasPrefix(key, c.Key()) {
			return e.ModRevision
		}
	}
	return 0
}

// apply makes one operation at the present revision.
func (s *Store) apply(op store.Op) []store.Event {
	if op.Kind() == store.OpPut {
		e := store.Entry{Key: op.Key(), Value: slices.Clone(op.Value()), CreateRevision: s.revision, ModRevision: s.revision}
		if old, ok := s.entries[e.Key]; ok {
			e.CreateRevision = old.CreateRevision
		}
		s.entries[e.Key] = e
		return []store.Event{{Entry: e}}
	}
	var events []store.Event
	remove := func(key string) {
		delete(s.entries, key)
		events = append(events, store.Event{Entry: store.Entry{Key: key, ModRevision: s.revision}, Deleted: true})
	}
	if _, ok := s.entries[op.Key()]; ok {
		remove(op.Key())
	}
	if op.Kind() == store.OpDeletePrefix {
		for key := range s.entries {
			if strings.HasPrefix(key, op.Key()) {
				remove(key)
			}
		}
	}
	return events
}

// publish keeps a batch for later watches and sends it to the present ones.
func (s *Store) publish(batch store.Batch) {
	slices.SortFunc(batch.Events, func(a, b store.Event) int { return strings.Compare(a.Entry.Key, b.Entry.Key) })
	s.history = append(s.history, batch)
	if len(s.history) > 2*historyLimit {
		s.compact(s.history[historyLimit-1].Revision)
	}
	for w := range s.watches {
		w.send(batch)
	}
}

// Watch implements store.Store.
func (s *Store) Watch(ctx context.Context, prefix string, from int64) <-chan store.Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		closed := make(chan store.Batch)
		close(closed)
		return closed
	}
	w := &watch{prefix: prefix, from: from}
	s.running.Add(1)
	w.feed = feed.New(ctx, feed.Limits{}, func() {
		defer s.running.Done()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watches, w)
	})
	s.watches[w] = struct{}{}
	if from > 0 && from <= s.compacted {
		w.feed.Reset()
	} else if from > 0 {
		for _, batch := range s.history {
			w.send(batch)
		}
	}
	return w.feed.C()
}

// send gives w what of a batch it asked for.
func (w *watch) send(batch store.Batch) {
	if batch.Revision < w.from {
		return
	}
	mine := store.Batch{Revision: batch.Revision}
	for _, e := range batch.Events {
		if strings.HasPrefix(e.Entry.Key, w.prefix) {
			mine.Events = append(mine.Events, store.Event{Entry: copied(e.Entry), Deleted: e.Deleted})
		}
	}
	if len(mine.Events) > 0 {
		w.feed.Send(mine)
	}
}

// Compact forgets the history up to and including revision: watches from
// there are reset.
func (s *Store) Compact(ctx context.Context, revision int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx); err != nil {
		return err
	}
	s.compact(revision)
	return nil
}

func (s *Store) compact(revision int64) {
	n := sort.Search(len(s.history), func(i int) bool { return s.history[i].Revision > revision })
	s.history = slices.Clone(s.history[n:])
	s.compacted = max(s.compacted, min(revision, s.revision))
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	for w := range s.watches {
		w.feed.Stop()
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// usable says whether a call may go on.
func (s *Store) usable(ctx context.Context) error {
	if s.closed {
		return store.Closed()
	}
	return ctx.Err()
}

// copied is e with a value of its own.
func copied(e store.Entry) store.Entry {
	e.Value = slices.Clone(e.Value)
	return e
}
