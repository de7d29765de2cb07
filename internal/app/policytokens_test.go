package app

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azpolicy "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
)

// scopes is a credential whose tokens tell for whom they are.
type scopes struct{ clientID string }

func (s scopes) GetToken(_ context.Context, q azpolicy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "azure " + s.clientID + " " + strings.Join(q.Scopes, " "), ExpiresOn: time.Unix(3600, 0)}, nil
}

func testTokens(now *time.Time, minted *atomic.Int32) *policyTokens {
	return &policyTokens{
		audiences: []string{"https://vault.localhost:9444"}, kept: map[tokenKey]keptToken{}, now: func() time.Time { return *now },
		mint: func(_ context.Context, principal, audience string) (string, time.Time, error) {
			minted.Add(1)
			if principal == "gone" {
				return "", time.Time{}, fault.New(fault.NotFound, "no principal")
			}
			return "own " + principal + " " + audience, now.Add(time.Hour), nil
		},
		outside: func(clientID string) (azcore.TokenCredential, error) { return scopes{clientID}, nil },
	}
}

var testIdentities = apim.Identity{PrincipalID: "system", ClientID: "c0", UserAssigned: []apim.UserAssignedIdentity{{ClientID: "c1", PrincipalID: "user"}}}

func TestPolicyTokensOfOwnAndOfAzure(t *testing.T) {
	now := time.Unix(0, 0)
	tokens := testTokens(&now, new(atomic.Int32))
	for name, tt := range map[string]struct {
		all                  apim.Identity
		resource, id, want   string
		fails, every, denied bool
	}{
		"system-assigned":         {all: testIdentities, resource: "https://vault.localhost:9444", want: "own system https://vault.localhost:9444"},
		"slash at the end":        {all: testIdentities, resource: "https://vault.localhost:9444/", want: "own system https://vault.localhost:9444/"},
		"user-assigned":           {all: testIdentities, resource: "https://vault.localhost:9444", id: "C1", want: "own user https://vault.localhost:9444"},
		"another's":               {all: testIdentities, resource: "https://vault.localhost:9444", id: "c2", fails: true},
		"none":                    {resource: "https://vault.localhost:9444", fails: true},
		"Azure":                   {resource: "https://vault.azure.net", want: "azure  https://vault.azure.net/.default"},
		"Azure by client id":      {resource: "https://vault.azure.net/", id: "X", want: "azure x https://vault.azure.net//.default"},
		"host that only looks so": {resource: "https://vault.localhost:9444.example.com", want: "azure  https://vault.localhost:9444.example.com/.default"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tokens.of(&apim.Service{Identity: tt.all})(t.Context(), tt.resource, tt.id)
			if got != tt.want || (err != nil) != tt.fails {
				t.Errorf("token = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
	tokens.audiences = append(tokens.audiences, everyAudience)
	if got, err := tokens.of(&apim.Service{Identity: testIdentities})(t.Context(), "api://any", ""); got != "own system api://any" {
		t.Errorf("with every audience ours: %q, %v", got, err)
	}
}

func TestPolicyTokensAreKeptUntilShortlyBeforeTheirEnd(t *testing.T) {
	now := time.Unix(0, 0)
	var minted atomic.Int32
	tokens := testTokens(&now, &minted)
	get := func(id string) {
		t.Helper()
		if _, err := tokens.get(t.Context(), tokenKey{true, id, "a"}); err != nil {
			t.Fatal(err)
		}
	}
	get("p")
	now = now.Add(54 * time.Minute)
	get("p")
	if n := minted.Load(); n != 1 {
		t.Errorf("minted %d before the end; want 1", n)
	}
	now = now.Add(time.Minute)
	get("p")
	get("q")
	if n := minted.Load(); n != 3 {
		t.Errorf("minted %d; want 3: a new one for p, and one for q", n)
	}
	if _, err := tokens.get(t.Context(), tokenKey{true, "gone", "a"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an identity that is gone: %v", err)
	}
}

func TestPolicyTokensAreFetchedOnceForAll(t *testing.T) {
	now := time.Unix(0, 0)
	tokens := testTokens(&now, new(atomic.Int32))
	begun, end := make(chan struct{}), make(chan struct{})
	var fetched atomic.Int32
	tokens.mint = func(context.Context, string, string) (string, time.Time, error) {
		if fetched.Add(1) == 1 {
			close(begun)
		}
		<-end
		return "token", now.Add(time.Hour), nil
	}
	gone, leave := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := tokens.get(gone, tokenKey{true, "p", "a"})
		first <- err
	}()
	<-begun
	leave()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone: %v", err)
	}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if got, err := tokens.get(t.Context(), tokenKey{true, "p", "a"}); got != "token" || err != nil {
				t.Errorf("get = %q, %v", got, err)
			}
		})
	}
	close(end)
	wg.Wait()
	if n := fetched.Load(); n != 1 {
		t.Errorf("fetched %d times; want 1", n)
	}
}
