package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

var binaryOps = map[syntax.Op]Op{
	syntax.OpAdd: Add, syntax.OpSub: Sub, syntax.OpMul: Mul, syntax.OpDiv: Div, syntax.OpRem: Rem,
	syntax.OpAnd: And, syntax.OpOr: Or, syntax.OpXor: Xor, syntax.OpShl: Shl, syntax.OpShr: Shr,
	syntax.OpEq: Eq, syntax.OpNe: Ne, syntax.OpLt: Lt, syntax.OpGt: Gt, syntax.OpLe: Le, syntax.OpGe: Ge,
}

// operatorMethods are the metadata names of user-defined operators.
var operatorMethods = map[Op]string{
	Add: "op_Addition", Sub: "op_Subtraction", Mul: "op_Multiply", Div: "op_Division", Rem: "op_Modulus",
	And: "op_BitwiseAnd", Or: "op_BitwiseOr", Xor: "op_ExclusiveOr", Shl: "op_LeftShift", Shr: "op_RightShift",
	Eq: "op_Equality", Ne: "op_Inequality", Lt: "op_LessThan", Gt: "op_GreaterThan", Le: "op_LessThanOrEqual", Ge: "op_GreaterThanOrEqual",
	Plus: "op_UnaryPlus", Neg: "op_UnaryNegation", Not: "op_LogicalNot", Compl: "op_OnesComplement",
}

// bindBinary is X op Y. Long chains are bound without recursion on their left side.
func (b *binder) bindBinary(x *syntax.BinaryExpr) Expr {
	var chain []*syntax.BinaryExpr
	left := syntax.Expr(x)
	for {
		l, ok := left.(*syntax.BinaryExpr)
		if !ok || l.Op == syntax.OpCoalesce {
			break
		}
		chain = append(chain, l)
		left = l.X
	}
	if len(chain) == 0 {
		return b.bindCoalesce(x)
	}
	v := b.bindOperand(left)
	for i := len(chain) - 1; i >= 0; i-- {
		v = b.binaryStep(v, chain[i])
	}
	return v
}

func (b *binder) binaryStep(v Expr, n *syntax.BinaryExpr) Expr {
	y := b.bindOperand(n.Y)
	if isBad(v) || isBad(y) {
		return badAt(n)
	}
	switch n.Op {
	case syntax.OpAndAlso, syntax.OpOrElse:
		return b.logical(n.Op, v, y, n)
	}
	return b.binary(binaryOps[n.Op], n.Op, v, y, n)
}

func (b *binder) bindOperand(x syntax.Expr) Expr {
	return b.readable(b.natural(b.bindValue(x), x), x)
}

// typeText is the type of an operand in a message.
func typeText(x Expr) string {
	if t := x.Type(); t != nil {
		return t.Short()
	}
	return typelessName(x)
}

// badBinary tells that there is no such operator.
func (b *binder) badBinary(op syntax.Op, x, y Expr, n syntax.Node) Expr {
	return b.bad(n, "CS0019", "Operator '%s' cannot be applied to operands of type '%s' and '%s'", op, typeText(x), typeText(y))
}

// binary finds the operator for two operands and applies it.
func (b *binder) binary(op Op, word syntax.Op, x, y Expr, n syntax.Node) Expr {
	if isDynamic(x) || isDynamic(y) {
		return b.dynamicBinary(op, x, y, n)
	}
	x, y = b.adoptDefault(op, x, y, n), b.adoptDefault(op, y, x, n)
	if t, u := x.Type(), y.Type(); t == types.VoidType || u == types.VoidType {
		return b.badBinary(word, x, y, n)
	}
	if v := b.tupleEquality(op, word, x, y, n); v != nil {
		return v
	}
	if v := b.userBinary(op, x, y, n); v != nil {
		return v
	}
	if op == Add && (x.Type() == types.StringType || y.Type() == types.StringType) {
		if v := b.concat(x, y, n); v != nil {
			return v
		}
		return b.badBinary(word, x, y, n)
	}
	if v := b.predefined(op, word, x, y, n); v != nil {
		return v
	}
	return b.badBinary(word, x, y, n)
}

func isDynamic(x Expr) bool {
	t := x.Type()
	return t != nil && t.Kind == types.Dynamic
}

// adoptDefault gives a default literal the type of the other operand of == and !=.
func (b *binder) adoptDefault(op Op, x, other Expr, n syntax.Node) Expr {
	if _, ok := x.(*defaultExpr); ok && (op == Eq || op == Ne) && other.Type() != nil {
		return &Const{E{other.Type(), x.Span()}, types.Value{}}
	}
	return x
}

// predefined applies a predefined operator; nil if there is none.
func (b *binder) predefined(op Op, word syntax.Op, x, y Expr, n syntax.Node) Expr {
	if op == Eq || op == Ne {
		if v := b.nullEquality(op, x, y, n); v != nil {
			return v
		}
	}
	if v := b.enumBinary(op, x, y, n); v != nil {
		return v
	}
	if v := b.boolBinary(op, x, y, n); v != nil {
		return v
	}
	if v, told := b.numericBinary(op, word, x, y, n); v != nil || told {
		return v
	}
	if v := b.delegateBinary(op, x, y, n); v != nil {
		return v
	}
	if op == Eq || op == Ne {
		return b.referenceEquality(op, x, y, n)
	}
	return nil
}

// nullEquality is x == null of a nullable or a type parameter.
func (b *binder) nullEquality(op Op, x, y Expr, n syntax.Node) Expr {
	if isNull(x) && !isNull(y) {
		x, y = y, x
	}
	t := x.Type()
	if !isNull(y) || t == nil {
		return nil
	}
	switch {
	case isNull(x):
		return newConst(types.BoolType, types.Bool(op == Eq), n)
	case t.Kind == types.TypeParam:
		x = &Convert{E: E{types.Object_, x.Span()}, Kind: Box, X: x}
	case !isNullable(t):
		return nil
	}
	e := E{types.BoolType, n.Span()}
	is := Expr(&Is{E: e, X: x, Pattern: &ConstPattern{Value: &Const{E{types.NullType, y.Span()}, types.Null}}})
	if op == Ne {
		return &Unary{E: e, Op: Not, Of: Bool, X: is}
	}
	return is
}

// enumBinary are the operators of enums (spec 12.10 to 12.13).
func (b *binder) enumBinary(op Op, x, y Expr, n syntax.Node) Expr {
	xe, ye := enumOf(x), enumOf(y)
	if xe == nil && ye == nil {
		return nil
	}
	e := xe
	if e == nil {
		e = ye
	}
	lifted := nullish(x) || nullish(y)
	switch op {
	case Add, Sub:
		switch {
		case op == Sub && xe == ye:
			return b.enumApply(op, e, lifted, x, y, e, e, e.Def.Underlying, n)
		case op == Add && xe != nil && ye != nil, op == Sub && xe == nil:
			return nil
		case xe != nil:
			return b.enumApply(op, e, lifted, x, y, e, e.Def.Underlying, e, n)
		}
		return b.enumApply(op, e, lifted, x, y, e.Def.Underlying, e, e, n)
	case And, Or, Xor:
		return b.enumApply(op, e, lifted, x, y, e, e, e, n)
	case Eq, Ne, Lt, Gt, Le, Ge:
		return b.enumApply(op, e, lifted, x, y, e, e, types.BoolType, n)
	}
	return nil
}

// enumOf is the enum that x is of, Nullable or not; nil for others.
func enumOf(x Expr) *types.Type {
	if t := x.Type(); t != nil {
		if u := stripNullable(t); u.Kind == types.EnumKind {
			return u
		}
	}
	return nil
}

// nullish reports an operand that makes an operator lifted.
func nullish(x Expr) bool { return isNull(x) || x.Type() != nil && isNullable(x.Type()) }

func liftedType(t *types.Type, lifted bool) *types.Type {
	if lifted {
		return types.NullableOf(t)
	}
	return t
}

// operandsOf is the kind of arithmetic of an integral type, after promotion.
func operandsOf(t *types.Type) Operands {
	switch numOf(underlyingOf(t)) {
	case nUInt:
		return UInt32
	case nLong:
		return Int64
	case nULong:
		return UInt64
	case nFloat:
		return Float32
	case nDouble:
		return Float64
	case nDecimal:
		return Decimal
	}
	return Int32
}

func (b *binder) enumApply(op Op, e *types.Type, lifted bool, x, y Expr, xt, yt, result *types.Type, n syntax.Node) Expr {
	xt, yt = liftedType(xt, lifted), liftedType(yt, lifted)
	cx, cy := b.implicitFrom(x, xt), b.implicitFrom(y, yt)
	if !cx.ok() || !cy.ok() {
		return nil
	}
	x, y = b.apply(x, xt, cx, n), b.apply(y, yt, cy, n)
	if isBad(x) || isBad(y) {
		return badAt(n)
	}
	of := operandsOf(e)
	if result == types.BoolType {
		return b.fold(&Binary{E: E{types.BoolType, n.Span()}, Op: op, Of: of, Lifted: lifted, X: x, Y: y}, n)
	}
	out := b.fold(&Binary{E: E{liftedType(result, lifted), n.Span()}, Op: op, Of: of, Lifted: lifted, Checked: b.overflow() == overflowChecked, X: x, Y: y}, n)
	small := numOf(e.Def.Underlying)
	if c, ok := out.(*Const); ok && small.bits() < 32 {
		c.V.Num = small.cut(c.V.Num)
	}
	return out
}

// boolBinary are & | ^ == != of bools.
func (b *binder) boolBinary(op Op, x, y Expr, n syntax.Node) Expr {
	switch op {
	case And, Or, Xor, Eq, Ne:
	default:
		return nil
	}
	if !isBoolish(x) && !isNull(x) || !isBoolish(y) && !isNull(y) || !isBoolish(x) && !isBoolish(y) {
		return nil
	}
	lifted := nullish(x) || nullish(y)
	t := liftedType(types.BoolType, lifted)
	x, y = b.convertTo(x, t, n), b.convertTo(y, t, n)
	if op == Eq || op == Ne {
		t = types.BoolType
	}
	return b.fold(&Binary{E: E{t, n.Span()}, Op: op, Of: Bool, Lifted: lifted, X: x, Y: y}, n)
}

func isBoolish(x Expr) bool { return x.Type() != nil && stripNullable(x.Type()) == types.BoolType }

// arithmetic are the types that arithmetic is done in, best first where one converts to another.
var arithmetic = []*types.Type{types.Int32Type, types.UInt32Type, types.Int64Type, types.UInt64Type, types.SingleType, types.DoubleType, types.DecimalType}

// numericBinary are the operators on numbers, with promotion by overload resolution.
func (b *binder) numericBinary(op Op, word syntax.Op, x, y Expr, n syntax.Node) (out Expr, told bool) {
	if !b.numericOperand(x) || !b.numericOperand(y) || isNull(x) && isNull(y) {
		return nil, false
	}
	lifted := nullish(x) || nullish(y)
	if op == Shl || op == Shr {
		return b.shift(op, x, y, lifted, n), false
	}
	t, ambiguous := b.promote(op, x, y, lifted)
	if ambiguous {
		return b.bad(n, "CS0034", "Operator '%s' is ambiguous on operands of type '%s' and '%s'", word, typeText(x), typeText(y)), true
	}
	if t == nil {
		return nil, false
	}
	result := t
	if op.comparison() {
		result = types.BoolType
	}
	operand := liftedType(t, lifted)
	x, y = b.convertTo(x, operand, n), b.convertTo(y, operand, n)
	if isBad(x) || isBad(y) {
		return badAt(n), true
	}
	if lifted && result != types.BoolType {
		result = operand
	}
	return b.fold(&Binary{E: E{result, n.Span()}, Op: op, Of: operandsOf(t), Lifted: lifted, Checked: b.overflow() == overflowChecked, X: x, Y: y}, n), false
}

// numericOperand reports what converts to a number: numbers, null, and types with a conversion of their own.
func (b *binder) numericOperand(x Expr) bool {
	t := x.Type()
	if t == nil {
		return false
	}
	u := stripNullable(t)
	return numOf(u) != notNum || t.Kind == types.NullKind || u.Kind == types.Class || u.Kind == types.Struct
}

func opTypes(op Op) []*types.Type {
	switch op {
	case And, Or, Xor:
		return arithmetic[:4]
	}
	return arithmetic
}

// promote finds the type that the predefined operator works in.
func (b *binder) promote(op Op, x, y Expr, lifted bool) (best *types.Type, ambiguous bool) {
	list := opTypes(op)
	if xt := x.Type(); xt == y.Type() && !lifted {
		for _, t := range list {
			if t == xt {
				return t, false
			}
		}
	}
	var fits []*types.Type
	for _, t := range list {
		u := liftedType(t, lifted)
		if b.implicitFrom(x, u).ok() && b.implicitFrom(y, u).ok() {
			fits = append(fits, t)
		}
	}
	for _, t := range fits {
		beats := true
		for _, o := range fits {
			if o != t && !b.betterOperator(x, y, liftedType(t, lifted), liftedType(o, lifted)) {
				beats = false
				break
			}
		}
		if beats {
			return t, false
		}
	}
	return nil, len(fits) > 1
}

func (b *binder) betterOperator(x, y Expr, t, o *types.Type) bool {
	cx := b.betterConversion(x, t, o, conversion{}, conversion{})
	cy := b.betterConversion(y, t, o, conversion{}, conversion{})
	return cx >= 0 && cy >= 0 && cx+cy > 0
}

func (b *binder) shift(op Op, x, y Expr, lifted bool, n syntax.Node) Expr {
	right := liftedType(types.Int32Type, lifted)
	cy := b.implicitFrom(y, right)
	if !cy.ok() {
		return nil
	}
	for _, t := range arithmetic[:4] {
		u := liftedType(t, lifted)
		cx := b.implicitFrom(x, u)
		if !cx.ok() {
			continue
		}
		if xt := stripNullable(x.Type()); numOf(xt) >= nInt && numOf(xt) <= nULong && xt != t {
			continue
		}
		return b.fold(&Binary{E: E{u, n.Span()}, Op: op, Of: operandsOf(t), Lifted: lifted, X: b.apply(x, u, cx, n), Y: b.apply(y, right, cy, n)}, n)
	}
	return nil
}

// fold computes an operation on constants.
func (b *binder) fold(x *Binary, n syntax.Node) Expr {
	k, ok := x.X.(*Const)
	l, ok2 := x.Y.(*Const)
	if !ok || !ok2 || x.Lifted {
		return x
	}
	v, how := foldBinary(x.Op, x.Of, k.V, l.V)
	switch {
	case how == notFoldable:
		return x
	case how == divByZero:
		return b.bad(n, "CS0020", "Division by constant zero")
	case how == decimalFailed:
		return b.bad(n, "CS0463", "Evaluation of the decimal constant expression failed")
	case how == overflowed && b.overflow() != overflowUnchecked:
		return b.bad(n, "CS0220", "The operation overflows at compile time in checked mode")
	}
	return newConst(x.T, v, n)
}

func (b *binder) delegateBinary(op Op, x, y Expr, n syntax.Node) Expr {
	t := x.Type()
	if t == nil || t.Kind != types.DelegateKind {
		t = y.Type()
	}
	if t == nil || t.Kind != types.DelegateKind || op != Add && op != Sub && op != Eq && op != Ne {
		return nil
	}
	cx, cy := b.implicitFrom(x, t), b.implicitFrom(y, t)
	if !cx.ok() || !cy.ok() {
		return nil
	}
	result := t
	if op == Eq || op == Ne {
		result = types.BoolType
	}
	return &Binary{E: E{result, n.Span()}, Op: op, Of: Delegate, X: b.apply(x, t, cx, n), Y: b.apply(y, t, cy, n)}
}

// referenceEquality is == and != of strings and other references.
func (b *binder) referenceEquality(op Op, x, y Expr, n syntax.Node) Expr {
	t, u := x.Type(), y.Type()
	if t == nil || u == nil || !t.IsRef() || !u.IsRef() {
		return nil
	}
	of := Reference
	if (t == types.StringType || isNull(x)) && (u == types.StringType || isNull(y)) {
		of = String
		x, y = b.convertTo(x, types.StringType, n), b.convertTo(y, types.StringType, n)
	} else {
		if !isNull(x) && !isNull(y) && !b.explicitBetween(t, u).ok() && !b.explicitBetween(u, t).ok() {
			return nil
		}
		x, y = b.nullAs(x, u), b.nullAs(y, t)
	}
	return b.fold(&Binary{E: E{types.BoolType, n.Span()}, Op: op, Of: of, X: x, Y: y}, n)
}

func (b *binder) nullAs(x Expr, t *types.Type) Expr {
	if isNull(x) {
		return &Const{E{t, x.Span()}, types.Null}
	}
	return x
}

// concat is + of which an operand is a string; nil if the other cannot be put into a string.
func (b *binder) concat(x, y Expr, n syntax.Node) Expr {
	for _, v := range []Expr{x, y} {
		if v.Type() == nil || v.Type() == types.VoidType {
			return nil
		}
	}
	x, y = b.nullAs(x, types.StringType), b.nullAs(y, types.StringType)
	k, ok := x.(*Const)
	l, ok2 := y.(*Const)
	if ok && ok2 && k.T == types.StringType && l.T == types.StringType {
		return newConst(types.StringType, types.Ref(types.ConcatStrings(k.V.Str(), l.V.Str())), n)
	}
	out := &Concat{E: E{types.StringType, n.Span()}}
	if c, ok := x.(*Concat); ok {
		out.Parts = append(c.Parts, y) // the node c is given up, so its parts may be taken over
		return out
	}
	out.Parts = make([]Expr, 0, 4)
	out.Parts = append(out.Parts, x, y)
	return out
}
