package clr

import "github.com/postern-gateway/postern/csharp/types"

// arrayView sees an array of any element type, byte[] included.
type arrayView struct {
	a *types.Array
	b *types.Bytes
}

// viewArray is the view of an array; ok is false for another object.
func viewArray(o any) (v arrayView, ok bool) {
	switch x := o.(type) {
	case *types.Array:
		return arrayView{a: x}, true
	case *types.Bytes:
		return arrayView{b: x}, true
	}
	return arrayView{}, false
}

// arrayArg is the view of an array argument; null throws ArgumentNullException about param.
func arrayArg(v types.Value, param string) arrayView {
	view, ok := viewArray(v.Ref)
	if !ok {
		types.ThrowNull(param)
	}
	return view
}

// thisArray is the view of the receiver.
func thisArray(this types.Value) arrayView {
	view, ok := viewArray(this.Ref)
	if !ok {
		types.ThrowNullReference()
	}
	return view
}

func (v arrayView) len() int {
	if v.b != nil {
		return len(v.b.B)
	}
	return len(v.a.Items)
}

func (v arrayView) get(i int) types.Value {
	if v.b != nil {
		return types.Uint(uint64(v.b.B[i]))
	}
	return v.a.Items[i]
}

func (v arrayView) set(i int, x types.Value) {
	if v.b != nil {
		v.b.B[i] = byte(x.Num)
		return
	}
	v.a.Items[i] = x
}

func (v arrayView) elem() *types.Type {
	if v.b != nil {
		return types.ByteType
	}
	return v.a.T.Elem
}

func (v arrayView) dims() []int {
	if v.a != nil && v.a.Dims != nil {
		return v.a.Dims
	}
	return []int{v.len()}
}

func (v arrayView) object() any {
	if v.b != nil {
		return v.b
	}
	return v.a
}

// values are the elements; for arrays other than byte[] the slice is the array's own.
func (v arrayView) values() []types.Value {
	if v.b == nil {
		return v.a.Items
	}
	out := make([]types.Value, len(v.b.B))
	for i, x := range v.b.B {
		out[i].Num = uint64(x)
	}
	return out
}

// store writes Values got from values back, where that made a copy.
func (v arrayView) store(values []types.Value) {
	if v.b == nil {
		return
	}
	for i, x := range values {
		v.b.B[i] = byte(x.Num)
	}
}

// allocArray is an array of n default elements, charged.
func allocArray(t *types.Thread, elem *types.Type, n int) arrayView {
	checkElements(int64(n))
	if elem == types.ByteType {
		t.Alloc(int64(n) + 32)
		return arrayView{b: &types.Bytes{B: make([]byte, n)}}
	}
	t.Alloc(int64(n)*24 + 48)
	return arrayView{a: &types.Array{T: types.ArrayOf(elem, 1), Items: make([]types.Value, n)}}
}

// maxElements bounds an array even where the budget does not.
const maxElements = 1 << 26

// checkElements ends an evaluation that asks for more elements than that.
func checkElements(n int64) {
	if n > maxElements {
		panic(&types.Exceeded{What: "memory"})
	}
}

// arrayWith is an array with these elements, which it keeps.
func arrayWith(t *types.Thread, elem *types.Type, values []types.Value) types.Value {
	if elem == types.ByteType {
		v := allocArray(t, elem, len(values))
		v.store(values)
		return types.Ref(v.b)
	}
	return types.Ref(&types.Array{T: types.ArrayOf(elem, 1), Items: values})
}

// copyInto is what CopyTo of a collection does: the elements into an array from index at on. param names the array argument.
func copyInto(t *types.Thread, values []types.Value, array types.Value, at int, param, atParam string) {
	dst := arrayArg(array, param)
	switch {
	case at < 0:
		throwRange(msgNonNegative, atParam)
	case at > dst.len() || dst.len()-at < len(values):
		types.Throw(types.ArgumentException, msgDestTooShort)
	}
	t.Step(int64(len(values)))
	for i, x := range values {
		dst.set(at+i, x)
	}
}
