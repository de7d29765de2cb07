package element

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
)

var setVariable = &policy.Element{
	Spec: policy.Spec{
		Name: "set-variable",
		Doc:  "Sets a variable of the request, which expressions read as context.Variables[name].",
		Attributes: []policy.Attribute{
			{Name: "name", Doc: "The variable's name.", Required: true, NonEmpty: true},
			{Name: "value", Doc: "Its value: an expression's as it is, a literal as a string.", Required: true, Expression: true},
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("set-variable"),
	Compile:  compileSetVariable,
}

func compileSetVariable(n *policy.Node) policy.Step {
	name, value := n.Literal("name"), n.Text("value")
	if value.Expr == nil {
		var literal any = types.NewString(value.Const)
		return func(x *policy.Run) error {
			x.Variables.Set(name, literal)
			return nil
		}
	}
	return func(x *policy.Run) error {
		v, err := value.Expr.Object(x)
		if err != nil {
			return err
		}
		x.Variables.Set(name, v)
		return nil
	}
}
