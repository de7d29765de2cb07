package clr

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// linqFn is the body of an extension method of Enumerable; k are its type arguments, a its arguments, the source first.
type linqFn func(t *types.Thread, k []*types.Type, a []types.Value) types.Value

// linq declares a method of Enumerable. One that gives a sequence works when that is enumerated, and so keeps its arguments, which the caller lends
// for the time of the call only.
func linq(signature string, fn linqFn) types.MemberDecl {
	if !strings.HasPrefix(signature, "IEnumerable<") {
		return mx("static "+signature, staticOf(fn))
	}
	quick := emptyOfEmpty[methodName(signature)]
	return mx("static "+signature, staticOf(func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		out := fn(t, k, append(make([]types.Value, 0, len(a)), a...))
		if s, ok := out.Ref.(*sequence); ok && quick {
			if v, isArray := viewArray(a[0].Ref); isArray && v.len() == 0 {
				return types.Ref(allocArray(t, s.elem, 0).object())
			}
		}
		return out
	}))
}

// emptyOfEmpty are the methods that give an empty array, not a query, where their source is one.
var emptyOfEmpty = map[string]bool{"Where": true, "Select": true, "SelectMany": true, "Skip": true, "SkipWhile": true, "SkipLast": true, "Take": true, "TakeWhile": true,
	"TakeLast": true, "Reverse": true, "Distinct": true, "DistinctBy": true, "Except": true, "ExceptBy": true, "Intersect": true, "IntersectBy": true, "Chunk": true,
	"Index": true, "GroupBy": true, "Join": true, "GroupJoin": true, "Zip": true, "CountBy": true, "AggregateBy": true}

// methodName is the name of the method of a signature.
func methodName(signature string) string {
	end, depth := strings.Index(signature, ">(")+1, 0
	if end == 0 {
		end = strings.IndexByte(signature, '(')
	}
	for i := end - 1; i >= 0; i-- {
		switch signature[i] {
		case '>':
			depth++
		case '<':
			if depth--; depth == 0 {
				end = i
			}
		case ' ':
			if depth == 0 {
				return signature[i+1 : end]
			}
		}
	}
	return signature[:end]
}

// from is linq for the methods with a parameter source, which it checks.
func from(signature string, fn linqFn) types.MemberDecl {
	return linq(signature, func(t *types.Thread, k []*types.Type, a []types.Value) types.Value {
		need(a[0], "source")
		return fn(t, k, a)
	})
}

// input is the source of a running query. It is opened when its first element is asked for.
type input struct {
	src  any
	elem *types.Type
	e    types.Enumerator
}

func (in *input) next(t *types.Thread) (types.Value, bool) {
	if in.e == nil {
		in.e = types.Iterate(t, in.src, in.elem)
	}
	t.Step(1)
	if !in.e.MoveNext(t) {
		return types.Value{}, false
	}
	return in.e.Current(), true
}

func (in *input) dispose(t *types.Thread) {
	if in.e != nil {
		in.e.Dispose(t)
	}
}

// puller gives the elements of a running query.
type puller func(t *types.Thread) (types.Value, bool)

// query is a lazy sequence of elem made of a source: run starts the query over it.
func query(elem *types.Type, src types.Value, srcElem *types.Type, run func(in *input) puller) types.Value {
	return types.Ref(newSequence(elem, func(*types.Thread) types.Enumerator {
		in := &input{src: src.Ref, elem: srcElem}
		return &pull{next: run(in), close: in.dispose}
	}))
}

// each runs f over the elements of a source until it gives false.
func each(t *types.Thread, src types.Value, elem *types.Type, f func(v types.Value) bool) {
	e := types.Iterate(t, src.Ref, elem)
	defer e.Dispose(t)
	for e.MoveNext(t) {
		t.Step(1)
		if !f(e.Current()) {
			return
		}
	}
}

func throwNoElements() { types.Throw(types.InvalidOperationException, "Sequence contains no elements") }

func linqFilterMembers() []types.MemberDecl {
	const seq = "(this IEnumerable<TSource> source, "
	return []types.MemberDecl{
		from("IEnumerable<TSource> Where<TSource>"+seq+"Func<TSource, bool> predicate)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			p := delegateArg(a[1], "predicate")
			return shownAs(query(k[0], a[0], k[0], func(in *input) puller {
				return func(t *types.Thread) (types.Value, bool) {
					for {
						v, ok := in.next(t)
						if !ok || p.Call1(t, v).Bool() {
							return v, ok
						}
					}
				}
			}), sourceKind(a[0].Ref)+"WhereIterator", k[0])
		}),
		from("IEnumerable<TSource> Where<TSource>"+seq+"Func<TSource, int, bool> predicate)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			p := delegateArg(a[1], "predicate")
			return query(k[0], a[0], k[0], func(in *input) puller {
				i := int64(-1)
				return func(t *types.Thread) (types.Value, bool) {
					for {
						v, ok := in.next(t)
						i++
						if !ok || p.Call2(t, v, types.Int(i)).Bool() {
							return v, ok
						}
					}
				}
			})
		}),
		from("IEnumerable<TResult> Select<TSource, TResult>"+seq+"Func<TSource, TResult> selector)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			f := delegateArg(a[1], "selector")
			return shownAs(query(k[1], a[0], k[0], func(in *input) puller {
				return func(t *types.Thread) (types.Value, bool) {
					v, ok := in.next(t)
					if ok {
						v = f.Call1(t, v)
					}
					return v, ok
				}
			}), selectClass(a[0].Ref), k...)
		}),
		from("IEnumerable<TResult> Select<TSource, TResult>"+seq+"Func<TSource, int, TResult> selector)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			f := delegateArg(a[1], "selector")
			return query(k[1], a[0], k[0], func(in *input) puller {
				i := int64(-1)
				return func(t *types.Thread) (types.Value, bool) {
					v, ok := in.next(t)
					if i++; ok {
						v = f.Call2(t, v, types.Int(i))
					}
					return v, ok
				}
			})
		}),
		from("IEnumerable<TResult> SelectMany<TSource, TResult>"+seq+"Func<TSource, IEnumerable<TResult>> selector)", linqSelectMany(false, false)),
		from("IEnumerable<TResult> SelectMany<TSource, TResult>"+seq+"Func<TSource, int, IEnumerable<TResult>> selector)", linqSelectMany(true, false)),
		from("IEnumerable<TResult> SelectMany<TSource, TCollection, TResult>"+seq+
			"Func<TSource, IEnumerable<TCollection>> collectionSelector, Func<TSource, TCollection, TResult> resultSelector)", linqSelectMany(false, true)),
		from("IEnumerable<TResult> SelectMany<TSource, TCollection, TResult>"+seq+
			"Func<TSource, int, IEnumerable<TCollection>> collectionSelector, Func<TSource, TCollection, TResult> resultSelector)", linqSelectMany(true, true)),
		from("IEnumerable<TResult> OfType<TResult>(this System.Collections.IEnumerable source)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			return query(k[0], a[0], types.Object_, func(in *input) puller {
				return func(t *types.Thread) (types.Value, bool) {
					for {
						v, ok := in.next(t)
						if !ok {
							return v, false
						}
						if v.Ref != nil && types.IsInstance(v.Ref, k[0]) {
							return unboxed(v.Ref, k[0]), true
						}
					}
				}
			})
		}),
		from("IEnumerable<TResult> Cast<TResult>(this System.Collections.IEnumerable source)", func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
			if types.IsInstance(a[0].Ref, enumerableType.of(k[0])) {
				return a[0]
			}
			return query(k[0], a[0], types.Object_, func(in *input) puller {
				return func(t *types.Thread) (types.Value, bool) {
					v, ok := in.next(t)
					if ok {
						v = castTo(v.Ref, k[0])
					}
					return v, ok
				}
			})
		}),
	}
}

// castTo is the cast (T)o.
func castTo(o any, to *types.Type) types.Value {
	if to.IsValue() {
		return types.UnboxTo(o, to)
	}
	if o != nil && !types.IsInstance(o, to) {
		types.ThrowInvalidCast(types.TypeOf(o), to)
	}
	return types.Value{Ref: o}
}

// linqSelectMany makes SelectMany: index tells that the selector takes one, result that a result selector follows.
func linqSelectMany(index, result bool) linqFn {
	return func(_ *types.Thread, k []*types.Type, a []types.Value) types.Value {
		name, elem := "selector", k[1]
		var combine *types.Delegate
		if result {
			name = "collectionSelector"
		}
		f := delegateArg(a[1], name)
		if result {
			combine, elem = delegateArg(a[2], "resultSelector"), k[2]
		}
		q := types.Ref(newSequence(elem, func(*types.Thread) types.Enumerator {
			m := &flattened{outer: &input{src: a[0].Ref, elem: k[0]}, f: f, index: index, combine: combine, elem: k[1], i: -1}
			return &pull{next: m.next, close: m.close}
		}))
		if index || result {
			return q
		}
		return shownAs(q, "SelectManySingleSelectorIterator", k...)
	}
}

// flattened is a running SelectMany.
type flattened struct {
	outer   *input
	inner   types.Enumerator
	f       *types.Delegate
	index   bool
	combine *types.Delegate
	elem    *types.Type
	i       int64
	current types.Value
}

func (m *flattened) next(t *types.Thread) (types.Value, bool) {
	for {
		if m.inner == nil {
			v, ok := m.outer.next(t)
			if !ok {
				return v, false
			}
			m.current, m.i = v, m.i+1
			var list types.Value
			if m.index {
				list = m.f.Call2(t, v, types.Int(m.i))
			} else {
				list = m.f.Call1(t, v)
			}
			if list.Ref == nil {
				types.ThrowNullReference()
			}
			m.inner = types.Iterate(t, list.Ref, m.elem)
		}
		t.Step(1)
		if m.inner.MoveNext(t) {
			v := m.inner.Current()
			if m.combine != nil {
				v = m.combine.Call2(t, m.current, v)
			}
			return v, true
		}
		m.inner.Dispose(t)
		m.inner = nil
	}
}

func (m *flattened) close(t *types.Thread) {
	if m.inner != nil {
		m.inner.Dispose(t)
	}
	m.outer.dispose(t)
}
