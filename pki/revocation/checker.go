package revocation

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// DefaultMaxWait is how long a Check waits for downloads.
const DefaultMaxWait = 5 * time.Second

var (
	errBusy      = errors.New("too many downloads are running")
	errForgotten = errors.New("it was no good")
)

// Local has lists that need no download, such as that of the development CA.
type Local interface {
	// CRL returns the DER of the newest list of issuer, and whether there is one. It must be fast
	// and safe for concurrent use; where it has a list, no address is fetched for issuer's certificates.
	CRL(issuer *cert.Certificate) ([]byte, bool)
}

// Options say what a Checker asks. The zero value asks nobody and knows nothing.
type Options struct {
	// Fetcher downloads; nil downloads nothing.
	Fetcher *Fetcher
	// Local is asked before anything is fetched; may be nil.
	Local Local
	// Named are lists that the operator named, which are asked before anything is fetched; may be nil.
	Named *Named
	// Blocked are certificates that the operator refuses, whatever lists say; may be nil.
	Blocked *BlockList
	// Signers gives certificates that may have signed indirect lists, by the canonical name of their subject
	// (chain.CanonicalName); only wide modes ask. They are judged before they are believed. May be nil.
	Signers func(subject string) []*cert.Certificate
	// MaxWait bounds the wait for downloads in one Check; 0 means DefaultMaxWait.
	MaxWait time.Duration
	// Refresh is how often lists and answers in use are asked for newer ones, at least; 0 means DefaultRefresh. They are
	// always renewed before their nextUpdate.
	Refresh time.Duration
	// Dir is where downloads are kept for a restart, and indexes of big lists are mapped from; empty keeps all in memory.
	Dir string
	// Nonce sends a nonce to responders. An answer with another nonce proves nothing then; one without still does, since
	// many responders sign in advance (RFC 9654 section 2.1).
	Nonce bool
	// OnChange is called, within a tenth of a second and never twice at a time, when something that was good may be
	// revoked by now: a newer list or answer, a list of the operator, the block list. Verdicts that are remembered have to
	// be made anew then. May be nil.
	OnChange func()
	// Log is told of downloads that fail and of lists that are too old; nil tells nobody.
	Log *slog.Logger
}

// Checker answers for paths; it is a chain.Revocation and a chain.IssuerSource.
type Checker struct {
	opts    Options
	log     *slog.Logger
	cache   *diskCache
	lists   store[*CRL]
	answers store[*Response]
	issuers store[*cert.Certificate]
	local   localLists
	changes changes
	// reading is full while maxReading lists are read from disk, large while maxLarge large ones are downloaded.
	reading, large chan struct{}
}

// maxReading is how many lists are read from disk at a time: a restart with many big ones would have all their indexes in
// the making at once, and none ready soon.
const maxReading = 4

var (
	_ chain.Revocation   = (*Checker)(nil)
	_ chain.IssuerSource = (*Checker)(nil)
	_ chain.Prefetcher   = (*Checker)(nil)
)

// NewChecker makes a Checker. A directory that cannot be used is told to the log, and nothing is kept then.
func NewChecker(opts Options) *Checker {
	if opts.MaxWait <= 0 {
		opts.MaxWait = DefaultMaxWait
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	c := &Checker{opts: opts, log: opts.Log, changes: changes{tell: opts.OnChange}, reading: make(chan struct{}, maxReading), large: make(chan struct{}, maxLarge)}
	c.lists.refresh, c.answers.refresh = opts.Refresh, opts.Refresh
	c.lists.replaced, c.answers.replaced = c.listReplaced, c.answerReplaced
	c.lists.early = func(l *CRL) bool { return l.origin == originKept }
	c.answers.early = func(r *Response) bool { return r.origin == originKept }
	c.lists.recovered, c.answers.recovered = c.changes.note, c.changes.note
	if opts.Dir != "" {
		var err error
		if c.cache, err = openCache(opts.Dir); err != nil {
			c.log.LogAttrs(context.Background(), slog.LevelWarn, "downloaded revocation lists are not kept", slog.String("dir", filepath.Clean(opts.Dir)), slog.Any("error", err))
		}
	}
	if opts.Named != nil {
		opts.Named.start(c)
	}
	if opts.Blocked != nil {
		opts.Blocked.onChange(c.changes.note)
	}
	return c
}

// tick is how often Run looks at what has to be renewed; a changed file is noticed within two, when nobody writes it any more.
const tick = 100 * time.Millisecond

// Run renews what is in use ahead of time, so that no Check waits for a list that was known before, and reads the
// operator's files again when they change, until ctx ends. Without it, renewals begin with the first Check that is late.
func (c *Checker) Run(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	swept := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			c.lists.tend(now)
			c.answers.tend(now)
			c.issuers.tend(now)
			if c.opts.Named != nil {
				c.opts.Named.tend(now)
			}
			if c.opts.Blocked != nil {
				c.opts.Blocked.reread(c.log)
			}
			if now.Sub(swept) > time.Hour {
				swept = now
				c.cache.sweep(now, time.Hour)
			}
		}
	}
}

// changes tells of changes, those of a tenth of a second together.
type changes struct {
	tell func()

	mu      sync.Mutex
	pending bool
	telling sync.Mutex
}

// coalesce is how long changes are gathered.
const coalesce = 50 * time.Millisecond

// note has tell called soon.
func (c *changes) note() {
	if c.tell == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending {
		return
	}
	c.pending = true
	time.AfterFunc(coalesce, func() {
		c.telling.Lock()
		defer c.telling.Unlock()
		c.mu.Lock()
		c.pending = false
		c.mu.Unlock()
		c.tell()
	})
}

// listReplaced keeps the newest list whose signature was good beside its successor, whose signature nobody has seen yet,
// and tells of serial numbers that a successor of the same issuer adds.
func (c *Checker) listReplaced(old, new *flight[*CRL]) (keep **CRL) {
	keep = old.before.Load()
	if old.value == new.value {
		return keep
	}
	if old.value.proved() && (keep == nil || !old.value.olderThan(*keep)) {
		keep = &old.value
	}
	// A list that nobody has proved, nobody relies on.
	if keep != nil && new.value.succeeds(*keep) && new.value.entries.adds(&(*keep).entries) {
		c.changes.note()
	}
	return keep
}

// answerReplaced tells of a responder that revokes what it did not before, and keeps the last answer whose signature was
// good.
func (c *Checker) answerReplaced(old, new *flight[*Response]) (keep **Response) {
	if new.value.revokes() && !old.value.revokes() {
		c.changes.note()
	}
	if old.value.proved.Load() {
		return &old.value
	}
	return old.before.Load()
}

// Begin starts the downloads that Check of the same path will need, and returns at once. The
// path must have been verified up to a trusted root: addresses in other certificates are not fetched.
func (c *Checker) Begin(path []*chain.Info) { c.With(ClosedMode).Begin(path) }

// Issuer fetches the certificate at subject's caIssuers address, in DER or PEM.
func (c *Checker) Issuer(subject *chain.Info) (*cert.Certificate, error) {
	if c.opts.Fetcher == nil {
		return nil, errors.New("nothing is fetched")
	}
	address := subject.IssuerURL
	f := c.issuers.start(address, func(*flight[*cert.Certificate]) (*cert.Certificate, time.Time, error) {
		data, err := c.opts.Fetcher.get(address, maxAnswerBytes)
		if err != nil {
			return nil, time.Time{}, err
		}
		issuer, err := cert.Parse(data)
		if err != nil {
			issuer, err = cert.ParsePEM(data)
		}
		return issuer, time.Now().Add(maxAge), err
	})
	await(newWaiter(c.opts.MaxWait), f)
	if f = f.best(); !f.landed() {
		return nil, errors.New("the download takes too long")
	}
	return f.value, f.err
}

// waiter waits for several downloads up to one deadline, and for none longer than the patience
// with it: a download that hangs holds up those who come early, not all who come while it hangs.
type waiter struct {
	deadline time.Time
	patience time.Duration
}

func newWaiter(patience time.Duration) waiter { return waiter{time.Now().Add(patience), patience} }

// atMost is the waiter with less patience for what is next.
func (w waiter) atMost(patience time.Duration) waiter {
	return waiter{earlier(w.deadline, time.Now().Add(patience)), min(w.patience, patience)}
}

// left is how long it still waits.
func (w waiter) left() time.Duration { return time.Until(w.deadline) }

// await reports whether the download is there in time.
func await[T comparable](w waiter, f *flight[T]) bool {
	if f.landed() {
		return true
	}
	left := time.Until(earlier(w.deadline, f.begun.Add(w.patience)))
	if left <= 0 {
		return false
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-f.done:
		return true
	case <-timer.C:
		return false
	}
}
