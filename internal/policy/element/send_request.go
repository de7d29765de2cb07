package element

import (
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// defaultSendTimeout is send-request's documented default, in seconds.
const defaultSendTimeout = "60"

// The values of send-request's mode.
const (
	modeNew  = "new"
	modeCopy = "copy"
)

// sendAttributes are those that both elements have.
var (
	sendMode = policy.Attribute{Name: "mode", Doc: "Whether the request begins empty, or as a copy of the present request's URL, method, header and body.",
		Enum: []string{modeNew, modeCopy}, Expression: true, Default: modeNew}
	sendTimeout = policy.Attribute{Name: "timeout", Doc: "Seconds until the response is there whole.", Type: policy.Number, Max: 1 << 30, Expression: true, Default: defaultSendTimeout}
)

var setURLSpec = policy.Spec{Name: "set-url", Doc: "The URL; needed where mode is new.", Text: policy.ExpressionText}

// sendChildren are the elements of a request that a policy makes up.
var sendChildren = []policy.Child{
	{Max: 1, Spec: &setURLSpec},
	{Max: 1, Spec: &policy.Spec{Name: "set-method", Doc: "The method; needed where mode is new.", Text: policy.LiteralText}},
	{Spec: &setHeaderSpec},
	{Max: 1, Spec: &setBodySpec},
	{Max: 1, Spec: &authenticationCertificateSpec},
	{Max: 1, Spec: &authenticationManagedIdentitySpec},
	{Max: 1, Spec: &authenticationBasicSpec},
	{Max: 1, Spec: &proxySpec},
}

var proxySpec = policy.Spec{
	Name: "proxy",
	Doc:  "A proxy; not supported yet.",
	Attributes: []policy.Attribute{
		{Name: "url", Doc: "The proxy's URL.", Expression: true},
		{Name: "username", Doc: "The user name.", Expression: true},
		{Name: "password", Doc: "The password.", Expression: true},
	},
}

var sendRequest = &policy.Element{
	Spec: policy.Spec{
		Name: "send-request",
		Doc:  "Sends a request of its own and takes the response into a variable.",
		Attributes: []policy.Attribute{
			sendMode,
			{Name: "response-variable-name", Doc: "The variable that takes the response, an IResponse.", Required: true, NonEmpty: true, Expression: true},
			sendTimeout,
			{Name: "ignore-error", Doc: "Goes on where the request fails; the variable is then null.", Type: policy.Boolean, Default: "false"},
		},
		Children: sendChildren,
	},
	Sections: policy.AllSections,
	Scopes:   policy.AllScopes,
	Source:   page("send-request"),
	Compile:  compileSendRequest,
}

func compileSendRequest(n *policy.Node) policy.Step {
	o := compileOutgoing(n)
	if o == nil {
		return nil
	}
	variable, ignore, hold := n.Text("response-variable-name"), n.Bool("ignore-error").Const, n.ResponseObject()
	return func(x *policy.Run) error {
		name, err := variable.Eval(x)
		if err != nil {
			return err
		}
		if name = strings.TrimSpace(name); name == "" {
			return invalid("InvalidVariableName", "The attribute 'response-variable-name' gave no name.")
		}
		r, options, err := o.build(x)
		if err != nil {
			return err
		}
		resp, err := o.send(x, r, options)
		switch {
		case err == nil:
			x.Variables.Set(name, hold(resp))
		case ignore && x.Context().Err() == nil:
			x.Trace(n.Name, "error", "The request failed, which is ignored. "+failureText(err))
			x.Variables.Set(name, nil)
		default:
			return err
		}
		return nil
	}
}

// failureText is an error as the trace may show it.
func failureText(err error) string {
	if f, ok := err.(*policy.Failure); ok {
		return f.Error()
	}
	return err.Error()
}

// outgoing is a compiled request of a policy.
type outgoing struct {
	name         string
	mode         policy.Text
	timeout      policy.Float
	url, method  policy.Text
	edits        []requestEdit
	authenticate []requestEdit
	certificate  *clientCertificate
}

// requestEdit changes a request that a policy makes up.
type requestEdit func(x *policy.Run, r *message.Request) error

// compileOutgoing is nil where it has reported what is wrong.
func compileOutgoing(n *policy.Node) *outgoing {
	o := &outgoing{name: n.Name, mode: n.Text("mode"), timeout: n.Float("timeout")}
	fine := true
	for _, child := range n.Children() {
		fine = o.child(child) && fine
	}
	fine = o.complete(n) && fine
	if !fine {
		return nil
	}
	return o
}

// child takes one element of the request; false if it has reported it as wrong.
func (o *outgoing) child(n *policy.Node) bool {
	switch n.Name {
	case "set-url":
		return o.setURL(n)
	case "set-method":
		if o.method = n.TrimmedBody(); !n.OpenText() && !message.ValidName(o.method.Const) {
			n.Errorf(policy.CodeText, "The text of 'set-method' is a method such as POST.")
			return false
		}
		o.method.Set = true
	case setHeaderSpec.Name:
		e := compileHeader(n)
		if e == nil {
			return false
		}
		o.edits = append(o.edits, e.outgoing)
	case setBodySpec.Name:
		c := compileContent(n)
		if c == nil {
			return false
		}
		o.edits = append(o.edits, c.outgoing)
	case authenticationCertificateSpec.Name:
		o.certificate = compileClientCertificate(n)
		return o.certificate != nil
	case authenticationManagedIdentitySpec.Name:
		m := compileManagedIdentity(n)
		o.authenticate = append(o.authenticate, func(x *policy.Run, r *message.Request) error { return m.authenticate(x, &r.Header) })
	case authenticationBasicSpec.Name:
		b := compileBasic(n)
		o.edits = append(o.edits, func(x *policy.Run, r *message.Request) error { return b.authenticate(x, &r.Header) })
	default:
		n.Errorf(policy.CodeUnsupported, "The element '%s' in '%s' is not supported yet.", n.Name, o.name)
		return false
	}
	return true
}

func (o *outgoing) setURL(n *policy.Node) bool {
	o.url = n.TrimmedBody()
	o.url.Set = true
	if o.url.Expr != nil || n.OpenText() {
		return true
	}
	if _, err := outgoingURL(o.url.Const); err != nil {
		n.Errorf(policy.CodeText, "The text of 'set-url': %s.", err.Error())
		return false
	}
	return true
}

// complete checks that a new request has what it needs.
func (o *outgoing) complete(n *policy.Node) bool {
	if o.mode.Expr != nil || n.Open("mode") || strings.EqualFold(strings.TrimSpace(o.mode.Const), modeCopy) {
		return true
	}
	fine := true
	for _, need := range []struct {
		name string
		has  bool
	}{{"set-url", o.url.Set}, {"set-method", o.method.Set}} {
		if !need.has {
			n.Errorf(policy.CodeMissingChild, "The element '%s' needs an element '%s', since mode is not copy.", n.Name, need.name)
			fine = false
		}
	}
	return fine
}

// outgoingURL reads a URL of http or https. A fragment is for the reader of the response and not sent (RFC 9110 section
// 4.2.5); blanks are escaped, as .NET's Uri does.
func outgoingURL(s string) (message.URL, error) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "#")
	u, err := message.ParseURL(s)
	if err == nil {
		return u, nil
	}
	if u, again := message.ParseURL(escapeURL(s)); again == nil {
		return u, nil
	}
	return u, err
}

// build makes the request, but for what has to be asked of others.
func (o *outgoing) build(x *policy.Run) (*message.Request, policy.SendOptions, error) {
	var options policy.SendOptions
	var err error
	if options.Timeout, err = duration(x, &o.timeout, time.Second); err != nil {
		return nil, options, err
	}
	mode, err := o.mode.Eval(x)
	if err != nil {
		return nil, options, err
	}
	r := &message.Request{Proto: "HTTP/1.1", Body: message.NoBody()}
	switch mode = strings.ToLower(strings.TrimSpace(mode)); mode {
	case modeNew:
	case modeCopy:
		if err := o.copy(x, r); err != nil {
			return nil, options, err
		}
	default:
		return nil, options, invalid("InvalidMode", "%q is none of new and copy.", mode)
	}
	if err := o.target(x, r, mode); err != nil {
		return nil, options, err
	}
	for _, edit := range o.edits {
		if err := edit(x, r); err != nil {
			return nil, options, err
		}
	}
	return r, options, nil
}

// target sets URL and method.
func (o *outgoing) target(x *policy.Run, r *message.Request, mode string) error {
	if o.method.Set {
		r.Method = o.method.Const
	}
	switch {
	case o.url.Set:
		s, err := o.url.Eval(x)
		if err != nil {
			return err
		}
		u, err := outgoingURL(s)
		if err != nil {
			return invalid("InvalidUrl", "The text of 'set-url': %s.", err.Error())
		}
		r.URL, r.Host = u, u.Authority()
	case mode == modeNew:
		return invalid("InvalidUrl", "The element '%s' needs an element 'set-url', since mode is not copy.", o.name)
	case x.Base.Scheme == "" && r.URL.Authority() == x.Original.Authority():
		// Without a backend the request's URL is still the gateway's own: the copy would come back here.
		return &policy.Failure{Reason: policy.ReasonBackendConnection, Message: "The API has no backend URL to send a copy of the request to; 'set-url' names one."}
	}
	if r.Method == "" {
		return invalid("InvalidMethod", "The element '%s' needs an element 'set-method', since mode is not copy.", o.name)
	}
	return nil
}

// copy begins with the present request. In outbound its body is not copied, and it cannot be once it has been sent on
// without being kept.
func (o *outgoing) copy(x *policy.Run, r *message.Request) error {
	r.Method, r.URL, r.Header = x.Request.Method, x.Request.URL, x.Request.Header.Clone()
	switch r.URL.Scheme {
	case "ws":
		r.URL.Scheme = "http"
	case "wss":
		r.URL.Scheme = "https"
	}
	r.Host = r.URL.Authority()
	if x.Response != nil || x.Request.Body.State() == message.Streaming {
		return nil
	}
	b, err := x.Request.Body.Buffer(x.BodyLimit())
	if err != nil {
		return bodyFailure(err)
	}
	r.Body = message.NewBytesBody(b)
	return nil
}

// send proves who we are, and sends.
func (o *outgoing) send(x *policy.Run, r *message.Request, options policy.SendOptions) (*message.Response, error) {
	if err := o.prove(x, r, &options); err != nil {
		return nil, err
	}
	resp, err := x.Send(r, options)
	if err == nil && x.Tracing() {
		x.Trace(o.name, "verbose", told(r)+" was answered with "+strconv.Itoa(resp.Status))
	}
	return resp, err
}

// prove adds the client certificate and the access token.
func (o *outgoing) prove(x *policy.Run, r *message.Request, options *policy.SendOptions) (err error) {
	if o.certificate != nil {
		if options.Certificate, err = o.certificate.eval(x); err != nil {
			return err
		}
	}
	for _, authenticate := range o.authenticate {
		if err := authenticate(x, r); err != nil {
			return err
		}
	}
	return nil
}

// told is a request as a trace may show it: without path and query, which may have secrets.
func told(r *message.Request) string {
	return r.Method + " " + r.URL.Scheme + "://" + r.URL.Authority()
}
