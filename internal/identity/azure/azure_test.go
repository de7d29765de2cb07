package azure

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
)

const (
	tenant    = "00000000-0000-0000-0000-000000000001"
	client    = "00000000-0000-0000-0000-000000000002"
	authority = "https://login.example/"
	scope     = "https://vault.azure.net/.default"
)

// microsoft is an authority that gives a token to whom asks, and keeps what was asked.
type microsoft struct {
	hosts []string
	form  url.Values
	query url.Values
}

// Do implements policy.Transporter.
func (m *microsoft) Do(r *http.Request) (*http.Response, error) {
	m.hosts = append(m.hosts, r.URL.Host)
	m.query = r.URL.Query()
	body := map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": "token"}
	switch {
	case strings.HasSuffix(r.URL.Path, "openid-configuration"):
		body = map[string]any{"token_endpoint": authority + tenant + "/oauth2/v2.0/token", "authorization_endpoint": authority + "a", "issuer": authority + tenant + "/v2.0"}
	case r.Method == "POST":
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if m.form, err = url.ParseQuery(string(data)); err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(body)
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(string(data))), Request: r}, err
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// certificate are a PEM and a PFX file with a certificate and its key.
func certificate(t *testing.T) (pemFile, pfxFile string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := pkcs12.Modern2023.Encode(key, leaf, nil, "opener")
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) + string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	return file(t, "app.pem", text), file(t, "app.pfx", string(pfx))
}

func TestCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		settings Settings
		clientID string
		env      map[string]string
		form     map[string]string
		query    map[string]string
	}{
		"secret in a file": {settings: Settings{Kind: "client-secret", TenantID: tenant, ClientID: client, SecretFile: file(t, "secret", "s3cret\n"), AuthorityHost: authority},
			form: map[string]string{"client_id": client, "client_secret": "s3cret"}},
		"secret in the environment": {settings: Settings{Kind: "client-secret", AuthorityHost: authority}, env: map[string]string{"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET": "other"},
			form: map[string]string{"client_id": client, "client_secret": "other"}},
		"workload": {settings: Settings{Kind: "workload-identity", TenantID: tenant, ClientID: "other", FederatedTokenFile: file(t, "token", "federated"), AuthorityHost: authority}, clientID: client,
			form: map[string]string{"client_id": client, "client_assertion": "federated"}},
		"managed identity": {settings: Settings{Kind: "managed-identity"}, clientID: client, env: map[string]string{"IDENTITY_ENDPOINT": "https://machine.example/msi", "IDENTITY_HEADER": "x"},
			query: map[string]string{"client_id": client, "resource": "https://vault.azure.net"}},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			m := &microsoft{}
			p, err := New(c.settings, m)
			if err != nil {
				t.Fatal(err)
			}
			credential, err := p.Credential(c.clientID)
			if err != nil {
				t.Fatal(err)
			}
			token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
			if err != nil || token.Token != "token" {
				t.Fatalf("GetToken = %v, %v", token, err)
			}
			for k, v := range c.form {
				if m.form.Get(k) != v {
					t.Errorf("%s was %q, want %q", k, m.form.Get(k), v)
				}
			}
			for k, v := range c.query {
				if m.query.Get(k) != v {
					t.Errorf("%s was %q, want %q", k, m.query.Get(k), v)
				}
			}
			if again, err := p.Credential(strings.ToUpper(c.clientID)); err != nil || again != credential {
				t.Errorf("the credential was made again: %v", err)
			}
			for _, h := range m.hosts {
				if h != "login.example" && h != "machine.example" {
					t.Errorf("%s was asked", h)
				}
			}
		})
	}
}

func TestClientCertificate(t *testing.T) {
	pemFile, pfxFile := certificate(t)
	for name, s := range map[string]Settings{
		"PEM": {CertificateFile: pemFile}, "PFX": {CertificateFile: pfxFile, PasswordFile: file(t, "password", "opener\n")},
	} {
		t.Run(name, func(t *testing.T) {
			s.Kind, s.TenantID, s.ClientID, s.AuthorityHost = "client-certificate", tenant, client, authority
			m := &microsoft{}
			p, err := New(s, m)
			if err != nil {
				t.Fatal(err)
			}
			c, err := p.Credential("")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}}); err != nil || m.form.Get("client_assertion") == "" {
				t.Errorf("GetToken = %v with the form %v", err, m.form)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	if _, err := New(Settings{Kind: "magic"}, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("New = %v, want Kind Invalid", err)
	}
	for name, c := range map[string]struct {
		settings Settings
		says     string
	}{
		"no tenant":          {Settings{Kind: "client-secret"}, "--azure-tenant-id"},
		"no secret":          {Settings{Kind: "client-secret", TenantID: tenant, ClientID: client}, "--azure-client-secret-file"},
		"no secret file":     {Settings{Kind: "client-secret", TenantID: tenant, ClientID: client, SecretFile: "/nowhere"}, "/nowhere"},
		"no certificate":     {Settings{Kind: "client-certificate", TenantID: tenant, ClientID: client}, "--azure-client-certificate"},
		"certificate no PFX": {Settings{Kind: "client-certificate", TenantID: tenant, ClientID: client, CertificateFile: file(t, "x.pfx", "x")}, "x.pfx"},
		"no federated token": {Settings{Kind: "workload-identity", TenantID: tenant, ClientID: client}, "AZURE_FEDERATED_TOKEN_FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range []string{"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"} {
				t.Setenv(v, "")
			}
			p, err := New(c.settings, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Credential(""); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Credential = %v, want %q", err, c.says)
			}
		})
	}
}

func TestOwn(t *testing.T) {
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &identity.Directory{Store: memstore.New(), Sealer: sealer, TenantID: tenant}
	ops, err := identity.PutOps(identity.Principal{ID: "o", ClientID: client, TenantID: tenant, Kind: identity.SystemAssigned})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Store.Commit(t.Context(), store.Txn{Then: ops}); err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	id, why := "o", error(nil)
	c := Own(d, func(context.Context) (string, error) { return id, why })
	token, err := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
	if err != nil || strings.Count(token.Token, ".") != 2 {
		t.Fatalf("GetToken = %v, %v", token, err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Token, ".")[1])
	if err != nil || !strings.Contains(string(payload), `"aud":"https://vault.azure.net"`) {
		t.Errorf("claims are %s, %v", payload, err)
	}
	for _, scopes := range [][]string{nil, {"x"}, {"/.default"}, {scope, scope}} {
		if _, err := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: scopes}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("GetToken(%q) = %v, want Kind Invalid", scopes, err)
		}
	}
	why = gone
	if _, err := c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}}); !errors.Is(err, gone) {
		t.Errorf("GetToken = %v, want %v", err, gone)
	}
}
