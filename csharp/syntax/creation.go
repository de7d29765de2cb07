package syntax

// newTerm reads what begins with new: an object, an array, or an anonymous object.
func (p *parser) newTerm() Expr {
	start := p.advance().start
	switch p.kind() {
	case tLBrace:
		return p.anonymousObject(start)
	case tLBracket:
		return p.implicitArray(start)
	case tLParen:
		if !p.tupleArray() {
			return p.targetTypedNew(start)
		}
	}
	t := p.typeIn(typeAfterNew)
	if p.at(tLBracket) {
		return p.newArray(start, t)
	}
	return p.newObject(start, t)
}

// tupleArray reports whether new is followed by a tuple type and [ ].
func (p *parser) tupleArray() bool {
	pos := p.pos
	defer func() { p.pos = pos }()
	return p.scanTuple(0) == tupleFlag && (p.at(tLBracket) || p.at(tQuestion) || p.at(tLParen))
}

// targetTypedNew refuses new(…) of C# 9.
func (p *parser) targetTypedNew(start int32) Expr {
	args := p.arguments()
	n := &NewExpr{Type: &BadType{Extent{start, start}}, HasArgs: true, Args: args}
	if p.at(tLBrace) {
		n.Init = p.objectInit()
	}
	n.Extent = p.from(start)
	p.feature(n.Extent, "target-typed object creation", "9.0")
	return n
}

func (p *parser) newObject(start int32, t TypeExpr) Expr {
	n := &NewExpr{Type: t}
	if p.at(tLParen) {
		n.HasArgs = true
		n.Args = p.arguments()
	}
	if p.at(tLBrace) {
		n.Init = p.objectInit()
	}
	if !n.HasArgs && n.Init == nil {
		p.report(errBadNew)
	}
	n.Extent = p.from(start)
	return n
}

// newArray reads [sizes], the ranks after it and the initialiser.
func (p *parser) newArray(start int32, elem TypeExpr) Expr {
	n := &NewArrayExpr{}
	typeStart := elem.Span().Start
	open := p.advance()
	rank := 1
	for !p.at(tRBracket) && !p.at(tEOF) {
		if p.at(tComma) {
			if len(n.Sizes) > 0 {
				p.report(errValueExpected)
			}
			p.advance()
			rank++
			continue
		}
		n.Sizes = append(n.Sizes, p.expression())
		if !p.at(tComma) {
			break
		}
		p.advance()
		rank++
		if p.at(tRBracket) {
			p.report(errValueExpected)
		}
	}
	p.expect(tRBracket)
	outer := p.from(int32(typeStart))
	if p.at(tLBracket) {
		elem = p.arrayRanks(elem, int32(typeStart))
	}
	if p.at(tQuestion) && p.peek(1).kind == tLBrace {
		p.advance()
	}
	n.Type = &ArrayType{Extent: Extent{outer.Start, max(outer.End, p.last())}, Elem: elem, Rank: rank}
	if p.at(tLBrace) {
		n.Init = p.initializer(ArrayInit)
		p.refuseDeeper(n.Init, rank)
	} else if len(n.Sizes) == 0 {
		p.reportExtent(Extent{open.start, outer.End}, errMissingArraySize)
	}
	n.Extent = p.from(start)
	return n
}

func (p *parser) implicitArray(start int32) Expr {
	p.advance()
	rank := 1
	for p.got(tComma) {
		rank++
	}
	if !p.at(tRBracket) && p.startsExpression() {
		size := p.expression()
		p.reportExtent(extentOf(size), errInvalidRank)
	}
	p.expect(tRBracket)
	init := p.initializer(ArrayInit)
	p.refuseDeeper(init, rank)
	return &ImplicitArrayExpr{Extent: p.from(start), Rank: rank, Init: init}
}

// refuseDeeper refuses initialisers that nest deeper in n than an array of a rank has dimensions.
func (p *parser) refuseDeeper(n *InitExpr, rank int) {
	for _, x := range n.Elems {
		nested, ok := x.(*InitExpr)
		switch {
		case !ok:
		case rank > 1:
			p.refuseDeeper(nested, rank-1)
		default:
			p.reportExtent(nested.Extent, errArrayInit)
		}
	}
}

func (p *parser) anonymousObject(start int32) Expr {
	p.expect(tLBrace)
	members := commaList(p, list{close: tRBrace, possible: (*parser).startsExpression, trailing: true}, (*parser).anonymousMember)
	p.expect(tRBrace)
	return &AnonymousObjectExpr{Extent: p.from(start), Members: members}
}

func (p *parser) anonymousMember() AnonymousMember {
	m := AnonymousMember{}
	start := p.cur().start
	if p.isName() && p.peek(1).kind == tAssign {
		name := p.ident()
		m.Name = &name
		p.advance()
	}
	m.Value = p.expression()
	m.Extent = p.from(start)
	if m.Name == nil && !namesItself(m.Value) {
		p.reportExtent(m.Extent, errAnonymousName)
	}
	return m
}

// namesItself reports whether a member of an anonymous object can take its name from x.
func namesItself(x Expr) bool {
	switch x := x.(type) {
	case *NameExpr, *MemberExpr, *BadExpr:
		return true
	case *ConditionalAccessExpr:
		return namesItself(x.Rest)
	}
	return false
}

// objectInit reads { … } after new T: members or elements.
func (p *parser) objectInit() *InitExpr {
	m := p.pos
	kind := CollectionInit
	switch next := p.peek(1); {
	case next.kind == tRBrace, next.kind == tLBracket, next.kind == tIdent && p.peek(2).kind == tAssign:
		kind = ObjectInit
	}
	p.pos = m
	return p.initializer(kind)
}

// initializer reads { … } of a kind.
func (p *parser) initializer(k InitKind) *InitExpr {
	defer p.leave()
	start := p.cur().start
	n := &InitExpr{Kind: k}
	if !p.enter() {
		n.Extent = Extent{start, start}
		return n
	}
	p.expect(tLBrace)
	element := (*parser).arrayElement
	l := list{close: tRBrace, possible: (*parser).startsElement, trailing: true}
	switch k {
	case ObjectInit:
		element = (*parser).memberInit
	case CollectionInit:
		element = (*parser).collectionElement
	case ElementsInit:
		element = (*parser).expression
		l.possible, l.trailing = (*parser).startsExpression, false
	}
	n.Elems = commaList(p, l, element)
	p.expect(tRBrace)
	n.Extent = p.from(start)
	return n
}

func (p *parser) startsElement() bool { return p.at(tLBrace) || p.startsExpression() }

func (p *parser) arrayElement() Expr {
	if p.at(tLBrace) {
		return p.initializer(ArrayInit)
	}
	return p.expression()
}

func (p *parser) collectionElement() Expr {
	switch {
	case p.at(tLBrace):
		return p.initializer(ElementsInit)
	case p.isName() && p.peek(1).kind == tAssign:
		return p.memberInit()
	}
	return p.expression()
}

// memberInit reads Name = value or [args] = value, where value may be { … }.
func (p *parser) memberInit() Expr {
	start := p.cur().start
	var target Expr
	switch {
	case p.at(tLBracket):
		args := p.indexes()
		target = &ElementInit{Extent: p.from(start), Args: args}
	case p.isName() && p.peek(1).kind == tAssign:
		name := p.ident()
		target = &NameExpr{Ident: name, Full: name.Extent}
	default:
		return p.collectionElementOr()
	}
	at := p.expect(tAssign)
	var value Expr
	if p.at(tLBrace) {
		value = p.objectInit()
	} else {
		value = p.expression()
	}
	return &AssignExpr{Extent: p.from(start), Op: OpAssign, X: target, Y: value, OpAt: at}
}

// collectionElementOr reads an element that stands among member initialisers; the binder refuses it.
func (p *parser) collectionElementOr() Expr {
	if p.at(tLBrace) {
		return p.initializer(ElementsInit)
	}
	x := p.expression()
	return x
}
