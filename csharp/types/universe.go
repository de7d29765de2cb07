package types

import "strings"

// Universe is the set of types that a program may use. It is immutable once made.
type Universe struct {
	// Ops are the operations of the class library that the language itself calls.
	Ops  Ops
	defs map[string]*Def
}

// Ops are operations on objects whose run-time type decides, which the class library provides and the language
// (string concatenation, equality, patterns) and other members use.
type Ops struct {
	// ToString is object.ToString(); o is not null. The result may be nil (null).
	ToString func(t *Thread, o any) *String
	// Equals is object.Equals(a, b), the static one: either may be nil.
	Equals func(t *Thread, a, b any) bool
	// Hash is GetHashCode(); o is not null.
	Hash func(t *Thread, o any) int32
	// Compare is Comparer<object>.Default.Compare: either may be nil; throws ArgumentException where the objects cannot be compared.
	Compare func(t *Thread, a, b any) int
	// Format is o.ToString(format, culture) for IFormattable objects, ToString() for others.
	Format func(t *Thread, o any, format string) *String
	// Payload is default(T) of a struct that stands in Ref, boxed; nil if the library does not know it.
	Payload func(t *Type) any
}

// built is what a Def has once its Decl has been read.
type built struct{}

// key is a text that two Types share exactly if they are the same type.
func (t *Type) key() string { return t.String() }

// String is the type as C# writes it, keywords used and namespaces left in full.
func (t *Type) String() string {
	switch t.Kind {
	case Void:
		return "void"
	case NullKind:
		return "<null>"
	case Dynamic:
		return "dynamic"
	case TypeParam:
		return t.ParamName
	case ArrayKind:
		return t.Elem.String() + "[" + strings.Repeat(",", t.Rank-1) + "]"
	case Error:
		return "?"
	}
	if u, ok := t.IsNullable(); ok {
		return u.String() + "?"
	}
	if t.Def.Keyword != "" {
		return t.Def.Keyword
	}
	name := t.Def.Name
	if t.Def.Namespace != "" {
		name = t.Def.Namespace + "." + name
	}
	if len(t.Args) == 0 {
		return name
	}
	args := make([]string, len(t.Args))
	for i, a := range t.Args {
		args[i] = a.String()
	}
	return name + "<" + strings.Join(args, ", ") + ">"
}

// Payload is default(T), boxed, of a struct type whose values stand in Ref.
func Payload(t *Type) any { return nil }
