package clr

import "github.com/postern-gateway/postern/csharp/types"

// grouping is an IGrouping<TKey, TElement>.
type grouping struct {
	typ, elem *types.Type
	key       types.Value
	items     []types.Value
}

var (
	groupingType = newLateGeneric("System.Linq.IGrouping", 2)
	lookupType   = newLateGeneric("System.Linq.Lookup", 2)

	groupingClass = newLateGeneric("System.Linq.Grouping", 2)
)

// ClrType is the class System.Linq.Grouping, which programs know as IGrouping.
func (g *grouping) ClrType() *types.Type { return groupingClass.of(g.typ.Args...) }

func (g *grouping) ElementType() *types.Type                 { return g.elem }
func (g *grouping) Enumerate(*types.Thread) types.Enumerator { return newItems(g.items) }
func (g *grouping) Count(*types.Thread) int                  { return len(g.items) }

func (g *grouping) At(_ *types.Thread, i int) types.Value {
	if uint(i) >= uint(len(g.items)) {
		throwRange(msgOutOfRange, "index")
	}
	return g.items[i]
}

// lookup is an ILookup<TKey, TElement>: groups in the order in which their keys were met.
type lookup struct {
	typ, group, key, elem *types.Type
	table                 *table
	groups                []*grouping
}

func newLookup(key, elem *types.Type, comparer any) *lookup {
	return &lookup{typ: lookupType.of(key, elem), group: groupingType.of(key, elem), key: key, elem: elem, table: newTable(equalityOf(key, comparer))}
}

func (l *lookup) ClrType() *types.Type     { return l.typ }
func (l *lookup) ElementType() *types.Type { return l.group }
func (l *lookup) Count(*types.Thread) int  { return len(l.groups) }

func (l *lookup) Enumerate(*types.Thread) types.Enumerator {
	list := make([]types.Value, len(l.groups))
	for i, g := range l.groups {
		list[i] = types.Ref(g)
	}
	return newItems(list)
}

func (l *lookup) add(t *types.Thread, key, v types.Value) {
	i, added := l.table.add(t, key, types.Value{})
	if added {
		l.groups = append(l.groups, &grouping{typ: l.group, elem: l.elem, key: key})
	}
	t.Alloc(24)
	g := l.groups[i]
	g.items = append(g.items, v)
}

// find is the group of a key; nil if there is none.
func (l *lookup) find(t *types.Thread, key types.Value) *grouping {
	if i := l.table.find(t, key); i >= 0 {
		return l.groups[i]
	}
	return nil
}

// sequence is the group of a key as an IEnumerable, empty if there is none.
func (l *lookup) sequence(t *types.Thread, key types.Value) types.Value {
	if g := l.find(t, key); g != nil {
		return types.Ref(g)
	}
	return types.Ref(allocArray(t, l.elem, 0).object())
}

func groupingDecls() []*types.Decl {
	return []*types.Decl{
		mxType("interface System.Linq.IGrouping<out TKey, out TElement> : IEnumerable<TElement>, System.Collections.IEnumerable",
			types.M("TKey Key { get; }", types.I0(func(g *grouping) types.Value { return g.key }))),
		mxType("interface System.Linq.ILookup<TKey, TElement> : IEnumerable<IGrouping<TKey, TElement>>, System.Collections.IEnumerable",
			types.M("int Count { get; }", types.I0(func(l *lookup) int32 { return int32(len(l.groups)) })),
			mx("IEnumerable<TElement> this[TKey key] { get; }", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
				return o.(*lookup).sequence(t, a[0])
			})),
			types.M("bool Contains(TKey key)", instance(func(t *types.Thread, o any, a []types.Value) types.Value {
				return types.Bool(o.(*lookup).find(t, a[0]) != nil)
			}))),
		mxType("class System.Linq.Lookup<TKey, TElement> : ILookup<TKey, TElement>, IEnumerable<IGrouping<TKey, TElement>>, System.Collections.IEnumerable"),
		hiddenGrouping(),
	}
}

func hiddenGrouping() *types.Decl {
	d := mxType("class System.Linq.Grouping<TKey, TElement> : IGrouping<TKey, TElement>, IList<TElement>, IEnumerable<TElement>, System.Collections.IEnumerable")
	d.Hidden = true
	return d
}

// grouper are the parts of a GroupBy or ToLookup call.
type grouper struct {
	src           types.Value
	source        *types.Type
	key, elem     *types.Type
	keyOf, elemOf func(t *types.Thread, v types.Value) types.Value
	result        *types.Delegate
	comparer      any
}

// groupArgs reads the arguments: element tells that an element selector follows the key selector, result that a result selector does.
func groupArgs(k []*types.Type, a []types.Value, element, result bool) grouper {
	g := grouper{src: a[0], source: k[0], key: k[1], elem: k[0], elemOf: identity}
	g.keyOf = selectorOf(delegateArg(a[1], "keySelector"))
	next := 2
	if element {
		g.elem, g.elemOf = k[2], selectorOf(delegateArg(a[next], "elementSelector"))
		next++
	}
	if result {
		g.result = delegateArg(a[next], "resultSelector")
		next++
	}
	g.comparer = optional(a, next)
	return g
}

func (g grouper) build(t *types.Thread) *lookup {
	l := newLookup(g.key, g.elem, g.comparer)
	each(t, g.src, g.source, func(v types.Value) bool {
		l.add(t, g.keyOf(t, v), g.elemOf(t, v))
		return true
	})
	return l
}

func groupBy(element, result bool) linqFn {
	return func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
		g := groupArgs(k, a, element, result)
		elem := groupingType.of(g.key, g.elem)
		if result {
			elem = k[len(k)-1]
		}
		return types.Ref(newSequence(elem, func(*types.Thread) types.Enumerator {
			var groups []*grouping
			i := -1
			return &pull{next: func(t *types.Thread) (types.Value, bool) {
				if i < 0 {
					groups = g.build(t).groups
				}
				i++
				if i >= len(groups) {
					return types.Value{}, false
				}
				if result {
					return g.result.Call2(t, groups[i].key, types.Ref(groups[i])), true
				}
				return types.Ref(groups[i]), true
			}}
		}))
	}
}

func toLookup(element bool) linqFn {
	return func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		return types.Ref(groupArgs(k, a, element, false).build(t))
	}
}

func linqGroupMembers() []types.MemberDecl {
	const key = "(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector"
	const comparer = ", IEqualityComparer<TKey> comparer)"
	const element = ", Func<TSource, TElement> elementSelector"
	var out []types.MemberDecl
	for _, tail := range []string{")", comparer} {
		out = append(out,
			from("IEnumerable<IGrouping<TKey, TSource>> GroupBy<TSource, TKey>"+key+tail, groupBy(false, false)),
			from("IEnumerable<IGrouping<TKey, TElement>> GroupBy<TSource, TKey, TElement>"+key+element+tail, groupBy(true, false)),
			from("IEnumerable<TResult> GroupBy<TSource, TKey, TResult>"+key+", Func<TKey, IEnumerable<TSource>, TResult> resultSelector"+tail, groupBy(false, true)),
			from("IEnumerable<TResult> GroupBy<TSource, TKey, TElement, TResult>"+key+element+", Func<TKey, IEnumerable<TElement>, TResult> resultSelector"+tail, groupBy(true, true)),
			from("ILookup<TKey, TSource> ToLookup<TSource, TKey>"+key+tail, toLookup(false)),
			from("ILookup<TKey, TElement> ToLookup<TSource, TKey, TElement>"+key+element+tail, toLookup(true)))
	}
	const by = ", IEqualityComparer<TKey> keyComparer = null)"
	return append(out,
		from("IEnumerable<KeyValuePair<TKey, int>> CountBy<TSource, TKey>"+key+by, func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			one := func(*types.Thread, types.Value) types.Value { return types.Int(0) }
			return aggregateBy(k[0], k[1], types.Int32Type, a[0], delegateArg(a[1], "keySelector"), a[2].Ref, one,
				func(_ *types.Thread, sum, _ types.Value) types.Value { return types.Int(int64(sum.Int32() + 1)) })
		}),
		from("IEnumerable<KeyValuePair<TKey, TAccumulate>> AggregateBy<TSource, TKey, TAccumulate>"+key+", TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func"+by,
			func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
				f := delegateArg(a[3], "func")
				return aggregateBy(k[0], k[1], k[2], a[0], delegateArg(a[1], "keySelector"), a[4].Ref,
					func(*types.Thread, types.Value) types.Value { return a[2] }, f.Call2)
			}),
		from("IEnumerable<KeyValuePair<TKey, TAccumulate>> AggregateBy<TSource, TKey, TAccumulate>"+key+", Func<TKey, TAccumulate> seedSelector, Func<TAccumulate, TSource, TAccumulate> func"+by,
			func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
				return aggregateBy(k[0], k[1], k[2], a[0], delegateArg(a[1], "keySelector"), a[4].Ref, selectorOf(delegateArg(a[2], "seedSelector")), delegateArg(a[3], "func").Call2)
			}))
}

// aggregateBy folds the elements of each key.
func aggregateBy(source, key, result *types.Type, src types.Value, keyOf *types.Delegate, comparer any,
	seed func(*types.Thread, types.Value) types.Value, fold func(t *types.Thread, sum, v types.Value) types.Value) types.Value {
	pair := keyValueType.of(key, result)
	return types.Ref(newSequence(pair, func(*types.Thread) types.Enumerator {
		var all *table
		i := -1
		return &pull{next: func(t *types.Thread) (types.Value, bool) {
			if all == nil {
				all = newTable(equalityOf(key, comparer))
				each(t, src, source, func(v types.Value) bool {
					k := keyOf.Call1(t, v)
					at := all.find(t, k)
					if at < 0 {
						if types.Box(key, k) == nil {
							types.ThrowNull("key")
						}
						at, _ = all.add(t, k, seed(t, k))
					}
					all.entries[at].value = fold(t, all.entries[at].value, v)
					return true
				})
			}
			i++
			if i >= len(all.entries) {
				return types.Value{}, false
			}
			return types.Ref(&keyValue{pair, all.entries[i].key, all.entries[i].value}), true
		}}
	}))
}
