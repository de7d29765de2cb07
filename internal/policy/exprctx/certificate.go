package exprctx

import (
	"crypto"

	"github.com/postern-gateway/postern/csharp/clr"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/pki/cert"
)

// newCertificate makes the X509Certificate2 of a certificate entity, which Verify() judges as any certificate of an
// expression.
func newCertificate(c *cert.Certificate, key crypto.Signer) *clr.Certificate {
	return clr.NewCertificate(c, key)
}

// JudgeCertificate implements clr.CertificateJudge: X509Certificate2.Verify() goes to the gateway.
func (c *Context) JudgeCertificate(_ *types.Thread, of *cert.Certificate, revocation bool) bool {
	return c.run != nil && c.run.VerifyCertificate(of, revocation).OK
}

var _ clr.CertificateJudge = (*Context)(nil)

// certificate is context.Request.Certificate, made once for a connection; null where no certificate was sent.
func (c *Context) certificate() types.Value {
	p := c.run.Peer()
	if p == nil || p.Leaf == nil {
		return types.Null
	}
	if o := p.Object.Load(); o != nil {
		return types.Value{Ref: o}
	}
	p.Object.CompareAndSwap(nil, peerCertificate(p))
	return types.Value{Ref: p.Object.Load()}
}

// peerCertificate is the client's certificate. It is judged as the peer of its connection, with what else the client sent.
func peerCertificate(p *message.Peer) *clr.Certificate {
	object := clr.NewCertificate(p.Leaf, nil)
	object.Judge = func(t *types.Thread, revocation bool) bool {
		c, ok := t.Host.(*Context)
		if !ok || c.run == nil {
			return false
		}
		if c.run.Peer() == p {
			return c.run.VerifyPeer(revocation).OK
		}
		return c.run.VerifyCertificate(p.Leaf, revocation).OK
	}
	return object
}

// certificateMembers are what API Management adds to X509Certificate2.
func certificateMembers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("static bool VerifyNoRevocation(this "+x509+" certificate)", types.Impl{F1: func(t *types.Thread, _, of types.Value) types.Value {
			certificate, ok := of.Ref.(*clr.Certificate)
			if !ok {
				types.ThrowNull("certificate")
			}
			return types.Bool(certificate.Verify(t, false))
		}}),
	}
}
