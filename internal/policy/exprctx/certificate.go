package exprctx

import (
	"crypto"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/pki/cert"
)

// newCertificate makes the X509Certificate2 of a certificate that is no client's own: judged against the service's stores.
func newCertificate(c *cert.Certificate, key crypto.Signer) any {
	return nil
}

// certificate is context.Request.Certificate, made once for a connection; null where no certificate was sent.
func (c *Context) certificate() types.Value {
	return types.Null
}

// certificateMembers are what API Management adds to X509Certificate2.
func certificateMembers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("static bool VerifyNoRevocation(this "+x509+" certificate)", types.Raw(func(t *types.Thread, _ types.Value, args []types.Value) types.Value {
			if args[0].Ref == nil {
				types.ThrowNull("certificate")
			}
			return types.Bool(verify(t, args[0].Ref, false))
		})),
	}
}

// verify judges the certificate of an X509Certificate2.
func verify(t *types.Thread, certificate any, revocation bool) bool {
	return false
}
