package element

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/postern-gateway/postern/internal/policy"
)

var retry = &policy.Element{
	Spec: policy.Spec{
		Name: "retry",
		Doc:  "Runs its policies, and again while a condition holds.",
		Attributes: []policy.Attribute{
			{Name: "condition", Doc: "Whether to try again; evaluated after the policies have run.", Type: policy.Boolean, Required: true, Expression: true, Typed: true},
			{Name: "count", Doc: "How often to try again.", Type: policy.Integer, Min: 1, Max: 50, Required: true, Expression: true},
			{Name: "interval", Doc: "Seconds between two tries.", Type: policy.Number, Max: maxInterval, Required: true, Expression: true},
			{Name: "max-interval", Doc: "The longest interval of an exponential backoff, in seconds.", Type: policy.Number, Max: maxInterval, Expression: true},
			{Name: "delta", Doc: "Seconds by which the interval grows.", Type: policy.Number, Max: maxInterval, Expression: true},
			{Name: "first-fast-retry", Doc: "Whether the first retry is made at once.", Type: policy.Boolean, Expression: true, Default: "false"},
		},
		Policies: true,
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("retry"),
	Compile:  compileRetry,
}

// maxInterval bounds an interval in seconds.
const maxInterval = 1 << 30

type retrying struct {
	condition, fast            policy.Bool
	count, interval, top, step policy.Float
	block                      policy.Block
}

func compileRetry(n *policy.Node) policy.Step {
	r := &retrying{
		condition: n.Bool("condition"), fast: n.Bool("first-fast-retry"), count: n.Float("count"),
		interval: n.Float("interval"), top: n.Float("max-interval"), step: n.Float("delta"), block: n.Block(),
	}
	if n.Has("max-interval") && !n.Has("delta") {
		n.Errorf(policy.CodeConflict, "The attribute 'max-interval' of 'retry' needs the attribute 'delta'.")
		return nil
	}
	return r.run
}

func (r *retrying) run(x *policy.Run) error {
	count, err := r.count.Eval(x)
	if err != nil {
		return err
	}
	fast, err := r.fast.Eval(x)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err := x.Do(r.block); err != nil {
			return err
		}
		again, err := r.condition.Eval(x)
		if err != nil || !again || float64(n) > count || n > 50 {
			return err
		}
		pause, err := r.pause(x, n)
		if err != nil {
			return err
		}
		if n == 1 && fast {
			pause = 0
		}
		if err := sleep(x, pause); err != nil {
			return err
		}
	}
}

// pause is the wait before the n-th retry: fixed, linear with delta, exponential with max-interval too.
func (r *retrying) pause(x *policy.Run, n int) (time.Duration, error) {
	interval, err := duration(x, &r.interval, time.Second)
	if err != nil || !r.step.Set {
		return interval, err
	}
	delta, err := duration(x, &r.step, time.Second)
	if err != nil {
		return 0, err
	}
	if !r.top.Set {
		return min(interval+time.Duration(n-1)*delta, maxDuration), nil
	}
	top, err := duration(x, &r.top, time.Second)
	if err != nil {
		return 0, err
	}
	random := (0.8 + 0.4*rand.Float64()) * float64(delta)
	return time.Duration(min(float64(interval)+math.Pow(2, float64(n-1))*random, float64(top))), nil
}

// sleep waits, unless the client goes.
func sleep(x *policy.Run, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-x.Context().Done():
		return &policy.Failure{Reason: "ClientConnectionFailure", Message: "The client has gone.", Err: x.Context().Err()}
	}
}
