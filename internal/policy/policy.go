// Package policy runs API Management policy documents: it reads them, checks
// them, composes the scopes at <base />, compiles them to a flat program of
// steps and executes that program on an exchange.
package policy

import (
	"context"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// Scope is the level a policy document belongs to.
type Scope uint8

// The scopes, broad to narrow.
const (
	Global Scope = iota
	Workspace
	Product
	API
	Operation
)

// Route is what the request was matched to; fields may be nil where nothing matched.
type Route struct {
	API       *apim.API
	Operation *apim.Operation
	// Parameters are the template values by name, unescaped as API Management gives them.
	Parameters map[string]string
}

// Gateway is what a running policy needs of the gateway it runs in. Implementations are safe for concurrent use.
type Gateway interface {
	// VerifyPeer judges a client certificate that came by the handshake, with or without revocation.
	VerifyPeer(ctx context.Context, p *message.Peer, revocation bool) Verdict
	// VerifyCertificate judges any certificate, such as one decoded from a header.
	VerifyCertificate(ctx context.Context, c *cert.Certificate, revocation bool) Verdict
	// Forward sends the request to the backend.
	Forward(ctx context.Context, r *message.Request, o ForwardOptions) (*message.Response, error)
}

// Verdict is a judgement on a certificate.
type Verdict struct {
	// OK is what X509Certificate2.Verify() returns.
	OK bool
	// Status are .NET's X509ChainStatusFlags names of what speaks against it, sorted.
	Status []string
	// Issuer is the certificate that issued the leaf in the path judged; nil if none was found.
	Issuer *cert.Certificate
	// Explanation is one line for the operator.
	Explanation string
	// Judged is the whole judgement, with the paths that were tried; nil where there was none.
	Judged *chain.Result
}

// ForwardOptions are the attributes of forward-request.
type ForwardOptions struct {
	// Timeout until the response's head; zero: none.
	Timeout time.Duration
	// ContinueTimeout is how long to wait for "100 Continue" before the body is sent; zero: the transport's own.
	ContinueTimeout time.Duration
	// Host is the Host field to send; empty: that of the request's URL.
	Host string
	// HTTPVersion is "1", "2" or "2or1".
	HTTPVersion string
	// FollowRedirects follows 3xx answers.
	FollowRedirects bool
	// BufferResponse false passes each chunk on at once.
	BufferResponse bool
	// Certificate is the client certificate, with its key, that is presented where the backend asks for one; nil: none.
	Certificate *cert.Identity
}

// Deployment is the part of the service that policies see through context.Deployment; immutable, shared, not to be copied.
type Deployment struct {
	// ServiceName, ServiceID, Region, GatewayID and InstanceID as context.Deployment shows them.
	ServiceName, ServiceID, Region, GatewayID, InstanceID string
	// Certificates are the certificate entities; expressions see them keyed by upper-case thumbprint.
	Certificates []apim.Certificate

	cached       cached
	certificates certificates
}
