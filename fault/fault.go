// Package fault is the one vocabulary of failures a caller can act on.
//
// Lower layers say what happened (a Kind and a sentence); each front spells a
// Kind for its own protocol in one function. An error that carries no Kind is
// Internal: the front shows nothing of it and logs it.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what happened, in terms every front can translate.
type Kind uint8

const (
	// Internal is a failure of Postern itself; the zero value, so that an
	// unclassified error is never shown to a client.
	Internal Kind = iota
	// Invalid is input that is wrong in itself; trying again will not help.
	Invalid
	// NotFound is a thing that is not there.
	NotFound
	// AlreadyExists is a thing that may not be created twice.
	AlreadyExists
	// PreconditionFailed is an If-Match that does not hold.
	PreconditionFailed
	// Conflict is a change that other things stand against (still referenced, busy).
	Conflict
	// Unauthenticated is a caller whose identity is not proved.
	Unauthenticated
	// Forbidden is a known caller who may not do this.
	Forbidden
	// TooLarge is input over a limit.
	TooLarge
	// Unavailable is a peer or a resource that is not there now; trying again may help.
	Unavailable
	// Unsupported is a thing that Postern does not do (yet).
	Unsupported
)

var kindNames = [...]string{
	Internal: "internal", Invalid: "invalid", NotFound: "not found", AlreadyExists: "already exists",
	PreconditionFailed: "precondition failed", Conflict: "conflict", Unauthenticated: "unauthenticated",
	Forbidden: "forbidden", TooLarge: "too large", Unavailable: "unavailable", Unsupported: "unsupported",
}

// Kinds lists every Kind, so that fronts can test that they spell each.
func Kinds() []Kind {
	kinds := make([]Kind, len(kindNames))
	for i := range kinds {
		kinds[i] = Kind(i)
	}
	return kinds
}

// String is the Kind in words.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Error is a failure with its Kind.
type Error struct {
	// Kind says what happened.
	Kind Kind
	// Code is a stable word for programs ("CertificatePasswordIncorrect"); empty: the front chooses one by Kind.
	Code string
	// Message is for people; it is shown to the client.
	Message string
	// Target names the field or argument at fault; empty if none.
	Target string
	// Details are the single faults, where there are several (diagnostics of a document).
	Details []Detail
	// Err is the cause, for the log only; may be nil.
	Err error
}

// Detail is one fault of several.
type Detail struct {
	Code, Target, Message string
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// New makes an Error of the given Kind.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error of the given Kind whose cause is err.
func Wrap(k Kind, err error, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...), Err: err}
}

// KindOf is the Kind of the first Error in err's tree, Internal if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
