// Package config has Postern's settings: one table states each setting's name,
// default and meaning; flags, environment variables and the configuration file
// all read it.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Config is everything that `postern serve` can be told. The zero value is not valid: see Defaults.
type Config struct {
	// DataDir holds the store, the master key and admin.json.
	DataDir string
	// GatewayListen, ManagementListen, VaultListen and OpsListen are host:port addresses; port 0 takes a free one.
	GatewayListen, ManagementListen, VaultListen, OpsListen string
	// MasterKey is the file of the key that seals the store; empty: master.key in DataDir. MasterKeyKMS is the key of a
	// key management service that encrypts that file; empty: none. MasterKeyset is the key itself, of the environment alone.
	MasterKey, MasterKeyKMS, MasterKeyset string
	// IdentityListen is the loopback address that gives tokens of managed identities to processes on this machine; empty: none.
	IdentityListen string
	// IdentityAudiences are audiences, beside Postern's own, for which policies get Postern's own tokens and not Azure's.
	IdentityAudiences []string
	// Azure is how Postern proves itself to Azure's vaults.
	Azure AzureCredential
	// VaultRefresh is how often key vault references are looked at. VaultSuffixes are domains below which key vaults are,
	// beside Azure's own.
	VaultRefresh  time.Duration
	VaultSuffixes []string
	// EventWebhook takes events, signed with the secret in EventWebhookSecretFile; empty: there is none.
	EventWebhook, EventWebhookSecretFile string
	// FetchAllow are addresses beyond public ones that CRL, OCSP and AIA fetches may reach.
	FetchAllow []netip.Prefix
	// Revocation is about lists and responders.
	Revocation Revocation
	// ProxyProtocolFrom are the addresses of proxies whose connections to the gateway begin with a PROXY protocol header.
	ProxyProtocolFrom []netip.Prefix
	// ManagementHosts are names, beyond localhost and loopback addresses, that the management, vault and ops listeners answer to.
	ManagementHosts []string
	// Apply are files applied before ready.
	Apply []string
	// LogLevel is the least level logged.
	LogLevel slog.Level
	// LogFormat is "text" or "json".
	LogFormat string
	// AccessLog writes a record for each request at the gateway.
	AccessLog bool
	// MaxHeaderBytes, MaxHeaderCount, MaxURLBytes and MaxBodyBytes bound requests at the gateway.
	MaxHeaderBytes, MaxHeaderCount, MaxURLBytes int
	MaxBodyBytes                                int64
	// ExpressionSteps, ExpressionBytes, ExpressionDepth and ExpressionTimeout bound one evaluation of an expression.
	ExpressionSteps, ExpressionBytes int64
	ExpressionDepth                  int
	ExpressionTimeout                time.Duration
	// PolicyCacheBytes bounds what policies keep in the internal cache.
	PolicyCacheBytes int64
	// IdleTimeout, ReadHeaderTimeout and ReadTimeout bound waiting for clients.
	IdleTimeout, ReadHeaderTimeout, ReadTimeout time.Duration
	// DrainTimeout is how long requests may run on after SIGTERM.
	DrainTimeout time.Duration
}

// Setting is one line of the table.
type Setting struct {
	// Name is the flag; POSTERN_ and the name in upper case with underscores is the environment variable; the
	// name is also the key in the file.
	Name string
	// Default is the default as text; empty: none.
	Default string
	// Help says what it is, in one line.
	Help string
	// List tells that it may be given several times.
	List bool
	set  func(*Config, string) error
}

// Env is the setting's environment variable.
func (s Setting) Env() string {
	return "POSTERN_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Settings is the table.
var Settings = []Setting{
	{Name: "data-dir", Help: "directory of the store, the master key and admin.json (default: $XDG_STATE_HOME/postern)", set: text(func(c *Config) *string { return &c.DataDir })},
	{Name: "gateway-listen", Default: ":8443", Help: "address of the gateway (HTTPS)", set: address(func(c *Config) *string { return &c.GatewayListen })},
	{Name: "management-listen", Default: "127.0.0.1:9443", Help: "address of the management API and portal (HTTPS)", set: address(func(c *Config) *string { return &c.ManagementListen })},
	{Name: "vault-listen", Default: "127.0.0.1:9444", Help: "address of the embedded vault (HTTPS)", set: address(func(c *Config) *string { return &c.VaultListen })},
	{Name: "ops-listen", Default: "127.0.0.1:9090", Help: "address of health, readiness and metrics (HTTP)", set: address(func(c *Config) *string { return &c.OpsListen })},
	{Name: "master-key", Help: "file of the key that seals the store (default: master.key in the data directory)", set: text(func(c *Config) *string { return &c.MasterKey })},
	{Name: "master-key-kms", Help: "key of a key management service that encrypts the file of the master key: hcvault://HOST:PORT/MOUNT/keys/NAME or https://VAULT.vault.azure.net/keys/NAME", set: text(func(c *Config) *string { return &c.MasterKeyKMS })},
	{Name: "identity-listen", Help: "loopback address that gives tokens of managed identities to processes on this machine, as a virtual machine has it (HTTP, no secret); none by default", set: setIdentityListen},
	{Name: "identity-audience", List: true, Help: "audience for which authentication-managed-identity gets a token of Postern's own, as it does for its own vaults and management API, instead of one of Azure; '*' is every audience", set: list(func(c *Config) *[]string { return &c.IdentityAudiences })},
	{Name: "azure-credential", Default: "default", Help: "what proves Postern to Azure, for vaults and authentication-managed-identity: default, managed-identity, workload-identity, client-secret or client-certificate", set: oneOf(func(c *Config) *string { return &c.Azure.Kind }, "default", "managed-identity", "workload-identity", "client-secret", "client-certificate")},
	{Name: "azure-tenant-id", Help: "tenant of the application (default: AZURE_TENANT_ID)", set: text(func(c *Config) *string { return &c.Azure.TenantID })},
	{Name: "azure-client-id", Help: "client id of the application (default: AZURE_CLIENT_ID)", set: text(func(c *Config) *string { return &c.Azure.ClientID })},
	{Name: "azure-client-secret-file", Help: "file with the application's secret (default: the secret in AZURE_CLIENT_SECRET)", set: text(func(c *Config) *string { return &c.Azure.SecretFile })},
	{Name: "azure-client-certificate", Help: "PFX or PEM file with the application's certificate and key (default: AZURE_CLIENT_CERTIFICATE_PATH)", set: text(func(c *Config) *string { return &c.Azure.CertificateFile })},
	{Name: "azure-client-certificate-password-file", Help: "file with its password (default: the password in AZURE_CLIENT_CERTIFICATE_PASSWORD)", set: text(func(c *Config) *string { return &c.Azure.PasswordFile })},
	{Name: "azure-federated-token-file", Help: "file with the token of workload identity (default: AZURE_FEDERATED_TOKEN_FILE)", set: text(func(c *Config) *string { return &c.Azure.FederatedTokenFile })},
	{Name: "azure-authority-host", Help: "where Azure gives tokens (default: AZURE_AUTHORITY_HOST, or https://login.microsoftonline.com/)", set: text(func(c *Config) *string { return &c.Azure.AuthorityHost })},
	{Name: "vault-refresh", Default: "1m", Help: "how often a key vault reference without version is looked at (API Management: 4h)", set: duration(func(c *Config) *time.Duration { return &c.VaultRefresh })},
	{Name: "vault-suffix", List: true, Help: "domain, beyond Azure's, below which key vaults are that may be referred to", set: list(func(c *Config) *[]string { return &c.VaultSuffixes })},
	{Name: "event-webhook", Help: "address that takes events (expiry, vault failures) as CloudEvents: https, or http on this machine", set: text(func(c *Config) *string { return &c.EventWebhook })},
	{Name: "event-webhook-secret-file", Help: "file of the secret that signs events", set: text(func(c *Config) *string { return &c.EventWebhookSecretFile })},
	{Name: "fetch-allow", List: true, Help: "address prefix, beyond public addresses, that CRL, OCSP and AIA fetches may reach", set: setPrefix},
	{Name: "fetch-proxy", Help: "proxy that CRL, OCSP and AIA fetches go through, such as http://proxy.example:3128", set: setFetchProxy},
	{Name: "crl", List: true, Help: "revocation list that is used before any is fetched: a file, read again when it changes, or an address", set: list(func(c *Config) *[]string { return &c.Revocation.Lists })},
	{Name: "block-list", Help: "file of certificates that are refused whatever lists say: a thumbprint, or SERIAL @ ISSUER, a line; read again when it changes", set: text(func(c *Config) *string { return &c.Revocation.BlockList })},
	{Name: "revocation-refresh", Default: "1h", Help: "how often lists and OCSP answers in use are asked for newer ones, at least", set: duration(func(c *Config) *time.Duration { return &c.Revocation.Refresh })},
	{Name: "max-crl-bytes", Default: "134217728", Help: "size of a revocation list, in bytes", set: setMaxList},
	{Name: "ocsp-nonce", Default: "off", Help: "on or off: send a nonce to OCSP responders", set: setNonce},
	{Name: "proxy-protocol-from", List: true, Help: "address prefix of proxies whose connections to the gateway begin with a PROXY protocol header (version 2)", set: setProxyProtocol},
	{Name: "management-host", List: true, Help: "host name, beyond localhost and loopback addresses, that management, vault and ops answer to", set: list(func(c *Config) *[]string { return &c.ManagementHosts })},
	{Name: "apply", List: true, Help: "file of resources to apply before ready", set: list(func(c *Config) *[]string { return &c.Apply })},
	{Name: "log-level", Default: "info", Help: "debug, info, warn or error", set: func(c *Config, s string) error { return c.LogLevel.UnmarshalText([]byte(s)) }},
	{Name: "log-format", Default: "text", Help: "text or json", set: oneOf(func(c *Config) *string { return &c.LogFormat }, "text", "json")},
	{Name: "access-log", Default: "off", Help: "on or off: a record for each request at the gateway", set: setAccessLog},
	{Name: "max-header-bytes", Default: "65536", Help: "size of a request's header fields, in bytes", set: number(func(c *Config) *int { return &c.MaxHeaderBytes }, 1024)},
	{Name: "max-header-count", Default: "200", Help: "number of a request's header fields", set: number(func(c *Config) *int { return &c.MaxHeaderCount }, 8)},
	{Name: "max-url-bytes", Default: "16384", Help: "length of a request's URL, in bytes", set: number(func(c *Config) *int { return &c.MaxURLBytes }, 256)},
	{Name: "max-body-bytes", Default: "1073741824", Help: "size of a request's body, in bytes; 0: no limit", set: setMaxBody},
	{Name: "expression-max-steps", Default: "200000000", Help: "calls and loop turns of one evaluation of an expression", set: count(func(c *Config) *int64 { return &c.ExpressionSteps }, 1000)},
	{Name: "expression-max-bytes", Default: "268435456", Help: "memory that one evaluation may ask for, in bytes, summed", set: count(func(c *Config) *int64 { return &c.ExpressionBytes }, 1<<16)},
	{Name: "expression-max-depth", Default: "400", Help: "nested calls in one evaluation", set: number(func(c *Config) *int { return &c.ExpressionDepth }, 8)},
	{Name: "policy-cache-bytes", Default: "67108864", Help: "memory for what policies keep in the cache, in bytes", set: count(func(c *Config) *int64 { return &c.PolicyCacheBytes }, 1<<16)},
	{Name: "expression-timeout", Default: "5s", Help: "how long one evaluation may take", set: duration(func(c *Config) *time.Duration { return &c.ExpressionTimeout })},
	{Name: "idle-timeout", Default: "3m", Help: "how long a connection may idle", set: duration(func(c *Config) *time.Duration { return &c.IdleTimeout })},
	{Name: "read-header-timeout", Default: "30s", Help: "how long a client may take to send a request's head", set: duration(func(c *Config) *time.Duration { return &c.ReadHeaderTimeout })},
	{Name: "read-timeout", Default: "5m", Help: "how long a client may take between two pieces of a body", set: duration(func(c *Config) *time.Duration { return &c.ReadTimeout })},
	{Name: "drain-timeout", Default: "30s", Help: "how long requests may run on after SIGTERM", set: duration(func(c *Config) *time.Duration { return &c.DrainTimeout })},
}

// MasterKeysetEnv is the environment variable that may hold the master key: the text that `postern key generate` prints, or
// that in base64. It is no flag, since everybody on a machine can read command lines.
const MasterKeysetEnv = "POSTERN_MASTER_KEYSET"

// Source gives the values of a setting, if it was given there.
type Source func(name string) (values []string, given bool)

// Load reads the settings: flags before environment before file before defaults. It returns every problem at once.
func Load(flags Source, env func(string) (string, bool), file string) (Config, error) {
	fromFile, err := readFile(file)
	if err != nil {
		return Config{}, err
	}
	var c Config
	var problems []error
	for _, s := range Settings {
		values, where := lookUp(s, flags, env, fromFile)
		for _, v := range values {
			if err := s.set(&c, v); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", where, err))
			}
		}
	}
	if c.DataDir == "" {
		c.DataDir, err = DefaultDataDir(env)
		problems = append(problems, err)
	}
	c.MasterKeyset, _ = env(MasterKeysetEnv)
	if c.MasterKeyset != "" && (c.MasterKey != "" || c.MasterKeyKMS != "") {
		problems = append(problems, fmt.Errorf("%s has the master key, and a file is named by --master-key or --master-key-kms: give one of the two", MasterKeysetEnv))
	}
	return c, errors.Join(problems...)
}

func lookUp(s Setting, flags Source, env func(string) (string, bool), file map[string][]string) (values []string, where string) {
	if v, ok := flags(s.Name); ok {
		return v, "--" + s.Name
	}
	if v, ok := env(s.Env()); ok {
		if s.List {
			return strings.Split(v, ","), s.Env()
		}
		return []string{v}, s.Env()
	}
	if v, ok := file[s.Name]; ok {
		return v, s.Name
	}
	if s.Default == "" {
		return nil, ""
	}
	return []string{s.Default}, "default of " + s.Name
}

// DefaultDataDir is $XDG_STATE_HOME/postern, or ~/.local/state/postern.
func DefaultDataDir(env func(string) (string, bool)) (string, error) {
	if state, ok := env("XDG_STATE_HOME"); ok && filepath.IsAbs(state) {
		return filepath.Join(state, "postern"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no data directory: %w; give --data-dir", err)
	}
	return filepath.Join(home, ".local", "state", "postern"), nil
}

// readFile reads a YAML mapping of setting names to values or lists of values; unknown names are errors.
func readFile(name string) (map[string][]string, error) {
	if name == "" {
		return nil, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var nodes map[string]yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&nodes); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out := map[string][]string{}
	var problems []error
	for key, node := range nodes {
		i := slices.IndexFunc(Settings, func(s Setting) bool { return s.Name == key })
		switch {
		case i < 0:
			problems = append(problems, fmt.Errorf("%s:%d: there is no setting %q%s", name, node.Line, key, nearest(key)))
		case node.Kind == yaml.ScalarNode:
			out[key] = []string{node.Value}
		case node.Kind == yaml.SequenceNode && Settings[i].List:
			for _, e := range node.Content {
				out[key] = append(out[key], e.Value)
			}
		default:
			problems = append(problems, fmt.Errorf("%s:%d: %s takes a single value", name, node.Line, key))
		}
	}
	return out, errors.Join(problems...)
}

// nearest suggests the setting that begins alike.
func nearest(key string) string {
	best, length := "", 2
	for _, s := range Settings {
		n := 0
		for n < len(key) && n < len(s.Name) && key[n] == s.Name[n] {
			n++
		}
		if n > length {
			best, length = s.Name, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error { *field(c) = s; return nil }
}

func list(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, s string) error { *field(c) = append(*field(c), s); return nil }
}

func oneOf(field func(*Config) *string, allowed ...string) func(*Config, string) error {
	return func(c *Config, s string) error {
		if !slices.Contains(allowed, s) {
			return fmt.Errorf("%q is not one of %s", s, strings.Join(allowed, ", "))
		}
		*field(c) = s
		return nil
	}
}

func address(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		if _, _, err := net.SplitHostPort(s); err != nil {
			return fmt.Errorf("%q is not host:port", s)
		}
		*field(c) = s
		return nil
	}
}

func number(field func(*Config) *int, least int) func(*Config, string) error {
	return func(c *Config, s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < least {
			return fmt.Errorf("%q is not a number of at least %d", s, least)
		}
		*field(c) = n
		return nil
	}
}

func count(field func(*Config) *int64, least int64) func(*Config, string) error {
	return func(c *Config, s string) error {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < least {
			return fmt.Errorf("%q is not a number of at least %d", s, least)
		}
		*field(c) = n
		return nil
	}
}

func setAccessLog(c *Config, s string) error {
	if s != "on" && s != "off" {
		return fmt.Errorf("%q is not one of on, off", s)
	}
	c.AccessLog = s == "on"
	return nil
}

func setMaxBody(c *Config, s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a number of bytes", s)
	}
	c.MaxBodyBytes = n
	return nil
}

func duration(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, s string) error {
		d, err := time.ParseDuration(s)
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is not a duration such as 30s", s)
		}
		*field(c) = d
		return nil
	}
}

func setPrefix(c *Config, s string) error {
	p, err := ParsePrefix(s)
	if err != nil {
		return err
	}
	c.FetchAllow = append(c.FetchAllow, p)
	return nil
}

func setProxyProtocol(c *Config, s string) error {
	p, err := ParsePrefix(s)
	if err != nil {
		return err
	}
	c.ProxyProtocolFrom = append(c.ProxyProtocolFrom, p)
	return nil
}

// ParsePrefix reads an address prefix, "10.0.0.0/8"; a single address stands for itself.
func ParsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not an address prefix such as 10.0.0.0/8", s)
	}
	return p.Masked(), nil
}
