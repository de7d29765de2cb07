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
	var effect effectFn
	l := &loop{id: c.target(s.Loop), post: all(c.effects(s.Post)), fresh: c.freshCells(s.CondLocals), doFirst: s.DoFirst}
	if falls(s.Body, nil) {
		effect = c.straight(s.Body)
		l.body = then(effect, next)
	} else {
		l.body = c.stmt(s.Body)
	}
	if s.Cond != nil {
		l.cond = c.cond(s.Cond)
	}
	if hasYield(s) {
		return l.runResumable
	}
	if l.cond == nil || len(l.fresh) > 0 || l.doFirst {
		return l.run
	}
	counted := c.counted(s)
	switch {
	case counted != nil && effect != nil:
		return counted.straight(effect, isQuiet(s.Body))
	case counted != nil && counted.long:
		return signalling[int64](counted, l)
	case counted != nil:
		return signalling[int32](counted, l)
	case effect != nil && len(s.Post) == 0 && isQuiet(s.Body) && isQuietExpr(s.Cond):
		return whileQuiet(l.cond, effect)
	case effect != nil && len(s.Post) == 0:
		return whileStraight(l.cond, effect)
	case effect != nil:
		return forStraight(l.cond, effect, l.post)
	case len(s.Post) > 0:
		return l.runFor
	}
	return l.run
}

// whileStraight is while (cond) effect.
//
//go:noinline
func whileStraight(cond condFn, effect effectFn) stmtFn {
	return func(f *frame) signal {
		t := f.t
		for t.Step(1); cond(f); t.Step(1) {
			effect(f)
		}
		return next
	}
}

// whileQuiet is whileStraight where turns can be counted many at a time; see counted.quiet.
//
//go:noinline
func whileQuiet(cond condFn, effect effectFn) stmtFn {
	return func(f *frame) signal {
		for {
			free := f.t.Free()
			for n := free; n > 0; n-- {
				if !cond(f) {
					f.t.Step(free - n + 1)
					return next
				}
				effect(f)
			}
			f.t.Step(free)
		}
	}
}

// forStraight is for (; cond; post) effect.
//
//go:noinline
func forStraight(cond condFn, effect, post effectFn) stmtFn {
	return func(f *frame) signal {
		for t := f.t; cond(f); post(f) {
			t.Step(1)
			effect(f)
		}
		return next
	}
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
	if s.Kind == bind.OverEnumerable || hasYield(s) {
		return c.foreachEnumerable(s, c.value(s.X), c.stmt(s.Body))
	}
	l := &overLoop{x: c.value(s.X), id: c.target(s.Loop), put: c.putter(s.Item), at: pack(s.X.Span())}
	if falls(s.Body, nil) {
		effect := c.straight(s.Body)
		l.body = then(effect, next)
	} else {
		l.body = c.stmt(s.Body)
	}
	if s.Kind == bind.OverString {
		return l.overString
	}
	return l.overArray
}

// overLoop is a compiled foreach over an array or a string.
type overLoop struct {
	x    valFn
	id   int32
	put  func(*frame, types.Value)
	body stmtFn
	at   uint64
}

// turn is one turn of the loop.
func (l *overLoop) turn(f *frame, item types.Value) (goesOn bool, end signal) {
	f.t.Step(1)
	l.put(f, item)
	if sig := l.body(f); sig != next {
		return turn(f, sig, l.id)
	}
	return true, next
}

func (l *overLoop) overArray(f *frame) signal {
	v := l.x(f)
	f.m.at = l.at
	switch a := v.Ref.(type) {
	case *types.Array:
		for i := range a.Items {
			if on, end := l.turn(f, a.Items[i]); !on {
				return end
			}
		}
	case *types.Bytes:
		for i := range a.B {
			if on, end := l.turn(f, types.Value{Num: uint64(a.B[i])}); !on {
				return end
			}
		}
	default:
		types.ThrowNullReference()
	}
	return next
}

func (l *overLoop) overString(f *frame) signal {
	v := l.x(f)
	f.m.at = l.at
	s := stringOf(v)
	for i, n := 0, s.Len(); i < n; i++ {
		if on, end := l.turn(f, types.Value{Num: uint64(s.Unit(i))}); !on {
			return end
		}
	}
	return next
}

// foreachEnumerable is a try statement whose finally disposes of the enumerator, which a slot holds: an iterator may be
// left and entered again inside it.
func (c *funCompiler) foreachEnumerable(s *bind.Foreach, x valFn, body stmtFn) stmtFn {
	id, put, at, e := c.target(s.Loop), c.putter(s.Item), pack(s.X.Span()), c.slot()
	elem := s.Item.Type.Erased()
	loop := &tryCode{
		body: func(f *frame) signal {
			en := f.slots[e].Ref.(types.Enumerator)
			for f.resuming || en.MoveNext(f.t) {
				if !f.resuming {
					f.t.Step(1)
					put(f, en.Current())
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
