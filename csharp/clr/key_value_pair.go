package clr

import "github.com/postern-gateway/postern/csharp/types"

// keyValue is a KeyValuePair<TKey, TValue>.
type keyValue struct {
	typ        *types.Type
	key, value types.Value
}

var keyValueType = newLateGeneric("System.Collections.Generic.KeyValuePair", 2)

func init() {
	registerStruct("System.Collections.Generic.KeyValuePair`2", func(t *types.Type) any { return &keyValue{typ: t} })
}

func (p *keyValue) ClrType() *types.Type { return p.typ }

// ToStr is "[key, value]".
func (p *keyValue) ToStr(t *types.Thread) *types.String {
	t.Enter()
	defer t.Leave()
	return types.ConcatStrings(types.NewString("["), textOf(t, p.typ.Args[0], p.key), types.NewString(", "),
		textOf(t, p.typ.Args[1], p.value), types.NewString("]"))
}

// textOf is the ToString() of a Value of type typ; empty for null.
func textOf(t *types.Thread, typ *types.Type, v types.Value) *types.String {
	o := types.Box(typ, v)
	if o == nil {
		return types.EmptyString
	}
	return t.U.Ops.ToString(t, o)
}

func (p *keyValue) EqualTo(t *types.Thread, o any) bool {
	t.Enter()
	defer t.Leave()
	q, ok := o.(*keyValue)
	return ok && p.typ == q.typ &&
		t.U.Ops.Equals(t, types.Box(p.typ.Args[0], p.key), types.Box(p.typ.Args[0], q.key)) &&
		t.U.Ops.Equals(t, types.Box(p.typ.Args[1], p.value), types.Box(p.typ.Args[1], q.value))
}

func (p *keyValue) HashCode(t *types.Thread) int32 {
	t.Enter()
	defer t.Leave()
	return hashOf(t, p.typ.Args[0], p.key)*31 + hashOf(t, p.typ.Args[1], p.value)
}

// hashOf is the hash code of a Value of type typ; 0 for null.
func hashOf(t *types.Thread, typ *types.Type, v types.Value) int32 {
	o := types.Box(typ, v)
	if o == nil {
		return 0
	}
	return t.U.Ops.Hash(t, o)
}

// pairParts are the key and value of a KeyValuePair, whose default has no payload.
func pairParts(v types.Value) (key, value types.Value) {
	if p, ok := v.Ref.(*keyValue); ok {
		return p.key, p.value
	}
	return types.Value{}, types.Value{}
}

func keyValueDecls() []*types.Decl {
	return []*types.Decl{
		types.T("static class System.Collections.Generic.KeyValuePair",
			mx("static KeyValuePair<TKey, TValue> Create<TKey, TValue>(TKey key, TValue value)", types.Generic(
				func(_ *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
					return types.Ref(&keyValue{keyValueType.of(targs...), a[0], a[1]})
				}))),
		types.T("struct System.Collections.Generic.KeyValuePair<TKey, TValue>",
			types.M("new(TKey key, TValue value)", types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
				t.Alloc(64)
				return types.Ref(&keyValue{keyValueType.of(targs...), a[0], a[1]})
			})),
			types.M("TKey Key { get; }", types.Impl{F0: func(_ *types.Thread, this types.Value) types.Value {
				k, _ := pairParts(this)
				return k
			}}),
			types.M("TValue Value { get; }", types.Impl{F0: func(_ *types.Thread, this types.Value) types.Value {
				_, v := pairParts(this)
				return v
			}}),
			types.M("void Deconstruct(out TKey key, out TValue value)", types.Raw(func(_ *types.Thread, this types.Value, a []types.Value) types.Value {
				k, v := pairParts(this)
				setOut(a[0], k)
				setOut(a[1], v)
				return types.Value{}
			})),
			types.M("string ToString()", types.Generic(func(t *types.Thread, targs []*types.Type, this types.Value, _ []types.Value) types.Value {
				k, v := pairParts(this)
				return types.Ref((&keyValue{keyValueType.of(targs...), k, v}).ToStr(t))
			}))),
	}
}
