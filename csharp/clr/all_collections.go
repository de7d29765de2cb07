package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

func collectionDecls() []*types.Decl {
	return slices.Concat(enumerationDecls(), collectionInterfaceDecls(), keyValueDecls(), dictionaryInterfaceDecls(), comparerDecls(),
		arrayDecls(), listDecls(), []*types.Decl{readOnlyDecl()}, dictionaryDecls(), hashSetDecls(),
		queueDecl(false), queueDecl(true), tupleDecls(), collectionExtensionDecls())
}
