package chain

import (
	"time"

	"github.com/postern-gateway/postern/pki/cert"
)

// Limits of the work that one Build does.
const (
	// DefaultMaxWork bounds the signatures that one Build verifies, in units of one by P-256: about a tenth of a second.
	DefaultMaxWork = 1000
	// DefaultMaxPaths is how many complete paths one Build judges at most.
	DefaultMaxPaths = 32
	// maxDepth is the longest path, as OpenSSL's default verify depth.
	maxDepth = 100
	// maxSteps bounds the candidates that the search for another path looks at.
	maxSteps = 2000
	// maxSent is how many of the certificates that a client sent are looked at.
	maxSent = 256
)

// Options say what to build from and how to judge. The zero value trusts nobody.
type Options struct {
	// Sent are the certificates that the client sent beside the leaf, in its order.
	Sent []*cert.Certificate
	// Intermediates are the CA certificates that the service knows and does not trust by themselves.
	Intermediates *Pool
	// Roots are the trusted certificates; only self-issued ones can end a path. System roots count
	// only if the caller puts them here.
	Roots *Pool
	// Now is the instant that is judged; zero means time.Now().
	Now time.Time
	// Revocation says what is revoked; nil leaves revocation out.
	Revocation Revocation
	// Issuers fetches an issuer's certificate that is missing, from the address in the
	// certificate below; nil fetches nothing.
	Issuers IssuerSource
	// Strict also refuses what .NET lets pass: certificates for another purpose, unfulfilled
	// certificate policies, forms that RFC 5280 forbids, SHA-1, small keys.
	Strict bool
	// MaxWork bounds the signatures that are verified, in units of one by P-256; 0 means DefaultMaxWork.
	MaxWork int
	// MaxPaths bounds the paths that are judged; 0 means DefaultMaxPaths.
	MaxPaths int
}

// IssuerSource finds certificates at the caIssuers address of a certificate (RFC 5280 section 4.2.2.1).
type IssuerSource interface {
	// Issuer returns the certificate that subject's IssuerURL holds, or an error.
	Issuer(subject *Info) (*cert.Certificate, error)
}

// Build finds the path of leaf and judges it.
func Build(leaf *cert.Certificate, opts Options) *Result {
	return build(NewInfo(leaf), infos(firstSent(opts.Sent)), opts)
}

func firstSent(sent []*cert.Certificate) []*cert.Certificate {
	if len(sent) > maxSent {
		return sent[:maxSent]
	}
	return sent
}

func build(leaf *Info, sent []*Info, opts Options) *Result {
	b := newBuilder(leaf, sent, opts)
	p := b.firstPath()
	p.judge(b)
	result := b.result(p)
	if !result.Verdict && !result.Threw {
		b.tryOthers(p, result)
	}
	result.ValidUntil = b.validUntil()
	return result
}

// builder is the state of one Build.
type builder struct {
	opts      Options
	now       int64
	leaf      *Info
	sent      []*Info
	fetched   []*Info
	signed    map[[2]*Info]bool
	budget    int
	steps     int
	exhausted bool
	seen      []*Info
	keepUntil time.Time
	report    Explanation
}

func newBuilder(leaf *Info, sent []*Info, opts Options) *builder {
	if opts.Now.IsZero() {
		opts.Now = time.Now()
	}
	if opts.MaxWork <= 0 {
		opts.MaxWork = DefaultMaxWork
	}
	if opts.MaxPaths <= 0 {
		opts.MaxPaths = DefaultMaxPaths
	}
	return &builder{
		opts: opts, now: opts.Now.Unix(), leaf: leaf, sent: sent,
		keepUntil: opts.Now.Add(maxVerdictAge), budget: opts.MaxWork, signed: make(map[[2]*Info]bool),
	}
}

// path is a list of certificates from the leaf up, and what is wrong with it.
type path struct {
	certs []*Info
	// trusted says that the last certificate is a root that ends the path.
	trusted bool
	// end is why the path ends without a root.
	end Reason
	// errors are the failures of each certificate, in the order in which they were found.
	errors [][]Reason
	// first is the first failure of all, in the order of OpenSSL's checks, and firstAt its certificate.
	first   Reason
	firstAt int
	// detail says more of the first failure.
	detail string
	// answers are what revocation says of each certificate but the last.
	answers []Answer
}

func (p *path) last() *Info { return p.certs[len(p.certs)-1] }

// complete reports whether the path ends in a self-signed certificate, trusted or not.
func (p *path) complete() bool { return p.end != ReasonIssuerNotFound }

// contains reports whether c is on the path.
func (p *path) contains(c *Info) bool {
	for _, i := range p.certs {
		if i.Same(c) {
			return true
		}
	}
	return false
}

// fail notes a failure of the certificate at depth.
func (p *path) fail(depth int, r Reason, detail string) {
	if p.first == ReasonNone {
		p.first, p.firstAt, p.detail = r, depth, detail
	}
	for _, old := range p.errors[depth] {
		if old == r {
			return
		}
	}
	p.errors[depth] = append(p.errors[depth], r)
}

// firstPath is the path that .NET finds: from the roots alone if that suffices, else with what was
// sent and installed, else with what can be fetched.
func (b *builder) firstPath() *path {
	p := b.walk(false)
	if p.complete() {
		return p
	}
	p = b.walk(true)
	var last *Info
	for !p.complete() && b.opts.Issuers != nil && p.last() != last {
		last = p.last()
		if last.IssuerURL == "" || len(b.fetched) >= maxFetched {
			break
		}
		c, err := b.opts.Issuers.Issuer(last)
		if err != nil {
			b.keepUntil = b.opts.Now.Add(retryAfter)
			b.report.note("the issuer of %q could not be fetched from %s: %v", last.Name(), last.IssuerURL, err)
			break
		}
		b.fetched = append(b.fetched, NewInfo(c))
		p = b.walk(true)
	}
	return p
}

// maxFetched bounds the issuers that one Build fetches.
const maxFetched = 8

// walk finds one path as OpenSSL does with trusted certificates first: each issuer is looked
// for among the roots, then among the others; once a root was taken, only among the roots.
func (b *builder) walk(extra bool) *path {
	p := &path{certs: []*Info{b.leaf}}
	used := make(map[*Info]bool)
	untrusted := true
	for {
		current := p.last()
		fromRoots := b.bestIssuer(current, b.opts.Roots.anchorsNamed(current.Issuer), nil)
		if len(p.certs) > maxDepth {
			p.end = ReasonTooLong
			return p
		}
		if fromRoots != nil && b.takeRoot(p, fromRoots, untrusted) {
			untrusted = false
			if p.last().SelfSigned {
				p.trusted = true
				return p
			}
			continue
		}
		if !untrusted || current.SelfSigned {
			break
		}
		issuer := b.bestIssuer(current, b.untrusted(current.Issuer, extra), func(c *Info) bool {
			return used[c] || (p.contains(c) && !(current.SelfIssued && len(p.certs) == 1))
		})
		if issuer == nil {
			break
		}
		used[issuer] = true
		p.certs = append(p.certs, issuer)
	}
	p.end = ReasonIssuerNotFound
	if p.last().SelfSigned {
		p.end = ReasonUntrustedRoot
	}
	return p
}

// takeRoot puts a root on the path. A self-signed certificate that came from elsewhere must be
// the root itself: one that only has its names is an impostor.
func (b *builder) takeRoot(p *path, root *Info, fromElsewhere bool) bool {
	current := p.last()
	if !current.SelfSigned {
		p.certs = append(p.certs, root)
		return true
	}
	if !fromElsewhere || !current.Same(root) {
		return false
	}
	p.certs[len(p.certs)-1] = root
	return true
}

// untrusted are the certificates named subject that are not roots, in the order in which .NET looks at them.
func (b *builder) untrusted(subject string, extra bool) []*Info {
	list := b.opts.Roots.restNamed(subject)
	if !extra {
		return list
	}
	list = append([]*Info(nil), list...)
	for _, c := range b.sent {
		if c.Subject == subject {
			list = append(list, c)
		}
	}
	if p := b.opts.Intermediates; p != nil {
		// The pool keeps its order within each of the two indexes only, which decides nothing
		// unless copies of one name are of both kinds.
		list = append(list, p.rest[subject]...)
		list = append(list, p.anchors[subject]...)
	}
	for _, c := range b.fetched {
		if c.Subject == subject {
			list = append(list, c)
		}
	}
	return list
}

// bestIssuer is the first candidate that fits and is valid now, or the one that fits and lasts longest.
func (b *builder) bestIssuer(subject *Info, candidates []*Info, skip func(*Info) bool) *Info {
	var best *Info
	for _, c := range candidates {
		b.see(c)
		if !likelyIssuer(c, subject) || (skip != nil && skip(c)) {
			continue
		}
		if c.timeReason(b.now) == ReasonNone {
			return c
		}
		if best == nil || c.notAfter > best.notAfter {
			best = c
		}
	}
	return best
}

// LikelyIssuedBy reports whether issuer may have issued the certificate, by names, key identifiers
// and algorithms; the signature is not verified. Malformed certificates have no issuer and are none.
func (i *Info) LikelyIssuedBy(issuer *Info) bool { return likelyIssuer(issuer, i) }

// likelyIssuer is OpenSSL's test before any signature is verified: names, key identifier, algorithm.
func likelyIssuer(issuer, subject *Info) bool {
	return possibleIssuer(issuer, subject) && subject.akid.Matches(issuer)
}

// possibleIssuer is likelyIssuer without the hint.
func possibleIssuer(issuer, subject *Info) bool {
	return issuer.Subject == subject.Issuer && issuer.Malformed == "" && subject.Malformed == "" &&
		subject.algorithm.mayBeBy(&issuer.key)
}

// see notes a certificate whose validity the verdict may hang on.
func (b *builder) see(c *Info) {
	for _, old := range b.seen {
		if old == c {
			return
		}
	}
	b.seen = append(b.seen, c)
}

// validUntil is until when the verdict may be kept.
func (b *builder) validUntil() time.Time {
	next := b.keepUntil.Unix()
	b.see(b.leaf)
	for _, c := range b.seen {
		for _, t := range []int64{c.notBefore, c.notAfter} {
			if t > b.now && t < next {
				next = t
			}
		}
	}
	if next < b.keepUntil.Unix() {
		return time.Unix(next, 0)
	}
	return b.keepUntil
}

const (
	// maxVerdictAge bounds how long a verdict may be kept.
	maxVerdictAge = time.Hour
	// retryAfter is when an issuer that could not be fetched is tried again.
	retryAfter = 30 * time.Second
)

// verifies checks a signature within the budget, each pair once.
func (b *builder) verifies(subject, issuer *Info) (ok, withinBudget bool) {
	pair := [2]*Info{subject, issuer}
	if ok, done := b.signed[pair]; done {
		return ok, true
	}
	if b.budget <= 0 {
		b.exhausted = true
		return false, false
	}
	b.budget -= issuer.key.work()
	ok = subject.Signed(issuer)
	b.signed[pair] = ok
	return ok, true
}
