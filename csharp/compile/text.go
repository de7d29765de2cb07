package compile

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// strFn is an expression compiled to a string; nil counts as empty.
type strFn func(*frame) *types.String

// text compiles a part of a concatenation to its string.
func (c *funCompiler) text(e bind.Expr) strFn {
	if k, ok := constOf(e); ok && e.Type() == types.StringType {
		s := c.constant(k).Str()
		return func(*frame) *types.String { return s }
	}
	t, at := e.Type(), pack(e.Span())
	switch t {
	case types.StringType:
		x := c.value(e)
		return func(f *frame) *types.String {
			s, _ := x(f).Ref.(*types.String)
			return s
		}
	case types.CharType:
		x := c.num(e)
		return func(f *frame) *types.String { return types.StringFromUnits([]uint16{uint16(x(f))}) }
	}
	x, toString := c.value(e), c.toString()
	return func(f *frame) *types.String {
		o := types.Box(t, x(f))
		if o == nil {
			return nil
		}
		f.m.at = at
		f.t.Step(1)
		return toString(f.t, o)
	}
}

// toString is object.ToString() of the universe.
func (c *compiler) toString() func(*types.Thread, any) *types.String {
	ops := &c.u.Ops
	return func(t *types.Thread, o any) *types.String {
		if s, ok := o.(*types.String); ok {
			return s
		}
		return ops.ToString(t, o)
	}
}

// join makes one string of several, nil ones counting as empty; the budget of memory is asked first.
func join(t *types.Thread, parts ...*types.String) types.Value {
	size := int64(objectSize)
	for _, p := range parts {
		if p != nil {
			size += int64(len(p.Go()))
		}
	}
	t.Alloc(size)
	return types.Ref(types.ConcatStrings(parts...))
}

// concat compiles a concatenation.
func (c *funCompiler) concat(e *bind.Concat) valFn {
	parts := make([]strFn, len(e.Parts))
	for i, p := range e.Parts {
		parts[i] = c.text(p)
	}
	if len(parts) == 2 {
		x, y := parts[0], parts[1]
		return func(f *frame) types.Value {
			a, b := x(f), y(f)
			return join(f.t, a, b)
		}
	}
	return func(f *frame) types.Value {
		var few [8]*types.String
		list := few[:0]
		for _, p := range parts {
			list = append(list, p(f))
		}
		return join(f.t, list...)
	}
}

// interpolate compiles an interpolated string.
func (c *funCompiler) interpolate(e *bind.Interpolate) valFn {
	parts := make([]strFn, len(e.Parts))
	for i, p := range e.Parts {
		parts[i] = c.hole(p)
	}
	return func(f *frame) types.Value {
		list := make([]*types.String, len(parts))
		for i, p := range parts {
			list[i] = p(f)
		}
		return join(f.t, list...)
	}
}

// hole compiles a part of an interpolated string.
func (c *funCompiler) hole(p bind.InterpolatePart) strFn {
	if p.X == nil {
		s := p.Text
		return func(*frame) *types.String { return s }
	}
	x := c.text(p.X)
	if p.Format != nil && p.Format.Len() > 0 {
		x = c.formatted(p.X, p.Format.Go())
	}
	if p.Align == 0 {
		return x
	}
	width := p.Align
	return func(f *frame) *types.String {
		s := x(f)
		f.t.Alloc(int64(min(max(width, -width), maxPad)))
		return pad(s, width)
	}
}

func (c *funCompiler) formatted(e bind.Expr, format string) strFn {
	t, at, x, ops := e.Type(), pack(e.Span()), c.value(e), &c.u.Ops
	return func(f *frame) *types.String {
		o := types.Box(t, x(f))
		if o == nil {
			return nil
		}
		f.m.at = at
		f.t.Step(1)
		return ops.Format(f.t, o, format)
	}
}

// maxPad bounds the width of a hole, which is a constant in the program.
const maxPad = 1 << 20

// pad fills s with spaces to the width, on the left if it is positive.
func pad(s *types.String, width int) *types.String {
	if s == nil {
		s = types.EmptyString
	}
	left := width > 0
	n := min(max(width, -width), maxPad) - s.Len()
	switch spaces := strings.Repeat(" ", max(n, 0)); {
	case n <= 0:
		return s
	case left:
		return types.ConcatStrings(types.NewString(spaces), s)
	default:
		return types.ConcatStrings(s, types.NewString(spaces))
	}
}
