// Cryptography (System.Security.Cryptography) lives here, in the crypto_*.go files.

package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// cryptoDecls are System.Security.Cryptography.
func cryptoDecls() []*types.Decl {
	return slices.Concat(hashDecls(), hmacDecls(), hashNameDecls(), rsaPaddingDecls(), symmetricDecls(), rsaDecls(), rngDecls())
}
