package token

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
)

// Options are what a Server is made of; all must be set but Now.
type Options struct {
	// Directory makes and judges tokens.
	Directory *identity.Directory
	// Identity are the managed identities that the service has now.
	Identity func(context.Context) (apim.Identity, error)
	// IdentityHeader is the secret that the App Service shape asks for.
	IdentityHeader string
	// VaultURL is the base URL of the embedded vault's names, "https://vault.localhost:9444"; empty: none.
	VaultURL func() string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes the audit of tokens given and refused.
	Log *slog.Logger
}

// Server answers for tokens; see the package's documentation.
type Server struct {
	Options
	log      *slog.Logger
	failures failures
}

// New makes a Server.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{Options: o, log: o.Log.With(slog.String(logkey.Component, "token")), failures: failures{now: o.Now}}
}

// route is what answers a path; parameter is the path's variable part.
type route func(s *Server, w http.ResponseWriter, r *http.Request, parameter string)

// byTenant are the routes below /{tenant}/.
var byTenant = map[string]route{
	"oauth2/v2.0/token":                     (*Server).tokenV2,
	"oauth2/token":                          (*Server).tokenV1,
	"v2.0/.well-known/openid-configuration": (*Server).metadataV2,
	".well-known/openid-configuration":      (*Server).metadataV1,
	"discovery/v2.0/keys":                   (*Server).keys,
	"discovery/keys":                        (*Server).keys,
	"discovery/instance":                    (*Server).instance,
}

// fixed are the routes of whole paths.
var fixed = map[string]route{
	"/metadata/endpoints":      (*Server).endpoints,
	"/msi/token":               (*Server).appService,
	"/v1.0/servicePrincipals":  (*Server).servicePrincipals,
	"/postern/v1/tokens":       (*Server).tokens,
	"/postern/v1/applications": (*Server).applications,
}

// AdministrationPaths are the paths, and those below them, that the administrator's calls have.
var AdministrationPaths = []string{"/postern/v1/tokens", "/postern/v1/applications"}

func find(path string) (route, string) {
	if f, ok := fixed[path]; ok {
		return f, ""
	}
	for _, prefix := range AdministrationPaths {
		if name, ok := strings.CutPrefix(path, prefix+"/"); ok && name != "" {
			return fixed[prefix], name
		}
	}
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return byTenant[rest], tenant
}

// Handles reports whether the path is one of this front.
func Handles(path string) bool {
	f, _ := find(path)
	return f != nil
}

// ServeHTTP implements http.Handler for paths that Handles knows.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	if f, parameter := find(r.URL.Path); f != nil {
		f(s, w, r, parameter)
		return
	}
	http.NotFound(w, r)
}

// Or is a handler that gives this front its paths, but those of administration, and next all others: what is between
// them (a portal's sessions) is for administration, and not for who asks for tokens.
func (s *Server) Or(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Handles(r.URL.Path) && !strings.HasPrefix(r.URL.Path, "/postern/") {
			s.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// allow answers 405 unless the method is one of those given.
func allow(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	writeJSON(w, http.StatusMethodNotAllowed, map[string]any{"error": "invalid_request", "error_description": r.Method + " is not allowed here; " + strings.Join(methods, ", ") + " is."})
	return false
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client may have gone; there is nobody to tell
}

// newID is a random UUID, version 4 (RFC 9562).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// base is our own URL as the client wrote it; its Host was found to be ours before. Clients insist that what they are
// told has the host that they asked.
func base(r *http.Request) string { return "https://" + r.Host }
