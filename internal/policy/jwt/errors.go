package jwt

import "fmt"

// Kind is what is wrong with a token.
type Kind uint8

// The kinds.
const (
	// Malformed: it cannot be read, or has something that is not understood.
	Malformed Kind = iota
	// Signature: the key that it names did not make the signature, or it has none.
	Signature
	// KeyNotFound: none of the keys made the signature.
	KeyNotFound
	// Expired, and Lifetime for whatever else is wrong with its times.
	Expired
	Lifetime
	// Audience and Issuer: it is for somebody else, or by somebody else.
	Audience
	Issuer
	// Decryption: it is encrypted and none of the keys opens it.
	Decryption
)

// Error says what is wrong with a token, in the library's words.
type Error struct {
	Kind Kind
	// Code is the library's ("IDX10223"), Message its text with the code before it.
	Code, Message string
}

func (e *Error) Error() string { return e.Message }

func wrong(k Kind, code, format string, args ...any) *Error {
	return &Error{k, code, code + ": " + fmt.Sprintf(format, args...)}
}
