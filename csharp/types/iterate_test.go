package types

import "testing"

func TestIterate(t *testing.T) {
	for _, c := range []struct {
		name string
		o    any
		elem *Type
		want []Value
	}{
		{"string", NewString("ab"), CharType, []Value{Uint('a'), Uint('b')}},
		{"string as objects", NewString("a"), Object_, []Value{Ref(Char('a'))}},
		{"array", &Array{T: ArrayOf(Int32Type, 1), Items: []Value{Int(1), Int(2)}}, Int32Type, []Value{Int(1), Int(2)}},
		{"array as objects", &Array{T: ArrayOf(Int32Type, 1), Items: []Value{Int(1)}}, Object_, []Value{Ref(int32(1))}},
		{"array of strings as objects", &Array{T: StringArray, Items: []Value{Ref(EmptyString)}}, Object_, []Value{Ref(EmptyString)}},
		{"objects as ints", &Array{T: ObjectArray, Items: []Value{Ref(int32(7))}}, Int32Type, []Value{Int(7)}},
		{"bytes", &Bytes{B: []byte{5}}, ByteType, []Value{Uint(5)}},
	} {
		th := &Thread{}
		e := Iterate(th, c.o, c.elem)
		var got []Value
		for e.MoveNext(th) {
			got = append(got, e.Current())
		}
		e.Dispose(th)
		if e.MoveNext(th) {
			t.Errorf("%s: goes on after its end", c.name)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

// thrown is the type of the exception that f throws, nil if none.
func thrown(f func()) (typ *Type) {
	defer func() {
		if e, ok := recover().(*Exception); ok {
			typ = e.T
		}
	}()
	f()
	return nil
}

func TestUnboxTo(t *testing.T) {
	day := &Def{Namespace: "My", Name: "Day", Kind: EnumKind, Underlying: Int32Type}
	day.self = newType(&Type{Kind: EnumKind, Def: day})
	for _, c := range []struct {
		name  string
		o     any
		to    *Type
		want  Value
		throw *Type
	}{
		{"int", int32(5), Int32Type, Int(5), nil},
		{"int to long", int32(5), Int64Type, Value{}, InvalidCastException},
		{"null", nil, Int32Type, Value{}, NullReferenceException},
		{"null to int?", nil, NullableOf(Int32Type), Null, nil},
		{"int to int?", int32(5), NullableOf(Int32Type), Value{Num: 5, Ref: Present}, nil},
		{"enum to int", &Enum{T: day.self, Num: 3}, Int32Type, Int(3), nil},
		{"int to enum", int32(3), day.self, Int(3), nil},
		{"string to int", EmptyString, Int32Type, Value{}, InvalidCastException},
	} {
		var got Value
		if typ := thrown(func() { got = UnboxTo(c.o, c.to) }); typ != c.throw || got != c.want {
			t.Errorf("%s: %v, throws %v; want %v, %v", c.name, got, typ, c.want, c.throw)
		}
	}
}
