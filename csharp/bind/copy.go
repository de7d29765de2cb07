package bind

import "github.com/postern-gateway/postern/csharp/types"

// copier copies the body of a generic local function with its type parameters replaced.
type copier struct {
	f        *finisher
	from, to []*types.Type
	funcs    map[*Func]*Func
	locals   map[*Local]*Local
	loops    map[*Loop]*Loop
	labels   map[*Label]*Label
}

func (c *copier) typ(t *types.Type) *types.Type {
	if t == nil {
		return nil
	}
	return t.Subst(c.from, c.to)
}

func (c *copier) member(m *types.Member) *types.Member {
	if m == nil {
		return nil
	}
	return m.Subst(c.from, c.to)
}

// into fills the copy of a function.
func (c *copier) into(old, fn *Func) {
	fn.Kind, fn.Name, fn.Iterator, fn.Span = old.Kind, old.Name, old.Iterator, old.Span
	fn.Result, fn.Elem = c.typ(old.Result), c.typ(old.Elem)
	for _, p := range old.Params {
		fn.Params = append(fn.Params, c.local(p))
	}
	fn.Body = c.block(old.Body)
}

// function is the copy of a function nested in the one that is copied; others stay as they are.
func (c *copier) function(old *Func) *Func {
	if fn := c.funcs[old]; fn != nil {
		return fn
	}
	if i := c.f.b.instanceOf(old); i != nil {
		targs := make([]*types.Type, len(i.targs))
		for k, t := range i.targs {
			targs[k] = c.typ(t)
		}
		return c.f.b.instance(i.of, targs)
	}
	parent := c.funcs[old.Parent]
	if parent == nil {
		return old
	}
	fn := &Func{Parent: parent}
	c.funcs[old] = fn
	c.into(old, fn)
	return fn
}

func (c *copier) local(old *Local) *Local {
	if old == nil {
		return nil
	}
	if l := c.locals[old]; l != nil {
		return l
	}
	fn := c.funcs[old.Func]
	if fn == nil {
		return old
	}
	l := &Local{Name: old.Name, Type: c.typ(old.Type), Func: fn, Ref: old.Ref, Param: old.Param, Span: old.Span}
	c.locals[old] = l
	return l
}

func (c *copier) localsOf(old []*Local) []*Local {
	var out []*Local
	for _, l := range old {
		out = append(out, c.local(l))
	}
	return out
}

func (c *copier) exprs(xs []Expr) []Expr {
	if xs == nil {
		return nil
	}
	out := make([]Expr, len(xs))
	for i, x := range xs {
		out[i] = c.expr(x)
	}
	return out
}

func (c *copier) e(x Expr) E { return E{c.typ(x.Type()), x.Span()} }

func (c *copier) expr(x Expr) Expr {
	switch x := x.(type) {
	case nil:
		return nil
	case *Const:
		return &Const{c.e(x), x.V}
	case *LocalRef:
		return &LocalRef{c.e(x), c.local(x.Local)}
	case *GlobalRef:
		return x
	case *Convert:
		return c.convert(x)
	case *Unary:
		return &Unary{c.e(x), x.Op, x.Of, x.Lifted, x.Checked, c.expr(x.X)}
	case *Binary:
		return &Binary{c.e(x), x.Op, x.Of, x.Lifted, x.Checked, c.expr(x.X), c.expr(x.Y)}
	case *Logical:
		return &Logical{c.e(x), x.Or, c.expr(x.X), c.expr(x.Y)}
	case *LiftedOp:
		return &LiftedOp{c.e(x), x.Op, c.member(x.Method), c.expr(x.X), c.expr(x.Y)}
	case *NotNull:
		return c.notNull(x)
	case *Conditional:
		return &Conditional{c.e(x), c.expr(x.Cond), c.expr(x.Then), c.expr(x.Else)}
	case *Call:
		return &Call{c.e(x), c.member(x.Method), c.expr(x.This), c.exprs(x.Args)}
	case *Prop:
		return &Prop{c.e(x), c.member(x.Member), c.expr(x.This), c.exprs(x.Args)}
	case *New:
		return &New{c.e(x), c.member(x.Method), c.exprs(x.Args)}
	case *RefArg:
		return &RefArg{c.e(x), c.expr(x.Target), x.Out}
	case *CallLocal:
		return &CallLocal{c.e(x), c.function(x.Func), c.exprs(x.Args)}
	case *Invoke:
		return &Invoke{c.e(x), c.expr(x.X), c.exprs(x.Args)}
	case *Lambda:
		return &Lambda{c.e(x), c.function(x.Func)}
	case *MethodGroup:
		out := &MethodGroup{E: c.e(x), Method: c.member(x.Method), This: c.expr(x.This)}
		if x.Func != nil {
			out.Func = c.function(x.Func)
		}
		return out
	}
	return c.otherExpr(x)
}

func (c *copier) otherExpr(x Expr) Expr {
	switch x := x.(type) {
	case *NewArray:
		return &NewArray{c.e(x), c.exprs(x.Sizes), x.Dims, c.exprs(x.Init)}
	case *ArrayIndex:
		return &ArrayIndex{c.e(x), c.expr(x.X), c.exprs(x.Indices)}
	case *ArrayLength:
		return &ArrayLength{c.e(x), c.expr(x.X)}
	case *AnonNew:
		return &AnonNew{c.e(x), c.exprs(x.Args)}
	case *AnonGet:
		return &AnonGet{c.e(x), c.expr(x.X), x.Index}
	case *TupleNew:
		return &TupleNew{c.e(x), c.exprs(x.Args)}
	case *TupleItem:
		return &TupleItem{c.e(x), c.expr(x.X), x.Index}
	case *Assign:
		return &Assign{c.e(x), c.expr(x.X), c.expr(x.Y)}
	case *Seq:
		return &Seq{c.e(x), c.exprs(x.Effects), c.expr(x.Value)}
	case *Throw:
		return &Throw{c.e(x), c.expr(x.X)}
	case *Concat:
		return &Concat{c.e(x), c.exprs(x.Parts)}
	case *Interpolate:
		out := &Interpolate{E: c.e(x), Parts: append([]InterpolatePart(nil), x.Parts...)}
		for i := range out.Parts {
			out.Parts[i].X = c.expr(out.Parts[i].X)
		}
		return out
	case *TypeOf:
		return &TypeOf{c.e(x), c.typ(x.Of)}
	case *Is:
		return &Is{c.e(x), c.expr(x.X), c.pattern(x.Pattern)}
	case *As:
		return &As{c.e(x), c.expr(x.X)}
	}
	return c.dynamicExpr(x)
}

func (c *copier) dynamicExpr(x Expr) Expr {
	switch x := x.(type) {
	case *DynGet:
		return &DynGet{c.e(x), c.expr(x.X), x.Site}
	case *DynIndex:
		return &DynIndex{c.e(x), c.expr(x.X), c.exprs(x.Args), x.Site}
	case *DynCall:
		return &DynCall{c.e(x), c.expr(x.X), c.typ(x.On), c.exprs(x.Args), x.Site}
	case *DynInvoke:
		return &DynInvoke{c.e(x), c.expr(x.X), c.exprs(x.Args), x.Site}
	case *DynUnary:
		return &DynUnary{c.e(x), x.Op, c.expr(x.X), x.Site}
	case *DynBinary:
		return &DynBinary{c.e(x), x.Op, c.expr(x.X), c.expr(x.Y), x.Site}
	}
	return x
}

// convert copies a conversion; what it does depends on what the type parameter has become.
func (c *copier) convert(x *Convert) Expr {
	out := &Convert{E: c.e(x), Kind: x.Kind, Checked: x.Checked, Explicit: x.Explicit, X: c.expr(x.X)}
	from, to := out.X.Type(), out.T
	switch {
	case same(from, to) && (x.Kind == Box || x.Kind == Unbox || x.Kind == UnboxNullable || x.Kind == Downcast || x.Kind == Upcast):
		out.Kind = Identity
	case x.Kind == Box && !from.IsValue():
		out.Kind = Upcast
		if !types.ReferenceConvertible(from.Erased(), to.Erased()) {
			out.Kind = Downcast
		}
	case x.Kind == Unbox && isNullable(to):
		out.Kind = UnboxNullable
	case x.Kind == Unbox && !to.IsValue():
		out.Kind = Downcast
	}
	return out
}

// notNull copies a test for null; of a value type that is not nullable it is never null.
func (c *copier) notNull(x *NotNull) Expr {
	return &NotNull{c.e(x), c.expr(x.X), x.Unwrap, c.local(x.Var), c.expr(x.Then), c.expr(x.Else)}
}

func (c *copier) pattern(p Pattern) Pattern {
	switch p := p.(type) {
	case *ConstPattern:
		return p
	case *TypePattern:
		return &TypePattern{Of: c.typ(p.Of), Var: c.local(p.Var)}
	case *VarPattern:
		return &VarPattern{Var: c.local(p.Var)}
	}
	return nil
}
