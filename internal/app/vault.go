package app

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/event"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/keyvault"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/vault"
	"github.com/postern-gateway/postern/internal/vault/reference"
)

// The names of the embedded vault.
const (
	vaultDomain  = "vault.localhost" // below which vaults have their hosts
	defaultVault = "default"
)

// vaultNames are the host names of vaults in the server certificate.
var vaultNames = []string{vaultDomain, defaultVault + "." + vaultDomain, "*." + vaultDomain}

// vaultFront is the embedded vault with its REST front.
type vaultFront struct {
	engine    *vault.Engine
	server    *keyvault.Server
	documents *vaultDocuments
}

func (c *components) vaultPort() string {
	_, port, _ := net.SplitHostPort(c.vaultListener.Addr().String())
	return port
}

// vaultURL is the address of the vault "default", vaultResource the audience of tokens for all vaults.
func (c *components) vaultURL() string {
	return "https://" + net.JoinHostPort(defaultVault+"."+vaultDomain, c.vaultPort())
}

func (c *components) vaultResource() string {
	return "https://" + net.JoinHostPort(vaultDomain, c.vaultPort())
}

func (c *components) buildVault(ctx context.Context) error {
	if err := ensureVault(ctx, c.store, c.serviceID); err != nil {
		return err
	}
	v := &vaultFront{documents: &vaultDocuments{c.store}}
	crlURL := c.admin.OpsURL + devca.CRLPath
	v.engine = vault.New(vault.Options{
		Store: c.store, Sealer: c.sealer, Properties: v.documents.properties, Assignments: c.directory.Assignments,
		Issue: func(_ context.Context, template *x509.Certificate, csr []byte) ([][]byte, error) {
			return c.ca.Issue(template, csr, crlURL)
		},
		Uses: c.vaultUses, Log: c.log.With(slog.String(logkey.Component, "vault")),
	})
	v.server = keyvault.New(keyvault.Options{
		Engine: v.engine, Authenticate: c.vaultCaller, Resource: c.vaultResource(), Authority: c.admin.ManagementURL + "/" + tenantID,
		DefaultVault: defaultVault, Log: c.log.With(slog.String(logkey.Component, "vault")),
	})
	c.vault = v
	return nil
}

// vaultAudiences are the audiences of tokens for vaults: our own, and Azure's, which policies and clients name.
func (c *components) vaultAudiences() []string {
	return []string{c.vaultResource(), "https://" + vaultDomain, "https://vault.azure.net", c.vaultURL()}
}

// vaultCaller is who a token for the vaults proves.
func (c *components) vaultCaller(ctx context.Context, token string) (vault.Caller, error) {
	p, err := c.directory.AuthenticateFor(ctx, token, c.vaultAudiences())
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Kind == fault.Unauthenticated {
		return vault.Caller{}, unauthenticatedVault(e, c.vaultResource())
	}
	if err != nil {
		return vault.Caller{}, err
	}
	return c.asCaller(p), nil
}

// unauthenticatedVault says in Key Vault's words why a token proves nobody.
func unauthenticatedVault(e *fault.Error, resource string) error {
	switch e.Code {
	case "InvalidAuthenticationTokenAudience":
		return fault.Wrap(fault.Unauthenticated, e, "AKV10022: Invalid audience. Expected %s. %s", resource, e.Message)
	case "ExpiredAuthenticationToken":
		return fault.Wrap(fault.Unauthenticated, e, "[TokenExpired] Error validating token: %s", e.Message)
	}
	return fault.Wrap(fault.Unauthenticated, e, "[BearerReadAccessTokenFailed] Error validating token: %s", e.Message)
}

// asCaller is a principal as vaults know it.
func (c *components) asCaller(p *identity.Principal) vault.Caller {
	return vault.Caller{
		ObjectID: p.ID, ClientID: p.ClientID, TenantID: p.TenantID, Issuer: c.directory.IssuerV1(),
		SystemAssigned: p.Kind == identity.SystemAssigned, Administrator: p.Kind == identity.Administrator,
	}
}

// vaultUses names what refers to an object of a vault by a Key Vault reference.
func (c *components) vaultUses(ctx context.Context, vaultName, object string) ([]string, error) {
	entries, _, err := c.store.List(ctx, resource.KeyPrefix)
	if err != nil {
		return nil, err
	}
	var users []string
	for _, e := range entries {
		r, err := resource.Decode(e)
		if err != nil {
			return nil, err
		}
		for _, u := range reference.Of(r) {
			id, err := reference.ParseID(u.Secret)
			if err != nil || !strings.EqualFold(id.Name, object) || !isOwnHost(c.cfg.ManagementHosts, id.Host()) || c.vault.server.VaultOf(id.Host()) != vaultName {
				continue
			}
			user := u.Resource.String()
			if u.Kind == reference.Hostname {
				user += " (host name " + u.Slot[strings.LastIndexByte(u.Slot, '/')+1:] + ")"
			}
			users = append(users, user)
		}
	}
	return users, nil
}

// runVault does what time brings to the vaults until ctx ends, and publishes what happens in them.
func (c *components) runVault(ctx context.Context) {
	c.ops.registry.MustRegister(c.vault.server.Requests)
	defer c.vault.engine.Subscribe(c.publishVaultEvent)()
	c.vault.engine.Run(ctx, nil)
}

// publishVaultEvent publishes those events that Key Vault itself gives to Event Grid, with the data that it gives there
// (learn.microsoft.com/azure/event-grid/event-schema-key-vault, read 2026-11). Every node of a cluster does, with the same
// id, by which a receiver knows them.
func (c *components) publishVaultEvent(e vault.Event) {
	level := slog.LevelInfo
	switch {
	case e.Kind == vault.ObjectChanged, e.Kind == vault.ObjectRemoved, e.Kind == vault.EventsMissed:
		return
	case strings.HasSuffix(e.Kind, "Expiry"), strings.HasSuffix(e.Kind, "Expired"):
		level = slog.LevelWarn
	}
	id := c.vault.server.URL(e.Vault) + "/" + string(e.Area) + "/" + e.Name + "/" + e.Version
	data := map[string]any{"Id": id, "VaultName": e.Vault, "ObjectType": e.Area.Word(), "ObjectName": e.Name, "Version": e.Version}
	if e.NotBefore != nil {
		data["NBF"] = e.NotBefore.Unix()
	}
	if e.Expires != nil {
		data["EXP"] = e.Expires.Unix()
	}
	c.events.Publish(event.Event{
		ID: e.Kind + "/" + e.Vault + "/" + e.Name + "/" + e.Version, Time: e.Time, Type: "Microsoft.KeyVault." + e.Kind, Subject: id, Level: level,
		Message: vaultMessage(e), Data: data,
	})
}

// vaultMessage is a vault's event in a sentence.
func vaultMessage(e vault.Event) string {
	what := fmt.Sprintf("%s %q of vault %q", strings.ToLower(e.Area.Word()), e.Name, e.Vault)
	switch {
	case strings.HasSuffix(e.Kind, "NewVersionCreated"):
		return what + " has a new version"
	case strings.HasSuffix(e.Kind, "Expired"):
		return what + " has expired"
	}
	return what + " expires soon"
}

// handler answers on the vault's listener.
func (v *vaultFront) handler() http.Handler { return v.server }

// announce says where the vault is, and what to do where its name does not resolve.
func (c *components) announceVault(out io.Writer) {
	fmt.Fprintf(out, "  vault       %s\n", c.vaultURL())
	host := defaultVault + "." + vaultDomain
	if _, err := net.LookupHost(host); err != nil {
		fmt.Fprintf(out, "  %s does not resolve here; to use it, add to /etc/hosts (https://%s serves it too):\n    127.0.0.1 %s %s\n",
			host, net.JoinHostPort("localhost", c.vaultPort()), host, vaultDomain)
	}
}

// vaultDocuments finds the documents of vaults among the stored resources, by name: names are unique everywhere.
type vaultDocuments struct {
	store store.Store
}

// properties are those of the vault of that name in lower case, as of now.
func (d *vaultDocuments) properties(ctx context.Context, name string) (vault.Properties, error) {
	r, err := d.find(ctx, name)
	if err != nil {
		return vault.Properties{}, err
	}
	data, err := json.Marshal(r.Properties)
	if err != nil {
		return vault.Properties{}, err
	}
	var p vault.Properties
	if err := json.Unmarshal(data, &p); err != nil {
		return p, fault.Wrap(fault.Internal, err, "the properties of vault %q cannot be read", name)
	}
	p.ID, p.Name = r.ID.String(), r.ID.Name()
	p.Location, _ = r.Top["location"].(string)
	return p, nil
}

func (d *vaultDocuments) find(ctx context.Context, name string) (*resource.Resource, error) {
	e, err := d.store.Get(ctx, resource.VaultKey(name))
	if err != nil {
		return nil, err
	}
	id, err := resource.ParseID(string(e.Value))
	if err != nil {
		return nil, err
	}
	if e, err = d.store.Get(ctx, id.Key()); err != nil {
		return nil, err
	}
	return resource.Decode(e)
}

// vaultMadeKey marks that the first vault was made: it is not made again when it was deleted.
const vaultMadeKey = "/vault/first"

// ensureVault makes the vault "default" at the first start, with everything allowed to the administrator.
func ensureVault(ctx context.Context, s store.Store, service resource.ID) error {
	_, err := s.Get(ctx, vaultMadeKey)
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return err
	}
	all := []any{"all", "purge"}
	now := time.Now().UTC()
	r := resource.Resource{
		ID:  resource.NewID(service.Subscription, service.Group, resource.VaultType, defaultVault),
		Top: map[string]any{"location": "local", "tags": map[string]any{}},
		Properties: map[string]any{
			"tenantId": tenantID, "sku": map[string]any{"family": "A", "name": "standard"},
			"accessPolicies": []any{map[string]any{"tenantId": tenantID, "objectId": adminObjectID,
				"permissions": map[string]any{"keys": all, "secrets": all, "certificates": all, "storage": []any{}}}},
			"enabledForDeployment": false, "enableRbacAuthorization": false, "enableSoftDelete": true, "softDeleteRetentionInDays": json.Number("90"),
			"publicNetworkAccess": "Enabled",
		},
		Created: now, Modified: now,
	}
	value, err := r.Encode()
	if err != nil {
		return err
	}
	made := store.Put(vaultMadeKey, nil)
	named := resource.VaultKey(defaultVault)
	_, err = s.Commit(ctx, store.Txn{If: []store.Condition{store.Absent(r.ID.Key()), store.Absent(named)},
		Then: []store.Op{made, store.Put(r.ID.Key(), value), store.Put(named, []byte(r.ID.String()))}})
	if err != nil && fault.KindOf(err) == fault.PreconditionFailed { // there is one already
		_, err = s.Commit(ctx, store.Txn{Then: []store.Op{made}})
	}
	return err
}
