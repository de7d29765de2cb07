package token

import (
	"log/slog"
	"net/http"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/internal/logkey"
)

// metadataV2 answers GET /{tenant}/v2.0/.well-known/openid-configuration (OpenID Connect Discovery 1.0 section 3).
func (s *Server) metadataV2(w http.ResponseWriter, r *http.Request, tenant string) {
	s.metadata(w, r, tenant, "/v2.0", "/oauth2/v2.0", "/discovery/v2.0/keys")
}

// metadataV1 answers GET /{tenant}/.well-known/openid-configuration.
func (s *Server) metadataV1(w http.ResponseWriter, r *http.Request, tenant string) {
	s.metadata(w, r, tenant, "/", "/oauth2", "/discovery/keys")
}

func (s *Server) metadata(w http.ResponseWriter, r *http.Request, tenant, issuer, oauth, keys string) {
	if !allow(w, r, http.MethodGet, http.MethodHead) || !s.knownTenant(w, r, tenant) {
		return
	}
	at := base(r) + "/" + tenant
	writeJSON(w, http.StatusOK, map[string]any{
		"token_endpoint":                        at + oauth + "/token",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"jwks_uri":                              at + keys,
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"token"},
		"grant_types_supported":                 []string{"client_credentials"},
		"scopes_supported":                      []string{"openid"},
		"issuer":                                base(r) + "/" + s.Directory.TenantID + issuer,
		// Clients insist on the member; there is nobody to log in by a page.
		"authorization_endpoint": at + oauth + "/authorize",
		"claims_supported":       []string{"sub", "iss", "aud", "exp", "iat", "nbf", "oid", "tid", "appid", "azp", "ver"},
		"tenant_region_scope":    nil, "cloud_instance_name": r.Host, "cloud_graph_host_name": r.Host, "msgraph_host": r.Host,
	})
}

func (s *Server) knownTenant(w http.ResponseWriter, r *http.Request, tenant string) bool {
	if s.isTenant(tenant) {
		return true
	}
	s.refuse(w, r, &form{tenant: tenant}, refuse(http.StatusBadRequest, "invalid_tenant", 90002, "Tenant '%s' not found. Check to make sure you have the correct tenant ID: it is in admin.json.", shorten(tenant)))
	return false
}

// keys answers GET /{tenant}/discovery/v2.0/keys with the keys that verify tokens.
func (s *Server) keys(w http.ResponseWriter, r *http.Request, tenant string) {
	if !allow(w, r, http.MethodGet, http.MethodHead) || !s.knownTenant(w, r, tenant) {
		return
	}
	set, err := s.Directory.Keys(r.Context())
	if err != nil {
		s.refuse(w, r, &form{}, s.failed(r, err))
		return
	}
	writeJSON(w, http.StatusOK, set)
}

// instance answers GET /common/discovery/instance: the authority is known, and is we.
func (s *Server) instance(w http.ResponseWriter, r *http.Request, tenant string) {
	if !allow(w, r, http.MethodGet, http.MethodHead) || !s.knownTenant(w, r, tenant) {
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": base(r) + "/" + s.Directory.TenantID + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata":                  []any{map[string]any{"preferred_network": r.Host, "preferred_cache": r.Host, "aliases": []string{r.Host}}},
	})
}

// endpoints answers GET /metadata/endpoints: one object by default, a list of clouds before 2022 where asked for so,
// and the short object of 2015 that az reads.
func (s *Server) endpoints(w http.ResponseWriter, r *http.Request, _ string) {
	if !allow(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	b := base(r)
	version := r.URL.Query().Get("api-version")
	if version != "" && version < "2018" {
		writeJSON(w, http.StatusOK, map[string]any{
			"galleryEndpoint": b + "/", "graphEndpoint": b + "/", "portalEndpoint": b + "/",
			"authentication": map[string]any{"loginEndpoint": b + "/", "audiences": []string{b + "/", b}},
		})
		return
	}
	suffix := ""
	if vault := s.VaultURL(); vault != "" {
		suffix = strings.TrimPrefix(vault, "https://")
	}
	cloud := map[string]any{
		"name": "Postern", "portal": b + "/", "gallery": b + "/", "graph": b + "/", "graphAudience": b + "/",
		// Without a slash at the end: the Go SDK of Terraform would write two.
		"resourceManager": b, "microsoftGraphResourceId": b + "/",
		"authentication": map[string]any{"loginEndpoint": b + "/", "audiences": []string{b + "/", b}, "tenant": "common", "identityProvider": "AAD"},
		"suffixes": map[string]any{"keyVaultDns": suffix, "mhsmDns": "", "storage": "storage.localhost", "acrLoginServer": "registry.localhost",
			"sqlServerHostname": "database.localhost"},
	}
	if version != "" && version < "2022" {
		writeJSON(w, http.StatusOK, []any{cloud})
		return
	}
	writeJSON(w, http.StatusOK, cloud)
}

// byAppID is the one filter of servicePrincipals.
var byAppID = regexp.MustCompile(`^\s*appId\s+eq\s+'([0-9a-fA-F-]+)'\s*$`)

// servicePrincipals answers Graph's GET /v1.0/servicePrincipals with the principals there are, so that clients can find
// the object id of a client id.
func (s *Server) servicePrincipals(w http.ResponseWriter, r *http.Request, _ string) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	audiences := append(s.Directory.ManagementAudiences(), "https://graph.microsoft.com", base(r))
	if _, err := s.Directory.AuthenticateFor(r.Context(), token, audiences); err != nil || !strings.EqualFold(scheme, "Bearer") {
		writeJSON(w, http.StatusUnauthorized, graphError("InvalidAuthenticationToken", "The access token is missing or invalid."))
		return
	}
	all, err := s.Directory.Principals(r.Context())
	if err != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "principals cannot be listed", slog.Any(logkey.Error, err))
		writeJSON(w, http.StatusServiceUnavailable, graphError("serviceNotAvailable", "The principals cannot be listed now."))
		return
	}
	wanted := ""
	if filter := r.URL.Query().Get("$filter"); filter != "" {
		m := byAppID.FindStringSubmatch(filter)
		if m == nil {
			writeJSON(w, http.StatusBadRequest, graphError("Request_UnsupportedQuery", "Postern has the filter appId eq '<id>' alone."))
			return
		}
		wanted = m[1]
	}
	list := []any{}
	for _, p := range all {
		if wanted == "" || strings.EqualFold(p.ClientID, wanted) {
			kind := "Application"
			if p.Kind.Managed() {
				kind = "ManagedIdentity"
			}
			list = append(list, map[string]any{"id": p.ID, "appId": p.ClientID, "displayName": p.Name, "servicePrincipalType": kind, "accountEnabled": true, "appOwnerOrganizationId": p.TenantID})
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": list})
}

func graphError(code, message string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": message}}
}
