package token

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
)

const (
	tenant     = "00000000-0000-0000-0000-000000000001"
	admin      = "00000000-0000-0000-0000-000000000002"
	certified  = "11111111-0000-0000-0000-000000000001"
	system     = "22222222-0000-0000-0000-000000000001"
	userClient = "33333333-0000-0000-0000-000000000001"
	userID     = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"
	secret     = "pst_a-secret"
	header     = "identity-header"
	vault      = "https://vault.azure.net"
)

// world is a Server over TLS with an administrator, an application with a certificate, and two managed identities.
type world struct {
	t         *testing.T
	directory *identity.Directory
	server    *Server
	http      *httptest.Server
	identity  apim.Identity
	certs     []*x509.Certificate
	key       *rsa.PrivateKey
	bearer    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, bearer: identity.NewToken(), identity: apim.Identity{PrincipalID: system, ClientID: "22222222-0000-0000-0000-000000000002",
		UserAssigned: []apim.UserAssignedIdentity{{ID: userID, PrincipalID: "33333333-0000-0000-0000-000000000002", ClientID: userClient}}}}
	w.directory = &identity.Directory{Store: memstore.New(), Sealer: sealer, TenantID: tenant, Issuer: func() string { return w.http.URL }}
	w.server = New(Options{Directory: w.directory, IdentityHeader: header, VaultURL: func() string { return "https://vault.localhost:9444" },
		Identity: func(context.Context) (apim.Identity, error) { return w.identity, nil }, Log: slog.New(slog.DiscardHandler)})
	w.http = httptest.NewTLSServer(w.server.Or(w.server))
	t.Cleanup(w.http.Close)
	w.fill()
	return w
}

func (w *world) fill() {
	ctx := w.t.Context()
	boss := identity.Principal{ID: "00000000-0000-0000-0000-000000000003", ClientID: admin, TenantID: tenant, Name: "administrator", Kind: identity.Administrator}
	app := identity.Principal{ID: "11111111-0000-0000-0000-000000000002", ClientID: certified, TenantID: tenant, Name: "app", Kind: identity.Application}
	w.certs, w.key = selfSigned(w.t)
	record := identity.ApplicationRecord{ClientID: certified, ObjectID: app.ID, Certificates: [][]byte{w.certs[0].Raw}}
	err := errors.Join(w.directory.EnsureSecret(ctx, boss, secret, ""), w.directory.Grant(ctx, w.bearer, boss), w.directory.PutApplication(ctx, record, app))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range []identity.Principal{
		{ID: system, ClientID: w.identity.ClientID, TenantID: tenant, Name: "local", Kind: identity.SystemAssigned},
		{ID: w.identity.UserAssigned[0].PrincipalID, ClientID: userClient, TenantID: tenant, Name: "u", Kind: identity.UserAssigned, Resource: userID},
	} {
		ops, err := identity.PutOps(p)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.directory.Store.Commit(ctx, store.Txn{Then: ops}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func selfSigned(t *testing.T) ([]*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return []*x509.Certificate{c}, key
}

func (w *world) options() azcore.ClientOptions {
	return azcore.ClientOptions{Transport: w.http.Client(), Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: w.http.URL + "/"},
		Retry: policy.RetryOptions{MaxRetries: -1}}
}

// wantToken gets a token of the credential and checks whom it proves.
func (w *world) wantToken(c azcore.TokenCredential, err error, scope, audience, name string) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	token, err := c.GetToken(w.t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := w.directory.AuthenticateFor(w.t.Context(), token.Token, []string{audience})
	if err != nil || p.Name != name {
		w.t.Errorf("the token proves %+v, %v; want %s", p, err, name)
	}
	if left := time.Until(token.ExpiresOn); left < 50*time.Minute || left > 24*time.Hour {
		w.t.Errorf("the token is good for %v", left)
	}
}

// TestAzureCredentials has the credentials of the Go SDK, unmodified, get tokens.
func TestAzureCredentials(t *testing.T) {
	w := newWorld(t)
	t.Run("client secret, vault", func(t *testing.T) {
		c, err := azidentity.NewClientSecretCredential(tenant, admin, secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: w.options(), DisableInstanceDiscovery: true})
		w.wantToken(c, err, vault+"/.default", vault, "administrator")
	})
	t.Run("client secret, management", func(t *testing.T) {
		c, err := azidentity.NewClientSecretCredential(tenant, admin, secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: w.options(), DisableInstanceDiscovery: true})
		w.wantToken(c, err, "https://management.azure.com//.default", "https://management.azure.com", "administrator")
	})
	t.Run("client certificate", func(t *testing.T) {
		c, err := azidentity.NewClientCertificateCredential(tenant, certified, w.certs, w.key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: w.options(), DisableInstanceDiscovery: true})
		w.wantToken(c, err, vault+"/.default", vault, "app")
	})
	t.Setenv("IDENTITY_ENDPOINT", w.http.URL+"/msi/token")
	t.Setenv("IDENTITY_HEADER", header)
	for name, c := range map[string]struct {
		id   azidentity.ManagedIDKind
		want string
	}{
		"system-assigned": {nil, "local"}, "by client id": {azidentity.ClientID(userClient), "u"}, "by resource id": {azidentity.ResourceID(userID), "u"},
	} {
		t.Run("managed identity, "+name, func(t *testing.T) {
			c2, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: w.options(), ID: c.id})
			w.wantToken(c2, err, vault+"/.default", vault, c.want)
		})
	}
}

// answer is an answer of the server.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (w *world) do(r *http.Request) answer {
	w.t.Helper()
	res, err := w.http.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header}
	if err := json.Unmarshal(data, &a.body); err != nil {
		w.t.Fatalf("%s %s answered no JSON object: %s", r.Method, r.URL, data)
	}
	return a
}

func (w *world) post(path string, form url.Values) answer {
	w.t.Helper()
	r, err := http.NewRequest("POST", w.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.do(r)
}

func (w *world) get(path string, headers ...string) answer {
	w.t.Helper()
	r, err := http.NewRequest("GET", w.http.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.do(r)
}

const v2 = "/" + tenant + "/oauth2/v2.0/token"

func TestRefusalsOfTheTokenEndpoint(t *testing.T) {
	w := newWorld(t)
	good := url.Values{"grant_type": {"client_credentials"}, "client_id": {admin}, "client_secret": {secret}, "scope": {vault + "/.default"}}
	for name, c := range map[string]struct {
		path   string
		change map[string]string
		status int
		word   string
		code   float64
	}{
		"unknown application": {v2, map[string]string{"client_id": certified[:35] + "9"}, 400, "unauthorized_client", 700016},
		"no uuid":             {v2, map[string]string{"client_id": "me"}, 400, "unauthorized_client", 700016},
		"wrong secret":        {v2, map[string]string{"client_secret": "x"}, 401, "invalid_client", 7000215},
		"no secret":           {v2, map[string]string{"client_secret": ""}, 401, "invalid_client", 7000218},
		"no grant type":       {v2, map[string]string{"grant_type": ""}, 400, "invalid_request", 900144},
		"another grant":       {v2, map[string]string{"grant_type": "password"}, 400, "unsupported_grant_type", 70003},
		"no client":           {v2, map[string]string{"client_id": ""}, 400, "invalid_request", 900144},
		"no scope":            {v2, map[string]string{"scope": ""}, 400, "invalid_request", 900144},
		"scope of a user":     {v2, map[string]string{"scope": "User.Read"}, 400, "invalid_scope", 70011},
		"not .default":        {v2, map[string]string{"scope": vault + "/user_impersonation"}, 400, "invalid_scope", 70011},
		"two resources":       {v2, map[string]string{"scope": vault + "/.default https://management.azure.com/.default"}, 400, "invalid_scope", 70011},
		"no resource":         {v2, map[string]string{"scope": "/.default"}, 400, "invalid_scope", 70011},
		"only openid":         {v2, map[string]string{"scope": "openid"}, 400, "invalid_scope", 70011},
		"another tenant":      {"/x" + v2, nil, 400, "invalid_request", 90002},
		"assertion's type":    {v2, map[string]string{"client_assertion": "a.b.c"}, 401, "invalid_client", 50027},
		"no such certificate": {v2, map[string]string{"client_assertion": "a.b.c", "client_assertion_type": assertionType}, 401, "invalid_client", 50027},
	} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{}
			for k, v := range good {
				form[k] = v
			}
			for k, v := range c.change {
				form.Set(k, v)
			}
			a := w.post(strings.Replace(c.path, "/x/"+tenant, "/99999999-0000-0000-0000-000000000001", 1), form)
			codes, _ := a.body["error_codes"].([]any)
			description, _ := a.body["error_description"].(string)
			if a.status != c.status || a.body["error"] != c.word || len(codes) != 1 || codes[0] != c.code || !strings.HasPrefix(description, "AADSTS") ||
				a.body["trace_id"] == "" || a.body["correlation_id"] == "" || a.body["timestamp"] == "" {
				t.Errorf("answer is %d %v, want %d %s %v", a.status, a.body, c.status, c.word, c.code)
			}
			if strings.Contains(description, secret) {
				t.Error("the answer shows the secret")
			}
		})
	}
	if a := w.post(v2, good); a.status != 200 || a.body["token_type"] != "Bearer" || a.body["expires_in"].(float64) < 3500 || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the good request is answered %d %v", a.status, a.body)
	}
}

func TestVersionOne(t *testing.T) {
	w := newWorld(t)
	a := w.post("/"+tenant+"/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {admin}, "client_secret": {secret}, "resource": {vault}})
	if a.status != 200 || a.body["resource"] != vault {
		t.Fatalf("answer is %d %v", a.status, a.body)
	}
	for _, name := range []string{"expires_in", "ext_expires_in", "expires_on", "not_before"} {
		if _, ok := a.body[name].(string); !ok {
			t.Errorf("%s is %v, want a string", name, a.body[name])
		}
	}
	if a := w.post("/"+tenant+"/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {admin}, "client_secret": {secret}}); a.status != 400 || !strings.Contains(a.body["error_description"].(string), "'resource'") {
		t.Errorf("without resource the answer is %d %v", a.status, a.body)
	}
}

func TestBasicAuthentication(t *testing.T) {
	w := newWorld(t)
	r, err := http.NewRequest("POST", w.http.URL+v2, strings.NewReader("grant_type=client_credentials&scope="+url.QueryEscape(vault+"/.default")))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(admin, secret)
	if a := w.do(r); a.status != 200 {
		t.Errorf("answer is %d %v", a.status, a.body)
	}
}

func TestFailuresAreLimited(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.server.Now = func() time.Time { return now }
	w.server.failures.now = w.server.Now
	try := func(client, text string) answer {
		return w.post(v2, url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "client_secret": {text}, "scope": {vault + "/.default"}})
	}
	for i := range maxFailures {
		if a := try(admin, "wrong"); a.status != 401 {
			t.Fatalf("failure %d is answered %d", i+1, a.status)
		}
	}
	if a := try(admin, secret); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("after %d failures the answer is %d %v", maxFailures, a.status, a.header)
	}
	if a := try(certified, "wrong"); a.status != 401 {
		t.Errorf("another application is answered %d", a.status)
	}
	now = now.Add(failureWindow)
	if a := try(admin, secret); a.status != 200 {
		t.Errorf("after the window the answer is %d %v", a.status, a.body)
	}
}

func TestFailuresAreBounded(t *testing.T) {
	now := time.Now()
	f := failures{now: func() time.Time { return now }}
	for i := range 3 * maxSources {
		f.add(string(rune(i)) + "x")
		now = now.Add(time.Millisecond)
	}
	if len(f.sources) > maxSources {
		t.Errorf("%d sources are kept", len(f.sources))
	}
}

func TestDiscovery(t *testing.T) {
	w := newWorld(t)
	v2 := w.get("/" + tenant + "/v2.0/.well-known/openid-configuration")
	if v2.body["issuer"] != w.directory.IssuerV2() || v2.body["token_endpoint"] != w.http.URL+"/"+tenant+"/oauth2/v2.0/token" {
		t.Errorf("openid-configuration is %v", v2.body)
	}
	v1 := w.get("/" + tenant + "/.well-known/openid-configuration")
	if v1.body["issuer"] != w.directory.IssuerV1() {
		t.Errorf("issuer of version 1 is %v, want %s", v1.body["issuer"], w.directory.IssuerV1())
	}
	keys := w.get(strings.TrimPrefix(v2.body["jwks_uri"].(string), w.http.URL))
	list, _ := keys.body["keys"].([]any)
	if len(list) != 1 {
		t.Fatalf("keys are %v", keys.body)
	}
	key := list[0].(map[string]any)
	if key["kty"] != "RSA" || key["use"] != "sig" || key["n"] == nil || key["d"] != nil || key["p"] != nil {
		t.Errorf("the key is %v: it must be public alone", key)
	}
	if a := w.get("/common/discovery/instance?api-version=1.1"); a.body["tenant_discovery_endpoint"] != w.http.URL+"/"+tenant+"/v2.0/.well-known/openid-configuration" {
		t.Errorf("instance discovery is %v", a.body)
	}
	if a := w.get("/nobody/v2.0/.well-known/openid-configuration"); a.status != 400 || a.body["error"] != "invalid_tenant" {
		t.Errorf("another tenant is answered %d %v", a.status, a.body)
	}
}

func TestMetadataEndpoints(t *testing.T) {
	w := newWorld(t)
	a := w.get("/metadata/endpoints?api-version=2022-09-01")
	if a.body["resourceManager"] != w.http.URL || a.body["microsoftGraphResourceId"] != w.http.URL+"/" || a.body["name"] == "" {
		t.Errorf("2022-09-01 is %v", a.body)
	}
	if s := a.body["suffixes"].(map[string]any); s["keyVaultDns"] != "vault.localhost:9444" {
		t.Errorf("suffixes are %v", s)
	}
	a = w.get("/metadata/endpoints?api-version=2015-01-01")
	if l := a.body["authentication"].(map[string]any); l["loginEndpoint"] != w.http.URL+"/" || a.body["graphEndpoint"] != w.http.URL+"/" {
		t.Errorf("2015-01-01 is %v", a.body)
	}
}

func TestServicePrincipals(t *testing.T) {
	w := newWorld(t)
	if a := w.get("/v1.0/servicePrincipals"); a.status != 401 {
		t.Errorf("without a token the answer is %d", a.status)
	}
	a := w.get("/v1.0/servicePrincipals?$filter="+url.QueryEscape("appId eq '"+userClient+"'"), "Authorization", "Bearer "+w.bearer)
	list, _ := a.body["value"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["id"] != w.identity.UserAssigned[0].PrincipalID {
		t.Errorf("answer is %d %v", a.status, a.body)
	}
}

func TestManagedIdentityRefusals(t *testing.T) {
	w := newWorld(t)
	const q = "/msi/token?api-version=2019-08-01&resource=" + vault
	for name, c := range map[string]struct {
		path    string
		headers []string
		status  int
		says    string
	}{
		"good":                {q, []string{"X-IDENTITY-HEADER", header}, 200, ""},
		"by object id":        {q + "&principal_id=" + system, []string{"X-IDENTITY-HEADER", header}, 200, ""},
		"no header":           {q, nil, 401, "X-IDENTITY-HEADER"},
		"wrong header":        {q, []string{"X-IDENTITY-HEADER", header + "x"}, 401, "X-IDENTITY-HEADER"},
		"passed on":           {q, []string{"X-IDENTITY-HEADER", header, "X-Forwarded-For", "127.0.0.1"}, 403, "passed on"},
		"passed on, standard": {q, []string{"X-IDENTITY-HEADER", header, "Forwarded", "for=127.0.0.1"}, 403, "passed on"},
		"no resource":         {"/msi/token?api-version=2019-08-01", []string{"X-IDENTITY-HEADER", header}, 400, "resource"},
		"another version":     {"/msi/token?api-version=2017-09-01&resource=" + vault, []string{"X-IDENTITY-HEADER", header}, 400, "2019-08-01"},
		"no such identity":    {q + "&client_id=" + certified, []string{"X-IDENTITY-HEADER", header}, 400, "Identity not found"},
		"an application":      {q + "&client_id=" + admin, []string{"X-IDENTITY-HEADER", header}, 400, "Identity not found"},
		"two names":           {q + "&client_id=" + userClient + "&mi_res_id=" + userID, []string{"X-IDENTITY-HEADER", header}, 400, "one of"},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.get(c.path, c.headers...)
			text, _ := a.body["error_description"].(string)
			if a.status != c.status || !strings.Contains(text, c.says) {
				t.Errorf("answer is %d %v, want %d %q", a.status, a.body, c.status, c.says)
			}
		})
	}
	w.identity = apim.Identity{}
	if a := w.get(q, "X-IDENTITY-HEADER", header); a.status != 400 {
		t.Errorf("a service without identities is answered %d %v", a.status, a.body)
	}
}

func TestVirtualMachineShape(t *testing.T) {
	w := newWorld(t)
	local := w.server.Local()
	do := func(path, from string, headers ...string) (int, map[string]any) {
		r := httptest.NewRequest("GET", path, nil)
		r.RemoteAddr = from
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		rec := httptest.NewRecorder()
		local.ServeHTTP(rec, r)
		var body map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		return rec.Code, body
	}
	const q = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/"
	status, body := do(q, "127.0.0.1:5", "Metadata", "true")
	if status != 200 || body["token_type"] != "Bearer" || body["resource"] != "https://management.azure.com/" {
		t.Fatalf("answer is %d %v", status, body)
	}
	for _, name := range []string{"expires_in", "expires_on", "not_before"} {
		if _, ok := body[name].(string); !ok {
			t.Errorf("%s is %v, want a string", name, body[name])
		}
	}
	if p, err := w.directory.Authenticate(t.Context(), body["access_token"].(string)); err != nil || p.ID != system {
		t.Errorf("the token proves %v, %v", p, err)
	}
	if status, _ := do(q, "[::1]:5", "Metadata", "True"); status != 200 {
		t.Errorf("IPv6 is answered %d", status)
	}
	if status, _ := do(q, "127.0.0.1:5"); status != 400 {
		t.Errorf("without Metadata the answer is %d", status)
	}
	if status, _ := do(q, "192.0.2.1:5", "Metadata", "true"); status != 403 {
		t.Errorf("another machine is answered %d", status)
	}
	if status, _ := do(q, "127.0.0.1:5", "Metadata", "true", "X-Forwarded-For", ""); status != 403 {
		t.Errorf("a request that was passed on is answered %d", status)
	}
	// The listener without a secret is another: this front's paths on the management listener do not hold it.
	if Handles("/metadata/identity/oauth2/token") {
		t.Error("the management listener gives tokens without a secret")
	}
	w.identity = apim.Identity{UserAssigned: append(w.identity.UserAssigned, apim.UserAssignedIdentity{ID: "x", PrincipalID: "y", ClientID: "z"})}
	if status, body := do(q, "127.0.0.1:5", "Metadata", "true"); status != 400 || !strings.Contains(body["error_description"].(string), "Multiple") {
		t.Errorf("with two identities the answer is %d %v", status, body)
	}
}

func (w *world) admin(method, path, token, body string) answer {
	w.t.Helper()
	r, err := http.NewRequest(method, w.http.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return w.do(r)
}

func TestTokensAreMadeAndRevoked(t *testing.T) {
	w := newWorld(t)
	a := w.admin("POST", "/postern/v1/tokens", w.bearer, `{"name":"ci","days":30}`)
	token, _ := a.body["token"].(string)
	if a.status != 200 || !strings.HasPrefix(token, "pst_") || a.body["expires"] == nil {
		t.Fatalf("POST = %d %v", a.status, a.body)
	}
	if p, err := w.directory.Authenticate(t.Context(), token); err != nil || p.Kind != identity.Administrator {
		t.Errorf("the token proves %v, %v", p, err)
	}
	if a := w.admin("POST", "/postern/v1/tokens", w.bearer, `{"name":"ci"}`); a.status != 400 {
		t.Errorf("the same name again: %d %v", a.status, a.body)
	}
	if a := w.admin("GET", "/postern/v1/tokens", w.bearer, ""); a.status != 200 || len(a.body["value"].([]any)) != 2 {
		t.Errorf("GET = %d %v", a.status, a.body)
	}
	if a := w.admin("DELETE", "/postern/v1/tokens/ci", w.bearer, ""); a.status != 200 {
		t.Errorf("DELETE = %d %v", a.status, a.body)
	}
	if _, err := w.directory.Authenticate(t.Context(), token); err == nil {
		t.Error("the token works after its revocation")
	}
	if a := w.admin("DELETE", "/postern/v1/tokens/ci", w.bearer, ""); a.status != 404 {
		t.Errorf("DELETE again = %d %v", a.status, a.body)
	}
}

func TestApplicationsAreMadeAndRemoved(t *testing.T) {
	w := newWorld(t)
	a := w.admin("POST", "/postern/v1/applications", w.bearer, `{"name":"ci","days":1}`)
	id, _ := a.body["clientId"].(string)
	text, _ := a.body["clientSecret"].(string)
	if a.status != 200 || id == "" || text == "" {
		t.Fatalf("POST = %d %v", a.status, a.body)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {text}, "scope": {"https://management.azure.com/.default"}}
	got := w.post(v2, form)
	if got.status != 200 {
		t.Fatalf("the new application is answered %d %v", got.status, got.body)
	}
	token := got.body["access_token"].(string)
	if a := w.admin("POST", "/postern/v1/tokens", token, `{"name":"x"}`); a.status != 403 {
		t.Errorf("an application makes tokens: %d %v", a.status, a.body)
	}
	if a := w.admin("DELETE", "/postern/v1/applications/"+id, w.bearer, ""); a.status != 200 {
		t.Errorf("DELETE = %d %v", a.status, a.body)
	}
	if a := w.post(v2, form); a.status != 400 {
		t.Errorf("the removed application is answered %d", a.status)
	}
	if a := w.admin("DELETE", "/postern/v1/applications/"+admin, w.bearer, ""); a.status != 400 {
		t.Errorf("the administrator was removed: %d %v", a.status, a.body)
	}
	pemText := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.certs[0].Raw}))
	body, err := json.Marshal(map[string]string{"name": "by certificate", "certificate": pemText})
	if err != nil {
		t.Fatal(err)
	}
	if a := w.admin("POST", "/postern/v1/applications", w.bearer, string(body)); a.status != 200 || a.body["clientSecret"] != nil {
		t.Errorf("POST with a certificate = %d %v", a.status, a.body)
	}
	for _, bad := range []string{`{`, `{"name":""}`, `{"name":"x","certificate":"no PEM"}`, `{"name":"x","days":-1}`, `{"other":1}`} {
		if a := w.admin("POST", "/postern/v1/applications", w.bearer, bad); a.status != 400 {
			t.Errorf("POST %s = %d %v", bad, a.status, a.body)
		}
	}
}

func TestAdministrationNeedsTheAdministrator(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/postern/v1/tokens", "/postern/v1/applications"} {
		if a := w.get(path); a.status != 401 {
			t.Errorf("GET %s without a token = %d", path, a.status)
		}
		vaultToken, _, err := w.directory.Mint(t.Context(), "00000000-0000-0000-0000-000000000003", vault)
		if err != nil {
			t.Fatal(err)
		}
		if a := w.get(path, "Authorization", "Bearer "+vaultToken); a.status != 401 {
			t.Errorf("GET %s with a token for the vault = %d", path, a.status)
		}
	}
}
