package compile

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// falls reports whether a statement can end in no way but by reaching its end, so that nobody needs to ask how it ended. Jumps
// to the loops inside, which it has met, do no harm.
func falls(s bind.Stmt, inside []*bind.Loop) bool {
	switch s := s.(type) {
	case nil, *bind.Declare, *bind.ExprStmt, *bind.ThrowStmt:
		return true
	case *bind.Block:
		return allFall(s.Stmts, inside)
	case *bind.If:
		return falls(s.Then, inside) && (s.Else == nil || falls(s.Else, inside))
	case *bind.While:
		return falls(s.Body, append(inside, s.Loop))
	case *bind.Foreach:
		return falls(s.Body, append(inside, s.Loop))
	case *bind.Break:
		return slices.Contains(inside, s.To)
	case *bind.Continue:
		return slices.Contains(inside, s.To)
	}
	return false
}

func allFall(list []bind.Stmt, inside []*bind.Loop) bool {
	return !slices.ContainsFunc(list, func(s bind.Stmt) bool { return !falls(s, inside) })
}

// straight compiles a statement that falls with no loop around it being met.
func (c *funCompiler) straight(s bind.Stmt) effectFn {
	switch s := s.(type) {
	case *bind.ExprStmt:
		return c.effect(s.X)
	case *bind.Declare:
		if s.Init != nil && s.Local.Ref == types.ByValue {
			return c.storeLocal(s.Local, s.Init)
		}
	case *bind.Block:
		return c.straightBlock(s)
	case *bind.If:
		return c.straightIf(s)
	}
	run := c.stmt(s)
	return func(f *frame) { run(f) }
}

func (c *funCompiler) straightBlock(b *bind.Block) effectFn {
	var list []effectFn
	if fresh := c.freshCells(b.Locals); len(fresh) > 0 {
		list = append(list, func(f *frame) { renew(f, fresh) })
	}
	for _, s := range b.Stmts {
		list = append(list, c.straight(s))
	}
	return all(list)
}

func (c *funCompiler) straightIf(s *bind.If) effectFn {
	cond, yes := c.cond(s.Cond), c.straight(s.Then)
	if s.Else == nil {
		return func(f *frame) {
			if cond(f) {
				yes(f)
			}
		}
	}
	no := c.straight(s.Else)
	return func(f *frame) {
		if cond(f) {
			yes(f)
		} else {
			no(f)
		}
	}
}

// isQuiet reports whether a statement that falls neither counts steps nor throws: arithmetic on local variables.
func isQuiet(s bind.Stmt) bool {
	switch s := s.(type) {
	case *bind.Declare:
		return s.Init == nil || isQuietExpr(s.Init)
	case *bind.ExprStmt:
		return isQuietExpr(s.X)
	case *bind.Block:
		return !slices.ContainsFunc(s.Stmts, func(s bind.Stmt) bool { return !isQuiet(s) })
	case *bind.If:
		return isQuietExpr(s.Cond) && isQuiet(s.Then) && (s.Else == nil || isQuiet(s.Else))
	}
	return false
}

func isQuietExpr(e bind.Expr) bool {
	switch e := e.(type) {
	case nil, *bind.Const, *bind.LocalRef:
		return true
	case *bind.Assign:
		_, local := e.X.(*bind.LocalRef)
		return local && isQuietExpr(e.Y)
	case *bind.Seq:
		return isQuietExpr(e.Value) && !slices.ContainsFunc(e.Effects, func(e bind.Expr) bool { return !isQuietExpr(e) })
	case *bind.Binary:
		return isQuietOperator(e) && isQuietExpr(e.X) && isQuietExpr(e.Y)
	case *bind.Logical:
		return isQuietExpr(e.X) && isQuietExpr(e.Y)
	case *bind.Conditional:
		return isQuietExpr(e.Cond) && isQuietExpr(e.Then) && isQuietExpr(e.Else)
	case *bind.Convert:
		return e.Kind == bind.Numeric && !e.Checked && e.T.UnderlyingNum() && e.X.Type().UnderlyingNum() && isQuietExpr(e.X)
	}
	return false
}

// isQuietOperator tells the operators that do not throw; divisions by a constant that is not zero or −1 are among them.
func isQuietOperator(e *bind.Binary) bool {
	if e.Lifted || e.Of > bind.Bool || e.Of == bind.Decimal {
		return false
	}
	if k, ok := constOf(e.Y); ok && (e.Op == bind.Div || e.Op == bind.Rem) && int64(k.Num) > 0 {
		return true
	}
	return !throwingOp(e)
}
