package reference

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/fault"
)

// SecretID is a secret identifier: https://VAULT/secrets/NAME or https://VAULT/secrets/NAME/VERSION.
type SecretID struct {
	// Vault is the vault's base URL, without a slash at its end.
	Vault string
	// Name is the secret's name; Version is empty for the newest one.
	Name, Version string
}

var objectName = regexp.MustCompile(`^[0-9A-Za-z-]{1,127}$`)

// ParseID reads an identifier. The fault of what is none is of Kind Invalid; that of a certificate's or key's identifier is
// API Management's own.
func ParseID(text string) (SecretID, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return SecretID{}, fault.New(fault.Invalid, "%q is no secret identifier: https://VAULT/secrets/NAME", text)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if kind := strings.ToLower(parts[0]); kind == "certificates" || kind == "keys" {
		return SecretID{}, fault.New(fault.Invalid, "ApiManagement service only accepts KeyVault Secrets type.")
	}
	if len(parts) < 2 || len(parts) > 3 || !strings.EqualFold(parts[0], "secrets") || !objectName.MatchString(parts[1]) {
		return SecretID{}, fault.New(fault.Invalid, "%q is no secret identifier: https://VAULT/secrets/NAME", text)
	}
	id := SecretID{Vault: "https://" + strings.ToLower(u.Host), Name: parts[1]}
	if len(parts) == 3 {
		if !objectName.MatchString(parts[2]) {
			return SecretID{}, fault.New(fault.Invalid, "%q is no version of a secret", parts[2])
		}
		id.Version = parts[2]
	}
	return id, nil
}

// String is the identifier.
func (id SecretID) String() string {
	s := id.Vault + "/secrets/" + id.Name
	if id.Version != "" {
		s += "/" + id.Version
	}
	return s
}

// Host is the vault's host name, without port.
func (id SecretID) Host() string {
	u, err := url.Parse(id.Vault)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// VaultName is the first label of the host, which people call the vault.
func (id SecretID) VaultName() string {
	name, _, _ := strings.Cut(id.Host(), ".")
	return name
}

// Rotates tells whether a new version of the secret is picked up.
func (id SecretID) Rotates() bool { return id.Version == "" }
