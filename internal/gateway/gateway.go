// Package gateway is the data plane: it listens, shakes hands as each
// hostname's configuration says, matches requests to operations, runs their
// pipelines and talks to backends.
//
// All that a request needs is in one immutable Snapshot, which is compiled off
// the request path and swapped in whole (Server.Swap). What a new snapshot has
// in common with the old one is carried over: a hostname whose configuration
// did not change keeps its connections, its session tickets and the backend
// connections; the connections of one that changed are drained.
//
// The handshake proves possession of a client's key and nothing more. Whether
// a certificate is good is for the policy to say, through the Judge. Where a
// hostname says so, a trusted proxy forwards the certificate in a field and
// vouches for the possession (proxied.go). When trust shrinks, what is open is
// judged again (cutoff.go).
package gateway

import (
	"context"
	"log/slog"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
)

// Pipeline answers requests; *policy.Program is one. It is safe for concurrent use.
type Pipeline interface {
	// Execute runs the policies and returns the answer, never nil, without writing it.
	Execute(in policy.Invocation) *message.Response
}

// Judge judges certificates by the trust of one snapshot. It is safe for concurrent use.
type Judge interface {
	// Begin is told of a client's certificate at the end of its handshake, before anybody else sees the Peer. It may
	// set p.Verifier, starts what a verdict will need (a revocation list), and returns at once.
	Begin(p *message.Peer)
	// VerifyPeer judges a client's certificate.
	VerifyPeer(ctx context.Context, p *message.Peer, revocation bool) policy.Verdict
	// VerifyCertificate judges any certificate.
	VerifyCertificate(ctx context.Context, c *cert.Certificate, revocation bool) policy.Verdict
}

// Options are what a Snapshot is made of beside the service.
type Options struct {
	// Pipelines compiles the pipeline of an operation. It is called with a nil operation for requests to an API that
	// match none of its operations, and with a nil API as well for requests that match no API; a nil Pipeline is
	// allowed there and gives the default answers.
	Pipelines func(api *apim.API, operation *apim.Operation) (Pipeline, error)
	// Judge judges certificates; nil: every verdict is no.
	Judge Judge
	// Deployment is what policies see of the service; nil: made from the service.
	Deployment *policy.Deployment
	// BuiltIn is the server certificate of built-in host names that have none of their own.
	BuiltIn *cert.Identity
	// TicketSecret is what the keys of session tickets are made from, at least TicketSecretBytes long: nodes that share it
	// resume each other's sessions. Nil: a secret of the process.
	TicketSecret []byte
	// OwnRoot is the root of Postern's own servers on this machine (the embedded vault), which policies may call; nil: none.
	OwnRoot *cert.Certificate
	// Token is an access token for the resource of the service's managed identity with the client id, or of the
	// system-assigned one if that is empty; see policy.TokenSource. Nil: there are none.
	Token func(ctx context.Context, resource, clientID string) (string, error)
	// Shared is what policies remember between requests; it outlives snapshots. Nil: nothing.
	Shared *policy.Shared
	// MaxBodyBytes bounds a body that policies hold in memory; zero: the policy engine's default.
	MaxBodyBytes int64
	// NewTracer makes the tracer of a request; nil, or a nil Tracer: no trace.
	NewTracer func(x *message.Exchange) policy.Tracer
	// Logger takes what is wrong with the configuration and yet no reason to refuse it; nil: none.
	Logger *slog.Logger
}

func (o *Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// noJudge is the Judge where there is none: it trusts nobody.
type noJudge struct{}

func (noJudge) Begin(*message.Peer) {}

func (noJudge) VerifyPeer(context.Context, *message.Peer, bool) policy.Verdict {
	return policy.Verdict{Explanation: "the gateway has no trust configured"}
}

func (noJudge) VerifyCertificate(context.Context, *cert.Certificate, bool) policy.Verdict {
	return policy.Verdict{Explanation: "the gateway has no trust configured"}
}
