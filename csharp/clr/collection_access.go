package clr

import "github.com/postern-gateway/postern/csharp/types"

// What collection objects of the library can do beside their members. The members of the interfaces go through these; objects
// that have none of them are asked through the members that they declare.
type (
	// counted knows the number of its elements.
	counted interface {
		Count(t *types.Thread) int
	}
	// container is an ICollection<T> that can be searched.
	container interface {
		counted
		Contains(t *types.Thread, v types.Value) bool
	}
	// indexed is an IReadOnlyList<T>; i out of range throws.
	indexed interface {
		counted
		At(t *types.Thread, i int) types.Value
	}
	// mutable is an ICollection<T> that can change.
	mutable interface {
		Append(t *types.Thread, v types.Value)
		Delete(t *types.Thread, v types.Value) bool
		Clear(t *types.Thread)
	}
	// mutableList is an IList<T> that can change.
	mutableList interface {
		SetAt(t *types.Thread, i int, v types.Value)
		InsertAt(t *types.Thread, i int, v types.Value)
		DeleteAt(t *types.Thread, i int)
	}
	// mapping is an IReadOnlyDictionary<TKey, TValue>.
	mapping interface {
		Lookup(t *types.Thread, key types.Value) (types.Value, bool)
		KeySequence(t *types.Thread) types.Value
		ValueSequence(t *types.Thread) types.Value
	}
	// mutableMapping is an IDictionary<TKey, TValue> that can change.
	mutableMapping interface {
		mapping
		Put(t *types.Thread, key, value types.Value)
		AddNew(t *types.Thread, key, value types.Value)
		DeleteKey(t *types.Thread, key types.Value) bool
	}
)

func throwReadOnly()  { types.Throw(types.NotSupportedException, msgReadOnly) }
func throwFixedSize() { types.Throw(types.NotSupportedException, msgFixedSize) }

// quickCount is the number of elements of an ICollection; ok is false for a sequence that would have to be enumerated.
func quickCount(t *types.Thread, o any) (n int, ok bool) {
	switch x := o.(type) {
	case *types.Array:
		return len(x.Items), true
	case *types.Bytes:
		return len(x.B), true
	case counted:
		return x.Count(t), true
	case *sequence:
		if x.count != nil {
			return x.count(t), true
		}
		return 0, false
	case *types.String:
		return 0, false
	}
	if types.IsInstance(o, types.IEnumerableType) {
		if m := ownMember(t, o, "Count", nil); m != nil && m.Kind == types.Property && m.Result == types.Int32Type {
			return int(m.Get(t, types.Ref(o), nil).Int32()), true
		}
	}
	return 0, false
}

// collectionCount is Count of a collection interface.
func collectionCount(t *types.Thread, o any) int {
	if n, ok := quickCount(t, o); ok {
		return n
	}
	n := 0
	e := types.Iterate(t, o, types.Object_)
	defer e.Dispose(t)
	for e.MoveNext(t) {
		t.Step(1)
		n++
	}
	return n
}

// collectionContains is ICollection<elem>.Contains.
func collectionContains(t *types.Thread, o any, elem *types.Type, v types.Value) bool {
	if c, ok := o.(container); ok {
		return c.Contains(t, v)
	}
	if _, isArray := viewArray(o); !isArray {
		if m := ownMember(t, o, "Contains", []*types.Type{elem}); m != nil && m.Result == types.BoolType {
			return m.Get(t, types.Ref(o), []types.Value{v}).Bool()
		}
	}
	return sequenceIndex(t, o, elem, v, nil) >= 0
}

// sequenceIndex is the index of the first element that equals v; -1 if there is none.
func sequenceIndex(t *types.Thread, o any, elem *types.Type, v types.Value, comparer any) int {
	by := equalityOf(elem, comparer)
	e := types.Iterate(t, o, elem)
	defer e.Dispose(t)
	for i := 0; e.MoveNext(t); i++ {
		t.Step(1)
		if by.equal(t, e.Current(), v) {
			return i
		}
	}
	return -1
}

// collectionAt is IReadOnlyList<elem>'s indexer.
func collectionAt(t *types.Thread, o any, elem *types.Type, i int) types.Value {
	if view, ok := viewArray(o); ok {
		if i < 0 || i >= view.len() {
			throwIndex()
		}
		return view.get(i)
	}
	if l, ok := o.(indexed); ok {
		return l.At(t, i)
	}
	return callMember(t, o, "Item", []*types.Type{types.Int32Type}, types.Int(int64(i)))
}

// changeCollection calls Add, Remove or Clear of ICollection<elem>.
func changeCollection(t *types.Thread, o any, name string, elem *types.Type, args ...types.Value) types.Value {
	if _, ok := viewArray(o); ok {
		if name == "Clear" {
			throwReadOnly()
		}
		throwFixedSize()
	}
	if r, ok := o.(interface{ refusal() string }); ok {
		types.Throw(types.NotSupportedException, r.refusal())
	}
	m, ok := o.(mutable)
	if !ok {
		var params []*types.Type
		if len(args) > 0 {
			params = []*types.Type{elem}
		}
		if m := ownMember(t, o, name, params); m != nil {
			return m.Get(t, types.Ref(o), args)
		}
		throwReadOnly()
	}
	switch name {
	case "Add":
		m.Append(t, args[0])
	case "Remove":
		return types.Bool(m.Delete(t, args[0]))
	case "Clear":
		m.Clear(t)
	}
	return types.Value{}
}

// isReadOnly is ICollection<T>.IsReadOnly.
func isReadOnly(t *types.Thread, o any) bool {
	switch o.(type) {
	case mutable:
		return false
	case *types.Array, *types.Bytes, container:
		return true
	}
	if m := ownMember(t, o, "IsReadOnly", nil); m != nil {
		return m.Get(t, types.Ref(o), nil).Bool()
	}
	for _, name := range []string{"Add", "Clear"} {
		if len(t.U.Members(types.TypeOf(o), name)) > 0 {
			return false
		}
	}
	return true
}

// changeList calls Insert, RemoveAt or the setter of IList<elem>.
func changeList(t *types.Thread, o any, name string, elem *types.Type, i int, v types.Value) {
	if view, ok := viewArray(o); ok {
		if name != "Item" {
			throwFixedSize()
		}
		if i < 0 || i >= view.len() {
			throwIndex()
		}
		view.set(i, storable(view, v, elem))
		return
	}
	m, ok := o.(mutableList)
	if !ok {
		changeThroughMember(t, o, name, elem, i, v)
		return
	}
	switch name {
	case "Item":
		m.SetAt(t, i, v)
	case "Insert":
		m.InsertAt(t, i, v)
	case "RemoveAt":
		m.DeleteAt(t, i)
	}
}

func changeThroughMember(t *types.Thread, o any, name string, elem *types.Type, i int, v types.Value) {
	this, index := types.Ref(o), types.Int(int64(i))
	switch name {
	case "Item":
		if m := ownMember(t, o, "Item", []*types.Type{types.Int32Type}); m != nil && m.Impl.Set != nil {
			m.Impl.Set(t, this, []types.Value{index, v})
			return
		}
	case "Insert":
		if m := ownMember(t, o, "Insert", []*types.Type{types.Int32Type, elem}); m != nil {
			m.Get(t, this, []types.Value{index, v})
			return
		}
	case "RemoveAt":
		if m := ownMember(t, o, "RemoveAt", []*types.Type{types.Int32Type}); m != nil {
			m.Get(t, this, []types.Value{index})
			return
		}
	}
	throwReadOnly()
}

// storable is v if an array may hold it: an array of references may have elements of a type that is more derived than the one it is seen as.
func storable(view arrayView, v types.Value, seen *types.Type) types.Value {
	if held := view.elem(); held != seen && !held.IsValue() && v.Ref != nil && !types.IsInstance(v.Ref, held) {
		types.Throw(types.ArrayTypeMismatchException, "Attempted to access an element as a type incompatible with the array.")
	}
	return v
}

// disposable is an object that can be disposed of.
type disposable interface{ Dispose(t *types.Thread) }

// disposeObject is IDisposable.Dispose.
func disposeObject(t *types.Thread, o any) {
	if d, ok := o.(disposable); ok {
		d.Dispose(t)
		return
	}
	if m := ownMember(t, o, "Dispose", nil); m != nil {
		m.Get(t, types.Ref(o), nil)
	}
}
