package identity

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// Kind says what a principal is.
type Kind string

// The kinds of principal.
const (
	// Administrator may do everything.
	Administrator Kind = "Administrator"
	// Application is a program with a secret or a certificate.
	Application Kind = "Application"
	// SystemAssigned is the managed identity that lives and dies with the service.
	SystemAssigned Kind = "SystemAssigned"
	// UserAssigned is a managed identity that is a resource.
	UserAssigned Kind = "UserAssigned"
)

// Managed reports whether it is a managed identity, which the process itself proves.
func (k Kind) Managed() bool { return k == SystemAssigned || k == UserAssigned }

// Principal is somebody who may call.
type Principal struct {
	// ID is the principal's object id, a UUID; Name is for people.
	ID, Name string
	// ClientID is the id that tokens are asked for with, a UUID.
	ClientID string
	// TenantID is the tenant it belongs to; there is one.
	TenantID string
	// Kind says what it is.
	Kind Kind
	// Resource is the ARM id of the resource that a managed identity belongs to; empty for others.
	Resource string `json:",omitempty"`
	// Created is when the principal was made.
	Created time.Time
}

// Sealer seals and unseals secrets; associated data is the place a secret belongs to.
type Sealer interface {
	Seal(ad string, plaintext []byte) (string, error)
	Unseal(ad string, token string) ([]byte, error)
}

// Directory finds principals in the store, and makes and judges their tokens. All methods may be called at the same time.
type Directory struct {
	// Store holds the records.
	Store store.Store
	// Sealer seals the signing keys. Without one there are no JSON Web Tokens: none is made, and none accepted.
	Sealer Sealer
	// TenantID is the tenant that tokens name.
	TenantID string
	// Issuer is the base URL of the token endpoint, without trailing slash; it names the issuer, and as an audience the
	// management API. Nil: none.
	Issuer func() string
	// Now is the clock; nil means time.Now.
	Now func() time.Time

	mu   sync.Mutex
	ring ring
}

func (d *Directory) now() time.Time {
	if d.Now != nil {
		return d.Now().UTC()
	}
	return time.Now().UTC()
}

func (d *Directory) issuer() string {
	if d.Issuer == nil {
		return ""
	}
	return d.Issuer()
}

// ManagementAudiences are the audiences of tokens for the management API (learn.microsoft.com/rest/api/azure, read
// 2026-11-25): Azure's two, and our own URL.
func (d *Directory) ManagementAudiences() []string {
	audiences := []string{"https://management.azure.com/", "https://management.core.windows.net/"}
	if own := d.issuer(); own != "" {
		audiences = append(audiences, own)
	}
	return audiences
}

// Authenticate is the principal that a token for the management API proves: see AuthenticateFor.
func (d *Directory) Authenticate(ctx context.Context, token string) (*Principal, error) {
	return d.AuthenticateFor(ctx, token, d.ManagementAudiences())
}

// AuthenticateFor is the principal that the token proves: a long-lived token of Grant, or a JSON Web Token of ours
// whose audience is one of those given; a slash at the end of either does not count. The fault is of Kind
// Unauthenticated, with Code InvalidAuthenticationToken, ExpiredAuthenticationToken or InvalidAuthenticationTokenAudience.
func (d *Directory) AuthenticateFor(ctx context.Context, token string, audiences []string) (*Principal, error) {
	if strings.HasPrefix(token, tokenPrefix) {
		return d.authenticateLongLived(ctx, token)
	}
	return d.authenticateJWT(ctx, token, audiences)
}

// The keys of principals in the store.
const (
	principalPrefix = "/identity/principals/"
	clientPrefix    = "/identity/clients/"
)

func principalKey(id string) string    { return principalPrefix + strings.ToLower(id) }
func clientKey(clientID string) string { return clientPrefix + strings.ToLower(clientID) }

// PutOps are the operations that make the principal known, to be committed with what it belongs to.
func PutOps(p Principal) ([]store.Op, error) {
	value, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return []store.Op{store.Put(principalKey(p.ID), value), store.Put(clientKey(p.ClientID), []byte(p.ID))}, nil
}

// RemoveOps are the operations that end the principal, and with it every token of it.
func RemoveOps(objectID, clientID string) []store.Op {
	return []store.Op{store.Delete(principalKey(objectID)), store.Delete(clientKey(clientID))}
}

// ByObjectID is the principal of that object id, or a fault of Kind NotFound.
func (d *Directory) ByObjectID(ctx context.Context, id string) (*Principal, error) {
	if id == "" || len(id) > 64 {
		return nil, fault.New(fault.NotFound, "there is no principal with the object id %q", shorten(id))
	}
	e, err := d.Store.Get(ctx, principalKey(id))
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.NotFound, "there is no principal with the object id %q", id)
	}
	if err != nil {
		return nil, err
	}
	return decodePrincipal(e)
}

// ByClientID is the principal of that client id, or a fault of Kind NotFound.
func (d *Directory) ByClientID(ctx context.Context, clientID string) (*Principal, error) {
	if clientID == "" || len(clientID) > 64 {
		return nil, fault.New(fault.NotFound, "there is no principal with the client id %q", shorten(clientID))
	}
	e, err := d.Store.Get(ctx, clientKey(clientID))
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.NotFound, "there is no principal with the client id %q", clientID)
	}
	if err != nil {
		return nil, err
	}
	return d.ByObjectID(ctx, string(e.Value))
}

// Principals are all principals, by object id.
func (d *Directory) Principals(ctx context.Context) ([]Principal, error) {
	entries, _, err := d.Store.List(ctx, principalPrefix)
	if err != nil {
		return nil, err
	}
	var all []Principal
	for _, e := range entries {
		p, err := decodePrincipal(e)
		if err != nil {
			return nil, err
		}
		all = append(all, *p)
	}
	return all, nil
}

func decodePrincipal(e store.Entry) (*Principal, error) {
	p := new(Principal)
	if err := json.Unmarshal(e.Value, p); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the record of principal %q is unreadable", e.Key)
	}
	return p, nil
}

// shorten keeps a client's text in a message to a bearable length.
func shorten(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}

func unauthenticated(code, format string, args ...any) error {
	e := fault.New(fault.Unauthenticated, format, args...)
	e.Code = code
	return e
}

// The codes of tokens that are refused, as Azure Resource Manager has them.
const (
	codeInvalid  = "InvalidAuthenticationToken"
	codeExpired  = "ExpiredAuthenticationToken"
	codeAudience = "InvalidAuthenticationTokenAudience"
)

func invalidToken() error { return unauthenticated(codeInvalid, "The access token is invalid.") }
