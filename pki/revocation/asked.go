package revocation

import (
	"time"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// Bounds of what one certificate has fetched.
const (
	maxPoints     = 8
	maxAddresses  = 4
	maxResponders = 4
)

// asked is what was asked about one certificate.
type asked struct {
	local *localList
	named []*CRL
	// points are where lists are fetched, one for each distribution point that counts.
	points []*point
	delta  *flight[*CRL]
	// responders are the answers asked for, in the order of the certificate's addresses; more are asked where those fail.
	responders []*flight[*Response]
	addresses  []string
	// early is what responders said before lists were asked.
	early *verdict

	// lists are what is to be judged by; problem says why there is none.
	lists   []*CRL
	problem string
}

// point is a distribution point: addresses of one list.
type point struct {
	addresses []string
	tried     []*flight[*CRL]
}

// begin asks about subject. Nothing is waited for but lists that the operator named and that were never had.
func (c *Checker) begin(subject, issuer *chain.Info, j judgement, w waiter) *asked {
	a := &asked{}
	if a.local = c.local.of(c.opts.Local, issuer.Cert); a.local != nil {
		return a
	}
	q := query{judgement: j, path: []*chain.Info{subject, issuer}}
	inForce := false
	for _, l := range c.opts.Named.of(issuer.Subject, w) {
		if !l.signedBy(issuer) {
			continue
		}
		a.named = append(a.named, l)
		reasons, covers := l.idp.covers(subject, l, true)
		inForce = inForce || (q.timeProblem(l) == "" && l.hasNext && !l.isDelta && covers && reasons == chain.AllReasons)
	}
	if inForce || c.opts.Fetcher == nil {
		return a
	}
	if j.wide && len(subject.OCSPURLs) > 0 {
		a.addresses = subject.OCSPURLs[:min(len(subject.OCSPURLs), maxResponders)]
	} else {
		a.beginLists(c, subject, j.wide)
		if subject.OCSPURL != "" {
			a.addresses = []string{subject.OCSPURL}
		}
	}
	if len(a.addresses) > 0 {
		a.responders = []*flight[*Response]{c.fetchAnswer(a.addresses[0], subject, issuer)}
	}
	return a
}

// moreResponders is how many responders are left behind the n-th.
func (a *asked) moreResponders(n int) int { return len(a.addresses) - n - 1 }

// nextResponder asks the next responder.
func (a *asked) nextResponder(c *Checker, q query) {
	a.responders = append(a.responders, c.fetchAnswer(a.addresses[len(a.responders)], q.subject(), q.issuer()))
}

// beginLists begins the downloads of the lists of subject.
func (a *asked) beginLists(c *Checker, subject *chain.Info, wide bool) {
	if c.opts.Fetcher == nil {
		return
	}
	for _, addresses := range listAddresses(subject, wide) {
		a.points = append(a.points, &point{addresses: addresses, tried: []*flight[*CRL]{c.fetchList(addresses[0])}})
	}
	if subject.DeltaURL != "" {
		a.delta = c.fetchList(subject.DeltaURL)
	}
}

// recall takes the lists of subject that are there already, without a download: they may revoke.
func (a *asked) recall(c *Checker, subject *chain.Info) {
	for _, addresses := range listAddresses(subject, true) {
		for _, address := range addresses {
			if f := c.lists.peek(address); f != nil && f.known() {
				a.points = append(a.points, &point{addresses: []string{address}, tried: []*flight[*CRL]{f}})
				break
			}
		}
	}
}

// listAddresses are the addresses of subject's lists, those of one list together. Only the first counts for .NET.
func listAddresses(subject *chain.Info, wide bool) [][]string {
	if !wide {
		if subject.CRLURL == "" {
			return nil
		}
		return [][]string{{subject.CRLURL}}
	}
	var points [][]string
	for _, p := range subject.Points {
		if urls := p.URLs(); len(urls) > 0 && len(points) < maxPoints {
			points = append(points, urls[:min(len(urls), maxAddresses)])
		}
	}
	return points
}

// collect waits for the lists.
func (a *asked) collect(q query, w waiter) {
	switch {
	case a.local != nil && a.local.err != nil:
		a.problem = a.local.err.Error()
		return
	case a.local != nil:
		a.lists = []*CRL{a.local.list}
		return
	}
	a.lists = append(a.lists, a.named...)
	for _, p := range a.points {
		list, problem := p.wait(q, w)
		if list == nil {
			if a.problem == "" {
				a.problem = problem
			}
			continue
		}
		a.lists = append(a.lists, list)
		if list.deltaURL != "" && a.delta == nil && q.checker.opts.Fetcher != nil {
			a.delta = q.checker.fetchList(list.deltaURL)
		}
	}
	switch {
	case len(a.lists) > 0:
		a.problem = "" // the lists speak for themselves
	case a.problem == "":
		a.problem = "no http address of a list"
	}
}

// wait is the list of a distribution point: of the first address that has one in time, the others being tried where
// it has not.
func (p *point) wait(q query, w waiter) (*CRL, string) {
	for n := 0; n < len(p.addresses); n++ {
		if n == len(p.tried) {
			p.tried = append(p.tried, q.checker.fetchList(p.addresses[n]))
		}
		patience := w
		if more := len(p.addresses) - n - 1; more > 0 {
			patience = w.atMost(max(w.left()/time.Duration(more+1), leastPatience))
		}
		await(patience, p.tried[n])
		if list := p.usable(q, n, patience); list != nil {
			return list, ""
		}
	}
	for n := range p.tried {
		if f := p.tried[n].best(); f.known() {
			return q.choose(f), ""
		}
	}
	if f := p.tried[0]; f.landed() {
		return nil, "the list: " + f.err.Error()
	}
	return nil, "the download of the list takes too long"
}

// usable is the list of the n-th address, if it is there. One from the disk that its issuer did not sign is downloaded.
func (p *point) usable(q query, n int, w waiter) *CRL {
	f := p.tried[n].best()
	if !f.known() {
		return nil
	}
	list := q.choose(f)
	if list.origin != originKept || list.issuer != q.issuer().Subject || list.signedBy(q.issuer()) {
		return list
	}
	address := p.addresses[n]
	p.tried[n] = q.checker.lists.again(address, f, q.checker.listLoader(address))
	if await(w, p.tried[n]); p.tried[n].known() {
		return q.choose(p.tried[n])
	}
	return nil
}

// choose is the newest list of a flight that the issuer has signed: a host that serves something else, or an older
// list, does not get rid of a good one before its time.
func (q query) choose(f *flight[*CRL]) *CRL {
	list := f.value
	before := f.before.Load()
	if before == nil || *before == list {
		return list
	}
	old := *before
	if !old.signedBy(q.issuer()) || q.timeProblem(old) != "" {
		return list
	}
	if !list.signedBy(q.issuer()) || list.olderThan(old) {
		return old
	}
	f.before.CompareAndSwap(before, nil) // it has done its service
	return list
}

// listUntil is when the lists have to be asked again.
func (a *asked) listUntil() time.Time {
	now := time.Now()
	if a.local != nil {
		return now.Add(localFor)
	}
	until := now.Add(maxAge)
	for _, l := range a.named {
		until = earlier(until, keepUntil(l.NextUpdate()))
	}
	if len(a.named) == 0 && len(a.points) == 0 {
		until = now.Add(negativeTTL)
	}
	for _, p := range a.points {
		for _, f := range p.tried {
			if !f.landed() {
				until = earlier(until, now.Add(unfinishedFor))
			} else {
				until = earlier(until, f.until)
			}
		}
	}
	return until
}

// evidence is the list in the explanation.
func (c *CRL) evidence() chain.Evidence {
	e := chain.Evidence{Kind: chain.EvidenceCRL, Address: c.source, Origin: c.origin, NextUpdate: c.NextUpdate()}
	if !c.thisUpdate.bad {
		e.ThisUpdate = c.ThisUpdate()
	}
	if n, err := der.Int(c.number); err == nil && c.number != nil {
		e.Number = n.String()
	}
	return e
}

// evidence is the answer about id in the explanation.
func (p *Response) evidence(id CertID) []chain.Evidence {
	for _, s := range p.singles {
		if !s.id.equal(id) {
			continue
		}
		e := chain.Evidence{Kind: chain.EvidenceOCSP, Address: p.source, Origin: p.origin}
		if !s.thisUpdate.bad {
			e.ThisUpdate = time.Unix(s.thisUpdate.at, 0).UTC()
		}
		if s.hasNext && !s.nextUpdate.bad {
			e.NextUpdate = time.Unix(s.nextUpdate.at, 0).UTC()
		}
		return []chain.Evidence{e}
	}
	return nil
}
