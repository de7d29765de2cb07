package clr

import "github.com/postern-gateway/postern/csharp/types"

// pairOf makes an Impl of a member of a generic dictionary interface: key and value are its type arguments.
func pairOf(fn func(t *types.Thread, o any, key, value *types.Type, args []types.Value) types.Value) types.Impl {
	return types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, args []types.Value) types.Value {
		return fn(t, receiverObject(this), targs[0], targs[1], args)
	})
}

// keyText is a key in messages.
func keyText(t *types.Thread, key *types.Type, v types.Value) string {
	o := types.Box(key, v)
	if o == nil {
		return ""
	}
	return goString(t.U.Ops.ToString(t, o))
}

// throwKeyNotFound is KeyNotFoundException about a key.
func throwKeyNotFound(t *types.Thread, key *types.Type, v types.Value) {
	types.Throw(types.KeyNotFoundException, "The given key '"+keyText(t, key, v)+"' was not present in the dictionary.")
}

// throwDuplicate is ArgumentException about a key that is there already.
func throwDuplicate(t *types.Thread, key *types.Type, v types.Value) {
	types.Throw(types.ArgumentException, "An item with the same key has already been added. Key: "+keyText(t, key, v))
}

// lookupKey is TryGetValue of a dictionary.
func lookupKey(t *types.Thread, o any, key *types.Type, k types.Value) (types.Value, bool) {
	if m, ok := o.(mapping); ok {
		return m.Lookup(t, k)
	}
	cell := &types.Cell{}
	found := callMember(t, o, "TryGetValue", []*types.Type{key, nil}, k, types.Ref(cell)).Bool()
	return cell.V, found
}

func indexKey(t *types.Thread, o any, key, _ *types.Type, a []types.Value) types.Value {
	if _, ok := o.(mapping); !ok {
		if m := ownMember(t, o, "Item", []*types.Type{key}); m != nil {
			return m.Get(t, types.Ref(o), a)
		}
	}
	v, ok := lookupKey(t, o, key, a[0])
	if !ok {
		throwKeyNotFound(t, key, a[0])
	}
	return v
}

func containsKey(t *types.Thread, o any, key, _ *types.Type, a []types.Value) types.Value {
	if m, ok := o.(mapping); ok {
		_, found := m.Lookup(t, a[0])
		return types.Bool(found)
	}
	return callMember(t, o, "ContainsKey", []*types.Type{key}, a[0])
}

func tryGetKey(t *types.Thread, o any, key, _ *types.Type, a []types.Value) types.Value {
	v, ok := lookupKey(t, o, key, a[0])
	setOut(a[1], v)
	return types.Bool(ok)
}

func dictionaryKeys(t *types.Thread, o any, _, _ *types.Type, _ []types.Value) types.Value {
	if m, ok := o.(mapping); ok {
		return m.KeySequence(t)
	}
	return callMember(t, o, "Keys", nil)
}

func dictionaryValues(t *types.Thread, o any, _, _ *types.Type, _ []types.Value) types.Value {
	if m, ok := o.(mapping); ok {
		return m.ValueSequence(t)
	}
	return callMember(t, o, "Values", nil)
}

func dictionaryInterfaceDecls() []*types.Decl {
	const pairs = "IEnumerable<KeyValuePair<TKey, TValue>>, System.Collections.IEnumerable"
	return []*types.Decl{
		mxType("interface System.Collections.Generic.IReadOnlyDictionary<TKey, TValue> : IReadOnlyCollection<KeyValuePair<TKey, TValue>>, "+pairs,
			types.M("TValue this[TKey key] { get; }", pairOf(indexKey)),
			types.M("bool ContainsKey(TKey key)", pairOf(containsKey)),
			types.M("bool TryGetValue(TKey key, out TValue value)", pairOf(tryGetKey)),
			mx("IEnumerable<TKey> Keys { get; }", pairOf(dictionaryKeys)),
			mx("IEnumerable<TValue> Values { get; }", pairOf(dictionaryValues))),
		mxType("interface System.Collections.Generic.IDictionary<TKey, TValue> : ICollection<KeyValuePair<TKey, TValue>>, "+pairs,
			types.M("TValue this[TKey key] { get; set; }", pairOf(indexKey).WithSet(putKey)),
			types.M("bool ContainsKey(TKey key)", pairOf(containsKey)),
			types.M("bool TryGetValue(TKey key, out TValue value)", pairOf(tryGetKey)),
			types.M("void Add(TKey key, TValue value)", pairOf(func(t *types.Thread, o any, key, value *types.Type, a []types.Value) types.Value {
				if m, ok := o.(mutableMapping); ok {
					m.AddNew(t, a[0], a[1])
					return types.Value{}
				}
				return callMember(t, o, "Add", []*types.Type{key, value}, a...)
			})),
			types.M("bool Remove(TKey key)", pairOf(func(t *types.Thread, o any, key, _ *types.Type, a []types.Value) types.Value {
				if m, ok := o.(mutableMapping); ok {
					return types.Bool(m.DeleteKey(t, a[0]))
				}
				return callMember(t, o, "Remove", []*types.Type{key}, a...)
			})),
			mx("ICollection<TKey> Keys { get; }", pairOf(dictionaryKeys)),
			mx("ICollection<TValue> Values { get; }", pairOf(dictionaryValues))),
	}
}

// putKey is the setter of IDictionary's indexer.
func putKey(t *types.Thread, this types.Value, a []types.Value) {
	o := receiverObject(this)
	if m, ok := o.(mutableMapping); ok {
		m.Put(t, a[0], a[1])
		return
	}
	for _, m := range t.U.Indexers(types.TypeOf(o)) {
		if m.Impl.Set != nil && !libraryInterface(m.Declaring) && len(m.Params) == 1 && holds(m.Params[0].Type, a[0]) {
			m.Impl.Set(t, this, a)
			return
		}
	}
	throwReadOnly()
}

// holds reports whether a Value that is not null may be of type typ.
func holds(typ *types.Type, v types.Value) bool {
	if v.Ref == nil {
		return typ.UnderlyingNum()
	}
	return types.IsInstance(v.Ref, typ)
}

// untypedDictionaryMembers are those of the non-generic IDictionary, as far as it can be met.
func untypedDictionaryMembers() []types.MemberDecl {
	dict := func(o any) *dictionary {
		d, ok := o.(*dictionary)
		if !ok {
			types.Throw(types.NotSupportedException, "Specified method is not supported.")
		}
		return d
	}
	key := func(d *dictionary, v types.Value) (types.Value, bool) {
		if v.Ref == nil {
			types.ThrowNull("key")
		}
		if !types.IsInstance(v.Ref, d.key) {
			return v, false
		}
		return unboxed(v.Ref, d.key), true
	}
	return []types.MemberDecl{
		types.M("object this[object key] { get; set; }", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			d := dict(o)
			if k, ok := key(d, a[0]); ok {
				if v, found := d.Lookup(t, k); found {
					return types.Value{Ref: types.Box(d.value, v)}
				}
			}
			return types.Null
		}).WithSet(func(t *types.Thread, this types.Value, a []types.Value) {
			d := dict(receiverObject(this))
			k, ok := key(d, a[0])
			if !ok {
				types.ThrowArgument(types.ArgumentException, "The value \""+goString(t.U.Ops.ToString(t, a[0].Ref))+"\" is not of type \""+
					d.key.FullName()+"\" and cannot be used in this generic collection.", "key")
			}
			d.Put(t, k, objectTo(a[1].Ref, d.value))
		})),
		types.M("bool Contains(object key)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
			d := dict(o)
			k, ok := key(d, a[0])
			if !ok {
				return types.Bool(false)
			}
			_, found := d.Lookup(t, k)
			return types.Bool(found)
		})),
		types.M("void Clear()", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
			dict(o).Clear(t)
			return types.Value{}
		})),
		types.M("System.Collections.ICollection Keys { get; }", instance(func(t *types.Thread, o any, _ []types.Value) types.Value { return dict(o).KeySequence(t) })),
		types.M("System.Collections.ICollection Values { get; }", instance(func(t *types.Thread, o any, _ []types.Value) types.Value { return dict(o).ValueSequence(t) })),
	}
}
