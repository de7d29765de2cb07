package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
)

// counted is the loop for (…; i < limit; i++) over an int or a long in a register and a limit that is a constant or in a register.
type counted struct {
	i int
	// limit is the constant, or j the register; the loop goes on while i < limit + plus.
	limit    int64
	j        int
	constant bool
	plus     int64
	long     bool
}

// counted finds out whether a loop is one; nil if not.
func (c *funCompiler) counted(s *bind.While) *counted {
	cond, ok := s.Cond.(*bind.Binary)
	if !ok || cond.Lifted || cond.Of != bind.Int32 && cond.Of != bind.Int64 || cond.Op != bind.Lt && cond.Op != bind.Le || len(s.Post) != 1 {
		return nil
	}
	i, inRegister := c.register(cond.X)
	if !inRegister || !c.increments(s.Post[0], i, cond.Of) {
		return nil
	}
	out := &counted{i: i, long: cond.Of == bind.Int64}
	if cond.Op == bind.Le {
		if out.long { // a limit of long.MaxValue has no successor
			return nil
		}
		out.plus = 1
	}
	if k, ok := constOf(cond.Y); ok {
		out.limit, out.constant = int64(k.Num)+out.plus, true
		return out
	}
	if out.j, ok = c.register(cond.Y); ok {
		return out
	}
	return nil
}

// increments reports whether an expression adds one to the int or long in a register, unchecked.
func (c *funCompiler) increments(e bind.Expr, i int, of bind.Operands) bool {
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
	target, inRegister := c.register(a.X)
	sum, ok := a.Y.(*bind.Binary)
	if !inRegister || target != i || !ok || sum.Op != bind.Add || sum.Of != of || sum.Checked || sum.Lifted || cutTo(sum.T) != nil {
		return false
	}
	from, inRegister := c.register(sum.X)
	one, isConst := constOf(sum.Y)
	return inRegister && from == i && isConst && one.Num == 1
}

// bound is what i must be less than.
func (l *counted) bound(f *frame) int64 {
	if l.constant {
		return l.limit
	}
	return int64(*f.reg(l.j)) + l.plus
}

// signalling is the loop around a body that may leave it.
//
//go:noinline
func signalling[T int32 | int64](l *counted, of *loop) stmtFn {
	i, id, body := l.i, of.id, of.body
	return func(f *frame) signal {
		t := f.t
		for ; int64(*f.reg(i)) < l.bound(f); *f.reg(i) = uint64(T(*f.reg(i)) + 1) {
			t.Step(1)
			if sig := body(f); sig != next {
				if on, end := turn(f, sig, id); !on {
					return end
				}
			}
		}
		return next
	}
}

// straight is the loop around a body that cannot leave it. Where the body is quiet, turns are counted many at a time.
func (l *counted) straight(effect effectFn, quiet bool) stmtFn {
	switch {
	case quiet && l.long:
		return countedQuiet[int64](l, effect)
	case quiet:
		return countedQuiet[int32](l, effect)
	case l.long:
		return countedStraight[int64](l, effect)
	}
	return countedStraight[int32](l, effect)
}

//go:noinline
func countedStraight[T int32 | int64](l *counted, effect effectFn) stmtFn {
	i := l.i
	return func(f *frame) signal {
		t := f.t
		for ; int64(*f.reg(i)) < l.bound(f); *f.reg(i) = uint64(T(*f.reg(i)) + 1) {
			t.Step(1)
			effect(f)
		}
		return next
	}
}

// countedQuiet is countedStraight for a body that counts no steps itself and throws nothing: nothing but the budget tells when
// its turns are counted, and they are before it would look at them.
//
//go:noinline
func countedQuiet[T int32 | int64](l *counted, effect effectFn) stmtFn {
	i := l.i
	return func(f *frame) signal {
		p := f.reg(i)
		for int64(*p) < l.bound(f) {
			free := f.t.Free()
			n := free
			for ; n > 0 && int64(*p) < l.bound(f); n-- {
				effect(f)
				*p = uint64(T(*p) + 1)
			}
			f.t.Step(free - n)
		}
		return next
	}
}
