package types

import "github.com/postern-gateway/postern/source"

// Exception is a .NET exception object, and the Go panic that carries it.
type Exception struct {
	// T is its run-time type.
	T *Type
	// Text is Message; nil: the type's default message.
	Text *String
	// Inner is InnerException, nil if there is none.
	Inner *Exception
	// ParamName is ArgumentException.ParamName; nil where there is none.
	ParamName *String
	// Payload is whatever else a type of exception keeps.
	Payload any
	// Span is the place in the expression where it was thrown, once known.
	Span source.Span
}

// ClrType is the exception's run-time type.
func (e *Exception) ClrType() *Type { return e.T }

// Message is what .NET's Message property gives.
func (e *Exception) Message() string {
	if e.Text == nil {
		return "Exception of type '" + e.T.FullName() + "' was thrown."
	}
	return e.Text.Go()
}

func (e *Exception) Error() string { return e.T.FullName() + ": " + e.Message() }

// Throw raises an exception of type typ (one of the well-known ones, FormatException and so on) with the message.
func Throw(typ *Type, message string) {
	panic(&Exception{T: typ, Text: NewString(message)})
}

// ThrowArgument raises an ArgumentException (or a kind of it) about a parameter, whose name .NET appends to the message.
func ThrowArgument(typ *Type, message, param string) {
	panic(&Exception{T: typ, Text: NewString(message + " (Parameter '" + param + "')"), ParamName: NewString(param)})
}

// ThrowNull raises ArgumentNullException about a parameter.
func ThrowNull(param string) { ThrowArgument(ArgumentNullException, "Value cannot be null.", param) }

// ThrowNullReference raises NullReferenceException.
func ThrowNullReference() {
	Throw(NullReferenceException, "Object reference not set to an instance of an object.")
}
