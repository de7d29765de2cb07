// Package inspect answers the questions of those who operate a service: what
// was refused and why, what a certificate is and whom it would get past, what
// expires, who uses what, what a policy document may say next. It is the API
// below /postern/v1/ that the portal and scripts call; docs/diagnostics-api.md
// describes it. It asks the parts of the product that do the real work, and
// knows no other front.
package inspect

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/reply"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/source"
)

// maxBody bounds a request's body: a policy document or a certificate file with its password, in JSON.
const maxBody = 4 << 20

// Options are what a Server is made of. Those of one endpoint may be nil: it then answers 501.
type Options struct {
	// Authenticate tells who a bearer token belongs to; must be set.
	Authenticate func(ctx context.Context, token string) (*identity.Principal, error)
	// Allowed tells whether a principal may do a management action on the resource of an ARM id; must be set.
	Allowed func(ctx context.Context, p *identity.Principal, action, id string) (bool, error)
	// Service is what the gateway runs now, nil before it runs anything; ID is the service's id. Both must be set.
	Service func() *apim.Service
	ID      resource.ID
	// Elements are the policy elements that documents may hold.
	Elements []*policy.Element
	// Check compiles a document at a scope of the service with the server's own compiler.
	Check func(svc *apim.Service, scope policy.Scope, doc *apim.Policy) []source.Diagnostic
	// Verdicts judges a certificate, with those sent beside it, by the gateway's own trust at an instant: without and with
	// revocation.
	Verdicts func(svc *apim.Service, leaf *cert.Certificate, sent []*cert.Certificate, at time.Time) (bare, full *chain.Result)
	// Pipelines gives what runs for an operation; with nil operation for its API, with nil API for the service. Judge is what
	// its policies ask.
	Pipelines func(svc *apim.Service) func(api *apim.API, operation *apim.Operation) (Pipeline, error)
	Judge     func(svc *apim.Service) Judge
	// GatewayAddress is where the gateway's TLS listener is bound, BuiltIn its built-in certificate in DER.
	GatewayAddress func() string
	BuiltIn        func() []byte
	// Greet, if not nil, begins a connection to the listener, before TLS, where it wants more than TCP.
	Greet func(net.Conn) error
	// IssueDevelopment has a certificate request signed by the development CA, for a short while.
	IssueDevelopment func(csr []byte, name string) (leaf []byte, err error)
	// Recorder is what the gateway tells its decisions.
	Recorder *Recorder
	// Addresses are where the parts of this Postern are reached; nil: not told.
	Addresses func() []Address
	// Expiring are the certificates and lists that expire beside those of the service's resources; nil: none.
	Expiring func(ctx context.Context, p *identity.Principal) []Expiring
	// Resources are all stored resources.
	Resources func(ctx context.Context) ([]*resource.Resource, error)
	// Vault answers a request to an embedded vault, whose path is below the vault's host, for a principal; VaultURL is a
	// vault's address.
	Vault    func(w http.ResponseWriter, r *http.Request, vault string, p *identity.Principal)
	VaultURL func(vault string) string
	// Management calls the management API.
	Management http.RoundTripper
	// Log takes what fails; must be set.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Server answers the diagnostics API. It is an http.Handler, safe for concurrent use.
type Server struct {
	Options
	mux *http.ServeMux
	log *slog.Logger
}

// New makes a Server.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{Options: o, mux: http.NewServeMux(), log: o.Log.With(slog.String(logkey.Component, "inspect"))}
	for _, e := range endpoints {
		s.mux.Handle(e.pattern, s.answering(e))
	}
	s.mux.HandleFunc(vaultPrefix+"{vault}/", s.vault)
	s.mux.HandleFunc("/", s.nothing)
	return s
}

// nothing answers where there is no endpoint, or none of the method.
func (s *Server) nothing(w http.ResponseWriter, r *http.Request) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := s.mux.Handler(other); pattern != "/" {
			w.Header().Set("Allow", method)
			reply.JSON(w, http.StatusMethodNotAllowed, reply.Envelope{Error: reply.Body{Code: "MethodNotAllowed",
				Message: r.Method + " is not allowed here; " + method + " is."}})
			return
		}
	}
	reply.Error(w, r, s.log, fault.New(fault.NotFound, "There is nothing at %s.", r.URL.Path))
}

// The management actions that calls need, on the service.
const (
	readAction  = resource.ServiceType + "/read"
	writeAction = resource.ServiceType + "/write"
)

// callerKey is the key of who calls in a request's context.
type callerKey struct{}

// caller is who calls.
func caller(ctx context.Context) *identity.Principal {
	p, _ := ctx.Value(callerKey{}).(*identity.Principal)
	return p
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, err := s.principal(r)
	if err != nil {
		reply.Error(w, r, s.log, err)
		return
	}
	s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, p)))
}

// authorize refuses who may not do the action on the service.
func (s *Server) authorize(ctx context.Context, action string) error {
	p := caller(ctx)
	if ok, err := s.Allowed(ctx, p, action, s.ID.String()); err != nil || ok {
		return err
	}
	return fault.New(fault.Forbidden, "'%s' may not perform the action '%s' on %s.", p.Name, action, s.ID)
}

// principal is who calls.
func (s *Server) principal(r *http.Request) (*identity.Principal, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); token == "" || !strings.EqualFold(scheme, "Bearer") {
		return nil, fault.New(fault.Unauthenticated, "You are not signed in, and the request has no bearer token.")
	}
	return s.Authenticate(r.Context(), token)
}

// endpoint is one call of the API.
type endpoint struct {
	pattern string
	// action is what the caller must be allowed to do on the service; empty where the call asks another part, which judges itself.
	action string
	answer func(*Server, http.ResponseWriter, *http.Request) (any, error)
}

var endpoints = []endpoint{
	{"GET /postern/v1/policies/elements", readAction, (*Server).elements},
	{"GET /postern/v1/policies/snippets", readAction, (*Server).snippets},
	{"POST /postern/v1/policies/check", readAction, (*Server).check},
	{"POST /postern/v1/policies/complete", readAction, (*Server).complete},
	{"POST /postern/v1/certificates/inspect", readAction, (*Server).inspectCertificate},
	{"POST /postern/v1/handshake", readAction, (*Server).handshake},
	{"POST /postern/v1/try", writeAction, (*Server).try},
	{"GET /postern/v1/overview", readAction, (*Server).overview},
	{"GET /postern/v1/requests/{requestId}", readAction, (*Server).decision},
	{"GET /postern/v1/certificates", readAction, (*Server).storedCertificates},
	{"GET /postern/v1/authorities", readAction, (*Server).storedAuthorities},
	{"GET /postern/v1/uses", readAction, (*Server).uses},
	{"GET /postern/v1/identities", readAction, (*Server).identities},
	{"GET /postern/v1/vaults", readAction, (*Server).vaults},
	{"POST /postern/v1/vaults/{vault}/grant", "", (*Server).grant},
}

// answering makes a handler of what answers with a body or an error.
func (s *Server) answering(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body any
		var err error
		if e.action != "" {
			err = s.authorize(r.Context(), e.action)
		}
		if err == nil {
			body, err = e.answer(s, w, r)
		}
		if err != nil {
			reply.Error(w, r, s.log, err)
			return
		}
		reply.JSON(w, http.StatusOK, body)
	})
}

// service is what the gateway runs, or the error that there is nothing yet.
func (s *Server) service() (*apim.Service, error) {
	if svc := s.Service(); svc != nil {
		return svc, nil
	}
	return nil, fault.New(fault.Unavailable, "The gateway has no configuration yet.")
}
