package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

type symbolKind uint8

const (
	localSymbol symbolKind = iota
	globalSymbol
	funcSymbol
	rangeSymbol
	typeParamSymbol
)

// symbol is a name in a scope.
type symbol struct {
	name string
	kind symbolKind
	span source.Span
	// typ is its type; nil while it is not known.
	typ   *types.Type
	local *Local
	// declared tells that its declaration has been passed.
	declared bool
	// value is that of a constant.
	value *Const
	// isConst tells a const, whose value may be wrong.
	isConst bool
	global  int
	fn      *localFunc
	// access makes the value of a range variable.
	access func(n syntax.Node) Expr
	// alias is the place that a ref local stands for.
	alias Expr
	// readonly names why it cannot be assigned to, "" if it can: "foreach iteration variable", "using variable".
	readonly string
	scope    *scope
}

// scope is a region of the text in which names are declared.
type scope struct {
	parent *scope
	names  map[string]*symbol
	fn     *function
	// block receives the Locals declared here.
	block *Block
	// locals receives them where there is no block.
	locals *[]*Local
	labels []*labelInfo
	funcs  []*localFunc
}

func (s *scope) declare(sym *symbol) {
	if s.names == nil {
		s.names = map[string]*symbol{}
	}
	sym.scope = s
	s.names[sym.name] = sym
}

func (s *scope) lookup(name string) *symbol {
	for x := s; x != nil; x = x.parent {
		if sym := x.names[name]; sym != nil {
			return sym
		}
	}
	return nil
}

func (b *binder) pushScope(block *Block) *scope {
	b.scope = &scope{parent: b.scope, fn: b.fn, block: block}
	return b.scope
}

func (b *binder) popScope() { b.scope = b.scope.parent }

// addLocal lists a Local where it comes to life.
func (s *scope) addLocal(l *Local) {
	for x := s; x != nil; x = x.parent {
		switch {
		case x.locals != nil:
			*x.locals = append(*x.locals, l)
			return
		case x.block != nil:
			x.block.Locals = append(x.block.Locals, l)
			return
		}
	}
}

// declareSymbol puts a name into the present scope and tells of names that it collides with.
func (b *binder) declareSymbol(sym *symbol) {
	if sym.name == "" {
		return
	}
	if old := b.scope.names[sym.name]; old != nil {
		b.errorSpan(sym.span, "CS0128", "A local variable or function named '%s' is already defined in this scope", sym.name)
		return
	}
	b.checkShadow(sym.name, sym.span, b.scope.parent, "CS0136")
	b.scope.declare(sym)
}

// checkShadow tells that a name is in use around.
func (b *binder) checkShadow(name string, at source.Span, from *scope, code string) {
	for x := from; x != nil; x = x.parent {
		s := x.names[name]
		if s == nil {
			continue
		}
		if s.kind == rangeSymbol {
			b.errorSpan(at, "CS1931", "The range variable '%s' conflicts with a previous declaration of '%s'", name, name)
			return
		}
		b.errorSpan(at, code, "A local or parameter named '%s' cannot be declared in this scope because that name is used in an enclosing local scope to define a local or parameter", name)
		return
	}
}

// declareLocal declares a variable whose declaration is still to come.
func (b *binder) declareLocal(id syntax.Ident) *symbol {
	sym := &symbol{name: id.Name, kind: localSymbol, span: id.Span()}
	b.declareSymbol(sym)
	return sym
}

// give makes the Local of a symbol, which has now been declared, with the type.
func (b *binder) give(sym *symbol, t *types.Type) *Local {
	sym.typ, sym.declared = t, true
	if sym.local == nil {
		sym.local = &Local{Name: sym.name, Type: t, Func: b.fn.Func, Span: sym.span}
		s := sym.scope
		if s == nil {
			s = b.scope
		}
		s.addLocal(sym.local)
	}
	return sym.local
}

// symbolAt finds the symbol that was pre-declared for the identifier; where it collided with another, one of its own.
func (b *binder) symbolAt(id syntax.Ident) *symbol {
	for x := b.scope; x != nil; x = x.parent {
		if s := x.names[id.Name]; s != nil {
			if s.span == id.Span() {
				return s
			}
			if s.kind == localSymbol && x != b.scope {
				continue
			}
		}
		if x.fn != b.fn {
			break
		}
	}
	return &symbol{name: id.Name, kind: localSymbol, span: id.Span()}
}
