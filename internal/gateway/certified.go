package gateway

import (
	"crypto/sha256"
	"crypto/tls"
	"sync"
	"time"

	"github.com/postern-gateway/postern/internal/gateway/engine/std"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/cert"
)

// maxCertified bounds the transports with client certificates; expressions can make any number of them. The one that was
// not used for the longest time goes.
const maxCertified = 256

// certified are the transports that present a client certificate, one for each certificate and way. The zero value has
// none; it is safe for concurrent use.
type certified struct {
	mu   sync.Mutex
	open map[certifiedWay]*certifiedTransport
	uses uint64
}

// certifiedWay is a way with the digest of the certificates that are presented. The private key is the leaf's.
type certifiedWay struct {
	way
	chain [sha256.Size]byte
}

type certifiedTransport struct {
	*std.Transport
	used uint64
}

// chainDigest is a digest of the certificate and of those that are sent with it.
func chainDigest(id *cert.Identity) [sha256.Size]byte {
	h := sha256.New()
	h.Write(id.Certificate.SHA256[:])
	for _, c := range id.Chain {
		h.Write(c.SHA256[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// transportFor is transport with a client certificate; without one it is transport itself.
func (b *backends) transportFor(version string, wait time.Duration, id *cert.Identity) message.Transport {
	if id == nil || id.Key == nil {
		return b.transport(version, wait)
	}
	key := certifiedWay{way{version, wait}, chainDigest(id)}
	c := &b.certified
	c.mu.Lock()
	defer c.mu.Unlock()
	c.uses++
	if t := c.open[key]; t != nil {
		t.used = c.uses
		return t.Transport
	}
	if c.open == nil {
		c.open = map[certifiedWay]*certifiedTransport{}
	}
	if len(c.open) >= maxCertified {
		c.evict()
	}
	t := &certifiedTransport{b.newTransport(key.way, tlsCertificate(id)), c.uses}
	c.open[key] = t
	return t.Transport
}

// evict closes the transport that was used last the longest ago. The lock is held.
func (c *certified) evict() {
	var oldest certifiedWay
	var found *certifiedTransport
	for key, t := range c.open {
		if found == nil || t.used < found.used {
			oldest, found = key, t
		}
	}
	delete(c.open, oldest)
	found.CloseIdle()
}

func (c *certified) closeIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range c.open {
		t.CloseIdle()
	}
}

// tlsCertificate is an identity as TLS presents it.
func tlsCertificate(id *cert.Identity) *tls.Certificate {
	t := &tls.Certificate{Certificate: [][]byte{id.Certificate.Raw}, PrivateKey: id.Key}
	for _, c := range id.Chain {
		t.Certificate = append(t.Certificate, c.Raw)
	}
	return t
}
