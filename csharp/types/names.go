package types

import (
	"strconv"
	"strings"
)

// FullName is the name as .NET's Type.ToString gives it: "System.Collections.Generic.List`1[System.Int32]".
func (t *Type) FullName() string {
	switch t.Kind {
	case Void:
		return "System.Void"
	case NullKind, Error:
		return t.String()
	case Dynamic:
		return "System.Object"
	case TypeParam:
		return t.ParamName
	case ArrayKind:
		return arrayName(t, (*Type).FullName)
	}
	if t.Anon != nil {
		return t.anonName(true)
	}
	name := t.Def.FullName()
	if len(t.Args) == 0 {
		return name
	}
	if o := t.Def.Outer; o != nil && len(o.Params) > 0 { // List`1+Enumerator
		name = o.FullName() + "+" + t.Def.Name[strings.LastIndexByte(t.Def.Name, '.')+1:]
	}
	args := make([]string, len(t.Args))
	for i, a := range t.Args {
		args[i] = a.FullName()
	}
	return name + "[" + strings.Join(args, ",") + "]"
}

// arrayName writes an array as .NET's reflection does: innermost rank first.
func arrayName(t *Type, name func(*Type) string) string {
	return name(t.Elem) + "[" + strings.Repeat(",", t.Rank-1) + "]"
}

// Name is what .NET's Type.Name gives: "List`1", "Int32[]", without namespace and outer types.
func (t *Type) Name() string {
	switch {
	case t.Kind == Void:
		return "Void"
	case t.Kind == Dynamic:
		return "Object"
	case t.Kind == ArrayKind:
		return arrayName(t, (*Type).Name)
	case t.Anon != nil:
		return t.anonName(false)
	case t.Def == nil:
		return t.String()
	}
	name := t.Def.Name
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
		if o := t.Def.Outer; o == nil || len(o.Params) > 0 {
			return name // its parameters are in the outer type's name
		}
	}
	if n := len(t.Def.Params); n > 0 {
		name += "`" + strconv.Itoa(n)
	}
	return name
}

// anonName is the name that Roslyn gives an anonymous type, numbered as the only one of its program.
func (t *Type) anonName(full bool) string {
	if len(t.Args) == 0 {
		return "<>f__AnonymousType0"
	}
	name := "<>f__AnonymousType0`" + strconv.Itoa(len(t.Args))
	if !full {
		return name
	}
	args := make([]string, len(t.Args))
	for i, a := range t.Args {
		args[i] = a.FullName()
	}
	return name + "[" + strings.Join(args, ",") + "]"
}

// String is the type as C# writes it, keywords used and namespaces in full; Roslyn's messages on conversions have it so.
func (t *Type) String() string { return t.display(true) }

// Short is the type as most of Roslyn's messages have it: keywords used, no namespaces.
func (t *Type) Short() string { return t.display(false) }

func (t *Type) display(full bool) string {
	switch t.Kind {
	case Void:
		return "void"
	case NullKind:
		return "<null>"
	case Dynamic:
		return "dynamic"
	case TypeParam:
		return t.ParamName
	case Error:
		return "?"
	case ArrayKind:
		return t.displayArray(full)
	}
	if u, ok := t.IsNullable(); ok {
		return u.display(full) + "?"
	}
	if t.Anon != nil {
		return t.displayAnon(full)
	}
	if t.IsTuple() && len(t.Args) > 1 {
		return t.displayTuple(full)
	}
	return t.displayNamed(full)
}

// displayArray writes int[][,] in C#'s order: the outermost rank first.
func (t *Type) displayArray(full bool) string {
	var ranks strings.Builder
	e := t
	for e.Kind == ArrayKind {
		ranks.WriteByte('[')
		ranks.WriteString(strings.Repeat(",", e.Rank-1))
		ranks.WriteByte(']')
		e = e.Elem
	}
	return e.display(full) + ranks.String()
}

func (t *Type) displayNamed(full bool) string {
	if t.Def.Keyword != "" {
		return t.Def.Keyword
	}
	name := t.Def.Name
	if full && t.Def.Namespace != "" {
		name = t.Def.Namespace + "." + name
	}
	if len(t.Args) == 0 {
		return name
	}
	args := "<" + joinTypes(t.Args, full) + ">"
	if i := strings.LastIndexByte(name, '.'); i >= 0 && strings.ContainsRune(t.Def.Name, '.') {
		return name[:i] + args + name[i:] // List<int>.Enumerator
	}
	return name + args
}

func (t *Type) displayTuple(full bool) string {
	var b strings.Builder
	b.WriteByte('(')
	for i, a := range t.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.display(full))
		if t.Names != nil && t.Names[i] != "" {
			b.WriteString(" " + t.Names[i])
		}
	}
	b.WriteByte(')')
	return b.String()
}

func (t *Type) displayAnon(full bool) string {
	if len(t.Anon) == 0 {
		return "<empty anonymous type>"
	}
	var b strings.Builder
	b.WriteString("<anonymous type: ")
	for i, a := range t.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.display(full) + " " + t.Anon[i])
	}
	b.WriteByte('>')
	return b.String()
}

func joinTypes(ts []*Type, full bool) string {
	args := make([]string, len(ts))
	for i, a := range ts {
		args[i] = a.display(full)
	}
	return strings.Join(args, ", ")
}

// Display is the member as Roslyn's messages have it: "Enumerable.First<T>(IEnumerable<T>)".
func (m *Member) Display(full bool) string {
	var b strings.Builder
	if m.Declaring != nil {
		b.WriteString(m.Declaring.display(full))
		b.WriteByte('.')
	}
	switch m.Kind {
	case Constructor:
		name := m.Declaring.Def.Name
		b.WriteString(name[strings.LastIndexByte(name, '.')+1:])
	case Indexer:
		b.WriteString("this[" + m.displayParams(full) + "]")
		return b.String()
	case Conversion:
		kind := "implicit"
		if m.Name == "op_Explicit" {
			kind = "explicit"
		}
		b.WriteString(kind + " operator " + m.Result.display(full))
	default:
		b.WriteString(m.Name)
	}
	if args := m.TypeArgs; len(args) > 0 {
		b.WriteString("<" + joinTypes(args, full) + ">")
	} else if len(m.TypeParams) > 0 {
		b.WriteString("<" + joinTypes(m.TypeParams, full) + ">")
	}
	switch m.Kind {
	case Method, Constructor, Operator, Conversion:
		b.WriteString("(" + m.displayParams(full) + ")")
	}
	return b.String()
}

func (m *Member) displayParams(full bool) string {
	var b strings.Builder
	for i, p := range m.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.Ref != ByValue {
			b.WriteString(p.Ref.String() + " ")
		}
		if p.Params {
			b.WriteString("params ")
		}
		b.WriteString(p.Type.display(full))
	}
	return b.String()
}
