package std

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/message"
)

// The defaults of TransportConfig.
const (
	// DefaultDial bounds connecting to a backend.
	DefaultDial = 15 * time.Second
	// DefaultBackendHandshake bounds the TLS handshake with a backend.
	DefaultBackendHandshake = 15 * time.Second
	// DefaultBackendIdle is how long an unused backend connection is kept.
	DefaultBackendIdle = 90 * time.Second
	// DefaultBackendConns is API Management's bound of concurrent connections to one backend authority.
	DefaultBackendConns = 2048
	// DefaultIdlePerBackend bounds the unused connections kept to one backend.
	DefaultIdlePerBackend = 512
	// DefaultResponseHeaderBytes bounds the head of a backend's response.
	DefaultResponseHeaderBytes = 256 << 10
)

// TransportConfig says how backends are reached. The zero value speaks HTTP/1.1 and trusts the system's roots.
type TransportConfig struct {
	// Version is "1" (HTTP/1.1; also the empty string), "2" (HTTP/2, with prior knowledge on http) or "2or1"
	// (HTTP/2 where the backend's ALPN offers it).
	Version string
	// Roots are the roots that backend certificates are judged against; nil: the system's.
	Roots *x509.CertPool
	// Intermediates complete the paths of backends that do not send theirs; nil: none.
	Intermediates *x509.CertPool
	// Certificate is presented to backends that ask for one; nil: none.
	Certificate *tls.Certificate
	// SkipChain and SkipName leave out one half of the judgement on a backend's certificate
	// (backend entity tls.validateCertificateChain and validateCertificateName).
	SkipChain, SkipName bool
	// MinTLS is the lowest version spoken; zero: TLS 1.2.
	MinTLS uint16
	// Dial bounds connecting, Handshake the TLS handshake; zero: the defaults.
	Dial, Handshake time.Duration
	// ExpectContinue, if not zero, sends "Expect: 100-continue" with requests that have a body, and the body after the
	// backend's 100 or after that time.
	ExpectContinue time.Duration
	// Conns bounds the connections to one authority; zero: DefaultBackendConns, negative: no bound.
	Conns int
}

// Transport is the backend's side of the engine. It never follows redirects, decompresses nothing and adds no
// fields of its own but Host and what frames the message. It is safe for concurrent use.
type Transport struct {
	http   *http.Transport
	expect bool
}

var _ message.Transport = (*Transport)(nil)

// NewTransport makes a transport without connections.
func NewTransport(cfg TransportConfig) *Transport {
	protocols := new(http.Protocols)
	switch cfg.Version {
	case "2":
		protocols.SetHTTP2(true)
		protocols.SetUnencryptedHTTP2(true)
	case "2or1":
		protocols.SetHTTP1(true)
		protocols.SetHTTP2(true)
	default:
		protocols.SetHTTP1(true)
	}
	dialer := &net.Dialer{Timeout: orDefault(cfg.Dial, DefaultDial)}
	conns := cfg.Conns
	if conns == 0 {
		conns = DefaultBackendConns
	}
	t := &Transport{expect: cfg.ExpectContinue > 0, http: &http.Transport{
		ExpectContinueTimeout:  cfg.ExpectContinue,
		Protocols:              protocols,
		DialContext:            dialNamed(dialer),
		TLSClientConfig:        backendTLS(cfg),
		TLSHandshakeTimeout:    orDefault(cfg.Handshake, DefaultBackendHandshake),
		DisableCompression:     true,
		MaxIdleConns:           0,
		MaxIdleConnsPerHost:    DefaultIdlePerBackend,
		MaxConnsPerHost:        max(conns, 0),
		IdleConnTimeout:        DefaultBackendIdle,
		MaxResponseHeaderBytes: DefaultResponseHeaderBytes,
	}}
	if cfg.judges() {
		t.http.DialTLSContext = dialTLS(cfg, dialer)
	}
	return t
}

// dialNamed is the dialer that takes names below "localhost" for this machine, whatever the resolver knows (RFC 6761
// section 6.3).
func dialNamed(dialer *net.Dialer) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(addr); err == nil && strings.HasSuffix(strings.ToLower(host), ".localhost") {
			addr = net.JoinHostPort("localhost", port)
		}
		return dialer.DialContext(ctx, network, addr)
	}
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// backendTLS is the client side's TLS configuration.
func backendTLS(cfg TransportConfig) *tls.Config {
	c := &tls.Config{RootCAs: cfg.Roots, MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	if cfg.MinTLS != 0 {
		c.MinVersion = cfg.MinTLS
	}
	if own := cfg.Certificate; own != nil {
		// Whatever authorities the backend names: it may know the certificate by its thumbprint.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	}
	return c
}

// judges reports whether backends are judged by us: crypto/tls knows neither how to leave one half of the judgement
// out nor how to complete a path.
func (cfg *TransportConfig) judges() bool {
	return cfg.SkipChain || cfg.SkipName || cfg.Intermediates != nil
}

// dialTLS connects to backends that are judged by us.
func dialTLS(cfg TransportConfig, dialer *net.Dialer) func(ctx context.Context, network, addr string) (net.Conn, error) {
	base := backendTLS(cfg)
	base.InsecureSkipVerify = true // judgeBackend verifies, on resumed sessions as well
	switch cfg.Version {
	case "2":
		base.NextProtos = []string{"h2"}
	case "2or1":
		base.NextProtos = []string{"h2", "http/1.1"}
	}
	limit, dial := orDefault(cfg.Handshake, DefaultBackendHandshake), dialNamed(dialer)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		raw, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		own := base.Clone()
		own.ServerName = host
		own.VerifyConnection = func(state tls.ConnectionState) error { return judgeBackend(state, host, &cfg) }
		c := tls.Client(raw, own)
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		if err := c.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
		return c, nil
	}
}

// judgeBackend makes the parts of the judgement that were not switched off.
func judgeBackend(state tls.ConnectionState, host string, cfg *TransportConfig) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("the backend sent no certificate")
	}
	leaf := state.PeerCertificates[0]
	if !cfg.SkipName {
		if err := leaf.VerifyHostname(host); err != nil {
			return err
		}
	}
	if cfg.SkipChain {
		return nil
	}
	opts := x509.VerifyOptions{Roots: cfg.Roots, Intermediates: x509.NewCertPool()}
	if cfg.Intermediates != nil {
		opts.Intermediates = cfg.Intermediates.Clone()
	}
	for _, c := range state.PeerCertificates[1:] {
		opts.Intermediates.AddCert(c)
	}
	_, err := leaf.Verify(opts)
	return err
}

// CloseIdle closes the connections that are not in use; those in use are closed when they are given back.
func (t *Transport) CloseIdle() { t.http.CloseIdleConnections() }

// RoundTrip implements message.Transport. A request is sent a second time only when a reused connection was closed
// before any byte of the response, the method is idempotent (RFC 9110 section 9.2.2), and its body is in memory.
// A context that ends with context.DeadlineExceeded as its cause yields Timeout, any other end of it
// ClientConnectionFailure.
func (t *Transport) RoundTrip(ctx context.Context, r *message.Request) (*message.Response, error) {
	sendCtx := ctx
	if r.Inform != nil {
		var ended func()
		sendCtx, ended = informed(ctx, r.Inform)
		defer ended()
	}
	out, err := newRequest(sendCtx, r)
	if err != nil {
		return nil, &message.TransportError{Reason: backendFailure, Err: err}
	}
	if t.expect && out.Body != http.NoBody {
		out.Header["Expect"] = []string{"100-continue"}
	}
	resp, err := t.http.RoundTrip(out)
	if err != nil {
		return nil, transportError(ctx, r, err)
	}
	return newResponse(resp, r), nil
}

// informed makes a context under which net/http tells of informational responses, until ended is called.
func informed(ctx context.Context, inform func(status int, h *message.Header)) (_ context.Context, ended func()) {
	i := &informing{inform: inform}
	i.trace.Got1xxResponse = i.got
	return httptrace.WithClientTrace(ctx, &i.trace), i.end
}

// informing passes informational responses on until it is over.
type informing struct {
	inform func(status int, h *message.Header)
	trace  httptrace.ClientTrace
	mu     sync.Mutex
	over   bool
}

func (i *informing) got(status int, header textproto.MIMEHeader) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.over && status > http.StatusSwitchingProtocols {
		h := responseFields(http.Header(header))
		i.inform(status, &h)
	}
	return nil
}

func (i *informing) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = true
}

// The values of message.TransportError.Reason, as API Management names them.
const (
	backendFailure = "BackendConnectionFailure"
	clientFailure  = "ClientConnectionFailure"
	timeoutFailure = "Timeout"
)

// transportError finds whose fault it was.
func transportError(ctx context.Context, r *message.Request, err error) *message.TransportError {
	if bodyErr := r.Body.Err(); bodyErr != nil {
		return &message.TransportError{Reason: clientFailure, Err: bodyErr}
	}
	if ctx.Err() != nil {
		cause := context.Cause(ctx)
		if errors.Is(cause, context.DeadlineExceeded) {
			return &message.TransportError{Reason: timeoutFailure, Err: cause}
		}
		return &message.TransportError{Reason: clientFailure, Err: cause}
	}
	return &message.TransportError{Reason: backendFailure, Err: err}
}

// newRequest is r as net/http sends it.
func newRequest(ctx context.Context, r *message.Request) (*http.Request, error) {
	u := &r.URL
	target := &url.URL{Scheme: u.Scheme, Host: u.Authority(), Opaque: "", RawQuery: u.Query}
	switch u.Scheme {
	case "ws":
		target.Scheme = "http"
	case "wss":
		target.Scheme = "https"
	case "http", "https":
	default:
		return nil, fmt.Errorf("scheme %q is not http or https", u.Scheme)
	}
	if err := setPath(target, u.Path); err != nil {
		return nil, err
	}
	if !message.ValidName(r.Method) {
		return nil, fmt.Errorf("method %q is not a token", r.Method)
	}
	out := (&http.Request{
		Method: r.Method, URL: target, Host: target.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, len(r.Header)+4),
	}).WithContext(ctx)
	fillHeader(out, r)
	if err := fillBody(out, r); err != nil {
		return nil, err
	}
	return out, nil
}

// setPath keeps the escaped path as it is: net/http writes RawPath where it is an encoding of Path, and would
// encode Path anew otherwise, so that a path of which that is not true goes out as Opaque.
func setPath(target *url.URL, path string) error {
	if path == "" || path[0] != '/' {
		return fmt.Errorf("path %q does not begin with a slash", path)
	}
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '?' || c == '#' {
			return fmt.Errorf("path %q has a character that must be escaped, at offset %d", path, i)
		}
	}
	if i := strings.IndexFunc(target.RawQuery, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '#' }); i >= 0 {
		return fmt.Errorf("query %q has a character that must be escaped, at offset %d", target.RawQuery, i)
	}
	plain, err := url.PathUnescape(path)
	if err == nil {
		target.Path, target.RawPath = plain, path
		if target.EscapedPath() == path && !strings.HasPrefix(path, "//") {
			return nil
		}
	}
	target.Path, target.RawPath = "", ""
	target.Opaque = "//" + target.Host + path
	return nil
}

// idempotent are the methods that may be sent again (RFC 9110 section 9.2.2).
func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// fillHeader copies the end-to-end fields. A Host field, which only a policy can have set, becomes the Host.
func fillHeader(out *http.Request, r *message.Request) {
	h := out.Header
	values := make(onceValues, 0, len(r.Header))
	for _, f := range r.Header {
		name := http.CanonicalHeaderKey(f.Name)
		switch {
		case name == "Host":
			out.Host = f.Value
			continue
		case name == "Content-Length" || name == "Expect" || message.HopByHop(name):
			continue
		case (name == "Idempotency-Key" || name == "X-Idempotency-Key") && !idempotent(r.Method):
			// net/http sends a POST again when it sees the canonical name.
			name = strings.ToLower(name)
		}
		values.add(h, name, f.Value)
	}
	if _, ok := h["User-Agent"]; !ok {
		h["User-Agent"] = nil // keeps net/http from adding one
	}
	if _, ok := h["Idempotency-Key"]; !ok && idempotent(r.Method) {
		h["Idempotency-Key"] = nil // tells net/http that it may send again; is not sent
	}
	if r.Upgrade != "" {
		h["Connection"] = []string{"Upgrade"}
		h["Upgrade"] = []string{r.Upgrade}
	}
}

// onceValues backs the values of fields that come once, which are most, in one slice.
type onceValues []string

func (v *onceValues) add(h http.Header, name, value string) {
	if before := h[name]; before != nil {
		h[name] = append(before, value)
		return
	}
	n := len(*v)
	*v = append(*v, value)
	h[name] = (*v)[n : n+1 : n+1]
}

// fillBody makes the body that net/http reads, and announces trailers.
func fillBody(out *http.Request, r *message.Request) error {
	if r.Body.State() == message.Streaming {
		return message.ErrBodyStreamed
	}
	if r.Body.Empty() && r.Trailer == nil {
		out.Body = http.NoBody
		return nil
	}
	if r.Trailer != nil {
		out.Trailer = make(http.Header, len(*r.Trailer))
		for _, f := range *r.Trailer {
			if !framing(f.Name) {
				out.Trailer[http.CanonicalHeaderKey(f.Name)] = nil
			}
		}
	}
	if data, ok := r.Body.Bytes(); ok {
		out.ContentLength = int64(len(data))
		open := func() (io.ReadCloser, error) { return &outBody{source: bytes.NewReader(data), out: out, r: r}, nil }
		out.GetBody = open
		out.Body, _ = open()
	} else {
		out.ContentLength = r.Body.Length()
		out.Body = &outBody{source: r.Body, out: out, r: r}
	}
	if out.Trailer != nil {
		out.ContentLength = -1 // trailers need a chunked body on HTTP/1.1
	}
	return nil
}

// outBody is a request's body on its way to the backend. The exchange's body is its engine's to close.
type outBody struct {
	source io.Reader
	out    *http.Request
	r      *message.Request
}

// Read implements io.Reader; at the end it has filled the trailer.
func (b *outBody) Read(p []byte) (int, error) {
	n, err := b.source.Read(p)
	if err == io.EOF && b.out.Trailer != nil && b.r.Trailer != nil {
		for _, f := range *b.r.Trailer {
			name := http.CanonicalHeaderKey(f.Name)
			if _, announced := b.out.Trailer[name]; announced {
				b.out.Trailer[name] = append(b.out.Trailer[name], f.Value)
			}
		}
	}
	return n, err
}

// Close implements io.Closer.
func (b *outBody) Close() error { return nil }

// newResponse is a backend's response as an exchange has it.
func newResponse(in *http.Response, r *message.Request) *message.Response {
	resp := &message.Response{Status: in.StatusCode, Header: responseFields(in.Header)}
	if _, reason, ok := strings.Cut(in.Status, " "); ok && reason != http.StatusText(in.StatusCode) {
		resp.Reason = reason
	}
	if in.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = message.NoBody()
		resp.Upgrade, _ = in.Body.(io.ReadWriteCloser)
		return resp
	}
	source := &backendBody{in: in}
	if len(in.Trailer) > 0 || in.ContentLength < 0 && r.Method != http.MethodHead {
		t := make(message.Header, 0, len(in.Trailer))
		for name := range in.Trailer {
			t = append(t, message.Field{Name: name})
		}
		resp.Trailer, source.trailer = &t, &t
	}
	resp.Body = message.NewBody(source, in.ContentLength)
	return resp
}

func responseFields(h http.Header) message.Header {
	fields := make(message.Header, 0, len(h)+2)
	hop := h["Connection"]
	for name, values := range h {
		if name == "Content-Length" || message.HopByHop(name) || len(hop) > 0 && named(hop, name) {
			continue
		}
		for _, v := range values {
			fields = append(fields, message.Field{Name: name, Value: v})
		}
	}
	sortFields(fields)
	return fields
}

// named reports whether the lists of a Connection field name a field as one of this connection.
func named(lists []string, name string) bool {
	for _, l := range lists {
		for _, option := range appendList(nil, l) {
			if strings.EqualFold(option, name) {
				return true
			}
		}
	}
	return false
}

// backendBody is the content of a backend's response.
type backendBody struct {
	in      *http.Response
	trailer *message.Header
}

// Read implements io.Reader.
func (b *backendBody) Read(p []byte) (int, error) {
	n, err := b.in.Body.Read(p)
	if err == io.EOF && b.trailer != nil {
		*b.trailer = trailerFields(b.in.Trailer)
	}
	return n, err
}

// Close implements io.Closer.
func (b *backendBody) Close() error { return b.in.Body.Close() }
