package keyvault

import (
	"net/http"

	"github.com/postern-gateway/postern/internal/vault"
)

// secretInput is the body of PUT and PATCH of a secret.
type secretInput struct {
	Value       *string            `json:"value"`
	ContentType *string            `json:"contentType"`
	Attributes  *attributes        `json:"attributes"`
	Tags        map[string]*string `json:"tags"`
}

// secretBundle is a secret on the wire.
type secretBundle struct {
	Value       *string           `json:"value,omitempty"`
	ContentType string            `json:"contentType,omitempty"`
	ID          string            `json:"id"`
	KID         string            `json:"kid,omitempty"`
	Managed     bool              `json:"managed,omitempty"`
	Previous    string            `json:"previousVersion,omitempty"`
	Attributes  *attributes       `json:"attributes"`
	Tags        map[string]string `json:"tags,omitempty"`
	deletion
}

func (c *call) secret(s vault.Secret, withValue bool) secretBundle {
	b := secretBundle{
		ContentType: s.ContentType, ID: c.id(vault.Secrets, s.Name, s.Version), Managed: s.Managed, Previous: s.Previous,
		Attributes: attributesOf(s.Item), Tags: s.Tags, deletion: c.deletion(vault.Secrets, s.Item),
	}
	if s.Managed {
		b.KID = c.id(vault.Keys, s.Name, s.Version)
	}
	if withValue {
		b.Value = &s.Value
	}
	return b
}

func getSecret(c *call) (int, any, error) {
	s, err := c.vault.GetSecret(c.ctx(), c.name, c.version, c.query.Get("outContentType"))
	return http.StatusOK, c.secret(s, true), err
}

func setSecret(c *call) (int, any, error) {
	var in secretInput
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	if in.Value == nil {
		return 0, nil, badParameter("Property value has invalid value: a secret needs one.")
	}
	change, err := in.Attributes.change(in.Tags, in.ContentType)
	if err != nil {
		return 0, nil, err
	}
	s, err := c.vault.SetSecret(c.ctx(), c.name, *in.Value, change)
	return http.StatusOK, c.secret(s, true), err
}

func updateSecret(c *call) (int, any, error) {
	var in secretInput
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	if in.Value != nil {
		return 0, nil, badParameter("The value of a secret's version cannot be changed: PUT makes a new version.")
	}
	change, err := in.Attributes.change(in.Tags, in.ContentType)
	if err != nil {
		return 0, nil, err
	}
	i, err := c.vault.UpdateSecret(c.ctx(), c.name, c.version, change)
	return http.StatusOK, c.secret(vault.Secret{Item: i}, false), err
}
