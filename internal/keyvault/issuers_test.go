package keyvault_test

import (
	"strings"
	"testing"
)

func TestIssuers(t *testing.T) {
	f := newFixture(t)
	first := f.do(200, "GET", "/certificates/issuers", "")
	if list := first.body["value"].([]any); len(list) != 1 || list[0].(map[string]any)["id"] != f.url+"/certificates/issuers/Development" || list[0].(map[string]any)["provider"] != "Development" {
		t.Errorf("the issuers are %s", first.raw)
	}
	made := f.do(200, "PUT", "/certificates/issuers/Lab", `{"provider":"Test","credentials":{"account_id":"me","pwd":"hush"},"org_details":{"id":"42","admin_details":[{"first_name":"A","email":"a@example.org"}]}}`)
	for path, want := range map[string]any{"id": f.url + "/certificates/issuers/Lab", "provider": "Test", "credentials.account_id": "me", "credentials.pwd": nil, "org_details.id": "42", "attributes.enabled": true} {
		if made.at(path) != want {
			t.Errorf("%s = %v, want %v", path, made.at(path), want)
		}
	}
	if strings.Contains(string(made.raw), "hush") || strings.Contains(string(f.do(200, "GET", "/certificates/issuers/lab", "").raw), "hush") {
		t.Error("the password came back")
	}
	changed := f.do(200, "PATCH", "/certificates/issuers/lab", `{"attributes":{"enabled":false}}`)
	if changed.at("attributes.enabled") != false || changed.at("credentials.account_id") != "me" {
		t.Errorf("changed: %s", changed.raw)
	}
	policy := `{"policy":{"issuer":{"name":"lab"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=c"}}}`
	if a := f.do(409, "POST", "/certificates/c/create", policy); !strings.Contains(a.text("error.message"), "disabled") {
		t.Errorf("a disabled issuer: %s", a.raw)
	}
	f.do(200, "DELETE", "/certificates/issuers/lab", "")
	f.do(404, "GET", "/certificates/issuers/lab", "")
	f.do(404, "PATCH", "/certificates/issuers/lab", `{}`)
	f.do(404, "POST", "/certificates/c/create", policy)
	for _, name := range []string{"Self", "unknown"} {
		f.do(400, "PUT", "/certificates/issuers/"+name, `{"provider":"Test"}`)
	}
	if replaced := f.do(200, "PUT", "/certificates/issuers/Development", `{"provider":"Development","attributes":{"enabled":false}}`); replaced.at("attributes.enabled") != false {
		t.Errorf("Development switched off: %s", replaced.raw)
	}
}

func TestContacts(t *testing.T) {
	f := newFixture(t)
	set := f.do(200, "PUT", "/certificates/contacts", `{"contacts":[{"email":"a@example.org","name":"A","phone":"1"},{"email":"b@example.org"}]}`)
	got := f.do(200, "GET", "/certificates/contacts", "")
	if set.text("id") != f.url+"/certificates/contacts" || string(set.raw) != string(got.raw) || len(got.body["contacts"].([]any)) != 2 {
		t.Errorf("the contacts are %s", got.raw)
	}
	f.do(400, "PUT", "/certificates/contacts", `{"contacts":[{"name":"nobody"}]}`)
	if gone := f.do(200, "DELETE", "/certificates/contacts", ""); string(gone.raw) != string(set.raw) {
		t.Errorf("deleted: %s", gone.raw)
	}
	f.do(404, "DELETE", "/certificates/contacts", "")
}

// TestAttributesOfCertificates: what may change of a version changes, its dates do not, and the secret goes along.
func TestAttributesOfCertificates(t *testing.T) {
	f := newFixture(t)
	f.do(202, "POST", "/certificates/c/create", `{"policy":{"issuer":{"name":"self"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=c"}},"tags":{"a":"b"}}`)
	before := f.do(200, "GET", "/certificates/c", "")
	after := f.do(200, "PATCH", "/certificates/c/", `{"attributes":{"enabled":false,"exp":1893456000},"tags":{"c":"d"},"policy":{"key_props":{"kty":"RSA","key_size":3072}}}`)
	for path, want := range map[string]any{"attributes.enabled": false, "attributes.exp": before.at("attributes.exp"), "tags.c": "d", "tags.a": nil, "policy.key_props.key_size": float64(3072),
		"policy.issuer.name": "self", "policy.secret_props.contentType": "application/x-pkcs12", "id": before.text("id")} {
		if after.at(path) != want {
			t.Errorf("%s = %v, want %v", path, after.at(path), want)
		}
	}
	if a := f.do(403, "GET", "/secrets/c", ""); a.text("error.innererror.code") != "SecretDisabled" {
		t.Errorf("the secret of a disabled certificate: %s", a.raw)
	}
	f.do(400, "PATCH", "/certificates/c/policy", `{"x509_props":{"validity_months":5000,"subject":"CN=c"}}`)
	if p := f.do(200, "PATCH", "/certificates/c/policy", `{"lifetime_actions":[{"trigger":{"days_before_expiry":30},"action":{"action_type":"AutoRenew"}}]}`); p.at("key_props.key_size") != float64(3072) {
		t.Errorf("the policy is %s", p.raw)
	}
	if list := f.do(200, "GET", "/certificates", "").body["value"].([]any); list[0].(map[string]any)["x5t"] != before.text("x5t") || list[0].(map[string]any)["id"] != f.url+"/certificates/c" {
		t.Errorf("the list is %v", list)
	}
}
