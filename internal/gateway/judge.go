package gateway

import (
	"context"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/cert"
	"github.com/postern-gateway/postern/pki/chain"
)

// chainJudge is the Judge by a chain.Trust.
type chainJudge struct {
	trust *chain.Trust
	peers *chain.Cache
}

// NewJudge makes a Judge of a trust. peers keeps what was found out about a client's certificate from connection to
// connection and from trust to trust; one is enough for the process.
func NewJudge(trust *chain.Trust, peers *chain.Cache) Judge { return &chainJudge{trust, peers} }

// Begin implements Judge.
func (j *chainJudge) Begin(p *message.Peer) {
	peer := j.peer(p)
	if peer == nil {
		return
	}
	p.Verifier = peer
	go j.trust.Begin(peer)
}

// peer is what is known of the certificates, nil if they cannot be read.
func (j *chainJudge) peer(p *message.Peer) *chain.Peer {
	if known, ok := p.Verifier.(*chain.Peer); ok {
		return known
	}
	raw := make([][]byte, 0, 1+len(p.Sent))
	raw = append(raw, p.Leaf.Raw)
	for _, c := range p.Sent {
		raw = append(raw, c.Raw)
	}
	peer, err := j.peers.Peer(raw)
	if err != nil {
		return nil
	}
	return peer
}

// VerifyPeer implements Judge. A revocation fetch is bounded by the trust's own limits.
func (j *chainJudge) VerifyPeer(_ context.Context, p *message.Peer, revocation bool) policy.Verdict {
	if p == nil || p.Leaf == nil {
		return policy.Verdict{Explanation: "there is no certificate"}
	}
	peer := j.peer(p)
	if peer == nil {
		return policy.Verdict{Explanation: "the certificate cannot be read"}
	}
	return j.verdict(peer, revocation)
}

// VerifyCertificate implements Judge.
func (j *chainJudge) VerifyCertificate(ctx context.Context, c *cert.Certificate, revocation bool) policy.Verdict {
	if c == nil {
		return policy.Verdict{Explanation: "there is no certificate"}
	}
	return j.VerifyPeer(ctx, &message.Peer{Leaf: c}, revocation)
}

func (j *chainJudge) verdict(peer *chain.Peer, revocation bool) policy.Verdict {
	judge := j.trust.ResultNoRevocation
	if revocation {
		judge = j.trust.Result
	}
	result := judge(peer)
	v := policy.Verdict{OK: result.Verdict, Judged: result}
	for _, f := range result.Status {
		v.Status = append(v.Status, string(f))
	}
	if len(result.Chain) > 1 {
		v.Issuer = result.Chain[1]
	}
	if !v.OK {
		v.Explanation = result.Explanation.Summary
	}
	return v
}
