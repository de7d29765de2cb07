package std

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
)

// Config is what a Server is made of.
type Config struct {
	// Handler answers the exchanges; it must not be nil.
	Handler message.Handler
	// TLS makes the server speak TLS; nil: plain HTTP.
	TLS engine.TLS
	// Proxies are the addresses whose connections begin with a PROXY protocol header; no other connection may have one.
	Proxies []netip.Prefix
	// Limits bound clients; zeros have the defaults.
	Limits engine.Limits
	// Logger takes failed handshakes and faults; nil: none.
	Logger *slog.Logger
}

// Server is the client's side of the engine. It is safe for concurrent use.
type Server struct {
	handler message.Handler
	tls     engine.TLS
	base    *tls.Config
	proxies []netip.Prefix
	limits  engine.Limits
	log     *slog.Logger

	mu        sync.Mutex
	closing   bool
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	lanes     map[any]*lane
}

var _ engine.Server = (*Server)(nil)

const (
	// acceptRetry is the pause after a failed accept (file descriptors used up).
	acceptRetry = 20 * time.Millisecond
	// shutdownPoll is how often Shutdown looks for connections that have become idle.
	shutdownPoll = 20 * time.Millisecond
	// drainedMemory is how long the server remembers that a binding was drained: longer than a handshake that
	// began before.
	drainedMemory = time.Minute
)

// NewServer makes a server that listens nowhere yet.
func NewServer(cfg Config) *Server {
	s := &Server{
		handler: cfg.Handler, tls: cfg.TLS, proxies: cfg.Proxies, limits: cfg.Limits.WithDefaults(), log: cfg.Logger,
		listeners: map[net.Listener]struct{}{}, conns: map[*conn]struct{}{}, lanes: map[any]*lane{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.base = &tls.Config{GetConfigForClient: s.configure, MinVersion: tls.VersionTLS12}
	return s
}

// Serve takes connections from ln until Shutdown, and returns nil then.
func (s *Server) Serve(ln net.Listener) error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return ln.Close()
	}
	s.listeners[ln] = struct{}{}
	s.mu.Unlock()
	for {
		raw, err := ln.Accept()
		switch {
		case err == nil:
			go s.begin(raw)
		case s.isClosing():
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			s.log.LogAttrs(context.Background(), slog.LevelError, "accept failed", slog.Any("error", err))
			time.Sleep(acceptRetry)
		}
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// begin shakes hands and gives the connection to its lane.
func (s *Server) begin(raw net.Conn) {
	c := newConn(s, raw)
	s.mu.Lock()
	closing := s.closing
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	if closing {
		_ = c.Close()
		return
	}
	if s.relays(c.info.Peer.Addr()) {
		if err := c.readRelay(); err != nil {
			s.relayFailed(c, err)
			_ = c.Close()
			return
		}
	}
	if s.tls == nil {
		s.enter(c, nil)
		g := newGuard(c, c, &s.limits, false)
		s.mu.Lock()
		c.guard = g
		s.mu.Unlock()
		c.ready.Store(true)
		c.lane.hand(g)
		return
	}
	tc := tls.Server(c, s.base)
	if err := s.handshake(c, tc); err != nil {
		s.handshakeFailed(c, err)
		_ = tc.Close()
		return
	}
	if c.info.TLS.Protocol == "h2" {
		c.ready.Store(true)
		c.lane.handHTTP2(c, tc)
		return
	}
	g := newGuard(tc, c, &s.limits, true)
	s.mu.Lock()
	c.guard = g
	s.mu.Unlock()
	c.ready.Store(true)
	c.lane.hand(g)
}

// handshake does the TLS handshake and gathers its facts.
func (s *Server) handshake(c *conn, tc *tls.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.limits.Handshake)
	defer cancel()
	if err := tc.HandshakeContext(ctx); err != nil {
		return err
	}
	state := tc.ConnectionState()
	facts, err := s.tls.Accept(&state, c.lane.binding)
	if err != nil {
		return err
	}
	c.info.TLS = facts
	return nil
}

// configure is the GetConfigForClient of all handshakes.
func (s *Server) configure(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	cfg, binding, err := s.tls.Configure(hello)
	if err != nil {
		return nil, err
	}
	s.enter(hello.Conn.(*conn), binding)
	return cfg, nil
}

// handshakeFailed logs why, and answers a client that speaks plain HTTP on a TLS port.
func (s *Server) handshakeFailed(c *conn, err error) {
	level := slog.LevelInfo
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record) && record.Conn != nil && looksLikeHTTP(record.RecordHeader):
		_, _ = io.WriteString(record.Conn, "HTTP/1.0 400 Bad Request\r\nConnection: close\r\n\r\nThis port speaks HTTPS.\n")
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		level = slog.LevelDebug
	}
	s.log.LogAttrs(context.Background(), level, "tls handshake failed",
		slog.Any("error", err), slog.String("remote", c.info.Remote.String()))
}

func looksLikeHTTP(b [5]byte) bool {
	switch string(b[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET", "PATCH":
		return true
	}
	return false
}

// enter makes c one of the binding's connections.
func (s *Server) enter(c *conn, binding any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.lane != nil {
		return
	}
	l := s.lanes[binding]
	if l == nil {
		l = newLane(s, binding)
		s.lanes[binding] = l
		if s.closing {
			l.drain()
		}
	}
	l.count++
	c.lane = l
}

// forget takes a closed connection off the lists, and a drained lane with its last one.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if l := c.lane; l != nil {
		l.count--
		s.sweep(l)
	}
}

// sweep removes a lane that was drained long enough ago and has no connection left; s.mu is held.
func (s *Server) sweep(l *lane) {
	if l.count == 0 && l.draining.Load() && time.Since(l.drained) > drainedMemory && s.lanes[l.binding] == l {
		delete(s.lanes, l.binding)
		go l.close()
	}
}

// Drain ends the connections of a binding: idle ones at once, others when their exchanges are done.
func (s *Server) Drain(binding any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[binding]
	if l == nil {
		// A handshake that was configured before may still arrive with this binding.
		l = newLane(s, binding)
		s.lanes[binding] = l
	}
	if l.draining.Load() {
		return
	}
	l.drain()
	time.AfterFunc(drainedMemory+time.Second, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.sweep(l)
	})
}

// cutWorkers bounds the judgements that Cut has made at a time; some wait for a revocation list.
const cutWorkers = 16

// Cut implements engine.Server.
func (s *Server) Cut(bad func(c *message.Conn) bool) {
	s.mu.Lock()
	list := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		if c.ready.Load() {
			list = append(list, c)
		}
	}
	s.mu.Unlock()
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(cutWorkers, len(list)) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(list)); i = next.Add(1) - 1 {
				if bad(&list[i].info) {
					list[i].cut()
				}
			}
		})
	}
	group.Wait()
}

// Shutdown closes the listeners and drains all connections. When ctx ends first, it closes what is left and returns
// ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for ln := range s.listeners {
		_ = ln.Close()
	}
	for _, l := range s.lanes {
		l.drain()
	}
	s.mu.Unlock()
	defer s.closeAll()
	poll := time.NewTicker(shutdownPoll)
	defer poll.Stop()
	for {
		s.mu.Lock()
		left := len(s.conns)
		lanes := slices.Collect(maps.Values(s.lanes))
		s.mu.Unlock()
		for _, l := range lanes {
			l.closeIdle()
		}
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
}

// closeAll ends every connection and lane.
func (s *Server) closeAll() {
	s.mu.Lock()
	conns, lanes := slices.Collect(maps.Keys(s.conns)), slices.Collect(maps.Values(s.lanes))
	s.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
	for _, l := range lanes {
		l.close()
	}
}
