// Package syntax reads C# 7.3 as it may stand in a policy expression: the
// expression of @( … ) and the statements of @{ … }.
//
// Parse takes the whole form; ParseExpression and ParseBlock the inside of it.
// All of them return a tree together with the mistakes that were found, as
// Roslyn numbers them (CS1002 "; expected") and at the places where Roslyn
// reports them. A text with mistakes still has a tree, with BadExpr, BadType
// and BadStmt where something could not be read; a tree without mistakes has
// none of these. Syntax of later versions of C# is recognised so far that it
// can be refused by name.
//
// The texts are read as .NET's compiler reads them inside `return (` and `);` or
// a method's braces, each on a line of its own: that decides where something
// missing at the end is told, and that @(a, b) is a tuple.
//
// Refused although C# 7.3 has them: async functions (PST2001), stackalloc,
// pointers and unsafe code, attributes, and preprocessor directives.
//
// Print writes a tree as canonical C#: printing what was parsed from a printed
// text gives that text again.
//
// Match finds the end of an expression inside another document without parsing it.
//
// Everything here is linear in the length of the text and bounded in depth
// (MaxDepth). Trees share nothing with each other and are safe to read from
// several goroutines.
package syntax
