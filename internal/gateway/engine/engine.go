// Package engine says what an HTTP engine is: it turns connections into
// exchanges and exchanges back into bytes. Its sub-packages are the engines;
// std is the one on the standard library.
//
// An engine speaks HTTP strictly: a request whose framing two readers could
// understand in two ways is refused, never repaired (RFC 9112 section 11.2).
package engine

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/postern-gateway/postern/internal/message"
)

// The defaults of Limits.
const (
	// DefaultHeaderBytes is what common servers allow for all fields of a request's head together.
	DefaultHeaderBytes = 64 << 10
	// DefaultHeaderCount is far above what clients send and keeps walks over a header short.
	DefaultHeaderCount = 200
	// DefaultURLBytes is API Management's limit of a URL's length (gateway-runtime, time-outs and limits).
	DefaultURLBytes = 16 << 10
	// DefaultBodyBytes is API Management's limit of a request's payload: 1 GiB.
	DefaultBodyBytes = 1 << 30
	// DefaultHandshake bounds a TLS handshake.
	DefaultHandshake = 15 * time.Second
	// DefaultReadHeader bounds the time from a head's first byte to its last.
	DefaultReadHeader = 15 * time.Second
	// DefaultReadBody bounds each wait for more of a body.
	DefaultReadBody = 60 * time.Second
	// DefaultWrite bounds each wait for a client to take more of a response.
	DefaultWrite = 60 * time.Second
	// DefaultIdle bounds how long a connection waits for its next request.
	DefaultIdle = 120 * time.Second
	// DefaultStreams bounds the concurrent requests on one HTTP/2 connection.
	DefaultStreams = 250
)

const (
	// CutGrace is how long exchanges on a connection that is cut may still come to their end.
	CutGrace = 250 * time.Millisecond
	// CutTime is when a connection that is cut is closed, whatever goes on on it.
	CutTime = 2 * CutGrace
)

// Limits bound what a client may make the server hold and wait for. A zero field has its default, a negative one
// has no bound where that is said.
type Limits struct {
	// HeaderBytes bounds the fields of a head, in bytes as sent; 431.
	HeaderBytes int
	// HeaderCount bounds the number of fields of a head; 431.
	HeaderCount int
	// URLBytes bounds the request target; 414.
	URLBytes int
	// BodyBytes bounds a request's content; 413. Negative: no bound.
	BodyBytes int64
	// Handshake bounds the TLS handshake.
	Handshake time.Duration
	// ReadHeader bounds the time from the first byte of a head to its last; 408.
	ReadHeader time.Duration
	// ReadBody bounds each wait for more of a body; 408. Negative: no bound.
	ReadBody time.Duration
	// Write bounds each wait for the client to take more; the connection ends. Negative: no bound.
	Write time.Duration
	// Idle bounds the wait for the next request on a connection.
	Idle time.Duration
	// Streams bounds the concurrent requests of one HTTP/2 connection.
	Streams int
}

// WithDefaults is l with defaults in the place of zeros.
func (l Limits) WithDefaults() Limits {
	set(&l.HeaderBytes, DefaultHeaderBytes)
	set(&l.HeaderCount, DefaultHeaderCount)
	set(&l.URLBytes, DefaultURLBytes)
	set(&l.BodyBytes, DefaultBodyBytes)
	set(&l.Handshake, DefaultHandshake)
	set(&l.ReadHeader, DefaultReadHeader)
	set(&l.ReadBody, DefaultReadBody)
	set(&l.Write, DefaultWrite)
	set(&l.Idle, DefaultIdle)
	set(&l.Streams, DefaultStreams)
	return l
}

func set[T ~int | ~int64](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// TLS makes the TLS side of connections; implementations are safe for concurrent use.
type TLS interface {
	// Configure chooses the configuration of a handshake by its ClientHello, and a binding: a comparable value
	// that names the group of connections, for Server.Drain. An error ends the handshake.
	Configure(hello *tls.ClientHelloInfo) (config *tls.Config, binding any, err error)
	// Accept makes the facts of a finished handshake. An error ends the connection and is logged.
	Accept(state *tls.ConnectionState, binding any) (*message.TLS, error)
}

// Server is the client's side of an engine.
type Server interface {
	// Serve takes connections from ln until Shutdown, and returns nil then.
	Serve(ln net.Listener) error
	// Drain ends the connections of a binding: idle ones at once, others when their exchanges are done; HTTP/1.1
	// clients are told by "Connection: close", HTTP/2 clients by GOAWAY. It returns at once.
	Drain(binding any)
	// Cut ends the connections that are not to go on, as bad says of each whose handshake is done: HTTP/2 clients get a
	// GOAWAY, and what is still in progress after a short grace is broken off, switched connections included (CutTime is
	// the most it takes). bad is called in several goroutines and may take its time. Cut returns when all were judged.
	Cut(bad func(c *message.Conn) bool)
	// Shutdown closes the listeners and drains all connections. When ctx ends first, it closes what is left, and
	// returns ctx's error.
	Shutdown(ctx context.Context) error
}
