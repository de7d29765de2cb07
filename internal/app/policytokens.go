package app

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azpolicy "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"golang.org/x/sync/singleflight"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity/azure"
)

// Bounds of the access tokens that policies ask for.
const (
	// tokenMargin is how long before its end a token is not used any more.
	tokenMargin = 5 * time.Minute
	// tokenTime bounds getting a token.
	tokenTime = 30 * time.Second
	// maxTokens bounds the tokens kept; expressions can name any number of audiences.
	maxTokens = 1024
	// everyAudience stands for all in the setting identity-audience.
	everyAudience = "*"
)

// policyTokens are the access tokens of the service's managed identities for policies: our own for our own audiences and
// those of the setting identity-audience, Azure's for all others. A token is kept until shortly before its end, by the
// principal that it proves, so that one of an identity that was taken away is not used again. It is safe for concurrent use.
type policyTokens struct {
	audiences []string // ours, without slashes at their ends
	mint      func(ctx context.Context, principalID, audience string) (string, time.Time, error)
	outside   func(clientID string) (azcore.TokenCredential, error)
	now       func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	kept   map[tokenKey]keptToken
}

// tokenKey is what a token proves, and to whom.
type tokenKey struct {
	own                 bool
	principal, audience string
}

type keptToken struct {
	token   string
	expires time.Time
}

// newPolicyTokens makes the tokens' source.
func (c *components) newPolicyTokens() (*policyTokens, error) {
	outside, err := azure.New(azure.Settings(c.cfg.Azure), nil)
	if err != nil {
		return nil, err
	}
	t := &policyTokens{mint: c.directory.Mint, outside: outside.Credential, now: time.Now, kept: map[tokenKey]keptToken{}}
	for _, a := range slices.Concat([]string{c.vaultResource(), "https://" + vaultDomain, c.vaultURL(), c.admin.ManagementURL}, c.cfg.IdentityAudiences) {
		t.audiences = append(t.audiences, strings.TrimRight(a, "/"))
	}
	return t, nil
}

// of is how the policies of a service get tokens; see gateway.Options.Token.
func (t *policyTokens) of(svc *apim.Service) func(ctx context.Context, resource, clientID string) (string, error) {
	all := svc.Identity
	return func(ctx context.Context, resource, clientID string) (string, error) {
		key := tokenKey{own: t.own(resource), principal: strings.ToLower(clientID), audience: resource}
		if key.own {
			principal, err := identityAmong(all, clientID)
			if err != nil {
				return "", err
			}
			key.principal = principal
		}
		return t.get(ctx, key)
	}
}

// own tells whether tokens for the audience are ours to give.
func (t *policyTokens) own(audience string) bool {
	audience = strings.TrimRight(audience, "/")
	return slices.ContainsFunc(t.audiences, func(a string) bool { return a == everyAudience || strings.EqualFold(a, audience) })
}

// get is the token that is kept, or a new one. Requests that want the same wait for one answer.
func (t *policyTokens) get(ctx context.Context, key tokenKey) (string, error) {
	t.mu.Lock()
	k, ok := t.kept[key]
	t.mu.Unlock()
	if ok && t.now().Before(k.expires) {
		return k.token, nil
	}
	flight := t.flight.DoChan(key.text(), func() (any, error) {
		// The asker may go; others wait for the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tokenTime)
		defer cancel()
		return t.fetch(ctx, key)
	})
	select {
	case r := <-flight:
		token, _ := r.Val.(string)
		return token, r.Err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (k tokenKey) text() string {
	source := "azure"
	if k.own {
		source = "own"
	}
	return source + "\x00" + k.principal + "\x00" + k.audience
}

// fetch gets a new token and keeps it.
func (t *policyTokens) fetch(ctx context.Context, key tokenKey) (token string, err error) {
	var expires time.Time
	if key.own {
		token, expires, err = t.mint(ctx, key.principal, key.audience)
	} else {
		token, expires, err = t.fromAzure(ctx, key)
	}
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) >= maxTokens {
		clear(t.kept)
	}
	t.kept[key] = keptToken{token, expires.Add(-tokenMargin)}
	return token, nil
}

func (t *policyTokens) fromAzure(ctx context.Context, key tokenKey) (string, time.Time, error) {
	credential, err := t.outside(key.principal)
	if err != nil {
		return "", time.Time{}, err
	}
	a, err := credential.GetToken(ctx, azpolicy.TokenRequestOptions{Scopes: []string{scopeOf(key.audience)}})
	return a.Token, a.ExpiresOn, err
}

// scopeOf is the scope of a resource: a slash at the resource's end stays, since it is part of the token's audience.
func scopeOf(resource string) string { return resource + "/.default" }

// identityAmong is the object id of the identity with that client id; empty: of the system-assigned one.
func identityAmong(all apim.Identity, clientID string) (string, error) {
	if all.PrincipalID != "" && (clientID == "" || strings.EqualFold(clientID, all.ClientID)) {
		return all.PrincipalID, nil
	}
	for _, i := range all.UserAssigned {
		if clientID != "" && strings.EqualFold(clientID, i.ClientID) {
			return i.PrincipalID, nil
		}
	}
	if clientID == "" {
		return "", fault.New(fault.NotFound, "the service has no system-assigned identity; switch it on, or name a user-assigned one by client-id")
	}
	return "", fault.New(fault.NotFound, "the service has no user-assigned identity with the client id '%s'", clientID)
}
