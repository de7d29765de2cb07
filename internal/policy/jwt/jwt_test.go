package jwt_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/postern-gateway/postern/internal/policy/jwt"
)

func base64URL(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// hs256 makes a token of a header and a payload.
func hs256(secret []byte, header, payload string) string {
	text := base64URL([]byte(header)) + "." + base64URL([]byte(payload))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + base64URL(mac.Sum(nil))
}

var secret = []byte("0123456789abcdef0123456789abcdef")

func code(err error) string {
	if e, ok := errors.AsType[*jwt.Error](err); ok {
		return e.Code
	}
	return ""
}

func TestDecryption(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	inner := hs256(secret, `{"alg":"HS256"}`, `{"sub":"ada"}`)
	tests := []struct {
		name      string
		algorithm jose.KeyAlgorithm
		to        any
		content   jose.ContentEncryption
		zip       bool
		text      string
		with      jwt.DecryptionKey
		want      string
	}{
		{name: "RSA-OAEP", algorithm: jose.RSA_OAEP, to: &key.PublicKey, content: jose.A256CBC_HS512, with: jwt.DecryptionKey{RSA: key}},
		{name: "dir", algorithm: jose.DIRECT, to: secret, content: jose.A128CBC_HS256, with: jwt.DecryptionKey{Secret: secret}},
		{name: "A256KW", algorithm: jose.A256KW, to: secret, content: jose.A192CBC_HS384, with: jwt.DecryptionKey{Secret: secret}},
		{name: "other key", algorithm: jose.A256KW, to: secret, content: jose.A192CBC_HS384, with: jwt.DecryptionKey{Secret: []byte("x")}, want: "IDX10603"},
		{name: "no key", algorithm: jose.A256KW, to: secret, content: jose.A192CBC_HS384, with: jwt.DecryptionKey{}, want: "IDX10603"},
		{name: "a padding oracle", algorithm: jose.RSA1_5, to: &key.PublicKey, content: jose.A128CBC_HS256, with: jwt.DecryptionKey{RSA: key}, want: "IDX10603"},
		{name: "compressed", algorithm: jose.DIRECT, to: secret, content: jose.A128CBC_HS256, zip: true, with: jwt.DecryptionKey{Secret: secret}, want: "IDX10682"},
		{name: "nothing signed inside", algorithm: jose.DIRECT, to: secret, content: jose.A128CBC_HS256, text: `{"sub":"ada"}`, with: jwt.DecryptionKey{Secret: secret}, want: "IDX14100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &jose.EncrypterOptions{}
			if tt.zip {
				o.Compression = jose.DEFLATE
			}
			e, err := jose.NewEncrypter(tt.content, jose.Recipient{Algorithm: tt.algorithm, Key: tt.to}, o)
			if err != nil {
				t.Fatal(err)
			}
			text := tt.text
			if text == "" {
				text = inner
			}
			object, err := e.Encrypt([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			token, err := object.CompactSerialize()
			if err != nil {
				t.Fatal(err)
			}
			got, err := jwt.Validate(token, &jwt.Params{Keys: []jwt.Key{{Secret: secret}}, Decryption: []jwt.DecryptionKey{tt.with}, NoExpiry: true, Now: time.Now()})
			if code(err) != tt.want || err == nil && got.Compact != inner {
				t.Errorf("Validate = %+v, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// TestConfusion signs with what is public about a key, and with a curve or an algorithm that a key is not for.
func TestConfusion(t *testing.T) {
	r := loadKeys(t)
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, _ := jwt.PublicKey("k", r.rsa.RSA)
	narrow := jwt.Key{ID: "k", Secret: secret, Algorithm: "HS512"}
	curve, _ := jwt.PublicKey("k", &other.PublicKey)
	digest := sha256.Sum256([]byte("x"))
	signature, err := other.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		key   jwt.Key
		token string
	}{
		"modulus as secret": {public, hs256(r.rsa.RSA.N.Bytes(), `{"alg":"HS256","kid":"k"}`, `{}`)},
		"empty secret":      {public, hs256(nil, `{"alg":"HS256","kid":"k"}`, `{}`)},
		"other algorithm":   {narrow, hs256(secret, `{"alg":"HS256","kid":"k"}`, `{}`)},
		"other curve":       {curve, base64URL([]byte(`{"alg":"ES256"}`)) + "." + base64URL([]byte(`{}`)) + "." + base64URL(signature)},
		"none":              {public, base64URL([]byte(`{"alg":"none"}`)) + "." + base64URL([]byte(`{}`)) + ".AA"},
		"None":              {public, base64URL([]byte(`{"alg":"None"}`)) + "." + base64URL([]byte(`{}`)) + "."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := jwt.Validate(tt.token, &jwt.Params{Keys: []jwt.Key{tt.key}, NoExpiry: true}); err == nil {
				t.Errorf("the token is taken: %+v", got)
			}
		})
	}
}

func TestPayloads(t *testing.T) {
	tests := map[string]struct{ payload, want string }{
		"number as issuer":   {`{"iss":1}`, "IDX14101"},
		"number in list":     {`{"aud":[1]}`, "IDX14101"},
		"null in list":       {`{"aud":[null]}`, "IDX14101"},
		"null expiry":        {`{"exp":null}`, "IDX14101"},
		"enormous expiry":    {`{"exp":1e300}`, ""},
		"negative expiry":    {`{"exp":-1}`, "IDX10223"},
		"two objects":        {`{} {}`, "IDX14101"},
		"last of two counts": {`{"exp":1,"exp":9e9}`, ""},
		"not UTF-8":          {"{\"a\":\"\xff\"}", "IDX14101"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &jwt.Params{Keys: []jwt.Key{{Secret: secret}}, Now: time.Now(), NoExpiry: true}
			if _, err := jwt.Validate(hs256(secret, `{"alg":"HS256"}`, tt.payload), p); code(err) != tt.want {
				t.Errorf("Validate = %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzValidate(f *testing.F) {
	f.Add(hs256(secret, `{"alg":"HS256"}`, `{"sub":"ada"}`))
	f.Add("a.b.c.d.e")
	f.Fuzz(func(t *testing.T, token string) {
		got, err := jwt.Validate(token, &jwt.Params{Keys: []jwt.Key{{Secret: []byte("another secret of thirty-two byte")}}, Decryption: []jwt.DecryptionKey{{Secret: []byte("yet another secret of 32 bytes!!")}}, NoExpiry: true})
		if err == nil {
			t.Fatalf("a token of nobody's is taken: %+v", got)
		}
	})
}
