package bind

import (
	"strings"

	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// CodeForbidden is the code of the use of a type that expressions must not name.
const CodeForbidden = "PST2100"

// bindType finds the type that is written; ErrorType after telling that there is none.
func (b *binder) bindType(t syntax.TypeExpr) *types.Type {
	switch t := t.(type) {
	case *syntax.PredefinedType:
		return types.Keyword(t.Name)
	case *syntax.NamedType:
		return b.bindNamedType(t)
	case *syntax.ArrayType:
		e := b.bindType(t.Elem)
		switch {
		case e.Kind == types.Error:
			return e
		case e == types.VoidType:
			b.errorAt(t.Elem, "CS1547", "Keyword 'void' cannot be used in this context")
			return types.ErrorType
		case e.Def != nil && e.Def.Static:
			b.errorAt(t.Elem, "CS0719", "'%s': array elements cannot be of static type", e.Short())
			return types.ErrorType
		}
		return types.ArrayOf(e, t.Rank)
	case *syntax.NullableType:
		return b.bindNullableType(t)
	case *syntax.TupleType:
		return b.bindTupleType(t)
	case *syntax.RefType:
		return b.bindType(t.Elem)
	}
	b.broken = true
	return types.ErrorType
}

func (b *binder) bindNullableType(t *syntax.NullableType) *types.Type {
	e := b.bindType(t.Elem)
	switch {
	case e.Kind == types.Error:
		return e
	case e.Kind == types.TypeParam:
		if !b.constraintOf(e).Struct {
			b.errorAt(t.Elem, "CS8370", "Feature 'nullable reference types' is not available in C# 7.3. Please use language version 8.0 or greater.")
			return types.ErrorType
		}
	case !e.IsValue():
		b.errorSpan(sourceSpan(t.Elem.Span().End, t.Span().End), "CS8370", "Feature 'nullable reference types' is not available in C# 7.3. Please use language version 8.0 or greater.")
		return types.ErrorType
	}
	if _, twice := e.IsNullable(); twice {
		b.errorAt(t.Elem, "CS0453", "The type '%s' must be a non-nullable value type in order to use it as parameter 'T' in the generic type or method 'Nullable<T>'", e.Short())
		return types.ErrorType
	}
	return types.NullableOf(e)
}

func (b *binder) bindTupleType(t *syntax.TupleType) *types.Type {
	elems, names := make([]*types.Type, len(t.Elems)), make([]string, len(t.Elems))
	bad := false
	for i := range t.Elems {
		elems[i] = b.bindType(t.Elems[i].Type)
		bad = bad || elems[i].Kind == types.Error
		if n := t.Elems[i].Name; n != nil {
			names[i] = n.Name
			b.checkTupleName(n, i, names[:i])
		}
	}
	if bad {
		return types.ErrorType
	}
	return types.TupleType(elems, names)
}

// checkTupleName tells of a tuple element's name that is taken or reserved.
func (b *binder) checkTupleName(n *syntax.Ident, i int, before []string) {
	for _, old := range before {
		if old == n.Name {
			b.errorAt(n, "CS8127", "Tuple element names must be unique.")
			return
		}
	}
	if reserved := tupleItemNumber(n.Name); reserved > 0 && reserved != i+1 {
		b.errorAt(n, "CS8125", "Tuple element name '%s' is only allowed at position %d.", n.Name, reserved)
	} else if reserved < 0 {
		b.errorAt(n, "CS8126", "Tuple element name '%s' is disallowed at any position.", n.Name)
	}
}

// tupleItemNumber is the n of ItemN, -1 for the names of ValueTuple's members, else 0.
func tupleItemNumber(name string) int {
	switch name {
	case "CompareTo", "Deconstruct", "Equals", "GetHashCode", "Rest", "ToString":
		return -1
	}
	digits, ok := strings.CutPrefix(name, "Item")
	if !ok || digits == "" || len(digits) > 6 || digits[0] == '0' {
		return 0
	}
	n := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// bindNamedType finds the type of a dotted name.
func (b *binder) bindNamedType(t *syntax.NamedType) *types.Type {
	if t.Qualifier == nil && t.Alias == nil && t.TypeArgs == nil {
		if t.Name.Name == "dynamic" && !t.Name.Verbatim && b.scope.lookup("dynamic") == nil {
			return types.DynamicType
		}
		if t.Name.Name == "" {
			b.broken = true
			return types.ErrorType
		}
	}
	args, ok := b.bindTypeArgs(t.TypeArgs)
	if !ok {
		return types.ErrorType
	}
	d := b.findTypeName(t, len(t.TypeArgs), true)
	switch d := d.(type) {
	case *types.Type:
		return d
	case *types.Def:
		return b.construct(d, args, t)
	}
	return types.ErrorType
}

// bindTypeArgs binds type arguments; false if one of them is wrong.
func (b *binder) bindTypeArgs(ts []syntax.TypeExpr) ([]*types.Type, bool) {
	if len(ts) == 0 {
		return nil, true
	}
	args, ok := make([]*types.Type, len(ts)), true
	for i, a := range ts {
		if _, omitted := a.(*syntax.OmittedType); omitted {
			continue
		}
		args[i] = b.bindType(a)
		switch {
		case args[i].Kind == types.Error:
			ok = false
		case args[i] == types.VoidType:
			b.errorAt(a, "CS1547", "Keyword 'void' cannot be used in this context")
			ok = false
		case args[i].Def != nil && args[i].Def.Static:
			b.errorAt(a, "CS0718", "'%s': static types cannot be used as type arguments", args[i].Short())
			ok = false
		}
	}
	return args, ok
}

// construct makes the type of a definition and arguments, checking constraints.
func (b *binder) construct(d *types.Def, args []*types.Type, n syntax.Node) *types.Type {
	if b.forbidden(d, n) {
		return types.ErrorType
	}
	for _, a := range args {
		if a == nil { // omitted, as in typeof(List<>)
			return d.Self()
		}
	}
	t := d.Of(args...)
	if d == types.NullableDef && (!args[0].IsValue() || isNullable(args[0])) && args[0].Kind != types.TypeParam {
		b.errorAt(n, "CS0453", "The type '%s' must be a non-nullable value type in order to use it as parameter 'T' in the generic type or method 'Nullable<T>'", args[0].Short())
		return types.ErrorType
	}
	b.checkConstraints(d.Constraints, d.Params, args, d.Self().Short, n)
	return t
}

func isNullable(t *types.Type) bool {
	_, ok := t.IsNullable()
	return ok
}

// forbidden tells of a type that may not be named.
func (b *binder) forbidden(d *types.Def, n syntax.Node) bool {
	if !d.Hidden {
		return false
	}
	name, _, _ := strings.Cut(strings.ReplaceAll(d.FullName(), "+", "."), "`")
	b.errorAt(n, CodeForbidden, "Usage of type '%s' is not supported within expressions", name)
	return true
}

// findTypeName is the *types.Def, *types.Type (a type parameter) or string (a namespace) that a name means; nil after telling that it means nothing.
func (b *binder) findTypeName(t *syntax.NamedType, arity int, wantType bool) any {
	name := t.Name.Name
	if t.Alias != nil {
		if t.Alias.Name != "global" {
			b.errorAt(t.Alias, "CS0432", "Alias '%s' not found", t.Alias.Name)
			return nil
		}
		return b.memberOfNamespace("", name, arity, t, wantType)
	}
	if t.Qualifier != nil {
		switch q := b.findTypeName(t.Qualifier, len(t.Qualifier.TypeArgs), false).(type) {
		case string:
			return b.memberOfNamespace(q, name, arity, t, wantType)
		case *types.Def:
			if d := b.nestedType(q, name, arity, t.Qualifier.TypeArgs); d != nil {
				return d
			}
			b.errorAt(&t.Name, "CS0426", "The type name '%s' does not exist in the type '%s'", name, q.Self().Short())
		}
		return nil
	}
	sym := b.scope.lookup(name)
	if sym != nil && sym.kind == typeParamSymbol && arity == 0 {
		return sym.typ
	}
	if d, told := b.simpleTypeName(t, name, arity); d != nil || told {
		if d == nil {
			return nil
		}
		return d
	}
	if b.u.IsNamespace(name) && !wantType {
		return name
	}
	b.unknownType(t, name, arity, sym)
	return nil
}

// simpleTypeName looks a name up in the open namespaces.
func (b *binder) simpleTypeName(n syntax.Node, name string, arity int) (d *types.Def, told bool) {
	ds := b.u.LookupSimple(name, arity)
	switch len(ds) {
	case 0:
		return nil, false
	case 1:
		return ds[0], false
	}
	b.errorAt(n, "CS0104", "'%s' is an ambiguous reference between '%s' and '%s'", name, ds[0].Self().String(), ds[1].Self().String())
	return nil, true
}

func (b *binder) memberOfNamespace(ns, name string, arity int, t *syntax.NamedType, wantType bool) any {
	full := name
	if ns != "" {
		full = ns + "." + name
	}
	if d := b.u.Lookup(full, arity); d != nil && d.Namespace == ns {
		return d
	}
	if !wantType && b.u.IsNamespace(full) {
		return full
	}
	if b.env.Probe.is(name) {
		b.env.Probe.Found, b.env.Probe.Namespace = true, ns
	}
	where := "namespace '" + ns + "'"
	if ns == "" {
		b.errorAt(&t.Name, "CS0400", "The type or namespace name '%s' could not be found in the global namespace (are you missing an assembly reference?)", name)
		return nil
	}
	b.errorAt(&t.Name, "CS0234", "The type or namespace name '%s' does not exist in the %s (are you missing an assembly reference?)", name, where)
	return nil
}

func (b *binder) nestedType(outer *types.Def, name string, arity int, outerArgs []syntax.TypeExpr) *types.Def {
	full := outer.Name + "." + name
	if outer.Namespace != "" {
		full = outer.Namespace + "." + full
	}
	return b.u.Lookup(full, arity+len(outerArgs))
}

// unknownType tells that a simple name is no type.
func (b *binder) unknownType(n syntax.Node, name string, arity int, sym *symbol) {
	if b.env.Probe.is(name) && !b.env.Probe.Found {
		b.probeName()
		b.env.Probe.Type = true
	}
	if sym != nil {
		kind := "variable"
		if sym.kind == funcSymbol {
			kind = "method"
		}
		b.errorAt(n, "CS0118", "'%s' is a %s but is used like a type", name, kind)
		return
	}
	if b.u.IsNamespace(name) {
		b.errorAt(n, "CS0118", "'%s' is a namespace but is used like a type", name)
		return
	}
	if arities := b.u.Arities(name); len(arities) > 0 {
		b.wrongArity(n, name, arities[0])
		return
	}
	if arity > 0 {
		name += "<" + strings.Repeat(",", arity-1) + ">"
	}
	b.errorAt(n, "CS0246", "The type or namespace name '%s' could not be found (are you missing a using directive or an assembly reference?)", name)
}

func (b *binder) wrongArity(n syntax.Node, name string, arity int) {
	if arity == 0 {
		b.errorAt(n, "CS0308", "The non-generic type '%s' cannot be used with type arguments", name)
		return
	}
	d := b.u.LookupSimple(name, arity)[0]
	b.errorAt(n, "CS0305", "Using the generic type '%s' requires %d type arguments", d.Self().Short(), arity)
}

// isVar reports the contextual keyword var.
func (b *binder) isVar(t syntax.TypeExpr) bool {
	n, ok := t.(*syntax.NamedType)
	return ok && n.Name.Name == "var" && !n.Name.Verbatim && n.Qualifier == nil && n.Alias == nil && n.TypeArgs == nil && len(b.u.LookupSimple("var", 0)) == 0
}

// variableType checks a type for a variable.
func (b *binder) variableType(t syntax.TypeExpr) *types.Type {
	x := b.bindType(t)
	switch {
	case x == types.VoidType:
		b.errorAt(t, "CS1547", "Keyword 'void' cannot be used in this context")
		return types.ErrorType
	case x.Def != nil && x.Def.Static:
		b.errorAt(t, "CS0723", "Cannot declare a variable of static type '%s'", x.Short())
		return types.ErrorType
	}
	return x
}

// constraintOf are the constraints of a local function's type parameter.
func (b *binder) constraintOf(t *types.Type) types.Constraint {
	for _, f := range b.localFuncs {
		for i, p := range f.typeParams {
			if p == t && i < len(f.constraints) {
				return f.constraints[i]
			}
		}
	}
	return types.Constraint{}
}

// checkConstraints tells of type arguments that break constraints; owner is the generic type or method.
func (b *binder) checkConstraints(cs []types.Constraint, params, args []*types.Type, owner func() string, n syntax.Node) bool {
	for i, c := range cs {
		if code, text := b.violates(c, params, args, i, owner); code != "" {
			b.errorAt(n, code, "%s", text)
			return false
		}
	}
	return true
}

// violates is the code and text of how args[i] breaks the constraint c, "" if it does not.
func (b *binder) violates(c types.Constraint, params, args []*types.Type, i int, owner func() string) (code, text string) {
	a := args[i]
	if a == nil || a.Kind == types.Error {
		return "", ""
	}
	own := types.Constraint{}
	if a.Kind == types.TypeParam {
		own = b.constraintOf(a)
	}
	param := params[i].ParamName
	switch {
	case c.Class && !a.IsRef() && !own.Class:
		return "CS0452", "The type '" + a.Short() + "' must be a reference type in order to use it as parameter '" + param + "' in the generic type or method '" + owner() + "'"
	case c.Struct && (!a.IsValue() && !own.Struct || isNullable(a)):
		return "CS0453", "The type '" + a.Short() + "' must be a non-nullable value type in order to use it as parameter '" + param + "' in the generic type or method '" + owner() + "'"
	}
	for _, bound := range c.Bounds {
		bound = bound.Subst(params, args)
		if b.satisfiesBound(a, own, bound) {
			continue
		}
		generic := "' cannot be used as type parameter '" + param + "' in the generic type or method '" + owner() + "'. There is no "
		switch {
		case isNullable(a):
			return "CS0312", "The type '" + a.Short() + generic + "boxing conversion from '" + a.Short() + "' to '" + bound.Short() + "'."
		case a.IsValue():
			return "CS0315", "The type '" + a.Short() + generic + "boxing conversion from '" + a.Short() + "' to '" + bound.Short() + "'."
		case a.Kind == types.TypeParam:
			return "CS0314", "The type '" + a.Short() + generic + "boxing conversion or type parameter conversion from '" + a.Short() + "' to '" + bound.Short() + "'."
		}
		return "CS0311", "The type '" + a.Short() + generic + "implicit reference conversion from '" + a.Short() + "' to '" + bound.Short() + "'."
	}
	if c.New && !b.hasDefaultConstructor(a, own) {
		return "CS0310", "'" + a.Short() + "' must be a non-abstract type with a public parameterless constructor in order to use it as parameter '" + param + "' in the generic type or method '" + owner() + "'"
	}
	return "", ""
}

func (b *binder) satisfiesBound(a *types.Type, own types.Constraint, bound *types.Type) bool {
	if bound == types.ValueType || bound == types.EnumBase {
		return a.DerivesFrom(bound)
	}
	for _, o := range own.Bounds {
		if types.ReferenceConvertible(o.Erased(), bound.Erased()) {
			return true
		}
	}
	return types.ReferenceConvertible(a.Erased(), bound.Erased())
}

func (b *binder) hasDefaultConstructor(a *types.Type, own types.Constraint) bool {
	if a.IsValue() || own.New || own.Struct {
		return true
	}
	if a.Kind != types.Class || a.Def.Abstract {
		return false
	}
	for _, m := range b.u.Constructors(a) {
		if len(m.Params) == 0 {
			return true
		}
	}
	return false
}
