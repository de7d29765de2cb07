package syntax

// Block is { Stmts }. The body of @{ … } is one, without its braces.
type Block struct {
	Extent
	Stmts []Stmt
}

// LocalDecl is Type a = 1, b; with const before it perhaps.
type LocalDecl struct {
	Extent
	Const bool
	// Type is a *NamedType called "var" where the type is inferred, a *RefType for a ref local.
	Type TypeExpr
	Vars []Declarator
}

// Declarator is Name = Init in a declaration.
type Declarator struct {
	Extent
	Name Ident
	// Init is nil if there is none; an *InitExpr for int[] a = {1, 2}; a *RefExpr for a ref local.
	Init Expr
}

// ExprStmt is an expression that stands as a statement. A deconstruction that
// declares, `var (a, b) = t;`, is an AssignExpr with a *DeclarationExpr at the left.
type ExprStmt struct {
	Extent
	X Expr
}

// EmptyStmt is ; alone.
type EmptyStmt struct {
	Extent
}

// LabeledStmt is Label: Stmt.
type LabeledStmt struct {
	Extent
	Label Ident
	Stmt  Stmt
}

// IfStmt is if (Cond) Then else Else.
type IfStmt struct {
	Extent
	Cond Expr
	Then Stmt
	// Else is nil if there is none.
	Else Stmt
}

// SwitchStmt is switch (X) { Sections }.
type SwitchStmt struct {
	Extent
	X        Expr
	Sections []SwitchSection
}

// SwitchSection is labels and the statements under them.
type SwitchSection struct {
	Extent
	Labels []SwitchLabel
	Stmts  []Stmt
}

// SwitchLabel is case Pattern when When: or default:.
type SwitchLabel struct {
	Extent
	// Pattern is nil for default. A *ConstantPattern for case 5: and case null:.
	Pattern Pattern
	// When is nil if there is none.
	When Expr
}

// WhileStmt is while (Cond) Body.
type WhileStmt struct {
	Extent
	Cond Expr
	Body Stmt
}

// DoStmt is do Body while (Cond);.
type DoStmt struct {
	Extent
	Body Stmt
	Cond Expr
}

// ForStmt is for (Init; Cond; Post) Body.
type ForStmt struct {
	Extent
	// Decl is nil if the loop declares nothing; then Init are the expressions in its place.
	Decl *LocalDecl
	Init []Expr
	// Cond is nil if there is none.
	Cond Expr
	Post []Expr
	Body Stmt
}

// ForeachStmt is foreach (Type Name in X) Body, or foreach (Target in X) Body with a
// deconstruction: Target is then a *DeclarationExpr or a *TupleExpr and Type is nil.
type ForeachStmt struct {
	Extent
	Type   TypeExpr
	Name   Ident
	Target Expr
	X      Expr
	Body   Stmt
}

// BreakStmt is break;.
type BreakStmt struct{ Extent }

// ContinueStmt is continue;.
type ContinueStmt struct{ Extent }

// ReturnStmt is return X;.
type ReturnStmt struct {
	Extent
	// X is nil if there is none.
	X Expr
}

// ThrowStmt is throw X;.
type ThrowStmt struct {
	Extent
	// X is nil for throw; in a catch.
	X Expr
}

// GotoKind tells what a goto goes to.
type GotoKind uint8

// The kinds of goto.
const (
	GotoLabel   GotoKind = iota // goto L;
	GotoCase                    // goto case 1;
	GotoDefault                 // goto default;
)

// GotoStmt is goto Label;, goto case X; or goto default;.
type GotoStmt struct {
	Extent
	Kind  GotoKind
	Label Ident
	X     Expr
}

// YieldStmt is yield return X; or yield break; (X is nil).
type YieldStmt struct {
	Extent
	X Expr
}

// TryStmt is try Body with catches, a finally, or both.
type TryStmt struct {
	Extent
	Body    *Block
	Catches []Catch
	// Finally is nil if there is none.
	Finally *Block
}

// Catch is catch (Type Name) when (When) Body.
type Catch struct {
	Extent
	// Type is nil for a catch of everything.
	Type TypeExpr
	// Name is nil if the exception is not named.
	Name *Ident
	// When is nil if there is no filter.
	When Expr
	Body *Block
}

// UsingStmt is using (Decl) Body or using (X) Body.
type UsingStmt struct {
	Extent
	Decl *LocalDecl
	X    Expr
	Body Stmt
}

// LockStmt is lock (X) Body.
type LockStmt struct {
	Extent
	X    Expr
	Body Stmt
}

// CheckedStmt is checked { … } or unchecked { … }.
type CheckedStmt struct {
	Extent
	Checked bool
	Body    *Block
}

// LocalFunc is Return Name<TypeParams>(Params) where … { … } or => Expr;.
type LocalFunc struct {
	Extent
	Return      TypeExpr
	Name        Ident
	TypeParams  []Ident
	Params      []Parameter
	Constraints []Constraint
	// Body is set for => expr;, Block for a block.
	Body  Expr
	Block *Block
	// Yields tells that the block itself (no function inside it) has a yield: the function is an iterator.
	Yields bool
}

// Constraint is where Name : Bounds.
type Constraint struct {
	Extent
	Name   Ident
	Bounds []Bound
}

// Bound is one bound of a type parameter.
type Bound struct {
	Extent
	// Keyword is "class", "struct" or "new()"; else empty and Type is set.
	Keyword string
	Type    TypeExpr
}

// BadStmt stands where a statement could not be read; a diagnostic tells.
type BadStmt struct{ Extent }

func (*Block) stmt()        {}
func (*LocalDecl) stmt()    {}
func (*ExprStmt) stmt()     {}
func (*EmptyStmt) stmt()    {}
func (*LabeledStmt) stmt()  {}
func (*IfStmt) stmt()       {}
func (*SwitchStmt) stmt()   {}
func (*WhileStmt) stmt()    {}
func (*DoStmt) stmt()       {}
func (*ForStmt) stmt()      {}
func (*ForeachStmt) stmt()  {}
func (*BreakStmt) stmt()    {}
func (*ContinueStmt) stmt() {}
func (*ReturnStmt) stmt()   {}
func (*ThrowStmt) stmt()    {}
func (*GotoStmt) stmt()     {}
func (*YieldStmt) stmt()    {}
func (*TryStmt) stmt()      {}
func (*UsingStmt) stmt()    {}
func (*LockStmt) stmt()     {}
func (*CheckedStmt) stmt()  {}
func (*LocalFunc) stmt()    {}
func (*BadStmt) stmt()      {}

// Op is an operator.
type Op uint8

// The operators. OpAdd to OpShr stand in a BinaryExpr, and in an AssignExpr for += and so on.
const (
	OpAssign   Op = iota // = in an AssignExpr
	OpAdd                // + (unary too)
	OpSub                // - (unary too)
	OpMul                // *
	OpDiv                // /
	OpRem                // %
	OpAnd                // &
	OpOr                 // |
	OpXor                // ^
	OpShl                // <<
	OpShr                // >>
	OpAndAlso            // &&
	OpOrElse             // ||
	OpCoalesce           // ??
	OpEq                 // ==
	OpNe                 // !=
	OpLt                 // <
	OpGt                 // >
	OpLe                 // <=
	OpGe                 // >=
	OpNot                // !
	OpCompl              // ~
	OpInc                // ++
	OpDec                // --
)

var opTexts = [...]string{
	OpAssign: "=", OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpRem: "%", OpAnd: "&", OpOr: "|", OpXor: "^",
	OpShl: "<<", OpShr: ">>", OpAndAlso: "&&", OpOrElse: "||", OpCoalesce: "??", OpEq: "==", OpNe: "!=",
	OpLt: "<", OpGt: ">", OpLe: "<=", OpGe: ">=", OpNot: "!", OpCompl: "~", OpInc: "++", OpDec: "--",
}

// String is the operator as C# writes it.
func (o Op) String() string { return opTexts[o] }
