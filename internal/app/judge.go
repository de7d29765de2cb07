package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
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
// snapshot to the next as long as the CA certificates, the settings and the development CRL stay the same.
type courts struct {
	checker *revocation.Checker
	cache   *chain.Cache
	// systemRoots reads the system's roots.
	systemRoots func() ([]*cert.Certificate, error)
	// signers are told of the service's certificates; nil for nobody.
	signers *signers
	log     *slog.Logger

	mu    sync.Mutex
	key   [sha256.Size]byte
	trust *bench
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
	return newCourtsOf(revocation.NewChecker(revocation.Options{Fetcher: revocation.NewFetcher(fetch), Local: localCRLs{ca}}), log)
}

func newCourtsOf(checker *revocation.Checker, log *slog.Logger) *courts {
	return &courts{checker: checker, cache: chain.NewCache(0), systemRoots: verify.SystemRoots, log: log}
}

// revoked tells that a local list has changed: no verdict from before counts.
func (c *courts) revoked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.crl++
	c.trust = nil
}

// roots are the roots that client certificates are judged by: the uploaded ones, and the system's where the service says
// so. Where those cannot be read, nobody is trusted by them.
func (c *courts) roots(svc *apim.Service, settings apim.Settings) []*cert.Certificate {
	if !settings.SystemRoots {
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
	settings, wrong := apim.ParseSettings(svc.CustomProperties)
	roots := c.roots(svc, settings)
	key := trustKey(settings, roots, svc.Intermediates)
	c.signers.set(svc)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trust == nil || c.key != key {
		for _, w := range wrong { // the management API lets none in; an older version's store may have some
			c.log.LogAttrs(context.Background(), slog.LevelWarn, "a setting of the service cannot be read and has its default",
				slog.String(logkey.Reason, w.Message))
		}
		c.key, c.trust = key, newBench(c.checker, settings, roots, svc.Intermediates)
	}
	return gateway.NewModeJudge(c.trust.trust, c.cache, c.trust.in)
}

// trustKey is a digest of all that a verdict hangs on beside time and revocation.
func trustKey(settings apim.Settings, lists ...[]*cert.Certificate) [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%+v", settings)
	for _, list := range lists {
		for _, x := range list {
			h.Write(x.SHA256[:])
		}
		h.Write([]byte{0})
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// bench is one trust in the service's revocation mode, and in those that policies ask for.
type bench struct {
	checker *revocation.Checker
	mode    revocation.Mode
	trust   *chain.Trust

	mu    sync.Mutex
	modes map[revocation.Mode]*chain.Trust
}

// maxModes bounds the modes that are kept beside the service's; policies hardly name more.
const maxModes = 16

func newBench(checker *revocation.Checker, settings apim.Settings, roots, intermediates []*cert.Certificate) *bench {
	b := &bench{checker: checker, mode: serviceMode(settings), modes: map[revocation.Mode]*chain.Trust{}}
	o := chain.TrustOptions{Roots: chain.NewPool(roots), Intermediates: chain.NewPool(intermediates),
		Revocation: checker.With(b.mode), Strict: settings.Strict}
	if settings.AIA {
		o.Issuers = checker
	}
	b.trust = chain.NewTrust(o)
	return b
}

// serviceMode is how the service judges revocation. Beyond .NET it reads all that the RFCs allow, unless it is to be as .NET.
func serviceMode(settings apim.Settings) revocation.Mode {
	mode := settings.Revocation
	mode.Wide, mode.Lax = !settings.DotNet, settings.DotNet
	return mode
}

// in is the trust in a mode that a policy asks for: what unknown means is the policy's, all else the service's.
func (b *bench) in(mode revocation.Mode) *chain.Trust {
	wanted := b.mode
	wanted.Failure, wanted.Grace = mode.Failure, mode.Grace
	if wanted == b.mode {
		return b.trust
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.modes[wanted]
	if t == nil {
		if len(b.modes) >= maxModes {
			clear(b.modes)
		}
		t = b.trust.With(b.checker.With(wanted))
		b.modes[wanted] = t
	}
	return t
}
