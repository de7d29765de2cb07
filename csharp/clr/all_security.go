package clr

import "github.com/postern-gateway/postern/csharp/types"

func securityDecls() []*types.Decl {
	return nil
}
