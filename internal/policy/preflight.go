package policy

import (
	"errors"

	"github.com/postern-gateway/postern/internal/message"
)

// Preflight is how far a run is that answers a CORS preflight: a request by which a browser asks, before the real one,
// whether it may be made (Fetch standard, CORS-preflight fetch). Only cors acts in it, and what leads to one.
type Preflight uint8

// The states of a preflight.
const (
	// NoPreflight: the run is an ordinary request.
	NoPreflight Preflight = iota
	// PreflightAsked: no cors policy has been met yet.
	PreflightAsked
	// PreflightUnmatched: one has, and none that was met allows the request.
	PreflightUnmatched
)

// leads reports whether a policy runs in a preflight: cors, and those that may hold it.
func (p *Place) leads() bool {
	switch p.Element {
	case "cors", "choose", "include-fragment", "base":
		return true
	}
	return false
}

// preflight runs cors policies alone. Where there is none, the request is what it would be without: one for an operation
// that does not exist.
func (x *Run) preflight() *message.Response {
	err := x.section(Inbound)
	switch {
	case err != nil && !errors.Is(err, Done):
		x.noteFault(err)
		x.discard()
		return message.InternalErrorResponse(x.ID)
	case err == nil && x.Preflight == PreflightAsked:
		x.Preflight = NoPreflight
		return x.execute()
	}
	return x.Answer()
}
