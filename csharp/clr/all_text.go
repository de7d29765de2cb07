package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// textDecls are System.Uri, System.Text, System.Net, System.IO and regular expressions; string and StringBuilder are coreDecls'.
func textDecls() []*types.Decl {
	return slices.Concat(uriDecls(), regexDecls(), encodingDecls(), []*types.Decl{webUtilityDecl()}, ipDecls(), stringReaderDecls(), stringWriterDecls())
}
