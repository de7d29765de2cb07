package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// groupTarget is the method that a method group stands for.
type groupTarget struct {
	m *types.Member
	// extension tells that the receiver is the first argument.
	extension bool
}

// groupMethod is the method of the group for arguments of these types; nil if there is none.
func (b *binder) groupMethod(g *groupExpr, params []*types.Type, refs []types.RefKind) *types.Member {
	if t := b.groupResolve(g, params, refs); t != nil {
		return t.m
	}
	return nil
}

func (b *binder) groupResolve(g *groupExpr, params []*types.Type, refs []types.RefKind) *groupTarget {
	args := make([]arg, len(params))
	for i, t := range params {
		args[i] = arg{x: &LocalRef{E: E{t, g.At}}, ref: refs[i], node: g.nameNode}
	}
	shape := callShape{typeArgs: g.typeArgs, normalOnly: true}
	if best, _, _ := b.resolve(g.candidates(), args, shape); best != nil {
		return &groupTarget{m: best.m}
	}
	if g.this == nil || g.local != nil || g.static {
		return nil
	}
	shape.extension = true
	args = append([]arg{{x: g.this, node: g.nameNode}}, args...)
	if best, _, _ := b.resolve(b.u.Extensions(g.name), args, shape); best != nil {
		return &groupTarget{m: best.m, extension: true}
	}
	return nil
}

// candidates are the members of the group; a local function's pseudo-member.
func (g *groupExpr) candidates() []*types.Member {
	if g.local != nil {
		return []*types.Member{g.local.member}
	}
	return g.members
}

// groupTo is the conversion of a method group to a delegate type.
func (b *binder) groupTo(g *groupExpr, to *types.Type) conversion {
	inv := to.DelegateInvoke()
	if inv == nil {
		return conversion{}
	}
	t := b.groupResolve(g, paramTypes(inv), paramRefs(inv))
	if t == nil || !b.groupReturns(t.m, inv) {
		return conversion{}
	}
	return conversion{kind: groupConv, group: t}
}

// groupReturns reports whether what the method returns suits the delegate: the same, or a reference conversion away.
func (b *binder) groupReturns(m, inv *types.Member) bool {
	if inv.Result == types.VoidType || m.Result == types.VoidType {
		return inv.Result == m.Result
	}
	c := b.implicitBetween(m.Result, inv.Result)
	return c.kind == identityConv || c.kind == upConv
}

func (b *binder) applyGroup(g *groupExpr, to *types.Type, t *groupTarget, n syntax.Node) Expr {
	out := &MethodGroup{E: E{to, g.At}, Method: t.m}
	if g.local != nil {
		out.Method, out.Func = nil, b.instance(g.local, t.m.TypeArgs)
		return out
	}
	switch {
	case t.extension:
		c := b.implicitFrom(g.this, t.m.Params[0].Type)
		if g.this.Type().IsValue() {
			return b.bad(n, "CS1113", "Extension method '%s' defined on value type '%s' cannot be used to create delegates", t.m.Display(false), g.this.Type().Short())
		}
		out.This = b.apply(g.this, t.m.Params[0].Type, c, n)
	case !t.m.Static:
		if g.this == nil {
			return b.bad(n, "CS0120", "An object reference is required for the non-static field, method, or property '%s'", t.m.Display(false))
		}
		out.This = b.receiver(g.this, t.m, n)
	}
	return out
}

// groupMismatch tells why a method group does not convert.
func (b *binder) groupMismatch(g *groupExpr, to *types.Type, n syntax.Node) {
	inv := to.DelegateInvoke()
	if inv == nil {
		b.errorAt(g.nameNode, "CS0428", "Cannot convert method group '%s' to non-delegate type '%s'. Did you intend to invoke the method?", g.name, to.Short())
		return
	}
	t := b.groupResolve(g, paramTypes(inv), paramRefs(inv))
	if t == nil {
		b.errorAt(n, "CS0123", "No overload for '%s' matches delegate '%s'", g.name, to.Short())
		return
	}
	b.errorAt(n, "CS0407", "'%s %s' has the wrong return type", t.m.Result.Short(), t.m.Display(false))
}
