package clr

import "github.com/postern-gateway/postern/csharp/types"

func linqDecls() []*types.Decl {
	return nil
}
