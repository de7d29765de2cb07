package types

import (
	"fmt"
	"strings"
	"sync"
)

// Universe is the set of types that a program may use. It is immutable once made and safe for concurrent use.
type Universe struct {
	// Ops are the operations of the class library that the language itself calls.
	Ops Ops

	parent *Universe
	// defs are the types declared here, by full name.
	defs map[string]*Def
	// decls are their declarations.
	decls map[*Def]*Decl
	// simple are the declared types by what a program may write without a namespace, "Outer.Inner" included; namespaces are all prefixes of names.
	simple     map[string][]*Def
	namespaces map[string]bool
	problems   []error

	tables   sync.Map // *Type → *Table
	extOnce  sync.Once
	ext, far map[string][]*Member
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

// FarNamespace is where extension methods stand that give way to all others, and take a receiver of exactly their type.
const FarNamespace = "Far"

// OpenNamespaces are those whose types a program names without them.
var OpenNamespaces = map[string]bool{
	"": true, "System": true, "System.Collections.Generic": true, "System.IO": true, "System.Linq": true, "System.Net": true,
	"System.Security.Cryptography": true, "System.Security.Cryptography.X509Certificates": true, "System.Text": true,
	"System.Text.RegularExpressions": true, "System.Xml": true, "System.Xml.Linq": true,
	"Newtonsoft.Json": true, "Newtonsoft.Json.Linq": true,
}

// NewUniverse declares types. The well-known types are always there, declared or not. Mistakes in a declaration leave out what they concern:
// see Problems. It keeps no state outside the result, but for the bases and interfaces of well-known types, which are those of the latest declaration.
func NewUniverse(decls []*Decl, ops Ops) *Universe {
	u := newUniverse(nil, ops)
	u.declare(append(builtinDecls(), decls...))
	if ops.Payload != nil {
		payloads.Store(&ops.Payload)
	}
	return u
}

// With is u with more types.
func (u *Universe) With(decls ...*Decl) *Universe {
	w := newUniverse(u, u.Ops)
	w.declare(decls)
	return w
}

func newUniverse(parent *Universe, ops Ops) *Universe {
	return &Universe{Ops: ops, parent: parent, defs: map[string]*Def{}, decls: map[*Def]*Decl{},
		simple: map[string][]*Def{}, namespaces: map[string]bool{}}
}

// Problems are the mistakes found so far in declarations; those of members are found when the type is first used, or by CheckAll.
func (u *Universe) Problems() []error { return u.problems }

// CheckAll reads every declaration whole and reports all mistakes. It is for tests of the class library.
func (u *Universe) CheckAll() []error {
	errs := append([]error{}, u.problems...)
	for d, decl := range u.decls {
		_, problems := u.readMembers(d, decl)
		errs = append(errs, problems...)
	}
	return errs
}

func (u *Universe) problem(err error) { u.problems = append(u.problems, err) }

func (u *Universe) declare(decls []*Decl) {
	var heads []*parsedHead
	for _, decl := range decls {
		h, err := openHead(decl.Head, u.findOwn)
		if err != nil {
			u.problem(err)
			continue
		}
		d := h.def
		d.Hidden = decl.Hidden
		d.declared.Store(decl)
		u.addDef(d)
		u.decls[d] = decl
		heads = append(heads, h)
	}
	for _, d := range wellKnownDefs {
		if u.parent == nil && u.defs[d.FullName()] == nil {
			u.addDef(d)
		}
	}
	for _, h := range heads {
		if err := h.closeHead(u.find); err != nil {
			u.problem(err)
		}
	}
}

func (u *Universe) addDef(d *Def) {
	if u.defs[d.FullName()] == d {
		return
	}
	u.defs[d.FullName()] = d
	for ns := d.Namespace; ns != ""; ns = ns[:max(0, strings.LastIndexByte(ns, '.'))] {
		u.namespaces[ns] = true
	}
	if OpenNamespaces[d.Namespace] {
		u.simple[d.Name] = append(u.simple[d.Name], d)
	}
}

// findOwn finds a Def that a declaration of that name means: one of this universe, or a well-known one.
func (u *Universe) findOwn(name string, arity int) *Def {
	if t := keywords[name]; t != nil && arity == 0 {
		return t.Def
	}
	if arity > 0 && name == "System.ValueTuple" || arity == 0 && name == "System.ValueTuple" {
		return TupleDef(arity)
	}
	if d := u.byName(u.defs, name, arity); d != nil {
		return d
	}
	return u.byName(wellKnownDefs, name, arity)
}

// byName looks a name up with its dots read as nesting from the right.
func (u *Universe) byName(defs map[string]*Def, name string, arity int) *Def {
	suffix := ""
	if arity > 0 {
		suffix = "`" + fmt.Sprint(arity)
	}
	for {
		if d := defs[name+suffix]; d != nil {
			return d
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return nil
		}
		name = name[:i] + "+" + name[i+1:]
	}
}

// find looks a full name up in u and its parents.
func (u *Universe) find(name string, arity int) *Def {
	for x := u; x != nil; x = x.parent {
		if d := x.findOwn(name, arity); d != nil {
			return d
		}
	}
	return nil
}

// Lookup finds a type by its full name ("System.Collections.Generic.List", 1); nested types as Outer.Inner. Nil if there is none.
func (u *Universe) Lookup(fullName string, arity int) *Def { return u.find(fullName, arity) }

// Type finds a type without parameters by its full name or keyword; nil if there is none.
func (u *Universe) Type(fullName string) *Type {
	if d := u.find(fullName, 0); d != nil {
		return d.self
	}
	return nil
}

// LookupSimple finds the types of that name and arity in the open namespaces; more than one is an ambiguity.
func (u *Universe) LookupSimple(name string, arity int) []*Def {
	var out []*Def
	for x := u; x != nil; x = x.parent {
		for _, d := range x.simple[name] {
			if len(d.Params) == arity && !contains(out, d) {
				out = append(out, d)
			}
		}
	}
	if name == "ValueTuple" && len(out) == 0 && arity > 0 {
		return []*Def{TupleDef(arity)}
	}
	if name == "Formatting" && arity == 0 {
		if d := u.find("Newtonsoft.Json.Formatting", 0); d != nil {
			return []*Def{d}
		}
	}
	return out
}

// Arities are the numbers of type parameters that types of that simple name have.
func (u *Universe) Arities(name string) []int {
	var out []int
	for x := u; x != nil; x = x.parent {
		for _, d := range x.simple[name] {
			out = append(out, len(d.Params))
		}
	}
	return out
}

func contains(ds []*Def, d *Def) bool {
	for _, x := range ds {
		if x == d {
			return true
		}
	}
	return false
}

// IsNamespace reports whether some type's namespace is name or begins with it.
func (u *Universe) IsNamespace(name string) bool {
	for x := u; x != nil; x = x.parent {
		if x.namespaces[name] {
			return true
		}
	}
	return false
}

// Defs calls f with every declared type, well-known ones included, in no order.
func (u *Universe) Defs(f func(*Def)) {
	for x := u; x != nil; x = x.parent {
		for _, d := range x.defs {
			f(d)
		}
	}
}

// owner is the universe of u and its parents in which d has been declared, nil if none.
func (u *Universe) owner(d *Def) *Universe {
	for x := u; x != nil; x = x.parent {
		if x.decls[d] != nil {
			return x
		}
	}
	return nil
}
