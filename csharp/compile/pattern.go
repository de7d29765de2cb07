package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// matchFn tells whether a value matches a pattern, and assigns the pattern's variable.
type matchFn func(f *frame, v types.Value) bool

// is compiles X is Pattern.
func (c *funCompiler) is(e *bind.Is) condFn {
	x, match := c.value(e.X), c.pattern(e.Pattern, e.X.Type())
	return func(f *frame) bool { return match(f, x(f)) }
}

// pattern compiles a pattern for values of type t.
func (c *funCompiler) pattern(p bind.Pattern, t *types.Type) matchFn {
	switch p := p.(type) {
	case *bind.ConstPattern:
		return c.constPattern(p.Value, t)
	case *bind.TypePattern:
		return c.typePattern(p, t)
	case *bind.VarPattern:
		put := c.putter(p.Var)
		return func(f *frame, v types.Value) bool {
			put(f, v)
			return true
		}
	}
	panic(internal(p))
}

// putter assigns to a pattern's variable; nil discards.
func (c *funCompiler) putter(l *bind.Local) func(*frame, types.Value) {
	if l == nil {
		return func(*frame, types.Value) {}
	}
	if k, ok := c.cells[l]; ok {
		return func(f *frame, v types.Value) { f.cells[k].V = v }
	}
	if i, ok := c.regs[l]; ok {
		return func(f *frame, v types.Value) { *f.reg(i) = v.Num }
	}
	i := l.Index
	return func(f *frame, v types.Value) { f.slots[i] = v }
}

func (c *funCompiler) constPattern(k *bind.Const, t *types.Type) matchFn {
	kt, kv := k.Type(), k.V
	u, nullable := t.IsNullable()
	switch {
	case kt.Kind == types.NullKind || kv.Ref == nil && kt.IsRef():
		return func(_ *frame, v types.Value) bool { return v.Ref == nil }
	case nullable:
		same := sameValue(u)
		return func(_ *frame, v types.Value) bool { return v.Ref != nil && same(v, kv) }
	case t == types.StringType || t.IsValue():
		same := sameValue(t)
		return func(_ *frame, v types.Value) bool { return same(v, kv) }
	}
	// The value is an object: it must be of the constant's type.
	want, same := kt.Erased(), sameValue(kt)
	return func(_ *frame, v types.Value) bool {
		return v.Ref != nil && types.TypeOf(v.Ref) == want && same(types.Unbox(v.Ref), kv)
	}
}

// sameValue compares values of a type that constants have.
func sameValue(t *types.Type) func(a, b types.Value) bool {
	switch numeric(t) {
	case types.StringType:
		return func(a, b types.Value) bool {
			s, ok := a.Ref.(*types.String)
			return ok && s.Go() == b.Str().Go()
		}
	case types.DecimalType:
		return valueTest(bind.Decimal, bind.Eq)
	case types.SingleType: // constants match as Equals has it: NaN is NaN
		return func(a, b types.Value) bool { x, y := a.Float32(), b.Float32(); return x == y || x != x && y != y }
	case types.DoubleType:
		return func(a, b types.Value) bool { x, y := a.Float64(), b.Float64(); return x == y || x != x && y != y }
	}
	return func(a, b types.Value) bool { return a.Num == b.Num }
}

// typePattern matches what is not null and of the type. The operand may be a value type, whose type is known already.
func (c *funCompiler) typePattern(p *bind.TypePattern, t *types.Type) matchFn {
	put, of := c.putter(p.Var), p.Of.Erased()
	if t.IsValue() {
		return valueTypePattern(put, of, t)
	}
	if of.IsValue() {
		return func(f *frame, v types.Value) bool {
			if !types.IsInstance(v.Ref, of) {
				return false
			}
			u := types.Unbox(v.Ref)
			if inner, nullable := of.IsNullable(); nullable {
				u = types.Some(inner, u)
			}
			put(f, u)
			return true
		}
	}
	return func(f *frame, v types.Value) bool {
		if !types.IsInstance(v.Ref, of) {
			return false
		}
		put(f, v)
		return true
	}
}

func valueTypePattern(put func(*frame, types.Value), of, t *types.Type) matchFn {
	u, nullable := t.IsNullable()
	if !nullable {
		u = t
	}
	u = u.Erased()
	return func(f *frame, v types.Value) bool {
		if nullable && v.Ref == nil {
			return false
		}
		switch {
		case of == u:
			put(f, unwrap(u, v))
		case of == t.Erased():
			put(f, v)
		default:
			o := types.Box(u, unwrap(u, v))
			if !types.IsInstance(o, of) {
				return false
			}
			put(f, types.Ref(o))
		}
		return true
	}
}

// as compiles X as T.
func (c *funCompiler) as(e *bind.As) valFn {
	x, t := c.value(e.X), e.T.Erased()
	u, nullable := t.IsNullable()
	return func(f *frame) types.Value {
		v := x(f)
		switch {
		case !types.IsInstance(v.Ref, t):
			return types.Null
		case nullable:
			return types.Some(u, types.Unbox(v.Ref))
		}
		return v
	}
}
