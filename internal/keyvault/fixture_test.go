package keyvault_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/keyvault"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/internal/vault"
)

const (
	tenant    = "11111111-1111-1111-1111-111111111111"
	authority = "https://localhost:9443/" + tenant
	vaultID   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/postern/providers/Microsoft.KeyVault/vaults/default"
)

// fixture is a vault server with one vault, "default", and callers known by their tokens.
type fixture struct {
	t      testing.TB
	engine *vault.Engine
	server *keyvault.Server
	url    string // https://default.vault.localhost:port
	client *http.Client

	mu      sync.Mutex
	props   vault.Properties
	roles   []identity.Assignment
	callers map[string]vault.Caller
	uses    []string
	now     time.Time
}

var everything = vault.Permissions{Keys: []string{"all", "purge"}, Secrets: []string{"all", "purge"}, Certificates: []string{"all", "purge"}}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, callers: map[string]vault.Caller{
		"admin": {ObjectID: "admin-oid", ClientID: "admin-app", TenantID: tenant, Issuer: authority + "/v2.0", Administrator: true},
		"guest": {ObjectID: "guest-oid", ClientID: "guest-app", TenantID: tenant, Issuer: authority + "/v2.0"},
	}}
	f.props = vault.Properties{
		ID: vaultID, Name: "default", Location: "local", TenantID: tenant, SoftDeleteRetentionInDays: 90,
		AccessPolicies: []vault.AccessPolicy{{TenantID: tenant, ObjectID: "admin-oid", Permissions: everything}},
	}
	sealer, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := memstore.New()
	t.Cleanup(func() { _ = s.Close() })
	f.engine = vault.New(vault.Options{Store: s, Sealer: sealer, Properties: f.properties, Assignments: f.assignments, Uses: f.usedBy, Now: f.clock})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	f.server = keyvault.New(keyvault.Options{Engine: f.engine, Authenticate: f.authenticate, Resource: "https://vault.localhost:" + port, Authority: authority})
	ca := testkit.NewRoot(t, "test root")
	h := httptest.NewUnstartedServer(f.server)
	_ = h.Listener.Close()
	h.Listener = listener
	h.TLS = testkit.ServerTLS(ca.NewServer(t, "localhost", "127.0.0.1", "vault.localhost", "default.vault.localhost", "other.vault.localhost"))
	h.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that hang up
	h.StartTLS()
	t.Cleanup(h.Close)
	f.url = "https://default.vault.localhost:" + port
	f.client = &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: ca.Pool()},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, listener.Addr().String())
		},
	}}
	return f
}

func (f *fixture) properties(_ context.Context, name string) (vault.Properties, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if name != "default" {
		return vault.Properties{}, fault.New(fault.NotFound, "there is no vault %q", name)
	}
	return f.props, nil
}

func (f *fixture) assignments(context.Context) ([]identity.Assignment, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.roles, nil
}

func (f *fixture) usedBy(context.Context, string, string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.uses, nil
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now.IsZero() {
		return time.Now()
	}
	return f.now
}

// change changes what the fixture says, under its lock.
func (f *fixture) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

func (f *fixture) authenticate(_ context.Context, token string) (vault.Caller, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.callers[token]
	if !ok {
		return vault.Caller{}, fault.New(fault.Unauthenticated, "AKV10032: Invalid token.")
	}
	return c, nil
}

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    []byte
}

// at is a member of the body by its path, "attributes.enabled"; nil if there is none.
func (a answer) at(path string) any {
	var v any = a.body
	for part := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[part]
	}
	return v
}

func (a answer) text(path string) string {
	s, _ := a.at(path).(string)
	return s
}

// as sends a request with that caller's token; body is JSON text or empty. A path without an api-version gets one.
func (f *fixture) as(token, method, path, body string) answer {
	f.t.Helper()
	if !strings.HasPrefix(path, "https://") {
		path = f.url + path
	}
	if !strings.Contains(path, "api-version=") {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		path += sep + "api-version=7.4"
	}
	r, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := f.client.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode, header: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		f.t.Fatal(err)
	}
	if len(bytes.TrimSpace(a.raw)) > 0 {
		if err := json.Unmarshal(a.raw, &a.body); err != nil {
			f.t.Fatalf("%s %s: the body is not JSON: %v\n%s", method, path, err, a.raw)
		}
	}
	return a
}

// do is as for the administrator, and fails the test unless the status is the one wanted.
func (f *fixture) do(want int, method, path, body string) answer {
	f.t.Helper()
	a := f.as("admin", method, path, body)
	if a.status != want {
		f.t.Fatalf("%s %s = %d, want %d\n%s", method, path, a.status, want, a.raw)
	}
	return a
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
