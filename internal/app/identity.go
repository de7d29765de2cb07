package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/arm"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/token"
)

// newDirectory makes the directory of principals; its issuer is known once the listeners are.
func (c *components) newDirectory() *identity.Directory {
	return &identity.Directory{Store: c.store, Sealer: c.sealer, TenantID: tenantID, Issuer: func() string { return c.admin.ManagementURL }}
}

// authenticateAdministrator is the administrator whom a token proves; others are refused with Kind Forbidden.
func (c *components) authenticateAdministrator(ctx context.Context, bearer string) (*identity.Principal, error) {
	p, err := c.directory.Authenticate(ctx, bearer)
	if err == nil && p.Kind != identity.Administrator {
		return nil, fault.New(fault.Forbidden, "'%s' is not the administrator.", p.Name)
	}
	return p, err
}

// withDirectory completes the options of the management API by what it needs of identities and vaults.
func (c *components) withDirectory(o arm.Options) arm.Options {
	o.Directory, o.VaultURL, o.RemoveVault, o.Vault = c.directory, c.vaultResource, c.vault.engine.RemoveVault, c.vault.engine.Manage
	return o
}

// listenIdentity opens the listener of managed identities for processes on this machine, where one is asked for.
func (c *components) listenIdentity(ctx context.Context) (err error) {
	if c.cfg.IdentityListen == "" {
		return nil
	}
	var lc net.ListenConfig
	if c.identityListener, err = lc.Listen(ctx, "tcp", c.cfg.IdentityListen); err != nil {
		return fmt.Errorf("%w (--identity-listen)", err)
	}
	return nil
}

// buildTokens makes the token front.
func (c *components) buildTokens(context.Context) error {
	c.tokens = token.New(token.Options{Directory: c.directory, Identity: c.serviceIdentity, IdentityHeader: c.admin.IdentityHeader, VaultURL: c.vaultResource, Log: c.log})
	return nil
}

// nameIdentities notes in admin.json what processes on this machine need for managed identities. The header is the same from
// start to start.
func (c *components) nameIdentities() {
	a := &c.admin
	if a.IdentityHeader == "" {
		a.IdentityHeader = identity.NewToken()
	}
	a.IdentityEndpoint, a.IdentityAuthority = a.ManagementURL+"/msi/token", ""
	if c.identityListener != nil {
		a.IdentityAuthority = urlOf("http", c.identityListener)
		a.IdentityEndpoint = a.IdentityAuthority + "/msi/token"
	}
}

// serviceIdentity are the managed identities that the service has now.
func (c *components) serviceIdentity(ctx context.Context) (apim.Identity, error) {
	e, err := c.store.Get(ctx, c.serviceID.Key())
	if err != nil {
		return apim.Identity{}, err
	}
	r, err := resource.Decode(e)
	if err != nil {
		return apim.Identity{}, err
	}
	all := resource.SystemAssigned(r)
	for _, key := range resource.UserAssigned(r) {
		e, err := c.store.Get(ctx, key)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return apim.Identity{}, err
		}
		user, err := resource.Decode(e)
		if err != nil {
			return apim.Identity{}, err
		}
		all.UserAssigned = append(all.UserAssigned, apim.UserAssignedIdentity{ID: user.ID.String(), PrincipalID: user.String("principalId"), ClientID: user.String("clientId")})
	}
	return all, nil
}

// handleIdentities gives mux the paths of the management API above subscriptions, and of the administration of tokens.
func (c *components) handleIdentities(mux *http.ServeMux) {
	for _, p := range []string{"/subscriptions", "/tenants", "/providers/"} {
		mux.Handle(p, c.arm)
	}
	for _, p := range token.AdministrationPaths {
		mux.Handle(p, c.tokens)
		mux.Handle(p+"/", c.tokens)
	}
}

// identityServers is the server of managed identities for processes on this machine; none without a listener.
func (c *components) identityServers() []server {
	if c.identityListener == nil {
		return nil
	}
	h := &http.Server{Handler: ownHost(nil, c.tokens.Local()), ReadHeaderTimeout: 15 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 16,
		ErrorLog: slog.NewLogLogger(c.log.With(slog.String(logkey.Component, "identity")).Handler(), slog.LevelDebug)}
	return []server{{h, c.identityListener, false}}
}

// ensureServiceGroup makes the service's resource group known, where a store is older than groups.
func ensureServiceGroup(ctx context.Context, c *components) error {
	return arm.EnsureGroup(ctx, c.store, arm.Group{Subscription: c.serviceID.Subscription, Name: c.serviceID.Group,
		Top: map[string]any{"location": "local"}, Created: time.Now().UTC()})
}
