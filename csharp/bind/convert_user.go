package bind

import "github.com/postern-gateway/postern/csharp/types"

// userConversion is a user-defined conversion: pre takes the source to the method's parameter, post its result to the target.
type userConversion struct {
	method    *types.Member
	pre, post conversion
	// lifted tells that the operator works on the values of nullables: from and to are then Nullable of the method's types.
	lifted   bool
	from, to *types.Type
}

// userCandidate is an operator in the form in which it is considered.
type userCandidate struct {
	m        *types.Member
	from, to *types.Type
	lifted   bool
}

func stripNullable(t *types.Type) *types.Type {
	if u, ok := t.IsNullable(); ok {
		return u
	}
	return t
}

// userOperators collects the conversion operators of the source and target types.
func (b *binder) userOperators(from, to *types.Type, explicit bool) []userCandidate {
	var out []userCandidate
	seen := map[*types.Member]bool{}
	add := func(t *types.Type) {
		t = stripNullable(t)
		if t.Def == nil || t.Kind != types.Class && t.Kind != types.Struct || numOf(t) != notNum && numOf(t) != nDecimal {
			return
		}
		if numOf(t) == nDecimal { // decimal's conversions to numbers are the language's own
			return
		}
		for _, m := range b.u.Conversions(t) {
			if len(m.Params) != 1 || seen[m] || !explicit && m.Name == "op_Explicit" {
				continue
			}
			seen[m] = true
			f, r := m.Params[0].Type, m.Result
			out = append(out, userCandidate{m, f, r, false})
			if f.IsValue() && r.IsValue() && !isNullable(f) && !isNullable(r) {
				out = append(out, userCandidate{m, types.NullableOf(f), types.NullableOf(r), true})
			}
		}
	}
	add(from)
	add(to)
	return out
}

// encompassed reports whether a standard implicit conversion exists from a to b.
func (b *binder) encompassed(a, t *types.Type) bool {
	return a.Kind != types.Interface && t.Kind != types.Interface && b.implicitBetween(a, t).ok() || same(a, t)
}

// userImplicit is the user-defined implicit conversion, if there is exactly one best (spec 10.5.4).
func (b *binder) userImplicit(x Expr, from, to *types.Type) conversion {
	if !mayConvertUser(from, to) {
		return conversion{}
	}
	var ops []userCandidate
	for _, o := range b.userOperators(from, to, false) {
		if (b.encompassed(from, o.from) || x != nil && b.constEncompassed(x, o.from)) && b.encompassed(o.to, to) {
			ops = append(ops, o)
		}
	}
	if len(ops) == 0 {
		return conversion{}
	}
	sx := b.mostSpecificSource(ops, from)
	tx := b.mostSpecificTarget(ops, to)
	return b.pickUser(x, ops, sx, tx, from, to, false)
}

func (b *binder) constEncompassed(x Expr, to *types.Type) bool {
	c, ok := x.(*Const)
	return ok && constantTo(c, to).ok()
}

func mayConvertUser(from, to *types.Type) bool {
	f, t := stripNullable(from), stripNullable(to)
	return from.Kind != types.Interface && to.Kind != types.Interface && from.Kind != types.NullKind &&
		(f.Kind == types.Class || f.Kind == types.Struct || t.Kind == types.Class || t.Kind == types.Struct)
}

// userExplicit is the user-defined explicit conversion, if there is exactly one best (spec 10.5.5).
func (b *binder) userExplicit(x Expr, from, to *types.Type) conversion {
	if !mayConvertUser(from, to) {
		return conversion{}
	}
	var ops []userCandidate
	for _, o := range b.userOperators(from, to, true) {
		if (b.encompassed(from, o.from) || b.encompassed(o.from, from) || b.standardExplicit(from, o.from)) &&
			(b.encompassed(o.to, to) || b.encompassed(to, o.to) || b.standardExplicit(o.to, to)) {
			ops = append(ops, o)
		}
	}
	if len(ops) == 0 {
		return conversion{}
	}
	return b.pickUser(x, ops, b.explicitSource(ops, from), b.explicitTarget(ops, to), from, to, true)
}

// standardExplicit are explicit conversions that may stand before or after a user-defined one beside encompassing: those of numbers and enums.
func (b *binder) standardExplicit(from, to *types.Type) bool {
	c := b.explicitBetween(from, to)
	return c.kind == numericConv || c.kind == enumConv || c.kind == nullableConv
}

func (b *binder) pickUser(x Expr, ops []userCandidate, sx, tx *types.Type, from, to *types.Type, explicit bool) conversion {
	if sx == nil || tx == nil {
		return conversion{}
	}
	var best *userCandidate
	for i := range ops {
		o := &ops[i]
		if !same(o.from, sx) || !same(o.to, tx) {
			continue
		}
		if best != nil && best.lifted == o.lifted {
			return conversion{} // ambiguous
		}
		if best == nil || best.lifted {
			best = o
		}
	}
	if best == nil {
		return conversion{}
	}
	u := &userConversion{method: best.m, lifted: best.lifted, from: best.from, to: best.to}
	u.pre, u.post = b.explicitBetween(from, best.from), b.explicitBetween(best.to, to)
	if x != nil && !u.pre.ok() {
		u.pre = b.implicitFrom(x, best.from)
	}
	return conversion{kind: userConv, explicit: explicit, user: u}
}

// mostSpecificSource is the source type of the best operators: from itself, else the one that all others encompass.
func (b *binder) mostSpecificSource(ops []userCandidate, from *types.Type) *types.Type {
	for _, o := range ops {
		if same(o.from, from) {
			return o.from
		}
	}
	return b.extreme(sources(ops), b.encompassed)
}

func (b *binder) mostSpecificTarget(ops []userCandidate, to *types.Type) *types.Type {
	for _, o := range ops {
		if same(o.to, to) {
			return o.to
		}
	}
	return b.extreme(targets(ops), func(x, y *types.Type) bool { return b.encompassed(y, x) })
}

func (b *binder) explicitSource(ops []userCandidate, from *types.Type) *types.Type {
	var around []userCandidate
	for _, o := range ops {
		if same(o.from, from) {
			return o.from
		}
		if b.encompassed(from, o.from) {
			around = append(around, o)
		}
	}
	if len(around) > 0 {
		return b.extreme(sources(around), b.encompassed)
	}
	return b.extreme(sources(ops), func(x, y *types.Type) bool { return b.encompassed(y, x) })
}

func (b *binder) explicitTarget(ops []userCandidate, to *types.Type) *types.Type {
	var inside []userCandidate
	for _, o := range ops {
		if same(o.to, to) {
			return o.to
		}
		if b.encompassed(o.to, to) {
			inside = append(inside, o)
		}
	}
	if len(inside) > 0 {
		return b.extreme(targets(inside), func(x, y *types.Type) bool { return b.encompassed(y, x) })
	}
	return b.extreme(targets(ops), b.encompassed)
}

func sources(ops []userCandidate) []*types.Type {
	out := make([]*types.Type, len(ops))
	for i, o := range ops {
		out[i] = o.from
	}
	return out
}

func targets(ops []userCandidate) []*types.Type {
	out := make([]*types.Type, len(ops))
	for i, o := range ops {
		out[i] = o.to
	}
	return out
}

// extreme is the one type that is before all others by less, nil if there is none.
func (b *binder) extreme(ts []*types.Type, less func(x, y *types.Type) bool) *types.Type {
	for _, x := range ts {
		all := true
		for _, y := range ts {
			if !same(x, y) && !less(x, y) {
				all = false
				break
			}
		}
		if all {
			return x
		}
	}
	return nil
}
