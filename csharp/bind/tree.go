package bind

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// Program is a bound expression without errors.
type Program struct {
	// Main takes no parameters. Its Result is Env.Want, or object: then each value returned has been boxed with its own type.
	Main *Func
	// Type is the static type of the expression in @( … ) before it was converted to Main.Result; Main.Result for @{ … }.
	Type *types.Type
	// Funcs are all functions of the program, Main first, then in the order of the text; specialisations in the order of their first use.
	Funcs []*Func
}

// FuncKind tells what a Func was.
type FuncKind uint8

// The kinds of function.
const (
	MainFunc FuncKind = iota
	LambdaFunc
	LocalFunc
)

// Func is the main function, a lambda, an anonymous method or a local function.
type Func struct {
	Kind FuncKind
	// Name is a local function's; "" otherwise.
	Name string
	// Parent is the function around it, nil for Main.
	Parent *Func
	// Params are its parameters. A Local with Ref not ByValue receives Value{Ref: *types.Cell}.
	Params []*Local
	// Result is what it returns, VoidType if nothing; for an iterator the IEnumerable, IEnumerable<T>, IEnumerator
	// or IEnumerator<T> that its caller gets.
	Result *types.Type
	// Body is the body; it lists no parameters in its Locals. A lambda with an expression has a Block with one Return,
	// or one ExprStmt if it returns nothing.
	Body *Block
	// Locals are all Locals that belong to the function, Params first; Local.Index is the place in this list.
	Locals []*Local
	// Captures are the Locals of functions around it that it, a function nested in it, or a local function that one of
	// them calls, uses; all have Cell set. Whoever makes a delegate of the Func or calls it finds each of them either
	// among its own Locals or among its own Captures, and hands the present cells over.
	Captures []*Local
	// Iterator tells that calling the function runs nothing: it returns an object that runs Body as it is enumerated
	// (anew for each GetEnumerator of an IEnumerable), Yield by Yield. Elem is the type of its elements.
	Iterator bool
	Elem     *types.Type
	// Span is the function's text.
	Span source.Span
}

// RefKind tells how a parameter is passed.
type RefKind = types.RefKind

// Local is a local variable, a parameter, or a temporary of the binder's.
type Local struct {
	// Name is "" for a temporary.
	Name string
	Type *types.Type
	// Func is the function that it belongs to, Index its place in Func.Locals.
	Func  *Func
	Index int
	// Ref, for a parameter, is how it is passed; for a ref local, types.ByRef: then its Value{Ref} is the *Cell it stands
	// for, and LocalRef and Assign go through that cell.
	Ref RefKind
	// Cell tells that the variable lives in a *types.Cell: a lambda or local function captures it, or a reference to it is taken.
	Cell bool
	// Param tells that it is in Func.Params.
	Param bool
	// Assigned tells that it is assigned to after its declaration; a Local without it never changes.
	Assigned bool
	// Span is the name where it is declared.
	Span source.Span
}

// Expr is a bound expression: a pointer to one of the node types of this package.
type Expr interface {
	// Type is the static type; types.VoidType for calls that return nothing.
	Type() *types.Type
	// Span is the place in the source that an exception is blamed on.
	Span() source.Span
	bound()
}

// E is the part that all expressions have.
type E struct {
	T  *types.Type
	At source.Span
}

// Type is the static type.
func (e *E) Type() *types.Type { return e.T }

// Span is the place in the source.
func (e *E) Span() source.Span { return e.At }
func (e *E) bound()            {}

// Const is a constant, null, or default(T) of any type: the zero Value is default(T) of every type.
type Const struct {
	E
	V types.Value
}

// LocalRef is a variable: its value, or the place to assign to.
type LocalRef struct {
	E
	Local *Local
}

// GlobalRef is Thread.Globals[Index].
type GlobalRef struct {
	E
	Index int
}

// ConvKind is what a Convert does. From is X.Type(), to is T.
type ConvKind uint8

// The kinds of conversion that are nodes of their own. Others are lowered: user-defined ones are Calls, lifted ones
// are NotNulls, tuple conversions make a TupleNew.
const (
	// Identity changes the static type only: same representation (object and dynamic, tuple names).
	Identity ConvKind = iota
	// Numeric converts between integer types, char, float, double, decimal and enums (as their underlying type).
	// Checked decides overflow of integer results; decimal to integer and double to decimal always throw
	// OverflowException. float and double to integer truncate; unchecked results out of range are those of .NET
	// (saturating: .NET 9 and later; NaN gives 0). An unchecked conversion from double to a type of less than 32 bits
	// goes by way of int.
	Numeric
	// Upcast is a reference conversion that cannot fail: nothing to do.
	Upcast
	// Downcast checks at run time with types.IsInstance; null passes; InvalidCastException otherwise
	// ("Unable to cast object of type 'System.String' to type 'System.Int32[]'.").
	Downcast
	// Box makes an object of a value type (types.Box); Nullable<T> without a value gives null.
	Box
	// Unbox takes a T, a value type that is not nullable, out of an object: its run-time type must be T exactly (an enum and
	// its underlying type pass for each other), InvalidCastException otherwise, NullReferenceException for null.
	Unbox
	// UnboxNullable is Unbox to Nullable<T>: null gives null.
	UnboxNullable
	// Wrap makes Nullable<T> of T (types.Some).
	Wrap
	// Unwrap makes T of Nullable<T>; InvalidOperationException "Nullable object must have a value." if there is none.
	Unwrap
	// FromDynamic converts a dynamic value at run time by its run-time type (see BindRuntime).
	FromDynamic
)

// Convert is a conversion of X to T.
type Convert struct {
	E
	Kind ConvKind
	// Checked tells that overflow throws OverflowException.
	Checked bool
	// Explicit tells that a FromDynamic was a cast.
	Explicit bool
	X        Expr
}

// Op is an operator of a Unary or Binary.
type Op uint8

// The operators.
const (
	Add Op = iota
	Sub
	Mul
	Div
	Rem
	And
	Or
	Xor
	Shl
	Shr
	Eq
	Ne
	Lt
	Gt
	Le
	Ge
	Plus  // unary: the operand itself
	Neg   // unary -
	Not   // !
	Compl // ~
)

// Operands is the type that a predefined operator works in.
type Operands uint8

// The types of operands.
const (
	Int32 Operands = iota
	UInt32
	Int64
	UInt64
	Float32
	Float64
	Decimal
	// Bool has And, Or, Xor, Eq, Ne, Not. Lifted And and Or are three-valued.
	Bool
	// String has Eq and Ne, ordinal and null-aware. (+ is a Concat.)
	String
	// Reference has Eq and Ne of references: the Refs of both are the same object. Operands are of reference types;
	// a null operand is a Const.
	Reference
	// Delegate has Add (combine, either may be null), Sub (remove), Eq and Ne.
	Delegate
	// NumBits has Eq and Ne of values that stand in Num and have no order: they are equal if their Nums are.
	NumBits
)

// Unary is a predefined unary operator. X has the type Of says (an enum for Compl: then Of is its underlying
// type's, and the result is cut to that type), or Nullable of it if Lifted: a null operand gives null.
type Unary struct {
	E
	Op      Op
	Of      Operands
	Lifted  bool
	Checked bool
	X       Expr
}

// Binary is a predefined binary operator; both operands are evaluated, X first.
//
// Unless Lifted, X and Y have the type that Of says (enums count as their underlying type; the right operand of Shl and Shr
// is always int, its count masked to 5 or 6 bits). With Lifted both are Nullable of it: arithmetic gives null if
// one of them is, Lt to Ge false, Eq and Ne compare null as a value; comparisons have type bool, arithmetic Nullable.
//
// Int and long division by zero throw DivideByZeroException, MinValue / -1 OverflowException, MinValue % -1 too. Decimal
// operations throw OverflowException. Checked concerns Add, Sub, Mul of integers. float arithmetic rounds to float.
type Binary struct {
	E
	Op      Op
	Of      Operands
	Lifted  bool
	Checked bool
	X, Y    Expr
}

// Logical is && or || of bools (Or: ||).
type Logical struct {
	E
	Or   bool
	X, Y Expr
}

// LiftedOp is a user-defined operator on nullable operands: X and Y (Y nil for a unary operator) are evaluated.
// If both have values, Method is called with the values unwrapped and wrapped result, if T is Nullable. Otherwise: null if
// T is Nullable; for Eq true if both are null, for Ne false if both are null and true if one is, for others false.
type LiftedOp struct {
	E
	Op     Op
	Method *types.Member
	X, Y   Expr
}

// NotNull evaluates X. If it is not null, the value, unwrapped if Unwrap (then X is of a Nullable type and
// Var of the underlying one), is put into Var and the result is Then; else the result is Else. It is what ?? and ?. become, and lifted
// conversions. Then, Else and the node have type T (both void if T is). Var is never a Cell.
type NotNull struct {
	E
	X      Expr
	Unwrap bool
	Var    *Local
	Then   Expr
	Else   Expr
}

// Conditional is Cond ? Then : Else; Then and Else have type T.
type Conditional struct {
	E
	Cond, Then, Else Expr
}

// Call calls a member of the class library: a method, a static one, an extension method (the receiver is Args[0]), an
// operator. A receiver that is a value type is given as that type's Value where Method is declared by the type
// itself, and boxed where it is inherited or an interface's. A null receiver of a reference type throws NullReferenceException;
// the Impl sees to that if it was made by I0 to I4, but a Raw one does not.
type Call struct {
	E
	Method *types.Member
	// This is nil for static methods.
	This Expr
	// Args stand in the order of the parameters; params arrays have been built, defaults filled in. Where named arguments were
	// evaluated in another order, a Seq around the Call did so. An argument for a ref, out or in parameter is a *RefArg.
	Args []Expr
}

// Prop is a property, a field or an indexer of the class library: its value, or the place to assign to.
type Prop struct {
	E
	Member *types.Member
	// This is nil for static ones; see Call.This.
	This Expr
	// Args are an indexer's arguments.
	Args []Expr
}

// New calls a constructor of the class library (Impl with no receiver).
type New struct {
	E
	Method *types.Member
	Args   []Expr
}

// RefArg passes a reference: the argument of a ref, out or in parameter. Its type is that of Target. Target is a LocalRef whose Local
// has Cell set or is itself ref (pass the cell), or another place or value: make a cell (with the value in it unless Out), pass it, and after the
// call assign what is in it to Target if that is an ArrayIndex, TupleItem or Prop.
type RefArg struct {
	E
	Target Expr
	Out    bool
}

// CallLocal calls a local function. Args are as for Call.
type CallLocal struct {
	E
	Func *Func
	Args []Expr
}

// Invoke calls a delegate; NullReferenceException if it is null. X is evaluated before Args.
type Invoke struct {
	E
	X    Expr
	Args []Expr
}

// Lambda makes a delegate of type T of a function with the present cells of its Captures.
type Lambda struct {
	E
	Func *Func
}

// MethodGroup makes a delegate of type T that calls Method on This (evaluated now, once; nil for static methods), or Func if that is set.
// An extension method with a This gets it as its first argument. A null This of an instance method throws ArgumentException:
// "Delegate to an instance method cannot have null 'this'.". Conv, if not nil, adapts: it is a Func of the delegate's signature that makes
// the call with whatever conversions are needed; then Method is nil.
type MethodGroup struct {
	E
	Method *types.Member
	This   Expr
	Func   *Func
}

// NewArray makes an array of type T. Sizes are int, uint, long or ulong, one a dimension; OverflowException if one is negative. Where Sizes is
// empty, Dims has the lengths. Init, if not nil, are the elements, last dimension fastest.
type NewArray struct {
	E
	Sizes []Expr
	Dims  []int
	Init  []Expr
}

// ArrayIndex is an element of X: its value, or the place to assign to. Indices are int, uint, long or ulong, as many as
// X has dimensions. Errors: NullReferenceException, IndexOutOfRangeException; on assigning an object of another type than
// the array holds at run time, ArrayTypeMismatchException.
type ArrayIndex struct {
	E
	X       Expr
	Indices []Expr
}

// ArrayLength is X.Length of an array; int.
type ArrayLength struct {
	E
	X Expr
}

// AnonNew makes an object of anonymous type T (*types.AnonObject) of its properties' values in order.
type AnonNew struct {
	E
	Args []Expr
}

// AnonGet is the property Index of X, an object of an anonymous type; NullReferenceException if X is null.
type AnonGet struct {
	E
	X     Expr
	Index int
}

// TupleNew makes a tuple (*types.TupleValue) of its elements in order.
type TupleNew struct {
	E
	Args []Expr
}

// TupleItem is element Index of the tuple X: its value; or, if X is a place, the place to assign to:
// tuples are values, so assigning makes a copy of the tuple with the element changed and assigns that to X.
type TupleItem struct {
	E
	X     Expr
	Index int
}

// Assign assigns Y to the place X (LocalRef, Prop, ArrayIndex, TupleItem) and has Y's value. Order: the parts of X, then Y,
// then the assignment with its checks.
type Assign struct {
	E
	X Expr
	Y Expr
}

// Seq evaluates Effects in order and drops their values, then Value, which is its result. Its temporaries are Locals of the function.
type Seq struct {
	E
	Effects []Expr
	Value   Expr
}

// Throw throws the exception X (NullReferenceException if it is null) where an expression of type T is wanted.
type Throw struct {
	E
	X Expr
}

// Concat is a string concatenation of two parts or more, none of them a Concat. Each part has its own static type: strings as they are,
// null is "", other values give their ToString() (Ops.ToString of the boxed value).
type Concat struct {
	E
	Parts []Expr
}

// Interpolate is an interpolated string with at least one hole.
type Interpolate struct {
	E
	Parts []InterpolatePart
}

// InterpolatePart is Text if X is nil, else a hole: X, of any type, formatted as string.Format does.
type InterpolatePart struct {
	Text  *types.String
	X     Expr
	Align int
	// Format is nil if there is none.
	Format *types.String
}

// TypeOf is typeof(Of): the value is Value{Ref: Of.Object()}.
type TypeOf struct {
	E
	Of *types.Type
}

// Is is X is Pattern; bool. Variables of the pattern are assigned when it matches.
type Is struct {
	E
	X       Expr
	Pattern Pattern
}

// As is X as T for a reference type or Nullable T: X (a reference; value types have been boxed) if types.IsInstance, else null.
type As struct {
	E
	X Expr
}

// Pattern is what a value is matched with. The value has the type of the Is's or Switch's operand.
type Pattern interface{ pattern() }

// ConstPattern matches a value equal to a constant. If the operand's type is object or another reference type but string, the value is
// an object, and it matches if it is of exactly the constant's type and equal to it. Otherwise the constant has the operand's type
// (its underlying type, if that is Nullable).
type ConstPattern struct {
	// Value is the constant; its T is NullType for null.
	Value *Const
}

// TypePattern matches a value that is not null and of the type, as types.IsInstance says.
type TypePattern struct {
	Of *types.Type
	// Var receives the value, converted to Of (unwrapped, unboxed); nil for a discard or `is Type`.
	Var *Local
}

// VarPattern matches everything, null too.
type VarPattern struct {
	// Var has the operand's type; nil for a discard.
	Var *Local
}

func (*ConstPattern) pattern() {}
func (*TypePattern) pattern()  {}
func (*VarPattern) pattern()   {}
