package compile

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// This file makes look-ups of queries over sequences that have an index (types.Indexed): First, Where and their like get
// only the elements that an equality in their predicate leaves, and do the rest as ever.

// narrowers are the members of Enumerable that take no notice of elements for which their predicate is false.
var narrowers = []string{"Any", "Count", "First", "FirstOrDefault", "Last", "LastOrDefault", "LongCount", "Single", "SingleOrDefault", "Where"}

// enumerable is the class of LINQ's methods.
const enumerable = "System.Linq.Enumerable"

// narrowing is call with a narrower source if m is one of the narrowers, with a predicate of one parameter.
func narrowing(m *types.Member, call memberFn) memberFn {
	if !m.Extension || len(m.Params) < 2 || m.Declaring.FullName() != enumerable || !slices.Contains(narrowers, m.Name) {
		return call
	}
	isAny := m.Name == "Any"
	return func(t *types.Thread, this types.Value, args []types.Value) types.Value {
		if d, ok := args[1].Ref.(*types.Delegate); ok && d.Match != nil {
			if isAny {
				if found, known := anyMatching(t, args[0].Ref, d); known {
					return types.Bool(found)
				}
			}
			args[0].Ref = types.Narrow(args[0].Ref, d)
		}
		return call(t, this, args)
	}
}

// anyMatching is Any without an enumeration; known is false where the source cannot tell.
func anyMatching(t *types.Thread, src any, d *types.Delegate) (found, known bool) {
	x, ok := src.(types.Indexed)
	if !ok || !x.Indexes(d.Match.Path) || d.T.Args[0] != x.ElementType() {
		return false, false
	}
	matching := x.Matching(t, d.Match)
	if d.Match.Whole {
		return len(matching) > 0, true
	}
	for _, v := range matching {
		t.Step(1)
		if d.Call1(t, v).Bool() {
			return true, true
		}
	}
	return false, true
}

// fusible are the members of Enumerable that take a predicate and then say the same as after a Where with it, errors included.
var fusible = []string{"Any", "Count", "LongCount", "FirstOrDefault", "LastOrDefault"}

// fused makes source.Where(p).Any() source.Any(p), which is the same to the program without a sequence in between. Anything
// else stays as it is.
func (c *funCompiler) fused(m *types.Member, args []bind.Expr) (*types.Member, []bind.Expr) {
	if !m.Extension || len(args) != 1 || m.Declaring.FullName() != enumerable || !slices.Contains(fusible, m.Name) {
		return m, args
	}
	where, ok := args[0].(*bind.Call)
	if !ok || where.Method.Name != "Where" || where.Method.Declaring != m.Declaring || len(where.Args) != 2 || len(where.Args[1].Type().Args) != 2 {
		return m, args // the predicate of Where may take the index too
	}
	for _, x := range c.u.Table(m.Declaring).All {
		if x.Name == m.Name && len(x.Params) == 2 && len(x.Params[1].Type.Args) == 2 && len(x.TypeParams) == len(m.TypeArgs) {
			return x.Construct(m.TypeArgs), where.Args
		}
	}
	return m, args
}

// match is the equality that a predicate begins with, compiled for the function: that of a member of its one parameter
// with a text that can be read without it. Nil if there is none.
func (c *funCompiler) match(e bind.Expr) *matchCode {
	if len(c.fn.Params) != 1 || len(c.cells) != len(c.fn.Captures) {
		return nil
	}
	whole := true
	for {
		and, ok := e.(*bind.Logical)
		if !ok {
			break
		}
		if and.Or || !onlyReads(and.Y) {
			return nil
		}
		e, whole = and.X, false
	}
	eq, ok := e.(*bind.Binary)
	if !ok || eq.Op != bind.Eq || eq.Of != bind.String {
		return nil
	}
	for _, sides := range [][2]bind.Expr{{eq.X, eq.Y}, {eq.Y, eq.X}} {
		if path := c.path(sides[0]); path != "" && c.isKey(sides[1]) {
			return &matchCode{path, c.value(sides[1]), whole}
		}
	}
	return nil
}

// matchCode is a types.Match whose key is not bound to captured cells yet.
type matchCode struct {
	path  string
	key   valFn
	whole bool
}

func (m *matchCode) bind(fn *fun, captured []*types.Cell) *types.Match {
	return &types.Match{Path: m.path, Whole: m.whole, Key: func(t *types.Thread) types.Value {
		f := machineOf(t).push(t, fn, captured)
		v := m.key(f)
		f.pop()
		return v
	}}
}

// path is the names of the properties that e reads from the parameter on, with dots between; "" if it is anything else.
func (c *funCompiler) path(e bind.Expr) string {
	p, ok := e.(*bind.Prop)
	if !ok || p.This == nil || len(p.Args) > 0 {
		return ""
	}
	if l, ok := p.This.(*bind.LocalRef); ok && l.Local == c.fn.Params[0] {
		return p.Member.Name
	}
	if before := c.path(p.This); before != "" {
		return before + "." + p.Member.Name
	}
	return ""
}

// isKey reports whether e reads only, the same each time, and not from the parameter.
func (c *funCompiler) isKey(e bind.Expr) bool {
	switch e := e.(type) {
	case *bind.Const, *bind.GlobalRef:
		return true
	case *bind.LocalRef:
		return e.Local != c.fn.Params[0]
	case *bind.Convert:
		return e.Kind != bind.FromDynamic && c.isKey(e.X)
	case *bind.Prop:
		return (e.This == nil || c.isKey(e.This)) && !slices.ContainsFunc(e.Args, func(a bind.Expr) bool { return !c.isKey(a) })
	}
	return false
}

// onlyReads reports whether e changes no variable.
func onlyReads(e bind.Expr) bool {
	all := func(list []bind.Expr) bool {
		return !slices.ContainsFunc(list, func(x bind.Expr) bool { return !onlyReads(x) })
	}
	switch e := e.(type) {
	case nil, *bind.Const, *bind.GlobalRef, *bind.LocalRef:
		return true
	case *bind.Convert:
		return onlyReads(e.X)
	case *bind.Unary:
		return onlyReads(e.X)
	case *bind.Binary:
		return onlyReads(e.X) && onlyReads(e.Y)
	case *bind.Logical:
		return onlyReads(e.X) && onlyReads(e.Y)
	case *bind.Prop:
		return onlyReads(e.This) && all(e.Args)
	case *bind.Call:
		return onlyReads(e.This) && all(e.Args)
	}
	return false
}
