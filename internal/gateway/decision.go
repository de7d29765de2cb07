package gateway

import (
	"net/netip"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/chain"
)

// Decision is how one request was decided. The observer may keep it; it must not change what it points to.
type Decision struct {
	// RequestID is context.RequestId, which the client may have been told.
	RequestID string
	// Time is when the request's head had been read, Duration how long it took from there to the decision.
	Time     time.Time
	Duration time.Duration
	// Method, Host and Path are as the client sent them; the query is left out, since it may carry keys.
	Method, Host, Path string
	// API and Operation are the ids of what was matched, empty where nothing was.
	API, Operation string
	// Status is the answer's.
	Status int
	// Refused tells that the gateway or a policy turned the request away or failed. A backend's own error is no refusal.
	Refused bool
	// Reason is the stable word of the refusal and Message its text; both are empty where a policy answered by
	// return-response and gave none.
	Reason, Message string
	// Document names the policy document that the refusing policy stands in, Scope and Section where it applies, Element
	// is the policy, Nesting its nesting as LastError.Path has it; Line and Column are from 1, 0 where no policy refused.
	Document, Scope, Section, Element, Nesting string
	Line, Column                               int
	// Remote is the client's address: by the PROXY protocol where that is spoken.
	Remote netip.AddrPort
	// TLS is the handshake, nil on a plain connection. Peer is the client's certificate as the policies saw it, from the
	// handshake or forwarded by a trusted proxy; nil if there was none.
	TLS  *message.TLS
	Peer *message.Peer
	// Verdict says why the last certificate that was judged and not found good is not. Judged is that judgement, or the
	// last one where all were good; nil where no policy asked for one.
	Verdict string
	Judged  *chain.Result
}

// observe tells the observer how the request was decided, before the client is answered.
func (s *Server) observe(x *message.Exchange, m *matched) {
	n := &x.Notes
	refused := m.reason != "" || n.Reason != "" || n.Place != nil || n.Fault != nil
	if !refused && !s.observeAll && (s.observeAlso == nil || !s.observeAlso(x.Conn.Remote)) {
		return
	}
	d := &Decision{
		RequestID: x.ID.String(), Time: x.Received, Duration: time.Since(x.Received),
		Method: x.Request.Method, Host: x.Request.Host, Path: m.path,
		Status: m.status, Refused: refused, Reason: m.reason, Message: n.Message,
		Remote: x.Conn.Remote, TLS: x.Conn.TLS, Peer: x.Peer(), Verdict: n.Certificate, Judged: n.Judged,
	}
	if d.Reason == "" {
		d.Reason = n.Reason
	}
	if m.route != nil {
		d.API = m.route.api.ID
	}
	if m.op != nil {
		d.Operation = m.op.operation.ID
	}
	if at, ok := n.Place.(*policy.Place); ok && at != nil {
		d.Document, d.Scope, d.Section, d.Element, d.Nesting = at.Document, at.Scope.String(), at.Section.String(), at.Element, at.Path
		d.Line, d.Column = at.Line, at.Column
	}
	s.observer(d)
}
