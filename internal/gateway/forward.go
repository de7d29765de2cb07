package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/gateway/engine/std"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
)

// maxRedirects is .NET's HttpClientHandler.MaxAutomaticRedirections.
const maxRedirects = 50

// The reasons of a message.TransportError that are decided here.
const (
	reasonBackend = "BackendConnectionFailure"
	reasonTimeout = "Timeout"
)

// backends are the connections to backends. They outlive a snapshot as long as the trust is the same.
type backends struct {
	epoch [32]byte
	min   uint16
	trust func() (roots, intermediates *x509.CertPool)

	open sync.Map // of way to *std.Transport
	ways atomic.Int32
	// certified are the connections with a client certificate, which are never used with another or with none.
	certified certified
}

// way is what connections to backends differ in.
type way struct {
	version string
	wait    time.Duration
}

// maxWays bounds the ways that are kept apart; expressions can make any number of continue-timeouts.
const maxWays = 32

// newBackends makes the transports when they are first used. Backends are trusted by the system's roots and the
// service's Root store, and by own, the root of Postern's own servers on this machine; its CertificateAuthority store completes paths.
func newBackends(svc *apim.Service, epoch [32]byte, own *cert.Certificate, log *slog.Logger) *backends {
	b := &backends{epoch: epoch, min: minVersion(svc, propertyBack10, propertyBack11)}
	b.trust = sync.OnceValues(func() (roots, intermediates *x509.CertPool) {
		roots, err := x509.SystemCertPool()
		if err != nil {
			log.LogAttrs(context.Background(), slog.LevelWarn, "the system's roots cannot be read; backends are trusted by the service's roots alone",
				slog.Any(logkey.Error, err))
			roots = x509.NewCertPool()
		}
		addCertificates(roots, svc.Roots, log)
		if own != nil {
			addCertificates(roots, []*cert.Certificate{own}, log)
		}
		if len(svc.Intermediates) > 0 {
			intermediates = x509.NewCertPool()
			addCertificates(intermediates, svc.Intermediates, log)
		}
		return roots, intermediates
	})
	return b
}

// addCertificates adds those certificates that crypto/x509 can read; a path that needs another is not found.
func addCertificates(pool *x509.CertPool, list []*cert.Certificate, log *slog.Logger) {
	for _, c := range list {
		parsed, err := x509.ParseCertificate(c.Raw)
		if err != nil {
			log.LogAttrs(context.Background(), slog.LevelWarn, "CA certificate cannot be used for backends",
				slog.String(logkey.Cert, c.Thumbprint()), slog.Any(logkey.Error, err))
			continue
		}
		pool.AddCert(parsed)
	}
}

func (b *backends) same(other *backends) bool { return b.epoch == other.epoch && b.min == other.min }

// transport is the one for a forward-request http-version and continue-timeout.
func (b *backends) transport(version string, wait time.Duration) message.Transport {
	w := way{version, wait}
	if t, ok := b.open.Load(w); ok {
		return t.(*std.Transport)
	}
	if b.ways.Add(1) > maxWays && wait > 0 {
		return b.transport(version, 0)
	}
	kept, _ := b.open.LoadOrStore(w, b.newTransport(w, nil))
	return kept.(*std.Transport)
}

func (b *backends) newTransport(w way, certificate *tls.Certificate) *std.Transport {
	roots, intermediates := b.trust()
	return std.NewTransport(std.TransportConfig{Version: w.version, Roots: roots, Intermediates: intermediates, MinTLS: b.min,
		ExpectContinue: w.wait, Certificate: certificate})
}

func (b *backends) closeIdle() {
	b.open.Range(func(_, t any) bool {
		t.(*std.Transport).CloseIdle()
		return true
	})
	b.certified.closeIdle()
}

// forwarder is the policy.Gateway of one exchange.
type forwarder struct {
	snapshot *Snapshot
	exchange *message.Exchange
	// arrived is the URL as the client sent it; based tells that the API has a backend URL of its own.
	arrived message.URL
	based   bool
}

var _ policy.Gateway = (*forwarder)(nil)

// VerifyPeer implements policy.Gateway. It judges by the present trust, which may be newer than the exchange: what is
// noted of a good verdict is seen by the recheck of every swap that comes after.
func (f *forwarder) VerifyPeer(ctx context.Context, p *message.Peer, revocation bool) policy.Verdict {
	for {
		now := f.snapshot.present()
		v := now.judge.VerifyPeer(ctx, p, revocation)
		if !v.OK || p == nil {
			return v
		}
		p.Rely(revocation)
		if f.snapshot.present() == now {
			return v
		}
	}
}

// VerifyCertificate implements policy.Gateway.
func (f *forwarder) VerifyCertificate(ctx context.Context, c *cert.Certificate, revocation bool) policy.Verdict {
	return f.snapshot.present().judge.VerifyCertificate(ctx, c, revocation)
}

// Forward implements policy.Gateway. The request is left as it is; what is sent is a copy with the client's address
// at the end of X-Forwarded-For.
func (f *forwarder) Forward(ctx context.Context, r *message.Request, o policy.ForwardOptions) (*message.Response, error) {
	if !f.based && r.URL.Scheme == f.arrived.Scheme && r.URL.Host == f.arrived.Host && r.URL.Port == f.arrived.Port {
		return nil, &message.TransportError{Reason: reasonBackend, Err: fault.New(fault.Invalid, "the API has no backend URL")}
	}
	out := *r
	out.Header = f.headerFor(r, o)
	out.Inform = f.inform
	call, stop := newCall(ctx, o.Timeout)
	resp, err := f.follow(call, &out, o)
	if err != nil {
		stop()
		f.failed(&out, err)
		return nil, err
	}
	call.arrived()
	resp.Flush = !o.BufferResponse
	if resp.Upgrade != nil {
		resp.Upgrade = &upgraded{resp.Upgrade, stop}
		return resp, nil
	}
	resp.Body = message.NewBody(&backendBody{resp.Body, stop}, resp.Body.Length())
	return resp, nil
}

// inform passes an informational response on (RFC 9110 section 15.2).
func (f *forwarder) inform(status int, h *message.Header) {
	_ = f.exchange.Responder.Inform(status, h) // the final response will tell what is wrong
}

// failed logs why a backend did not answer; a client that has gone is no fault of anybody's.
func (f *forwarder) failed(r *message.Request, err error) {
	level, reason := slog.LevelWarn, reasonBackend
	if e, ok := errors.AsType[*message.TransportError](err); ok {
		reason = e.Reason
	}
	if reason != reasonBackend && reason != reasonTimeout {
		level = slog.LevelDebug
	}
	f.snapshot.options.logger().LogAttrs(context.WithoutCancel(f.exchange.Context), level, "no answer from the backend",
		slog.String(logkey.RequestID, f.exchange.ID.String()), slog.String(logkey.Reason, reason), slog.String("backend", r.URL.Authority()),
		slog.Any(logkey.Error, err))
}

// headerFor is the header that is sent.
func (f *forwarder) headerFor(r *message.Request, o policy.ForwardOptions) message.Header {
	const name = "X-Forwarded-For"
	h := make(message.Header, 0, len(r.Header)+2)
	h = append(h, r.Header...)
	remote := f.exchange.Conn.Remote.Addr()
	switch _, given := h.Lookup(name); {
	case !remote.IsValid():
	case !given:
		h = append(h, message.Field{Name: name, Value: remote.String()})
	default:
		before := slices.Collect(h.Values(name))
		h.Set(name, strings.Join(append(before, remote.String()), ", "))
	}
	if o.Host != "" {
		h.Set("Host", o.Host)
	}
	return h
}

// follow sends the request, and follows redirections if that is asked for.
func (f *forwarder) follow(call *call, r *message.Request, o policy.ForwardOptions) (*message.Response, error) {
	version := o.HTTPVersion
	if version != "2" && version != "2or1" || r.Upgrade != "" {
		version = "1"
	}
	transport := f.snapshot.backends.transportFor(version, o.ContinueTimeout, o.Certificate)
	for n := 0; ; n++ {
		resp, err := transport.RoundTrip(call.ctx, r)
		if err != nil {
			return nil, err
		}
		from := r.URL.Authority()
		if !o.FollowRedirects || n >= maxRedirects || !redirect(r, resp) {
			return resp, nil
		}
		_ = resp.Body.Close()
		if r.URL.Authority() != from {
			transport = f.snapshot.backends.transport(version, o.ContinueTimeout) // what proves us is for the backend alone
		}
	}
}

// redirect makes r the request that a redirection asks for, as .NET's HttpClient does: 303, and 301 and 302 to a
// POST, become GET without a body; https is not left for http; a body must still be there.
func redirect(r *message.Request, resp *message.Response) bool {
	location, ok := resp.Header.Lookup("Location")
	if !ok || !slices.Contains([]int{300, 301, 302, 303, 307, 308}, resp.Status) {
		return false
	}
	next, err := resolve(r.URL, location)
	if err != nil || r.URL.Scheme == "https" && next.Scheme != "https" {
		return false
	}
	toGet := resp.Status == 303 && r.Method != "HEAD" || resp.Status < 303 && r.Method == "POST"
	if !toGet && !r.Body.Replayable() {
		return false
	}
	if toGet {
		r.Method, r.Body, r.Trailer = "GET", message.NoBody(), nil
	}
	if next.Authority() != r.URL.Authority() {
		r.Header.Del("Authorization")
		r.Header.Del("Host")
	}
	r.URL = next
	return true
}

// resolve reads a Location, which may be relative (RFC 9110 section 10.2.2).
func resolve(base message.URL, location string) (message.URL, error) {
	location, _, _ = strings.Cut(location, "#")
	switch {
	case strings.Contains(location, "://"):
		return message.ParseURL(location)
	case strings.HasPrefix(location, "//"):
		return message.ParseURL(base.Scheme + ":" + location)
	}
	path, query, _ := strings.Cut(location, "?")
	next := base
	next.Query = query
	switch {
	case strings.HasPrefix(path, "/"):
		next.Path = cleanPath(path)
	case path != "":
		next.Path = cleanPath(base.Path[:strings.LastIndexByte(base.Path, '/')+1] + path)
	}
	return message.ParseURL(next.String())
}

// call is the context of one call to a backend: it ends when the client goes, when the response's head does not come
// in time, or when the response's body is closed.
type call struct {
	ctx   context.Context
	timer *time.Timer
}

func newCall(parent context.Context, limit time.Duration) (c *call, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	c = &call{ctx: ctx}
	if limit > 0 {
		c.timer = time.AfterFunc(limit, func() { cancel(context.DeadlineExceeded) })
	}
	return c, func() {
		c.arrived()
		cancel(nil)
	}
}

// arrived ends the time limit.
func (c *call) arrived() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

// backendBody ends its call with the response's body.
type backendBody struct {
	*message.Body
	stop func()
}

// Close implements io.Closer.
func (b *backendBody) Close() error {
	err := b.Body.Close()
	b.stop()
	return err
}

// upgraded ends its call with the switched connection.
type upgraded struct {
	io.ReadWriteCloser
	stop func()
}

// Close implements io.Closer.
func (u *upgraded) Close() error {
	err := u.ReadWriteCloser.Close()
	u.stop()
	return err
}

// isTooLarge reports whether err says that a body is over its limit.
func isTooLarge(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && e.Kind == fault.TooLarge
}
