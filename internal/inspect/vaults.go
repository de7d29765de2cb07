package inspect

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/reply"
	"github.com/postern-gateway/postern/internal/resource"
)

// vaultPrefix is what the embedded vaults' own REST stands below.
const vaultPrefix = "/postern/v1/vaults/"

// vaultView names a vault.
type vaultView struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	ID   string `json:"id"`
}

// vaults answers GET /postern/v1/vaults.
func (s *Server) vaults(_ http.ResponseWriter, r *http.Request) (any, error) {
	all, err := s.vaultResources(r)
	if err != nil {
		return nil, err
	}
	list := []vaultView{}
	for _, v := range all {
		list = append(list, vaultView{v.ID.Name(), s.VaultURL(v.ID.Name()), v.ID.String()})
	}
	return map[string]any{"vaults": list}, nil
}

func (s *Server) vaultResources(r *http.Request) ([]*resource.Resource, error) {
	if s.Vault == nil || s.VaultURL == nil || s.Resources == nil {
		return nil, missing("embedded vault")
	}
	all, err := s.Resources(r.Context())
	return slices.DeleteFunc(all, func(x *resource.Resource) bool {
		return x.ID.Provider != resource.VaultProvider || !x.ID.IsRoot() || !strings.EqualFold(x.ID.Path[0].Collection, "vaults")
	}), err
}

// vault hands a request to an embedded vault, for the principal who calls.
func (s *Server) vault(w http.ResponseWriter, r *http.Request) {
	if s.Vault == nil {
		reply.Error(w, r, s.log, missing("embedded vault"))
		return
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, vaultPrefix), "/")
	inner := r.Clone(r.Context())
	inner.URL.Path, inner.URL.RawPath = "/"+rest, ""
	inner.Header.Del("Authorization") // the vault is told who calls
	s.Vault(w, inner, name, caller(r.Context()))
}

// permissions are what an access policy allows.
type permissions struct {
	Vault        string   `json:"vault"`
	Keys         []string `json:"keys"`
	Secrets      []string `json:"secrets"`
	Certificates []string `json:"certificates"`
}

// identityView is a managed identity with what it may do in vaults.
type identityView struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Kind        string        `json:"kind"`
	PrincipalID string        `json:"principalId"`
	ClientID    string        `json:"clientId"`
	Permissions []permissions `json:"permissions"`
}

// identities answers GET /postern/v1/identities: the managed identities of the service and of its resource group.
func (s *Server) identities(_ http.ResponseWriter, r *http.Request) (any, error) {
	svc, err := s.service()
	if err != nil {
		return nil, err
	}
	list := []identityView{}
	if i := svc.Identity; i.PrincipalID != "" {
		list = append(list, identityView{ID: s.ID.String(), Name: svc.Name, Kind: "SystemAssigned", PrincipalID: i.PrincipalID, ClientID: i.ClientID})
	}
	var all []*resource.Resource
	if s.Resources != nil {
		if all, err = s.Resources(r.Context()); err != nil {
			return nil, err
		}
	}
	for _, x := range all {
		if x.ID.Provider == resource.IdentityProvider && x.ID.IsRoot() {
			list = append(list, identityView{ID: x.ID.String(), Name: x.ID.Name(), Kind: "UserAssigned", PrincipalID: x.String("principalId"), ClientID: x.String("clientId")})
		}
	}
	for i := range list {
		list[i].Permissions = permissionsOf(all, list[i].PrincipalID)
	}
	return map[string]any{"identities": list}, nil
}

// permissionsOf are the access policies that vaults have for a principal.
func permissionsOf(all []*resource.Resource, principal string) []permissions {
	list := []permissions{}
	for _, v := range all {
		if v.ID.Provider != resource.VaultProvider || !v.ID.IsRoot() {
			continue
		}
		for _, p := range v.Objects("accessPolicies") {
			if id, _ := p["objectId"].(string); !strings.EqualFold(id, principal) || principal == "" {
				continue
			}
			allowed, _ := p["permissions"].(map[string]any)
			list = append(list, permissions{v.ID.Name(), texts(allowed["keys"]), texts(allowed["secrets"]), texts(allowed["certificates"])})
		}
	}
	return list
}

// texts are the strings of a JSON array.
func texts(v any) []string {
	out := []string{}
	list, _ := v.([]any)
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// grant answers POST /postern/v1/vaults/{vault}/grant: it adds to the vault's access policies through the management API.
func (s *Server) grant(w http.ResponseWriter, r *http.Request) (any, error) {
	var q struct {
		PrincipalID                 string
		Keys, Secrets, Certificates []string
	}
	if err := reply.Read(w, r, maxBody, &q); err != nil {
		return nil, err
	}
	if s.Management == nil {
		return nil, missing("management API")
	}
	all, err := s.vaultResources(r)
	if err != nil {
		return nil, err
	}
	name := r.PathValue("vault")
	i := slices.IndexFunc(all, func(v *resource.Resource) bool { return strings.EqualFold(v.ID.Name(), name) })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "There is no vault %q.", name)
	}
	vault := all[i]
	body, err := json.Marshal(map[string]any{"properties": map[string]any{"accessPolicies": []any{map[string]any{
		"tenantId": vault.String("tenantId"), "objectId": q.PrincipalID,
		"permissions": map[string]any{"keys": orNone(q.Keys), "secrets": orNone(q.Secrets), "certificates": orNone(q.Certificates)},
	}}}})
	if err != nil {
		return nil, err
	}
	return s.manage(r, http.MethodPut, vault.ID.String()+"/accessPolicies/add?api-version=2023-07-01", body)
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// manage calls the management API in this process, as the caller.
func (s *Server) manage(r *http.Request, method, path string, body []byte) (any, error) {
	inner, err := http.NewRequestWithContext(r.Context(), method, "https://"+r.Host+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	inner.Header.Set("Authorization", r.Header.Get("Authorization"))
	inner.Header.Set("Content-Type", "application/json")
	resp, err := s.Management.RoundTrip(inner)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is in memory
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 400 {
		var e reply.Envelope
		if err := json.Unmarshal(data, &e); err != nil {
			return nil, err
		}
		f := fault.New(kindOf(resp.StatusCode), "%s", e.Error.Message)
		f.Code, f.Target = e.Error.Code, e.Error.Target
		return nil, f
	}
	return json.RawMessage(data), nil
}

// kindOf is the fault that a status of the management API tells of.
func kindOf(status int) fault.Kind {
	switch status {
	case http.StatusBadRequest:
		return fault.Invalid
	case http.StatusUnauthorized:
		return fault.Unauthenticated
	case http.StatusForbidden:
		return fault.Forbidden
	case http.StatusNotFound:
		return fault.NotFound
	case http.StatusConflict:
		return fault.Conflict
	case http.StatusPreconditionFailed:
		return fault.PreconditionFailed
	}
	return fault.Internal
}
