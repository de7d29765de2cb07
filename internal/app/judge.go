package app

import (
	"crypto/sha256"
	"sync"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/gateway"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// courts makes the judge of each snapshot. The trust, and with it every verdict remembered, is carried over from one
// snapshot to the next as long as the CA certificates and the development CRL stay the same.
type courts struct {
	checker *revocation.Checker
	cache   *chain.Cache

	mu    sync.Mutex
	key   [sha256.Size]byte
	trust *chain.Trust
	crl   uint64
}

// localCRLs finds the development CA's list.
type localCRLs struct{ ca *devca.CA }

// CRL implements revocation.Local.
func (l localCRLs) CRL(issuer *cert.Certificate) ([]byte, bool) {
	der := l.ca.CRLOf(issuer)
	return der, der != nil
}

func newCourts(ca *devca.CA, fetch revocation.FetchOptions) *courts {
	return &courts{
		checker: revocation.NewChecker(revocation.Options{Fetcher: revocation.NewFetcher(fetch), Local: localCRLs{ca}}),
		cache:   chain.NewCache(0),
	}
}

// revoked tells that a local list has changed: no verdict from before counts.
func (c *courts) revoked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.crl++
	c.trust = nil
}

// judge is the judge for the service's trust.
func (c *courts) judge(svc *apim.Service) gateway.Judge {
	h := sha256.New()
	for _, list := range [][]*cert.Certificate{svc.Roots, svc.Intermediates} {
		for _, x := range list {
			h.Write(x.SHA256[:])
		}
		h.Write([]byte{0})
	}
	key := [sha256.Size]byte(h.Sum(nil))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trust == nil || c.key != key {
		c.key = key
		c.trust = chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(svc.Roots), Intermediates: chain.NewPool(svc.Intermediates), Revocation: c.checker})
	}
	return gateway.NewJudge(c.trust, c.cache)
}
