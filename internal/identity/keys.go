package identity

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// How signing keys live.
const (
	// keyLife is how long a key signs.
	keyLife = 30 * 24 * time.Hour
	// longestToken is the longest life of a token; a key verifies so much longer than it signs.
	longestToken = 24 * time.Hour
	// keyBits is the size of a signing key: RS256 asks for 2048 bits at least (RFC 7518 section 3.3).
	keyBits = 2048
	// reloadPause is the least time between two look-ups of keys that are not known, so that made-up tokens cost little.
	reloadPause = time.Second
)

const signingKeys = "/identity/keys/"

// signingKey is a key pair, with the times up to which it signs and verifies.
type signingKey struct {
	id          string
	key         *rsa.PrivateKey
	signs, ends time.Time
}

// keyRecord is stored.
type keyRecord struct {
	// Key is the PKCS#8 private key, sealed for the record's key.
	Key string `json:"key"`
	// Signs and Ends are the times up to which it signs and verifies.
	Signs time.Time `json:"signs"`
	Ends  time.Time `json:"ends"`
}

// ring is what is known of the keys in the store.
type ring struct {
	keys   []signingKey // newest first
	loaded time.Time
}

func (r *ring) find(id string) *signingKey {
	for i := range r.keys {
		if r.keys[i].id == id {
			return &r.keys[i]
		}
	}
	return nil
}

func (d *Directory) requireSealer() error {
	if d.Sealer == nil {
		return fault.New(fault.Internal, "this directory has no keys")
	}
	return nil
}

// signer is the key that signs now; one is made where there is none.
func (d *Directory) signer(ctx context.Context) (*signingKey, error) {
	if err := d.requireSealer(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if k := d.ring.signing(now); k != nil {
		return k, nil
	}
	if err := d.reload(ctx); err != nil {
		return nil, err
	}
	if k := d.ring.signing(now); k != nil {
		return k, nil
	}
	if err := d.makeKey(ctx, now); err != nil {
		return nil, err
	}
	if k := d.ring.signing(now); k != nil {
		return k, nil
	}
	return nil, fault.New(fault.Internal, "the signing key just made is not there")
}

func (r *ring) signing(now time.Time) *signingKey {
	if len(r.keys) > 0 && now.Before(r.keys[0].signs) {
		return &r.keys[0]
	}
	return nil
}

// verifier is the key of that id, nil if there is none that verifies now.
func (d *Directory) verifier(ctx context.Context, id string) (*signingKey, error) {
	if d.Sealer == nil {
		return nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	k := d.ring.find(id)
	if k == nil && now.Sub(d.ring.loaded).Abs() >= reloadPause { // another node may have made it
		if err := d.reload(ctx); err != nil {
			return nil, err
		}
		k = d.ring.find(id)
	}
	if k == nil || !now.Before(k.ends) {
		return nil, nil
	}
	return k, nil
}

// Keys are the public keys that verify tokens now, as a JSON Web Key Set (RFC 7517).
func (d *Directory) Keys(ctx context.Context) (jose.JSONWebKeySet, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	if _, err := d.signer(ctx); err != nil { // there is one from here on
		return set, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now().Sub(d.ring.loaded).Abs() >= reloadPause {
		if err := d.reload(ctx); err != nil {
			return set, err
		}
	}
	for _, k := range d.ring.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: &k.key.PublicKey, KeyID: k.id, Algorithm: string(jose.RS256), Use: "sig"})
	}
	return set, nil
}

// reload reads the keys that verify still; d.mu is held.
func (d *Directory) reload(ctx context.Context) error {
	entries, _, err := d.Store.List(ctx, signingKeys)
	if err != nil {
		return err
	}
	now := d.now()
	var keys []signingKey
	for _, e := range entries {
		k, err := d.openKey(e)
		if err != nil {
			return err
		}
		if now.Before(k.ends) {
			keys = append(keys, k)
		}
	}
	slices.SortStableFunc(keys, func(a, b signingKey) int { return b.signs.Compare(a.signs) })
	d.ring = ring{keys, now}
	return nil
}

func (d *Directory) openKey(e store.Entry) (signingKey, error) {
	var r keyRecord
	if err := json.Unmarshal(e.Value, &r); err != nil {
		return signingKey{}, fault.Wrap(fault.Internal, err, "the signing key %q is unreadable", e.Key)
	}
	der, err := d.Sealer.Unseal(e.Key, r.Key)
	if err != nil {
		return signingKey{}, fault.Wrap(fault.Internal, err, "the signing key %q cannot be opened", e.Key)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return signingKey{}, fault.Wrap(fault.Internal, err, "the signing key %q is unreadable", e.Key)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return signingKey{}, fault.New(fault.Internal, "the signing key %q is a %T", e.Key, parsed)
	}
	return signingKey{e.Key[len(signingKeys):], key, r.Signs, r.Ends}, nil
}

// makeKey stores a new key, and removes those that are over; d.mu is held.
func (d *Directory) makeKey(ctx context.Context, now time.Time) error {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	place := signingKeys + base64.RawURLEncoding.EncodeToString(sum[:20])
	sealed, err := d.Sealer.Seal(place, der)
	if err != nil {
		return err
	}
	value, err := json.Marshal(keyRecord{sealed, now.Add(keyLife), now.Add(keyLife + longestToken)})
	if err != nil {
		return err
	}
	ops, err := d.endedKeys(ctx, now)
	if err != nil {
		return err
	}
	if _, err := d.Store.Commit(ctx, store.Txn{Then: append(ops, store.Put(place, value))}); err != nil {
		return err
	}
	return d.reload(ctx)
}

func (d *Directory) endedKeys(ctx context.Context, now time.Time) ([]store.Op, error) {
	entries, _, err := d.Store.List(ctx, signingKeys)
	if err != nil {
		return nil, err
	}
	var ops []store.Op
	for _, e := range entries {
		var r keyRecord
		if err := json.Unmarshal(e.Value, &r); err == nil && !now.Before(r.Ends) {
			ops = append(ops, store.Delete(e.Key))
		}
	}
	return ops, nil
}
