package types

// MemberKind is the sort of a member.
type MemberKind uint8

// The kinds of member.
const (
	Method MemberKind = iota
	Property
	Indexer
	Field
	Constant
	Constructor
	// Operator is a static operator; its Name is the metadata name (op_Addition).
	Operator
	// Conversion is op_Implicit or op_Explicit.
	Conversion
)

// RefKind is how a parameter is passed.
type RefKind uint8

// The ways of passing a parameter.
const (
	ByValue RefKind = iota
	ByRef
	ByOut
	ByIn
)

// String is the keyword, empty for ByValue.
func (r RefKind) String() string { return [...]string{"", "ref", "out", "in"}[r] }

// Param is a parameter.
type Param struct {
	Name string
	Type *Type
	Ref  RefKind
	// Params tells that it is a params array; Type is then the array type.
	Params bool
	// Optional tells that it has a default value, which is Default: a Value of Type.
	Optional bool
	Default  Value
}

// Constraint is what a type parameter demands of its argument.
type Constraint struct {
	Class, Struct, New bool
	Bounds             []*Type
}

// Member is a member of a type, or of a constructed type: then the type arguments have been put in.
type Member struct {
	Kind MemberKind
	Name string
	// Declaring is the type that declares it, constructed where the Member is.
	Declaring *Type
	Static    bool
	// Extension tells a static method whose first parameter has "this".
	Extension bool
	// TypeParams are a generic method's own type parameters, Constraints theirs, in the same order.
	TypeParams  []*Type
	Constraints []Constraint
	// TypeArgs are the type arguments where the method has been constructed, else nil.
	TypeArgs []*Type
	Params   []Param
	// Result is the return type, the type of a property, field or constant; for a constructor Declaring.
	Result *Type
	// CanGet and CanSet tell of a property, indexer or field; ReadOnly fields cannot be set.
	CanGet, CanSet bool
	// Value is a Constant's.
	Value Value
	// Impl is the Go side.
	Impl Impl
	// Def is the member as declared; itself if nothing has been put in.
	Def *Member
}

// RunArgs are the type arguments that Impl.GFn takes: the declaring type's, then the method's, without tuple names and dynamic.
func (m *Member) RunArgs() []*Type {
	n := len(m.Declaring.Args) + len(m.TypeArgs)
	if n == 0 {
		return nil
	}
	out := make([]*Type, 0, n)
	for _, a := range m.Declaring.Args {
		out = append(out, a.Erased())
	}
	for _, a := range m.TypeArgs {
		out = append(out, a.Erased())
	}
	return out
}

// substitute is m with the type parameters from replaced by to; declaring is the new declaring type.
func (m *Member) substitute(declaring *Type, from, to []*Type) *Member {
	c := *m
	c.Declaring = declaring
	c.Result = m.Result.Subst(from, to)
	if len(m.Params) > 0 {
		c.Params = make([]Param, len(m.Params))
		for i, p := range m.Params {
			p.Type = p.Type.Subst(from, to)
			c.Params[i] = p
		}
	}
	if len(m.Constraints) > 0 {
		c.Constraints = make([]Constraint, len(m.Constraints))
		for i, k := range m.Constraints {
			k.Bounds = substAll(k.Bounds, from, to)
			c.Constraints[i] = k
		}
	}
	return &c
}

// Construct is the generic method m with its type parameters replaced by args, as many as it has.
func (m *Member) Construct(args []*Type) *Member {
	c := m.substitute(m.Declaring, m.TypeParams, args)
	c.TypeArgs = args
	return c
}

// Get reads a property, indexer, field or calls a method through Impl; targs are RunArgs where GFn is set.
func (m *Member) Get(t *Thread, this Value, args []Value) Value {
	switch {
	case m.Impl.GFn != nil:
		return m.Impl.GFn(t, m.RunArgs(), this, args)
	case m.Impl.Fn != nil:
		return m.Impl.Fn(t, this, args)
	case m.Impl.F0 != nil && len(args) == 0:
		return m.Impl.F0(t, this)
	case m.Impl.F1 != nil && len(args) == 1:
		return m.Impl.F1(t, this, args[0])
	}
	panic("types: " + m.Name + " of " + m.Declaring.String() + " has no implementation")
}

// Subst is m with the type parameters from replaced by to, in its declaring type and type arguments too.
func (m *Member) Subst(from, to []*Type) *Member {
	declaring := m.Declaring
	if declaring != nil {
		declaring = declaring.Subst(from, to)
	}
	c := m.substitute(declaring, from, to)
	c.TypeArgs = substAll(m.TypeArgs, from, to)
	return c
}
