package chain

import (
	"fmt"
	"slices"
	"strings"
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

// Explanation says how a verdict came about, for people and machines.
type Explanation struct {
	// Reason is the stable word of the first failure; empty if the certificate is good.
	Reason Reason `json:"reason,omitempty"`
	// Summary is one sentence.
	Summary string `json:"summary"`
	// Paths are the paths that were tried; the last is the one that the verdict is about, or,
	// where none is good, the first is.
	Paths []PathReport `json:"paths,omitempty"`
	// Notes are other things that happened on the way.
	Notes []string `json:"notes,omitempty"`
}

// PathReport is one path that was tried.
type PathReport struct {
	// Certificates are the names of the certificates from the leaf up.
	Certificates []string `json:"certificates"`
	// Reason is the first failure; empty for a good path.
	Reason Reason `json:"reason,omitempty"`
	// At is the index of the certificate that fails; Detail says more.
	At     int    `json:"at"`
	Detail string `json:"detail,omitempty"`
	// Revocation is what was found out about each certificate but the root.
	Revocation []string `json:"revocation,omitempty"`
}

func (e *Explanation) note(format string, args ...any) {
	e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
}

// add reports a path that was judged.
func (e *Explanation) add(p *path) {
	r := PathReport{Reason: p.first, At: p.firstAt, Detail: p.detail}
	if p.good() {
		r.Reason, r.At, r.Detail = ReasonNone, 0, ""
	}
	for _, c := range p.certs {
		r.Certificates = append(r.Certificates, c.Name())
	}
	for n, a := range p.answers {
		r.Revocation = append(r.Revocation, fmt.Sprintf("%s: %s (%s)", p.certs[n].Name(), a.Status, a.Detail))
	}
	e.Paths = append(e.Paths, r)
}

// String is the explanation in a few lines.
func (e Explanation) String() string {
	var b strings.Builder
	b.WriteString(e.Summary)
	for _, p := range e.Paths {
		fmt.Fprintf(&b, "\npath: %s", strings.Join(p.Certificates, " <- "))
		if p.Reason != ReasonNone {
			fmt.Fprintf(&b, "\n  %s at certificate %d", p.Reason, p.At)
			if p.Detail != "" {
				fmt.Fprintf(&b, ": %s", p.Detail)
			}
		}
		for _, r := range p.Revocation {
			fmt.Fprintf(&b, "\n  revocation of %s", r)
		}
	}
	for _, n := range e.Notes {
		fmt.Fprintf(&b, "\nnote: %s", n)
	}
	return b.String()
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

func (r *Result) fill(p *path) {
	for n, c := range p.certs {
		r.Chain = append(r.Chain, c.Cert)
		r.ElementStatus = append(r.ElementStatus, appendFlags(nil, p.errors[n]))
		r.ElementReasons = append(r.ElementReasons, p.errors[n])
		r.Status = appendFlags(r.Status, p.errors[n])
	}
	slices.Sort(r.Status)
}

func (b *builder) explain(r *Result, p *path) {
	if r.Verdict {
		b.report.Reason = ReasonNone
		b.report.Summary = fmt.Sprintf("%q is good: its path of %d ends in the trusted root %q", b.leaf.Name(), len(p.certs), p.last().Name())
	} else {
		b.report.Reason = r.Reason
		b.report.Summary = fmt.Sprintf("%q is refused: %s at %q", b.leaf.Name(), r.Reason, p.certs[min(p.firstAt, len(p.certs)-1)].Name())
		if p.detail != "" {
			b.report.Summary += " (" + p.detail + ")"
		}
	}
	r.Explanation = b.report
}
