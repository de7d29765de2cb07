package clr

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/postern-gateway/postern/csharp/types"
)

// RegexOptions of .NET.
const (
	regexIgnoreCase              = 1
	regexMultiline               = 2
	regexExplicitCapture         = 4
	regexCompiled                = 8
	regexSingleline              = 16
	regexIgnorePatternWhitespace = 32
	regexRightToLeft             = 64
	regexECMAScript              = 256
	regexCultureInvariant        = 512
	regexNonBacktracking         = 1024
)

var regexParseExceptionType = lateType("System.Text.RegularExpressions.RegexParseException")

// patternReader reads a .NET regular expression, refuses what .NET refuses, at the same offset, and writes it anew for the engine,
// whose dialect differs in details.
type patternReader struct {
	u   []uint16
	pos int
	out strings.Builder
	// options are those in force; saved are those of the enclosing groups.
	options int32
	saved   []patternGroup
	// numbers and names are the capturing groups of the whole pattern.
	numbers map[int]bool
	names   map[string]bool
	// plainParen tells that the next parenthesis does not capture: the condition of an alternation.
	plainParen bool
}

type patternGroup struct {
	options int32
	// conditional tells a group (?(expression)yes|no); bars counts its alternatives.
	conditional, condition bool
	bars                   int
}

// rewritePattern is the pattern for the engine.
func rewritePattern(pattern *types.String, options int32) string {
	p := &patternReader{u: pattern.Units(), options: options, numbers: map[int]bool{0: true}, names: map[string]bool{}}
	p.countGroups()
	p.pos, p.options, p.saved, p.plainParen = 0, options, nil, false
	p.scan()
	return p.out.String()
}

func (p *patternReader) fail(format string, args ...any) {
	p.failAt(p.pos, fmt.Sprintf(format, args...))
}

func (p *patternReader) failAt(at int, message string) {
	types.Throw(regexParseExceptionType(), fmt.Sprintf("Invalid pattern '%s' at offset %d. %s", types.StringFromUnits(p.u).Go(), at, message))
}

func (p *patternReader) end() bool { return p.pos >= len(p.u) }

func (p *patternReader) is(c uint16) bool { return p.pos < len(p.u) && p.u[p.pos] == c }

func (p *patternReader) at(i int) uint16 {
	if i < len(p.u) {
		return p.u[i]
	}
	return 0
}

func (p *patternReader) ecma() bool { return p.options&regexECMAScript != 0 }

func isDigitUnit(c uint16) bool { return c >= '0' && c <= '9' }

// isWordUnit is .NET's boundary word character.
func isWordUnit(c uint16) bool {
	r := rune(c)
	if c < 0x80 {
		return c == '_' || isDigitUnit(c) || c|0x20 >= 'a' && c|0x20 <= 'z'
	}
	return unicode.In(r, unicode.L, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc) || c == 0x200D || c == 0x200C
}

func isSpecialUnit(c uint16) bool {
	return c < 0x80 && strings.IndexByte(`\*+?|{[()^$.`, byte(c)) >= 0
}

func isPatternSpace(c uint16) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// literal writes one unit so that the engine takes it as it is.
func (p *patternReader) literal(c uint16) {
	if c < 0x80 && (isDigitUnit(c) || c|0x20 >= 'a' && c|0x20 <= 'z') {
		p.out.WriteByte(byte(c))
		return
	}
	p.literalChar(c)
}

// text writes a stretch of the pattern as it stands.
func (p *patternReader) text(from, to int) {
	p.out.WriteString(types.StringFromUnits(p.u[from:to]).Go())
}

// blank passes over comments, and over white space where that does not count.
func (p *patternReader) blank() {
	spaced := false
	for {
		switch {
		case p.options&regexIgnorePatternWhitespace != 0 && !p.end() && isPatternSpace(p.u[p.pos]):
			p.pos++
			spaced = true
			continue
		case p.options&regexIgnorePatternWhitespace != 0 && p.is('#'):
			for !p.end() && p.u[p.pos] != '\n' {
				p.pos++
			}
			spaced = true
			continue
		case p.is('(') && p.at(p.pos+1) == '?' && p.at(p.pos+2) == '#':
			for !p.end() && p.u[p.pos] != ')' {
				p.pos++
			}
			if p.end() {
				p.fail("Unterminated (?#...) comment.")
			}
			p.pos++
			p.out.WriteString("(?#)")
			continue
		}
		break
	}
	if spaced {
		p.out.WriteByte(' ')
	}
}

// trueQuantifier reports whether a quantifier begins here; a brace may be text.
func (p *patternReader) trueQuantifier() bool {
	if p.end() {
		return false
	}
	switch p.u[p.pos] {
	case '*', '+', '?':
		return true
	case '{':
	default:
		return false
	}
	i := p.pos + 1
	digits := func() bool {
		start := i
		for isDigitUnit(p.at(i)) {
			i++
		}
		return i > start
	}
	if !digits() {
		return false
	}
	if p.at(i) == '}' {
		return true
	}
	if p.at(i) != ',' {
		return false
	}
	i++
	digits()
	return p.at(i) == '}'
}

// scan reads the pattern.
func (p *patternReader) scan() {
	quantified := false // the last thing read was a quantifier
	for !p.end() {
		p.blank()
		if p.end() {
			break
		}
		c := p.u[p.pos]
		if p.options&regexIgnorePatternWhitespace != 0 && c == '#' {
			continue
		}
		if c == '{' && !p.trueQuantifier() || !isSpecialUnit(c) {
			p.pos++
			p.literal(c)
			quantified = p.quantifier()
			continue
		}
		p.pos++
		unit := true
		switch c {
		case '[':
			p.class()
		case '(':
			p.open()
			unit = false
		case '|':
			p.bar()
			unit = false
		case ')':
			unit = p.close()
		case '\\':
			p.backslash()
		case '^', '$', '.':
			p.out.WriteByte(byte(c))
		default:
			if quantified {
				p.fail("Nested quantifier '%c'.", c)
			}
			p.fail("Quantifier '%c' following nothing.", c)
		}
		quantified = unit && p.quantifier()
	}
	if len(p.saved) > 0 {
		p.fail("Not enough )'s.")
	}
}

// quantifier reads what may follow a unit and reports whether there was something.
func (p *patternReader) quantifier() bool {
	p.blank()
	if !p.trueQuantifier() {
		return false
	}
	start := p.pos
	c := p.u[p.pos]
	p.pos++
	if c == '{' {
		low := p.decimal()
		high := low
		if p.is(',') {
			p.pos++
			if high = -1; !p.is('}') {
				high = p.decimal()
			}
		}
		p.pos++
		p.text(start, p.pos)
		p.blank()
		p.lazy()
		if high >= 0 && low > high {
			p.fail("Illegal {x,y} with x > y.")
		}
		return true
	}
	p.out.WriteByte(byte(c))
	p.blank()
	p.lazy()
	return true
}

func (p *patternReader) lazy() {
	if p.is('?') {
		p.pos++
		p.out.WriteByte('?')
	}
}

// decimal reads a number.
func (p *patternReader) decimal() int {
	n := 0
	for !p.end() && isDigitUnit(p.u[p.pos]) {
		n = n*10 + int(p.u[p.pos]-'0')
		p.pos++
		if n > 0x7FFFFFFF {
			p.fail("Capture group numbers must be less than or equal to Int32.MaxValue.")
		}
	}
	return n
}

func (p *patternReader) groupName() string {
	start := p.pos
	for !p.end() && isWordUnit(p.u[p.pos]) {
		p.pos++
	}
	return types.StringFromUnits(p.u[start:p.pos]).Go()
}

func (p *patternReader) bar() {
	p.out.WriteByte('|')
	if n := len(p.saved); n > 0 {
		g := &p.saved[n-1]
		if g.bars++; g.conditional && g.bars > 1 {
			p.fail("Too many | in (?()|).")
		}
	}
}

func (p *patternReader) close() bool {
	n := len(p.saved)
	if n == 0 {
		p.fail("Too many )'s.")
	}
	g := p.saved[n-1]
	p.saved = p.saved[:n-1]
	p.options = g.options
	p.out.WriteByte(')')
	return !g.condition
}

func (p *patternReader) push(g patternGroup) {
	if len(p.saved) >= 1000 {
		p.fail("Too many groups are nested.")
	}
	g.options = p.options
	p.saved = append(p.saved, g)
}

const badGrouping = "Unrecognized grouping construct."

// open reads what follows an opening parenthesis.
func (p *patternReader) open() {
	condition := p.plainParen
	if p.end() || !p.is('?') || p.at(p.pos+1) == ')' {
		p.plainParen = false
		p.push(patternGroup{condition: condition})
		switch {
		case condition:
			p.out.WriteByte('(')
		case p.options&regexExplicitCapture != 0:
			p.out.WriteString("(?:")
		default:
			p.out.WriteByte('(')
		}
		if p.is('?') {
			p.pos++ // "(?)" is an empty group
		}
		return
	}
	p.plainParen = false
	p.pos++
	if p.end() {
		p.fail(badGrouping)
	}
	c := p.u[p.pos]
	p.pos++
	switch c {
	case ':', '=', '!', '>':
		p.push(patternGroup{condition: condition})
		p.out.WriteString("(?" + string(rune(c)))
		if c == '=' || c == '!' {
			p.options &^= regexRightToLeft
		}
	case '\'':
		p.named('\'', condition)
	case '<':
		p.named('>', condition)
	case '(':
		p.alternation()
	default:
		p.pos--
		p.inlineOptions(condition)
	}
}

// named reads (?<name>, (?<name1-name2>, (?<= and (?<!.
func (p *patternReader) named(closer uint16, condition bool) {
	if p.end() {
		p.fail(badGrouping)
	}
	c := p.u[p.pos]
	if c == '=' || c == '!' {
		p.pos++
		if closer == '\'' {
			p.fail(badGrouping)
		}
		p.push(patternGroup{condition: condition})
		p.options |= regexRightToLeft
		p.out.WriteString("(?<" + string(rune(c)))
		return
	}
	start := p.pos
	p.groupPart(closer, c)
	if p.is('-') && p.pos+1 < len(p.u) {
		p.pos++
		p.balanced(closer)
	}
	if p.end() {
		p.fail(badGrouping)
	}
	p.pos++
	if p.u[p.pos-1] != closer || p.pos-1 == start {
		p.fail(badGrouping)
	}
	p.push(patternGroup{condition: condition})
	p.out.WriteString("(?<")
	p.text(start, p.pos-1)
	p.out.WriteByte('>')
}

const badGroupName = "Invalid group name: Group names must begin with a word character."

func (p *patternReader) groupPart(closer, c uint16) {
	switch {
	case isDigitUnit(c):
		n := p.decimal()
		if !p.end() && !p.is(closer) && !p.is('-') {
			p.fail(badGroupName)
		}
		if n == 0 {
			p.fail("Capture number cannot be zero.")
		}
	case isWordUnit(c):
		p.groupName()
		if !p.end() && !p.is(closer) && !p.is('-') {
			p.fail(badGroupName)
		}
	case c != '-':
		p.fail(badGroupName)
	}
}

// balanced reads the group whose capture a balancing group takes away.
func (p *patternReader) balanced(closer uint16) {
	switch c := p.u[p.pos]; {
	case isDigitUnit(c):
		if n := p.decimal(); !p.numbers[n] {
			p.fail("Reference to undefined group number %d.", n)
		}
	case isWordUnit(c):
		if name := p.groupName(); !p.names[name] {
			p.fail("Reference to undefined group name '%s'.", name)
		}
	default:
		p.fail(badGroupName)
	}
	if !p.end() && !p.is(closer) {
		p.fail(badGroupName)
	}
}

// alternation reads (?(group)yes|no) and the beginning of (?(expression)yes|no).
func (p *patternReader) alternation() {
	start := p.pos
	if !p.end() {
		switch c := p.u[p.pos]; {
		case isDigitUnit(c):
			n := p.decimal()
			if p.end() || p.u[p.pos] != ')' {
				p.pos = min(p.pos+1, len(p.u))
				p.fail("Conditional alternation is missing a closing parenthesis after the group number %d.", n)
			}
			p.pos++
			if !p.numbers[n] {
				p.fail("Conditional alternation refers to an undefined group number %d.", n)
			}
			p.conditional(start)
			return
		case isWordUnit(c):
			if name := p.groupName(); p.names[name] && p.is(')') {
				p.pos++
				p.conditional(start)
				return
			}
		}
	}
	p.pos = start - 1
	if p.at(p.pos+1) == '?' {
		switch c := p.at(p.pos + 2); {
		case c == '#':
			p.fail("Alternation conditions cannot be comments.")
		case c == '\'', c == '<' && p.pos+3 < len(p.u) && p.u[p.pos+3] != '!' && p.u[p.pos+3] != '=':
			p.fail("Alternation conditions do not capture and cannot be named.")
		}
	}
	p.push(patternGroup{conditional: true})
	p.plainParen = true
	p.out.WriteString("(?")
}

func (p *patternReader) conditional(start int) {
	p.push(patternGroup{conditional: true})
	p.out.WriteString("(?(")
	p.text(start, p.pos)
}

var optionLetters = map[uint16]int32{'i': regexIgnoreCase, 'm': regexMultiline, 'n': regexExplicitCapture, 's': regexSingleline, 'x': regexIgnorePatternWhitespace}

// readOptions reads "im-x".
func (p *patternReader) readOptions() {
	off := false
	for ; !p.end(); p.pos++ {
		c := p.u[p.pos]
		if c == '-' || c == '+' {
			off = c == '-'
			continue
		}
		bit := optionLetters[c|0x20]
		if bit == 0 {
			return
		}
		if off {
			p.options &^= bit
		} else {
			p.options |= bit
		}
	}
}

func (p *patternReader) inlineOptions(condition bool) {
	start, before := p.pos, p.options
	p.readOptions()
	if p.end() {
		p.fail(badGrouping)
	}
	c := p.u[p.pos]
	p.pos++
	if c != ')' && c != ':' {
		p.fail(badGrouping)
	}
	p.out.WriteString("(?" + strings.ReplaceAll(types.StringFromUnits(p.u[start:p.pos-1]).Go(), "+", "") + string(rune(c)))
	if c == ':' {
		after := p.options
		p.options = before
		p.push(patternGroup{condition: condition})
		p.options = after
	}
}

// countGroups finds the names and numbers of the capturing groups.
func (p *patternReader) countGroups() {
	auto := 1
	plain := false
	var named []string
	for !p.end() {
		c := p.u[p.pos]
		p.pos++
		switch {
		case c == '\\':
			p.pos++
		case c == '#' && p.options&regexIgnorePatternWhitespace != 0:
			for !p.end() && p.u[p.pos] != '\n' {
				p.pos++
			}
		case c == '[':
			p.skipClass()
		case c == ')':
			if n := len(p.saved); n > 0 {
				p.options = p.saved[n-1].options
				p.saved = p.saved[:n-1]
			}
		case c == '(' && p.is('?') && p.at(p.pos+1) == '#':
			for !p.end() && p.u[p.pos] != ')' {
				p.pos++
			}
			p.pos++
		case c == '(':
			p.saved = append(p.saved, patternGroup{options: p.options})
			auto, named, plain = p.countGroup(auto, named, plain)
		}
	}
	// groups with names have numbers too: the next free ones
	for _, name := range named {
		if !p.names[name] {
			p.names[name] = true
			for p.numbers[auto] {
				auto++
			}
			p.numbers[auto] = true
		}
	}
}

func (p *patternReader) countGroup(auto int, named []string, plain bool) (int, []string, bool) {
	if !p.is('?') {
		if p.options&regexExplicitCapture == 0 && !plain {
			for p.numbers[auto] {
				auto++
			}
			p.numbers[auto] = true
			auto++
		}
		return auto, named, false
	}
	p.pos++
	switch c := p.at(p.pos); {
	case (c == '<' || c == '\'') && p.at(p.pos+1) != '=' && p.at(p.pos+1) != '!':
		p.pos++
		if c := p.at(p.pos); isDigitUnit(c) && c != '0' {
			p.numbers[p.decimal()] = true
		} else if isWordUnit(c) && !isDigitUnit(c) {
			named = append(named, p.groupName())
		}
	case c == '(':
		return auto, named, true
	default:
		outer := p.saved[len(p.saved)-1]
		p.readOptions()
		if p.is(')') {
			p.pos++
			p.saved = p.saved[:len(p.saved)-1]
		} else {
			p.saved[len(p.saved)-1] = outer
		}
	}
	return auto, named, false
}

// skipClass passes over a character class without judging it.
func (p *patternReader) skipClass() {
	if p.is('^') {
		p.pos++
	}
	for first := true; !p.end(); first = false {
		c := p.u[p.pos]
		p.pos++
		switch {
		case c == ']' && !first:
			return
		case c == '\\':
			p.pos++
		case c == '-' && p.is('[') && !first:
			p.pos++
			p.skipClass()
		}
	}
}
