package identity

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the thumbprint x5t is SHA-1 by definition (RFC 7515 section 4.1.7); it finds a key and proves nothing
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

const applications = "/identity/applications/"

// ApplicationRecord is a program that may ask for tokens, with what proves it.
type ApplicationRecord struct {
	// ClientID is its client id, ObjectID its principal's object id.
	ClientID, ObjectID string
	// Secrets are its secrets, at most MaxProofs.
	Secrets []Secret `json:",omitempty"`
	// Certificates are those whose keys sign its assertions, DER, at most MaxProofs.
	Certificates [][]byte `json:",omitempty"`
}

// MaxProofs is the most secrets, and the most certificates, of an application.
const MaxProofs = 20

// Secret is a client secret.
type Secret struct {
	// Digest is the SHA-256 of the secret: secrets are random, so that nothing slower is needed.
	Digest []byte
	// Label is for people.
	Label string `json:",omitempty"`
	// Expires is when it ends; zero: never.
	Expires time.Time `json:",omitzero"`
}

// NewSecret is the stored form of a secret, which must be random.
func NewSecret(text, label string, expires time.Time) Secret {
	digest := sha256.Sum256([]byte(text))
	return Secret{digest[:], label, expires}
}

// Why an application is not believed. Each is in the tree of a fault of Kind Unauthenticated.
var (
	ErrUnknownApplication = errors.New("there is no such application")
	ErrWrongSecret        = errors.New("the client secret is wrong")
	ErrExpiredSecret      = errors.New("the client secret is over")
	ErrAssertion          = errors.New("the client assertion is wrong")
	ErrUnknownKey         = errors.New("the key of the client assertion is not registered")
)

func disbelieved(why error) error {
	return fault.Wrap(fault.Unauthenticated, why, "the application is not believed")
}

// PutApplication stores an application together with its principal, in the place of one with the same client id.
func (d *Directory) PutApplication(ctx context.Context, a ApplicationRecord, p Principal) error {
	if len(a.Secrets) > MaxProofs || len(a.Certificates) > MaxProofs {
		return fault.New(fault.Invalid, "an application has %d secrets and %d certificates at most", MaxProofs, MaxProofs)
	}
	for i, der := range a.Certificates {
		if _, err := x509.ParseCertificate(der); err != nil {
			return fault.Wrap(fault.Invalid, err, "certificate %d of the application cannot be read", i+1)
		}
	}
	value, err := json.Marshal(a)
	if err != nil {
		return err
	}
	ops, err := PutOps(p)
	if err != nil {
		return err
	}
	_, err = d.Store.Commit(ctx, store.Txn{Then: append(ops, store.Put(applicationKey(a.ClientID), value))})
	return err
}

// EnsureSecret makes the principal an application that has the secret, whatever else it has; beyond MaxProofs the oldest goes.
func (d *Directory) EnsureSecret(ctx context.Context, p Principal, secret, label string) error {
	key := applicationKey(p.ClientID)
	for {
		e, err := d.Store.Get(ctx, key)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		a := ApplicationRecord{ClientID: p.ClientID, ObjectID: p.ID}
		if err == nil {
			if err := json.Unmarshal(e.Value, &a); err != nil {
				return fault.Wrap(fault.Internal, err, "the record of application %q is unreadable", p.ClientID)
			}
		}
		wanted := NewSecret(secret, label, time.Time{})
		if !slices.ContainsFunc(a.Secrets, func(s Secret) bool { return bytes.Equal(s.Digest, wanted.Digest) }) {
			a.Secrets = append(a.Secrets[max(0, len(a.Secrets)-MaxProofs+1):], wanted)
		}
		err = d.commitApplication(ctx, a, p, e.ModRevision)
		if _, raced := errors.AsType[*store.ConditionError](err); !raced {
			return err
		}
	}
}

// commitApplication stores the application and its principal if the record is at the revision still.
func (d *Directory) commitApplication(ctx context.Context, a ApplicationRecord, p Principal, revision int64) error {
	value, err := json.Marshal(a)
	if err != nil {
		return err
	}
	ops, err := PutOps(p)
	if err != nil {
		return err
	}
	key := applicationKey(a.ClientID)
	_, err = d.Store.Commit(ctx, store.Txn{If: []store.Condition{store.AtRevision(key, revision)}, Then: append(ops, store.Put(key, value))})
	return err
}

// RemoveApplication ends an application and its principal; one that is not there is no error.
func (d *Directory) RemoveApplication(ctx context.Context, clientID string) error {
	a, err := d.Application(ctx, clientID)
	if errors.Is(err, ErrUnknownApplication) {
		return nil
	}
	if err != nil {
		return err
	}
	ops := append(RemoveOps(a.ObjectID, a.ClientID), store.Delete(applicationKey(a.ClientID)))
	_, err = d.Store.Commit(ctx, store.Txn{Then: ops})
	return err
}

func applicationKey(clientID string) string { return applications + strings.ToLower(clientID) }

// Application is the application of that client id; ErrUnknownApplication if there is none.
func (d *Directory) Application(ctx context.Context, clientID string) (*ApplicationRecord, error) {
	if !IsGUID(clientID) {
		return nil, disbelieved(ErrUnknownApplication)
	}
	e, err := d.Store.Get(ctx, applicationKey(clientID))
	if fault.KindOf(err) == fault.NotFound {
		return nil, disbelieved(ErrUnknownApplication)
	}
	if err != nil {
		return nil, err
	}
	a := new(ApplicationRecord)
	if err := json.Unmarshal(e.Value, a); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the record of application %q is unreadable", clientID)
	}
	return a, nil
}

// ProveBySecret is the principal of the application that has the secret. Digests are compared in constant time.
func (d *Directory) ProveBySecret(ctx context.Context, clientID, secret string) (*Principal, error) {
	a, err := d.Application(ctx, clientID)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte(secret))
	now := d.now()
	why := ErrWrongSecret
	good := 0
	for _, s := range a.Secrets {
		same := subtle.ConstantTimeCompare(s.Digest, digest[:])
		if s.Expires.IsZero() || now.Before(s.Expires) {
			good |= same
		} else if same == 1 {
			why = ErrExpiredSecret
		}
	}
	if good != 1 {
		return nil, disbelieved(why)
	}
	return d.ByObjectID(ctx, a.ObjectID)
}

// assertionAlgorithms are those that Microsoft Entra ID takes.
var assertionAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.RS384, jose.PS384, jose.RS512, jose.PS512, jose.ES256, jose.ES384, jose.ES512}

// longestAssertion is how far ahead an assertion may end.
const longestAssertion = 24 * time.Hour

// ProveByAssertion is the principal of the application that signed the assertion (RFC 7523 section 3): a token whose
// issuer and subject are the client id and whose audience is one of those given, signed by the key of a certificate
// that is registered, found by x5t#S256, x5t or kid.
func (d *Directory) ProveByAssertion(ctx context.Context, clientID, assertion string, audiences []string) (*Principal, error) {
	a, err := d.Application(ctx, clientID)
	if err != nil {
		return nil, err
	}
	if len(assertion) > maxTokenBytes {
		return nil, disbelieved(ErrAssertion)
	}
	parsed, err := jwt.ParseSigned(assertion, assertionAlgorithms)
	if err != nil || len(parsed.Headers) != 1 {
		return nil, disbelieved(ErrAssertion)
	}
	c := a.certificateOf(parsed.Headers[0])
	if c == nil {
		return nil, disbelieved(ErrUnknownKey)
	}
	var claim jwt.Claims
	if err := parsed.Claims(c.PublicKey, &claim); err != nil {
		return nil, disbelieved(ErrAssertion)
	}
	if !d.assertionHolds(claim, clientID, audiences) {
		return nil, disbelieved(ErrAssertion)
	}
	if now := d.now(); now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return nil, disbelieved(ErrUnknownKey)
	}
	return d.ByObjectID(ctx, a.ObjectID)
}

func (d *Directory) assertionHolds(c jwt.Claims, clientID string, audiences []string) bool {
	now := d.now()
	if !strings.EqualFold(c.Issuer, clientID) || !strings.EqualFold(c.Subject, clientID) || c.Expiry == nil {
		return false
	}
	end := c.Expiry.Time()
	if !now.Before(end) || end.After(now.Add(longestAssertion)) || c.NotBefore != nil && now.Before(c.NotBefore.Time().Add(-clockSkew)) {
		return false
	}
	return slices.ContainsFunc(c.Audience, func(aud string) bool { return anyAudience(audiences, aud) })
}

// certificateOf finds the registered certificate that the header names; nil if there is none.
func (a *ApplicationRecord) certificateOf(h jose.Header) *x509.Certificate {
	byHash, _ := h.ExtraHeaders["x5t#S256"].(string)
	byOldHash, _ := h.ExtraHeaders["x5t"].(string)
	for _, der := range a.Certificates {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			continue
		}
		new, old := sha256.Sum256(der), sha1.Sum(der)
		switch {
		case byHash != "":
			if isThumbprint(byHash, new[:]) {
				return c
			}
		case byOldHash != "":
			if isThumbprint(byOldHash, old[:]) {
				return c
			}
		case h.KeyID != "" && isThumbprint(h.KeyID, old[:]):
			return c
		}
	}
	return nil
}

// isThumbprint takes the thumbprint in base64url (RFC 7515 section 4.1.8), and in base64 and hexadecimal, as clients
// send it too; padding does not count.
func isThumbprint(text string, sum []byte) bool {
	unpadded := strings.TrimRight(text, "=")
	return unpadded == base64.RawURLEncoding.EncodeToString(sum) || unpadded == base64.RawStdEncoding.EncodeToString(sum) ||
		strings.EqualFold(text, hex.EncodeToString(sum))
}
