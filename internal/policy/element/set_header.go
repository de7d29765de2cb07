package element

import (
	"strings"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var existsAction = policy.Attribute{
	Name: "exists-action", Doc: "What to do where it is there already.", Expression: true,
	Enum: []string{"override", "skip", "append", "delete"}, Default: "override",
}

var setHeaderSpec = policy.Spec{
	Name: "set-header",
	Doc:  "Sets, adds or removes a header field: of the request in inbound and backend, of the response elsewhere.",
	Attributes: []policy.Attribute{
		{Name: "name", Doc: "The field's name.", Required: true, NonEmpty: true, Expression: true},
		existsAction,
	},
	Children: []policy.Child{{Spec: &policy.Spec{Name: "value", Doc: "A value.", Text: policy.ExpressionText}}},
}

var setHeader = &policy.Element{
	Spec:     setHeaderSpec,
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("set-header"),
	Compile:  compileSetHeader,
}

func compileSetHeader(n *policy.Node) policy.Step {
	edit := compileHeader(n)
	if edit == nil {
		return nil
	}
	if !n.Section.EditsRequest() {
		return func(x *policy.Run) error { return edit.response(x, x.Answer()) }
	}
	return edit.request
}

// fieldEdit is a compiled set-header or set-query-parameter.
type fieldEdit struct {
	name, action policy.Text
	values       []policy.Text
}

func compileFieldEdit(n *policy.Node) *fieldEdit {
	e := &fieldEdit{name: n.Text("name"), action: n.Text("exists-action")}
	for _, v := range n.Children("value") {
		e.values = append(e.values, v.TrimmedBody())
	}
	return e
}

func compileHeader(n *policy.Node) *fieldEdit {
	e := compileFieldEdit(n)
	if e.name.Expr == nil && !n.Open("name") && !message.ValidName(strings.TrimSpace(e.name.Const)) {
		n.AttrErrorf("name", policy.CodeAttrValue, "The value of the attribute 'name' of 'set-header' is not the name of a header field.")
		return nil
	}
	return e
}

// change is what an edit comes to for one request.
type change struct {
	name, action string
	values       []string
}

func (e *fieldEdit) eval(x *policy.Run) (c change, err error) {
	if c.name, err = e.name.Eval(x); err != nil {
		return c, err
	}
	if c.action, err = e.action.Eval(x); err != nil {
		return c, err
	}
	c.name, c.action = strings.TrimSpace(c.name), strings.ToLower(strings.TrimSpace(c.action))
	switch c.action {
	case "delete":
		return c, nil
	case "override", "skip", "append":
	default:
		return c, invalid("InvalidExistsAction", "%q is none of override, skip, append and delete.", c.action)
	}
	c.values = make([]string, len(e.values))
	for i := range e.values {
		if c.values[i], err = e.values[i].Eval(x); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (e *fieldEdit) request(x *policy.Run) error {
	c, err := e.eval(x)
	if err != nil {
		return err
	}
	if strings.EqualFold(c.name, "Host") {
		return c.host(x)
	}
	return c.apply(&x.Request.Header)
}

// host edits the Host field, which stands apart.
func (c change) host(x *policy.Run) error {
	switch {
	case c.action == "delete":
		x.Host = ""
		return nil
	case c.action == "skip" || len(c.values) == 0:
		return nil
	case len(c.values) > 1 || c.action == "append":
		return invalid("InvalidHeader", "A request has one Host.")
	}
	host := strings.TrimSpace(c.values[0])
	if _, _, err := message.SplitAuthority(host); err != nil {
		return invalid("InvalidHeader", "%q is not a host.", host)
	}
	x.Host, x.Request.Host = host, host
	return nil
}

// outgoing edits a request that a policy makes up; Host is a field like others there.
func (e *fieldEdit) outgoing(x *policy.Run, r *message.Request) error {
	c, err := e.eval(x)
	if err != nil {
		return err
	}
	if strings.EqualFold(c.name, "Host") && c.action != "delete" {
		if len(c.values) == 0 {
			return nil
		}
		if _, _, err := message.SplitAuthority(strings.TrimSpace(c.values[0])); err != nil || len(c.values) > 1 {
			return invalid("InvalidHeader", "%q is not a host.", strings.Join(c.values, ","))
		}
		c.action = "override"
	}
	return c.apply(&r.Header)
}

func (e *fieldEdit) response(x *policy.Run, r *message.Response) error {
	c, err := e.eval(x)
	if err != nil {
		return err
	}
	return c.apply(&r.Header)
}

// apply edits a header. The fields that belong to the connection, and Content-Length, are not a policy's to change.
func (c change) apply(h *message.Header) error {
	if !message.ValidName(c.name) {
		return invalid("InvalidHeader", "%q is not the name of a header field.", c.name)
	}
	if message.HopByHop(c.name) || strings.EqualFold(c.name, "Content-Length") {
		return nil
	}
	for i, v := range c.values {
		v = strings.Trim(v, " \t\r\n")
		if !message.ValidValue(v) {
			return invalid("InvalidHeader", "The value of the header field %s has characters that it cannot have.", c.name)
		}
		c.values[i] = v
	}
	switch c.action {
	case "delete":
		h.Del(c.name)
	case "skip":
		if !h.Has(c.name) {
			h.SetAll(c.name, joined(c.name, c.values)...)
		}
	case "append":
		h.SetAll(c.name, joined(c.name, append(h.ValueList(c.name), c.values...))...)
	default:
		h.SetAll(c.name, joined(c.name, c.values)...)
	}
	return nil
}

// separate are the fields whose values are not joined by commas (the policy's page lists them).
var separate = []string{
	"User-Agent", "WWW-Authenticate", "Proxy-Authenticate", "Cookie", "Set-Cookie", "Warning", "Date", "Expires",
	"If-Modified-Since", "If-Unmodified-Since", "Last-Modified", "Retry-After",
}

// joined are the values as fields: several become one, parted by commas, except where a comma would change them.
func joined(name string, values []string) []string {
	if len(values) < 2 {
		return values
	}
	for _, s := range separate {
		if strings.EqualFold(s, name) {
			return values
		}
	}
	return []string{strings.Join(values, ",")}
}
