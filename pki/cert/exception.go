package cert

// Names of the .NET exceptions that reading certificates throws.
const (
	CryptographicException = "System.Security.Cryptography.CryptographicException"
	ArgumentException      = "System.ArgumentException"
)

// Exception is a failure that .NET reports by throwing.
type Exception struct {
	// Type is the full name of the .NET exception.
	Type string
	// Message is .NET's text.
	Message string
	// Err is what really happened, more exactly than .NET says; may be nil.
	Err error
}

func (e *Exception) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Exception) Unwrap() error { return e.Err }

// errCryptographic is a CryptographicException without a message of its own.
var errCryptographic = &Exception{Type: CryptographicException, Message: "Error occurred during a cryptographic operation."}
