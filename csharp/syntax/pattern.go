package syntax

// is reads what follows x: is Type or is pattern.
func (p *parser) is(x Expr, start int32) Expr {
	p.advance()
	if e, ok := p.laterPattern(); ok {
		p.skipPattern()
		return &IsPatternExpr{Extent: p.from(start), X: x, Pattern: &ConstantPattern{Extent: e, X: &BadExpr{e}}}
	}
	if d := p.declarationPattern(); d != nil {
		p.combinators(d.Start)
		return &IsPatternExpr{Extent: p.from(start), X: x, Pattern: d}
	}
	if p.startsIsType() {
		t := p.typeIn(typeAfterAs)
		p.combinators(int32(t.Span().Start))
		p.positional()
		return &IsExpr{Extent: p.from(start), X: x, Type: t}
	}
	from := p.cur().start
	c := p.sub(precShift)
	pattern := &ConstantPattern{Extent: p.from(from), X: c}
	p.combinators(from)
	return &IsPatternExpr{Extent: p.from(start), X: x, Pattern: pattern}
}

// laterPattern refuses patterns of C# 8 and later by their first token.
func (p *parser) laterPattern() (Extent, bool) {
	t := p.cur()
	name, version := "", "9.0"
	switch t.kind {
	case tLBrace:
		name, version = "recursive patterns", "8.0"
	case tLt, tLe, tGt, tGe:
		name = "relational pattern"
	case tLBracket:
		name, version = "list patterns", "11.0"
	case tIdent:
		if t.word == wVar && p.peek(1).kind == tLParen {
			name, version = "recursive patterns", "8.0"
		}
		if t.word == wNot && p.notPattern() {
			name = "not pattern"
		}
	}
	if name == "" {
		return Extent{}, false
	}
	p.feature(t.extent(), name, version)
	return t.extent(), true
}

// notPattern reports whether not is followed by a pattern.
func (p *parser) notPattern() bool {
	p.pos++
	ok := p.at(tLBrace) || p.startsExpression() && p.canStartOperand() && !p.at(tLBracket) && !p.at(tLParen)
	p.pos--
	return ok
}

// skipPattern goes over a pattern that was refused.
func (p *parser) skipPattern() {
	switch p.kind() {
	case tLBrace:
		p.skipBraces()
	case tLBracket:
		p.collection()
	default:
		p.advance()
		p.sub(precShift)
	}
	p.combinators(p.cur().start)
}

// combinators refuses `and` and `or` between patterns, of C# 9.
func (p *parser) combinators(start int32) {
	for p.atWord(wAnd) || p.atWord(wOr) {
		t := p.cur()
		p.pos++
		follows := p.at(tLBrace) || p.startsExpression() || p.at(tLt) || p.at(tGt)
		p.pos--
		if !follows {
			return
		}
		name := "and pattern"
		if t.word == wOr {
			name = "or pattern"
		}
		p.advance()
		if p.at(tLBrace) || p.at(tLt) || p.at(tLe) || p.at(tGt) || p.at(tGe) || p.atWord(wNot) {
			if !p.got(tLBrace) {
				p.advance()
			}
		}
		p.sub(precShift)
		p.feature(p.from(start), name, "9.0")
	}
}

// positional refuses the ( … ) and { … } of recursive patterns after a type.
func (p *parser) positional() {
	if p.at(tLBrace) && p.peek(1).kind == tIdent && p.peek(2).kind == tColon || p.at(tLBrace) && p.peek(1).kind == tRBrace {
		p.feature(p.cur().extent(), "recursive patterns", "8.0")
		p.skipBraces()
		if p.isName() {
			p.advance()
		}
	}
}

// declarationPattern reads Type name, Type _ or var name; nil if that does not stand here.
func (p *parser) declarationPattern() *DeclarationPattern {
	pos := p.pos
	flag := p.scanType(0)
	ok := flag != notType && p.isName() && !p.combinatorHere() && !p.atWord(wWhen)
	if ok && flag == nullableFlag {
		ok = !p.nullableIsConditional()
	}
	p.pos = pos
	if !ok {
		return nil
	}
	start := p.cur().start
	d := &DeclarationPattern{Type: p.typeName()}
	d.Vars = p.designation()
	d.Extent = p.from(start)
	return d
}

// nullableIsConditional reports whether the name at hand is the first branch
// of a conditional, in `x is T ? a : b`.
func (p *parser) nullableIsConditional() bool {
	switch p.peek(1).kind {
	case tRParen, tAndAnd, tOrOr, tSemi, tComma:
		return false
	}
	return true
}

// combinatorHere reports whether and or or stand between patterns here.
func (p *parser) combinatorHere() bool {
	if !p.atWord(wAnd) && !p.atWord(wOr) {
		return false
	}
	switch p.peek(1).kind {
	case tRParen, tSemi, tComma, tAndAnd, tOrOr, tQuestion, tColon, tRBracket, tRBrace, tEOF, tArrow, tEq, tNe:
		return false
	}
	return true
}

// startsIsType reports whether a type stands after is, and no constant that
// has more than a name in it.
func (p *parser) startsIsType() bool {
	pos := p.pos
	defer func() { p.pos = pos }()
	flag := p.scanType(0)
	switch flag {
	case notType:
		return p.kind() == tEOF
	case surelyType, nullableFlag:
		return true
	}
	switch p.kind() {
	case tPlus, tMinus, tStar, tSlash, tPercent, tShl, tLParen, tLBracket, tInc, tDec, tDot:
		return false
	}
	return true
}

// casePattern reads what stands after case.
func (p *parser) casePattern() Pattern {
	if e, ok := p.laterPattern(); ok {
		p.skipPattern()
		return &ConstantPattern{Extent: e, X: &BadExpr{e}}
	}
	if d := p.declarationPattern(); d != nil {
		p.combinators(d.Start)
		return d
	}
	start := p.cur().start
	x := p.caseConstant()
	c := &ConstantPattern{Extent: p.from(start), X: x}
	p.combinators(start)
	return c
}

// caseConstant reads a constant after case. A type alone is no constant; it is
// read for the sake of what follows, and refused.
func (p *parser) caseConstant() Expr {
	if p.kind().isPredefinedType() && p.peek(1).kind != tDot {
		start := p.cur().start
		p.typeName()
		e := p.from(start)
		p.feature(e, "type pattern", "9.0")
		return &BadExpr{e}
	}
	return p.sub(precConditional)
}
