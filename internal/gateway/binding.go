package gateway

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"strings"
	"sync/atomic"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/pki/cert"
)

// binding is one hostname configuration, compiled. Its address names the group of connections that were made under
// it: a configuration that does not change keeps its binding from snapshot to snapshot.
type binding struct {
	// name is the hostname configuration's HostName.
	name string
	// asks tells whether the handshake asks for a client certificate.
	asks bool
	// forwarding says who may forward client certificates; nil: nobody.
	forwarding *forwarding
	// digest covers all that config is made of.
	digest [32]byte
	// terms is digest without the certificate: a new certificate is for new handshakes, and what is open goes on.
	terms [32]byte
	// before are the bindings with the same terms that this one came after, and whose connections may be open.
	before []*binding
	config *tls.Config
	// tickets seal the sessions of this configuration.
	tickets *ticketKeys
	// epoch is the trust that tickets must carry; the present snapshot's.
	epoch atomic.Pointer[[32]byte]
}

// The switches of the service's customProperties that the listener reads.
const (
	propertyPrefix = "Microsoft.WindowsAzure.ApiManagement.Gateway."
	propertyTLS10  = propertyPrefix + "Security.Protocols.Tls10"
	propertyTLS11  = propertyPrefix + "Security.Protocols.Tls11"
	propertyHTTP2  = propertyPrefix + "Protocols.Server.Http2"
	propertyBack10 = propertyPrefix + "Security.Backend.Protocols.Tls10"
	propertyBack11 = propertyPrefix + "Security.Backend.Protocols.Tls11"
)

// property reads a switch; keys and values compare without case.
func property(svc *apim.Service, key string, otherwise bool) bool {
	for k, v := range svc.CustomProperties {
		if strings.EqualFold(k, key) {
			return strings.EqualFold(v, "true")
		}
	}
	return otherwise
}

// minVersion is the lowest TLS version that the switches allow.
func minVersion(svc *apim.Service, tls10, tls11 string) uint16 {
	switch {
	case property(svc, tls10, false):
		return tls.VersionTLS10
	case property(svc, tls11, false):
		return tls.VersionTLS11
	}
	return tls.VersionTLS12
}

// asksForCertificate reports whether handshakes for h ask for a client certificate: where the hostname says so, and
// on every hostname of a Consumption or v2 service that has "Request client certificate" on.
func asksForCertificate(svc *apim.Service, h *apim.Hostname) bool {
	if h.NegotiateClientCertificate {
		return true
	}
	return svc.EnableClientCertificate && (svc.Consumption() || strings.HasSuffix(strings.ToLower(svc.SKU), "v2"))
}

// newBinding compiles a hostname configuration. Errors are fault.Invalid and name the host.
func newBinding(svc *apim.Service, h *apim.Hostname, builtIn *cert.Identity, ticketSecret []byte) (*binding, error) {
	id := h.Identity
	if id == nil {
		id = builtIn
	}
	if id == nil {
		return nil, fault.New(fault.Invalid, "host name %q has no certificate", h.Name)
	}
	certificate, err := serverCertificate(id)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "host name %q", h.Name)
	}
	b := &binding{name: strings.ToLower(h.Name), asks: asksForCertificate(svc, h)}
	if b.forwarding, err = newForwarding(h.Forwarded); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "host name %q", h.Name)
	}
	b.config = &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   minVersion(svc, propertyTLS10, propertyTLS11),
		NextProtos:   []string{"http/1.1"},
	}
	if property(svc, propertyHTTP2, true) {
		b.config.NextProtos = []string{"h2", "http/1.1"}
	}
	if b.asks || b.forwarding.pins() {
		// The handshake proves possession; policy judges the certificate.
		b.config.ClientAuth = tls.RequestClientCert
	}
	b.config.WrapSession, b.config.UnwrapSession = b.wrapSession, b.unwrapSession
	terms := b.forwarding.text(h.Forwarded)
	b.digest, b.terms = b.sum(certificate, terms), b.sum(tls.Certificate{}, terms)
	b.tickets, err = newTicketKeys(ticketSecret, b.digest)
	return b, err
}

// sum is the digest of the configuration.
func (b *binding) sum(c tls.Certificate, forwarding []byte) [32]byte {
	h := sha256.New()
	write := func(part []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	asks := byte(0)
	if b.asks {
		asks = 1
	}
	write([]byte(b.name))
	for _, der := range c.Certificate {
		write(der)
	}
	write([]byte(strings.Join(b.config.NextProtos, ",")))
	write(forwarding)
	write([]byte{byte(b.config.ClientAuth), asks, byte(b.config.MinVersion >> 8), byte(b.config.MinVersion)})
	return [32]byte(h.Sum(nil))
}

// serverCertificate is an identity as crypto/tls takes it: the leaf, then its issuers in order, without the root.
func serverCertificate(id *cert.Identity) (tls.Certificate, error) {
	leaf, err := x509.ParseCertificate(id.Certificate.Raw)
	if err != nil {
		return tls.Certificate{}, fault.Wrap(fault.Invalid, err, "the server certificate cannot be used for TLS")
	}
	if id.Key == nil {
		return tls.Certificate{}, fault.New(fault.Invalid, "the server certificate has no private key")
	}
	public, ok := id.Key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(leaf.PublicKey) {
		return tls.Certificate{}, fault.New(fault.Invalid, "the private key does not belong to the server certificate")
	}
	out := tls.Certificate{Certificate: [][]byte{id.Certificate.Raw}, PrivateKey: id.Key, Leaf: leaf}
	for at := id.Certificate; len(out.Certificate) <= len(id.Chain); {
		issuer := issuerOf(at, id.Chain)
		if issuer == nil {
			break
		}
		out.Certificate = append(out.Certificate, issuer.Raw)
		at = issuer
	}
	return out, nil
}

// issuerOf finds c's issuer by name among chain; nil if it is not there, or is a root.
func issuerOf(c *cert.Certificate, chain []*cert.Certificate) *cert.Certificate {
	for _, ca := range chain {
		if bytes.Equal(ca.RawSubject, c.RawIssuer) && !bytes.Equal(ca.RawSubject, ca.RawIssuer) && ca.SHA256 != c.SHA256 {
			return ca
		}
	}
	return nil
}

// ticketMark begins the entry of SessionState.Extra that is ours.
const ticketMark = "postern ticket 1\x00"

// ticketExtra is what a ticket of this binding carries now: the hostname and the trust.
func (b *binding) ticketExtra() []byte {
	extra := append([]byte(ticketMark), b.name...)
	extra = append(extra, 0)
	if e := b.epoch.Load(); e != nil {
		extra = append(extra, e[:]...)
	}
	return extra
}

// wrapSession makes a ticket.
func (b *binding) wrapSession(_ tls.ConnectionState, session *tls.SessionState) ([]byte, error) {
	session.Extra = append(session.Extra, b.ticketExtra())
	state, err := session.Bytes()
	if err != nil {
		return nil, err
	}
	return b.tickets.seal(state)
}

// unwrapSession opens a ticket; one that cannot be opened or does not fit leads to a full handshake.
func (b *binding) unwrapSession(identity []byte, _ tls.ConnectionState) (*tls.SessionState, error) {
	state, ok := b.tickets.open(identity)
	if !ok {
		return nil, nil
	}
	session, err := tls.ParseSessionState(state)
	if err != nil {
		return nil, nil
	}
	want := b.ticketExtra()
	for i, extra := range session.Extra {
		if !bytes.HasPrefix(extra, []byte(ticketMark)) {
			continue
		}
		if !bytes.Equal(extra, want) {
			return nil, nil
		}
		// The next ticket gets a mark of its own.
		session.Extra = append(session.Extra[:i:i], session.Extra[i+1:]...)
		return session, nil
	}
	return nil, nil
}
