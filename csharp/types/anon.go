package types

// anonDef is what all anonymous types share.
var anonDef = &Def{Name: "<anonymous type>", Kind: Class, Sealed: true}

func init() {
	anonDef.self = newType(&Type{Kind: Class, Def: anonDef})
}

// AnonType is the anonymous type with the named properties of these types. Two anonymous objects with the same names and types in the
// same order have the same type.
func AnonType(names []string, elems []*Type) *Type {
	return intern(&Type{Kind: Class, Def: anonDef, Anon: nonNil(names), Args: elems})
}

func nonNil(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// AnonObject is an object of an anonymous type.
type AnonObject struct {
	// T is its type, erased; T.Anon are the names.
	T     *Type
	Items []Value
}

// ClrType is the anonymous type.
func (a *AnonObject) ClrType() *Type { return a.T }

// ClrToString is "{ A = 1, B = x }".
func (a *AnonObject) ClrToString(t *Thread) *String {
	t.Enter()
	defer t.Leave()
	if len(a.Items) == 0 {
		return NewString("{ }")
	}
	parts := []*String{NewString("{ ")}
	for i, x := range a.Items {
		if i > 0 {
			parts = append(parts, NewString(", "))
		}
		parts = append(parts, NewString(a.T.Anon[i]+" = "))
		if o := Box(a.T.Args[i], x); o != nil {
			parts = append(parts, t.U.Ops.ToString(t, o))
		}
	}
	return ConcatStrings(append(parts, NewString(" }"))...)
}

// ClrEquals compares property by property; another type is never equal.
func (a *AnonObject) ClrEquals(t *Thread, o any) bool {
	b, ok := o.(*AnonObject)
	return ok && a.T == b.T && itemsEqual(t, a.T, a.Items, b.Items)
}

// ClrHash combines the properties' hashes.
func (a *AnonObject) ClrHash(t *Thread) int32 { return itemsHash(t, a.T, a.Items) }

// ToStringer is an object that knows its own ToString(); Ops.ToString asks it first.
type ToStringer interface {
	ClrToString(t *Thread) *String
}

// Equaler is an object that knows its own Equals and GetHashCode; Ops.Equals and Ops.Hash ask it first.
type Equaler interface {
	ClrEquals(t *Thread, o any) bool
	ClrHash(t *Thread) int32
}
