package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindIs is X is Type, where Type may turn out to be a constant.
func (b *binder) bindIs(x *syntax.IsExpr) Expr {
	v := b.bindOperand(x.X)
	if c, ok := syntax.ExprOf(x.Type); ok && b.namesConstant(x.Type) {
		if isBad(v) {
			return badAt(x)
		}
		p := b.constantPattern(v.Type(), c)
		if p == nil {
			return badAt(x)
		}
		return &Is{E{types.BoolType, x.Span()}, v, p}
	}
	t := b.bindType(x.Type)
	if isBad(v) || t.Kind == types.Error {
		return badAt(x)
	}
	if !b.typeTestable(v, t, x) {
		return badAt(x)
	}
	if isNull(v) {
		return newConst(types.BoolType, types.Bool(false), x)
	}
	return &Is{E{types.BoolType, x.Span()}, v, &TypePattern{Of: t}}
}

// namesConstant reports a type expression whose name means a value: a local constant or an enum's member.
func (b *binder) namesConstant(t syntax.TypeExpr) bool {
	n, ok := t.(*syntax.NamedType)
	if !ok || n.TypeArgs != nil {
		return false
	}
	if n.Qualifier == nil {
		sym := b.scope.lookup(n.Name.Name)
		return sym != nil && sym.kind == localSymbol && len(b.u.LookupSimple(n.Name.Name, 0)) == 0
	}
	var found bool
	b.speculate(func() {
		x, _ := syntax.ExprOf(t)
		v := b.bindExpr(x)
		_, isType := v.(*typeExpr)
		found = !isBad(v) && !isType
	})
	return found
}

// typeTestable checks that `v is t` makes sense.
func (b *binder) typeTestable(v Expr, t *types.Type, n syntax.Node) bool {
	switch {
	case t == types.VoidType:
		b.errorAt(n, "CS1547", "Keyword 'void' cannot be used in this context")
		return false
	case t.Kind == types.Dynamic:
		b.errorAt(n, "CS8208", "It is not legal to use the type 'dynamic' in a pattern.")
		return false
	case t.Def != nil && t.Def.Static:
		b.errorAt(n, "CS7023", "The second operand of an 'is' or 'as' operator may not be static type '%s'", t.Short())
		return false
	}
	switch v.(type) {
	case *lambdaExpr, *groupExpr:
		b.errorAt(n, "CS0837", "The first operand of an 'is' or 'as' operator may not be a lambda expression, anonymous method, or method group.")
		return false
	case *defaultExpr, *tupleExpr:
		b.errorAt(n, "CS8117", "Invalid operand for pattern match; value required, but found '%s'.", typelessName(v))
		return false
	}
	if v.Type() == types.VoidType {
		b.errorAt(n, "CS0019", "Operator 'is' cannot be applied to operands of type 'void' and '%s'", t.Short())
		return false
	}
	return true
}

// bindIsPattern is X is Pattern.
func (b *binder) bindIsPattern(x *syntax.IsPatternExpr) Expr {
	v := b.bindOperand(x.X)
	if isBad(v) {
		patternVars(x.Pattern, func(s *syntax.SingleVar) { b.abandon(b.symbolAt(s.Ident)) })
		return badAt(x)
	}
	if v.Type() == nil || isNull(v) {
		patternVars(x.Pattern, func(s *syntax.SingleVar) { b.abandon(b.symbolAt(s.Ident)) })
		return b.bad(x.X, "CS8117", "Invalid operand for pattern match; value required, but found '%s'.", typeText(v))
	}
	p := b.bindPattern(x.Pattern, v.Type(), x.X)
	if p == nil {
		return badAt(x)
	}
	return &Is{E{types.BoolType, x.Span()}, v, p}
}

func (b *binder) abandon(s *symbol) {
	if s.typ == nil {
		s.typ, s.declared = types.ErrorType, true
	}
}

// bindPattern binds a pattern for values of type t; nil after telling of a mistake.
func (b *binder) bindPattern(p syntax.Pattern, t *types.Type, operand syntax.Node) Pattern {
	switch p := p.(type) {
	case *syntax.ConstantPattern:
		return b.constantPattern(t, p.X)
	case *syntax.DeclarationPattern:
		return b.declarationPattern(p, t)
	}
	b.broken = true
	return nil
}

func (b *binder) declarationPattern(p *syntax.DeclarationPattern, t *types.Type) Pattern {
	single, named := p.Vars.(*syntax.SingleVar)
	if b.isVar(p.Type) {
		if !named {
			return &VarPattern{}
		}
		return &VarPattern{Var: b.give(b.symbolAt(single.Ident), t)}
	}
	of := b.bindType(p.Type)
	var sym *symbol
	if named {
		sym = b.symbolAt(single.Ident)
	}
	if of.Kind == types.Error || !b.patternFits(t, of, p) {
		if sym != nil {
			b.abandon(sym)
			if of.Kind != types.Error {
				sym.typ = of
				b.give(sym, of)
			}
		}
		return nil
	}
	out := &TypePattern{Of: of}
	if sym != nil {
		out.Var = b.give(sym, of)
	}
	return out
}

// patternFits checks that a value of type t may be of a type.
func (b *binder) patternFits(t, of *types.Type, n *syntax.DeclarationPattern) bool {
	switch {
	case of == types.VoidType:
		b.errorAt(n.Type, "CS1547", "Keyword 'void' cannot be used in this context")
		return false
	case isNullable(of):
		b.errorAt(n.Type, "CS8116", "It is not legal to use nullable type '%s' in a pattern; use the underlying type '%s' instead.", of.Short(), stripNullable(of).Short())
		return false
	case of.Kind == types.Dynamic:
		b.errorAt(n.Type, "CS8208", "It is not legal to use the type 'dynamic' in a pattern.")
		return false
	case t.Kind == types.Dynamic, t.Kind == types.TypeParam, of.Kind == types.TypeParam:
		return true
	}
	c := b.explicitBetween(t, of)
	switch c.kind {
	case identityConv, upConv, boxConv, downConv, unboxConv, dynamicConv:
		return true
	case nullableConv:
		if same(stripNullable(t), of) {
			return true
		}
	}
	b.errorAt(n.Type, "CS8121", "An expression of type '%s' cannot be handled by a pattern of type '%s'.", t.Short(), of.Short())
	return false
}

// constantPattern is a constant that a value of type t is compared with; nil after telling of a mistake.
func (b *binder) constantPattern(t *types.Type, n syntax.Expr) Pattern {
	v := b.bindOperand(n)
	if isBad(v) {
		return nil
	}
	if _, ok := v.(*defaultExpr); ok {
		b.errorAt(n, "CS8505", "A default literal 'default' is not valid as a pattern. Use another literal (e.g. '0' or 'null') as appropriate. To match everything, use a discard pattern '_'.")
		return nil
	}
	if isNull(v) {
		if t != nil && t.IsValue() && !isNullable(t) {
			b.errorAt(n, "CS0037", "Cannot convert null to '%s' because it is a non-nullable value type", t.Short())
			return nil
		}
		return &ConstPattern{Value: v.(*Const)}
	}
	want := t
	if t != nil {
		want = stripNullable(t)
	}
	if want == nil || want == types.Object_ || want.Kind == types.Dynamic || want.Kind == types.Interface || want.Kind == types.TypeParam || want.Kind == types.Class && want != types.StringType {
		k, ok := v.(*Const)
		if !ok {
			b.errorAt(n, "CS9135", "A constant value of type '%s' is expected", shortOrNull(t))
			return nil
		}
		if want != nil && want.Kind != types.Dynamic && want.Kind != types.TypeParam && !b.implicitBetween(k.T, want).ok() {
			b.noConversion(v, want, n)
			return nil
		}
		return &ConstPattern{Value: k}
	}
	v = b.convertTo(v, want, n)
	if isBad(v) {
		return nil
	}
	k, ok := v.(*Const)
	if !ok {
		b.errorAt(n, "CS9135", "A constant value of type '%s' is expected", want.Short())
		return nil
	}
	return &ConstPattern{Value: k}
}

// shortOrNull is a type as messages have it; nil is that of null.
func shortOrNull(t *types.Type) string {
	if t == nil {
		return "<null>"
	}
	return t.Short()
}

// bindAs is X as T.
func (b *binder) bindAs(x *syntax.AsExpr) Expr {
	v := b.bindOperand(x.X)
	t := b.bindType(x.Type)
	if isBad(v) || t.Kind == types.Error {
		return badAt(x)
	}
	if t.IsValue() && !isNullable(t) {
		return b.bad(x, "CS0077", "The as operator must be used with a reference type or nullable type ('%s' is a non-nullable value type)", t.Short())
	}
	if t.Kind == types.TypeParam && !b.constraintOf(t).Class {
		return b.bad(x, "CS0413", "The type parameter '%s' cannot be used with the 'as' operator because it does not have a class type constraint nor a 'class' constraint", t.Short())
	}
	if !b.typeTestable(v, t, x) {
		return badAt(x)
	}
	if isNull(v) {
		return newConst(t, types.Null, x)
	}
	c := b.explicitBetween(v.Type(), t)
	e := E{t, x.Span()}
	switch c.kind {
	case identityConv, upConv, boxConv:
		return b.apply(v, t, c, x)
	case downConv, unboxConv, dynamicConv:
		return &As{e, v}
	case nullableConv:
		if same(stripNullable(v.Type()), stripNullable(t)) {
			return b.apply(v, t, c, x)
		}
	}
	if v.Type().Kind == types.TypeParam || t.Kind == types.TypeParam {
		return &As{e, &Convert{E: E{types.Object_, x.Span()}, Kind: Box, X: v}}
	}
	return b.bad(x, "CS0039", "Cannot convert type '%s' to '%s' via a reference conversion, boxing conversion, unboxing conversion, wrapping conversion, or null type conversion", v.Type(), t)
}
