package chain

import (
	"sync/atomic"
	"time"
)

// Trust is what one snapshot of the gateway trusts. It is immutable, and verdicts that a Peer
// remembers hold for one Trust only: a snapshot with other certificates has another Trust, one
// with the same should keep the Trust it had.
type Trust struct {
	epoch uint64
	opts  TrustOptions
}

// TrustOptions are the parts of a Trust; see Options for their meaning.
type TrustOptions struct {
	Roots, Intermediates *Pool
	Revocation           Revocation
	Issuers              IssuerSource
	Strict               bool
	// Now tells the time, in tests; nil means time.Now.
	Now func() time.Time
}

var epochs atomic.Uint64

// NewTrust makes a Trust of its own epoch.
func NewTrust(opts TrustOptions) *Trust {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Trust{epoch: epochs.Add(1), opts: opts}
}

// With is a Trust in the same certificates with another revocation, and of its own epoch.
func (t *Trust) With(r Revocation) *Trust {
	opts := t.opts
	opts.Revocation = r
	return NewTrust(opts)
}

// Epoch is a number that no other Trust of the process has.
func (t *Trust) Epoch() uint64 { return t.epoch }

// Verify is X509Certificate2.Verify(): the path, and that nothing on it is revoked. While the
// verdict of an earlier call holds it costs a clock reading and allocates nothing.
func (t *Trust) Verify(p *Peer) bool { return t.Result(p).Verdict }

// VerifyNoRevocation is API Management's method of that name: Verify without revocation.
func (t *Trust) VerifyNoRevocation(p *Peer) bool { return t.ResultNoRevocation(p).Verdict }

// Result is Verify with its reasons. It must not be changed.
func (t *Trust) Result(p *Peer) *Result {
	return t.remembered(p, &p.full[t.epoch%memories], t.opts.Revocation)
}

// ResultNoRevocation is VerifyNoRevocation with its reasons. It must not be changed.
func (t *Trust) ResultNoRevocation(p *Peer) *Result { return t.remembered(p, &p.bare, nil) }

// Begin starts what Verify will have to fetch, if there is a trusted path, and returns at once
// where no issuer has to be fetched. It is meant for the end of the handshake.
func (t *Trust) Begin(p *Peer) {
	prefetcher, ok := t.opts.Revocation.(Prefetcher)
	if !ok {
		return
	}
	if r := t.ResultNoRevocation(p); r.Verdict {
		prefetcher.Begin(r.path)
	}
}

// memory is a verdict that a Peer remembers.
type memory struct {
	epoch  uint64
	until  int64
	result *Result
}

func (t *Trust) remembered(p *Peer, slot *atomic.Pointer[memory], revocation Revocation) *Result {
	now := t.opts.Now()
	if m := slot.Load(); m != nil && m.epoch == t.epoch && now.UnixNano() < m.until {
		return m.result
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := slot.Load(); m != nil && m.epoch == t.epoch && now.UnixNano() < m.until {
		return m.result
	}
	r := build(p.leaf, p.sent, Options{
		Roots: t.opts.Roots, Intermediates: t.opts.Intermediates, Issuers: t.opts.Issuers,
		Revocation: revocation, Strict: t.opts.Strict, Now: now,
	})
	slot.Store(&memory{t.epoch, r.ValidUntil.UnixNano(), r})
	return r
}
