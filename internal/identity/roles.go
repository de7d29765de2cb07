package identity

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// Role is a built-in role: what those may do who are assigned it
// (learn.microsoft.com/azure/role-based-access-control/built-in-roles, read 2026-11-25).
type Role struct {
	// ID is the role's GUID, the same in every tenant; Name and Description are for people.
	ID, Name, Description string
	// Actions are operations of the management API, NotActions what is taken from them; a star matches anything.
	Actions, NotActions []string
	// DataActions are operations of the vault.
	DataActions []string
}

// Allows reports whether the role holds a management action, "Microsoft.KeyVault/vaults/read".
func (r *Role) Allows(action string) bool {
	return anyPattern(r.Actions, action) && !anyPattern(r.NotActions, action)
}

// AllowsData reports whether the role holds an action on data, "Microsoft.KeyVault/vaults/secrets/getSecret/action".
func (r *Role) AllowsData(action string) bool { return anyPattern(r.DataActions, action) }

func anyPattern(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(strings.ToLower(p), strings.ToLower(action)) })
}

// matches tells whether the pattern, in which a star stands for any text, matches the whole text.
func matches(pattern, text string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	for {
		part, next, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(part):], next
	}
}

// readVault are the management actions that all roles of data hold.
var readVault = []string{"Microsoft.Authorization/*/read", "Microsoft.KeyVault/checkNameAvailability/read", "Microsoft.KeyVault/deletedVaults/read",
	"Microsoft.KeyVault/locations/*/read", "Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/operations/read"}

// roles are the built-in roles that Postern knows. Those that Azure limits by a condition (Key Vault Data Access
// Administrator) are not among them: without the condition they would give more.
var roles = []Role{
	{ID: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", Name: "Owner", Description: "Grants full access to manage all resources, including the ability to assign roles.", Actions: []string{"*"}},
	{ID: "b24988ac-6180-42a0-ab88-20f7382dd24c", Name: "Contributor", Description: "Grants full access to manage all resources, but not to assign roles.", Actions: []string{"*"},
		NotActions: []string{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"}},
	{ID: "acdd72a7-3385-48ef-bd42-f606fba81ae7", Name: "Reader", Description: "Views all resources, and changes none.", Actions: []string{"*/read"}},
	{ID: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", Name: "User Access Administrator", Description: "Manages access to resources.",
		Actions: []string{"*/read", "Microsoft.Authorization/*"}},
	{ID: "312a565d-c81f-4fd8-895a-4e21e48d571c", Name: "API Management Service Contributor", Description: "Manages services and their APIs.",
		Actions: []string{"Microsoft.ApiManagement/service/*", "Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"}},
	{ID: "71522526-b88f-4d52-b57f-d31fc3546d0d", Name: "API Management Service Reader Role", Description: "Reads services and their APIs.",
		Actions: []string{"Microsoft.ApiManagement/service/*/read", "Microsoft.ApiManagement/service/read", "Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"}},
	{ID: "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", Name: "Managed Identity Contributor", Description: "Makes, reads, changes and deletes user-assigned identities.",
		Actions: []string{"Microsoft.ManagedIdentity/userAssignedIdentities/*", "Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"}},
	{ID: "f1a07417-d97a-45cb-824c-7a7467783830", Name: "Managed Identity Operator", Description: "Reads and assigns user-assigned identities.",
		Actions: []string{"Microsoft.ManagedIdentity/userAssignedIdentities/*/read", "Microsoft.ManagedIdentity/userAssignedIdentities/read", "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action", "Microsoft.Authorization/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"}},
	{ID: "f25e0fa2-a7c8-4377-a976-54943a77a395", Name: "Key Vault Contributor", Description: "Manages vaults, but not their secrets, keys and certificates, and not the access to them.",
		Actions:    []string{"Microsoft.Authorization/*/read", "Microsoft.KeyVault/*", "Microsoft.Resources/subscriptions/resourceGroups/read"},
		NotActions: []string{"Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/hsmPools/*", "Microsoft.KeyVault/managedHsms/*"}},
	{ID: "00482a5a-887f-4fb3-b363-3b7fe8e74483", Name: "Key Vault Administrator", Description: "Does everything with the secrets, keys and certificates of a vault.",
		Actions: readVault, DataActions: []string{"Microsoft.KeyVault/vaults/*"}},
	{ID: "a4417e6f-fecd-4de8-b567-7b0420556985", Name: "Key Vault Certificates Officer", Description: "Does everything with the certificates of a vault, but manage permissions.",
		Actions: readVault, DataActions: []string{"Microsoft.KeyVault/vaults/certificatecas/*", "Microsoft.KeyVault/vaults/certificates/*", "Microsoft.KeyVault/vaults/certificatecontacts/write"}},
	{ID: "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", Name: "Key Vault Certificate User", Description: "Reads certificates with their keys.",
		DataActions: []string{"Microsoft.KeyVault/vaults/certificates/read", "Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action", "Microsoft.KeyVault/vaults/keys/read"}},
	{ID: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", Name: "Key Vault Secrets Officer", Description: "Does everything with the secrets of a vault, but manage permissions.",
		Actions: readVault, DataActions: []string{"Microsoft.KeyVault/vaults/secrets/*"}},
	{ID: "4633458b-17de-408a-b874-0445c86b69e6", Name: "Key Vault Secrets User", Description: "Reads the values of secrets.",
		DataActions: []string{"Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"}},
	{ID: "14b46e9e-c2b7-41b4-b07b-48a6ebf60603", Name: "Key Vault Crypto Officer", Description: "Does everything with the keys of a vault, but manage permissions.",
		Actions: readVault, DataActions: []string{"Microsoft.KeyVault/vaults/keys/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"}},
	{ID: "12338af0-0e69-4776-bea7-57ae8d297424", Name: "Key Vault Crypto User", Description: "Does cryptography with keys.",
		DataActions: []string{"Microsoft.KeyVault/vaults/keys/read", "Microsoft.KeyVault/vaults/keys/update/action", "Microsoft.KeyVault/vaults/keys/backup/action",
			"Microsoft.KeyVault/vaults/keys/encrypt/action", "Microsoft.KeyVault/vaults/keys/decrypt/action", "Microsoft.KeyVault/vaults/keys/wrap/action",
			"Microsoft.KeyVault/vaults/keys/unwrap/action", "Microsoft.KeyVault/vaults/keys/sign/action", "Microsoft.KeyVault/vaults/keys/verify/action"}},
	{ID: "21090545-7ca7-4776-b22c-e363652d74d2", Name: "Key Vault Reader", Description: "Reads what vaults hold, without the values of secrets and the material of keys.",
		Actions: readVault, DataActions: []string{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"}},
}

// Roles are the built-in roles; do not change them.
func Roles() []Role { return roles }

// RoleByID is the role of that GUID; nil if Postern does not know it.
func RoleByID(id string) *Role {
	i := slices.IndexFunc(roles, func(r Role) bool { return strings.EqualFold(r.ID, id) })
	if i < 0 {
		return nil
	}
	return &roles[i]
}

// Assignment gives a role to a principal at a scope and below.
type Assignment struct {
	// PrincipalID is the object id, RoleID the role's GUID.
	PrincipalID, RoleID string
	// Scope is the ARM id of a subscription, a resource group or a resource.
	Scope string
}

const assignments = "/identity/assignments"

// AssignmentKey is where the assignment stands in the store that is the resource of that ARM id. What stands on a
// resource begins with the resource's own key and a slash.
func AssignmentKey(resourceID string) string { return assignments + strings.ToLower(resourceID) }

// PutAssignment is the operation that makes an assignment count, to be committed with its resource.
func PutAssignment(resourceID string, a Assignment) (store.Op, error) {
	value, err := json.Marshal(a)
	return store.Put(AssignmentKey(resourceID), value), err
}

// Assignments are all role assignments.
func (d *Directory) Assignments(ctx context.Context) ([]Assignment, error) {
	entries, _, err := d.Store.List(ctx, assignments+"/")
	if err != nil {
		return nil, err
	}
	all := make([]Assignment, len(entries))
	for i, e := range entries {
		if err := json.Unmarshal(e.Value, &all[i]); err != nil {
			return nil, fault.Wrap(fault.Internal, err, "the role assignment %q is unreadable", e.Key)
		}
	}
	return all, nil
}

// Covers reports whether what is assigned at a.Scope holds for the ARM id.
func (a Assignment) Covers(id string) bool {
	scope, id := strings.ToLower(strings.TrimRight(a.Scope, "/")), strings.ToLower(id)
	return scope != "" && (id == scope || strings.HasPrefix(id, scope+"/"))
}

// Allowed reports whether the principal may do the management action on the resource of that ARM id.
func (d *Directory) Allowed(ctx context.Context, p *Principal, action, id string) (bool, error) {
	if p.Kind == Administrator {
		return true, nil
	}
	all, err := d.Assignments(ctx)
	if err != nil {
		return false, err
	}
	for _, a := range all {
		if strings.EqualFold(a.PrincipalID, p.ID) && a.Covers(id) {
			if r := RoleByID(a.RoleID); r != nil && r.Allows(action) {
				return true, nil
			}
		}
	}
	return false, nil
}
