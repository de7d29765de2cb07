package e2e

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// at is the member of a JSON object at the path, nil if there is none.
func at(v any, path ...string) any {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

// body parses an answer.
func (p *process) body(text string) map[string]any {
	p.t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		p.t.Fatalf("%v: %s", err, text)
	}
	return m
}

// root calls the management API at any path and insists on a status.
func (p *process) root(want int, method, path string, body any) map[string]any {
	p.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequest(method, p.admin.ManagementURL+path+"?api-version=2023-07-01", strings.NewReader(string(data)))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.admin.BearerToken)
	r.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer map[string]any
	err = json.NewDecoder(resp.Body).Decode(&answer)
	if resp.StatusCode != want {
		p.t.Fatalf("%s %s = %d: %v %v", method, path, resp.StatusCode, answer, err)
	}
	return answer
}

// vaultPath is the ARM path of the vault "default".
func (p *process) vaultPath() string {
	return fmt.Sprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults/default", p.admin.SubscriptionID, p.admin.ResourceGroup)
}

// permit gives the principal permissions on secrets of the vault, or takes them away.
func (p *process) permit(principal string, permissions ...string) {
	p.t.Helper()
	verb := "replace"
	if len(permissions) == 0 {
		verb, permissions = "remove", []string{"get", "list"}
	}
	policy := object{"tenantId": p.admin.TenantID, "objectId": principal, "permissions": object{"secrets": permissions}}
	p.root(200, "PUT", p.vaultPath()+"/accessPolicies/"+verb, object{"properties": object{"accessPolicies": []object{policy}}})
}

// importInto gives a certificate of the vault a new version.
func (p *process) importInto(name string, c *testkit.Cert) {
	p.t.Helper()
	p.vault(200, "POST", "/certificates/"+name+"/import", `{"value":"`+base64.StdEncoding.EncodeToString(c.PFX(p.t, ""))+`"}`)
}

// within waits until the condition holds.
func within(t *testing.T, d time.Duration, what string, holds func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !holds() {
		if time.Since(began) > d {
			t.Fatalf("%s: not within %v", what, d)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

// systemIdentity switches the system-assigned identity on and returns its object id.
func (p *process) systemIdentity() string {
	p.t.Helper()
	status, text := p.arm("PATCH", "", object{"identity": object{"type": "SystemAssigned"}})
	if status != 200 {
		p.t.Fatalf("PATCH identity = %d: %s", status, text)
	}
	id, _ := at(p.body(text), "identity", "principalId").(string)
	return id
}

// TestReferences goes the recommended way: a certificate in the vault, referred to, rotated, refused, mended.
func TestReferences(t *testing.T) {
	p := start(t, "--vault-refresh", "300ms")
	root := testkit.NewRoot(t, "Root")
	p.importInto("client", root.NewClient(t, "client-1"))
	reference := properties(object{"keyVault": object{"secretIdentifier": p.admin.VaultURL + "/secrets/client"}})

	if status, text := p.arm("PUT", "/certificates/c", reference); status != 400 || !strings.Contains(text, "no system-assigned identity") {
		t.Errorf("without an identity: %d %s", status, text)
	}
	principal := p.systemIdentity()
	if status, text := p.arm("PUT", "/certificates/c", reference); status != 400 || !strings.Contains(text, "'get' and 'list' for secrets on key vault 'default'") {
		t.Errorf("without permissions: %d %s", status, text)
	}
	p.permit(principal, "get", "list")
	p.put("/certificates/c", reference)
	p.put("/certificates/fixed", properties(object{"keyVault": object{"secretIdentifier": p.vault(200, "GET", "/secrets/client", "")["id"]}}))

	subject := func(id string) any {
		_, text := p.arm("GET", "/certificates/"+id, nil)
		return at(p.body(text), "properties", "subject")
	}
	code := func() any {
		_, text := p.arm("GET", "/certificates/c", nil)
		return at(p.body(text), "properties", "keyVault", "lastStatus", "code")
	}
	port := p.admin.VaultURL[strings.LastIndexByte(p.admin.VaultURL, ':'):]
	p.put("/certificates/local", properties(object{"keyVault": object{"secretIdentifier": "https://localhost" + port + "/secrets/client"}}))
	if status, text := p.arm("PUT", "/certificates/other", properties(object{"keyVault": object{"secretIdentifier": "https://localhost:1/secrets/client"}})); status != 400 || !strings.Contains(text, "is no host of a key vault") {
		t.Errorf("another port of this machine: %d %s", status, text)
	}
	p.importInto("client", root.NewClient(t, "client-2"))
	t.Logf("a new version was there after %v", within(t, 20*time.Second, "rotation", func() bool { return subject("c") == "CN=client-2" }))
	if got := subject("fixed"); got != "CN=client-1" {
		t.Errorf("a reference with a version has rotated to %v", got)
	}

	p.permit(principal)
	within(t, 20*time.Second, "the failure in lastStatus", func() bool { return code() == "ForbiddenByPolicy" })
	if got := subject("c"); got != "CN=client-2" {
		t.Errorf("while permission is missing the certificate is %v", got)
	}
	if status, text := p.arm("GET", "/certificates?isKeyVaultRefreshFailed=true", nil); status != 200 || !strings.Contains(text, `"name":"c"`) {
		t.Errorf("isKeyVaultRefreshFailed=true: %d %s", status, text)
	}
	resp, err := http.Get(p.admin.OpsURL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	metrics := readAll(t, resp)
	if !strings.Contains(metrics, `postern_key_vault_reference_failing_since_timestamp_seconds{code="ForbiddenByPolicy"`) || !strings.Contains(metrics, `postern_events_total{type="Postern.KeyVaultRefreshFailed"}`) {
		t.Errorf("the metrics do not tell of it")
	}
	p.importInto("client", root.NewClient(t, "client-3"))
	p.kill()

	again := startIn(t, p.dir, "--vault-refresh", "300ms")
	if _, text := again.arm("GET", "/certificates/c", nil); at(again.body(text), "properties", "subject") != "CN=client-2" {
		t.Errorf("after a restart while permission is missing: %s", text)
	}
	again.permit(principal, "get", "list")
	within(t, 20*time.Second, "the recovery", func() bool {
		_, text := again.arm("GET", "/certificates/c", nil)
		return at(again.body(text), "properties", "subject") == "CN=client-3" && at(again.body(text), "properties", "keyVault", "lastStatus", "code") == "Success"
	})

	url := again.root(200, "GET", "/postern/v1/store/eventgrid", nil)["url"].(string)
	deliver := func(address string) int {
		resp, err := again.client.Post(address, "application/json", strings.NewReader(`[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"abc"}}]`))
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, resp)
		return resp.StatusCode
	}
	if a, b := deliver(url), deliver(url[:len(url)-1]); a != 200 || b != 401 {
		t.Errorf("the Event Grid webhook answers %d with its code and %d with another", a, b)
	}
}

func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	var b strings.Builder
	buf := make([]byte, 1<<16)
	for {
		n, err := resp.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

// served is the subject of the certificate that a new handshake gets.
func (p *process) served(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(p.admin.GatewayURL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", u.Port()), &tls.Config{ServerName: "localhost", InsecureSkipVerify: true}) //nolint:gosec // it is looked at
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
}
