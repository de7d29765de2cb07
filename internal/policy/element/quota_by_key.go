package element

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/memory"
)

// minQuotaPeriod is the documented shortest period of a quota, in seconds; 0 is one that never ends.
const minQuotaPeriod = 300

// maxQuotaPeriod is the longest that is taken, about 285 years.
const maxQuotaPeriod = 9_000_000_000

// firstPeriod is the documented default of first-period-start.
const firstPeriod = "0001-01-01T00:00:00Z"

var quotaByKey = &policy.Element{
	Spec: policy.Spec{
		Name: "quota-by-key",
		Doc:  "Refuses requests where a key has used up its calls or its bandwidth of a period.",
		Attributes: []policy.Attribute{
			{Name: "calls", Doc: "How many requests are let through in a period. Calls or bandwidth is needed.", Type: policy.Integer, Min: 0, Max: maxCount, Expression: true},
			{Name: "bandwidth", Doc: "How many kilobytes bodies of requests and responses may have in a period.", Type: policy.Integer, Max: maxCount, Expression: true},
			{Name: "renewal-period", Doc: "The length of a period in seconds, at least 300; 0: it never ends.", Type: policy.Integer, Max: maxQuotaPeriod, Required: true, Expression: true},
			counterKey, incrementCondition, incrementCount,
			{Name: "first-period-start", Doc: "When the first period began; the others follow it.", NonEmpty: true, Default: firstPeriod},
		},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Source:   page("quota-by-key"),
	Compile:  compileQuotaByKey,
}

type quota struct {
	counting
	calls, bandwidth, period policy.Float
	start                    time.Time
}

func compileQuotaByKey(n *policy.Node) policy.Step {
	q := &quota{counting: newCounting(n), calls: n.Float("calls"), bandwidth: n.Float("bandwidth"), period: n.Float("renewal-period")}
	if !n.Has("calls") && !n.Has("bandwidth") {
		n.Errorf(policy.CodeConflict, "The element 'quota-by-key' needs 'calls' or 'bandwidth'.")
	}
	if p := &q.period; p.Expr == nil && !n.Open("renewal-period") && p.Const != 0 && p.Const < minQuotaPeriod {
		n.AttrErrorf("renewal-period", policy.CodeAttrValue, "The value of the attribute 'renewal-period' of 'quota-by-key' is 0 or at least %d.", minQuotaPeriod)
	}
	if !n.Open("first-period-start") {
		start, err := parseStart(n.Literal("first-period-start"))
		if err != nil {
			n.AttrErrorf("first-period-start", policy.CodeAttrValue, "The value of the attribute 'first-period-start' of 'quota-by-key' is no time such as %s.", firstPeriod)
		}
		q.start = start
	}
	return q.run
}

// parseStart reads a time of ISO 8601; one without a zone is UTC.
func parseStart(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if t, err := time.Parse("2006-01-02T15:04:05", s); err == nil {
		return t, nil
	}
	return time.Parse(time.DateOnly, s)
}

func (q *quota) run(x *policy.Run) error {
	key, err := q.counter(x)
	if err != nil {
		return err
	}
	span, most, err := q.limits(x)
	if err != nil {
		return err
	}
	s := x.Shared()
	if s == nil {
		return nil
	}
	// A counter counts once in a request, whichever of its policies does it.
	counter := fmt.Sprintf("%d/%d/%s", span.Start.Unix(), span.Length, key)
	late, first := q.late(), x.First("quota-by-key calls "+counter)
	var more memory.Amount
	if first && !late {
		more.Calls = q.amount(x)
	}
	verdict := s.Limits.Spend(key, span, most, more, !late, x.Now())
	if !verdict.OK {
		return outOfQuota(&verdict)
	}
	calls, bytes := first && late, most.Bytes >= 0 && x.First("quota-by-key bytes "+counter)
	if calls || bytes {
		x.After(func(x *policy.Run, r *message.Response) { q.charge(x, r, s.Limits, key, span, calls, bytes) })
	}
	return nil
}

// limits are the periods and what each has.
func (q *quota) limits(x *policy.Run) (span memory.Span, most memory.Amount, err error) {
	most = memory.Amount{Calls: -1, Bytes: -1}
	if q.calls.Set {
		if most.Calls, err = limit(x, &q.calls, "number of calls"); err != nil {
			return span, most, err
		}
	}
	if q.bandwidth.Set {
		if most.Bytes, err = limit(x, &q.bandwidth, "bandwidth"); err != nil {
			return span, most, err
		}
		most.Bytes <<= 10
	}
	length, err := limit(x, &q.period, "period")
	if err != nil {
		return span, most, err
	}
	if length != 0 && (length < minQuotaPeriod || length > maxQuotaPeriod) {
		return span, most, invalid("InvalidLimit", "The renewal-period is 0 or at least %d seconds, not %d.", minQuotaPeriod, length)
	}
	return memory.Span{Start: q.start, Length: time.Duration(length) * time.Second}, most, nil
}

// charge counts at the end of a request: what it counts, and the bytes as they pass.
func (q *quota) charge(x *policy.Run, r *message.Response, limits *memory.Limits, key string, span memory.Span, calls, bytes bool) {
	now := x.Now()
	var more memory.Amount
	if calls {
		more.Calls = q.amount(x)
	}
	if bytes {
		more.Bytes = max(x.Request.Body.Length(), 0)
		r.Body = message.NewBody(&meter{from: r.Body, spend: func(n int64) { limits.Charge(key, span, memory.Amount{Bytes: n}, now) }}, r.Body.Length())
	}
	limits.Charge(key, span, more, now)
}

// meter tells how many bytes of a body were read, when it is closed.
type meter struct {
	from  *message.Body
	spend func(n int64)
	read  atomic.Int64
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	m.read.Add(int64(n))
	if err == io.EOF {
		m.tell()
	}
	return n, err
}

// Close implements io.Closer.
func (m *meter) Close() error {
	m.tell()
	return m.from.Close()
}

func (m *meter) tell() {
	if n := m.read.Swap(0); n > 0 {
		m.spend(n)
	}
}

func outOfQuota(v *memory.Quota) error {
	what := "call volume"
	if v.Bandwidth {
		what = "bandwidth"
	}
	text := "Out of " + what + " quota."
	f := &policy.Failure{Reason: "QuotaExceeded", Status: 403}
	if v.Renews > 0 {
		left := seconds(v.Renews)
		text += " Quota will be replenished in " + clockText(left) + "."
		f.Header.Add("Retry-After", strconv.FormatInt(left, 10))
	}
	f.Message, f.Public = text, text
	return f
}

// clockText is seconds as .NET's TimeSpan shows them: "1.02:03:04".
func clockText(s int64) string {
	var b strings.Builder
	if days := s / 86400; days > 0 {
		fmt.Fprintf(&b, "%d.", days)
	}
	fmt.Fprintf(&b, "%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
	return b.String()
}
