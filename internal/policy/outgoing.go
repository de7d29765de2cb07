package policy

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/cert"
)

// Sender is a Gateway that sends requests that policies make up (send-request, send-one-way-request) to wherever they
// say, over the transport that reaches backends.
type Sender interface {
	// Send sends r and returns the whole response, its body read into memory, at most o.MaxBodyBytes of it. It ends with ctx.
	// Redirections are not followed. Errors are *message.TransportError, or *Failure.
	Send(ctx context.Context, r *message.Request, o SendOptions) (*message.Response, error)
	// SendAway sends r by itself and returns at once; what comes of it is for the log alone. The error says that too many
	// such requests are under way.
	SendAway(r *message.Request, o SendOptions) error
}

// SendOptions say how a request of a policy is sent.
type SendOptions struct {
	// Timeout is until the response is there whole; zero: no limit but the gateway's.
	Timeout time.Duration
	// Certificate is the client certificate, with its key, that is presented where one is asked for; nil: none.
	Certificate *cert.Identity
	// MaxBodyBytes bounds the response's body.
	MaxBodyBytes int64
}

// TokenSource is a Gateway that has tokens of the service's managed identities.
type TokenSource interface {
	// Token is an access token for the resource (an audience such as "https://vault.azure.net"), of the user-assigned
	// identity with the client id, or of the system-assigned one if that is empty. It must not be logged or traced.
	Token(ctx context.Context, resource, clientID string) (string, error)
}

// Limiter is a Gateway that counts how many requests are inside of limit-concurrency.
type Limiter interface {
	// Enter counts one more under key, unless max are counted already. leave is called once.
	Enter(key string, max int) (leave func(), ok bool)
}

// The reasons of failures that are found here.
const (
	ReasonBackendConnection = "BackendConnectionFailure"
	ReasonTokenUnavailable  = "ManagedIdentityTokenUnavailable"
)

// Send sends a request that the policy has made up; a Gateway that is no Sender reaches nobody.
func (x *Run) Send(r *message.Request, o SendOptions) (*message.Response, error) {
	s, ok := x.Gateway.(Sender)
	if !ok {
		return nil, &Failure{Reason: ReasonBackendConnection, Message: "There is no gateway to send the request."}
	}
	o.MaxBodyBytes = x.BodyLimit()
	return s.Send(x.Context(), r, o)
}

// SendAway is Send that waits for nothing.
func (x *Run) SendAway(r *message.Request, o SendOptions) error {
	s, ok := x.Gateway.(Sender)
	if !ok {
		return &Failure{Reason: ReasonBackendConnection, Message: "There is no gateway to send the request."}
	}
	o.MaxBodyBytes = x.BodyLimit()
	return s.SendAway(r, o)
}

// Token is an access token of a managed identity; see TokenSource. Why there is none is in the Failure's Err.
func (x *Run) Token(resource, clientID string) (string, error) {
	why := &Failure{Reason: ReasonTokenUnavailable, Message: "No access token for '" + resource + "' could be had."}
	s, ok := x.Gateway.(TokenSource)
	if !ok {
		return "", why
	}
	token, err := s.Token(x.Context(), resource, clientID)
	if err != nil {
		why.Err = err
		return "", why
	}
	return token, nil
}

// Enter counts the request under a key of limit-concurrency; see Limiter. Without anybody who counts nobody enters.
func (x *Run) Enter(key string, max int) (leave func(), ok bool) {
	if l, counts := x.Gateway.(Limiter); counts {
		return l.Enter(key, max)
	}
	return nil, false
}

// ResponseLanguage is a Language whose expressions see responses in variables.
type ResponseLanguage interface {
	// ResponseObject makes the object of a response.
	ResponseObject(r *message.Response) ResponseHolder
}

// heldResponse is a response in a variable where the language knows no such object.
type heldResponse struct{ of *message.Response }

// Response implements ResponseHolder.
func (h heldResponse) Response() *message.Response { return h.of }

// ResponseObject makes the objects that variables hold for responses, as the document's language sees them.
func (n *Node) ResponseObject() func(*message.Response) ResponseHolder {
	if l, ok := n.unit.compiler.language.(ResponseLanguage); ok {
		return l.ResponseObject
	}
	return func(r *message.Response) ResponseHolder { return heldResponse{r} }
}

// certificates are a Deployment's certificate entities by id in lower case, and by thumbprint in upper case.
type certificates struct {
	once               sync.Once
	byID, byThumbprint map[string]*cert.Identity
}

func (d *Deployment) index() *certificates {
	c := &d.certificates
	c.once.Do(func() {
		c.byID, c.byThumbprint = map[string]*cert.Identity{}, map[string]*cert.Identity{}
		for i := range d.Certificates {
			e := &d.Certificates[i]
			if e.Identity == nil {
				continue
			}
			c.byID[strings.ToLower(e.ID)] = e.Identity
			if t := e.Identity.Certificate.Thumbprint(); c.byThumbprint[t] == nil || c.byThumbprint[t].Key == nil {
				c.byThumbprint[t] = e.Identity
			}
		}
	})
	return c
}

// CertificateByID is the certificate entity with the id, in any case; nil if there is none.
func (d *Deployment) CertificateByID(id string) *cert.Identity {
	return d.index().byID[strings.ToLower(id)]
}

// CertificateByThumbprint is a certificate entity with the SHA-1 thumbprint, forty digits in upper case; one with a
// private key where there are several; nil if there is none.
func (d *Deployment) CertificateByThumbprint(thumbprint string) *cert.Identity {
	return d.index().byThumbprint[thumbprint]
}
