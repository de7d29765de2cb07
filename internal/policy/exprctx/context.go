package exprctx

import (
	"time"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/policy"
)

// Context is the object "context" of one request, and all that the language keeps for it.
type Context struct {
	run    *policy.Run
	thread types.Thread

	request Request
	// response is the object of the response there is now: first, or one made for a response that came later, so that
	// what a variable holds stays what it was.
	response  *Response
	first     Response
	original  URL
	variables Variables
	lastError LastError
	requestID any
	api       *API
	operation *Operation
	// literalHeaders tells that the headers are shown as they are: a scenario's.
	literalHeaders bool
}

// contextOf is the run's context, made or fetched.
func contextOf(x *policy.Run) *Context {
	c, ok := x.Expressions.(*Context)
	if !ok {
		c = &Context{}
		x.Expressions = c
	}
	if c.run != x {
		c.begin(x)
	}
	return c
}

func (c *Context) begin(x *policy.Run) {
	c.run = x
	c.request.c, c.variables.run = c, x
	c.request.url.of, c.original.of = &x.Request.URL, &x.Original
	c.thread.U = Universe()
	c.thread.Context = x.Exchange.Context
	c.thread.Now = x.Clock
	c.thread.Host = c
	if len(c.thread.Globals) == 0 {
		c.thread.Globals = []types.Value{types.Ref(c)}
	}
}

// Reset forgets the request, for the next one to use the memory. Strings that most requests share are kept: the method, the
// scheme and the host.
func (c *Context) Reset() {
	method, scheme, host := c.request.method, c.request.url.scheme, c.request.url.host
	*c = Context{thread: types.Thread{Globals: c.thread.Globals, Stack: c.thread.Stack, Exec: c.thread.Exec}}
	c.thread.Globals = c.thread.Globals[:1]
	c.request.method, c.request.url.scheme, c.request.url.host = method, scheme, host
}

// ClrType is IExpressionContext.
func (c *Context) ClrType() *types.Type { return known.context }

func contextDecls() []*types.Decl {
	return []*types.Decl{
		types.T("interface IExpressionContext",
			types.M("IApi Api { get; }", get((*Context).apiObject)),
			types.M("IBackend Backend { get; }", get(func(c *Context) *Backend { return backendObject(c.run.Caller.Backend) })),
			types.M("IDeployment Deployment { get; }", types.Impl{F0: deploymentObject}),
			types.M("System.TimeSpan Elapsed { get; }", get((*Context).elapsed)),
			types.M("IGraphQL GraphQL { get; }", nothing),
			types.M("ILastError LastError { get; }", get((*Context).lastErrorObject)),
			types.M("IOperation Operation { get; }", get((*Context).operationObject)),
			types.M("IProduct Product { get; }", get(func(c *Context) *Product { return productObject(c.run.Caller.Product) })),
			types.M("IRequest Request { get; }", types.Impl{F0: requestOf}),
			types.M("System.Guid RequestId { get; }", get((*Context).guid)),
			types.M("IResponse Response { get; }", get((*Context).responseObject)),
			types.M("ISubscription Subscription { get; }", get(func(c *Context) *Subscription { return subscriptionObject(c.run.Caller.Subscription) })),
			types.M("System.DateTime Timestamp { get; }", get(func(c *Context) types.DateTime { return dateTime(c.run.Started) })),
			types.M("bool Tracing { get; }", get(func(c *Context) bool { return c.run.Tracing() })),
			types.M("IUser User { get; }", get(func(c *Context) *User { return userObject(c.run.Caller.User) })),
			types.M("IVariables Variables { get; }", get(func(c *Context) *Variables { return &c.variables })),
			types.M("IWorkspace Workspace { get; }", get(func(c *Context) *Named { return namedObject(c.run.Caller.Workspace, known.workspace) })),
			types.M("void Trace(string message)", types.I1((*Context).trace)),
		),
		types.T("interface ILastError",
			types.M("string Source { get; }", get(func(e *LastError) *types.String { return e.source.of(e.of.Source) })),
			types.M("string Reason { get; }", get(func(e *LastError) *types.String { return e.reason.of(e.of.Reason) })),
			types.M("string Message { get; }", get(func(e *LastError) *types.String { return e.message.of(e.of.Message) })),
			types.M("string Scope { get; }", get(func(e *LastError) *types.String { return e.scope.of(e.of.Scope) })),
			types.M("string Section { get; }", get(func(e *LastError) *types.String { return e.section.of(e.of.Section) })),
			types.M("string Path { get; }", get(func(e *LastError) *types.String { return e.path.of(e.of.Path) })),
			types.M("string PolicyId { get; }", get(func(e *LastError) *types.String { return e.policyID.of(e.of.PolicyID) })),
			types.M("int HttpErrorCode { get; }", get(func(e *LastError) int32 { return int32(e.of.Status) })),
		),
	}
}

// requestOf is context.Request, which nearly every expression reads: without the steps that get puts in between.
func requestOf(_ *types.Thread, this types.Value) types.Value {
	c, ok := this.Ref.(*Context)
	if !ok {
		types.ThrowNullReference()
	}
	return types.Value{Ref: &c.request}
}

// deploymentObject is context.Deployment; as requestOf.
func deploymentObject(_ *types.Thread, this types.Value) types.Value {
	c, ok := this.Ref.(*Context)
	if !ok {
		types.ThrowNullReference()
	}
	if d := deploymentOf(c.run.Deployment); d != nil {
		return types.Value{Ref: d}
	}
	return types.Null
}

// LastError is context.LastError.
type LastError struct {
	of                                                      *policy.LastError
	source, reason, message, scope, section, path, policyID lazyText
}

// ClrType is ILastError.
func (e *LastError) ClrType() *types.Type { return known.lastError }

func (c *Context) lastErrorObject() *LastError {
	if c.run.LastError == nil {
		return nil
	}
	c.lastError.of = c.run.LastError
	return &c.lastError
}

func (c *Context) responseObject() *Response {
	if c.run.Response == nil {
		return nil
	}
	switch {
	case c.response != nil && c.response.of == c.run.Response:
	case c.response == nil:
		c.first = Response{c: c, of: c.run.Response}
		c.response = &c.first
	default:
		c.response = &Response{c: c, of: c.run.Response}
	}
	return c.response
}

func (c *Context) guid() types.Value {
	if c.requestID == nil {
		c.requestID = types.Guid(c.run.ID)
	}
	return types.Value{Ref: c.requestID}
}

func (c *Context) elapsed() types.TimeSpan {
	return types.TimeSpan(max(0, c.run.Now().Sub(c.run.Started)) / 100)
}

func (c *Context) trace(message *types.String) struct{} {
	if message != nil {
		c.run.Trace("context.Trace", "verbose", message.Go())
	}
	return struct{}{}
}

// ticksAtUnixEpoch are the ticks of .NET from year 1 to 1970.
const ticksAtUnixEpoch = 621355968000000000

// dateTime is an instant as a DateTime in UTC.
func dateTime(at time.Time) types.DateTime {
	ticks := ticksAtUnixEpoch + at.Unix()*10_000_000 + int64(at.Nanosecond()/100)
	return types.DateTime(uint64(max(ticks, 0)) | 1<<62)
}

// optionalDate is a DateTime?, null for the zero time.
func optionalDate(at time.Time) types.Value {
	if at.IsZero() {
		return types.Null
	}
	return types.Some(types.DateTimeType, types.Uint(uint64(dateTime(at))))
}
