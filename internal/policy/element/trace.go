package element

import (
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
)

var trace = &policy.Element{
	Spec: policy.Spec{
		Name: "trace",
		Doc:  "Writes a message to the request's trace. The message is an element, or the text itself as in older documents.",
		Text: policy.ExpressionText,
		Attributes: []policy.Attribute{
			{Name: "source", Doc: "Who says it.", Required: true, NonEmpty: true},
			{Name: "severity", Doc: "How much it matters.", Enum: []string{"verbose", "information", "error"}, Default: "verbose"},
		},
		Children: []policy.Child{
			{Max: 1, Spec: &policy.Spec{Name: "message", Doc: "The message.", Text: policy.ExpressionText}},
			{Spec: &policy.Spec{Name: "metadata", Doc: "A name and a value beside the message.", Attributes: []policy.Attribute{
				{Name: "name", Doc: "The name.", Required: true, NonEmpty: true},
				{Name: "value", Doc: "The value.", Required: true, Expression: true},
			}}},
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("trace"),
	Compile:  compileTrace,
}

func compileTrace(n *policy.Node) policy.Step {
	type pair struct {
		name  string
		value policy.Text
	}
	source, severity := n.Literal("source"), strings.ToLower(n.Literal("severity"))
	text := n.TrimmedBody() // as older documents have it
	own := text.Expr != nil || text.Const != ""
	switch message := n.Child("message"); {
	case message != nil && own:
		n.Errorf(policy.CodeText, "The element 'trace' has its message in an element; it holds no other text.")
	case message != nil:
		text = message.TrimmedBody()
	case !own:
		n.Errorf(policy.CodeMissingChild, "The element 'trace' needs an element 'message'.")
	}
	var metadata []pair
	for _, m := range n.Children("metadata") {
		metadata = append(metadata, pair{m.Literal("name"), m.Text("value")})
	}
	return func(x *policy.Run) error {
		line, err := text.Eval(x)
		if err != nil {
			return err
		}
		for i := range metadata {
			v, err := metadata[i].value.Eval(x)
			if err != nil {
				return err
			}
			if x.Tracing() {
				line += "\n" + metadata[i].name + ": " + v
			}
		}
		x.Trace(source, severity, line)
		return nil
	}
}
