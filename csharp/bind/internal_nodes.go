package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// The nodes of this file stand for expressions that are not values yet; none is left in a bound tree. Those without a type have a nil one.

// badExpr stands for a mistake that has been told.
type badExpr struct{ E }

// typeExpr is the name of a type.
type typeExpr struct {
	E
	of *types.Type
	// value, if not nil, is the other meaning of the name: a variable or member called like its type (Color Color).
	value Expr
}

// nsExpr is the name of a namespace.
type nsExpr struct {
	E
	name string
}

// groupExpr is a method group.
type groupExpr struct {
	E
	name string
	// this is the receiver, nil if there is none; on the type that the members were looked up in.
	this Expr
	on   *types.Type
	// members are the candidates; local is set for a local function instead.
	members  []*types.Member
	local    *localFunc
	typeArgs []*types.Type
	nameNode syntax.Node
	// static tells that the receiver is the name of a type.
	static bool
}

// lambdaExpr is a lambda or anonymous method whose type is not known yet.
type lambdaExpr struct {
	E
	// params are the parameters; nil with noParams for delegate { … }.
	params   []syntax.Parameter
	noParams bool
	// typed are the parameters' types where they are written, else nil.
	typed []*types.Type
	names []string
	node  syntax.Node
	// scope and fn are where it stands.
	scope     *scope
	fn        *function
	receivers []Expr
	// body binds the body, in a scope that has the parameters, into the function.
	body func(b *binder, f *function)
	// access declares the range variables of a query in the lambda's scope; nil for other lambdas.
	access func(b *binder)
	// over is the overflow context.
	over overflow
	// bindings are those so far, by parameter types.
	bindings []*boundLambda
	// expression tells a body that is one expression.
	expression bool
}

// boundLambda is a lambda with known parameter types. fn.value is set for a body that is an expression.
type boundLambda struct {
	params []*types.Type
	refs   []types.RefKind
	fn     *function
	diags  *diagnostics
	// endReachable tells that the end of a block body may be reached.
	endReachable bool
	// inferred caches inferredReturn.
	inferred  *types.Type
	inferDone bool
	// target is the delegate type that a conversion was last tried to.
	target *types.Type
	// done tells that it has become a delegate; another use needs another binding.
	done bool
}

// tupleExpr is a tuple literal; T is its natural type, nil if an element has none.
type tupleExpr struct {
	E
	elems []Expr
	nodes []syntax.Expr
	names []string
}

// defaultExpr is default without a type.
type defaultExpr struct{ E }

// throwExpr is throw x; it converts to anything.
type throwExpr struct {
	E
	x Expr
}

// outVar is out var x or var x in a deconstruction, before its type is known.
type outVar struct {
	E
	sym *symbol
	// discard tells _ or out var _.
	discard bool
}

// condExpr is a conditional expression whose branches have no common type.
type condExpr struct {
	E
	then, els Expr
}

// initExpr is an array initialiser that waits for its type.
type initExpr struct {
	E
	node *syntax.InitExpr
}

// isNull reports the literal null.
func isNull(x Expr) bool {
	c, ok := x.(*Const)
	return ok && c.T.Kind == types.NullKind
}

func isBad(x Expr) bool {
	t := x.Type()
	return t != nil && t.Kind == types.Error
}
