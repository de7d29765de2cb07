package syntax

// startsLambda reports whether ( begins the parameters of a lambda: whether =>
// follows the bracket that closes it, with nothing in between that could not
// be in a parameter list.
func (p *parser) startsLambda() bool {
	depth := 0
	for n := 0; ; n++ {
		t := p.peek(n)
		switch t.kind {
		case tLParen, tLBracket:
			depth++
		case tRParen, tRBracket:
			depth--
			if depth == 0 {
				return p.peek(n+1).kind == tArrow
			}
		case tIdent, tComma, tDot, tColonColon, tQuestion, tLt, tGt, kRef, kOut, kIn, kParams, tAssign,
			tInt, tString, kNull, kTrue, kFalse, kDefault, tStar, kReadonly:
		default:
			if !t.kind.isPredefinedType() {
				return false
			}
		}
	}
}

// lambda reads x => … or (…) => …
func (p *parser) lambda() Expr {
	defer p.leave()
	start := p.cur().start
	l := &LambdaExpr{}
	if !p.enter() {
		return &BadExpr{Extent{start, start}}
	}
	if p.at(tIdent) {
		name := p.ident()
		l.Params = []Parameter{{Extent: name.Extent, Name: name}}
	} else {
		p.advance()
		l.Params = commaList(p, list{close: tRParen, possible: (*parser).startsParameter}, (*parser).lambdaParameter)
		p.expect(tRParen)
		p.refuseDiscards(l.Params)
	}
	l.Arrow = p.expect(tArrow)
	if p.at(tLBrace) {
		l.Block = p.functionBody()
	} else {
		p.throwAt = p.pos
		l.Body = p.refExpression()
	}
	l.Extent = p.from(start)
	return l
}

// refuseDiscards refuses the second _ among parameters, with which C# 9 discards them.
func (p *parser) refuseDiscards(params []Parameter) {
	seen := false
	for i := range params {
		if params[i].Name.Name != "_" {
			continue
		}
		if seen {
			p.feature(params[i].Extent, "lambda discard parameters", "9.0")
		}
		seen = true
	}
}

// functionBody reads a block of its own function; what a try or switch around
// it waits for does not end it, and a yield in it is its own.
func (p *parser) functionBody() *Block {
	inTry, inSwitch, inQuery, yields := p.inTry, p.inSwitch, p.inQuery, p.yields
	p.inTry, p.inSwitch, p.inQuery = false, false, false
	b := p.block()
	p.inTry, p.inSwitch, p.inQuery, p.yields = inTry, inSwitch, inQuery, yields
	return b
}

func (p *parser) startsParameter() bool {
	switch p.kind() {
	case kRef, kOut, kIn, kParams, tLParen, tLBracket, kReadonly:
		return true
	}
	return p.isName() || p.kind().isPredefinedType()
}

func (p *parser) lambdaParameter() Parameter {
	if p.isName() {
		if next := p.peek(1).kind; next == tComma || next == tRParen {
			name := p.ident()
			return Parameter{Extent: name.Extent, Name: name}
		}
	}
	param := p.parameter()
	if param.Default != nil {
		p.reportExtent(param.Extent, errDefaultLambda)
	}
	return param
}

// parameter reads ref T name = default.
func (p *parser) parameter() Parameter {
	start := p.cur().start
	param := Parameter{}
	for more := true; more; {
		switch p.kind() {
		case kRef:
			param.Ref = ByRef
		case kOut:
			param.Ref = ByOut
		case kIn:
			param.Ref = ByIn
		case kParams:
			param.Params = true
		default:
			more = false
			continue
		}
		p.advance()
	}
	param.Type = p.typeName()
	param.Name = p.ident()
	if p.at(tLBracket) {
		p.report(errCStyleArray)
		p.arrayRanks(param.Type, start)
	}
	if p.got(tAssign) {
		param.Default = p.expression()
	}
	param.Extent = p.from(start)
	return param
}

func (p *parser) parameters() []Parameter {
	p.expect(tLParen)
	params := commaList(p, list{close: tRParen, possible: (*parser).startsParameter}, (*parser).parameter)
	p.expect(tRParen)
	return params
}

func (p *parser) anonymousMethod() Expr {
	defer p.leave()
	start := p.advance().start
	m := &AnonymousMethodExpr{}
	if !p.enter() {
		return &BadExpr{Extent{start, start}}
	}
	if p.at(tLParen) {
		m.HasParams = true
		m.Params = p.parameters()
		p.refuseDiscards(m.Params)
	}
	m.Block = p.functionBody()
	m.Extent = p.from(start)
	return m
}
