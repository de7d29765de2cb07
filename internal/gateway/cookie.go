package gateway

import (
	"strings"

	"github.com/postern-gateway/postern/internal/message"
)

// portalCookie is the name of the portal's cookie. Cookies know no ports, so that a browser sends it to the gateway of the
// same machine too; no policy and no backend may see it.
const portalCookie = "__Host-postern"

// dropPortalCookie takes the portal's cookie out of the Cookie fields, and a field that then holds nothing.
func dropPortalCookie(h *message.Header) {
	for i := 0; i < len(*h); i++ {
		f := &(*h)[i]
		if len(f.Name) != len("Cookie") || !strings.EqualFold(f.Name, "Cookie") || !strings.Contains(f.Value, portalCookie) {
			continue
		}
		var kept []string
		for pair := range strings.SplitSeq(f.Value, ";") {
			if name, _, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.TrimSpace(name) != portalCookie {
				kept = append(kept, strings.TrimSpace(pair))
			}
		}
		if f.Value = strings.Join(kept, "; "); f.Value == "" {
			*h = append((*h)[:i], (*h)[i+1:]...)
			i--
		}
	}
}
