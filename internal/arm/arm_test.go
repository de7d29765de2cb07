package arm

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/testkit"
)

// wordChecker refuses documents that hold the word "bad" once named values are put in.
type wordChecker struct{}

func (wordChecker) CheckPolicy(svc *apim.Service, scope string, p *apim.Policy) (faults []fault.Detail, remarks []string) {
	text := p.Text
	for _, v := range svc.NamedValues {
		text = strings.ReplaceAll(text, "{{"+v.DisplayName+"}}", v.Value)
	}
	if strings.Contains(text, "bad") || strings.Contains(text, "{{") {
		return []fault.Detail{{Target: "representation", Message: scope + " document is bad. Line 1, position 1."}}, nil
	}
	if strings.Contains(text, "odd") {
		remarks = []string{"It is odd."}
	}
	return nil, remarks
}

func (wordChecker) FormatPolicy(p *apim.Policy, format string) (string, error) {
	return p.Text + "<!-- " + format + " -->", nil
}

const testTenant = "00000000-0000-0000-0000-000000000001"

const service = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/postern/providers/Microsoft.ApiManagement/service/local"

type server struct {
	t     *testing.T
	h     http.Handler
	store store.Store
	token string
}

func newServer(t *testing.T) *server {
	t.Helper()
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := memstore.New()
	id, err := resource.ParseID(service)
	if err != nil {
		t.Fatal(err)
	}
	r := resource.Resource{ID: id, Top: map[string]any{"location": "local", "sku": map[string]any{"name": "Developer", "capacity": json.Number("1")}},
		Properties: map[string]any{"publisherEmail": "a@b", "publisherName": "P"}}
	value, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), store.Txn{Then: []store.Op{store.Put(id.Key(), value)}}); err != nil {
		t.Fatal(err)
	}
	if err := EnsureGroup(t.Context(), s, Group{Subscription: id.Subscription, Name: id.Group, Top: map[string]any{"location": "local"}}); err != nil {
		t.Fatal(err)
	}
	directory := &identity.Directory{Store: s, Sealer: sealer, TenantID: testTenant}
	token := identity.NewToken()
	if err := directory.Grant(t.Context(), token, identity.Principal{ID: "1", Name: "administrator"}); err != nil {
		t.Fatal(err)
	}
	builtIn := testkit.NewRoot(t, "built-in").Cert(t).Raw
	h := New(Options{Store: s, Sealer: sealer, Policies: wordChecker{}, Authenticate: directory.Authenticate, Directory: directory, VaultURL: func() string { return "https://vault.localhost:9444" },
		GatewayURL: func() string { return "https://localhost:8443" }, ManagementURL: func() string { return "https://localhost:9443" },
		BuiltIn: resource.Identity{Certificate: builtIn}, MaxBodyBytes: 1 << 20, Log: slog.New(slog.DiscardHandler)})
	return &server{t, h, s, token}
}

type answer struct {
	*httptest.ResponseRecorder
	body map[string]any
}

// do sends a request; path is below the service unless it begins with "/subscriptions". Headers are name, value pairs.
func (s *server) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	if !strings.HasPrefix(strings.ToLower(path), "/subscriptions") && path != "/tenants" {
		path = service + path
	}
	if !strings.Contains(path, "api-version") {
		path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "api-version=2024-05-01"
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+s.token)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	a := answer{ResponseRecorder: w}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
			s.t.Fatalf("%s %s answered no JSON object: %v\n%s", method, path, err, w.Body)
		}
	}
	return a
}

// must is do that insists on a status.
func (s *server) must(status int, method, path, body string, headers ...string) answer {
	s.t.Helper()
	a := s.do(method, path, body, headers...)
	if a.Code != status {
		s.t.Fatalf("%s %s = %d, want %d: %s", method, path, a.Code, status, a.Body)
	}
	return a
}

func (a answer) errorText() string {
	e, _ := a.body["error"].(map[string]any)
	return fmt.Sprint(e["code"], " ", e["message"], " ", e["details"])
}

func (a answer) property(name string) any {
	p, _ := a.body["properties"].(map[string]any)
	return p[name]
}

const api = `{"properties":{"displayName":"Orders","path":"orders","futureProperty":{"kept":[1,2.50]}}}`

func TestEntityLifeCycle(t *testing.T) {
	s := newServer(t)
	created := s.must(201, "PUT", "/apis/orders", api)
	tag := created.Header().Get("ETag")
	if tag == "" || created.property("subscriptionRequired") != true || fmt.Sprint(created.property("protocols")) != "[https]" {
		t.Errorf("created: ETag %q, body %v", tag, created.body)
	}
	if created.body["id"] != service+"/apis/orders" || created.body["type"] != "Microsoft.ApiManagement/service/apis" || created.body["name"] != "orders" {
		t.Errorf("envelope: %v", created.body)
	}
	got := s.must(200, "GET", strings.ToUpper("/apis/ORDERS"), "")
	if got.Header().Get("ETag") != tag || !strings.Contains(got.Body.String(), `"futureProperty":{"kept":[1,2.50]}`) {
		t.Errorf("GET: ETag %q, %s", got.Header().Get("ETag"), got.Body)
	}
	if head := s.must(200, "HEAD", "/apis/orders", ""); head.Body.Len() != 0 || head.Header().Get("ETag") != tag {
		t.Errorf("HEAD: %q with ETag %q", head.Body, head.Header().Get("ETag"))
	}
	updated := s.must(200, "PUT", "/apis/orders", api, "If-Match", tag)
	if updated.Header().Get("ETag") == tag {
		t.Error("the ETag did not change")
	}
	s.must(412, "PUT", "/apis/orders", api, "If-Match", tag)
	s.must(412, "PUT", "/apis/new", strings.Replace(api, `"orders"`, `"new"`, 1), "If-Match", "*")
	s.must(200, "PATCH", "/apis/orders", `{"properties":{"description":"d"}}`, "If-Match", "*")
	if got := s.must(200, "GET", "/apis/orders", ""); got.property("description") != "d" || got.property("path") != "orders" {
		t.Errorf("after PATCH: %v", got.body)
	}
	s.must(400, "DELETE", "/apis/orders", "")
	s.must(412, "DELETE", "/apis/orders", "", "If-Match", tag)
	s.must(200, "DELETE", "/apis/orders", "", "If-Match", "*")
	s.must(204, "DELETE", "/apis/orders", "", "If-Match", "*")
	s.must(404, "GET", "/apis/orders", "")
}

func TestDeletingAnAPITakesWhatIsBelow(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", "/apis/orders", api)
	s.must(201, "PUT", "/apis/orders/operations/get", `{"properties":{"displayName":"Get","method":"GET","urlTemplate":"/"}}`)
	s.must(201, "PUT", "/apis/orders/operations/get/policies/policy", `{"properties":{"value":"<policies/>","format":"rawxml"}}`)
	s.must(200, "DELETE", "/apis/orders", "", "If-Match", "*")
	s.must(201, "PUT", "/apis/orders", api)
	s.must(404, "GET", "/apis/orders/operations/get", "")
}

func TestRefusals(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", "/apis/orders", api)
	deep := strings.Repeat(`{"properties":`, 20000) + "1" + strings.Repeat("}", 20000)
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		says                     string
	}{
		{"no token", "GET", "/apis", "", []string{"Authorization", ""}, 401, "AuthenticationFailed"},
		{"another scheme", "GET", "/apis", "", []string{"Authorization", "Basic YTpi"}, 401, "AuthenticationFailed"},
		{"wrong token", "GET", "/apis", "", []string{"Authorization", "Bearer pst_x"}, 401, "InvalidAuthenticationToken"},
		{"no api-version", "GET", "/apis?api-version=", "", nil, 400, "MissingApiVersionParameter"},
		{"odd api-version", "GET", "/apis?api-version=latest", "", nil, 400, "InvalidApiVersionParameter"},
		{"unknown type", "GET", "/gizmos/x", "", nil, 404, "InvalidResourceType"},
		{"type not built", "PUT", "/products/x", "{}", nil, 501, "not supported by Postern yet"},
		{"no such service", "GET", strings.Replace(service, "/local", "/other", 1) + "/apis", "", nil, 404, "was not found"},
		{"no parent", "PUT", "/apis/none/operations/x", `{}`, nil, 404, "API not found"},
		{"no JSON", "PUT", "/apis/x", "<xml>", nil, 400, "not a JSON object"},
		{"JSON null", "PUT", "/apis/x", "null", nil, 400, "null"},
		{"properties a list", "PUT", "/apis/x", `{"properties":[]}`, nil, 400, "not a JSON object"},
		{"deep JSON", "PUT", "/apis/x", deep, nil, 400, "ValidationError"},
		{"missing fields", "PUT", "/apis/x", `{"properties":{}}`, nil, 400, "displayName"},
		{"wrong types", "PUT", "/apis/x", `{"properties":{"displayName":1,"path":[]}}`, nil, 400, "not a string"},
		{"bad URL", "PUT", "/apis/x", `{"properties":{"displayName":"x","path":"x","serviceUrl":"ftp://h"}}`, nil, 400, "absolute http"},
		{"import", "PUT", "/apis/x", `{"properties":{"displayName":"x","path":"x","format":"openapi","value":"…"}}`, nil, 501, "Importing"},
		{"revision", "PUT", "/apis/x;rev=2", api, nil, 501, "Revisions"},
		{"same path", "PUT", "/apis/x", strings.Replace(api, `"orders"`, `"/ORDERS/"`, 1), nil, 400, "has it already"},
		{"bad name", "PUT", "/apis/a%3Fb", api, nil, 400, "does not match"},
		{"undeclared parameter", "PUT", "/apis/orders/operations/x", `{"properties":{"displayName":"x","method":"GET","urlTemplate":"/{id}"}}`, nil, 400, "must be defined"},
		{"odd braces", "PUT", "/apis/orders/operations/x", `{"properties":{"displayName":"x","method":"GET","urlTemplate":"/{id"}}`, nil, 400, "do not pair"},
		{"bad policy", "PUT", "/policies/policy", `{"properties":{"value":"<bad/>"}}`, nil, 400, "Line 1, position 1"},
		{"policy of another name", "PUT", "/policies/mine", `{"properties":{"value":"<policies/>"}}`, nil, 404, "always 'policy'"},
		{"policy by link", "PUT", "/policies/policy", `{"properties":{"value":"http://x","format":"xml-link"}}`, nil, 501, "by link"},
		{"unknown named value", "PUT", "/policies/policy", `{"properties":{"value":"<p a='{{x}}'/>"}}`, nil, 400, "ValidationError"},
		{"vault named value", "PUT", "/namedValues/x", `{"properties":{"displayName":"x","keyVault":{}}}`, nil, 400, "The secret identifier is required"},
		{"vault not there", "PUT", "/namedValues/x", `{"properties":{"displayName":"x","keyVault":{"secretIdentifier":"https://v.vault.azure.net/secrets/a"}}}`, nil, 501, "not switched on"},
		{"certificate without data", "PUT", "/certificates/x", `{"properties":{}}`, nil, 400, "data is required"},
		{"certificate no base64", "PUT", "/certificates/x", `{"properties":{"data":"%%%"}}`, nil, 400, "not base64"},
		{"certificate damaged", "PUT", "/certificates/x", `{"properties":{"data":"MIIB"}}`, nil, 400, "could not be loaded"},
		{"too big", "PUT", "/apis/x", `{"x":"` + strings.Repeat("a", 2<<20) + `"}`, nil, 413, "larger than"},
		{"POST", "POST", "/apis/orders", "{}", nil, 405, "MethodNotAllowed"},
		{"deleting the service", "DELETE", "", "", []string{"If-Match", "*"}, 405, "MethodNotAllowed"},
		{"bad filter", "GET", "/apis?$filter=colour%20eq%20'red'", "", nil, 400, "not a field"},
		{"bad top", "GET", "/apis?$top=0", "", nil, 400, "invalid value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			before, revision, _ := s.store.List(t.Context(), "")
			a := s.must(c.status, c.method, c.path, c.body, c.headers...)
			if !strings.Contains(a.errorText(), c.says) {
				t.Errorf("the error does not say %q: %s", c.says, a.errorText())
			}
			after, now, _ := s.store.List(t.Context(), "")
			if now != revision || len(before) != len(after) {
				t.Error("something was stored")
			}
		})
	}
}

func TestCertificates(t *testing.T) {
	s := newServer(t)
	root := testkit.NewRoot(t, "CA")
	leaf := root.NewClient(t, "client-01")
	pfx := base64.StdEncoding.EncodeToString(leaf.PFX(t, "secret"))
	wrong := s.must(400, "PUT", "/certificates/c1", `{"properties":{"data":"`+pfx+`","password":"guess"}}`)
	if !strings.Contains(wrong.errorText(), "password") {
		t.Errorf("wrong password: %s", wrong.errorText())
	}
	a := s.must(201, "PUT", "/certificates/c1", `{"properties":{"data":"`+pfx+`","password":"secret"}}`)
	if a.property("thumbprint") != leaf.Cert(t).Thumbprint() || a.property("subject") != leaf.Cert(t).Subject.String() || a.property("data") != nil || a.property("password") != nil {
		t.Errorf("certificate: %v", a.body)
	}
	s.must(201, "PUT", "/certificates/c2", `{"properties":{"data":"`+base64.StdEncoding.EncodeToString(root.Cert(t).Raw)+`"}}`)
	list := s.must(200, "GET", "/certificates?$filter=thumbprint%20eq%20'"+strings.ToLower(leaf.Cert(t).Thumbprint())+"'", "")
	if list.body["count"] != 1.0 {
		t.Errorf("filtered list: %v", list.body)
	}
	entries, _, err := s.store.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	key := keyDER(t, leaf)
	for _, e := range entries {
		for _, clear := range [][]byte{key, []byte(base64.StdEncoding.EncodeToString(key)), []byte(`"secret"`), []byte(pfx)} {
			if bytes.Contains(e.Value, clear) {
				t.Errorf("%s holds a secret in clear", e.Key)
			}
		}
	}
	s.must(201, "PUT", "/policies/policy", `{"properties":{"value":"<identity issuer-certificate-id='C2'/>"}}`)
	if a := s.must(409, "DELETE", "/certificates/c2", "", "If-Match", "*"); !strings.Contains(a.errorText(), "refers to it") {
		t.Errorf("deleting a certificate in use: %s", a.errorText())
	}
	s.must(200, "DELETE", "/certificates/c1", "", "If-Match", "*")
}

func keyDER(t *testing.T, c *testkit.Cert) []byte {
	block, _ := pem.Decode(c.KeyPEM(t))
	return block.Bytes
}

func TestRemarksComeInAHeader(t *testing.T) {
	s := newServer(t)
	if a := s.must(201, "PUT", "/policies/policy", `{"properties":{"value":"<odd/>"}}`); a.Header().Get(remarkHeader) != "It is odd." {
		t.Errorf("headers: %v", a.Header())
	}
}

func TestNamedValues(t *testing.T) {
	s := newServer(t)
	s.must(201, "PUT", "/namedValues/plain", `{"properties":{"displayName":"plain","value":"good"}}`)
	secret := s.must(201, "PUT", "/namedValues/hidden", `{"properties":{"displayName":"hidden","value":"s3cret","secret":true}}`)
	if strings.Contains(secret.Body.String(), "s3cret") || strings.Contains(s.must(200, "GET", "/namedValues", "").Body.String(), "s3cret") {
		t.Error("the secret is shown")
	}
	s.must(200, "PATCH", "/namedValues/hidden", `{"properties":{"tags":["a"]}}`, "If-Match", "*")
	if v := s.must(200, "POST", "/namedValues/hidden/listValue", ""); v.body["value"] != "s3cret" {
		t.Errorf("listValue: %v", v.body)
	}
	s.must(201, "PUT", "/policies/policy", `{"properties":{"value":"<p a='{{plain}}'/>"}}`)
	if a := s.must(400, "PUT", "/namedValues/plain", `{"properties":{"displayName":"plain","value":"bad"}}`); !strings.Contains(a.errorText(), "With this change the policy") {
		t.Errorf("breaking a policy: %s", a.errorText())
	}
	s.must(409, "DELETE", "/namedValues/plain", "", "If-Match", "*")
	s.must(400, "PUT", "/namedValues/other", `{"properties":{"displayName":"PLAIN","value":"x"}}`)
}

func TestService(t *testing.T) {
	s := newServer(t)
	root := testkit.NewRoot(t, "CA")
	host := root.NewServer(t, "api.contoso.com")
	got := s.must(200, "GET", "", "")
	if text := got.Body.String(); !strings.Contains(text, `"hostName":"localhost"`) || !strings.Contains(text, `"hostName":"local.gateway.localhost"`) || !strings.Contains(text, `"certificateSource":"BuiltIn"`) {
		t.Errorf("GET: %s", text)
	}
	patch := fmt.Sprintf(`{"properties":{"hostnameConfigurations":[
		{"type":"Proxy","hostName":"localhost","negotiateClientCertificate":true},
		{"type":"Proxy","hostName":"api.contoso.com","encodedCertificate":%q,"certificatePassword":"p","defaultSslBinding":true}],
		"certificates":[{"storeName":"root","encodedCertificate":%q},{"storeName":"CertificateAuthority","encodedCertificate":%q}]}}`,
		base64.StdEncoding.EncodeToString(host.PFX(t, "p")), base64.StdEncoding.EncodeToString(root.Cert(t).Raw), base64.StdEncoding.EncodeToString(root.Cert(t).Raw))
	a := s.must(200, "PATCH", "", patch)
	for _, want := range []string{`"thumbprint":"` + host.Cert(t).Thumbprint(), `"certificateSource":"Custom"`, `"storeName":"Root"`} {
		if !strings.Contains(a.Body.String(), want) {
			t.Errorf("after PATCH there is no %s in %s", want, a.Body)
		}
	}
	if strings.Contains(a.Body.String(), "encodedCertificate") || strings.Contains(a.Body.String(), "certificatePassword") {
		t.Error("data or password is shown")
	}
	s.must(200, "PATCH", "", `{"sku":{"name":"premium","capacity":2},"tags":{"a":"b"}}`)
	entries, _, _ := s.store.List(t.Context(), resource.KeyPrefix)
	svc, err := resource.NewLoader(sealerOf(s)).Load(entries)
	if err != nil || svc.SKU != "Premium" || len(svc.Roots) != 1 || len(svc.Intermediates) != 1 || len(svc.Hostnames) != 3 || svc.Hostnames[1].Identity.Key == nil {
		t.Fatalf("loaded service: %+v, %v", svc, err)
	}
	for name, c := range map[string]struct{ body, says string }{
		"CA without data":   {`{"properties":{"certificates":[{"storeName":"Root"}]}}`, "Certificate cannot be empty"},
		"host without cert": {`{"properties":{"hostnameConfigurations":[{"type":"Proxy","hostName":"x.example"}]}}`, "EncodedCertificate or keyVaultId"},
		"wrong store":       {`{"properties":{"certificates":[{"storeName":"My","encodedCertificate":"AA=="}]}}`, "not one of Root"},
		"wrong tier":        {`{"sku":{"name":"Gold"}}`, "not one of Developer"},
		"two defaults":      {`{"properties":{"hostnameConfigurations":[{"type":"Proxy","hostName":"localhost","defaultSslBinding":true},{"type":"Proxy","hostName":"local.gateway.localhost","defaultSslBinding":true}]}}`, "Only one"},
	} {
		if a := s.must(400, "PATCH", "", c.body); !strings.Contains(a.errorText(), c.says) {
			t.Errorf("%s: %s", name, a.errorText())
		}
	}
	if a := s.must(200, "GET", service[:strings.LastIndexByte(service, '/')], ""); len(a.body["value"].([]any)) != 1 {
		t.Errorf("list of services: %v", a.body)
	}
}

func sealerOf(s *server) resource.Sealer { return s.h.(*Server).Sealer }

func TestListsPage(t *testing.T) {
	s := newServer(t)
	for i := range 5 {
		s.must(201, "PUT", fmt.Sprintf("/namedValues/n%d", i), fmt.Sprintf(`{"properties":{"displayName":"n%d","value":"v"}}`, i))
	}
	first := s.must(200, "GET", "/namedValues?$top=2", "")
	next, _ := first.body["nextLink"].(string)
	if len(first.body["value"].([]any)) != 2 || first.body["count"] != 5.0 || !strings.HasPrefix(next, "https://localhost:9443/subscriptions/") {
		t.Fatalf("first page: %v", first.body)
	}
	second := s.must(200, "GET", strings.TrimPrefix(next, "https://localhost:9443"), "")
	if second.body["value"].([]any)[0].(map[string]any)["name"] != "n2" {
		t.Errorf("second page: %v", second.body)
	}
	for filter, want := range map[string]float64{
		"displayName eq 'n1'": 1, "startswith(displayName,'N') and displayName gt 'n2'": 2,
		"contains(displayName,'4') or substringof('0',displayName)": 2, "(displayName ne 'n0')": 4,
	} {
		if a := s.must(200, "GET", "/namedValues?$filter="+strings.ReplaceAll(filter, " ", "%20"), ""); a.body["count"] != want {
			t.Errorf("%s finds %v, want %v", filter, a.body["count"], want)
		}
	}
}

func TestConcurrentWritesAreAllThere(t *testing.T) {
	s := newServer(t)
	const writers = 64
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			s.must(201, "PUT", fmt.Sprintf("/namedValues/n%d", i), fmt.Sprintf(`{"properties":{"displayName":"n%d","value":"v"}}`, i))
		})
	}
	wg.Wait()
	if a := s.must(200, "GET", "/namedValues", ""); a.body["count"] != float64(writers) {
		t.Errorf("there are %v", a.body["count"])
	}
}

// TestTwoNodesWriteAtOnce has two servers over one store change what depends on the rest: the epoch makes one of two that
// meet try again, with If-Match or without.
func TestTwoNodesWriteAtOnce(t *testing.T) {
	a := newServer(t)
	b := &server{t, New(a.h.(*Server).Options), a.store, a.token}
	var wg sync.WaitGroup
	for node, s := range []*server{a, b} {
		wg.Go(func() {
			for i := range 16 {
				path, body := fmt.Sprintf("/namedValues/n%d-%d", node, i), fmt.Sprintf(`{"properties":{"displayName":"n%d-%d","value":"v"}}`, node, i)
				created := s.do("PUT", path, body)
				if created.Code != 201 {
					t.Errorf("PUT %s = %d: %s", path, created.Code, created.Body)
					continue
				}
				if again := s.do("PUT", path, body, "If-Match", created.Header().Get("ETag")); again.Code != 200 {
					t.Errorf("PUT %s with its ETag = %d: %s", path, again.Code, again.Body)
				}
			}
		})
	}
	wg.Wait()
}

func TestEveryKindOfFaultIsSpelt(t *testing.T) {
	s := newServer(t).h.(*Server)
	for _, k := range fault.Kinds() {
		w := httptest.NewRecorder()
		s.writeError(w, httptest.NewRequestWithContext(context.Background(), "GET", "/", nil), fault.New(k, "innards"))
		if w.Code < 400 || k != fault.Internal && w.Code == 500 {
			t.Errorf("%v is answered with %d", k, w.Code)
		}
		if k == fault.Internal && strings.Contains(w.Body.String(), "innards") {
			t.Error("an internal error is shown")
		}
	}
}
