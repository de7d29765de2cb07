// Package message is the exchange: Postern's own form of one request and its
// response. HTTP engines fill it and write it; nothing above an engine knows
// which one it was, and no type of net/http appears here.
package message

import (
	"context"
	"io"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// Exchange is one request with the means to answer it. It belongs to one goroutine.
type Exchange struct {
	// Context ends when the client has gone or the server gives up on the request.
	Context context.Context
	// Request is what the client sent; policies edit it in place and forward it.
	Request *Request
	// ID names the exchange in logs, traces and error bodies; set by the engine.
	ID ID
	// Received is when the request's head had been read.
	Received time.Time
	// Conn describes the client's connection.
	Conn *Conn
	// Responder writes the answer; set by the engine.
	Responder Responder
	// Forwarded is what a proxy said of the client that it is trusted to speak for; nil where the peer of the connection
	// is the client.
	Forwarded *Forwarded
	// Notes are what the log should know of how the exchange was decided; set on the way.
	Notes Notes
}

// Peer is the client's certificate: the one that a trusted proxy forwarded, else the handshake's; nil if there is none.
func (x *Exchange) Peer() *Peer {
	if x.Forwarded != nil {
		return x.Forwarded.Peer
	}
	if x.Conn != nil && x.Conn.TLS != nil {
		return x.Conn.TLS.Peer
	}
	return nil
}

// Forwarded is what a trusted proxy said of its client.
type Forwarded struct {
	// Peer is the client's certificate; nil: the client has none. The proxy has proved that it is the client's.
	Peer *Peer
}

// Notes tell why a request was refused.
type Notes struct {
	// Reason is the stable word of the failure (LastError.Reason), Message its text, At the policy that failed:
	// scope, section and path.
	Reason, Message, At string
	// Certificate says why the last certificate that was judged and not found good is not.
	Certificate string
	// Place is the policy that refused or failed, a *policy.Place; nil if none did.
	Place any
	// Judged is the last judgement on a certificate that was not good, else the last; nil if no policy asked for one.
	Judged *chain.Result
	// Fault is a defect of ours that was met, with its stack; nil if there was none.
	Fault error
}

// Responder is an engine's end of an exchange.
type Responder interface {
	// Respond writes the response and streams its body, closing it. It is called at most once; a body that
	// fails before its end aborts the stream or the connection, so that the client cannot take it for whole.
	// A Response with Upgrade set hands the client's connection over and returns when either side has ended.
	Respond(*Response) error
	// Inform writes a 1xx response (103, 102); 100 is sent by the engine when the body is first read.
	Inform(status int, h *Header) error
}

// Handler answers exchanges; an engine calls it in a goroutine of its own for each.
// A handler that returns without Respond makes the engine answer 500.
type Handler func(*Exchange)

// Conn is what is known of a client's connection; one value for all exchanges on it.
type Conn struct {
	// Remote is the client's address, Local the one it called: as a proxy told by the PROXY protocol, else those of the
	// connection.
	Remote, Local netip.AddrPort
	// Peer is the address of the connection's other end, a proxy's or the client's. Relayed tells that it spoke for a
	// client by the PROXY protocol, so that TLS, if any, is with the client and not with it.
	Peer    netip.AddrPort
	Relayed bool
	// TLS is nil on a plain connection.
	TLS *TLS
	// Closed ends when the connection is closed.
	Closed <-chan struct{}
}

// TLS is the outcome of a handshake.
type TLS struct {
	// Version is the protocol version as in the record layer: 0x0303 TLS 1.2, 0x0304 TLS 1.3.
	Version uint16
	// CipherSuite is the IANA number.
	CipherSuite uint16
	// ServerName is the SNI in lower case, empty if none was sent.
	ServerName string
	// Protocol is the ALPN result, such as "h2"; empty if none.
	Protocol string
	// Resumed tells whether the session was resumed.
	Resumed bool
	// Hostname is the hostname configuration (its HostName) the handshake was served under.
	Hostname string
	// Peer are the client's certificates, nil when none was asked for or none sent.
	Peer *Peer
	// Proxy is the certificate of the connection's other end where the hostname asks for one to know its proxies by, and not
	// for policies to see; nil otherwise.
	Proxy *cert.Certificate
}

// Peer is a client's certificate, proved to be the client's by the handshake and not judged yet.
type Peer struct {
	// Leaf is the client's certificate.
	Leaf *cert.Certificate
	// Sent are the other certificates the client sent, in its order.
	Sent []*cert.Certificate
	// Verifier holds the verdicts already found for this peer; set by the gateway, which alone reads it.
	Verifier any
	// Object is what the expression language has made of Leaf, kept for the connection; it alone reads and sets it.
	Object atomic.Value

	relied     atomic.Uint32
	reliedMode atomic.Value // of a revocation.Mode
}

const reliedBare, reliedFull = 1, 2

// Rely notes that a policy was told that the certificate is good, with or without revocation.
func (p *Peer) Rely(revocation bool) {
	bit := uint32(reliedBare)
	if revocation {
		bit = reliedFull
	}
	if p.relied.Load()&bit == 0 {
		p.relied.Or(bit)
	}
}

// RelyMode notes that a policy was told that the certificate is good in a revocation mode of its own; the last mode is kept.
func (p *Peer) RelyMode(mode revocation.Mode) {
	if kept, ok := p.ReliedMode(); !ok || kept != mode {
		p.reliedMode.Store(mode)
	}
}

// ReliedMode is the mode noted last; false if there is none.
func (p *Peer) ReliedMode() (revocation.Mode, bool) {
	mode, ok := p.reliedMode.Load().(revocation.Mode)
	return mode, ok
}

// Relied tells what policies were told: that the certificate is good without revocation, and with.
func (p *Peer) Relied() (bare, full bool) {
	bits := p.relied.Load()
	return bits&reliedBare != 0, bits&reliedFull != 0
}

// URL is a parsed absolute URL. Path and Query are kept as the client wrote them.
type URL struct {
	// Scheme is "http" or "https" (or "ws", "wss" for upgrades to a backend).
	Scheme string
	// Host is without port, in lower case; IPv6 addresses without brackets.
	Host string
	// Port is the explicit or the scheme's default port.
	Port int
	// Path is the escaped path; it begins with "/".
	Path string
	// Query is what followed "?", without it, still escaped.
	Query string
}

// Request is an HTTP request.
type Request struct {
	// Method is as the client wrote it.
	Method string
	// URL is absolute; Host comes from the authority or the Host field.
	URL URL
	// Host is the authority as sent, port included.
	Host string
	// Proto is "HTTP/1.1", "HTTP/1.0" or "HTTP/2.0".
	Proto string
	// Header are the fields in order, without Host, Connection, Transfer-Encoding, Content-Length and the other
	// hop-by-hop fields, which the engine has consumed. Content-Length is Body.Length().
	Header Header
	// Trailer is filled once Body has been read to its end; nil if the request announced none. Before that it
	// has the announced names with empty values.
	Trailer *Header
	// Body is never nil; Body.Empty() tells a request without one.
	Body *Body
	// Upgrade is the protocol of a valid Upgrade request ("websocket"); empty otherwise.
	Upgrade string
	// Inform, if not nil, is called by a transport with each informational response (103, 102) before RoundTrip returns,
	// perhaps in another goroutine.
	Inform func(status int, h *Header)
}

// Response is an HTTP response.
type Response struct {
	// Status is 200–599, or 101 with Upgrade.
	Status int
	// Reason is the reason phrase; written on HTTP/1 only, empty: the status's usual one.
	Reason string
	// Header are the fields in order, without hop-by-hop fields and Content-Length.
	Header Header
	// Trailer, if not nil, is sent after the body; it may be filled while the body is read.
	Trailer *Header
	// Body is never nil.
	Body *Body
	// Flush passes each chunk of the body on as soon as it is there (forward-request buffer-response="false");
	// otherwise small chunks may be gathered into larger ones first. Event streams are flushed always.
	Flush bool
	// Upgrade is the switched connection to the backend of a 101 response.
	Upgrade io.ReadWriteCloser
}

// Transport sends requests to backends.
type Transport interface {
	// RoundTrip sends r and returns when the response's head is there. It reads r.Body as it sends, and honours ctx
	// until the response's body is closed. Errors are *TransportError.
	RoundTrip(ctx context.Context, r *Request) (*Response, error)
}

// TransportError says why a backend did not answer.
type TransportError struct {
	// Reason is APIM's LastError.Reason: BackendConnectionFailure, Timeout or ClientConnectionFailure.
	Reason string
	// Err is the cause.
	Err error
}

func (e *TransportError) Error() string { return e.Reason + ": " + e.Err.Error() }
func (e *TransportError) Unwrap() error { return e.Err }
