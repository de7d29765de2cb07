package clr

import "github.com/postern-gateway/postern/csharp/types"

// joinCall are the parts of a Join call: k are TOuter, TInner, TKey, TResult.
type joinCall struct {
	k                []*types.Type
	a                []types.Value
	outerKey, result *types.Delegate
	innerKey         *types.Delegate
	comparer         any
}

func joinArgs(k []*types.Type, a []types.Value) *joinCall {
	needBoth(a, "outer", "inner")
	return &joinCall{k: k, a: a, outerKey: delegateArg(a[2], "outerKeySelector"), innerKey: delegateArg(a[3], "innerKeySelector"),
		result: delegateArg(a[4], "resultSelector"), comparer: optional(a, 5)}
}

// group makes the lookup of one side; elements whose key is null join nothing.
func (j *joinCall) group(t *types.Thread, src types.Value, elem *types.Type, key *types.Delegate) *lookup {
	l := newLookup(j.k[2], elem, j.comparer)
	each(t, src, elem, func(v types.Value) bool {
		if k := key.Call1(t, v); types.Box(j.k[2], k) != nil {
			l.add(t, k, v)
		}
		return true
	})
	return l
}

// matches are the elements of a lookup that a key joins.
func (j *joinCall) matches(t *types.Thread, l *lookup, key types.Value) []types.Value {
	if types.Box(j.k[2], key) == nil {
		return nil
	}
	if g := l.find(t, key); g != nil {
		return g.items
	}
	return nil
}

// joined makes Join, LeftJoin (keep tells that a row without a match stays) and RightJoin (swap: the inner side leads).
func joined(keep, swap bool) linqFn {
	return func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
		j := joinArgs(k, a)
		lead, led, leadKey, ledKey := 0, 1, j.outerKey, j.innerKey
		if swap {
			lead, led, leadKey, ledKey = 1, 0, j.innerKey, j.outerKey
		}
		call := func(t *types.Thread, x, y types.Value) types.Value {
			if swap {
				return j.result.Call2(t, y, x)
			}
			return j.result.Call2(t, x, y)
		}
		return query(k[3], a[lead], k[lead], func(in *input) puller {
			var l *lookup
			var row types.Value
			var left []types.Value
			return func(t *types.Thread) (types.Value, bool) {
				for {
					if len(left) > 0 {
						v := left[0]
						left = left[1:]
						return call(t, row, v), true
					}
					v, ok := in.next(t)
					if !ok {
						return v, false
					}
					if l == nil {
						l = j.group(t, a[led], k[led], ledKey)
					}
					row = v
					if left = j.matches(t, l, leadKey.Call1(t, v)); len(left) == 0 && keep {
						return call(t, row, types.Value{}), true
					}
				}
			}
		})
	}
}

func groupJoin(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
	j := joinArgs(k, a)
	return query(k[3], a[0], k[0], func(in *input) puller {
		var l *lookup
		return func(t *types.Thread) (types.Value, bool) {
			v, ok := in.next(t)
			if !ok {
				return v, false
			}
			if l == nil {
				l = j.group(t, a[1], k[1], j.innerKey)
			}
			key := j.outerKey.Call1(t, v)
			list := types.Ref(allocArray(t, k[1], 0).object())
			if types.Box(k[2], key) != nil {
				list = l.sequence(t, key)
			}
			return j.result.Call2(t, v, list), true
		}
	})
}

func linqJoinMembers() []types.MemberDecl {
	const head = "<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, " +
		"Func<TInner, TKey> innerKeySelector, Func<TOuter, "
	var out []types.MemberDecl
	for _, tail := range []string{")", ", IEqualityComparer<TKey> comparer)"} {
		out = append(out,
			linq("IEnumerable<TResult> Join"+head+"TInner, TResult> resultSelector"+tail, joined(false, false)),
			linq("IEnumerable<TResult> LeftJoin"+head+"TInner, TResult> resultSelector"+tail, joined(true, false)),
			linq("IEnumerable<TResult> RightJoin"+head+"TInner, TResult> resultSelector"+tail, joined(true, true)),
			linq("IEnumerable<TResult> GroupJoin"+head+"IEnumerable<TInner>, TResult> resultSelector"+tail, groupJoin))
	}
	return out
}
