package element

import (
	"net/netip"
	"strings"

	"github.com/postern-gateway/postern/internal/policy"
)

var ipFilter = &policy.Element{
	Spec: policy.Spec{
		Name: "ip-filter",
		Doc:  "Lets requests in, or keeps them out, by the caller's address.",
		Attributes: []policy.Attribute{
			{Name: "action", Doc: "Whether the addresses are those allowed or those forbidden.", Enum: []string{"allow", "forbid"}, Required: true, Expression: true},
		},
		Children: []policy.Child{
			{Spec: &policy.Spec{Name: "address", Doc: "An address.", Text: policy.ExpressionText}},
			{Spec: &policy.Spec{Name: "address-range", Doc: "A range of addresses, both ends included.", Attributes: []policy.Attribute{
				{Name: "from", Doc: "The first address.", Required: true, NonEmpty: true, Expression: true},
				{Name: "to", Doc: "The last address.", Required: true, NonEmpty: true, Expression: true},
			}}},
		},
	},
	Sections: policy.InInbound,
	Scopes:   policy.AllScopes,
	Source:   page("ip-filter"),
	Compile:  compileIPFilter,
}

type addressFilter struct {
	action policy.Text
	ranges []addressRange
}

// addressRange is two addresses, the same twice for a single one.
type addressRange struct{ from, to policy.Text }

func compileIPFilter(n *policy.Node) policy.Step {
	f := &addressFilter{action: n.Text("action")}
	for _, child := range n.Children() {
		if child.Name == "address" {
			one := child.TrimmedBody()
			f.check(child, &one, child.OpenText())
			f.ranges = append(f.ranges, addressRange{one, one})
			continue
		}
		r := addressRange{child.Text("from"), child.Text("to")}
		f.check(child, &r.from, child.Open("from"))
		f.check(child, &r.to, child.Open("to"))
		f.ranges = append(f.ranges, r)
	}
	if len(f.ranges) == 0 {
		n.Errorf(policy.CodeMissingChild, "The element 'ip-filter' needs an element 'address' or 'address-range'.")
		return nil
	}
	return f.run
}

// check reports a literal that is no address.
func (f *addressFilter) check(n *policy.Node, t *policy.Text, open bool) {
	if _, err := netip.ParseAddr(strings.TrimSpace(t.Const)); t.Expr == nil && !open && err != nil {
		n.Errorf(policy.CodeAttrValue, "'%s' is not an IP address.", t.Const)
	}
}

func (f *addressFilter) run(x *policy.Run) error {
	action, err := f.action.Eval(x)
	if err != nil {
		return err
	}
	action = strings.ToLower(strings.TrimSpace(action))
	if action != "allow" && action != "forbid" {
		return invalid("InvalidAction", "%q is neither allow nor forbid.", action)
	}
	var caller netip.Addr
	if x.Exchange.Conn != nil {
		caller = x.Exchange.Conn.Remote.Addr().Unmap()
	}
	if !caller.IsValid() {
		return forbidden("FailedToParseCallerIP", "Failed to establish IP address for the caller. Access denied.")
	}
	listed, err := f.lists(x, caller)
	switch {
	case err != nil:
		return err
	case listed && action == "forbid":
		return forbidden("CallerIpBlocked", "Caller IP address is blocked. Access denied.")
	case !listed && action == "allow":
		return forbidden("CallerIpNotAllowed", "Caller IP address "+caller.String()+" is not allowed. Access denied.")
	}
	return nil
}

func (f *addressFilter) lists(x *policy.Run, caller netip.Addr) (bool, error) {
	for i := range f.ranges {
		from, err := address(x, &f.ranges[i].from)
		if err != nil {
			return false, err
		}
		to, err := address(x, &f.ranges[i].to)
		if err != nil {
			return false, err
		}
		if from.BitLen() == caller.BitLen() && to.BitLen() == caller.BitLen() && from.Compare(caller) <= 0 && caller.Compare(to) <= 0 {
			return true, nil
		}
	}
	return false, nil
}

func address(x *policy.Run, t *policy.Text) (netip.Addr, error) {
	s, err := t.Eval(x)
	if err != nil {
		return netip.Addr{}, err
	}
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return netip.Addr{}, invalid("InvalidAddress", "%q is not an IP address.", s)
	}
	return a.Unmap(), nil
}

func forbidden(reason, text string) error {
	return &policy.Failure{Reason: reason, Message: text, Status: 403, Public: "Forbidden"}
}
