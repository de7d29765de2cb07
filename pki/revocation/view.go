package revocation

import (
	"fmt"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// View is a Checker as one service, or one policy, wants it: the lists and answers are shared, the judgement is by its
// own Mode. It is a chain.Revocation, a chain.Prefetcher and a chain.IssuerSource, and safe for concurrent use.
type View struct {
	checker *Checker
	mode    Mode
}

var (
	_ chain.Revocation   = (*View)(nil)
	_ chain.IssuerSource = (*View)(nil)
	_ chain.Prefetcher   = (*View)(nil)
	_ chain.Blocker      = (*View)(nil)
	_ chain.Blocker      = (*Checker)(nil)
)

// With is the Checker judged by mode.
func (c *Checker) With(mode Mode) *View {
	mode.Wide = mode.Wide && !mode.Lax
	return &View{c, mode}
}

// judgement is how the view judges at an instant.
func (v *View) judgement(now time.Time) judgement {
	return judgement{now: now, wide: v.mode.Wide, lax: v.mode.Lax}
}

// Mode is the mode of the view.
func (v *View) Mode() Mode { return v.mode }

// Check answers for each certificate of the path but the last, by .NET's mode (ClosedMode). It waits for downloads at most
// Options.MaxWait in all; what is not there by then is unknown.
func (c *Checker) Check(path []*chain.Info, now time.Time) []chain.Answer {
	return c.With(ClosedMode).Check(path, now)
}

// Begin starts the downloads that Check of the same path will need, and returns at once.
func (v *View) Begin(path []*chain.Info) {
	j := v.judgement(time.Now())
	for n := 0; n < len(path)-1; n++ {
		v.checker.begin(path[n], path[n+1], j, waiter{})
	}
}

// Blocked says whether the operator's block list has a certificate; it is a chain.Blocker.
func (v *View) Blocked(c *chain.Info) (detail string, blocked bool) { return v.checker.Blocked(c) }

// Blocked says whether the operator's block list has a certificate; it is a chain.Blocker.
func (c *Checker) Blocked(x *chain.Info) (detail string, blocked bool) {
	return c.opts.Blocked.Check(x.Cert)
}

// Issuer fetches the certificate at subject's caIssuers address, in DER or PEM.
func (v *View) Issuer(subject *chain.Info) (*cert.Certificate, error) {
	return v.checker.Issuer(subject)
}

// Check answers for each certificate of the path but the last. It waits for downloads at most Options.MaxWait in all; what
// is not there by then is unknown, and means what the view's mode says. An answer that a mode gives instead of "unknown"
// says so in its Detail, and may be kept only as long as the unknown one.
func (v *View) Check(path []*chain.Info, now time.Time) []chain.Answer {
	answers := v.checker.check(path, v.judgement(now))
	switch v.mode.Failure {
	case FailOpen:
		for n := range answers {
			if a := &answers[n]; a.Status == chain.StatusUnknown {
				a.Status, a.Detail = chain.StatusGood, "nothing is proved, and accepted by FailOpen: "+a.Detail
			}
		}
	case FailOpenUntil:
		v.forgive(answers, path, now)
	}
	return answers
}

// forgive puts the answer of what was in force Mode.Grace ago in the place of each unknown one.
func (v *View) forgive(answers []chain.Answer, path []*chain.Info, now time.Time) {
	var older []chain.Answer
	j := v.judgement(now)
	j.grace = v.mode.Grace
	for n := range answers {
		a := &answers[n]
		if a.Status != chain.StatusUnknown {
			continue
		}
		if older == nil {
			older = v.checker.check(path, j)
		}
		if o := older[n]; o.Status != chain.StatusUnknown {
			o.Detail = fmt.Sprintf("%s, past its nextUpdate and accepted by %s (%s)", o.Detail, v.mode, a.Detail)
			o.FreshUntil = earlier(o.FreshUntil, a.FreshUntil)
			*a = o
		}
	}
}
