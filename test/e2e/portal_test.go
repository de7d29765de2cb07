package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// browser is a client with the portal's cookie, as a page of the portal has it.
type browser struct {
	t    testing.TB
	p    *process
	http *http.Client
	csrf string
}

// open signs in with a link that the command portal prints.
func (p *process) open(t testing.TB) *browser {
	t.Helper()
	out, err := exec.Command(binary, "portal", "--data-dir", p.dir).Output()
	if err != nil {
		t.Fatalf("postern portal: %v", err)
	}
	link, err := url.Parse(strings.TrimSpace(string(out)))
	if err != nil || !strings.HasPrefix(link.String(), p.admin.ManagementURL+"/#code=") {
		t.Fatalf("postern portal printed %q: %v", out, err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, p: p, http: &http.Client{Transport: p.client.Transport, Jar: jar}}
	var session struct {
		Principal struct{ ID, Name string }
		CSRFToken string
		URLs      struct{ Gateway, Management string }
		Service   struct{ ID, SKU string }
	}
	body := object{"code": strings.TrimPrefix(link.Fragment, "code=")}
	if status := b.call("POST", "/postern/v1/session", body, &session); status != 200 {
		t.Fatalf("sign in: %d", status)
	}
	if session.Principal.Name == "" || session.URLs.Gateway != p.admin.GatewayURL || session.Service.ID != p.admin.ServiceID() || session.Service.SKU == "" {
		t.Errorf("session %+v", session)
	}
	b.csrf = session.CSRFToken
	if status := b.call("POST", "/postern/v1/session", body, nil); status != 401 {
		t.Errorf("the link again: %d", status)
	}
	return b
}

// call sends a request as the portal's page does, and decodes the answer into out.
func (b *browser) call(method, path string, body, out any, header ...string) int {
	b.t.Helper()
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		payload = bytes.NewReader(data)
	}
	r, err := http.NewRequest(method, b.p.admin.ManagementURL+path, payload)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Origin", b.p.admin.ManagementURL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/json")
	if b.csrf != "" && method != "GET" {
		r.Header.Set("X-Postern-CSRF", b.csrf)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			b.t.Fatalf("%s %s = %d: %v in %s", method, path, resp.StatusCode, err, data)
		}
	}
	return resp.StatusCode
}

func TestPortalSession(t *testing.T) {
	p := start(t)
	b := p.open(t)
	const api = "?api-version=2024-05-01"
	id := p.admin.ServiceID()
	value := object{"properties": object{"displayName": "greeting", "value": "hello"}}
	for _, c := range []struct {
		name, method, path string
		body               any
		header             []string
		want               int
	}{
		{"the service is read", "GET", id + api, nil, nil, 200},
		{"a change needs the CSRF token", "PUT", id + "/namedValues/greeting" + api, value, []string{"X-Postern-CSRF", ""}, 403},
		{"with it it is made", "PUT", id + "/namedValues/greeting" + api, value, nil, 201},
		{"not from another origin", "DELETE", id + "/namedValues/greeting" + api, nil, []string{"Origin", "https://localhost:3000"}, 403},
		{"not from another port", "GET", id + api, nil, []string{"Origin", "", "Sec-Fetch-Site", "same-site"}, 403},
		{"the development CA", "GET", "/postern/v1/development/roots/client", nil, nil, 200},
		{"the diagnostics", "GET", "/postern/v1/policies/elements", nil, nil, 200},
		{"the session", "GET", "/postern/v1/session", nil, nil, 200},
		{"signing out", "DELETE", "/postern/v1/session", nil, nil, 204},
		{"nothing is left of it", "GET", "/postern/v1/session", nil, nil, 401},
		{"and nothing is read", "GET", id + api, nil, nil, 401},
	} {
		if got := b.call(c.method, c.path, c.body, nil, c.header...); got != c.want {
			t.Errorf("%s: %s %s = %d, want %d", c.name, c.method, c.path, got, c.want)
		}
	}
}

func TestPortalPage(t *testing.T) {
	p := start(t)
	resp, err := p.client.Get(p.admin.ManagementURL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	policy := resp.Header.Get("Content-Security-Policy")
	if resp.StatusCode != 200 || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(string(body), "__CSP_NONCE__") {
		t.Errorf("%d, policy %q: %s", resp.StatusCode, policy, body)
	}
}

// tried is a part of the answer of /postern/v1/try.
type tried struct {
	Status    int
	Body      string
	RequestID string
	Decision  *struct {
		RequestID, API, Reason string
		Refused                bool
		Policy                 *struct {
			Element string
			Line    int
		}
		Certificate *struct{ Subject string }
		Verdict     *struct{ Verify bool }
	}
}

// certificates has the gateway ask for certificates, and trust the development CA's.
func (b *browser) certificates() {
	b.t.Helper()
	var root struct{ Certificate string }
	if status := b.call("GET", "/postern/v1/development/roots/client", nil, &root); status != 200 {
		b.t.Fatal(status)
	}
	b.p.patch("", properties(object{
		"hostnameConfigurations": []object{{"type": "Proxy", "hostName": "localhost", "negotiateClientCertificate": true}},
		"certificates":           []object{{"storeName": "Root", "encodedCertificate": root.Certificate}},
	}))
}

const portalPolicy = `<policies>
  <inbound>
    <base />
    <validate-client-certificate>
      <identities><identity common-name="client-01" /></identities>
    </validate-client-certificate>
  </inbound>
  <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>
</policies>`

func TestPortalTriesRequests(t *testing.T) {
	p := start(t)
	b := p.open(t)
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "from the backend") })
	p.api("orders", "orders", backend.URL, "GET /items")
	p.policy("orders", portalPolicy)
	var before struct{ AsksForClientCertificate bool }
	b.call("POST", "/postern/v1/handshake", object{"hostName": "localhost"}, &before)
	b.certificates()
	var hand struct {
		OK, AsksForClientCertificate bool
		Version                      string
		ServerCertificates           []struct{ Issuer string }
	}
	b.call("POST", "/postern/v1/handshake", object{"hostName": "localhost"}, &hand)
	if before.AsksForClientCertificate || !hand.OK || !hand.AsksForClientCertificate || hand.Version != "TLS 1.3" || len(hand.ServerCertificates) == 0 {
		t.Errorf("handshakes %+v, then %+v", before, hand)
	}
	for _, c := range []struct {
		name        string
		certificate any
		status      int
		reason      string
	}{
		{"the right client", object{"development": object{"name": "client-01"}}, 200, ""},
		{"another", object{"development": object{"name": "client-02"}}, 401, "ClientCertificateIdentityNotMatched"},
		{"nobody", nil, 401, "ClientCertificateNotFound"},
	} {
		var got tried
		if status := b.call("POST", "/postern/v1/try", object{"method": "GET", "path": "/orders/items", "certificate": c.certificate}, &got); status != 200 {
			t.Fatalf("%s: %d", c.name, status)
		}
		d := got.Decision
		if got.Status != c.status || d == nil || d.Reason != c.reason || d.RequestID != got.RequestID || d.API != "orders" || d.Refused != (c.status != 200) {
			t.Errorf("%s: %+v, decision %+v", c.name, got, d)
			continue
		}
		if d.Refused && (d.Policy == nil || d.Policy.Element != "validate-client-certificate" || d.Policy.Line != 4) {
			t.Errorf("%s: policy %+v", c.name, d.Policy)
		}
		if c.certificate != nil && (d.Certificate == nil || d.Verdict == nil || !d.Verdict.Verify) {
			t.Errorf("%s: certificate %+v, verdict %+v", c.name, d.Certificate, d.Verdict)
		}
		if status := b.call("GET", "/postern/v1/requests/"+got.RequestID, nil, nil); (status == 200) != d.Refused {
			t.Errorf("%s: looked up by its id: %d", c.name, status)
		}
	}
	var overview struct {
		Refusals struct {
			Total    int
			ByReason []struct {
				Reason string
				Count  int
			}
		}
		Expiring []struct{ Kind, Name string }
	}
	b.call("GET", "/postern/v1/overview", nil, &overview)
	if overview.Refusals.Total != 2 || len(overview.Refusals.ByReason) != 2 || len(overview.Expiring) < 4 {
		t.Errorf("overview %+v", overview)
	}
}

func TestPortalInspects(t *testing.T) {
	p := start(t)
	b := p.open(t)
	b.certificates()
	p.api("orders", "orders", "https://backend.example", "GET /items")
	p.policy("orders", portalPolicy)
	dir := t.TempDir()
	if out, err := exec.Command(binary, "dev", "issue", "--data-dir", p.dir, "--name", "client-01", "--out", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "client-01.pem"))
	if err != nil {
		t.Fatal(err)
	}
	type inspection struct {
		Certificates       []struct{ Subject string }
		Verify             struct{ OK bool }
		VerifyNoRevocation struct{ OK bool }
		Revocation         []struct{ Kind, Status string }
		Admits             struct {
			Policies []struct{ API, Outcome, Reason string }
		}
	}
	var good, gone inspection
	b.call("POST", "/postern/v1/certificates/inspect", object{"data": string(text)}, &good)
	if !good.Verify.OK || good.Certificates[0].Subject != "CN=client-01" || good.Revocation[0].Status != "good" || len(good.Admits.Policies) != 1 || good.Admits.Policies[0].Outcome != "in" {
		t.Errorf("before: %+v", good)
	}
	if out, err := exec.Command(binary, "dev", "revoke", "--data-dir", p.dir, filepath.Join(dir, "client-01.pem")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b.call("POST", "/postern/v1/certificates/inspect", object{"data": string(text)}, &gone)
	if gone.Verify.OK || !gone.VerifyNoRevocation.OK || gone.Revocation[0].Status != "revoked" || gone.Admits.Policies[0].Reason != "ClientCertificateRevoked" || gone.Admits.Policies[0].Outcome != "out" {
		t.Errorf("afterwards: %+v", gone)
	}
}

func TestPortalVault(t *testing.T) {
	p := start(t)
	b := p.open(t)
	var vaults struct {
		Vaults []struct{ Name, URL, ID string }
	}
	if status := b.call("GET", "/postern/v1/vaults", nil, &vaults); status != 200 || len(vaults.Vaults) != 1 || vaults.Vaults[0].Name != "default" {
		t.Fatalf("%d %+v", status, vaults)
	}
	const secret = "/postern/v1/vaults/default/secrets/greeting?api-version=7.5"
	if status := b.call("PUT", secret, object{"value": "hello"}, nil); status != 200 {
		t.Fatalf("PUT of a secret: %d", status)
	}
	var got struct{ Value, ID string }
	if status := b.call("GET", secret, nil, &got); status != 200 || got.Value != "hello" || !strings.HasPrefix(got.ID, vaults.Vaults[0].URL+"/secrets/greeting/") {
		t.Errorf("GET of it: %d %+v", status, got)
	}
	order := object{"policy": object{"x509_props": object{"subject": "CN=portal-test", "validity_months": 12}, "issuer": object{"name": "Self"}}}
	if status := b.call("POST", "/postern/v1/vaults/default/certificates/server/create?api-version=7.5", order, nil); status != 202 {
		t.Fatalf("create a certificate: %d", status)
	}
	var overview struct {
		Expiring []struct {
			Kind, ID, Subject string
			InUse             bool
			DaysLeft          int
		}
	}
	found := false
	for deadline := time.Now().Add(20 * time.Second); !found && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		b.call("GET", "/postern/v1/overview", nil, &overview)
		for _, x := range overview.Expiring {
			found = found || x.Kind == "vault" && x.Subject == "CN=portal-test" && !x.InUse && x.DaysLeft > 300 && x.ID == vaults.Vaults[0].URL+"/certificates/server"
		}
	}
	if !found {
		t.Errorf("the vault's certificate is not among those that expire: %+v", overview)
	}
}

// TestPortalBehindProxies shakes hands with a listener that wants a PROXY protocol header of this machine.
func TestPortalBehindProxies(t *testing.T) {
	p := start(t, "--proxy-protocol-from", "127.0.0.0/8", "--proxy-protocol-from", "::1/128")
	b := p.open(t)
	var hand struct {
		OK    bool
		Error string
	}
	if b.call("POST", "/postern/v1/handshake", object{"hostName": "localhost"}, &hand); !hand.OK {
		t.Errorf("handshake: %s", hand.Error)
	}
	var got tried
	if status := b.call("POST", "/postern/v1/try", object{"path": "/nothing"}, &got); status != 200 || got.Status != 404 || got.Decision == nil || got.Decision.Reason != "OperationNotFound" {
		t.Errorf("%d %+v", status, got)
	}
}
