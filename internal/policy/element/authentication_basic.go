package element

import (
	"encoding/base64"

	"github.com/postern-gateway/postern/internal/policy"
)

var authenticationBasic = &policy.Element{
	Spec: policy.Spec{
		Name: "authentication-basic",
		Doc:  "Authenticates with the backend by user name and password.",
		Attributes: []policy.Attribute{
			{Name: "username", Doc: "The user name.", Required: true, Expression: true},
			{Name: "password", Doc: "The password.", Required: true, Expression: true},
		},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Once:     true,
	Source:   page("authentication-basic"),
	Compile:  compileAuthenticationBasic,
}

func compileAuthenticationBasic(n *policy.Node) policy.Step {
	username, password := n.Text("username"), n.Text("password")
	return func(x *policy.Run) error {
		user, err := username.Eval(x)
		if err != nil {
			return err
		}
		secret, err := password.Eval(x)
		if err != nil {
			return err
		}
		x.Request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+secret)))
		return nil
	}
}
