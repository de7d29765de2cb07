package clr

import "github.com/postern-gateway/postern/csharp/types"

func linqFoldMembers() []types.MemberDecl {
	const seq, predicate = "<TSource>(this IEnumerable<TSource> source", ", Func<TSource, bool> predicate"
	count := func(limit int64) linqFn {
		return func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			if n, ok := quickCount(t, a[0].Ref); ok && len(a) == 1 {
				return types.Int(int64(n))
			}
			match := predicateOf(t, a, len(a) > 1)
			n := int64(0)
			each(t, a[0], k[0], func(v types.Value) bool {
				if match(v) {
					n++
				}
				if n > limit {
					throwSumOverflow()
				}
				return true
			})
			return types.Int(n)
		}
	}
	const fold = "Aggregate<TSource, TAccumulate"
	return []types.MemberDecl{
		from("int Count"+seq+")", count(1<<31-1)), from("int Count"+seq+predicate+")", count(1<<31-1)),
		from("long LongCount"+seq+")", count(1<<63-1)), from("long LongCount"+seq+predicate+")", count(1<<63-1)),
		from("TSource Aggregate"+seq+", Func<TSource, TSource, TSource> func)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			f := delegateArg(a[1], "func")
			var sum types.Value
			some := false
			each(t, a[0], k[0], func(v types.Value) bool {
				if some {
					v = f.Call2(t, sum, v)
				}
				sum, some = v, true
				return true
			})
			if !some {
				throwNoElements()
			}
			return sum
		}),
		from("TAccumulate "+fold+">(this IEnumerable<TSource> source, TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func)", aggregate),
		from("TResult "+fold+", TResult>(this IEnumerable<TSource> source, TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func, Func<TAccumulate, TResult> resultSelector)", aggregate),
	}
}

func aggregate(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
	sum, f := a[1], delegateArg(a[2], "func")
	var result *types.Delegate
	if len(a) > 3 {
		result = delegateArg(a[3], "resultSelector")
	}
	each(t, a[0], k[0], func(v types.Value) bool {
		sum = f.Call2(t, sum, v)
		return true
	})
	if result != nil {
		return result.Call1(t, sum)
	}
	return sum
}
