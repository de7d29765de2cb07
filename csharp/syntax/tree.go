package syntax

import "github.com/postern-gateway/postern/source"

// Extent is the half-open byte range of a node in the text that was parsed.
// Every node embeds it.
type Extent struct {
	Start, End int32
}

// Span is the extent as the source package has it.
func (e Extent) Span() source.Span { return source.Span{Start: int(e.Start), End: int(e.End)} }

// Node is anything in the tree that has a place in the text.
type Node interface {
	Span() source.Span
}

// Expr is an expression: one of the pointer types of this file that say so.
type Expr interface {
	Node
	expr()
}

// TypeExpr is a type as it is written.
type TypeExpr interface {
	Node
	typeExpr()
}

// Stmt is a statement.
type Stmt interface {
	Node
	stmt()
}

// Pattern is what may stand after `is` or `case`.
type Pattern interface {
	Node
	pattern()
}

// Clause is a clause in the body of a query, the last one (select or group) included.
type Clause interface {
	Node
	clause()
}

// Ident is an identifier where it is declared or named: escapes are resolved
// and a leading @ is taken off.
type Ident struct {
	Extent
	Name string
	// Verbatim tells that it was written @name or with an escape, and so is never a contextual keyword.
	Verbatim bool
}

// LiteralKind tells the kinds of literal apart.
type LiteralKind uint8

// The kinds of literal.
const (
	NullLit   LiteralKind = iota
	TrueLit               // true
	FalseLit              // false
	IntLit                // Literal.Int, Literal.Suffix
	RealLit               // Literal.Text, Literal.Suffix
	CharLit               // Literal.Int is the UTF-16 code unit
	StringLit             // Literal.Text
)

// Suffix is the type suffix of a number.
type Suffix uint8

// The suffixes of numbers, in any case and order of letters.
const (
	NoSuffix Suffix = iota
	SuffixU         // 1u: uint or ulong
	SuffixL         // 1L: long or ulong
	SuffixUL        // 1UL: ulong
	SuffixF         // 1f: float
	SuffixD         // 1d: double
	SuffixM         // 1m: decimal
)

// Literal is null, true, false, a number, a character or a string.
type Literal struct {
	Extent
	Kind   LiteralKind
	Suffix Suffix
	// Hex tells that an IntLit was written in hexadecimal or binary: -2147483648 and -9223372036854775808 are
	// int and long only where they are decimal (C# 12.9.3).
	Hex bool
	// Int is the value of an IntLit (never negative: the sign is a UnaryExpr), or the code unit of a CharLit.
	Int uint64
	// Text is the value of a StringLit (see UTF16 for unpaired surrogates), or the digits of
	// a RealLit without underscores and suffix ("1.50e-3"). IntLit and CharLit leave it empty.
	Text string
}

// NameExpr is a simple name, with type arguments perhaps: x, List<int>, @class.
// nameof, var, dynamic, await and _ are names too; what they mean is for the binder to say.
type NameExpr struct {
	Ident
	// TypeArgs is nil if there are none.
	TypeArgs []TypeExpr
	// Full spans the name and its type arguments; Ident's extent is the name alone.
	Full Extent
}

// Span covers the type arguments too.
func (n *NameExpr) Span() source.Span { return n.Full.Span() }

// AliasExpr is alias::Name, as in global::System.
type AliasExpr struct {
	Extent
	Alias Ident
	Name  *NameExpr
}

// MemberExpr is X.Name or X.Name<T>. X is a *Receiver in `a?.Name`, and may be
// an expression, a *PredefinedType (int.Parse) or the name of a namespace or type.
type MemberExpr struct {
	Extent
	X    Expr
	Name *NameExpr
}

// ConditionalAccessExpr is X?.… or X?[…]. Rest is what is done with X if it is
// not null: in it a *Receiver stands for X. So a?.b.c(1) is
// {X: a, Rest: Call(Member(Member(Receiver, b), c), 1)}.
type ConditionalAccessExpr struct {
	Extent
	X    Expr
	Rest Expr
}

// Receiver stands for X in the Rest of the innermost ConditionalAccessExpr around it.
type Receiver struct {
	Extent // empty, at the `.` or `[`
}

// CallExpr is Fun(Args). nameof(x) is a call of the name "nameof".
type CallExpr struct {
	Extent
	Fun  Expr
	Args []Argument
}

// IndexExpr is X[Args].
type IndexExpr struct {
	Extent
	X    Expr
	Args []Argument
}

// RefKind is the modifier of an argument or parameter.
type RefKind uint8

// The modifiers of arguments and parameters.
const (
	ByValue RefKind = iota
	ByRef           // ref
	ByOut           // out
	ByIn            // in
)

// Argument is `name: ref value` in a call, an index or a tuple.
type Argument struct {
	Extent
	// Name is nil if the argument is positional.
	Name *Ident
	Ref  RefKind
	// Value may be a *DeclarationExpr after out (`out var x`).
	Value Expr
}

// ParenExpr is (X).
type ParenExpr struct {
	Extent
	X Expr
}

// TupleExpr is (a, b) or (x: a, b); two elements at least. An element may be a
// *DeclarationExpr where the tuple is assigned to: (int x, var y) = …
type TupleExpr struct {
	Extent
	Elems []Argument
}

// DeclarationExpr declares variables inside an expression: `out int x`,
// `var (a, b) = …`, `(int x, string y) = …`.
type DeclarationExpr struct {
	Extent
	Type TypeExpr
	// Vars is a *SingleVar, *DiscardVar or *ParenVars.
	Vars Designation
}

// Designation is what a declaration declares.
type Designation interface {
	Node
	designation()
}

// SingleVar declares one variable.
type SingleVar struct {
	Ident
}

// DiscardVar is _: a value that is not kept.
type DiscardVar struct {
	Extent
}

// ParenVars is (a, (b, _)).
type ParenVars struct {
	Extent
	Vars []Designation
}

// CastExpr is (Type)X.
type CastExpr struct {
	Extent
	Type TypeExpr
	X    Expr
}

// UnaryExpr is + - ! ~ ++ -- before X; * and & are refused.
type UnaryExpr struct {
	Extent
	Op Op
	X  Expr
}

// PostfixExpr is X++ or X--.
type PostfixExpr struct {
	Extent
	Op Op
	X  Expr
}

// BinaryExpr is X Op Y for arithmetic, shifts, comparisons, logic and ??.
// is, as and assignments have nodes of their own.
type BinaryExpr struct {
	Extent
	Op   Op
	X, Y Expr
	// OpAt is where the operator stands.
	OpAt Extent
}

// AssignExpr is X = Y (Op is OpAssign) or X += Y (Op is OpAdd) and so on.
type AssignExpr struct {
	Extent
	Op   Op
	X, Y Expr
	// OpAt is where the operator stands.
	OpAt Extent
}

// ConditionalExpr is Cond ? Then : Else. Both branches are *RefExpr in a ref conditional.
type ConditionalExpr struct {
	Extent
	Cond, Then, Else Expr
}

// IsExpr is X is Type. A Type that is a plain or dotted name may turn out to
// be a constant: see ExprOf.
type IsExpr struct {
	Extent
	X    Expr
	Type TypeExpr
}

// IsPatternExpr is X is Pattern.
type IsPatternExpr struct {
	Extent
	X       Expr
	Pattern Pattern
}

// AsExpr is X as Type.
type AsExpr struct {
	Extent
	X    Expr
	Type TypeExpr
}

// NewExpr is new Type(Args) { Init }.
type NewExpr struct {
	Extent
	Type TypeExpr
	// HasArgs tells new T() {…} from new T {…}.
	HasArgs bool
	Args    []Argument
	// Init is nil if there is none; else an ObjectInit or a CollectionInit.
	Init *InitExpr
}

// NewArrayExpr is new Type[Sizes] { Init }.
type NewArrayExpr struct {
	Extent
	// Type is the type of the whole array: for new int[2][] it is int[][], for new int[2,3] it is int[,].
	Type *ArrayType
	// Sizes are the lengths of the outermost dimensions; empty for new int[] {…}.
	Sizes []Expr
	// Init is an ArrayInit or nil.
	Init *InitExpr
}

// ImplicitArrayExpr is new[] {…} or new[,] {…}.
type ImplicitArrayExpr struct {
	Extent
	Rank int
	Init *InitExpr
}

// AnonymousObjectExpr is new { A = 1, b.C, d }.
type AnonymousObjectExpr struct {
	Extent
	Members []AnonymousMember
}

// AnonymousMember is a member of an anonymous object.
type AnonymousMember struct {
	Extent
	// Name is nil where the name comes from Value (a name, a member access, or a conditional one).
	Name  *Ident
	Value Expr
}

// InitKind tells the kinds of initialiser apart.
type InitKind uint8

// The kinds of initialiser.
const (
	// ArrayInit: Elems are values or nested ArrayInits.
	ArrayInit InitKind = iota
	// ObjectInit: every element is an *AssignExpr whose X is a *NameExpr or a *ElementInit
	// and whose Y is a value or an *InitExpr. `{}` after new T is an ObjectInit with no elements.
	ObjectInit
	// CollectionInit: Elems are values, or ElementsInits for { {k, v} }.
	CollectionInit
	// ElementsInit is the { k, v } inside a CollectionInit: the arguments of one Add.
	ElementsInit
)

// InitExpr is { … } after new, in an object initialiser, or as the value of an array variable.
type InitExpr struct {
	Extent
	Kind  InitKind
	Elems []Expr
}

// ElementInit is [Args] at the left of = in an ObjectInit.
type ElementInit struct {
	Extent
	Args []Argument
}

// Parameter is a parameter of a lambda, an anonymous method or a local function.
type Parameter struct {
	Extent
	Ref RefKind
	// Params tells that it is a `params` array.
	Params bool
	// Type is nil in a lambda whose parameters have none.
	Type TypeExpr
	Name Ident
	// Default is nil if there is none.
	Default Expr
}

// LambdaExpr is x => Body, (x, y) => Body or (int x) => { … }.
type LambdaExpr struct {
	Extent
	Params []Parameter
	// Arrow is where => stands.
	Arrow Extent
	// Body is set for an expression, Block for statements. Body may be a *RefExpr or *ThrowExpr.
	Body  Expr
	Block *Block
}

// Typed reports whether the parameters have types; true where there are none.
func (l *LambdaExpr) Typed() bool { return len(l.Params) == 0 || l.Params[0].Type != nil }

// AnonymousMethodExpr is delegate (Params) { … }.
type AnonymousMethodExpr struct {
	Extent
	// HasParams tells delegate () {…} from delegate {…}.
	HasParams bool
	Params    []Parameter
	Block     *Block
}

// TypeofExpr is typeof(Type). Type may be an unbound generic, List<> (its TypeArgs are *OmittedType), or void.
type TypeofExpr struct {
	Extent
	Type TypeExpr
}

// SizeofExpr is sizeof(Type).
type SizeofExpr struct {
	Extent
	Type TypeExpr
}

// DefaultExpr is default(Type), or default alone: then Type is nil.
type DefaultExpr struct {
	Extent
	Type TypeExpr
}

// CheckedExpr is checked(X) or unchecked(X).
type CheckedExpr struct {
	Extent
	Checked bool
	X       Expr
}

// ThrowExpr is throw X where an expression is wanted: after ?? and =>, in a branch of ?:.
type ThrowExpr struct {
	Extent
	X Expr
}

// RefExpr is ref X: the value of a ref local, of a ref return, of a ref conditional's branch.
type RefExpr struct {
	Extent
	X Expr
}

// ThisExpr is this or base, which stand in no expression of a policy; the binder refuses them.
type ThisExpr struct {
	Extent
	Base bool
}

// InterpolatedExpr is $"…" or $@"…".
type InterpolatedExpr struct {
	Extent
	Parts []InterpolatedPart
}

// InterpolatedPart is text, or {X,Align:Format}.
type InterpolatedPart struct {
	Extent
	// Text is the literal text, escapes and doubled braces resolved; used if X is nil.
	Text string
	X    Expr
	// Align is nil if there is none.
	Align Expr
	// Format is the text after the colon; HasFormat tells that there is one.
	Format    string
	HasFormat bool
}

// QueryExpr is from … select …; its first clause is a *FromClause, its last a *SelectClause or
// *GroupClause, or an *IntoClause is in between: `… select a into b where … select c` is
// From, Select, Into, Where, Select.
type QueryExpr struct {
	Extent
	Clauses []Clause
}

// FromClause is from Type Name in X.
type FromClause struct {
	Extent
	// Type is nil if it is not given.
	Type TypeExpr
	Name Ident
	X    Expr
}

// LetClause is let Name = X.
type LetClause struct {
	Extent
	Name Ident
	X    Expr
}

// WhereClause is where X.
type WhereClause struct {
	Extent
	X Expr
}

// JoinClause is join Type Name in X on Left equals Right into Into.
type JoinClause struct {
	Extent
	// Type is nil if it is not given.
	Type           TypeExpr
	Name           Ident
	X, Left, Right Expr
	// Into is nil if there is none.
	Into *Ident
}

// OrderByClause is orderby a, b descending.
type OrderByClause struct {
	Extent
	Orderings []Ordering
}

// Ordering is one key of an orderby.
type Ordering struct {
	Extent
	X          Expr
	Descending bool
}

// SelectClause is select X.
type SelectClause struct {
	Extent
	X Expr
}

// GroupClause is group X by Key.
type GroupClause struct {
	Extent
	X, Key Expr
}

// IntoClause is into Name between a select or group and the clauses that go on with it.
type IntoClause struct {
	Extent
	Name Ident
}

// BadExpr stands where an expression is missing or could not be read; a diagnostic tells.
type BadExpr struct {
	Extent
}

func (*Literal) expr()               {}
func (*NameExpr) expr()              {}
func (*AliasExpr) expr()             {}
func (*MemberExpr) expr()            {}
func (*ConditionalAccessExpr) expr() {}
func (*Receiver) expr()              {}
func (*CallExpr) expr()              {}
func (*IndexExpr) expr()             {}
func (*ParenExpr) expr()             {}
func (*TupleExpr) expr()             {}
func (*DeclarationExpr) expr()       {}
func (*CastExpr) expr()              {}
func (*UnaryExpr) expr()             {}
func (*PostfixExpr) expr()           {}
func (*BinaryExpr) expr()            {}
func (*AssignExpr) expr()            {}
func (*ConditionalExpr) expr()       {}
func (*IsExpr) expr()                {}
func (*IsPatternExpr) expr()         {}
func (*AsExpr) expr()                {}
func (*NewExpr) expr()               {}
func (*NewArrayExpr) expr()          {}
func (*ImplicitArrayExpr) expr()     {}
func (*AnonymousObjectExpr) expr()   {}
func (*InitExpr) expr()              {}
func (*ElementInit) expr()           {}
func (*LambdaExpr) expr()            {}
func (*AnonymousMethodExpr) expr()   {}
func (*TypeofExpr) expr()            {}
func (*SizeofExpr) expr()            {}
func (*DefaultExpr) expr()           {}
func (*CheckedExpr) expr()           {}
func (*ThrowExpr) expr()             {}
func (*RefExpr) expr()               {}
func (*ThisExpr) expr()              {}
func (*InterpolatedExpr) expr()      {}
func (*QueryExpr) expr()             {}
func (*BadExpr) expr()               {}
func (*PredefinedType) expr()        {}

func (*SingleVar) designation()  {}
func (*DiscardVar) designation() {}
func (*ParenVars) designation()  {}

func (*FromClause) clause()    {}
func (*LetClause) clause()     {}
func (*WhereClause) clause()   {}
func (*JoinClause) clause()    {}
func (*OrderByClause) clause() {}
func (*SelectClause) clause()  {}
func (*GroupClause) clause()   {}
func (*IntoClause) clause()    {}

// PredefinedType is a type that is a keyword: int, string, object, void …
// It is an Expr too, where a member follows it: int.MaxValue.
type PredefinedType struct {
	Extent
	// Name is the keyword.
	Name string
}

// NamedType is Name, Name<T>, Qualifier.Name or alias::Name. var and dynamic
// are NamedTypes with that name, nothing before and no arguments.
type NamedType struct {
	Extent
	// Qualifier is nil if the name is simple.
	Qualifier *NamedType
	// Alias is the word before ::, as in global::System; else nil. Never set beside Qualifier.
	Alias *Ident
	Name  Ident
	// TypeArgs is nil if there are none.
	TypeArgs []TypeExpr
}

// ArrayType is Elem[], Elem[,] and so on. As in C#, int[][,] is an array of
// rank 1 whose elements are int[,].
type ArrayType struct {
	Extent
	Elem TypeExpr
	Rank int
}

// NullableType is Elem?.
type NullableType struct {
	Extent
	Elem TypeExpr
}

// TupleType is (int a, string b).
type TupleType struct {
	Extent
	Elems []TupleTypeElem
}

// TupleTypeElem is an element of a TupleType.
type TupleTypeElem struct {
	Extent
	Type TypeExpr
	// Name is nil if there is none.
	Name *Ident
}

// RefType is ref Elem or ref readonly Elem: the type of a ref local or of what a local function returns.
type RefType struct {
	Extent
	Readonly bool
	Elem     TypeExpr
}

// OmittedType is a type argument left out, in typeof(List<>).
type OmittedType struct {
	Extent
}

// BadType stands where a type is missing; a diagnostic tells.
type BadType struct {
	Extent
}

func (*PredefinedType) typeExpr() {}
func (*NamedType) typeExpr()      {}
func (*ArrayType) typeExpr()      {}
func (*NullableType) typeExpr()   {}
func (*TupleType) typeExpr()      {}
func (*RefType) typeExpr()        {}
func (*OmittedType) typeExpr()    {}
func (*BadType) typeExpr()        {}

// ConstantPattern is a constant: null, 5, E.A. As a name it may turn out to be
// a type only after `is`, where it is an IsExpr.
type ConstantPattern struct {
	Extent
	X Expr
}

// DeclarationPattern is Type Name, Type _ or var Name.
type DeclarationPattern struct {
	Extent
	Type TypeExpr
	// Vars is a *SingleVar or a *DiscardVar.
	Vars Designation
}

func (*ConstantPattern) pattern()    {}
func (*DeclarationPattern) pattern() {}
