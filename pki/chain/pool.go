package chain

import (
	"bytes"

	"github.com/postern-gateway/postern/pki/cert"
)

// Pool is an immutable set of certificates, read and indexed once. The zero value and nil are empty pools.
type Pool struct {
	list []*Info
	// anchors are the certificates whose subject is their issuer, octet by octet: only these can be
	// roots. rest are the others.
	anchors, rest map[string][]*Info
	times         []int64
}

// NewPool reads and indexes certs in their order; copies of one certificate count once.
func NewPool(certs []*cert.Certificate) *Pool {
	p := &Pool{anchors: make(map[string][]*Info), rest: make(map[string][]*Info)}
	seen := make(map[[32]byte]bool, len(certs))
	for _, c := range certs {
		if seen[c.SHA256] {
			continue
		}
		seen[c.SHA256] = true
		i := NewInfo(c)
		p.list = append(p.list, i)
		index := p.rest
		if bytes.Equal(c.RawSubject, c.RawIssuer) {
			index = p.anchors
		}
		index[i.Subject] = append(index[i.Subject], i)
		p.times = append(p.times, i.notBefore, i.notAfter)
	}
	return p
}

// Len is the number of certificates.
func (p *Pool) Len() int {
	if p == nil {
		return 0
	}
	return len(p.list)
}

// Certificates are the certificates of the pool in its order.
func (p *Pool) Certificates() []*cert.Certificate {
	if p == nil {
		return nil
	}
	list := make([]*cert.Certificate, len(p.list))
	for n, i := range p.list {
		list[n] = i.Cert
	}
	return list
}

// anchorsNamed are the possible roots with the canonical subject.
func (p *Pool) anchorsNamed(subject string) []*Info {
	if p == nil {
		return nil
	}
	return p.anchors[subject]
}

// restNamed are the certificates with the canonical subject that cannot be roots.
func (p *Pool) restNamed(subject string) []*Info {
	if p == nil {
		return nil
	}
	return p.rest[subject]
}
