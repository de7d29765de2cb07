package config

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Admin is DATA/admin.json: where a running Postern is reached, and the administrator's credential.
type Admin struct {
	ManagementURL  string `json:"managementUrl"`
	GatewayURL     string `json:"gatewayUrl"`
	VaultURL       string `json:"vaultUrl"`
	OpsURL         string `json:"opsUrl"`
	SubscriptionID string `json:"subscriptionId"`
	ResourceGroup  string `json:"resourceGroup"`
	ServiceName    string `json:"serviceName"`
	TenantID       string `json:"tenantId"`
	ClientID       string `json:"clientId"`
	ClientSecret   string `json:"clientSecret"`
	BearerToken    string `json:"bearerToken"`
	CAFile         string `json:"caFile"`
	// IdentityEndpoint, IdentityHeader and IdentityAuthority are what ReadIdentityEnv gives; the header is a secret.
	IdentityEndpoint  string `json:"identityEndpoint"`
	IdentityHeader    string `json:"identityHeader"`
	IdentityAuthority string `json:"identityAuthority,omitempty"`
}

// AdminFile is the name of the file in the data directory.
const AdminFile = "admin.json"

// ReadAdmin reads admin.json of the data directory.
func ReadAdmin(dataDir string) (Admin, error) {
	var a Admin
	name := filepath.Join(dataDir, AdminFile)
	data, err := os.ReadFile(name)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(data, &a); err != nil {
		return a, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// Write writes admin.json, readable by its owner alone, in one step.
func (a Admin) Write(dataDir string) error {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	return writePrivate(dataDir, AdminFile, append(data, '\n'))
}

// writePrivate writes a file of the data directory, readable by its owner alone, in one step.
func writePrivate(dataDir, file string, data []byte) error {
	temporary, err := os.CreateTemp(dataDir, file+".*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // gone after the rename
	if _, err := temporary.Write(data); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Sync(); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), filepath.Join(dataDir, file))
}

// ServiceID is the service's ARM id.
func (a Admin) ServiceID() string {
	return fmt.Sprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.ApiManagement/service/%s", a.SubscriptionID, a.ResourceGroup, a.ServiceName)
}

// Client is an HTTP client that trusts the CA of CAFile alone.
func (a Admin) Client() (*http.Client, error) {
	pem, err := os.ReadFile(a.CAFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", a.CAFile)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	return &http.Client{Transport: transport, Timeout: time.Minute}, nil
}
