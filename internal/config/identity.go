package config

import (
	"fmt"
	"net"
	"net/netip"
)

// IdentityEnv is the environment by which Azure's SDKs in other processes on this machine get tokens
// of the service's managed identities.
type IdentityEnv struct {
	// Endpoint is IDENTITY_ENDPOINT, Header the secret IDENTITY_HEADER.
	Endpoint, Header string
	// Authority is AZURE_POD_IDENTITY_AUTHORITY_HOST, which has SDKs ask another host than the metadata address of
	// virtual machines; empty where there is no listener for it.
	Authority string
}

const (
	envEndpoint  = "IDENTITY_ENDPOINT"
	envHeader    = "IDENTITY_HEADER"
	envAuthority = "AZURE_POD_IDENTITY_AUTHORITY_HOST"
)

// ReadIdentityEnv is what admin.json of the data directory has of it.
func ReadIdentityEnv(dataDir string) (IdentityEnv, error) {
	a, err := ReadAdmin(dataDir)
	return IdentityEnv{Endpoint: a.IdentityEndpoint, Header: a.IdentityHeader, Authority: a.IdentityAuthority}, err
}

// String is it as lines NAME=VALUE, as shells and env files have them.
func (e IdentityEnv) String() string {
	text := envEndpoint + "=" + e.Endpoint + "\n" + envHeader + "=" + e.Header + "\n"
	if e.Authority != "" {
		text += envAuthority + "=" + e.Authority + "\n"
	}
	return text
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
