package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/postern-gateway/postern/internal/config"
)

const managementScope = "https://management.azure.com//.default"

// options has Azure's SDK talk to this postern, trusting its CA.
func (p *process) options() azcore.ClientOptions {
	return azcore.ClientOptions{Transport: p.client, Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: p.admin.ManagementURL + "/"},
		Retry: policy.RetryOptions{MaxRetries: -1}}
}

// tokenOf gets a token of a credential of Azure's SDK.
func (p *process) tokenOf(c azcore.TokenCredential, err error, scope string) string {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	token, err := c.GetToken(p.t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
	if err != nil {
		p.t.Fatal(err)
	}
	return token.Token
}

// with calls a URL with a bearer token and returns status and JSON body.
func (p *process) with(token, method, url, body string) (int, map[string]any) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	var into map[string]any
	_ = json.NewDecoder(res.Body).Decode(&into) // an empty body stays nil
	return res.StatusCode, into
}

func (p *process) command(args ...string) string {
	p.t.Helper()
	c := exec.Command(binary, append(args, "--data-dir", p.dir)...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		p.t.Fatalf("postern %v: %v\n%s", args, err, &errs)
	}
	return strings.TrimSpace(string(out))
}

// TestIdentities has a stranger log in as Azure's SDKs do, with the credential of admin.json and with the service's
// managed identity, and the roles decide.
func TestIdentities(t *testing.T) {
	p := start(t, "--identity-listen", "127.0.0.1:0")
	a := p.admin
	service := a.ManagementURL + a.ServiceID() + "?api-version=2024-05-01"
	c, err := azidentity.NewClientSecretCredential(a.TenantID, a.ClientID, a.ClientSecret, &azidentity.ClientSecretCredentialOptions{ClientOptions: p.options(), DisableInstanceDiscovery: true})
	admin := p.tokenOf(c, err, managementScope)
	if status, body := p.with(admin, "GET", service, ""); status != 200 {
		t.Fatalf("the administrator's token is answered %d %v", status, body)
	}
	if status, _ := p.with(p.tokenOf(c, nil, "https://vault.azure.net/.default"), "GET", service, ""); status != 401 {
		t.Errorf("a token for the vault opens the management API: %d", status)
	}
	status, body := p.with(admin, "PATCH", service, `{"identity":{"type":"SystemAssigned"}}`)
	principal, _ := body["identity"].(map[string]any)["principalId"].(string)
	if status != 200 || principal == "" {
		t.Fatalf("PATCH of the identity = %d %v", status, body)
	}

	for line := range strings.Lines(p.command("dev", "identity")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		t.Setenv(name, value)
	}
	m, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: p.options()})
	managed := p.tokenOf(m, err, managementScope)
	if status, body := p.with(managed, "GET", service, ""); status != 403 {
		t.Errorf("a managed identity without a role is answered %d %v", status, body)
	}
	assignment := a.ManagementURL + a.ServiceID() + "/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-0000-0000-000000000001?api-version=2022-04-01"
	if status, body := p.with(admin, "PUT", assignment, fmt.Sprintf(`{"properties":{"roleDefinitionId":"/subscriptions/%s/providers/Microsoft.Authorization/roleDefinitions/71522526-b88f-4d52-b57f-d31fc3546d0d","principalId":"%s"}}`, a.SubscriptionID, principal)); status != 201 {
		t.Fatalf("PUT of the role assignment = %d %v", status, body)
	}
	if status, body := p.with(managed, "GET", service, ""); status != 200 {
		t.Errorf("a reader is answered %d %v", status, body)
	}
	if status, _ := p.with(managed, "PATCH", service, `{}`); status != 403 {
		t.Errorf("a reader changes the service: %d", status)
	}
	for _, path := range []string{"/postern/v1/tokens", "/postern/v1/development/roots/client"} {
		if status, _ := p.with(managed, "GET", a.ManagementURL+path, ""); status != 403 {
			t.Errorf("a reader's GET %s = %d, want 403", path, status)
		}
	}
	if log := p.logs.String(); strings.Contains(log, a.ClientSecret) || strings.Contains(log, managed) || !strings.Contains(log, "token issued") {
		t.Error("the log has a secret, or no record of the tokens")
	}
	if status, _ := p.with(admin, "PATCH", service, `{"identity":{"type":"None"}}`); status != 200 {
		t.Errorf("PATCH to no identity = %d", status)
	}
	if status, _ := p.with(managed, "GET", service, ""); status != 401 {
		t.Errorf("the token of an identity that is gone is answered %d", status)
	}
}

// TestCredentialsOutliveARestart has admin.json and tokens work after a kill and a new start.
func TestCredentialsOutliveARestart(t *testing.T) {
	p := start(t)
	made := p.command("token", "create", "--name", "ci", "--days", "1")
	before, err := config.ReadIdentityEnv(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	a := p.admin
	c, err := azidentity.NewClientSecretCredential(a.TenantID, a.ClientID, a.ClientSecret, &azidentity.ClientSecretCredentialOptions{ClientOptions: p.options(), DisableInstanceDiscovery: true})
	signed := p.tokenOf(c, err, managementScope)
	p.kill()
	p = startIn(t, p.dir)
	if p.admin.ClientSecret != a.ClientSecret || p.admin.BearerToken != a.BearerToken {
		t.Error("the credential of admin.json changed")
	}
	if after, err := config.ReadIdentityEnv(p.dir); err != nil || after.Header != before.Header || !strings.HasPrefix(after.Endpoint, p.admin.ManagementURL) {
		t.Errorf("the environment of identities is %+v, %v; it was %+v", after, err, before)
	}
	service := p.admin.ManagementURL + p.admin.ServiceID() + "?api-version=2024-05-01"
	for name, token := range map[string]string{"long-lived": made, "signed": signed} {
		if status, body := p.with(token, "GET", service, ""); status != 200 {
			t.Errorf("the %s token is answered %d %v", name, status, body)
		}
	}
	if list := p.command("token", "list"); !strings.Contains(list, "\tci\t") || strings.Contains(list, made) {
		t.Errorf("token list prints %q", list)
	}
	p.command("token", "revoke", "ci")
	if status, _ := p.with(made, "GET", service, ""); status != 401 {
		t.Errorf("a revoked token is answered %d", status)
	}
	if out, err := exec.Command(binary, "token", "revoke", "ci", "--data-dir", p.dir).CombinedOutput(); err == nil || !strings.Contains(string(out), "no token") {
		t.Errorf("revoking again = %v %s", err, out)
	}
}
