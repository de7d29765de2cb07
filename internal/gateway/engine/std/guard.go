package std

import (
	"bytes"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine"
)

// guard stands between the network and net/http on an HTTP/1 connection and lets through only what is framed
// strictly by RFC 9112. net/http reads some malformed messages leniently (bare LF, folded lines, Transfer-Encoding
// beside Content-Length, repeated equal lengths); the guard reads the same bytes first, keeps the head's fields in
// their order and spelling, counts the body, and so knows where every message ends.
//
// A head that is refused never reaches net/http: a harmless one is put in its place, and the record in the queue
// tells the handler which answer to give, in its turn among pipelined requests. A fault inside a body cannot be
// answered like that; it is a read error, and the connection ends.
type guard struct {
	net.Conn
	conn   *conn
	limits *engine.Limits
	secure bool

	// Reading; used by one goroutine at a time (net/http sees to that).
	buf        []byte // buf[start:ready] may be read on, buf[ready:] is not looked at yet
	start      int
	ready      int
	state      guardState
	remaining  int64 // of the body, or of the chunk
	lineBytes  int   // of the trailer section so far
	lineCount  int
	skippedEOL int
	failure    error

	mu       sync.Mutex
	heads    []*head
	wanted   time.Time // the read deadline net/http asked for
	own      time.Time // the read deadline the guard asks for
	reason   string    // reason phrase for the status line of that status that is written next
	status   string
	refusing bool
}

type guardState uint8

const (
	inHead guardState = iota
	inBody
	inChunkSize
	inChunk
	inChunkEnd
	inTrailer
	inTunnel
	isRefused
)

const (
	guardBuffer = 4 << 10
	// maxChunkLine bounds a chunk-size line with its extensions.
	maxChunkLine = 256
	// maxChunkDigits keeps a chunk's size below 2^60.
	maxChunkDigits = 15
	// lingerTime and lingerBytes bound how long a refused client is listened to so that it reads the answer
	// before the connection is reset.
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
	// refusedHead stands for a refused request towards net/http.
	refusedHead = "GET / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n"
)

var errChunk = errors.New("malformed chunked body")

// newGuard guards nc: c itself, or the TLS connection on it.
func newGuard(nc net.Conn, c *conn, limits *engine.Limits, secure bool) *guard {
	return &guard{Conn: nc, conn: c, limits: limits, secure: secure, buf: make([]byte, 0, guardBuffer)}
}

// popHead is the head that belongs to the request net/http has just read.
func (g *guard) popHead() *head {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.heads) == 0 {
		return nil
	}
	h := g.heads[0]
	g.heads = g.heads[1:]
	return h
}

// Read implements net.Conn.
func (g *guard) Read(p []byte) (int, error) {
	for {
		if n := copy(p, g.buf[g.start:g.ready]); n > 0 {
			g.start += n
			return n, nil
		}
		if len(p) == 0 {
			return 0, nil
		}
		if g.failure != nil {
			return 0, g.failure
		}
		if g.advance() {
			continue
		}
		if g.start == len(g.buf) && (g.state == inBody || g.state == inChunk || g.state == inTunnel) {
			return g.readThrough(p)
		}
		if err := g.fill(); err != nil {
			return 0, err
		}
	}
}

// readThrough reads content straight into the caller's buffer.
func (g *guard) readThrough(p []byte) (int, error) {
	if g.state == inTunnel {
		return g.Conn.Read(p)
	}
	if int64(len(p)) > g.remaining {
		p = p[:g.remaining]
	}
	g.arm(g.limits.ReadBody)
	n, err := g.Conn.Read(p)
	g.consumed(int64(n))
	return n, err
}

// consumed counts content that was passed on.
func (g *guard) consumed(n int64) {
	if g.remaining -= n; g.remaining > 0 {
		return
	}
	if g.state == inChunk {
		g.state = inChunkEnd
		return
	}
	g.endMessage()
}

// endMessage waits for the next head.
func (g *guard) endMessage() {
	g.state, g.skippedEOL = inHead, 0
	g.disarm()
}

// fill reads more from the network into the buffer.
func (g *guard) fill() error {
	switch g.state {
	case isRefused:
		g.failure = &net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed}
		return g.failure
	case inHead:
		// The time limit of a head begins with its first byte; before that the connection is idle.
		if len(g.buf) > g.start && g.own.IsZero() {
			g.arm(g.limits.ReadHeader)
		}
	default:
		g.arm(g.limits.ReadBody)
	}
	g.room()
	n, err := g.Conn.Read(g.buf[len(g.buf):cap(g.buf)])
	g.buf = g.buf[:len(g.buf)+n]
	if n > 0 || err == nil {
		return nil
	}
	if g.state == inHead && len(g.buf) > g.ready && errors.Is(err, os.ErrDeadlineExceeded) && !g.aborted() {
		g.refuse(408, "The request was not received in time.")
		return nil
	}
	return err
}

// room makes space at the end of the buffer.
func (g *guard) room() {
	if g.start == len(g.buf) {
		g.buf, g.start, g.ready = g.buf[:0], 0, 0
	}
	if len(g.buf) < cap(g.buf) {
		return
	}
	size := cap(g.buf)
	if g.start < size/2 {
		size *= 2
	}
	grown := make([]byte, len(g.buf)-g.start, size)
	copy(grown, g.buf[g.start:])
	g.buf, g.ready, g.start = grown, g.ready-g.start, 0
}

// aborted reports whether net/http has set a deadline in the past to end a pending read.
func (g *guard) aborted() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.wanted.IsZero() && g.wanted.Before(time.Now().Add(-time.Minute))
}

func (g *guard) arm(d time.Duration) {
	if d < 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.own = time.Now().Add(d)
	_ = g.Conn.SetReadDeadline(earlier(g.wanted, g.own))
}

func (g *guard) disarm() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.own.IsZero() {
		g.own = time.Time{}
		_ = g.Conn.SetReadDeadline(g.wanted)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// SetReadDeadline implements net.Conn; the guard's own deadline stays in force.
func (g *guard) SetReadDeadline(t time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wanted = t
	return g.Conn.SetReadDeadline(earlier(g.wanted, g.own))
}

// SetDeadline implements net.Conn.
func (g *guard) SetDeadline(t time.Time) error {
	if err := g.SetReadDeadline(t); err != nil {
		return err
	}
	return g.Conn.SetWriteDeadline(t)
}

// setReason makes the next status line of that status carry that reason phrase; net/http knows its own only.
func (g *guard) setReason(status int, reason string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.status, g.reason = strconv.Itoa(status), reason
}

// takeReason is the reason phrase for what is written, empty to leave it as it is. net/http has flushed all that came
// before a response, so that a write begins with its status line; a 100 Continue may still come in between.
func (g *guard) takeReason(p []byte) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.reason == "" || len(p) < statusLead || string(p[:7]) != "HTTP/1." || string(p[9:12]) != g.status {
		return ""
	}
	reason := g.reason
	g.reason = ""
	return reason
}

// statusLead is the length of "HTTP/1.1 200 ".
const statusLead = 13

// Write implements net.Conn.
func (g *guard) Write(p []byte) (int, error) {
	if g.limits.Write > 0 {
		_ = g.Conn.SetWriteDeadline(time.Now().Add(g.limits.Write))
	}
	reason := g.takeReason(p)
	end := bytes.Index(p[:min(len(p), 128)], []byte("\r\n"))
	if reason == "" || end < statusLead {
		return g.Conn.Write(p)
	}
	line := make([]byte, 0, len(p)+len(reason))
	line = append(line, p[:statusLead]...)
	line = append(line, reason...)
	line = append(line, p[end:]...)
	if _, err := g.Conn.Write(line); err != nil {
		return 0, err
	}
	return len(p), nil
}

// CloseWrite half-closes the connection, which net/http does before it gives up on a client that still sends.
func (g *guard) CloseWrite() error {
	if c, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// Close implements net.Conn. After a refusal it first lets the client read the answer.
func (g *guard) Close() error {
	g.mu.Lock()
	linger := g.refusing
	g.refusing = false
	g.mu.Unlock()
	if linger && g.CloseWrite() == nil {
		_ = g.Conn.SetReadDeadline(time.Now().Add(lingerTime))
		waste := make([]byte, guardBuffer)
		for total := 0; total < lingerBytes; {
			n, err := g.Conn.Read(waste)
			if total += n; err != nil {
				break
			}
		}
	}
	return g.Conn.Close()
}
