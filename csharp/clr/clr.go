// Package clr is the .NET class library as policy expressions may use it: one
// Go file per .NET type, its members declared in C#'s own words beside the Go
// functions that do them. conformance/members.txt has what there is to declare.
package clr

import (
	"slices"
	"sync"

	"github.com/postern-gateway/postern/csharp/types"
)

// Universe is the class library. It is made at the first call and shared.
var Universe = sync.OnceValue(func() *types.Universe { return types.NewUniverse(decls(), ops()) })

// decls lists every type, by group; each group's list stands in the file named after it.
func decls() []*types.Decl {
	return slices.Concat(coreDecls(), textDecls(), timeDecls(), collectionDecls(), linqDecls(), dataDecls(), securityDecls(),
		xmlDecls(), cryptoDecls())
}
