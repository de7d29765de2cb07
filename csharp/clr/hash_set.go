package clr

import "github.com/postern-gateway/postern/csharp/types"

// hashSet is a HashSet<T>. It enumerates as .NET's does, see table.
type hashSet struct {
	typ, elem *types.Type
	table     *table
	version   int
	capacity  int
}

var hashSetType = newLateGeneric("System.Collections.Generic.HashSet", 1)

// newHashSet is an empty HashSet<elem>; comparer may be nil.
func newHashSet(elem *types.Type, comparer any) *hashSet {
	return &hashSet{typ: hashSetType.of(elem), elem: elem, table: newTable(equalityOf(elem, comparer))}
}

func (s *hashSet) ClrType() *types.Type                         { return s.typ }
func (s *hashSet) ElementType() *types.Type                     { return s.elem }
func (s *hashSet) Count(*types.Thread) int                      { return s.table.count() }
func (s *hashSet) Contains(t *types.Thread, v types.Value) bool { return s.table.find(t, v) >= 0 }
func (s *hashSet) Append(t *types.Thread, v types.Value)        { s.add(t, v) }
func (s *hashSet) Clear(*types.Thread)                          { s.table.clear() }

func (s *hashSet) add(t *types.Thread, v types.Value) bool {
	_, added := s.table.add(t, v, types.Value{})
	if added {
		s.version++
	}
	return added
}

func (s *hashSet) Delete(t *types.Thread, v types.Value) bool {
	i := s.table.find(t, v)
	if i >= 0 {
		s.table.remove(i)
	}
	return i >= 0
}

func (s *hashSet) Enumerate(*types.Thread) types.Enumerator {
	return &hashSetEnumerator{s: s, version: s.version}
}

type hashSetEnumerator struct {
	s          *hashSet
	i, version int
	current    types.Value
}

var hashSetEnumeratorType = newLateGeneric("System.Collections.Generic.HashSet.Enumerator", 1)

func (e *hashSetEnumerator) ClrType() *types.Type     { return hashSetEnumeratorType.of(e.s.elem) }
func (e *hashSetEnumerator) ElementType() *types.Type { return e.s.elem }

func (e *hashSetEnumerator) MoveNext(t *types.Thread) bool {
	if e.version != e.s.version {
		throwModified()
	}
	t.Step(1)
	e.i = e.s.table.nextLive(e.i)
	if e.i >= len(e.s.table.entries) {
		e.current = types.Value{}
		return false
	}
	e.current = e.s.table.entries[e.i].key
	e.i++
	return true
}

func (e *hashSetEnumerator) Current() types.Value  { return e.current }
func (e *hashSetEnumerator) Dispose(*types.Thread) {}
func (e *hashSetEnumerator) Reset()                { e.i = 0 }

// onSet makes an Impl over the receiver.
func onSet(fn func(t *types.Thread, s *hashSet, a []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
		s, ok := this.Ref.(*hashSet)
		if !ok {
			types.ThrowNullReference()
		}
		return fn(t, s, a)
	})
}

func voidSet(fn func(t *types.Thread, s *hashSet, a []types.Value)) types.Impl {
	return onSet(func(t *types.Thread, s *hashSet, a []types.Value) types.Value {
		fn(t, s, a)
		return types.Value{}
	})
}

// other are the elements of the argument of a set operation.
func (s *hashSet) other(t *types.Thread, a []types.Value) []types.Value {
	need(a[0], "other")
	return drain(t, a[0].Ref, s.elem)
}

// distinctOther is other as a set that compares as s does.
func (s *hashSet) distinctOther(t *types.Thread, a []types.Value) *table {
	out := newTable(s.table.by)
	for _, v := range s.other(t, a) {
		out.add(t, v, types.Value{})
	}
	return out
}

func (s *hashSet) unionWith(t *types.Thread, a []types.Value) {
	for _, v := range s.other(t, a) {
		s.add(t, v)
	}
}

func (s *hashSet) exceptWith(t *types.Thread, a []types.Value) {
	for _, v := range s.other(t, a) {
		s.Delete(t, v)
	}
}

func (s *hashSet) intersectWith(t *types.Thread, a []types.Value) {
	keep := map[int32]bool{}
	for _, v := range s.other(t, a) {
		if i := s.table.find(t, v); i >= 0 {
			keep[i] = true
		}
	}
	for i := range s.table.entries {
		if s.table.entries[i].live && !keep[int32(i)] {
			s.table.remove(int32(i))
		}
	}
}

func (s *hashSet) symmetricExceptWith(t *types.Thread, a []types.Value) {
	if a[0].Ref == any(s) {
		s.table.clear()
		return
	}
	if o, ok := a[0].Ref.(*hashSet); ok && o.table.by.comparer == s.table.by.comparer {
		for _, v := range s.other(t, a) {
			if !s.Delete(t, v) {
				s.add(t, v)
			}
		}
		return
	}
	added, marked := map[int32]bool{}, map[int32]bool{}
	for _, v := range s.other(t, a) {
		i, isNew := s.table.add(t, v, types.Value{})
		switch {
		case isNew:
			s.version++
			added[i] = true
		case !added[i]:
			marked[i] = true
		}
	}
	for i := range s.table.entries {
		if marked[int32(i)] {
			s.table.remove(int32(i))
		}
	}
}

// common counts the elements of distinct other, and those among them that s has.
func (s *hashSet) common(t *types.Thread, a []types.Value) (both, others int) {
	o := s.distinctOther(t, a)
	o.each(func(i int32) bool {
		if s.table.find(t, o.entries[i].key) >= 0 {
			both++
		}
		return true
	})
	return both, o.count()
}

// setRelation makes an Impl that compares the sizes: both in common, mine and theirs.
func setRelation(holds func(both, mine, theirs int) bool) types.Impl {
	return instance(func(t *types.Thread, o any, a []types.Value) types.Value {
		s, ok := o.(*hashSet)
		if !ok {
			types.Throw(types.NotSupportedException, "Specified method is not supported.")
		}
		both, theirs := s.common(t, a)
		return types.Bool(holds(both, s.table.count(), theirs))
	})
}

// setMembers are those that HashSet<T> shares with ISet<T>.
func setMembers() []types.MemberDecl {
	change := func(fn func(s *hashSet, t *types.Thread, a []types.Value)) types.Impl {
		return voidSet(func(t *types.Thread, s *hashSet, a []types.Value) { fn(s, t, a) })
	}
	return []types.MemberDecl{
		types.M("bool Add(T item)", onSet(func(t *types.Thread, s *hashSet, a []types.Value) types.Value { return types.Bool(s.add(t, a[0])) })),
		mx("void UnionWith(IEnumerable<T> other)", change((*hashSet).unionWith)),
		mx("void ExceptWith(IEnumerable<T> other)", change((*hashSet).exceptWith)),
		mx("void IntersectWith(IEnumerable<T> other)", change((*hashSet).intersectWith)),
		mx("void SymmetricExceptWith(IEnumerable<T> other)", change((*hashSet).symmetricExceptWith)),
		mx("bool IsSubsetOf(IEnumerable<T> other)", setRelation(func(both, mine, _ int) bool { return both == mine })),
		mx("bool IsProperSubsetOf(IEnumerable<T> other)", setRelation(func(both, mine, theirs int) bool { return both == mine && theirs > mine })),
		mx("bool IsSupersetOf(IEnumerable<T> other)", setRelation(func(both, _, theirs int) bool { return both == theirs })),
		mx("bool IsProperSupersetOf(IEnumerable<T> other)", setRelation(func(both, mine, theirs int) bool { return both == theirs && mine > theirs })),
		mx("bool Overlaps(IEnumerable<T> other)", setRelation(func(both, _, _ int) bool { return both > 0 })),
		mx("bool SetEquals(IEnumerable<T> other)", setRelation(func(both, mine, theirs int) bool { return both == mine && both == theirs })),
	}
}

func hashSetDecls() []*types.Decl {
	return []*types.Decl{
		mxType("interface System.Collections.Generic.ISet<T> : ICollection<T>, IEnumerable<T>, System.Collections.IEnumerable", setMembers()...),
		mxType("interface System.Collections.Generic.IReadOnlySet<T> : IReadOnlyCollection<T>, IEnumerable<T>, System.Collections.IEnumerable"),
		mxType("class System.Collections.Generic.HashSet<T> : ISet<T>, IReadOnlySet<T>, ICollection<T>, IEnumerable<T>, IReadOnlyCollection<T>, System.Collections.IEnumerable",
			append(append(hashSetConstructors(), setMembers()...), hashSetMembers()...)...),
		enumeratorDecl("System.Collections.Generic.HashSet.Enumerator", "<T>", "T"),
	}
}

func hashSetNew(comparer int, fill func(t *types.Thread, s *hashSet, a []types.Value)) types.Impl {
	return types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
		var by any
		if comparer >= 0 {
			by = a[comparer].Ref
		}
		t.Alloc(96)
		s := newHashSet(targs[0], by)
		if fill != nil {
			fill(t, s, a)
		}
		return types.Ref(s)
	})
}

func hashSetConstructors() []types.MemberDecl {
	capacity := func(t *types.Thread, s *hashSet, a []types.Value) {
		throwNegative(a[0].Int32(), "capacity")
		t.Alloc(int64(a[0].Int32()) * entryBytes)
		s.capacity = int(a[0].Int32())
	}
	from := func(t *types.Thread, s *hashSet, a []types.Value) {
		seqOf(t, a[0].Ref, s.elem, "collection", func(v types.Value) { s.add(t, v) })
	}
	return []types.MemberDecl{
		types.M("new()", hashSetNew(-1, nil)),
		types.M("new(int capacity)", hashSetNew(-1, capacity)),
		mx("new(IEqualityComparer<T> comparer)", hashSetNew(0, nil)),
		mx("new(int capacity, IEqualityComparer<T> comparer)", hashSetNew(1, capacity)),
		mx("new(IEnumerable<T> collection)", hashSetNew(-1, from)),
		mx("new(IEnumerable<T> collection, IEqualityComparer<T> comparer)", hashSetNew(1, from)),
	}
}

func hashSetMembers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("int Count { get; }", onSet(func(_ *types.Thread, s *hashSet, _ []types.Value) types.Value {
			return types.Int(int64(s.table.count()))
		})),
		types.M("bool Contains(T item)", onSet(func(t *types.Thread, s *hashSet, a []types.Value) types.Value { return types.Bool(s.Contains(t, a[0])) })),
		types.M("bool Remove(T item)", onSet(func(t *types.Thread, s *hashSet, a []types.Value) types.Value { return types.Bool(s.Delete(t, a[0])) })),
		types.M("void Clear()", voidSet(func(t *types.Thread, s *hashSet, _ []types.Value) { s.Clear(t) })),
		types.M("bool TryGetValue(T equalValue, out T actualValue)", onSet(func(t *types.Thread, s *hashSet, a []types.Value) types.Value {
			i := s.table.find(t, a[0])
			if i < 0 {
				setOut(a[1], types.Value{})
				return types.Bool(false)
			}
			setOut(a[1], s.table.entries[i].key)
			return types.Bool(true)
		})),
		mx("static IEqualityComparer<HashSet<T>> CreateSetComparer()", staticOf(func(_ *types.Thread, k []*types.Type, _ []types.Value) types.Value {
			return types.Ref(&setComparer{k[0]})
		})),
		mx("int RemoveWhere(Predicate<T> match)", onSet(removeWhere)),
		types.M("void CopyTo(T[] array)", voidSet(func(t *types.Thread, s *hashSet, a []types.Value) { s.copyTo(t, a[0], 0, s.table.count()) })),
		types.M("void CopyTo(T[] array, int arrayIndex)", voidSet(func(t *types.Thread, s *hashSet, a []types.Value) {
			s.copyTo(t, a[0], a[1].Int32(), s.table.count())
		})),
		types.M("void CopyTo(T[] array, int arrayIndex, int count)", voidSet(func(t *types.Thread, s *hashSet, a []types.Value) {
			s.copyTo(t, a[0], a[1].Int32(), int(a[2].Int32()))
		})),
		types.M("System.Collections.Generic.HashSet.Enumerator<T> GetEnumerator()", enumerate),
		mx("IEqualityComparer<T> Comparer { get; }", onSet(func(_ *types.Thread, s *hashSet, _ []types.Value) types.Value { return s.table.comparer() })),
		types.M("int Capacity { get; }", onSet(func(_ *types.Thread, s *hashSet, _ []types.Value) types.Value {
			return types.Int(int64(tableCapacity(max(s.capacity, len(s.table.entries)))))
		})),
		types.M("int EnsureCapacity(int capacity)", onSet(func(_ *types.Thread, s *hashSet, a []types.Value) types.Value {
			throwNegative(a[0].Int32(), "capacity")
			s.capacity = max(s.capacity, int(a[0].Int32()))
			return types.Int(int64(tableCapacity(max(s.capacity, len(s.table.entries)))))
		})),
		types.M("void TrimExcess()", voidSet(func(t *types.Thread, s *hashSet, _ []types.Value) { s.table.compact(t) })),
		types.M("void TrimExcess(int capacity)", voidSet(func(t *types.Thread, s *hashSet, a []types.Value) {
			if int(a[0].Int32()) < s.table.count() {
				throwRange(msgOutOfRange, "capacity")
			}
			s.table.compact(t)
		})),
	}
}

func (s *hashSet) copyTo(t *types.Thread, array types.Value, at int32, count int) {
	dst := arrayArg(array, "array")
	throwNegative(at, "arrayIndex")
	throwNegative(int32(count), "count")
	if int(at) > dst.len() || count > dst.len()-int(at) {
		types.Throw(types.ArgumentException, msgDestTooShort)
	}
	n := int(at)
	s.table.each(func(i int32) bool {
		if count <= 0 {
			return false
		}
		t.Step(1)
		dst.set(n, s.table.entries[i].key)
		n, count = n+1, count-1
		return true
	})
}

// removeWhere is RemoveWhere; the predicate may change the set while it runs.
func removeWhere(t *types.Thread, s *hashSet, a []types.Value) types.Value {
	match := delegateArg(a[0], "match")
	n := 0
	for i := 0; i < len(s.table.entries); i++ {
		t.Step(1)
		e := s.table.entries[i]
		if e.live && match.Call1(t, e.key).Bool() && s.Delete(t, e.key) {
			n++
		}
	}
	return types.Int(int64(n))
}

// setComparer is HashSet<T>.CreateSetComparer(): sets are equal that have the same elements.
type setComparer struct{ elem *types.Type }

var equalityInterface = newLateGeneric("System.Collections.Generic.IEqualityComparer", 1)

func (c *setComparer) ClrType() *types.Type { return equalityInterface.of(hashSetType.of(c.elem)) }

func (c *setComparer) EqualObjects(t *types.Thread, x, y any) bool {
	a, _ := x.(*hashSet)
	b, _ := y.(*hashSet)
	if a == nil || b == nil {
		return a == b
	}
	both, theirs := a.common(t, []types.Value{types.Ref(b)})
	return both == a.table.count() && both == theirs
}

// HashOf does not depend on the order of the elements.
func (c *setComparer) HashOf(t *types.Thread, o any) int32 {
	h := int32(0)
	if s, ok := o.(*hashSet); ok {
		by := equalityOf(c.elem, nil)
		s.table.each(func(i int32) bool {
			t.Step(1)
			h ^= by.hash(t, s.table.entries[i].key)
			return true
		})
	}
	return h
}
