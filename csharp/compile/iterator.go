package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// iteratorInfo is what a function with yield makes.
type iteratorInfo struct {
	elem, result *types.Type
	// enumerable tells an IEnumerable from an IEnumerator.
	enumerable bool
}

func isEnumerable(t *types.Type) bool {
	return t == types.IEnumerableType || t.Def == types.IEnumerableDef
}

// sequence is the object that an iterator function returns: what it was called with.
type sequence struct {
	fn       *fun
	captured []*types.Cell
	args     []types.Value
}

// ClrType is the interface that the function is declared to return; .NET has a class without a name there.
func (s *sequence) ClrType() *types.Type { return s.fn.iterator.result }

// ElementType is the type of what it yields.
func (s *sequence) ElementType() *types.Type { return s.fn.iterator.elem }

// Enumerate starts the function.
func (s *sequence) Enumerate(t *types.Thread) types.Enumerator {
	t.Alloc(int64(objectSize + valueSize*s.fn.slots))
	f := &frame{t: t, slots: make([]types.Value, s.fn.slots)}
	f.setCells(s.fn, s.captured)
	for i, p := range s.fn.params {
		p.put(f, s.args[i])
	}
	return &iterator{fn: s.fn, f: f}
}

func (fn *fun) newIterator(captured []*types.Cell, args []types.Value) types.Value {
	s := &sequence{fn, captured, append([]types.Value(nil), args...)}
	if fn.iterator.enumerable {
		return types.Ref(s)
	}
	return types.Ref(&iterator{fn: fn, lazy: s})
}

// iterator is a running iterator function.
type iterator struct {
	fn *fun
	f  *frame
	// lazy is set for an IEnumerator that has not been started.
	lazy    *sequence
	state   iteratorState
	current types.Value
}

type iteratorState uint8

const (
	unstarted iteratorState = iota
	suspended
	ended
)

// ClrType is the interface that the function is declared to return.
func (it *iterator) ClrType() *types.Type { return it.fn.iterator.result }

// ElementType is the type of what it yields.
func (it *iterator) ElementType() *types.Type { return it.fn.iterator.elem }

// Current is the value last yielded.
func (it *iterator) Current() types.Value { return it.current }

// MoveNext runs the function to its next yield.
func (it *iterator) MoveNext(t *types.Thread) bool {
	if it.state == ended {
		return false
	}
	if it.lazy != nil {
		it.f, it.lazy = it.lazy.Enumerate(t).(*iterator).f, nil
	}
	it.f.resuming = it.state == suspended
	if it.enter(t) == yields {
		it.state, it.current = suspended, it.f.ret
		return true
	}
	return false
}

// Dispose runs the finally blocks around the yield that the function stands at.
func (it *iterator) Dispose(t *types.Thread) {
	was := it.state
	it.state = ended
	if was == suspended {
		it.f.resuming, it.f.disposing = true, true
		it.enter(t)
	}
}

// enter runs the body. An exception ends the iterator.
func (it *iterator) enter(t *types.Thread) signal {
	it.state = ended
	f := it.f
	f.t, f.m = t, machineOf(t)
	at := f.m.at
	enter(t)
	sig := it.fn.body(f)
	t.Leave()
	f.m.at = at
	return sig
}

// yield compiles yield return and yield break.
func (c *funCompiler) yield(s *bind.Yield) stmtFn {
	if s.X == nil {
		return func(*frame) signal { return returns }
	}
	x := c.value(s.X)
	return func(f *frame) signal {
		if f.resuming {
			f.resuming = false
			if f.disposing {
				return returns
			}
			return next
		}
		v := x(f)
		f.ret = v
		return yields
	}
}

// resumable runs statements of which one may yield and be entered again.
//
//go:noinline
func (c *funCompiler) resumable(stmts []stmtFn, labels map[int32]int) stmtFn {
	state := c.slot()
	return func(f *frame) signal {
		i := 0
		if f.resuming {
			i = int(f.slots[state].Num)
		}
		for ; i < len(stmts); i++ {
			switch sig := stmts[i](f); sig {
			case next:
			case yields:
				f.slots[state].Num = uint64(i)
				return sig
			case jumps:
				to, here := labels[f.to]
				if !here {
					return sig
				}
				f.t.Step(1)
				i = to - 1
			default:
				return sig
			}
		}
		return next
	}
}

//go:noinline
func (c *funCompiler) resumableIf(cond condFn, yes, no stmtFn) stmtFn {
	state := c.slot()
	return func(f *frame) signal {
		if !f.resuming {
			f.slots[state] = types.Bool(cond(f))
		}
		if f.slots[state].Bool() {
			return yes(f)
		}
		return no(f)
	}
}

// runResumable is run for a loop whose body may yield.
func (l *loop) runResumable(f *frame) signal {
	for first := l.doFirst; ; first = false {
		if !f.resuming {
			f.t.Step(1)
			if !first && !l.holds(f) {
				return next
			}
			if first {
				renew(f, l.fresh)
			}
		}
		if on, end := turn(f, l.body(f), l.id); !on {
			return end
		}
		l.post(f)
	}
}

// hasYield reports whether a statement, but not a function inside it, yields.
func hasYield(list ...bind.Stmt) bool {
	for _, s := range list {
		switch s := s.(type) {
		case *bind.Yield:
			if s.X != nil {
				return true
			}
		case *bind.Block:
			if hasYield(s.Stmts...) {
				return true
			}
		case *bind.If:
			if hasYield(s.Then) || s.Else != nil && hasYield(s.Else) {
				return true
			}
		case *bind.While:
			if hasYield(s.Body) {
				return true
			}
		case *bind.Foreach:
			if hasYield(s.Body) {
				return true
			}
		case *bind.Labeled:
			if hasYield(s.Stmt) {
				return true
			}
		case *bind.Lock:
			if hasYield(s.Body) {
				return true
			}
		case *bind.Switch:
			for _, sec := range s.Sections {
				if hasYield(sec.Stmts...) {
					return true
				}
			}
		case *bind.Try:
			if hasYield(s.Body) {
				return true
			}
		}
	}
	return false
}
