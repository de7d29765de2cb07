package arm

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

// referencesOf names the users of a resource's references that are wanted.
func referencesOf(r *resource.Resource, wanted func(reference.Use) bool) []string {
	var users []string
	for _, u := range reference.Of(r) {
		switch {
		case !wanted(u):
		case u.Kind == reference.Hostname:
			users = append(users, fmt.Sprintf("%s (host name %s)", r.ID, u.Slot[strings.LastIndexByte(u.Slot, '/')+1:]))
		default:
			users = append(users, r.ID.String())
		}
	}
	return users
}

// ofVault reports whether the reference is to the embedded vault of that name, whose URI is given.
func ofVault(u reference.Use, name, uri string) bool {
	got, err := reference.ParseID(u.Secret)
	if err != nil {
		return false
	}
	own, err := url.Parse(uri)
	if err != nil {
		return false
	}
	host := got.Host()
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
