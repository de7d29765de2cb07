package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/gateway/forwarded"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/cert"
)

// forwarding is who may forward client certificates to a hostname, compiled.
type forwarding struct {
	format        apim.ForwardedFormat
	header, chain string
	addresses     []netip.Prefix
	sha1          map[[20]byte]struct{}
	sha256        map[[32]byte]struct{}
}

// newForwarding compiles a configuration; nil stays nil.
func newForwarding(f *apim.ForwardedCertificate) (*forwarding, error) {
	if f == nil {
		return nil, nil
	}
	out := &forwarding{
		format: f.Format, header: f.Header, chain: forwarded.ChainHeader(f.Format, f.Header), addresses: f.Addresses,
		sha1: map[[20]byte]struct{}{}, sha256: map[[32]byte]struct{}{},
	}
	for _, t := range f.Thumbprints {
		raw, err := hex.DecodeString(t)
		switch {
		case err == nil && len(raw) == 20:
			out.sha1[[20]byte(raw)] = struct{}{}
		case err == nil && len(raw) == 32:
			out.sha256[[32]byte(raw)] = struct{}{}
		default:
			return nil, fault.New(fault.Invalid, "'%s' is not the digest of a certificate", t)
		}
	}
	return out, nil
}

// pins reports whether proxies are known by their certificates, so that the handshake must ask for one.
func (f *forwarding) pins() bool { return f != nil && len(f.sha1)+len(f.sha256) > 0 }

// text is all that the forwarding is made of, for a digest.
func (f *forwarding) text(given *apim.ForwardedCertificate) []byte {
	if f == nil {
		return nil
	}
	parts := []string{string(f.format), f.header}
	for _, p := range f.addresses {
		parts = append(parts, p.String())
	}
	return []byte(strings.Join(append(parts, given.Thumbprints...), "\x00"))
}

// trusts reports whether the connection's other end may speak for clients: by the certificate that it has proved to be
// its own, or by its address. The address of a proxy that relays TLS (the PROXY protocol) counts for nothing, since the
// request is then written by whoever is behind it.
func (f *forwarding) trusts(c *message.Conn) bool {
	if t := c.TLS; t != nil {
		own := t.Proxy
		if t.Peer != nil {
			own = t.Peer.Leaf
		}
		if own != nil {
			if _, ok := f.sha256[own.SHA256]; ok {
				return true
			}
			if _, ok := f.sha1[own.SHA1]; ok {
				return true
			}
		}
	}
	if c.Relayed {
		return false
	}
	for _, p := range f.addresses {
		if p.Contains(c.Peer.Addr()) {
			return true
		}
	}
	return false
}

// receive gives the exchange the client certificate that a trusted proxy has forwarded, or takes the fields away from
// everybody else's. An error is about the field of a trusted proxy, and the request must be refused.
func (f *forwarding) receive(x *message.Exchange, judge Judge, known *forwardedPeers) error {
	h := &x.Request.Header
	trusted := f.trusts(x.Conn)
	f.strip(h, trusted)
	if t := x.Request.Trailer; t != nil && slices.ContainsFunc(*t, func(a message.Field) bool { return f.owns(a.Name) }) {
		x.Request.Trailer = nil // no certificate comes after the body, and no backend may take it for one
	}
	if !trusted {
		return nil
	}
	raw, err := forwarded.Read(f.format, f.header, *h)
	if err != nil {
		return err
	}
	x.Forwarded = &message.Forwarded{}
	if len(raw) == 0 {
		return nil // the proxy's client has no certificate, and the proxy's own is not the client's
	}
	if x.Forwarded.Peer, err = known.peer(raw, judge); err != nil {
		return fault.Wrap(fault.Invalid, err, "%s", f.header)
	}
	return nil
}

// strip takes the fields away, those of another spelling that a backend may take for them always: "_" and "." for "-".
func (f *forwarding) strip(h *message.Header, trusted bool) {
	kept := (*h)[:0]
	for _, field := range *h {
		if f.owns(field.Name) &&
			!(trusted && (strings.EqualFold(field.Name, f.header) || strings.EqualFold(field.Name, f.chain))) {
			continue
		}
		kept = append(kept, field)
	}
	clear((*h)[len(kept):])
	*h = kept
}

// owns reports whether a field is one of the forwarding's, in any spelling.
func (f *forwarding) owns(name string) bool {
	return alias(name, f.header) || f.chain != "" && alias(name, f.chain)
}

// alias reports whether name is that of the field to a reader that takes "_" and "." for "-", without case.
func alias(name, field string) bool {
	if len(name) != len(field) {
		return false
	}
	for i := range len(name) {
		a, b := plainLetter(name[i]), plainLetter(field[i])
		if a != b {
			return false
		}
	}
	return true
}

func plainLetter(c byte) byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return c | 0x20
	case c == '_' || c == '.':
		return '-'
	}
	return c
}

// maxForwardedPeers bounds what is kept of forwarded certificates.
const maxForwardedPeers = 4096

// forwardedPeers keep what was made of forwarded certificates: the same ones come with every request of a client. It is
// safe for concurrent use.
type forwardedPeers struct {
	mu    sync.RWMutex
	known map[[32]byte]*message.Peer
}

// peer is the peer of the certificates, the leaf first; an unreadable leaf is an error, unreadable issuers are left out.
func (p *forwardedPeers) peer(raw [][]byte, judge Judge) (*message.Peer, error) {
	key := digestOf(raw)
	p.mu.RLock()
	peer := p.known[key]
	p.mu.RUnlock()
	if peer != nil {
		return peer, nil
	}
	leaf, err := cert.Parse(raw[0])
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the certificate cannot be read")
	}
	peer = &message.Peer{Leaf: leaf}
	for _, der := range raw[1:] {
		if c, err := cert.Parse(der); err == nil {
			peer.Sent = append(peer.Sent, c)
		}
	}
	judge.Begin(peer)
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.known[key]; other != nil {
		return other, nil
	}
	if p.known == nil {
		p.known = map[[32]byte]*message.Peer{}
	}
	for victim := range p.known {
		if len(p.known) < maxForwardedPeers {
			break
		}
		delete(p.known, victim)
	}
	p.known[key] = peer
	return peer, nil
}

// digestOf names a list of certificates.
func digestOf(raw [][]byte) [32]byte {
	all := make([]byte, 0, 256)
	for _, der := range raw {
		sum := sha256.Sum256(der)
		all = append(all, sum[:]...)
	}
	return sha256.Sum256(all)
}
