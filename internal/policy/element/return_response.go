package element

import (
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var returnResponse = &policy.Element{
	Spec: policy.Spec{
		Name: "return-response",
		Doc:  "Ends the request with a response of its own; no other policy runs.",
		Attributes: []policy.Attribute{
			{Name: "response-variable-name", Doc: "A variable that holds the response to return.", NonEmpty: true},
		},
		Children: []policy.Child{
			{Max: 1, Spec: &setStatusSpec},
			{Spec: &setHeaderSpec},
			{Max: 1, Spec: &setBodySpec},
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("return-response"),
	Compile:  compileReturnResponse,
}

func compileReturnResponse(n *policy.Node) policy.Step {
	var edits []responseEdit
	for _, child := range n.Children() {
		switch child.Name {
		case setStatusSpec.Name:
			edits = append(edits, compileStatus(child))
		case setHeaderSpec.Name:
			if e := compileHeader(child); e != nil {
				edits = append(edits, e.response)
			}
		case setBodySpec.Name:
			if c := compileContent(child); c != nil {
				c.unbind()
				edits = append(edits, c.response)
			}
		}
	}
	variable := n.Literal("response-variable-name")
	return func(x *policy.Run) error {
		r, err := startingResponse(x, variable)
		if err != nil {
			return err
		}
		for _, edit := range edits {
			if err := edit(x, r); err != nil {
				return err
			}
		}
		x.Replace(r)
		return policy.Done
	}
}

// startingResponse is the response that the children edit: an empty 200, or the one in the variable.
func startingResponse(x *policy.Run, variable string) (*message.Response, error) {
	if variable == "" {
		return &message.Response{Status: 200, Body: message.NoBody()}, nil
	}
	v, _ := x.Variables.Get(variable)
	held, ok := v.(policy.ResponseHolder)
	if !ok {
		return nil, invalid("InvalidResponse", "The variable '%s' holds no response.", variable)
	}
	return held.Response(), nil
}
