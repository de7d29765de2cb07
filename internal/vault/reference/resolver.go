package reference

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"

	"github.com/postern-gateway/postern/fault"
)

// AzureSuffixes are the domains of Azure Key Vault's hosts in Azure's clouds.
var AzureSuffixes = []string{"vault.azure.net", "vault.azure.cn", "vault.usgovcloudapi.net"}

// DefaultTimeout bounds one fetch, all its tries together.
const DefaultTimeout = 15 * time.Second

// Secret is a version of a secret.
type Secret struct {
	// ID has the version.
	ID SecretID
	// Value is the text, ContentType what it says of it.
	Value, ContentType string
}

// Credential gives tokens for a client identity of the service: of the user-assigned identity with the client id, or of the
// system-assigned one where that is empty. Embedded tells for which vault. What is wrong with the identity is a *Failure.
type Credential func(ctx context.Context, identityClientID string, embedded bool) (azcore.TokenCredential, error)

// Options are what a Resolver is made of.
type Options struct {
	// Credential is who asks.
	Credential Credential
	// Embedded tells which identifiers are of the embedded vault, and at which base URL it is now: the port of an
	// identifier may be one of before. Nil: none is.
	Embedded func(id SecretID) (url string, ok bool)
	// Suffixes are the domains below which other vaults are; nil means AzureSuffixes.
	Suffixes []string
	// EmbeddedTransport and Transport make the calls; they may not follow redirects.
	EmbeddedTransport, Transport http.RoundTripper
	// Timeout bounds one fetch; 0 means DefaultTimeout.
	Timeout time.Duration
}

// Resolver fetches secrets. It is safe for concurrent use.
type Resolver struct {
	o Options

	mu      sync.Mutex
	clients map[clientKey]*azsecrets.Client
}

type clientKey struct{ vault, identity string }

// NewResolver makes a Resolver.
func NewResolver(o Options) *Resolver {
	if o.Embedded == nil {
		o.Embedded = func(SecretID) (string, bool) { return "", false }
	}
	if o.Suffixes == nil {
		o.Suffixes = AzureSuffixes
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	return &Resolver{o: o, clients: map[clientKey]*azsecrets.Client{}}
}

// CheckHost says whether secrets of the identifier's vault may be fetched at all: a fault of Kind Invalid if not.
func (r *Resolver) CheckHost(id SecretID) error {
	host := id.Host()
	if _, ok := r.o.Embedded(id); ok {
		return nil
	}
	for _, s := range r.o.Suffixes {
		if strings.HasSuffix(host, "."+strings.ToLower(strings.TrimPrefix(s, "."))) {
			return nil
		}
	}
	return fault.New(fault.Invalid, "%q is no host of a key vault: it has to be the embedded vault's, or below %s (--vault-suffix names others)", host, strings.Join(r.o.Suffixes, ", "))
}

// Fetch reads the secret: the version that is named, or the newest one. What goes wrong is a *Failure.
func (r *Resolver) Fetch(ctx context.Context, id SecretID, identityClientID string) (Secret, error) {
	if err := r.CheckHost(id); err != nil {
		return Secret{}, &Failure{Code: "InvalidSecretIdentifier", Message: err.Error(), err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	client, err := r.client(ctx, id, identityClientID)
	if err != nil {
		return Secret{}, failureOf(err, id, identityClientID)
	}
	answer, err := client.GetSecret(ctx, id.Name, id.Version, nil)
	if err != nil {
		return Secret{}, failureOf(err, id, identityClientID)
	}
	return secretOf(id, answer.Secret)
}

func secretOf(id SecretID, s azsecrets.Secret) (Secret, error) {
	out := Secret{ID: id}
	if s.ID != nil {
		out.ID.Version = s.ID.Version()
	}
	if s.Value == nil || out.ID.Version == "" {
		return out, &Failure{Code: "InvalidAnswer", Message: fmt.Sprintf("Key vault '%s' answered without a value or version of secret '%s'.", id.VaultName(), id.Name)}
	}
	out.Value = *s.Value
	if s.ContentType != nil {
		out.ContentType = *s.ContentType
	}
	if a := s.Attributes; a != nil && a.Enabled != nil && !*a.Enabled {
		return out, &Failure{Code: "SecretDisabled", Message: fmt.Sprintf("Secret '%s' of key vault '%s' is disabled.", id.Name, id.VaultName())}
	}
	return out, nil
}

// client is the client of the vault for the identity, made once: it remembers its token.
func (r *Resolver) client(ctx context.Context, id SecretID, identityClientID string) (*azsecrets.Client, error) {
	own, embedded := r.o.Embedded(id)
	credential, err := r.o.Credential(ctx, identityClientID, embedded)
	if err != nil {
		return nil, err
	}
	key := clientKey{id.Vault, strings.ToLower(identityClientID)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.clients[key]; c != nil {
		return c, nil
	}
	transport, vault := r.o.Transport, id.Vault
	if embedded {
		transport, vault = r.o.EmbeddedTransport, own
	}
	client, err := azsecrets.NewClient(vault, credential, &azsecrets.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		// The refresher tries again by its own clock; one more try here is for a connection that has just been closed.
		Retry: policy.RetryOptions{MaxRetries: 1, RetryDelay: 200 * time.Millisecond, StatusCodes: []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}},
	}})
	if err != nil {
		return nil, err
	}
	r.clients[key] = client
	return client, nil
}

// Forget drops the remembered clients, with their tokens: identities or permissions have changed.
func (r *Resolver) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.clients)
}

// Failure is why a secret could not be had.
type Failure struct {
	// Code is a stable word: Key Vault's own inner code where there is one ("ForbiddenByPolicy", "SecretNotFound").
	Code string
	// Message is a sentence for people, with what to do.
	Message string
	// RetryAfter is how long the vault asks to be left alone; 0 if it does not.
	RetryAfter time.Duration

	err error
}

// Error is the message.
func (f *Failure) Error() string { return f.Message }

// Unwrap is the cause.
func (f *Failure) Unwrap() error { return f.err }

// failureOf says in our words what the client met.
func failureOf(err error, id SecretID, identityClientID string) error {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	who := "The system-assigned identity of the service"
	if identityClientID != "" {
		who = fmt.Sprintf("The client identity '%s'", identityClientID)
	}
	vault := id.VaultName()
	answer, ok := errors.AsType[*azcore.ResponseError](err)
	if !ok {
		return unreachable(err, id)
	}
	f := &Failure{Code: answer.ErrorCode, err: err}
	inner := innerCode(answer)
	if inner != "" {
		f.Code = inner
	}
	switch {
	case inner == "ForbiddenByFirewall" || inner == "ForbiddenByConnection":
		f.Message = fmt.Sprintf("The firewall of key vault '%s' does not let the service in. With the firewall on, use the system-assigned identity, which passes as a trusted service, or allow the address.", vault)
	case inner == "SecretDisabled":
		f.Message = fmt.Sprintf("Secret '%s' of key vault '%s' is disabled.", id.Name, vault)
	case answer.StatusCode == http.StatusForbidden:
		f.Message = fmt.Sprintf("%s lacks the permissions 'get' and 'list' for secrets on key vault '%s'. Grant them in its access policies, or assign the role 'Key Vault Secrets User' or 'Key Vault Certificate User'.", who, vault)
	case f.Code == "VaultNotFound":
		f.Message = fmt.Sprintf("There is no key vault '%s'.", vault)
	case answer.StatusCode == http.StatusNotFound:
		f.Message = fmt.Sprintf("Secret '%s' was not found in key vault '%s'.", strings.TrimPrefix(strings.TrimPrefix(id.String(), id.Vault), "/secrets/"), vault)
	case answer.StatusCode == http.StatusTooManyRequests:
		f.Message, f.RetryAfter = fmt.Sprintf("Key vault '%s' is throttled.", vault), retryAfter(answer.RawResponse)
	case answer.StatusCode == http.StatusUnauthorized:
		f.Message = fmt.Sprintf("Key vault '%s' does not accept the token of %s.", vault, strings.ToLower(who[:1])+who[1:])
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		f.Code, f.Message = "Redirected", fmt.Sprintf("Key vault '%s' answered with a redirect, which is not followed.", vault)
	default:
		f.Message = fmt.Sprintf("Key vault '%s' answered %d.", vault, answer.StatusCode)
		f.RetryAfter = retryAfter(answer.RawResponse)
	}
	if f.Code == "" {
		f.Code = http.StatusText(answer.StatusCode)
	}
	return f
}

// innerCode is Key Vault's innererror.code, which says more than its code.
func innerCode(e *azcore.ResponseError) string {
	text := e.Error()
	i := strings.Index(text, `"innererror"`)
	if i < 0 {
		return ""
	}
	_, rest, _ := strings.Cut(text[i:], `"code"`)
	parts := strings.SplitN(rest, `"`, 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

func unreachable(err error, id SecretID) error {
	f := &Failure{Code: "KeyVaultUnreachable", err: err}
	detail := err
	if e, ok := errors.AsType[*net.OpError](err); ok {
		detail = e
	}
	f.Message = fmt.Sprintf("Key vault '%s' cannot be reached: %v.", id.Host(), detail)
	switch {
	case strings.Contains(err.Error(), "challenge resource"):
		f.Code, f.Message = "ChallengeRefused", fmt.Sprintf("Key vault '%s' asks for a token of another authority, which it does not get.", id.Host())
	case errors.Is(err, context.DeadlineExceeded):
		f.Message = fmt.Sprintf("Key vault '%s' does not answer.", id.Host())
	}
	return f
}

// retryAfter reads the Retry-After field, in seconds or as a date.
func retryAfter(r *http.Response) time.Duration {
	if r == nil {
		return 0
	}
	text := r.Header.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return min(time.Duration(n)*time.Second, time.Hour)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, time.Until(at)), time.Hour)
	}
	return 0
}
