package vault

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/store"
)

// Issuer is a CA that a vault knows by name.
type Issuer struct {
	// Name is its name; Development is always there.
	Name string `json:"name"`
	// Provider is Development, or Test, which Key Vault has for tests and which is signed by the development CA too.
	Provider  string `json:"provider"`
	AccountID string `json:"accountId,omitempty"`
	// Password is sealed.
	Password       string         `json:"password,omitempty"`
	OrganizationID string         `json:"organizationId,omitempty"`
	Admins         []AdminContact `json:"admins,omitempty"`
	Enabled        bool           `json:"enabled"`
	Created        time.Time      `json:"created"`
	Updated        time.Time      `json:"updated"`
}

// AdminContact is somebody at the issuer's customer.
type AdminContact struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
}

// IssuerChange is what a client says of an issuer; what is nil stays as it is.
type IssuerChange struct {
	Provider, AccountID, Password, OrganizationID *string
	Admins                                        []AdminContact
	Enabled                                       *bool
}

// providers are the providers that can be configured.
var providers = []string{issuerDevelopment, "Test"}

func (v *Vault) issuerKey(name string) string {
	return issuerPrefix + v.name + "/" + strings.ToLower(name)
}

// resolveIssuer is who signs for an issuer's name: Self, Unknown or Development.
func (v *Vault) resolveIssuer(ctx context.Context, name string) (string, error) {
	for _, builtIn := range []string{issuerSelf, issuerUnknown} {
		if is(name, builtIn) {
			return builtIn, nil
		}
	}
	if CheckName(name) != nil {
		return "", badParameter("%q is not the name of an issuer.", name)
	}
	i, err := v.loadIssuer(ctx, name)
	if err != nil {
		return "", err
	}
	if !i.Enabled {
		return "", conflict("", "The issuer %s is disabled.", i.Name)
	}
	if v.e.o.Issue == nil {
		return "", fault.New(fault.Unsupported, "There is no development CA here that could sign for the issuer %s.", i.Name)
	}
	return issuerDevelopment, nil
}

func (v *Vault) loadIssuer(ctx context.Context, name string) (Issuer, error) {
	e, err := v.e.o.Store.Get(ctx, v.issuerKey(name))
	switch {
	case err == nil:
		var i Issuer
		err := decode(e, &i)
		return i, err
	case fault.KindOf(err) != fault.NotFound:
		return Issuer{}, err
	case is(name, issuerDevelopment):
		return Issuer{Name: issuerDevelopment, Provider: issuerDevelopment, Enabled: true}, nil
	}
	return Issuer{}, coded(fault.NotFound, "CertificateIssuerNotFound", "", "Issuer not found")
}

// GetIssuer is an issuer without its password.
func (v *Vault) GetIssuer(ctx context.Context, name string) (Issuer, error) {
	if err := v.allow(ctx, getIssuers, ""); err != nil {
		return Issuer{}, err
	}
	if err := CheckName(name); err != nil {
		return Issuer{}, err
	}
	i, err := v.loadIssuer(ctx, name)
	i.Password = ""
	return i, err
}

// ListIssuers is the vault's issuers, Development always among them, sorted by name without regard to case.
func (v *Vault) ListIssuers(ctx context.Context) ([]Issuer, error) {
	if err := v.allow(ctx, listIssuers, ""); err != nil {
		return nil, err
	}
	entries, _, err := v.e.o.Store.List(ctx, issuerPrefix+v.name+"/")
	if err != nil {
		return nil, err
	}
	list := []Issuer{}
	for _, e := range entries {
		var i Issuer
		if err := decode(e, &i); err != nil {
			return nil, err
		}
		i.Password = ""
		list = append(list, i)
	}
	if !slices.ContainsFunc(list, func(i Issuer) bool { return is(i.Name, issuerDevelopment) }) {
		list = append(list, Issuer{Name: issuerDevelopment, Provider: issuerDevelopment, Enabled: true})
	}
	slices.SortFunc(list, func(a, b Issuer) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return list, nil
}

// SetIssuer makes or changes an issuer; with replace, what is not given is cleared. A provider other than Development
// and Test is refused: no public CA can be reached from here.
func (v *Vault) SetIssuer(ctx context.Context, name string, c IssuerChange, replace bool) (Issuer, error) {
	if err := v.allow(ctx, setIssuers, ""); err != nil {
		return Issuer{}, err
	}
	if err := CheckName(name); err != nil {
		return Issuer{}, err
	}
	if is(name, issuerSelf) || is(name, issuerUnknown) {
		return Issuer{}, badParameter("%s is built in and cannot be an issuer of the vault.", name)
	}
	key := v.issuerKey(name)
	for attempt := 0; ; attempt++ {
		i, revision, err := v.presentIssuer(ctx, name, replace)
		if err != nil {
			return Issuer{}, err
		}
		if err := v.changeIssuer(&i, c); err != nil {
			return Issuer{}, err
		}
		op, err := put(key, i)
		if err != nil {
			return Issuer{}, err
		}
		_, err = v.e.o.Store.Commit(ctx, store.Txn{If: []store.Condition{store.AtRevision(key, revision)}, Then: []store.Op{op}})
		if err == nil || fault.KindOf(err) != fault.PreconditionFailed {
			i.Password = ""
			return i, err
		}
		if err := patience(ctx, attempt); err != nil {
			return Issuer{}, err
		}
	}
}

// presentIssuer is the issuer to change with its revision, 0 where it is new.
func (v *Vault) presentIssuer(ctx context.Context, name string, replace bool) (Issuer, int64, error) {
	e, err := v.e.o.Store.Get(ctx, v.issuerKey(name))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Issuer{}, 0, err
	}
	if err != nil {
		if !replace && !is(name, issuerDevelopment) {
			return Issuer{}, 0, coded(fault.NotFound, "CertificateIssuerNotFound", "", "Issuer not found")
		}
		i := Issuer{Name: name, Enabled: true, Created: v.e.now()}
		if is(name, issuerDevelopment) {
			i.Name, i.Provider = issuerDevelopment, issuerDevelopment
		}
		return i, 0, nil
	}
	var i Issuer
	if err := decode(e, &i); err != nil {
		return Issuer{}, 0, err
	}
	if replace {
		i = Issuer{Name: i.Name, Enabled: true, Created: i.Created}
	}
	return i, e.ModRevision, nil
}

func (v *Vault) changeIssuer(i *Issuer, c IssuerChange) error {
	for _, f := range []struct{ from, into *string }{{c.Provider, &i.Provider}, {c.AccountID, &i.AccountID}, {c.OrganizationID, &i.OrganizationID}} {
		if f.from != nil {
			*f.into = *f.from
		}
	}
	p := slices.IndexFunc(providers, func(known string) bool { return is(i.Provider, known) })
	if p < 0 {
		return badParameter("The provider %q is not supported here: certificates are signed by themselves (Self), by the development CA (%s), or elsewhere and merged (Unknown).",
			i.Provider, strings.Join(providers, " or "))
	}
	if c.Password != nil {
		token, err := v.seal(v.issuerKey(i.Name), fieldPassword, []byte(*c.Password))
		if err != nil {
			return err
		}
		i.Password = token
	}
	if c.Admins != nil {
		i.Admins = c.Admins
	}
	i.Enabled = yes(c.Enabled, i.Enabled)
	i.Updated = v.e.now()
	return nil
}

// DeleteIssuer removes an issuer; Development goes back to what it was.
func (v *Vault) DeleteIssuer(ctx context.Context, name string) (Issuer, error) {
	if err := v.allow(ctx, deleteIssuers, ""); err != nil {
		return Issuer{}, err
	}
	if err := CheckName(name); err != nil {
		return Issuer{}, err
	}
	i, err := v.loadIssuer(ctx, name)
	if err != nil {
		return Issuer{}, err
	}
	i.Password = ""
	_, err = v.e.o.Store.Commit(ctx, store.Txn{Then: []store.Op{store.Delete(v.issuerKey(name))}})
	return i, err
}

// Contact is somebody to be told of certificates' events.
type Contact struct {
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// GetContacts is the vault's contacts; a fault of Kind NotFound if none were set.
func (v *Vault) GetContacts(ctx context.Context) ([]Contact, error) {
	if err := v.allow(ctx, manageContacts, ""); err != nil {
		return nil, err
	}
	e, err := v.e.o.Store.Get(ctx, contactsPrefix+v.name)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, coded(fault.NotFound, "ContactsNotFound", "", "Contacts not found")
	}
	if err != nil {
		return nil, err
	}
	var list []Contact
	err = decode(e, &list)
	return list, err
}

// SetContacts replaces the vault's contacts.
func (v *Vault) SetContacts(ctx context.Context, list []Contact) error {
	if err := v.allow(ctx, manageContacts, ""); err != nil {
		return err
	}
	for i, c := range list {
		if c.Email == "" {
			return badParameter("Contact %d has no email.", i+1)
		}
	}
	op, err := put(contactsPrefix+v.name, list)
	if err != nil {
		return err
	}
	_, err = v.e.o.Store.Commit(ctx, store.Txn{Then: []store.Op{op}})
	return err
}

// DeleteContacts removes the vault's contacts and returns them.
func (v *Vault) DeleteContacts(ctx context.Context) ([]Contact, error) {
	list, err := v.GetContacts(ctx)
	if err != nil {
		return nil, err
	}
	_, err = v.e.o.Store.Commit(ctx, store.Txn{Then: []store.Op{store.Delete(contactsPrefix + v.name)}})
	return list, err
}
