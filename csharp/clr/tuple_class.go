package clr

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/csharp/types"
)

// tuple is a System.Tuple<…>: a reference type, compared element by element.
type tuple struct {
	typ   *types.Type
	items []types.Value
}

// maxTuple is the largest number of type parameters of System.Tuple.
const maxTuple = 8

var tupleTypes = func() []*lateGeneric {
	out := make([]*lateGeneric, maxTuple+1)
	for n := range out {
		out[n] = newLateGeneric("System.Tuple", n)
	}
	return out
}()

func (p *tuple) ClrType() *types.Type { return p.typ }

// ToStr is "(1, a)"; the rest of a tuple of eight is written on.
func (p *tuple) ToStr(t *types.Thread) *types.String {
	t.Enter()
	defer t.Leave()
	parts := []*types.String{types.NewString("(")}
	for i, v := range p.items {
		if i > 0 {
			parts = append(parts, types.NewString(", "))
		}
		if rest, ok := v.Ref.(*tuple); ok && i == maxTuple-1 {
			s := rest.ToStr(t)
			return types.ConcatStrings(append(parts, s.Slice(1, s.Len()))...)
		}
		parts = append(parts, textOf(t, p.typ.Args[i], v))
	}
	return types.ConcatStrings(append(parts, types.NewString(")"))...)
}

func (p *tuple) EqualTo(t *types.Thread, o any) bool {
	t.Enter()
	defer t.Leave()
	q, ok := o.(*tuple)
	if !ok || p.typ != q.typ {
		return false
	}
	for i, et := range p.typ.Args {
		if !t.U.Ops.Equals(t, types.Box(et, p.items[i]), types.Box(et, q.items[i])) {
			return false
		}
	}
	return true
}

func (p *tuple) HashCode(t *types.Thread) int32 {
	t.Enter()
	defer t.Leave()
	h := int32(0)
	for i, et := range p.typ.Args {
		h = h<<5 + h ^ hashOf(t, et, p.items[i])
	}
	return h
}

func (p *tuple) CompareTo(t *types.Thread, o any) int {
	t.Enter()
	defer t.Leave()
	q, ok := o.(*tuple)
	if !ok || p.typ != q.typ {
		types.ThrowArgument(types.ArgumentException, "Argument must be of type "+p.typ.FullName()+".", "other")
	}
	for i, et := range p.typ.Args {
		if c := t.U.Ops.Compare(t, types.Box(et, p.items[i]), types.Box(et, q.items[i])); c != 0 {
			return c
		}
	}
	return 0
}

// tupleParams are "T1, T2, …" and "T1 item1, T2 item2, …"; the eighth type parameter of the class itself is TRest.
func tupleParams(n int, rest string) (params, typed string) {
	var p, q []string
	for i := 1; i <= n; i++ {
		name, item := "T"+strconv.Itoa(i), "item"+strconv.Itoa(i)
		if i == maxTuple && rest != "" {
			name, item = rest, "rest"
		}
		p, q = append(p, name), append(q, name+" "+item)
	}
	return strings.Join(p, ", "), strings.Join(q, ", ")
}

func tupleDecls() []*types.Decl {
	var classes []*types.Decl
	var creators []types.MemberDecl
	for n := 1; n <= maxTuple; n++ {
		classes = append(classes, tupleDecl(n))
		params, typed := tupleParams(n, "")
		result := "System.Tuple<" + params + ">"
		if n == maxTuple {
			result = "System.Tuple<T1, T2, T3, T4, T5, T6, T7, System.Tuple<T8>>"
		}
		creators = append(creators, types.M("static "+result+" Create<"+params+">("+typed+")", types.Generic(newTuple)))
	}
	return append(classes, types.T("static class System.Tuple", creators...))
}

func newTuple(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
	t.Alloc(32 + 24*int64(len(a)))
	kept := append([]types.Value(nil), a...)
	kinds := targs
	if len(a) == maxTuple {
		one := tupleTypes[1].of(targs[maxTuple-1])
		kinds = append(append([]*types.Type(nil), targs[:maxTuple-1]...), one)
		kept[maxTuple-1] = types.Ref(&tuple{one, []types.Value{a[maxTuple-1]}})
	}
	return types.Ref(&tuple{tupleTypes[len(a)].of(kinds...), kept})
}

func tupleDecl(n int) *types.Decl {
	params, typed := tupleParams(n, "TRest")
	self := func(this types.Value) *tuple {
		p, ok := this.Ref.(*tuple)
		if !ok {
			types.ThrowNullReference()
		}
		return p
	}
	members := []types.MemberDecl{
		types.M("new("+typed+")", types.Generic(func(t *types.Thread, targs []*types.Type, _ types.Value, a []types.Value) types.Value {
			t.Alloc(32 + 24*int64(n))
			if n == maxTuple {
				if _, ok := a[n-1].Ref.(*tuple); !ok {
					types.Throw(types.ArgumentException, "The last element of an eight element tuple must be a Tuple.")
				}
			}
			return types.Ref(&tuple{tupleTypes[n].of(targs...), append([]types.Value(nil), a...)})
		})),
		types.M("bool Equals(object obj)", types.Raw(func(t *types.Thread, this types.Value, a []types.Value) types.Value {
			return types.Bool(self(this).EqualTo(t, a[0].Ref))
		})),
		types.M("int GetHashCode()", types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
			return types.Int(int64(self(this).HashCode(t)))
		})),
		types.M("string ToString()", types.Raw(func(t *types.Thread, this types.Value, _ []types.Value) types.Value {
			return types.Ref(self(this).ToStr(t))
		})),
	}
	for i := 0; i < n; i++ {
		i, name := i, "T"+strconv.Itoa(i+1)+" Item"+strconv.Itoa(i+1)
		if i == maxTuple-1 {
			name = "TRest Rest"
		}
		members = append(members, types.M(name+" { get; }", types.Impl{F0: func(_ *types.Thread, this types.Value) types.Value { return self(this).items[i] }}))
	}
	return types.T("class System.Tuple<"+params+"> : System.IComparable", members...)
}
