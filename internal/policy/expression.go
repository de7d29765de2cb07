package policy

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/source"
)

// Want is the type that an expression must have.
type Want uint8

// The types asked of expressions.
const (
	WantAny Want = iota
	WantBool
)

// Language compiles the C# of documents; exprctx has the one that runs.
type Language interface {
	// Compile compiles the whole of "@( … )" or "@{ … }". dynamic are the names that stand for named values which
	// are not known: globals of type dynamic. Spans are offsets in code. The Expression is nil exactly if a
	// diagnostic is an error.
	Compile(code string, want Want, dynamic []string) (Expression, []source.Diagnostic)
}

// Remarker is a Language that knows what API Management refuses.
type Remarker interface {
	// Remarks are warnings about what an expression that compiles uses here and could not use there, by the arguments of Compile.
	Remarks(code string, want Want, dynamic []string) []source.Diagnostic
}

// Expression is compiled C#. Its methods evaluate it once; their errors are *types.Exception or *types.Exceeded.
type Expression interface {
	// Text is the result's ToString(); null is true, and the text empty, for a null reference.
	Text(x *Run) (text string, null bool, err error)
	// Bool is the result as a bool; a text that reads "true" or "false" counts.
	Bool(x *Run) (bool, error)
	// Number is the result as a number; a text that reads as one counts.
	Number(x *Run) (float64, error)
	// Bytes is the result as a body: a byte[] as it is, otherwise its text in UTF-8; null gives none.
	Bytes(x *Run) ([]byte, error)
	// Object is the result as an object of csharp/types, nil for null.
	Object(x *Run) (any, error)
}

// Text is an attribute's or element's text: fixed, or an expression.
type Text struct {
	// Const is the text if there is no expression.
	Const string
	// Expr is evaluated for each request; nil if the text is fixed.
	Expr Expression
	// Set tells that the attribute or text is there.
	Set bool
}

// Eval is the text; null gives the empty text.
func (t *Text) Eval(x *Run) (string, error) {
	if t.Expr == nil {
		return t.Const, nil
	}
	s, _, err := t.Expr.Text(x)
	return s, err
}

// EvalNull is Eval that tells null.
func (t *Text) EvalNull(x *Run) (s string, null bool, err error) {
	if t.Expr == nil {
		return t.Const, false, nil
	}
	return t.Expr.Text(x)
}

// Bool is a boolean attribute.
type Bool struct {
	Const bool
	Expr  Expression
	Set   bool
}

// Eval is the value for this request.
func (b *Bool) Eval(x *Run) (bool, error) {
	if b.Expr == nil {
		return b.Const, nil
	}
	return b.Expr.Bool(x)
}

// Float is a numeric attribute.
type Float struct {
	Const float64
	Expr  Expression
	Set   bool
}

// Eval is the value for this request.
func (f *Float) Eval(x *Run) (float64, error) {
	if f.Expr == nil {
		return f.Const, nil
	}
	return f.Expr.Number(x)
}

// parseBool reads a literal boolean, without case as .NET's Boolean.Parse does.
func parseBool(s string) (value, ok bool) {
	switch s = strings.TrimSpace(s); {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

func parseNumber(s string, whole bool) (float64, bool) {
	s = strings.TrimSpace(s)
	if whole {
		n, err := strconv.ParseInt(s, 10, 64)
		return float64(n), err == nil
	}
	if strings.ContainsAny(s, "xXpP_iInN") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
