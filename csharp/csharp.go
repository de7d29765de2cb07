// Package csharp compiles and runs the C# of API Management policy
// expressions: C# 7.3, with the class library that the policy documentation
// allows, and the results that .NET gives.
package csharp

import (
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

// Global is a name with a type, whose value each Thread brings.
type Global struct {
	Name string
	Type *types.Type
}

// Program is a compiled expression; immutable and safe for concurrent use.
type Program struct {
	run    func(*types.Thread) types.Value
	result *types.Type
}

// Compile compiles src, the whole of "@( … )" or "@{ … }". Spans in the diagnostics are offsets in src. The Program
// is nil exactly if a diagnostic is an error.
func Compile(src string, env Env) (*Program, []source.Diagnostic) {
	return compile(src, env)
}

// Type is the static type of the result.
func (p *Program) Type() *types.Type { return p.result }

// Run evaluates the program. The error is an *types.Exception that was not caught, or *types.Exceeded.
// The caller has armed t's budget with Start.
func (p *Program) Run(t *types.Thread) (v types.Value, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *types.Exception:
			err = r
		case *types.Exceeded:
			err = r
		default:
			panic(r)
		}
	}()
	return p.run(t), nil
}
