package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindNew is new T(args) { init }.
func (b *binder) bindNew(x *syntax.NewExpr) Expr {
	t := b.bindType(x.Type)
	args := b.bindArgs(x.Args)
	if t.Kind == types.Error {
		b.settle(args)
		if x.Init != nil {
			b.bindOrphanInit(x.Init)
		}
		return badAt(x)
	}
	v := b.construction(t, args, x)
	if x.Init == nil || isBad(v) {
		if x.Init != nil {
			b.bindOrphanInit(x.Init)
		}
		return v
	}
	tmp := b.temp(t, x)
	effects := []Expr{&Assign{E: E{t, x.Span()}, X: ref(tmp, x), Y: v}}
	if !b.initialise(ref(tmp, x), x.Init, &effects) {
		return badAt(x)
	}
	return &Seq{E: E{t, x.Span()}, Effects: effects, Value: ref(tmp, x)}
}

// bindOrphanInit binds the values of an initialiser of something unknown, for their own mistakes.
func (b *binder) bindOrphanInit(x *syntax.InitExpr) {
	for _, e := range x.Elems {
		switch e := e.(type) {
		case *syntax.InitExpr:
			b.bindOrphanInit(e)
		case *syntax.AssignExpr:
			if inner, ok := e.Y.(*syntax.InitExpr); ok {
				b.bindOrphanInit(inner)
			} else {
				b.bindValue(e.Y)
			}
		default:
			b.bindValue(e)
		}
	}
}

// construction calls the constructor.
func (b *binder) construction(t *types.Type, args []arg, x *syntax.NewExpr) Expr {
	e := E{t, x.Span()}
	switch {
	case t.Kind == types.DelegateKind:
		return b.newDelegate(t, args, x)
	case t.Kind == types.Interface || t.Kind == types.Class && t.Def.Abstract:
		return b.bad(x, "CS0144", "Cannot create an instance of the abstract type or interface '%s'", t.Short())
	case t.Def != nil && t.Def.Static:
		return b.bad(x, "CS0712", "Cannot create an instance of the static class '%s'", t.Short())
	case t.Kind == types.Dynamic:
		return b.bad(x, "CS8386", "Invalid object creation")
	case t.IsTuple() && len(args) > 0:
		return b.newTuple(t, args, x)
	case t.Kind == types.TypeParam, t.IsValue() && len(args) == 0:
		return newConst(t, types.Value{}, x)
	}
	if anyBad(args) {
		b.settle(args)
		return badAt(x)
	}
	if hasDynamic(args) {
		site := &Site{}
		return &DynCall{E: e, On: nil, Args: b.dynamicArgs(args, site), Site: site}
	}
	best, all, ambiguous := b.resolve(b.u.Constructors(t), args, callShape{})
	if best == nil {
		b.settleOut(args)
		b.tellFailure(&failedCall{all: all, ambiguous: ambiguous, args: args, name: t.Short(), node: x.Type, kind: "constructor", whole: x})
		return badAt(x)
	}
	order := &evaluation{}
	bound := b.buildArgs(best, args, order, x)
	if bound == nil {
		return badAt(x)
	}
	return order.around(&New{E: e, Method: best.m, Args: bound})
}

func (b *binder) newDelegate(t *types.Type, args []arg, x *syntax.NewExpr) Expr {
	if len(args) != 1 {
		return b.bad(x, "CS0149", "Method name expected")
	}
	v := args[0].x
	if isBad(v) {
		return badAt(x)
	}
	if u := v.Type(); u != nil && u.Kind == types.DelegateKind && u != t {
		inv, want := u.DelegateInvoke(), t.DelegateInvoke()
		g := &groupExpr{E: E{nil, v.Span()}, name: "Invoke", this: v, on: u, members: []*types.Member{inv}, nameNode: args[0].node}
		if target := b.groupResolve(g, paramTypes(want), paramRefs(want)); target == nil || !b.groupReturns(inv, want) {
			return b.bad(x, "CS0123", "No overload for '%s' matches delegate '%s'", "Invoke", t.Short())
		}
		return b.rewrapDelegate(v, t, x)
	}
	out := b.convertTo(v, t, args[0].node)
	return out
}

// rewrapDelegate makes a delegate of type t that calls another one: { tmp = v; (a, b) => tmp(a, b) }.
func (b *binder) rewrapDelegate(v Expr, t *types.Type, n syntax.Node) Expr {
	inv, e := t.DelegateInvoke(), E{v.Type(), n.Span()}
	tmp := b.cellTemp(v.Type(), n)
	f := &Func{Kind: LambdaFunc, Parent: b.fn.Func, Result: inv.Result, Span: n.Span()}
	call := &Invoke{E: E{v.Type().DelegateInvoke().Result, n.Span()}, X: ref(tmp, n)}
	for i, p := range inv.Params {
		l := &Local{Name: p.Name, Type: p.Type, Func: f, Param: true, Ref: p.Ref, Span: n.Span()}
		f.Params = append(f.Params, l)
		arg := Expr(ref(l, n))
		if p.Ref != types.ByValue {
			arg = &RefArg{E: E{p.Type, n.Span()}, Target: arg, Out: p.Ref == types.ByOut}
		} else {
			want := v.Type().DelegateInvoke().Params[i].Type
			arg = b.apply(arg, want, b.implicitFrom(arg, want), n)
		}
		call.Args = append(call.Args, arg)
	}
	stmt := Stmt(&ExprStmt{S{n.Span()}, call})
	if inv.Result != types.VoidType {
		stmt = &Return{S{n.Span()}, b.apply(call, inv.Result, b.implicitFrom(call, inv.Result), n)}
	}
	f.Body = &Block{S: S{n.Span()}, Stmts: []Stmt{stmt}}
	return &Seq{E: E{t, n.Span()}, Effects: []Expr{&Assign{E: e, X: ref(tmp, n), Y: v}}, Value: &Lambda{E: E{t, n.Span()}, Func: f}}
}

// newTuple is new ValueTuple<…>(…).
func (b *binder) newTuple(t *types.Type, args []arg, x *syntax.NewExpr) Expr {
	if len(args) != len(t.Args) {
		return b.bad(x.Type, "CS1729", "'%s' does not contain a constructor that takes %d arguments", t.Short(), len(args))
	}
	out := &TupleNew{E: E{t, x.Span()}}
	for i, a := range args {
		out.Args = append(out.Args, b.convertTo(a.x, t.Args[i], a.node))
	}
	return badIfAny(out, out.Args, x)
}

// initialise applies an object or collection initialiser to the object in target.
func (b *binder) initialise(target Expr, init *syntax.InitExpr, effects *[]Expr) bool {
	ok := true
	for _, e := range init.Elems {
		var done bool
		switch a := e.(type) {
		case *syntax.AssignExpr:
			if init.Kind == syntax.ObjectInit {
				done = b.initMember(target, a, effects)
				break
			}
			done = b.initAdd(target, e, effects)
		default:
			done = b.initAdd(target, e, effects)
		}
		ok = ok && done
	}
	return ok
}

// initMember is Name = value or [index] = value.
func (b *binder) initMember(target Expr, a *syntax.AssignExpr, effects *[]Expr) bool {
	var place Expr
	switch l := a.X.(type) {
	case *syntax.NameExpr:
		place = b.initPlace(target, l)
	case *syntax.ElementInit:
		place = b.index(target, b.bindArgs(l.Args), l, l)
	default:
		place = b.bad(a, "CS0747", "Invalid initializer member declarator")
	}
	if isBad(place) {
		if inner, ok := a.Y.(*syntax.InitExpr); ok {
			b.bindOrphanInit(inner)
		} else {
			b.bindValue(a.Y)
		}
		return false
	}
	if inner, ok := a.Y.(*syntax.InitExpr); ok {
		es, again := b.place(place, a.X)
		*effects = append(*effects, es...)
		v := b.temp(again.Type(), a.Y)
		*effects = append(*effects, &Assign{E: E{v.Type, a.Span()}, X: ref(v, a), Y: again})
		return b.initialise(ref(v, a), inner, effects)
	}
	place = b.assignable(place, a.X)
	y := b.bindValue(a.Y)
	if isBad(place) {
		return false
	}
	y = b.convertTo(y, place.Type(), a.Y)
	*effects = append(*effects, &Assign{E: E{place.Type(), a.Span()}, X: place, Y: y})
	return !isBad(y)
}

func (b *binder) initPlace(target Expr, name *syntax.NameExpr) Expr {
	t := target.Type()
	if t.Kind == types.Dynamic {
		return &DynGet{E{types.DynamicType, name.Span()}, target, &Site{Name: name.Name, Static: []*types.Type{nil}}}
	}
	if v := b.specialMember(target, t, name.Name, name); v != nil {
		return v
	}
	ms := b.u.Members(t, name.Name)
	switch {
	case len(ms) == 0:
		return b.bad(name, "CS0117", "'%s' does not contain a definition for '%s'", t.Short(), name.Name)
	case ms[0].Kind == types.Method:
		return b.bad(name, "CS1913", "Member '%s' cannot be initialized. It is not a field or property.", name.Name)
	case ms[0].Static:
		return b.bad(name, "CS1914", "Static field or property '%s' cannot be assigned in an object initializer", ms[0].Display(false))
	}
	return b.access(target, ms[0], name)
}

// initAdd is an element of a collection initialiser: a call of Add.
func (b *binder) initAdd(target Expr, e syntax.Expr, effects *[]Expr) bool {
	var args []arg
	if many, ok := e.(*syntax.InitExpr); ok && many.Kind == syntax.ElementsInit {
		for _, v := range many.Elems {
			args = append(args, arg{x: b.bindValue(v), node: v})
		}
	} else {
		args = []arg{{x: b.bindValue(e), node: e}}
	}
	t := target.Type()
	if anyBad(args) {
		return false
	}
	if t.Kind == types.Dynamic {
		site := &Site{Name: "Add", Static: []*types.Type{nil}}
		*effects = append(*effects, &DynCall{E: E{types.DynamicType, e.Span()}, X: target, Args: b.dynamicArgs(args, site), Site: site})
		return true
	}
	if !types.ReferenceConvertible(t.Erased(), types.IEnumerableType) {
		b.errorAt(e, "CS1922", "Cannot initialize type '%s' with a collection initializer because it does not implement 'System.Collections.IEnumerable'", t)
		return false
	}
	best, all, ambiguous := b.resolve(onlyMethods(b.u.Members(t, "Add")), args, callShape{})
	extension := false
	if best == nil && ambiguous == nil {
		full := append([]arg{{x: target, node: e}}, args...)
		if c, _, _ := b.resolve(b.u.Extensions("Add"), full, callShape{extension: true}); c != nil {
			best, args, extension = c, full, true
		}
	}
	if best == nil {
		if len(all) == 0 {
			b.errorAt(e, "CS1061", "'%s' does not contain a definition for 'Add' and no accessible extension method 'Add' accepting a first argument of type '%s' could be found (are you missing a using directive or an assembly reference?)", t.Short(), t.Short())
			return false
		}
		b.tellAddFailure(all, ambiguous, args, e, t)
		return false
	}
	order := &evaluation{}
	bound := b.buildArgs(best, args, order, e)
	if bound == nil {
		return false
	}
	call := &Call{E: E{best.m.Result, e.Span()}, Method: best.m, Args: bound}
	if !extension {
		call.This = b.receiver(target, best.m, e)
	}
	*effects = append(*effects, order.around(call))
	return true
}

// tellAddFailure tells why no Add suits: for one argument that converts to no parameter, what Roslyn tells of the best Add.
func (b *binder) tellAddFailure(all, ambiguous []*candidate, args []arg, e syntax.Expr, t *types.Type) {
	if c := firstOf(all, badArgument); c != nil && len(ambiguous) == 0 {
		b.tellArguments(&failedCall{all: all, args: args, name: "Add", node: e, kind: "method"}, c)
		return
	}
	b.tellFailure(&failedCall{all: all, ambiguous: ambiguous, args: args, name: "Add", node: e, kind: "method", whole: e})
}

// bindAnonymousObject is new { A = 1, b.C, d }.
func (b *binder) bindAnonymousObject(x *syntax.AnonymousObjectExpr) Expr {
	var names []string
	var elems []*types.Type
	var args []Expr
	bad := false
	for i := range x.Members {
		m := &x.Members[i]
		v := b.natural(b.bindValue(m.Value), m.Value)
		name := memberName(lastName(m.Value))
		if m.Name != nil {
			name = m.Name.Name
		}
		t := v.Type()
		switch {
		case isBad(v):
			bad = true
		case t == nil || t.Kind == types.NullKind || t == types.VoidType:
			b.errorAt(m, "CS0828", "Cannot assign '%s' to anonymous type property", typeText(v))
			bad = true
		case name == "":
			b.errorAt(m, "CS0746", "Invalid anonymous type member declarator. Anonymous type members must be declared with a member assignment, simple name or member access.")
			bad = true
		}
		for _, n := range names {
			if n == name && name != "" {
				b.errorAt(m, "CS0833", "An anonymous type cannot have multiple properties with the same name")
				bad = true
			}
		}
		names, elems, args = append(names, name), append(elems, t), append(args, v)
	}
	if bad {
		return badAt(x)
	}
	return &AnonNew{E: E{types.AnonType(names, elems), x.Span()}, Args: args}
}
