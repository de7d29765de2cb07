package std

import (
	"context"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// lane serves the connections of one binding with http.Servers of its own, one for each protocol: they are drained
// in different ways.
type lane struct {
	server  *Server
	binding any
	// draining makes each response the last one of its connection.
	draining atomic.Bool
	drained  time.Time
	// count is the number of connections, those in their handshake included; guarded by server.mu.
	count int

	mu           sync.Mutex
	http1, http2 *front
	idle         map[net.Conn]struct{}  // HTTP/1 connections that wait for a request
	fresh        map[net.Conn]time.Time // HTTP/1 connections that have had no request yet, since when
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
	// headRoom is what net/http may read of a head beyond the guard's limits, so that the guard decides.
	headRoom = 4 << 10
)

func newLane(s *Server, binding any) *lane {
	l := &lane{server: s, binding: binding, idle: map[net.Conn]struct{}{}, fresh: map[net.Conn]time.Time{}}
	l.http1, l.http2 = l.newFront(), l.newFront()
	return l
}

func (l *lane) newFront() *front {
	limits := &l.server.limits
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	f := &front{queue: newQueue(), http: &http.Server{
		Handler:                      http.HandlerFunc(l.serve),
		Protocols:                    protocols,
		ReadHeaderTimeout:            limits.ReadHeader,
		IdleTimeout:                  limits.Idle,
		MaxHeaderBytes:               limits.HeaderBytes + limits.URLBytes + headRoom,
		ConnContext:                  connContext,
		ConnState:                    l.stateChanged,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(logWriter{l.server.log}, "", 0),
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams:          limits.Streams,
			MaxReceiveBufferPerStream:     http2StreamBuffer,
			MaxReceiveBufferPerConnection: http2ConnBuffer,
			WriteByteTimeout:              max(limits.Write, 0),
		},
	}}
	go func() { _ = f.http.Serve(f.queue) }()
	return f
}

// hand gives a connection that has shaken hands to the http.Server of its protocol.
func (l *lane) hand(c net.Conn) {
	var before *front
	for {
		l.mu.Lock()
		f := l.http1
		if _, ok := c.(*guard); !ok {
			f = l.http2
		}
		l.mu.Unlock()
		if f == before {
			_ = c.Close()
			return
		}
		select {
		case f.queue.conns <- c:
			return
		case <-f.queue.done:
			before = f // drained just now; another has taken its place, unless all is over
		}
	}
}

// drain begins the end of the lane's connections; server.mu is held. HTTP/2 connections get a GOAWAY now, HTTP/1.1
// ones "Connection: close" with their next response. Those that arrive late get the same with their first response.
func (l *lane) drain() {
	if l.draining.Swap(true) {
		return
	}
	l.drained = time.Now()
	l.mu.Lock()
	old := l.http2
	l.http2 = l.newFront()
	l.mu.Unlock()
	go func() { _ = old.http.Shutdown(context.Background()) }()
	// Closing a connection takes server.mu, which the caller holds.
	go l.closeIdle()
	time.AfterFunc(freshGrace, l.closeIdle)
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
	if _, ok := c.(*guard); !ok {
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
	if state == http.StateIdle && l.draining.Load() {
		_ = c.Close()
	}
}

func (l *lane) close() {
	l.mu.Lock()
	fronts := [...]*front{l.http1, l.http2}
	l.mu.Unlock()
	for _, f := range fronts {
		_ = f.queue.Close()
		_ = f.http.Close()
	}
}

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
