package types

import (
	"strconv"
	"strings"
	"sync"
)

var (
	tupleMu   sync.Mutex
	tupleDefs = map[int]*Def{}
)

// TupleDef is System.ValueTuple of n elements, n from 0. Unlike .NET's, a tuple of 8 elements or more is not nested.
func TupleDef(n int) *Def {
	tupleMu.Lock()
	defer tupleMu.Unlock()
	if d := tupleDefs[n]; d != nil {
		return d
	}
	params := make([]string, n)
	for i := range params {
		params[i] = "T" + strconv.Itoa(i+1)
	}
	d := newDef("System", "ValueTuple", Struct, params...)
	d.Sealed = true
	tupleDefs[n] = d
	return d
}

// TupleType is the tuple type of the elements; names may be nil, or have "" for an element without a name.
func TupleType(elems []*Type, names []string) *Type {
	base := TupleDef(len(elems)).Of(elems...)
	named := false
	for _, n := range names {
		named = named || n != ""
	}
	if !named {
		return base
	}
	return intern(&Type{Kind: Struct, Def: base.Def, Args: elems, Names: names, Base: base})
}

// IsTuple reports whether t is a ValueTuple.
func (t *Type) IsTuple() bool {
	return t.Kind == Struct && t.Def.Name == "ValueTuple" && t.Def.Namespace == "System"
}

// TupleItem is the index of the element that name stands for in a tuple type: its own name or Item1, Item2 …; -1 if there is none.
func (t *Type) TupleItem(name string) int {
	for i, n := range t.Names {
		if n == name {
			return i
		}
	}
	if digits, ok := strings.CutPrefix(name, "Item"); ok {
		if n, err := strconv.Atoi(digits); err == nil && n >= 1 && n <= len(t.Args) && digits[0] != '0' && digits[0] != '+' {
			return n - 1
		}
	}
	return -1
}

// TupleValue is a ValueTuple, boxed or as a Value. Treat it as immutable: to assign to an element, make a copy.
type TupleValue struct {
	// T is the tuple type, erased.
	T     *Type
	Items []Value
}

// ClrType is the tuple's type.
func (v *TupleValue) ClrType() *Type { return v.T }

// ClrToString is "(1, a)".
func (v *TupleValue) ClrToString(t *Thread) *String {
	t.Enter()
	defer t.Leave()
	parts := []*String{NewString("(")}
	for i, x := range v.Items {
		if i > 0 {
			parts = append(parts, NewString(", "))
		}
		if o := Box(v.T.Args[i], x); o != nil {
			parts = append(parts, t.U.Ops.ToString(t, o))
		}
	}
	return ConcatStrings(append(parts, NewString(")"))...)
}

// ClrEquals compares element by element; another type is never equal.
func (v *TupleValue) ClrEquals(t *Thread, o any) bool {
	w, ok := o.(*TupleValue)
	return ok && v.T == w.T && itemsEqual(t, v.T, v.Items, w.Items)
}

// ClrHash combines the elements' hashes.
func (v *TupleValue) ClrHash(t *Thread) int32 { return itemsHash(t, v.T, v.Items) }

func itemsEqual(t *Thread, typ *Type, a, b []Value) bool {
	t.Enter()
	defer t.Leave()
	for i, at := range typ.Args {
		if !t.U.Ops.Equals(t, Box(at, a[i]), Box(at, b[i])) {
			return false
		}
	}
	return true
}

func itemsHash(t *Thread, typ *Type, items []Value) int32 {
	t.Enter()
	defer t.Leave()
	h := int32(17)
	for i, at := range typ.Args {
		h *= 31
		if o := Box(at, items[i]); o != nil {
			h += t.U.Ops.Hash(t, o)
		}
	}
	return h
}

// Tuple reads a Value of a tuple type; the zero Value is the tuple of default elements.
func (t *Type) Tuple(v Value) *TupleValue {
	if x, ok := v.Ref.(*TupleValue); ok {
		return x
	}
	return &TupleValue{T: t.Erased(), Items: make([]Value, len(t.Args))}
}
