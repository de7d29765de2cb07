package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// stmt compiles a statement.
func (c *funCompiler) stmt(s bind.Stmt) stmtFn {
	switch s := s.(type) {
	case *bind.Block:
		return c.block(s)
	case *bind.Declare:
		return c.declaration(s)
	case *bind.ExprStmt:
		return then(c.effect(s.X), next)
	case *bind.If:
		return c.ifStmt(s)
	case *bind.While:
		return c.while(s)
	case *bind.Foreach:
		return c.foreach(s)
	case *bind.Return:
		return c.returnStmt(s)
	case *bind.ThrowStmt:
		return c.throwStmt(s)
	case *bind.Break:
		return leave(c.target(s.To), breaks)
	case *bind.Continue:
		return leave(c.target(s.To), continues)
	case *bind.Goto:
		return leave(c.target(s.To), jumps)
	case *bind.Labeled:
		return c.stmt(s.Stmt)
	case *bind.Switch:
		return c.switchStmt(s)
	case *bind.Try:
		return c.try(s)
	case *bind.Lock:
		return c.lock(s)
	case *bind.Yield:
		return c.yield(s)
	}
	panic(internal(s))
}

//go:noinline
func then(x effectFn, sig signal) stmtFn {
	return func(f *frame) signal {
		x(f)
		return sig
	}
}

// leave is a jump out of statements around.
func leave(to int32, sig signal) stmtFn {
	return func(f *frame) signal {
		f.to = to
		return sig
	}
}

// freshCells are the cells of the Locals that need a new one each time.
func (c *funCompiler) freshCells(locals []*bind.Local) []int {
	var out []int
	for _, l := range locals {
		if l.Cell && l.Ref == types.ByValue {
			out = append(out, c.cells[l])
		}
	}
	return out
}

// renew gives variables new cells.
func renew(f *frame, cells []int) {
	for _, k := range cells {
		f.cells[k] = new(types.Cell)
	}
}

// block compiles a block.
func (c *funCompiler) block(b *bind.Block) stmtFn {
	run := c.sequence(b.Stmts)
	fresh := c.freshCells(b.Locals)
	if len(fresh) == 0 {
		return run
	}
	return func(f *frame) signal {
		if !f.resuming {
			renew(f, fresh)
		}
		return run(f)
	}
}

// sequence compiles statements that follow each other.
func (c *funCompiler) sequence(list []bind.Stmt) stmtFn {
	stmts := make([]stmtFn, len(list))
	labels := map[int32]int{}
	for i, s := range list {
		stmts[i] = c.stmt(s)
		for l, ok := s.(*bind.Labeled); ok; l, ok = l.Stmt.(*bind.Labeled) {
			labels[c.target(l.Label)] = i
		}
	}
	switch {
	case hasYield(list...):
		return c.resumable(stmts, labels)
	case len(labels) > 0:
		return labelled(stmts, labels)
	}
	switch len(stmts) {
	case 0:
		return func(*frame) signal { return next }
	case 1:
		return stmts[0]
	case 2:
		a, b := stmts[0], stmts[1]
		return func(f *frame) signal {
			if sig := a(f); sig != next {
				return sig
			}
			return b(f)
		}
	}
	return func(f *frame) signal {
		for _, s := range stmts {
			if sig := s(f); sig != next {
				return sig
			}
		}
		return next
	}
}

// labelled runs statements some of which a goto names.
//
//go:noinline
func labelled(stmts []stmtFn, labels map[int32]int) stmtFn {
	return func(f *frame) signal {
		for i := 0; i < len(stmts); i++ {
			switch sig := stmts[i](f); sig {
			case next:
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

func (c *funCompiler) declaration(s *bind.Declare) stmtFn {
	if s.Init == nil {
		return func(*frame) signal { return next }
	}
	if s.Local.Ref == types.ByValue {
		return then(c.storeLocal(s.Local, s.Init), next)
	}
	k, init := c.cells[s.Local], c.value(s.Init)
	return func(f *frame) signal {
		f.cells[k] = init(f).Ref.(*types.Cell)
		return next
	}
}

func (c *funCompiler) ifStmt(s *bind.If) stmtFn {
	cond, yes := c.cond(s.Cond), c.stmt(s.Then)
	no := func(*frame) signal { return next }
	if s.Else != nil {
		no = c.stmt(s.Else)
	}
	if hasYield(s) {
		return c.resumableIf(cond, yes, no)
	}
	if s.Else == nil {
		return func(f *frame) signal {
			if cond(f) {
				return yes(f)
			}
			return next
		}
	}
	return func(f *frame) signal {
		if cond(f) {
			return yes(f)
		}
		return no(f)
	}
}

func (c *funCompiler) returnStmt(s *bind.Return) stmtFn {
	if s.X == nil {
		return func(*frame) signal { return returns }
	}
	if s.X.Type() == types.VoidType {
		return then(c.effect(s.X), returns)
	}
	x := c.value(s.X)
	return func(f *frame) signal {
		v := x(f)
		f.ret = v
		return returns
	}
}

func (c *funCompiler) throwStmt(s *bind.ThrowStmt) stmtFn {
	if s.X == nil {
		i := c.caught
		return func(f *frame) signal { panic(f.slots[i].Ref) }
	}
	x, at := c.value(s.X), pack(s.Span())
	return func(f *frame) signal { panic(f.thrown(x(f), at)) }
}

func (c *funCompiler) lock(s *bind.Lock) stmtFn {
	x, body, at := c.value(s.X), c.stmt(s.Body), pack(s.Span())
	return func(f *frame) signal {
		if f.resuming {
			return body(f)
		}
		v := x(f)
		f.m.at = at
		if v.Ref == nil {
			types.ThrowNull("obj")
		}
		return body(f)
	}
}
