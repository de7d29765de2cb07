package bind

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// Stmt is a bound statement: a pointer to one of the node types of this file.
type Stmt interface {
	Span() source.Span
	boundStmt()
}

// S is the part that all statements have.
type S struct {
	At source.Span
}

// Span is the place in the source.
func (s *S) Span() source.Span { return s.At }
func (s *S) boundStmt()        {}

// Block runs Stmts in order. On entry, each of Locals that has Cell set gets a new cell with the zero Value.
type Block struct {
	S
	Locals []*Local
	Stmts  []Stmt
}

// Declare is where a variable is declared: its Local is in the Locals of the Block around. Without Init nothing happens.
type Declare struct {
	S
	Local *Local
	// Init is nil if there is none; a *RefArg for a ref local.
	Init Expr
}

// ExprStmt evaluates X and drops its value.
type ExprStmt struct {
	S
	X Expr
}

// If is if (Cond) Then else Else. Else is nil if there is none.
type If struct {
	S
	Cond       Expr
	Then, Else Stmt
}

// Loop is what break and continue name.
type Loop struct {
	// Breaks and Continues tell that some statement does.
	Breaks, Continues bool
}

// While is while (Cond) Body, do Body while (Cond) if DoFirst, and a for loop, whose Post runs after Body and after continue. Cond nil means true.
type While struct {
	S
	Loop    *Loop
	Cond    Expr
	DoFirst bool
	Body    Stmt
	// Post is empty for while and do.
	Post []Expr
	// CondLocals are variables declared in Cond: new in every turn, before Cond is evaluated, for Cond, Body.
	CondLocals []*Local
}

// ForeachKind is how a Foreach goes over X.
type ForeachKind uint8

// The kinds of foreach. (One over a type that only has the GetEnumerator pattern is lowered to While.)
const (
	// OverArray goes over an array of any rank, last dimension fastest.
	OverArray ForeachKind = iota
	// OverString goes over the chars of a string.
	OverString
	// OverEnumerable goes over an IEnumerable<T> or IEnumerable: types.Iterate. The enumerator is disposed of however the loop ends.
	OverEnumerable
)

// Foreach goes over X (NullReferenceException if it is null): each element is put into Item, then Body runs.
// Body is a Block that declares the loop's variable and assigns Item, converted, to it.
type Foreach struct {
	S
	Kind ForeachKind
	Loop *Loop
	X    Expr
	// Item has the element's type; it is never a Cell.
	Item *Local
	Body Stmt
}

// Break leaves the loop or switch To.
type Break struct {
	S
	To *Loop
}

// Continue goes on with the next turn of To.
type Continue struct {
	S
	To *Loop
}

// Return leaves the function (finally blocks run) with X, which has the function's Result as its type; nil for void.
type Return struct {
	S
	X Expr
}

// ThrowStmt throws X; NullReferenceException if it is null. X nil: the exception of the catch clause around, again.
type ThrowStmt struct {
	S
	X Expr
}

// Label is a place that a Goto names.
type Label struct {
	// Name is the label's; "" for the section of a switch.
	Name string
	// Used tells that some Goto names it.
	Used bool
}

// Labeled is a label before a statement; it stands among the Stmts of a Block.
type Labeled struct {
	S
	Label *Label
	Stmt  Stmt
}

// Goto goes to a Label in the same function, in this Block or one around it (finally blocks run), or to the Label of a Section of
// a Switch around it.
type Goto struct {
	S
	To *Label
}

// Switch evaluates X into Var, then finds the section: if Table is not nil, by look-up; else by trying Cases in order. Without a match: Default, else nothing.
// Sections never fall through; their end is not reachable.
type Switch struct {
	S
	// Loop is what break in the switch names.
	Loop *Loop
	X    Expr
	// Var holds X's value; the patterns are matched with it. Never a Cell.
	Var *Local
	// Locals are the variables of all sections, pattern variables included: they come to life when the switch is entered.
	Locals   []*Local
	Cases    []Case
	Sections []Section
	// Default is the index of the section of default, -1 if there is none.
	Default int
	// Table, if all cases are constants without when and X stands in Num (Nullable included): Num → section.
	Table map[uint64]int
	// Strings, if all cases are string constants without when: the text's UTF-8 or WTF-8 (String.Go) → section.
	Strings map[string]int
	// Null is the section of case null where Table or Strings is set, -1 if there is none.
	Null int
}

// Case is case Pattern when When.
type Case struct {
	Pattern Pattern
	// When is nil if there is none.
	When    Expr
	Section int
}

// Section is the statements under one or more labels.
type Section struct {
	Label *Label
	Stmts []Stmt
	// at and text are its last label, for messages.
	at   source.Span
	text string
}

// Try runs Body. Catches are tried in order for an *types.Exception (never for *types.Exceeded): the first whose Type fits and whose When is true
// (an exception in When counts as false). Finally, if not nil, runs however the statement is left.
type Try struct {
	S
	Body    *Block
	Catches []Catch
	Finally *Block
}

// Catch is a catch clause.
type Catch struct {
	// Type is Exception for a catch of everything.
	Type *types.Type
	// Locals are Var, if it is named, and variables declared in When.
	Locals []*Local
	// Var receives the exception before When; nil if it is not named.
	Var  *Local
	When Expr
	Body *Block
}

// Lock evaluates X (ArgumentNullException if it is null) and runs Body.
type Lock struct {
	S
	X    Expr
	Body Stmt
}

// Yield hands X, of type Func.Elem, to whoever enumerates; X nil is yield break. Only in iterators.
type Yield struct {
	S
	X Expr
}
