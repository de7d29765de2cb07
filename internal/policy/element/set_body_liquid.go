package element

import (
	"mime"
	"slices"
	"sort"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/liquid"
)

// liquidBody is a set-body that is a template.
type liquidBody struct {
	template *liquid.Template
	// null is xsi-nil="null", dates parse-date.
	null  bool
	dates policy.Bool
	// body and context tell that the template names these variables.
	body, context bool
	// response tells that the body is the response's.
	response bool
	// unbound leaves the body null, as in return-response.
	unbound bool
}

// compileLiquid reads the template; nil where it has an error, which is reported.
func compileLiquid(n *policy.Node) *liquidBody {
	n.Liquid()
	text, origin := n.Body().Const, func(i int) int { return i }
	if n.BodyIsMarkup() {
		text, origin = decodeTags(text)
	}
	t, err := liquid.Compile(text)
	if err != nil {
		e := err.(*liquid.Error)
		n.BodyErrorf(origin(e.Offset), policy.CodeText, "The Liquid template: %s", sentence(e.Message))
		return nil
	}
	for _, r := range t.Remarks() {
		if r.Fatal {
			n.BodyErrorf(origin(r.Offset), policy.CodeUnsupported, "The Liquid template: %s", r.Message)
		} else {
			n.BodyWarnf(origin(r.Offset), policy.CodeText, "The Liquid template: %s", r.Message)
		}
	}
	return &liquidBody{
		template: t,
		null:     strings.EqualFold(n.Literal("xsi-nil"), "null"),
		dates:    n.Bool("parse-date"),
		body:     strings.Contains(text, "body"), context: strings.Contains(text, "context"),
		response: !n.Section.EditsRequest(),
	}
}

// unbind takes the body away from a template: return-response shows it none.
func (c *content) unbind() {
	if c.liquid != nil {
		c.liquid.unbound = true
	}
}

// sentence is a message with a full stop.
func sentence(s string) string {
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

var xmlEntities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&amp;", "&")

// decodeTags decodes the entities inside of {{ }} and {% %} of a template that has elements, whose own text stays as it is. origin gives
// the place in text of a place in the result.
func decodeTags(text string) (out string, origin func(int) int) {
	type cut struct{ out, shift int }
	var cuts []cut
	var b strings.Builder
	unclosed := map[string]bool{} // ends that do not come any more
	rest := text
	for {
		start := strings.IndexByte(rest, '{')
		if start < 0 || start+1 >= len(rest) {
			break
		}
		end, closing := -1, map[byte]string{'{': "}}", '%': "%}"}[rest[start+1]]
		if closing != "" && !unclosed[closing] {
			end = strings.Index(rest[start+2:], closing)
			unclosed[closing] = end < 0
		}
		if end < 0 {
			b.WriteString(rest[:start+1])
			rest = rest[start+1:]
			continue
		}
		b.WriteString(rest[:start])
		end += start + 4
		b.WriteString(xmlEntities.Replace(rest[start:end]))
		rest = rest[end:]
		cuts = append(cuts, cut{b.Len(), len(text) - len(rest) - b.Len()})
	}
	b.WriteString(rest)
	return b.String(), func(i int) int {
		k := sort.Search(len(cuts), func(k int) bool { return cuts[k].out > i })
		if k == 0 {
			return i
		}
		return i + cuts[k-1].shift
	}
}

// render renders the template; its failure goes to on-error.
func (l *liquidBody) render(x *policy.Run) ([]byte, error) {
	o := liquid.Options{OutputBytes: x.BodyLimit(), Context: x.Context(), Now: x.Clock}
	globals := liquid.NewHash()
	if l.body {
		body, err := l.message(x)
		if err != nil {
			return nil, err
		}
		globals.Set("body", body)
	}
	if l.context {
		if err := liquid.Guard(func() { globals.Set("context", liquidContext(x, o.Thread())) }); err != nil {
			return nil, liquidFailure(err)
		}
	}
	text, err := l.template.Render(globals, o)
	if err != nil {
		return nil, liquidFailure(err)
	}
	return []byte(text), nil
}

func liquidFailure(err error) error {
	return &policy.Failure{Reason: "LiquidTemplateFailure", Message: "The Liquid template of set-body failed: " + err.Error(), Err: err}
}

// message is the variable body: the JSON or XML of the message, null for one of another type or without a body.
func (l *liquidBody) message(x *policy.Run) (liquid.Value, error) {
	body, header := x.Request.Body, x.Request.Header
	if l.response {
		body, header = x.Answer().Body, x.Answer().Header
	}
	if l.unbound || body == nil || body.Empty() || body.State() == message.Consumed {
		return nil, nil
	}
	isJSON, isXML := bodyKind(header.Get("Content-Type"))
	if !isJSON && !isXML {
		return nil, nil
	}
	data, err := body.Buffer(x.BodyLimit())
	if err != nil {
		return nil, bodyFailure(err)
	}
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	if len(data) == 0 {
		return nil, nil
	}
	var v liquid.Value
	if isXML {
		v, err = liquid.XML(data, l.null)
	} else {
		var dates bool
		if dates, err = l.dates.Eval(x); err == nil {
			v, err = liquid.JSON(string(data), dates)
		}
	}
	if err != nil {
		return nil, &policy.Failure{Reason: "LiquidTemplateFailure", Message: "The body cannot be read for the Liquid template of set-body: " + err.Error(), Err: err}
	}
	return v, nil
}

// bodyKind tells what a Content-Type means to a template.
func bodyKind(contentType string) (isJSON, isXML bool) {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		t, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		t = strings.TrimSpace(t)
	}
	switch {
	case t == "application/json", t == "text/json", strings.HasSuffix(t, "+json"):
		return true, false
	case t == "application/xml", t == "text/xml", strings.HasSuffix(t, "+xml"):
		return false, true
	}
	return false, false
}

// liquidContext is the variable context: the members that templates of API Management see, and the policies' variables.
func liquidContext(x *policy.Run, t *types.Thread) liquid.Value {
	request := liquid.NewHash()
	request.Set("Url", liquidURL(&x.Request.URL)).Set("Method", liquidText(x.Request.Method))
	request.Set("OriginalMethod", liquidText(x.Request.Method)).Set("OriginalUrl", liquidURL(&x.Original))
	address := ""
	if c := x.Exchange.Conn; c != nil && c.Remote.IsValid() {
		address = c.Remote.Addr().Unmap().String()
	}
	request.Set("IpAddress", liquidText(address)).Set("MatchedParameters", liquidStrings(x.Route.Parameters))
	request.Set("HasBody", !x.Request.Body.Empty()).Set("Headers", liquidHeaders(x.Request.Header, x.Request.Host))
	request.Set("ClientCertificates", liquidCertificates(x))
	variables := liquid.NewHash()
	for _, v := range x.Variables.All() {
		variables.Set(v.Name, liquid.FromObject(t, v.Value))
	}
	c := liquid.NewHash().Set("Request", request).Set("Variables", variables).Set("RequestId", liquidText(x.ID.String()))
	if r := x.Response; r != nil {
		c.Set("Response", liquid.NewHash().Set("StatusCode", int32(r.Status)).Set("Method", liquidText(x.Request.Method)).
			Set("Headers", liquidHeaders(r.Header, "")))
	}
	if e := x.LastError; e != nil {
		c.Set("LastError", liquid.NewHash().Set("Source", liquidText(e.Source)).Set("Reason", liquidText(e.Reason)).Set("Message", liquidText(e.Message)).
			Set("Scope", liquidText(e.Scope)).Set("Section", liquidText(e.Section)).Set("Path", liquidText(e.Path)).Set("PolicyId", liquidText(e.PolicyID)))
	}
	return c
}

func liquidText(s string) *types.String { return types.NewString(s) }

func liquidURL(u *message.URL) *liquid.Hash {
	query, whole := liquid.NewFoldedHash(), u.Query
	for part := range strings.SplitSeq(u.Query, "&") {
		if name, value, _ := strings.Cut(part, "="); name != "" {
			query.Set(name, liquid.NewList(liquidText(value)))
		}
	}
	if whole != "" {
		whole = "?" + whole
	}
	return liquid.NewHash().Set("Scheme", liquidText(u.Scheme)).Set("Host", liquidText(u.Host)).Set("Port", int32(u.Port)).Set("Path", liquidText(u.Path)).
		Set("Query", query).Set("QueryString", liquidText(whole)).Set("ToUri", liquidText(u.String())).Set("ToString", liquidText(u.String()))
}

func liquidStrings(m map[string]string) *liquid.Hash {
	h := liquid.NewHash()
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h.Set(name, liquidText(m[name]))
	}
	return h
}

func liquidHeaders(header message.Header, host string) *liquid.Hash {
	h := liquid.NewFoldedHash()
	if host != "" {
		h.Set("Host", liquid.NewList(liquidText(host)))
	}
	for name, value := range header.All() {
		old, _ := h.Get(name)
		if l, ok := old.(*liquid.List); ok {
			l.Items = append(l.Items, liquidText(value))
			continue
		}
		h.Set(name, liquid.NewList(liquidText(value)))
	}
	return h
}

// liquidCertificates are the client's certificate, if it sent one: a list, as context.Request.ClientCertificates is one.
func liquidCertificates(x *policy.Run) *liquid.List {
	p := x.Peer()
	if p == nil || p.Leaf == nil {
		return liquid.NewList()
	}
	c := p.Leaf
	return liquid.NewList(liquid.NewHash().Set("Thumbprint", liquidText(c.Thumbprint())).Set("Subject", liquidText(c.SubjectName())).
		Set("Issuer", liquidText(c.IssuerName())).Set("SerialNumber", liquidText(c.SerialNumber())))
}
