package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// userOp is a user-defined operator in the form considered.
type userOp struct {
	m      *types.Member
	params []*types.Type
	lifted bool
}

// hasUserOperators reports a type whose operators are not the language's own.
func hasUserOperators(t *types.Type) bool {
	if t == nil || t.Kind != types.Class && t.Kind != types.Struct {
		return false
	}
	return numOf(t) == notNum && t != types.StringType && t != types.Object_ && t != types.BoolType && t.Def != nil
}

// userOps collects the operators of the operands' types.
func (b *binder) userOps(name string, operands ...Expr) []userOp {
	var out []userOp
	seen := map[*types.Member]bool{}
	for _, x := range operands {
		t := x.Type()
		if t == nil {
			continue
		}
		t = stripNullable(t)
		if !hasUserOperators(t) {
			continue
		}
		for _, m := range b.u.Operators(t, name) {
			if seen[m] || len(m.Params) != len(operands) {
				continue
			}
			seen[m] = true
			out = append(out, userOp{m: m, params: paramTypes(m)})
			if l, ok := lift(m); ok {
				out = append(out, l)
			}
		}
	}
	return out
}

// lift is the lifted form of an operator on value types.
func lift(m *types.Member) (userOp, bool) {
	params := make([]*types.Type, len(m.Params))
	for i, p := range m.Params {
		if !p.Type.IsValue() || isNullable(p.Type) {
			return userOp{}, false
		}
		params[i] = types.NullableOf(p.Type)
	}
	return userOp{m, params, true}, m.Result.IsValue() && !isNullable(m.Result)
}

// bestUserOp is the best applicable one; nil if there is none.
func (b *binder) bestUserOp(ops []userOp, operands ...Expr) (best *userOp, ambiguous bool) {
	var fit []*userOp
	for i := range ops {
		ok := true
		for j, x := range operands {
			if !b.implicitFrom(x, ops[i].params[j]).ok() {
				ok = false
				break
			}
		}
		if ok {
			fit = append(fit, &ops[i])
		}
	}
	for _, o := range fit {
		beats := true
		for _, p := range fit {
			if p != o && !b.betterUserOp(o, p, operands) {
				beats = false
				break
			}
		}
		if beats {
			return o, false
		}
	}
	return nil, len(fit) > 1
}

func (b *binder) betterUserOp(o, p *userOp, operands []Expr) bool {
	some, identical := false, true
	for i, x := range operands {
		identical = identical && same(o.params[i], p.params[i])
		switch b.betterConversion(x, o.params[i], p.params[i], conversion{}, conversion{}) {
		case -1:
			return false
		case 1:
			some = true
		}
	}
	return some || identical && !o.lifted && p.lifted
}

// userBinary applies a user-defined operator; nil if none is applicable.
func (b *binder) userBinary(op Op, x, y Expr, n syntax.Node) Expr {
	if !hasUserOperators(strippedType(x)) && !hasUserOperators(strippedType(y)) {
		return nil
	}
	o, ambiguous := b.bestUserOp(b.userOps(operatorMethods[op], x, y), x, y)
	if ambiguous {
		return b.bad(n, "CS0034", "Operator '%s' is ambiguous on operands of type '%s' and '%s'", opText(op), typeText(x), typeText(y))
	}
	if o == nil {
		return nil
	}
	if o.lifted && (isNull(x) || isNull(y)) && (op == Eq || op == Ne) {
		if v := b.nullEquality(op, x, y, n); v != nil {
			return v
		}
		if isNull(x) {
			x = y
		}
		e := E{types.BoolType, n.Span()}
		return &Seq{E: e, Effects: []Expr{x}, Value: newConst(types.BoolType, types.Bool(op == Ne), n)}
	}
	x, y = b.convertTo(x, o.params[0], n), b.convertTo(y, o.params[1], n)
	if isBad(x) || isBad(y) {
		return badAt(n)
	}
	e := E{o.m.Result, n.Span()}
	if !o.lifted {
		return &Call{E: e, Method: o.m, Args: []Expr{x, y}}
	}
	if !op.comparison() {
		e.T = types.NullableOf(e.T)
	}
	return &LiftedOp{E: e, Op: op, Method: o.m, X: x, Y: y}
}

func strippedType(x Expr) *types.Type {
	if t := x.Type(); t != nil {
		return stripNullable(t)
	}
	return nil
}

func opText(op Op) string {
	for w, o := range binaryOps {
		if o == op {
			return w.String()
		}
	}
	return ""
}

// logical is && and ||.
func (b *binder) logical(word syntax.Op, x, y Expr, n syntax.Node) Expr {
	or := word == syntax.OpOrElse
	if isDynamic(x) || isDynamic(y) {
		return b.dynamicLogical(or, x, y, n)
	}
	e := E{types.BoolType, n.Span()}
	if !b.convertsToBool(x) || !b.convertsToBool(y) {
		if v := b.userLogical(or, x, y, n); v != nil {
			return v
		}
		return b.badBinary(word, x, y, n)
	}
	x, y = b.convertTo(x, types.BoolType, n), b.convertTo(y, types.BoolType, n)
	k, ok := x.(*Const)
	l, ok2 := y.(*Const)
	if ok && ok2 {
		v := k.V.Bool() && l.V.Bool()
		if or {
			v = k.V.Bool() || l.V.Bool()
		}
		return newConst(types.BoolType, types.Bool(v), n)
	}
	return &Logical{E: e, Or: or, X: x, Y: y}
}

func (b *binder) convertsToBool(x Expr) bool {
	return x.Type() != nil && b.implicitFrom(x, types.BoolType).ok()
}

// userLogical is && and || by user-defined & and | with true and false (spec 12.14.3).
func (b *binder) userLogical(or bool, x, y Expr, n syntax.Node) Expr {
	op, test := And, "op_False"
	if or {
		op, test = Or, "op_True"
	}
	t := strippedType(x)
	if !hasUserOperators(t) {
		return nil
	}
	v := b.temp(x.Type(), n)
	both := b.userBinary(op, ref(v, n), y, n)
	o, _ := b.bestUserOp(b.userOps(test, ref(v, n)), ref(v, n))
	if both == nil || o == nil || isBad(both) || !same(both.Type(), v.Type) {
		return nil
	}
	cond := &Call{E: E{types.BoolType, n.Span()}, Method: o.m, Args: []Expr{b.convertTo(ref(v, n), o.params[0], n)}}
	e := E{v.Type, n.Span()}
	return &Seq{E: e, Effects: []Expr{&Assign{E: e, X: ref(v, n), Y: x}}, Value: &Conditional{E: e, Cond: cond, Then: ref(v, n), Else: both}}
}

var unaryOps = map[syntax.Op]Op{syntax.OpAdd: Plus, syntax.OpSub: Neg, syntax.OpNot: Not, syntax.OpCompl: Compl}

// bindUnary is + - ! ~ and prefix ++ --.
func (b *binder) bindUnary(x *syntax.UnaryExpr) Expr {
	if x.Op == syntax.OpInc || x.Op == syntax.OpDec {
		return b.bindIncrement(x.X, x.Op, false, x)
	}
	op, ok := unaryOps[x.Op]
	if !ok {
		b.asValue(b.bindExpr(x.X), x.X)
		if x.Op == syntax.OpMul {
			return b.bad(x, "CS0193", "The * or -> operator must be applied to a pointer")
		}
		return b.bad(x, "CS0214", "Pointers and fixed size buffers may only be used in an unsafe context")
	}
	if l, ok := x.X.(*syntax.Literal); ok && op == Neg && l.Kind == syntax.IntLit {
		switch {
		case l.Int == 1<<31 && l.Suffix == syntax.NoSuffix:
			return newConst(types.Int32Type, types.Int(-1<<31), x)
		case l.Int == 1<<63 && (l.Suffix == syntax.NoSuffix || l.Suffix == syntax.SuffixL):
			return newConst(types.Int64Type, types.Int(-1<<63), x)
		}
	}
	v := b.bindOperand(x.X)
	if isBad(v) {
		return badAt(x)
	}
	if isDynamic(v) {
		return &DynUnary{E: E{types.DynamicType, x.Span()}, Op: op, X: v, Site: b.site(v)}
	}
	if out := b.unary(op, v, x); out != nil {
		return out
	}
	return b.bad(x, "CS0023", "Operator '%s' cannot be applied to operand of type '%s'", x.Op, typeText(v))
}

// unary finds and applies a unary operator; nil if there is none.
func (b *binder) unary(op Op, x Expr, n syntax.Node) Expr {
	t := x.Type()
	if t == nil || t.Kind == types.NullKind {
		return nil
	}
	if out := b.userUnary(op, x, n); out != nil {
		return out
	}
	u, lifted := stripNullable(t), isNullable(t)
	switch {
	case op == Not:
		if !b.implicitFrom(x, liftedType(types.BoolType, lifted)).ok() {
			return nil
		}
		bt := liftedType(types.BoolType, lifted)
		return b.foldUnaryNode(&Unary{E: E{bt, n.Span()}, Op: op, Of: Bool, Lifted: lifted, X: b.convertTo(x, bt, n)}, n)
	case op == Compl && u.Kind == types.EnumKind:
		return b.foldUnaryNode(&Unary{E: E{t, n.Span()}, Op: op, Of: operandsOf(u), Lifted: lifted, X: x}, n)
	}
	list := arithmetic
	switch op {
	case Compl:
		list = arithmetic[:4]
	case Neg:
		list = []*types.Type{types.Int32Type, types.Int64Type, types.SingleType, types.DoubleType, types.DecimalType}
	}
	if op == Neg && u == types.UInt64Type {
		return nil
	}
	for _, c := range list {
		want := liftedType(c, lifted)
		conv := b.implicitFrom(x, want)
		if !conv.ok() || numOf(u).integral() && conv.kind == constantConv {
			continue
		}
		return b.foldUnaryNode(&Unary{E: E{want, n.Span()}, Op: op, Of: operandsOf(c), Lifted: lifted,
			Checked: b.overflow() == overflowChecked, X: b.apply(x, want, conv, n)}, n)
	}
	return nil
}

func (b *binder) userUnary(op Op, x Expr, n syntax.Node) Expr {
	if !hasUserOperators(strippedType(x)) {
		return nil
	}
	o, _ := b.bestUserOp(b.userOps(operatorMethods[op], x), x)
	if o == nil {
		return nil
	}
	e := E{o.m.Result, n.Span()}
	x = b.convertTo(x, o.params[0], n)
	if o.lifted {
		e.T = types.NullableOf(e.T)
		return &LiftedOp{E: e, Op: op, Method: o.m, X: x}
	}
	return &Call{E: e, Method: o.m, Args: []Expr{x}}
}

func (b *binder) foldUnaryNode(x *Unary, n syntax.Node) Expr {
	k, ok := x.X.(*Const)
	if !ok || x.Lifted {
		return x
	}
	v, how := foldUnary(x.Op, x.Of, k.V)
	switch {
	case how == notFoldable:
		return x
	case how == overflowed && b.overflow() != overflowUnchecked:
		return b.bad(n, "CS0220", "The operation overflows at compile time in checked mode")
	}
	if u := underlyingOf(x.T); x.T.Kind == types.EnumKind {
		v.Num = numOf(u).cut(v.Num)
	}
	return newConst(x.T, v, n)
}
