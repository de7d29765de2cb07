package clr

import "github.com/postern-gateway/postern/csharp/types"

// readOnly is a ReadOnlyCollection<T>: a view of a list or array that cannot be changed through it.
type readOnly struct {
	typ, elem *types.Type
	of        any
}

var readOnlyType = newLateGeneric("System.Collections.ObjectModel.ReadOnlyCollection", 1)

func newReadOnly(elem *types.Type, of any) *readOnly {
	if r, ok := of.(*readOnly); ok {
		of = r.of // a view of a view is no deeper than one
	}
	return &readOnly{typ: readOnlyType.of(elem), elem: elem, of: of}
}

func (r *readOnly) ClrType() *types.Type                       { return r.typ }
func (r *readOnly) ElementType() *types.Type                   { return r.elem }
func (r *readOnly) Enumerate(t *types.Thread) types.Enumerator { return types.Iterate(t, r.of, r.elem) }
func (r *readOnly) Count(t *types.Thread) int                  { return collectionCount(t, r.of) }
func (r *readOnly) Contains(t *types.Thread, v types.Value) bool {
	return collectionContains(t, r.of, r.elem, v)
}
func (r *readOnly) At(t *types.Thread, i int) types.Value { return collectionAt(t, r.of, r.elem, i) }

func readOnlyDecl() *types.Decl {
	return mxType("class System.Collections.ObjectModel.ReadOnlyCollection<T> : IList<T>, IReadOnlyList<T>, ICollection<T>, IEnumerable<T>, IReadOnlyCollection<T>, "+
		"System.Collections.IList, System.Collections.ICollection, System.Collections.IEnumerable",
		mx("new(IList<T> list)", types.Generic(func(_ *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
			need(a[0], "list")
			return types.Ref(newReadOnly(targs[0], a[0].Ref))
		})),
		countMember,
		types.M("T this[int index] { get; }", collectionIndexer()),
		types.M("bool Contains(T value)", instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
			return types.Bool(collectionContains(t, o, elem, a[0]))
		})),
		types.M("int IndexOf(T value)", instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
			return types.Int(int64(sequenceIndex(t, o, elem, a[0], nil)))
		})),
		types.M("void CopyTo(T[] array, int index)", instanceOf(func(t *types.Thread, o any, elem *types.Type, a []types.Value) types.Value {
			copyInto(t, drain(t, o, elem), a[0], int(a[1].Int32()), "array", "index")
			return types.Value{}
		})),
		mx("IEnumerator<T> GetEnumerator()", instanceOf(func(t *types.Thread, o any, elem *types.Type, _ []types.Value) types.Value {
			return newEnumeratorObject(t, o, elem)
		})))
}
