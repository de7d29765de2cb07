package clr

import "github.com/postern-gateway/postern/csharp/types"

// extremeOf is Min (sign -1) or Max (sign 1) of Values of type typ: nulls do not count, and are the result where there is nothing else.
func extremeOf(t *types.Thread, src types.Value, elem, typ *types.Type, selector *types.Delegate, compare ordering, sign int) types.Value {
	var best types.Value
	some, nullable := false, !typ.IsValue() || isNullable(typ)
	each(t, src, elem, func(v types.Value) bool {
		if selector != nil {
			v = selector.Call1(t, v)
		}
		if nullable && v.Ref == nil {
			return true
		}
		if !some || sign*compare(t, v, best) > 0 {
			best, some = v, true
		}
		return true
	})
	if !some && !nullable {
		throwNoElements()
	}
	return best
}

// plainOrdering is the default ordering, of Nullable<T> that of T.
func plainOrdering(typ *types.Type) ordering {
	u, ok := typ.IsNullable()
	if !ok {
		return orderingOf(typ, nil)
	}
	inner := orderingOf(u, nil)
	return func(t *types.Thread, a, b types.Value) int { return inner(t, a.Unwrap(), b.Unwrap()) }
}

// extremeBy is MinBy or MaxBy: the element whose key is the least or greatest; null keys do not count while there are others.
func extremeBy(t *types.Thread, k []*types.Type, a []types.Value, sign int) types.Value {
	keyOf := delegateArg(a[1], "keySelector")
	compare := orderingOf(k[1], optional(a, 2))
	var best, bestKey types.Value
	some := false
	nullable := !k[1].IsValue() || isNullable(k[1])
	each(t, a[0], k[0], func(v types.Value) bool {
		key := keyOf.Call1(t, v)
		switch {
		case !some:
			best, bestKey, some = v, key, true
		case nullable && key.Ref == nil:
		case nullable && bestKey.Ref == nil || sign*compare(t, key, bestKey) > 0:
			best, bestKey = v, key
		}
		return true
	})
	if !some && k[0].IsValue() && !isNullable(k[0]) {
		throwNoElements()
	}
	return best
}

func linqExtremeMembers() []types.MemberDecl {
	var out []types.MemberDecl
	for _, form := range []struct {
		name string
		sign int
	}{{"Min", -1}, {"Max", 1}} {
		name, sign := form.name, form.sign
		for i := range summables {
			for _, nullable := range []bool{false, true} {
				typ, of := summables[i].typ, summables[i].keyword
				if nullable {
					typ, of = types.NullableOf(typ), of+"?"
				}
				out = append(out,
					from(of+" "+name+"(this IEnumerable<"+of+"> source)", func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
						return extremeOf(t, a[0], typ, typ, nil, plainOrdering(typ), sign)
					}),
					from(of+" "+name+"<TSource>(this IEnumerable<TSource> source, Func<TSource, "+of+"> selector)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
						return extremeOf(t, a[0], k[0], typ, delegateArg(a[1], "selector"), plainOrdering(typ), sign)
					}))
			}
		}
		by := func(t *types.Thread, k []*types.Type, a []types.Value) types.Value { return extremeBy(t, k, a, sign) }
		out = append(out,
			from("TSource "+name+"<TSource>(this IEnumerable<TSource> source)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
				return extremeOf(t, a[0], k[0], k[0], nil, plainOrdering(k[0]), sign)
			}),
			from("TSource "+name+"<TSource>(this IEnumerable<TSource> source, IComparer<TSource> comparer)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
				return extremeOf(t, a[0], k[0], k[0], nil, orderingOf(k[0], a[1].Ref), sign)
			}),
			from("TResult "+name+"<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
				return extremeOf(t, a[0], k[0], k[1], delegateArg(a[1], "selector"), plainOrdering(k[1]), sign)
			}),
			from("TSource "+name+"By<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)", by),
			from("TSource "+name+"By<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)", by))
	}
	return out
}
