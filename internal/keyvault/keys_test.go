package keyvault_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
)

func digest(h crypto.Hash, text string) []byte {
	w := h.New()
	w.Write([]byte(text))
	return w.Sum(nil)
}

var _, _ = sha256.New, sha512.New // linked in for crypto.Hash

// TestSDKKeys uses the keys of certificates by Azure's own client.
func TestSDKKeys(t *testing.T) {
	f, ctx := newFixture(t), context.Background()
	client, err := azkeys.NewClient(f.url, static{token: "admin"}, &azkeys.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: f.client}})
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}
	for _, c := range []struct {
		name, key string
		kty       azkeys.KeyType
		signs     []azkeys.SignatureAlgorithm
		not       azkeys.SignatureAlgorithm
		encrypts  []azkeys.EncryptionAlgorithm
	}{
		{"rsa", `"RSA"`, azkeys.KeyTypeRSA, []azkeys.SignatureAlgorithm{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}, "ES256", []azkeys.EncryptionAlgorithm{"RSA-OAEP", "RSA-OAEP-256", "RSA1_5"}},
		{"p256", `"EC","crv":"P-256"`, azkeys.KeyTypeEC, []azkeys.SignatureAlgorithm{"ES256"}, "ES384", nil},
		{"p521", `"EC","crv":"P-521"`, azkeys.KeyTypeEC, []azkeys.SignatureAlgorithm{"ES512"}, "RS512", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.do(202, "POST", "/certificates/"+c.name+"/create", `{"policy":{"issuer":{"name":"self"},"key_props":{"kty":`+c.key+`},"x509_props":{"subject":"CN=c"}}}`)
			key, err := client.GetKey(ctx, c.name, "", nil)
			if err != nil || *key.Key.Kty != c.kty || !*key.Managed || key.Key.KID.Name() != c.name || key.Key.D != nil {
				t.Fatalf("GetKey = %+v, %v", key, err)
			}
			for _, alg := range c.signs {
				d := digest(hashes[string(alg)[2:]], "text")
				signed, err := client.Sign(ctx, c.name, "", azkeys.SignParameters{Algorithm: &alg, Value: d}, nil)
				if err != nil {
					t.Fatal(err)
				}
				for changed, want := range map[bool]bool{false: true, true: false} {
					signature := append([]byte(nil), signed.Result...)
					if changed {
						signature[0] ^= 1
					}
					got, err := client.Verify(ctx, c.name, key.Key.KID.Version(), azkeys.VerifyParameters{Algorithm: &alg, Digest: d, Signature: signature}, nil)
					if err != nil || *got.Value != want {
						t.Errorf("%s: Verify = %v, %v; want %v", alg, *got.Value, err, want)
					}
				}
				if _, err := client.Sign(ctx, c.name, "", azkeys.SignParameters{Algorithm: &alg, Value: d[1:]}, nil); !refused(err, 400) {
					t.Errorf("%s: a short digest: %v", alg, err)
				}
			}
			if _, err := client.Sign(ctx, c.name, "", azkeys.SignParameters{Algorithm: &c.not, Value: digest(crypto.SHA256, "x")}, nil); !refused(err, 400) {
				t.Errorf("%s with this key: %v", c.not, err)
			}
			for _, alg := range c.encrypts {
				sealed, err := client.WrapKey(ctx, c.name, "", azkeys.KeyOperationParameters{Algorithm: &alg, Value: []byte("secret")}, nil)
				if err != nil {
					t.Fatal(err)
				}
				opened, err := client.Decrypt(ctx, c.name, "", azkeys.KeyOperationParameters{Algorithm: &alg, Value: sealed.Result}, nil)
				if err != nil || string(opened.Result) != "secret" {
					t.Errorf("%s: Decrypt = %q, %v", alg, opened.Result, err)
				}
				if _, err := client.UnwrapKey(ctx, c.name, "", azkeys.KeyOperationParameters{Algorithm: &alg, Value: []byte("noise")}, nil); !refused(err, 400) {
					t.Errorf("%s: noise: %v", alg, err)
				}
			}
			if c.encrypts == nil {
				alg := azkeys.EncryptionAlgorithmRSAOAEP
				if _, err := client.Encrypt(ctx, c.name, "", azkeys.KeyOperationParameters{Algorithm: &alg, Value: []byte("x")}, nil); !refused(err, 403) {
					t.Errorf("encrypting with an elliptic key: %v", err)
				}
			}
		})
	}
	n := 0
	for pager := client.NewListKeyPropertiesPager(nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Value)
	}
	if n != 3 {
		t.Errorf("%d keys, want 3", n)
	}
}

func refused(err error, status int) bool {
	e, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && e.StatusCode == status
}

// TestKeysOutOfTheirDates verify and decrypt what is older, and make nothing new.
func TestKeysOutOfTheirDates(t *testing.T) {
	f := newFixture(t)
	f.do(202, "POST", "/certificates/c/create", `{"policy":{"issuer":{"name":"self"},"key_props":{"kty":"EC"},"x509_props":{"subject":"CN=c","validity_months":1}}}`)
	body := fmt.Sprintf(`{"alg":"ES256","value":%q}`, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.do(200, "POST", "/keys/c/sign", body)
	f.change(func() { f.now = f.now.AddDate(3000, 0, 0) })
	f.do(403, "POST", "/keys/c/sign", body)
	f.do(200, "POST", "/keys/c/verify", `{"alg":"ES256","digest":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","value":"AAAA"}`)
}
