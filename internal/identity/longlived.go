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

// tokenPrefix makes a bearer token recognisable, for secret scanners and people.
const tokenPrefix = "pst_"

// tokenRecords is where records of long-lived tokens stand in the store, by the hex SHA-256 of the token.
const tokenRecords = "/identity/tokens/"

// NewToken makes a bearer token of 256 random bits.
func NewToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// LongLived is a long-lived token as the store knows it.
type LongLived struct {
	// ID names the token without proving anything: the first half of its digest.
	ID string
	// Label is what its maker called it; empty for the administrator's own.
	Label string
	// Principal is whom it proves.
	Principal Principal
	// Expires is when it ends; zero: when it is revoked.
	Expires time.Time
}

// tokenRecord is stored. The principal's members stand at the top, as they did before tokens had labels.
type tokenRecord struct {
	Principal
	Label   string    `json:",omitempty"`
	Expires time.Time `json:",omitzero"`
}

func tokenKey(token string) string {
	digest := sha256.Sum256([]byte(token))
	return tokenRecords + hex.EncodeToString(digest[:])
}

// Grant makes the token prove the principal, from now on and on every node.
func (d *Directory) Grant(ctx context.Context, token string, p Principal) error {
	return d.GrantUntil(ctx, token, p, "", time.Time{})
}

// GrantUntil is Grant for a token with a label and an end; the zero time is no end.
func (d *Directory) GrantUntil(ctx context.Context, token string, p Principal, label string, expires time.Time) error {
	value, err := json.Marshal(tokenRecord{p, label, expires})
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

// RevokeNamed ends the tokens whose ID or label is name, and says how many there were.
func (d *Directory) RevokeNamed(ctx context.Context, name string) (int, error) {
	entries, _, err := d.Store.List(ctx, tokenRecords)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, e := range entries {
		t, err := decodeToken(e)
		if err != nil {
			return n, err
		}
		if name == "" || t.ID != name && t.Label != name {
			continue
		}
		if _, err := d.Store.Commit(ctx, store.Txn{Then: []store.Op{store.Delete(e.Key)}}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// LongLivedTokens are the tokens that there are, without what proves them.
func (d *Directory) LongLivedTokens(ctx context.Context) ([]LongLived, error) {
	entries, _, err := d.Store.List(ctx, tokenRecords)
	if err != nil {
		return nil, err
	}
	var all []LongLived
	for _, e := range entries {
		t, err := decodeToken(e)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// TokenID is the ID that LongLivedTokens shows of the token.
func TokenID(token string) string { return tokenIDOf(tokenKey(token)) }

func tokenIDOf(key string) string {
	digest := strings.TrimPrefix(key, tokenRecords)
	return digest[:min(len(digest), 32)]
}

func decodeToken(e store.Entry) (LongLived, error) {
	var r tokenRecord
	if err := json.Unmarshal(e.Value, &r); err != nil {
		return LongLived{}, fault.Wrap(fault.Internal, err, "the token record %q is unreadable", tokenIDOf(e.Key))
	}
	if r.Kind == "" { // before there were kinds, tokens were the administrator's alone
		r.Kind = Administrator
	}
	return LongLived{ID: tokenIDOf(e.Key), Label: r.Label, Principal: r.Principal, Expires: r.Expires}, nil
}

// authenticateLongLived looks the token up by digest, so that the time it takes tells nothing of the tokens there are.
func (d *Directory) authenticateLongLived(ctx context.Context, token string) (*Principal, error) {
	if len(token) > 128 {
		return nil, invalidToken()
	}
	e, err := d.Store.Get(ctx, tokenKey(token))
	if fault.KindOf(err) == fault.NotFound {
		return nil, invalidToken()
	}
	if err != nil {
		return nil, err
	}
	t, err := decodeToken(e)
	if err != nil {
		return nil, err
	}
	if now := d.now(); !t.Expires.IsZero() && !now.Before(t.Expires) {
		return nil, expired(t.Expires, now)
	}
	return &t.Principal, nil
}

func expired(at, now time.Time) error {
	return unauthenticated(codeExpired, "The access token expiry UTC time '%s' is earlier than current UTC time '%s'.",
		at.UTC().Format(wireTime), now.UTC().Format(wireTime))
}

// wireTime is how Azure Resource Manager writes times in such messages.
const wireTime = "1/2/2006 3:04:05 PM"
