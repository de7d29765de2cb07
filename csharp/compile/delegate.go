package compile

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// lambda compiles a lambda, or a local function used as a value. One that captures nothing is one object, as in .NET.
func (c *funCompiler) lambda(target *bind.Func, typ *types.Type) valFn {
	fn, places := c.funs[target], c.captures(target)
	if len(places) == 0 {
		d := types.Ref(fn.delegate(typ, nil))
		return func(*frame) types.Value { return d }
	}
	return func(f *frame) types.Value {
		f.t.Alloc(delegateSize)
		return types.Ref(fn.delegate(typ, collect(f, places)))
	}
}

// What objects are counted as in a thread's budget of memory, in bytes.
const (
	delegateSize = 160
	objectSize   = 48
	valueSize    = 24
)

// methodKey tells delegates of one method and target.
type methodKey struct {
	method *types.Member
	fn     *fun
	this   any
}

// methodGroup compiles a method used as a value.
func (c *funCompiler) methodGroup(e *bind.MethodGroup) valFn {
	if e.Func != nil {
		return c.funcGroup(e)
	}
	m, call, at := e.Method, weigherOf(e.Method, nil).call(memberCall(e.Method)), pack(e.Span())
	if e.This == nil {
		d := types.Ref(methodDelegate(e.T, m, call, types.Value{}))
		return func(*frame) types.Value { return d }
	}
	this := c.receiver(e.This, m)
	instance := !m.Static
	return func(f *frame) types.Value {
		v := this(f)
		if instance && v.Ref == nil && !e.This.Type().IsValue() {
			f.m.at = at
			types.Throw(types.ArgumentException, "Delegate to an instance method cannot have null 'this'.")
		}
		f.t.Alloc(delegateSize)
		return types.Ref(methodDelegate(e.T, m, call, v))
	}
}

// funcGroup makes a delegate of a local function or an adapter, which may capture.
func (c *funCompiler) funcGroup(e *bind.MethodGroup) valFn {
	if len(e.Func.Captures) > 0 {
		return c.lambda(e.Func, e.T)
	}
	fn := c.funs[e.Func]
	d := fn.delegate(e.T, nil)
	d.Key = methodKey{fn: fn}
	return func(*frame) types.Value { return types.Ref(d) }
}

// methodDelegate is a delegate that calls a member of the class library. A static method's receiver is its first argument.
func methodDelegate(typ *types.Type, m *types.Member, call memberFn, this types.Value) *types.Delegate {
	if inner := call; keepsArguments(m) {
		call = func(t *types.Thread, this types.Value, args []types.Value) types.Value {
			return inner(t, this, slices.Clone(args))
		}
	}
	d := &types.Delegate{T: typ, Key: methodKey{method: m.Def, this: this.Ref}}
	if m.Static && len(m.Params) > 0 && m.Extension && this.Ref != nil {
		d.Fn = func(t *types.Thread, args []types.Value) types.Value {
			all := reserve(t, len(args)+1)
			all[0] = this
			copy(all[1:], args)
			v := call(t, types.Value{}, all)
			release(t, all)
			return v
		}
		return d
	}
	d.Fn = func(t *types.Thread, args []types.Value) types.Value { return call(t, this, args) }
	return d
}

// combine is a + b of delegates; either may be null.
func combine(a, b types.Value) types.Value {
	switch {
	case a.Ref == nil:
		return b
	case b.Ref == nil:
		return a
	}
	x, y := a.Ref.(*types.Delegate), b.Ref.(*types.Delegate)
	return types.Ref(multicast(x.T, slices.Concat(parts(x), parts(y))))
}

// remove is a − b of delegates: a without the last run of b's parts.
func remove(a, b types.Value) types.Value {
	if a.Ref == nil || b.Ref == nil {
		return a
	}
	x, y := a.Ref.(*types.Delegate), b.Ref.(*types.Delegate)
	from, what := parts(x), parts(y)
	for i := len(from) - len(what); i >= 0; i-- {
		if !slices.EqualFunc(from[i:i+len(what)], what, (*types.Delegate).Same) {
			continue
		}
		switch rest := slices.Concat(from[:i], from[i+len(what):]); len(rest) {
		case 0:
			return types.Null
		case 1:
			return types.Ref(rest[0])
		default:
			return types.Ref(multicast(x.T, rest))
		}
	}
	return a
}

func parts(d *types.Delegate) []*types.Delegate {
	if d.List != nil {
		return d.List
	}
	return []*types.Delegate{d}
}

// multicast calls each part with the arguments; the last one's result counts.
//
//go:noinline
func multicast(typ *types.Type, list []*types.Delegate) *types.Delegate {
	return &types.Delegate{T: typ, List: list, Fn: func(t *types.Thread, args []types.Value) (v types.Value) {
		for _, d := range list {
			t.Step(1)
			v = d.Fn(t, args)
		}
		return v
	}}
}
