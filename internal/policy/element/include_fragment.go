package element

import "github.com/postern-gateway/postern/internal/policy"

var includeFragment = &policy.Element{
	Spec: policy.Spec{
		Name: "include-fragment",
		Doc:  "Runs the policies of a policy fragment as if they stood here.",
		Attributes: []policy.Attribute{
			{Name: "fragment-id", Doc: "The fragment's id.", Required: true, NonEmpty: true},
		},
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("include-fragment"),
	Compile:  compileIncludeFragment,
}

func compileIncludeFragment(n *policy.Node) policy.Step {
	if n.InFragment() {
		n.Errorf(policy.CodeFragment, "A fragment may not include another.")
		return nil
	}
	block := n.Include(n.Literal("fragment-id"))
	return func(x *policy.Run) error { return x.Do(block) }
}
