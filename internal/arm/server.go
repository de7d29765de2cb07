package arm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/vault"
)

// DefaultMaxBodyBytes is the biggest request body taken: API definitions may be 4 MiB, and grow in JSON.
const DefaultMaxBodyBytes = 16 << 20

// PolicyChecker compiles policy documents against the service they belong to.
type PolicyChecker interface {
	// CheckPolicy returns what is wrong with the document at the scope ("global", "api", "operation") of svc,
	// each fault with line and column in its message; nothing for a document that compiles. Remarks do not refuse
	// it: what runs here and API Management would refuse, and the like.
	CheckPolicy(svc *apim.Service, scope string, p *apim.Policy) (faults []fault.Detail, remarks []string)
	// FormatPolicy is the document as GET returns it, in format "xml" or "rawxml".
	FormatPolicy(p *apim.Policy, format string) (string, error)
}

// Options are what a Server is made of; all but MaxBodyBytes, Directory, VaultURL, RemoveVault, Vault and Live must be set.
type Options struct {
	// Store holds the resources.
	Store store.Store
	// Sealer seals private keys and secrets.
	Sealer resource.Sealer
	// Policies compiles policy documents.
	Policies PolicyChecker
	// Authenticate tells who a bearer token belongs to.
	Authenticate func(ctx context.Context, token string) (*identity.Principal, error)
	// Directory knows principals and roles, and names the tenant; nil: there is the administrator alone.
	Directory *identity.Directory
	// Live waits until this node's gateway runs the given revision, or a bounded time; nil: does not wait.
	Live func(ctx context.Context, revision int64)
	// VaultURL is the base URL of the embedded vault's names, "https://vault.localhost:9444"; a vault's URI has its name
	// before the host. RemoveVault removes what a vault holds, once it is gone for good. Nil: there is no embedded vault.
	VaultURL    func() string
	RemoveVault func(ctx context.Context, name string) error
	// Vault is the embedded vault of that name, for the secrets that are deployed by this API; nil: there is none.
	Vault func(ctx context.Context, name string) (*vault.Vault, error)
	// GatewayURL is the gateway's base URL as the service resource shows it; ManagementURL is ours, without trailing slash.
	GatewayURL, ManagementURL func() string
	// BuiltIn describes the built-in server certificate, for GET of the service.
	BuiltIn resource.Identity
	// References resolves references to key vaults; nil: they are refused.
	References References
	// MaxBodyBytes bounds request bodies; zero means DefaultMaxBodyBytes.
	MaxBodyBytes int64
	// Log takes the audit of changes and the failures of the server.
	Log *slog.Logger
}

// Server answers the management API; it is an http.Handler for everything below /subscriptions.
type Server struct {
	Options
	log *slog.Logger
	// serial keeps changes that depend on other resources from racing within this process;
	// between nodes the epoch decides.
	serial chan struct{}
	// reports remembers what was found out about certificates.
	reports reports
}

// New makes a Server.
func New(o Options) *Server {
	if o.MaxBodyBytes == 0 {
		o.MaxBodyBytes = DefaultMaxBodyBytes
	}
	return &Server{Options: o, log: o.Log.With(slog.String(logkey.Component, "arm")), serial: make(chan struct{}, 1)}
}

// request is one management call.
type request struct {
	*http.Request
	id        resource.ID
	kind      *kind
	principal *identity.Principal
	body      []byte
}

var apiVersion = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(-preview)?$`)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := newGUID()
	w.Header().Set("x-ms-request-id", requestID)
	correlation := r.Header.Get("x-ms-correlation-request-id")
	if correlation == "" {
		correlation = requestID
	}
	w.Header().Set("x-ms-correlation-request-id", correlation)
	w.Header().Set("Cache-Control", "no-store")
	if err := s.serve(w, r); err != nil {
		s.writeError(w, r, err)
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) error {
	principal, err := s.authenticate(r)
	if err != nil {
		return err
	}
	switch version := r.URL.Query().Get("api-version"); {
	case version == "":
		return coded(fault.Invalid, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
	case !apiVersion.MatchString(version):
		return coded(fault.Invalid, "InvalidApiVersionParameter", "The api-version '%s' is invalid. It has the form YYYY-MM-DD or YYYY-MM-DD-preview.", version)
	}
	q := &request{Request: r, principal: principal}
	if q.body, err = s.readBody(w, r); err != nil {
		return err
	}
	if handled, err := s.serveAbove(w, q); handled {
		return err
	}
	id, err := resource.ParseID(r.URL.Path)
	if err != nil {
		return err
	}
	q.id = id
	if action, ok := actionOf(q); ok && r.Method == http.MethodPost {
		if err := s.authorize(r.Context(), principal, q.id.Type()+"/action", q.id.String()); err != nil {
			return err
		}
		return action(s, w, q)
	}
	k, err := kindOf(id)
	if err != nil {
		return err
	}
	q.kind = k
	if err := s.authorizeRequest(q); err != nil {
		return err
	}
	return s.dispatch(w, q)
}

// tenant is the tenant's id.
func (s *Server) tenant() string {
	if s.Directory == nil {
		return ""
	}
	return s.Directory.TenantID
}

func (s *Server) dispatch(w http.ResponseWriter, q *request) error {
	if q.id.IsCollection() {
		if q.Method != http.MethodGet {
			return notAllowed(w, q.Method, http.MethodGet)
		}
		if q.kind.list != nil {
			return q.kind.list(s, w, q)
		}
		return s.list(w, q)
	}
	if q.kind.entity != nil {
		return q.kind.entity(s, w, q)
	}
	if q.kind.put != nil {
		if q.Method != http.MethodPut {
			return notAllowed(w, q.Method, http.MethodPut)
		}
		return q.kind.put(s, w, q)
	}
	switch {
	case q.Method == http.MethodGet || q.Method == http.MethodHead:
		return s.get(w, q)
	case q.Method == http.MethodPut:
		return s.put(w, q)
	case q.Method == http.MethodPatch && q.kind.patch:
		return s.patch(w, q)
	case q.Method == http.MethodDelete && !q.kind.undeletable:
		return s.delete(w, q)
	}
	allowed := []string{http.MethodGet, http.MethodHead, http.MethodPut}
	if q.kind.patch {
		allowed = append(allowed, http.MethodPatch)
	}
	if !q.kind.undeletable {
		allowed = append(allowed, http.MethodDelete)
	}
	return notAllowed(w, q.Method, allowed...)
}

func notAllowed(w http.ResponseWriter, method string, allowed ...string) error {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	writeJSON(w, http.StatusMethodNotAllowed, wireError{wireBody{Code: "MethodNotAllowed", Message: fmt.Sprintf("%s is not allowed here; %s are.", method, strings.Join(allowed, ", "))}})
	return nil
}

func (s *Server) authenticate(r *http.Request) (*identity.Principal, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token == "" || !strings.EqualFold(scheme, "Bearer") {
		return nil, coded(fault.Unauthenticated, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing or is not a bearer token.")
	}
	return s.Authenticate(r.Context(), strings.TrimSpace(token))
}

func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.MaxBodyBytes))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, fault.New(fault.TooLarge, "The request body is larger than %d bytes, the most that the management API takes.", tooLarge.Limit)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The request body could not be read.")
	}
	return body, nil
}

// coded is a fault with ARM's own code.
func coded(k fault.Kind, code, format string, args ...any) error {
	e := fault.New(k, format, args...)
	e.Code = code
	return e
}
