package syntax

// precedence of operators; the higher binds tighter (C# 12.4.2).
type precedence uint8

const (
	precLowest precedence = iota // assignment, lambda
	precConditional
	precCoalesce
	precOrElse
	precAndAlso
	precOr
	precXor
	precAnd
	precEquality
	precRelational
	precShift
	precAdditive
	precMultiplicative
	precSwitch
	precRange
	precUnary
)

// binaryOp is the operator that begins with the present token, how many
// tokens it is made of, and its precedence; width is 0 if it is none.
func (p *parser) binaryOp() (op Op, width int, prec precedence) {
	switch p.kind() {
	case tPlus:
		return OpAdd, 1, precAdditive
	case tMinus:
		return OpSub, 1, precAdditive
	case tStar:
		return OpMul, 1, precMultiplicative
	case tSlash:
		return OpDiv, 1, precMultiplicative
	case tPercent:
		return OpRem, 1, precMultiplicative
	case tAmp:
		return OpAnd, 1, precAnd
	case tBar:
		return OpOr, 1, precOr
	case tCaret:
		return OpXor, 1, precXor
	case tAndAnd:
		return OpAndAlso, 1, precAndAlso
	case tOrOr:
		return OpOrElse, 1, precOrElse
	case tCoalesce:
		return OpCoalesce, 1, precCoalesce
	case tEq:
		return OpEq, 1, precEquality
	case tNe:
		return OpNe, 1, precEquality
	case tLt:
		return OpLt, 1, precRelational
	case tLe:
		return OpLe, 1, precRelational
	case tShl:
		return OpShl, 1, precShift
	case tGe:
		return OpGe, 1, precRelational
	case tGt:
		return p.greaterOp()
	}
	return 0, 0, 0
}

// greaterOp tells >, >> and >>> apart; >>= and >>>= are assignments.
func (p *parser) greaterOp() (Op, int, precedence) {
	n := 1
	for n < 3 && p.peek(n).kind == tGt && p.peek(n).start == p.peek(n-1).end {
		n++
	}
	if next := p.peek(n); next.kind == tGe && next.start == p.peek(n-1).end && n < 3 {
		return 0, 0, 0
	}
	if n == 1 {
		return OpGt, 1, precRelational
	}
	return OpShr, n, precShift
}

// assignOp is the operator of the assignment that begins with the present
// token, and how many tokens it is made of; width is 0 if it is none.
func (p *parser) assignOp() (op Op, width int) {
	switch p.kind() {
	case tAssign:
		return OpAssign, 1
	case tPlusEq:
		return OpAdd, 1
	case tMinusEq:
		return OpSub, 1
	case tStarEq:
		return OpMul, 1
	case tSlashEq:
		return OpDiv, 1
	case tPercentEq:
		return OpRem, 1
	case tAmpEq:
		return OpAnd, 1
	case tBarEq:
		return OpOr, 1
	case tCaretEq:
		return OpXor, 1
	case tShlEq:
		return OpShl, 1
	case tCoalesceEq:
		return OpCoalesce, 1
	case tGt:
		n := 1
		for n < 3 && p.peek(n).kind == tGt && p.peek(n).start == p.peek(n-1).end {
			n++
		}
		if next := p.peek(n); n < 3 && next.kind == tGe && next.start == p.peek(n-1).end {
			return OpShr, n + 1
		}
	}
	return 0, 0
}

// expression reads a whole expression.
func (p *parser) expression() Expr { return p.sub(precLowest) }

// refExpression reads an expression that ref may stand before.
func (p *parser) refExpression() Expr {
	if !p.at(kRef) {
		return p.expression()
	}
	start := p.advance().start
	x := p.expression()
	return &RefExpr{Extent: p.from(start), X: x}
}

// throwable reads an expression where a throw may stand.
func (p *parser) throwable(prec precedence) Expr {
	p.throwAt = p.pos
	return p.sub(prec)
}

// sub reads an expression whose operators bind at least as tight as prec.
func (p *parser) sub(prec precedence) Expr {
	defer p.leave()
	if !p.enter() {
		return &BadExpr{p.missing()}
	}
	start := p.cur().start
	return p.operators(p.operand(prec), start, prec)
}

// operand reads what stands before the first binary operator.
func (p *parser) operand(prec precedence) Expr {
	t := p.cur()
	switch t.kind {
	case tPlus, tMinus, tNot, tTilde, tInc, tDec:
		return p.unary(unaryOps[t.kind])
	case tStar:
		return p.refusedPrefix(errDereference)
	case tAmp:
		return p.refusedPrefix(errPointer)
	case tCaret:
		p.feature(t.extent(), "index operator", "8.0")
		return p.unary(OpXor)
	case tDotDot:
		return p.rangeFrom(nil, t.start)
	case kThrow:
		return p.throw(prec)
	case kBreak, kCase, kCatch, kConst, kContinue, kDo, kFinally, kFor, kForeach, kGoto, kIf, kElse, kLock, kReturn,
		kSwitch, kTry, kUsing, kWhile:
		p.report(errInvalidTerm, p.text(t))
		return &BadExpr{Extent{p.last(), p.last()}}
	case tIdent:
		switch {
		case t.word == wAwait && p.startsAwait():
			return p.refusedPrefix(errAwait)
		case t.word == wFrom && p.startsQuery():
			return p.query()
		}
		if prec == precLowest && t.word == wVar && p.startsVarDeconstruction() {
			return p.declarationExpr()
		}
	}
	return p.primary(prec)
}

// startsAwait reports whether await is followed by what cannot follow a name,
// and so is the operator, which only async functions have.
func (p *parser) startsAwait() bool {
	switch next := p.peek(1); next.kind {
	case tIdent:
		return next.word != wWith
	case kNew, kThis, kBase, kDelegate, kTypeof, kChecked, kUnchecked, kDefault:
		return true
	default:
		return next.kind.isLiteral()
	}
}

var unaryOps = [kindCount]Op{tPlus: OpAdd, tMinus: OpSub, tNot: OpNot, tTilde: OpCompl, tInc: OpInc, tDec: OpDec}

func (p *parser) unary(op Op) Expr {
	start := p.advance().start
	x := p.sub(precUnary)
	return &UnaryExpr{Extent: p.from(start), Op: op, X: x}
}

func (p *parser) refusedPrefix(c code) Expr {
	start := p.advance().start
	x := p.sub(precUnary)
	p.reportExtent(p.from(start), c)
	return x
}

func (p *parser) throw(prec precedence) Expr {
	allowed := p.throwAt == p.pos
	start := p.advance().start
	x := p.sub(precCoalesce)
	e := p.from(start)
	switch {
	case prec > precCoalesce:
		p.reportExtent(e, errInvalidTerm, "throw")
	case !allowed:
		p.reportExtent(e, errThrowPlace)
	}
	return &ThrowExpr{Extent: e, X: x}
}

// rangeFrom refuses a range x..y; x is nil for ..y.
func (p *parser) rangeFrom(x Expr, start int32) Expr {
	p.advance()
	if p.startsExpression() && !p.at(tLBrace) {
		p.sub(precRange + 1)
	}
	e := p.from(start)
	p.feature(e, "range operator", "8.0")
	if x == nil {
		return &BadExpr{e}
	}
	return x
}

// operators reads operators and their right operands after x.
func (p *parser) operators(x Expr, start int32, prec precedence) Expr {
	for chain := 0; ; chain++ {
		if chain > maxChain && !p.stopped {
			p.stop()
		}
		next, ok := p.operator(x, start, prec)
		if !ok {
			break
		}
		x = next
	}
	if prec <= precConditional && p.at(tQuestion) {
		x = p.conditional(x, start)
	}
	return x
}

// operator reads one operator and its right operand after x, if one that binds tight enough follows.
func (p *parser) operator(x Expr, start int32, prec precedence) (Expr, bool) {
	switch p.kind() {
	case kIs:
		if prec > precRelational {
			return x, false
		}
		return p.is(x, start), true
	case kAs:
		if prec > precRelational {
			return x, false
		}
		p.advance()
		t := p.typeIn(typeAfterAs)
		return &AsExpr{Extent: p.from(start), X: x, Type: t}, true
	case kSwitch:
		if prec > precSwitch || p.peek(1).kind != tLBrace {
			return x, false
		}
		p.feature(p.advance().extent(), "recursive patterns", "8.0")
		p.skipBraces()
		return x, true
	case tDotDot:
		if prec > precRange {
			return x, false
		}
		return p.rangeFrom(x, start), true
	case tIdent:
		if p.atWord(wWith) && p.peek(1).kind == tLBrace && prec <= precSwitch {
			p.feature(p.advance().extent(), "records", "9.0")
			p.skipBraces()
			return x, true
		}
		return x, false
	}
	if op, width := p.assignOp(); width > 0 {
		if prec > precLowest {
			return x, false
		}
		return p.assign(x, start, op, width), true
	}
	return p.binary(x, start, prec)
}

func (p *parser) binary(x Expr, start int32, prec precedence) (Expr, bool) {
	op, width, opPrec := p.binaryOp()
	if width == 0 || opPrec < prec {
		return x, false
	}
	at := p.operatorExtent(width)
	if _, inverted := x.(*IsPatternExpr); inverted && opPrec > precRelational {
		p.reportExtent(at, errUnexpectedToken, op.String())
	}
	var y Expr
	if op == OpCoalesce {
		y = p.throwable(precCoalesce) // to the right
	} else {
		y = p.sub(opPrec + 1)
	}
	if width == 3 {
		p.feature(p.from(start), "unsigned right shift", "11.0")
	}
	return &BinaryExpr{Extent: p.from(start), Op: op, X: x, Y: y, OpAt: at}, true
}

// operatorExtent takes the tokens of an operator.
func (p *parser) operatorExtent(width int) Extent {
	at := p.advance().extent()
	for ; width > 1; width-- {
		at.End = p.advance().end
	}
	return at
}

func (p *parser) assign(x Expr, start int32, op Op, width int) Expr {
	at := p.operatorExtent(width)
	var y Expr
	if op == OpAssign {
		y = p.refExpression()
	} else {
		y = p.expression()
	}
	e := p.from(start)
	switch {
	case op == OpCoalesce:
		p.feature(e, "coalescing assignment", "8.0")
	case width == 3 && op == OpShr:
		p.feature(e, "unsigned right shift", "11.0")
	}
	return &AssignExpr{Extent: e, Op: op, X: x, Y: y, OpAt: at}
}

func (p *parser) conditional(cond Expr, start int32) Expr {
	p.advance()
	p.throwAt = p.pos
	then := p.refExpression()
	p.expect(tColon)
	p.throwAt = p.pos
	els := p.refExpression()
	return &ConditionalExpr{Extent: p.from(start), Cond: cond, Then: then, Else: els}
}

// skipBraces skips { … } whole.
func (p *parser) skipBraces() {
	p.expect(tLBrace)
	for depth := 1; depth > 0 && !p.at(tEOF); {
		if p.pos >= len(p.toks)-2 { // the last } is of the text around
			p.expect(tRParen)
			return
		}
		switch p.advance().kind {
		case tLBrace:
			depth++
		case tRBrace:
			depth--
		}
	}
}

// startsExpression reports whether an expression may begin with the present
// token, a wrong one without its left operand included.
func (p *parser) startsExpression() bool {
	switch k := p.kind(); k {
	case tIdent:
		return p.isName() || p.atWord(wFrom)
	case tInt, tReal, tChar, tString, tInterp, tLParen, tLBracket, tColonColon, tDotDot, kTypeof, kDefault, kSizeof, kChecked,
		kUnchecked, kBase, kThis, kTrue, kFalse, kNull, kNew, kDelegate, kThrow, kStackalloc, kRef,
		tPlus, tMinus, tNot, tTilde, tInc, tDec, tStar, tAmp, tCaret:
		return true
	case kIs, kAs:
		return true
	case kStatic:
		return p.staticLambda()
	default:
		if k.isPredefinedType() {
			return true
		}
		if _, width := p.assignOp(); width > 0 {
			return true
		}
		_, width, _ := p.binaryOp()
		return width > 0
	}
}

// staticLambda reports whether static begins a lambda here.
func (p *parser) staticLambda() bool {
	next := p.peek(1)
	return next.kind == kDelegate || next.kind == tLParen || next.kind == tIdent && p.peek(2).kind == tArrow
}

// canStartOperand reports whether the present token may begin an expression
// that has its left operand: no binary operator.
func (p *parser) canStartOperand() bool {
	switch p.kind() {
	case kIs, kAs:
		return false
	case tPlus, tMinus, tStar, tAmp, tCaret:
		return true
	}
	if _, width := p.assignOp(); width > 0 {
		return false
	}
	if _, width, _ := p.binaryOp(); width > 0 {
		return false
	}
	return p.startsExpression()
}
