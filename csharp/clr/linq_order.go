package clr

import "github.com/postern-gateway/postern/csharp/types"

// orderKey is one criterion of a sort.
type orderKey struct {
	selector   func(t *types.Thread, v types.Value) types.Value
	compare    ordering
	descending bool
}

func (k *orderKey) order(t *types.Thread, a, b types.Value) int {
	c := k.compare(t, a, b)
	if k.descending {
		return -c
	}
	return c
}

// ordered is an IOrderedEnumerable<T>: it sorts when its first element is asked for.
type ordered struct {
	typ, elem *types.Type
	src       types.Value
	keys      []orderKey
}

var (
	orderedType  = newLateGeneric("System.Linq.IOrderedEnumerable", 1)
	orderedClass = newLateGeneric("System.Linq.Enumerable.OrderedIterator", 2)
)

func (o *ordered) ClrType() *types.Type     { return o.typ }
func (o *ordered) ElementType() *types.Type { return o.elem }

func (o *ordered) Enumerate(*types.Thread) types.Enumerator {
	var list []types.Value
	var at []int
	i := -1
	return &pull{next: func(t *types.Thread) (types.Value, bool) {
		if i < 0 {
			list = drain(t, o.src.Ref, o.elem)
			at = o.sorted(t, list)
		}
		i++
		if i >= len(list) {
			return types.Value{}, false
		}
		return list[at[i]], true
	}}
}

// sorted are the indices of list in order. All keys are computed first, criterion by criterion.
func (o *ordered) sorted(t *types.Thread, list []types.Value) []int {
	columns := make([][]types.Value, len(o.keys))
	for c := range o.keys {
		columns[c] = make([]types.Value, len(list))
		t.Alloc(24 * int64(len(list)))
		for i, v := range list {
			t.Step(1)
			columns[c][i] = o.keys[c].selector(t, v)
		}
	}
	return sortStable(len(list), func(i, j int) int {
		t.Step(1)
		for c := range o.keys {
			if r := o.keys[c].order(t, columns[c][i], columns[c][j]); r != 0 {
				return r
			}
		}
		return 0
	})
}

// extreme is the first (or last) element in order, found without sorting: as .NET does, so that one element is never compared.
func (o *ordered) extreme(t *types.Thread, last bool, match func(v types.Value) bool) (best types.Value, ok bool) {
	var bestKeys []types.Value
	each(t, o.src, o.elem, func(v types.Value) bool {
		if !match(v) {
			return true
		}
		keys := make([]types.Value, len(o.keys))
		for c := range o.keys {
			keys[c] = o.keys[c].selector(t, v)
		}
		if ok {
			r := 0
			for c := 0; c < len(keys) && r == 0; c++ {
				r = o.keys[c].order(t, keys[c], bestKeys[c])
			}
			if !last && r >= 0 || last && r < 0 {
				return true
			}
		}
		best, bestKeys, ok = v, keys, true
		return true
	})
	return best, ok
}

// orderBy makes OrderBy and its like: more tells ThenBy, which adds a criterion; own that the elements are their own keys.
func orderBy(descending, more, own bool) linqFn {
	return func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		key, rest := k[0], a[1:]
		selector := identity
		if !own {
			selector, key, rest = selectorOf(delegateArg(a[1], "keySelector")), k[1], a[2:]
		}
		add := orderKey{selector, orderingOf(key, optional(rest, 0)), descending}
		return addOrder(a[0], k[0], key, more, add)
	}
}

func addOrder(src types.Value, elem, key *types.Type, more bool, add orderKey) types.Value {
	if !more {
		return types.Ref(&ordered{typ: orderedClass.of(elem, key), elem: elem, src: src, keys: []orderKey{add}})
	}
	o, ok := src.Ref.(*ordered)
	if !ok {
		types.ThrowInvalidCast(types.TypeOf(src.Ref), orderedType.of(elem))
	}
	return types.Ref(&ordered{typ: orderedClass.of(elem, key), elem: elem, src: o.src, keys: append(append([]orderKey(nil), o.keys...), add)})
}

func linqOrderMembers() []types.MemberDecl {
	var out []types.MemberDecl
	for _, form := range []struct {
		name, source     string
		descending, more bool
	}{
		{"OrderBy", "IEnumerable", false, false}, {"OrderByDescending", "IEnumerable", true, false},
		{"ThenBy", "IOrderedEnumerable", false, true}, {"ThenByDescending", "IOrderedEnumerable", true, true},
	} {
		head := "IOrderedEnumerable<TSource> " + form.name + "<TSource, TKey>(this " + form.source + "<TSource> source, Func<TSource, TKey> keySelector"
		fn := orderBy(form.descending, form.more, false)
		out = append(out, from(head+")", fn), from(head+", IComparer<TKey> comparer)", fn))
	}
	for name, descending := range map[string]bool{"Order": false, "OrderDescending": true} {
		head := "IOrderedEnumerable<T> " + name + "<T>(this IEnumerable<T> source"
		fn := orderBy(descending, false, true)
		out = append(out, from(head+")", fn), from(head+", IComparer<T> comparer)", fn))
	}
	return out
}

func orderedDecls() []*types.Decl {
	return []*types.Decl{mxType("interface System.Linq.IOrderedEnumerable<out TElement> : IEnumerable<TElement>, System.Collections.IEnumerable",
		mx("IOrderedEnumerable<TElement> CreateOrderedEnumerable<TKey>(Func<TElement, TKey> keySelector, IComparer<TKey> comparer, bool descending)", types.Generic(
			func(_ *types.Thread, k []*types.Type, this types.Value, a []types.Value) types.Value {
				receiverObject(this)
				return addOrder(this, k[0], k[1], true, orderKey{selectorOf(delegateArg(a[0], "keySelector")), orderingOf(k[1], a[1].Ref), a[2].Bool()})
			})))}
}
