package arm

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/internal/resource"
	"github.com/postern-gateway/postern/pki/cert"
)

// keptAuthority is the stored CA certificate that an entry without a certificate of its own stands for: the one with the
// thumbprint that GET showed, whatever place it had, so that a client adds and deletes others without having their files.
// An entry that names none stands for the one at its place, if the list is not written at all.
func keptAuthority(c *change, entry map[string]any, place int, unchanged bool) (resource.Identity, bool) {
	shown, _ := entry["certificate"].(map[string]any)
	thumbprint, _ := shown["thumbprint"].(string)
	if c.old == nil {
		return resource.Identity{}, false
	}
	if thumbprint == "" {
		kept, ok := c.old.Hidden.Identities[fmt.Sprintf("ca/%d", place)]
		return kept, ok && unchanged
	}
	for slot, kept := range c.old.Hidden.Identities {
		if !strings.HasPrefix(slot, "ca/") {
			continue
		}
		if stored, err := cert.Parse(kept.Certificate); err == nil && strings.EqualFold(stored.Thumbprint(), thumbprint) {
			return kept, true
		}
	}
	return resource.Identity{}, false
}
