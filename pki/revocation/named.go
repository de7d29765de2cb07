package revocation

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/fault"
)

// Named are lists that the operator named: files, which are read again when they change, and http or https addresses,
// which are renewed like others and reached wherever they are, since the operator named them (their redirects are not).
// A list is used for the issuer that its signature proves; where it is in force, nothing is fetched for that issuer's
// certificates. One Named belongs to one Checker.
type Named struct {
	files   []*namedFile
	urls    []string
	fetcher *Fetcher
	lists   store[*CRL]
	owner   *Checker
}

// namedFile is a file and what it said when it was read last.
type namedFile struct {
	// dir is where big indexes are mapped from; empty for nowhere.
	dir  string
	list atomic.Pointer[CRL]

	mu    sync.Mutex
	watch fileWatch
}

// NewNamed reads the values of --crl: files in DER or PEM, or addresses. A file that cannot be read, or is no list, is a
// fault.Invalid that names it. Of opts Proxy, Timeout, MaxBytes and Resolver count.
func NewNamed(values []string, opts FetchOptions) (*Named, error) {
	n := &Named{}
	for _, v := range values {
		lower := strings.ToLower(v)
		if strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
			u, err := url.Parse(v)
			if err != nil || u.Hostname() == "" {
				return nil, fault.New(fault.Invalid, "%q is not an address of a list", v)
			}
			n.urls, opts.Named = append(n.urls, v), append(opts.Named, hostPort(u))
			continue
		}
		f := &namedFile{watch: fileWatch{path: v}}
		if _, err := f.read(); err != nil {
			return nil, err
		}
		n.files = append(n.files, f)
	}
	opts.Secure = true
	n.fetcher = NewFetcher(opts)
	return n, nil
}

// start makes c the owner and begins the downloads.
func (n *Named) start(c *Checker) {
	n.owner = c
	n.lists.refresh, n.lists.replaced, n.lists.recovered = c.opts.Refresh, c.listReplaced, c.changes.note
	n.lists.early = c.lists.early
	for _, f := range n.files {
		f.dir = c.opts.Dir
		f.list.Load().entries.settle(f.dir) // nobody has it yet
	}
	for _, u := range n.urls {
		n.fetch(u)
	}
}

func (n *Named) fetch(address string) *flight[*CRL] {
	return n.lists.start(address, func(old *flight[*CRL]) (*CRL, time.Time, error) {
		list, until, err := n.owner.loadList(n.fetcher, address, old)
		if err == nil && list.origin == originFetched && (old == nil || old.err != nil || old.value != list) {
			list.origin = originNamed
		}
		return list, until, err
	})
}

// tend renews addresses and reads files again that have changed.
func (n *Named) tend(now time.Time) {
	for _, u := range n.urls {
		n.fetch(u) // counts as use
	}
	n.lists.tend(now)
	for _, f := range n.files {
		changed, err := f.read()
		if err != nil {
			n.owner.log.LogAttrs(context.Background(), slog.LevelError, "a revocation list cannot be read; what was read before holds", slog.String("file", f.watch.path), slog.Any("error", err))
		}
		if changed {
			n.owner.changes.note()
		}
	}
}

// read reads the file if it has changed since it was read last.
func (f *namedFile) read() (changed bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := f.watch.path
	due, err := f.watch.due()
	if err != nil {
		return false, fault.Wrap(fault.Invalid, err, "revocation list %q cannot be read", path)
	}
	if !due {
		return false, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return false, fault.Wrap(fault.Invalid, err, "revocation list %q cannot be read", path)
	}
	defer file.Close() //nolint:errcheck // read only
	list, err := ReadCRL(file, maxListBytes)
	if err != nil {
		return false, fault.Wrap(fault.Invalid, err, "%q is not a revocation list in DER or PEM", path)
	}
	list.entries.settle(f.dir)
	list.source, list.origin = path, originFile
	f.list.Store(list)
	return true, nil
}

// of are the lists of the issuer with this canonical name. It waits only for addresses that were never had.
func (n *Named) of(issuer string, w waiter) []*CRL {
	if n == nil {
		return nil
	}
	var lists []*CRL
	for _, f := range n.files {
		if l := f.list.Load(); l != nil && l.issuer == issuer {
			lists = append(lists, l)
		}
	}
	for _, u := range n.urls {
		f := n.fetch(u)
		if f.old.Load() == nil {
			await(w, f)
		}
		f = f.best()
		if !f.known() {
			continue
		}
		for _, l := range versions(f) {
			if l.issuer == issuer {
				lists = append(lists, l)
			}
		}
	}
	return lists
}

// versions are the newest list of a flight that landed, and the one before it where that is kept.
func versions(f *flight[*CRL]) []*CRL {
	list := []*CRL{f.value}
	if before := f.before.Load(); before != nil && *before != f.value {
		list = append(list, *before)
	}
	return list
}
