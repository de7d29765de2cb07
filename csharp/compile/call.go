package compile

import (
	"cmp"
	"slices"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// memberFn is a member of the class library, whatever form its Impl has.
type memberFn func(t *types.Thread, this types.Value, args []types.Value) types.Value

// memberCall finds the general form of a member; type arguments are put in now.
func memberCall(m *types.Member) memberFn {
	switch impl := m.Impl; {
	case impl.GFn != nil:
		targs := m.RunArgs()
		return func(t *types.Thread, this types.Value, args []types.Value) types.Value {
			return impl.GFn(t, targs, this, args)
		}
	case impl.Fn != nil:
		return impl.Fn
	case impl.F0 != nil:
		return func(t *types.Thread, this types.Value, _ []types.Value) types.Value { return impl.F0(t, this) }
	case impl.F1 != nil:
		return func(t *types.Thread, this types.Value, args []types.Value) types.Value {
			return impl.F1(t, this, args[0])
		}
	}
	return func(*types.Thread, types.Value, []types.Value) types.Value {
		types.Throw(types.NotSupportedException, "'"+m.Display(false)+"' is not supported.")
		return types.Value{}
	}
}

// call compiles a call of a member of the class library.
func (c *funCompiler) call(e *bind.Call) valFn {
	if x := c.pieces(e); x != nil {
		return x
	}
	return c.member(e.Method, e.This, e.Args, pack(e.Span()))
}

// construct compiles new.
func (c *funCompiler) construct(e *bind.New) valFn {
	x := c.member(e.Method, nil, e.Args, pack(e.Span()))
	return func(f *frame) types.Value {
		f.t.Alloc(objectSize)
		return x(f)
	}
}

// prop compiles the reading of a property, field or indexer.
func (c *funCompiler) prop(e *bind.Prop) valFn {
	if e.Member.Kind == types.Constant {
		v := c.constant(e.Member.Value)
		return func(*frame) types.Value { return v }
	}
	return c.member(e.Member, e.This, e.Args, pack(e.Span()))
}

// receiver compiles what a member is called on: a value type is boxed for a member that it inherits.
func (c *funCompiler) receiver(this bind.Expr, m *types.Member) valFn {
	if this == nil {
		return func(*frame) types.Value { return types.Value{} }
	}
	x, t := c.value(this), this.Type()
	_, nullable := t.IsNullable()
	switch {
	case m.Static || !t.IsValue():
		return x
	case !m.Declaring.IsValue():
		return func(f *frame) types.Value { return types.Ref(types.Box(t, x(f))) }
	case t.UnderlyingNum() || nullable:
		return x
	}
	return func(f *frame) types.Value { // a struct that stands in Ref: nil is its default
		v := x(f)
		if v.Ref == nil {
			v.Ref = types.Payload(t)
		}
		return v
	}
}

// needsObject tells that null must not be the receiver.
func needsObject(this bind.Expr, m *types.Member) bool {
	if this == nil || m.Static {
		return false
	}
	if _, nullable := this.Type().IsNullable(); nullable {
		return !m.Declaring.IsValue()
	}
	return !this.Type().IsValue()
}

// member compiles a call by the shortest way that the Impl offers.
func (c *funCompiler) member(m *types.Member, this bind.Expr, args []bind.Expr, at uint64) valFn {
	if slices.ContainsFunc(args, isRefArg) {
		return c.memberRef(m, this, args, at)
	}
	if x := c.nullableMember(m, this, args); x != nil {
		return x
	}
	m, args = c.fused(m, args)
	w := weigherOf(m, args)
	switch x, checked := c.receiver(this, m), needsObject(this, m); {
	case len(args) == 0 && m.Impl.F0 != nil:
		return callF0(w.f0(m.Impl.F0), x, this == nil, checked, at)
	case len(args) == 1 && m.Impl.F1 != nil:
		fn := w.f1(m.Impl.F1)
		if c.isNum(args[0]) {
			return callF1Num(fn, x, c.num(args[0]), checked, at)
		}
		if k, ok := args[0].(*bind.Const); ok {
			return callF1Const(fn, x, c.value(k)(nil), checked, at)
		}
		return callF1(fn, x, c.value(args[0]), checked, at)
	case keepsArguments(m):
		return callOwn(narrowing(m, w.call(memberCall(m))), x, c.values(args), checked, at)
	default:
		return callN(narrowing(m, w.call(memberCall(m))), x, c.values(args), checked, at)
	}
}

// keepsArguments tells the members that may keep their slice of arguments, so that it must not be the thread's stack:
// those that return an interface, since the sequences of LINQ look at their arguments when they are enumerated.
func keepsArguments(m *types.Member) bool { return m.Result.Kind == types.Interface }

// callOwn is callN with a slice for each call.
//
//go:noinline
func callOwn(fn memberFn, this valFn, args []valFn, checked bool, at uint64) valFn {
	return func(f *frame) types.Value {
		v := this(f)
		list := evalAll(f, args)
		f.m.at = at
		if checked && v.Ref == nil {
			types.ThrowNullReference()
		}
		f.t.Step(1)
		f.t.Alloc(int64(valueSize * len(list)))
		return fn(f.t, v, list)
	}
}

// nullableMember compiles the members of object that Nullable<T> overrides, for which null is an object like others;
// nil if m is none of them.
func (c *funCompiler) nullableMember(m *types.Member, this bind.Expr, args []bind.Expr) valFn {
	if this == nil || m.Static || m.Declaring.IsValue() {
		return nil
	}
	t := this.Type()
	if _, nullable := t.IsNullable(); !nullable {
		return nil
	}
	ops, at := &c.u.Ops, pack(this.Span())
	switch {
	case m.Name == "ToString" && len(args) == 0:
		x := c.text(this)
		return func(f *frame) types.Value { return types.Ref(cmp.Or(x(f), types.EmptyString)) }
	case m.Name == "GetHashCode" && len(args) == 0:
		x := c.value(this)
		return func(f *frame) types.Value {
			o := types.Box(t, x(f))
			if o == nil {
				return types.Int(0)
			}
			return types.Int(int64(ops.Hash(f.t, o)))
		}
	case m.Name == "Equals" && len(args) == 1:
		x, y := c.value(this), c.value(args[0])
		return func(f *frame) types.Value {
			o, other := types.Box(t, x(f)), y(f)
			f.m.at = at
			return types.Bool(ops.Equals(f.t, o, other.Ref))
		}
	}
	return nil
}

func isRefArg(e bind.Expr) bool {
	_, ok := e.(*bind.RefArg)
	return ok
}

//go:noinline
func callF0(fn func(*types.Thread, types.Value) types.Value, this valFn, static, checked bool, at uint64) valFn {
	switch {
	case static:
		return func(f *frame) types.Value {
			f.m.at = at
			f.t.Step(1)
			return fn(f.t, types.Value{})
		}
	case checked:
		return func(f *frame) types.Value {
			v := this(f)
			f.m.at = at
			if v.Ref == nil {
				types.ThrowNullReference()
			}
			f.t.Step(1)
			return fn(f.t, v)
		}
	}
	return func(f *frame) types.Value {
		v := this(f)
		f.m.at = at
		f.t.Step(1)
		return fn(f.t, v)
	}
}

//go:noinline
func callF1(fn func(t *types.Thread, this, a types.Value) types.Value, this, arg valFn, checked bool, at uint64) valFn {
	return func(f *frame) types.Value {
		v := this(f)
		a := arg(f)
		f.m.at = at
		if checked && v.Ref == nil {
			types.ThrowNullReference()
		}
		f.t.Step(1)
		return fn(f.t, v, a)
	}
}

// callF1Num is callF1 with an argument that stands in Num.
//
//go:noinline
func callF1Num(fn func(t *types.Thread, this, a types.Value) types.Value, this valFn, arg numFn, checked bool, at uint64) valFn {
	return func(f *frame) types.Value {
		v := this(f)
		a := arg(f)
		f.m.at = at
		if checked && v.Ref == nil {
			types.ThrowNullReference()
		}
		f.t.Step(1)
		return fn(f.t, v, types.Value{Num: a})
	}
}

// callF1Const is callF1 with an argument that is always the same.
//
//go:noinline
func callF1Const(fn func(t *types.Thread, this, a types.Value) types.Value, this valFn, a types.Value, checked bool, at uint64) valFn {
	return func(f *frame) types.Value {
		v := this(f)
		f.m.at = at
		if checked && v.Ref == nil {
			types.ThrowNullReference()
		}
		f.t.Step(1)
		return fn(f.t, v, a)
	}
}

//go:noinline
func callN(fn memberFn, this valFn, args []valFn, checked bool, at uint64) valFn {
	return func(f *frame) types.Value {
		v := this(f)
		list := reserve(f.t, len(args))
		for i, a := range args {
			list[i] = a(f)
		}
		f.m.at = at
		if checked && v.Ref == nil {
			types.ThrowNullReference()
		}
		f.t.Step(1)
		r := fn(f.t, v, list)
		release(f.t, list)
		return r
	}
}

func (c *funCompiler) values(es []bind.Expr) []valFn {
	out := make([]valFn, len(es))
	for i, e := range es {
		out[i] = c.value(e)
	}
	return out
}

// memberRef compiles a call with arguments that are passed by reference.
func (c *funCompiler) memberRef(m *types.Member, this bind.Expr, args []bind.Expr, at uint64) valFn {
	x, checked, fn := c.receiver(this, m), needsObject(this, m), weigherOf(m, nil).call(memberCall(m))
	list := c.arguments(args)
	return func(f *frame) types.Value {
		v := x(f)
		vals, scratch := list.eval(f)
		f.m.at = at
		if checked && v.Ref == nil {
			types.ThrowNullReference()
		}
		f.t.Step(1)
		r := fn(f.t, v, vals)
		list.done(f, vals, scratch)
		return r
	}
}

// callLocal compiles a call of a local function.
func (c *funCompiler) callLocal(e *bind.CallLocal) valFn {
	fn, at, cells := c.funs[e.Func], pack(e.Span()), c.capturedBy(e.Func)
	list := c.arguments(e.Args)
	if !list.refs && len(e.Args) == 1 && !e.Func.Iterator {
		arg := list.args[0].value
		return func(f *frame) types.Value {
			a := arg(f)
			f.m.at = at
			return fn.call1(f.t, cells(f), a)
		}
	}
	return func(f *frame) types.Value {
		vals, scratch := list.eval(f)
		f.m.at = at
		r := fn.call(f.t, cells(f), vals)
		list.done(f, vals, scratch)
		return r
	}
}

// invoke compiles a call of a delegate.
func (c *funCompiler) invoke(e *bind.Invoke) valFn {
	x, at := c.value(e.X), pack(e.Span())
	list := c.arguments(e.Args)
	if !list.refs && len(e.Args) == 1 {
		arg := list.args[0].value
		return func(f *frame) types.Value {
			v := x(f)
			a := arg(f)
			f.m.at = at
			d := delegateOf(v)
			f.t.Step(1)
			if d.F1 != nil {
				return d.F1(f.t, a)
			}
			vals := reserve(f.t, 1)
			vals[0] = a
			r := d.Fn(f.t, vals)
			release(f.t, vals)
			return r
		}
	}
	return func(f *frame) types.Value {
		v := x(f)
		vals, scratch := list.eval(f)
		f.m.at = at
		d := delegateOf(v)
		f.t.Step(1)
		r := d.Fn(f.t, vals)
		list.done(f, vals, scratch)
		return r
	}
}

func delegateOf(v types.Value) *types.Delegate {
	d, ok := v.Ref.(*types.Delegate)
	if !ok {
		types.ThrowNullReference()
	}
	return d
}
