package element

import "github.com/postern-gateway/postern/internal/policy"

var sendOneWayRequest = &policy.Element{
	Spec: policy.Spec{
		Name:       "send-one-way-request",
		Doc:        "Sends a request of its own and does not wait for the response.",
		Attributes: []policy.Attribute{sendMode, sendTimeout},
		Children:   sendChildren,
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("send-one-way-request"),
	Compile:  compileSendOneWayRequest,
}

// compileSendOneWayRequest makes the step: what the request is made of is an error where it fails, what comes of sending
// it is not.
func compileSendOneWayRequest(n *policy.Node) policy.Step {
	o := compileOutgoing(n)
	if o == nil {
		return nil
	}
	return func(x *policy.Run) error {
		r, options, err := o.build(x)
		if err != nil {
			return err
		}
		if err := o.prove(x, r, &options); err != nil {
			return err
		}
		if err := x.SendAway(r, options); err != nil {
			return err
		}
		if x.Tracing() {
			x.Trace(o.name, "verbose", told(r)+" is on its way")
		}
		return nil
	}
}
