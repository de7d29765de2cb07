// XML LINQ (System.Xml.Linq) and what little of System.Xml goes with it live here, in the xml_*.go files.

package clr

import "github.com/postern-gateway/postern/csharp/types"

// xmlDecls are System.Xml.Linq and System.Xml.
func xmlDecls() []*types.Decl { return nil }
