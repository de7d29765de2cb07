package element

import (
	"strings"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var setStatusSpec = policy.Spec{
	Name: "set-status",
	Doc:  "Sets the status of the response.",
	Attributes: []policy.Attribute{
		{Name: "code", Doc: "The status code.", Type: policy.Integer, Min: 200, Max: 599, Required: true, Expression: true},
		{Name: "reason", Doc: "The reason phrase; optional here.", Expression: true},
	},
}

var setStatus = &policy.Element{
	Spec:     setStatusSpec,
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("set-status"),
	Compile: func(n *policy.Node) policy.Step {
		if n.APIM() && !n.Has("reason") {
			n.Warnf(policy.CodeNotRunnableAPIM, "API Management needs the attribute 'reason' here.")
		}
		edit := compileStatus(n)
		return func(x *policy.Run) error { return edit(x, x.Answer()) }
	},
}

// responseEdit changes a response.
type responseEdit func(x *policy.Run, r *message.Response) error

func compileStatus(n *policy.Node) responseEdit {
	code, reason := n.Float("code"), n.Text("reason")
	return func(x *policy.Run, r *message.Response) error {
		c, err := code.Eval(x)
		if err != nil {
			return err
		}
		phrase, err := reason.Eval(x)
		if err != nil {
			return err
		}
		if c < 200 || c > 599 || c != float64(int(c)) {
			return invalid("InvalidStatus", "%v is not the status of a response.", c)
		}
		phrase = strings.TrimSpace(phrase)
		if !message.ValidValue(phrase) {
			return invalid("InvalidStatus", "The reason phrase has characters that it cannot have.")
		}
		r.Status, r.Reason = int(c), phrase
		return nil
	}
}
