package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

func securityDecls() []*types.Decl {
	return slices.Concat(oidDecls(), asnDecls(), extensionDecls(), distinguishedNameDecls(), publicKeyDecls(), certificateDecls(), rsaExtensionDecls())
}
