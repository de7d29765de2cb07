package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindCall is Fun(Args).
func (b *binder) bindCall(x *syntax.CallExpr) Expr {
	if n, ok := x.Fun.(*syntax.NameExpr); ok && n.Name == "nameof" && n.TypeArgs == nil && len(x.Args) == 1 && b.scope.lookup("nameof") == nil {
		return b.bindNameof(x)
	}
	fun := b.bindFun(x.Fun)
	args := b.bindArgs(x.Args)
	if isBad(fun) {
		b.settle(args)
		return badAt(x)
	}
	switch f := fun.(type) {
	case *groupExpr:
		return b.callGroup(f, args, x)
	case *typeExpr:
		if f.value == nil {
			b.settle(args)
			return b.bad(x.Fun, "CS1955", "Non-invocable member '%s' cannot be used like a method.", f.of.Short())
		}
		fun = f.value
	case *DynGet:
		return &DynCall{E: E{types.DynamicType, x.Span()}, X: f.X, Args: b.dynamicArgs(args, f.Site), Site: f.Site}
	case *lambdaExpr, *tupleExpr, *nsExpr, *defaultExpr:
		b.settle(args)
		return b.bad(x, "CS0149", "Method name expected")
	}
	t := fun.Type()
	if t != nil && t.Kind == types.Dynamic {
		site := &Site{Static: []*types.Type{nil}}
		return &DynInvoke{E: E{types.DynamicType, x.Span()}, X: fun, Args: b.dynamicArgs(args, site), Site: site}
	}
	if t != nil && t.Kind == types.DelegateKind {
		return b.invoke(fun, args, x)
	}
	b.settle(args)
	switch f := fun.(type) {
	case *Prop:
		if f.Member.Kind != types.Indexer {
			return b.bad(nameOf(x.Fun), "CS1955", "Non-invocable member '%s' cannot be used like a method.", f.Member.Display(false))
		}
	case *ArrayLength, *AnonGet, *TupleItem:
		return b.bad(nameOf(x.Fun), "CS1955", "Non-invocable member '%s' cannot be used like a method.", memberName(x.Fun))
	}
	return b.bad(x.Fun, "CS0149", "Method name expected")
}

// bindFun binds what is called: members that cannot be called do not count.
func (b *binder) bindFun(x syntax.Expr) Expr {
	if m, ok := x.(*syntax.MemberExpr); ok {
		return b.bindMemberOf(m, true)
	}
	return b.bindExpr(x)
}

// settle lets lambdas among arguments that go nowhere tell of their mistakes.
func (b *binder) settle(args []arg) {
	for _, a := range args {
		switch x := a.x.(type) {
		case *lambdaExpr:
			if d := b.lambdaErrors(x); d != nil {
				b.replay(d)
			}
		case *outVar:
			if x.sym != nil && x.sym.typ == nil {
				x.sym.typ, x.sym.declared = types.ErrorType, true
			}
		}
	}
}

// nameOf is the part of an expression that names what is called.
func nameOf(x syntax.Expr) syntax.Node {
	switch x := x.(type) {
	case *syntax.MemberExpr:
		return x.Name
	case *syntax.ConditionalAccessExpr:
		return nameOf(x.Rest)
	}
	return x
}

func memberName(x syntax.Expr) string {
	switch x := x.(type) {
	case *syntax.MemberExpr:
		return x.Name.Name
	case *syntax.NameExpr:
		return x.Name
	}
	return ""
}

// bindArgs binds arguments as far as that goes without knowing the parameters.
func (b *binder) bindArgs(as []syntax.Argument) []arg {
	out := make([]arg, len(as))
	for i := range as {
		a := &as[i]
		out[i] = arg{name: a.Name, ref: types.RefKind(a.Ref), node: a.Value}
		out[i].x = b.bindArg(a)
	}
	return out
}

func (b *binder) bindArg(a *syntax.Argument) Expr {
	switch v := a.Value.(type) {
	case *syntax.DeclarationExpr:
		if a.Ref == syntax.ByOut {
			return b.outDeclaration(v)
		}
	case *syntax.NameExpr:
		if a.Ref == syntax.ByOut && v.Name == "_" && b.scope.lookup("_") == nil {
			return &outVar{E: E{nil, v.Span()}, discard: true}
		}
	}
	x := b.bindValue(a.Value)
	if a.Ref == syntax.ByRef || a.Ref == syntax.ByOut {
		return b.referable(x, types.RefKind(a.Ref), a.Value)
	}
	return b.readable(x, a.Value)
}

// outDeclaration is out T x and out var x.
func (b *binder) outDeclaration(d *syntax.DeclarationExpr) Expr {
	var t *types.Type
	if !b.isVar(d.Type) {
		t = b.variableType(d.Type)
	}
	switch v := d.Vars.(type) {
	case *syntax.DiscardVar:
		return &outVar{E: E{t, d.Span()}, discard: true}
	case *syntax.SingleVar:
		sym := b.symbolAt(v.Ident)
		if t != nil {
			b.give(sym, t)
		}
		return &outVar{E: E{t, d.Span()}, sym: sym}
	}
	return b.bad(d, "CS8199", "The syntax 'var (...)' as an lvalue is reserved.")
}

// referable checks that a reference to x can be passed.
func (b *binder) referable(x Expr, kind types.RefKind, n syntax.Node) Expr {
	switch v := x.(type) {
	case *LocalRef:
		if why := b.readonlyLocal(n); why != "" {
			return b.bad(n, "CS1657", "Cannot use '%s' as a ref or out value because it is a '%s'", v.Local.Name, why)
		}
		return x
	case *ArrayIndex, *badExpr:
		return x
	case *TupleItem:
		if isPlace(v.X) {
			return x
		}
	case *Prop:
		if v.Member.Kind == types.Field && v.Member.CanSet {
			return x
		}
		return b.bad(n, "CS0206", "A non ref-returning property or indexer may not be used as an out or ref value")
	case *DynGet, *DynIndex:
		return b.bad(n, "CS0206", "A non ref-returning property or indexer may not be used as an out or ref value")
	}
	return b.bad(n, "CS1510", "A ref or out value must be an assignable variable")
}

func isPlace(x Expr) bool {
	switch x := x.(type) {
	case *LocalRef, *ArrayIndex:
		return true
	case *TupleItem:
		return isPlace(x.X)
	}
	return false
}

// callGroup calls a method of a group.
func (b *binder) callGroup(g *groupExpr, args []arg, x *syntax.CallExpr) Expr {
	if anyBad(args) {
		return b.recoverCall(g, args, x)
	}
	shape := callShape{typeArgs: g.typeArgs}
	if g.on != nil && g.on.Kind == types.DelegateKind && g.name == "Invoke" && g.this != nil {
		return b.invoke(g.this, args, x)
	}
	if hasDynamic(args) && g.local == nil {
		return b.dynamicCall(g, args, x)
	}
	var all, ambiguous []*candidate
	var best *candidate
	if cands := g.candidates(); len(cands) > 0 {
		best, all, ambiguous = b.resolve(cands, args, shape)
	}
	if best == nil && ambiguous == nil && g.this != nil && g.local == nil && !g.static {
		if out, done := b.callExtension(g, args, all, x); done {
			return out
		}
	}
	if best == nil {
		b.settleOut(args)
		b.tellFailure(&failedCall{all: all, ambiguous: ambiguous, args: args, name: g.name, node: g.nameNode, kind: "method", whole: x})
		return badAt(x)
	}
	return b.finishCall(g, best, args, x)
}

// recoverCall gives a call with wrong arguments the type it would have, where there is but one, so that one mistake yields one message.
func (b *binder) recoverCall(g *groupExpr, args []arg, x *syntax.CallExpr) Expr {
	if cands := g.candidates(); len(cands) > 0 || g.this != nil {
		full := args
		if len(cands) == 0 {
			cands, full = b.u.Extensions(g.name), append([]arg{{x: g.this, node: x}}, args...)
		}
		best, all, _ := b.resolve(cands, full, callShape{typeArgs: g.typeArgs, extension: len(full) > len(args)})
		if best == nil {
			best = firstOf(all, badArgument)
		}
		if best != nil {
			b.recoverArguments(best, full)
			return badAt(x)
		}
	}
	if !b.recoverLambdas(args) {
		b.settleOut(args)
	}
	return badAt(x)
}

// recoverArguments tells what is wrong with the lambdas among arguments of which others are wrong.
func (b *binder) recoverArguments(c *candidate, args []arg) {
	for i, a := range args {
		if x, ok := a.x.(*lambdaExpr); ok && i < len(c.toParam) {
			b.recoverLambda(x, c.paramType(i), a.node)
		}
		if v, ok := a.x.(*outVar); ok && v.sym != nil && v.sym.typ == nil && i < len(c.toParam) {
			b.give(v.sym, c.paramType(i))
		}
	}
	b.settleOut(args)
}

// recoverLambda tells what is wrong with a lambda for a parameter, or for the delegate type that it has been tried with if the parameter is none.
func (b *binder) recoverLambda(x *lambdaExpr, t *types.Type, n syntax.Node) {
	if t.DelegateInvoke() == nil {
		for _, bl := range x.bindings {
			if bl.target != nil {
				t = bl.target
			}
		}
	}
	if !t.Open() && t.DelegateInvoke() != nil && !b.implicitFrom(x, t).ok() {
		b.lambdaMismatch(x, t, n)
	}
}

func anyBad(args []arg) bool {
	for _, a := range args {
		if isBad(a.x) {
			return true
		}
	}
	return false
}

func hasDynamic(args []arg) bool {
	for _, a := range args {
		if t := a.x.Type(); t != nil && t.Kind == types.Dynamic {
			return true
		}
	}
	return false
}

// settleOut gives out variables of a call that fails a type.
func (b *binder) settleOut(args []arg) {
	for _, a := range args {
		if v, ok := a.x.(*outVar); ok && v.sym != nil && v.sym.typ == nil {
			v.sym.typ, v.sym.declared = types.ErrorType, true
		}
	}
}

// callExtension tries extension methods; done is false if none is called so.
func (b *binder) callExtension(g *groupExpr, args []arg, instance []*candidate, x *syntax.CallExpr) (Expr, bool) {
	ms := b.u.Extensions(g.name)
	if len(ms) == 0 {
		return nil, false
	}
	left := receiverNode(x.Fun)
	full := append([]arg{{x: g.this, node: left}}, args...)
	shape := callShape{typeArgs: g.typeArgs, extension: true}
	best, all, ambiguous := b.resolve(ms, full, shape)
	if far := b.u.FarExtensions(g.name); best == nil && ambiguous == nil && len(far) > 0 {
		if best, _, _ = b.resolve(far, full, shape); best != nil && !same(best.paramType(0), g.this.Type()) {
			best = nil
		}
	}
	if best != nil {
		return b.finishCall(&groupExpr{E: g.E, name: g.name, on: best.m.Declaring, nameNode: g.nameNode, static: true}, best, full, x), true
	}
	if len(instance) > 0 {
		return nil, false
	}
	b.settleOut(args)
	if ambiguous == nil {
		if c := firstOf(all, constraintFailed); c != nil {
			return b.bad(g.nameNode, c.code, "%s", c.detail), true
		}
		if m := b.receiverMisfit(ms, all, full); m != nil {
			return b.bad(left, "CS1929", "'%s' does not contain a definition for '%s' and the best extension method overload '%s' requires a receiver of type '%s'",
				g.on.Short(), g.name, m.Display(false), m.Params[0].Type), true
		}
		if !b.anyReceiver(ms, full[0].x) {
			return b.noMember(g.on, g.nameNode.(*syntax.NameExpr)), true
		}
	}
	b.tellFailure(&failedCall{all: all, ambiguous: ambiguous, args: full, name: g.name, node: g.nameNode, kind: "method", whole: x, extension: true})
	return badAt(x), true
}

func receiverNode(fun syntax.Expr) syntax.Node {
	if m, ok := fun.(*syntax.MemberExpr); ok {
		return m.X
	}
	return fun
}

// receiverMisfit is an extension method that the call would suit but for the receiver; nil if there is none.
func (b *binder) receiverMisfit(ms []*types.Member, all []*candidate, args []arg) *types.Member {
	for _, c := range all {
		if c.failure == badArgument && c.at == 0 {
			return c.m
		}
	}
	for i, c := range all {
		if c.failure != inferenceFailed || len(args) < 2 || len(c.toParam) == 0 {
			continue
		}
		rest := &candidate{m: ms[i], toParam: c.toParam[1:], expanded: c.expanded}
		if targs, ok := b.infer(rest, args[1:]); ok {
			return ms[i].Construct(targs)
		}
	}
	return nil
}

// anyReceiver reports whether some extension method could take the receiver at all.
func (b *binder) anyReceiver(ms []*types.Member, x Expr) bool {
	for _, m := range ms {
		t := m.Params[0].Type
		if len(m.TypeParams) > 0 {
			c := &candidate{m: m, toParam: []int{0}}
			f := &inference{b: b, c: c, args: []arg{{x: x}}, params: m.TypeParams, bounds: make([]bounds, len(m.TypeParams)), fixed: make([]*types.Type, len(m.TypeParams))}
			f.first(x, t, types.ByValue)
			for i := range f.params {
				if len(f.bounds[i].exact)+len(f.bounds[i].lower)+len(f.bounds[i].upper) > 0 {
					f.fix(i)
				}
			}
			t = f.subst(t)
			if t.Open() || !b.receiverHolds(m, f.fixed) {
				continue
			}
		}
		if receiverConversion(b.implicitFrom(x, t)) {
			return true
		}
	}
	return false
}

// receiverHolds reports whether the type arguments that a receiver gives meet their constraints.
func (b *binder) receiverHolds(m *types.Member, targs []*types.Type) bool {
	for i, k := range m.Constraints {
		if code, _ := b.violates(k, m.TypeParams, targs, i, func() string { return "" }); code != "" && targs[i] != nil {
			return false
		}
	}
	return true
}

// finishCall makes the call of the best candidate.
func (b *binder) finishCall(g *groupExpr, c *candidate, args []arg, x *syntax.CallExpr) Expr {
	m := c.m
	e := E{m.Result, x.Span()}
	order := &evaluation{}
	var this Expr
	switch {
	case g.local != nil:
	case m.Static && g.this != nil && !g.static:
		if n, ok := receiverNode(x.Fun).(*syntax.NameExpr); !ok || b.colorColor(g.this, n, g.name) == nil {
			return b.bad(x.Fun, "CS0176", "Member '%s' cannot be accessed with an instance reference; qualify it with a type name instead", m.Display(false))
		}
	case !m.Static && g.this == nil:
		return b.bad(x.Fun, "CS0120", "An object reference is required for the non-static field, method, or property '%s'", m.Display(false))
	case !m.Static:
		this = b.receiver(g.this, m, x)
	}
	bound := b.buildArgs(c, args, order, x)
	if bound == nil {
		return badAt(x)
	}
	if g.local != nil {
		return order.around(&CallLocal{E: e, Func: b.instance(g.local, m.TypeArgs), Args: bound})
	}
	return order.around(&Call{E: e, Method: m, This: this, Args: bound})
}

// evaluation keeps the order of arguments that are not given in the order of the parameters.
type evaluation struct{ effects []Expr }

func (o *evaluation) around(x Expr) Expr {
	if len(o.effects) == 0 {
		return x
	}
	return &Seq{E: E{x.Type(), x.Span()}, Effects: o.effects, Value: x}
}

// buildArgs makes the arguments in the order of the parameters; nil if one is wrong.
func (b *binder) buildArgs(c *candidate, args []arg, order *evaluation, n syntax.Node) []Expr {
	params := c.m.Params
	out := make([]Expr, len(params))
	var rest []Expr
	last := len(params) - 1
	inOrder := true
	for i := 1; i < len(args); i++ {
		inOrder = inOrder && c.toParam[i] >= c.toParam[i-1]
	}
	bad := false
	for i, a := range args {
		x := b.argument(a, params[c.toParam[i]], c.paramType(i), c.convs[i])
		bad = bad || isBad(x)
		if !inOrder && a.ref == types.ByValue {
			if _, isConst := x.(*Const); !isConst {
				t := b.temp(x.Type(), a.node)
				order.effects = append(order.effects, &Assign{E: E{t.Type, x.Span()}, X: ref(t, a.node), Y: x})
				x = ref(t, a.node)
			}
		}
		if c.expanded && c.toParam[i] == last {
			rest = append(rest, x)
		} else {
			out[c.toParam[i]] = x
		}
	}
	for p := range params {
		switch {
		case out[p] != nil:
		case c.expanded && p == last:
			out[p] = &NewArray{E: E{params[p].Type, n.Span()}, Dims: []int{len(rest)}, Init: rest}
		default:
			out[p] = &Const{E{params[p].Type, n.Span()}, params[p].Default}
		}
	}
	if bad {
		return nil
	}
	return out
}

// argument converts one argument.
func (b *binder) argument(a arg, p types.Param, t *types.Type, c conversion) Expr {
	if p.Ref == types.ByValue {
		return b.apply(a.x, t, c, a.node)
	}
	e := E{t, a.node.Span()}
	if a.ref == types.ByValue { // in
		return &RefArg{E: e, Target: b.apply(a.x, t, c, a.node)}
	}
	if v, ok := a.x.(*outVar); ok {
		switch {
		case v.discard:
			return &RefArg{E: e, Target: ref(b.cellTemp(t, a.node), a.node), Out: true}
		case v.sym.typ == nil:
			b.give(v.sym, t)
		}
		return &RefArg{E: e, Target: ref(v.sym.local, a.node), Out: true}
	}
	return &RefArg{E: e, Target: a.x, Out: p.Ref == types.ByOut}
}

// invoke calls a delegate.
func (b *binder) invoke(fun Expr, args []arg, x *syntax.CallExpr) Expr {
	inv := fun.Type().DelegateInvoke()
	if anyBad(args) {
		b.settle(args)
		return badAt(x)
	}
	best, all, ambiguous := b.resolve([]*types.Member{inv}, args, callShape{})
	if best == nil {
		b.settleOut(args)
		b.tellFailure(&failedCall{all: all, ambiguous: ambiguous, args: args, name: fun.Type().Short(), node: x.Fun, kind: "delegate", whole: x})
		return badAt(x)
	}
	order := &evaluation{}
	bound := b.buildArgs(best, args, order, x)
	if bound == nil {
		return badAt(x)
	}
	return order.around(&Invoke{E: E{inv.Result, x.Span()}, X: fun, Args: bound})
}

// bindNameof is nameof(x): the last name of x.
func (b *binder) bindNameof(x *syntax.CallExpr) Expr {
	d := b.speculate(func() { b.bindExpr(x.Args[0].Value) })
	for _, e := range d.list { // an instance member may be named by its type here
		if e.Code != "CS0120" {
			b.replay(d)
			return badAt(x)
		}
	}
	name := memberName(x.Args[0].Value)
	if name == "" {
		return b.bad(x.Args[0].Value, "CS8081", "Expression does not have a name.")
	}
	return newConst(types.StringType, types.Ref(types.NewString(name)), x)
}
