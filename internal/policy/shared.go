package policy

import (
	"runtime/debug"
	"slices"

	"github.com/postern-gateway/postern/internal/message"
	"github.com/postern-gateway/postern/internal/policy/jwt"
	"github.com/postern-gateway/postern/internal/policy/memory"
)

// Shared is what policies of all requests share: what they remember, and what they have been told by others.
type Shared struct {
	// Cache is the internal cache.
	Cache *memory.Cache
	// Limits count calls.
	Limits *memory.Limits
	// OpenID has the keys of token issuers.
	OpenID *jwt.Source
}

// Keeper is a Gateway whose policies remember. One that is none (a rehearsal, an offline run) finds nothing in the cache,
// keeps and counts nothing, and fetches no keys.
type Keeper interface {
	// Shared is nil, or none of its parts is.
	Shared() *Shared
}

// Shared is what the policies of the gateway share; nil if it remembers nothing.
func (x *Run) Shared() *Shared {
	if k, ok := x.Gateway.(Keeper); ok {
		return k.Shared()
	}
	return nil
}

// After has f called once all sections have run, with the answer that will be sent, in the order of the calls. It is
// called however the request ended, and must not fail.
func (x *Run) After(f func(x *Run, r *message.Response)) { x.after = append(x.after, f) }

// First reports whether it is asked about the key for the first time in this request.
func (x *Run) First(key string) bool {
	if x.Seen(key) {
		return false
	}
	x.counted = append(x.counted, key)
	return true
}

// Seen reports whether First was asked about the key in this request.
func (x *Run) Seen(key string) bool { return slices.Contains(x.counted, key) }

// finish calls what waits for the end; a panic in it is logged and changes nothing else.
func (x *Run) finish(r *message.Response) {
	if len(x.after) == 0 {
		return
	}
	x.Response = r
	for _, f := range x.after {
		x.call(f, r)
	}
}

func (x *Run) call(f func(x *Run, r *message.Response), r *message.Response) {
	defer func() {
		if v := recover(); v != nil {
			x.Exchange.Notes.Fault = &panicked{v, debug.Stack()}
		}
	}()
	f(x, r)
}
