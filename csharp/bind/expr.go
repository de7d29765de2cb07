package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindValue binds an expression that must be a value.
func (b *binder) bindValue(x syntax.Expr) Expr { return b.asValue(b.bindExpr(x), x) }

// natural gives a value its natural type: a tuple literal becomes a tuple; a bare null, lambda, method group or default has none and is left.
func (b *binder) natural(v Expr, n syntax.Node) Expr {
	switch x := v.(type) {
	case *tupleExpr:
		if x.T != nil {
			return b.tupleValue(x, n)
		}
	case *condExpr:
		b.noCommonType(x, nil)
		return badAt(n)
	}
	return v
}

// bindExpr binds any expression: the result may be a type, a namespace, a method group or a lambda, too.
func (b *binder) bindExpr(x syntax.Expr) Expr {
	switch x := x.(type) {
	case *syntax.Literal:
		return b.bindLiteral(x)
	case *syntax.NameExpr:
		return b.bindName(x)
	case *syntax.MemberExpr:
		return b.bindMember(x)
	case *syntax.CallExpr:
		return b.bindCall(x)
	case *syntax.ParenExpr:
		return b.bindParen(x)
	case *syntax.BinaryExpr:
		return b.bindBinary(x)
	case *syntax.UnaryExpr:
		return b.bindUnary(x)
	case *syntax.PostfixExpr:
		return b.bindIncrement(x.X, x.Op, true, x)
	case *syntax.AssignExpr:
		return b.bindAssign(x)
	case *syntax.ConditionalExpr:
		return b.bindConditional(x)
	case *syntax.CastExpr:
		return b.bindCast(x)
	case *syntax.IndexExpr:
		return b.bindIndex(x)
	case *syntax.LambdaExpr:
		return b.bindLambdaExpr(x)
	case *syntax.ConditionalAccessExpr:
		return b.bindConditionalAccess(x)
	case *syntax.InterpolatedExpr:
		return b.bindInterpolated(x)
	case *syntax.NewExpr:
		return b.bindNew(x)
	}
	return b.bindOtherExpr(x)
}

func (b *binder) bindOtherExpr(x syntax.Expr) Expr {
	switch x := x.(type) {
	case *syntax.NewArrayExpr:
		return b.bindNewArray(x)
	case *syntax.ImplicitArrayExpr:
		return b.bindImplicitArray(x)
	case *syntax.AnonymousObjectExpr:
		return b.bindAnonymousObject(x)
	case *syntax.PredefinedType:
		return &typeExpr{E{nil, x.Span()}, types.Keyword(x.Name), nil}
	case *syntax.IsExpr:
		return b.bindIs(x)
	case *syntax.IsPatternExpr:
		return b.bindIsPattern(x)
	case *syntax.AsExpr:
		return b.bindAs(x)
	case *syntax.TupleExpr:
		return b.bindTuple(x)
	case *syntax.QueryExpr:
		return b.bindQuery(x)
	case *syntax.TypeofExpr:
		return b.bindTypeof(x)
	case *syntax.SizeofExpr:
		return b.bindSizeof(x)
	case *syntax.DefaultExpr:
		if x.Type == nil {
			return &defaultExpr{E{nil, x.Span()}}
		}
		t := b.variableType(x.Type)
		if t.Kind == types.Error {
			return badAt(x)
		}
		return newConst(t, types.Value{}, x)
	case *syntax.CheckedExpr:
		saved := b.fn.overflow
		b.fn.overflow = overflowUnchecked
		if x.Checked {
			b.fn.overflow = overflowChecked
		}
		v := b.bindExpr(x.X)
		b.fn.overflow = saved
		return v
	case *syntax.AnonymousMethodExpr:
		return b.bindAnonymousMethod(x)
	case *syntax.AliasExpr:
		return b.bindAlias(x)
	case *syntax.Receiver:
		if n := len(b.receivers); n > 0 {
			return b.receivers[n-1]
		}
	}
	return b.bindRareExpr(x)
}

func (b *binder) bindRareExpr(x syntax.Expr) Expr {
	switch x := x.(type) {
	case *syntax.ThrowExpr:
		return b.bad(x, "CS8115", "A throw expression is not allowed in this context.")
	case *syntax.ThisExpr:
		word := "this"
		if x.Base {
			word = "base"
			return b.bad(x, "CS1511", "Keyword '%s' is not available in a static method", word)
		}
		return b.bad(x, "CS0026", "Keyword '%s' is not valid in a static property, static method, or static field initializer", word)
	case *syntax.DeclarationExpr:
		return b.bad(x, "CS8185", "A declaration is not allowed in this context.")
	case *syntax.RefExpr:
		return b.bad(x, "CS1525", "Invalid expression term 'ref'")
	case *syntax.InitExpr:
		if x.Kind == syntax.ArrayInit {
			return &initExpr{E{nil, x.Span()}, x}
		}
		return b.bad(x, "CS1525", "Invalid expression term '{'")
	}
	b.broken = true
	return badAt(x)
}

func (b *binder) bindParen(x *syntax.ParenExpr) Expr {
	v := b.bindExpr(x.X)
	switch v.(type) {
	case *typeExpr, *nsExpr:
		return b.asValue(v, x.X)
	}
	return v
}

// bindName finds what a simple name means.
func (b *binder) bindName(x *syntax.NameExpr) Expr {
	if x.Name == "" {
		b.broken = true
		return badAt(x)
	}
	if b.env.Probe.is(x.Name) {
		b.probeName()
		return badAt(x)
	}
	if sym := b.scope.lookup(x.Name); sym != nil && sym.kind != typeParamSymbol {
		if x.TypeArgs == nil || sym.kind == funcSymbol {
			return b.bindSymbol(sym, x)
		}
		b.bindTypeArgs(x.TypeArgs)
		return b.bad(x, "CS0307", "The variable '%s' cannot be used with type arguments", x.Name)
	}
	if t := b.typeNamed(x); t != nil {
		return t
	}
	if ms := b.u.Members(types.Object_, x.Name); len(ms) > 0 && x.TypeArgs == nil {
		return &groupExpr{E: E{nil, x.Span()}, name: x.Name, on: types.Object_, members: ms, nameNode: x, static: true}
	}
	if arities := b.u.Arities(x.Name); len(arities) > 0 {
		b.wrongArity(x, x.Name, arities[0])
		return badAt(x)
	}
	if x.TypeArgs != nil {
		b.bindTypeArgs(x.TypeArgs)
	}
	return b.bad(x, "CS0103", "The name '%s' does not exist in the current context", x.Name)
}

// typeNamed is the type or namespace that a simple name means; nil if it means none.
func (b *binder) typeNamed(x *syntax.NameExpr) Expr {
	if sym := b.scope.lookup(x.Name); sym != nil && sym.kind == typeParamSymbol {
		return &typeExpr{E{nil, x.Span()}, sym.typ, nil}
	}
	d, told := b.simpleTypeName(x, x.Name, len(x.TypeArgs))
	switch {
	case told:
		return badAt(x)
	case d != nil:
		args, ok := b.bindTypeArgs(x.TypeArgs)
		if !ok {
			return badAt(x)
		}
		if d.Hidden && len(args) == 0 {
			return &typeExpr{E{nil, x.Span()}, d.Self(), nil} // its members are refused; alone it is an error like any type
		}
		return b.typeOrBad(d, args, x)
	case x.TypeArgs == nil && b.u.IsNamespace(x.Name):
		return &nsExpr{E{nil, x.Span()}, x.Name}
	}
	return nil
}

func (b *binder) typeOrBad(d *types.Def, args []*types.Type, n syntax.Node) Expr {
	t := b.construct(d, args, n)
	if t.Kind == types.Error {
		return badAt(n)
	}
	return &typeExpr{E{nil, n.Span()}, t, nil}
}

// bindSymbol is the value of a name in scope.
func (b *binder) bindSymbol(sym *symbol, x *syntax.NameExpr) Expr {
	at := E{sym.typ, x.Span()}
	switch sym.kind {
	case globalSymbol:
		return &GlobalRef{at, sym.global}
	case rangeSymbol:
		return sym.access(x)
	case funcSymbol:
		args, ok := b.bindTypeArgs(x.TypeArgs)
		if !ok {
			return badAt(x)
		}
		if omitted(args) {
			return b.bad(x, "CS0305", "Using the generic method group '%s' requires %d type arguments", x.Name, len(args))
		}
		return &groupExpr{E: E{nil, x.Span()}, name: x.Name, local: sym.fn, typeArgs: args, nameNode: x}
	}
	if !sym.declared {
		return b.bad(x, "CS0841", "Cannot use local variable '%s' before it is declared", x.Name)
	}
	switch {
	case sym.alias != nil && b.fn != sym.scope.fn:
		return b.bad(x, "CS8175", "Cannot use ref local '%s' inside an anonymous method, lambda expression, or query expression", x.Name)
	case sym.alias != nil:
		return sym.alias
	case sym.isConst:
		if sym.value == nil {
			return badAt(x)
		}
		return newConst(sym.typ, sym.value.V, x)
	case sym.typ == nil || sym.typ.Kind == types.Error || sym.local == nil:
		return badAt(x)
	}
	return &LocalRef{at, sym.local}
}

// bindAlias is global::Name.
func (b *binder) bindAlias(x *syntax.AliasExpr) Expr {
	if x.Alias.Name != "global" {
		return b.bad(&x.Alias, "CS0432", "Alias '%s' not found", x.Alias.Name)
	}
	return b.namespaceMember("", x.Name, x)
}

// namespaceMember is the type or namespace called so in the namespace ns.
func (b *binder) namespaceMember(ns string, name *syntax.NameExpr, n syntax.Node) Expr {
	if name.Name == "" {
		b.broken = true
		return badAt(n)
	}
	full := name.Name
	if ns != "" {
		full = ns + "." + full
	}
	if d := b.u.Lookup(full, len(name.TypeArgs)); d != nil && d.Namespace == ns {
		args, ok := b.bindTypeArgs(name.TypeArgs)
		if !ok {
			return badAt(n)
		}
		return b.typeOrBad(d, args, n)
	}
	if name.TypeArgs == nil && b.u.IsNamespace(full) {
		return &nsExpr{E{nil, n.Span()}, full}
	}
	if ns == "" {
		return b.bad(name, "CS0400", "The type or namespace name '%s' could not be found in the global namespace (are you missing an assembly reference?)", name.Name)
	}
	return b.bad(n, "CS0234", "The type or namespace name '%s' does not exist in the namespace '%s' (are you missing an assembly reference?)", name.Name, ns)
}

func (b *binder) bindCast(x *syntax.CastExpr) Expr {
	t := b.bindType(x.Type)
	v := b.bindExpr(x.X)
	if t == types.VoidType {
		return b.bad(x.Type, "CS1547", "Keyword 'void' cannot be used in this context")
	}
	if t.Kind == types.Error {
		b.asValue(v, x.X)
		return badAt(x)
	}
	out := b.cast(v, t, x)
	if c, ok := out.(*Const); ok {
		return &Const{E{c.T, x.Span()}, c.V}
	}
	if out == v { // an identity cast is a value, not a variable
		return &Convert{E: E{t, x.Span()}, Kind: Identity, X: v}
	}
	return out
}

func (b *binder) bindTypeof(x *syntax.TypeofExpr) Expr {
	t := b.bindType(x.Type)
	switch {
	case t.Kind == types.Error:
		return badAt(x)
	case t.Kind == types.Dynamic:
		return b.bad(x, "CS1962", "The typeof operator cannot be used on the dynamic type")
	}
	return &TypeOf{E{types.TypeType, x.Span()}, t}
}

func (b *binder) bindSizeof(x *syntax.SizeofExpr) Expr {
	t := b.bindType(x.Type)
	n := numOf(underlyingOf(t))
	size := int64(n.bits() / 8)
	switch {
	case t.Kind == types.Error:
		return badAt(x)
	case t == types.BoolType:
		size = 1
	case n == nDecimal:
		size = 16
	case n == nFloat:
		size = 4
	case n == notNum:
		return b.bad(x, "CS0233", "'%s' does not have a predefined size, therefore sizeof can only be used in an unsafe context", t.Short())
	}
	return newConst(types.Int32Type, types.Int(size), x)
}

// bindThrowable binds an expression in a place where throw may stand.
func (b *binder) bindThrowable(x syntax.Expr) Expr {
	if t, ok := x.(*syntax.ThrowExpr); ok {
		return &throwExpr{E{nil, x.Span()}, b.exception(t.X)}
	}
	return b.bindValue(x)
}

// exception binds what is thrown.
func (b *binder) exception(x syntax.Expr) Expr {
	v := b.bindValue(x)
	switch {
	case isBad(v):
		return v
	case isNull(v):
		return &Const{E{types.ExceptionType, x.Span()}, types.Null}
	case v.Type() != nil && v.Type().Kind == types.Dynamic:
		return b.convertTo(v, types.ExceptionType, x)
	case v.Type() == nil || !v.Type().DerivesFrom(types.ExceptionType):
		return b.bad(x, "CS0155", "The type caught or thrown must be derived from System.Exception")
	}
	return v
}
