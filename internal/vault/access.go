package vault

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/internal/identity"
)

// Area is one of the three collections of a vault.
type Area string

// The areas.
const (
	Secrets      Area = "secrets"
	Certificates Area = "certificates"
	Keys         Area = "keys"
)

// Word is the area's single object, "Secret".
func (a Area) Word() string {
	w := a.word()
	return strings.ToUpper(w[:1]) + w[1:]
}

func (a Area) word() string { return strings.TrimSuffix(string(a), "s") }

// permission is what an operation needs: a name in an access policy, or a data action of a role.
type permission struct {
	area   Area
	policy string // as access policies spell it
	action string // below Microsoft.KeyVault/vaults/
}

// Permissions of the operations (learn.microsoft.com/rest/api/keyvault, section "permission required" of each, and
// learn.microsoft.com/azure/role-based-access-control/permissions/security, read 2026-11).
var (
	getSecret    = permission{Secrets, "get", "secrets/getSecret/action"}
	setSecret    = permission{Secrets, "set", "secrets/setSecret/action"}
	updateSecret = permission{Secrets, "set", "secrets/update/action"}

	getCertificate    = permission{Certificates, "get", "certificates/read"}
	createCertificate = permission{Certificates, "create", "certificates/create/action"}
	importCertificate = permission{Certificates, "import", "certificates/import/action"}
	updateCertificate = permission{Certificates, "update", "certificates/update/action"}

	manageContacts = permission{Certificates, "managecontacts", "certificatecontacts/write"}
	getIssuers     = permission{Certificates, "getissuers", "certificatecas/read"}
	listIssuers    = permission{Certificates, "listissuers", "certificatecas/read"}
	setIssuers     = permission{Certificates, "setissuers", "certificatecas/write"}
	deleteIssuers  = permission{Certificates, "deleteissuers", "certificatecas/delete"}

	getKey     = permission{Keys, "get", "keys/read"}
	signKey    = permission{Keys, "sign", "keys/sign/action"}
	verifyKey  = permission{Keys, "verify", "keys/verify/action"}
	encryptKey = permission{Keys, "encrypt", "keys/encrypt/action"}
	decryptKey = permission{Keys, "decrypt", "keys/decrypt/action"}
	wrapKey    = permission{Keys, "wrapKey", "keys/wrap/action"}
	unwrapKey  = permission{Keys, "unwrapKey", "keys/unwrap/action"}
)

// dataAction begins the name of every data action.
const dataAction = "Microsoft.KeyVault/vaults/"

// read is the permission to list an area's objects and their versions.
func (a Area) read() permission {
	if a == Secrets {
		return permission{a, "list", "secrets/readMetadata/action"}
	}
	return permission{a, "list", string(a) + "/read"}
}

// act is the permission for what every area has: delete, recover, purge, backup, restore.
func (a Area) act(operation string) permission {
	if operation == "delete" {
		return permission{a, operation, string(a) + "/delete"}
	}
	return permission{a, operation, string(a) + "/" + operation + "/action"}
}

// readDeleted is the permission to get one deleted object.
func (a Area) readDeleted() permission {
	p := a.read()
	p.policy = "get"
	return p
}

// allow judges whether the caller may do what needs the permission to the object, to the vault as a whole if the
// name is empty.
func (v *Vault) allow(ctx context.Context, p permission, name string) error {
	if v.managing {
		return nil
	}
	if v.p.EnableRBACAuthorization {
		return v.allowByRole(ctx, p, name)
	}
	for _, policy := range v.p.AccessPolicies {
		if policy.speaksOf(v.caller) && policy.grants(p) {
			return nil
		}
	}
	return forbidden(ReasonPolicy, "The user, group or application '%s' does not have %s %s permission on key vault '%s'. %s",
		v.caller, p.area, strings.ToLower(p.policy), v.where(), helpPolicy)
}

// speaksOf reports whether the policy is the caller's. One with an application speaks of that application on behalf of
// the principal, which no token of ours is.
func (a AccessPolicy) speaksOf(c Caller) bool {
	return c.ObjectID != "" && strings.EqualFold(a.ObjectID, c.ObjectID) && a.ApplicationID == "" &&
		(a.TenantID == "" || strings.EqualFold(a.TenantID, c.TenantID))
}

func (a AccessPolicy) grants(p permission) bool {
	names := a.Permissions.Secrets
	switch p.area {
	case Certificates:
		names = a.Permissions.Certificates
	case Keys:
		names = a.Permissions.Keys
	}
	return slices.ContainsFunc(names, func(n string) bool {
		if strings.EqualFold(n, p.policy) || strings.EqualFold(n, "all") && p.policy != "purge" {
			return true
		}
		// manageissuers is the older name for all that is done with issuers.
		return strings.EqualFold(n, "manageissuers") && strings.HasSuffix(p.policy, "issuers")
	})
}

// allowByRole judges by role assignments: at the object, at the vault or above it.
func (v *Vault) allowByRole(ctx context.Context, p permission, name string) error {
	resource := v.p.ID
	if name != "" {
		resource += "/" + string(p.area) + "/" + name
	}
	var assignments []identity.Assignment
	if v.e.o.Assignments != nil {
		var err error
		if assignments, err = v.e.o.Assignments(ctx); err != nil {
			return err
		}
	}
	for _, a := range assignments {
		if strings.EqualFold(a.PrincipalID, v.caller.ObjectID) && v.caller.ObjectID != "" && a.Covers(resource) {
			if role := identity.RoleByID(a.RoleID); role != nil && role.AllowsData(dataAction+p.action) {
				return nil
			}
		}
	}
	return forbidden(ReasonRBAC, "Caller is not authorized to perform action on resource.\r\n"+
		"If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\n"+
		"Caller: %s\r\nAction: '%s'\r\nResource: '%s'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: %s\r\n",
		v.caller, dataAction+p.action, strings.ToLower(resource), v.where())
}

// checkNetwork judges the caller's address.
func (v *Vault) checkNetwork() error {
	acls := v.p.NetworkACLs
	trusted := v.caller.SystemAssigned && (acls == nil || !strings.EqualFold(acls.Bypass, "None"))
	if trusted {
		return nil
	}
	if strings.EqualFold(v.p.PublicNetworkAccess, "Disabled") {
		return forbidden(ReasonConnection, "Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: %s\r\nVault: %s", v.caller, v.where())
	}
	if acls == nil || acls.DefaultAction == "" || strings.EqualFold(acls.DefaultAction, "Allow") {
		return nil
	}
	address := v.caller.Address.Unmap().WithZone("")
	for _, rule := range acls.IPRules {
		if rule.matches(address) {
			return nil
		}
	}
	return forbidden(ReasonFirewall, "Client address is not authorized and caller is not a trusted service.\r\nClient address: %s\r\nCaller: %s\r\nVault: %s", address, v.caller, v.where())
}

// matches reports whether the rule names the address; a rule that cannot be read names none.
func (r IPRule) matches(a netip.Addr) bool {
	if p, err := netip.ParsePrefix(r.Value); err == nil {
		return p.Contains(a)
	}
	single, err := netip.ParseAddr(r.Value)
	return err == nil && single.Unmap() == a
}
