package vault

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"maps"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
)

// Certificate is one version of a certificate, without its key.
type Certificate struct {
	Item
	// DER is the certificate; nil while it is only asked for.
	DER []byte
	// ContentType is the form of its secret.
	ContentType string
	// Policy is the certificate's, the same for all versions.
	Policy *Policy
	// PreserveOrder says that the chain's order is the imported file's.
	PreserveOrder bool
	// Pending says that a version is being issued.
	Pending bool
}

func (v *Vault) certificate(o *object, x *version) Certificate {
	c := Certificate{Policy: o.Policy, PreserveOrder: o.PreserveOrder, Pending: o.Pending != nil}
	if x == nil {
		c.Item = v.item(o, o.Asked)
		return c
	}
	c.Item, c.DER, c.ContentType = v.item(o, &x.meta), x.Certificate, x.ContentType
	return c
}

// GetCertificate is a version of a certificate, the current one for an empty version. Until the first one is issued, that
// is a disabled one without certificate, key and secret.
func (v *Vault) GetCertificate(ctx context.Context, name, version string) (Certificate, error) {
	if err := v.allow(ctx, getCertificate, name); err != nil {
		return Certificate{}, err
	}
	o, err := v.find(ctx, Certificates, name)
	if err != nil {
		return Certificate{}, err
	}
	if o.isAsked(version) {
		return v.certificate(o, nil), nil
	}
	x, err := v.loadVersion(ctx, Certificates, o, version)
	if err != nil {
		return Certificate{}, err
	}
	return v.certificate(o, x), nil
}

// isAsked reports whether the id is that of a version that is asked for and not issued yet.
func (o *object) isAsked(id string) bool {
	return o.Asked != nil && (id == "" || id == o.Asked.Version)
}

// current is the certificate with its current version, if there is one.
func (v *Vault) current(ctx context.Context, o *object) (Certificate, error) {
	if o.Current == nil {
		return v.certificate(o, nil), nil
	}
	x, err := v.loadVersion(ctx, Certificates, o, "")
	if err != nil {
		return Certificate{}, err
	}
	return v.certificate(o, x), nil
}

// Describe is what answers of GetDeleted, Delete, Recover and Restore show of a certificate: the caller had permission
// for that. item is what those returned. Of a certificate deleted for good, nothing more than that is left.
func (v *Vault) Describe(ctx context.Context, item Item) (Certificate, error) {
	o, _, err := v.load(ctx, item.Name)
	if err != nil || o == nil || o.Kind != certificateKind {
		return Certificate{Item: item}, err
	}
	return v.current(ctx, o)
}

// GetPolicy is a certificate's policy.
func (v *Vault) GetPolicy(ctx context.Context, name string) (Policy, error) {
	if err := v.allow(ctx, getCertificate, name); err != nil {
		return Policy{}, err
	}
	o, err := v.find(ctx, Certificates, name)
	if err != nil {
		return Policy{}, err
	}
	return *o.Policy, nil
}

// SetPolicy replaces the parts of a certificate's policy that are given.
func (v *Vault) SetPolicy(ctx context.Context, name string, p Policy) (Policy, error) {
	if err := v.allow(ctx, updateCertificate, name); err != nil {
		return Policy{}, err
	}
	if err := CheckName(name); err != nil {
		return Policy{}, err
	}
	var made Policy
	err := v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkFound(Certificates, o, name); err != nil {
			return edit{}, err
		}
		if err := v.revisePolicy(o, &p); err != nil {
			return edit{}, err
		}
		made = *o.Policy
		return edit{object: o}, nil
	})
	return made, err
}

func (v *Vault) revisePolicy(o *object, newer *Policy) error {
	p := o.Policy.with(newer).complete(v.e.now())
	if err := p.check(); err != nil {
		return err
	}
	o.Policy = &p
	return nil
}

// UpdateCertificate changes whether a version is enabled, its tags, and the policy where one is given. Its dates are
// the certificate's and stay.
func (v *Vault) UpdateCertificate(ctx context.Context, name, id string, c Change, p *Policy) (Certificate, error) {
	if err := v.allow(ctx, updateCertificate, name); err != nil {
		return Certificate{}, err
	}
	if err := CheckName(name); err != nil {
		return Certificate{}, err
	}
	c = Change{Enabled: c.Enabled, Tags: c.Tags}
	var made Certificate
	err := v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkFound(Certificates, o, name); err != nil {
			return edit{}, err
		}
		if p != nil {
			if err := v.revisePolicy(o, p); err != nil {
				return edit{}, err
			}
		}
		if o.isAsked(id) {
			c.Enabled = nil // there is nothing to enable
			err := c.apply(o.Asked, v.e.now())
			made = v.certificate(o, nil)
			return edit{object: o}, err
		}
		x, err := v.changeVersion(ctx, Certificates, o, id, c)
		if err != nil {
			return edit{}, err
		}
		made = v.certificate(o, x)
		return edit{o, []*version{x}}, nil
	})
	return made, err
}

// CertificateInput is what comes with a certificate that is created or imported; nil members have defaults.
type CertificateInput struct {
	Policy        *Policy
	Enabled       *bool
	Tags          map[string]string
	PreserveOrder *bool
}

// ImportCertificate makes a new version of a certificate from a file: base64 of a PFX, or PEM with a private key.
func (v *Vault) ImportCertificate(ctx context.Context, name, value string, password *string, in CertificateInput) (Certificate, error) {
	if err := v.allow(ctx, importCertificate, name); err != nil {
		return Certificate{}, err
	}
	if err := CheckName(name); err != nil {
		return Certificate{}, err
	}
	wanted := ""
	if in.Policy != nil && in.Policy.Secret != nil {
		wanted = in.Policy.Secret.ContentType
	}
	id, form, err := decodeBundle(value, password, wanted)
	if err != nil {
		return Certificate{}, err
	}
	policy, err := v.importPolicy(id, form, in.Policy)
	if err != nil {
		return Certificate{}, err
	}
	preserve := yes(in.PreserveOrder, false)
	if !preserve {
		id.Chain = orderChain(id.Certificate, id.Chain)
	}
	x, err := v.newVersion(name, "", id, policy, in)
	if err != nil {
		return Certificate{}, err
	}
	var made Certificate
	err = v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkCreatable(o); err != nil {
			return edit{}, err
		}
		if o == nil {
			o = &object{Name: name, Kind: certificateKind}
		}
		x.follows(o)
		o.Current, o.Asked, o.Policy, o.PreserveOrder, o.Pending = &x.meta, nil, &policy, preserve, nil
		made = v.certificate(o, x)
		return edit{o, []*version{x}}, nil
	})
	return made, err
}

// checkCreatable refuses a name that a new version of a certificate cannot have.
func checkCreatable(o *object) error {
	switch {
	case o == nil:
		return nil
	case o.Deleted != nil:
		a := Certificates
		if o.Kind == secretKind {
			a = Secrets
		}
		return isDeleted(a, o.Name)
	case o.Kind == secretKind:
		return conflict("", "A secret with the name %s exists in this key vault; a certificate of that name would need its own secret.", o.Name)
	case o.Pending != nil && o.Pending.Status == StatusInProgress:
		return conflict("", "A new key vault certificate can not be created or imported while a pending key vault certificate's status is inProgress.")
	}
	return nil
}

// importPolicy is the policy of an imported certificate: as the certificate is, with what the client says of renewal.
func (v *Vault) importPolicy(id *cert.Identity, form string, given *Policy) (Policy, error) {
	key, ok := keyPropertiesOf(id.Key.Public())
	if !ok {
		return Policy{}, badParameter("The certificate's key is not one that a key vault holds: RSA of 2048 to 4096 bits, or EC on P-256, P-384 or P-521.")
	}
	if !id.Certificate.TimesValid() {
		return Policy{}, badParameter("The certificate's dates cannot be read.")
	}
	if given == nil {
		given = &Policy{}
	}
	if k := given.Key; k != nil {
		key.Exportable, key.Reuse = k.Exportable, k.Reuse
		if k.Type != "" && k.elliptic() != key.elliptic() {
			return Policy{}, badParameter("The policy's key type %s is not that of the certificate's key, %s.", k.Type, key.Type)
		}
	}
	p := Policy{Key: &key, Secret: &SecretProperties{form}, X509: describe(id.Certificate), LifetimeActions: given.LifetimeActions, Issuer: given.Issuer}
	p = p.complete(v.e.now())
	for _, a := range p.LifetimeActions {
		if err := a.check(p.X509.ValidityMonths); err != nil {
			return Policy{}, err
		}
	}
	return p, nil
}

// describe is what a policy says of a certificate that it did not make.
func describe(c *cert.Certificate) *X509Properties {
	x := &X509Properties{Subject: c.SubjectName(), EKUs: []string{}, KeyUsage: []string{}, ValidityMonths: months(c.NotBefore, c.NotAfter)}
	if ekus, present, err := c.ExtKeyUsage(); present && err == nil {
		x.EKUs = ekus
	}
	if parsed, err := x509.ParseCertificate(c.Raw); err == nil {
		for i, word := range keyUsages {
			if parsed.KeyUsage&(1<<i) != 0 {
				x.KeyUsage = append(x.KeyUsage, word)
			}
		}
		if len(parsed.DNSNames)+len(parsed.EmailAddresses) > 0 {
			x.SANs = &AlternativeNames{DNSNames: parsed.DNSNames, Emails: parsed.EmailAddresses}
		}
	}
	return x
}

// months is a life in months, what is begun counted as a whole one.
func months(from, to time.Time) int {
	n := 0
	for n < maxMonths && from.AddDate(0, n, 0).Before(to) {
		n++
	}
	return max(n, 1)
}

// newVersion is a version record of a certificate with its key, sealed. An empty version id is made.
func (v *Vault) newVersion(name, versionID string, id *cert.Identity, p Policy, in CertificateInput) (*version, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if versionID == "" {
		versionID = newVersionID()
	}
	now, c := v.e.now(), id.Certificate
	x := &version{Name: name, Kind: certificateKind, Certificate: c.Raw, Exportable: yes(p.Key.Exportable, true), meta: meta{
		Version: versionID, Enabled: yes(in.Enabled, true), NotBefore: to(c.NotBefore), Expires: to(c.NotAfter),
		Created: now, Updated: now, ContentType: p.Secret.ContentType, Tags: maps.Clone(in.Tags), Thumbprint: bytes.Clone(c.SHA1[:]),
	}}
	for _, other := range id.Chain {
		x.Chain = append(x.Chain, other.Raw)
	}
	exported := id.Key
	if !x.Exportable {
		exported = nil
	}
	value, err := encodeBundle(p.Secret.ContentType, x.Certificate, x.Chain, exported)
	if err != nil {
		return nil, err
	}
	place := v.versionKey(name, x.Version)
	if x.Value, err = v.seal(place, fieldValue, []byte(value)); err != nil {
		return nil, err
	}
	x.Key, err = v.sealKey(place, fieldKey, id.Key)
	return x, err
}

func (v *Vault) sealKey(place, field string, key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fault.Wrap(fault.Internal, err, "a private key cannot be written")
	}
	return v.seal(place, field, der)
}

func (v *Vault) unsealKey(place, field, token string) (crypto.Signer, error) {
	der, err := v.unseal(place, field, token)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the private key of stored %q is unreadable", place)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.Internal, "the private key of stored %q cannot sign", place)
	}
	return signer, nil
}
