package bind

import (
	"github.com/postern-gateway/postern/csharp/types"
	"github.com/postern-gateway/postern/source"
)

// assigned is the set of variables that are definitely assigned at a point (spec 9.4). A point that cannot be reached has dead set: there,
// everything counts as assigned.
type assigned struct {
	bits []uint64
	dead bool
}

func (s assigned) has(i int) bool { return s.dead || i/64 < len(s.bits) && s.bits[i/64]>>(i%64)&1 != 0 }

// set and clear make a new set of bits, since states share them.
func (s *assigned) set(i int) {
	if s.has(i) {
		return
	}
	bits := make([]uint64, max(len(s.bits), i/64+1))
	copy(bits, s.bits)
	bits[i/64] |= 1 << (i % 64)
	s.bits = bits
}

func (s *assigned) clear(i int) {
	if !s.dead && s.has(i) {
		s.bits = append([]uint64(nil), s.bits...)
		s.bits[i/64] &^= 1 << (i % 64)
	}
}

// add sets all that is set in t, which is no dead end.
func (s *assigned) add(t assigned) {
	bits := make([]uint64, max(len(s.bits), len(t.bits)))
	copy(bits, s.bits)
	for i, w := range t.bits {
		bits[i] |= w
	}
	s.bits = bits
}

func (s assigned) clone() assigned { return assigned{append([]uint64(nil), s.bits...), s.dead} }

// meet is what is assigned on both ways.
func meet(s, t assigned) assigned {
	switch {
	case s.dead:
		return t
	case t.dead:
		return s
	}
	out := assigned{bits: make([]uint64, min(len(s.bits), len(t.bits)))}
	for i := range out.bits {
		out.bits[i] = s.bits[i] & t.bits[i]
	}
	return out
}

var deadEnd = assigned{dead: true}

// flow analyses one function and what is nested in it: which points can be reached, and whether variables are assigned before they are read.
type flow struct {
	b *binder
	// fn is the function; funcs are its and nested local functions by Func.
	fn *Func
	// quiet suppresses messages: a pass that only finds out what can be reached.
	quiet bool
	// reachOnly skips expressions but for constants in conditions.
	reachOnly bool
	index     map[*Local]int
	state     assigned
	breaks    map[*Loop]assigned
	continues map[*Loop]assigned
	labels    map[*Label]assigned
	// changed tells that a label got a state after it had been passed.
	changed bool
	// captured collects the outer variables that a local function reads before it assigns them; nil elsewhere.
	captured map[*Local]bool
	// returned is what is assigned at the returns of a local function.
	returned assigned
	sums     map[*Func]*funcSummary
}

// funcSummary is what calling a local function asks of and does to the variables around it.
type funcSummary struct {
	reads map[*Local]bool
	after assigned
	busy  bool
}

// reachesEnd reports whether the end of a block can be reached.
func reachesEnd(block *Block) bool {
	if block == nil {
		return false
	}
	f := &flow{fn: &Func{}, quiet: true, reachOnly: true}
	return f.run(block)
}

// checkFlow tells of mistakes of flow in the main function and all nested ones.
func (b *binder) checkFlow() {
	f := &flow{b: b, fn: b.main, index: map[*Local]int{}, sums: map[*Func]*funcSummary{}}
	if f.run(b.main.Body) {
		b.sink.add(source.Diagnostic{Code: "CS0161", Severity: source.Error, Message: "'" + mainTitle + "': not all code paths return a value"})
	}
	for _, lf := range b.localFuncs {
		if lf.fn != nil && lf.fn.Body != nil {
			b.checkLocalFunc(lf, f)
		}
	}
}

// checkLocalFunc checks what lies within a local function; what it reads of the variables around is for its callers to see to.
func (b *binder) checkLocalFunc(lf *localFunc, outer *flow) {
	f := &flow{b: b, fn: lf.fn.Func, index: outer.index, sums: outer.sums, captured: map[*Local]bool{}}
	for _, p := range lf.fn.Params {
		if p.Ref != types.ByOut {
			f.state.set(f.slot(p))
		}
	}
	end := f.run(lf.fn.Body)
	switch {
	case end && !lf.fn.yields && lf.member.Result != types.VoidType && lf.member.Result.Kind != types.Error:
		b.errorAt(&lf.node.Name, "CS0161", "'%s': not all code paths return a value", lf.title())
	case end:
		f.checkOut(lf.node.Name.Span())
	}
}

// checkOut tells of out parameters that are not assigned where the function is left.
func (f *flow) checkOut(at source.Span) {
	for _, p := range f.fn.Params {
		if p.Ref == types.ByOut && !f.state.has(f.slot(p)) && !f.quiet {
			f.b.errorSpan(at, "CS0177", "The out parameter '%s' must be assigned to before control leaves the current method", p.Name)
		}
	}
}

func (f *flow) slot(l *Local) int {
	if f.index == nil {
		f.index = map[*Local]int{}
	}
	i, ok := f.index[l]
	if !ok {
		i = len(f.index)
		f.index[l] = i
	}
	return i
}

// run analyses a body and reports whether its end can be reached. Where there are labels it goes on until their states are stable.
func (f *flow) run(block *Block) bool {
	start, quiet := f.state.clone(), f.quiet
	f.labels = map[*Label]assigned{}
	f.returned = deadEnd
	for pass := 0; ; pass++ {
		f.breaks, f.continues = map[*Loop]assigned{}, map[*Loop]assigned{}
		f.state, f.changed = start.clone(), false
		f.quiet = true
		f.block(block)
		if !f.changed || pass > 50 {
			break
		}
	}
	if !quiet {
		f.breaks, f.continues = map[*Loop]assigned{}, map[*Loop]assigned{}
		f.state, f.quiet = start.clone(), false
		f.block(block)
	}
	f.quiet = quiet
	return !f.state.dead
}

func (f *flow) block(x *Block) {
	if x == nil {
		return
	}
	for _, s := range x.Stmts {
		f.stmt(s)
	}
}

func (f *flow) stmts(xs []Stmt) {
	for _, s := range xs {
		f.stmt(s)
	}
}

func (f *flow) stmt(s Stmt) {
	switch s := s.(type) {
	case *Block:
		f.block(s)
	case *many:
		f.stmts(s.stmts)
	case *ExprStmt:
		f.expr(s.X)
	case *Declare:
		f.declare(s)
	case *If:
		yes, no := f.cond(s.Cond)
		f.state = yes
		f.stmt(s.Then)
		end := f.state
		f.state = no
		if s.Else != nil {
			f.stmt(s.Else)
		}
		f.state = meet(end, f.state)
	case *Return:
		f.expr(s.X)
		f.checkOut(s.At)
		f.returned = meet(f.returned, f.state)
		f.state = deadEnd
	case *ThrowStmt:
		f.expr(s.X)
		f.state = deadEnd
	case *While:
		f.loop(s)
	case *Foreach:
		f.expr(s.X)
		start := f.state.clone()
		f.stmt(s.Body)
		f.state = meet(start, f.breaks[s.Loop].orDead())
	case *Yield:
		f.expr(s.X)
		if s.X == nil {
			f.state = deadEnd
		}
	default:
		f.jump(s)
	}
}

// orDead is s, or the state of no way at all if it is the zero one: it is only used for states kept by keep.
func (s assigned) orDead() assigned {
	if s.bits == nil && !s.dead {
		return deadEnd
	}
	return s
}

// keep adds the present state to those that meet at a loop's end.
func keep(m map[*Loop]assigned, l *Loop, s assigned) {
	if s.dead {
		return
	}
	s = s.clone()
	if s.bits == nil {
		s.bits = []uint64{}
	}
	if old, ok := m[l]; ok {
		s = meet(old, s)
		if s.bits == nil {
			s.bits = []uint64{}
		}
	}
	m[l] = s
}

func (f *flow) jump(s Stmt) {
	switch s := s.(type) {
	case *Break:
		keep(f.breaks, s.To, f.state)
		f.state = deadEnd
	case *Continue:
		keep(f.continues, s.To, f.state)
		f.state = deadEnd
	case *Goto:
		if s.To != nil && !f.state.dead {
			old, ok := f.labels[s.To]
			now := f.state.clone()
			if ok {
				now = meet(old, now)
			}
			if !ok || !equalBits(old, now) {
				f.changed = true
			}
			f.labels[s.To] = now
		}
		f.state = deadEnd
	case *Labeled:
		if at, ok := f.labels[s.Label]; ok {
			f.state = meet(f.state, at)
		}
		f.stmt(s.Stmt)
	case *Switch:
		f.switchStmt(s)
	case *Try:
		f.try(s)
	case *Lock:
		f.expr(s.X)
		f.stmt(s.Body)
	}
}

func equalBits(a, b assigned) bool {
	for i := range max(len(a.bits), len(b.bits)) {
		var x, y uint64
		if i < len(a.bits) {
			x = a.bits[i]
		}
		if i < len(b.bits) {
			y = b.bits[i]
		}
		if x != y {
			return false
		}
	}
	return a.dead == b.dead
}

func (f *flow) declare(s *Declare) {
	if f.reachOnly {
		f.expr(s.Init)
		return
	}
	if s.Init == nil {
		if s.Local != nil && !f.state.dead {
			f.state.clear(f.slot(s.Local))
		}
		return
	}
	f.expr(s.Init)
	f.assign(s.Local)
}

func (f *flow) loop(s *While) {
	if s.DoFirst {
		f.stmt(s.Body)
		f.state = meet(f.state, f.continues[s.Loop].orDead())
		_, no := f.condOr(s.Cond)
		f.state = meet(no, f.breaks[s.Loop].orDead())
		return
	}
	yes, no := f.condOr(s.Cond)
	f.state = yes
	f.stmt(s.Body)
	f.state = meet(f.state, f.continues[s.Loop].orDead())
	for _, p := range s.Post {
		f.expr(p)
	}
	f.state = meet(no, f.breaks[s.Loop].orDead())
}

// condOr is cond of a condition that may be missing.
func (f *flow) condOr(x Expr) (yes, no assigned) {
	if x == nil {
		return f.state, deadEnd
	}
	return f.cond(x)
}

func (f *flow) switchStmt(s *Switch) {
	f.expr(s.X)
	states := make([]assigned, len(s.Sections))
	for i := range states {
		states[i] = deadEnd
	}
	start := f.state.clone()
	matched := false
	for _, c := range s.Cases {
		if matched {
			break
		}
		may, must := s.matches(c.Pattern)
		if !may {
			continue
		}
		f.state = start.clone()
		f.pattern(c.Pattern)
		if c.When != nil {
			yes, _ := f.cond(c.When)
			f.state = yes
		}
		matched = must && c.When == nil
		states[c.Section] = meet(states[c.Section], f.state)
	}
	end := start.clone()
	switch {
	case matched:
		end = deadEnd
	case s.Default >= 0:
		states[s.Default] = meet(states[s.Default], start.clone())
		end = deadEnd
	case s.exhaustive():
		end = deadEnd
	}
	for i := range s.Sections {
		f.section(s, i, states[i])
	}
	f.state = meet(end, f.breaks[s.Loop].orDead())
}

func (f *flow) section(s *Switch, i int, at assigned) {
	sec := &s.Sections[i]
	f.state = at
	if l, ok := f.labels[sec.Label]; ok {
		f.state = meet(f.state, l)
	}
	f.stmts(sec.Stmts)
	if f.state.dead || f.quiet {
		return
	}
	if i+1 < len(s.Sections) {
		f.b.errorSpan(sec.at, "CS0163", "Control cannot fall through from one case label ('%s') to another", sec.text)
	} else {
		f.b.errorSpan(sec.at, "CS8070", "Control cannot fall out of switch from final case label ('%s')", sec.text)
	}
}

// exhaustive reports cases that leave no value out, though there is no default.
func (s *Switch) exhaustive() bool {
	if s.Var == nil || s.Var.Type.Kind == types.Error {
		return false
	}
	t := s.Var.Type
	null, yes, no, rest := !(t.IsRef() || isNullable(t)), false, false, false
	for _, c := range s.Cases {
		if c.When != nil {
			continue
		}
		switch p := c.Pattern.(type) {
		case *VarPattern:
			return true
		case *TypePattern:
			rest = rest || p.Of == types.Object_ || same(stripNullable(t), p.Of) || t.IsRef() && types.ReferenceConvertible(t.Erased(), p.Of.Erased())
		case *ConstPattern:
			switch {
			case p.Value.T.Kind == types.NullKind:
				null = true
			case p.Value.T == types.BoolType && stripNullable(t) == types.BoolType:
				yes, no = yes || p.Value.V.Bool(), no || !p.Value.V.Bool()
			}
		}
	}
	return null && (rest || yes && no)
}

// matches tells whether a pattern may match what is switched on, and whether it must, which is known of constants only.
func (s *Switch) matches(p Pattern) (may, must bool) {
	k, ok := s.X.(*Const)
	if !ok {
		return true, false
	}
	switch p := p.(type) {
	case *VarPattern:
		return true, true
	case *ConstPattern:
		same := sameConst(p.Value, k) || p.Value.V.IsNull() && k.V.IsNull() && k.T.IsRef() && p.Value.T.IsRef()
		return same, same
	case *TypePattern:
		return true, same(p.Of, k.T)
	}
	return true, false
}

func (f *flow) try(s *Try) {
	start := f.state.clone()
	f.block(s.Body)
	end := f.state
	for _, c := range s.Catches {
		f.state = start.clone()
		if c.Var != nil {
			f.assign(c.Var)
		}
		if c.When != nil {
			yes, _ := f.cond(c.When)
			f.state = yes
		}
		f.block(c.Body)
		end = meet(end, f.state)
	}
	if s.Finally == nil {
		f.state = end
		return
	}
	f.state = start.clone()
	f.block(s.Finally)
	after := f.state
	if after.dead {
		f.state = deadEnd
		return
	}
	if !end.dead {
		end.add(after)
	}
	f.state = end
}

// assign marks a variable as assigned.
func (f *flow) assign(l *Local) {
	if l != nil && l.Name != "" && !f.state.dead && !f.reachOnly {
		f.state.set(f.slot(l))
	}
}

// read tells of a variable that is read before it is assigned.
func (f *flow) read(l *Local, at source.Span) {
	if l.Name == "" || f.state.dead || f.reachOnly || l.Param && l.Ref != types.ByOut {
		return
	}
	i := f.slot(l)
	if f.state.has(i) {
		return
	}
	if f.captured != nil && !f.owns(l) {
		f.captured[l] = true
		return
	}
	if !f.quiet {
		if l.Param {
			f.b.errorSpan(at, "CS0269", "Use of unassigned out parameter '%s'", l.Name)
		} else {
			f.b.errorSpan(at, "CS0165", "Use of unassigned local variable '%s'", l.Name)
		}
	}
	f.state.set(i)
}

// owns reports whether a variable belongs to the local function being analysed or one nested in it.
func (f *flow) owns(l *Local) bool {
	for fn := l.Func; fn != nil; fn = fn.Parent {
		if fn == f.fn {
			return true
		}
	}
	return false
}
