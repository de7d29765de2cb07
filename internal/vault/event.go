package vault

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/store"
)

// Event is something that happened to an object, on any node.
type Event struct {
	// Kind is one of the event kinds.
	Kind string
	// Vault is the vault's name in lower case, Area the object's, Name as it was first spelt, Version the version's id.
	Vault   string
	Area    Area
	Name    string
	Version string
	// NotBefore and Expires are the version's dates, nil where it has none.
	NotBefore, Expires *time.Time
	// Time is when this node saw it.
	Time time.Time
}

// Kinds of events: those of Key Vault (learn.microsoft.com/azure/event-grid/event-schema-key-vault, read 2026-11, without
// "Microsoft.KeyVault."), and three of ours.
const (
	SecretNewVersionCreated      = "SecretNewVersionCreated"
	SecretNearExpiry             = "SecretNearExpiry"
	SecretExpired                = "SecretExpired"
	CertificateNewVersionCreated = "CertificateNewVersionCreated"
	CertificateNearExpiry        = "CertificateNearExpiry"
	CertificateExpired           = "CertificateExpired"
	KeyNewVersionCreated         = "KeyNewVersionCreated"
	KeyNearExpiry                = "KeyNearExpiry"
	KeyExpired                   = "KeyExpired"
	// ObjectChanged follows every change of an object: attributes, deletion, recovery, a new version too.
	ObjectChanged = "ObjectChanged"
	// ObjectRemoved says that an object is gone for good.
	ObjectRemoved = "ObjectRemoved"
	// EventsMissed says that events were missed: look again at everything. It names no object.
	EventsMissed = "EventsMissed"
)

// Subscribe has f called with every event from now on, one after the other, until cancel is called. f must not wait
// long: the other subscribers wait with it. Events come while Run runs.
func (e *Engine) Subscribe(f func(Event)) (cancel func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	id := e.next
	e.next++
	e.subscribers[id] = f
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.subscribers, id)
	}
}

func (e *Engine) emit(events ...Event) {
	e.mu.Lock()
	ids := make([]int, 0, len(e.subscribers))
	for id := range e.subscribers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	subscribers := make([]func(Event), len(ids))
	for i, id := range ids {
		subscribers[i] = e.subscribers[id]
	}
	e.mu.Unlock()
	for _, event := range events {
		event.Time = e.o.Now().UTC()
		for _, f := range subscribers {
			f(event)
		}
	}
}

// watch turns changes of the store into events until ctx ends; begun is called when nothing can be missed any more.
func (e *Engine) watch(ctx context.Context, begun func()) {
	for first := true; ctx.Err() == nil; first = false {
		// An empty transaction tells the present revision.
		revision, err := e.o.Store.Commit(ctx, store.Txn{})
		if err != nil {
			e.o.Log.LogAttrs(ctx, slog.LevelWarn, "the vaults' events cannot be followed", slog.Any(logkey.Error, err))
		} else {
			changes := e.o.Store.Watch(ctx, root, revision+1)
			if first {
				begun()
			} else {
				e.emit(Event{Kind: EventsMissed})
			}
			for batch := range changes {
				for _, change := range batch.Events {
					e.emit(e.eventsOf(ctx, change)...)
				}
			}
		}
		if sleep(ctx, time.Second) != nil { // the store may be closing
			return
		}
	}
}

// eventsOf are the events of one changed key.
func (e *Engine) eventsOf(ctx context.Context, change store.Event) []Event {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(change.Entry.Key, root), "/")
	parts := strings.Split(rest, "/")
	event := Event{Vault: parts[0], Area: Secrets}
	if len(parts) > 1 {
		event.Name = parts[1]
	}
	switch {
	case kind == "objects" && change.Deleted && len(parts) == 2:
		event.Kind = ObjectRemoved
		return []Event{event}
	case change.Deleted:
		return nil
	case kind == "objects" && len(parts) == 2:
		return e.changed(ctx, event, change.Entry)
	case kind == "versions" && len(parts) == 3 && change.Entry.CreateRevision == change.Entry.ModRevision:
		return e.created(ctx, event, change.Entry)
	case kind == "notices" && len(parts) == 4:
		var n notice
		if err := json.Unmarshal(change.Entry.Value, &n); err != nil {
			e.unreadable(ctx, change.Entry, err)
			return nil
		}
		event.Name, event.NotBefore, event.Expires, event.Version = n.Name, n.NotBefore, n.Expires, parts[2]
		return spread(event, n.Kind, parts[3])
	}
	return nil
}

func (e *Engine) changed(ctx context.Context, event Event, entry store.Entry) []Event {
	var o object
	if err := json.Unmarshal(entry.Value, &o); err != nil {
		e.unreadable(ctx, entry, err)
		return nil
	}
	event.Kind, event.Name = ObjectChanged, o.Name
	if o.Kind == certificateKind {
		event.Area = Certificates
	}
	if o.Current != nil {
		event.Version, event.NotBefore, event.Expires = o.Current.Version, o.Current.NotBefore, o.Current.Expires
	}
	return []Event{event}
}

func (e *Engine) created(ctx context.Context, event Event, entry store.Entry) []Event {
	var x version
	if err := json.Unmarshal(entry.Value, &x); err != nil {
		e.unreadable(ctx, entry, err)
		return nil
	}
	event.Version, event.NotBefore, event.Expires = x.Version, x.NotBefore, x.Expires
	if x.Name != "" {
		event.Name = x.Name
	}
	return spread(event, x.Kind, "NewVersionCreated")
}

// spread is the event in each area that shows an object of that kind.
func spread(event Event, k kind, what string) []Event {
	areas := []Area{Secrets}
	if k == certificateKind {
		areas = []Area{Certificates, Secrets, Keys}
	}
	events := make([]Event, len(areas))
	for i, a := range areas {
		event.Area, event.Kind = a, a.Word()+what
		events[i] = event
	}
	return events
}

func (e *Engine) unreadable(ctx context.Context, entry store.Entry, err error) {
	e.o.Log.LogAttrs(ctx, slog.LevelError, "a record of the vault is unreadable", slog.String(logkey.Resource, entry.Key), slog.Any(logkey.Error, err))
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
