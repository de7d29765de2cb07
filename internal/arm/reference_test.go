package arm

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

// secrets are what a vault holds, by name; a Failure stands for a vault that gives nothing.
type secrets struct {
	s       *server
	values  map[string]reference.Secret
	failure *reference.Failure
	asked   []string
}

func withSecrets(s *server) *secrets {
	v := &secrets{s: s, values: map[string]reference.Secret{}}
	s.h.(*Server).References = v
	return v
}

func (v *secrets) set(name, version, value, contentType string) {
	v.values[name] = reference.Secret{ID: reference.SecretID{Vault: "https://v.vault.azure.net", Name: name, Version: version}, Value: value, ContentType: contentType}
}

func (v *secrets) Fetch(_ context.Context, id reference.SecretID, identityClientID string) (reference.Secret, error) {
	v.asked = append(v.asked, id.Name+"|"+identityClientID)
	if v.failure != nil {
		return reference.Secret{}, v.failure
	}
	s, ok := v.values[id.Name]
	if !ok {
		return s, &reference.Failure{Code: "SecretNotFound", Message: "Secret '" + id.Name + "' was not found in key vault 'v'."}
	}
	return s, nil
}

// Refresh implements References as a Refresher does.
func (v *secrets) Refresh(ctx context.Context, r *resource.Resource) error {
	for _, u := range reference.Of(r) {
		id, err := reference.ParseID(u.Secret)
		if err != nil {
			return err
		}
		secret, err := v.Fetch(ctx, id, u.Identity)
		if err != nil {
			return err
		}
		h := v.s.h.(*Server)
		err = h.Update(ctx, r.ID, func(r *resource.Resource) ([]store.Op, bool, error) {
			return nil, true, u.Put(h.Sealer, r, secret)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const identifier = "https://v.vault.azure.net/secrets/"

func keyVault(name string, more ...string) string {
	return fmt.Sprintf(`{"properties":{"displayName":"nv","keyVault":{"secretIdentifier":"%s%s"%s}}}`, identifier, name, strings.Join(more, ""))
}

func TestCertificateOfAVault(t *testing.T) {
	s := newServer(t)
	v := withSecrets(s)
	root := testkit.NewRoot(t, "Root")
	first, second := root.NewClient(t, "first"), root.NewClient(t, "second")
	v.set("c", "1", base64.StdEncoding.EncodeToString(first.PFX(t, "")), reference.PKCS12)
	a := s.must(201, "PUT", "/certificates/c", keyVault("c", `,"identityClientId":"11111111-2222-3333-4444-555555555555"`))
	if got := v.asked[0]; got != "c|11111111-2222-3333-4444-555555555555" {
		t.Errorf("asked %q", got)
	}
	if subject, code, rotates := at(a.body, "properties", "subject"), at(a.body, "properties", "keyVault", "lastStatus", "code"), at(a.body, "properties", "keyVault", "rotates"); subject != "CN=first" || code != "Success" || rotates != true {
		t.Errorf("subject %v, lastStatus %v, rotates %v", subject, code, rotates)
	}

	v.set("c", "2", base64.StdEncoding.EncodeToString(second.PFX(t, "")), reference.PKCS12)
	a = s.must(200, "POST", "/certificates/c/refreshSecret", "")
	if subject := at(a.body, "properties", "subject"); subject != "CN=second" || a.Header().Get("ETag") == "" {
		t.Errorf("after refreshSecret: subject %v, ETag %q", subject, a.Header().Get("ETag"))
	}

	v.failure = &reference.Failure{Code: "ForbiddenByPolicy", Message: "It lacks the permissions 'get' and 'list'."}
	a = s.must(200, "PUT", "/certificates/c", keyVault("c", `,"identityClientId":"11111111-2222-3333-4444-555555555555"`))
	if subject := at(a.body, "properties", "subject"); subject != "CN=second" || !strings.Contains(a.Header().Get(remarkHeader), "last good value") {
		t.Errorf("a PUT of the same while the vault is closed: subject %v, remarks %q", subject, a.Header().Values(remarkHeader))
	}
	a = s.must(400, "PUT", "/certificates/d", keyVault("d"))
	if text := a.Body.String(); !strings.Contains(text, "ForbiddenByPolicy") || !strings.Contains(text, "'get' and 'list'") {
		t.Errorf("the refusal does not name the permissions: %s", text)
	}
	s.must(404, "GET", "/certificates/d", "")
	a = s.must(400, "POST", "/certificates/c/refreshSecret", "")
	v.failure = nil

	a = s.must(201, "PUT", "/certificates/v", keyVault("c/2"))
	if !strings.Contains(a.Header().Get(remarkHeader), "names a version") || at(a.body, "properties", "keyVault", "rotates") != false {
		t.Errorf("with a version: remarks %q", a.Header().Values(remarkHeader))
	}
}

func TestReferencesThatAreRefused(t *testing.T) {
	s := newServer(t)
	v := withSecrets(s)
	root := testkit.NewRoot(t, "Root")
	v.set("text", "1", "hello", "text/plain")
	v.set("public", "1", string(root.PEM()), reference.PEM)
	v.set("bad", "1", "bad", "")
	s.must(201, "PUT", "/namedValues/nv", `{"properties":{"displayName":"other","value":"x"}}`)
	s.must(201, "PUT", "/policies/policy", `{"properties":{"format":"rawxml","value":"{{other}}"}}`)
	for _, tc := range []struct{ name, path, body, want string }{
		{"a certificate's identifier", "/certificates/c", `{"properties":{"keyVault":{"secretIdentifier":"https://v.vault.azure.net/certificates/c"}}}`, "only accepts KeyVault Secrets type"},
		{"no identifier", "/certificates/c", `{"properties":{"keyVault":{"secretIdentifier":"c"}}}`, "is no secret identifier"},
		{"no object", "/certificates/c", `{"properties":{"keyVault":"c"}}`, "is not an object"},
		{"no GUID", "/certificates/c", keyVault("c", `,"identityClientId":"me"`), "is a GUID"},
		{"both", "/certificates/c", `{"properties":{"data":"MIIB","keyVault":{"secretIdentifier":"` + identifier + `text"}}}`, "not both"},
		{"not there", "/certificates/c", keyVault("none"), "was not found"},
		{"no certificate", "/certificates/c", keyVault("text"), "UnsupportedContentType"},
		{"no key", "/certificates/c", keyVault("public"), "does not contain private key"},
		{"a value too", "/namedValues/x", `{"properties":{"displayName":"x","value":"v","keyVault":{"secretIdentifier":"` + identifier + `text"}}}`, "not both"},
		{"a value that breaks a policy", "/namedValues/nv", strings.Replace(keyVault("bad"), `"nv"`, `"other"`, 1), "would be wrong"},
		{"a host name's", "", `{"location":"l","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@b","publisherName":"P","hostnameConfigurations":[{"type":"Proxy","hostName":"h.test","keyVaultId":"` + identifier + `public"}]}}`, "does not contain private key"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := s.must(400, "PUT", tc.path, tc.body)
			if !strings.Contains(a.Body.String(), tc.want) {
				t.Errorf("answer %s, want %q", a.Body, tc.want)
			}
		})
	}
	s.must(400, "POST", "/namedValues/nv/refreshSecret", "")
	s.must(400, "GET", "/certificates?isKeyVaultRefreshFailed=perhaps", "")
}

func TestNamedValueOfAVault(t *testing.T) {
	s := newServer(t)
	v := withSecrets(s)
	v.set("a", "1", "one", "")
	a := s.must(201, "PUT", "/namedValues/nv", keyVault("a"))
	if at(a.body, "properties", "secret") != true || at(a.body, "properties", "value") != nil {
		t.Errorf("properties %v", a.body["properties"])
	}
	value := func() any { return s.do("POST", "/namedValues/nv/listValue", "").body["value"] }
	if got := value(); got != "one" {
		t.Errorf("the value is %v", got)
	}
	s.must(201, "PUT", "/policies/policy", `{"properties":{"format":"rawxml","value":"{{nv}}"}}`)
	v.set("a", "2", "two", "")
	s.must(200, "POST", "/namedValues/nv/refreshSecret", "")
	if got := value(); got != "two" {
		t.Errorf("after refreshSecret the value is %v", got)
	}
	v.set("a", "3", "bad", "")
	if a := s.do("POST", "/namedValues/nv/refreshSecret", ""); a.Code != 400 || value() != "two" {
		t.Errorf("a version that breaks a policy: %d, and the value is %v", a.Code, value())
	}
	asked := len(v.asked)
	s.must(200, "PATCH", "/namedValues/nv", `{"properties":{"tags":["x"]}}`, "If-Match", "*")
	if len(v.asked) != asked || value() != "two" {
		t.Errorf("a PATCH of the tags asked the vault, or lost the value: %v", value())
	}
	s.must(200, "PATCH", "/namedValues/nv", `{"properties":{"keyVault":null,"value":"mine","secret":false}}`, "If-Match", "*")
	if got := value(); got != "mine" {
		t.Errorf("without a reference the value is %v", got)
	}
}

func TestHostnameOfAVault(t *testing.T) {
	s := newServer(t)
	v := withSecrets(s)
	root := testkit.NewRoot(t, "Root")
	v.set("gw", "1", base64.StdEncoding.EncodeToString(root.NewServer(t, "h.test").PFX(t, "")), reference.PKCS12)
	body := `{"properties":{"hostnameConfigurations":[{"type":"Proxy","hostName":"h.test","keyVaultId":"` + identifier + `gw","negotiateClientCertificate":true}]}}`
	a := s.must(200, "PATCH", "", body)
	hosts, _ := at(a.body, "properties", "hostnameConfigurations").([]any)
	h, _ := hosts[0].(map[string]any)
	if h["certificateSource"] != "KeyVault" || h["certificateStatus"] != "Completed" || at(h, "certificate", "subject") != "CN=h.test" || h["keyVaultId"] != identifier+"gw" || h["rotates"] != true {
		t.Errorf("host name %v", h)
	}
	asked := len(v.asked)
	s.must(200, "PATCH", "", `{"tags":{"a":"b"}}`)
	if len(v.asked) != asked {
		t.Error("a PATCH of the tags asked the vault")
	}
	v.failure = &reference.Failure{Code: "KeyVaultUnreachable", Message: "It is down."}
	s.must(200, "PATCH", "", body)
	op, err := reference.WriteStatus(mustID(t, service), "hostname/h.test", reference.Status{Code: "KeyVaultUnreachable", Message: "It is down."})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Commit(t.Context(), store.Txn{Then: []store.Op{op}}); err != nil {
		t.Fatal(err)
	}
	a = s.do("GET", "", "")
	hosts, _ = at(a.body, "properties", "hostnameConfigurations").([]any)
	h, _ = hosts[0].(map[string]any)
	if h["certificateStatus"] != "Failed" || at(h, "lastStatus", "code") != "KeyVaultUnreachable" || at(h, "certificate", "subject") != "CN=h.test" {
		t.Errorf("host name %v", h)
	}
}

// Who was told of the users may insist.
func TestForce(t *testing.T) {
	s := newServer(t)
	user := s.must(201, "PUT", identityPath+"user", `{"location":"local"}`)
	s.must(200, "PATCH", service, `{"identity":{"type":"UserAssigned","userAssignedIdentities":{"`+identityPath+`user":{}}}}`)
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	id := mustID(t, service).Of("namedValues", "nv")
	put(t, s, &resource.Resource{ID: id, Properties: map[string]any{"displayName": "nv", "secret": true,
		"keyVault": map[string]any{"secretIdentifier": "https://v-1.vault.localhost:9444/secrets/x", "identityClientId": user.property("clientId")}}})
	for _, c := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"the service has it", "DELETE", identityPath + "user?force=true", "", 409},
		{"not insisted on", "PATCH", service, `{"identity":{"type":"None"}}`, 409},
		{"no answer to the question", "PATCH", service + "?force=1", `{"identity":{"type":"None"}}`, 409},
		{"taken away", "PATCH", service + "?force=true", `{"identity":{"type":"None"}}`, 200},
		{"a reference names it", "DELETE", identityPath + "user", "", 409},
		{"identity", "DELETE", identityPath + "user?force=true", "", 200},
		{"vault", "DELETE", vaultPath + "v-1?force=true", "", 200},
	} {
		a := s.do(c.method, c.path, c.body)
		if a.Code != c.status || c.status == 409 && !strings.Contains(a.errorText(), "namedValues/nv") {
			t.Errorf("%s: %d %s, want %d", c.name, a.Code, a.Body, c.status)
		}
	}
}

func mustID(t *testing.T, text string) resource.ID {
	t.Helper()
	id, err := resource.ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestListsByRefresh(t *testing.T) {
	s := newServer(t)
	v := withSecrets(s)
	v.set("a", "1", "one", "")
	for _, name := range []string{"good", "failing"} {
		s.must(201, "PUT", "/namedValues/"+name, strings.Replace(keyVault("a"), `"nv"`, `"`+name+`"`, 1))
	}
	s.must(201, "PUT", "/namedValues/plain", `{"properties":{"displayName":"plain","value":"x"}}`)
	op, err := reference.WriteStatus(mustID(t, service).Of("namedValues", "failing"), "value", reference.Status{Code: "Throttled", Message: "It is throttled."})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Commit(t.Context(), store.Txn{Then: []store.Op{op}}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{"?isKeyVaultRefreshFailed=true": "failing", "?isKeyVaultRefreshFailed=false": "good plain", "": "failing good plain"} {
		var names []string
		list, _ := s.do("GET", "/namedValues"+query, "").body["value"].([]any)
		for _, x := range list {
			names = append(names, x.(map[string]any)["name"].(string))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
}
