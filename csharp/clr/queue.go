package clr

import "github.com/postern-gateway/postern/csharp/types"

// queue is a Queue<T>, or a Stack<T>: stack tells which. A stack enumerates from its end.
type queue struct {
	typ, elem *types.Type
	items     []types.Value
	version   int
	stack     bool
	capacity  int
}

var (
	queueType = newLateGeneric("System.Collections.Generic.Queue", 1)
	stackType = newLateGeneric("System.Collections.Generic.Stack", 1)
)

func newQueue(elem *types.Type, stack bool) *queue {
	q := &queue{elem: elem, stack: stack, typ: queueType.of(elem)}
	if stack {
		q.typ = stackType.of(elem)
	}
	return q
}

func (q *queue) ClrType() *types.Type     { return q.typ }
func (q *queue) ElementType() *types.Type { return q.elem }
func (q *queue) Count(*types.Thread) int  { return len(q.items) }

func (q *queue) Contains(t *types.Thread, v types.Value) bool {
	by := equalityOf(q.elem, nil)
	for _, x := range q.items {
		t.Step(1)
		if by.equal(t, x, v) {
			return true
		}
	}
	return false
}

// at is the i-th element of an enumeration.
func (q *queue) at(i int) types.Value {
	if q.stack {
		return q.items[len(q.items)-1-i]
	}
	return q.items[i]
}

func (q *queue) Enumerate(*types.Thread) types.Enumerator {
	return &queueEnumerator{q: q, version: q.version}
}

type queueEnumerator struct {
	q          *queue
	i, version int
	current    types.Value
}

var (
	queueEnumeratorType = newLateGeneric("System.Collections.Generic.Queue.Enumerator", 1)
	stackEnumeratorType = newLateGeneric("System.Collections.Generic.Stack.Enumerator", 1)
)

func (e *queueEnumerator) ClrType() *types.Type {
	if e.q.stack {
		return stackEnumeratorType.of(e.q.elem)
	}
	return queueEnumeratorType.of(e.q.elem)
}

func (e *queueEnumerator) ElementType() *types.Type { return e.q.elem }

func (e *queueEnumerator) MoveNext(t *types.Thread) bool {
	if e.version != e.q.version {
		throwModified()
	}
	t.Step(1)
	if e.i >= len(e.q.items) {
		return false
	}
	e.current = e.q.at(e.i)
	e.i++
	return true
}

func (e *queueEnumerator) Current() types.Value  { return e.current }
func (e *queueEnumerator) Dispose(*types.Thread) {}

func (q *queue) push(t *types.Thread, v types.Value) {
	t.Alloc(24)
	q.items = append(q.items, v)
	q.version++
}

// head is the next element to come out; ok is false if there is none.
func (q *queue) head(take bool) (v types.Value, ok bool) {
	n := len(q.items)
	if n == 0 {
		return types.Value{}, false
	}
	v = q.at(0)
	if take {
		if q.stack {
			q.items[n-1] = types.Value{}
			q.items = q.items[:n-1]
		} else {
			q.items[0] = types.Value{}
			q.items = q.items[1:]
		}
		q.version++
	}
	return v, true
}

// list are the elements in the order of an enumeration.
func (q *queue) list(t *types.Thread) []types.Value {
	t.Alloc(24 * int64(len(q.items)))
	t.Step(int64(len(q.items)))
	out := make([]types.Value, len(q.items))
	for i := range out {
		out[i] = q.at(i)
	}
	return out
}

// onQueue makes an Impl over the receiver.
func onQueue(fn func(t *types.Thread, q *queue, a []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
		q, ok := this.Ref.(*queue)
		if !ok {
			types.ThrowNullReference()
		}
		return fn(t, q, a)
	})
}

func voidQueue(fn func(t *types.Thread, q *queue, a []types.Value)) types.Impl {
	return onQueue(func(t *types.Thread, q *queue, a []types.Value) types.Value {
		fn(t, q, a)
		return types.Value{}
	})
}

// queueDecl declares Queue<T> or Stack<T>, whose members differ by name only.
func queueDecl(stack bool) []*types.Decl {
	name, push, pop, empty := "Queue", "Enqueue", "Dequeue", "Queue empty."
	if stack {
		name, push, pop, empty = "Stack", "Push", "Pop", "Stack empty."
	}
	head := func(take bool) types.Impl {
		return onQueue(func(_ *types.Thread, q *queue, _ []types.Value) types.Value {
			v, ok := q.head(take)
			if !ok {
				types.Throw(types.InvalidOperationException, empty)
			}
			return v
		})
	}
	try := func(take bool) types.Impl {
		return onQueue(func(_ *types.Thread, q *queue, a []types.Value) types.Value {
			v, ok := q.head(take)
			setOut(a[0], v)
			return types.Bool(ok)
		})
	}
	members := append(queueCommon(stack, name),
		types.M("void "+push+"(T item)", voidQueue(func(t *types.Thread, q *queue, a []types.Value) { q.push(t, a[0]) })),
		types.M("T "+pop+"()", head(true)), types.M("T Peek()", head(false)),
		types.M("bool Try"+pop+"(out T result)", try(true)), types.M("bool TryPeek(out T result)", try(false)))
	return []*types.Decl{
		mxType("class System.Collections.Generic."+name+"<T> : IReadOnlyCollection<T>, IEnumerable<T>, System.Collections.ICollection, System.Collections.IEnumerable", members...),
		enumeratorDecl("System.Collections.Generic."+name+".Enumerator", "<T>", "T"),
	}
}

func queueCommon(stack bool, name string) []types.MemberDecl {
	made := func(fill func(t *types.Thread, q *queue, a []types.Value)) types.Impl {
		return types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
			t.Alloc(64)
			q := newQueue(targs[0], stack)
			fill(t, q, a)
			return types.Ref(q)
		})
	}
	room := func(_ *types.Thread, q *queue, a []types.Value) types.Value {
		if len(a) > 0 {
			throwNegative(a[0].Int32(), "capacity")
			q.capacity = max(q.capacity, int(a[0].Int32()))
		}
		for q.capacity < len(q.items) {
			q.capacity = max(4, 2*q.capacity)
		}
		return types.Int(int64(q.capacity))
	}
	return []types.MemberDecl{
		types.M("new()", made(func(*types.Thread, *queue, []types.Value) {})),
		types.M("new(int capacity)", made(func(t *types.Thread, q *queue, a []types.Value) {
			throwNegative(a[0].Int32(), "capacity")
			t.Alloc(24 * int64(a[0].Int32()))
			q.capacity = int(a[0].Int32())
		})),
		mx("new(IEnumerable<T> collection)", made(func(t *types.Thread, q *queue, a []types.Value) {
			need(a[0], "collection")
			q.items = drain(t, a[0].Ref, q.elem)
		})),
		types.M("int Count { get; }", onQueue(func(_ *types.Thread, q *queue, _ []types.Value) types.Value { return types.Int(int64(len(q.items))) })),
		types.M("bool Contains(T item)", onQueue(func(t *types.Thread, q *queue, a []types.Value) types.Value { return types.Bool(q.Contains(t, a[0])) })),
		types.M("T[] ToArray()", onQueue(func(t *types.Thread, q *queue, _ []types.Value) types.Value { return arrayWith(t, q.elem, q.list(t)) })),
		types.M("void Clear()", voidQueue(func(_ *types.Thread, q *queue, _ []types.Value) {
			q.items = nil
			q.version++
		})),
		types.M("void CopyTo(T[] array, int arrayIndex)", voidQueue(func(t *types.Thread, q *queue, a []types.Value) {
			dst, at := arrayArg(a[0], "array"), int(a[1].Int32())
			if at < 0 || at > dst.len() {
				throwRange(msgIndexAtMost, "arrayIndex")
			}
			if dst.len()-at < len(q.items) {
				types.Throw(types.ArgumentException, msgOffsetLength)
			}
			for i, v := range q.list(t) {
				dst.set(at+i, v)
			}
		})),
		types.M("System.Collections.Generic."+name+".Enumerator<T> GetEnumerator()", enumerate),
		types.M("int Capacity { get; }", onQueue(room)),
		types.M("int EnsureCapacity(int capacity)", onQueue(room)),
		types.M("void TrimExcess()", voidQueue(func(_ *types.Thread, q *queue, _ []types.Value) { q.capacity = len(q.items) })),
		types.M("void TrimExcess(int capacity)", voidQueue(func(_ *types.Thread, q *queue, a []types.Value) {
			throwNegative(a[0].Int32(), "capacity")
			if int(a[0].Int32()) < len(q.items) {
				throwRange(msgOutOfRange, "capacity")
			}
			q.capacity = int(a[0].Int32())
		})),
	}
}
