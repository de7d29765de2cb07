package gateway

import (
	"context"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
	"github.com/postern-gateway/postern/pki/chain"
	"github.com/postern-gateway/postern/pki/revocation"
)

// modeJudge is a chainJudge that knows its trust in other revocation modes.
type modeJudge struct {
	*chainJudge
	in func(revocation.Mode) *chain.Trust
}

// NewModeJudge is NewJudge for a service whose policies may ask for another revocation mode than its own: in gives the
// trust of a mode. It must be quick and safe for concurrent use.
func NewModeJudge(trust *chain.Trust, peers *chain.Cache, in func(revocation.Mode) *chain.Trust) Judge {
	return &modeJudge{&chainJudge{trust, peers}, in}
}

// VerifyPeerMode implements policy.RevocationJudge.
func (j *modeJudge) VerifyPeerMode(ctx context.Context, p *message.Peer, mode revocation.Mode) policy.Verdict {
	other := chainJudge{j.in(mode), j.peers}
	return other.VerifyPeer(ctx, p, true)
}

// verifyMode judges in a mode. A Judge that knows no modes judges as it always does.
func verifyMode(ctx context.Context, j Judge, p *message.Peer, mode revocation.Mode) policy.Verdict {
	if knows, ok := j.(policy.RevocationJudge); ok {
		return knows.VerifyPeerMode(ctx, p, mode)
	}
	return j.VerifyPeer(ctx, p, true)
}

// VerifyPeerMode implements policy.RevocationJudge, by the present trust as VerifyPeer does.
func (f *forwarder) VerifyPeerMode(ctx context.Context, p *message.Peer, mode revocation.Mode) policy.Verdict {
	for {
		now := f.snapshot.present()
		v := verifyMode(ctx, now.judge, p, mode)
		if !v.OK || p == nil {
			return v
		}
		p.RelyMode(mode)
		if f.snapshot.present() == now {
			return v
		}
	}
}
