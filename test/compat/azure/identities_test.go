package azure

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azarm "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/keyvault/armkeyvault"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/msi/armmsi"
)

// TestIdentitiesVaultsAndRoles makes a user-assigned identity, a vault and a role assignment with Azure's clients, and
// takes them away again.
func TestIdentitiesVaultsAndRoles(t *testing.T) {
	ctx := timeout(t)
	credential := secretCredential(t)
	options := &azarm.ClientOptions{ClientOptions: azcore.ClientOptions{Cloud: theCloud()}, DisableRPRegistration: true}
	identities := must(armmsi.NewUserAssignedIdentitiesClient(postern.SubscriptionID, credential, options))(t)
	vaults := must(armkeyvault.NewVaultsClient(postern.SubscriptionID, credential, options))(t)
	assignments := must(armauthorization.NewRoleAssignmentsClient(postern.SubscriptionID, credential, options))(t)
	definitions := must(armauthorization.NewRoleDefinitionsClient(credential, options))(t)

	user := must(identities.CreateOrUpdate(ctx, postern.ResourceGroup, "reader", armmsi.Identity{Location: ptr("local")}, nil))(t)
	if page := must(identities.NewListBySubscriptionPager(nil).NextPage(ctx))(t); len(page.Value) != 1 || *page.Value[0].Properties.ClientID != *user.Properties.ClientID {
		t.Errorf("the list of identities is %+v", page.Value)
	}
	poller := must(vaults.BeginCreateOrUpdate(ctx, postern.ResourceGroup, "second", armkeyvault.VaultCreateOrUpdateParameters{Location: ptr("local"),
		Properties: &armkeyvault.VaultProperties{TenantID: &postern.TenantID, SKU: &armkeyvault.SKU{Family: ptr(armkeyvault.SKUFamilyA), Name: ptr(armkeyvault.SKUNameStandard)}}}, nil))(t)
	vault := must(poller.PollUntilDone(ctx, nil))(t)
	if !strings.HasPrefix(*vault.Properties.VaultURI, "https://second.vault.localhost:") {
		t.Errorf("the vault's URI is %s", *vault.Properties.VaultURI)
	}
	entry := &armkeyvault.AccessPolicyEntry{TenantID: &postern.TenantID, ObjectID: user.Properties.PrincipalID,
		Permissions: &armkeyvault.Permissions{Secrets: []*armkeyvault.SecretPermissions{ptr(armkeyvault.SecretPermissionsGet)}}}
	change := armkeyvault.VaultAccessPolicyParameters{Properties: &armkeyvault.VaultAccessPolicyProperties{AccessPolicies: []*armkeyvault.AccessPolicyEntry{entry}}}
	if got := must(vaults.UpdateAccessPolicy(ctx, postern.ResourceGroup, "second", armkeyvault.AccessPolicyUpdateKindAdd, change, nil))(t); len(got.Properties.AccessPolicies) != 1 {
		t.Errorf("access policies are %+v", got.Properties.AccessPolicies)
	}
	roles := must(definitions.NewListPager(*vault.ID, &armauthorization.RoleDefinitionsClientListOptions{Filter: ptr("roleName eq 'Key Vault Secrets User'")}).NextPage(ctx))(t)
	if len(roles.Value) != 1 {
		t.Fatalf("roles are %+v", roles.Value)
	}
	const name = "aaaaaaaa-0000-0000-0000-000000000001"
	made := must(assignments.Create(ctx, *vault.ID, name, armauthorization.RoleAssignmentCreateParameters{Properties: &armauthorization.RoleAssignmentProperties{
		PrincipalID: user.Properties.PrincipalID, RoleDefinitionID: roles.Value[0].ID}}, nil))(t)
	if *made.Properties.Scope != *vault.ID {
		t.Errorf("the scope is %s", *made.Properties.Scope)
	}
	// This client leaves the filter as it is: its user escapes it.
	filter := &armauthorization.RoleAssignmentsClientListForScopeOptions{Filter: ptr("principalId%20eq%20'" + *user.Properties.PrincipalID + "'")}
	if page := must(assignments.NewListForScopePager(*vault.ID, filter).NextPage(ctx))(t); len(page.Value) != 1 {
		t.Errorf("assignments are %+v", page.Value)
	}
	if _, err := identities.Delete(ctx, postern.ResourceGroup, "reader", nil); code(t, err, http.StatusConflict) != "Conflict" {
		t.Errorf("deleting an identity in use = %v", err)
	}
	must(assignments.Delete(ctx, *vault.ID, name, nil))(t)
	must(vaults.Delete(ctx, postern.ResourceGroup, "second", nil))(t)
	if deleted := must(vaults.GetDeleted(ctx, "second", "local", nil))(t); *deleted.Properties.VaultID != *vault.ID {
		t.Errorf("the deleted vault is %+v", deleted.Properties)
	}
	must(must(vaults.BeginPurgeDeleted(ctx, "second", "local", nil))(t).PollUntilDone(ctx, nil))(t)
	must(identities.Delete(ctx, postern.ResourceGroup, "reader", nil))(t)
}
