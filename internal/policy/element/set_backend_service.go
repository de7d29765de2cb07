package element

import (
	"strings"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var setBackendService = &policy.Element{
	Spec: policy.Spec{
		Name: "set-backend-service",
		Doc:  "Sends the request to another backend than the API's own.",
		Attributes: []policy.Attribute{
			{Name: "base-url", Doc: "The backend's URL.", Expression: true, NonEmpty: true},
			{Name: "backend-id", Doc: "A backend entity: checked offline alone, since the server has none yet.", Expression: true, NonEmpty: true},
			{Name: "sf-resolve-condition", Doc: "Service Fabric; not supported yet.", Expression: true},
			{Name: "sf-service-instance-name", Doc: "Service Fabric; not supported yet.", Expression: true},
			{Name: "sf-partition-key", Doc: "Service Fabric; not supported yet.", Expression: true},
			{Name: "sf-replica-type", Doc: "Service Fabric; not supported yet.", Expression: true},
			{Name: "sf-listener-name", Doc: "Service Fabric; not supported yet.", Expression: true},
			{Name: "dapr-app-id", Doc: "Dapr; not supported yet.", Expression: true},
			{Name: "dapr-method", Doc: "Dapr; not supported yet.", Expression: true},
			{Name: "dapr-namespace", Doc: "Dapr; not supported yet.", Expression: true},
		},
	},
	Sections: policy.InInbound | policy.InBackend,
	Scopes:   policy.AllScopes,
	Source:   page("set-backend-service"),
	Compile:  compileSetBackendService,
}

// compileBackendID checks a reference to a backend offline, where backends may be elsewhere. The step is never run by a
// gateway, which refuses the attribute; it fails all the same.
func compileBackendID(n *policy.Node) policy.Step {
	for _, name := range n.Attributes() {
		switch {
		case name == "base-url":
			n.Errorf(policy.CodeConflict, "The element 'set-backend-service' has either 'base-url' or 'backend-id'.")
			return nil
		case name != "backend-id":
			n.AttrErrorf(name, policy.CodeUnsupported, "The attribute '%s' of 'set-backend-service' is not supported yet.", name)
			return nil
		}
	}
	return func(*policy.Run) error { return invalid("BackendNotFound", "There are no backends here.") }
}

func compileSetBackendService(n *policy.Node) policy.Step {
	if n.Has("backend-id") && n.Offline() {
		return compileBackendID(n)
	}
	for _, name := range n.Attributes() {
		if name != "base-url" {
			n.AttrErrorf(name, policy.CodeUnsupported, "The attribute '%s' of 'set-backend-service' is not supported yet.", name)
			return nil
		}
	}
	if !n.Has("base-url") {
		n.Errorf(policy.CodeConflict, "The element 'set-backend-service' needs the attribute 'base-url'.")
		return nil
	}
	base := n.Text("base-url")
	if base.Expr != nil {
		return func(x *policy.Run) error {
			s, err := base.Eval(x)
			if err != nil {
				return err
			}
			u, err := message.ParseURL(strings.TrimSpace(s))
			if err != nil {
				return invalid("InvalidBackendUrl", "%s.", err.Error())
			}
			x.Base = u
			x.Rebase()
			return nil
		}
	}
	u, err := message.ParseURL(strings.TrimSpace(base.Const))
	if err != nil && !n.Open("base-url") {
		n.AttrErrorf("base-url", policy.CodeAttrValue, "The value of the attribute 'base-url' of 'set-backend-service': %s.", err.Error())
		return nil
	}
	return func(x *policy.Run) error {
		x.Base = u
		x.Rebase()
		return nil
	}
}
