package element

import "github.com/postern-gateway/postern/internal/policy"

var choose = &policy.Element{
	Spec: policy.Spec{
		Name: "choose",
		Doc:  "Runs the policies of the first when whose condition holds, or those of otherwise.",
		Children: []policy.Child{
			{Min: 1, Spec: &policy.Spec{
				Name: "when", Doc: "Policies under a condition.", Policies: true,
				Attributes: []policy.Attribute{{
					Name: "condition", Doc: "A boolean expression or constant.", Type: policy.Boolean,
					Required: true, Expression: true, Typed: true,
				}},
			}},
			{Max: 1, Spec: &policy.Spec{Name: "otherwise", Doc: "Policies for when no condition holds.", Policies: true}},
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("choose"),
	Compile:  compileChoose,
}

type branch struct {
	condition policy.Bool
	block     policy.Block
}

func compileChoose(n *policy.Node) policy.Step {
	var branches []branch
	for _, when := range n.Children("when") {
		branches = append(branches, branch{when.Bool("condition"), when.Block()})
	}
	var otherwise policy.Block
	if o := n.Child("otherwise"); o != nil {
		otherwise = o.Block()
	}
	return func(x *policy.Run) error {
		for i := range branches {
			ok, err := branches[i].condition.Eval(x)
			if err != nil {
				return err
			}
			if ok {
				return x.Do(branches[i].block)
			}
		}
		return x.Do(otherwise)
	}
}
