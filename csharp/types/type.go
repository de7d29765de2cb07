package types

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Kind is the sort of a type.
type Kind uint8

// The kinds. Error is the type of a mistake already reported; everything converts to and from it in silence.
const (
	Error Kind = iota
	Void
	NullKind
	Dynamic
	Class
	Struct
	Interface
	EnumKind
	DelegateKind
	ArrayKind
	TypeParam
)

// Def is a declared type: the open generic definition where it has type parameters.
type Def struct {
	// Namespace and Name make up the full name; Name has no arity ("Dictionary"). A nested type's Name is "Outer.Inner".
	Namespace, Name string
	// Kind is Class, Struct, Interface, EnumKind or DelegateKind.
	Kind Kind
	// Params are its type parameters (Kind TypeParam).
	Params []*Type
	// Static, Abstract and Sealed are the modifiers.
	Static, Abstract, Sealed bool
	// Underlying is an enum's underlying type.
	Underlying *Type
	// Keyword is the C# keyword for it ("int"), empty if there is none.
	Keyword string

	// Variance is that of the parameters of an interface or delegate; nil if all are invariant.
	Variance []Variance
	// Constraints are those of Params; nil if there are none.
	Constraints []Constraint
	// Hidden is the Decl's.
	Hidden bool
	// Outer is the type that a nested one is declared in; nil if it is not known. .NET's names count the type parameters where they are declared.
	Outer *Def

	self *Type
	// made are its constructions, by their arguments.
	made sync.Map
	head atomic.Pointer[head]
	// declared is the latest declaration.
	declared atomic.Pointer[Decl]
}

// Variance of a type parameter.
type Variance uint8

// The variances.
const (
	Invariant Variance = iota
	Covariant
	Contravariant
)

// Type is a use of a type. Compare pointers for identity.
type Type struct {
	Kind Kind
	// Def is nil for arrays, type parameters and special types.
	Def *Def
	// Args are the type arguments.
	Args []*Type
	// Elem and Rank are an array's element type and number of dimensions.
	Elem *Type
	Rank int
	// ParamName and Ordinal are a type parameter's; OfMethod tells those of a generic method.
	ParamName string
	Ordinal   int
	OfMethod  bool
	// Names are the element names of a tuple type, nil if it has none; a named tuple type is interned apart from
	// the one without names, which is its Base.
	Names []string
	Base  *Type
	// Anon are the property names of an anonymous type, in order; its Args are their types.
	Anon []string

	id      uint64
	erased  atomic.Pointer[Type]
	runtime atomic.Pointer[RuntimeType]
	ifaces  atomic.Pointer[interfaceList]
	// vector is the array type of rank 1, arrays those of any rank.
	vector atomic.Pointer[Type]
	mu     sync.Mutex
	arrays map[int]*Type
}

var (
	internMu sync.Mutex
	interned = map[string]*Type{}
	lastID   atomic.Uint64
)

// newType is t with an identity of its own.
func newType(t *Type) *Type {
	t.id = lastID.Add(1)
	return t
}

// NewTypeParam is a type parameter unlike any other.
func NewTypeParam(name string, ordinal int, ofMethod bool) *Type {
	return newType(&Type{Kind: TypeParam, ParamName: name, Ordinal: ordinal, OfMethod: ofMethod})
}

func newDef(ns, name string, k Kind, params ...string) *Def {
	d := &Def{Namespace: ns, Name: name, Kind: k}
	for i, p := range params {
		d.Params = append(d.Params, NewTypeParam(p, i, false))
	}
	d.self = newType(&Type{Kind: k, Def: d, Args: d.Params})
	return d
}

// Self is the type itself, with its own parameters as arguments where it is generic.
func (d *Def) Self() *Type { return d.self }

// FullName is the name with namespace, and with `n for n type parameters, as .NET's reflection writes it.
func (d *Def) FullName() string {
	var b strings.Builder
	if d.Namespace != "" {
		b.WriteString(d.Namespace)
		b.WriteByte('.')
	}
	b.WriteString(strings.ReplaceAll(d.Name, ".", "+"))
	if n := len(d.Params); n > 0 {
		b.WriteByte('`')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// Of constructs the type with the given arguments; the number must be that of d.Params.
func (d *Def) Of(args ...*Type) *Type {
	if len(args) == 0 {
		return d.self
	}
	if len(args) != len(d.Params) {
		panic("types: wrong number of type arguments for " + d.FullName())
	}
	same := true
	for i, a := range args {
		same = same && a == d.Params[i]
	}
	if same {
		return d.self
	}
	return d.construct(args)
}

// construct finds or makes the construction; finding takes no lock.
func (d *Def) construct(args []*Type) *Type {
	var key any
	switch len(args) {
	case 1:
		key = args[0]
	case 2:
		key = [2]*Type{args[0], args[1]}
	default:
		key = (&Type{Def: d, Args: args}).key()
	}
	if t, ok := d.made.Load(key); ok {
		return t.(*Type)
	}
	t, _ := d.made.LoadOrStore(key, newType(&Type{Kind: d.Kind, Def: d, Args: append([]*Type(nil), args...)}))
	return t.(*Type)
}

// ArrayOf is the array type of the element with rank dimensions.
func ArrayOf(elem *Type, rank int) *Type {
	if rank == 1 {
		if a := elem.vector.Load(); a != nil {
			return a
		}
	}
	elem.mu.Lock()
	defer elem.mu.Unlock()
	if a := elem.arrays[rank]; a != nil {
		return a
	}
	if elem.arrays == nil {
		elem.arrays = map[int]*Type{}
	}
	a := newType(&Type{Kind: ArrayKind, Elem: elem, Rank: rank})
	elem.arrays[rank] = a
	if rank == 1 {
		elem.vector.Store(a)
	}
	return a
}

// intern returns the one Type that is structurally t.
func intern(t *Type) *Type {
	key := t.key()
	internMu.Lock()
	defer internMu.Unlock()
	if x := interned[key]; x != nil {
		return x
	}
	interned[key] = newType(t)
	return t
}

// NullableOf is Nullable<t>.
func NullableOf(t *Type) *Type { return NullableDef.Of(t) }

// IsNullable reports whether t is Nullable<T>, and gives T.
func (t *Type) IsNullable() (*Type, bool) {
	if t.Def == NullableDef && len(t.Args) == 1 {
		return t.Args[0], true
	}
	return nil, false
}

// IsValue reports whether t is a value type (structs, enums, Nullable<T>).
func (t *Type) IsValue() bool { return t.Kind == Struct || t.Kind == EnumKind }

// IsRef reports whether values of t are references: classes, interfaces, delegates, arrays, dynamic, the null literal.
func (t *Type) IsRef() bool {
	switch t.Kind {
	case Class, Interface, DelegateKind, ArrayKind, Dynamic, NullKind:
		return true
	}
	return false
}

// UnderlyingNum reports whether values of t stand in Num.
func (t *Type) UnderlyingNum() bool {
	if t.Kind == EnumKind {
		return true
	}
	return t.Def != nil && numDefs[t.Def]
}

// Some makes of a Value of type t a Value of Nullable<t>.
func Some(t *Type, v Value) Value {
	if t.UnderlyingNum() {
		v.Ref = Present
		return v
	}
	if v.Ref == nil {
		v.Ref = Payload(t)
	}
	return v
}

// IsNull reports whether a Value of a reference type or of Nullable<T> is null.
func (v Value) IsNull() bool { return v.Ref == nil }

// key is a text that two constructed Types share exactly if they are the same type.
func (t *Type) key() string {
	b := make([]byte, 0, 64)
	if t.Def != nil {
		b = strconv.AppendUint(b, t.Def.self.id, 36)
	}
	for _, a := range t.Args {
		b = append(b, ',')
		b = strconv.AppendUint(b, a.id, 36)
	}
	for _, n := range t.Names {
		b = append(b, ':')
		b = append(b, n...)
	}
	for _, n := range t.Anon {
		b = append(b, '.')
		b = append(b, n...)
	}
	return string(b)
}

// DeclaredName is the name with namespace and without the number of type parameters, as a declaration has it: "System.TimeZoneInfo.AdjustmentRule".
func (d *Def) DeclaredName() string {
	if d.Namespace == "" {
		return d.Name
	}
	return d.Namespace + "." + d.Name
}
