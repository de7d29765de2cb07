package policy

import (
	"context"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/revocation"
)

// RevocationJudge is a Gateway that can judge a client's certificate in another revocation mode than the service's.
type RevocationJudge interface {
	// VerifyPeerMode is Gateway.VerifyPeer with revocation, where unknown means what mode says.
	VerifyPeerMode(ctx context.Context, p *message.Peer, mode revocation.Mode) Verdict
}

// VerifyPeerMode is VerifyPeer with revocation in the given mode. A gateway that knows no modes judges in its own, which
// the policy cannot open.
func (x *Run) VerifyPeerMode(mode revocation.Mode) Verdict {
	j, ok := x.Gateway.(RevocationJudge)
	p := x.Peer()
	if !ok || p == nil {
		return x.VerifyPeer(true)
	}
	return x.note(j.VerifyPeerMode(x.Context(), p, mode))
}
