package clr

import "github.com/postern-gateway/postern/csharp/types"

func timeDecls() []*types.Decl {
	return nil
}
