package gateway

import (
	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy"
)

// preflight is the method that a CORS preflight asks about, empty if the request is none (Fetch standard, CORS-preflight
// fetch). An API that has an operation for OPTIONS there answers by itself.
func preflight(r *message.Request) string {
	if r.Method != "OPTIONS" || !r.Header.Has("Origin") {
		return ""
	}
	return r.Header.Get("Access-Control-Request-Method")
}

// Shared implements policy.Keeper.
func (f *forwarder) Shared() *policy.Shared { return f.snapshot.options.Shared }

var _ policy.Keeper = (*forwarder)(nil)
