package arm

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
)

const (
	subscription = "/subscriptions/00000000-0000-0000-0000-000000000000"
	testGroup    = subscription + "/resourceGroups/postern"
	identityPath = testGroup + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
	vaultPath    = testGroup + "/providers/Microsoft.KeyVault/vaults/"
	someone      = "99999999-0000-0000-0000-000000000001"
	vaultBody    = `{"location":"local","properties":{"tenantId":"` + testTenant + `","sku":{"family":"A","name":"standard"},"accessPolicies":[]}}`
	secretsUser  = "4633458b-17de-408a-b874-0445c86b69e6"
)

func (s *server) directory() *identity.Directory { return s.h.(*Server).Directory }

func at(body map[string]any, path ...string) any {
	var v any = body
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

func TestUserAssignedIdentities(t *testing.T) {
	s := newServer(t)
	if a := s.do("PUT", identityPath+"u-1", `{}`); a.Code != 400 {
		t.Errorf("PUT without a location = %d", a.Code)
	}
	made := s.must(201, "PUT", identityPath+"u-1", `{"location":"local","tags":{"a":"b"},"properties":{"principalId":"mine"}}`)
	principal, client := made.property("principalId"), made.property("clientId")
	if !identity.IsGUID(fmt.Sprint(principal)) || !identity.IsGUID(fmt.Sprint(client)) || principal == client || made.property("tenantId") != testTenant ||
		made.body["type"] != "Microsoft.ManagedIdentity/userAssignedIdentities" {
		t.Errorf("PUT answers %v", made.body)
	}
	for name, a := range map[string]answer{
		"GET":       s.must(200, "GET", strings.ToUpper(identityPath)+"U-1", ""),
		"PUT again": s.must(200, "PUT", identityPath+"u-1", `{"location":"local"}`),
		"PATCH":     s.must(200, "PATCH", identityPath+"u-1", `{"tags":{"c":"d"},"properties":{"clientId":"mine"}}`),
	} {
		if a.property("principalId") != principal || a.property("clientId") != client {
			t.Errorf("%s answers %v: the ids must stay", name, a.body)
		}
	}
	for _, path := range []string{identityPath, subscription + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"} {
		if list, _ := s.must(200, "GET", strings.TrimSuffix(path, "/"), "").body["value"].([]any); len(list) != 1 {
			t.Errorf("GET %s lists %v", path, list)
		}
	}
	p, err := s.directory().ByClientID(t.Context(), client.(string))
	if err != nil || p.ID != principal || p.Kind != identity.UserAssigned || p.Resource != identityPath+"u-1" {
		t.Errorf("the directory knows %+v, %v", p, err)
	}
	s.must(200, "DELETE", identityPath+"u-1", "")
	s.must(204, "DELETE", identityPath+"u-1", "")
	if _, err := s.directory().ByObjectID(t.Context(), principal.(string)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("after its end the directory says %v", err)
	}
	if a := s.do("PUT", strings.Replace(identityPath, "postern/", "nowhere/", 1)+"u-1", `{"location":"local"}`); a.Code != 404 || !strings.Contains(a.errorText(), "ResourceGroupNotFound") {
		t.Errorf("PUT in a group that is not there = %d %s", a.Code, a.Body)
	}
	s.must(404, "PUT", subscription+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u-1", `{"location":"local"}`)
}

func TestServiceIdentity(t *testing.T) {
	s := newServer(t)
	user := s.must(201, "PUT", identityPath+"user", `{"location":"local"}`)
	a := s.must(200, "PATCH", service, `{"identity":{"type":"systemassigned,userassigned","userAssignedIdentities":{"`+strings.ToLower(identityPath)+`user":{}}}}`)
	principal := at(a.body, "identity", "principalId")
	if at(a.body, "identity", "type") != "SystemAssigned, UserAssigned" || at(a.body, "identity", "tenantId") != testTenant ||
		at(a.body, "identity", "userAssignedIdentities", identityPath+"user", "clientId") != user.property("clientId") {
		t.Fatalf("identity is %v", a.body["identity"])
	}
	p, err := s.directory().ByObjectID(t.Context(), fmt.Sprint(principal))
	if err != nil || p.Kind != identity.SystemAssigned || !strings.EqualFold(p.Resource, service) {
		t.Errorf("the directory knows %+v, %v", p, err)
	}
	shown := s.must(200, "GET", service+"/providers/Microsoft.ManagedIdentity/identities/default", "")
	if shown.property("principalId") != principal || shown.property("clientId") != p.ClientID {
		t.Errorf("the system-assigned identity is shown as %v", shown.body)
	}
	a = s.must(200, "PATCH", service, `{"properties":{"publisherName":"Q"}}`)
	if at(a.body, "identity", "principalId") != principal {
		t.Errorf("another PATCH changed the principal to %v", a.body["identity"])
	}
	a = s.must(200, "PUT", service, `{"location":"local","sku":{"name":"Developer","capacity":1},"identity":{"type":"SystemAssigned","principalId":"mine"},"properties":{"publisherEmail":"a@b","publisherName":"P"}}`)
	if at(a.body, "identity", "principalId") != principal || at(a.body, "identity", "userAssignedIdentities") != nil {
		t.Errorf("a PUT made identity %v", a.body["identity"])
	}
	if svc := loaded(t, s); svc.Identity.PrincipalID != principal || len(svc.Identity.UserAssigned) != 0 {
		t.Errorf("the domain has %+v", svc.Identity)
	}
	a = s.must(200, "PUT", service, `{"location":"local","sku":{"name":"Developer","capacity":1},"properties":{"publisherEmail":"a@b","publisherName":"P"}}`)
	if at(a.body, "identity", "principalId") != principal {
		t.Errorf("a PUT without identity made it %v", a.body["identity"])
	}
	s.must(200, "DELETE", identityPath+"user", "")
	a = s.must(200, "PATCH", service, `{"identity":{"type":"None"}}`)
	if at(a.body, "identity", "principalId") != nil {
		t.Errorf("identity None is %v", a.body["identity"])
	}
	s.must(404, "GET", service+"/providers/Microsoft.ManagedIdentity/identities/default", "")
	if _, err := s.directory().ByObjectID(t.Context(), fmt.Sprint(principal)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the principal of an identity taken away is %v", err)
	}
	again := s.must(200, "PATCH", service, `{"identity":{"type":"SystemAssigned"}}`)
	if at(again.body, "identity", "principalId") == principal {
		t.Error("a new identity has the old principal")
	}
	if a = s.must(200, "PATCH", service, `{"identity":null}`); a.body["identity"] != nil {
		t.Errorf("identity null is %v", a.body["identity"])
	}
}

func TestServiceIdentityRefusals(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", identityPath+"user", `{"location":"local"}`)
	many := strings.Builder{}
	for i := range 11 {
		fmt.Fprintf(&many, `,"%suser%d":{}`, identityPath, i)
	}
	for name, c := range map[string]struct{ identity, says string }{
		"no object":       {`"x"`, "not an object"},
		"unknown type":    {`{"type":"Own"}`, "not one of"},
		"none named":      {`{"type":"UserAssigned"}`, "needs one identity"},
		"not there":       {`{"type":"UserAssigned","userAssignedIdentities":{"` + identityPath + `other":{}}}`, "does not exist"},
		"another type":    {`{"type":"UserAssigned","userAssignedIdentities":{"` + vaultPath + `v":{}}}`, "not the id of"},
		"no id":           {`{"type":"UserAssigned","userAssignedIdentities":{"x":{}}}`, "not the id of"},
		"too many":        {`{"type":"UserAssigned","userAssignedIdentities":{` + many.String()[1:] + `}}`, "at most"},
		"a list of names": {`{"type":"UserAssigned","userAssignedIdentities":["x"]}`, "not an object"},
	} {
		t.Run(name, func(t *testing.T) {
			if a := s.do("PATCH", service, `{"identity":`+c.identity+`}`); a.Code != 400 || !strings.Contains(a.errorText(), c.says) {
				t.Errorf("PATCH = %d %s", a.Code, a.Body)
			}
		})
	}
}

func TestIdentityInUse(t *testing.T) {
	s := newServer(t)
	user := s.must(201, "PUT", identityPath+"user", `{"location":"local"}`)
	attach := `{"identity":{"type":"UserAssigned","userAssignedIdentities":{"` + identityPath + `user":{}}}}`
	s.must(200, "PATCH", service, attach)
	refused := func(method, path, body string, names ...string) {
		t.Helper()
		a := s.do(method, path, body)
		for _, n := range names {
			if a.Code != 409 || !strings.Contains(a.errorText(), n) {
				t.Errorf("%s %s = %d %s, want 409 that names %s", method, path, a.Code, a.Body, n)
			}
		}
	}
	refused("DELETE", identityPath+"user", "", service+" (identity)")
	// A named value that reads a vault with the identity, as the store has it.
	id := resource.ServiceID("00000000-0000-0000-0000-000000000000", "postern", "local").Of("namedValues", "nv")
	put(t, s, &resource.Resource{ID: id, Properties: map[string]any{"displayName": "nv", "secret": true,
		"keyVault": map[string]any{"secretIdentifier": "https://v-1.vault.localhost:9444/secrets/x", "identityClientId": user.property("clientId")}}})
	refused("PATCH", service, `{"identity":{"type":"None"}}`, "namedValues/nv")
	s.must(201, "PUT", vaultPath+"v-1", strings.Replace(vaultBody, `"accessPolicies":[]`, `"accessPolicies":[{"tenantId":"`+testTenant+`","objectId":"`+fmt.Sprint(user.property("principalId"))+`","permissions":{"secrets":["get"]}}]`, 1))
	refused("DELETE", identityPath+"user", "", service+" (identity)", vaultPath+"v-1 (access policy)", "namedValues/nv")
	refused("DELETE", vaultPath+"v-1", "", "namedValues/nv")
	if _, err := s.store.Commit(t.Context(), store.Txn{Then: []store.Op{store.Delete(id.Key())}}); err != nil {
		t.Fatal(err)
	}
	s.must(200, "PATCH", service, `{"identity":{"type":"None"}}`)
	s.must(200, "DELETE", vaultPath+"v-1", "")
	s.must(200, "DELETE", identityPath+"user", "")
}

func put(t *testing.T, s *server, r *resource.Resource) {
	t.Helper()
	value, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put(r.ID.Key(), value)}}); err != nil {
		t.Fatal(err)
	}
}

func TestVaults(t *testing.T) {
	s := newServer(t)
	a := s.must(201, "PUT", vaultPath+"My-Vault", vaultBody)
	if a.property("vaultUri") != "https://my-vault.vault.localhost:9444/" || a.property("provisioningState") != "Succeeded" || a.property("enableSoftDelete") != true ||
		a.property("softDeleteRetentionInDays") != 90.0 || a.property("publicNetworkAccess") != "Enabled" || a.property("enableRbacAuthorization") != false {
		t.Errorf("PUT answers %v", a.body)
	}
	a = s.must(200, "PATCH", vaultPath+"my-vault", `{"tags":{"x":"y"},"properties":{"enableRbacAuthorization":true,"networkAcls":{"defaultAction":"deny","ipRules":[{"value":"192.0.2.0/24"},{"value":"192.0.2.9"}]}}}`)
	if a.property("enableRbacAuthorization") != true || at(a.body, "properties", "networkAcls", "defaultAction") != "Deny" || at(a.body, "properties", "networkAcls", "bypass") != "AzureServices" {
		t.Errorf("PATCH answers %v", a.body)
	}
	for _, path := range []string{strings.TrimSuffix(vaultPath, "/"), subscription + "/providers/Microsoft.KeyVault/vaults"} {
		if list, _ := s.must(200, "GET", path, "").body["value"].([]any); len(list) != 1 {
			t.Errorf("GET %s lists %v", path, list)
		}
	}
	// A name is taken in every group.
	s.must(201, "PUT", subscription+"/resourcegroups/other", `{"location":"local"}`)
	if a := s.do("PUT", strings.Replace(vaultPath, "postern/", "other/", 1)+"my-vault", vaultBody); a.Code != 409 || !strings.Contains(a.errorText(), "VaultAlreadyExists") {
		t.Errorf("PUT of the name in another group = %d %s", a.Code, a.Body)
	}
}

func TestVaultRefusals(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", vaultPath+"old", strings.Replace(vaultBody, `"accessPolicies":[]`, `"enablePurgeProtection":true`, 1))
	policy := func(inner string) string {
		return strings.Replace(vaultBody, `"accessPolicies":[]`, `"accessPolicies":[`+inner+`]`, 1)
	}
	with := func(more string) string { return strings.Replace(vaultBody, `"accessPolicies":[]`, more, 1) }
	good := `{"tenantId":"` + testTenant + `","objectId":"` + someone + `","permissions":{"secrets":["Get"]}}`
	for name, c := range map[string]struct{ path, body, says string }{
		"short name":           {"ab", vaultBody, "3-24"},
		"long name":            {"a" + strings.Repeat("b", 24), vaultBody, "24"},
		"two hyphens":          {"a--b", vaultBody, "name"},
		"hyphen at the end":    {"ab-", vaultBody, "name"},
		"no tenant":            {"v-1", `{"location":"local","properties":{"sku":{"family":"A","name":"standard"}}}`, "tenantId"},
		"another tenant":       {"v-1", strings.Replace(vaultBody, testTenant, someone, 1), "tenant"},
		"no sku":               {"v-1", `{"location":"local","properties":{"tenantId":"` + testTenant + `"}}`, "sku"},
		"unknown sku":          {"v-1", strings.Replace(vaultBody, "standard", "free", 1), "standard"},
		"no location":          {"v-1", strings.Replace(vaultBody, `"location":"local",`, "", 1), "location"},
		"retention too short":  {"v-1", with(`"softDeleteRetentionInDays":6`), "7 to 90"},
		"retention too long":   {"v-1", with(`"softDeleteRetentionInDays":91`), "7 to 90"},
		"retention a fraction": {"v-1", with(`"softDeleteRetentionInDays":7.5`), "7 to 90"},
		"retention a text":     {"v-1", with(`"softDeleteRetentionInDays":"x"`), "7 to 90"},
		"no purge protection":  {"v-1", with(`"enablePurgeProtection":false`), "irreversible"},
		"public access":        {"v-1", with(`"publicNetworkAccess":"some"`), "Disabled"},
		"default action":       {"v-1", with(`"networkAcls":{"defaultAction":"x"}`), "Deny"},
		"address":              {"v-1", with(`"networkAcls":{"ipRules":[{"value":"x"}]}`), "ipRules[0]"},
		"permission":           {"v-1", policy(strings.Replace(good, "Get", "read", 1)), "accessPolicies[0].permissions.secrets"},
		"area":                 {"v-1", policy(strings.Replace(good, "secrets", "things", 1)), "things"},
		"object id":            {"v-1", policy(strings.Replace(good, someone, "x", 1)), "objectId"},
		"the same twice":       {"v-1", policy(good + "," + good), "already"},
		"recover nothing":      {"v-1", with(`"createMode":"recover"`), "DeletedVaultNotFound"},
		"retention changes":    {"old", with(`"softDeleteRetentionInDays":7`), "can't be modified"},
		"soft delete off":      {"old", with(`"enableSoftDelete":false`), "irreversible"},
	} {
		t.Run(name, func(t *testing.T) {
			if a := s.do("PUT", vaultPath+c.path, c.body); a.Code < 400 || a.Code > 404 || !strings.Contains(a.Body.String(), c.says) {
				t.Errorf("PUT = %d %s, want %q", a.Code, a.Body, c.says)
			}
		})
	}
	if a := s.must(200, "PUT", vaultPath+"old", vaultBody); a.property("enablePurgeProtection") != true {
		t.Errorf("a PUT without it ended purge protection: %v", a.body)
	}
}

func TestAccessPolicyOperations(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	send := func(operation, id, granted string) []any {
		t.Helper()
		a := s.must(200, "PUT", vaultPath+"v-1/accessPolicies/"+operation, `{"properties":{"accessPolicies":[{"tenantId":"`+testTenant+`","objectId":"`+id+`","permissions":`+granted+`}]}}`)
		return a.property("accessPolicies").([]any)
	}
	other := strings.Replace(someone, "9", "8", 1)
	send("add", someone, `{"secrets":["get"]}`)
	send("add", other, `{"keys":["list"]}`)
	list := send("add", strings.ToUpper(someone), `{"secrets":["Get","list"],"certificates":["get"]}`)
	first := list[0].(map[string]any)
	if len(list) != 2 || fmt.Sprint(at(first, "permissions", "secrets")) != "[get list]" || fmt.Sprint(at(first, "permissions", "certificates")) != "[get]" {
		t.Errorf("after add the list is %v", list)
	}
	if list = send("remove", someone, `{"secrets":["get"]}`); fmt.Sprint(at(list[0].(map[string]any), "permissions", "secrets")) != "[list]" {
		t.Errorf("after remove the list is %v", list)
	}
	if list = send("remove", someone, `{"secrets":["list"],"certificates":["get"]}`); len(list) != 1 {
		t.Errorf("after the last permission went the list is %v", list)
	}
	if list = send("replace", other, `{"secrets":["set"]}`); at(list[0].(map[string]any), "permissions", "keys") != nil {
		t.Errorf("after replace the list is %v", list)
	}
	if got := s.must(200, "GET", vaultPath+"v-1", "").property("accessPolicies").([]any); len(got) != 1 {
		t.Errorf("the vault has %v", got)
	}
	s.must(404, "PUT", vaultPath+"v-1/accessPolicies/grow", `{"properties":{"accessPolicies":[]}}`)
	s.must(404, "PUT", vaultPath+"v-2/accessPolicies/add", `{"properties":{"accessPolicies":[]}}`)
	s.must(405, "GET", vaultPath+"v-1/accessPolicies/add", "")
}

func TestDeletedVaults(t *testing.T) {
	s := newServer(t)
	var removed []string
	s.h.(*Server).RemoveVault = func(_ context.Context, name string) error { removed = append(removed, name); return nil }
	const deleted = subscription + "/providers/Microsoft.KeyVault/locations/local/deletedVaults/v-1"
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	s.must(404, "GET", deleted, "")
	s.must(200, "DELETE", vaultPath+"v-1", "")
	s.must(404, "GET", vaultPath+"v-1", "")
	if a := s.must(200, "GET", deleted, ""); a.property("vaultId") != vaultPath+"v-1" || a.property("scheduledPurgeDate") == nil {
		t.Errorf("the deleted vault is %v", a.body)
	}
	if list, _ := s.must(200, "GET", subscription+"/providers/Microsoft.KeyVault/deletedVaults", "").body["value"].([]any); len(list) != 1 {
		t.Errorf("deleted vaults are %v", list)
	}
	if a := s.do("PUT", vaultPath+"v-1", vaultBody); a.Code != 409 || !strings.Contains(a.errorText(), "deleted state") {
		t.Errorf("PUT over a deleted vault = %d %s", a.Code, a.Body)
	}
	s.must(201, "PUT", vaultPath+"v-1", strings.Replace(vaultBody, `"accessPolicies":[]`, `"createMode":"recover"`, 1))
	s.must(404, "GET", deleted, "")
	s.must(200, "DELETE", vaultPath+"v-1", "")
	s.must(200, "POST", deleted+"/purge", "")
	s.must(404, "POST", deleted+"/purge", "")
	if !slices.Equal(removed, []string{"v-1"}) {
		t.Errorf("removed were %v", removed)
	}
	s.must(201, "PUT", vaultPath+"v-1", strings.Replace(vaultBody, `"accessPolicies":[]`, `"enablePurgeProtection":true`, 1))
	s.must(200, "DELETE", vaultPath+"v-1", "")
	s.must(409, "POST", deleted+"/purge", "")
	s.must(201, "PUT", vaultPath+"v-2", strings.Replace(vaultBody, `"accessPolicies":[]`, `"enableSoftDelete":false`, 1))
	s.must(200, "DELETE", vaultPath+"v-2", "")
	s.must(201, "PUT", vaultPath+"v-2", vaultBody)
	if !slices.Equal(removed, []string{"v-1", "v-2"}) {
		t.Errorf("removed were %v", removed)
	}
	// A removal that fails is taken up before the name is used again: no vault begins with another's secrets.
	s.must(201, "PUT", vaultPath+"v-3", strings.Replace(vaultBody, `"accessPolicies":[]`, `"enableSoftDelete":false`, 1))
	fails := true
	s.h.(*Server).RemoveVault = func(_ context.Context, name string) error {
		if fails {
			return fault.New(fault.Unavailable, "not now")
		}
		removed = append(removed, name)
		return nil
	}
	s.must(503, "DELETE", vaultPath+"v-3", "")
	s.must(503, "PUT", vaultPath+"v-3", vaultBody)
	fails = false
	s.must(201, "PUT", vaultPath+"v-3", vaultBody)
	if !slices.Equal(removed, []string{"v-1", "v-2", "v-3"}) {
		t.Errorf("removed were %v", removed)
	}
}

func TestCheckVaultName(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	for name, want := range map[string]bool{"v-1": false, "v-2": true, "x": false, "a--b": false} {
		a := s.must(200, "POST", subscription+"/providers/Microsoft.KeyVault/checkNameAvailability", `{"name":"`+name+`","type":"Microsoft.KeyVault/vaults"}`)
		if a.body["nameAvailable"] != want {
			t.Errorf("%s is answered %v", name, a.body)
		}
	}
}

// principal makes an application and returns its object id and a token for the management API.
func (s *server) principal(id string) (token string) {
	s.t.Helper()
	ops, err := identity.PutOps(identity.Principal{ID: id, ClientID: strings.Replace(id, "9", "7", 1), TenantID: testTenant, Name: "app", Kind: identity.Application})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.store.Commit(s.t.Context(), store.Txn{Then: ops}); err != nil {
		s.t.Fatal(err)
	}
	token, _, err = s.directory().Mint(s.t.Context(), id, "https://management.azure.com/")
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func assignmentBody(role, principal string) string {
	return `{"properties":{"roleDefinitionId":"` + subscription + `/providers/Microsoft.Authorization/roleDefinitions/` + role + `","principalId":"` + principal + `"}}`
}

func TestRoleAssignments(t *testing.T) {
	s := newServer(t)
	s.principal(someone)
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	const g1, g2, g3 = "aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002", "aaaaaaaa-0000-0000-0000-000000000003"
	onVault := vaultPath + "v-1/providers/Microsoft.Authorization/roleAssignments/"
	onGroup := testGroup + "/providers/Microsoft.Authorization/roleAssignments/"
	onSubscription := subscription + "/providers/Microsoft.Authorization/roleAssignments/"
	a := s.must(201, "PUT", onVault+g1, assignmentBody(secretsUser, someone))
	if a.property("scope") != vaultPath+"v-1" || a.property("principalType") != "ServicePrincipal" || a.body["type"] != "Microsoft.Authorization/roleAssignments" {
		t.Errorf("PUT answers %v", a.body)
	}
	s.must(200, "PUT", onVault+g1, assignmentBody(strings.ToUpper(secretsUser), someone))
	s.must(201, "PUT", onGroup+g2, assignmentBody(secretsUser, someone))
	s.must(201, "PUT", onSubscription+g3, assignmentBody(secretsUser, someone))
	all, err := s.directory().Assignments(t.Context())
	if err != nil || len(all) != 3 || !slices.Contains(all, identity.Assignment{PrincipalID: someone, RoleID: secretsUser, Scope: vaultPath + "v-1"}) {
		t.Errorf("Assignments = %v, %v", all, err)
	}
	for path, want := range map[string]int{
		onVault: 3, onGroup: 3, onSubscription: 3, onVault + "?$filter=atScope()": 3, onGroup + "?$filter=atScope()": 2, onSubscription + "?$filter=atScope()": 1,
		onVault + "?$filter=" + url.QueryEscape("principalId eq '"+someone+"'"): 3, onVault + "?$filter=" + url.QueryEscape("atScope() and assignedTo('"+g1+"')"): 0,
	} {
		if list, _ := s.must(200, "GET", strings.Replace(path, "roleAssignments/", "roleAssignments", 1), "").body["value"].([]any); len(list) != want {
			t.Errorf("GET %s lists %d, want %d", path, len(list), want)
		}
	}
	for name, c := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"another principal": {onVault + g1, assignmentBody(secretsUser, testTenant), 400, "PrincipalNotFound"},
		"another role":      {onVault + g1, assignmentBody("21090545-7ca7-4776-b22c-e363652d74d2", someone), 409, "RoleAssignmentUpdateNotPermitted"},
		"the same again":    {onVault + g2, assignmentBody(secretsUser, someone), 409, "RoleAssignmentExists"},
		"unknown role":      {onVault + g2, assignmentBody(g1, someone), 400, "RoleDefinitionDoesNotExist"},
		"no guid":           {onVault + "x", assignmentBody(secretsUser, someone), 400, "name"},
		"no vault":          {vaultPath + "v-9/providers/Microsoft.Authorization/roleAssignments/" + g2, assignmentBody(secretsUser, someone), 404, "not found"},
		"no group":          {subscription + "/resourceGroups/nowhere/providers/Microsoft.Authorization/roleAssignments/" + g2, assignmentBody(secretsUser, someone), 404, "ResourceGroupNotFound"},
		"no subscription":   {"/subscriptions/x/providers/Microsoft.Authorization/roleAssignments/" + g2, assignmentBody(secretsUser, someone), 404, "SubscriptionNotFound"},
		"a condition":       {onVault + g2, strings.Replace(assignmentBody(secretsUser, someone), `{"role`, `{"condition":"x","role`, 1), 501, "Conditions"},
	} {
		t.Run(name, func(t *testing.T) {
			if a := s.do("PUT", c.path, c.body); a.Code != c.status || !strings.Contains(a.Body.String(), c.says) {
				t.Errorf("PUT = %d %s, want %d %s", a.Code, a.Body, c.status, c.says)
			}
		})
	}
	if a := s.must(200, "DELETE", onGroup+g2, ""); a.body["name"] != g2 {
		t.Errorf("DELETE answers %v", a.body)
	}
	s.must(204, "DELETE", onGroup+g2, "")
	s.must(200, "DELETE", vaultPath+"v-1", "")
	if all, err := s.directory().Assignments(t.Context()); err != nil || len(all) != 1 || all[0].Scope != subscription {
		t.Errorf("after the vault went, Assignments = %v, %v", all, err)
	}
	// Assignments are no part of the service.
	s.must(201, "PUT", service+"/providers/Microsoft.Authorization/roleAssignments/"+g1, assignmentBody(secretsUser, someone))
	loaded(t, s)
}

func loaded(t *testing.T, s *server) *apim.Service {
	t.Helper()
	entries, _, err := s.store.List(t.Context(), resource.KeyPrefix)
	if err != nil {
		t.Fatal(err)
	}
	svc, err := resource.NewLoader(s.h.(*Server).Sealer).Load(entries)
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func TestRolesAreEnforced(t *testing.T) {
	s := newServer(t)
	admin := s.token
	token := s.principal(someone)
	const g = "aaaaaaaa-0000-0000-0000-00000000000"
	do := func(method, path, body string) int {
		s.token = token
		defer func() { s.token = admin }()
		return s.do(method, path, body).Code
	}
	if a := do("GET", service, ""); a != 403 {
		t.Errorf("without a role GET = %d", a)
	}
	s.must(201, "PUT", testGroup+"/providers/Microsoft.Authorization/roleAssignments/"+g+"1", assignmentBody("acdd72a7-3385-48ef-bd42-f606fba81ae7", someone))
	for name, c := range map[string]struct {
		method, path, body string
		want               int
	}{
		"a reader reads":               {"GET", service, "", 200},
		"and lists":                    {"GET", service + "/apis", "", 200},
		"and sees the subscription":    {"GET", "/subscriptions", "", 200},
		"and changes nothing":          {"PUT", service + "/apis/a", api, 403},
		"and deletes nothing":          {"DELETE", service + "/apis/a", "", 403},
		"and shows no secret":          {"POST", service + "/namedValues/n/listValue", "", 403},
		"and grants nothing":           {"PUT", testGroup + "/providers/Microsoft.Authorization/roleAssignments/" + g + "2", assignmentBody(secretsUser, someone), 403},
		"and makes no access policies": {"PUT", vaultPath + "v-1/accessPolicies/add", `{"properties":{"accessPolicies":[]}}`, 403},
		"and no group":                 {"PUT", subscription + "/resourceGroups/other", `{"location":"local"}`, 403},
		"and sees no other scope":      {"GET", subscription, "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			if got := do(c.method, c.path, c.body); got != c.want {
				t.Errorf("%s %s = %d, want %d", c.method, c.path, got, c.want)
			}
		})
	}
	s.must(201, "PUT", testGroup+"/providers/Microsoft.Authorization/roleAssignments/"+g+"3", assignmentBody("312a565d-c81f-4fd8-895a-4e21e48d571c", someone))
	if got := do("PUT", service+"/apis/a", api); got != 201 {
		t.Errorf("a service contributor's PUT = %d", got)
	}
	s.must(201, "PUT", identityPath+"user", `{"location":"local"}`)
	attach := `{"identity":{"type":"UserAssigned","userAssignedIdentities":{"` + identityPath + `user":{}}}}`
	if got := do("PATCH", service, attach); got != 403 {
		t.Errorf("a service contributor assigns an identity that is not his: %d", got)
	}
	// The principal's end is the end of its token.
	if _, err := s.store.Commit(t.Context(), store.Txn{Then: identity.RemoveOps(someone, strings.Replace(someone, "9", "7", 1))}); err != nil {
		t.Fatal(err)
	}
	if got := do("GET", service, ""); got != 401 {
		t.Errorf("after its end the principal's GET = %d", got)
	}
}

func TestAudienceOfTokens(t *testing.T) {
	s := newServer(t)
	s.principal(someone)
	token, _, err := s.directory().Mint(t.Context(), someone, "https://vault.azure.net")
	if err != nil {
		t.Fatal(err)
	}
	s.token = token
	if a := s.do("GET", service, ""); a.Code != 401 || !strings.Contains(a.errorText(), "InvalidAuthenticationTokenAudience") {
		t.Errorf("a token for the vault = %d %s", a.Code, a.Body)
	}
}

func TestAboveResources(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	for path, c := range map[string]struct {
		count int
		first string
	}{
		"/tenants":                       {1, "/tenants/" + testTenant},
		"/subscriptions":                 {1, subscription},
		subscription + "/resourceGroups": {1, testGroup},
		subscription + "/resources":      {2, service},
		testGroup + "/resources":         {2, service},
		subscription + "/providers":      {5, ""},
		subscription + "/locations":      {1, ""},
		subscription + "/resources?$filter=" + url.QueryEscape("resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'v-1'"):                {1, vaultPath + "v-1"},
		subscription + "/providers/Microsoft.ApiManagement/service":                                                                            {1, service},
		testGroup + "/providers/Microsoft.ApiManagement/service":                                                                               {1, service},
		vaultPath + "v-1/providers/Microsoft.Authorization/roleDefinitions?$filter=" + url.QueryEscape("roleName eq 'Key Vault Secrets User'"): {1, vaultPath + "v-1/providers/Microsoft.Authorization/roleDefinitions/" + secretsUser},
	} {
		a := s.must(200, "GET", path, "")
		list, _ := a.body["value"].([]any)
		if len(list) != c.count || c.first != "" && at(list[0].(map[string]any), "id") != c.first {
			t.Errorf("GET %s = %v", path, a.body)
		}
	}
	if a := s.must(200, "GET", subscription, ""); a.body["tenantId"] != testTenant {
		t.Errorf("the subscription is %v", a.body)
	}
	s.must(404, "GET", "/subscriptions/other", "")
	s.must(200, "GET", testGroup, "")
	s.must(204, "HEAD", testGroup, "")
	s.must(404, "GET", subscription+"/resourceGroups/other", "")
	s.must(409, "DELETE", testGroup, "")
	s.must(201, "PUT", subscription+"/resourceGroups/other", `{"location":"local","tags":{"a":"b"}}`)
	if a := s.must(200, "PATCH", subscription+"/resourceGroups/OTHER", `{"tags":{"c":"d"}}`); at(a.body, "tags", "a") != "b" || at(a.body, "tags", "c") != "d" {
		t.Errorf("PATCH of a group = %v", a.body)
	}
	s.must(200, "DELETE", subscription+"/resourceGroups/other", "")
	s.must(400, "PUT", subscription+"/resourceGroups/bad.", `{"location":"local"}`)
	s.must(200, "POST", subscription+"/providers/microsoft.keyvault/register", "")
	s.must(404, "POST", subscription+"/providers/Microsoft.Compute/register", "")
	s.must(200, "GET", subscription+"/providers/Microsoft.Authorization/roleDefinitions/"+secretsUser, "")
	s.must(404, "GET", subscription+"/providers/Microsoft.Authorization/roleDefinitions/"+someone, "")
	s.must(400, "GET", subscription+"/resources?$filter=x", "")
	s.must(405, "DELETE", "/subscriptions", "")
}

// TestPurgeByTime has a deleted vault's time come.
func TestPurgeByTime(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	s.must(200, "DELETE", vaultPath+"v-1", "")
	e, err := s.store.Get(t.Context(), deletedVaultKey("v-1"))
	if err != nil {
		t.Fatal(err)
	}
	year := fmt.Sprint(time.Now().Year())
	past := strings.ReplaceAll(strings.ReplaceAll(string(e.Value), fmt.Sprintf(`"Purged":"%d`, time.Now().Year()+1), `"Purged":"2000`), `"Purged":"`+year, `"Purged":"2000`)
	if _, err := s.store.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put(e.Key, []byte(past))}}); err != nil {
		t.Fatal(err)
	}
	s.must(404, "GET", subscription+"/providers/Microsoft.KeyVault/locations/local/deletedVaults/v-1", "")
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
}

// TestAudit reads what the log says of changes of permissions: who made them, whom they are for.
func TestAudit(t *testing.T) {
	s := newServer(t)
	var log strings.Builder
	s.h.(*Server).log = slog.New(slog.NewTextHandler(&log, nil))
	token := s.principal(someone)
	s.must(201, "PUT", vaultPath+"v-1", vaultBody)
	s.must(200, "PUT", vaultPath+"v-1/accessPolicies/add", `{"properties":{"accessPolicies":[{"tenantId":"`+testTenant+`","objectId":"`+someone+`","permissions":{"secrets":["get"]}}]}}`)
	s.must(201, "PUT", vaultPath+"v-1/providers/Microsoft.Authorization/roleAssignments/aaaaaaaa-0000-0000-0000-000000000001", assignmentBody(secretsUser, someone))
	s.token = token
	s.must(403, "DELETE", vaultPath+"v-1", "")
	for _, want := range []string{
		"access_policies_of=[" + someone + "]", `role="Key Vault Secrets User" assignee=` + someone, "principal=administrator",
		`msg="authorization refused" principal=app object_id=` + someone + " action=Microsoft.KeyVault/vaults/delete",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, &log)
		}
	}
}
