package app

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/eventgrid"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/vault"
	"github.com/postern-gateway/postern/internal/vault/reference"
	"github.com/postern-gateway/postern/pki/revocation"
)

// references are the key vault references of the service: who fetches them now, and who keeps them up to date.
type references struct {
	*reference.Resolver
	refresher *reference.Refresher
}

// Refresh implements arm.References.
func (r *references) Refresh(ctx context.Context, res *resource.Resource) error {
	return r.refresher.Now(ctx, res)
}

func (c *components) buildReferences(context.Context) error {
	credential, err := c.newCredentials()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	r := &references{Resolver: reference.NewResolver(reference.Options{
		Credential: credential, Embedded: c.embeddedVault, EmbeddedTransport: c.embeddedVaultTransport(),
		Transport: revocation.NewTransport(revocation.FetchOptions{Allow: c.cfg.FetchAllow, Timeout: reference.DefaultTimeout}),
		Suffixes:  slices.Concat(reference.AzureSuffixes, c.cfg.VaultSuffixes),
	})}
	r.refresher = reference.NewRefresher(reference.RefresherOptions{
		Store: c.store, Fetcher: r.Resolver, Sealer: c.sealer, Publish: c.events.Publish, Interval: c.cfg.VaultRefresh,
		Update: func(ctx context.Context, id resource.ID, change func(*resource.Resource) ([]store.Op, bool, error)) error {
			return c.arm.Update(ctx, id, change)
		},
		Log: c.log.With(slog.String(logkey.Component, "references")),
	})
	c.references = r
	c.ops.registry.MustRegister(r.refresher)
	return nil
}

// runReferences keeps references up to date until ctx ends; the embedded vault's events make them quick.
func (c *components) runReferences(ctx context.Context) {
	cancel := c.vault.engine.Subscribe(func(e vault.Event) {
		switch e.Kind {
		case vault.SecretNewVersionCreated, vault.CertificateNewVersionCreated, vault.ObjectChanged, vault.ObjectRemoved:
			c.references.refresher.Nudge(e.Vault, e.Name)
			c.expiry.Nudge()
		case vault.EventsMissed:
			c.references.refresher.Nudge(defaultVault, "")
		}
	})
	defer cancel()
	c.references.refresher.Run(ctx)
}

// embeddedVault tells the embedded vault's identifiers, and where it is: by its host names with any port, and by localhost,
// as curl has it, with the listener's own.
func (c *components) embeddedVault(id reference.SecretID) (url string, ok bool) {
	host := id.Host()
	if ip := net.ParseIP(host); (host == "localhost" || ip != nil && ip.IsLoopback()) && strings.HasSuffix(id.Vault, ":"+c.vaultPort()) {
		return c.vaultURL(), true
	}
	return "https://" + net.JoinHostPort(host, c.vaultPort()), strings.HasSuffix(host, "."+vaultDomain)
}

// embeddedVaultTransport reaches the embedded vault's listener, whatever its host names resolve to.
func (c *components) embeddedVaultTransport() http.RoundTripper {
	roots := x509.NewCertPool()
	if root, err := x509.ParseCertificate(c.ca.ServerRoot().Raw); err == nil {
		roots.AddCert(root)
	}
	_, port, _ := net.SplitHostPort(c.vaultListener.Addr().String())
	address := net.JoinHostPort(dialHost(c.vaultListener.Addr().String()), port)
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
}

// dialHost is the host at which a listener's own machine reaches it.
func dialHost(listen string) string {
	host, _, _ := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

// eventGridSecretKey is where the secret of the Event Grid webhook is, sealed for the key itself.
const eventGridSecretKey = "/eventgrid/secret"

// eventGridSecret reads the secret of the webhook's address, or makes it.
func (c *components) eventGridSecret(ctx context.Context) (string, error) {
	e, err := c.store.Get(ctx, eventGridSecretKey)
	if err == nil {
		secret, err := c.sealer.Unseal(eventGridSecretKey, string(e.Value))
		return string(secret), err
	}
	if fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	secret := base64.RawURLEncoding.EncodeToString(b[:])
	token, err := c.sealer.Seal(eventGridSecretKey, []byte(secret))
	if err != nil {
		return "", err
	}
	_, err = c.store.Commit(ctx, store.Txn{If: []store.Condition{store.Absent(eventGridSecretKey)}, Then: []store.Op{store.Put(eventGridSecretKey, []byte(token))}})
	if err != nil && fault.KindOf(err) == fault.PreconditionFailed { // another node was first
		return c.eventGridSecret(ctx)
	}
	return secret, err
}

// EventGridPath is where the administrator reads the address of the Event Grid webhook, secret included.
const EventGridPath = "/postern/v1/store/eventgrid"

// handleEventGrid gives mux the webhook, and its address.
func (c *components) handleEventGrid(mux *http.ServeMux) {
	mux.Handle(eventgrid.Path, &eventgrid.Handler{
		Secret:     func() (string, error) { return c.eventGridSecret(context.Background()) },
		NewVersion: c.references.refresher.Nudge, Log: c.log.With(slog.String(logkey.Component, "eventgrid")),
	})
	mux.HandleFunc("GET "+EventGridPath, c.keeping().guarded(func(w http.ResponseWriter, r *http.Request, _ *identity.Principal) error {
		secret, err := c.eventGridSecret(r.Context())
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		writeJSON(w, http.StatusOK, map[string]string{"url": c.admin.ManagementURL + eventgrid.Path + "?" + eventgrid.CodeParameter + "=" + secret})
		return nil
	}))
}
