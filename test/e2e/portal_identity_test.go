package e2e

import "testing"

func TestPortalIdentities(t *testing.T) {
	p := start(t)
	b := p.open(t)
	identity := "/subscriptions/" + p.admin.SubscriptionID + "/resourceGroups/" + p.admin.ResourceGroup + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader?api-version=2023-01-31"
	var made struct {
		Properties struct{ PrincipalID string }
	}
	if status := b.call("PUT", identity, object{"location": "local"}, &made); status != 201 {
		t.Fatalf("PUT of an identity: %d", status)
	}
	body := object{"principalId": made.Properties.PrincipalID, "secrets": []string{"get", "list"}, "certificates": []string{"get"}}
	if status := b.call("POST", "/postern/v1/vaults/default/grant", body, nil); status != 200 {
		t.Errorf("grant: %d", status)
	}
	if status := b.call("POST", "/postern/v1/vaults/nowhere/grant", body, nil); status != 404 {
		t.Errorf("grant on no vault: %d", status)
	}
	var identities struct {
		Identities []struct {
			Name, Kind  string
			Permissions []struct {
				Vault   string
				Secrets []string
			}
		}
	}
	b.call("GET", "/postern/v1/identities", nil, &identities)
	if len(identities.Identities) != 1 || identities.Identities[0].Name != "reader" || len(identities.Identities[0].Permissions) != 1 || len(identities.Identities[0].Permissions[0].Secrets) != 2 {
		t.Errorf("identities %+v", identities)
	}
}
