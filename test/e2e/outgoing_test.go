package e2e

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// document is a policy document with an inbound section of its own.
func document(inbound string) string {
	return "<policies><inbound><base />" + inbound + "</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"
}

// callerName is a backend that answers with the name in the client's certificate and with what it was sent.
func callerName(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = fmt.Fprintf(w, "%s %s %s %s", r.TLS.PeerCertificates[0].Subject.CommonName, r.Method, r.Header.Get("X-Mark"), body)
}

// TestBackendsThatDemandCertificates has two APIs and requests of policies go to one backend over TLS, each with the
// client certificate of its policy, before and after the certificate entity is renewed.
func TestBackendsThatDemandCertificates(t *testing.T) {
	p := start(t)
	root := testkit.NewRoot(t, "Backend root")
	backend := testkit.NewMutualTLSBackend(t, root.NewServer(t, "127.0.0.1"), root, callerName)
	p.trust(false, []*testkit.Cert{root}, nil)
	entity := func(name string, c *testkit.Cert) {
		p.put("/certificates/"+name, properties(object{"data": base64.StdEncoding.EncodeToString(c.PFX(t, "p")), "password": "p"}))
	}
	one, two := root.NewClient(t, "one"), root.NewClient(t, "two")
	entity("one", one)
	entity("two", two)
	for id, inbound := range map[string]string{
		"by-id":         `<authentication-certificate certificate-id="ONE" />`,
		"by-thumbprint": `<authentication-certificate thumbprint="` + two.Cert(t).Thumbprint() + `" />`,
		"by-bytes":      `<authentication-certificate body="@(Convert.FromBase64String("` + base64.StdEncoding.EncodeToString(root.NewClient(t, "bytes").PFX(t, "s3cret")) + `"))" password="s3cret" />`,
		"without":       ``,
		"send": `<send-request mode="copy" response-variable-name="r" timeout="10">
			<set-url>` + backend.URL + `/sent</set-url>
			<set-header name="X-Mark"><value>m</value></set-header>
			<authentication-certificate certificate-id="one" />
		</send-request>
		<return-response response-variable-name="r"><set-header name="X-Status"><value>@(((IResponse)context.Variables["r"]).StatusCode.ToString())</value></set-header></return-response>`,
	} {
		p.api(id, id, backend.URL, "POST /")
		p.policy(id, document(inbound))
	}
	gateway := p.caller(callerOptions{})
	ask := func(api, want string, status int) {
		t.Helper()
		if got := gateway.do(t, "POST", "/"+api+"/", strings.NewReader("body")); got.status != status || want != "" && got.body != want {
			t.Errorf("%s: %d %q; want %d %q", api, got.status, got.body, status, want)
		}
	}
	for range 2 {
		ask("by-id", "one POST  body", 200)
		ask("by-thumbprint", "two POST  body", 200)
		ask("by-bytes", "bytes POST  body", 200)
		ask("send", "one POST m body", 200)
		ask("without", "", 500)
	}
	entity("one", root.NewClient(t, "renewed"))
	ask("by-id", "renewed POST  body", 200)
	ask("send", "renewed POST m body", 200)
	entity("two", one) // the thumbprint is no certificate's any more
	ask("by-thumbprint", "", 500)
	if status, text := p.arm("PUT", "/apis/without/policies/policy", properties(object{"format": "rawxml", "value": document(`<authentication-certificate certificate-id="nobody" />`)})); status != 400 || !strings.Contains(text, "There is no certificate 'nobody'") {
		t.Errorf("a certificate that is not there: %d %s", status, text)
	}
	if log := p.logs.String(); strings.Contains(log, "s3cret") {
		t.Error("the log has the password")
	}
}

// TestSecretOfTheVaultByManagedIdentity is the documented way for a policy to read a secret: send-request to the vault, with
// a token of the service's identity. The vault is the embedded one, under its own name.
func TestSecretOfTheVaultByManagedIdentity(t *testing.T) {
	p := start(t, "--identity-audience", "https://vault.azure.net")
	p.vault(200, "PUT", "/secrets/backend-key", `{"value":"never in a log"}`)
	resource := strings.Replace(p.admin.VaultURL, "default.", "", 1)
	read := func(resource, more string) string {
		return document(`<send-request mode="new" response-variable-name="secretResponse" timeout="20" ignore-error="false">
			<set-url>` + p.admin.VaultURL + `/secrets/backend-key/?api-version=7.4</set-url>
			<set-method>GET</set-method>
			<authentication-managed-identity resource="` + resource + `"` + more + ` />
		</send-request>
		<set-variable name="status" value="@(((IResponse)context.Variables["secretResponse"]).StatusCode)" />
		<choose><when condition="@((int)context.Variables["status"] != 200)">
			<return-response><set-status code="@((int)context.Variables["status"])" reason="as the vault says" /></return-response>
		</when></choose>
		<return-response><set-body>@((string)((IResponse)context.Variables["secretResponse"]).Body.As<JObject>()["value"])</set-body></return-response>`)
	}
	for api, text := range map[string]string{"own": read(resource, ""), "azure": read("https://vault.azure.net", ""), "nobody": read(resource, ` client-id="00000000-0000-0000-0000-00000000dead"`)} {
		p.api(api, api, "http://127.0.0.1:1", "GET /")
		p.policy(api, text)
	}
	gateway := p.caller(callerOptions{})
	if got := gateway.get(t, "/own/"); got.status != 500 {
		t.Errorf("without an identity: %d %q", got.status, got.body)
	}
	principal := p.systemIdentity()
	if got := gateway.get(t, "/own/"); got.status != 403 {
		t.Errorf("without permissions: %d %q", got.status, got.body)
	}
	p.permit(principal, "get", "list")
	for _, api := range []string{"own", "azure"} {
		if got := gateway.get(t, "/"+api+"/"); got.status != 200 || got.body != "never in a log" {
			t.Errorf("%s: %d %q", api, got.status, got.body)
		}
	}
	if got := gateway.get(t, "/nobody/"); got.status != 500 || !strings.Contains(p.logs.String(), "no user-assigned identity with the client id '00000000-0000-0000-0000-00000000dead'") {
		t.Errorf("an identity that is not there: %d", got.status)
	}
	p.patch("", object{"identity": object{"type": "None"}})
	if got := gateway.get(t, "/own/"); got.status != 500 {
		t.Errorf("an identity that was taken away: %d %q", got.status, got.body)
	}
	if log := p.logs.String(); strings.Contains(log, "never in a log") || strings.Contains(log, "eyJ") {
		t.Error("the log has the secret or a token")
	}
}

// TestPoliciesThatAnswerAndTell has examples answered, too many requests refused, and a message sent that nobody waits for.
func TestPoliciesThatAnswerAndTell(t *testing.T) {
	p := start(t)
	told := make(chan string, 4)
	inside, release := make(chan struct{}), make(chan struct{})
	backend := testkit.NewBackend(t, func(w http.ResponseWriter, r *http.Request) {
		switch body, _ := io.ReadAll(r.Body); r.URL.Path {
		case "/news":
			told <- string(body)
		case "/wait":
			inside <- struct{}{}
			<-release
		}
	})
	p.api("a", "a", backend.URL, "GET /mock", "GET /wait", "GET /self")
	p.put("/apis/a/operations/op0", properties(object{"displayName": "mock", "method": "GET", "urlTemplate": "/mock", "responses": []object{
		{"statusCode": 200, "representations": []object{{"contentType": "application/json", "examples": object{"default": object{"value": object{"id": 7}}}}}}}}))
	p.policy("a", `<policies><inbound><base />
		<choose><when condition="@(context.Operation.Id == "op0")">
			<send-one-way-request mode="new"><set-url>`+backend.URL+`/news</set-url><set-method>POST</set-method><set-body>@("from " + context.Operation.Name)</set-body></send-one-way-request>
			<mock-response status-code="200" content-type="application/json" />
		</when><when condition="@(context.Operation.Id == "op2")">
			<send-request mode="new" response-variable-name="r"><set-url>`+p.admin.GatewayURL+`/a/mock</set-url><set-method>GET</set-method></send-request>
			<return-response response-variable-name="r" />
		</when></choose></inbound>
		<backend><limit-concurrency key="k" max-count="1"><forward-request /></limit-concurrency></backend><outbound /><on-error /></policies>`)
	gateway := p.caller(callerOptions{})
	if got := gateway.get(t, "/a/mock"); got.status != 200 || got.body != `{"id":7}` || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("mock-response: %d %q %v", got.status, got.body, got.header)
	}
	select {
	case got := <-told:
		if got != "from mock" {
			t.Errorf("told: %q", got)
		}
	case <-time.After(20 * time.Second):
		t.Error("the message did not come")
	}
	if got := gateway.get(t, "/a/self"); got.status != 200 || got.body != `{"id":7}` {
		t.Errorf("a call to the gateway itself: %d %q", got.status, got.body)
	}
	first := make(chan int, 1)
	go func() { first <- gateway.get(t, "/a/wait").status }()
	<-inside
	if got := gateway.get(t, "/a/wait"); got.status != 429 {
		t.Errorf("one too many: %d %q", got.status, got.body)
	}
	close(release)
	if status := <-first; status != 200 {
		t.Errorf("the one inside: %d", status)
	}
}

// TestOwnRootIsNamed makes sure that what policies trust beside the service's certificates is the root in ca.pem, which
// is for names of this machine alone.
func TestOwnRootIsNamed(t *testing.T) {
	p := start(t)
	text, err := os.ReadFile(p.admin.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !root.PermittedDNSDomainsCritical || len(root.PermittedDNSDomains) == 0 {
		t.Fatalf("the root is not bound to names: %v, %v", root, err)
	}
	for _, name := range root.PermittedDNSDomains {
		if strings.TrimPrefix(name, ".") != "localhost" {
			t.Errorf("the root may vouch for %q", name)
		}
	}
}
