package vault_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/vault"
)

const day = 24 * time.Hour

// sweep does what time brings, and fails the test if it cannot.
func (f *fixture) sweep() {
	f.t.Helper()
	if err := f.engine.Sweep(context.Background()); err != nil {
		f.t.Fatal(err)
	}
}

// TestRenewal: a certificate is renewed when its policy says so, once, with the key that the policy says.
func TestRenewal(t *testing.T) {
	for _, c := range []struct {
		name    string
		issuer  string
		trigger vault.Trigger
		action  string
		reuse   bool
		// before and after are days of the 306 that the certificate lives: not yet, and by now.
		before, after int
		renewed       bool
	}{
		{"at 80 percent", "Self", vault.Trigger{LifetimePercentage: 80}, vault.AutoRenew, false, 244, 246, true},
		{"30 days before", "Development", vault.Trigger{DaysBeforeExpiry: 30}, vault.AutoRenew, true, 275, 277, true},
		{"contacts only", "Self", vault.Trigger{LifetimePercentage: 50}, vault.EmailContacts, false, 10, 300, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, ctx := newFixture(t), context.Background()
			v := f.open("default")
			p := elliptic(c.issuer, "CN=renewed")
			p.Key.Reuse = &c.reuse
			p.LifetimeActions = []vault.LifetimeAction{{Trigger: &c.trigger, Action: &vault.Action{Type: c.action}}}
			must[vault.Operation](t)(v.CreateCertificate(ctx, "c", vault.CertificateInput{Policy: p, Tags: map[string]string{"keep": "me"}}))
			first := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", ""))
			firstKey := must[vault.Key](t)(v.GetKey(ctx, "c", ""))
			f.move(time.Duration(c.before) * day)
			f.sweep()
			if again := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", "")); again.Version != first.Version {
				t.Fatal("it was renewed too early")
			}
			f.move(time.Duration(c.after-c.before) * day)
			f.sweep()
			f.sweep()
			second := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", ""))
			if (second.Version != first.Version) != c.renewed {
				t.Fatalf("renewed: %v, want %v", second.Version != first.Version, c.renewed)
			}
			if !c.renewed {
				return
			}
			if !second.Attributes.Expires.After(*first.Attributes.Expires) || second.Tags["keep"] != "me" || !second.Attributes.Enabled || second.Previous != first.Version {
				t.Errorf("the second version: %+v", second.Item)
			}
			secondKey := must[vault.Key](t)(v.GetKey(ctx, "c", ""))
			if same := fmt.Sprint(secondKey.Public) == fmt.Sprint(firstKey.Public); same != c.reuse {
				t.Errorf("the key is the same: %v, want %v", same, c.reuse)
			}
			if n := len(must[[]vault.Item](t)(v.ListVersions(ctx, vault.Certificates, "c"))); n != 2 {
				t.Errorf("%d versions, want 2", n)
			}
		})
	}
}

// TestRenewalThatFails is seen in the operation, is tried again after an hour and not before, and heals.
func TestRenewalThatFails(t *testing.T) {
	f, ctx := newFixture(t), context.Background()
	v := f.open("default")
	must[vault.Operation](t)(v.CreateCertificate(ctx, "c", vault.CertificateInput{Policy: elliptic("Development", "CN=c")}))
	first := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", ""))
	f.move(290 * day)
	f.refusal = fault.New(fault.Invalid, "The CA is on holiday.")
	for range 3 {
		f.sweep()
	}
	op := must[vault.Operation](t)(v.GetOperation(ctx, "c", ""))
	if op.Status != vault.StatusFailed || op.Error != "The CA is on holiday." || f.orders != 2 {
		t.Errorf("the operation is %+v after %d orders, want 2", op, f.orders)
	}
	if got := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", "")); got.Version != first.Version || !got.Attributes.Enabled {
		t.Errorf("what was there is gone: %+v", got.Item)
	}
	f.move(time.Hour)
	f.refusal = nil
	f.sweep()
	if got := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", "")); got.Version == first.Version {
		t.Error("it was not tried again")
	}
}

// TestTimeStandsStill in a vault that is deleted itself.
func TestTimeStandsStill(t *testing.T) {
	f, ctx := newFixture(t), context.Background()
	v := f.open("asleep")
	must[vault.Operation](t)(v.CreateCertificate(ctx, "c", vault.CertificateInput{Policy: elliptic("Self", "CN=c")}))
	first := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", ""))
	f.move(300 * day)
	f.gone = "asleep"
	f.sweep()
	f.gone = ""
	if got := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", "")); got.Version != first.Version {
		t.Error("it was renewed")
	}
	f.sweep()
	if got := must[vault.Certificate](t)(v.GetCertificate(ctx, "c", "")); got.Version == first.Version {
		t.Error("it was not renewed after the vault's recovery")
	}
}

// TestPurgeAtEndOfRetention: deleted objects go when their time is over, and not before.
func TestPurgeAtEndOfRetention(t *testing.T) {
	f, ctx := newFixture(t), context.Background()
	v := f.open("default")
	must[vault.Secret](t)(v.SetSecret(ctx, "s", "v", vault.Change{}))
	must[vault.Item](t)(v.Delete(ctx, vault.Secrets, "s", false))
	f.move(90*day - time.Second)
	f.sweep()
	must[vault.Item](t)(v.GetDeleted(ctx, vault.Secrets, "s"))
	f.move(time.Second)
	f.sweep()
	if _, err := v.GetDeleted(ctx, vault.Secrets, "s"); err == nil {
		t.Error("it is still there")
	}
	if entries, _, _ := f.store.List(ctx, "/vault/"); len(entries) != 0 {
		t.Errorf("%d records are left", len(entries))
	}
}

// TestEvents: every node is told what happens, in order, expiry once.
func TestEvents(t *testing.T) {
	f := newFixture(t)
	ctx, stop := context.WithCancel(context.Background())
	events := make(chan vault.Event, 100)
	cancel := f.engine.Subscribe(func(e vault.Event) {
		if e.Kind != vault.ObjectChanged {
			events <- e
		}
	})
	defer cancel()
	started, done := make(chan struct{}), make(chan struct{})
	go func() { defer close(done); f.engine.Run(ctx, func() { close(started) }) }()
	defer func() { stop(); <-done }()
	<-started
	v := f.open("default")
	expires := f.clock().Add(40 * day)
	secret := must[vault.Secret](t)(v.SetSecret(ctx, "Sec", "v", vault.Change{Expires: &expires}))
	expect := func(kinds ...string) {
		t.Helper()
		for _, kind := range kinds {
			select {
			case e := <-events:
				if e.Kind != kind || e.Vault != "default" {
					t.Fatalf("event %s of %s, want %s", e.Kind, e.Name, kind)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("no event %s", kind)
			}
		}
	}
	e := <-events
	if e.Kind != vault.SecretNewVersionCreated || e.Name != "Sec" || e.Version != secret.Version || e.Area != vault.Secrets || !e.Expires.Equal(expires) {
		t.Errorf("the event is %+v", e)
	}
	must[vault.Operation](t)(v.CreateCertificate(ctx, "c", vault.CertificateInput{Policy: elliptic("Self", "CN=c")}))
	expect(vault.CertificateNewVersionCreated, vault.SecretNewVersionCreated, vault.KeyNewVersionCreated)
	f.move(11 * day)
	f.sweep()
	f.sweep()
	expect(vault.SecretNearExpiry)
	f.move(30 * day)
	f.sweep()
	f.sweep()
	expect(vault.SecretExpired)
	must[vault.Item](t)(v.Delete(ctx, vault.Secrets, "sec", false))
	if err := v.Purge(ctx, vault.Secrets, "sec"); err != nil {
		t.Fatal(err)
	}
	expect(vault.ObjectRemoved)
	if len(events) != 0 {
		t.Errorf("and %d more events", len(events))
	}
}

// TestMovedClockGivesNoNotices of objects without an end, or that are disabled.
func TestNoNotices(t *testing.T) {
	f, ctx := newFixture(t), context.Background()
	v := f.open("default")
	soon, off := f.clock().Add(day), false
	must[vault.Secret](t)(v.SetSecret(ctx, "forever", "v", vault.Change{}))
	must[vault.Secret](t)(v.SetSecret(ctx, "disabled", "v", vault.Change{Expires: &soon, Enabled: &off}))
	f.sweep()
	entries, _, err := f.store.List(ctx, "/vault/notices/")
	if err != nil || len(entries) != 0 {
		t.Errorf("%d notices, %v", len(entries), err)
	}
	items := must[[]vault.Item](t)(v.List(ctx, vault.Secrets, false, vault.Window{}))
	if !slices.IsSortedFunc(items, func(a, b vault.Item) int { return len(b.Name) - len(a.Name) }) {
		t.Errorf("the list is %v", items)
	}
}

// TestExpiring: whatever has an end is told, with nobody's permission, and what is deleted is not.
func TestExpiring(t *testing.T) {
	f, ctx := newFixture(t), context.Background()
	v := f.open("default")
	end := f.clock().Add(10 * day)
	must[vault.Operation](t)(v.CreateCertificate(ctx, "c", vault.CertificateInput{Policy: elliptic("Self", "CN=c")}))
	must[vault.Secret](t)(v.SetSecret(ctx, "ends", "x", vault.Change{Expires: &end}))
	must[vault.Secret](t)(v.SetSecret(ctx, "gone", "x", vault.Change{Expires: &end}))
	must[vault.Secret](t)(v.SetSecret(ctx, "stays", "x", vault.Change{}))
	must[vault.Item](t)(v.Delete(ctx, vault.Secrets, "gone", false))
	list := must[[]vault.Expiring](t)(f.engine.Expiring(ctx))
	if len(list) != 2 || list[0].Name != "c" || list[0].Area != vault.Certificates || len(list[0].DER) == 0 ||
		list[1].Name != "ends" || list[1].Vault != "default" || list[1].DER != nil || !list[1].Attributes.Expires.Equal(end.Truncate(time.Second)) {
		t.Errorf("Expiring = %+v", list)
	}
}
