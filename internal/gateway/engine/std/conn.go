package std

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine"
	"github.com/postern-gateway/postern/internal/message"
)

// conn is one client connection below TLS.
type conn struct {
	net.Conn
	server *Server
	lane   *lane
	info   message.Conn
	// guard is nil on HTTP/2.
	guard  *guard
	closed chan struct{}
	once   sync.Once

	// ready tells that info is complete; cutting, that each response is the last one.
	ready, cutting atomic.Bool
	// mu guards what an end of the connection needs: stop ends the contexts of its requests, front serves it alone (HTTP/2).
	mu    sync.Mutex
	stop  context.CancelFunc
	front *front
}

// last reports whether a response now is the connection's last.
func (c *conn) last() bool { return c.lane.draining.Load() || c.cutting.Load() }

// cut ends the connection in good order if it can, and by force if it must.
func (c *conn) cut() {
	if c.cutting.Swap(true) {
		return
	}
	c.goAway()
	c.lane.closeIfIdle(c)
	time.AfterFunc(engine.CutGrace, func() {
		c.mu.Lock()
		stop := c.stop
		c.mu.Unlock()
		if stop != nil {
			stop()
		}
	})
	time.AfterFunc(engine.CutTime, func() { _ = c.Close() })
}

// goAway sends GOAWAY on an HTTP/2 connection, which ends when its streams have.
func (c *conn) goAway() {
	c.mu.Lock()
	f := c.front
	c.mu.Unlock()
	if f != nil {
		f.goAway()
	}
}

func newConn(s *Server, raw net.Conn) *conn {
	closed := make(chan struct{})
	peer := addrPort(raw.RemoteAddr())
	return &conn{
		Conn: raw, server: s, closed: closed,
		info: message.Conn{Remote: peer, Peer: peer, Local: addrPort(raw.LocalAddr()), Closed: closed},
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// Close implements net.Conn; the first call takes the connection off the server's list.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		close(c.closed)
		c.server.forget(c)
	})
	return err
}

// CloseWrite half-closes a TCP connection.
func (c *conn) CloseWrite() error {
	if t, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return t.CloseWrite()
	}
	return nil
}

type connKey struct{}

// connContext is http.Server's ConnContext: what the handler finds the connection by.
func connContext(ctx context.Context, nc net.Conn) context.Context {
	c := connOf(nc)
	if c == nil {
		return ctx
	}
	ctx, stop := context.WithCancel(context.WithValue(ctx, connKey{}, c))
	c.mu.Lock()
	c.stop = stop
	c.mu.Unlock()
	return ctx
}

// connOf is the connection below what a lane was handed: a guard, or the *tls.Conn of HTTP/2.
func connOf(nc net.Conn) *conn {
	switch nc := nc.(type) {
	case *guard:
		return nc.conn
	case *tls.Conn:
		c, _ := nc.NetConn().(*conn)
		return c
	}
	return nil
}
