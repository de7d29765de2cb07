package vault

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/big"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/internal/store/seal"
)

// Where things stand in the store.
const (
	root           = "/vault/"
	objectPrefix   = root + "objects/"  // {vault}/{name}: an object's header
	versionPrefix  = root + "versions/" // {vault}/{name}/{version}
	noticePrefix   = root + "notices/"  // {vault}/{name}/{version}/{kind}: a notice of expiry that was given
	issuerPrefix   = root + "issuers/"  // {vault}/{name}
	contactsPrefix = root + "contacts/" // {vault}
)

func (v *Vault) objectKey(name string) string {
	return objectPrefix + v.name + "/" + strings.ToLower(name)
}

func (v *Vault) versionsOf(name string) string {
	return versionPrefix + v.name + "/" + strings.ToLower(name) + "/"
}

func (v *Vault) versionKey(name, version string) string { return v.versionsOf(name) + version }

func (v *Vault) noticesOf(name string) string {
	return noticePrefix + v.name + "/" + strings.ToLower(name) + "/"
}

// Fields of records that are sealed.
const (
	fieldValue   = "value"
	fieldKey     = "key"
	fieldPending = "pending"
)

// kind is what an object is.
type kind string

const (
	secretKind      kind = "secret"
	certificateKind kind = "certificate"
)

// object is the header of an object.
type object struct {
	// Name is as it was first spelt.
	Name string `json:"name"`
	Kind kind   `json:"kind"`
	// Current describes the newest version; nil for a certificate that was asked for and not yet issued, which has Asked.
	Current *meta `json:"current,omitempty"`
	Asked   *meta `json:"asked,omitempty"`
	// Deleted is set while the object can only be recovered or purged.
	Deleted *Deletion `json:"deleted,omitempty"`
	// Policy, Pending and PreserveOrder are a certificate's.
	Policy        *Policy  `json:"policy,omitempty"`
	Pending       *pending `json:"pending,omitempty"`
	PreserveOrder bool     `json:"preserveCertOrder,omitempty"`
}

// Deletion is when an object was deleted, and when it will be purged.
type Deletion struct {
	At    time.Time `json:"at"`
	Purge time.Time `json:"purge"`
}

// meta is what a version has that lists show.
type meta struct {
	Version     string            `json:"version"`
	Enabled     bool              `json:"enabled"`
	NotBefore   *time.Time        `json:"notBefore,omitempty"`
	Expires     *time.Time        `json:"expires,omitempty"`
	Created     time.Time         `json:"created"`
	Updated     time.Time         `json:"updated"`
	ContentType string            `json:"contentType,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	// Thumbprint is the SHA-1 of a certificate's DER, Previous the version of the certificate before this one.
	Thumbprint []byte `json:"thumbprint,omitempty"`
	Previous   string `json:"previous,omitempty"`
}

// follows notes the version that is current until now.
func (m *meta) follows(o *object) {
	if o.Current != nil {
		m.Previous = o.Current.Version
	}
}

// version is one version of an object.
type version struct {
	meta
	// Name is the object's, Kind what it is.
	Name string `json:"name"`
	Kind kind   `json:"kind"`
	// Value is the sealed text that the secret holds; of a certificate, its PFX in base64 or its PEM.
	Value string `json:"value"`
	// Certificate and Chain are DER, Key is the sealed PKCS#8 private key of a certificate.
	Certificate []byte   `json:"certificate,omitempty"`
	Chain       [][]byte `json:"chain,omitempty"`
	Key         string   `json:"key,omitempty"`
	// Exportable says that the secret holds the key: what was made otherwise stays so, whatever the policy becomes.
	Exportable bool `json:"exportable,omitempty"`
}

func decode(e store.Entry, into any) error {
	if err := json.Unmarshal(e.Value, into); err != nil {
		return fault.Wrap(fault.Internal, err, "stored %q is unreadable", e.Key)
	}
	return nil
}

func put(key string, value any) (store.Op, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return store.Op{}, fault.Wrap(fault.Internal, err, "%q cannot be stored", key)
	}
	return store.Put(key, data), nil
}

func (v *Vault) seal(key, field string, plaintext []byte) (string, error) {
	return v.e.o.Sealer.Seal(seal.AssociatedData(key, field), plaintext)
}

func (v *Vault) unseal(key, field, token string) ([]byte, error) {
	plain, err := v.e.o.Sealer.Unseal(seal.AssociatedData(key, field), token)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "%s of stored %q does not open", field, key)
	}
	return plain, nil
}

// load is the header of that name with its revision; nil and 0 where there is none.
func (v *Vault) load(ctx context.Context, name string) (*object, int64, error) {
	e, err := v.e.o.Store.Get(ctx, v.objectKey(name))
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	o := new(object)
	return o, e.ModRevision, decode(e, o)
}

// loadVersion is a version of an object; the current one for an empty id. Fault of Kind NotFound if there is none.
func (v *Vault) loadVersion(ctx context.Context, a Area, o *object, id string) (*version, error) {
	if id == "" && o.Current != nil {
		id = o.Current.Version
	}
	if !versionID.MatchString(id) {
		return nil, notFound(a, o.Name, id)
	}
	e, err := v.e.o.Store.Get(ctx, v.versionKey(o.Name, id))
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, notFound(a, o.Name, id)
	}
	if err != nil {
		return nil, err
	}
	x := new(version)
	return x, decode(e, x)
}

// edit is what a change of an object comes to.
type edit struct {
	// object is the new header; nil removes the object with everything that belongs to it.
	object *object
	// versions are records to put.
	versions []*version
}

// change changes the object of that name in one transaction: plan is told the header as it is (nil: there is none),
// again if another was quicker, and must not keep what it changed before.
func (v *Vault) change(ctx context.Context, name string, plan func(o *object) (edit, error)) error {
	key := v.objectKey(name)
	for attempt := 0; ; attempt++ {
		o, revision, err := v.load(ctx, name)
		if err != nil {
			return err
		}
		e, err := plan(o)
		if err != nil {
			return err
		}
		txn := store.Txn{If: []store.Condition{store.AtRevision(key, revision)}}
		if txn.Then, err = v.operations(name, e); err != nil {
			return err
		}
		_, err = v.e.o.Store.Commit(ctx, txn)
		if err == nil || fault.KindOf(err) != fault.PreconditionFailed {
			return err
		}
		if err := patience(ctx, attempt); err != nil {
			return err
		}
	}
}

func (v *Vault) operations(name string, e edit) ([]store.Op, error) {
	if e.object == nil {
		return []store.Op{store.Delete(v.objectKey(name)), store.DeletePrefix(v.versionsOf(name)), store.DeletePrefix(v.noticesOf(name))}, nil
	}
	op, err := put(v.objectKey(name), e.object)
	ops := []store.Op{op}
	for _, x := range e.versions {
		if err == nil {
			op, err = put(v.versionKey(name, x.Version), x)
			ops = append(ops, op)
		}
	}
	return ops, err
}

// maxAttempts bounds how often a change that others overtake is tried.
const maxAttempts = 200

// patience waits a random while, longer with each attempt, before a change is tried again.
func patience(ctx context.Context, attempt int) error {
	if attempt >= maxAttempts {
		return fault.New(fault.Unavailable, "The object is being changed by too many others. Try again later.")
	}
	limit := big.NewInt(int64(time.Millisecond) * int64(min(attempt+1, 20)))
	n, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "no randomness")
	}
	t := time.NewTimer(time.Duration(n.Int64()))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// newVersionID is 128 random bits in hexadecimal, as Key Vault's version ids look.
func newVersionID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

var (
	objectName = regexp.MustCompile(`^[0-9a-zA-Z-]{1,127}$`)
	versionID  = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// Limits of what an object may carry (learn.microsoft.com/azure/key-vault/general/service-limits and about-keys-secrets-certificates).
const (
	maxSecretBytes      = 25600
	maxContentTypeChars = 255
	maxTags             = 15
	maxTagChars         = 256
)

// CheckName refuses what cannot be the name of an object: a fault of Kind Invalid.
func CheckName(name string) error {
	if !objectName.MatchString(name) {
		return badParameter("The request URI contains an invalid name: %s", name)
	}
	return nil
}

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return badParameter("There are %d tags; an object can have %d.", len(tags), maxTags)
	}
	for name, value := range tags {
		if utf8.RuneCountInString(name) > maxTagChars || utf8.RuneCountInString(value) > maxTagChars {
			return badParameter("A tag's name and value can have %d characters each.", maxTagChars)
		}
	}
	return nil
}

// Change is what a client asks of a version's attributes and tags; what is nil stays as it is.
type Change struct {
	Enabled            *bool
	NotBefore, Expires *time.Time
	// ContentType is a secret's.
	ContentType *string
	// Tags replace all tags; empty removes them.
	Tags map[string]string
}

// apply makes the change to m.
func (c Change) apply(m *meta, now time.Time) error {
	if c.Enabled != nil {
		m.Enabled = *c.Enabled
	}
	if c.NotBefore != nil {
		m.NotBefore = c.NotBefore
	}
	if c.Expires != nil {
		m.Expires = c.Expires
	}
	if c.ContentType != nil {
		m.ContentType = *c.ContentType
	}
	if c.Tags != nil {
		m.Tags = maps.Clone(c.Tags)
	}
	m.Updated = now
	if utf8.RuneCountInString(m.ContentType) > maxContentTypeChars {
		return badParameter("contentType can have %d characters.", maxContentTypeChars)
	}
	if m.NotBefore != nil && m.Expires != nil && m.Expires.Before(*m.NotBefore) {
		return badParameter("The expiration date %s is before the not-before date %s.", m.Expires.Format(time.RFC3339), m.NotBefore.Format(time.RFC3339))
	}
	return checkTags(m.Tags)
}
