package clr

import "github.com/postern-gateway/postern/csharp/types"

// stringComparer is a StringComparer.
type stringComparer struct{ how stringComparison }

var stringComparerType = lateType("System.StringComparer")

// ClrType is System.StringComparer; .NET's own subclasses of it cannot be named.
func (c *stringComparer) ClrType() *types.Type { return stringComparerType() }

// EqualObjects is Equals(object, object).
func (c *stringComparer) EqualObjects(t *types.Thread, x, y any) bool {
	a, ok := x.(*types.String)
	b, also := y.(*types.String)
	if (ok || x == nil) && (also || y == nil) {
		return equalWith(a, b, c.how)
	}
	return objectEquals(t, x, y)
}

// HashOf is GetHashCode(object).
func (c *stringComparer) HashOf(t *types.Thread, o any) int32 {
	if s, ok := o.(*types.String); ok {
		return stringHash(hashKey(s, c.how))
	}
	return objectHash(t, o)
}

// CompareObjects is Compare(object, object).
func (c *stringComparer) CompareObjects(t *types.Thread, x, y any) int {
	a, ok := x.(*types.String)
	b, also := y.(*types.String)
	if (ok || x == nil) && (also || y == nil) {
		return compareWith(a, b, c.how)
	}
	return objectCompare(t, x, y)
}

var stringComparers = [6]*stringComparer{{currentCulture}, {currentCultureIgnoreCase}, {invariantCulture}, {invariantCultureIgnoreCase}, {ordinal}, {ordinalIgnoreCase}}

func stringComparerDecls() []*types.Decl {
	type S = *types.String
	type V = types.Value
	get := func(name string, how stringComparison) types.MemberDecl {
		return types.M("static System.StringComparer "+name+" { get; }", types.S0(func() *stringComparer { return stringComparers[how] }))
	}
	hash := types.Raw(func(t *types.Thread, this V, x []V) V {
		c, _ := receiverObject(this).(*stringComparer)
		if x[0].Ref == nil {
			types.ThrowNull("obj")
		}
		return types.Int(int64(c.HashOf(t, x[0].Ref)))
	})
	return []*types.Decl{types.T("abstract class System.StringComparer : System.Collections.IComparer, System.Collections.IEqualityComparer, System.Collections.Generic.IComparer<string>, System.Collections.Generic.IEqualityComparer<string>",
		get("CurrentCulture", currentCulture), get("CurrentCultureIgnoreCase", currentCultureIgnoreCase),
		get("InvariantCulture", invariantCulture), get("InvariantCultureIgnoreCase", invariantCultureIgnoreCase),
		get("Ordinal", ordinal), get("OrdinalIgnoreCase", ordinalIgnoreCase),
		types.M("static System.StringComparer FromComparison(System.StringComparison comparisonType)", types.S1(func(how int32) *stringComparer {
			return stringComparers[comparisonOf(how)]
		})),
		types.M("static bool IsWellKnownOrdinalComparer(System.Collections.Generic.IEqualityComparer<string> comparer, out bool ignoreCase)", types.Raw(func(_ *types.Thread, _ V, x []V) V {
			how := ordinal
			switch c := x[0].Ref.(type) {
			case *stringComparer:
				how = c.how
			case *defaultEquality:
			default:
				how = currentCulture
			}
			setOut(x[1], types.Bool(how == ordinalIgnoreCase))
			return types.Bool(!how.cultural())
		})),
		types.M("bool Equals(string x, string y)", types.I2(func(c *stringComparer, a, b S) bool { return equalWith(a, b, c.how) })),
		types.M("bool Equals(object x, object y)", types.Raw(func(t *types.Thread, this V, x []V) V {
			c, _ := receiverObject(this).(*stringComparer)
			return types.Bool(c.EqualObjects(t, x[0].Ref, x[1].Ref))
		})),
		types.M("int Compare(string x, string y)", types.I2(func(c *stringComparer, a, b S) int32 { return int32(compareWith(a, b, c.how)) })),
		types.M("int Compare(object x, object y)", types.Raw(func(t *types.Thread, this V, x []V) V {
			c, _ := receiverObject(this).(*stringComparer)
			return types.Int(int64(c.CompareObjects(t, x[0].Ref, x[1].Ref)))
		})),
		types.M("int GetHashCode(string obj)", hash),
		types.M("int GetHashCode(object obj)", hash),
	)}
}
