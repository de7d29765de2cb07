package e2e

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// often is how often references are looked at in these tests; a fetch that failed is tried again as often.
const often = "200ms"

// reader is a Postern whose API answers with a named value of a vault.
type reader struct {
	*process
	caller *caller
}

// reads has the API /value answer with the named value nv, which the secret gives.
func (p *process) reads(secret, identity string) *reader {
	p.t.Helper()
	p.put("/namedValues/nv", properties(object{"displayName": "nv", "secret": true, "keyVault": object{"secretIdentifier": secret, "identityClientId": identity}}))
	p.api("value", "value", "", "GET /")
	p.policy("value", `<policies><inbound><return-response><set-body>{{nv}}</set-body></return-response></inbound><backend /><outbound /><on-error /></policies>`)
	return &reader{p, p.caller(callerOptions{})}
}

// value is what the gateway answers.
func (r *reader) value() string {
	r.t.Helper()
	return r.caller.get(r.t, "/value").body
}

// status are code and message of the reference's lastStatus.
func (r *reader) status() (code, message string) {
	r.t.Helper()
	_, text := r.arm("GET", "/namedValues/nv", nil)
	last := at(r.body(text), "properties", "keyVault", "lastStatus")
	code, _ = at(last, "code").(string)
	message, _ = at(last, "message").(string)
	return code, message
}

// fails waits for the failure, and insists that the value is the last good one, and that metric and list tell of it.
func (r *reader) fails(t *testing.T, code, message, value string) {
	t.Helper()
	within(t, 20*time.Second, code, func() bool { c, _ := r.status(); return c == code })
	if _, m := r.status(); !strings.Contains(m, message) {
		t.Errorf("the message is %q, want %q in it", m, message)
	}
	if got := r.value(); got != value {
		t.Errorf("while it fails the gateway answers %q, want %q", got, value)
	}
	if _, text := r.arm("GET", "/namedValues?isKeyVaultRefreshFailed=true", nil); !strings.Contains(text, `"name":"nv"`) {
		t.Errorf("isKeyVaultRefreshFailed=true lists %s", text)
	}
	want := `postern_key_vault_reference_failing_since_timestamp_seconds{code="` + code + `"`
	within(t, 20*time.Second, want, func() bool { return strings.Contains(r.metrics(t), want) }) // after a start, once it was looked at
}

// mends waits until the value is there and the failure forgotten.
func (r *reader) mends(t *testing.T, value string) {
	t.Helper()
	within(t, 20*time.Second, "the recovery", func() bool { c, _ := r.status(); return c == "Success" && r.value() == value })
	within(t, 20*time.Second, "the metric's end", func() bool { return !strings.Contains(r.metrics(t), "failing_since_timestamp_seconds{") })
}

func (p *process) metrics(t *testing.T) string {
	t.Helper()
	resp, err := http.Get(p.admin.OpsURL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	return readAll(t, resp)
}

// identityPath is the ARM path of a user-assigned identity.
func (p *process) identityPath(name string) string {
	return fmt.Sprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.ManagedIdentity/userAssignedIdentities/%s", p.admin.SubscriptionID, p.admin.ResourceGroup, name)
}

// identities sets the identities of the service and insists on the status.
func (p *process) identities(want int, query, kind string, userAssigned ...string) string {
	p.t.Helper()
	identity := object{"type": kind}
	if len(userAssigned) > 0 {
		all := object{}
		for _, id := range userAssigned {
			all[id] = object{}
		}
		identity["userAssignedIdentities"] = all
	}
	status, text := p.arm("PATCH", query, object{"identity": identity})
	if status != want {
		p.t.Fatalf("PATCH identity = %d: %s", status, text)
	}
	return text
}

// vaultProperties changes properties of the vault "default".
func (p *process) vaultProperties(properties object) {
	p.t.Helper()
	p.root(200, "PATCH", p.vaultPath(), object{"properties": properties})
}

// TestFailuresOfTheEmbeddedVault takes from a reference, one after the other, all that it needs, and gives it back.
func TestFailuresOfTheEmbeddedVault(t *testing.T) {
	p := start(t, "--vault-refresh", often)
	p.vault(200, "PUT", "/secrets/a", `{"value":"one"}`)
	principal := p.systemIdentity()
	p.permit(principal, "get", "list")
	r := p.reads(p.admin.VaultURL+"/secrets/a", "")
	if got := r.value(); got != "one" {
		t.Fatalf("the gateway answers %q", got)
	}

	t.Run("secret disabled", func(t *testing.T) {
		p.vault(200, "PATCH", "/secrets/a", `{"attributes":{"enabled":false}}`)
		r.fails(t, "SecretDisabled", "is disabled", "one")
		p.vault(200, "PUT", "/secrets/a", `{"value":"two"}`)
		r.mends(t, "two")
	})
	t.Run("secret deleted", func(t *testing.T) {
		refused := p.vault(409, "DELETE", "/secrets/a", "")
		if text := fmt.Sprint(refused); !strings.Contains(text, "/namedValues/nv") {
			t.Errorf("the refusal names no user: %s", text)
		}
		p.forced(t, "/secrets/a")
		r.fails(t, "SecretNotFound", "was not found", "two")
		p.vault(200, "POST", "/deletedsecrets/a/recover", "")
		r.mends(t, "two")
	})
	t.Run("permission removed", func(t *testing.T) {
		p.permit(principal)
		r.fails(t, "ForbiddenByPolicy", "lacks the permissions 'get' and 'list'", "two")
		p.permit(principal, "get", "list")
		r.mends(t, "two")
	})
	t.Run("identity deleted", func(t *testing.T) {
		if text := p.identities(409, "", "None"); !strings.Contains(text, "/namedValues/nv") {
			t.Errorf("the refusal names no user: %s", text)
		}
		p.identities(200, "?force=true", "None")
		r.fails(t, "IdentityNotFound", "no system-assigned identity", "two")
		principal = p.systemIdentity() // it is another one
		r.fails(t, "ForbiddenByPolicy", "lacks the permissions", "two")
		p.permit(principal, "get", "list")
		r.mends(t, "two")
	})
	t.Run("vault deleted", func(t *testing.T) {
		if text := fmt.Sprint(p.root(409, "DELETE", p.vaultPath(), object{})); !strings.Contains(text, "/namedValues/nv") {
			t.Errorf("the refusal names no user: %s", text)
		}
		if status, body := p.with(p.admin.BearerToken, "DELETE", p.admin.ManagementURL+p.vaultPath()+"?api-version=2023-07-01&force=true", ""); status != 200 {
			t.Fatalf("DELETE of the vault = %d: %v", status, body)
		}
		r.fails(t, "VaultNotFound", "There is no key vault 'default'", "two")
		p.root(201, "PUT", p.vaultPath(), object{"location": "local", "properties": object{"createMode": "recover", "tenantId": p.admin.TenantID, "sku": object{"family": "A", "name": "standard"}}})
		r.mends(t, "two")
	})
	t.Run("restart while it fails", func(t *testing.T) {
		p.permit(principal)
		p.vault(200, "PUT", "/secrets/a", `{"value":"three"}`)
		r.fails(t, "ForbiddenByPolicy", "lacks the permissions", "two")
		p.kill()
		again := startIn(t, p.dir, "--vault-refresh", often) // the vault is at another port, too
		later := &reader{again, again.caller(callerOptions{})}
		later.fails(t, "ForbiddenByPolicy", "lacks the permissions", "two")
		again.permit(principal, "get", "list")
		later.mends(t, "three")
		for _, e := range []string{"Postern.KeyVaultRefreshFailed", "Postern.KeyVaultRefreshRecovered"} {
			if !strings.Contains(p.logs.String()+again.logs.String(), e) {
				t.Errorf("the log has no event %s", e)
			}
		}
	})
}

// forced deletes an object of the vault that is in use.
func (p *process) forced(t *testing.T, path string) {
	t.Helper()
	if status, body := p.with(p.admin.BearerToken, "DELETE", "https://localhost:"+port(t, p.admin.VaultURL)+path+"?api-version=7.5&force=true", ""); status != 200 {
		t.Fatalf("DELETE %s = %d: %v", path, status, body)
	}
}

// TestFirewallOfTheEmbeddedVault: with the firewall on the system-assigned identity passes, a user-assigned one does not.
func TestFirewallOfTheEmbeddedVault(t *testing.T) {
	p := start(t, "--vault-refresh", often)
	p.vault(200, "PUT", "/secrets/a", `{"value":"one"}`)
	user := p.root(201, "PUT", p.identityPath("user"), object{"location": "local"})
	clientID, _ := at(user, "properties", "clientId").(string)
	system, _ := at(p.body(p.identities(200, "", "SystemAssigned, UserAssigned", p.identityPath("user"))), "identity", "principalId").(string)
	p.permit(system, "get", "list")
	p.permit(fmt.Sprint(at(user, "properties", "principalId")), "get", "list")
	r := p.reads(p.admin.VaultURL+"/secrets/a", clientID)

	p.vaultProperties(object{"networkAcls": object{"defaultAction": "Deny", "bypass": "AzureServices"}})
	r.fails(t, "ForbiddenByFirewall", "use the system-assigned identity", "one")
	if status, text := p.arm("PUT", "/namedValues/other", properties(object{"displayName": "other", "secret": true, "keyVault": object{"secretIdentifier": p.admin.VaultURL + "/secrets/a"}})); status != 201 {
		t.Errorf("the system-assigned identity: %d %s", status, text)
	}
	p.vaultProperties(object{"networkAcls": object{"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": []object{{"value": "127.0.0.1/32"}}}})
	r.mends(t, "one")
	if status, body := p.with(p.admin.BearerToken, "DELETE", p.admin.ManagementURL+p.identityPath("user")+"?api-version=2023-01-31&force=true", ""); status != 409 {
		t.Errorf("an identity that the service has is deleted: %d %v", status, body)
	}
}

// outside is a key vault beyond Postern, of one secret, with the token endpoint that managed identities are had from.
type outside struct {
	*httptest.Server
	mu      sync.Mutex
	value   string
	version int
	fault   http.HandlerFunc
}

// newOutside starts one whose certificate the processes of this test trust, and has them ask it for tokens.
func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{value: "one", version: 1}
	root := testkit.NewRoot(t, "Vaults")
	o.Server = httptest.NewUnstartedServer(o)
	o.TLS = &tls.Config{Certificates: []tls.Certificate{root.NewServer(t, "127.0.0.1").TLS()}, MinVersion: tls.VersionTLS12}
	o.StartTLS()
	t.Cleanup(o.Close)
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"access_token":"outside","token_type":"Bearer","resource":"x","expires_on":"%d"}`, time.Now().Add(time.Hour).Unix())
	}))
	t.Cleanup(tokens.Close)
	file := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(file, root.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	t.Setenv("IDENTITY_ENDPOINT", tokens.URL)
	t.Setenv("IDENTITY_HEADER", "x")
	return o
}

// args have a process take the address for a vault's, and look at references by the interval.
func (o *outside) args(interval string) []string {
	return []string{"--vault-suffix", "0.0.1", "--fetch-allow", "127.0.0.0/8", "--azure-credential", "managed-identity", "--vault-refresh", interval}
}

func (o *outside) set(value string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.value = value
	o.version++
}

// order has it answer with the fault; nil: with the secret.
func (o *outside) order(f http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fault = f
}

// ServeHTTP implements http.Handler.
func (o *outside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	fault, value, version := o.fault, o.value, o.version
	o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch {
	case fault != nil:
		fault(w, r)
	case r.Header.Get("Authorization") != "Bearer outside":
		o.challenge(w, "https://"+strings.TrimPrefix(r.Host, "127."))
	default:
		fmt.Fprintf(w, `{"id":"https://%s/secrets/a/%032d","value":%q,"attributes":{"enabled":true}}`, r.Host, version, value)
	}
}

func (o *outside) challenge(w http.ResponseWriter, resource string) {
	w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.test/tenant", resource="`+resource+`"`)
	w.WriteHeader(http.StatusUnauthorized)
}

// answer is Key Vault's refusal.
func answer(status int, code, inner string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"code":%q,"message":"no","innererror":{"code":%q}}}`, code, inner)
	}
}

// TestFailuresOfAVaultOutside injects what a vault of Azure's can answer, and its silence.
func TestFailuresOfAVaultOutside(t *testing.T) {
	whole, o := t, newOutside(t)
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed, with the token %q", r.Header.Get("Authorization"))
	}))
	defer stranger.Close()
	p := start(t, o.args(often)...)
	u, err := url.Parse(o.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := p.reads("https://127.0.0.1:"+u.Port()+"/secrets/a", "")
	value := "one"
	for _, c := range []struct {
		name, code, message string
		fault               http.HandlerFunc
	}{
		{"down", "KeyVaultUnreachable", "cannot be reached", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"throttled", "Throttled", "is throttled", answer(429, "Throttled", "", "Retry-After", "1")},
		{"firewall", "ForbiddenByFirewall", "does not let the service in", answer(403, "Forbidden", "ForbiddenByFirewall")},
		{"permission", "ForbiddenByRbac", "lacks the permissions 'get' and 'list'", answer(403, "Forbidden", "ForbiddenByRbac")},
		{"secret", "SecretNotFound", "was not found", answer(404, "SecretNotFound", "")},
		{"broken", "InternalServerError", "answered 500", answer(500, "InternalServerError", "")},
		{"redirect", "Redirected", "which is not followed", answer(307, "", "", "Location", stranger.URL)},
	} {
		t.Run(c.name, func(t *testing.T) {
			o.order(c.fault)
			r.fails(t, c.code, c.message, value)
			value = "after " + c.name
			o.set(value)
			o.order(nil)
			r.mends(t, value)
		})
	}
	t.Run("restart while it is down", func(t *testing.T) {
		o.order(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		p.kill()
		again := startIn(whole, p.dir, o.args(often)...) // for the subtests after this one, too
		later := &reader{again, again.caller(callerOptions{})}
		later.fails(t, "KeyVaultUnreachable", "cannot be reached", value)
		o.set("at last")
		o.order(nil)
		later.mends(t, "at last")
		r = later
	})
	t.Run("a challenge for another authority", func(t *testing.T) {
		o.order(func(w http.ResponseWriter, r *http.Request) { o.challenge(w, "https://management.azure.com") })
		r.fails(t, "ChallengeRefused", "another authority", "at last")
		o.order(nil)
		r.mends(t, "at last")
	})
	t.Run("hosts that are no vaults", func(t *testing.T) {
		for _, host := range []string{"169.254.169.254", "vault.azure.net", "v.vault.azure.net.example.com"} {
			status, text := r.arm("PUT", "/namedValues/evil", properties(object{"displayName": "evil", "secret": true, "keyVault": object{"secretIdentifier": "https://" + host + "/secrets/a"}}))
			if status != 400 || !strings.Contains(text, "InvalidSecretIdentifier") {
				t.Errorf("%s: %d %s", host, status, text)
			}
		}
	})
}

// TestEventGridRotates: with API Management's interval a new version of a vault outside is served once Event Grid tells of it.
func TestEventGridRotates(t *testing.T) {
	o := newOutside(t)
	p := start(t, o.args("4h")...)
	r := p.reads("https://127.0.0.1:"+port(t, o.URL)+"/secrets/a", "")
	o.set("two")
	if got := r.value(); got != "one" {
		t.Errorf("before anybody tells of it the gateway answers %q", got)
	}
	address, _ := p.root(200, "GET", "/postern/v1/store/eventgrid", nil)["url"].(string)
	resp, err := p.client.Post(address, "application/json", strings.NewReader(`[{"eventType":"Microsoft.KeyVault.SecretNewVersionCreated","data":{"VaultName":"127","ObjectName":"a"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	within(t, 20*time.Second, "the new version", func() bool { return r.value() == "two" })
	o.set("three")
	if status, text := p.arm("POST", "/namedValues/nv/refreshSecret", nil); status != 200 || r.value() != "three" {
		t.Errorf("refreshSecret: %d %s; the gateway answers %q", status, text, r.value())
	}
}

// TestVersionThatBreaksAPolicy: a secret that a policy has in code gets a version that does not compile. The value before
// it goes on, and nothing that is said of it has the secret in it.
func TestVersionThatBreaksAPolicy(t *testing.T) {
	p := start(t, "--vault-refresh", often)
	p.vault(200, "PUT", "/secrets/a", `{"value":"17"}`)
	p.permit(p.systemIdentity(), "get", "list")
	r := p.reads(p.admin.VaultURL+"/secrets/a", "")
	p.policy("value", `<policies><inbound><return-response><set-body>@(({{nv}}).ToString())</set-body></return-response></inbound><backend /><outbound /><on-error /></policies>`)
	p.vault(200, "PUT", "/secrets/a", `{"value":"tellNobody"}`)
	r.fails(t, "ValidationError", "/apis/value/policies/policy would be wrong, line 1, column ", "17")
	if _, m := r.status(); strings.Contains(m, "tellNobody") || strings.Contains(p.logs.String(), "tellNobody") {
		t.Errorf("the secret is told: %q", m)
	}
	p.vault(200, "PUT", "/secrets/a", `{"value":"18"}`)
	r.mends(t, "18")
}
