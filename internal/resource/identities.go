package resource

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/internal/apim"
)

// UserAssignedType is the type of user-assigned managed identities, VaultType that of vaults.
const (
	UserAssignedType = IdentityProvider + "/userAssignedIdentities"
	VaultType        = VaultProvider + "/vaults"
	AssignmentType   = AuthorizationProvider + "/roleAssignments"
)

// SystemAssigned is the system-assigned identity of a service's resource; its ids are empty where there is none.
func SystemAssigned(r *Resource) apim.Identity {
	identity, _ := r.Top["identity"].(map[string]any)
	if kind, _ := identity["type"].(string); !strings.Contains(kind, "SystemAssigned") {
		return apim.Identity{}
	}
	return apim.Identity{PrincipalID: r.Hidden.Identifiers["principalId"], ClientID: r.Hidden.Identifiers["clientId"]}
}

// UserAssigned are the store's keys of the user-assigned identities of a service's resource, sorted.
func UserAssigned(r *Resource) []string {
	identity, _ := r.Top["identity"].(map[string]any)
	named, _ := identity["userAssignedIdentities"].(map[string]any)
	var keys []string
	for id := range named {
		keys = append(keys, KeyOf(id))
	}
	slices.Sort(keys)
	return keys
}

// VaultKey is where the store says which vault resource has the name: vault names are one space, whatever their groups.
func VaultKey(name string) string { return "/vaults/names/" + strings.ToLower(name) }
