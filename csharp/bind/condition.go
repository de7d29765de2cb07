package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindCondition binds an expression that must be a bool (or have operator true).
func (b *binder) bindCondition(x syntax.Expr) Expr {
	v := b.bindOperand(x)
	if isBad(v) {
		return v
	}
	if b.implicitFrom(v, types.BoolType).ok() {
		return b.convertTo(v, types.BoolType, x)
	}
	if hasUserOperators(strippedType(v)) {
		if o, _ := b.bestUserOp(b.userOps("op_True", v), v); o != nil && !o.lifted {
			return &Call{E: E{types.BoolType, x.Span()}, Method: o.m, Args: []Expr{b.convertTo(v, o.params[0], x)}}
		}
	}
	return b.convertTo(v, types.BoolType, x)
}

// bindConditional is Cond ? Then : Else.
func (b *binder) bindConditional(x *syntax.ConditionalExpr) Expr {
	cond := b.bindCondition(x.Cond)
	then, els := b.bindBranch(x.Then), b.bindBranch(x.Else)
	if isBad(cond) || isBad(then) || isBad(els) {
		return badAt(x)
	}
	t := b.conditionalType(then, els)
	if t == nil {
		return &condExpr{E{nil, x.Span()}, then, els}
	}
	if t == types.VoidType {
		return b.bad(x, "CS0173", "Type of conditional expression cannot be determined because there is no implicit conversion between '%s' and '%s'", typeText(then), typeText(els))
	}
	then, els = b.convertTo(then, t, x.Then), b.convertTo(els, t, x.Else)
	if isBad(then) || isBad(els) {
		return badAt(x)
	}
	if c, ok := cond.(*Const); ok {
		pick := els
		if c.V.Bool() {
			pick = then
		}
		_, thenConst := then.(*Const)
		_, elseConst := els.(*Const)
		if k, ok := pick.(*Const); ok && thenConst && elseConst {
			return &Const{E{t, x.Span()}, k.V}
		}
	}
	return &Conditional{E: E{t, x.Span()}, Cond: cond, Then: then, Else: els}
}

// noCommonType tells of a conditional expression whose branches have no common type. Where a type is wanted to which both convert, C# 9 would take it.
func (b *binder) noCommonType(x *condExpr, to *types.Type) {
	if to != nil && b.implicitFrom(x.then, to).ok() && b.implicitFrom(x.els, to).ok() {
		b.errorAt(spanNode(x.At), "CS8957", "Conditional expression is not valid in language version 7.3 because a common type was not found between '%s' and '%s'. To use a target-typed conversion, upgrade to language version 9.0 or greater.", typeText(x.then), typeText(x.els))
		return
	}
	b.errorAt(spanNode(x.At), "CS0173", "Type of conditional expression cannot be determined because there is no implicit conversion between '%s' and '%s'", typeText(x.then), typeText(x.els))
}

func (b *binder) bindBranch(x syntax.Expr) Expr {
	if r, ok := x.(*syntax.RefExpr); ok {
		x = r.X
	}
	return b.bindThrowable(x)
}

// conditionalType is the type of the branches that the other converts to; nil if there is none.
func (b *binder) conditionalType(then, els Expr) *types.Type {
	t, u := then.Type(), els.Type()
	if t != nil && t.Kind == types.NullKind {
		t = nil
	}
	if u != nil && u.Kind == types.NullKind {
		u = nil
	}
	switch {
	case t == nil && u == nil:
		return nil
	case t == u:
		return t
	case t == nil:
		return pick(u, b.implicitFrom(then, u).ok())
	case u == nil:
		return pick(t, b.implicitFrom(els, t).ok())
	case same(t, u):
		return mergeNames(t, u)
	case t.Kind == types.Dynamic, u.Kind == types.Dynamic:
		return types.DynamicType
	}
	tu, ut := b.implicitFrom(then, u).ok(), b.implicitFrom(els, t).ok()
	switch {
	case tu && !ut:
		return u
	case ut && !tu:
		return t
	case tu && ut && b.implicitBetween(t, u).ok() && !b.implicitBetween(u, t).ok():
		return u
	case tu && ut && b.implicitBetween(u, t).ok() && !b.implicitBetween(t, u).ok():
		return t
	}
	return nil
}

func pick(t *types.Type, ok bool) *types.Type {
	if ok {
		return t
	}
	return nil
}

// bindCoalesce is X ?? Y.
func (b *binder) bindCoalesce(n *syntax.BinaryExpr) Expr {
	x := b.natural(b.bindValue(n.X), n.X)
	y := b.bindThrowable(n.Y)
	if isBad(x) || isBad(y) {
		return badAt(n)
	}
	a := x.Type()
	if a == nil || a.Kind == types.NullKind || a == types.VoidType || a.IsValue() && !isNullable(a) {
		return b.badBinary(n.Op, x, y, n)
	}
	a0, nullable := a.IsNullable()
	out := &NotNull{E: E{a, n.Span()}, X: x, Unwrap: nullable}
	switch {
	case nullable && b.implicitFrom(y, a0).ok():
		out.T = a0
	case b.implicitFrom(y, a).ok():
		out.Unwrap = false
	default:
		bt := y.Type()
		from := a
		if nullable {
			from = a0
		}
		if bt == nil || bt.Kind == types.NullKind || bt == types.VoidType || !b.implicitTypeOnly(from, bt) {
			return b.badBinary(n.Op, x, y, n)
		}
		out.T = bt
	}
	vt := a
	if out.Unwrap {
		vt = a0
	}
	out.Var = b.temp(vt, n)
	out.Then = b.convertTo(ref(out.Var, n.X), out.T, n.X)
	out.Else = b.convertTo(y, out.T, n.Y)
	if isBad(out.Then) || isBad(out.Else) {
		return badAt(n)
	}
	return out
}

// bindConditionalAccess is X?.… and X?[…].
func (b *binder) bindConditionalAccess(n *syntax.ConditionalAccessExpr) Expr {
	x := b.natural(b.bindValue(n.X), n.X)
	if isBad(x) {
		return badAt(n)
	}
	t := x.Type()
	if t == nil || t.Kind == types.NullKind || t == types.VoidType || t.IsValue() && !isNullable(t) {
		return b.bad(n.X, "CS0023", "Operator '?' cannot be applied to operand of type '%s'", typeText(x))
	}
	u, nullable := t.IsNullable()
	if !nullable {
		u = t
	}
	out := &NotNull{E: E{t, n.Span()}, X: x, Unwrap: nullable, Var: b.temp(u, n.X)}
	b.receivers = append(b.receivers, ref(out.Var, n.X))
	rest := b.asValue(b.bindExpr(n.Rest), n.Rest)
	b.receivers = b.receivers[:len(b.receivers)-1]
	if isBad(rest) {
		return rest
	}
	r := rest.Type()
	switch {
	case r == nil:
		return b.bad(nameOf(n.Rest), "CS8977", "'%s' cannot be made nullable.", typelessName(rest))
	case r == types.VoidType:
		out.T = r
		out.Then = rest
		out.Else = &Const{E{r, n.Span()}, types.Value{}}
		return out
	case r.IsValue() && !isNullable(r):
		r = types.NullableOf(r)
	}
	out.T = r
	out.Then = b.convertTo(rest, r, n.Rest)
	out.Else = &Const{E{r, n.Span()}, types.Value{}}
	return out
}

// bindInterpolated is $"…".
func (b *binder) bindInterpolated(n *syntax.InterpolatedExpr) Expr {
	out := &Interpolate{E: E{types.StringType, n.Span()}}
	holes, bad := 0, false
	for i := range n.Parts {
		p := &n.Parts[i]
		if p.X == nil {
			out.Parts = append(out.Parts, InterpolatePart{Text: stringOf(p.Text)})
			continue
		}
		holes++
		part, ok := b.interpolatedHole(p)
		bad = bad || !ok
		out.Parts = append(out.Parts, part)
	}
	switch {
	case bad:
		return badAt(n)
	case holes > 0:
		return out
	}
	texts := make([]*types.String, len(out.Parts))
	for i, p := range out.Parts {
		texts[i] = p.Text
	}
	return newConst(types.StringType, types.Ref(types.ConcatStrings(texts...)), n)
}

func (b *binder) interpolatedHole(p *syntax.InterpolatedPart) (InterpolatePart, bool) {
	x := b.bindOperand(p.X)
	switch t := x.Type(); {
	case isBad(x):
	case isNull(x):
		x = &Const{E{types.Object_, x.Span()}, types.Null}
	case t == nil || t == types.VoidType:
		x = b.convertTo(x, types.Object_, p.X)
	}
	part := InterpolatePart{X: x}
	if p.HasFormat {
		part.Format = stringOf(p.Format)
	}
	if p.Align != nil {
		a := b.convertTo(b.bindValue(p.Align), types.Int32Type, p.Align)
		k, ok := a.(*Const)
		switch {
		case isBad(a):
			return part, false
		case !ok:
			b.errorAt(p.Align, "CS0150", "A constant value is expected")
			return part, false
		}
		part.Align = int(k.V.Int32())
	}
	return part, !isBad(x)
}
