package clr

import "github.com/postern-gateway/postern/csharp/types"

// list is a List<T>. version counts changes, which end running enumerations.
type list struct {
	typ, elem *types.Type
	items     []types.Value
	version   int
	// capacity is what was asked for; Capacity is at least that.
	capacity int
}

var listType = newLateGeneric("System.Collections.Generic.List", 1)

// newList is a List<elem> that keeps items.
func newList(elem *types.Type, items []types.Value) *list {
	return &list{typ: listType.of(elem), elem: elem, items: items, capacity: len(items)}
}

func (l *list) ClrType() *types.Type     { return l.typ }
func (l *list) ElementType() *types.Type { return l.elem }
func (l *list) Enumerate(*types.Thread) types.Enumerator {
	return &listEnumerator{l: l, version: l.version}
}
func (l *list) Count(*types.Thread) int { return len(l.items) }

func (l *list) Contains(t *types.Thread, v types.Value) bool {
	return l.indexOf(t, v, 0, len(l.items)) >= 0
}

func (l *list) At(_ *types.Thread, i int) types.Value {
	if uint(i) >= uint(len(l.items)) {
		throwIndex()
	}
	return l.items[i]
}

func (l *list) SetAt(_ *types.Thread, i int, v types.Value) {
	if uint(i) >= uint(len(l.items)) {
		throwIndex()
	}
	l.items[i] = v
	l.version++
}

func (l *list) Append(t *types.Thread, v types.Value) {
	t.Alloc(24)
	l.items = append(l.items, v)
	l.version++
}

func (l *list) InsertAt(t *types.Thread, i int, v types.Value) {
	if uint(i) > uint(len(l.items)) {
		throwRange("Index must be within the bounds of the List.", "index")
	}
	l.insert(t, i, []types.Value{v})
}

// insert puts values in at i, which is in range.
func (l *list) insert(t *types.Thread, i int, values []types.Value) {
	t.Alloc(24 * int64(len(values)))
	t.Step(int64(len(l.items)-i)/16 + int64(len(values)))
	l.room()
	l.items = append(l.items, values...)
	l.grow()
	copy(l.items[i+len(values):], l.items[i:])
	copy(l.items[i:], values)
	l.version++
}

func (l *list) DeleteAt(t *types.Thread, i int) {
	if uint(i) >= uint(len(l.items)) {
		throwIndex()
	}
	l.cut(t, i, 1)
}

// cut takes n elements from i on out, which are in range.
func (l *list) cut(t *types.Thread, i, n int) {
	t.Step(int64(len(l.items)-i) / 16)
	l.room()
	end := len(l.items) - n
	copy(l.items[i:], l.items[i+n:])
	clear(l.items[end:])
	l.items = l.items[:end]
	l.version++
}

func (l *list) Delete(t *types.Thread, v types.Value) bool {
	i := l.indexOf(t, v, 0, len(l.items))
	if i >= 0 {
		l.cut(t, i, 1)
	}
	return i >= 0
}

func (l *list) Clear(*types.Thread) {
	l.room()
	clear(l.items)
	l.items = l.items[:0]
	l.version++
}

// indexOf is the first index in [from, to) of an element that equals v; -1 if there is none.
func (l *list) indexOf(t *types.Thread, v types.Value, from, to int) int {
	by := equalityOf(l.elem, nil)
	for i := from; i < to; i++ {
		t.Step(1)
		if by.equal(t, l.items[i], v) {
			return i
		}
	}
	return -1
}

// listEnumerator is List<T>.Enumerator.
type listEnumerator struct {
	l          *list
	i, version int
	current    types.Value
}

var listEnumeratorType = newLateGeneric("System.Collections.Generic.List.Enumerator", 1)

func (e *listEnumerator) ClrType() *types.Type     { return listEnumeratorType.of(e.l.elem) }
func (e *listEnumerator) ElementType() *types.Type { return e.l.elem }

func (e *listEnumerator) MoveNext(*types.Thread) bool {
	if e.version != e.l.version {
		throwModified()
	}
	if e.i >= len(e.l.items) {
		e.current = types.Value{}
		return false
	}
	e.current = e.l.items[e.i]
	e.i++
	return true
}

func (e *listEnumerator) Current() types.Value  { return e.current }
func (e *listEnumerator) Dispose(*types.Thread) {}
func (e *listEnumerator) Reset()                { e.i = 0 }

// enumeratorDecl declares the enumerator of a collection.
func enumeratorDecl(name, params, elem string) *types.Decl {
	return mxType("struct "+name+params+" : IEnumerator<"+elem+">, System.Collections.IEnumerator, System.IDisposable",
		types.M("bool MoveNext()", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
			return types.Bool(enumeratorOf(o).MoveNext(t))
		})),
		mx(elem+" Current { get; }", instance(func(_ *types.Thread, o any, _ []types.Value) types.Value { return enumeratorOf(o).Current() })),
		types.M("void Dispose()", instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
			enumeratorOf(o).Dispose(t)
			return types.Value{}
		})))
}

// enumerate is the GetEnumerator() of a collection, whose enumerators are objects of their own.
var enumerate = instance(func(t *types.Thread, o any, _ []types.Value) types.Value {
	return types.Ref(o.(types.Enumerable).Enumerate(t))
})

func thisList(this types.Value) *list {
	l, ok := this.Ref.(*list)
	if !ok {
		types.ThrowNullReference()
	}
	return l
}

// onList makes an Impl over the receiver.
func onList(fn func(t *types.Thread, l *list, a []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value { return fn(t, thisList(this), a) })
}

// voidList is onList for a method without result.
func voidList(fn func(t *types.Thread, l *list, a []types.Value)) types.Impl {
	return onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
		fn(t, l, a)
		return types.Value{}
	})
}

func listDecls() []*types.Decl {
	members := []types.MemberDecl{
		types.M("new()", types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, _ []types.Value) types.Value {
			t.Alloc(64)
			return types.Ref(newList(targs[0], nil))
		})),
		types.M("new(int capacity)", types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
			n := int(a[0].Int32())
			if n < 0 {
				throwRange(msgNonNegative, "capacity")
			}
			t.Alloc(64 + 24*int64(n))
			l := newList(targs[0], nil)
			l.capacity = n
			return types.Ref(l)
		})),
		mx("new(IEnumerable<T> collection)", types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
			need(a[0], "collection")
			return types.Ref(newList(targs[0], drain(t, a[0].Ref, targs[0])))
		})),
		types.M("int Count { get; }", types.Impl{F0: func(_ *types.Thread, this types.Value) types.Value {
			return types.Int(int64(len(thisList(this).items)))
		}}),
		types.M("T this[int index] { get; set; }", types.Impl{F1: func(t *types.Thread, this, i types.Value) types.Value {
			return thisList(this).At(t, int(i.Int32()))
		}}.WithSet(func(t *types.Thread, this types.Value, a []types.Value) {
			thisList(this).SetAt(t, int(a[0].Int32()), a[1])
		})),
		types.M("void Add(T item)", types.Impl{F1: func(t *types.Thread, this, v types.Value) types.Value {
			thisList(this).Append(t, v)
			return types.Value{}
		}}),
		types.M("System.Collections.Generic.List.Enumerator<T> GetEnumerator()", enumerate),
	}
	members = append(members, listChangeMembers()...)
	members = append(members, listCopyMembers()...)
	members = append(members, listSearchMembers()...)
	return []*types.Decl{
		mxType("class System.Collections.Generic.List<T> : IList<T>, IReadOnlyList<T>, ICollection<T>, IEnumerable<T>, IReadOnlyCollection<T>, "+
			"System.Collections.IList, System.Collections.ICollection, System.Collections.IEnumerable", members...),
		enumeratorDecl("System.Collections.Generic.List.Enumerator", "<T>", "T"),
	}
}

// checkRange throws what List<T> throws of an index and a count that are not within n elements.
func checkRange(index, count types.Value, n int) (i, c int) {
	i, c = int(index.Int32()), int(count.Int32())
	switch {
	case i < 0:
		throwRange(msgNonNegative, "index")
	case c < 0:
		throwRange(msgNonNegative, "count")
	case n-i < c:
		types.Throw(types.ArgumentException, msgOffsetLength)
	}
	return i, c
}

func listChangeMembers() []types.MemberDecl {
	return []types.MemberDecl{
		mx("void AddRange(IEnumerable<T> collection)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			need(a[0], "collection")
			l.room()
			l.items = append(l.items, drain(t, a[0].Ref, l.elem)...)
			l.grow()
			l.version++
		})),
		types.M("void Clear()", voidList(func(t *types.Thread, l *list, _ []types.Value) { l.Clear(t) })),
		types.M("void Insert(int index, T item)", voidList(func(t *types.Thread, l *list, a []types.Value) { l.InsertAt(t, int(a[0].Int32()), a[1]) })),
		mx("void InsertRange(int index, IEnumerable<T> collection)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			need(a[1], "collection")
			i := int(a[0].Int32())
			if uint(i) > uint(len(l.items)) {
				throwRange(msgIndexAtMost, "index")
			}
			l.insert(t, i, drain(t, a[1].Ref, l.elem))
		})),
		types.M("bool Remove(T item)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value { return types.Bool(l.Delete(t, a[0])) })),
		types.M("void RemoveAt(int index)", voidList(func(t *types.Thread, l *list, a []types.Value) { l.DeleteAt(t, int(a[0].Int32())) })),
		types.M("void RemoveRange(int index, int count)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			if i, n := checkRange(a[0], a[1], len(l.items)); n > 0 {
				l.cut(t, i, n)
			}
		})),
		mx("int RemoveAll(Predicate<T> match)", onList(listRemoveAll)),
		types.M("void Reverse()", voidList(func(t *types.Thread, l *list, _ []types.Value) { l.reverse(t, 0, len(l.items)) })),
		types.M("void Reverse(int index, int count)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			i, n := checkRange(a[0], a[1], len(l.items))
			l.reverse(t, i, n)
		})),
		types.M("void Sort()", voidList(func(t *types.Thread, l *list, _ []types.Value) { l.sort(t, 0, len(l.items), orderingOf(l.elem, nil)) })),
		mx("void Sort(IComparer<T> comparer)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			l.sort(t, 0, len(l.items), orderingOf(l.elem, a[0].Ref))
		})),
		mx("void Sort(Comparison<T> comparison)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			l.sort(t, 0, len(l.items), comparisonOrdering(delegateArg(a[0], "comparison")))
		})),
		mx("void Sort(int index, int count, IComparer<T> comparer)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			i, n := checkRange(a[0], a[1], len(l.items))
			l.sort(t, i, n, orderingOf(l.elem, a[2].Ref))
		})),
		types.M("int Capacity { get; set; }", onList(func(_ *types.Thread, l *list, _ []types.Value) types.Value {
			return types.Int(int64(l.room()))
		}).WithSet(func(t *types.Thread, this types.Value, a []types.Value) {
			l, n := thisList(this), int(a[0].Int32())
			if n < len(l.items) {
				throwRange("capacity was less than the current size.", "value")
			}
			t.Alloc(24 * int64(max(0, n-l.room())))
			l.capacity = n
		})),
		types.M("int EnsureCapacity(int capacity)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			n := int(a[0].Int32())
			throwNegative(int32(n), "capacity")
			if room := l.room(); room < n {
				t.Alloc(24 * int64(n-room))
				l.capacity = max(n, 2*room, 4)
			}
			return types.Int(int64(l.room()))
		})),
		types.M("void TrimExcess()", voidList(func(_ *types.Thread, l *list, _ []types.Value) {
			if len(l.items) < l.room()*9/10 {
				l.capacity = len(l.items)
			}
		})),
	}
}

// room is Capacity, as it is after elements have been added one by one: 4, 8, 16 … from what it was.
func (l *list) room() int {
	for l.capacity < len(l.items) {
		l.capacity = max(4, 2*l.capacity)
	}
	return l.capacity
}

// grow makes room for elements that have been added at once.
func (l *list) grow() {
	if l.capacity < len(l.items) {
		l.capacity = max(4, 2*l.capacity, len(l.items))
	}
}

func (l *list) reverse(t *types.Thread, i, n int) {
	t.Step(int64(n) / 16)
	for a, b := i, i+n-1; a < b; a, b = a+1, b-1 {
		l.items[a], l.items[b] = l.items[b], l.items[a]
	}
	l.version++
}

func (l *list) sort(t *types.Thread, i, n int, compare ordering) {
	sortValues(t, l.items[i:i+n], nil, compare)
	l.version++
}

func listRemoveAll(t *types.Thread, l *list, a []types.Value) types.Value {
	match := delegateArg(a[0], "match")
	kept := make([]types.Value, 0, len(l.items))
	for i := 0; i < len(l.items); i++ {
		t.Step(1)
		if v := l.items[i]; !match.Call1(t, v).Bool() {
			kept = append(kept, v)
		}
	}
	removed := len(l.items) - len(kept)
	if removed > 0 {
		l.room()
		l.items = kept
		l.version++
	}
	return types.Int(int64(removed))
}
