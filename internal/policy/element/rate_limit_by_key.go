package element

import (
	"fmt"
	"strconv"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// maxRenewal is the documented longest window, in seconds.
const maxRenewal = 300

var rateLimitByKey = &policy.Element{
	Spec: policy.Spec{
		Name: "rate-limit-by-key",
		Doc:  "Refuses requests where a key has had too many of them in the seconds before.",
		Attributes: []policy.Attribute{
			{Name: "calls", Doc: "How many requests are let through in any renewal-period.", Type: policy.Integer, Max: maxCount, Required: true, Expression: true},
			{Name: "renewal-period", Doc: "The length of the sliding window in seconds.", Type: policy.Integer, Min: 1, Max: maxRenewal, Required: true, Expression: true},
			counterKey, incrementCondition, incrementCount,
			{Name: "retry-after-header-name", Doc: "The field of the refusal that tells the seconds until there is room again.", NonEmpty: true, Default: "Retry-After"},
			{Name: "retry-after-variable-name", Doc: "The variable that gets those seconds.", NonEmpty: true},
			{Name: "remaining-calls-header-name", Doc: "The field of the response that tells how many requests have room still.", NonEmpty: true},
			{Name: "remaining-calls-variable-name", Doc: "The variable that gets that number.", NonEmpty: true},
			{Name: "total-calls-header-name", Doc: "The field of the response that tells the value of calls.", NonEmpty: true},
		},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Source:   page("rate-limit-by-key"),
	Compile:  compileRateLimitByKey,
}

type rateLimit struct {
	counting
	calls, period              policy.Float
	retryHeader, retryVariable string
	leftHeader, leftVariable   string
	totalHeader                string
}

func compileRateLimitByKey(n *policy.Node) policy.Step {
	l := &rateLimit{
		counting: newCounting(n), calls: n.Float("calls"), period: n.Float("renewal-period"),
		retryHeader: n.Literal("retry-after-header-name"), retryVariable: n.Literal("retry-after-variable-name"),
		leftHeader: n.Literal("remaining-calls-header-name"), leftVariable: n.Literal("remaining-calls-variable-name"),
		totalHeader: n.Literal("total-calls-header-name"),
	}
	checkHeaderNames(n, "retry-after-header-name", "remaining-calls-header-name", "total-calls-header-name")
	return l.run
}

// checkHeaderNames reports attributes that are no names of header fields.
func checkHeaderNames(n *policy.Node, attributes ...string) {
	for _, a := range attributes {
		if n.Has(a) && !n.Open(a) && !message.ValidName(n.Literal(a)) {
			n.AttrErrorf(a, policy.CodeAttrValue, "The value of the attribute '%s' of '%s' is no name of a header field.", a, n.Name)
		}
	}
}

func (l *rateLimit) run(x *policy.Run) error {
	key, err := l.counter(x)
	if err != nil {
		return err
	}
	calls, err := limit(x, &l.calls, "number of calls")
	if err != nil {
		return err
	}
	length, err := duration(x, &l.period, time.Second)
	if err != nil {
		return err
	}
	if length < time.Second || length > maxRenewal*time.Second {
		return invalid("InvalidLimit", "The renewal-period is between 1 and %d seconds, not %s.", maxRenewal, length)
	}
	s := x.Shared()
	if s == nil {
		return nil
	}
	late, count := l.late(), int64(0)
	if !late {
		count = l.amount(x)
	}
	rate := s.Limits.Take(key, length, calls, count, !late, x.Now())
	l.report(x, calls, rate.Remaining)
	if !rate.OK {
		return l.refuse(x, rate.Retry)
	}
	if late {
		limits, now := s.Limits, x.Now()
		x.After(func(x *policy.Run, _ *message.Response) { limits.Add(key, length, l.amount(x), now) })
	}
	return nil
}

// report sets what the policy is asked to tell.
func (l *rateLimit) report(x *policy.Run, calls, left int64) {
	if l.leftVariable != "" {
		x.Variables.Set(l.leftVariable, int32(min(left, 1<<31-1)))
	}
	if l.leftHeader != "" {
		tell(x, l.leftHeader, left)
	}
	if l.totalHeader != "" {
		tell(x, l.totalHeader, calls)
	}
}

func (l *rateLimit) refuse(x *policy.Run, wait time.Duration) error {
	retry := seconds(wait)
	if l.retryVariable != "" {
		x.Variables.Set(l.retryVariable, int32(retry))
	}
	f := &policy.Failure{Reason: "RateLimitExceeded", Message: "Rate limit is exceeded", Status: 429,
		Public: fmt.Sprintf("Rate limit is exceeded. Try again in %d seconds.", retry)}
	f.Header.Add(l.retryHeader, strconv.FormatInt(retry, 10))
	return f
}
