package types

import "fmt"

// Table is what a type declares itself, without its base types, by name.
type Table struct {
	// Members by name: methods, properties, fields, constants.
	Members map[string][]*Member
	// Constructors, Indexers, Conversions are those declared; operators are in Members by their metadata name.
	Constructors, Indexers, Conversions []*Member
	// All are all of them in the order of the declaration.
	All []*Member
}

var emptyTable = &Table{}

// Table is what t declares, with t's type arguments put in.
func (u *Universe) Table(t *Type) *Table {
	if t.Def == nil {
		return emptyTable
	}
	if t.Names != nil {
		t = t.Base
	}
	if x, ok := u.tables.Load(t); ok {
		return x.(*Table)
	}
	o := u.owner(t.Def)
	if o == nil {
		return emptyTable
	}
	if o != u {
		return o.Table(t)
	}
	var table *Table
	if t == t.Def.self {
		members, _ := u.readMembers(t.Def, u.decls[t.Def])
		table = newTable(members)
	} else {
		open := u.Table(t.Def.self)
		members := make([]*Member, len(open.All))
		for i, m := range open.All {
			members[i] = m.substitute(t, t.Def.Params, t.Args)
		}
		table = newTable(members)
	}
	x, _ := u.tables.LoadOrStore(t, table)
	return x.(*Table)
}

func newTable(members []*Member) *Table {
	t := &Table{Members: map[string][]*Member{}, All: members}
	for _, m := range members {
		switch m.Kind {
		case Constructor:
			t.Constructors = append(t.Constructors, m)
		case Indexer:
			t.Indexers = append(t.Indexers, m)
		case Conversion:
			t.Conversions = append(t.Conversions, m)
		default:
			t.Members[m.Name] = append(t.Members[m.Name], m)
		}
	}
	return t
}

// readMembers parses the declared members of d; those that cannot be read are left out.
func (u *Universe) readMembers(d *Def, decl *Decl) (out []*Member, problems []error) {
	for _, md := range decl.Members {
		m, err := parseMember(md.Signature, d, u.find)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", decl.Head, err))
			continue
		}
		m.Impl = md.Impl
		if m.Impl.Set != nil {
			m.CanSet = true
		}
		if m.Kind == Constant && m.Impl.F0 != nil {
			m.Value = m.Impl.F0(nil, Value{})
		}
		if d.Kind == EnumKind && m.Kind == Constant {
			m.Result = d.self
		}
		out = append(out, m)
	}
	return out, problems
}

// Lookup finds the members called name that t has or inherits, of the most derived type that has any of that name first. A property,
// field or constant hides what base types have; methods hide those of the same parameters. Interfaces inherit from their base interfaces
// and have object's members too.
func (u *Universe) Members(t *Type, name string) []*Member {
	return u.collect(t, func(tab *Table) []*Member { return tab.Members[name] })
}

// Indexers are the indexers that t has or inherits.
func (u *Universe) Indexers(t *Type) []*Member {
	return u.collect(t, func(tab *Table) []*Member { return tab.Indexers })
}

// Operators are the user-defined operators of that metadata name of t and its base types: those of the nearest type that has any.
func (u *Universe) Operators(t *Type, name string) []*Member {
	for x := t; x != nil; x = x.BaseType() {
		if ms := u.Table(x).Members[name]; len(ms) > 0 {
			return ms
		}
	}
	return nil
}

// Conversions are the user-defined conversions that t and its base classes declare.
func (u *Universe) Conversions(t *Type) []*Member {
	var out []*Member
	for x := t; x != nil; x = x.BaseType() {
		out = append(out, u.Table(x).Conversions...)
	}
	return out
}

// Constructors are those of t itself.
func (u *Universe) Constructors(t *Type) []*Member { return u.Table(t).Constructors }

func (u *Universe) collect(t *Type, get func(*Table) []*Member) []*Member {
	var out []*Member
	closed := false
	add := func(x *Type) {
		ms := get(u.Table(x))
		if len(ms) == 0 || closed {
			return
		}
		first := out == nil
		for _, m := range ms {
			if first || !hidden(out, m) {
				out = append(out, m)
			}
		}
		closed = x.Kind != Interface && ms[0].Kind != Method && ms[0].Kind != Indexer
	}
	if t.Kind == Interface {
		add(t)
		for _, i := range t.Interfaces() {
			add(i)
		}
		add(Object_)
		return out
	}
	for x := t; x != nil; x = x.BaseType() {
		add(x)
	}
	return out
}

// hidden reports whether one of ms, from a more derived type, hides m.
func hidden(ms []*Member, m *Member) bool {
	for _, h := range ms {
		if h.Declaring == m.Declaring {
			continue
		}
		if h.Declaring.Kind == Interface && !derivesInterface(h.Declaring, m.Declaring) {
			continue
		}
		if h.Kind != m.Kind || h.Kind != Method && h.Kind != Indexer {
			return true
		}
		if sameSignature(h, m) {
			return true
		}
	}
	return false
}

func derivesInterface(t, base *Type) bool {
	if base == Object_ {
		return true
	}
	for _, i := range t.Interfaces() {
		if i == base {
			return true
		}
	}
	return false
}

func sameSignature(a, b *Member) bool {
	if len(a.Params) != len(b.Params) || len(a.TypeParams) != len(b.TypeParams) {
		return false
	}
	for i := range a.Params {
		bt := b.Params[i].Type
		if len(a.TypeParams) > 0 {
			bt = bt.Subst(b.TypeParams, a.TypeParams)
		}
		if a.Params[i].Type.Erased() != bt.Erased() || (a.Params[i].Ref != ByValue) != (b.Params[i].Ref != ByValue) {
			return false
		}
	}
	return true
}

// Extensions are the extension methods called name, of all types of open namespaces.
func (u *Universe) Extensions(name string) []*Member {
	u.extOnce.Do(u.indexExtensions)
	ms := u.ext[name]
	if u.parent != nil {
		ms = append(ms[:len(ms):len(ms)], u.parent.Extensions(name)...)
	}
	return ms
}

// FarExtensions are the extension methods called name of FarNamespace, which are looked at only where none of Extensions
// can be called, as C# looks into outer namespaces.
func (u *Universe) FarExtensions(name string) []*Member {
	u.extOnce.Do(u.indexExtensions)
	return u.far[name]
}

func (u *Universe) indexExtensions() {
	u.ext, u.far = map[string][]*Member{}, map[string][]*Member{}
	for _, d := range u.ordered() {
		index := u.ext
		switch {
		case d.Static && d.Namespace == FarNamespace:
			index = u.far
		case !d.Static || !OpenNamespaces[d.Namespace]:
			continue
		}
		for _, m := range u.Table(d.self).All {
			if m.Extension {
				index[m.Name] = append(index[m.Name], m)
			}
		}
	}
}
