package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

func (b *binder) bindTry(s *syntax.TryStmt) Stmt {
	out := &Try{S: S{s.Span()}}
	f := b.fn
	f.tryDepth++
	withCatch := len(s.Catches) > 0
	if withCatch {
		f.tryCatchDepth++
	}
	out.Body = b.bindBlock(s.Body)
	if withCatch {
		f.tryCatchDepth--
	}
	var caught []*types.Type
	general := false
	for i := range s.Catches {
		c := &s.Catches[i]
		if general {
			b.errorAt(c, "CS1017", "Catch clauses cannot follow the general catch clause of a try statement")
		}
		out.Catches = append(out.Catches, b.bindCatch(c, &caught))
		general = general || c.Type == nil && c.When == nil
	}
	f.tryDepth--
	if s.Finally != nil {
		saved, inCatch := f.finallyDepth, f.catchFinally
		f.finallyDepth, f.catchFinally = f.finallyDepth+1, f.catchDepth > 0
		out.Finally = b.bindBlock(s.Finally)
		f.finallyDepth, f.catchFinally = saved, inCatch
	}
	return out
}

func (b *binder) bindCatch(c *syntax.Catch, caught *[]*types.Type) Catch {
	out := Catch{Type: types.ExceptionType}
	b.pushScope(nil).locals = &out.Locals
	if c.Type != nil {
		t := b.bindType(c.Type)
		switch {
		case t.Kind == types.Error:
		case !t.DerivesFrom(types.ExceptionType):
			b.errorAt(c.Type, "CS0155", "The type caught or thrown must be derived from System.Exception")
			t = types.ErrorType
		default:
			b.checkCatchOrder(c, t, caught)
		}
		out.Type = t
	}
	if c.Name != nil && c.Name.Name != "" {
		sym := b.declareLocal(*c.Name)
		sym.scope = b.scope
		out.Var = b.give(sym, out.Type)
	}
	if c.When != nil {
		b.declareIn(c.When)
		out.When = b.bindCondition(c.When)
	}
	f := b.fn
	f.catchDepth++
	saved := f.catchFinally
	f.catchFinally = false
	out.Body = b.bindBlock(c.Body)
	f.catchFinally = saved
	f.catchDepth--
	b.popScope()
	return out
}

// checkCatchOrder tells of a clause that an earlier one leaves nothing.
func (b *binder) checkCatchOrder(c *syntax.Catch, t *types.Type, caught *[]*types.Type) {
	for _, earlier := range *caught {
		if t.DerivesFrom(earlier) {
			b.errorAt(c.Type, "CS0160", "A previous catch clause already catches all exceptions of this or of a super type ('%s')", earlier.Short())
			return
		}
	}
	if c.When == nil {
		*caught = append(*caught, t)
	}
}

// bindUsing is using (var x = …) and using (x): a try with a finally that disposes of what is not null.
func (b *binder) bindUsing(s *syntax.UsingStmt) Stmt {
	block := &Block{S: S{s.Span()}}
	b.pushScope(block)
	defer b.popScope()
	if s.Decl == nil {
		b.declareIn(s.X)
		x := b.natural(b.bindValue(s.X), s.X)
		ok := b.disposable(x.Type(), x, s.X)
		body := b.bindEmbedded(s.Body)
		if !ok || isNull(x) {
			block.Stmts = []Stmt{body}
			return block
		}
		l := b.temp(x.Type(), s.X)
		block.Stmts = []Stmt{
			&ExprStmt{S{s.X.Span()}, &Assign{E: E{l.Type, s.X.Span()}, X: ref(l, s.X), Y: x}},
			&Try{S: S{s.Span()}, Body: &Block{S: S{s.Span()}, Stmts: []Stmt{body}}, Finally: b.disposal(l, s.X)},
		}
		return block
	}
	b.declareStatements([]syntax.Stmt{s.Decl})
	decls := appendStmt(nil, b.bindLocalDecl(s.Decl))
	block.Stmts = b.usingRest(decls, s)
	return block
}

// usingRest nests a try for each declaration.
func (b *binder) usingRest(decls []Stmt, s *syntax.UsingStmt) []Stmt {
	if len(decls) == 0 {
		return []Stmt{b.bindEmbedded(s.Body)}
	}
	d, ok := decls[0].(*Declare)
	if !ok || d.Local == nil || d.Local.Type.Kind == types.Error {
		return b.usingRest(decls[1:], s)
	}
	if sym := b.scope.names[d.Local.Name]; sym != nil {
		sym.readonly = "using variable"
	}
	if d.Init == nil {
		b.errorAt(spanNode(d.At), "CS0210", "You must provide an initializer in a fixed or using statement declaration")
	}
	good := b.disposable(d.Local.Type, nil, s.Decl)
	body := b.usingRest(decls[1:], s)
	if !good {
		return append([]Stmt{d}, body...)
	}
	return []Stmt{d, &Try{S: S{s.Span()}, Body: &Block{S: S{s.Span()}, Stmts: body}, Finally: b.disposal(d.Local, spanNode(d.At))}}
}

// disposable checks the type of a using statement.
func (b *binder) disposable(t *types.Type, x Expr, n syntax.Node) bool {
	switch {
	case x != nil && (isBad(x) || isNull(x)):
		return !isBad(x)
	case t == nil:
		b.errorAt(n, "CS1674", "'%s': type used in a using statement must implement 'System.IDisposable'.", typeText(x))
		return false
	case t.Kind == types.Dynamic || types.ReferenceConvertible(stripNullable(t).Erased(), types.IDisposableType):
		return true
	}
	b.errorAt(n, "CS1674", "'%s': type used in a using statement must implement 'System.IDisposable'.", t.Short())
	return false
}

// disposal is the finally block that disposes of a variable unless it is null.
func (b *binder) disposal(l *Local, n syntax.Node) *Block {
	at := S{n.Span()}
	block := &Block{S: at}
	x := Expr(ref(l, n))
	if c := b.implicitFrom(x, types.IDisposableType); c.ok() {
		x = b.apply(x, types.IDisposableType, c, n)
	}
	dispose := methodWithout(b.u.Members(types.IDisposableType, "Dispose"))
	if dispose == nil {
		return block
	}
	v := b.temp(types.IDisposableType, n)
	e := E{types.VoidType, n.Span()}
	block.Stmts = []Stmt{&ExprStmt{at, &NotNull{E: e, X: x, Var: v, Then: &Call{E: e, Method: dispose, This: ref(v, n)}, Else: &Const{e, types.Value{}}}}}
	return block
}
