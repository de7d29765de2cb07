package syntax

func (p *parser) switchStmt() Stmt {
	start := p.advance().start
	s := &SwitchStmt{}
	if p.at(tLParen) {
		s.X = p.switchValue()
	} else {
		p.expect(tLParen)
		s.X = p.expression()
		p.expect(tRParen)
	}
	p.expect(tLBrace)
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

// switchValue reads the (x) of a switch, or a tuple that needs no more parentheses (C# 8).
func (p *parser) switchValue() Expr {
	from := p.advance().start
	first := p.tupleElem(firstInTuple)
	if first.Name != nil || p.at(tComma) {
		x := p.tuple(from, first)
		p.feature(p.from(from), "recursive patterns", "8.0")
		return x
	}
	p.closeParen()
	return first.Value
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
			l.Pattern = &ConstantPattern{Extent: p.missing(), X: p.missingTerm()}
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
	s := &ForStmt{}
	start := p.advance().start
	p.expect(tLParen)
	switch {
	case p.at(tSemi):
	case p.startsLocalDecl():
		from := p.cur().start
		t := p.typeName()
		d := &LocalDecl{Type: t, Vars: p.declarators(false)}
		d.Extent = p.from(from)
		s.Decl = d
	default:
		s.Init = p.expressions()
	}
	p.expect(tSemi)
	if !p.at(tSemi) {
		s.Cond = p.expression()
	}
	p.expect(tSemi)
	if !p.at(tRParen) {
		s.Post = p.expressions()
	}
	p.expect(tRParen)
	s.Body = p.embedded()
	s.Extent = p.from(start)
	return s
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

// declares reports whether x may be what a foreach sets: a deconstruction.
func declares(x Expr) bool {
	switch x.(type) {
	case *DeclarationExpr, *TupleExpr:
		return true
	}
	return false
}

func (p *parser) tryStmt() Stmt {
	s := &TryStmt{}
	start := p.cur().start
	if p.at(kTry) {
		p.advance()
		s.Body = p.nestedBlock(true)
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
	if s.Finally == nil && len(s.Catches) == 0 {
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
		from := p.cur().start
		d := &LocalDecl{Type: p.typeName()}
		d.Vars = p.declarators(false)
		d.Extent = p.from(from)
		s.Decl = d
	} else {
		s.X = p.expression()
	}
	p.expect(tRParen)
	s.Body = p.embedded()
	s.Extent = p.from(t.start)
	return s
}
