package syntax

// statements reads statements up to a } or, in a switch, the next section.
func (p *parser) statements(inSection bool) []Stmt {
	var stmts []Stmt
	for last := -1; p.pos != last && !p.at(tRBrace) && !p.at(tEOF) && !(inSection && p.startsSection()); {
		last = p.pos
		if p.startsStatement() {
			stmts = append(stmts, p.statement())
			continue
		}
		p.reportExpected(tRBrace)
		for !p.startsStatement() {
			if p.at(tRBrace) || p.at(tEOF) || p.inSwitch && p.startsSection() || p.inTry && (p.at(kCatch) || p.at(kFinally)) {
				return stmts
			}
			p.advance()
		}
	}
	return stmts
}

// startsStatement reports whether a statement may begin with the present token.
func (p *parser) startsStatement() bool {
	switch p.kind() {
	case kFixed, kBreak, kContinue, kTry, kConst, kDo, kFor, kForeach, kGoto, kIf, kElse, kLock, kReturn, kSwitch,
		kUnsafe, kUsing, kWhile, tLBrace, tSemi, kStatic, kReadonly, kVolatile, kRef, kExtern, tLBracket, kThrow, kCase:
		return true
	case tIdent:
		return p.isName()
	case kCatch, kFinally:
		return !p.inTry
	}
	return p.kind().isPredefinedType() || p.startsExpression()
}

// startsSection reports whether case or default: begins here.
func (p *parser) startsSection() bool {
	return p.at(kCase) || p.at(kDefault) && p.peek(1).kind != tLParen
}

// block reads { statements }.
func (p *parser) block() *Block {
	start := p.expect(tLBrace).Start
	stmts := p.statements(false)
	p.expect(tRBrace)
	return &Block{Extent: p.from(start), Stmts: stmts}
}

// nestedBlock reads a block that a switch or query around does not end.
func (p *parser) nestedBlock(inTry bool) *Block {
	savedTry, savedSwitch := p.inTry, p.inSwitch
	p.inTry = inTry
	b := p.block()
	p.inTry, p.inSwitch = savedTry, savedSwitch
	return b
}

// statement reads one statement.
func (p *parser) statement() Stmt {
	defer p.leave()
	if !p.enter() {
		return &BadStmt{p.missing()}
	}
	t := p.cur()
	switch t.kind {
	case tLBrace:
		return p.nestedBlock(false)
	case tSemi:
		p.advance()
		return &EmptyStmt{t.extent()}
	case kBreak:
		p.advance()
		p.expect(tSemi)
		return &BreakStmt{p.from(t.start)}
	case kContinue:
		p.advance()
		p.expect(tSemi)
		return &ContinueStmt{p.from(t.start)}
	case kReturn:
		return p.returnStmt()
	case kThrow:
		return p.throwStmt()
	case kGoto:
		return p.gotoStmt()
	case kIf, kElse:
		return p.ifStmt()
	case kSwitch, kCase:
		return p.switchStmt()
	case kWhile:
		return p.whileStmt()
	case kDo:
		return p.doStmt()
	case kFor:
		return p.forStmt()
	case kForeach:
		return p.foreachStmt()
	case kTry, kCatch, kFinally:
		return p.tryStmt()
	case kLock:
		return p.lockStmt()
	case kUsing:
		return p.usingStmt()
	case kChecked, kUnchecked:
		if p.peek(1).kind == tLBrace {
			p.advance()
			b := p.nestedBlock(false)
			return &CheckedStmt{Extent: p.from(t.start), Checked: t.kind == kChecked, Body: b}
		}
	case kUnsafe, kFixed:
		return p.unsafeStmt()
	case kConst, kStatic, kReadonly, kVolatile, kExtern:
		return p.modifiedDecl()
	}
	return p.otherStmt()
}

// otherStmt reads a label, a yield, a declaration or an expression.
func (p *parser) otherStmt() Stmt {
	t := p.cur()
	if t.kind == tIdent {
		switch next := p.peek(1).kind; {
		case next == tColon:
			return p.labeled()
		case t.word == wYield && (next == kReturn || next == kBreak):
			return p.yieldStmt()
		case t.word == wAwait && (next == kUsing || next == kForeach):
			p.reportExtent(t.extent(), errAsync)
			p.advance()
			return p.statement()
		}
	}
	if p.startsLocalDecl() {
		return p.localDecl(false)
	}
	x := p.expression()
	p.expect(tSemi)
	return &ExprStmt{Extent: p.from(t.start), X: x}
}

func (p *parser) labeled() Stmt {
	start := p.cur().start
	label := p.ident()
	p.advance()
	var s Stmt
	if p.at(tRBrace) || !p.startsStatement() {
		p.expect(tSemi)
		s = &EmptyStmt{p.from(p.last())}
	} else {
		s = p.statement()
	}
	return &LabeledStmt{Extent: p.from(start), Label: label, Stmt: s}
}

func (p *parser) yieldStmt() Stmt {
	start := p.advance().start
	p.yields = true
	s := &YieldStmt{}
	if word := p.advance(); word.kind == kReturn {
		if p.at(tSemi) {
			p.reportExtent(word.extent(), errYieldReturn)
			s.X = &BadExpr{p.missing()}
		} else {
			s.X = p.expression()
		}
	}
	p.expect(tSemi)
	s.Extent = p.from(start)
	return s
}

func (p *parser) returnStmt() Stmt {
	start := p.advance().start
	s := &ReturnStmt{}
	if !p.at(tSemi) {
		s.X = p.refExpression()
	}
	p.expect(tSemi)
	s.Extent = p.from(start)
	return s
}

func (p *parser) throwStmt() Stmt {
	start := p.advance().start
	s := &ThrowStmt{}
	if !p.at(tSemi) {
		s.X = p.expression()
	}
	p.expect(tSemi)
	s.Extent = p.from(start)
	return s
}

func (p *parser) gotoStmt() Stmt {
	start := p.advance().start
	s := &GotoStmt{}
	switch {
	case p.got(kCase):
		s.Kind = GotoCase
		s.X = p.expression()
	case p.got(kDefault):
		s.Kind = GotoDefault
	default:
		s.Label = p.ident()
	}
	p.expect(tSemi)
	s.Extent = p.from(start)
	return s
}

// embedded reads the statement after if (…) and the like, which may declare nothing.
func (p *parser) embedded() Stmt {
	if !p.startsStatement() {
		if p.at(tEOF) || p.at(tRBrace) {
			p.report(errInvalidTerm, p.text(p.cur()))
			p.expect(tSemi)
			return &EmptyStmt{p.from(p.last())}
		}
		start := p.cur().start
		x := p.expression()
		p.expect(tSemi)
		return &ExprStmt{Extent: p.from(start), X: x}
	}
	s := p.statement()
	switch s.(type) {
	case *LocalDecl, *LabeledStmt, *LocalFunc:
		p.reportExtent(extentOf(s), errEmbeddedDecl)
	}
	return s
}

func extentOf(n Node) Extent {
	s := n.Span()
	return Extent{int32(s.Start), int32(s.End)}
}

// condition reads (x).
func (p *parser) condition() Expr {
	p.expect(tLParen)
	x := p.expression()
	p.closeParen()
	return x
}

// ifStmt reads an if and, without going deeper, the chain of else ifs after it.
func (p *parser) ifStmt() Stmt {
	var first, last *IfStmt
	for chain := 0; ; chain++ {
		s := &IfStmt{Extent: Extent{Start: p.cur().start}}
		if p.at(kElse) {
			p.report(errElse)
			s.Cond = &BadExpr{p.missing()}
			s.Then = &EmptyStmt{p.missing()}
		} else {
			p.advance()
			s.Cond = p.condition()
			s.Then = p.embedded()
		}
		if first == nil {
			first = s
		} else {
			last.Else = s
		}
		last = s
		if !p.at(kElse) || chain > maxChain {
			break
		}
		p.advance()
		if !p.at(kIf) {
			s.Else = p.embedded()
			break
		}
	}
	end := p.last()
	for s, ok := first, true; ok; s, ok = s.Else.(*IfStmt) {
		s.End = max(s.Start, end)
	}
	return first
}

func (p *parser) whileStmt() Stmt {
	start := p.advance().start
	cond := p.condition()
	body := p.embedded()
	return &WhileStmt{Extent: p.from(start), Cond: cond, Body: body}
}

func (p *parser) doStmt() Stmt {
	start := p.advance().start
	body := p.embedded()
	p.expect(kWhile)
	p.expect(tLParen)
	cond := p.expression()
	p.closeParen()
	p.expect(tSemi)
	return &DoStmt{Extent: p.from(start), Body: body, Cond: cond}
}

func (p *parser) lockStmt() Stmt {
	start := p.advance().start
	x := p.condition()
	body := p.embedded()
	return &LockStmt{Extent: p.from(start), X: x, Body: body}
}

func (p *parser) unsafeStmt() Stmt {
	t := p.advance()
	if t.kind == kUnsafe {
		p.reportExtent(t.extent(), errUnsafe)
		return p.nestedBlock(false)
	}
	p.reportExtent(t.extent(), errPointer)
	p.expect(tLParen)
	p.headerDecl()
	p.expect(tRParen)
	return p.embedded()
}
