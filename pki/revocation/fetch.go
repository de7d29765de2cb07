package revocation

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
)

// Limits of a Fetcher, unless FetchOptions says otherwise.
const (
	// DefaultFetchTimeout bounds the download of an answer or certificate, from looking up the name to the last octet.
	DefaultFetchTimeout = 10 * time.Second
	// listTimeouts is how many times as long a list may take as a whole.
	listTimeouts = 6
	// DefaultMaxBytes is the largest list that is taken: two million entries.
	DefaultMaxBytes = 128 << 20
	// maxAnswerBytes is the largest OCSP response or certificate that is taken.
	maxAnswerBytes = 1 << 20
	// maxRedirects is how many redirects are followed.
	maxRedirects = 5
	// maxURLBytes is the longest address that is fetched.
	maxURLBytes = 4096
	// maxValidatorBytes is the longest ETag that is kept.
	maxValidatorBytes = 512
)

// FetchOptions say where a Fetcher or a Transport may go. The zero value reaches public addresses only.
type FetchOptions struct {
	// Allow are addresses beyond public ones that may be reached (--fetch-allow).
	Allow []netip.Prefix
	// Resolve maps HOST:PORT, in lower case, to the ADDR:PORT that is dialled in its place. What stands
	// here was named by the operator, and is reached whatever Allow says, and without a proxy.
	Resolve map[string]string
	// Named are HOST:PORT, in lower case, that the operator named: they are reached whatever Allow says.
	Named []string
	// Proxy fetches in this process's place; nil for none. Transport says what that means for the guard.
	Proxy *url.URL
	// Secure takes https addresses too. Addresses in certificates are http: https would need a list to fetch a list.
	Secure bool
	// Timeout bounds one download, and the wait for each piece of a list; 0 means DefaultFetchTimeout. A list as a whole
	// may take six times as long.
	Timeout time.Duration
	// MaxBytes bounds a list; 0 means DefaultMaxBytes.
	MaxBytes int64
	// RootCAs are what a Transport judges servers by; nil: the system's.
	RootCAs *x509.CertPool
	// Resolver looks names up; nil asks the system.
	Resolver *net.Resolver
}

// Fetcher downloads lists, answers and certificates.
type Fetcher struct {
	opts   FetchOptions
	client *http.Client
}

// NewFetcher makes a Fetcher.
func NewFetcher(opts FetchOptions) *Fetcher {
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultFetchTimeout
	}
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	f := &Fetcher{opts: opts}
	f.client = &http.Client{Transport: NewTransport(opts), CheckRedirect: f.checkRedirect}
	return f
}

// Close drops idle connections.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// takes reports whether addresses of the scheme are fetched.
func (f *Fetcher) takes(scheme string) bool {
	return strings.EqualFold(scheme, "http") || (f.opts.Secure && strings.EqualFold(scheme, "https"))
}

func (f *Fetcher) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fault.New(fault.Invalid, "more than %d redirects", maxRedirects)
	}
	if !f.takes(req.URL.Scheme) {
		return fault.New(fault.Forbidden, "refused a redirect to scheme %q", req.URL.Scheme)
	}
	return nil
}

// get downloads the address, at most limit octets.
func (f *Fetcher) get(address string, limit int64) ([]byte, error) {
	return f.whole(http.MethodGet, address, nil, limit)
}

// post sends body and reads the answer, at most limit octets.
func (f *Fetcher) post(address, contentType string, body []byte, limit int64) ([]byte, error) {
	return f.whole(http.MethodPost, address, body, limit, header{"Content-Type", contentType})
}

// whole downloads an answer into memory.
func (f *Fetcher) whole(method, address string, body []byte, limit int64, headers ...header) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), f.opts.Timeout)
	defer cancel()
	resp, err := f.send(ctx, method, address, body, headers...)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing to do about it
	if resp.StatusCode != http.StatusOK {
		return nil, fault.New(fault.Unavailable, "the server answers %s", resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fetchError(err)
	}
	if int64(len(data)) > limit {
		return nil, fault.New(fault.TooLarge, "more than %d octets", limit)
	}
	return data, nil
}

// header is a field of a request.
type header struct{ name, value string }

func (f *Fetcher) send(ctx context.Context, method, address string, body []byte, headers ...header) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil || !f.takes(u.Scheme) || u.Host == "" || len(address) > maxURLBytes {
		if f.opts.Secure {
			return nil, fault.New(fault.Invalid, "not an http or https address")
		}
		return nil, fault.New(fault.Invalid, "not an http address")
	}
	u.User = nil
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "not an http address")
	}
	req.Header.Set("User-Agent", "postern")
	for _, h := range headers {
		if h.value != "" {
			req.Header.Set(h.name, h.value)
		}
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, fetchError(err)
	}
	return resp, nil
}

// validators are what a server says of a version of a list, for asking whether there is a newer one (RFC 9110 section 8.8).
type validators struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
}

// validatorsOf reads the validators of an answer.
func validatorsOf(h http.Header) validators {
	v := validators{h.Get("ETag"), h.Get("Last-Modified")}
	if len(v.ETag) > maxValidatorBytes {
		v.ETag = ""
	}
	if _, err := http.ParseTime(v.Modified); err != nil {
		v.Modified = ""
	}
	return v
}

// listStream is the download of a list.
type listStream struct {
	body io.ReadCloser
	// pause stops the clock of a body that stalls until it is read on.
	pause func()
	validators
	// unchanged says that the version asked with is the newest; there is no body then.
	unchanged bool
}

// list begins the download of a list, unless the version of known is still the newest. The caller closes the body.
func (f *Fetcher) list(address string, known validators) (*listStream, error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), listTimeouts*f.opts.Timeout, errSlow)
	stall := time.AfterFunc(f.opts.Timeout, cancel)
	resp, err := f.send(ctx, http.MethodGet, address, nil, header{"If-None-Match", known.ETag}, header{"If-Modified-Since", known.Modified})
	if err != nil {
		cancel()
		return nil, err
	}
	s := &listStream{body: &patientBody{resp.Body, cancel, stall, f.opts.Timeout}, pause: func() { stall.Stop() }, validators: validatorsOf(resp.Header)}
	switch {
	case resp.StatusCode == http.StatusNotModified && known != validators{}:
		s.unchanged, s.validators = true, known
		return s, s.body.Close()
	case resp.StatusCode != http.StatusOK:
		_ = s.body.Close()
		return nil, fault.New(fault.Unavailable, "the server answers %s", resp.Status)
	case resp.ContentLength > f.opts.MaxBytes:
		_ = s.body.Close()
		return nil, fault.New(fault.TooLarge, "more than %d octets", f.opts.MaxBytes)
	}
	return s, nil
}

var errSlow = errors.New("the download takes too long")

// patientBody is a body that is given up when no octet comes for a while.
type patientBody struct {
	io.ReadCloser
	cancel   context.CancelFunc
	stall    *time.Timer
	patience time.Duration
}

// Read implements io.Reader.
func (b *patientBody) Read(p []byte) (int, error) {
	b.stall.Reset(b.patience)
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fetchError(err)
	}
	return n, err
}

// Close implements io.Closer.
func (b *patientBody) Close() error {
	b.stall.Stop()
	b.cancel()
	return b.ReadCloser.Close()
}

// fetchError keeps a refusal as it is, and says in short what else went wrong.
func fetchError(err error) error {
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		return refusal
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = errSlow
	}
	return fault.New(fault.Unavailable, "%s", fmt.Sprint(err))
}
