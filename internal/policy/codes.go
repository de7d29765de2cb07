package policy

import "github.com/postern-gateway/postern/internal/policy/policyxml"

// The codes of diagnostics about policy documents. They are stable; those of the XML itself are in policyxml
// (PST0001 to PST0006), those of C# keep their own numbers (CS0103). Codes lists them with what they mean.
const (
	CodeRoot            = "PST0100"
	CodeSection         = "PST0101"
	CodeUnknownElement  = "PST0102"
	CodeUnsupported     = "PST0103"
	CodeWrongSection    = "PST0104"
	CodeWrongScope      = "PST0105"
	CodeOnce            = "PST0106"
	CodeBackendOne      = "PST0107"
	CodeUnknownAttr     = "PST0110"
	CodeMissingAttr     = "PST0111"
	CodeAttrValue       = "PST0112"
	CodeNoExpression    = "PST0113"
	CodeMixed           = "PST0114"
	CodeConflict        = "PST0115"
	CodeUnknownChild    = "PST0120"
	CodeMissingChild    = "PST0121"
	CodeTooMany         = "PST0122"
	CodeText            = "PST0123"
	CodeNamedValue      = "PST0130"
	CodeTemplate        = "PST0133"
	CodeReference       = "PST0131"
	CodeFragment        = "PST0132"
	CodeNotRunnableAPIM = "PST0140"
	CodeInternal        = "PST0190"
)

// Code is one code with its meaning.
type Code struct {
	Code, Meaning string
}

// Codes are the codes of diagnostics other than C#'s, in order.
func Codes() []Code {
	return []Code{
		{policyxml.CodeXML, "the document is not well-formed"},
		{policyxml.CodeTooLarge, "the document is too large"},
		{policyxml.CodeTooDeep, "elements nest too deep"},
		{policyxml.CodeDocumentType, "the document has a document type"},
		{policyxml.CodeUnclosed, "an expression has no closing bracket"},
		{policyxml.CodeEncoding, "the document is not UTF-8, or has characters that XML does not have"},
		{CodeRoot, "the root is neither policies nor fragment"},
		{CodeSection, "policies holds something else than its four sections, or one of them twice"},
		{CodeUnknownElement, "there is no policy of this name"},
		{CodeUnsupported, "API Management has this, Postern does not have it yet"},
		{CodeWrongSection, "the policy may not stand in this section"},
		{CodeWrongScope, "the policy may not stand at this scope"},
		{CodeOnce, "the policy may stand once only"},
		{CodeBackendOne, "backend holds more than one policy"},
		{CodeUnknownAttr, "the element has no attribute of this name"},
		{CodeMissingAttr, "a required attribute is absent"},
		{CodeAttrValue, "the value is not one that the attribute or the text takes"},
		{CodeNoExpression, "no expression may stand here"},
		{CodeMixed, "text and an expression are mixed, which is not evaluated"},
		{CodeConflict, "two attributes exclude each other, or one of several is needed"},
		{CodeUnknownChild, "the element may not stand inside this one"},
		{CodeMissingChild, "a required child element is absent"},
		{CodeTooMany, "there are more elements of this name than may be"},
		{CodeText, "the element has text where none may be, or none where it must be"},
		{CodeNamedValue, "a named value is not known"},
		{CodeTemplate, "a placeholder of a template language (Terraform) is not checked offline"},
		{CodeReference, "a certificate, backend or other entity is not known"},
		{CodeFragment, "a fragment is not known, or includes another"},
		{CodeNotRunnableAPIM, "it runs here, and API Management would refuse it"},
		{CodeInternal, "the compiler fails over the expression, which is a mistake of Postern"},
	}
}
