package syntax

// modifiedDecl reads a declaration after const, static and the like.
func (p *parser) modifiedDecl() Stmt {
	start := p.cur().start
	isConst := false
	for {
		t := p.cur()
		switch t.kind {
		case kConst:
			isConst = true
		case kStatic:
			if p.staticLambda() && p.peek(1).kind != tIdent {
				return p.otherStmt()
			}
			p.feature(t.extent(), "static local functions", "8.0")
		case kReadonly, kVolatile, kExtern:
			p.reportExtent(t.extent(), errModifier, p.text(t))
		default:
			s := p.localDecl(isConst)
			switch s := s.(type) {
			case *LocalDecl:
				s.Start = start
			case *LocalFunc:
				s.Start = start
			}
			return s
		}
		p.advance()
	}
}

// startsLocalDecl reports whether a declaration of variables or a local function begins here.
func (p *parser) startsLocalDecl() bool {
	t, next := p.cur(), p.peek(1).kind
	switch {
	case t.kind == kRef:
		return true
	case t.kind.isPredefinedType():
		return next != tDot && next != tLParen
	case t.kind != tIdent && t.kind != tLParen:
		return false
	case t.kind == tIdent && next == tIdent:
		return p.isName()
	}
	pos := p.pos
	defer func() { p.pos = pos }()
	switch p.scanType(0) {
	case notType:
		return false
	case surelyType:
		return p.isName() || !p.at(tDot) && !p.at(tLParen) && p.toks[p.pos-1].kind == tRBracket
	case nullableFlag:
		if !p.isName() {
			return false
		}
		switch p.peek(1).kind {
		case tAssign, tSemi, tComma, tLParen, tLt:
			return true
		}
		return false
	}
	return p.isName()
}

// localDecl reads the type and the variables of a declaration, or a local function.
func (p *parser) localDecl(isConst bool) Stmt {
	start := p.cur().start
	if p.atWord(wAsync) && p.peek(1).kind == tIdent && p.peek(2).kind != tAssign && p.peek(2).kind != tSemi {
		p.reportExtent(p.advance().extent(), errAsync)
	}
	t := p.typeName()
	if p.isName() && !p.nameIsNextStatement() {
		next := p.peek(1).kind
		if next == tLParen && !isAwait(t) || (next == tLParen || next == tLt) && p.startsFunction() {
			return p.localFunc(start, t)
		}
	}
	d := &LocalDecl{Const: isConst, Type: t}
	d.Vars = p.declarators(isConst, false)
	p.expect(tSemi)
	d.Extent = p.from(start)
	return d
}

// isAwait reports whether t is the name await, which only a body after the
// parameters makes the type that a local function returns.
func isAwait(t TypeExpr) bool {
	n, ok := t.(*NamedType)
	return ok && n.Qualifier == nil && n.Alias == nil && n.Name.Name == "await"
}

// startsFunction reports whether the name at hand is that of a local function:
// parameters follow, and a body or constraints.
func (p *parser) startsFunction() bool {
	pos := p.pos
	defer func() { p.pos = pos }()
	p.pos++
	for n := 0; n < 2*scanDepth && (p.at(tLt) || p.at(tComma) || p.at(tIdent) || p.at(tGt)); n++ {
		p.pos++
	}
	if !p.at(tLParen) {
		return false
	}
	for depth := 0; ; p.pos++ {
		switch p.kind() {
		case tLParen:
			depth++
		case tRParen:
			depth--
		case tEOF, tSemi, tLBrace:
			return false
		}
		if depth == 0 {
			break
		}
	}
	p.pos++
	return p.at(tLBrace) || p.at(tArrow) || p.atWord(wWhere)
}

// declarators reads a = 1, b. In the header of a for or using a ) ends it.
func (p *parser) declarators(isConst, inHeader bool) []Declarator {
	if p.nameIsNextStatement() {
		p.report(errIdentifier)
		return []Declarator{{Extent: Extent{p.last(), p.last()}}}
	}
	vars := []Declarator{p.declarator(isConst)}
	for last := -1; p.pos != last && !p.at(tSemi); {
		last = p.pos
		if p.got(tComma) {
			if p.isName() && p.peek(1).kind == tIdent {
				p.reportExtent(p.advance().extent(), errSecondType)
			}
			vars = append(vars, p.declarator(isConst))
			continue
		}
		first := true
		for !p.at(tComma) {
			if p.endsSkipping() || p.at(tRParen) && inHeader {
				return vars
			}
			if first {
				p.reportExpected(tComma)
			}
			first = false
			p.advance()
		}
	}
	return vars
}

// nameIsNextStatement reports whether the name at hand, on a line of its own, is
// the beginning of the next statement and not what the type before it declares.
func (p *parser) nameIsNextStatement() bool {
	if p.pos == 0 || !p.toks[p.pos-1].eol || !p.at(tIdent) {
		return false
	}
	p.pos++
	defer func() { p.pos-- }()
	switch p.kind() {
	case tDot, tPtrArrow:
		return true
	case tLParen, tLt:
		p.pos--
		function := p.startsFunction()
		p.pos++
		return !function
	}
	_, width, _ := p.binaryOp()
	return width > 0
}

func (p *parser) declarator(isConst bool) Declarator {
	d := Declarator{Name: p.ident()}
	switch k := p.kind(); {
	case k == tAssign:
		p.advance()
		d.Init = p.initialValue()
	case d.Name.Name == "":
	case k.isLiteral():
		p.report(errSyntax, "=")
		d.Init = p.initialValue()
	case k == tLParen:
		p.report(errBadVarDecl)
		p.arguments()
	case k == tLBracket:
		p.report(errCStyleArray)
		p.indexes()
		if p.got(tAssign) {
			d.Init = p.initialValue()
		}
	case isConst:
		p.reportExtent(d.Name.Extent, errConstNeedsValue)
	}
	d.Extent = Extent{d.Name.Start, max(d.Name.End, p.last())}
	return d
}

// initialValue reads what stands after = in a declaration.
func (p *parser) initialValue() Expr {
	if p.at(tLBrace) {
		return p.initializer(ArrayInit)
	}
	return p.refExpression()
}

func (p *parser) localFunc(start int32, returns TypeExpr) Stmt {
	f := &LocalFunc{Return: returns, Name: p.ident()}
	if p.got(tLt) {
		f.TypeParams = commaList(p, list{close: tGt, possible: (*parser).isName, required: true}, (*parser).ident)
		p.expect(tGt)
	}
	f.Params = p.parameters()
	for p.atWord(wWhere) {
		f.Constraints = append(f.Constraints, p.constraint())
	}
	switch {
	case p.at(tArrow):
		p.advance()
		p.throwAt = p.pos
		f.Body = p.refExpression()
		p.expect(tSemi)
	case p.at(tLBrace):
		f.Block, f.Yields = p.iteratorBody()
	default:
		if p.at(tSemi) {
			p.reportExtent(f.Name.Extent, errNoBody, f.Name.Name)
		}
		p.expect(tSemi)
		f.Body = &BadExpr{Extent{p.last(), p.last()}}
	}
	f.Extent = p.from(start)
	return f
}

// iteratorBody reads a body, and tells whether it yields.
func (p *parser) iteratorBody() (b *Block, yields bool) {
	inTry, inSwitch, inQuery, outer := p.inTry, p.inSwitch, p.inQuery, p.yields
	p.inTry, p.inSwitch, p.inQuery, p.yields = false, false, false, false
	b = p.block()
	yields = p.yields
	p.inTry, p.inSwitch, p.inQuery, p.yields = inTry, inSwitch, inQuery, outer
	return b, yields
}

// constraint reads where T : bounds.
func (p *parser) constraint() Constraint {
	c := Constraint{}
	start := p.advance().start
	c.Name = p.ident()
	p.expect(tColon)
	for {
		c.Bounds = append(c.Bounds, p.bound())
		if !p.got(tComma) {
			break
		}
	}
	c.Extent = p.from(start)
	return c
}

func (p *parser) bound() Bound {
	t := p.cur()
	b := Bound{}
	switch t.kind {
	case kClass, kStruct:
		p.advance()
		b.Keyword = kindTexts[t.kind]
	case kNew:
		p.advance()
		p.expect(tLParen)
		p.expect(tRParen)
		b.Keyword = "new()"
	default:
		b.Type = p.typeName()
	}
	b.Extent = p.from(t.start)
	return b
}
