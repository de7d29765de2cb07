package clr

import "github.com/postern-gateway/postern/csharp/types"

// found is what a search for one element came to.
type found struct {
	v  types.Value
	ok bool
}

// takesAll is the predicate of a search without one.
func takesAll(types.Value) bool { return true }

// predicateOf is the predicate at i of the arguments; takes everything if there is none.
func predicateOf(t *types.Thread, a []types.Value, has bool) func(v types.Value) bool {
	if !has {
		return takesAll
	}
	p := delegateArg(a[1], "predicate")
	return func(v types.Value) bool { return p.Call1(t, v).Bool() }
}

func firstOf(t *types.Thread, elem *types.Type, src types.Value, match func(types.Value) bool, _ bool) (f found) {
	if o, ok := src.Ref.(*ordered); ok {
		f.v, f.ok = o.extreme(t, false, match)
		return f
	}
	each(t, src, elem, func(v types.Value) bool {
		if match(v) {
			f = found{v, true}
		}
		return !f.ok
	})
	return f
}

func lastOf(t *types.Thread, elem *types.Type, src types.Value, match func(types.Value) bool, _ bool) (f found) {
	switch x := src.Ref.(type) {
	case *ordered:
		f.v, f.ok = x.extreme(t, true, match)
		return f
	case *types.Array:
		if x.T.Elem.IsValue() == elem.IsValue() {
			return lastIn(t, x.Items, match)
		}
	case *list:
		if x.elem.IsValue() == elem.IsValue() {
			return lastIn(t, x.items, match)
		}
	}
	each(t, src, elem, func(v types.Value) bool {
		if match(v) {
			f = found{v, true}
		}
		return true
	})
	return f
}

// lastIn looks from the end, as .NET does in lists.
func lastIn(t *types.Thread, items []types.Value, match func(types.Value) bool) found {
	for i := len(items) - 1; i >= 0; i-- {
		t.Step(1)
		if match(items[i]) {
			return found{items[i], true}
		}
	}
	return found{}
}

func singleOf(t *types.Thread, elem *types.Type, src types.Value, match func(types.Value) bool, predicate bool) (f found) {
	each(t, src, elem, func(v types.Value) bool {
		if !match(v) {
			return true
		}
		if f.ok {
			if predicate {
				types.Throw(types.InvalidOperationException, "Sequence contains more than one matching element")
			}
			types.Throw(types.InvalidOperationException, "Sequence contains more than one element")
		}
		f = found{v, true}
		return true
	})
	return f
}

type search func(t *types.Thread, elem *types.Type, src types.Value, match func(types.Value) bool, predicate bool) found

func linqElementMembers() []types.MemberDecl {
	const seq, predicate = "(this IEnumerable<TSource> source", ", Func<TSource, bool> predicate"
	var out []types.MemberDecl
	for _, form := range []struct {
		name string
		find search
	}{{"First", firstOf}, {"Last", lastOf}, {"Single", singleOf}} {
		must := func(has bool) linqFn {
			return func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
				f := form.find(t, k[0], a[0], predicateOf(t, a, has), has)
				if !f.ok && has {
					types.Throw(types.InvalidOperationException, "Sequence contains no matching element")
				}
				if !f.ok {
					throwNoElements()
				}
				return f.v
			}
		}
		orDefault := func(has bool, other int) linqFn {
			return func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
				f := form.find(t, k[0], a[0], predicateOf(t, a, has), has)
				if !f.ok && other > 0 {
					return a[other]
				}
				return f.v
			}
		}
		name := "TSource " + form.name
		out = append(out,
			from(name+"<TSource>"+seq+")", must(false)), from(name+"<TSource>"+seq+predicate+")", must(true)),
			from(name+"OrDefault<TSource>"+seq+")", orDefault(false, 0)), from(name+"OrDefault<TSource>"+seq+predicate+")", orDefault(true, 0)),
			from(name+"OrDefault<TSource>"+seq+", TSource defaultValue)", orDefault(false, 1)),
			from(name+"OrDefault<TSource>"+seq+predicate+", TSource defaultValue)", orDefault(true, 2)))
	}
	return append(out,
		from("TSource ElementAt<TSource>"+seq+", int index)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			i := int(a[1].Int32())
			if isListed(a[0].Ref) {
				return collectionAt(t, a[0].Ref, k[0], i)
			}
			f := elementAt(t, k[0], a[0], i)
			if !f.ok {
				throwRange(msgOutOfRange, "index")
			}
			return f.v
		}),
		from("TSource ElementAtOrDefault<TSource>"+seq+", int index)", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			return elementAt(t, k[0], a[0], int(a[1].Int32())).v
		}))
}

var collectionType = newLateGeneric("System.Collections.Generic.ICollection", 1)

// isListed reports whether o is an IList, whose own indexer serves ElementAt.
func isListed(o any) bool {
	switch o.(type) {
	case *types.Array, *types.Bytes, indexed:
		return true
	}
	return false
}

func elementAt(t *types.Thread, elem *types.Type, src types.Value, i int) (f found) {
	if i < 0 {
		return f
	}
	if s, ok := src.Ref.(*sequence); ok && s.at != nil && s.elem.IsValue() == elem.IsValue() {
		if i < s.count(t) {
			return found{s.at(t, i), true}
		}
		return f
	}
	if isListed(src.Ref) {
		if i < collectionCount(t, src.Ref) {
			return found{collectionAt(t, src.Ref, elem, i), true}
		}
		return f
	}
	each(t, src, elem, func(v types.Value) bool {
		if i == 0 {
			f = found{v, true}
		}
		i--
		return i >= 0
	})
	return f
}

func linqTestMembers() []types.MemberDecl {
	const seq, predicate = "(this IEnumerable<TSource> source", ", Func<TSource, bool> predicate"
	const pair = "bool SequenceEqual<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second"
	contains := func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		comparer := optional(a, 2)
		if comparer == nil && types.IsInstance(a[0].Ref, collectionType.of(k[0])) {
			return types.Bool(collectionContains(t, a[0].Ref, k[0], a[1]))
		}
		return types.Bool(sequenceIndex(t, a[0].Ref, k[0], a[1], comparer) >= 0)
	}
	return []types.MemberDecl{
		from("bool Any<TSource>"+seq+")", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			if n, ok := quickCount(t, a[0].Ref); ok {
				return types.Bool(n > 0)
			}
			found := false
			each(t, a[0], k[0], func(types.Value) bool {
				found = true
				return false
			})
			return types.Bool(found)
		}),
		from("bool Any<TSource>"+seq+predicate+")", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			p, found := delegateArg(a[1], "predicate"), false
			each(t, a[0], k[0], func(v types.Value) bool {
				found = p.Call1(t, v).Bool()
				return !found
			})
			return types.Bool(found)
		}),
		from("bool All<TSource>"+seq+predicate+")", func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
			p, all := delegateArg(a[1], "predicate"), true
			each(t, a[0], k[0], func(v types.Value) bool {
				all = p.Call1(t, v).Bool()
				return all
			})
			return types.Bool(all)
		}),
		from("bool Contains<TSource>"+seq+", TSource value)", contains),
		from("bool Contains<TSource>"+seq+", TSource value, IEqualityComparer<TSource> comparer)", contains),
		linq(pair+")", sequenceEqual), linq(pair+", IEqualityComparer<TSource> comparer)", sequenceEqual),
		from("bool TryGetNonEnumeratedCount<TSource>"+seq+", out int count)", func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			n, ok := quickCount(t, a[0].Ref)
			setOut(a[1], types.Int(int64(n)))
			return types.Bool(ok)
		}),
	}
}

func sequenceEqual(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
	needBoth(a, "first", "second")
	if m, ok := quickCount(t, a[0].Ref); ok {
		if n, ok := quickCount(t, a[1].Ref); ok && m != n {
			return types.Bool(false)
		}
	}
	by := equalityOf(k[0], optional(a, 2))
	x := types.Iterate(t, a[0].Ref, k[0])
	defer x.Dispose(t)
	y := types.Iterate(t, a[1].Ref, k[0])
	defer y.Dispose(t)
	for x.MoveNext(t) {
		t.Step(1)
		if !y.MoveNext(t) || !by.equal(t, x.Current(), y.Current()) {
			return types.Bool(false)
		}
	}
	return types.Bool(!y.MoveNext(t))
}
