package element

import "github.com/postern-gateway/postern/internal/policy"

var limitConcurrency = &policy.Element{
	Spec: policy.Spec{
		Name: "limit-concurrency",
		Doc:  "Lets so many requests at a time into its policies, and answers 429 to more.",
		Attributes: []policy.Attribute{
			{Name: "key", Doc: "What is counted by; policies with the same key share their count.", Required: true, Expression: true},
			{Name: "max-count", Doc: "How many requests may be inside.", Type: policy.Integer, Min: 1, Max: 1 << 30, Required: true},
		},
		Policies: true,
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("limit-concurrency"),
	Compile:  compileLimitConcurrency,
}

// concurrencyExceeded is what API Management's page says: a request too many fails at once with 429.
var concurrencyExceeded = policy.Failure{Reason: "ConcurrencyLimitExceeded", Status: 429,
	Message: "Concurrency limit is exceeded.", Public: "Concurrency limit is exceeded."}

func compileLimitConcurrency(n *policy.Node) policy.Step {
	key, most, block := n.Text("key"), int(n.Float("max-count").Const), n.Block()
	return func(x *policy.Run) error {
		k, err := key.Eval(x)
		if err != nil {
			return err
		}
		leave, ok := x.Enter(k, most)
		if !ok {
			exceeded := concurrencyExceeded
			return &exceeded
		}
		defer leave()
		return x.Do(block)
	}
}
