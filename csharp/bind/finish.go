package bind

import "slices"

// maxInstances bounds the specialisations of generic local functions in one program.
const maxInstances = 500

// finisher completes the tree: it numbers Locals, finds captures, and specialises generic local functions.
type finisher struct {
	b    *binder
	p    *Program
	fn   *Func
	seen map[*Func]bool
	has  map[*Local]bool
	// calls are the local functions that each function calls or makes delegates of.
	calls map[*Func][]*Func
	// generic finds the specialisation that a Func without a body stands for.
	generic map[*Func]*instance
}

func (b *binder) finish(p *Program) {
	f := &finisher{b: b, p: p, seen: map[*Func]bool{}, has: map[*Local]bool{}, calls: map[*Func][]*Func{}, generic: map[*Func]*instance{}}
	f.function(p.Main)
	f.spread()
}

// function visits a function that is in use.
func (f *finisher) function(fn *Func) {
	if f.seen[fn] {
		return
	}
	f.seen[fn] = true
	if fn.Body == nil && !f.specialise(fn) {
		return
	}
	f.p.Funcs = append(f.p.Funcs, fn)
	saved := f.fn
	f.fn = fn
	for _, l := range fn.Params {
		f.own(l)
	}
	f.stmt(fn.Body)
	f.fn = saved
}

// own lists a Local with its function.
func (f *finisher) own(l *Local) {
	if l == nil || f.has[l] {
		return
	}
	f.has[l] = true
	l.Index = len(l.Func.Locals)
	l.Func.Locals = append(l.Func.Locals, l)
}

func (f *finisher) ownAll(ls []*Local) {
	for _, l := range ls {
		f.own(l)
	}
}

// use notes that the present function uses a Local.
func (f *finisher) use(l *Local) {
	f.own(l)
	f.capture(f.fn, l)
}

// capture makes l known to fn and the functions between it and l's own; it reports whether that was new.
func (f *finisher) capture(fn *Func, l *Local) bool {
	changed := false
	for ; fn != nil && fn != l.Func; fn = fn.Parent {
		if slices.Contains(fn.Captures, l) {
			break
		}
		fn.Captures = append(fn.Captures, l)
		changed = true
	}
	if changed {
		l.Cell = true
	}
	return changed
}

// spread gives every function the captures of the local functions that it calls.
func (f *finisher) spread() {
	for changed := true; changed; {
		changed = false
		for fn, callees := range f.calls {
			for _, callee := range callees {
				for _, l := range callee.Captures {
					if l.Func != fn && f.capture(fn, l) {
						changed = true
					}
				}
			}
		}
	}
}

func (f *finisher) stmt(s Stmt) {
	switch s := s.(type) {
	case *Block:
		f.ownAll(s.Locals)
	case *Declare:
		f.own(s.Local)
	case *While:
		f.ownAll(s.CondLocals)
	case *Foreach:
		f.own(s.Item)
		s.Item.Assigned = true
	case *Switch:
		f.own(s.Var)
		f.ownAll(s.Locals)
		for _, c := range s.Cases {
			f.pattern(c.Pattern)
		}
	case *Try:
		for _, c := range s.Catches {
			f.ownAll(c.Locals)
		}
	}
	within(s, f.expr, f.stmt)
}

func (f *finisher) expr(x Expr) {
	switch x := x.(type) {
	case *LocalRef:
		f.use(x.Local)
	case *Assign:
		if l, ok := x.X.(*LocalRef); ok {
			l.Local.Assigned = true
		}
		if t, ok := x.X.(*TupleItem); ok {
			markAssigned(t)
		}
	case *RefArg:
		if l, ok := x.Target.(*LocalRef); ok {
			l.Local.Cell, l.Local.Assigned = true, true
		}
	case *badExpr, *typeExpr, *nsExpr, *groupExpr, *lambdaExpr, *tupleExpr, *defaultExpr, *throwExpr, *condExpr, *outVar, *initExpr:
		f.leftover(x)
	case *NotNull:
		f.own(x.Var)
	case *Is:
		f.pattern(x.Pattern)
	case *Lambda:
		f.function(x.Func)
	case *CallLocal:
		f.local(x.Func)
	case *MethodGroup:
		if x.Func != nil {
			f.local(x.Func)
		}
	}
	parts(x, f.expr)
}

// leftover tells of a node that should not be left in the tree: a defect of the binder, which must not become one of whoever compiles the tree.
func (f *finisher) leftover(x Expr) {
	f.b.errorSpan(x.Span(), "PST2999", "This expression cannot be compiled (%T); please report it.", x)
}

func markAssigned(t *TupleItem) {
	switch x := t.X.(type) {
	case *LocalRef:
		x.Local.Assigned = true
	case *TupleItem:
		markAssigned(x)
	}
}

func (f *finisher) pattern(p Pattern) {
	switch p := p.(type) {
	case *TypePattern:
		f.variable(p.Var)
	case *VarPattern:
		f.variable(p.Var)
	}
}

func (f *finisher) variable(l *Local) {
	if l != nil {
		f.own(l)
		l.Assigned = true
	}
}

func (f *finisher) local(fn *Func) {
	if !slices.Contains(f.calls[f.fn], fn) {
		f.calls[f.fn] = append(f.calls[f.fn], fn)
	}
	f.function(fn)
}

// specialise copies the body of a generic local function for type arguments.
func (f *finisher) specialise(fn *Func) bool {
	i := f.generic[fn]
	if i == nil {
		i = f.b.instanceOf(fn)
	}
	if i == nil || i.of.fn.Body == nil {
		return false
	}
	if len(f.generic) > maxInstances {
		f.b.errorAt(&i.of.node.Name, "CS8078", "An expression is too long or complex to compile")
		return false
	}
	f.generic[fn] = i
	c := &copier{f: f, from: i.of.typeParams, to: i.targs, funcs: map[*Func]*Func{i.of.fn.Func: fn}, locals: map[*Local]*Local{},
		loops: map[*Loop]*Loop{}, labels: map[*Label]*Label{}}
	c.into(i.of.fn.Func, fn)
	return true
}

// instanceOf finds the specialisation whose Func it is.
func (b *binder) instanceOf(fn *Func) *instance {
	for _, lf := range b.localFuncs {
		for _, i := range lf.instances {
			if i.fn == fn {
				return i
			}
		}
	}
	return nil
}
