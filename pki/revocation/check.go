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
)

// check answers for each certificate of the path but the last, by what is still in force at now and grace before it.
func (c *Checker) check(path []*chain.Info, now time.Time, grace time.Duration) []chain.Answer {
	w := newWaiter(c.opts.MaxWait)
	count := len(path) - 1
	all := make([]asked, count)
	for n := range all {
		all[n] = c.begin(path[n], path[n+1])
	}
	lists := make([]*CRL, 0, count)
	problems := make([]string, count)
	for n := range all {
		list, problem := all[n].wait(w)
		problems[n] = problem
		if list == nil {
			continue
		}
		lists = append(lists, list)
		if list.deltaURL != "" && all[n].delta == nil && all[n].local == nil && c.opts.Fetcher != nil {
			all[n].delta = c.fetchList(list.deltaURL)
		}
	}
	answers := make([]chain.Answer, count)
	for n := range answers {
		answers[n] = c.answer(query{path: path, at: n, now: now, grace: grace, lists: lists}, all[n], problems[n], w)
	}
	return answers
}

// wait is the list of one certificate, or why there is none.
func (a asked) wait(w waiter) (*CRL, string) {
	switch {
	case a.local != nil:
		if a.local.err != nil {
			return nil, a.local.err.Error()
		}
		return a.local.list, ""
	case a.list == nil:
		return nil, "no http address of a list"
	case !await(w, a.list):
		return nil, "the download of the list takes too long"
	case a.list.err != nil:
		return nil, "the list: " + a.list.err.Error()
	}
	return a.list.value, ""
}

// query is the question about one certificate of a path.
type query struct {
	path []*chain.Info
	at   int
	now  time.Time
	// grace is how long past its nextUpdate a list or answer still proves something.
	grace time.Duration
	lists []*CRL
}

func (q query) subject() *chain.Info { return q.path[q.at] }
func (q query) issuer() *chain.Info  { return q.path[q.at+1] }

// answer asks the lists, then the delta list, then the responder: the responder decides where the
// lists do not, and may always revoke.
func (c *Checker) answer(q query, a asked, problem string, w waiter) chain.Answer {
	status, detail := q.askLists()
	if status == chain.StatusUnknown && problem != "" {
		detail = problem
	}
	until := a.listUntil()
	if status == chain.StatusGood && a.delta != nil {
		if revoked, what := q.askDelta(a.delta, w); revoked {
			status, detail = chain.StatusRevoked, what
		}
	}
	if status == chain.StatusRevoked || a.ocsp == nil {
		return chain.Answer{Status: status, Detail: detail, FreshUntil: until}
	}
	if status == chain.StatusGood {
		w = newWaiter(secondOpinion)
	}
	said, what, fresh := c.askResponder(q, a.ocsp, w)
	switch {
	case said == chain.StatusRevoked:
		return chain.Answer{Status: said, Detail: what, FreshUntil: fresh}
	case status == chain.StatusGood:
		if !a.ocsp.landed() {
			until = earlier(until, time.Now().Add(unfinishedFor))
		}
		return chain.Answer{Status: status, Detail: detail, FreshUntil: until}
	case said == chain.StatusGood:
		return chain.Answer{Status: said, Detail: what, FreshUntil: fresh}
	}
	return chain.Answer{Detail: detail + "; the responder: " + what, FreshUntil: earlier(until, fresh)}
}

// listUntil is when the lists have to be asked again.
func (a asked) listUntil() time.Time {
	now := time.Now()
	switch {
	case a.local != nil:
		return now.Add(localFor)
	case a.list == nil:
		return now.Add(negativeTTL)
	case !a.list.landed():
		return now.Add(unfinishedFor)
	}
	return a.list.until
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// askLists judges the certificate by the lists, as OpenSSL's check_cert does: it goes on until
// every reason for a revocation is covered.
func (q query) askLists() (chain.Status, string) {
	revoked, corrupt, unknown := "", false, ""
	note := func(what string) {
		if unknown == "" {
			unknown = what
		}
	}
	reasons := uint16(0)
	for reasons != chain.AllReasons {
		best := q.bestList(reasons)
		if best.list == nil {
			note("no list of its issuer covers it")
			break
		}
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
			revoked = "on the list" + reasonText(f.reason)
		case f.removed:
			note("the list has it as removeFromCRL, which only a delta list may")
		case f.foreign:
			// Indirect lists do not come here, and in others an entry cannot be another issuer's.
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
		return chain.StatusRevoked, revoked
	case unknown != "":
		return chain.StatusUnknown, unknown
	}
	return chain.StatusGood, "not on the list"
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
	// OpenSSL reads no indirect lists and none for some reasons only, unless it is told to, which .NET does not.
	if list.idp.contradicts || list.idp.indirect || list.idp.someReasons || list.issuer != q.subject().Issuer {
		return none
	}
	c := candidate{list: list, score: scoreIssuerName, reasons: reasons}
	if list.criticalUnknown == "" {
		c.score |= scoreUnderstood
	}
	if q.timeProblem(list) == "" {
		c.score |= scoreTime
	}
	if !q.findListIssuer(&c) {
		return none
	}
	if covered, ok := list.idp.covers(q.subject(), list, true); ok {
		if covered&^reasons == 0 {
			return none
		}
		c.reasons |= covered
		c.score |= scoreScope
	}
	return c
}

// findListIssuer looks up the path for the list's issuer: the certificate's own, or one above of the same name.
func (q query) findListIssuer(c *candidate) bool {
	for n := q.at + 1; n < len(q.path); n++ {
		above := q.path[n]
		if above.Subject != c.list.issuer || !c.list.akid.Matches(above) {
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
	switch {
	case what != "":
		return what
	case !list.isDelta && c.issuer.HasKeyUsage && !c.issuer.CRLSign:
		return "the list's issuer may not sign lists"
	case list.criticalUnknown != "":
		return "the list has a critical extension that is not understood: " + list.criticalUnknown
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

// askDelta reports whether a delta list revokes the certificate. A delta list that cannot be had,
// or does not fit, changes nothing: the complete list stands for itself.
func (q query) askDelta(f *flight[*CRL], w waiter) (bool, string) {
	if !await(w, f) || f.err != nil {
		return false, ""
	}
	delta := f.value
	if delta.criticalUnknown != "" || delta.issuer != q.subject().Issuer ||
		!delta.akid.Matches(q.issuer()) || !q.extendsSomeList(delta) || !delta.signedBy(q.issuer()) {
		return false, ""
	}
	if f := delta.lookup(q.subject().Cert.Serial, q.subject().Issuer); f.revoked {
		return true, "on the delta list" + reasonText(f.reason)
	}
	return false, ""
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

// askResponder judges the certificate by a responder's answer.
func (c *Checker) askResponder(q query, f *flight[*Response], w waiter) (chain.Status, string, time.Time) {
	soon := time.Now().Add(unfinishedFor)
	if !await(w, f) {
		return chain.StatusUnknown, "the download of the answer takes too long", soon
	}
	if f.err != nil {
		return chain.StatusUnknown, f.err.Error(), f.until
	}
	delegate, err := f.value.authorize(q.path[q.at+1:], q.now)
	if err != nil {
		return chain.StatusUnknown, err.Error(), f.until
	}
	status, what, until := f.value.answer(NewCertID(q.subject(), q.issuer()), q.now, q.grace)
	if status != chain.StatusGood {
		return status, what, f.until
	}
	if delegate != nil && !delegate.OCSPNoCheck {
		// The delegate's own status comes from lists alone: a responder does not vouch for itself.
		path := append([]*chain.Info{delegate}, q.path[q.at+1:]...)
		if problem := c.checkDelegate(path, q.now, w); problem != "" {
			return chain.StatusUnknown, "the responder's certificate: " + problem, f.until
		}
	}
	return status, what, earlier(until, f.until)
}

// checkDelegate says why a responder's certificate is not proved good by its issuer's list.
func (c *Checker) checkDelegate(path []*chain.Info, now time.Time, w waiter) string {
	delegate := *path[0]
	delegate.OCSPURL = ""
	a := c.begin(&delegate, path[1])
	list, problem := a.wait(w)
	if list == nil {
		return problem
	}
	q := query{path: path, at: 0, now: now, lists: []*CRL{list}}
	if status, what := q.askLists(); status != chain.StatusGood {
		return what
	}
	return ""
}
