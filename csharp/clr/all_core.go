package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// coreDecls are object, the exceptions, numbers, text and what goes with them.
func coreDecls() []*types.Decl {
	return slices.Concat(basicDecls(), objectDecls(), enumDecls(), exceptionDecls(), boolDecls(), charDecls(), nullableDecls(), integerDecls(), floatDecls(), decimalDecls(),
		mathDecls(), stringDecls(), stringComparerDecls(), stringBuilderDecls(), convertDecls(), bitConverterDecls(), guidDecls(), randomDecls())
}
