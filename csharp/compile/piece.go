package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// This file compiles chains of Substring and Trim, as in s.Substring(7).Trim(), so that only the last of them makes a string.

// piece is the units [i, j) of s, which is nil for null. Of a text that is not all ASCII it is the whole.
type piece struct {
	s    *types.String
	i, j int
}

type pieceFn func(*frame) piece

// value makes a string of a piece.
func (p piece) value() types.Value { return types.Ref(p.s.Slice(p.i, p.j)) }

func pieceOf(v types.Value) piece {
	s, ok := v.Ref.(*types.String)
	if !ok {
		return piece{}
	}
	return piece{s, 0, s.Len()}
}

// pieces compiles a call of Substring or Trim whose receiver is one; nil if it is another.
func (c *funCompiler) pieces(e *bind.Call) valFn {
	inner, ok := e.This.(*bind.Call)
	if !ok || !cuts(e) || !cuts(inner) {
		return nil
	}
	x := c.cut(e)
	return func(f *frame) types.Value { return x(f).value() }
}

// cuts tells the members that are compiled here.
func cuts(e *bind.Call) bool {
	m := e.Method
	if m.Static || m.Declaring != types.StringType {
		return false
	}
	switch m.Name {
	case "Substring":
		return len(e.Args) == 1 && m.Impl.F1 != nil
	case "Trim", "TrimStart", "TrimEnd":
		return len(e.Args) == 0 && m.Impl.F0 != nil
	}
	return false
}

// cut compiles the call and those that its receiver is made by.
func (c *funCompiler) cut(e *bind.Call) pieceFn {
	var x pieceFn
	if inner, ok := e.This.(*bind.Call); ok && cuts(inner) {
		x = c.cut(inner)
	} else {
		v := c.value(e.This)
		x = func(f *frame) piece { return pieceOf(v(f)) }
	}
	at, impl := pack(e.Span()), e.Method.Impl
	if e.Method.Name == "Substring" {
		return substring(x, c.num(e.Args[0]), impl, at)
	}
	return trim(x, e.Method.Name != "TrimEnd", e.Method.Name != "TrimStart", impl, at)
}

// begin is what a call does before the member runs.
func (p piece) begin(f *frame, at uint64) {
	f.m.at = at
	if p.s == nil {
		types.ThrowNullReference()
	}
	f.t.Step(1)
}

// substring leaves what is out of range, or not ASCII, to the member.
//
//go:noinline
func substring(x pieceFn, start numFn, impl types.Impl, at uint64) pieceFn {
	return func(f *frame) piece {
		p := x(f)
		n := start(f)
		p.begin(f, at)
		if n > uint64(p.j-p.i) || !p.s.ASCII() {
			return pieceOf(impl.F1(f.t, p.value(), types.Value{Num: n}))
		}
		p.i += int(n)
		return p
	}
}

// trim leaves what is not ASCII to the member.
//
//go:noinline
func trim(x pieceFn, start, end bool, impl types.Impl, at uint64) pieceFn {
	return func(f *frame) piece {
		p := x(f)
		p.begin(f, at)
		if !p.s.ASCII() {
			return pieceOf(impl.F0(f.t, p.value()))
		}
		text, from := p.s.Go(), p
		for start && p.i < p.j && isBlank(text[p.i]) {
			p.i++
		}
		for end && p.j > p.i && isBlank(text[p.j-1]) {
			p.j--
		}
		pay(f.t, p.i-from.i+from.j-p.j)
		return p
	}
}

// isBlank tells the ASCII characters that are white space.
func isBlank(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }
