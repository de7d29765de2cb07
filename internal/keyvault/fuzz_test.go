package keyvault_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/internal/vault"
)

// FuzzRequests sends any body to any operation. Whatever comes, the answer is JSON with a status of HTTP, never a
// failure of ours, and an error says what is wrong.
func FuzzRequests(f *testing.F) {
	client := testkit.NewRoot(f, "root").NewClientWithKey(f, "client", testkit.RSAKey(f, 0))
	file := base64.StdEncoding.EncodeToString(client.PFX(f, "p"))
	for _, s := range []struct{ method, path, body string }{
		{"PUT", "/secrets/s?api-version=7.4", `{"value":"v","contentType":"t","attributes":{"enabled":true,"nbf":1,"exp":2},"tags":{"a":"b","c":null}}`},
		{"PATCH", "/secrets/s?api-version=7.4", `{"attributes":{"exp":1e3}}`},
		{"GET", "/secrets?maxresults=3&$skiptoken=cw&api-version=7.4", ``},
		{"POST", "/secrets/restore?api-version=7.4", `{"value":"c2VhbGVkOnYxOg"}`},
		{"POST", "/certificates/c/import?api-version=7.4", `{"value":"` + file + `","pwd":"p","policy":{"key_props":{"exportable":false},"lifetime_actions":[{"trigger":{"days_before_expiry":1},"action":{"action_type":"AutoRenew"}}]}}`},
		{"POST", "/certificates/c/create?api-version=7.4", `{"policy":{"issuer":{"name":"Self"},"key_props":{"kty":"EC","crv":"P-256"},"x509_props":{"subject":"CN=\"a,b\"+O=c","sans":{"upns":["u"],"dns_names":["d"],"emails":["e@f"]},"ekus":["1.2.3"],"key_usage":["cRLSign"],"validity_months":1}}}`},
		{"POST", "/certificates/c/pending/merge?api-version=7.4", `{"x5c":["MAA=",""]}`},
		{"PATCH", "/certificates/c/policy?api-version=7.4", `{"secret_props":{"contentType":"application/x-pem-file"},"lifetime_actions":null}`},
		{"PUT", "/certificates/issuers/i?api-version=7.4", `{"provider":"Test","credentials":{"account_id":"a","pwd":"b"},"org_details":{"id":"o","admin_details":[{"email":"e"}]}}`},
		{"PUT", "/certificates/contacts?api-version=7.4", `{"contacts":[{"email":"a@b"},{}]}`},
		{"POST", "/keys/k/verify?api-version=7.4", `{"alg":"ES256","digest":"AAAA","value":"AAAA"}`},
		{"DELETE", "/certificates/c?api-version=7.4&force=true", ``},
	} {
		f.Add(s.method, s.path, s.body)
	}
	x := newFixture(f)
	caller := vault.Caller{ObjectID: "admin-oid", TenantID: tenant}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		target, query, _ := strings.Cut(path, "?")
		if !strings.Contains("GET PUT POST PATCH DELETE HEAD", method) || method == "" || slow(target, body) {
			return
		}
		r := httptest.NewRequest("GET", "https://default.vault.localhost/", strings.NewReader(body))
		r.Method, r.URL.Path, r.URL.RawQuery = method, target, query
		w := httptest.NewRecorder()
		x.server.ServeVault(w, r, "default", caller)
		res := w.Result()
		data, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == 500 || res.StatusCode < 200 {
			t.Fatalf("%s %s %s = %d %s", method, path, body, res.StatusCode, data)
		}
		var answer struct {
			Error *struct{ Code, Message string }
		}
		if res.StatusCode == 204 {
			return
		}
		if err := json.Unmarshal(data, &answer); err != nil {
			t.Fatalf("the answer is not JSON: %v\n%s", err, data)
		}
		if (res.StatusCode >= 400) != (answer.Error != nil) || answer.Error != nil && (answer.Error.Code == "" || answer.Error.Message == "") {
			t.Fatalf("%d with %s", res.StatusCode, data)
		}
	})
}

// slow tells requests that may make an RSA key, which would take all the time there is.
func slow(path, body string) bool {
	return strings.Contains(strings.ToLower(path), "create") && !strings.Contains(body, `"EC"`) || strings.Contains(body, "RSA")
}
