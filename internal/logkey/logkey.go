// Package logkey has the attribute keys of Postern's logs, so that a fact has
// one name everywhere.
package logkey

// The keys.
const (
	Component = "component"
	Error     = "error"
	Method    = "method"
	Path      = "path"
	Host      = "host"
	Status    = "status"
	Remote    = "remote"
	RequestID = "request_id"
	Reason    = "reason"
	Detail    = "detail"
	Policy    = "policy"
	Verdict   = "verdict"
	// VerdictReason is the word of docs/reasons.md for the verdict.
	VerdictReason = "verdict_reason"
	// Paths are the paths that were tried for a certificate that was refused.
	Paths     = "paths"
	Cert      = "certificate"
	Revision  = "revision"
	Duration  = "duration"
	Principal = "principal"
	Resource  = "resource"
	Address   = "address"
)
