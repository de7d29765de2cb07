package bind

import (
	"fmt"
	"sort"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// Env is what an expression may refer to.
type Env struct {
	// Universe are the types.
	Universe *types.Universe
	// Globals are the names that stand for values.
	Globals []Global
	// Want, if not nil, is the type that the result must convert to implicitly; nil: any, as if to object.
	Want *types.Type
	// Parse, if given, are the parser's diagnostics: what goes wrong with a name because text after it could not be read is not told again.
	Parse []source.Diagnostic
	// Probe, if not nil, is a name in the text that is being written: see ProbeAt.
	Probe *Probe
}

// Global is a name with a type; GlobalRef.Index is its place in Env.Globals.
type Global struct {
	Name string
	Type *types.Type
}

// maxDiagnostics is how many mistakes are told of one text.
const maxDiagnostics = 50

// Bind gives meaning to what the parser read, which may have mistakes in it: those are passed over in silence where Env.Parse has told of them.
// The Program is nil exactly if a diagnostic is an error or the tree has mistakes. Diagnostics stand in the order of the text.
func Bind(unit *syntax.Unit, env Env) (*Program, []source.Diagnostic) {
	b := &binder{u: env.Universe, env: env, sink: &diagnostics{}, main: &Func{Kind: MainFunc, Span: unit.Span()}}
	b.fn = &function{Func: b.main}
	b.fn.result = types.Object_
	if env.Want != nil {
		b.fn.result = env.Want
	}
	b.main.Result = b.fn.result
	root := &scope{fn: b.fn}
	for i, g := range env.Globals {
		root.declare(&symbol{name: g.Name, kind: globalSymbol, global: i, typ: g.Type, declared: true})
	}
	b.scope = root
	natural := b.bindMain(unit)
	b.checkFlow()
	if b.broken && !b.sink.errors && !source.Errors(env.Parse) {
		end := unit.Span().End
		b.errorSpan(source.Span{Start: end, End: end}, "PST2999", "A part of this expression could not be read.")
	}
	if b.sink.errors || b.broken {
		return nil, b.sink.sorted()
	}
	p := &Program{Main: b.main, Type: natural}
	b.finish(p)
	if b.sink.errors {
		return nil, b.sink.sorted()
	}
	return p, b.sink.sorted()
}

// bindMain binds the whole and gives the type of @( … ).
func (b *binder) bindMain(unit *syntax.Unit) *types.Type {
	if unit.Block != nil {
		b.main.Body = b.bindFunctionBlock(unit.Block)
		return b.main.Result
	}
	b.pushScope(nil)
	block := &Block{S: S{unit.Span()}}
	b.scope.block = block
	b.declareIn(unit.Expr)
	x := b.bindExpr(unit.Expr)
	natural := x.Type()
	if natural == nil || natural.Kind == types.NullKind {
		natural = b.main.Result
	}
	ret := &Return{S: S{unit.Expr.Span()}, X: b.convertReturn(x, unit.Expr)}
	block.Stmts = []Stmt{ret}
	b.popScope()
	b.main.Body = block
	return natural
}

// convertReturn converts the value of a return statement of the present function.
func (b *binder) convertReturn(x Expr, n syntax.Node) Expr {
	if g, ok := x.(*groupExpr); ok && b.env.Want == nil {
		end := b.main.Span.End // after whatever the parser has to say
		return b.bad(spanNode{Start: end, End: end}, "CS0030", "Cannot convert type 'method' to 'object': '%s' is not called", g.name)
	}
	return b.convertTo(x, b.fn.result, n)
}

// binder binds one program.
type binder struct {
	u     *types.Universe
	env   Env
	main  *Func
	fn    *function
	scope *scope
	sink  *diagnostics
	// broken tells that a part of the tree could not be read by the parser.
	broken bool
	// steps counts bindings of lambda bodies, to bound the work.
	steps int
	// localFuncs are all local functions, for the passes that come after.
	localFuncs []*localFunc
	// receivers are what a Receiver stands for, innermost last.
	receivers []Expr
}

// function is the function that is being bound.
type function struct {
	*Func
	parent *function
	// result is the type that return statements convert to; nil while a lambda's is inferred.
	result *types.Type
	// returns are the return statements of a lambda whose result is not known yet.
	returns []pendingReturn
	// overflow is the overflow context.
	overflow overflow
	// value is the body of an expression lambda, before it is converted to the result.
	value     Expr
	valueNode syntax.Node
	// lambda tells a lambda: its return statements wait in returns.
	lambda bool
	// yields tells that it is an iterator; yieldTold that a yield where none may be has been told of.
	yields, yieldTold bool
	// switches are for goto case, loops for break and continue.
	breaks    []*Loop
	continues []*Loop
	switches  []*switchInfo
	// catchDepth counts the catch clauses around, for throw;.
	catchDepth int
	// catchFinally tells a finally block inside the nearest catch clause.
	catchFinally bool
	// finallyDepth counts the finally blocks around since the last loop or function.
	finallyDepth int
	// outerFinally counts those further out; a return may leave none of them.
	outerFinally int
	// tryDepth and tryCatchDepth count the try statements around, and those with catch clauses, for yield.
	tryDepth, tryCatchDepth int
	// local is set for a local function.
	local *localFunc
}

type pendingReturn struct {
	stmt *Return
	node syntax.Node
	x    Expr
}

// diagnostics collects mistakes.
type diagnostics struct {
	list   []source.Diagnostic
	errors bool
}

func (d *diagnostics) add(x source.Diagnostic) {
	if x.Severity == source.Error {
		d.errors = true
	}
	if len(d.list) < 1000 {
		d.list = append(d.list, x)
	}
}

// sorted are the diagnostics in the order of the text, each once.
func (d *diagnostics) sorted() []source.Diagnostic {
	sort.SliceStable(d.list, func(i, j int) bool { return d.list[i].Span.Start < d.list[j].Span.Start })
	var out []source.Diagnostic
	for _, x := range d.list {
		if len(out) > 0 && out[len(out)-1] == x {
			continue
		}
		out = append(out, x)
	}
	return out[:min(len(out), maxDiagnostics)]
}

// errorAt tells of a mistake.
func (b *binder) errorAt(n syntax.Node, code, format string, args ...any) {
	b.errorSpan(n.Span(), code, format, args...)
}

func (b *binder) errorSpan(s source.Span, code, format string, args ...any) {
	b.sink.add(source.Diagnostic{Code: code, Severity: source.Error, Message: fmt.Sprintf(format, args...), Span: s})
}

// bad is the result of a mistake, after telling of it.
func (b *binder) bad(n syntax.Node, code, format string, args ...any) Expr {
	b.errorAt(n, code, format, args...)
	return badAt(n)
}

func badAt(n syntax.Node) Expr { return &badExpr{E{types.ErrorType, n.Span()}} }

// speculate runs f with a sink of its own and gives what was told there.
func (b *binder) speculate(f func()) *diagnostics {
	saved := b.sink
	b.sink = &diagnostics{}
	f()
	out := b.sink
	b.sink = saved
	return out
}

// replay tells what a speculation told.
func (b *binder) replay(d *diagnostics) {
	for _, x := range d.list {
		b.sink.add(x)
	}
}

// temp is a new temporary of the present function.
func (b *binder) temp(t *types.Type, n syntax.Node) *Local {
	return &Local{Type: t, Func: b.fn.Func, Span: n.Span()}
}

func ref(l *Local, n syntax.Node) *LocalRef { return &LocalRef{E{l.Type, n.Span()}, l} }

// maxLambdaBindings bounds the work that nested lambdas in overloaded calls can cause.
const maxLambdaBindings = 20000

func tooComplex(x *lambdaExpr) source.Diagnostic {
	return source.Diagnostic{Code: "CS8078", Severity: source.Error, Message: "An expression is too long or complex to compile", Span: x.Span()}
}

// cellTemp is a temporary that a reference is taken of: it is listed in the block around, which makes its cell.
func (b *binder) cellTemp(t *types.Type, n syntax.Node) *Local {
	l := b.temp(t, n)
	b.scope.addLocal(l)
	return l
}

func warning(n syntax.Node, code, text string) source.Diagnostic {
	return source.Diagnostic{Code: code, Severity: source.Warning, Message: text, Span: n.Span()}
}
