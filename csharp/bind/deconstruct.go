package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// target is a part of the left side of a deconstruction.
type target struct {
	// parts are set for a nested one.
	parts []target
	// place is where the value goes: nil for a discard or a variable whose type is inferred.
	place   Expr
	sym     *symbol
	discard bool
	node    syntax.Node
}

// bindDeconstruction is (a, var b) = y and var (a, b) = y: the places are evaluated, then y is taken apart and converted, then assigned.
func (b *binder) bindDeconstruction(left, right syntax.Expr, n syntax.Node) Expr {
	var effects []Expr
	t := b.deconstructTarget(left, &effects)
	y := b.bindValue(right)
	return b.deconstructInto(t, y, effects, n)
}

func (b *binder) deconstructInto(t target, y Expr, effects []Expr, n syntax.Node) Expr {
	if isBad(y) {
		b.abandonTargets(t)
		return badAt(n)
	}
	var assigns, results []Expr
	ok := b.takeApart(t, y, &effects, &assigns, &results, n)
	if !ok {
		b.abandonTargets(t)
		return badAt(n)
	}
	elems := make([]*types.Type, len(results))
	for i, r := range results {
		elems[i] = r.Type()
	}
	tt := types.TupleType(elems, nil)
	return &Seq{E: E{tt, n.Span()}, Effects: append(effects, assigns...), Value: &TupleNew{E: E{tt, n.Span()}, Args: results}}
}

// abandonTargets gives variables that could not be inferred a type, so that their uses are no mistakes.
func (b *binder) abandonTargets(t target) {
	for _, p := range t.parts {
		b.abandonTargets(p)
	}
	if t.sym != nil {
		t.sym.typ, t.sym.declared = types.ErrorType, true
	}
}

func (b *binder) deconstructTarget(x syntax.Expr, effects *[]Expr) target {
	switch x := syntax.Unparen(x).(type) {
	case *syntax.TupleExpr:
		t := target{node: x}
		for i := range x.Elems {
			t.parts = append(t.parts, b.deconstructTarget(x.Elems[i].Value, effects))
		}
		return t
	case *syntax.DeclarationExpr:
		var typ *types.Type
		if !b.isVar(x.Type) {
			typ = b.variableType(x.Type)
		}
		return b.designationTarget(x.Vars, typ, x)
	case *syntax.NameExpr:
		if x.Name == "_" && b.scope.lookup("_") == nil {
			return target{discard: true, node: x}
		}
	}
	place := b.assignable(b.bindValue(x), x)
	if isBad(place) {
		return target{place: place, node: x}
	}
	es, again := b.place(place, x)
	*effects = append(*effects, es...)
	return target{place: again, node: x}
}

func (b *binder) designationTarget(d syntax.Designation, typ *types.Type, n syntax.Node) target {
	switch d := d.(type) {
	case *syntax.ParenVars:
		t := target{node: d}
		for _, v := range d.Vars {
			t.parts = append(t.parts, b.designationTarget(v, typ, v))
		}
		return t
	case *syntax.SingleVar:
		sym := b.symbolAt(d.Ident)
		if typ != nil {
			return target{place: ref(b.give(sym, typ), d), node: d}
		}
		return target{sym: sym, node: d}
	}
	return target{discard: true, node: n}
}

// takeApart deconstructs a value into the targets: effects evaluate and convert, assigns assign, results are the values.
func (b *binder) takeApart(t target, y Expr, effects, assigns, results *[]Expr, n syntax.Node) bool {
	if t.parts == nil {
		return b.takeOne(t, y, effects, assigns, results, n)
	}
	if lit, ok := y.(*tupleExpr); ok {
		if len(lit.elems) != len(t.parts) {
			b.errorAt(n, "CS8132", "Cannot deconstruct a tuple of '%d' elements into '%d' variables.", len(lit.elems), len(t.parts))
			return false
		}
		for i, p := range t.parts {
			if !b.takeNested(p, lit.elems[i], effects, assigns, results, lit.nodes[i]) {
				return false
			}
		}
		return true
	}
	items := b.deconstructItems(y, len(t.parts), effects, n)
	if items == nil {
		return false
	}
	for i, p := range t.parts {
		if !b.takeNested(p, items[i], effects, assigns, results, n) {
			return false
		}
	}
	return true
}

// takeNested is takeApart for a part; a nested deconstruction's value is a tuple in the result.
func (b *binder) takeNested(p target, y Expr, effects, assigns, results *[]Expr, n syntax.Node) bool {
	if p.parts == nil {
		return b.takeOne(p, y, effects, assigns, results, n)
	}
	var inner []Expr
	if !b.takeApart(p, y, effects, assigns, &inner, n) {
		return false
	}
	elems := make([]*types.Type, len(inner))
	for i, r := range inner {
		elems[i] = r.Type()
	}
	*results = append(*results, &TupleNew{E: E{types.TupleType(elems, nil), n.Span()}, Args: inner})
	return true
}

func (b *binder) takeOne(t target, y Expr, effects, assigns, results *[]Expr, n syntax.Node) bool {
	y = b.natural(y, n)
	want := y.Type()
	if t.place != nil {
		want = t.place.Type()
	}
	switch {
	case isBad(y) || t.place != nil && isBad(t.place):
		return false
	case want == nil || want.Kind == types.NullKind || want == types.VoidType:
		if t.sym != nil {
			b.errorAt(t.node, "CS8130", "Cannot infer the type of implicitly-typed deconstruction variable '%s'.", t.sym.name)
		} else {
			b.errorAt(t.node, "CS8183", "Cannot infer the type of implicitly-typed discard.")
		}
		return false
	}
	v := b.convertTo(y, want, n)
	if isBad(v) {
		return false
	}
	l := b.temp(want, n)
	*effects = append(*effects, &Assign{E: E{want, v.Span()}, X: ref(l, n), Y: v})
	*results = append(*results, ref(l, n))
	switch {
	case t.sym != nil:
		*assigns = append(*assigns, &Assign{E: E{want, n.Span()}, X: ref(b.give(t.sym, want), t.node), Y: ref(l, n)})
	case t.place != nil:
		*assigns = append(*assigns, &Assign{E: E{want, n.Span()}, X: t.place, Y: ref(l, n)})
	}
	return true
}

// deconstructItems takes a tuple or an object with Deconstruct apart into n values; nil after telling that it cannot.
func (b *binder) deconstructItems(y Expr, count int, effects *[]Expr, n syntax.Node) []Expr {
	t := y.Type()
	if t == nil || t.Kind == types.NullKind {
		b.errorAt(n, "CS8131", "Deconstruct assignment requires an expression with a type on the right-hand-side.")
		return nil
	}
	if t.IsTuple() {
		if len(t.Args) != count {
			b.errorAt(n, "CS8132", "Cannot deconstruct a tuple of '%d' elements into '%d' variables.", len(t.Args), count)
			return nil
		}
		return b.tupleParts(y, effects, n)
	}
	return b.deconstructMethod(y, count, effects, n)
}

func (b *binder) deconstructMethod(y Expr, count int, effects *[]Expr, n syntax.Node) []Expr {
	v := b.temp(y.Type(), n)
	args := make([]arg, count)
	for i := range args {
		args[i] = arg{x: &outVar{E: E{nil, n.Span()}, sym: &symbol{}}, ref: types.ByOut, node: n}
	}
	find := func(ms []*types.Member, args []arg, extension bool) *candidate {
		best, _, _ := b.resolve(ms, args, callShape{extension: extension})
		return best
	}
	c := find(onlyMethods(b.u.Members(y.Type(), "Deconstruct")), args, false)
	extension := false
	if c == nil {
		args = append([]arg{{x: ref(v, n), node: n}}, args...)
		c, extension = find(b.u.Extensions("Deconstruct"), args, true), true
	}
	if c == nil {
		b.errorAt(n, "CS8129", "No suitable 'Deconstruct' instance or extension method was found for type '%s', with %d out parameters and a void return type.", y.Type().Short(), count)
		return nil
	}
	*effects = append(*effects, &Assign{E: E{v.Type, n.Span()}, X: ref(v, n), Y: y})
	call := &Call{E: E{types.VoidType, n.Span()}, Method: c.m}
	var items []Expr
	for i, p := range c.m.Params {
		if extension && i == 0 {
			call.Args = append(call.Args, b.apply(ref(v, n), p.Type, c.convs[0], n))
			continue
		}
		l := b.cellTemp(p.Type, n)
		call.Args = append(call.Args, &RefArg{E: E{p.Type, n.Span()}, Target: ref(l, n), Out: true})
		items = append(items, ref(l, n))
	}
	if !extension {
		call.This = b.receiver(ref(v, n), c.m, n)
	}
	*effects = append(*effects, call)
	return items
}
