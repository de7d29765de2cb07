// Package identity knows who calls the management API: principals and the
// tokens that prove them. Tokens are stored as digests only.
package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// Principal is somebody who may call.
type Principal struct {
	// ID is the principal's object id, a UUID; Name is for people.
	ID, Name string
	// Created is when the principal was made.
	Created time.Time
}

// tokenPrefix makes a bearer token recognisable, for secret scanners and people.
const tokenPrefix = "pst_"

// keyPrefix is where token records stand in the store, by the hex SHA-256 of the token.
const keyPrefix = "/identity/tokens/"

// NewToken makes a bearer token of 256 random bits.
func NewToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// Directory finds principals in the store.
type Directory struct {
	// Store holds the records.
	Store store.Store
}

func tokenKey(token string) string {
	digest := sha256.Sum256([]byte(token))
	return keyPrefix + hex.EncodeToString(digest[:])
}

// Grant makes the token prove the principal, from now on and on every node.
func (d *Directory) Grant(ctx context.Context, token string, p Principal) error {
	value, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = d.Store.Commit(ctx, store.Txn{Then: []store.Op{store.Put(tokenKey(token), value)}})
	return err
}

// Revoke ends what Grant began; a token that is not known is no error.
func (d *Directory) Revoke(ctx context.Context, token string) error {
	_, err := d.Store.Commit(ctx, store.Txn{Then: []store.Op{store.Delete(tokenKey(token))}})
	return err
}

// Authenticate is the principal that the token proves, or a fault of Kind Unauthenticated. The look-up is by digest,
// so that its time tells nothing of the tokens there are.
func (d *Directory) Authenticate(ctx context.Context, token string) (*Principal, error) {
	if !strings.HasPrefix(token, tokenPrefix) || len(token) > 128 {
		return nil, invalidToken()
	}
	e, err := d.Store.Get(ctx, tokenKey(token))
	if fault.KindOf(err) == fault.NotFound {
		return nil, invalidToken()
	}
	if err != nil {
		return nil, err
	}
	p := new(Principal)
	if err := json.Unmarshal(e.Value, p); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "token record is unreadable")
	}
	return p, nil
}

func invalidToken() error {
	return fault.New(fault.Unauthenticated, "The access token is invalid.")
}
