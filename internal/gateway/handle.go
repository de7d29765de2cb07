package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/chain"
)

// statusPath is API Management's health probe (gateway-runtime, headers).
const statusPath = "/status-0123456789abcdef"

const notFound = "Resource not found"

// The failures that are found before any policy runs (gateway-runtime, predefined errors). The public texts are those
// of the default bodies, which differ from LastError's by a word.
var (
	operationNotFound = policy.Failure{
		Source: "configuration", Reason: "OperationNotFound", Status: 404, Public: notFound,
		Message: "Unable to match incoming request to an operation.",
	}
	keyNotFound = policy.Failure{
		Source: "authorization", Reason: "SubscriptionKeyNotFound", Status: 401,
		Message: "Access denied due to missing subscription key. Make sure to include subscription key when making requests to this API.",
		Public:  "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.",
	}
	keyInvalid = policy.Failure{
		Source: "authorization", Reason: "SubscriptionKeyInvalid", Status: 401,
		Message: "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.",
		Public:  "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.",
	}
)

// certificateMissing is the answer of a Consumption service that asks every caller for a certificate.
const certificateMissing = "Client certificate missing"

// forwardedInvalid is the answer to a certificate of a trusted proxy that cannot be read.
const forwardedInvalid = "The forwarded client certificate cannot be read."

// matched is what a request was matched to, for the access log.
type matched struct {
	path   string
	route  *apiRoute
	op     *opRoute
	status int
	// reason is why the request was refused before any policy ran; empty if it was not.
	reason string
	// held is the exchange with a forwarded certificate, nil for others.
	held *held
}

// release forgets an exchange with a forwarded certificate.
func (m *matched) release() {
	if m.held != nil {
		m.held.release()
	}
}

// The reasons for refusals that API Management has no word for.
const (
	reasonHostUnknown        = "HostUnknown"
	reasonHostMisdirected    = "HostMisdirected"
	reasonCertificateMissing = "ClientCertificateNotFound"
	reasonNoSnapshot         = "NoConfiguration"
	// reasonForwardedCertificate: a trusted proxy's field cannot be read.
	reasonForwardedCertificate = "ForwardedCertificateInvalid"
)

// handle answers one exchange; nothing that happens in it ends the process.
func (s *Server) handle(x *message.Exchange) {
	m := matched{path: x.Request.URL.Path}
	defer s.access(x, &m)
	defer s.recovered(x, &m)
	defer m.release()
	resp := s.answer(x, &m)
	m.status = resp.Status
	x.Notes.Message = s.masked(x, &m, x.Notes.Message)
	if fault := x.Notes.Fault; fault != nil {
		s.log.LogAttrs(x.Context, slog.LevelError, "panic in a policy", slog.String(logkey.RequestID, x.ID.String()), slog.Any(logkey.Error, fault))
	}
	if s.observer != nil {
		s.observe(x, &m)
	}
	if m.held != nil && resp.Upgrade != nil {
		m.held.switched(resp.Upgrade)
	}
	if err := x.Responder.Respond(resp); err != nil {
		s.log.LogAttrs(x.Context, slog.LevelDebug, "response not delivered", slog.String(logkey.RequestID, x.ID.String()), slog.Any(logkey.Error, err))
	}
}

// recovered answers for a panic: it is a defect of ours, logged with its stack, and one request's error.
func (s *Server) recovered(x *message.Exchange, m *matched) {
	v := recover()
	if v == nil {
		return
	}
	s.log.LogAttrs(context.WithoutCancel(x.Context), slog.LevelError, "panic while answering a request",
		slog.String(logkey.RequestID, x.ID.String()), slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
	m.status, m.reason = 500, policy.ReasonInternal
	if s.observer != nil {
		s.observe(x, m)
	}
	// Where the answer has begun already, the engine breaks it off.
	_ = x.Responder.Respond(message.InternalErrorResponse(x.ID))
}

// access writes the access log's record.
func (s *Server) access(x *message.Exchange, m *matched) {
	if !s.accessLog.Enabled(x.Context, slog.LevelInfo) {
		return
	}
	r := x.Request
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String(logkey.RequestID, x.ID.String()), slog.String(logkey.Method, r.Method), slog.String(logkey.Host, r.Host),
		slog.String(logkey.Path, m.path),
		slog.String("protocol", r.Proto), slog.Int(logkey.Status, m.status), slog.String(logkey.Remote, x.Conn.Remote.String()),
		slog.Duration(logkey.Duration, time.Since(x.Received)))
	if m.route != nil {
		attrs = append(attrs, slog.String("api", m.route.api.ID))
	}
	if m.op != nil {
		attrs = append(attrs, slog.String("operation", m.op.operation.ID))
	}
	attrs = append(attrs, decision(m, &x.Notes)...)
	if p := x.Peer(); p != nil && p.Leaf != nil {
		attrs = append(attrs, slog.String(logkey.Cert, p.Leaf.Thumbprint()))
	}
	s.accessLog.LogAttrs(context.WithoutCancel(x.Context), slog.LevelInfo, "request", attrs...)
}

// decision is why the request was refused, as far as it was.
func decision(m *matched, n *message.Notes) []slog.Attr {
	reason := m.reason
	if reason == "" {
		reason = n.Reason
	}
	verdict, paths := "", ""
	if n.Judged != nil {
		verdict = string(n.Judged.Reason)
	}
	if n.Judged != nil && n.Certificate != "" {
		paths = tried(n.Judged.Explanation.Paths)
	}
	var attrs []slog.Attr
	for _, a := range []struct{ key, value string }{{logkey.Reason, reason}, {logkey.Detail, n.Message}, {logkey.Policy, n.At},
		{logkey.VerdictReason, verdict}, {logkey.Verdict, n.Certificate}, {logkey.Paths, paths}} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	return attrs
}

// maxPathsLogged bounds the paths in one record; clients choose how many there are.
const maxPathsLogged = 8

// tried is every path of an explanation in one line.
func tried(paths []chain.PathReport) string {
	texts := make([]string, 0, maxPathsLogged+1)
	for i, p := range paths {
		if i == maxPathsLogged {
			texts = append(texts, fmt.Sprintf("and %d more", len(paths)-i))
			break
		}
		texts = append(texts, p.String())
	}
	return strings.Join(texts, " | ")
}

// answer finds the response to a request.
func (s *Server) answer(x *message.Exchange, m *matched) *message.Response {
	r := x.Request
	if r.URL.Path == statusPath && (r.Method == "GET" || r.Method == "HEAD") {
		return &message.Response{Status: 200, Body: message.NoBody()}
	}
	snap, no := s.enter(x, m)
	if no != nil {
		return no
	}
	r.URL.Path = cleanPath(r.URL.Path)
	dropPortalCookie(&r.Header)
	resp := snap.route(x, m)
	return s.afterBody(x, resp)
}

// enter gives the exchange the present snapshot, if that admits it. An exchange with a forwarded certificate is noted
// before it goes on, so that a swap's recheck finds it; a swap that came in between begins it anew.
func (s *Server) enter(x *message.Exchange, m *matched) (*Snapshot, *message.Response) {
	for ctx := x.Context; ; {
		snap := s.current.Load()
		if snap == nil {
			m.reason = reasonNoSnapshot
			return nil, message.ErrorResponse(503, "Service unavailable")
		}
		if no := snap.admit(x, m, &s.forwarded); no != nil {
			return nil, no
		}
		if x.Forwarded == nil || x.Forwarded.Peer == nil {
			return snap, nil
		}
		m.held = s.held.hold(x)
		if s.current.Load() == snap {
			return snap, nil
		}
		m.held.release()
		m.held, x.Forwarded, x.Context = nil, nil, ctx
	}
}

// admit judges the host, and the presence of a certificate where the service asks every caller for one.
func (s *Snapshot) admit(x *message.Exchange, m *matched, known *forwardedPeers) *message.Response {
	b := s.host(x.Request.URL.Host)
	if b == nil {
		m.reason = reasonHostUnknown
		return message.ErrorResponse(404, notFound)
	}
	t := x.Conn.TLS
	if t != nil && t.Hostname != b.name {
		m.reason = reasonHostMisdirected
		return message.ErrorResponse(421, "Misdirected Request")
	}
	if b.forwarding != nil {
		if err := b.forwarding.receive(x, s.judge, known); err != nil {
			m.reason, x.Notes.Message = reasonForwardedCertificate, err.Error()
			return message.ErrorResponse(400, forwardedInvalid)
		}
	}
	if s.service.EnableClientCertificate && s.service.Consumption() && x.Peer() == nil {
		m.reason = reasonCertificateMissing
		return message.ErrorResponse(401, certificateMissing)
	}
	return nil
}

// route matches the request and runs the pipeline.
func (s *Snapshot) route(x *message.Exchange, m *matched) *message.Response {
	r := x.Request
	if r.URL.Path == "" || r.URL.Path[0] != '/' {
		m.reason = operationNotFound.Reason // "OPTIONS *" concerns no API
		return message.ErrorResponse(404, notFound)
	}
	route, suffix := s.routes.find(r.URL.Path)
	var failure *policy.Failure
	var parameters map[string]string
	asked := ""
	switch {
	case route == nil, !route.speaks(x):
		failure = &operationNotFound
	default:
		m.route = route
		if m.op, parameters = route.match(r.Method, suffix, r.URL.Query); m.op == nil {
			failure = &operationNotFound
			if asked = preflight(r); asked != "" {
				m.op, parameters = route.match(asked, suffix, r.URL.Query)
			}
		} else {
			failure = route.keyFailure(x)
		}
	}
	if failure != nil && asked == "" { // whether a preflight fails is for the policies to say
		m.reason = failure.Reason
	}
	return s.run(x, m, suffix, parameters, failure, asked != "")
}

// speaks reports whether the API may be called by the request's protocol. An upgrade that the API does not speak is an
// ordinary request.
func (a *apiRoute) speaks(x *message.Exchange) bool {
	plain, upgraded := protoHTTP, protoWS
	if x.Request.URL.Scheme == "https" {
		plain, upgraded = protoHTTPS, protoWSS
	}
	if x.Request.Upgrade != "" {
		if a.protocols&upgraded != 0 {
			return true
		}
		x.Request.Upgrade = ""
	}
	return a.protocols&plain != 0
}

// keyFailure judges the subscription key. The query is looked at only if the header is absent. There are no
// subscriptions yet, so that no key is valid.
func (a *apiRoute) keyFailure(x *message.Exchange) *policy.Failure {
	key, given := x.Request.Header.Lookup(a.keyHeader)
	if !given {
		key, given = queryValue(x.Request.URL.Query, a.keyQuery)
	}
	failure := keyInvalid
	switch {
	case given && key != "":
	case a.api.SubscriptionRequired:
		failure = keyNotFound
	default:
		return nil
	}
	realm := x.Request.URL.Scheme + "://" + x.Request.Host + "/" + strings.Trim(a.api.Path, "/")
	failure.Header.Add("WWW-Authenticate", `AzureApiManagementKey realm="`+realm+`",name="`+a.keyHeader+`",type="header"`)
	return &failure
}

// run executes the narrowest pipeline there is; with a failure, its on-error section; for a preflight, its cors policies first.
func (s *Snapshot) run(x *message.Exchange, m *matched, suffix string, parameters map[string]string, failure *policy.Failure, preflight bool) *message.Response {
	in := policy.Invocation{
		Exchange: x, ID: x.ID, Route: policy.Route{Parameters: parameters}, Deployment: s.deployment, Suffix: suffix,
		MaxBodyBytes: s.options.MaxBodyBytes, Failed: failure,
	}
	if preflight {
		in.Preflight = policy.PreflightAsked
	}
	to := &forwarder{snapshot: s, exchange: x, arrived: x.Request.URL}
	in.Gateway = to
	pipeline := s.global
	if route := m.route; route != nil {
		to.based = route.base.Scheme != ""
		in.Route.API, in.Base, pipeline = route.api, route.base, route.pipeline
		if x.Request.Upgrade != "" && in.Base.Scheme != "" {
			in.Base.Scheme = webSocketScheme(in.Base.Scheme)
		}
	}
	if m.op != nil {
		in.Route.Operation, pipeline = m.op.operation, m.op.pipeline
	}
	if s.options.NewTracer != nil {
		in.Tracer = s.options.NewTracer(x)
	}
	if pipeline == nil {
		return withoutPipeline(x, failure)
	}
	if resp := pipeline.Execute(in); resp != nil && resp.Body != nil {
		return resp
	}
	return message.InternalErrorResponse(x.ID)
}

func webSocketScheme(scheme string) string {
	switch scheme {
	case "http":
		return "ws"
	case "https":
		return "wss"
	}
	return scheme
}

// withoutPipeline is the default answer where no policies are.
func withoutPipeline(x *message.Exchange, failure *policy.Failure) *message.Response {
	if failure == nil {
		return message.InternalErrorResponse(x.ID)
	}
	resp := message.ErrorResponse(failure.Status, failure.Public)
	for _, f := range failure.Header {
		resp.Header.Add(f.Name, f.Value)
	}
	return resp
}

// afterBody answers for the client where reading its body failed and the pipeline knew nothing better than 500.
func (s *Server) afterBody(x *message.Exchange, resp *message.Response) *message.Response {
	err := x.Request.Body.Err()
	if err == nil || resp.Status != 500 {
		return resp
	}
	status, text := 400, "The request body could not be read."
	switch {
	case errors.Is(err, message.ErrBodyTimeout):
		status, text = 408, "The request was not received in time."
	case isTooLarge(err):
		status, text = 413, "The request body is too large."
	}
	_ = resp.Body.Close()
	return message.ErrorResponse(status, text)
}
