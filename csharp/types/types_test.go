package types

import "testing"

func testUniverse(t *testing.T) *Universe {
	t.Helper()
	u := NewUniverse([]*Decl{
		T("interface System.IComparable"),
		T("interface System.Collections.Generic.IDictionary<TKey, TValue> : System.Collections.Generic.ICollection<System.Collections.Generic.KeyValuePair<TKey, TValue>>"),
		T("class System.Collections.Generic.List<T> : System.Collections.Generic.IList<T>, System.Collections.IUnknown",
			M("new()"), M("void Add(T item)"), M("T this[int index] { get; set; }"), M("int Count { get; }"),
			M("System.Collections.Generic.List.Enumerator<T> GetEnumerator()"),
			M("System.Collections.Generic.List<TOutput> ConvertAll<TOutput>(System.Converter<T, TOutput> converter)")),
		T("struct System.Collections.Generic.List.Enumerator<T>"),
		T("sealed class string : System.IComparable", M("int Length { get; }"), M("bool Equals(string value)"), M("static string Empty"),
			M("static bool operator ==(string a, string b)")),
		T("class object", M("string ToString()"), M("bool Equals(object obj)")),
		T("enum System.DayOfWeek : System.IComparable", M("const System.DayOfWeek Sunday = 0"), M("const System.DayOfWeek Monday = 1")),
		T("static class System.Linq.Enumerable",
			M("static T First<T>(this System.Collections.Generic.IEnumerable<T> source)")),
		T("class My.Thing", M("new(int a, System.DayOfWeek d = System.DayOfWeek.Monday)"), M("void F(ref int x, params object[] rest)"), M("const double Half = 0.5")),
		T("delegate void System.EventHandler<in TArgs>(object sender, TArgs e)"),
	}, Ops{})
	for _, err := range u.CheckAll() {
		t.Error(err)
	}
	return u
}

func TestMembersAreInheritedAndSubstituted(t *testing.T) {
	u := testUniverse(t)
	list := u.Lookup("System.Collections.Generic.List", 1).Of(StringType)
	for _, c := range []struct {
		in   *Type
		name string
		want []string
	}{
		{list, "Add", []string{"List<string>.Add(string)"}},
		{list, "ConvertAll", []string{"List<string>.ConvertAll<TOutput>(Converter<string, TOutput>)"}},
		{list, "ToString", []string{"object.ToString()"}},
		{list, "GetEnumerator", []string{"List<string>.GetEnumerator()"}},
		{StringType, "Equals", []string{"string.Equals(string)", "object.Equals(object)"}},
		{u.Type("My.Thing"), "F", []string{"Thing.F(ref int, params object[])"}},
		{u.Type("System.IComparable"), "ToString", []string{"object.ToString()"}},
	} {
		ms := u.Members(c.in, c.name)
		if len(ms) != len(c.want) {
			t.Errorf("%s.%s: %d members, want %d", c.in, c.name, len(ms), len(c.want))
			continue
		}
		for i, m := range ms {
			if got := m.Display(false); got != c.want[i] {
				t.Errorf("%s.%s: %s, want %s", c.in, c.name, got, c.want[i])
			}
		}
	}
	if got := u.Members(list, "GetEnumerator")[0].Result.String(); got != "System.Collections.Generic.List<string>.Enumerator" {
		t.Errorf("GetEnumerator gives %s", got)
	}
}

func TestNamesOfTypes(t *testing.T) {
	u := testUniverse(t)
	list := u.Lookup("System.Collections.Generic.List", 1)
	for _, c := range []struct {
		typ                     *Type
		display, reflect, short string
	}{
		{list.Of(Int32Type), "System.Collections.Generic.List<int>", "System.Collections.Generic.List`1[System.Int32]", "List`1"},
		{NullableOf(Int32Type), "int?", "System.Nullable`1[System.Int32]", "Nullable`1"},
		{ArrayOf(ArrayOf(Int32Type, 2), 1), "int[][,]", "System.Int32[,][]", "Int32[,][]"},
		{TupleType([]*Type{Int32Type, StringType}, []string{"a", ""}), "(int a, string)", "System.ValueTuple`2[System.Int32,System.String]", "ValueTuple`2"},
		{FuncDef(1).Of(Int32Type, BoolType), "System.Func<int, bool>", "System.Func`2[System.Int32,System.Boolean]", "Func`2"},
		{AnonType([]string{"A"}, []*Type{Int32Type}), "<anonymous type: int A>", "<>f__AnonymousType0`1[System.Int32]", "<>f__AnonymousType0`1"},
		{DynamicType, "dynamic", "System.Object", "Object"},
	} {
		if got := c.typ.String(); got != c.display {
			t.Errorf("String() = %s, want %s", got, c.display)
		}
		if got := c.typ.FullName(); got != c.reflect {
			t.Errorf("FullName() = %s, want %s", got, c.reflect)
		}
		if got := c.typ.Name(); got != c.short {
			t.Errorf("Name() = %s, want %s", got, c.short)
		}
	}
}

func TestIsInstance(t *testing.T) {
	u := testUniverse(t)
	strings := &Array{T: StringArray}
	enumerable := func(e *Type) *Type { return IEnumerableDef.Of(e) }
	for _, c := range []struct {
		name string
		o    any
		t    *Type
		want bool
	}{
		{"null is nothing", nil, Object_, false},
		{"int is int?", int32(1), NullableOf(Int32Type), true},
		{"int is no long", int32(1), Int64Type, false},
		{"string is comparable", EmptyString, u.Type("System.IComparable"), true},
		{"string is chars", EmptyString, enumerable(CharType), true},
		{"string[] is object[]", strings, ObjectArray, true},
		{"string[] is IList<object>", strings, IListDef.Of(Object_), true},
		{"string[] is IEnumerable<object>", strings, enumerable(Object_), true},
		{"bytes are IEnumerable<byte>", &Bytes{}, enumerable(ByteType), true},
		{"bytes are no objects", &Bytes{}, enumerable(Object_), false},
		{"delegate variance", &Delegate{T: FuncDef(1).Of(Object_, StringType)}, FuncDef(1).Of(StringType, Object_), true},
		{"no delegate variance of values", &Delegate{T: FuncDef(0).Of(Int32Type)}, FuncDef(0).Of(Object_), false},
		{"exception derives", &Exception{T: ArgumentNullException}, ArgumentException, true},
		{"named tuple", &TupleValue{T: TupleType([]*Type{Int32Type}, nil)}, TupleType([]*Type{Int32Type}, []string{"x"}), true},
	} {
		if got := IsInstance(c.o, c.t); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestUniverseWithMoreTypes(t *testing.T) {
	u := testUniverse(t)
	w := u.With(T("interface IRequest", M("System.Collections.Generic.List<IUrl> Urls { get; }")), T("interface IUrl"))
	if errs := w.CheckAll(); len(errs) > 0 {
		t.Fatal(errs)
	}
	if len(w.LookupSimple("IRequest", 0)) != 1 || len(u.LookupSimple("IRequest", 0)) != 0 {
		t.Error("IRequest should be known in the wider universe alone")
	}
	urls := w.Members(w.Type("IRequest"), "Urls")
	if len(urls) != 1 || urls[0].Result.Short() != "List<IUrl>" || !urls[0].CanGet || urls[0].CanSet {
		t.Errorf("Urls = %+v", urls)
	}
	if len(w.Extensions("First")) != 1 {
		t.Error("extensions of the narrower universe are lost")
	}
	if !w.IsNamespace("System.Collections") || w.IsNamespace("System.List") {
		t.Error("namespaces")
	}
}

func TestParameterDefaultsAndConstants(t *testing.T) {
	u := testUniverse(t)
	ctor := u.Constructors(u.Type("My.Thing"))
	if len(ctor) != 1 || !ctor[0].Params[1].Optional || ctor[0].Params[1].Default.Num != 1 {
		t.Errorf("constructor = %+v", ctor)
	}
	if half := u.Members(u.Type("My.Thing"), "Half"); len(half) != 1 || half[0].Value.Float64() != 0.5 {
		t.Errorf("Half = %+v", half)
	}
	if day := u.Members(u.Type("System.DayOfWeek"), "Monday"); len(day) != 1 || day[0].Value.Num != 1 || day[0].Result != u.Type("System.DayOfWeek") {
		t.Errorf("Monday = %+v", day)
	}
}

func TestWrongDeclarationsAreProblems(t *testing.T) {
	for _, sig := range []string{"int", "int F(", "int F(int)", "Unknown F()", "static bool operator ??(int a, int b)", "const int X = \"", "int P { got; }", ""} {
		u := NewUniverse([]*Decl{T("class My.C", M(sig))}, Ops{})
		if len(u.CheckAll()) == 0 {
			t.Errorf("%q was taken", sig)
		}
	}
	if len(NewUniverse([]*Decl{T("clas X")}, Ops{}).Problems()) == 0 {
		t.Error("a wrong head was taken")
	}
}
