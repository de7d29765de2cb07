package revocation

import (
	"bytes"
	"crypto/sha256"
	"sync"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/pki/cert"
)

// Registry is a Local: lists of issuers in this process, such as the development CA. The zero
// value is empty. It is safe for concurrent use.
type Registry struct {
	mu    sync.RWMutex
	lists map[[32]byte][]byte
}

var _ Local = (*Registry)(nil)

// Set puts the list of issuer, in DER, in the place of the one before. A list that cannot be read
// is a fault.Invalid, and the one before stays.
func (r *Registry) Set(issuer *cert.Certificate, der []byte) error {
	if _, err := ParseCRL(der); err != nil {
		return fault.Wrap(fault.Invalid, err, "the list cannot be read")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lists == nil {
		r.lists = make(map[[32]byte][]byte)
	}
	r.lists[issuerKey(issuer)] = bytes.Clone(der)
	return nil
}

// Remove takes the list of issuer away: its certificates are then looked up at their own addresses.
func (r *Registry) Remove(issuer *cert.Certificate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.lists, issuerKey(issuer))
}

// CRL returns the list of issuer.
func (r *Registry) CRL(issuer *cert.Certificate) ([]byte, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	der, ok := r.lists[issuerKey(issuer)]
	return der, ok
}

// issuerKey tells issuers apart by name and key, so that a renewed certificate is the same issuer.
func issuerKey(issuer *cert.Certificate) [32]byte {
	name := sha256.Sum256(issuer.RawSubject)
	return sha256.Sum256(append(name[:], issuer.RawSPKI...))
}
