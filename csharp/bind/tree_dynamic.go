package bind

import "github.com/postern-gateway/postern/csharp/types"

// Site is what the run-time binder needs to know of the place of a dynamic operation.
type Site struct {
	// Static tells for each argument, in order (the receiver first where there is one), its static type where that is not dynamic: then overload
	// resolution goes by it, otherwise by the run-time type. A nil entry is dynamic.
	Static []*types.Type
	// Names are the names of named arguments, "" for positional ones; nil if all are positional.
	Names []string
	// Name is the member's.
	Name string
	// TypeArgs are explicit type arguments.
	TypeArgs []*types.Type
	// Checked is the context.
	Checked bool
}

// DynGet is X.Name, X dynamic, or the place to assign to. See BindRuntime.
type DynGet struct {
	E
	X    Expr
	Site *Site
}

// DynIndex is X[Args] where X or an argument is dynamic, or the place to assign to: see BindRuntime. Static arguments are boxed, as everywhere here.
type DynIndex struct {
	E
	X    Expr
	Args []Expr
	Site *Site
}

// DynCall is X.Name(Args): see BindRuntime. If X is nil, it is a static method of On or, with On nil, a constructor of T.
type DynCall struct {
	E
	X    Expr
	On   *types.Type
	Args []Expr
	Site *Site
}

// DynInvoke is X(Args) of a dynamic X: see BindRuntime.
type DynInvoke struct {
	E
	X    Expr
	Args []Expr
	Site *Site
}

// DynUnary is a unary operator on a dynamic operand: see BindRuntime.
type DynUnary struct {
	E
	Op   Op
	X    Expr
	Site *Site
}

// DynBinary is a binary operator with a dynamic operand: see BindRuntime. && and || have been lowered.
type DynBinary struct {
	E
	Op   Op
	X, Y Expr
	Site *Site
}
