package chain

import (
	"slices"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
)

// Result is the verdict on a certificate.
type Result struct {
	// Verdict is what Verify() or, without revocation, VerifyNoRevocation() returns.
	Verdict bool
	// Status are the distinct flags of the whole chain in the order of their names; empty if Verdict is true.
	Status []Flag
	// Threw says that .NET throws instead of giving a status; Verdict is false, Status and Chain are empty.
	Threw bool
	// Chain is the path from the leaf to the root, or as far as it goes.
	Chain []*cert.Certificate
	// ElementStatus are the flags of each certificate of Chain, ElementReasons the failures behind them.
	ElementStatus  [][]Flag
	ElementReasons [][]Reason
	// Reason is the first failure, ReasonNone if Verdict is true.
	Reason Reason
	// Explanation says what was tried and what failed.
	Explanation Explanation
	// ValidUntil is until when the verdict may be kept: the passing of time, a newer list, or another
	// attempt to fetch something may change it then. It may lie in the past: then it may not be kept.
	ValidUntil time.Time

	path []*Info
}

// result asks for revocation and turns a judged path into a Result.
func (b *builder) result(p *path) *Result {
	p.checkRevocation(b)
	b.report.add(p)
	r := &Result{Verdict: p.good(), Threw: p.threw(), path: p.certs}
	if r.Verdict {
		b.keepUntil = p.freshUntil(b.opts.Now.Add(maxVerdictAge))
	} else {
		b.keepUntil = p.freshUntil(b.keepUntil)
	}
	if !r.Verdict {
		r.Reason = p.first
		if r.Reason == reasonRootSignature || r.Reason == ReasonNone {
			r.Reason = p.firstListed()
		}
	}
	if !r.Threw {
		r.fill(p)
	}
	b.explain(r, p)
	return r
}

// Has reports whether any certificate of the chain fails for the reason.
func (r *Result) Has(reason Reason) bool {
	for _, list := range r.ElementReasons {
		if slices.Contains(list, reason) {
			return true
		}
	}
	return r.Reason == reason
}

// firstListed is the first failure that has a flag.
func (p *path) firstListed() Reason {
	for _, list := range p.errors {
		if len(list) > 0 {
			return list[0]
		}
	}
	return ReasonUntrustedRoot
}

// firstListedAt is the certificate of firstListed.
func (p *path) firstListedAt() int {
	for n, list := range p.errors {
		if len(list) > 0 {
			return n
		}
	}
	return len(p.certs) - 1
}

func (r *Result) fill(p *path) {
	for n, c := range p.certs {
		r.Chain = append(r.Chain, c.Cert)
		r.ElementStatus = append(r.ElementStatus, appendFlags(nil, p.errors[n]))
		r.ElementReasons = append(r.ElementReasons, p.errors[n])
		r.Status = appendFlags(r.Status, p.errors[n])
	}
	slices.Sort(r.Status)
}
