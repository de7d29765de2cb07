package bind

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindMember is X.Name.
func (b *binder) bindMember(x *syntax.MemberExpr) Expr { return b.bindMemberOf(x, false) }

// bindMemberOf is X.Name; invoked tells that it is called.
func (b *binder) bindMemberOf(x *syntax.MemberExpr, invoked bool) Expr {
	left := b.bindExpr(x.X)
	if isBad(left) {
		b.bindTypeArgs(x.Name.TypeArgs)
		return badAt(x)
	}
	if x.Name.Name == "" {
		b.broken = true
		return badAt(x)
	}
	if b.env.Probe.is(x.Name.Name) {
		b.probeMember(left)
		return badAt(x)
	}
	switch l := left.(type) {
	case *nsExpr:
		return b.namespaceMember(l.name, x.Name, x)
	case *typeExpr:
		if l.of.Def != nil && b.forbidden(l.of.Def, x.X) {
			return badAt(x)
		}
		return b.ungarbled(b.staticMember(l.of, x.Name, x), x.Name, invoked)
	case *groupExpr:
		return b.bad(x.X, "CS0119", "'%s' is a method, which is not valid in the given context", b.groupTitle(l))
	case *lambdaExpr:
		return b.bad(dotBefore(x.Name), "CS0023", "Operator '.' cannot be applied to operand of type 'lambda expression'")
	case *defaultExpr:
		return b.bad(x, "CS8716", "There is no target type for the default literal.")
	}
	if n, ok := x.X.(*syntax.NameExpr); ok {
		if t := b.colorColor(left, n, x.Name.Name); t != nil {
			return b.staticMember(t, x.Name, x)
		}
	}
	return b.ungarbled(b.valueMember(left, x.Name, x, x.X, invoked), x.Name, invoked)
}

// ungarbled passes over a method group that was to be a call, had the text after it been readable.
func (b *binder) ungarbled(v Expr, name *syntax.NameExpr, invoked bool) Expr {
	if _, group := v.(*groupExpr); group && !invoked && b.garbled(name) {
		return badAt(name)
	}
	return v
}

func (b *binder) groupTitle(g *groupExpr) string {
	switch {
	case g.local != nil:
		return g.local.member.Display(false)
	case len(g.members) > 0:
		return g.members[0].Display(false)
	}
	return g.name
}

// colorColor is the type that a variable called like its type stands for, where the member is a static one.
func (b *binder) colorColor(left Expr, n *syntax.NameExpr, member string) *types.Type {
	t := left.Type()
	if t == nil || t.Def == nil || t.Def.Name != n.Name || len(t.Args) > 0 {
		return nil
	}
	for _, m := range b.u.Members(t, member) {
		if m.Static {
			return t
		}
	}
	return nil
}

// staticMember is Type.Name.
func (b *binder) staticMember(t *types.Type, name *syntax.NameExpr, n syntax.Node) Expr {
	args, ok := b.bindTypeArgs(name.TypeArgs)
	if !ok {
		return badAt(n)
	}
	if t.Def != nil {
		if d := b.u.Lookup(t.Def.DeclaredName()+"."+name.Name, len(args)+len(t.Args)); d != nil {
			return b.typeOrBad(d, append(append([]*types.Type{}, t.Args...), args...), n)
		}
	}
	ms := b.membersOf(t, name.Name)
	if len(ms) == 0 {
		if b.garbled(name) {
			return badAt(name)
		}
		return b.bad(name, "CS0117", "'%s' does not contain a definition for '%s'", t.Short(), name.Name)
	}
	m := ms[0]
	if omitted(args) {
		return b.bad(n, "CS0305", "Using the generic method group '%s' requires %d type arguments", name.Name, len(args))
	}
	if m.Kind == types.Method {
		return &groupExpr{E: E{nil, n.Span()}, name: name.Name, on: t, members: onlyMethods(ms), typeArgs: args, nameNode: name, static: true}
	}
	if len(args) > 0 {
		return b.bad(name, "CS0307", "The property '%s' cannot be used with type arguments", m.Display(false))
	}
	if !m.Static {
		return b.bad(n, "CS0120", "An object reference is required for the non-static field, method, or property '%s'", m.Display(false))
	}
	return b.access(nil, m, n)
}

// membersOf are the members called name that a value or name of type t shows.
func (b *binder) membersOf(t *types.Type, name string) []*types.Member {
	if t.Kind == types.TypeParam {
		for _, bound := range b.constraintOf(t).Bounds {
			if ms := b.u.Members(bound, name); len(ms) > 0 {
				return ms
			}
		}
		return b.u.Members(types.Object_, name)
	}
	return b.u.Members(t, name)
}

func onlyMethods(ms []*types.Member) []*types.Member {
	for i, m := range ms {
		if m.Kind != types.Method {
			return ms[:i:i]
		}
	}
	return ms
}

// valueMember is X.Name of a value.
func (b *binder) valueMember(x Expr, name *syntax.NameExpr, n, left syntax.Node, invoked bool) Expr {
	x = b.natural(x, left)
	t := x.Type()
	switch {
	case t == nil:
		return b.bad(dotBefore(name), "CS0023", "Operator '.' cannot be applied to operand of type '%s'", typelessName(x))
	case t == types.VoidType, t.Kind == types.NullKind:
		return b.bad(dotBefore(name), "CS0023", "Operator '.' cannot be applied to operand of type '%s'", t.Short())
	case t.Kind == types.Error:
		return badAt(n)
	}
	args, ok := b.bindTypeArgs(name.TypeArgs)
	if !ok {
		return badAt(n)
	}
	if t.Kind == types.Dynamic {
		return &DynGet{E{types.DynamicType, n.Span()}, x, &Site{Name: name.Name, TypeArgs: args, Static: []*types.Type{nil}}}
	}
	if v := b.specialMember(x, t, name.Name, n); v != nil {
		return v
	}
	ms := b.membersOf(t, name.Name)
	if invoked && len(ms) > 0 && ms[0].Kind != types.Method && !invocable(ms[0].Result) {
		if callable := withoutValues(ms); len(callable) > 0 || len(b.u.Extensions(name.Name)) > 0 {
			ms = callable
		}
	}
	if len(ms) > 0 && ms[0].Kind != types.Method {
		m := ms[0]
		if m.Static {
			return b.bad(n, "CS0176", "Member '%s' cannot be accessed with an instance reference; qualify it with a type name instead", m.Display(false))
		}
		return b.access(x, m, n)
	}
	ms = onlyMethods(ms)
	if len(ms) == 0 && !(t.Kind == types.DelegateKind && name.Name == "Invoke") {
		ext := b.u.Extensions(name.Name)
		if len(ext) == 0 || !invoked && !b.anyReceiver(ext, x) {
			return b.noMember(t, name)
		}
	}
	if omitted(args) {
		return b.bad(n, "CS0305", "Using the generic method group '%s' requires %d type arguments", name.Name, len(args))
	}
	return &groupExpr{E: E{nil, n.Span()}, name: name.Name, this: x, on: t, members: ms, typeArgs: args, nameNode: name}
}

// dotBefore is the place of the dot before a name.
func dotBefore(name *syntax.NameExpr) spanNode {
	at := int(name.Start)
	return spanNode{Start: max(0, at-1), End: at}
}

// invocable reports a type whose values can be called.
func invocable(t *types.Type) bool { return t.Kind == types.DelegateKind || t.Kind == types.Dynamic }

// withoutValues are the methods among members.
func withoutValues(ms []*types.Member) []*types.Member {
	var out []*types.Member
	for _, m := range ms {
		if m.Kind == types.Method {
			out = append(out, m)
		}
	}
	return out
}

// omitted reports a type argument that is left out.
func omitted(args []*types.Type) bool { return slices.Contains(args, nil) }

// noMember tells that a type has no member of that name.
func (b *binder) noMember(t *types.Type, name *syntax.NameExpr) Expr {
	if b.garbled(name) {
		return badAt(name)
	}
	return b.bad(name, "CS1061", "'%s' does not contain a definition for '%s' and no accessible extension method '%s' accepting a first argument of type '%s' could be found (are you missing a using directive or an assembly reference?)",
		t.Short(), name.Name, name.Name, t.Short())
}

func typelessName(x Expr) string {
	switch x.(type) {
	case *lambdaExpr:
		return "lambda expression"
	case *groupExpr:
		return "method group"
	case *defaultExpr:
		return "default"
	case *tupleExpr:
		return "tuple"
	case *throwExpr:
		return "<throw expression>"
	}
	return "<null>"
}

// specialMember are the members that the language itself gives: of arrays, tuples, anonymous types; nil if name is none of these.
func (b *binder) specialMember(x Expr, t *types.Type, name string, n syntax.Node) Expr {
	switch {
	case t.Kind == types.ArrayKind && name == "Length":
		return &ArrayLength{E{types.Int32Type, n.Span()}, x}
	case t.Anon != nil:
		for i, a := range t.Anon {
			if a == name {
				return &AnonGet{E{t.Args[i], n.Span()}, x, i}
			}
		}
	case t.IsTuple():
		if i := t.TupleItem(name); i >= 0 {
			return &TupleItem{E{t.Args[i], n.Span()}, x, i}
		}
		if name == "Rest" && len(t.Args) > 7 {
			return b.tupleRest(x, t, n)
		}
	}
	return nil
}

// access is the value of a property, field or constant; this is nil for a static one.
func (b *binder) access(this Expr, m *types.Member, n syntax.Node) Expr {
	if m.Kind == types.Constant {
		return newConst(m.Result, m.Value, n)
	}
	p := &Prop{E: E{m.Result, n.Span()}, Member: m}
	if this != nil {
		p.This = b.receiver(this, m, n)
	}
	return p
}

// receiver is the receiver as the member wants it: a value type is boxed for a member that it inherits.
func (b *binder) receiver(x Expr, m *types.Member, n syntax.Node) Expr {
	t := x.Type()
	if t.Kind == types.TypeParam || t.IsValue() && !m.Declaring.IsValue() {
		to := m.Declaring
		if to.Kind != types.Interface && to != types.EnumBase && to != types.ValueType {
			to = types.Object_
		}
		return &Convert{E: E{to, x.Span()}, Kind: Box, X: x}
	}
	return x
}

// needGet tells of a property that cannot be read.
func (b *binder) readable(x Expr, n syntax.Node) Expr {
	if p, ok := x.(*Prop); ok && !p.Member.CanGet && !p.Member.Static {
		return b.bad(n, "CS0154", "The property or indexer '%s' cannot be used in this context because it lacks the get accessor", p.Member.Display(false))
	}
	return x
}
