package arm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/vault/reference"
	"github.com/postern-gateway/postern/pki/cert"
)

// References resolves what resources refer to in key vaults.
type References interface {
	// Fetch reads a secret now.
	Fetch(ctx context.Context, id reference.SecretID, identityClientID string) (reference.Secret, error)
	// Refresh fetches all that a stored resource refers to now, and stores it by Server.Update.
	Refresh(ctx context.Context, r *resource.Resource) error
}

// fetched is what a reference of the next state gave.
type fetched struct {
	id     reference.SecretID
	secret reference.Secret
	err    error
}

// prepareReferences fetches what the next state refers to, before the change excludes others. A PATCH that leaves the
// references alone fetches nothing.
func prepareReferences(c *change) error {
	if c.patched != nil {
		touched := false
		for _, name := range []string{"keyVault", "hostnameConfigurations"} {
			_, given := c.patched[name]
			touched = touched || given
		}
		if !touched {
			return nil
		}
	}
	c.fetched = map[string]fetched{}
	for _, u := range reference.Of(c.next) {
		if c.s.References == nil {
			return fault.New(fault.Unsupported, "References to key vaults are not switched on here.")
		}
		var f fetched
		if f.id, f.err = reference.ParseID(u.Secret); f.err == nil {
			f.secret, f.err = c.fetchOrGrant(u, f.id)
		}
		c.fetched[u.Slot] = f
	}
	return nil
}

// use is the reference of the slot in the next state.
func (c *change) use(slot string) reference.Use {
	for _, u := range reference.Of(c.next) {
		if u.Slot == slot {
			return u
		}
	}
	return reference.Use{}
}

// sameReference tells whether the state before holds the reference too.
func (c *change) sameReference(u reference.Use) bool {
	if c.old == nil {
		return false
	}
	for _, o := range reference.Of(c.old) {
		if o.Slot == u.Slot && o.Secret == u.Secret && o.Identity == u.Identity {
			return true
		}
	}
	return false
}

// referred is the secret that the slot's reference gave. kept tells that it could not be fetched now, and that the state
// before has the reference too, whose last good value goes on being used. target names the reference in errors.
func (c *change) referred(slot, target string, usable func(reference.Secret) error) (secret reference.Secret, kept bool, err error) {
	u := c.use(slot)
	f, asked := c.fetched[slot]
	if !asked {
		return secret, true, nil // a PATCH of something else
	}
	if f.err == nil {
		f.err = usable(f.secret)
	}
	if f.err != nil {
		if c.sameReference(u) {
			c.remarks = append(c.remarks, fmt.Sprintf("%s could not be refreshed; its last good value is used: %s", u.Secret, oneLine(f.err)))
			return secret, true, nil
		}
		return secret, false, referenceError(target, f.err)
	}
	op, err := reference.WriteStatus(c.next.ID, slot, reference.Status{Code: reference.Success, Time: time.Now().UTC(), Version: f.secret.ID.Version, Secret: f.id.String()})
	if err != nil {
		return secret, false, err
	}
	c.also = append(c.also, op)
	if !f.id.Rotates() {
		c.remarks = append(c.remarks, fmt.Sprintf("%s names a version of the secret: new versions will not be picked up.", u.Secret))
	}
	return f.secret, false, nil
}

// referenceError says why a reference is refused.
func referenceError(target string, err error) error {
	d := fault.Detail{Target: target, Message: err.Error()}
	if f, ok := errors.AsType[*reference.Failure](err); ok {
		d.Code = f.Code
	} else if e, ok := errors.AsType[*fault.Error](err); !ok || e.Kind != fault.Invalid {
		return err
	}
	e, _ := errors.AsType[*fault.Error](fieldErrors(d))
	e.Message += " " + d.Message
	return e
}

// referredIdentity is the certificate that the slot's reference gave, sealed; identity is nil where the last good one is kept.
func (c *change) referredIdentity(slot, target string) (sealed resource.Identity, identity *cert.Identity, err error) {
	_, kept, err := c.referred(slot, target, func(s reference.Secret) (err error) {
		identity, err = reference.Certificate(s)
		return err
	})
	if err != nil {
		return sealed, nil, err
	}
	if kept {
		return c.old.Hidden.Identities[slot], nil, nil
	}
	sealed, err = resource.SealIdentity(c.s.Sealer, c.next.ID, slot, identity)
	return sealed, identity, err
}

// checkReferredCertificate is the part of checkCertificate for properties.keyVault.
func checkReferredCertificate(c *change) error {
	p := c.next.Properties
	if err := checkKeyVault(c, p); err != nil {
		return err
	}
	if s, _ := p["data"].(string); s != "" {
		return fieldErrors(fault.Detail{Target: "data", Message: "A certificate has either data or keyVault, not both."})
	}
	delete(p, "data")
	delete(p, "password")
	sealed, identity, err := c.referredIdentity("", "keyVault.secretIdentifier")
	if err != nil {
		return err
	}
	c.next.Hidden.Identities = map[string]resource.Identity{"": sealed}
	if identity == nil {
		for _, name := range []string{"subject", "thumbprint", "expirationDate"} {
			p[name] = c.old.Properties[name]
		}
		return nil
	}
	p["subject"] = identity.Certificate.Subject.String()
	p["thumbprint"] = identity.Certificate.Thumbprint()
	p["expirationDate"] = identity.Certificate.NotAfter.UTC().Format(timeFormat)
	return c.remarkCertificate()
}

// checkKeyVault checks the form of properties.keyVault and drops what only answers have.
func checkKeyVault(c *change, p map[string]any) error {
	var f faults
	k, ok := p["keyVault"].(map[string]any)
	if !ok {
		f.add("keyVault", "keyVault is not an object.")
		return f.err()
	}
	if s, _ := k["secretIdentifier"].(string); s == "" {
		f.add("keyVault.secretIdentifier", "The secret identifier is required: https://VAULT/secrets/NAME.")
	}
	if id := k["identityClientId"]; id != nil {
		if s, ok := id.(string); !ok || s != "" && !identity.IsGUID(s) {
			f.add("keyVault.identityClientId", "The client id of a user-assigned identity is a GUID; without it the system-assigned identity asks.")
		}
	}
	delete(k, "lastStatus")
	delete(k, rotatesProperty)
	return f.err()
}

// forceHelp ends refusals that name users.
const forceHelp = " Have them use another one first, or ask again with force=true."

// forced tells whether the client, who was told of the users, insists: force=true in the query.
func (c *change) forced() bool { return strings.EqualFold(c.q.URL.Query().Get("force"), "true") }

// rotatesProperty is our own member of keyVault, and of a host name with keyVaultId, in answers: whether new versions are
// picked up.
const rotatesProperty = "rotates"

// viewKeyVault is the view of a resource with its reference's status.
func (s *Server) viewKeyVault(ctx context.Context, r *resource.Resource, p map[string]any) (map[string]any, error) {
	k := r.Object("keyVault")
	if k == nil {
		return p, nil
	}
	uses := reference.Of(r)
	if len(uses) == 0 {
		return p, nil
	}
	status, err := reference.StatusOf(ctx, s.Store, r.ID, uses[0].Slot)
	if err != nil {
		return nil, err
	}
	p, k = maps.Clone(p), maps.Clone(k)
	if status != nil {
		k["lastStatus"] = shownStatus(status)
	}
	id, err := reference.ParseID(uses[0].Secret)
	k[rotatesProperty] = err == nil && id.Rotates()
	p["keyVault"] = k
	return p, nil
}

// viewHostnameReference adds what there is to know of a host name's reference.
func (s *Server) viewHostnameReference(ctx context.Context, r *resource.Resource, shown map[string]any) error {
	if id, _ := shown["keyVaultId"].(string); id == "" {
		return nil
	}
	shown["certificateSource"] = "KeyVault"
	parsed, err := reference.ParseID(fmt.Sprint(shown["keyVaultId"]))
	shown[rotatesProperty] = err == nil && parsed.Rotates()
	status, err := reference.StatusOf(ctx, s.Store, r.ID, reference.HostnameSlot(shown))
	if err != nil || status == nil {
		return err
	}
	shown["lastStatus"] = shownStatus(status)
	if status.Failed() {
		shown["certificateStatus"] = "Failed"
	}
	return nil
}

func shownStatus(status *reference.Status) map[string]any {
	shown := map[string]any{"code": status.Code, "message": nil, "timeStampUtc": status.Time.UTC().Format("2006-01-02T15:04:05.0000000Z")}
	if status.Message != "" {
		shown["message"] = status.Message
	}
	return shown
}

// viewNamedValue is the view of a named value.
func viewNamedValue(s *Server, q *request, r *resource.Resource) (map[string]any, error) {
	p, err := s.viewKeyVault(q.Context(), r, r.Properties)
	return envelope(r, p), err
}

// refreshFailed is the query parameter isKeyVaultRefreshFailed of lists of certificates and named values.
func refreshFailed(q *request) (want, given bool, err error) {
	text := q.URL.Query().Get("isKeyVaultRefreshFailed")
	switch strings.ToLower(text) {
	case "":
		return false, false, nil
	case "true", "false":
		return strings.EqualFold(text, "true"), true, nil
	}
	return false, false, fieldErrors(fault.Detail{Target: "isKeyVaultRefreshFailed", Message: fmt.Sprintf("'%s' is neither true nor false.", text)})
}

// hasFailed tells whether a view says that its reference could not be refreshed.
func hasFailed(view map[string]any) bool {
	p, _ := view["properties"].(map[string]any)
	k, _ := p["keyVault"].(map[string]any)
	status, _ := k["lastStatus"].(map[string]any)
	return status != nil && status["code"] != reference.Success
}

// refreshSecret answers POST …/refreshSecret: the reference is fetched now.
func refreshSecret(s *Server, w http.ResponseWriter, q *request) error {
	r, err := s.fetch(q.Context(), q.id)
	if err != nil {
		return err
	}
	if r == nil {
		return notFound(q.id)
	}
	if len(reference.Of(r)) == 0 {
		return fault.New(fault.Invalid, "'%s' does not come from a key vault, so that there is nothing to refresh.", r.ID.Name())
	}
	if s.References == nil {
		return fault.New(fault.Unsupported, "References to key vaults are not switched on here.")
	}
	if err := s.References.Refresh(q.Context(), r); err != nil {
		return referenceError("keyVault.secretIdentifier", err)
	}
	s.audit(q, q.id.String())
	if r, err = s.fetch(q.Context(), q.id); err != nil {
		return err
	}
	if r == nil {
		return notFound(q.id)
	}
	w.Header().Set("ETag", etag(r.Revision))
	q.kind, err = kindOf(q.id)
	if err != nil {
		return err
	}
	return s.answer(w, q, r, http.StatusOK)
}

// refresher is who the audit names for changes that nobody asked for.
var refresher = &identity.Principal{Name: "key vault refresh"}

// errUnchanged ends a write that has nothing to do.
var errUnchanged = errors.New("nothing changes")

// unquoted says that a policy would be wrong with a secret's new version, and not in which words: they may be the secret's,
// and stand in lastStatus, events and the log.
func unquoted(id resource.ID, message string) error {
	text := "With the new version of the secret the policy " + id.String() + " would be wrong"
	if where := placeOfError.FindString(message); where != "" {
		text += ", " + where
	}
	if code := codeOfError.FindString(message); code != "" {
		text += " " + code
	}
	return fault.New(fault.Invalid, "%s.", text)
}

var (
	placeOfError = regexp.MustCompile(`line \d+, column \d+`)
	codeOfError  = regexp.MustCompile(`\([A-Z]+\d+\)$`)
)

// Update changes a stored resource on behalf of its references: see reference.RefresherOptions. Policies that use a named
// value must compile with the new one.
func (s *Server) Update(ctx context.Context, id resource.ID, edit func(r *resource.Resource) (also []store.Op, changed bool, err error)) error {
	k, err := kindOf(id)
	if err != nil {
		return err
	}
	refresh := *k
	refresh.prepare, refresh.depends, refresh.check = nil, nil, func(*change) error { return nil }
	if k.collection == "namedValues" {
		refresh.depends, refresh.check = always, func(c *change) error { return usersCompile(c, c.old, c.next) }
	}
	r := (&http.Request{Method: "REFRESH", URL: &url.URL{Path: id.String()}, Header: http.Header{}}).WithContext(ctx)
	_, err = s.write(&request{Request: r, id: id, kind: &refresh, principal: refresher}, func(c *change) error {
		if c.old == nil {
			return notFound(id)
		}
		next := *c.old
		next.Properties, _ = cloneJSON(c.old.Properties).(map[string]any)
		next.Hidden = c.old.Hidden.Clone()
		also, changed, err := edit(&next)
		if err != nil {
			return err
		}
		if !changed {
			return errUnchanged
		}
		c.next, c.also = &next, also
		return nil
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}
