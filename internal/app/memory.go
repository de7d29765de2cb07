package app

import (
	"crypto/x509"

	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/internal/policy/jwt"
	"github.com/postern-gateway/postern/internal/policy/memory"
	"github.com/postern-gateway/postern/pki/revocation"
)

// newShared makes what the policies of all requests share. The keys of token issuers are fetched where other documents are
// that somebody else names: from public addresses, and those of --fetch-allow.
// Their servers are judged by the system's roots, and the one of this process's own token endpoint by its root.
func (c *components) newShared() *policy.Shared {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // nothing but our own is trusted then
	}
	if own, err := x509.ParseCertificate(c.ca.ServerRoot().Raw); err == nil {
		roots.AddCert(own)
	}
	return &policy.Shared{
		Cache:  memory.NewCache(c.cfg.PolicyCacheBytes),
		Limits: memory.NewLimits(),
		OpenID: jwt.NewSource(revocation.NewTransport(revocation.FetchOptions{Allow: c.cfg.FetchAllow, RootCAs: roots}), nil),
	}
}
