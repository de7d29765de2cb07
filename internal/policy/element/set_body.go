package element

import (
	"strings"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

var setBodySpec = policy.Spec{
	Name: "set-body",
	Doc:  "Replaces the body: of the request in inbound and backend, of the response elsewhere.",
	Attributes: []policy.Attribute{
		{Name: "template", Doc: "The text is a template of this language; `body` and `context` are its variables.", Enum: []string{"liquid", "none"}, Default: "none"},
		{Name: "xsi-nil", Doc: "What a template makes of XML elements that are nil: the empty text, or null.", Enum: []string{"blank", "null"}, Default: "blank"},
		{Name: "parse-date", Doc: "Whether a template reads texts that look like dates as dates.", Type: policy.Boolean, Default: "true"},
	},
	Text: policy.AnyText,
}

var setBody = &policy.Element{
	Spec:     setBodySpec,
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("set-body"),
	Compile:  compileSetBody,
}

func compileSetBody(n *policy.Node) policy.Step {
	content := compileContent(n)
	if content == nil {
		return nil
	}
	if !n.Section.EditsRequest() {
		return func(x *policy.Run) error { return content.response(x, x.Answer()) }
	}
	return content.request
}

// content is a compiled set-body.
type content struct {
	text  policy.Text
	fixed []byte
	// liquid, if not nil, is the template that the text is.
	liquid *liquidBody
}

func compileContent(n *policy.Node) *content {
	if strings.EqualFold(n.Literal("template"), "liquid") {
		if t := compileLiquid(n); t != nil {
			return &content{liquid: t}
		}
		return nil
	}
	c := &content{text: n.Body()}
	if c.text.Expr == nil {
		c.fixed = []byte(c.text.Const)
	}
	return c
}

func (c *content) bytes(x *policy.Run) ([]byte, error) {
	if c.liquid != nil {
		return c.liquid.render(x)
	}
	if c.text.Expr == nil {
		return c.fixed, nil
	}
	return c.text.Expr.Bytes(x)
}

// request replaces the request's body. A GET or HEAD has none to replace (API Management throws).
func (c *content) request(x *policy.Run) error {
	b, err := c.bytes(x)
	if err != nil {
		return err
	}
	if m := x.Request.Method; (m == "GET" || m == "HEAD") && x.Request.Body.Empty() && x.Request.Body.State() != message.Consumed {
		return invalid("MessageBodyMissing", "A %s request has no body that could be set; use set-method first.", m)
	}
	x.Request.Body.Replace(b)
	return nil
}

// outgoing sets the body of a request that a policy makes up.
func (c *content) outgoing(x *policy.Run, r *message.Request) error {
	b, err := c.bytes(x)
	if err != nil {
		return err
	}
	r.Body.Replace(b)
	return nil
}

func (c *content) response(x *policy.Run, r *message.Response) error {
	b, err := c.bytes(x)
	if err != nil {
		return err
	}
	if r.Body != nil {
		_ = r.Body.Close()
	}
	r.Body, r.Trailer = message.NewBytesBody(b), nil
	return nil
}
