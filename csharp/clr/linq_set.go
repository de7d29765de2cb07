package clr

import "github.com/postern-gateway/postern/csharp/types"

// optional is the argument at i, nil if there is none: a comparer.
func optional(a []types.Value, i int) any {
	if i < len(a) {
		return a[i].Ref
	}
	return nil
}

// identity is a key selector that gives the element itself.
func identity(_ *types.Thread, v types.Value) types.Value { return v }

// selectorOf calls a delegate.
func selectorOf(d *types.Delegate) func(t *types.Thread, v types.Value) types.Value {
	return func(t *types.Thread, v types.Value) types.Value { return d.Call1(t, v) }
}

// filtered goes through a source and keeps the elements whose key a set takes: prepare makes the set when the query starts.
func filtered(elem, key *types.Type, src types.Value, comparer any, selector func(*types.Thread, types.Value) types.Value,
	prepare func(t *types.Thread, set *table), take func(t *types.Thread, set *table, k types.Value) bool) types.Value {
	return query(elem, src, elem, func(in *input) puller {
		var set *table
		return func(t *types.Thread) (types.Value, bool) {
			if set == nil {
				set = newTable(equalityOf(key, comparer))
				if prepare != nil {
					prepare(t, set)
				}
			}
			for {
				v, ok := in.next(t)
				if !ok || take(t, set, selector(t, v)) {
					return v, ok
				}
			}
		}
	})
}

func takeNew(t *types.Thread, set *table, k types.Value) bool {
	_, added := set.add(t, k, types.Value{})
	return added
}

func takeKnown(t *types.Thread, set *table, k types.Value) bool {
	i := set.find(t, k)
	if i >= 0 {
		set.remove(i)
	}
	return i >= 0
}

// holding fills a set with the elements of a source.
func holding(src types.Value, elem *types.Type) func(t *types.Thread, set *table) {
	return func(t *types.Thread, set *table) {
		each(t, src, elem, func(v types.Value) bool {
			set.add(t, v, types.Value{})
			return true
		})
	}
}

// setMethods declares a set operation with and without comparer; by tells that a key selector stands before it.
func setMethods(name, params, tail string, fn linqFn) []types.MemberDecl {
	return []types.MemberDecl{
		linq("IEnumerable<TSource> "+name+"("+params+")", fn),
		linq("IEnumerable<TSource> "+name+"("+params+", IEqualityComparer<"+tail+"> comparer)", fn),
	}
}

func linqSetMembers() []types.MemberDecl {
	const one, two = "this IEnumerable<TSource> source", "this IEnumerable<TSource> first, IEnumerable<TSource> second"
	const twoKeys = "this IEnumerable<TSource> first, IEnumerable<TKey> second, Func<TSource, TKey> keySelector"
	pairwise := func(take func(*types.Thread, *table, types.Value) bool) linqFn {
		return func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			needBoth(a, "first", "second")
			return filtered(k[0], k[0], a[0], optional(a, 2), identity, holding(a[1], k[0]), take)
		}
	}
	byKey := func(take func(*types.Thread, *table, types.Value) bool) linqFn {
		return func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			needBoth(a, "first", "second")
			f := delegateArg(a[2], "keySelector")
			return filtered(k[0], k[1], a[0], optional(a, 3), selectorOf(f), holding(a[1], k[1]), take)
		}
	}
	var out []types.MemberDecl
	add := func(ms []types.MemberDecl) { out = append(out, ms...) }
	add(setMethods("Distinct<TSource>", one, "TSource", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
		need(a[0], "source")
		return shownAs(filtered(k[0], k[0], a[0], optional(a, 1), identity, nil, takeNew), "DistinctIterator", k[0])
	}))
	add(setMethods("DistinctBy<TSource, TKey>", one+", Func<TSource, TKey> keySelector", "TKey", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
		need(a[0], "source")
		return filtered(k[0], k[1], a[0], optional(a, 2), selectorOf(delegateArg(a[1], "keySelector")), nil, takeNew)
	}))
	add(setMethods("Union<TSource>", two, "TSource", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		needBoth(a, "first", "second")
		return filtered(k[0], k[0], chained(t, k[0], a[0], a[1]), optional(a, 2), identity, nil, takeNew)
	}))
	add(setMethods("UnionBy<TSource, TKey>", two+", Func<TSource, TKey> keySelector", "TKey", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		needBoth(a, "first", "second")
		f := delegateArg(a[2], "keySelector")
		return filtered(k[0], k[1], chained(t, k[0], a[0], a[1]), optional(a, 3), selectorOf(f), nil, takeNew)
	}))
	add(setMethods("Except<TSource>", two, "TSource", pairwise(takeNew)))
	add(setMethods("Intersect<TSource>", two, "TSource", pairwise(takeKnown)))
	add(setMethods("ExceptBy<TSource, TKey>", twoKeys, "TKey", byKey(takeNew)))
	add(setMethods("IntersectBy<TSource, TKey>", twoKeys, "TKey", byKey(takeKnown)))
	return out
}
