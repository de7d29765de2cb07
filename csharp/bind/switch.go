package bind

import (
	"github.com/postern-gateway/postern/csharp/syntax"
	"github.com/postern-gateway/postern/csharp/types"
)

// switchInfo is a switch that goto case and goto default may name.
type switchInfo struct {
	stmt *Switch
	typ  *types.Type
	// consts are the constants of cases in order, with their sections.
	consts []constCase
	gotos  []pendingGoto
}

type constCase struct {
	value   *Const
	section int
}

type pendingGoto struct {
	stmt  *Goto
	node  *syntax.GotoStmt
	value *Const
}

type labelInfo struct {
	label *Label
	scope *scope
	node  *syntax.LabeledStmt
	// finally is how deep in finally blocks it stands.
	finally int
}

func (b *binder) bindSwitch(s *syntax.SwitchStmt) Stmt {
	out := &Switch{S: S{s.Span()}, Loop: &Loop{}, Default: -1, Null: -1}
	x := b.readable(b.natural(b.bindValue(s.X), s.X), s.X)
	t := x.Type()
	switch {
	case isBad(x):
		t = types.ErrorType
	case t == nil || t.Kind == types.NullKind || t == types.VoidType:
		b.errorAt(s.X, "CS8119", "The switch expression must be a value; found '%s'.", typeText(x))
		t = types.ErrorType
	}
	out.X = x
	out.Var = b.temp(t, s.X)
	f := b.fn
	info := &switchInfo{stmt: out, typ: t}
	f.switches = append(f.switches, info)
	f.breaks = append(f.breaks, out.Loop)
	saved := f.finallyDepth
	f.finallyDepth, f.outerFinally = 0, f.outerFinally+saved
	b.pushScope(nil).locals = &out.Locals
	for i := range s.Sections {
		b.declareStatements(s.Sections[i].Stmts)
	}
	for i := range s.Sections {
		b.bindSection(&s.Sections[i], i, info)
	}
	b.popScope()
	b.resolveGotos(info)
	f.finallyDepth, f.outerFinally = saved, f.outerFinally-saved
	f.breaks = f.breaks[:len(f.breaks)-1]
	f.switches = f.switches[:len(f.switches)-1]
	out.tabulate(t)
	return out
}

func (b *binder) bindSection(s *syntax.SwitchSection, i int, info *switchInfo) {
	out := info.stmt
	sec := Section{Label: &Label{}}
	if n := len(s.Labels); n > 0 {
		sec.at, sec.text = s.Labels[n-1].Span(), labelText(&s.Labels[n-1])
	}
	b.pushScope(nil)
	for j := range s.Labels {
		b.declareLabelVars(&s.Labels[j])
	}
	for j := range s.Labels {
		b.bindLabelOf(&s.Labels[j], i, info)
	}
	out.Sections = append(out.Sections, sec)
	stmts := b.bindStatements(s.Stmts)
	b.popScope()
	out.Sections[i].Stmts = stmts
}

func (b *binder) declareLabelVars(l *syntax.SwitchLabel) {
	if l.Pattern != nil {
		patternVars(l.Pattern, func(v *syntax.SingleVar) { b.declareLocal(v.Ident) })
	}
	b.declareIn(l.When)
}

// bindLabelOf binds case … when …: and default:.
func (b *binder) bindLabelOf(l *syntax.SwitchLabel, section int, info *switchInfo) {
	out := info.stmt
	if l.Pattern == nil {
		if out.Default >= 0 {
			b.errorAt(l, "CS0152", "The switch statement contains multiple cases with the label value '%s'", "default")
		}
		out.Default = section
		return
	}
	if info.typ.Kind == types.Error {
		b.bindOrphanPattern(l)
		return
	}
	p := b.bindPattern(l.Pattern, info.typ, l)
	c := Case{Pattern: p, Section: section}
	if l.When != nil {
		c.When = b.bindCondition(l.When)
		if k, ok := c.When.(*Const); ok && k.V.Bool() {
			c.When = nil
		}
	}
	if p == nil {
		return
	}
	b.checkSubsumed(l, c, info)
	out.Cases = append(out.Cases, c)
	if k, ok := p.(*ConstPattern); ok && l.When == nil {
		info.consts = append(info.consts, constCase{k.Value, section})
	}
}

func (b *binder) bindOrphanPattern(l *syntax.SwitchLabel) {
	if d, ok := l.Pattern.(*syntax.DeclarationPattern); ok && !b.isVar(d.Type) {
		t := b.bindType(d.Type)
		patternVars(d, func(v *syntax.SingleVar) { b.give(b.symbolAt(v.Ident), t) })
	}
	patternVars(l.Pattern, func(v *syntax.SingleVar) { b.abandon(b.symbolAt(v.Ident)) })
	if l.When != nil {
		b.bindCondition(l.When)
	}
}

// checkSubsumed tells of a case that an earlier one leaves nothing.
func (b *binder) checkSubsumed(l *syntax.SwitchLabel, c Case, info *switchInfo) {
	at := syntax.Node(l)
	if l.Pattern != nil {
		at = l.Pattern
	}
	if k, ok := c.Pattern.(*ConstPattern); ok {
		for _, old := range info.consts {
			if l.When == nil && sameConst(old.value, k.Value) {
				b.errorAt(l, "CS0152", "The switch statement contains multiple cases with the label value '%s'", caseText(k.Value))
				return
			}
		}
	}
	for _, old := range info.stmt.Cases {
		if old.When == nil && b.subsumes(old.Pattern, c.Pattern, info.typ) {
			b.errorAt(at, "CS8120", "The switch case is unreachable. It has already been handled by a previous case or it is impossible to match.")
			return
		}
	}
}

func caseText(c *Const) string {
	if c.T == types.StringType && !c.V.IsNull() {
		return "\"" + c.V.Str().Go() + "\""
	}
	if c.T.Kind == types.NullKind {
		return "null"
	}
	return constText(c)
}

func sameConst(x, y *Const) bool {
	if x.T != y.T {
		return false
	}
	if x.T == types.StringType && !x.V.IsNull() && !y.V.IsNull() {
		return x.V.Str().Go() == y.V.Str().Go()
	}
	return x.V == y.V
}

// subsumes reports whether whatever q matches is matched by p.
func (b *binder) subsumes(p, q Pattern, t *types.Type) bool {
	switch p := p.(type) {
	case *VarPattern:
		return true
	case *ConstPattern:
		k, ok := q.(*ConstPattern)
		return ok && sameConst(p.Value, k.Value)
	case *TypePattern:
		switch q := q.(type) {
		case *TypePattern:
			return b.always(q.Of, p.Of)
		case *ConstPattern:
			return q.Value.T.Kind != types.NullKind && b.always(q.Value.T, p.Of)
		case *VarPattern:
			return t.IsValue() && !isNullable(t) && b.always(t, p.Of)
		}
	}
	return false
}

func (b *binder) always(t, of *types.Type) bool {
	c := b.implicitBetween(t, of)
	return c.kind == identityConv || c.kind == upConv || c.kind == boxConv
}

// tabulate makes the tables of a switch over constants alone.
func (s *Switch) tabulate(t *types.Type) {
	if t.Kind == types.Error || len(s.Cases) < 3 {
		return
	}
	isString := t == types.StringType
	u := stripNullable(t)
	n := numOf(underlyingOf(u))
	if !isString && !n.integral() && u != types.BoolType {
		return
	}
	table, texts := map[uint64]int{}, map[string]int{}
	for _, c := range s.Cases {
		k, ok := c.Pattern.(*ConstPattern)
		if !ok || c.When != nil {
			return
		}
		switch {
		case k.Value.T.Kind == types.NullKind || k.Value.V.IsNull() && isString:
			s.Null = c.Section
		case isString:
			texts[k.Value.V.Str().Go()] = c.Section
		default:
			table[k.Value.V.Num] = c.Section
		}
	}
	if isString {
		s.Strings = texts
	} else {
		s.Table = table
	}
}

// resolveGotos finds the sections of goto case.
func (b *binder) resolveGotos(info *switchInfo) {
	for _, g := range info.gotos {
		section := info.stmt.Default
		if g.value != nil {
			section = -1
			for _, c := range info.consts {
				if sameConst(c.value, g.value) {
					section = c.section
				}
			}
		}
		if section < 0 {
			what := "default:"
			if g.value != nil {
				what = "case " + caseText(g.value) + ":"
			}
			b.errorAt(g.node, "CS0159", "No such label '%s' within the scope of the goto statement", what)
			continue
		}
		l := info.stmt.Sections[section].Label
		l.Used = true
		g.stmt.To = l
	}
}

func (b *binder) bindGoto(s *syntax.GotoStmt) Stmt {
	out := &Goto{S: S{s.Span()}}
	if s.Kind == syntax.GotoLabel {
		l := b.findLabel(s.Label.Name)
		if l == nil {
			if s.Label.Name != "" {
				b.errorAt(&s.Label, "CS0159", "No such label '%s' within the scope of the goto statement", s.Label.Name)
			}
			return out
		}
		if b.fn.finallyDepth > 0 && l.finally != b.fn.finallyDepth {
			b.errorAt(s, "CS0157", "Control cannot leave the body of a finally clause")
		}
		l.label.Used = true
		out.To = l.label
		return out
	}
	n := len(b.fn.switches)
	if n == 0 {
		b.errorAt(s, "CS0153", "A goto case is only valid inside a switch statement")
		return &many{}
	}
	info := b.fn.switches[n-1]
	p := pendingGoto{stmt: out, node: s}
	if s.Kind == syntax.GotoCase {
		v := b.convertTo(b.bindOperand(s.X), stripNullable(info.typ), s.X)
		if isNullConst(v) {
			v = &Const{E{types.NullType, v.Span()}, types.Null}
		}
		k, ok := v.(*Const)
		if !ok {
			if !isBad(v) {
				b.errorAt(s, "CS0150", "A constant value is expected")
			}
			return &many{}
		}
		p.value = k
	}
	info.gotos = append(info.gotos, p)
	return out
}

func isNullConst(x Expr) bool {
	k, ok := x.(*Const)
	return ok && k.V.IsNull() && k.T.IsRef()
}

// declareLabel declares a label in the block that is being bound.
func (b *binder) declareLabel(s *syntax.LabeledStmt) {
	name := s.Label.Name
	if name == "" {
		return
	}
	if old := b.findLabel(name); old != nil {
		if old.scope == b.scope {
			b.errorAt(&s.Label, "CS0140", "The label '%s' is a duplicate", name)
		} else {
			b.errorAt(&s.Label, "CS0158", "The label '%s' shadows another label by the same name in a contained scope", name)
		}
		return
	}
	b.scope.labels = append(b.scope.labels, &labelInfo{&Label{Name: name}, b.scope, s, b.fn.finallyDepth})
}

// findLabel finds a label of the present function in the scopes around.
func (b *binder) findLabel(name string) *labelInfo {
	for x := b.scope; x != nil && x.fn == b.fn; x = x.parent {
		for _, l := range x.labels {
			if l.label.Name == name {
				return l
			}
		}
	}
	return nil
}

func (b *binder) bindLabeled(s *syntax.LabeledStmt) Stmt {
	out := &Labeled{S: S{s.Span()}, Label: &Label{Name: s.Label.Name}}
	for _, l := range b.scope.labels {
		if l.node == s {
			out.Label = l.label
		}
	}
	out.Stmt = b.bindStmt(s.Stmt)
	if out.Stmt == nil {
		out.Stmt = &Block{S: S{s.Span()}}
	}
	return out
}

// labelText is a label as messages name it.
func labelText(l *syntax.SwitchLabel) string {
	if l.Pattern == nil {
		return "default:"
	}
	if c, ok := l.Pattern.(*syntax.ConstantPattern); ok {
		if k, ok := c.X.(*syntax.Literal); ok && k.Kind == syntax.StringLit {
			return "case \"" + k.Text + "\":"
		}
	}
	return "case"
}
