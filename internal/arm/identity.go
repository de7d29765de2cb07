package arm

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

// maxUserAssigned is how many user-assigned identities a service has
// (learn.microsoft.com/azure/api-management/api-management-howto-use-managed-service-identity, read 2026-11-25).
const maxUserAssigned = 10

// newGUID is a random UUID, version 4 (RFC 9562).
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func userAssignedKind() *kind {
	return &kind{root: resource.UserAssignedType, title: "Identity", patch: true, looseMatch: true,
		name: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-_]{2,127}$`), maxName: 128,
		check: checkUserAssigned, depends: deleting, release: releaseUserAssigned, view: viewPlain}
}

// computedIdentity are the properties of a user-assigned identity that the server gives.
var computedIdentity = []string{"tenantId", "principalId", "clientId"}

// checkUserAssigned is the rule of Microsoft.ManagedIdentity/userAssignedIdentities: its ids are given once and stay.
func checkUserAssigned(c *change) error {
	if err := checkPlace(c); err != nil {
		return err
	}
	p := c.next.Properties
	for _, name := range computedIdentity {
		delete(p, name)
		if c.old != nil {
			p[name] = c.old.Properties[name]
		}
	}
	if c.old != nil {
		return nil
	}
	principal := identity.Principal{ID: newGUID(), ClientID: newGUID(), TenantID: c.s.tenant(), Name: c.next.ID.Name(),
		Kind: identity.UserAssigned, Resource: c.next.ID.String(), Created: time.Now().UTC()}
	p["tenantId"], p["principalId"], p["clientId"] = principal.TenantID, principal.ID, principal.ClientID
	ops, err := identity.PutOps(principal)
	c.also = append(c.also, ops...)
	return err
}

// checkPlace is the rule of every top-level resource: it has a location, its tags are texts, and its group is there.
func checkPlace(c *change) error {
	var f faults
	if s, _ := c.next.Top["location"].(string); s == "" {
		f.add("location", "The location property is required for this definition.")
	}
	if tags, ok := c.next.Top["tags"].(map[string]any); ok {
		for k, v := range tags {
			if _, isText := v.(string); !isText {
				f.add("tags", "The value of the tag '%s' is not a string.", k)
			}
		}
	} else if c.next.Top["tags"] != nil {
		f.add("tags", "tags is not an object.")
	}
	if err := f.err(); err != nil {
		return err
	}
	return c.s.groupExists(c.ctx, c.next.ID.Subscription, c.next.ID.Group)
}

// releaseUserAssigned refuses the end of an identity that is in use, and else ends its principal.
func releaseUserAssigned(c *change) error {
	principalID, clientID := c.old.String("principalId"), c.old.String("clientId")
	key := c.old.ID.Key()
	var users []string
	assigned := false
	err := c.eachResource(func(r *resource.Resource) error {
		switch {
		case r.ID.IsService() && slices.Contains(resource.UserAssigned(r), key):
			assigned = true // it is taken from the service first, forced or not
			users = append(users, r.ID.String()+" (identity)")
		case r.ID.RootType() == resource.VaultType && r.ID.IsRoot() && hasAccessPolicy(r, principalID):
			users = append(users, r.ID.String()+" (access policy)")
		}
		users = append(users, referencesOf(r, func(u reference.Use) bool { return strings.EqualFold(u.Identity, clientID) })...)
		return nil
	})
	if err != nil {
		return err
	}
	if len(users) > 0 && !(c.forced() && !assigned) {
		return inUse("identity", c.old.ID.Name(), users, assigned)
	}
	c.also = append(c.also, identity.RemoveOps(principalID, clientID)...)
	return nil
}

// inUse is the refusal to delete what others use; always says that force does not help.
func inUse(what, name string, users []string, always bool) error {
	text := forceHelp
	if always {
		text = ""
	}
	return fault.New(fault.Conflict, "The %s '%s' cannot be deleted since it is used by %s.%s", what, name, strings.Join(users, ", "), text)
}

// identityChanged reports whether a change of the service is one of its identities.
func identityChanged(c *change) bool {
	return c.old == nil || c.next == nil || !reflect.DeepEqual(c.old.Top["identity"], c.next.Top["identity"])
}

var identityTypes = []string{"None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"}

// checkIdentity is the rule of the service's identity: the type, and the user-assigned identities by ARM id. Principals
// come and go with it.
func checkIdentity(c *change) error {
	system, err := readIdentity(c)
	if err != nil {
		return err
	}
	if err := c.keepUsedIdentities(system); err != nil {
		return err
	}
	had := c.old.Hidden.Identifiers
	switch {
	case system && had["principalId"] != "":
		c.next.Hidden.Identifiers = maps.Clone(had)
	case system:
		p := identity.Principal{ID: newGUID(), ClientID: newGUID(), TenantID: c.s.tenant(), Name: c.next.ID.Name(), Kind: identity.SystemAssigned,
			Resource: c.next.ID.String(), Created: time.Now().UTC()}
		c.next.Hidden.Identifiers = map[string]string{"principalId": p.ID, "clientId": p.ClientID}
		ops, err := identity.PutOps(p)
		c.also = append(c.also, ops...)
		return err
	case had["principalId"] != "":
		c.next.Hidden.Identifiers = nil
		c.also = append(c.also, identity.RemoveOps(had["principalId"], had["clientId"])...)
	}
	return nil
}

// readIdentity checks the member identity, writes it in its stored form, and tells whether there is a system-assigned one.
func readIdentity(c *change) (system bool, err error) {
	given, present := c.next.Top["identity"]
	if !present && c.patched == nil && c.old.Top["identity"] != nil {
		// A PUT that does not speak of identities leaves them: the type None takes them away.
		given = cloneJSON(c.old.Top["identity"])
	}
	if given == nil {
		delete(c.next.Top, "identity")
		return false, nil
	}
	var f faults
	object, ok := given.(map[string]any)
	if !ok {
		f.add("identity", "identity is not an object.")
		return false, f.err()
	}
	kind := identityType(&f, object)
	named, _ := object["userAssignedIdentities"].(map[string]any)
	if object["userAssignedIdentities"] != nil && named == nil {
		f.add("identity.userAssignedIdentities", "userAssignedIdentities is not an object whose names are ids of identities.")
	}
	user := strings.Contains(kind, "UserAssigned")
	switch {
	case user && len(named) == 0:
		f.add("identity.userAssignedIdentities", "The type '%s' needs one identity at least.", kind)
	case !user && len(named) > 0 && c.patched == nil:
		f.add("identity.userAssignedIdentities", "The type '%s' goes without user-assigned identities.", kind)
	case user && len(named) > maxUserAssigned:
		f.add("identity.userAssignedIdentities", "There are %d user-assigned identities; a service has %d at most.", len(named), maxUserAssigned)
	}
	if err := f.err(); err != nil {
		return false, err
	}
	stored := map[string]any{"type": kind}
	if user {
		if stored["userAssignedIdentities"], err = c.userAssigned(named); err != nil {
			return false, err
		}
	}
	c.next.Top["identity"] = stored
	return strings.Contains(kind, "SystemAssigned"), nil
}

// identityType is the type in the spelling of the specification.
func identityType(f *faults, object map[string]any) string {
	text, _ := object["type"].(string)
	plain := strings.ReplaceAll(text, " ", "")
	for _, t := range identityTypes {
		if strings.EqualFold(strings.ReplaceAll(t, " ", ""), plain) {
			return t
		}
	}
	f.add("identity.type", "'%s' is not one of %s.", text, strings.Join(identityTypes, "; "))
	return ""
}

// userAssigned are the identities named, which must exist up to the commit, by their ids as they were created.
func (c *change) userAssigned(named map[string]any) (map[string]any, error) {
	stored := map[string]any{}
	for text := range named {
		id, err := resource.ParseID(text)
		if err != nil || id.Type() != resource.UserAssignedType || id.IsCollection() {
			return nil, fieldErrors(fault.Detail{Target: "identity.userAssignedIdentities", Message: fmt.Sprintf("'%s' is not the id of a user-assigned identity.", text)})
		}
		r, err := c.s.fetch(c.ctx, id)
		if err != nil {
			return nil, err
		}
		if r == nil {
			return nil, fieldErrors(fault.Detail{Target: "identity.userAssignedIdentities", Message: fmt.Sprintf("The identity '%s' does not exist.", text)})
		}
		if !slices.Contains(resource.UserAssigned(c.old), id.Key()) {
			if err := c.s.authorize(c.ctx, c.q.principal, resource.UserAssignedType+"/assign/action", r.ID.String()); err != nil {
				return nil, err
			}
		}
		c.require = append(c.require, store.Exists(id.Key()))
		stored[r.ID.String()] = map[string]any{}
	}
	return stored, nil
}

// keepUsedIdentities refuses to take from the service an identity by which it reads a vault.
func (c *change) keepUsedIdentities(system bool) error {
	gone := map[string]bool{} // client ids
	next := resource.UserAssigned(c.next)
	for _, key := range resource.UserAssigned(c.old) {
		if slices.Contains(next, key) {
			continue
		}
		for _, e := range c.entries {
			if e.Key == key {
				r, err := resource.Decode(e)
				if err != nil {
					return err
				}
				gone[strings.ToLower(r.String("clientId"))] = true
			}
		}
	}
	if !system && c.old.Hidden.Identifiers["principalId"] != "" {
		gone[""] = true // references without a client id are the system-assigned identity's
	}
	if len(gone) == 0 {
		return nil
	}
	var users []string
	err := c.eachResource(func(r *resource.Resource) error {
		if r.ID.Key() == c.next.ID.Key() {
			r = c.next
		}
		users = append(users, referencesOf(r, func(u reference.Use) bool { return gone[strings.ToLower(u.Identity)] })...)
		return nil
	})
	if err != nil || len(users) == 0 || c.forced() {
		return err
	}
	return fault.New(fault.Conflict, "The service's identity cannot be taken away since it is used by %s.%s", strings.Join(users, ", "), forceHelp)
}

// viewIdentity is the member identity of the service's answer, with the ids that the server gave.
func (s *Server) viewIdentity(q *request, r *resource.Resource) (any, error) {
	stored, ok := r.Top["identity"].(map[string]any)
	if !ok {
		return nil, nil
	}
	shown := maps.Clone(stored)
	if id := resource.SystemAssigned(r); id.PrincipalID != "" {
		shown["principalId"], shown["tenantId"] = id.PrincipalID, s.tenant()
	}
	named, ok := stored["userAssignedIdentities"].(map[string]any)
	if !ok {
		return shown, nil
	}
	users := map[string]any{}
	for text := range named {
		id, err := resource.ParseID(text)
		if err != nil {
			return nil, err
		}
		user, err := s.fetch(q.Context(), id)
		if err != nil {
			return nil, err
		}
		users[text] = map[string]any{}
		if user != nil {
			users[text] = map[string]any{"principalId": user.Properties["principalId"], "clientId": user.Properties["clientId"]}
		}
	}
	shown["userAssignedIdentities"] = users
	return shown, nil
}

// getSystemAssigned answers GET {scope}/providers/Microsoft.ManagedIdentity/identities/default, which shows the client id
// of a system-assigned identity too.
func (s *Server) getSystemAssigned(w http.ResponseWriter, q *request, words []string) error {
	id, err := resource.ParseID(words[0])
	if err != nil {
		return err
	}
	r, err := s.fetch(q.Context(), id)
	if err != nil {
		return err
	}
	if r == nil {
		return notFound(id)
	}
	system := resource.SystemAssigned(r)
	if system.PrincipalID == "" {
		return fault.New(fault.NotFound, "%s has no system-assigned identity.", r.ID)
	}
	writeJSON(w, http.StatusOK, map[string]any{"id": r.ID.String() + "/providers/Microsoft.ManagedIdentity/identities/default", "name": "default",
		"type": "Microsoft.ManagedIdentity/identities", "location": r.Top["location"],
		"properties": map[string]any{"tenantId": s.tenant(), "principalId": system.PrincipalID, "clientId": system.ClientID}})
	return nil
}
