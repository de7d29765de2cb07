package types

import (
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
)

// payloads is the latest universe's Ops.Payload.
var payloads atomic.Pointer[func(*Type) any]

// Payload is default(T), boxed, of a struct type whose values stand in Ref.
func Payload(t *Type) any {
	if t.IsTuple() {
		return t.Tuple(Value{})
	}
	switch t {
	case DecimalType:
		return Value{}.Decimal()
	case GuidType:
		return Guid{}
	}
	if f := payloads.Load(); f != nil {
		if p := (*f)(t); p != nil {
			return p
		}
	}
	return &DefaultStruct{T: t}
}

// DefaultStruct is default(T) of a struct that the class library knows no payload for.
type DefaultStruct struct{ T *Type }

// ClrType is the struct.
func (d *DefaultStruct) ClrType() *Type { return d.T }

// keywords are the types that C# has words for.
var keywords = map[string]*Type{}

// wellKnownBases are the base classes of well-known classes other than object.
var wellKnownBases = map[*Type]*Type{}

func init() {
	for _, d := range wellKnownDefs {
		if d.Keyword != "" {
			keywords[d.Keyword] = d.self
		}
		d.Variance = knownVariance[d.FullName()]
	}
	for _, t := range []*Type{ValueType, EnumBase, ArrayBase, DelegateBase} {
		t.Def.Abstract = true
	}
	for _, t := range []*Type{StringType} {
		t.Def.Sealed = true
	}
	exceptionBases()
	interfaceBases()
	initDelegates()
}

// Keyword is the type that a C# keyword names; nil if it names none.
func Keyword(word string) *Type {
	if word == "void" {
		return VoidType
	}
	return keywords[word]
}

// impliedInterfaces are those that well-known types have even if a declaration leaves them out.
var impliedInterfaces = map[*Def][]*Type{}

func exceptionBases() {
	base := map[*Type][]*Type{
		ExceptionType: {SystemException},
		SystemException: {ArgumentException, ArithmeticException, FormatException, IndexOutOfRangeException, InvalidCastException, InvalidOperationException,
			NotSupportedException, NotImplementedException, NullReferenceException, ArrayTypeMismatchException, RankException, KeyNotFoundException, CryptographicException},
		ArgumentException:         {ArgumentNullException, ArgumentOutOfRangeException},
		ArithmeticException:       {DivideByZeroException, OverflowException},
		InvalidOperationException: {ObjectDisposedException},
		FormatException:           {UriFormatException},
	}
	for b, ds := range base {
		for _, d := range ds {
			wellKnownBases[d] = b
		}
	}
	wellKnownBases[TimeZoneNotFoundException] = ExceptionType
	wellKnownBases[RuntimeBinderException] = ExceptionType
}

// interfaceBases gives well-known types the interfaces that the language relies on, before and unless a declaration says more.
func interfaceBases() {
	set := func(d *Def, is ...*Type) {
		impliedInterfaces[d] = is
		d.head.Store(&head{interfaces: is})
	}
	set(IEnumerableDef, IEnumerableType)
	set(IEnumeratorDef, IEnumeratorType, IDisposableType)
	set(ICollectionDef, IEnumerableDef.Of(ICollectionDef.Params[0]), IEnumerableType)
	set(IListDef, ICollectionDef.Of(IListDef.Params[0]), IEnumerableDef.Of(IListDef.Params[0]), IEnumerableType)
	set(IReadOnlyCollectionDef, IEnumerableDef.Of(IReadOnlyCollectionDef.Params[0]), IEnumerableType)
	set(IReadOnlyListDef, IReadOnlyCollectionDef.Of(IReadOnlyListDef.Params[0]), IEnumerableDef.Of(IReadOnlyListDef.Params[0]), IEnumerableType)
	set(StringType.Def, IEnumerableDef.Of(CharType), IEnumerableType)
	set(ArrayBase.Def, IEnumerableType)
}

// The delegate types of System.
var (
	funcDefs   [18]*Def // by number of type parameters, result included
	actionDefs [17]*Def
	// PredicateDef, ComparisonDef and ConverterDef are System.Predicate<in T>, Comparison<in T>, Converter<in TInput, out TOutput>.
	PredicateDef, ComparisonDef, ConverterDef *Def
)

// FuncDef is System.Func with n parameters, n up to 16.
func FuncDef(n int) *Def { return funcDefs[n+1] }

// ActionDef is System.Action with n parameters, n up to 16.
func ActionDef(n int) *Def { return actionDefs[n] }

func initDelegates() {
	for n := 0; n <= 16; n++ {
		ins := typeParamNames("T", n)
		actionDefs[n] = delegateDef("Action", ins, "")
		funcDefs[n+1] = delegateDef("Func", ins, "TResult")
	}
	PredicateDef = delegateDef("Predicate", []string{"T"}, "bool", "obj")
	ComparisonDef = delegateDef("Comparison", []string{"T"}, "int", "x", "y")
	ConverterDef = delegateDef("Converter", []string{"TInput"}, "TOutput", "input")
}

func typeParamNames(prefix string, n int) []string {
	if n == 1 {
		return []string{prefix}
	}
	out := make([]string, n)
	for i := range out {
		out[i] = prefix + strconv.Itoa(i+1)
	}
	return out
}

// delegateDef declares a delegate of System: its parameters have the types ins, in order, or all ins[0] if params are named.
func delegateDef(name string, ins []string, result string, params ...string) *Def {
	all := append([]string{}, ins...)
	if strings.HasPrefix(result, "T") {
		all = append(all, result)
	}
	d := newDef("System", name, DelegateKind, all...)
	d.Sealed = true
	wellKnownDefs[d.FullName()] = d
	m := &Member{Kind: Method, Name: "Invoke", Declaring: d.self, Result: VoidType}
	m.Def = m
	for range ins {
		d.Variance = append(d.Variance, Contravariant)
	}
	switch {
	case len(all) > len(ins):
		d.Variance = append(d.Variance, Covariant)
		m.Result = d.Params[len(ins)]
	case result == "bool":
		m.Result = BoolType
	case result == "int":
		m.Result = Int32Type
	}
	if params == nil {
		params = argNames(len(ins))
	}
	for i, p := range params {
		m.Params = append(m.Params, Param{Name: p, Type: d.Params[min(i, len(ins)-1)]})
	}
	d.head.Store(&head{invoke: m})
	return d
}

func argNames(n int) []string {
	if n == 1 {
		return []string{"arg"}
	}
	return typeParamNames("arg", n)
}

// builtinDecls are the types that this package declares itself: the class library may declare them again, with more members.
func builtinDecls() []*Decl {
	return append(tupleDecls(),
		T("abstract class System.Delegate", M("System.Delegate[] GetInvocationList()", I0(invocationList))),
		T("struct System.Nullable<T>",
			M("new(T value)", Generic(func(_ *Thread, targs []*Type, _ Value, args []Value) Value { return Some(targs[0], args[0]) })),
			M("bool HasValue { get; }", Impl{F0: func(_ *Thread, this Value) Value { return Bool(this.Ref != nil) }}),
			M("T Value { get; }", Impl{F0: func(_ *Thread, this Value) Value { return this.Unwrap() }}),
			M("T GetValueOrDefault()", Impl{F0: func(_ *Thread, this Value) Value { return this.bare() }}),
			M("T GetValueOrDefault(T defaultValue)", Impl{F1: func(_ *Thread, this, other Value) Value {
				if this.Ref == nil {
					return other
				}
				return this.bare()
			}}),
			M("string ToString()", Generic(nullableToString)),
			M("bool Equals(object other)", Generic(func(t *Thread, targs []*Type, this Value, args []Value) Value {
				return Bool(t.U.Ops.Equals(t, Box(NullableOf(targs[0]), this), args[0].Ref))
			})),
			M("int GetHashCode()", Generic(nullableHash)),
		))
}

// invocationList are the delegates that a delegate calls, each alone.
func invocationList(d *Delegate) *Array {
	list := d.List
	if list == nil {
		list = []*Delegate{d}
	}
	a := &Array{T: ArrayOf(DelegateBase, 1), Items: make([]Value, len(list))}
	for i, x := range list {
		a.Items[i] = Ref(x)
	}
	return a
}

func nullableToString(t *Thread, targs []*Type, this Value, _ []Value) Value {
	o := Box(NullableOf(targs[0]), this)
	if o == nil {
		return Ref(EmptyString)
	}
	if s := t.U.Ops.ToString(t, o); s != nil {
		return Ref(s)
	}
	return Null
}

func nullableHash(t *Thread, targs []*Type, this Value, _ []Value) Value {
	o := Box(NullableOf(targs[0]), this)
	if o == nil {
		return Int(0)
	}
	return Int(int64(t.U.Ops.Hash(t, o)))
}

// bare is the Value of T in one of Nullable<T>, default(T) if it is null.
func (v Value) bare() Value {
	if v.Ref == Present {
		v.Ref = nil
	}
	return v
}

// Unwrap is the Value of T in one of Nullable<T>; it throws InvalidOperationException if it is null.
func (v Value) Unwrap() Value {
	if v.Ref == nil {
		Throw(InvalidOperationException, "Nullable object must have a value.")
	}
	return v.bare()
}

// ordered are the types declared in u by name.
func (u *Universe) ordered() []*Def {
	out := make([]*Def, 0, len(u.decls))
	for d := range u.decls {
		out = append(out, d)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].FullName() < out[j].FullName() })
	return out
}
