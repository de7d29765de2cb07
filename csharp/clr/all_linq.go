package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

func linqDecls() []*types.Decl {
	enumerable := types.T("static class System.Linq.Enumerable", slices.Concat(
		linqFilterMembers(), linqSliceMembers(), linqCombineMembers(), linqMakeMembers(), linqSetMembers(), linqOrderMembers(), linqGroupMembers(), linqJoinMembers(),
		linqElementMembers(), linqTestMembers(), linqFoldMembers(), linqNumberMembers(), linqExtremeMembers(), linqConvertMembers())...)
	return slices.Concat(groupingDecls(), orderedDecls(), []*types.Decl{enumerable}, iteratorDecls())
}
