package e2e

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// ask sends a request with fields, given as names and values.
func (c *caller) ask(t testing.TB, method, path string, fields ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	resp, err := c.client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{status: resp.StatusCode, body: string(body), header: resp.Header}
}

// inbound is a document of inbound policies that answers without a backend.
func inbound(policies, body string) string {
	return `<policies><inbound><base />` + policies + `<return-response><set-body>` + body + `</set-body></return-response></inbound></policies>`
}

// TestPoliciesThatRemember runs the policies that share a memory, and those of browsers and tokens, in the running gateway.
// A change of configuration forgets nothing.
func TestPoliciesThatRemember(t *testing.T) {
	p := start(t, "--fetch-allow", "127.0.0.0/8", "--fetch-allow", "::1/128", "--policy-cache-bytes", "1000000")
	c := p.caller(callerOptions{})

	t.Run("cache", func(t *testing.T) {
		p.api("cache", "cache", "", "GET /set", "GET /get")
		p.put("/apis/cache/operations/op0/policies/policy", properties(object{"format": "rawxml", "value": inbound(
			`<cache-store-value key="k" value="@(new JObject(new JProperty("v", context.Request.Headers.GetValueOrDefault("X-V", ""))))" duration="600" />`, "kept")}))
		p.put("/apis/cache/operations/op1/policies/policy", properties(object{"format": "rawxml", "value": inbound(
			`<cache-lookup-value key="k" variable-name="o" default-value="@(new JObject())" />`, `@((string)((JObject)context.Variables["o"])["v"] ?? "nothing")`)}))
		if got := c.get(t, "/cache/get"); got.body != "nothing" {
			t.Errorf("before anything is kept: %d %q", got.status, got.body)
		}
		c.ask(t, "GET", "/cache/set", "X-V", "seven")
		p.api("other", "other", "", "GET /")
		if got := c.get(t, "/cache/get"); got.body != "seven" {
			t.Errorf("after: %d %q", got.status, got.body)
		}
	})
	t.Run("limits", func(t *testing.T) {
		p.api("limits", "limits", "", "GET /rate", "GET /quota")
		p.put("/apis/limits/operations/op0/policies/policy", properties(object{"format": "rawxml", "value": inbound(
			`<rate-limit-by-key calls="2" renewal-period="300" counter-key="@(context.Request.IpAddress)" remaining-calls-header-name="X-Left" />`, "in")}))
		p.put("/apis/limits/operations/op1/policies/policy", properties(object{"format": "rawxml", "value": inbound(
			`<quota-by-key calls="1" renewal-period="0" counter-key="all" />`, "in")}))
		for i, want := range []int{200, 200, 429} {
			got := c.get(t, "/limits/rate")
			if got.status != want || got.header.Get("X-Left") != []string{"1", "0", "0"}[i] {
				t.Errorf("call %d: %d, X-Left %q; want %d", i, got.status, got.header.Get("X-Left"), want)
			}
			if want == 429 && (got.header.Get("Retry-After") == "" || !strings.HasPrefix(got.body, `{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in `)) {
				t.Errorf("the refusal is %q %q", got.header.Get("Retry-After"), got.body)
			}
		}
		for i, want := range []int{200, 403} {
			if got := c.get(t, "/limits/quota"); got.status != want {
				t.Errorf("call %d: %d, want %d", i, got.status, want)
			}
		}
		status, text := p.arm("PUT", "/apis/limits/policies/policy", properties(object{"format": "rawxml", "value": `<policies><inbound><rate-limit calls="1" renewal-period="60" /></inbound></policies>`}))
		if status != 400 || !strings.Contains(text, "there are no subscriptions yet") {
			t.Errorf("rate-limit is answered %d %s", status, text)
		}
	})
	t.Run("cors", func(t *testing.T) {
		p.api("cors", "cors", "", "PUT /items/1")
		p.policy("cors", inbound(`<cors><allowed-origins><origin>https://app.test</origin></allowed-origins><allowed-methods preflight-result-max-age="60"><method>PUT</method></allowed-methods></cors>`, "in"))
		preflight := []string{"Origin", "https://app.test", "Access-Control-Request-Method", "PUT"}
		if got := c.ask(t, "OPTIONS", "/cors/items/1", preflight...); got.status != 200 || got.body != "" ||
			got.header.Get("Access-Control-Allow-Origin") != "https://app.test" || got.header.Get("Access-Control-Allow-Methods") != "PUT" || got.header.Get("Access-Control-Max-Age") != "60" {
			t.Errorf("the preflight is answered %d %q %v", got.status, got.body, got.header)
		}
		preflight[1] = "https://evil.test"
		if got := c.ask(t, "OPTIONS", "/cors/items/1", preflight...); got.status != 200 || got.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a preflight from elsewhere is answered %d %v", got.status, got.header)
		}
		if got := c.ask(t, "OPTIONS", "/other/items/1", preflight...); got.status != 404 {
			t.Errorf("a preflight to an API without cors is answered %d", got.status)
		}
		if got := c.ask(t, "PUT", "/cors/items/1", "Origin", "https://app.test"); got.body != "in" || got.header.Get("Access-Control-Allow-Origin") != "https://app.test" {
			t.Errorf("the request is answered %d %q %v", got.status, got.body, got.header)
		}
	})
	t.Run("jwt", func(t *testing.T) {
		a := p.admin
		credential, err := azidentity.NewClientSecretCredential(a.TenantID, a.ClientID, a.ClientSecret, &azidentity.ClientSecretCredentialOptions{ClientOptions: p.options(), DisableInstanceDiscovery: true})
		token := p.tokenOf(credential, err, managementScope)
		var claims struct{ Iss string }
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		if err := errors.Join(err, json.Unmarshal(payload, &claims)); err != nil {
			t.Fatal(err)
		}
		p.api("jwt", "jwt", "", "GET /")
		p.policy("jwt", inbound(`<validate-jwt header-name="Authorization" require-scheme="Bearer" output-token-variable-name="jwt">
			<openid-config url="`+a.ManagementURL+"/"+a.TenantID+`/v2.0/.well-known/openid-configuration" />
			<issuers><issuer>`+claims.Iss+`</issuer></issuers>
			<required-claims><claim name="tid"><value>`+a.TenantID+`</value></claim></required-claims>
		</validate-jwt>`, `@(((Jwt)context.Variables["jwt"]).Claims["tid"][0])`))
		if got := c.ask(t, "GET", "/jwt/", "Authorization", "Bearer "+token); got.status != 200 || got.body != a.TenantID {
			t.Errorf("a good token is answered %d %q", got.status, got.body)
		}
		if got := c.ask(t, "GET", "/jwt/", "Authorization", "Bearer "+token[:len(token)-8]+"AAAAAAAA"); got.status != 401 || !strings.Contains(got.body, "Invalid JWT.") {
			t.Errorf("a token that was changed is answered %d %q", got.status, got.body)
		}
		if got := c.ask(t, "GET", "/jwt/"); got.status != 401 || !strings.Contains(got.body, "JWT not present.") {
			t.Errorf("no token is answered %d %q", got.status, got.body)
		}
	})
}
