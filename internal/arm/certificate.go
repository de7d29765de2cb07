package arm

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/pfx"
)

// timeFormat is how API Management writes the dates of certificates.
const timeFormat = "2006-01-02T15:04:05-07:00"

// checkCertificate is the rule of service/certificates: data (PFX with its password, or a certificate alone) becomes
// subject, thumbprint and expirationDate; the certificate is stored apart, its key sealed.
func checkCertificate(c *change) error {
	p := c.next.Properties
	delete(p, reportProperty)
	if err := checkCertificateLimit(c); err != nil {
		return err
	}
	if p["keyVault"] != nil {
		return checkReferredCertificate(c)
	}
	delete(p, "keyVault")
	data, _ := p["data"].(string)
	if data == "" {
		return fieldErrors(fault.Detail{Target: "data", Message: "Certificate data is required: base64 of a PFX, or of a certificate in DER; or keyVault, with a secretIdentifier."})
	}
	identity, err := loadCertificate(data, p["password"], "data", "password")
	if err != nil {
		return err
	}
	delete(p, "data")
	delete(p, "password")
	p["subject"] = identity.Certificate.Subject.String()
	p["thumbprint"] = identity.Certificate.Thumbprint()
	p["expirationDate"] = identity.Certificate.NotAfter.UTC().Format(timeFormat)
	sealed, err := resource.SealIdentity(c.s.Sealer, c.next.ID, "", identity)
	c.next.Hidden.Identities = map[string]resource.Identity{"": sealed}
	if err != nil {
		return err
	}
	return c.remarkCertificate()
}

// loadCertificate decodes base64 and loads the file; targets name the two fields in errors.
func loadCertificate(data string, password any, dataTarget, passwordTarget string) (*cert.Identity, error) {
	raw, err := decodeBase64(data)
	if err != nil {
		return nil, fieldErrors(fault.Detail{Target: dataTarget, Message: fmt.Sprintf("%s is not base64: %v.", dataTarget, err)})
	}
	var secret *string
	switch x := password.(type) {
	case nil:
	case string:
		secret = &x
	default:
		return nil, fieldErrors(fault.Detail{Target: passwordTarget, Message: passwordTarget + " is not a string."})
	}
	identity, err := pfx.Load(raw, secret)
	if err == nil {
		return identity, nil
	}
	target := dataTarget
	if errors.Is(err, pfx.ErrPassword) {
		target = passwordTarget
	}
	return nil, fieldErrors(fault.Detail{Target: target, Message: "The certificate could not be loaded: " + oneLine(err)})
}

// oneLine is an error's text in one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", ": ") }

// decodeBase64 decodes standard base64, white space ignored; PEM text is taken as it is.
func decodeBase64(text string) ([]byte, error) {
	if strings.Contains(text, "-----BEGIN") {
		return []byte(text), nil
	}
	compact := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, text)
	raw, err := base64.StdEncoding.DecodeString(compact)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "illegal base64 data "))
	}
	return raw, nil
}

// releaseCertificate refuses the end of a certificate that a policy names.
func releaseCertificate(c *change) error {
	name := regexp.MustCompile(`(?i)(issuer-)?certificate-id\s*=\s*["']` + regexp.QuoteMeta(c.old.ID.Name()) + `["']`)
	return eachPolicy(c, func(r *resource.Resource) error {
		if name.MatchString(r.String("value")) {
			return fault.New(fault.Conflict, "Certificate '%s' cannot be deleted since the policy %s refers to it.", c.old.ID.Name(), r.ID)
		}
		return nil
	})
}

// eachPolicy calls f for each stored policy document.
func eachPolicy(c *change, f func(*resource.Resource) error) error {
	for _, e := range c.entries {
		if !strings.HasSuffix(e.Key, "/policies/policy") {
			continue
		}
		r, err := resource.Decode(e)
		if err != nil {
			return err
		}
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

// certificateInformation is ARM's CertificateInformation of a stored certificate.
func certificateInformation(stored resource.Identity) (map[string]any, error) {
	c, err := cert.Parse(stored.Certificate)
	if err != nil {
		return nil, err
	}
	return map[string]any{"expiry": c.NotAfter.UTC().Format(timeFormat), "thumbprint": c.Thumbprint(), "subject": c.Subject.String()}, nil
}

// viewPlain is the view of a resource whose properties are shown as they are.
func viewPlain(_ *Server, _ *request, r *resource.Resource) (map[string]any, error) {
	return envelope(r, r.Properties), nil
}

// envelope is ARM's frame around properties.
func envelope(r *resource.Resource, properties map[string]any) map[string]any {
	view := map[string]any{}
	for k, v := range r.Top {
		view[k] = v
	}
	view["id"], view["name"], view["type"], view["properties"] = r.ID.String(), r.ID.Name(), r.ID.Type(), properties
	return view
}
