package bind

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindLambdaExpr makes the unbound form of a lambda.
func (b *binder) bindLambdaExpr(l *syntax.LambdaExpr) Expr {
	x := b.newLambda(l, l.Params)
	if l.Block != nil {
		x.body = func(b *binder, f *function) { b.lambdaBlock(f, l.Block) }
		return x
	}
	x.expression = true
	x.body = func(b *binder, f *function) { b.lambdaExpression(f, l.Body) }
	return x
}

func (b *binder) bindAnonymousMethod(l *syntax.AnonymousMethodExpr) Expr {
	x := b.newLambda(l, l.Params)
	x.noParams = !l.HasParams
	x.body = func(b *binder, f *function) { b.lambdaBlock(f, l.Block) }
	return x
}

func (b *binder) newLambda(n syntax.Node, params []syntax.Parameter) *lambdaExpr {
	x := &lambdaExpr{E: E{nil, n.Span()}, params: params, node: n, scope: b.scope, fn: b.fn, receivers: slices.Clone(b.receivers), over: b.overflow()}
	for i := range params {
		x.names = append(x.names, params[i].Name.Name)
		if t := params[i].Type; t != nil {
			x.typed = append(x.typed, b.variableType(t))
		}
		if params[i].Default != nil {
			b.errorAt(params[i].Default, "CS1065", "Default values are not valid in this context.")
		}
	}
	return x
}

// lambdaExpression binds the body of an expression lambda into the function.
func (b *binder) lambdaExpression(f *function, body syntax.Expr) {
	block := &Block{S: S{body.Span()}}
	f.Body = block
	b.pushScope(block)
	b.declareIn(body)
	f.value = b.asValue(b.bindExpr(body), body)
	f.valueNode = body
	b.popScope()
}

func (b *binder) lambdaBlock(f *function, block *syntax.Block) { f.Body = b.bindFunctionBlock(block) }

// bindLambda binds the body for parameters of these types; the result is kept.
func (b *binder) bindLambda(x *lambdaExpr, params []*types.Type, refs []types.RefKind) *boundLambda {
	for _, old := range x.bindings {
		if slices.Equal(old.params, params) && slices.Equal(old.refs, refs) && !old.done {
			return old
		}
	}
	bl := &boundLambda{params: params, refs: refs}
	x.bindings = append(x.bindings, bl)
	if b.steps++; b.steps > maxLambdaBindings {
		bl.diags = &diagnostics{}
		bl.diags.add(tooComplex(x))
		bl.fn = &function{Func: &Func{Kind: LambdaFunc, Parent: x.fn.Func, Body: &Block{}}, value: badAt(x.node)}
		return bl
	}
	scope, fn, receivers := b.scope, b.fn, b.receivers
	b.scope, b.receivers = x.scope, x.receivers
	b.fn = &function{Func: &Func{Kind: LambdaFunc, Parent: x.fn.Func, Span: x.Span()}, parent: x.fn, overflow: x.over, lambda: true}
	bl.fn = b.fn
	bl.diags = b.speculate(func() {
		b.pushScope(nil)
		b.declareParams(x, params, refs)
		x.body(b, b.fn)
		b.popScope()
	})
	bl.endReachable = !x.expression && reachesEnd(b.fn.Body)
	b.scope, b.fn, b.receivers = scope, fn, receivers
	return bl
}

func (b *binder) declareParams(x *lambdaExpr, params []*types.Type, refs []types.RefKind) {
	for i, t := range params {
		l := &Local{Type: t, Func: b.fn.Func, Param: true, Ref: refs[i], Span: x.Span()}
		if i < len(x.names) && x.names[i] != "" {
			l.Name, l.Span = x.names[i], x.Span()
			if i < len(x.params) {
				l.Span = x.params[i].Name.Span()
			}
			sym := &symbol{name: l.Name, kind: localSymbol, span: l.Span, typ: t, local: l, declared: true}
			if b.scope.names[l.Name] != nil {
				b.errorSpan(l.Span, "CS0100", "The parameter name '%s' is a duplicate", l.Name)
			} else {
				if x.access == nil {
					b.checkShadow(l.Name, l.Span, b.scope.parent, "CS0136")
				}
				b.scope.declare(sym)
			}
		}
		b.fn.Params = append(b.fn.Params, l)
	}
	if x.access != nil {
		x.access(b)
	}
}

// lambdaTo is the conversion of a lambda to a delegate type.
func (b *binder) lambdaTo(x *lambdaExpr, to *types.Type) conversion {
	inv := to.DelegateInvoke()
	if inv == nil || !lambdaFits(x, inv) {
		return conversion{}
	}
	bl := b.bindLambda(x, paramTypes(inv), paramRefs(inv))
	bl.target = to
	if bl.diags.errors || !b.lambdaReturns(bl, inv.Result) {
		return conversion{}
	}
	return conversion{kind: lambdaConv, lambda: bl}
}

func paramTypes(m *types.Member) []*types.Type {
	out := make([]*types.Type, len(m.Params))
	for i, p := range m.Params {
		out[i] = p.Type
	}
	return out
}

func paramRefs(m *types.Member) []types.RefKind {
	out := make([]types.RefKind, len(m.Params))
	for i, p := range m.Params {
		out[i] = p.Ref
	}
	return out
}

// lambdaFits reports whether the parameters are as the delegate's.
func lambdaFits(x *lambdaExpr, inv *types.Member) bool {
	if x.noParams {
		for _, p := range inv.Params {
			if p.Ref == types.ByOut {
				return false
			}
		}
		return true
	}
	if len(x.names) != len(inv.Params) {
		return false
	}
	for i, p := range inv.Params {
		if x.typed == nil {
			if p.Ref != types.ByValue {
				return false
			}
			continue
		}
		if !same(x.typed[i], p.Type) || types.RefKind(x.params[i].Ref) != p.Ref {
			return false
		}
	}
	return true
}

// lambdaReturns reports whether what the body gives converts to the delegate's result.
func (b *binder) lambdaReturns(bl *boundLambda, result *types.Type) bool {
	f := bl.fn
	if f.value != nil {
		if result == types.VoidType {
			return isStatementExpr(f.value, f.valueNode)
		}
		return f.value.Type() != types.VoidType && b.implicitFrom(f.value, result).ok()
	}
	if result == types.VoidType {
		for _, r := range f.returns {
			if r.x != nil {
				return false
			}
		}
		return true
	}
	if bl.endReachable {
		return false
	}
	for _, r := range f.returns {
		if r.x == nil || !b.implicitFrom(r.x, result).ok() {
			return false
		}
	}
	return true
}

// isStatementExpr reports an expression that may stand as a statement.
func isStatementExpr(x Expr, n syntax.Node) bool {
	if isBad(x) {
		return true
	}
	switch n := n.(type) {
	case *syntax.CallExpr, *syntax.AssignExpr, *syntax.NewExpr, *syntax.PostfixExpr, *syntax.ThrowExpr, *syntax.BadExpr:
		return true
	case *syntax.UnaryExpr:
		return n.Op == syntax.OpInc || n.Op == syntax.OpDec
	case *syntax.ConditionalAccessExpr:
		return isStatementExpr(x, n.Rest)
	}
	return false
}

// finishLambda makes the delegate of a lambda whose types are all known.
func (b *binder) finishLambda(x *lambdaExpr, to *types.Type, bl *boundLambda, n syntax.Node) Expr {
	inv := to.DelegateInvoke()
	if bl.done {
		bl = b.bindLambda(x, bl.params, bl.refs)
	}
	bl.done = true
	b.replay(bl.diags)
	f := bl.fn
	f.Result, f.result = inv.Result, inv.Result
	fn, scope := b.fn, b.scope
	b.fn = f
	if f.value != nil {
		f.Body.Stmts = []Stmt{b.lambdaResult(f)}
	}
	for _, r := range f.returns {
		if r.x != nil {
			r.stmt.X = b.convertTo(r.x, f.Result, r.node)
		}
	}
	b.fn, b.scope = fn, scope
	return &Lambda{E: E{to, x.Span()}, Func: f.Func}
}

func (b *binder) lambdaResult(f *function) Stmt {
	at := S{f.valueNode.Span()}
	if t, ok := f.value.(*throwExpr); ok {
		return &ThrowStmt{S: at, X: t.x}
	}
	if f.Result == types.VoidType {
		return &ExprStmt{S: at, X: f.value}
	}
	return &Return{S: at, X: b.convertTo(f.value, f.Result, f.valueNode)}
}

// inferredReturn is the type of what a lambda returns (VoidType for nothing); false if it has none.
func (b *binder) inferredReturn(bl *boundLambda) (*types.Type, bool) {
	if bl.inferDone {
		return bl.inferred, bl.inferred != nil
	}
	bl.inferDone = true
	f := bl.fn
	if f.value != nil {
		if t := f.value.Type(); t != nil && t.Kind != types.NullKind && t.Kind != types.Error {
			bl.inferred = t
		}
		return bl.inferred, bl.inferred != nil
	}
	var values []Expr
	for _, r := range f.returns {
		if r.x != nil {
			values = append(values, r.x)
		}
	}
	if len(values) == 0 {
		bl.inferred = types.VoidType
	} else {
		bl.inferred = b.bestCommonType(values)
	}
	return bl.inferred, bl.inferred != nil
}

// bestCommonType is the type among those of the expressions that all of them convert to; nil if there is none.
func (b *binder) bestCommonType(xs []Expr) *types.Type {
	var best *types.Type
	var cands []*types.Type
	for _, x := range xs {
		if t := x.Type(); t != nil && t.Kind != types.NullKind && t != types.VoidType && t.Kind != types.Error && !slices.Contains(cands, t) {
			cands = append(cands, t)
		}
	}
	for _, t := range cands {
		all := true
		for _, x := range xs {
			if !b.implicitFrom(x, t).ok() {
				all = false
				break
			}
		}
		switch {
		case !all:
		case best == nil:
			best = t
		case same(best, t):
			best = mergeNames(best, t)
		case b.implicitBetween(best, t).ok() && !b.implicitBetween(t, best).ok():
			best = t
		case b.implicitBetween(t, best).ok():
		default:
			return nil
		}
	}
	return best
}

// mergeNames is one of two types that differ in tuple names or dynamic only: dynamic wins, names that differ are dropped.
func mergeNames(a, t *types.Type) *types.Type {
	switch {
	case a == t, a.Kind == types.Dynamic:
		return a
	case t.Kind == types.Dynamic:
		return t
	case a.IsTuple() && a.Names != nil && t.Names == nil:
		return a.Base
	}
	return a
}

// lambdaMismatch tells why a lambda does not convert to a type.
func (b *binder) lambdaMismatch(x *lambdaExpr, to *types.Type, n syntax.Node) {
	kind := "lambda expression"
	arrow := n
	switch l := x.node.(type) {
	case *syntax.AnonymousMethodExpr:
		kind = "anonymous method"
	case *syntax.LambdaExpr:
		arrow = &l.Arrow
	}
	inv := to.DelegateInvoke()
	if inv == nil {
		if d := b.lambdaErrors(x); d != nil {
			b.replay(d)
			return
		}
		b.errorAt(arrow, "CS1660", "Cannot convert %s to type '%s' because it is not a delegate type", kind, to.Short())
		return
	}
	if !x.noParams && len(x.names) != len(inv.Params) {
		b.errorAt(arrow, "CS1593", "Delegate '%s' does not take %d arguments", to.Short(), len(x.names))
		return
	}
	if !lambdaFits(x, inv) {
		b.errorAt(arrow, "CS1661", "Cannot convert %s to type '%s' because the parameter types do not match the delegate parameter types", kind, to.Short())
		return
	}
	bl := b.bindLambda(x, paramTypes(inv), paramRefs(inv))
	if bl.diags.errors {
		b.replay(bl.diags)
		return
	}
	b.lambdaReturnMismatch(bl, inv.Result, to, arrow)
}

// lambdaErrors are the mistakes in a lambda's body that do not depend on its parameters' types; nil if there are none.
func (b *binder) lambdaErrors(x *lambdaExpr) *diagnostics {
	if len(x.names) > 0 && x.typed == nil {
		return nil
	}
	refs := make([]types.RefKind, len(x.typed))
	bl := b.bindLambda(x, x.typed, refs)
	if bl.diags.errors {
		return bl.diags
	}
	return nil
}

func (b *binder) lambdaReturnMismatch(bl *boundLambda, result, to *types.Type, arrow syntax.Node) {
	f := bl.fn
	if f.value != nil {
		if result == types.VoidType {
			b.errorAt(f.valueNode, "CS0201", "Only assignment, call, increment, decrement, await, and new object expressions can be used as a statement")
			return
		}
		b.noConversion(f.value, result, f.valueNode)
		return
	}
	for _, r := range f.returns {
		switch {
		case result == types.VoidType && r.x != nil:
			b.errorAt(r.stmt, "CS8030", "Anonymous function converted to a void returning delegate cannot return a value")
			return
		case result != types.VoidType && r.x == nil:
			b.errorAt(r.stmt, "CS0126", "An object of a type convertible to '%s' is required", result.Short())
			return
		case r.x != nil && !b.implicitFrom(r.x, result).ok():
			b.noConversion(r.x, result, r.node)
			return
		}
	}
	if bl.endReachable {
		b.errorAt(arrow, "CS1643", "Not all code paths return a value in lambda expression of type '%s'", to.Short())
	}
}
