package clr

import "github.com/postern-gateway/postern/csharp/types"

func dataDecls() []*types.Decl {
	return jsonDecls()
}
