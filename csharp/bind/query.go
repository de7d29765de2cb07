package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// query is a query expression that is being turned into method calls (spec 12.20.3).
type query struct {
	b *binder
	// source is what has been built so far.
	source Expr
	// vars are the range variables in scope and how each is reached from the lambda's parameter.
	vars []rangeVar
	// elem is the type of the parameter.
	node syntax.Node
}

// rangeVar is a range variable; path are the indices of anonymous objects that lead from the lambda's parameter to it.
type rangeVar struct {
	id   syntax.Ident
	path []int
}

// bindQuery is from … select ….
func (b *binder) bindQuery(x *syntax.QueryExpr) Expr {
	q := &query{b: b, node: x}
	if len(x.Clauses) == 0 {
		b.broken = true
		return badAt(x)
	}
	from, ok := x.Clauses[0].(*syntax.FromClause)
	if !ok {
		b.broken = true
		return badAt(x)
	}
	q.source = q.cast(b.natural(b.bindValue(from.X), from.X), from.Type, from)
	q.declare(from.Name)
	clauses := x.Clauses[1:]
	for i := 0; i < len(clauses) && !isBad(q.source); i++ {
		i += q.clause(clauses, i)
	}
	if isBad(q.source) {
		return badAt(x)
	}
	return q.source
}

// declare makes a name the only range variable.
func (q *query) declare(id syntax.Ident) { q.vars = []rangeVar{{id, nil}} }

// cast is X.Cast<T>() where a clause gives a type.
func (q *query) cast(x Expr, t syntax.TypeExpr, n syntax.Node) Expr {
	if t == nil || isBad(x) {
		return x
	}
	typ := q.b.variableType(t)
	if typ.Kind == types.Error {
		return badAt(n)
	}
	return q.call(x, "Cast", []*types.Type{typ}, nil, n)
}

// clause translates one clause; it returns how many further clauses it has taken in.
func (q *query) clause(cs []syntax.Clause, i int) (taken int) {
	var next syntax.Clause
	if i+1 < len(cs) {
		next = cs[i+1]
	}
	switch c := cs[i].(type) {
	case *syntax.WhereClause:
		q.source = q.call(q.source, "Where", nil, []arg{q.lambda(c.X, c.X)}, c)
	case *syntax.SelectClause:
		if name, ok := c.X.(*syntax.NameExpr); ok && len(q.vars) == 1 && name.Name == q.vars[0].id.Name && i > 0 {
			return 0 // a select of the range variable alone changes nothing
		}
		q.source = q.call(q.source, "Select", nil, []arg{q.lambda(c.X, c.X)}, c)
	case *syntax.GroupClause:
		args := []arg{q.lambda(c.Key, c.Key)}
		if name, ok := c.X.(*syntax.NameExpr); !ok || len(q.vars) != 1 || name.Name != q.vars[0].id.Name {
			args = append(args, q.lambda(c.X, c.X))
		}
		q.source = q.call(q.source, "GroupBy", nil, args, c)
	case *syntax.IntoClause:
		q.declare(c.Name)
	case *syntax.LetClause:
		q.let(c)
	case *syntax.OrderByClause:
		q.orderBy(c)
	case *syntax.FromClause:
		return q.from(c, next)
	case *syntax.JoinClause:
		return q.join(c, next)
	}
	return 0
}

func (q *query) orderBy(c *syntax.OrderByClause) {
	for i := range c.Orderings {
		o := &c.Orderings[i]
		name := "OrderBy"
		if i > 0 {
			name = "ThenBy"
		}
		if o.Descending {
			name += "Descending"
		}
		q.source = q.call(q.source, name, nil, []arg{q.lambda(o.X, o.X)}, o)
		if isBad(q.source) {
			return
		}
	}
}

// let adds a variable: the elements become objects of the old element and the new value.
func (q *query) let(c *syntax.LetClause) {
	x := c.X
	if p, ok := syntax.Unparen(x).(*syntax.InitExpr); ok {
		q.source = q.b.bad(p, "CS1525", "Invalid expression term '{'")
		return
	}
	body := func(b *binder, f *function) {
		v := b.natural(b.bindValue(x), x)
		switch t := v.Type(); {
		case isBad(v):
			f.value = v
		case t == nil || t.Kind == types.NullKind || t == types.VoidType:
			f.value = b.bad(c, "CS1932", "Cannot assign %s to a range variable", typeText(v))
		default:
			f.value = pair(ref(f.Params[0], c), v, q.names(c.Name.Name), c)
		}
		f.valueNode = x
	}
	q.source = q.call(q.source, "Select", nil, []arg{q.lambdaWith(body, 1, x)}, c)
	q.extend(c.Name)
}

// names are the property names of a pair.
func (q *query) names(second string) [2]string {
	return [2]string{"<>h__TransparentIdentifier0", second}
}

func pair(x, y Expr, names [2]string, n syntax.Node) Expr {
	t := types.AnonType(names[:], []*types.Type{x.Type(), y.Type()})
	return &AnonNew{E: E{t, n.Span()}, Args: []Expr{x, y}}
}

// extend adds a variable to those of the pair's first half.
func (q *query) extend(id syntax.Ident) {
	for i := range q.vars {
		if q.vars[i].id.Name == id.Name {
			q.b.errorAt(&id, "CS1930", "The range variable '%s' has already been declared", id.Name)
		}
		q.vars[i].path = append([]int{0}, q.vars[i].path...)
	}
	q.vars = append(q.vars, rangeVar{id, []int{1}})
}

// from is a second from: SelectMany.
func (q *query) from(c *syntax.FromClause, next syntax.Clause) (taken int) {
	collection := q.lambdaWith(func(b *binder, f *function) {
		inner := &query{b: b, node: c}
		f.value = inner.cast(b.natural(b.bindValue(c.X), c.X), c.Type, c)
		f.valueNode = c.X
	}, 1, c.X)
	result, taken := q.resultOf(c.Name, next, c)
	q.source = q.call(q.source, "SelectMany", nil, []arg{collection, result}, c)
	q.afterJoin(c.Name, taken)
	return taken
}

// resultOf is the lambda (old, new) => result of SelectMany and Join: the select that follows, or a pair.
func (q *query) resultOf(id syntax.Ident, next syntax.Clause, n syntax.Node) (arg, int) {
	if s, ok := next.(*syntax.SelectClause); ok {
		return q.lambdaOver(func(b *binder, f *function) { b.lambdaExpression(f, s.X) }, s.X, id), 1
	}
	return q.lambdaOver(func(b *binder, f *function) {
		f.value = pair(ref(f.Params[0], n), ref(f.Params[1], n), q.names(id.Name), n)
		f.valueNode = n
	}, n, id), 0
}

func (q *query) afterJoin(id syntax.Ident, taken int) {
	if taken == 0 {
		q.extend(id)
	}
}

// join is join x in X on a equals b [into g].
func (q *query) join(c *syntax.JoinClause, next syntax.Clause) (taken int) {
	inner := q.cast(q.b.natural(q.b.bindValue(c.X), c.X), c.Type, c)
	if isBad(inner) {
		q.source = inner
		return 0
	}
	left := q.lambda(c.Left, c.Left)
	saved := q.vars
	q.declare(c.Name)
	right := q.lambda(c.Right, c.Right)
	q.vars = saved
	method, id := "Join", c.Name
	if c.Into != nil {
		method, id = "GroupJoin", *c.Into
	}
	result, taken := q.resultOf(id, next, c)
	q.source = q.call(q.source, method, nil, []arg{{x: inner, node: c.X}, left, right, result}, c)
	q.afterJoin(id, taken)
	return taken
}

// lambda is element => x.
func (q *query) lambda(x syntax.Expr, n syntax.Node) arg {
	return q.lambdaWith(func(b *binder, f *function) { b.lambdaExpression(f, x) }, 1, n)
}

// lambdaWith is a lambda of n parameters, the first of which carries the range variables.
func (q *query) lambdaWith(body func(*binder, *function), n int, node syntax.Node) arg {
	return q.lambdaFrom(body, n, node, nil)
}

// lambdaOver is a lambda (old, id) => ….
func (q *query) lambdaOver(body func(*binder, *function), node syntax.Node, id syntax.Ident) arg {
	return q.lambdaFrom(body, 2, node, &id)
}

func (q *query) lambdaFrom(body func(*binder, *function), n int, node syntax.Node, second *syntax.Ident) arg {
	b := q.b
	vars := append([]rangeVar{}, q.vars...)
	x := &lambdaExpr{E: E{nil, node.Span()}, node: node, scope: b.scope, fn: b.fn, receivers: b.receivers, over: b.overflow(), expression: true}
	x.names = make([]string, n)
	x.body = func(b *binder, f *function) {
		f.Body = &Block{S: S{node.Span()}}
		b.scope.block = f.Body
		body(b, f)
	}
	x.access = func(b *binder) {
		for _, v := range vars {
			b.declareRange(v, 0)
		}
		if second != nil {
			b.declareRange(rangeVar{*second, nil}, 1)
		}
	}
	return arg{x: x, node: node}
}

// declareRange declares a range variable that lies in a parameter of the present function.
func (b *binder) declareRange(v rangeVar, param int) {
	p := b.fn.Params[param]
	sym := &symbol{name: v.id.Name, kind: rangeSymbol, span: v.id.Span(), declared: true, typ: types.ErrorType}
	sym.access = func(n syntax.Node) Expr {
		out := Expr(ref(p, n))
		for _, i := range v.path {
			t := out.Type()
			if t.Anon == nil || i >= len(t.Args) {
				return badAt(n)
			}
			out = &AnonGet{E{t.Args[i], n.Span()}, out, i}
		}
		return out
	}
	if old := b.scope.parent.lookup(v.id.Name); old != nil && old.kind != globalSymbol || old != nil && old.kind == globalSymbol {
		b.errorAt(&v.id, "CS1931", "The range variable '%s' conflicts with a previous declaration of '%s'", v.id.Name, v.id.Name)
	}
	b.scope.declare(sym)
}

// call calls a query method on the source.
func (q *query) call(x Expr, name string, targs []*types.Type, args []arg, n syntax.Node) Expr {
	b := q.b
	if isBad(x) || anyBad(args) {
		return badAt(n)
	}
	t := x.Type()
	if t == nil || t.Kind == types.NullKind {
		return b.bad(n, "CS0186", "Use of null is not valid in this context")
	}
	if t.Kind == types.Dynamic {
		return b.bad(n, "CS1979", "Query expressions over source type 'dynamic' or with a join sequence of type 'dynamic' are not allowed")
	}
	var best *candidate
	var all, ambiguous []*candidate
	if ms := onlyMethods(b.u.Members(t, name)); len(ms) > 0 {
		best, all, ambiguous = b.resolve(ms, args, callShape{typeArgs: targs})
	}
	extension := false
	if best == nil {
		args = append([]arg{{x: x, node: n}}, args...)
		best, all, ambiguous = b.resolve(b.u.Extensions(name), args, callShape{typeArgs: targs, extension: true})
		extension = true
	}
	if best == nil {
		return q.fail(x, name, all, ambiguous, args, n)
	}
	order := &evaluation{}
	bound := b.buildArgs(best, args, order, n)
	if bound == nil {
		return badAt(n)
	}
	out := &Call{E: E{best.m.Result, n.Span()}, Method: best.m, Args: bound}
	if !extension {
		out.This = b.receiver(x, best.m, n)
	}
	return order.around(out)
}

// fail tells why a query method cannot be called.
func (q *query) fail(x Expr, name string, all, ambiguous []*candidate, args []arg, n syntax.Node) Expr {
	b := q.b
	if b.tellLambdaErrors(args) {
		return badAt(n)
	}
	if len(all) == 0 || !b.anyReceiver(b.u.Extensions(name), x) {
		return b.bad(n, "CS1935", "Could not find an implementation of the query pattern for source type '%s'.  '%s' not found.  Are you missing required assembly references or a using directive for 'System.Linq'?", x.Type().Short(), name)
	}
	switch name {
	case "Join", "GroupJoin":
		return b.bad(n, "CS1941", "The type of one of the expressions in the join clause is incorrect.  Type inference failed in the call to '%s'.", name)
	case "Select", "SelectMany", "GroupBy", "OrderBy", "OrderByDescending", "ThenBy", "ThenByDescending":
		return b.bad(n, "CS1942", "The type of the expression in the query clause is incorrect.  Type inference failed in the call to '%s'.", name)
	}
	b.tellFailure(&failedCall{all: all, ambiguous: ambiguous, args: args, name: name, node: n, kind: "method", whole: n, extension: true})
	return badAt(n)
}
