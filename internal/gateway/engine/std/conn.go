package std

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"

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
}

func newConn(s *Server, raw net.Conn) *conn {
	closed := make(chan struct{})
	return &conn{
		Conn: raw, server: s, closed: closed,
		info: message.Conn{Remote: addrPort(raw.RemoteAddr()), Local: addrPort(raw.LocalAddr()), Closed: closed},
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
	if c := connOf(nc); c != nil {
		return context.WithValue(ctx, connKey{}, c)
	}
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
