package clr

import "github.com/postern-gateway/postern/csharp/types"

// sequence is a lazy IEnumerable<T>: each enumeration starts anew.
type sequence struct {
	typ, elem *types.Type
	start     func(t *types.Thread) types.Enumerator
	// count, if not nil, is the number of elements without an enumeration; at the element of an index.
	count func(t *types.Thread) int
	at    func(t *types.Thread, i int) types.Value
	// parts are the sources of a chain, so that Append and Concat in a loop do not nest.
	parts []types.Value
	// class is the name of .NET's class, see iteratorTypes.
	class string
}

var enumerableType = newLateGeneric("System.Collections.Generic.IEnumerable", 1)

// newSequence makes a sequence of elements of type elem.
func newSequence(elem *types.Type, start func(t *types.Thread) types.Enumerator) *sequence {
	return &sequence{typ: enumerableType.of(elem), elem: elem, start: start}
}

func (s *sequence) ClrType() *types.Type                       { return s.typ }
func (s *sequence) ElementType() *types.Type                   { return s.elem }
func (s *sequence) Enumerate(t *types.Thread) types.Enumerator { return s.start(t) }

// pull is an enumeration by a function that gives one element after the other. When that says there are no more, or when the enumeration is
// given up, close (which may be nil) is called, once.
type pull struct {
	next    func(t *types.Thread) (types.Value, bool)
	close   func(t *types.Thread)
	current types.Value
	done    bool
}

func (p *pull) MoveNext(t *types.Thread) bool {
	if p.done {
		return false
	}
	t.Enter() // sequences may be made of sequences of sequences
	v, ok := p.next(t)
	t.Leave()
	if !ok {
		p.Dispose(t)
		return false
	}
	p.current = v
	return true
}

func (p *pull) Current() types.Value { return p.current }

func (p *pull) Dispose(t *types.Thread) {
	if p.done {
		return
	}
	p.done = true
	if p.close != nil {
		p.close(t)
	}
}

// items enumerates Values that are there already.
type items struct {
	list []types.Value
	i    int
}

func newItems(list []types.Value) *items { return &items{list, -1} }

func (e *items) MoveNext(t *types.Thread) bool {
	t.Step(1)
	if e.i < len(e.list) {
		e.i++
	}
	return e.i < len(e.list)
}

func (e *items) Current() types.Value {
	if e.i < 0 || e.i >= len(e.list) {
		return types.Value{}
	}
	return e.list[e.i]
}
func (e *items) Dispose(*types.Thread) {}

// sequenceOf is a sequence of Values that are there already.
func sequenceOf(elem *types.Type, list []types.Value) *sequence {
	s := newSequence(elem, func(*types.Thread) types.Enumerator { return newItems(list) })
	s.count = func(*types.Thread) int { return len(list) }
	s.at = func(_ *types.Thread, i int) types.Value { return list[i] }
	return s
}

// enumeratorObject is an IEnumerator<T> as an object: what GetEnumerator() gives.
type enumeratorObject struct {
	types.Enumerator
	typ, elem *types.Type
}

var enumeratorType = newLateGeneric("System.Collections.Generic.IEnumerator", 1)

func (e *enumeratorObject) ClrType() *types.Type     { return e.typ }
func (e *enumeratorObject) ElementType() *types.Type { return e.elem }

// newEnumeratorObject starts an enumeration of o as an object.
func newEnumeratorObject(t *types.Thread, o any, elem *types.Type) types.Value {
	return types.Ref(&enumeratorObject{types.Iterate(t, o, elem), enumeratorType.of(elem), elem})
}

// drain are all elements of an IEnumerable<elem>, charged.
func drain(t *types.Thread, seq any, elem *types.Type) []types.Value {
	switch x := seq.(type) {
	case *types.Array:
		if x.T.Elem == elem || x.T.Elem.IsValue() == elem.IsValue() {
			t.Alloc(int64(len(x.Items)) * 24)
			return append(make([]types.Value, 0, len(x.Items)), x.Items...)
		}
	case *list:
		if x.elem.IsValue() == elem.IsValue() {
			t.Alloc(int64(len(x.items)) * 24)
			return append(make([]types.Value, 0, len(x.items)), x.items...)
		}
	}
	var out []types.Value
	e := types.Iterate(t, seq, elem)
	defer e.Dispose(t)
	for e.MoveNext(t) {
		t.Step(1)
		t.Alloc(24)
		out = append(out, e.Current())
	}
	return out
}
