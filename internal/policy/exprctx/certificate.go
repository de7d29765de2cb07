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
