package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/gateway/engine/std"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/cert"
)

// ServerConfig is what a Server is made of; the zero value works.
type ServerConfig struct {
	// Proxies are the addresses whose connections begin with a PROXY protocol header, which tells the client's address.
	Proxies []netip.Prefix
	// Limits bound clients.
	Limits engine.Limits
	// Logger takes life cycle and faults; nil: none.
	Logger *slog.Logger
	// AccessLog takes a record for each request, at level Info; nil: none.
	AccessLog *slog.Logger
	// Observe, if not nil, is told how requests were decided: those refused, and with ObserveAll every one. It is called
	// in the request's goroutine before the client is answered, and must return at once. It may be called concurrently.
	Observe    func(*Decision)
	ObserveAll bool
	// ObserveAlso, if not nil, says of which clients the other decisions are told too. It is called for each request.
	ObserveAlso func(remote netip.AddrPort) bool
}

// Server serves the current snapshot on any number of listeners. Until the first Swap it shakes no hands and
// answers plain HTTP with 503. It is safe for concurrent use.
type Server struct {
	current   atomic.Pointer[Snapshot]
	secure    engine.Server
	plain     engine.Server
	log       *slog.Logger
	accessLog *slog.Logger

	observer   func(*Decision)
	observeAll bool
	// observeAlso is the configuration's.
	observeAlso func(remote netip.AddrPort) bool

	forwarded forwardedPeers
	held      heldExchanges
	swap      sync.Mutex
}

// NewServer makes a server without a snapshot.
func NewServer(cfg ServerConfig) *Server {
	s := &Server{log: cfg.Logger, accessLog: cfg.AccessLog, observer: cfg.Observe, observeAll: cfg.ObserveAll, observeAlso: cfg.ObserveAlso}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.log = s.log.With(slog.String(logkey.Component, "gateway"))
	if s.accessLog == nil {
		s.accessLog = slog.New(slog.DiscardHandler)
	}
	s.secure = std.NewServer(std.Config{Handler: s.handle, TLS: handshakes{s}, Proxies: cfg.Proxies, Limits: cfg.Limits, Logger: s.log})
	s.plain = std.NewServer(std.Config{Handler: s.handle, Proxies: cfg.Proxies, Limits: cfg.Limits, Logger: s.log})
	return s
}

// ServeTLS takes TLS connections from ln until Shutdown, and returns nil then.
func (s *Server) ServeTLS(ln net.Listener) error { return s.secure.Serve(ln) }

// Serve takes plain HTTP connections from ln until Shutdown, and returns nil then.
func (s *Server) Serve(ln net.Listener) error { return s.plain.Serve(ln) }

// Swap makes next what is served: requests that begin after it returned see nothing of the snapshot before. Those in
// progress end as they began, but where the trust in their client has ended: what is open is judged again. Connections
// of hostnames whose configuration changed are drained.
func (s *Server) Swap(next *Snapshot) {
	s.swap.Lock()
	defer s.swap.Unlock()
	old := s.current.Load()
	var gone []*binding
	if old != nil && old != next {
		gone = next.adopt(old)
	}
	next.live = &s.current
	s.current.Store(next)
	for _, b := range gone {
		s.secure.Drain(b)
	}
	go next.backends.trust() // so that the first request does not read the system's
	if old != nil {
		if old.backends != next.backends {
			old.backends.closeIdle()
		}
		go newRecheck(s, old, next).run()
	}
	s.log.LogAttrs(context.Background(), slog.LevelDebug, "snapshot swapped", slog.Any("snapshot", next), slog.Int("drained", len(gone)))
}

// Snapshot is what is served now, nil before the first Swap.
func (s *Server) Snapshot() *Snapshot { return s.current.Load() }

// Shutdown closes the listeners and waits for exchanges to end; when ctx ends first, it closes what is left and
// returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	plain := make(chan error, 1)
	go func() { plain <- s.plain.Shutdown(ctx) }()
	err := errors.Join(s.secure.Shutdown(ctx), <-plain)
	if snap := s.current.Load(); snap != nil {
		err = errors.Join(err, snap.outgoing.wait(ctx))
		snap.backends.closeIdle()
	}
	return err
}

// handshakes is the engine.TLS of a server.
type handshakes struct{ s *Server }

var errNoSnapshot = fault.New(fault.Unavailable, "the gateway has no configuration yet")

// Configure chooses by SNI: the exact name, a wildcard, else the default binding.
func (h handshakes) Configure(hello *tls.ClientHelloInfo) (*tls.Config, any, error) {
	snap := h.s.current.Load()
	if snap == nil {
		return nil, nil, errNoSnapshot
	}
	b := snap.standard
	if hello.ServerName != "" {
		if named := snap.host(strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))); named != nil {
			b = named
		}
	}
	if b == nil {
		return nil, nil, fault.New(fault.NotFound, "no host name is configured")
	}
	return b.config, b, nil
}

// Accept reads the client's certificates; of a resumed session they are those of the ticket, and judged anew like
// any others.
func (h handshakes) Accept(state *tls.ConnectionState, group any) (*message.TLS, error) {
	b := group.(*binding)
	facts := &message.TLS{
		Version: state.Version, CipherSuite: state.CipherSuite, ServerName: strings.ToLower(state.ServerName),
		Protocol: state.NegotiatedProtocol, Resumed: state.DidResume, Hostname: b.name,
	}
	if len(state.PeerCertificates) == 0 {
		return facts, nil
	}
	leaf, err := cert.Parse(state.PeerCertificates[0].Raw)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the client's certificate cannot be read")
	}
	if !b.asks {
		facts.Proxy = leaf // proxies alone are asked, and policies see nobody's
		return facts, nil
	}
	facts.Peer = &message.Peer{Leaf: leaf}
	for _, c := range state.PeerCertificates[1:] {
		sent, err := cert.Parse(c.Raw)
		if err != nil {
			continue // a path that needs it will not be found
		}
		facts.Peer.Sent = append(facts.Peer.Sent, sent)
	}
	if snap := h.s.current.Load(); snap != nil {
		snap.judge.Begin(facts.Peer)
	}
	return facts, nil
}
