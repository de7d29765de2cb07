package keyvault

import (
	"net/http"
	"strings"

	"github.com/postern-gateway/postern/internal/vault"
)

// issuerBundle is an issuer on the wire, in requests and in answers.
type issuerBundle struct {
	ID           string        `json:"id,omitempty"`
	Provider     *string       `json:"provider,omitempty"`
	Credentials  *credentials  `json:"credentials,omitempty"`
	Organization *organization `json:"org_details,omitempty"`
	Attributes   *attributes   `json:"attributes,omitempty"`
}

type credentials struct {
	AccountID *string `json:"account_id,omitempty"`
	Password  *string `json:"pwd,omitempty"`
}

type organization struct {
	ID     *string              `json:"id,omitempty"`
	Admins []vault.AdminContact `json:"admin_details,omitempty"`
}

func (b issuerBundle) change() vault.IssuerChange {
	c := vault.IssuerChange{Provider: b.Provider}
	if b.Credentials != nil {
		c.AccountID, c.Password = b.Credentials.AccountID, b.Credentials.Password
	}
	if b.Organization != nil {
		c.OrganizationID, c.Admins = b.Organization.ID, b.Organization.Admins
	}
	if b.Attributes != nil {
		c.Enabled = b.Attributes.Enabled
	}
	return c
}

func (c *call) issuerID(name string) string {
	return c.id(vault.Certificates, "issuers", name)
}

func (c *call) issuer(i vault.Issuer) issuerBundle {
	b := issuerBundle{ID: c.issuerID(i.Name), Provider: &i.Provider, Attributes: &attributes{Enabled: &i.Enabled}}
	if !i.Created.IsZero() {
		b.Attributes.Created, b.Attributes.Updated = i.Created.Unix(), i.Updated.Unix()
	}
	if i.AccountID != "" {
		b.Credentials = &credentials{AccountID: &i.AccountID}
	}
	if i.OrganizationID != "" || len(i.Admins) > 0 {
		b.Organization = &organization{Admins: i.Admins}
		if i.OrganizationID != "" {
			b.Organization.ID = &i.OrganizationID
		}
	}
	return b
}

func getIssuer(c *call) (int, any, error) {
	i, err := c.vault.GetIssuer(c.ctx(), c.name)
	return http.StatusOK, c.issuer(i), err
}

// issuerItem is an entry of the list of issuers.
type issuerItem struct {
	ID       string `json:"id"`
	Provider string `json:"provider"`
}

func listIssuers(c *call) (int, any, error) {
	all, err := c.vault.ListIssuers(c.ctx())
	if err != nil {
		return 0, nil, err
	}
	return paged(c, all, func(i vault.Issuer) string { return strings.ToLower(i.Name) },
		func(i vault.Issuer) issuerItem { return issuerItem{c.issuerID(i.Name), i.Provider} })
}

func setIssuer(c *call) (int, any, error)    { return c.changeIssuer(true) }
func updateIssuer(c *call) (int, any, error) { return c.changeIssuer(false) }

func (c *call) changeIssuer(replace bool) (int, any, error) {
	var in issuerBundle
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	i, err := c.vault.SetIssuer(c.ctx(), c.name, in.change(), replace)
	return http.StatusOK, c.issuer(i), err
}

func deleteIssuer(c *call) (int, any, error) {
	i, err := c.vault.DeleteIssuer(c.ctx(), c.name)
	return http.StatusOK, c.issuer(i), err
}

// contacts are the vault's contacts on the wire.
type contacts struct {
	ID   string          `json:"id,omitempty"`
	List []vault.Contact `json:"contacts"`
}

func (c *call) contacts(list []vault.Contact) contacts {
	return contacts{c.id(vault.Certificates, "contacts", ""), list}
}

func getContacts(c *call) (int, any, error) {
	list, err := c.vault.GetContacts(c.ctx())
	return http.StatusOK, c.contacts(list), err
}

func setContacts(c *call) (int, any, error) {
	var in contacts
	if err := c.read(&in); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, c.contacts(in.List), c.vault.SetContacts(c.ctx(), in.List)
}

func deleteContacts(c *call) (int, any, error) {
	list, err := c.vault.DeleteContacts(c.ctx())
	return http.StatusOK, c.contacts(list), err
}
