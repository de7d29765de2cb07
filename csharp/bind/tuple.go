package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindTuple is (a, b: c).
func (b *binder) bindTuple(x *syntax.TupleExpr) Expr {
	out := &tupleExpr{E: E{nil, x.Span()}}
	elems := make([]*types.Type, len(x.Elems))
	typed, bad := true, false
	for i := range x.Elems {
		a := &x.Elems[i]
		if _, decl := a.Value.(*syntax.DeclarationExpr); decl {
			return b.bad(a.Value, "CS8185", "A declaration is not allowed in this context.")
		}
		v := b.natural(b.bindValue(a.Value), a.Value)
		name := ""
		if a.Name != nil {
			name = a.Name.Name
			b.checkTupleName(a.Name, i, out.names)
		}
		out.elems, out.nodes, out.names = append(out.elems, v), append(out.nodes, a.Value), append(out.names, name)
		t := v.Type()
		bad = bad || isBad(v)
		if t == types.VoidType {
			return b.bad(a.Value, "CS8210", "A tuple may not contain a value of type 'void'.")
		}
		typed = typed && t != nil && t.Kind != types.NullKind
		elems[i] = t
	}
	if bad {
		return badAt(x)
	}
	if typed {
		out.T = types.TupleType(elems, b.inferTupleNames(out))
	}
	return out
}

// inferTupleNames are the names of a tuple literal's elements; C# 7.1 takes them from member names where they are unique.
func (b *binder) inferTupleNames(x *tupleExpr) []string {
	names := make([]string, len(x.names))
	copy(names, x.names)
	count := map[string]int{}
	for i, n := range names {
		if n == "" {
			n = memberName(lastName(x.nodes[i]))
			if tupleItemNumber(n) != 0 {
				n = ""
			}
		}
		if n != "" {
			count[n]++
		}
	}
	for i, n := range names {
		if n == "" {
			if m := memberName(lastName(x.nodes[i])); m != "" && count[m] == 1 && tupleItemNumber(m) == 0 {
				names[i] = m
			}
		}
	}
	return names
}

// lastName is the part of an expression that a name is taken from.
func lastName(x syntax.Expr) syntax.Expr {
	if c, ok := x.(*syntax.ConditionalAccessExpr); ok {
		return lastName(c.Rest)
	}
	return x
}

// tupleValue makes a tuple of a literal that has a natural type.
func (b *binder) tupleValue(x *tupleExpr, n syntax.Node) Expr {
	out := &TupleNew{E: E{x.T, x.Span()}}
	for i, e := range x.elems {
		out.Args = append(out.Args, b.convertTo(e, x.T.Args[i], x.nodes[i]))
	}
	return badIfAny(out, out.Args, n)
}

// tupleEquality is == and != of tuples, element by element (C# 7.3); nil if the operands are no tuples.
func (b *binder) tupleEquality(op Op, word syntax.Op, x, y Expr, n syntax.Node) Expr {
	if op != Eq && op != Ne {
		return nil
	}
	xn, yn := tupleSize(x), tupleSize(y)
	if xn == 0 || yn == 0 {
		return nil
	}
	if xn != yn {
		return b.bad(n, "CS8384", "Tuple types used as operands of an == or != operator must have matching cardinalities. But this operator has tuple types of cardinality %d on the left and %d on the right.", xn, yn)
	}
	var effects []Expr
	xs, ys := b.tupleParts(x, &effects, n), b.tupleParts(y, &effects, n)
	var out Expr
	for i := range xs {
		v := b.binary(op, word, xs[i], ys[i], n)
		if isBad(v) {
			return v
		}
		v = b.convertTo(v, types.BoolType, n)
		if out == nil {
			out = v
		} else {
			out = &Logical{E: E{types.BoolType, n.Span()}, Or: op == Ne, X: out, Y: v}
		}
	}
	return seq(effects, out)
}

func tupleSize(x Expr) int {
	if t, ok := x.(*tupleExpr); ok {
		return len(t.elems)
	}
	if t := x.Type(); t != nil && t.IsTuple() {
		return len(t.Args)
	}
	return 0
}

// tupleParts evaluates a tuple once and gives its elements.
func (b *binder) tupleParts(x Expr, effects *[]Expr, n syntax.Node) []Expr {
	keep := func(v Expr) Expr {
		if _, ok := v.(*Const); ok || v.Type() == nil {
			return v
		}
		t := b.temp(v.Type(), n)
		*effects = append(*effects, &Assign{E: E{t.Type, v.Span()}, X: ref(t, n), Y: v})
		return ref(t, n)
	}
	switch v := x.(type) {
	case *tupleExpr:
		out := make([]Expr, len(v.elems))
		for i, e := range v.elems {
			out[i] = keep(e)
		}
		return out
	case *TupleNew:
		out := make([]Expr, len(v.Args))
		for i, e := range v.Args {
			out[i] = keep(e)
		}
		return out
	}
	v := keep(x)
	out := make([]Expr, len(x.Type().Args))
	for i, t := range x.Type().Args {
		out[i] = &TupleItem{E: E{t, x.Span()}, X: v, Index: i}
	}
	return out
}

// tupleRest is the Rest of a tuple of 8 elements or more: a tuple of those from the eighth on.
func (b *binder) tupleRest(x Expr, t *types.Type, n syntax.Node) Expr {
	v := b.temp(t, n)
	rest := types.TupleType(t.Args[7:], nil)
	out := &TupleNew{E: E{rest, n.Span()}}
	for i, et := range t.Args[7:] {
		out.Args = append(out.Args, &TupleItem{E{et, n.Span()}, ref(v, n), i + 7})
	}
	return &Seq{E: out.E, Effects: []Expr{&Assign{E: E{t, n.Span()}, X: ref(v, n), Y: x}}, Value: out}
}
