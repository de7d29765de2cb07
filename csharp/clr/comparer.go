package clr

import "github.com/postern-gateway/postern/csharp/types"

// What objects that compare others can do. StringComparer and its like have these; objects that have not are asked through their members.
type (
	// equalityComparer is an IEqualityComparer or IEqualityComparer<T>; x and y may be nil, o of HashOf not.
	equalityComparer interface {
		EqualObjects(t *types.Thread, x, y any) bool
		HashOf(t *types.Thread, o any) int32
	}
	// orderComparer is an IComparer or IComparer<T>; either may be nil.
	orderComparer interface {
		CompareObjects(t *types.Thread, x, y any) int
	}
)

// comparerEquals is comparer.Equals(a, b) of an IEqualityComparer<elem>.
func comparerEquals(t *types.Thread, comparer any, elem *types.Type, a, b types.Value) bool {
	if c, ok := comparer.(equalityComparer); ok {
		return c.EqualObjects(t, types.Box(elem, a), types.Box(elem, b))
	}
	return callMember(t, comparer, "Equals", []*types.Type{elem, elem}, a, b).Bool()
}

// comparerHash is comparer.GetHashCode(v).
func comparerHash(t *types.Thread, comparer any, elem *types.Type, v types.Value) int32 {
	if c, ok := comparer.(equalityComparer); ok {
		return c.HashOf(t, types.Box(elem, v))
	}
	return callMember(t, comparer, "GetHashCode", []*types.Type{elem}, v).Int32()
}

// ordering compares Values of a type: by Comparer<T>.Default, or by an IComparer<T>.
type ordering func(t *types.Thread, a, b types.Value) int

// orderingOf is the ordering of a type; comparer may be nil.
func orderingOf(elem *types.Type, comparer any) ordering {
	switch c := comparer.(type) {
	case nil, *defaultOrder:
		return defaultOrdering(elem)
	case orderComparer:
		return func(t *types.Thread, a, b types.Value) int {
			return c.CompareObjects(t, types.Box(elem, a), types.Box(elem, b))
		}
	}
	params := []*types.Type{elem, elem}
	return func(t *types.Thread, a, b types.Value) int {
		return int(callMember(t, comparer, "Compare", params, a, b).Int32())
	}
}

func defaultOrdering(elem *types.Type) ordering {
	switch elem {
	case types.SByteType, types.Int16Type, types.Int32Type, types.Int64Type, types.TimeSpanType:
		return func(_ *types.Thread, a, b types.Value) int { return order(int64(a.Num), int64(b.Num)) }
	case types.ByteType, types.UInt16Type, types.UInt32Type, types.UInt64Type, types.CharType, types.BoolType:
		return func(_ *types.Thread, a, b types.Value) int { return order(a.Num, b.Num) }
	case types.DoubleType:
		return func(_ *types.Thread, a, b types.Value) int { return orderFloats(a.Float64(), b.Float64()) }
	case types.SingleType:
		return func(_ *types.Thread, a, b types.Value) int {
			return orderFloats(float64(a.Float32()), float64(b.Float32()))
		}
	}
	return func(t *types.Thread, a, b types.Value) int {
		return t.U.Ops.Compare(t, types.Box(elem, a), types.Box(elem, b))
	}
}

// comparisonOrdering compares by a Comparison<T>.
func comparisonOrdering(d *types.Delegate) ordering {
	return func(t *types.Thread, a, b types.Value) int { return int(d.Call2(t, a, b).Int32()) }
}

// defaultEquality is EqualityComparer<T>.Default.
type defaultEquality struct{ elem *types.Type }

var equalityComparerType = newLateGeneric("System.Collections.Generic.EqualityComparer", 1)

func (c *defaultEquality) ClrType() *types.Type { return equalityComparerType.of(c.elem) }

func (c *defaultEquality) EqualObjects(t *types.Thread, x, y any) bool {
	return t.U.Ops.Equals(t, x, y)
}

func (c *defaultEquality) HashOf(t *types.Thread, o any) int32 {
	if o == nil {
		return 0
	}
	return t.U.Ops.Hash(t, o)
}

// defaultOrder is Comparer<T>.Default.
type defaultOrder struct{ elem *types.Type }

var comparerType = newLateGeneric("System.Collections.Generic.Comparer", 1)

func (c *defaultOrder) ClrType() *types.Type { return comparerType.of(c.elem) }

func (c *defaultOrder) CompareObjects(t *types.Thread, x, y any) int { return t.U.Ops.Compare(t, x, y) }

// delegateOrder is Comparer<T>.Create(comparison).
type delegateOrder struct {
	elem *types.Type
	fn   *types.Delegate
}

func (c *delegateOrder) ClrType() *types.Type { return comparerType.of(c.elem) }

func (c *delegateOrder) CompareObjects(t *types.Thread, x, y any) int {
	return int(c.fn.Call2(t, unboxed(x, c.elem), unboxed(y, c.elem)).Int32())
}

// unboxed is the Value of type elem of an object that is one.
func unboxed(o any, elem *types.Type) types.Value {
	if elem.IsValue() {
		return types.UnboxTo(o, elem)
	}
	return types.Value{Ref: o}
}

func comparerDecls() []*types.Decl {
	equals := types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, a []types.Value) types.Value {
		return types.Bool(comparerEquals(t, receiverObject(this), targs[0], a[0], a[1]))
	})
	hash := types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, a []types.Value) types.Value {
		if types.Box(targs[0], a[0]) == nil {
			if _, ok := this.Ref.(*defaultEquality); ok {
				return types.Int(0)
			}
		}
		return types.Int(int64(comparerHash(t, receiverObject(this), targs[0], a[0])))
	})
	compare := types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, a []types.Value) types.Value {
		return types.Int(int64(orderingOf(targs[0], receiverObject(this))(t, a[0], a[1])))
	})
	return []*types.Decl{
		types.T("interface System.Collections.Generic.IEqualityComparer<in T>",
			types.M("bool Equals(T x, T y)", equals), types.M("int GetHashCode(T obj)", hash)),
		types.T("interface System.Collections.Generic.IComparer<in T>", types.M("int Compare(T x, T y)", compare)),
		types.T("interface System.Collections.IEqualityComparer",
			types.M("bool Equals(object x, object y)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
				return types.Bool(comparerEquals(t, receiverObject(this), types.Object_, a[0], a[1]))
			})),
			types.M("int GetHashCode(object obj)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
				return types.Int(int64(comparerHash(t, receiverObject(this), types.Object_, a[0])))
			}))),
		types.T("interface System.Collections.IComparer",
			types.M("int Compare(object x, object y)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
				return types.Int(int64(orderingOf(types.Object_, receiverObject(this))(t, a[0], a[1])))
			}))),
		types.T("abstract class System.Collections.Generic.EqualityComparer<T> : System.Collections.Generic.IEqualityComparer<T>, System.Collections.IEqualityComparer",
			types.M("static System.Collections.Generic.EqualityComparer<T> Default { get; }", types.Generic(func(_ *types.Thread, targs []*types.Type, _ types.Value, _ []types.Value) types.Value {
				return types.Ref(&defaultEquality{targs[0]})
			})),
			types.M("bool Equals(T x, T y)", equals), types.M("int GetHashCode(T obj)", hash)),
		types.T("abstract class System.Collections.Generic.Comparer<T> : System.Collections.Generic.IComparer<T>, System.Collections.IComparer",
			types.M("static System.Collections.Generic.Comparer<T> Default { get; }", types.Generic(func(_ *types.Thread, targs []*types.Type, _ types.Value, _ []types.Value) types.Value {
				return types.Ref(&defaultOrder{targs[0]})
			})),
			types.M("static System.Collections.Generic.Comparer<T> Create(System.Comparison<T> comparison)", types.Generic(func(_ *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
				return types.Ref(&delegateOrder{targs[0], delegateArg(a[0], "comparison")})
			})),
			types.M("int Compare(T x, T y)", compare)),
	}
}
