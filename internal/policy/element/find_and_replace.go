package element

import (
	"bytes"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var findAndReplace = &policy.Element{
	Spec: policy.Spec{
		Name: "find-and-replace",
		Doc:  "Replaces a text in the body: of the request in inbound and backend, of the response elsewhere.",
		Attributes: []policy.Attribute{
			{Name: "from", Doc: "The text to find.", Required: true, NonEmpty: true, Expression: true},
			{Name: "to", Doc: "The text to put in its place; it may be empty.", Required: true, Expression: true},
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("find-and-replace"),
	Compile:  compileFindAndReplace,
}

func compileFindAndReplace(n *policy.Node) policy.Step {
	from, to := n.Text("from"), n.Text("to")
	request := n.Section.EditsRequest()
	return func(x *policy.Run) error {
		find, err := from.Eval(x)
		if err != nil {
			return err
		}
		put, err := to.Eval(x)
		if err != nil || find == "" {
			return err
		}
		body := x.Request.Body
		if !request {
			body = x.Answer().Body
		}
		if body.Empty() || body.State() == message.Consumed {
			return nil
		}
		data, err := body.Buffer(x.BodyLimit())
		if err != nil {
			return bodyFailure(err)
		}
		body.Replace(bytes.ReplaceAll(data, []byte(find), []byte(put)))
		return nil
	}
}
