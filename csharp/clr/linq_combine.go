package clr

import (
	"math/rand/v2"

	"github.com/postern-gateway/postern/csharp/types"
)

func shuffled(_ *types.Thread, list, _ []types.Value) []types.Value {
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// chained is a sequence of several sources, one after the other; one that is such a chain itself gives its parts.
func chained(t *types.Thread, elem *types.Type, sources ...types.Value) types.Value {
	var parts []types.Value
	for _, src := range sources {
		if s, ok := src.Ref.(*sequence); ok && s.parts != nil && s.elem == elem {
			t.Alloc(24 * int64(len(s.parts)))
			t.Step(int64(len(s.parts)) / 16)
			parts = append(parts, s.parts...)
		} else {
			parts = append(parts, src)
		}
	}
	out := newSequence(elem, func(*types.Thread) types.Enumerator {
		i := 0
		in := &input{src: parts[0].Ref, elem: elem}
		return &pull{next: func(t *types.Thread) (types.Value, bool) {
			for {
				if v, ok := in.next(t); ok || i == len(parts)-1 {
					return v, ok
				}
				in.dispose(t)
				i++
				in.src, in.e = parts[i].Ref, nil
			}
		}, close: in.dispose}
	})
	out.parts = parts
	return types.Ref(out)
}

func single(elem *types.Type, v types.Value) types.Value {
	return types.Ref(sequenceOf(elem, []types.Value{v}))
}

// needBoth checks the arguments first and second.
func needBoth(a []types.Value, first, second string) {
	need(a[0], first)
	need(a[1], second)
}

func linqCombineMembers() []types.MemberDecl {
	const seq = "(this IEnumerable<TSource> source, TSource element)"
	const zip = "(this IEnumerable<TFirst> first, IEnumerable<TSecond> second"
	return []types.MemberDecl{
		linq("IEnumerable<TSource> Concat<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			needBoth(a, "first", "second")
			return shownAs(chained(t, k[0], a[0], a[1]), "Concat2Iterator", k[0])
		}),
		from("IEnumerable<TSource> Append<TSource>"+seq, func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			return shownAs(chained(t, k[0], a[0], single(k[0], a[1])), "AppendPrepend1Iterator", k[0])
		}),
		from("IEnumerable<TSource> Prepend<TSource>"+seq, func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			return shownAs(chained(t, k[0], single(k[0], a[1]), a[0]), "AppendPrepend1Iterator", k[0])
		}),
		linq("IEnumerable<TResult> Zip<TFirst, TSecond, TResult>"+zip+", Func<TFirst, TSecond, TResult> resultSelector)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			needBoth(a, "first", "second")
			f := delegateArg(a[2], "resultSelector")
			return zipped(k[2], k[:2], a[:2], func(t *types.Thread, v []types.Value) types.Value { return f.Call2(t, v[0], v[1]) })
		}),
		linq("IEnumerable<(TFirst First, TSecond Second)> Zip<TFirst, TSecond>"+zip+")", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			needBoth(a, "first", "second")
			return zipTuples(k, a)
		}),
		linq("IEnumerable<(TFirst First, TSecond Second, TThird Third)> Zip<TFirst, TSecond, TThird>"+zip+", IEnumerable<TThird> third)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			needBoth(a, "first", "second")
			need(a[2], "third")
			return zipTuples(k, a)
		}),
		from("IEnumerable<(int Index, TSource Item)> Index<TSource>(this IEnumerable<TSource> source)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			typ := types.TupleType([]*types.Type{types.Int32Type, k[0]}, nil)
			return query(typ, a[0], k[0], func(in *input) puller {
				i := int64(-1)
				return func(t *types.Thread) (types.Value, bool) {
					v, ok := in.next(t)
					i++
					if !ok {
						return v, false
					}
					return types.Ref(&types.TupleValue{T: typ, Items: []types.Value{types.Int(i), v}}), true
				}
			})
		}),
	}
}

func zipTuples(k []*types.Type, a []types.Value) types.Value {
	typ := types.TupleType(k, nil)
	return zipped(typ, k, a, func(t *types.Thread, v []types.Value) types.Value {
		t.Alloc(24 * int64(len(v)))
		return types.Ref(&types.TupleValue{T: typ, Items: append([]types.Value(nil), v...)})
	})
}

// zipped goes through several sources at once, to the end of the shortest.
func zipped(elem *types.Type, k []*types.Type, a []types.Value, combine func(t *types.Thread, v []types.Value) types.Value) types.Value {
	return types.Ref(newSequence(elem, func(*types.Thread) types.Enumerator {
		ins := make([]*input, len(k))
		for i := range k {
			ins[i] = &input{src: a[i].Ref, elem: k[i]}
		}
		v := make([]types.Value, len(k))
		return &pull{next: func(t *types.Thread) (types.Value, bool) {
			for i, in := range ins {
				var ok bool
				if v[i], ok = in.next(t); !ok {
					return types.Value{}, false
				}
			}
			return combine(t, v), true
		}, close: func(t *types.Thread) {
			for i := len(ins) - 1; i >= 0; i-- {
				ins[i].dispose(t)
			}
		}}
	}))
}

// generated is a sequence of n values made by their index.
func generated(t *types.Thread, elem *types.Type, n int, value func(i int) types.Value) types.Value {
	if n == 0 {
		return types.Ref(allocArray(t, elem, 0).object())
	}
	s := newSequence(elem, func(*types.Thread) types.Enumerator {
		i := -1
		return &pull{next: func(*types.Thread) (types.Value, bool) {
			i++
			if i >= n {
				return types.Value{}, false
			}
			return value(i), true
		}}
	})
	s.count = func(*types.Thread) int { return n }
	s.at = func(_ *types.Thread, i int) types.Value { return value(i) }
	return types.Ref(s)
}

func linqMakeMembers() []types.MemberDecl {
	return []types.MemberDecl{
		linq("IEnumerable<int> Range(int start, int count)", func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			start, n := a[0].Int64(), a[1].Int64()
			if n < 0 || start+n-1 > 1<<31-1 {
				throwRange(msgOutOfRange, "count")
			}
			q := generated(t, types.Int32Type, int(n), func(i int) types.Value { return types.Int(start + int64(i)) })
			if s, ok := q.Ref.(*sequence); ok {
				s.typ = rangeType()
			}
			return q
		}),
		linq("IEnumerable<TResult> Repeat<TResult>(TResult element, int count)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			n, v := int(a[1].Int32()), a[0]
			if n < 0 {
				throwRange(msgOutOfRange, "count")
			}
			return shownAs(generated(t, k[0], n, func(int) types.Value { return v }), "RepeatIterator", k[0])
		}),
		linq("IEnumerable<TResult> Empty<TResult>()", func(t *types.Thread, k []*types.Type, _ []types.Value) types.Value {
			return types.Ref(allocArray(t, k[0], 0).object())
		}),
	}
}
