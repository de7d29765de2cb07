package keyvault_test

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/vault"
)

const guest = "appid=guest-app;oid=guest-oid;iss=" + authority + "/v2.0"

// reader lets the guest do what these names say, of secrets.
func reader(names ...string) vault.AccessPolicy {
	return vault.AccessPolicy{TenantID: tenant, ObjectID: "GUEST-oid", Permissions: vault.Permissions{Secrets: names, Certificates: names}}
}

// TestRefusals has each way to be refused, with the words of Key Vault.
func TestRefusals(t *testing.T) {
	f := newFixture(t)
	f.do(200, "PUT", "/secrets/s", `{"value":"v"}`)
	f.do(200, "PUT", "/secrets/disabled", `{"value":"v","attributes":{"enabled":false}}`)
	f.do(200, "PUT", "/secrets/deleted", `{"value":"v"}`)
	f.do(200, "DELETE", "/secrets/deleted", "")
	f.do(200, "PUT", "/secrets/gone", `{"value":"v","attributes":{"enabled":false}}`)
	f.do(200, "DELETE", "/secrets/gone", "")
	f.do(200, "PUT", "/secrets/used", `{"value":"v"}`)
	f.do(202, "POST", "/certificates/cert/create", `{"policy":{"issuer":{"name":"self"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=c"}}}`)
	f.do(202, "POST", "/certificates/off/create", `{"attributes":{"enabled":false},"policy":{"issuer":{"name":"self"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=c"}}}`)
	tested := map[vault.Reason]bool{}
	for _, c := range []struct {
		name                       string
		prepare                    func(p *vault.Properties)
		token, method, path, body  string
		status                     int
		code, inner, messageHas    string
		messageAlso, messageIsFull string
	}{
		{name: "no token", method: "GET", path: "/secrets/s", status: 401, code: "Unauthorized", messageIsFull: "AKV10000: Request is missing a Bearer or PoP token."},
		{name: "unknown token", token: "stolen", method: "GET", path: "/secrets/s", status: 401, code: "Unauthorized"},
		{name: "no access policy", token: "guest", method: "GET", path: "/secrets/s", status: 403, code: "Forbidden", inner: "ForbiddenByPolicy",
			messageIsFull: "The user, group or application '" + guest + "' does not have secrets get permission on key vault 'default;location=local'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"},
		{name: "another permission", prepare: func(p *vault.Properties) { p.AccessPolicies = append(p.AccessPolicies, reader("Get")) },
			token: "guest", method: "PUT", path: "/secrets/s", body: `{"value":"x"}`, status: 403, code: "Forbidden", inner: "ForbiddenByPolicy", messageHas: "does not have secrets set permission"},
		{name: "all is not purge", prepare: func(p *vault.Properties) { p.AccessPolicies = append(p.AccessPolicies, reader("all")) },
			token: "guest", method: "DELETE", path: "/deletedsecrets/deleted", status: 403, code: "Forbidden", inner: "ForbiddenByPolicy", messageHas: "secrets purge permission"},
		{name: "the policy of an application", prepare: func(p *vault.Properties) {
			a := reader("get")
			a.ApplicationID = "guest-app"
			p.AccessPolicies = append(p.AccessPolicies, a)
		}, token: "guest", method: "GET", path: "/secrets/s", status: 403, code: "Forbidden", inner: "ForbiddenByPolicy"},
		{name: "the policy of another tenant", prepare: func(p *vault.Properties) {
			a := reader("get")
			a.TenantID = "other"
			p.AccessPolicies = append(p.AccessPolicies, a)
		}, token: "guest", method: "GET", path: "/secrets/s", status: 403, code: "Forbidden", inner: "ForbiddenByPolicy"},
		{name: "no role", prepare: func(p *vault.Properties) { p.EnableRBACAuthorization = true },
			token: "guest", method: "GET", path: "/secrets/s", status: 403, code: "Forbidden", inner: "ForbiddenByRbac",
			messageIsFull: "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\n" +
				"Caller: " + guest + "\r\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: '" + strings.ToLower(vaultID) + "/secrets/s'\r\n" +
				"Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: default;location=local\r\n"},
		{name: "the administrator has no role either", prepare: func(p *vault.Properties) { p.EnableRBACAuthorization = true },
			token: "admin", method: "GET", path: "/secrets/s", status: 403, code: "Forbidden", inner: "ForbiddenByRbac"},
		{name: "firewall", prepare: func(p *vault.Properties) {
			p.NetworkACLs = &vault.NetworkACLs{DefaultAction: "Deny", IPRules: []vault.IPRule{{Value: "192.0.2.0/24"}, {Value: "nonsense"}}}
		}, token: "admin", method: "GET", path: "/secrets/s", status: 403, code: "Forbidden", inner: "ForbiddenByFirewall",
			messageHas: "Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\nCaller: appid=admin-app;oid=admin-oid;iss=", messageAlso: "\r\nVault: default;location=local"},
		{name: "a word that is not known closes", prepare: func(p *vault.Properties) { p.NetworkACLs = &vault.NetworkACLs{DefaultAction: "Perhaps"} },
			token: "admin", method: "GET", path: "/secrets/s", status: 403, code: "Forbidden", inner: "ForbiddenByFirewall"},
		{name: "no public access", prepare: func(p *vault.Properties) { p.PublicNetworkAccess = "Disabled" },
			token: "admin", method: "GET", path: "/secrets/s", status: 403, code: "Forbidden", inner: "ForbiddenByConnection"},
		{name: "disabled secret", token: "admin", method: "GET", path: "/secrets/disabled", status: 403, code: "Forbidden", inner: "SecretDisabled",
			messageIsFull: "Operation get is not allowed on a disabled secret."},
		{name: "disabled and deleted", token: "admin", method: "GET", path: "/deletedsecrets/gone", status: 403, code: "Forbidden", inner: "SecretDisabled"},
		{name: "an elliptic key does not encrypt", token: "admin", method: "POST", path: "/keys/cert/encrypt", body: `{"alg":"RSA-OAEP","value":"AAAA"}`, status: 403, code: "Forbidden", inner: "ForbiddenByPolicy",
			messageHas: "Operation is not allowed.\r\nOperation: \"encrypt\"\r\nCaller: appid="},
		{name: "disabled key", token: "admin", method: "POST", path: "/keys/off/sign", body: `{"alg":"ES256","value":"AAAA"}`, status: 403, code: "Forbidden", inner: "KeyDisabled"},
		{name: "deleted", token: "admin", method: "PUT", path: "/secrets/deleted", body: `{"value":"v"}`, status: 409, code: "Conflict", inner: "ObjectIsDeletedButRecoverable",
			messageIsFull: "Secret deleted is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged."},
		{name: "the secret of a certificate", token: "admin", method: "PUT", path: "/secrets/cert", body: `{"value":"v"}`, status: 403, code: "Forbidden", inner: "SecretManagedByKeyVault",
			messageHas: `Operation "set" is not allowed on this secret, since it is associated with a certificate.`},
		{name: "deleting the secret of a certificate", token: "admin", method: "DELETE", path: "/secrets/cert", status: 403, code: "Forbidden", inner: "SecretManagedByKeyVault"},
		{name: "deleting the key of a certificate", token: "admin", method: "DELETE", path: "/keys/cert", status: 403, code: "Forbidden", inner: "KeyManagedByKeyVault"},
		{name: "a certificate beside a secret", token: "admin", method: "POST", path: "/certificates/s/create", body: `{"policy":{"issuer":{"name":"self"},"x509_props":{"subject":"CN=c"}}}`, status: 409, code: "Conflict"},
		{name: "in use", prepare: func(*vault.Properties) { f.uses = []string{"certificate local/client", "host name api.example.org"} },
			token: "admin", method: "DELETE", path: "/secrets/used", status: 409, code: "Conflict", inner: "ObjectIsInUse", messageHas: "certificate local/client, host name api.example.org"},
		{name: "purge protection", prepare: func(p *vault.Properties) { p.EnablePurgeProtection = true },
			token: "admin", method: "DELETE", path: "/deletedsecrets/deleted", status: 403, code: "Forbidden", messageHas: "purge protection is enabled"},
		{name: "no such secret", token: "admin", method: "GET", path: "/secrets/none", status: 404, code: "SecretNotFound",
			messageIsFull: "A secret with (name/id) none was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"},
		{name: "no such version", token: "admin", method: "GET", path: "/secrets/s/0123456789abcdef0123456789abcdef", status: 404, code: "SecretNotFound", messageHas: "(name/id) s/0123456789abcdef0123456789abcdef "},
		{name: "no such certificate", token: "admin", method: "GET", path: "/certificates/none", status: 404, code: "CertificateNotFound"},
		{name: "a secret is no certificate", token: "admin", method: "GET", path: "/certificates/s", status: 404, code: "CertificateNotFound"},
		{name: "a secret is no key", token: "admin", method: "GET", path: "/keys/s", status: 404, code: "KeyNotFound"},
		{name: "nothing deleted", token: "admin", method: "GET", path: "/deletedsecrets/s", status: 404, code: "SecretNotFound", messageIsFull: "Deleted Secret not found: s"},
		{name: "no operation", token: "admin", method: "GET", path: "/certificates/cert2/pending", status: 404, code: "PendingCertificateNotFound"},
		{name: "no contacts", token: "admin", method: "GET", path: "/certificates/contacts", status: 404, code: "ContactsNotFound"},
		{name: "no issuer", token: "admin", method: "GET", path: "/certificates/issuers/digicert", status: 404, code: "CertificateIssuerNotFound", messageIsFull: "Issuer not found"},
		{name: "another CA", token: "admin", method: "PUT", path: "/certificates/issuers/digicert", body: `{"provider":"DigiCert"}`, status: 400, code: "BadParameter", messageHas: `The provider "DigiCert" is not supported here`},
		{name: "a key of its own", token: "admin", method: "POST", path: "/keys/k/create", body: `{"kty":"RSA"}`, status: 501, code: "NotImplemented"},
		{name: "bad name", token: "admin", method: "GET", path: "/secrets/a_b", status: 400, code: "BadParameter", messageIsFull: "The request URI contains an invalid name: a_b"},
		{name: "no body", token: "admin", method: "PUT", path: "/secrets/s", status: 400, code: "BadParameter", messageIsFull: "Request body not specified"},
		{name: "no value", token: "admin", method: "PUT", path: "/secrets/s", body: `{}`, status: 400, code: "BadParameter"},
		{name: "value too long", token: "admin", method: "PUT", path: "/secrets/s", body: `{"value":"` + strings.Repeat("x", 25601) + `"}`, status: 400, code: "BadParameter"},
		{name: "body too long", token: "admin", method: "PUT", path: "/secrets/s", body: `{"value":"` + strings.Repeat("x", 7<<20) + `"}`, status: 413, code: "RequestEntityTooLarge"},
		{name: "date out of range", token: "admin", method: "PUT", path: "/secrets/s", body: `{"value":"v","attributes":{"exp":253402300800}}`, status: 400, code: "BadParameter"},
		{name: "ends before it begins", token: "admin", method: "PUT", path: "/secrets/s", body: `{"value":"v","attributes":{"exp":5,"nbf":6}}`, status: 400, code: "BadParameter"},
		{name: "sixteen tags", token: "admin", method: "PUT", path: "/secrets/s", body: `{"value":"v","tags":{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":"","10":"","11":"","12":"","13":"","14":"","15":"","16":""}}`, status: 400, code: "BadParameter"},
		{name: "odd api-version", token: "admin", method: "GET", path: "/secrets/s?api-version=latest", status: 400, code: "BadParameter"},
		{name: "too many results", token: "admin", method: "GET", path: "/secrets?maxresults=26", status: 400, code: "BadParameter"},
		{name: "no such method", token: "admin", method: "PUT", path: "/secrets/s/versions", status: 405, code: "BadParameter", messageIsFull: "Method PUT does not allow operation 'versions'"},
		{name: "no such path", token: "admin", method: "GET", path: "/storage", status: 404, code: "NotFound"},
		{name: "no such vault", token: "admin", method: "GET", path: "https://other.vault.localhost/secrets/s", status: 404, code: "VaultNotFound"},
	} {
		t.Run(c.name, func(t *testing.T) {
			was := f.props
			if c.prepare != nil {
				f.change(func() { c.prepare(&f.props) })
				defer f.change(func() { f.props, f.uses = was, nil })
			}
			a := f.as(c.token, c.method, c.path, c.body)
			message := a.text("error.message")
			if a.status != c.status || a.text("error.code") != c.code || a.text("error.innererror.code") != c.inner || message == "" {
				t.Fatalf("%d %s\nwant %d %s %s", a.status, a.raw, c.status, c.code, c.inner)
			}
			if !strings.Contains(message, c.messageHas) || !strings.Contains(message, c.messageAlso) || c.messageIsFull != "" && message != c.messageIsFull {
				t.Errorf("the message is %q", message)
			}
			challenge := a.header.Get("WWW-Authenticate")
			if (a.status == 401) != (challenge != "") {
				t.Errorf("%d with WWW-Authenticate %q", a.status, challenge)
			}
			tested[vault.Reason(c.inner)] = true
		})
	}
	for _, reason := range vault.Reasons() {
		if !tested[reason] {
			t.Errorf("no test is refused by %s", reason)
		}
	}
}

func TestMissingVersionOfTheAPI(t *testing.T) {
	f := newFixture(t)
	a := f.as("admin", "GET", "/secrets?api-version=", "")
	if a.status != 400 || a.text("error.message") != "api-version must be specified" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	for _, v := range []string{"7.4", "7.5", "7.6", "7.6-preview.2", "2016-10-01", "2026-04-01"} {
		if a := f.as("admin", "GET", "/secrets?api-version="+v, ""); a.status != 200 {
			t.Errorf("api-version %s: %d %s", v, a.status, a.raw)
		}
	}
}

// TestTrustedServices: with the firewall on, the system-assigned identity passes by the bypass, and nobody else.
func TestTrustedServices(t *testing.T) {
	f := newFixture(t)
	f.do(200, "PUT", "/secrets/s", `{"value":"v"}`)
	f.change(func() {
		f.callers["system"] = vault.Caller{ObjectID: "system-oid", TenantID: tenant, SystemAssigned: true}
		f.callers["user"] = vault.Caller{ObjectID: "user-oid", TenantID: tenant}
		for _, id := range []string{"system-oid", "user-oid"} {
			f.props.AccessPolicies = append(f.props.AccessPolicies, vault.AccessPolicy{ObjectID: id, Permissions: vault.Permissions{Secrets: []string{"get"}}})
		}
	})
	for _, c := range []struct {
		name         string
		acls         vault.NetworkACLs
		public       string
		system, user int
	}{
		{"off", vault.NetworkACLs{DefaultAction: "Allow"}, "Enabled", 200, 200},
		{"on, with bypass", vault.NetworkACLs{DefaultAction: "Deny", Bypass: "AzureServices"}, "Enabled", 200, 403},
		{"on, bypass not said", vault.NetworkACLs{DefaultAction: "Deny"}, "", 200, 403},
		{"on, without bypass", vault.NetworkACLs{DefaultAction: "Deny", Bypass: "None"}, "Enabled", 403, 403},
		{"on, address allowed", vault.NetworkACLs{DefaultAction: "Deny", Bypass: "None", IPRules: []vault.IPRule{{Value: "127.0.0.1"}}}, "Enabled", 200, 200},
		{"on, range allowed", vault.NetworkACLs{DefaultAction: "Deny", IPRules: []vault.IPRule{{Value: "127.0.0.0/8"}}}, "Enabled", 200, 200},
		{"no public access", vault.NetworkACLs{DefaultAction: "Allow", Bypass: "AzureServices"}, "Disabled", 200, 403},
		{"no public access, without bypass", vault.NetworkACLs{DefaultAction: "Allow", Bypass: "None"}, "Disabled", 403, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.change(func() { f.props.NetworkACLs, f.props.PublicNetworkAccess = &c.acls, c.public })
			for token, want := range map[string]int{"system": c.system, "user": c.user} {
				if a := f.as(token, "GET", "/secrets/s", ""); a.status != want {
					t.Errorf("%s: %d, want %d\n%s", token, a.status, want, a.raw)
				}
			}
		})
	}
	f.change(func() { f.props.AccessPolicies, f.props.NetworkACLs, f.props.PublicNetworkAccess = nil, nil, "" })
	if a := f.as("system", "GET", "/secrets/s", ""); a.text("error.innererror.code") != "ForbiddenByPolicy" {
		t.Errorf("trust is no permission: %s", a.raw)
	}
}

// TestRoles judges the built-in roles at the scopes where they may be assigned.
func TestRoles(t *testing.T) {
	f := newFixture(t)
	f.do(200, "PUT", "/secrets/s", `{"value":"v"}`)
	f.do(202, "POST", "/certificates/c/create", `{"policy":{"issuer":{"name":"self"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=c"}}}`)
	f.change(func() { f.props.EnableRBACAuthorization = true })
	const (
		secretsUser, secretsOfficer = "4633458b-17de-408a-b874-0445c86b69e6", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
		certificateUser, reading    = "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "21090545-7ca7-4776-b22c-e363652d74d2"
		owner, administrator        = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "00482a5a-887f-4fb3-b363-3b7fe8e74483"
	)
	group := "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/POSTERN"
	for _, c := range []struct {
		name, role, scope                 string
		getSecret, put, list, certificate int
	}{
		{"secrets user of the vault", secretsUser, vaultID, 200, 403, 200, 403},
		{"secrets user of the group", secretsUser, group, 200, 403, 200, 403},
		{"secrets user of one secret", secretsUser, vaultID + "/secrets/s", 200, 403, 403, 403},
		{"secrets user of another secret", secretsUser, vaultID + "/secrets/sx", 403, 403, 403, 403},
		{"secrets user of another group", secretsUser, group + "2", 403, 403, 403, 403},
		{"secrets officer", secretsOfficer, vaultID, 200, 200, 200, 403},
		{"certificate user", certificateUser, vaultID, 200, 403, 200, 200},
		{"reader", reading, vaultID, 403, 403, 200, 200},
		{"owner", owner, vaultID, 403, 403, 403, 403},
		{"administrator of vaults", administrator, "/subscriptions/00000000-0000-0000-0000-000000000000", 200, 200, 200, 200},
		{"unknown role", "00000000-0000-0000-0000-00000000ffff", vaultID, 403, 403, 403, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.change(func() {
				f.roles = []identity.Assignment{{PrincipalID: "Guest-OID", RoleID: c.role, Scope: c.scope}}
			})
			for _, r := range []struct {
				method, path, body string
				want               int
			}{{"GET", "/secrets/s", "", c.getSecret}, {"PUT", "/secrets/s", `{"value":"v"}`, c.put}, {"GET", "/secrets", "", c.list}, {"GET", "/certificates/c", "", c.certificate}} {
				if a := f.as("guest", r.method, r.path, r.body); a.status != r.want {
					t.Errorf("%s %s = %d, want %d", r.method, r.path, a.status, r.want)
				}
			}
		})
	}
}

// TestAddresses: the vault is the first label of the host, and ids have the host as it was written.
func TestAddresses(t *testing.T) {
	f := newFixture(t)
	f.do(200, "PUT", "/secrets/s", `{"value":"v"}`)
	_, port, _ := strings.Cut(strings.TrimPrefix(f.url, "https://"), ":")
	for _, base := range []string{f.url, "https://localhost:" + port, "https://127.0.0.1:" + port, "https://vault.localhost:" + port, "https://DEFAULT.vault.localhost:" + port} {
		a := f.as("admin", "GET", base+"//secrets/s/", "")
		if a.status != 200 || !strings.HasPrefix(a.text("id"), base+"/secrets/s/") {
			t.Errorf("%s: %d, id %s", base, a.status, a.text("id"))
		}
	}
	a := f.do(200, "GET", "/secrets/s", "")
	for _, name := range []string{"X-Ms-Request-Id", "X-Ms-Keyvault-Region", "X-Ms-Keyvault-Network-Info"} {
		if a.header.Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	if f.server.URL("Default") != f.url {
		t.Errorf("URL = %s, want %s", f.server.URL("Default"), f.url)
	}
}
