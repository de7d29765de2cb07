package element

import (
	"encoding/base64"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var authenticationBasicSpec = policy.Spec{
	Name: "authentication-basic",
	Doc:  "Authenticates with the backend by user name and password.",
	Attributes: []policy.Attribute{
		{Name: "username", Doc: "The user name.", Required: true, Expression: true},
		{Name: "password", Doc: "The password.", Required: true, Expression: true},
	},
}

var authenticationBasic = &policy.Element{
	Spec:     authenticationBasicSpec,
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Once:     true,
	Source:   page("authentication-basic"),
	Compile:  compileAuthenticationBasic,
}

func compileAuthenticationBasic(n *policy.Node) policy.Step {
	b := compileBasic(n)
	return func(x *policy.Run) error { return b.authenticate(x, &x.Request.Header) }
}

// basic is a compiled authentication-basic.
type basic struct {
	username, password policy.Text
}

func compileBasic(n *policy.Node) *basic { return &basic{n.Text("username"), n.Text("password")} }

// authenticate sets the field Authorization.
func (b *basic) authenticate(x *policy.Run, h *message.Header) error {
	user, err := b.username.Eval(x)
	if err != nil {
		return err
	}
	secret, err := b.password.Eval(x)
	if err != nil {
		return err
	}
	h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+secret)))
	return nil
}
