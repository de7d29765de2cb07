package config

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// IdentityEnv is DATA/identity.env: the environment by which Azure's SDKs in other processes on this machine get tokens
// of the service's managed identities. Lines are NAME=VALUE, as shells and env files have them.
type IdentityEnv struct {
	// Endpoint is IDENTITY_ENDPOINT, Header the secret IDENTITY_HEADER.
	Endpoint, Header string
	// Authority is AZURE_POD_IDENTITY_AUTHORITY_HOST, which has SDKs ask another host than the metadata address of
	// virtual machines; empty where there is no listener for it.
	Authority string
}

// IdentityFile is the name of the file in the data directory.
const IdentityFile = "identity.env"

const (
	envEndpoint  = "IDENTITY_ENDPOINT"
	envHeader    = "IDENTITY_HEADER"
	envAuthority = "AZURE_POD_IDENTITY_AUTHORITY_HOST"
)

// ReadIdentityEnv reads identity.env of the data directory.
func ReadIdentityEnv(dataDir string) (IdentityEnv, error) {
	data, err := os.ReadFile(filepath.Join(dataDir, IdentityFile))
	if err != nil {
		return IdentityEnv{}, err
	}
	var e IdentityEnv
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case envEndpoint:
			e.Endpoint = value
		case envHeader:
			e.Header = value
		case envAuthority:
			e.Authority = value
		}
	}
	return e, nil
}

// String is the file's text.
func (e IdentityEnv) String() string {
	text := envEndpoint + "=" + e.Endpoint + "\n" + envHeader + "=" + e.Header + "\n"
	if e.Authority != "" {
		text += envAuthority + "=" + e.Authority + "\n"
	}
	return text
}

// Write writes identity.env, readable by its owner alone, in one step.
func (e IdentityEnv) Write(dataDir string) error {
	return writePrivate(dataDir, IdentityFile, []byte(e.String()))
}

// setIdentityListen takes a loopback address: what listens there gives tokens to whom asks.
func setIdentityListen(c *Config, s string) error {
	host, _, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is not host:port", s)
	}
	if a, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !a.IsLoopback()) {
		return fmt.Errorf("%q is not a loopback address: it would give tokens to other machines", s)
	}
	c.IdentityListen = s
	return nil
}

// AzureCredential is how Postern proves itself to Azure, as identity/azure's settings have it.
type AzureCredential struct {
	Kind, TenantID, ClientID, SecretFile, CertificateFile, PasswordFile, FederatedTokenFile, AuthorityHost string
}
