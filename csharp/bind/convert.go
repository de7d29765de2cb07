package bind

import (
	"math"

	"github.com/postern-gateway/postern/csharp/types"
)

// convKind is the sort of a conversion as C# defines them.
type convKind uint8

const (
	noConv convKind = iota
	identityConv
	numericConv
	constantConv // an integer constant to a smaller type, or 0 to an enum
	enumConv
	nullConv
	upConv
	boxConv
	nullableConv // between T and U?, T? and U?: inner converts the values
	userConv
	dynamicConv
	lambdaConv
	groupConv
	tupleConv
	defaultConv
	throwConv
	downConv
	unboxConv
)

// conversion is how an expression or type converts to another.
type conversion struct {
	kind convKind
	// explicit tells that a cast is needed.
	explicit bool
	// inner are the conversion of a nullable's values, or of a tuple's elements.
	inner []conversion
	user  *userConversion
	// lambda is the bound lambda, group the method.
	lambda *boundLambda
	group  *groupTarget
}

func (c conversion) ok() bool { return c.kind != noConv }

// same reports types that are identical but for tuple names and dynamic.
func same(a, b *types.Type) bool { return a == b || a.Erased() == b.Erased() }

// implicitFrom is the implicit conversion from an expression, if there is one.
func (b *binder) implicitFrom(x Expr, to *types.Type) conversion {
	if isBad(x) || to.Kind == types.Error {
		return conversion{kind: identityConv}
	}
	switch x := x.(type) {
	case *lambdaExpr:
		return b.lambdaTo(x, to)
	case *groupExpr:
		return b.groupTo(x, to)
	case *tupleExpr:
		if c := b.tupleLiteralTo(x, to, false); c.ok() {
			return c
		}
		if x.T == nil {
			return conversion{}
		}
	case *defaultExpr:
		return conversion{kind: defaultConv}
	case *throwExpr:
		return conversion{kind: throwConv}
	case *Const:
		if c := constantTo(x, to); c.ok() {
			return c
		}
	}
	if x.Type() == nil {
		return conversion{}
	}
	c := b.implicitBetween(x.Type(), to)
	if !c.ok() {
		c = b.userImplicit(x, x.Type(), to)
	}
	return c
}

// constantTo is a conversion that only constants have.
func constantTo(x *Const, to *types.Type) conversion {
	if x.T.Kind == types.NullKind {
		switch {
		case to.IsRef(), isNullable(to):
			return conversion{kind: nullConv}
		}
		return conversion{}
	}
	if u, ok := to.IsNullable(); ok {
		if c := constantTo(x, u); c.ok() {
			return conversion{kind: nullableConv, inner: []conversion{c}}
		}
		return conversion{}
	}
	from := numOf(x.T)
	if to.Kind == types.EnumKind && from != notNum && isZero(x) {
		return conversion{kind: constantConv}
	}
	t := numOf(to)
	if t == notNum || t >= nFloat || t == nChar {
		return conversion{}
	}
	switch {
	case from == nInt && t != nInt && t != nLong:
		if _, fits, _ := convertConst(x.V, x.T, to); fits {
			return conversion{kind: constantConv}
		}
	case from == nLong && t == nULong && int64(x.V.Num) >= 0:
		return conversion{kind: constantConv}
	}
	return conversion{}
}

// isZero reports a numeric constant zero.
func isZero(x *Const) bool {
	switch numOf(x.T) {
	case nDecimal:
		return x.V.Decimal().IsZero()
	case nDouble:
		return x.V.Float64() == 0 && !math.Signbit(x.V.Float64())
	case nFloat:
		return x.V.Float32() == 0
	}
	return x.V.Num == 0
}

// implicitBetween is the standard implicit conversion between types: identity, numeric, nullable, reference, boxing, tuple, dynamic.
func (b *binder) implicitBetween(from, to *types.Type) conversion {
	if same(from, to) {
		return conversion{kind: identityConv}
	}
	if from.Kind == types.Dynamic {
		return conversion{kind: dynamicConv}
	}
	if from == types.VoidType || to == types.VoidType {
		return conversion{}
	}
	if implicitlyNumeric(numOf(from), numOf(to)) {
		return conversion{kind: numericConv}
	}
	if tu, ok := to.IsNullable(); ok {
		fu, fromNullable := from.IsNullable()
		if !fromNullable {
			fu = from
		}
		if fu.IsValue() {
			if c := b.implicitBetween(fu, tu); c.ok() && (c.kind == identityConv || c.kind == numericConv || c.kind == tupleConv) {
				return conversion{kind: nullableConv, inner: []conversion{c}}
			}
		}
		return conversion{}
	}
	if c := b.tupleBetween(from, to, false); c.ok() {
		return c
	}
	return b.referenceOrBoxing(from, to)
}

func (b *binder) referenceOrBoxing(from, to *types.Type) conversion {
	switch {
	case from.Kind == types.NullKind:
		if to.IsRef() {
			return conversion{kind: nullConv}
		}
	case from.IsValue():
		u := from
		if n, ok := from.IsNullable(); ok {
			u = n
		}
		if to.Kind == types.Dynamic || to == types.Object_ || (to.Kind == types.Interface || to.Kind == types.Class) && types.ReferenceConvertible(u.Erased(), to.Erased()) {
			return conversion{kind: boxConv}
		}
	case from.Kind == types.TypeParam:
		if to.Kind == types.Dynamic || to == types.Object_ || b.boundConverts(from, to) {
			return conversion{kind: boxConv}
		}
	case to.Kind == types.Dynamic:
		if from.IsRef() {
			return conversion{kind: upConv}
		}
	case from.IsRef() && to.IsRef():
		if types.ReferenceConvertible(from.Erased(), to.Erased()) {
			return conversion{kind: upConv}
		}
	}
	return conversion{}
}

// boundConverts reports whether the bounds of a type parameter convert to a type.
func (b *binder) boundConverts(p, to *types.Type) bool {
	for _, bound := range b.constraintOf(p).Bounds {
		if same(bound, to) || bound.IsRef() && to.IsRef() && types.ReferenceConvertible(bound.Erased(), to.Erased()) {
			return true
		}
	}
	return false
}

// tupleBetween converts a tuple element by element.
func (b *binder) tupleBetween(from, to *types.Type, explicit bool) conversion {
	if !from.IsTuple() || !to.IsTuple() || len(from.Args) != len(to.Args) || len(from.Args) < 2 {
		return conversion{}
	}
	c := conversion{kind: tupleConv, explicit: explicit, inner: make([]conversion, len(from.Args))}
	for i := range from.Args {
		e := b.implicitBetween(from.Args[i], to.Args[i])
		if !e.ok() && explicit {
			e = b.explicitBetween(from.Args[i], to.Args[i])
		}
		if !e.ok() {
			return conversion{}
		}
		c.inner[i] = e
	}
	return c
}

// tupleLiteralTo converts the elements of a tuple literal.
func (b *binder) tupleLiteralTo(x *tupleExpr, to *types.Type, explicit bool) conversion {
	t := to
	nullable := false
	if u, ok := to.IsNullable(); ok {
		t, nullable = u, true
	}
	if !t.IsTuple() || len(t.Args) != len(x.elems) {
		return conversion{}
	}
	c := conversion{kind: tupleConv, explicit: explicit, inner: make([]conversion, len(x.elems))}
	for i, e := range x.elems {
		ec := b.implicitFrom(e, t.Args[i])
		if !ec.ok() && explicit {
			ec = b.explicitFrom(e, t.Args[i])
		}
		if !ec.ok() {
			return conversion{}
		}
		c.inner[i] = ec
	}
	if nullable {
		return conversion{kind: nullableConv, explicit: explicit, inner: []conversion{c}}
	}
	return c
}

// explicitFrom is the conversion of a cast, implicit ones included.
func (b *binder) explicitFrom(x Expr, to *types.Type) conversion {
	if c := b.implicitFrom(x, to); c.ok() {
		return c
	}
	if t, ok := x.(*tupleExpr); ok {
		if c := b.tupleLiteralTo(t, to, true); c.ok() {
			return c
		}
	}
	if x.Type() == nil {
		return conversion{}
	}
	c := b.explicitBetween(x.Type(), to)
	if !c.ok() {
		c = b.userExplicit(x, x.Type(), to)
	}
	return c
}

// explicitBetween is the standard explicit conversion between types, implicit ones included.
func (b *binder) explicitBetween(from, to *types.Type) conversion {
	if c := b.implicitBetween(from, to); c.ok() {
		return c
	}
	if from == types.VoidType || to == types.VoidType || from.Kind == types.NullKind {
		return conversion{}
	}
	fn, tn := numOf(underlyingOf(from)), numOf(underlyingOf(to))
	if fn != notNum && tn != notNum {
		if from.Kind == types.EnumKind || to.Kind == types.EnumKind {
			return conversion{kind: enumConv, explicit: true}
		}
		return conversion{kind: numericConv, explicit: true}
	}
	fu, fromNullable := from.IsNullable()
	tu, toNullable := to.IsNullable()
	if fromNullable || toNullable {
		if !fromNullable {
			fu = from
		}
		if !toNullable {
			tu = to
		}
		if fu.IsValue() && tu.IsValue() {
			if c := b.explicitBetween(fu, tu); c.ok() {
				return conversion{kind: nullableConv, explicit: true, inner: []conversion{c}}
			}
			return conversion{}
		}
	}
	if c := b.tupleBetween(from, to, true); c.ok() {
		return c
	}
	return b.downOrUnbox(from, to)
}

func (b *binder) downOrUnbox(from, to *types.Type) conversion {
	switch {
	case to.Kind == types.TypeParam:
		if from == types.Object_ || from.Kind == types.Interface || from.Kind == types.Dynamic || b.boundConverts(to, from) {
			return conversion{kind: unboxConv, explicit: true}
		}
		return conversion{}
	case from.Kind == types.TypeParam:
		if to.Kind == types.Interface {
			return conversion{kind: boxConv, explicit: true}
		}
		return conversion{}
	case to.IsValue():
		u := to
		if n, ok := to.IsNullable(); ok {
			u = n
		}
		if from.IsRef() && (from == types.Object_ || from.Kind == types.Interface || from.Kind == types.Class) && types.ReferenceConvertible(u.Erased(), from.Erased()) {
			return conversion{kind: unboxConv, explicit: true}
		}
		return conversion{}
	case from.IsRef() && to.IsRef():
		if explicitReference(from.Erased(), to.Erased()) {
			return conversion{kind: downConv, explicit: true}
		}
	}
	return conversion{}
}

// explicitReference are the explicit reference conversions (spec 10.3.5).
func explicitReference(from, to *types.Type) bool {
	switch {
	case types.ReferenceConvertible(to, from):
		return true
	case from.Kind == types.Interface && to.Kind == types.Interface:
		return true
	case from.Kind == types.Interface:
		return to.Kind == types.Class && !to.Def.Sealed || to.Kind == types.ArrayKind && types.ReferenceConvertible(to, from)
	case to.Kind == types.Interface:
		return from.Kind == types.Class && !from.Def.Sealed || from.Kind == types.ArrayKind && arrayToInterface(from, to)
	case from.Kind == types.ArrayKind && to.Kind == types.ArrayKind:
		return from.Rank == to.Rank && !from.Elem.IsValue() && !to.Elem.IsValue() && explicitReference(from.Elem, to.Elem)
	case from.Kind == types.DelegateKind && to.Kind == types.DelegateKind && from.Def == to.Def:
		return explicitDelegate(from, to)
	}
	return false
}

// arrayToInterface is the explicit conversion from S[] to IList<T> and its bases.
func arrayToInterface(from, to *types.Type) bool {
	if len(to.Args) != 1 || from.Elem.IsValue() || to.Args[0].IsValue() {
		return false
	}
	for _, i := range from.Interfaces() {
		if i.Def == to.Def {
			return explicitReference(from.Elem, to.Args[0])
		}
	}
	return false
}

func explicitDelegate(from, to *types.Type) bool {
	for i, v := range from.Def.Variance {
		f, t := from.Args[i], to.Args[i]
		switch {
		case f == t:
		case v == types.Covariant && (f.IsRef() && t.IsRef()) && explicitReference(f, t):
		case v == types.Contravariant && f.IsRef() && t.IsRef():
		default:
			return false
		}
	}
	return from.Def.Variance != nil
}
