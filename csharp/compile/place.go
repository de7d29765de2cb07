package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// place is something that can be assigned to. Its parts (a receiver, indices) are evaluated once, by eval into n Values;
// get and set are then given them.
type place struct {
	n    int
	eval func(f *frame, parts []types.Value)
	get  func(f *frame, parts []types.Value) types.Value
	set  func(f *frame, parts []types.Value, v types.Value)
}

func noParts(*frame, []types.Value) {}

// place compiles a place.
func (c *funCompiler) place(e bind.Expr) place {
	switch e := e.(type) {
	case *bind.LocalRef:
		return c.localPlace(e)
	case *bind.Prop:
		return c.propPlace(e)
	case *bind.ArrayIndex:
		return c.elementPlace(e)
	case *bind.TupleItem:
		return c.itemPlace(e)
	case *bind.DynGet, *bind.DynIndex:
		return c.dynamicPlace(e)
	case *bind.Convert: // an identity conversion of a place (tuple names, object and dynamic) is the place
		if e.Kind == bind.Identity {
			return c.place(e.X)
		}
	}
	x := c.value(e)
	return place{n: 1, eval: func(f *frame, parts []types.Value) { parts[0] = x(f) },
		get: func(_ *frame, parts []types.Value) types.Value { return parts[0] },
		set: func(_ *frame, parts []types.Value, v types.Value) { parts[0] = v }}
}

func (c *funCompiler) localPlace(e *bind.LocalRef) place {
	if k, ok := c.cells[e.Local]; ok {
		return place{eval: noParts,
			get: func(f *frame, _ []types.Value) types.Value { return f.cells[k].V },
			set: func(f *frame, _ []types.Value, v types.Value) { f.cells[k].V = v }}
	}
	if i, ok := c.regs[e.Local]; ok {
		return place{eval: noParts,
			get: func(f *frame, _ []types.Value) types.Value { return types.Value{Num: *f.reg(i)} },
			set: func(f *frame, _ []types.Value, v types.Value) { *f.reg(i) = v.Num }}
	}
	i := e.Local.Index
	return place{eval: noParts,
		get: func(f *frame, _ []types.Value) types.Value { return f.slots[i] },
		set: func(f *frame, _ []types.Value, v types.Value) { f.slots[i] = v }}
}

func (c *funCompiler) propPlace(e *bind.Prop) place {
	this, checked, at := c.receiver(e.This, e.Member), needsObject(e.This, e.Member), pack(e.Span())
	args, get, set := c.values(e.Args), memberCall(e.Member), e.Member.Impl.Set
	n := len(args)
	check := func(f *frame, v types.Value) {
		f.m.at = at
		f.t.Step(1)
		if checked && v.Ref == nil {
			types.ThrowNullReference()
		}
	}
	if set == nil {
		set = func(*types.Thread, types.Value, []types.Value) {
			types.Throw(types.NotSupportedException, "'"+e.Member.Display(false)+"' cannot be assigned to.")
		}
	}
	return place{
		n: n + 2, // the receiver, the arguments, and room for the value
		eval: func(f *frame, parts []types.Value) {
			parts[0] = this(f)
			for i, a := range args {
				parts[1+i] = a(f)
			}
		},
		get: func(f *frame, parts []types.Value) types.Value {
			check(f, parts[0])
			return get(f.t, parts[0], parts[1:1+n])
		},
		set: func(f *frame, parts []types.Value, v types.Value) {
			check(f, parts[0])
			parts[1+n] = v
			set(f.t, parts[0], parts[1:])
		},
	}
}

// itemPlace is an element of a tuple that is itself in a place.
func (c *funCompiler) itemPlace(e *bind.TupleItem) place {
	outer, i, t := c.place(e.X), e.Index, e.X.Type()
	return place{n: outer.n, eval: outer.eval,
		get: func(f *frame, parts []types.Value) types.Value { return item(t, outer.get(f, parts), i) },
		set: func(f *frame, parts []types.Value, v types.Value) {
			old := t.Tuple(outer.get(f, parts))
			changed := &types.TupleValue{T: old.T, Items: append([]types.Value(nil), old.Items...)}
			changed.Items[i] = v
			f.t.Alloc(int64(objectSize + valueSize*len(old.Items)))
			outer.set(f, parts, types.Ref(changed))
		},
	}
}

// assign compiles an assignment whose value is wanted.
func (c *funCompiler) assign(e *bind.Assign) valFn {
	p, y := c.place(e.X), c.value(e.Y)
	if p.n == 0 {
		return func(f *frame) types.Value {
			v := y(f)
			p.set(f, nil, v)
			return v
		}
	}
	return func(f *frame) types.Value {
		parts := reserve(f.t, p.n)
		p.eval(f, parts)
		v := y(f)
		p.set(f, parts, v)
		release(f.t, parts)
		return v
	}
}

// store compiles an assignment whose value nobody wants.
func (c *funCompiler) store(e *bind.Assign) effectFn {
	if l, ok := e.X.(*bind.LocalRef); ok {
		return c.storeLocal(l.Local, e.Y)
	}
	x := c.assign(e)
	return func(f *frame) { x(f) }
}

// storeLocal compiles local = y.
func (c *funCompiler) storeLocal(l *bind.Local, e bind.Expr) effectFn {
	if k, ok := c.cells[l]; ok {
		y := c.value(e)
		return func(f *frame) {
			v := y(f)
			f.cells[k].V = v
		}
	}
	if i, ok := c.regs[l]; ok {
		return c.storeRegister(i, e)
	}
	i := l.Index
	if l.Type.UnderlyingNum() { // the Ref of such a slot is always nil
		y := c.num(e)
		return func(f *frame) {
			n := y(f)
			f.slots[i].Num = n
		}
	}
	y := c.value(e)
	return func(f *frame) {
		v := y(f)
		f.slots[i] = v
	}
}

// argument is a compiled argument: its value, and for one passed by reference what happens after the call.
type argument struct {
	value valFn
	ref   *reference
}

// arguments are the compiled arguments of a call.
type arguments struct {
	args []argument
	// refs tells that some argument is passed by reference, scratch how many Values the parts of their places need.
	refs    bool
	scratch int
}

func (c *funCompiler) arguments(es []bind.Expr) *arguments {
	list := &arguments{args: make([]argument, len(es))}
	for i, e := range es {
		r, ok := e.(*bind.RefArg)
		if !ok {
			list.args[i].value = c.value(e)
			continue
		}
		ref := c.reference(r)
		list.refs = true
		list.args[i].ref = &ref
		list.scratch += ref.place.n
	}
	return list
}

// eval evaluates the arguments from left to right. done must follow the call.
func (l *arguments) eval(f *frame) (vals, scratch []types.Value) {
	vals = reserve(f.t, len(l.args))
	if !l.refs {
		for i := range l.args {
			vals[i] = l.args[i].value(f)
		}
		return vals, nil
	}
	scratch = reserve(f.t, l.scratch)
	used := 0
	for i, a := range l.args {
		if a.ref == nil {
			vals[i] = a.value(f)
			continue
		}
		vals[i] = a.ref.pass(f, scratch[used:used+a.ref.place.n])
		used += a.ref.place.n
	}
	return vals, scratch
}

// done copies out what the call left in the references that are not variables, and gives back the stack.
func (l *arguments) done(f *frame, vals, scratch []types.Value) {
	if l.refs {
		used := 0
		for i, a := range l.args {
			if a.ref == nil {
				continue
			}
			if a.ref.copies {
				a.ref.place.set(f, scratch[used:used+a.ref.place.n], vals[i].Ref.(*types.Cell).V)
			}
			used += a.ref.place.n
		}
		release(f.t, scratch)
	}
	release(f.t, vals)
}

// reference is a compiled RefArg: the cell of a variable, or a cell made for the call whose content is copied out.
type reference struct {
	cell   valFn
	place  place
	copies bool
	out    bool
}

func (c *funCompiler) reference(e *bind.RefArg) reference {
	if l, ok := e.Target.(*bind.LocalRef); ok {
		if k, ok := c.cells[l.Local]; ok {
			return reference{cell: func(f *frame) types.Value { return types.Ref(f.cells[k]) }}
		}
	}
	r := reference{place: c.place(e.Target), copies: true, out: e.Out}
	r.cell = func(f *frame) types.Value {
		parts := reserve(f.t, r.place.n)
		v := r.pass(f, parts)
		release(f.t, parts)
		return v
	}
	return r
}

func (r *reference) pass(f *frame, parts []types.Value) types.Value {
	if !r.copies {
		return r.cell(f)
	}
	r.place.eval(f, parts)
	cell := &types.Cell{}
	if !r.out {
		cell.V = r.place.get(f, parts)
	}
	return types.Ref(cell)
}
