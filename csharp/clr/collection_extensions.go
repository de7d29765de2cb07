package clr

import "github.com/postern-gateway/postern/csharp/types"

// collectionExtensionDecls are the extension methods of System.Collections.Generic.
func collectionExtensionDecls() []*types.Decl {
	valueOrDefault := staticOf(func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		need(a[0], "dictionary")
		v, ok := lookupKey(t, a[0].Ref, k[0], a[1])
		if !ok && len(a) > 2 {
			return a[2]
		}
		return v
	})
	mutable := func(v types.Value) mutableMapping {
		need(v, "dictionary")
		m, ok := v.Ref.(mutableMapping)
		if !ok {
			throwReadOnly()
		}
		return m
	}
	return []*types.Decl{types.T("static class System.Collections.Generic.CollectionExtensions",
		mx("static TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key)", valueOrDefault),
		mx("static TValue GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key, TValue defaultValue)", valueOrDefault),
		mx("static bool TryAdd<TKey, TValue>(this IDictionary<TKey, TValue> dictionary, TKey key, TValue value)", staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			m := mutable(a[0])
			if _, found := m.Lookup(t, a[1]); found {
				return types.Bool(false)
			}
			m.AddNew(t, a[1], a[2])
			return types.Bool(true)
		})),
		mx("static bool Remove<TKey, TValue>(this IDictionary<TKey, TValue> dictionary, TKey key, out TValue value)", staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			m := mutable(a[0])
			v, found := m.Lookup(t, a[1])
			setOut(a[2], v)
			return types.Bool(found && m.DeleteKey(t, a[1]))
		})),
		mx("static ReadOnlyCollection<T> AsReadOnly<T>(this IList<T> list)", staticOf(func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			need(a[0], "list")
			return types.Ref(newReadOnly(k[0], a[0].Ref))
		})),
	)}
}
