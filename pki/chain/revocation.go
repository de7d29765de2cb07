package chain

import "time"

// Status is what revocation says of one certificate.
type Status uint8

const (
	// StatusUnknown is a certificate about which nothing usable could be had; the zero value, so that silence closes the gate.
	StatusUnknown Status = iota
	// StatusGood is a certificate that is proved not to be revoked.
	StatusGood
	// StatusRevoked is a certificate that is proved to be revoked.
	StatusRevoked
)

var statusNames = [...]string{StatusUnknown: "unknown", StatusGood: "good", StatusRevoked: "revoked"}

// String is the status in a word.
func (s Status) String() string { return statusNames[s] }

// Answer is what revocation says of one certificate of a path.
type Answer struct {
	// Status is the verdict.
	Status Status
	// Detail says where it comes from, or why there is none.
	Detail string
	// Evidence are the lists and answers behind it, for the explanation.
	Evidence []Evidence
	// FreshUntil is when the answer has to be asked for again; zero means that it may not be kept.
	FreshUntil time.Time
}

// Prefetcher is a Revocation that can start early, at the handshake.
type Prefetcher interface {
	// Begin starts what Check of the same path will need, and returns at once. The path's
	// signatures were verified up to a trusted root.
	Begin(path []*Info)
}

// Revocation says of the certificates of a path whether they are revoked.
type Revocation interface {
	// Check answers for path[0] … path[len-2]: each certificate but the last, which is the root.
	// It is called only with a path whose signatures were verified up to a trusted root. It is safe for concurrent use.
	Check(path []*Info, now time.Time) []Answer
}

// Blocker is a Revocation that knows certificates which the operator refuses, those at the end of a path too, about
// which Check says nothing.
type Blocker interface {
	// Blocked says whether a certificate is refused, and why.
	Blocked(c *Info) (detail string, blocked bool)
}

// checkRevocation asks for the status of each certificate but the last, as .NET does: it fetches
// only if nothing but time speaks against the path, and says nothing of a path without an end.
// Below a revoked certificate everything is unknown.
func (p *path) checkRevocation(b *builder) {
	if b.opts.Revocation == nil || !p.complete() {
		return
	}
	above := len(p.certs) - 1
	p.answers = make([]Answer, above)
	if p.worthAsking() {
		copy(p.answers, b.opts.Revocation.Check(p.certs, b.opts.Now))
	} else {
		for n := range p.answers {
			p.answers[n] = Answer{Detail: "not asked for: the path is refused already", FreshUntil: b.opts.Now.Add(maxVerdictAge)}
		}
	}
	revoked := p.lastBlocked(b)
	for n := above - 1; n >= 0; n-- {
		a := &p.answers[n]
		switch {
		case revoked:
			*a = Answer{Detail: "its issuer is revoked", FreshUntil: a.FreshUntil}
			p.fail(n, ReasonRevocationUnknown, a.Detail)
		case a.Status == StatusRevoked:
			revoked = true
			p.fail(n, ReasonRevoked, a.Detail)
		case a.Status != StatusGood:
			p.fail(n, ReasonRevocationUnknown, a.Detail)
		}
	}
}

// lastBlocked reports whether the operator refuses the certificate at the end of the path.
func (p *path) lastBlocked(b *builder) bool {
	blocker, ok := b.opts.Revocation.(Blocker)
	if !ok {
		return false
	}
	detail, blocked := blocker.Blocked(p.last())
	if blocked {
		p.fail(len(p.certs)-1, ReasonRevoked, detail)
	}
	return blocked
}

// worthAsking reports whether nothing but time stands against the path, and its signatures lead to a root.
func (p *path) worthAsking() bool {
	switch p.first {
	case ReasonNone, ReasonExpired, ReasonNotYetValid:
		return p.trusted && p.signaturesFit()
	}
	return false
}

// signaturesFit reports whether no signature and no key stands against the path, so that fetching for it is right.
func (p *path) signaturesFit() bool {
	for _, list := range p.errors {
		for _, r := range list {
			switch r {
			case ReasonSignature, ReasonBudget, ReasonWeakKey, ReasonWeakSignature, ReasonUnknownKey, ReasonExplicitCurve:
				return false
			}
		}
	}
	return true
}

// freshUntil is when the first of the answers has to be asked for again; limit if that is earlier
// or nothing was asked.
func (p *path) freshUntil(limit time.Time) time.Time {
	for _, a := range p.answers {
		if a.FreshUntil.Before(limit) {
			limit = a.FreshUntil
		}
	}
	return limit
}
