package apim

import "net/netip"

// ForwardedFormat is how a proxy writes the client certificate it forwards.
type ForwardedFormat string

// The formats.
const (
	// URLEncodedPEM is PEM, percent-encoded: Application Gateway's client_certificate, nginx's $ssl_client_escaped_cert.
	URLEncodedPEM ForwardedFormat = "UrlEncodedPem"
	// ClientCert is RFC 9440: Client-Cert and Client-Cert-Chain.
	ClientCert ForwardedFormat = "ClientCert"
	// XFCC is Envoy's x-forwarded-client-cert.
	XFCC ForwardedFormat = "Xfcc"
)

// ForwardedFormats lists the formats.
func ForwardedFormats() []ForwardedFormat { return []ForwardedFormat{URLEncodedPEM, ClientCert, XFCC} }

// DefaultHeader is the field that a format is found in where the configuration names none.
func (f ForwardedFormat) DefaultHeader() string {
	switch f {
	case ClientCert:
		return "Client-Cert"
	case XFCC:
		return "X-Forwarded-Client-Cert"
	}
	return "X-Client-Certificate"
}

// ForwardedCertificate says who may forward client certificates to a host name, and how. It is Postern's own extension of
// a hostname configuration.
type ForwardedCertificate struct {
	// Format is how the certificate is written, Header the field it is in.
	Format ForwardedFormat
	Header string
	// Addresses are those of proxies. Thumbprints are SHA-1 or SHA-256 digests of proxies' own client certificates, in
	// lower-case hex. One of the two is enough to be trusted; they are not both empty.
	Addresses   []netip.Prefix
	Thumbprints []string
}
