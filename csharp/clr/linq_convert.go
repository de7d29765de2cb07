package clr

import "github.com/postern-gateway/postern/csharp/types"

// toDictionary makes ToDictionary: element tells that an element selector follows the key selector.
func toDictionary(element bool) linqFn {
	return func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		keyOf, elemOf, value, next := selectorOf(delegateArg(a[1], "keySelector")), identity, k[0], 2
		if element {
			elemOf, value, next = selectorOf(delegateArg(a[2], "elementSelector")), k[2], 3
		}
		d := newDictionary(k[1], value, optional(a, next))
		each(t, a[0], k[0], func(v types.Value) bool {
			d.AddNew(t, keyOf(t, v), elemOf(t, v))
			return true
		})
		return types.Ref(d)
	}
}

func linqConvertMembers() []types.MemberDecl {
	const seq, key, element = "(this IEnumerable<TSource> source", ", Func<TSource, TKey> keySelector", ", Func<TSource, TElement> elementSelector"
	const comparer = ", IEqualityComparer<TKey> comparer)"
	pairs := func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		d := newDictionary(k[0], k[1], optional(a, 1))
		each(t, a[0], d.pair, func(v types.Value) bool {
			d.Append(t, v)
			return true
		})
		return types.Ref(d)
	}
	tuples := func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		d := newDictionary(k[0], k[1], optional(a, 1))
		typ := types.TupleType(k, nil)
		each(t, a[0], typ, func(v types.Value) bool {
			items := typ.Tuple(v).Items
			d.AddNew(t, items[0], items[1])
			return true
		})
		return types.Ref(d)
	}
	toSet := func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		s := newHashSet(k[0], optional(a, 1))
		each(t, a[0], k[0], func(v types.Value) bool {
			s.add(t, v)
			return true
		})
		return types.Ref(s)
	}
	const fromPairs = "Dictionary<TKey, TValue> ToDictionary<TKey, TValue>(this IEnumerable<KeyValuePair<TKey, TValue>> source"
	const fromTuples = "Dictionary<TKey, TValue> ToDictionary<TKey, TValue>(this IEnumerable<ValueTuple<TKey, TValue>> source"
	return []types.MemberDecl{
		from("List<TSource> ToList<TSource>"+seq+")", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			return types.Ref(newList(k[0], drain(t, a[0].Ref, k[0])))
		}),
		from("TSource[] ToArray<TSource>"+seq+")", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			return arrayWith(t, k[0], drain(t, a[0].Ref, k[0]))
		}),
		from("HashSet<TSource> ToHashSet<TSource>"+seq+")", toSet),
		from("HashSet<TSource> ToHashSet<TSource>"+seq+", IEqualityComparer<TSource> comparer)", toSet),
		from("Dictionary<TKey, TSource> ToDictionary<TSource, TKey>"+seq+key+")", toDictionary(false)),
		from("Dictionary<TKey, TSource> ToDictionary<TSource, TKey>"+seq+key+comparer, toDictionary(false)),
		from("Dictionary<TKey, TElement> ToDictionary<TSource, TKey, TElement>"+seq+key+element+")", toDictionary(true)),
		from("Dictionary<TKey, TElement> ToDictionary<TSource, TKey, TElement>"+seq+key+element+comparer, toDictionary(true)),
		from(fromPairs+")", pairs), from(fromPairs+comparer, pairs),
		from(fromTuples+")", tuples), from(fromTuples+comparer, tuples),
	}
}
