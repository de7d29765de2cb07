package vault

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"net/mail"
	"slices"
	"strings"
	"time"
)

// Policy is how a certificate is issued and renewed. Its JSON is Key Vault's CertificatePolicy without the id.
type Policy struct {
	Key             *KeyProperties    `json:"key_props,omitempty"`
	Secret          *SecretProperties `json:"secret_props,omitempty"`
	X509            *X509Properties   `json:"x509_props,omitempty"`
	LifetimeActions []LifetimeAction  `json:"lifetime_actions,omitempty"`
	Issuer          *IssuerParameters `json:"issuer,omitempty"`
	Attributes      *PolicyAttributes `json:"attributes,omitempty"`
}

// KeyProperties say what the key pair is.
type KeyProperties struct {
	// Exportable says whether the secret holds the private key; absent: it does.
	Exportable *bool `json:"exportable,omitempty"`
	// Type is RSA, EC, RSA-HSM or EC-HSM (there is no such module here: they are made as RSA and EC).
	Type string `json:"kty,omitempty"`
	// Size is 2048, 3072 or 4096 bits for RSA.
	Size int `json:"key_size,omitempty"`
	// Reuse keeps the key pair when the certificate is renewed.
	Reuse *bool `json:"reuse_key,omitempty"`
	// Curve is P-256, P-384 or P-521.
	Curve string `json:"crv,omitempty"`
}

// SecretProperties say in which form the secret holds the certificate.
type SecretProperties struct {
	ContentType string `json:"contentType,omitempty"`
}

// Content types of a certificate's secret.
const (
	ContentPKCS12 = "application/x-pkcs12"
	ContentPEM    = "application/x-pem-file"
)

// X509Properties say what stands in the certificate.
type X509Properties struct {
	// Subject is a name in X.500 text, "CN=example.org, O=Example".
	Subject string `json:"subject,omitempty"`
	// SANs are the alternative names.
	SANs *AlternativeNames `json:"sans,omitempty"`
	// EKUs are object identifiers, KeyUsage words such as "digitalSignature".
	EKUs     []string `json:"ekus,omitempty"`
	KeyUsage []string `json:"key_usage,omitempty"`
	// ValidityMonths is how long it lives.
	ValidityMonths int `json:"validity_months,omitempty"`
	// BasicConstraints tells whether it may issue: certificates of a vault may not.
	BasicConstraints *BasicConstraints `json:"basic_constraints,omitempty"`
}

// BasicConstraints is the extension of that name.
type BasicConstraints struct {
	CA bool `json:"ca"`
}

// AlternativeNames are the names of the extension subjectAltName.
type AlternativeNames struct {
	Emails   []string `json:"emails,omitempty"`
	DNSNames []string `json:"dns_names,omitempty"`
	UPNs     []string `json:"upns,omitempty"`
}

// LifetimeAction is what is done at a point of the certificate's life.
type LifetimeAction struct {
	Trigger *Trigger `json:"trigger,omitempty"`
	Action  *Action  `json:"action,omitempty"`
}

// Trigger is a point of a certificate's life; one of its members is set.
type Trigger struct {
	// LifetimePercentage is 1 to 99 percent of the life gone, DaysBeforeExpiry days left.
	LifetimePercentage int `json:"lifetime_percentage,omitempty"`
	DaysBeforeExpiry   int `json:"days_before_expiry,omitempty"`
}

// Action is AutoRenew or EmailContacts.
type Action struct {
	Type string `json:"action_type,omitempty"`
}

// The actions. Nobody is sent mail: for EmailContacts there is the event of near expiry.
const (
	AutoRenew     = "AutoRenew"
	EmailContacts = "EmailContacts"
)

// IssuerParameters name who signs.
type IssuerParameters struct {
	// Name is Self, Unknown (a CSR, to be merged), Development or the name of an issuer of the vault.
	Name         string `json:"name,omitempty"`
	Type         string `json:"cty,omitempty"`
	Transparency *bool  `json:"cert_transparency,omitempty"`
}

// PolicyAttributes are when the policy was made.
type PolicyAttributes struct {
	Enabled bool  `json:"enabled"`
	Created int64 `json:"created,omitempty"` // seconds since 1970
	Updated int64 `json:"updated,omitempty"`
}

// Defaults of a policy (learn.microsoft.com/azure/key-vault/certificates/about-certificates, read 2026-11).
const (
	defaultKeySize    = 2048
	defaultMonths     = 12
	defaultPercentage = 80
	maxMonths         = 1200
	issuerSelf        = "Self"
	issuerUnknown     = "Unknown"
	issuerDevelopment = "Development"
	ekuServerAuth     = "1.3.6.1.5.5.7.3.1"
	ekuClientAuth     = "1.3.6.1.5.5.7.3.2"
)

// with is the policy with the parts that a newer one has in place of its own.
func (p Policy) with(newer *Policy) Policy {
	if newer == nil {
		return p
	}
	if newer.Key != nil {
		p.Key = newer.Key
	}
	if newer.Secret != nil {
		p.Secret = newer.Secret
	}
	if newer.X509 != nil {
		p.X509 = newer.X509
	}
	if newer.LifetimeActions != nil {
		p.LifetimeActions = newer.LifetimeActions
	}
	if newer.Issuer != nil {
		p.Issuer = newer.Issuer
	}
	if newer.Attributes != nil {
		a := PolicyAttributes{Enabled: newer.Attributes.Enabled}
		if p.Attributes != nil {
			a.Created = p.Attributes.Created
		}
		p.Attributes = &a
	}
	return p
}

func yes(b *bool, otherwise bool) bool {
	if b == nil {
		return otherwise
	}
	return *b
}

func to[T any](v T) *T { return &v }

// complete fills in the defaults; what it changes it copies.
func (p Policy) complete(now time.Time) Policy {
	key := KeyProperties{}
	if p.Key != nil {
		key = *p.Key
	}
	p.Key = completeKey(key)
	if p.Secret == nil || p.Secret.ContentType == "" {
		p.Secret = &SecretProperties{ContentPKCS12}
	}
	x := X509Properties{}
	if p.X509 != nil {
		x = *p.X509
	}
	if x.EKUs == nil {
		x.EKUs = []string{ekuServerAuth, ekuClientAuth}
	}
	if x.KeyUsage == nil {
		x.KeyUsage = []string{"digitalSignature", "keyEncipherment"}
	}
	if x.ValidityMonths == 0 {
		x.ValidityMonths = defaultMonths
	}
	x.BasicConstraints = &BasicConstraints{}
	p.X509 = &x
	if p.Issuer == nil || p.Issuer.Name == "" {
		p.Issuer = &IssuerParameters{Name: issuerUnknown} // a request to be signed elsewhere
	}
	if p.LifetimeActions == nil {
		action := AutoRenew
		if is(p.Issuer.Name, issuerUnknown) {
			action = EmailContacts // what is signed elsewhere is not renewed here
		}
		p.LifetimeActions = []LifetimeAction{{&Trigger{LifetimePercentage: defaultPercentage}, &Action{action}}}
	}
	attributes := PolicyAttributes{Enabled: true, Created: now.Unix()}
	if p.Attributes != nil && p.Attributes.Created != 0 {
		attributes = *p.Attributes
	}
	attributes.Updated = now.Unix()
	p.Attributes = &attributes
	return p
}

func completeKey(k KeyProperties) *KeyProperties {
	if k.Exportable == nil {
		k.Exportable = to(true)
	}
	if k.Reuse == nil {
		k.Reuse = to(false)
	}
	if k.Type == "" {
		k.Type = "RSA"
	}
	if k.elliptic() {
		if k.Curve == "" {
			k.Curve = curveOfSize(k.Size)
		}
		if size := curveSizes[k.Curve]; k.Size == 0 {
			k.Size = size
		}
	} else if k.Size == 0 {
		k.Size = defaultKeySize
	}
	return &k
}

// curveSizes are the curves that Key Vault knows, with the size of their keys in bits. P-256K is refused when a key is made.
var curveSizes = map[string]int{"P-256": 256, "P-384": 384, "P-521": 521, "P-256K": 256}

func curveOfSize(bits int) string {
	switch bits {
	case 384:
		return "P-384"
	case 521:
		return "P-521"
	}
	return "P-256"
}

func (k KeyProperties) elliptic() bool { return k.Type == "EC" || k.Type == "EC-HSM" }

// check says what is wrong with a complete policy: a fault of Kind Invalid.
func (p Policy) check() error {
	if err := p.Key.check(); err != nil {
		return err
	}
	if p.Secret.ContentType != ContentPKCS12 && p.Secret.ContentType != ContentPEM {
		return badParameter("The content type %q of secret_props is not %s or %s.", p.Secret.ContentType, ContentPKCS12, ContentPEM)
	}
	if p.X509.ValidityMonths < 1 || p.X509.ValidityMonths > maxMonths {
		return badParameter("validity_months is %d; it must be 1 to %d.", p.X509.ValidityMonths, maxMonths)
	}
	if err := p.X509.check(); err != nil {
		return err
	}
	for _, a := range p.LifetimeActions {
		if err := a.check(p.X509.ValidityMonths); err != nil {
			return err
		}
	}
	return nil
}

func (k KeyProperties) check() error {
	switch {
	case k.elliptic():
		size, ok := curveSizes[k.Curve]
		if !ok {
			return badParameter("The curve %q is not one of P-256, P-384, P-521.", k.Curve)
		}
		if k.Size != size {
			return badParameter("key_size %d does not fit the curve %s, which has %d bits.", k.Size, k.Curve, size)
		}
	case k.Type == "RSA" || k.Type == "RSA-HSM":
		if k.Curve != "" {
			return badParameter("A key of type %s has no curve.", k.Type)
		}
		if !slices.Contains([]int{2048, 3072, 4096}, k.Size) {
			return badParameter("key_size is %d; an RSA key of a certificate has 2048, 3072 or 4096 bits.", k.Size)
		}
	default:
		return badParameter("The key type %q is not one of RSA, EC, RSA-HSM, EC-HSM.", k.Type)
	}
	return nil
}

// keyUsages are Key Vault's words for the bits of the extension keyUsage (RFC 5280 section 4.2.1.3), in their order.
var keyUsages = []string{"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"}

func (x X509Properties) check() error {
	for _, u := range x.KeyUsage {
		if !slices.Contains(keyUsages, u) {
			return badParameter("The key usage %q is not one of %s.", u, strings.Join(keyUsages, ", "))
		}
	}
	for _, id := range x.EKUs {
		if _, err := parseOID(id); err != nil {
			return badParameter("The extended key usage %q is not an object identifier.", id)
		}
	}
	if _, err := encodeName(x.Subject); err != nil {
		return err
	}
	if x.SANs == nil {
		return nil
	}
	for _, n := range slices.Concat(x.SANs.DNSNames, x.SANs.UPNs) {
		if n == "" || strings.ContainsFunc(n, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return badParameter("The alternative name %q is empty or has a blank in it.", n)
		}
	}
	for _, n := range x.SANs.DNSNames {
		if strings.ContainsFunc(n, func(r rune) bool { return r >= 0x80 }) {
			return badParameter("The alternative name %q is not ASCII: write internationalised names in their xn-- form.", n)
		}
	}
	for _, n := range x.SANs.Emails {
		if a, err := mail.ParseAddress(n); err != nil || a.Address != n || strings.ContainsFunc(n, func(r rune) bool { return r >= 0x80 }) {
			return badParameter("The alternative name %q is not a mail address.", n)
		}
	}
	return nil
}

// named reports whether anything names the subject.
func (x X509Properties) named() bool {
	return x.Subject != "" || x.SANs != nil && len(x.SANs.DNSNames)+len(x.SANs.Emails)+len(x.SANs.UPNs) > 0
}

// daysPerMonth is what Key Vault counts as the least days of a month when it bounds days_before_expiry.
const daysPerMonth = 27

func (a LifetimeAction) check(months int) error {
	if a.Trigger == nil || a.Action == nil {
		return badParameter("A lifetime action needs a trigger and an action.")
	}
	if a.Action.Type != AutoRenew && a.Action.Type != EmailContacts {
		return badParameter("The action_type %q is not %s or %s.", a.Action.Type, AutoRenew, EmailContacts)
	}
	percent, days := a.Trigger.LifetimePercentage, a.Trigger.DaysBeforeExpiry
	switch {
	case (percent != 0) == (days != 0):
		return badParameter("A trigger has either lifetime_percentage or days_before_expiry.")
	case percent != 0 && (percent < 1 || percent > 99):
		return badParameter("lifetime_percentage is %d; it must be 1 to 99.", percent)
	case days != 0 && (days < 1 || days > months*daysPerMonth):
		return badParameter("days_before_expiry is %d; it must be 1 to %d for a validity of %d months.", days, months*daysPerMonth, months)
	}
	return nil
}

// due is when the action comes due for a certificate of these dates.
func (t Trigger) due(notBefore, notAfter time.Time) time.Time {
	if t.DaysBeforeExpiry > 0 {
		return notAfter.AddDate(0, 0, -t.DaysBeforeExpiry)
	}
	return notBefore.Add(notAfter.Sub(notBefore) / 100 * time.Duration(t.LifetimePercentage))
}

// keyPropertiesOf describes a key pair; ok is false for a kind of key that vaults do not hold.
func keyPropertiesOf(public any) (k KeyProperties, ok bool) {
	switch p := public.(type) {
	case *rsa.PublicKey:
		return KeyProperties{Type: "RSA", Size: p.N.BitLen()}, p.N.BitLen() >= 2048 && p.N.BitLen() <= 4096
	case *ecdsa.PublicKey:
		for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
			if p.Curve == c {
				return KeyProperties{Type: "EC", Curve: c.Params().Name, Size: c.Params().BitSize}, true
			}
		}
	}
	return KeyProperties{}, false
}
