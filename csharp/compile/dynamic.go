package compile

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// dynSite is a dynamic operation: it is bound and compiled once for each combination of its operands' run-time types.
type dynSite struct {
	u    *types.Universe
	node bind.Expr
	use  bind.RuntimeUse
	// static are the operands' types where the object's own do not count, nil where they do.
	static []*types.Type
	at     uint64
	mu     sync.Mutex
	known  atomic.Pointer[[]dynBinding]
}

// dynBinding is what the run-time binder made of the operation for some types: code, or the message of its refusal.
type dynBinding struct {
	operands []*types.Type
	code     *fun
	refusal  string
}

const (
	// maxBindings is how many combinations of types a site remembers.
	maxBindings = 16
	// bindingSteps is what binding an operation costs a budget.
	bindingSteps = 200
)

func (c *funCompiler) site(node bind.Expr, use bind.RuntimeUse, s *bind.Site) *dynSite {
	d := &dynSite{u: c.u, node: node, use: use, at: pack(node.Span())}
	if s != nil {
		d.static = s.Static
	}
	return d
}

// run performs the operation on objects. It uses operands, which must be scratch space, to unbox them.
func (d *dynSite) run(f *frame, operands []types.Value) types.Value {
	f.m.at = d.at
	var few [4]*types.Type
	ts := few[:0]
	for i, v := range operands {
		ts = append(ts, d.operandType(i, v))
	}
	b := d.binding(f.t, ts)
	if b.code == nil {
		types.Throw(types.RuntimeBinderException, b.refusal)
	}
	for i, t := range ts {
		if t.IsValue() {
			operands[i] = types.UnboxTo(operands[i].Ref, t)
		}
	}
	return b.code.call(f.t, nil, operands)
}

func (d *dynSite) operandType(i int, v types.Value) *types.Type {
	switch {
	case i < len(d.static) && d.static[i] != nil:
		return d.static[i]
	case v.Ref == nil:
		return types.NullType
	}
	return types.TypeOf(v.Ref)
}

// binding finds what the operation is for operands of these types.
func (d *dynSite) binding(t *types.Thread, ts []*types.Type) dynBinding {
	if known := d.known.Load(); known != nil {
		for _, b := range *known {
			if slices.Equal(b.operands, ts) {
				return b
			}
		}
	}
	t.Step(bindingSteps)
	return d.bind(slices.Clone(ts))
}

func (d *dynSite) bind(ts []*types.Type) dynBinding {
	b := dynBinding{operands: ts}
	p, err := bind.BindRuntime(d.u, d.node, d.use, ts)
	if err != nil {
		b.refusal = err.Error()
	} else {
		b.code = Compile(p, d.u).main
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var known []dynBinding
	if p := d.known.Load(); p != nil {
		known = *p
	}
	if len(known) < maxBindings {
		known = append(slices.Clip(known), b)
		d.known.Store(&known)
	}
	return b
}

// dynamic compiles a dynamic operation.
func (c *funCompiler) dynamic(e bind.Expr) valFn {
	switch e := e.(type) {
	case *bind.DynGet:
		return c.dynOperation(e, e.Site, e.X)
	case *bind.DynIndex:
		return c.dynOperation(e, e.Site, append([]bind.Expr{e.X}, e.Args...)...)
	case *bind.DynCall:
		if e.X == nil {
			return c.dynOperation(e, e.Site, e.Args...)
		}
		return c.dynOperation(e, e.Site, append([]bind.Expr{e.X}, e.Args...)...)
	case *bind.DynInvoke:
		return c.dynOperation(e, e.Site, append([]bind.Expr{e.X}, e.Args...)...)
	case *bind.DynUnary:
		return c.dynOperation(e, e.Site, e.X)
	case *bind.DynBinary:
		return c.dynOperation(e, e.Site, e.X, e.Y)
	}
	panic(internal(e))
}

func (c *funCompiler) dynOperation(node bind.Expr, s *bind.Site, operands ...bind.Expr) valFn {
	d, xs := c.site(node, bind.Evaluate, s), c.values(operands)
	return func(f *frame) types.Value {
		vals := reserve(f.t, len(xs))
		for i, x := range xs {
			vals[i] = x(f)
		}
		v := d.run(f, vals)
		release(f.t, vals)
		return v
	}
}

// fromDynamic compiles a conversion by the run-time type.
func (c *funCompiler) fromDynamic(e *bind.Convert, x valFn) valFn {
	d, to := c.site(e, bind.Evaluate, nil), e.T
	return func(f *frame) types.Value {
		v := x(f)
		if v.Ref != nil && !to.IsValue() && types.IsInstance(v.Ref, to) {
			return v
		}
		vals := reserve(f.t, 1)
		vals[0] = v
		r := d.run(f, vals)
		release(f.t, vals)
		return r
	}
}

// dynamicPlace is X.Name or X[Args] as a place; its parts are X, the arguments, and room for the value.
func (c *funCompiler) dynamicPlace(e bind.Expr) place {
	var operands []valFn
	var s *bind.Site
	switch e := e.(type) {
	case *bind.DynGet:
		operands, s = c.values([]bind.Expr{e.X}), e.Site
	case *bind.DynIndex:
		operands, s = c.values(append([]bind.Expr{e.X}, e.Args...)), e.Site
	}
	n := len(operands)
	get, set := c.site(e, bind.Evaluate, s), c.site(e, bind.Store, s)
	run := func(d *dynSite, f *frame, parts []types.Value) types.Value {
		scratch := reserve(f.t, len(parts)) // the operation unboxes its operands in place
		copy(scratch, parts)
		v := d.run(f, scratch)
		release(f.t, scratch)
		return v
	}
	return place{
		n: n + 1,
		eval: func(f *frame, parts []types.Value) {
			for i, x := range operands {
				parts[i] = x(f)
			}
		},
		get: func(f *frame, parts []types.Value) types.Value { return run(get, f, parts[:n]) },
		set: func(f *frame, parts []types.Value, v types.Value) {
			parts[n] = v
			run(set, f, parts)
		},
	}
}
