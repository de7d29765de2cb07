package revocation

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
)

// Transport is an http.RoundTripper for addresses that others name: in certificates, in documents that link to more, in
// redirects. It connects to public addresses and to those that FetchOptions name, and looks at each address at the
// moment of dialling, so that a name that resolves to an internal address reaches nothing. What it refuses is a
// fault.Forbidden that names the address and --fetch-allow. It keeps connections, and is safe for concurrent use.
//
// Where a proxy is set, the proxy looks names up and dials. The name of the target is then looked up here as well,
// before each request, and refused if any of its addresses is; a name that cannot be looked up here is refused. What a
// proxy cannot be kept from is looking the same name up with another result: it should have rules of its own.
type Transport struct {
	opts FetchOptions
	base *http.Transport
}

// NewTransport makes a Transport, of whose options Allow, Resolve, Named, Proxy, RootCAs, Resolver and Timeout count. It bounds
// the time until an answer begins; how long an answer may be, and which redirects are followed, is for its user to say.
func NewTransport(opts FetchOptions) *Transport {
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultFetchTimeout
	}
	t := &Transport{opts: opts}
	t.base = &http.Transport{
		Proxy:                  t.proxyFor,
		DialContext:            DialContext(opts),
		TLSClientConfig:        &tls.Config{RootCAs: opts.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    opts.Timeout,
		MaxIdleConnsPerHost:    2,
		MaxIdleConns:           100,
		IdleConnTimeout:        30 * time.Second,
		ResponseHeaderTimeout:  opts.Timeout,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
	}
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.opts.Proxy != nil {
		if err := t.checkTarget(req.Context(), hostPort(req.URL)); err != nil {
			if req.Body != nil {
				_ = req.Body.Close() // a RoundTripper closes it always
			}
			return nil, err
		}
	}
	return t.base.RoundTrip(req)
}

// CloseIdleConnections drops idle connections; http.Client.CloseIdleConnections calls it.
func (t *Transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// proxyFor is the proxy of a request; what Resolve names is reached without one.
func (t *Transport) proxyFor(req *http.Request) (*url.URL, error) {
	if _, ok := t.opts.Resolve[hostPort(req.URL)]; ok {
		return nil, nil
	}
	return t.opts.Proxy, nil
}

// checkTarget is the look at the addresses of a target that a proxy will dial.
func (t *Transport) checkTarget(ctx context.Context, target string) error {
	if _, ok := t.opts.Resolve[target]; ok || slices.Contains(t.opts.Named, target) {
		return nil
	}
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		return fault.New(fault.Invalid, "%q is not host:port", target)
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return CheckAddress(a, t.opts.Allow)
	}
	ctx, cancel := context.WithTimeout(ctx, t.opts.Timeout)
	defer cancel()
	resolver := t.opts.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addresses, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addresses) == 0 {
		return fault.New(fault.Forbidden, "refused to fetch from %s by the proxy: its addresses cannot be looked up here, so that nobody knows whether they are internal", host)
	}
	for _, a := range addresses {
		if err := CheckAddress(a, t.opts.Allow); err != nil {
			return err
		}
	}
	return nil
}

// hostPort is the host:port of an address, in lower case, as Resolve and Named have it.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// DialContext makes the dialler of a Transport: it connects to the address that opts.Resolve names for a host, to what
// opts.Named and opts.Proxy name, and else to addresses that CheckAddress lets through, trying the addresses of a name
// one after another. Each is looked at when it is dialled.
func DialContext(opts FetchOptions) func(ctx context.Context, network, address string) (net.Conn, error) {
	guarded := &net.Dialer{Control: control(opts.Allow), Resolver: opts.Resolver}
	named := &net.Dialer{Resolver: opts.Resolver}
	proxy := ""
	if opts.Proxy != nil {
		proxy = hostPort(opts.Proxy)
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		key := strings.ToLower(address)
		if to, ok := opts.Resolve[key]; ok {
			return named.DialContext(ctx, network, to)
		}
		if key == proxy || slices.Contains(opts.Named, key) {
			return named.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
}

// ParseProxy reads the value of --fetch-proxy: the http or https address of a proxy, without a path. Empty is no proxy.
func ParseProxy(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, fault.New(fault.Invalid, "%q is not the address of a proxy, such as http://proxy.example:3128", text)
	}
	return u, nil
}
