package vault_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/etcdstore"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/vault"
)

// TestNothingIsLost: writers of one secret at the same time each get a version, and the current one is one of the last.
func TestNothingIsLost(t *testing.T) {
	t.Run("in memory", func(t *testing.T) { nothingIsLost(t, newFixture(t)) })
	t.Run("in etcd", func(t *testing.T) {
		s, err := etcdstore.Embedded(etcdstore.Config{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		nothingIsLost(t, newFixtureOver(t, s))
	})
}

func nothingIsLost(t *testing.T, f *fixture) {
	ctx := context.Background()
	const writers, each = 8, 10
	var mu sync.Mutex
	acknowledged := map[string]string{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				value := fmt.Sprintf("%d-%d", w, i)
				s, err := f.open("default").SetSecret(ctx, "shared", value, vault.Change{})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acknowledged[s.Version] = value
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	v := f.open("default")
	items := must[[]vault.Item](t)(v.ListVersions(ctx, vault.Secrets, "shared"))
	if len(items) != writers*each || len(acknowledged) != writers*each {
		t.Errorf("%d versions, %d acknowledged, want %d", len(items), len(acknowledged), writers*each)
	}
	for id, value := range acknowledged {
		if s, err := v.GetSecret(ctx, "shared", id, ""); err != nil || s.Value != value {
			t.Errorf("version %s = %q, %v; want %q", id, s.Value, err, value)
		}
	}
}

// TestSealedInPlace: nothing secret stands in the clear, and what is moved does not open.
func TestSealedInPlace(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	v := f.open("default")
	secret := must[vault.Secret](t)(v.SetSecret(ctx, "mine", "only for me", vault.Change{}))
	must[vault.Secret](t)(f.open("other").SetSecret(ctx, "mine", "something else", vault.Change{}))
	policy := elliptic("Unknown", "CN=pending")
	must[vault.Operation](t)(v.CreateCertificate(ctx, "pending", vault.CertificateInput{Policy: policy}))
	must[vault.Operation](t)(v.CreateCertificate(ctx, "done", vault.CertificateInput{Policy: elliptic("Self", "CN=done")}))
	password := "of the issuer"
	must[vault.Issuer](t)(v.SetIssuer(ctx, "test-ca", vault.IssuerChange{Provider: ptr("Test"), Password: &password}, true))
	pfx := must[vault.Secret](t)(v.GetSecret(ctx, "done", "", ""))
	entries, _, err := f.store.List(ctx, "/")
	if err != nil {
		t.Fatal(err)
	}
	sealed := 0
	for _, e := range entries {
		text := string(e.Value)
		for _, clear := range []string{"only for me", "of the issuer", "PRIVATE KEY", pfx.Value[:60]} {
			if strings.Contains(text, clear) {
				t.Errorf("%s holds %q in the clear", e.Key, clear)
			}
		}
		sealed += strings.Count(text, "sealed:v1:")
	}
	if sealed != 6 { // two secrets, a pending key, a value with its key, a password
		t.Errorf("%d sealed values, want 6", sealed)
	}
	from := must[store.Entry](t)(f.store.Get(ctx, "/vault/versions/default/mine/"+secret.Version))
	var record map[string]any
	if err := json.Unmarshal(from.Value, &record); err != nil {
		t.Fatal(err)
	}
	if _, err := f.store.Commit(ctx, store.Txn{Then: []store.Op{store.Put("/vault/versions/other/mine/"+secret.Version, from.Value)}}); err != nil {
		t.Fatal(err)
	}
	if s, err := f.open("other").GetSecret(ctx, "mine", secret.Version, ""); err == nil || fault.KindOf(err) != fault.Internal {
		t.Errorf("a value moved to another vault opens: %q, %v", s.Value, err)
	}
}

func ptr[T any](v T) *T { return &v }

// TestRemoveVault leaves nothing of one vault and all of the others.
func TestRemoveVault(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	for _, name := range []string{"one", "one-more"} {
		v := f.open(name)
		must[vault.Secret](t)(v.SetSecret(ctx, "s", "v", vault.Change{}))
		if err := v.SetContacts(ctx, []vault.Contact{{Email: "a@example.org"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.engine.RemoveVault(ctx, "One"); err != nil {
		t.Fatal(err)
	}
	entries, _, err := f.store.List(ctx, "/vault/")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(e.Key, "/one-more") {
			t.Errorf("%s is left", e.Key)
		}
	}
	if s, err := f.open("one-more").GetSecret(ctx, "s", "", ""); err != nil || s.Value != "v" {
		t.Errorf("the other vault: %v", err)
	}
}

// TestResealed: after a rotation of the master key everything that vaults hold is sealed anew, and opens.
func TestResealed(t *testing.T) {
	f, ctx := newFixture(t), context.Background()
	v := f.open("default")
	must[vault.Secret](t)(v.SetSecret(ctx, "s", "value", vault.Change{}))
	must[vault.Operation](t)(v.CreateCertificate(ctx, "done", vault.CertificateInput{Policy: elliptic("Self", "CN=done")}))
	must[vault.Operation](t)(v.CreateCertificate(ctx, "asked", vault.CertificateInput{Policy: elliptic("Unknown", "CN=asked")}))
	must[vault.Issuer](t)(v.SetIssuer(ctx, "lab", vault.IssuerChange{Provider: ptr("Test"), Password: ptr("hush")}, true))
	if err := f.sealer.Rotate(); err != nil {
		t.Fatal(err)
	}
	report, err := f.sealer.ResealAll(ctx, f.store, []seal.Owner{vault.Sealed()})
	if err != nil || len(report.Left) != 0 || report.Tokens != 5 || report.Entries != 4 {
		t.Fatalf("ResealAll = %+v, %v", report, err)
	}
	if s := must[vault.Secret](t)(v.GetSecret(ctx, "s", "", "")); s.Value != "value" {
		t.Errorf("the secret is %q", s.Value)
	}
	digest := make([]byte, 32)
	if _, _, _, err := v.UseKey(ctx, "done", "", vault.Use{Operation: vault.OpSign, Algorithm: "ES256", Value: digest}); err != nil {
		t.Errorf("the certificate's key: %v", err)
	}
	op := must[vault.Operation](t)(v.GetOperation(ctx, "asked", ""))
	request := must[*x509.CertificateRequest](t)(x509.ParseCertificateRequest(op.CSR))
	signed := must[[]byte](t)(x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: f.clock(), NotAfter: f.clock().Add(day),
	}, f.ca.X509, request.PublicKey, f.ca.Key))
	if _, err := v.MergeCertificate(ctx, "asked", [][]byte{signed}, vault.CertificateInput{}); err != nil {
		t.Errorf("the pending key: %v", err)
	}
}
