package jwt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// The times of a provider's document, as the service has them.
const (
	// keepFor is how long it is taken as it is.
	keepFor = time.Hour
	// renewAfter is how long nobody asks again after a token named a key that is not there, or after asking failed.
	renewAfter = 5 * time.Minute
	// retryAfter is that for a provider that has never answered.
	retryAfter = 30 * time.Second
	// staleFor bounds how long it serves while the provider does not answer.
	staleFor = 24 * time.Hour
	// fetchTime bounds one look at a provider.
	fetchTime = 15 * time.Second
)

const (
	maxDocumentBytes = 1 << 20
	maxProviders     = 256
	maxRedirects     = 3
)

// Provider is what an OpenID provider publishes (OpenID Connect Discovery 1.0 section 3).
type Provider struct {
	Issuer string
	Keys   []Key
	// fetched is when.
	fetched time.Time
}

// Source has the documents of providers: fetched when first asked for, once for all who wait, and kept. It is safe for
// concurrent use.
type Source struct {
	client *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu    sync.Mutex
	known map[string]*state
}

// state is what is known of a provider.
type state struct {
	provider *Provider
	// asked is when it was asked last, err why that failed; used is when somebody wanted it last.
	asked, used time.Time
	err         error
}

// NewSource makes a Source that fetches over a transport, which says where it may go. A nil clock is time.Now.
func NewSource(transport http.RoundTripper, clock func() time.Time) *Source {
	if clock == nil {
		clock = time.Now
	}
	return &Source{now: clock, known: map[string]*state{}, client: &http.Client{
		Transport: transport,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("too many redirections")
			}
			return secure(r.URL)
		},
	}}
}

// CheckURL says what is wrong with the address of a provider's document; it is nil for an https address.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("it is no address")
	}
	return secure(u)
}

func secure(u *url.URL) error {
	if u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errors.New("keys are fetched from https addresses only")
	}
	return nil
}

// Get is the document at an address. fresh asks the provider again where a key was missing, unless that was just done.
func (s *Source) Get(ctx context.Context, address string, fresh bool) (*Provider, error) {
	now := s.now()
	s.mu.Lock()
	st := s.known[address]
	if st == nil {
		s.makeRoom()
		st = &state{}
		s.known[address] = st
	}
	st.used = now
	provider, err, asked := st.provider, st.err, st.asked
	s.mu.Unlock()
	if !due(provider, asked, now, fresh) {
		return usable(provider, err, now)
	}
	done := s.flight.DoChan(address, func() (any, error) { return nil, s.fetch(address, st) })
	select {
	case <-done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return usable(st.provider, st.err, now)
}

// due reports whether the provider is to be asked.
func due(p *Provider, asked, now time.Time, fresh bool) bool {
	switch {
	case asked.IsZero():
		return true
	case p == nil:
		return now.Sub(asked) >= retryAfter
	}
	return (fresh || now.Sub(p.fetched) >= keepFor) && now.Sub(asked) >= renewAfter
}

func usable(p *Provider, err error, now time.Time) (*Provider, error) {
	if p != nil && now.Sub(p.fetched) < staleFor {
		return p, nil
	}
	if err == nil {
		err = errors.New("the provider's document is too old")
	}
	return nil, err
}

// makeRoom forgets the provider that nobody wanted for the longest time, if there are too many.
func (s *Source) makeRoom() {
	if len(s.known) < maxProviders {
		return
	}
	oldest := ""
	for address, st := range s.known {
		if oldest == "" || st.used.Before(s.known[oldest].used) {
			oldest = address
		}
	}
	delete(s.known, oldest)
}

// fetch asks the provider; it does not end with the request that began it, since others wait for it too.
func (s *Source) fetch(address string, st *state) error {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTime)
	defer cancel()
	p, err := s.read(ctx, address)
	s.mu.Lock()
	defer s.mu.Unlock()
	st.asked, st.err = s.now(), err
	if err == nil {
		p.fetched = st.asked
		st.provider = p
	}
	return err
}

func (s *Source) read(ctx context.Context, address string) (*Provider, error) {
	data, err := s.get(ctx, address)
	if err != nil {
		return nil, err
	}
	var document struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s is no OpenID configuration: %w", address, err)
	}
	if data, err = s.get(ctx, document.JWKS); err != nil {
		return nil, fmt.Errorf("jwks_uri of %s: %w", address, err)
	}
	keys, err := ParseKeySet(data)
	if err != nil {
		return nil, fmt.Errorf("the key set at %s: %w", document.JWKS, err)
	}
	return &Provider{Issuer: document.Issuer, Keys: keys}, nil
}

func (s *Source) get(ctx context.Context, address string) ([]byte, error) {
	if err := CheckURL(address); err != nil {
		return nil, fmt.Errorf("%q: %w", address, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxDocumentBytes+1))
	if err == nil && len(data) > maxDocumentBytes {
		err = fmt.Errorf("%s has more than %d bytes", address, maxDocumentBytes)
	}
	return data, err
}
