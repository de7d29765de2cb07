package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindNewArray is new T[n] {…}.
func (b *binder) bindNewArray(x *syntax.NewArrayExpr) Expr {
	t := b.bindType(x.Type)
	out := &NewArray{E: E{t, x.Span()}}
	bad := t.Kind == types.Error
	for _, s := range x.Sizes {
		v := b.arrayLength(s)
		bad = bad || isBad(v)
		out.Sizes = append(out.Sizes, v)
	}
	if x.Init == nil {
		if bad {
			return badAt(x)
		}
		return out
	}
	if bad {
		b.bindOrphanInit(x.Init)
		return badAt(x)
	}
	dims := make([]int, t.Rank)
	if !b.arrayElements(x.Init, t.Elem, dims, 0, &out.Init) {
		return badAt(x)
	}
	for i, s := range out.Sizes {
		k, ok := s.(*Const)
		if !ok {
			return b.bad(x.Sizes[i], "CS0150", "A constant value is expected")
		}
		if int64(k.V.Num) != int64(dims[i]) {
			return b.bad(x.Init, "CS0847", "An array initializer of length '%d' is expected", int64(k.V.Num))
		}
	}
	out.Sizes, out.Dims = nil, dims
	return out
}

// arrayLength converts a length or index to int, uint, long or ulong.
func (b *binder) arrayLength(s syntax.Expr) Expr {
	return b.indexValue(b.bindOperand(s), s)
}

func (b *binder) indexValue(v Expr, n syntax.Node) Expr {
	if isBad(v) {
		return v
	}
	if isDynamic(v) {
		return b.convertTo(v, types.Int32Type, n)
	}
	for _, t := range arithmetic[:4] {
		if c := b.implicitFrom(v, t); c.ok() {
			out := b.apply(v, t, c, n)
			if k, ok := out.(*Const); ok && (t == types.Int32Type || t == types.Int64Type) && int64(k.V.Num) < 0 {
				b.sink.add(warning(n, "CS0251", "Indexing an array with a negative index (array indices always start at zero)"))
			}
			return out
		}
	}
	return b.convertTo(v, types.Int32Type, n)
}

// arrayElements collects the elements of an initialiser of dims[level:] dimensions.
func (b *binder) arrayElements(init *syntax.InitExpr, elem *types.Type, dims []int, level int, out *[]Expr) bool {
	ok := true
	if dims[level] != 0 && dims[level] != len(init.Elems) {
		b.errorAt(init, "CS0847", "An array initializer of length '%d' is expected", dims[level])
		return false
	}
	dims[level] = len(init.Elems)
	for _, e := range init.Elems {
		inner, nested := e.(*syntax.InitExpr)
		switch {
		case level+1 < len(dims) && !nested:
			b.errorAt(e, "CS0846", "A nested array initializer is expected")
			ok = false
		case level+1 < len(dims):
			ok = b.arrayElements(inner, elem, dims, level+1, out) && ok
		case nested:
			b.errorAt(e, "CS0623", "Array initializers can only be used in a variable or field initializer. Try using a new expression instead.")
			ok = false
		default:
			v := b.convertTo(b.readable(b.bindValue(e), e), elem, e)
			ok = ok && !isBad(v)
			*out = append(*out, v)
		}
	}
	return ok
}

// arrayInitializer is T[] a = {…}.
func (b *binder) arrayInitializer(init *syntax.InitExpr, to *types.Type, n syntax.Node) Expr {
	if to.Kind == types.Error {
		b.bindOrphanInit(init)
		return badAt(n)
	}
	if to.Kind != types.ArrayKind {
		return b.bad(n, "CS0622", "Can only use array initializer expressions to assign to array types. Try using a new expression instead.")
	}
	out := &NewArray{E: E{to, init.Span()}, Dims: make([]int, to.Rank)}
	if !b.arrayElements(init, to.Elem, out.Dims, 0, &out.Init) {
		return badAt(n)
	}
	return out
}

// bindImplicitArray is new[] {…}.
func (b *binder) bindImplicitArray(x *syntax.ImplicitArrayExpr) Expr {
	var leaves []syntax.Expr
	var walk func(init *syntax.InitExpr, level int)
	walk = func(init *syntax.InitExpr, level int) {
		for _, e := range init.Elems {
			if inner, ok := e.(*syntax.InitExpr); ok && level+1 < max(x.Rank, 1) {
				walk(inner, level+1)
				continue
			}
			leaves = append(leaves, e)
		}
	}
	if x.Init == nil {
		b.broken = true
		return badAt(x)
	}
	walk(x.Init, 0)
	values := make([]Expr, len(leaves))
	bad := false
	for i, e := range leaves {
		values[i] = b.readable(b.bindValue(e), e)
		bad = bad || isBad(values[i])
	}
	if bad {
		return badAt(x)
	}
	elem := b.bestCommonType(values)
	if elem == nil {
		return b.bad(x, "CS0826", "No best type found for implicitly-typed array")
	}
	rank := max(x.Rank, 1)
	out := &NewArray{E: E{types.ArrayOf(elem, rank), x.Span()}, Dims: make([]int, rank)}
	if !b.arrayShape(x.Init, out.Dims, 0) {
		return badAt(x)
	}
	for i, v := range values {
		c := b.convertTo(v, elem, leaves[i])
		bad = bad || isBad(c)
		out.Init = append(out.Init, c)
	}
	if bad {
		return badAt(x)
	}
	return out
}

// arrayShape finds the dimensions of an initialiser whose elements have been bound.
func (b *binder) arrayShape(init *syntax.InitExpr, dims []int, level int) bool {
	if dims[level] != 0 && dims[level] != len(init.Elems) {
		b.errorAt(init, "CS0847", "An array initializer of length '%d' is expected", dims[level])
		return false
	}
	dims[level] = len(init.Elems)
	if level+1 == len(dims) {
		return true
	}
	for _, e := range init.Elems {
		inner, ok := e.(*syntax.InitExpr)
		if !ok {
			b.errorAt(e, "CS0846", "A nested array initializer is expected")
			return false
		}
		if !b.arrayShape(inner, dims, level+1) {
			return false
		}
	}
	return true
}

// bindIndex is X[Args].
func (b *binder) bindIndex(x *syntax.IndexExpr) Expr {
	left := b.natural(b.bindValue(x.X), x.X)
	args := b.bindArgs(x.Args)
	if isBad(left) || anyBad(args) {
		b.settle(args)
		return badAt(x)
	}
	return b.index(left, args, x, x.X)
}

// index applies an indexer or the brackets of an array.
func (b *binder) index(left Expr, args []arg, n, leftNode syntax.Node) Expr {
	if anyBad(args) {
		return badAt(n)
	}
	t := left.Type()
	switch {
	case isBad(left):
		return badAt(n)
	case t == nil || t == types.VoidType || t.Kind == types.NullKind:
		return b.bad(n, "CS0021", "Cannot apply indexing with [] to an expression of type '%s'", typeText(left))
	case t.Kind == types.Dynamic:
		site := &Site{Static: []*types.Type{nil}}
		return &DynIndex{E: E{types.DynamicType, n.Span()}, X: left, Args: b.dynamicArgs(args, site), Site: site}
	case t.Kind == types.ArrayKind:
		return b.arrayIndex(left, args, n)
	}
	indexers := b.u.Indexers(t)
	if len(indexers) == 0 {
		return b.bad(n, "CS0021", "Cannot apply indexing with [] to an expression of type '%s'", t.Short())
	}
	if hasDynamic(args) {
		site := &Site{Static: []*types.Type{t}}
		return &DynIndex{E: E{types.DynamicType, n.Span()}, X: left, Args: b.dynamicArgs(args, site), Site: site}
	}
	best, all, ambiguous := b.resolve(indexers, args, callShape{})
	if best == nil {
		b.tellFailure(&failedCall{all: all, ambiguous: ambiguous, args: args, name: "this", node: n, kind: "indexer", whole: n})
		return badAt(n)
	}
	order := &evaluation{}
	bound := b.buildArgs(best, args, order, n)
	if bound == nil {
		return badAt(n)
	}
	p := &Prop{E: E{best.m.Result, n.Span()}, Member: best.m, This: b.receiver(left, best.m, n), Args: bound}
	return order.around(p)
}

func (b *binder) arrayIndex(left Expr, args []arg, n syntax.Node) Expr {
	t := left.Type()
	if len(args) != t.Rank {
		return b.bad(n, "CS0022", "Wrong number of indices inside []; expected %d", t.Rank)
	}
	out := &ArrayIndex{E: E{t.Elem, n.Span()}, X: left}
	for _, a := range args {
		v := b.indexValue(a.x, a.node)
		if isBad(v) {
			return badAt(n)
		}
		out.Indices = append(out.Indices, v)
	}
	return out
}
