package bind

import (
	"slices"

	"github.com/postern-gateway/postern/csharp/types"
)

// best finds the candidate that is better than every other (spec 12.6.4.3).
func (b *binder) best(fit []*candidate, args []arg, all []*candidate) (*candidate, []*candidate, []*candidate) {
	champion := fit[0]
	for _, c := range fit[1:] {
		if b.better(c, champion, args) > 0 {
			champion = c
		}
	}
	for _, c := range fit {
		if c != champion && b.better(champion, c, args) <= 0 {
			return nil, all, undominated(b, fit, args)
		}
	}
	return champion, all, nil
}

// undominated are the candidates that no other is better than.
func undominated(b *binder, fit []*candidate, args []arg) []*candidate {
	var out []*candidate
	for _, c := range fit {
		beaten := false
		for _, o := range fit {
			if o != c && b.better(o, c, args) > 0 {
				beaten = true
				break
			}
		}
		if !beaten {
			out = append(out, c)
		}
	}
	if len(out) < 2 {
		return fit
	}
	return out
}

// better is > 0 if c is the better function member, < 0 if d is, 0 if neither.
func (b *binder) better(c, d *candidate, args []arg) int {
	cBetter, dBetter, identical := false, false, true
	for i, a := range args {
		t, u := c.paramType(i), d.paramType(i)
		if !same(t, u) {
			identical = false
		}
		switch b.betterConversion(a.x, t, u, c.convs[i], d.convs[i]) {
		case 1:
			cBetter = true
		case -1:
			dBetter = true
		}
	}
	switch {
	case cBetter && !dBetter:
		return 1
	case dBetter && !cBetter:
		return -1
	}
	if n := len(args); !identical || cBetter || c.used(n) != d.used(n) {
		return fewerDefaults(c, d, n)
	}
	return tieBreak(c, d, args)
}

// fewerDefaults is the tie-break of Microsoft's compiler where the parameters differ in type or number, which the
// specification does not have: "".Split(null) is Split(params char[]), since Split(string, StringSplitOptions) would
// need a default.
func fewerDefaults(c, d *candidate, n int) int {
	cUsed, dUsed := c.used(n), d.used(n)
	switch {
	case cUsed == dUsed:
		return 0
	case c.expanded != d.expanded:
		return prefer(!c.expanded)
	case cUsed == n:
		return 1
	case dUsed == n:
		return -1
	}
	return 0
}

// used is the number of parameters that a call with n arguments fills, defaults included.
func (c *candidate) used(n int) int {
	switch last := len(c.m.Params) - 1; {
	case !c.expanded:
		return len(c.m.Params)
	case n > last || slices.Contains(c.toParam, last):
		return max(n, last+1)
	default:
		return last
	}
}

func tieBreak(c, d *candidate, args []arg) int {
	if g, h := len(c.m.TypeArgs) > 0, len(d.m.TypeArgs) > 0; g != h {
		return prefer(!g)
	}
	if c.expanded != d.expanded {
		return prefer(!c.expanded)
	}
	if c.expanded && len(c.m.Params) != len(d.m.Params) {
		return prefer(len(c.m.Params) > len(d.m.Params))
	}
	cAll, dAll := len(c.m.Params) == len(args), len(d.m.Params) == len(args)
	if !c.expanded && cAll != dAll {
		return prefer(cAll)
	}
	if s := moreSpecific(c, d, len(args)); s != 0 {
		return s
	}
	return 0
}

func prefer(first bool) int {
	if first {
		return 1
	}
	return -1
}

// moreSpecific compares the parameters as declared, before type arguments were put in.
func moreSpecific(c, d *candidate, n int) int {
	cMore, dMore := false, false
	for i := range n {
		t, u := c.declaredType(i), d.declaredType(i)
		switch specific(t, u) {
		case 1:
			cMore = true
		case -1:
			dMore = true
		}
	}
	switch {
	case cMore && !dMore:
		return 1
	case dMore && !cMore:
		return -1
	}
	return 0
}

func (c *candidate) declaredType(i int) *types.Type {
	p := c.m.Def.Params[c.toParam[i]]
	if c.expanded && c.toParam[i] == len(c.m.Params)-1 {
		return p.Type.Elem
	}
	return p.Type
}

// specific is > 0 if t is more specific than u: a type parameter is less so than anything else.
func specific(t, u *types.Type) int {
	switch {
	case t == u:
		return 0
	case t.Kind == types.TypeParam && u.Kind != types.TypeParam:
		return -1
	case u.Kind == types.TypeParam && t.Kind != types.TypeParam:
		return 1
	case t.Kind == types.ArrayKind && u.Kind == types.ArrayKind && t.Rank == u.Rank:
		return specific(t.Elem, u.Elem)
	case t.Def != nil && t.Def == u.Def && len(t.Args) == len(u.Args):
		out := 0
		for i := range t.Args {
			s := specific(t.Args[i], u.Args[i])
			if s != 0 && out != 0 && s != out {
				return 0
			}
			if s != 0 {
				out = s
			}
		}
		return out
	}
	return 0
}

// betterConversion compares the conversions of x to t and to u: > 0 if that to t is better (spec 12.6.4.5).
func (b *binder) betterConversion(x Expr, t, u *types.Type, _, _ conversion) int {
	if same(t, u) {
		return 0
	}
	if _, ok := x.(*outVar); ok {
		return 0
	}
	et, eu := b.exactlyMatches(x, t), b.exactlyMatches(x, u)
	if et != eu {
		return prefer(et)
	}
	return b.betterTarget(x, t, u)
}

// exactlyMatches reports whether x has just the type t, or is a lambda that returns just what t does.
func (b *binder) exactlyMatches(x Expr, t *types.Type) bool {
	switch x := x.(type) {
	case *lambdaExpr:
		inv := t.DelegateInvoke()
		if inv == nil || !lambdaFits(x, inv) {
			return false
		}
		bl := b.bindLambda(x, paramTypes(inv), paramRefs(inv))
		if r, ok := b.inferredReturn(bl); ok && same(r, inv.Result) {
			return true
		}
		if bl.fn.value != nil {
			return inv.Result != types.VoidType && b.exactlyMatches(bl.fn.value, inv.Result)
		}
		for _, r := range bl.fn.returns {
			if r.x == nil || !b.exactlyMatches(r.x, inv.Result) {
				return false
			}
		}
		return len(bl.fn.returns) > 0
	case *tupleExpr:
		if t.IsTuple() && len(t.Args) == len(x.elems) {
			for i, e := range x.elems {
				if !b.exactlyMatches(e, t.Args[i]) {
					return false
				}
			}
			return true
		}
		return false
	}
	return x.Type() != nil && same(x.Type(), t)
}

// betterTarget compares t and u as targets of a conversion (spec 12.6.4.7).
func (b *binder) betterTarget(x Expr, t, u *types.Type) int {
	tu, ut := b.implicitTypeOnly(t, u), b.implicitTypeOnly(u, t)
	if tu != ut {
		return prefer(tu)
	}
	if l, ok := x.(*lambdaExpr); ok {
		if r := b.betterDelegate(l, t, u); r != 0 {
			return r
		}
	}
	tn, un := numOf(stripNullable(t)), numOf(stripNullable(u))
	if isNullable(t) == isNullable(u) && tn.integral() && un.integral() && tn != nChar && un != nChar {
		switch {
		case tn.signed() && !un.signed():
			return 1
		case un.signed() && !tn.signed():
			return -1
		}
	}
	return 0
}

func (b *binder) implicitTypeOnly(t, u *types.Type) bool {
	c := b.implicitBetween(t, u)
	if !c.ok() {
		c = b.userImplicit(nil, t, u)
	}
	return c.ok()
}

// betterDelegate compares delegate types as targets of a lambda by what they return.
func (b *binder) betterDelegate(x *lambdaExpr, t, u *types.Type) int {
	ti, ui := t.DelegateInvoke(), u.DelegateInvoke()
	if ti == nil || ui == nil || len(ti.Params) != len(ui.Params) {
		return 0
	}
	for i := range ti.Params {
		if !same(ti.Params[i].Type, ui.Params[i].Type) {
			return 0
		}
	}
	tr, ur := ti.Result, ui.Result
	switch {
	case same(tr, ur):
		return 0
	case ur == types.VoidType:
		return 1
	case tr == types.VoidType:
		return -1
	}
	bl := b.bindLambda(x, paramTypes(ti), paramRefs(ti))
	if bl.fn.value != nil {
		return b.betterConversion(bl.fn.value, tr, ur, conversion{}, conversion{})
	}
	out := 0
	for _, r := range bl.fn.returns {
		if r.x == nil {
			return 0
		}
		c := b.betterConversion(r.x, tr, ur, conversion{}, conversion{})
		if c == 0 || out != 0 && c != out {
			return 0
		}
		out = c
	}
	return out
}
