package syntax

// primary reads an operand without prefix operators, and what is applied to it.
func (p *parser) primary(prec precedence) Expr {
	start := p.cur().start
	x := p.term(prec)
	if isLambda(x) {
		return x
	}
	return p.postfix(x, start)
}

// isLambda reports whether x is a lambda, to which nothing can be applied.
func isLambda(x Expr) bool {
	_, ok := x.(*LambdaExpr)
	return ok
}

// term reads the innermost part of an operand.
func (p *parser) term(prec precedence) Expr {
	t := p.cur()
	switch t.kind {
	case tIdent:
		return p.nameTerm()
	case tLParen:
		return p.parenTerm(prec)
	case tInt, tReal, tChar, tString, kTrue, kFalse, kNull:
		return p.literal()
	case tInterp:
		return p.interpolated()
	case kThis, kBase:
		p.advance()
		return &ThisExpr{Extent: t.extent(), Base: t.kind == kBase}
	case kNew:
		return p.newTerm()
	case kDelegate:
		return p.anonymousMethod()
	case kStatic:
		if p.staticLambda() {
			p.feature(t.extent(), "static anonymous function", "9.0")
			p.advance()
			return p.term(prec)
		}
	case kTypeof, kSizeof, kDefault, kChecked, kUnchecked:
		return p.keywordCall()
	case kStackalloc:
		return p.stackalloc()
	case kRef:
		p.report(errInvalidTerm, "ref")
		p.advance()
		return p.sub(precUnary)
	case tLBracket:
		return p.collection()
	}
	if t.kind.isPredefinedType() {
		return p.predefinedTerm()
	}
	return p.missingTerm()
}

// missingTerm reports that an expression is missing.
func (p *parser) missingTerm() Expr {
	if p.at(tEOF) {
		p.report(errExprExpected)
	} else {
		p.report(errInvalidTerm, p.text(p.cur()))
	}
	return &BadExpr{Extent{p.last(), p.last()}}
}

// predefinedTerm reads a type that is a keyword, which needs a member after it.
func (p *parser) predefinedTerm() Expr {
	t := p.advance()
	if !p.at(tDot) || t.kind == kVoid {
		p.reportExtent(t.extent(), errInvalidTerm, p.text(t))
	}
	return &PredefinedType{Extent: t.extent(), Name: kindTexts[t.kind]}
}

func (p *parser) literal() Expr {
	t := p.advance()
	lit := &Literal{Extent: t.extent()}
	text := p.src[t.start:t.end]
	switch t.kind {
	case kTrue:
		lit.Kind = TrueLit
	case kFalse:
		lit.Kind = FalseLit
	case kNull:
		lit.Kind = NullLit
	case tInt:
		lit.Kind = IntLit
		lit.Int, lit.Suffix, _ = parseInt(text)
		lit.Hex = len(text) > 1 && text[0] == '0' && (text[1]|0x20 == 'x' || text[1]|0x20 == 'b')
	case tReal:
		lit.Kind = RealLit
		lit.Text, lit.Suffix = splitReal(text)
	case tChar:
		lit.Kind = CharLit
		lit.Int = uint64(charValue(text))
	default:
		lit.Kind = StringLit
		lit.Text = stringValue(text)
	}
	return lit
}

// nameTerm reads a lambda without parentheses, alias::name or a name.
func (p *parser) nameTerm() Expr {
	t, next := p.cur(), p.peek(1)
	switch {
	case next.kind == tArrow && p.isName():
		return p.lambda()
	case t.word == wAsync && p.asyncFunction():
		p.reportExtent(t.extent(), errAsync)
		p.advance()
		return p.term(precLowest)
	case next.kind == tColonColon:
		return p.aliased()
	case !p.isName():
		return p.missingTerm()
	}
	return p.name()
}

// asyncFunction reports whether async begins an anonymous function here.
func (p *parser) asyncFunction() bool {
	switch next := p.peek(1); next.kind {
	case kDelegate:
		return true
	case tIdent:
		return p.peek(2).kind == tArrow
	case tLParen:
		p.pos++
		ok := p.startsLambda()
		p.pos--
		return ok
	}
	return false
}

func (p *parser) aliased() Expr {
	start := p.cur().start
	alias := p.ident()
	p.advance()
	name := p.name()
	return &AliasExpr{Extent: p.from(start), Alias: alias, Name: name}
}

// name reads a name, with type arguments if they are that.
func (p *parser) name() *NameExpr {
	n := &NameExpr{Ident: p.ident()}
	if p.at(tLt) && n.Name != "" && p.startsTypeArgs() {
		n.TypeArgs = p.typeArgs()
		p.refuseUnbound(n.Start, n.TypeArgs)
	}
	n.Full = Extent{n.Start, max(n.End, p.last())}
	if n.TypeArgs == nil {
		n.Full = n.Extent
	}
	return n
}

// postfix reads what is applied to x: members, calls, indexes, ++ and --.
func (p *parser) postfix(x Expr, start int32) Expr {
	for chain := 0; ; chain++ {
		if chain > maxChain && !p.stopped {
			p.stop()
		}
		switch p.kind() {
		case tInc, tDec:
			op := OpInc
			if p.advance().kind == tDec {
				op = OpDec
			}
			x = &PostfixExpr{Extent: p.from(start), Op: op, X: x}
		case tNot:
			p.advance()
			p.feature(p.from(start), "nullable reference types", "8.0")
		default:
			next, ok := p.access(x, start)
			if !ok {
				return x
			}
			x = next
		}
	}
}

// access reads one (…), […], .name or ?… after x, if it is there.
func (p *parser) access(x Expr, start int32) (Expr, bool) {
	switch p.kind() {
	case tLParen:
		args := p.arguments()
		return &CallExpr{Extent: p.from(start), Fun: x, Args: args}, true
	case tLBracket:
		args := p.indexes()
		return &IndexExpr{Extent: p.from(start), X: x, Args: args}, true
	case tDot:
		p.advance()
		name := p.name()
		return &MemberExpr{Extent: p.from(start), X: x, Name: name}, true
	case tPtrArrow:
		p.reportExtent(p.from(start), errDereference)
		p.advance()
		name := p.name()
		return &MemberExpr{Extent: p.from(start), X: x, Name: name}, true
	case tQuestion:
		if next := p.peek(1).kind; next == tDot || next == tLBracket {
			return p.conditionalAccess(x, start), true
		}
	}
	return x, false
}

func (p *parser) conditionalAccess(x Expr, start int32) Expr {
	defer p.leave()
	if !p.enter() {
		return x
	}
	p.advance()
	at := p.cur().start
	var rest Expr = &Receiver{Extent{at, at}}
	for {
		next, ok := p.access(rest, at)
		if !ok {
			return &ConditionalAccessExpr{Extent: p.from(start), X: x, Rest: rest}
		}
		rest = next
	}
}

func (p *parser) arguments() []Argument {
	p.expect(tLParen)
	args := commaList(p, list{close: tRParen, possible: (*parser).startsArgument}, (*parser).argument)
	p.expect(tRParen)
	return args
}

func (p *parser) indexes() []Argument {
	p.expect(tLBracket)
	args := commaList(p, list{close: tRBracket, possible: (*parser).startsArgument, required: true}, (*parser).indexArgument)
	p.expect(tRBracket)
	return args
}

func (p *parser) startsArgument() bool {
	switch p.kind() {
	case kRef, kOut, kIn:
		return true
	}
	return p.startsExpression()
}

func (p *parser) argument() Argument { return p.argumentOr(errMissingArgument, tComma) }

func (p *parser) indexArgument() Argument {
	if p.at(tRBracket) {
		return p.argumentOr(errValueExpected, tRBracket)
	}
	return p.argumentOr(errValueExpected, tComma)
}

// argumentOr reads an argument; c is reported if none stands where stop does.
func (p *parser) argumentOr(c code, stop kind) Argument {
	a := Argument{}
	start := p.cur().start
	if p.at(tIdent) && p.peek(1).kind == tColon {
		name := p.ident()
		a.Name = &name
		p.advance()
	}
	switch p.kind() {
	case kRef:
		a.Ref = ByRef
	case kOut:
		a.Ref = ByOut
	case kIn:
		a.Ref = ByIn
	}
	if a.Ref != ByValue {
		p.advance()
	}
	switch {
	case p.at(stop):
		p.report(c)
		a.Value = &BadExpr{Extent{p.last(), p.last()}}
	case a.Ref == ByOut:
		a.Value = p.exprOrDeclaration(afterOut)
	default:
		a.Value = p.expression()
	}
	a.Extent = p.from(start)
	return a
}

// declPlace tells where a declaration may stand in place of an expression.
type declPlace uint8

const (
	afterOut declPlace = iota // and before the in of a foreach
	firstInTuple
	laterInTuple
)

// exprOrDeclaration reads an expression, or `T x` where one may be declared.
func (p *parser) exprOrDeclaration(place declPlace) Expr {
	if p.startsDeclaration(place) {
		return p.declarationExpr()
	}
	return p.expression()
}

// startsDeclaration reports whether a type and what it declares follow.
func (p *parser) startsDeclaration(place declPlace) bool {
	if !p.isName() && !p.kind().isPredefinedType() && !p.at(tLParen) {
		return false
	}
	pos := p.pos
	defer func() { p.pos = pos }()
	if p.atWord(wVar) && p.peek(1).kind == tLParen {
		p.pos++
		if !p.scanVars(0) {
			return false
		}
	} else {
		if p.scanType(0) == notType || !p.isName() {
			return false
		}
		p.pos++
	}
	switch place {
	case firstInTuple:
		return p.at(tComma)
	case laterInTuple:
		return p.at(tComma) || p.at(tRParen)
	}
	return true
}

// startsVarDeconstruction reports whether var (a, b) = follows.
func (p *parser) startsVarDeconstruction() bool {
	if p.peek(1).kind != tLParen {
		return false
	}
	pos := p.pos
	p.pos++
	ok := p.scanVars(0) && p.at(tAssign)
	p.pos = pos
	return ok
}

// scanVars skips (a, (b, c)).
func (p *parser) scanVars(depth int) bool {
	if !p.got(tLParen) || depth > MaxDepth {
		return false
	}
	for {
		switch {
		case p.at(tLParen):
			if !p.scanVars(depth + 1) {
				return false
			}
		case !p.got(tIdent):
			return false
		}
		if !p.got(tComma) {
			return p.got(tRParen)
		}
	}
}

func (p *parser) declarationExpr() Expr {
	start := p.cur().start
	t := p.typeName()
	vars := p.designation()
	return &DeclarationExpr{Extent: p.from(start), Type: t, Vars: vars}
}

// designation reads what a declaration declares: x, _ or (a, b).
func (p *parser) designation() Designation {
	t := p.cur()
	switch {
	case t.kind == tLParen:
		return p.parenVars()
	case t.word == wUnderscore:
		p.advance()
		return &DiscardVar{t.extent()}
	}
	return &SingleVar{p.ident()}
}

func (p *parser) parenVars() Designation {
	defer p.leave()
	start := p.cur().start
	if !p.enter() {
		return &DiscardVar{Extent{start, start}}
	}
	p.advance()
	vars := commaList(p, list{close: tRParen, possible: (*parser).startsVars, required: true}, (*parser).designation)
	p.expect(tRParen)
	return &ParenVars{Extent: p.from(start), Vars: vars}
}

func (p *parser) startsVars() bool { return p.isName() || p.at(tLParen) }

// parenTerm reads a lambda, a cast, a tuple or an expression in parentheses.
func (p *parser) parenTerm(prec precedence) Expr {
	if p.startsLambda() {
		return p.lambda()
	}
	if p.startsCast() {
		return p.cast()
	}
	start := p.advance().start
	first := p.tupleElem(firstInTuple)
	if first.Name != nil || p.at(tComma) {
		return p.tuple(start, first)
	}
	p.closeParen()
	return &ParenExpr{Extent: p.from(start), X: first.Value}
}

func (p *parser) tupleElem(place declPlace) Argument {
	a := Argument{}
	start := p.cur().start
	if p.at(tIdent) && p.peek(1).kind == tColon {
		name := p.ident()
		a.Name = &name
		p.advance()
		a.Value = p.expression()
	} else {
		a.Value = p.exprOrDeclaration(place)
	}
	a.Extent = p.from(start)
	return a
}

func (p *parser) tuple(start int32, first Argument) Expr {
	elems := []Argument{first}
	for p.got(tComma) {
		elems = append(elems, p.tupleElem(laterInTuple))
	}
	if len(elems) < 2 {
		p.report(errTupleElements)
	}
	p.expect(tRParen)
	return &TupleExpr{Extent: p.from(start), Elems: elems}
}

// closeParen takes the ) after a single expression. Where another expression
// stands before it, that one is unexpected; else the ) is missing.
func (p *parser) closeParen() {
	if p.at(tRParen) || !p.startsExpression() || !p.skipUnexpected() {
		p.expect(tRParen)
	}
}

// skipUnexpected skips an expression that is followed by ), reporting its first
// token, and takes the ). It is false, and nothing is read, if there is none.
func (p *parser) skipUnexpected() bool {
	if p.tries <= 0 || p.depth > MaxDepth/2 {
		return false
	}
	m, tries := p.mark(), p.tries
	unexpected := p.cur()
	p.tries = -1
	p.expression()
	p.tries = tries - (p.pos - m.pos)
	if !p.at(tRParen) || p.stopped {
		p.reset(m)
		return false
	}
	p.diags = p.diags[:m.diags]
	p.reportExtent(unexpected.extent(), errUnexpectedToken, p.text(unexpected))
	p.advance()
	return true
}

// startsCast reports whether ( begins a cast (C# 12.9.7).
func (p *parser) startsCast() bool {
	pos := p.pos
	defer func() { p.pos = pos }()
	p.pos++
	flag := p.scanType(0)
	if flag == notType || !p.got(tRParen) {
		return false
	}
	return flag >= nullableFlag || p.canFollowCast()
}

// canFollowCast reports whether the token after (x) makes that a cast.
func (p *parser) canFollowCast() bool {
	switch k := p.kind(); k {
	case kIs, kAs, kSwitch, tSemi, tRParen, tRBracket, tLBrace, tRBrace, tComma, tColon, tQuestion, tDot, tDotDot, tPtrArrow,
		tLBracket, tInc, tDec, tArrow, tEOF:
		return false
	default:
		if _, width := p.assignOp(); width > 0 {
			return false
		}
		_, width, _ := p.binaryOp()
		return width == 0
	}
}

func (p *parser) cast() Expr {
	start := p.advance().start
	t := p.typeName()
	p.expect(tRParen)
	x := p.sub(precUnary)
	return &CastExpr{Extent: p.from(start), Type: t, X: x}
}

// keywordCall reads typeof(…), sizeof(…), default(…) or default, checked(…) and unchecked(…).
func (p *parser) keywordCall() Expr {
	t := p.advance()
	if t.kind == kDefault && !p.at(tLParen) {
		return &DefaultExpr{Extent: t.extent()}
	}
	p.expect(tLParen)
	switch t.kind {
	case kChecked, kUnchecked:
		x := p.expression()
		p.expect(tRParen)
		return &CheckedExpr{Extent: p.from(t.start), Checked: t.kind == kChecked, X: x}
	case kTypeof:
		of := p.typeIn(typeInTypeof)
		p.expect(tRParen)
		return &TypeofExpr{Extent: p.from(t.start), Type: of}
	case kSizeof:
		of := p.typeName()
		p.expect(tRParen)
		return &SizeofExpr{Extent: p.from(t.start), Type: of}
	}
	of := p.typeName()
	p.expect(tRParen)
	return &DefaultExpr{Extent: p.from(t.start), Type: of}
}

func (p *parser) stackalloc() Expr {
	t := p.advance()
	p.reportExtent(t.extent(), errStackalloc)
	if !p.at(tLBracket) {
		p.typeName()
	}
	if p.at(tLBracket) {
		p.indexes()
	}
	if p.at(tLBrace) {
		p.initializer(ArrayInit)
	}
	return &BadExpr{p.from(t.start)}
}

// collection refuses [a, b] of C# 12.
func (p *parser) collection() Expr {
	start := p.advance().start
	commaList(p, list{close: tRBracket, possible: (*parser).startsExpression, trailing: true}, (*parser).expression)
	p.expect(tRBracket)
	e := p.from(start)
	p.feature(e, "collection expressions", "12.0")
	return &BadExpr{e}
}
