package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// tryCode is a compiled try statement.
type tryCode struct {
	body    stmtFn
	catches []catchCode
	// finally is nil if there is none.
	finally stmtFn
}

// catchCode is a compiled catch clause.
type catchCode struct {
	typ   *types.Type
	fresh []int
	put   func(*frame, types.Value)
	// when is nil if there is no filter.
	when condFn
	body stmtFn
	// slot keeps the exception for throw;.
	slot int
}

// handler is a try statement that is being run; one without code is the border of a filter, beyond which nothing is
// looked for.
type handler struct {
	frame *frame
	code  *tryCode
}

// flight is an exception for which the clause to take it has been looked for: that of handlers[index], or none if index
// is −1.
type flight struct {
	ex            *types.Exception
	index, clause int
}

// try compiles a try statement.
func (c *funCompiler) try(s *bind.Try) stmtFn {
	code := &tryCode{body: c.block(s.Body)}
	for i := range s.Catches {
		code.catches = append(code.catches, c.catch(&s.Catches[i]))
	}
	if s.Finally != nil {
		code.finally = c.block(s.Finally)
	}
	return code.run
}

func (c *funCompiler) catch(k *bind.Catch) catchCode {
	code := catchCode{typ: k.Type.Erased(), fresh: c.freshCells(k.Locals), put: c.putter(k.Var), slot: c.slot()}
	outer := c.caught
	c.caught = code.slot
	if k.When != nil {
		code.when = c.cond(k.When)
	}
	code.body = c.block(k.Body)
	c.caught = outer
	return code
}

// run runs the statement.
func (code *tryCode) run(f *frame) signal {
	m := f.m
	k := m.mark(f.t)
	m.handlers = append(m.handlers, handler{f, code})
	sig, ex := guard(code.body, f)
	if ex != nil {
		m.blame(ex)
		if clause := m.clauseFor(ex, k.handlers); clause >= 0 {
			m.reset(f.t, k)
			if code.finally == nil {
				return code.catches[clause].body(f)
			}
			sig, ex = guard(code.catches[clause].body, f)
			if ex != nil {
				// Whoever is to take it must be found before the finally block runs.
				m.blame(ex)
				m.search(ex)
			}
		}
	}
	m.handlers = m.handlers[:k.handlers]
	if code.finally != nil && sig != yields {
		sig = code.runFinally(f, sig)
	}
	if ex != nil {
		panic(ex)
	}
	return sig
}

// runFinally runs the finally block between an end of the body and what follows from it.
func (code *tryCode) runFinally(f *frame, sig signal) signal {
	to, ret, fl := f.to, f.ret, f.m.flight
	resuming := f.resuming
	f.resuming = false
	if s := code.finally(f); s != next {
		return s
	}
	f.to, f.ret, f.m.flight, f.resuming = to, ret, fl, resuming
	return sig
}

// guard runs a statement and catches the .NET exception that it throws.
func guard(s stmtFn, f *frame) (sig signal, ex *types.Exception) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *types.Exception:
			ex = r
		default:
			panic(r)
		}
	}()
	return s(f), nil
}

// clauseFor is the clause of the innermost handler, whose index is self, that takes the exception; −1 if none does.
func (m *machine) clauseFor(ex *types.Exception, self int) int {
	if m.flight.ex != ex {
		m.handlers = m.handlers[:self+1]
		m.search(ex)
	}
	if m.flight.index != self {
		return -1
	}
	clause := m.flight.clause
	m.flight = flight{}
	return clause
}

// search is the first pass: it looks for the clause that takes the exception, from the innermost handler outwards.
func (m *machine) search(ex *types.Exception) {
	m.flight = flight{ex: ex, index: -1}
	for i := len(m.handlers) - 1; i >= 0; i-- {
		h := m.handlers[i]
		if h.code == nil {
			return
		}
		for k := range h.code.catches {
			if h.code.catches[k].takes(h.frame, ex) {
				m.flight = flight{ex, i, k}
				return
			}
		}
	}
}

// takes reports whether the clause takes the exception, which its variable then holds.
func (k *catchCode) takes(f *frame, ex *types.Exception) bool {
	if !types.IsInstance(ex, k.typ) {
		return false
	}
	renew(f, k.fresh)
	k.put(f, types.Ref(ex))
	f.slots[k.slot] = types.Ref(ex)
	return k.when == nil || k.filter(f)
}

// filter runs a filter. An exception in it counts as false.
func (k *catchCode) filter(f *frame) bool {
	m := f.m
	before, fl := m.mark(f.t), m.flight
	m.handlers = append(m.handlers, handler{})
	yes := false
	_, ex := guard(func(f *frame) signal {
		yes = k.when(f)
		return next
	}, f)
	m.reset(f.t, before)
	m.flight = fl
	return yes && ex == nil
}
