package reference

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/event"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/testkit"
)

// fakeVault is a key vault: its challenge, secrets with versions, and a fault to order.
type fakeVault struct {
	*httptest.Server
	mu      sync.Mutex
	secrets map[string][]stored
	fault   http.HandlerFunc
	calls   int
}

type stored struct{ value, contentType string }

func newFakeVault(t *testing.T) *fakeVault {
	v := &fakeVault{secrets: map[string][]stored{}}
	v.Server = httptest.NewTLSServer(v)
	t.Cleanup(v.Close)
	return v
}

func (v *fakeVault) set(name, value, contentType string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secrets[name] = append(v.secrets[name], stored{value, contentType})
	return fmt.Sprintf("v%d", len(v.secrets[name]))
}

func (v *fakeVault) order(f http.HandlerFunc) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fault = f
}

func (v *fakeVault) count() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls
}

// ServeHTTP implements http.Handler.
func (v *fakeVault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls++
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer token-of-") {
		w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.test/tenant", resource="https://vault.azure.net"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if v.fault != nil {
		v.fault(w, r)
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	versions := v.secrets[parts[1]]
	n := len(versions)
	if len(parts) == 3 && parts[2] != "" {
		_, _ = fmt.Sscanf(parts[2], "v%d", &n)
	}
	if n == 0 || n > len(versions) {
		refuse(404, "SecretNotFound", "")(w, r)
		return
	}
	s := versions[n-1]
	fmt.Fprintf(w, `{"id":"https://%s/secrets/%s/v%d","value":%q,"contentType":%q,"attributes":{"enabled":true}}`, r.Host, parts[1], n, s.value, s.contentType)
}

// refuse answers with Key Vault's error.
func refuse(status int, code, inner string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"code":%q,"message":"no","innererror":{"code":%q}}}`, code, inner)
	}
}

type tokenOf string

// GetToken implements azcore.TokenCredential.
func (t tokenOf) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if len(o.Scopes) != 1 || o.Scopes[0] != "https://vault.azure.net/.default" {
		return azcore.AccessToken{}, fmt.Errorf("scopes %v", o.Scopes)
	}
	return azcore.AccessToken{Token: "token-of-" + string(t), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// resolver fetches from the fake, which is called v.vault.azure.net.
func (v *fakeVault) resolver() *Resolver {
	return NewResolver(Options{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // a test server of another name
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(v.URL, "https://"))
			},
		},
		Credential: func(_ context.Context, identity string, _ bool) (azcore.TokenCredential, error) {
			if identity == "gone" {
				return nil, &Failure{Code: "IdentityNotFound", Message: "The service has no identity with the client id 'gone'."}
			}
			return tokenOf("system" + identity), nil
		},
		Timeout: 5 * time.Second,
	})
}

func secretID(t *testing.T, text string) SecretID {
	t.Helper()
	id, err := ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestParseID(t *testing.T) {
	for text, want := range map[string]SecretID{
		"https://V.vault.azure.net/secrets/gw":     {"https://v.vault.azure.net", "gw", ""},
		"https://v.vault.azure.net:443/Secrets/a/": {"https://v.vault.azure.net:443", "a", ""},
		" https://v/secrets/a/0123 ":               {"https://v", "a", "0123"},
	} {
		if id, err := ParseID(text); err != nil || id != want {
			t.Errorf("ParseID(%q) = %+v, %v", text, id, err)
		}
	}
	for _, text := range []string{"", "gw", "http://v/secrets/a", "https:///secrets/a", "https://u:p@v/secrets/a", "https://v/secrets", "https://v/secrets/a/b/c",
		"https://v/secrets/a?x", "https://v/secrets/a_b", "https://v/secrets/a/../b", "https://v/secrets/a#x"} {
		if id, err := ParseID(text); err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseID(%q) = %+v, %v; want a fault of Kind Invalid", text, id, err)
		}
	}
	if _, err := ParseID("https://v.vault.azure.net/certificates/a"); err == nil || err.Error() != "ApiManagement service only accepts KeyVault Secrets type." {
		t.Errorf("a certificate's identifier: %v", err)
	}
}

// Each fault of a vault has its code, and nothing goes where it should not.
func TestFailures(t *testing.T) {
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	for _, tc := range []struct {
		name, identity string
		fault          http.HandlerFunc
		code, message  string
		after          time.Duration
	}{
		{"permission removed", "", refuse(403, "Forbidden", "ForbiddenByPolicy"), "ForbiddenByPolicy", "lacks the permissions 'get' and 'list' for secrets on key vault 'v'", 0},
		{"role removed", "abc", refuse(403, "Forbidden", "ForbiddenByRbac"), "ForbiddenByRbac", "The client identity 'abc' lacks", 0},
		{"firewall closed", "", refuse(403, "Forbidden", "ForbiddenByFirewall"), "ForbiddenByFirewall", "use the system-assigned identity", 0},
		{"secret disabled", "", refuse(403, "Forbidden", "SecretDisabled"), "SecretDisabled", "is disabled", 0},
		{"secret deleted", "", refuse(404, "SecretNotFound", ""), "SecretNotFound", "'a' was not found in key vault 'v'", 0},
		{"embedded vault deleted", "", refuse(404, "VaultNotFound", ""), "VaultNotFound", "There is no key vault 'v'", 0},
		{"throttled", "", refuse(429, "Throttled", "", "Retry-After", "17"), "Throttled", "is throttled", 17 * time.Second},
		{"down", "", refuse(500, "InternalServerError", ""), "InternalServerError", "answered 500", 0},
		{"token refused", "", refuse(401, "Unauthorized", ""), "Unauthorized", "does not accept the token", 0},
		{"redirect", "", refuse(302, "", "", "Location", elsewhere.URL), "Redirected", "which is not followed", 0},
		{"no value", "", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"id":"https://v/secrets/a/v1"}`) }, "InvalidAnswer", "without a value", 0},
		{"identity deleted", "gone", nil, "IdentityNotFound", "no identity with the client id", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := newFakeVault(t)
			v.set("a", "x", "")
			v.order(tc.fault)
			_, err := v.resolver().Fetch(t.Context(), secretID(t, "https://v.vault.azure.net/secrets/a"), tc.identity)
			f, ok := errors.AsType[*Failure](err)
			if !ok || f.Code != tc.code || !strings.Contains(f.Message, tc.message) || f.RetryAfter != tc.after {
				t.Errorf("Fetch = %+v; want %s with %q", err, tc.code, tc.message)
			}
		})
	}
	t.Run("unreachable", func(t *testing.T) {
		v := newFakeVault(t)
		v.Close()
		_, err := v.resolver().Fetch(t.Context(), secretID(t, "https://v.vault.azure.net/secrets/a"), "")
		if f, ok := errors.AsType[*Failure](err); !ok || f.Code != "KeyVaultUnreachable" {
			t.Errorf("Fetch = %v", err)
		}
	})
	t.Run("a host that is no vault", func(t *testing.T) {
		v := newFakeVault(t)
		for _, host := range []string{"evil.test", "vault.azure.net", "evilvault.azure.net", "v.vault.azure.net.evil.test", "169.254.169.254"} {
			_, err := v.resolver().Fetch(t.Context(), secretID(t, "https://"+host+"/secrets/a"), "")
			if f, ok := errors.AsType[*Failure](err); !ok || f.Code != "InvalidSecretIdentifier" {
				t.Errorf("%s: Fetch = %v", host, err)
			}
		}
		if v.count() > 0 {
			t.Error("it was called")
		}
	})
}

// A challenge for another authority gets no token.
func TestChallengeOfAnother(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a token was sent")
		}
		w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.test/tenant", resource="https://management.azure.com"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer srv.Close()
	v := &fakeVault{Server: srv}
	_, err := v.resolver().Fetch(t.Context(), secretID(t, "https://v.vault.azure.net/secrets/a"), "")
	if f, ok := errors.AsType[*Failure](err); !ok || f.Code != "ChallengeRefused" {
		t.Errorf("Fetch = %v", err)
	}
}

func TestCertificateOfASecret(t *testing.T) {
	root := testkit.NewRoot(t, "Root")
	leaf := root.NewClient(t, "leaf")
	pfx := base64.StdEncoding.EncodeToString(leaf.PFX(t, ""))
	both := string(leaf.KeyPEM(t)) + string(leaf.PEM())
	for _, tc := range []struct{ name, value, contentType, code string }{
		{"PFX", pfx, PKCS12, ""}, {"PFX without type", pfx, "", ""}, {"PEM", both, PEM, ""}, {"PEM without type", both, "", ""},
		{"no key", string(leaf.PEM()), PEM, "PrivateKeyMissing"}, {"no base64", "!", PKCS12, "InvalidContent"}, {"a PFX with password", base64.StdEncoding.EncodeToString(leaf.PFX(t, "x")), PKCS12, "InvalidContent"},
		{"text", "hello", "text/plain", "UnsupportedContentType"}, {"nothing", "", PEM, "InvalidContent"},
	} {
		identity, err := Certificate(Secret{ID: SecretID{"https://v", "a", "1"}, Value: tc.value, ContentType: tc.contentType})
		f, _ := errors.AsType[*Failure](err)
		switch {
		case tc.code == "" && (err != nil || identity.Certificate.Subject.String() != "CN=leaf" || identity.Key == nil):
			t.Errorf("%s: %v", tc.name, err)
		case tc.code != "" && (f == nil || f.Code != tc.code):
			t.Errorf("%s: %v, want %s", tc.name, err, tc.code)
		}
	}
}

// world is a store with references, a vault and a refresher.
type world struct {
	*Refresher
	t      *testing.T
	vault  *fakeVault
	store  *memstore.Store
	sealer *seal.Sealer
	mu     sync.Mutex
	events []string
	clock  time.Time
}

func newWorld(t *testing.T) *world {
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, vault: newFakeVault(t), store: memstore.New(), sealer: s, clock: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)}
	w.Refresher = NewRefresher(RefresherOptions{
		Store: w.store, Fetcher: w.vault.resolver(), Sealer: s, Interval: time.Minute,
		Update: w.update, Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.clock },
		Publish: func(e event.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, strings.TrimPrefix(e.Type, "Postern.KeyVault"))
		},
	})
	return w
}

func (w *world) update(ctx context.Context, id resource.ID, change func(*resource.Resource) ([]store.Op, bool, error)) error {
	e, err := w.store.Get(ctx, id.Key())
	if err != nil {
		return err
	}
	r, err := resource.Decode(e)
	if err != nil {
		return err
	}
	also, changed, err := change(r)
	if err != nil || !changed {
		return err
	}
	value, err := r.Encode()
	if err != nil {
		return err
	}
	_, err = w.store.Commit(ctx, store.Txn{If: []store.Condition{store.AtRevision(id.Key(), e.ModRevision)}, Then: append(also, store.Put(id.Key(), value))})
	return err
}

var service = resource.ServiceID("s", "g", "n")

func (w *world) put(id resource.ID, properties map[string]any) {
	w.t.Helper()
	r := resource.Resource{ID: id, Properties: properties}
	value, err := r.Encode()
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.store.Commit(context.Background(), store.Txn{Then: []store.Op{store.Put(id.Key(), value)}}); err != nil {
		w.t.Fatal(err)
	}
}

// round advances the clock and looks at all that is due, once.
func (w *world) round(d time.Duration) {
	w.t.Helper()
	w.mu.Lock()
	w.clock = w.clock.Add(d)
	w.mu.Unlock()
	entries, revision, err := w.store.List(context.Background(), resource.KeyPrefix)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = w.Replace(entries, revision)
	var wg sync.WaitGroup
	w.start(context.Background(), &wg, make(chan struct{}, parallel))
	wg.Wait()
}

func (w *world) status(id resource.ID, slot string) Status {
	w.t.Helper()
	s, err := StatusOf(context.Background(), w.store, id, slot)
	if err != nil {
		w.t.Fatal(err)
	}
	if s == nil {
		return Status{}
	}
	return *s
}

// value is the named value in clear.
func (w *world) value(id resource.ID) string {
	w.t.Helper()
	e, err := w.store.Get(context.Background(), id.Key())
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := resource.Decode(e)
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := resource.OpenSecret(w.sealer, id, "value", r.Hidden.Secrets["value"])
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

func keyVault(secret string) map[string]any {
	return map[string]any{"displayName": "n", "secret": true, "keyVault": map[string]any{"secretIdentifier": secret}}
}

func TestRotation(t *testing.T) {
	w := newWorld(t)
	newest, fixed := service.Of("namedValues", "newest"), service.Of("namedValues", "fixed")
	w.vault.set("a", "one", "text/plain")
	w.put(newest, keyVault("https://v.vault.azure.net/secrets/a"))
	w.put(fixed, keyVault("https://v.vault.azure.net/secrets/a/v1"))
	w.round(0)
	w.vault.set("a", "two", "text/plain")
	w.round(30 * time.Second)
	if got := w.value(newest); got != "one" {
		t.Errorf("before the interval is over the value is %q", got)
	}
	w.round(31 * time.Second)
	if a, b := w.value(newest), w.value(fixed); a != "two" || b != "one" {
		t.Errorf("after a new version: %q and, with a version in the identifier, %q; want two and one", a, b)
	}
	if s := w.status(newest, "value"); s.Code != Success || s.Version != "v2" {
		t.Errorf("status %+v", s)
	}
	w.vault.set("a", "three", "text/plain")
	if n := w.Nudge("V", "A"); n != 2 {
		t.Errorf("Nudge found %d references, want 2", n)
	}
	w.round(0)
	if got := w.value(newest); got != "three" {
		t.Errorf("after a nudge the value is %q", got)
	}
}

func TestLastGoodValueStaysAndMends(t *testing.T) {
	w := newWorld(t)
	id := service.Of("namedValues", "a")
	w.vault.set("a", "one", "")
	w.put(id, keyVault("https://v.vault.azure.net/secrets/a"))
	w.round(0)
	w.vault.order(refuse(403, "Forbidden", "ForbiddenByPolicy"))
	w.vault.set("a", "two", "")
	w.round(time.Minute)
	began := w.Refresher.o.Now()
	s := w.status(id, "value")
	if w.value(id) != "one" || s.Code != "ForbiddenByPolicy" || !s.Since.Equal(began) || s.Version != "v1" {
		t.Errorf("while it fails: %q, %+v", w.value(id), s)
	}
	want := fmt.Sprintf(`
# HELP postern_key_vault_reference_failing_since_timestamp_seconds Since when a key vault reference cannot be refreshed, in Unix time; absent while it can.
# TYPE postern_key_vault_reference_failing_since_timestamp_seconds gauge
postern_key_vault_reference_failing_since_timestamp_seconds{code="ForbiddenByPolicy",resource="%s",slot="value"} %g
`, id, float64(began.Unix()))
	if err := testutil.CollectAndCompare(w.Refresher, strings.NewReader(want), "postern_key_vault_reference_failing_since_timestamp_seconds"); err != nil {
		t.Error(err)
	}
	before := w.vault.count()
	w.round(4 * time.Second)
	if n := w.vault.count(); n != before {
		t.Error("it was tried again at once")
	}
	w.round(2 * time.Second)
	if n := w.vault.count(); n == before {
		t.Error("it was not tried again")
	}
	w.vault.order(refuse(429, "Throttled", "", "Retry-After", "300"))
	w.round(time.Minute)
	before = w.vault.count()
	w.round(4 * time.Minute)
	if n := w.vault.count(); n != before {
		t.Error("a throttled vault was not left alone")
	}
	if s := w.status(id, "value"); s.Code != "Throttled" || !s.Since.Equal(began) {
		t.Errorf("status %+v", s)
	}
	w.vault.order(nil)
	w.round(2 * time.Minute)
	if s := w.status(id, "value"); w.value(id) != "two" || s.Failed() || !s.Since.IsZero() {
		t.Errorf("after it mended: %q, %+v", w.value(id), s)
	}
	if got := strings.Join(w.events, ","); got != "RefreshFailed,RefreshRecovered" {
		t.Errorf("events %s", got)
	}
}

// What is fetched because somebody asked is known to all: the status has the time, the metric and later events agree.
func TestNow(t *testing.T) {
	w := newWorld(t)
	id := service.Of("namedValues", "a")
	w.vault.set("a", "one", "")
	w.put(id, keyVault("https://v.vault.azure.net/secrets/a"))
	w.round(0)
	first := w.status(id, "value").Time
	r := &resource.Resource{ID: id, Properties: keyVault("https://v.vault.azure.net/secrets/a")}
	w.clock = w.clock.Add(time.Second)
	if err := w.Now(t.Context(), r); err != nil || !w.status(id, "value").Time.After(first) {
		t.Errorf("Now = %v; the status is of %v, before %v", err, w.status(id, "value").Time, first)
	}
	w.vault.order(refuse(403, "Forbidden", "ForbiddenByPolicy"))
	w.round(time.Minute)
	w.vault.order(nil)
	if err := w.Now(t.Context(), r); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(w.Refresher, "postern_key_vault_reference_failing_since_timestamp_seconds"); n != 0 {
		t.Error("the metric tells of a failure that is over")
	}
	w.round(time.Minute)
	if got := strings.Join(w.events, ","); got != "RefreshFailed,RefreshRecovered" {
		t.Errorf("events %s", got)
	}
}

// What a vault gives that cannot be used is a failure too.
func TestUselessVersion(t *testing.T) {
	w := newWorld(t)
	id := service.Of("certificates", "c")
	root := testkit.NewRoot(t, "Root")
	w.vault.set("c", base64.StdEncoding.EncodeToString(root.NewClient(t, "c1").PFX(t, "")), PKCS12)
	w.put(id, map[string]any{"keyVault": map[string]any{"secretIdentifier": "https://v.vault.azure.net/secrets/c"}})
	w.round(0)
	w.vault.set("c", "nonsense", PKCS12)
	w.round(time.Minute)
	e, _ := w.store.Get(context.Background(), id.Key())
	r, err := resource.Decode(e)
	if err != nil || r.String("subject") != "CN=c1" {
		t.Errorf("the subject is %q, %v", r.String("subject"), err)
	}
	if s := w.status(id, ""); s.Code != "InvalidContent" || s.Version != "v1" {
		t.Errorf("status %+v", s)
	}
	w.vault.set("c", base64.StdEncoding.EncodeToString(root.NewClient(t, "c3").PFX(t, "")), PKCS12)
	w.round(time.Minute)
	e, _ = w.store.Get(context.Background(), id.Key())
	if r, _ = resource.Decode(e); r.String("subject") != "CN=c3" {
		t.Errorf("the subject is %q", r.String("subject"))
	}
}

func TestPause(t *testing.T) {
	for _, c := range []struct {
		interval   time.Duration
		failures   int
		retryAfter time.Duration
		want       time.Duration
	}{
		{time.Minute, 1, 0, 5 * time.Second}, {time.Minute, 2, 0, 10 * time.Second}, {time.Minute, 9, 0, time.Minute}, {time.Second, 1, 0, time.Second},
		{4 * time.Hour, 5, 0, 80 * time.Second}, {4 * time.Hour, 1000, 0, 5 * time.Minute}, {time.Minute, 1, 17 * time.Minute, 17 * time.Minute},
	} {
		f := NewRefresher(RefresherOptions{Interval: c.interval})
		if got := f.pause(c.failures, &Failure{RetryAfter: c.retryAfter}); got != c.want {
			t.Errorf("interval %v, %d failures, Retry-After %v: %v, want %v", c.interval, c.failures, c.retryAfter, got, c.want)
		}
	}
}

func TestStatusesOfWhatIsGoneAreRemoved(t *testing.T) {
	w := newWorld(t)
	id := service.Of("namedValues", "a")
	w.vault.set("a", "one", "")
	w.put(id, keyVault("https://v.vault.azure.net/secrets/a"))
	w.round(0)
	if _, err := w.store.Commit(context.Background(), store.Txn{Then: []store.Op{store.Delete(id.Key())}}); err != nil {
		t.Fatal(err)
	}
	w.round(time.Minute)
	w.round(time.Minute)
	if entries, _, _ := w.store.List(context.Background(), statusPrefix); len(entries) != 0 {
		t.Errorf("%d statuses are left", len(entries))
	}
}

func TestRunFollowsAndEnds(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	id := service.Of("namedValues", "a")
	w.vault.set("a", "one", "")
	w.put(id, keyVault("https://v.vault.azure.net/secrets/a"))
	deadline := time.Now().Add(10 * time.Second)
	for w.status(id, "value").Code != Success && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	if got := w.value(id); got != "one" {
		t.Errorf("the value is %q", got)
	}
	cancel()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("Run does not end")
	}
}
