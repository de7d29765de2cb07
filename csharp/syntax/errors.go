package syntax

import (
	"fmt"

	"github.com/postern-gateway/postern/source"
)

// code is a mistake as Roslyn numbers it, with its text.
type code struct {
	id, format string
}

// at makes the diagnostic of c at a place.
func (c code) at(e Extent, args ...any) source.Diagnostic {
	msg := c.format
	if len(args) > 0 {
		msg = fmt.Sprintf(msg, args...)
	}
	return source.Diagnostic{Code: c.id, Severity: source.Error, Message: msg, Span: e.Span()}
}

var (
	errAsync             = code{"PST2001", "'async' is not supported in policy expressions."}
	errInvalidRank       = code{"CS0178", "Invalid rank specifier: expected ',' or ']'"}
	errArraySize         = code{"CS0270", "Array size cannot be specified in a variable declaration (try initializing with a 'new' expression)"}
	errBadForeach        = code{"CS0230", "Type and identifier are both required in a foreach statement"}
	errValueExpected     = code{"CS0443", "Syntax error; value expected"}
	errConstant          = code{"CS0150", "A constant value is expected"}
	errSwitchParens      = code{"CS8415", "Parentheses are required around the switch governing expression."}
	errNoBody            = code{"CS8112", "Local function '%s()' must declare a body because it is not marked 'static extern'."}
	errAwait             = code{"CS4032", "The 'await' operator can only be used within an async method. Consider marking this method with the 'async' modifier and changing its return type to 'Task<object>'."}
	errRealTooLarge      = code{"CS0594", "Floating-point constant is outside the range of type '%s'"}
	errBadReal           = code{"CS0595", "Invalid real literal."}
	errArrayInit         = code{"CS0623", "Array initializers can only be used in a variable or field initializer. Try using a new expression instead."}
	errQueryEnd          = code{"CS0742", "A query body must end with a select clause or a group clause"}
	errJoinOrder         = code{"CS0743", "Expected contextual keyword 'on'"}
	errJoinEquals        = code{"CS0744", "Expected contextual keyword 'equals'"}
	errGroupBy           = code{"CS0745", "Expected contextual keyword 'by'"}
	errAnonymousName     = code{"CS0746", "Invalid anonymous type member declarator. Anonymous type members must be declared with a member assignment, simple name or member access."}
	errMissingArgument   = code{"CS0839", "Argument missing"}
	errIdentifier        = code{"CS1001", "Identifier expected"}
	errSemicolon         = code{"CS1002", "; expected"}
	errSyntax            = code{"CS1003", "Syntax error, '%s' expected"}
	errBadEscape         = code{"CS1009", "Unrecognized escape sequence"}
	errNewlineInConst    = code{"CS1010", "Newline in constant"}
	errEmptyChar         = code{"CS1011", "Empty character literal"}
	errSecondType        = code{"CS1044", "Cannot use more than one type in a for, using, fixed, or declaration statement"}
	errTooManyChars      = code{"CS1012", "Too many characters in character literal"}
	errBadNumber         = code{"CS1013", "Invalid number"}
	errConstNeedsValue   = code{"CS0145", "A const field requires a value to be provided"}
	errIntTooLarge       = code{"CS1021", "Integral constant is too large"}
	errEOF               = code{"CS1022", "Type or namespace definition, or end-of-file expected"}
	errEmbeddedDecl      = code{"CS1023", "Embedded statement cannot be a declaration or labeled statement"}
	errDirective         = code{"CS1024", "Preprocessor directive expected"}
	errCloseParen        = code{"CS1026", ") expected"}
	errTypeExpected      = code{"CS1031", "Type expected"}
	errOpenComment       = code{"CS1035", "End-of-file found, '*/' expected"}
	errOpenString        = code{"CS1039", "Unterminated string literal"}
	errDirectivePlace    = code{"CS1040", "Preprocessor directives must appear as the first non-whitespace character on a line"}
	errKeywordIdentifier = code{"CS1041", "Identifier expected; '%s' is a keyword"}
	errBadChar           = code{"CS1056", "Unexpected character '%s'"}
	errUnexpectedToken   = code{"CS1073", "Unexpected token '%s'"}
	errCloseBrace        = code{"CS1513", "} expected"}
	errOpenBrace         = code{"CS1514", "{ expected"}
	errInExpected        = code{"CS1515", "'in' expected"}
	errInvalidMember     = code{"CS1519", "Invalid token '%s' in a member declaration"}
	errEndTry            = code{"CS1524", "Expected catch or finally"}
	errInvalidTerm       = code{"CS1525", "Invalid expression term '%s'"}
	errBadNew            = code{"CS1526", "A new expression requires an argument list or (), [], or {} after type"}
	errBadVarDecl        = code{"CS1528", "Expected ; or = (cannot specify constructor arguments in declaration)"}
	errMissingArraySize  = code{"CS1586", "Array creation must have array size or array initializer"}
	errVerbatim          = code{"CS1646", "Keyword, identifier, or string expected after verbatim specifier: @"}
	errDefaultLambda     = code{"CS1065", "Default values are not valid in this context."}
	errCStyleArray       = code{"CS0650", "Bad array declarator: To declare a managed array the rank specifier precedes the variable's identifier."}
	errExprExpected      = code{"CS1733", "Expected expression"}
	errYieldReturn       = code{"CS1627", "Expression expected after yield return"}
	errStackalloc        = code{"CS8346", "stackalloc is not supported in policy expressions"}
	errPointer           = code{"CS0214", "Pointers and fixed size buffers may only be used in an unsafe context"}
	errDereference       = code{"CS0193", "The * or -> operator must be applied to a pointer"}
	errUnsafe            = code{"CS0227", "Unsafe code may only appear if compiling with /unsafe"}
	errTooComplex        = code{"CS8078", "An expression is too long or complex to compile"}
	errOpenHole          = code{"CS8076", "Missing close delimiter '}' for interpolated expression started with '{'."}
	errUnescapedBrace    = code{"CS8086", "A '%[1]s' character must be escaped (by doubling) in an interpolated string."}
	errEscapedBrace      = code{"CS8087", "A '%[1]s' character may only be escaped by doubling '%[1]s%[1]s' in an interpolated string."}
	errEmptyFormat       = code{"CS8089", "Empty format specifier."}
	errThrowPlace        = code{"CS8115", "A throw expression is not allowed in this context."}
	errTupleElements     = code{"CS8124", "Tuple must contain at least two elements."}
	errHoleTernary       = code{"CS8361", "A conditional expression cannot be used directly in a string interpolation because the ':' ends the interpolation. Parenthesize the conditional expression."}
	errFeature           = code{"CS8370", "Feature '%s' is not available in C# 7.3. Please use language version %s or greater."}
	errAltInterpolated   = code{"CS8401", "To use '@$' instead of '$@' for an interpolated verbatim string, please use language version '8.0' or greater."}
	errElse              = code{"CS8641", "'else' cannot start a statement."}
	errNewlineInHole     = code{"CS8967", "Newlines inside a non-verbatim interpolated string are not supported in C# 7.3. Please use language version 11.0 or greater."}
	errModifier          = code{"CS0106", "The modifier '%s' is not valid for this item"}
	errUnboundGeneric    = code{"CS7003", "Unexpected use of an unbound generic name"}
)
