package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// arg is an argument before it is converted.
type arg struct {
	x    Expr
	name *syntax.Ident
	ref  types.RefKind
	node syntax.Node
}

// failure is why a candidate is not applicable, worst last.
type failure uint8

const (
	applicable failure = iota
	badArgument
	constraintFailed
	inferenceFailed
	wrongArity
	missingParameter
	tooManyArguments
	badName
)

// candidate is a member with the arguments fitted to it.
type candidate struct {
	// m is constructed with its type arguments, where they are known.
	m *types.Member
	// toParam gives for each argument its parameter.
	toParam []int
	// expanded tells that the params array is built from single arguments.
	expanded bool
	convs    []conversion
	failure  failure
	// at is the argument or parameter that fails, detail more about it.
	at     int
	detail string
	code   string
}

// paramType is the type that argument i converts to.
func (c *candidate) paramType(i int) *types.Type {
	p := c.m.Params[c.toParam[i]]
	if c.expanded && c.toParam[i] == len(c.m.Params)-1 {
		return p.Type.Elem
	}
	return p.Type
}

// callShape says how candidates are to be fitted.
type callShape struct {
	typeArgs []*types.Type
	// extension tells that the first argument is the receiver of an extension method.
	extension bool
	// normalOnly forbids expanded forms, for method group conversions.
	normalOnly bool
}

// resolve finds the best applicable member. If there is none or no best one, best is nil and all are the candidates with their failures.
func (b *binder) resolve(members []*types.Member, args []arg, shape callShape) (best *candidate, all []*candidate, ambiguous []*candidate) {
	var fit []*candidate
	for _, m := range members {
		c := b.fit(m, args, shape, false)
		if c.failure != applicable && !shape.normalOnly && hasParamsArray(m) {
			if e := b.fit(m, args, shape, true); e.failure == applicable || worthTelling(e, c) {
				c = e
			}
		}
		all = append(all, c)
		if c.failure == applicable {
			fit = append(fit, c)
		}
	}
	fit = dropLessDerived(fit)
	if shape.extension {
		fit = nearest(fit)
	}
	switch len(fit) {
	case 0:
		return nil, all, nil
	case 1:
		return fit[0], all, nil
	}
	return b.best(fit, args, all)
}

// nearest leaves out extension methods of opened namespaces where one of the global namespace, which the expression stands in, is applicable
// (spec 12.8.10.3).
func nearest(fit []*candidate) []*candidate {
	var out []*candidate
	for _, c := range fit {
		if c.m.Declaring.Def.Namespace == "" {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return fit
	}
	return out
}

// worthTelling reports whether the failure of the expanded form says more than that of the normal form.
func worthTelling(e, c *candidate) bool {
	return c.failure >= missingParameter || c.failure == badArgument && e.failure == badArgument && len(c.toParam) > len(c.m.Params)
}

func hasParamsArray(m *types.Member) bool {
	n := len(m.Params)
	return n > 0 && m.Params[n-1].Params
}

// dropLessDerived leaves out methods of base types where one of a more derived type is applicable (spec 12.8.10.2).
func dropLessDerived(fit []*candidate) []*candidate {
	var out []*candidate
	for _, c := range fit {
		hidden := false
		for _, o := range fit {
			d, base := o.m.Declaring, c.m.Declaring
			if d != base && !o.m.Extension && d != nil && base != nil && (d.Kind != types.Interface && d.DerivesFrom(base) || base == types.Object_ || d.Kind == types.Interface && inheritsInterface(d, base)) {
				hidden = true
				break
			}
		}
		if !hidden {
			out = append(out, c)
		}
	}
	return out
}

func inheritsInterface(d, base *types.Type) bool {
	for _, i := range d.Interfaces() {
		if i == base {
			return true
		}
	}
	return false
}

// fit matches the arguments with the parameters of m, infers type arguments and checks conversions.
func (b *binder) fit(m *types.Member, args []arg, shape callShape, expanded bool) *candidate {
	c := &candidate{m: m, expanded: expanded}
	if len(shape.typeArgs) > 0 && len(shape.typeArgs) != len(m.TypeParams) {
		c.failure = wrongArity
		return c
	}
	if !c.mapArguments(args) {
		return c
	}
	if len(m.TypeParams) > 0 {
		targs := shape.typeArgs
		if len(targs) == 0 {
			var ok bool
			if targs, ok = b.infer(c, args); !ok {
				c.failure = inferenceFailed
				return c
			}
		}
		c.m = m.Construct(targs)
		if !b.constraintsHold(c, m, targs) {
			return c
		}
	}
	b.checkArguments(c, args, shape)
	return c
}

func (b *binder) constraintsHold(c *candidate, m *types.Member, targs []*types.Type) bool {
	for i, k := range m.Constraints {
		if code, text := b.violates(k, m.TypeParams, targs, i, func() string { return m.Display(false) }); code != "" {
			c.failure, c.at, c.code, c.detail = constraintFailed, i, code, text
			return false
		}
	}
	return true
}

// mapArguments finds the parameter of each argument.
func (c *candidate) mapArguments(args []arg) bool {
	params := c.m.Params
	taken := make([]bool, len(params))
	c.toParam = make([]int, len(args))
	named := false
	for i, a := range args {
		p := i
		if a.name != nil {
			named = named || !(i < len(params) && params[i].Name == a.name.Name)
			p = paramNamed(params, a.name.Name)
			if p < 0 {
				c.failure, c.at = badName, i
				c.code, c.detail = "CS1739", "The best overload for '"+memberTitle(c.m)+"' does not have a parameter named '"+a.name.Name+"'"
				return false
			}
		} else if named {
			c.failure, c.at = badName, i
			c.code, c.detail = "CS8323", "Named argument is used out-of-position but is followed by an unnamed argument"
			return false
		} else if c.expanded && p >= len(params)-1 {
			p = len(params) - 1
		}
		if p >= len(params) {
			c.failure, c.at = tooManyArguments, i
			return false
		}
		if taken[p] && !(c.expanded && p == len(params)-1 && a.name == nil) {
			c.failure, c.at = badName, i
			c.code, c.detail = "CS1744", "Named argument '"+params[p].Name+"' specifies a parameter for which a positional argument has already been given"
			return false
		}
		taken[p] = true
		c.toParam[i] = p
	}
	for p, t := range taken {
		if !t && !params[p].Optional && !(c.expanded && p == len(params)-1) {
			c.failure, c.at = missingParameter, p
			return false
		}
	}
	return true
}

func memberTitle(m *types.Member) string {
	if m.Kind == types.Constructor {
		return m.Declaring.Def.Name
	}
	return m.Name
}

func paramNamed(params []types.Param, name string) int {
	for i, p := range params {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// checkArguments classifies the conversion of each argument.
func (b *binder) checkArguments(c *candidate, args []arg, shape callShape) {
	c.convs = make([]conversion, len(args))
	for i, a := range args {
		p := c.m.Params[c.toParam[i]]
		t := c.paramType(i)
		switch {
		case a.ref == types.ByValue && (p.Ref == types.ByValue || p.Ref == types.ByIn):
			c.convs[i] = b.implicitFrom(a.x, t)
			if i == 0 && shape.extension && !receiverConversion(c.convs[i]) {
				c.convs[i] = conversion{}
			}
		case a.ref == p.Ref:
			if v, ok := a.x.(*outVar); ok && (v.sym == nil || v.sym.typ == nil) {
				c.convs[i] = conversion{kind: identityConv}
			} else if isBad(a.x) || a.x.Type() != nil && same(a.x.Type(), t) {
				c.convs[i] = conversion{kind: identityConv}
			}
		}
		if !c.convs[i].ok() {
			c.failure, c.at = badArgument, i
			return
		}
	}
}

// receiverConversion reports a conversion that the receiver of an extension method may have.
func receiverConversion(c conversion) bool {
	switch c.kind {
	case identityConv, upConv, boxConv, tupleConv, throwConv:
		return true
	case nullConv, dynamicConv:
		return false
	}
	return false
}
