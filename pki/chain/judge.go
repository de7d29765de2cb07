package chain

import (
	"crypto/dsa" //nolint:staticcheck // parameters that DSA keys inherit
	"fmt"
	"slices"
	"time"
)

// judge makes every check of OpenSSL's verify_chain except revocation, in its order, and goes on
// after failures as .NET's callback does. Then it makes the checks that Postern adds.
func (p *path) judge(b *builder) {
	p.errors = make([][]Reason, len(p.certs))
	p.inheritDSA()
	if p.end != ReasonNone {
		p.fail(len(p.certs)-1, p.end, p.endDetail(b))
	}
	p.judgeExtensions()
	p.judgeSignatures(b)
	p.judgeNames()
	p.judgeStrength()
	if b.opts.Strict {
		p.judgeStrict()
	}
}

// endDetail says what is missing at the end of the path.
func (p *path) endDetail(b *builder) string {
	last := p.last()
	switch {
	case p.end == ReasonIssuerNotFound && last.Malformed != "":
		return "it is malformed, so that nobody is its issuer: " + last.Malformed
	case p.end == ReasonIssuerNotFound:
		issuer := commonName(last.Cert.Issuer)
		for _, c := range append(b.untrusted(last.Issuer, true), b.opts.Roots.anchorsNamed(last.Issuer)...) {
			if why := unfit(c, last); why != "" && !p.contains(c) {
				return fmt.Sprintf("a certificate %q is there, but %s", issuer, why)
			}
		}
		return fmt.Sprintf("its issuer %q is neither sent nor installed", issuer)
	case p.end == ReasonUntrustedRoot:
		return "it is not among the trusted roots"
	}
	return ""
}

// unfit says why issuer, which has the right name, is not taken for subject's issuer; empty where it is.
func unfit(issuer, subject *Info) string {
	switch {
	case issuer.Malformed != "":
		return "it is malformed: " + issuer.Malformed
	case !subject.algorithm.mayBeBy(&issuer.key):
		return "its key is not of the kind that signed"
	case !subject.akid.Matches(issuer):
		return "it is not the one that authorityKeyIdentifier names"
	}
	return ""
}

// CheckPath makes all checks but revocation on a path that is given: certs[0] is the certificate,
// the last a trusted root. It returns the first failure with its detail, ReasonNone if there is none.
func CheckPath(certs []*Info, now time.Time) (Reason, string) {
	p := &path{certs: slices.Clone(certs), trusted: true}
	p.judge(newBuilder(certs[0], nil, Options{Now: now}))
	if p.good() {
		return ReasonNone, ""
	}
	if p.first == reasonRootSignature {
		return p.firstListed(), ""
	}
	return p.first, p.detail
}

// inheritDSA gives DSA keys without parameters those of the first key above that has some,
// as OpenSSL does: only from the leaf upwards without a gap.
func (p *path) inheritDSA() {
	missing := func(c *Info) bool { return c.key.kind == keyDSA && c.key.dsa == nil }
	top := 0
	for top < len(p.certs) && missing(p.certs[top]) {
		top++
	}
	if top == 0 || top == len(p.certs) || p.certs[top].key.dsa == nil {
		return
	}
	var parameters dsa.Parameters = p.certs[top].key.dsa.Parameters
	for n := range p.certs[:top] {
		c := *p.certs[n]
		c.key.dsa = c.key.dsaWith(c.Cert, parameters)
		p.certs[n] = &c
	}
}

// judgeExtensions is OpenSSL's check_extensions.
func (p *path) judgeExtensions() {
	depth, last := 0, len(p.certs)-1
	for n, c := range p.certs {
		if c.CriticalUnknown != "" {
			p.fail(n, ReasonCriticalExtension, "critical extension "+c.CriticalUnknown)
		}
		if c.proxy {
			p.fail(n, ReasonProxy, "")
		}
		if kind := c.caKind(); n > 0 && (kind == 0 || (n < last && kind != 1)) {
			p.fail(n, ReasonNotCA, "")
		}
		if len(p.certs) > 1 {
			if c.key.kind == keyNone {
				p.fail(n, ReasonUnknownKey, "key algorithm "+c.Cert.KeyAlgorithm.String())
			}
			if c.key.explicit {
				p.fail(n, ReasonExplicitCurve, "")
			}
		}
		if c.resources {
			p.fail(n, ReasonResources, "")
		}
		if n > 1 && c.pathLen >= 0 && depth > c.pathLen {
			p.fail(n, ReasonPathLength, fmt.Sprintf("path length %d, %d CAs below", c.pathLen, depth))
		}
		if n > 0 && !c.SelfIssued {
			depth++
		}
	}
}

// judgeSignatures is OpenSSL's internal_verify with the self-signature of the root checked: from
// the root down, the key usage of the issuer, the signature, the validity.
func (p *path) judgeSignatures(b *builder) {
	n := len(p.certs) - 1
	issuer := p.certs[n]
	if !likelyIssuer(issuer, issuer) {
		if n == 0 {
			p.fail(0, ReasonIssuerNotFound, "")
			p.judgeTime(b, 0)
			return
		}
		n--
	}
	for ; n >= 0; n-- {
		p.judgeSignature(b, n, issuer)
		p.judgeTime(b, n)
		issuer = p.certs[n]
	}
}

func (p *path) judgeSignature(b *builder, n int, issuer *Info) {
	c := p.certs[n]
	self := c == issuer
	at := n + 1
	if self {
		at = n
	}
	if (!self || issuer.CA) && !issuer.signsCertificates(c) {
		p.fail(at, ReasonNoCertSign, "")
	}
	ok, within := b.verifies(c, issuer)
	switch {
	case !within:
		p.fail(n, ReasonBudget, "")
	case !ok && self && p.trusted:
		// A trusted root is trusted for what it is: .NET drops this failure.
		if p.first == ReasonNone {
			p.first, p.firstAt, p.detail = reasonRootSignature, n, "the root's own signature"
		}
	case !ok:
		p.fail(n, ReasonSignature, "")
	}
}

// reasonRootSignature is a trusted root whose own signature does not fit: OpenSSL reports it, so
// that .NET does not fetch anything, and .NET then leaves it out of the status.
const reasonRootSignature Reason = "root-signature"

func (p *path) judgeTime(b *builder, n int) {
	if r := p.certs[n].timeReason(b.now); r != ReasonNone {
		c := p.certs[n].Cert
		p.fail(n, r, fmt.Sprintf("valid from %s to %s", c.NotBefore.Format(timeLayout), c.NotAfter.Format(timeLayout)))
		if r == ReasonNotYetValid && b.now >= p.certs[n].notAfter {
			p.fail(n, ReasonExpired, "")
		}
	}
}

const timeLayout = "2006-01-02T15:04:05Z"

// judgeNames applies the name constraints of each certificate to all below it, except to
// self-issued ones that are not the leaf (RFC 5280 section 6.1.3).
func (p *path) judgeNames() {
	for n := len(p.certs) - 1; n >= 0; n-- {
		if n != 0 && p.certs[n].SelfIssued {
			continue
		}
		for above := len(p.certs) - 1; above > n; above-- {
			nc := p.certs[above].nc
			if nc == nil {
				continue
			}
			if r := nc.check(p.certs[n], n == 0); r != ReasonNone {
				p.fail(n, r, fmt.Sprintf("name constraints of %q", p.certs[above].Name()))
			}
		}
	}
}

// judgeStrength refuses broken keys anywhere, and broken digests except in the root's own signature.
func (p *path) judgeStrength() {
	for n, c := range p.certs {
		if c.key.weak != "" {
			p.fail(n, ReasonWeakKey, c.key.weak)
		}
		if c.algorithm.Weak() && !(p.trusted && n == len(p.certs)-1) {
			p.fail(n, ReasonWeakSignature, "")
		}
	}
}

// good reports whether nothing at all was found.
func (p *path) good() bool {
	for _, list := range p.errors {
		if len(list) > 0 {
			return false
		}
	}
	return p.trusted && len(p.errors) > 0
}

// threw reports whether .NET throws instead of giving a status.
func (p *path) threw() bool {
	for _, list := range p.errors {
		for _, r := range list {
			if r.throws() {
				return true
			}
		}
	}
	return false
}
