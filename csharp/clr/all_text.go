package clr

import "github.com/postern-gateway/postern/csharp/types"

func textDecls() []*types.Decl {
	return nil
}
