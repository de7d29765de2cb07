// Package azure gives credentials that read vaults: of Azure, by what the
// machine or the settings prove, and of Postern itself, by its own tokens.
//
// Azure's are those of the Azure SDK (azidentity): the managed identity of the
// machine, workload identity, an application's secret or certificate, or the
// SDK's default chain. A certificate, host name or named value names by its
// identityClientId which user-assigned identity is meant; without one it is the
// system-assigned identity.
package azure

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/identity"
)

// Kinds are the kinds of credential for Azure; the first is the default.
var Kinds = []string{"default", "managed-identity", "workload-identity", "client-secret", "client-certificate"}

// Settings say how Postern proves itself to Azure. What is empty comes from the environment variable that Azure's SDKs
// read, named in each field's comment.
type Settings struct {
	// Kind is one of Kinds; empty: the default.
	Kind string
	// TenantID (AZURE_TENANT_ID) and ClientID (AZURE_CLIENT_ID) name the application; ClientID also the default of
	// user-assigned identities for workload identity.
	TenantID, ClientID string
	// SecretFile is the file with the application's secret; without it, AZURE_CLIENT_SECRET.
	SecretFile string
	// CertificateFile (AZURE_CLIENT_CERTIFICATE_PATH) is the PFX or PEM file with the application's certificate and key,
	// PasswordFile the file with its password; without it, AZURE_CLIENT_CERTIFICATE_PASSWORD.
	CertificateFile, PasswordFile string
	// FederatedTokenFile (AZURE_FEDERATED_TOKEN_FILE) is the token of workload identity.
	FederatedTokenFile string
	// AuthorityHost (AZURE_AUTHORITY_HOST) is where tokens are had; empty: https://login.microsoftonline.com/. Another
	// host is trusted as it is, without asking Microsoft whether it is one of theirs.
	AuthorityHost string
}

// Provider makes credentials for Azure by the settings, one for each client id, which remember their tokens. It is safe
// for concurrent use.
type Provider struct {
	settings Settings
	client   azcore.ClientOptions
	getenv   func(string) string

	mu   sync.Mutex
	made map[string]azcore.TokenCredential
}

// New makes a Provider; transport is how the credentials reach their authority, nil: the SDK's own way. It reads no
// file yet, and fails with Kind Invalid for a kind that there is not.
func New(s Settings, transport policy.Transporter) (*Provider, error) {
	if s.Kind == "" {
		s.Kind = Kinds[0]
	}
	p := &Provider{settings: s, getenv: os.Getenv, made: map[string]azcore.TokenCredential{}}
	p.client.Transport = transport
	if s.AuthorityHost != "" {
		p.client.Cloud = cloud.Configuration{ActiveDirectoryAuthorityHost: s.AuthorityHost}
	}
	for _, k := range Kinds {
		if k == s.Kind {
			return p, nil
		}
	}
	return nil, fault.New(fault.Invalid, "the credential %q is not one of %s", s.Kind, strings.Join(Kinds, ", "))
}

// Credential is the credential that acts for the client id of an identity; empty: for the system-assigned identity, or
// the application of the settings. It fails with Kind Invalid where settings are missing or a file cannot be read.
func (p *Provider) Credential(clientID string) (azcore.TokenCredential, error) {
	key := strings.ToLower(clientID)
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.made[key]; c != nil {
		return c, nil
	}
	c, err := p.make(clientID)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the credential %q for Azure cannot be used", p.settings.Kind)
	}
	p.made[key] = c
	return c, nil
}

func (p *Provider) make(clientID string) (azcore.TokenCredential, error) {
	switch p.settings.Kind {
	case "managed-identity":
		o := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: p.client}
		if clientID != "" {
			o.ID = azidentity.ClientID(clientID)
		}
		return azidentity.NewManagedIdentityCredential(o)
	case "workload-identity":
		return p.workload(clientID)
	case "client-secret":
		return p.secret()
	case "client-certificate":
		return p.certificate()
	}
	return p.chain(clientID)
}

// workload is the credential of a Kubernetes workload, or of whatever writes a federated token.
func (p *Provider) workload(clientID string) (azcore.TokenCredential, error) {
	if clientID == "" {
		clientID = p.or(p.settings.ClientID, "AZURE_CLIENT_ID")
	}
	tenantID, file := p.or(p.settings.TenantID, "AZURE_TENANT_ID"), p.or(p.settings.FederatedTokenFile, "AZURE_FEDERATED_TOKEN_FILE")
	if clientID == "" || tenantID == "" || file == "" {
		return nil, fmt.Errorf("workload identity needs a client id, a tenant and a token file: --azure-client-id, --azure-tenant-id, --azure-federated-token-file, or AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE")
	}
	return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientOptions: p.client,
		ClientID: clientID, TenantID: tenantID, TokenFilePath: file, DisableInstanceDiscovery: p.ownAuthority()})
}

// chain is the SDK's default, with the managed identity of the client id in the place of the machine's own.
func (p *Provider) chain(clientID string) (azcore.TokenCredential, error) {
	all, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: p.client, TenantID: p.settings.TenantID,
		DisableInstanceDiscovery: p.ownAuthority()})
	if err != nil || clientID == "" {
		return all, err
	}
	managed, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: p.client, ID: azidentity.ClientID(clientID)})
	if err != nil {
		return nil, err
	}
	return azidentity.NewChainedTokenCredential([]azcore.TokenCredential{managed, all}, nil)
}

func (p *Provider) ownAuthority() bool { return p.settings.AuthorityHost != "" }

// application are the ids of the application, which must be given.
func (p *Provider) application() (tenantID, clientID string, err error) {
	tenantID, clientID = p.or(p.settings.TenantID, "AZURE_TENANT_ID"), p.or(p.settings.ClientID, "AZURE_CLIENT_ID")
	if tenantID == "" || clientID == "" {
		return "", "", fmt.Errorf("the application's tenant and client id are needed: --azure-tenant-id and --azure-client-id, or AZURE_TENANT_ID and AZURE_CLIENT_ID")
	}
	return tenantID, clientID, nil
}

func (p *Provider) or(setting, variable string) string {
	if setting != "" {
		return setting
	}
	return p.getenv(variable)
}

// read is the text of a file without the line end, or the variable where no file is given.
func (p *Provider) read(file, variable string) (string, error) {
	if file == "" {
		return p.getenv(variable), nil
	}
	data, err := os.ReadFile(file)
	return strings.TrimRight(string(data), "\r\n"), err
}

func (p *Provider) secret() (azcore.TokenCredential, error) {
	tenantID, clientID, err := p.application()
	if err != nil {
		return nil, err
	}
	secret, err := p.read(p.settings.SecretFile, "AZURE_CLIENT_SECRET")
	if err != nil {
		return nil, err
	}
	if secret == "" {
		return nil, fmt.Errorf("the application's secret is needed: --azure-client-secret-file or AZURE_CLIENT_SECRET")
	}
	return azidentity.NewClientSecretCredential(tenantID, clientID, secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: p.client, DisableInstanceDiscovery: p.ownAuthority()})
}

func (p *Provider) certificate() (azcore.TokenCredential, error) {
	tenantID, clientID, err := p.application()
	if err != nil {
		return nil, err
	}
	file := p.or(p.settings.CertificateFile, "AZURE_CLIENT_CERTIFICATE_PATH")
	if file == "" {
		return nil, fmt.Errorf("the application's certificate is needed: --azure-client-certificate or AZURE_CLIENT_CERTIFICATE_PATH")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	password, err := p.read(p.settings.PasswordFile, "AZURE_CLIENT_CERTIFICATE_PASSWORD")
	if err != nil {
		return nil, err
	}
	certs, key, err := loadCertificate(data, password)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return azidentity.NewClientCertificateCredential(tenantID, clientID, certs, key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: p.client, DisableInstanceDiscovery: p.ownAuthority()})
}

// own is a credential whose tokens Postern makes itself.
type own struct {
	directory *identity.Directory
	principal func(context.Context) (string, error)
}

// Own is the credential of a principal of ours, for our own vaults: principal gives its object id each time that a token
// is made, since an identity can be taken away and given anew.
func Own(d *identity.Directory, principal func(context.Context) (objectID string, err error)) azcore.TokenCredential {
	return own{d, principal}
}

// GetToken implements azcore.TokenCredential; there is one scope, an audience and "/.default".
func (o own) GetToken(ctx context.Context, q policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if len(q.Scopes) != 1 {
		return azcore.AccessToken{}, fault.New(fault.Invalid, "a token is for one scope, not %d", len(q.Scopes))
	}
	audience, ok := strings.CutSuffix(q.Scopes[0], "/.default")
	if !ok || audience == "" {
		return azcore.AccessToken{}, fault.New(fault.Invalid, "the scope %q is not an audience and /.default", q.Scopes[0])
	}
	id, err := o.principal(ctx)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	token, expires, err := o.directory.Mint(ctx, id, audience)
	return azcore.AccessToken{Token: token, ExpiresOn: expires}, err
}
