package policy

import (
	"errors"
	"fmt"

	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/internal/message"
)

// Done is what a step returns that has answered the request: nothing else runs.
var Done = errors.New("the request has been answered")

// Failure is an error that a policy raises, as context.LastError shows it.
type Failure struct {
	// Source is the policy or built-in step; empty: the policy that returned it.
	Source string
	// Reason is the stable word for programs, Message the text.
	Reason, Message string
	// Status is the answer's status; zero: 500.
	Status int
	// Public is the message in the default answer's body; empty: that of status 500, which tells nothing.
	Public string
	// Header are fields of the default answer (Retry-After).
	Header message.Header
	// Err is the cause, for the log and the trace; may be nil.
	Err error
}

func (f *Failure) Error() string { return f.Reason + ": " + f.Message }
func (f *Failure) Unwrap() error { return f.Err }

// response is the default answer.
func (f *Failure) response(id message.ID) *message.Response {
	var r *message.Response
	if f.Public == "" || f.Status == 0 {
		r = message.InternalErrorResponse(id)
	} else {
		r = message.ErrorResponse(f.Status, f.Public)
	}
	for _, h := range f.Header {
		r.Header.Add(h.Name, h.Value)
	}
	return r
}

// The reasons that are not one policy's own.
const (
	ReasonExpression = "ExpressionValueEvaluationFailure"
	ReasonInternal   = "InternalServerError"
)

// asFailure makes a Failure of what a step returned.
func asFailure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	if e, ok := errors.AsType[*types.Exception](err); ok {
		return &Failure{Reason: ReasonExpression, Message: "Expression evaluation failed. " + e.Message(), Err: err}
	}
	if e, ok := errors.AsType[*types.Exceeded](err); ok {
		return &Failure{Reason: ReasonExpression, Message: "Expression evaluation failed. " + e.Error() + ".", Err: err}
	}
	if e, ok := errors.AsType[*message.TransportError](err); ok {
		return &Failure{Reason: e.Reason, Message: e.Err.Error(), Err: err}
	}
	return &Failure{Reason: ReasonInternal, Message: "The policy failed.", Err: err}
}

// panicked is a bug, caught at the edge of the request.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }

// LastError is what context.LastError shows.
type LastError struct {
	Source, Reason, Message, Scope, Section, Path, PolicyID string
	// Status is the status of the default answer.
	Status int
}
