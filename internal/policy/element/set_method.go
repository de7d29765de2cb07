package element

import (
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var setMethod = &policy.Element{
	Spec: policy.Spec{
		Name: "set-method",
		Doc:  "Changes the request's method.",
		Text: policy.ExpressionText,
	},
	Sections: policy.InInbound | policy.InOnError,
	Scopes:   policy.AllScopes,
	Source:   page("set-method"),
	Compile:  compileSetMethod,
}

func compileSetMethod(n *policy.Node) policy.Step {
	method := n.TrimmedBody()
	if method.Expr == nil && !n.OpenText() && !message.ValidName(method.Const) {
		n.Errorf(policy.CodeText, "The text of 'set-method' is a method such as POST.")
		return nil
	}
	return func(x *policy.Run) error {
		m, err := method.Eval(x)
		if err != nil {
			return err
		}
		if !message.ValidName(m) {
			return invalid("InvalidMethod", "%q is not an HTTP method.", m)
		}
		x.Request.Method = m
		return nil
	}
}
