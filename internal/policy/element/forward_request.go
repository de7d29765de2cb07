package element

import (
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/policy"
)

// defaultForwardTimeout is forward-request's documented default, in seconds.
const defaultForwardTimeout = "300"

var forwardRequest = &policy.Element{
	Spec: policy.Spec{
		Name: "forward-request",
		Doc:  "Sends the request to the backend and takes its response.",
		Attributes: []policy.Attribute{
			{Name: "timeout", Doc: "Seconds until the response's head.", Type: policy.Number, Max: 1 << 30, Expression: true, Default: defaultForwardTimeout},
			{Name: "timeout-ms", Doc: "The same in milliseconds.", Type: policy.Number, Max: 1 << 40, Expression: true},
			{Name: "continue-timeout", Doc: "Seconds to wait for 100 Continue.", Type: policy.Number, Max: 1 << 30, Expression: true},
			{Name: "http-version", Doc: "The version of HTTP to the backend.", Enum: []string{"1", "2", "2or1"}, Default: "1"},
			{Name: "follow-redirects", Doc: "Whether redirections are followed.", Type: policy.Boolean, Expression: true, Default: "false"},
			{Name: "buffer-request-body", Doc: "Keeps the request's body, so that it can be sent again.", Type: policy.Boolean, Default: "false"},
			{Name: "buffer-response", Doc: "Whether chunks of the response are gathered before they are passed on.", Type: policy.Boolean, Default: "true"},
			{Name: "fail-on-error-status-code", Doc: "Makes an error of a response of status 400 to 599.", Type: policy.Boolean, Default: "false"},
		},
	},
	Sections: policy.InBackend,
	Scopes:   policy.AllScopes,
	Source:   page("forward-request"),
	Compile:  compileForwardRequest,
}

// Forward is the step of <forward-request/>, which the default document of a service has.
func Forward() policy.Op {
	f := &forward{timeout: policy.Float{Const: 300}, version: "1", buffered: true}
	return policy.Op{Step: f.run, At: &policy.Place{
		Element: forwardRequest.Name, Section: policy.Backend, Path: forwardRequest.Name + "[1]", Document: "default", Line: 1,
	}}
}

type forward struct {
	// timeout is in seconds, or in milliseconds if millis is set.
	timeout       policy.Float
	millis        bool
	wait          policy.Float
	version       string
	follow        policy.Bool
	keep          bool
	buffered      bool
	failOnBadCode bool
}

func compileForwardRequest(n *policy.Node) policy.Step {
	f := &forward{
		timeout: n.Float("timeout"), wait: n.Float("continue-timeout"), version: strings.ToLower(n.Literal("http-version")),
		follow: n.Bool("follow-redirects"), keep: n.Bool("buffer-request-body").Const,
		buffered: n.Bool("buffer-response").Const, failOnBadCode: n.Bool("fail-on-error-status-code").Const,
	}
	if n.Has("timeout-ms") {
		if n.Has("timeout") {
			n.AttrErrorf("timeout-ms", policy.CodeConflict, "The attributes 'timeout' and 'timeout-ms' exclude each other.")
			return nil
		}
		f.timeout, f.millis = n.Float("timeout-ms"), true
	}
	return f.run
}

func (f *forward) run(x *policy.Run) error {
	o, err := f.options(x)
	if err != nil {
		return err
	}
	if f.keep {
		if _, err := x.Request.Body.Buffer(x.BodyLimit()); err != nil {
			return bodyFailure(err)
		}
	}
	if err := x.Request.Body.Rewind(); err != nil && !x.Request.Body.Empty() {
		return &policy.Failure{Reason: "RequestBodyNotBuffered", Err: err,
			Message: "The request's body has been sent already and was not kept; buffer-request-body keeps it."}
	}
	if x.Gateway == nil {
		return &policy.Failure{Reason: "BackendConnectionFailure", Message: "There is no gateway to forward the request."}
	}
	r, err := x.Gateway.Forward(x.Context(), x.Request, o)
	if err != nil {
		return err
	}
	x.Replace(r)
	if f.failOnBadCode && r.Status >= 400 {
		return &policy.Failure{Reason: "BackendErrorStatusCode", Status: r.Status,
			Message: "The backend answered with an error status.", Public: "The backend answered with an error status."}
	}
	return nil
}

func (f *forward) options(x *policy.Run) (o policy.ForwardOptions, err error) {
	unit := time.Second
	if f.millis {
		unit = time.Millisecond
	}
	if o.Timeout, err = duration(x, &f.timeout, unit); err != nil {
		return o, err
	}
	if o.ContinueTimeout, err = duration(x, &f.wait, time.Second); err != nil {
		return o, err
	}
	if o.FollowRedirects, err = f.follow.Eval(x); err != nil {
		return o, err
	}
	o.HTTPVersion, o.BufferResponse, o.Host = f.version, f.buffered, x.Host
	o.Certificate = x.Certificate
	return o, nil
}

// maxDuration bounds what an attribute can make of a number.
const maxDuration = 365 * 24 * time.Hour

// duration is a number of units as a time; less than nothing is an error.
func duration(x *policy.Run, f *policy.Float, unit time.Duration) (time.Duration, error) {
	n, err := f.Eval(x)
	if err != nil {
		return 0, err
	}
	if !(n >= 0) {
		return 0, invalid("InvalidDuration", "%v is not a duration.", n)
	}
	return time.Duration(min(n*float64(unit), float64(maxDuration))), nil
}

// bodyFailure says why a body could not be read.
func bodyFailure(err error) error {
	if fault.KindOf(err) == fault.TooLarge {
		return &policy.Failure{Reason: "RequestBodyTooLarge", Message: "The request's body is too large to be kept.",
			Status: 413, Public: "Request body is too large", Err: err}
	}
	return &policy.Failure{Reason: "ClientConnectionFailure", Message: "The request's body could not be read.", Err: err}
}
