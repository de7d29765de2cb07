package clr

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/postern-gateway/postern/csharp/types"
)

// ecmaClasses are the shorthand classes in ECMAScript mode, as the inside of a character class.
var ecmaClasses = map[uint16]string{
	'w': `a-zA-Z0-9_`, 'd': `0-9`, 's': `\u0009-\u000D\u0020`,
	'W': `\u0000-\u002F\u003A-\u0040\u005B-\u005E\u0060\u007B-\uFFFF`, 'D': `\u0000-\u002F\u003A-\uFFFF`,
	'S': `\u0000-\u0008\u000E-\u001F\u0021-\uFFFF`,
}

// backslash reads an escape outside of a class.
func (p *patternReader) backslash() {
	if p.end() {
		p.fail(`Illegal \ at end of pattern.`)
	}
	c := p.u[p.pos]
	switch c {
	case 'b', 'B':
		p.pos++
		if !p.ecma() {
			p.out.WriteString(`\` + string(rune(c)))
			return
		}
		const w = ecmaWord
		if c == 'b' {
			p.out.WriteString("(?:(?<=" + w + ")(?!" + w + ")|(?<!" + w + ")(?=" + w + "))")
		} else {
			p.out.WriteString("(?:(?<=" + w + ")(?=" + w + ")|(?<!" + w + ")(?!" + w + "))")
		}
	case 'A', 'G', 'Z', 'z':
		p.pos++
		p.out.WriteString(`\` + string(rune(c)))
	case 'w', 'W', 's', 'S', 'd', 'D':
		p.pos++
		switch {
		case p.ecma():
			p.out.WriteString("[" + ecmaClasses[c] + "]")
		case c == 'w':
			p.out.WriteString("[" + wordClass + "]")
		case c == 'W':
			p.out.WriteString("[^" + wordClass + "]")
		default:
			p.out.WriteString(`\` + string(rune(c)))
		}
	case 'p', 'P':
		p.pos++
		p.out.WriteString("[" + p.property(c == 'P') + "]")
	default:
		p.reference()
	}
}

// wordClass is \w as .NET has it, without the joiners that the engine counts in.
const wordClass = `\p{L}\p{Mn}\p{Nd}\p{Pc}`

const ecmaWord = `[a-zA-Z0-9_]`

// reference reads a back reference, or a character escape.
func (p *patternReader) reference() {
	start := p.pos
	c := p.u[p.pos]
	closer := uint16(0)
	if c == 'k' {
		if p.pos+1 < len(p.u) {
			p.pos++
			closer = closerOf(p.u[p.pos])
			p.pos++
		}
		if closer == 0 || p.end() {
			p.fail(`Malformed \k<...> named back reference.`)
		}
	} else if closer = closerOf(c); closer != 0 && p.pos+1 < len(p.u) {
		p.pos++
	} else {
		closer = 0
	}
	switch c := p.u[p.pos]; {
	case closer != 0 && isDigitUnit(c):
		if n := p.decimal(); p.is(closer) {
			p.pos++
			p.numbered(n)
			return
		}
	case closer == 0 && c >= '1' && c <= '9':
		if p.ecma() {
			if p.ecmaReference() {
				return
			}
		} else if n := p.decimal(); p.numbers[n] {
			p.numbered(n)
			return
		} else if n <= 9 {
			p.fail("Reference to undefined group number %d.", n)
		}
	case closer != 0 && isWordUnit(c):
		if name := p.groupName(); p.is(closer) {
			p.pos++
			if !p.names[name] {
				p.fail("Reference to undefined group name '%s'.", name)
			}
			p.out.WriteString(`\k<` + name + `>`)
			return
		}
	}
	p.pos = start
	p.literalChar(p.charEscape())
}

// literalChar writes a character that was escaped; never as a bare letter that would join an escape before it.
func (p *patternReader) literalChar(c uint16) {
	if c >= 0x80 && p.options&regexIgnoreCase != 0 {
		if set := caseClass(c); set != "" {
			p.out.WriteString("(?-i:[" + set + "])")
			return
		}
	}
	fmt.Fprintf(&p.out, `\u%04X`, c)
}

// caseClass are the characters that ignoring case makes equal to c, where the engine would take more: .NET compares lower case. Empty
// where the two agree.
func caseClass(c uint16) string {
	lower := unicode.ToLower(rune(c))
	set, differs := fmt.Sprintf(`\u%04X`, c), false
	for r := unicode.SimpleFold(rune(c)); r != rune(c); r = unicode.SimpleFold(r) {
		if unicode.ToLower(r) == lower && r <= 0xFFFF {
			set += fmt.Sprintf(`\u%04X`, r)
		} else {
			differs = true
		}
	}
	if !differs {
		return ""
	}
	return set
}

func closerOf(c uint16) uint16 {
	switch c {
	case '<':
		return '>'
	case '\'':
		return '\''
	}
	return 0
}

func (p *patternReader) numbered(n int) {
	if !p.numbers[n] {
		p.fail("Reference to undefined group number %d.", n)
	}
	fmt.Fprintf(&p.out, `\k<%d>`, n)
}

// ecmaReference takes the longest number that is a group's.
func (p *patternReader) ecmaReference() bool {
	best, after, n := -1, 0, 0
	i := p.pos
	for ; i < len(p.u) && isDigitUnit(p.u[i]) && n < 1<<20; i++ {
		n = n*10 + int(p.u[i]-'0')
		if p.numbers[n] {
			best, after = n, i+1
		}
	}
	if best < 0 {
		return false
	}
	p.pos = after
	p.numbered(best)
	return true
}

// charEscape reads the character that an escape stands for.
func (p *patternReader) charEscape() uint16 {
	c := p.u[p.pos]
	p.pos++
	if c >= '0' && c <= '7' {
		p.pos--
		return p.octal()
	}
	switch c {
	case 'x':
		return p.hex(2)
	case 'u':
		return p.hex(4)
	case 'a':
		return 7
	case 'b':
		return 8
	case 'e':
		return 27
	case 'f':
		return 12
	case 'n':
		return 10
	case 'r':
		return 13
	case 't':
		return 9
	case 'v':
		return 11
	case 'c':
		return p.control()
	}
	if !p.ecma() && isWordUnit(c) {
		p.fail(`Unrecognized escape sequence \%s.`, types.StringFromUnits([]uint16{c}).Go())
	}
	return c
}

func (p *patternReader) octal() uint16 {
	n := 0
	for i := 0; i < 3 && !p.end() && p.u[p.pos] >= '0' && p.u[p.pos] <= '7'; i++ {
		n = n*8 + int(p.u[p.pos]-'0')
		p.pos++
		if p.ecma() && n >= 0x20 {
			break
		}
	}
	return uint16(n & 0xFF)
}

func (p *patternReader) hex(digits int) uint16 {
	n := 0
	if p.pos+digits <= len(p.u) {
		for ; digits > 0; digits-- {
			d := strings.IndexByte("0123456789abcdef", lowerByte(byte(min(p.u[p.pos], 0x7F))))
			p.pos++
			if d < 0 {
				break
			}
			n = n*16 + d
		}
	}
	if digits > 0 {
		p.fail("Insufficient or invalid hexadecimal digits.")
	}
	return uint16(n)
}

func (p *patternReader) control() uint16 {
	if p.end() {
		p.fail("Missing control character.")
	}
	c := p.u[p.pos]
	p.pos++
	if c >= 'a' && c <= 'z' {
		c -= 0x20
	}
	if c -= '@'; c >= ' ' {
		p.fail("Unrecognized control character.")
	}
	return c
}

// property reads the rest of \p{…} and is the inside of a class that means the same.
func (p *patternReader) property(negated bool) string {
	if p.pos+2 >= len(p.u) {
		p.fail(`Incomplete \p{X} character escape.`)
	}
	p.pos++
	if p.u[p.pos-1] != '{' {
		p.fail(`Malformed \p{X} character escape.`)
	}
	start := p.pos
	for !p.end() && (isWordUnit(p.u[p.pos]) || p.u[p.pos] == '-') {
		p.pos++
	}
	name := types.StringFromUnits(p.u[start:p.pos]).Go()
	if p.end() || p.u[p.pos] != '}' {
		p.pos = min(p.pos+1, len(p.u))
		p.fail(`Incomplete \p{X} character escape.`)
	}
	p.pos++
	letter := "p"
	if negated {
		letter = "P"
	}
	if slices.Contains(unicodeCategories, name) {
		return `\` + letter + `{` + name + `}`
	}
	r, ok := unicodeBlocks()[name]
	if !ok {
		p.fail("Unknown property '%s'.", name)
	}
	if !negated {
		return fmt.Sprintf(`\u%04X-\u%04X`, r[0], r[1])
	}
	s := ""
	if r[0] > 0 {
		s = fmt.Sprintf(`\u0000-\u%04X`, r[0]-1)
	}
	if r[1] < 0xFFFF {
		s += fmt.Sprintf(`\u%04X-\uFFFF`, r[1]+1)
	}
	return s
}

var unicodeCategories = []string{"L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
	"Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn"}

// class reads a character class whose opening bracket has been read, and writes it anew.
func (p *patternReader) class() {
	p.out.WriteByte('[')
	first := true
	if p.is('^') {
		p.pos++
		p.out.WriteByte('^')
		if p.ecma() && p.is(']') {
			first = false
		}
	}
	var prev uint16
	inRange := false
	unit := func(c uint16) { fmt.Fprintf(&p.out, `\u%04X`, c) }
	for ; !p.end(); first = false {
		c := p.u[p.pos]
		p.pos++
		escaped := false
		switch {
		case c == ']' && !first:
			p.out.WriteByte(']')
			return
		case c == '\\' && !p.end():
			c = p.u[p.pos]
			switch c {
			case 'd', 'D', 's', 'S', 'w', 'W', 'p', 'P':
				p.pos++
				p.shorthand(c, inRange)
				continue
			case '-':
				p.pos++
				if inRange {
					p.checkRange(prev, '-')
					unit(prev)
					p.out.WriteByte('-')
					inRange = false
				}
				unit('-')
				continue
			}
			c = p.charEscape()
			escaped = true
		case c == '[' && p.is(':') && !inRange:
			p.posixName()
		}
		switch {
		case inRange && c == '[' && !escaped && !first:
			inRange = false
			unit(prev)
			p.subtraction()
		case inRange:
			inRange = false
			p.checkRange(prev, c)
			unit(prev)
			p.out.WriteByte('-')
			unit(c)
		case p.pos+1 < len(p.u) && p.is('-') && p.u[p.pos+1] != ']':
			prev, inRange = c, true
			p.pos++
		case c == '-' && !escaped && p.is('[') && !first:
			p.pos++
			p.subtraction()
		default:
			unit(c)
		}
	}
	p.fail("Unterminated [] set.")
}

// posixName passes over "[:" where "[::]" follows, which .NET reads and ignores.
func (p *patternReader) posixName() {
	save := p.pos
	p.pos++
	if p.pos+1 >= len(p.u) || p.u[p.pos] != ':' || p.u[p.pos+1] != ']' {
		p.pos = save
		return
	}
	p.pos += 2
}

func (p *patternReader) checkRange(from, to uint16) {
	if from > to {
		p.fail("[x-y] range in reverse order.")
	}
}

func (p *patternReader) shorthand(c uint16, inRange bool) {
	if inRange {
		p.fail(`Cannot include class \%c in character range.`, c)
	}
	switch {
	case c == 'p' || c == 'P':
		p.out.WriteString(p.property(c == 'P'))
	case p.ecma():
		p.out.WriteString(ecmaClasses[c])
	case c == 'w':
		p.out.WriteString(wordClass)
	case c == 'W':
		p.out.WriteString(`\W\u200C\u200D`)
	default:
		p.out.WriteString(`\` + string(rune(c)))
	}
}

func (p *patternReader) subtraction() {
	if len(p.saved) >= 1000 {
		p.fail("Too many groups are nested.")
	}
	p.out.WriteByte('-')
	p.saved = append(p.saved, patternGroup{options: p.options})
	p.class()
	p.saved = p.saved[:len(p.saved)-1]
	if !p.end() && !p.is(']') {
		p.fail("A subtraction must be the last element in a character class.")
	}
}
