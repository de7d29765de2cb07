package reference

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/event"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
)

// The times of a Refresher.
const (
	// DefaultInterval is how often a reference is looked at (API Management: four hours).
	DefaultInterval = time.Minute
	// firstRetry is how soon a failed fetch is tried again; then twice as long each time, up to longestRetry or the interval.
	firstRetry   = 5 * time.Second
	longestRetry = 5 * time.Minute
	// statusAge is how old the time of a status that says Success may become.
	statusAge = 10 * time.Minute
	// parallel is how many fetches run at a time.
	parallel = 8
)

// Fetcher fetches a secret; a *Resolver is one.
type Fetcher interface {
	Fetch(ctx context.Context, id SecretID, identityClientID string) (Secret, error)
}

// RefresherOptions are what a Refresher is made of.
type RefresherOptions struct {
	// Store holds the resources and the statuses.
	Store store.Store
	// Fetcher fetches.
	Fetcher Fetcher
	// Sealer seals what was fetched.
	Sealer resource.Sealer
	// Update changes a stored resource: change is given the present state and reports whether it changed it, and what else
	// is to be stored. It may be called again where somebody else was first. A change that may not be made is an error.
	Update func(ctx context.Context, id resource.ID, change func(r *resource.Resource) (also []store.Op, changed bool, err error)) error
	// Publish takes events; nil: nobody does.
	Publish func(event.Event)
	// Interval is how often a reference is looked at; 0 means DefaultInterval.
	Interval time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes failures that are ours.
	Log *slog.Logger
}

// Refresher keeps what references refer to up to date. Make one with NewRefresher, and Run it.
type Refresher struct {
	o    RefresherOptions
	wake chan struct{}

	mu    sync.Mutex
	items map[string]*item // by StatusKey
	gone  map[string]bool  // statuses to remove
}

// item is one reference under watch.
type item struct {
	use  Use
	id   SecretID
	due  time.Time
	busy bool
	// again asks for another look as soon as the present one is over.
	again bool
	// failures counts those in a row; status is the last one known.
	failures int
	status   Status
}

// NewRefresher makes a Refresher.
func NewRefresher(o RefresherOptions) *Refresher {
	if o.Interval == 0 {
		o.Interval = DefaultInterval
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Publish == nil {
		o.Publish = func(event.Event) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Refresher{o: o, wake: make(chan struct{}, 1), items: map[string]*item{}, gone: map[string]bool{}}
}

// Run follows the store and refreshes until ctx ends.
func (f *Refresher) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			err := store.Follow(ctx, f.o.Store, resource.KeyPrefix, f)
			if ctx.Err() == nil {
				f.o.Log.LogAttrs(ctx, slog.LevelWarn, "references cannot be followed", slog.Any(logkey.Error, err))
				sleep(ctx, time.Second)
			}
		}
	})
	slots := make(chan struct{}, parallel)
	for ctx.Err() == nil {
		wait := f.start(ctx, &wg, slots)
		select {
		case <-ctx.Done():
		case <-f.wake:
		case <-time.After(wait):
		}
	}
	wg.Wait()
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (f *Refresher) nudge() {
	select {
	case f.wake <- struct{}{}:
	default: // it is awake already
	}
}

// start begins all fetches that are due, and returns how long until the next one is.
func (f *Refresher) start(ctx context.Context, wg *sync.WaitGroup, slots chan struct{}) time.Duration {
	f.sweep(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	now, wait := f.o.Now(), f.o.Interval
	for key, i := range f.items {
		if i.busy {
			continue
		}
		if d := i.due.Sub(now); d > 0 {
			wait = min(wait, d)
			continue
		}
		i.busy = true
		wg.Go(func() {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
			case <-ctx.Done():
				return
			}
			f.refresh(ctx, key)
		})
	}
	return wait
}

// sweep removes the statuses of references that are no more.
func (f *Refresher) sweep(ctx context.Context) {
	f.mu.Lock()
	gone := f.gone
	f.gone = map[string]bool{}
	f.mu.Unlock()
	for key := range gone {
		if _, err := f.o.Store.Commit(ctx, store.Txn{Then: []store.Op{store.Delete(key)}}); err != nil {
			f.o.Log.LogAttrs(ctx, slog.LevelWarn, "the status of a reference cannot be removed", slog.Any(logkey.Error, err))
		}
	}
}

// Replace implements store.Follower.
func (f *Refresher) Replace(entries []store.Entry, _ int64) error {
	seen := map[string]bool{}
	for _, e := range entries {
		f.take(e, seen)
	}
	f.mu.Lock()
	for key := range f.items {
		if !seen[key] {
			f.drop(key)
		}
	}
	f.mu.Unlock()
	f.nudge()
	return nil
}

// Apply implements store.Follower.
func (f *Refresher) Apply(b store.Batch) error {
	for _, e := range b.Events {
		seen := map[string]bool{}
		if !e.Deleted {
			f.take(e.Entry, seen)
		}
		f.mu.Lock()
		for key := range f.items {
			if strings.HasPrefix(key, statusPrefix+e.Entry.Key+"#") && !seen[key] {
				f.drop(key)
			}
		}
		f.mu.Unlock()
	}
	f.nudge()
	return nil
}

// drop forgets a reference; f.mu is held.
func (f *Refresher) drop(key string) {
	delete(f.items, key)
	f.gone[key] = true
}

// take puts the references of a stored resource under watch. One that is new is looked at at once.
func (f *Refresher) take(e store.Entry, seen map[string]bool) {
	r, err := resource.Decode(e)
	if err != nil {
		return // the loader says so
	}
	for _, u := range Of(r) {
		id, err := ParseID(u.Secret)
		if err != nil {
			continue // it was checked when it was stored
		}
		key := StatusKey(u.Resource, u.Slot)
		seen[key] = true
		f.mu.Lock()
		i := f.items[key]
		if i == nil || i.id != id || i.use.Identity != u.Identity {
			f.items[key] = &item{use: u, id: id, due: f.o.Now()}
		}
		delete(f.gone, key)
		f.mu.Unlock()
	}
}

// Nudge has references to a secret looked at now; an empty name means all of the vault. vault is its name, the first label
// of its host. It returns how many there are.
func (f *Refresher) Nudge(vault, secret string) int {
	f.mu.Lock()
	n := 0
	for _, i := range f.items {
		if strings.EqualFold(i.id.VaultName(), vault) && (secret == "" || strings.EqualFold(i.id.Name, secret)) {
			i.due, i.again = f.o.Now(), i.busy
			n++
		}
	}
	f.mu.Unlock()
	f.nudge()
	return n
}

// Now fetches a resource's references at once and returns the first failure.
func (f *Refresher) Now(ctx context.Context, r *resource.Resource) error {
	for _, u := range Of(r) {
		id, err := ParseID(u.Secret)
		if err != nil {
			return err
		}
		status, err := f.once(ctx, u, id, nil)
		f.mu.Lock()
		if i := f.items[StatusKey(u.Resource, u.Slot)]; i != nil && i.id == id && !i.busy {
			f.settle(i, status, err)
		}
		f.mu.Unlock()
		f.nudge()
		if err != nil {
			return err
		}
	}
	return nil
}

// refresh looks at one item, which is busy.
func (f *Refresher) refresh(ctx context.Context, key string) {
	f.mu.Lock()
	i := f.items[key]
	if i == nil {
		f.mu.Unlock()
		return
	}
	use, id, known := i.use, i.id, i.status
	f.mu.Unlock()

	status, err := f.once(ctx, use, id, &known)

	f.mu.Lock()
	defer f.mu.Unlock()
	i.busy = false
	f.settle(i, status, err)
	if i.again {
		i.again, i.due = false, f.o.Now()
	}
	f.nudge()
}

// settle notes how a fetch of the item went, and when the next one is; f.mu is held.
func (f *Refresher) settle(i *item, status Status, err error) {
	i.status = status
	wait := f.o.Interval
	if err != nil {
		i.failures++
		wait = f.pause(i.failures, err)
	} else {
		i.failures = 0
	}
	i.due = f.o.Now().Add(wait)
}

// pause is how long to wait after so many failures.
func (f *Refresher) pause(failures int, err error) time.Duration {
	d := firstRetry << min(failures-1, 20)
	if longest := min(f.o.Interval, longestRetry); d > longest || d <= 0 {
		d = longest
	}
	if e, ok := errors.AsType[*Failure](err); ok && e.RetryAfter > d {
		d = e.RetryAfter
	}
	return d
}

// once fetches a reference and stores what is new. known is the status in memory; nil reads it from the store, and has the
// time of the new one stored whatever it says, since somebody asked for it.
func (f *Refresher) once(ctx context.Context, u Use, id SecretID, known *Status) (Status, error) {
	old, err := f.known(ctx, u, known)
	if err != nil {
		return Status{}, err
	}
	secret, err := f.o.Fetcher.Fetch(ctx, id, u.Identity)
	if ctx.Err() != nil {
		return old, ctx.Err()
	}
	next := Status{Code: Success, Time: f.o.Now().UTC(), Version: secret.ID.Version, Secret: id.String()}
	rotated := false
	if err == nil {
		rotated, err = f.store(ctx, u, id, secret, old, next)
	}
	if err != nil {
		next = f.failed(old, err)
	}
	stale := known == nil || next.Time.Sub(old.Time) >= statusAge
	if err := f.report(ctx, u, id, old, next, rotated, stale); err != nil {
		return next, err
	}
	return next, err
}

func (f *Refresher) known(ctx context.Context, u Use, known *Status) (Status, error) {
	if known != nil && known.Code != "" {
		return *known, nil
	}
	s, err := StatusOf(ctx, f.o.Store, u.Resource, u.Slot)
	if err != nil || s == nil {
		return Status{}, err
	}
	return *s, nil
}

func (f *Refresher) failed(old Status, err error) Status {
	s := Status{Code: "InternalServerError", Message: err.Error(), Time: f.o.Now().UTC(), Version: old.Version, Secret: old.Secret, Since: old.Since}
	if e, ok := errors.AsType[*Failure](err); ok {
		s.Code = e.Code
	} else if fault.KindOf(err) == fault.Invalid {
		s.Code = "ValidationError"
	}
	if s.Since.IsZero() {
		s.Since = s.Time
	}
	return s
}

// errNoUse tells that the resource does not hold the reference any more.
var errNoUse = errors.New("the reference is gone")

// store puts a version that is not served yet into its resource, together with its status.
func (f *Refresher) store(ctx context.Context, u Use, id SecretID, secret Secret, old, next Status) (rotated bool, err error) {
	if old.Version == secret.ID.Version && old.Secret == id.String() {
		return false, nil
	}
	err = f.o.Update(ctx, u.Resource, func(r *resource.Resource) ([]store.Op, bool, error) {
		if !holds(r, u) {
			return nil, false, errNoUse
		}
		if err := u.Put(f.o.Sealer, r, secret); err != nil {
			return nil, false, err
		}
		op, err := WriteStatus(u.Resource, u.Slot, next)
		return []store.Op{op}, true, err
	})
	if errors.Is(err, errNoUse) {
		return false, nil
	}
	return err == nil, err
}

func holds(r *resource.Resource, u Use) bool {
	for _, x := range Of(r) {
		if x.Slot == u.Slot && x.Secret == u.Secret && x.Identity == u.Identity {
			return true
		}
	}
	return false
}

// report stores a status that says something new, or whose time is to be told, and publishes what happened.
func (f *Refresher) report(ctx context.Context, u Use, id SecretID, old, next Status, rotated, stale bool) error {
	if !rotated && (old.Code != next.Code || old.Message != next.Message || stale) {
		op, err := WriteStatus(u.Resource, u.Slot, next)
		if err == nil {
			_, err = f.o.Store.Commit(ctx, store.Txn{If: []store.Condition{store.Exists(u.Resource.Key())}, Then: []store.Op{op}})
		}
		if err != nil {
			if fault.KindOf(err) == fault.PreconditionFailed {
				return nil // the resource has just been deleted
			}
			return err
		}
	}
	e := event.Event{Subject: u.Resource.String(), Data: map[string]any{"secretIdentifier": id.String(), "version": next.Version}}
	switch {
	case next.Failed() && !old.Failed():
		e.Type, e.Level = "Postern.KeyVaultRefreshFailed", slog.LevelError
		e.Message = fmt.Sprintf("the key vault reference of %s could not be refreshed; its last good value is served", u.name())
		e.Data["code"], e.Data["detail"], e.Data["since"] = next.Code, next.Message, next.Since.Format(time.RFC3339)
	case !next.Failed() && old.Failed():
		e.Type, e.Level = "Postern.KeyVaultRefreshRecovered", slog.LevelInfo
		e.Message = fmt.Sprintf("the key vault reference of %s is refreshed again", u.name())
		e.Data["failingSince"] = old.Since.Format(time.RFC3339)
	case rotated && old.Version != "" && old.Secret == next.Secret:
		e.Type, e.Level = "Postern.KeyVaultSecretRotated", slog.LevelInfo
		e.Message = fmt.Sprintf("%s has a new version of its secret", u.name())
	default:
		return nil
	}
	f.o.Publish(e)
	return nil
}

// name is what people call the holder.
func (u Use) name() string {
	switch u.Kind {
	case Hostname:
		return "host name " + u.Slot[strings.LastIndexByte(u.Slot, '/')+1:]
	case NamedValue:
		return "named value " + u.Resource.Name()
	}
	return "certificate " + u.Resource.Name()
}
