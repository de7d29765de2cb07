package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/postern-gateway/postern/internal/event"
	"github.com/postern-gateway/postern/internal/expiry"
	"github.com/postern-gateway/postern/internal/logkey"
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
		Sources: []func(context.Context) ([]expiry.Item, error){c.expiringItems},
		Store:   c.store, Publish: c.events.Publish, Log: c.events.Log,
	})
	c.ops.registry.MustRegister(c.expiry, c.events.Published)
	if c.events.Webhook != nil {
		c.ops.registry.MustRegister(c.events.Webhook.Dropped)
	}
}

func (c *components) expiringItems(ctx context.Context) ([]expiry.Item, error) {
	svc := c.running()
	if svc == nil {
		return nil, fmt.Errorf("nothing runs yet")
	}
	p := administrator()
	var items []expiry.Item
	for _, e := range c.portal.inspect.AllExpiring(ctx, svc, &p) {
		items = append(items, expiry.Item{Kind: expiry.Kind(e.Kind), ID: e.ID, Name: e.Name, Subject: e.Subject, Thumbprint: e.Thumbprint, NotAfter: e.NotAfter, InUse: e.InUse})
	}
	return items, nil
}
