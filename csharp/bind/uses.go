package bind

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// Use is a member or a type of the class library that a program uses.
type Use struct {
	// Member is a method, property, indexer, operator or constructor; nil where a type alone is used (a cast, is, as, typeof,
	// catch, a constant of an enum, a tuple).
	Member *types.Member
	// Type is the type used; of a Member, the static type of its receiver, or the declaring type if it has none.
	Type *types.Type
	// Span is the expression or statement; From, in it, is where the receiver ends.
	Span source.Span
	From int
}

// Uses calls f with what a program uses, function by function. Constants that are members of classes are folded and not told of.
func Uses(p *Program, f func(Use)) {
	u := &users{f}
	for _, fn := range p.Funcs {
		u.stmt(fn.Body)
	}
}

type users struct{ f func(Use) }

func (u *users) stmt(s Stmt) {
	if t, ok := s.(*Try); ok {
		for _, c := range t.Catches {
			u.f(Use{Type: c.Type, Span: c.Body.Span(), From: c.Body.Span().Start})
		}
	}
	if t, ok := s.(*Switch); ok {
		for _, c := range t.Cases {
			u.pattern(c.Pattern, t.Span())
		}
	}
	within(s, u.expr, u.stmt)
}

func (u *users) pattern(p Pattern, at source.Span) {
	switch p := p.(type) {
	case *TypePattern:
		u.f(Use{Type: p.Of, Span: at, From: at.Start})
	case *ConstPattern:
		u.expr(p.Value)
	}
}

func (u *users) expr(x Expr) {
	switch x := x.(type) {
	case *Call:
		u.member(x, x.Method, x.This, x.Args)
	case *Prop:
		u.member(x, x.Member, x.This, nil)
	case *New:
		u.member(x, x.Method, nil, nil)
	case *LiftedOp:
		u.member(x, x.Method, nil, nil)
	case *MethodGroup:
		if x.Method != nil {
			u.member(x, x.Method, x.This, nil)
		}
	case *Convert:
		if x.Kind == Downcast || x.Kind == Unbox || x.Kind == UnboxNullable {
			u.named(x, x.T)
		}
	case *As:
		u.named(x, x.T)
	case *TypeOf:
		u.named(x, x.Of)
	case *Is:
		u.pattern(x.Pattern, x.Span())
	case *TupleNew:
		u.named(x, x.T)
	case *Const:
		if x.T != nil && x.T.Kind == types.EnumKind {
			u.named(x, x.T)
		}
	}
	parts(x, u.expr)
}

func (u *users) named(x Expr, t *types.Type) {
	u.f(Use{Type: t, Span: x.Span(), From: x.Span().Start})
}

func (u *users) member(x Expr, m *types.Member, this Expr, args []Expr) {
	use := Use{Member: m, Type: m.Declaring, Span: x.Span(), From: x.Span().Start}
	receiver := this
	switch {
	case this != nil:
		use.Type = this.Type()
	case m.Extension && len(args) > 0:
		receiver = args[0]
	}
	if c, ok := receiver.(*Convert); ok {
		receiver = c.X
		if this != nil && (c.Kind == Upcast || c.Kind == Box) {
			use.Type = receiver.Type()
		}
	}
	if receiver != nil {
		if end := receiver.Span().End; end > use.From && end < use.Span.End {
			use.From = end
		}
	}
	u.f(use)
}
