package bind

import "github.com/postern-gateway/postern/source"

// cond visits a condition and gives what is assigned where it is true and where it is false.
func (f *flow) cond(x Expr) (yes, no assigned) {
	switch x := x.(type) {
	case *Const:
		if x.V.Bool() {
			return f.state, deadEnd
		}
		return deadEnd, f.state
	case *Logical:
		return f.logical(x)
	case *Unary:
		if x.Op == Not && !x.Lifted {
			yes, no = f.cond(x.X)
			return no, yes
		}
	case *Is:
		f.expr(x.X)
		no = f.state.clone()
		f.pattern(x.Pattern)
		return f.state, no
	case *Conditional:
		cy, cn := f.cond(x.Cond)
		f.state = cy
		ty, tn := f.cond(x.Then)
		f.state = cn
		ey, en := f.cond(x.Else)
		return meet(ty, ey), meet(tn, en)
	case *Seq:
		for _, e := range x.Effects {
			f.expr(e)
		}
		return f.cond(x.Value)
	}
	f.expr(x)
	return f.state.clone(), f.state
}

func (f *flow) logical(x *Logical) (yes, no assigned) {
	ly, ln := f.cond(x.X)
	if x.Or {
		f.state = ln.clone()
		ry, rn := f.cond(x.Y)
		return meet(ly, ry), rn
	}
	f.state = ly.clone()
	ry, rn := f.cond(x.Y)
	return ry, meet(ln, rn)
}

func (f *flow) pattern(p Pattern) {
	switch p := p.(type) {
	case *TypePattern:
		f.assign(p.Var)
	case *VarPattern:
		f.assign(p.Var)
	}
}

// expr visits an expression in the order of its evaluation.
func (f *flow) expr(x Expr) {
	switch x := x.(type) {
	case nil, *Const, *GlobalRef, *TypeOf, *badExpr:
	case *LocalRef:
		f.read(x.Local, x.At)
	case *Convert:
		f.expr(x.X)
	case *Unary:
		if x.Op == Not && !x.Lifted {
			yes, no := f.cond(x)
			f.state = meet(yes, no)
			return
		}
		f.expr(x.X)
	case *Binary:
		f.expr(x.X)
		f.expr(x.Y)
	case *Logical, *Is:
		yes, no := f.cond(x)
		f.state = meet(yes, no)
	case *Conditional:
		yes, no := f.cond(x.Cond)
		f.state = yes
		f.expr(x.Then)
		end := f.state
		f.state = no
		f.expr(x.Else)
		f.state = meet(end, f.state)
	case *NotNull:
		f.expr(x.X)
		other := f.state.clone()
		f.expr(x.Then)
		end := f.state
		f.state = other
		f.expr(x.Else)
		f.state = meet(end, f.state)
	case *Assign:
		f.assignment(x)
	case *Seq:
		f.exprs(x.Effects)
		f.expr(x.Value)
	case *Throw:
		f.expr(x.X)
		f.state = deadEnd
	default:
		f.callExpr(x)
	}
}

func (f *flow) exprs(xs []Expr) {
	for _, x := range xs {
		f.expr(x)
	}
}

func (f *flow) assignment(x *Assign) {
	if l, ok := x.X.(*LocalRef); ok {
		f.expr(x.Y)
		f.assign(l.Local)
		return
	}
	f.place(x.X)
	f.expr(x.Y)
}

// place visits the parts of what is assigned to.
func (f *flow) place(x Expr) {
	switch x := x.(type) {
	case *Prop:
		f.expr(x.This)
		f.exprs(x.Args)
	case *ArrayIndex:
		f.expr(x.X)
		f.exprs(x.Indices)
	default:
		f.expr(x)
	}
}

func (f *flow) callExpr(x Expr) {
	switch x := x.(type) {
	case *Call:
		f.expr(x.This)
		f.arguments(x.Args)
	case *Prop:
		f.expr(x.This)
		f.exprs(x.Args)
	case *New:
		f.arguments(x.Args)
	case *CallLocal:
		f.arguments(x.Args)
		f.callLocal(x.Func, x.At)
	case *Invoke:
		f.expr(x.X)
		f.arguments(x.Args)
	case *Lambda:
		f.lambda(x.Func)
	case *MethodGroup:
		f.expr(x.This)
		if x.Func != nil {
			f.callLocal(x.Func, x.At)
		}
	case *LiftedOp:
		f.expr(x.X)
		f.expr(x.Y)
	case *NewArray:
		f.exprs(x.Sizes)
		f.exprs(x.Init)
	case *ArrayIndex:
		f.expr(x.X)
		f.exprs(x.Indices)
	case *ArrayLength:
		f.expr(x.X)
	case *AnonNew:
		f.exprs(x.Args)
	case *AnonGet:
		f.expr(x.X)
	case *TupleNew:
		f.exprs(x.Args)
	case *TupleItem:
		f.expr(x.X)
	case *Concat:
		f.exprs(x.Parts)
	case *Interpolate:
		for _, p := range x.Parts {
			f.expr(p.X)
		}
	case *As:
		f.expr(x.X)
	case *throwExpr:
		f.expr(x.x)
		f.state = deadEnd
	default:
		f.dynamicExpr(x)
	}
}

func (f *flow) dynamicExpr(x Expr) {
	switch x := x.(type) {
	case *DynGet:
		f.expr(x.X)
	case *DynIndex:
		f.expr(x.X)
		f.exprs(x.Args)
	case *DynCall:
		f.expr(x.X)
		f.exprs(x.Args)
	case *DynInvoke:
		f.expr(x.X)
		f.exprs(x.Args)
	case *DynUnary:
		f.expr(x.X)
	case *DynBinary:
		f.expr(x.X)
		f.expr(x.Y)
	case *tupleExpr:
		f.exprs(x.elems)
	}
}

// arguments visits arguments, and then assigns those passed as out.
func (f *flow) arguments(xs []Expr) {
	for _, x := range xs {
		r, ok := x.(*RefArg)
		if !ok {
			f.expr(x)
			continue
		}
		if r.Out {
			if _, local := r.Target.(*LocalRef); !local {
				f.place(r.Target)
			}
			continue
		}
		f.expr(r.Target)
	}
	for _, x := range xs {
		if r, ok := x.(*RefArg); ok {
			if l, ok := r.Target.(*LocalRef); ok {
				f.assign(l.Local)
			}
		}
	}
}

// lambda visits the body of a lambda where it is made: what it reads must be assigned there, what it assigns is not assigned after it.
func (f *flow) lambda(fn *Func) {
	if f.reachOnly || fn.Body == nil {
		return
	}
	g := &flow{b: f.b, fn: f.fn, quiet: f.quiet, index: f.index, sums: f.sums, captured: f.captured, state: f.state.clone()}
	for _, p := range fn.Params {
		g.assign(p)
	}
	g.run(fn.Body)
}

// callLocal checks that what a local function reads of the variables around it is assigned, and takes over what it assigns.
func (f *flow) callLocal(fn *Func, at source.Span) {
	if f.reachOnly {
		return
	}
	s := f.summary(fn)
	if s == nil {
		return
	}
	for l := range s.reads {
		f.read(l, at)
	}
	if !f.state.dead && !s.after.dead {
		f.state.add(s.after)
	}
}

// summary analyses a local function once, quietly, with nothing around it assigned.
func (f *flow) summary(fn *Func) *funcSummary {
	lf := f.b.localFuncOf(fn)
	if lf == nil || lf.fn.Body == nil {
		return nil
	}
	if s := f.sums[lf.fn.Func]; s != nil {
		return s
	}
	s := &funcSummary{reads: map[*Local]bool{}, after: deadEnd, busy: true}
	f.sums[lf.fn.Func] = s
	g := &flow{b: f.b, fn: lf.fn.Func, quiet: true, index: f.index, sums: f.sums, captured: s.reads}
	for _, p := range lf.fn.Params {
		g.assign(p)
	}
	end := g.run(lf.fn.Body)
	s.after = g.returned
	if end {
		s.after = meet(s.after, g.state)
	}
	s.busy = false
	return s
}

// localFuncOf is the local function of a Func or of a specialisation.
func (b *binder) localFuncOf(fn *Func) *localFunc {
	for _, lf := range b.localFuncs {
		if lf.fn != nil && lf.fn.Func == fn {
			return lf
		}
		for _, i := range lf.instances {
			if i.fn == fn {
				return lf
			}
		}
	}
	return nil
}
