package app

import (
	"context"
	"crypto/sha256"
	"sync"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/devca"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
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
func (c *courts) judge(svc *apim.Service) *judge {
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
	return &judge{c.trust, c.cache}
}

// judge implements gateway.Judge.
type judge struct {
	trust *chain.Trust
	cache *chain.Cache
}

// Begin implements gateway.Judge.
func (j *judge) Begin(p *message.Peer) {
	peer := chain.NewPeer(p.Leaf, p.Sent)
	p.Verifier = peer
	j.trust.Begin(peer)
}

// VerifyPeer implements gateway.Judge.
func (j *judge) VerifyPeer(_ context.Context, p *message.Peer, withRevocation bool) policy.Verdict {
	peer, ok := p.Verifier.(*chain.Peer)
	if !ok {
		peer = chain.NewPeer(p.Leaf, p.Sent)
	}
	return j.verdict(peer, withRevocation)
}

// VerifyCertificate implements gateway.Judge.
func (j *judge) VerifyCertificate(_ context.Context, c *cert.Certificate, withRevocation bool) policy.Verdict {
	peer, err := j.cache.Peer([][]byte{c.Raw})
	if err != nil {
		return policy.Verdict{Explanation: err.Error()}
	}
	return j.verdict(peer, withRevocation)
}

func (j *judge) verdict(peer *chain.Peer, withRevocation bool) policy.Verdict {
	r := j.trust.ResultNoRevocation(peer)
	if withRevocation {
		r = j.trust.Result(peer)
	}
	v := policy.Verdict{OK: r.Verdict}
	if len(r.Chain) > 1 {
		v.Issuer = r.Chain[1]
	}
	if !v.OK {
		v.Explanation = r.Explanation.Summary
		for _, f := range r.Status {
			v.Status = append(v.Status, string(f))
		}
	}
	return v
}
