// Package expiry watches certificates and revocation lists run out, those
// that nothing uses included, and tells of it 60, 30, 14, 7 and 1 days before
// and at the end, once each.
//
// What was told is kept in the store, so that neither a restart nor another
// node tells it again.
package expiry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/event"
	"github.com/postern-gateway/postern/internal/store"
)

// Kind is what runs out.
type Kind string

// The kinds.
const (
	Client Kind = "client" // a certificate entity
	CA     Kind = "ca"     // a CA certificate of the service
	Server Kind = "server" // a host name's certificate
	Vault  Kind = "vault"  // a certificate, or a secret that expires, of the embedded vault
	CRL    Kind = "crl"    // a revocation list, of which NotAfter is nextUpdate
)

// Item is something that runs out.
type Item struct {
	Kind Kind
	// ID is an ARM id, a vault's identifier or a list's address; Name is for people.
	ID, Name string
	// Subject and Thumbprint (SHA-1 in hexadecimal) of a certificate; of a list, its issuer and nothing.
	Subject, Thumbprint string
	NotAfter            time.Time
	// Issued is a list's thisUpdate; zero of a certificate.
	Issued time.Time
	// InUse tells whether anything refers to it, or serves it.
	InUse bool
}

// DaysLeft is how many whole days are left at a time; negative once it is over.
func (i Item) DaysLeft(at time.Time) int {
	return int(math.Floor(i.NotAfter.Sub(at).Hours() / 24))
}

// Days are how long before the end it is told, in days; 0 is the end itself.
var Days = []int{60, 30, 14, 7, 1, 0}

// Types of events.
const (
	NearExpiry = "Postern.NearExpiry"
	Expired    = "Postern.Expired"
)

// interval is how often the watcher looks when nothing calls it.
const interval = time.Hour

// settle is how long changes may follow one another before the watcher looks once for all of them.
const settle = 2 * time.Second

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Options are what a Watcher is made of.
type Options struct {
	// Sources give all items; one that fails is left out this time.
	Sources []func(ctx context.Context) ([]Item, error)
	// Store keeps what was told.
	Store store.Store
	// Publish takes the events.
	Publish func(event.Event)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes failures.
	Log *slog.Logger
}

// Watcher watches. Make one with New; it is a prometheus.Collector of when each item runs out.
type Watcher struct {
	o      Options
	nudge  chan struct{}
	metric *prometheus.Desc

	mu    sync.Mutex
	items []Item
}

// New makes a Watcher.
func New(o Options) *Watcher {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Watcher{o: o, nudge: make(chan struct{}, 1), metric: prometheus.NewDesc("postern_not_after_timestamp_seconds",
		"When a certificate or revocation list runs out, in Unix time.", []string{"kind", "id", "name", "in_use"}, nil)}
}

// Nudge has the watcher look soon, since something has changed. A nil Watcher has nothing to look at.
func (w *Watcher) Nudge() {
	if w == nil {
		return
	}
	select {
	case w.nudge <- struct{}{}:
	default: // it will look anyway
	}
}

// Run watches until ctx ends.
func (w *Watcher) Run(ctx context.Context) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		w.Look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-w.nudge:
			pause(ctx, settle)
		}
	}
}

// Items are those of the last look, the first to run out first.
func (w *Watcher) Items() []Item {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.items
}

// Look gathers the items and tells what is to be told.
func (w *Watcher) Look(ctx context.Context) {
	items, whole := w.gather(ctx)
	w.mu.Lock()
	w.items = items
	w.mu.Unlock()
	marks, err := w.marks(ctx)
	if err != nil {
		w.failed(ctx, err)
		return
	}
	for _, i := range items {
		if err := w.tell(ctx, i, marks); err != nil {
			w.failed(ctx, err)
		}
	}
	if whole {
		w.forget(ctx, marks)
	}
}

func (w *Watcher) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		w.o.Log.LogAttrs(ctx, slog.LevelError, "what runs out could not be told", slog.Any("error", err))
	}
}

// gather asks the sources; whole tells that each has answered.
func (w *Watcher) gather(ctx context.Context) (items []Item, whole bool) {
	whole = true
	for _, source := range w.o.Sources {
		some, err := source(ctx)
		if err != nil {
			whole = false
			w.failed(ctx, err)
		}
		items = append(items, some...)
	}
	slices.SortStableFunc(items, func(a, b Item) int {
		if c := a.NotAfter.Compare(b.NotAfter); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return items, whole
}

// prefix is where the marks stand in the store.
const prefix = "/expiry/"

// listMarkDays is how many days after its end the mark of a list stays.
const listMarkDays = 30

// mark is what was told of an item last.
type mark struct {
	Days int `json:"days"`
	// ID is for those who look into the store.
	ID string `json:"id"`
	// Until is when the mark may be forgotten though the item is not seen; zero: at once. Each node knows lists of its own.
	Until time.Time `json:"until,omitzero"`

	revision int64
	seen     bool
}

func (i Item) key() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(i.Kind), i.ID, i.Thumbprint, i.NotAfter.UTC().Format(time.RFC3339)}, "\x00")))
	return prefix + hex.EncodeToString(sum[:16])
}

func (w *Watcher) marks(ctx context.Context) (map[string]*mark, error) {
	entries, _, err := w.o.Store.List(ctx, prefix)
	if err != nil {
		return nil, err
	}
	marks := make(map[string]*mark, len(entries))
	for _, e := range entries {
		m := &mark{Days: math.MaxInt, revision: e.ModRevision}
		_ = json.Unmarshal(e.Value, m) // one that cannot be read tells again
		marks[e.Key] = m
	}
	return marks, nil
}

// due is the tightest of Days that the item is within; ok is false while there is time.
func due(i Item, at time.Time) (days int, ok bool) {
	for _, d := range Days {
		if !at.Before(i.NotAfter.AddDate(0, 0, -d)) {
			days, ok = d, true
		}
	}
	return days, ok
}

// told tells whether the item lives long enough to be told of so many days before its end: a list that is issued every
// week is never 60 days from its end, and a week before its end is no news.
func (i Item) told(days int) bool {
	return i.Kind != CRL || days == 0 || i.NotAfter.Sub(i.Issued) >= 4*24*time.Hour*time.Duration(days)
}

// tell publishes what is due and was not told. The mark is written first: of several nodes, the one that writes it tells.
func (w *Watcher) tell(ctx context.Context, i Item, marks map[string]*mark) error {
	m := marks[i.key()]
	if m != nil {
		m.seen = true
	}
	days, ok := due(i, w.o.Now())
	if !ok || !i.told(days) || m != nil && m.Days <= days {
		return nil
	}
	revision := int64(0)
	if m != nil {
		revision = m.revision
	}
	next := mark{Days: days, ID: i.ID}
	if i.Kind == CRL {
		next.Until = i.NotAfter.AddDate(0, 0, listMarkDays).UTC()
	}
	value, err := json.Marshal(next)
	if err != nil {
		return err
	}
	_, err = w.o.Store.Commit(ctx, store.Txn{If: []store.Condition{store.AtRevision(i.key(), revision)}, Then: []store.Op{store.Put(i.key(), value)}})
	if err != nil {
		if fault.KindOf(err) == fault.PreconditionFailed {
			return nil // another node tells
		}
		return err
	}
	w.o.Publish(w.event(i, days))
	return nil
}

// forget removes the marks of items that are no more.
func (w *Watcher) forget(ctx context.Context, marks map[string]*mark) {
	for key, m := range marks {
		if m.seen || w.o.Now().Before(m.Until) {
			continue
		}
		_, err := w.o.Store.Commit(ctx, store.Txn{If: []store.Condition{store.AtRevision(key, m.revision)}, Then: []store.Op{store.Delete(key)}})
		if err != nil && fault.KindOf(err) != fault.PreconditionFailed {
			w.failed(ctx, err)
			return
		}
	}
}

var kindNames = map[Kind]string{Client: "client certificate", CA: "CA certificate", Server: "server certificate", Vault: "vault object", CRL: "revocation list"}

func (w *Watcher) event(i Item, days int) event.Event {
	e := event.Event{Type: NearExpiry, Subject: i.ID, Level: slog.LevelWarn, Data: map[string]any{
		"kind": string(i.Kind), "name": i.Name, "certificateSubject": i.Subject, "thumbprint": i.Thumbprint,
		"notAfter": i.NotAfter.UTC().Format(time.RFC3339), "daysLeft": i.DaysLeft(w.o.Now()), "threshold": days, "inUse": i.InUse,
	}}
	when := i.NotAfter.UTC().Format("2006-01-02 15:04 MST")
	if days > 0 {
		e.Message = fmt.Sprintf("the %s %q expires on %s", kindNames[i.Kind], i.Name, when)
		return e
	}
	e.Type, e.Message = Expired, fmt.Sprintf("the %s %q has expired on %s", kindNames[i.Kind], i.Name, when)
	if i.InUse {
		e.Level = slog.LevelError
	}
	return e
}

// Describe implements prometheus.Collector.
func (w *Watcher) Describe(ch chan<- *prometheus.Desc) { ch <- w.metric }

// Collect implements prometheus.Collector.
func (w *Watcher) Collect(ch chan<- prometheus.Metric) {
	seen := map[string]bool{}
	for _, i := range w.Items() {
		labels := []string{string(i.Kind), i.ID, i.Name, fmt.Sprint(i.InUse)}
		if key := strings.Join(labels, "\x00"); !seen[key] { // the first to run out counts
			seen[key] = true
			ch <- prometheus.MustNewConstMetric(w.metric, prometheus.GaugeValue, float64(i.NotAfter.Unix()), labels...)
		}
	}
}
