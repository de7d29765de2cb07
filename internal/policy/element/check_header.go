package element

import (
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
)

var checkHeader = &policy.Element{
	Spec: policy.Spec{
		Name: "check-header",
		Doc:  "Refuses requests without a header field, or with another value than those listed.",
		Attributes: []policy.Attribute{
			{Name: "name", Doc: "The field's name.", Required: true, NonEmpty: true, Expression: true},
			{Name: "failed-check-httpcode", Doc: "The status of the refusal.", Type: policy.Integer, Min: 200, Max: 599, Required: true, Expression: true},
			{Name: "failed-check-error-message", Doc: "The message of the refusal.", Required: true, Expression: true},
			{Name: "ignore-case", Doc: "Whether values are compared without case.", Type: policy.Boolean, Required: true, Expression: true},
		},
		Children: []policy.Child{{Spec: &policy.Spec{Name: "value", Doc: "A value that is allowed; without any, presence is enough.", Text: policy.ExpressionText}}},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes &^ policy.ScopesOf(policy.Workspace),
	Source:   page("check-header"),
	Compile:  compileCheckHeader,
}

type headerCheck struct {
	name, message policy.Text
	code          policy.Float
	fold          policy.Bool
	values        []policy.Text
}

func compileCheckHeader(n *policy.Node) policy.Step {
	c := &headerCheck{name: n.Text("name"), message: n.Text("failed-check-error-message"),
		code: n.Float("failed-check-httpcode"), fold: n.Bool("ignore-case")}
	for _, v := range n.Children("value") {
		c.values = append(c.values, v.TrimmedBody())
	}
	return c.run
}

func (c *headerCheck) run(x *policy.Run) error {
	name, err := c.name.Eval(x)
	if err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	value, ok := x.Request.Header.Lookup(name)
	if strings.EqualFold(name, "Host") {
		value, ok = x.Request.Host, true
	}
	if !ok {
		return c.refuse(x, "HeaderNotFound", "Header "+name+" was not found in the request. Access denied.")
	}
	if x.Request.Header.Count(name) > 1 {
		value = strings.Join(x.Request.Header.ValueList(name), ",")
	}
	allowed, err := c.allows(x, value)
	if err != nil || allowed {
		return err
	}
	return c.refuse(x, "HeaderValueNotAllowed", "Header "+name+" value of "+value+" is not allowed. Access denied.")
}

func (c *headerCheck) allows(x *policy.Run, value string) (bool, error) {
	if len(c.values) == 0 {
		return true, nil
	}
	fold, err := c.fold.Eval(x)
	if err != nil {
		return false, err
	}
	for i := range c.values {
		want, err := c.values[i].Eval(x)
		if err != nil {
			return false, err
		}
		if want == value || fold && strings.EqualFold(want, value) {
			return true, nil
		}
	}
	return false, nil
}

// refuse is the failure with the policy's own status and message.
func (c *headerCheck) refuse(x *policy.Run, reason, text string) error {
	code, err := c.code.Eval(x)
	if err != nil {
		return err
	}
	public, err := c.message.Eval(x)
	if err != nil {
		return err
	}
	if code < 200 || code > 599 {
		return invalid("InvalidStatus", "%v is not the status of a response.", code)
	}
	return &policy.Failure{Reason: reason, Message: text, Status: int(code), Public: orElse(public, text)}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
