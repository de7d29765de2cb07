package syntax

// startsQuery reports whether from begins a query here, and is no name (C# 12.20.2).
func (p *parser) startsQuery() bool {
	next := p.peek(1)
	if next.kind.isPredefinedType() {
		return true
	}
	if next.kind != tIdent {
		return false
	}
	switch p.peek(2).kind {
	case tSemi, tComma, tAssign, tRParen:
		return false
	}
	return true
}

func (p *parser) query() Expr {
	defer p.leave()
	start := p.cur().start
	q := &QueryExpr{}
	if !p.enter() {
		return &BadExpr{Extent{start, start}}
	}
	inQuery := p.inQuery
	p.inQuery = true
	q.Clauses = append(q.Clauses, p.fromClause())
	for {
		q.Clauses = p.queryClauses(q.Clauses)
		last, ok := p.queryEnd()
		if !ok {
			break
		}
		q.Clauses = append(q.Clauses, last)
		if !p.atWord(wInto) {
			break
		}
		into := p.advance()
		name := p.ident()
		q.Clauses = append(q.Clauses, &IntoClause{Extent: p.from(into.start), Name: name})
	}
	p.inQuery = inQuery
	q.Extent = p.from(start)
	return q
}

// queryClauses reads the clauses up to select or group.
func (p *parser) queryClauses(clauses []Clause) []Clause {
	for {
		switch p.cur().word {
		case wFrom:
			clauses = append(clauses, p.fromClause())
		case wJoin:
			clauses = append(clauses, p.joinClause())
		case wLet:
			start := p.advance().start
			name := p.ident()
			p.expect(tAssign)
			x := p.expression()
			clauses = append(clauses, &LetClause{Extent: p.from(start), Name: name, X: x})
		case wWhere:
			start := p.advance().start
			x := p.expression()
			clauses = append(clauses, &WhereClause{Extent: p.from(start), X: x})
		case wOrderby:
			clauses = append(clauses, p.orderByClause())
		default:
			return clauses
		}
	}
}

// queryEnd reads select or group.
func (p *parser) queryEnd() (Clause, bool) {
	start := p.cur().start
	switch p.cur().word {
	case wSelect:
		p.advance()
		x := p.expression()
		return &SelectClause{Extent: p.from(start), X: x}, true
	case wGroup:
		p.advance()
		x := p.expression()
		p.wordOr(wBy, errGroupBy)
		key := p.expression()
		return &GroupClause{Extent: p.from(start), X: x, Key: key}, true
	}
	p.report(errQueryEnd)
	return nil, false
}

// rangeVariable reads Type name in, Type being nil if it is not given.
func (p *parser) rangeVariable() (TypeExpr, Ident) {
	var t TypeExpr
	if p.peek(1).kind != kIn {
		t = p.typeName()
	}
	name := p.ident()
	if !p.got(kIn) {
		p.report(errInExpected)
	}
	return t, name
}

func (p *parser) fromClause() Clause {
	start := p.advance().start
	t, name := p.rangeVariable()
	x := p.expression()
	return &FromClause{Extent: p.from(start), Type: t, Name: name, X: x}
}

func (p *parser) joinClause() Clause {
	c := &JoinClause{}
	start := p.advance().start
	c.Type, c.Name = p.rangeVariable()
	c.X = p.expression()
	p.wordOr(wOn, errJoinOrder)
	c.Left = p.expression()
	p.wordOr(wEquals, errJoinEquals)
	c.Right = p.expression()
	if p.atWord(wInto) {
		p.advance()
		name := p.ident()
		c.Into = &name
	}
	c.Extent = p.from(start)
	return c
}

func (p *parser) orderByClause() Clause {
	c := &OrderByClause{}
	start := p.advance().start
	for {
		from := p.cur().start
		o := Ordering{X: p.expression()}
		switch p.cur().word {
		case wDescending:
			o.Descending = true
			p.advance()
		case wAscending:
			p.advance()
		}
		o.Extent = p.from(from)
		c.Orderings = append(c.Orderings, o)
		if !p.got(tComma) {
			break
		}
	}
	c.Extent = p.from(start)
	return c
}
