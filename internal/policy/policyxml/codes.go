package policyxml

// The codes of diagnostics of this package. They are stable.
const (
	// CodeXML is a document that is not well-formed.
	CodeXML = "PST0001"
	// CodeTooLarge is a document over the size that is taken.
	CodeTooLarge = "PST0002"
	// CodeTooDeep is a document whose elements nest too deep.
	CodeTooDeep = "PST0003"
	// CodeDocumentType is a document with a document type.
	CodeDocumentType = "PST0004"
	// CodeUnclosed is an expression without its closing bracket.
	CodeUnclosed = "PST0005"
	// CodeEncoding is a document that is not UTF-8, or has characters that XML does not have.
	CodeEncoding = "PST0006"
)
