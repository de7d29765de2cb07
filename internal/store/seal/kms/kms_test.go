package kms

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store/seal"
)

// transit is the part of HashiCorp Vault that encrypts: /v1/transit/encrypt/NAME and decrypt. Its ciphertext holds the
// associated data, which has to be the same again.
func transit(t *testing.T) *httptest.Server {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Vault-Token") != "token-1" {
			http.Error(w, `{"errors":["permission denied"]}`, http.StatusForbidden)
			return
		}
		var q struct {
			Plaintext, Ciphertext string
			AssociatedData        string `json:"associated_data"`
		}
		_ = json.NewDecoder(r.Body).Decode(&q)
		switch r.URL.Path {
		case "/v1/transit/encrypt/postern":
			fmt.Fprintf(w, `{"data":{"ciphertext":"vault:v1:%s.%s"}}`, q.Plaintext, q.AssociatedData)
		case "/v1/transit/decrypt/postern":
			text, ad, _ := strings.Cut(strings.TrimPrefix(q.Ciphertext, "vault:v1:"), ".")
			if ad != q.AssociatedData {
				http.Error(w, `{"errors":["cipher: message authentication failed"]}`, http.StatusBadRequest)
				return
			}
			fmt.Fprintf(w, `{"data":{"plaintext":%q}}`, text)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

// azure is the part of Azure Key Vault that wraps, with its challenge and two versions of a key, the second of which wraps.
func azure(t *testing.T) *httptest.Server {
	keys := map[string]*rsa.PrivateKey{}
	for _, v := range []string{"v1", "v2"} {
		keys[v], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	var srv *httptest.Server
	srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token-2" {
			w.Header().Set("WWW-Authenticate", `Bearer authorization="https://login.test/tenant", resource="https://vault.azure.net"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var q struct{ Value string }
		_ = json.NewDecoder(r.Body).Decode(&q)
		value, _ := base64.RawURLEncoding.DecodeString(q.Value)
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // keys NAME [VERSION] ACTION
		version, action := "v2", parts[len(parts)-1]
		if len(parts) == 4 {
			version = parts[2]
		}
		key, out := keys[version], []byte(nil)
		var err error
		switch {
		case parts[1] != "master" || key == nil:
			err = fmt.Errorf("no such key")
		case action == "wrapkey":
			out, err = rsa.EncryptOAEP(sha256.New(), rand.Reader, &key.PublicKey, value, nil)
		default:
			out, err = rsa.DecryptOAEP(sha256.New(), nil, key, value, nil)
		}
		if err != nil {
			http.Error(w, `{"error":{"code":"BadParameter","message":"no"}}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"kid":"%s/keys/master/%s","value":%q}`, srv.URL, version, base64.RawURLEncoding.EncodeToString(out))
	}))
	t.Cleanup(srv.Close)
	return srv
}

type staticToken struct{}

// GetToken implements azcore.TokenCredential.
func (staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "token-2", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// services opens a key of each service.
func services(t *testing.T) map[string]tink.AEAD {
	hv, az := transit(t), azure(t)
	t.Setenv("VAULT_TOKEN", "token-1")
	hashi, err := Open("hcvault://"+strings.TrimPrefix(hv.URL, "https://")+"/transit/keys/postern", Options{HTTP: hv.Client()})
	if err != nil {
		t.Fatal(err)
	}
	// The challenge's host does not fit the test server's, which the client refuses; vault.azure.net is dialled as the server.
	client := az.Client()
	client.Transport = rewrite{az, client.Transport}
	key, err := Open("https://v.vault.azure.net/keys/master", Options{HTTP: client, Credential: staticToken{}})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]tink.AEAD{"HashiCorp Vault": hashi, "Azure Key Vault": key}
}

// rewrite sends every request to a test server.
type rewrite struct {
	srv  *httptest.Server
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (r rewrite) RoundTrip(q *http.Request) (*http.Response, error) {
	q = q.Clone(q.Context())
	q.URL.Host = strings.TrimPrefix(r.srv.URL, "https://")
	return r.next.RoundTrip(q)
}

func TestServicesGuardTheKeyset(t *testing.T) {
	for name, key := range services(t) {
		t.Run(name, func(t *testing.T) {
			sealed, err := key.Encrypt([]byte("text"), []byte("place"))
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := key.Decrypt(sealed, []byte("place")); err != nil || !bytes.Equal(plain, []byte("text")) {
				t.Errorf("Decrypt = %q, %v", plain, err)
			}
			if _, err := key.Decrypt(sealed, []byte("elsewhere")); err == nil {
				t.Error("it opens for another place")
			}
			if _, err := key.Decrypt([]byte("x"), []byte("place")); err == nil {
				t.Error("what is no ciphertext opens")
			}
			c := seal.Config{File: filepath.Join(t.TempDir(), "master.key"), KMS: key}
			s, err := seal.OpenConfig(c)
			if err != nil {
				t.Fatal(err)
			}
			token, err := s.Seal("here", []byte("secret"))
			if err != nil {
				t.Fatal(err)
			}
			again, err := seal.OpenConfig(c)
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := again.Unseal("here", token); err != nil || string(plain) != "secret" {
				t.Errorf("Unseal = %q, %v", plain, err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Setenv("VAULT_TOKEN", "")
	t.Setenv("HOME", t.TempDir()) // ~/.vault-token
	for _, uri := range []string{"", "master.key", "hcvault://h/transit/postern", "https://v.vault.azure.net/secrets/a", "https://u:p@v/keys/a", "https://v/keys/a?x=1",
		"aws-kms://key", "hcvault://h:1/transit/keys/no-token", "https://v.vault.azure.net/keys/no-credential"} {
		if _, err := Open(uri, Options{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Open(%q) = %v, want a fault of Kind Invalid", uri, err)
		}
	}
}
