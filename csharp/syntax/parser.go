package syntax

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/source"
)

// MaxDepth is how deep expressions, statements and types may nest in each
// other. Beyond it a text is refused with CS8078.
const MaxDepth = 250

// maxChain is how many operators or members may follow each other on one level
// (a + b + c …, a.b.c …): such a chain makes a tree that deep.
const maxChain = 8000

// maxDiagnostics is how many mistakes are told of one text.
const maxDiagnostics = 50

// maxCollected is how many mistakes are collected before they are sorted.
const maxCollected = 1000

// Unit is what Parse reads: an expression or a block, one of which is set.
type Unit struct {
	Extent
	Expr  Expr
	Block *Block
}

// Parse reads the whole of @(expression) or @{statements}. Places count from
// the start of src. A text of another form is refused with CS1056.
func Parse(src string) (*Unit, []source.Diagnostic) {
	whole := Extent{0, int32(len(src))}
	switch {
	case len(src) >= 3 && strings.HasPrefix(src, "@(") && src[len(src)-1] == ')':
		x, diags := parseExpression(src, 2, len(src)-1)
		return &Unit{Extent: whole, Expr: x}, diags
	case len(src) >= 3 && strings.HasPrefix(src, "@{") && src[len(src)-1] == '}':
		b, diags := parseBlock(src, 2, len(src)-1)
		return &Unit{Extent: whole, Block: b}, diags
	}
	start := Extent{0, min(1, whole.End)}
	return &Unit{Extent: whole, Expr: &BadExpr{whole}}, []source.Diagnostic{errBadChar.at(start, src[:start.End])}
}

// ParseExpression reads src as the inside of @( … ). As in `return (…);`, a
// list a, b is a tuple.
func ParseExpression(src string) (Expr, []source.Diagnostic) {
	return parseExpression(src, 0, len(src))
}

// ParseBlock reads src as the inside of @{ … }.
func ParseBlock(src string) (*Block, []source.Diagnostic) {
	return parseBlock(src, 0, len(src))
}

// parser reads tokens. It stands in front of toks[pos].
type parser struct {
	src   string
	toks  []token
	pos   int
	diags []source.Diagnostic
	// depth is how deep the parser is; stopped is set when that became too much.
	depth   int
	stopped bool
	// inQuery tells that query keywords are no names here.
	inQuery bool
	// inTry tells that catch and finally belong to the try around.
	inTry bool
	// inSwitch tells that case and default begin a section of the switch around.
	inSwitch bool
	// throwAt is the token at which a throw expression may begin.
	throwAt int
	// yields is set when a yield is read in the function that is being read.
	yields bool
	// tries is how many tokens may still be read to find out what is wrong, only to be read again; negative
	// while that is done.
	tries int
	// nested is how many interpolated strings the text is in.
	nested int
}

// newParser has the tokens of src[start:end], with the tokens of before and
// after around them: empty, and in lines of their own.
func newParser(src string, start, end, nested int, before, after []kind) *parser {
	l := lexer{src: src, pos: start, end: end, nested: nested}
	l.toks = make([]token, 0, (end-start)/4+len(before)+len(after)+4)
	for _, k := range before {
		l.toks = append(l.toks, token{kind: k, start: int32(start), end: int32(start)})
	}
	l.run()
	if n := len(l.toks); n > 0 {
		l.toks[n-1].eol = true
	}
	if len(before) > 0 {
		l.toks[len(before)-1].eol = true
	}
	for _, k := range after {
		l.toks = append(l.toks, token{kind: k, start: int32(end), end: int32(end)})
	}
	l.toks = append(l.toks, token{kind: tEOF, start: int32(end), end: int32(end)})
	return &parser{src: src, toks: l.toks, diags: l.diags, throwAt: -1, nested: nested, tries: 2 * len(l.toks)}
}

// parseExpression reads src[start:end] as what stands in return (…); on lines of its own.
func parseExpression(src string, start, end int) (Expr, []source.Diagnostic) {
	p := newParser(src, start, end, 0, []kind{tLParen}, []kind{tRParen, tSemi, tRBrace})
	x := p.expression()
	p.expect(tSemi)
	if p.pos < len(p.toks)-2 && len(p.diags) == 0 {
		p.reportExtent(p.cur().extent(), errSyntax, ")")
	}
	if paren, ok := x.(*ParenExpr); ok && int(paren.Start) == start && int(paren.End) == end && p.toks[0].end == paren.Start {
		x = paren.X
	}
	return x, p.finish()
}

// parseBlock reads src[start:end] as the statements of a body.
func parseBlock(src string, start, end int) (*Block, []source.Diagnostic) {
	p := newParser(src, start, end, 0, nil, []kind{tRBrace})
	b := &Block{Extent: Extent{int32(start), int32(end)}, Stmts: p.statements(false)}
	if p.pos < len(p.toks)-2 {
		p.afterBody()
	} else {
		p.expect(tRBrace)
	}
	return b, p.finish()
}

// afterBody tells of what stands after a } too many.
func (p *parser) afterBody() {
	brace := p.cur()
	p.advance()
	if t := p.cur(); p.pos < len(p.toks)-2 {
		p.reportExtent(t.extent(), errInvalidMember, p.text(t))
		return
	}
	p.reportExtent(brace.extent(), errEOF)
}

// finish sorts the diagnostics by place, the earlier found first, one for each place.
func (p *parser) finish() []source.Diagnostic {
	slices.SortStableFunc(p.diags, func(a, b source.Diagnostic) int { return a.Span.Start - b.Span.Start })
	p.diags = slices.CompactFunc(p.diags, func(a, b source.Diagnostic) bool { return a.Span.Start == b.Span.Start })
	if len(p.diags) > maxDiagnostics {
		p.diags = p.diags[:maxDiagnostics]
	}
	return p.diags
}

func (p *parser) cur() token { return p.toks[p.pos] }

func (p *parser) kind() kind { return p.toks[p.pos].kind }

func (p *parser) at(k kind) bool { return p.toks[p.pos].kind == k }

func (p *parser) atWord(w word) bool { return p.toks[p.pos].word == w }

// peek is the token n places ahead.
func (p *parser) peek(n int) token {
	return p.toks[min(p.pos+n, len(p.toks)-1)]
}

// advance takes the token, and returns it.
func (p *parser) advance() token {
	t := p.toks[p.pos]
	if p.pos < len(p.toks)-1 {
		p.pos++
	}
	return t
}

// got takes the token if it is k.
func (p *parser) got(k kind) bool {
	if p.kind() != k {
		return false
	}
	p.advance()
	return true
}

// text is the text of a token; those around the text have their usual one.
func (p *parser) text(t token) string {
	if t.start == t.end {
		return kindTexts[t.kind]
	}
	return p.src[t.start:t.end]
}

// last is the end of the token before.
func (p *parser) last() int32 {
	if p.pos == 0 {
		return p.cur().start
	}
	return p.toks[p.pos-1].end
}

// from is the extent from start to the end of the token before.
func (p *parser) from(start int32) Extent { return Extent{start, max(start, p.last())} }

// missing is where something missing is told: at the token that stands there
// instead, or at the end of the line if that is on another one.
func (p *parser) missing() Extent {
	if p.pos > 0 && p.toks[p.pos-1].eol {
		end := p.toks[p.pos-1].end
		if p.pos == 1 && end > 0 && p.toks[0].start == end {
			end-- // the text's own opening, which stands before what the author wrote
		}
		return Extent{end, end}
	}
	return p.cur().extent()
}

func (p *parser) report(c code, args ...any) { p.reportExtent(p.missing(), c, args...) }

func (p *parser) reportExtent(e Extent, c code, args ...any) {
	if !p.stopped && len(p.diags) < maxCollected {
		p.diags = append(p.diags, c.at(e, args...))
	}
}

// expect takes a k, or reports that it is missing.
func (p *parser) expect(k kind) Extent {
	if p.kind() == k {
		return p.advance().extent()
	}
	p.reportExpected(k)
	return Extent{p.last(), p.last()}
}

// reportExpected tells that a k is missing.
func (p *parser) reportExpected(k kind) {
	switch k {
	case tSemi:
		p.report(errSemicolon)
	case tRParen:
		p.report(errCloseParen)
	case tLBrace:
		p.report(errOpenBrace)
	case tRBrace:
		p.report(errCloseBrace)
	case tIdent:
		if t := p.cur(); t.kind.isReserved() {
			p.report(errKeywordIdentifier, p.text(t))
			return
		}
		p.report(errIdentifier)
	default:
		p.report(errSyntax, kindTexts[k])
	}
}

// feature refuses syntax of a later C#.
func (p *parser) feature(e Extent, name, version string) {
	p.reportExtent(e, errFeature, name, version)
}

// enter goes one level down; it is false, and the text is at its end, if that is too deep.
// Each enter needs a leave.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > MaxDepth && !p.stopped {
		p.stop()
	}
	return !p.stopped
}

func (p *parser) leave() { p.depth-- }

// stop refuses the text as too complex and lets the parser run to its end.
func (p *parser) stop() {
	p.report(errTooComplex)
	p.stopped = true
	p.pos = len(p.toks) - 1
}

// isName reports whether an identifier stands here that is no keyword where it stands.
func (p *parser) isName() bool { return p.kind() == tIdent && !(p.inQuery && p.isQueryWord(p.cur())) }

// isQueryWord reports whether t is a keyword inside a query.
func (p *parser) isQueryWord(t token) bool {
	switch t.word {
	case wFrom, wWhere, wSelect, wGroup, wInto, wOrderby, wJoin, wLet, wOn, wEquals, wBy, wAscending, wDescending:
		return true
	}
	return false
}

// ident reads an identifier; where there is none its name is empty.
func (p *parser) ident() Ident {
	if !p.isName() {
		p.report(errIdentifier)
		return Ident{Extent: Extent{p.last(), p.last()}}
	}
	t := p.advance()
	name, verbatim := identValue(p.src[t.start:t.end])
	return Ident{Extent: t.extent(), Name: name, Verbatim: verbatim}
}

// wordOr takes the contextual keyword w, or reports c.
func (p *parser) wordOr(w word, c code) {
	if p.atWord(w) {
		p.advance()
		return
	}
	p.report(c)
}

// mark and reset allow looking ahead: reset(mark()) forgets all in between.
type mark struct {
	pos, diags, depth int
	inQuery, stopped  bool
}

func (p *parser) mark() mark {
	return mark{p.pos, len(p.diags), p.depth, p.inQuery, p.stopped}
}

func (p *parser) reset(m mark) {
	p.pos, p.diags, p.depth, p.inQuery, p.stopped = m.pos, p.diags[:m.diags], m.depth, m.inQuery, m.stopped
}

// endsSkipping reports whether tokens that fit nowhere are skipped no further:
// a statement may begin or end here.
func (p *parser) endsSkipping() bool {
	switch p.kind() {
	case tEOF, tSemi:
		return true
	case kCatch, kFinally:
		return true
	}
	return p.startsStatement()
}

// list is a kind of list of things with commas between them.
type list struct {
	close kind
	// element reports whether an element may begin here.
	possible func(*parser) bool
	// trailing allows a comma after the last element; required asks for one element at least.
	trailing, required bool
}

// commaList reads elements and the commas between them up to the closing
// bracket, which is left. Where neither fits, it skips what stands there if
// the list goes on after that.
func commaList[T any](p *parser, l list, element func(*parser) T) []T {
	var elems []T
	for !l.required && !p.at(l.close) && !p.at(tComma) && !l.possible(p) {
		if !p.skipBad(l, tIdent) {
			return nil
		}
	}
	if !l.required && p.at(l.close) {
		return nil
	}
	elems = append(elems, element(p))
	for last := -1; p.pos != last && !p.at(l.close); {
		last = p.pos
		if p.at(tComma) || l.possible(p) {
			p.expect(tComma)
			if l.trailing && p.at(l.close) {
				break
			}
			elems = append(elems, element(p))
			continue
		}
		if !p.skipBad(l, tComma) {
			break
		}
	}
	return elems
}

// skipBad skips tokens that fit no list, reporting that expected is missing
// before them; it is false if the list ends here.
func (p *parser) skipBad(l list, expected kind) bool {
	switch p.kind() {
	case tRParen, tRBracket:
		if l.close == tRParen || l.close == tRBracket {
			return false
		}
	}
	for first := true; !p.at(tComma) && !l.possible(p); first = false {
		if p.at(l.close) || p.endsSkipping() {
			return false
		}
		if first {
			p.reportExpected(expected)
		}
		p.advance()
	}
	return true
}
