package chain

// tryOthers looks for another path that is good in every respect, which .NET does not: it stops at
// the first. If there is one, result becomes its result.
func (b *builder) tryOthers(first *path, result *Result) {
	if b.leaf.Malformed != "" {
		return
	}
	tried := 1
	b.search(&path{certs: []*Info{b.leaf}}, func(p *path) bool {
		if samePath(p, first) {
			return true
		}
		if tried++; tried > b.opts.MaxPaths {
			b.report.note("more than %d paths: the search was given up", b.opts.MaxPaths)
			return false
		}
		p.judge(b)
		if !p.good() {
			b.report.add(p)
			return true
		}
		if other := b.result(p); other.Verdict {
			*result = *other
			return false
		}
		return true
	})
	if b.exhausted {
		b.report.note("too many signatures: the search was given up")
	}
	if !result.Verdict {
		b.report.Reason, b.report.Summary = result.Explanation.Reason, result.Explanation.Summary+b.report.nearest(first)
		result.Explanation = b.report
	}
}

func samePath(a, b *path) bool {
	if len(a.certs) != len(b.certs) {
		return false
	}
	for n := range a.certs {
		if !a.certs[n].Same(b.certs[n]) {
			return false
		}
	}
	return true
}

// search walks over all paths whose signatures fit and that end in a root, and hands each to visit
// until that returns false. Key identifiers are hints here: they decide the order, nothing else.
func (b *builder) search(p *path, visit func(*path) bool) bool {
	current := p.last()
	for _, root := range b.hintFirst(current, b.opts.Roots.anchorsNamed(current.Issuer)) {
		if !root.SelfSigned || p.contains(root) {
			continue
		}
		ok, more := b.extends(current, root)
		if !more {
			return false
		}
		if ok && !visit(p.with(root, true)) {
			return false
		}
	}
	if len(p.certs) >= maxDepth {
		return true
	}
	for _, issuer := range b.hintFirst(current, b.untrusted(current.Issuer, true)) {
		if issuer.SelfSigned || p.contains(issuer) {
			continue
		}
		ok, more := b.extends(current, issuer)
		if !more {
			return false
		}
		if ok && !b.search(p.with(issuer, false), visit) {
			return false
		}
	}
	return true
}

// extends reports whether issuer has signed subject; more is false when the budget is spent.
func (b *builder) extends(subject, issuer *Info) (ok, more bool) {
	b.see(issuer)
	if b.steps++; b.steps > maxSteps {
		return false, false
	}
	if !possibleIssuer(issuer, subject) {
		return false, true
	}
	return b.verifies(subject, issuer)
}

// with is a new path, one certificate longer.
func (p *path) with(c *Info, trusted bool) *path {
	certs := make([]*Info, len(p.certs)+1)
	copy(certs, p.certs)
	certs[len(p.certs)] = c
	return &path{certs: certs, trusted: trusted}
}

// hintFirst orders candidates: those that the key identifier means come first.
func (b *builder) hintFirst(subject *Info, candidates []*Info) []*Info {
	var hinted, others []*Info
	for _, c := range candidates {
		if subject.akid.Matches(c) {
			hinted = append(hinted, c)
		} else {
			others = append(others, c)
		}
	}
	return append(hinted, others...)
}
