package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// bindRefLocals is ref T x = ref place. The parts of the place are evaluated once, into temporaries; from then on the name stands for the place
// with these parts. Nothing is left of the variable itself.
func (b *binder) bindRefLocals(r *syntax.RefType, s *syntax.LocalDecl) []Stmt {
	var t *types.Type
	if !b.isVar(r.Elem) {
		t = b.variableType(r.Elem)
	}
	var out []Stmt
	for i := range s.Vars {
		out = append(out, b.bindRefLocal(&s.Vars[i], t, r.Readonly)...)
	}
	return out
}

func (b *binder) bindRefLocal(d *syntax.Declarator, t *types.Type, readonly bool) []Stmt {
	sym := b.symbolAt(d.Name)
	defer b.abandon(sym)
	init, ok := d.Init.(*syntax.RefExpr)
	if !ok {
		if d.Init == nil {
			b.errorAt(&d.Name, "CS8174", "A declaration of a by-reference variable must have an initializer")
		} else {
			b.bindValue(d.Init)
			b.errorAt(d, "CS8172", "Cannot initialize a by-reference variable with a value")
		}
		return nil
	}
	x := b.referable(b.bindValue(init.X), types.ByRef, init.X)
	if isBad(x) || t != nil && t.Kind == types.Error {
		return nil
	}
	if t != nil && !same(t, x.Type()) {
		b.errorAt(init.X, "CS8173", "The expression must be of type '%s' because it is being assigned by reference", t.Short())
		return nil
	}
	effects, place := b.place(x, d)
	sym.typ, sym.declared, sym.alias = x.Type(), true, place
	if readonly {
		sym.readonly = "readonly variable"
	}
	var out []Stmt
	for _, e := range append(effects, place) { // reading the place once has the array's bounds checked now
		out = append(out, &ExprStmt{S{d.Span()}, e})
	}
	return out
}
