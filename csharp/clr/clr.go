// Package clr is the .NET class library as policy expressions may use it: one
// Go file per .NET type, its members declared in C#'s own words beside the Go
// functions that do them. conformance/members.txt has what there is to declare.
package clr

import (
	"slices"
	"sync"

	"github.com/postern-gateway/postern/csharp/types"
)

// library makes the universe. It is set by init, so that what declarations are made of may ask for the universe without an initialization cycle.
var library func() *types.Universe

func init() {
	library = sync.OnceValue(func() *types.Universe { return types.NewUniverse(decls(), ops()) })
}

// Universe is the class library. It is made at the first call and shared.
func Universe() *types.Universe { return library() }

// decls lists every type, by group; each group's list stands in the file named after it.
func decls() []*types.Decl {
	return extend(slices.Concat(coreDecls(), textDecls(), timeDecls(), collectionDecls(), linqDecls(), dataDecls(), securityDecls(),
		xmlDecls(), cryptoDecls(), unnamedDecls()), cultureOverloads(), streamOverloads(), jsonOverloads(), seldomOverloads())
}
