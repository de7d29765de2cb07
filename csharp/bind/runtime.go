package bind

import (
	"errors"
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// RuntimeUse tells what is done with a dynamic place.
type RuntimeUse uint8

// The uses of a dynamic node.
const (
	// Evaluate reads, calls, or computes.
	Evaluate RuntimeUse = iota
	// Store assigns the last operand to a DynGet or DynIndex.
	Store
)

// errNullReceiver has the text of .NET's exception, as it stands.
var errNullReceiver = fmt.Errorf("%s", "Cannot perform runtime binding on a null reference")

// BindRuntime binds a dynamic operation by run-time types: it is the run-time binder of C#. node is one of the Dyn nodes or a Convert of kind
// FromDynamic. operands are the types of its operands in order (X first where there is one, then the arguments or Y, then the value to store): the type that
// node's Site gives for it, or else the object's own, NullType for null.
//
// The result is a function with a parameter for each operand, which returns the result as an object (for a conversion as its T; VoidType
// for a call that returns nothing). It depends on the node, the use and the types alone, so it may be kept. It may contain
// dynamic nodes in turn. The error is the message of the RuntimeBinderException to throw.
func BindRuntime(u *types.Universe, node Expr, use RuntimeUse, operands []*types.Type) (*Program, error) {
	b := &binder{u: u, env: Env{Universe: u}, sink: &diagnostics{}, main: &Func{Kind: MainFunc, Result: types.Object_, Span: node.Span()}}
	b.fn = &function{Func: b.main, result: types.Object_}
	r := &runtimeBinder{binder: b, n: spanNode(node.Span())}
	b.scope = &scope{fn: b.fn, block: &Block{}}
	for i, t := range operands {
		l := &Local{Type: t, Func: b.main, Param: true, Span: node.Span()}
		b.main.Params = append(b.main.Params, l)
		var x Expr = ref(l, r.n)
		if t.Kind == types.NullKind {
			l.Type = types.Object_
			x = newConst(types.NullType, types.Null, r.n)
			if i == 0 && r.receives(node) {
				return nil, errNullReceiver
			}
		}
		r.xs = append(r.xs, x)
	}
	out := r.bind(node, use)
	if b.sink.errors || isBad(out) {
		return nil, errors.New(b.firstMessage())
	}
	stmt := r.result(node, out)
	if b.sink.errors {
		return nil, errors.New(b.firstMessage())
	}
	b.main.Body = b.scope.block
	b.main.Body.Stmts = []Stmt{stmt}
	p := &Program{Main: b.main, Type: b.main.Result}
	b.finish(p)
	return p, nil
}

// runtimeBinder binds one dynamic operation.
type runtimeBinder struct {
	*binder
	n  spanNode
	xs []Expr
}

func (b *binder) firstMessage() string {
	if len(b.sink.list) == 0 {
		return "The dynamic operation cannot be bound"
	}
	message := b.sink.list[0].Message
	// Without the hint about using directives, as the run-time binder has it.
	if i := strings.Index(message, " and no accessible extension"); i > 0 {
		return message[:i]
	}
	return message
}

// receives reports a node whose first operand is the receiver of a member.
func (r *runtimeBinder) receives(node Expr) bool {
	switch x := node.(type) {
	case *DynGet, *DynIndex, *DynInvoke:
		return true
	case *DynCall:
		return x.X != nil
	}
	return false
}

// result is the statement that returns what was bound.
func (r *runtimeBinder) result(node, out Expr) Stmt {
	at := S{node.Span()}
	switch {
	case isConversion(node):
		r.main.Result = node.Type()
		return &Return{S: at, X: out}
	case out.Type() == types.VoidType:
		r.main.Result = types.VoidType
		return &ExprStmt{S: at, X: out}
	}
	return &Return{S: at, X: r.convertTo(out, types.Object_, r.n)}
}

func isConversion(node Expr) bool {
	_, ok := node.(*Convert)
	return ok
}

func (r *runtimeBinder) bind(node Expr, use RuntimeUse) Expr {
	switch x := node.(type) {
	case *Convert:
		return r.conversion(x)
	case *DynGet:
		r.checked(x.Site)
		return r.use(r.member(r.xs[0], x.Site.Name), use)
	case *DynIndex:
		r.checked(x.Site)
		n := len(x.Args)
		return r.use(r.index(r.xs[0], r.args(x.Site, 1, n), r.n, r.n), use)
	case *DynCall:
		r.checked(x.Site)
		return r.call(x)
	case *DynInvoke:
		r.checked(x.Site)
		return r.invokeValue(r.xs[0], r.args(x.Site, 1, len(x.Args)))
	case *DynUnary:
		r.checked(x.Site)
		return r.unaryOp(x.Op)
	case *DynBinary:
		r.checked(x.Site)
		return r.binaryOp(x.Op)
	}
	return r.bad(r.n, "", "no dynamic operation")
}

func (r *runtimeBinder) checked(s *Site) {
	if s.Checked {
		r.fn.overflow = overflowChecked
	} else {
		r.fn.overflow = overflowUnchecked
	}
}

// use reads a place or stores the last operand in it.
func (r *runtimeBinder) use(place Expr, use RuntimeUse) Expr {
	if isBad(place) || use == Evaluate {
		return r.readable(place, r.n)
	}
	if place = r.assignable(place, r.n); isBad(place) {
		return place
	}
	v := r.xs[len(r.xs)-1]
	c := r.implicitFrom(v, place.Type())
	if !c.ok() {
		r.noConversion(v, place.Type(), r.n)
		return badAt(r.n)
	}
	return &Assign{E: E{place.Type(), r.n.Span()}, X: place, Y: r.apply(v, place.Type(), c, r.n)}
}

// args are count operands from the first on as arguments.
func (r *runtimeBinder) args(s *Site, first, count int) []arg {
	out := make([]arg, count)
	for i := range out {
		out[i] = arg{x: r.xs[first+i], node: r.n}
		if s.Names != nil && s.Names[first+i] != "" {
			out[i].name = &syntax.Ident{Name: s.Names[first+i]}
		}
	}
	return out
}

const (
	jObject = "Newtonsoft.Json.Linq.JObject"
	jValue  = "Newtonsoft.Json.Linq.JValue"
	jToken  = "Newtonsoft.Json.Linq.JToken"
)

// is reports whether x's type is the one of that name.
func (r *runtimeBinder) is(x Expr, name string) bool {
	t := r.u.Type(name)
	return t != nil && x.Type() != nil && x.Type().DerivesFrom(t)
}

// member is X.Name. The members of a JObject are its properties, a missing one is null.
func (r *runtimeBinder) member(x Expr, name string) Expr {
	if r.is(x, jObject) { // its own members, such as Count, do not count: a property goes before them
		text := newConst(types.StringType, types.Ref(types.NewString(name)), r.n)
		return r.index(x, []arg{{x: text, node: r.n}}, r.n, r.n)
	}
	id := syntax.NameExpr{Ident: syntax.Ident{Name: name}}
	v := r.valueMember(x, &id, r.n, r.n, false)
	if g, ok := v.(*groupExpr); ok {
		return r.bad(r.n, "CS0428", "Cannot convert method group '%s' to non-delegate type 'object'. Did you intend to invoke the method?", g.name)
	}
	return v
}

func (r *runtimeBinder) call(x *DynCall) Expr {
	first := 0
	if x.X != nil {
		first = 1
	}
	args := r.args(x.Site, first, len(x.Args))
	shape := callShape{typeArgs: x.Site.TypeArgs}
	var members []*types.Member
	var this Expr
	name := x.Site.Name
	switch {
	case x.X != nil:
		this = r.xs[0]
		members = onlyMethods(r.u.Members(this.Type(), name))
		if len(members) == 0 {
			return r.callMember(this, name, args)
		}
	case x.On != nil:
		members = onlyMethods(r.u.Members(x.On, name))
	default:
		members, name = r.u.Constructors(x.T), x.T.Short()
	}
	best, all, ambiguous := r.resolve(members, args, shape)
	if best == nil {
		r.tellFailure(&failedCall{all: all, ambiguous: ambiguous, args: args, name: name, node: r.n, kind: "method", whole: r.n})
		return badAt(r.n)
	}
	order := &evaluation{}
	bound := r.buildArgs(best, args, order, r.n)
	if bound == nil {
		return badAt(r.n)
	}
	e := E{best.m.Result, r.n.Span()}
	if best.m.Kind == types.Constructor {
		return order.around(&New{E: e, Method: best.m, Args: bound})
	}
	out := &Call{E: e, Method: best.m, Args: bound}
	if !best.m.Static {
		if this == nil {
			return r.bad(r.n, "CS0120", "An object reference is required for the non-static field, method, or property '%s'", best.m.Display(false))
		}
		out.This = r.receiver(this, best.m, r.n)
	}
	return order.around(out)
}

// callMember calls a delegate that is a member's value.
func (r *runtimeBinder) callMember(this Expr, name string, args []arg) Expr {
	if len(r.u.Members(this.Type(), name)) == 0 && this.Type().Anon == nil {
		return r.bad(r.n, "CS1061", "'%s' does not contain a definition for '%s'", this.Type(), name)
	}
	v := r.member(this, name)
	if isBad(v) {
		return v
	}
	return r.invokeValue(v, args)
}

func (r *runtimeBinder) invokeValue(v Expr, args []arg) Expr {
	if v.Type() == nil || v.Type().Kind != types.DelegateKind {
		return r.bad(r.n, "CS1955", "Cannot invoke a non-delegate type")
	}
	return r.invoke(v, args, &syntax.CallExpr{Extent: extentOf(r.n), Fun: &syntax.BadExpr{Extent: extentOf(r.n)}})
}

// unwrap is what a JValue stands for in an operation: its Value, whose type is known at run time only.
func (r *runtimeBinder) unwrap(x Expr) (Expr, bool) {
	if !r.is(x, jValue) {
		return x, false
	}
	ms := r.u.Members(x.Type(), "Value")
	for _, m := range ms {
		if m.Kind == types.Property {
			return &Convert{E: E{types.DynamicType, x.Span()}, Kind: Identity, X: r.access(x, m, r.n)}, true
		}
	}
	return x, false
}

// rewrap makes a JValue of the result of arithmetic on one.
func (r *runtimeBinder) rewrap(v Expr) Expr {
	t := r.u.Type(jValue)
	args := []arg{{x: r.dynamicOperand(v, r.n), node: r.n}}
	args[0].x = r.convertTo(args[0].x, types.Object_, r.n)
	best, _, _ := r.resolve(r.u.Constructors(t), args, callShape{})
	if best == nil {
		return v
	}
	bound := r.buildArgs(best, args, &evaluation{}, r.n)
	return &New{E: E{t, r.n.Span()}, Method: best.m, Args: bound}
}

func (r *runtimeBinder) unaryOp(op Op) Expr {
	x, wrapped := r.unwrap(r.xs[0])
	if wrapped {
		return r.rewrap(&DynUnary{E: E{types.DynamicType, r.n.Span()}, Op: op, X: x, Site: r.site(x)})
	}
	if out := r.unary(op, x, r.n); out != nil {
		return out
	}
	return r.bad(r.n, "CS0023", "Operator '%s' cannot be applied to operand of type '%s'", unaryText(op), typeText(x))
}

func unaryText(op Op) string {
	for w, o := range unaryOps {
		if o == op {
			return w.String()
		}
	}
	return ""
}

// binaryOp is X op Y. A JValue at the left answers for itself, with a JValue; at the right of a string it is text, and at the right of anything else
// it stands for its value, which .NET would not allow.
func (r *runtimeBinder) binaryOp(op Op) Expr {
	if r.xs[0].Type() == types.StringType && op == Add {
		return r.binary(op, syntax.OpAdd, r.xs[0], r.xs[1], r.n)
	}
	x, xw := r.unwrap(r.xs[0])
	y, yw := r.unwrap(r.xs[1])
	if xw || yw {
		if isNull(x) || isNull(y) {
			x, y = r.nullAs(x, types.Object_), r.nullAs(y, types.Object_)
		}
		v := r.dynamicBinary(op, x, y, r.n)
		if op.comparison() || !xw {
			return v
		}
		return r.rewrap(v)
	}
	return r.binary(op, wordOf(op), x, y, r.n)
}

func wordOf(op Op) syntax.Op {
	for w, o := range binaryOps {
		if o == op {
			return w
		}
	}
	return syntax.OpAdd
}

// conversion converts by the run-time type: implicitly, or as a cast; a JToken as its explicit conversions do.
func (r *runtimeBinder) conversion(x *Convert) Expr {
	if x.Checked {
		r.fn.overflow = overflowChecked
	} else {
		r.fn.overflow = overflowUnchecked
	}
	v := r.xs[0]
	if x.Explicit || r.is(v, jToken) {
		return r.cast(v, x.T, r.n)
	}
	return r.convertTo(v, x.T, r.n)
}
