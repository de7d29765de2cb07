package reference

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/pfx"
)

// The content types of secrets that hold a certificate with its key.
const (
	PKCS12 = "application/x-pkcs12"   // base64 of a PFX without password
	PEM    = "application/x-pem-file" // key and certificates in PEM
)

// MaxText is the longest value of a named value, in UTF-16 units (API Management's limit).
const MaxText = 4096

// Kind is what a reference is for.
type Kind uint8

// The kinds.
const (
	CertificateEntity Kind = iota // service/certificates
	Hostname                      // a host name configuration of the service
	NamedValue                    // service/namedValues
)

// Use is a reference that a stored resource holds.
type Use struct {
	Kind Kind
	// Resource is who holds it; Slot is where in it its value is kept.
	Resource resource.ID
	Slot     string
	// Secret is the identifier as it was written; it may be none.
	Secret string
	// Identity is the client id of the user-assigned identity that asks; empty: the system-assigned one.
	Identity string
}

// Of are the references of a resource.
func Of(r *resource.Resource) []Use {
	use := func(kind Kind, slot string, m map[string]any, secret string) []Use {
		u := Use{Kind: kind, Resource: r.ID, Slot: slot}
		u.Secret, _ = m[secret].(string)
		u.Identity, _ = m["identityClientId"].(string)
		if u.Secret == "" {
			return nil
		}
		return []Use{u}
	}
	switch r.ID.Type() {
	case resource.ServiceType + "/certificates":
		return use(CertificateEntity, "", r.Object("keyVault"), "secretIdentifier")
	case resource.ServiceType + "/namedValues":
		return use(NamedValue, "value", r.Object("keyVault"), "secretIdentifier")
	case resource.ServiceType:
		var uses []Use
		for _, h := range r.Objects("hostnameConfigurations") {
			uses = append(uses, use(Hostname, HostnameSlot(h), h, "keyVaultId")...)
		}
		return uses
	}
	return nil
}

// HostnameSlot is the slot of a host name configuration's certificate.
func HostnameSlot(h map[string]any) string {
	kind, _ := h["type"].(string)
	name, _ := h["hostName"].(string)
	slot := "hostname/" + strings.ToLower(name)
	if kind != "Proxy" {
		slot = "hostname/" + kind + "/" + strings.ToLower(name)
	}
	return slot
}

// Certificate is the certificate that a secret holds, with its private key.
func Certificate(s Secret) (*cert.Identity, error) {
	data, load, password := []byte(s.Value), pfx.LoadPEM, (*string)(nil)
	switch kind := strings.ToLower(strings.TrimSpace(s.ContentType)); {
	case kind == PEM || kind == "" && strings.Contains(s.Value, "-----BEGIN"):
	case kind == PKCS12 || kind == "":
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s.Value))
		if err != nil {
			return nil, s.unusable("InvalidContent", "is not base64 of a PFX", err)
		}
		data, load, password = raw, pfx.Load, new(string)
	default:
		return nil, s.unusable("UnsupportedContentType", fmt.Sprintf("has the content type '%s'; a certificate has %s or %s", s.ContentType, PKCS12, PEM), nil)
	}
	identity, err := load(data, password)
	if err != nil {
		return nil, s.unusable("InvalidContent", "holds no certificate that can be read: "+strings.ReplaceAll(err.Error(), "\n", ": "), err)
	}
	if identity.Key == nil {
		return nil, &Failure{Code: "PrivateKeyMissing", Message: fmt.Sprintf("Certificate with id '%s' does not contain private key. It has to be exportable.", s.ID)}
	}
	return identity, nil
}

func (s Secret) unusable(code, what string, err error) error {
	return &Failure{Code: code, Message: fmt.Sprintf("Secret '%s' of key vault '%s' %s.", s.ID.Name, s.ID.VaultName(), what), err: err}
}

// Text is the text that a secret holds, for a named value.
func Text(s Secret) (string, error) {
	if n := len([]rune(s.Value)); n == 0 || n > MaxText {
		return "", s.unusable("InvalidContent", fmt.Sprintf("has %d characters; a named value has 1 to %d", n, MaxText), nil)
	}
	return s.Value, nil
}

// timeFormat is how API Management writes the dates of certificates.
const timeFormat = "2006-01-02T15:04:05-07:00"

// Put puts the secret into the resource, sealed. What cannot be used is a *Failure, and the resource is as it was.
func (u Use) Put(s resource.Sealer, r *resource.Resource, secret Secret) error {
	r.Hidden = r.Hidden.Clone()
	if u.Kind == NamedValue {
		text, err := Text(secret)
		if err != nil {
			return err
		}
		token, err := resource.SealSecret(s, r.ID, u.Slot, text)
		if err != nil {
			return err
		}
		r.Hidden.Secrets = map[string]string{u.Slot: token}
		return nil
	}
	identity, err := Certificate(secret)
	if err != nil {
		return err
	}
	sealed, err := resource.SealIdentity(s, r.ID, u.Slot, identity)
	if err != nil {
		return err
	}
	if r.Hidden.Identities == nil {
		r.Hidden.Identities = map[string]resource.Identity{}
	}
	r.Hidden.Identities[u.Slot] = sealed
	if u.Kind == CertificateEntity {
		r.Properties["subject"] = identity.Certificate.Subject.String()
		r.Properties["thumbprint"] = identity.Certificate.Thumbprint()
		r.Properties["expirationDate"] = identity.Certificate.NotAfter.UTC().Format(timeFormat)
	}
	return nil
}

// Success is the code of a Status without fault.
const Success = "Success"

// Status is how the last fetch of a reference went.
type Status struct {
	// Code is Success or a Failure's; Message is the failure's.
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
	// Time is when that was found out.
	Time time.Time `json:"time"`
	// Version is the version of the secret that is served; Secret is the identifier it is of.
	Version string `json:"version,omitempty"`
	Secret  string `json:"secret,omitempty"`
	// Since is when the first of the failures in a row was; zero while there is none.
	Since time.Time `json:"since,omitzero"`
}

// Failed tells whether there was a fetch, and the last one failed.
func (s *Status) Failed() bool { return s != nil && s.Code != "" && s.Code != Success }

// statusPrefix is where statuses stand in the store.
const statusPrefix = "/references"

// StatusKey is the store's key of a reference's status.
func StatusKey(id resource.ID, slot string) string { return statusPrefix + id.Key() + "#" + slot }

// StatusOf reads a reference's status; nil if none was written.
func StatusOf(ctx context.Context, st store.Store, id resource.ID, slot string) (*Status, error) {
	e, err := st.Get(ctx, StatusKey(id, slot))
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil
		}
		return nil, err
	}
	s := new(Status)
	if err := json.Unmarshal(e.Value, s); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the status %q is unreadable", e.Key)
	}
	return s, nil
}

// WriteStatus is the operation that stores a status.
func WriteStatus(id resource.ID, slot string, s Status) (store.Op, error) {
	value, err := json.Marshal(s)
	return store.Put(StatusKey(id, slot), value), err
}
