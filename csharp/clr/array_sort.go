package clr

import "github.com/postern-gateway/postern/csharp/types"

// sortImpl makes an Impl of Array.Sort: items tells that a second array follows the first, ranged that index and length do, by what the
// last argument is: "", "comparer" or "comparison".
func sortImpl(items, ranged bool, by string) types.Impl {
	return staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
		name := "array"
		if items {
			name = "keys"
		}
		keys := arrayArg(a[0], name)
		rest := a[1:]
		var follow arrayView
		has := false
		if items {
			follow, has = viewArray(rest[0].Ref)
			rest = rest[1:]
		}
		i, n := 0, keys.len()
		if ranged {
			i, n = keys.section(rest[0], rest[1])
			rest = rest[2:]
		}
		if has && follow.len()-i < n {
			types.Throw(types.ArgumentException, msgOffsetLength)
		}
		compare := orderingOf(keys.elem(), nil)
		switch by {
		case "comparer":
			compare = orderingOf(keys.elem(), rest[0].Ref)
		case "comparison":
			compare = comparisonOrdering(delegateArg(rest[0], "comparison"))
		}
		sortSection(t, keys, follow, has, i, n, compare)
		return types.Value{}
	})
}

func sortSection(t *types.Thread, keys, follow arrayView, has bool, i, n int, compare ordering) {
	values := keys.values()
	defer keys.store(values)
	if !has {
		sortValues(t, values[i:i+n], nil, compare)
		return
	}
	others := follow.values()
	defer follow.store(others)
	sortValues(t, values[i:i+n], others[i:i+n], compare)
}

// reverseSection turns a range of an array around.
func reverseSection(v arrayView, i, n int) {
	for a, b := i, i+n-1; a < b; a, b = a+1, b-1 {
		x, y := v.get(a), v.get(b)
		v.set(a, y)
		v.set(b, x)
	}
}

func arraySortMembers() []types.MemberDecl {
	reverse := staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
		v := arrayArg(a[0], "array")
		i, n := 0, v.len()
		if len(a) > 1 {
			i, n = v.section(a[1], a[2])
		}
		t.Step(int64(n))
		reverseSection(v, i, n)
		return types.Value{}
	})
	const array, keys = "System.Array array", "System.Array keys, System.Array items"
	const typedKeys = "static void Sort<TKey, TValue>(TKey[] keys, TValue[] items"
	return []types.MemberDecl{
		types.M("static void Reverse<T>(T[] array)", reverse), types.M("static void Reverse<T>(T[] array, int index, int length)", reverse),
		types.M("static void Reverse("+array+")", reverse), types.M("static void Reverse("+array+", int index, int length)", reverse),
		types.M("static void Sort("+array+")", sortImpl(false, false, "")),
		types.M("static void Sort("+array+", System.Collections.IComparer comparer)", sortImpl(false, false, "comparer")),
		types.M("static void Sort("+array+", int index, int length)", sortImpl(false, true, "")),
		types.M("static void Sort("+array+", int index, int length, System.Collections.IComparer comparer)", sortImpl(false, true, "comparer")),
		types.M("static void Sort("+keys+")", sortImpl(true, false, "")),
		types.M("static void Sort("+keys+", System.Collections.IComparer comparer)", sortImpl(true, false, "comparer")),
		types.M("static void Sort("+keys+", int index, int length)", sortImpl(true, true, "")),
		types.M("static void Sort("+keys+", int index, int length, System.Collections.IComparer comparer)", sortImpl(true, true, "comparer")),
		types.M("static void Sort<T>(T[] array)", sortImpl(false, false, "")),
		mx("static void Sort<T>(T[] array, IComparer<T> comparer)", sortImpl(false, false, "comparer")),
		mx("static void Sort<T>(T[] array, Comparison<T> comparison)", sortImpl(false, false, "comparison")),
		types.M("static void Sort<T>(T[] array, int index, int length)", sortImpl(false, true, "")),
		mx("static void Sort<T>(T[] array, int index, int length, IComparer<T> comparer)", sortImpl(false, true, "comparer")),
		types.M(typedKeys+")", sortImpl(true, false, "")),
		mx(typedKeys+", IComparer<TKey> comparer)", sortImpl(true, false, "comparer")),
		types.M(typedKeys+", int index, int length)", sortImpl(true, true, "")),
		mx(typedKeys+", int index, int length, IComparer<TKey> comparer)", sortImpl(true, true, "comparer")),
	}
}
