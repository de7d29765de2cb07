package element

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var authenticationManagedIdentitySpec = policy.Spec{
	Name: "authentication-managed-identity",
	Doc:  "Authenticates with the backend by an access token of one of the service's managed identities.",
	Attributes: []policy.Attribute{
		{Name: "resource", Doc: "The audience of the token, such as https://vault.azure.net.", Required: true, NonEmpty: true, Expression: true},
		{Name: "client-id", Doc: "The client id of a user-assigned identity; without it, the system-assigned one.", Expression: true},
		{Name: "output-token-variable-name", Doc: "The variable that takes the token, instead of the field Authorization.", NonEmpty: true},
		{Name: "ignore-error", Doc: "Goes on where no token can be had; the variable is then null.", Type: policy.Boolean, Default: "false"},
	},
}

var authenticationManagedIdentity = &policy.Element{
	Spec:     authenticationManagedIdentitySpec,
	Sections: policy.InInbound | policy.InOutbound, // the page has inbound alone; documents in service use a token in outbound too
	Scopes:   policy.ScopesOf(policy.Global, policy.Product, policy.API, policy.Operation),
	Source:   page("authentication-managed-identity"),
	Compile:  compileAuthenticationManagedIdentity,
}

func compileAuthenticationManagedIdentity(n *policy.Node) policy.Step {
	m := compileManagedIdentity(n)
	return func(x *policy.Run) error { return m.authenticate(x, &x.Request.Header) }
}

// managedIdentity is a compiled authentication-managed-identity.
type managedIdentity struct {
	resource, clientID policy.Text
	variable           string
	ignore             bool
}

func compileManagedIdentity(n *policy.Node) *managedIdentity {
	return &managedIdentity{resource: n.Text("resource"), clientID: n.Text("client-id"),
		variable: n.Literal("output-token-variable-name"), ignore: n.Bool("ignore-error").Const}
}

// authenticate gets the token and gives it to the variable, or else to the header.
func (m *managedIdentity) authenticate(x *policy.Run, h *message.Header) error {
	resource, err := m.resource.Eval(x)
	if err != nil {
		return err
	}
	clientID, err := m.clientID.Eval(x)
	if err != nil {
		return err
	}
	token, err := x.Token(strings.TrimSpace(resource), strings.TrimSpace(clientID))
	switch {
	case err != nil && (!m.ignore || x.Context().Err() != nil):
		return err
	case err != nil && m.variable != "":
		x.Variables.Set(m.variable, nil)
	case err != nil:
	case m.variable != "":
		x.Variables.Set(m.variable, types.NewString(token))
	default:
		h.Set("Authorization", "Bearer "+token)
	}
	return nil
}
