package keyvault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

// static is a credential whose token is itself; it remembers what it was asked for.
type static struct {
	token string
	asked *policy.TokenRequestOptions
}

func (s static) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if s.asked != nil {
		*s.asked = o
	}
	return azcore.AccessToken{Token: s.token, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func ptr[T any](v T) *T { return &v }

// TestSDKSecrets drives Azure's own client, unmodified, over its whole surface; it checks the challenge's resource itself.
func TestSDKSecrets(t *testing.T) {
	f := newFixture(t)
	var asked policy.TokenRequestOptions
	client, err := azsecrets.NewClient(f.url, static{"admin", &asked}, &azsecrets.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: f.client}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	nbf := time.Date(2030, 1, 1, 1, 1, 1, 0, time.UTC)
	set, err := client.SetSecret(ctx, "Database-Password", azsecrets.SetSecretParameters{
		Value: ptr("correct horse"), ContentType: ptr("text/plain"), Tags: map[string]*string{"team": ptr("blue")},
		SecretAttributes: &azsecrets.SecretAttributes{Enabled: ptr(true), NotBefore: &nbf},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if asked.TenantID != tenant || len(asked.Scopes) != 1 || asked.Scopes[0] != "https://vault.localhost:"+f.url[len("https://default.vault.localhost:"):]+"/.default" {
		t.Errorf("the challenge led to tenant %q and scopes %q", asked.TenantID, asked.Scopes)
	}
	got, err := client.GetSecret(ctx, "database-password", "", nil)
	if err != nil || *got.Value != "correct horse" || *got.ID != *set.ID || *got.ContentType != "text/plain" || *got.Tags["team"] != "blue" || !got.Attributes.NotBefore.Equal(nbf) {
		t.Fatalf("GetSecret = %+v, %v", got, err)
	}
	if *got.Attributes.RecoveryLevel != "Recoverable+Purgeable" || *got.Attributes.RecoverableDays != 90 || got.ID.Name() != "Database-Password" {
		t.Errorf("attributes = %+v, id = %v", *got.Attributes, got.ID)
	}
	second, err := client.SetSecret(ctx, "Database-Password", azsecrets.SetSecretParameters{Value: ptr("battery staple")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if old, err := client.GetSecret(ctx, "Database-Password", set.ID.Version(), nil); err != nil || *old.Value != "correct horse" {
		t.Errorf("the first version = %v, %v", old.Value, err)
	}
	updated, err := client.UpdateSecretProperties(ctx, "Database-Password", second.ID.Version(), azsecrets.UpdateSecretPropertiesParameters{
		SecretAttributes: &azsecrets.SecretAttributes{Enabled: ptr(false)}}, nil)
	if err != nil || *updated.Attributes.Enabled {
		t.Fatalf("UpdateSecretProperties = %+v, %v", updated, err)
	}
	var refused *azcore.ResponseError
	if _, err := client.GetSecret(ctx, "Database-Password", "", nil); !errors.As(err, &refused) || refused.StatusCode != 403 || refused.ErrorCode != "Forbidden" {
		t.Errorf("GetSecret of a disabled secret: %v", err)
	}
	versions := 0
	for pager := client.NewListSecretPropertiesVersionsPager("Database-Password", nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		versions += len(page.Value)
	}
	if versions != 2 {
		t.Errorf("%d versions, want 2", versions)
	}
	sdkDeletion(t, client)
}

func sdkDeletion(t *testing.T, client *azsecrets.Client) {
	ctx, name := context.Background(), "deleted-secret"
	set, err := client.SetSecret(ctx, name, azsecrets.SetSecretParameters{Value: ptr("v")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := client.BackupSecret(ctx, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	deleted, err := client.DeleteSecret(ctx, name, nil)
	if err != nil || *deleted.ID != *set.ID || deleted.RecoveryID == nil || deleted.ScheduledPurgeDate.Sub(*deleted.DeletedDate) < 89*24*time.Hour {
		t.Fatalf("DeleteSecret = %+v, %v", deleted, err)
	}
	if _, err := client.RecoverDeletedSecret(ctx, name, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := client.GetSecret(ctx, name, "", nil); err != nil || *got.Value != "v" {
		t.Fatalf("recovered: %v", err)
	}
	if _, err := client.DeleteSecret(ctx, name, nil); err != nil {
		t.Fatal(err)
	}
	found := false
	for pager := client.NewListDeletedSecretPropertiesPager(nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Value {
			found = found || s.ID.Name() == name
		}
	}
	if !found {
		t.Error("the deleted secret is not listed")
	}
	if _, err := client.PurgeDeletedSecret(ctx, name, nil); err != nil {
		t.Fatal(err)
	}
	restored, err := client.RestoreSecret(ctx, azsecrets.RestoreSecretParameters{SecretBackup: kept.Value}, nil)
	if err != nil || *restored.ID != *set.ID {
		t.Fatalf("RestoreSecret = %+v, %v", restored, err)
	}
	if got, err := client.GetSecret(ctx, name, set.ID.Version(), nil); err != nil || *got.Value != "v" {
		t.Fatalf("restored: %v", err)
	}
}
