package arm

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

// guarded is the embedded vault v-1: it gives a secret to the principal whom its policies or assignments name.
type guarded struct {
	*secrets
	principal string
}

func (g *guarded) Fetch(ctx context.Context, id reference.SecretID, _ string) (reference.Secret, error) {
	entries, _, err := g.s.store.List(ctx, resource.KeyPrefix)
	if err != nil {
		return reference.Secret{}, err
	}
	for _, e := range entries {
		r, err := resource.Decode(e)
		if err != nil {
			return reference.Secret{}, err
		}
		role := r.ID.Type() == resource.AssignmentType && r.String("principalId") == g.principal && strings.HasSuffix(r.String("roleDefinitionId"), secretsUserRole)
		if role || r.ID.RootType() == resource.VaultType && hasAccessPolicy(r, g.principal) {
			return reference.Secret{ID: reference.SecretID{Vault: id.Vault, Name: id.Name, Version: "1"}, Value: "x"}, nil
		}
	}
	return reference.Secret{}, &reference.Failure{Code: "ForbiddenByPolicy", Message: "It lacks the permissions 'get' and 'list'."}
}

// TestGrant: who adds a reference is told which permissions are missing, and may have them granted.
func TestGrant(t *testing.T) {
	for _, byRoles := range []bool{false, true} {
		t.Run(fmt.Sprint("by roles ", byRoles), func(t *testing.T) {
			s := newServer(t)
			s.must(201, "PUT", vaultPath+"v-1", strings.Replace(vaultBody, `"accessPolicies":[]`, fmt.Sprintf(`"accessPolicies":[],"enableRbacAuthorization":%v`, byRoles), 1))
			a := s.must(200, "PATCH", "", `{"identity":{"type":"SystemAssigned"}}`)
			principal := fmt.Sprint(at(a.body, "identity", "principalId"))
			s.h.(*Server).References = &guarded{withSecrets(s), principal}
			body := `{"properties":{"displayName":"nv","secret":true,"keyVault":{"secretIdentifier":"https://v-1.vault.localhost:9444/secrets/x"}}}`
			if a := s.must(400, "PUT", "/namedValues/nv", body); !strings.Contains(a.errorText(), "grantAccess=true") {
				t.Errorf("the refusal does not say how to ask: %s", a.Body)
			}
			s.must(201, "PUT", "/namedValues/nv?grantAccess=true", body)
			s.must(200, "PUT", "/namedValues/nv", body)
		})
	}
}

// TestGrantNeedsThePermissionToGrant: who may write references cannot open vaults by it, and nobody opens another's vault.
func TestGrantNeedsThePermissionToGrant(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	a := s.must(200, "PATCH", "", `{"identity":{"type":"SystemAssigned"}}`)
	s.h.(*Server).References = &guarded{withSecrets(s), fmt.Sprint(at(a.body, "identity", "principalId"))}
	token := s.principal(someone)
	s.must(201, "PUT", service+"/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-0000-0000-000000000001", assignmentBody("312a565d-c81f-4fd8-895a-4e21e48d571c", someone))
	s.token = token
	body := `{"properties":{"displayName":"nv","secret":true,"keyVault":{"secretIdentifier":"%s/secrets/x"}}}`
	if a := s.do("PUT", "/namedValues/nv?grantAccess=true", fmt.Sprintf(body, "https://v-1.vault.localhost:9444")); a.Code != 403 || !strings.Contains(a.errorText(), "accessPolicies/write") {
		t.Errorf("a contributor of the service: %d %s", a.Code, a.Body)
	}
	if a := s.do("PUT", "/namedValues/nv?grantAccess=true", fmt.Sprintf(body, "https://v-1.vault.azure.net")); a.Code != 400 || strings.Contains(a.errorText(), "grantAccess") {
		t.Errorf("a vault of Azure's: %d %s", a.Code, a.Body)
	}
}
