package resource

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/store"
	"github.com/postern-gateway/postern/pki/cert"
)

// Sealer seals and unseals secrets; associated data is the place a secret belongs to.
type Sealer interface {
	Seal(ad string, plaintext []byte) (string, error)
	Unseal(ad string, token string) ([]byte, error)
}

// SealIdentity makes the stored form of a certificate, for the slot of the resource id.
func SealIdentity(s Sealer, id ID, slot string, identity *cert.Identity) (Identity, error) {
	out := Identity{Certificate: identity.Certificate.Raw}
	for _, c := range identity.Chain {
		out.Chain = append(out.Chain, c.Raw)
	}
	if identity.Key == nil {
		return out, nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(identity.Key)
	if err != nil {
		return Identity{}, fault.Wrap(fault.Invalid, err, "the private key is of a kind that cannot be stored")
	}
	out.Key, err = s.Seal(associated(id, "identity/"+slot), der)
	return out, err
}

// OpenIdentity reads back what SealIdentity made.
func OpenIdentity(s Sealer, id ID, slot string, stored Identity) (*cert.Identity, error) {
	leaf, err := cert.Parse(stored.Certificate)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", id, err)
	}
	identity := &cert.Identity{Certificate: leaf}
	for _, der := range stored.Chain {
		c, err := cert.Parse(der)
		if err != nil {
			return nil, fmt.Errorf("chain of %s: %w", id, err)
		}
		identity.Chain = append(identity.Chain, c)
	}
	if stored.Key == "" {
		return identity, nil
	}
	der, err := s.Unseal(associated(id, "identity/"+slot), stored.Key)
	if err != nil {
		return nil, fmt.Errorf("private key of %s: %w", id, err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("private key of %s: %w", id, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("private key of %s: a %T does not sign", id, key)
	}
	identity.Key = signer
	return identity, nil
}

// SealSecret seals a text for the slot of the resource id, OpenSecret reads it back.
func SealSecret(s Sealer, id ID, slot, text string) (string, error) {
	return s.Seal(associated(id, "secret/"+slot), []byte(text))
}

// OpenSecret reads back what SealSecret made.
func OpenSecret(s Sealer, id ID, slot, token string) (string, error) {
	text, err := s.Unseal(associated(id, "secret/"+slot), token)
	return string(text), err
}

func associated(id ID, slot string) string { return id.Key() + "#" + slot }

// BuiltIn are the service's built-in gateway host names.
func BuiltIn(service string) []string {
	return []string{"localhost", strings.ToLower(service) + ".gateway.localhost"}
}

// Loader turns stored resources into a service. It keeps what it has decoded by key and revision, so that loading
// again after a small change costs little. It is not safe for concurrent use.
type Loader struct {
	sealer Sealer
	cache  map[string]cached
}

type cached struct {
	revision int64
	value    any
}

// NewLoader makes a Loader that opens secrets with s.
func NewLoader(s Sealer) *Loader { return &Loader{sealer: s, cache: map[string]cached{}} }

// ErrNoService says that the entries hold no service.
var ErrNoService = errors.New("there is no service")

// Load builds the service of the entries, which are all resources at one revision, sorted by key.
func (l *Loader) Load(entries []store.Entry) (*apim.Service, error) {
	b := builder{l: l, seen: map[string]bool{}, apis: map[string]*apim.API{}}
	for _, e := range entries {
		if err := b.add(e); err != nil {
			return nil, err
		}
	}
	for key := range l.cache {
		if !b.seen[key] {
			delete(l.cache, key)
		}
	}
	if b.service == nil {
		return nil, ErrNoService
	}
	return b.finish(), nil
}

type builder struct {
	l       *Loader
	seen    map[string]bool
	service *apim.Service
	apis    map[string]*apim.API
	ops     []ownedOperation
	// policies by the key of the entity they belong to
	policies map[string]*apim.Policy
	certs    []apim.Certificate
	values   []apim.NamedValue
	// identities are the user-assigned identities by key, used those that the service names.
	identities map[string]apim.UserAssignedIdentity
	used       []string
}

type ownedOperation struct {
	api string
	key string
	op  apim.Operation
}

func (b *builder) add(e store.Entry) error {
	v, err := b.decode(e)
	if err != nil {
		return err
	}
	switch x := v.(type) {
	case serviceOf:
		copied := *x.service
		b.service, b.used = &copied, x.identities
	case apim.UserAssignedIdentity:
		if b.identities == nil {
			b.identities = map[string]apim.UserAssignedIdentity{}
		}
		b.identities[e.Key] = x
	case apiOf:
		copied := x.api
		b.apis[e.Key] = &copied
	case operationOf:
		b.ops = append(b.ops, ownedOperation{x.api, e.Key, x.operation})
	case policyOf:
		if b.policies == nil {
			b.policies = map[string]*apim.Policy{}
		}
		b.policies[x.owner] = x.policy
	case apim.Certificate:
		b.certs = append(b.certs, x)
	case apim.NamedValue:
		b.values = append(b.values, x)
	}
	return nil
}

func (b *builder) decode(e store.Entry) (any, error) {
	b.seen[e.Key] = true
	if c, ok := b.l.cache[e.Key]; ok && c.revision == e.ModRevision {
		return c.value, nil
	}
	r, err := Decode(e)
	if err != nil {
		return nil, err
	}
	v, err := b.l.domain(r)
	if err != nil {
		return nil, err
	}
	b.l.cache[e.Key] = cached{e.ModRevision, v}
	return v, nil
}

type (
	serviceOf struct {
		service *apim.Service
		// identities are the keys of its user-assigned identities.
		identities []string
	}
	// elsewhere is a resource that a gateway has no use for: a vault, a role assignment.
	elsewhere   struct{}
	apiOf       struct{ api apim.API }
	operationOf struct {
		api       string
		operation apim.Operation
	}
	policyOf struct {
		owner  string
		policy *apim.Policy
	}
)

// domain is the typed view of one resource.
func (l *Loader) domain(r *Resource) (any, error) {
	switch r.ID.RootType() {
	case ServiceType:
		return l.partOf(r)
	case UserAssignedType:
		return apim.UserAssignedIdentity{ID: r.ID.String(), PrincipalID: r.String("principalId"), ClientID: r.String("clientId")}, nil
	}
	return elsewhere{}, nil
}

// partOf is the typed view of a service or of a resource below it.
func (l *Loader) partOf(r *Resource) (any, error) {
	switch r.ID.Collection() {
	case "":
		s, err := l.serviceOf(r)
		return serviceOf{s, UserAssigned(r)}, err
	case "apis":
		return apiOf{APIOf(r)}, nil
	case "apis/operations":
		return operationOf{r.ID.Parent().Key(), OperationOf(r)}, nil
	case "policies", "apis/policies", "apis/operations/policies":
		return policyOf{r.ID.Parent().Key(), &apim.Policy{Text: r.String("value"), Format: r.String("format")}}, nil
	case "certificates":
		identity, err := OpenIdentity(l.sealer, r.ID, "", r.Hidden.Identities[""])
		return apim.Certificate{ID: r.ID.Name(), Identity: identity}, err
	case "namedValues":
		return l.namedValueOf(r)
	}
	return nil, fault.New(fault.Internal, "stored resource %s is of a type this version does not know", r.ID)
}

func (l *Loader) namedValueOf(r *Resource) (apim.NamedValue, error) {
	v := apim.NamedValue{ID: r.ID.Name(), DisplayName: r.String("displayName"), Value: r.String("value"), Secret: r.Bool("secret", false)}
	var err error
	if token := r.Hidden.Secrets["value"]; token != "" {
		v.Value, err = OpenSecret(l.sealer, r.ID, "value", token)
	}
	return v, err
}

// APIOf is the typed view of an API.
func APIOf(r *Resource) apim.API {
	a := apim.API{
		ID: r.ID.Name(), Name: r.String("displayName"), Path: strings.Trim(r.String("path"), "/"),
		Revision: r.String("apiRevision"), Version: r.String("apiVersion"), Current: r.Bool("isCurrent", true),
		ServiceURL: r.String("serviceUrl"), Protocols: r.Strings("protocols"),
		SubscriptionRequired: r.Bool("subscriptionRequired", true),
		KeyHeader:            "Ocp-Apim-Subscription-Key", KeyQuery: "subscription-key",
	}
	if a.Revision == "" {
		a.Revision = "1"
	}
	if len(a.Protocols) == 0 {
		a.Protocols = []string{"https"}
	}
	names := r.Object("subscriptionKeyParameterNames")
	if s, _ := names["header"].(string); s != "" {
		a.KeyHeader = s
	}
	if s, _ := names["query"].(string); s != "" {
		a.KeyQuery = s
	}
	return a
}

// OperationOf is the typed view of an operation.
func OperationOf(r *Resource) apim.Operation {
	return apim.Operation{ID: r.ID.Name(), Name: r.String("displayName"), Method: strings.ToUpper(r.String("method")), URLTemplate: r.String("urlTemplate"),
		Responses: operationResponses(r)}
}

func (l *Loader) serviceOf(r *Resource) (*apim.Service, error) {
	s := &apim.Service{
		Subscription: r.ID.Subscription, ResourceGroup: r.ID.Group, Name: r.ID.RootName(),
		EnableClientCertificate: r.Bool("enableClientCertificate", false), CustomProperties: map[string]string{},
		Identity: SystemAssigned(r),
	}
	s.Location, _ = r.Top["location"].(string)
	if sku, ok := r.Top["sku"].(map[string]any); ok {
		s.SKU, _ = sku["name"].(string)
	}
	for k, v := range r.Object("customProperties") {
		s.CustomProperties[k], _ = v.(string)
	}
	if err := l.hostnames(r, s); err != nil {
		return nil, err
	}
	for i, ca := range r.Objects("certificates") {
		slot := fmt.Sprintf("ca/%d", i)
		identity, err := OpenIdentity(l.sealer, r.ID, slot, r.Hidden.Identities[slot])
		if err != nil {
			return nil, err
		}
		if store, _ := ca["storeName"].(string); store == "Root" {
			s.Roots = append(s.Roots, identity.Certificate)
		} else {
			s.Intermediates = append(s.Intermediates, identity.Certificate)
		}
	}
	return s, nil
}

func (l *Loader) hostnames(r *Resource, s *apim.Service) error {
	builtIn := BuiltIn(r.ID.RootName())
	for _, h := range r.Objects("hostnameConfigurations") {
		if kind, _ := h["type"].(string); kind != "Proxy" {
			continue
		}
		name, _ := h["hostName"].(string)
		host := apim.Hostname{Name: strings.ToLower(name)}
		host.BuiltIn = slices.Contains(builtIn, host.Name)
		host.DefaultSSLBinding, _ = h["defaultSslBinding"].(bool)
		host.NegotiateClientCertificate, _ = h["negotiateClientCertificate"].(bool)
		var details []fault.Detail
		if host.Forwarded, details = ForwardedCertificateOf(h); len(details) > 0 {
			return fault.New(fault.Invalid, "host name %q: %s: %s", host.Name, details[0].Target, details[0].Message)
		}
		slot := "hostname/" + host.Name
		if stored, ok := r.Hidden.Identities[slot]; ok {
			identity, err := OpenIdentity(l.sealer, r.ID, slot, stored)
			if err != nil {
				return err
			}
			host.Identity = identity
		}
		s.Hostnames = append(s.Hostnames, host)
	}
	for _, name := range builtIn {
		if !slices.ContainsFunc(s.Hostnames, func(h apim.Hostname) bool { return h.Name == name }) {
			s.Hostnames = append(s.Hostnames, apim.Hostname{Name: name, BuiltIn: true})
		}
	}
	return nil
}

// finish hangs operations and policies on their owners. Entries came sorted by key, so lists are in id order.
func (b *builder) finish() *apim.Service {
	s := b.service
	for _, o := range b.ops {
		if api := b.apis[o.api]; api != nil {
			o.op.Policy = b.policies[o.key]
			api.Operations = append(api.Operations, o.op)
		}
	}
	keys := make([]string, 0, len(b.apis))
	for key := range b.apis {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		api := b.apis[key]
		api.Policy = b.policies[key]
		s.APIs = append(s.APIs, *api)
	}
	s.Policy = b.policies[ServiceID(s.Subscription, s.ResourceGroup, s.Name).Key()]
	s.Certificates, s.NamedValues = b.certs, b.values
	for _, key := range b.used {
		if i, ok := b.identities[key]; ok {
			s.Identity.UserAssigned = append(s.Identity.UserAssigned, i)
		}
	}
	return s
}
