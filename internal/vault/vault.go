package vault

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
	"github.com/postern-gateway/postern/internal/store"
)

// Sealer seals what must not be read at rest.
type Sealer interface {
	// Seal makes a token of plaintext that opens with the same associated data only.
	Seal(associatedData string, plaintext []byte) (string, error)
	// Unseal opens a token.
	Unseal(associatedData string, token string) ([]byte, error)
}

// Options are what an Engine works with. Store, Sealer and Properties are required.
type Options struct {
	// Store holds everything.
	Store store.Store
	// Sealer seals values and private keys.
	Sealer Sealer
	// Properties are the properties of a vault's document, by its name without regard to case; a fault of Kind
	// NotFound where there is no such vault.
	Properties func(ctx context.Context, vault string) (Properties, error)
	// Assignments are all role assignments; nil: none, so that vaults with role-based access let nobody in.
	Assignments func(ctx context.Context) ([]identity.Assignment, error)
	// Issue signs a certificate of the development CA: the template is complete but for serial number and issuer,
	// the CSR (PKCS#10 DER) proves possession of the key. It returns the leaf's DER and its chain's. Nil: there is no such CA.
	Issue func(ctx context.Context, template *x509.Certificate, csr []byte) ([][]byte, error)
	// Uses names what uses an object of a vault (ids of services, certificates, named values); deleting an object in
	// use is refused. Nil: nothing is known to use anything.
	Uses func(ctx context.Context, vault, object string) ([]string, error)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log takes what the background work has to say; nil: nothing is logged.
	Log *slog.Logger
}

// Engine is the embedded vaults of one Postern. Make one with New.
type Engine struct {
	o Options

	mu          sync.Mutex
	subscribers map[int]func(Event)
	next        int
}

// New makes an engine.
func New(o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{o: o, subscribers: map[int]func(Event){}}
}

// now is the present, in whole seconds as the protocol has it.
func (e *Engine) now() time.Time { return e.o.Now().UTC().Truncate(time.Second) }

// Caller is who asks.
type Caller struct {
	// ObjectID is the principal's object id, ClientID its application's, TenantID its directory, Issuer the token's.
	ObjectID, ClientID, TenantID, Issuer string
	// SystemAssigned marks the service's own identity: it counts as a trusted service, which a firewall may let pass.
	SystemAssigned bool
	// Administrator marks the administrator of the management plane; that alone opens no vault.
	Administrator bool
	// Address is where the request came from.
	Address netip.Addr
	// Local marks calls from within the process.
	Local bool
}

// String is the caller as Key Vault's messages name it.
func (c Caller) String() string {
	return "appid=" + c.ClientID + ";oid=" + c.ObjectID + ";iss=" + c.Issuer
}

// Properties are the properties of a vault's document (Microsoft.KeyVault/vaults) as the engine reads them.
type Properties struct {
	// ID is the vault's ARM id, Name its name as created, Location its region.
	ID       string `json:"-"`
	Name     string `json:"-"`
	Location string `json:"-"`
	// TenantID is the directory whose principals may have access.
	TenantID string `json:"tenantId"`
	// AccessPolicies say who may do what, unless EnableRBACAuthorization has role assignments say it.
	AccessPolicies          []AccessPolicy `json:"accessPolicies"`
	EnableRBACAuthorization bool           `json:"enableRbacAuthorization"`
	// EnableSoftDelete is true where it is absent. SoftDeleteRetentionInDays is 7 to 90, 0 means 90.
	EnableSoftDelete          *bool `json:"enableSoftDelete"`
	SoftDeleteRetentionInDays int   `json:"softDeleteRetentionInDays"`
	EnablePurgeProtection     bool  `json:"enablePurgeProtection"`
	// NetworkACLs is the firewall; nil: off.
	NetworkACLs *NetworkACLs `json:"networkAcls"`
	// PublicNetworkAccess is "Disabled" where nobody but trusted services gets in.
	PublicNetworkAccess string `json:"publicNetworkAccess"`
}

// AccessPolicy gives one principal permissions.
type AccessPolicy struct {
	TenantID      string      `json:"tenantId"`
	ObjectID      string      `json:"objectId"`
	ApplicationID string      `json:"applicationId"`
	Permissions   Permissions `json:"permissions"`
}

// Permissions are names of operations an area, such as "get" and "list"; "all" is all of them.
type Permissions struct {
	Keys         []string `json:"keys"`
	Secrets      []string `json:"secrets"`
	Certificates []string `json:"certificates"`
}

// NetworkACLs is a vault's firewall.
type NetworkACLs struct {
	// Bypass is "AzureServices" (the default) where trusted services pass, or "None".
	Bypass string `json:"bypass"`
	// DefaultAction is "Allow" (the default) or "Deny".
	DefaultAction string `json:"defaultAction"`
	// IPRules are addresses and prefixes that pass.
	IPRules []IPRule `json:"ipRules"`
}

// IPRule is an address or a prefix.
type IPRule struct {
	Value string `json:"value"`
}

// Vault is one vault as one caller may use it. Make one with Engine.Open.
type Vault struct {
	e      *Engine
	name   string // lower case
	p      Properties
	caller Caller
	// managing lifts all rules: the management API has judged already.
	managing bool
}

var vaultName = regexp.MustCompile(`^[a-zA-Z0-9-]{1,63}$`)

// Open is the vault of that name for the caller, whose address the vault's network rules have let pass. Faults:
// NotFound for a vault that does not exist, Forbidden by the rules.
func (e *Engine) Open(ctx context.Context, caller Caller, name string) (*Vault, error) {
	v, err := e.find(ctx, name)
	if err != nil {
		return nil, err
	}
	v.caller = caller
	return v, v.checkNetwork()
}

// Manage is the vault of that name for the management API, which judges by its own rules who may make secrets by it:
// neither the network rules nor the permissions of the vault count.
func (e *Engine) Manage(ctx context.Context, name string) (*Vault, error) {
	v, err := e.find(ctx, name)
	if err != nil {
		return nil, err
	}
	v.managing = true
	return v, nil
}

func (e *Engine) find(ctx context.Context, name string) (*Vault, error) {
	if !vaultName.MatchString(name) {
		return nil, vaultNotFound(name)
	}
	p, err := e.o.Properties(ctx, strings.ToLower(name))
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, vaultNotFound(name)
	}
	if err != nil {
		return nil, err
	}
	if p.Name == "" {
		p.Name = name
	}
	return &Vault{e: e, name: strings.ToLower(name), p: p}, nil
}

// Properties are the vault's properties.
func (v *Vault) Properties() Properties { return v.p }

// where ends Key Vault's messages of refusal.
func (v *Vault) where() string { return v.p.Name + ";location=" + v.p.Location }

// defaultRetention is how many days a deleted object can be recovered where the vault says nothing.
const defaultRetention = 90

// retention is how long deleted objects are kept, in days; 0 without soft delete.
func (p Properties) retention() int {
	switch {
	case p.EnableSoftDelete != nil && !*p.EnableSoftDelete && !p.EnablePurgeProtection:
		return 0
	case p.SoftDeleteRetentionInDays <= 0:
		return defaultRetention
	}
	return p.SoftDeleteRetentionInDays
}

// recoveryLevel is the vault's level in Key Vault's words (DeletionRecoveryLevel).
func (p Properties) recoveryLevel() string {
	days := p.retention()
	if days == 0 {
		return "Purgeable"
	}
	level := "Recoverable"
	if days < defaultRetention {
		level = "CustomizedRecoverable"
	}
	if !p.EnablePurgeProtection {
		level += "+Purgeable"
	}
	return level
}
