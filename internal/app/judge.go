package app

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/gateway"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
	"github.com/postern-gateway/postern/pki/verify"
)

// courts makes the judge of each snapshot. The trust, and with it every verdict remembered, is carried over from one
// snapshot to the next as long as the CA certificates and the development CRL stay the same.
type courts struct {
	checker *revocation.Checker
	cache   *chain.Cache
	// systemRoots reads the system's roots.
	systemRoots func() ([]*cert.Certificate, error)
	log         *slog.Logger

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

func newCourts(ca *devca.CA, fetch revocation.FetchOptions, log *slog.Logger) *courts {
	return &courts{
		checker: revocation.NewChecker(revocation.Options{Fetcher: revocation.NewFetcher(fetch), Local: localCRLs{ca}}),
		cache:   chain.NewCache(0), systemRoots: verify.SystemRoots, log: log,
	}
}

// revoked tells that a local list has changed: no verdict from before counts.
func (c *courts) revoked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.crl++
	c.trust = nil
}

// trustSystemRoots is the custom property that makes the system's roots count for client certificates: "True".
const trustSystemRoots = "Postern.Trust.SystemRoots"

// roots are the roots that client certificates are judged by: the uploaded ones, and the system's where the service says
// so. Where those cannot be read, nobody is trusted by them.
func (c *courts) roots(svc *apim.Service) []*cert.Certificate {
	if !strings.EqualFold(svc.CustomProperties[trustSystemRoots], "true") {
		return svc.Roots
	}
	system, err := c.systemRoots()
	if err != nil {
		c.log.LogAttrs(context.Background(), slog.LevelError, "the system's roots cannot be read and are not trusted", slog.Any(logkey.Error, err))
		return svc.Roots
	}
	return slices.Concat(svc.Roots, system)
}

// judge is the judge for the service's trust.
func (c *courts) judge(svc *apim.Service) gateway.Judge {
	roots := c.roots(svc)
	h := sha256.New()
	for _, list := range [][]*cert.Certificate{roots, svc.Intermediates} {
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
		c.trust = chain.NewTrust(chain.TrustOptions{Roots: chain.NewPool(roots), Intermediates: chain.NewPool(svc.Intermediates), Revocation: c.checker})
	}
	return gateway.NewJudge(c.trust, c.cache)
}
