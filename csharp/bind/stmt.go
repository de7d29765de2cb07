package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindFunctionBlock binds the block that is a function's body.
func (b *binder) bindFunctionBlock(x *syntax.Block) *Block { return b.bindBlock(x) }

// bindBlock binds { … } in a scope of its own.
func (b *binder) bindBlock(x *syntax.Block) *Block {
	block := &Block{S: S{x.Span()}}
	b.pushScope(block)
	b.declareStatements(x.Stmts)
	block.Stmts = b.bindStatements(x.Stmts)
	b.popScope()
	return block
}

// declareStatements declares what the statements of a block put into its scope: variables, local functions, labels and
// the variables of those expressions whose scope is the block.
func (b *binder) declareStatements(stmts []syntax.Stmt) {
	for _, s := range stmts {
		for {
			l, ok := s.(*syntax.LabeledStmt)
			if !ok {
				break
			}
			b.declareLabel(l)
			s = l.Stmt
		}
		switch s := s.(type) {
		case *syntax.LocalDecl:
			for i := range s.Vars {
				if s.Vars[i].Name.Name != "" {
					b.declareLocal(s.Vars[i].Name)
				}
				b.declareIn(s.Vars[i].Init)
			}
		case *syntax.LocalFunc:
			b.declareLocalFunc(s)
		case *syntax.ExprStmt:
			b.declareIn(s.X)
		case *syntax.ReturnStmt:
			b.declareIn(s.X)
		case *syntax.ThrowStmt:
			b.declareIn(s.X)
		case *syntax.YieldStmt:
			b.declareIn(s.X)
		case *syntax.IfStmt:
			b.declareIn(s.Cond)
		case *syntax.SwitchStmt:
			b.declareIn(s.X)
		case *syntax.LockStmt:
			b.declareIn(s.X)
		}
	}
	for _, s := range stmts {
		for {
			l, ok := s.(*syntax.LabeledStmt)
			if !ok {
				break
			}
			s = l.Stmt
		}
		if f, ok := s.(*syntax.LocalFunc); ok {
			b.signLocalFunc(f)
		}
	}
}

func (b *binder) bindStatements(stmts []syntax.Stmt) []Stmt {
	out := make([]Stmt, 0, len(stmts))
	for _, s := range stmts {
		out = appendStmt(out, b.bindStmt(s))
	}
	return out
}

// many is a declaration of several variables, or none; it is taken apart into the block around.
type many struct {
	S
	stmts []Stmt
}

// appendStmt adds a statement to a block.
func appendStmt(out []Stmt, s Stmt) []Stmt {
	switch s := s.(type) {
	case nil:
		return out
	case *many:
		for _, x := range s.stmts {
			out = appendStmt(out, x)
		}
		return out
	case *Labeled:
		if m, ok := s.Stmt.(*many); ok {
			s.Stmt = &Block{S: m.S}
			return appendStmt(append(out, s), m)
		}
	}
	return append(out, s)
}

// bindEmbedded binds a statement that stands where a block might.
func (b *binder) bindEmbedded(s syntax.Stmt) Stmt {
	if block, ok := s.(*syntax.Block); ok {
		return b.bindBlock(block)
	}
	if s == nil {
		b.broken = true
		return &Block{}
	}
	block := &Block{S: S{s.Span()}}
	b.pushScope(block)
	b.declareStatements([]syntax.Stmt{s})
	block.Stmts = appendStmt(nil, b.bindStmt(s))
	b.popScope()
	return block
}

// bindStmt binds a statement; nil for one that does nothing.
func (b *binder) bindStmt(s syntax.Stmt) Stmt {
	at := S{s.Span()}
	switch s := s.(type) {
	case *syntax.Block:
		return b.bindBlock(s)
	case *syntax.LocalDecl:
		return b.bindLocalDecl(s)
	case *syntax.ExprStmt:
		return b.bindExprStmt(s)
	case *syntax.IfStmt:
		out := &If{S: at, Cond: b.bindCondition(s.Cond)}
		out.Then = b.bindEmbedded(s.Then)
		if s.Else != nil {
			out.Else = b.bindEmbedded(s.Else)
		}
		return out
	case *syntax.ReturnStmt:
		return b.bindReturn(s)
	case *syntax.ThrowStmt:
		return b.bindThrow(s)
	case *syntax.ForeachStmt:
		return b.bindForeach(s)
	case *syntax.ForStmt:
		return b.bindFor(s)
	case *syntax.WhileStmt:
		return b.bindWhile(s)
	case *syntax.DoStmt:
		return b.bindDo(s)
	case *syntax.SwitchStmt:
		return b.bindSwitch(s)
	case *syntax.TryStmt:
		return b.bindTry(s)
	case *syntax.UsingStmt:
		return b.bindUsing(s)
	case *syntax.LockStmt:
		return b.bindLock(s)
	}
	return b.bindOtherStmt(s)
}

func (b *binder) bindOtherStmt(s syntax.Stmt) Stmt {
	at := S{s.Span()}
	switch s := s.(type) {
	case *syntax.EmptyStmt:
		return nil
	case *syntax.BreakStmt:
		return b.bindBreak(s)
	case *syntax.ContinueStmt:
		return b.bindContinue(s)
	case *syntax.YieldStmt:
		return b.bindYield(s)
	case *syntax.GotoStmt:
		return b.bindGoto(s)
	case *syntax.LabeledStmt:
		return b.bindLabeled(s)
	case *syntax.LocalFunc:
		b.bindLocalFuncBody(s)
		return nil
	case *syntax.CheckedStmt:
		saved := b.fn.overflow
		b.fn.overflow = overflowUnchecked
		if s.Checked {
			b.fn.overflow = overflowChecked
		}
		out := b.bindBlock(s.Body)
		b.fn.overflow = saved
		out.S = at
		return out
	}
	b.broken = true
	return nil
}

// bindLocalDecl is Type a = 1, b; a declaration of several variables becomes a Block-less sequence of Declares.
func (b *binder) bindLocalDecl(s *syntax.LocalDecl) Stmt {
	if s.Const {
		b.bindConsts(s)
		return nil
	}
	decls := b.bindDeclarators(s)
	if len(decls) == 1 {
		return decls[0]
	}
	return &many{S: S{s.Span()}, stmts: decls}
}

func (b *binder) bindDeclarators(s *syntax.LocalDecl) []Stmt {
	var out []Stmt
	inferred := b.isVar(s.Type)
	var t *types.Type
	if r, isRef := s.Type.(*syntax.RefType); isRef {
		return b.bindRefLocals(r, s)
	}
	if !inferred {
		t = b.variableType(s.Type)
	} else if len(s.Vars) > 1 {
		b.errorAt(&s.Vars[1], "CS0819", "Implicitly-typed variables cannot have multiple declarators")
	}
	for i := range s.Vars {
		if s.Vars[i].Name.Name == "" {
			b.broken = true
			if s.Vars[i].Init != nil {
				b.bindExpr(s.Vars[i].Init)
			}
			continue
		}
		out = append(out, b.bindDeclarator(&s.Vars[i], t, inferred))
	}
	return out
}

func (b *binder) bindDeclarator(d *syntax.Declarator, t *types.Type, inferred bool) Stmt {
	sym := b.symbolAt(d.Name)
	out := &Declare{S: S{d.Span()}}
	if !inferred {
		out.Local = b.give(sym, t)
		if d.Init != nil {
			out.Init = b.convertTo(b.readable(b.bindValue(d.Init), d.Init), t, d.Init)
		}
		return out
	}
	if d.Init == nil {
		b.errorAt(&d.Name, "CS0818", "Implicitly-typed variables must be initialized")
		b.abandon(sym)
		return &many{}
	}
	v := b.inferredValue(d.Init, d, &d.Name)
	if isBad(v) {
		b.abandon(sym)
		return &many{}
	}
	out.Local = b.give(sym, v.Type())
	out.Init = v
	return out
}

// inferredValue binds the initial value of a var.
func (b *binder) inferredValue(init syntax.Expr, whole, name syntax.Node) Expr {
	if x, ok := init.(*syntax.InitExpr); ok {
		b.bindOrphanInit(x)
		return b.bad(whole, "CS0820", "Cannot initialize an implicitly-typed variable with an array initializer")
	}
	v := b.readable(b.natural(b.bindValue(init), init), init)
	switch t := v.Type(); {
	case isBad(v):
		return v
	case t == nil:
		switch v := v.(type) {
		case *lambdaExpr:
			if d := b.lambdaErrors(v); d != nil {
				b.replay(d)
				return badAt(init)
			}
			if v.typed == nil && len(v.names) > 0 {
				return b.bad(init, "CS8917", "The delegate type could not be inferred.")
			}
			return b.bad(init, "CS8370", "Feature 'inferred delegate type' is not available in C# 7.3. Please use language version 10.0 or greater.")
		case *groupExpr:
			return b.bad(init, "CS8370", "Feature 'inferred delegate type' is not available in C# 7.3. Please use language version 10.0 or greater.")
		case *defaultExpr:
			return b.bad(init, "CS8716", "There is no target type for the default literal.")
		}
		return b.bad(whole, "CS0815", "Cannot assign %s to an implicitly-typed variable", typeText(v))
	case t.Kind == types.NullKind, t == types.VoidType:
		return b.bad(whole, "CS0815", "Cannot assign %s to an implicitly-typed variable", t.Short())
	}
	return v
}

// bindConsts is const Type a = 1;.
func (b *binder) bindConsts(s *syntax.LocalDecl) {
	if b.isVar(s.Type) {
		b.errorAt(s.Type, "CS0822", "Implicitly-typed variables cannot be constant")
		for i := range s.Vars {
			b.abandon(b.symbolAt(s.Vars[i].Name))
		}
		return
	}
	t := b.variableType(s.Type)
	if t.Kind != types.Error && !constable(t) {
		b.errorAt(s.Type, "CS0283", "The type '%s' cannot be declared const", t.Short())
		t = types.ErrorType
	}
	for i := range s.Vars {
		d := &s.Vars[i]
		sym := b.symbolAt(d.Name)
		if d.Init == nil {
			b.broken = true
			b.abandon(sym)
			continue
		}
		sym.typ, sym.isConst = t, true
		v := b.convertTo(b.bindValue(d.Init), t, d.Init)
		sym.declared = true
		if k, ok := v.(*Const); ok {
			sym.value = k
		} else if !isBad(v) {
			if t.IsRef() && t != types.StringType {
				b.errorAt(d.Init, "CS0134", "'%s' is of type '%s'. A const field of a reference type other than string can only be initialized with null.", d.Name.Name, t.Short())
			} else {
				b.errorAt(d.Init, "CS0133", "The expression being assigned to '%s' must be constant", d.Name.Name)
			}
		}
	}
}

func constable(t *types.Type) bool {
	return numOf(t) != notNum || t == types.BoolType || t.IsRef() || t.Kind == types.EnumKind
}

func (b *binder) bindExprStmt(s *syntax.ExprStmt) Stmt {
	n := syntax.Unparen(s.X)
	x := b.bindExpr(s.X)
	if _, isGroup := x.(*groupExpr); isGroup || !isStatementNode(n) {
		if !isBad(x) {
			switch x.(type) {
			case *typeExpr:
				b.asValue(x, s.X)
				return nil
			}
		}
		if !isBad(x) && int(s.End) > s.X.Span().End {
			b.errorAt(s.X, "CS0201", "Only assignment, call, increment, decrement, await, and new object expressions can be used as a statement")
		}
		return nil
	}
	if _, paren := s.X.(*syntax.ParenExpr); paren && !isBad(x) {
		b.errorAt(s.X, "CS0201", "Only assignment, call, increment, decrement, await, and new object expressions can be used as a statement")
		return nil
	}
	if isBad(x) {
		return &many{}
	}
	return &ExprStmt{S: S{s.Span()}, X: b.asValue(x, s.X)}
}

// isStatementNode reports an expression that may stand as a statement, by its form.
func isStatementNode(x syntax.Expr) bool {
	switch x := x.(type) {
	case *syntax.CallExpr, *syntax.AssignExpr, *syntax.NewExpr, *syntax.PostfixExpr, *syntax.BadExpr:
		return true
	case *syntax.UnaryExpr:
		return x.Op == syntax.OpInc || x.Op == syntax.OpDec
	case *syntax.ConditionalAccessExpr:
		return isStatementNode(x.Rest)
	}
	return false
}

func (b *binder) bindReturn(s *syntax.ReturnStmt) Stmt {
	out := &Return{S: S{s.Span()}}
	f := b.fn
	var v Expr
	if s.X != nil {
		v = b.bindReturned(s.X)
	}
	switch {
	case f.yields:
		b.errorAt(s, "CS1622", "Cannot return a value from an iterator. Use the yield return statement to return a value, or yield break to end the iteration.")
		return out
	case b.fn.finallyDepth+b.fn.outerFinally > 0:
		b.errorAt(s, "CS0157", "Control cannot leave the body of a finally clause")
		return out
	case f.lambda:
		f.returns = append(f.returns, pendingReturn{out, s.X, v})
		return out
	case v == nil && f.result != types.VoidType:
		b.errorAt(s, "CS0126", "An object of a type convertible to '%s' is required", f.result.Short())
	case v != nil && f.result == types.VoidType:
		if !isBad(v) {
			b.errorAt(s, "CS0127", "Since '%s' returns void, a return keyword must not be followed by an object expression", b.functionTitle())
		}
	case v != nil:
		out.X = b.convertTo(v, f.result, s.X)
	}
	return out
}

func (b *binder) bindReturned(x syntax.Expr) Expr {
	if r, ok := x.(*syntax.RefExpr); ok {
		b.bindValue(r.X)
		return b.bad(x, "CS8149", "By-reference returns may only be used in methods that return by reference")
	}
	return b.readable(b.bindValue(x), x)
}

// functionTitle is the function as messages name it.
func (b *binder) functionTitle() string {
	if b.fn.local != nil {
		return b.fn.local.title()
	}
	return mainTitle
}

// mainTitle is the method that Roslyn's messages name for the expression as a whole.
const mainTitle = "P.Run(IExpressionContext)"

func (b *binder) bindThrow(s *syntax.ThrowStmt) Stmt {
	out := &ThrowStmt{S: S{s.Span()}}
	if s.X == nil {
		switch {
		case b.fn.catchDepth == 0:
			b.errorAt(s, "CS0156", "A throw statement with no arguments is not allowed outside of a catch clause")
		case b.fn.finallyInCatch():
			b.errorAt(s, "CS0724", "A throw statement with no arguments is not allowed in a finally clause that is nested inside the nearest enclosing catch clause")
		}
		return out
	}
	out.X = b.exception(s.X)
	return out
}

func (f *function) finallyInCatch() bool { return f.catchFinally }

func (b *binder) bindLock(s *syntax.LockStmt) Stmt {
	x := b.natural(b.bindValue(s.X), s.X)
	switch t := x.Type(); {
	case isBad(x):
	case t == nil || !t.IsRef() && t.Kind != types.TypeParam:
		b.errorAt(s.X, "CS0185", "'%s' is not a reference type as required by the lock statement", typeText(x))
	case isNull(x):
		x = &Const{E{types.Object_, x.Span()}, types.Null}
	}
	return &Lock{S: S{s.Span()}, X: x, Body: b.bindEmbedded(s.Body)}
}
