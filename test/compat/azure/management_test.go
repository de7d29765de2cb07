package azure

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azarm "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/apimanagement/armapimanagement/v3"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azcertificates"
)

// TestRecommendedWay gives API Management a certificate of a vault, as the documentation recommends, with Azure's clients.
func TestRecommendedWay(t *testing.T) {
	ctx := timeout(t)
	credential := secretCredential(t)
	options := &azarm.ClientOptions{ClientOptions: azcore.ClientOptions{Cloud: theCloud()}, DisableRPRegistration: true}
	services := must(armapimanagement.NewServiceClient(postern.SubscriptionID, credential, options))(t)
	certificates := must(armapimanagement.NewCertificateClient(postern.SubscriptionID, credential, options))(t)
	vault := must(azcertificates.NewClient(postern.VaultURL, credential, nil))(t)

	poller := must(services.BeginUpdate(ctx, postern.ResourceGroup, postern.ServiceName, armapimanagement.ServiceUpdateParameters{
		Identity: &armapimanagement.ServiceIdentity{Type: ptr(armapimanagement.ApimIdentityTypeSystemAssigned)},
	}, nil))(t)
	service := must(poller.PollUntilDone(ctx, nil))(t)
	if service.Identity == nil || service.Identity.PrincipalID == nil {
		t.Fatalf("the service has no identity: %+v", service.Identity)
	}
	must(vault.CreateCertificate(ctx, "client", selfSigned("CN=client", "Self"), nil))(t)
	finished(t, vault, "client")
	reference := armapimanagement.CertificateCreateOrUpdateParameters{Properties: &armapimanagement.CertificateCreateOrUpdateProperties{
		KeyVault: &armapimanagement.KeyVaultContractCreateProperties{SecretIdentifier: ptr(postern.VaultURL + "/secrets/client")},
	}}
	if _, err := certificates.CreateOrUpdate(ctx, postern.ResourceGroup, postern.ServiceName, "client", reference, nil); code(t, err, http.StatusBadRequest) != "ValidationError" {
		t.Errorf("without permissions: %v", err)
	}
	arm(t, "PUT", "/subscriptions/"+postern.SubscriptionID+"/resourceGroups/"+postern.ResourceGroup+"/providers/Microsoft.KeyVault/vaults/default/accessPolicies/add",
		`{"properties":{"accessPolicies":[{"tenantId":"`+postern.TenantID+`","objectId":"`+*service.Identity.PrincipalID+`","permissions":{"secrets":["get","list"]}}]}}`)
	got := must(certificates.CreateOrUpdate(ctx, postern.ResourceGroup, postern.ServiceName, "client", reference, nil))(t)
	if *got.Properties.Subject != "CN=client" || *got.Properties.KeyVault.LastStatus.Code != "Success" {
		t.Errorf("the certificate is %+v", got.Properties)
	}
	must(vault.CreateCertificate(ctx, "client", selfSigned("CN=client-2", "Self"), nil))(t)
	finished(t, vault, "client")
	refreshed := must(certificates.RefreshSecret(ctx, postern.ResourceGroup, postern.ServiceName, "client", nil))(t)
	if *refreshed.Properties.Subject != "CN=client-2" {
		t.Errorf("after RefreshSecret the subject is %s", *refreshed.Properties.Subject)
	}
	list := 0
	for p := certificates.NewListByServicePager(postern.ResourceGroup, postern.ServiceName, &armapimanagement.CertificateClientListByServiceOptions{IsKeyVaultRefreshFailed: ptr(false)}); p.More(); {
		list += len(must(p.NextPage(ctx))(t).Value)
	}
	if list != 1 {
		t.Errorf("%d certificates are listed", list)
	}
	der := must(vault.GetCertificate(ctx, "client", "", nil))(t).CER
	must(certificates.CreateOrUpdate(ctx, postern.ResourceGroup, postern.ServiceName, "plain", armapimanagement.CertificateCreateOrUpdateParameters{
		Properties: &armapimanagement.CertificateCreateOrUpdateProperties{Data: ptr(base64.StdEncoding.EncodeToString(der))}}, nil))(t)
	for _, id := range []string{"client", "plain"} {
		must(certificates.Delete(ctx, postern.ResourceGroup, postern.ServiceName, id, "*", nil))(t)
	}
}
