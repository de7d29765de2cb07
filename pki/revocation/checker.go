package revocation

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// DefaultMaxWait is how long a Check waits for downloads.
const DefaultMaxWait = 5 * time.Second

var errBusy = errors.New("too many downloads are running")

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
	// MaxWait bounds the wait for downloads in one Check; 0 means DefaultMaxWait.
	MaxWait time.Duration
}

// Checker answers for paths; it is a chain.Revocation and a chain.IssuerSource.
type Checker struct {
	opts    Options
	lists   store[*CRL]
	answers store[*Response]
	issuers store[*cert.Certificate]

	localMu sync.Mutex
	local   map[[32]byte]*localList
}

type localList struct {
	der  []byte
	list *CRL
	err  error
}

var (
	_ chain.Revocation   = (*Checker)(nil)
	_ chain.IssuerSource = (*Checker)(nil)
	_ chain.Prefetcher   = (*Checker)(nil)
)

// NewChecker makes a Checker.
func NewChecker(opts Options) *Checker {
	if opts.MaxWait <= 0 {
		opts.MaxWait = DefaultMaxWait
	}
	return &Checker{opts: opts, local: make(map[[32]byte]*localList)}
}

// Begin starts the downloads that Check of the same path will need, and returns at once. The
// path must have been verified up to a trusted root: addresses in other certificates are not fetched.
func (c *Checker) Begin(path []*chain.Info) {
	for n := 0; n < len(path)-1; n++ {
		c.begin(path[n], path[n+1])
	}
}

// asked is what was asked about one certificate.
type asked struct {
	local *localList
	list  *flight[*CRL]
	delta *flight[*CRL]
	ocsp  *flight[*Response]
}

func (c *Checker) begin(subject, issuer *chain.Info) asked {
	var a asked
	a.local = c.localFor(issuer)
	if a.local != nil {
		return a
	}
	if c.opts.Fetcher == nil {
		return a
	}
	if subject.CRLURL != "" {
		a.list = c.fetchList(subject.CRLURL)
	}
	if subject.DeltaURL != "" {
		a.delta = c.fetchList(subject.DeltaURL)
	}
	if subject.OCSPURL != "" {
		a.ocsp = c.fetchAnswer(subject, issuer)
	}
	return a
}

// localFor is the list that needs no download, nil if there is none.
func (c *Checker) localFor(issuer *chain.Info) *localList {
	if c.opts.Local == nil {
		return nil
	}
	raw, ok := c.opts.Local.CRL(issuer.Cert)
	if !ok {
		return nil
	}
	c.localMu.Lock()
	defer c.localMu.Unlock()
	if old := c.local[issuer.Cert.SHA256]; old != nil && bytes.Equal(old.der, raw) {
		return old
	}
	list, err := ParseCRL(bytes.Clone(raw))
	l := &localList{der: bytes.Clone(raw), list: list, err: err}
	if len(c.local) >= maxKept {
		clear(c.local)
	}
	c.local[issuer.Cert.SHA256] = l
	return l
}

func (c *Checker) fetchList(address string) *flight[*CRL] {
	return c.lists.start(address, func() (*CRL, time.Time, error) {
		data, err := c.opts.Fetcher.get(address, c.opts.Fetcher.opts.MaxBytes)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("%s: %w", address, err)
		}
		list, err := ParseCRL(data)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("%s: %w", address, err)
		}
		return list, keepUntil(list.NextUpdate()), nil
	})
}

// keepUntil is when something with this nextUpdate has to be fetched again. What is expired
// already is kept as long as a failure, so that it is not fetched for each request.
func keepUntil(next time.Time) time.Time {
	now := time.Now()
	switch {
	case next.IsZero():
		return now.Add(withoutNextUpdate)
	case !next.After(now.Add(negativeTTL)):
		return now.Add(negativeTTL)
	}
	return next
}

func (c *Checker) fetchAnswer(subject, issuer *chain.Info) *flight[*Response] {
	id := NewCertID(subject, issuer)
	key := fmt.Sprintf("%s %x %x %x", subject.OCSPURL, id.nameHash, id.keyHash, id.serial)
	return c.answers.start(key, func() (*Response, time.Time, error) {
		request, err := id.Request()
		if err != nil {
			return nil, time.Time{}, err
		}
		data, err := c.opts.Fetcher.get(requestURL(subject.OCSPURL, request), maxAnswerBytes)
		if err != nil {
			if data, err = c.opts.Fetcher.post(subject.OCSPURL, "application/ocsp-request", request, maxAnswerBytes); err != nil {
				return nil, time.Time{}, fmt.Errorf("%s: %w", subject.OCSPURL, err)
			}
		}
		r, err := ParseResponse(data)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("%s: %w", subject.OCSPURL, err)
		}
		return r, keepUntil(r.next(id)), nil
	})
}

// next is the nextUpdate of the answer about id; zero if there is none.
func (p *Response) next(id CertID) time.Time {
	for _, s := range p.singles {
		if s.id.equal(id) && s.hasNext && !s.nextUpdate.bad {
			return time.Unix(s.nextUpdate.at, 0)
		}
	}
	return time.Time{}
}

// Issuer fetches the certificate at subject's caIssuers address, in DER or PEM.
func (c *Checker) Issuer(subject *chain.Info) (*cert.Certificate, error) {
	if c.opts.Fetcher == nil {
		return nil, errors.New("nothing is fetched")
	}
	f := c.issuers.start(subject.IssuerURL, func() (*cert.Certificate, time.Time, error) {
		data, err := c.opts.Fetcher.get(subject.IssuerURL, maxAnswerBytes)
		if err != nil {
			return nil, time.Time{}, err
		}
		issuer, err := cert.Parse(data)
		if err != nil {
			issuer, err = cert.ParsePEM(data)
		}
		return issuer, time.Now().Add(maxAge), err
	})
	if !await(newWaiter(c.opts.MaxWait), f) {
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

// await reports whether the download is there in time.
func await[T any](w waiter, f *flight[T]) bool {
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
