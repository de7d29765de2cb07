package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// turn tells what the end of a loop's body means for the loop: whether it goes on, and if not how the loop ends.
func turn(f *frame, sig signal, id int32) (goesOn bool, end signal) {
	switch {
	case sig == next:
		return true, next
	case sig == continues && f.to == id:
		return true, next
	case sig == breaks && f.to == id:
		return false, next
	}
	return false, sig
}

// loop is a compiled while, do or for.
type loop struct {
	id      int32
	cond    condFn // nil for true
	body    stmtFn
	post    effectFn
	fresh   []int // cells of variables declared in the condition
	doFirst bool
}

func (c *funCompiler) while(s *bind.While) stmtFn {
	l := &loop{id: c.target(s.Loop), body: c.stmt(s.Body), post: all(c.effects(s.Post)),
		fresh: c.freshCells(s.CondLocals), doFirst: s.DoFirst}
	if s.Cond != nil {
		l.cond = c.cond(s.Cond)
	}
	switch {
	case hasYield(s):
		return l.runResumable
	case l.cond != nil && len(l.fresh) == 0 && !l.doFirst && len(s.Post) > 0:
		if counted := c.counted(s, l); counted != nil {
			return counted
		}
		return l.runFor
	}
	return l.run
}

// counted is the loop for (…; i < limit; i++) over an int variable and a limit that is a constant or a variable, in as few
// calls as can be; nil if s is another loop.
func (c *funCompiler) counted(s *bind.While, l *loop) stmtFn {
	cond, ok := s.Cond.(*bind.Binary)
	if !ok || cond.Lifted || cond.Of != bind.Int32 || cond.Op != bind.Lt || len(s.Post) != 1 {
		return nil
	}
	i, plain := c.plain(cond.X)
	if !plain || !c.increments(s.Post[0], i) {
		return nil
	}
	var limit func(*frame) int64
	if k, ok := constOf(cond.Y); ok {
		if effect := c.loneEffect(s.Body); effect != nil {
			return countedEffect(i, int64(k.Num), effect)
		}
		limit = func(*frame) int64 { return int64(k.Num) }
	} else if j, ok := c.plain(cond.Y); ok {
		limit = func(f *frame) int64 { return int64(f.slots[j].Num) }
	} else {
		return nil
	}
	return func(f *frame) signal {
		for ; int64(f.slots[i].Num) < limit(f); f.slots[i].Num = w32(i32(f.slots[i].Num) + 1) {
			f.t.Step(1)
			if sig := l.body(f); sig != next {
				if on, end := turn(f, sig, l.id); !on {
					return end
				}
			}
		}
		return next
	}
}

// countedEffect is a counted loop to a constant limit whose body is one expression.
func countedEffect(i int, limit int64, effect effectFn) stmtFn {
	return func(f *frame) signal {
		t := f.t
		for ; int64(f.slots[i].Num) < limit; f.slots[i].Num = w32(i32(f.slots[i].Num) + 1) {
			t.Step(1)
			effect(f)
		}
		return next
	}
}

// increments reports whether an expression adds one to the int in a slot, unchecked.
func (c *funCompiler) increments(e bind.Expr, slot int) bool {
	if seq, ok := e.(*bind.Seq); ok {
		simple := c.withoutTemp(seq)
		if simple == nil {
			return false
		}
		e = simple
	}
	a, ok := e.(*bind.Assign)
	if !ok {
		return false
	}
	target, plain := c.plain(a.X)
	sum, ok := a.Y.(*bind.Binary)
	if !plain || target != slot || !ok || sum.Op != bind.Add || sum.Of != bind.Int32 || sum.Checked || sum.Lifted || cutTo(sum.T) != nil {
		return false
	}
	from, plain := c.plain(sum.X)
	one, isConst := constOf(sum.Y)
	return plain && from == slot && isConst && one.Num == 1
}

// loneEffect is a body that is one expression statement and nothing else; nil for others.
func (c *funCompiler) loneEffect(s bind.Stmt) effectFn {
	for {
		b, ok := s.(*bind.Block)
		if !ok || len(b.Stmts) != 1 || len(c.freshCells(b.Locals)) > 0 {
			break
		}
		s = b.Stmts[0]
	}
	if e, ok := s.(*bind.ExprStmt); ok {
		return c.effect(e.X)
	}
	return nil
}

// runFor is run for the commonest loop.
func (l *loop) runFor(f *frame) signal {
	cond, body, post, t := l.cond, l.body, l.post, f.t
	for cond(f) {
		t.Step(1)
		if sig := body(f); sig != next {
			if on, end := turn(f, sig, l.id); !on {
				return end
			}
		}
		post(f)
	}
	return next
}

func (l *loop) run(f *frame) signal {
	for first := l.doFirst; ; first = false {
		f.t.Step(1)
		if !first && !l.holds(f) {
			return next
		}
		if first {
			renew(f, l.fresh)
		}
		if on, end := turn(f, l.body(f), l.id); !on {
			return end
		}
		l.post(f)
	}
}

// holds evaluates the condition, its variables new.
func (l *loop) holds(f *frame) bool {
	renew(f, l.fresh)
	return l.cond == nil || l.cond(f)
}

// foreach compiles a foreach.
func (c *funCompiler) foreach(s *bind.Foreach) stmtFn {
	x, body, id, item, at := c.value(s.X), c.stmt(s.Body), c.target(s.Loop), s.Item.Index, pack(s.X.Span())
	if s.Kind == bind.OverEnumerable || hasYield(s) {
		return c.foreachEnumerable(s, x, body)
	}
	over := overArray
	if s.Kind == bind.OverString {
		over = overString
	}
	return func(f *frame) signal {
		v := x(f)
		f.m.at = at
		n, get := over(v)
		for i := 0; i < n; i++ {
			f.t.Step(1)
			f.slots[item] = get(v.Ref, i)
			if on, end := turn(f, body(f), id); !on {
				return end
			}
		}
		return next
	}
}

func overArray(v types.Value) (int, func(any, int) types.Value) {
	switch a := v.Ref.(type) {
	case *types.Array:
		return len(a.Items), func(o any, i int) types.Value { return o.(*types.Array).Items[i] }
	case *types.Bytes:
		return len(a.B), func(o any, i int) types.Value { return types.Uint(uint64(o.(*types.Bytes).B[i])) }
	}
	types.ThrowNullReference()
	return 0, nil
}

func overString(v types.Value) (int, func(any, int) types.Value) {
	s, ok := v.Ref.(*types.String)
	if !ok {
		types.ThrowNullReference()
	}
	return s.Len(), func(o any, i int) types.Value { return types.Uint(uint64(o.(*types.String).Unit(i))) }
}

// foreachEnumerable is a try statement whose finally disposes of the enumerator, which a slot holds: an iterator may be
// left and entered again inside it.
func (c *funCompiler) foreachEnumerable(s *bind.Foreach, x valFn, body stmtFn) stmtFn {
	id, item, at, e := c.target(s.Loop), s.Item.Index, pack(s.X.Span()), c.slot()
	elem := s.Item.Type.Erased()
	loop := &tryCode{
		body: func(f *frame) signal {
			en := f.slots[e].Ref.(types.Enumerator)
			for f.resuming || en.MoveNext(f.t) {
				if !f.resuming {
					f.t.Step(1)
					f.slots[item] = en.Current()
				}
				if on, end := turn(f, body(f), id); !on {
					return end
				}
				f.m.at = at
			}
			return next
		},
		finally: func(f *frame) signal {
			f.slots[e].Ref.(types.Enumerator).Dispose(f.t)
			f.slots[e] = types.Value{}
			return next
		},
	}
	return func(f *frame) signal {
		if !f.resuming {
			v := x(f)
			f.m.at = at
			if v.Ref == nil {
				types.ThrowNullReference()
			}
			f.slots[e] = types.Ref(types.Iterate(f.t, v.Ref, elem))
		}
		return loop.run(f)
	}
}
