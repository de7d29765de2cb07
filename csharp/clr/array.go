package clr

import "github.com/postern-gateway/postern/csharp/types"

// onArray makes an Impl over the receiver.
func onArray(fn func(t *types.Thread, v arrayView, a []types.Value) types.Value) types.Impl {
	return types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value { return fn(t, thisArray(this), a) })
}

// staticOf makes an Impl of a static method; targs are its type arguments.
func staticOf(fn func(t *types.Thread, targs []*types.Type, a []types.Value) types.Value) types.Impl {
	return types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
		return fn(t, targs, a)
	})
}

// static makes an Impl of a static method without result.
func staticVoid(fn func(t *types.Thread, a []types.Value)) types.Impl {
	return types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		fn(t, a)
		return types.Value{}
	})
}

func arrayDecls() []*types.Decl {
	members := arrayInstanceMembers()
	members = append(members, arrayElementMembers()...)
	members = append(members, arrayCreateMembers()...)
	members = append(members, arrayCopyMembers()...)
	members = append(members, arrayFindMembers()...)
	members = append(members, arrayIndexMembers()...)
	members = append(members, arraySortMembers()...)
	return []*types.Decl{types.T("abstract class System.Array : System.ICloneable, System.Collections.IList, System.Collections.ICollection, System.Collections.IEnumerable", members...)}
}

// dimension is the length of a dimension of an array.
func dimension(v arrayView, d types.Value) int {
	dims := v.dims()
	i := int(d.Int32())
	if i < 0 || i >= len(dims) {
		types.Throw(types.IndexOutOfRangeException, "Array does not have that many dimensions.")
	}
	return dims[i]
}

func arrayInstanceMembers() []types.MemberDecl {
	constant := func(v types.Value) types.Impl {
		return onArray(func(*types.Thread, arrayView, []types.Value) types.Value { return v })
	}
	length := types.Impl{F0: func(_ *types.Thread, this types.Value) types.Value { return types.Int(int64(thisArray(this).len())) }}
	return []types.MemberDecl{
		types.M("int Length { get; }", length),
		types.M("long LongLength { get; }", length),
		types.M("int Rank { get; }", onArray(func(_ *types.Thread, v arrayView, _ []types.Value) types.Value {
			return types.Int(int64(len(v.dims())))
		})),
		types.M("bool IsFixedSize { get; }", constant(types.Bool(true))),
		types.M("bool IsReadOnly { get; }", constant(types.Bool(false))),
		types.M("bool IsSynchronized { get; }", constant(types.Bool(false))),
		types.M("object SyncRoot { get; }", onArray(func(_ *types.Thread, v arrayView, _ []types.Value) types.Value { return types.Ref(v.object()) })),
		types.M("int GetLength(int dimension)", onArray(func(_ *types.Thread, v arrayView, a []types.Value) types.Value {
			return types.Int(int64(dimension(v, a[0])))
		})),
		types.M("long GetLongLength(int dimension)", onArray(func(_ *types.Thread, v arrayView, a []types.Value) types.Value {
			return types.Int(int64(dimension(v, a[0])))
		})),
		types.M("int GetLowerBound(int dimension)", onArray(func(_ *types.Thread, v arrayView, a []types.Value) types.Value {
			dimension(v, a[0])
			return types.Int(0)
		})),
		types.M("int GetUpperBound(int dimension)", onArray(func(_ *types.Thread, v arrayView, a []types.Value) types.Value {
			return types.Int(int64(dimension(v, a[0]) - 1))
		})),
		types.M("object Clone()", types.Raw(cloneAny)),
		types.M("System.Collections.IEnumerator GetEnumerator()", getEnumerator),
		types.M("void Initialize()", constant(types.Value{})),
		types.M("void CopyTo(System.Array array, int index)", onArray(arrayCopyTo)),
		types.M("void CopyTo(System.Array array, long index)", onArray(arrayCopyTo)),
	}
}

func arrayCopyTo(t *types.Thread, v arrayView, a []types.Value) types.Value {
	copyArray(t, v, 0, arrayArg(a[0], "destinationArray"), a[1].Int64(), int64(v.len()), "sourceIndex", "destinationIndex")
	return types.Value{}
}

// flatIndex is the place of an element by its indices.
func flatIndex(v arrayView, indices []int64) int {
	dims := v.dims()
	if len(indices) != len(dims) {
		types.Throw(types.ArgumentException, "The number of indices does not match the array's rank.")
	}
	n := 0
	for k, i := range indices {
		if i < 0 || i >= int64(dims[k]) {
			types.Throw(types.IndexOutOfRangeException, "Index was outside the bounds of the array.")
		}
		n = n*dims[k] + int(i)
	}
	return n
}

// indexList are the indices in arguments: some, or one array of them.
func indexList(a []types.Value) []int64 {
	out := make([]int64, 0, 3)
	if len(a) == 1 {
		if v, ok := viewArray(a[0].Ref); ok {
			for i := 0; i < v.len(); i++ {
				out = append(out, v.get(i).Int64())
			}
			return out
		}
	}
	for _, x := range a {
		out = append(out, x.Int64())
	}
	return out
}

func arrayElementMembers() []types.MemberDecl {
	get := onArray(func(_ *types.Thread, v arrayView, a []types.Value) types.Value {
		return types.Value{Ref: types.Box(v.elem(), v.get(flatIndex(v, indexList(a))))}
	})
	set := onArray(func(_ *types.Thread, v arrayView, a []types.Value) types.Value {
		i := flatIndex(v, indexList(a[1:]))
		v.set(i, storedObject(a[0].Ref, v.elem()))
		return types.Value{}
	})
	var out []types.MemberDecl
	for _, p := range []string{"int index", "long index", "int index1, int index2", "long index1, long index2", "int index1, int index2, int index3",
		"long index1, long index2, long index3", "params int[] indices", "params long[] indices"} {
		out = append(out, types.M("object GetValue("+p+")", get), types.M("void SetValue(object value, "+p+")", set))
	}
	return out
}

// storedObject is what SetValue stores of an object: numbers are widened.
func storedObject(o any, elem *types.Type) types.Value {
	if o == nil {
		return types.Value{}
	}
	from := types.TypeOf(o)
	if elem.IsValue() {
		if u, ok := elem.IsNullable(); ok && u == from {
			return types.Some(u, types.Unbox(o))
		}
		if v, ok := widen(types.Unbox(o), from, elem); ok {
			return v
		}
		types.Throw(types.InvalidCastException, "Object cannot be stored in an array of this type.")
	}
	if !types.IsInstance(o, elem) {
		types.Throw(types.InvalidCastException, "Object cannot be stored in an array of this type.")
	}
	return types.Ref(o)
}

// numberRank orders the types that widen into one another: integers by size, then float, double.
var numberRank = map[*types.Type]int{
	types.SByteType: 1, types.ByteType: 1, types.Int16Type: 2, types.UInt16Type: 2, types.CharType: 2, types.Int32Type: 3, types.UInt32Type: 3,
	types.Int64Type: 4, types.UInt64Type: 4, types.SingleType: 5, types.DoubleType: 6,
}

func signedNumber(t *types.Type) bool {
	switch t {
	case types.SByteType, types.Int16Type, types.Int32Type, types.Int64Type:
		return true
	}
	return false
}

// widen converts a number as the run time does between arrays of primitive types; ok is false where it would narrow.
func widen(v types.Value, from, to *types.Type) (types.Value, bool) {
	if from == to {
		return v, true
	}
	if to.Kind == types.EnumKind || from.Kind == types.EnumKind {
		return v, types.IsInstance(types.Box(from, v), to)
	}
	f, g := numberRank[from], numberRank[to]
	switch {
	case f == 0 || g == 0 || f >= g && !(from == types.CharType && to == types.UInt16Type || from == types.UInt16Type && to == types.CharType):
		return v, false
	case to == types.CharType && from != types.ByteType && from != types.UInt16Type:
		return v, false
	case signedNumber(from) && g < 5 && !signedNumber(to):
		return v, false
	case to == types.SingleType && signedNumber(from):
		return types.Float32(float32(v.Int64())), true
	case to == types.SingleType:
		return types.Float32(float32(v.Num)), true
	case to == types.DoubleType && from == types.SingleType:
		return types.Float64(float64(v.Float32())), true
	case to == types.DoubleType && signedNumber(from):
		return types.Float64(float64(v.Int64())), true
	case to == types.DoubleType:
		return types.Float64(float64(v.Num)), true
	}
	return v, true
}
