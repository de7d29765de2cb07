package revocation

import (
	"bytes"
	"context"
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
	// DefaultFetchTimeout bounds one download, from looking up the name to the last octet.
	DefaultFetchTimeout = 10 * time.Second
	// DefaultMaxBytes is the largest list that is taken.
	DefaultMaxBytes = 32 << 20
	// maxAnswerBytes is the largest OCSP response or certificate that is taken.
	maxAnswerBytes = 1 << 20
	// maxRedirects is how many redirects are followed.
	maxRedirects = 5
	// maxURLBytes is the longest address that is fetched.
	maxURLBytes = 4096
)

// FetchOptions say where a Fetcher may go. The zero value reaches public addresses only.
type FetchOptions struct {
	// Allow are addresses beyond public ones that may be reached (--fetch-allow).
	Allow []netip.Prefix
	// Resolve maps HOST:PORT, in lower case, to the ADDR:PORT that is dialled in its place. What stands
	// here was named by the operator, and is reached whatever Allow says.
	Resolve map[string]string
	// Timeout bounds one download; 0 means DefaultFetchTimeout.
	Timeout time.Duration
	// MaxBytes bounds a list; 0 means DefaultMaxBytes.
	MaxBytes int64
	// Resolver looks names up; nil asks the system.
	Resolver *net.Resolver
}

// Fetcher downloads lists, answers and certificates over http.
type Fetcher struct {
	opts   FetchOptions
	client *http.Client
}

// NewFetcher makes a Fetcher. It uses no proxy: a proxy would hide the address that is reached.
func NewFetcher(opts FetchOptions) *Fetcher {
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultFetchTimeout
	}
	if opts.MaxBytes <= 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	f := &Fetcher{opts: opts}
	f.client = &http.Client{
		Transport: &http.Transport{
			DialContext:            f.dial,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        30 * time.Second,
			ResponseHeaderTimeout:  opts.Timeout,
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true,
		},
		CheckRedirect: checkRedirect,
	}
	return f
}

// Close drops idle connections.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// dial connects to the address that the operator named for a host, or to an address that the guard lets through.
func (f *Fetcher) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if to, ok := f.opts.Resolve[strings.ToLower(address)]; ok {
		return (&net.Dialer{}).DialContext(ctx, network, to)
	}
	d := &net.Dialer{Control: control(f.opts.Allow), Resolver: f.opts.Resolver}
	return d.DialContext(ctx, network, address)
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fault.New(fault.Invalid, "more than %d redirects", maxRedirects)
	}
	if req.URL.Scheme != "http" {
		return fault.New(fault.Forbidden, "refused a redirect to scheme %q", req.URL.Scheme)
	}
	return nil
}

// get downloads the address, at most limit octets.
func (f *Fetcher) get(address string, limit int64) ([]byte, error) {
	return f.do(http.MethodGet, address, "", nil, limit)
}

// post sends body and reads the answer, at most limit octets.
func (f *Fetcher) post(address, contentType string, body []byte, limit int64) ([]byte, error) {
	return f.do(http.MethodPost, address, contentType, body, limit)
}

func (f *Fetcher) do(method, address, contentType string, body []byte, limit int64) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || !strings.EqualFold(u.Scheme, "http") || u.Host == "" || len(address) > maxURLBytes {
		return nil, fault.New(fault.Invalid, "not an http address")
	}
	u.User = nil
	ctx, cancel := context.WithTimeout(context.Background(), f.opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "not an http address")
	}
	req.Header.Set("User-Agent", "postern")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, fetchError(err)
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

// fetchError keeps a refusal as it is, and says in short what else went wrong.
func fetchError(err error) error {
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		return refusal
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	return fault.New(fault.Unavailable, "%s", fmt.Sprint(err))
}
