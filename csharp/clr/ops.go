package clr

import "github.com/postern-gateway/postern/csharp/types"

// ops are the operations that the language asks of the library.
func ops() types.Ops { return types.Ops{} }
