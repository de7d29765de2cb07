package app

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/gateway"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/inspect"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/vault"
	"github.com/postern-gateway/postern/pki/cert"
)

// tryCertificateLife is how long a client certificate lives that is made for one tried request.
const tryCertificateLife = time.Hour

// inspectOptions join the diagnostics API to the parts that it asks.
func (c *components) inspectOptions() inspect.Options {
	return inspect.Options{
		Authenticate: c.directory.Authenticate, Allowed: c.directory.Allowed, Service: c.running, ID: c.serviceID, Log: c.log,
		Elements: c.policies.compiler.Elements(), Check: c.policies.diagnose,
		Verdicts: c.courts.verdicts, Judge: func(svc *apim.Service) inspect.Judge { return c.courts.judge(svc) },
		Pipelines: func(svc *apim.Service) func(*apim.API, *apim.Operation) (inspect.Pipeline, error) {
			compilation := c.policies.begin(svc)
			return func(api *apim.API, op *apim.Operation) (inspect.Pipeline, error) {
				return compilation.pipeline(api, op)
			}
		},
		GatewayAddress: func() string { return c.gatewayListener.Addr().String() },
		BuiltIn:        func() []byte { return c.ca.Server().Certificate.Raw },
		Greet:          c.greet,
		IssueDevelopment: func(csr []byte, name string) ([]byte, error) {
			return c.ca.IssueClient(csr, name, tryCertificateLife, c.admin.OpsURL+devca.CRLPath)
		},
		Recorder: c.decisions, Addresses: c.addresses, Expiring: c.expiring, Resources: c.resources,
		Vault: c.portalVault, VaultURL: c.vault.server.URL, Management: inProcess{c.arm},
	}
}

// noteDecision keeps a decision of the gateway for the diagnostics API.
func (c *components) noteDecision(d *gateway.Decision) {
	out := &inspect.Decision{
		RequestID: d.RequestID, Time: d.Time, Duration: d.Duration, Method: d.Method, Host: d.Host, Path: d.Path, API: d.API, Operation: d.Operation,
		Status: d.Status, Refused: d.Refused, Reason: d.Reason, Message: d.Message,
		Scope: d.Scope, Section: d.Section, Element: d.Element, Line: d.Line, Column: d.Column, Judged: d.Judged,
		Remote: netip.AddrPortFrom(d.Remote.Addr().Unmap(), d.Remote.Port()),
	}
	if d.Peer != nil {
		out.Certificate = d.Peer.Leaf
	}
	c.decisions.Add(out)
}

// awaited reports whether somebody tries a request from the address.
func (c *components) awaited(remote netip.AddrPort) bool {
	return c.decisions.Awaits(netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()))
}

// proxyLocal is a PROXY protocol header, version 2, of the proxy's own connection (command LOCAL).
const proxyLocal = "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"

// greet begins a connection to the gateway's listener with a PROXY protocol header where our own address is a proxy's.
func (c *components) greet(conn net.Conn) error {
	a, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil || !slices.ContainsFunc(c.cfg.ProxyProtocolFrom, func(p netip.Prefix) bool { return p.Contains(a.Addr().Unmap()) }) {
		return err
	}
	_, err = conn.Write([]byte(proxyLocal))
	return err
}

func (c *components) addresses() []inspect.Address {
	a := c.admin
	return []inspect.Address{{Name: "gateway", URL: a.GatewayURL}, {Name: "management", URL: a.ManagementURL}, {Name: "vault", URL: a.VaultURL}, {Name: "operations", URL: a.OpsURL}}
}

// resources are all stored resources.
func (c *components) resources(ctx context.Context) ([]*resource.Resource, error) {
	entries, _, err := c.store.List(ctx, resource.KeyPrefix)
	if err != nil {
		return nil, err
	}
	list := make([]*resource.Resource, 0, len(entries))
	for _, e := range entries {
		r, err := resource.Decode(e)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// portalVault answers a request to a vault for a principal of the management API.
func (c *components) portalVault(w http.ResponseWriter, r *http.Request, name string, p *identity.Principal) {
	caller := c.asCaller(p)
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		caller.Address = a.Addr().Unmap()
	}
	c.vault.server.ServeVault(w, r, strings.ToLower(name), caller)
}

// expiring are the development CA's certificates, and those of the vaults that show themselves to the principal, if there is one.
func (c *components) expiring(ctx context.Context, p *identity.Principal) []inspect.Expiring {
	id := c.serviceID.String()
	list := []inspect.Expiring{
		inspect.NewExpiring(inspect.ExpiringServer, id, "built-in server certificate", c.ca.Server().Certificate, true),
		inspect.NewExpiring(inspect.ExpiringCA, id, "development CA, servers", c.ca.ServerRoot(), true),
		inspect.NewExpiring(inspect.ExpiringCA, id, "development CA, clients", c.ca.ClientRoot(), true),
	}
	if p == nil {
		return list
	}
	in, err := c.vaultExpiring(ctx, p)
	if err != nil {
		c.log.LogAttrs(ctx, slog.LevelWarn, "the certificates of the vaults cannot be listed", slog.Any(logkey.Error, err))
	}
	return append(list, in...)
}

// vaultExpiring are the certificates of all vaults that let the principal list them.
func (c *components) vaultExpiring(ctx context.Context, p *identity.Principal) ([]inspect.Expiring, error) {
	all, err := c.resources(ctx)
	if err != nil {
		return nil, err
	}
	caller := c.asCaller(p)
	caller.Local = true
	var list []inspect.Expiring
	for _, r := range all {
		if r.ID.Provider != resource.VaultProvider || !r.ID.IsRoot() {
			continue
		}
		v, err := c.vault.engine.Open(ctx, caller, r.ID.Name())
		if err != nil {
			continue // a vault that is closed to the principal shows nothing
		}
		items, err := v.List(ctx, vault.Certificates, false, vault.Window{})
		if err != nil {
			continue
		}
		for _, item := range items {
			if x, err := v.Describe(ctx, item); err == nil && x.DER != nil {
				if leaf, err := cert.Parse(x.DER); err == nil {
					list = append(list, inspect.NewExpiring(inspect.ExpiringVault, c.vault.server.URL(r.ID.Name())+"/certificates/"+item.Name, r.ID.Name()+" / "+item.Name, leaf, false))
				}
			}
		}
	}
	return list, nil
}
