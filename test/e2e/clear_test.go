package e2e

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/internal/testkit"
)

// TestNothingSecretIsInTheClear puts secrets of every kind into a Postern that logs all it can, has some of them fail, and
// looks for them in the log, in what it answers, and in every file of the data directory.
func TestNothingSecretIsInTheClear(t *testing.T) {
	key := filepath.Join(t.TempDir(), "master.key")
	p := startIn(t, filepath.Join(t.TempDir(), "data"), "--master-key", key, "--log-level", "debug", "--access-log", "on", "--vault-refresh", often)
	entity := testkit.NewRoot(t, "Root").NewClient(t, "entity")
	block, _ := pem.Decode(entity.KeyPEM(t))
	secrets := map[string]string{
		"named value": "plain-named-value", "secret of the vault": "secret-of-the-vault", "password": "pfx-password",
		"private key": string(block.Bytes), "private key in PEM": strings.Split(string(entity.KeyPEM(t)), "\n")[1],
		"credential of a request": "credential-of-a-request", "subscription key": "subscription-key-1", "body": "body-of-a-request",
	}
	p.vault(200, "PUT", "/secrets/a", `{"value":"secret-of-the-vault"}`)
	p.vault(200, "POST", "/certificates/c/import", `{"value":"`+base64.StdEncoding.EncodeToString(entity.PFX(t, "pfx-password"))+`","pwd":"pfx-password"}`)
	p.permit(p.systemIdentity(), "get", "list")
	p.put("/certificates/data", properties(object{"data": base64.StdEncoding.EncodeToString(entity.PFX(t, "pfx-password")), "password": "pfx-password"}))
	p.put("/certificates/reference", properties(object{"keyVault": object{"secretIdentifier": p.admin.VaultURL + "/secrets/c"}}))
	p.put("/namedValues/plain", properties(object{"displayName": "plain", "secret": true, "value": "plain-named-value"}))
	p.put("/namedValues/reference", properties(object{"displayName": "reference", "secret": true, "keyVault": object{"secretIdentifier": p.admin.VaultURL + "/secrets/a"}}))
	p.api("a", "a", "", "POST /")
	p.policy("a", `<policies><inbound><trace source="t"><message>{{plain}} {{reference}} @(context.Request.Headers.GetValueOrDefault("Authorization", ""))</message></trace>
<set-variable name="x" value="@(int.Parse("{{plain}}" + context.Request.Headers.GetValueOrDefault("Authorization", "")))" /></inbound><backend /><outbound /><on-error /></policies>`)
	c := p.caller(callerOptions{})
	said := ""
	for _, query := range []string{"", "?subscription-key=subscription-key-1"} { // the second is refused before any policy
		r, err := http.NewRequest("POST", c.base+"/a"+query, strings.NewReader("body-of-a-request"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer credential-of-a-request")
		resp, err := c.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		said += readAll(t, resp)
	}
	run(t, 0, "", "key", "rotate", "--data-dir", p.dir)
	webhook, _ := p.root(200, "GET", "/postern/v1/store/eventgrid", nil)["url"].(string)
	_, secrets["code of the webhook"], _ = strings.Cut(webhook, "code=")
	secrets["token"], secrets["client secret"], secrets["header of managed identities"] = p.admin.BearerToken, p.admin.ClientSecret, p.admin.IdentityHeader
	for _, path := range []string{"", "/certificates", "/certificates/data", "/certificates/reference", "/namedValues", "/namedValues/plain", "/namedValues/reference"} {
		_, text := p.arm("GET", path, nil)
		said += text
	}
	_, overview := p.with(p.admin.BearerToken, "GET", p.admin.ManagementURL+"/postern/v1/overview", "")
	decisions := toJSON(t, overview)
	if !strings.Contains(decisions, "ExpressionValueEvaluationFailure") {
		t.Errorf("the failure is not told: %s", decisions)
	}
	looks := func() int { return strings.Count(p.logs.String(), "path=/secrets/a/") }
	n := looks()
	within(t, 20*time.Second, "two more looks at the references", func() bool { return looks() > n+1 })
	p.stop()

	said += decisions + p.logs.String()
	for name, secret := range secrets {
		if secret == "" {
			t.Errorf("there is no %s", name)
			continue
		}
		if strings.Contains(said, secret) {
			t.Errorf("the %s is in the log or an answer", name)
		}
		if file := grep(t, p.dir, secret); file != "" && filepath.Base(file) != "admin.json" {
			t.Errorf("the %s is in the clear in %s", name, file)
		}
	}
	if strings.Contains(p.logs.String(), "KeyVaultRefreshFailed") {
		t.Error("references failed, at the end perhaps")
	}
	if _, err := os.Stat(filepath.Join(p.dir, "master.key")); err == nil {
		t.Error("there is a master key in the data directory")
	}
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
