package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// isPlainCall tells calls of local functions that take one or two arguments in registers and give a number.
func (c *funCompiler) isPlainCall(e *bind.CallLocal) bool {
	fn := c.funs[e.Func]
	if e.Func.Iterator || !e.T.UnderlyingNum() || len(e.Args) == 0 || len(e.Args) > 2 || len(fn.params) != len(e.Args) {
		return false
	}
	for _, p := range fn.params {
		if p.kind != regParam {
			return false
		}
	}
	return true
}

// plainCall compiles one.
func (c *funCompiler) plainCall(e *bind.CallLocal) numFn {
	fn, at, cells := c.funs[e.Func], pack(e.Span()), c.capturedBy(e.Func)
	x, i := c.num(e.Args[0]), fn.params[0].index
	if len(e.Args) == 1 {
		return func(f *frame) uint64 {
			a := x(f)
			f.m.at = at
			g := f.m.push(f.t, fn, cells(f))
			*g.reg(i) = a
			n := fn.runNum(g)
			g.pop()
			return n
		}
	}
	y, j := c.num(e.Args[1]), fn.params[1].index
	return func(f *frame) uint64 {
		a, b := x(f), y(f)
		f.m.at = at
		g := f.m.push(f.t, fn, cells(f))
		*g.reg(i), *g.reg(j) = a, b
		n := fn.runNum(g)
		g.pop()
		return n
	}
}

// capturedBy finds the cells that a local function captures.
func (c *funCompiler) capturedBy(fn *bind.Func) func(*frame) []*types.Cell {
	places := c.captures(fn)
	if len(places) == 0 {
		return func(*frame) []*types.Cell { return nil }
	}
	if sameCells(places) && !fn.Iterator {
		n := len(places)
		return func(f *frame) []*types.Cell { return f.cells[:n:n] }
	}
	return func(f *frame) []*types.Cell { return collect(f, places) }
}

// isStringProp tells the length of a string and its characters.
func isStringProp(e *bind.Prop) bool {
	m := e.Member
	if e.This == nil || m.Static || m.Declaring != types.StringType || e.This.Type() != types.StringType {
		return false
	}
	return m.Name == "Length" && len(e.Args) == 0 || m.Kind == types.Indexer && len(e.Args) == 1 && e.Args[0].Type() == types.Int32Type
}

// stringProp compiles one, without the class library.
func (c *funCompiler) stringProp(e *bind.Prop) numFn {
	x, at := c.value(e.This), pack(e.Span())
	if len(e.Args) == 0 {
		return func(f *frame) uint64 {
			v := x(f)
			f.m.at = at
			f.t.Step(1)
			return uint64(stringOf(v).Len())
		}
	}
	i := c.num(e.Args[0])
	return func(f *frame) uint64 {
		v := x(f)
		n := i(f)
		f.m.at = at
		s := stringOf(v)
		f.t.Step(1)
		if n >= uint64(s.Len()) {
			throwIndex()
		}
		return uint64(s.Unit(int(n)))
	}
}

// stringOf is the string that v is; null throws.
func stringOf(v types.Value) *types.String {
	s, ok := v.Ref.(*types.String)
	if !ok {
		types.ThrowNullReference()
	}
	return s
}
