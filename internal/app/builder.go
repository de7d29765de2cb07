package app

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
)

// liveTimeout bounds how long an answer to a change waits for the gateway to run it.
const liveTimeout = 5 * time.Second

// builder follows the store and gives the gateway each new state of the service as a whole. Changes that come while it
// builds are built together. A state that cannot be built is logged and left out: the gateway keeps the last good one.
type builder struct {
	store  store.Store
	loader *resource.Loader
	// use gives the gateway a new service.
	use func(*apim.Service) error
	log *slog.Logger

	mu      sync.Mutex
	entries map[string]store.Entry
	dirty   int64 // the newest revision seen
	live    int64 // the newest revision run, or found impossible to run
	why     string
	changed chan struct{} // closed and replaced when live changes
	wake    chan struct{}
}

func newBuilder(s store.Store, loader *resource.Loader, use func(*apim.Service) error, log *slog.Logger) *builder {
	return &builder{store: s, loader: loader, use: use, log: log.With(slog.String(logkey.Component, "builder")),
		changed: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// Replace implements store.Follower.
func (b *builder) Replace(entries []store.Entry, revision int64) error {
	m := make(map[string]store.Entry, len(entries))
	for _, e := range entries {
		m[e.Key] = e
	}
	b.mu.Lock()
	b.entries, b.dirty = m, revision
	b.mu.Unlock()
	b.nudge()
	return nil
}

// Apply implements store.Follower.
func (b *builder) Apply(batch store.Batch) error {
	b.mu.Lock()
	for _, e := range batch.Events {
		if e.Deleted {
			delete(b.entries, e.Entry.Key)
		} else {
			b.entries[e.Entry.Key] = e.Entry
		}
	}
	b.dirty = batch.Revision
	b.mu.Unlock()
	b.nudge()
	return nil
}

func (b *builder) nudge() {
	select {
	case b.wake <- struct{}{}:
	default: // a build is due already
	}
}

// run follows and builds until ctx ends.
func (b *builder) run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { b.follow(ctx) })
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-b.wake:
				b.build()
			}
		}
	})
	wg.Wait()
}

func (b *builder) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := store.Follow(ctx, b.store, resource.KeyPrefix, b)
		if ctx.Err() != nil {
			return
		}
		b.log.LogAttrs(ctx, slog.LevelWarn, "the store cannot be followed; the last configuration is served", slog.Any(logkey.Error, err))
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (b *builder) build() {
	b.mu.Lock()
	revision := b.dirty
	entries := make([]store.Entry, 0, len(b.entries))
	for _, key := range slices.Sorted(maps.Keys(b.entries)) {
		entries = append(entries, b.entries[key])
	}
	b.mu.Unlock()
	start := time.Now()
	svc, err := b.loader.Load(entries)
	if err == nil {
		err = b.use(svc)
	}
	why := ""
	if err != nil {
		why = err.Error()
		b.log.LogAttrs(context.Background(), slog.LevelError, "the configuration cannot be run; the last good one is served",
			slog.Int64(logkey.Revision, revision), slog.Any(logkey.Error, err))
	} else {
		b.log.LogAttrs(context.Background(), slog.LevelDebug, "configuration is live",
			slog.Int64(logkey.Revision, revision), slog.Duration(logkey.Duration, time.Since(start)))
	}
	b.mu.Lock()
	b.live, b.why = revision, why
	close(b.changed)
	b.changed = make(chan struct{})
	b.mu.Unlock()
}

// rebuild gives the gateway the same state again, because something beside it changed.
func (b *builder) rebuild() { b.nudge() }

// wait returns when revision is live, ctx ends or liveTimeout is over.
func (b *builder) wait(ctx context.Context, revision int64) {
	ctx, cancel := context.WithTimeout(ctx, liveTimeout)
	defer cancel()
	for {
		b.mu.Lock()
		live, changed := b.live, b.changed
		b.mu.Unlock()
		if live >= revision {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// revision is the newest revision run.
func (b *builder) revision() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.live
}

// stale says why the newest state is not run; empty when it is.
func (b *builder) stale() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why
}
