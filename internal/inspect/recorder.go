package inspect

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// Decision is how the gateway decided one request.
type Decision struct {
	RequestID          string
	Time               time.Time
	Duration           time.Duration
	Method, Host, Path string
	// API and Operation are the ids of what was matched, empty where nothing was.
	API, Operation string
	Status         int
	// Refused tells that the gateway or a policy turned the request away; Reason and Message say why.
	Refused         bool
	Reason, Message string
	// Scope, Section, Element, Line and Column are the policy that refused; Element is empty where none did.
	Scope, Section, Element string
	Line, Column            int
	Remote                  netip.AddrPort
	// Certificate is the client's; nil if there was none.
	Certificate *cert.Certificate
	// Judged is the judgement on a certificate; nil where no policy asked for one.
	Judged *chain.Result
}

// ReasonPolicyAnswer is the reason of a refusal by return-response, which gives none itself.
const ReasonPolicyAnswer = "PolicyAnswer"

// Bounds of a Recorder.
const (
	// KeptDecisions is how many refusals are kept.
	KeptDecisions = 1000
	// maxReasons bounds the reasons that are counted apart; all further ones are counted together.
	maxReasons  = 200
	otherReason = "Other"
	// maxText bounds each text of a decision that the client or a policy has written, in bytes.
	maxText = 2048
)

// clip keeps a text within maxText; what is cut off is not held in memory.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(strings.Clone(s[:maxText]), "") + "…"
}

// Recorder keeps the last refusals, and counts them all by their reasons. It is safe for concurrent use.
type Recorder struct {
	since time.Time
	// waiting counts those in awaited, so that requests look no further where nobody waits.
	waiting atomic.Int32

	mu      sync.Mutex
	ring    []*Decision
	next    int
	total   int64
	reasons map[string]*reasonCount
	awaited map[netip.AddrPort]chan *Decision
}

// reasonCount is how often a reason was given.
type reasonCount struct {
	Reason string    `json:"reason"`
	Count  int64     `json:"count"`
	Last   time.Time `json:"last"`
}

// NewRecorder makes an empty one.
func NewRecorder() *Recorder {
	return &Recorder{since: time.Now(), reasons: map[string]*reasonCount{}, awaited: map[netip.AddrPort]chan *Decision{}}
}

// Add takes a decision. Those that refused nothing are for who awaits them.
func (r *Recorder) Add(d *Decision) {
	if d.Refused && d.Reason == "" {
		d.Reason = ReasonPolicyAnswer
	}
	for _, text := range []*string{&d.Method, &d.Host, &d.Path, &d.Message} {
		*text = clip(*text)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.awaited[d.Remote]; c != nil {
		select {
		case c <- d:
		default: // one is enough
		}
	}
	if !d.Refused {
		return
	}
	r.total++
	if len(r.ring) < KeptDecisions {
		r.ring = append(r.ring, d)
	} else {
		r.ring[r.next] = d
		r.next = (r.next + 1) % KeptDecisions
	}
	reason := d.Reason
	if r.reasons[reason] == nil && len(r.reasons) >= maxReasons {
		reason = otherReason
	}
	if r.reasons[reason] == nil {
		r.reasons[reason] = &reasonCount{Reason: reason}
	}
	r.reasons[reason].Count++
	r.reasons[reason].Last = d.Time.UTC()
}

// Awaits reports whether somebody wants to know the decision on a request of the client, whatever it is.
func (r *Recorder) Awaits(remote netip.AddrPort) bool {
	if r.waiting.Load() == 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.awaited[remote] != nil
}

// await gives the decision on the next request from the address; done ends the wait.
func (r *Recorder) await(remote netip.AddrPort) (decision <-chan *Decision, done func()) {
	c := make(chan *Decision, 1)
	r.waiting.Add(1)
	r.mu.Lock()
	r.awaited[remote] = c
	r.mu.Unlock()
	return c, func() {
		r.waiting.Add(-1)
		r.mu.Lock()
		delete(r.awaited, remote)
		r.mu.Unlock()
	}
}

// recent are the last n refusals, the newest first.
func (r *Recorder) recent(n int) []*Decision {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*Decision, 0, min(n, len(r.ring)))
	for i := range len(r.ring) {
		if len(out) == n {
			break
		}
		out = append(out, r.ring[(r.next+len(r.ring)-1-i)%len(r.ring)])
	}
	return out
}

// find is the refusal of that request id, nil if it is not kept.
func (r *Recorder) find(id string) *Decision {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.ring) - 1; i >= 0; i-- {
		if d := r.ring[i]; strings.EqualFold(d.RequestID, id) {
			return d
		}
	}
	return nil
}

// counts are the reasons, the most frequent first, and how many refusals there were in all.
func (r *Recorder) counts() (byReason []reasonCount, total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	byReason = []reasonCount{}
	for _, c := range r.reasons {
		byReason = append(byReason, *c)
	}
	slices.SortFunc(byReason, func(a, b reasonCount) int {
		if a.Count != b.Count {
			return int(b.Count - a.Count)
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return byReason, r.total
}

// decisionView is the wire form of a Decision.
type decisionView struct {
	RequestID   string          `json:"requestId"`
	Time        time.Time       `json:"time"`
	DurationMS  float64         `json:"durationMs"`
	Method      string          `json:"method"`
	Host        string          `json:"host"`
	Path        string          `json:"path"`
	Remote      string          `json:"remote"`
	API         string          `json:"api"`
	Operation   string          `json:"operation"`
	Status      int             `json:"status"`
	Refused     bool            `json:"refused"`
	Reason      string          `json:"reason"`
	Message     string          `json:"message"`
	Policy      *policyPlace    `json:"policy"`
	Certificate *shortView      `json:"certificate"`
	Verdict     *decidedVerdict `json:"verdict"`
}

// policyPlace is the policy that refused, in the document of its scope.
type policyPlace struct {
	Scope   string `json:"scope"`
	Section string `json:"section"`
	Element string `json:"element"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
}

// shortView is a certificate in a few words.
type shortView struct {
	Subject    string    `json:"subject"`
	Issuer     string    `json:"issuer"`
	Thumbprint string    `json:"thumbprint"`
	NotAfter   time.Time `json:"notAfter"`
}

type decidedVerdict struct {
	Verify      bool              `json:"verify"`
	Status      []chain.Flag      `json:"status"`
	Explanation chain.Explanation `json:"explanation"`
}

func newShortView(c *cert.Certificate) *shortView {
	if c == nil {
		return nil
	}
	return &shortView{c.SubjectName(), c.IssuerName(), c.Thumbprint(), c.NotAfter.UTC()}
}

func (d *Decision) view() *decisionView {
	v := &decisionView{RequestID: d.RequestID, Time: d.Time.UTC(), DurationMS: milliseconds(d.Duration), Method: d.Method, Host: d.Host, Path: d.Path,
		Remote: d.Remote.String(), API: d.API, Operation: d.Operation, Status: d.Status, Refused: d.Refused, Reason: d.Reason, Message: d.Message,
		Certificate: newShortView(d.Certificate)}
	if d.Element != "" {
		v.Policy = &policyPlace{d.Scope, d.Section, d.Element, d.Line, d.Column}
	}
	if d.Judged != nil {
		j := newVerdict(d.Judged)
		v.Verdict = &decidedVerdict{j.OK, j.Status, j.Explanation}
	}
	return v
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
