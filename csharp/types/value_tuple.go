package types

import (
	"fmt"
	"strings"
)

// tupleDecls declares System.ValueTuple: its factory methods, and the members of tuples beside their elements.
func tupleDecls() []*Decl {
	factory := T("struct System.ValueTuple")
	out := []*Decl{factory}
	for n := 1; n <= 8; n++ {
		names := make([]string, n)
		params := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprintf("T%d", i+1)
			params[i] = fmt.Sprintf("T%d item%d", i+1, i+1)
		}
		self := "System.ValueTuple<" + strings.Join(names, ", ") + ">"
		factory.Members = append(factory.Members, M("static "+self+" Create<"+strings.Join(names, ", ")+">("+strings.Join(params, ", ")+")", Generic(createTuple)))
		out = append(out, T("struct "+self,
			M("int CompareTo("+self+" other)", Generic(compareTuples)),
			M("bool Equals("+self+" other)", Generic(equalTuples)),
			M("string ToString()", Generic(func(t *Thread, targs []*Type, this Value, _ []Value) Value {
				return Ref(TupleDef(len(targs)).Of(targs...).Tuple(this).ClrToString(t))
			}))))
	}
	return out
}

func createTuple(_ *Thread, targs []*Type, _ Value, args []Value) Value {
	return Ref(&TupleValue{T: TupleDef(len(targs)).Of(targs...), Items: append([]Value(nil), args...)})
}

func equalTuples(t *Thread, targs []*Type, this Value, args []Value) Value {
	typ := TupleDef(len(targs)).Of(targs...)
	return Bool(typ.Tuple(this).ClrEquals(t, typ.Tuple(args[0])))
}

func compareTuples(t *Thread, targs []*Type, this Value, args []Value) Value {
	typ := TupleDef(len(targs)).Of(targs...)
	a, b := typ.Tuple(this), typ.Tuple(args[0])
	for i, at := range targs {
		if c := t.U.Ops.Compare(t, Box(at, a.Items[i]), Box(at, b.Items[i])); c != 0 {
			return Int(int64(c))
		}
	}
	return Int(0)
}
