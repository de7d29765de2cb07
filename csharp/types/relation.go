package types

import "sync/atomic"

// head is what the declaration of a Def says of it beside its members.
type head struct {
	base       *Type
	interfaces []*Type
	// invoke is a delegate's signature.
	invoke *Member
}

// interfaceList caches Type.Interfaces.
type interfaceList struct {
	list []*Type
	// at is the value of headings when the list was made.
	at uint64
}

// headings counts the headings that have been declared: cached lists of interfaces live until the next.
var headings atomic.Uint64

func (d *Def) heading() *head {
	if h := d.head.Load(); h != nil {
		return h
	}
	return &head{}
}

// BaseType is the class that t derives from: object for arrays' System.Array and so on; nil for object, interfaces and special types.
func (t *Type) BaseType() *Type {
	switch t.Kind {
	case ArrayKind:
		return ArrayBase
	case EnumKind:
		return EnumBase
	case DelegateKind:
		return MulticastDelegateBase
	case Struct:
		return ValueType
	case Class:
		if t == Object_ {
			return nil
		}
		if b := t.Def.heading().base; b != nil {
			return b.Subst(t.Def.Params, t.Args)
		}
		return t.Def.impliedBase()
	}
	return nil
}

// impliedBase is the base class of a class whose declaration names none. Well-known classes have one without being declared.
func (d *Def) impliedBase() *Type {
	switch d.self {
	case EnumBase:
		return ValueType
	case MulticastDelegateBase:
		return DelegateBase
	}
	if b := wellKnownBases[d.self]; b != nil {
		return b
	}
	return Object_
}

// Interfaces are all interfaces of t, those of its base types and bases of interfaces included, each once, nearest first.
func (t *Type) Interfaces() []*Type {
	at := headings.Load()
	if l := t.ifaces.Load(); l != nil && l.at == at {
		return l.list
	}
	var out []*Type
	seen := map[*Type]bool{}
	var add func(i *Type)
	add = func(i *Type) {
		if seen[i] {
			return
		}
		seen[i] = true
		out = append(out, i)
		for _, b := range i.declaredInterfaces() {
			add(b)
		}
	}
	for x := t; x != nil; x = x.BaseType() {
		for _, i := range x.declaredInterfaces() {
			add(i)
		}
	}
	t.ifaces.Store(&interfaceList{out, at})
	return out
}

// declaredInterfaces are those that the declaration itself names.
func (t *Type) declaredInterfaces() []*Type {
	if t.Kind == ArrayKind {
		if t.Rank > 1 {
			return nil
		}
		return []*Type{IListDef.Of(t.Elem), ICollectionDef.Of(t.Elem), IEnumerableDef.Of(t.Elem), IReadOnlyListDef.Of(t.Elem), IReadOnlyCollectionDef.Of(t.Elem)}
	}
	if t.Def == nil {
		return nil
	}
	return substAll(t.Def.heading().interfaces, t.Def.Params, t.Args)
}

// DerivesFrom reports whether t is the class b or derives from it.
func (t *Type) DerivesFrom(b *Type) bool {
	for x := t; x != nil; x = x.BaseType() {
		if x == b {
			return true
		}
	}
	return false
}

// IsInstance reports whether the object o, which may be nil for null, is of type t: an object of the type, of a derived one, one that
// implements it, variance of interfaces and delegates and of arrays included. t may be Nullable<T>: then of T.
func IsInstance(o any, t *Type) bool {
	if o == nil {
		return false
	}
	t = t.Erased()
	if u, ok := t.IsNullable(); ok {
		t = u
	}
	rt := TypeOf(o)
	return rt == t || t == Object_ || t.Kind == Dynamic || ReferenceConvertible(rt, t)
}

// ReferenceConvertible reports whether an object of run-time type from can be seen as a to, both erased.
func ReferenceConvertible(from, to *Type) bool {
	switch {
	case from == to || to == Object_:
		return true
	case to.Kind == Interface:
		return implements(from, to)
	case to.Kind == DelegateKind && from.Kind == DelegateKind:
		return varianceConvertible(from, to)
	case to.Kind == ArrayKind:
		return arrayConvertible(from, to)
	case to.Kind == Class:
		return from.DerivesFrom(to)
	}
	return false
}

// arrayConvertible is array covariance, which at run time also holds between integer types of one size.
func arrayConvertible(from, to *Type) bool {
	if from.Kind != ArrayKind || from.Rank != to.Rank {
		return false
	}
	f, t := from.Elem, to.Elem
	return !f.IsValue() && !t.IsValue() && ReferenceConvertible(f, t)
}

func implements(from, to *Type) bool {
	if from.Kind == Interface && varianceConvertible(from, to) {
		return true
	}
	for _, i := range from.Interfaces() {
		if i == to || varianceConvertible(i, to) {
			return true
		}
	}
	// An array of references is a list of whatever its elements convert to.
	if from.Kind == ArrayKind && from.Rank == 1 && len(to.Args) == 1 && !from.Elem.IsValue() && !to.Args[0].IsValue() {
		for _, i := range from.Interfaces() {
			if i.Def == to.Def && ReferenceConvertible(from.Elem, to.Args[0]) {
				return true
			}
		}
	}
	return false
}

// varianceConvertible reports whether one construction of a generic interface or delegate converts to another.
func varianceConvertible(from, to *Type) bool {
	if from == to {
		return true
	}
	if from.Def != to.Def || from.Def == nil || from.Def.Variance == nil {
		return false
	}
	for i, v := range from.Def.Variance {
		f, t := from.Args[i], to.Args[i]
		if f == t {
			continue
		}
		if f.IsValue() || t.IsValue() {
			return false
		}
		switch {
		case v == Covariant && ReferenceConvertible(f, t):
		case v == Contravariant && ReferenceConvertible(t, f):
		default:
			return false
		}
	}
	return true
}

// DelegateInvoke is the signature of a delegate type as a method Invoke; nil if t is none.
func (t *Type) DelegateInvoke() *Member {
	if t.Kind != DelegateKind {
		return nil
	}
	m := t.Def.heading().invoke
	if m == nil || len(t.Args) == 0 {
		return m
	}
	return m.substitute(t, t.Def.Params, t.Args)
}
