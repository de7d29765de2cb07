package syntax

func (p *parser) switchStmt() Stmt {
	start := p.cur().start
	s := &SwitchStmt{}
	if p.at(kCase) { // a section that stands in no switch
		p.expect(kSwitch)
		s.X = &BadExpr{Extent{start, start}}
	} else {
		p.advance()
		s.X = p.switchValue()
		p.expect(tLBrace)
	}
	inTry, inSwitch := p.inTry, p.inSwitch
	p.inTry, p.inSwitch = false, true
	for p.startsSection() {
		s.Sections = append(s.Sections, p.section())
	}
	p.inTry, p.inSwitch = inTry, inSwitch
	p.expect(tRBrace)
	s.Extent = p.from(start)
	return s
}

// switchValue reads the (x) of a switch; a tuple needs no more parentheses in C# 8.
func (p *parser) switchValue() Expr {
	start := p.cur().start
	switch x := p.expression().(type) {
	case *ParenExpr:
		return x.X
	case *BadExpr:
		return x
	case *TupleExpr:
		p.feature(x.Extent, "recursive patterns", "8.0")
		return x
	default:
		p.reportExtent(p.from(start), errSwitchParens)
		return x
	}
}

func (p *parser) section() SwitchSection {
	s := SwitchSection{}
	start := p.cur().start
	for p.startsSection() {
		s.Labels = append(s.Labels, p.switchLabel())
	}
	s.Stmts = p.statements(true)
	s.Extent = p.from(start)
	return s
}

func (p *parser) switchLabel() SwitchLabel {
	l := SwitchLabel{}
	t := p.advance()
	if t.kind == kCase {
		if p.at(tColon) {
			p.report(errConstant)
			l.Pattern = &ConstantPattern{Extent: p.missing(), X: &BadExpr{p.missing()}}
		} else {
			l.Pattern = p.casePattern()
		}
		if p.atWord(wWhen) {
			p.advance()
			l.When = p.expression()
		}
	}
	p.expect(tColon)
	l.Extent = p.from(t.start)
	return l
}

func (p *parser) forStmt() Stmt {
	if p.isForeach() {
		p.reportExtent(p.cur().extent(), errSyntax, "foreach")
		return p.foreachStmt()
	}
	s := &ForStmt{}
	start := p.advance().start
	p.expect(tLParen)
	switch {
	case p.at(tSemi):
	case p.startsLocalDecl():
		s.Decl = p.headerDecl()
	default:
		s.Init = p.expressions()
	}
	p.forSemicolon()
	if !p.at(tSemi) && !p.at(tComma) {
		s.Cond = p.expression()
	}
	p.forSemicolon()
	if !p.at(tRParen) {
		s.Post = p.expressions()
	}
	for p.at(tSemi) && p.peek(1).kind == tRParen {
		p.expect(tRParen)
		p.advance()
	}
	p.expect(tRParen)
	s.Body = p.embedded()
	s.Extent = p.from(start)
	return s
}

// isForeach reports whether the for at hand has the header of a foreach.
func (p *parser) isForeach() bool {
	pos := p.pos
	defer func() { p.pos = pos }()
	p.pos++
	return p.got(tLParen) && p.scanType(0) != notType && p.got(tIdent) && p.at(kIn)
}

// forSemicolon takes a ; in the header of a for, or a comma in its place.
func (p *parser) forSemicolon() {
	if p.at(tComma) {
		p.reportExpected(tSemi)
		p.advance()
		return
	}
	p.expect(tSemi)
}

// headerDecl reads the declaration in the header of a for, using or fixed.
func (p *parser) headerDecl() *LocalDecl {
	start := p.cur().start
	d := &LocalDecl{Type: p.typeName()}
	d.Vars = p.declarators(false, true)
	d.Extent = p.from(start)
	return d
}

// expressions reads the expressions of a for, with commas between.
func (p *parser) expressions() []Expr {
	return commaList(p, list{close: tRParen, possible: (*parser).startsExpression, required: true}, (*parser).expression)
}

func (p *parser) foreachStmt() Stmt {
	s := &ForeachStmt{}
	start := p.advance().start
	p.expect(tLParen)
	from := p.cur().start
	if p.startsDeclaration(afterOut) {
		d := p.declarationExpr().(*DeclarationExpr)
		if v, ok := d.Vars.(*SingleVar); ok {
			s.Type, s.Name = d.Type, v.Ident
		} else if v, ok := d.Vars.(*DiscardVar); ok {
			s.Type, s.Name = d.Type, Ident{Extent: v.Extent, Name: "_"}
		} else {
			s.Target = d
		}
	} else {
		s.Target = p.expression()
	}
	target := p.from(from)
	in := p.missing()
	if p.got(kIn) {
		if s.Target != nil && !declares(s.Target) {
			p.reportExtent(in, errBadForeach)
		}
	} else {
		p.report(errInExpected)
		if s.Target != nil && !declares(s.Target) {
			p.reportExtent(target, errBadForeach)
		}
	}
	s.X = p.expression()
	p.closeParen()
	s.Body = p.embedded()
	s.Extent = p.from(start)
	return s
}

// declares reports whether x may be what a foreach sets: a deconstruction, or _.
func declares(x Expr) bool {
	switch x := x.(type) {
	case *DeclarationExpr, *TupleExpr:
		return true
	case *NameExpr:
		return x.Name == "_" && !x.Verbatim
	}
	return false
}

func (p *parser) tryStmt() Stmt {
	s := &TryStmt{}
	start := p.cur().start
	mistakes := len(p.diags)
	if p.at(kTry) {
		p.advance()
		s.Body = p.nestedBlock(true)
		mistakes = len(p.diags) - mistakes
	} else {
		p.report(errSyntax, "try")
		s.Body = &Block{Extent: Extent{start, start}}
	}
	for p.at(kCatch) {
		s.Catches = append(s.Catches, p.catch())
	}
	if p.got(kFinally) {
		s.Finally = p.nestedBlock(false)
	}
	if s.Finally == nil && len(s.Catches) == 0 && mistakes == 0 {
		p.reportExtent(p.toks[max(p.pos-1, 0)].extent(), errEndTry)
	}
	s.Extent = p.from(start)
	return s
}

func (p *parser) catch() Catch {
	c := Catch{}
	start := p.advance().start
	if p.got(tLParen) {
		c.Type = p.typeName()
		if p.isName() {
			name := p.ident()
			c.Name = &name
		}
		p.expect(tRParen)
	}
	if p.atWord(wWhen) || p.at(kIf) {
		if p.at(kIf) {
			p.report(errSyntax, "when")
		}
		p.advance()
		p.expect(tLParen)
		c.When = p.expression()
		p.expect(tRParen)
	}
	c.Body = p.nestedBlock(true)
	c.Extent = p.from(start)
	return c
}

// usingStmt reads using (…) …, or refuses using T x = … of C# 8.
func (p *parser) usingStmt() Stmt {
	t := p.advance()
	if !p.at(tLParen) {
		d := p.localDecl(false)
		p.feature(Extent{t.start, p.last()}, "using declarations", "8.0")
		return d
	}
	p.advance()
	s := &UsingStmt{}
	if p.startsLocalDecl() {
		s.Decl = p.headerDecl()
	} else {
		s.X = p.expression()
	}
	p.expect(tRParen)
	s.Body = p.embedded()
	s.Extent = p.from(t.start)
	return s
}
