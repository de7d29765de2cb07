package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindAssign is X = Y and X op= Y.
func (b *binder) bindAssign(x *syntax.AssignExpr) Expr {
	if x.Op != syntax.OpAssign {
		return b.bindCompound(x)
	}
	switch l := syntax.Unparen(x.X).(type) {
	case *syntax.TupleExpr, *syntax.DeclarationExpr:
		return b.bindDeconstruction(x.X, x.Y, x)
	case *syntax.NameExpr:
		if l.Name == "_" && b.scope.lookup("_") == nil && l.TypeArgs == nil {
			return b.discardAssign(x)
		}
	}
	target := b.bindExpr(x.X)
	if t, ok := target.(*typeExpr); ok && t.value == nil {
		target = b.bad(x.X, "CS0118", "'%s' is a type but is used like a variable", t.of.Short())
	}
	target = b.assignable(b.asValue(target, x.X), x.X)
	if r, ok := x.Y.(*syntax.RefExpr); ok {
		b.bindValue(r.X)
		return b.bad(x, "CS8373", "The left-hand side of a ref assignment must be a ref variable.")
	}
	y := b.bindValue(x.Y)
	if isBad(target) {
		b.settle([]arg{{x: y}})
		return badAt(x)
	}
	y = b.convertTo(b.readable(y, x.Y), target.Type(), x.Y)
	if isBad(y) {
		return badAt(x)
	}
	return &Assign{E: E{target.Type(), x.Span()}, X: target, Y: y}
}

// discardAssign is _ = Y.
func (b *binder) discardAssign(x *syntax.AssignExpr) Expr {
	y := b.natural(b.bindValue(x.Y), x.Y)
	t := y.Type()
	switch {
	case isBad(y):
		return badAt(x)
	case t == nil || t.Kind == types.NullKind:
		return b.bad(x.X, "CS8183", "Cannot infer the type of implicitly-typed discard.")
	case t == types.VoidType:
		return b.bad(x.X, "CS8209", "A value of type 'void' may not be assigned.")
	}
	l := b.temp(t, x)
	return &Assign{E: E{t, x.Span()}, X: ref(l, x), Y: y}
}

// readonlyLocal tells why the variable that an expression names cannot be assigned to, "" if it can.
func (b *binder) readonlyLocal(n syntax.Node) string {
	x, ok := n.(syntax.Expr)
	if !ok {
		return ""
	}
	if name, ok := syntax.Unparen(x).(*syntax.NameExpr); ok {
		if sym := b.scope.lookup(name.Name); sym != nil {
			return sym.readonly
		}
	}
	return ""
}

// assignable checks that x is a place that can be assigned to.
func (b *binder) assignable(x Expr, n syntax.Node) Expr {
	switch v := x.(type) {
	case *badExpr:
		return x
	case *LocalRef:
		if name := b.rangeName(n); name != "" {
			return b.bad(n, "CS1947", "Range variable '%s' cannot be assigned to -- it is read only", name)
		}
		if v.Local.Ref == types.ByIn {
			return b.bad(n, "CS8331", "Cannot assign to variable '%s' because it is a readonly variable", v.Local.Name)
		}
		if why := b.readonlyLocal(n); why != "" {
			return b.bad(n, "CS1656", "Cannot assign to '%s' because it is a '%s'", v.Local.Name, why)
		}
		return x
	case *GlobalRef:
		return b.bad(n, "CS1656", "Cannot assign to '%s' because it is a 'read-only variable'", b.env.Globals[v.Index].Name)
	case *ArrayIndex, *DynGet, *DynIndex:
		return x
	case *TupleItem:
		return b.assignableItem(v, n)
	case *Prop:
		return b.assignableProp(v, n)
	case *ArrayLength, *AnonGet:
		return b.bad(n, "CS0200", "Property or indexer '%s' cannot be assigned to -- it is read only", readOnlyName(x, n))
	case *groupExpr:
		return b.bad(n, "CS1656", "Cannot assign to '%s' because it is a 'method group'", v.name)
	}
	if name := b.rangeName(n); name != "" {
		return b.bad(n, "CS1947", "Range variable '%s' cannot be assigned to -- it is read only", name)
	}
	return b.bad(n, "CS0131", "The left-hand side of an assignment must be a variable, property or indexer")
}

// rangeName is the range variable that an expression names, "" if it names none.
func (b *binder) rangeName(n syntax.Node) string {
	if name, ok := n.(*syntax.NameExpr); ok {
		if sym := b.scope.lookup(name.Name); sym != nil && sym.kind == rangeSymbol {
			return name.Name
		}
	}
	return ""
}

func readOnlyName(x Expr, n syntax.Node) string {
	owner := ""
	switch x := x.(type) {
	case *ArrayLength:
		owner = "Array"
	case *AnonGet:
		owner = x.X.Type().Short()
	}
	if e, ok := n.(syntax.Expr); ok {
		return owner + "." + memberName(e)
	}
	return owner
}

func (b *binder) assignableItem(v *TupleItem, n syntax.Node) Expr {
	switch x := v.X.(type) {
	case *LocalRef, *ArrayIndex, *TupleItem:
		if m, ok := n.(*syntax.MemberExpr); ok {
			if why := b.readonlyLocal(m.X); why != "" {
				return b.bad(n, "CS1654", "Cannot modify members of '%s' because it is a '%s'", memberName(m.X), why)
			}
			if inner, ok := x.(*TupleItem); ok && isBad(b.assignableItem(inner, m.X)) {
				return badAt(n)
			}
		}
		return v
	case *Prop:
		if x.Member.Kind == types.Field {
			return v
		}
		return b.bad(leftOf(n), "CS1612", "Cannot modify the return value of '%s' because it is not a variable", x.Member.Display(false))
	case *Call:
		return b.bad(leftOf(n), "CS1612", "Cannot modify the return value of '%s' because it is not a variable", x.Method.Display(false))
	}
	return b.bad(n, "CS0131", "The left-hand side of an assignment must be a variable, property or indexer")
}

func leftOf(n syntax.Node) syntax.Node {
	if m, ok := n.(*syntax.MemberExpr); ok {
		return m.X
	}
	return n
}

func (b *binder) assignableProp(v *Prop, n syntax.Node) Expr {
	m := v.Member
	switch {
	case m.CanSet:
	case m.Kind == types.Field && m.Static:
		return b.bad(n, "CS0198", "A static readonly field cannot be assigned to (except in a static constructor or a variable initializer)")
	case m.Kind == types.Field:
		return b.bad(n, "CS0191", "A readonly field cannot be assigned to (except in a constructor or init-only setter of the type in which the field is defined or a variable initializer)")
	default:
		return b.bad(n, "CS0200", "Property or indexer '%s' cannot be assigned to -- it is read only", m.Display(false))
	}
	if v.This != nil && v.This.Type().IsValue() && !isPlace(v.This) {
		if p, ok := v.This.(*Prop); ok && p.Member.Kind != types.Field {
			return b.bad(leftOf(n), "CS1612", "Cannot modify the return value of '%s' because it is not a variable", p.Member.Display(false))
		}
	}
	return v
}

// place makes an expression that can be read and then assigned to with its parts evaluated once: effects come first.
func (b *binder) place(x Expr, n syntax.Node) (effects []Expr, again Expr) {
	keep := func(p Expr) Expr {
		switch p.(type) {
		case nil, *Const, *GlobalRef:
			return p
		}
		t := b.temp(p.Type(), n)
		effects = append(effects, &Assign{E: E{t.Type, p.Span()}, X: ref(t, n), Y: p})
		return ref(t, n)
	}
	keepAll := func(ps []Expr) []Expr {
		out := make([]Expr, len(ps))
		for i, p := range ps {
			out[i] = keep(p)
		}
		return out
	}
	switch v := x.(type) {
	case *Prop:
		c := *v
		if v.This != nil {
			if l, ok := v.This.(*LocalRef); !ok || !l.T.IsValue() {
				c.This = keep(v.This)
			}
		}
		c.Args = keepAll(v.Args)
		return effects, &c
	case *ArrayIndex:
		c := *v
		c.X, c.Indices = keep(v.X), keepAll(v.Indices)
		return effects, &c
	case *TupleItem:
		inner, again := b.place(v.X, n)
		return inner, &TupleItem{E: v.E, X: again, Index: v.Index}
	case *DynGet:
		c := *v
		c.X = keep(v.X)
		return effects, &c
	case *DynIndex:
		c := *v
		c.X, c.Args = keep(v.X), keepAll(v.Args)
		return effects, &c
	}
	return nil, x
}

// bindCompound is X op= Y: X is evaluated once, the operator applied, the result converted back (spec 12.21.4).
func (b *binder) bindCompound(x *syntax.AssignExpr) Expr {
	target := b.bindValue(x.X)
	y := b.natural(b.bindValue(x.Y), x.Y)
	if isBad(target) || isBad(y) {
		b.settle([]arg{{x: y}})
		return badAt(x)
	}
	if target = b.assignable(target, x.X); isBad(target) {
		return target
	}
	if isBad(b.readable(target, x.X)) {
		return badAt(x)
	}
	effects, again := b.place(target, x)
	op := binaryOps[x.Op]
	var v Expr
	if _, lambda := y.(*lambdaExpr); lambda || isGroup(y) {
		if again.Type().DelegateInvoke() == nil {
			return b.bad(x, "CS0019", "Operator '%s=' cannot be applied to operands of type '%s' and '%s'", x.Op, typeText(again), typeText(y))
		}
		y = b.convertTo(y, again.Type(), x.Y)
		if isBad(y) {
			return y
		}
	}
	d := b.speculate(func() { v = b.binary(op, x.Op, again, y, x) })
	if isBad(v) {
		for _, e := range d.list {
			if e.Code == "CS0019" {
				return b.bad(x, "CS0019", "Operator '%s=' cannot be applied to operands of type '%s' and '%s'", x.Op, typeText(again), typeText(y))
			}
		}
		b.replay(d)
		return v
	}
	v = b.compoundResult(v, again.Type(), y, op, x)
	if isBad(v) {
		return v
	}
	return seq(effects, &Assign{E: E{again.Type(), x.Span()}, X: again, Y: v})
}

func isGroup(x Expr) bool {
	_, ok := x.(*groupExpr)
	return ok
}

func seq(effects []Expr, v Expr) Expr {
	if len(effects) == 0 {
		return v
	}
	return &Seq{E: E{v.Type(), v.Span()}, Effects: effects, Value: v}
}

// compoundResult converts the result of a compound assignment's operator back to the type of its target.
func (b *binder) compoundResult(v Expr, t *types.Type, y Expr, op Op, x *syntax.AssignExpr) Expr {
	if c := b.implicitFrom(v, t); c.ok() {
		return b.apply(v, t, c, x)
	}
	_, user := v.(*Call)
	if !user && v.Type() != nil && b.explicitBetween(v.Type(), t).ok() && (op == Shl || op == Shr || b.implicitFrom(y, t).ok()) {
		if enumOf(y) == nil && t.Kind != types.EnumKind || numOf(stripNullable(t)) != notNum || t.Kind == types.EnumKind {
			saved := b.fn.overflow
			if saved == overflowDefault {
				b.fn.overflow = overflowUnchecked
			}
			out := b.apply(v, t, b.explicitBetween(v.Type(), t), x)
			b.fn.overflow = saved
			return out
		}
	}
	if k, ok := y.(*Const); ok && b.constMismatch(k, t, x) {
		return badAt(x)
	}
	b.typeMismatch(v, t, x)
	return badAt(x)
}

// bindIncrement is ++X, X++ and the same with --.
func (b *binder) bindIncrement(target syntax.Expr, op syntax.Op, postfix bool, n syntax.Node) Expr {
	x := b.bindValue(target)
	if isBad(x) {
		return badAt(n)
	}
	switch x.(type) {
	case *Prop, *LocalRef, *ArrayIndex, *TupleItem, *DynGet, *DynIndex, *GlobalRef:
		if x = b.assignable(x, target); isBad(x) {
			return x
		}
	default:
		return b.bad(target, "CS1059", "The operand of an increment or decrement operator must be a variable, property or indexer")
	}
	if isBad(b.readable(x, target)) {
		return badAt(n)
	}
	effects, again := b.place(x, n)
	old := Expr(again)
	if postfix {
		t := b.temp(again.Type(), n)
		effects = append(effects, &Assign{E: E{t.Type, n.Span()}, X: ref(t, n), Y: again})
		old = ref(t, n)
	}
	next := b.incremented(old, op, n)
	if next == nil {
		return b.bad(n, "CS0023", "Operator '%s' cannot be applied to operand of type '%s'", op, typeText(x))
	}
	if isBad(next) {
		return next
	}
	assign := &Assign{E: E{again.Type(), n.Span()}, X: again, Y: next}
	if !postfix {
		return seq(effects, assign)
	}
	return &Seq{E: E{again.Type(), n.Span()}, Effects: append(effects, assign), Value: old}
}

// incremented is x + 1 or x - 1 in x's own type; nil if there is no such operator.
func (b *binder) incremented(x Expr, op syntax.Op, n syntax.Node) Expr {
	t := x.Type()
	o, name := Add, "op_Increment"
	if op == syntax.OpDec {
		o, name = Sub, "op_Decrement"
	}
	if t.Kind == types.Dynamic {
		return b.dynamicBinary(o, x, newConst(types.Int32Type, types.Int(1), n), n)
	}
	if hasUserOperators(stripNullable(t)) {
		u, _ := b.bestUserOp(b.userOps(name, x), x)
		if u == nil {
			return nil
		}
		if u.lifted {
			return &LiftedOp{E: E{t, n.Span()}, Op: o, Method: u.m, X: x}
		}
		return b.convertTo(&Call{E: E{u.m.Result, n.Span()}, Method: u.m, Args: []Expr{b.convertTo(x, u.params[0], n)}}, t, n)
	}
	u := stripNullable(t)
	if numOf(underlyingOf(u)) == notNum {
		return nil
	}
	one, _, _ := convertConst(types.Int(1), types.Int32Type, underlyingOf(u))
	v := b.binary(o, op, x, newConst(underlyingOf(u), one, n), n)
	if isBad(v) {
		return v
	}
	return b.apply(v, t, b.explicitBetween(v.Type(), t), n)
}
