package clr

import "github.com/postern-gateway/postern/csharp/types"

// whole makes a method whose result is a rearrangement of all elements of the source, made when the first is asked for.
func whole(arrange func(t *types.Thread, list []types.Value, a []types.Value) []types.Value) linqFn {
	return func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
		return types.Ref(newSequence(k[0], func(*types.Thread) types.Enumerator {
			var list []types.Value
			i := -1
			return &pull{next: func(t *types.Thread) (types.Value, bool) {
				if i < 0 {
					list = arrange(t, drain(t, a[0].Ref, k[0]), a)
				}
				i++
				if i >= len(list) {
					return types.Value{}, false
				}
				return list[i], true
			}}
		}))
	}
}

func reversed(_ *types.Thread, list, _ []types.Value) []types.Value {
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

func reverse(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
	return shownAs(whole(reversed)(t, k, a), "ReverseIterator", k[0])
}

func skipTakeClass(src any) string {
	if isList(src) {
		return "IListSkipTakeIterator"
	}
	return "IEnumerableSkipTakeIterator"
}

func linqSliceMembers() []types.MemberDecl {
	const seq, head = "(this IEnumerable<TSource> source", "IEnumerable<TSource> "
	return []types.MemberDecl{
		from(head+"Take<TSource>"+seq+", int count)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			if a[1].Int32() <= 0 {
				return types.Ref(allocArray(t, k[0], 0).object())
			}
			return shownAs(query(k[0], a[0], k[0], func(in *input) puller {
				left := a[1].Int32()
				return func(t *types.Thread) (types.Value, bool) {
					if left <= 0 {
						return types.Value{}, false
					}
					left--
					return in.next(t)
				}
			}), skipTakeClass(a[0].Ref), k[0])
		}),
		from(head+"Skip<TSource>"+seq+", int count)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			return shownAs(query(k[0], a[0], k[0], func(in *input) puller {
				left := a[1].Int32()
				return func(t *types.Thread) (types.Value, bool) {
					for ; left > 0; left-- {
						if v, ok := in.next(t); !ok {
							return v, false
						}
					}
					return in.next(t)
				}
			}), skipTakeClass(a[0].Ref), k[0])
		}),
		from(head+"TakeWhile<TSource>"+seq+", Func<TSource, bool> predicate)", takeWhile(false)),
		from(head+"TakeWhile<TSource>"+seq+", Func<TSource, int, bool> predicate)", takeWhile(true)),
		from(head+"SkipWhile<TSource>"+seq+", Func<TSource, bool> predicate)", skipWhile(false)),
		from(head+"SkipWhile<TSource>"+seq+", Func<TSource, int, bool> predicate)", skipWhile(true)),
		from(head+"TakeLast<TSource>"+seq+", int count)", whole(func(_ *types.Thread, list, a []types.Value) []types.Value {
			return list[max(0, len(list)-max(0, int(a[1].Int32()))):]
		})),
		from(head+"SkipLast<TSource>"+seq+", int count)", whole(func(_ *types.Thread, list, a []types.Value) []types.Value {
			return list[:max(0, len(list)-max(0, int(a[1].Int32())))]
		})),
		from(head+"Reverse<TSource>"+seq+")", reverse),
		from(head+"Reverse<TSource>(this TSource[] source)", reverse),
		from(head+"Shuffle<TSource>"+seq+")", whole(shuffled)),
		from("IEnumerable<TSource[]> Chunk<TSource>"+seq+", int size)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			size := int(a[1].Int32())
			if size < 1 {
				throwRange(msgOutOfRange, "size")
			}
			return query(types.ArrayOf(k[0], 1), a[0], k[0], func(in *input) puller {
				return func(t *types.Thread) (types.Value, bool) {
					var part []types.Value
					for len(part) < size {
						v, ok := in.next(t)
						if !ok {
							break
						}
						t.Alloc(24)
						part = append(part, v)
					}
					if part == nil {
						return types.Value{}, false
					}
					return arrayWith(t, k[0], part), true
				}
			})
		}),
		from(head+"DefaultIfEmpty<TSource>"+seq+")", defaultIfEmpty), from(head+"DefaultIfEmpty<TSource>"+seq+", TSource defaultValue)", defaultIfEmpty),
		from(head+"AsEnumerable<TSource>"+seq+")", func(_ *types.Thread, _ []*types.Type, a []types.Value) types.Value { return a[0] }),
	}
}

// holdsFor calls a predicate that takes an index or not.
func holdsFor(t *types.Thread, p *types.Delegate, index bool, v types.Value, i int64) bool {
	if index {
		return p.Call2(t, v, types.Int(i)).Bool()
	}
	return p.Call1(t, v).Bool()
}

func takeWhile(index bool) linqFn {
	return func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
		p := delegateArg(a[1], "predicate")
		return query(k[0], a[0], k[0], func(in *input) puller {
			i := int64(-1)
			return func(t *types.Thread) (types.Value, bool) {
				v, ok := in.next(t)
				i++
				if !ok || !holdsFor(t, p, index, v, i) {
					return types.Value{}, false
				}
				return v, true
			}
		})
	}
}

func skipWhile(index bool) linqFn {
	return func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
		p := delegateArg(a[1], "predicate")
		return query(k[0], a[0], k[0], func(in *input) puller {
			i, skipping := int64(-1), true
			return func(t *types.Thread) (types.Value, bool) {
				for {
					v, ok := in.next(t)
					i++
					if !ok || !skipping {
						return v, ok
					}
					if !holdsFor(t, p, index, v, i) {
						skipping = false
						return v, true
					}
				}
			}
		})
	}
}

func defaultIfEmpty(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
	var other types.Value
	if len(a) > 1 {
		other = a[1]
	}
	return query(k[0], a[0], k[0], func(in *input) puller {
		first := true
		return func(t *types.Thread) (types.Value, bool) {
			if first {
				first = false
				v, ok := in.next(t)
				if !ok {
					in.dispose(t)
					in.e = types.Iterate(t, sequenceOf(in.elem, nil), in.elem)
					return other, true
				}
				return v, true
			}
			return in.next(t)
		}
	})
}
