package compile

import (
	"github.com/postern-gateway/postern/csharp/bind"
	"github.com/postern-gateway/postern/csharp/types"
)

// maxElements bounds an array even where the budget does not: .NET's own limit is 2^31, which would be 48 GiB here.
const maxElements = 1 << 26

// newArray compiles new T[…] and new T[…] {…}.
func (c *funCompiler) newArray(e *bind.NewArray) valFn {
	at := pack(e.Span())
	if len(e.Sizes) == 0 {
		return c.arrayOf(e, at)
	}
	sizes, signed, init := make([]numFn, len(e.Sizes)), make([]bool, len(e.Sizes)), c.values(e.Init)
	for i, s := range e.Sizes {
		sizes[i], signed[i] = c.num(s), s.Type() != types.UInt64Type && s.Type() != types.UInt32Type
	}
	t := e.T.Erased()
	return func(f *frame) types.Value {
		var lengths [32]int
		for i, size := range sizes {
			n := size(f)
			f.m.at = at
			if signed[i] && int64(n) < 0 {
				throwOverflow()
			}
			lengths[i] = int(min(n, maxElements+1))
		}
		v := makeArray(f.t, t, lengths[:len(sizes)])
		fill(f, v, init)
		return v
	}
}

func (c *funCompiler) arrayOf(e *bind.NewArray, at uint64) valFn {
	t, dims, init := e.T.Erased(), e.Dims, c.values(e.Init)
	if len(dims) == 0 {
		dims = []int{len(init)}
	}
	return func(f *frame) types.Value {
		f.m.at = at
		v := makeArray(f.t, t, dims)
		fill(f, v, init)
		return v
	}
}

// makeArray allocates an array of default elements.
func makeArray(t *types.Thread, typ *types.Type, dims []int) types.Value {
	n := 1
	for _, d := range dims {
		if d != 0 && n > maxElements/d {
			panic(&types.Exceeded{What: "memory"})
		}
		n *= d
	}
	if typ == types.ByteArray {
		t.Alloc(int64(objectSize + n))
		return types.Ref(&types.Bytes{B: make([]byte, n)})
	}
	t.Alloc(int64(objectSize + valueSize*n))
	a := &types.Array{T: typ, Items: make([]types.Value, n)}
	if len(dims) > 1 {
		a.Dims = append([]int(nil), dims...)
	}
	return types.Ref(a)
}

// fill evaluates the elements of an initialiser into a new array.
func fill(f *frame, v types.Value, init []valFn) {
	switch a := v.Ref.(type) {
	case *types.Bytes:
		for i, x := range init {
			a.B[i] = byte(x(f).Num)
		}
	case *types.Array:
		for i, x := range init {
			a.Items[i] = x(f)
		}
	}
}

// indices compiles indices; the word of a ulong beyond int64 is out of every range, like a negative one.
func (c *funCompiler) indices(es []bind.Expr) []numFn {
	out := make([]numFn, len(es))
	for i, e := range es {
		out[i] = c.num(e)
	}
	return out
}

// arrayIndex compiles the reading of an element.
func (c *funCompiler) arrayIndex(e *bind.ArrayIndex) valFn {
	if e.X.Type() == types.ByteArray {
		n := c.arrayIndexNum(e)
		return func(f *frame) types.Value { return types.Value{Num: n(f)} }
	}
	x, indices, at := c.value(e.X), c.indices(e.Indices), pack(e.Span())
	if len(indices) == 1 {
		i := indices[0]
		return func(f *frame) types.Value {
			v := x(f)
			n := i(f)
			f.m.at = at
			return *element(v, n)
		}
	}
	return func(f *frame) types.Value {
		v := x(f)
		var list [32]uint64
		for k, i := range indices {
			list[k] = i(f)
		}
		f.m.at = at
		return *elementOf(v, list[:len(indices)])
	}
}

// arrayIndexNum compiles the reading of a number out of an array of one dimension; nil if it is not that.
func (c *funCompiler) arrayIndexNum(e *bind.ArrayIndex) numFn {
	if len(e.Indices) != 1 {
		return nil
	}
	x, i, at := c.value(e.X), c.num(e.Indices[0]), pack(e.Span())
	if e.X.Type() == types.ByteArray {
		return func(f *frame) uint64 {
			v := x(f)
			n := i(f)
			f.m.at = at
			return uint64(*byteOf(v, n))
		}
	}
	return func(f *frame) uint64 {
		v := x(f)
		n := i(f)
		f.m.at = at
		return element(v, n).Num
	}
}

func byteOf(v types.Value, i uint64) *byte {
	b, ok := v.Ref.(*types.Bytes)
	if !ok {
		types.ThrowNullReference()
	}
	if i >= uint64(len(b.B)) {
		throwIndex()
	}
	return &b.B[i]
}

func arrayOf(v types.Value) *types.Array {
	a, ok := v.Ref.(*types.Array)
	if !ok {
		types.ThrowNullReference()
	}
	return a
}

func element(v types.Value, i uint64) *types.Value {
	a := arrayOf(v)
	if i >= uint64(len(a.Items)) {
		throwIndex()
	}
	return &a.Items[i]
}

// elementOf is the element at several indices.
func elementOf(v types.Value, indices []uint64) *types.Value {
	a := arrayOf(v)
	if a.Dims == nil {
		return element(v, indices[0])
	}
	n := 0
	for k, i := range indices {
		if i >= uint64(a.Dims[k]) {
			throwIndex()
		}
		n = n*a.Dims[k] + int(i)
	}
	return &a.Items[n]
}

// elementPlace is an array's element as a place: its parts are the array and the indices.
func (c *funCompiler) elementPlace(e *bind.ArrayIndex) place {
	x, indices, at := c.value(e.X), c.indices(e.Indices), pack(e.Span())
	elem, isByte := e.T.Erased(), e.X.Type() == types.ByteArray
	return place{
		n: 1 + len(indices),
		eval: func(f *frame, parts []types.Value) {
			parts[0] = x(f)
			for k, i := range indices {
				parts[1+k].Num = i(f)
			}
		},
		get: func(f *frame, parts []types.Value) types.Value {
			f.m.at = at
			if isByte {
				return types.Uint(uint64(*byteOf(parts[0], parts[1].Num)))
			}
			return *partsElement(parts)
		},
		set: func(f *frame, parts []types.Value, v types.Value) {
			f.m.at = at
			if isByte {
				*byteOf(parts[0], parts[1].Num) = byte(v.Num)
				return
			}
			p := partsElement(parts)
			if held := arrayOf(parts[0]).T.Elem; held != elem && v.Ref != nil && !types.IsInstance(v.Ref, held) {
				types.Throw(types.ArrayTypeMismatchException, "Attempted to access an element as a type incompatible with the array.")
			}
			*p = v
		},
	}
}

func partsElement(parts []types.Value) *types.Value {
	if len(parts) == 2 {
		return element(parts[0], parts[1].Num)
	}
	var indices [32]uint64
	for k, p := range parts[1:] {
		indices[k] = p.Num
	}
	return elementOf(parts[0], indices[:len(parts)-1])
}

// arrayLength compiles Length.
func (c *funCompiler) arrayLength(e *bind.ArrayLength) numFn {
	x, at := c.value(e.X), pack(e.Span())
	return func(f *frame) uint64 {
		v := x(f)
		f.m.at = at
		if b, ok := v.Ref.(*types.Bytes); ok {
			return uint64(len(b.B))
		}
		return uint64(len(arrayOf(v).Items))
	}
}

func (c *funCompiler) anonNew(e *bind.AnonNew) valFn {
	args, t := c.values(e.Args), e.T.Erased()
	return func(f *frame) types.Value {
		f.t.Alloc(int64(objectSize + valueSize*len(args)))
		return types.Ref(&types.AnonObject{T: t, Items: evalAll(f, args)})
	}
}

func evalAll(f *frame, args []valFn) []types.Value {
	items := make([]types.Value, len(args))
	for i, a := range args {
		items[i] = a(f)
	}
	return items
}

func (c *funCompiler) anonGet(e *bind.AnonGet) valFn {
	x, i, at := c.value(e.X), e.Index, pack(e.Span())
	return func(f *frame) types.Value {
		v := x(f)
		f.m.at = at
		a, ok := v.Ref.(*types.AnonObject)
		if !ok {
			types.ThrowNullReference()
		}
		return a.Items[i]
	}
}

func (c *funCompiler) tupleNew(e *bind.TupleNew) valFn {
	args, t := c.values(e.Args), e.T.Erased()
	return func(f *frame) types.Value {
		f.t.Alloc(int64(objectSize + valueSize*len(args)))
		return types.Ref(&types.TupleValue{T: t, Items: evalAll(f, args)})
	}
}

func (c *funCompiler) tupleItem(e *bind.TupleItem) valFn {
	x, i, t := c.value(e.X), e.Index, e.X.Type()
	return func(f *frame) types.Value { return item(t, x(f), i) }
}

// item is an element of a tuple; the zero Value is the tuple of defaults.
func item(t *types.Type, v types.Value, i int) types.Value {
	if tuple, ok := v.Ref.(*types.TupleValue); ok {
		return tuple.Items[i]
	}
	return t.Tuple(v).Items[i]
}
