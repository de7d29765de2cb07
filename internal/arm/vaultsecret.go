package arm

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/vault"
)

// vaultSecretKind are secrets of vaults as templates deploy them: they can be made, changed and seen, and neither read
// nor deleted (learn.microsoft.com/rest/api/keyvault/secrets/create-or-update, read 2026-11-26). They live in the vault.
func vaultSecretKind() *kind {
	return &kind{root: resource.VaultType, collection: "secrets", title: "Secret", undeletable: true, patch: true, looseMatch: true,
		entity: (*Server).vaultSecret, list: (*Server).listVaultSecrets}
}

// secretBody is what is sent of a secret.
type secretBody struct {
	Tags       map[string]string `json:"tags"`
	Properties struct {
		Value       *string `json:"value"`
		ContentType *string `json:"contentType"`
		Attributes  *struct {
			Enabled *bool  `json:"enabled"`
			NBF     *int64 `json:"nbf"`
			EXP     *int64 `json:"exp"`
		} `json:"attributes"`
	} `json:"properties"`
}

// change is the body as the vault takes it; whole replaces the tags also where none are sent.
func (b secretBody) change(whole bool) vault.Change {
	c := vault.Change{ContentType: b.Properties.ContentType, Tags: maps.Clone(b.Tags)}
	if whole && c.Tags == nil {
		c.Tags = map[string]string{}
	}
	date := func(seconds *int64) *time.Time {
		if seconds == nil {
			return nil
		}
		t := time.Unix(*seconds, 0).UTC()
		return &t
	}
	if a := b.Properties.Attributes; a != nil {
		c.Enabled, c.NotBefore, c.Expires = a.Enabled, date(a.NBF), date(a.EXP)
	}
	return c
}

// vaultOf is the vault that a secret's id stands in, with its document.
func (s *Server) vaultOf(q *request) (*vault.Vault, *resource.Resource, error) {
	parent := q.id.Root()
	document, err := s.fetch(q.Context(), parent)
	if err != nil {
		return nil, nil, err
	}
	if document == nil {
		return nil, nil, notFound(parent)
	}
	if s.Vault == nil {
		return nil, nil, fault.New(fault.Unsupported, "There is no embedded vault here.")
	}
	v, err := s.Vault(q.Context(), parent.Name())
	return v, document, err
}

// vaultSecret answers GET, PUT and PATCH of a secret.
func (s *Server) vaultSecret(w http.ResponseWriter, q *request) error {
	if !slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch}, q.Method) {
		return notAllowed(w, q.Method, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch)
	}
	v, document, err := s.vaultOf(q)
	if err != nil {
		return err
	}
	name, status := q.id.Name(), http.StatusOK
	if q.Method == http.MethodPut || q.Method == http.MethodPatch {
		created, err := s.changeVaultSecret(q, v)
		if err != nil {
			return err
		}
		if created {
			status = http.StatusCreated
		}
		s.audit(q, q.id.String())
	}
	item, err := v.DescribeSecret(q.Context(), name)
	if err != nil {
		return err
	}
	writeJSON(w, status, s.viewSecret(document, item))
	return nil
}

// changeVaultSecret makes or changes the secret. One that is deployed again with the value that it has gets no new version.
func (s *Server) changeVaultSecret(q *request, v *vault.Vault) (created bool, err error) {
	var body secretBody
	if err := resource.DecodeJSON(q.body, &body); err != nil {
		return false, badRequest("The request body is not a secret: %v.", err)
	}
	value := body.Properties.Value
	switch {
	case value != nil:
		_, created, err = v.EnsureSecret(q.Context(), q.id.Name(), *value, body.change(q.Method == http.MethodPut))
		return created, err
	case q.Method == http.MethodPut:
		return false, badRequest("The secret needs properties.value.")
	}
	_, err = v.UpdateSecret(q.Context(), q.id.Name(), "", body.change(false))
	return false, err
}

// viewSecret is a secret as this API shows it, without its value.
func (s *Server) viewSecret(document *resource.Resource, i vault.Item) map[string]any {
	attributes := map[string]any{"enabled": i.Attributes.Enabled, "created": i.Attributes.Created.Unix(), "updated": i.Attributes.Updated.Unix()}
	for name, t := range map[string]*time.Time{"nbf": i.Attributes.NotBefore, "exp": i.Attributes.Expires} {
		if t != nil {
			attributes[name] = t.Unix()
		}
	}
	uri := strings.TrimSuffix(s.VaultURI(document.ID.Name()), "/") + "/secrets/" + i.Name
	properties := map[string]any{"attributes": attributes, "secretUri": uri, "secretUriWithVersion": uri + "/" + i.Version}
	if i.ContentType != "" {
		properties["contentType"] = i.ContentType
	}
	tags := map[string]string{}
	maps.Copy(tags, i.Tags)
	id := document.ID.Of("secrets", i.Name)
	return map[string]any{"id": id.String(), "name": i.Name, "type": id.Type(), "location": document.Top["location"], "tags": tags, "properties": properties}
}

// listVaultSecrets lists the secrets of a vault, those of certificates left out.
func (s *Server) listVaultSecrets(w http.ResponseWriter, q *request) error {
	v, document, err := s.vaultOf(q)
	if err != nil {
		return err
	}
	items, err := v.List(q.Context(), vault.Secrets, false, vault.Window{})
	if err != nil {
		return err
	}
	list := []map[string]any{}
	for _, i := range items {
		if !i.Managed {
			list = append(list, s.viewSecret(document, i))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": list})
	return nil
}
