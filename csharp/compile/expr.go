package compile

import (
	"fmt"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// value compiles an expression to its Value.
func (c *funCompiler) value(e bind.Expr) valFn {
	switch {
	case c.isCond(e):
		x := c.cond(e)
		return func(f *frame) types.Value { return types.Bool(x(f)) }
	case c.isNum(e):
		x := c.num(e)
		return func(f *frame) types.Value { return types.Value{Num: x(f)} }
	}
	switch e := e.(type) {
	case nil: // the value of a Seq that has none
		return func(*frame) types.Value { return types.Value{} }
	case *bind.Const:
		v := c.constant(e.V)
		if _, nullable := e.T.IsNullable(); v.Ref == nil && e.T.IsValue() && !e.T.UnderlyingNum() && !nullable {
			v.Ref = types.Payload(e.T)
		}
		return func(*frame) types.Value { return v }
	case *bind.LocalRef:
		return c.local(e.Local)
	case *bind.GlobalRef:
		i := e.Index
		return func(f *frame) types.Value { return f.t.Globals[i] }
	case *bind.Convert:
		return c.convert(e)
	case *bind.Unary:
		return c.unary(e)
	case *bind.Binary:
		return c.binary(e)
	case *bind.LiftedOp:
		return c.liftedOp(e)
	case *bind.NotNull:
		return c.notNull(e)
	case *bind.Conditional:
		cond, then, els := c.cond(e.Cond), c.value(e.Then), c.value(e.Else)
		return func(f *frame) types.Value {
			if cond(f) {
				return then(f)
			}
			return els(f)
		}
	case *bind.Assign:
		return c.assign(e)
	case *bind.Seq:
		return c.seq(e)
	case *bind.Throw:
		x, at := c.value(e.X), pack(e.Span())
		return func(f *frame) types.Value { panic(f.thrown(x(f), at)) }
	}
	return c.callValue(e)
}

// callValue compiles the expressions that call something.
func (c *funCompiler) callValue(e bind.Expr) valFn {
	switch e := e.(type) {
	case *bind.Call:
		return c.call(e)
	case *bind.Prop:
		return c.prop(e)
	case *bind.New:
		return c.construct(e)
	case *bind.CallLocal:
		return c.callLocal(e)
	case *bind.Invoke:
		return c.invoke(e)
	case *bind.Lambda:
		return c.lambda(e.Func, e.T)
	case *bind.MethodGroup:
		return c.methodGroup(e)
	case *bind.RefArg:
		return c.reference(e).cell
	}
	return c.objectValue(e)
}

// objectValue compiles the expressions that make objects and take them apart.
func (c *funCompiler) objectValue(e bind.Expr) valFn {
	switch e := e.(type) {
	case *bind.NewArray:
		return c.newArray(e)
	case *bind.ArrayIndex:
		return c.arrayIndex(e)
	case *bind.AnonNew:
		return c.anonNew(e)
	case *bind.AnonGet:
		return c.anonGet(e)
	case *bind.TupleNew:
		return c.tupleNew(e)
	case *bind.TupleItem:
		return c.tupleItem(e)
	case *bind.Concat:
		return c.concat(e)
	case *bind.Interpolate:
		return c.interpolate(e)
	case *bind.TypeOf:
		v := types.Ref(e.Of.Object())
		return func(*frame) types.Value { return v }
	case *bind.As:
		return c.as(e)
	}
	return c.dynamic(e)
}

// isCond tells the expressions that are compiled as conditions; their Value is made of that.
func (c *funCompiler) isCond(e bind.Expr) bool {
	switch e := e.(type) {
	case *bind.Logical, *bind.Is:
		return true
	case *bind.Binary:
		return isComparison(e.Op) || e.Of == bind.Bool && !e.Lifted
	case *bind.Unary:
		return e.Of == bind.Bool && !e.Lifted
	}
	return false
}

// isNum tells the expressions that are compiled as words; their Value is made of that.
func (c *funCompiler) isNum(e bind.Expr) bool {
	switch e := e.(type) {
	case *bind.ArrayLength:
		return true
	case *bind.Prop:
		return isStringProp(e)
	case *bind.CallLocal:
		return c.isPlainCall(e)
	case *bind.Binary:
		return isNumeric(e.Of) && !e.Lifted && !isComparison(e.Op)
	case *bind.Unary:
		return isNumeric(e.Of) && !e.Lifted
	case *bind.Convert:
		return e.Kind == bind.Numeric && e.T.UnderlyingNum() && e.X.Type().UnderlyingNum()
	}
	return false
}

func isComparison(op bind.Op) bool { return op >= bind.Eq && op <= bind.Ge }

func isNumeric(of bind.Operands) bool { return of <= bind.Float64 || of == bind.NumBits }

// num compiles an expression that stands in Value.Num to that word.
func (c *funCompiler) num(e bind.Expr) numFn {
	switch e := e.(type) {
	case *bind.Const:
		n := e.V.Num
		return func(*frame) uint64 { return n }
	case *bind.LocalRef:
		if i, ok := c.register(e); ok {
			return func(f *frame) uint64 { return *f.reg(i) }
		}
	case *bind.GlobalRef:
		i := e.Index
		return func(f *frame) uint64 { return f.t.Globals[i].Num }
	case *bind.Unary:
		if c.isNum(e) {
			return c.unaryNum(e)
		}
	case *bind.Binary:
		if c.isNum(e) {
			return c.binaryNum(e)
		}
	case *bind.Convert:
		if c.isNum(e) {
			return c.convertNum(e)
		}
	case *bind.ArrayLength:
		return c.arrayLength(e)
	case *bind.Prop:
		if isStringProp(e) {
			return c.stringProp(e)
		}
	case *bind.CallLocal:
		if c.isPlainCall(e) {
			return c.plainCall(e)
		}
	case *bind.ArrayIndex:
		if x := c.arrayIndexNum(e); x != nil {
			return x
		}
	case *bind.Conditional:
		cond, then, els := c.cond(e.Cond), c.num(e.Then), c.num(e.Else)
		return func(f *frame) uint64 {
			if cond(f) {
				return then(f)
			}
			return els(f)
		}
	}
	if c.isCond(e) {
		x := c.cond(e)
		return func(f *frame) uint64 {
			if x(f) {
				return 1
			}
			return 0
		}
	}
	x := c.value(e)
	return func(f *frame) uint64 { return x(f).Num }
}

// cond compiles a bool.
func (c *funCompiler) cond(e bind.Expr) condFn {
	switch e := e.(type) {
	case *bind.Const:
		b := e.V.Bool()
		return func(*frame) bool { return b }
	case *bind.LocalRef:
		if i, ok := c.register(e); ok {
			return func(f *frame) bool { return *f.reg(i) != 0 }
		}
	case *bind.Logical:
		return c.logical(e)
	case *bind.Is:
		return c.is(e)
	case *bind.Unary:
		if c.isCond(e) {
			return c.not(e)
		}
	case *bind.Binary:
		if c.isCond(e) {
			return c.compare(e)
		}
	case *bind.Conditional:
		cond, then, els := c.cond(e.Cond), c.cond(e.Then), c.cond(e.Else)
		return func(f *frame) bool {
			if cond(f) {
				return then(f)
			}
			return els(f)
		}
	}
	x := c.value(e)
	return func(f *frame) bool { return x(f).Num != 0 }
}

func (c *funCompiler) not(e *bind.Unary) condFn {
	x := c.cond(e.X)
	if e.Op != bind.Not {
		return x
	}
	return func(f *frame) bool { return !x(f) }
}

func (c *funCompiler) logical(e *bind.Logical) condFn {
	x, y := c.cond(e.X), c.cond(e.Y)
	if e.Or {
		return func(f *frame) bool { return x(f) || y(f) }
	}
	return func(f *frame) bool { return x(f) && y(f) }
}

// effect compiles an expression whose value nobody wants.
func (c *funCompiler) effect(e bind.Expr) effectFn {
	switch e := e.(type) {
	case *bind.Const, *bind.LocalRef:
		return func(*frame) {}
	case *bind.Assign:
		return c.store(e)
	case *bind.Seq:
		if simple := c.withoutTemp(e); simple != nil {
			return c.store(simple)
		}
		effects := c.effects(append(e.Effects[:len(e.Effects):len(e.Effects)], e.Value))
		return all(effects)
	}
	x := c.value(e)
	return func(f *frame) { x(f) }
}

func (c *funCompiler) effects(es []bind.Expr) []effectFn {
	out := make([]effectFn, 0, len(es))
	for _, e := range es {
		switch e.(type) {
		case nil, *bind.Const, *bind.LocalRef:
		default:
			out = append(out, c.effect(e))
		}
	}
	return out
}

// all joins effects.
func all(effects []effectFn) effectFn {
	switch len(effects) {
	case 0:
		return func(*frame) {}
	case 1:
		return effects[0]
	case 2:
		a, b := effects[0], effects[1]
		return func(f *frame) { a(f); b(f) }
	}
	return func(f *frame) {
		for _, e := range effects {
			e(f)
		}
	}
}

func (c *funCompiler) seq(e *bind.Seq) valFn {
	effects, x := all(c.effects(e.Effects)), c.value(e.Value)
	return func(f *frame) types.Value {
		effects(f)
		return x(f)
	}
}

// register is the register of a variable that lives in one.
func (c *funCompiler) register(e bind.Expr) (int, bool) {
	l, ok := e.(*bind.LocalRef)
	if !ok {
		return 0, false
	}
	i, ok := c.regs[l.Local]
	return i, ok
}

func (c *funCompiler) local(l *bind.Local) valFn {
	if k, ok := c.cells[l]; ok {
		return func(f *frame) types.Value { return f.cells[k].V }
	}
	if i, ok := c.regs[l]; ok {
		return func(f *frame) types.Value { return types.Value{Num: *f.reg(i)} }
	}
	i := l.Index
	return func(f *frame) types.Value { return f.slots[i] }
}

// constant is a constant's Value; equal strings are one object, as string literals are in .NET.
func (c *compiler) constant(v types.Value) types.Value {
	s, ok := v.Ref.(*types.String)
	if !ok {
		return v
	}
	if same := c.strings[s.Go()]; same != nil {
		return types.Ref(same)
	}
	c.strings[s.Go()] = s
	return v
}

// constOf is the constant that e is.
func constOf(e bind.Expr) (types.Value, bool) {
	k, ok := e.(*bind.Const)
	if !ok {
		return types.Value{}, false
	}
	return k.V, true
}

func (c *funCompiler) notNull(e *bind.NotNull) valFn {
	x, then, els, put := c.value(e.X), c.value(e.Then), c.value(e.Else), c.putter(e.Var)
	unwrap := e.Unwrap && e.Var.Type.UnderlyingNum()
	return func(f *frame) types.Value {
		v := x(f)
		if v.Ref == nil {
			return els(f)
		}
		if unwrap {
			v.Ref = nil
		}
		put(f, v)
		return then(f)
	}
}

// thrown is the panic for throwing v.
func (f *frame) thrown(v types.Value, at uint64) *types.Exception {
	f.m.at = at
	e, ok := v.Ref.(*types.Exception)
	if !ok {
		types.ThrowNullReference()
	}
	e.Span = unpack(at)
	return e
}

// internal is a mistake of the compiler or the binder: the tree has something it must not have.
func internal(what any) string { return fmt.Sprintf("compile: unexpected %T", what) }
