package clr

import "github.com/postern-gateway/postern/csharp/types"

// maxArrayLength is Array.MaxLength.
const maxArrayLength = 0x7FFFFFC7

// makeArray is an array of default elements of the given dimensions.
func makeArray(t *types.Thread, elem *types.Type, dims []int64) types.Value {
	n := int64(1)
	for _, d := range dims {
		if d < 0 {
			throwRange(msgNonNegative, "length")
		}
		if d != 0 && n > maxArrayLength/d {
			panic(&types.Exceeded{What: "memory"})
		}
		n *= d
	}
	checkElements(n)
	if len(dims) == 1 {
		return types.Ref(allocArray(t, elem, int(n)).object())
	}
	t.Alloc(n*24 + 48)
	a := &types.Array{T: types.ArrayOf(elem, len(dims)), Items: make([]types.Value, n)}
	for _, d := range dims {
		a.Dims = append(a.Dims, int(d))
	}
	return types.Ref(a)
}

func arrayCreateMembers() []types.MemberDecl {
	create := types.Raw(func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
		rt, ok := a[0].Ref.(*types.RuntimeType)
		if !ok {
			types.ThrowNull("elementType")
		}
		if len(a) == 2 {
			if _, isArray := viewArray(a[1].Ref); !isArray && a[1].Ref == nil && a[1].Num == 0 {
				return makeArray(t, rt.T, []int64{0})
			}
		}
		return makeArray(t, rt.T, indexList(a[1:]))
	})
	var out []types.MemberDecl
	for _, p := range []string{"int length", "int length1, int length2", "int length1, int length2, int length3", "params int[] lengths", "params long[] lengths"} {
		out = append(out, types.M("static System.Array CreateInstance(System.Type elementType, "+p+")", create))
	}
	for _, p := range []string{"int length", "params int[] lengths"} {
		out = append(out, types.M("static System.Array CreateInstanceFromArrayType(System.Type arrayType, "+p+")", types.Raw(
			func(t *types.Thread, _ types.Value, a []types.Value) types.Value {
				rt, ok := a[0].Ref.(*types.RuntimeType)
				if !ok {
					types.ThrowNull("arrayType")
				}
				dims := indexList(a[1:])
				if rt.T.Kind != types.ArrayKind || rt.T.Rank != len(dims) {
					types.ThrowArgument(types.ArgumentException, "The provided type must be an array.", "arrayType")
				}
				return makeArray(t, rt.T.Elem, dims)
			})))
	}
	return append(out,
		types.M("static int MaxLength { get; }", types.S0(func() int32 { return maxArrayLength })),
		types.M("static T[] Empty<T>()", staticOf(func(t *types.Thread, targs []*types.Type, _ []types.Value) types.Value {
			return types.Ref(allocArray(t, targs[0], 0).object())
		})),
		mx("static ReadOnlyCollection<T> AsReadOnly<T>(T[] array)", staticOf(func(_ *types.Thread, targs []*types.Type, a []types.Value) types.Value {
			need(a[0], "array")
			return types.Ref(newReadOnly(targs[0], a[0].Ref))
		})),
		types.M("static void Resize<T>(ref T[] array, int newSize)", staticOf(func(t *types.Thread, targs []*types.Type, a []types.Value) types.Value {
			n := int(a[1].Int32())
			if n < 0 {
				throwRange(msgNonNegative, "newSize")
			}
			cell := a[0].Ref.(*types.Cell)
			old, ok := viewArray(cell.V.Ref)
			if ok && old.len() == n {
				return types.Value{}
			}
			fresh := allocArray(t, targs[0], n)
			if ok {
				for i := 0; i < min(n, old.len()); i++ {
					fresh.set(i, old.get(i))
				}
			}
			cell.V = types.Ref(fresh.object())
			return types.Value{}
		})),
		types.M("static void Fill<T>(T[] array, T value)", staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			v := arrayArg(a[0], "array")
			return fillRange(t, v, a[1], 0, v.len())
		})),
		types.M("static void Fill<T>(T[] array, T value, int startIndex, int count)", staticOf(func(t *types.Thread, _ []*types.Type, a []types.Value) types.Value {
			v, i, n := arrayArg(a[0], "array"), int(a[2].Int32()), int(a[3].Int32())
			if uint(i) > uint(v.len()) {
				throwRange(msgIndexAtMost, "startIndex")
			}
			if uint(n) > uint(v.len()-i) {
				throwRange(msgCount, "count")
			}
			return fillRange(t, v, a[1], i, n)
		})),
	)
}

func fillRange(t *types.Thread, v arrayView, x types.Value, i, n int) types.Value {
	t.Step(int64(n))
	for k := i; k < i+n; k++ {
		v.set(k, x)
	}
	return types.Value{}
}

// clearRange sets elements to default.
func clearRange(v arrayView, i, n int) {
	for k := i; k < i+n; k++ {
		v.set(k, types.Value{})
	}
}

// copyArray is Array.Copy, which converts elements as the run time can without losing any.
func copyArray(t *types.Thread, src arrayView, from int64, dst arrayView, to, n int64, fromParam, toParam string) {
	if len(src.dims()) != len(dst.dims()) {
		types.Throw(types.RankException, "The specified arrays must have the same number of dimensions.")
	}
	switch {
	case n < 0:
		throwRange(msgNonNegative, "length")
	case from < 0:
		throwRange("Number was less than the array's lower bound in the first dimension.", fromParam)
	case to < 0:
		throwRange("Number was less than the array's lower bound in the first dimension.", toParam)
	case n > int64(src.len()) || from > int64(src.len())-n:
		types.ThrowArgument(types.ArgumentException, "Source array was not long enough. Check the source index, length, and the array's lower bounds.", "sourceArray")
	case n > int64(dst.len()) || to > int64(dst.len())-n:
		types.ThrowArgument(types.ArgumentException, msgDestArrayShort, "destinationArray")
	}
	t.Step(n)
	convert := elementConversion(src.elem(), dst.elem())
	values := src.values()[from : from+n]
	if src.object() == dst.object() || convert == nil {
		values = append([]types.Value(nil), values...)
	}
	for i, v := range values {
		if convert != nil {
			v = convert(v)
		}
		dst.set(int(to)+i, v)
	}
}

// elementConversion is how an element of type from becomes one of type to; nil: as it is.
func elementConversion(from, to *types.Type) func(v types.Value) types.Value {
	switch {
	case from == to || !from.IsValue() && !to.IsValue() && types.ReferenceConvertible(from, to):
		return nil
	case from.IsValue() && !to.IsValue():
		if to != types.Object_ && !types.ReferenceConvertible(from, to) {
			throwMismatch()
		}
		return func(v types.Value) types.Value { return types.Value{Ref: types.Box(from, v)} }
	case !from.IsValue() && to.IsValue():
		return func(v types.Value) types.Value {
			if v.Ref == nil || !types.IsInstance(v.Ref, to) {
				castDown()
			}
			return types.UnboxTo(v.Ref, to)
		}
	case !from.IsValue():
		if !types.ReferenceConvertible(to, from) && from.Kind != types.Interface && to.Kind != types.Interface {
			throwMismatch()
		}
		return func(v types.Value) types.Value {
			if v.Ref != nil && !types.IsInstance(v.Ref, to) {
				castDown()
			}
			return v
		}
	}
	if _, ok := widen(types.Value{}, from, to); !ok {
		throwMismatch()
	}
	return func(v types.Value) types.Value {
		w, _ := widen(v, from, to)
		return w
	}
}

func castDown() {
	types.Throw(types.InvalidCastException, "At least one element in the source array could not be cast down to the destination array type.")
}

func throwMismatch() {
	types.Throw(types.ArrayTypeMismatchException, "Source array type cannot be assigned to destination array type.")
}

func arrayCopyMembers() []types.MemberDecl {
	short := staticVoid(func(t *types.Thread, a []types.Value) {
		src, dst := arrayArg(a[0], "sourceArray"), arrayArg(a[1], "destinationArray")
		copyArray(t, src, 0, dst, 0, a[2].Int64(), "sourceIndex", "destinationIndex")
	})
	long := staticVoid(func(t *types.Thread, a []types.Value) {
		src, dst := arrayArg(a[0], "sourceArray"), arrayArg(a[2], "destinationArray")
		copyArray(t, src, a[1].Int64(), dst, a[3].Int64(), a[4].Int64(), "sourceIndex", "destinationIndex")
	})
	return []types.MemberDecl{
		types.M("static void Copy(System.Array sourceArray, System.Array destinationArray, int length)", short),
		types.M("static void Copy(System.Array sourceArray, System.Array destinationArray, long length)", short),
		types.M("static void Copy(System.Array sourceArray, int sourceIndex, System.Array destinationArray, int destinationIndex, int length)", long),
		types.M("static void Copy(System.Array sourceArray, long sourceIndex, System.Array destinationArray, long destinationIndex, long length)", long),
		types.M("static void ConstrainedCopy(System.Array sourceArray, int sourceIndex, System.Array destinationArray, int destinationIndex, int length)", long),
		types.M("static void Clear(System.Array array)", staticVoid(func(_ *types.Thread, a []types.Value) {
			v := arrayArg(a[0], "array")
			clearRange(v, 0, v.len())
		})),
		types.M("static void Clear(System.Array array, int index, int length)", staticVoid(func(t *types.Thread, a []types.Value) {
			v, i, n := arrayArg(a[0], "array"), int(a[1].Int32()), int(a[2].Int32())
			if i < 0 || n < 0 || i+n > v.len() {
				types.Throw(types.IndexOutOfRangeException, "Index was outside the bounds of the array.")
			}
			t.Step(int64(n))
			clearRange(v, i, n)
		})),
	}
}
