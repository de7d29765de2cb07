package exprctx

import (
	"net/http"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

func messageDecls() []*types.Decl {
	return []*types.Decl{
		types.T("interface IRequest",
			types.M("IMessageBody Body { get; }", get((*Request).bodyObject)),
			types.M(x509+" Certificate { get; }", types.Impl{F0: certificateOf}),
			types.M("IAzureVnetInfo AzureVnetInfo { get; }", nothing),
			types.M("IFoundry Foundry { get; }", nothing),
			types.M("IMultiValueDictionary Headers { get; }", get((*Request).headersObject)),
			types.M("string IpAddress { get; }", get((*Request).address)),
			types.M("ISingleValueDictionary MatchedParameters { get; }", get((*Request).matched)),
			types.M("string Method { get; }", get(func(r *Request) *types.String { return r.method.of(r.c.run.Request.Method) })),
			types.M("IUrl OriginalUrl { get; }", get(func(r *Request) *URL { return &r.c.original })),
			types.M("IPrivateEndpointConnection PrivateEndpointConnection { get; }", nothing),
			types.M("IUrl Url { get; }", get(func(r *Request) *URL { return &r.url })),
		),
		types.T("interface IResponse",
			types.M("IMessageBody Body { get; }", get((*Response).bodyObject)),
			types.M("IMultiValueDictionary Headers { get; }", get((*Response).headersObject)),
			types.M("int StatusCode { get; }", get(func(r *Response) int32 { return int32(r.of.Status) })),
			types.M("string StatusReason { get; }", get((*Response).statusReason)),
		),
		urlDecl(), bodyDecl(),
	}
}

// certificateOf is the property Certificate of a request; as requestOf.
func certificateOf(_ *types.Thread, this types.Value) types.Value {
	r, ok := this.Ref.(*Request)
	if !ok {
		types.ThrowNullReference()
	}
	return r.c.certificate()
}

// Request is context.Request.
type Request struct {
	c                 *Context
	url               URL
	method, ip        lazyText
	headers           Headers
	body              Body
	matchedParameters Parameters
}

// ClrType is IRequest.
func (r *Request) ClrType() *types.Type { return known.request }

func (r *Request) headersObject() *Headers {
	q := r.c.run.Request
	r.headers.header = &q.Header
	if !r.c.literalHeaders {
		r.headers.host, r.headers.length = &q.Host, q.Body
	}
	return &r.headers
}

// bodyObject is null for a request without a body; one that was read away is still there.
func (r *Request) bodyObject() *Body {
	b := r.c.run.Request.Body
	if b == nil || b.Empty() && b.State() != message.Consumed {
		return nil
	}
	r.body = Body{c: r.c, of: b, header: &r.c.run.Request.Header}
	return &r.body
}

func (r *Request) address() *types.String {
	if conn := r.c.run.Exchange.Conn; conn != nil && conn.Remote.IsValid() {
		return r.ip.of(conn.Remote.Addr().Unmap().String())
	}
	return r.ip.of("")
}

func (r *Request) matched() *Parameters {
	r.matchedParameters.of = r.c.run.Route.Parameters
	return &r.matchedParameters
}

// Response is an IResponse: context.Response, or a response in a variable.
type Response struct {
	c       *Context
	of      *message.Response
	headers Headers
	body    Body
	reason  lazyText
}

// ClrType is IResponse.
func (r *Response) ClrType() *types.Type { return known.response }

// ResponseObject implements policy.ResponseLanguage: a response as a variable holds it.
func (*Language) ResponseObject(of *message.Response) policy.ResponseHolder { return &Response{of: of} }

// Response is the response itself, for return-response.
func (r *Response) Response() *message.Response { return r.of }

func (r *Response) headersObject() *Headers {
	r.headers.header = &r.of.Header
	if r.c == nil || !r.c.literalHeaders {
		r.headers.length = r.of.Body
	}
	return &r.headers
}

func (r *Response) bodyObject() *Body {
	r.body = Body{c: r.c, of: r.of.Body, header: &r.of.Header}
	return &r.body
}

func (r *Response) statusReason() *types.String {
	if r.of.Reason != "" {
		return r.reason.of(r.of.Reason)
	}
	return r.reason.of(http.StatusText(r.of.Status))
}
