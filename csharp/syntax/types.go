package syntax

// typePlace tells where a type stands; it decides what a ? after it means.
type typePlace uint8

const (
	typeAnywhere typePlace = iota
	typeAfterNew
	typeAfterAs // `as` and `is`
	typeInTypeof
)

// typeName reads a type.
func (p *parser) typeName() TypeExpr { return p.typeIn(typeAnywhere) }

// typeIn reads a type that stands at a place.
func (p *parser) typeIn(place typePlace) TypeExpr {
	defer p.leave()
	if !p.enter() {
		return &BadType{p.missing()}
	}
	start := p.cur().start
	t := p.typeCore(place)
	for {
		switch p.kind() {
		case tQuestion:
			if _, twice := t.(*NullableType); twice || !p.nullableHere(place) {
				return t
			}
			p.advance()
			t = &NullableType{Extent: p.from(start), Elem: t}
		case tStar:
			if !p.pointerHere(place) {
				return t
			}
			p.advance()
			p.reportExtent(p.from(start), errPointer)
		case tLBracket:
			if place == typeAfterNew {
				return t // sizes may stand there
			}
			t = p.arrayRanks(t, start)
		default:
			return t
		}
	}
}

// typeCore reads a type without ?, * and [] after it.
func (p *parser) typeCore(place typePlace) TypeExpr {
	t := p.cur()
	switch {
	case t.kind.isPredefinedType():
		p.advance()
		return &PredefinedType{Extent: t.extent(), Name: kindTexts[t.kind]}
	case t.kind == tLParen:
		return p.tupleType()
	case t.kind == kRef:
		return p.refType()
	case p.isName():
		return p.namedType(place)
	}
	if place == typeAfterNew {
		p.report(errBadNew)
	} else {
		p.report(errTypeExpected)
	}
	return &BadType{Extent{p.last(), p.last()}}
}

func (p *parser) refType() TypeExpr {
	start := p.advance().start
	readonly := p.got(kReadonly)
	elem := p.typeName()
	return &RefType{Extent: p.from(start), Readonly: readonly, Elem: elem}
}

func (p *parser) namedType(place typePlace) TypeExpr {
	start := p.cur().start
	t := &NamedType{}
	name := p.ident()
	if p.at(tColonColon) {
		alias := name
		t.Alias = &alias
		p.advance()
		name = p.ident()
	}
	for chain := 0; ; chain++ {
		t.Name = name
		if p.at(tLt) {
			t.TypeArgs = p.typeArgs()
			if place != typeInTypeof {
				p.refuseUnbound(name.Start, t.TypeArgs)
			}
		}
		t.Extent = p.from(start)
		if !p.at(tDot) || chain > MaxDepth {
			return t
		}
		p.advance()
		name = p.ident()
		t = &NamedType{Qualifier: t}
	}
}

// typeArgs reads <A, B>, or <,> of an unbound generic.
func (p *parser) typeArgs() []TypeExpr {
	p.expect(tLt)
	if p.at(tComma) || p.at(tGt) {
		return p.omittedArgs()
	}
	args := commaList(p, list{close: tGt, possible: (*parser).startsType, required: true}, (*parser).typeName)
	p.expect(tGt)
	return args
}

// startsType reports whether a type may begin with the present token.
func (p *parser) startsType() bool {
	return p.isName() || p.at(tLParen) || p.at(kRef) || p.kind().isPredefinedType()
}

func (p *parser) omittedArgs() []TypeExpr {
	start := p.cur().start
	args := []TypeExpr{&OmittedType{Extent{start, start}}}
	for p.got(tComma) {
		args = append(args, &OmittedType{Extent{p.last(), p.last()}})
	}
	p.expect(tGt)
	return args
}

// refuseUnbound refuses an unbound generic that does not stand in typeof.
func (p *parser) refuseUnbound(start int32, args []TypeExpr) {
	if _, unbound := args[0].(*OmittedType); unbound {
		p.reportExtent(p.from(start), errUnboundGeneric)
	}
}

func (p *parser) tupleType() TypeExpr {
	start := p.advance().start
	elems := []TupleTypeElem{p.tupleTypeElem()}
	for p.got(tComma) {
		elems = append(elems, p.tupleTypeElem())
	}
	if len(elems) < 2 {
		p.report(errTupleElements)
	}
	p.expect(tRParen)
	return &TupleType{Extent: p.from(start), Elems: elems}
}

func (p *parser) tupleTypeElem() TupleTypeElem {
	start := p.cur().start
	e := TupleTypeElem{Type: p.typeName()}
	if p.isName() {
		name := p.ident()
		e.Name = &name
	}
	e.Extent = p.from(start)
	return e
}

// arrayRanks reads the [] and [,] after an element type.
func (p *parser) arrayRanks(elem TypeExpr, start int32) TypeExpr {
	var ranks []int
	for p.at(tLBracket) {
		p.advance()
		rank := 1
		for p.got(tComma) {
			rank++
		}
		if !p.at(tRBracket) && p.startsExpression() {
			from := p.cur().start
			p.expression()
			p.reportExtent(p.from(from), errArraySize)
		}
		p.expect(tRBracket)
		ranks = append(ranks, rank)
	}
	return arrayOf(elem, ranks, p.from(start))
}

// arrayOf is the array type whose ranks are written from the outermost to the innermost.
func arrayOf(elem TypeExpr, ranks []int, e Extent) TypeExpr {
	for i := len(ranks) - 1; i >= 0; i-- {
		elem = &ArrayType{Extent: e, Elem: elem, Rank: ranks[i]}
	}
	return elem
}

// nullableHere reports whether the ? after a type belongs to it.
func (p *parser) nullableHere(place typePlace) bool {
	switch place {
	case typeAfterNew:
		next := p.peek(1).kind
		return next == tLParen || next == tLBracket || next == tLBrace
	case typeAfterAs:
		p.pos++
		starts := p.startsExpression() && p.canStartOperand()
		p.pos--
		return !starts
	}
	return true
}

// pointerHere reports whether the * after a type belongs to it.
func (p *parser) pointerHere(place typePlace) bool {
	switch place {
	case typeAfterNew:
		return p.peek(1).kind == tLBracket
	case typeAfterAs:
		p.pos++
		starts := p.canStartOperand()
		p.pos--
		return !starts
	}
	return true
}

// typeFlag is what a scan finds: how sure it is that a type stands there.
type typeFlag uint8

const (
	notType typeFlag = iota
	maybeType
	genericMaybe // x<y>, which may be comparisons
	tupleFlag
	nullableFlag
	surelyType
)

// scanDepth is how deep a scan looks into type arguments and tuples; it bounds
// the time that is spent on text that is no type.
const scanDepth = 48

// scanType skips a type without reporting anything.
func (p *parser) scanType(depth int) typeFlag {
	if depth > scanDepth {
		return notType
	}
	var flag typeFlag
	switch {
	case p.kind().isPredefinedType():
		p.pos++
		flag = surelyType
	case p.isName():
		flag = p.scanNamed(depth)
	case p.at(tLParen):
		flag = p.scanTuple(depth)
	case p.at(kRef):
		p.pos++
		p.got(kReadonly)
		return p.scanType(depth + 1)
	}
	if flag == notType {
		return notType
	}
	return p.scanTypeEnd(flag)
}

// scanTypeEnd skips ?, * and [] after a type.
func (p *parser) scanTypeEnd(flag typeFlag) typeFlag {
	for {
		switch p.kind() {
		case tQuestion:
			if flag == nullableFlag {
				return flag
			}
			p.pos++
			flag = nullableFlag
		case tStar:
			if flag == surelyType {
				p.pos++
				continue
			}
			return flag
		case tLBracket:
			pos := p.pos
			p.pos++
			for p.got(tComma) {
			}
			if !p.got(tRBracket) {
				p.pos = pos
				if flag == surelyType {
					return flag
				}
				return notType
			}
			flag = surelyType
		default:
			return flag
		}
	}
}

func (p *parser) scanNamed(depth int) typeFlag {
	flag := maybeType
	if p.peek(1).kind == tColonColon {
		p.pos += 2
	}
	for {
		if !p.got(tIdent) {
			return notType
		}
		if p.at(tLt) {
			if flag = p.scanTypeArgs(depth); flag == notType {
				return notType
			}
		}
		if !p.got(tDot) {
			return flag
		}
	}
}

// scanTypeArgs skips <…>; the flag is surelyType where an argument can only be a type.
func (p *parser) scanTypeArgs(depth int) typeFlag {
	p.pos++
	if p.at(tComma) || p.at(tGt) {
		for p.got(tComma) {
		}
		if !p.got(tGt) {
			return notType
		}
		return surelyType
	}
	flag := genericMaybe
	for {
		arg := p.scanType(depth + 1)
		switch arg {
		case notType:
			return notType
		case surelyType, nullableFlag:
			flag = surelyType
		}
		if p.got(tComma) {
			continue
		}
		if !p.got(tGt) {
			return notType
		}
		return flag
	}
}

func (p *parser) scanTuple(depth int) typeFlag {
	p.pos++
	for n := 1; ; n++ {
		if p.scanType(depth+1) == notType {
			return notType
		}
		if p.isName() {
			p.pos++
		}
		switch {
		case p.got(tComma):
		case n >= 2 && p.got(tRParen):
			return tupleFlag
		default:
			return notType
		}
	}
}

// startsTypeArgs reports whether the < after a name begins type arguments: it
// is so if they can be read as such and what follows fits (C# 6.2.5).
func (p *parser) startsTypeArgs() bool {
	pos := p.pos
	defer func() { p.pos = pos }()
	switch p.scanTypeArgs(0) {
	case notType:
		return false
	case surelyType:
		return true
	}
	switch p.kind() {
	case tLParen, tRParen, tLBracket, tRBracket, tRBrace, tColon, tSemi, tComma, tDot, tQuestion, tEq, tNe, tBar, tCaret,
		tAndAnd, tOrOr, tAmp, tLt, tLe, tGt, tGe, kIs, kAs, tEOF:
		return true
	case tIdent:
		return p.inQuery && p.isQueryWord(p.cur())
	}
	return false
}
