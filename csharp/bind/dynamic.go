package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// site describes the operands of a dynamic operation.
func (b *binder) site(operands ...Expr) *Site {
	s := &Site{Checked: b.overflow() == overflowChecked}
	for _, x := range operands {
		s.Static = append(s.Static, staticType(x))
	}
	return s
}

// staticType is the type that the run-time binder goes by; nil where that is the object's own.
func staticType(x Expr) *types.Type {
	if t := x.Type(); t != nil && t.Kind != types.Dynamic {
		return t
	}
	return nil
}

// dynamicOperand is an operand as the run-time binder takes it: an object.
func (b *binder) dynamicOperand(x Expr, n syntax.Node) Expr {
	if isDynamic(x) {
		return x
	}
	return b.convertTo(x, types.Object_, n)
}

func (b *binder) dynamicBinary(op Op, x, y Expr, n syntax.Node) Expr {
	s := b.site(x, y)
	x, y = b.dynamicOperand(x, n), b.dynamicOperand(y, n)
	if isBad(x) || isBad(y) {
		return badAt(n)
	}
	return &DynBinary{E: E{types.DynamicType, n.Span()}, Op: op, X: x, Y: y, Site: s}
}

// dynamicLogical is && and || with a dynamic operand: the first decides as a bool, else both go through & or |.
func (b *binder) dynamicLogical(or bool, x, y Expr, n syntax.Node) Expr {
	op := And
	if or {
		op = Or
	}
	v := b.temp(x.Type(), n)
	test := b.convertTo(ref(v, n), types.BoolType, n)
	if isBad(test) {
		return test
	}
	e := E{types.DynamicType, n.Span()}
	short, long := b.convertTo(ref(v, n), types.DynamicType, n), b.dynamicBinary(op, ref(v, n), y, n)
	if !or {
		short, long = long, short
	}
	return &Seq{E: e, Effects: []Expr{&Assign{E: E{v.Type, x.Span()}, X: ref(v, n), Y: x}}, Value: &Conditional{E: e, Cond: test, Then: short, Else: long}}
}

// dynamicArgs boxes arguments and notes their static types and names in the site.
func (b *binder) dynamicArgs(args []arg, s *Site) []Expr {
	out := make([]Expr, len(args))
	named := false
	for i, a := range args {
		s.Static = append(s.Static, staticType(a.x))
		switch a.x.(type) {
		case *lambdaExpr:
			b.errorAt(a.node, "CS1977", "Cannot use a lambda expression as an argument to a dynamically dispatched operation without first casting it to a delegate or expression tree type.")
			out[i] = badAt(a.node)
			continue
		case *groupExpr:
			b.errorAt(a.node, "CS1976", "Cannot use a method group as an argument to a dynamically dispatched operation. Did you intend to invoke the method?")
			out[i] = badAt(a.node)
			continue
		case *outVar:
			b.errorAt(a.node, "PST2003", "'ref' and 'out' arguments are not supported in dynamic calls.")
			out[i] = badAt(a.node)
			continue
		}
		if a.ref != types.ByValue {
			b.errorAt(a.node, "PST2003", "'ref' and 'out' arguments are not supported in dynamic calls.")
		}
		out[i] = b.dynamicOperand(a.x, a.node)
		named = named || a.name != nil
	}
	if named {
		s.Names = make([]string, len(s.Static))
		off := len(s.Static) - len(args)
		for i, a := range args {
			if a.name != nil {
				s.Names[off+i] = a.name.Name
			}
		}
	}
	return out
}

// dynamicCall is the call of a method group with a dynamic argument.
func (b *binder) dynamicCall(g *groupExpr, args []arg, x *syntax.CallExpr) Expr {
	if len(g.members) == 0 {
		return b.bad(x, "CS1973", "'%s' has no applicable method named '%s' but appears to have an extension method by that name. Extension methods cannot be dynamically dispatched. Consider casting the dynamic arguments or calling the extension method without the extension method syntax.", g.on.Short(), g.name)
	}
	s := &Site{Name: g.name, TypeArgs: g.typeArgs, Checked: b.overflow() == overflowChecked}
	out := &DynCall{E: E{types.DynamicType, x.Span()}, Site: s}
	if g.static || g.this == nil {
		out.On = g.on
	} else {
		s.Static = []*types.Type{staticType(g.this)}
		out.X = b.dynamicOperand(g.this, x)
	}
	out.Args = b.dynamicArgs(args, s)
	return out
}
