package clr

import "github.com/postern-gateway/postern/csharp/types"

func coreDecls() []*types.Decl {
	return nil
}
