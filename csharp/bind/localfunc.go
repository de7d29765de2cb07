package bind

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// localFunc is a local function.
type localFunc struct {
	node *syntax.LocalFunc
	sym  *symbol
	fn   *function
	// member stands for it in overload resolution.
	member      *types.Member
	typeParams  []*types.Type
	constraints []types.Constraint
	// instances are the specialisations of a generic one.
	instances []*instance
	// wrong tells that its signature has mistakes.
	wrong bool
}

// instance is a local function with type arguments.
type instance struct {
	of    *localFunc
	targs []*types.Type
	fn    *Func
}

func (f *localFunc) title() string {
	parts := make([]string, len(f.member.Params))
	for i, p := range f.member.Params {
		parts[i] = strings.TrimSpace(p.Ref.String() + " " + p.Type.Short())
	}
	name := f.node.Name.Name
	if len(f.typeParams) > 0 {
		names := make([]string, len(f.typeParams))
		for i, t := range f.typeParams {
			names[i] = t.ParamName
		}
		name += "<" + strings.Join(names, ", ") + ">"
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

// declareLocalFunc puts the name into the scope.
func (b *binder) declareLocalFunc(s *syntax.LocalFunc) {
	f := &localFunc{node: s}
	f.sym = &symbol{name: s.Name.Name, kind: funcSymbol, span: s.Name.Span(), declared: true, fn: f}
	b.localFuncs = append(b.localFuncs, f)
	b.declareSymbol(f.sym)
	b.scope.funcs = append(b.scope.funcs, f)
}

func (b *binder) localFuncAt(s *syntax.LocalFunc) *localFunc {
	for x := b.scope; x != nil; x = x.parent {
		for _, f := range x.funcs {
			if f.node == s {
				return f
			}
		}
	}
	return nil
}

// signLocalFunc binds the signature.
func (b *binder) signLocalFunc(s *syntax.LocalFunc) {
	f := b.localFuncAt(s)
	f.fn = &function{Func: &Func{Kind: LocalFunc, Name: s.Name.Name, Parent: b.fn.Func, Span: s.Span()}, parent: b.fn, overflow: b.overflow(), local: f}
	m := &types.Member{Kind: types.Method, Name: s.Name.Name, Static: true}
	m.Def = m
	f.member = m
	b.pushScope(nil)
	defer b.popScope()
	for i, tp := range s.TypeParams {
		t := types.NewTypeParam(tp.Name, i, true)
		f.typeParams = append(f.typeParams, t)
		b.scope.declare(&symbol{name: tp.Name, kind: typeParamSymbol, span: tp.Span(), typ: t, declared: true})
	}
	m.TypeParams = f.typeParams
	f.constraints = b.bindConstraints(s, f)
	m.Constraints = f.constraints
	if _, isRef := s.Return.(*syntax.RefType); isRef {
		b.errorAt(s.Return, "PST2002", "'ref' returns are not supported in policy expressions.")
	}
	m.Result = b.bindType(s.Return)
	f.wrong = m.Result.Kind == types.Error
	for i := range s.Params {
		m.Params = append(m.Params, b.bindParameter(&s.Params[i], f))
	}
	f.fn.Result, f.fn.result = m.Result, m.Result
	if s.Yields {
		b.signIterator(s, f)
	}
}

// signIterator checks what an iterator returns.
func (b *binder) signIterator(s *syntax.LocalFunc, f *localFunc) {
	r := f.member.Result
	f.fn.yields, f.fn.Iterator, f.fn.Elem = true, true, types.Object_
	switch {
	case r.Kind == types.Error:
	case r == types.IEnumerableType, r == types.IEnumeratorType:
	case r.Def == types.IEnumerableDef, r.Def == types.IEnumeratorDef:
		f.fn.Elem = r.Args[0]
	default:
		b.errorAt(&s.Name, "CS1624", "The body of '%s' cannot be an iterator block because '%s' is not an iterator interface type", f.title(), r.Short())
	}
	for i := range s.Params {
		if s.Params[i].Ref != syntax.ByValue {
			b.errorAt(&s.Params[i].Name, "CS1623", "Iterators cannot have ref, in or out parameters")
		}
	}
}

func (b *binder) bindConstraints(s *syntax.LocalFunc, f *localFunc) []types.Constraint {
	if len(s.Constraints) == 0 {
		return nil
	}
	out := make([]types.Constraint, len(f.typeParams))
	for _, c := range s.Constraints {
		i := slices.IndexFunc(f.typeParams, func(t *types.Type) bool { return t.ParamName == c.Name.Name })
		if i < 0 {
			b.errorAt(&c.Name, "CS0699", "'%s' does not define type parameter '%s'", f.node.Name.Name, c.Name.Name)
			continue
		}
		for _, bound := range c.Bounds {
			switch bound.Keyword {
			case "class":
				out[i].Class = true
			case "struct":
				out[i].Struct = true
			case "new()":
				out[i].New = true
			default:
				if t := b.bindType(bound.Type); t.Kind != types.Error {
					out[i].Bounds = append(out[i].Bounds, t)
				}
			}
		}
	}
	return out
}

func (b *binder) bindParameter(p *syntax.Parameter, f *localFunc) types.Param {
	out := types.Param{Name: p.Name.Name, Ref: types.RefKind(p.Ref), Params: p.Params, Type: types.ErrorType}
	if p.Type != nil {
		out.Type = b.variableType(p.Type)
	}
	f.wrong = f.wrong || out.Type.Kind == types.Error
	if p.Params && out.Type.Kind != types.Error && (out.Type.Kind != types.ArrayKind || out.Type.Rank != 1) {
		b.errorAt(p, "CS0225", "The params parameter must have a valid collection type")
		out.Params = false
	}
	if p.Default != nil {
		out.Optional = true
		v := b.convertTo(b.bindValue(p.Default), out.Type, p.Default)
		switch k := v.(type) {
		case *Const:
			out.Default = k.V
		case *Convert: // of a nullable
			if c, ok := k.X.(*Const); ok && k.Kind == Wrap {
				out.Default = types.Some(c.T, c.V)
				break
			}
			b.errorAt(p.Default, "CS1736", "Default parameter value for '%s' must be a compile-time constant", p.Name.Name)
		default:
			if !isBad(v) {
				b.errorAt(p.Default, "CS1736", "Default parameter value for '%s' must be a compile-time constant", p.Name.Name)
			}
		}
	}
	return out
}

// bindLocalFuncBody binds the body where the statement stands.
func (b *binder) bindLocalFuncBody(s *syntax.LocalFunc) {
	f := b.localFuncAt(s)
	if f == nil || f.fn == nil {
		return
	}
	saved := b.fn
	b.fn = f.fn
	b.pushScope(nil)
	for i, t := range f.typeParams {
		b.scope.declare(&symbol{name: s.TypeParams[i].Name, kind: typeParamSymbol, span: s.TypeParams[i].Span(), typ: t, declared: true})
	}
	b.pushScope(nil)
	for i, p := range f.member.Params {
		b.declareFuncParam(p, s.Params[i].Name.Span())
	}
	switch {
	case s.Block != nil:
		f.fn.Body = b.bindFunctionBlock(s.Block)
	case s.Body != nil:
		f.fn.Body = b.localExpression(s.Body)
	default:
		b.broken = true
		f.fn.Body = &Block{}
	}
	b.popScope()
	b.popScope()
	b.fn = saved
}

func (b *binder) declareFuncParam(p types.Param, at source.Span) {
	l := &Local{Name: p.Name, Type: p.Type, Func: b.fn.Func, Param: true, Ref: p.Ref, Span: at}
	b.fn.Params = append(b.fn.Params, l)
	if b.scope.names[p.Name] != nil {
		b.errorSpan(at, "CS0100", "The parameter name '%s' is a duplicate", p.Name)
		return
	}
	b.checkShadow(p.Name, at, b.scope.parent.parent, "CS0136")
	b.scope.declare(&symbol{name: p.Name, kind: localSymbol, span: at, typ: p.Type, local: l, declared: true})
}

// localExpression is the body of Name() => x;.
func (b *binder) localExpression(x syntax.Expr) *Block {
	block := &Block{S: S{x.Span()}}
	b.pushScope(block)
	b.declareIn(x)
	v := b.bindThrowable(x)
	switch t := v.(type) {
	case *throwExpr:
		block.Stmts = []Stmt{&ThrowStmt{S: S{x.Span()}, X: t.x}}
	default:
		if b.fn.result == types.VoidType {
			if !isStatementNode(syntax.Unparen(x)) && !isBad(v) {
				b.errorAt(x, "CS0201", "Only assignment, call, increment, decrement, await, and new object expressions can be used as a statement")
			}
			block.Stmts = []Stmt{&ExprStmt{S{x.Span()}, v}}
			break
		}
		block.Stmts = []Stmt{&Return{S: S{x.Span()}, X: b.convertTo(v, b.fn.result, x)}}
	}
	b.popScope()
	return block
}

// instance is the function itself, or for a generic one its specialisation.
func (b *binder) instance(f *localFunc, targs []*types.Type) *Func {
	if len(f.typeParams) == 0 {
		return f.fn.Func
	}
	erased := make([]*types.Type, len(targs))
	for i, t := range targs {
		erased[i] = t.Erased()
	}
	for _, i := range f.instances {
		if slices.Equal(i.targs, erased) {
			return i.fn
		}
	}
	i := &instance{of: f, targs: erased, fn: &Func{Kind: LocalFunc, Name: f.fn.Name, Parent: f.fn.Func.Parent, Span: f.fn.Span}}
	f.instances = append(f.instances, i)
	return i.fn
}

func (b *binder) bindYield(s *syntax.YieldStmt) Stmt {
	out := &Yield{S: S{s.Span()}}
	f := b.fn
	switch {
	case f.lambda:
		b.errorAt(s, "CS1621", "The yield statement cannot be used inside an anonymous method or lambda expression")
	case !f.yields:
		if !f.yieldTold {
			b.errorSpan(source.Span{}, "CS1624", "The body of '%s' cannot be an iterator block because '%s' is not an iterator interface type", b.functionTitle(), f.result.Short())
			f.yieldTold = true
		}
	case f.finallyDepth+f.outerFinally > 0:
		b.errorAt(s, "CS1625", "Cannot yield in the body of a finally clause")
	case s.X != nil && f.catchDepth > 0:
		b.errorAt(s, "CS1631", "Cannot yield a value in the body of a catch clause")
	case s.X != nil && f.tryCatchDepth > 0:
		b.errorAt(s, "CS1626", "Cannot yield a value in the body of a try block with a catch clause")
	}
	if s.X == nil {
		return out
	}
	v := b.bindValue(s.X)
	if f.yields {
		out.X = b.convertTo(v, f.Elem, s.X)
	}
	return out
}
