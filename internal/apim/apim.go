// Package apim has Postern's domain types: what API Management calls a
// service, a hostname configuration, an API, an operation, a certificate, a
// named value, a policy. They are plain data, built from stored resources and
// read by the gateway; nothing here speaks a wire format.
package apim

import (
	"github.com/postern-gateway/postern/pki/cert"
)

// Service is one API Management service and all that it owns, at one revision. It is immutable once built.
type Service struct {
	// Subscription, ResourceGroup and Name make up the service's ARM id.
	Subscription, ResourceGroup, Name string
	// Location is the Azure region it was PUT with.
	Location string
	// SKU is the tier: Developer, Basic, Standard, Premium, Consumption, BasicV2, StandardV2, PremiumV2.
	SKU string
	// EnableClientCertificate is "Request client certificate" of the Consumption and v2 tiers.
	EnableClientCertificate bool
	// CustomProperties are the service's switches, keys as written.
	CustomProperties map[string]string
	// Hostnames are the gateway's (type Proxy) hostname configurations, built-in ones included.
	Hostnames []Hostname
	// Roots and Intermediates are the CA certificates of the two stores.
	Roots, Intermediates []*cert.Certificate
	// Certificates are the certificate entities, by id order.
	Certificates []Certificate
	// APIs in id order.
	APIs []API
	// NamedValues in id order.
	NamedValues []NamedValue
	// Policy is the service-scope (global) document; nil: the default document.
	Policy *Policy
	// Identity are the service's managed identities.
	Identity Identity
}

// Identity are the managed identities of a service.
type Identity struct {
	// PrincipalID and ClientID are those of the system-assigned identity; empty where there is none.
	PrincipalID, ClientID string
	// UserAssigned are the user-assigned identities, by ARM id order.
	UserAssigned []UserAssignedIdentity
}

// UserAssignedIdentity is a managed identity with a life of its own.
type UserAssignedIdentity struct {
	// ID is its ARM id.
	ID string
	// PrincipalID is its object id; ClientID is what policies and references name it by.
	PrincipalID, ClientID string
}

// Consumption reports whether every call must present a certificate when EnableClientCertificate is set.
func (s *Service) Consumption() bool { return s.SKU == "Consumption" }

// Hostname is one gateway hostname configuration.
type Hostname struct {
	// Name is the host name in lower case, possibly a wildcard "*.example.com".
	Name string
	// Identity is the server certificate with its key and chain; nil for a built-in name that keeps the built-in certificate.
	Identity *cert.Identity
	// DefaultSSLBinding serves clients without SNI.
	DefaultSSLBinding bool
	// NegotiateClientCertificate asks for a client certificate in the handshake.
	NegotiateClientCertificate bool
	// Forwarded says which proxies may forward client certificates to the host name, and how; nil: none.
	Forwarded *ForwardedCertificate
	// BuiltIn marks localhost and <service>.gateway.localhost.
	BuiltIn bool
}

// Certificate is a certificate entity.
type Certificate struct {
	// ID is the entity's name.
	ID string
	// Identity is the certificate, with its private key where one was uploaded.
	Identity *cert.Identity
}

// API is one API revision that is current.
type API struct {
	// ID is the entity's name; Name its display name.
	ID, Name string
	// Path is the URL path prefix without slashes at its ends; empty: the root API.
	Path string
	// Revision and Version as in the entity; Version may be empty.
	Revision, Version string
	// Current tells whether this is the current revision.
	Current bool
	// ServiceURL is the backend's base URL; empty if none.
	ServiceURL string
	// Protocols is a subset of http, https, ws, wss.
	Protocols []string
	// SubscriptionRequired closes the API to calls without a key.
	SubscriptionRequired bool
	// KeyHeader and KeyQuery are where a subscription key is looked for.
	KeyHeader, KeyQuery string
	// Operations in id order.
	Operations []Operation
	// Policy is the API-scope document; nil: <base/> everywhere.
	Policy *Policy
}

// Operation is one operation of an API.
type Operation struct {
	// ID is the entity's name; Name its display name.
	ID, Name string
	// Method is upper-case; URLTemplate as in the entity.
	Method, URLTemplate string
	// Responses are the answers that it declares.
	Responses []OperationResponse
	// Policy is the operation-scope document; nil: <base/> everywhere.
	Policy *Policy
}

// OperationResponse is a response that an operation declares.
type OperationResponse struct {
	// Status is the status code.
	Status int
	// Representations are its forms, in the order of the entity.
	Representations []Representation
}

// Representation is one form of a response's content.
type Representation struct {
	ContentType string
	// Example is the text of the first example; empty: none.
	Example string
}

// NamedValue is a named value with its value in clear.
type NamedValue struct {
	// ID is the entity's name, DisplayName what policies write between {{ and }}.
	ID, DisplayName string
	// Value is the text; Secret hides it from every answer and trace.
	Value  string
	Secret bool
}

// Policy is a policy document as it was PUT.
type Policy struct {
	// Text is the document.
	Text string
	// Format is "xml" or "rawxml".
	Format string
}
