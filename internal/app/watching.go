package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/event"
	"github.com/postern-gateway/postern/internal/expiry"
	"github.com/postern-gateway/postern/internal/inspect"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/revocation"
)

// buildEvents makes the bus of events, with the webhook where one is set.
func (c *components) buildEvents(context.Context) error {
	c.events = &event.Bus{Log: c.log.With(slog.String(logkey.Component, "events")), Published: event.NewCounter()}
	if c.cfg.EventWebhook == "" {
		return nil
	}
	if c.cfg.EventWebhookSecretFile == "" {
		return fmt.Errorf("%w: --event-webhook needs --event-webhook-secret-file, a file of the secret that signs events", ErrConfig)
	}
	secret, err := os.ReadFile(c.cfg.EventWebhookSecretFile)
	if err != nil {
		return fmt.Errorf("%w: --event-webhook-secret-file: %w", ErrConfig, err)
	}
	c.events.Webhook, err = event.NewWebhook(event.WebhookOptions{
		URL: c.cfg.EventWebhook, Secret: []byte(strings.TrimSpace(string(secret))), Source: c.admin.ServiceID(), Log: c.events.Log,
	})
	if err != nil {
		return fmt.Errorf("%w: --event-webhook: %w", ErrConfig, err)
	}
	return nil
}

// buildExpiry makes the watcher of what runs out; the diagnostics API knows what there is.
func (c *components) buildExpiry() {
	c.expiry = expiry.New(expiry.Options{
		Sources: []func(context.Context) ([]expiry.Item, error){c.expiringItems, c.expiringObjects, c.expiringLists},
		Store:   c.store, Publish: c.events.Publish, Log: c.events.Log,
	})
	c.ops.registry.MustRegister(c.expiry, c.events.Published)
	if c.events.Webhook != nil {
		c.ops.registry.MustRegister(c.events.Webhook.Dropped)
	}
}

// expiringItems are the certificates of the service and of the development CA.
func (c *components) expiringItems(ctx context.Context) ([]expiry.Item, error) {
	svc := c.running()
	if svc == nil {
		return nil, fmt.Errorf("nothing runs yet")
	}
	var items []expiry.Item
	for _, e := range c.portal.inspect.AllExpiring(ctx, svc, nil) {
		items = append(items, itemOf(e))
	}
	return items, nil
}

func itemOf(e inspect.Expiring) expiry.Item {
	return expiry.Item{Kind: expiry.Kind(e.Kind), ID: e.ID, Name: e.Name, Subject: e.Subject, Thumbprint: e.Thumbprint, NotAfter: e.NotAfter, InUse: e.InUse}
}

// expiringObjects are the certificates and secrets of all vaults that have an end, whoever may read them.
func (c *components) expiringObjects(ctx context.Context) ([]expiry.Item, error) {
	list, err := c.vault.engine.Expiring(ctx)
	if err != nil {
		return nil, err
	}
	items := make([]expiry.Item, len(list))
	for n, x := range list {
		id := c.vault.server.URL(x.Vault) + "/" + string(x.Area) + "/" + x.Name
		i := expiry.Item{Kind: expiry.Vault, ID: id, Name: x.Vault + " / " + x.Name, NotAfter: x.Attributes.Expires.UTC()}
		if leaf, err := cert.Parse(x.DER); err == nil {
			i = itemOf(inspect.NewExpiring(inspect.ExpiringVault, id, i.Name, leaf, false))
		}
		users, err := c.vaultUses(ctx, x.Vault, x.Name)
		if err != nil {
			return nil, err
		}
		i.InUse = len(users) > 0
		items[n] = i
	}
	return items, nil
}

// expiringLists are the revocation lists in use: those fetched of late, the operator's, and the development CA's.
func (c *components) expiringLists(context.Context) ([]expiry.Item, error) {
	known := c.courts.checker.Known()
	if list, err := revocation.ParseCRL(c.ca.CRL()); err == nil {
		known = append(known, revocation.Known{Issuer: c.ca.ClientRoot().SubjectName(), Source: c.admin.OpsURL + devca.CRLPath, ThisUpdate: list.ThisUpdate(), NextUpdate: list.NextUpdate()})
	}
	var items []expiry.Item
	for _, l := range known {
		if l.NextUpdate.IsZero() {
			continue // nothing newer is promised
		}
		items = append(items, expiry.Item{Kind: expiry.CRL, ID: l.Source, Name: l.Issuer, Subject: l.Issuer, NotAfter: l.NextUpdate, Issued: l.ThisUpdate, InUse: true})
	}
	return items, nil
}
