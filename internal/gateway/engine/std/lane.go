package std

import (
	"context"
	"crypto/tls"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// lane serves the connections of one binding with http.Servers of its own: one for all HTTP/1 connections, and one for
// each HTTP/2 connection, since net/http sends GOAWAY to all connections of a server only.
type lane struct {
	server  *Server
	binding any
	// draining makes each response the last one of its connection.
	draining atomic.Bool
	drained  time.Time
	// count is the number of connections, those in their handshake included; guarded by server.mu.
	count int

	protocols  *http.Protocols
	http2      *http.HTTP2Config
	complaints *log.Logger

	mu    sync.Mutex
	http1 *front
	idle  map[net.Conn]struct{}  // HTTP/1 connections that wait for a request
	fresh map[net.Conn]time.Time // HTTP/1 connections that have had no request yet, since when
}

// front is an http.Server with the queue it gets its connections from.
type front struct {
	http  *http.Server
	queue *queue
}

const (
	// http2StreamBuffer and http2ConnBuffer bound what the server holds of bodies that nobody reads yet.
	http2StreamBuffer = 256 << 10
	http2ConnBuffer   = 1 << 20
	// freshGrace is how long a new connection may take to its first request when its lane is drained.
	freshGrace = 200 * time.Millisecond
	// maxFronts bounds how often a connection that is told to go away before it is served is given another server.
	maxFronts = 3
	// headRoom is what net/http may read of a head beyond the guard's limits, so that the guard decides.
	headRoom = 4 << 10
)

func newLane(s *Server, binding any) *lane {
	l := &lane{server: s, binding: binding, idle: map[net.Conn]struct{}{}, fresh: map[net.Conn]time.Time{}}
	l.protocols = new(http.Protocols)
	l.protocols.SetHTTP1(true)
	l.protocols.SetHTTP2(true)
	limits := &s.limits
	l.http2 = &http.HTTP2Config{
		MaxConcurrentStreams:          limits.Streams,
		MaxReceiveBufferPerStream:     http2StreamBuffer,
		MaxReceiveBufferPerConnection: http2ConnBuffer,
		WriteByteTimeout:              max(limits.Write, 0),
	}
	l.complaints = log.New(logWriter{s.log}, "", 0)
	l.http1 = l.newFront(newQueue())
	go func() { _ = l.http1.http.Serve(l.http1.queue) }()
	return l
}

func (l *lane) newFront(q *queue) *front {
	limits := &l.server.limits
	return &front{queue: q, http: &http.Server{
		Handler:                      http.HandlerFunc(l.serve),
		Protocols:                    l.protocols,
		ReadHeaderTimeout:            limits.ReadHeader,
		IdleTimeout:                  limits.Idle,
		MaxHeaderBytes:               limits.HeaderBytes + limits.URLBytes + headRoom,
		ConnContext:                  connContext,
		ConnState:                    l.stateChanged,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     l.complaints,
		HTTP2:                        l.http2,
	}}
}

// hand gives an HTTP/1 connection that has shaken hands to the lane's http.Server.
func (l *lane) hand(c *guard) {
	select {
	case l.http1.queue.conns <- c:
	case <-l.http1.queue.done:
		_ = c.Close()
	}
}

// handHTTP2 gives an HTTP/2 connection that has shaken hands an http.Server of its own.
func (l *lane) handHTTP2(c *conn, tc *tls.Conn) {
	q := &single{conn: tc}
	for tries := 0; !q.taken; tries++ {
		f := l.newFront(nil)
		c.mu.Lock()
		c.front = f
		c.mu.Unlock()
		if c.cutting.Load() || tries == maxFronts {
			_ = tc.Close()
			return
		}
		// It returns when the connection was taken, or where the front was told to go away before: the next one is not.
		_ = f.http.Serve(q)
	}
	if l.draining.Load() {
		time.AfterFunc(freshGrace, c.goAway) // drained meanwhile; the first response is the last one
	}
}

// past is a context that is over: Shutdown with it begins the end of a server and waits for nothing.
var past = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// goAway makes the front's HTTP/2 connection end when its streams have.
func (f *front) goAway() { _ = f.http.Shutdown(past) }

// drain begins the end of the lane's connections; server.mu is held. HTTP/2 connections get a GOAWAY now, HTTP/1.1
// ones "Connection: close" with their next response. Those that arrive late get the same with their first response.
func (l *lane) drain() {
	if l.draining.Swap(true) {
		return
	}
	l.drained = time.Now()
	var away []*conn
	for c := range l.server.conns {
		if c.lane == l && c.guard == nil {
			away = append(away, c)
		}
	}
	goAway := func() {
		for _, c := range away {
			c.goAway()
		}
	}
	go goAway()
	time.AfterFunc(freshGrace, goAway) // those that were not quite served yet
	// Closing a connection takes server.mu, which the caller holds.
	go l.closeIdle()
	time.AfterFunc(freshGrace, l.closeIdle)
}

// closeIfIdle closes an HTTP/1 connection that waits for a request.
func (l *lane) closeIfIdle(c *conn) {
	g := c.guard
	if g == nil {
		return
	}
	l.mu.Lock()
	_, idle := l.idle[g]
	l.mu.Unlock()
	if idle {
		_ = g.Close()
	}
}

// closeIdle closes the HTTP/1 connections of a draining lane that wait for a request.
func (l *lane) closeIdle() {
	l.mu.Lock()
	var waiting []net.Conn
	for c := range l.idle {
		waiting = append(waiting, c)
	}
	for c, since := range l.fresh {
		if time.Since(since) >= freshGrace {
			waiting = append(waiting, c)
		}
	}
	l.mu.Unlock()
	for _, c := range waiting {
		_ = c.Close()
	}
}

// stateChanged keeps the lists of waiting HTTP/1 connections.
func (l *lane) stateChanged(c net.Conn, state http.ConnState) {
	g, ok := c.(*guard)
	if !ok {
		return
	}
	l.mu.Lock()
	delete(l.idle, c)
	delete(l.fresh, c)
	switch state {
	case http.StateNew:
		l.fresh[c] = time.Now()
	case http.StateIdle:
		l.idle[c] = struct{}{}
	}
	l.mu.Unlock()
	if state == http.StateIdle && g.conn.last() {
		_ = c.Close()
	}
}

func (l *lane) close() {
	_ = l.http1.queue.Close()
	_ = l.http1.http.Close()
}

// single is the net.Listener through which an http.Server gets its only connection.
type single struct {
	conn  net.Conn
	taken bool
}

// Accept implements net.Listener.
func (s *single) Accept() (net.Conn, error) {
	if s.taken {
		return nil, net.ErrClosed
	}
	s.taken = true
	return s.conn, nil
}

// Close implements net.Listener.
func (s *single) Close() error { return nil }

// Addr implements net.Listener.
func (s *single) Addr() net.Addr { return &net.TCPAddr{} }

// queue is the net.Listener through which an http.Server gets its connections.
type queue struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newQueue() *queue { return &queue{conns: make(chan net.Conn), done: make(chan struct{})} }

// Accept implements net.Listener.
func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (q *queue) Close() error {
	q.once.Do(func() { close(q.done) })
	return nil
}

// Addr implements net.Listener.
func (q *queue) Addr() net.Addr { return &net.TCPAddr{} }

// logWriter passes net/http's own complaints on to the log.
type logWriter struct{ log *slog.Logger }

func (w logWriter) Write(p []byte) (int, error) {
	text := string(p)
	for len(text) > 0 && text[len(text)-1] == '\n' {
		text = text[:len(text)-1]
	}
	w.log.Warn("http server", slog.String("detail", text))
	return len(p), nil
}
