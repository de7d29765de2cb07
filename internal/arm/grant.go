package arm

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

// grantParameter is the query parameter of a PUT or PATCH that holds references: where the identity lacks the permissions,
// they are granted in the embedded vault, if the caller may do that.
const grantParameter = "grantAccess"

// grantHelp ends refusals for missing permissions on the embedded vault.
const grantHelp = " Or ask again with " + grantParameter + "=true, which grants them."

// secretsUserRole is the role "Key Vault Secrets User".
const secretsUserRole = "4633458b-17de-408a-b874-0445c86b69e6"

// fetchOrGrant fetches a reference. Where the embedded vault refuses for missing permissions, they are granted to those who
// ask for it, and else the refusal says how to ask.
func (c *change) fetchOrGrant(u reference.Use, id reference.SecretID) (reference.Secret, error) {
	secret, err := c.s.References.Fetch(c.ctx, id, u.Identity)
	f, ok := errors.AsType[*reference.Failure](err)
	if !ok || f.Code != "ForbiddenByPolicy" && f.Code != "ForbiddenByRbac" || !ofVault(u, id.VaultName(), c.s.VaultURI(id.VaultName())) {
		return secret, err
	}
	if !strings.EqualFold(c.q.URL.Query().Get(grantParameter), "true") {
		return secret, &reference.Failure{Code: f.Code, Message: f.Message + grantHelp}
	}
	if err := c.grant(u, id.VaultName()); err != nil {
		return secret, err
	}
	return c.s.References.Fetch(c.ctx, id, u.Identity)
}

// grant lets the reference's identity get and list the secrets of an embedded vault: by an access policy, or by a role
// assignment where the vault goes by roles. It needs the permission that doing it by itself would need.
func (c *change) grant(u reference.Use, vaultName string) error {
	e, err := c.s.Store.Get(c.ctx, resource.VaultKey(vaultName))
	if err != nil {
		return err
	}
	id, err := resource.ParseID(string(e.Value))
	if err != nil {
		return err
	}
	vault, err := c.s.fetch(c.ctx, id)
	if err != nil {
		return err
	}
	if vault == nil {
		return notFound(id)
	}
	principal, err := c.principalOf(u.Identity)
	if err != nil {
		return err
	}
	if byRoles, _ := vault.Properties["enableRbacAuthorization"].(bool); byRoles {
		return c.grantByRole(id, principal)
	}
	return c.grantByPolicy(vault, principal)
}

func (c *change) grantByPolicy(vault *resource.Resource, principal string) error {
	if err := c.s.authorize(c.ctx, c.q.principal, resource.VaultType+"/accessPolicies/write", vault.ID.String()); err != nil {
		return err
	}
	entry := map[string]any{"tenantId": vault.String("tenantId"), "objectId": principal, "permissions": map[string]any{"secrets": []any{"get", "list"}}}
	return c.otherwise(vault.ID, func(c *change) error {
		if c.old == nil {
			return notFound(vault.ID)
		}
		next := *c.old
		next.Top, next.Properties = maps.Clone(c.old.Top), cloneJSON(c.old.Properties).(map[string]any)
		next.Properties["accessPolicies"] = applyPolicies("add", next.Objects("accessPolicies"), []map[string]any{entry})
		c.next = &next
		return nil
	})
}

func (c *change) grantByRole(vault resource.ID, principal string) error {
	id, err := resource.ParseID(vault.String() + "/providers/" + resource.AssignmentType + "/" + newGUID())
	if err != nil {
		return err
	}
	if err := c.s.authorize(c.ctx, c.q.principal, resource.AssignmentType+"/write", id.String()); err != nil {
		return err
	}
	return c.otherwise(id, func(c *change) error {
		c.next = &resource.Resource{ID: id, Top: map[string]any{}, Properties: map[string]any{
			"principalId": principal, "roleDefinitionId": "/subscriptions/" + id.Subscription + definitions + secretsUserRole,
		}}
		return nil
	})
}

// otherwise writes another resource for the caller of this change, who was authorized.
func (c *change) otherwise(id resource.ID, build func(*change) error) error {
	k, err := kindOf(id)
	if err != nil {
		return err
	}
	r := (&http.Request{Method: http.MethodPut, URL: &url.URL{Path: id.String()}, Header: http.Header{}}).WithContext(c.ctx)
	_, err = c.s.write(&request{Request: r, id: id, kind: k, principal: c.q.principal}, build)
	return err
}

// principalOf is the object id of the service's identity with the client id; empty means the system-assigned one.
func (c *change) principalOf(clientID string) (string, error) {
	service := c.next
	if !service.ID.IsService() {
		var err error
		if service, err = c.s.fetch(c.ctx, service.ID.Parent()); err != nil {
			return "", err
		}
	}
	if system := resource.SystemAssigned(service); system.PrincipalID != "" && (clientID == "" || strings.EqualFold(clientID, system.ClientID)) {
		return system.PrincipalID, nil
	}
	for _, key := range resource.UserAssigned(service) {
		e, err := c.s.Store.Get(c.ctx, key)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return "", err
		}
		user, err := resource.Decode(e)
		if err != nil {
			return "", err
		}
		if strings.EqualFold(user.String("clientId"), clientID) {
			return user.String("principalId"), nil
		}
	}
	return "", fault.New(fault.Invalid, "The service has no identity with the client id '%s'.", clientID)
}
