package csharp

import (
	"slices"
	"sort"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/compile"
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// Env is what an expression may refer to.
type Env struct {
	// Universe are the types.
	Universe *types.Universe
	// Globals are the names that stand for values: "context".
	Globals []Global
	// Want, if not nil, is the type the result must convert to implicitly (bool for a condition); nil: any.
	Want *types.Type
}

// bind is the environment as the binder has it; found are the parser's diagnostics.
func (e Env) bind(found []source.Diagnostic) bind.Env {
	globals := make([]bind.Global, len(e.Globals))
	for i, g := range e.Globals {
		globals[i] = bind.Global{Name: g.Name, Type: g.Type}
	}
	return bind.Env{Universe: e.Universe, Globals: globals, Want: e.Want, Parse: found}
}

// Global is a name with a type, whose value each Thread brings.
type Global struct {
	Name string
	Type *types.Type
}

// Program is a compiled expression; immutable and safe for concurrent use.
type Program struct {
	code   *compile.Code
	result *types.Type
	boxed  *types.Type
}

// Compile compiles src, the whole of "@( … )" or "@{ … }". Spans in the diagnostics are offsets in src; they stand in the
// order of the text. The Program is nil exactly if a diagnostic is an error.
func Compile(src string, env Env) (*Program, []source.Diagnostic) {
	unit, found := syntax.Parse(src)
	bound, more := bind.Bind(unit, env.bind(found))
	found = slices.Concat(found, more)
	sort.SliceStable(found, func(i, j int) bool { return found[i].Span.Start < found[j].Span.Start })
	if bound == nil || source.Errors(found) {
		return nil, found
	}
	p := &Program{code: compile.Compile(bound, env.Universe), result: bound.Type, boxed: bound.Main.Result}
	return p, found
}

// Type is the static type of the expression, before it was converted to Env.Want or to object.
func (p *Program) Type() *types.Type { return p.result }

// Result is the type of the Value that Run gives: Env.Want, or object.
func (p *Program) Result() *types.Type { return p.boxed }

// Run evaluates the program. The error is an *types.Exception that was not caught, or *types.Exceeded.
// The caller has armed t's budget with Start.
func (p *Program) Run(t *types.Thread) (types.Value, error) { return p.code.Run(t) }
