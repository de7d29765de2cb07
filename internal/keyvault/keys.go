package keyvault

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"net/http"
	"strings"

	"github.com/postern-gateway/postern/internal/vault"
)

// keyBundle is a key on the wire; there are those of certificates.
type keyBundle struct {
	Key        *jwk              `json:"key,omitempty"`
	Attributes *keyAttributes    `json:"attributes"`
	Tags       map[string]string `json:"tags,omitempty"`
	Managed    bool              `json:"managed,omitempty"`
	deletion
}

type keyAttributes struct {
	*attributes
	Exportable bool `json:"exportable"`
}

// jwk is a public key (RFC 7517) with Key Vault's members.
type jwk struct {
	KID string   `json:"kid"`
	KTY string   `json:"kty"`
	Ops []string `json:"key_ops"`
	N   string   `json:"n,omitempty"`
	E   string   `json:"e,omitempty"`
	CRV string   `json:"crv,omitempty"`
	X   string   `json:"x,omitempty"`
	Y   string   `json:"y,omitempty"`
}

func (c *call) key(k vault.Key) keyBundle {
	b := keyBundle{Attributes: &keyAttributes{attributesOf(k.Item), k.Exportable}, Tags: k.Tags, Managed: k.Managed, deletion: c.deletion(vault.Keys, k.Item)}
	if k.Public != nil {
		b.Key = publicJWK(k.Public)
		b.Key.KID, b.Key.Ops = c.id(vault.Keys, k.Name, k.Version), k.Operations
	}
	return b
}

func publicJWK(public crypto.PublicKey) *jwk {
	text := base64.RawURLEncoding.EncodeToString
	switch k := public.(type) {
	case *rsa.PublicKey:
		return &jwk{KTY: "RSA", N: text(k.N.Bytes()), E: text(big.NewInt(int64(k.E)).Bytes())}
	case *ecdsa.PublicKey:
		j := &jwk{KTY: "EC", CRV: k.Curve.Params().Name}
		// The uncompressed point (SEC 1 section 2.3.3): 4, then both coordinates in full length.
		if point, err := k.Bytes(); err == nil {
			half := (len(point) - 1) / 2
			j.X, j.Y = text(point[1:1+half]), text(point[1+half:])
		}
		return j
	}
	return &jwk{}
}

func getKey(c *call) (int, any, error) {
	k, err := c.vault.GetKey(c.ctx(), c.name, c.version)
	return http.StatusOK, c.key(k), err
}

// useInput is the body of an operation with a key.
type useInput struct {
	Algorithm string  `json:"alg"`
	Value     *string `json:"value"`
	Digest    *string `json:"digest"`
}

// useResult is its answer; of verify, value is a boolean.
type useResult struct {
	KID   string `json:"kid,omitempty"`
	Value any    `json:"value"`
}

// use does an operation with a key.
func use(what string) operation {
	return func(c *call) (int, any, error) {
		var in useInput
		if err := c.read(&in); err != nil {
			return 0, nil, err
		}
		u := vault.Use{Operation: what, Algorithm: in.Algorithm}
		var err error
		if u.Value, err = bytesOf("value", in.Value); err != nil {
			return 0, nil, err
		}
		if what == vault.OpVerify {
			u.Signature = u.Value
			if u.Value, err = bytesOf("digest", in.Digest); err != nil {
				return 0, nil, err
			}
		}
		i, result, valid, err := c.vault.UseKey(c.ctx(), c.name, c.version, u)
		if err != nil {
			return 0, nil, err
		}
		if what == vault.OpVerify {
			return http.StatusOK, useResult{Value: valid}, nil
		}
		return http.StatusOK, useResult{c.id(vault.Keys, i.Name, i.Version), base64.RawURLEncoding.EncodeToString(result)}, nil
	}
}

func bytesOf(property string, text *string) ([]byte, error) {
	if text == nil {
		return nil, badParameter("Property %s has invalid value: it is missing.", property)
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(*text, "="))
	if err != nil {
		return nil, badParameter("Property %s has invalid value: it is not base64url.", property)
	}
	return data, nil
}

// noOwnKeys refuses what is done with keys that are not certificates'.
func noOwnKeys(what string) operation {
	return func(*call) (int, any, error) { return 0, nil, vault.NoOwnKeys(what) }
}
