package vault_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/memstore"
	"github.com/postern-gateway/postern/internal/store/seal"
	"github.com/postern-gateway/postern/internal/testkit"
	"github.com/postern-gateway/postern/internal/vault"
)

// fixture is an engine over a store in memory, whose clock stands until it is moved.
type fixture struct {
	t      testing.TB
	store  store.Store
	sealer *seal.Sealer
	engine *vault.Engine
	// ca signs for the issuer Development.
	ca *testkit.Cert

	mu  sync.Mutex
	now time.Time
	// refusal is what the CA answers, if it is not nil; orders counts what it was asked.
	refusal error
	orders  int
	// gone is a vault that is deleted.
	gone string
}

var everything = vault.Permissions{Keys: []string{"all", "purge"}, Secrets: []string{"all", "purge"}, Certificates: []string{"all", "purge"}}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	return newFixtureOver(t, memstore.New())
}

func newFixtureOver(t testing.TB, s store.Store) *fixture {
	t.Helper()
	f := &fixture{t: t, store: s, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	t.Cleanup(func() { _ = f.store.Close() })
	var err error
	if f.sealer, err = seal.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	f.ca = testkit.NewRoot(t, "development root")
	f.engine = vault.New(vault.Options{
		Store: f.store, Sealer: f.sealer, Now: f.clock,
		Properties: func(_ context.Context, name string) (vault.Properties, error) {
			if f.gone == name {
				return vault.Properties{}, fault.New(fault.NotFound, "there is no vault %q", name)
			}
			return vault.Properties{AccessPolicies: []vault.AccessPolicy{{ObjectID: "me", Permissions: everything}}}, nil
		},
		Issue: func(_ context.Context, template *x509.Certificate, csr []byte) ([][]byte, error) {
			f.mu.Lock()
			refusal := f.refusal
			f.orders++
			f.mu.Unlock()
			if refusal != nil {
				return nil, refusal
			}
			r, err := x509.ParseCertificateRequest(csr)
			if err != nil {
				return nil, err
			}
			t := *template
			t.SerialNumber = f.ca.X509.SerialNumber
			der, err := x509.CreateCertificate(nil, &t, f.ca.X509, r.PublicKey, f.ca.Key)
			return [][]byte{der, f.ca.X509.Raw}, err
		},
	})
	return f
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fixture) move(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// open is a vault for somebody who may do everything.
func (f *fixture) open(name string) *vault.Vault {
	f.t.Helper()
	v, err := f.engine.Open(context.Background(), vault.Caller{ObjectID: "me"}, name)
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// elliptic is a policy of a quickly made certificate.
func elliptic(issuer, subject string) *vault.Policy {
	return &vault.Policy{
		Issuer: &vault.IssuerParameters{Name: issuer}, Key: &vault.KeyProperties{Type: "EC"},
		X509: &vault.X509Properties{Subject: subject, ValidityMonths: 10},
	}
}

func decode64(t testing.TB, text string) []byte {
	t.Helper()
	return must[[]byte](t)(base64.StdEncoding.DecodeString(text))
}
