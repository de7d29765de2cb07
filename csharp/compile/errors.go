package compile

import "github.com/postern-gateway/postern/csharp/types"

// The exceptions that the language itself throws, with .NET's messages.

func throwOverflow() {
	types.Throw(types.OverflowException, "Arithmetic operation resulted in an overflow.")
}

func throwDivideByZero() {
	types.Throw(types.DivideByZeroException, "Attempted to divide by zero.")
}

func throwDecimalOverflow() {
	types.Throw(types.OverflowException, "Value was either too large or too small for a Decimal.")
}

func throwIndex() {
	types.Throw(types.IndexOutOfRangeException, "Index was outside the bounds of the array.")
}
