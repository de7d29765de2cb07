package vault

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"maps"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
)

// Status of an operation that issues a certificate.
const (
	StatusInProgress = "inProgress"
	StatusCompleted  = "completed"
	StatusCancelled  = "cancelled"
	StatusFailed     = "failed"
)

// pending is the newest operation that issues a version of a certificate; it stays when it is done.
type pending struct {
	RequestID string           `json:"requestId"`
	CSR       []byte           `json:"csr"`
	Issuer    IssuerParameters `json:"issuer"`
	// Key is the sealed private key until the certificate is merged.
	Key     string `json:"key,omitempty"`
	Status  string `json:"status"`
	Details string `json:"details,omitempty"`
	Cancel  bool   `json:"cancel,omitempty"`
	Error   string `json:"error,omitempty"`
	// Renews is the version that was to be renewed, Tried when that failed.
	Renews        string            `json:"renews,omitempty"`
	Tried         time.Time         `json:"tried,omitzero"`
	Tags          map[string]string `json:"tags,omitempty"`
	Enabled       bool              `json:"enabled"`
	PreserveOrder bool              `json:"preserveCertOrder,omitempty"`
}

// Operation is the state of issuing a version of a certificate.
type Operation struct {
	Name, RequestID string
	CSR             []byte
	Issuer          IssuerParameters
	// Status is inProgress, completed, cancelled or failed; Details is a sentence about it.
	Status, Details string
	// Cancel says that cancellation was asked for.
	Cancel bool
	// Error is why it failed.
	Error         string
	PreserveOrder bool
}

func (p *pending) operation(name string) Operation {
	return Operation{name, p.RequestID, p.CSR, p.Issuer, p.Status, p.Details, p.Cancel, p.Error, p.PreserveOrder}
}

const (
	detailsWaiting  = "Pending certificate created. Please Perform Merge to complete the request."
	detailsComplete = "The certificate was issued."
)

// CreateCertificate issues a new version of a certificate by its policy: at once where it signs itself or the
// development CA signs; where the issuer is Unknown it makes a CSR, to be merged when it is signed.
func (v *Vault) CreateCertificate(ctx context.Context, name string, in CertificateInput) (Operation, error) {
	if err := v.allow(ctx, createCertificate, name); err != nil {
		return Operation{}, err
	}
	if err := CheckName(name); err != nil {
		return Operation{}, err
	}
	return v.issue(ctx, name, in, nil)
}

// issue does the work of CreateCertificate; guard may stop it when the object is no longer as it should be.
func (v *Vault) issue(ctx context.Context, name string, in CertificateInput, guard func(o *object) error) (Operation, error) {
	o, _, err := v.load(ctx, name)
	if err != nil {
		return Operation{}, err
	}
	if err := checkCreatable(o); err != nil {
		return Operation{}, err
	}
	policy, err := v.creationPolicy(o, in)
	if err != nil {
		return Operation{}, err
	}
	signed, err := v.order(ctx, o, policy)
	if err != nil {
		return Operation{}, err
	}
	p := &pending{
		RequestID: newRequestID(), CSR: signed.csr, Issuer: *policy.Issuer, Status: StatusInProgress, Details: detailsWaiting,
		Tags: in.Tags, Enabled: yes(in.Enabled, true), PreserveOrder: yes(in.PreserveOrder, false),
	}
	var x *version
	if signed.id == nil {
		p.Key, err = v.sealKey(v.objectKey(name), fieldPending, signed.key)
	} else {
		p.Status, p.Details = StatusCompleted, detailsComplete
		x, err = v.newVersion(name, "", signed.id, policy, in)
	}
	if err != nil {
		return Operation{}, err
	}
	spelt := name
	err = v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkCreatable(o); err != nil {
			return edit{}, err
		}
		if guard != nil {
			if err := guard(o); err != nil {
				return edit{}, err
			}
		}
		if o == nil {
			o = &object{Name: name, Kind: certificateKind}
		}
		spelt = o.Name
		o.Policy, o.Pending = &policy, p
		if x == nil {
			if o.Current == nil {
				o.Asked = v.asked(policy, in)
			}
			return edit{object: o}, nil
		}
		x.follows(o)
		o.Current, o.Asked, o.PreserveOrder = &x.meta, nil, p.PreserveOrder
		return edit{o, []*version{x}}, nil
	})
	return p.operation(spelt), err
}

// asked is the version that a certificate has until its first one is issued: disabled, with the dates that it would have.
func (v *Vault) asked(p Policy, in CertificateInput) *meta {
	now := v.e.now()
	return &meta{
		Version: newVersionID(), NotBefore: to(now.Add(-backdate)), Expires: to(now.AddDate(0, p.X509.ValidityMonths, 0)),
		Created: now, Updated: now, Tags: maps.Clone(in.Tags),
	}
}

// creationPolicy is the policy to issue by: the one there is, with what the client says.
func (v *Vault) creationPolicy(o *object, in CertificateInput) (Policy, error) {
	var p Policy
	if o != nil && o.Policy != nil {
		p = *o.Policy
	}
	p = p.with(in.Policy).complete(v.e.now())
	if err := p.check(); err != nil {
		return Policy{}, err
	}
	if !p.X509.named() {
		return Policy{}, badParameter("The policy's x509_props need a subject or subject alternative names.")
	}
	return p, checkTags(in.Tags)
}

// signed is what order made: a key, its CSR and, unless the CSR waits to be merged, the certificate with its chain.
type signed struct {
	key crypto.Signer
	csr []byte
	id  *cert.Identity
}

func (v *Vault) order(ctx context.Context, o *object, p Policy) (signed, error) {
	by, err := v.resolveIssuer(ctx, p.Issuer.Name)
	if err != nil {
		return signed{}, err
	}
	template, err := p.template(v.e.o.Now().UTC())
	if err != nil {
		return signed{}, err
	}
	s := signed{}
	if s.key, err = v.keyFor(ctx, o, *p.Key); err != nil {
		return signed{}, err
	}
	if s.csr, err = request(template, s.key); err != nil {
		return signed{}, err
	}
	if template.SubjectKeyId, err = keyID(s.key.Public()); err != nil {
		return signed{}, err
	}
	var chain [][]byte
	switch by {
	case issuerUnknown:
		return s, nil
	case issuerSelf:
		der, err := selfSign(template, s.key)
		if err != nil {
			return signed{}, err
		}
		chain = [][]byte{der}
	default:
		if chain, err = v.e.o.Issue(ctx, template, s.csr); err != nil {
			return signed{}, err
		}
	}
	s.id, err = identified(chain, s.key)
	return s, err
}

func identified(chain [][]byte, key crypto.Signer) (*cert.Identity, error) {
	id := &cert.Identity{Key: key}
	for i, der := range chain {
		c, err := cert.Parse(der)
		if err != nil {
			return nil, badParameter("The certificate at position %d cannot be read: %v.", i+1, err)
		}
		if i == 0 {
			id.Certificate = c
		} else {
			id.Chain = append(id.Chain, c)
		}
	}
	if id.Certificate == nil {
		return nil, badParameter("There is no certificate.")
	}
	if !id.KeyMatches() {
		return nil, badParameter("The certificate's public key is not the one of the request.")
	}
	if !id.Certificate.TimesValid() {
		return nil, badParameter("The certificate's dates cannot be read.")
	}
	return id, nil
}

// keyFor is a new key pair, or the present one where the policy keeps it, it is of that kind, and it would not become
// exportable by that.
func (v *Vault) keyFor(ctx context.Context, o *object, k KeyProperties) (crypto.Signer, error) {
	if !yes(k.Reuse, false) || o == nil || o.Current == nil {
		return newKey(k)
	}
	x, err := v.loadVersion(ctx, Certificates, o, "")
	if err != nil {
		return nil, err
	}
	if yes(k.Exportable, true) && !x.Exportable {
		return newKey(k)
	}
	key, err := v.unsealKey(v.versionKey(o.Name, x.Version), fieldKey, x.Key)
	if err != nil {
		return nil, err
	}
	if have, ok := keyPropertiesOf(key.Public()); ok && have.elliptic() == k.elliptic() && have.Size == k.Size {
		return key, nil
	}
	return newKey(k)
}

// checkPending refuses an object that is no certificate with an operation, or with another one than is asked for.
func checkPending(o *object, name, requestID string) error {
	if err := checkFound(Certificates, o, name); err != nil || o.Pending == nil || requestID != "" && requestID != o.Pending.RequestID {
		return coded(fault.NotFound, "PendingCertificateNotFound", "", "Pending certificate not found: %s", name)
	}
	return nil
}

// GetOperation is the newest operation that issues the certificate; where a request id is given, only if it is that one.
func (v *Vault) GetOperation(ctx context.Context, name, requestID string) (Operation, error) {
	if err := v.allow(ctx, getCertificate, name); err != nil {
		return Operation{}, err
	}
	if err := CheckName(name); err != nil {
		return Operation{}, err
	}
	o, _, err := v.load(ctx, name)
	if err != nil {
		return Operation{}, err
	}
	if err := checkPending(o, name, requestID); err != nil {
		return Operation{}, err
	}
	return o.Pending.operation(o.Name), nil
}

// CancelOperation cancels an operation that waits for its certificate. One that is completed stays as it is and only
// remembers that somebody asked: it was completed before anybody could. Request ids are as in GetOperation.
func (v *Vault) CancelOperation(ctx context.Context, name, requestID string, cancel bool) (Operation, error) {
	return v.changePending(ctx, name, requestID, func(o *object) error {
		if s := o.Pending.Status; s != StatusInProgress && s != StatusCompleted {
			return forbidden("", "Pending status must be in progress to allow update.")
		}
		o.Pending.Cancel = cancel
		if cancel && o.Pending.Status == StatusInProgress {
			o.Pending.Status, o.Pending.Details, o.Pending.Key = StatusCancelled, "The request was cancelled.", ""
		}
		return nil
	})
}

// DeleteOperation forgets the operation; its key, if it still waits for a certificate, is gone with it.
func (v *Vault) DeleteOperation(ctx context.Context, name, requestID string) (Operation, error) {
	return v.changePending(ctx, name, requestID, func(o *object) error { o.Pending = nil; return nil })
}

func (v *Vault) changePending(ctx context.Context, name, requestID string, do func(o *object) error) (Operation, error) {
	if err := v.allow(ctx, updateCertificate, name); err != nil {
		return Operation{}, err
	}
	if err := CheckName(name); err != nil {
		return Operation{}, err
	}
	var made Operation
	err := v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkPending(o, name, requestID); err != nil {
			return edit{}, err
		}
		was := o.Pending
		if err := do(o); err != nil {
			return edit{}, err
		}
		made = was.operation(o.Name)
		return edit{object: o}, nil
	})
	return made, err
}

// MergeCertificate completes an operation with the certificate that a CA made of its CSR: the leaf's DER, and its chain's.
func (v *Vault) MergeCertificate(ctx context.Context, name string, chain [][]byte, in CertificateInput) (Certificate, error) {
	if err := v.allow(ctx, createCertificate, name); err != nil {
		return Certificate{}, err
	}
	if err := CheckName(name); err != nil {
		return Certificate{}, err
	}
	var made Certificate
	err := v.change(ctx, name, func(o *object) (edit, error) {
		if err := checkPending(o, name, ""); err != nil {
			return edit{}, err
		}
		p := *o.Pending
		if p.Status != StatusInProgress || p.Key == "" {
			return edit{}, conflict("", "The pending certificate %s is %s: there is nothing to merge with.", o.Name, p.Status)
		}
		x, err := v.merge(o, p, chain, in)
		if err != nil {
			return edit{}, err
		}
		x.follows(o)
		p.Status, p.Details, p.Key = StatusCompleted, detailsComplete, ""
		o.Pending, o.Current, o.Asked, o.PreserveOrder = &p, &x.meta, nil, p.PreserveOrder
		made = v.certificate(o, x)
		return edit{o, []*version{x}}, nil
	})
	return made, err
}

func (v *Vault) merge(o *object, p pending, chain [][]byte, in CertificateInput) (*version, error) {
	key, err := v.unsealKey(v.objectKey(o.Name), fieldPending, p.Key)
	if err != nil {
		return nil, err
	}
	id, err := identified(leafFirst(chain, key), key)
	if err != nil {
		return nil, err
	}
	if !p.PreserveOrder {
		id.Chain = orderChain(id.Certificate, id.Chain)
	}
	if in.Tags == nil {
		in.Tags = p.Tags
		if o.Asked != nil {
			in.Tags = o.Asked.Tags
		}
	}
	if in.Enabled == nil {
		in.Enabled = &p.Enabled
	}
	version := ""
	if o.Asked != nil {
		version = o.Asked.Version
	}
	return v.newVersion(o.Name, version, id, *o.Policy, in)
}

// leafFirst moves the certificate of the key to the front: clients send chains in any order.
func leafFirst(chain [][]byte, key crypto.Signer) [][]byte {
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return chain
	}
	for i, der := range chain {
		if c, err := cert.Parse(der); err == nil && bytes.Equal(c.RawSPKI, spki) {
			ordered := [][]byte{der}
			return append(append(ordered, chain[:i]...), chain[i+1:]...)
		}
	}
	return chain
}

// newRequestID is an id in the form of the others.
func newRequestID() string { return newVersionID() }

func is(name, other string) bool { return strings.EqualFold(name, other) }
