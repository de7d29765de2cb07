package arm

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/internal/resource"
)

// reference is what a certificate, a host name or a named value takes from a vault.
type reference struct {
	// secret is the identifier of the secret or certificate, clientID the identity that reads it; empty: the
	// system-assigned one.
	secret, clientID string
	// user names what refers, for people.
	user string
}

// references are those of a resource.
func references(r *resource.Resource) []reference {
	if r.ID.RootType() != resource.ServiceType {
		return nil
	}
	switch r.ID.Collection() {
	case "certificates", "namedValues":
		if vault := r.Object("keyVault"); vault != nil {
			return []reference{newReference(vault, "secretIdentifier", r.ID.String())}
		}
	case "":
		var all []reference
		for _, h := range r.Objects("hostnameConfigurations") {
			if id, _ := h["keyVaultId"].(string); id != "" {
				all = append(all, newReference(h, "keyVaultId", fmt.Sprintf("%s (host name %v)", r.ID, h["hostName"])))
			}
		}
		return all
	}
	return nil
}

func newReference(m map[string]any, name, user string) reference {
	secret, _ := m[name].(string)
	clientID, _ := m["identityClientId"].(string)
	return reference{secret, clientID, user}
}

// referencesOf names the users of a resource's references that are wanted.
func referencesOf(r *resource.Resource, wanted func(reference) bool) []string {
	var users []string
	for _, ref := range references(r) {
		if wanted(ref) {
			users = append(users, ref.user)
		}
	}
	return users
}

// ofVault reports whether the reference is to the embedded vault of that name, whose URI is given.
func (ref reference) ofVault(name, uri string) bool {
	got, err := url.Parse(ref.secret)
	if err != nil {
		return false
	}
	own, err := url.Parse(uri)
	if err != nil {
		return false
	}
	host := strings.ToLower(got.Hostname())
	// Without a name of its own, the embedded vault answers as "default".
	return host == strings.ToLower(own.Hostname()) || name == "default" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

// eachResource calls f with each stored resource, as it was when the change began.
func (c *change) eachResource(f func(*resource.Resource) error) error {
	for _, e := range c.entries {
		r, err := resource.Decode(e)
		if err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// hasAccessPolicy reports whether a vault's document gives the principal permissions by an access policy.
func hasAccessPolicy(vault *resource.Resource, objectID string) bool {
	for _, p := range vault.Objects("accessPolicies") {
		if id, _ := p["objectId"].(string); strings.EqualFold(id, objectID) {
			return true
		}
	}
	return false
}
