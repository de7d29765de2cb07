package vault

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/store"
)

const (
	// sweepEvery is how often is looked for what time has brought.
	sweepEvery = time.Minute
	// nearExpiry is how long before the end of an object its notice is given, as Key Vault's.
	nearExpiry = 30 * 24 * time.Hour
	// renewAgain is how long after a renewal that failed the next try is made.
	renewAgain = time.Hour
)

// notice is what was said of a version's expiry; its key names it, so that it is said once in a cluster.
type notice struct {
	Name      string     `json:"name"`
	Kind      kind       `json:"kind"`
	NotBefore *time.Time `json:"notBefore,omitempty"`
	Expires   *time.Time `json:"expires,omitempty"`
}

// Run gives events to subscribers and does what time brings, until ctx ends. started, unless nil, is called when no
// event can be missed any more.
func (e *Engine) Run(ctx context.Context, started func()) {
	if started == nil {
		started = func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.watch(ctx, started)
	}()
	for {
		if err := e.Sweep(ctx); err != nil && ctx.Err() == nil {
			e.o.Log.LogAttrs(ctx, slog.LevelWarn, "the vaults could not be looked through", slog.Any(logkey.Error, err))
		}
		if sleep(ctx, sweepEvery) != nil {
			break
		}
	}
	<-done
}

// Sweep does once what time has brought: it purges deleted objects at the end of their retention, gives notice of
// expiry, and renews certificates whose policy says so. Nodes may do it at the same time. What fails for one object is
// logged and does not keep it from the others.
func (e *Engine) Sweep(ctx context.Context) error {
	entries, _, err := e.o.Store.List(ctx, objectPrefix)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, entry := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(entry.Key, objectPrefix), "/")
		exists, known := there[name]
		if !known {
			if exists, err = e.exists(ctx, name); err != nil {
				return err
			}
			there[name] = exists
		}
		if !exists {
			continue
		}
		if err := e.sweepObject(ctx, name, entry); err != nil {
			e.o.Log.LogAttrs(ctx, slog.LevelError, "what time brought to an object of the vault could not be done",
				slog.String(logkey.Resource, entry.Key), slog.Any(logkey.Error, err))
		}
	}
	return nil
}

// exists reports whether there is a vault of that name; in one that is deleted itself time stands still.
func (e *Engine) exists(ctx context.Context, name string) (bool, error) {
	_, err := e.o.Properties(ctx, name)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

func (e *Engine) sweepObject(ctx context.Context, name string, entry store.Entry) error {
	o := new(object)
	if err := decode(entry, o); err != nil {
		return err
	}
	v := &Vault{e: e, name: name}
	now := e.now()
	if o.Deleted != nil {
		if now.Before(o.Deleted.Purge) {
			return nil
		}
		return v.purgeDue(ctx, o)
	}
	if o.Current == nil {
		return nil
	}
	if err := v.notify(ctx, o, now); err != nil {
		return err
	}
	if o.Kind == certificateKind && o.renewalDue(now) {
		return v.renew(ctx, o)
	}
	return nil
}

func (v *Vault) purgeDue(ctx context.Context, o *object) error {
	err := v.change(ctx, o.Name, func(present *object) (edit, error) {
		if present == nil || present.Deleted == nil || v.e.now().Before(present.Deleted.Purge) {
			return edit{}, errNothingDue
		}
		return edit{}, nil
	})
	if errors.Is(err, errNothingDue) {
		return nil
	}
	return err
}

// errNothingDue says that another was quicker.
var errNothingDue = errors.New("nothing is due any more")

// notify gives the notices that are due for the current version, each once.
func (v *Vault) notify(ctx context.Context, o *object, now time.Time) error {
	m := o.Current
	if m.Expires == nil || !m.Enabled || now.Before(m.Expires.Add(-nearExpiry)) {
		return nil
	}
	what := "NearExpiry"
	if !now.Before(*m.Expires) {
		what = "Expired"
	}
	key := v.noticesOf(o.Name) + m.Version + "/" + what
	op, err := put(key, notice{o.Name, o.Kind, m.NotBefore, m.Expires})
	if err != nil {
		return err
	}
	_, err = v.e.o.Store.Commit(ctx, store.Txn{If: []store.Condition{store.Absent(key), store.Exists(v.objectKey(o.Name))}, Then: []store.Op{op}})
	if err != nil && fault.KindOf(err) == fault.PreconditionFailed {
		return nil // it was given
	}
	return err
}

// renewalDue reports whether the policy has the current version renewed by now.
func (o *object) renewalDue(now time.Time) bool {
	m := o.Current
	if o.Policy == nil || o.Policy.Issuer == nil || !m.Enabled || m.NotBefore == nil || m.Expires == nil || is(o.Policy.Issuer.Name, issuerUnknown) {
		return false
	}
	if p := o.Pending; p != nil && (p.Status == StatusInProgress || p.Status == StatusFailed && p.Renews == m.Version && now.Before(p.Tried.Add(renewAgain))) {
		return false
	}
	for _, a := range o.Policy.LifetimeActions {
		if a.Action != nil && a.Trigger != nil && a.Action.Type == AutoRenew && !now.Before(a.Trigger.due(*m.NotBefore, *m.Expires)) {
			return true
		}
	}
	return false
}

// renew makes a new version by the policy, unless somebody made one meanwhile.
func (v *Vault) renew(ctx context.Context, o *object) error {
	was := o.Current.Version
	in := CertificateInput{Tags: o.Current.Tags, PreserveOrder: &o.PreserveOrder}
	_, err := v.issue(ctx, o.Name, in, func(present *object) error {
		if present == nil || present.Deleted != nil || present.Current == nil || present.Current.Version != was {
			return errNothingDue
		}
		return nil
	})
	switch {
	case errors.Is(err, errNothingDue):
		return nil
	case err != nil && ctx.Err() == nil && fault.KindOf(err) != fault.Unavailable:
		return errors.Join(err, v.failRenewal(ctx, o, err))
	case err != nil:
		return err
	}
	v.e.o.Log.LogAttrs(ctx, slog.LevelInfo, "a certificate was renewed", slog.String(logkey.Resource, v.objectKey(o.Name)))
	return nil
}

// failRenewal notes in the certificate's operation that it could not be renewed, for people to see, and when.
func (v *Vault) failRenewal(ctx context.Context, o *object, cause error) error {
	was, message := o.Current.Version, "The certificate could not be renewed. The log of the server has the details."
	if e, ok := errors.AsType[*fault.Error](cause); ok && e.Kind != fault.Internal {
		message = e.Message
	}
	err := v.change(ctx, o.Name, func(present *object) (edit, error) {
		if present == nil || present.Deleted != nil || present.Current == nil || present.Current.Version != was || checkCreatable(present) != nil {
			return edit{}, errNothingDue
		}
		present.Pending = &pending{RequestID: newRequestID(), Issuer: *present.Policy.Issuer, Status: StatusFailed, Error: message, Renews: was, Tried: v.e.now()}
		return edit{object: present}, nil
	})
	if errors.Is(err, errNothingDue) {
		return nil
	}
	return err
}
