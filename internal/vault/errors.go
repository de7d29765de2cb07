package vault

import (
	"errors"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

// Reason is the inner code of a refusal, in the tree of its fault: "ForbiddenByPolicy", "SecretDisabled".
type Reason string

// Error is the code.
func (r Reason) Error() string { return string(r) }

// The reasons.
const (
	ReasonPolicy      Reason = "ForbiddenByPolicy"
	ReasonRBAC        Reason = "ForbiddenByRbac"
	ReasonFirewall    Reason = "ForbiddenByFirewall"
	ReasonConnection  Reason = "ForbiddenByConnection"
	ReasonDisabled    Reason = "SecretDisabled"
	ReasonKeyDisabled Reason = "KeyDisabled"
	ReasonDeleted     Reason = "ObjectIsDeletedButRecoverable"
	ReasonInUse       Reason = "ObjectIsInUse"
	// A secret or a key of a certificate is changed by its certificate.
	ReasonManagedSecret Reason = "SecretManagedByKeyVault"
	ReasonManagedKey    Reason = "KeyManagedByKeyVault"
)

// Reasons lists every Reason, so that a test can ask for each.
func Reasons() []Reason {
	return []Reason{ReasonPolicy, ReasonRBAC, ReasonFirewall, ReasonConnection, ReasonDisabled, ReasonKeyDisabled, ReasonDeleted, ReasonInUse, ReasonManagedSecret, ReasonManagedKey}
}

// ReasonOf is the reason in err's tree, empty if there is none.
func ReasonOf(err error) Reason {
	r, _ := errors.AsType[Reason](err)
	return r
}

// Pages that Key Vault's messages send people to.
const (
	helpNotFound = "For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"
	helpPolicy   = "For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"
)

func coded(k fault.Kind, code string, reason Reason, format string, args ...any) error {
	e := fault.New(k, format, args...)
	e.Code = code
	if reason != "" {
		e.Err = reason
	}
	return e
}

func vaultNotFound(name string) error {
	return coded(fault.NotFound, "VaultNotFound", "", "There is no vault %q. Vaults are made by a PUT of Microsoft.KeyVault/vaults to the management API.", name)
}

// badParameter is input that is wrong in itself.
func badParameter(format string, args ...any) error {
	return coded(fault.Invalid, "BadParameter", "", format, args...)
}

func conflict(reason Reason, format string, args ...any) error {
	return coded(fault.Conflict, "Conflict", reason, format, args...)
}

func forbidden(reason Reason, format string, args ...any) error {
	return coded(fault.Forbidden, "Forbidden", reason, format, args...)
}

// notFound is an object, or a version of one, that is not there.
func notFound(a Area, name, version string) error {
	id := name
	if version != "" {
		id += "/" + version
	}
	return coded(fault.NotFound, a.Word()+"NotFound", "",
		"A %s with (name/id) %s was not found in this key vault. If you recently deleted this %s you may be able to recover it using the correct recovery command. %s",
		a.word(), id, a.word(), helpNotFound)
}

func deletedNotFound(a Area, name string) error {
	return coded(fault.NotFound, a.Word()+"NotFound", "", "Deleted %s not found: %s", a.Word(), name)
}

func isDeleted(a Area, name string) error {
	return conflict(ReasonDeleted, "%s %s is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the %s can only be recovered or purged.",
		a.Word(), name, a.word())
}

func isManaged(a Area, operation string) error {
	reason := ReasonManagedSecret
	if a == Keys {
		reason = ReasonManagedKey
	}
	return forbidden(reason, "Operation \"%s\" is not allowed on this %s, since it is associated with a certificate. Perform the operation on the corresponding certificate. "+
		"For more information refer to https://docs.microsoft.com/en-us/azure/key-vault/certificates/about-certificates#composition-of-a-certificate", operation, a.word())
}

func inUse(a Area, name string, users []string) error {
	return conflict(ReasonInUse, "The %s %s is in use by %s. Have them use another one first, or ask again with force=true.", a.word(), name, strings.Join(users, ", "))
}
