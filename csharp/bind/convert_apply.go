package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// overflow is the overflow context.
type overflow uint8

const (
	overflowDefault overflow = iota // run time unchecked, constants checked
	overflowChecked
	overflowUnchecked
)

// convertTo converts x implicitly, or tells why it cannot be.
func (b *binder) convertTo(x Expr, to *types.Type, n syntax.Node) Expr {
	x = b.asValue(x, n)
	c := b.implicitFrom(x, to)
	if !c.ok() {
		if isInit, ok := x.(*initExpr); ok {
			return b.arrayInitializer(isInit.node, to, n)
		}
		b.noConversion(x, to, n)
		return badAt(n)
	}
	return b.apply(x, to, c, n)
}

// noConversion tells that x does not convert implicitly.
func (b *binder) noConversion(x Expr, to *types.Type, n syntax.Node) {
	if isBad(x) || to.Kind == types.Error {
		return
	}
	n = inner(n)
	switch x := x.(type) {
	case *lambdaExpr:
		b.lambdaMismatch(x, to, n)
		return
	case *groupExpr:
		b.groupMismatch(x, to, n)
		return
	case *condExpr:
		b.noCommonType(x, to)
		return
	case *tupleExpr:
		if x.T == nil || to.IsTuple() && len(to.Args) == len(x.elems) {
			b.tupleMismatch(x, to, n)
			return
		}
	case *Const:
		if b.constMismatch(x, to, n) {
			return
		}
	}
	b.typeMismatch(x, to, n)
}

// inner is the expression in parentheses, which is where Roslyn tells of it.
func inner(n syntax.Node) syntax.Node {
	if x, ok := n.(syntax.Expr); ok {
		return syntax.Unparen(x)
	}
	return n
}

func (b *binder) typeMismatch(x Expr, to *types.Type, n syntax.Node) {
	from := "<null>"
	if t := x.Type(); t != nil {
		from = t.String()
		if b.explicitFrom(x, to).ok() {
			b.errorAt(n, "CS0266", "Cannot implicitly convert type '%s' to '%s'. An explicit conversion exists (are you missing a cast?)", from, to)
			return
		}
	}
	b.errorAt(n, "CS0029", "Cannot implicitly convert type '%s' to '%s'", from, to)
}

// constMismatch tells what is special about a constant that does not fit.
func (b *binder) constMismatch(x *Const, to *types.Type, n syntax.Node) bool {
	if x.T.Kind == types.NullKind {
		if to.Kind == types.TypeParam {
			b.errorAt(n, "CS0403", "Cannot convert null to type parameter '%s' because it could be a non-nullable value type. Consider using 'default(%s)' instead.", to.Short(), to.Short())
			return true
		}
		b.errorAt(n, "CS0037", "Cannot convert null to '%s' because it is a non-nullable value type", to.Short())
		return true
	}
	from, t := numOf(x.T), numOf(to)
	if lit, ok := literalOf(n); ok && from == nDouble && (t == nDecimal || t == nFloat) && lit.Suffix == syntax.NoSuffix {
		suffix := "M"
		if t == nFloat {
			suffix = "F"
		}
		b.errorAt(n, "CS0664", "Literal of type double cannot be implicitly converted to type '%s'; use an '%s' suffix to create a literal of this type", to.Short(), suffix)
		return true
	}
	if (from == nInt && t.integral() || from == nLong && t == nULong) && t != notNum {
		if _, fits, _ := convertConst(x.V, x.T, to); !fits {
			b.errorAt(n, "CS0031", "Constant value '%s' cannot be converted to a '%s'", constText(x), to.Short())
			return true
		}
	}
	return false
}

// literalOf is the literal that an expression is, a minus before it allowed.
func literalOf(n syntax.Node) (*syntax.Literal, bool) {
	switch x := n.(type) {
	case *syntax.Literal:
		return x, true
	case *syntax.UnaryExpr:
		if x.Op == syntax.OpSub {
			return literalOf(x.X)
		}
	case *syntax.ParenExpr:
		return literalOf(x.X)
	}
	return nil, false
}

func (b *binder) tupleMismatch(x *tupleExpr, to *types.Type, n syntax.Node) {
	if !to.IsTuple() || len(to.Args) != len(x.elems) {
		if x.T == nil {
			b.errorAt(n, "CS8135", "Tuple with %d elements cannot be converted to type '%s'.", len(x.elems), to)
			return
		}
		b.typeMismatch(x, to, n)
		return
	}
	for i, e := range x.elems {
		if !b.implicitFrom(e, to.Args[i]).ok() {
			b.noConversion(e, to.Args[i], x.nodes[i])
		}
	}
}

// asValue turns what is not a value into a mistake: a type, a namespace.
func (b *binder) asValue(x Expr, n syntax.Node) Expr {
	switch x := x.(type) {
	case *typeExpr:
		if x.value != nil {
			return x.value
		}
		return b.bad(n, "CS0119", "'%s' is a type, which is not valid in the given context", x.of.Short())
	case *nsExpr:
		return b.bad(n, "CS0118", "'%s' is a namespace but is used like a variable", x.name)
	}
	return x
}

// apply makes the nodes of a conversion that is known to exist.
func (b *binder) apply(x Expr, to *types.Type, c conversion, n syntax.Node) Expr {
	if isBad(x) || to.Kind == types.Error {
		return badAt(n)
	}
	if t, ok := x.(*tupleExpr); ok && t.T != nil && c.kind != tupleConv && c.kind != nullableConv {
		x = b.tupleValue(t, n)
	}
	e := E{to, x.Span()}
	switch c.kind {
	case identityConv:
		return b.applyIdentity(x, to, n)
	case numericConv, constantConv, enumConv:
		return b.applyNumeric(x, to, c, n)
	case nullConv, defaultConv:
		return &Const{e, types.Value{}}
	case upConv:
		return &Convert{E: e, Kind: Upcast, X: x}
	case boxConv:
		return &Convert{E: e, Kind: Box, X: x}
	case downConv:
		return &Convert{E: e, Kind: Downcast, X: x}
	case unboxConv:
		if isNullable(to) {
			return &Convert{E: e, Kind: UnboxNullable, X: x}
		}
		return &Convert{E: e, Kind: Unbox, X: x}
	case dynamicConv:
		return &Convert{E: e, Kind: FromDynamic, Checked: b.overflow() == overflowChecked, Explicit: c.explicit, X: x}
	case nullableConv:
		return b.applyNullable(x, to, c, n)
	case userConv:
		return b.applyUser(x, to, c.user, n)
	case tupleConv:
		return b.applyTuple(x, to, c, n)
	case throwConv:
		return &Throw{E: e, X: x.(*throwExpr).x}
	case lambdaConv:
		return b.finishLambda(x.(*lambdaExpr), to, c.lambda, n)
	case groupConv:
		return b.applyGroup(x.(*groupExpr), to, c.group, n)
	}
	return badAt(n)
}

func (b *binder) overflow() overflow { return b.fn.overflow }

func (b *binder) applyIdentity(x Expr, to *types.Type, n syntax.Node) Expr {
	if x.Type() == to {
		return x
	}
	if c, ok := x.(*Const); ok {
		return &Const{E{to, c.At}, c.V}
	}
	return &Convert{E: E{to, x.Span()}, Kind: Identity, X: x}
}

func (b *binder) applyNumeric(x Expr, to *types.Type, c conversion, n syntax.Node) Expr {
	k, ok := x.(*Const)
	if !ok {
		return &Convert{E: E{to, x.Span()}, Kind: Numeric, Checked: b.overflow() == overflowChecked, X: x}
	}
	v, fits, hard := convertConst(k.V, k.T, to)
	switch {
	case hard:
		return b.badConst(to, n, "CS0031", "Constant value '%s' cannot be converted to a '%s'", constText(k), to.Short())
	case !fits && b.overflow() != overflowUnchecked:
		return b.badConst(to, n, "CS0221", "Constant value '%s' cannot be converted to a '%s' (use 'unchecked' syntax to override)", constText(k), to.Short())
	}
	return newConst(to, v, n)
}

// badConst tells of a constant that cannot be computed; what it would have been still has a type, against which more may be wrong.
func (b *binder) badConst(t *types.Type, n syntax.Node, code, format string, args ...any) Expr {
	b.errorAt(n, code, format, args...)
	return ref(b.temp(t, n), n)
}

// applyNullable converts between nullables, or a value to or from one.
func (b *binder) applyNullable(x Expr, to *types.Type, c conversion, n syntax.Node) Expr {
	inner := c.inner[0]
	tu, toNullable := to.IsNullable()
	from := x.Type()
	var fromNullable bool
	if from != nil {
		_, fromNullable = from.IsNullable()
	}
	switch {
	case !fromNullable: // T to U?
		v := b.apply(x, tu, inner, n)
		if isBad(v) {
			return v
		}
		return &Convert{E: E{to, x.Span()}, Kind: Wrap, X: v}
	case !toNullable: // T? to U
		fu, _ := from.IsNullable()
		v := Expr(&Convert{E: E{fu, x.Span()}, Kind: Unwrap, X: x})
		return b.apply(v, to, inner, n)
	}
	if inner.kind == identityConv {
		return &Convert{E: E{to, x.Span()}, Kind: Identity, X: x}
	}
	fu, _ := from.IsNullable()
	v := b.temp(fu, n)
	then := b.apply(ref(v, n), tu, inner, n)
	return &NotNull{E: E{to, x.Span()}, X: x, Unwrap: true, Var: v,
		Then: &Convert{E: E{to, x.Span()}, Kind: Wrap, X: then}, Else: &Const{E{to, x.Span()}, types.Value{}}}
}

func (b *binder) applyUser(x Expr, to *types.Type, u *userConversion, n syntax.Node) Expr {
	if t, ok := x.(*tupleExpr); ok {
		x = b.tupleValue(t, n)
	}
	call := func(arg Expr) Expr {
		return &Call{E: E{u.method.Result, x.Span()}, Method: u.method, Args: []Expr{arg}}
	}
	arg := b.apply(x, u.from, u.pre, n)
	if isBad(arg) {
		return arg
	}
	if !u.lifted {
		return b.apply(call(arg), to, u.post, n)
	}
	v := b.temp(u.method.Params[0].Type, n)
	lifted := &NotNull{E: E{u.to, x.Span()}, X: arg, Unwrap: true, Var: v,
		Then: &Convert{E: E{u.to, x.Span()}, Kind: Wrap, X: call(ref(v, n))}, Else: &Const{E{u.to, x.Span()}, types.Value{}}}
	return b.apply(lifted, to, u.post, n)
}

// applyTuple converts a tuple, literal or not, element by element.
func (b *binder) applyTuple(x Expr, to *types.Type, c conversion, n syntax.Node) Expr {
	e := E{to, x.Span()}
	if lit, ok := x.(*tupleExpr); ok {
		out := &TupleNew{E: e}
		for i, el := range lit.elems {
			out.Args = append(out.Args, b.apply(el, to.Args[i], c.inner[i], lit.nodes[i]))
		}
		return badIfAny(out, out.Args, n)
	}
	v := b.temp(x.Type(), n)
	out := &TupleNew{E: e}
	for i, t := range x.Type().Args {
		item := &TupleItem{E: E{t, x.Span()}, X: ref(v, n), Index: i}
		out.Args = append(out.Args, b.apply(item, to.Args[i], c.inner[i], n))
	}
	return &Seq{E: e, Effects: []Expr{&Assign{E: E{v.Type, x.Span()}, X: ref(v, n), Y: x}}, Value: badIfAny(out, out.Args, n)}
}

func badIfAny(x Expr, parts []Expr, n syntax.Node) Expr {
	for _, p := range parts {
		if isBad(p) {
			return badAt(n)
		}
	}
	return x
}

// cast converts x as (T)x does, or tells why it cannot be.
func (b *binder) cast(x Expr, to *types.Type, n syntax.Node) Expr {
	x = b.asValue(x, n)
	if isBad(x) || to.Kind == types.Error {
		return badAt(n)
	}
	c := b.explicitFrom(x, to)
	if c.ok() {
		if c.kind == dynamicConv {
			c.explicit = true
		}
		return b.apply(x, to, c, n)
	}
	switch x := x.(type) {
	case *lambdaExpr:
		b.lambdaMismatch(x, to, n)
		return badAt(n)
	case *groupExpr:
		b.groupMismatch(x, to, n)
		return badAt(n)
	case *condExpr:
		b.noCommonType(x, to)
		return badAt(n)
	case *tupleExpr:
		if x.T == nil {
			b.tupleMismatch(x, to, n)
			return badAt(n)
		}
	case *Const:
		if x.T.Kind == types.NullKind {
			b.constMismatch(x, to, n)
			return badAt(n)
		}
	}
	from := "<null>"
	if x.Type() != nil {
		from = x.Type().String()
	}
	return b.bad(n, "CS0030", "Cannot convert type '%s' to '%s'", from, to)
}
