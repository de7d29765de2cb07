package types

// Subst is t with the type parameters from replaced by to; t itself if none occurs in it.
func (t *Type) Subst(from, to []*Type) *Type {
	switch {
	case t == nil || len(from) == 0:
		return t
	case t.Kind == TypeParam:
		for i, f := range from {
			if f == t {
				return to[i]
			}
		}
		return t
	case t.Kind == ArrayKind:
		if e := t.Elem.Subst(from, to); e != t.Elem {
			return ArrayOf(e, t.Rank)
		}
		return t
	case len(t.Args) == 0:
		return t
	}
	args := substAll(t.Args, from, to)
	for i := range args {
		if args[i] != t.Args[i] {
			return t.withArgs(args)
		}
	}
	return t
}

// withArgs is t with other type arguments.
func (t *Type) withArgs(args []*Type) *Type {
	switch {
	case t.Anon != nil:
		return AnonType(t.Anon, args)
	case t.Names != nil:
		return TupleType(args, t.Names)
	}
	return t.Def.Of(args...)
}

func substAll(ts, from, to []*Type) []*Type {
	if ts == nil {
		return nil
	}
	out := make([]*Type, len(ts))
	for i, t := range ts {
		out[i] = t.Subst(from, to)
	}
	return out
}

// Erased is t as it is at run time: without tuple names, and with object for dynamic.
func (t *Type) Erased() *Type {
	switch {
	case t.Kind == Dynamic:
		return Object_
	case t.Kind == ArrayKind:
		if e := t.Elem.Erased(); e != t.Elem {
			return ArrayOf(e, t.Rank)
		}
		return t
	case len(t.Args) == 0:
		return t
	}
	if e := t.erased.Load(); e != nil {
		return e
	}
	args := make([]*Type, len(t.Args))
	same := t.Names == nil
	for i, a := range t.Args {
		args[i] = a.Erased()
		same = same && args[i] == a
	}
	e := t
	if !same {
		switch {
		case t.Anon != nil:
			e = AnonType(t.Anon, args)
		default:
			e = t.Def.Of(args...)
		}
	}
	t.erased.Store(e)
	return e
}

// Mentions reports whether a type parameter for which f holds occurs in t.
func (t *Type) Mentions(f func(*Type) bool) bool {
	switch {
	case t.Kind == TypeParam:
		return f(t)
	case t.Kind == ArrayKind:
		return t.Elem.Mentions(f)
	}
	for _, a := range t.Args {
		if a.Mentions(f) {
			return true
		}
	}
	return false
}

// Open reports whether a type parameter occurs in t.
func (t *Type) Open() bool { return t.Mentions(func(*Type) bool { return true }) }
