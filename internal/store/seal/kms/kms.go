// Package kms opens keys of key management services, which guard the keyset of
// package seal: the file then holds nothing that opens without the service.
//
//	hcvault://HOST:PORT/MOUNT/keys/NAME          a key of HashiCorp Vault's transit engine
//	https://VAULT.vault.azure.net/keys/NAME      an RSA key of Azure Key Vault
//
// HashiCorp Vault is spoken to over TLS with the token of VAULT_TOKEN; VAULT_CACERT names a file of its authorities, as
// for its own clients. Azure Key Vault wraps a fresh AES-256 key for each keyset (RSA-OAEP with SHA-256), which needs the
// permissions wrapKey and unwrapKey.
package kms

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"github.com/hashicorp/vault/api"
	"github.com/tink-crypto/tink-go-hcvault/v2/integration/hcvault"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/postern-gateway/postern/fault"
)

// timeout bounds one call of a service.
const timeout = 30 * time.Second

// Options say how services are reached.
type Options struct {
	// Credential proves who we are to Azure Key Vault; needed for its keys alone.
	Credential azcore.TokenCredential
	// HTTP makes the calls; nil: a client with the usual settings.
	HTTP *http.Client
}

// Open is the key of a URI. It calls no service yet. What is wrong with the URI is fault.Invalid.
func Open(uri string, o Options) (tink.AEAD, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, malformed(uri)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	switch {
	case u.Scheme == "hcvault" && len(parts) >= 3 && parts[len(parts)-2] == "keys":
		return openHashiCorp(u, o)
	case u.Scheme == "https" && (len(parts) == 2 || len(parts) == 3) && parts[0] == "keys":
		return openAzure(u, parts[1], o)
	}
	return nil, malformed(uri)
}

func malformed(uri string) error {
	return fault.New(fault.Invalid, "%q is no key of a key management service: write hcvault://HOST:PORT/MOUNT/keys/NAME or https://VAULT.vault.azure.net/keys/NAME", uri)
}

func openHashiCorp(u *url.URL, o Options) (tink.AEAD, error) {
	config := api.DefaultConfig() // reads VAULT_CACERT and the like
	if config.Error != nil {
		return nil, fault.Wrap(fault.Invalid, config.Error, "the environment of HashiCorp Vault")
	}
	config.Address, config.Timeout = "https://"+u.Host, timeout
	if o.HTTP != nil {
		config.HttpClient = o.HTTP
	}
	client, err := api.NewClient(config) // reads VAULT_TOKEN
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "HashiCorp Vault %s", u.Host)
	}
	if client.Token() == "" {
		return nil, fault.New(fault.Invalid, "VAULT_TOKEN has no token for HashiCorp Vault %s", u.Host)
	}
	key, err := hcvault.NewAEAD(u.EscapedPath(), client.Logical())
	if err != nil {
		return nil, malformed(u.String())
	}
	return key, nil
}

func openAzure(u *url.URL, name string, o Options) (tink.AEAD, error) {
	if o.Credential == nil {
		return nil, fault.New(fault.Invalid, "there is no credential for Azure Key Vault %s: give --azure-credential", u.Host)
	}
	options := &azkeys.ClientOptions{}
	if o.HTTP != nil {
		options.Transport = o.HTTP
	}
	client, err := azkeys.NewClient("https://"+u.Host, o.Credential, options)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "Azure Key Vault %s", u.Host)
	}
	return &azureKey{client, name}, nil
}

// azureKey is a key of Azure Key Vault; it wraps keys, which encrypt.
type azureKey struct {
	client *azkeys.Client
	name   string
}

// envelope is a ciphertext: a wrapped key, and what that has encrypted by AES-256-GCM, nonce first.
type envelope struct {
	// Version is the version of the wrapping key.
	Version string `json:"version"`
	Key     []byte `json:"key"`
	Text    []byte `json:"text"`
}

func parameters(value []byte) azkeys.KeyOperationParameters {
	return azkeys.KeyOperationParameters{Algorithm: to.Ptr(azkeys.EncryptionAlgorithmRSAOAEP256), Value: value}
}

// Encrypt implements tink.AEAD.
func (k *azureKey) Encrypt(plaintext, associatedData []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	key := make([]byte, 32)
	_, _ = rand.Read(key) // crypto/rand.Read never fails
	wrapped, err := k.client.WrapKey(ctx, k.name, "", parameters(key), nil)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "Azure Key Vault does not wrap with the key %q", k.name)
	}
	if wrapped.KID == nil {
		return nil, fault.New(fault.Unavailable, "Azure Key Vault did not say which version of the key %q it used", k.name)
	}
	a, err := gcm(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, a.NonceSize())
	_, _ = rand.Read(nonce)
	return json.Marshal(envelope{wrapped.KID.Version(), wrapped.Result, a.Seal(nonce, nonce, plaintext, associatedData)})
}

// Decrypt implements tink.AEAD.
func (k *azureKey) Decrypt(ciphertext, associatedData []byte) ([]byte, error) {
	var e envelope
	if err := json.Unmarshal(ciphertext, &e); err != nil {
		return nil, fault.New(fault.Invalid, "this is nothing that Azure Key Vault has wrapped")
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	key, err := k.client.UnwrapKey(ctx, k.name, e.Version, parameters(e.Key), nil)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "Azure Key Vault does not unwrap with the key %q", k.name)
	}
	a, err := gcm(key.Result)
	if err != nil {
		return nil, err
	}
	n := a.NonceSize()
	if len(e.Text) < n {
		return nil, fault.New(fault.Invalid, "this is nothing that Azure Key Vault has wrapped")
	}
	return a.Open(nil, e.Text[:n], e.Text[n:], associatedData)
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
