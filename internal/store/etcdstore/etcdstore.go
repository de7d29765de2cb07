package etcdstore

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/semaphore"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// DefaultRoot is the prefix of all that Postern keeps in etcd.
const DefaultRoot = "/postern"

const (
	// listPage is how many entries List asks etcd for at once.
	listPage = 500
	// readAttempts bounds how often a read starts again because what it read
	// was compacted or swept under it; each takes minutes of bad luck.
	readAttempts = 5
	// callTimeout ends a call whose caller set no end, such as one to a cluster
	// that is not reached; the biggest commits take seconds.
	callTimeout = 2 * time.Minute
	// gateWhole is more than the commits that can be under way.
	gateWhole = 1 << 30
	// closeGrace is how long Close lets calls under way finish.
	closeGrace = 2 * time.Second
)

// Store is a store in etcd. Make one with Embedded or Connect.
type Store struct {
	client *clientv3.Client
	logger *slog.Logger
	// keys, blobs and seq are the places of doc.go.
	keys, blobs, seq string
	quorumWatch      bool   // the client can tell a watch that its member lost the cluster
	member           member // the embedded etcd; nil with Connect

	ctx    context.Context // ends when the store is closed
	cancel context.CancelFunc
	// background is ended when closing begins: watches and maintenance, which
	// would not end by themselves as calls do.
	background       context.Context
	cancelBackground context.CancelFunc

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // calls, watches, maintenance
	done    chan struct{}  // closed when Close has finished

	// gate lets commits through together, or one with many conditions alone.
	gate *semaphore.Weighted

	sweepMu sync.Mutex
	swept   int64 // the store's revision at a sweep that left nothing to do, until something is committed
}

// member is what a store has to do with an etcd of its own.
type member interface {
	// maintain frees space; see Maintain.
	maintain(ctx context.Context) error
	// explainFull says what the quota is.
	explainFull() string
	// id is etcd's name for this member.
	id() uint64
	close()
}

var _ store.Store = (*Store)(nil)

// newStore makes a store on a client that works; its owner then calls start.
func newStore(client *clientv3.Client, root string, logger *slog.Logger) *Store {
	if root == "" {
		root = DefaultRoot
	}
	s := &Store{
		client: client, logger: componentLogger(logger),
		keys: root + "/k", blobs: root + "/b/", seq: root + "/seq",
		done: make(chan struct{}), gate: semaphore.NewWeighted(gateWhole),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.background, s.cancelBackground = context.WithCancel(s.ctx)
	return s
}

// begin counts a call in: end must be called, and the context is done when
// the store is closed for good.
func (s *Store) begin(ctx context.Context) (inner context.Context, end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil, store.Closed()
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	s.running.Add(1)
	inner, cancel := context.WithTimeout(ctx, callTimeout)
	stop := context.AfterFunc(s.ctx, cancel)
	return inner, func() { stop(); cancel(); s.running.Done() }, nil
}

// Close implements store.Store: calls under way have two seconds to finish.
func (s *Store) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if !first {
		<-s.done
		return nil
	}
	defer close(s.done)
	s.cancelBackground()
	idle := make(chan struct{})
	go func() { s.running.Wait(); close(idle) }()
	select {
	case <-idle:
	case <-time.After(closeGrace):
		s.cancel()
		<-idle
	}
	s.cancel()
	err := s.client.Close()
	if s.member != nil {
		s.member.close()
		err = nil // the client in the process has no connection that could fail to close
	}
	if errors.Is(err, context.Canceled) {
		err = nil // what etcd's client answers when it was closed by its context
	}
	return err
}

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, key string) (store.Entry, error) {
	if err := store.CheckKey(key); err != nil {
		return store.Entry{}, err
	}
	inner, end, err := s.begin(ctx)
	if err != nil {
		return store.Entry{}, err
	}
	defer end()
	for range readAttempts {
		var e store.Entry
		if e, err = s.getOnce(inner, key); !stale(err) {
			return e, s.explain(ctx, err)
		}
	}
	return store.Entry{}, s.explain(ctx, err)
}

func (s *Store) getOnce(ctx context.Context, key string) (store.Entry, error) {
	got, err := s.client.Get(ctx, s.keys+key)
	if err != nil {
		return store.Entry{}, err
	}
	if len(got.Kvs) == 0 {
		return store.Entry{}, fault.New(fault.NotFound, "%q not found", key)
	}
	kv := got.Kvs[0]
	e := store.Entry{Key: key, CreateRevision: kv.CreateRevision, ModRevision: kv.ModRevision}
	e.Value, err = (&loader{store: s, revision: got.Header.Revision}).value(ctx, kv.Value)
	return e, err
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, prefix string) ([]store.Entry, int64, error) {
	inner, end, err := s.begin(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer end()
	for range readAttempts {
		var entries []store.Entry
		var revision int64
		if entries, revision, err = s.listOnce(inner, prefix); !stale(err) {
			return entries, revision, s.explain(ctx, err)
		}
	}
	return nil, 0, s.explain(ctx, err)
}

func (s *Store) listOnce(ctx context.Context, prefix string) (entries []store.Entry, revision int64, err error) {
	values := loader{store: s}
	revision, err = s.scan(ctx, prefix, func(key string, kv *keyValue, at int64) error {
		values.revision = at
		value, err := values.value(ctx, kv.Value)
		if err != nil {
			return err
		}
		entries = append(entries, store.Entry{Key: key, Value: value, CreateRevision: kv.CreateRevision, ModRevision: kv.ModRevision})
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return entries, revision, nil
}

// scan gives visit every key under prefix, with its framed value, in order, as
// of one revision, page by page.
func (s *Store) scan(ctx context.Context, prefix string, visit func(key string, kv *keyValue, at int64) error) (int64, error) {
	next, end := s.keys+prefix, clientv3.GetPrefixRangeEnd(s.keys+prefix)
	revision := int64(0)
	for {
		page, err := s.client.Get(ctx, next, clientv3.WithRange(end), clientv3.WithLimit(listPage), clientv3.WithRev(revision))
		if err != nil {
			return 0, err
		}
		if revision == 0 {
			revision = page.Header.Revision
		}
		for _, kv := range page.Kvs {
			if err := visit(strings.TrimPrefix(string(kv.Key), s.keys), kv, revision); err != nil {
				return 0, err
			}
		}
		if !page.More || len(page.Kvs) == 0 {
			return revision, nil
		}
		next = string(page.Kvs[len(page.Kvs)-1].Key) + "\x00"
	}
}

// stale says that a read met its own past being removed: it may start again.
func stale(err error) bool {
	return errors.Is(err, errGone) || errors.Is(err, rpctypes.ErrCompacted)
}
