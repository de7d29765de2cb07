package clr

import "github.com/postern-gateway/postern/csharp/types"

func listCopyMembers() []types.MemberDecl {
	return []types.MemberDecl{
		types.M("T[] ToArray()", onList(func(t *types.Thread, l *list, _ []types.Value) types.Value {
			return arrayWith(t, l.elem, drain(t, l, l.elem))
		})),
		mx("List<T> GetRange(int index, int count)", onList(listRange)),
		mx("List<T> Slice(int start, int length)", onList(listRange)),
		mx("ReadOnlyCollection<T> AsReadOnly()", onList(func(_ *types.Thread, l *list, _ []types.Value) types.Value {
			return types.Ref(newReadOnly(l.elem, l))
		})),
		mx("List<TOutput> ConvertAll<TOutput>(Converter<T, TOutput> converter)", types.Generic(
			func(t *types.Thread, targs []*types.Type, this types.Value, a []types.Value) types.Value {
				l, convert := thisList(this), delegateArg(a[0], "converter")
				out := make([]types.Value, 0, len(l.items))
				for i := 0; i < len(l.items); i++ {
					t.Step(1)
					out = append(out, convert.Call1(t, l.items[i]))
				}
				t.Alloc(24 * int64(len(out)))
				return types.Ref(newList(targs[1], out))
			})),
		types.M("void CopyTo(T[] array)", voidList(func(t *types.Thread, l *list, a []types.Value) { copyList(t, l.items, a[0], 0) })),
		types.M("void CopyTo(T[] array, int arrayIndex)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			copyList(t, l.items, a[0], int(a[1].Int32()))
		})),
		types.M("void CopyTo(int index, T[] array, int arrayIndex, int count)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			i, n := int(a[0].Int32()), int(a[3].Int32())
			if len(l.items)-i < n {
				types.Throw(types.ArgumentException, msgOffsetLength)
			}
			if i < 0 {
				throwRange(msgNonNegative, "sourceIndex")
			}
			if n < 0 {
				throwRange(msgNonNegative, "length")
			}
			copyList(t, l.items[i:i+n], a[1], int(a[2].Int32()))
		})),
		mx("void ForEach(Action<T> action)", voidList(func(t *types.Thread, l *list, a []types.Value) {
			action := delegateArg(a[0], "action")
			version := l.version
			for i := 0; i < len(l.items) && version == l.version; i++ {
				t.Step(1)
				action.Call1(t, l.items[i])
			}
			if version != l.version {
				throwModified()
			}
		})),
	}
}

func listRange(t *types.Thread, l *list, a []types.Value) types.Value {
	i, n := checkRange(a[0], a[1], len(l.items))
	t.Alloc(24 * int64(n))
	return types.Ref(newList(l.elem, append([]types.Value(nil), l.items[i:i+n]...)))
}

// copyList is List<T>.CopyTo, whose mistakes are those of Array.Copy.
func copyList(t *types.Thread, values []types.Value, array types.Value, at int) {
	dst := arrayArg(array, "destinationArray")
	if at < 0 {
		throwRange(msgNonNegative, "destinationIndex")
	}
	if dst.len()-at < len(values) {
		types.ThrowArgument(types.ArgumentException, msgDestArrayShort, "destinationArray")
	}
	t.Step(int64(len(values)))
	for i, v := range values {
		dst.set(at+i, v)
	}
}

// elements are what a search goes over.
type elements struct {
	n   int
	get func(i int) types.Value
}

func (l *list) elements() elements {
	return elements{len(l.items), func(i int) types.Value {
		if i >= len(l.items) {
			throwIndex()
		}
		return l.items[i]
	}}
}

// findIndex is the first index of [from, from+n) that match takes; -1 if there is none.
func (e elements) findIndex(t *types.Thread, from, n int, match *types.Delegate) int {
	for i := from; i < from+n; i++ {
		t.Step(1)
		if match.Call1(t, e.get(i)).Bool() {
			return i
		}
	}
	return -1
}

// findLast is the last index of the n that end at from that match takes; -1 if there is none.
func (e elements) findLast(t *types.Thread, from, n int, match *types.Delegate) int {
	for i := from; i > from-n; i-- {
		t.Step(1)
		if match.Call1(t, e.get(i)).Bool() {
			return i
		}
	}
	return -1
}

// checkForward throws what FindIndex throws of its start and count.
func (e elements) checkForward(start, count int) {
	if start < 0 || start > e.n {
		throwRange(msgIndexAtMost, "startIndex")
	}
	if count < 0 || start > e.n-count {
		throwRange(msgCount, "count")
	}
}

// checkBackward throws what FindLastIndex throws of its start and count.
func (e elements) checkBackward(start, count int) {
	if e.n == 0 {
		if start != -1 {
			throwRange(msgIndexLess, "startIndex")
		}
	} else if start < 0 || start >= e.n {
		throwRange(msgIndexLess, "startIndex")
	}
	if count < 0 || start-count+1 < 0 {
		throwRange(msgCount, "count")
	}
}

// find are the methods that look for what a predicate takes: over says what of, the arguments from first on are the method's own.
func (e elements) find(t *types.Thread, a []types.Value) int {
	match := delegateArg(a[len(a)-1], "match")
	start, count := 0, e.n
	if len(a) > 1 {
		start = int(a[0].Int32())
		count = e.n - start
	}
	if len(a) > 2 {
		count = int(a[1].Int32())
	}
	e.checkForward(start, count)
	return e.findIndex(t, start, count, match)
}

func (e elements) findBackward(t *types.Thread, a []types.Value) int {
	match := delegateArg(a[len(a)-1], "match")
	start := e.n - 1
	if len(a) > 1 {
		start = int(a[0].Int32())
	}
	count := start + 1
	if len(a) > 2 {
		count = int(a[1].Int32())
	}
	e.checkBackward(start, count)
	return e.findLast(t, start, count, match)
}

// found is the element at i, default if i is negative.
func (e elements) found(i int) types.Value {
	if i < 0 {
		return types.Value{}
	}
	return e.get(i)
}

func (e elements) all(t *types.Thread, match *types.Delegate) []types.Value {
	var out []types.Value
	for i := 0; i < e.n; i++ {
		t.Step(1)
		if v := e.get(i); match.Call1(t, v).Bool() {
			t.Alloc(24)
			out = append(out, v)
		}
	}
	return out
}

func (e elements) trueForAll(t *types.Thread, match *types.Delegate) bool {
	for i := 0; i < e.n; i++ {
		t.Step(1)
		if !match.Call1(t, e.get(i)).Bool() {
			return false
		}
	}
	return true
}

func listSearchMembers() []types.MemberDecl {
	findIndex := onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
		return types.Int(int64(l.elements().find(t, a)))
	})
	findLast := onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
		return types.Int(int64(l.elements().findBackward(t, a)))
	})
	return []types.MemberDecl{
		types.M("bool Contains(T item)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value { return types.Bool(l.Contains(t, a[0])) })),
		mx("bool Exists(Predicate<T> match)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			return types.Bool(l.elements().find(t, a) >= 0)
		})),
		mx("bool TrueForAll(Predicate<T> match)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			return types.Bool(l.elements().trueForAll(t, delegateArg(a[0], "match")))
		})),
		mx("T Find(Predicate<T> match)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			e := l.elements()
			return e.found(e.find(t, a))
		})),
		mx("T FindLast(Predicate<T> match)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			e := l.elements()
			return e.found(e.findBackward(t, a))
		})),
		mx("List<T> FindAll(Predicate<T> match)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			return types.Ref(newList(l.elem, l.elements().all(t, delegateArg(a[0], "match"))))
		})),
		mx("int FindIndex(Predicate<T> match)", findIndex),
		mx("int FindIndex(int startIndex, Predicate<T> match)", findIndex),
		mx("int FindIndex(int startIndex, int count, Predicate<T> match)", findIndex),
		mx("int FindLastIndex(Predicate<T> match)", findLast),
		mx("int FindLastIndex(int startIndex, Predicate<T> match)", findLast),
		mx("int FindLastIndex(int startIndex, int count, Predicate<T> match)", findLast),
		types.M("int IndexOf(T item)", onList(listIndexOf)),
		types.M("int IndexOf(T item, int index)", onList(listIndexOf)),
		types.M("int IndexOf(T item, int index, int count)", onList(listIndexOf)),
		types.M("int LastIndexOf(T item)", onList(listLastIndexOf)),
		types.M("int LastIndexOf(T item, int index)", onList(listLastIndexOf)),
		types.M("int LastIndexOf(T item, int index, int count)", onList(listLastIndexOf)),
		types.M("int BinarySearch(T item)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			return l.search(t, 0, len(l.items), a[0], nil)
		})),
		mx("int BinarySearch(T item, IComparer<T> comparer)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			return l.search(t, 0, len(l.items), a[0], a[1].Ref)
		})),
		mx("int BinarySearch(int index, int count, T item, IComparer<T> comparer)", onList(func(t *types.Thread, l *list, a []types.Value) types.Value {
			i, n := checkRange(a[0], a[1], len(l.items))
			return l.search(t, i, n, a[2], a[3].Ref)
		})),
	}
}

func (l *list) search(t *types.Thread, i, n int, v types.Value, comparer any) types.Value {
	return types.Int(int64(searchSorted(t, i, n, l.elements().get, v, orderingOf(l.elem, comparer))))
}

func listIndexOf(t *types.Thread, l *list, a []types.Value) types.Value {
	from := 0
	if len(a) > 1 {
		from = int(a[1].Int32())
	}
	if from > len(l.items) || from < 0 {
		throwRange(msgIndexAtMost, "index")
	}
	to := len(l.items)
	if len(a) > 2 {
		n := int(a[2].Int32())
		if n < 0 || from > len(l.items)-n {
			throwRange(msgCount, "count")
		}
		to = from + n
	}
	return types.Int(int64(l.indexOf(t, a[0], from, to)))
}

func listLastIndexOf(t *types.Thread, l *list, a []types.Value) types.Value {
	size := len(l.items)
	from := size - 1
	if len(a) > 1 {
		from = int(a[1].Int32())
	}
	n := from + 1
	if len(a) > 2 {
		n = int(a[2].Int32())
	}
	switch {
	case size == 0:
		return types.Int(-1)
	case from < 0:
		throwRange(msgNonNegative, "index")
	case n < 0:
		throwRange(msgNonNegative, "count")
	case from >= size && len(a) == 2:
		throwRange(msgIndexLess, "index")
	case from >= size:
		throwRange("Larger than collection size.", "index")
	case n > from+1:
		throwRange("Larger than collection size.", "count")
	}
	by := equalityOf(l.elem, nil)
	for i := from; i > from-n; i-- {
		t.Step(1)
		if by.equal(t, l.items[i], a[0]) {
			return types.Int(int64(i))
		}
	}
	return types.Int(-1)
}
