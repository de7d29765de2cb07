package clr

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/csharp/types"
)

// xpathContext is where an expression is evaluated.
type xpathContext struct {
	t         *types.Thread
	item      domNode
	pos, size int
}

// xpathExpr is a compiled expression of XPath 1.0: its value is a []domNode, string, float64 or bool.
type xpathExpr func(c xpathContext) any

// xpathParser compiles an expression: location paths with predicates, comparisons, the usual functions.
type xpathParser struct {
	src string
	i   int
	ns  map[string]string
	// depth bounds nesting.
	depth int
}

var xpathErrorType = lateType("System.Xml.XPath.XPathException")

func (p *xpathParser) fail() {
	types.Throw(xpathErrorType(), "'"+p.src+"' has an invalid token.")
}

// compileXPath compiles an expression; ns are the prefixes it may use.
func compileXPath(t *types.Thread, src string, ns map[string]string) xpathExpr {
	t.Step(int64(len(src)) + 1)
	p := &xpathParser{src: src, ns: ns}
	e := p.or()
	p.space()
	if p.i < len(src) {
		p.fail()
	}
	return e
}

func (p *xpathParser) space() {
	for p.i < len(p.src) && isXMLSpace(p.src[p.i]) {
		p.i++
	}
}

// take passes a token if it comes next.
func (p *xpathParser) take(token string) bool {
	p.space()
	if !strings.HasPrefix(p.src[p.i:], token) {
		return false
	}
	p.i += len(token)
	return true
}

// word passes an operator's name if it comes next.
func (p *xpathParser) word(name string) bool {
	p.space()
	rest := p.src[p.i:]
	if !strings.HasPrefix(rest, name) {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(rest[len(name):]); isNCChar(r) && len(rest) > len(name) {
		return false
	}
	p.i += len(name)
	return true
}

// ncName reads a name; "" if none comes next.
func (p *xpathParser) ncName() string {
	start := p.i
	for p.i < len(p.src) {
		r, size := utf8.DecodeRuneInString(p.src[p.i:])
		if p.i == start && !isNCStart(r) || !isNCChar(r) {
			break
		}
		p.i += size
	}
	return p.src[start:p.i]
}

func (p *xpathParser) or() xpathExpr {
	if p.depth++; p.depth > 100 {
		p.fail()
	}
	defer func() { p.depth-- }()
	left := p.and()
	for p.word("or") {
		a, b := left, p.and()
		left = func(c xpathContext) any { return xpathBool(a(c)) || xpathBool(b(c)) }
	}
	return left
}

func (p *xpathParser) and() xpathExpr {
	left := p.comparison()
	for p.word("and") {
		a, b := left, p.comparison()
		left = func(c xpathContext) any { return xpathBool(a(c)) && xpathBool(b(c)) }
	}
	return left
}

func (p *xpathParser) comparison() xpathExpr {
	left := p.sum()
	for {
		op := ""
		for _, x := range []string{"!=", "<=", ">=", "=", "<", ">"} {
			if p.take(x) {
				op = x
				break
			}
		}
		if op == "" {
			return left
		}
		a, b := left, p.sum()
		left = func(c xpathContext) any { return xpathCompare(c.t, op, a(c), b(c)) }
	}
}

func (p *xpathParser) sum() xpathExpr {
	left := p.product()
	for {
		sign := 1.0
		switch {
		case p.take("+"):
		case p.take("-"):
			sign = -1
		default:
			return left
		}
		a, b := left, p.product()
		left = func(c xpathContext) any { return xpathNumber(c.t, a(c)) + sign*xpathNumber(c.t, b(c)) }
	}
}

func (p *xpathParser) product() xpathExpr {
	left := p.unary()
	for {
		var op func(x, y float64) float64
		switch {
		case p.take("*"):
			op = func(x, y float64) float64 { return x * y }
		case p.word("div"):
			op = func(x, y float64) float64 { return x / y }
		case p.word("mod"):
			op = math.Mod
		default:
			return left
		}
		a, b := left, p.unary()
		left = func(c xpathContext) any { return op(xpathNumber(c.t, a(c)), xpathNumber(c.t, b(c))) }
	}
}

func (p *xpathParser) unary() xpathExpr {
	if p.take("-") {
		if p.depth++; p.depth > 100 {
			p.fail()
		}
		e := p.unary()
		p.depth--
		return func(c xpathContext) any { return -xpathNumber(c.t, e(c)) }
	}
	left := p.path()
	for p.take("|") {
		a, b := left, p.path()
		left = func(c xpathContext) any {
			return xpathDistinct(c.t, append(slices.Clone(xpathNodes(a(c))), xpathNodes(b(c))...))
		}
	}
	return left
}

// primary reads a literal, a number, a bracketed expression or a call; nil if none comes next.
func (p *xpathParser) primary() xpathExpr {
	p.space()
	if p.i >= len(p.src) {
		p.fail()
	}
	switch c := p.src[p.i]; {
	case c == '\'' || c == '"':
		end := strings.IndexByte(p.src[p.i+1:], c)
		if end < 0 {
			types.Throw(xpathErrorType(), "This is an unclosed string.")
		}
		s := p.src[p.i+1 : p.i+1+end]
		p.i += end + 2
		return func(xpathContext) any { return s }
	case c >= '0' && c <= '9' || c == '.' && p.i+1 < len(p.src) && p.src[p.i+1] >= '0' && p.src[p.i+1] <= '9':
		start := p.i
		for p.i < len(p.src) && (p.src[p.i] >= '0' && p.src[p.i] <= '9' || p.src[p.i] == '.') {
			p.i++
		}
		n, err := strconv.ParseFloat(p.src[start:p.i], 64)
		if err != nil {
			p.fail()
		}
		return func(xpathContext) any { return n }
	case c == '(':
		p.i++
		e := p.or()
		if !p.take(")") {
			p.fail()
		}
		return e
	}
	return p.call()
}

// call reads a function's call; nil if none comes next: node tests look alike.
func (p *xpathParser) call() xpathExpr {
	start := p.i
	name := p.ncName()
	if name == "" || !p.take("(") || slices.Contains([]string{"text", "node", "comment", "processing-instruction"}, name) {
		p.i = start
		return nil
	}
	var args []xpathExpr
	for !p.take(")") {
		if len(args) > 0 && !p.take(",") {
			p.fail()
		}
		args = append(args, p.or())
	}
	f, ok := xpathFunctions[name]
	if !ok {
		types.Throw(xpathErrorType(), "XsltContext is needed for this query because of an unknown function.")
	}
	if len(args) < f.least || len(args) > f.most {
		types.Throw(xpathErrorType(), "Function '"+name+"' in '"+p.src+"' has an invalid number of arguments.")
	}
	return func(c xpathContext) any {
		c.t.Step(1)
		return f.call(c, args)
	}
}

// path reads a location path, or a primary expression with what may follow it.
func (p *xpathParser) path() xpathExpr {
	if e := p.primary(); e != nil {
		for p.take("[") {
			e = xpathFilter(e, p.predicate())
		}
		return p.steps(e, false)
	}
	root := func(c xpathContext) any { return []domNode{c.item.top()} }
	self := func(c xpathContext) any { return []domNode{c.item} }
	switch {
	case p.take("//"):
		return p.steps(xpathStep(root, descendantOrSelf, anyItem, nil), true)
	case p.take("/"):
		p.space()
		if p.i >= len(p.src) || strings.IndexByte(")]|=!<>+,", p.src[p.i]) >= 0 {
			return root
		}
		return p.steps(root, true)
	}
	return p.steps(self, true)
}

// steps reads what follows: one step at once where need, then those after slashes.
func (p *xpathParser) steps(e xpathExpr, need bool) xpathExpr {
	for need || p.take("/") {
		if !need && p.take("/") {
			e = xpathStep(e, descendantOrSelf, anyItem, nil)
		}
		need = false
		e = p.step(e)
	}
	return e
}

func (p *xpathParser) predicate() xpathExpr {
	e := p.or()
	if !p.take("]") {
		p.fail()
	}
	return e
}

func (p *xpathParser) step(from xpathExpr) xpathExpr {
	var axis xpathAxis = childAxis
	var test func(domNode) bool
	switch {
	case p.take(".."):
		axis, test = parentAxis, anyItem
	case p.take("."):
		axis, test = selfAxis, anyItem
	default:
		attribute := p.take("@")
		start := p.i
		if name := p.ncName(); name != "" && p.take("::") {
			axis = xpathAxes[name]
			attribute = name == "attribute"
			if axis == nil {
				p.fail()
			}
		} else {
			p.i = start
		}
		if attribute {
			axis = attributeAxis
		}
		test = p.nodeTest(attribute)
	}
	var predicates []xpathExpr
	for p.take("[") {
		predicates = append(predicates, p.predicate())
	}
	return xpathStep(from, axis, test, predicates)
}

// nodeTest reads what the nodes of a step must be.
func (p *xpathParser) nodeTest(attribute bool) func(domNode) bool {
	if p.take("*") {
		return func(d domNode) bool { return d.name() != nil }
	}
	name := p.ncName()
	if name == "" {
		p.fail()
	}
	if p.take("(") {
		if !p.take(")") {
			p.fail()
		}
		switch name {
		case "node":
			return anyItem
		case "text":
			return func(d domNode) bool { return d.n != nil && (d.n.kind == xmlText || d.n.kind == xmlCData) }
		case "comment":
			return func(d domNode) bool { return d.n != nil && d.n.kind == xmlComment }
		case "processing-instruction":
			return func(d domNode) bool { return d.n != nil && d.n.kind == xmlPI }
		}
		p.fail()
	}
	uri := ""
	if strings.HasPrefix(p.src[p.i:], ":") && !strings.HasPrefix(p.src[p.i:], "::") {
		p.i++
		var ok bool
		if uri, ok = p.ns[name]; !ok {
			types.Throw(xpathErrorType(), "Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function.")
		}
		if p.take("*") {
			return func(d domNode) bool { n := d.name(); return n != nil && n.ns.text() == uri }
		}
		if name = p.ncName(); name == "" {
			p.fail()
		}
	}
	return func(d domNode) bool { n := d.name(); return n != nil && n.is(uri, name) }
}
