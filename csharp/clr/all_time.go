package clr

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// timeDecls are dates, times and time zones.
func timeDecls() []*types.Decl {
	return slices.Concat(dateTimeDecls(), timeSpanDecls(), dateTimeOffsetDecls(), timeZoneDecls())
}
