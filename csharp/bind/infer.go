package bind

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// inference finds the type arguments of a generic method (spec 12.6.3).
type inference struct {
	b      *binder
	c      *candidate
	args   []arg
	params []*types.Type
	bounds []bounds
	fixed  []*types.Type
}

// bounds are what is known of a type parameter.
type bounds struct{ exact, lower, upper []*types.Type }

// infer gives the type arguments of c.m for the arguments.
func (b *binder) infer(c *candidate, args []arg) ([]*types.Type, bool) {
	f := &inference{b: b, c: c, args: args, params: c.m.TypeParams,
		bounds: make([]bounds, len(c.m.TypeParams)), fixed: make([]*types.Type, len(c.m.TypeParams))}
	for i, a := range args {
		f.first(a.x, c.paramType(i), a.ref)
	}
	for {
		if f.allFixed() {
			return f.fixed, true
		}
		if !f.second() {
			return nil, false
		}
	}
}

func (f *inference) allFixed() bool { return !slices.Contains(f.fixed, nil) }

func (f *inference) index(t *types.Type) int { return slices.Index(f.params, t) }

// unfixedIn reports whether a type parameter that is not fixed occurs in t.
func (f *inference) unfixedIn(t *types.Type) bool {
	return t.Mentions(func(p *types.Type) bool {
		i := f.index(p)
		return i >= 0 && f.fixed[i] == nil
	})
}

// subst puts the fixed type arguments into t.
func (f *inference) subst(t *types.Type) *types.Type {
	var from, to []*types.Type
	for i, x := range f.fixed {
		if x != nil {
			from, to = append(from, f.params[i]), append(to, x)
		}
	}
	return t.Subst(from, to)
}

// first is the first phase for one argument.
func (f *inference) first(x Expr, t *types.Type, ref types.RefKind) {
	switch x := x.(type) {
	case *lambdaExpr:
		inv := t.DelegateInvoke()
		if inv != nil && x.typed != nil && len(x.typed) == len(inv.Params) {
			for i, p := range inv.Params {
				f.exactInfer(x.typed[i], p.Type)
			}
		}
		return
	case *tupleExpr:
		if t.IsTuple() && len(t.Args) == len(x.elems) {
			for i, e := range x.elems {
				f.first(e, t.Args[i], types.ByValue)
			}
			return
		}
	case *outVar:
		if x.sym == nil || x.sym.typ == nil {
			return
		}
	}
	u := x.Type()
	if u == nil || u.Kind == types.NullKind || u.Kind == types.Error || u == types.VoidType {
		return
	}
	if ref == types.ByRef || ref == types.ByOut {
		f.exactInfer(u, t)
		return
	}
	f.lowerInfer(u, t)
}

// second is one round of the second phase; false if nothing could be fixed.
func (f *inference) second() bool {
	deps := f.dependencies()
	fixedOne, failed := false, false
	fixThose := func(which func(i int) bool) {
		var todo []int
		for i := range f.params {
			if f.fixed[i] == nil && which(i) {
				todo = append(todo, i)
			}
		}
		for _, i := range todo {
			if !f.fix(i) {
				failed = true
				return
			}
			fixedOne = true
		}
	}
	hasBounds := func(i int) bool {
		b := f.bounds[i]
		return len(b.exact)+len(b.lower)+len(b.upper) > 0
	}
	fixThose(func(i int) bool { return !slices.Contains(deps[i], true) && hasBounds(i) })
	if failed {
		return false
	}
	if !fixedOne {
		fixThose(func(i int) bool {
			for j := range deps {
				if f.fixed[j] == nil && deps[j][i] {
					return hasBounds(i)
				}
			}
			return false
		})
	}
	if failed {
		return false
	}
	progressed := f.outputs()
	return fixedOne || progressed
}

// dependencies tells for each unfixed parameter which unfixed ones it depends on, directly or not.
func (f *inference) dependencies() [][]bool {
	n := len(f.params)
	deps := make([][]bool, n)
	for i := range deps {
		deps[i] = make([]bool, n)
	}
	for a, x := range f.args {
		in, out := f.inputs(x.x, f.c.paramType(a)), f.output(x.x, f.c.paramType(a))
		if out == nil {
			continue
		}
		for i, p := range f.params {
			if f.fixed[i] != nil || !mentions(out, p) {
				continue
			}
			for j, q := range f.params {
				if f.fixed[j] == nil && slices.ContainsFunc(in, func(t *types.Type) bool { return mentions(t, q) }) {
					deps[i][j] = true
				}
			}
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				deps[i][j] = deps[i][j] || deps[i][k] && deps[k][j]
			}
		}
	}
	return deps
}

func mentions(t, p *types.Type) bool {
	return t.Mentions(func(x *types.Type) bool { return x == p })
}

// inputs are the input types of an argument for a parameter type: the delegate's parameters for an implicitly typed lambda or a method group.
func (f *inference) inputs(x Expr, t *types.Type) []*types.Type {
	inv := t.DelegateInvoke()
	if inv == nil {
		return nil
	}
	switch x := x.(type) {
	case *lambdaExpr:
		if x.typed != nil || len(x.names) == 0 {
			return nil
		}
	case *groupExpr:
	default:
		return nil
	}
	return paramTypes(inv)
}

func (f *inference) output(x Expr, t *types.Type) *types.Type {
	inv := t.DelegateInvoke()
	if inv == nil {
		return nil
	}
	switch x.(type) {
	case *lambdaExpr, *groupExpr:
		return inv.Result
	}
	return nil
}

// outputs infers from what lambdas and method groups return, where their inputs are known.
func (f *inference) outputs() bool {
	progressed := false
	for a, x := range f.args {
		t := f.c.paramType(a)
		out := f.output(x.x, t)
		if out == nil || !f.unfixedIn(out) || slices.ContainsFunc(f.inputs(x.x, t), f.unfixedIn) {
			continue
		}
		if f.outputInfer(x.x, t) {
			progressed = true
		}
	}
	return progressed
}

func (f *inference) outputInfer(x Expr, t *types.Type) bool {
	inv := t.DelegateInvoke()
	inputs := make([]*types.Type, len(inv.Params))
	for i, p := range inv.Params {
		inputs[i] = f.subst(p.Type)
	}
	switch x := x.(type) {
	case *lambdaExpr:
		if !x.noParams && len(x.names) != len(inputs) {
			return false
		}
		bl := f.b.bindLambda(x, inputs, paramRefs(inv))
		if bl.diags.errors && bl.fn.value != nil && isBad(bl.fn.value) {
			return false
		}
		return f.lambdaOutput(bl, inv.Result)
	case *groupExpr:
		if m := f.b.groupMethod(x, inputs, paramRefs(inv)); m != nil && m.Result != types.VoidType {
			return f.lowerInfer(m.Result, inv.Result)
		}
	}
	return false
}

// lambdaOutput infers from the value of a lambda; from tuple literals and nested lambdas in it element by element.
func (f *inference) lambdaOutput(bl *boundLambda, result *types.Type) bool {
	if r, ok := f.b.inferredReturn(bl); ok && r != types.VoidType {
		return f.lowerInfer(r, result)
	}
	if v := bl.fn.value; v != nil {
		before := f.count()
		switch v.(type) {
		case *lambdaExpr, *groupExpr:
			if result.DelegateInvoke() != nil && !slices.ContainsFunc(f.inputs(v, result), f.unfixedIn) {
				return f.outputInfer(v, result)
			}
		default:
			f.first(v, result, types.ByValue)
		}
		return f.count() > before
	}
	return false
}

func (f *inference) count() int {
	n := 0
	for _, b := range f.bounds {
		n += len(b.exact) + len(b.lower) + len(b.upper)
	}
	return n
}

func add(list *[]*types.Type, t *types.Type) bool {
	if slices.Contains(*list, t) {
		return false
	}
	*list = append(*list, t)
	return true
}

// exactInfer is an exact inference from u to v; it reports whether something was learnt.
func (f *inference) exactInfer(u, v *types.Type) bool {
	if i := f.index(v); i >= 0 {
		return f.fixed[i] == nil && add(&f.bounds[i].exact, u)
	}
	switch {
	case u.Kind == types.ArrayKind && v.Kind == types.ArrayKind && u.Rank == v.Rank:
		return f.exactInfer(u.Elem, v.Elem)
	case u.Def != nil && u.Def == v.Def && len(u.Args) == len(v.Args):
		any := false
		for i := range u.Args {
			any = f.exactInfer(u.Args[i], v.Args[i]) || any
		}
		return any
	}
	return false
}

// lowerInfer is a lower-bound inference from u to v.
func (f *inference) lowerInfer(u, v *types.Type) bool {
	if i := f.index(v); i >= 0 {
		return f.fixed[i] == nil && add(&f.bounds[i].lower, u)
	}
	if len(v.Args) == 0 && v.Kind != types.ArrayKind {
		return false
	}
	if vn, ok := v.IsNullable(); ok {
		if un, ok := u.IsNullable(); ok {
			return f.lowerInfer(un, vn)
		}
		return false
	}
	if u.Kind == types.ArrayKind {
		if v.Kind == types.ArrayKind && v.Rank == u.Rank {
			return f.elementInfer(u.Elem, v.Elem)
		}
		if u.Rank == 1 && v.Kind == types.Interface && len(v.Args) == 1 {
			for _, i := range u.Interfaces() {
				if i.Def == v.Def {
					return f.elementInfer(u.Elem, v.Args[0])
				}
			}
		}
		return false
	}
	if u.IsTuple() && v.IsTuple() && len(u.Args) == len(v.Args) {
		any := false
		for i := range u.Args {
			any = f.lowerInfer(u.Args[i], v.Args[i]) || any
		}
		return any
	}
	if s := baseOf(u, v.Def); s != nil {
		return f.argumentsInfer(s, v, false)
	}
	return false
}

func (f *inference) elementInfer(u, v *types.Type) bool {
	if u.IsRef() {
		return f.lowerInfer(u, v)
	}
	return f.exactInfer(u, v)
}

// argumentsInfer infers from the type arguments of two constructions of one type, by variance.
func (f *inference) argumentsInfer(u, v *types.Type, upper bool) bool {
	any := false
	for i := range u.Args {
		variance := types.Invariant
		if u.Def.Variance != nil {
			variance = u.Def.Variance[i]
		}
		a, w := u.Args[i], v.Args[i]
		var learnt bool
		switch {
		case !a.IsRef() || variance == types.Invariant:
			learnt = f.exactInfer(a, w)
		case (variance == types.Covariant) != upper:
			learnt = f.lowerInfer(a, w)
		default:
			learnt = f.upperInfer(a, w)
		}
		any = learnt || any
	}
	return any
}

// upperInfer is an upper-bound inference from u to v.
func (f *inference) upperInfer(u, v *types.Type) bool {
	if i := f.index(v); i >= 0 {
		return f.fixed[i] == nil && add(&f.bounds[i].upper, u)
	}
	switch {
	case u.Kind == types.ArrayKind && v.Kind == types.ArrayKind && u.Rank == v.Rank:
		if u.Elem.IsRef() {
			return f.upperInfer(u.Elem, v.Elem)
		}
		return f.exactInfer(u.Elem, v.Elem)
	case u.Def != nil && u.Def == v.Def && len(u.Args) == len(v.Args):
		return f.argumentsInfer(u, v, true)
	}
	return false
}

// baseOf is the one construction of the definition d that t is, derives from or implements; nil if there is none or several.
func baseOf(t *types.Type, d *types.Def) *types.Type {
	if d == nil {
		return nil
	}
	for x := t; x != nil; x = x.BaseType() {
		if x.Def == d {
			return x
		}
	}
	if d.Kind != types.Interface {
		return nil
	}
	var found *types.Type
	for _, i := range t.Interfaces() {
		if i.Def == d {
			if found != nil && found != i {
				return nil
			}
			found = i
		}
	}
	return found
}

// fix chooses the type of a parameter from its bounds.
func (f *inference) fix(i int) bool {
	bs := f.bounds[i]
	var cands []*types.Type
	for _, l := range [][]*types.Type{bs.exact, bs.lower, bs.upper} {
		for _, t := range l {
			k := slices.IndexFunc(cands, func(c *types.Type) bool { return same(c, t) })
			if k >= 0 {
				cands[k] = mergeNames(cands[k], t)
			} else {
				cands = append(cands, t)
			}
		}
	}
	cands = slices.DeleteFunc(cands, func(c *types.Type) bool {
		for _, t := range bs.exact {
			if !same(t, c) {
				return true
			}
		}
		for _, t := range bs.lower {
			if !f.b.implicitBetween(t, c).ok() {
				return true
			}
		}
		for _, t := range bs.upper {
			if !f.b.implicitBetween(c, t).ok() {
				return true
			}
		}
		return false
	})
	var best *types.Type
	for _, c := range cands {
		all := true
		for _, o := range cands {
			ok := f.b.implicitBetween(o, c).ok()
			if len(bs.exact)+len(bs.lower) == 0 {
				ok = f.b.implicitBetween(c, o).ok()
			}
			if !ok {
				all = false
				break
			}
		}
		if all {
			if best != nil {
				return false
			}
			best = c
		}
	}
	f.fixed[i] = best
	return best != nil
}
