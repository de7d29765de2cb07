package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"

	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/pki/pfx"
)

// vaultClient is an HTTP client for the vault's names, which the resolver here need not know.
func (p *process) vaultClient() *http.Client {
	p.t.Helper()
	c, err := p.admin.Client()
	if err != nil {
		p.t.Fatal(err)
	}
	u, err := url.Parse(p.admin.VaultURL)
	if err != nil {
		p.t.Fatal(err)
	}
	c.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", u.Port()))
	}
	return c
}

// vault calls the vault "default" as the administrator and insists on the status.
func (p *process) vault(want int, method, path, body string) map[string]any {
	p.t.Helper()
	r, err := http.NewRequest(method, p.admin.VaultURL+path+"?api-version=7.5", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.admin.BearerToken)
	resp, err := p.vaultClient().Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	var answer map[string]any
	if len(data) > 0 {
		if err := json.Unmarshal(data, &answer); err != nil {
			p.t.Fatal(err)
		}
	}
	if resp.StatusCode != want {
		p.t.Fatalf("%s %s = %d: %s", method, path, resp.StatusCode, data)
	}
	return answer
}

// administrator is a credential of the Azure SDKs with the administrator's token.
type administrator string

func (a administrator) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(a), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// TestVault drives the embedded vault of the binary with Azure's client, kills the process, and finds everything again.
func TestVault(t *testing.T) {
	p := start(t)
	ctx := context.Background()
	client, err := azsecrets.NewClient(p.admin.VaultURL, administrator(p.admin.BearerToken),
		&azsecrets.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: p.vaultClient()}})
	if err != nil {
		t.Fatal(err)
	}
	value := "never in the clear on disk: 5c1e"
	set, err := client.SetSecret(ctx, "greeting", azsecrets.SetSecretParameters{Value: &value}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(*set.ID), p.admin.VaultURL+"/secrets/greeting/") {
		t.Errorf("the id is %s", *set.ID)
	}
	issued := testkit.NewRoot(t, "corporate root").NewClient(t, "client-01")
	p.vault(200, "POST", "/certificates/client/import", `{"value":"`+base64.StdEncoding.EncodeToString(issued.PFX(t, "p"))+`","pwd":"p"}`)
	made := p.vault(202, "POST", "/certificates/dev/create", `{"policy":{"issuer":{"name":"Development"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=dev-client","ekus":["1.3.6.1.5.5.7.3.2"]}}}`)
	if made["status"] != "completed" {
		t.Errorf("the development CA's certificate: %v", made)
	}
	p.kill()

	again := startIn(t, p.dir)
	for _, name := range []string{"client", "dev"} {
		secret := again.vault(200, "GET", "/secrets/"+name, "")
		data, err := base64.StdEncoding.DecodeString(secret["value"].(string))
		if err != nil {
			t.Fatal(err)
		}
		id, err := pfx.Load(data, nil)
		if err != nil || !id.KeyMatches() {
			t.Fatalf("the secret of certificate %s: %v", name, err)
		}
		if name == "client" && string(id.Certificate.Raw) != string(issued.X509.Raw) {
			t.Error("the certificate is another one")
		}
	}
	if got := again.vault(200, "GET", "/secrets/greeting", "")["value"]; got != value {
		t.Errorf("after the kill the secret is %v", got)
	}
	again.kill()
	if found := grep(t, p.dir, value); found != "" {
		t.Errorf("the secret stands in the clear in %s", found)
	}
}

// grep is a file below dir that holds the text, empty if there is none.
func grep(t *testing.T, dir, text string) string {
	t.Helper()
	found := ""
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := dir + "/" + e.Name()
		if e.IsDir() {
			if inner := grep(t, name, text); inner != "" {
				found = inner
			}
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), text) {
			found = name
		}
	}
	return found
}

// TestVaultChallenge holds what a client sees that has no token yet, or one of nobody.
func TestVaultChallenge(t *testing.T) {
	p := start(t)
	u, err := url.Parse(p.admin.VaultURL)
	if err != nil {
		t.Fatal(err)
	}
	resource := "https://vault.localhost:" + u.Port()
	want := `Bearer authorization="` + p.admin.ManagementURL + "/" + p.admin.TenantID + `", resource="` + resource + `"`
	for _, base := range []string{p.admin.VaultURL, "https://localhost:" + u.Port()} {
		resp, err := p.vaultClient().Get(base + "/secrets/x?api-version=7.4")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("WWW-Authenticate"); resp.StatusCode != 401 || got != want {
			t.Errorf("%s: %d, %s\nwant 401, %s", base, resp.StatusCode, got, want)
		}
	}
}

// TestVaultLogin: Azure's client logs in by the vault's challenge at our token endpoint, with the credential of
// admin.json; a token for another audience is refused.
func TestVaultLogin(t *testing.T) {
	p := start(t)
	a, ctx := p.admin, context.Background()
	credential, err := azidentity.NewClientSecretCredential(a.TenantID, a.ClientID, a.ClientSecret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: p.options(), DisableInstanceDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	client, err := azsecrets.NewClient(a.VaultURL, credential, &azsecrets.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: p.vaultClient()}})
	if err != nil {
		t.Fatal(err)
	}
	value := "v"
	if _, err := client.SetSecret(ctx, "s", azsecrets.SetSecretParameters{Value: &value}, nil); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest("GET", a.VaultURL+"/secrets/s?api-version=7.4", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.tokenOf(credential, nil, managementScope))
	resp, err := p.vaultClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 401 || !strings.Contains(string(body), "AKV10022: Invalid audience. Expected https://vault.localhost:") {
		t.Errorf("a token for the management API: %d %s", resp.StatusCode, body)
	}
}

// TestVaultObjectInUse: an object that a reference names is not deleted by accident.
func TestVaultObjectInUse(t *testing.T) {
	p := start(t)
	p.vault(200, "PUT", "/secrets/greeting", `{"value":"hello"}`)
	p.patch("", map[string]any{"identity": map[string]any{"type": "SystemAssigned"}})
	status, service := p.with(p.admin.BearerToken, "GET", p.admin.ManagementURL+p.admin.ServiceID()+"?api-version=2024-05-01", "")
	principal, _ := service["identity"].(map[string]any)["principalId"].(string)
	if status != 200 || principal == "" {
		t.Fatalf("the service's identity: %d %v", status, service["identity"])
	}
	vault := p.admin.ManagementURL + "/subscriptions/" + p.admin.SubscriptionID + "/resourceGroups/" + p.admin.ResourceGroup + "/providers/Microsoft.KeyVault/vaults/default"
	policy := `{"properties":{"accessPolicies":[{"tenantId":"` + p.admin.TenantID + `","objectId":"` + principal + `","permissions":{"secrets":["get"]}}]}}`
	if status, body := p.with(p.admin.BearerToken, "PUT", vault+"/accessPolicies/add?api-version=2023-07-01", policy); status != 200 && status != 201 {
		t.Fatalf("the access policy: %d %v", status, body)
	}
	p.put("/namedValues/greeting", properties(object{"displayName": "greeting", "secret": true, "keyVault": object{"secretIdentifier": p.admin.VaultURL + "/secrets/greeting"}}))
	refused := p.vault(409, "DELETE", "/secrets/Greeting", "")
	if message := refused["error"].(map[string]any)["message"].(string); !strings.Contains(message, p.admin.ServiceID()+"/namedValues/greeting") {
		t.Errorf("the refusal names %q", message)
	}
}

// TestVaultFirewall: with the firewall on, the system-assigned identity passes as a trusted service, a user-assigned one
// and the administrator do not; with roles instead of policies, the role decides behind it.
func TestVaultFirewall(t *testing.T) {
	p := start(t, "--identity-listen", "127.0.0.1:0")
	a := p.admin
	p.vault(200, "PUT", "/secrets/s", `{"value":"v"}`)
	group := a.ManagementURL + "/subscriptions/" + a.SubscriptionID + "/resourceGroups/" + a.ResourceGroup + "/providers/"
	must := func(method, url, body string) map[string]any {
		t.Helper()
		status, answer := p.with(a.BearerToken, method, url, body)
		if status != 200 && status != 201 {
			t.Fatalf("%s %s = %d %v", method, url, status, answer)
		}
		return answer
	}
	user := must("PUT", group+"Microsoft.ManagedIdentity/userAssignedIdentities/reader?api-version=2023-01-31", `{"location":"local"}`)
	properties := user["properties"].(map[string]any)
	service := must("PATCH", a.ManagementURL+a.ServiceID()+"?api-version=2024-05-01",
		`{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"`+user["id"].(string)+`":{}}}}`)
	system := service["identity"].(map[string]any)["principalId"].(string)
	vault, version := group+"Microsoft.KeyVault/vaults/default", "?api-version=2023-07-01"
	for _, id := range []string{system, properties["principalId"].(string)} {
		must("PUT", vault+"/accessPolicies/add"+version, `{"properties":{"accessPolicies":[{"tenantId":"`+a.TenantID+`","objectId":"`+id+`","permissions":{"secrets":["get"]}}]}}`)
	}
	for line := range strings.Lines(p.command("dev", "identity")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		t.Setenv(name, value)
	}
	get := func(o azidentity.ManagedIdentityCredentialOptions) string {
		t.Helper()
		o.ClientOptions = p.options()
		credential, err := azidentity.NewManagedIdentityCredential(&o)
		if err != nil {
			t.Fatal(err)
		}
		client, err := azsecrets.NewClient(a.VaultURL, credential, &azsecrets.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: p.vaultClient()}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.GetSecret(t.Context(), "s", "", nil)
		if refused, ok := errors.AsType[*azcore.ResponseError](err); ok {
			body, _ := io.ReadAll(refused.RawResponse.Body)
			var e struct {
				Error struct{ Innererror struct{ Code string } }
			}
			if err := json.Unmarshal(body, &e); err != nil {
				t.Fatal(err)
			}
			return e.Error.Innererror.Code
		}
		if err != nil {
			t.Fatal(err)
		}
		return "got it"
	}
	check := func(when, wantSystem, wantUser string) {
		t.Helper()
		if got := get(azidentity.ManagedIdentityCredentialOptions{}); got != wantSystem {
			t.Errorf("%s, the system-assigned identity: %s, want %s", when, got, wantSystem)
		}
		if got := get(azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ClientID(properties["clientId"].(string))}); got != wantUser {
			t.Errorf("%s, the user-assigned identity: %s, want %s", when, got, wantUser)
		}
	}
	check("without a firewall", "got it", "got it")
	must("PATCH", vault+version, `{"properties":{"networkAcls":{"defaultAction":"Deny","bypass":"AzureServices"}}}`)
	check("with a firewall", "got it", "ForbiddenByFirewall")
	p.vault(403, "GET", "/secrets/s", "")
	must("PATCH", vault+version, `{"properties":{"networkAcls":{"defaultAction":"Deny","bypass":"None"}}}`)
	check("with a firewall for all", "ForbiddenByFirewall", "ForbiddenByFirewall")
	must("PATCH", vault+version, `{"properties":{"enableRbacAuthorization":true,"networkAcls":{"defaultAction":"Deny","bypass":"None","ipRules":[{"value":"127.0.0.1"}]}}}`)
	check("with roles and none given", "ForbiddenByRbac", "ForbiddenByRbac")
	must("PUT", vault+"/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-0000-0000-000000000002?api-version=2022-04-01",
		`{"properties":{"roleDefinitionId":"/subscriptions/`+a.SubscriptionID+`/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6","principalId":"`+system+`"}}`)
	check("with a role for one", "got it", "ForbiddenByRbac")
}

// TestVaultSecretsOfTemplates: secrets that a template or a file deploys are in the vault before it is ready; the same
// one deployed again makes no new version, and the management API never shows a value.
func TestVaultSecretsOfTemplates(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	text := "- type: Microsoft.KeyVault/vaults/secrets\n  name: default/from-file\n  tags: {team: blue}\n  properties:\n    value: hello\n    contentType: text/plain\n    attributes: {enabled: true, exp: 1893456000}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "--apply", file)
	first := p.vault(200, "GET", "/secrets/from-file", "")
	if first["value"] != "hello" || first["contentType"] != "text/plain" || first["tags"].(map[string]any)["team"] != "blue" {
		t.Errorf("the secret of the file: %v", first)
	}
	a := p.admin
	url := a.ManagementURL + "/subscriptions/" + a.SubscriptionID + "/resourceGroups/" + a.ResourceGroup + "/providers/Microsoft.KeyVault/vaults/default/secrets"
	const version = "?api-version=2023-07-01"
	call := func(want int, method, name, body string) map[string]any {
		t.Helper()
		status, answer := p.with(a.BearerToken, method, url+name+version, body)
		if status != want {
			t.Fatalf("%s %s = %d %v, want %d", method, name, status, answer, want)
		}
		if text, err := json.Marshal(answer); err != nil || strings.Contains(string(text), "hello") || strings.Contains(string(text), "bonjour") {
			t.Errorf("%s %s shows the value: %s", method, name, text)
		}
		return answer
	}
	again := call(200, "PUT", "/from-file", `{"tags":{"team":"blue"},"properties":{"value":"hello","contentType":"text/plain","attributes":{"enabled":true,"exp":1893456000}}}`)
	if got := again["properties"].(map[string]any)["secretUriWithVersion"]; got != first["id"] {
		t.Errorf("the same again is %v, want %v", got, first["id"])
	}
	call(201, "PUT", "/new", `{"properties":{"value":"bonjour"}}`)
	call(200, "PATCH", "/new", `{"properties":{"attributes":{"enabled":false}}}`)
	if got := call(200, "GET", "/NEW", "")["properties"].(map[string]any)["attributes"].(map[string]any)["enabled"]; got != false {
		t.Errorf("enabled is %v", got)
	}
	if list := call(200, "GET", "", "")["value"].([]any); len(list) != 2 {
		t.Errorf("the list has %d secrets, want 2", len(list))
	}
	call(404, "GET", "/none", "")
	call(400, "PUT", "/bad_name", `{"properties":{"value":"v"}}`)
	call(400, "PUT", "/new", `{"properties":{}}`)
	call(405, "DELETE", "/new", "")
	p.vault(200, "DELETE", "/secrets/new", "")
	call(409, "PUT", "/new", `{"properties":{"value":"v"}}`)
	if logs := p.logs.String(); strings.Contains(logs, "bonjour") {
		t.Error("the log shows the value")
	}
}

// TestVaultEvents: what happens in a vault goes to the webhook, with the data that Key Vault gives to Event Grid.
func TestVaultEvents(t *testing.T) {
	type cloudEvent struct {
		ID, Type, Subject string
		Data              map[string]any
	}
	events := make(chan cloudEvent, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var e cloudEvent
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
			t.Error(err)
		}
		events <- e
	}))
	defer receiver.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("signs events"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "--event-webhook", receiver.URL, "--event-webhook-secret-file", secret)
	made := p.vault(200, "PUT", "/secrets/Greeting", `{"value":"hello","attributes":{"exp":1893456000}}`)
	deadline := time.After(time.Minute)
	for {
		select {
		case e := <-events:
			if e.Type != "Microsoft.KeyVault.SecretNewVersionCreated" {
				continue // others have their own tests
			}
			if e.Subject != made["id"] || e.Data["VaultName"] != "default" || e.Data["ObjectType"] != "Secret" || e.Data["ObjectName"] != "Greeting" ||
				!strings.HasSuffix(e.Subject, "/"+e.Data["Version"].(string)) || e.Data["EXP"] != float64(1893456000) || e.Data["NBF"] != nil {
				t.Errorf("the event is %+v", e)
			}
			return
		case <-deadline:
			t.Fatal("no event in a minute")
		}
	}
}
