package clr

import "github.com/postern-gateway/postern/csharp/types"

// dictionary is a Dictionary<TKey, TValue>. It enumerates as .NET's does, see table.
type dictionary struct {
	typ, key, value, pair *types.Type
	table                 *table
	version               int
	capacity              int
}

var dictionaryType = newLateGeneric("System.Collections.Generic.Dictionary", 2)

// newDictionary is an empty Dictionary<key, value>; comparer may be nil.
func newDictionary(key, value *types.Type, comparer any) *dictionary {
	return &dictionary{typ: dictionaryType.of(key, value), key: key, value: value,
		pair: keyValueType.of(key, value), table: newTable(equalityOf(key, comparer))}
}

func (d *dictionary) ClrType() *types.Type     { return d.typ }
func (d *dictionary) ElementType() *types.Type { return d.pair }
func (d *dictionary) Count(*types.Thread) int  { return d.table.count() }
func (d *dictionary) isNull(k types.Value) bool {
	return k.Ref == nil && !d.key.UnderlyingNum() && !(d.key.IsValue() && !isNullable(d.key))
}

func isNullable(t *types.Type) bool {
	_, ok := t.IsNullable()
	return ok
}

// checkKey throws ArgumentNullException for a null key.
func (d *dictionary) checkKey(k types.Value) {
	if d.isNull(k) {
		types.ThrowNull("key")
	}
}

func (d *dictionary) Lookup(t *types.Thread, k types.Value) (types.Value, bool) {
	d.checkKey(k)
	i := d.table.find(t, k)
	if i < 0 {
		return types.Value{}, false
	}
	return d.table.entries[i].value, true
}

// Put is the indexer's setter: replacing a value does not end enumerations.
func (d *dictionary) Put(t *types.Thread, k, v types.Value) {
	d.checkKey(k)
	i, added := d.table.add(t, k, v)
	if added {
		d.version++
		return
	}
	d.table.entries[i].value = v
}

// tryAdd puts in what is not there.
func (d *dictionary) tryAdd(t *types.Thread, k, v types.Value) bool {
	d.checkKey(k)
	_, added := d.table.add(t, k, v)
	if added {
		d.version++
	}
	return added
}

// AddNew is Add.
func (d *dictionary) AddNew(t *types.Thread, k, v types.Value) {
	if !d.tryAdd(t, k, v) {
		throwDuplicate(t, d.key, k)
	}
}

// DeleteKey is Remove, which does not end enumerations.
func (d *dictionary) DeleteKey(t *types.Thread, k types.Value) bool {
	d.checkKey(k)
	i := d.table.find(t, k)
	if i < 0 {
		return false
	}
	d.table.remove(i)
	return true
}

func (d *dictionary) Clear(*types.Thread) { d.table.clear() }

// Append is ICollection<KeyValuePair>.Add.
func (d *dictionary) Append(t *types.Thread, v types.Value) {
	k, x := pairParts(v)
	d.AddNew(t, k, x)
}

// findPair is the entry of a key that has that value; -1 if there is none.
func (d *dictionary) findPair(t *types.Thread, v types.Value) int32 {
	k, x := pairParts(v)
	d.checkKey(k)
	i := d.table.find(t, k)
	by := equalityOf(d.value, nil)
	if i >= 0 && !by.equal(t, d.table.entries[i].value, x) {
		return -1
	}
	return i
}

func (d *dictionary) Contains(t *types.Thread, v types.Value) bool { return d.findPair(t, v) >= 0 }

func (d *dictionary) Delete(t *types.Thread, v types.Value) bool {
	i := d.findPair(t, v)
	if i >= 0 {
		d.table.remove(i)
	}
	return i >= 0
}

func (d *dictionary) Enumerate(*types.Thread) types.Enumerator {
	return &dictionaryEnumerator{d: d, version: d.version, what: d.pairAt, elem: d.pair}
}

func (d *dictionary) pairAt(t *types.Thread, e *entry) types.Value {
	t.Alloc(64)
	return types.Ref(&keyValue{d.pair, e.key, e.value})
}

// dictionaryEnumerator enumerates pairs, keys or values.
type dictionaryEnumerator struct {
	d          *dictionary
	i, version int
	what       func(t *types.Thread, e *entry) types.Value
	elem       *types.Type
	current    types.Value
}

var dictionaryEnumeratorType = newLateGeneric("System.Collections.Generic.Dictionary.Enumerator", 2)

// ClrType is Dictionary.Enumerator for pairs; those of keys and values are met as IEnumerator<T> only.
func (e *dictionaryEnumerator) ClrType() *types.Type {
	if e.elem == e.d.pair {
		return dictionaryEnumeratorType.of(e.d.key, e.d.value)
	}
	return enumeratorType.of(e.elem)
}

func (e *dictionaryEnumerator) ElementType() *types.Type { return e.elem }

func (e *dictionaryEnumerator) MoveNext(t *types.Thread) bool {
	if e.version != e.d.version {
		throwModified()
	}
	t.Step(1)
	e.i = e.d.table.nextLive(e.i)
	if e.i >= len(e.d.table.entries) {
		e.current = types.Value{}
		return false
	}
	e.current = e.what(t, &e.d.table.entries[e.i])
	e.i++
	return true
}

func (e *dictionaryEnumerator) Current() types.Value  { return e.current }
func (e *dictionaryEnumerator) Dispose(*types.Thread) {}
func (e *dictionaryEnumerator) Reset()                { e.i = 0 }

// keyCollection is Dictionary.KeyCollection or, with values set, Dictionary.ValueCollection: a live view.
type keyCollection struct {
	d      *dictionary
	values bool
}

var (
	keyCollectionType   = newLateGeneric("System.Collections.Generic.Dictionary.KeyCollection", 2)
	valueCollectionType = newLateGeneric("System.Collections.Generic.Dictionary.ValueCollection", 2)
)

func (c *keyCollection) ClrType() *types.Type {
	if c.values {
		return valueCollectionType.of(c.d.key, c.d.value)
	}
	return keyCollectionType.of(c.d.key, c.d.value)
}

func (c *keyCollection) ElementType() *types.Type {
	if c.values {
		return c.d.value
	}
	return c.d.key
}

func (c *keyCollection) Enumerate(*types.Thread) types.Enumerator {
	what := func(_ *types.Thread, e *entry) types.Value { return e.key }
	if c.values {
		what = func(_ *types.Thread, e *entry) types.Value { return e.value }
	}
	return &dictionaryEnumerator{d: c.d, version: c.d.version, what: what, elem: c.ElementType()}
}

// refusal is what a change through ICollection<T> is answered with.
func (c *keyCollection) refusal() string {
	if c.values {
		return "Mutating a value collection derived from a dictionary is not allowed."
	}
	return "Mutating a key collection derived from a dictionary is not allowed."
}

func (c *keyCollection) Count(*types.Thread) int { return c.d.table.count() }

func (c *keyCollection) Contains(t *types.Thread, v types.Value) bool {
	if !c.values {
		return !c.d.isNull(v) && c.d.table.find(t, v) >= 0
	}
	return c.d.hasValue(t, v)
}

func (d *dictionary) hasValue(t *types.Thread, v types.Value) bool {
	by, found := equalityOf(d.value, nil), false
	d.table.each(func(i int32) bool {
		t.Step(1)
		found = by.equal(t, d.table.entries[i].value, v)
		return !found
	})
	return found
}

func (d *dictionary) KeySequence(*types.Thread) types.Value {
	return types.Ref(&keyCollection{d, false})
}
func (d *dictionary) ValueSequence(*types.Thread) types.Value {
	return types.Ref(&keyCollection{d, true})
}

func thisDictionary(this types.Value) *dictionary {
	d, ok := this.Ref.(*dictionary)
	if !ok {
		types.ThrowNullReference()
	}
	return d
}

// onDictionary makes an Impl over the receiver.
func onDictionary(fn func(t *types.Thread, d *dictionary, a []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
		return fn(t, thisDictionary(this), a)
	})
}

func dictionaryDecls() []*types.Decl {
	const head = "class System.Collections.Generic.Dictionary"
	view := func(name, elem string) *types.Decl {
		return mxType(head+"."+name+"<TKey, TValue> : ICollection<"+elem+">, IEnumerable<"+elem+">, IReadOnlyCollection<"+elem+">, "+
			"System.Collections.ICollection, System.Collections.IEnumerable",
			countMember,
			mx("IEnumerator<"+elem+"> GetEnumerator()", enumerate),
			types.M("bool Contains("+elem+" item)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
				return types.Bool(o.(container).Contains(t, a[0]))
			})),
			types.M("void CopyTo("+elem+"[] array, int index)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
				copyInto(t, drain(t, o, enumeratedType(o)), a[0], int(a[1].Int32()), "array", "index")
				return types.Value{}
			})))
	}
	return []*types.Decl{
		mxType(head+"<TKey, TValue> : IDictionary<TKey, TValue>, IReadOnlyDictionary<TKey, TValue>, System.Collections.IDictionary, "+
			"System.Collections.ICollection, System.Collections.IEnumerable", append(dictionaryConstructors(), dictionaryMembers()...)...),
		view("KeyCollection", "TKey"),
		view("ValueCollection", "TValue"),
		enumeratorDecl("System.Collections.Generic.Dictionary.Enumerator", "<TKey, TValue>", "KeyValuePair<TKey, TValue>"),
	}
}

// dictionaryNew makes an Impl of a constructor that fills a new dictionary; comparer is the index of that argument, -1 if there is none.
func dictionaryNew(comparer int, fill func(t *types.Thread, d *dictionary, a []types.Value)) types.Impl {
	return types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
		var by any
		if comparer >= 0 {
			by = a[comparer].Ref
		}
		t.Alloc(96)
		d := newDictionary(targs[0], targs[1], by)
		if fill != nil {
			fill(t, d, a)
		}
		return types.Ref(d)
	})
}

func dictionaryConstructors() []types.MemberDecl {
	capacity := func(t *types.Thread, d *dictionary, a []types.Value) {
		n := a[0].Int32()
		if n < 0 {
			throwRange(msgOutOfRange, "capacity")
		}
		t.Alloc(int64(n) * entryBytes)
		d.capacity = int(n)
	}
	from := func(param string) func(t *types.Thread, d *dictionary, a []types.Value) {
		return func(t *types.Thread, d *dictionary, a []types.Value) {
			seqOf(t, a[0].Ref, d.pair, param, func(v types.Value) { d.Append(t, v) })
		}
	}
	return []types.MemberDecl{
		types.M("new()", dictionaryNew(-1, nil)),
		types.M("new(int capacity)", dictionaryNew(-1, capacity)),
		mx("new(IEqualityComparer<TKey> comparer)", dictionaryNew(0, nil)),
		mx("new(int capacity, IEqualityComparer<TKey> comparer)", dictionaryNew(1, capacity)),
		mx("new(IDictionary<TKey, TValue> dictionary)", dictionaryNew(-1, from("dictionary"))),
		mx("new(IDictionary<TKey, TValue> dictionary, IEqualityComparer<TKey> comparer)", dictionaryNew(1, from("dictionary"))),
		mx("new(IEnumerable<KeyValuePair<TKey, TValue>> collection)", dictionaryNew(-1, from("collection"))),
		mx("new(IEnumerable<KeyValuePair<TKey, TValue>> collection, IEqualityComparer<TKey> comparer)", dictionaryNew(1, from("collection"))),
	}
}

func dictionaryMembers() []types.MemberDecl {
	void := func(fn func(t *types.Thread, d *dictionary, a []types.Value)) types.Impl {
		return onDictionary(func(t *types.Thread, d *dictionary, a []types.Value) types.Value {
			fn(t, d, a)
			return types.Value{}
		})
	}
	return []types.MemberDecl{
		types.M("TValue this[TKey key] { get; set; }", types.Impl{F1: func(t *types.Thread, this, k types.Value) types.Value {
			d := thisDictionary(this)
			v, ok := d.Lookup(t, k)
			if !ok {
				throwKeyNotFound(t, d.key, k)
			}
			return v
		}}.WithSet(func(t *types.Thread, this types.Value, a []types.Value) { thisDictionary(this).Put(t, a[0], a[1]) })),
		types.M("int Count { get; }", onDictionary(func(_ *types.Thread, d *dictionary, _ []types.Value) types.Value {
			return types.Int(int64(d.table.count()))
		})),
		types.M("void Add(TKey key, TValue value)", void(func(t *types.Thread, d *dictionary, a []types.Value) { d.AddNew(t, a[0], a[1]) })),
		types.M("bool TryAdd(TKey key, TValue value)", onDictionary(func(t *types.Thread, d *dictionary, a []types.Value) types.Value {
			return types.Bool(d.tryAdd(t, a[0], a[1]))
		})),
		types.M("bool ContainsKey(TKey key)", types.Impl{F1: func(t *types.Thread, this, k types.Value) types.Value {
			_, ok := thisDictionary(this).Lookup(t, k)
			return types.Bool(ok)
		}}),
		types.M("bool ContainsValue(TValue value)", onDictionary(func(t *types.Thread, d *dictionary, a []types.Value) types.Value {
			return types.Bool(d.hasValue(t, a[0]))
		})),
		types.M("bool TryGetValue(TKey key, out TValue value)", onDictionary(func(t *types.Thread, d *dictionary, a []types.Value) types.Value {
			v, ok := d.Lookup(t, a[0])
			setOut(a[1], v)
			return types.Bool(ok)
		})),
		types.M("bool Remove(TKey key)", onDictionary(func(t *types.Thread, d *dictionary, a []types.Value) types.Value {
			return types.Bool(d.DeleteKey(t, a[0]))
		})),
		types.M("bool Remove(TKey key, out TValue value)", onDictionary(func(t *types.Thread, d *dictionary, a []types.Value) types.Value {
			v, _ := d.Lookup(t, a[0])
			setOut(a[1], v)
			return types.Bool(d.DeleteKey(t, a[0]))
		})),
		types.M("void Clear()", void(func(t *types.Thread, d *dictionary, _ []types.Value) { d.Clear(t) })),
		types.M("System.Collections.Generic.Dictionary.Enumerator<TKey, TValue> GetEnumerator()", enumerate),
		types.M("System.Collections.Generic.Dictionary.KeyCollection<TKey, TValue> Keys { get; }", onDictionary(
			func(t *types.Thread, d *dictionary, _ []types.Value) types.Value { return d.KeySequence(t) })),
		types.M("System.Collections.Generic.Dictionary.ValueCollection<TKey, TValue> Values { get; }", onDictionary(
			func(t *types.Thread, d *dictionary, _ []types.Value) types.Value { return d.ValueSequence(t) })),
		mx("IEqualityComparer<TKey> Comparer { get; }", onDictionary(func(_ *types.Thread, d *dictionary, _ []types.Value) types.Value {
			return d.table.comparer()
		})),
		types.M("int Capacity { get; }", onDictionary(func(_ *types.Thread, d *dictionary, _ []types.Value) types.Value {
			return types.Int(int64(tableCapacity(max(d.capacity, len(d.table.entries)))))
		})),
		types.M("int EnsureCapacity(int capacity)", onDictionary(func(_ *types.Thread, d *dictionary, a []types.Value) types.Value {
			n := int(a[0].Int32())
			if n < 0 {
				throwRange(msgOutOfRange, "capacity")
			}
			d.version++
			d.capacity = max(d.capacity, n)
			return types.Int(int64(tableCapacity(max(d.capacity, len(d.table.entries)))))
		})),
		types.M("void TrimExcess()", void(func(t *types.Thread, d *dictionary, _ []types.Value) { d.table.compact(t) })),
		types.M("void TrimExcess(int capacity)", void(func(t *types.Thread, d *dictionary, a []types.Value) {
			if int(a[0].Int32()) < d.table.count() {
				throwRange(msgOutOfRange, "capacity")
			}
			d.table.compact(t)
		})),
	}
}

// comparer is the IEqualityComparer<T> that a table compares by.
func (s *table) comparer() types.Value {
	if s.by.comparer != nil {
		return types.Ref(s.by.comparer)
	}
	return types.Ref(&defaultEquality{s.by.elem})
}

// compact makes the table anew without its free slots.
func (s *table) compact(t *types.Thread) {
	fresh := newTable(s.by)
	s.each(func(i int32) bool {
		fresh.add(t, s.entries[i].key, s.entries[i].value)
		return true
	})
	*s = *fresh
}

// capacities are the sizes that .NET's hash tables have.
var capacities = []int{3, 7, 11, 17, 23, 29, 37, 47, 59, 71, 89, 107, 131, 163, 197, 239, 293, 353, 431, 521, 631, 761, 919, 1103, 1327, 1597, 1931,
	2333, 2801, 3371, 4049, 4861, 5839, 7013, 8419, 10103, 12143, 14591, 17519, 21023, 25229, 30293, 36353, 43627, 52361, 62851, 75431}

// tableCapacity is the least capacity for n entries.
func tableCapacity(n int) int {
	if n == 0 {
		return 0
	}
	for _, c := range capacities {
		if c >= n {
			return c
		}
	}
	return n
}
