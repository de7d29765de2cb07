package app

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"

	"github.com/postern-gateway/postern/internal/apim"
	"github.com/postern-gateway/postern/internal/logkey"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// revocationDir is where downloaded lists and answers are kept, in the data directory.
const revocationDir = "revocation"

// openCourts makes the courts with all that the configuration says of revocation. A list or block list of the
// operator's that cannot be read is the configuration's fault: nobody is let in by its being overlooked.
func (c *components) openCourts() error {
	r := c.cfg.Revocation
	fetch := revocation.FetchOptions{Allow: c.cfg.FetchAllow, Proxy: r.Proxy, MaxBytes: r.MaxListBytes}
	named, err := revocation.NewNamed(r.Lists, fetch)
	if err != nil {
		return fmt.Errorf("%w: --crl: %w", ErrConfig, err)
	}
	blocked := &revocation.BlockList{}
	if r.BlockList != "" {
		if err := blocked.Watch(r.BlockList); err != nil {
			return fmt.Errorf("%w: --block-list: %w", ErrConfig, err)
		}
	}
	signers := &signers{}
	checker := revocation.NewChecker(revocation.Options{
		Fetcher: revocation.NewFetcher(fetch), Local: localCRLs{c.ca}, Named: named, Blocked: blocked, Signers: signers.named,
		Refresh: r.Refresh, Dir: filepath.Join(c.cfg.DataDir, revocationDir), Nonce: r.Nonce, OnChange: c.trustChanged,
		Log: c.log.With(slog.String(logkey.Component, "revocation")),
	})
	c.courts = newCourtsOf(checker, c.log)
	c.courts.signers = signers
	return nil
}

// trustChanged has every verdict made anew, and what relies on one looked at again.
func (c *components) trustChanged() {
	c.courts.revoked()
	c.builder.rebuild()
}

// signers are the service's certificates by name: one of them may have signed an indirect list.
type signers struct {
	byName atomic.Pointer[map[string][]*cert.Certificate]
}

// set puts the certificates of a service in the place of those before.
func (s *signers) set(svc *apim.Service) {
	if s == nil {
		return
	}
	m := make(map[string][]*cert.Certificate)
	for _, list := range [][]*cert.Certificate{svc.Intermediates, svc.Roots} {
		for _, x := range list {
			name := chain.CanonicalName(x.RawSubject)
			m[name] = append(m[name], x)
		}
	}
	s.byName.Store(&m)
}

// named are the certificates with a subject.
func (s *signers) named(subject string) []*cert.Certificate {
	if m := s.byName.Load(); m != nil {
		return (*m)[subject]
	}
	return nil
}
