package gateway

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/chain"
)

// What is open when trust shrinks is judged again: policies judge requests, and what came of one (a WebSocket, an event
// stream, a connection that is kept) goes on without them. A client's connection, or the exchange of a client whose
// certificate a proxy forwards, ends where
//
//   - its certificate was good, and is not any more: its CA was removed, or it was revoked. Where policies asked
//     VerifyNoRevocation() alone, revocation does not count;
//   - its certificate was one of the service's certificate entities, and is not any more;
//   - its certificate was forwarded by a proxy that may not do so any more.
//
// A client whose certificate never was good was let in by a policy that does not ask for trust, and stays.

// recheck is one look at everything that is open, after a swap.
type recheck struct {
	server    *Server
	old, now  *Snapshot
	gone      map[[32]byte]bool // certificate entities that are no more
	distrusts bool              // the judge is another
}

// newRecheck finds out what a swap from old to now may have made untrue.
func newRecheck(s *Server, old, now *Snapshot) *recheck {
	return &recheck{server: s, old: old, now: now, gone: removed(old.service, now.service), distrusts: !sameTrust(old.judge, now.judge)}
}

// sameTrust reports whether two judges cannot but judge alike.
func sameTrust(a, b Judge) bool {
	type trusting interface{ trusted() *chain.Trust }
	x, ok := a.(trusting)
	y, also := b.(trusting)
	return ok && also && x.trusted() == y.trusted()
}

// trusted is what the judge judges by.
func (j *chainJudge) trusted() *chain.Trust { return j.trust }

// removed are the certificates of old that are not among those of now.
func removed(old, now *apim.Service) map[[32]byte]bool {
	if old == now || len(old.Certificates) == 0 {
		return nil
	}
	kept := make(map[[32]byte]bool, len(now.Certificates))
	for _, c := range now.Certificates {
		if c.Identity != nil {
			kept[c.Identity.Certificate.SHA256] = true
		}
	}
	var gone map[[32]byte]bool
	for _, c := range old.Certificates {
		if c.Identity == nil || kept[c.Identity.Certificate.SHA256] {
			continue
		}
		if gone == nil {
			gone = map[[32]byte]bool{}
		}
		gone[c.Identity.Certificate.SHA256] = true
	}
	return gone
}

// run judges what is open. It returns when all was judged; what is to end ends shortly after.
func (r *recheck) run() {
	if r.distrusts || len(r.gone) > 0 {
		r.server.secure.Cut(func(c *message.Conn) bool {
			if c.TLS == nil || c.TLS.Peer == nil {
				return false
			}
			why := r.judge(c.TLS.Peer)
			if why != "" {
				r.tell("connection ended", c.TLS.Peer, why, slog.String(logkey.Remote, c.Remote.String()))
			}
			return why != ""
		})
	}
	for _, h := range r.server.held.list() {
		why := r.forwarder(h)
		if why == "" {
			why = r.judge(h.peer)
		}
		if why != "" {
			r.tell("exchange ended", h.peer, why, slog.String(logkey.RequestID, h.id.String()))
			h.end()
		}
	}
}

// judge says why the peer may not go on; empty: it may.
func (r *recheck) judge(p *message.Peer) string {
	if r.gone[p.Leaf.SHA256] {
		return "its certificate is not one of the service's certificates any more"
	}
	if !r.distrusts {
		return ""
	}
	ctx := context.Background()
	bare, full := p.Relied()
	mode, moded := p.ReliedMode()
	if bare || full || moded {
		why := ""
		if bare || full {
			why = against(r.now.judge.VerifyPeer(ctx, p, full))
		}
		if moded && why == "" {
			why = against(verifyMode(ctx, r.now.judge, p, mode))
		}
		return why
	}
	// No policy has asked. The verdict without revocation is the same at any time, so that the old judge can be asked now.
	if !r.old.judge.VerifyPeer(ctx, p, false).OK {
		return ""
	}
	if why := against(r.now.judge.VerifyPeer(ctx, p, false)); why != "" {
		return why
	}
	if v := r.now.judge.VerifyPeer(ctx, p, true); slices.Contains(v.Status, string(chain.Revoked)) {
		return against(v)
	}
	return ""
}

// against is what a verdict says against a certificate; empty: nothing.
func against(v policy.Verdict) string {
	if !v.OK && v.Explanation == "" {
		return "its certificate is not trusted any more"
	}
	if !v.OK {
		return v.Explanation
	}
	return ""
}

// forwarder says why the proxy of an exchange may not forward certificates; empty: it may.
func (r *recheck) forwarder(h *held) string {
	b := r.now.host(h.host)
	if b == nil || b.forwarding == nil || !b.forwarding.trusts(h.conn) {
		return "its certificate came from a proxy that may not forward certificates any more"
	}
	return ""
}

func (r *recheck) tell(what string, p *message.Peer, why string, attr slog.Attr) {
	r.server.log.LogAttrs(context.Background(), slog.LevelInfo, what+": the trust in its client certificate has ended",
		slog.String(logkey.Cert, p.Leaf.Thumbprint()), slog.String(logkey.Reason, why), attr)
}

// Recheck judges everything that is open again by what is served now, as Swap does where the trust is another. It is for
// what changes verdicts without a new snapshot, and returns when all was judged.
func (s *Server) Recheck() {
	s.swap.Lock()
	now := s.current.Load()
	s.swap.Unlock()
	if now != nil {
		(&recheck{server: s, old: now, now: now, distrusts: true}).run()
	}
}

// held is an exchange whose client certificate a proxy has forwarded: its connection is the proxy's and stays.
type held struct {
	peer *message.Peer
	conn *message.Conn
	host string
	id   message.ID
	all  *heldExchanges

	mu     sync.Mutex
	cancel context.CancelFunc
	tunnel io.Closer
	ended  bool
}

// heldExchanges are those in progress.
type heldExchanges struct {
	mu   sync.Mutex
	open map[*held]struct{}
}

// hold notes an exchange with a forwarded certificate until release; its context ends when the exchange must.
func (all *heldExchanges) hold(x *message.Exchange) *held {
	h := &held{peer: x.Forwarded.Peer, conn: x.Conn, host: x.Request.URL.Host, id: x.ID, all: all}
	x.Context, h.cancel = context.WithCancel(x.Context)
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.open == nil {
		all.open = map[*held]struct{}{}
	}
	all.open[h] = struct{}{}
	return h
}

func (all *heldExchanges) list() []*held {
	all.mu.Lock()
	defer all.mu.Unlock()
	list := make([]*held, 0, len(all.open))
	for h := range all.open {
		list = append(list, h)
	}
	return list
}

// release forgets the exchange.
func (h *held) release() {
	h.all.mu.Lock()
	delete(h.all.open, h)
	h.all.mu.Unlock()
	h.cancel()
}

// switched notes the backend's end of a switched connection; closing it ends the client's.
func (h *held) switched(backend io.Closer) {
	h.mu.Lock()
	h.tunnel = backend
	ended := h.ended
	h.mu.Unlock()
	if ended {
		_ = backend.Close()
	}
}

// end breaks the exchange off.
func (h *held) end() {
	h.mu.Lock()
	h.ended = true
	backend := h.tunnel
	h.mu.Unlock()
	h.cancel()
	if backend != nil {
		_ = backend.Close()
	}
}
