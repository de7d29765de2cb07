package token

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
)

// Local is the handler of the listener for processes on this machine: /metadata/identity/oauth2/token in the shape of
// virtual machines, which has no secret, and /msi/token in the shape of App Service.
func (s *Server) Local() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/metadata/identity/oauth2/token", s.virtualMachine)
	mux.HandleFunc("/msi/token", func(w http.ResponseWriter, r *http.Request) { s.appService(w, r, "") })
	return mux
}

// appService answers GET /msi/token in the shape of App Service of 2019-08-01
// (learn.microsoft.com/azure/app-service/overview-managed-identity, read 2026-11-25).
func (s *Server) appService(w http.ResponseWriter, r *http.Request, _ string) {
	if !allow(w, r, http.MethodGet) || !local(w, r) {
		return
	}
	got, want := sha256.Sum256([]byte(r.Header.Get("X-IDENTITY-HEADER"))), sha256.Sum256([]byte(s.IdentityHeader))
	if s.IdentityHeader == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		s.refuseManaged(w, r, http.StatusUnauthorized, "invalid_client", "The header X-IDENTITY-HEADER is missing or wrong; postern dev identity prints its value.")
		return
	}
	if v := r.URL.Query().Get("api-version"); v != "2019-08-01" {
		s.refuseManaged(w, r, http.StatusBadRequest, "invalid_request", "The api-version '"+shorten(v)+"' is not supported; 2019-08-01 is.")
		return
	}
	s.managed(w, r)
}

// virtualMachine answers GET /metadata/identity/oauth2/token in the shape of virtual machines
// (learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token, read 2026-11-25).
func (s *Server) virtualMachine(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if !allow(w, r, http.MethodGet) || !local(w, r) {
		return
	}
	if !strings.EqualFold(r.Header.Get("Metadata"), "true") {
		s.refuseManaged(w, r, http.StatusBadRequest, "bad_request_102", "Required metadata header not specified.")
		return
	}
	if r.URL.Query().Get("api-version") == "" {
		s.refuseManaged(w, r, http.StatusBadRequest, "bad_request_100", "The parameter api-version is missing, such as 2018-02-01.")
		return
	}
	s.managed(w, r)
}

// local refuses what did not come from this machine, directly. A request that somebody passed on may be anybody's.
func local(w http.ResponseWriter, r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	passedOn := r.Header.Values("X-Forwarded-For") != nil || r.Header.Values("Forwarded") != nil
	if err == nil && from.Addr().Unmap().IsLoopback() && !passedOn {
		return true
	}
	writeJSON(w, http.StatusForbidden, map[string]string{"error": "forbidden", "error_description": "Tokens of managed identities are for processes on this machine, and not for requests that were passed on."})
	return false
}

func (s *Server) refuseManaged(w http.ResponseWriter, r *http.Request, status int, word, message string) {
	s.log.LogAttrs(r.Context(), slog.LevelWarn, "managed identity token refused", slog.String(logkey.Reason, message), slog.String(logkey.Remote, r.RemoteAddr))
	writeJSON(w, status, map[string]string{"error": word, "error_description": message})
}

func (s *Server) managed(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	resource := query.Get("resource")
	if resource == "" {
		s.refuseManaged(w, r, http.StatusBadRequest, "invalid_resource", "The parameter resource is missing.")
		return
	}
	if _, refused := checkAudience(resource, resource); refused != nil {
		s.refuseManaged(w, r, http.StatusBadRequest, "invalid_resource", "The resource '"+shorten(resource)+"' is not an absolute URI.")
		return
	}
	all, err := s.Identity(r.Context())
	if err != nil {
		s.managedFailed(w, r, err)
		return
	}
	id, err := choose(all, query)
	if err != nil {
		s.refuseManaged(w, r, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	p, err := s.Directory.ByObjectID(r.Context(), id)
	if err != nil {
		s.managedFailed(w, r, err)
		return
	}
	token, expires, err := s.Directory.Issue(r.Context(), p, resource, identity.ByCertificate)
	if err != nil {
		s.managedFailed(w, r, err)
		return
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "token issued", slog.String(logkey.Principal, p.Name), slog.String("client_id", p.ClientID),
		slog.String("audience", resource), slog.Time("expires", expires), slog.String(logkey.Remote, r.RemoteAddr))
	left := strconv.FormatInt(int64(expires.Sub(s.Now()).Seconds()), 10)
	writeJSON(w, http.StatusOK, map[string]string{
		"access_token": token, "client_id": p.ClientID, "expires_in": left, "ext_expires_in": left, "expires_on": strconv.FormatInt(expires.Unix(), 10),
		"not_before": strconv.FormatInt(s.Now().Unix(), 10), "resource": resource, "token_type": "Bearer",
	})
}

func (s *Server) managedFailed(w http.ResponseWriter, r *http.Request, err error) {
	if fault.KindOf(err) == fault.NotFound {
		s.refuseManaged(w, r, http.StatusBadRequest, "invalid_request", "Identity not found")
		return
	}
	s.log.LogAttrs(r.Context(), slog.LevelError, "managed identity token failed", slog.Any(logkey.Error, err))
	writeJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "temporarily_unavailable", "error_description": "Tokens cannot be given now. Try again."})
}

var (
	errNoIdentity   = errors.New("Identity not found: the service has no such managed identity.")                                                          //nolint:staticcheck // it is a sentence for the client
	errManyAsked    = errors.New("Name the identity by one of client_id, object_id and msi_res_id.")                                                       //nolint:staticcheck // it is a sentence for the client
	errManyAssigned = errors.New("Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request") //nolint:staticcheck // it is a sentence for the client
)

// choose is the object id of the identity asked for: the one named, else the system-assigned one, else the only one.
func choose(all apim.Identity, query url.Values) (string, error) {
	clientID := query.Get("client_id") + query.Get("clientid")
	objectID := query.Get("object_id") + query.Get("principal_id")
	resourceID := query.Get("mi_res_id") + query.Get("msi_res_id")
	named := 0
	for _, v := range []string{clientID, objectID, resourceID} {
		if v != "" {
			named++
		}
	}
	switch {
	case named > 1:
		return "", errManyAsked
	case named == 0 && all.PrincipalID != "":
		return all.PrincipalID, nil
	case named == 0 && len(all.UserAssigned) == 1:
		return all.UserAssigned[0].PrincipalID, nil
	case named == 0 && len(all.UserAssigned) > 1:
		return "", errManyAssigned
	case all.PrincipalID != "" && (same(clientID, all.ClientID) || same(objectID, all.PrincipalID)):
		return all.PrincipalID, nil
	}
	for _, i := range all.UserAssigned {
		if same(clientID, i.ClientID) || same(objectID, i.PrincipalID) || same(strings.TrimRight(resourceID, "/"), i.ID) {
			return i.PrincipalID, nil
		}
	}
	return "", errNoIdentity
}

// same compares ids without case; what was not given is like nothing.
func same(given, id string) bool { return given != "" && strings.EqualFold(given, id) }
