// Package bind gives meaning to the syntax tree of a policy expression: names,
// types, conversions, overloads, inference, flow. Its result is the bound
// tree, in which nothing is left to look up.
//
// # The bound tree
//
// A [Program] is a main function and what is nested in it. Every [Expr] knows
// its type; how a value of the type stands in a types.Value is told in the
// comment of package types. Constants are folded: a constant expression is a
// *[Const]. Where C# inserts a conversion, there is a node for it, so operands
// have exactly the types that an operator's kind or a parameter asks for.
//
// The binder lowers query expressions, using, compound assignments, ++ and --,
// initialisers, deconstruction, lifted conversions, null-conditional access
// and ?? into simpler nodes ([Seq], [NotNull], [Try]) whenever the order of
// evaluation stays exactly C#'s. Operands and arguments are evaluated from
// left to right as they stand in the tree.
//
// Generic local functions are specialised: each set of type arguments that is
// used makes a [Func] of its own. No type parameter is left in the tree.
//
// # Variables
//
// A [Local] belongs to one [Func]. It comes to life where the [Block] that
// lists it is entered (or the function, for parameters): a Local with Cell set
// must live in a fresh *types.Cell then, so that a lambda made in one turn of
// a loop keeps that turn's variable. Locals without Cell are plain slots and
// need not be cleared: definite assignment has been checked, and a Local with
// no Declare before its first use is always assigned first.
package bind
