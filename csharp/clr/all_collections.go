package clr

import "github.com/postern-gateway/postern/csharp/types"

func collectionDecls() []*types.Decl {
	return nil
}
