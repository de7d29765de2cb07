package vault

import (
	"context"
	"crypto"
	"reflect"
	"time"
)

// Attributes are what every version has.
type Attributes struct {
	Enabled            bool
	NotBefore, Expires *time.Time
	Created, Updated   time.Time
	// RecoveryLevel is the vault's, in Key Vault's words; RecoverableDays its retention.
	RecoveryLevel   string
	RecoverableDays int
}

// Item is what lists show of an object or of a version.
type Item struct {
	// Name is the object's name as first spelt, Version a version's id; empty for a certificate not yet issued.
	Name, Version string
	Attributes    Attributes
	// ContentType is a secret's.
	ContentType string
	Tags        map[string]string
	// Managed marks secrets and keys of a certificate.
	Managed bool
	// Thumbprint is the SHA-1 of a certificate's DER, Previous the version of the certificate before this one.
	Thumbprint []byte
	Previous   string
	// Deleted is set for deleted objects.
	Deleted *Deletion
}

// Secret is one version of a secret with its value.
type Secret struct {
	Item
	Value string
}

// item is a version as lists show it.
func (v *Vault) item(o *object, m *meta) Item {
	i := Item{Name: o.Name, Managed: o.Kind == certificateKind, Deleted: o.Deleted}
	i.Attributes = Attributes{RecoveryLevel: v.p.recoveryLevel(), RecoverableDays: v.p.retention()}
	if m == nil {
		return i
	}
	i.Version, i.ContentType, i.Tags, i.Thumbprint, i.Previous = m.Version, m.ContentType, m.Tags, m.Thumbprint, m.Previous
	a := &i.Attributes
	a.Enabled, a.NotBefore, a.Expires, a.Created, a.Updated = m.Enabled, m.NotBefore, m.Expires, m.Created, m.Updated
	return i
}

// find is the object of that name in the area, not deleted.
func (v *Vault) find(ctx context.Context, a Area, name string) (*object, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	o, _, err := v.load(ctx, name)
	if err != nil {
		return nil, err
	}
	return o, checkFound(a, o, name)
}

// checkFound refuses an object that the area does not show.
func checkFound(a Area, o *object, name string) error {
	if o == nil || o.Deleted != nil || !o.in(a) {
		return notFound(a, name, "")
	}
	return nil
}

// in reports whether the area shows the object: keys and secrets are certificates' too, once those are issued.
func (o *object) in(a Area) bool {
	if o.Kind == secretKind {
		return a == Secrets
	}
	return a == Certificates || o.Current != nil
}

// shown is what lists and deletions show of the object.
func (o *object) shown() *meta {
	if o.Current == nil {
		return o.Asked
	}
	return o.Current
}

// GetSecret is a version of a secret, the current one for an empty version. A disabled one is refused; one out of its
// dates is not, as with Key Vault. A content type, unless empty, is the form in which a certificate is wanted.
func (v *Vault) GetSecret(ctx context.Context, name, version, contentType string) (Secret, error) {
	if err := v.allow(ctx, getSecret, name); err != nil {
		return Secret{}, err
	}
	o, err := v.find(ctx, Secrets, name)
	if err != nil {
		return Secret{}, err
	}
	x, err := v.loadVersion(ctx, Secrets, o, version)
	if err != nil {
		return Secret{}, err
	}
	if !x.Enabled {
		return Secret{}, forbidden(ReasonDisabled, "Operation get is not allowed on a disabled secret.")
	}
	value, err := v.unseal(v.versionKey(name, x.Version), fieldValue, x.Value)
	if err != nil {
		return Secret{}, err
	}
	s := Secret{v.item(o, &x.meta), string(value)}
	if contentType == "" || contentType == s.ContentType {
		return s, nil
	}
	return v.reform(o, x, s, contentType)
}

// reform is the secret of a certificate in another form.
func (v *Vault) reform(o *object, x *version, s Secret, contentType string) (Secret, error) {
	if o.Kind != certificateKind || contentType != ContentPKCS12 && contentType != ContentPEM {
		return Secret{}, badParameter("The secret cannot be had as %q: certificates can, as %s or %s.", contentType, ContentPKCS12, ContentPEM)
	}
	var key crypto.Signer
	if x.Exportable {
		var err error
		if key, err = v.unsealKey(v.versionKey(o.Name, x.Version), fieldKey, x.Key); err != nil {
			return Secret{}, err
		}
	}
	var err error
	s.ContentType = contentType
	s.Value, err = encodeBundle(contentType, x.Certificate, x.Chain, key)
	return s, err
}

// SetSecret makes a new version of a secret, and the secret where there is none.
func (v *Vault) SetSecret(ctx context.Context, name, value string, c Change) (Secret, error) {
	if err := v.allow(ctx, setSecret, name); err != nil {
		return Secret{}, err
	}
	if err := CheckName(name); err != nil {
		return Secret{}, err
	}
	if len(value) > maxSecretBytes {
		return Secret{}, badParameter("The secret value has %d bytes; %d is the most.", len(value), maxSecretBytes)
	}
	now := v.e.now()
	x := &version{Name: name, Kind: secretKind, meta: meta{Version: newVersionID(), Enabled: true, Created: now}}
	if err := c.apply(&x.meta, now); err != nil {
		return Secret{}, err
	}
	var err error
	if x.Value, err = v.seal(v.versionKey(name, x.Version), fieldValue, []byte(value)); err != nil {
		return Secret{}, err
	}
	var made *object
	err = v.change(ctx, name, func(o *object) (edit, error) {
		if o == nil {
			o = &object{Name: name, Kind: secretKind}
		}
		if o.Deleted != nil {
			return edit{}, isDeleted(Secrets, o.Name)
		}
		if o.Kind != secretKind {
			return edit{}, isManaged(Secrets, "set")
		}
		o.Current, made = &x.meta, o
		return edit{o, []*version{x}}, nil
	})
	if err != nil {
		return Secret{}, err
	}
	return Secret{v.item(made, &x.meta), value}, nil
}

// EnsureSecret is SetSecret for deployments that are repeated: where the current version has the value already, its
// attributes, content type and tags are changed, if they are others, and no version is made.
func (v *Vault) EnsureSecret(ctx context.Context, name, value string, c Change) (i Item, created bool, err error) {
	if err := v.allow(ctx, setSecret, name); err != nil {
		return Item{}, false, err
	}
	if err := CheckName(name); err != nil {
		return Item{}, false, err
	}
	o, _, err := v.load(ctx, name)
	if err != nil {
		return Item{}, false, err
	}
	if o == nil || o.Deleted != nil || o.Kind != secretKind {
		s, err := v.SetSecret(ctx, name, value, c)
		return s.Item, true, err
	}
	x, err := v.loadVersion(ctx, Secrets, o, "")
	if err != nil {
		return Item{}, false, err
	}
	present, err := v.unseal(v.versionKey(name, x.Version), fieldValue, x.Value)
	if err != nil {
		return Item{}, false, err
	}
	if string(present) != value {
		s, err := v.SetSecret(ctx, name, value, c)
		return s.Item, false, err
	}
	wanted := x.meta
	if err := c.apply(&wanted, x.Updated); err != nil {
		return Item{}, false, err
	}
	if reflect.DeepEqual(wanted, x.meta) {
		return v.item(o, &x.meta), false, nil
	}
	i, err = v.UpdateSecret(ctx, name, x.Version, c)
	return i, false, err
}

// DescribeSecret is the current version of a secret without its value.
func (v *Vault) DescribeSecret(ctx context.Context, name string) (Item, error) {
	if err := v.allow(ctx, Secrets.read(), name); err != nil {
		return Item{}, err
	}
	o, err := v.find(ctx, Secrets, name)
	if err != nil {
		return Item{}, err
	}
	return v.item(o, o.shown()), nil
}

// UpdateSecret changes a version's attributes, content type and tags; the current one's for an empty version.
func (v *Vault) UpdateSecret(ctx context.Context, name, id string, c Change) (Item, error) {
	if err := v.allow(ctx, updateSecret, name); err != nil {
		return Item{}, err
	}
	if err := CheckName(name); err != nil {
		return Item{}, err
	}
	var item Item
	err := v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkFound(Secrets, o, name); err != nil {
			return edit{}, err
		}
		if err := checkOwn(Secrets, o, "update"); err != nil {
			return edit{}, err
		}
		x, err := v.changeVersion(ctx, Secrets, o, id, c)
		if err != nil {
			return edit{}, err
		}
		item = v.item(o, &x.meta)
		return edit{o, []*version{x}}, nil
	})
	return item, err
}

// changeVersion changes a version of an object, and its header where it is the current one.
func (v *Vault) changeVersion(ctx context.Context, a Area, o *object, id string, c Change) (*version, error) {
	x, err := v.loadVersion(ctx, a, o, id)
	if err != nil {
		return nil, err
	}
	if err := c.apply(&x.meta, v.e.now()); err != nil {
		return nil, err
	}
	if o.Current != nil && o.Current.Version == x.Version {
		o.Current = &x.meta
	}
	return x, nil
}
