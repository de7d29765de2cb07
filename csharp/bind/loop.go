package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// enterLoop makes a loop that break and continue may name; the function it returns leaves it.
func (b *binder) enterLoop() (*Loop, func()) {
	l := &Loop{}
	f := b.fn
	f.breaks, f.continues = append(f.breaks, l), append(f.continues, l)
	saved := f.finallyDepth
	f.finallyDepth = 0
	f.outerFinally += saved
	return l, func() {
		f.breaks, f.continues = f.breaks[:len(f.breaks)-1], f.continues[:len(f.continues)-1]
		f.finallyDepth = saved
		f.outerFinally -= saved
	}
}

func (b *binder) bindBreak(s *syntax.BreakStmt) Stmt {
	n := len(b.fn.breaks)
	if n == 0 {
		b.errorAt(s, "CS0139", "No enclosing loop out of which to break or continue")
		return &many{}
	}
	if b.fn.finallyDepth > 0 {
		b.errorAt(s, "CS0157", "Control cannot leave the body of a finally clause")
	}
	l := b.fn.breaks[n-1]
	l.Breaks = true
	return &Break{S{s.Span()}, l}
}

func (b *binder) bindContinue(s *syntax.ContinueStmt) Stmt {
	n := len(b.fn.continues)
	if n == 0 {
		b.errorAt(s, "CS0139", "No enclosing loop out of which to break or continue")
		return &many{}
	}
	if b.fn.finallyDepth > 0 {
		b.errorAt(s, "CS0157", "Control cannot leave the body of a finally clause")
	}
	l := b.fn.continues[n-1]
	l.Continues = true
	return &Continue{S{s.Span()}, l}
}

func (b *binder) bindWhile(s *syntax.WhileStmt) Stmt {
	out := &While{S: S{s.Span()}}
	b.pushScope(nil).locals = &out.CondLocals
	b.declareIn(s.Cond)
	out.Cond = b.bindCondition(s.Cond)
	loop, leave := b.enterLoop()
	out.Loop = loop
	out.Body = b.bindEmbedded(s.Body)
	leave()
	b.popScope()
	return out
}

func (b *binder) bindDo(s *syntax.DoStmt) Stmt {
	out := &While{S: S{s.Span()}, DoFirst: true}
	loop, leave := b.enterLoop()
	out.Loop = loop
	out.Body = b.bindEmbedded(s.Body)
	leave()
	b.pushScope(nil).locals = &out.CondLocals
	b.declareIn(s.Cond)
	out.Cond = b.bindCondition(s.Cond)
	b.popScope()
	return out
}

// bindFor is a block with the loop's variables, in which the loop stands.
func (b *binder) bindFor(s *syntax.ForStmt) Stmt {
	block := &Block{S: S{s.Span()}}
	b.pushScope(block)
	if s.Decl != nil {
		b.declareStatements([]syntax.Stmt{s.Decl})
		block.Stmts = appendStmt(block.Stmts, b.bindLocalDecl(s.Decl))
	}
	b.declareIn(s.Init...)
	for _, x := range s.Init {
		if v := b.effect(x); v != nil {
			block.Stmts = append(block.Stmts, &ExprStmt{S{x.Span()}, v})
		}
	}
	out := &While{S: S{s.Span()}}
	b.pushScope(nil).locals = &out.CondLocals
	if s.Cond != nil {
		b.declareIn(s.Cond)
		out.Cond = b.bindCondition(s.Cond)
	}
	post := b.bindPost(s)
	loop, leave := b.enterLoop()
	out.Loop = loop
	out.Body = b.bindEmbedded(s.Body)
	leave()
	out.Post = post
	b.popScope()
	b.popScope()
	block.Stmts = append(block.Stmts, out)
	return block
}

func (b *binder) bindPost(s *syntax.ForStmt) []Expr {
	var out []Expr
	b.pushScope(nil)
	b.declareIn(s.Post...)
	for _, x := range s.Post {
		if v := b.effect(x); v != nil {
			out = append(out, v)
		}
	}
	b.popScope()
	return out
}

// effect binds an expression whose value is dropped; nil if it is wrong.
func (b *binder) effect(x syntax.Expr) Expr {
	s, ok := b.bindExprStmt(&syntax.ExprStmt{Extent: extentOf(x), X: x}).(*ExprStmt)
	if !ok {
		return nil
	}
	return s.X
}

func extentOf(n syntax.Node) syntax.Extent {
	s := n.Span()
	return syntax.Extent{Start: int32(s.Start), End: int32(s.End)}
}

// bindForeach goes over arrays, strings, what has the GetEnumerator pattern, and enumerables.
func (b *binder) bindForeach(s *syntax.ForeachStmt) Stmt {
	outer := &Block{S: S{s.Span()}}
	b.pushScope(outer)
	b.declareIn(s.X)
	x := b.natural(b.bindValue(s.X), s.X)
	body := &Block{S: S{s.Body.Span()}}
	b.pushScope(body)
	elem, kind := b.elementOf(x, s.X)
	item := &Local{Func: b.fn.Func, Type: elem, Span: s.X.Span()}
	head := b.foreachVariable(s, item, elem)
	loop, leave := b.enterLoop()
	inner := b.bindEmbedded(s.Body)
	leave()
	body.Stmts = append(head, inner)
	b.popScope()
	b.popScope()
	if isBad(x) || elem.Kind == types.Error {
		return outer
	}
	if kind == overPattern {
		outer.Stmts = b.patternLoop(x, item, body, loop, s)
		return outer
	}
	if kind == OverEnumerable {
		x = b.asEnumerable(x, elem, s.X)
	}
	outer.Stmts = []Stmt{&Foreach{S: S{s.Span()}, Kind: kind, Loop: loop, X: x, Item: item, Body: body}}
	return outer
}

// overPattern stands for the GetEnumerator pattern of a type that is no IEnumerable.
const overPattern ForeachKind = 255

// foreachVariable declares what the loop declares and assigns the item to it.
func (b *binder) foreachVariable(s *syntax.ForeachStmt, item *Local, elem *types.Type) []Stmt {
	if s.Target != nil {
		switch s.Target.(type) {
		case *syntax.DeclarationExpr, *syntax.TupleExpr:
		default:
			b.broken = true
			return nil
		}
		b.declareIn(s.Target)
		var effects []Expr
		t := b.deconstructTarget(s.Target, &effects)
		if elem.Kind == types.Error {
			b.abandonTargets(t)
			return nil
		}
		v := b.deconstructInto(t, ref(item, s.Target), effects, s.Target)
		if isBad(v) {
			return nil
		}
		return []Stmt{&ExprStmt{S{s.Target.Span()}, v}}
	}
	if s.Name.Name == "" || s.Type == nil {
		b.broken = true
		return nil
	}
	sym := b.declareLocal(s.Name)
	sym.scope = b.scope
	sym.readonly = "foreach iteration variable"
	t := elem
	if !b.isVar(s.Type) {
		t = b.variableType(s.Type)
	}
	l := b.give(sym, t)
	if elem.Kind == types.Error || t.Kind == types.Error {
		sym.typ = types.ErrorType
		if t.Kind != types.Error {
			sym.typ = t
		}
		return nil
	}
	var v Expr
	if b.explicitFrom(ref(item, &s.Name), t).ok() {
		v = b.cast(ref(item, &s.Name), t, s.Type)
	} else {
		b.errorSpan(foreachWord(s), "CS0030", "Cannot convert type '%s' to '%s'", elem, t)
		return nil
	}
	return []Stmt{&Declare{S: S{s.Name.Span()}, Local: l, Init: v}}
}

// foreachWord is the place of the keyword.
func foreachWord(s *syntax.ForeachStmt) source.Span {
	return sourceSpan(int(s.Start), int(s.Start)+len("foreach"))
}

// elementOf finds how to go over x and the type of its elements.
func (b *binder) elementOf(x Expr, n syntax.Node) (*types.Type, ForeachKind) {
	t := x.Type()
	switch {
	case isBad(x):
		return types.ErrorType, 0
	case t == nil:
		b.errorAt(n, "CS0446", "Foreach cannot operate on a '%s'. Did you intend to invoke the '%s'?", typelessName(x), typelessName(x))
		return types.ErrorType, 0
	case t.Kind == types.NullKind:
		b.errorAt(n, "CS0186", "Use of null is not valid in this context")
		return types.ErrorType, 0
	case t.Kind == types.ArrayKind:
		return t.Elem, OverArray
	case t == types.StringType:
		return types.CharType, OverString
	case t.Kind == types.Dynamic:
		return types.DynamicType, OverEnumerable
	}
	pattern := b.enumeratorPattern(t)
	if i, ok := enumerableOf(t); ok {
		switch { // a class's own GetEnumerator goes before the interfaces it implements
		case pattern != nil && t.Kind != types.Interface:
			return pattern.current.Result, OverEnumerable
		case i == types.IEnumerableType:
			return types.Object_, OverEnumerable
		}
		return i.Args[0], OverEnumerable
	}
	if pattern != nil {
		return pattern.current.Result, overPattern
	}
	b.errorAt(n, "CS1579", "foreach statement cannot operate on variables of type '%s' because '%s' does not contain a public instance or extension definition for 'GetEnumerator'", t.Short(), t.Short())
	return types.ErrorType, 0
}

// enumerableOf is the one IEnumerable<T> of t, else IEnumerable.
func enumerableOf(t *types.Type) (*types.Type, bool) {
	if t.Def == types.IEnumerableDef || t == types.IEnumerableType {
		return t, true
	}
	var found *types.Type
	plain := false
	for _, i := range t.Interfaces() {
		switch {
		case i.Def == types.IEnumerableDef && found == nil:
			found = i
		case i.Def == types.IEnumerableDef && found != i:
			return types.IEnumerableType, true
		case i == types.IEnumerableType:
			plain = true
		}
	}
	if found != nil {
		return found, true
	}
	return types.IEnumerableType, plain
}

type enumeratorPattern struct {
	getEnumerator, moveNext, current *types.Member
}

// enumeratorPattern finds GetEnumerator, MoveNext and Current (spec 13.9.5); nil if they are not all there.
func (b *binder) enumeratorPattern(t *types.Type) *enumeratorPattern {
	get := methodWithout(b.u.Members(t, "GetEnumerator"))
	if get == nil {
		return nil
	}
	move := methodWithout(b.u.Members(get.Result, "MoveNext"))
	current := b.u.Members(get.Result, "Current")
	if move == nil || move.Result != types.BoolType || len(current) == 0 || !current[0].CanGet {
		return nil
	}
	return &enumeratorPattern{get, move, current[0]}
}

func methodWithout(ms []*types.Member) *types.Member {
	for _, m := range ms {
		if m.Kind == types.Method && !m.Static && len(m.Params) == 0 && len(m.TypeParams) == 0 {
			return m
		}
	}
	return nil
}

// asEnumerable converts what is gone over to IEnumerable<elem> or IEnumerable.
func (b *binder) asEnumerable(x Expr, elem *types.Type, n syntax.Node) Expr {
	t := x.Type()
	if t.Kind == types.Dynamic {
		return b.convertTo(x, types.IEnumerableType, n)
	}
	if t.IsValue() {
		i, _ := enumerableOf(t)
		return b.convertTo(x, i, n)
	}
	return x
}

// patternLoop is foreach over the GetEnumerator pattern:
// { var e = x.GetEnumerator(); try { while (e.MoveNext()) { item = e.Current; … } } finally { e.Dispose(); } }
func (b *binder) patternLoop(x Expr, item *Local, body *Block, loop *Loop, s *syntax.ForeachStmt) []Stmt {
	p := b.enumeratorPattern(x.Type())
	at := S{s.Span()}
	e := b.temp(p.getEnumerator.Result, s.X)
	start := &Call{E: E{e.Type, s.X.Span()}, Method: p.getEnumerator, This: b.receiver(x, p.getEnumerator, s.X)}
	assign := &Assign{E: E{item.Type, s.X.Span()}, X: ref(item, s.X), Y: b.access(ref(e, s.X), p.current, s.X)}
	body.Stmts = append([]Stmt{&ExprStmt{at, assign}}, body.Stmts...)
	move := &Call{E: E{types.BoolType, s.X.Span()}, Method: p.moveNext, This: b.receiver(ref(e, s.X), p.moveNext, s.X)}
	while := &While{S: at, Loop: loop, Cond: move, Body: body}
	first := &ExprStmt{at, &Assign{E: E{e.Type, s.X.Span()}, X: ref(e, s.X), Y: start}}
	if !types.ReferenceConvertible(e.Type.Erased(), types.IDisposableType) {
		return []Stmt{first, while}
	}
	return []Stmt{first, &Try{S: at, Body: &Block{S: at, Stmts: []Stmt{while}}, Finally: b.disposal(e, s.X)}}
}
