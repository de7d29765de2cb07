package etcdstore

import (
	"context"
	"slices"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/feed"
)

// Watch implements store.Store. With from 0 or less it waits until the watch
// is established, so that no change after it is missed.
func (s *Store) Watch(ctx context.Context, prefix string, from int64) <-chan store.Batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		closed := make(chan store.Batch)
		close(closed)
		return closed
	}
	s.running.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.background, cancel)
	f := feed.New(ctx, feed.Limits{}, func() { stop(); cancel(); s.running.Done() })

	s.running.Add(1)
	established := make(chan struct{})
	go func() {
		defer s.running.Done()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // the reader may be slow to fetch the reset; etcd need not queue for it
		changes := s.watchEtcd(ctx, prefix, from)
		close(established)
		w := watcher{store: s, feed: f}
		w.run(ctx, changes)
	}()
	if from <= 0 {
		s.mu.Unlock() // others need not wait for etcd
		select {
		case <-established:
		case <-ctx.Done():
		}
		s.mu.Lock()
	}
	return f.C()
}

func (s *Store) watchEtcd(ctx context.Context, prefix string, from int64) clientv3.WatchChan {
	if s.quorumWatch {
		ctx = clientv3.WithRequireLeader(ctx)
	}
	options := []clientv3.OpOption{clientv3.WithPrefix()}
	if from > 0 {
		options = append(options, clientv3.WithRev(from))
	}
	return s.client.Watch(ctx, s.keys+prefix, options...)
}

// watcher turns etcd's events into batches.
type watcher struct {
	store *Store
	feed  *feed.Feed
}

// run feeds changes until they end or the feed does. Whatever ends them but
// the reader (compaction, a member cut off from its cluster) is a reset.
func (w *watcher) run(ctx context.Context, changes clientv3.WatchChan) {
	defer w.feed.Reset() // does nothing to a feed that has ended
	for response := range changes {
		if response.Err() != nil {
			return
		}
		for events := range chunksByRevision(response.Events) {
			batch, err := w.batch(ctx, events)
			if err != nil || !w.feed.Send(batch) {
				return
			}
		}
	}
}

// chunksByRevision yields the runs of events of one revision. etcd never
// spreads a revision over two responses unless it is asked to fragment them.
func chunksByRevision(events []*clientv3.Event) func(yield func([]*clientv3.Event) bool) {
	return func(yield func([]*clientv3.Event) bool) {
		for start := 0; start < len(events); {
			end := start + 1
			for end < len(events) && events[end].Kv.ModRevision == events[start].Kv.ModRevision {
				end++
			}
			if !yield(events[start:end]) {
				return
			}
			start = end
		}
	}
}

// batch reads the values of events, all of one revision, out of their blobs.
func (w *watcher) batch(ctx context.Context, events []*clientv3.Event) (store.Batch, error) {
	revision := events[0].Kv.ModRevision
	values := loader{store: w.store, revision: revision}
	batch := store.Batch{Revision: revision, Events: make([]store.Event, 0, len(events))}
	for _, e := range events {
		entry := store.Entry{Key: strings.TrimPrefix(string(e.Kv.Key), w.store.keys), ModRevision: revision}
		deleted := e.Type == clientv3.EventTypeDelete
		if !deleted {
			value, err := values.value(ctx, e.Kv.Value)
			if err != nil {
				return store.Batch{}, err
			}
			entry.Value, entry.CreateRevision = value, e.Kv.CreateRevision
		}
		batch.Events = append(batch.Events, store.Event{Entry: entry, Deleted: deleted})
	}
	slices.SortFunc(batch.Events, func(a, b store.Event) int { return strings.Compare(a.Entry.Key, b.Entry.Key) })
	return batch, nil
}
