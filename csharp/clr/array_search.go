package clr

import "github.com/postern-gateway/postern/csharp/types"

func (v arrayView) elements() elements { return elements{v.len(), v.get} }

func arrayFindMembers() []types.MemberDecl {
	over := func(fn func(t *types.Thread, v arrayView, a []types.Value) types.Value) types.Impl {
		return staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			return fn(t, arrayArg(a[0], "array"), a[1:])
		})
	}
	index := over(func(t *types.Thread, v arrayView, a []types.Value) types.Value {
		return types.Int(int64(v.elements().find(t, a)))
	})
	last := over(func(t *types.Thread, v arrayView, a []types.Value) types.Value {
		return types.Int(int64(v.elements().findBackward(t, a)))
	})
	return []types.MemberDecl{
		mx("static bool Exists<T>(T[] array, Predicate<T> match)", over(func(t *types.Thread, v arrayView, a []types.Value) types.Value {
			return types.Bool(v.elements().find(t, a) >= 0)
		})),
		mx("static bool TrueForAll<T>(T[] array, Predicate<T> match)", over(func(t *types.Thread, v arrayView, a []types.Value) types.Value {
			return types.Bool(v.elements().trueForAll(t, delegateArg(a[0], "match")))
		})),
		mx("static T Find<T>(T[] array, Predicate<T> match)", over(func(t *types.Thread, v arrayView, a []types.Value) types.Value {
			return v.elements().found(v.elements().find(t, a))
		})),
		mx("static T FindLast<T>(T[] array, Predicate<T> match)", over(func(t *types.Thread, v arrayView, a []types.Value) types.Value {
			return v.elements().found(v.elements().findBackward(t, a))
		})),
		mx("static T[] FindAll<T>(T[] array, Predicate<T> match)", staticOf(func(t *types.Thread, targs []*types.Type, a []types.Value) types.Value {
			v := arrayArg(a[0], "array")
			return arrayWith(t, targs[0], v.elements().all(t, delegateArg(a[1], "match")))
		})),
		mx("static int FindIndex<T>(T[] array, Predicate<T> match)", index),
		mx("static int FindIndex<T>(T[] array, int startIndex, Predicate<T> match)", index),
		mx("static int FindIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)", index),
		mx("static int FindLastIndex<T>(T[] array, Predicate<T> match)", last),
		mx("static int FindLastIndex<T>(T[] array, int startIndex, Predicate<T> match)", last),
		mx("static int FindLastIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)", last),
		mx("static void ForEach<T>(T[] array, Action<T> action)", over(func(t *types.Thread, v arrayView, a []types.Value) types.Value {
			action := delegateArg(a[0], "action")
			for i := 0; i < v.len(); i++ {
				t.Step(1)
				action.Call1(t, v.get(i))
			}
			return types.Value{}
		})),
		mx("static TOutput[] ConvertAll<TInput, TOutput>(TInput[] array, Converter<TInput, TOutput> converter)", staticOf(
			func(t *types.Thread, targs []*types.Type, a []types.Value) types.Value {
				v, convert := arrayArg(a[0], "array"), delegateArg(a[1], "converter")
				t.Alloc(24 * int64(v.len()))
				out := make([]types.Value, v.len())
				for i := range out {
					t.Step(1)
					out[i] = convert.Call1(t, v.get(i))
				}
				return arrayWith(t, targs[1], out)
			})),
	}
}

// forward are the bounds of IndexOf from its optional start and count.
func (v arrayView) forward(a []types.Value) (from, n int) {
	n = v.len()
	if len(a) > 0 {
		from = int(a[0].Int32())
		if uint(from) > uint(v.len()) {
			throwRange(msgIndexAtMost, "startIndex")
		}
		n = v.len() - from
	}
	if len(a) > 1 {
		if n = int(a[1].Int32()); uint(n) > uint(v.len()-from) {
			throwRange(msgCount, "count")
		}
	}
	return from, n
}

// backward are the bounds of LastIndexOf: n elements that end at from.
func (v arrayView) backward(a []types.Value) (from, n int) {
	size := v.len()
	from, n = size-1, size
	if len(a) > 0 {
		from = int(a[0].Int32())
		n = from + 1
		if size == 0 {
			n = 0
		}
	}
	if len(a) > 1 {
		n = int(a[1].Int32())
	}
	switch {
	case size == 0 && len(a) > 0 && from != -1 && from != 0:
		throwRange(msgIndexLess, "startIndex")
	case size == 0:
		return -1, 0
	case uint(from) >= uint(size):
		throwRange(msgIndexLess, "startIndex")
	case n < 0 || from-n+1 < 0:
		throwRange(msgCount, "count")
	}
	return from, n
}

// indexOf looks for v by the equality of its type; step is 1 or -1.
func (v arrayView) indexOf(t *types.Thread, x types.Value, from, n, step int) types.Value {
	by := equalityOf(v.elem(), nil)
	for ; n > 0; n, from = n-1, from+step {
		t.Step(1)
		if by.equal(t, v.get(from), x) {
			return types.Int(int64(from))
		}
	}
	return types.Int(-1)
}

func arrayIndexMembers() []types.MemberDecl {
	typed := func(step int) types.Impl {
		return staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			v := arrayArg(a[0], "array")
			from, n := v.bounds(step, a[2:])
			return v.indexOf(t, a[1], from, n, step)
		})
	}
	untyped := func(step int) types.Impl {
		return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
			v := arrayArg(a[0], "array")
			from, n := v.bounds(step, a[2:])
			x := a[1]
			if e := v.elem(); e.IsValue() {
				if x.Ref == nil && !isNullable(e) || x.Ref != nil && !types.IsInstance(x.Ref, e) {
					return types.Int(-1)
				}
				x = types.UnboxTo(x.Ref, e)
			}
			return v.indexOf(t, x, from, n, step)
		})
	}
	var out []types.MemberDecl
	for _, more := range []string{"", ", int startIndex", ", int startIndex, int count"} {
		out = append(out,
			types.M("static int IndexOf<T>(T[] array, T value"+more+")", typed(1)), types.M("static int LastIndexOf<T>(T[] array, T value"+more+")", typed(-1)),
			types.M("static int IndexOf(System.Array array, object value"+more+")", untyped(1)), types.M("static int LastIndexOf(System.Array array, object value"+more+")", untyped(-1)))
	}
	return append(out, binarySearchMembers()...)
}

func (v arrayView) bounds(step int, a []types.Value) (from, n int) {
	if step > 0 {
		return v.forward(a)
	}
	return v.backward(a)
}

// section are the bounds of a range, checked as Array's methods with index and length do.
func (v arrayView) section(index, length types.Value) (i, n int) {
	i, n = int(index.Int32()), int(length.Int32())
	switch {
	case i < 0:
		throwRange(msgNonNegative, "index")
	case n < 0:
		throwRange(msgNonNegative, "length")
	case v.len()-i < n:
		types.Throw(types.ArgumentException, msgOffsetLength)
	}
	return i, n
}

func binarySearchMembers() []types.MemberDecl {
	search := func(ranged, comparer bool, typed bool) types.Impl {
		return staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			v := arrayArg(a[0], "array")
			i, n := 0, v.len()
			rest := a[1:]
			if ranged {
				i, n = v.section(a[1], a[2])
				rest = a[3:]
			}
			var by any
			if comparer {
				by = rest[1].Ref
			}
			if typed {
				return types.Int(int64(searchSorted(t, i, n, v.get, rest[0], orderingOf(v.elem(), by))))
			}
			get := func(i int) types.Value { return types.Value{Ref: types.Box(v.elem(), v.get(i))} }
			return types.Int(int64(searchSorted(t, i, n, get, rest[0], orderingOf(types.Object_, by))))
		})
	}
	return []types.MemberDecl{
		types.M("static int BinarySearch<T>(T[] array, T value)", search(false, false, true)),
		mx("static int BinarySearch<T>(T[] array, T value, IComparer<T> comparer)", search(false, true, true)),
		types.M("static int BinarySearch<T>(T[] array, int index, int length, T value)", search(true, false, true)),
		mx("static int BinarySearch<T>(T[] array, int index, int length, T value, IComparer<T> comparer)", search(true, true, true)),
		types.M("static int BinarySearch(System.Array array, object value)", search(false, false, false)),
		types.M("static int BinarySearch(System.Array array, object value, System.Collections.IComparer comparer)", search(false, true, false)),
		types.M("static int BinarySearch(System.Array array, int index, int length, object value)", search(true, false, false)),
		types.M("static int BinarySearch(System.Array array, int index, int length, object value, System.Collections.IComparer comparer)", search(true, true, false)),
	}
}
