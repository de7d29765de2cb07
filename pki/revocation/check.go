package revocation

import (
	"bytes"
	"fmt"
	"time"

	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/internal/der"
)

// Waits and ages of single steps.
const (
	// secondOpinion is how long a responder is waited for when the list already says good.
	secondOpinion = 500 * time.Millisecond
	// unfinishedFor is how long an answer may be kept while a download still runs.
	unfinishedFor = time.Second
	// localFor is how long an answer from a local list may be kept: a revocation is live within it.
	localFor = 500 * time.Millisecond
	// leastPatience is how long an address is waited for before the next one is tried.
	leastPatience = 500 * time.Millisecond
)

// judgement is how certificates are judged: wide and lax as Mode's Wide and Lax, and by what was in force grace ago.
type judgement struct {
	now       time.Time
	grace     time.Duration
	wide, lax bool
}

// check answers for each certificate of the path but the last.
func (c *Checker) check(path []*chain.Info, j judgement) []chain.Answer {
	w := newWaiter(c.opts.MaxWait)
	count := len(path) - 1
	all := make([]*asked, count)
	for n := range all {
		all[n] = c.begin(path[n], path[n+1], j, w)
	}
	q := query{judgement: j, path: path, checker: c, wait: w}
	for n, a := range all {
		if j.wide && len(a.responders) > 0 {
			q.at = n
			patience := w
			if len(listAddresses(path[n], true)) > 0 {
				patience = w.atMost(max(w.left()/3, leastPatience)) // so that there is time for a list
			}
			a.early = c.askResponders(q, a, patience)
			if a.early.status == chain.StatusUnknown {
				a.beginLists(c, path[n], true)
			} else {
				a.recall(c, path[n])
			}
		}
	}
	for n, a := range all {
		q.at = n
		a.collect(q, w)
		q.lists = append(q.lists, a.lists...)
	}
	answers := make([]chain.Answer, count)
	for n := range answers {
		q.at = n
		answers[n] = c.answer(q, all[n], w)
	}
	return answers
}

// query is the question about one certificate of a path.
type query struct {
	judgement
	checker *Checker
	path    []*chain.Info
	at      int
	lists   []*CRL
	// wait is how long may be waited for the list of a signer.
	wait waiter
}

func (q query) subject() *chain.Info { return q.path[q.at] }
func (q query) issuer() *chain.Info  { return q.path[q.at+1] }

// verdict is what lists or a responder say.
type verdict struct {
	status   chain.Status
	detail   string
	until    time.Time
	evidence []chain.Evidence
}

// answer asks the lists, then the delta list, then the responder: the responder decides where the
// lists do not, and may always revoke.
func (c *Checker) answer(q query, a *asked, w waiter) chain.Answer {
	if detail, blocked := c.opts.Blocked.Check(q.subject().Cert); blocked {
		return chain.Answer{Status: chain.StatusRevoked, Detail: detail, FreshUntil: time.Now().Add(maxAge)}
	}
	lists := q.askLists()
	if lists.status == chain.StatusUnknown && a.problem != "" {
		lists.detail = a.problem
	}
	lists.until = a.listUntil()
	if lists.status == chain.StatusGood && a.delta != nil && !q.lax {
		if d := q.askDelta(a.delta, w); d.status == chain.StatusRevoked {
			lists.status, lists.detail, lists.evidence = d.status, d.detail, append(lists.evidence, d.evidence...)
		}
	}
	if lists.status == chain.StatusRevoked || len(a.responders) == 0 || (q.lax && lists.status == chain.StatusGood) {
		return lists.answer()
	}
	said := a.early
	if said == nil {
		if lists.status == chain.StatusGood {
			w = newWaiter(secondOpinion)
		}
		said = c.askResponders(q, a, w)
	}
	switch {
	case said.status == chain.StatusRevoked:
		return said.answer()
	case lists.status == chain.StatusGood:
		if !a.responders[0].landed() {
			lists.until = earlier(lists.until, time.Now().Add(unfinishedFor))
		}
		return lists.answer()
	case said.status == chain.StatusGood:
		return said.answer()
	}
	return chain.Answer{Detail: lists.detail + "; the responder: " + said.detail, FreshUntil: earlier(lists.until, said.until), Evidence: append(lists.evidence, said.evidence...)}
}

func (v verdict) answer() chain.Answer {
	return chain.Answer{Status: v.status, Detail: v.detail, FreshUntil: v.until, Evidence: v.evidence}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// askLists judges the certificate by the lists, as OpenSSL's check_cert does: it goes on until
// every reason for a revocation is covered.
func (q query) askLists() verdict {
	revoked, corrupt, unknown := "", false, ""
	note := func(what string) {
		if unknown == "" {
			unknown = what
		}
	}
	var evidence []chain.Evidence
	reasons := uint16(0)
	for reasons != chain.AllReasons {
		best := q.bestList(reasons)
		if best.list == nil {
			note("no list of its issuer covers it")
			break
		}
		evidence = append(evidence, best.list.evidence())
		if what := q.provesNothing(best); what != "" {
			note(what)
		}
		if !best.list.signedBy(best.issuer) {
			corrupt = true
			note("the list's signature is wrong")
		}
		f := best.list.lookup(q.subject().Cert.Serial, q.subject().Issuer)
		switch {
		case f.revoked:
			revoked = "on the list" + f.text()
		case f.unreadable:
			note("the list's entries cannot be read any more")
		case q.lax:
		case f.removed:
			note("the list has it as removeFromCRL, which only a delta list may")
		case f.foreign && !best.list.idp.indirect:
			// In lists that are not indirect an entry cannot be another issuer's.
			note("the list has its serial number for another issuer, and is not indirect")
		}
		if best.reasons == reasons {
			note("the list does not cover it")
			break
		}
		reasons = best.reasons
	}
	switch {
	case revoked != "" && !corrupt:
		return verdict{status: chain.StatusRevoked, detail: revoked, evidence: evidence}
	case unknown != "":
		return verdict{detail: unknown, evidence: evidence}
	}
	return verdict{status: chain.StatusGood, detail: "not on the list", evidence: evidence}
}

// text is reason and date of a revocation.
func (f found) text() string {
	text := reasonText(f.reason)
	if f.date != 0 {
		text += " since " + time.Unix(int64(f.date), 0).UTC().Format(time.RFC3339)
	}
	return text
}

// reasonNames are the reasons of revocation (RFC 5280 section 5.3.1).
var reasonNames = map[int8]string{
	0: "unspecified", 1: "keyCompromise", 2: "cACompromise", 3: "affiliationChanged", 4: "superseded",
	5: "cessationOfOperation", 6: "certificateHold", 9: "privilegeWithdrawn", 10: "aACompromise",
}

func reasonText(reason int8) string {
	if reason == reasonNone {
		return ""
	}
	if name, ok := reasonNames[reason]; ok {
		return ": " + name
	}
	return fmt.Sprintf(": reason %d", reason)
}

// candidate is a list that may be about the certificate.
type candidate struct {
	list    *CRL
	issuer  *chain.Info
	score   int
	reasons uint16
}

// Scores of a list; the sum decides, as in OpenSSL.
const (
	scoreUnderstood = 0x100
	scoreScope      = 0x080
	scoreTime       = 0x040
	scoreIssuerName = 0x020
	scoreIssuerCert = 0x018
	scoreSamePath   = 0x008
	scoreAuthority  = 0x004
)

// bestList is the list with the highest score that covers new reasons; of equal ones the newest.
func (q query) bestList(reasons uint16) candidate {
	best := candidate{reasons: reasons}
	for _, list := range q.lists {
		c := q.score(list, reasons)
		if c.score == 0 || c.score < best.score {
			continue
		}
		if best.list != nil && c.score == best.score && list.thisUpdate.at <= best.list.thisUpdate.at {
			continue
		}
		best = c
	}
	return best
}

func (q query) score(list *CRL, reasons uint16) candidate {
	none := candidate{}
	byIssuer := list.issuer == q.subject().Issuer
	// OpenSSL reads no indirect lists and none for some reasons only, unless it is told to, which .NET does not.
	if list.idp.contradicts || (!q.wide && (list.idp.indirect || list.idp.someReasons || !byIssuer)) || (!byIssuer && !list.idp.indirect) {
		return none
	}
	c := candidate{list: list, score: scoreIssuerName, reasons: reasons}
	if list.criticalUnknown == "" {
		c.score |= scoreUnderstood
	}
	if q.timeProblem(list) == "" {
		c.score |= scoreTime
	}
	if !q.findListIssuer(&c) && (!q.wide || !q.findSigner(&c)) {
		return none
	}
	if covered, ok := list.idp.covers(q.subject(), list, byIssuer); ok {
		if covered&^reasons == 0 {
			return none
		}
		c.reasons |= covered
		c.score |= scoreScope
	} else if !byIssuer {
		return none
	}
	return c
}

// findListIssuer looks up the path for the list's issuer: the certificate's own, or one above of the same name.
func (q query) findListIssuer(c *candidate) bool {
	for n := q.at + 1; n < len(q.path); n++ {
		above := q.path[n]
		if above.Subject != c.list.issuer || !c.list.akid.Matches(above) || (q.wide && !c.list.signedBy(above)) {
			continue
		}
		c.issuer = above
		c.score |= scoreAuthority | scoreSamePath
		if n == q.at+1 {
			c.score |= scoreIssuerCert
		}
		return true
	}
	return false
}

// findSigner looks among the certificates that the service has for one that signed the list and is itself good: issued
// by a certificate of the path, so that both end in one root (RFC 5280 section 6.3.3 (f)), and on its issuer's list.
func (q query) findSigner(c *candidate) bool {
	if q.checker.opts.Signers == nil {
		return false
	}
	for _, x := range q.checker.opts.Signers(c.list.issuer) {
		signer := chain.NewInfo(x)
		if signer.Subject != c.list.issuer || !c.list.akid.Matches(signer) || !c.list.signedBy(signer) {
			continue
		}
		for n := q.at + 1; n < len(q.path); n++ {
			if !signer.LikelyIssuedBy(q.path[n]) {
				continue
			}
			path := append([]*chain.Info{signer}, q.path[n:]...)
			if reason, _ := chain.CheckPath(path, q.now); reason != chain.ReasonNone {
				continue
			}
			if q.checker.checkDelegate(path, q.judgement, q.wait) != "" {
				continue
			}
			c.issuer = signer
			c.score |= scoreAuthority
			return true
		}
	}
	return false
}

// timeProblem says what is wrong with the list's times, as OpenSSL and .NET see it: a list of the
// future has no effect here.
func (q query) timeProblem(list *CRL) string {
	switch {
	case list.thisUpdate.bad || (list.hasNext && list.nextUpdate.bad):
		return "the list's times are malformed"
	case list.thisUpdate.at > q.now.Unix():
		return "the list is not valid yet"
	case list.hasNext && list.nextUpdate.at <= q.now.Add(-q.grace).Unix():
		return "the list is expired"
	}
	return ""
}

// provesNothing says why a list is no proof that a certificate is good; it may still revoke.
func (q query) provesNothing(c candidate) string {
	list := c.list
	what := q.timeProblem(list)
	if list.thisUpdate.at > q.now.Unix() && list.thisUpdate.at <= q.now.Add(skew).Unix() && !list.thisUpdate.bad && list.hasNext && list.nextUpdate.at > q.now.Add(-q.grace).Unix() {
		what = ""
	}
	if q.lax && list.thisUpdate.at > q.now.Unix() && !list.thisUpdate.bad {
		what = "" // .NET overlooks that
	}
	switch {
	case what != "":
		return what
	case !list.isDelta && c.issuer.HasKeyUsage && !c.issuer.CRLSign:
		return "the list's issuer may not sign lists"
	case list.criticalUnknown != "":
		return "the list has a critical extension that is not understood: " + list.criticalUnknown
	case q.lax:
		return ""
	case list.isDelta:
		return "the list is a delta list"
	case !list.hasNext:
		return "the list has no nextUpdate"
	case list.doubt != "":
		return "the list is malformed: " + list.doubt
	case list.algorithm.SHA1() || list.algorithm.Weak():
		return "the list's signature is too weak"
	}
	return ""
}

// askDelta says whether a delta list revokes the certificate. A delta list that cannot be had,
// or does not fit, changes nothing: the complete list stands for itself.
func (q query) askDelta(f *flight[*CRL], w waiter) verdict {
	await(w, f)
	if f = f.best(); !f.known() {
		return verdict{}
	}
	delta := q.choose(f)
	if delta.criticalUnknown != "" || delta.issuer != q.subject().Issuer ||
		!delta.akid.Matches(q.issuer()) || !q.extendsSomeList(delta) || !delta.signedBy(q.issuer()) {
		return verdict{}
	}
	if f := delta.lookup(q.subject().Cert.Serial, q.subject().Issuer); f.revoked {
		e := delta.evidence()
		e.Kind = chain.EvidenceDelta
		return verdict{status: chain.StatusRevoked, detail: "on the delta list" + f.text(), evidence: []chain.Evidence{e}}
	}
	return verdict{}
}

// extendsSomeList reports whether delta is newer than a complete list of the same scope, and begins
// no later than it (RFC 5280 section 5.2.4).
func (q query) extendsSomeList(delta *CRL) bool {
	if !delta.isDelta || delta.number == nil || delta.idp.indirect || delta.idp.contradicts {
		return false
	}
	for _, list := range q.lists {
		if list.isDelta || list.number == nil || list.issuer != delta.issuer || !bytes.Equal(list.idp.raw, delta.idp.raw) {
			continue
		}
		if compareNumbers(delta.base, list.number) <= 0 && compareNumbers(delta.number, list.number) > 0 {
			return true
		}
	}
	return false
}

// compareNumbers compares the contents of two INTEGERs that are not padded.
func compareNumbers(a, b []byte) int {
	x, err1 := der.Int(a)
	y, err2 := der.Int(b)
	if err1 != nil || err2 != nil {
		return 0
	}
	return x.Cmp(y)
}

// askResponders asks one responder after another until one says good or revoked.
func (c *Checker) askResponders(q query, a *asked, w waiter) *verdict {
	var last verdict
	for n := 0; ; n++ {
		patience := w
		if more := a.moreResponders(n); more > 0 {
			patience = w.atMost(max(w.left()/time.Duration(more+1), leastPatience))
		}
		v := c.askResponder(q, a.responders[n], patience)
		if n == 0 || v.status != chain.StatusUnknown {
			last = v
		}
		if v.status != chain.StatusUnknown || a.moreResponders(n) == 0 {
			return &last
		}
		a.nextResponder(c, q)
	}
}

// askResponder judges the certificate by a responder's answer, or by the one before it where that is the newest that
// its signer has signed.
func (c *Checker) askResponder(q query, f *flight[*Response], w waiter) verdict {
	await(w, f)
	if f = f.best(); !f.landed() {
		return verdict{detail: "the download of the answer takes too long", until: time.Now().Add(unfinishedFor)}
	}
	if f.err != nil {
		return verdict{detail: f.err.Error(), until: f.until}
	}
	v := c.judgeAnswer(q, f.value, f.until, w)
	if f.value.origin == originKept && !f.value.proved.Load() {
		// What lies on the disk is not the responder's: ask it.
		f = c.askAgain(f.value.source, q.subject(), q.issuer(), f)
		if await(w, f); f.known() {
			v = c.judgeAnswer(q, f.value, f.until, w)
		}
	}
	if before := f.before.Load(); v.status == chain.StatusUnknown && before != nil {
		if older := c.judgeAnswer(q, *before, f.until, w); older.status != chain.StatusUnknown {
			return older
		}
	}
	return v
}

// judgeAnswer is what an answer proves.
func (c *Checker) judgeAnswer(q query, r *Response, keep time.Time, w waiter) verdict {
	delegate, err := r.authorize(q.path[q.at+1:], q.now, q.lax)
	if err != nil {
		return verdict{detail: err.Error(), until: keep}
	}
	r.proved.Store(true)
	id := NewCertID(q.subject(), q.issuer())
	status, what, until := r.answer(id, q.judgement)
	v := verdict{status: status, detail: what, until: keep, evidence: r.evidence(id)}
	if status != chain.StatusGood {
		return v
	}
	if delegate != nil && !delegate.OCSPNoCheck && !q.lax {
		// The delegate's own status comes from lists alone: a responder does not vouch for itself.
		path := append([]*chain.Info{delegate}, q.path[q.at+1:]...)
		if problem := c.checkDelegate(path, q.judgement, w); problem != "" {
			v.status, v.detail = chain.StatusUnknown, "the responder's certificate: "+problem
			return v
		}
	}
	v.until = earlier(until, keep)
	return v
}

// checkDelegate says why a certificate that signs answers or lists is not proved good by its issuer's list.
func (c *Checker) checkDelegate(path []*chain.Info, j judgement, w waiter) string {
	if detail, blocked := c.opts.Blocked.Check(path[0].Cert); blocked {
		return detail
	}
	delegate := *path[0]
	delegate.OCSPURL, delegate.OCSPURLs = "", nil
	j.wide = false
	q := query{judgement: j, path: path, checker: c, wait: w}
	a := c.begin(&delegate, path[1], j, w)
	a.collect(q, w)
	if len(a.lists) == 0 {
		return a.problem
	}
	q.lists = a.lists
	if v := q.askLists(); v.status != chain.StatusGood {
		return v.detail
	}
	return ""
}
